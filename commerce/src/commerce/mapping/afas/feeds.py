"""The roles of GetConnectors as feeds of commerce streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from commerce.mapping.afas import customers, prices, products, stock, tree
from commerce.mapping.afas.deletions import DELETED, is_deleted
from commerce.mapping.afas.fields import Fields, resolve
from commerce.mapping.afas.roles import ROLES
from commerce.mapping.afas.rows import Row
from commerce.mapping.feed import GONE, Feed

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel

    from commerce.mapping.afas.options import Options
    from commerce.mapping.feed import Gone


class Mapped(NamedTuple):
    """How a role's rows are mapped, and their keys made."""

    convert: Callable[[Row, Options], BaseModel]
    key: Callable[[Row, Options], str]


MAPPED: dict[str, Mapped] = {
    "products": Mapped(products.product, products.product_key),
    "variants": Mapped(products.variant, products.variant_key),
    "stock_levels": Mapped(stock.stock_level, stock.stock_key),
    "purchase_lines": Mapped(stock.purchase_line, stock.purchase_key),
    "compositions": Mapped(tree.bundle_part, tree.part_key),
    "price_lists": Mapped(prices.price_list, prices.list_key),
    "prices": Mapped(prices.price, prices.price_key),
    "categories": Mapped(tree.category, tree.category_key),
    "product_relations": Mapped(tree.product_relation, tree.relation_key),
    "customer_groups": Mapped(customers.customer_group, customers.group_key),
    "customers": Mapped(customers.customer, customers.customer_key),
}
"""Role -> its functions."""


class ConnectorFeed(Feed):
    """One GetConnector in its role.

    Args:
        role: The role.
        options: The options.
    """

    def __init__(self, role: str, options: Options) -> None:
        self.role, self._options = role, options
        self.source_stream = options.connector(role) or role
        self.stream, self.document = ROLES[role].stream, ROLES[role].document
        self._fields = Fields()
        self._mapped = MAPPED[role]

    def learn(self, schema: Mapping[str, Any]) -> tuple[str, ...]:
        """Find the fields that the settings name; see `resolve`."""
        self._fields = resolve(self.role, self._options, schema)
        return self._fields.warnings

    def convert(self, record: Mapping[str, Any], extracted: dt.datetime | None) -> BaseModel | Gone:
        """The mapped row, or that of one that was deleted."""
        row = Row(record, self._fields, extracted)
        if is_deleted(row):
            made = DELETED.get(self.role)
            return GONE if made is None else made(row, self._options)
        return self._mapped.convert(row, self._options)

    def key_of(self, record: Mapping[str, Any]) -> str:
        """The contract's key of a row."""
        return self._mapped.key(Row(record, self._fields), self._options)


def feeds(options: Options) -> list[Feed]:
    """A feed for every role that is not turned off."""
    return [ConnectorFeed(role, options) for role in ROLES if options.connector(role)]
