"""New orders against the imitated AFAS, through look-ups, kernel and ports."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from target_afas_builders import CONFIG, address, company, line, order, person, vat_total
from target_afas_world import World, results

from commerce.models import Address, Basis, Code, Delivery, Discount, Kind, LineKind, VatTreatment
from upsert.errors import ConfigurationError
from upsert.store import Store

MODES = ["line", "rate", "document"]


def own(**changes: Any) -> dict[str, Any]:
    """Settings with other values in `orders`."""
    return {"orders": {**CONFIG["orders"], **changes}}


@pytest.mark.parametrize("known", [False, True])
def test_a_customer_that_a_table_lacks_holds_its_order_only(known: bool) -> None:
    """A language that is not in a table that says to hold, holds that order; the others are booked (P9)."""
    languages = {"own": {"language": "always"}, "languages": {"nl": "nl"}}
    world = World(relations={**CONFIG["relations"], **languages})
    if known:
        world.run(order(buyer=person(language="nl"), number="ORD00003"))
    outcomes = world.run(
        order(buyer=person(language="fr")), order(number="ORD00002", buyer=person(email="piet@x.nl", language="nl"))
    )
    assert results(outcomes) == [("held", "unmapped_setting", "fr"), ("created", "", "")]


def test_a_rule_for_new_customers_that_says_fail_stops_the_run() -> None:
    """`missing: fail` means the same for a new relation as everywhere: exit 2, no defect of ours (P28)."""
    terms = {"rules": [{"country": "DE", "value": "14"}], "missing": "fail"}
    world = World(relations={**CONFIG["relations"], "payment_condition": terms})
    with pytest.raises(ConfigurationError, match=r"relations\.payment_condition"):
        world.run(order(buyer=person(email="new@x.nl")))


def test_orders_to_one_address_keep_their_own_names() -> None:
    """Two orders of one debtor go to one address under different names: each carries its own (B21)."""
    world = World()
    office = address(street="Elders", house_number="7", postal_code="9999 ZZ")
    world.run(
        order(ship_to=person(name="Piet Een", address=office)),
        order(number="ORD00002", ship_to=person(name="Klaas Twee", address=office)),
    )
    names = [world.order(f"shop1-ORD0000{number}")["fields"]["ExAd"] for number in (1, 2)]
    assert names == ["Piet Een", "Klaas Twee"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"lines": [line("x" * 3000)]}, "text_too_long"),
        ({"lines": [line("\N{GRINNING FACE}" * 255)]}, "text_too_long"),
        ({"buyer": person(email="\N{GRINNING FACE}" * 200 + "@x.nl")}, "bad_email"),
    ],
)
def test_what_no_question_to_afas_can_hold_holds_that_order_only(change: dict[str, Any], reason: str) -> None:
    """A code or address longer than AFAS has, and than a look-up can carry, stops no other order (X32)."""
    outcomes = World().run(order(**change), order(number="ORD00002", buyer=person(email="piet@x.nl")))
    assert [(one.action, one.reason) for one in outcomes] == [("held", reason), ("created", "")]


def test_an_order_of_a_new_person_is_booked_once() -> None:
    """A first order makes its relation and arrives to the cent; a second run writes nothing (B1, B4, B45, B10)."""
    world = World()
    one = order([line(total="12.10", quantity="3")])
    assert results(world.run(one)) == [("created", "", "")]
    assert world.total() == Decimal("12.10")
    fields = world.order()["fields"]
    expected = {"Unit": 1, "JoCo": "70", "PaCd": "0", "PaTp": "01", "TrPt": "POSTNL", "InVa": True, "CuId": "EUR"}
    assert {name: fields[name] for name in expected} == expected
    assert fields["OrDa"] == "2026-11-01"
    assert "DlAd" not in fields
    assert results(world.run(one)) == [("skipped", "unchanged", "")]
    assert world.writes() == 0


def test_a_lost_store_writes_nothing_twice() -> None:
    """With an empty store the same order is found by its reference and left; a different one is held (R1)."""
    world = World()
    one = order()
    world.run(one)
    world.store = Store.open("sqlite://")
    assert results(world.run(one)) == [("skipped", "same_in_afas", "")]
    assert world.writes() == 0
    world.store = Store.open("sqlite://")
    assert results(world.run(order([line(quantity="2", total="24.20")]))) == [
        ("held", "differs_from_afas", "lines, total")
    ]


def test_guests_with_one_address_share_a_relation() -> None:
    """Five guest orders with one e-mail address in one run make one relation (B3, B4, B14, P7)."""
    world = World()
    before = len(world.service.books()["relations"])
    mails = ["A@x.nl", "a@x.nl ", "a@x.nl", "a@X.NL", " a@x.nl"]
    many = [order(number=f"ORD0000{n}", buyer=person(email=mail)) for n, mail in enumerate(mails)]
    assert {outcome.action for outcome in world.run(*many)} == {"created"}
    assert len(world.service.books()["relations"]) == before + 1
    assert len({one["debtor"] for one in world.orders()}) == 1


def test_a_company_gets_an_organisation_with_a_contact() -> None:
    """A company order makes an organisation debtor with its contact person, who stands on later orders (C5)."""
    world = World()
    buyer = company(email="inkoop@voorbeeld.example")
    assert results(world.run(order(buyer=buyer, ship_to=company()))) == [("created", "", "")]
    debtor = world.order()["debtor"]
    rows = world.session.lookups.relations([buyer.email], fresh=True)[buyer.email]
    assert {"ORG", "PRS"} <= {row.contact_type for row in rows}
    assert {row.debtor for row in rows if row.debtor} == {debtor}
    world.run(order(number="ORD00002", buyer=buyer, ship_to=company()))
    assert world.order("shop1-ORD00002")["debtor"] == debtor
    assert "CtI1" in world.order("shop1-ORD00002")["fields"]


def test_a_person_who_later_orders_as_a_company_gets_an_organisation() -> None:
    """The person's debtor stays; the company gets its own; later orders of either find the right one (C6)."""
    world = World()
    mail = "kees@zaak.example"
    world.run(order(buyer=person(email=mail)))
    world.run(order(number="ORD00002", buyer=company(email=mail)))
    world.run(order(number="ORD00003", buyer=company(email=mail)), order(number="ORD00004", buyer=person(email=mail)))
    debtors = [world.order(f"shop1-ORD0000{n}")["debtor"] for n in (1, 2, 3, 4)]
    assert debtors[0] == debtors[3] != debtors[1] == debtors[2]


