"""JSON schemas of the commerce streams, as SCHEMA messages carry them.

``python -m commerce schemas FOLDER`` writes one file per stream; those under ``commerce/schemas`` are published.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from commerce.goods import Category, CustomerGroup, ItemPrice, PriceList, Product, ProductRelation, StockLevel
from commerce.models import CONTRACT_VERSION, Customer, Order

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import BaseModel

MODELS: dict[str, type[BaseModel]] = {
    "categories": Category,
    "customer_groups": CustomerGroup,
    "customers": Customer,
    "orders": Order,
    "price_lists": PriceList,
    "prices": ItemPrice,
    "product_relations": ProductRelation,
    "products": Product,
    "stock_levels": StockLevel,
}
"""The model of each commerce stream."""

SOURCE_FIELDS: dict[str, Any] = {
    "_source_stream": {"type": ["string", "null"], "description": "The stream of the tap that the record came from."},
    "_source_key": {"type": ["string", "null"], "description": "The record's key in that stream, as text."},
    "_gone": {
        "type": ["boolean", "null"],
        "description": "True when the source has the record no more, or filters it out.",
    },
    "_error": {
        "type": ["string", "null"],
        "description": "Why the record could not be mapped: a code, and the path of the field.",
    },
}
"""What stands beside the contract's fields in each record."""

_DROPPED = frozenset({"title", "default", "required", "additionalProperties", "$defs"})


@cache
def _published(stream: str) -> str:
    raw = MODELS[stream].model_json_schema(mode="serialization")
    made = _inlined(raw, raw.get("$defs", {}))
    made["properties"] = made["properties"] | SOURCE_FIELDS
    return json.dumps({"contract_version": CONTRACT_VERSION, **made, "required": ["key"]})


def schema(stream: str) -> dict[str, Any]:
    """The JSON schema of a commerce stream, without references.

    Decimals are text of format ``x-singer.decimal``. Only the key is required and there are no defaults: an absent
    field means "not said". Fields may be added within a ``contract_version``.

    Args:
        stream: One of `MODELS`.

    Returns:
        A schema of its own for each caller.

    Raises:
        KeyError: When there is no such stream.
    """
    made: dict[str, Any] = json.loads(_published(stream))
    return made


def _inlined(node: Any, definitions: dict[str, Any]) -> Any:
    """The schema with references resolved, and "X or null" written as one type."""
    if isinstance(node, list):
        return [_inlined(one, definitions) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        own = {key: value for key, value in node.items() if key != "$ref"}
        return _inlined({**definitions[node["$ref"].rpartition("/")[2]], **own}, definitions)
    made: dict[str, Any] = {}
    for key, value in node.items():
        if key == "properties":
            made[key] = {name: _inlined(one, definitions) for name, one in value.items()}
        elif key == "additionalProperties" and isinstance(value, dict):
            made[key] = _inlined(value, definitions)
        elif key == "const":
            made["enum"] = [value]
        elif key not in _DROPPED:
            made[key] = _inlined(value, definitions)
    return _collapsed(made)


def _collapsed(node: dict[str, Any]) -> dict[str, Any]:
    """``anyOf`` written as a list of types: all alternatives here differ in type."""
    if "anyOf" not in node:
        return node
    made = {key: value for key, value in node.items() if key != "anyOf"}
    types: list[str] = []
    for one in node["anyOf"]:
        kinds = one.get("type", [])
        types += [kinds] if isinstance(kinds, str) else kinds
        made |= {key: value for key, value in one.items() if key not in {"type", *made}}
    made["type"] = list(dict.fromkeys(types))
    if "null" in made["type"] and "enum" in made:
        made["enum"] = [*made["enum"], None]
    return made


def write(folder: Path) -> list[Path]:
    """Write the schema of every stream to ``<folder>/<stream>.json``.

    Returns:
        The files.
    """
    files = []
    for stream in MODELS:
        files.append(folder / f"{stream}.json")
        files[-1].write_text(json.dumps(schema(stream), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return files
