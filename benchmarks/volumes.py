"""Large lists read whole: 150,000 rows of an AFAS connector, 100,000 variants of the shop, a million for memory."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from benchmarks.measure import run
from benchmarks.metrics import Metric
from benchmarks.peers import beside
from benchmarks.world import count, world

if TYPE_CHECKING:
    from benchmarks.measure import Command
    from benchmarks.world import Side, World

CONNECTOR, COLUMNS = "Profit_Regels", 30
CELLS = 150_000
"""AFAS: columns x rows of a call stay below this."""
SMALL_PAGE = 250
"""Rows of a call of AFAS where the round trip is to decide, not the processor."""
PAGE = 250
ROUND_TRIP = 0.1
WARM = 1_000
FEW, MANY = 10_000, 1_000_000
RUNS = 2


class Volume(ABC):
    """A large list of one side, for the shop that is given."""

    name: ClassVar[str]
    stream: ClassVar[str]
    side: ClassVar[Side]
    records: ClassVar[int]
    at_once: ClassVar[int]

    def __init__(self, shop: World) -> None:
        self.shop = shop

    @abstractmethod
    def fill(self, records: int) -> int:
        """Let the list have so many computed records; returns how many there are with those it had before."""

    @abstractmethod
    def ours(self) -> Command:
        """The command of our tap."""

    @abstractmethod
    def peer(self) -> Command:
        """The command of the peer."""

    @abstractmethod
    def fewest(self, records: int) -> int:
        """Calls without which so many records can't be read."""

    def calls(self) -> int:
        """Calls since they were last set to nothing."""
        return sum(self.shop.calls(self.side).values())


