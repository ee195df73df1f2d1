"""Sales orders and what follows from them: insert, update, delete, deliver, invoice."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ARTICLE = {"VaIt": "2", "ItCd": "SKU-0001", "QuUn": 1, "Upri": 10}


def put(afas: Any, number: str, *lines: dict[str, Any], **fields: Any) -> Any:
    elements = [{"Fields": line} for line in lines]
    element: dict[str, Any] = {"Fields": {"OrNu": number, **fields}}
    if elements:
        element["Objects"] = [{"FbSalesLines": {"Element": elements}}]
    return afas.write("PUT", "FbSales", {"FbSales": {"Element": element}})


def message(reply: Any) -> str:
    assert reply.status == 500, reply.body
    text: str = reply.value()["externalMessage"]
    return text


def test_the_minimal_order_takes_everything_from_debtor_and_item(afas: Any) -> None:
    """Only a debtor, an item and a quantity: the rest comes from the sales relation and the item."""
    number = afas.order({"VaIt": "2", "ItCd": "sku-0001", "BiUn": "stk", "QuUn": "2"}, DbId="10004")
    (row,) = afas.rows("Commerce_Orders", f"filterfieldids=OrderNumber&filtervalues={number}")
    assert (row["VatDuty"], row["PayCondition"], row["Currency"], row["Warehouse"]) == ("6", "14", "EUR", "01")
    assert (row["InclVat"], row["Blocked"], row["StatusCode"], row["Unit"]) == (False, False, "A", 1)
    (line,) = afas.rows("Commerce_OrderLines", f"filterfieldids=OrderNumber&filtervalues={number}")
    assert (line["Item"], line["Unit"], line["VatGroup"], line["VatPercent"]) == ("SKU-0001", "STK", "1", 0)
    assert line["Price"] > 0


@pytest.mark.parametrize("shape", ["list", "dict", "array_element", "array_fields", "array_root", "on_element"])
def test_every_form_of_a_body(afas: Any, shape: str) -> None:
    """Objects as list or dict, Element as object or array, Fields in an array, an array below the root, @action."""
    line: dict[str, Any] = {"Fields": ARTICLE}
    lines: dict[str, Any] = {"FbSalesLines": {"Element": line if shape == "dict" else [line]}}
    element: dict[str, Any] = {"Fields": {"DbId": "10001"}, "Objects": lines if shape == "dict" else [lines]}
    if shape == "array_fields":
        element["Fields"] = [{"DbId": "10001", "@Action": "insert"}]
    if shape == "on_element":
        element["@action"] = "INSERT"
    content: Any = {"Element": [element] if shape == "array_element" else element}
    body = {"FbSales": [content] if shape == "array_root" else content}
    reply = afas.write("POST", "FbSales", body)
    assert (reply.status, list(reply.value()["results"]["FbSales"])) == (201, ["OrNu"])


@pytest.mark.parametrize("kind", ["text/plain", "", "application/json, application/json"])
def test_json_whatever_the_content_type(afas: Any, body: Callable[..., Any], kind: str) -> None:
    """A body is JSON whatever its content type says, also a doubled one."""
    headers = [("Authorization", afas.authorization), *([("Content-Type", kind)] if kind else [])]
    sent = json.dumps(body()).encode()
    assert afas.call("POST", "connectors/fbsales", body=sent, headers=headers).status == 201


def test_no_json_is_400(afas: Any) -> None:
    """A body that is no JSON: 400 with the recorded message, before the connector is looked at."""
    reply = afas.call("POST", "connectors/Nope", body=b"{")
    assert (reply.status, reply.value()) == (400, {"message": "Invalid json"})


@pytest.mark.parametrize(
    ("line", "fields", "text"),
    [
        ({}, {"DbId": ""}, "Vul een waarde in bij 'Verkooprelatie'."),
        ({"ItCd": ""}, {}, "Vul een waarde in bij 'Itemcode'."),
        ({"QuUn": ""}, {}, "Vul een waarde in bij 'Aantal eenheden'."),
        ({"QuUn": "1,5"}, {}, "Type mismatch"),
        ({}, {"OrDa": "2-3-2026"}, "Type mismatch"),
        ({}, {"DbId": "99999"}, "De ingevulde waarde bij 'Verkooprelatie' bestaat niet."),
        ({"ItCd": "NOPE"}, {}, "De ingevulde waarde bij 'Itemcode' bestaat niet."),
        ({"BiUn": "doos"}, {}, "De ingevulde waarde bij 'Eenheid' bestaat niet."),
        ({"VaRc": "9"}, {}, "De ingevulde waarde bij 'Btw-tariefgroep' bestaat niet."),
        ({}, {"VaDu": "7"}, "De ingevulde waarde bij 'Btw-tariefgroep' bestaat niet."),
        ({}, {"Unit": 9}, "De ingevulde waarde bij 'Administratie' bestaat niet."),
        ({}, {"JoCo": "72"}, "De ingevulde waarde bij 'Dagboek factuur' bestaat niet."),
        ({}, {"PaCd": "99"}, "De ingevulde waarde bij 'Betalingsvoorwaarde' bestaat niet."),
        ({}, {"PaTp": "99"}, "De ingevulde waarde bij 'Betaalwijze' bestaat niet."),
        ({}, {"War": "99"}, "De ingevulde waarde bij 'Magazijn' bestaat niet."),
        ({}, {"TrPt": "tnt"}, "De ingevulde waarde bij 'Vervoerder' bestaat niet."),
        ({}, {"SaCh": "9"}, "De ingevulde waarde bij 'Verkoopkanaal' bestaat niet."),
        ({}, {"DlAd": 1001}, "De ingevulde waarde bij 'Afleveradres' bestaat niet."),
        ({}, {"DlAd": 99}, "De ingevulde waarde bij 'Afleveradres' bestaat niet."),
        ({}, {"Nope": 1}, "Het veld 'Nope' bestaat niet in 'FbSales'."),
    ],
)
def test_refusals_name_the_label_and_leave_nothing(
    afas: Any, body: Callable[..., Any], line: dict[str, Any], fields: dict[str, Any], text: str
) -> None:
    """The first thing that is wrong is named by its Dutch label, and no order is left behind."""
    before = len(afas.rows("Commerce_Orders", "skip=-1&take=-1"))
    assert afas.refused("POST", "FbSales", body({**ARTICLE, **line}, **fields)) == text
    assert len(afas.rows("Commerce_Orders", "skip=-1&take=-1")) == before


def test_refusals_in_english(afas: Any, body: Callable[..., Any]) -> None:
    """Messages follow Accept-Language, labels too."""
    afas.language = "en-us"
    text = afas.refused("POST", "FbSales", body({**ARTICLE, "ItCd": ""}))
    assert text == "Enter a value for 'Itemcode'."
    assert afas.refused("POST", "FbSales", body(DbId="9")) == "The entered value for 'Sales contact' does not exist."


def test_over_long_values(make: Callable[..., Any], body: Callable[..., Any]) -> None:
    """A text longer than its field is refused, or cut, by switch."""
    assert "te lang" in make().refused("POST", "FbSales", body(RfCs="x" * 101))
    afas = make(over_length="truncate")
    number = afas.order(RfCs="x" * 101)
    assert len(afas.book(number)["reference"]) == 100


def test_unknown_fields_may_be_ignored(make: Callable[..., Any]) -> None:
    """An unknown field is an error, or is ignored, by switch."""
    assert make(unknown_field="ignore").order(Nope=1)


def test_too_many_decimals(make: Callable[..., Any], body: Callable[..., Any]) -> None:
    """More decimals than a field has are rounded half up, or refused, by switch."""
    afas = make()
    assert afas.book(afas.order({**ARTICLE, "QuUn": "1.000005"}))["lines"][0]["quantity"] == Decimal("1.00001")
    text = make(too_many_decimals="error").refused("POST", "FbSales", body({**ARTICLE, "QuUn": "1.000005"}))
    assert text == "Type mismatch"


def test_nothing_is_idempotent(afas: Any) -> None:
    """The same body twice makes two orders; the books count the inserts of a reference."""
    assert afas.order(RfCs="WS-1") != afas.order(RfCs="WS-1")
    assert afas.box.books()["inserts_per_reference"]["WS-1"] == 2


@pytest.mark.parametrize(
    ("switch", "text"),
    [
        ("primary_key", "(AntaObject) The primary key already exists for field 'Nummer'"),
        ("exists", "Verkooporder bestaat reeds"),
    ],
)
def test_own_numbers(make: Callable[..., Any], body: Callable[..., Any], switch: str, text: str) -> None:
    """A number of one's own is kept; a second order with it is refused, in one of two texts."""
    afas = make(duplicate_key=switch)
    assert afas.order(OrNu="WS1001", DbId="10001") == "WS1001"
    assert afas.refused("POST", "FbSales", body(OrNu="WS1001", DbId="10001")) == text