def test_a_crm_contact_becomes_a_debtor() -> None:
    """A person known in CRM without a sales relation gets one, and no second person is made."""
    world = World()
    world.user("relation", kind="person", first="Jan", last="Vries", email="crm@x.nl", crm_only=True)
    parties = len(world.service.books()["parties"])
    # The CRM address is another than the invoice address, so the goods must still go where the shop says.
    assert results(world.run(order(buyer=person(email="crm@x.nl")))) == [("created", "", "")]
    assert len(world.service.books()["parties"]) == parties
    assert "DlAd" in world.order()["fields"]


def test_two_debtors_with_one_address_are_held_with_their_numbers() -> None:
    """Two debtors with the customer's address hold the order and name both, never the first hit (B3)."""
    world = World()
    numbers = sorted(
        world.user("relation", kind="person", first="Jan", last=last, email="twee@x.nl", fields={"VtIn": True})["DbId"]
        for last in ("Vries", "Jansen")
    )
    assert results(world.run(order(buyer=person(email="twee@x.nl")))) == [
        ("held", "ambiguous_customer", ", ".join(numbers))
    ]
    assert world.writes() == 0


def test_blocked_debtors_and_other_price_bases_are_held() -> None:
    """A blocked debtor holds its orders; so does one whose prices exclude VAT while the shop's include it (P5)."""
    world = World()
    blocked = world.user(
        "relation", kind="person", first="A", last="B", email="blok@x.nl", fields={"VtIn": True, "Bl": True}
    )
    excl = world.user("relation", kind="person", first="A", last="C", email="excl@x.nl", fields={"VtIn": False})
    outcomes = world.run(
        order(buyer=person(email="blok@x.nl")), order(number="ORD00002", buyer=person(email="excl@x.nl"))
    )
    assert results(outcomes) == [
        ("held", "blocked_customer", blocked["DbId"]),
        ("held", "price_basis_mismatch", excl["DbId"]),
    ]
    sent = world.run(order(number="ORD00002", buyer=person(email="excl@x.nl")), **own(basis_mismatch="send"))
    assert results(sent) == [("created", "", "")]


