"""UpdateConnectors without logic of their own: keys, numbers, rows, deletion, rules, look-ups, books."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.afas.kinds import MINIMUM, kinds
from sandbox.afas.schema import update_connectors
from sandbox.afas.shelves import folded, part
from sandbox.afas.sources import SOURCES
from sandbox.store import decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable

ARTICLE = {"ItCd": "NEW-1", "Ds": "Nieuw artikel", "Grp": "WEB", "BiUn": "STK", "VaRc": "1", "SaPrice": 39.95}
PRICE = {
    "VaIt": "2", "ItCd": "SKU-0001", "BiUn": "STK", "PrLi": "B2B", "CuId": "EUR", "DaBg": "2026-01-01", "Pric": 9.5,
}  # fmt: skip
LINE = {"EnDa": "2026-03-02", "BpDa": "2026-03-02"}
DEBIT = {**LINE, "VaAs": "2", "AcNr": "10001", "AmDe": 121.1}
CREDIT = {**LINE, "VaAs": "1", "AcNr": "8000", "AmCr": 121.1}
ENTRY = {"Year": 2026, "Peri": 3, "UnId": 1, "JoCo": "70"}
SUBJECT = {"StId": 5, "Ds": "Factuur"}


def of(root: str, *elements: dict[str, Any], **objects: Any) -> dict[str, Any]:
    """A body: elements of fields, the sub-objects below the last."""
    made: list[dict[str, Any]] = [{"Fields": one} for one in elements]
    if objects:
        made[-1]["Objects"] = [
            {name: {"Element": [{"Fields": one} for one in (rows if isinstance(rows, list) else [rows])]}}
            for name, rows in objects.items()
        ]
    return {root: {"Element": made if len(made) > 1 else made[0]}}


def entry(*lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return of("FiEntryPar", {**ENTRY, **fields}, FiEntries=list(lines or (DEBIT, CREDIT)))


def wrote(afas: Any, method: str, path: str, body: dict[str, Any]) -> Any:
    """The keys that a write answers."""
    reply = afas.write(method, path, body)
    assert reply.status == 201, reply.body
    return next(iter(reply.value()["results"].values())) if reply.body else {}


def kept(afas: Any, connector: str) -> list[dict[str, Any]]:
    return [one for one in afas.box.books()["records"] if one["connector"] == connector and not one["deleted"]]


def found(afas: Any, connector: str, field: str, value: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = afas.rows(connector, filterfieldids=field, filtervalues=value, operatortypes="1")
    return rows


# -- the table ---------------------------------------------------------------------------------------------------------


def test_every_documented_connector_is_served(afas: Any) -> None:
    """All 169 UpdateConnectors of the specification are there, and each has own logic or a row of the table."""
    shown = {one["id"] for one in afas.get("metainfo").value()["updateConnectors"]}
    assert shown == set(update_connectors())
    assert len(shown) == 169
    assert {name for name, one in update_connectors().items() if not one.root.own} == set(kinds())


@pytest.mark.parametrize("name", sorted(kinds()))
def test_keys_of_the_table_are_fields(name: str) -> None:
    """What says which record it is, is a field of the connector, unless AFAS gives it and no call may."""
    kind = kinds()[name]
    fields = kind.connector.root.fields
    assert [code for code in kind.key if code not in fields and code not in kind.numbers] == []
    assert set(kind.numbers) <= set(kind.key)
    for path, needed in MINIMUM.items():
        assert path.split("/")[0] in {one.connector.root.name for one in kinds().values()}, needed


def test_metainfo_names_the_key(afas: Any) -> None:
    """metainfo/update of such a connector has its key fields as primary key, and its sub-objects."""
    shown = afas.get("metainfo/update/KnCourseMember").value()
    assert {one["fieldId"] for one in shown["fields"] if one["primaryKey"]} == {"CrId", "CdId"}
    entries = afas.get("metainfo/update/FiEntries").value()
    assert (entries["id"], entries["name"], entries["objects"][0]["name"]) == ("FiEntries", "FiEntryPar", "FiEntries")


def test_a_connector_without_field_list_takes_its_codes_and_free_fields(afas: Any) -> None:
    """Of a connector whose fields are not recorded the documented codes are known; an environment can add others."""
    afas.control("afas/free-field", object="KnCustomK02", code="UAA", label="Kleur")
    assert wrote(afas, "POST", "KnCustomK02", of("KnCustomK02", {"UAA": "rood"})) == {}
    wrote(afas, "PUT", "KnCustomK02", of("KnCustomK02", {"SqNo": "1", "UAA": "groen"}))
    assert kept(afas, "KnCustomK02")[0]["fields"] == {"SqNo": "1", "UAA": "groen"}
    assert "Kleurcode" in afas.refused("POST", "KnCustomK02", of("KnCustomK02", {"SqNo": "2", "Kleurcode": "x"}))


# -- keys and numbers --------------------------------------------------------------------------------------------------


def test_afas_numbers_what_has_no_number(afas: Any) -> None:
    """Without a number, or with an empty one, AFAS gives the next; a given one is used, and may not be taken."""
    fields = {"CrId": "", "War": "01"}
    first = wrote(afas, "POST", "FbPurch", of("FbPurch", fields | {"CrId": "50001"}))["OrNu"]
    second = wrote(afas, "POST", "FbPurch", of("FbPurch", fields | {"CrId": "50001", "OrNu": ""}))["OrNu"]
    assert int(second) == int(first) + 1
    assert wrote(afas, "POST", "FbPurch", of("FbPurch", fields | {"CrId": "50001", "OrNu": "P-1"})) == {"OrNu": "P-1"}
    message = afas.refused("POST", "FbPurch", of("FbPurch", fields | {"CrId": "50001", "OrNu": "p-1"}))
    assert "primary key already exists for field 'Nummer'" in message


def test_a_key_of_several_fields(afas: Any) -> None:
    """A participant is the pair of event and contact: PUT changes it, the path of DELETE names both."""
    member = {"CrId": "333", "CdId": 80, "BcCo": "1000001", "Rm": "Vegetarisch"}
    wrote(afas, "POST", "KnCourseMember", of("KnCourseMember", member, {**member, "CdId": 81}))
    wrote(afas, "PUT", "KnCourseMember", of("KnCourseMember", {"CrId": "333", "CdId": 81, "Rm": ""}))
    rows = found(afas, "Course_Members", "Event", "333")
    assert sorted((row["Contact"], row["Remark"]) for row in rows) == [(80, "Vegetarisch"), (81, None)]
    path = "connectors/KnCourseMember/KnCourseMember"
    assert afas.call("DELETE", f"{path}/@CrId").status == 404
    for keys in ("@CrId/333", "@CrId,@CdId/333", "@CrId,@CdId/333,9"):
        assert afas.call("DELETE", f"{path}/{keys}").status == 500
    assert afas.call("DELETE", f"{path}/@CrId,@CdId/333,80").status == 200
    assert afas.call("DELETE", f"{path}/@CrId,@CdId/333,80").status == 500
    assert [row["Contact"] for row in found(afas, "Course_Members", "Event", "333")] == [81]


def test_a_path_that_names_several_records_deletes_none(afas: Any) -> None:
    """Printed delete paths lack a key: with two records under it the missing one is asked for."""
    unit = {"VaIt": "2", "ItCd": "SKU-0001", "BiUn": "DOOS", "Qu": 6}
    wrote(afas, "POST", "FbUnitBasicItem", of("FbUnitBasicItem", unit, {**unit, "ItCd": "SKU-0002"}))
    reply = afas.call("DELETE", "connectors/FbUnitBasicItem/FbUnitBasicItem/@VaIt,@BiUn/2,DOOS")
    assert reply.value()["externalMessage"] == "Vul een waarde in bij 'Itemcode'."
    reply = afas.call("DELETE", "connectors/FbUnitBasicItem/FbUnitBasicItem/@VaIt,@ItCd,@BiUn/Art,sku-0001,doos")
    assert reply.status == 200
    assert [one["fields"]["ItCd"] for one in kept(afas, "FbUnitBasicItem")] == ["SKU-0002"]


def test_a_price_has_the_recorded_messages(afas: Any) -> None:
    """A sales price exists or not by item, list, unit, currency, date and quantity; both messages were seen live."""
    wrote(afas, "POST", "FbSalesPrice", of("FbSalesPrice", PRICE))
    assert afas.refused("POST", "FbSalesPrice", of("FbSalesPrice", PRICE)) == "Prijs bestaat reeds"
    broken = {**PRICE, "CrPr": True, "Am": 10, "Pric": 9}
    assert afas.refused("PUT", "FbSalesPrice", of("FbSalesPrice", broken)) == "Prijs niet gevonden"
    wrote(afas, "POST", "FbSalesPrice", of("FbSalesPrice", broken))
    wrote(afas, "PUT", "FbSalesPrice", of("FbSalesPrice", {**broken, "Am": "10.00", "Pric": 8.75}))
    prices = {row["Quantity"]: row["Price"] for row in found(afas, "Items_SalesPrices", "Item", "SKU-0001")}
    assert {part(quantity): part(price) for quantity, price in prices.items()} == {"": "9.5", "10": "8.75"}


def test_verbs_are_those_of_the_specification(afas: Any) -> None:
    """A verb that a connector does not have is an unknown path."""
    assert afas.write("PUT", "FbStockMutation", of("FbStockMutation", {})).status == 404
    assert afas.write("POST", "FiInvoice", of("FiInvoice", {})).status == 404
    assert afas.call("DELETE", "connectors/KnUser/KnUser/@UsId/x").status == 404


# -- checks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("FbSalesPrice", of("FbSalesPrice", {**PRICE, "PrLi": ""}), "Vul een waarde in bij 'Prijslijst'."),
        ("FbSalesPrice", of("FbSalesPrice", {**PRICE, "ItCd": "NONE"}), "'Itemcode' bestaat niet."),
        ("FbSalesPrice", of("FbSalesPrice", {**PRICE, "VaAD": "9"}), "'Korting toestaan' bestaat niet."),
        ("FbSalesPrice", of("FbSalesPrice", {**PRICE, "DaBg": "1-1-2026"}), "Type mismatch"),
        ("FbItemArticle", of("FbItemArticle", {**ARTICLE, "ItCd": "x" * 41}), "'Itemcode' is te lang"),
        ("FbItemArticle", of("FbItemArticle", {**ARTICLE, "Bogus": 1}), "Het veld 'Bogus' bestaat niet"),
        ("FbItemArticle", of("FbItemArticle", {**ARTICLE, "VaRc": "99"}), "'Tariefgroep' bestaat niet."),
        ("KnSubject", of("KnSubject", SUBJECT, Bogus={}), "Het veld 'Bogus' bestaat niet"),
        ("KnSubject", of("KnSubject", {"StId": 5}), "Vul een waarde in bij 'Onderwerp'."),
        ("FbPurch", of("FbPurch", {"CrId": "1", "War": "99"}), "'Magazijn' bestaat niet."),
    ],
)
def test_a_body_is_checked_as_everywhere(afas: Any, path: str, body: dict[str, Any], message: str) -> None:
    """Codes, minimum, types, lengths, value lists and the lists of this environment are checked; nothing is kept."""
    assert message in afas.refused("POST", path, body)
    assert kept(afas, path) == []


def test_one_bad_element_undoes_the_whole_call(make: Callable[..., Any]) -> None:
    """Several elements are one transaction, or by switch each its own."""
    for together, left in ((True, 0), (False, 1)):
        afas = make("small", multi_element_transaction=together)
        assert "Prijs bestaat reeds" in afas.refused("POST", "FbSalesPrice", of("FbSalesPrice", PRICE, PRICE))
        assert len(kept(afas, "FbSalesPrice")) == left


# -- rows --------------------------------------------------------------------------------------------------------------


def test_rows_are_added_changed_and_deleted(afas: Any) -> None:
    """A purchase order's lines: by GUID, by item, by POST below it, by action, by a DELETE path."""
    line = {"VaIt": "2", "ItCd": "SKU-0001", "QuUn": 1}
    body = of("FbPurch", {"CrId": "50001", "War": "01"}, FbPurchLines=[line, {**line, "ItCd": "SKU-0002"}])
    number = wrote(afas, "POST", "FbPurch", body)["OrNu"]

    def lines() -> dict[str, Any]:
        rows = kept(afas, "FbPurch")[0]["rows"]["FbPurchLines"]
        return {row["fields"]["ItCd"]: row["fields"] for row in rows}

    more = {**line, "ItCd": "SKU-0003"}
    wrote(afas, "POST", "FbPurch/FbPurchLines", of("FbPurch", {"OrNu": number}, FbPurchLines=more))
    by_guid = {"GuLi": lines()["SKU-0002"]["GuLi"], "QuUn": 5}
    gone = {"VaIt": "2", "ItCd": "SKU-0001", "@Action": "delete"}
    wrote(afas, "PUT", "FbPurch", of("FbPurch", {"OrNu": number}, FbPurchLines=[by_guid, gone]))
    assert {item: int(one["QuUn"]) for item, one in lines().items()} == {"SKU-0002": 5, "SKU-0003": 1}
    path = f"connectors/FbPurch/FbPurch/@OrNu/{number}/FbPurchLines/GuLi/{lines()['SKU-0003']['GuLi']}"
    assert [afas.call("DELETE", path).status for _ in range(2)] == [200, 500]
    assert set(lines()) == {"SKU-0002"}


