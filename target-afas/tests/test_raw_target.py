"""Raw streams through the target's stdin, against the sandbox: modes, rows, bad records, unclear writes."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from target_afas_raw_world import RawPlugin, messages
from target_afas_world import World

from upsert.errors import Aborted, ConfigurationError
from upsert.model import SourceKey
from upsert.store import DecisionKind

if TYPE_CHECKING:
    from pathlib import Path

PERSON = {
    "MatchPer": "7",
    "AutoNum": True,
    "PadAdr": False,
    "LaNm": "Jansen",
    "FiNm": "Jan",
    "SpNm": False,
    "ViGe": "M",
}
LINE = {"VaIt": "2", "ItCd": "A1000", "BiUn": "STK", "QuUn": 2, "Upri": 10}
LOOKUP = {
    "connector": "Commerce_Orders",
    "field": "Ref",
    "id": {"OrNu": "OrderNumber"},
    "fields": {"RfCs": "Ref", "DbId": "Debtor", "OrDa": "OrderDate", "DaDe": "DeliveryDate", "InVa": "InclVat"},
}
UPSERT = {"mode": "upsert", "key": "RfCs", "lookup": LOOKUP}


def person(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {"id": number, **PERSON, **fields}


def order(reference: str = "CSV-1", **fields: Any) -> dict[str, Any]:
    return {"RfCs": reference, "DbId": "10001", "InVa": True, "FbSalesLines": [LINE], **fields}


def orders(plugin: RawPlugin, reference: str = "CSV-1") -> list[dict[str, Any]]:
    found = plugin.world.service.books()["orders"]
    return [one for one in found if one["reference"] == reference and not one["deleted"]]


@pytest.fixture
def item(tmp_path: Path) -> World:
    """A world with an article."""
    world = World()
    world.user("item", item="A1000", unit="STK")
    return world


# -- insert ------------------------------------------------------------------------------------------------------------


def test_a_record_is_inserted_once(tmp_path: Path) -> None:
    """A stream named after an UpdateConnector, in any case, is inserted; the second run over it makes no write."""
    plugin = RawPlugin(tmp_path)
    for expected, writes in (({"created": 1}, 1), ({"skipped unchanged": 1}, 0)):
        assert plugin.load("knperson", person()) == []
        assert plugin.counts() == expected
        assert sum(plugin.writes().values()) == writes


def test_rows_of_a_nested_array_go_with_the_record(tmp_path: Path, item: World) -> None:
    """An order with its lines is one call."""
    plugin = RawPlugin(tmp_path, item)
    assert plugin.load("FbSales", order(FbSalesLines=[LINE, {**LINE, "QuUn": 3}]), key=["RfCs"]) == []
    assert plugin.writes() == {"POST connectors/FbSales": 1}
    (booked,) = orders(plugin)
    assert len(booked["lines"]) == 2


def test_the_shape_of_a_csv_tap_is_understood(tmp_path: Path, item: World) -> None:
    """Texts become numbers, yes/no values and dates where the metainfo says so, and nested rows may be JSON text."""
    plugin = RawPlugin(tmp_path, item)
    lines = json.dumps([{"VaIt": "2", "ItCd": "A1000", "QuUn": "2", "Upri": "12.5"}])
    record = {"RfCs": "CSV-1", "DbId": "10001", "InVa": "true", "OrDa": "2026-10-31", "FbSalesLines": lines, "DaDe": ""}
    assert plugin.load("FbSales", record, key=["RfCs"]) == []
    (booked,) = orders(plugin)
    assert Decimal(str(booked["incl"])) == 25


def test_an_element_key_has_three_spellings(tmp_path: Path) -> None:
    """The key that AFAS writes with an @ is given by its plain id, as `_key_…`, or with the @."""
    plugin = RawPlugin(tmp_path, KnSalesRelationPer={"mode": "update"})
    for name, value in {"DbId": "30", "_key_DbId": "14", "@DbId": "30"}.items():
        assert plugin.load("KnSalesRelationPer", {name: "10006", "PaCd": value}, key=[name]) == []
        assert plugin.counts() == {"updated": 1}
        (row,) = plugin.rows("Profit_Debtor", DebtorId="10006")
        assert row["PayCon"] == value


def test_a_blind_insert_without_an_answer_waits_for_a_person(tmp_path: Path) -> None:
    """Without a look-up nothing tells whether an unanswered insert was done: it is held, never repeated by itself."""
    plugin = RawPlugin(tmp_path)
    plugin.world.fault(name="reset_after", endpoint="POST connectors/KnPerson")
    (entry,) = plugin.load("KnPerson", person())
    assert entry["reason"] == "in_doubt"
    plugin.world.clock.advance(timedelta(hours=1).total_seconds())
    (entry,) = plugin.load("KnPerson", person(), held=[entry])
    assert entry["reason"] == "in_doubt"
    assert plugin.writes() == {}
    with plugin.store() as store:
        store.decide(
            "csv.files", SourceKey("KnPerson", "1"), DecisionKind.RELEASE, who="eva", at=plugin.world.host.now()
        )
    assert plugin.load("KnPerson", person(), held=[entry]) == []
    assert plugin.writes() == {"POST connectors/KnPerson": 1}


def test_a_changed_record_of_a_blind_stream_is_held(tmp_path: Path) -> None:
    """What was only inserted, and can't be looked up, is not written a second time when it changes."""
    plugin = RawPlugin(tmp_path)
    plugin.load("KnPerson", person())
    (entry,) = plugin.load("KnPerson", person(LaNm="Pietersen"))
    assert entry["reason"] == "changed_blind"


