"""The mapping and connectors.json, which describes our own GetConnectors to programs, agree."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from commerce.mapping.afas.feeds import feeds
from commerce.mapping.afas.options import Options
from commerce.mapping.afas.roles import ROLES

from .test_goods import ROWS

CONNECTORS: dict[str, Any] = json.loads(
    files("commerce.mapping.afas").joinpath("connectors.json").read_text(encoding="utf-8")
)
EXTRA = {
    "products": {"IsParent", *(f"ImageFile{slot}" for slot in ("", 1, 2, 3, 4, 5, 6))},
    "variants": {"BarcodeType"},
    "stock_levels": {"ReadAt", "KeepStock", "Group"},
    "purchase_lines": {"ReadAt"},
    "categories": {"DescriptionDe", "DescriptionFr"},
}
"""Columns that our own connectors don't have and that are read where there are some; ImageFile is the tap's."""


class Spy(dict[str, Any]):
    """A record that notes which columns are looked for, and has all of them."""

    def __init__(self, row: dict[str, Any]) -> None:
        super().__init__(row)
        self.asked: set[str] = set()

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return True

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)


@pytest.mark.parametrize("role", [role for role, one in ROLES.items() if one.connector in CONNECTORS])
def test_every_column_that_is_read_is_described(role: str) -> None:
    """What a mapping reads, the GetConnector's description has, but for the columns that one may add."""
    (feed,) = (one for one in feeds(Options()) if one.role == role)
    spy = Spy(ROWS[feed.source_stream])
    feed.convert(spy, None)
    read = {name for name in spy.asked if not name.startswith("_")}
    known = set(CONNECTORS[feed.source_stream]["fields"])
    assert set(ROLES[role].needed) <= known
    assert read - known == EXTRA.get(role, set())


def test_every_connector_has_a_role() -> None:
    """Nothing is described that nothing reads; the relations are described with the connectors of orders."""
    assert set(CONNECTORS) | {"Commerce_Relations"} == {one.connector for one in ROLES.values()}
