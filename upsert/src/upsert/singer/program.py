"""A plugin's process from start to end: quick to begin, small in memory, and gone at once."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import sys
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from singer_sdk.plugin_base import PluginBase

    from upsert.singer.run import Explain

_GARBAGE_AFTER = 50_000
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # names of mallopt(3)


def run_program(
    load: Callable[[], type[PluginBase]],
    arguments: Sequence[str] | None = None,
    *,
    explain: Explain | None = None,
    large_pages: bool = False,
) -> NoReturn:
    """Run a plugin as the whole process, and leave at once.

    A run in which nothing changed is most runs, so its start and end count: no garbage is looked for while modules are
    imported (there is none), and the interpreter isn't taken down piece by piece.

    Args:
        load: Imports the plugin's class.
        arguments: Command line; the process's own when None.
        explain: As in `run_plugin`.
        large_pages: It reads pages of several megabytes in several threads: memory goes back to the system at once,
            for about a twentieth more processor time.
    """
    gc.disable()
    if large_pages:
        _give_memory_back()
    try:
        _run(load, arguments, explain)
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            continue
    logging.shutdown()
    os._exit(code)


def _run(load: Callable[[], type[PluginBase]], arguments: Sequence[str] | None, explain: Explain | None) -> NoReturn:
    plugin = load()
    from upsert.singer.run import run_plugin  # noqa: PLC0415 - after the collector has been stopped

    # Records are plain data without cycles: look for garbage rarely, and not among what was imported.
    gc.freeze()
    gc.set_threshold(_GARBAGE_AFTER)
    gc.enable()
    # httpx logs every call; a run has thousands.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    run_plugin(plugin, arguments, explain=explain)


def _give_memory_back() -> None:
    """Let glibc return the memory of a page as soon as it is read, and keep one heap for all threads.

    Left alone it keeps what threads once needed: with pages of some megabytes, twice as much as is in use.
    """
    if sys.platform != "linux":
        return
    try:
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(_ARENA_MAX, 1)
        libc.mallopt(_MMAP_THRESHOLD, 256 << 10)
    except (OSError, AttributeError):
        return  # another C library
