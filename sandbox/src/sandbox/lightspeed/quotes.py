"""Quotes: carts and offers, their lines and sums, and how one becomes an order."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.lightspeed import orders, world
from sandbox.lightspeed.amounts import Charge, priced
from sandbox.lightspeed.errors import INVALID, ApiError
from sandbox.lightspeed.plan import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.lightspeed.fields import Record
    from sandbox.lightspeed.shop import Shop

LINES = "quotes/{}/products"
_PARTS = ("Name", "Street", "Street2", "Number", "Extension", "Zipcode", "City", "Region")


def quote(shop: Shop, before: Record | None, after: Record, body: Mapping[str, Any]) -> Record:  # noqa: ARG001 - see rules.Rule
    """A quote as it is stored: a new one gets its language and hash, a locked one takes no change."""
    if before is None:
        after.setdefault("language", world.LANGUAGES[shop.profile.language])
        after.update({"channel": "api", "recalculatedAt": shop.now(), "recoveryHash": f"{after['id']:024x}"})
        after.update({"shipmentIsSet": False, "paymentIsSet": False})
    elif locked(before):
        raise ApiError(400, INVALID)
    return after


def locked(record: Record) -> bool:
    """True when a quote takes no change any more: it is locked, or it became an order (assumed)."""
    return bool(record.get("isLocked") or record.get("_order"))


def line(shop: Shop, before: Record | None, after: Record, body: Mapping[str, Any]) -> Record:  # noqa: ARG001 - see rules.Rule
    """A line as it is stored: its prices are those of its variant times its quantity.

    Raises:
        ApiError: 400, no such variant, a quantity of zero or less, or the quote is locked.
    """
    variant = shop.get("variants", after.get("variant") or 0)
    quantity = Decimal(str(after.get("quantity", 1)))
    if variant is None or quantity <= 0 or locked(shop.need("quotes", after["_parent"])):
        raise ApiError(400, INVALID)
    return {**after, **line_fields(shop, variant, quantity)}


def line_fields(shop: Shop, variant: Record, quantity: Decimal) -> Record:
    """What a line of a quote takes from its variant; the base prices are per unit, the others of the whole line."""
    tax = shop.get("taxes", variant["tax"]) if variant.get("tax") else None
    rate, basis = Decimal(str(tax["rate"])) if tax else Decimal(0), shop.profile.basis
    price = Decimal(str(variant.get("priceIncl" if basis == "incl" else "priceExcl", 0)))
    done = priced(Charge(price, rate, quantity), basis)
    excl, incl = done.total_excl, done.total_incl
    sizes = {name: variant.get(name, 0) for name in ("weight", "volume", "colli")}
    return {
        **{f"base{name.capitalize()}": value for name, value in sizes.items()},
        **{name: value * quantity for name, value in sizes.items()},
        "basePriceCost": variant.get("priceCost", 0),
        "basePriceExcl": done.base_excl,
        "basePriceIncl": done.base_incl,
        "priceCost": Decimal(str(variant.get("priceCost", 0))) * quantity,
        "taxRate": rate,
        "priceTax": incl - excl,
        "priceExcl": excl,
        "priceIncl": incl,
        "product": variant["product"],
    }


def line_written(shop: Shop, record: Record, body: Mapping[str, Any]) -> None:  # noqa: ARG001 - see rules.After
    """The quote's sums follow its lines."""
    recalculated(shop, record["_parent"])


def recalculated(shop: Shop, identity: int) -> None:
    """Sum a quote's lines up again."""
    if shop.get("quotes", identity) is None:
        return
    rows = shop.find(LINES, "_parent", identity)
    names = ("priceExcl", "priceIncl", "priceCost", "weight", "volume", "colli")
    sums: Record = {name: sum((Decimal(str(one.get(name, 0))) for one in rows), Decimal(0)) for name in names}
    quantity = sum((Decimal(str(one.get("quantity", 1))) for one in rows), Decimal(0))
    counts = {"productsCount": len(rows), "productsQuantity": quantity}
    shop.change("quotes", identity, **sums, **counts, recalculatedAt=shop.now())


def convert(shop: Shop, identity: int, body: Mapping[str, Any]) -> Record:
    """`POST quotes/{id}/convert`: the order made of a quote.

    Args:
        shop: Where.
        identity: The quote.
        body: What is in the envelope `order`; only `comment` and `memo` are taken.

    Raises:
        ApiError: 404 no such quote; 400 it was converted before, has no lines or no customer with an address.
    """
    found = shop.get("quotes", identity)
    if found is None:
        raise ApiError(404, "Not found.")
    lines, customer = shop.find(LINES, "_parent", identity), shop.get("customers", found.get("customer") or 0)
    if locked(found) or not lines or customer is None:
        raise ApiError(400, INVALID)
    basis = "priceIncl" if shop.profile.basis == "incl" else "priceExcl"
    rows = []
    for one in lines:
        variant = shop.get("variants", one.get("variant") or 0) or {}
        unit = one.get("basePriceIncl" if basis == "priceIncl" else "basePriceExcl", 0)
        titles = {"title": words(shop, shop.get("products", one.get("product") or 0), "title")}
        rows.append(
            {
                "sku": variant.get("sku", ""),
                "quantity": one.get("quantity", 1),
                "price": unit,
                "rate": one.get("taxRate", 0),
                **titles,
            }
        )
    said = {
        "customer": _person(customer),
        "billing": _address(customer, "Billing"),
        "lines": rows,
        "comment": str(body.get("comment") or found.get("comment") or ""),
        "memo": str(body.get("memo") or ""),
        "channel": "api",
    }
    if customer.get("addressShippingCity"):
        said["shipping"] = _address(customer, "Shipping")
    try:
        order = orders.place(shop, said)
    except ValueError:
        raise ApiError(400, INVALID) from None
    own = order["quote"]
    shop.change("quotes", identity, isLocked=True, _order=order["id"])
    order = shop.put("orders", {**order, "quote": identity})
    shop.delete("quotes", own)
    return order


def _person(customer: Record) -> Record:
    names = (
        "email",
        "firstname",
        "middlename",
        "lastname",
        "phone",
        "mobile",
        "isCompany",
        "companyName",
        "companyCoCNumber",
        "companyVatNumber",
    )
    return {name: customer[name] for name in names if customer.get(name)}


def _address(customer: Record, kind: str) -> Record:
    said = {part.lower(): customer[f"address{kind}{part}"] for part in _PARTS if customer.get(f"address{kind}{part}")}
    country = customer.get(f"address{kind}Country") or {}
    return {**said, "country": country.get("code", "nl")}
