"""Orders: listed by id, then read one by one, because only that answer holds lines, customer, invoices and shipments.

Fields after 50 recorded orders and a recorded webhook body.
"""

from __future__ import annotations

import logging
from decimal import Decimal
from itertools import product
from typing import TYPE_CHECKING, Any

from lightspeed_ecom import NotFound
from tap_lightspeed.resource import Resource, Row
from tap_lightspeed.resources import customers
from tap_lightspeed.schema import (
    Schema,
    address,
    array,
    booleans,
    instant,
    instants,
    integer,
    language,
    number,
    numbers,
    record,
    reference,
    region,
    stream,
    tax_rates,
    text,
    texts,
)

if TYPE_CHECKING:
    from lightspeed_ecom import Lightspeed
    from tap_lightspeed.convert import Shape
    from tap_lightspeed.settings import Settings

logger = logging.getLogger("tap-lightspeed")

SUSPICIOUS_LENGTHS = (50, 250)
"""Default and largest page: an embedded list of exactly this length may be cut off (unknown in the reference)."""

_TOLERANCE = Decimal("0.05")
_PER_LINE = Decimal("0.01")


def _line() -> Schema:
    return record(
        id=integer(),
        **texts("supplierTitle", "brandTitle", "productTitle", "variantTitle", "articleCode", "ean", "sku"),
        **numbers("taxRate"),
        taxRates=tax_rates(),
        **numbers("quantityOrdered", "quantityInvoiced", "quantityShipped", "quantityRefunded", "quantityReturned"),
        **numbers("weight", "volume", "colli", "sizeX", "sizeY", "sizeZ", "priceCost", "customExcl", "customIncl"),
        **numbers("basePriceExcl", "basePriceIncl", "priceExcl", "priceIncl", "discountExcl", "discountIncl"),
        customFields=array({}),
        product=reference(),
        variant=reference(),
    )


def _invoice() -> Schema:
    return record(
        id=integer(),
        **instants("createdAt", "updatedAt"),
        **texts("number", "status"),
        **booleans("isVatShifted", "doNotifyNew", "doNotifyPaid", "isCreditNote"),
        **numbers("priceExcl", "priceIncl"),
        invoice=reference(),
        creditNote=reference(),
        order=reference(),
        customer=reference(),
    )


def _shipment() -> Schema:
    return record(
        id=integer(),
        **instants("createdAt", "updatedAt"),
        **texts("number", "status", "trackingCode"),
        **booleans("doNotifyShipped", "doNotifyTrackingCode", "doNotifyReadyForPickup"),
        **numbers("totalWeight", "totalSizeX", "totalSizeY", "totalSizeZ"),
        customer=reference(),
        order=reference(),
    )


def _event() -> Schema:
    return record(
        id=integer(),
        createdAt=instant(),
        **texts("channel", "type", "message", "comment"),
        order=reference(),
        invoice=reference(),
        shipment=reference(),
    )


def _priced(kind: str, *more: str) -> dict[str, Schema]:
    """The amounts of the payment or shipment of an order, each excl. and incl. VAT."""
    names = (f"{kind}{base}{vat}" for base, vat in product(("BasePrice", "Price", *more), ("Excl", "Incl")))
    return {f"{kind}TaxRate": number(), f"{kind}TaxRates": tax_rates(), **numbers(*names)}


