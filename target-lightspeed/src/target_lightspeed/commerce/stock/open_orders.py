"""The orders of the shop that take pieces, known from run to run with as few calls as possible."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from target_lightspeed.commerce.stock.inflight import Sold, booked_at, is_contained
from target_lightspeed.commerce.stock.shop import is_cancelled, moment_of
from upsert.errors import ConfigurationError
from upsert.store import DecisionKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from target_lightspeed.commerce.stock.settings import StockSettings
    from target_lightspeed.commerce.stock.shop import ShopReader
    from upsert.store import Store

logger = logging.getLogger("target-lightspeed")

ORDERS = "orders"
"""Stream of the tap that the orders flow reads."""
_SHOWN = 10
BOOKED_PURPOSE = "sales_order"
"""Under which target-afas keeps the orders it has booked."""


class OpenOrders:
    """Orders that some figures don't contain.

    Args:
        reader: Asks the shop.
        store: Which orders are booked; shared with target-afas.
        settings: Of the flow.
        shop: Name of the shop, as the tap of the orders flow calls it.
        known: What the last run left.
    """

    def __init__(
        self, reader: ShopReader, store: Store, settings: StockSettings, shop: str, known: Mapping[int, Sold]
    ) -> None:
        self.orders: dict[int, Sold] = dict(known)
        self._reader, self._store, self._settings, self._shop = reader, store, settings, shop
        self._scope = settings.booked_scope or store.environment or ""
        self._reads = 0
        self._index: dict[int | str, dict[int, Sold]] | None = None
        # Whoever decides that an order is never booked here has booked it by hand, or wants its pieces back.
        self._given_up = {
            int(record.key): decision.at
            for record, decision in store.decisions(f"lightspeed.{shop}").items()
            if decision.kind is DecisionKind.SKIP and record.stream == ORDERS and record.key.isdigit()
        }

    def of(self, sku: str, variant: int | None) -> Sequence[Sold]:
        """The orders with pieces of a SKU, or of the variant that it stands in the shop as."""
        if self._index is None:
            self._index = {}
            for one in self.orders.values():
                for line in one.pieces:
                    self._index.setdefault(line.variant, {})[one.id] = one
                    self._index.setdefault(line.sku, {})[one.id] = one
        by_variant = self._index.get(variant, {}) if variant is not None else {}
        return list((self._index.get(sku, {}) | by_variant).values())

    def since(self, listed: datetime | None, now: datetime) -> datetime:
        """From when on orders are listed: where the last run was, else as far back as orders count."""
        return max(listed, self.horizon(now)) if listed else self.horizon(now)

    def horizon(self, now: datetime) -> datetime:
        """Orders that were placed before this are taken for booked."""
        earliest = now - timedelta(days=self._settings.orders_days)
        return max(self._settings.orders_since, earliest) if self._settings.orders_since else earliest

    def take(self, rows: Mapping[int, Mapping[str, Any]], horizon: datetime, read_at: datetime | None) -> set[int]:
        """Take in what the shop says has changed.

        Args:
            rows: Orders of the list, by id.
            horizon: See `horizon`.
            read_at: The earliest moment at which figures were read: what was booked before it is in all of them.

        Returns:
            Variants whose pieces in flight may have changed.

        Raises:
            ConfigurationError: Far more orders are in flight than there should be.
        """
        self._index = None
        touched: set[int] = set()
        open_rows = {}
        for number, row in rows.items():
            if is_cancelled(row) or moment_of(row, "createdAt") < horizon:
                touched |= self._drop(number)
            else:
                open_rows[number] = row
        # What was open for longer may have been booked meanwhile.
        booked = self._booked([*self.orders, *open_rows])
        aged = [number for number, one in self.orders.items() if one.created < horizon and number not in booked]
        if aged:
            logger.warning(
                "stock: %d orders of the shop that nobody booked in %d days no longer come off the stock: %s",
                *(len(aged), self._settings.orders_days, ", ".join(map(str, sorted(aged)[:_SHOWN]))),
            )
        for number in list(self.orders):
            if self.orders[number].created < horizon or self._is_past(booked.get(number), read_at):
                touched |= self._drop(number)
            else:
                self.orders[number] = replace(self.orders[number], booked=booked.get(number))
        unread = [
            row
            for number, row in sorted(open_rows.items())
            if not self._is_past(booked.get(number), read_at)
            and (number not in self.orders or self.orders[number].updated != moment_of(row, "updatedAt"))
        ]
        self._check(len(unread))
        for row in unread:
            touched |= self._drop(row["id"])
            sold = replace(self._reader.sold(row), booked=booked.get(row["id"]))
            self.orders[sold.id] = sold
            touched |= sold.variants
        return touched

    def _drop(self, number: int) -> set[int]:
        known = self.orders.pop(number, None)
        return known.variants if known else set()

    def _is_past(self, booked: datetime | None, read_at: datetime | None) -> bool:
        margin = timedelta(seconds=self._settings.clock_margin_seconds)
        return is_contained(booked, read_at, margin)

    def _booked(self, numbers: Sequence[int]) -> dict[int, datetime]:
        keys = {f"lightspeed.{self._shop}:{number}": number for number in dict.fromkeys(numbers)}
        rows = self._store.rows(self._scope, BOOKED_PURPOSE, list(keys))
        booked = {keys[key]: at for key, row in rows.items() if (at := booked_at(row)) is not None}
        return {number: self._given_up[number] for number in numbers if number in self._given_up} | booked

    def _check(self, unread: int) -> None:
        self._reads += unread
        if self._reads > self._settings.order_reads:
            raise ConfigurationError(
                f"stock: {self._reads} orders of the shop would have to be read because the store knows no booking of "
                f"them; `stock.order_reads` is {self._settings.order_reads}. Give this target the store of the orders "
                "flow (and the same `shop`), set `stock.orders_since` to the day on which that flow began, or raise it"
            )
