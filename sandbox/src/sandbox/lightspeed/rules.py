"""What the shop does by itself when a customer, an order, a document, a product or a variant is written.

`effects.py` has the other records, `lightspeed/api.py` looks all of them up in the tables at its end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sandbox.lightspeed import orders, pictures
from sandbox.lightspeed.amounts import cents, fine
from sandbox.lightspeed.errors import INVALID, ApiError
from sandbox.lightspeed.fields import Record
from sandbox.lightspeed.shop import Shop

Body = Mapping[str, Any]
Rule = Callable[[Shop, Record | None, Record, Body], Record]
"""(shop, record before or None at create, record after, body) -> record to store. May raise ApiError."""
After = Callable[[Shop, Record, Body], None]
ATTRIBUTES = "products/{}/attributes"
_MOVED = "_moved"


def _variant(shop: Shop, before: Record | None, after: Record, body: Body) -> Record:
    """One price is derived from the other by the tax rate (assumed); an empty title is refused (recorded)."""
    if "title" in body and not str(body["title"] or "").strip():
        raise ApiError(400, "Invalid variant title")
    tax = shop.get("taxes", after["tax"]) if after.get("tax") else None
    factor = 1 + Decimal(str(tax["rate"] if tax else 0))
    for given, other in (("priceIncl", "priceExcl"), ("priceExcl", "priceIncl")):
        if given in body and other not in body:
            price = Decimal(str(after[given]))
            after[other] = fine(price / factor) if given == "priceIncl" else cents(price * factor)
    if before is None and shop.get("products", after.get("product") or 0) is None:
        raise ApiError(400, INVALID)
    if before is not None and "stockLevel" in body:
        after[_MOVED] = int(after["stockLevel"]) - int(before.get("stockLevel", 0))
    if isinstance(body.get("image"), dict):
        after["_upload"] = pictures.received(shop, body["image"], image=True)
    elif "image" in body and body["image"] not in (None, False, ""):
        raise ApiError(400, INVALID)
    return after


def _variant_written(shop: Shop, record: Record, body: Body) -> None:
    if (moved := record.pop(_MOVED, None)) is not None:
        shop.put("variants", record)
        logged = shop.switches["stock_writes_logged"]
        if logged == "all" or (logged == "changes" and moved):
            row = {"channel": "api", "stockLevelChange": moved, "product": record.get("product")}
            shop.add("variants/movements", {**row, "variant": record["id"]})
    _variant_image(shop, record, body)
    if body.get("isDefault") and record.get("isDefault"):
        for other in shop.find("variants", "product", record["product"]):
            if other["id"] != record["id"] and other.get("isDefault"):
                shop.change("variants", other["id"], isDefault=False)
    if shop.switches["variant_touches_product"] and record.get("product"):
        shop.change("products", record["product"])


def _variant_image(shop: Shop, record: Record, body: Body) -> None:
    """An image in the variant's own body: set with an upload, cleared with null."""
    path, upload = pictures.ONE_IMAGE["variants"], record.get("_upload")
    if upload is not None:
        kept = {name: value for name, value in shop.need("variants", record["id"]).items() if name != "_upload"}
        shop.put("variants", kept)
        pictures.replaced(shop, path, shop.add(path, {**upload, "_parent": record["id"]}))
    elif "image" in body:
        for old in shop.find(path, "_parent", record["id"]):
            shop.delete(path, old["id"])
        shop.change("variants", record["id"], image=False)


def _product(shop: Shop, before: Record | None, after: Record, body: Body) -> Record:  # noqa: ARG001 - see Rule
    after["isVisible"] = after.get("visibility", "hidden") != "hidden"
    if body.get("set") and isinstance(after.get("set"), int):
        found = shop.get("sets", after["set"])
        if found is None:
            raise ApiError(400, INVALID)
        after["set"] = dict(found)
    return after


def _product_written(shop: Shop, record: Record, body: Body) -> None:
    """A type brings its specifications, with their default values (assumed)."""
    if not body.get("type") or not record.get("type"):
        return
    for row in shop.find("types/attributes", "type", record["type"]):
        if not _attribute(shop, record["id"], row["attribute"]):
            value = shop.need("attributes", row["attribute"]).get("defaultValue", "")
            give_attribute(shop, record["id"], row["attribute"], value)


def _attribute(shop: Shop, product: int, attribute: int) -> list[Record]:
    return [one for one in shop.find(ATTRIBUTES, "_parent", product) if one["attribute"] == attribute]


def give_attribute(shop: Shop, product: int, attribute: int, value: str = "") -> Record | None:
    """The specification of a product, made when it has none yet; None when there is no such attribute."""
    if found := _attribute(shop, product, attribute):
        return found[0]
    known = shop.get("attributes", attribute)
    if known is None:
        return None
    texts = {shop.profile.language: value}
    return shop.add(
        ATTRIBUTES,
        {"_parent": product, "attribute": attribute, "title": known.get("title", ""), "value": texts},
    )


