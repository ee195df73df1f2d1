"""Categories, and products that point to other products: relations and the parts of compositions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commerce.errors import MappingError
from commerce.goods import Category, ProductRelation, RelationType, Text
from commerce.mapping.afas.heads import head
from commerce.mapping.afas.keys import ARTICLE, COMPOSITION, COUNTLESS, Item, item_of, item_type, key
from commerce.mapping.afas.products import category as category_ref
from commerce.models import Extra

if TYPE_CHECKING:
    from commerce.mapping.afas.options import Options
    from commerce.mapping.afas.rows import Row

_NAMES = {"nl": "Description", "en": "DescriptionEn", "de": "DescriptionDe", "fr": "DescriptionFr"}


def category(row: Row, options: Options) -> Category:
    """Map a row of the role ``categories``; a category that names itself as its parent stands at the top.

    Raises:
        MappingError: When the row can't be mapped.
    """
    code = row.needed("Category")
    fields: dict[str, Any] = {
        **head(row, options, category_key(row, options), blocked="Blocked"),
        "code": code,
        "texts": _names(row),
        **row.given(row.whole, position="Position"),
    }
    if row.has("Parent"):
        parent = row.text("Parent")
        above = None if parent is None else category_ref(options, parent)
        fields["parent"] = None if above is None or above.key == fields["key"] else above
    return Category(**fields)


def _names(row: Row) -> list[Text]:
    found = [
        Text(language=language, role="title", value=value)
        for language, column in _NAMES.items()
        if (value := row.text(column)) is not None
    ]
    if not found:
        raise MappingError("missing_value", row.column("Description"))
    return found


def product_relation(row: Row, options: Options) -> ProductRelation:
    """Map a row of the role ``product_relations``.

    Raises:
        MappingError: When the row can't be mapped.
    """
    item, related = ends(row, options)
    kind = row.code("Kind")
    return ProductRelation(
        **head(row, options, relation_key(row, options)),
        item=item.ref,
        related=related.ref,
        type=options.relation_types.get(kind.lower(), RelationType.OTHER),
        type_raw=kind or None,
        **row.given(row.whole, position="Position"),
        **row.given(row.flag, both_ways="BothWays"),
    )


def category_key(row: Row, options: Options) -> str:
    """The key of a category."""
    return key(options, "category", row.needed("Category"))


def ends(row: Row, options: Options) -> tuple[Item, Item]:
    """The item of a relation, and the one that it points to."""
    return (
        Item(options, row.needed("ItemType"), row.needed("Item")),
        Item(options, row.needed("RelatedType"), row.needed("Related")),
    )


def relation_key(row: Row, options: Options) -> str:
    """The key of a relation: both ends and the kind."""
    item, related = ends(row, options)
    return key(options, "relation", *item.parts, *related.parts, row.code("Kind"))


def bundle_part(row: Row, options: Options) -> ProductRelation:
    """Map a row of the role ``compositions``: an item that is in a composition so many times.

    Raises:
        MappingError: When the row can't be mapped.
    """
    quantity = row.number("Quantity")
    if quantity is None:
        raise MappingError("missing_value", row.column("Quantity"))
    return ProductRelation(
        **head(row, options, part_key(row, options)),
        item=composition(row, options).ref,
        related=item_of(row, options, kind="PartType", code="Part", dims="PartDim").ref,
        type=RelationType.BUNDLE_PART,
        quantity=quantity,
        position=row.whole("Seq"),
        **row.given(row.flag, required="Required"),
        **_can_run_out(row),
    )


def _can_run_out(row: Row) -> dict[str, Any]:
    """Whether the part can run out, in ``extra``: no work, text or cost does (read-api 7.1). {} when nobody says."""
    kind = item_type(row.needed("PartType"))
    if kind in COUNTLESS:
        tracked = False
    elif kind == ARTICLE and row.has("KeepStock"):
        tracked = row.flag("KeepStock")
    else:
        return {}
    return {"extra": {"stock_tracked": Extra(type="boolean", value=tracked)}}


def part_key(row: Row, options: Options) -> str:
    """The key of a part, from the columns that AFAS knows it by."""
    return key(options, "part", row.needed("Composition"), row.needed("Seq"))


def composition(row: Row, options: Options) -> Item:
    """The composition that a part is in."""
    return Item(options, row.text("CompositionType") or COMPOSITION, row.needed("Composition"))