def test_an_insert_with_a_look_up_leaves_what_exists(tmp_path: Path, item: World) -> None:
    """Mode insert with a look-up makes what is not there, and never changes what is."""
    plugin = RawPlugin(tmp_path, item, FbSales={**UPSERT, "mode": "insert"})
    assert plugin.load("FbSales", order(), key=["RfCs"]) == []
    assert plugin.load("FbSales", order(DaDe="2026-12-01"), key=["RfCs"]) == []
    assert plugin.counts() == {"skipped exists_in_afas": 1}
    assert plugin.writes() == {}


def test_equal_records_without_a_key_are_one_by_choice(tmp_path: Path) -> None:
    """A stream without any key is refused with the way out; `key: "*"` takes all fields together as the key."""
    plain = {name: value for name, value in person().items() if name != "id"}
    with pytest.raises(ConfigurationError, match="set `key`"):
        RawPlugin(tmp_path).load("KnPerson", plain, key=[])
    plugin = RawPlugin(tmp_path, KnPerson={"key": "*"})
    plugin.load("KnPerson", plain, plain, {**plain, "FiNm": "Piet"}, key=[])
    assert plugin.writes() == {"POST connectors/KnPerson": 2}


# -- upsert and update -------------------------------------------------------------------------------------------------


def test_upsert_makes_changes_and_leaves(tmp_path: Path, item: World) -> None:
    """Upsert inserts what the look-up misses, sends only what changed, and nothing when nothing did."""
    plugin = RawPlugin(tmp_path, item, FbSales=UPSERT)
    assert plugin.load("FbSales", order(), key=["RfCs"]) == []
    assert plugin.counts() == {"created": 1}
    assert plugin.load("FbSales", order(DaDe="2026-12-01"), key=["RfCs"]) == []
    assert plugin.writes() == {"PUT connectors/FbSales": 1}
    assert plugin.load("FbSales", order(DaDe="2026-12-01T00:00:00"), key=["RfCs"]) == []
    assert plugin.writes() == {}
    assert len(orders(plugin)) == 1
    assert len(orders(plugin)[0]["lines"]) == 1


