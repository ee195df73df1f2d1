"""Runs against an imitated environment: discovery, whole and incremental reading, what is kept between runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from environment import Environment
from jsonschema import Draft202012Validator

from upsert.errors import ConfigurationError

ITEMS = {"streams": {"Commerce_Items": {"keys": ["ItemType", "Item"]}}}


def keyed(name="Profit_Article", **options):
    return {"streams": {name: options}}


@pytest.fixture
def everything(afas):
    """Return a run over every stream."""
    return afas.run()


def test_every_connector_is_a_stream(afas, everything):
    """Whatever the token may read is a stream, named by the connector's id, besides two about the connectors."""
    listed = {one["connector"] for one in everything.records("_connectors") if one["kind"] == "get"}
    assert set(everything.streams) == listed | {"_connectors", "_fields"}
    assert {"Profit_Article", "Commerce_Orders", "ProfitCountries"} <= listed


def test_every_record_fits_its_schema(everything):
    """Every record of every stream is valid against the schema that was sent before it."""
    checked = 0
    for name in everything.streams:
        check = Draft202012Validator(everything.schema(name)["schema"])
        for record in everything.records(name):
            plain = {key: float(one) if isinstance(one, Decimal) else one for key, one in record.items()}
            check.validate(plain)
            assert set(record) <= set(everything.schema(name)["schema"]["properties"])
            checked += 1
    assert checked > 1000


def test_every_row_comes(afas, everything):
    """As many records as AFAS has rows."""
    for name in ("Profit_Article", "ProfitCountries", "Profit_Debtor", "Commerce_Relations"):
        connector = afas.service.connectors()[name]
        assert len(everything.records(name)) == len(afas.service.engine.rows(connector, "nl").everything())


def test_the_second_run_reads_only_changes(afas, everything):
    """Streams with a time of change send what changed since, and nothing when nothing did."""
    afas.clock.advance(600)
    again = afas.run(state=everything.state)
    incremental = [name for name in again.streams if again.schema(name).get("bookmark_properties")]
    assert {name: again.records(name) for name in incremental if again.records(name)} == {}
    assert "Profit_Article" in incremental
    afas.clock.advance(600)
    afas.control("afas/item", {"action": "change", "item": "SKU-0007", "description": "Nieuw"})
    afas.clock.advance(60)
    third = afas.run(state=again.state)
    (changed,) = third.records("Profit_Article")
    assert (changed["ItemCode"], changed["Description"]) == ("SKU-0007", "Nieuw")


def test_a_late_commit_is_not_missed(afas):
    """A change that AFAS shows only after the run that should have seen it is within the overlap of the next."""
    first = afas.run("Profit_Article")
    late = afas.clock.now() - timedelta(minutes=5)
    with afas.clock.at(late):
        afas.control("afas/item", {"action": "change", "item": "SKU-0009", "description": "Laat"})
    afas.clock.advance(300)
    (record,) = afas.run("Profit_Article", state=first.state).records("Profit_Article")
    assert record["Description"] == "Laat"


@pytest.mark.parametrize("hour", range(5))
@pytest.mark.parametrize(
    "night", [datetime(2026, 3, 28, 23, 10, tzinfo=UTC), datetime(2026, 10, 24, 22, 10, tzinfo=UTC)]
)
def test_both_nights_of_the_clock_change(night, hour):
    """Changes every quarter of an hour through the night the clocks change: runs between them miss none."""
    afas = Environment(night - timedelta(days=1))
    state = afas.run("Profit_Article", overlap_minutes=0).state
    afas.clock.set(night + timedelta(minutes=7 * hour))
    expected, found = [], []
    for step in range(1, 21):
        afas.clock.advance(15 * 60)
        expected.append(f"SKU-{step:04}")
        afas.control("afas/item", {"action": "change", "item": expected[-1], "description": f"Stap {step}"})
        if step % (hour + 1) == 0:
            afas.clock.advance(1)
            run = afas.run("Profit_Article", state=state, overlap_minutes=0)
            found += [one["ItemCode"] for one in run.records("Profit_Article")]
            state = run.state
    afas.clock.advance(60)
    found += [one["ItemCode"] for one in afas.run("Profit_Article", state=state).records("Profit_Article")]
    assert set(found) >= set(expected)


