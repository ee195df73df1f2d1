"""A price of an item that has variants is a price of each of them, unless the variant has its own.

The catalogue flow keeps which variants an item has, under their keys of the contract.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from target_lightspeed.commerce.catalogue.memory import FAMILIES, OWNERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from target_lightspeed.commerce.prices.rows import PriceRow
    from upsert.store import Store

_FINGERPRINT = ":x-"
"""In a key that is one, nothing can be seen of the item that it belongs to."""


def known_families(store: Store, scope: str) -> dict[str, dict[str, str]]:
    """Key of an item -> key of each of its variants -> SKU, as far as the catalogue flow knows them."""
    skus = {row.ids["key"]: row.key for row in store.known(scope, OWNERS) if row.ids.get("key")}
    return {
        row.key: {key: skus[key] for key in row.ids if key in skus and _is_variant(key, row.key)}
        for row in store.known(scope, FAMILIES)
    }


def spread(rows: Sequence[PriceRow], families: Mapping[str, Mapping[str, str]]) -> list[PriceRow]:
    """The same rows, with one for each variant in place of those of the item as a whole. Pure.

    Args:
        rows: As they came.
        families: See `known_families`.
    """
    return [one for row in rows for one in _spread(row, families)]


def _spread(row: PriceRow, families: Mapping[str, Mapping[str, str]]) -> Iterable[PriceRow]:
    family = families.get(row.item, {})
    if not family or row.refusal:
        return [row]
    return [replace(row, sku=sku, key=f"{row.key}/{sku}", whole=True) for sku in sorted(family.values())]


def _is_variant(key: str, item: str) -> bool:
    """Whether a member of a family is the item in one of its dimensions, and no item with prices of its own."""
    return key.startswith(f"{item}:") or (_FINGERPRINT in item and key != item)
