"""Records that tap-afas found to be gone: nothing but their key fields is left of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commerce.goods import Category, PriceList, Product, ProductKind, ProductRelation, RelationType, StockLevel
from commerce.mapping.afas.keys import Item, identifiers, item_of, source
from commerce.mapping.afas.prices import list_key
from commerce.mapping.afas.products import kind_of, product_key, variant_key
from commerce.mapping.afas.stock import location, purchase_key, stock_key
from commerce.mapping.afas.tree import category_key, composition, ends, part_key, relation_key
from commerce.models import Ref

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel

    from commerce.mapping.afas.options import Options
    from commerce.mapping.afas.rows import Row

MARK = "_sdc_deleted_at"


def is_deleted(row: Row) -> bool:
    """Whether tap-afas marked the record as deleted."""
    return row.record.get(MARK) is not None


def _product(row: Row, options: Options) -> BaseModel:
    item = Item(options, row.needed("ItemType"), row.needed("Item"))
    return Product(
        key=product_key(row, options),
        ids=identifiers(options, item_type=item.kind, item_code=item.code),
        kind=kind_of(item.kind),
        sku=item.sku,
        **_gone(row, options),
    )


def _variant(row: Row, options: Options) -> BaseModel:
    item = item_of(row, options)
    return Product(
        key=variant_key(row, options),
        kind=ProductKind.VARIANT,
        parent=Item(options, item.kind, item.code).ref,
        sku=item.sku,
        **_gone(row, options),
    )


def _stock_level(row: Row, options: Options) -> BaseModel:
    return StockLevel(
        key=stock_key(row, options),
        item=item_of(row, options).ref,
        location=location(row, options),
        source=source(options),
        active=False,
    )


def _purchase_line(row: Row, options: Options) -> BaseModel:
    return StockLevel(key=purchase_key(row, options), item=Ref(), location=Ref(), source=source(options), active=False)


def _price_list(row: Row, options: Options) -> BaseModel:
    return PriceList(key=list_key(row, options), code=row.needed("PriceList"), source=source(options), active=False)


def _category(row: Row, options: Options) -> BaseModel:
    return Category(key=category_key(row, options), code=row.needed("Category"), **_gone(row, options))


def _relation(row: Row, options: Options) -> BaseModel:
    item, related = ends(row, options)
    kind = options.relation_types.get(row.code("Kind").lower(), RelationType.OTHER)
    return ProductRelation(
        key=relation_key(row, options), item=item.ref, related=related.ref, type=kind, **_gone(row, options)
    )


def _part(row: Row, options: Options) -> BaseModel:
    return ProductRelation(
        key=part_key(row, options),
        item=composition(row, options).ref,
        related=Ref(),
        type=RelationType.BUNDLE_PART,
        **_gone(row, options),
    )


def _gone(row: Row, options: Options) -> dict[str, Any]:
    return {"source": source(options), "active": False, "deleted_at": row.instant(MARK)}


DELETED: Mapping[str, Callable[[Row, Options], BaseModel]] = {
    "products": _product,
    "variants": _variant,
    "stock_levels": _stock_level,
    "purchase_lines": _purchase_line,
    "compositions": _part,
    "price_lists": _price_list,
    "categories": _category,
    "product_relations": _relation,
}
"""Role -> the record of something that AFAS has no more. Prices, customer groups and customers are not here: their keys
alone make no record of the contract, so they are passed on as gone."""