def test_values_arrive_as_what_they_are(afas):
    """0 stays 0, "" stays "", false stays false, null stays null, and numbers keep their digits."""
    fields = [
        {"id": "Code", "kind": "s", "column": "i.code"},
        {"id": "Leeg", "kind": "s", "column": "f.Ds"},
        {"id": "Nul", "kind": "i", "column": "f.Nul"},
        {"id": "Prijs", "kind": "n", "column": "f.SaPrice", "length": 26, "decimals": 10},
        {"id": "Nee", "kind": "b", "column": "f.Nee"},
        {"id": "Niets", "kind": "s"},
        {"id": "Met.punt", "kind": "s", "column": "i.unit"},
    ]
    afas.control("afas/connector", {"name": "Proef", "source": "items", "fields": fields})
    tables = afas.service.tables
    row = tables.get("items", "2|sku-0001")
    price = Decimal("12345678901234567.0123456789")
    tables.put("items", "2|sku-0001", row | {"f": {"Ds": "", "Nul": 0, "SaPrice": price, "Nee": False}})
    run = afas.run("Proef", **keyed("Proef", keys=["Code"]))
    record = next(one for one in run.records("Proef") if one["Code"] == "SKU-0001")
    del record["_source_stream"], record["_source_key"]
    wanted = {"Code": "SKU-0001", "Leeg": "", "Nul": 0, "Prijs": price, "Nee": False, "Niets": None, "Met.punt": "STK"}
    assert record == wanted
    assert record["Nee"] is False
    assert run.schema("Proef")["key_properties"] == ["Code"]


@pytest.mark.parametrize("version", [6, 7, 8])
def test_old_versions_are_read_exactly(afas, version):
    """Profit 6 breaks its lines and writes `.5`: the records are the same, one line each."""
    afas.control("afas/item", {"item": "HALF", "price": "0.5"})
    afas.control("switches", {"profit_version": version})
    run = afas.run("Profit_Article_Basic")
    (half,) = [one for one in run.records("Profit_Article_Basic") if one["ItemCode"] == "HALF"]
    assert half["BasicSalesPrice"] == Decimal("0.5")


def test_labels_in_the_language_of_the_settings(afas):
    """Labels and translated values follow `language`."""
    dutch = afas.run("ProfitCountries")
    english = afas.run("ProfitCountries", language="en-us")
    assert dutch.schema("ProfitCountries")["schema"]["properties"]["Co"]["title"] == "Land"
    assert english.schema("ProfitCountries")["schema"]["properties"]["Co"]["title"] == "Country"
    assert "Austria" in {one["Co"] for one in english.records("ProfitCountries")}


@pytest.mark.parametrize("name", ["Profit_Article", "Commerce_Orders", "Commerce_Addresses"])
def test_a_sort_is_always_sent(afas, name):
    """AFAS shuffles unsorted rows; keys, or else all fields, are asked for in order, and pages fit together."""
    whole = afas.run(name).records(name)
    small = afas.run(name, streams={name: {"page_size": 2}}).records(name)
    assert sorted(map(str, small)) == sorted(map(str, whole))
    assert all("orderbyfieldids=" in target for target in afas.targets())


def test_page_size_follows_from_the_columns(afas):
    """Columns times rows stay below 150,000 (read-api 2.2)."""
    afas.run("Profit_Article")
    (target,) = afas.targets("GET connectors/Profit_Article")
    assert "take=7894" in target
    assert 7894 * 19 < 150_000 <= 7895 * 19


@pytest.mark.parametrize(
    "form",
    [
        [{"field": "Blocked", "value": "false"}, {"field": "ItemCode", "op": "<=", "value": "SKU-0010"}],
        {"filterfieldids": "Blocked,ItemCode", "filtervalues": "false,SKU-0010", "operatortypes": "1,3"},
        {"Filters": {"Filter": {"Field": [
            {"@FieldId": "Blocked", "@OperatorType": 1, "#text": "false"},
            {"@FieldId": "ItemCode", "@OperatorType": "3", "#text": "SKU-0010"}]}}},
    ],
)  # fmt: skip
def test_filters_of_every_form(afas, form):
    """A filter in any form gives the same rows, also with a window."""
    run = afas.run("Profit_Article", **keyed(filter=form))
    found = [one["ItemCode"] for one in run.records("Profit_Article") if one["ItemCode"].startswith("SKU")]
    assert found == [f"SKU-{number:04}" for number in range(1, 11)]
    afas.clock.advance(3600)
    afas.control("afas/item", {"action": "change", "item": "SKU-0003", "description": "Nieuw"})
    afas.control("afas/item", {"action": "change", "item": "SKU-0030", "description": "Nieuw"})
    afas.clock.advance(60)
    again = afas.run("Profit_Article", state=run.state, **keyed(filter=form))
    assert [one["ItemCode"] for one in again.records("Profit_Article")] == ["SKU-0003"]


