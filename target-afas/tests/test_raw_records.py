"""Raw streams of connectors that no commerce stream knows, end to end against the sandbox."""

from __future__ import annotations

import base64
import logging
from typing import TYPE_CHECKING, Any

import pytest
from target_afas_raw_world import RawPlugin

from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

ARTICLE = {
    "ItCd": "CSV-A1",
    "Ds": "Artikel uit een lijst",
    "Grp": "WEB",
    "BiUn": "STK",
    "VaRc": "1",
    "SaPrice": "39.95",
}
ARTICLES = {
    "mode": "upsert",
    "key": "ItCd",
    "lookup": {
        "connector": "Profit_Article",
        "field": "ItemCode",
        "id": {"ItCd": "ItemCode"},
        "fields": {"Ds": "Description", "Grp": "ArtGroup", "BiUn": "UnitId", "VaRc": "VATGroup", "Bl": "Blocked"},
    },
}
MEMBER = {"CrId": "333", "CdId": "80", "BcCo": "1000001", "SuDa": "2026-11-01", "Invo": "0", "CuId": "EUR", "Rm": "-"}
MEMBERS = {
    "mode": "upsert",
    "key": ["CrId", "CdId"],
    "lookup": {
        "connector": "Course_Members",
        "field": ["Event", "Contact"],
        "id": {"CrId": "Event", "CdId": "Contact"},
        "fields": {"Rm": "Remark", "SuDa": "Registered", "BcCo": "Party"},
    },
}
PRICE = {
    "VaIt": "2", "ItCd": "SKU-0001", "BiUn": "STK", "PrLi": "B2B", "CuId": "EUR", "DaBg": "2026-01-01", "Pric": "9.505",
}  # fmt: skip
LINE = {"EnDa": "2026-10-31", "BpDa": "2026-10-31"}
DEBIT = {**LINE, "VaAs": "2", "AcNr": "10001", "InId": "F-1", "AmDe": "121.10"}
CREDIT = {**LINE, "VaAs": "1", "AcNr": "8000", "AmCr": 121.1}


