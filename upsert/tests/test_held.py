"""Held records: back-off, what is due, the list in the STATE."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsert.errors import ConfigurationError, Outage
from upsert.held import (
    LONGEST_WAIT,
    Entry,
    HeldLists,
    again,
    back_off,
    check_bookmark,
    due,
    has_bookmark,
    held_of,
    with_held,
)

NOW = datetime(2026, 11, 1, 10, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ENTRIES = st.builds(
    Entry,
    st.text(min_size=1, max_size=5),
    st.text(max_size=5),
    st.text(max_size=5),
    MOMENTS,
    st.integers(1, 99),
    MOMENTS,
)


def entry(key: str = "1", attempts: int = 1, **options: object) -> Entry:
    return Entry(
        **{"key": key, "reason": "r", "subject": "", "first": NOW, "attempts": attempts, "next": NOW, **options}
    )


def test_retries_back_off_from_one_cycle_to_a_day_and_never_end() -> None:
    """Next cycle first, then 15 minutes doubling, at most 24 hours."""
    minutes = [back_off(n) / timedelta(minutes=1) for n in range(1, 12)]
    assert minutes == [0, 15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440]
    assert back_off(100_000) == timedelta(days=1)


def test_a_first_hold_is_due_at_once_and_keeps_its_first_time() -> None:
    """First seen stays; attempts and next try move."""
    first = again(None, "1", "a", "", now=NOW)
    assert (first.attempts, first.next) == (1, NOW)
    second = again(first, "1", "b", "x", now=NOW + timedelta(hours=1))
    assert (second.first, second.attempts, second.reason) == (NOW, 2, "b")
    assert second.next == NOW + timedelta(hours=1, minutes=15)
    third = again(second, "1", "b", "x", now=NOW, retry_after=timedelta(hours=9))
    assert third.next == NOW + timedelta(hours=9)


@given(st.lists(ENTRIES, max_size=40))
def test_due_takes_the_longest_due_first_and_at_most_twenty(entries) -> None:
    """Nothing before its time, and nothing starves: the oldest next try goes first."""
    ripe = [one for one in entries if not NOW < one.next <= NOW + LONGEST_WAIT]
    chosen = due(entries, NOW)
    assert all(one in ripe for one in chosen)
    assert len(chosen) == min(20, len(ripe))
    assert all(one.next >= chosen[-1].next for one in ripe if one not in chosen)


def test_a_host_whose_clock_was_wrong_makes_nobody_wait_for_ever() -> None:
    """Later than the longest wait can only be a mistake: such a record is due at once."""
    soon, wrong = (entry(next=NOW + LONGEST_WAIT + timedelta(seconds=late)) for late in (0, 1))
    assert due([soon, wrong], NOW) == [wrong]


@given(st.lists(ENTRIES, max_size=5, unique_by=lambda one: one.key))
def test_the_list_survives_the_state(entries) -> None:
    """What is written into a STATE is read back the same, through JSON."""
    state = json.loads(json.dumps(with_held({"bookmarks": {"orders": {"x": 1}}}, {"orders": entries})))
    assert state["bookmarks"]["orders"]["x"] == 1
    assert sorted(held_of(state, "orders"), key=str) == sorted(entries, key=str)


def test_no_list_means_the_protocol_is_not_spoken() -> None:
    """An empty list is spoken; a missing one is not."""
    assert held_of({"bookmarks": {"orders": {"held": []}}}, "orders") == []
    assert held_of({"bookmarks": {"orders": {}}}, "orders") is None
    assert held_of({}, "orders") is None


@pytest.mark.parametrize(
    "held", [{}, "x", [1], [{}], [{"key": "1", "reason": "r", "first": "2026", "attempts": 1, "next": "x"}]]
)
def test_a_broken_list_is_refused(held: object) -> None:
    """A list that can't be read stops the run with exit 2; it is never taken for empty (X25)."""
    with pytest.raises(ConfigurationError) as caught:
        held_of({"bookmarks": {"orders": {"held": held}}}, "orders")
    assert caught.value.exit_code == 2


def test_bookmarks_of_another_shop_or_a_newer_release_are_refused() -> None:
    """Refused with a way out; an older bookmark is brought to the present version (X25)."""
    old = {"bookmarks": {"orders": {"replication_key": "updatedAt", "replication_key_value": "2026-11-01T10:00:00Z"}}}
    assert check_bookmark(old, "orders", "shop.shop1") == {
        "version": 1,
        "source": "shop.shop1",
        "replication_key": "updatedAt",
        "replication_key_value": "2026-11-01T10:00:00Z",
        "held": [],
    }
    assert check_bookmark({}, "orders", "shop.shop1") == {"version": 1, "source": "shop.shop1", "held": []}
    with pytest.raises(ConfigurationError, match=r"belongs to shop\.shop1"):
        check_bookmark({"bookmarks": {"orders": {"source": "shop.shop1"}}}, "orders", "shop.shop2")
    with pytest.raises(ConfigurationError, match="version 2"):
        check_bookmark({"bookmarks": {"orders": {"version": 2}}}, "orders", "shop.shop1")


