"""Switches: behaviours that nobody could prove from public evidence, and settings of the imitated environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


class SwitchError(ValueError):
    """Unknown switch or a value it can't have; the message names both."""


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch.

    Attributes:
        name: Its name.
        default: Value at start.
        reason: Why there is a choice, in one line.
        values: The allowed values; empty: any value of the default's type.
    """

    name: str
    default: Any
    reason: str
    values: tuple[Any, ...] = ()

    def check(self, value: Any) -> Any:
        """The value, when it fits.

        Raises:
            SwitchError: when it does not.
        """
        if self.values:
            if value not in self.values or isinstance(value, bool) != isinstance(self.values[0], bool):
                raise SwitchError(f"{self.name} is one of {', '.join(map(str, self.values))}, not {value!r}")
        elif self.default is not None and value is not None and type(value) is not type(self.default):
            raise SwitchError(f"{self.name} is of type {type(self.default).__name__}, not {value!r}")
        return value


class Switches(Mapping[str, Any]):
    """The switches of a service with their present values. `switches["name"]` reads one."""

    def __init__(self, declared: Iterable[Switch], given: Mapping[str, Any] | None = None) -> None:
        self.declared = {switch.name: switch for switch in declared}
        self._values: dict[str, Any] = {name: switch.default for name, switch in self.declared.items()}
        self.version = 0
        """Grows with every change, so that a service knows when its cached answers are stale."""
        self.set(given or {})

    def set(self, values: Mapping[str, Any]) -> None:
        """Set some switches, all or none.

        Raises:
            SwitchError: for an unknown name or a value that does not fit.
        """
        for name, value in values.items():
            if name not in self.declared:
                raise SwitchError(f"unknown switch {name!r}; known: {', '.join(sorted(self.declared))}")
            self.declared[name].check(value)
        self._values.update(values)
        self.version += 1

    def restore(self) -> None:
        """Every switch back to its default."""
        self.version += 1
        self._values = {name: switch.default for name, switch in self.declared.items()}

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
