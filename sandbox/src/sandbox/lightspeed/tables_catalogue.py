"""The tables of the catalogue. Field order is that of the recorded answers."""

from __future__ import annotations

from sandbox.lightspeed.fields import (
    Bool,
    Choice,
    Field,
    Instant,
    Many,
    Map,
    Number,
    Plain,
    Ref,
    Text,
    Whole,
    Words,
)
from sandbox.lightspeed.resource import Resource, stamps
from sandbox.lightspeed.shapes import PICTURE, InlineSet, Maybe, Picture

PRODUCTS = Resource(
    "products",
    "products",
    "product",
    "LNGCUD",
    (
        *stamps(),
        Bool("isVisible", True),
        Choice("visibility", "hidden", "rw", values=("hidden", "visible", "auto")),
        Bool("hasMatrix", False),
        *(Words(name, "", "rw") for name in ("data01", "data02", "data03")),
        *(Text(name, "", "rw") for name in ("url", "title", "fulltitle", "description", "content")),
        InlineSet("set", False, "rw"),
        Ref("brand", write="rw", target="brands"),
        Many("categories", url="categories/products?product={id}"),
        Ref("deliverydate", write="rw", target="deliverydates"),
        Picture("image", False),
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
    index=("brand", "supplier", "type", "deliverydate"),
)


VARIANTS = Resource(
    "variants",
    "variants",
    "variant",
    "LNGCUD",
    (
        *stamps(),
        Bool("isDefault", False, "rw"),
        Whole("sortOrder", 1, "rw"),
        *(Words(name, "", "rw") for name in ("articleCode", "ean", "sku")),
        Maybe("hs", None, "rw"),
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
        Maybe("matrix", False, "rw"),
        Text("title", "", "rw"),
        Maybe("taxType", None, "rw", values=("auto",)),
        Picture("image", False),
        Ref("tax", write="rw", target="taxes"),
        Ref("product", write="c", target="products"),
        Many("movements", url="variants/movements?variant={id}"),
        Many("metafields", url="variants/{id}/metafields"),
        Ref("additionalcost", write="rw", target="additionalcosts"),
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
        *stamps(updated=False),
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
        *stamps(),
        Text("url", "", "rw"),
        Text("title", "", "rw"),
        Text("content", False, "rw"),
        Picture("image", False),
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
        *stamps(),
        Bool("isVisible", True, "rw"),
        Number("depth", 1),
        Map("path"),
        Words("type", "category", "rw"),
        Whole("sortOrder", 1, "rw"),
        Words("sorting", "popular", "rw"),
        *(Text(name, "", "rw") for name in ("url", "title", "fulltitle", "description", "content")),
        Picture("image", False),
        Ref("parent", write="rw", target="categories"),
        Many("children", url="categories?parent={id}"),
        Many("products", url="categories/products?category={id}"),
    ),
    "content",
    {"parent": "parent"},
    required=("title",),
    index=("parent",),
)


CATEGORY_PRODUCTS = Resource(
    "categories/products",
    "categoriesProducts",
    "categoriesProduct",
    "LNGCD",
    (
        Field("id"),
        Whole("sortOrder", 1, "c"),
        Ref("category", write="c", target="categories"),
        Ref("product", write="c", target="products"),
    ),
    "products",
    {"category": "category", "product": "product"},
    required=("category", "product"),
    index=("category", "product"),
    unique=("category", "product"),
)


TAGS = Resource(
    "tags",
    "tags",
    "tag",
    "LNGCUD",
    (
        *stamps(),
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
    unique=("tag", "product"),
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
        Whole("sortOrder", None, "c"),
        Ref("type", write="c", target="types"),
        Ref("attribute", write="c", target="attributes"),
    ),
    "products",
    {"type": "type", "attribute": "attribute"},
    required=("type", "attribute"),
    index=("type", "attribute"),
    unique=("type", "attribute"),
    created="typesAttributes",
)


PRODUCT_IMAGES = Resource(
    "products/{}/images",
    "productImages",
    "productImage",
    "LNGCUD",
    (Field("id"), Whole("sortOrder", 1, "rw"), *PICTURE),
    "products",
    parent="products",
    index=("_parent",),
    media=True,
)


QUANTITY_DISCOUNTS = Resource(
    "quantity_discounts",
    "quantityDiscounts",
    "quantityDiscount",
    "LNGCUD",
    (
        *stamps(),
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
    index=("product",),
)
