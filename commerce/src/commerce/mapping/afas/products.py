"""Items and their variants as products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commerce.errors import MappingError
from commerce.goods import Placement, Product, ProductKind
from commerce.mapping.afas.attributes import (
    attributes,
    dimension_axes,
    dimension_values,
    own_axes,
    own_values,
)
from commerce.mapping.afas.barcodes import gtins
from commerce.mapping.afas.heads import head, unit
from commerce.mapping.afas.images import images
from commerce.mapping.afas.keys import ARTICLE, COMPOSITION, Item, coded, identifiers, item_of
from commerce.mapping.afas.measures import sizes, weight
from commerce.mapping.afas.notes import Notes
from commerce.mapping.afas.texts import texts
from commerce.mapping.afas.vat import product_vat
from commerce.models import Extra, Ref
from commerce.normalise import country_code

if TYPE_CHECKING:
    from commerce.mapping.afas.options import Options
    from commerce.mapping.afas.rows import Row

_KINDS = {
    COMPOSITION: ProductKind.BUNDLE,
    "1": ProductKind.SERVICE,
    "6": ProductKind.SERVICE,
    "8": ProductKind.SERVICE,
    ARTICLE: ProductKind.SIMPLE,
}
# Article type: 3 is one dimension, 4 is two; connectors may give the description.
_WITH_DIMENSIONS = {"3", "4"}
_CATEGORIES = tuple(f"WebCategory{number}" for number in range(1, 6))
# AFAS's country codes follow the distinguishing signs of vehicles where those are shorter than ISO's.
_SIGNS = {"A": "AT", "B": "BE", "D": "DE", "E": "ES", "F": "FR", "H": "HU", "I": "IT", "L": "LU", "N": "NO", "P": "PT"}


def product(row: Row, options: Options) -> Product:
    """Map a row of the role ``products``.

    Args:
        row: An item, with the columns of its E-commerce tab.
        options: The options.

    Returns:
        The product: simple, a parent of variants (article dimensions), a variant of a parent item, a bundle, a service
        or a gift card. What the connector has no column for is absent.

    Raises:
        MappingError: When the row can't be mapped.
    """
    item = Item(options, row.needed("ItemType"), row.needed("Item"))
    notes = Notes()
    fields: dict[str, Any] = {
        **_head(row, options, item, notes, changed=("Modified",), blocked="Blocked"),
        "ids": identifiers(options, item_type=item.kind, item_code=item.code),
        **_text_fields(row, options, notes),
        **_references(row, options),
        **attributes(row, options),
        **_measures(row, options, notes),
        **product_vat(row, options),
        **_rules(row, options),
        **_kind(row, item, options),
    }
    if (pictures := images(row, notes)) is not None:
        fields["images"] = pictures
    if extra := _origin(row, fields, notes) | _figures(row) | notes.extra():
        fields["extra"] = extra
    return Product(**fields)


def variant(row: Row, options: Options) -> Product:
    """Map a row of the role ``variants``: an item with dimension codes, and what a variant has of its own.

    Raises:
        MappingError: When the row can't be mapped.
    """
    item = item_of(row, options)
    if not any(item.dimensions):
        raise MappingError("missing_value", row.column("Dim1"))
    parent = Item(options, item.kind, item.code)
    notes = Notes()
    first, second = item.dimensions
    fields: dict[str, Any] = {
        **_head(row, options, item, notes, changed=("Modified", "ItemModified"), blocked="BlockedSales"),
        "ids": identifiers(options, item_type=item.kind, item_code=item.code, dimension_1=first, dimension_2=second),
        "kind": ProductKind.VARIANT,
        "parent": parent.ref,
        "axis_values": dimension_values(row, item),
    }
    if extra := notes.extra():
        fields["extra"] = extra
    return Product(**fields)


def product_key(row: Row, options: Options) -> str:
    """The key of an item."""
    return Item(options, row.needed("ItemType"), row.needed("Item")).key


def variant_key(row: Row, options: Options) -> str:
    """The key of a variant of an item."""
    return item_of(row, options).key


def kind_of(item_type: str) -> ProductKind:
    """What an item is by its type alone."""
    return _KINDS.get(item_type, ProductKind.OTHER)


def _head(
    row: Row, options: Options, item: Item, notes: Notes, *, changed: tuple[str, ...], blocked: str
) -> dict[str, Any]:
    """What an item and a variant have alike."""
    made = head(row, options, item.key, changed=changed, blocked=blocked)
    made["sku"] = item.sku
    if "changed_at" in made:
        at = made["changed_at"]
        made["source_version"] = None if at is None else at.isoformat()
    if options.publish == "all":
        made["web_enabled"] = True
    else:
        made |= row.given(row.flag, web_enabled="WebEnabled")
    if (found := gtins(row, notes)) is not None:
        made["gtins"] = found
    return made


def _kind(row: Row, item: Item, options: Options) -> dict[str, Any]:
    kind = kind_of(item.kind)
    if kind is not ProductKind.SIMPLE:
        return {"kind": kind}
    if (row.text("Group") or "").casefold() in {one.casefold() for one in options.gift_card_groups}:
        return {"kind": ProductKind.GIFT_CARD}
    axes = dimension_axes(row, item, options)
    if axes or row.text("ArticleType") in _WITH_DIMENSIONS:
        return {"kind": ProductKind.VARIANT_PARENT, "axes": axes}
    named = row.text("ParentItem")
    parent = None if named is None else Item(options, item.kind, named)
    if row.flag("IsParent") or (parent is not None and parent.key == item.key):
        # Its variants are items of their own: each says by itself whether its stock is kept.
        return {"kind": ProductKind.VARIANT_PARENT, "axes": own_axes(row, options), "stock_tracked": None}
    if parent is None:
        return {"kind": kind}
    return {
        "kind": ProductKind.VARIANT,
        "parent": parent.ref,
        "axis_values": own_values(row, options),
    }


def _text_fields(row: Row, options: Options, notes: Notes) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if (found := texts(row, options, notes)) is not None:
        made["texts"] = found
    return made


def _references(row: Row, options: Options) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if row.has("Brand"):
        brand = row.text("Brand")
        made["brand"] = None if brand is None else Ref(name=" ".join(brand.split()))
    if row.has("Group"):
        made["item_group"] = coded(options, "group", row.text("Group"), row.text("GroupName"))
    if row.has(*_CATEGORIES):
        codes = dict.fromkeys(code for name in _CATEGORIES if (code := row.text(name)))
        made["categories"] = [
            Placement(category=category(options, code), primary=at == 0) for at, code in enumerate(codes)
        ]
    return made


def category(options: Options, code: str) -> Ref:
    """A reference to a category, as every stream makes it."""
    return coded(options, "category", code) or Ref()


def _measures(row: Row, options: Options, notes: Notes) -> dict[str, Any]:
    return {**weight(row, options, notes), **sizes(row, options), **unit(row)}


def _rules(row: Row, options: Options) -> dict[str, Any]:
    made: dict[str, Any] = {
        **row.given(row.some, minimum_quantity="MinimumQuantity"),
        **row.given(row.number, cost_price="CostPrice"),
        **row.given(row.flag, stock_tracked="KeepStock"),
        **row.given(row.text, hs_code="HsCode"),
    }
    if row.has("StockControl"):
        code = row.text("StockControl")
        made["backorder"] = None if code is None else options.backorder.get(code, "other")
    return made


def _origin(row: Row, fields: dict[str, Any], notes: Notes) -> dict[str, Extra]:
    """The country of origin; a code that is no country's travels as it is."""
    if not row.has("Origin"):
        return {}
    raw = row.text("Origin")
    country = _SIGNS.get(raw.upper(), raw) if raw else None
    fields["origin_country"] = country_code(country)
    if raw is None or fields["origin_country"] is not None:
        return {}
    notes.add("country_unknown", row.column("Origin"))
    return {"origin_raw": Extra(type="string", value=raw)}


def _figures(row: Row) -> dict[str, Extra]:
    """Figures that the contract has no field for on a product: its own sales price, and per how many pieces it is."""
    made = {}
    if (price := row.number("SalesPrice")) is not None:
        made["sales_price"] = Extra(type="decimal", value=format(price, "f"))
    if (factor := row.whole("PriceFactor")) is not None and factor > 1:
        made["price_factor"] = Extra(type="integer", value=factor)
    return made
