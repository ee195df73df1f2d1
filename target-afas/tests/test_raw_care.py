"""What must not happen in silence in raw streams: a wrong record written or deleted, a row lost, a write repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from target_afas_raw_world import RawPlugin
from target_afas_world import World

from target_afas.raw.checker import Row
from target_afas.raw.lookup import Found
from target_afas.raw.planner import RawJob, RawPlanner
from target_afas.raw.settings import RawLookup, RawStream
from upsert.errors import ConfigurationError
from upsert.model import Hold

if TYPE_CHECKING:
    from pathlib import Path

LINE = {"VaIt": "2", "ItCd": "A1000", "BiUn": "STK", "QuUn": 2, "Upri": 10}
LOOKUP = {
    "connector": "Commerce_Orders",
    "field": "Ref",
    "id": {"OrNu": "OrderNumber"},
    "fields": {"RfCs": "Ref", "DbId": "Debtor", "OrDa": "OrderDate", "DaDe": "DeliveryDate", "InVa": "InclVat"},
}
UPSERT = {"mode": "upsert", "key": "RfCs", "lookup": LOOKUP}


def order(reference: str = "CSV-1", **fields: Any) -> dict[str, Any]:
    return {"RfCs": reference, "DbId": "10001", "InVa": True, "FbSalesLines": [LINE], **fields}


def orders(plugin: RawPlugin, reference: str = "CSV-1") -> list[dict[str, Any]]:
    found = plugin.world.service.books()["orders"]
    return [one for one in found if one["reference"] == reference and not one["deleted"]]


@pytest.fixture
def plugin(tmp_path: Path) -> RawPlugin:
    """The target beside an AFAS with an article and the order CSV-1, made through it."""
    world = World()
    world.user("item", item="A1000", unit="STK")
    made = RawPlugin(tmp_path, world, FbSales=UPSERT)
    assert made.load("FbSales", order(), key=["RfCs"]) == []
    return made


# -- marks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["N", "nee", "no", "F", "False ", "0", 0, False, None, "", "0.0"])
def test_a_mark_that_says_no_deletes_nothing(plugin: RawPlugin, mark: Any) -> None:
    """Sources write no in many ways; none of them deletes."""
    plugin.config["raw"]["FbSales"] = {**UPSERT, "on_marked": "delete", "marker": "deleted"}
    assert plugin.load("FbSales", order(deleted=mark), key=["RfCs"]) == []
    assert plugin.writes() == {}
    assert len(orders(plugin)) == 1


@pytest.mark.parametrize(
    "mark", ["yes", "J", "ja", "T", "TRUE", "1", 1, True, "2026-03-02", "2026-03-02T10:00:00Z", 1767225600]
)
def test_a_mark_that_says_yes_or_when_deletes(plugin: RawPlugin, mark: Any) -> None:
    """A mark is a word for yes, or the moment of the deletion; its name is found in any case, as field names are."""
    plugin.config["raw"]["FbSales"] = {**UPSERT, "on_marked": "delete", "marker": "Deleted"}
    assert plugin.load("FbSales", order(deleted=mark), key=["RfCs"]) == []
    assert orders(plugin) == []


@pytest.mark.parametrize("mark", ["perhaps", "archived", "-1"])
def test_a_mark_without_meaning_is_held(plugin: RawPlugin, mark: str) -> None:
    """Where nobody can tell yes from no, nothing is deleted and nothing written."""
    plugin.config["raw"]["FbSales"] = {**UPSERT, "on_marked": "delete", "marker": "deleted"}
    (entry,) = plugin.load("FbSales", order(deleted=mark, DaDe="2026-12-01"), key=["RfCs"])
    assert (entry["reason"], plugin.writes()) == ("bad_fields", {})
    assert mark not in entry["subject"]


def test_what_we_deleted_may_come_back(plugin: RawPlugin) -> None:
    """A record that its source takes back is made anew, also when the answer to that was lost; then it rests."""
    plugin.config["raw"]["FbSales"] = {**UPSERT, "on_marked": "delete"}
    gone = order(_sdc_deleted_at="2026-11-02T08:00:00Z")
    assert plugin.load("FbSales", gone, key=["RfCs"]) == []
    plugin.world.fault(name="reset_after", endpoint="POST connectors/FbSales")
    back = order(FbSalesLines=None)
    held = plugin.load("FbSales", back, key=["RfCs"])
    plugin.world.clock.advance(1000)
    assert plugin.load("FbSales", back, key=["RfCs"], held=held) == []
    assert plugin.writes() == {}
    assert len(orders(plugin)) == 1
    assert plugin.load("FbSales", gone, key=["RfCs"]) == []
    assert orders(plugin) == []
    assert plugin.load("FbSales", order(), key=["RfCs"]) == []
    assert len(orders(plugin)) == 1
    assert plugin.load("FbSales", order(), key=["RfCs"]) == []
    assert plugin.writes() == {}


# -- the record that is meant ----------------------------------------------------------------------------------------


def test_an_update_without_afass_own_key_is_never_sent(tmp_path: Path) -> None:
    """A record found by another key still needs AFAS's own, or AFAS would choose the record by itself."""
    plugin = RawPlugin(tmp_path, KnPerson={"mode": "update", "key": "SeNm"})
    (entry,) = plugin.load("KnPerson", {"SeNm": "JANSEN", "MatchPer": "0", "HoPa": "https://a.example"}, key=["SeNm"])
    assert entry["reason"] == "bad_fields"
    assert "'BcCo'" in entry["subject"]
    assert plugin.writes() == {}


