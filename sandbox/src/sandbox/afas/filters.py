"""Filters of GetConnectors: both written forms, the fifteen operators, and their meaning for one value."""

from __future__ import annotations

import json
import logging
import operator as operators
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import product
from typing import Any, NamedTuple

from sandbox.afas.messages import Problem
from sandbox.afas.values import NotThatTypeError, filter_value, plain_number

log = logging.getLogger(__name__)
EQUAL, AT_LEAST, AT_MOST, MORE, LESS, CONTAINS, NOT_EQUAL, EMPTY, FILLED = range(1, 10)
STARTS, NOT_CONTAINS, NOT_STARTS, ENDS, NOT_ENDS, QUICK = range(10, 16)
_COMPARE: dict[int, Callable[[Any, Any], bool]] = {
    EQUAL: operators.eq,
    AT_LEAST: operators.ge,
    AT_MOST: operators.le,
    MORE: operators.gt,
    LESS: operators.lt,
}
_NEGATIVE = {NOT_CONTAINS: CONTAINS, NOT_STARTS: STARTS, NOT_ENDS: ENDS}
_SYMBOLS = {
    "![]": FILLED, "[]": EMPTY, "!=": NOT_EQUAL, ">=": AT_LEAST, "<=": AT_MOST, "!*": NOT_CONTAINS,
    "!@": NOT_STARTS, "!&": NOT_ENDS, "=": EQUAL, ">": MORE, "<": LESS, "*": CONTAINS, "@": STARTS, "&": ENDS,
}  # fmt: skip


class Term(NamedTuple):
    """One condition as written: field id, operator 1 to 15, value."""

    field: str
    operator: int
    value: str


Groups = list[list[Term]]
"""Terms within a group hold together; one group is enough."""


def simple(fields: str, values: str, operators: str, *, mixed: str) -> Groups:
    """The three parallel lists (already URL-decoded) as groups.

    Args:
        fields: `filterfieldids`.
        values: `filtervalues`.
        operators: `operatortypes`; "" means equal everywhere.
        mixed: "groups": `;` parts groups; "and_of_ors": `,` parts groups of alternatives.

    Raises:
        Problem: the lists differ in length or separators, or an operator is none of 1 to 15.
    """
    if ";" in fields and "," in fields:
        log.warning("a filter mixes , and ; : sources disagree on what that means")
    outer, inner = (";", ",") if mixed == "groups" else (",", ";")
    names = [part.split(inner) for part in fields.split(outer)]
    texts = [part.split(inner) for part in values.split(outer)]
    numbers = [part.split(inner) for part in operators.split(outer)] if operators else [["1"] * len(n) for n in names]
    if not len(names) == len(texts) == len(numbers):
        raise Problem("unexpected")
    parts: Groups = []
    for name, text, number in zip(names, texts, numbers, strict=True):
        if not len(name) == len(text) == len(number):
            raise Problem("unexpected")
        parts.append([Term(n, _operator(o), t) for n, t, o in zip(name, text, number, strict=True)])
    if mixed == "groups":
        return parts
    return [list(choice) for choice in product(*parts)]


def from_json(text: str) -> Groups:
    """The JSON form as groups; a single object may stand where an array is meant.

    Raises:
        Problem: no JSON (400), or another shape.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Problem("bad_json", status=400) from error
    try:
        return [
            [
                Term(str(field["@FieldId"]), _operator(str(field["@OperatorType"])), _json_text(field))
                for field in _listed(one["Field"])
            ]
            for one in _listed(value["Filters"]["Filter"])
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise Problem("unexpected") from error


def _json_text(field: Mapping[str, Any]) -> str:
    value = field.get("#text", "")
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _operator(text: str) -> int:
    if not text.strip().isdecimal() or not EQUAL <= int(text) <= QUICK:
        raise Problem("unexpected")
    return int(text)


class Style(NamedTuple):
    """How open questions about filters are answered (the switches of the same names)."""

    strip_wildcards: bool
    underscore: bool
    not_equal_matches_empty: bool
    zulu: bool


Test = Callable[[Any], bool]


def test(kind: str, operator: int, text: str, style: Style) -> Test:
    """The condition as a function of a row's value.

    Args:
        kind: The field's kind (s, f, i, n, b, d).
        operator: 1 to 15.
        text: The filter's value.
        style: Answers to open questions.

    Raises:
        Problem: the value can't be converted to the field's kind.
    """
    if operator == EMPTY:
        return lambda value: value is None or value == ""
    if operator == FILLED:
        return lambda value: value is not None and value != ""
    if operator == QUICK:
        return _quick(kind, text, style)
    if operator in (CONTAINS, STARTS, ENDS, *_NEGATIVE):
        return _textual(operator, text, style)
    if operator == NOT_EQUAL and "%" in text and kind in "sf":
        inner = _like(text, style)
        return _unless(inner, style)
    try:
        wanted = filter_value(kind, text, zulu=style.zulu)
    except NotThatTypeError as error:
        raise Problem("unexpected") from error
    fold = kind in "sf"
    if operator == NOT_EQUAL:
        return _unless(lambda value: (value.casefold() if fold else value) == wanted, style)
    compare = _COMPARE[operator]
    return lambda value: value is not None and compare(value.casefold() if fold else value, wanted)


def _unless(inner: Test, style: Style) -> Test:
    if style.not_equal_matches_empty:
        return lambda value: value is None or not inner(value)
    return lambda value: value is not None and not inner(value)


def _textual(operator: int, text: str, style: Style) -> Test:
    positive = _NEGATIVE.get(operator, operator)
    if "%" in text and not style.strip_wildcards:
        inner = _like(text, style)
    else:
        wanted = text.strip("%").casefold()
        inner = {
            CONTAINS: lambda value: wanted in as_text(value),
            STARTS: lambda value: as_text(value).startswith(wanted),
            ENDS: lambda value: as_text(value).endswith(wanted),
        }[positive]
    if operator in _NEGATIVE:
        return _unless(inner, style)
    return lambda value: value is not None and inner(value)


def _like(pattern: str, style: Style) -> Test:
    if style.strip_wildcards:
        wanted = pattern.strip("%").casefold()
        return lambda value: wanted in as_text(value)
    marks = {"%": ".*", "_": "." if style.underscore else "_"}
    expression = "".join(marks.get(char) or re.escape(char) for char in pattern.casefold())
    match = re.compile(expression, re.DOTALL).fullmatch
    return lambda value: match(as_text(value)) is not None


def _quick(kind: str, text: str, style: Style) -> Test:
    for symbol, operator in _SYMBOLS.items():
        if text.startswith(symbol):
            return test(kind, operator, text[len(symbol) :], style)
    return test(kind, CONTAINS, text, style)


def as_text(value: Any) -> str:
    """A value as text operators see it, without case."""
    if isinstance(value, str):
        return value.casefold()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or value is None:
        return str(value)
    return plain_number(value) if isinstance(value, Decimal) else str(value)
