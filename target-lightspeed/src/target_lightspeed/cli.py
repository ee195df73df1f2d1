"""The command `target-lightspeed`. What few runs need is imported where it is needed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from upsert.singer import run_program

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    from target_lightspeed.target import TargetLightspeed

OPTION = "--budget"


def asked(arguments: Sequence[str]) -> str | None:
    """The file that a command line names, or None when it asks for no budget."""
    for place, one in enumerate(arguments):
        if one == OPTION:
            return arguments[place + 1] if place + 1 < len(arguments) else "-"
        if one.startswith(f"{OPTION}="):
            return one.partition("=")[2]
    return None


def main() -> NoReturn:
    """Run the target: Singer messages on stdin, STATE on stdout, everything else on stderr.

    With `--budget FILE` it only forecasts calls; see `commerce.planner`.
    """
    if (sizes := asked(sys.argv[1:])) is not None:
        from target_lightspeed.commerce.planner.command import run  # noqa: PLC0415

        raise SystemExit(run(sizes))
    run_program(_load, explain=explain)


def explain(error: BaseException) -> tuple[int, str] | None:
    """Exit code and one line for an error of the client that nobody caught."""
    from lightspeed_ecom import LightspeedError  # noqa: PLC0415
    from target_lightspeed.failures import translate  # noqa: PLC0415

    if isinstance(error, LightspeedError):
        failure = translate(error, writing=False)
        return failure.exit_code, failure.text
    return None


def _load() -> type[TargetLightspeed]:
    from target_lightspeed.target import TargetLightspeed  # noqa: PLC0415  quick start, see `run_program`

    return TargetLightspeed
