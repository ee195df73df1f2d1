"""What every item must show: its quantities, the orders in flight and the bundles put together."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from target_lightspeed.commerce.stock import levels
from target_lightspeed.commerce.stock.inflight import in_flight
from upsert.model import Hold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_lightspeed.commerce.stock.inflight import Shows
    from target_lightspeed.commerce.stock.levels import Item, Rules
    from target_lightspeed.commerce.stock.open_orders import OpenOrders
    from target_lightspeed.commerce.stock.settings import StockSettings
    from upsert.model import SourceKey


class BundleError(Exception):
    """A bundle has no level.

    Attributes:
        hold: Why.
    """

    def __init__(self, hold: Hold) -> None:
        super().__init__(hold.reason)
        self.hold = hold


@dataclass
class Run:
    """What one run knows, and what every item must show because of that.

    Attributes:
        settings: Of the flow.
        items: SKU -> item; also bundles and parts.
        sources: SKU -> records behind it.
        bundles: SKU of a bundle -> its parts in the end; None when it contains itself.
        limits: The same with only those parts that limit how many there are.
        places: SKU -> variant id, where the shop has exactly one.
        noted: SKU -> what the store held beside the variant when the run began.
        shows: SKU -> what it shows now, where the log or a reading says another than the store.
        tracking: SKU -> its `stockTracking`, likewise.
        orders: Orders in flight; None when nothing comes off for them.
        holders: SKU of a part -> the bundles that it is in, and how often.
    """

    settings: StockSettings
    items: Mapping[str, Item]
    sources: Mapping[str, Sequence[SourceKey]]
    bundles: Mapping[str, Mapping[str, Decimal] | None]
    limits: Mapping[str, Mapping[str, Decimal] | None]
    places: dict[str, int] = field(default_factory=dict)
    noted: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    shows: dict[str, Shows] = field(default_factory=dict)
    tracking: dict[str, str] = field(default_factory=dict)
    orders: OpenOrders | None = None
    holders: dict[str, list[tuple[str, Decimal]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for bundle, inside in self.bundles.items():
            for part, number in (inside or {}).items():
                self.holders.setdefault(part, []).append((bundle, number))

    def values(self, sku: str) -> dict[str, Any]:
        """Field of the variant -> value.

        Raises:
            FormulaError: The level can't be calculated.
            BundleError: The bundle can't be made up.
        """
        item = self.items.get(sku)
        rules = self._rules(sku)
        values: dict[str, Any] = {}
        pieces = self._pieces(sku)
        if item is not None:
            tracking = levels.tracking_of(item, rules, self.settings)
        elif pieces is not None:
            # A bundle that no record came for: as long as the shop doesn't track it, it is sold without end.
            tracking = rules.tracking or self.settings.tracked
        else:
            tracking = rules.tracking or "keep"
        if pieces is not None and tracking != "disabled":
            values["stockLevel"] = levels.shown(pieces, rules)
        if tracking != "keep":
            values["stockTracking"] = tracking
        return values

    def _rules(self, sku: str) -> Rules:
        item = self.items.get(sku)
        return levels.rules_of(self.settings, sku, item.group if item else "")

    def _pieces(self, sku: str) -> Decimal | None:
        """What may be sold of an item or bundle; None: it never runs out.

        Raises:
            FormulaError: It can't be calculated.
            BundleError: The bundle can't be made up.
        """
        if sku not in self.bundles:
            return levels.free(self.items[sku], self._rules(sku), self._promised(sku))
        inside = self.limits[sku]
        if inside is None:
            raise BundleError(Hold("bundle_in_itself", sku))
        return levels.of_bundle(inside, {part: self._of_part(part) for part in inside})

    def _of_part(self, part: str) -> Decimal | None:
        item = self.items.get(part)
        if item is None or not item.counted:
            return None if self.settings.parts_without_stock == "unlimited" else Decimal(0)
        rules = self._rules(part)
        if levels.tracking_of(item, rules, self.settings) == "disabled":
            return None
        return levels.free(item, rules, self._promised(part))

    def _promised(self, sku: str) -> Decimal:
        """Pieces of an item that are sold and not in its figures: by itself, and in bundles."""
        if self.orders is None:
            return Decimal(0)
        read_at, taken = self.items[sku].read_at, Decimal(0)
        margin = timedelta(seconds=self.settings.clock_margin_seconds)
        for holder, number in ((sku, Decimal(1)), *self.holders.get(sku, ())):
            place = self.places.get(holder)
            taken += number * in_flight(self.orders.of(holder, place), holder, place, read_at, margin)
        return taken
