"""Records in memory that know what changed, and the one SQLite file in which a sandbox may keep them."""

from __future__ import annotations

import json
import sqlite3
import threading
import weakref
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

K = TypeVar("K", int, str)
V = TypeVar("V")

Change = tuple[str, str, Any]
"""Table, key as text, new value (None: deleted). Values are made of dict, list, str, int, float, bool, None,
Decimal, date and datetime."""


class Table(Generic[K, V]):
    """A dict of records that remembers which keys were put or deleted since `changes` was last called.

    A record that is changed in place must be put again (or named to `touch`), or the change is not saved.
    """

    def __init__(self, name: str, key: type[K]) -> None:
        self.name = name
        self.key: type[K] = key
        self._rows: dict[K, V] = {}
        self._dirty: set[K] = set()

    def put(self, key: K, value: V) -> V:
        """Add or replace a record."""
        self._rows[key] = value
        self._dirty.add(key)
        return value

    def touch(self, key: K) -> None:
        """Mark a record that was changed in place."""
        self._dirty.add(key)

    def pop(self, key: K) -> V | None:
        """Delete a record; None when there was none."""
        self._dirty.add(key)
        return self._rows.pop(key, None)

    def clear(self) -> None:
        """Delete every record."""
        self._dirty.update(self._rows)
        self._rows.clear()

    def get(self, key: K) -> V | None:
        """The record of a key, or None."""
        return self._rows.get(key)

    def values(self) -> Iterable[V]:
        """All records, in the order of adding."""
        return self._rows.values()

    def items(self) -> Iterable[tuple[K, V]]:
        """All keys with their records, in the order of adding."""
        return self._rows.items()

    def changes(self) -> list[Change]:
        """What changed since the last call."""
        dirty, self._dirty = self._dirty, set()
        return [(self.name, str(key), self._rows.get(key)) for key in dirty]

    def restore(self, key: str, value: V) -> None:
        """Put a record that was read from the file (not a change)."""
        self._rows[self.key(key)] = value

    def __getitem__(self, key: K) -> V:
        return self._rows[key]

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def __iter__(self) -> Iterator[K]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class Database:
    """One SQLite file with the state of one or more services."""

    def __init__(self, path: str | Path) -> None:
        """Open or create the file.

        Raises:
            OSError: when the file can't be opened or is no SQLite file.
        """
        self._lock = threading.Lock()
        try:
            self._db = sqlite3.connect(path, check_same_thread=False)
            # Python 3.13 warns about a connection that nobody closed.
            weakref.finalize(self, self._db.close)
            self._db.execute("pragma journal_mode = wal")
            self._db.execute(
                "create table if not exists rows (service text, kind text, key text, value text,"
                " primary key (service, kind, key)) without rowid"
            )
            self._db.commit()
        except sqlite3.Error as error:
            raise OSError(f"{path}: {error}") from error

    def read(self, service: str) -> list[Change]:
        """Every saved row of a service, in the order of kind and then key (whole-number keys by value)."""
        query = "select kind, key, value from rows where service = ? order by kind, cast(key as integer), key"
        with self._lock:
            return [(kind, key, decode(value)) for kind, key, value in self._db.execute(query, (service,))]

    def write(self, service: str, changes: Iterable[Change]) -> None:
        """Save changes in one transaction."""
        gone = []
        kept = []
        for kind, key, value in changes:
            if value is None:
                gone.append((service, kind, key))
            else:
                kept.append((service, kind, key, encode(value)))
        if not gone and not kept:
            return
        with self._lock, self._db:
            self._db.executemany("delete from rows where service = ? and kind = ? and key = ?", gone)
            self._db.executemany("insert or replace into rows values (?, ?, ?, ?)", kept)

    def clear(self, service: str) -> None:
        """Forget a service."""
        with self._lock, self._db:
            self._db.execute("delete from rows where service = ?", (service,))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()


def encode(value: Any) -> str:
    """JSON text that keeps Decimal, date and datetime apart from text."""
    return json.dumps(value, default=_tag, separators=(",", ":"))


def decode(text: str) -> Any:
    """The value that `encode` wrote."""
    return json.loads(text, object_hook=_untag)


def _tag(value: Any) -> dict[str, str]:
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$instant": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    msg = f"{type(value).__name__} can't be saved"
    raise TypeError(msg)


def _untag(value: Mapping[str, Any]) -> Any:
    if len(value) == 1:
        (name, text), *_ = value.items()
        if name == "$decimal":
            return Decimal(text)
        if name == "$instant":
            return datetime.fromisoformat(text)
        if name == "$date":
            return date.fromisoformat(text)
    return value
