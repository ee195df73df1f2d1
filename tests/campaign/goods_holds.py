"""Holds that may last when the causes are gone: each reason with what must stand in the books for it.

And what a hold explains: one for a category doesn't excuse a wrong title.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.campaign.goods_wants import Wanted, Wants

Json = dict[str, Any]

EXPLAINS: Mapping[str, str] = {
    "waits_for_category": "place",
}
"""Reason of a hold -> the part of a product that may differ because of it."""


def excused(product: Wanted, part: str, held: list[Json]) -> bool:
    """Whether a hold of one of a product's own records explains why a part of it differs."""
    rows = [("Commerce_Products", product.row), *((one.stream, one.row) for one in product.members)]
    return any(
        entry["stream"] == stream
        and entry["key"].split("|")[:2] == [row["ItemType"], row["Item"]]
        and EXPLAINS.get(entry["reason"]) == part
        for stream, row in rows
        for entry in held
    )


def lasts(entry: Json, wants: Wants, shop: Json) -> bool:
    """Whether the books say why something is still held."""
    rule = _LASTING.get((entry["stream"], entry["reason"]))
    return rule is not None and rule(entry["key"].split("|"), wants, shop)


def _end_is_missing(key: list[str], wants: Wants, shop: Json) -> bool:
    """One of the two items has no product in the shop, and none is wanted or could be made."""
    ends = {(key[0], key[1]), (key[2], key[3])}
    return not ends <= wants.standing(shop).keys()


def _parent_is_missing(key: list[str], wants: Wants, _: Json) -> bool:
    rows = {row["Category"]: row for row in wants.afas["Categories"]}
    row = rows.get(key[0])
    return row is not None and row["Parent"] not in {None, ""} and not _shown(row["Parent"], rows)


def _category_is_missing(key: list[str], wants: Wants, _: Json) -> bool:
    rows = {row["Category"]: row for row in wants.afas["Categories"]}
    item = wants.items.get((key[0], key[1]), {})
    codes = [item.get(f"WebCategory{number}") for number in range(1, 6)]
    return any(code and not _shown(code, rows) for code in codes)


def _shown(code: str, rows: Mapping[str, Json]) -> bool:
    """Whether a category, and everything above it, is meant for the shop."""
    row = rows.get(code)
    return row is not None and not row["Blocked"] and (not row["Parent"] or _shown(row["Parent"], rows))


def _no_variant_left(key: list[str], wants: Wants, _: Json) -> bool:
    """No variant of the item is meant for the shop."""
    return not any((one.row["ItemType"], one.row["Item"]) == (key[0], key[1]) for one in wants.products)


def _item_above_is_missing(key: list[str], wants: Wants, _: Json) -> bool:
    """The item whose variant it is isn't meant for the shop."""
    above = key[1]
    if len(key) == _ITEM:
        above = wants.items.get((key[0], key[1]), {}).get("ParentItem") or ""
    row = wants.items.get((key[0], above))
    return row is None or row["Blocked"] or not row["WebEnabled"]


_ITEM = 2
"""Parts of the key of an item; a variant's has the dimensions too."""

_LASTING: Mapping[tuple[str, str], Callable[[list[str], Wants, Json], bool]] = {
    ("Commerce_ProductRelations", "waits_for_product"): _end_is_missing,
    ("Commerce_Categories", "waits_for_parent"): _parent_is_missing,
    ("Commerce_Products", "waits_for_category"): _category_is_missing,
    ("Commerce_Products", "no_variants"): _no_variant_left,
    ("Commerce_Products", "waits_for_parent"): _item_above_is_missing,
    ("Commerce_Variants", "waits_for_parent"): _item_above_is_missing,
}
"""Stream and reason -> what stands in the books for it."""
