"""What the flow reads of the shop: stock movements, orders, and now and then all levels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import lightspeed_ecom
from lightspeed_ecom import PAGE_SIZE
from target_lightspeed.commerce.stock.inflight import CANCELLED, Movement, Ordered, Sold
from target_lightspeed.failures import reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lightspeed_ecom import Lightspeed
    from target_lightspeed.commerce.keymap import SkuField

MOVEMENTS = "variants/movements"
ZONE_MARGIN = timedelta(hours=2, minutes=5)
"""In which zone the shop reads the date of a filter is unknown (reference §5.1)."""
OVERLAP = timedelta(seconds=60)
"""An order may show in the list somewhat later than its own time says."""

_ORDER_FIELDS = ("id", "createdAt", "updatedAt", "status")


class ShopReader:
    """Questions of the stock flow.

    Args:
        client: The client.
        by: Field of a variant, and of an order's line, that holds the SKU.
    """

    def __init__(self, client: Lightspeed, by: SkuField) -> None:
        self.client, self._by = client, by

    def movements(self, cursor: int | None) -> tuple[list[Movement], int]:
        """The log since a movement; without one, only where the log ends now.

        Returns:
            The movements, and the id of the newest.
        """
        if cursor is None:
            return [], self._end_of_log()
        found: dict[int, Mapping[str, Any]] = {}
        with reading():
            for page in self.client.pages(MOVEMENTS, since_id=cursor):
                found.update((row["id"], row) for row in page.rows if row["id"] > cursor)
        moves = [one for row in found.values() if (one := _movement(row)) is not None]
        return moves, max(found, default=cursor)

    def _end_of_log(self) -> int:
        """The newest id: on the first page or on the last one, for the order of this list is not proven."""
        with reading():
            first = next(iter(self.client.pages(MOVEMENTS, fields=["id"])))
            ids = [row["id"] for row in first.rows]
            if first.full and ids == sorted(ids):
                last = -(-self.client.count(MOVEMENTS) // PAGE_SIZE)
                for page in self.client.pages(MOVEMENTS, fields=["id"], first=last):
                    ids += [row["id"] for row in page.rows]
        return max(ids, default=0)

    def orders(self, since: datetime) -> tuple[dict[int, Mapping[str, Any]], datetime]:
        """Orders that changed since a moment: id -> id, times and status; and from when on to ask the next time."""
        found: dict[int, Mapping[str, Any]] = {}
        asked: datetime | None = None
        with reading():
            for page in self.client.pages("orders", fields=_ORDER_FIELDS, since=since - ZONE_MARGIN):
                asked = asked or page.server_time
                for row in page.rows:
                    known = found.get(row["id"])
                    if moment_of(row, "updatedAt") >= since and (
                        known is None or moment_of(row, "updatedAt") > moment_of(known, "updatedAt")
                    ):
                        found[row["id"]] = row
            return found, (asked or self.client.server_now()) - OVERLAP

    def sold(self, row: Mapping[str, Any]) -> Sold:
        """An order with its pieces: one call."""
        fields = ("id", "quantityOrdered", "variant", self._by)
        pieces: dict[Ordered, Decimal] = {}
        with reading():
            try:
                for rows in self.client.list(f"orders/{row['id']}/products", fields=fields):
                    for line in rows:
                        named = self._named(line)
                        number = Decimal(str(line.get("quantityOrdered") or 0))
                        pieces[named] = pieces.get(named, Decimal(0)) + number
            except lightspeed_ecom.NotFound:
                # The order was deleted: it sells nothing.
                pieces = {}
        return Sold(int(row["id"]), moment_of(row, "createdAt"), moment_of(row, "updatedAt"), pieces)

    def _named(self, line: Mapping[str, Any]) -> Ordered:
        variant = line.get("variant")
        number = int(variant.get("id") or 0) if isinstance(variant, dict) else 0
        return Ordered(number, str(line.get(self._by) or "").strip())

    def levels(self) -> dict[int, Mapping[str, Any]]:
        """What every variant of the shop shows."""
        found: dict[int, Mapping[str, Any]] = {}
        with reading():
            for rows in self.client.list("variants", fields=["id", "product", "stockLevel", "stockTracking"]):
                found.update((row["id"], row) for row in rows)
        return found


def is_cancelled(row: Mapping[str, Any]) -> bool:
    """Whether an order gave its pieces back; a status that nobody knows counts as open."""
    return row.get("status") == CANCELLED


def moment_of(row: Mapping[str, Any], name: str) -> datetime:
    """An instant of a row; the beginning of time where there is none."""
    text = row.get(name)
    if not text:
        return datetime(1970, 1, 1, tzinfo=UTC)
    moment = datetime.fromisoformat(str(text))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _movement(row: Mapping[str, Any]) -> Movement | None:
    variant = row.get("variant")
    if not isinstance(variant, dict) or not variant.get("id"):
        return None
    change = Decimal(str(row.get("stockLevelChange") or 0))
    channel = str(row.get("channel") or "")
    return Movement(int(row["id"]), moment_of(row, "createdAt"), int(variant["id"]), change, channel)