def entry(number: str, *lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    head = {"id": number, "Year": "2026", "Peri": 10, "UnId": 1, "JoCo": "70", **fields}
    return {**head, "FiEntries": list(lines or (DEBIT, CREDIT))}


def records(plugin: RawPlugin, connector: str) -> list[dict[str, Any]]:
    found = plugin.world.service.books()["records"]
    return [one for one in found if one["connector"] == connector and not one["deleted"]]


# -- upsert ------------------------------------------------------------------------------------------------------------


def test_articles_are_made_changed_and_left(tmp_path: Path) -> None:
    """Upsert by Profit_Article: a new article is made, a changed one changed, an equal one not written."""
    plugin = RawPlugin(tmp_path, FbItemArticle=ARTICLES)
    assert plugin.load("FbItemArticle", ARTICLE, key=["ItCd"]) == []
    assert plugin.writes() == {"POST connectors/FbItemArticle": 1}
    assert plugin.load("FbItemArticle", ARTICLE, key=["ItCd"]) == []
    assert (plugin.counts(), plugin.writes()) == ({"skipped unchanged": 1}, {})
    assert plugin.load("FbItemArticle", {**ARTICLE, "Ds": "Anders"}, key=["ItCd"]) == []
    assert plugin.writes() == {"PUT connectors/FbItemArticle": 1}
    (row,) = plugin.rows("Profit_Article", ItemCode="CSV-A1")
    assert (row["Description"], row["UnitId"], row["VATGroup"]) == ("Anders", "STK", "1")


def test_an_article_of_the_list_can_be_ordered(tmp_path: Path) -> None:
    """What one raw stream made another can name: an order of the new article has its price."""
    plugin = RawPlugin(tmp_path, FbItemArticle=ARTICLES)
    plugin.load("FbItemArticle", ARTICLE, key=["ItCd"])
    order = {"RfCs": "CSV-1", "DbId": "10001", "FbSalesLines": [{"VaIt": "2", "ItCd": "CSV-A1", "QuUn": 2}]}
    assert plugin.load("FbSales", order, key=["RfCs"]) == []
    (line,) = plugin.rows("Commerce_OrderLines", Ref="CSV-1")
    assert str(line["AmountExcl"]).rstrip("0") == "79.9"


def test_articles_that_were_there_are_taken_over(tmp_path: Path) -> None:
    """Without a store, an article of the environment that is the same is not written."""
    plugin = RawPlugin(tmp_path, FbItemArticle=ARTICLES)
    (row,) = plugin.rows("Profit_Article", ItemCode="SKU-0001")
    same = {"ItCd": "SKU-0001", "Ds": row["Description"], "VaRc": row["VATGroup"], "BiUn": "STK", "Grp": "WEB"}
    assert plugin.load("FbItemArticle", same, key=["ItCd"]) == []
    assert (plugin.counts(), plugin.writes()) == ({"skipped same_in_afas": 1}, {})


def test_an_article_without_movements_is_deleted_another_held(tmp_path: Path) -> None:
    """A marked article goes; one that was ordered is refused by AFAS and held for a person."""
    plugin = RawPlugin(tmp_path, FbItemArticle={**ARTICLES, "on_marked": "delete"})
    plugin.load("FbItemArticle", ARTICLE, key=["ItCd"])
    gone = [{"ItCd": code, "_sdc_deleted_at": "2026-11-02T08:00:00Z"} for code in ("CSV-A1", "SKU-0001")]
    (entry,) = plugin.load("FbItemArticle", *gone, key=["ItCd"])
    assert (entry["key"], entry["reason"]) == ("SKU-0001", "refused_by_afas")
    assert plugin.rows("Profit_Article", ItemCode="CSV-A1") == []
    assert len(plugin.rows("Profit_Article", ItemCode="SKU-0001")) == 1


def test_a_key_of_two_fields_and_element_keys(tmp_path: Path) -> None:
    """A participant, whose two keys stand on the element, is found, changed and deleted by both."""
    plugin = RawPlugin(tmp_path, KnCourseMember={**MEMBERS, "on_marked": "delete"})
    both = (MEMBER, {**MEMBER, "CdId": "81"})
    assert plugin.load("KnCourseMember", *both, key=["CrId", "CdId"]) == []
    assert plugin.counts() == {"created": 2}
    assert plugin.load("KnCourseMember", MEMBER, {**both[1], "Rm": "Vegan"}, key=["CrId", "CdId"]) == []
    assert plugin.writes() == {"PUT connectors/KnCourseMember": 1}
    gone = {**MEMBER, "_sdc_deleted_at": "2026-11-02T08:00:00Z"}
    assert plugin.load("KnCourseMember", gone, key=["CrId", "CdId"]) == []
    assert [one["fields"]["Rm"] for one in records(plugin, "KnCourseMember")] == ["Vegan"]


def test_an_article_whose_answer_was_lost_is_adopted(tmp_path: Path) -> None:
    """A lost answer is looked up, and nothing is made twice."""
    plugin = RawPlugin(tmp_path, FbItemArticle=ARTICLES)
    plugin.world.fault(name="reset_after", endpoint="POST connectors/FbItemArticle")
    assert plugin.load("FbItemArticle", ARTICLE, key=["ItCd"]) == []
    assert plugin.counts() == {"adopted": 1}


# -- insert ------------------------------------------------------------------------------------------------------------


def test_a_dossier_item_goes_with_its_file(tmp_path: Path) -> None:
    """KnSubject with destination and attachment is one call; the second run makes none."""
    file = {"FileName": "factuur.pdf", "FileStream": base64.b64encode(b"PDF").decode()}
    link = {"DoCRM": "true", "SfTp": 4, "SfId": "10001"}
    record = {"id": "doc-1", "StId": "5", "Ds": "Factuur", "KnSubjectLink": link, "KnSubjectAttachment": [file]}
    plugin = RawPlugin(tmp_path)
    for writes in ({"POST connectors/KnSubject": 1}, {}):
        assert plugin.load("KnSubject", record) == []
        assert plugin.writes() == writes
    (row,) = plugin.rows("Profit_Subjects", Subject="Factuur")
    (attached,) = plugin.rows("Profit_Subject_Attachments", subject_id=str(row["SubjectId"]))
    assert attached["file_name"] == "factuur.pdf"


def test_an_entry_is_booked_once_to_the_cent(tmp_path: Path) -> None:
    """FiEntries: header and rows in one call, amounts exact; the second run books nothing."""
    plugin = RawPlugin(tmp_path)
    for writes in ({"POST connectors/FiEntries": 1}, {}):
        assert plugin.load("FiEntries", entry("1")) == []
        assert plugin.writes() == writes
    rows = plugin.rows("Profit_Transactions", JournalId="70")
    assert sorted((row["AccountNo"], str(row["AmtDebit"] or row["AmtCredit"])) for row in rows) == [
        ("10001", "121.1"),
        ("8000", "121.1"),
    ]


def test_a_wrong_entry_is_held_and_the_next_is_booked(tmp_path: Path) -> None:
    """What only AFAS can judge (a balance, an account) is held; with the label where AFAS names one."""
    plugin = RawPlugin(tmp_path)
    wrong = entry("1", DEBIT, {**CREDIT, "AcNr": "9999"})
    unbalanced = entry("2", DEBIT, {**CREDIT, "AmCr": 1})
    held = plugin.load("FiEntries", wrong, unbalanced, entry("3", {**DEBIT, "InId": "F-3"}, CREDIT))
    assert {one["key"]: (one["reason"], one["subject"]) for one in held} == {
        "1": ("refused_by_afas", "Rekeningnummer"),
        "2": ("refused_by_afas", ""),
    }
    assert len(records(plugin, "FiEntries")) == 1


def test_an_entry_is_deleted_by_its_own_path(tmp_path: Path) -> None:
    """Mode delete takes an entry away below its journal, as AFAS wants it."""
    plugin = RawPlugin(tmp_path)
    plugin.load("FiEntries", entry("1"))
    number = str(records(plugin, "FiEntries")[0]["fields"]["EnNo"])
    plugin.config["raw"] = {"old": {"connector": "FiEntries", "mode": "delete", "marker": None}}
    keys = ["UnId", "JoCo", "EnNo"]
    assert plugin.load("old", {"UnId": 1, "JoCo": "70", "EnNo": number}, key=keys) == []
    assert records(plugin, "FiEntries") == []


# -- bad records -------------------------------------------------------------------------------------------------------


def test_a_bad_record_names_the_fields_by_their_labels(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The live metainfo of any connector gives label, length, type and list; values stay out of the message."""
    caplog.set_level(logging.INFO)
    bad = {**ARTICLE, "ItCd": "x" * 48, "VaBc": "S3cret", "BiSt": "perhaps", "Grp": ""}
    plugin = RawPlugin(tmp_path)
    (held,) = plugin.load("FbItemArticle", bad, {**ARTICLE, "ItCd": "CSV-A2"}, key=["ItCd"])
    assert held["reason"] == "bad_fields"
    for words in (
        "field 'ItCd' (Itemcode): 48 characters, 40 allowed",
        "field 'VaBc' (Type barcode): not in the list of values",
        "field 'BiSt' (Voorraad bijhouden): not true or false",
        "field 'Grp' (Artikelgroep): a value is needed",
    ):
        assert words in held["subject"]
    assert "S3cret" not in held["subject"] + caplog.text
    assert len(plugin.rows("Profit_Article", ItemCode="CSV-A2")) == 1


def test_a_refusal_of_afas_is_held_with_the_label(tmp_path: Path) -> None:
    """An item that is not there, and a price that is: both held, by AFAS's own words."""
    plugin = RawPlugin(tmp_path, FbSalesPrice={"key": ["ItCd", "DaBg"]})
    missing = {**PRICE, "ItCd": "NONE"}
    (held,) = plugin.load("FbSalesPrice", missing, PRICE, key=["ItCd", "DaBg"])
    assert (held["reason"], held["subject"]) == ("refused_by_afas", "Itemcode")
    (row,) = plugin.rows("Items_SalesPrices", Item="SKU-0001")
    assert str(row["Price"]).rstrip("0") == "9.505"
    plugin.file.unlink()
    (held,) = plugin.load("FbSalesPrice", PRICE, key=["ItCd", "DaBg"])
    assert held["reason"] in {"already_in_afas", "in_doubt"}
    assert len(records(plugin, "FbSalesPrice")) == 1


def test_an_entry_can_not_be_changed(tmp_path: Path) -> None:
    """A mode without a verb stops the run before any write."""
    plugin = RawPlugin(tmp_path, FiEntries={"mode": "update", "id": ["UnId"]})
    with pytest.raises(ConfigurationError, match=r"no update \(PUT\) for FiEntries"):
        plugin.load("FiEntries", entry("1"))
    assert plugin.writes() == {}
