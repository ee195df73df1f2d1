"""The page on the shop side's connectors, its machine-readable twin and the sandbox say the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.afas.goods_set import FREE_FIELDS, GOODS

if TYPE_CHECKING:
    from sandbox.afas.definitions import Field

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "afas-connectors.md").read_text("utf-8").partition("\n## The connectors of the shop side\n")[2]
TWIN: dict[str, Any] = json.loads(
    (ROOT / "commerce" / "src" / "commerce" / "mapping" / "afas" / "connectors.json").read_text("utf-8")
)
DAYS = {"ValidFrom", "ValidUntil", "Expected"}


def type_of(field: Field) -> str:
    """A field's type in words."""
    words = {"s": f"text {field.length}", "n": f"number, {field.decimals} decimals", "i": "whole number"}
    words |= {"b": "yes/no", "f": "long text", "d": "date" if field.id in DAYS else "date and time"}
    return words[field.kind]


@pytest.mark.parametrize("connector", GOODS, ids=lambda one: one.name)
def test_the_twin_is_what_the_sandbox_serves(connector: Any) -> None:
    """Title, fields in order, types, labels, which are free fields; keys and dates of change are needed fields."""
    told = TWIN[connector.name]
    assert (told["title"]["nl"], told["title"]["en"]) == (connector.description.nl, connector.description.en)
    free = {one.id for one in FREE_FIELDS} if connector.name == "Commerce_Products" else set()
    assert {name: (one["type"], one["label"], one["free"]) for name, one in told["fields"].items()} == {
        one.id: (type_of(one), one.label.nl, one.id in free) for one in connector.fields
    }
    assert list(told["fields"]) == [one.id for one in connector.fields]
    for name in (*told["keys"], *told["changed"]):
        assert told["fields"][name]["optional"] is False


@pytest.mark.parametrize("name", TWIN)
def test_the_page_is_what_the_twin_says(name: str) -> None:
    """Role, collection, sort and every row."""
    told = TWIN[name]
    part = PAGE.partition(f"\n### {name} (role `{told['role']}`)\n")[2].partition("\n### ")[0]
    assert f"Data collection: {told['collection']}." in part
    assert f"Sorted by {', '.join(told['keys'])}, which must be unique" in part
    rows = {}
    for row in re.findall(r"^\| `(\w+)` \| (.*) \|$", part, re.MULTILINE):
        label, code, kind, marks, use = (cell.strip() for cell in row[1].split("|"))
        rows[row[0]] = {
            "type": kind, "code": code.strip("`"), "label": label, "free": "free" in marks,
            "optional": "optional" in marks, "use": use,
        }  # fmt: skip
    assert rows == told["fields"]


def test_every_connector_is_told() -> None:
    """None is missing, none too many, and each role is told once."""
    assert list(TWIN) == [one.name for one in GOODS]
    assert len({one["role"] for one in TWIN.values()}) == len(TWIN)
    assert re.findall(r"^### (Commerce_\w+)", PAGE, re.MULTILINE) == list(TWIN)
