"""A product of the catalogue with everything embedded: what `GET catalog` shows. Names of fields per part, no rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.lightspeed import pictures
from sandbox.lightspeed.resources import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.lightspeed.fields import Record
    from sandbox.lightspeed.render import Lens
    from sandbox.lightspeed.shop import Shop

PARTS = (
    "products",
    "variants",
    "brands",
    "suppliers",
    "deliverydates",
    "products/{}/images",
    "categories",
    "categories/products",
    "products/{}/relations",
    "filters",
    "filters/{}/values",
    "products/{}/filtervalues",
    "reviews",
    "products/{}/attributes",
    "quantity_discounts",
    "taxes",
)
"""Tables that a catalogue product is made of."""
_OWN = ("id", "createdAt", "updatedAt", "isVisible")
_OWN_TEXTS = ("visibility", "data01", "data02", "data03", "url", "title", "fulltitle", "description", "content")
_IMAGE = ("id", "createdAt", "updatedAt", "sortOrder", "thumb", "src")
_CATEGORY = ("id", "createdAt", "updatedAt", "isVisible", "depth", "sortOrder", "image", "url", "title")
_VARIANT = (
    "id",
    "isDefault",
    "sortOrder",
    "articleCode",
    "ean",
    "sku",
    "hs",
    "tax",
    "priceExcl",
    "priceIncl",
    "priceCost",
    "oldPriceExcl",
    "oldPriceIncl",
    "stockTracking",
    "stockLevel",
    "stockAlert",
    "stockMinimum",
    "stockSold",
    "stockBuyMininum",
    "stockBuyMinimum",
    "stockBuyMaximum",
    "weight",
    "volume",
    "colli",
    "sizeX",
    "sizeY",
    "sizeZ",
    "matrix",
    "title",
)
_BRAND = ("id", "createdAt", "updatedAt", "isVisible", "url", "title", "image")
_SUPPLIER = ("id", "createdAt", "updatedAt", "title")
_DELIVERY = ("id", "createdAt", "updatedAt", "name", "inStockMessage", "outStockMessage")
_REVIEW = ("id", "createdAt", "updatedAt", "isVisible", "score", "name", "content")
_DISCOUNT = (
    "id",
    "variant",
    "quantity",
    "price",
    "percentage",
    "isPercentage",
    "customerGroup",
    "startDate",
    "endDate",
)


def product(shop: Shop, record: Record, lens: Lens) -> dict[str, Any]:
    """One product as the catalogue shows it."""
    identity = record["id"]
    found = {name: shop.find(path, key, identity) for name, (path, key) in _LISTS.items()}
    images = sorted(found["images"], key=lambda one: (one.get("sortOrder", 1), one["id"]))
    links = {row["category"]: row for row in found["categories"]}
    categories = [shop.get("categories", one) for one in links]
    by_id = shop.switches["catalog_lists"] == "object"
    return {
        **_shown("products", record, lens, _OWN),
        "isFeatured": False,
        **_shown("products", record, lens, _OWN_TEXTS[:1]),
        "hits": 0,
        **_shown("products", record, lens, _OWN_TEXTS[1:]),
        "brand": _one(shop, "brands", record.get("brand"), lens, _BRAND),
        "supplier": _one(shop, "suppliers", record.get("supplier"), lens, _SUPPLIER),
        "deliverydate": _one(shop, "deliverydates", record.get("deliverydate"), lens, _DELIVERY),
        "image": _shown(pictures.IMAGES, images[0], lens, ("id", "thumb", "src")) if images else False,
        "images": _many(pictures.IMAGES, images, lens, _IMAGE),
        "categories": _keyed(
            _many("categories", [one for one in categories if one is not None], lens, _CATEGORY), by_id=by_id
        ),
        "variants": _keyed([_variant(shop, one, lens) for one in found["variants"]], by_id=by_id),
        "relations": [_relation(shop, one, lens) for one in found["relations"]],
        "filters": _filters(shop, found["filters"], lens),
        "reviews": _many("reviews", found["reviews"], lens, _REVIEW),
        "specifications": [
            {"id": one["attribute"], "name": shown["title"], "value": shown["value"]}
            for one in found["specifications"]
            for shown in (_shown("products/{}/attributes", one, lens, ("title", "value")),)
        ],
        "discounts": _many("quantity_discounts", found["discounts"], lens, _DISCOUNT),
    }


_LISTS = {
    "images": (pictures.IMAGES, "_parent"),
    "categories": ("categories/products", "product"),
    "variants": ("variants", "product"),
    "relations": ("products/{}/relations", "_parent"),
    "filters": ("products/{}/filtervalues", "_parent"),
    "reviews": ("reviews", "product"),
    "specifications": ("products/{}/attributes", "_parent"),
    "discounts": ("quantity_discounts", "product"),
}
"""Part -> table and index in which its rows are found."""


_NAMED = {path: resource.named for path, resource in RESOURCES.items()}


def _shown(path: str, record: Record, lens: Lens, names: Iterable[str]) -> dict[str, Any]:
    fields = _NAMED[path]
    return {name: fields[name].show(record, lens) for name in names}


def _one(shop: Shop, path: str, identity: int | None, lens: Lens, names: Iterable[str]) -> dict[str, Any] | bool:
    record = shop.get(path, identity) if identity else None
    return _shown(path, record, lens, names) if record is not None else False


def _many(path: str, rows: Sequence[Record], lens: Lens, names: Sequence[str]) -> list[dict[str, Any]]:
    return [_shown(path, row, lens, names) for row in rows]


def _variant(shop: Shop, record: Record, lens: Lens) -> dict[str, Any]:
    """`tax` is the rate here, not a reference."""
    tax = shop.get("taxes", record["tax"]) if record.get("tax") else None
    return {**_shown("variants", record, lens, _VARIANT), "tax": tax.get("rate", 0) if tax else 0}


def _relation(shop: Shop, record: Record, lens: Lens) -> dict[str, Any]:
    """The related product in short (what a relation looks like here is assumed)."""
    other = shop.get("products", record.get("relatedProduct") or 0)
    order = {"id": record.get("relatedProduct"), "sortOrder": record.get("sortOrder", 1)}
    return {**order, **(_shown("products", other, lens, ("url", "title")) if other else {"url": "", "title": ""})}


def _filters(shop: Shop, rows: Sequence[Record], lens: Lens) -> list[dict[str, Any]]:
    """The product's values under each filter; `sortOrder` is the position."""
    grouped: dict[int, list[Record]] = {}
    for row in rows:
        value = shop.get("filters/{}/values", row["filtervalue"])
        if value is not None:
            grouped.setdefault(row["filter"], []).append(value)
    answer = []
    for identity, values in grouped.items():
        shown = [_placed("filters/{}/values", value, lens) for value in values]
        found = shop.get("filters", identity)
        if found is not None:
            answer.append({**_placed("filters", found, lens), "values": shown})
    return answer


def _placed(path: str, record: Record, lens: Lens) -> dict[str, Any]:
    shown = _shown(path, record, lens, ("id", "position", "title"))
    return {"id": shown["id"], "sortOrder": shown["position"], "title": shown["title"]}


def _keyed(rows: list[dict[str, Any]], *, by_id: bool) -> Any:
    """A list, or by switch an object keyed by id (both were seen); PHP shows an empty one as []."""
    return {str(row["id"]): row for row in rows} if by_id and rows else rows
