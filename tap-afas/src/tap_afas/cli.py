"""The command line.

Exit codes: 0 done, 2 a person must change a setting, a right or a file, 3 AFAS is unavailable, 4 a defect of ours, 143
on SIGTERM.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

from upsert.singer import run_program

if TYPE_CHECKING:
    from tap_afas.tap import TapAfas


def main() -> NoReturn:
    """Run the plugin with the arguments of the process and leave at once."""
    run_program(_load, large_pages=True)


def _load() -> type[TapAfas]:
    # httpx brings along its own command line, which no plugin needs, and does without when it isn't there.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # what stops an import
    from tap_afas.tap import TapAfas  # noqa: PLC0415 - quick start, see `run_program`

    return TapAfas