def test_a_known_customers_fields_are_filled_but_never_reset() -> None:
    """An order fills an empty phone number, and leaves payment term, address and all else alone (B21, B31, C7)."""
    world = World()
    made = world.user(
        "relation",
        kind="person",
        first="Jan",
        last="Vries",
        email="jan@example.com",
        fields={"PaCd": "30", "VtIn": True},
    )
    assert results(world.run(order())) == [("created", "", "")]
    row = world.session.lookups.relations_of_debtors([made["DbId"]])[made["DbId"]].row
    assert (row["Phone"], row["PayCondition"], row["ControlAccount"], row["Number"]) == (
        "+31201234567",
        "30",
        "1400",
        1,
    )
    world.user("edit-relation", debtor=made["DbId"], party={"TeNr": "", "TeN2": ""})
    world.run(order(number="ORD00002"))
    assert world.client.calls["PUT connectors/KnSalesRelationPer"] == 0, "emptied by a user: it stays empty"


def test_a_delivery_address_is_made_once_and_found_again() -> None:
    """Another ship-to becomes a delivery address and is reused by its id; the invoice address stays (C7, N26)."""
    world = World()
    there = person(name="Piet", address=address(street="Elders", house_number="7", postal_code="9999 ZZ"))
    assert results(world.run(order(ship_to=there))) == [("created", "", "")]
    first = world.order()["fields"]["DlAd"]
    assert world.client.calls["PUT connectors/KnPerson"] == 1
    world.run(order(number="ORD00002", ship_to=there), order(number="ORD00003", ship_to=there))
    assert {world.order(f"shop1-ORD0000{n}")["fields"]["DlAd"] for n in (2, 3)} == {first}
    assert world.client.calls["PUT connectors/KnPerson"] == 0
    debtor = world.order()["debtor"]
    assert world.session.lookups.relations_of_debtors([debtor])[debtor].row["Street"] == "Dorpsstraat"


def test_two_orders_to_one_new_address_in_one_batch() -> None:
    """Two orders of one company to the same new place make one delivery address."""
    world = World()
    there = company(address=address(street="Magazijnweg", house_number="1", postal_code="8888 AA"))
    buyer = company(email="twee@zaak.example")
    world.run(order(buyer=buyer, ship_to=there), order(number="ORD00002", buyer=buyer, ship_to=there))
    assert len({one["fields"]["DlAd"] for one in world.orders()}) == 1
    assert world.client.calls["PUT connectors/KnOrganisation"] == 1


def test_an_unknown_item_holds_its_order_only() -> None:
    """One unknown SKU holds its order, names itself and makes no customer; it goes once it exists (B22, P8, P9)."""
    world = World()
    good = [order(number=f"ORD0000{n}", buyer=person(email=f"p{n}@x.nl")) for n in (1, 2)]
    bad = order([line("NEW-1")], number="ORD00003", buyer=person(email="p3@x.nl"))
    assert results(world.run(*good, bad)) == [("created", "", "")] * 2 + [("held", "unknown_item", "NEW-1")]
    assert not world.session.lookups.relations(["p3@x.nl"], fresh=True)
    world.user("item", item="NEW-1", unit="STK")
    assert results(world.run(bad)) == [("created", "", "")]
    world.user("item", item="NEW-1", action="block")
    assert results(world.run(order([line("NEW-1")], number="ORD00004"))) == [("held", "unknown_item", "NEW-1")]


