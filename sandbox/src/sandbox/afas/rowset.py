"""The rows of one connector, kept ready: made anew only where a table changed, with indexes that follow."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import TYPE_CHECKING, Any

from sandbox.afas.tables import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sandbox.afas.definitions import Connector, Source
    from sandbox.afas.tables import Key, Past, Reader, Tables

KEPT = 16
"""Answers of filters that are kept until something changes, so that the pages of one question are cheap."""


class Line:
    """One row of a connector, with its JSON once it was written."""

    __slots__ = ("base", "json", "values")

    def __init__(self, base: Key, values: tuple[Any, ...]) -> None:
        self.base = base
        self.values = values
        self.json: str | None = None


def nullable(value: Any) -> tuple[bool, Any]:
    """A sort key: empty values first, text without case."""
    return (False, 0) if value is None else (True, folded(value))


def _key(field: int) -> Callable[[Line], tuple[bool, Any]]:
    return lambda line: nullable(line.values[field])


def folded(value: Any) -> Any:
    """A value as it is compared: text without case."""
    return value.casefold() if isinstance(value, str) else value


def in_order(lines: Iterable[Line], order: Sequence[tuple[int, bool]]) -> list[Line]:
    """Lines sorted by (field, descending)."""
    rows = list(lines)
    for field, descending in reversed(order):
        rows.sort(key=_key(field), reverse=descending)
    return rows


class RowSet:
    """All rows of one connector in one language."""

    def __init__(self, tables: Tables, connector: Connector, source: Source, language: str) -> None:
        self._tables = tables
        self._values = connector.reader()
        self._source = source
        self._language = language
        self.lines: dict[Key, tuple[Line, ...]] = {}
        self._equal: dict[int, dict[Any, dict[Key, None]]] = {}
        self._sorted: dict[int, list[Line]] = {}
        self.answers: dict[Any, list[Line]] = {}
        for key, row in tables.items(source.base):
            self.lines[key] = self._expanded(tables, key, row)
        self._at = len(tables.log)

    def sync(self) -> None:
        """Make the rows anew that changes since the last call touch."""
        entries = self._tables.log[self._at :]
        self._at += len(entries)
        touched = self._touched(self._tables, entries)
        if touched:
            self.answers.clear()
        for key in touched:
            self._drop(key)
            row = self._tables.get(self._source.base, key)
            if row is not None:
                self._add(key, self._expanded(self._tables, key, row))

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
        index = self._equal.get(field)
        if index is None:
            index = self._equal[field] = {}
            for key, lines in self.lines.items():
                for line in lines:
                    index.setdefault(folded(line.values[field]), {})[key] = None
        return (line for key in index.get(value, ()) for line in self.lines[key])

    def between(self, field: int, low: Any, high: Any) -> list[Line]:
        """The rows whose value is from `low` to `high`, both included (None: no bound); empty values never."""
        index = self._sorted.get(field)
        if index is None:
            index = self._sorted[field] = in_order(self.everything(), [(field, False)])
        start = bisect_right(index, (False, 0), key=_key(field))
        if low is not None:
            start = bisect_left(index, (True, low), key=_key(field))
        end = len(index)
        if high is not None:
            end = bisect_right(index, (True, high), key=_key(field))
        return index[start:end]

    def keep(self, question: Any, lines: list[Line]) -> list[Line]:
        """Remember the answer to a question until something changes."""
        if len(self.answers) >= KEPT:
            del self.answers[next(iter(self.answers))]
        self.answers[question] = lines
        return lines

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
        return tuple(Line(key, self._values(columns)) for columns in self._source.expand(reader, row, self._language))

    def _drop(self, key: Key) -> None:
        for line in self.lines.pop(key, ()):
            for field, index in self._equal.items():
                keys = index.get(folded(line.values[field]))
                if keys is not None:
                    keys.pop(key, None)
            for field, ordered in self._sorted.items():
                at = bisect_left(ordered, nullable(line.values[field]), key=_key(field))
                while ordered[at] is not line:
                    at += 1
                del ordered[at]

    def _add(self, key: Key, lines: tuple[Line, ...]) -> None:
        self.lines[key] = lines
        for line in lines:
            for field, index in self._equal.items():
                index.setdefault(folded(line.values[field]), {})[key] = None
            for field, ordered in self._sorted.items():
                insort(ordered, line, key=_key(field))
