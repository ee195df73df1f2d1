"""The shop's side: calls per order, processor time beside a stock tap, and a run in which nothing changed."""

from __future__ import annotations

import json
import math
import sys
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.measure import lines, run
from benchmarks.metrics import Metric
from benchmarks.peers import beside, in_turns
from benchmarks.world import count, last_state, world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.peers import Beside
    from benchmarks.world import World

ORDERS = 1_000
HELD = 20
CUSTOMERS = 100_000
CUSTOMER_RUNS = 3
FEW_CUSTOMERS = 20_000
FEW_RUNS = 5
CPU_ORDERS = 500
ORDER_RUNS = 3
RECENT = 100
"""Orders and their customers that the overlap shows again although nothing changed."""
PAIRS = 15
PAGE = 250
EMBEDDED = 50
"""Lines after which an order's embedded list may be cut off."""

IMPORTS = "import singer_sdk, httpx, pydantic"


# -- calls ------------------------------------------------------------------------------------------------------------


def calls() -> list[Metric]:
    """Calls for new orders of every kind, with held keys due, against what the API makes inevitable."""
    with world() as shop:
        first, second, state = shop.file("first.raw"), shop.file("second.raw"), shop.file("state.json")
        shop.place(HELD)
        run(shop.tap("orders"), stdout=first)
        known = json.loads(last_state(first))
        known["bookmarks"]["orders"]["held"] = [_held(row["id"]) for row in _records(first)]
        state.write_text(json.dumps(known))
        shop.place(ORDERS)
        shop.fresh_calls("lightspeed")
        run(shop.tap("orders", state=state), stdout=second)
        used = sum(shop.calls("lightspeed").values())
        if count(second) != ORDERS + HELD:
            raise RuntimeError(f"{count(second)} records instead of {ORDERS + HELD}")
        sizes = [len(row["products"]) for row in _records(second)]
    pages = sum(math.ceil(size / PAGE) for size in sizes if size >= EMBEDDED)
    needed = math.ceil(ORDERS / PAGE) + ORDERS + HELD + pages
    note = f"{used:,} calls for {ORDERS:,} new orders of every kind, {HELD} due held keys, {pages} extra line pages"
    return [Metric("lightspeed_calls_per_needed_call", used / needed, 1.05, "lower", "calls/call", note)]


def _records(messages: Path) -> Iterator[dict[str, Any]]:
    return (json.loads(line)["record"] for line in lines(messages, b"RECORD"))


def _held(identity: int) -> dict[str, Any]:
    """A held key that is due."""
    long_ago = "2026-01-01T00:00:00Z"
    return {
        "key": str(identity),
        "reason": "unknown_item",
        "subject": "",
        "first": long_ago,
        "attempts": 1,
        "next": long_ago,
    }


# -- processor time ---------------------------------------------------------------------------------------------------


def processor() -> list[Metric]:
    """Records per second of processor time, beside a tap of the SDK's own classes, on the same server in turns."""
    with world() as shop:
        _customers(shop, FEW_CUSTOMERS)
        few = _beside(shop, "customers", FEW_CUSTOMERS, FEW_RUNS)
        _customers(shop, CUSTOMERS)
        customers = _beside(shop, "customers", CUSTOMERS, CUSTOMER_RUNS)
        shop.place(CPU_ORDERS)
        orders = _beside(shop, "orders", CPU_ORDERS, ORDER_RUNS)
    unit = "records/CPU-s"
    whole = f"{CUSTOMERS:,} customers, whole processes, median of {CUSTOMER_RUNS} pairs"
    short = f"{FEW_CUSTOMERS:,} customers: a third of our run is Python's start and the imports, {FEW_RUNS} pairs"
    lined = f"{CPU_ORDERS:,} orders with their lines: the peer reads them as a child stream, {ORDER_RUNS} pairs"
    return [
        Metric("tap_customers_vs_stock_tap", customers.ratio, 4, "higher", "times", whole),
        Metric("tap_few_customers_vs_stock_tap", few.ratio, None, "higher", "times", short),
        Metric("tap_customers_per_cpu_second", customers.ours, None, "higher", unit, "tap-lightspeed"),
        Metric("stock_tap_customers_per_cpu_second", customers.peer, None, "higher", unit, "peer: SDK RESTStream"),
        Metric("tap_orders_vs_stock_tap", orders.ratio, None, "higher", "times", lined),
        Metric("tap_orders_per_cpu_second", orders.ours, None, "higher", unit, "tap-lightspeed"),
        Metric("stock_tap_orders_per_cpu_second", orders.peer, None, "higher", unit, "peer: SDK RESTStream"),
    ]


def _beside(shop: World, stream: str, records: int, runs: int) -> Beside:
    return beside(shop, stream, records, runs, ours=shop.tap(stream), peer=shop.stock_tap(stream))


def _customers(shop: World, wanted: int) -> None:
    """Fill the shop up with customers, in the shape in which the API itself shows one."""
    pattern = shop.rows("customers.json?limit=1")["customers"][0]
    known = shop.rows("customers/count.json")["count"]
    numbers = range(known, wanted)
    for start in range(0, len(numbers), 2_000):
        rows = [
            {
                **pattern,
                "id": 5_000_000 + number,
                "email": f"klant.{number}@example.com",
                "companyName": f"Polderlicht {number}",
                "updatedAt": f"2026-10-{1 + number % 28:02}T10:{number % 60:02}:00+02:00",
            }
            for number in numbers[start : start + 2_000]
        ]
        shop.control("lightspeed", "POST", "records", {"resource": "customers", "records": rows})


# -- nothing changed --------------------------------------------------------------------------------------------------


def idle() -> list[Metric]:
    """A run in which nothing changed: its time beside the mere imports, and its calls."""
    streams = ("orders", "customers")
    with world() as shop:
        out, state = shop.file("first.raw"), shop.file("state.json")
        shop.place(RECENT)
        run(shop.tap(*streams), stdout=out)
        state.write_bytes(last_state(out))
        command = shop.tap(*streams, state=state)
        shop.fresh_calls("lightspeed")
        run(command, stdout=out)
        if count(out):
            raise RuntimeError(f"{count(out)} records although nothing changed")
        used = sum(shop.calls("lightspeed").values())
        bare = [sys.executable, "-c", IMPORTS]
        run(bare)  # both have run once now and left their bytecode compiled
        found = list(in_turns(run, command, bare, PAIRS))
    wall = median(own.wall / base.wall for own, base in found)
    cpu = median(own.cpu / base.cpu for own, base in found)
    note = f"{_seconds(own.wall for own, _ in found)} beside {_seconds(base.wall for _, base in found)}, {PAIRS} pairs"
    return [
        Metric("tap_idle_vs_imports", wall, 1.25, "lower", "times", f"wall: {note}"),
        Metric("tap_idle_vs_imports_cpu", cpu, None, "lower", "times", "the same in processor time"),
        Metric("tap_idle_calls_per_stream", used / len(streams), 1, "lower", "calls", f"{' and '.join(streams)}"),
    ]


def _seconds(walls: Iterator[float]) -> str:
    return f"{median(walls):.2f} s"
