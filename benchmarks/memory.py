"""Peak memory of tap, mapper and target, working as a pipe, for few and for many orders."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from benchmarks import settings, shoppers
from benchmarks.measure import pipe
from benchmarks.metrics import Metric
from benchmarks.world import last_state, world

if TYPE_CHECKING:
    from collections.abc import Iterator

FEW, MANY = 1_000, 20_000
CUSTOMERS = 500
EVERY = timedelta(minutes=2)
"""Between two orders: 20,000 of them fill four weeks."""
PLUGINS = ("tap-lightspeed", "mapper-commerce", "target-afas")


def memory() -> list[Metric]:
    """MiB of each plugin at many orders, and against few."""
    few, many = _peaks(FEW), _peaks(MANY)
    metrics = []
    for name, small, large in zip(PLUGINS, few, many, strict=True):
        short = name.partition("-")[0]
        note = f"{name}: {small:.0f} MiB at {FEW:,} orders, {large:.0f} MiB at {MANY:,}"
        metrics += [
            Metric(f"memory_{short}_ratio", large / small, 1.15, "lower", "times", note),
            Metric(f"memory_{short}_mib", large, 90, "lower", "MiB", f"at {MANY:,} orders"),
        ]
    return metrics


def _orders(orders: int) -> Iterator[dict[str, Any]]:
    """Orders of returning customers, evenly over the days since the start."""
    start = datetime.fromisoformat(settings.START)
    for number in range(orders):
        placed = (start + number * EVERY).isoformat()
        yield shoppers.person(number % CUSTOMERS, number // CUSTOMERS) | {"placed": placed}


def _peaks(orders: int) -> list[float]:
    with world() as shop:
        shop.order(_orders(orders))
        states = shop.file("target.state")
        costs = pipe([shop.tap("orders"), shop.mapper(), shop.target()], stdout=states)
        if held := json.loads(last_state(states))["bookmarks"]["orders"]["held"]:
            raise RuntimeError(f"{len(held)} records are held: {held[:3]}")
        booked = shop.calls("afas")["POST connectors/FbSales"]
        if booked != orders:
            raise RuntimeError(f"{booked} orders were sent instead of {orders}")
    return [cost.mib for cost in costs]
