"""Acceptance of the features of orders, from the shop's door to AFAS's books. Ids as in the list of features."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from sandbox.seed.kinds import KINDS
from tests.support import settings
from tests.support.plugins import Target
from tests.support.scene import BILLING, CHANGES, SALES, UNPAID, Scene, customers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDINGS = ("line", "rate", "document")
SHOP2 = {"api_key": "demo0000000000000000000000000002", "api_secret": "secret00000000000000000000000002"}


@pytest.fixture
def make() -> Iterator[Callable[..., Scene]]:
    """Makes worlds with their own settings."""
    made: list[Scene] = []

    def one(orders: dict[str, Any] | None = None, kind: type[Scene] = Scene, **how: Any) -> Scene:
        target = how.pop("target_settings", {})
        made.append(kind(target_settings={**target, **({"orders": own(**orders)} if orders else {})}, **how))
        return made[-1]

    yield one
    for scene in made:
        scene.close()


@pytest.fixture
def scene(make: Callable[..., Scene]) -> Scene:
    """A shop and an AFAS."""
    return make()


def own(**changes: Any) -> dict[str, Any]:
    """Settings of orders with other values."""
    return changes


def customer(email: str, **more: Any) -> dict[str, Any]:
    return {"email": email, "firstname": "Kim", "lastname": "Klant", **more}


def made(scene: Scene) -> list[dict[str, Any]]:
    """The relations that the coupling has made."""
    return [one for one in scene.afas.books()["relations"] if one["history"][0]["by"].startswith("POST")]


def lines(scene: Scene, order: int, item: str | None = None) -> list[dict[str, Any]]:
    """The lines of an order in AFAS, all or those of one item."""
    there = scene.found(order)
    assert there is not None
    return [line for line in there["lines"] if item is None or line["item"] == item]


def head(scene: Scene, order: int) -> dict[str, Any]:
    """The header fields of an order in AFAS."""
    there = scene.found(order)
    assert there is not None
    fields: dict[str, Any] = there["fields"]
    return fields


def edited(scene: Scene, order: int, **wish: Any) -> None:
    """The shop's staff changes a paid order."""
    scene.step(order, "edit", **wish)
    scene.step(order, "pay")
    scene.passes(10)


# -- every kind, to the cent ------------------------------------------------------------------------------------------------


class Shop2(Scene):
    """The shop that enters its prices excluding VAT."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.mapper_config = settings.mapper(price_basis="excl")

    def control(self, side: str, method: str, path: str, body: Any = None) -> Any:
        """As the world's; new orders are placed in shop2."""
        if (side, method, path) == ("lightspeed", "POST", "orders"):
            body = {"shop": "shop2", **body}
        return super().control(side, method, path, body)


@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize("shop", ["incl", "excl"])
def test_every_kind_of_order_arrives_to_the_cent(make: Callable[..., Scene], shop: str, rounding: str) -> None:
    """B1, B45, P4, P20: every kind, prices with and without VAT, each way in which AFAS may round: equal to the cent."""
    kind, tap = (Shop2, SHOP2) if shop == "excl" else (Scene, {})
    scene = make(kind=kind, tap_settings=tap, afas_switches={"vat_rounding": rounding})
    orders = scene.place(list(KINDS), 1)
    scene.passes(10)
    assert scene.go() == (0, 0, 0)
    scene.kept()
    held = {entry["key"]: entry["reason"] for entry in scene.held()}
    assert set(held.values()) <= {"unmapped_vat"}, "distance sales have no group of 0 %"
    left_out = {order for order, name in zip(orders, KINDS, strict=True) if name in {"unpaid_transfer", "cancelled"}}
    assert [order for order in orders if not scene.found(order)] == [
        order for order in orders if order in left_out or str(order) in held
    ]
    assert len(held) <= 3
    assert all(scene.total(order) == scene.price(order) for order in orders if scene.found(order))