def test_upsert_without_its_store_sends_nothing_that_is_there(tmp_path: Path, item: World) -> None:
    """With a lost store the fields that the look-up shows are compared: a record that is the same is taken over."""
    header = {"RfCs": "CSV-1", "DbId": "10001", "InVa": True, "OrDa": "2026-10-30"}
    plugin = RawPlugin(tmp_path, item, FbSales=UPSERT)
    assert plugin.load("FbSales", header, key=["RfCs"]) == []
    plugin.file.unlink()
    assert plugin.load("FbSales", header, key=["RfCs"]) == []
    assert plugin.counts() == {"skipped same_in_afas": 1}
    assert plugin.writes() == {}
    assert plugin.load("FbSales", header, key=["RfCs"]) == []
    assert plugin.world.client.calls["GET connectors/Commerce_Orders"] == 0


def test_the_batch_is_looked_up_in_one_question(tmp_path: Path, item: World) -> None:
    """Fifty records are one look-up, not fifty."""
    plugin = RawPlugin(tmp_path, item, FbSales={**UPSERT, "mode": "update"})
    held = plugin.load("FbSales", *(order(f"NONE-{n}") for n in range(15)), key=["RfCs"])
    assert {entry["reason"] for entry in held} == {"not_in_afas"}
    assert plugin.world.client.calls["GET connectors/Commerce_Orders"] == 1


@pytest.mark.parametrize("first", ["RfCs", "OrDa"])
def test_a_key_may_have_several_parts(tmp_path: Path, item: World, first: str) -> None:
    """A key of reference and date finds the right one of several records, whichever part is asked for."""
    fields = {"RfCs": "Ref", "OrDa": "OrderDate"}
    key = sorted(fields, key=lambda name: name != first)
    lookup = {**LOOKUP, "field": [fields[name] for name in key]}
    plugin = RawPlugin(tmp_path, item, FbSales={**UPSERT, "key": key, "lookup": lookup})
    both = [order(OrDa="2026-10-29"), order(OrDa="2026-10-30")]
    assert plugin.load("FbSales", *both, key=["RfCs", "OrDa"]) == []
    assert plugin.counts() == {"created": 2}
    assert plugin.load("FbSales", both[0], {**both[1], "DaDe": "2026-12-01"}, key=["RfCs", "OrDa"]) == []
    assert plugin.counts() == {"skipped unchanged": 1, "updated": 1}
    rows = plugin.rows("Commerce_Orders", Ref="CSV-1")
    assert sorted((row["OrderDate"][:10], (row["DeliveryDate"] or "")[:10]) for row in rows) == [
        ("2026-10-29", ""),
        ("2026-10-30", "2026-12-01"),
    ]


def test_a_field_that_afas_users_changed_stays(tmp_path: Path, item: World) -> None:
    """A change in AFAS of a field that the source did not change is left; one that both changed is the source's."""
    plugin = RawPlugin(tmp_path, item, FbSales=UPSERT)
    plugin.load("FbSales", order(DaDe="2026-12-01", OrDa="2026-10-30"), key=["RfCs"])
    number = orders(plugin)[0]["number"]
    from afas_profit import Element

    plugin.world.client.update("FbSales", Element({"OrNu": number, "DaDe": "2026-12-24"}))
    plugin.load("FbSales", order(DaDe="2026-12-01", OrDa="2026-10-29"), key=["RfCs"])
    (row,) = plugin.rows("Commerce_Orders", Ref="CSV-1")
    assert (row["DeliveryDate"][:10], row["OrderDate"][:10]) == ("2026-12-24", "2026-10-29")
    plugin.config["raw"]["FbSales"] = {**UPSERT, "conflicts": "hold"}
    (entry,) = plugin.load("FbSales", order(DaDe="2026-12-25", OrDa="2026-10-29"), key=["RfCs"])
    assert (entry["reason"], entry["subject"]) == ("changed_on_both_sides", "DaDe")
    plugin.config["raw"]["FbSales"] = UPSERT
    assert plugin.load("FbSales", order(DaDe="2026-12-25", OrDa="2026-10-29"), key=["RfCs"], held=[entry]) == []
    assert plugin.writes() == {"PUT connectors/FbSales": 1}