def test_an_unknown_row_is_refused_or_added(make: Callable[..., Any]) -> None:
    """A PUT with a row that is not there adds it, unless the row or the switch says that it must be."""
    for said, switch, status in (({}, "insert", 201), ({}, "error", 500), ({"@Action": "update"}, "insert", 500)):
        afas = make("small", unmatched_line=switch)
        number = wrote(afas, "POST", "FbPurch", of("FbPurch", {"CrId": "50001", "War": "01"}))["OrNu"]
        row = {"VaIt": "2", "ItCd": "SKU-0001", "QuUn": 1, **said}
        assert afas.write("PUT", "FbPurch", of("FbPurch", {"OrNu": number}, FbPurchLines=row)).status == status


# -- articles ----------------------------------------------------------------------------------------------------------


def test_an_article_can_be_ordered_and_not_be_deleted_then(afas: Any) -> None:
    """An inserted article is in the items that orders name, with its price; with movements it stays."""
    assert wrote(afas, "POST", "FbItemArticle", of("FbItemArticle", ARTICLE)) == {"ItCd": "NEW-1"}
    (row,) = found(afas, "Profit_Article", "ItemCode", "NEW-1")
    assert (row["Description"], row["UnitId"], row["ArtGroup"], row["Blocked"]) == (
        "Nieuw artikel",
        "STK",
        "WEB",
        False,
    )
    number = afas.order({"VaIt": "2", "ItCd": "new-1", "QuUn": 2})
    assert part(afas.book(number)["excl"]) == "79.9"
    reply = afas.call("DELETE", "connectors/FbItemArticle/FbItemArticle/@ItCd/NEW-1")
    assert "mutaties" in reply.value()["externalMessage"]
    wrote(afas, "POST", "FbItemArticle", of("FbItemArticle", {**ARTICLE, "ItCd": "NEW-2"}))
    assert afas.call("DELETE", "connectors/FbItemArticle/FbItemArticle/@ItCd/NEW-2").status == 200
    assert found(afas, "Profit_Article", "ItemCode", "NEW-2") == []


