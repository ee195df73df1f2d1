"""The records of a run in a temporary file: all of them can be looked at before the first is loaded."""

from __future__ import annotations

import os
import pickle
import tempfile
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 512_000_000
"""Beyond this, what has come so far is looked at and loaded."""


class Spool:
    """As long as a list, as small as a file handle. The file has no name and is gone with the process."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="upsert-")  # noqa: SIM115 - closed by its owner
        # A run that ends between two records has nobody who closes it.
        weakref.finalize(self, self._file.close)
        self._count = 0
        self.size = 0

    def append(self, item: Any) -> None:
        """Add one."""
        self._file.seek(0, os.SEEK_END)
        pickle.dump(item, self._file, pickle.HIGHEST_PROTOCOL)
        self._count += 1
        self.size = self._file.tell()

    def __iter__(self) -> Iterator[Any]:
        return (item for item, _ in self._items())

    def _items(self) -> Iterator[tuple[Any, int]]:
        """Each with its size in the file."""
        place = 0
        for _ in range(self._count):
            self._file.seek(place)
            item = pickle.load(self._file)  # noqa: S301 - our own, written by this process
            before, place = place, self._file.tell()
            yield item, place - before

    def parts(self, most: int, most_bytes: int) -> Iterator[list[Any]]:
        """All of them in order, in lists.

        Args:
            most: Items in a list.
            most_bytes: Of a list, as they stand in the file; a single larger item is a list by itself.
        """
        part: list[Any] = []
        size = 0
        for item, own in self._items():
            if part and (len(part) >= most or size + own > most_bytes):
                yield part
                part, size = [], 0
            part.append(item)
            size += own
        if part:
            yield part

    def __len__(self) -> int:
        return self._count

    def close(self) -> None:
        """Give the room back."""
        self._file.close()
