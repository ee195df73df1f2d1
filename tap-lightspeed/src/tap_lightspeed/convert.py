"""From the client's rows to the records of a stream, after the stream's schema. Pure, and on the hot path."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tap_lightspeed.schema import Schema

Row = dict[str, Any]


def utc(text: str) -> str:
    """Return an API time (``2026-06-02T10:24:43+02:00``) as ``2026-06-02T08:24:43Z``; anything else as it is."""
    if text.endswith("+00:00"):
        return text[:-6] + "Z"
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    if moment.tzinfo is None:
        return text
    return moment.astimezone(dt.UTC).isoformat()[:-6] + "Z"


class Shape:
    """A schema made ready for converting rows.

    Args:
        schema: An object's schema.
    """

    __slots__ = ("_lists", "_numbers", "_objects", "_others", "_times", "_whole")

    def __init__(self, schema: Schema) -> None:
        properties: dict[str, Schema] = schema.get("properties", {})
        self._times = tuple(name for name, one in properties.items() if one.get("format") == "date-time")
        self._numbers = tuple(name for name, one in properties.items() if _is(one, "number", "integer"))
        self._others = frozenset(name for name, one in properties.items() if not _is(one, "boolean"))
        self._whole = frozenset(name for name, one in properties.items() if not _is(one, "array"))
        self._objects = tuple(
            (name, Shape(one)) for name, one in properties.items() if _is(one, "object") and one.get("properties")
        )
        self._lists = tuple(
            (name, Shape(one["items"]))
            for name, one in properties.items()
            if _is(one, "array") and one["items"].get("properties")
        )

    def record(self, row: Row) -> Row:
        """Convert a row in place and return it.

        Times become UTC, numeric text a number; ``false`` becomes null where no boolean is declared; a bare link to a
        list says nothing about the record and goes. Fields that the schema doesn't know stay as they are.
        """
        others, links = self._others, []
        for name, value in row.items():
            if value is False:
                if name in others:
                    row[name] = None
            elif type(value) is dict and len(value) == 1 and "url" in value and name not in self._whole:
                links.append(name)
        for name in links:
            del row[name]
        for name in self._times:
            value = row.get(name)
            if type(value) is str:
                row[name] = utc(value) if value else None
        for name in self._numbers:
            value = row.get(name)
            if type(value) is str:
                row[name] = _number(value)
        for name, shape in self._objects:
            value = row.get(name)
            if type(value) is dict:
                shape.record(value)
        for name, shape in self._lists:
            value = row.get(name)
            if type(value) is list:
                for item in value:
                    if type(item) is dict:
                        shape.record(item)
        return row


def _is(schema: Schema, *kinds: str) -> bool:
    types = schema.get("type", ())
    return any(kind in (types if isinstance(types, list) else [types]) for kind in kinds)


def _number(text: str) -> int | Decimal | str | None:
    """Return numeric text as a number; other text as it is (the target decides about it), empty text as null."""
    if not text.strip():
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    if not value.is_finite():
        return text
    return int(text) if text.isdecimal() else value
