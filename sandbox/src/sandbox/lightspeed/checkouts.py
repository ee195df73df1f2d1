"""The checkout flow (snake_case, no envelopes): the only way to make an order through the API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.http import Reply
from sandbox.lightspeed import orders, tiers, world
from sandbox.lightspeed.amounts import Charge, priced
from sandbox.lightspeed.errors import INVALID, ApiError
from sandbox.lightspeed.fields import Number, written_id
from sandbox.lightspeed.plan import words
from sandbox.lightspeed.render import Lens, text

if TYPE_CHECKING:
    from sandbox.lightspeed.fields import Record
    from sandbox.lightspeed.shop import Shop

_NUMBER = re.compile(r"[0-9]{1,15}")
_WRITABLE = (
    "mode",
    "customer",
    "billing_address",
    "shipping_address",
    "shipment_method",
    "payment_method",
    "newsletter",
    "terms",
    "notifications",
    "comment",
    "memo",
    "discount_code",
)
_OBJECTS = {"customer", "billing_address", "shipping_address", "shipment_method", "payment_method"}
_FLAGS = {"newsletter", "terms", "notifications"}
_NUMBERS = {"price_excl", "price_incl", "tax_rate"}
_NEEDED = {
    "customer": ("email", "firstname", "lastname"),
    "billing_address": ("name", "address1", "zipcode", "city", "country"),
}


def handle(shop: Shop, verb: str, parts: list[str], body: Any, lens: Lens, *, page: tuple[int, int]) -> Reply:
    """Answer a call below `checkouts`.

    Args:
        shop: Where.
        verb: HTTP verb.
        parts: The path after "checkouts", without `.json`.
        body: The decoded body, {} when there is none.
        lens: From where it is looked at.
        page: Number and length of the page of a list.

    Raises:
        ApiError: 400, 404, 405.
    """
    if not parts:
        return _collection(shop, verb, body, lens, page)
    if parts == ["count"]:
        return _counted(verb, len(shop.checkouts))
    checkout = shop.checkouts.get(int(parts[0])) if _NUMBER.fullmatch(parts[0]) else None
    if checkout is None:
        raise ApiError(404, "Not found.")
    match verb, parts[1:]:
        case "GET", []:
            return _json(200, _shown(shop, checkout, lens))
        case "PUT", []:
            return _json(200, _shown(shop, _write(shop, checkout, body), lens))
        case "DELETE", []:
            shop.checkouts.pop(checkout["id"])
            return Reply.empty(204)
        case "GET", ["products"]:
            return _json(200, [_line(shop, checkout, line) for line in checkout["products"]])
        case "POST", ["products"]:
            return _json(201, _add_line(shop, checkout, body))
        case _, ["products", "count"]:
            return _counted(verb, len(checkout["products"]))
        case (("GET" | "PUT" | "DELETE"), ["products", identity]):
            return _one_line(shop, checkout, verb, identity, body)
        case "GET", ["shipment_methods"]:
            return _json(200, [_shipment_method(shop, one) for one in shop.all("shippingmethods")])
        case "GET", ["payment_methods"]:
            return _json(200, [_payment_method(one) for one in shop.all("paymentmethods")])
        case "GET", ["validate"]:
            errors = _errors(checkout)
            return _json(200, {"validated": not errors, "errors": errors or []})
        case "POST", ["order"]:
            return _order(shop, checkout, body, lens)
    raise ApiError(405 if (parts[1:] and parts[1] in _KNOWN) or len(parts) == 1 else 404, "Method not allowed.")


_KNOWN = {"products", "shipment_methods", "payment_methods", "validate", "order"}


def _counted(verb: str, count: int) -> Reply:
    if verb != "GET":
        raise ApiError(405, "Method not allowed.")
    return _json(200, {"count": count})


def _collection(shop: Shop, verb: str, body: Any, lens: Lens, page: tuple[int, int]) -> Reply:
    if verb == "GET":
        newest = sorted(shop.checkouts.values(), key=lambda one: -one["id"])
        start = (page[0] - 1) * page[1]
        return _json(200, [_shown(shop, one, lens) for one in newest[start : start + page[1]]])
    if verb != "POST":
        raise ApiError(405, "Method not allowed.")
    return _json(201, _shown(shop, _write(shop, new(shop), body), lens))


def new(shop: Shop) -> dict[str, Any]:
    """An empty checkout, not stored yet."""
    now = shop.now()
    times = {"created_at": now, "updated_at": now}
    rest: dict[str, Any] = {
        "order_id": None,
        "products": [],
        "step": "details",
        "mode": "guest",
        "discount": False,
        "memo": None,
    }
    return {"id": shop.next_id("checkouts"), **times, **rest}


def _write(shop: Shop, checkout: dict[str, Any], body: Any) -> dict[str, Any]:
    if not isinstance(body, Mapping):
        raise ApiError(400, INVALID)
    for name in _WRITABLE:
        value = body.get(name)
        if value is None:
            continue
        if isinstance(value, Mapping) != (name in _OBJECTS) or (name in _FLAGS) != isinstance(value, bool):
            raise ApiError(400, INVALID)
        if name not in _OBJECTS and name not in _FLAGS and not isinstance(value, str):
            raise ApiError(400, INVALID)
        for inner, one in value.items() if isinstance(value, Mapping) else ():
            if inner != "data" and isinstance(one, (Mapping, list)):
                raise ApiError(400, INVALID)
            if inner in _NUMBERS and one is not None:
                _amount(one)
    changed = {**checkout, **{name: body[name] for name in _WRITABLE if name in body}, "updated_at": shop.now()}
    shop.checkouts.put(changed["id"], changed)
    return changed


def _shown(shop: Shop, checkout: Mapping[str, Any], lens: Lens) -> dict[str, Any]:
    empty = dict.fromkeys(("shipment_method", "payment_method", "customer", "billing_address", "shipping_address"))
    words = {"comment": "", "newsletter": False, "terms": False, "notifications": False, "gift_cards": []}
    answer: dict[str, Any] = {**empty, **words, **checkout}
    answer["created_at"] = lens.instant(checkout["created_at"])
    answer["updated_at"] = lens.instant(checkout["updated_at"])
    answer["products"] = [_line(shop, checkout, line) for line in checkout["products"]]
    return answer


def _amount(value: Any) -> Decimal:
    """A number as it is written.

    Raises:
        ApiError: 400, it is none.
    """
    kept: Record = {}
    Number("value", 0).take(value, kept, "")
    return Decimal(str(kept["value"]))


def _line_values(body: Mapping[str, Any]) -> dict[str, Any]:
    """What can be said of a line: its quantity, above zero, and its own price."""
    names = [name for name in ("quantity", "special_price_excl", "special_price_incl") if body.get(name) is not None]
    for name in names:
        number = _amount(body[name])
        if number < 0 or (name == "quantity" and not number):
            raise ApiError(400, INVALID)
    return {name: body[name] for name in names}


def _add_line(shop: Shop, checkout: dict[str, Any], body: Any) -> dict[str, Any]:
    variant = shop.get("variants", written_id(body.get("variant_id")) or 0) if isinstance(body, Mapping) else None
    if variant is None:
        raise ApiError(400, INVALID)
    line = {"id": shop.next_id("checkouts/products"), "variant_id": variant["id"], **_line_values(body)}
    _write(shop, {**checkout, "products": [*checkout["products"], line]}, {})
    # Money is a text in the answer to the POST and a number inside the checkout (recorded).
    shown = _line(shop, checkout, line)
    return {name: str(value) if name.startswith(("price", "base_price")) else value for name, value in shown.items()}


def _one_line(shop: Shop, checkout: dict[str, Any], verb: str, identity: str, body: Any) -> Reply:
    rows = checkout["products"]
    line = next((row for row in rows if str(row["id"]) == identity), None)
    if line is None:
        raise ApiError(404, "Not found.")
    if verb == "GET":
        return _json(200, _line(shop, checkout, line))
    if verb == "DELETE":
        _write(shop, {**checkout, "products": [row for row in rows if row is not line]}, {})
        return Reply.empty(204)
    changed = {**line, **_line_values(body)}
    _write(shop, {**checkout, "products": [changed if row is line else row for row in rows]}, {})
    return _json(200, _line(shop, checkout, changed))


def _rate(shop: Shop, variant: Record) -> Decimal:
    tax = shop.get("taxes", variant["tax"]) if variant.get("tax") else None
    return Decimal(str(tax["rate"])) if tax else Decimal(0)


def _own_price(shop: Shop, line: Mapping[str, Any], rate: Decimal) -> Decimal | None:
    """A line's special price in the shop's basis; None: the catalogue's."""
    for name, other in (("incl", "excl"), ("excl", "incl")):
        given = line.get(f"special_price_{name}")
        if given is None:
            continue
        price = Decimal(str(given))
        if shop.profile.basis == name:
            return price
        return price * (1 + rate) if other == "incl" else price / (1 + rate)
    return None