def test_start_date(afas):
    """Without a bookmark, what changed before `start_date` does not come."""
    afas.clock.advance(3600)
    afas.control("afas/item", {"action": "change", "item": "SKU-0003", "description": "Nieuw"})
    run = afas.run("Profit_Article", start_date=(afas.clock.now() - timedelta(minutes=1)).isoformat())
    assert [one["ItemCode"] for one in run.records("Profit_Article")] == ["SKU-0003"]


def test_a_number_as_replication_key(afas):
    """A number that only rises serves as well: the next run goes on from the highest."""
    afas.control("afas/volume", {"name": "Regels", "rows": 50, "columns": 5})
    options = keyed("Regels", keys=["Code"], replication_key=["Id"])
    first = afas.run("Regels", **options)
    assert len(first.records("Regels")) == 50
    afas.control("afas/volume", {"name": "Regels", "rows": 60, "columns": 5})
    second = afas.run("Regels", state=first.state, **options)
    assert [one["Id"] for one in second.records("Regels")] == list(range(50, 61))


def test_large_connectors_are_read_in_parts(afas):
    """No deep skip: a large connector is read by key, in order, each row once, with hardly more calls than pages."""
    afas.control("afas/volume", {"name": "Groot", "rows": 20_000, "columns": 30})
    options = keyed("Groot", keys=["Code"], replication_key=[], page_size=500)
    run = afas.run("Groot", partition_rows=5_000, **options)
    assert [one["Id"] for one in run.records("Groot")] == list(range(1, 20_001))
    skips = [int(target.split("skip=")[1].split("&")[0]) for target in afas.targets()]
    assert max(skips) < 5_500
    assert len(skips) <= 20_000 / 499 * 1.05 + 1


def test_metainfo_as_records(afas, everything):
    """The connectors and their fields, with labels, types and lengths, are streams of their own."""
    connectors = {one["connector"]: one for one in everything.records("_connectors")}
    assert connectors["Profit_Article"]["keys"] == ["ItemCode"]
    assert connectors["Profit_Article"]["replication_key"] == "ModifiedDate"
    assert connectors["FbSales"]["kind"] == "update"
    fields = {(one["connector"], one["field"]): one for one in everything.records("_fields")}
    assert fields["Profit_Article", "ItemCode"]["length"] == 40
    assert fields["Profit_Article", "ItemCode"]["label"] == "Itemcode"
    assert connectors["Profit_Article"]["environment"] == "T12345AA"


def test_with_a_catalog_only_what_is_selected_is_asked(afas):
    """A run with a catalog asks metainfo for the selected streams alone."""
    catalog = afas.catalog("Profit_Article")
    afas.box.reset_calls()
    afas.run(catalog=catalog)
    assert set(afas.box.calls) == {"GET metainfo/get/Profit_Article", "GET connectors/Profit_Article"}


def test_source_fields_can_be_left_out(afas):
    """`source_fields: false` sends AFAS's fields alone, and speaks no held protocol."""
    run = afas.run("Profit_Article", source_fields=False)
    assert not any(name.startswith("_") for name in run.records("Profit_Article")[0])
    assert "held" not in run.state["bookmarks"]["Profit_Article"]


def test_stream_maps_and_flattening_give_the_same_records(afas):
    """The SDK's way sends what the short way sends."""
    short = afas.run("Profit_Article")
    maps = {"Profit_Article": {"__alias__": "Profit_Article"}}
    assert afas.run("Profit_Article", stream_maps=maps).records("Profit_Article") == short.records("Profit_Article")
    maps = {"Profit_Article": {"ItemCode": "ItemCode", "Lang": "Description + '!'", "__else__": None}}
    mapped = afas.run("Profit_Article", stream_maps=maps).records("Profit_Article")
    assert set(mapped[0]) == {"ItemCode", "Lang"}


def test_the_catalog_may_choose_keys(afas):
    """Keys and replication method that a catalog was given hold."""
    catalog = afas.catalog("Commerce_Items")
    for entry in catalog["streams"]:
        if entry["tap_stream_id"] == "Commerce_Items":
            entry["key_properties"] = ["ItemType", "Item"]
            entry["replication_method"] = "FULL_TABLE"
            entry["replication_key"] = None
    run = afas.run(catalog=catalog)
    assert run.schema("Commerce_Items")["key_properties"] == ["ItemType", "Item"]
    assert run.records("Commerce_Items")[0]["_source_key"] == "2|SKU-0001"
    assert "orderbyfieldids=ItemType,Item" in afas.targets()[-1]


