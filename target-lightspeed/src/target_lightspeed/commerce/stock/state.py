"""What the flow remembers between runs, in one row of the store: where it was, and the orders in flight.

No personal data: ids of orders and variants, SKUs, numbers of pieces, and times.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from target_lightspeed.commerce.stock.inflight import Ordered, Sold
from upsert.clock import from_text, to_text
from upsert.errors import Outage
from upsert.store import State, Store, StoredRow

if TYPE_CHECKING:
    from collections.abc import Mapping

PURPOSE = "commerce.stock_state"
KEY = "run"
_MOMENTS = ("begun", "ended", "listed", "verified", "read_at")
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Memory:
    """What the last run left behind.

    Attributes:
        cursor: Id of the newest stock movement that was read; None before the first run.
        begun: When the last run began, on the shop's clock.
        ended: When it ended; None when it broke off, so that nobody knows when it wrote what.
        listed: Orders that changed before this were taken into account.
        verified: When the levels of the whole shop were read last.
        read_at: When the figures of the last run were read, on the source's clock. Older ones are not written any more:
            an order that was booked since is no longer remembered.
        orders: Orders in flight.
        unsure: Variants that moved while no record of them came: what they show isn't known.
    """

    cursor: int | None = None
    begun: datetime | None = None
    ended: datetime | None = None
    listed: datetime | None = None
    verified: datetime | None = None
    read_at: datetime | None = None
    orders: Mapping[int, Sold] = field(default_factory=dict)
    unsure: frozenset[int] = frozenset()


class MemoryRow:
    """Reads and writes the one row.

    Args:
        store: The store.
        scope: The shop.
        run_id: The run, for the row.
    """

    def __init__(self, store: Store, scope: str, run_id: str) -> None:
        self._store, self._scope, self._run_id = store, scope, run_id
        self._seen: StoredRow | None = None

    def load(self) -> Memory:
        """What was left behind."""
        self._seen = self._store.row(self._scope, PURPOSE, KEY)
        return _memory(self._seen.ids) if self._seen else Memory()

    def save(self, memory: Memory) -> None:
        """Keep it.

        Raises:
            Outage: Another run has done so since `load`.
        """
        at = memory.ended or memory.begun or _NEVER
        row = StoredRow(self._scope, PURPOSE, KEY, State.DONE, at, "", {}, _ids(memory), 0, self._run_id)
        stored = self._store.change(self._seen, row)
        if stored is None:
            raise Outage("another run writes the stock of this shop; run again when it has ended")
        self._seen = stored


def _ids(memory: Memory) -> dict[str, str]:
    found = {name: to_text(moment) for name in _MOMENTS if (moment := getattr(memory, name)) is not None}
    if memory.cursor is not None:
        found["cursor"] = str(memory.cursor)
    if memory.unsure:
        found["unsure"] = " ".join(map(str, sorted(memory.unsure)))
    for one in memory.orders.values():
        pieces = [f"{line.variant}x{number}:{quote(line.sku, safe='')}" for line, number in sorted(one.pieces.items())]
        found[f"order {one.id}"] = " ".join((to_text(one.created), to_text(one.updated), *pieces))
    return found


def _memory(ids: Mapping[str, str]) -> Memory:
    orders = {}
    for name, text in ids.items():
        if name.startswith("order "):
            created, updated, *pieces = text.split(" ")
            number = int(name.removeprefix("order "))
            orders[number] = Sold(number, from_text(created), from_text(updated), dict(map(_piece, pieces)))

    def moment(name: str) -> datetime | None:
        return from_text(ids[name]) if name in ids else None

    return Memory(
        cursor=int(ids["cursor"]) if "cursor" in ids else None,
        begun=moment("begun"),
        ended=moment("ended"),
        listed=moment("listed"),
        verified=moment("verified"),
        read_at=moment("read_at"),
        orders=orders,
        unsure=frozenset(map(int, ids.get("unsure", "").split())),
    )


def _piece(text: str) -> tuple[Ordered, Decimal]:
    """``variantxnumber:SKU``."""
    variant, _, rest = text.partition("x")
    number, _, sku = rest.partition(":")
    return Ordered(int(variant), unquote(sku)), Decimal(number)
