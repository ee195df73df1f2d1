"""The command line: runs the plugin and says in one line how it ended.

Exit codes: 0 done, 2 a person must change a setting or a file, 3 the other side is unavailable, 4 a defect of ours, 143
on SIGTERM.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

WRONG_FILE = 2

_GARBAGE_AFTER = 50_000


def main() -> NoReturn:
    """Run the plugin with the arguments of the process and leave at once.

    A run in which nothing changed is most runs, so its start and end count: no garbage is looked for while modules are
    imported (there is none), and the interpreter isn't taken down piece by piece.
    """
    gc.disable()
    try:
        run()
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            continue
    logging.shutdown()
    os._exit(code)


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the plugin.

    Args:
        arguments: Instead of those of the process.

    Raises:
        SystemExit: Always.
    """
    from tap_lightspeed.tap import TapLightspeed  # noqa: PLC0415
    from upsert.singer import run_plugin  # noqa: PLC0415  see main

    # Records are plain data without cycles: look for garbage rarely, and not among what was imported.
    gc.freeze()
    gc.set_threshold(_GARBAGE_AFTER)
    gc.enable()
    # httpx logs every call; a run has thousands.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    run_plugin(TapLightspeed, arguments, explain=_explain)


def _explain(error: BaseException) -> tuple[int, str] | None:
    """A file given on the command line that isn't JSON: the SDK reads it with a parser of its own kind of error."""
    if type(error).__name__ == "JSONDecodeError":
        return WRONG_FILE, f"a file given with --config, --catalog or --state is not JSON ({error}); restore a copy"
    return None
