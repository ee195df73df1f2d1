"""Settings and catalogs that change between runs: nothing is passed over, nothing is taken for gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tap_afas import attachments, reading
from tap_afas import stream as streams
from tap_afas.bookmark import MOST_SEEN, Bookmark, digest

BASIC = "Profit_Article_Basic"


def options(name, **more):
    return {"streams": {name: more}}


def volume(afas, rows):
    afas.control("afas/volume", {"name": "Regels", "rows": rows, "columns": 8})


def held(state, stream, *keys):
    entry = {"reason": "unknown_item", "subject": "", "first": "2026-11-01T00:00:00Z", "attempts": 1}
    state["bookmarks"][stream]["held"] = [{"key": key, "next": "2026-11-01T00:00:00Z"} | entry for key in keys]
    return state


@pytest.mark.parametrize("keys", [["Code", "Id"], ["Id"]])
def test_another_key_takes_nothing_for_gone(afas, keys):
    """Keys of other fields can't be compared: nothing is sent as deleted, and the next run compares again."""
    volume(afas, 5)
    first = afas.run("Regels", **options("Regels", keys=["Code"], replication_key=[], deletes=True))
    changed = options("Regels", keys=keys, replication_key=[], deletes=True)
    second = afas.run("Regels", state=first.state, **changed)
    assert not [one for one in second.records("Regels") if "_sdc_deleted_at" in one]
    volume(afas, 4)
    third = afas.run("Regels", state=second.state, **changed)
    (gone,) = [one for one in third.records("Regels") if "_sdc_deleted_at" in one]
    assert gone["Id"] == 5


def test_a_deletion_that_is_held_stays_a_deletion(afas):
    """The target couldn't do it yet: it is told again. What was never told so is only gone, till all are compared."""
    settings = options("Profit_Article", deletes={"every_hours": 4})
    state = afas.run("Profit_Article", **settings).state
    afas.control("afas/item", {"action": "delete", "item": "SKU-0004"})
    afas.clock.advance(5 * 3600)
    state = afas.run("Profit_Article", state=state, **settings).state
    afas.control("afas/item", {"action": "delete", "item": "SKU-0005"})
    afas.clock.advance(900)
    run = afas.run("Profit_Article", state=held(state, "Profit_Article", "SKU-0004", "SKU-0005"), **settings)
    first, second = run.records("Profit_Article")
    assert (first["ItemCode"], first["_sdc_deleted_at"], first.get("_gone")) == (
        "SKU-0004",
        "2026-11-02T14:15:00Z",
        None,
    )
    assert (second["ItemCode"], second.get("_sdc_deleted_at"), second["_gone"]) == ("SKU-0005", None, True)
    afas.clock.advance(5 * 3600)
    run = afas.run("Profit_Article", state=held(run.state, "Profit_Article"), **settings)
    assert [one["ItemCode"] for one in run.records("Profit_Article") if "_sdc_deleted_at" in one] == ["SKU-0005"]


def test_another_key_settles_no_held_record(afas):
    """A held key of another field is not looked for among the new ones and called gone: the stream fails, exit 2."""
    volume(afas, 5)
    first = afas.run("Regels", **options("Regels", keys=["Code"], replication_key=[]))
    state = held(first.state, "Regels", first.records("Regels")[0]["_source_key"])
    catalog = afas.catalog("Regels", BASIC, **options("Regels", keys=["Id"], replication_key=[]))
    run = afas.run(catalog=catalog, state=state, fails=True, **options("Regels", keys=["Id"], replication_key=[]))
    assert run.error.exit_code == 2
    assert run.records("Regels") == []
    assert len(run.state["bookmarks"]["Regels"]["held"]) == 1
    assert run.records(BASIC)
    # The way out: the keys as they were.
    again = afas.run("Regels", state=run.state, **options("Regels", keys=["Code"], replication_key=[]))
    assert len(again.records("Regels")) == 5


@pytest.mark.parametrize(("before", "after"), [("Modified", "Datum_5"), ("Id", "Modified"), ("Modified", "Id")])
def test_another_replication_key_begins_anew(afas, caplog, before, after):
    """How far the old one had come says nothing of the new one: everything is read once more, and that is said."""
    volume(afas, 5)
    first = afas.run("Regels", **options("Regels", keys=["Code"], replication_key=[before]))
    afas.clock.advance(3600)
    changed = options("Regels", keys=["Code"], replication_key=[after])
    second = afas.run("Regels", state=first.state, **changed)
    assert len(second.records("Regels")) == 5
    assert len([line for line in caplog.messages if "begins anew" in line]) == 1
    assert second.state["bookmarks"]["Regels"]["replication_key"] == after


def test_a_catalog_with_a_replication_key_of_text_is_refused(afas):
    """Only times and numbers say how far a stream has come; a text would make a state that can't be read."""
    catalog = afas.catalog(BASIC)
    for entry in catalog["streams"]:
        if entry["tap_stream_id"] == BASIC:
            entry["replication_method"], entry["replication_key"] = "INCREMENTAL", "ItemCode"
    run = afas.run(catalog=catalog, fails=True)
    assert run.error.exit_code == 2
    assert run.records(BASIC) == []


