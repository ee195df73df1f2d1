"""Orders that become direct invoices: the same promises as for sales orders, on documents that are final."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from target_afas_builders import CONFIG, cancelled, line, order, person
from target_afas_world import World, results

from afas_profit import Element
from commerce.models import Basis, Code, Delivery, Link, Ref
from upsert.errors import ConfigurationError
from upsert.store import Store

INVOICES = "POST connectors/FbDirectInvoice"


def own(**changes: Any) -> dict[str, Any]:
    """Settings with other values in `orders`."""
    return {"orders": {**CONFIG["orders"], **changes}}


DIRECT = own(document_type="direct_invoice")


def invoices(world: World) -> list[dict[str, Any]]:
    """Direct invoices of the shop in AFAS."""
    return [one for one in world.service.books()["direct_invoices"] if one["reference"] and not one["deleted"]]


def inserts(world: World) -> dict[str, int]:
    """How often each reference of the shop was ever booked, under any type."""
    found = world.service.books()["inserts_per_reference"]
    return {name: count for name, count in found.items() if name.startswith("shop")}


@pytest.mark.parametrize("rounding", ["line", "rate", "document"])
@pytest.mark.parametrize("basis", list(Basis))
def test_an_order_becomes_a_direct_invoice_to_the_cent(basis: Basis, rounding: str) -> None:
    """The invoice carries our reference, the shop's invoice number and the shop's total; no order is made (B5)."""
    world = World(switches={"vat_rounding": rounding}, **own(document_type="direct_invoice", vat_rounding=rounding))
    lines = [line("SKU-0001", "10.03", "3", basis=basis), line("SKU-0007", "7.77", rate="9", basis=basis)]
    total = Decimal("17.80") if basis is Basis.INCL else Decimal("20.61")
    invoice = Link(type="invoice", ref=Ref(code="INV00077"))
    one = order(lines, str(total), price_basis=basis, links=[invoice])
    (outcome,) = world.run(one)
    assert outcome.action == "created"
    (made,) = invoices(world)
    assert (made["reference"], made["incl"], made["status"]) == ("shop1-ORD00001", total, "I")
    assert made["fields"]["Fref"] == "INV00077"
    assert outcome.ids == {"direct_invoice": made["number"], "invoice": made["fields"]["SinOrNu"]}
    assert world.orders() == []


def test_a_second_run_writes_nothing_also_with_an_empty_store() -> None:
    """What is booked is found again by its reference, and by the store without a question (B5, B10)."""
    world = World(**DIRECT)
    world.run(order())
    assert results(world.run(order())) == [("skipped", "unchanged", "")]
    assert set(world.client.calls) == {"GET metainfo"}
    world.store = Store.open("sqlite://")
    assert results(world.run(order())) == [("skipped", "same_in_afas", "")]
    assert world.writes() == 0
    assert inserts(world) == {"shop1-ORD00001": 1}


@pytest.mark.parametrize(
    ("fault", "repeats"),
    [
        ({"name": "timeout_after_work"}, 0),
        ({"name": "late_work", "after": 600}, 0),
        ({"name": "timeout_before_work"}, 1),
    ],
)
def test_an_unclear_write_is_looked_up_and_repeated_only_when_it_can_not_have_been_done(
    fault: dict[str, Any], repeats: int
) -> None:
    """An invoice whose answer was lost is in doubt as an order is, and there is one in the end (B5, X1, X2)."""
    world = World(**DIRECT)
    world.fault(endpoint=INVOICES, times=1, **fault)
    calls = 0
    for _ in range(3):
        world.run(order())
        calls += world.client.calls.get(INVOICES, 0)
        world.clock.advance(500)
    assert calls == 1 + repeats
    assert inserts(world) == {"shop1-ORD00001": 1}
    assert len(invoices(world)) == 1


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("first", ["order", "direct_invoice"])
def test_what_is_booked_keeps_its_type_when_the_setting_changes(first: str, lost: bool) -> None:
    """An order that is booked as one type is never booked again as the other, with the store or without it (B5)."""
    second = "direct_invoice" if first == "order" else "order"
    world = World(**own(document_type=first))
    world.run(order())
    if lost:
        world.store = Store.open("sqlite://")
    later = own(document_type=second, earlier_document_types=[first] if lost else [])
    assert [one.action for one in world.run(order(), **later)] == ["skipped"]
    changed = order([line(total="24.20")])
    outcome = world.run(changed, **later)[0]
    assert (outcome.action, outcome.reason) == (
        ("updated", "") if first == "order" else ("held", "direct_invoice_changed")
    )
    assert inserts(world) == {"shop1-ORD00001": 1}
    world.run(order(number="ORD00002"), **later)
    assert [one["reference"] for one in (invoices(world) if first == "order" else world.orders())] == ["shop1-ORD00002"]


@pytest.mark.parametrize("first", ["order", "direct_invoice"])
def test_an_intent_keeps_its_type_when_the_setting_changes(first: str) -> None:
    """An unclear write of one type is never answered with a document of the other (B5, R1)."""
    second = "direct_invoice" if first == "order" else "order"
    world = World(**own(document_type=first))
    endpoint = INVOICES if first == "direct_invoice" else "POST connectors/FbSales"
    world.fault(name="late_work", after=600, endpoint=endpoint, times=1)
    assert world.run(order())[0].reason == "in_doubt"
    for _ in range(3):
        world.run(order(), **own(document_type=second))
        world.clock.advance(500)
    assert inserts(world) == {"shop1-ORD00001": 1}
    assert len(invoices(world)) == (first == "direct_invoice")


def test_the_type_may_depend_on_the_order() -> None:
    """A rule chooses; each type proves by itself that its look-up can see what is written (B5, R3)."""
    rules = own(document_type={"rules": [{"shipping": "pickup", "value": "direct_invoice"}], "default": "order"})
    world = World(**rules)
    fetched = Delivery(method=Code(code="pickup"), pickup=True)
    outcomes = world.run(
        order(),
        order(number="ORD00002", delivery=fetched, buyer=person(email="b@x.nl")),
        order(number="ORD00003", buyer=person(email="c@x.nl")),
    )
    assert [next(iter(one.ids)) for one in outcomes] == ["order", "direct_invoice", "order"]
    assert [one["reference"] for one in invoices(world)] == ["shop1-ORD00002"]
    assert invoices(world)[0]["fields"]["DeCo"] == "2"


def test_a_look_up_that_hides_invoices_stops_the_run_after_one() -> None:
    """A data filter on the connector of direct invoices is found after the first of them, orders or not (R3)."""
    world = World(
        **own(document_type={"rules": [{"payment": "invoice", "value": "direct_invoice"}], "default": "order"})
    )
    world.user("app", data_filters={"Commerce_DirectInvoices": [[{"field": "Unit", "operator": 1, "value": "2"}]]})
    late = [
        order(number=f"ORD0001{n}", payment_method=Code(code="invoice"), buyer=person(email=f"{n}@x.nl"))
        for n in range(3)
    ]
    with pytest.raises(ConfigurationError, match="Commerce_DirectInvoices can't see what we write"):
        world.run(order(), *late)
    assert len(invoices(world)) == 1


@pytest.mark.parametrize("reaction", ["block", "delete", "settle", "hold"])
def test_a_direct_invoice_is_not_changed_any_more(reaction: str) -> None:
    """What changes or is cancelled in the shop after that is held with advice; AFAS gets no call (B5, N5)."""
    config = own(document_type="direct_invoice", on_cancel=reaction)
    world = World(**config)
    world.run(order())
    number = invoices(world)[0]["number"]
    assert results(world.run(order([line(total="24.20")]))) == [("held", "direct_invoice_changed", "lines, total")]
    assert results(world.run(cancelled(order()))) == [("held", "direct_invoice_cancelled", number)]
    assert world.writes() == 0
    assert invoices(world)[0]["incl"] == Decimal("12.10")


def test_a_total_that_afas_rounds_otherwise_holds_the_invoice() -> None:
    """A cent of difference that only shows when the total is read back can't be put right: held, and said so (R4)."""
    world = World(switches={"vat_rounding": "line"}, **DIRECT)
    lines = [line("SKU-0001", "0.03", key=str(n), basis=Basis.EXCL) for n in range(4)]
    outcome = world.run(order(lines, "0.15", price_basis=Basis.EXCL))[0]
    assert (outcome.action, outcome.reason) == ("held", "total_differs_in_afas")
    assert inserts(world) == {"shop1-ORD00001": 1}


