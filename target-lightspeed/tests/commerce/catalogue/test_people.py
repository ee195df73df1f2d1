"""What people do in the shop, and what they decide about held records."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from catalogue_world import STREAM, VARIANTS, Catalogue, key, parent, pictures, product, texts, variant

from commerce.schemas import schema
from upsert.model import SourceKey
from upsert.store import DecisionKind, Store

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def release(shop: Catalogue, stream: str, code: str) -> None:
    """A person says: load it all the same."""
    with Store.open(shop.config["store"]) as store:
        store.decide("afas.12345", SourceKey(stream, code), DecisionKind.RELEASE, who="Jo", at=NOW)


def test_a_product_that_was_deleted_by_hand_comes_back_only_by_decision(shop: Catalogue) -> None:
    """It is held; released, it is made anew with everything that belongs to it."""
    settings: dict[str, Any] = {"visible_needs": "nothing"}
    shop.send(product(images=pictures(1)), **settings)
    first = shop.the("Product POT-1")["id"]
    shop.make_client().delete(f"products/{first}")
    changed = product(images=pictures(1), texts=texts("Again", en_title="Once more"))
    assert [reason for _, reason, _ in shop.send(changed, **settings)] == ["vanished"]
    assert shop.rows("products") == []
    release(shop, STREAM, "POT-1")
    assert shop.send(changed, **settings) == []
    row = shop.the("Again")
    assert [one["sku"] for one in shop.variants_of(row["id"])] == ["POT-1"]
    assert len(shop.images(row["id"])) == 1
    assert row["visibility"] == "visible"
    shop.send(changed, **settings)
    assert shop.total() == {}


def test_a_variant_that_was_deleted_by_hand_comes_back_only_by_decision(shop: Catalogue) -> None:
    """As its product."""
    one, two = variant("S1", "SHIRT", "Rood", "S"), variant("S2", "SHIRT", "Rood", "M")
    shop.send(parent(), one, two)
    shop.make_client().delete(f"variants/{shop.variant('S2')['id']}")
    changed = {**two, "hs_code": "6109"}
    assert [reason for _, reason, _ in shop.send(changed)] == ["vanished"]
    release(shop, VARIANTS, "S2")
    assert shop.send(changed) == []
    assert shop.variant("S2")["hs"] == "6109"


def test_a_variant_does_not_move_to_another_parent_in_silence(shop: Catalogue) -> None:
    """The shop can't move it."""
    shop.send(parent(), parent("COAT"), variant("S1", "SHIRT", "Rood", "S"), variant("C1", "COAT", "Rood", "S"))
    moved = variant("S1", "COAT", "Rood", "S", hs_code="1")
    assert [reason for _, reason, _ in shop.send(moved)] == ["moved"]


@pytest.mark.parametrize("fault", ["timeout_after_work", "timeout_before_work"])
def test_without_a_key_field_a_lost_product_is_found_by_its_title(shop: Catalogue, fault: str) -> None:
    """Two items with one title are still two products."""
    shop.fault(name=fault, endpoint="POST products", nth=2, times=1)
    records = [product(f"P{n}", texts=texts("Same")) for n in range(3)]
    for _ in range(3):
        held = shop.send(*records, key_field="none")
        shop.clock.advance(301)
    assert held == []
    assert sorted(row["sku"] for row in shop.rows("variants")) == ["P0", "P1", "P2"]
    assert len(shop.rows("products")) == 3


def category(shop: Catalogue, code: str) -> None:
    """What the categories flow makes."""
    record = {
        "key": key(code),
        "source": {"system": "afas", "instance": "12345"},
        "code": code,
        "texts": texts(code),
        "_source_stream": "Commerce_Categories",
        "_source_key": code,
    }
    mark = {"version": 1, "source": "afas.12345", "held": []}

    lines = [
        {"type": "STATE", "value": {"bookmarks": {"Commerce_Categories": mark}}},
        {"type": "SCHEMA", "stream": "categories", "schema": schema("categories"), "key_properties": ["key"]},
        {"type": "RECORD", "stream": "categories", "record": record},
    ]
    shop.run("".join(f"{json.dumps(line)}\n" for line in lines))


def test_only_links_that_we_made_are_taken_away(shop: Catalogue, tmp_path: Path) -> None:
    """All that come go in one call; a link made by hand stays where it is."""
    settings: dict[str, Any] = {"categories": True, "visible_needs": "nothing"}
    for code in ("A", "B", "C"):
        category(shop, code)
    ids = {row["title"]: row["id"] for row in shop.rows("categories")}

    def stands(*codes: str) -> dict[str, Any]:
        return product(categories=[{"category": {"key": key(code)}} for code in codes])

    def links() -> set[str]:
        found = {row["category"]["id"] for row in shop.rows("categories/products")}
        return {title for title, identity in ids.items() if identity in found}

    shop.send(stands("A", "B"), **settings)
    assert shop.writes()["POST categories/products/bulk"] == 1
    assert links() == {"A", "B"}
    identity = shop.the("Product POT-1")["id"]
    body = {"product": identity, "category": ids["C"]}
    shop.make_client().create("categories/products", "categoriesProduct", body)
    assert shop.send(stands("B"), **settings) == []
    assert shop.writes() == {"DELETE categories/products/{id}": 1}
    assert links() == {"B", "C"}
    shop.send(stands("B"), **settings)
    assert shop.total() == {}


def test_a_category_that_is_not_there_keeps_no_product_from_the_others(shop: Catalogue) -> None:
    """Blocked or not made: the product stands in its other categories and is shown; what comes later gets it then."""
    settings: dict[str, Any] = {"categories": True, "visible_needs": "nothing"}
    category(shop, "A")

    def places() -> list[str]:
        titles = {row["id"]: row["title"] for row in shop.rows("categories")}
        return sorted(titles[row["category"]["id"]] for row in shop.rows("categories/products"))

    record = product(categories=[{"category": {"key": key(code)}} for code in ("A", "B")])
    assert shop.send(record, **settings) == []
    assert shop.the("Product POT-1")["visibility"] == "visible"
    assert places() == ["A"]
    assert shop.send(record, **settings) == []
    assert shop.writes() == {}
    category(shop, "B")
    assert shop.send(product("MOK"), **settings) == []
    assert places() == ["A", "B"]
    assert shop.send(record, product("MOK"), **settings) == []
    assert shop.writes() == {}


def test_a_plan_names_references_and_says_what_the_shop_would_refuse(shop: Catalogue, tmp_path: Path) -> None:
    """A brand that the run would make goes by its title; a product that people have deleted is held, as in the run."""
    path = tmp_path / "plan.jsonl"
    shop.send(product(brand={"name": "Delft"}))

    def planned(record: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        shop.run(shop.messages([record]), mode="plan", plan_file=str(path))
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return lines[:-1], lines[-1]["totals"]

    changed = product(brand={"name": "Maas"})
    lines, totals = planned(changed)
    (brand,) = [line for line in lines if line.get("field") == "brand"]
    assert (brand["old"], brand["new"]) == ("Delft", "Maas")
    assert (totals["calls"], totals["refused"]) == (2, 0)
    shop.make_client().delete(f"products/{shop.the('Product POT-1')['id']}")
    lines, totals = planned(changed)
    assert [line["field"] for line in lines if line["purpose"] == "commerce.products"] == []
    assert (totals["refused"], totals["held"]) == (1, {"vanished": 1})
    assert [reason for _, reason, _ in shop.send(changed)] == ["vanished"]
