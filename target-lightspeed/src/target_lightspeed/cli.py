"""The command `target-lightspeed`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from lightspeed_ecom import LightspeedError
from target_lightspeed.commerce.planner.command import asked, run
from target_lightspeed.failures import translate
from target_lightspeed.target import TargetLightspeed
from upsert.singer import run_plugin

if TYPE_CHECKING:
    from typing import NoReturn


def explain(error: BaseException) -> tuple[int, str] | None:
    """Exit code and one line for an error of the client that nobody caught."""
    if isinstance(error, LightspeedError):
        failure = translate(error, writing=False)
        return failure.exit_code, failure.text
    return None


def main() -> NoReturn:
    """Run the target: Singer messages on stdin, STATE on stdout, everything else on stderr.

    With `--budget FILE` it only forecasts calls; see `commerce.planner`.
    """
    if (sizes := asked(sys.argv[1:])) is not None:
        raise SystemExit(run(sizes))
    run_plugin(TargetLightspeed, explain=explain)