@pytest.mark.parametrize(("told", "rounding"), [("line", "document"), ("document", "line"), ("rate", "line")])
def test_afas_that_rounds_otherwise_than_the_setting_says(make: Callable[..., Scene], told: str, rounding: str) -> None:
    """P4, N30: what AFAS makes of an order is read back: a cent that it rounds otherwise goes on the rounding item."""
    scene = make({"vat_rounding": told}, Shop2, tap_settings=SHOP2, afas_switches={"vat_rounding": rounding})
    orders = scene.place(["three_rates", "plain", "coupon", "coupon_percentage", "many_pieces", "sixty_lines"] * 2, 3)
    scene.passes(10)
    assert scene.go() == (0, 0, 0)
    assert scene.calls_of(CHANGES) > 0, "at least one order had to be put right"
    assert all(scene.total(order) == scene.price(order) for order in orders)
    scene.all_booked()


@pytest.mark.parametrize("switch", ["unit", "total"])
def test_line_prices_of_one_piece_or_of_the_whole_line(make: Callable[..., Scene], switch: str) -> None:
    """P4: whether the shop states a line's price for a piece or for the line, the order arrives to the cent."""
    scene = make(shop_switches={"line_price": switch})
    orders = scene.place(["many_pieces", "three_rates", "same_sku_twice", "line_discount", "sixty_lines"], 4)
    scene.passes(10)
    assert scene.go() == (0, 0, 0)
    assert all(scene.total(order) == scene.price(order) for order in orders)
    scene.all_booked()


# -- customers ----------------------------------------------------------------------------------------------------------------


def test_one_customer_for_all_spellings_of_an_address(scene: Scene) -> None:
    """B3, B4, B14, P7: guest orders with one e-mail address in any spelling, then an account: one relation."""
    mails = ["Jan@Voorbeeld.nl", "jan@voorbeeld.nl ", "JAN@VOORBEELD.NL", " jan@voorbeeld.nl", "jan@Voorbeeld.nl"]
    orders = [scene.sale(email=mail, customer=customer(mail, guest=True)) for mail in mails]
    assert scene.go() == (0, 0, 0)
    orders.append(scene.sale(customer=customer("jan@voorbeeld.nl", guest=False)))
    scene.go()
    assert len({head(scene, order)["DbId"] for order in orders}) == 1
    assert len(made(scene)) == 1
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
    assert len(made(scene)) == 1
    assert len({head(scene, order)["DbId"] for order in orders}) == 1


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
    assert head(scene, order)["DbId"] == numbers[0]
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
    (relation,) = made(scene)
    assert relation["kind"] == kind
    assert relation["debtor"] == head(scene, order)["DbId"]
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
    debtors = [head(scene, order)["DbId"] for order in orders]
    assert debtors[0] == debtors[2] != debtors[1] == debtors[3]
    # The checker counts debtors per address and takes these two for a double.
    scene.heal()
    assert scene.reasons == []


def test_a_web_order_does_not_reset_what_finance_changed(scene: Scene) -> None:
    """B21, B31, C7: payment term and control account that finance changed stay, whatever the customer orders next."""
    first = scene.sale()
    scene.go()
    debtor = head(scene, first)["DbId"]
    scene.user("afas/edit-relation", {"debtor": debtor, "fields": {"PaCd": "30", "ColA": "1300"}})
    scene.sale(customer=customer("kim@example.com", phone="020 123 45 67"), billing=BILLING | {"number": "99"})
    scene.go()
    (relation,) = made(scene)
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
    chosen = [head(scene, order).get("DlAd") for order in orders]
    assert chosen[0] == chosen[1] == chosen[2]
    assert chosen[3] is None
    (relation,) = made(scene)
    current = {one["kind"]: one["Ad"] for one in relation["addresses"] if one["current"]}
    assert current["ADR"] == "Lange Weg"
    assert [one["Ad"] for one in relation["addresses"] if one["kind"] == "AFL"] == ["Elders"]
    assert scene.calls_of("PUT connectors/KnPerson") == 1
    scene.all_booked()