SCHEMA = stream(
    **instants("createdAt", "updatedAt"),
    **texts("number", "status"),
    customStatusId=integer(),
    **texts("channel", "remoteIp", "userAgent", "referralId"),
    **numbers("priceCost", "priceExcl", "priceIncl", "weight", "volume", "colli"),
    **texts("gender", "birthDate", "nationalId", "email", "firstname", "middlename", "lastname", "phone", "mobile"),
    **booleans("newsletterSubscribed", "isCompany"),
    **texts("companyName", "companyCoCNumber", "companyVatNumber"),
    **address("Billing"),
    addressBillingRegionData=region(),
    addressShippingCompany=text(),
    **address("Shipping"),
    addressShippingRegionData=region(),
    **texts("paymentId", "paymentStatus", "paymentTitle"),
    **booleans("paymentIsPost", "paymentIsInvoiceExternal"),
    **_priced("payment"),
    paymentData=record(),
    **texts("shipmentId", "shipmentStatus", "shipmentTitle"),
    **booleans("shipmentIsCashOnDelivery", "shipmentIsPickup"),
    **_priced("shipment", "Discount"),
    shipmentData=record(),
    **texts("shippingDate", "deliveryDate"),
    **booleans("isDiscounted"),
    **texts("discountType", "discountCouponCode"),
    **numbers("discountAmount", "discountPercentage"),
    taxRates=tax_rates(),
    **booleans("isNewCustomer"),
    **texts("comment", "memo"),
    **booleans("allowNotifications", "doNotifyNew", "doNotifyReminder", "doNotifyCancelled"),
    language=language(),
    customer=customers.embedded(),
    invoices=array(_invoice()),
    shipments=array(_shipment()),
    products=array(_line()),
    metafields=array(record(id=integer(), **instants("createdAt", "updatedAt"), **texts("key", "value"))),
    quote=record(id=integer(), **instants("createdAt", "updatedAt", "recalculatedAt")),
    events=array(_event()),
    giftCardsPayment=array({}),
)


def wanted(order: Row, settings: Settings) -> bool:
    """Return whether an order passes the filter of the settings.

    A cancelled order always passes: what was sent before must be able to react. An order that doesn't pass yet (not
    paid, another custom status) changes when it does, and is seen then.
    """
    if order.get("status") == "cancelled":
        return True
    if order.get("status") in settings.statuses_excluded:
        return False
    if settings.custom_statuses and order.get("customStatusId") not in settings.custom_statuses:
        return False
    if settings.channels and (order.get("channel") or "") not in settings.channels:
        return False
    if not settings.payment_statuses or order.get("paymentStatus") in settings.payment_statuses:
        return True
    afterwards = order.get("paymentIsPost") is True or order.get("paymentIsInvoiceExternal") is True
    return settings.include_post_payment and afterwards


def adds_up(order: Row) -> bool:
    """Return whether the order's lines explain its price of goods, under one of the readings of ``priceExcl``.

    Goods excl. VAT after discount = ``priceExcl`` - ``shipmentPriceExcl`` - ``paymentPriceExcl`` (so in every recorded
    order). Whether a line's price is per unit or for the line is unknown, and so is the VAT basis of an order discount.
    """
    amounts = [_amount(order.get(name)) for name in ("priceExcl", "shipmentPriceExcl", "paymentPriceExcl")]
    lines: list[Row] = order.get("products") or []
    if any(amount is None for amount in amounts):
        return True
    total, shipment, payment = (amount or Decimal(0) for amount in amounts)
    goods, off = total - shipment - payment, _amount(order.get("discountAmount")) or Decimal(0)
    slack = _TOLERANCE + _PER_LINE * len(lines)
    for name in ("priceExcl", "basePriceExcl"):
        for units in (False, True):
            once = sum(
                (
                    (_amount(line.get(name)) or Decimal(0))
                    * ((_amount(line.get("quantityOrdered")) or Decimal(0)) if units else 1)
                    for line in lines
                ),
                Decimal(0),
            )
            if once - off - slack <= goods <= once + slack:
                return True
    return False


def _amount(value: Any) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def complete(shop: Lightspeed, order: Row, shape: Shape) -> Row:
    """Return the order with all its lines; they are read page by page where the embedded ones may be cut off."""
    lines = order.get("products")
    if isinstance(lines, list) and len(lines) not in SUSPICIOUS_LENGTHS and adds_up(order):
        return order
    try:
        rows = shop.list(f"orders/{order['id']}/products", regular=shape.part("products").record)
        read = {line.get("id"): line for page in rows for line in page}
    except NotFound:
        logger.warning("orders: the lines of order %s can't be read apart; its embedded ones are sent", order["id"])
        return order
    if not isinstance(lines, list) or len(read) >= len(lines):
        order["products"] = list(read.values())
    return order


ORDERS = Resource(
    name="orders",
    path="orders",
    schema=SCHEMA,
    listed=(
        "id",
        "updatedAt",
        "createdAt",
        "number",
        "status",
        "customStatusId",
        "channel",
        "paymentStatus",
        "paymentIsPost",
        "paymentIsInvoiceExternal",
    ),
    start_setting="start_date",
    cut_over=True,
    wanted=wanted,
    complete=complete,
)
