"""Bad days: what fails alone, what stops the run, and that nothing is lost whenever it stops."""

from __future__ import annotations

from datetime import timedelta

import pytest
from environment import Environment

from tap_afas import stream as streams
from tap_afas.failures import StreamsFailed
from upsert.errors import ConfigurationError, Outage

THREE = ("Profit_Address", "Profit_Article", "Profit_Debtor")


@pytest.fixture
def often(monkeypatch):
    """Write a STATE after every batch."""
    monkeypatch.setattr(streams, "CHECKPOINT_RECORDS", 1)


def fault(afas, name, endpoint="GET connectors/Profit_Article", **more):
    afas.control("faults", {"name": name, "endpoint": endpoint, "times": None, **more})


@pytest.mark.parametrize(("name", "says"), [("connector_blocked", "block"), ("denied", "app connector")])
@pytest.mark.parametrize("nth", [1, 3])
@pytest.mark.parametrize("status", [500, 401])
def test_a_connector_that_fails_fails_alone(afas, name, says, nth, status):
    """Blocked, or its right withdrawn in mid-run: the other streams are read, its bookmark stays, and exit is 2."""
    first = afas.run(*THREE)
    before = first.state["bookmarks"]["Profit_Article"]["replication_key_value"]
    afas.clock.advance(7200)
    for number in range(1, 30):
        afas.control("afas/item", {"action": "change", "item": f"SKU-{number:04}", "description": "Nieuw"})
    afas.clock.advance(60)
    afas.control("switches", {"denied_connector": status})
    catalog = afas.catalog(*THREE)
    fault(afas, name, nth=nth)
    options = {"streams": {"Profit_Article": {"page_size": 10}}}
    run = afas.run(state=first.state, catalog=catalog, fails=True, **options)
    assert isinstance(run.error, StreamsFailed)
    assert run.error.exit_code == 2
    assert "Profit_Article" in run.error.text
    assert run.streams == list(THREE)
    assert run.state["bookmarks"]["Profit_Article"]["replication_key_value"] == before
    assert run.state["bookmarks"]["Profit_Debtor"]["replication_key_value"] > before
    afas.control("faults", method="DELETE")
    again = afas.run(state=run.state, catalog=catalog, **options)
    found = [one["ItemCode"] for one in (*run.records("Profit_Article"), *again.records("Profit_Article"))]
    assert set(found) == {f"SKU-{number:04}" for number in range(1, 30)}


def test_a_selected_connector_that_is_gone_fails_alone(afas):
    """A connector that the app connector lost before the run is one failed stream."""
    catalog = afas.catalog(*THREE)
    afas.control("afas/app", {"remove": ["Profit_Article"]})
    run = afas.run(catalog=catalog, fails=True)
    assert run.error.exit_code == 2
    assert run.streams == ["Profit_Address", "Profit_Debtor"]


def test_a_heavy_query_that_times_out_fails_alone(afas):
    """AFAS gives up on one connector after 900 s: that is its own outage, exit 3; two in a row are everybody's."""
    catalog = afas.catalog(*THREE)
    fault(afas, "server_timeout")
    run = afas.run(catalog=catalog, fails=True)
    assert run.error.exit_code == 3
    assert len(run.records("Profit_Debtor")) == 7
    fault(afas, "server_timeout", "GET connectors/Profit_Debtor")
    assert isinstance(afas.run(catalog=catalog, fails=True).error, Outage)


def test_a_refused_token_stops_the_run(afas):
    """A token that is revoked concerns every stream: the run ends at once with exit 2."""
    catalog = afas.catalog(*THREE)
    fault(afas, "expired_token", "*", nth=4)
    run = afas.run(catalog=catalog, fails=True)
    assert isinstance(run.error, ConfigurationError)
    assert "token" in run.error.text


def test_maintenance(afas):
    """A short one is waited for; one longer than `longest_wait_seconds` ends the run with exit 3."""
    catalog = afas.catalog("Profit_Article")
    afas.control("faults", {"name": "status_503", "endpoint": "GET connectors/*", "retry_after": 120, "times": 1})
    assert len(afas.run(catalog=catalog, longest_wait_seconds=300).records("Profit_Article")) == 319
    fault(afas, "status_503", "GET connectors/*", retry_after=7200)
    run = afas.run(catalog=catalog, fails=True)
    assert run.error.exit_code == 3