def _paid(shop: Shop, checkout: Mapping[str, Any], line: Mapping[str, Any], variant: Record) -> Decimal | None:
    """A line's special price, or that of a quantity discount, in the shop's basis; None: the catalogue's."""
    rate = _rate(shop, variant)
    own = _own_price(shop, line, rate)
    if own is not None or not variant:
        return own
    email = str((checkout.get("customer") or {}).get("email") or "")
    return tiers.price(shop, variant, Decimal(str(line.get("quantity", 1))), email, rate)


def _line(shop: Shop, checkout: Mapping[str, Any], line: Mapping[str, Any]) -> dict[str, Any]:
    variant = shop.get("variants", int(line["variant_id"])) or {}
    product = shop.get("products", variant["product"]) if variant.get("product") else {}
    rate, basis = _rate(shop, variant), shop.profile.basis
    own = _paid(shop, checkout, line, variant)
    price = own if own is not None else Decimal(str(variant.get("priceIncl" if basis == "incl" else "priceExcl", 0)))
    done = priced(Charge(price, rate, Decimal(str(line.get("quantity", 1)))), basis)
    brand = shop.get("brands", product["brand"]) if product and product.get("brand") else None
    cost = Decimal(str(variant.get("priceCost", 0)))
    return {
        "id": line["id"],
        "cart_id": checkout["id"],
        "product_id": variant.get("product"),
        "variant_id": int(line["variant_id"]),
        "is_custom": False,
        "custom_data": [],
        "quantity": line.get("quantity", 1),
        "has_discount": own is not None,
        "discount_percentage": 0,
        "tax_rate": rate,
        "base_price_excl": done.base_excl,
        "base_price_incl": done.base_incl,
        "base_price_cost": cost,
        "price_excl": done.excl,
        "price_incl": done.incl,
        "price_cost": cost,
        "price_tax": done.incl - done.excl,
        "discount_excl": 0,
        "discount_incl": 0,
        "title": words(shop, product, "title"),
        "fulltitle": words(shop, product, "fulltitle"),
        "variant": words(shop, variant, "title"),
        "brand_name": words(shop, brand, "title"),
        **{name: variant.get(field, "") for name, field in _COPIED.items()},
        "image_id": None,
        "image_thumb": None,
        "image_src": None,
        "url": words(shop, product, "url"),
        "stock_available": True,
        "stock_on_stock": variant.get("stockLevel", 0) > 0,
        "stock_level": variant.get("stockLevel", 0),
    }


