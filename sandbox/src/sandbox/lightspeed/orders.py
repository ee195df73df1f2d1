"""The life of an order: placed, paid, edited, shipped, cancelled, refunded, with everything that hangs on it.

The status model is that of api reference §16 (assumed there). Each step is added to the order's history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.lightspeed import documents, world
from sandbox.lightspeed import plan as plans

if TYPE_CHECKING:
    from sandbox.lightspeed.amounts import Total
    from sandbox.lightspeed.fields import Record
    from sandbox.lightspeed.plan import Plan
    from sandbox.lightspeed.shop import Shop

ORDERS, LINES, INVOICES, SHIPMENTS = "orders", "orders/{}/products", "invoices", "shipments"


def place(shop: Shop, said: Mapping[str, Any]) -> Record:
    """Place an order as a shopper would.

    Args:
        shop: Where.
        said: The description, see `plan.KEYS`.

    Returns:
        The order's record.

    Raises:
        ValueError: the description can't be ordered.
    """
    plan = plans.make(shop, said)
    at = datetime.fromisoformat(said["placed"]) if said.get("placed") else shop.now()
    customer, is_new = _customer(shop, plan, at)
    sums = documents.totals(plan, shop.profile.basis)
    fields = documents.order_fields(plan, sums)
    order = shop.add(
        ORDERS,
        {
            "number": shop.next_number("order", shop.profile.order_prefix, shop.profile.first_order),
            **fields,
            "channel": said.get("channel", "main"),
            "remoteIp": "192.0.2.1" if said.get("channel", "main") == "main" else "",
            "userAgent": "Mozilla/5.0",
            "customer": customer,
            "isNewCustomer": is_new,
            "language": world.LANGUAGES[said.get("language", shop.profile.language)],
            "status": "processing_awaiting_pickup" if fields["shipmentIsPickup"] else "processing_awaiting_payment",
            "_said": dict(said),
            "_shifted": plan.shifted,
        },
        at,
    )
    identity = order["id"]
    _put_lines(shop, identity, plan, sums, ())
    quote = shop.add("quotes", {**documents.quote_fields(order, plan, sums), "_order": identity}, at)
    for one in zip(plan.lines, sums.lines, strict=True):
        shop.add("quotes/{}/products", {"_parent": quote["id"], **documents.quote_line(*one)}, at)
    order = shop.put(ORDERS, {**order, "quote": quote["id"]})
    _book_stock(shop, _planned(plan), -1, at)
    event(shop, at, identity, "order", "new", channel="manual" if said.get("channel") == "" else "auto")
    _add_invoice(shop, order, plan, sums, at)
    _add_shipment(shop, order, plan, at)
    _note(shop, identity, "placed", at)
    if (said.get("payment") or {}).get("paid") or not sums.incl:
        pay(shop, identity, at, comment="Total = 0" if not sums.incl else None)
    return shop.need(ORDERS, identity)


def pay(shop: Shop, identity: int, at: datetime | None = None, comment: str | None = None) -> Record:
    """The payment came in.

    Raises:
        ValueError: the order is cancelled.
    """
    at = at or shop.now()
    order = _open(shop, identity)
    if order.get("paymentStatus") == "paid":
        return order
    shop.change(ORDERS, identity, at, paymentStatus="paid", status=_status(order, paymentStatus="paid"))
    for invoice in shop.find(INVOICES, "order", identity):
        if invoice.get("status", "not_paid") == "not_paid":
            shop.change(INVOICES, invoice["id"], at, status="paid")
            event(shop, at, identity, "invoice", "paid", invoice=invoice["id"])
    event(shop, at, identity, "order", "paid", comment=comment)
    return _note(shop, identity, "paid", at)


def cancel(shop: Shop, identity: int) -> Record:
    """The order is off: all three statuses, its open invoices and shipments, and the stock comes back.

    Raises:
        ValueError: it was cancelled before.
    """
    order, at = _open(shop, identity), shop.now()
    three = dict.fromkeys(("status", "paymentStatus", "shipmentStatus"), "cancelled")
    shop.change(ORDERS, identity, at, **three)
    for path in (INVOICES, SHIPMENTS):
        for row in shop.find(path, "order", identity):
            shop.change(path, row["id"], at, status="cancelled")
    if order.get("_said"):
        _book_stock(shop, _ordered(shop, identity), 1, at)
    event(shop, at, identity, "order", "cancelled")
    return _note(shop, identity, "cancelled", at)


def edit(shop: Shop, identity: int, wish: Mapping[str, Any]) -> Record:
    """Change an order as shop staff do: other keys of its description, or its lines.

    Args:
        shop: Where.
        identity: The order.
        wish: Keys of a description (objects are merged, `lines` replaced), and beside them `add` (lines),
            `remove` (SKUs) and `quantities` (SKU -> quantity). Empty: one more of the first line.

    Raises:
        ValueError: it was not placed here, is cancelled, or the result can't be ordered.
    """
    order, at = _open(shop, identity), shop.now()
    if not order.get("_said"):
        raise ValueError(f"order {identity} was loaded, not placed: it can't be edited")
    said = _merged(order["_said"], wish)
    plan = plans.make(shop, said)
    sums = documents.totals(plan, shop.profile.basis)
    _book_stock(shop, _ordered(shop, identity), 1, at)
    _book_stock(shop, _planned(plan), -1, at)
    shop.change(ORDERS, identity, at, **documents.order_fields(plan, sums), _said=said, _shifted=plan.shifted)
    _put_lines(shop, identity, plan, sums, shop.find(LINES, "_parent", identity))
    for invoice in shop.find(INVOICES, "order", identity):
        if not invoice.get("isCreditNote"):
            shop.change(INVOICES, invoice["id"], at, priceExcl=sums.excl, priceIncl=sums.incl)
            _put_items(shop, invoice["id"], identity, plan, sums)
    for shipment in shop.find(SHIPMENTS, "order", identity):
        _put_parcel(shop, shipment["id"], plan)
        shop.change(SHIPMENTS, shipment["id"], at)
    event(shop, at, identity, "order", "updated", channel="manual")
    return _note(shop, identity, "edited", at)


def ship(shop: Shop, identity: int, tracking: str = "") -> Record:
    """Everything goes out of the door (or is fetched, when the order is a pick-up)."""
    at = shop.now()
    _open(shop, identity)
    for shipment in shop.find(SHIPMENTS, "order", identity):
        shop.change(SHIPMENTS, shipment["id"], at, status="shipped", trackingCode=tracking)
        event(shop, at, identity, "shipment", "shipped", shipment=shipment["id"])
    return _note(shop, identity, "shipped", at, moved=moved(shop, identity, at, shipmentStatus="shipped"))


def refund(shop: Shop, identity: int, wish: Mapping[str, Any]) -> Record:
    """Make a credit invoice as `POST orders/{id}/credit` and the back office do; lines keep their quantity.

    Args:
        shop: Where.
        identity: The order.
        wish: `orderProducts` [{id, quantity}], or `lines` [{sku, quantity}]; `creditShipment`, `creditPayment`,
            `updateStock` (default true). Without lines: one of the first line.

    Returns:
        The credit invoice.

    Raises:
        ValueError: unknown line, or more than was ordered.
    """
    order, at = shop.need(ORDERS, identity), shop.now()
    rows = shop.find(LINES, "_parent", identity)
    chosen = _chosen(rows, wish)
    invoices = [one for one in shop.find(INVOICES, "order", identity) if not one.get("isCreditNote")]
    excl = incl = Decimal(0)
    items = []
    for row, quantity in chosen:
        if quantity <= 0 or row.get("quantityRefunded", 0) + quantity > row.get("quantityOrdered", 1):
            raise ValueError(f"line {row['id']} has no {quantity} left to refund")
    for row, quantity in chosen:
        refunded = row.get("quantityRefunded", 0) + quantity
        shop.put(LINES, {**row, "quantityRefunded": refunded, "quantityReturned": refunded})
        bare, full = Decimal(row["priceExcl"]) * quantity, Decimal(row["priceIncl"]) * quantity
        excl, incl = excl - bare, incl - full
        items.append(documents.item("product", row["productTitle"], row, -quantity, (bare, full)))
        if wish.get("updateStock", True) and row.get("variant"):
            _move(shop, row["variant"], quantity, at)
    for key, kind in (("creditShipment", "shipment"), ("creditPayment", "payment")):
        if wish.get(key):
            bare, full = Decimal(order[f"{kind}PriceExcl"]), Decimal(order[f"{kind}PriceIncl"])
            excl, incl = excl - bare, incl - full
            items.append(
                documents.item(kind, order[f"{kind}Title"], {"taxRate": order[f"{kind}TaxRate"]}, -1, (bare, full))
            )
    credit = shop.add(
        INVOICES,
        {
            "number": shop.next_number("invoice", "INV"),
            "status": "paid",
            "isVatShifted": bool(order.get("_shifted")),
            "priceExcl": excl,
            "priceIncl": incl,
            "isCreditNote": True,
            "invoice": invoices[0]["id"] if invoices else None,
            "order": identity,
            "customer": order.get("customer"),
        },
        at,
    )
    for item in items:
        shop.add("invoices/{}/items", {**item, "_parent": credit["id"]}, at)
    if invoices:
        shop.change(INVOICES, invoices[0]["id"], at, creditNote=credit["id"])
    shop.change(ORDERS, identity, at)
    event(shop, at, identity, "invoice", "new", invoice=credit["id"])
    _note(shop, identity, "refunded", at, amount=incl)
    return credit


def moved(shop: Shop, identity: int, at: datetime | None = None, **statuses: Any) -> Record:
    """Set statuses and let the main status follow."""
    order = shop.need(ORDERS, identity)
    return shop.change(
        ORDERS, identity, at, **{**statuses, "status": statuses.get("status") or _status(order, **statuses)}
    )


def note(shop: Shop, identity: int, what: str) -> Record:
    """Add a step to the order's history without touching `updatedAt`."""
    return _note(shop, identity, what, shop.now())


