"""The shop itself: its settings, taxes, methods, metafields, and the records of which it has one."""

from __future__ import annotations

from tap_lightspeed.resources._make import child, listed, single
from tap_lightspeed.schema import (
    anything,
    boolean,
    booleans,
    country,
    instant,
    integer,
    integers,
    number,
    numbers,
    record,
    reference,
    stamps,
    text,
    texts,
)

TAXES = listed("taxes", "A tax rate.", {**booleans("isDefault"), "rate": number(), "title": text()}, changes=None)
SHIPPING_METHODS = listed(
    "shippingmethods",
    "A way of shipping.",
    {
        "type": text(),
        **booleans("isBackofficeOnly"),
        "sortOrder": integer(),
        **numbers("freeAbove", "paymentPriceExcl", "paymentPriceIncl"),
        **texts("title", "description"),
        "tax": reference(),
    },
    changes=None,
)

_WINDOW = record(**integers("limit", "remaining", "reset"), resetTime=instant())
_RIGHTS = record(read=boolean(), write=boolean())
_MOST = (
    "Attributes", "Brands", "Categories", "Currencies", "Deliverydates", "DomainNames", "DomainForwards",
    "EmailAccounts", "EmailForwards", "Files", "FilesSize", "Filters", "FiltersValues", "Groups", "GroupsCustomers",
    "Languages", "Products", "ProductsCategories", "ProductsFiltersValues", "ProductsImages", "ProductsRelations",
    "ProductsTags", "ProductsVariants", "Redirects", "Reviews", "Suppliers", "UserAccounts", "Tags", "Taxes",
    "Textpages", "Types", "TypesAttributes", "Webhooks",
)  # fmt: skip
_HAS = ("B2b", "Copyright", "Filters", "Multishop", "TemplateEditor", "Translations")
_ADDRESS = ("street", "street2", "zipcode", "city", "region")

ALL = (
    TAXES,
    child(
        "taxes/{}/overrides",
        "Tax rates per country.",
        {"rate": number(), "country": country(), "tax": reference()},
        TAXES,
    ),
    SHIPPING_METHODS,
    child("shippingmethods/{}/countries", "Countries of a shipping method.", {"country": country()}, SHIPPING_METHODS),
    child(
        "shippingmethods/{}/values",
        "Rates of a shipping method by weight.",
        # `weightMaximim` is the API's own spelling.
        numbers("weightMinimum", "weightMaximim", "priceExcl", "priceIncl"),
        SHIPPING_METHODS,
    ),
    listed("paymentmethods", "A way of paying.", texts("key", "title"), changes=None),
    listed("countries", "A country.", texts("code", "code3", "title"), changes=None),
    listed(
        "languages",
        "A language of the shop.",
        {**booleans("isActive", "isDefault"), **texts("code", "locale", "title")},
        changes=None,
    ),
    listed(
        "metafields",
        "A metafield of any owner, with the owner's kind and id.",
        {**stamps(), **texts("key", "value", "ownerType"), "ownerId": integer(), "ownerResource": text()},
    ),
    listed("account/metafields", "A metafield of the key's account.", {**stamps(), **texts("key", "value")}),
    listed("shop/metafields", "A metafield of the shop.", {**stamps(), **texts("key", "value")}),
    listed("shop/scripts", "A script in the shop's pages.", {**stamps(), **texts("url", "body", "location")}),
    listed(
        "shop/tracking",
        "A tracking code in the shop's pages.",
        {**stamps(), **booleans("isEnabled"), "content": text()},
    ),
    listed(
        "external_services",
        "A service that takes part in paying or shipping.",
        {**stamps(), **texts("type", "name", "urlEndpoint"), **booleans("isActive")},
    ),
    single(
        "account",
        "The key's account; the key itself stays out.",
        {"id": integer(), "appId": integer()},
        dropped=("apiKey",),
    ),
    single(
        "account/permissions",
        "What the key may read and write.",
        dict.fromkeys(("content", "products", "customers", "orders", "settings", "tracking"), _RIGHTS),
    ),
    single(
        "account/ratelimit",
        "What is left of the key's calls. It differs in every run, so it is not selected by default.",
        {"limit5Min": _WINDOW, "limitHour": _WINDOW, "limitDay": _WINDOW},
        selected=False,
    ),
    single(
        "shop",
        "The shop.",
        {
            "id": integer(),
            "createdAt": instant(),
            "status": text(),
            **booleans("isB2b", "isRetail"),
            **texts("subDomain", "mainDomain", "email", "phone", "fax", *_ADDRESS),
            "country": country(),
            **texts("vatNumber", "cocNumber", "industry"),
            "currency": record(**texts("shortcode", "symbol", "title"), isDefault=boolean(), currencyRate=number()),
        },
    ),
    single(
        "shop/company",
        "The company behind the shop.",
        {
            **texts("name", "owner", "cocNumber", "cocLocation", "vatNumber", "nationalId", "phone", "email", "fax"),
            **texts(*_ADDRESS),
            "country": country(),
            **texts(
                "bankName",
                "bankAccountHolder",
                "bankAccountNumber",
                "bankLocation",
                "bankCode",
                "bankIban",
                "bankSwift",
            ),
        },
    ),
    single("shop/javascript", "A script in every page of the shop.", {**booleans("isActive"), "script": text()}),
    single(
        "shop/limits",
        "What the shop's plan allows.",
        integers(*(f"max{name}" for name in _MOST)) | booleans(*(f"has{name}" for name in _HAS)),
    ),
    single("shop/settings", "Settings of the shop; the fields are not documented.", {}),
    single(
        "shop/website",
        "Names and descriptions of the website.",
        texts("name", "title", "description", "keywords"),
        texts=True,
    ),
    single(
        "dashboard",
        "Statistics. They differ in every run, so it is not selected by default.",
        {**texts("dateMin", "dateMax"), "totals": anything(), "periods": anything(), "type": text()},
        selected=False,
    ),
    single("time", "The shop's time; the fields are not documented. Not selected by default.", {}, selected=False),
)
"""The streams of this module."""