def test_killed_behind_the_last_row_of_a_number(afas, monkeypatch):
    """A resumed reading that finds nothing more still ends at the highest number that was sent."""
    monkeypatch.setattr(streams, "CHECKPOINT_RECORDS", 1)
    volume(afas, 50)
    one = options("Regels", keys=["Code"], replication_key=["Id"])
    first = afas.run("Regels", **one)
    states = [message["value"] for message in first.messages if message["type"] == "STATE"]
    middle = next(state for state in states[::-1] if state["bookmarks"]["Regels"].get("position"))
    second = afas.run("Regels", state=middle, **one)
    assert second.state["bookmarks"]["Regels"]["replication_key_value"] == 50


def test_a_wrong_setting_leaves_the_list_of_connectors(afas):
    """A stream whose settings don't fit fails alone, also when the connectors themselves are listed."""
    run = afas.run(fails=True, **options("Profit_Article", keys=["Kode"]))
    assert list(run.error.failures if hasattr(run.error, "failures") else []) in ([], ["Profit_Article"])
    assert "Profit_Article" in {one["connector"] for one in run.records("_connectors")}
    assert run.records("Profit_Debtor")


def test_a_small_connector_that_is_empty_all_at_once(afas):
    """Nothing left of several records is a fault too, however few they were."""
    volume(afas, 5)
    one = options("Regels", keys=["Code"], replication_key=[], deletes=True)
    first = afas.run("Regels", **one)
    afas.control("afas/app", {"data_filters": {"Regels": [[{"field": "Id", "operator": 5, "value": "0"}]]}})
    run = afas.run("Regels", state=first.state, fails=True, **one)
    assert [one for one in run.records("Regels") if "_sdc_deleted_at" in one] == []
    assert run.error.exit_code == 2


@pytest.mark.parametrize("setting", ["snapshots_folder", "attachments_folder"])
def test_a_folder_that_cannot_be_made_is_a_setting(afas, tmp_path, setting):
    """A file stands where the folder should be: exit 2, not a defect."""
    (tmp_path / "taken").write_text("")
    if setting == "snapshots_folder":
        name, more = BASIC, {"deletes": True}
    else:
        name, more = "Items_Pictures", {"keys": ["Itemcode"], "attachments": [{"kind": "image", "id": "Afbeelding_id"}]}
    run = afas.run(name, fails=True, **options(name, **more), **{setting: str(tmp_path / "taken")})
    assert getattr(run.error, "exit_code", None) == 2


def test_no_file_is_fetched_for_a_record_that_is_not_sent(afas):
    """Records within the overlap that were sent before cost no call for their file."""
    wanted = {"attachments": [{"kind": "image", "id": "Afbeelding_id"}], "keys": ["Itemcode"]}
    first = afas.run("Items_Pictures", **options("Items_Pictures", **wanted))
    afas.clock.advance(3600)
    afas.control("afas/item", {"action": "change", "item": "SKU-0002", "description": "Nieuw"})
    afas.clock.advance(60)
    second = afas.run("Items_Pictures", state=first.state, **options("Items_Pictures", **wanted))
    assert len(second.records("Items_Pictures")) == 1
    afas.clock.advance(60)
    afas.box.reset_calls()
    third = afas.run("Items_Pictures", state=second.state, **options("Items_Pictures", **wanted))
    assert third.records("Items_Pictures") == []
    assert afas.box.calls["GET ImageConnector"] == 0


def test_one_file_of_two_records_at_once(tmp_path, monkeypatch):
    """Two calls that bring the same content at the same time don't take each other's file away."""
    place, write, inside = tmp_path / "ab" / "file", Path.write_bytes, []

    def slowly(path, content):
        if not inside:
            inside.append(path)
            attachments._keep(place, content)
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", slowly)
    attachments._keep(place, b"content")
    assert [one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()] == [b"content"]


def test_what_is_remembered_is_bounded():
    """A change of all rows at once doesn't grow memory with them: the first thousand are remembered."""
    remembered, bookmark = {}, Bookmark()
    for number in range(10):
        fresh = [digest(b"%d/%d" % (number, one)) for one in range(300)]
        reading._move(bookmark, None, remembered, fresh, [])
    assert len(remembered) == len(bookmark.seen) == MOST_SEEN


def test_a_sort_of_ones_own_loses_no_row(afas, monkeypatch):
    """Sort fields that several rows share are followed by the keys, so going on behind a row leaves none out."""
    keys = {"keys": ["ItemType", "Item"], "replication_key": []}
    whole = afas.run("Commerce_Items", **options("Commerce_Items", **keys)).records("Commerce_Items")
    own = options("Commerce_Items", **keys, order_by=["ItemType"], page_size=20, partition_rows=50)
    run = afas.run("Commerce_Items", **own)
    found = sorted(one["_source_key"] for one in run.records("Commerce_Items"))
    assert found == sorted(one["_source_key"] for one in whole)


def test_a_typing_error_in_a_stream_name_is_said_with_a_catalog_too(afas, caplog):
    """A run with a catalog says as well which settings are for no stream of it."""
    catalog = afas.catalog("Profit_Article")
    caplog.clear()
    afas.run(catalog=catalog, streams={"Profit_Artcle": {"page_size": 100}, "Profit_*": {}})
    lines = [line for line in caplog.messages if "fits no" in line]
    assert lines == ["setting streams.Profit_Artcle fits no stream of the catalog"]