def test_a_default_debtor_leaves_no_person_in_afas(make: Callable[..., Scene]) -> None:
    """B30: orders of a rule go to its debtor: no relation and no person is made, the address stands in the remark."""
    scene = make({"default_debtors": [{"country": "NL", "debtor": "10001"}]})
    parties = len(scene.afas.books()["parties"])
    order, abroad = (
        scene.sale(),
        scene.sale(email="be@example.com", billing=BILLING | {"country": "be", "zipcode": "1000"}),
    )
    assert scene.go() == (0, 0, 0)
    assert head(scene, order)["DbId"] == "10001"
    assert "Lange Weg 4" in head(scene, order)["Re"]
    assert head(scene, abroad)["DbId"] != "10001"
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
def test_the_two_flows_agree_on_a_company(make: Callable[..., Scene], first: str) -> None:
    """C5, B44, P5: whichever flow meets a company first, it becomes one debtor in the shop's price basis."""
    relations = {"control_account": "1400", "payment_condition": "14", "price_includes_vat": "incl"}
    scene = make(target_settings={"relations": relations})
    order = scene.sale(customer=customer("kim@example.com", companyName="Zaak B.V."))
    if first == "orders":
        scene.go()
    assert customers(scene) == (0, 0, 0)
    scene.go()
    assert scene.reasons == []
    assert head(scene, order)["DbId"] == made(scene)[0]["debtor"]
    assert len(made(scene)) == 1
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
    (relation,) = made(scene)
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


def test_a_wrong_vat_number_never_stops_an_order(make: Callable[..., Scene]) -> None:
    """P20, P21: AFAS checks Dutch VAT numbers: a right one is passed on, a wrong one is left out, both orders arrive."""
    scene = make(afas_switches={"vat_number_check": True})
    for email, number in (("fout@example.com", "NL123456789B01"), ("goed@example.com", "NL123456782B01")):
        scene.sale(customer=customer(email, companyName=email, companyVatNumber=number))
    assert scene.go() == (0, 0, 0)
    numbers = {one["name"]: one["fields"].get("VaId") for one in made(scene)}
    assert numbers == {"fout@example.com": None, "goed@example.com": "NL123456782B01"}
    scene.all_booked()


# -- existence and changes -----------------------------------------------------------------------------------------------------


def test_the_reference_follows_its_template(make: Callable[..., Scene]) -> None:
    """B6: the shop's order number stands in the reference, in the form that the setting gives."""
    scene = make(target_settings={"reference_template": "WEB/{number}/{instance}"})
    order = scene.sale()
    assert scene.go() == (0, 0, 0)
    found = scene.afas.books()["orders"][-1]
    assert found["reference"] == f"WEB/{scene.number(order)}/shop1"
    scene.all_booked()


class Calm(Target):
    """A target with as few checkpoints as an ordinary one."""

    checkpoint_seconds: ClassVar[float] = 10.0