def test_manual_numbering(make: Callable[..., Any], body: Callable[..., Any]) -> None:
    """With manual numbering a number must be given, and metainfo says so."""
    afas = make(order_numbering="manual")
    assert afas.refused("POST", "FbSales", body()) == "Vul een waarde in bij 'Nummer'."
    assert afas.order(OrNu="1", DbId="10001") == "1"

    def mandatory(client: Any) -> bool:
        fields = client.get("metainfo/update/FbSales").value()["fields"]
        found: bool = next(field for field in fields if field["fieldId"] == "OrNu")["mandatory"]
        return found

    assert (mandatory(afas), mandatory(make())) == (True, False)


def test_blocked_things_are_refused_or_allowed(make: Callable[..., Any], body: Callable[..., Any]) -> None:
    """Blocked relations and items are refused or allowed by switch; blocked journals and closed projects never work."""
    afas = make()
    assert "geblokkeerd" in afas.refused("POST", "FbSales", body(DbId="10005"))
    assert "geblokkeerd" in afas.refused("POST", "FbSales", body({**ARTICLE, "ItCd": "SKU-0301"}))
    assert "geblokkeerd" in afas.refused("POST", "FbSales", body(JoCo="79"))
    assert "afgemeld" in afas.refused("POST", "FbSales", body(PrId="OLD"))
    lax = make(blocked_debtor="allow", blocked_item="allow")
    assert lax.order({**ARTICLE, "ItCd": "SKU-0301"}, DbId="10005", PrId="web", JoCo="70")