def test_nothing_is_made_for_an_order_that_cannot_be_booked() -> None:
    """A bad delivery address, an unmapped payment method or VAT holds the order before its customer is made (B23)."""
    world = World()
    outcomes = world.run(
        order(buyer=person(email="n1@x.nl"), ship_to=person(address=Address(street="X", city="Y"))),
        order(number="ORD00002", buyer=person(email="n2@x.nl"), payment_method=Code(code="newpay")),
        order(number="ORD00003", buyer=person(email="n3@x.nl"), vat_treatment=VatTreatment.MARGIN),
        order(number="ORD00004", buyer=person(email="n4@x.nl"), delivery=Delivery(method=Code(code="drone"))),
        order(number="ORD00005", buyer=person(email="n5@x.nl"), kind=Kind.CREDIT),
        order(number="ORD00006", buyer=person(email="n6@x.nl"), bill_to=person(address=Address(street="X", city="Y"))),
    )
    assert results(outcomes) == [
        ("held", "address_incomplete", "country"),
        ("held", "unmapped_payment_condition", "newpay"),
        ("held", "unmapped_vat", "NL/21/person/margin"),
        ("held", "unmapped_shipping_method", "drone"),
        ("held", "kind_not_supported", "credit"),
        ("held", "address_incomplete", "country"),
    ]
    assert world.writes() == 0


@pytest.mark.parametrize("switch", MODES)
@pytest.mark.parametrize("setting", MODES)
def test_an_order_excl_vat_is_exact_under_every_rounding(switch: str, setting: str) -> None:
    """Whatever AFAS does, and whatever we believe it does, the total read back is the shop's to the cent (P4, R4)."""
    world = World(switches={"vat_rounding": switch}, **own(vat_rounding=setting))
    lines = [line(f"SKU-000{n}", "0.12", basis=Basis.EXCL) for n in (1, 2, 3)]
    lines += [line("SKU-0007", "1.27", rate="9", basis=Basis.EXCL)]
    one = order(lines, "1.84", price_basis=Basis.EXCL, buyer=person(email="excl@x.nl"))
    assert results(world.run(one)) == [("created", "", "")]
    assert world.total() == Decimal("1.84")
    assert results(world.run(one)) == [("skipped", "unchanged", "")]


@hypothesis_settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(
        st.tuples(st.integers(1, 99_999), st.integers(1, 9), st.sampled_from(["21", "9", "0"])), min_size=1, max_size=9
    ),
    off=st.integers(-5, 5),
    basis=st.sampled_from(list(Basis)),
    switch=st.sampled_from(MODES),
)
def test_totals_are_exact_for_any_order(rows, off, basis, switch) -> None:
    """Any lines, basis and rounding of AFAS: the total incl. VAT in AFAS is the shop's, or the order is held (R4)."""
    world = World(switches={"vat_rounding": switch}, **own(max_rounding="0.15"))
    numbers = {"21": "SKU-0001", "9": "SKU-0007", "0": "SKU-0009"}
    lines = [
        line(numbers[rate], str(Decimal(amount) / 100), str(count), rate=rate, basis=basis)
        for amount, count, rate in rows
    ]
    total = Decimal(0)
    for one in lines:
        stated = one.total_incl if basis is Basis.INCL else one.total_excl * (100 + one.vat.rate) / 100
        total += stated.quantize(Decimal("0.01"), "ROUND_HALF_UP")
    total += Decimal(off) / 100
    (outcome,) = world.run(order(lines, str(total), price_basis=basis))
    if outcome.action == "created":
        assert world.total() == total
    else:
        assert outcome.reason in {"totals_differ", "total_differs_in_afas"}
        assert basis is Basis.EXCL


def test_a_total_within_the_cap_goes_on_the_rounding_item() -> None:
    """The shop's total wins over the sum of its lines by at most the cap; beyond it nothing is sent (P4, N30)."""
    world = World()
    assert results(world.run(order([line(total="10.00")], "10.04"))) == [("created", "", "")]
    assert world.total() == Decimal("10.04")
    assert [item["item"] for item in world.order()["lines"]] == ["SKU-0001", "AFRONDING"]
    off = order([line(total="10.00")], "10.06", number="ORD00002")
    assert results(world.run(off)) == [("held", "totals_differ", "0.06")]
    assert world.writes() == 0