@pytest.mark.parametrize("lost", [False, True])
def test_a_whole_month_again_writes_nothing_and_asks_little(make: Callable[..., Scene], lost: bool) -> None:
    """B7, B10, N13, P30: everything is read once more, even with an empty store: no write, and few questions."""
    scene = make(target=Calm)
    kinds = [kind for kind in KINDS if kind not in {"unpaid_transfer", "cancelled", "off_by_cents"}]
    orders = scene.place(kinds, 2)
    scene.passes(10)
    scene.go()
    booked = sum(1 for order in orders if scene.found(order))
    assert booked > 30
    scene.state = {}
    if lost:
        for file in scene.folder.glob("upsert.db*"):
            file.unlink()
    scene.passes(1000)
    scene.afas.reset_calls()
    with scene.no_write():
        assert scene.go() == (0, 0, 0)
    assert scene.calls_of("GET connectors/Commerce_Orders") <= 4
    assert scene.afas.calls.total() <= 25
    scene.kept()


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"quantities": {"SKU-0001": 3}}, {"SKU-0001": 3, "SKU-0002": 1}),
        ({"remove": ["SKU-0002"]}, {"SKU-0001": 1}),
        ({"add": [{"sku": "SKU-0010", "quantity": 2}]}, {"SKU-0001": 1, "SKU-0002": 1, "SKU-0010": 2}),
        ({"lines": [{"sku": "SKU-0011"}]}, {"SKU-0011": 1}),
        ({"shipping": BILLING | {"street": "Elders", "number": "9"}}, {"SKU-0001": 1, "SKU-0002": 1}),
        ({"discount": {"amount": "2.00", "code": "SORRY"}}, {"SKU-0001": 1, "SKU-0002": 1}),
    ],
    ids=["quantity", "line removed", "line added", "all swapped", "address", "discount"],
)
def test_a_changed_order_is_adjusted(scene: Scene, wish: dict[str, Any], expected: dict[str, int]) -> None:
    """B7, B8, N5: a change in the shop adjusts the same order in AFAS, in one call, and the total is the shop's."""
    order = scene.sale("SKU-0001", "SKU-0002")
    scene.go()
    before = head(scene, order).get("DlAd")
    edited(scene, order, **wish)
    assert scene.go() == (0, 0, 0)
    assert scene.calls_of(CHANGES) == 1
    there = {line["item"]: line["quantity"] for line in lines(scene, order) if line["type"] == "2"}
    assert there == expected
    assert (head(scene, order).get("DlAd") != before) is ("shipping" in wish)
    assert scene.found(order)["inserts"] == 1
    with scene.no_write():
        scene.go(60)
    scene.all_booked()


@pytest.mark.parametrize("step", ["deliver-order", "invoice-order"])
def test_a_processed_order_is_not_changed_by_half(scene: Scene, step: str) -> None:
    """B8, N5: an order that was delivered or invoiced in AFAS and changes in the shop is held, and nothing is written."""
    order = scene.sale("SKU-0001", "SKU-0002")
    scene.go()
    number = scene.found(order)["number"]
    scene.user(f"afas/{step}", {"order": number})
    edited(scene, order, quantities={"SKU-0001": 3}, remove=["SKU-0002"])
    with scene.no_write():
        assert scene.go() == (0, 0, 0)
        assert scene.reasons == [("order_delivered", number)]
        scene.heal()
    scene.kept()


@pytest.mark.parametrize("setting", ["skip", "hold"])
def test_what_happens_to_an_existing_order_is_a_choice(make: Callable[..., Scene], setting: str) -> None:
    """B10: `on_existing` leaves or holds a booked order that changed; nothing is written."""
    scene = make({"on_existing": setting})
    order = scene.sale()
    scene.go()
    total = scene.total(order)
    edited(scene, order, quantities={"SKU-0001": 3})
    with scene.no_write():
        assert scene.go() == (0, 0, 0)
    assert [reason for reason, _ in scene.reasons] == (["order_exists"] if setting == "hold" else [])
    assert scene.total(order) == total


@pytest.mark.parametrize("when", ["before booking", "open", "delivered", "invoiced"])
def test_a_cancelled_order(scene: Scene, when: str) -> None:
    """N5: cancelled before booking: never booked; while open: blocked; after delivery or invoice: held with advice."""
    order = scene.sale()
    if when != "before booking":
        scene.go()
    if when in {"delivered", "invoiced"}:
        path = {"delivered": "deliver-order", "invoiced": "invoice-order"}[when]
        scene.user(f"afas/{path}", {"order": scene.found(order)["number"]})
    scene.step(order, "cancel")
    assert scene.go(10) == (0, 0, 0)
    if when == "before booking":
        assert not scene.found(order)
        assert scene.writes == 0
    else:
        assert head(scene, order)["FxBl"] is (when == "open")
    advice = ["cancelled_after_delivery"] if when in {"delivered", "invoiced"} else []
    assert [reason for reason, _ in scene.reasons] == advice
    scene.kept()


