"""Calls per flow, from sizes alone. Pure; the formulas are those of the reference's recipes and of our own sinks.

The unit is one call of the API. Averages may be fractions of a call (a flow that finds something in every third run);
peaks are whole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from target_lightspeed.commerce.planner.sizes import Sizes

PAGE = 250
DAY = 24 * 60

ORDER = ("orders", "stock", "prices", "catalogue", "categories", "relations", "groups", "sweep")
"""The flows, the most important first."""


@dataclass(frozen=True, slots=True)
class Flow:
    """The calls of one flow.

    Attributes:
        name: Its name.
        minutes: From one run to the next.
        cycle: Calls of an average run.
        peak: Calls of a run in the busiest hour.
    """

    name: str
    minutes: int
    cycle: float
    peak: int

    @property
    def hour(self) -> float:
        """Calls in the busiest hour."""
        return self.peak * max(1.0, 60 / self.minutes)

    @property
    def day(self) -> float:
        """Calls of a day."""
        return self.cycle * DAY / self.minutes


@dataclass(frozen=True, slots=True)
class Load:
    """A part of the first load: what for, and how many calls."""

    name: str
    calls: int


def forecast(sizes: Sizes) -> list[Flow]:
    """The calls of every flow that runs."""
    made = []
    for name, calls in _CYCLES.items():
        minutes = _minutes(sizes, name)
        if minutes:
            peak = math.ceil(calls(sizes, minutes, sizes.changes.peak))
            made.append(Flow(name, minutes, calls(sizes, minutes, 1.0), peak))
    return made


def _minutes(sizes: Sizes, name: str) -> int:
    if name == "sweep":
        return sizes.key.sweep_hours * 60 if sizes.flows.catalogue or sizes.flows.prices else 0
    return int(getattr(sizes.flows, name))


def _share(per_day: float, minutes: int, factor: float) -> float:
    """How much of what happens in a day falls into one run."""
    return min(per_day, per_day * factor * minutes / DAY)


def _bulk(changes: float, size: int) -> float:
    """Bulk calls, and a list per page that shows what arrived; singly one write each."""
    if changes <= 0:
        return 0
    return changes if size == 1 else math.ceil(changes / size) + math.ceil(changes / PAGE)


def _some(number: float, calls: float) -> float:
    """Calls that a run makes only when it has something to do: of a fraction, that part of the runs has."""
    return min(1.0, number) * calls


def _orders(sizes: Sizes, minutes: int, factor: float) -> float:
    """The tap: a list per 250 changes, at least one, and one call per order that came or changed."""
    orders = _share(sizes.changes.orders_per_day, minutes, factor)
    read = orders * (1 + sizes.changes.order_changes)
    return max(1.0, read / PAGE) + read + orders * sizes.changes.order_writes


def _stock(sizes: Sizes, minutes: int, factor: float) -> float:
    """Orders and movements since the last run, each new order once, the bulk calls, the orders once more.

    Once a day all levels are read, to see what was changed by hand.
    """
    orders = _share(sizes.changes.orders_per_day, minutes, factor)
    changes = sizes.changes.stock_per_cycle
    levels = math.ceil(sizes.shop.all_variants / PAGE)
    all_levels = levels * min(1.0, minutes / DAY) if factor <= 1 else 0
    return 2 + orders + _bulk(changes, sizes.key.bulk_size) + _some(changes, 1) + all_levels


def _prices(sizes: Sizes, minutes: int, factor: float) -> float:
    """The bulk calls; a quantity discount is a write each, and a list where one is unknown."""
    rows = _share(sizes.changes.price_rows_per_day, minutes, factor)
    prices = sizes.changes.prices_per_cycle
    return (
        _some(prices + rows, 1)
        + _bulk(prices, sizes.key.bulk_size)
        + rows
        + _some(rows, math.ceil(sizes.shop.price_rows / PAGE))
    )


def _catalogue(sizes: Sizes, minutes: int, factor: float) -> float:
    """Product and variant are written in each language; a changed image is an upload and a delete.

    What changed is read one by one, or by the whole list where that costs less.
    """
    changed = _share(sizes.changes.products_per_day, minutes, factor)
    new = _share(sizes.changes.new_products_per_day, minutes, factor)
    images = _share(sizes.changes.images_per_day, minutes, factor)
    reads = min(changed, 1 + math.ceil(sizes.shop.products / PAGE))
    writes = changed * 2 * sizes.shop.languages + images * 2 + new * product_calls(sizes)
    return _some(changed + new + images, 1) + reads + writes


def product_calls(sizes: Sizes) -> float:
    """A new product as the recipe makes it (reference §15.1), with its further variants."""
    shop = sizes.shop
    further = shop.languages - 1
    more = max(0.0, shop.all_variants / shop.products - 1) if shop.products else 0.0
    links = 1 if shop.category_links else 0
    return 4 + shop.specifications + shop.images + links + 2 * further + more * (1 + further)


def _categories(sizes: Sizes, minutes: int, factor: float) -> float:
    """A write per language, and the tree once per language when anything changed."""
    changed = _share(sizes.changes.categories_per_day, minutes, factor)
    lists = math.ceil(sizes.shop.categories / PAGE)
    return sizes.shop.languages * (changed + _some(changed, lists)) + _some(changed, 1)


def _relations(sizes: Sizes, minutes: int, factor: float) -> float:
    """A look at the product, and a write."""
    changed = _share(sizes.changes.relations_per_day, minutes, factor)
    return 2 * changed + _some(changed, 1)


def _groups(sizes: Sizes, minutes: int, factor: float) -> float:
    """A look at the customer, and at most two links that change."""
    return 3 * _share(sizes.changes.customers_per_day, minutes, factor)


def _sweep(sizes: Sizes, minutes: int, factor: float) -> float:
    """Lists of variants and products, and the catalogue once per language, for what hangs below products.

    What is more than a run may spend follows in the next runs of the day.
    """
    del minutes
    below = 1 if sizes.shop.images or sizes.shop.specifications else 0
    lists = 1 + below + sizes.shop.languages - 1
    calls = math.ceil(sizes.shop.all_variants / PAGE) + lists * math.ceil(sizes.shop.products / PAGE)
    return calls if factor <= 1 else min(calls, sizes.key.sweep_calls)


_CYCLES: dict[str, Callable[[Sizes, int, float], float]] = {
    "orders": _orders,
    "stock": _stock,
    "prices": _prices,
    "catalogue": _catalogue,
    "categories": _categories,
    "relations": _relations,
    "groups": _groups,
    "sweep": _sweep,
}


def first_load(sizes: Sizes) -> list[Load]:
    """The calls that fill an empty shop."""
    shop, flows = sizes.shop, sizes.flows
    parts = {
        "products": math.ceil(shop.products * product_calls(sizes)) if flows.catalogue else 0,
        "stock": math.ceil(_bulk(shop.all_variants, sizes.key.bulk_size)) if flows.stock else 0,
        "prices": math.ceil(_bulk(shop.all_variants, sizes.key.bulk_size)) if flows.prices else 0,
        "quantity discounts": shop.price_rows if flows.prices else 0,
        "categories": shop.categories * (2 * shop.languages - 1) if flows.categories else 0,
        "relations": shop.relations + 2 * math.ceil(shop.products / PAGE) if flows.relations else 0,
        "customers in groups": 2 * shop.customers if flows.groups else 0,
        "map of SKUs": math.ceil(shop.all_variants / PAGE) if shop.products else 0,
    }
    return [Load(name, calls) for name, calls in parts.items() if calls]


def hours(calls: float, hour: float, day: float) -> float:
    """How long so many calls take.

    Args:
        calls: Calls in all.
        hour: Calls per hour that are left for them.
        day: Calls per day.

    Returns:
        Hours from the beginning of a day; infinite when none are left.
    """
    if calls <= 0:
        return 0
    if hour <= 0 or day <= 0:
        return math.inf
    days = math.ceil(calls / day) - 1
    return days * 24 + (calls - days * day) / min(hour, day)
