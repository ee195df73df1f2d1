"""The roles that GetConnectors play: which commerce stream their rows feed, and what must be in them."""

from __future__ import annotations

from dataclasses import dataclass


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