def event(
    shop: Shop,
    at: datetime,
    order: int,
    kind: str,
    message: str,
    *,
    channel: str = "auto",
    comment: str | None = None,
    invoice: int | None = None,
    shipment: int | None = None,
) -> Record:
    """Add an order event."""
    what = {"type": kind, "message": message, "channel": channel, "comment": comment}
    return shop.add("orders/events", {**what, "order": order, "invoice": invoice, "shipment": shipment}, at)


def _status(order: Record, **new: Any) -> str:
    """The main status that follows from the other two."""
    now = {**order, **new}
    if now.get("status") in {"cancelled", "on_hold"} and "status" not in new:
        return str(now["status"])
    pickup = now.get("shipmentIsPickup")
    if now.get("shipmentStatus") == "shipped":
        return "completed_picked_up" if pickup else "completed_shipped"
    if pickup:
        ready = now.get("status") == "processing_ready_for_pickup" or new.get("ready")
        return "processing_ready_for_pickup" if ready else "processing_awaiting_pickup"
    return "processing_awaiting_shipment" if now.get("paymentStatus") == "paid" else "processing_awaiting_payment"


def _open(shop: Shop, identity: int) -> Record:
    order = shop.need(ORDERS, identity)
    if order.get("status") == "cancelled":
        raise ValueError(f"order {identity} is cancelled")
    return order


