"""The GetConnector engine: rows of a connector kept ready with equality indexes, then filter, sort and page."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.afas.definitions import Connector, Source
from sandbox.afas.filters import EQUAL, Groups, Style, Test, test
from sandbox.afas.messages import Problem
from sandbox.afas.tables import Entry, Key, Past, Reader, Tables
from sandbox.afas.values import NotThatType, filter_value, rendered

log = logging.getLogger(__name__)
GUIDELINE = 150_000


class Line:
    """One row of a connector, with its JSON once it was written."""

    __slots__ = ("base", "json", "values")

    def __init__(self, base: Key, values: tuple[Any, ...]) -> None:
        self.base = base
        self.values = values
        self.json: str | None = None


class RowSet:
    """All rows of one connector in one language, kept up to date from the tables' log."""

    def __init__(self, tables: Tables, connector: Connector, source: Source, language: str) -> None:
        self._tables = tables
        self._connector = connector
        self._source = source
        self._language = language
        self._at = 0
        self.lines: dict[Key, tuple[Line, ...]] = {}
        self._indexes: dict[int, dict[Any, dict[Key, None]]] = {}
        self._sorted: dict[tuple[tuple[int, bool], ...], list[Line]] = {}
        for key, row in tables.items(source.base):
            self.lines[key] = self._expanded(tables, key, row)
        self._at = len(tables.log)

    def sync(self) -> None:
        """Make the rows anew that changes since the last call touch."""
        entries = self._tables.log[self._at :]
        self._at += len(entries)
        for key in self._touched(self._tables, entries):
            self._drop(key)
            row = self._tables.get(self._source.base, key)
            if row is not None:
                self._add(key, self._expanded(self._tables, key, row))
            self._sorted.clear()

    def everything(self) -> list[Line]:
        """Every row."""
        return [line for lines in self.lines.values() for line in lines]

    def then(self, past: Past) -> list[Line]:
        """Every row as it was."""
        entries = [
            Entry(self._tables.log[-1].at, table, key, self._tables.get(table, key), old, "")
            for (table, key), old in past.overlay.items()
        ]
        touched = dict.fromkeys([*self._touched(self._tables, entries), *self._touched(past, entries)])
        rows = [line for key, lines in self.lines.items() if key not in touched for line in lines]
        for key in touched:
            row = past.get(self._source.base, key)
            if row is not None:
                rows.extend(self._expanded(past, key, row))
        return rows

    def equal(self, field: int, value: Any) -> Iterable[Line]:
        """The rows that may have a value (without case); callers test them again."""
        index = self._indexes.get(field)
        if index is None:
            index = self._indexes[field] = {}
            for key, lines in self.lines.items():
                for line in lines:
                    index.setdefault(_folded(line.values[field]), {})[key] = None
        return (line for key in index.get(value, ()) for line in self.lines[key])

    def ordered(self, order: tuple[tuple[int, bool], ...]) -> list[Line]:
        """Every row in an order of (field, descending); kept until something changes."""
        known = self._sorted.get(order)
        if known is None:
            if len(self._sorted) > 8:
                self._sorted.clear()
            known = self._sorted[order] = in_order(self.everything(), order)
        return known

    def _touched(self, reader: Reader, entries: Iterable[Entry]) -> dict[Key, None]:
        touched: dict[Key, None] = {}
        for entry in entries:
            if entry.table == self._source.base:
                touched[entry.key] = None
            affected = self._source.depends.get(entry.table)
            if affected is None:
                continue
            for row in (entry.old, entry.new):
                if row is not None:
                    touched.update(dict.fromkeys(affected(reader, row)))
        return touched

    def _expanded(self, reader: Reader, key: Key, row: dict[str, Any]) -> tuple[Line, ...]:
        return tuple(
            Line(key, self._connector.values(columns)) for columns in self._source.expand(reader, row, self._language)
        )

    def _drop(self, key: Key) -> None:
        for line in self.lines.pop(key, ()):
            for field, index in self._indexes.items():
                keys = index.get(_folded(line.values[field]))
                if keys is not None:
                    keys.pop(key, None)

    def _add(self, key: Key, lines: tuple[Line, ...]) -> None:
        self.lines[key] = lines
        for line in lines:
            for field, index in self._indexes.items():
                index.setdefault(_folded(line.values[field]), {})[key] = None


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def in_order(lines: Iterable[Line], order: Sequence[tuple[int, bool]]) -> list[Line]:
    """Lines sorted by (field, descending), empty values first, text without case."""
    rows = list(lines)
    for field, descending in reversed(order):
        rows.sort(key=lambda line, at=field: _nullable(line.values[at]), reverse=descending)  # type: ignore[misc]
    return rows