def test_an_article_changes_but_for_unit_and_prices(afas: Any) -> None:
    """PUT changes an article of the seed too; its unit is refused, its prices are taken at insertion only."""
    wrote(afas, "PUT", "FbItemArticle", of("FbItemArticle", {"ItCd": "sku-0001", "Ds": "Anders", "SaPrice": 1}))
    (row,) = found(afas, "Profit_Article_Basic", "ItemCode", "SKU-0001")
    assert row["Description"] == "Anders"
    assert row["BasicSalesPrice"] != 1
    refused = afas.refused("PUT", "FbItemArticle", of("FbItemArticle", {"ItCd": "SKU-0001", "BiUn": "DOOS"}))
    assert refused == "Het veld 'Basiseenheid' kan niet worden gewijzigd."
    missing = afas.refused("PUT", "FbItemArticle", of("FbItemArticle", {"ItCd": "SET-0001", "Ds": "x"}))
    assert missing == "Artikel niet gevonden"
    afas.control("afas/lock", item="SKU-0001")
    assert "vergrendeld" in afas.refused("PUT", "FbItemArticle", of("FbItemArticle", {"ItCd": "SKU-0001", "Ds": "y"}))


def test_an_article_may_be_numbered_by_afas(afas: Any) -> None:
    """With AuId the item code comes from AFAS."""
    fields = {code: value for code, value in ARTICLE.items() if code != "ItCd"}
    code = wrote(afas, "POST", "FbItemArticle", of("FbItemArticle", {**fields, "AuId": True}))["ItCd"]
    assert found(afas, "Profit_Article", "ItemCode", code)
    assert afas.refused("POST", "FbItemArticle", of("FbItemArticle", fields)) == "Vul een waarde in bij 'Itemcode'."