@pytest.mark.parametrize("name", ["truncated_json", "truncated_body", "reset_after", "empty_2xx", "html_error"])
def test_a_broken_answer_is_asked_for_again(afas, name):
    """An answer that is cut off is never taken for the end."""
    catalog = afas.catalog("Profit_Article")
    afas.control("faults", {"name": name, "endpoint": "GET connectors/*", "nth": 3, "times": 2})
    run = afas.run(catalog=catalog, streams={"Profit_Article": {"page_size": 50}})
    assert len({one["ItemCode"] for one in run.records("Profit_Article")}) == len(run.records("Profit_Article")) == 319


def test_a_filter_that_afas_refuses_fails_alone(afas):
    """A value that does not fit its field is the stream's own fault, and said with the stream's name."""
    options = {"streams": {"Profit_Article": {"filter": [{"field": "ModifiedDate", "op": ">", "value": "gisteren"}]}}}
    run = afas.run(*THREE, fails=True, **options)
    assert run.error.exit_code == 2
    assert len(run.records("Profit_Debtor")) == 7


KINDS = {
    "incremental": ("Profit_Article", {}),
    "whole": ("Profit_Article_Basic", {}),
    "no key": ("Commerce_Items", {"Commerce_Items": {"keys": []}}),
    "no key, whole": ("Profit_Article_Basic", {"Profit_Article_Basic": {"keys": []}}),
    "two fields": ("Commerce_Items", {"Commerce_Items": {"keys": ["ItemType", "Item"]}}),
    "deletes": ("Profit_Article_Basic", {"Profit_Article_Basic": {"deletes": True}}),
    "files": ("Items_Pictures", {"Items_Pictures": {"keys": ["Itemcode"], "attachments": [
        {"kind": "image", "id": "Afbeelding_id"}]}}),
}  # fmt: skip


@pytest.mark.parametrize("stop", range(1, 9, 2))
@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_any_page_and_resumed(afas, often, kind, stop):
    """A run that dies at any page loses nothing: what its last STATE covers was written, and the next run goes on."""
    name, options = KINDS[kind]
    options = {
        "streams": {one: {"page_size": 60, **more} for one, more in options.items()} or {name: {"page_size": 60}}
    }
    catalog = afas.catalog(name, **options)
    whole = afas.run(catalog=catalog, **options)
    fault(afas, "reset_before", f"GET connectors/{name}", nth=stop)
    first = afas.run(catalog=catalog, fails=True, **options)
    afas.control("faults", method="DELETE")
    covered, state = covered_by_last_state(first)
    afas.clock.advance(60)
    second = afas.run(catalog=catalog, state=state, **options)
    found = [str(one) for one in (*covered, *second.records(name))]
    assert set(found) >= {str(one) for one in whole.records(name)}
    if kind in ("incremental", "whole", "two fields", "deletes"):
        assert len(found) == len(whole.records(name))


def covered_by_last_state(run):
    """The records before the last STATE, and that STATE: what a target that stops there has loaded."""
    last = max((at for at, one in enumerate(run.messages) if one["type"] == "STATE"), default=None)
    if last is None:
        return [], None
    return [one["record"] for one in run.messages[:last] if one["type"] == "RECORD"], run.messages[last]["value"]


def test_changes_while_a_broken_run_waits_are_not_lost(often):
    """A row that changes between a killed run and the next comes with its new value, whichever side it is on."""
    afas = Environment()
    options = {"streams": {"Profit_Article": {"page_size": 60}}}
    catalog = afas.catalog("Profit_Article")
    fault(afas, "reset_before", nth=3)
    first = afas.run(catalog=catalog, fails=True, **options)
    afas.control("faults", method="DELETE")
    _, state = covered_by_last_state(first)
    assert state["bookmarks"]["Profit_Article"]["position"]
    afas.clock.advance(3600)
    for code in ("SKU-0001", "SKU-0299"):
        afas.control("afas/item", {"action": "change", "item": code, "description": "Nieuw"})
    afas.clock.advance(3600)
    second = afas.run(catalog=catalog, state=state, **options)
    third = afas.run(catalog=catalog, state=second.state, **options)
    changed = {
        one["ItemCode"]
        for run in (second, third)
        for one in run.records("Profit_Article")
        if one["Description"] == "Nieuw"
    }
    assert changed == {"SKU-0001", "SKU-0299"}


def test_no_state_before_what_it_covers(afas, often):
    """Every STATE with a position stands behind the row that it names."""
    run = afas.run("Profit_Article", streams={"Profit_Article": {"page_size": 60}})
    last = None
    for message in run.messages:
        if message["type"] == "RECORD":
            last = message["record"]["ItemCode"]
        if message["type"] == "STATE" and (place := message["value"]["bookmarks"]["Profit_Article"]["position"]):
            assert place[2] == [last]


