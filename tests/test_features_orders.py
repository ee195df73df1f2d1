"""Acceptance of which orders come, when, and what becomes of them. Ids as in the list of features."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from sandbox.faults import NO_FAULTS
from sandbox.http import Headers, Request
from sandbox.seed.kinds import KINDS
from tests.support import settings
from tests.support.plugins import Target
from tests.support.scene import BILLING, CHANGES, SALES, UNPAID, Scene, Scenes

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


def test_the_reference_follows_its_template(make: Scenes) -> None:
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
def test_a_whole_month_again_writes_nothing_and_asks_little(make: Scenes, lost: bool) -> None:
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
    before = scene.head(order).get("DlAd")
    scene.edited(order, **wish)
    assert scene.go() == (0, 0, 0)
    assert scene.calls_of(CHANGES) == 1
    there = {line["item"]: line["quantity"] for line in scene.lines(order) if line["type"] == "2"}
    assert there == expected
    assert (scene.head(order).get("DlAd") != before) is ("shipping" in wish)
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
    scene.edited(order, quantities={"SKU-0001": 3}, remove=["SKU-0002"])
    with scene.no_write():
        assert scene.go() == (0, 0, 0)
        assert scene.reasons == [("order_delivered", number)]
        scene.heal()
    scene.kept()


@pytest.mark.parametrize("setting", ["skip", "hold"])
def test_what_happens_to_an_existing_order_is_a_choice(make: Scenes, setting: str) -> None:
    """B10: `on_existing` leaves or holds a booked order that changed; nothing is written."""
    scene = make({"on_existing": setting})
    order = scene.sale()
    scene.go()
    total = scene.total(order)
    scene.edited(order, quantities={"SKU-0001": 3})
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
        assert scene.head(order)["FxBl"] is (when == "open")
    advice = ["cancelled_after_delivery"] if when in {"delivered", "invoiced"} else []
    assert [reason for reason, _ in scene.reasons] == advice
    scene.kept()


def test_a_held_order_that_changed_meanwhile_comes_as_it_is_now(scene: Scene) -> None:
    """P23: a retry reads the order anew: what changed while it was held is what is booked."""
    scene.user("afas/item", {"action": "block", "item": "SKU-0004"})
    order = scene.sale("SKU-0004")
    scene.go()
    assert scene.reasons == [("unknown_item", "SKU-0004")]
    scene.edited(order, quantities={"SKU-0004": 7})
    scene.user("afas/item", {"action": "unblock", "item": "SKU-0004"})
    scene.go(900)
    assert [line["quantity"] for line in scene.lines(order, "SKU-0004")] == [7]
    assert scene.calls_of(CHANGES) == 0
    scene.all_booked()


def test_one_unknown_article_among_many_orders(scene: Scene) -> None:
    """B22, P8, P9: one unknown SKU among 120 orders: 119 booked, one held by its SKU, released when the item is there."""
    scene.user("afas/item", {"action": "delete", "item": "SKU-0004"})
    orders = [scene.sale(f"SKU-{n % 3 + 1:04}", email=f"k{n % 20}@example.com") for n in range(119)]
    odd = scene.sale("SKU-0004", email="odd@example.com")
    assert scene.go() == (0, 0, 0)
    assert all(map(scene.found, orders))
    assert scene.reasons == [("unknown_item", "SKU-0004")]
    assert not [one for one in scene.made() if "odd@example.com" in one["emails"]], "no customer for nothing"
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
    assert len(scene.made()) == 1
    assert not scene.found(order)
    scene.go(7200)
    assert scene.head(order)["DbId"] == scene.made()[0]["debtor"]
    scene.all_booked()
    assert len(scene.made()) == 1


def invoice(scene: Scene, order: int) -> dict[str, Any]:
    """The direct invoice of an order in AFAS."""
    (found,) = [one for one in scene.afas.books()["direct_invoices"] if one["reference"] == scene.reference(order)]
    return found


def test_orders_become_direct_invoices(make: Scenes) -> None:
    """B5: each order is one direct invoice with the shop's total and invoice number; the same again writes nothing."""
    scene = make({"document_type": "direct_invoice"})
    kinds = ["plain", "three_rates", "coupon", "company", "pickup", "sixty_lines", "same_sku_twice"]
    orders = scene.place([kind for kind in kinds if kind in KINDS], 5)
    scene.passes(10)
    assert scene.go() == (0, 0, 0)
    assert [invoice(scene, order)["incl"] for order in orders] == [scene.price(order) for order in orders]
    assert {invoice(scene, order)["fields"]["Fref"] for order in orders} == {
        scene.number(order).replace("ORD", "INV") for order in orders
    }, "the shop's own invoice numbers"
    assert not [one for one in scene.afas.books()["orders"] if str(one["reference"]).startswith("shop")]
    scene.state = {}
    with scene.no_write():
        assert scene.go(60) == (0, 0, 0)
    assert scene.reasons == []
    assert set(scene.afas.books()["inserts_per_reference"].values()) == {1}