def test_a_total_that_afas_makes_different_is_held_above_the_cap() -> None:
    """If AFAS's VAT rate is another than the shop's, the difference shows when it is read back, and holds the order."""
    world = World()
    world.user("vat", duty="1", group="1", percentage=25)
    one = order([line(total="100.00", basis=Basis.EXCL)], "121.00", price_basis=Basis.EXCL)
    assert results(world.run(one)) == [("held", "total_differs_in_afas", "-4.00")]
    world.user("vat", duty="1", group="1", percentage=21)
    number = world.order()["number"]
    world.user("edit-order", order=number, lines=[{"item": "SKU-0001", "fields": {"QuUn": 1}}])
    assert results(world.run(one)) == [("skipped", "same_in_afas", "")]
    assert world.total() == Decimal("121.00")


def test_an_order_to_belgium_rounds_without_a_group_of_0() -> None:
    """Distance sales have no VAT group of 0 %: the cents go on a group of the order, and the total is exact (B35)."""
    world = World()
    belgian = person(email="be@x.be", address=address(country="BE", postal_code="1000"))
    one = order([line(total="50.00")], "50.02", buyer=belgian, ship_to=belgian, vat_treatment=VatTreatment.OSS)
    assert results(world.run(one)) == [("created", "", "")]
    booked = world.order()
    assert (booked["incl"], booked["fields"]["VaDu"], booked["fields"]["JoCo"]) == (Decimal("50.02"), "7", "71")
    assert {item["vat_group"] for item in booked["lines"]} == {"B1"}


@pytest.mark.parametrize(
    ("treatment", "buyer", "country", "duty"),
    [
        (VatTreatment.EXPORT, person, "CH", "4"),
        (VatTreatment.INTRA_EU_REVERSE_CHARGE, company, "DE", "6"),
        (VatTreatment.EXEMPT, person, "NL", "0"),
    ],
)
def test_orders_without_vat(treatment, buyer, country, duty) -> None:
    """Export, reverse charge and exemption have their own VAT duty, and no VAT in AFAS (B34, B35, P20)."""
    world = World()
    who = buyer(email="x@y.example", address=address(country=country, postal_code="10115"), vat_number="DE123456789")
    one = order([line(total="50.00", rate="0")], buyer=who, ship_to=who, vat_treatment=treatment)
    assert results(world.run(one)) == [("created", "", "")]
    booked = world.order()
    assert (booked["fields"]["VaDu"], booked["vat"], booked["incl"]) == (duty, Decimal("0.00"), Decimal("50.00"))


def test_every_kind_of_line_arrives() -> None:
    """Two rates, coupon, shipping, payment costs, gift wrap, one SKU twice, pick-up, in one order (B11-B13, B40)."""
    world = World()
    lines = [
        line("SKU-0001", "33.33", "3"),
        line("SKU-0001", "9.99", key="again"),
        line("SKU-0007", "66.66", rate="9"),
        line(None, "4.95", kind=LineKind.SHIPPING, description="PostNL"),
        line(None, "0.50", kind=LineKind.PAYMENT_COST),
        line(None, "2.50", kind=LineKind.GIFT_WRAP),
    ]
    coupon = Discount(level="document", kind="coupon", amount=Decimal("10.00"), code="TIEN")
    total = Decimal("107.93")
    per_vat = [vat_total("21", "38.81", "8.15"), vat_total("9", "55.92", "5.05")]
    one = order(
        lines,
        str(total),
        discounts=[coupon],
        per_vat=per_vat,
        delivery=Delivery(method=Code(code="pickup"), pickup=True),
    )
    assert results(world.run(one)) == [("created", "", "")]
    booked = world.order()
    assert booked["incl"] == total
    assert (booked["fields"]["TrPt"], booked["fields"]["DeCo"]) == ("PICKUP", "2")
    assert len(booked["lines"]) == 8