# deletions


WITH_DELETES = {"streams": {"Profit_Article_Basic": {"deletes": True}}}


def remove(afas, *codes):
    for code in codes:
        afas.control("afas/item", {"action": "delete", "item": code})


def deleted(run, name="Profit_Article_Basic"):
    return [one for one in run.records(name) if "_sdc_deleted_at" in one]


@pytest.mark.parametrize("folder", [False, True])
def test_what_vanished_is_sent(afas, tmp_path, folder):
    """A record that is no longer there is sent once, with its key and the time it was missed."""
    options = WITH_DELETES | ({"snapshots_folder": str(tmp_path)} if folder else {})
    first = afas.run("Profit_Article_Basic", **options)
    assert deleted(first) == []
    remove(afas, "SKU-0004", "SKU-0005")
    afas.clock.advance(60)
    second = afas.run("Profit_Article_Basic", state=first.state, **options)
    assert deleted(second) == [
        {
            "ItemCode": code,
            "_source_stream": "Profit_Article_Basic",
            "_source_key": code,
            "_sdc_deleted_at": "2026-11-02T09:01:00Z",
        }
        for code in ("SKU-0004", "SKU-0005")
    ]
    # A state that was never loaded takes no deletion with it.
    assert len(deleted(afas.run("Profit_Article_Basic", state=first.state, **options))) == 2
    assert deleted(afas.run("Profit_Article_Basic", state=second.state, **options)) == []


@pytest.mark.parametrize("left", [0, 100])
def test_a_sudden_small_answer_deletes_nothing(afas, left):
    """Suddenly (nearly) empty is a fault, not hundreds of deletions: exit 2, and the keys of last time are kept."""
    first = afas.run("Profit_Article_Basic", **WITH_DELETES)
    rule = [[{"field": "ItemCode", "operator": 3, "value": f"SKU-{left:04}"}]]
    afas.control("afas/app", {"data_filters": {"Profit_Article_Basic": rule}})
    run = afas.run("Profit_Article_Basic", state=first.state, fails=True, **WITH_DELETES)
    assert run.error.exit_code == 2
    assert deleted(run) == []
    snapshot = run.state["bookmarks"]["Profit_Article_Basic"]["snapshot"]
    assert snapshot == first.state["bookmarks"]["Profit_Article_Basic"]["snapshot"]
    afas.control("afas/app", {"data_filters": {}})
    assert deleted(afas.run("Profit_Article_Basic", state=run.state, **WITH_DELETES)) == []


@pytest.mark.parametrize("thin", [None, "Profit_Article_Basic"])
def test_deletions_of_an_incremental_stream(afas, thin):
    """All keys are read now and then, from the connector or a thinner one; in between only changes are."""
    options = {"streams": {"Profit_Article": {"deletes": {"every_hours": 4, "connector": thin}}}}
    first = afas.run("Profit_Article", **options)
    remove(afas, "SKU-0004")
    afas.clock.advance(3600)
    second = afas.run("Profit_Article", state=first.state, **options)
    assert second.records("Profit_Article") == []
    afas.clock.advance(4 * 3600)
    third = afas.run("Profit_Article", state=second.state, **options)
    assert [one["ItemCode"] for one in deleted(third, "Profit_Article")] == ["SKU-0004"]
    assert len(third.records("Profit_Article")) == 1


def test_a_record_that_comes_and_goes_between_two_comparisons(afas):
    """It stands in no list of all keys, but it was sent: so its deletion is sent too, once."""
    options = {"streams": {"Profit_Article": {"deletes": {"every_hours": 4}}}}
    state = afas.run("Profit_Article", **options).state
    afas.clock.advance(60)
    afas.control("afas/item", {"action": "add", "item": "EENDAG", "description": "Voor een dag"})
    for _ in range(2):
        afas.clock.advance(600)
        run = afas.run("Profit_Article", state=state, **options)
        state = run.state
        remove(afas, *(one["ItemCode"] for one in run.records("Profit_Article")))
    afas.clock.advance(4 * 3600)
    run = afas.run("Profit_Article", state=state, **options)
    assert [one["ItemCode"] for one in deleted(run, "Profit_Article")] == ["EENDAG"]
    afas.clock.advance(4 * 3600)
    assert deleted(afas.run("Profit_Article", state=run.state, **options), "Profit_Article") == []


