"""More kinds of fields: values that are text or nothing, days, lists of ids, pictures and what hangs under a parent."""

# ruff: noqa: ARG002 - the kinds of fields share one signature
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.lightspeed.errors import INVALID, ApiError
from sandbox.lightspeed.fields import (
    Field,
    Instant,
    Number,
    Record,
    Text,
    View,
    Words,
    reference,
    resource_id,
    written_id,
)


@dataclass(frozen=True, slots=True)
class Maybe(Field):
    """A text, or the default (false or null) when it is cleared with "", false or null.

    Attributes:
        values: The texts it can have; empty: any.
    """

    values: tuple[str, ...] = ()

    def take(self, value: Any, record: Record, language: str) -> None:
        """See `Field.take`."""
        if value in (None, False, ""):
            record.pop(self.name, None)
        elif isinstance(value, (dict, list, bool)) or (self.values and value not in self.values):
            raise ApiError(400, INVALID)
        else:
            record[self.name] = str(value)


class Day(Field):
    """A date as `YYYY-MM-DD`, or the default (false or null)."""

    def take(self, value: Any, record: Record, language: str) -> None:
        """See `Field.take`."""
        if value in (None, False, ""):
            record.pop(self.name, None)
            return
        try:
            record[self.name] = date.fromisoformat(str(value)[:10]).isoformat()
        except ValueError:
            raise ApiError(400, INVALID) from None


class Amount(Number):
    """A number that is shown as a text with decimals, as returns and discount rules do: "12.5000"."""

    def show(self, record: Record, view: View) -> Any:
        """See `Field.show`."""
        value = record.get(self.name, self.default)
        return value if isinstance(value, str) else f"{Decimal(str(value)):.4f}"


class Ids(Field):
    """A list of ids as bare numbers."""

    def show(self, record: Record, view: View) -> Any:
        """See `Field.show`."""
        return record.get(self.name) or []

    def take(self, value: Any, record: Record, language: str) -> None:
        """See `Field.take`."""
        if value in (None, False, ""):
            value = []
        if not isinstance(value, list):
            raise ApiError(400, INVALID)
        record[self.name] = [number for number in map(written_id, value) if number is not None]


@dataclass(frozen=True, slots=True)
class Up(Field):
    """The reference of a nested record to what it hangs under.

    Attributes:
        target: Path of the parent's resource.
    """

    target: str = ""

    def show(self, record: Record, view: View) -> Any:
        """See `Field.show`."""
        return reference(record["_parent"], f"{self.target}/{record['_parent']}", view)

    def load(self, value: Any, record: Record) -> None:
        """See `Field.load`: the parent is given beside the record."""


@dataclass(frozen=True, slots=True)
class Below(Field):
    """A reference to a record that hangs under another one (a filter's value).

    Attributes:
        target: Path of the nested resource, with {} for its parent. via: The field that holds the parent.
    """

    target: str = ""
    via: str = ""

    def show(self, record: Record, view: View) -> Any:
        """See `Field.show`."""
        identity = record.get(self.name)
        url = f"{self.target.format(record.get(self.via))}/{identity}"
        return reference(identity, url, view) if identity else False

    def load(self, value: Any, record: Record) -> None:
        """See `Field.load`."""
        record[self.name] = resource_id(value)

    def take(self, value: Any, record: Record, language: str) -> None:
        """See `Field.take`."""
        record[self.name] = written_id(value)


@dataclass(frozen=True, slots=True)
class Other(Field):
    """A field that shows another stored value under its name (a row's id that is really its attribute's).

    Attributes:
        source: The stored name.
    """

    source: str = ""

    def show(self, record: Record, view: View) -> Any:
        """See `Field.show`."""
        return record.get(self.source, self.default)

    def load(self, value: Any, record: Record) -> None:
        """See `Field.load`."""
        record[self.source] = value


PICTURE = (
    Instant("createdAt"),
    Instant("updatedAt"),
    Words("extension", ""),
    Number("size", 0),
    *(Words(name, "") for name in ("title", "thumb", "src")),
)
"""Fields of every image."""


class Picture(Field):
    """The image inside its owner: an object without id, or false."""

    def show(self, record: Record, view: View) -> Any:
        """See `Field.show`."""
        stored = record.get(self.name)
        return {one.name: one.show(dict(stored), view) for one in PICTURE} if isinstance(stored, Mapping) else False

    def load(self, value: Any, record: Record) -> None:
        """See `Field.load`."""
        if isinstance(value, Mapping):
            kept: Record = {}
            for one in PICTURE:
                if one.name in value:
                    one.load(value[one.name], kept)
            value = kept
        record[self.name] = value


_SET = (Field("id"), Instant("createdAt"), Instant("updatedAt"), Text("name", ""))


class InlineSet(Field):
    """A product's set: the whole object when read, its id when written (rules.py puts the object in its place)."""

    def show(self, record: Record, view: View) -> Any:
        """See `Field.show`."""
        stored = record.get(self.name)
        if not isinstance(stored, Mapping):
            return False
        return {**{one.name: one.show(dict(stored), view) for one in _SET}, "options": stored.get("options") or []}

    def load(self, value: Any, record: Record) -> None:
        """See `Field.load`."""
        if isinstance(value, Mapping):
            kept: Record = {"options": value.get("options", [])}
            for one in _SET:
                if one.name in value:
                    one.load(value[one.name], kept)
            value = kept
        record[self.name] = value

    def take(self, value: Any, record: Record, language: str) -> None:
        """See `Field.take`."""
        record[self.name] = written_id(value) or False


class Options(Field):
    """The options of a set: `[{id, sortOrder, name, values: [{id, sortOrder, name}]}]`; ids may be left out."""

    def show(self, record: Record, view: View) -> Any:
        """See `Field.show`."""
        return record.get(self.name) or []

    def take(self, value: Any, record: Record, language: str) -> None:
        """See `Field.take`."""
        record[self.name] = [
            {
                **_named(one, index),
                "values": [_named(inner, at) for at, inner in enumerate(_rows(one.get("values")), 1)],
            }
            for index, one in enumerate(_rows(value), 1)
        ]


def _rows(value: Any) -> list[Mapping[str, Any]]:
    if value in (None, False, ""):
        return []
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise ApiError(400, INVALID)
    return value


def _named(value: Mapping[str, Any], index: int) -> Record:
    name = value.get("name")
    if not isinstance(name, str) or not name:
        raise ApiError(400, INVALID)
    order = value.get("sortOrder")
    return {"id": written_id(value.get("id")), "sortOrder": order if isinstance(order, int) else index, "name": name}
