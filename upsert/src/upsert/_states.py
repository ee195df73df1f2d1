"""Where the command `held` finds the states: Meltano's state backend, or files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upsert.errors import ConfigurationError
from upsert.held import Entry, held_of, source_of

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Held:
    """A held record, and where it stands."""

    state_id: str
    source: str
    stream: str
    entry: Entry


def from_files(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """States from files, by file name; Meltano's own form is understood."""
    states = {}
    for name in names:
        try:
            state = json.loads(Path(name).read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigurationError(f"{name}: {error.strerror}") from error
        except ValueError as error:
            raise ConfigurationError(f"{name} is not JSON") from error
        states[name] = _singer(state, name)
    return states


def from_meltano(state_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """States of the Meltano project in the working directory.

    Args:
        state_ids: Only these; all of the present environment when empty.

    Raises:
        ConfigurationError: Meltano can't be run, or there is no project.
    """
    if state_ids:
        return {name: _singer(_meltano("state", "get", name), name) for name in state_ids}
    environment = os.environ.get("MELTANO_ENVIRONMENT")
    return {
        name: _singer(state, name)
        for name, state in _meltano("state", "export").items()
        if not environment or name.startswith(f"{environment}:")
    }


def held_in(states: dict[str, dict[str, Any]], streams: Sequence[str] = ()) -> list[Held]:
    """Every held record of these states, the oldest first."""
    found = [
        Held(state_id, source_of(state, stream), stream, entry)
        for state_id, state in states.items()
        for stream in state.get("bookmarks") or {}
        if not streams or stream in streams
        for entry in held_of(state, stream) or []
    ]
    return sorted(found, key=lambda held: (held.entry.first, held.state_id, held.entry.key))


def _meltano(*arguments: str) -> dict[str, Any]:
    executable = shutil.which("meltano")
    beside = Path(sys.executable).with_name("meltano")
    command = [executable or str(beside), *arguments]
    try:
        # The command is ours; only state ids come from outside, and no shell reads them.
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError as error:
        raise ConfigurationError("meltano is not installed here; give --state-file instead") from error
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        said = next((line for line in lines if "error" in line.lower()), lines[-1] if lines else "no message")
        raise ConfigurationError(f"`meltano {' '.join(arguments)}` failed: {said}")
    try:
        states: dict[str, Any] = json.loads(done.stdout or "{}")
    except ValueError as error:
        raise ConfigurationError(f"`meltano {' '.join(arguments)}` did not print JSON") from error
    return states


def _singer(state: Any, name: str) -> dict[str, Any]:
    """The Singer state inside any of Meltano's wrappings."""
    if not isinstance(state, dict):
        raise ConfigurationError(f"{name}: not a state")
    if "completed" in state or "partial" in state:
        return _merge(_singer(state.get("completed") or {}, name), _singer(state.get("partial") or {}, name))
    inner = state.get("singer_state", state)
    if not isinstance(inner, dict):
        raise ConfigurationError(f"{name}: not a state")
    return inner


def _merge(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """As Meltano merges: objects are merged, everything else is replaced."""
    merged = dict(old)
    for name, value in new.items():
        before = merged.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            merged[name] = _merge(before, value)
        else:
            merged[name] = value
    return merged