def by_hand(world: World) -> None:
    """Somebody else books a sales order under our reference."""
    line_ = Element({"VaIt": "2", "ItCd": "SKU-0001", "QuUn": 1})
    world.client.insert(
        "FbSales", Element({"DbId": "10001", "RfCs": "shop1-ORD00001"}, objects={"FbSalesLines": [line_]})
    )


def test_the_same_reference_on_both_types_is_for_a_person() -> None:
    """A sales order beside our invoice is told, and nothing is written (R1)."""
    world = World(**DIRECT)
    world.run(order())
    by_hand(world)
    assert world.run(order([line(total="24.20")]))[0].reason == "ambiguous"
    assert world.writes() == 0


def test_another_type_in_the_place_of_our_unclear_write_is_for_a_person() -> None:
    """An invoice that was never made, and a sales order in its place: held, not changed as if it were ours (R1)."""
    world = World(**DIRECT)
    world.fault(name="timeout_before_work", endpoint=INVOICES, times=1)
    world.run(order())
    by_hand(world)
    world.clock.advance(931)
    assert world.run(order())[0].reason == "other_document_type"
    assert world.writes() == 0
    assert invoices(world) == []


def test_the_connectors_of_invoices_are_needed_only_for_invoices() -> None:
    """Whoever books orders needs none of them; whoever books invoices is told which one is missing (X21)."""
    world = World()
    world.user("app", remove=["FbDirectInvoice", "Commerce_DirectInvoices", "Commerce_DirectInvoiceLines"])
    assert results(world.run(order())) == [("created", "", "")]
    with pytest.raises(ConfigurationError, match=r"Commerce_DirectInvoices, .*Commerce_DirectInvoiceLines, .*FbDirect"):
        world.run(order(number="ORD00002"), **DIRECT)


def test_an_unknown_type_is_refused() -> None:
    """A document type that does not exist is named before the first call."""
    with pytest.raises(ConfigurationError, match=r"orders\.document_type.*order, direct_invoice"):
        World(**own(document_type="invoice")).begin()
