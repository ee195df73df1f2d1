"""The command line: runs the plugin and says in one line how it ended.

Exit codes: 0 done, 2 a person must change a setting or a file, 3 the other side is unavailable, 4 a defect of ours, 143
on SIGTERM.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from upsert.singer import run_program

if TYPE_CHECKING:
    from tap_lightspeed.tap import TapLightspeed

WRONG_FILE = 2


def main() -> NoReturn:
    """Run the plugin with the arguments of the process and leave at once."""
    run_program(_load, explain=_explain)


def _load() -> type[TapLightspeed]:
    from tap_lightspeed.tap import TapLightspeed  # noqa: PLC0415  quick start, see `run_program`

    return TapLightspeed


def _explain(error: BaseException) -> tuple[int, str] | None:
    """A file given on the command line that isn't JSON: the SDK reads it with a parser of its own kind of error."""
    if type(error).__name__ == "JSONDecodeError":
        return WRONG_FILE, f"a file given with --config, --catalog or --state is not JSON ({error}); restore a copy"
    return None
