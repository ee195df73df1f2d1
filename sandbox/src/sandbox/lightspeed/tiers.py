"""What a shopper pays by quantity and customer group: the quantity discounts as a checkout applies them (assumed)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.lightspeed.fields import Record
    from sandbox.lightspeed.shop import Shop

_HUNDRED = Decimal(100)


def price(shop: Shop, variant: Record, quantity: Decimal, email: str, rate: Decimal) -> Decimal | None:
    """The lowest price that a discount gives; None when none holds.

    Args:
        shop: Where.
        variant: What is bought.
        quantity: How many.
        email: Of the buyer, or "".
        rate: VAT rate of the variant, as a fraction.

    Returns:
        The price of one piece on the shop's basis.
    """
    basis, now = shop.profile.basis, shop.now()
    base = Decimal(str(variant.get("priceIncl" if basis == "incl" else "priceExcl", 0)))
    groups = _groups(shop, email)
    found = [
        _price(shop, row, base, rate)
        for row in shop.find("quantity_discounts", "product", variant.get("product"))
        if row.get("variant", 0) in {0, variant["id"]}
        and row.get("customerGroup", 0) in groups
        and Decimal(str(row.get("quantity", 1))) <= quantity
        and not (row.get("startDate") and row["startDate"] > now)
        and not (row.get("endDate") and row["endDate"] < now)
    ]
    return min(found, default=None)


def _price(shop: Shop, row: Record, base: Decimal, rate: Decimal) -> Decimal:
    if row.get("isPercentage"):
        return base * (1 - Decimal(str(row.get("percentage", 0))) / _HUNDRED)
    stated, basis = Decimal(str(row.get("price", 0))), shop.profile.basis
    meant = basis if shop.switches["discount_basis"] == "shop" else shop.switches["discount_basis"]
    if meant == basis:
        return stated
    return stated * (1 + rate) if basis == "incl" else stated / (1 + rate)


def _groups(shop: Shop, email: str) -> set[int]:
    """Everybody's (0) and those that an account is in."""
    who = {one["id"] for one in shop.all("customers") if email and str(one.get("email", "")).lower() == email.lower()}
    return {0} | {one["group"] for one in shop.all("groups/customers") if one.get("customer") in who}
