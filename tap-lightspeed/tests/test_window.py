"""Windows and bookmarks by themselves."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from tap_lightspeed import window
from tap_lightspeed.window import Bookmark, Listed

if TYPE_CHECKING:
    import pytest

START, END = "2026-11-01T08:00:00Z", "2026-11-01T10:00:00Z"
OVERLAP = dt.timedelta(minutes=125)
SENT, LATE, NEXT = "2026-11-01T09:58:00Z", "2026-11-01T09:59:30Z", "2026-11-01T10:15:00Z"


def after(*rows: Listed) -> Bookmark:
    """The bookmark that the next run finds when these rows were sent in one window."""
    bookmark = Bookmark(START, OVERLAP)
    bookmark.open(END)
    for row in rows:
        bookmark.handle(row, advance=False)
    bookmark.close(END)
    return Bookmark.read(bookmark.as_state(), START, OVERLAP)


def test_what_was_sent_is_not_sent_again() -> None:
    """The overlap shows it again, with the same time."""
    assert window.due([Listed(SENT, 5)], after(Listed(SENT, 5)), NEXT) == []


def test_a_change_that_the_shop_saves_late_is_sent() -> None:
    """A record that was sent changes once more, with a time that had passed when the window was closed."""
    assert window.due([Listed(LATE, 5)], after(Listed(SENT, 5)), NEXT) == [Listed(LATE, 5)]


def test_it_is_remembered_over_further_runs() -> None:
    """As long as the overlap shows it, also when nothing else happens."""
    bookmark = after(Listed(SENT, 5))
    bookmark.open(NEXT)
    bookmark.recall([Listed(SENT, 5)], [])
    bookmark.close(NEXT)
    again = Bookmark.read(bookmark.as_state(), START, OVERLAP)
    assert window.due([Listed(SENT, 5)], again, NEXT) == []
    assert window.due([Listed(LATE, 5)], again, NEXT) == [Listed(LATE, 5)]


def test_of_many_records_only_the_ids_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bulk edit doesn't fill the STATE; none of it is sent twice."""
    monkeypatch.setattr(window, "MOST_TIMES", 10)
    rows = [Listed(SENT, number) for number in range(1, 31)]
    bookmark = after(*rows)
    assert not bookmark.seen
    assert window.due(rows, bookmark, NEXT) == []
