"""The jobs and settings of meltano.yml, as Meltano would hand them to the plugins: what is measured is the project."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import yaml

FILE = Path(__file__).parents[1] / "meltano.yml"
ENVIRONMENT = "demo"

Json = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """One flow.

    Attributes:
        tap: Its extractor.
        mapping: Its mapping.
        target: Its loader.
    """

    tap: str
    mapping: str
    target: str


def job(name: str) -> Job:
    """A job of the project.

    Raises:
        KeyError: There is none of that name.
    """
    tasks = {one["name"]: one["tasks"] for one in _project()["jobs"]}
    tap, mapping, target, *_ = tasks[name][0].split()
    return Job(tap, mapping, target)


def settings(plugin: str, variables: Mapping[str, str]) -> Json:
    """The settings of an extractor or loader: its own over those that it inherits, and the environment's over both.

    Args:
        plugin: Its name.
        variables: What stands for the environment's variables.
    """
    line = _line(plugin)
    environment = next(one for one in _project()["environments"] if one["name"] == ENVIRONMENT)
    over = {one["name"]: one for kind in environment["config"]["plugins"].values() for one in kind}
    found: Json = {}
    for one in line:
        found = merged(found, one.get("config") or {})
    for one in line:
        found = merged(found, over.get(one["name"], {}).get("config") or {})
    filled: Json = _filled(found, variables)
    return filled


def mapping(name: str) -> Json:
    """The settings of a mapping."""
    (found,) = (one for plugin in _project()["plugins"]["mappers"] for one in plugin["mappings"] if one["name"] == name)
    return dict(found["config"])


def selected(tap: str) -> set[str]:
    """The streams that an extractor selects."""
    return {str(one).partition(".")[0] for one in _line(tap)[-1]["select"]}


def merged(old: Any, new: Any) -> Any:
    """Two objects: member by member, everything else replaced."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return {**old, **{name: merged(old.get(name), value) for name, value in new.items()}}
    return new


def _line(plugin: str) -> list[Json]:
    """A plugin and those that it inherits from, the farthest first."""
    known = {one["name"]: one for kind in ("extractors", "loaders") for one in _project()["plugins"][kind]}
    line = [known[plugin]]
    while parent := line[0].get("inherit_from"):
        line.insert(0, known[parent])
    return line


def _filled(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return Template(value).safe_substitute(variables)
    if isinstance(value, Mapping):
        return {name: _filled(one, variables) for name, one in value.items()}
    return [_filled(one, variables) for one in value] if isinstance(value, list) else value


@functools.cache
def _project() -> Json:
    found: Json = yaml.safe_load(FILE.read_text("utf-8"))
    return found
