"""The sandbox itself: requests per second that one core serves, with the calls of the main job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import shoppers
from benchmarks.metrics import Metric
from benchmarks.world import world

if TYPE_CHECKING:
    from benchmarks.world import Side, World

ORDERS = 1_000
KNOWN = 100
TARGET = 300


def speed() -> list[Metric]:
    """Requests per second of processor time on either side, while the tap reads orders and the target books them."""
    with world() as shop:
        people = range(KNOWN)
        shop.order(map(shoppers.person, people))
        shop.load(shop.commerce("first"))
        shop.order(shoppers.person(number, turn) for turn in range(1, 1 + ORDERS // KNOWN) for number in people)
        before = _before(shop, "lightspeed")
        mapped = shop.commerce("second")
        reading = _after(shop, "lightspeed", before)
        before = _before(shop, "afas")
        shop.load(mapped)
        writing = _after(shop, "afas", before)
    return [
        _metric("lightspeed", reading, f"the tap reads {ORDERS:,} orders"),
        _metric("afas", writing, f"the target books {ORDERS:,} orders of known customers"),
    ]


def _metric(side: Side, served: float, note: str) -> Metric:
    return Metric(f"sandbox_{side}_requests_per_core_second", served, TARGET, "higher", "requests/s", note)


def _before(shop: World, side: Side) -> float:
    shop.fresh_calls(side)
    return shop.processor(side)


def _after(shop: World, side: Side, before: float) -> float:
    used = shop.processor(side) - before
    return sum(shop.calls(side).values()) / used
