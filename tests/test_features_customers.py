"""Acceptance of the features of customers, from the shop's door to AFAS's books. Ids as in the list of features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.scene import BILLING, Scene, Scenes, customer, customers

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def make() -> Iterator[Scenes]:
    """Makes worlds with their own settings."""
    with Scenes() as scenes:
        yield scenes


@pytest.fixture
def scene(make: Scenes) -> Scene:
    """A shop and an AFAS."""
    return make()


def test_one_customer_for_all_spellings_of_an_address(scene: Scene) -> None:
    """B3, B4, B14, P7: guest orders with one e-mail address in any spelling, then an account: one relation."""
    mails = ["Jan@Voorbeeld.nl", "jan@voorbeeld.nl ", "JAN@VOORBEELD.NL", " jan@voorbeeld.nl", "jan@Voorbeeld.nl"]
    orders = [scene.sale(email=mail, customer=customer(mail, guest=True)) for mail in mails]
    assert scene.go() == (0, 0, 0)
    orders.append(scene.sale(customer=customer("jan@voorbeeld.nl", guest=False)))
    scene.go()
    assert len({scene.head(order)["DbId"] for order in orders}) == 1
    assert len(scene.made()) == 1
    scene.all_booked()


def test_two_runs_at_once_make_one_customer(scene: Scene) -> None:
    """B4, P7: two runs at the same moment with two first orders of one new customer: one relation."""
    orders = [scene.sale()]

    def other_run() -> None:
        orders.append(scene.sale(customer=customer("KIM@example.com", guest=True)))
        scene.run()

    scene.before("POST */KnSalesRelationPer", other_run)
    scene.go()
    scene.all_booked()
    assert len(scene.made()) == 1
    assert len({scene.head(order)["DbId"] for order in orders}) == 1


def test_two_debtors_with_one_address_hold_the_order(scene: Scene) -> None:
    """B3: two debtors with the customer's address: held with both numbers; merged, it goes through by itself."""
    wish = {"kind": "person", "first": "Kim", "email": "twee@example.com", "fields": {"VtIn": True}}
    numbers = sorted(scene.user("afas/relation", {**wish, "last": last})["DbId"] for last in ("Een", "Twee"))
    order = scene.sale(email="twee@example.com", customer=customer("twee@example.com"))
    with scene.no_write():
        assert scene.go() == (0, 0, 0)
    assert scene.reasons == [("ambiguous_customer", ", ".join(numbers))]
    party = {"EmAd": "weg@example.com", "EmA2": "weg@example.com"}
    scene.user("afas/edit-relation", {"debtor": numbers[1], "party": party})
    scene.go(900)
    assert scene.head(order)["DbId"] == numbers[0]
    scene.all_booked()


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        ({}, "PER"),
        ({"companyName": "Zaak B.V.", "isCompany": True}, "ORG"),
        ({"companyName": "Zaak B.V.", "isCompany": False}, "ORG"),
        ({"companyName": "", "isCompany": True}, "PER"),
    ],
)
def test_a_company_is_who_gives_its_name(scene: Scene, who: dict[str, Any], kind: str) -> None:
    """C5, C6: a company's name makes an organisation with a contact, whatever the box says; the box alone a person."""
    order = scene.sale(customer=customer("kim@example.com", **who))
    assert scene.go() == (0, 0, 0)
    (relation,) = scene.made()
    assert relation["kind"] == kind
    assert relation["debtor"] == scene.head(order)["DbId"]
    if kind == "ORG":
        assert relation["name"] == "Zaak B.V."
        assert {contact["type"] for contact in relation["contacts"]} >= {"ORG", "PRS"}
    scene.all_booked()


def test_a_person_who_later_orders_for_a_company(scene: Scene) -> None:
    """C6: the same address, first as a person, then as a company: two debtors, each found again for its own orders."""
    company = {"companyName": "Zaak B.V."}
    orders = [scene.sale(customer=customer("kim@example.com", **who)) for who in ({}, company)]
    scene.go()
    orders += [scene.sale(customer=customer("kim@example.com", **who)) for who in ({}, company)]
    scene.go()
    debtors = [scene.head(order)["DbId"] for order in orders]
    assert debtors[0] == debtors[2] != debtors[1] == debtors[3]
    # The checker counts debtors per address and takes these two for a double.
    scene.heal()
    assert scene.reasons == []


def test_a_web_order_does_not_reset_what_finance_changed(scene: Scene) -> None:
    """B21, B31, C7: payment term and control account that finance changed stay, whatever the customer orders next."""
    first = scene.sale()
    scene.go()
    debtor = scene.head(first)["DbId"]
    scene.user("afas/edit-relation", {"debtor": debtor, "fields": {"PaCd": "30", "ColA": "1300"}})
    scene.sale(customer=customer("kim@example.com", phone="020 123 45 67"), billing=BILLING | {"number": "99"})
    scene.go()
    (relation,) = scene.made()
    assert (relation["fields"]["PaCd"], relation["fields"]["ColA"]) == ("30", "1300")
    (visiting,) = [one for one in relation["addresses"] if one["kind"] == "ADR" and one["current"]][:1]
    assert visiting["HmNr"] == 4
    scene.all_booked()