def test_a_held_order_that_changed_meanwhile_comes_as_it_is_now(scene: Scene) -> None:
    """P23: a retry reads the order anew: what changed while it was held is what is booked."""
    scene.user("afas/item", {"action": "block", "item": "SKU-0004"})
    order = scene.sale("SKU-0004")
    scene.go()
    assert scene.reasons == [("unknown_item", "SKU-0004")]
    edited(scene, order, quantities={"SKU-0004": 7})
    scene.user("afas/item", {"action": "unblock", "item": "SKU-0004"})
    scene.go(900)
    assert [line["quantity"] for line in lines(scene, order, "SKU-0004")] == [7]
    assert scene.calls_of(CHANGES) == 0
    scene.all_booked()


# -- checks before commit ---------------------------------------------------------------------------------------------------------


def test_one_unknown_article_among_many_orders(scene: Scene) -> None:
    """B22, P8, P9: one unknown SKU among 120 orders: 119 booked, one held by its SKU, released when the item is there."""
    scene.user("afas/item", {"action": "delete", "item": "SKU-0004"})
    orders = [scene.sale(f"SKU-{n % 3 + 1:04}", email=f"k{n % 20}@example.com") for n in range(119)]
    odd = scene.sale("SKU-0004", email="odd@example.com")
    assert scene.go() == (0, 0, 0)
    assert all(map(scene.found, orders))
    assert scene.reasons == [("unknown_item", "SKU-0004")]
    assert not [one for one in made(scene) if "odd@example.com" in one["emails"]], "no customer for nothing"
    assert scene.calls_of("GET connectors/Commerce_Items") <= 2 * 2 + 1, "one question a batch"
    scene.user("afas/item", {"action": "add", "item": "SKU-0004", "unit": "STK", "vat_group": "1"})
    scene.go(900)
    assert scene.found(odd)
    scene.all_booked()


def test_a_failure_between_customer_and_order_leaves_no_orphan(scene: Scene) -> None:
    """B19, B23: AFAS goes down between customer and order: no half order; the customer is used again by the retry."""
    order = scene.sale()
    scene.fault("afas", name="status_503", endpoint=SALES, retry_after=7200)
    assert scene.go() == (0, 0, 3)
    assert len(made(scene)) == 1
    assert not scene.found(order)
    scene.go(7200)
    assert head(scene, order)["DbId"] == made(scene)[0]["debtor"]
    scene.all_booked()
    assert len(made(scene)) == 1


@pytest.mark.parametrize("missing", ["hold", "default"])
@pytest.mark.parametrize(
    ("table", "reason", "field"),
    [
        ("payment_methods", "unmapped_payment_method", "PaTp"),
        ("payment_conditions", "unmapped_payment_condition", "PaCd"),
    ],
)
def test_each_table_says_what_a_missing_entry_does(
    make: Callable[..., Scene], table: str, reason: str, field: str, missing: str
) -> None:
    """B32, B33, N11: a new payment provider holds its orders by name, or takes the default where the table says so."""
    known = {"mollie:ideal": "01" if table == "payment_methods" else "0"}
    scene = make({table: {"entries": known, "missing": missing, "default": "02" if field == "PaTp" else "30"}})
    scene.sale()
    new = scene.sale(
        email="b@example.com", payment={"id": "paypal", "method": "paypal", "title": "PayPal", "paid": True}
    )
    assert scene.go() == (0, 0, 0)
    if missing == "hold":
        assert scene.reasons == [(reason, "paypal:paypal")]
        assert not scene.found(new)
    else:
        assert scene.reasons == []
        assert head(scene, new)[field] == ("02" if field == "PaTp" else "30")


def test_an_order_that_is_paid_weeks_later(scene: Scene) -> None:
    """B17: an unpaid order is left out, also by runs every day, and comes when it is paid three weeks later."""
    order = scene.sale(payment=UNPAID)
    for _ in range(21):
        assert scene.go(24 * 3600) == (0, 0, 0)
    assert scene.writes == 0
    scene.step(order, "pay")
    scene.go(10)
    assert scene.found(order)
    scene.all_booked()


