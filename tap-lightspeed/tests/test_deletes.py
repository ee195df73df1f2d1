"""What was deleted in the shop is told, and never what was not."""

from __future__ import annotations

import pytest
from sandbox_shop import SandboxShop, faults, last_state, records


def deleted(messages, stream):
    """Return the keys of the records that were told as deleted."""
    return {one["_source_key"] for one in records(messages, stream) if one.get("_sdc_deleted_at")}


def test_a_deleted_relation_is_told():
    """A record that vanished from a list without times comes with its key and `_sdc_deleted_at`, once."""
    shop = SandboxShop()
    first = shop.run("tags_products", "taxes_overrides")
    gone = records(first, "tags_products")[0]["id"]
    shop.client().delete(f"tags/products/{gone}")
    second = shop.run("tags_products", "taxes_overrides", state=last_state(first))
    assert deleted(second, "tags_products") == {str(gone)}
    assert faults(second) == []
    assert len(records(second)) == 1
    third = shop.run("tags_products", "taxes_overrides", state=last_state(second))
    assert records(third) == []


def test_a_deletion_that_is_held_stays_a_deletion():
    """The target couldn't do it yet: it is told again, for it is known to be one."""
    shop = SandboxShop()
    first = shop.run("tags_products")
    gone = records(first)[0]["id"]
    shop.client().delete(f"tags/products/{gone}")
    state = last_state(shop.run("tags_products", state=last_state(first)))
    moments = dict.fromkeys(("first", "next"), "2026-01-01T00:00:00Z")
    entry = {"key": str(gone), "reason": "in_doubt", "subject": "", "attempts": 1, **moments}
    state["bookmarks"]["tags_products"]["held"] = [entry]
    (told,) = records(shop.run("tags_products", state=state))
    assert told["_sdc_deleted_at"]
    assert "_gone" not in told


def test_a_deleted_child_is_told():
    """A record under a parent that is read whole is told as deleted with the parent's id."""
    shop = SandboxShop()
    first = shop.run("taxes_overrides")
    one = records(first)[0]
    shop.client().delete(f"taxes/{one['_parent_id']}/overrides/{one['id']}")
    second = shop.run("taxes_overrides", state=last_state(first))
    (told,) = records(second)
    assert (told["_parent_id"], told["id"]) == (one["_parent_id"], one["id"])
    assert told["_sdc_deleted_at"]


def test_a_deleted_record_is_told_in_every_language():
    """A record per language is deleted in each."""
    shop = SandboxShop()
    first = shop.run("types", languages=["nl", "en"])
    gone = records(first)[0]["id"]
    shop.client().delete(f"types/{gone}")
    second = shop.run("types", state=last_state(first), languages=["nl", "en"])
    assert {(one["id"], one["_language"]) for one in records(second)} == {(gone, "nl"), (gone, "en")}
    assert all(one["_sdc_deleted_at"] for one in records(second))


def test_an_empty_answer_deletes_nothing():
    """A list that is suddenly empty, while its records are there, deletes nothing; nor does it when it is back."""
    shop = SandboxShop()
    first = shop.run("countries")
    table = shop.shop.tables["countries"]
    hide = shop.tap()

    class Empty(hide):
        def make_client(self):
            client = super().make_client()
            pages = client.pages

            def empty(path, **options):
                for page in pages(path, **options):
                    page.rows.clear()
                    yield page

            client.pages = empty
            return client

    second = shop.run("countries", state=last_state(first), tap=Empty)
    assert records(second) == []
    assert shop.calls["countries/{id}"] == len(table)
    third = shop.run("countries", state=last_state(second))
    assert records(third) == []


@pytest.mark.parametrize(("percent", "told"), [(50, 0), (100, 250)])
def test_a_mass_delete_needs_a_word(percent, told):
    """When most of a list vanishes at once nothing is deleted, until the setting says that it may be so."""
    shop = SandboxShop()
    first = shop.run("categories_products")
    client = shop.client()
    for one in records(first)[:250]:
        client.delete(f"categories/products/{one['id']}")
    second = shop.run("categories_products", state=last_state(first), deletes_guard_percent=percent)
    assert len(deleted(second, "categories_products")) == told
    third = shop.run("categories_products", state=last_state(second), deletes_guard_percent=100)
    assert len(deleted(third, "categories_products")) == 250 - told


def test_ids_of_a_stream_with_times_are_compared_when_asked_for():
    """A deleted brand is told when `detect_deletes` names the stream, and the ids are listed once a day only."""
    shop = SandboxShop()
    config = {"detect_deletes": ["bran*"]}
    first = shop.run("brands", "tags", **config)
    assert shop.calls["brands"] == 2
    assert shop.calls["tags"] == 1
    gone = records(first, "brands")[0]["id"]
    shop.client().delete(f"brands/{gone}")
    shop.clock.advance(3_600)
    early = shop.run("brands", "tags", state=last_state(first), **config)
    assert shop.calls["brands"] == 1
    assert records(early) == []
    shop.clock.advance(24 * 3_600)
    late = shop.run("brands", "tags", state=last_state(early), **config)
    assert deleted(late, "brands") == {str(gone)}
    assert shop.run("brands", state=last_state(late), **config)
    assert shop.calls["brands"] == 1


def test_what_was_made_between_two_comparisons_is_known():
    """A record that was made and deleted between two comparisons is told as deleted as well."""
    shop = SandboxShop()
    config = {"detect_deletes": ["brands"]}
    state = last_state(shop.run("brands", **config))
    shop.clock.advance(60)
    made = shop.client().create("brands", "brand", {"title": "Short"})["id"]
    shop.clock.advance(60)
    second = shop.run("brands", state=state, **config)
    assert [one["id"] for one in records(second)] == [made]
    shop.client().delete(f"brands/{made}")
    shop.clock.advance(25 * 3_600)
    assert deleted(shop.run("brands", state=last_state(second), **config), "brands") == {str(made)}


def test_everything_in_every_run_when_that_is_wanted():
    """A stream that `changes_only` doesn't name comes whole each time, and its state stays small."""
    shop = SandboxShop()
    first = shop.run("taxes", "countries", changes_only=["tax*"])
    second = shop.run("taxes", "countries", state=last_state(first), changes_only=["tax*"])
    assert records(second, "taxes") == []
    assert len(records(second, "countries")) == len(records(first, "countries"))
    assert "snapshot" not in last_state(second)["bookmarks"]["countries"]


def test_more_records_than_can_be_remembered_come_whole(monkeypatch):
    """Beyond the limit of a snapshot every run sends everything, and deletes nothing."""
    from tap_lightspeed import snapshot

    monkeypatch.setattr(snapshot, "LIMIT", 10)
    shop = SandboxShop()
    first = shop.run("countries")
    second = shop.run("countries", state=last_state(first))
    assert len(records(second)) == len(records(first)) == len(shop.shop.tables["countries"])
    assert last_state(second)["bookmarks"]["countries"]["snapshot"] == ""
