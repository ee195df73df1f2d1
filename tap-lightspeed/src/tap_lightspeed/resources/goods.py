"""Products, variants and all that is read from the catalog.

The catalog has everything of a product in one record, 250 a call; a list of images (or specifications, relations,
filter values) costs a call per product. It shows fewer fields of an image, and whether it has hidden products is
unknown, so the setting `product_children` can ask each product instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_lightspeed.resources._make import child, listed, metafields, only_image
from tap_lightspeed.schema import (
    anything,
    array,
    boolean,
    booleans,
    image,
    instant,
    instants,
    integer,
    integers,
    number,
    numbers,
    record,
    references,
    stamps,
    text,
    texts,
)

if TYPE_CHECKING:
    from tap_lightspeed.resource import Row
    from tap_lightspeed.schema import Schema

_WORDS = ("url", "title", "fulltitle", "description", "content")
_STOCK = ("stockLevel", "stockAlert", "stockMinimum", "stockSold")
_BUY = ("stockBuyMininum", "stockBuyMinimum", "stockBuyMaximum")
_PRICES = ("priceExcl", "priceIncl", "priceCost", "oldPriceExcl", "oldPriceIncl")
_SIZES = ("weight", "volume", "colli", "sizeX", "sizeY", "sizeZ")


def _choices() -> Schema:
    return array(record(id=integer(), sortOrder=integer(), name=text()))


def set_fields() -> dict[str, Schema]:
    """The fields of a set of options."""
    options = array(record(id=integer(), sortOrder=integer(), name=text(), values=_choices()))
    return {**stamps(), "name": text(), "options": options}


PRODUCTS = listed(
    "products",
    "A product. Prices, stock, article code, EAN and SKU stand on its variants.",
    {
        **stamps(),
        **booleans("isVisible"),
        "visibility": text(),
        **booleans("hasMatrix"),
        **texts("data01", "data02", "data03", *_WORDS),
        "set": record(id=integer(), **set_fields()),
        **references("brand", "deliverydate", "type", "supplier"),
        "image": image(),
        "templateDataFields": record(),
    },
    texts=True,
)
VARIANTS = listed(
    "variants",
    "A variant of a product: price, stock, article code, EAN, SKU, sizes.",
    {
        **stamps(),
        **booleans("isDefault"),
        "sortOrder": integer(),
        **texts("articleCode", "ean", "sku", "hs"),
        "unitPrice": number(),
        "unitUnit": text(),
        **numbers(*_PRICES),
        "stockTracking": text(),
        **integers(*_STOCK, *_BUY),
        **integers("weight"),
        "weightValue": number(),
        "weightUnit": text(),
        **integers("volume"),
        "volumeValue": number(),
        "volumeUnit": text(),
        **integers("colli", "sizeX", "sizeY", "sizeZ"),
        **numbers("sizeXValue", "sizeYValue", "sizeZValue"),
        "sizeUnit": text(),
        **texts("matrix", "title", "taxType"),
        "image": image(),
        **references("tax", "product", "additionalcost"),
        "options": array(record(id=integer(), name=text(), sortOrder=integer(), value=anything(), values=anything())),
    },
    texts=True,
)
MOVEMENTS = listed(
    "variants/movements",
    "A change of stock.",
    {"createdAt": instant(), "channel": text(), "stockLevelChange": number(), **references("product", "variant")},
    changes="createdAt",
)


def _named(*more: str) -> dict[str, Schema]:
    return {"id": integer(), **stamps(), **booleans("isVisible"), **texts("url", "title", *more)}


CATALOG = listed(
    "catalog",
    "A product with its brand, images, categories, variants, specifications, filters, relations and reviews.",
    {
        **stamps(),
        **booleans("isVisible", "isFeatured"),
        "visibility": text(),
        "hits": integer(),
        **texts("data01", "data02", "data03", *_WORDS),
        "brand": record(**_named("content"), image=record(id=integer(), **texts("thumb", "src"))),
        "supplier": record(id=integer(), **stamps(), title=text()),
        "deliverydate": record(id=integer(), **stamps(), **texts("name", "inStockMessage", "outStockMessage")),
        "image": record(id=integer(), **stamps(), **texts("extension", "title", "thumb", "src"), size=integer()),
        "images": array(
            record(
                id=integer(),
                sortOrder=integer(),
                **stamps(),
                **texts("extension", "title", "thumb", "src"),
                size=integer(),
            )
        ),
        "categories": array(
            record(
                **_named("fulltitle", "description", "content"),
                depth=integer(),
                sortOrder=integer(),
                image=record(id=integer(), **texts("thumb", "src")),
            )
        ),
        "variants": array(
            record(
                id=integer(),
                **stamps(),
                isDefault=boolean(),
                sortOrder=integer(),
                **texts("articleCode", "ean", "sku", "hs"),
                # The rate here, not a reference.
                tax=number(),
                **numbers(*_PRICES),
                stockTracking=text(),
                **integers(*_STOCK, *_BUY, *_SIZES),
                **texts("matrix", "title"),
            )
        ),
        "relations": array(record(id=integer(), sortOrder=integer(), relatedProduct=record(id=integer()))),
        "filters": array(
            record(
                id=integer(),
                sortOrder=integer(),
                title=text(),
                values=array(record(id=integer(), sortOrder=integer(), title=text())),
            )
        ),
        "reviews": array(
            record(id=integer(), **instants("createdAt", "updatedAt"), score=number(), **texts("name", "content"))
        ),
        "specifications": array(record(id=integer(), name=text(), value=anything())),
        "discounts": array({}),
    },
    texts=True,
)


def _images(product: Row) -> list[Row] | None:
    return _list(product, "images")


def _specifications(product: Row) -> list[Row] | None:
    rows = _list(product, "specifications")
    return rows if rows is None else [_specification(row) for row in rows]


def _specification(row: Row) -> Row:
    value = row.get("value")
    rest = {name: one for name, one in row.items() if name not in {"name", "title", "value"}}
    # A list of the product's own has texts.
    return rest | {"title": row.get("name", row.get("title")), "value": value if value is None else str(value)}


def _relations(product: Row) -> list[Row] | None:
    rows = _list(product, "relations")
    return rows if rows is None else [_relation(row) for row in rows]


def _relation(row: Row) -> Row:
    """What a relation in the catalog looks like is unknown: itself, or the product that it leads to."""
    other = row.get("relatedProduct")
    if isinstance(other, dict):
        return row
    return {"id": row["id"], "sortOrder": row.get("sortOrder"), "relatedProduct": {"id": other or row["id"]}}


def _filter_values(product: Row) -> list[Row] | None:
    rows = _list(product, "filters")
    if rows is None:
        return None
    return [
        {"id": value["id"], "filter": {"id": row["id"]}, "filtervalue": {"id": value["id"]}}
        for row in rows
        for value in row.get("values") or []
    ]


def _list(product: Row, name: str) -> list[Row] | None:
    value = product.get(name)
    return value if isinstance(value, list) else None


PRODUCT_IMAGES = child(
    "products/{}/images",
    "Images of a product.",
    {"sortOrder": integer(), **stamps(), "extension": text(), "size": integer(), **texts("title", "thumb", "src")},
    CATALOG,
    _images,
    asked="products",
)
PRODUCT_ATTRIBUTES = child(
    "products/{}/attributes",
    "Specifications of a product; the id is that of the attribute.",
    texts("title", "value"),
    CATALOG,
    _specifications,
    asked="products",
    texts=True,
)
PRODUCT_FILTER_VALUES = child(
    "products/{}/filtervalues",
    "Filter values of a product.",
    references("filter", "filtervalue"),
    CATALOG,
    _filter_values,
    asked="products",
)
PRODUCT_RELATIONS = child(
    "products/{}/relations",
    "Products shown with a product.",
    {"sortOrder": integer(), **references("relatedProduct")},
    CATALOG,
    _relations,
    asked="products",
)

ALL = (
    PRODUCTS,
    VARIANTS,
    MOVEMENTS,
    CATALOG,
    PRODUCT_IMAGES,
    PRODUCT_ATTRIBUTES,
    PRODUCT_FILTER_VALUES,
    PRODUCT_RELATIONS,
    metafields(PRODUCTS, "a product"),
    metafields(VARIANTS, "a variant"),
    only_image(VARIANTS, "The image of a variant."),
)
"""The streams of this module."""
