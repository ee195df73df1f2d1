"""What a user or an administrator does by hand, the books, saving, and the look-up faults."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.afas.service import AfasService
from sandbox.box import Box
from sandbox.http import Headers, Request
from sandbox.store import Database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_user_edits_an_order_whatever_its_status(afas: Any) -> None:
    """Edits by a user pass what connectors refuse, and the history says who did it."""
    number = afas.order(RfCs="WS-1")
    afas.control("afas/invoice-order", reference="WS-1")
    lines = [
        {"item": "SKU-0001", "fields": {"QuUn": 7}},
        {"item": "SKU-0002", "action": "insert", "fields": {"QuUn": 1}},
    ]
    afas.control("afas/edit-order", order=number, fields={"Re": "gebeld"}, lines=lines, user="jan")
    book = afas.book(number)
    assert [line["quantity"] for line in book["lines"]] == [7, 1]
    assert (book["status"], book["fields"]["Re"], book["history"][-1]["by"]) == ("I", "gebeld", "user jan")


def test_statuses_by_hand(afas: Any) -> None:
    """Deliver a part, all, invoice, settle and delete by hand."""
    number = afas.order({"VaIt": "2", "ItCd": "SKU-0001", "QuUn": 2, "Upri": 1})
    lines = [{"item": "SKU-0001", "quantity": 1}]
    assert afas.control("afas/deliver-order", order=number, lines=lines)["status"] == "P"
    assert afas.control("afas/deliver-order", order=number)["status"] == "D"
    assert afas.control("afas/invoice-order", order=number)["status"] == "I"
    assert afas.control("afas/settle-order", order=number)["status"] == "S"
    afas.control("afas/delete-order", order=number)
    assert afas.book(number)["deleted"] is True


def test_items_by_hand(afas: Any) -> None:
    """Items are added, renamed, blocked and deleted."""
    afas.control("afas/item", item="ABC-1", vat_group="2", price="9.95")
    assert afas.order({"VaIt": "2", "ItCd": "ABC-1", "QuUn": 1})
    afas.control("afas/item", action="rename", item="ABC-1", to="ABC-2")
    look = "filterfieldids=Item;Item&filtervalues=ABC-1;ABC-2"
    assert [row["Item"] for row in afas.rows("Commerce_Items", look)] == ["ABC-2"]
    afas.control("afas/item", action="block", item="ABC-2")
    assert afas.rows("Commerce_Items", look)[0]["Blocked"] is True
    afas.control("afas/item", action="delete", item="ABC-2")
    assert afas.rows("Commerce_Items", look) == []


def test_settings_by_hand(afas: Any) -> None:
    """Journals, administrations, projects, warehouses, codes and VAT percentages."""
    afas.control("afas/administration", id=3, name="Nieuw B.V.")
    afas.control("afas/journal", administration=3, journal="80")
    afas.control("afas/project", project="P1")
    afas.control("afas/warehouse", warehouse="03")
    afas.control("afas/code", list="Betaalwijze", code="09", nl="Riverty")
    afas.control("afas/vat", duty="1", group="X1", percentage="13")
    line = {"VaIt": "2", "ItCd": "SKU-0001", "QuUn": 1, "Upri": 100, "VaRc": "X1"}
    number = afas.order(line, Unit=3, JoCo="80", PrId="P1", War="03", PaTp="09")
    assert afas.book(number)["vat"] == 13
    afas.control("afas/journal", administration=3, journal="80", blocked=True)
    body = {"FbSales": {"Element": {"Fields": {"OrNu": number, "JoCo": "80"}}}}
    assert "geblokkeerd" in afas.refused("PUT", "FbSales", body)


def test_customers_by_hand(afas: Any) -> None:
    """A user adds an organisation, a person and one without sales relation, and edits."""
    made = afas.control("afas/relation", name="Nieuw B.V.", email="nieuw@x.example", fields={"VtIn": True})
    afas.control("afas/relation", kind="person", first="Eva", last="Bos", email="eva@x.example", debtor="90000")
    crm = afas.control("afas/relation", name="Prospect", email="p@x.example", crm_only=True)
    assert set(crm) == {"BcCo", "BcId"}
    afas.control("afas/edit-relation", debtor=made["DbId"], fields={"Bl": True}, party={"Nm": "Anders"})
    book = {one["debtor"]: one for one in afas.box.books()["relations"]}
    assert (book[made["DbId"]]["name"], book["90000"]["emails"]) == ("Anders", ["eva@x.example"])


def test_bad_orders_say_what_is_wrong(afas: Any) -> None:
    """A control call that makes no sense is 400, one that AFAS refuses 422 with the message, another path 404."""

    def status(path: str, **order: Any) -> int:
        request = Request("POST", f"/_sandbox/{path}", "", Headers(), json.dumps(order).encode())
        reply = afas.box.answer(request).reply
        assert reply is not None
        return int(reply.status)

    assert status("afas/edit-order", order="1") == 400
    assert status("afas/item", action="block", item="NOPE") == 400
    assert status("afas/edit-order", order=afas.order(), fields={"PaTp": "99"}) == 422
    assert status("afas/nope") == 404


def test_books_hold_what_the_merchant_finds(afas: Any) -> None:
    """The books can be written as JSON, and have lines, rates, histories and insert counts."""
    number = afas.order(RfCs="WS-1", InVa=True)
    text = afas.box.answer(Request("GET", "/_sandbox/books")).reply.body
    books = json.loads(text)
    assert {"orders", "direct_invoices", "relations", "parties", "items", "inserts_per_reference"} <= set(books)
    book = next(one for one in books["orders"] if one["number"] == number)
    assert {"lines", "rates", "history", "incl", "reference", "status", "inserts"} <= set(book)
    assert books["inserts_per_reference"]["WS-1"] == book["inserts"] == 1


def test_a_database_brings_everything_back(make: Callable[..., Any], tmp_path: Path) -> None:
    """After a restart from a file rows, numbers, tokens and histories are as they were."""
    afas = make()
    database = Database(tmp_path / "state.db")
    afas.box = Box(afas.service, database)
    number = afas.order(RfCs="WS-1")
    afas.control("afas/app", remove=["Commerce_Items"])
    deleted = afas.order(RfCs="WS-2")
    afas.call("DELETE", f"connectors/FbSales/FbSales/@OrNu/{deleted}")
    books = json.loads(json.dumps(afas.box.books(), default=str))
    database.close()
    afas.service = AfasService(afas.clock, "empty")
    afas.box = Box(afas.service, Database(tmp_path / "state.db"))
    assert json.loads(json.dumps(afas.box.books(), default=str)) == books
    assert [row["OrderNumber"] for row in afas.rows("Commerce_Orders", "filterfieldids=Ref&filtervalues=WS-1")] == [
        number
    ]
    assert afas.get("connectors/Commerce_Items").status == 500
    assert int(afas.order()) == int(deleted) + 1


def test_reset_goes_back_to_a_seed(afas: Any) -> None:
    """Reset brings a seed back; an unknown one is refused."""
    afas.order(RfCs="WS-1")
    afas.control("reset")
    assert afas.rows("Commerce_Orders", "filterfieldids=Ref&filtervalues=WS-1") == []
    afas.control("reset", seed="empty")
    assert afas.rows("Commerce_Orders") == []
    assert {row["ItemType"] for row in afas.rows("Commerce_Items")} >= {"6", "3", "7"}
    with pytest.raises(ValueError, match="unknown seed"):
        afas.service.reset("nope")


def test_a_stale_look_up_shows_rows_as_they_were(afas: Any) -> None:
    """A look-up n seconds stale misses a new order, shows a deleted one and old values; it fires only then."""
    look = "filterfieldids=Ref&filtervalues=WS-1"
    old = afas.order(RfCs="WS-1", PaTp="01")
    afas.clock.advance(100)
    afas.control("faults", name="lookup_stale", seconds=60, times=2)
    assert [row["OrderNumber"] for row in afas.rows("Commerce_Orders", look)] == [old]
    assert afas.box.faults.ordered[0].fired == 0
    new = afas.order(RfCs="WS-1")
    afas.call("DELETE", f"connectors/FbSales/FbSales/@OrNu/{old}")
    assert [row["OrderNumber"] for row in afas.rows("Commerce_Orders", look)] == [old]
    assert len(afas.rows("Commerce_OrderLines", look)) == 1
    assert afas.box.faults.ordered[0].fired == 2
    assert [row["OrderNumber"] for row in afas.rows("Commerce_Orders", look)] == [new]


def test_a_stale_look_up_of_joined_rows(afas: Any) -> None:
    """Joined rows go back with every table they show."""
    afas.clock.advance(100)
    afas.control("afas/edit-relation", debtor="10006", fields={"VaDu": "6"})
    afas.control("faults", name="lookup_stale", seconds=60)
    look = "filterfieldids=Debtor&filtervalues=10006"
    assert [row["VatDuty"] for row in afas.rows("Commerce_Relations", look)] == ["1"]
    assert [row["VatDuty"] for row in afas.rows("Commerce_Relations", look)] == ["6"]


def test_a_filtered_look_up_hides_rows(afas: Any) -> None:
    """A filtered look-up hides the rows that match, and fires only when it hid one."""
    afas.order(RfCs="WS-1")
    afas.control("faults", name="lookup_filtered", field="Ref", pattern="ws-*")
    assert afas.rows("Commerce_Orders", "filterfieldids=Ref&filtervalues=nope") == []
    assert afas.box.faults.ordered[0].fired == 0
    assert afas.rows("Commerce_Orders", "filterfieldids=Ref&filtervalues=WS-1") == []
    assert afas.box.faults.ordered[0].fired == 1
    assert len(afas.rows("Commerce_Orders", "filterfieldids=Ref&filtervalues=WS-1")) == 1