@pytest.mark.parametrize(
    ("said", "comes"),
    [
        ({"payment": UNPAID}, False),
        ({"payment": {**UNPAID, "id": "invoice", "method": "invoice", "post": True}}, True),
        ({"payment": {**UNPAID, "id": "invoice", "method": "invoice", "invoice_external": True}}, True),
        ({"channel": "facebook"}, False),
        ({"channel": "main"}, True),
    ],
)
def test_which_orders_come(make: Callable[..., Scene], said: dict[str, Any], comes: bool) -> None:
    """B17: status, payment and channel decide; on account counts as paid."""
    scene = make(tap_settings={"channels": ["main"]})
    order = scene.sale(**said)
    assert scene.go() == (0, 0, 0)
    assert bool(scene.found(order)) is comes
    assert scene.reasons == []


def test_an_order_on_hold_in_the_shop_waits(scene: Scene) -> None:
    """B17: an order that is on hold in the shop is left out."""
    order = scene.sale(payment=UNPAID)
    scene.step(order, "pay")
    scene.step(order, "hold")
    assert scene.go(10) == (0, 0, 0)
    assert not scene.found(order)


def test_the_cut_over(make: Callable[..., Scene]) -> None:
    """N13, P30: what was placed before the start never comes, however often it changes; a back-fill twice is once."""
    scene = make()
    old = scene.sale(placed=(scene.start - timedelta(days=3)).isoformat())
    new = scene.sale(email="new@example.com")
    for _ in range(2):
        scene.go(10)
        scene.step(old, "touch")
        scene.state = {}
    scene.go(10)
    assert not scene.found(old)
    assert scene.found(new)["inserts"] == 1
    scene.all_booked()


def test_orders_of_an_earlier_coupling_stay_its_own(make: Callable[..., Scene]) -> None:
    """N13, P28: an order found under the reference of an earlier coupling is not booked again."""
    scene = make(target_settings={"reference_template": "WS-{number}", "shared_administration": False})
    order = scene.sale()
    scene.go()
    assert scene.afas.books()["orders"][-1]["reference"] == f"WS-{scene.number(order)}"
    scene.state = {}
    scene.target_config["store"] = f"sqlite:///{scene.folder}/new.db"
    scene.target_config |= {"reference_template": "{instance}-{number}", "shared_administration": True}
    scene.target_config["orders"]["known_references"] = ["WS-{number}"]
    with scene.no_write():
        assert scene.go(10) == (0, 0, 0)
    assert scene.reasons == []
    assert "booked_by_earlier_coupling" in scene.said("target")


# -- lines, VAT, methods -----------------------------------------------------------------------------------------------------------


def test_each_cost_stands_on_its_own_item(scene: Scene) -> None:
    """B11, B12, B13, B41: coupon, shipping, payment costs and gift wrap on four codes, each with its own VAT."""
    order = scene.sale(
        lines=[{"sku": "SKU-0001", "quantity": 3}, {"sku": "SKU-0007", "quantity": 2}, {"sku": "INPAK"}],
        discount={"percentage": "0.1", "code": "TIEN"},
        payment={"id": "mollie", "method": "klarna", "title": "Klarna", "price": "1.95", "paid": True},
    )
    assert scene.go() == (0, 0, 0)
    items = {line["item"] for line in lines(scene, order)}
    assert items >= {"SKU-0001", "SKU-0007", "KORTING", "VERZEND", "BETAAL", "INPAK"}
    assert {line["vat_group"] for line in lines(scene, order, "KORTING")} == {"1", "2"}
    assert all(line["incl"] < 0 for line in lines(scene, order, "KORTING"))
    assert scene.total(order) == scene.price(order)
    scene.all_booked()


@pytest.mark.parametrize(("rate", "group"), [("0.21", "1"), ("0.09", "2"), ("0", "3")])
def test_shipping_has_the_vat_that_the_shop_charged(scene: Scene, rate: str, group: str) -> None:
    """B12: the VAT of the shipping costs is the shop's, not that of the item."""
    order = scene.sale(shipment={"title": "PostNL", "price": "6.95", "rate": rate})
    assert scene.go() == (0, 0, 0)
    assert [line["vat_group"] for line in lines(scene, order, "VERZEND")] == [group]
    scene.all_booked()