def test_any_delivery_address_by_switch(make: Callable[..., Any]) -> None:
    """Whether a delivery address must be the debtor's own is a switch; its own always works."""
    afas = make()
    own = afas.rows("Commerce_Addresses", "filterfieldids=Debtor,Kind&filtervalues=10001,AFL")[0]["AddressId"]
    assert afas.order(DlAd=own, ExAd="Filiaal Noord")
    assert make(delivery_address_of_debtor=False).order(DlAd=1001)


def test_a_relation_that_is_no_debtor(make: Callable[..., Any], body: Callable[..., Any]) -> None:
    """An order for a sales relation that is no debtor is refused or allowed by switch."""
    for needs, status in ((True, 500), (False, 201)):
        afas = make(order_needs_debtor=needs)
        number = afas.control("afas/relation", name="Prospect", fields={"IsDb": False})["DbId"]
        assert afas.write("POST", "FbSales", body(DbId=number)).status == status


def test_more_orders_in_one_body(make: Callable[..., Any]) -> None:
    """Several root elements answer an array; one bad one leaves none, or leaves the earlier ones, by switch."""

    def element(debtor: str) -> dict[str, Any]:
        return {"Fields": {"DbId": debtor, "RfCs": "M"}, "Objects": {"FbSalesLines": {"Element": {"Fields": ARTICLE}}}}

    afas = make()
    reply = afas.write("POST", "FbSales", {"FbSales": {"Element": [element("10001"), element("10002")]}})
    assert [len(one["OrNu"]) for one in reply.value()["results"]["FbSales"]] == [8, 8]
    for together, left in ((True, 0), (False, 1)):
        afas = make(multi_element_transaction=together)
        body = {"FbSales": {"Element": [element("10001"), element("10005")]}}
        assert afas.write("POST", "FbSales", body).status == 500
        assert len(afas.rows("Commerce_Orders", "filterfieldids=Ref&filtervalues=M")) == left


def test_a_failure_half_way_leaves_nothing_at_all(afas: Any, body: Callable[..., Any]) -> None:
    """A body whose second line is refused makes no order and uses up no number."""
    first = afas.order()
    afas.refused("POST", "FbSales", body(ARTICLE, {**ARTICLE, "ItCd": "SKU-0301"}))
    assert int(afas.order()) == int(first) + 1


