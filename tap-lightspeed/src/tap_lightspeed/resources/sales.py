"""What belongs to orders: lines, invoices, shipments, returns, quotes, checkouts."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from tap_lightspeed.resources._make import child, listed, metafields
from tap_lightspeed.resources.orders import ORDERS
from tap_lightspeed.schema import (
    anything,
    array,
    booleans,
    country,
    instant,
    instants,
    integer,
    integers,
    language,
    number,
    numbers,
    record,
    reference,
    references,
    stamps,
    text,
    texts,
)

if TYPE_CHECKING:
    from tap_lightspeed.resource import Row
    from tap_lightspeed.schema import Schema


def _embedded(name: str) -> dict[str, Schema]:
    """The fields of what is embedded in an order, without the id."""
    fields: dict[str, Schema] = ORDERS.schema["properties"][name]["items"]["properties"]
    return {key: one for key, one in fields.items() if key != "id"}


def _both(*names: str) -> dict[str, Schema]:
    return numbers(*(f"{name}{vat}" for name, vat in product(names, ("Excl", "Incl"))))


def _lines(order: Row) -> list[Row]:
    return order.get("products") or []


def _metafields(order: Row) -> list[Row] | None:
    value = order.get("metafields")
    return value if isinstance(value, list) else None


ORDER_LINES = child(
    "orders/{}/products",
    "Lines of an order, taken out of the order: one call per changed order, shared with `orders`.",
    _embedded("products"),
    ORDERS,
    _lines,
)
ORDER_METAFIELDS = child(
    "orders/{}/metafields",
    "Metafields of an order, taken out of the order: one call per changed order, shared with `orders`.",
    _embedded("metafields"),
    ORDERS,
    _metafields,
)
CUSTOM_STATUSES = listed(
    "orders/customstatuses", "A status of your own for orders.", stamps() | texts("title", "color")
)
ORDER_EVENTS = listed(
    "orders/events", "What happened to an order, invoice or shipment.", _embedded("events"), changes="createdAt"
)
INVOICES = listed("invoices", "An invoice or a credit note.", _embedded("invoices"))
INVOICE_ITEMS = child(
    "invoices/{}/items",
    "Lines of an invoice.",
    {
        **texts("type", "title", "variant"),
        "orderProductId": integer(),
        **texts("articleCode", "ean", "sku"),
        "taxRate": number(),
        **_both("basePrice", "price", "discount"),
        "quantity": number(),
    },
    INVOICES,
)
SHIPMENTS = listed("shipments", "A shipment of an order.", _embedded("shipments"))
SHIPMENT_PRODUCTS = child(
    "shipments/{}/products",
    "What a shipment holds.",
    {"quantity": number(), **texts("title", "variant", "articleCode", "ean", "sku"), "customData": anything()},
    SHIPMENTS,
)
RETURNS = listed(
    "returns",
    "A return.",
    {
        **stamps(),
        **integers("customerId", "orderId"),
        "status": text(),
        **numbers("numProducts", "priceExcl", "priceIncl"),
        **booleans("isStockAdjusted"),
        **texts("returnReason", "returnAction", "customerComment", "staffNote", "mailMessage"),
        **booleans("notifyStatus"),
        "orderProducts": array(record(id=integer(), quantity=number())),
    },
)

QUOTES = listed(
    "quotes",
    "A cart or an offer.",
    {
        **instants("createdAt", "updatedAt", "recalculatedAt"),
        **booleans("isLocked"),
        **texts("channel", "recoveryHash", "remoteIp", "userAgent", "referralId"),
        **numbers("weight", "volume", "colli"),
        "paymentCountry": country(),
        "shipmentCountry": country(),
        "shipmentZipcode": text(),
        **booleans("shipmentSameAddress"),
        "priceCost": number(),
        **_both("price", "discount"),
        **numbers("productsCount", "productsQuantity"),
        **booleans("shipmentIsSet"),
        "shipmentId": text(),
        **booleans("shipmentIsVirtual", "shipmentIsCashOnDelivery", "shipmentIsServicePoint", "shipmentIsPickup"),
        **numbers("shipmentDiscountPercentage", "shipmentTaxRate", "shipmentPriceTax"),
        **_both("shipmentBasePrice", "shipmentPrice", "shipmentDiscount"),
        "shipmentTitle": text(),
        "shipmentData": record(),
        **booleans("paymentIsSet"),
        "paymentId": text(),
        **booleans("paymentIsPost", "paymentIsInvoiceExternal"),
        # Not a map as in an order, but its JSON as text (recorded).
        "paymentData": text(),
        **numbers("paymentTaxRate", "paymentPriceTax"),
        **_both("paymentBasePrice", "paymentPrice", "additionalCost"),
        "paymentTitle": text(),
        **booleans("discountIsSet"),
        "discountId": integer(),
        "discountType": text(),
        **numbers("discountAmount", "discountPercentage", "discountMinimumAmount"),
        **texts("discountShipment", "discountCouponCode", "comment"),
        **booleans("allowNotifications"),
        "customer": reference(),
        "language": language(),
    },
)
QUOTE_PRODUCTS = child(
    "quotes/{}/products",
    "Lines of a quote.",
    {
        **stamps(),
        **booleans("isCustom"),
        "customFields": array({}),
        **numbers("baseWeight", "baseVolume", "baseColli", "basePriceCost", "weight", "volume", "colli", "quantity"),
        **booleans("hasDiscount"),
        **numbers("discountPercentage", "taxRate", "priceCost", "priceTax"),
        **_both("basePrice", "price", "discount", "additionalCost", "baseAdditionalCost"),
        **references("product", "variant"),
    },
    QUOTES,
)
QUOTE_PAYMENT_METHODS = child(
    "quotes/{}/paymentmethods",
    "Payment methods that a quote may use.",
    {"title": text(), **_both("price")},
    QUOTES,
    text_id=True,
)
QUOTE_SHIPPING_METHODS = child(
    "quotes/{}/shippingmethods",
    "Shipping methods that a quote may use.",
    {
        "type": text(),
        "freeAbove": number(),
        **texts("title", "description"),
        **_both("price"),
        "tax": reference(),
    },
    QUOTES,
    text_id=True,
)

_AMOUNTS = ("price_excl", "price_incl")
_BASE_AMOUNTS = ("base_price_excl", "base_price_incl")
CHECKOUTS = listed(
    "checkouts",
    "A checkout; its fields have their own style. Read whole, because no filter on its changes is known.",
    {
        **instants("created_at", "updated_at"),
        "order_id": integer(),
        **texts("theme", "step", "mode"),
        "info": anything(),
        "customer": record(),
        "billing_address": record(),
        "shipping_address": record(),
        "quote": anything(),
        "gift_cards": array({}),
        "shipment_method": record(
            **texts("id", "title"),
            **numbers("tax_rate", *_AMOUNTS, *_BASE_AMOUNTS),
            **booleans("is_service_point"),
            discount=anything(),
            data=anything(),
        ),
        "payment_method": record(
            **texts("id", "method"),
            **booleans("post_payment", "invoice_external"),
            title=text(),
            **numbers("tax_rate", *_AMOUNTS),
            data=anything(),
        ),
        "discount": anything(),
        **texts("discount_code", "comment"),
        **booleans("newsletter", "terms", "notifications"),
        "memo": text(),
        "products": array({}),
    },
    changes=None,
    selected=False,
)
CHECKOUT_PRODUCTS = child(
    "checkouts/{}/products",
    "Lines of a checkout.",
    {
        **integers("cart_id", "product_id", "variant_id"),
        **booleans("is_custom"),
        "custom_data": anything(),
        "quantity": number(),
        **booleans("has_discount"),
        **numbers("discount_percentage", "tax_rate", *_BASE_AMOUNTS, "base_price_cost", *_AMOUNTS),
        **numbers("price_cost", "price_tax", "discount_excl", "discount_incl"),
        **texts("title", "fulltitle", "variant", "brand_name", "article_code", "ean", "sku"),
        "image_id": integer(),
        **texts("image_thumb", "image_src", "url"),
        **booleans("stock_available", "stock_on_stock"),
        "stock_level": number(),
    },
    CHECKOUTS,
)
CHECKOUT_PAYMENT_METHODS = child(
    "checkouts/{}/payment_methods",
    "Payment methods that a checkout may use.",
    {
        "method": text(),
        **booleans("post_payment", "invoice_external"),
        "title": text(),
        **numbers("tax_rate", *_AMOUNTS),
        "data": anything(),
    },
    CHECKOUTS,
    text_id=True,
)
CHECKOUT_SHIPMENT_METHODS = child(
    "checkouts/{}/shipment_methods",
    "Shipment methods that a checkout may use.",
    {
        "title": text(),
        **numbers("tax_rate", *_AMOUNTS, *_BASE_AMOUNTS),
        **booleans("is_service_point"),
        "discount": anything(),
        "data": anything(),
    },
    CHECKOUTS,
    text_id=True,
)
CHECKOUT_VALIDATE = child(
    "checkouts/{}/validate",
    "Whether a checkout can become an order, and what is wrong with it.",
    {**booleans("validated"), "errors": record()},
    CHECKOUTS,
)

ALL = (
    ORDER_LINES,
    ORDER_METAFIELDS,
    CUSTOM_STATUSES,
    ORDER_EVENTS,
    INVOICES,
    INVOICE_ITEMS,
    metafields(INVOICES, "an invoice"),
    SHIPMENTS,
    SHIPMENT_PRODUCTS,
    metafields(SHIPMENTS, "a shipment"),
    RETURNS,
    QUOTES,
    QUOTE_PRODUCTS,
    QUOTE_PAYMENT_METHODS,
    QUOTE_SHIPPING_METHODS,
    CHECKOUTS,
    CHECKOUT_PRODUCTS,
    CHECKOUT_PAYMENT_METHODS,
    CHECKOUT_SHIPMENT_METHODS,
    CHECKOUT_VALIDATE,
    listed(
        "events",
        "The shop's log.",
        {"createdAt": instant(), **_embedded("events")},
        changes="createdAt",
    ),
)
"""The streams of this module."""