def test_rows_of_an_update_say_what_to_do(tmp_path: Path, item: World) -> None:
    """Rows without `_action` could be added twice, so their update is held; with it they are sent as they say."""
    plugin = RawPlugin(tmp_path, item, FbSales=UPSERT)
    plugin.load("FbSales", order(), key=["RfCs"])
    more = order(FbSalesLines=[LINE, {**LINE, "QuUn": 5}])
    (entry,) = plugin.load("FbSales", more, key=["RfCs"])
    assert (entry["reason"], entry["subject"]) == ("rows_without_action", "FbSalesLines")
    added = order(FbSalesLines=[{**LINE, "QuUn": 5, "_action": "insert"}])
    assert plugin.load("FbSales", added, key=["RfCs"], held=[entry]) == []
    assert len(orders(plugin)[0]["lines"]) == 2
    guid = plugin.rows("Commerce_OrderLines", Ref="CSV-1")[0]["Guid"]
    gone = order(FbSalesLines=[{"GuLi": guid, "_action": "delete"}])
    assert plugin.load("FbSales", gone, key=["RfCs"]) == []
    assert len(orders(plugin)[0]["lines"]) == 1


def test_an_update_without_a_look_up_goes_by_afass_own_key(tmp_path: Path) -> None:
    """Mode update sends the changed fields of what the record's own key names; an unknown key is held, not made."""
    plugin = RawPlugin(tmp_path, KnPerson={"mode": "update"})
    known = plugin.rows("Profit_OrgPer", Type="Persoon")[0]["BcCo"]
    good = {"BcCo": known, "MatchPer": "0", "HoPa": "https://a.example"}
    assert plugin.load("KnPerson", good, key=["BcCo"]) == []
    assert plugin.counts() == {"updated": 1}
    assert plugin.rows("Profit_OrgPer", BcCo=known)[0]["Homepage"] == "https://a.example"
    assert plugin.load("KnPerson", good, key=["BcCo"]) == []
    assert plugin.writes() == {}
    (entry,) = plugin.load("KnPerson", {**good, "BcCo": "999"}, key=["BcCo"])
    assert entry["reason"] == "refused_by_afas"


def test_null_clears_or_leaves(tmp_path: Path) -> None:
    """In an update a null clears the field, or leaves it by setting; in an insert it is left out."""
    for nulls, homepage in (("leave", "https://a.example"), ("clear", None)):
        (tmp_path / nulls).mkdir()
        plugin = RawPlugin(tmp_path / nulls, KnPerson={"mode": "update", "nulls": nulls})
        known = plugin.rows("Profit_OrgPer", Type="Persoon")[0]["BcCo"]
        record = {"BcCo": known, "MatchPer": "0", "HoPa": "https://a.example"}
        plugin.load("KnPerson", record, key=["BcCo"])
        assert plugin.load("KnPerson", {**record, "HoPa": None, "MbNr": "0612345678"}, key=["BcCo"]) == []
        assert plugin.rows("Profit_OrgPer", BcCo=known)[0]["Homepage"] == homepage


def test_an_upsert_of_a_relation_changes_its_own_person(tmp_path: Path) -> None:
    """The matching code "always new" of a record is for its insert; an update stays with the relation's own person."""
    lookup = {"connector": "Profit_Debtor", "field": "DebtorId", "fields": {"PaCd": "PayCon"}}
    plugin = RawPlugin(tmp_path, KnSalesRelationPer={"mode": "upsert", "lookup": lookup, "id": "DbId"})
    plugin.config["raw"]["KnSalesRelationPer"]["lookup"]["id"] = {"DbId": "DebtorId"}
    before = plugin.rows("Profit_Debtor", DebtorId="10006")[0]
    new = {**PERSON, "LaNm": "Nieuwenhuis", "BcCo": None}
    record = {"DbId": "10006", "CuId": "EUR", "InPv": "E", "PaCd": "30", "KnPerson": new}
    assert plugin.load("KnSalesRelationPer", record, key=["DbId"]) == []
    after = plugin.rows("Profit_Debtor", DebtorId="10006")[0]
    assert after["BcCo"] == before["BcCo"]
    assert "Nieuwenhuis" in after["DebtorName"]
    assert after["PayCon"] == "30"


