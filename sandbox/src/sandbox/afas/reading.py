"""The GetConnector engine: filter, sort and page the rows of a connector."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.afas.filters import AT_LEAST, AT_MOST, EQUAL, LESS, MORE, Groups, Style, Test, test
from sandbox.afas.messages import Problem
from sandbox.afas.rowset import Line, RowSet, in_order
from sandbox.afas.values import WRITERS, filter_value, rendered, rendered_before_profit_7

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from sandbox.afas.definitions import Connector, Source
    from sandbox.afas.tables import Past, Tables

log = logging.getLogger(__name__)
GUIDELINE = 150_000


@dataclass(frozen=True, slots=True)
class Question:
    """One call of a GetConnector, parsed.

    Attributes:
        groups: Filter of the caller; empty: none.
        limits: Data filters of the caller's rights, each to be met.
        order: (field id, descending).
        skip: Rows to skip; -1: all rows.
        take: As it is echoed.
        rows: Rows to give.
    """

    groups: Groups
    limits: Sequence[Groups]
    order: Sequence[tuple[str, bool]]
    skip: int
    take: int
    rows: int


class Engine:
    """Answers questions about any connector."""

    def __init__(self, tables: Tables, sources: dict[str, Source], chance: random.Random) -> None:
        self._tables = tables
        self._sources = sources
        self._chance = chance
        self._sets: dict[tuple[str, str], tuple[Connector, RowSet]] = {}

    def forget(self) -> None:
        """Drop everything kept ready (the tables were replaced)."""
        self._sets.clear()

    def rows(self, connector: Connector, language: str) -> RowSet:
        """The up-to-date rows of a connector."""
        source = self._sources[connector.source]
        key = connector.name, language if source.by_language else ""
        known = self._sets.get(key)
        if known is None or known[0] != connector:
            known = self._sets[key] = connector, RowSet(self._tables, connector, source, language)
        known[1].sync()
        return known[1]

    def found(
        self,
        connector: Connector,
        question: Question,
        language: str,
        style: Style,
        *,
        exact_case: bool = False,
        sort_error: str = "field_not_found",
        past: Past | None = None,
        given: list[Line] | None = None,
    ) -> list[Line]:
        """Every row that a question meets, in its order; paging is left to `page`. `given`: of these rows only.

        Raises:
            Problem: unknown field, or a value that does not fit.
        """
        rows = self.rows(connector, language)
        at = _positions(connector, exact_case)
        order = tuple((_position(at, name, exact_case, sort_error), down) for name, down in question.order)
        asked = self._compiled(connector, at, question.groups, style, exact_case)
        limits = [self._compiled(connector, at, groups, style, exact_case) for groups in question.limits]
        if given is not None:
            return in_order(_filtered(given, [asked, *limits]), order)
        if past is not None:
            return in_order(_filtered(rows.then(past), [asked, *limits]), order)
        name = repr((question.groups, question.limits, order, style))
        known = rows.answers.get(name)
        if known is None:
            lines = _indexed(rows, asked)
            lines = _filtered(rows.everything(), [asked, *limits]) if lines is None else _filtered(lines, limits)
            known = rows.keep(name, in_order(lines, order))
        return known

    def shuffled(self, lines: list[Line]) -> list[Line]:
        """The lines in an order by chance."""
        lines = list(lines)
        self._chance.shuffle(lines)
        return lines

    def _compiled(
        self, connector: Connector, at: dict[str, int], groups: Groups, style: Style, exact_case: bool
    ) -> list[_Group]:
        compiled = []
        for group in groups:
            tests: list[tuple[int, Test]] = []
            bounds: list[_Bound] = []
            for term in group:
                field = _position(at, term.field, exact_case, "field_not_found")
                kind = connector.fields[field].kind
                tests.append((field, test(kind, term.operator, term.value, style)))
                if term.operator in {EQUAL, AT_LEAST, AT_MOST, MORE, LESS}:
                    bounds.append(_Bound(field, term.operator, filter_value(kind, term.value, zulu=style.zulu)))
            bounds.sort(key=lambda bound: bound.operator != EQUAL)
            compiled.append(_Group(tests, bounds[0] if bounds else None))
        return compiled


@dataclass(frozen=True, slots=True)
class _Bound:
    field: int
    operator: int
    value: Any


@dataclass(frozen=True, slots=True)
class _Group:
    """Terms that hold together, and the one of them by which an index finds few rows."""

    tests: list[tuple[int, Test]]
    bound: _Bound | None

    def meets(self, line: Line) -> bool:
        return all(check(line.values[field]) for field, check in self.tests)


def _indexed(rows: RowSet, groups: list[_Group]) -> list[Line] | None:
    """The rows that a filter keeps, found through indexes; None when they can't help."""
    if not groups or any(group.bound is None for group in groups):
        return None
    found: dict[int, Line] = {}
    for group in groups:
        bound = group.bound
        if bound is None:
            continue
        if bound.operator == EQUAL:
            lines = rows.equal(bound.field, bound.value)
        elif bound.operator in {AT_LEAST, MORE}:
            lines = rows.between(bound.field, bound.value, None)
        else:
            lines = rows.between(bound.field, None, bound.value)
        for line in lines:
            if id(line) not in found and group.meets(line):
                found[id(line)] = line
    return list(found.values())


def _filtered(lines: list[Line], filters: list[list[_Group]]) -> list[Line]:
    for groups in filters:
        if groups:
            lines = [line for line in lines if any(group.meets(line) for group in groups)]
    return lines


def _positions(connector: Connector, exact_case: bool) -> dict[str, int]:
    return {field.id if exact_case else field.id.casefold(): at for at, field in enumerate(connector.fields)}


def _position(at: dict[str, int], name: str, exact_case: bool, problem: str) -> int:
    position = at.get(name if exact_case else name.casefold())
    if position is None:
        raise Problem(problem, value=name)
    return position


def page(lines: list[Line], question: Question) -> list[Line]:
    """The page that a question asks for."""
    if question.skip == -1:
        return lines
    return lines[question.skip : question.skip + question.rows]


def body(connector: Connector, lines: list[Line], skip: int, take: int, *, old: bool) -> bytes:
    """The answer's JSON: one line; `old` is the style before Profit 7, with line breaks and decimals like `.5`."""
    cells = len(connector.fields) * len(lines)
    if cells >= GUIDELINE:
        log.warning("%s: %d columns x %d rows is over the guideline", connector.name, len(connector.fields), len(lines))
    keys = [f"{rendered(field.id)}:" for field in connector.fields]
    if old:
        rows = ",\n".join(_old_row(keys, line.values) for line in lines)
        return f'{{\n"skip":{skip},\n"take":{take},\n"rows":[\n{rows}\n]}}'.encode("utf-8", "surrogatepass")
    for line in lines:
        if line.json is None:
            line.json = _row(keys, line.values)
    text = f'{{"skip":{skip},"take":{take},"rows":[' + ",".join([line.json or "" for line in lines]) + "]}"
    return text.encode("utf-8", "surrogatepass")


def _row(keys: list[str], values: tuple[Any, ...]) -> str:
    return "{" + ",".join([key + WRITERS[type(value)](value) for key, value in zip(keys, values, strict=True)]) + "}"


def _old_row(keys: list[str], values: tuple[Any, ...]) -> str:
    pairs = (key + rendered_before_profit_7(value) for key, value in zip(keys, values, strict=True))
    return "{" + ",".join(pairs) + "}"