def test_a_unit_can_be_ordered_and_stock_moves(afas: Any, body: Callable[..., Any]) -> None:
    """A unit of an item is one that order lines may have; booking in and out moves the stock that is shown."""
    wrote(
        afas,
        "POST",
        "FbUnitBasicItem",
        of("FbUnitBasicItem", {"VaIt": "2", "ItCd": "SKU-0001", "BiUn": "DOOS", "Qu": 6}),
    )
    afas.order({"VaIt": "2", "ItCd": "SKU-0001", "QuUn": 1, "BiUn": "doos"})
    assert (
        afas.call("DELETE", "connectors/FbUnitBasicItem/FbUnitBasicItem/VaIt,ItCd,BiUn/2,SKU-0001,DOOS").status == 200
    )
    assert "bestaat niet" in afas.refused(
        "POST", "FbSales", body({"VaIt": "2", "ItCd": "SKU-0001", "BiUn": "DOOS", "QuUn": 1})
    )
    before = found(afas, "Profit_Article_Basic", "ItemCode", "SKU-0001")[0]["StockActual"]
    booked = {"ReId": "01", "VaIt": "2", "ItCd": "SKU-0001", "War": "01", "Loc": "A1", "BiUn": "STK", "Qu": ""}
    both = ({**booked, "VaOt": "41", "QuUn": 5}, {**booked, "VaOt": "42", "QuUn": "2"})
    assert wrote(afas, "POST", "FbStockMutation", of("FbStockMutation", *both)) == {}
    assert found(afas, "Profit_Article_Basic", "ItemCode", "SKU-0001")[0]["StockActual"] == before + 3
    assert len(found(afas, "Items_StockMutations", "Item", "SKU-0001")) == 2