@pytest.mark.parametrize("way", [{"deletes": True}, {"deletes": {"every_hours": 0}, "replication_key": ["Modified"]}])
def test_what_a_first_run_that_was_cut_off_had_sent(afas, often, way):
    """The first run breaks off after a page, and a record of that page goes: its deletion is sent."""
    name = "Commerce_Items"
    options = {"streams": {name: {"keys": ["ItemType", "Item"], "page_size": 50, "replication_key": [], **way}}}
    fault(afas, "reset_before", f"GET connectors/{name}", nth=3)
    cut = afas.run(name, fails=True, **options)
    sent = [one["Item"] for one in cut.records(name)]
    assert sent
    afas.control("faults", method="DELETE")
    remove(afas, sent[3])
    state = cut.state
    found = []
    for _ in range(3):
        afas.clock.advance(60)
        run = afas.run(name, state=state, **options)
        state = run.state
        found += [one["Item"] for one in deleted(run, name)]
    assert found == [sent[3]]


def test_a_list_of_keys_that_is_older_than_what_was_sent(afas):
    """What this run has sent is no deletion because the list of all keys doesn't have it yet: the next one tells."""
    name, options = "Profit_Article", {"streams": {"Profit_Article": {"deletes": {"every_hours": 4}}}}
    state = afas.run(name, **options).state
    afas.clock.advance(5 * 3600)
    afas.control("afas/item", {"action": "add", "item": "NIEUW", "description": "Nieuw"})
    afas.clock.advance(5)
    fault(afas, "lookup_stale", nth=2, times=1, seconds=60)
    run = afas.run(name, state=state, **options)
    assert [(one["ItemCode"], "_sdc_deleted_at" in one) for one in run.records(name)] == [("NIEUW", False)]
    remove(afas, "NIEUW")
    afas.clock.advance(5 * 3600)
    run = afas.run(name, state=run.state, **options)
    assert [one["ItemCode"] for one in deleted(run, name)] == ["NIEUW"]


@pytest.mark.parametrize(("before", "after"), [(["ItemType", "Item"], ["Item"]), (["Item"], ["ItemType", "Item"])])
def test_other_keys_after_a_first_run_that_was_cut_off(afas, often, before, after):
    """Keys of other fields can't be compared: nothing is sent as deleted, and the next run compares again."""

    def options(keys):
        return {"streams": {"Commerce_Items": {"keys": keys, "page_size": 50, "replication_key": [], "deletes": True}}}

    fault(afas, "reset_before", "GET connectors/Commerce_Items", nth=3)
    state = afas.run("Commerce_Items", fails=True, **options(before)).state
    afas.control("faults", method="DELETE")
    for _ in range(3):
        run = afas.run("Commerce_Items", state=state, **options(after))
        assert deleted(run, "Commerce_Items") == []
        state = run.state


def test_a_thinner_connector_that_hides_a_row(afas):
    """What it never listed is no deletion."""
    options = {"streams": {"Profit_Article": {"deletes": {"every_hours": 4, "connector": "Profit_Article_Basic"}}}}
    rule = [[{"field": "ItemCode", "operator": 7, "value": "SKU-0004"}]]
    afas.control("afas/app", {"data_filters": {"Profit_Article_Basic": rule}})
    run = afas.run("Profit_Article", **options)
    assert "SKU-0004" in {one["ItemCode"] for one in run.records("Profit_Article")}
    for _ in range(2):
        afas.clock.advance(5 * 3600)
        run = afas.run("Profit_Article", state=run.state, **options)
        assert deleted(run, "Profit_Article") == []


def test_keys_that_cannot_be_read_keep_no_row_back(afas):
    """Without a right to the thinner connector the stream fails, and its rows come all the same."""
    options = {"streams": {"Profit_Article": {"deletes": {"connector": "Profit_Article_Basic"}}}}
    fault(afas, "denied", "GET connectors/Profit_Article_Basic")
    run = afas.run("Profit_Article", fails=True, **options)
    assert run.error.exit_code == 2
    assert len(run.records("Profit_Article")) > 100


# attachments


PICTURES = {"keys": ["Itemcode"], "page_size": 50}


