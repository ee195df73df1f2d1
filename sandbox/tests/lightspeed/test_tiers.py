"""Quantity discounts in a checkout."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from shopclient import Api

    from sandbox.box import Box
    from sandbox.lightspeed.service import LightspeedService


def paid(api: Api, variant: int, quantity: int, email: str = "") -> Decimal:
    """What one piece costs, including VAT."""
    body: dict[str, Any] = {"mode": "guest", **({"customer": {"email": email}} if email else {})}
    made = api.call("POST", "checkouts", body).json()["id"]
    line = {"variant_id": variant, "quantity": quantity}
    return Decimal(str(api.call("POST", f"checkouts/{made}/products", line).json()["price_incl"]))


@pytest.mark.parametrize(("basis", "price"), [("shop", "6.05"), ("incl", "6.05"), ("excl", "7.32")])
def test_a_tier_is_paid_from_its_quantity_on(api: Api, box: Box, basis: str, price: str) -> None:
    """Its price is with or without VAT, by the switch; one that is over, or of another group, is not paid."""
    service: LightspeedService = box.service  # type: ignore[assignment] # the box holds a shop
    shop = service.shop("shop1")
    api.control("POST", "switches", {"discount_basis": basis})
    variant = next(one for one in shop.all("variants") if one.get("tax") == 1_207_266)
    base = {"product": variant["product"], "variant": variant["id"]}
    group = next(iter(shop.all("groups")))["id"]
    member = next(iter(shop.all("customers")))
    shop.add("groups/customers", {"group": group, "customer": member["id"]})
    for more in (
        {"quantity": 4, "price": "6.05"},
        {"quantity": 2, "price": "1", "endDate": "2020-01-01T00:00:00+01:00"},
        {"quantity": 2, "price": "1", "startDate": "2040-01-01T00:00:00+01:00"},
        {"quantity": 1, "isPercentage": True, "percentage": 50, "customerGroup": group},
    ):
        api.call("POST", "quantity_discounts", {"quantityDiscount": {**base, **more}})
    full = Decimal(str(variant["priceIncl"])).quantize(Decimal("0.01"))
    assert paid(api, variant["id"], 3) == full
    assert paid(api, variant["id"], 4) == Decimal(price)
    assert abs(paid(api, variant["id"], 1, str(member["email"]).upper()) - full / 2) <= Decimal("0.01")