def test_a_composition_can_be_ordered(afas: Any) -> None:
    """A composition is an item of type 7 with its parts; a part is deleted by its place, as was seen live."""
    fields = {"ItCd": "SET-9", "Ds": "Set", "Grp": "WEB", "BiUn": "STK", "VaRc": "1", "VaCt": "1", "CrId": "50001"}
    parts = [{"VaIt": "Art", "ItCd": f"SKU-000{at}", "QuUn": 1, "PrSe": at * 10} for at in (1, 2)]
    body = of("FbComposition", fields, FbCompositionPart=parts)
    assert wrote(afas, "POST", "FbComposition", body) == {}
    afas.order({"VaIt": "7", "ItCd": "SET-9", "QuUn": 1})
    gone = {"PrSe": 10, "VaIt": "2", "ItCd": "SKU-0002", "@Action": "delete"}
    wrote(afas, "PUT", "FbComposition", of("FbComposition", {"ItCd": "SET-9"}, FbCompositionPart=gone))
    rows = afas.service.tables.get("items", "7|set-9")["rows"]["FbCompositionPart"]
    assert [row["f"]["ItCd"] for row in rows] == ["SKU-0002"]


def test_a_project_is_one_that_orders_name(afas: Any) -> None:
    """A project made through PtProject shows in Profit_Projects and can stand on an order."""
    number = wrote(afas, "POST", "PtProject", of("PtProject", {"PrGp": "WEB", "Ds": "Actie"}))["PrId"]
    assert found(afas, "Profit_Projects", "ProjectId", number)[0]["Description"] == "Actie"
    afas.order(PrId=number)
    wrote(afas, "PUT", "PtProject", of("PtProject", {"PrId": "WEB", "Ds": "Anders"}))
    assert found(afas, "Profit_Projects", "ProjectId", "WEB")[0]["Description"] == "Anders"


# -- entries -----------------------------------------------------------------------------------------------------------


def test_an_entry_is_numbered_and_seen(afas: Any) -> None:
    """An entry that balances gets its number; its lines are seen, and its invoice can be changed."""
    answer = wrote(afas, "POST", "FiEntries", entry({**DEBIT, "InId": "F-1", "DaEx": "2026-04-01"}, CREDIT))
    assert set(answer) == {"UnId", "EnNo", "InId"}
    rows = found(afas, "Profit_Transactions", "EntryNo", answer["EnNo"])
    lines = [
        (row["AccountNo"], row["AmtDebit"], row["AmtCredit"]) for row in sorted(rows, key=lambda row: row["SeqNo"])
    ]
    assert [(a, part(d), part(c)) for a, d, c in lines] == [("10001", "121.1", ""), ("8000", "", "121.1")]
    assert rows[0]["EntryDate"] == "2026-03-02T00:00:00Z"
    wrote(afas, "PUT", "FiInvoice", of("FiInvoice", {"UnId": 1, "InId": "F-1", "BlPa": True}))
    assert kept(afas, "FiInvoice")[0]["fields"]["BlPa"] is True
    assert "InId" not in wrote(afas, "POST", "FiEntries", entry())
    automatic = wrote(afas, "POST", "FiEntries", entry(AuNu=True))
    assert len(kept(afas, "FiInvoice")) == 2
    assert automatic["InId"]