def test_a_state_of_another_environment_is_refused(afas):
    """A bookmark of the live environment is never taken for one of the test environment."""
    state = afas.run("Profit_Article").state
    with pytest.raises(ConfigurationError, match="belongs to"):
        afas.run("Profit_Article", state=state, environment="O12345AA")


# held records


def held(*keys):
    entry = {"reason": "unknown_item", "subject": "", "first": "2026-11-01T00:00:00Z", "attempts": 1}
    return [{"key": key, "next": "2026-11-01T00:00:00Z"} | entry for key in keys]


def with_held(state, stream, *keys):
    state["bookmarks"][stream]["held"] = held(*keys)
    return state


def test_held_keys_are_read_again_in_one_call(afas):
    """Records that the target holds come again, all in one call; one that is gone comes as `_gone`."""
    first = afas.run("Profit_Article")
    afas.clock.advance(3600)
    afas.box.reset_calls()
    keys = [f"SKU-{number:04}" for number in range(1, 11)] + ["SKU-9999"]
    run = afas.run("Profit_Article", state=with_held(first.state, "Profit_Article", *keys))
    records = {one["_source_key"]: one for one in run.records("Profit_Article")}
    assert set(records) == set(keys)
    assert records["SKU-9999"] == {
        "ItemCode": "SKU-9999", "_source_stream": "Profit_Article", "_source_key": "SKU-9999", "_gone": True,
    }  # fmt: skip
    assert afas.box.calls["GET connectors/Profit_Article"] == 2
    assert [one["key"] for one in run.state["bookmarks"]["Profit_Article"]["held"]] == keys


def test_held_keys_of_several_fields(afas):
    """Keys of more than one field are found too, and those that the filter leaves out now are gone."""
    first = afas.run("Commerce_Items", **ITEMS)
    afas.clock.advance(3600)
    state = with_held(first.state, "Commerce_Items", "2|SKU-0001", "2|SKU-0002", "5|SKU-0001")
    options = {"streams": {"Commerce_Items": {"keys": ["ItemType", "Item"], "filter": [
        {"field": "Item", "op": "!=", "value": "SKU-0002"}]}}}  # fmt: skip
    run = afas.run("Commerce_Items", state=state, **options)
    records = {one["_source_key"]: one.get("_gone") for one in run.records("Commerce_Items")}
    assert records == {"2|SKU-0001": None, "2|SKU-0002": True, "5|SKU-0001": True}


def test_held_keys_with_a_date(afas):
    """AFAS takes no Z in a filter, and no test for the same moment: a key with a date in it is found all the same."""
    keys = ["PriceList", "Debtor", "ItemType", "Item", "Dim1", "QuantityFrom", "ValidFrom"]
    options = {"streams": {"Commerce_Prices": {"keys": keys, "replication_key": []}}}
    first = afas.run("Commerce_Prices", **options)
    wanted = [one["_source_key"] for one in first.records("Commerce_Prices") if one["Item"] == "SKU-0013"]
    assert any("|2025-01-01T00:00:00Z" in key for key in wanted)
    gone = wanted[0].replace("SKU-0013", "SKU-9999")
    run = afas.run("Commerce_Prices", state=with_held(first.state, "Commerce_Prices", *wanted, gone), **options)
    assert run.error is None
    came = [one["_source_key"] for one in run.records("Commerce_Prices")]
    assert sorted(came[: len(wanted) + 1]) == sorted([*wanted, gone])


def test_held_records_of_whole_readings_come_once(afas):
    """A stream that is read whole sends a held record once."""
    first = afas.run("Profit_Article_Basic")
    run = afas.run("Profit_Article_Basic", state=with_held(first.state, "Profit_Article_Basic", "SKU-0001"))
    codes = [one["ItemCode"] for one in run.records("Profit_Article_Basic")]
    assert len(codes) == len(set(codes)) == len(first.records("Profit_Article_Basic"))


# what a person should know


def test_a_key_that_is_none_is_said(afas, caplog):
    """Keys that several rows share are said once: rows could be missed."""
    afas.run("Commerce_Items", **keyed("Commerce_Items", keys=["ItemType"]))
    assert sum("doesn't identify a row" in line for line in caplog.messages) == 1


def test_one_warning_per_stream(afas, caplog):
    """A selected stream that lacks a key or a time of change says so in one line; others say nothing."""
    catalog = afas.catalog("Profit_Article", "Commerce_Addresses")
    caplog.clear()
    afas.run(catalog=catalog)
    lines = [line for line in caplog.messages if "set streams." in line]
    assert len(lines) == 1
    assert "Commerce_Addresses" in lines[0]