def _note(shop: Shop, identity: int, what: str, at: datetime, *, moved: Record | None = None, **more: Any) -> Record:
    order = moved or shop.need(ORDERS, identity)
    step = {
        "at": at,
        "what": what,
        "status": order.get("status"),
        "paymentStatus": order.get("paymentStatus", "not_paid"),
        "priceIncl": order.get("priceIncl", 0),
        **more,
    }
    return shop.put(ORDERS, {**order, "_history": [*order.get("_history", []), step]})


def _customer(shop: Shop, plan: Plan, at: datetime) -> tuple[int | None, bool]:
    """The customer of an order: the registered one with this e-mail, or a new record; and whether it is new."""
    said = dict(plan.said.get("customer") or {})
    guest = bool(said.pop("guest", False))
    if guest and shop.switches["guest_customer"] == "false":
        return None, True
    email = str(said.get("email", ""))
    if not guest and email:
        known = [one for one in shop.find("customers", "email", email) if one.get("type") != "guest"]
        if known:
            shop.change("customers", known[0]["id"], at, lastOnlineAt=at)
            return known[0]["id"], False
    record = shop.add(
        "customers",
        {
            **said,
            **plan.billing,
            **plan.shipping,
            "type": "guest" if guest else "registered",
            "isConfirmed": not guest,
            "language": world.LANGUAGES[plan.said.get("language", shop.profile.language)],
        },
        at,
    )
    return record["id"], True


def _put_lines(shop: Shop, identity: int, plan: Plan, sums: Total, before: Sequence[Record]) -> None:
    """Write an order's lines; a line with the same SKU as before keeps its id and what was refunded."""
    left = list(before)
    for line, one in zip(plan.lines, sums.lines, strict=True):
        fields = {**documents.line_fields(line, one), "_parent": identity}
        same = next((row for row in left if row.get("sku") == fields["sku"]), None)
        if same is None:
            shop.add(LINES, fields)
            continue
        left.remove(same)
        kept = {name: same.get(name, 0) for name in ("quantityRefunded", "quantityReturned")}
        shop.put(LINES, {**fields, **kept, "id": same["id"]})
    for row in left:
        shop.delete(LINES, row["id"])


def _add_invoice(shop: Shop, order: Record, plan: Plan, sums: Total, at: datetime) -> None:
    invoice = shop.add(
        INVOICES,
        {
            "number": shop.next_number("invoice", "INV"),
            "status": "not_paid",
            "isVatShifted": plan.shifted,
            "priceExcl": sums.excl,
            "priceIncl": sums.incl,
            "order": order["id"],
            "customer": order.get("customer"),
        },
        at,
    )
    _put_items(shop, invoice["id"], order["id"], plan, sums)
    event(shop, at, order["id"], "invoice", "new", invoice=invoice["id"])


