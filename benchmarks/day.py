"""A day of the shop: every flow on one key each quarter of an hour, from midnight to midnight, in its real windows."""

from __future__ import annotations

import functools
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from benchmarks.arrived import differences
from benchmarks.assortment import stocked
from benchmarks.cycle import CYCLES, MINUTES
from benchmarks.merchant import merchant
from benchmarks.metrics import Metric
from benchmarks.trade import QUARTER, Mix, Trade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.merchant import Merchant, Run
    from sandbox.box import Call

VARIANTS = 500
"""The flows go through all variants in every run, which takes time but no call, so this shop has fewer of them."""
ORDERS = (4, 2, 1, 1, 1, 2, 6, 14, 24, 32, 36, 38, 40, 40, 42, 44, 48, 60, 90, 130, 140, 110, 60, 20)
"""Orders of each hour: a shop of consumers, busiest in the evening."""
OFFICE = range(8, 18)
DAYTIME = Mix(stock=60, prices=10, texts=6, images=3, relations=1, categories=1, groups=1)
"""Changes of a quarter while people are at work in AFAS."""
NIGHT = Mix(stock=10)
"""Changes of a quarter at other times."""
ZONE = ZoneInfo("Europe/Amsterdam")


@dataclass
class Windows:
    """What was asked of the shop, by its own windows.

    Attributes:
        used: Minutes of a window and when it began -> calls.
        refused: Answers 429.
    """

    used: Counter[tuple[int, datetime]] = field(default_factory=Counter)
    refused: int = 0

    def note(self, call: Call) -> None:
        """One call."""
        self.refused += call.status == 429
        hour = call.at.replace(minute=0, second=0, microsecond=0)
        self.used[5, hour + timedelta(minutes=call.at.minute // 5 * 5)] += 1
        self.used[60, hour] += 1

    def most(self, minutes: int) -> int:
        """Most calls of such a window."""
        return max((number for (length, _), number in self.used.items() if length == minutes), default=0)


class Day:
    """One day.

    Args:
        trade: What happens in it.
    """

    def __init__(self, trade: Trade) -> None:
        self.trade, self.merchant = trade, trade.merchant
        self.chance = random.Random(1)
        self.runs: list[Run] = []
        self.changes = 0

    def live(self) -> None:
        """Let it pass: what happens, and the runs in between, each when its time has come."""
        for at, what in sorted(self._events(self.merchant.now), key=lambda one: one[0]):
            self.merchant.until(at)
            what()

    def _events(self, begin: datetime) -> Iterator[tuple[datetime, Callable[[], None]]]:
        for number in range(CYCLES):
            start = begin + number * QUARTER
            hour = start.astimezone(ZONE).hour
            yield start + QUARTER / 2, functools.partial(self._change, DAYTIME if hour in OFFICE else NIGHT)
            for _ in range(ORDERS[hour] // 4 + (self.chance.random() < ORDERS[hour] % 4 / 4)):
                yield start + QUARTER * self.chance.random(), self.trade.order
            for flow, minute in MINUTES.items():
                yield start + timedelta(minutes=minute), functools.partial(self._run, flow)

    def _change(self, mix: Mix) -> None:
        self.changes += mix.total
        self.trade.change(mix)

    def _run(self, flow: str) -> None:
        self.runs.append(self.merchant.run(flow))

    def lag(self, flow: str) -> timedelta:
        """The longest that something can have waited: from one run to the end of the next that did all of its work."""
        worst, since = timedelta(), None
        for run in self.runs:
            if run.flow == flow and not run.early:
                worst = max(worst, run.ended - (since or run.begun))
                since = run.begun
        return worst


def day() -> list[Metric]:
    """Calls and refusals of a day, and how late things arrived; in the end all of it must have arrived."""
    with merchant() as shop:
        trade = Trade(shop, stocked(shop, VARIANTS))
        trade.settle()
        before = len(trade.ordered)
        shop.real_limits()
        _midnight(shop)
        shop.shop.reset_calls()
        windows, lived = Windows(), Day(trade)
        shop.shop.listeners.append(windows.note)
        lived.live()
        shop.shop.listeners.remove(windows.note)
        calls = shop.shop.calls.total()
        shop.until(shop.now + timedelta(minutes=1))  # the tap leaves the newest seconds to its next run
        for flow in MINUTES:
            shop.run(flow)  # what happened in the last quarter
        # An order that was booked a moment before the stock was read counts twice for one run, on the safe side.
        shop.until(shop.now + QUARTER)
        shop.run("stock")
        if wrong := differences(trade):
            raise RuntimeError(f"{len(wrong)} things did not arrive, the first: {wrong[0]}")
    early = sum(bool(run.early) for run in lived.runs)
    what = (
        f"{CYCLES} cycles of {len(MINUTES)} flows, {len(trade.ordered) - before:,} orders, {lived.changes:,} changes "
        f"in AFAS, {VARIANTS} variants; all of it has arrived"
    )
    lags = [
        Metric(f"day_lag_{flow}", lived.lag(flow).total_seconds() / 60, 30, "lower", "minutes", _LAG)
        for flow in MINUTES
    ]
    return [
        Metric("day_429", windows.refused, 0, "lower", "answers", what),
        Metric("day_calls", calls, 12_000, "lower", "calls", what),
        Metric("day_calls_5_minutes", windows.most(5), 300, "lower", "calls", "in the busiest window"),
        Metric("day_calls_hour", windows.most(60), 3_000, "lower", "calls", "in the busiest hour"),
        Metric("day_runs_put_off", early, 0, "lower", "runs", "left a part of their work to the next one"),
        *lags,
    ]


_LAG = "the longest from one run to the end of the next: so long a change may have waited"


def _midnight(shop: Merchant) -> None:
    """Go on to the next midnight of the shop."""
    local = shop.now.astimezone(ZONE) + timedelta(days=1)
    shop.until(local.replace(hour=0, minute=0, second=0, microsecond=0))
