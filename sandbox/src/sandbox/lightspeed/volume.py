"""Any number of records of a resource that are computed, not stored: for load, memory and paging at full size.

Each is like the newest stored record, with an id of its own, its own article code, SKU and e-mail address where the
resource has them, and its own two instants: made a minute apart, changed within a day after that, all before now. They
can be listed, counted, read, changed and deleted; what is filtered by an indexed field (`?product=`) is not found, and
a file of the sandbox doesn't keep them.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING

from sandbox.lightspeed.fields import Record
from sandbox.store import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sandbox.lightspeed.shop import Shop

_OWN = {"sku": "SKU-V%07d", "articleCode": "ART-V%07d", "email": "v%07d@example.com"}
_QUIET = timedelta(days=2)
"""Nothing was made since."""
_MINUTES = 1_440


class Volume(Table[int, Record]):
    """A table with a run of computed records after the stored ones.

    Args:
        stored: The table as it was; its records are taken over.
        pattern: What the computed ones are like.
        first: Their lowest id.
        rows: How many there are.
        last: When the last of them was made.
    """

    def __init__(self, stored: Table[int, Record], pattern: Record, first: int, rows: int, last: datetime) -> None:
        super().__init__(stored.name, stored.key)
        for key, record in stored.items():
            self.put(key, record)
        self._pattern, self._run, self._last = pattern, range(first, first + rows), last
        self._own = {name: form for name, form in _OWN.items() if name in pattern}
        self._stamps = [name for name in ("createdAt", "updatedAt") if name in pattern]
        self._gone: set[int] = set()

    def computed(self) -> Iterator[int]:
        """The ids of the records that are computed."""
        return (one for one in self._run if one not in self._gone and one not in self._rows)

    def stored(self) -> Table[int, Record]:
        """A table of the stored records alone."""
        table: Table[int, Record] = Table(self.name, self.key)
        for key, record in self._rows.items():
            table.put(key, record)
        return table

    def _made(self, key: int) -> Record:
        number = key - self._run.start + 1
        record = dict(self._pattern)
        record["id"] = key
        for name, form in self._own.items():
            record[name] = form % number
        made = self._last - timedelta(minutes=self._run.stop - key)
        for name in self._stamps:
            record[name] = made
            made += timedelta(minutes=number * 7_919 % _MINUTES)
        return record

    def __contains__(self, key: object) -> bool:
        return key in self._rows or (key in self._run and key not in self._gone)

    def __getitem__(self, key: int) -> Record:
        record = self.get(key)
        if record is None:
            raise KeyError(key)
        return record

    def get(self, key: int) -> Record | None:
        """The record of a key, or None."""
        if key in self._rows or key not in self:
            return self._rows.get(key)
        return self._made(key)

    def pop(self, key: int) -> Record | None:
        """Delete a record; None when there was none."""
        record = self.get(key)
        self._gone.add(key)
        super().pop(key)
        return record

    def __iter__(self) -> Iterator[int]:
        return chain(self._rows, self.computed())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def values(self) -> Iterable[Record]:
        """All records, the stored ones first."""
        return (self[key] for key in self)

    def items(self) -> Iterable[tuple[int, Record]]:
        """All keys with their records, the stored ones first."""
        return ((key, self[key]) for key in self)


def put(shop: Shop, path: str, rows: int) -> int:
    """Let a resource have so many computed records, instead of those it had; returns the lowest of their ids.

    Raises:
        ValueError: fewer than none, or the resource has no stored record to be like.
        KeyError: the shop has no such resource.
    """
    table = shop.tables[path]
    if isinstance(table, Volume):
        table = table.stored()
    ids = sorted(table)
    if rows < 0 or not ids:
        raise ValueError(f"0 rows or more, and at least one stored record of {path}")
    first = ids[-1] + 1
    shop.tables[path] = Volume(table, table[ids[-1]], first, rows, shop.now() - _QUIET)
    shop.ids[path] = [*ids, *range(first, first + rows)]
    shop.versions[path] += 1
    return first