# -- unclear writes ----------------------------------------------------------------------------------------------------


def test_an_unclear_insert_is_found_and_adopted(tmp_path: Path, item: World) -> None:
    """An insert whose answer was lost is looked up and taken over; nothing is made twice."""
    plugin = RawPlugin(tmp_path, item, FbSales=UPSERT)
    item.fault(name="reset_after", endpoint="POST connectors/FbSales")
    assert plugin.load("FbSales", order(), key=["RfCs"]) == []
    assert plugin.counts() == {"adopted": 1}
    assert plugin.load("FbSales", order(), key=["RfCs"]) == []
    assert plugin.writes() == {}
    assert len(orders(plugin)) == 1


def test_an_unclear_insert_that_is_not_there_waits(tmp_path: Path, item: World) -> None:
    """Not found is no proof while AFAS may still be working: the record is held for 930 s, then made."""
    plugin = RawPlugin(tmp_path, item, FbSales=UPSERT)
    item.fault(name="timeout_before_work", endpoint="POST connectors/FbSales")
    (entry,) = plugin.load("FbSales", order(), key=["RfCs"])
    assert entry["reason"] == "in_doubt"
    (entry,) = plugin.load("FbSales", order(), key=["RfCs"], held=[entry])
    assert plugin.writes() == {}
    item.clock.advance(1000)
    assert plugin.load("FbSales", order(), key=["RfCs"], held=[entry]) == []
    assert len(orders(plugin)) == 1


def test_rows_of_an_unclear_update_are_not_sent_again(tmp_path: Path, item: World) -> None:
    """An update that adds rows and had no answer waits for a person: sent again, it could add them twice."""
    plugin = RawPlugin(tmp_path, item, FbSales=UPSERT)
    plugin.load("FbSales", order(), key=["RfCs"])
    item.fault(name="reset_after", endpoint="PUT connectors/FbSales")
    added = order(FbSalesLines=[{**LINE, "QuUn": 5, "_action": "insert"}])
    (entry,) = plugin.load("FbSales", added, key=["RfCs"])
    item.clock.advance(1000)
    (entry,) = plugin.load("FbSales", added, key=["RfCs"], held=[entry])
    assert (entry["reason"], plugin.writes()) == ("in_doubt", {})
    assert len(orders(plugin)[0]["lines"]) == 2


def test_an_unclear_update_is_sent_again_when_afas_must_be_done(tmp_path: Path) -> None:
    """An update without an answer is held while AFAS may still be working, and sent again afterwards."""
    plugin = RawPlugin(tmp_path, KnPerson={"mode": "update"})
    known = plugin.rows("Profit_OrgPer", Type="Persoon")[0]["BcCo"]
    record = {"BcCo": known, "MatchPer": "0", "HoPa": "https://a.example"}
    plugin.world.fault(name="timeout_before_work", endpoint="PUT connectors/KnPerson")
    (entry,) = plugin.load("KnPerson", record, key=["BcCo"])
    (entry,) = plugin.load("KnPerson", record, key=["BcCo"], held=[entry])
    assert (entry["reason"], plugin.writes()) == ("in_doubt", {})
    plugin.world.clock.advance(1000)
    assert plugin.load("KnPerson", record, key=["BcCo"], held=[entry]) == []
    assert plugin.rows("Profit_OrgPer", BcCo=known)[0]["Homepage"] == "https://a.example"


def test_an_unclear_deletion_that_was_done_ends_well(tmp_path: Path, item: World) -> None:
    """A deletion whose answer was lost is looked for: gone is gone."""
    plugin = RawPlugin(tmp_path, item, FbSales={**UPSERT, "on_marked": "delete"})
    plugin.load("FbSales", order(), key=["RfCs"])
    item.fault(name="reset_after", endpoint="DELETE connectors/FbSales*")
    gone = {"RfCs": "CSV-1", "_sdc_deleted_at": "2026-11-02T08:00:00Z"}
    held = plugin.load("FbSales", gone, key=["RfCs"])
    assert [one["reason"] for one in held] == ["in_doubt"]
    item.clock.advance(1000)
    assert plugin.load("FbSales", gone, key=["RfCs"], held=held) == []
    assert plugin.writes() == {}
    assert orders(plugin) == []