def test_lines_are_added_changed_and_deleted(afas: Any) -> None:
    """One PUT changes the header, one line by its GUID, deletes one and adds one; totals follow."""
    number = afas.order(ARTICLE, {**ARTICLE, "ItCd": "SKU-0002"})
    first, second = (line["guid"] for line in afas.book(number)["lines"])
    reply = put(
        afas,
        number,
        {"@Action": "update", "GuLi": first, "QuUn": 3},
        {"@Action": "delete", "GuLi": second},
        {"@Action": "insert", "VaIt": "6", "ItCd": "VERZEND", "QuUn": 1, "Upri": "4.95"},
        RfCs="WS-2",
    )
    assert (reply.status, reply.value()) == (201, {"results": {"FbSales": {"OrNu": number}}})
    book = afas.book(number)
    assert [(line["item"], line["quantity"]) for line in book["lines"]] == [("SKU-0001", 3), ("VERZEND", 1)]
    assert (book["reference"], book["excl"]) == ("WS-2", Decimal("34.95"))
    assert [event["what"] for event in book["history"]] == ["created", "changed"]


def test_lines_by_item_code(make: Callable[..., Any]) -> None:
    """Without a GUID and an action the first line with that item is changed; none: it is added, or refused."""
    afas = make()
    number = afas.order(ARTICLE, ARTICLE)
    put(afas, number, {"VaIt": "art", "ItCd": "SKU-0001", "QuUn": 5})
    assert [line["quantity"] for line in afas.book(number)["lines"]] == [5, 1]
    put(afas, number, {**ARTICLE, "ItCd": "SKU-0003"})
    assert [line["item"] for line in afas.book(number)["lines"]] == ["SKU-0001", "SKU-0001", "SKU-0003"]
    strict = make(unmatched_line="error", ambiguous_line="error")
    number = strict.order(ARTICLE, ARTICLE)
    assert message(put(strict, number, {**ARTICLE, "ItCd": "SKU-0003"})) == "Regel niet gevonden"
    assert "meer dan 1 regel" in message(put(strict, number, {**ARTICLE, "QuUn": 5}))


def test_a_line_through_the_sub_object_path(afas: Any) -> None:
    """POST below FbSalesLines adds lines and changes header fields of the order."""
    number = afas.order()
    element = {"Fields": {"OrNu": number, "RfCs": "X"}, "Objects": [{"FbSalesLines": {"Element": {"Fields": ARTICLE}}}]}
    assert afas.write("POST", "FbSales/FbSalesLines", {"FbSales": {"Element": element}}).status == 201
    assert (len(afas.book(number)["lines"]), afas.book(number)["reference"]) == (2, "X")


def test_unknown_lines_and_orders(make: Callable[..., Any]) -> None:
    """An unknown GUID or order number is refused, in one of two texts."""
    for switch, text in (("not_found", "Verkooporder niet gevonden"), ("not_exist", "bij 'Nummer' bestaat niet")):
        afas = make(missing_record=switch)
        assert text in message(put(afas, "1", RfCs="x"))
        number = afas.order()
        guid = "{00000000-0000-0000-0000-000000000000}"
        assert put(afas, number, {"GuLi": guid, "QuUn": 1}).status == 500
        assert put(afas, number, {"@Action": "update", "GuLi": guid, "QuUn": 1}).status == 500


@pytest.mark.parametrize(("code", "value"), [("DbId", "10001"), ("Re", "x"), ("War", "01")])
def test_header_fields_that_are_refused_on_update(make: Callable[..., Any], code: str, value: str) -> None:
    """Three header fields are refused on update, even when equal; an empty switch lets them through."""
    afas = make()
    assert "kan niet worden gewijzigd" in message(put(afas, afas.order(), **{code: value}))
    lax = make(refused_on_update_header=[])
    assert put(lax, lax.order(), **{code: value}).status == 201


def test_line_fields_that_are_refused_on_update(make: Callable[..., Any]) -> None:
    """Two line fields are refused on existing lines; an empty switch lets them through."""
    for refused, status in ((["VaAD", "MaAD"], 500), ([], 201)):
        afas = make(refused_on_update_line=refused)
        number = afas.order()
        guid = afas.book(number)["lines"][0]["guid"]
        assert put(afas, number, {"GuLi": guid, "VaAD": "0"}).status == status


def test_clearing_and_leaving_alone(afas: Any) -> None:
    """An empty text or null clears a field; a field that is left out stays."""
    number = afas.order(RfCs="X", PaTp="01", ExAd="Y")
    put(afas, number, RfCs="", ExAd=None)
    (row,) = afas.rows("Commerce_Orders", f"filterfieldids=OrderNumber&filtervalues={number}")
    assert (row["Ref"], row["AddressNote"], row["PayMethod"]) == (None, None, "01")


