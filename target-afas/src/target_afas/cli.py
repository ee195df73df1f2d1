"""The command `target-afas`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afas_profit import AfasError
from target_afas.failures import translate
from target_afas.target import TargetAfas
from upsert.singer import run_plugin

if TYPE_CHECKING:
    from typing import NoReturn


def explain(error: BaseException) -> tuple[int, str] | None:
    """Exit code and one line for an error of the AFAS client that nobody caught."""
    if isinstance(error, AfasError):
        failure = translate(error, writing=False)
        return failure.exit_code, failure.text
    return None


def main() -> NoReturn:
    """Run the target: Singer messages on stdin, STATE on stdout, everything else on stderr."""
    run_plugin(TargetAfas, explain=explain)