def test_a_deletion_of_what_is_gone_is_done(tmp_path: Path) -> None:
    """Mode delete without a look-up: AFAS says that it isn't there, and that is what was wanted."""
    plugin = RawPlugin(tmp_path, FbSales={"mode": "delete"})
    gone = {"OrNu": "69999999", "_sdc_deleted_at": "2026-11-02T08:00:00Z"}
    assert plugin.load("FbSales", gone, key=["OrNu"]) == []
    assert plugin.writes() == {"DELETE connectors/FbSales": 1}


def test_a_look_up_that_hides_what_we_write_stops_the_run(tmp_path: Path, item: World) -> None:
    """When the first insert of a run can't be seen through the look-up, nothing more is written: exit 2."""
    plugin = RawPlugin(tmp_path, item, FbSales=UPSERT)
    item.fault(name="lookup_filtered", endpoint="GET connectors/Commerce_Orders", times=99)
    with pytest.raises(ConfigurationError, match="can't see what we write"):
        plugin.load("FbSales", order(), order("CSV-2"), key=["RfCs"])
    assert len(orders(plugin)) + len(orders(plugin, "CSV-2")) == 1


# -- deletions ---------------------------------------------------------------------------------------------------------


def test_a_marked_record_is_deleted_left_or_held(tmp_path: Path, item: World) -> None:
    """A record with `_sdc_deleted_at` is left by default, held or deleted by setting; never written."""
    gone = {"RfCs": "CSV-1", "_sdc_deleted_at": "2026-11-02T08:00:00Z"}
    plugin = RawPlugin(tmp_path, item, FbSales=UPSERT)
    plugin.load("FbSales", order(), key=["RfCs"])
    plugin.load("FbSales", gone, key=["RfCs"])
    assert (plugin.counts(), plugin.writes()) == ({"skipped deleted_in_source": 1}, {})
    plugin.config["raw"]["FbSales"] = {**UPSERT, "on_marked": "hold"}
    (entry,) = plugin.load("FbSales", gone, key=["RfCs"])
    assert entry["reason"] == "deleted_in_source"
    plugin.config["raw"]["FbSales"] = {**UPSERT, "on_marked": "delete"}
    assert plugin.load("FbSales", gone, key=["RfCs"], held=[entry]) == []
    assert plugin.writes() == {"DELETE connectors/FbSales": 1}
    assert orders(plugin) == []
    plugin.load("FbSales", gone, key=["RfCs"])
    assert plugin.writes() == {}


def test_mode_delete_takes_away_what_is_marked(tmp_path: Path, item: World) -> None:
    """Mode delete by AFAS's own key: marked records go, the others stay; gone already is as good."""
    plugin = RawPlugin(tmp_path, item)
    plugin.load("FbSales", order(), order("CSV-2"), key=["RfCs"])
    numbers = [orders(plugin, name)[0]["number"] for name in ("CSV-1", "CSV-2")]
    plugin.config["raw"] = {"old_orders": {"connector": "FbSales", "mode": "delete", "marker": "obsolete"}}
    records = [{"OrNu": numbers[0], "obsolete": "1"}, {"OrNu": numbers[1], "obsolete": "0"}]
    assert plugin.load("old_orders", *records, key=["OrNu"]) == []
    assert plugin.counts() == {"skipped not_marked": 1, "updated": 1}
    assert (orders(plugin), len(orders(plugin, "CSV-2"))) == ([], 1)


def test_a_connector_that_can_not_delete_says_so_before_the_first_call(tmp_path: Path) -> None:
    """A mode that AFAS has no verb for stops the run with exit 2 and names what there is."""
    plugin = RawPlugin(tmp_path, KnPerson={"mode": "delete"})
    with pytest.raises(ConfigurationError, match=r"no delete \(DELETE\) for KnPerson, only insert, update"):
        plugin.load("KnPerson", {"BcCo": "1", "_sdc_deleted_at": "x"}, key=["BcCo"])


