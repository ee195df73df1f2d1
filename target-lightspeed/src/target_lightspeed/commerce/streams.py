"""Which commerce stream goes into which sink. A sink is imported when its stream comes: most runs have one or two."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from singer_sdk.sinks import Sink

SINKS = {
    "categories": "categories.sink:CategorySink",
    "customer_groups": "groups.sink:GroupSink",
    "customers": "groups.sink:MemberSink",
    "price_lists": "prices.sink:PriceListSink",
    "prices": "prices.sink:PriceSink",
    "product_relations": "relations.sink:RelationSink",
    "products": "catalogue.sink:ProductSink",
    "stock_levels": "stock.sink:StockSink",
}
"""Commerce stream -> module and class under this package."""


def is_commerce(schema: Mapping[str, Any]) -> bool:
    """Whether a stream's schema is one of the contract: `mapper-commerce` writes the contract's version into it."""
    return "contract_version" in schema


def sink_of(stream: str) -> type[Sink] | None:
    """The sink of a commerce stream; None when there is none."""
    if stream not in SINKS:
        return None
    module, _, name = SINKS[stream].partition(":")
    return cast("type[Sink]", getattr(import_module(f"target_lightspeed.commerce.{module}"), name))
