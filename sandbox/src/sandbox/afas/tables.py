"""The tables behind AFAS: rows, transactions, and the history of every row.

A row is a dict that is never changed in place: a change puts a new one. All that ever happened stands in `log`: that is
what is saved, and everything can be made again from it.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from sandbox.afas.indexes import values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sandbox.store import Change

SEED = "seed"
"""What the history says of the rows of a seed."""
Key = int | str
Row = dict[str, Any]

NAMES = (
    "accounts",
    "addresses",
    "administrations",
    "apps",
    "bank_accounts",
    "bearers",
    "categories",
    "clients",
    "codes",
    "connectors",
    "contacts",
    "counters",
    "customer_groups",
    "debtors",
    "delivery_notes",
    "direct_invoices",
    "files",
    "free_fields",
    "items",
    "journals",
    "orders",
    "parties",
    "price_lists",
    "product_relations",
    "projects",
    "quotations",
    "records",
    "shelves",
    "tokens",
    "variants",
    "vat",
    "warehouses",
)
"""`parties` are organisations and persons, `debtors` sales relations, `codes` all lists of codes, `vat` percentages,
`records` what UpdateConnectors without logic of their own keep, `variants` items with dimension codes, `shelves` their
stock per warehouse where it is more than the item's own figure in the default one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of one row: None before it was made, None after it was deleted."""

    at: datetime
    table: str
    key: Key
    old: Row | None
    new: Row | None
    call: str


class Reader(Protocol):
    """The tables as they are, or as they were."""

    def all(self, table: str) -> Iterable[Row]:
        """Every row, in the order of adding."""
        ...

    def get(self, table: str, key: Key | None) -> Row | None:
        """One row, or None."""
        ...

    def find(self, table: str, field: str, value: Any) -> list[Row]:
        """The rows whose `field` equals `value`."""
        ...


class Tables:
    """All tables, at the present."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """Empty tables; `now` stamps each change."""
        self._now = now
        self._rows: dict[str, dict[Key, Row]] = {name: {} for name in NAMES}
        self._indexes: dict[str, dict[str, dict[Any, dict[Key, None]]]] = {name: {} for name in NAMES}
        self.log: list[Entry] = []
        self._saved = 0
        self._call = "sandbox"

    # -- reading ----------------------------------------------------------------------------------------------------

    def all(self, table: str) -> Iterable[Row]:
        """Every row, in the order of adding."""
        return self._rows[table].values()

    def items(self, table: str) -> Iterable[tuple[Key, Row]]:
        """Every key with its row."""
        return self._rows[table].items()

    def count(self, table: str) -> int:
        """Number of rows."""
        return len(self._rows[table])

    def get(self, table: str, key: Key | None) -> Row | None:
        """One row, or None."""
        return None if key is None else self._rows[table].get(key)

    def find(self, table: str, field: str, value: Any) -> list[Row]:
        """The rows whose `field` equals `value`; by an index that is made at the first question.

        `field` may also name an index of `indexes.MANY`: then the rows that have `value` among theirs.
        """
        index = self._indexes[table].get(field)
        rows = self._rows[table]
        if index is None:
            index = self._indexes[table][field] = {}
            for key, row in rows.items():
                for one in values_of(table, field, row):
                    index.setdefault(one, {})[key] = None
        return [rows[key] for key in index.get(value, ())]

    def before(self, instant: datetime) -> Past:
        """The tables as they were at an earlier instant."""
        overlay: dict[tuple[str, Key], Row | None] = {}
        for entry in reversed(self.log):
            if entry.at <= instant:
                break
            overlay[entry.table, entry.key] = entry.old
        return Past(self, overlay)

    # -- writing ----------------------------------------------------------------------------------------------------

    @contextmanager
    def change(self, call: str) -> Iterator[None]:
        """All changes within the block, or none when it raises; `call` says in the history who made them."""
        start, before, self._call = len(self.log), self._call, call
        try:
            yield
        except BaseException:
            for entry in reversed(self.log[start:]):
                self._place(entry.table, entry.key, entry.old)
            del self.log[start:]
            raise
        finally:
            self._call = before

    def put(self, table: str, key: Key, row: Row) -> Row:
        """Add or replace a row."""
        self._record(table, key, row)
        return row

    def delete(self, table: str, key: Key) -> None:
        """Delete a row that is there."""
        self._record(table, key, None)

    def next_number(self, series: str, start: int) -> int:
        """The next number of a series."""
        row = self.get("counters", series)
        number = row["last"] + 1 if row else start
        self.put("counters", series, {"series": series, "last": number})
        return int(number)

    def _record(self, table: str, key: Key, new: Row | None) -> None:
        old = self._rows[table].get(key)
        if old is None and new is None:
            return
        self.log.append(Entry(self._now(), table, key, old, new, self._call))
        self._place(table, key, new)

    def _place(self, table: str, key: Key, new: Row | None) -> None:
        rows = self._rows[table]
        old = rows.get(key)
        for field, index in self._indexes[table].items():
            for one in () if old is None else values_of(table, field, old):
                was = index.get(one)
                if was is not None:
                    was.pop(key, None)
            for one in () if new is None else values_of(table, field, new):
                index.setdefault(one, {})[key] = None
        if new is None:
            rows.pop(key, None)
        else:
            rows[key] = new

    # -- saving -----------------------------------------------------------------------------------------------------

    def changes(self) -> list[Change]:
        """What was logged since the last call."""
        start, self._saved = self._saved, len(self.log)
        return [
            ("log", str(start + at), [entry.at, entry.table, entry.key, entry.new, entry.call])
            for at, entry in enumerate(self.log[start:])
        ]

    def restore(self, changes: Sequence[Change]) -> None:
        """Play saved changes again, in place of all data."""
        self.clear()
        for _, _, (at, table, key, new, call) in sorted(changes, key=lambda change: int(change[1])):
            self.log.append(Entry(at, table, key, self._rows[table].get(key), new, call))
            self._place(table, key, new)
        self._saved = len(self.log)

    def clear(self) -> None:
        """No rows, no history."""
        for rows in self._rows.values():
            rows.clear()
        for indexes in self._indexes.values():
            indexes.clear()
        self.log.clear()
        self._saved = 0


class Past:
    """The tables as they were."""

    def __init__(self, present: Tables, overlay: Mapping[tuple[str, Key], Row | None]) -> None:
        self._present = present
        self.overlay = overlay

    def all(self, table: str) -> Iterable[Row]:
        """Every row of then."""
        for key, row in self._present.items(table):
            if (table, key) not in self.overlay:
                yield row
        for (name, _), old in self.overlay.items():
            if name == table and old is not None:
                yield old

    def get(self, table: str, key: Key | None) -> Row | None:
        """One row of then, or None."""
        if key is None:
            return None
        return self.overlay[table, key] if (table, key) in self.overlay else self._present.get(table, key)

    def find(self, table: str, field: str, value: Any) -> list[Row]:
        """The rows of then whose `field` equals `value`."""
        changed = {key for name, key in self.overlay if name == table}
        rows = self._present.find(table, field, value)
        if not changed:
            return rows
        now_changed = {id(self._present.get(table, key)) for key in changed}
        kept = [row for row in rows if id(row) not in now_changed]
        old = [row for (name, _), row in self.overlay.items() if name == table and row is not None]
        return kept + [row for row in old if value in values_of(table, field, row)]