def test_no_personal_data_in_the_state(afas):
    """The place within a stream without keys is its time of change alone."""
    options = keyed("Commerce_Relations", page_size=2)
    catalog = afas.catalog("Commerce_Relations", **options)
    run = afas.run(catalog=catalog, **options)
    assert not any(one["Mail"] in str(run.state) for one in run.records("Commerce_Relations") if one["Mail"])


def test_a_state_of_another_environment_is_refused_without_keys_too(afas):
    """Streams that can't re-read records refuse a foreign bookmark as well."""
    state = afas.run("Commerce_Relations").state
    with pytest.raises(ConfigurationError, match="belongs to"):
        afas.run("Commerce_Relations", state=state, environment="O12345AA")


def test_a_typing_error_in_a_stream_name_is_said(afas, caplog):
    """Settings of a stream that isn't there would be ignored in silence otherwise."""
    assert afas.tap(streams={"Profit_Artcle": {"keys": ["ItemCode"]}, "Profit_*": {}}).streams
    lines = [line for line in caplog.messages if "fits no GetConnector" in line]
    assert lines == ["setting streams.Profit_Artcle fits no GetConnector of the app connector"]


def test_a_held_record_is_no_double(afas, caplog):
    """A record that is read for the held list and again in the window is not taken for a key that two rows share."""
    first = afas.run("Profit_Article_Basic")
    afas.run("Profit_Article_Basic", state=with_held(first.state, "Profit_Article_Basic", "SKU-0001"))
    assert not [line for line in caplog.messages if "doesn't identify" in line]


def test_when_figures_were_asked_for(afas):
    """Each row says the moment on AFAS's clock before the reading; also one that is read again for the target."""
    options = {"Commerce_Stock": {"keys": ["ItemType", "Item", "Dim1", "Dim2", "Warehouse"], "replication_key": []}}
    options["Commerce_Stock"] |= {"read_at": "ReadAt", "page_size": 50}
    before = afas.clock.now()
    afas.latency = 3.0
    run = afas.run("Commerce_Stock", streams=options)
    records = run.records("Commerce_Stock")
    moments = {datetime.fromisoformat(one["ReadAt"]) for one in records}
    assert len(records) > 100
    assert len(moments) == 1
    # Every page took some seconds; what was booked meanwhile is not in the figures for certain.
    assert before <= moments.pop() < afas.clock.now() - timedelta(seconds=6)
    assert run.schema("Commerce_Stock")["schema"]["properties"]["ReadAt"]["format"] == "date-time"
    state = with_held(run.state, "Commerce_Stock", records[0]["_source_key"])
    again = afas.run("Commerce_Stock", streams=options, state=state).records("Commerce_Stock")
    assert all(one["ReadAt"] > records[0]["ReadAt"] for one in again)
    plain = afas.run("Commerce_Stock", streams=options, source_fields=False).records("Commerce_Stock")
    assert {len(one) for one in plain} == {len(records[0]) - 2}


def test_a_moment_needs_a_name_of_its_own(afas):
    """A field of the connector is never overwritten."""
    with pytest.raises(ConfigurationError, match="read_at: the connector has a field OnHand"):
        afas.tap(streams={"Commerce_Stock": {"read_at": "OnHand"}}).definition(
            "Commerce_Stock", afas.tap().client.get_metainfo("Commerce_Stock")
        )


def test_prices_of_several_relations_for_one_item(afas):
    """Prices of sales relations differ by the relation alone; reading page by page loses none of them."""
    for debtor, price in (("10004", 7), ("10005", 8), ("10006", 9)):
        afas.control("user", {"do": "price", "Debtor": debtor, "Item": "SKU-0014", "Price": price})
    keys = ["PriceList", "Debtor", "ItemType", "Item", "Dim1", "Dim2", "Unit", "Currency", "QuantityFrom", "ValidFrom"]
    options = {"Commerce_Prices": {"keys": keys, "replication_key": [], "page_size": 2, "partition_rows": 3}}
    records = afas.run("Commerce_Prices", streams=options).records("Commerce_Prices")
    assert {"10004", "10005", "10006"} <= {one["Debtor"] for one in records if one["Item"] == "SKU-0014"}
    found = [one["_source_key"] for one in records]
    assert len(found) == len(set(found)) == len(afas.run("Commerce_Prices").records("Commerce_Prices"))