def _nullable(value: Any) -> tuple[bool, Any]:
    return (False, 0) if value is None else (True, _folded(value))


@dataclass(frozen=True, slots=True)
class Question:
    """One call of a GetConnector, parsed.

    Attributes:
        groups: Filter of the caller; empty: none.
        limits: Data filters of the caller's rights, each to be met.
        order: (field id, descending).
        skip: Rows to skip; -1: all rows.
        take: Rows to give.
    """

    groups: Groups
    limits: Sequence[Groups]
    order: Sequence[tuple[str, bool]]
    skip: int
    take: int


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
    ) -> list[Line]:
        """Every row that a question meets, in its order; paging is left to `page`.

        Raises:
            Problem: unknown field, or a value that does not fit.
        """
        rows = self.rows(connector, language)
        at = _positions(connector, exact_case)
        order = tuple((_position(at, name, exact_case, sort_error), down) for name, down in question.order)
        tests = [self._compiled(connector, at, groups, style, exact_case) for groups in question.limits]
        asked = self._compiled(connector, at, question.groups, style, exact_case) if question.groups else None
        if past is not None:
            lines = rows.then(past)
        elif asked is not None and all(group.index is not None for group in asked):
            lines = _by_index(rows, asked)
            asked = None
        elif order and asked is None and not tests:
            return rows.ordered(order)
        else:
            lines = rows.everything()
        if asked is not None:
            lines = [line for line in lines if _meets(asked, line)]
        for limit in tests:
            lines = [line for line in lines if _meets(limit, line)]
        if order:
            return in_order(lines, order)
        return lines

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
            index: tuple[int, Any] | None = None
            for term in group:
                field = _position(at, term.field, exact_case, "field_not_found")
                kind = connector.fields[field].kind
                tests.append((field, test(kind, term.operator, term.value, style)))
                if term.operator == EQUAL:
                    index = field, _wanted(kind, term.value, style)
            compiled.append(_Group(tests, index))
        return compiled


@dataclass(frozen=True, slots=True)
class _Group:
    tests: list[tuple[int, Test]]
    index: tuple[int, Any] | None


def _wanted(kind: str, text: str, style: Style) -> Any:
    try:
        return filter_value(kind, text, zulu=style.zulu)
    except NotThatType as error:
        raise Problem("unexpected") from error


def _by_index(rows: RowSet, groups: list[_Group]) -> list[Line]:
    found: dict[int, Line] = {}
    for group in groups:
        if group.index is None:
            continue
        for line in rows.equal(*group.index):
            if id(line) not in found and all(check(line.values[field]) for field, check in group.tests):
                found[id(line)] = line
    return list(found.values())


def _meets(groups: list[_Group], line: Line) -> bool:
    values = line.values
    return any(all(check(values[field]) for field, check in group.tests) for group in groups)


def _positions(connector: Connector, exact_case: bool) -> dict[str, int]:
    return {field.id if exact_case else field.id.casefold(): at for at, field in enumerate(connector.fields)}


def _position(at: dict[str, int], name: str, exact_case: bool, problem: str) -> int:
    position = at.get(name if exact_case else name.casefold())
    if position is None:
        raise Problem(problem, value=name)
    return position


def window(question: Question) -> Callable[[list[Line]], list[Line]]:
    """The page that a question asks for."""
    if question.skip == -1:
        return lambda lines: lines
    return lambda lines: lines[question.skip : question.skip + question.take]


def body(connector: Connector, lines: list[Line], skip: int, take: int, *, old: bool) -> bytes:
    """The answer's JSON: one line; `old` is the style before Profit 7, with line breaks and decimals like `.5`."""
    cells = len(connector.fields) * len(lines)
    if cells >= GUIDELINE:
        log.warning("%s: %d columns x %d rows is over the guideline", connector.name, len(connector.fields), len(lines))
    keys = [rendered(field.id) for field in connector.fields]
    parts = []
    for line in lines:
        if old:
            parts.append(_row(keys, line.values, old=True))
            continue
        if line.json is None:
            line.json = _row(keys, line.values, old=False)
        parts.append(line.json)
    if old:
        text = f'{{\n"skip":{skip},\n"take":{take},\n"rows":[\n' + ",\n".join(parts) + "\n]}"
    else:
        text = f'{{"skip":{skip},"take":{take},"rows":[' + ",".join(parts) + "]}"
    return text.encode("utf-8", "surrogatepass")


def _row(keys: list[str], values: tuple[Any, ...], *, old: bool) -> str:
    pairs = (f"{key}:{rendered(value, old_decimals=old)}" for key, value in zip(keys, values, strict=True))
    return "{" + ",".join(pairs) + "}"
