"""From the API's rows to the records of a stream, after the stream's schema. Pure and hot: one pass a row."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import compress
from typing import TYPE_CHECKING, Any

from lightspeed_ecom.shapes import KEYED, MAPS, NOT_SET

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_lightspeed.schema import Schema

Row = dict[str, Any]

_NESTED = frozenset({dict, list, bool})


def utc(text: str) -> str | None:
    """Return an API time (``2026-06-02T10:24:43+02:00``) as ``2026-06-02T08:24:43Z``, empty text as null.

    Anything else stays as it is.
    """
    if text[-6:] == "+00:00":
        return text[:-6] + "Z"
    if len(text) == _PLAIN and text[10] == "T" and text[-3:] == ":00":
        hour = _hour(text[:13], text[19:])
        if hour is not None:
            return hour + text[13:19] + "Z"
    try:
        moment = dt.datetime.fromisoformat(text)
        return text if moment.tzinfo is None else moment.astimezone(dt.UTC).isoformat()[:-6] + "Z"
    except (ValueError, OverflowError):
        return text or None


_PLAIN = len("2026-06-02T10:24:43+02:00")


@lru_cache(4_096)
def _hour(local: str, offset: str) -> str | None:
    """Return an hour with an offset of whole hours as the hour in UTC: many times share one. None when it is none."""
    try:
        moment = dt.datetime.fromisoformat(f"{local}:00:00{offset}").astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return moment.isoformat()[:13]


@lru_cache(1_024)
def number(text: str) -> int | Decimal | str | None:
    """Return numeric text as a number, empty text as null; other text as it is (the target decides about it)."""
    if not text.strip():
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    if not value.is_finite():
        return text
    return int(text) if text.isdecimal() else value


class Shape:
    """A schema made ready for converting rows.

    Args:
        schema: An object's schema.
    """

    __slots__ = ("_converters", "_is_odd", "_looked_up", "_not_set", "_parts")

    def __init__(self, schema: Schema) -> None:
        properties: dict[str, Schema] = schema.get("properties", {})
        # What text becomes where it isn't text.
        texts: dict[str, Callable[[str], Any]] = {}
        # Where false can't be a value. The client's list serves for fields that the schema doesn't know.
        self._not_set = NOT_SET.difference(properties).union(
            name for name, one in properties.items() if not _is(one, "boolean")
        )
        self._parts: dict[str, Shape] = {}
        for name, one in properties.items():
            if one.get("format") == "date-time":
                texts[name] = utc
            elif _is(one, "number", "integer"):
                texts[name] = number
            inner = one.get("items", {}) if _is(one, "array") else one
            if inner.get("properties"):
                self._parts[name] = Shape(inner)
        self._converters = texts
        # Where most text is to be converted, it is faster to pick all text than to look up each field.
        plain = sum(_is(one, "string") for name, one in properties.items() if name not in texts)
        self._looked_up = len(texts) <= plain
        self._is_odd = (_NESTED if self._looked_up else _NESTED | {str}).__contains__

    def record(self, row: Row) -> Row:
        """Convert a row in place and return it.

        * Times become UTC, numeric text a number.
        * ``false`` becomes null where it can't be a value; ``0`` and booleans stay. An empty map is ``{}``.
        * A reference to one record becomes ``{"id": 5}`` or the embedded record, to many the list of the embedded
          ones. A bare link to a list says nothing about the record and goes.
        * Fields that the schema doesn't know stay.
        """
        if self._looked_up:
            for name, convert in self._converters.items():
                value = row.get(name)
                if type(value) is str:
                    row[name] = convert(value)
        links, converters = None, self._converters
        # Most values are as they should be; the others are picked in one go, which is faster than a look at each.
        for name in list(compress(row, map(self._is_odd, map(type, row.values())))):
            value = row[name]
            kind = type(value)
            if kind is str:
                if name in converters:
                    row[name] = converters[name](value)
            elif kind is bool:
                if not value and name in self._not_set:
                    row[name] = None
            elif kind is dict:
                resource = value.get("resource")
                if resource is None:
                    row[name] = self._object(name, value)
                elif "embedded" in resource:
                    row[name] = self._embedded(name, resource["embedded"])
                elif resource.get("id"):
                    row[name] = {"id": resource["id"]}
                elif links is None:
                    links = [name]
                else:
                    links.append(name)
            elif value:
                row[name] = self._list(name, value)
            elif name in MAPS:
                row[name] = {}
        if links is not None:
            for name in links:
                del row[name]
        return row

    def part(self, name: str) -> Shape:
        """Return the shape of what is embedded under a name."""
        return self._parts.get(name, ANY)

    def _embedded(self, name: str, value: Any) -> Any:
        if type(value) is list:
            return self._list(name, value)
        return self._object(name, value) if type(value) is dict else None

    def _object(self, name: str, value: Row) -> Any:
        if name in KEYED and value and all(key.isdecimal() for key in value):
            return self._list(name, list(value.values()))
        return self._parts.get(name, ANY).record(value)

    def _list(self, name: str, values: list[Any]) -> list[Any]:
        part = self._parts.get(name, ANY)
        return [part.record(value) if type(value) is dict else value for value in values]


ANY = Shape({})
"""The shape of an object that no schema describes."""


def _is(schema: Schema, *kinds: str) -> bool:
    types = schema.get("type", ())
    return any(kind in (types if isinstance(types, list) else [types]) for kind in kinds)
