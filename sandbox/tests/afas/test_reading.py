"""GetConnectors: paging, sorting, filters and the shape of answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


def test_default_page_is_a_hundred_rows_and_echoed(afas: Any) -> None:
    """Without skip and take the first hundred rows come, and the body says so."""
    body = afas.get("connectors/Commerce_Items").value()
    assert (body["skip"], body["take"], len(body["rows"])) == (0, 100, 100)


def test_all_rows_with_minus_one_twice(afas: Any) -> None:
    """skip=-1 and take=-1 give every row and are echoed; skip=-1 alone too."""
    body = afas.get("connectors/Commerce_Items", "skip=-1&take=-1").value()
    assert (body["skip"], body["take"], len(body["rows"])) == (-1, -1, 328)
    assert len(afas.rows("Commerce_Items", "skip=-1&take=5")) == 328


def test_take_minus_one_with_a_skip_is_an_error(afas: Any) -> None:
    """skip=2 and take=-1 answer the documented 500."""
    reply = afas.get("connectors/Commerce_Items", "skip=2&take=-1")
    assert reply.status == 500
    assert reply.value()["errorNumber"] == -2147180999
    assert reply.value()["externalMessage"] == "Er is een onverwachte fout opgetreden."


def test_take_zero_gives_one_row_unless_switched(make: Callable[..., Any]) -> None:
    """take=0 gave one row when it was measured; the switch makes it none."""
    assert len(make().rows("Commerce_Items", "take=0")) == 1
    assert make(take_zero=0).rows("Commerce_Items", "take=0") == []


@pytest.mark.parametrize("skip", ["-7", "abc", ""])
def test_a_bad_skip_is_zero(afas: Any, skip: str) -> None:
    """A skip below -1, or one that is no number, counts as 0."""
    assert len(afas.rows("Commerce_Items", f"skip={skip}&take=3")) == 3


def test_skip_past_the_end_is_an_empty_page(afas: Any) -> None:
    """Past the last row the answer is 200 with no rows."""
    assert afas.rows("Commerce_Items", "skip=1000&take=3&orderbyfieldids=Item") == []


def test_rows_without_an_order_are_shuffled(make: Callable[..., Any]) -> None:
    """Two calls without an order differ; with the switch off they do not."""
    shuffled, steady = make(), make(shuffle=False)
    assert shuffled.rows("Commerce_Items") != shuffled.rows("Commerce_Items")
    assert steady.rows("Commerce_Items") == steady.rows("Commerce_Items")


def test_order_by_more_fields_and_descending(afas: Any) -> None:
    """Sorts go over more fields; a minus makes one descending; pages of a unique order are complete."""
    rows = afas.rows("Commerce_Items", "skip=-1&take=-1&orderbyfieldids=ItemType%2C-Item")
    keys = [(row["ItemType"], row["Item"]) for row in rows]
    assert keys == sorted(sorted(keys, key=lambda key: key[1], reverse=True), key=lambda key: key[0])
    pages = [
        row["Item"]
        for skip in range(0, 360, 40)
        for row in afas.rows("Commerce_Items", f"skip={skip}&take=40&orderbyfieldids=Item,ItemType")
    ]
    assert len(pages) == len(set(pages)) == 328


def test_unknown_sort_field_is_named(make: Callable[..., Any]) -> None:
    """An unknown sort field is named in the error, or is the older text."""
    named = make()
    named.language = "en-us"
    reply = named.get("connectors/Commerce_Items", "orderbyfieldids=Nope")
    assert reply.value()["externalMessage"] == "Connector field 'Nope' not found"
    older = make(sort_error="index").get("connectors/Commerce_Items", "orderbyfieldids=Nope").value()
    assert older["externalMessage"] == "General message: Invalid Index field"


def found(afas: Any, field: str, operator: int, value: str, connector: str = "Commerce_Relations") -> set[Any]:
    query = f"skip=-1&take=-1&filterfieldids={field}&filtervalues={quote(value)}&operatortypes={operator}"
    key = {"Commerce_Relations": "Name", "Commerce_Orders": "OrderNumber", "Commerce_Items": "Item"}[connector]
    return {row[key] for row in afas.rows(connector, query)}


@pytest.mark.parametrize(
    ("operator", "value", "names"),
    [
        (1, "fietsenhuis JANSEN", {"Fietsenhuis Jansen"}),
        (6, "jansen", {"Fietsenhuis Jansen", "Jansen Verhuur"}),
        (6, "%jansen%", {"Fietsenhuis Jansen", "Jansen Verhuur"}),
        (10, "Jansen", {"Jansen Verhuur"}),
        (10, "Jansen%", {"Jansen Verhuur"}),
        (13, "jansen", {"Fietsenhuis Jansen"}),
        (13, "%jansen", {"Fietsenhuis Jansen"}),
        (15, "jansen", {"Fietsenhuis Jansen", "Jansen Verhuur"}),
        (15, "=jansen verhuur", {"Jansen Verhuur"}),
        (15, "@jansen", {"Jansen Verhuur"}),
        (4, "Stichting", {"Stichting Zonder Debiteur", "Wanbetaler B.V.", "Webshop particulieren"}),
        (5, "Anna E", {"Anna de Wit"}),
    ],
)
def test_text_operators(afas: Any, operator: int, value: str, names: set[str]) -> None:
    """Text operators compare without case, with and without per-cent signs."""
    assert found(afas, "Name", operator, value) == names


@pytest.mark.parametrize(("operator", "value"), [(7, "%jansen%"), (11, "jansen"), (11, "%jansen%")])
def test_does_not_contain(afas: Any, operator: int, value: str) -> None:
    """Operator 7 with per-cent signs and operator 11 keep what does not contain the text."""
    names = found(afas, "Name", operator, value)
    assert "Anna de Wit" in names
    assert not any("jansen" in name.lower() for name in names)


def test_negative_starts_and_ends(afas: Any) -> None:
    """Operators 12 and 14 are the opposites of 10 and 13."""
    assert "Jansen Verhuur" not in found(afas, "Name", 12, "Jansen")
    assert "Fietsenhuis Jansen" not in found(afas, "Name", 14, "Jansen")


def test_empty_and_not_empty(afas: Any) -> None:
    """Operators 8 and 9 ignore their value but need its place."""
    assert found(afas, "Debtor", 8, "[is leeg]") == {"Stichting Zonder Debiteur", "Anna de Wit"}
    assert "Piet Visser" in found(afas, "Debtor", 9, "")
    reply = afas.get("connectors/Commerce_Relations", "filterfieldids=Debtor,Name&filtervalues=x&operatortypes=8,9")
    assert reply.status == 500


def test_not_equal_and_empty_fields(make: Callable[..., Any]) -> None:
    """Operator 7 leaves out empty fields, as SQL does; the switch keeps them."""
    assert "Stichting Zonder Debiteur" not in found(make(), "Debtor", 7, "10001")
    assert "Stichting Zonder Debiteur" in found(make(not_equal_matches_empty=True), "Debtor", 7, "10001")


@pytest.mark.parametrize(("operator", "count"), [(1, 1), (2, 2), (3, 2), (4, 1), (5, 1), (7, 2)])
def test_numeric_operators(afas: Any, operator: int, count: int) -> None:
    """Comparisons of amounts are numeric."""
    amounts = sorted(row["AmountExcl"] for row in afas.rows("Commerce_Orders"))
    assert len(found(afas, "AmountExcl", operator, str(amounts[1]), "Commerce_Orders")) == count


def test_groups_of_a_simple_filter(make: Callable[..., Any]) -> None:
    """A comma joins, a semicolon parts groups; the switch reads a mixed filter the other way."""
    query = "skip=-1&take=-1&filterfieldids=Item,VatGroup;Item&filtervalues=SKU-0001,9;SKU-0002&operatortypes=1,1;1"
    assert {row["Item"] for row in make().rows("Commerce_Items", query)} == {"SKU-0002"}
    assert make(mixed_filter="and_of_ors").rows("Commerce_Items", query) == []


def test_many_alternatives(afas: Any) -> None:
    """Ninety alternatives in one call find ninety items."""
    codes = [f"SKU-{number:04}" for number in range(1, 91)]
    query = f"take=1000&filterfieldids={';'.join(['Item'] * 90)}&filtervalues={';'.join(codes)}"
    assert {row["Item"] for row in afas.rows("Commerce_Items", query)} == set(codes)


def test_json_filter(afas: Any) -> None:
    """The JSON form: fields within a filter together, filters as alternatives, commas in values safe."""
    afas.order(Re=None, RfCs="a,b;c")
    fields = [
        {"@FieldId": "Ref", "@OperatorType": "1", "#text": "a,b;c"},
        {"@FieldId": "Blocked", "@OperatorType": 1, "#text": "false"},
    ]
    value = {"Filters": {"Filter": [{"@FilterId": "Filter 1", "Field": fields}]}}
    assert len(afas.rows("Commerce_Orders", filterjson=json.dumps(value))) == 1
    single = {"Filters": {"Filter": {"@FilterId": "x", "Field": fields[0]}}}
    assert len(afas.rows("Commerce_Orders", filterjson=json.dumps(single))) == 1


def test_bad_json_filter_is_400(afas: Any) -> None:
    """A JSON filter that is no JSON answers 400 with a message."""
    reply = afas.get("connectors/Commerce_Orders", filterjson="{")
    assert (reply.status, reply.value()) == (400, {"message": "Invalid json"})


@pytest.mark.parametrize(
    "query",
    [
        "filterfieldids=Item&filtervalues=a&operatortypes=16",
        "filterfieldids=Item&filtervalues=a&operatortypes=0",
        "filterfieldids=Item,Item&filtervalues=a",
        "filterfieldids=Modified&filtervalues=tomorrow&operatortypes=2",
        "filterfieldids=Modified&filtervalues=2026-01-01T00:00:00Z&operatortypes=2",
        "filterfieldids=Blocked&filtervalues=Ja&operatortypes=1",
    ],
)
def test_filters_that_make_no_sense(afas: Any, query: str) -> None:
    """Wrong operators, lists of different length and values of another type are the unexpected error."""
    reply = afas.get("connectors/Commerce_Items", query)
    assert (reply.status, reply.value()["errorNumber"]) == (500, -2147180999)


def test_zulu_can_be_accepted(make: Callable[..., Any]) -> None:
    """Whether a Z in a filter value is refused today is a switch."""
    query = "filterfieldids=Modified&filtervalues=2026-01-01T00:00:00Z&operatortypes=2&take=1"
    assert len(make(zulu_in_filter="accept").rows("Commerce_Items", query)) == 1


def test_field_ids_in_any_case_or_exact(make: Callable[..., Any]) -> None:
    """Field ids in filters are taken in any case; the switch demands the exact one."""
    query = "filterfieldids=ITEM&filtervalues=SKU-0001"
    assert len(make().rows("Commerce_Items", query)) == 1
    assert make(filter_field_case="exact").get("connectors/Commerce_Items", query).status == 500


def test_stripped_wildcards_and_underscores(make: Callable[..., Any]) -> None:
    """How per-cent signs and underscores count is a switch."""
    honour, strip, low = make(), make(like_wildcards="strip"), make(like_underscore=True)
    assert found(honour, "Item", 10, "%0001", "Commerce_Items") == {"SKU-0001", "SET-0001"}
    assert found(strip, "Item", 10, "%0001", "Commerce_Items") == set()
    assert found(honour, "Item", 10, "S_T%", "Commerce_Items") == set()
    assert found(low, "Item", 10, "S_T%", "Commerce_Items") == {"SET-0001"}


def test_times_are_local_with_a_false_z_and_hidden_fractions(afas: Any) -> None:
    """Date-times are Amsterdam wall time with a Z; the fraction that is not shown still counts in a filter."""
    afas.order(RfCs="X")
    (row,) = afas.rows("Commerce_Orders", "filterfieldids=Ref&filtervalues=X")
    assert row["Created"] == "2026-03-02T11:00:00Z"
    assert row["OrderDate"] == "2026-03-02T00:00:00Z"
    shown = "2026-03-02T11:00:00"
    assert row["OrderNumber"] in found(afas, "Created", 4, shown, "Commerce_Orders")
    assert found(afas, "Created", 1, shown, "Commerce_Orders") == set()


def test_answers_are_one_line_with_all_fields(afas: Any) -> None:
    """A row has every field in the order of the definition, empty ones as null; text is UTF-8."""
    afas.order(RfCs="Bloemen – 🌷")
    reply = afas.get("connectors/Commerce_Orders", "skip=-1&take=-1")
    assert b"\n" not in reply.body
    fields = [field["id"] for field in afas.get("metainfo/get/Commerce_Orders").value()["fields"]]
    assert all(list(row) == fields for row in reply.value()["rows"])
    assert "Bloemen – 🌷" in reply.body.decode()


def test_old_versions_write_half_as_point_five(make: Callable[..., Any]) -> None:
    """Before Profit 7 a decimal below one had no zero before its point, and the body had line breaks."""
    afas = make(profit_version=6)
    afas.order({"VaIt": "6", "ItCd": "KORTING", "QuUn": 1, "Upri": "-0.5"}, RfCs="X")
    reply = afas.get("connectors/Commerce_Orders", "filterfieldids=Ref&filtervalues=X")
    assert b'"AmountExcl":-.5' in reply.body
    assert b"\n" in reply.body


def test_descriptions_follow_the_language(afas: Any) -> None:
    """A description of a code is in the language of the call, and so is a filter on it."""
    query = "filterfieldids=Type&filtervalues=Persoon&operatortypes=1"
    assert {row["Type"] for row in afas.rows("Profit_OrgPer", query)} == {"Persoon"}
    afas.language = "en-us"
    assert afas.rows("Profit_OrgPer", query) == []
    assert {row["Type"] for row in afas.rows("Profit_OrgPer")} == {"Person", "Organisation"}


def test_long_queries_are_not_found(afas: Any) -> None:
    """A query of more than 2,049 characters with its question mark is 404, before any other check."""
    just = "x=" + "y" * (2048 - 2)
    assert afas.get("connectors/Commerce_Items", just).status == 200
    reply = afas.call("GET", "connectors/Commerce_Items", just + "y", headers=[])
    assert (reply.status, reply.body) == (404, b"")


def test_too_many_cells_run_out_of_memory(make: Callable[..., Any]) -> None:
    """With a limit, columns times rows above it is the documented 500."""
    reply = make(cell_limit=100).get("connectors/Commerce_Items", "take=100")
    assert (reply.status, reply.value()["externalMessage"]) == (500, "Out of memory")


def test_a_write_is_visible_at_once_and_only_where_it_matters(afas: Any) -> None:
    """A new order, a changed one and a deleted one show at the next call, also through equality look-ups."""
    look = "filterfieldids=Ref&filtervalues=WS-9"
    assert afas.rows("Commerce_Orders", look) == []
    number = afas.order(RfCs="WS-9")
    assert [row["OrderNumber"] for row in afas.rows("Commerce_Orders", look)] == [number]
    afas.write("PUT", "FbSales", {"FbSales": {"Element": {"Fields": {"OrNu": number, "RfCs": "WS-10"}}}})
    assert afas.rows("Commerce_Orders", look) == []
    assert len(afas.rows("Commerce_OrderLines", "filterfieldids=Ref&filtervalues=WS-10")) == 1
    afas.call("DELETE", f"connectors/FbSales/FbSales/@OrNu/{number}")
    assert afas.rows("Commerce_Orders", "filterfieldids=Ref&filtervalues=WS-10") == []


def test_a_relation_row_follows_every_table_it_shows(afas: Any) -> None:
    """A changed person, sales relation or address shows in the joined row."""
    look = "filterfieldids=Debtor&filtervalues=10006"
    afas.control("afas/edit-relation", debtor="10006", fields={"VaDu": "6"}, party={"EmAd": "nieuw@visser.example"})
    (row,) = afas.rows("Commerce_Relations", look)
    assert (row["VatDuty"], row["Mail"], row["Mail2"]) == ("6", "nieuw@visser.example", "piet@visser.example")
    address = {"CoId": "B", "PbAd": False, "Ad": "Meir", "HmNr": 1, "ZpCd": "2000", "Rs": "Antwerpen", "ResZip": False}
    below = {"Fields": {"MatchPer": "9"}, "Objects": {"KnBasicAddressAdr": {"Element": {"Fields": address}}}}
    body = {"KnSalesRelationPer": {"Element": {"@DbId": "10006", "Objects": {"KnPerson": {"Element": below}}}}}
    assert afas.write("PUT", "KnSalesRelationPer", body).status == 201
    (row,) = afas.rows("Commerce_Relations", look)
    assert (row["Country"], row["Street"]) == ("B", "Meir")
    assert afas.rows("Commerce_Addresses", look + "&orderbyfieldids=Kind")[0]["City"] == "Antwerpen"


def test_connectors_can_be_added(afas: Any) -> None:
    """Any connector is a definition over the tables: one with a free field of the order."""
    fields = [
        {"id": "Nr", "column": "doc.number", "length": 12},
        {"id": "Naam", "column": "h.U1D2B6E1A4F0C4C5D9E8F7A6B5C4D3E2F", "nl": "Webshop naam", "length": 255},
    ]
    afas.control("afas/connector", name="Shop_Names", source="orders", fields=fields)
    number = afas.order(U1D2B6E1A4F0C4C5D9E8F7A6B5C4D3E2F="Jan")
    assert afas.rows("Shop_Names", f"filterfieldids=Nr&filtervalues={number}") == [{"Nr": number, "Naam": "Jan"}]
    assert "Shop_Names" in {one["id"] for one in afas.get("metainfo").value()["getConnectors"]}
    assert afas.get("metainfo/get/Shop_Names").value()["fields"][1]["label"] == "Webshop naam"


def test_rows_kept_ready_are_those_made_anew(afas: Any) -> None:
    """After any sequence of changes each connector answers what it answers when it begins from nothing."""
    names = list(afas.service.connectors())

    def everything() -> dict[str, list[str]]:
        return {name: sorted(map(str, afas.rows(name, "skip=-1&take=-1"))) for name in names}

    everything()
    number = afas.order(RfCs="A")
    afas.control("afas/relation", kind="person", last="Bos", email="bos@x.example", debtor="90000")
    afas.control("afas/edit-relation", debtor="10001", fields={"PaCd": "30"}, party={"Nm": "Anders", "EmAd": "z@x.nl"})
    afas.control("afas/edit-relation", debtor="10006", party={"LaNm": "Anders"})
    afas.control("afas/deliver-order", order=number)
    afas.control("afas/item", action="rename", item="SKU-0001", to="SKU-X")
    afas.control("afas/code", list="Land", code="ZZ", nl="Nergens")
    afas.control("afas/delete-order", order="60000001")
    afas.rows("Commerce_Orders", "filterfieldids=Modified&filtervalues=2026-01-01T00:00:00&operatortypes=2")
    kept = everything()
    afas.service.engine.forget()
    assert kept == everything()
