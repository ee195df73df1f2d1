"""What a shopper orders: the description that `POST /_sandbox/orders` takes, checked and filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from sandbox.lightspeed import world
from sandbox.lightspeed.amounts import ZERO, Charge, cents, fine

if TYPE_CHECKING:
    from sandbox.lightspeed.fields import Record
    from sandbox.lightspeed.shop import Shop

KEYS = {
    "customer": "email, firstname, middlename, lastname, phone, mobile, gender, birthDate, isCompany, companyName, "
    "companyCoCNumber, companyVatNumber, guest, memo",
    "billing": "name, street, street2, number, extension, zipcode, city, region, country",
    "shipping": "as billing, and company; left out: the billing address",
    "lines": "a list of sku, quantity, price, discount, rate, title, variant_title, custom_fields, custom, "
    "deleted_variant",
    "shipment": "title, price, discount, rate, pickup, id, data",
    "payment": "id, method, title, price, rate, paid, post, invoice_external",
    "discount": "amount or percentage, code",
    "gift_cards": "a list of code, amount",
    "comment": "from the shopper",
    "memo": "of the shop",
    "language": "two-letter code",
    "channel": "main, mobile, api, facebook or empty",
    "exempt": "true: no VAT at all",
    "miss": "added to priceIncl, in the shop's currency",
    "delivery_date": "YYYY-MM-DD",
    "placed": "ISO 8601 instant; left out: now",
}
"""Keys of a description and what each holds. Amounts are in the shop's basis (incl. VAT in shop1)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plan with what the catalogue says about it."""

    charge: Charge
    record: Record
    variant: int | None
    """The variant whose stock it takes; also when the line's reference is gone (`deleted_variant`)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A description, checked against the catalogue."""

    said: Mapping[str, Any]
    lines: tuple[Line, ...]
    shipment: Charge
    payment: Charge
    shifted: bool
    destination: str
    billing: Record = field(default_factory=dict)
    shipping: Record = field(default_factory=dict)


def number(value: Any, name: str) -> Decimal:
    """A Decimal from JSON.

    Raises:
        ValueError: it is none.
    """
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{name} is a number, not {value!r}") from None
    if not found.is_finite():
        raise ValueError(f"{name} is a number, not {value!r}")
    return found


def make(shop: Shop, said: Mapping[str, Any]) -> Plan:
    """Check a description and look its items up.

    Raises:
        ValueError: an unknown key, SKU or country, or no lines.
    """
    if unknown := set(said) - set(KEYS):
        raise ValueError(f"an order has no {', '.join(sorted(unknown))}; known: {', '.join(KEYS)}")
    if not said.get("lines"):
        raise ValueError("an order has at least one line")
    billing = _address(said.get("billing") or {}, "Billing")
    shipping = _address(said.get("shipping") or said.get("billing") or {}, "Shipping")
    shipping["addressShippingCompany"] = (said.get("shipping") or {}).get("company") or False
    customer, exempt = said.get("customer") or {}, bool(said.get("exempt"))
    pickup = bool((said.get("shipment") or {}).get("pickup"))
    destination = "nl" if pickup else shipping["addressShippingCountry"]["code"]
    shifted = bool(customer.get("companyVatNumber")) and destination != "nl" and destination in world.EU

    def abroad(domestic: Decimal) -> Decimal:
        return world.rate_abroad(domestic, destination, shifted=shifted, exempt=exempt)

    lines = tuple(_line(shop, one, abroad) for one in said["lines"])
    standard = abroad(Decimal("0.21"))
    sent, paid = said.get("shipment") or {}, said.get("payment") or {}
    return Plan(
        said,
        lines,
        _cost(sent, standard, "shipment"),
        _cost(paid, standard, "payment"),
        shifted,
        destination,
        billing,
        shipping,
    )


def _cost(said: Mapping[str, Any], standard: Decimal, name: str) -> Charge:
    rate = number(said["rate"], f"{name}.rate") if "rate" in said else standard
    price, off = number(said.get("price", 0), f"{name}.price"), number(said.get("discount", 0), f"{name}.discount")
    return Charge(price, rate, discount=off)


def _line(shop: Shop, said: Mapping[str, Any], abroad: Any) -> Line:
    sku = str(said.get("sku", ""))
    found = shop.find("variants", "sku", sku) if sku else []
    if not found and ("price" not in said or "rate" not in said):
        raise ValueError(f"{shop.profile.name} sells no {sku!r}; a line without a variant needs price and rate")
    variant: Record = found[0] if found else {}
    tax = shop.get("taxes", variant["tax"]) if variant.get("tax") else None
    domestic = number(tax["rate"], "rate") if tax else ZERO
    rate = number(said["rate"], "rate") if "rate" in said else abroad(domestic)
    price = number(said["price"], "price") if "price" in said else _price(shop, variant, domestic, rate)
    custom = number(said.get("custom", 0), "custom")
    discount = number(said.get("discount", 0), "discount")
    quantity = number(said.get("quantity", 1), "quantity")
    product = shop.get("products", variant["product"]) if variant.get("product") else None
    brand = shop.get("brands", product["brand"]) if product and product.get("brand") else None
    record: Record = {
        "brandTitle": words(shop, brand, "title"),
        "productTitle": str(said.get("title") or words(shop, product, "title")),
        "variantTitle": str(said.get("variant_title") or words(shop, variant, "title")),
        "articleCode": str(variant.get("articleCode", "")),
        "ean": str(variant.get("ean", "")),
        "sku": str(variant.get("sku", sku)),
        "weight": int(variant.get("weight", 0) * quantity),
        "priceCost": variant.get("priceCost", 0),
        "product": product["id"] if product else None,
        "variant": None if said.get("deleted_variant") or not variant else variant["id"],
    }
    if said.get("custom_fields"):
        record["customFields"] = [
            {"id": index, "title": one.get("title", ""), "values": [{"value": one.get("value", "")}]}
            for index, one in enumerate(said["custom_fields"], 1)
        ]
    charge = Charge(price + custom, rate, quantity, discount, custom)
    return Line(charge, record, variant["id"] if variant else None)


def _price(shop: Shop, variant: Record, domestic: Decimal, rate: Decimal) -> Decimal:
    """The catalogue price in the shop's basis for a destination's rate: the price excluding VAT is the same for all."""
    excl = number(variant.get("priceExcl", 0), "priceExcl")
    if shop.profile.basis == "excl":
        return fine(excl)
    return number(variant.get("priceIncl", 0), "priceIncl") if rate == domestic else cents(excl * (1 + rate))


def words(shop: Shop, record: Record | None, name: str) -> str:
    """A language-dependent text of a record in the shop's default language; "" when there is none."""
    texts = (record or {}).get(name, "")
    return str(texts.get(shop.profile.language, "")) if isinstance(texts, Mapping) else str(texts)


def _address(said: Mapping[str, Any], kind: str) -> Record:
    code = said.get("country", "nl")
    country = world.country(code)
    if country is None:
        raise ValueError(f"no country {code!r}; known: {', '.join(world.COUNTRIES)}")
    parts = ("name", "street", "street2", "number", "extension", "zipcode", "city", "region")
    record: Record = {f"address{kind}{part.capitalize()}": str(said.get(part, "")) for part in parts}
    record[f"address{kind}Country"] = country
    return record