# -- bad records -------------------------------------------------------------------------------------------------------


def test_everything_that_is_wrong_is_in_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A bad record is held with each field's id and label and without its value; the others are written."""
    caplog.set_level(logging.INFO)
    bad = person(2, LaNm="S3cret" * 16, AutoNum="perhaps", ViGe="Q", DaBi="31-12-1990", Bogus="S3cret", In=["S3cret"])
    plugin = RawPlugin(tmp_path)
    (entry,) = plugin.load("KnPerson", bad, person(3))
    assert plugin.writes() == {"POST connectors/KnPerson": 1}
    assert (entry["key"], entry["reason"]) == ("2", "bad_fields")
    assert entry["subject"] == (
        "KnPerson: field 'AutoNum' (Autonummering): not true or false; "
        "field 'LaNm' (Achternaam): 96 characters, 80 allowed; "
        "field 'ViGe' (Geslacht): not in the list of values; "
        "field 'DaBi' (Geboortedatum): not a date (YYYY-MM-DD, with or without a time); "
        "field 'Bogus': unknown to KnPerson; "
        "field 'In' (Voorletters): one value is wanted, not a list or an object"
    )
    assert "S3cret" not in caplog.text
    assert b"S3cret" not in plugin.file.read_bytes()


def test_without_the_held_protocol_a_bad_record_stops_the_run(tmp_path: Path) -> None:
    """A third-party tap keeps no held records: the run stops at the first bad one, with its fields, exit 1."""
    text = messages("KnPerson", person(LaNm="x" * 95))
    with pytest.raises(Aborted, match=r"KnPerson: field 'LaNm' \(Achternaam\): 95 characters, 80 allowed") as stopped:
        RawPlugin(tmp_path).run(text)
    assert stopped.value.exit_code == 1


def test_a_tap_without_held_records_waits_for_a_person_too(tmp_path: Path) -> None:
    """A blind insert without an answer stops every run of a third-party tap, exit 3, until a person decided."""
    plugin = RawPlugin(tmp_path)
    text = "".join(one for one in messages("KnPerson", person()).splitlines(True) if '"STATE"' not in one)
    plugin.world.fault(name="timeout_before_work", endpoint="POST connectors/KnPerson")
    for _ in range(2):
        with pytest.raises(Aborted, match="in_doubt") as stopped:
            plugin.run(text)
        assert stopped.value.exit_code == 3
    assert plugin.writes() == {}
    with plugin.store() as store:
        store.decide("", SourceKey("KnPerson", "1"), DecisionKind.RELEASE, who="eva", at=plugin.world.host.now())
    plugin.run(text)
    assert plugin.writes() == {"POST connectors/KnPerson": 1}


def test_the_labels_follow_the_language(tmp_path: Path) -> None:
    """The label in the message is that of the language AFAS is asked in."""
    plugin = RawPlugin(tmp_path)
    (entry,) = plugin.load("FbSales", {"RfCs": "1", "FbSalesLines": [{"VaIt": "2", "QuUn": "two"}]}, key=["RfCs"])
    assert entry["subject"] == (
        "FbSales: field 'FbSalesLines[1].QuUn' (Aantal eenheden): not a number (digits and a dot); "
        "field 'FbSalesLines[1].ItCd' (Itemcode): a value is needed; "
        "field 'DbId' (Verkooprelatie): a value is needed, or 'SoQu'"
    )


def test_an_upsert_asks_for_the_minimum_only_where_it_inserts(tmp_path: Path, item: World) -> None:
    """What an insert must hold is not asked of an update."""
    plugin = RawPlugin(tmp_path, item, FbSales=UPSERT)
    plugin.load("FbSales", order(), key=["RfCs"])
    part = {"RfCs": "CSV-1", "DaDe": "2026-12-01"}
    (entry,) = plugin.load("FbSales", part, {**part, "RfCs": "CSV-2"}, key=["RfCs"])
    assert entry["key"] == "CSV-2"
    assert "'DbId' (Verkooprelatie): a value is needed" in entry["subject"]
    assert plugin.writes() == {"PUT connectors/FbSales": 1}


