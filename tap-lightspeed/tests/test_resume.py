"""A run that is killed at any message goes on: nothing lost, nothing sent twice but since the last STATE."""

from __future__ import annotations

import copy
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_shop import SandboxShop, last_state, records

from tap_lightspeed import listing, stream
from tap_lightspeed.ids import Ids
from tap_lightspeed.snapshot import Snapshot, believable, fingerprint
from tap_lightspeed.window import Bookmark, Listed, Window

KINDS = {
    "one by one": ("orders", "orders_products"),
    "by page": ("variants",),
    "whole list": ("countries",),
    "embedded": ("catalog", "products_images"),
    "called": ("invoices", "invoices_items"),
    "called below a whole list": ("shippingmethods_values",),
    "one record": ("shop",),
}


def keys(messages):
    """Return what was sent."""
    return Counter((one["_source_stream"], one["_source_key"]) for one in records(messages))


@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_any_place(kind, monkeypatch):
    """Killed between any two messages, the next run sends the rest; what a STATE covers isn't sent again."""
    monkeypatch.setattr(listing, "PAGE_SIZE", 20)
    monkeypatch.setattr(stream, "CHECKPOINT_RECORDS", 5)
    shop = SandboxShop()
    whole = shop.run(*KINDS[kind])
    everything = keys(whole)
    places = range(1, len(whole), max(1, len(whole) // 6))
    for place in places:
        before = whole[:place]
        states = [number for number, one in enumerate(before) if one["type"] == "STATE"]
        covered = keys(before[: states[-1]]) if states else Counter()
        shop.clock.advance(30)
        after = keys(shop.run(*KINDS[kind], state=copy.deepcopy(before[states[-1]]["value"]) if states else None))
        assert set(keys(before)) | set(after) == set(everything)
        if kind not in {"embedded", "called"}:
            # Streams that share a list are covered together, once a page or parent is complete.
            assert not covered & after, place


def test_a_killed_backfill_goes_on_to_the_present(monkeypatch):
    """After the window that was broken off comes the one up to now, in the same run."""
    monkeypatch.setattr(listing, "PAGE_SIZE", 20)
    monkeypatch.setattr(stream, "CHECKPOINT_RECORDS", 5)
    shop = SandboxShop()
    whole = shop.run("brands", "variants")
    middle = [one["value"] for one in whole if one["type"] == "STATE"][len(whole) // 60]
    assert middle["bookmarks"]["variants"]["window"]
    number = next(iter(shop.shop.tables["variants"]))
    shop.clock.advance(3_600)
    shop.client().update(f"variants/{number}", "variant", {"stockLevel": 7})
    shop.clock.advance(60)
    after = shop.run("variants", state=middle)
    assert [one["stockLevel"] for one in records(after) if one["id"] == number][-1] == 7
    shop.clock.advance(60)
    assert records(shop.run("variants", state=last_state(after))) == []


def test_the_state_of_a_long_list_is_small():
    """After a window nothing is left in the state of what changed long ago."""
    shop = SandboxShop()
    shop.clock.advance(86_400)
    state = last_state(shop.run("variants"))["bookmarks"]["variants"]
    assert state["window"] is None
    assert state["closed"] is None
    assert state["seen"] == []


@given(st.lists(st.integers(1, 10**12)))
def test_ids_are_a_set(numbers):
    """Packed or not, in any order, ids are those that were added."""
    ids = Ids(numbers)
    assert len(ids) == len(set(numbers))
    assert all(number in ids for number in numbers)
    again = Ids.unpack(ids.pack())
    assert sorted(again) == sorted(set(numbers))
    assert 10**12 + 1 not in again


@given(st.dictionaries(st.text("0123456789/|abc", min_size=1), st.integers()))
def test_a_snapshot_survives_a_state(rows):
    """What was remembered is known in the next run: unchanged records are no news, changed ones are."""
    snapshot = Snapshot()
    for key, value in rows.items():
        snapshot.keep(key, fingerprint({"v": value}))
    again = Snapshot.read(snapshot.write())
    assert not any(again.is_news(key, fingerprint({"v": value})) for key, value in rows.items())
    assert all(again.is_news(key, fingerprint({"v": value + 1})) for key, value in rows.items())
    assert sorted(again.vanished()) == sorted(rows)


@pytest.mark.parametrize(
    ("known", "gone", "believed"), [(9, 9, True), (99, 25, True), (100, 51, False), (100, 50, True)]
)
def test_the_guard(known, gone, believed):
    """Few are always believed (each is asked for), many only up to the share."""
    assert believable(gone, known, 50) is believed
    assert believable(known, known, 100)


@pytest.mark.parametrize("text", ["x", "a b", "!!", "2026-11-01T10:00:00Z 2026-11-01T10:00:00Z x ", "é"])
def test_a_broken_state_is_refused(text):
    """A snapshot or window that nobody wrote ends the run; it is never taken for a beginning."""
    from upsert.errors import ConfigurationError

    shop = SandboxShop("empty")
    for part in ("window", "snapshot"):
        state = {"bookmarks": {"brands": {"replication_key_value": "2026-11-01T00:00:00Z", part: text}}}
        with pytest.raises(ConfigurationError, match="restore the state"):
            shop.run("brands", state=state)


@given(
    rows=st.lists(st.tuples(st.integers(0, 59), st.integers(1, 9)), max_size=30),
    cut=st.integers(0, 30),
)
def test_a_window_hands_over_to_the_next(rows, cut):
    """What was handled in a window is no news in the next, whether the run was killed in between or not."""
    import datetime as dt

    bookmark = Bookmark("2026-11-01T10:00:00Z", dt.timedelta(minutes=30))
    listed = [Listed(f"2026-11-01T10:{minute:02d}:00Z", number) for minute, number in rows]
    newest = list({row.id: row for row in sorted(listed)}.values())
    bookmark.open("2026-11-01T10:59:00Z")
    for place, row in enumerate(newest):
        if place == cut:
            bookmark = Bookmark.read(bookmark.as_state(), "2026-11-01T10:00:00Z", dt.timedelta(minutes=30))
            bookmark.open("2026-11-01T11:30:00Z")
        assert bookmark.is_news(row)
        bookmark.handle(row, advance=False)
        assert not bookmark.is_news(row)
    bookmark.close("2026-11-01T11:30:00Z")
    again = Bookmark.read(bookmark.as_state(), "2026-11-01T10:00:00Z", dt.timedelta(minutes=30))
    assert not any(again.is_news(row) for row in newest if row.updated >= again.lower)


def test_two_windows_of_two_runs_are_told_apart():
    """A window in a merged state that lies below the bookmark is not taken up again."""
    import datetime as dt

    old = Window("2026-11-01T10:00:00Z", "2026-11-01T09:00:00Z", Ids([5]), Ids([4])).as_text()
    state = {"replication_key_value": "2026-11-02T00:00:00Z", "window": old, "closed": old}
    bookmark = Bookmark.read(state, "2026-10-01T00:00:00Z", dt.timedelta(minutes=5))
    assert bookmark.window is None
    assert bookmark.closed is None


def test_both_ways_of_writing_say_the_same():
    """With a stream map the records go the SDK's way and are the same, for every kind of stream."""
    shop = SandboxShop()
    names = ("orders", "orders_products", "brands", "brands_image", "taxes", "taxes_overrides", "shop")
    short = shop.run(*names)
    long = shop.run(*names, stream_maps={"brands": {"__alias__": "brands"}})
    for name in names:
        assert records(short, name) == records(long, name), name
