"""The roles that GetConnectors play: which commerce stream their rows feed, and what must be in them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Role:
    """What a GetConnector is for.

    Attributes:
        connector: Id of our own GetConnector for it.
        stream: The commerce stream that its rows feed.
        document: What expressions call the mapped record.
        needed: Columns without which nothing can be mapped.
    """

    connector: str
    stream: str
    document: str
    needed: tuple[str, ...]


ROLES: dict[str, Role] = {
    "products": Role("Commerce_Products", "products", "product", ("ItemType", "Item")),
    "variants": Role("Commerce_Variants", "products", "product", ("ItemType", "Item", "Dim1")),
    "stock_levels": Role("Commerce_Stock", "stock_levels", "level", ("ItemType", "Item", "Warehouse")),
    "purchase_lines": Role(
        "Commerce_PurchaseLines", "stock_levels", "level", ("OrderNumber", "Seq", "ItemType", "Item", "Open")
    ),
    "compositions": Role(
        "Commerce_Compositions", "product_relations", "relation", ("Composition", "Seq", "PartType", "Part", "Quantity")
    ),
    "price_lists": Role("Commerce_PriceLists", "price_lists", "price_list", ("PriceList",)),
    "prices": Role(
        "Commerce_Prices", "prices", "price", ("PriceList", "ItemType", "Item", "Currency", "Price", "InclVat")
    ),
    "categories": Role("Commerce_Categories", "categories", "category", ("Category",)),
    "product_relations": Role(
        "Commerce_ProductRelations",
        "product_relations",
        "relation",
        ("ItemType", "Item", "RelatedType", "Related", "Kind"),
    ),
    "customer_groups": Role("Commerce_CustomerGroups", "customer_groups", "group", ("Group",)),
    "customers": Role("Commerce_Relations", "customers", "customer", ("Contact", "Name")),
}
"""Every role by its name, which also is its place in `overrides`."""


@cache
def _descriptions() -> dict[str, Any]:
    text = files(__package__ or "").joinpath("connectors.json").read_text(encoding="utf-8")
    described: dict[str, Any] = json.loads(text)
    return described


def described(connector: str) -> dict[str, dict[str, Any]]:
    """The fields of one of our own GetConnectors, as ``connectors.json`` describes them; empty for another one.

    Returns:
        Field id -> ``type``, ``code`` of AFAS, Dutch ``label``, and whether it is ``free`` and ``optional``.
    """
    fields: dict[str, dict[str, Any]] = _descriptions().get(connector, {}).get("fields", {})
    return fields
