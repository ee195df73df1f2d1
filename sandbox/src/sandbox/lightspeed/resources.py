"""The resource table: every list of the API as a declaration. A new list is a new row here, not new code.

Field order is the order of the recorded answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.lightspeed.fields import (
    Alias,
    Bool,
    Choice,
    Country,
    Field,
    Instant,
    Language,
    Many,
    Map,
    Number,
    Plain,
    Ref,
    Text,
    Words,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

STATUSES = (
    "on_hold",
    "processing_awaiting_payment",
    "processing_awaiting_shipment",
    "processing_awaiting_pickup",
    "processing_ready_for_pickup",
    "completed",
    "completed_shipped",
    "completed_picked_up",
    "cancelled",
)
PAYMENT_STATUSES = ("not_paid", "partially_paid", "paid", "cancelled")
SHIPMENT_STATUSES = ("not_shipped", "partially_shipped", "shipped", "cancelled")


@dataclass(frozen=True, slots=True)
class Resource:
    """One list of the API.

    Attributes:
        path: "orders", "groups/customers", "orders/{}/products" ({} = the parent's id).
        many: Envelope of the list. one: envelope of one record and of writes, unless `write` says otherwise.
        verbs: L list, N count, G get one, C create, U update, D delete.
        fields: In the order of the answer.
        group: Permission group.
        filters: Query parameter -> field.
        required: Fields without which a create is refused.
        parent: Path of the resource that a sub-list hangs under.
        index: Fields that lists are often filtered by.
        created: Envelope of the answer to a POST, where it differs.
    """

    path: str
    many: str
    one: str
    verbs: str
    fields: tuple[Field, ...]
    group: str
    filters: Mapping[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    parent: str = ""
    index: tuple[str, ...] = ()
    created: str = ""

    @property
    def named(self) -> dict[str, Field]:
        """Fields by name."""
        return {one.name: one for one in self.fields}

    @property
    def stamped(self) -> bool:
        """True when its records have `updatedAt`."""
        return any(one.name == "updatedAt" for one in self.fields)


def _id(*, created: bool = True, updated: bool = True) -> tuple[Field, ...]:
    stamps = (Instant("createdAt"), Instant("updatedAt"))
    return (Field("id"), *stamps[: int(created) + int(created and updated)])


def _address(kind: str, write: str) -> tuple[Field, ...]:
    parts = ("Name", "Street", "Street2", "Number", "Extension", "Zipcode", "City", "Region")
    return (
        *(Words(f"address{kind}{part}", "", write) for part in parts),
        Country(f"address{kind}Country", False, write),
    )


def _person(write: str) -> tuple[Field, ...]:
    return (
        Field("gender", False, write),
        Field("birthDate", False, write),
        *(Words(name, "", write) for name in ("nationalId", "email", "firstname", "middlename", "lastname")),
        Words("phone", "", write),
        Words("mobile", "", write),
    )


def _company(write: str) -> tuple[Field, ...]:
    return (
        Bool("isCompany", False, write),
        *(Words(name, "", write) for name in ("companyName", "companyCoCNumber", "companyVatNumber")),
    )


def _region(kind: str) -> Field:
    return Map(f"address{kind}RegionData")


def _prices(*names: str) -> tuple[Field, ...]:
    return tuple(Number(f"{name}{basis}", 0) for name in names for basis in ("Excl", "Incl"))


ORDERS = Resource(
    "orders",
    "orders",
    "order",
    "LNGU",
    (
        *_id(),
        Words("number", ""),
        Choice("status", "processing_awaiting_payment", "rw", values=STATUSES),
        Field("customStatusId"),
        Words("channel", "main"),
        Words("remoteIp", ""),
        Words("userAgent", ""),
        Field("referralId", False),
        Number("priceCost", 0),
        Number("priceExcl", 0),
        Number("priceIncl", 0),
        Number("weight", 0),
        Number("volume", 0),
        Number("colli", 0),
        *_person("r"),
        Bool("newsletterSubscribed", False),
        *_company("r"),
        *_address("Billing", "r"),
        _region("Billing"),
        Field("addressShippingCompany", False),
        *_address("Shipping", "r"),
        _region("Shipping"),
        Words("paymentId", ""),
        Choice("paymentStatus", "not_paid", "rw", values=PAYMENT_STATUSES),
        Bool("paymentIsPost", False),
        Bool("paymentIsInvoiceExternal", False),
        Number("paymentTaxRate", 0),
        Map("paymentTaxRates"),
        *_prices("paymentBasePrice", "paymentPrice"),
        Words("paymentTitle", ""),
        Map("paymentData"),
        Words("shipmentId", ""),
        Choice("shipmentStatus", "not_shipped", "rw", values=SHIPMENT_STATUSES),
        Bool("shipmentIsCashOnDelivery", False),
        Bool("shipmentIsPickup", False),
        Number("shipmentTaxRate", 0),
        Map("shipmentTaxRates"),
        *_prices("shipmentBasePrice", "shipmentPrice", "shipmentDiscount"),
        Words("shipmentTitle", ""),
        Map("shipmentData"),
        Field("shippingDate"),
        Field("deliveryDate"),
        Bool("isDiscounted", False),
        Words("discountType", "amount"),
        Number("discountAmount", 0),
        Number("discountPercentage", 0),
        Words("discountCouponCode", ""),
        Map("taxRates"),
        Bool("isNewCustomer", False),
        Words("comment", ""),
        Words("memo", "", "rw"),
        Bool("allowNotifications", False),
        Bool("doNotifyNew", False, "rw"),
        Bool("doNotifyReminder", False, "rw"),
        Bool("doNotifyCancelled", False, "rw"),
        Language("language", False),
        Ref("customer", target="customers"),
        Many("invoices", url="invoices?order={id}"),
        Many("shipments", url="shipments?order={id}"),
        Many("products", url="orders/{id}/products"),
        Many("metafields", url="orders/{id}/metafields"),
        Ref("quote", target="quotes"),
        Many("events", url="orders/events?order={id}"),
        Map("giftCardsPayment"),
        Alias("customStatus", target="customStatusId"),
        Bool("isReadyForPickup", False, "w"),
    ),
    "orders",
    {"customer": "customer", "number": "number", "status": "status", "paymentStatus": "paymentStatus"},
    index=("customer", "number"),
)

LINES = Resource(
    "orders/{}/products",
    "orderProducts",
    "orderProduct",
    "LNG",
    (
        Field("id"),
        *(Words(name, "") for name in ("supplierTitle", "brandTitle", "productTitle", "variantTitle")),
        Number("taxRate", 0),
        Map("taxRates"),
        *(
            Number(f"quantity{name}", default)
            for name, default in (("Ordered", 1), ("Invoiced", 0), ("Shipped", 0), ("Refunded", 0), ("Returned", 0))
        ),
        *(Words(name, "") for name in ("articleCode", "ean", "sku")),
        *(Number(name, 0) for name in ("weight", "volume", "colli", "sizeX", "sizeY", "sizeZ", "priceCost")),
        *_prices("custom", "basePrice", "price", "discount"),
        Field("customFields", False),
        Ref("product", target="products"),
        Ref("variant", target="variants"),
    ),
    "orders",
    parent="orders",
    index=("_parent", "variant"),
)

EVENTS = Resource(
    "orders/events",
    "ordersEvents",
    "ordersEvent",
    "LNG",
    (
        *_id(updated=False),
        *(Words(name, "") for name in ("channel", "type", "message")),
        Field("comment"),
        Ref("order", target="orders"),
        Ref("invoice", target="invoices"),
        Ref("shipment", target="shipments"),
    ),
    "orders",
    {"order": "order", "invoice": "invoice", "shipment": "shipment"},
    index=("order",),
)

CUSTOM_STATUSES = Resource(
    "orders/customstatuses",
    "customStatuses",
    "customStatus",
    "LNGCUD",
    (*_id(), Words("title", "", "rw"), Words("color", "#000000", "rw")),
    "orders",
    required=("title",),
)

INVOICES = Resource(
    "invoices",
    "invoices",
    "invoice",
    "LNGU",
    (
        *_id(),
        Words("number", ""),
        Choice("status", "not_paid", "rw", values=PAYMENT_STATUSES),
        Bool("isVatShifted", False),
        Number("priceExcl", 0),
        Number("priceIncl", 0),
        Bool("doNotifyNew", False, "rw"),
        Bool("doNotifyPaid", False, "rw"),
        Ref("invoice", target="invoices"),
        Bool("isCreditNote", False),
        Ref("creditNote", target="invoices"),
        Ref("order", target="orders"),
        Ref("customer", target="customers"),
        Many("items", url="invoices/{id}/items"),
        Many("metafields", url="invoices/{id}/metafields"),
        Many("events", url="orders/events?invoice={id}"),
    ),
    "orders",
    {"customer": "customer", "order": "order", "number": "number"},
    index=("order", "customer"),
)

INVOICE_ITEMS = Resource(
    "invoices/{}/items",
    "invoiceItems",
    "invoiceItem",
    "LNG",
    (
        Field("id"),
        *(Words(name, "") for name in ("type", "title", "variant")),
        Field("orderProductId"),
        *(Words(name, "") for name in ("articleCode", "ean", "sku")),
        Number("taxRate", 0),
        *_prices("basePrice", "price", "discount"),
        Number("quantity", 1),
    ),
    "orders",
    parent="invoices",
    index=("_parent",),
)

SHIPMENTS = Resource(
    "shipments",
    "shipments",
    "shipment",
    "LNGU",
    (
        *_id(),
        Words("number", ""),
        Choice("status", "not_shipped", "rw", values=("not_shipped", "shipped", "cancelled")),
        Words("trackingCode", "", "rw"),
        Bool("doNotifyShipped", False, "rw"),
        Bool("doNotifyReadyForPickup", False, "rw"),
        Bool("doNotifyTrackingCode", False, "rw"),
        Ref("customer", target="customers"),
        Ref("order", target="orders"),
        Many("products", url="shipments/{id}/products"),
        Many("metafields", url="shipments/{id}/metafields"),
        Many("events", url="orders/events?shipment={id}"),
    ),
    "orders",
    {"customer": "customer", "order": "order", "number": "number"},
    index=("order", "customer"),
)

SHIPMENT_PRODUCTS = Resource(
    "shipments/{}/products",
    "shipmentProducts",
    "shipmentProduct",
    "LNG",
    (
        Field("id"),
        Number("quantity", 1),
        *(Words(name, "") for name in ("title", "variant", "articleCode", "ean", "sku")),
        Map("customData"),
    ),
    "orders",
    parent="shipments",
    index=("_parent",),
)

QUOTES = Resource(
    "quotes",
    "quotes",
    "quote",
    "LNG",
    (
        *_id(),
        Instant("recalculatedAt"),
        Bool("isLocked", False),
        *(Words(name, "") for name in ("channel", "recoveryHash", "remoteIp", "userAgent")),
        Field("referralId", False),
        *(Number(name, 0) for name in ("weight", "volume", "colli")),
        Country("paymentCountry", False),
        Country("shipmentCountry", False),
        Words("shipmentZipcode", ""),
        Bool("shipmentSameAddress", True),
        Number("priceCost", 0),
        *_prices("price", "discount"),
        Number("productsCount", 0),
        Number("productsQuantity", 0),
        Bool("shipmentIsSet", True),
        Words("shipmentId", ""),
        Bool("shipmentIsVirtual", False),
        Bool("shipmentIsCashOnDelivery", False),
        Number("shipmentDiscountPercentage", 0),
        Bool("shipmentIsServicePoint", False),
        Bool("shipmentIsPickup", False),
        Number("shipmentTaxRate", 0),
        *_prices("shipmentBasePrice"),
        Number("shipmentPriceTax", 0),
        *_prices("shipmentPrice", "shipmentDiscount"),
        Words("shipmentTitle", ""),
        Map("shipmentData"),
        Bool("paymentIsSet", True),
        Words("paymentId", ""),
        Bool("paymentIsPost", False),
        Bool("paymentIsInvoiceExternal", False),
        Words("paymentData", "[]"),
        Number("paymentTaxRate", 0),
        *_prices("paymentBasePrice"),
        Number("paymentPriceTax", 0),
        *_prices("paymentPrice"),
        Words("additionalCostIncl", "0.0000"),
        Words("additionalCostExcl", "0.0000"),
        Words("paymentTitle", ""),
        Bool("discountIsSet", False),
        Number("discountId", 0),
        Words("discountType", "amount"),
        Number("discountAmount", 0),
        Number("discountPercentage", 0),
        Words("discountShipment", "default"),
        Words("discountMinimumAmount", "0.00"),
        Words("discountCouponCode", ""),
        Words("comment", ""),
        Bool("allowNotifications", False),
        Ref("customer", target="customers"),
        Language("language", False),
        Many("products", url="quotes/{id}/products"),
        Many("shippingmethods", url="quotes/{id}/shippingmethods"),
        Many("paymentmethods", url="quotes/{id}/paymentmethods"),
    ),
    "orders",
    {"customer": "customer"},
)

CUSTOMERS = Resource(
    "customers",
    "customers",
    "customer",
    "LNGCUD",
    (
        *_id(),
        Bool("isConfirmed", False, "rw"),
        Words("type", "registered"),
        Instant("lastOnlineAt"),
        Field("remoteIp", False),
        Field("userAgent", False),
        Field("referralId", False),
        *_person("rw"),
        *_company("rw"),
        *_address("Billing", "rw"),
        Field("addressShippingCompany", False, "rw"),
        *_address("Shipping", "rw"),
        Field("memo", None, "rw"),
        Bool("doNotifyRegistered", False, "rw"),
        Bool("doNotifyConfirmed", False, "rw"),
        Bool("doNotifyPassword", False, "rw"),
        Many("groups", url="groups/customers?customer={id}"),
        Many("invoices", url="invoices?customer={id}"),
        Language("language", False, "rw"),
        Many("orders", url="orders?customer={id}"),
        Many("reviews", url="reviews?customer={id}"),
        Many("shipments", url="shipments?customer={id}"),
        Many("tickets", url="tickets?customer={id}"),
        Many("metafields", url="customers/{id}/metafields"),
        Many("login", url="customers/{id}/login"),
        Words("password", "", "w"),
    ),
    "customers",
    {"email": "email"},
    required=("email", "firstname", "lastname"),
    index=("email",),
)

GROUPS = Resource(
    "groups",
    "groups",
    "group",
    "LNGCUD",
    (*_id(), Words("title", "", "rw"), Many("customers", url="groups/customers?group={id}")),
    "customers",
    required=("title",),
)

GROUP_CUSTOMERS = Resource(
    "groups/customers",
    "groupsCustomers",
    "groupsCustomer",
    "LNGCD",
    (Field("id"), Ref("group", write="c", target="groups"), Ref("customer", write="c", target="customers")),
    "customers",
    {"group": "group", "customer": "customer"},
    required=("group", "customer"),
    index=("group", "customer"),
)

PRODUCTS = Resource(
    "products",
    "products",
    "product",
    "LNGCUD",
    (
        *_id(),
        Bool("isVisible", True),
        Choice("visibility", "hidden", "rw", values=("hidden", "visible", "auto")),
        Bool("hasMatrix", False),
        *(Words(name, "", "rw") for name in ("data01", "data02", "data03")),
        *(Text(name, "", "rw") for name in ("url", "title", "fulltitle", "description", "content")),
        Field("set", False, "rw"),
        Ref("brand", write="rw", target="brands"),
        Many("categories", url="categories/products?product={id}"),
        Ref("deliverydate", write="rw", target="deliverydates"),
        Field("image", False),
        Many("images", url="products/{id}/images"),
        Many("relations", url="products/{id}/relations"),
        Many("metafields", url="products/{id}/metafields"),
        Many("reviews", url="reviews?product={id}"),
        Ref("type", write="rw", target="types"),
        Many("attributes", url="products/{id}/attributes"),
        Ref("supplier", write="rw", target="suppliers"),
        Many("tags", url="tags/products?product={id}"),
        Many("variants", url="variants?product={id}"),
        Many("movements", url="variants/movements?product={id}"),
        Map("templateDataFields"),
        Many("quantityDiscounts", url="quantity_discounts?product={id}"),
    ),
    "products",
    {"brand": "brand", "supplier": "supplier", "type": "type"},
    required=("title",),
    index=("brand",),
)

VARIANTS = Resource(
    "variants",
    "variants",
    "variant",
    "LNGCUD",
    (
        *_id(),
        Bool("isDefault", False, "rw"),
        Number("sortOrder", 1, "rw"),
        *(Words(name, "", "rw") for name in ("articleCode", "ean", "sku")),
        Field("hs", None, "rw"),
        Number("unitPrice", 0, "rw"),
        Words("unitUnit", "", "rw"),
        *(Number(name, 0, "rw") for name in ("priceExcl", "priceIncl", "priceCost", "oldPriceExcl", "oldPriceIncl")),
        Choice("stockTracking", "disabled", "rw", values=("disabled", "enabled", "indicator")),
        *(Number(name, 0, "rw") for name in ("stockLevel", "stockAlert", "stockMinimum", "stockSold")),
        Number("stockBuyMininum", 1),
        Number("stockBuyMinimum", 1, "rw"),
        Number("stockBuyMaximum", 10_000, "rw"),
        Number("weight", 0, "rw"),
        Words("weightValue", "0.000", "rw"),
        Words("weightUnit", "g", "rw"),
        Number("volume", 0, "rw"),
        Number("volumeValue", 0, "rw"),
        Words("volumeUnit", "ml", "rw"),
        *(Number(name, 0, "rw") for name in ("colli", "sizeX", "sizeY", "sizeZ")),
        *(Words(name, "0.000", "rw") for name in ("sizeXValue", "sizeYValue", "sizeZValue")),
        Words("sizeUnit", "cm", "rw"),
        Field("matrix", False, "rw"),
        Text("title", "", "rw"),
        Field("taxType", None, "rw"),
        Field("image", False),
        Ref("tax", write="rw", target="taxes"),
        Ref("product", write="c", target="products"),
        Many("movements", url="variants/movements?variant={id}"),
        Many("metafields", url="variants/{id}/metafields"),
        Field("additionalcost", False),
        Map("options"),
    ),
    "products",
    {"product": "product", "article_code": "articleCode", "ean": "ean", "sku": "sku", "hs": "hs"},
    required=("product", "title"),
    index=("product", "sku", "articleCode"),
)

MOVEMENTS = Resource(
    "variants/movements",
    "variantsMovements",
    "variantMovement",
    "LNG",
    (
        *_id(updated=False),
        Words("channel", ""),
        Number("stockLevelChange", 0),
        Ref("product", target="products"),
        Ref("variant", target="variants"),
    ),
    "products",
    {"variant": "variant", "product": "product"},
    index=("variant", "product"),
)

BRANDS = Resource(
    "brands",
    "brands",
    "brand",
    "LNGCUD",
    (
        *_id(),
        Text("url", "", "rw"),
        Text("title", "", "rw"),
        Text("content", False, "rw"),
        Field("image", False),
        Many("products", url="products?brand={id}"),
        Bool("isVisible", True, "rw"),
    ),
    "products",
    required=("title",),
)

CATEGORIES = Resource(
    "categories",
    "categories",
    "category",
    "LNGCUD",
    (
        *_id(),
        Bool("isVisible", True, "rw"),
        Number("depth", 1),
        Map("path"),
        Words("type", "category", "rw"),
        Number("sortOrder", 1, "rw"),
        Words("sorting", "popular", "rw"),
        *(Text(name, "", "rw") for name in ("url", "title", "fulltitle", "description", "content")),
        Field("image", False),
        Ref("parent", write="rw", target="categories"),
        Many("children", url="categories?parent={id}"),
        Many("products", url="categories/products?category={id}"),
    ),
    "content",
    {"parent": "parent"},
    required=("title",),
)

CATEGORY_PRODUCTS = Resource(
    "categories/products",
    "categoriesProducts",
    "categoriesProduct",
    "LNGCD",
    (
        Field("id"),
        Number("sortOrder", 1, "c"),
        Ref("category", write="c", target="categories"),
        Ref("product", write="c", target="products"),
    ),
    "products",
    {"category": "category", "product": "product"},
    required=("category", "product"),
    index=("category", "product"),
)

TAGS = Resource(
    "tags",
    "tags",
    "tag",
    "LNGCUD",
    (
        *_id(),
        Bool("isVisible", True, "rw"),
        Text("url", "", "rw"),
        Text("title", "", "rw"),
        Many("products", url="tags/products?tag={id}"),
    ),
    "products",
    required=("title",),
)

TAG_PRODUCTS = Resource(
    "tags/products",
    "tagsProducts",
    "tagsProduct",
    "LNGCD",
    (Field("id"), Ref("tag", write="c", target="tags"), Ref("product", write="c", target="products")),
    "products",
    {"tag": "tag", "product": "product"},
    required=("tag", "product"),
    index=("tag", "product"),
)

ATTRIBUTES = Resource(
    "attributes",
    "attributes",
    "attribute",
    "LNGCUD",
    (
        Field("id"),
        Text("title", "", "rw"),
        Words("defaultValue", "", "rw"),
        Many("types", url="types/attributes?attribute={id}"),
    ),
    "products",
    required=("title",),
)

TYPES = Resource(
    "types",
    "types",
    "type",
    "LNGCUD",
    (Field("id"), Text("title", "", "rw"), Many("attributes", url="types/attributes?type={id}")),
    "products",
    required=("title",),
)

TYPE_ATTRIBUTES = Resource(
    "types/attributes",
    "typesAttributes",
    "typesAttribute",
    "LNGCD",
    (
        Field("id"),
        Number("sortOrder", None, "c"),
        Ref("type", write="c", target="types"),
        Ref("attribute", write="c", target="attributes"),
    ),
    "products",
    {"type": "type", "attribute": "attribute"},
    required=("type", "attribute"),
    created="typesAttributes",
)

PRODUCT_IMAGES = Resource(
    "products/{}/images",
    "productImages",
    "productImage",
    "LNGUD",
    (
        Field("id"),
        Number("sortOrder", 1, "rw"),
        Instant("createdAt"),
        Instant("updatedAt"),
        Words("extension", ""),
        Number("size", 0),
        *(Words(name, "") for name in ("title", "thumb", "src")),
    ),
    "products",
    parent="products",
    index=("_parent",),
)

QUANTITY_DISCOUNTS = Resource(
    "quantity_discounts",
    "quantityDiscounts",
    "quantityDiscount",
    "LNGCUD",
    (
        *_id(),
        Plain("product", 0, "rw"),
        Plain("variant", 0, "rw"),
        Number("quantity", 1, "rw"),
        Number("price", 0, "rw"),
        Number("percentage", 0, "rw"),
        Bool("isPercentage", False, "rw"),
        Plain("customerGroup", 0, "rw"),
        Instant("startDate", None, "rw"),
        Instant("endDate", None, "rw"),
    ),
    "products",
    {"product": "product", "variant": "variant"},
    required=("product", "quantity"),
)

WEBHOOKS = Resource(
    "webhooks",
    "webhooks",
    "webhook",
    "LNGCUD",
    (
        *_id(),
        Bool("isActive", True, "rw"),
        Words("itemGroup", "", "rw"),
        Words("itemAction", "", "rw"),
        Language("language", False, "rw"),
        Choice("format", "json", "rw", values=("json", "xml")),
        Words("address", "", "rw"),
    ),
    "settings",
    required=("itemGroup", "itemAction", "address"),
)

TAXES = Resource(
    "taxes",
    "taxes",
    "tax",
    "LNGCUD",
    (Field("id"), Bool("isDefault", False, "rw"), Number("rate", 0, "rw"), Words("title", "", "rw")),
    "settings",
    required=("rate", "title"),
)
COUNTRIES = Resource(
    "countries", "countries", "country", "LNG", tuple(map(Field, ("id", "code", "code3", "title"))), "settings"
)
LANGUAGES = Resource(
    "languages",
    "languages",
    "language",
    "LNG",
    (Field("id"), Bool("isActive"), Bool("isDefault"), *map(Words, ("code", "locale", "title"))),
    "settings",
)
PAYMENT_METHODS = Resource(
    "paymentmethods", "paymentmethods", "paymentmethod", "LNG", (Field("id"), Words("key"), Words("title")), "settings"
)
SHIPPING_METHODS = Resource(
    "shippingmethods",
    "shippingmethods",
    "shippingmethod",
    "LNG",
    (
        Field("id"),
        Words("type", "default"),
        Bool("isBackofficeOnly", False),
        Number("sortOrder", 1),
        Number("freeAbove", 0),
        *_prices("paymentPrice"),
        Words("title", ""),
        Words("description", ""),
        Ref("tax", target="taxes"),
        Many("countries", url="shippingmethods/{id}/countries"),
        Many("values", url="shippingmethods/{id}/values"),
    ),
    "settings",
)
SHIPPING_VALUES = Resource(
    "shippingmethods/{}/values",
    "shippingmethodValues",
    "shippingmethodValue",
    "LNG",
    # `weightMaximim` is the API's own spelling.
    (Field("id"), Number("weightMinimum", 0), Number("weightMaximim", 0), *_prices("price")),
    "settings",
    parent="shippingmethods",
    index=("_parent",),
)


def _metafields(owner: str, name: str, group: str) -> Resource:
    return Resource(
        f"{owner}/{{}}/metafields",
        f"{name}Metafields",
        f"{name}Metafield",
        "LNGCUD",
        (*_id(), Words("key", "", "rw"), Words("value", "", "rw")),
        group,
        required=("key",),
        parent=owner,
        index=("_parent",),
    )


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
        _metafields("orders", "order", "orders"),
        _metafields("invoices", "invoice", "orders"),
        _metafields("shipments", "shipment", "orders"),
        _metafields("customers", "customer", "customers"),
        _metafields("products", "product", "products"),
        _metafields("variants", "variant", "products"),
    )
}