def _put_items(shop: Shop, invoice: int, identity: int, plan: Plan, sums: Total) -> None:
    path = "invoices/{}/items"
    for row in shop.find(path, "_parent", invoice):
        shop.delete(path, row["id"])
    rows = shop.find(LINES, "_parent", identity)
    items = [
        documents.item(
            "product", row["productTitle"], row, row["quantityOrdered"], (row["priceExcl"], row["priceIncl"])
        )
        for row in rows
    ]
    for kind, cost in (("shipment", sums.shipment), ("payment", sums.payment)):
        if cost.incl:
            title = str((plan.said.get(kind) or {}).get("title", ""))
            items.append(documents.item(kind, title, {"taxRate": cost.rate}, 1, (cost.excl, cost.incl)))
    for item in items:
        shop.add(path, {**item, "_parent": invoice})


def _add_shipment(shop: Shop, order: Record, plan: Plan, at: datetime) -> None:
    number = shop.next_number("shipment", "SHIP")
    shipment = shop.add(SHIPMENTS, {"number": number, "order": order["id"], "customer": order.get("customer")}, at)
    _put_parcel(shop, shipment["id"], plan)
    event(shop, at, order["id"], "shipment", "new", shipment=shipment["id"])


def _put_parcel(shop: Shop, shipment: int, plan: Plan) -> None:
    path = "shipments/{}/products"
    for row in shop.find(path, "_parent", shipment):
        shop.delete(path, row["id"])
    for line in plan.lines:
        one = line.record
        shop.add(
            path,
            {
                "_parent": shipment,
                "quantity": line.charge.quantity,
                "title": one["productTitle"],
                "variant": one["variantTitle"],
                **{name: one[name] for name in ("articleCode", "ean", "sku")},
            },
        )


Pieces = Iterable[tuple[int | None, Decimal]]
"""Variants (None: a line without one) and how many of each."""


def _planned(plan: Plan) -> Pieces:
    return [(line.variant, line.charge.quantity) for line in plan.lines]


def _ordered(shop: Shop, identity: int) -> Pieces:
    """As the order's own lines say, also of variants that are deleted since."""
    return [(row.get("variant"), row["quantityOrdered"]) for row in shop.find(LINES, "_parent", identity)]


def _book_stock(shop: Shop, pieces: Pieces, sign: int, at: datetime) -> None:
    for variant, quantity in pieces:
        if variant is not None:
            _move(shop, variant, sign * quantity, at)


def _move(shop: Shop, identity: int, change: Decimal, at: datetime) -> None:
    """Book a change of stock: level, sold counter and a movement."""
    variant = shop.get("variants", identity)
    if variant is None or variant.get("stockTracking", "disabled") == "disabled":
        return
    delta = int(change)
    new = {
        **variant,
        "stockLevel": variant.get("stockLevel", 0) + delta,
        "stockSold": variant.get("stockSold", 0) - delta,
    }
    if shop.switches["stock_touches_variant"]:
        new["updatedAt"] = at
    shop.put("variants", new)
    shop.add(
        "variants/movements",
        {"channel": "order", "stockLevelChange": delta, "product": variant.get("product"), "variant": identity},
        at,
    )


def _merged(said: Mapping[str, Any], wish: Mapping[str, Any]) -> dict[str, Any]:
    lines = [dict(line) for line in wish.get("lines", said["lines"])]
    if not wish:
        lines[0]["quantity"] = int(lines[0].get("quantity", 1)) + 1
    removed, quantities = set(wish.get("remove", ())), wish.get("quantities", {})
    lines = [line for line in lines if line.get("sku") not in removed]
    for line in lines:
        if line.get("sku") in quantities:
            line["quantity"] = quantities[line["sku"]]
    merged = dict(said)
    for key, value in wish.items():
        if key in {"lines", "add", "remove", "quantities"}:
            continue
        old = merged.get(key)
        merged[key] = {**old, **value} if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return {**merged, "lines": [*lines, *wish.get("add", ())]}


def _chosen(rows: Sequence[Record], wish: Mapping[str, Any]) -> list[tuple[Record, Decimal]]:
    if "orderProducts" in wish:
        by_id = {row["id"]: row for row in rows}
        asked = [(by_id.get(int(one["id"])), one) for one in wish["orderProducts"]]
    elif "lines" in wish:
        asked = [(next((row for row in rows if row.get("sku") == one["sku"]), None), one) for one in wish["lines"]]
    else:
        asked = [(row, {"quantity": 1}) for row in rows[:1]]
    chosen = []
    for row, one in asked:
        if row is None:
            raise ValueError(f"the order has no line {one}")
        chosen.append((row, plans.number(one.get("quantity", 1), "quantity")))
    return chosen
