"""Which of the listed records to read in this run, and how far the bookmark may go. Pure.

Moments are UTC text of one fixed form (``2026-11-01T10:00:00Z``), so that they compare as text.

The lower end of a window overlaps what was read before, because the zone in which the shop reads a date filter is
unknown and records may be committed late. The overlap costs nothing: everything handled in it is remembered, as
``seen`` with its time of change, or as bare ids where the bookmark moves only at the end of a window. The upper end is
the shop's own clock at the first answer less a moment, because times of change have whole seconds: what changes later
waits for the next run.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_lightspeed.ids import Ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FORM = "%Y-%m-%dT%H:%M:%SZ"

MOST_TIMES = 1_000
"""Of more records than this in one overlap the STATE keeps ids only."""


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
class Window:
    """A window that is being read, or was: its records are handled in the order of the list.

    Attributes:
        end: Its upper end. What was handled in it had changed by then.
        edge: Where the overlap of the next window begins.
        recent: Ids of what was handled and changed at or after the edge.
        older: Ids of the rest of what was handled.
        times: Of the recent ones their times of change, as far as they are known; none any more when they are many.
    """

    end: str
    edge: str
    recent: Ids = field(default_factory=Ids)
    older: Ids = field(default_factory=Ids)
    times: dict[int, str] | None = field(default_factory=dict)

    def has(self, row: Listed) -> bool:
        """Return whether a listed record was handled as it is."""
        return row.updated <= self.end and row.id in (self.recent if row.updated >= self.edge else self.older)

    def handle(self, row: Listed) -> None:
        """Note that a record was handled."""
        if row.updated < self.edge:
            self.older.add(row.id)
            return
        self.recent.add(row.id)
        if self.times is not None:
            self.times[row.id] = row.updated
            if len(self.times) > MOST_TIMES:
                self.times = None

    def as_text(self) -> str:
        """Return the window for a STATE; one piece of text, which no merge of states can take apart."""
        return f"{self.end} {self.edge} {self.recent.pack()} {self.older.pack()}"

    @classmethod
    def read(cls, text_: str) -> Window:
        """Read a window from a STATE.

        Raises:
            ValueError: It is none.
        """
        end, edge, recent, older = text_.split(" ")
        return cls(text(moment(end)), text(moment(edge)), Ids.unpack(recent), Ids.unpack(older))


@dataclass(slots=True)
class Bookmark:
    """How far a stream has come.

    Attributes:
        value: Everything that changed up to here was handled.
        overlap: How far below ``value`` each list reaches.
        seen: Key to time of change, of everything handled that changed at or after :attr:`lower`.
        closed: The window that ended at ``value``.
        window: The window that is being read.
    """

    value: str
    overlap: dt.timedelta
    seen: dict[str, str] = field(default_factory=dict)
    closed: Window | None = None
    window: Window | None = None

    @classmethod
    def read(cls, state: Mapping[str, Any], start: str, overlap: dt.timedelta) -> Bookmark:
        """Read the bookmark of a stream; a later start wins.

        Args:
            state: What the STATE has of it, with a ``replication_key_value``.
            start: Earliest change to read.
            overlap: See the attribute.

        Raises:
            ValueError: The state is none of ours.
        """
        value = max(text(moment(state["replication_key_value"])), start)
        bookmark = cls(value, overlap, dict(state.get("seen", ())))
        # A state that was merged from two can hold windows of another time.
        closed, window = (Window.read(state[name]) if state.get(name) else None for name in ("closed", "window"))
        if closed is not None and closed.end == value:
            bookmark.closed = closed
        if window is not None and window.end >= value:
            bookmark.window = window
        return bookmark

    def open(self, end: str) -> bool:
        """Begin a window, or go on with the one that was broken off; return whether it is an old one."""
        if self.window is not None:
            return True
        self.window = Window(end, text(moment(end) - self.overlap))
        return False

    def recall(self, rows: Iterable[Listed], due_now: Iterable[Listed]) -> None:
        """Carry over to the open window what was handled before it and is listed again.

        Args:
            rows: What is listed.
            due_now: What of it is not handled yet.
        """
        window = self.window
        if window is not None and (self.seen or self.closed is not None):
            known = [row for row in rows if window.edge <= row.updated <= window.end]
            for row in set(known).difference(due_now) if known else ():
                window.handle(row)

    @property
    def lower(self) -> str:
        """Records that changed before this are not looked at again."""
        return text(moment(self.value) - self.overlap)

    def is_news(self, row: Listed) -> bool:
        """Return whether a listed record was not handled in this state yet."""
        if self.seen and self.seen.get(str(row.id)) == row.updated:
            return False
        return not (self.closed is not None and self.closed.has(row)) and not (
            self.window is not None and self.window.has(row)
        )

    def handle(self, row: Listed, *, advance: bool) -> None:
        """Note that a record was handled.

        Args:
            row: The record as it was listed.
            advance: Move the bookmark to its time of change; it only ever rises.
        """
        if self.window is not None:
            self.window.handle(row)
            return
        self.seen[str(row.id)] = row.updated
        if advance and row.updated > self.value:
            self.value = row.updated

    def close(self, end: str) -> None:
        """Note that the window up to ``end`` was handled completely."""
        window = self.window
        if window is not None:
            end = window.end
            times = window.times or {}
            # With its time a change is recognised that the shop saves late, with a time that has passed.
            self.seen.update((str(key), updated) for key, updated in times.items())
            rest = Ids(key for key in window.recent if key not in times)
            self.closed, self.window = Window(end, window.edge, rest), None
        self.value = max(self.value, end)

    def as_state(self) -> dict[str, Any]:
        """Return what the STATE says of the bookmark; what lies below the overlap is forgotten."""
        lower = self.lower
        if any(updated < lower for updated in self.seen.values()):
            self.seen = {key: updated for key, updated in self.seen.items() if updated >= lower}
        state: dict[str, Any] = {
            "replication_key_value": self.value,
            "seen": [[key, updated] for key, updated in self.seen.items()],
        }
        for name, window in (("closed", self.closed), ("window", self.window)):
            # Without any ids it says nothing.
            state[name] = window.as_text() if window and (len(window.recent) or len(window.older)) else None
        return state

    @property
    def weight(self) -> int:
        """How much of the STATE it takes, in pairs of ``seen``."""
        windows = [one for one in (self.closed, self.window) if one is not None]
        return len(self.seen) + sum(len(one.recent) + len(one.older) for one in windows) // 4


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
