"""Headers, clock, store and switches."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import SandboxClock
from sandbox.http import Headers, Reply, Request, dumps
from sandbox.store import Database, Table, decode, encode
from sandbox.switches import Switch, SwitchError, Switches

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_headers_are_found_in_any_case_and_kept_when_doubled():
    """A doubled Content-Type is no error: the first one counts."""
    headers = Headers([("content-type", "application/json"), ("Content-Type", "text/plain")])
    assert headers.get("CONTENT-TYPE") == "application/json"
    assert headers.all("content-type") == ["application/json", "text/plain"]
    assert headers.media_type == "application/json"
    assert (
        Headers({"Content-Type": "application/json, application/json; charset=utf-8"}).media_type == "application/json"
    )


def test_a_body_is_json_whatever_its_content_type_says():
    """The content type decides nothing, and numbers keep their text."""
    request = Request("POST", "/x", headers=Headers({"Content-Type": "text/plain"}), body=b'{"a": 1.10}')
    assert request.json() == {"a": Decimal("1.10")}


def test_php_style_json_escapes_slashes():
    """Slashes are written as PHP does, and read back the same."""
    assert dumps({"u": "a/b"}, escape_slashes=True) == b'{"u":"a\\/b"}'
    assert Reply.json(200, {"n": Decimal("2.50"), "w": Decimal("3.00")}).body == b'{"n":2.5,"w":3}'


def test_a_frozen_clock_moves_only_when_told():
    """Set, advance and pin are the only ways."""
    clock = SandboxClock(NOON, frozen=True)
    assert clock.now() == NOON
    clock.advance(90)
    assert clock.now() == NOON + timedelta(seconds=90)
    with clock.at(NOON):
        assert clock.now() == NOON
    assert clock.now() == NOON + timedelta(seconds=90)


def test_child_clocks_move_together_and_keep_their_skew():
    """One advance moves every clock of a family; a skew is one clock's own."""
    clock = SandboxClock(NOON, frozen=True)
    one, two = clock.child(), clock.child(skew=600)
    two.advance(10)
    assert one.now() == NOON + timedelta(seconds=10)
    assert two.now() - one.now() == timedelta(seconds=600)
    two.set(NOON)
    assert one.now() == NOON - timedelta(seconds=600)


def test_a_running_clock_runs_on_after_it_was_frozen():
    """Thawing continues from where it stood."""
    clock = SandboxClock(NOON, frozen=True)
    clock.freeze(False)
    assert NOON <= clock.now() < NOON + timedelta(seconds=30)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates() | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(alphabet="abc_", min_size=1), inner),
    max_leaves=12,
)  # fmt: skip


@given(VALUES)
def test_saved_values_come_back_as_they_were(value: object):
    """Decimals, dates and instants survive the file with their type."""
    assert decode(encode(value)) == value


def test_a_table_saves_only_what_changed(tmp_path):
    """Small steps: put, change and delete are each one row."""
    table: Table[int, dict[str, object]] = Table("orders", int)
    table.put(2, {"at": NOON, "sum": Decimal("1.10"), "on": date(2026, 11, 1)})
    table.put(10, {"n": 1})
    database = Database(tmp_path / "state.db")
    database.write("shop", table.changes())
    assert table.changes() == []
    table.pop(10)
    table.put(9, {"n": 9})
    database.write("shop", table.changes())
    rows = database.read("shop")
    assert [key for _, key, _ in rows] == ["2", "9"]
    assert rows[0][2] == {"at": NOON, "sum": Decimal("1.10"), "on": date(2026, 11, 1)}
    database.close()


def test_a_file_that_is_no_database_is_refused_by_name(tmp_path):
    """The message names the file."""
    path = tmp_path / "notes.txt"
    path.write_text("no database, by any means" * 100)
    with pytest.raises(OSError, match=r"notes\.txt"):
        Database(path)


def test_switches_take_only_what_they_know():
    """An unknown switch or value changes nothing."""
    switches = Switches([Switch("way", "a", "why", ("a", "b")), Switch("many", 50, "why")])
    for wrong in ({"way": "c"}, {"wya": "a"}, {"many": "50"}, {"way": "b", "many": True}):
        with pytest.raises(SwitchError):
            switches.set(wrong)
    assert dict(switches) == {"way": "a", "many": 50}
    switches.set({"way": "b"})
    assert switches["way"] == "b"
    switches.restore()
    assert switches["way"] == "a"
