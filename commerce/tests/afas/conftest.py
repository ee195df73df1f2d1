"""Rows of our own GetConnectors, as tap-afas emits them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from commerce.mapper import MapperCommerce
from commerce.schemas import MODELS

LABELS = {
    "WebEnabled": "E-commerce beschikbaar",
    "UBrand": "Merk",
    "ParentItem": "Hoofdartikel",
    "Colour": "Kleur",
    "Size": "Maat",
    "UMaterial": "Materiaal",
    "Washing": "Wasvoorschrift",
    "Batteries": "Bevat batterijen",
    "Rating": "Score",
}
"""Fields of products whose label is not their id."""


def schema(connector: str, *more: str, labels: dict[str, str] | None = None) -> dict[str, Any]:
    """The schema of a connector with the fields that its role needs, and more."""
    needed = {
        "Commerce_Products": ["ItemType", "Item", "Description", *LABELS],
        "Commerce_Variants": ["ItemType", "Item", "Dim1", "Dim2"],
        "Commerce_Stock": ["ItemType", "Item", "Dim1", "Dim2", "Warehouse"],
        "Commerce_PurchaseLines": ["OrderNumber", "Seq", "ItemType", "Item", "Open"],
        "Commerce_Prices": ["PriceList", "ItemType", "Item", "Currency", "Price", "InclVat"],
        "Commerce_Categories": ["Category"],
    }[connector]
    titles = LABELS if labels is None else labels
    properties = {
        name: {"type": ["string", "null"], **({"title": titles[name]} if name in titles else {})}
        for name in [*needed, *more]
    }
    return {"type": "object", "properties": properties}


def message(connector: str, *more: str, labels: dict[str, str] | None = None) -> dict[str, Any]:
    """A SCHEMA message."""
    made = schema(connector, *more, labels=labels)
    return {"type": "SCHEMA", "stream": connector, "schema": made, "key_properties": ["Item"]}


class Afas:
    """An environment and the mapper for it."""

    def __init__(self, **config: Any) -> None:
        self.mapper = MapperCommerce(config={"source": "afas", **config})

    def map(self, stream: str, extracted: str | None = None, **row: Any) -> dict[str, Any]:
        """The mapped record, checked by the model of its stream."""
        made = self.mapper.map_record(stream, row, extracted)
        if made["_error"] is None and made["_gone"] is None:
            fields = {name: value for name, value in made.items() if not name.startswith("_")}
            MODELS[self.mapper._feeds[stream].stream].model_validate(fields)
        return made

    def product(self, **row: Any) -> dict[str, Any]:
        """A mapped item."""
        return self.map("Commerce_Products", **{"ItemType": "2", "Item": "FIETS-001", **row})


def dec(text: str) -> Decimal:
    """An exact number."""
    return Decimal(text)


@pytest.fixture
def afas() -> Afas:
    return Afas()