def test_a_bookmark_is_a_position_or_something_held() -> None:
    """An empty first STATE is not a bookmark."""
    assert not has_bookmark({"bookmarks": {"orders": {"version": 1, "source": "s", "held": []}}})
    assert has_bookmark({"bookmarks": {"orders": {"replication_key_value": "x", "held": []}}})
    assert has_bookmark({"bookmarks": {"orders": {"held": [entry().to_json()]}}})


def lists(*entries: Entry, limit: int = 20) -> HeldLists:
    made = HeldLists(limit)
    made.begin({"bookmarks": {"orders": {"held": [one.to_json() for one in entries]}}})
    return made


def test_a_loaded_record_leaves_the_list() -> None:
    """Settled means gone from every STATE emitted from then on; other members stay as they came."""
    held = lists(entry("1"), entry("2"))
    held.settle("orders", "1")
    state = held.merge({"bookmarks": {"orders": {"x": 1, "held": ["anything"]}, "other": {"y": 2}}})
    assert [one["key"] for one in state["bookmarks"]["orders"]["held"]] == ["2"]
    assert state["bookmarks"]["other"] == {"y": 2}


def test_two_failures_in_one_run_are_one_attempt() -> None:
    """A record that comes twice in a run is not punished twice."""
    held = lists(entry("1"))
    held.hold("orders", "1", "a", "", now=NOW)
    held.hold("orders", "1", "b", "", now=NOW)
    assert held.get("orders", "1") == entry("1", 2, reason="b", next=NOW + timedelta(minutes=15))


def test_more_new_holds_than_the_limit_are_an_outage() -> None:
    """Twenty with one cause are held, the next one stops the run; known ones and other causes don't count."""
    held = lists(*(entry(f"old{n}") for n in range(30)))
    for n in range(30):
        held.hold("orders", f"old{n}", "unmapped", "ideal", now=NOW)
    for n in range(20):
        held.hold("orders", f"new{n}", "unmapped", "ideal", now=NOW)
        held.hold("orders", f"other{n}", "unknown_item", "", now=NOW)
    with pytest.raises(Outage, match=r"unmapped \(last: ideal") as caught:
        held.hold("orders", "one more", "unmapped", "ideal", now=NOW)
    assert caught.value.exit_code == 3


def waits(reason: str) -> bool:
    return reason.startswith("waits")


def test_waiting_is_no_outage_however_many_wait() -> None:
    """Only reasons that say that something went wrong count; what stops waiting for a fault is new."""
    held = HeldLists(2, waits)
    held.begin({"bookmarks": {"orders": {"held": []}}})
    for n in range(30):
        assert held.hold("orders", str(n), "waits_for_parent", "", now=NOW).waiting
    again = HeldLists(2, waits)
    again.begin(held.merge({}))
    for n in range(2):
        assert again.hold("orders", str(n), "unmapped", "", now=NOW).attempts == 1
    with pytest.raises(Outage, match="unmapped"):
        again.hold("orders", "2", "unmapped", "", now=NOW)


def test_waiting_is_said_in_the_state_and_ends_with_it() -> None:
    """The tap and `held` see it without knowing the target; an entry that doesn't wait looks as ever."""
    assert "waiting" not in entry().to_json()
    held = HeldLists(2, waits)
    held.begin({"bookmarks": {"orders": {"held": []}}})
    held.hold("orders", "1", "waits_for_parent", "P-1", now=NOW)
    (found,) = held_of(json.loads(json.dumps(held.merge({}))), "orders") or []
    assert (found.waiting, found.reason, found.subject) == (True, "waits_for_parent", "P-1")
    assert not held.hold("orders", "1", "unmapped", "", now=NOW).waiting


def test_many_that_wait_keep_nobody_from_being_read_again() -> None:
    """They have their own share of the keys that a run reads again."""
    early = NOW - timedelta(days=1)
    crowd = [entry(str(n), reason="waits", next=early, waiting=True) for n in range(500)]
    chosen = due([*crowd, entry("wrong")], NOW)
    assert [one.key for one in chosen if not one.waiting] == ["wrong"]
    assert len(chosen) == 21
