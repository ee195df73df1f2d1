"""Command line: all measurements, or some of them by name.

Prints a table and writes `latest.json`. A missed target is marked, not punished: these are figures, no tests. The exit
code is 1 only when something could not be measured.
"""

from __future__ import annotations

import signal
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.metrics import Metric, keep, table

if TYPE_CHECKING:
    from collections.abc import Sequence

LATEST = Path(__file__).with_name("latest.json")
MEASUREMENTS = {
    "lightspeed-calls": "lightspeed.calls",
    "tap-processor": "lightspeed.processor",
    "tap-idle": "lightspeed.idle",
    "afas-calls": "afas.calls",
    "afas-rate": "afas.rate",
    "memory": "memory.memory",
    "rows": "volumes.rows",
    "rows-wall": "volumes.rows_wall",
    "rows-memory": "volumes.rows_memory",
    "variants": "volumes.variants",
    "variants-wall": "volumes.variants_wall",
    "variants-memory": "volumes.variants_memory",
    "goods-bulk": "goods.bulk",
    "goods-first-load": "goods.first_load",
    "cycle": "cycle.cycle",
    "day": "day.day",
    "sandbox": "sandbox.speed",
}
"""Name on the command line -> function in this package."""


def main(names: Sequence[str]) -> int:
    """Measure, print, keep; returns the exit code."""
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        print(f"no measurement {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # leaves no sandbox behind
    metrics: list[Metric] = []
    failed = False
    begun = time.monotonic()
    for name in names or MEASUREMENTS:
        started = time.monotonic()
        module, _, function = MEASUREMENTS[name].partition(".")
        try:
            metrics += getattr(import_module(f"benchmarks.{module}"), function)()
            said = "done"
        except (RuntimeError, OSError) as error:
            failed, said = True, f"could not be measured: {error}"
        print(f"{name}: {said} in {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    keep(LATEST, metrics)
    missed = sum(one.verdict == "MISSED" for one in metrics)
    print(table(metrics))
    print(f"{len(metrics)} figures, {missed} missed their target, {time.monotonic() - begun:.0f} s; see {LATEST.name}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