@pytest.mark.parametrize(("setting", "count"), [("omit", 0), ("line", 1)])
def test_free_shipping(make: Callable[..., Scene], setting: str, count: int) -> None:
    """B12: free shipping gives no line, or one of 0, by setting."""
    scene = make({"free_shipping": setting})
    order = scene.sale(shipment={"title": "Gratis verzending", "price": 0})
    assert scene.go() == (0, 0, 0)
    assert [line["incl"] for line in lines(scene, order, "VERZEND")] == [0] * count
    scene.all_booked()


@pytest.mark.parametrize("setting", ["net", "item"])
def test_a_discount_of_one_line(make: Callable[..., Scene], setting: str) -> None:
    """B41: the discount of a line is in its price, or on the discount item, by setting; the total is the same."""
    scene = make({"line_discount": setting})
    order = scene.sale(lines=[{"sku": "SKU-0001", "quantity": 3, "discount": "0.50"}, {"sku": "SKU-0007"}])
    assert scene.go() == (0, 0, 0)
    assert bool(lines(scene, order, "KORTING")) is (setting == "item")
    assert scene.total(order) == scene.price(order)
    scene.all_booked()


@pytest.mark.parametrize(("miss", "books"), [("0.04", True), ("-0.05", True), ("0.06", False), ("-1.00", False)])
def test_small_differences_go_on_the_rounding_item(scene: Scene, miss: str, books: bool) -> None:
    """N30, P4: a total that misses its own sum by up to 5 cents is booked as it is; by more, the order is held."""
    order = scene.sale(miss=miss)
    assert scene.go() == (0, 0, 0)
    if books:
        assert [line["incl"] for line in lines(scene, order, "AFRONDING")] == [Decimal(miss)]
        assert scene.total(order) == scene.price(order)
        scene.all_booked()
    else:
        assert not scene.found(order)
        assert [reason for reason, _ in scene.reasons] == ["amounts_do_not_add_up"]
        assert scene.writes == 0


@pytest.mark.parametrize(
    ("kind", "duty", "groups", "book"),
    [
        ("three_rates", "1", {"1", "2", "3"}, "70"),
        ("oss_be", "7", {"B1", "B2"}, "71"),
        ("oss_de", "7", {"D1", "D2"}, "71"),
        ("oss_fr", "7", {"F1", "F2"}, "71"),
        ("reverse_charged", "6", {"1"}, "70"),
        ("export_ch", "4", {"1"}, "70"),
        ("export_us", "4", {"1"}, "70"),
    ],
)
def test_vat_by_country_rate_and_treatment(
    make: Callable[..., Scene], kind: str, duty: str, groups: set[str], book: str
) -> None:
    """B15, B34, B35, P20: each treatment has its VAT duty, its groups and its sales book; the total is the shop's."""
    scene = make({"sales_book": {"rules": [{"treatment": "oss", "value": "71"}], "default": "70"}})
    (order,) = scene.place([kind], 1)
    scene.mapper_config["oss"] = "registered"
    scene.passes(10)
    assert scene.go() == (0, 0, 0)
    fields = head(scene, order)
    assert (fields["VaDu"], fields["JoCo"]) == (duty, book)
    assert {line["vat_group"] for line in lines(scene, order)} <= groups
    assert scene.total(order) == scene.price(order)
    scene.all_booked()


def test_a_rate_that_the_table_lacks_holds_the_order(make: Callable[..., Scene]) -> None:
    """B35: a country and rate without a row is held by name; with the row, it goes through."""
    rows = [row for row in settings.VAT if row.get("group") != "D2"]
    scene = make({"vat": rows})
    (order,) = scene.place(["oss_de"], 1)
    scene.passes(10)
    with scene.no_write():
        assert scene.go() == (0, 0, 0)
    ((reason, subject),) = scene.reasons
    assert reason == "unmapped_vat"
    assert subject.startswith("DE/7/person")
    scene.target_config["orders"]["vat"] = settings.VAT
    scene.go(900)
    assert scene.found(order)
    scene.all_booked()


