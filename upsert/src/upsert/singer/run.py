"""Run a plugin so that its exit code and its last line tell the operator what to do next.

0 done, 1 a record could not be loaded and nobody could hold it, 2 configuration (also unreadable input), 3 the other
side is unavailable, 4 a defect, 143 on SIGTERM.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any, NoReturn

import click
from singer_sdk.exceptions import (
    ConfigValidationError,
    InvalidJSONSchema,
    InvalidRecord,
    MissingKeyPropertiesError,
    RecordsWithoutSchemaException,
)
from singer_sdk.singerlib.exceptions import InvalidInputLine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from singer_sdk.plugin_base import PluginBase

    Explain = Callable[[BaseException], tuple[int, str] | None]

DONE, RECORD, CONFIGURATION, UNAVAILABLE, DEFECT = range(5)
SIGTERM_EXIT = 143
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})


def run_plugin(
    plugin: type[PluginBase], args: Sequence[str] | None = None, *, explain: Explain | None = None
) -> NoReturn:
    """Run a tap, mapper or target from its command line and leave the process.

    Args:
        plugin: The plugin's class.
        args: Command line; the process's own when None.
        explain: For exceptions of the plugin's own libraries: exit code and one line; None for those it doesn't know.

    Raises:
        SystemExit: Always, with the code described in this module.
    """
    logger = logging.getLogger(plugin.name)
    try:
        command = plugin.cli
        result = command.main(None if args is None else list(args), prog_name=plugin.name, standalone_mode=False)
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
        if code == SIGTERM_EXIT:
            logger.warning("stopped by SIGTERM; what was emitted as state is loaded, the next run goes on from there")
            _leave_now(code)
        raise
    except click.ClickException as error:
        click.echo(f"{plugin.name}: {error.format_message()}", err=True)
        raise SystemExit(CONFIGURATION) from None
    except (click.Abort, KeyboardInterrupt):
        raise SystemExit(130) from None
    except Exception as error:
        code, text = classify(error, explain)
        logger.error("exit %d: %s", code, " ".join(text.split()))  # noqa: TRY400 - a traceback only when debugging
        logger.debug("traceback", exc_info=error)
        if isinstance(error, BrokenPipeError) or _has_no_room(error):
            _forget_stdout()
        raise SystemExit(code) from None
    # The SDK turns settings that don't fit into its own exit 1, after a line for each.
    raise SystemExit(CONFIGURATION if result == 1 else int(result or 0) if isinstance(result, int) else 0)


def classify(error: BaseException, explain: Explain | None = None) -> tuple[int, str]:
    """Exit code and one line for an exception.

    Any exception with an int attribute ``exit_code`` decides for itself; those of `upsert.errors` do.
    """
    if explain and (told := explain(error)):
        return told
    code = getattr(error, "exit_code", None)
    if isinstance(code, int):
        return code, str(error)
    if isinstance(error, ConfigValidationError):
        return CONFIGURATION, f"settings: {'; '.join(map(str, error.errors)) or error}"
    if type(error).__module__.partition(".")[0].startswith("pydantic") and hasattr(error, "errors"):
        return CONFIGURATION, f"settings: {_pydantic(error)}"
    if isinstance(error, RecordsWithoutSchemaException | MissingKeyPropertiesError | InvalidJSONSchema):
        return CONFIGURATION, f"input: {error}"
    if isinstance(error, InvalidInputLine | InvalidRecord):
        return CONFIGURATION, f"input: {type(error).__name__}: a line that isn't as the Singer specification says"
    if isinstance(error, BrokenPipeError):
        return UNAVAILABLE, "the plugin after this one has gone; its own last line says why"
    if type(error).__name__ == "JSONDecodeError":
        # The SDK reads files with simplejson, whose error is not the standard library's; both say the line.
        line = getattr(error, "lineno", "?")
        return CONFIGURATION, f"a file named on the command line is not JSON (line {line}); restore it from a copy"
    if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
        return CONFIGURATION, f"{error.strerror}: {error.filename}" if error.filename else str(error)
    if isinstance(error, OSError) and _has_no_room(error):
        place = error.filename or "standard output"
        return CONFIGURATION, f"{place} can't be written: {error.strerror}; make room, then run again"
    return DEFECT, f"defect: {type(error).__name__} in {_place(error)}; run with LOGLEVEL=DEBUG for the traceback"


def _has_no_room(error: BaseException) -> bool:
    """Whether a file or the output can't be written, because its disk is full, broken or read-only."""
    return isinstance(error, OSError) and error.errno in _NO_ROOM


def _pydantic(error: Any) -> str:
    """What is wrong with the settings, without their values."""
    return "; ".join(
        f"`{'.'.join(map(str, item['loc'])) or 'settings'}`: {item['msg']}"
        for item in error.errors(include_url=False, include_input=False, include_context=False)
    )


def _place(error: BaseException) -> str:
    """Where it was raised; the exception's own text may hold a value of a record."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "an unknown place"
    last = frames[-1]
    return f"{os.path.basename(os.path.dirname(last.filename))}/{os.path.basename(last.filename)}:{last.lineno}"  # noqa: PTH119, PTH120 - text, not a file


def _forget_stdout() -> None:
    """Keep the interpreter from failing once more when it flushes a pipe that nobody reads."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for the rest of the process


def _leave_now(code: int) -> NoReturn:
    """Exit without waiting for threads: a call to the other side may hang for minutes, a scheduler waits seconds."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            continue
    logging.shutdown()
    os._exit(code)