def test_put_may_answer_nothing(make: Callable[..., Any]) -> None:
    """PUT answers the keys or an empty body, by switch."""
    afas = make(put_answer="empty")
    reply = put(afas, afas.order(), RfCs="X")
    assert (reply.status, reply.body) == (201, b"")


@pytest.mark.parametrize("path", ["FbSales/FbSales/@OrNu/{}", "fbsales/FBSALES/OrNu/{}"])
def test_delete_an_order(afas: Any, path: str) -> None:
    """Keys with and without @; the answer is 200 and empty; the books remember the order."""
    number = afas.order(RfCs="X")
    reply = afas.call("DELETE", "connectors/" + path.format(number))
    assert (reply.status, reply.body) == (200, b"")
    assert afas.rows("Commerce_Orders", "filterfieldids=Ref&filtervalues=X") == []
    assert afas.book(number)["deleted"] is True
    assert afas.call("DELETE", "connectors/" + path.format(number)).status == 500


def test_delete_a_line_by_path(afas: Any) -> None:
    """A line is deleted by its GUID, with braces or percent-encoded."""
    number = afas.order(ARTICLE, {**ARTICLE, "ItCd": "SKU-0002"})
    guid = afas.book(number)["lines"][0]["guid"]
    path = f"connectors/FbSales/FbSales/OrNu/{number}/FbSalesLines/@GuLi/{guid}"
    assert afas.call("DELETE", path).status == 200
    assert [line["item"] for line in afas.book(number)["lines"]] == ["SKU-0002"]


def test_delete_by_action(afas: Any) -> None:
    """An action wins over the verb: delete by PUT."""
    number = afas.order()
    assert put(afas, number, **{"@Action": "delete"}).status == 201
    assert afas.book(number)["deleted"] is True


def note(order: str, guid: str, quantity: Any) -> dict[str, Any]:
    line = {"VaIt": "2", "ItCd": "SKU-0001", "QuUn": quantity, "SoOr": order, "SoGu": guid}
    fields = {"SoOr": order, "RdDe": True}
    return {
        "FbDeliveryNote": {
            "Element": {"Fields": fields, "Objects": {"FbDeliveryNoteLines": {"Element": {"Fields": line}}}}
        }
    }


def test_packing_slips_deliver_orders(make: Callable[..., Any]) -> None:
    """A slip of part of a line makes the order partly delivered, of all of it delivered; then changes are refused."""
    afas = make(messages={"processed": "Order is geleverd."})
    number = afas.order({**ARTICLE, "QuUn": 3})
    guid = afas.book(number)["lines"][0]["guid"]
    reply = afas.write("POST", "FbDeliveryNote", note(number, guid, 1))
    assert (reply.status, list(reply.value()["results"]["FbDeliveryNote"])) == (201, ["OrNu"])
    assert afas.book(number)["status"] == "P"
    assert put(afas, number, RfCs="still").status == 201
    assert message(put(afas, number, {"GuLi": guid, "QuUn": 1})) == "Order is geleverd."
    afas.write("POST", "FbDeliveryNote", note(number, guid, 2))
    assert (afas.book(number)["status"], afas.book(number)["lines"][0]["delivered"]) == ("D", 3)
    assert message(put(afas, number, RfCs="no")) == "Order is geleverd."
    assert afas.call("DELETE", f"connectors/FbSales/FbSales/@OrNu/{number}").status == 500
    assert len(afas.rows("Profit_Deliverynotes")) == 2


def test_which_statuses_refuse_changes(make: Callable[..., Any]) -> None:
    """Which statuses refuse changes is a switch."""
    afas = make(processed_statuses=["P", "D", "I", "S"])
    number = afas.order({**ARTICLE, "QuUn": 3})
    afas.control("afas/deliver-order", order=number, lines=[{"item": "SKU-0001", "quantity": 1}])
    assert put(afas, number, RfCs="x").status == 500
    free = make(processed_statuses=[])
    number = free.order()
    free.control("afas/invoice-order", order=number)
    assert put(free, number, RfCs="x").status == 201


