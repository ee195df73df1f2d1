"""Which of the listed records to read in this run, and how far the bookmark may go. Pure.

Moments are UTC text of one fixed form (``2026-11-01T10:00:00Z``), so that they compare as text.

The lower end of a window overlaps what was read before, because the zone in which the shop reads a date filter is
unknown and records may be committed late. The overlap costs nothing: everything handled in it is remembered as
``seen``, with the time of change it had. The upper end is the shop's own clock at the first answer less a moment,
because times of change have whole seconds: what changes later waits for the next run.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_FORM = "%Y-%m-%dT%H:%M:%SZ"


def text(moment: dt.datetime) -> str:
    """Write a moment; fractions of a second are cut off."""
    return moment.astimezone(dt.UTC).strftime(_FORM)


def moment(value: str) -> dt.datetime:
    """Read a moment.

    Raises:
        ValueError: It is none, or has no zone.
    """
    read = dt.datetime.fromisoformat(value)
    if read.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return read.astimezone(dt.UTC)


class Listed(NamedTuple):
    """A record as the list showed it. Sorts by time of change, then id."""

    updated: str
    id: int
    wanted: bool = True


@dataclass(slots=True)
class Bookmark:
    """How far a stream has come.

    Attributes:
        value: Everything that changed up to here was handled.
        overlap: How far below ``value`` each list reaches.
        seen: Key to time of change, of everything handled that changed at or after :attr:`lower`.
    """

    value: str
    overlap: dt.timedelta
    seen: dict[str, str] = field(default_factory=dict)

    @property
    def lower(self) -> str:
        """Records that changed before this are not looked at again."""
        return text(moment(self.value) - self.overlap)

    def is_news(self, row: Listed) -> bool:
        """Return whether a listed record was not handled in this state yet."""
        return self.seen.get(str(row.id)) != row.updated

    def handle(self, row: Listed, *, advance: bool) -> None:
        """Note that a record was handled.

        Args:
            row: The record as it was listed.
            advance: Move the bookmark to its time of change; it only ever rises.
        """
        self.seen[str(row.id)] = row.updated
        if advance and row.updated > self.value:
            self.value = row.updated

    def close(self, end: str) -> None:
        """Note that the window up to ``end`` was handled completely."""
        self.value = max(self.value, end)

    def as_state(self) -> dict[str, Any]:
        """Return what the STATE says of the bookmark; what lies below the overlap is forgotten."""
        lower = self.lower
        if any(updated < lower for updated in self.seen.values()):
            self.seen = {key: updated for key, updated in self.seen.items() if updated >= lower}
        return {"replication_key_value": self.value, "seen": [[key, updated] for key, updated in self.seen.items()]}


def due(rows: Iterable[Listed], bookmark: Bookmark, end: str) -> list[Listed]:
    """Return the listed records to handle in this run, oldest change first, each id once.

    Args:
        rows: The list, in any order, with duplicates.
        bookmark: Where the stream stands.
        end: Upper end of the window; later changes are left for the next run.
    """
    lower = bookmark.lower
    newest: dict[int, Listed] = {}
    for row in rows:
        known = newest.get(row.id)
        if known is None or row.updated > known.updated:
            newest[row.id] = row
    return sorted(row for row in newest.values() if lower <= row.updated <= end and bookmark.is_news(row))


def frozen_end(server_time: dt.datetime | None, settle: dt.timedelta, newest: str, value: str) -> str:
    """Return the upper end of the window.

    Args:
        server_time: The shop's clock at the first answer.
        settle: How long a second must be over before it counts.
        newest: Latest change in the first answer; the end when the shop tells no time.
        value: The bookmark, below which no window ends.
    """
    if server_time is None:
        return max(newest, value)
    return max(text(server_time - settle), value)