@pytest.mark.parametrize(
    ("lines", "fields", "message"),
    [
        ((DEBIT, {**CREDIT, "AmCr": 121}), {}, "niet in evenwicht"),
        ((DEBIT, {**CREDIT, "AcNr": "9999"}), {}, "'Rekeningnummer' bestaat niet."),
        (({**DEBIT, "AcNr": "99999"}, CREDIT), {}, "'Rekeningnummer' bestaat niet."),
        (({**DEBIT, "EnNo": 7}, CREDIT), {}, "mag het journaalpostnummer niet worden opgegeven"),
        (({**DEBIT, "AmDe": 0}, CREDIT), {}, "geen bedrag"),
        ((DEBIT, CREDIT), {"JoCo": "NONE"}, "'Dagboek' bestaat niet."),
        ((DEBIT, CREDIT), {"JoCo": "79"}, "Dagboek '79' is geblokkeerd."),
        ((DEBIT, CREDIT), {"UnId": 9}, "bestaat niet."),
        ((DEBIT, CREDIT), {"Peri": 2}, "is periode 2 van jaar 2026 geblokkeerd."),
        (({**DEBIT, "InId": "F-0"}, CREDIT), {}, "wordt al gebruikt in financieel"),
        ((DEBIT, {**CREDIT, "EnDa": ""}), {}, "Vul een waarde in bij 'Datum boeking'."),
    ],
)
def test_a_wrong_entry_is_refused(afas: Any, lines: Any, fields: dict[str, Any], message: str) -> None:
    """Balance, accounts, journal, period and invoice numbers are held to the rules; nothing is kept."""
    wrote(afas, "POST", "FiEntries", entry({**DEBIT, "InId": "F-0"}, CREDIT))
    afas.control("afas/period", administration=1, year=2026, period=2)
    assert message in afas.refused("POST", "FiEntries", entry(*lines, **fields))
    assert len(kept(afas, "FiEntries")) == 1


def test_a_payment_carries_the_number_of_its_invoice(afas: Any) -> None:
    """In a bank journal an invoice number is a payment: it may come again, and makes no invoice."""
    afas.control("afas/journal", administration=1, journal="50", type="B")
    for _ in range(2):
        wrote(afas, "POST", "FiEntries", entry({**DEBIT, "InId": "F-1"}, CREDIT, JoCo="50"))
    assert kept(afas, "FiInvoice") == []


def test_an_entry_is_deleted_as_a_whole(afas: Any) -> None:
    """The documented paths name journal and entry, or the invoice; a closed period keeps its entries."""
    first = wrote(afas, "POST", "FiEntries", entry({**DEBIT, "InId": "F-1"}, CREDIT))["EnNo"]
    second = wrote(afas, "POST", "FiEntries", entry({**DEBIT, "InId": "F-2"}, CREDIT))["EnNo"]
    path = "connectors/FiEntries/FiEntryPar"
    assert afas.call("DELETE", f"{path}/UnId,JoCo/1,70/FiEntries/@EnNo/{first}").status == 200
    assert [one["fields"]["InId"] for one in kept(afas, "FiInvoice")] == ["F-2"]
    afas.control("afas/period", administration=1, year=2026, period=3)
    assert afas.call("DELETE", f"{path}/Year,UnId/2026,1/FiEntries/@EnNo/{second}").status == 500
    afas.control("afas/period", administration=1, year=2026, period=3, blocked=False)
    assert afas.call("DELETE", f"{path}/UnId,JoCo/1,70/FiEntries/InId/F-2").status == 200
    assert kept(afas, "FiEntries") == []


def test_free_fields_of_an_entry_line(afas: Any) -> None:
    """FiEntriesCustom changes the free fields of one line."""
    afas.control("afas/free-field", object="FiEntriesCustom", code="UAA", label="Shop")
    number = wrote(afas, "POST", "FiEntries", entry())["EnNo"]
    keys = {"@UnId": "1", "@EnNo": number, "@SeNo": "2"}
    assert (
        wrote(afas, "PUT", "FiEntriesCustom", {"FiEntriesCustom": {"Element": {**keys, "Fields": {"UAA": "x"}}}}) == {}
    )
    assert kept(afas, "FiEntries")[0]["rows"]["FiEntries"][1]["fields"]["UAA"] == "x"
    keys["@SeNo"] = "3"
    assert "bestaat niet" in afas.refused("PUT", "FiEntriesCustom", {"FiEntriesCustom": {"Element": keys}})


def test_a_ledger_account_can_be_booked_on(afas: Any) -> None:
    """An account made through KnAccount is shown and booked on; deleted, it is not."""
    afas.write("POST", "KnAccount", of("KnAccount", {"AcNr": "8123", "Ds": "Omzet shop", "VaAt": "3"}))
    (row,) = found(afas, "Profit_Accounts", "Account", "8123")
    assert (row["Description"], row["Type"]) == ("Omzet shop", "3")
    wrote(afas, "POST", "FiEntries", entry(DEBIT, {**CREDIT, "AcNr": "8123"}))
    assert afas.call("DELETE", "connectors/KnAccount/KnAccount/@AcNr/8123").status == 200
    assert "bestaat niet" in afas.refused("POST", "FiEntries", entry(DEBIT, {**CREDIT, "AcNr": "8123"}))


