"""The resource table: every list of the API as a declaration. A new list is a new row in a table, not new code."""

from __future__ import annotations

from sandbox.lightspeed.resource import Resource, metafields
from sandbox.lightspeed.tables_catalogue import (
    ATTRIBUTES,
    BRANDS,
    CATEGORIES,
    CATEGORY_PRODUCTS,
    MOVEMENTS,
    PRODUCT_IMAGES,
    PRODUCTS,
    QUANTITY_DISCOUNTS,
    TAG_PRODUCTS,
    TAGS,
    TYPE_ATTRIBUTES,
    TYPES,
    VARIANTS,
)
from sandbox.lightspeed.tables_content import ALL as CONTENT
from sandbox.lightspeed.tables_goods import ALL as GOODS
from sandbox.lightspeed.tables_more import ALL as MORE
from sandbox.lightspeed.tables_orders import (
    CUSTOM_STATUSES,
    EVENTS,
    INVOICE_ITEMS,
    INVOICES,
    LINES,
    ORDERS,
    QUOTES,
    SHIPMENT_PRODUCTS,
    SHIPMENTS,
)
from sandbox.lightspeed.tables_shop import (
    COUNTRIES,
    CUSTOMERS,
    GROUP_CUSTOMERS,
    GROUPS,
    LANGUAGES,
    PAYMENT_METHODS,
    SHIPPING_METHODS,
    SHIPPING_VALUES,
    TAXES,
    WEBHOOKS,
)

__all__ = ["CHILDREN", "LINES", "ORDERS", "OWNERS", "RESOURCES", "VIEWS", "Resource"]

RESOURCES: dict[str, Resource] = {
    resource.path: resource
    for resource in (
        ORDERS,
        LINES,
        EVENTS,
        CUSTOM_STATUSES,
        INVOICES,
        INVOICE_ITEMS,
        SHIPMENTS,
        SHIPMENT_PRODUCTS,
        QUOTES,
        CUSTOMERS,
        GROUPS,
        GROUP_CUSTOMERS,
        PRODUCTS,
        VARIANTS,
        MOVEMENTS,
        BRANDS,
        CATEGORIES,
        CATEGORY_PRODUCTS,
        TAGS,
        TAG_PRODUCTS,
        ATTRIBUTES,
        TYPES,
        TYPE_ATTRIBUTES,
        PRODUCT_IMAGES,
        QUANTITY_DISCOUNTS,
        WEBHOOKS,
        TAXES,
        COUNTRIES,
        LANGUAGES,
        PAYMENT_METHODS,
        SHIPPING_METHODS,
        SHIPPING_VALUES,
        metafields("orders", "order", "orders"),
        metafields("invoices", "invoice", "orders"),
        metafields("shipments", "shipment", "orders"),
        metafields("customers", "customer", "customers"),
        metafields("products", "product", "products"),
        metafields("variants", "variant", "products"),
        # The order is kept: ids follow from it. New ones come last.
        *GOODS,
        *CONTENT,
        *MORE,
    )
}

CHILDREN: dict[str, tuple[Resource, ...]] = {
    path: tuple(one for one in RESOURCES.values() if one.parent == path and not one.stored) for path in RESOURCES
}
"""What hangs under the records of a path."""

VIEWS: dict[str, tuple[str, ...]] = {
    path: tuple(one.path for one in RESOURCES.values() if one.stored == path) for path in RESOURCES
}
"""The lists that show the rows of a path's table under another name."""

OWNERS: dict[str, Resource] = {
    one.one.removesuffix("Metafield"): one for one in RESOURCES.values() if one.one.endswith("Metafield")
}
"""The metafields of each kind of owner, by the name of the owner ("product")."""
