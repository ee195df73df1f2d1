"""How the catalogue is ordered: brands, categories, tags, types, filters, suppliers; and what discounts there are."""

from __future__ import annotations

from tap_lightspeed.resources._make import child, listed, metafields, only_image
from tap_lightspeed.resources.customers import CUSTOMERS
from tap_lightspeed.resources.goods import set_fields
from tap_lightspeed.schema import (
    array,
    boolean,
    booleans,
    country,
    image,
    instants,
    integer,
    integers,
    language,
    number,
    numbers,
    references,
    stamps,
    text,
    texts,
)

BRANDS = listed(
    "brands",
    "A brand.",
    {**stamps(), **texts("url", "title", "content"), "image": image(), "isVisible": boolean()},
    texts=True,
)
CATEGORIES = listed(
    "categories",
    "A category; `path` leads from itself up to the root.",
    {
        **stamps(),
        **booleans("isVisible"),
        "depth": integer(),
        "path": array(text()),
        "type": text(),
        "sortOrder": integer(),
        **texts("sorting", "url", "title", "fulltitle", "description", "content"),
        "image": image(),
        **references("parent"),
    },
    texts=True,
)
FILTERS = listed(
    "filters",
    "A filter of the shop's lists.",
    {**stamps(), "title": text(), "position": integer(), **booleans("isActive")},
    texts=True,
)
DISCOUNT_DAYS = texts("startDate", "endDate")

ALL = (
    BRANDS,
    only_image(BRANDS, "The image of a brand."),
    CATEGORIES,
    only_image(CATEGORIES, "The image of a category."),
    listed(
        "categories/products",
        "That a product is in a category.",
        {"sortOrder": integer(), **references("category", "product")},
        changes=None,
    ),
    listed("tags", "A tag.", {**stamps(), **booleans("isVisible"), **texts("url", "title")}, texts=True),
    listed("tags/products", "That a product has a tag.", references("tag", "product"), changes=None),
    listed("attributes", "A kind of specification.", texts("title", "defaultValue"), changes=None, texts=True),
    listed("types", "A type of product, which has specifications.", texts("title"), changes=None, texts=True),
    listed(
        "types/attributes",
        "That a type of product has a specification.",
        {"sortOrder": integer(), **references("type", "attribute")},
        changes=None,
    ),
    FILTERS,
    child(
        "filters/{}/values",
        "Values of a filter.",
        {**stamps(), "title": text(), "position": integer()},
        FILTERS,
        texts=True,
    ),
    listed("sets", "A set of options for variants.", set_fields(), texts=True),
    listed(
        "suppliers",
        "A supplier; its fields have their own style.",
        {
            **stamps(),
            **texts("title", "attention_of", "street", "street2", "number", "extension", "zip_code", "city", "region"),
            "country_id": country(),
        },
    ),
    listed(
        "deliverydates",
        "A text about the time of delivery.",
        {**stamps(), **texts("name", "inStockMessage", "outStockMessage")},
        texts=True,
    ),
    listed(
        "reviews",
        "A review of a product.",
        {
            **stamps(),
            **booleans("isVisible"),
            "score": number(),
            **texts("name", "content"),
            "language": language(),
            **references("customer", "product"),
        },
    ),
    listed(
        "quantity_discounts",
        "A price per quantity and customer group; 0 in `variant` and `customerGroup` means all.",
        {
            **stamps(),
            **integers("product", "variant"),
            **numbers("quantity", "price", "percentage"),
            **booleans("isPercentage"),
            "customerGroup": integer(),
            **instants("startDate", "endDate"),
        },
    ),
    listed(
        "discounts",
        "A coupon code.",
        {
            **stamps(),
            **booleans("isActive"),
            **DISCOUNT_DAYS,
            "type": text(),
            "discount": number(),
            "applyTo": text(),
            "categories": array({}),
            "products": array({}),
            "shipment": text(),
            **integers("usageLimit", "timesUsed"),
            "minimumAmount": number(),
            **booleans("before_tax", "minimum_after"),
            "code": text(),
        },
    ),
    listed(
        "discountrules",
        "A rule that gives a discount. Its `modifiedAt` can't be filtered by, so all are read.",
        {
            **texts("type", "title"),
            **integers("position", "maximumUses", "countUsed"),
            **DISCOUNT_DAYS,
            **instants("createdAt", "modifiedAt"),
            **booleans("isActive", "isStop"),
            "discountAmount": number(),
            "discountType": text(),
            "categories": array({}),
            "customer_groups": array({}),
            **numbers("minCategoryAmount", "minCategoryProducts"),
        },
        changes=None,
    ),
    # The documentation has no fields of these two.
    listed("additionalcosts", "An additional cost; its fields are not documented.", {"title": text()}, changes=None),
    listed("locations", "A location of stock; its fields are not documented.", {"title": text()}, changes=None),
    listed("groups", "A group of customers.", {**stamps(), "title": text()}),
    listed("groups/customers", "That a customer is in a group.", references("group", "customer"), changes=None),
    metafields(CUSTOMERS, "a customer"),
)
"""The streams of this module."""
