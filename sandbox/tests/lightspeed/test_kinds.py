"""Orders of every kind: each is what its name says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from shopclient import MANY, Api, embedded

from sandbox.box import Box
from sandbox.lightspeed.service import LightspeedService
from sandbox.seed.kinds import KINDS
from sandbox.store import encode


def place(api: Api, kind: str, shop: str = "shop1") -> dict[str, Any]:
    body = {"kinds": [kind], "shop": shop, "seed": 5}
    placed = api.control("POST", "orders", body)["orders"][0]
    return api.get(f"orders/{placed['id']}")


def rates(order: dict[str, Any]) -> set[Decimal]:
    return {row["rate"] for row in order["taxRates"]}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [1, 2])
def test_every_kind_adds_up(box, kind, number):
    """In both shops, to two cents, except the kind that is meant to miss its sum."""
    api = Api(box, number)
    api.control("POST", "switches", {"embedded_limit": 0})
    order = place(api, kind, f"shop{number}")
    taxes = sum(row["amount"] for name in ("taxRates", "shipmentTaxRates", "paymentTaxRates") for row in order[name])
    off = abs(order["priceExcl"] + taxes - order["priceIncl"])
    assert off <= (Decimal("0.06") if kind == "off_by_cents" else Decimal("0.02"))
    goods = order["priceExcl"] - order["shipmentPriceExcl"] - order["paymentPriceExcl"]
    lines = sum(line["basePriceExcl"] * line["quantityOrdered"] for line in embedded(order, "products"))
    assert goods <= lines + Decimal("0.05")


def first(order: dict[str, Any]) -> dict[str, Any]:
    line: dict[str, Any] = embedded(order, "products")[0]
    return line


EXPECTED = {
    "three_rates": lambda order: len(rates(order)) == 3,
    "exempt": lambda order: rates(order) == {0} and order["addressShippingCountry"]["code"] == "nl",
    "reverse_charged": lambda order: rates(order) == {0} and embedded(order, "invoices")[0]["isVatShifted"],
    "export_ch": lambda order: rates(order) == {0} and not embedded(order, "invoices")[0]["isVatShifted"],
    "export_us": lambda order: rates(order) == {0},
    "oss_be": lambda order: rates(order) == {Decimal("0.21"), Decimal("0.06")},
    "oss_de": lambda order: rates(order) == {Decimal("0.19"), Decimal("0.07")},
    "oss_fr": lambda order: rates(order) == {Decimal("0.2"), Decimal("0.055")},
    "coupon": lambda order: order["isDiscounted"] and order["discountCouponCode"] == "WELKOM",
    "coupon_percentage": lambda order: order["discountType"] == "percentage" and len(rates(order)) == 3,
    "line_discount": lambda order: embedded(order, "products")[0]["discountIncl"] == Decimal("0.5"),
    "shipping_discount": lambda order: (
        order["shipmentDiscountIncl"] == 3 and order["shipmentPriceIncl"] == Decimal("3.95")
    ),
    "free_shipping": lambda order: order["shipmentPriceIncl"] == 0,
    "payment_cost": lambda order: order["paymentPriceIncl"] == Decimal("1.95"),
    "gift_card": lambda order: order["giftCardsPayment"][0]["amount"] == 10,
    "gift_wrap": lambda order: embedded(order, "products")[-1]["sku"] == "INPAK",
    "guest": lambda order: embedded(order, "customer")["type"] == "guest",
    "company": lambda order: order["isCompany"] and order["companyName"] and order["companyCoCNumber"],
    "company_name_only": lambda order: not order["isCompany"] and order["companyName"],
    "company_flag_only": lambda order: order["isCompany"] and not order["companyName"],
    "pick_up": lambda order: order["shipmentIsPickup"] and order["status"] == "processing_awaiting_pickup",
    "same_sku_twice": lambda order: len({line["sku"] for line in embedded(order, "products")}) == 1,
    "custom_fields": lambda order: (
        embedded(order, "products")[0]["customFields"] and embedded(order, "products")[0]["customIncl"]
    ),
    "deleted_variant": lambda order: (
        embedded(order, "products")[0]["variant"] is False and embedded(order, "products")[0]["sku"]
    ),
    "zero_total": lambda order: order["priceIncl"] == 0 and order["paymentStatus"] == "paid",
    "number_in_street": lambda order: (
        not order["addressBillingNumber"] and any(c.isdigit() for c in order["addressBillingStreet"])
    ),
    "unicode": lambda order: "😀" in order["comment"],
    "long_texts": lambda order: len(order["comment"]) > 3_000,
    "other_address": lambda order: order["addressShippingName"] != order["addressBillingName"],
    "unpaid_transfer": lambda order: order["paymentStatus"] == "not_paid",
    "on_account": lambda order: order["paymentIsPost"] and order["paymentIsInvoiceExternal"],
    "cancelled": lambda order: order["status"] == "cancelled",
    "shipped": lambda order: order["status"] == "completed_shipped" and embedded(order, "shipments")[0]["trackingCode"],
    "english": lambda order: order["language"]["code"] == "en" and order["deliveryDate"] == "2026-12-05",
}


@pytest.mark.parametrize("kind", EXPECTED)
def test_a_kind_is_what_it_says(api, kind):
    """The one property that makes it that kind."""
    assert EXPECTED[kind](place(api, kind))


def test_sixty_lines_are_sixty(api):
    """More than an embedded list shows."""
    order = place(api, "sixty_lines")
    assert api.get(f"orders/{order['id']}/products/count") == 60


def test_the_catalogue_of_kinds_is_listed(api):
    """With a line for a person, and the keys of a description."""
    listed = api.control("GET", "orders/kinds")
    assert set(listed["kinds"]) == set(KINDS)
    assert all(listed["kinds"].values())
    assert "lines" in listed["description"]


def test_an_unknown_kind_is_refused(api):
    """By name, with those there are."""
    answer = api.http.post("/_sandbox/orders", json={"kinds": ["odd"]})
    assert answer.status_code == 400
    assert "no kind odd" in answer.json()["error"]


def test_an_empty_seed_sells_nothing(empty):
    """Settings are there, goods and orders are not."""
    assert empty.get("orders") == []
    assert len(empty.get("taxes")) == 3
    assert empty.http.post("/_sandbox/orders", json={"n": 1}).status_code == 400


def test_the_same_seed_makes_the_same_shop(clock):
    """Deterministic to the last field, whatever the time."""
    first = LightspeedService(clock.child(), "small", MANY)
    clock.advance(1_000_000)
    second = LightspeedService(clock.child(), "small", MANY)
    assert encode(first.books()) == encode(second.books())
    box = Box(second)
    Api(box).control("POST", "orders", {"n": 5})
    box.reset()
    assert encode(first.books()) == encode(second.books())


def test_the_sandbox_survives_a_restart_with_every_kind(clock, tmp_path):
    """Books, lists and counters come back from the file."""
    from sandbox.store import Database

    states = []
    for _ in range(2):
        database = Database(tmp_path / "state.db")
        box = Box(LightspeedService(clock.child(), "small", MANY), database)
        states.append(encode(box.books()))
        database.close()
    assert states[0] == states[1]
    database = Database(tmp_path / "state.db")
    api = Api(Box(LightspeedService(clock.child(), "empty", MANY), database))
    newest = api.get("orders", limit=1)[0]
    placed = api.control("POST", "orders", {"n": 1})["orders"][0]
    assert placed["id"] > newest["id"]
    assert placed["number"] > newest["number"]
    database.close()