def test_release_and_settle(afas: Any) -> None:
    """FbFreeOrder releases a blocked order, FbSettleOrder closes one; both answer 201 and nothing."""
    number = afas.order(FxBl=True)
    look = f"filterfieldids=OrderNumber&filtervalues={number}"
    assert afas.rows("Commerce_Orders", look)[0]["Blocked"] is True
    body = {"FbFreeOrder": {"Element": {"Fields": {"VaOt": "03", "OrNu": number}}}}
    reply = afas.write("POST", "FbFreeOrder", body)
    assert (reply.status, reply.body) == (201, b"")
    assert afas.rows("Commerce_Orders", look)[0]["Blocked"] is False
    body = {"FbSettleOrder": {"Element": {"Fields": {"VaOt": "03", "OrNu": number}}}}
    assert afas.write("POST", "FbSettleOrder", body).status == 201
    assert afas.rows("Commerce_Orders", look)[0]["StatusCode"] == "S"
    body["FbSettleOrder"]["Element"]["Fields"]["OrNu"] = "1"
    assert "Ordernummer" in afas.refused("POST", "FbSettleOrder", body)


def test_direct_invoices(afas: Any) -> None:
    """A direct invoice answers OrNu and Liln; its own invoice number is kept and unique."""
    line = {"Fields": ARTICLE}
    element = {"Fields": {"DbId": "10001", "SinOrNu": "INV1"}, "Objects": {"FbDirectInvoiceLines": {"Element": line}}}
    reply = afas.write("POST", "FbDirectInvoice", {"FbDirectInvoice": {"Element": element}})
    assert set(reply.value()["results"]["FbDirectInvoice"]) == {"OrNu", "Liln"}
    assert "Factuurnummer" in afas.refused("POST", "FbDirectInvoice", {"FbDirectInvoice": {"Element": element}})
    (book,) = afas.box.books()["direct_invoices"]
    assert (book["fields"]["SinOrNu"], book["incl"]) == ("INV1", Decimal("12.10"))


def test_an_order_from_a_quotation(afas: Any) -> None:
    """SoQu takes debtor and lines over from a quotation."""
    line = {"Fields": {**ARTICLE, "QuUn": 4}}
    element = {"Fields": {"DbId": "10002"}, "Objects": {"FbSalesQuotationLines": {"Element": line}}}
    reply = afas.write("POST", "FbSalesQuotation", {"FbSalesQuotation": {"Element": element}})
    quotation = reply.value()["results"]["FbSalesQuotation"]["OrNu"]
    reply = afas.write("POST", "FbSales", {"FbSales": {"Element": {"Fields": {"SoQu": quotation}}}})
    book = afas.book(reply.value()["results"]["FbSales"]["OrNu"])
    assert (book["debtor"], book["lines"][0]["quantity"]) == ("10002", 4)


def test_free_fields(afas: Any) -> None:
    """Free fields of the environment are accepted and kept; others are unknown."""
    afas.control("afas/free-field", object="FbSales", code="U" + "A" * 32, label="Extra", kind="s", length=5)
    number = afas.order(**{"U" + "A" * 32: "abc"})
    assert afas.book(number)["fields"]["U" + "A" * 32] == "abc"
    fields = afas.get("metainfo/update/FbSales").value()["fields"]
    assert fields[-1]["label"] == "Extra"


def test_a_locked_order_frees_itself_after_some_calls(afas: Any) -> None:
    """While a user has an order open changes are refused; after n calls they work again."""
    number = afas.order()
    afas.control("afas/lock", order=number, calls=2)
    assert "andere gebruiker" in message(put(afas, number, RfCs="x"))
    assert put(afas, number, RfCs="x").status == 500
    assert put(afas, number, RfCs="x").status == 201


def test_text_lines_and_compositions(afas: Any) -> None:
    """Text lines need no quantity and have no amount; a composition is an item of type 7."""
    number = afas.order(
        {"VaIt": "3", "ItCd": "T", "Ds": "Cadeau!"}, {"VaIt": "Sam", "ItCd": "SET-0001", "QuUn": 1, "Upri": 50}
    )
    book = afas.book(number)
    assert [(line["type"], line["amount"]) for line in book["lines"]] == [("3", 0), ("7", 50)]
    assert book["rates"] == [
        {"group": "1", "percentage": 21, "excl": 50, "vat": Decimal("10.50"), "incl": Decimal("60.50")}
    ]


def test_oss_and_reverse_charge(afas: Any) -> None:
    """Duty 7 takes the group of a country, duty 6 makes every group 0 %."""
    oss = afas.book(afas.order({**ARTICLE, "VaRc": "D1", "Upri": 119}, VaDu="7", InVa=True))
    assert (oss["excl"], oss["vat"]) == (100, 19)
    assert afas.book(afas.order({**ARTICLE, "VaRc": "D1"}, VaDu="6"))["vat"] == 0
