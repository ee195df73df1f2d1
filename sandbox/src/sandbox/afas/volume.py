"""A GetConnector of any number of rows that are computed, not stored: for load, memory and paging at full size.

Row n of 1..rows has `Id` n, `Code` `R` and nine digits of n, `Modified` n seconds after a start, and further columns in
turn: text, decimal, whole number, yes/no, date. Sorting and filtering work on the first three, which rise together; a
question about another column is refused.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sandbox.afas.filters import AT_LEAST, AT_MOST, EMPTY, EQUAL, FILLED, LESS, MORE
from sandbox.afas.messages import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.afas.reading import Question
    from sandbox.afas.tables import Tables

SOURCE = "volume"
FEWEST = 3
_START = datetime(2020, 1, 1)  # noqa: DTZ001 - AFAS's local time, which has no zone
_VARIANTS = 500
_HEAD = '{"Id":%d,"Code":"R%09d","Modified":"%sZ"'
_KINDS = (("Tekst", "s", 40), ("Bedrag", "n", 26), ("Aantal", "i", 10), ("Vlag", "b", 0), ("Datum", "d", 0))


def put(tables: Tables, name: str, rows: int, columns: int) -> None:
    """Define one, or define it anew.

    Raises:
        ValueError: fewer than three columns, or rows below 0.
    """
    if columns < FEWEST or rows < 0:
        raise ValueError(f"at least {FEWEST} columns and 0 rows")
    fields: list[list[Any]] = [
        ["Id", "i", ["Id", "Id"], "", 10, 0],
        ["Code", "s", ["Code", "Code"], "", 10, 0],
        ["Modified", "d", ["Gewijzigd op", "Changed on"], "", 0, 0],
    ]
    for at in range(columns - FEWEST):
        title, kind, length = _KINDS[at % len(_KINDS)]
        field = f"{title}_{at + 1}"
        fields.append([field, kind, [field, field], "", length, 10 if kind == "n" else 0])
    row = {"name": name, "nl": name, "en": name, "blocked": False, "source": SOURCE, "fields": fields, "rows": rows}
    tables.put("connectors", name, row)


def page(row: Mapping[str, Any], question: Question) -> bytes:
    """The answer to a question.

    Raises:
        Problem: it asks for what only stored rows can answer.
    """
    numbers = _numbers(int(row["rows"]), question)
    if question.skip >= 0:
        numbers = numbers[question.skip : question.skip + question.rows]
    rests = _rests(tuple((field[0], field[1]) for field in row["fields"][FEWEST:]))
    text = ",".join([_HEAD % (number, number, _at(number)) + rests[number % _VARIANTS] for number in numbers])
    return f'{{"skip":{question.skip},"take":{question.take},"rows":[{text}]}}'.encode()


@cache
def _rests(fields: tuple[tuple[str, str], ...]) -> list[str]:
    """What stands behind the first three columns; a row has one of a few hundred variants of it."""
    shapes: dict[str, Callable[[int], str]] = {
        "s": lambda one: f'"Regel {one}"',
        "n": lambda one: f"{one * 7}.{one % 100:02}",
        "i": lambda one: str(one - 9),
        "b": lambda one: "true" if one % 3 else "false",
        "d": lambda one: f'"{(_START + timedelta(days=one)).isoformat()}Z"',
    }
    return ["".join([f',"{name}":{shapes[kind](one)}' for name, kind in fields]) + "}" for one in range(_VARIANTS)]


def _at(number: int) -> str:
    return (_START + timedelta(seconds=number)).isoformat()


def _numbers(rows: int, question: Question) -> range | list[int]:
    """The numbers of the rows that a question meets, in its order."""
    names = [name for name, _ in question.order]
    if set(names[:1]) - {"Id", "Code", "Modified"}:
        raise Problem("unexpected")
    down = bool(question.order) and question.order[0][1]
    spans = [(1, rows)]
    for groups in (question.groups, *question.limits):
        if groups:
            spans = _both(spans, [_span(group, rows) for group in groups])
    spans = _merged(spans)
    if len(spans) == 1:
        low, high = spans[0]
        return range(high, low - 1, -1) if down else range(low, high + 1)
    numbers = [number for low, high in spans for number in range(low, high + 1)]
    return numbers[::-1] if down else numbers


def _both(left: list[tuple[int, int]], right: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [(max(a, c), min(b, d)) for a, b in left for c, d in right]


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(span for span in spans if span[0] <= span[1]):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged or [(1, 0)]


def _span(group: list[Any], rows: int) -> tuple[int, int]:
    low, high = 1, rows
    for term in group:
        if term.operator == FILLED:
            continue
        if term.operator == EMPTY:
            return 1, 0
        number = _number(term.field, term.value)
        if term.operator in (EQUAL, AT_LEAST):
            low = max(low, number)
        if term.operator in (EQUAL, AT_MOST):
            high = min(high, number)
        if term.operator == MORE:
            low = max(low, number + 1)
        if term.operator == LESS:
            high = min(high, number - 1)
        if term.operator not in (EQUAL, AT_LEAST, AT_MOST, MORE, LESS):
            raise Problem("unexpected")
    return low, high


def _number(field: str, value: str) -> int:
    try:
        match field:
            case "Id":
                return int(value)
            case "Code":
                return int(value.upper().removeprefix("R"))
            case "Modified":
                return int((datetime.fromisoformat(value) - _START).total_seconds())
    except (ValueError, TypeError) as error:
        raise Problem("unexpected") from error
    raise Problem("unexpected")
