"""The command `target-afas`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upsert.singer import run_program

if TYPE_CHECKING:
    from typing import NoReturn

    from target_afas.target import TargetAfas


def main() -> NoReturn:
    """Run the target: Singer messages on stdin, STATE on stdout, everything else on stderr."""
    run_program(_load, explain=explain)


def explain(error: BaseException) -> tuple[int, str] | None:
    """Exit code and one line for an error of the AFAS client that nobody caught."""
    from afas_profit import AfasError  # noqa: PLC0415  quick start, see `run_program`
    from target_afas.failures import translate  # noqa: PLC0415

    if isinstance(error, AfasError):
        failure = translate(error, writing=False)
        return failure.exit_code, failure.text
    return None


def _load() -> type[TargetAfas]:
    from target_afas.target import TargetAfas  # noqa: PLC0415  quick start, see `run_program`

    return TargetAfas
