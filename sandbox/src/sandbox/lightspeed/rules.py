"""What the shop does by itself when a record is written through the API."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.lightspeed import orders
from sandbox.lightspeed.amounts import cents, fine
from sandbox.lightspeed.errors import INVALID, ApiError
from sandbox.lightspeed.fields import Record
from sandbox.lightspeed.shop import Shop

Body = dict[str, Any]
Rule = Callable[[Shop, Record | None, Record, Body], Record]
"""(shop, record before or None at create, record after, body) -> record to store. May raise ApiError."""
After = Callable[[Shop, Record, Body], None]


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
    return after


def _variant_written(shop: Shop, record: Record, body: Body) -> None:
    if body.get("isDefault") and record.get("isDefault"):
        for other in shop.find("variants", "product", record["product"]):
            if other["id"] != record["id"] and other.get("isDefault"):
                shop.change("variants", other["id"], isDefault=False)
    if shop.switches["variant_touches_product"] and record.get("product"):
        shop.change("products", record["product"])


def _product(shop: Shop, before: Record | None, after: Record, body: Body) -> Record:  # noqa: ARG001 - see Rule
    after["isVisible"] = after.get("visibility", "hidden") != "hidden"
    return after


def _product_created(shop: Shop, record: Record, body: Body) -> None:  # noqa: ARG001 - see After
    language = shop.profile.language
    shop.add("variants", {"product": record["id"], "title": {language: "Default"}, "isDefault": True})


def _customer(shop: Shop, before: Record | None, after: Record, body: Body) -> Record:  # noqa: ARG001 - see Rule
    if "email" in body and shop.switches["unique_email"]:
        same = shop.find("customers", "email", after.get("email"))
        if any(one["id"] != after.get("id") and one.get("type") != "guest" for one in same):
            raise ApiError(400, INVALID)
    after.pop("password", None)
    return after


def _customer_created(shop: Shop, record: Record, body: Body) -> None:
    _mail(shop, "doNotifyRegistered", "customers", record, body, occasion=True)
    _mail(shop, "doNotifyConfirmed", "customers", record, body, occasion=bool(record.get("isConfirmed")))
    _mail(shop, "doNotifyPassword", "customers", record, body, occasion="password" in body)


def _customer_changed(shop: Shop, record: Record, body: Body) -> None:
    for flag in ("doNotifyRegistered", "doNotifyConfirmed", "doNotifyPassword"):
        _mail(shop, flag, "customers", record, body, occasion=flag == "doNotifyPassword" and "password" in body)


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
    _mail(shop, "doNotifyCancelled", "orders", record, body, occasion=wanted.get("status") == "cancelled")
    for flag in ("doNotifyNew", "doNotifyReminder"):
        _mail(shop, flag, "orders", record, body, occasion=False)


def _shipment_changed(shop: Shop, record: Record, body: Body) -> None:
    _mail(shop, "doNotifyShipped", "shipments", record, body, occasion=body.get("status") == "shipped")
    _mail(shop, "doNotifyTrackingCode", "shipments", record, body, occasion=bool(body.get("trackingCode")))
    _mail(shop, "doNotifyReadyForPickup", "shipments", record, body, occasion=False)
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
    _mail(shop, "doNotifyPaid", "invoices", record, body, occasion=body.get("status") == "paid")
    _mail(shop, "doNotifyNew", "invoices", record, body, occasion=False)


def _mail(shop: Shop, flag: str, path: str, record: Record, body: Body, *, occasion: bool) -> None:
    """A mail goes when the flag is true, and, to be on the strict side, when it was left out at an occasion for one."""
    if flag in body:
        if str(body[flag]).lower() in {"true", "1"}:
            shop.mail(flag, path, record["id"], "true")
    elif occasion:
        shop.mail(flag, path, record["id"], "left out")


def _category(shop: Shop, before: Record | None, after: Record, body: Body) -> Record:  # noqa: ARG001 - see Rule
    parent = shop.get("categories", after["parent"]) if after.get("parent") else None
    if after.get("parent") and parent is None:
        raise ApiError(400, INVALID)
    after["depth"] = parent.get("depth", 1) + 1 if parent else 1
    after["path"] = [str(after["id"]), *(parent.get("path") or [] if parent else [])]
    return after


BEFORE: dict[str, Rule] = {
    "variants": _variant,
    "products": _product,
    "customers": _customer,
    "orders": _order,
    "categories": _category,
}
CREATED: dict[str, After] = {
    "variants": _variant_written,
    "products": _product_created,
    "customers": _customer_created,
}
CHANGED: dict[str, After] = {
    "variants": _variant_written,
    "customers": _customer_changed,
    "orders": _order_changed,
    "shipments": _shipment_changed,
    "invoices": _invoice_changed,
}


def delete(shop: Shop, path: str, identity: int) -> None:
    """Delete a record with what the shop deletes beside it.

    Raises:
        ApiError: 404 unknown; 400 the last variant of a product.
    """
    record = shop.get(path, identity)
    if record is None:
        raise ApiError(404, "Not found.")
    if path == "variants":
        if len(shop.find("variants", "product", record.get("product"))) == 1:
            raise ApiError(400, INVALID)
        for line in shop.find("orders/{}/products", "variant", identity):
            shop.put("orders/{}/products", {**line, "variant": None})
    if path == "products":
        for variant in shop.find("variants", "product", identity):
            for line in shop.find("orders/{}/products", "variant", variant["id"]):
                shop.put("orders/{}/products", {**line, "variant": None})
            shop.delete("variants", variant["id"])
        for link in ("categories/products", "tags/products"):
            for row in shop.find(link, "product", identity):
                shop.delete(link, row["id"])
    shop.delete(path, identity)


def bulk(shop: Shop, items: list[Any], apply: Callable[[Record, Body], None]) -> None:
    """`PUT variants/bulk`: many variants in one call.

    Raises:
        ApiError: 400, too many, or a bad one where the switch says that one spoils all.
    """
    if len(items) > shop.switches["bulk_max"]:
        raise ApiError(400, INVALID)
    good = []
    for item in items:
        record = shop.get("variants", int(item["id"])) if isinstance(item, dict) and "id" in item else None
        if record is not None:
            good.append((record, item))
        elif shop.switches["bulk_bad_item"] == "all_or_nothing":
            raise ApiError(400, INVALID)
    for record, item in good:
        apply(record, item)


def credit(shop: Shop, identity: int, body: Body) -> Record:
    """`POST orders/{id}/credit`.

    Raises:
        ApiError: 404 unknown order; 400 unknown line or quantity.
    """
    if shop.get("orders", identity) is None:
        raise ApiError(404, "Not found.")
    try:
        record = orders.refund(shop, identity, body)
    except ValueError:
        raise ApiError(400, INVALID) from None
    notify = {"doNotifyNew": body["notifyNew"]} if "notifyNew" in body else {}
    _mail(shop, "doNotifyNew", "invoices", record, notify, occasion=True)
    return record