def test_a_delivery_address_is_added_once_and_the_invoice_address_stays(scene: Scene) -> None:
    """C7, N26: another ship-to becomes a delivery address, is found again, and never changes the invoice address."""
    there = BILLING | {"street": "Elders", "number": "7 b", "zipcode": "9999 ZZ", "city": "Verweg"}
    orders = [scene.sale(shipping=there)]
    scene.go()
    orders += [scene.sale(shipping=there), scene.sale(shipping=there | {"street": "ELDERS", "zipcode": "9999zz"})]
    orders.append(scene.sale())
    scene.go()
    chosen = [scene.head(order).get("DlAd") for order in orders]
    assert chosen[0] == chosen[1] == chosen[2]
    assert chosen[3] is None
    (relation,) = scene.made()
    current = {one["kind"]: one["Ad"] for one in relation["addresses"] if one["current"]}
    assert current["ADR"] == "Lange Weg"
    assert [one["Ad"] for one in relation["addresses"] if one["kind"] == "AFL"] == ["Elders"]
    assert scene.calls_of("PUT connectors/KnPerson") == 1
    scene.all_booked()


def test_a_default_debtor_leaves_no_person_in_afas(make: Scenes) -> None:
    """B30: orders of a rule go to its debtor: no relation and no person is made, the address stands in the remark."""
    scene = make({"default_debtors": [{"country": "NL", "debtor": "10001"}]})
    parties = len(scene.afas.books()["parties"])
    order, abroad = (
        scene.sale(),
        scene.sale(email="be@example.com", billing=BILLING | {"country": "be", "zipcode": "1000"}),
    )
    assert scene.go() == (0, 0, 0)
    assert scene.head(order)["DbId"] == "10001"
    assert "Lange Weg 4" in scene.head(order)["Re"]
    assert scene.head(abroad)["DbId"] != "10001"
    assert len(scene.afas.books()["parties"]) == parties + 1
    scene.all_booked()


def test_a_debtor_with_other_prices_holds_the_order(scene: Scene) -> None:
    """P5: a debtor whose prices exclude VAT never gets an order including it in silence: held with the debtor's number."""
    wish = {"kind": "person", "first": "Kim", "last": "Klant", "email": "kim@example.com", "fields": {"VtIn": False}}
    known = scene.user("afas/relation", wish)["DbId"]
    order = scene.sale()
    with scene.no_write():
        assert scene.go() == (0, 0, 0)
    assert scene.reasons == [("price_basis_mismatch", known)]
    scene.user("afas/edit-relation", {"debtor": known, "fields": {"VtIn": True}})
    scene.go(900)
    assert scene.found(order)
    scene.all_booked()


@pytest.mark.parametrize("first", ["orders", "customers"])
def test_the_two_flows_agree_on_a_company(make: Scenes, first: str) -> None:
    """C5, B44, P5: whichever flow meets a company first, it becomes one debtor in the shop's price basis."""
    relations = {"control_account": "1400", "payment_condition": "14", "price_includes_vat": "incl"}
    scene = make(target_settings={"relations": relations})
    order = scene.sale(customer=customer("kim@example.com", companyName="Zaak B.V."))
    if first == "orders":
        scene.go()
    assert customers(scene) == (0, 0, 0)
    scene.go()
    assert scene.reasons == []
    assert scene.head(order)["DbId"] == scene.made()[0]["debtor"]
    assert len(scene.made()) == 1
    scene.all_booked()


TYPED = {
    "Laan 1940-1945 3": ("Laan 1940-1945", 3, None),
    "1e Kruisweg 36": ("1e Kruisweg", 36, None),
    "Plein 1944 12": ("Plein 1944", 12, None),
    "Dorpsstraat 23 - II": ("Dorpsstraat", 23, "II"),
    "16 april 1944 Pad 1": ("16 april 1944 Pad", 1, None),
    "Kade B 03": ("Kade B", 3, None),
    "Stationsplein 45 unit A4.004": ("Stationsplein", 45, "unit A4.004"),
    "Nieuwezijds Voorburgwal 120-3hoog": ("Nieuwezijds Voorburgwal", 120, "3hoog"),
}


@pytest.mark.parametrize("typed", TYPED)
def test_a_house_number_typed_into_the_street(scene: Scene, typed: str) -> None:
    """P16, B45: street, number and addition stand in their own fields in AFAS, however they were typed."""
    scene.sale(billing=BILLING | {"street": typed, "number": "", "extension": ""})
    assert scene.go() == (0, 0, 0)
    (relation,) = scene.made()
    place = next(one for one in relation["addresses"] if one["kind"] == "ADR" and one["current"])
    assert (place["Ad"], place["HmNr"], place["HmAd"] or None) == TYPED[typed]
    scene.all_booked()


@pytest.mark.parametrize(
    "phone", ["0039 333 123 4567", "(415) 555-0132", "06-12345678 (na 18 uur)", "geen", "+31" + "1" * 40]
)
def test_an_order_is_never_lost_over_a_phone_number(scene: Scene, phone: str) -> None:
    """P21: a telephone number in any form, or none at all, never stops the order."""
    order = scene.sale(customer=customer("kim@example.com", phone=phone, mobile=phone))
    assert scene.go() == (0, 0, 0)
    assert scene.found(order)
    scene.all_booked()


def test_a_wrong_vat_number_never_stops_an_order(make: Scenes) -> None:
    """P20, P21: AFAS checks Dutch VAT numbers: a right one is passed on, a wrong one is left out, both orders arrive."""
    scene = make(afas_switches={"vat_number_check": True})
    for email, number in (("fout@example.com", "NL123456789B01"), ("goed@example.com", "NL123456782B01")):
        scene.sale(customer=customer(email, companyName=email, companyVatNumber=number))
    assert scene.go() == (0, 0, 0)
    numbers = {one["name"]: one["fields"].get("VaId") for one in scene.made()}
    assert numbers == {"fout@example.com": None, "goed@example.com": "NL123456782B01"}
    scene.all_booked()