_COPIED = {"article_code": "articleCode", "ean": "ean", "sku": "sku"}


def _shipment_method(shop: Shop, record: Record) -> dict[str, Any]:
    value = next(iter(shop.find("shippingmethods/{}/values", "_parent", record["id"])), {})
    excl, incl = value.get("priceExcl", 0), value.get("priceIncl", 0)
    return {
        "id": f"core|{record['id']}|{value.get('id', 0)}",
        "title": record.get("title", ""),
        "tax_rate": Decimal("0.21"),
        "price_excl": excl,
        "price_incl": incl,
        "base_price_excl": excl,
        "base_price_incl": incl,
        "is_service_point": False,
        "discount": False,
        "data": {"method": record.get("type", "default")},
    }


def _payment_method(record: Record) -> dict[str, Any]:
    return {
        "id": record.get("key", ""),
        "method": False,
        "post_payment": False,
        "invoice_external": False,
        "title": record.get("title", ""),
        "tax_rate": Decimal("0.21"),
        "price_excl": 0,
        "price_incl": 0,
        "data": [],
    }


def _errors(checkout: Mapping[str, Any]) -> dict[str, str]:
    errors = {}
    for part, names in _NEEDED.items():
        given = checkout.get(part) or {}
        errors.update({f"{part}.{name}": "Required." for name in names if not given.get(name)})
    country = (checkout.get("billing_address") or {}).get("country")
    if country and world.country(str(country)) is None:
        errors["billing_address.country"] = "Unknown."
    for name in ("products", "shipment_method", "payment_method"):
        if not checkout.get(name):
            errors[name] = "Required."
    return errors