@pytest.mark.parametrize(
    ("account", "line", "message"),
    [
        ({"VaA1": "B"}, {}, "Verbijzonderingscode voor as '1' moet gevuld worden voor rekening 8123"),
        ({"VaPp": "V"}, {}, "Projectboeking is verplicht voor grootboekrekening 8123"),
        ({"VaYn": False}, {"VaId": "1"}, "(AFASFiEntry) VAT is not allowed for account 8123"),
    ],
)
def test_an_account_says_what_its_lines_must_hold(
    afas: Any, account: dict[str, Any], line: dict[str, Any], message: str
) -> None:
    """Allocation, project and VAT are as the ledger account has them."""
    afas.write("POST", "KnAccount", of("KnAccount", {"AcNr": "8123", "Ds": "Omzet", **account}))
    body = entry(DEBIT, {**CREDIT, "AcNr": "8123", **line})
    assert afas.refused("POST", "FiEntries", body) == message
    below = {"FiDimEntries": {"Element": {"Fields": {"DiC1": "WEB"}}}}
    below["FiPrjEntries"] = {"Element": {"Fields": {"PrId": "WEB", "ItCd": "x"}}}
    lines = body["FiEntryPar"]["Element"]["Objects"][0]["FiEntries"]["Element"]
    lines[1] = {"Fields": {**CREDIT, "AcNr": "8123"}, "Objects": below}
    assert afas.write("POST", "FiEntries", body).status == 201


def test_a_call_holds_one_entry(afas: Any) -> None:
    """Several entries in one call are refused, as documented."""
    body = entry()
    body["FiEntryPar"]["Element"] = [body["FiEntryPar"]["Element"]] * 2
    assert afas.write("POST", "FiEntries", body).status == 500
    assert kept(afas, "FiEntries") == []


# -- others ------------------------------------------------------------------------------------------------------------


def test_a_dossier_item_keeps_its_files(afas: Any) -> None:
    """A dossier item is numbered by AFAS; its attachments can be fetched, and more be added below it."""
    file = {"FileName": "factuur.pdf", "FileStream": base64.b64encode(b"PDF").decode()}
    link = {"DoCRM": True, "SfTp": 4, "SfId": "10001"}
    number = wrote(afas, "POST", "KnSubject", of("KnSubject", SUBJECT, KnSubjectLink=link, KnSubjectAttachment=file))
    more = of("KnSubject", {"SbId": number["SbId"]}, KnSubjectAttachment={**file, "FileName": "bon.pdf"})
    wrote(afas, "POST", "KnSubject/KnSubjectAttachment", more)
    rows = found(afas, "Profit_Subject_Attachments", "subject_id", number["SbId"])
    names = {row["file_name"]: row["file_id"] for row in rows}
    assert set(names) == {"factuur.pdf", "bon.pdf"}
    wrote(afas, "POST", "KnSubject/KnSubjectAttachment", more)
    assert len(found(afas, "Profit_Subject_Attachments", "subject_id", number["SbId"])) == 2
    told = afas.get(f"SubjectConnector/{number['SbId']}/{names['bon.pdf']}").value()
    assert base64.b64decode(told["filedata"]) == b"PDF"
    assert "FileStream" not in str(kept(afas, "KnSubject"))
    (row,) = found(afas, "Profit_Subjects", "SubjectId", number["SbId"])
    assert (row["Subject"], row["TypeId"]) == ("Factuur", 5)
    own = {**SUBJECT, "SbPa": "zelf.pdf", "FileStream": file["FileStream"]}
    alone = wrote(afas, "POST", "KnSubject", of("KnSubject", own))["SbId"]
    said = {"SbId": alone, "SbTx": "Zie bijlage", "VaRe": "I"}
    wrote(afas, "POST", "KnSubjectReaction", of("KnReaction", said, KnReactionAttachment=file))
    rows = found(afas, "Profit_Subject_Attachments", "subject_id", alone)
    assert {row["file_name"] for row in rows} == {"zelf.pdf", "factuur.pdf"}
    bad = of("KnSubject", SUBJECT, KnSubjectAttachment={"FileName": "x.pdf", "FileStream": "no base64!"})
    assert afas.refused("POST", "KnSubject", bad) == "Type mismatch"
    assert afas.call("DELETE", f"connectors/KnSubject/KnSubject/@SbId/{number['SbId']}").status == 200
    assert found(afas, "Profit_Subject_Attachments", "subject_id", number["SbId"]) == []