def test_a_deletion_without_afass_own_key_is_held(plugin: RawPlugin) -> None:
    """Mode delete by another key and without a look-up knows no record to delete."""
    plugin.config["raw"] = {"old": {"connector": "FbSales", "mode": "delete", "key": "RfCs", "marker": None}}
    (entry,) = plugin.load("old", {"RfCs": "CSV-1"}, key=["RfCs"])
    assert (entry["reason"], plugin.writes()) == ("bad_fields", {})
    assert "'OrNu'" in entry["subject"]


def test_a_row_of_the_look_up_without_afass_own_key_is_held() -> None:
    """A look-up that shows an empty own key says which record it is as little as none."""
    settings = RawStream(mode="upsert", lookup=RawLookup(connector="All", field=["Key"], id={"Id": "Id"}))
    plans = RawPlanner("Things", settings, str, lambda _: None, compared=(), ids=("Id",))
    plan = plans.plan(RawJob(Row({"Aa": "1"})), {"Aa": "1"}, Found({"Id": ""}), None)
    assert isinstance(plan, Hold)
    assert (plan.reason, "'Id'" in plan.subject) == ("bad_fields", True)
    gone = plans.plan(RawJob(Row(), deleted=True), {}, Found({"Id": ""}), None)
    assert isinstance(gone, Hold)


# -- rows and streams of one record ----------------------------------------------------------------------------------


def test_rows_of_one_record_with_different_fields_all_count(plugin: RawPlugin) -> None:
    """The date in one row and the debtor's reference in the next, in one batch: neither is lost."""
    rows = [{"RfCs": "CSV-1", "DaDe": "2026-12-01"}, {"RfCs": "CSV-1", "OrDa": "2026-10-29"}]
    assert plugin.load("FbSales", *rows, key=["RfCs"]) == []
    (row,) = plugin.rows("Commerce_Orders", Ref="CSV-1")
    assert (row["DeliveryDate"][:10], row["OrderDate"][:10]) == ("2026-12-01", "2026-10-29")


def test_two_streams_that_update_one_connector_come_to_rest(tmp_path: Path) -> None:
    """Two streams with different fields of the same persons: the second run of both makes no call."""
    update = {"connector": "KnPerson", "mode": "update"}
    plugin = RawPlugin(tmp_path, pages=update, phones=update)
    known = plugin.rows("Profit_OrgPer", Type="Persoon")[0]["BcCo"]
    own = {"BcCo": known, "MatchPer": "0"}
    for writes in (1, 0):
        for stream, field in (("pages", {"HoPa": "https://a.example"}), ("phones", {"MbNr": "0612345678"})):
            assert plugin.load(stream, {**own, **field}, key=["BcCo"]) == []
            assert sum(plugin.writes().values()) == writes


# -- calls ---------------------------------------------------------------------------------------------------------


def test_the_question_is_asked_of_the_field_that_tells_most(plugin: RawPlugin) -> None:
    """Where all records share the first part of a key, asking for it would read the whole connector."""
    for number in range(2, 8):
        assert plugin.load("FbSales", order(f"CSV-{number}"), key=["RfCs"]) == []
    lookup = {**LOOKUP, "field": ["Debtor", "Ref"]}
    plugin.config["raw"]["FbSales"] = {**UPSERT, "mode": "update", "key": ["DbId", "RfCs"], "lookup": lookup}
    asked: list[tuple[str, int]] = []
    original = plugin.world.client.rows_where_any

    def watched(connector: str, field: str, values: Any, **options: Any) -> Any:
        asked.append((field, len(list(values))))
        return original(connector, field, values, **options)

    plugin.world.client.rows_where_any = watched  # type: ignore[method-assign] # a spy
    rows = [{"DbId": "10001", "RfCs": f"CSV-{number}", "DaDe": "2026-12-01"} for number in (2, 3, 4)]
    assert plugin.load("FbSales", *rows, key=["DbId", "RfCs"]) == []
    assert asked == [("Ref", 3)]
    assert plugin.counts() == {"updated": 3}


@pytest.mark.parametrize("reference", [" CSV-9", "CSV-9 ", "CSV-9"])
def test_spaces_around_a_key_do_not_hide_it(plugin: RawPlugin, reference: str) -> None:
    """A key is looked for as it was written."""
    assert plugin.load("FbSales", order(reference), key=["RfCs"]) == []
    plugin.file.unlink()
    assert plugin.load("FbSales", order(reference, FbSalesLines=None), key=["RfCs"]) == []
    assert len(orders(plugin, reference) + (orders(plugin, "CSV-9") if reference != "CSV-9" else [])) == 1


def test_an_own_key_that_the_connector_does_not_have_is_refused(plugin: RawPlugin) -> None:
    """A typing error in `id` would otherwise be found record by record."""
    plugin.config["raw"]["FbSales"] = {"mode": "update", "id": "OrNr"}
    with pytest.raises(ConfigurationError, match="FbSales has no field 'OrNr'"):
        plugin.load("FbSales", order(), key=["RfCs"])