def test_a_default_debtor_leaves_no_person_in_afas() -> None:
    """Orders on a default debtor make no relation; the address goes to the remark or to free fields (B30)."""
    free = "U1D2B6E1A4F0C4C5D9E8F7A6B5C4D3E2F"
    world = World(**own(default_debtors=[{"payment": "ideal", "debtor": "10001"}]))
    before = len(world.service.books()["parties"])
    assert results(world.run(order(remark="Bel aan"))) == [("created", "", "")]
    assert world.order()["debtor"] == "10001"
    assert world.order()["fields"]["Re"] == "Bel aan\nJan de Vries\nDorpsstraat 12 a\n1234 AB Plaats\nNL"
    fields = own(
        default_debtors=[{"debtor": "10001"}], default_debtor_address="fields", default_debtor_fields={"name": free}
    )
    world.run(order(number="ORD00002"), **fields)
    assert world.order("shop1-ORD00002")["fields"][free] == "Jan de Vries"
    assert len(world.service.books()["parties"]) == before


def test_two_shops_with_the_same_number_are_two_orders() -> None:
    """Two shops that both have ORD00001 make two orders, each in its own administration (A12-A14, P28)."""
    world = World()
    world.run(order())
    second = {"administration": 2, **own(sales_book="72")}
    assert results(world.run(order(shop="shop2"), **second)) == [("created", "", "")]
    assert [(one["reference"], one["administration"]) for one in world.orders()] == [
        ("shop1-ORD00001", 1),
        ("shop2-ORD00001", 2),
    ]


def test_orders_of_an_earlier_coupling_are_not_booked_again() -> None:
    """An order found under a reference of an earlier coupling is left alone (N13, P30)."""
    world = World()
    world.run(order(), reference_template="{instance}-WS:{number}")
    world.store = Store.open("sqlite://")
    outcomes = world.run(order(), **own(known_references=["{instance}-WS:{number}"]))
    assert results(outcomes) == [("skipped", "booked_by_earlier_coupling", "")]
    assert world.writes() == 0


def test_the_shops_own_number_may_be_the_order_number() -> None:
    """With `order_number: shop` AFAS itself refuses a double (B2)."""
    world = World(**own(order_number="shop"))
    assert results(world.run(order())) == [("created", "", "")]
    assert world.order()["number"] == "ORD00001"
    long = order(number="ORD0000000012")
    assert results(world.run(long)) == [("held", "text_too_long", "OrNu")]


def test_texts_that_afas_cannot_hold() -> None:
    """Emoji, control characters, very long texts and thousand lines arrive or are refused before sending (X32, P22)."""
    world = World()
    odd = line(description="🎁 caf\u00e9\u0000 " + "x" * 400)
    assert results(world.run(order([odd], remark="a\r\nb\u0000" + "y" * 70_000))) == [("created", "adjusted", "")]
    booked = world.order()
    assert booked["lines"][0]["description"] == ("🎁 café " + "x" * 400)[:255]
    assert booked["fields"]["Re"].startswith("a\nb")
    many = [line("SKU-0001", "0.01", key=str(n)) for n in range(1000)]
    assert results(world.run(order(many, number="ORD00002"))) == [("created", "", "")]
    assert world.total("shop1-ORD00002") == Decimal("10.00")
    huge = order([line(total="1234567890.12")], number="ORD00003")
    assert results(world.run(huge)) == [("created", "", "")]
    assert world.total("shop1-ORD00003") == Decimal("1234567890.12")


def test_extra_values_reach_free_fields() -> None:
    """Any extra value of a record can reach any field of the order."""
    code = "U4F4D8A3C6B2E4E7FBA0F9C8D7E6F5A4B"
    world = World(**own(header_fields={"coupon": code}))
    world.run(order(extra={"coupon": {"type": "string", "value": "TIEN"}}))
    assert world.order()["fields"][code] == "TIEN"
