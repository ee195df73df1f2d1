"""A cycle of 15 minutes in which every flow of the key runs: what the shop's calls go to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from benchmarks.arrived import differences
from benchmarks.assortment import stocked
from benchmarks.merchant import merchant
from benchmarks.metrics import Metric
from benchmarks.trade import QUARTER, Mix, Trade
from target_lightspeed.commerce.planner.forecast import forecast
from target_lightspeed.commerce.planner.sizes import read_sizes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.merchant import Run

CYCLES = 96
MINUTES = {
    "orders": 0,
    "customers": 1,
    "stock": 4,
    "prices": 6,
    "catalogue": 8,
    "categories": 11,
    "relations": 12,
    "groups": 13,
}
"""Flow -> its minute of the quarter. Stock comes after the orders are booked: those need no look any more."""

VARIANTS = 10_000
ORDERS = 50
BUSY = Mix(stock=200, prices=75, texts=12, images=6, relations=3, categories=2, groups=2)
"""300 changes. Stock and prices move by themselves; the rest is what some people can type in a quarter of an hour."""


def cycle() -> list[Metric]:
    """The calls of a busy cycle, per flow, beside those of a quiet one and the planner's forecast."""
    with merchant() as shop:
        trade = Trade(shop, stocked(shop, VARIANTS))
        trade.settle()
        shop.real_limits()
        daily, quiet = _quarter(trade, 0, Mix()), _quarter(trade, 0, Mix())
        busy = _quarter(trade, ORDERS, BUSY)
        priced = trade.priced
        _quarter(trade, 0, Mix())
        if wrong := differences(trade):
            raise RuntimeError(f"{len(wrong)} things did not arrive, the first: {wrong[0]}")
        products = len(shop.rows("products"))
    share = (_total(daily) - _total(quiet)) / CYCLES
    total = _total(busy) + share
    expected = _forecast(products, priced)
    changes = f"{BUSY.total} changes in AFAS ({BUSY}; the prices are those of {priced} variants)"
    what = f"{VARIANTS:,} variants, {ORDERS} orders, {changes}"
    rows = [Metric(f"cycle_calls_{run.flow}", run.total, None, "lower", "calls", _listed(run.calls)) for run in busy]
    looks = (
        f"in a day {_total(daily) - _total(quiet)} calls look at all levels, prices and products; a {CYCLES}th of it"
    )
    return [
        Metric("cycle_calls", total, 125, "lower", "calls", what),
        *rows,
        Metric("cycle_calls_daily_looks", share, None, "lower", "calls", looks),
        Metric("cycle_calls_quiet", _total(quiet), None, "lower", "calls", "a cycle in which nothing happens"),
        Metric("cycle_calls_vs_forecast", total / expected, 1, "lower", "times", f"forecast: {expected:.0f} calls"),
    ]


def _quarter(trade: Trade, orders: int, mix: Mix) -> list[Run]:
    """A quarter of an hour of trade, and then every flow at its minute."""
    shop, begun = trade.merchant, trade.merchant.now
    trade.change(mix)
    for number in range(orders):
        shop.until(begun + QUARTER * number / orders)
        trade.order()
    if mix.total and not differences(trade):
        raise RuntimeError("nothing has run yet, and all seems to have arrived: the comparison is wrong")
    runs = []
    for flow, minute in MINUTES.items():
        shop.until(begun + QUARTER + timedelta(minutes=minute))
        runs.append(shop.run(flow))
    if shop.shop.rate_limited:
        raise RuntimeError(f"{shop.shop.rate_limited} calls were refused by the rate limit")
    return runs


def _total(runs: list[Run]) -> int:
    return sum(run.total for run in runs)


def _listed(calls: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(calls.items())) or "none"


def _forecast(products: int, priced: int) -> float:
    """What `target-lightspeed --budget` says of such a shop."""
    changes = {
        "orders_per_day": ORDERS * CYCLES,
        "order_changes": 0,
        "stock_per_cycle": BUSY.stock,
        "prices_per_cycle": priced,
        "products_per_day": BUSY.texts * CYCLES,
        "images_per_day": BUSY.images * CYCLES,
        "categories_per_day": BUSY.categories * CYCLES,
        "relations_per_day": BUSY.relations * CYCLES,
        "customers_per_day": BUSY.groups * CYCLES,
    }
    flows = dict.fromkeys(("orders", "stock", "prices", "catalogue", "categories", "relations", "groups"), 15)
    sizes = {"shop": {"products": products, "variants": VARIANTS}, "changes": changes, "flows": flows}
    return sum(flow.day for flow in forecast(read_sizes(sizes))) / CYCLES