def test_a_rate_that_changes_at_a_date(make: Callable[..., Scene]) -> None:
    """B34: rows of the VAT table may hold from a date: the day of the order decides."""
    old, new = {"valid_until": "2026-11-02", "group": "1"}, {"valid_from": "2026-11-03", "group": "9"}
    rows = [{"treatment": ["domestic", "unknown"], "rate": "21", "duty": "1", **dates} for dates in (old, new)]
    scene = make({"vat": [*rows, *settings.VAT]})
    scene.user("afas/vat", {"duty": "1", "group": "9", "percentage": 21})
    first = scene.sale()
    scene.go()
    scene.passes(24 * 3600)
    second = scene.sale()
    scene.go()
    assert [{line["vat_group"] for line in lines(scene, order)} for order in (first, second)] == [{"1"}, {"9"}]
    scene.all_booked()


@pytest.mark.parametrize(
    ("shipment", "fields"),
    [
        ({"title": "PostNL", "price": "6.95"}, {"TrPt": "POSTNL"}),
        ({"title": "DHL", "price": "7.95"}, {"TrPt": "DHL"}),
        ({"title": "Afhalen", "price": 0, "pickup": True}, {"TrPt": "PICKUP", "DeCo": "2"}),
    ],
)
def test_the_way_of_delivery(make: Callable[..., Scene], shipment: dict[str, Any], fields: dict[str, str]) -> None:
    """B40: the shipping method becomes carrier and delivery condition; an order that is fetched is marked so."""
    scene = make({"pickup_condition": "2"})
    order = scene.sale(shipment=shipment)
    assert scene.go() == (0, 0, 0)
    assert {name: head(scene, order).get(name) for name in fields} == fields
    scene.all_booked()


@pytest.mark.parametrize(("country", "unit", "book"), [("nl", 1, "70"), ("be", 2, "72")])
def test_the_administration_may_depend_on_the_order(
    make: Callable[..., Scene], country: str, unit: int, book: str
) -> None:
    """A12, A13, B15: the administration and its sales book are a rule of the settings."""
    rule = {"rules": [{"country": "BE", "value": "2"}], "default": "1"}
    books = {"rules": [{"country": "BE", "value": "72"}], "default": "70"}
    scene = make({"sales_book": books, "project": {}}, target_settings={"administration": rule})
    order = scene.sale(billing=BILLING | {"country": country, "zipcode": "1000 AA" if country == "nl" else "1000"})
    assert scene.go() == (0, 0, 0)
    assert (head(scene, order)["Unit"], head(scene, order)["JoCo"]) == (unit, book)
    scene.all_booked()


def test_the_project_stands_on_the_order(scene: Scene) -> None:
    """B16: the project of the settings stands on every order."""
    order = scene.sale()
    scene.go()
    assert head(scene, order)["PrId"] == "WEB"
    scene.all_booked()


def test_the_least_that_must_be_set(make: Callable[..., Scene]) -> None:
    """B44, B45: address, token, store, items, VAT and the debtor's terms: no field is mapped by hand, all is right."""
    scene = make()
    full = scene.target_config
    least = {name: full[name] for name in ("environment", "base_url", "token", "store", "relations")}
    defaults = {"missing": "default", "default": None}
    tables = dict.fromkeys(("payment_methods", "payment_conditions", "shipping_methods"), defaults)
    scene.target_config = {**least, "orders": {"items": settings.COST_ITEMS, "vat": settings.VAT, **tables}}
    order = scene.sale(billing=BILLING | {"number": "4", "extension": "bis"})
    assert scene.go() == (0, 0, 0)
    assert scene.reasons == []
    (relation,) = made(scene)
    place = next(one for one in relation["addresses"] if one["kind"] == "ADR" and one["current"])
    assert (place["Ad"], place["HmNr"], place["HmAd"], place["ZpCd"], place["Rs"]) == (
        "Lange Weg",
        4,
        "bis",
        "1011 AA",
        "Amsterdam",
    )
    assert relation["name"] == "Kim Klant"
    assert scene.total(order) == scene.price(order)
    scene.all_booked()
