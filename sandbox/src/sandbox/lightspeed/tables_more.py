"""The tables of the shop's settings, of metafields, returns, the shop's log and what hangs under a quote."""

from __future__ import annotations

from sandbox.lightspeed.fields import Bool, Choice, Country, Field, Many, Map, Number, Plain, Ref, Text, Words
from sandbox.lightspeed.resource import Resource, prices, stamps
from sandbox.lightspeed.shapes import Amount, Maybe, Up
from sandbox.lightspeed.tables_orders import EVENTS

_COMPANY = (
    "name",
    "owner",
    "cocNumber",
    "cocLocation",
    "vatNumber",
    "nationalId",
    "phone",
    "email",
    "fax",
    "street",
    "street2",
    "zipcode",
    "city",
    "region",
)
_BANK = ("Name", "AccountHolder", "AccountNumber", "Location", "Code", "Iban", "Swift")
_NULLABLE = {"owner", "cocLocation"}
MOST = (
    "Attributes",
    "Brands",
    "Categories",
    "Currencies",
    "Deliverydates",
    "DomainNames",
    "DomainForwards",
    "EmailAccounts",
    "EmailForwards",
    "Files",
    "FilesSize",
    "Filters",
    "FiltersValues",
    "Groups",
    "GroupsCustomers",
    "Languages",
    "Products",
    "ProductsCategories",
    "ProductsFiltersValues",
    "ProductsImages",
    "ProductsRelations",
    "ProductsTags",
    "ProductsVariants",
    "Redirects",
    "Reviews",
    "Suppliers",
    "UserAccounts",
    "Tags",
    "Taxes",
    "Textpages",
    "Types",
    "TypesAttributes",
    "Webhooks",
)
"""What `shop/limits` limits, without the `max` in front."""
HAS = ("B2b", "Copyright", "Filters", "Multishop", "TemplateEditor", "Translations")
"""What a plan may have."""
_LINKS = ("company", "limits", "javascript", "website", "scripts", "metafields")


def _single(path: str, envelope: str, verbs: str, fields: tuple[Field, ...]) -> Resource:
    """A record of which a shop has one."""
    return Resource(path, envelope, envelope, verbs, fields, "settings", single=True)


SHOP = _single(
    "shop",
    "shop",
    "GU",
    (
        Field("id"),
        Field("createdAt"),
        Words("status", "test"),
        Bool("isB2b", False),
        Bool("isRetail", True),
        Words("subDomain", ""),
        Words("mainDomain", ""),
        *(
            Words(name, "", "rw")
            for name in ("email", "phone", "fax", "street", "street2", "zipcode", "city", "region")
        ),
        Country("country", False, "rw"),
        Words("vatNumber", "", "rw"),
        Words("cocNumber", "", "rw"),
        Words("industry", "------------", "rw"),
        Map("currency"),
        *(Many(name, url=f"shop/{name}") for name in _LINKS),
    ),
)

SHOP_SINGLES = (
    SHOP,
    _single(
        "shop/company",
        "shopCompany",
        "G",
        (
            *(Field(name) if name in _NULLABLE else Words(name, "") for name in _COMPANY),
            Country("country", False),
            *(Words(f"bank{name}", "") for name in _BANK),
        ),
    ),
    _single("shop/javascript", "shopJavascript", "GU", (Bool("isActive", False, "rw"), Words("script", "", "rw"))),
    _single(
        "shop/limits",
        "shopLimits",
        "G",
        (*(Number(f"max{name}", 0) for name in MOST), *(Bool(f"has{name}", False) for name in HAS)),
    ),
    # The shape of shop/settings is unknown; these are assumed.
    _single("shop/settings", "shopSettings", "G", (Bool("pricesInclTax", True), Words("orderPrefix", ""))),
    _single(
        "shop/website",
        "shopWebsite",
        "G",
        tuple(Text(name, "") for name in ("name", "title", "description", "keywords")),
    ),
)

SHOP_SCRIPTS = Resource(
    "shop/scripts",
    "shopScripts",
    "shopScript",
    "LNGCUD",
    (*stamps(), Words("url", "", "rw"), Maybe("body", None, "rw"), Words("location", "head", "rw")),
    "tracking",
    required=("url",),
)

SHOP_TRACKING = Resource(
    "shop/tracking",
    # One envelope for lists and records.
    "shopTracking",
    "shopTracking",
    "LNGCUD",
    (*stamps(), Bool("isEnabled", False, "rw"), Words("content", "", "rw")),
    "tracking",
    required=("content",),
)

EXTERNAL_SERVICES = Resource(
    "external_services",
    "externalServices",
    "externalService",
    "LNGCD",
    (
        *stamps(),
        Words("type", "", "c"),
        Words("name", "", "c"),
        Words("urlEndpoint", "", "c"),
        Bool("isActive", True, "c"),
    ),
    "settings",
    required=("type", "name", "urlEndpoint"),
)


