"""The tables of customers and of the shop itself. Field order is that of the recorded answers."""

from __future__ import annotations

from sandbox.lightspeed.fields import (
    Bool,
    Choice,
    Field,
    Instant,
    Language,
    Many,
    Number,
    Ref,
    Words,
)
from sandbox.lightspeed.resource import Resource, address, company, person, prices, stamps
from sandbox.lightspeed.shapes import Maybe

ITEM_GROUPS = (
    "customers",
    "orders",
    "invoices",
    "shipments",
    "products",
    "variants",
    "quotes",
    "reviews",
    "returns",
    "tickets",
    "subscriptions",
    "contacts",
)
"""What a webhook can tell about."""

CUSTOMERS = Resource(
    "customers",
    "customers",
    "customer",
    "LNGCUD",
    (
        *stamps(),
        Bool("isConfirmed", False, "rw"),
        Words("type", "registered"),
        Instant("lastOnlineAt"),
        Field("remoteIp", False),
        Field("userAgent", False),
        Field("referralId", False),
        *person("rw"),
        *company("rw"),
        *address("Billing", "rw"),
        Maybe("addressShippingCompany", False, "rw"),
        *address("Shipping", "rw"),
        Maybe("memo", None, "rw"),
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
    (*stamps(), Words("title", "", "rw"), Many("customers", url="groups/customers?group={id}")),
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
    unique=("group", "customer"),
)


WEBHOOKS = Resource(
    "webhooks",
    "webhooks",
    "webhook",
    "LNGCUD",
    (
        *stamps(),
        Bool("isActive", True, "rw"),
        Choice("itemGroup", "", "rw", values=ITEM_GROUPS),
        Choice("itemAction", "", "rw", values=("created", "updated", "deleted", "*", "paid", "shipped", "answered")),
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
        *prices("paymentPrice"),
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
    (Field("id"), Number("weightMinimum", 0), Number("weightMaximim", 0), *prices("price")),
    "settings",
    parent="shippingmethods",
    index=("_parent",),
)