def _product_created(shop: Shop, record: Record, body: Body) -> None:
    language = shop.profile.language
    shop.add("variants", {"product": record["id"], "title": {language: "Default"}, "isDefault": True})
    _product_written(shop, record, body)


def _customer(shop: Shop, before: Record | None, after: Record, body: Body) -> Record:  # noqa: ARG001 - see Rule
    if "email" in body and shop.switches["unique_email"]:
        same = shop.find("customers", "email", after.get("email"))
        if any(one["id"] != after.get("id") and one.get("type") != "guest" for one in same):
            raise ApiError(400, INVALID)
    if password := after.pop("password", None):
        after["_password"] = hashed(password)
    return after


def hashed(password: str) -> str:
    """What is kept of a password."""
    return hashlib.sha256(password.encode("utf-8", "replace")).hexdigest()


def _customer_created(shop: Shop, record: Record, body: Body) -> None:
    mail(shop, "doNotifyRegistered", "customers", record, body, occasion=True)
    mail(shop, "doNotifyConfirmed", "customers", record, body, occasion=bool(record.get("isConfirmed")))
    mail(shop, "doNotifyPassword", "customers", record, body, occasion="password" in body)


def _customer_changed(shop: Shop, record: Record, body: Body) -> None:
    for flag in ("doNotifyRegistered", "doNotifyConfirmed", "doNotifyPassword"):
        mail(shop, flag, "customers", record, body, occasion=flag == "doNotifyPassword" and "password" in body)


def _order(shop: Shop, before: Record | None, after: Record, body: Body) -> Record:  # noqa: ARG001 - see Rule
    """Pending work on the statuses is done after the write, by `_order_changed`; so the old ones stay for now."""
    ready = after.pop("isReadyForPickup", False)
    for name in ("status", "paymentStatus", "shipmentStatus"):
        if before is not None and name in before:
            after[name] = before[name]
        else:
            after.pop(name, None)
    if ready and after.get("shipmentIsPickup"):
        after["status"] = "processing_ready_for_pickup"
    return after


def _order_changed(shop: Shop, record: Record, body: Body) -> None:
    identity = record["id"]
    wanted = {name: body[name] for name in ("status", "paymentStatus", "shipmentStatus") if name in body}
    if wanted.get("status") == "cancelled" and record.get("status") != "cancelled":
        orders.cancel(shop, identity)
    else:
        if wanted.pop("paymentStatus", None) == "paid":
            orders.pay(shop, identity)
        elif "paymentStatus" in body:
            wanted["paymentStatus"] = body["paymentStatus"]
        if wanted:
            orders.moved(shop, identity, **wanted)
            orders.note(shop, identity, "changed")
    mail(shop, "doNotifyCancelled", "orders", record, body, occasion=wanted.get("status") == "cancelled")
    for flag in ("doNotifyNew", "doNotifyReminder"):
        mail(shop, flag, "orders", record, body, occasion=False)


def _shipment_changed(shop: Shop, record: Record, body: Body) -> None:
    mail(shop, "doNotifyShipped", "shipments", record, body, occasion=body.get("status") == "shipped")
    mail(shop, "doNotifyTrackingCode", "shipments", record, body, occasion=bool(body.get("trackingCode")))
    mail(shop, "doNotifyReadyForPickup", "shipments", record, body, occasion=False)
    order = record.get("order")
    if not order or shop.get("orders", order) is None or "status" not in body:
        return
    orders.event(shop, shop.now(), order, "shipment", str(body["status"]), shipment=record["id"])
    parcels = [one.get("status", "not_shipped") for one in shop.find("shipments", "order", order)]
    if body["status"] == "shipped" and shop.switches["ship_completes"]:
        whole = all(status != "not_shipped" for status in parcels)
        orders.moved(shop, order, shipmentStatus="shipped" if whole else "partially_shipped")
        orders.note(shop, order, "shipped")


def _invoice_changed(shop: Shop, record: Record, body: Body) -> None:
    mail(shop, "doNotifyPaid", "invoices", record, body, occasion=body.get("status") == "paid")
    mail(shop, "doNotifyNew", "invoices", record, body, occasion=False)


def mail(shop: Shop, flag: str, path: str, record: Record, body: Body, *, occasion: bool) -> None:
    """A mail goes when the flag is true, and, to be on the strict side, when it was left out at an occasion for one."""
    if flag in body:
        if str(body[flag]).lower() in {"true", "1"}:
            shop.mail(flag, path, record["id"], "true")
    elif occasion:
        shop.mail(flag, path, record["id"], "left out")


BEFORE: dict[str, Rule] = {"variants": _variant, "products": _product, "customers": _customer, "orders": _order}
"""Before a record is stored."""
CREATED: dict[str, After] = {
    "variants": _variant_written,
    "products": _product_created,
    "customers": _customer_created,
}
"""After a create."""
CHANGED: dict[str, After] = {
    "variants": _variant_written,
    "products": _product_written,
    "customers": _customer_changed,
    "orders": _order_changed,
    "shipments": _shipment_changed,
    "invoices": _invoice_changed,
}
"""After a change."""
