"""Filters of a GetConnector, and the two ways to write them in a URL (read-api 2.4, 2.5).

The simple form is short, but can't carry a comma or semicolon in a value, nor AND and OR together. The JSON form can
carry everything, and is about five times as long. `filter_query` takes the simple one wherever it is safe.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import quote

from afas_profit.values import Value, dump, filter_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# RFC 3986 lets these stand in a query as they are; each saves two characters of the 2,049. Comma and semicolon are left
# out: they are AFAS's separators, which it splits after decoding, so they stand only where a separator is meant.
_SAFE = "@:/"
_SAFE_IN_JSON = "@:/,;"
_PLAIN_FIELD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*\Z")
_SEPARATORS = re.compile("[,;]")

# AFAS wants a value in the list here too and ignores it; this is the text that Profit's own screens use.
_NO_VALUE = "[is leeg]"

_JSON_HEAD = quote('{"Filters":{"Filter":[', safe=_SAFE_IN_JSON)
_JSON_TAIL = quote("]}}", safe=_SAFE_IN_JSON)


class Op(IntEnum):
    """Operators, by AFAS's numbers."""

    EQUAL = 1
    AT_LEAST = 2
    AT_MOST = 3
    GREATER = 4
    LESS = 5
    CONTAINS = 6
    NOT_EQUAL = 7
    EMPTY = 8
    NOT_EMPTY = 9
    STARTS_WITH = 10
    NOT_CONTAINS = 11
    NOT_STARTS_WITH = 12
    ENDS_WITH = 13
    NOT_ENDS_WITH = 14
    QUICK = 15


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison.

    Attributes:
        field: field id of the connector, exact case.
        op: operator.
        value: what to compare with; ignored by EMPTY and NOT_EMPTY. For datetimes `since()` gives the safe lower end.
    """

    field: str
    op: Op
    value: Value = None

    @property
    def text(self) -> str:
        """The value as AFAS wants it."""
        return _NO_VALUE if self.op in (Op.EMPTY, Op.NOT_EMPTY) else filter_text(self.value)


@dataclass(frozen=True, slots=True)
class Filter:
    """Groups of conditions: AND within a group, OR between groups. Made by `all_of`, `any_of` and `is_in`."""

    groups: tuple[tuple[Condition, ...], ...]


def all_of(*parts: Condition | Filter) -> Filter:
    """All parts hold. Parts that are an OR are multiplied out, as AFAS knows only OR of ANDs.

    Raises:
        ValueError: no parts; that would be every row.
    """
    _some(parts)
    combined = product(*(_groups(part) for part in parts))
    return Filter(tuple(tuple(condition for group in row for condition in group) for row in combined))


def any_of(*parts: Condition | Filter) -> Filter:
    """At least one part holds.

    Raises:
        ValueError: no parts; AFAS would answer with every row.
    """
    _some(parts)
    return Filter(tuple(group for part in parts for group in _groups(part)))


def is_in(field: str, values: Iterable[Value]) -> Filter:
    """The field equals one of the values.

    Raises:
        ValueError: no values.
    """
    return any_of(*(Condition(field, Op.EQUAL, value) for value in values))


def filter_query(where: Filter | None) -> str:
    """A filter as the part of a query string, percent-encoded.

    Args:
        where: the filter; None gives the empty text.

    Returns:
        `filterfieldids=…&filtervalues=…&operatortypes=…`, or `filterjson=…`.

    Raises:
        TypeError: a value AFAS has no form for.
        ValueError: a value AFAS has no form for, or a filter without conditions.
    """
    if where is None:
        return ""
    if not where.groups or not all(where.groups):
        raise ValueError("a filter without conditions would mean every row")
    one_each = all(len(group) == 1 for group in where.groups)
    if not (one_each or len(where.groups) == 1):
        return _json(where.groups)
    conditions = [condition for group in where.groups for condition in group]
    if not all(goes_simple(condition.field, condition.text) for condition in conditions):
        return _json(where.groups)
    separator = "," if len(where.groups) == 1 else ";"
    return (
        f"filterfieldids={separator.join(quote(condition.field, safe=_SAFE) for condition in conditions)}"
        f"&filtervalues={separator.join(quote(condition.text, safe=_SAFE) for condition in conditions)}"
        f"&operatortypes={separator.join(str(int(condition.op)) for condition in conditions)}"
    )


def goes_simple(field: str, text: str) -> bool:
    """Whether a condition can stand in the simple form: a plain field id, and a value that AFAS would not split.

    An empty value goes the JSON way too, so that it can't be taken for a list without members.
    """
    return bool(text) and _PLAIN_FIELD.match(field) is not None and _SEPARATORS.search(text) is None


def pack_equals(fields: Sequence[str], values: Iterable[str], room: int) -> Iterator[tuple[str, int]]:
    """Pack "one of the fields equals one of the values" into as few filters as fit.

    Operator numbers are left out: AFAS takes them as "equal" (read-api 2.1). Values that differ only by case or
    trailing spaces are one value to AFAS, so they travel in one filter: no row comes twice.

    Args:
        fields: field ids; every value is looked for in each.
        values: texts; empty ones are left out (AFAS stores the empty text as null, which equals nothing).
        room: characters that the filter may take.

    Yields:
        A filter as part of a query string and the number of distinct values in it. The filter may be longer than
        `room` only when one value alone is.
    """
    units: dict[str, dict[str, None]] = {}
    for value in values:
        if value:
            units.setdefault(value.casefold().rstrip(), {})[value] = None
    simple: list[list[str]] = []
    odd: list[list[str]] = []
    for texts in map(list, units.values()):
        fits = all(goes_simple(field, text) for field in fields for text in texts)
        (simple if fits else odd).append(texts)
    yield from _pack(simple, room, _SimpleEquals(fields))
    yield from _pack(odd, room, _JsonEquals(fields))


class _SimpleEquals:
    def __init__(self, fields: Sequence[str]) -> None:
        self._fields = ";".join(fields)
        self._count = len(fields)
        self.frame = len("filterfieldids=&filtervalues=") - 2

    def piece(self, text: str) -> str:
        return ";".join([quote(text, safe=_SAFE)] * self._count)

    def cost(self, piece: str) -> int:
        return len(self._fields) + len(piece) + 2

    def join(self, pieces: Sequence[str]) -> str:
        return f"filterfieldids={';'.join([self._fields] * len(pieces))}&filtervalues={';'.join(pieces)}"


class _JsonEquals:
    def __init__(self, fields: Sequence[str]) -> None:
        self._fields = fields
        self.frame = len(_json_frame([])) - 1

    def piece(self, text: str) -> str:
        return ",".join(_json_group("1", [(field, "1", text)]) for field in self._fields)

    def cost(self, piece: str) -> int:
        return len(piece) + 1

    def join(self, pieces: Sequence[str]) -> str:
        return _json_frame(pieces)


def _pack(units: Sequence[Sequence[str]], room: int, form: _SimpleEquals | _JsonEquals) -> Iterator[tuple[str, int]]:
    chunk: list[str] = []
    values, used = 0, form.frame
    for texts in units:
        pieces = [form.piece(text) for text in texts]
        cost = sum(map(form.cost, pieces))
        if chunk and used + cost > room:
            yield form.join(chunk), values
            chunk, values, used = [], 0, form.frame
        chunk += pieces
        values += 1
        used += cost
    if chunk:
        yield form.join(chunk), values


def _json(groups: Iterable[Sequence[Condition]]) -> str:
    return _json_frame(
        [
            _json_group(
                str(position), [(condition.field, str(int(condition.op)), condition.text) for condition in group]
            )
            for position, group in enumerate(groups, 1)
        ]
    )


def _json_frame(groups: Sequence[str]) -> str:
    return f"filterjson={_JSON_HEAD}{','.join(groups)}{_JSON_TAIL}"


def _json_group(name: str, conditions: Iterable[tuple[str, str, str]]) -> str:
    tests = [{"@FieldId": field, "@OperatorType": op, "#text": text} for field, op, text in conditions]
    return _enc(dump({"@FilterId": name, "Field": tests}).decode())


def _enc(text: str) -> str:
    return quote(text, safe=_SAFE_IN_JSON)


def _groups(part: Condition | Filter) -> tuple[tuple[Condition, ...], ...]:
    return ((part,),) if isinstance(part, Condition) else part.groups


def _some(parts: Sequence[object]) -> None:
    if not parts:
        raise ValueError("a filter needs at least one condition; none would mean every row")
