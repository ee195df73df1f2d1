"""The AFAS side: calls per order by kind of customer, and orders per second when each call takes 100 ms."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import shoppers
from benchmarks.measure import run
from benchmarks.metrics import Metric
from benchmarks.world import count, world

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from benchmarks.world import World

BATCH = 100
CALL_ORDERS = 500
RATE_ORDERS = 1_000
STOCK_ORDERS = 150
ROUND_TRIP = 0.1
STOCK = Path(__file__).with_name("stock_target.py")


# -- calls ------------------------------------------------------------------------------------------------------------


def calls() -> list[Metric]:
    """Calls per order, the check at start included: persons and companies, when new and when known."""
    half = CALL_ORDERS // 2
    people = range(CALL_ORDERS)
    with world() as shop:
        new_person = _per_order(shop, "persons", map(shoppers.person, people))
        new_company = _per_order(shop, "companies", map(shoppers.company, people))
        both = [
            *(shoppers.person(number, 1) for number in people[:half]),
            *(shoppers.company(number, 1) for number in people[:half]),
        ]
        known = _per_order(shop, "known", both)
    size = f"{CALL_ORDERS} orders in batches of {BATCH}"
    return [
        _metric("known_customer", known, 1.15, f"{size}, half of them companies with another delivery address"),
        _metric("new_person", new_person, 2.3, size),
        _metric("new_company", new_company, 3.3, f"{size}, each with contact and other delivery address"),
    ]


def _metric(name: str, counted: tuple[float, str], target: float, note: str) -> Metric:
    value, detail = counted
    return Metric(f"afas_calls_per_order_{name}", value, target, "lower", "calls/order", f"{note}; {detail}")


def _per_order(shop: World, name: str, orders: Iterable[Mapping[str, object]]) -> tuple[float, str]:
    shop.order(orders)
    mapped = shop.commerce(name)
    shop.fresh_calls("afas")
    shop.load(mapped)
    used = shop.calls("afas")
    reads = sum(number for endpoint, number in used.items() if endpoint.startswith("GET"))
    total = sum(used.values())
    return total / count(mapped), f"{total - reads} writes, {reads} reads"


# -- orders per second ------------------------------------------------------------------------------------------------


def rate() -> list[Metric]:
    """Orders per second into AFAS, all calls of the run included, beside a plain record sink on the same server."""
    with world() as shop:
        people = range(RATE_ORDERS // 2)
        shop.order(map(shoppers.person, people))
        shop.load(shop.commerce("first"))
        shop.order(shoppers.person(number, turn) for turn in (1, 2) for number in people)
        mapped = shop.commerce("second")
        few = _first(mapped, shop.file("few.singer"), STOCK_ORDERS)
        shop.slow("afas", ROUND_TRIP)
        shop.fresh_calls("afas")
        run([sys.executable, STOCK, "--config", shop.file("stock-target.json")], stdin=few)
        peer = STOCK_ORDERS / shop.busy("afas", ROUND_TRIP)
        shop.fresh_calls("afas")
        own = shop.load(mapped)
        busy, orders = shop.busy("afas", ROUND_TRIP), count(mapped)
    name, unit = "afas_orders_per_second", "orders/s"
    note = (
        f"{orders:,} orders in {busy:.1f} s from the first call to the last answer, {ROUND_TRIP * 1_000:.0f} ms a call"
    )
    whole = f"with start and end of the process: {own.wall:.1f} s"
    return [
        Metric(name, orders / busy, 35, "higher", unit, note),
        Metric(f"{name}_whole_process", orders / own.wall, None, "higher", unit, whole),
        Metric(
            "stock_target_orders_per_second", peer, None, "higher", unit, "peer: SDK RecordSink, one call per order"
        ),
        Metric("afas_orders_vs_stock_target", orders / busy / peer, None, "higher", "times"),
    ]


def _first(messages: Path, shorter: Path, records: int) -> Path:
    """A file of the same messages up to a number of records."""
    left = records
    with messages.open("rb") as source, shorter.open("wb") as made:
        for line in source:
            left -= line.startswith(b'{"type":"RECORD"')
            if left < 0:
                break
            made.write(line)
    return shorter