def _own_metafields(path: str, envelope: str, verbs: str) -> Resource:
    return Resource(
        path,
        f"{envelope}s",
        envelope,
        verbs,
        (*stamps(), Words("key", "", "rw"), Words("value", "", "rw")),
        "settings",
        required=("key",),
    )


METAFIELDS = Resource(
    "metafields",
    "metafields",
    "metafield",
    "LNGCUD",
    # A mirror of every owner's metafields, see `Shop.put`. The three names are seen in code, their values assumed.
    (
        *stamps(),
        Words("key", "", "rw"),
        Words("value", "", "rw"),
        Words("ownerType", "", "c"),
        Plain("ownerId", 0, "c"),
        Words("ownerResource", ""),
    ),
    "settings",
    {"ownerType": "ownerType", "ownerId": "ownerId"},
    required=("key", "ownerType", "ownerId"),
)

TAX_OVERRIDES = Resource(
    "taxes/{}/overrides",
    "taxOverrides",
    "taxOverride",
    "LNGCUD",
    (Field("id"), Number("rate", 0, "rw"), Country("country", False, "rw"), Up("tax", target="taxes")),
    "settings",
    required=("rate", "country"),
    parent="taxes",
    index=("_parent",),
)

SHIPPING_COUNTRIES = Resource(
    "shippingmethods/{}/countries",
    "shippingmethodCountries",
    "shippingmethodCountry",
    "LNG",
    (Field("id"), Country("country", False)),
    "settings",
    parent="shippingmethods",
    index=("_parent",),
)

LOG = Resource(
    "events",
    "events",
    "event",
    "LNGD",
    EVENTS.fields,
    "orders",
    EVENTS.filters,
    # The shop's log shows what the orders' events show, as far as is known.
    stored=EVENTS.path,
)

RETURNS = Resource(
    "returns",
    "returns",
    "return",
    "LNGUD",
    (
        *stamps(),
        Plain("customerId", 0),
        Plain("orderId", 0),
        # More statuses may exist (api reference §20.13).
        Choice("status", "pending", "rw", values=("pending", "authorized", "rejected")),
        Number("numProducts", 0),
        Amount("priceExcl", 0),
        Amount("priceIncl", 0),
        Bool("isStockAdjusted", False, "rw"),
        *(
            Words(name, "", "rw")
            for name in ("returnReason", "returnAction", "customerComment", "staffNote", "mailMessage")
        ),
        Bool("notifyStatus", False, "rw"),
        Map("orderProducts"),
    ),
    "orders",
)

QUOTE_PRODUCTS = Resource(
    "quotes/{}/products",
    "quoteProducts",
    "quoteProduct",
    "LNGCUD",
    (
        *stamps(),
        Bool("isCustom", False),
        Field("customFields", False),
        *(Number(f"base{name}", 0) for name in ("Weight", "Volume", "Colli", "PriceCost", "PriceExcl", "PriceIncl")),
        *(Number(name, 0) for name in ("weight", "volume", "colli")),
        Number("quantity", 1, "rw"),
        Bool("hasDiscount", False),
        *(Number(name, 0) for name in ("discountPercentage", "taxRate", "priceCost", "priceTax")),
        *prices("price", "discount"),
        *(
            Number(name, 0)
            for name in (
                "additionalCostIncl",
                "additionalCostExcl",
                "baseAdditionalCostIncl",
                "baseAdditionalCostExcl",
            )
        ),
        Ref("product", target="products"),
        Ref("variant", write="c", target="variants"),
    ),
    "orders",
    required=("variant",),
    parent="quotes",
    index=("_parent", "variant"),
)

QUOTE_PAYMENT_METHODS = Resource(
    "quotes/{}/paymentmethods",
    "quotePaymentmethods",
    "quotePaymentmethod",
    "LN",
    (Field("id"), Words("title", ""), *prices("price")),
    "orders",
    parent="quotes",
    stored="paymentmethods",
)

QUOTE_SHIPPING_METHODS = Resource(
    "quotes/{}/shippingmethods",
    "quoteShippingmethods",
    "quoteShippingmethod",
    "LN",
    (
        Field("id"),
        Words("type", "default"),
        Number("freeAbove", 0),
        Words("title", ""),
        Words("description", ""),
        *prices("price"),
        Ref("tax", target="taxes"),
    ),
    "orders",
    parent="quotes",
    stored="shippingmethods",
)

ALL = (
    *SHOP_SINGLES,
    SHOP_SCRIPTS,
    SHOP_TRACKING,
    EXTERNAL_SERVICES,
    _own_metafields("account/metafields", "accountMetafield", "LNG"),
    _own_metafields("shop/metafields", "shopMetafield", "LNGCUD"),
    METAFIELDS,
    TAX_OVERRIDES,
    SHIPPING_COUNTRIES,
    LOG,
    RETURNS,
    QUOTE_PRODUCTS,
    QUOTE_PAYMENT_METHODS,
    QUOTE_SHIPPING_METHODS,
)
"""The tables of this module."""