def test_a_supplier_is_a_party_and_can_be_booked_on(afas: Any) -> None:
    """A purchase relation has its organisation among all parties, and is a creditor of entries."""
    party = {"MatchOga": "6", "AutoNum": True, "Nm": "Groothandel", "PadAdr": True}
    body = of("KnPurchaseRelationOrg", {"CuId": "EUR"}, KnOrganisation=party)
    answer = wrote(afas, "POST", "KnPurchaseRelationOrg", body)
    assert found(afas, "Profit_OrgPer", "BcCo", answer["BcCo"])[0]["Name"] == "Groothandel"
    creditor = {**LINE, "VaAs": "3", "AcNr": answer["CrId"], "AmCr": 121.1}
    wrote(afas, "POST", "FiEntries", entry({**CREDIT, "AmCr": 0, "AmDe": 121.1}, creditor))
    assert afas.refused("POST", "KnPurchaseRelationOrg", of("KnPurchaseRelationOrg", {"CuId": "EUR"}))


# -- look-ups and books ------------------------------------------------------------------------------------------------


def test_a_look_up_can_be_defined_over_any_of_them(afas: Any) -> None:
    """A GetConnector over `records/<connector>`, or over a sub-object, shows what was written, with filters."""
    assert {"records/KnUser", "records/FiEntries/FiEntries", "records/HrIllness"} <= SOURCES.keys()
    fields = [{"id": "User", "column": "h.UsId"}, {"id": "Name", "column": "h.Nm"}]
    afas.control("afas/connector", name="My_Users", source="records/KnUser", fields=fields)
    afas.write("POST", "KnUser", of("KnUser", {"MtCd": "1", "UsId": "EVA", "Nm": "Eva"}))
    afas.write("POST", "KnUser", of("KnUser", {"MtCd": "1", "UsId": "JAN", "Nm": "Jan"}))
    assert found(afas, "My_Users", "User", "eva") == [{"User": "EVA", "Name": "Eva"}]


def test_the_books_have_each_record_with_its_history(afas: Any) -> None:
    """Made, changed and deleted: the books say when and by which call."""
    number = wrote(afas, "POST", "KnSubject", of("KnSubject", SUBJECT))["SbId"]
    wrote(afas, "PUT", "KnSubject", of("KnSubject", {"SbId": number, "Ds": "Anders"}))
    afas.call("DELETE", f"connectors/KnSubject/KnSubject/SbId/{number}")
    (book,) = (one for one in afas.box.books()["records"] if one["connector"] == "KnSubject")
    assert (book["number"], book["deleted"], book["inserts"], book["fields"]["Ds"]) == (number, True, 1, "Anders")
    assert [(event["what"], event["by"]) for event in book["history"]] == [
        ("created", "POST KnSubject"),
        ("changed", "PUT KnSubject"),
        ("deleted", "DELETE KnSubject"),
    ]


def test_faults_reach_them_too(afas: Any) -> None:
    """A refusal by fault comes before the work, a time-out of the server by choice after it."""
    afas.box.faults.add({"name": "locked", "endpoint": "POST connectors/KnSubject"})
    assert "vergrendeld" in afas.refused("POST", "KnSubject", of("KnSubject", SUBJECT))
    assert kept(afas, "KnSubject") == []
    afas.box.faults.add({"name": "server_timeout", "params": {"after_work": True}})
    assert "tijdsduur" in afas.refused("POST", "KnSubject", of("KnSubject", SUBJECT))
    assert len(kept(afas, "KnSubject")) == 1


def test_records_survive_a_restart(make: Callable[..., Any]) -> None:
    """What is saved of one sandbox another can take over, numbers and history included."""
    first, second = make(), make()
    answer = wrote(first, "POST", "FiEntries", entry({**DEBIT, "InId": "F-1"}, CREDIT))
    saved = [decode(encode(list(change))) for change in first.service.changes()]
    second.service.restore([tuple(change) for change in saved])
    assert kept(second, "FiEntries") == kept(first, "FiEntries")
    assert int(wrote(second, "POST", "FiEntries", entry())["EnNo"]) == int(answer["EnNo"]) + 1


@given(st.text(max_size=8) | st.integers(-9, 9) | st.decimals(-9, 9, places=2))
@settings(deadline=None, max_examples=50)
def test_keys_are_compared_without_case(value: Any) -> None:
    """A key finds its record in any case, as a value and as the text of a path."""
    assert part(str(value).upper().lower()) == folded("X", str(value).upper().lower())
    assert part(part(value, fold=False)) == part(value)
