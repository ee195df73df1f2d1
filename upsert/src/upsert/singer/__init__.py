"""Bases for Singer plugins. Names are imported when they are first used, so that a tap doesn't pay for the target's."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from upsert.singer.reader import SafeReader
    from upsert.singer.run import run_plugin
    from upsert.singer.sink import HeldSink, Incoming
    from upsert.singer.tap import TapMixin
    from upsert.singer.target import TargetBase

__all__ = ["HeldSink", "Incoming", "SafeReader", "TapMixin", "TargetBase", "run_plugin"]

_HOMES = {
    "HeldSink": "sink",
    "Incoming": "sink",
    "SafeReader": "reader",
    "TapMixin": "tap",
    "TargetBase": "target",
    "run_plugin": "run",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"upsert.singer.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
