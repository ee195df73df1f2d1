"""More tables of the catalogue: what hangs under a product, its images and files, filters, sets, prices."""

from __future__ import annotations

from sandbox.lightspeed.fields import Bool, Choice, Country, Field, Instant, Language, Number, Ref, Text, Whole, Words
from sandbox.lightspeed.resource import Resource, stamps
from sandbox.lightspeed.shapes import PICTURE, Amount, Below, Ids, Options, Other


def _image(owner: str, envelope: str, group: str) -> Resource:
    """The one image of an owner."""
    return Resource(
        f"{owner}/{{}}/image",
        envelope,
        envelope,
        "GCD",
        PICTURE,
        group,
        parent=owner,
        index=("_parent",),
        single=True,
        media=True,
    )


IMAGES = (
    _image("brands", "brandImage", "products"),
    _image("categories", "categoryImage", "content"),
    _image("variants", "variantImage", "products"),
    _image("blogs/articles", "blogArticleImage", "content"),
)

FILES = Resource(
    "files",
    "files",
    "file",
    "LNGCUD",
    (
        *stamps(),
        Words("type", "file"),
        Words("extension", ""),
        Number("size", 0),
        Words("title", "", "rw"),
        Words("src", ""),
    ),
    "content",
    media=True,
)

CATALOG = Resource(
    "catalog",
    "products",
    "product",
    "LNG",
    # What follows the product's own fields is composed in catalog.py.
    (*stamps(), Words("visibility", "hidden")),
    "products",
    {"brand": "brand", "supplier": "supplier", "type": "type"},
    stored="products",
)

PRODUCT_ATTRIBUTES = Resource(
    "products/{}/attributes",
    "productAttributes",
    "productAttribute",
    "LNGUD",
    (Other("id", source="attribute"), Text("title", ""), Text("value", "", "rw")),
    "products",
    parent="products",
    index=("_parent", "attribute"),
    key="attribute",
)

PRODUCT_FILTER_VALUES = Resource(
    "products/{}/filtervalues",
    "productFiltervalue",
    "productFiltervalue",
    "LNCD",
    (
        Field("id"),
        Ref("filter", write="c", target="filters"),
        Below("filtervalue", write="c", target="filters/{}/values", via="filter"),
    ),
    "products",
    required=("filter", "filtervalue"),
    parent="products",
    index=("_parent", "filter", "filtervalue"),
    key="filtervalue",
    unique=("_parent", "filtervalue"),
)

PRODUCT_RELATIONS = Resource(
    "products/{}/relations",
    "productRelations",
    "productRelation",
    "LNGCUD",
    (Field("id"), Whole("sortOrder", 1, "rw"), Ref("relatedProduct", write="c", target="products")),
    "products",
    required=("relatedProduct",),
    parent="products",
    index=("_parent", "relatedProduct"),
    unique=("_parent", "relatedProduct"),
)

SETS = Resource(
    "sets",
    "sets",
    "set",
    "LNGCUD",
    (*stamps(), Text("name", "", "rw"), Options("options", None, "rw")),
    "products",
    required=("name",),
)

SUPPLIERS = Resource(
    "suppliers",
    "suppliers",
    "supplier",
    "LNGCUD",
    (
        *stamps(),
        *(
            Words(name, "", "rw")
            for name in (
                "title",
                "attention_of",
                "street",
                "street2",
                "number",
                "extension",
                "zip_code",
                "city",
                "region",
            )
        ),
        Country("country_id", False, "rw"),
    ),
    "products",
    required=("title",),
    index=("title",),
)

DELIVERY_DATES = Resource(
    "deliverydates",
    "deliverydates",
    "deliverydate",
    "LNGCUD",
    (*stamps(), *(Text(name, "", "rw") for name in ("name", "inStockMessage", "outStockMessage"))),
    "settings",
    required=("name",),
)

FILTERS = Resource(
    "filters",
    "filters",
    "filter",
    "LNGCUD",
    (*stamps(), Text("title", "", "rw"), Whole("position", 1, "rw"), Bool("isActive", True, "rw")),
    "products",
    required=("title",),
)