def test_what_afas_refuses_is_held(tmp_path: Path, item: World) -> None:
    """What only AFAS can judge is held with the label it names; the others go on."""
    plugin = RawPlugin(tmp_path, item)
    (entry,) = plugin.load("FbSales", order("CSV-1", DbId="99999"), order("CSV-2"), key=["RfCs"])
    assert (entry["key"], entry["reason"], entry["subject"]) == ("CSV-1", "refused_by_afas", "Verkooprelatie")
    assert len(orders(plugin, "CSV-2")) == 1


# -- settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"mode": "upsert"}, "mode upsert needs `lookup`"),
        ({"mode": "merge"}, "mode"),
        ({"key": "*", "mode": "update"}, r"key '\*' is for mode insert"),
        ({"on_marked": "delete"}, "on_marked delete needs"),
        ({**UPSERT, "key": ["RfCs", "DbId"]}, "as many fields"),
        ({"modus": "insert"}, "modus"),
        ({"marker": None, "on_marked": "hold"}, "on_marked needs a `marker`"),
    ],
)
def test_settings_that_can_not_be_right_are_one_line(tmp_path: Path, raw: dict[str, Any], words: str) -> None:
    """A wrong setting of a raw stream stops the run before any call."""
    plugin = RawPlugin(tmp_path, FbSales=raw)
    with pytest.raises(ConfigurationError, match=words):
        plugin.load("FbSales", order(), key=["RfCs"])
    assert not plugin.world.client.calls


def test_a_commerce_stream_is_never_raw(tmp_path: Path) -> None:
    """A setting that would make a commerce stream raw is refused, rather than left unused."""
    with pytest.raises(ConfigurationError, match=r"raw\.orders: that is a commerce stream"):
        RawPlugin(tmp_path, orders={"connector": "FbSales"}).load("FbSales", order(), key=["RfCs"])


def test_fields_can_be_left_out_or_left_to_afas(tmp_path: Path) -> None:
    """`ignore` takes fields of the record away; `unchecked` leaves a field's list and presence to AFAS."""
    plugin = RawPlugin(tmp_path, KnPerson={"ignore": ["Note"], "unchecked": ["ViGe"]})
    (one, two) = plugin.load("KnPerson", person(Note="x", ViGe="Q"), {**person(2), "ViGe": None})
    assert (one["reason"], two["reason"]) == ("refused_by_afas", "refused_by_afas")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"connector": "FbNothing"}, "lacks UpdateConnector FbNothing"),
        ({**UPSERT, "lookup": {**LOOKUP, "connector": "Nothing"}}, "Nothing"),
        ({**UPSERT, "lookup": {**LOOKUP, "field": "Nothing"}}, "has no field 'Nothing'"),
        ({**UPSERT, "lookup": {**LOOKUP, "fields": {"Nothing": "Ref"}}}, "UpdateConnector has no field 'Nothing'"),
        ({**UPSERT, "lookup": {**LOOKUP, "id": {}}}, "`lookup.id` must say which field of Commerce_Orders holds OrNu"),
        ({**UPSERT, "lookup": {**LOOKUP, "id": {"X": "Ref"}}}, "no part of the key"),
        ({**UPSERT, "lookup": {**LOOKUP, "field": ["Ref", "Debtor"]}, "key": None}, "`key` names 1 fields"),
    ],
)
def test_what_afas_lacks_is_said_before_the_first_write(
    tmp_path: Path, item: World, raw: dict[str, Any], words: str
) -> None:
    """A connector or field that the settings name and AFAS does not have stops the run with exit 2."""
    plugin = RawPlugin(tmp_path, item, FbSales=raw)
    with pytest.raises(ConfigurationError, match=words):
        plugin.load("FbSales", order(), key=["RfCs"])
    assert plugin.writes() == {}