class Rows(Volume):
    """Rows of a GetConnector of 30 columns."""

    name, stream, side, records, at_once = "afas_rows", CONNECTOR, "afas", 150_000, 5

    def fill(self, records: int) -> int:
        """Define the connector."""
        volume = {"name": CONNECTOR, "rows": records, "columns": COLUMNS}
        self.shop.control("afas", "POST", "afas/volume", volume)
        return records

    def ours(self) -> Command:
        """Nothing but key and replication key is set."""
        return self.shop.tap_afas(CONNECTOR)

    def ours_in_small_pages(self) -> Command:
        """The same with pages that the sandbox and the tap are done with before the round trip is over."""
        return self.shop.tap_afas(CONNECTOR, page_size=SMALL_PAGE)

    def peer(self) -> Command:
        """The largest pages, too."""
        return self.shop.stock_tap_afas(CONNECTOR, COLUMNS)

    def fewest(self, records: int) -> int:
        """The connector's fields, and the largest pages."""
        return 1 + math.ceil(records / ((CELLS - 1) // COLUMNS))


class Variants(Volume):
    """Variants of the shop, with all their fields."""

    name, stream, side, records, at_once = "lightspeed_variants", "variants", "lightspeed", 100_000, 2

    def fill(self, records: int) -> int:
        """Beside the few of the seed."""
        self.shop.control("lightspeed", "POST", "volume", {"resource": "variants", "rows": records})
        return int(self.shop.rows("variants/count.json")["count"])

    def ours(self) -> Command:
        """Nothing but the stream is chosen."""
        return self.shop.tap("variants")

    def peer(self) -> Command:
        """The largest pages, too."""
        return self.shop.stock_tap("variants")

    def fewest(self, records: int) -> int:
        """The largest pages."""
        return math.ceil(records / PAGE)


# -- processor time and calls -----------------------------------------------------------------------------------------


def rows() -> list[Metric]:
    """AFAS: records per CPU-second beside a stock tap, and calls."""
    return _processor(Rows)


def variants() -> list[Metric]:
    """The shop: records per CPU-second beside a stock tap, and calls."""
    return _processor(Variants)


def _processor(kind: type[Volume]) -> list[Metric]:
    with world(kind.side) as shop:
        volume = kind(shop)
        volume.fill(WARM)
        ours, peer = volume.ours(), volume.peer()
        run(ours)  # both leave their bytecode compiled
        run(peer)
        there = volume.fill(kind.records)
        shop.fresh_calls(kind.side)
        found = beside(shop, kind.stream, there, RUNS, ours=ours, peer=peer, first=False)
        shop.fresh_calls(kind.side)
        run(ours)
        used = volume.calls()
    least = volume.fewest(there)
    whole = f"{there:,} records, whole processes, {RUNS} pairs"
    unit = "records/CPU-s"
    note = f"{used} calls, {least} are needed"
    return [
        Metric(f"tap_{kind.name}_vs_stock_tap", found.ratio, 4, "higher", "times", whole),
        Metric(f"tap_{kind.name}_per_cpu_second", found.ours, None, "higher", unit, f"tap-{kind.side}"),
        Metric(f"stock_tap_{kind.name}_per_cpu_second", found.peer, None, "higher", unit, "peer: SDK RESTStream"),
        Metric(f"tap_{kind.name}_calls_per_needed_call", used / least, 1.05, "lower", "calls/call", note),
    ]


# -- wall time --------------------------------------------------------------------------------------------------------


def rows_wall() -> list[Metric]:
    """AFAS: how well the round trips are hidden, in small pages and in the largest."""
    with world("afas") as shop:
        volume = Rows(shop)
        there = volume.fill(Rows.records)
        small, large = volume.ours_in_small_pages(), volume.ours()
        shop.slow("afas", ROUND_TRIP)
        decided = _wall(volume, small, there, 0.6, f"pages of {SMALL_PAGE} rows")
        own = _wall(volume, large, there, None, "the largest pages: the processors of tap and sandbox decide")
    return [decided, own.called(f"{decided.name}_largest_pages")]


def variants_wall() -> list[Metric]:
    """The shop: how well the round trips are hidden."""
    with world("lightspeed") as shop:
        volume = Variants(shop)
        there, ours = volume.fill(Variants.records), volume.ours()
        shop.slow("lightspeed", ROUND_TRIP)
        return [_wall(volume, ours, there, 0.6, f"pages of {PAGE}")]


def _wall(volume: Volume, command: Command, there: int, target: float | None, said: str) -> Metric:
    shop, side = volume.shop, volume.side
    shop.fresh_calls(side)
    out = shop.file("wall.raw")
    cost = run(command, stdout=out)
    if count(out) < there:
        raise RuntimeError(f"{command} found {count(out)} records instead of {there}")
    calls, busy = volume.calls(), shop.busy(side, ROUND_TRIP)
    ideal = calls * ROUND_TRIP / volume.at_once
    note = (
        f"{there:,} records, {said}: {calls} calls x {ROUND_TRIP:g} s / {volume.at_once} = {ideal:.1f} s, "
        f"{busy:.1f} s from the first call to the last answer, {cost.wall:.1f} s the whole process"
    )
    return Metric(f"tap_{volume.name}_ideal_per_wall_time", ideal / busy, target, "higher", "times", note)


# -- memory -----------------------------------------------------------------------------------------------------------


def rows_memory() -> list[Metric]:
    """AFAS: peak memory at a million rows."""
    return _memory(Rows)


def variants_memory() -> list[Metric]:
    """The shop: peak memory at a million variants."""
    return _memory(Variants)


def _memory(kind: type[Volume]) -> list[Metric]:
    peaks = []
    with world(kind.side) as shop:
        volume = kind(shop)
        for records in (WARM, FEW, MANY):
            there = volume.fill(records)
            shop.fresh_calls(kind.side)
            peaks.append(run(volume.ours()).mib)
            if volume.calls() < volume.fewest(there):
                raise RuntimeError(f"{volume.calls()} calls can't have read {there} records")
    _, small, large = peaks
    note = f"tap-{kind.side}: {small:.0f} MiB at {FEW:,} records, {large:.0f} MiB at {MANY:,}"
    return [
        Metric(f"memory_tap_{kind.name}_ratio", large / small, 1.15, "lower", "times", note),
        Metric(f"memory_tap_{kind.name}_mib", large, 90, "lower", "MiB", f"at {MANY:,} records"),
    ]