FILTER_VALUES = Resource(
    "filters/{}/values",
    "filterValues",
    "filterValue",
    "LNGCUD",
    (*stamps(), Text("title", "", "rw"), Whole("position", 1, "rw")),
    "products",
    required=("title",),
    parent="filters",
    index=("_parent",),
)

DISCOUNTS = Resource(
    "discounts",
    "discounts",
    "discount",
    "LNGCUD",
    (
        *stamps(),
        Bool("isActive", True, "rw"),
        Instant("startDate", None, "rw"),
        Instant("endDate", None, "rw"),
        Choice("type", "percentage", "rw", values=("percentage", "amount")),
        Number("discount", 0, "rw"),
        Words("applyTo", "all", "rw"),
        Ids("categories", None, "rw"),
        Ids("products", None, "rw"),
        Words("shipment", "default", "rw"),
        Whole("usageLimit", 0, "rw"),
        Number("timesUsed", 0),
        Number("minimumAmount", 0, "rw"),
        Bool("before_tax", False, "rw"),
        Bool("minimum_after", False, "rw"),
        Words("code", "", "rw"),
    ),
    "settings",
    required=("type", "discount", "code"),
)

DISCOUNT_RULES = Resource(
    "discountrules",
    "discountRules",
    "discountRule",
    "LNGCUD",
    (
        Field("id"),
        Words("type", "", "rw"),
        Words("title", "", "rw"),
        Whole("position", 1, "rw"),
        Whole("maximumUses", 0, "rw"),
        Number("countUsed", 0),
        Instant("startDate", None, "rw"),
        Instant("endDate", None, "rw"),
        Instant("createdAt"),
        Instant("modifiedAt"),
        Bool("isActive", True, "rw"),
        Bool("isStop", False, "rw"),
        Amount("discountAmount", 0, "rw"),
        Words("discountType", "percentage", "rw"),
        Ids("categories", None, "rw"),
        Ids("customer_groups", None, "rw"),
        Amount("minCategoryAmount", 0, "rw"),
        Words("minCategoryProducts", "0", "rw"),
    ),
    "settings",
    required=("title",),
)

ADDITIONAL_COSTS = Resource(
    "additionalcosts",
    "additionalCosts",
    "additionalCost",
    "LNGUD",
    # Which fields it has is unknown; these are assumed.
    (*stamps(), Text("title", "", "rw"), *(Number(f"price{basis}", 0, "rw") for basis in ("Excl", "Incl"))),
    "products",
)

LOCATIONS = Resource(
    "locations",
    "locations",
    "location",
    "LNGCUD",
    # Which fields it has is unknown; these are assumed.
    (*stamps(), Words("title", "", "rw"), Bool("isActive", True, "rw")),
    "products",
    required=("title",),
    posted="locations",
)

REVIEWS = Resource(
    "reviews",
    "reviews",
    "review",
    "LNGCUD",
    (
        *stamps(),
        Bool("isVisible", False, "rw"),
        Whole("score", 0, "rw"),
        Words("name", "", "rw"),
        Words("content", "", "rw"),
        Ref("customer", write="rw", target="customers"),
        Language("language", False, "rw"),
        Ref("product", write="rw", target="products"),
        Words("email", "", "w"),
    ),
    "products",
    {"customer": "customer", "product": "product"},
    required=("score", "product"),
    index=("customer", "product"),
)

ALL = (
    *IMAGES,
    FILES,
    CATALOG,
    PRODUCT_ATTRIBUTES,
    PRODUCT_FILTER_VALUES,
    PRODUCT_RELATIONS,
    SETS,
    SUPPLIERS,
    DELIVERY_DATES,
    FILTERS,
    FILTER_VALUES,
    DISCOUNTS,
    DISCOUNT_RULES,
    ADDITIONAL_COSTS,
    LOCATIONS,
    REVIEWS,
)
"""The tables of this module."""