def test_images_in_a_field(afas):
    """An image is fetched by its id and sent as base64, with its kind and fingerprint; no image is null."""
    options = {"streams": {"Items_Pictures": {**PICTURES, "attachments": [
        {"kind": "image", "id": "Afbeelding_id", "into": "picture"},
        {"kind": "file", "id": "Bestand_id", "name": "Bestandsnaam", "into": "document"}]}}}  # fmt: skip
    run = afas.run("Items_Pictures", **options)
    records = {one["Itemcode"]: one for one in run.records("Items_Pictures")}
    first = records["SKU-0001"]
    assert first["picture"]["mimetype"] == "image/png"
    assert first["picture"]["data"].startswith("iVBORw0KGgo")
    assert first["document"]["filename"] == "SKU-0001.png"
    assert first["document"]["sha256"] == first["picture"]["sha256"]
    assert records["SKU-0100"]["picture"] is None
    assert afas.box.calls["GET ImageConnector"] == 25


def test_attachments_in_a_folder(afas, tmp_path):
    """Attachments of dossier items go into a folder; records say where, and equal files are there once."""
    options = {"attachments_folder": str(tmp_path), "streams": {"Profit_Subject_Attachments": {"attachments": [
        {"kind": "subject", "id": "file_id", "name": "file_name", "subject": "subject_id"}]}}}  # fmt: skip
    run = afas.run("Profit_Subject_Attachments", **options)
    texts = [(tmp_path / one["file"]["path"]).read_text() for one in run.records("Profit_Subject_Attachments")]
    assert sorted(texts) == ["Bijlage 1", "Bijlage 2"]
    assert {one["file"]["filename"] for one in run.records("Profit_Subject_Attachments")} == {"Offerte.txt"}


def test_files_as_a_stream(afas):
    """Files can be a stream of their own with the record's key, which follows the record's changes."""
    wanted = {"kind": "image", "id": "Afbeelding_id", "into": "pictures", "target": "stream", "size": "medium"}
    options = {"streams": {"Items_Pictures": {**PICTURES, "attachments": [wanted]}}}
    run = afas.run("Items_Pictures", "Items_Pictures_pictures", **options)
    assert "data" not in run.records("Items_Pictures")[0]
    assert not run.state["bookmarks"]["Items_Pictures_pictures"]["unlisted"]
    files = {one["Itemcode"]: one for one in run.records("Items_Pictures_pictures")}
    assert files["SKU-0002"]["mimetype"] == "image/png"
    assert set(files["SKU-0002"]) == {
        "Itemcode", "Gewijzigd_op", "filename", "mimetype", "size", "sha256", "data", "_source_stream", "_source_key",
    }  # fmt: skip
    afas.clock.advance(3600)
    afas.control("afas/item", {"action": "change", "item": "SKU-0002", "description": "Nieuw"})
    afas.clock.advance(60)
    again = afas.run("Items_Pictures_pictures", state=run.state, **options)
    assert [one["Itemcode"] for one in again.records("Items_Pictures_pictures")] == ["SKU-0002"]


def test_a_stream_of_files_needs_a_name_of_its_own(afas):
    """A stream of files that would be named like a connector is refused; the other streams are there."""
    wanted = {"kind": "image", "id": "ItemCode", "into": "image", "target": "stream"}
    tap = afas.tap(connectors=["Profit_Article*"], streams={"Profit_Article": {"attachments": [wanted]}})
    assert "Profit_Article" not in tap.streams
    assert "Profit_Article_image" in tap.streams
    assert "another `into`" in tap.failures["Profit_Article"].text


def test_a_missing_file_is_null(afas):
    """A file that AFAS doesn't have is null; the record comes all the same."""
    afas.control("faults", {"name": "temporary_404", "endpoint": "GET ImageConnector", "times": None})
    options = {"streams": {"Items_Pictures": {**PICTURES, "attachments": [{"kind": "image", "id": "Afbeelding_id"}]}}}
    run = afas.run("Items_Pictures", **options)
    assert {one["file"] for one in run.records("Items_Pictures")} == {None}


def test_overlap_does_not_send_twice(afas):
    """What was sent within the overlap is not sent again, and a record that changed since is."""
    first = afas.run("Profit_Article")
    afas.clock.advance(30)
    afas.control("afas/item", {"action": "change", "item": "SKU-0001", "description": "Nieuw"})
    afas.clock.advance(30)
    second = afas.run("Profit_Article", state=first.state, overlap_minutes=60)
    assert [one["ItemCode"] for one in second.records("Profit_Article")] == ["SKU-0001"]
    afas.clock.advance(timedelta(minutes=5).total_seconds())
    assert afas.run("Profit_Article", state=second.state, overlap_minutes=60).records("Profit_Article") == []
