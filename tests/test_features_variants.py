"""Acceptance of variants of items with dimensions: filled from AFAS, ordered in the shop, booked in AFAS, sold once."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.merchant import Merchant
from tests.support.world import JOB

if TYPE_CHECKING:
    from collections.abc import Iterator

POLO = (
    {"do": "product", "Item": "TEX-POLO", "WebEnabled": True, "Description": "Polo", "Dimension1": "KLEUR",
     "Dimension2": "MAAT"},
    {"do": "variant", "Item": "TEX-POLO", "Dim1": "ROOD", "Dim1Label": "Rood", "Dim2": "M", "Dim2Label": "M"},
    {"do": "variant", "Item": "TEX-POLO", "Dim1": "ROOD", "Dim1Label": "Rood", "Dim2": "L", "Dim2Label": "L"},
    {"do": "stock", "Item": "TEX-POLO", "Dim1": "ROOD", "Dim2": "M", "Warehouse": "01", "OnHand": 5},
    {"do": "stock", "Item": "TEX-POLO", "Dim1": "ROOD", "Dim2": "L", "Warehouse": "01", "OnHand": 4},
    {"do": "price", "PriceList": "WEB", "Item": "TEX-POLO", "ValidFrom": "2026-01-01", "Price": "39.95"},
)  # fmt: skip
"""An item with two dimensions, as a user of AFAS enters it."""
BUYER = {"email": "kim@example.com", "firstname": "Kim", "lastname": "Klant"}
BILLING = {"street": "Lange Weg", "number": "4", "zipcode": "1011AA", "city": "Amsterdam", "name": "Kim Klant"}
PAID = {"id": "mollie", "method": "ideal", "title": "iDEAL", "paid": True}


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    """A merchant whose shop shows a polo in two sizes and a sock in two, as AFAS says."""
    world = Merchant()
    world.user("user", {"steps": list(POLO)})
    world.passes(61)
    for flow in ("catalogue", "prices", "catalogue", "stock"):
        assert not any(world.run_job(flow)["exits"].values())
        world.passes(61)
    yield world
    world.close()


def levels(world: Merchant) -> dict[str, Any]:
    """SKU -> what the shop shows."""
    return {one["sku"]: one["level"] for one in world.shown()["variants"]}


def writes(world: Merchant) -> int:
    """Writes that both sides have seen."""
    verbs = ("DELETE", "POST", "PUT")
    return sum(n for box in (world.shop, world.afas) for call, n in box.calls.items() if call.startswith(verbs))


def go(world: Merchant, *flows: str) -> None:
    """Good runs of some flows, a minute apart."""
    for flow in flows:
        world.passes(61)
        assert not any(world.run_job(flow)["exits"].values())


def test_an_order_of_variants_is_booked_and_no_piece_comes_back(merchant: Merchant) -> None:
    """D18, B8, F1: both codes stand on the line, to the cent; the stock stays what is left before and after booking."""
    assert (levels(merchant)["TEX-POLO-ROOD-M"], levels(merchant)["SOK-S"]) == (5, 6)
    merchant.order(
        customer=BUYER,
        billing=BILLING,
        lines=[{"sku": "TEX-POLO-ROOD-M", "quantity": 2}, {"sku": "SOK-S", "quantity": 1}],
        shipment={"title": "PostNL", "price": "6.95"},
        payment=PAID,
    )
    left = {"TEX-POLO-ROOD-M": 3, "TEX-POLO-ROOD-L": 4, "SOK-S": 5, "SOK-M": 3}
    go(merchant, "stock")
    assert levels(merchant).items() >= left.items()
    go(merchant, JOB)
    (booked,) = merchant.booked()
    assert {one["code"]: Decimal(one["quantity"]) for one in booked["items"]} == {"TEX-POLO-ROOD-M": 2, "SOK-S": 1}
    assert Decimal(booked["incl"]) == Decimal("93.35")
    assert not merchant.held(JOB)
    (figures,) = [
        row
        for row in merchant.said()["Stock"]
        if (row["Item"], row["Dim1"], row["Dim2"], row["Warehouse"]) == ("TEX-POLO", "ROOD", "M", "01")
    ]
    assert (figures["OnHand"], figures["Available"]) == (5, 3)
    before = writes(merchant)
    go(merchant, "stock", JOB, "stock")
    assert writes(merchant) == before
    assert levels(merchant).items() >= left.items()
