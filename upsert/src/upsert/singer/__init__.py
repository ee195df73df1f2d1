"""Bases for Singer plugins. Names are imported when they are first used, so that a tap doesn't pay for the target's."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from upsert.singer.direct import DirectStream, DirectTap
    from upsert.singer.output import Output, PlainStates
    from upsert.singer.program import run_program
    from upsert.singer.reader import SafeReader
    from upsert.singer.run import run_plugin
    from upsert.singer.sink import HeldSink, Incoming
    from upsert.singer.tap import TapMixin
    from upsert.singer.target import TargetBase

__all__ = [
    "DirectStream",
    "DirectTap",
    "HeldSink",
    "Incoming",
    "Output",
    "PlainStates",
    "SafeReader",
    "TapMixin",
    "TargetBase",
    "run_plugin",
    "run_program",
]

_HOMES = {
    "DirectStream": "direct",
    "DirectTap": "direct",
    "HeldSink": "sink",
    "Incoming": "sink",
    "Output": "output",
    "PlainStates": "output",
    "SafeReader": "reader",
    "TapMixin": "tap",
    "TargetBase": "target",
    "run_plugin": "run",
    "run_program": "program",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"upsert.singer.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