def _order(shop: Shop, checkout: dict[str, Any], body: Any, lens: Lens) -> Reply:
    if checkout.get("order_id") or _errors(checkout):
        raise ApiError(400, INVALID)
    said = _description(shop, checkout)
    if isinstance(body, Mapping) and body.get("comment"):
        said["comment"] = str(body["comment"])
    try:
        order = orders.place(shop, said)
    except ValueError:
        raise ApiError(400, INVALID) from None
    shop.checkouts.put(checkout["id"], {**checkout, "order_id": order["id"], "step": "complete"})
    answer = {
        "order_id": order["id"],
        "payment_url": lens.link(f"payments/{order['id']}"),
        "payment_provider": order.get("paymentId", ""),
    }
    return _json(200, answer)


def _description(shop: Shop, checkout: Mapping[str, Any]) -> dict[str, Any]:
    customer = dict(checkout.get("customer") or {})
    renamed = {
        "company": "companyName",
        "vatnumber": "companyVatNumber",
        "cocnumber": "companyCoCNumber",
        "birthdate": "birthDate",
    }
    known = ("email", "firstname", "middlename", "lastname", "phone", "mobile", "gender")
    person = {name: customer[name] for name in known if customer.get(name)}
    person.update({new: customer[old] for old, new in renamed.items() if customer.get(old)})
    person["isCompany"] = bool(person.get("companyName"))
    person["guest"] = checkout.get("mode", "guest") == "guest"
    lines = []
    for line in checkout["products"]:
        variant = shop.get("variants", int(line["variant_id"])) or {}
        one: dict[str, Any] = {"sku": variant.get("sku", ""), "quantity": line.get("quantity", 1)}
        own = _paid(shop, checkout, line, variant)
        lines.append(one if own is None else {**one, "price": own})
    shipment = _method(shop, checkout.get("shipment_method") or {})
    listed = next(
        (
            one
            for one in (_shipment_method(shop, row) for row in shop.all("shippingmethods"))
            if one["id"] == shipment.get("id")
        ),
        None,
    )
    if listed is not None:
        shipment = {"title": listed["title"], "price": listed[f"price_{shop.profile.basis}"], **shipment}
        shipment["pickup"] = listed["data"]["method"] == "store_pick_up"
    payment = _method(shop, checkout.get("payment_method") or {})
    said = {
        "customer": person,
        "billing": _address(checkout.get("billing_address") or {}),
        "lines": lines,
        "shipment": shipment,
        "payment": payment,
        "comment": checkout.get("comment") or "",
        "memo": checkout.get("memo") or "",
        "channel": "api",
    }
    if checkout.get("shipping_address"):
        said["shipping"] = _address(checkout["shipping_address"])
    return said


def _method(shop: Shop, given: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: given[name] for name in ("id", "title", "method") if given.get(name)}
    rate = Decimal(str(given.get("tax_rate", 0)))
    own = {f"special_price_{name}": given.get(f"price_{name}") for name in ("incl", "excl")}
    price = _own_price(shop, own, rate)
    if price is not None:
        said["price"] = price
    if "tax_rate" in given:
        said["rate"] = rate
    return said


def _address(given: Mapping[str, Any]) -> dict[str, Any]:
    renamed = {"address1": "street", "address2": "street2"}
    known = ("name", "address1", "address2", "number", "extension", "zipcode", "city", "region", "country", "company")
    return {renamed.get(name, name): given[name] for name in known if given.get(name)}


def _json(status: int, value: Any) -> Reply:
    reply = Reply.json(status, None)
    return reply.with_body(text(value))