def test_a_direct_invoice_whose_answer_is_lost(make: Scenes) -> None:
    """B5, X1: an unclear write of an invoice is found by its reference and taken over, not repeated."""
    scene = make({"document_type": "direct_invoice"})
    order = scene.sale()
    scene.fault("afas", name="late_work", after=300, endpoint="POST connectors/FbDirectInvoice")
    assert scene.go() == (0, 0, 0)
    assert [reason for reason, _ in scene.reasons] == ["in_doubt"]
    scene.go(400)
    scene.go(900)
    assert scene.reasons == []
    assert scene.calls_of("POST connectors/FbDirectInvoice") == 1
    assert invoice(scene, order)["incl"] == scene.price(order)


def test_an_order_stays_a_sales_order_when_the_setting_changes(make: Scenes) -> None:
    """B5: what was booked as a sales order is changed there and never becomes an invoice; new orders do."""
    scene = make()
    order = scene.sale("SKU-0001", "SKU-0002")
    assert scene.go() == (0, 0, 0)
    scene.target_config["orders"]["document_type"] = "direct_invoice"
    scene.edited(order, quantities={"SKU-0001": 3})
    new = scene.sale(email="new@example.com")
    assert scene.go() == (0, 0, 0)
    assert scene.total(order) == scene.price(order)
    assert not scene.found(new)
    assert invoice(scene, new)["incl"] == scene.price(new)
    assert set(scene.afas.books()["inserts_per_reference"].values()) == {1}


def test_an_invoice_that_changes_in_the_shop_is_for_a_person(make: Scenes) -> None:
    """B5, N5: a direct invoice is final: a change and a cancellation are held with advice, and nothing is written."""
    scene = make({"document_type": "direct_invoice"})
    changed, cancelled = scene.sale(), scene.sale(email="b@example.com")
    scene.go()
    scene.edited(changed, quantities={"SKU-0001": 3})
    scene.step(cancelled, "cancel")
    with scene.no_write():
        assert scene.go(10) == (0, 0, 0)
    assert sorted(reason for reason, _ in scene.reasons) == ["direct_invoice_cancelled", "direct_invoice_changed"]


@pytest.mark.parametrize("missing", ["hold", "default"])
@pytest.mark.parametrize(
    ("table", "reason", "field"),
    [
        ("payment_methods", "unmapped_payment_method", "PaTp"),
        ("payment_conditions", "unmapped_payment_condition", "PaCd"),
    ],
)
def test_each_table_says_what_a_missing_entry_does(
    make: Scenes, table: str, reason: str, field: str, missing: str
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
        assert scene.head(new)[field] == ("02" if field == "PaTp" else "30")


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
def test_which_orders_come(make: Scenes, said: dict[str, Any], comes: bool) -> None:
    """B17: status, payment and channel decide; on account counts as paid."""
    scene = make(tap_settings={"channels": ["main"]})
    order = scene.sale(**said)
    assert scene.go() == (0, 0, 0)
    assert bool(scene.found(order)) is comes
    assert scene.reasons == []


def by_staff(scene: Scene, method: str, path: str, body: Any) -> Any:
    """What somebody with the shop's key does."""
    login = base64.b64encode(":".join(settings.SHOP_KEY).encode()).decode()
    headers = Headers({"Authorization": f"Basic {login}", "Content-Type": "application/json"})
    reply = scene.shop.service.handle(
        Request(method, f"/nl/{path}.json", headers=headers, body=json.dumps(body).encode()), NO_FAULTS
    )
    assert reply.status < 300, reply.body
    return json.loads(reply.body)


def test_an_order_that_gets_its_custom_status_weeks_later(make: Scenes) -> None:
    """B17: only orders with a custom status of the setting come; the filter is asked anew when the status changes."""
    scene = make()
    title = {"customStatus": {"title": "Naar AFAS", "color": "#00ff00"}}
    status = by_staff(scene, "POST", "orders/customstatuses", title)["customStatus"]["id"]
    scene.tap_config["custom_statuses"] = [status]
    order = scene.sale()
    for _ in range(3):
        assert scene.go(7 * 24 * 3600) == (0, 0, 0)
    assert scene.writes == 0
    by_staff(scene, "PUT", f"orders/{order}", {"order": {"customStatus": status}})
    assert scene.go(10) == (0, 0, 0)
    assert scene.total(order) == scene.price(order)
    assert scene.reasons == []
    with scene.no_write():
        scene.go(60)


def test_an_order_on_hold_in_the_shop_waits(scene: Scene) -> None:
    """B17: an order that is on hold in the shop is left out."""
    order = scene.sale(payment=UNPAID)
    scene.step(order, "pay")
    scene.step(order, "hold")
    assert scene.go(10) == (0, 0, 0)
    assert not scene.found(order)


def test_the_cut_over(make: Scenes) -> None:
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


def test_orders_of_an_earlier_coupling_stay_its_own(make: Scenes) -> None:
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
