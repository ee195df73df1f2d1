"""Fields of a stream by the label that people see; a tap sends it as ``title`` of a property in its SCHEMA."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from commerce.errors import FieldError

if TYPE_CHECKING:
    from collections.abc import Iterable

_ALIKE = 0.5


class Known:
    """The fields of a stream, and their labels.

    Args:
        stream: Its name.
        schema: As its SCHEMA message has it.
    """

    def __init__(self, stream: str, schema: Mapping[str, Any]) -> None:
        self.stream = stream
        found = schema.get("properties")
        properties: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
        self.ids = {name for name in properties if not name.startswith("_")}
        self.labels: dict[str, list[str]] = {}
        for name, one in properties.items():
            title = one.get("title") if isinstance(one, Mapping) else None
            if isinstance(title, str):
                self.labels.setdefault(title, []).append(name)

    def find(self, name: str, setting: str) -> str | None:
        """The field with this id or label; None when there is none.

        Raises:
            FieldError: Two fields carry the label.
        """
        if name in self.ids:
            return name
        found = self.labels.get(name, [])
        if len(found) > 1:
            raise FieldError(
                setting,
                name,
                f"{len(found)} fields of {self.stream} carry the label '{name}': {', '.join(found)}; choose one by "
                "its id",
            )
        return found[0] if found else None

    def get(self, name: str, setting: str) -> str:
        """As `find`, but it must be there.

        Raises:
            FieldError: It is not; with the nearest label that is there.
        """
        found = self.find(name, setting)
        if found is None:
            raise FieldError(setting, name, self.missing(name))
        return found

    def check(self, name: str, setting: str) -> None:
        """Refuse a field id that the stream doesn't have, once it is known what it has.

        Raises:
            FieldError: It has other fields; with the nearest one.
        """
        if self.ids and name not in self.ids and not name.startswith("_"):
            near = _nearest(name, self.ids)
            hint = f"; the nearest is '{near}'" if near else ""
            get = f"; where it may be missing, say record.get('{name}')"
            raise FieldError(setting, name, f"{self.stream} has no field '{name}'{hint}{get}")

    def missing(self, name: str) -> str:
        """That there is no such label, and what comes nearest."""
        if not self.labels:
            return (
                f"{self.stream} has no field '{name}', and its SCHEMA carries no labels (`title` of a property): "
                "use field ids, or a tap that sends labels"
            )
        near = _nearest(name, self.labels) or _nearest(name, self.ids)
        hint = f"; the nearest is '{near}'" if near else ""
        return f"no field of {self.stream} has the label '{name}'{hint}"


def _nearest(name: str, among: Iterable[str]) -> str | None:
    """The name that is most alike, without regard to case; None when none is."""
    by_fold = {one.casefold(): one for one in sorted(among)}
    near = difflib.get_close_matches(name.casefold(), by_fold, n=1, cutoff=_ALIKE)
    return by_fold[near[0]] if near else None
