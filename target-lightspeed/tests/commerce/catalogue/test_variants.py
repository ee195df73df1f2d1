"""Variants: one parent, any number of axes, in any order of the stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from catalogue_world import VARIANTS, Catalogue, key, parent, texts, variant

if TYPE_CHECKING:
    from pathlib import Path

SIZES = ("S", "M", "L", "XL")


BARE = [("SHIRT", "no_variants", "afas.12345:SHIRT")]
"""What is held of a parent that has no variant for sale."""


def shirts() -> list[dict[str, Any]]:
    """Three colours, four sizes."""
    return [
        variant(f"SHIRT-{colour[:2]}-{size}", "SHIRT", colour, size, position=n * 4 + m)
        for n, colour in enumerate(("Rood", "Wit", "Zwart"), 1)
        for m, size in enumerate(SIZES)
    ]


def skus(shop: Catalogue, identity: int) -> list[str]:
    return [row["sku"] for row in shop.variants_of(identity)]


@pytest.mark.parametrize("order", ["parent_first", "variants_first", "two_batches"])
def test_three_colours_in_four_sizes(shop: Catalogue, order: str) -> None:
    """Twelve variants with titles of their axes; the shop's own first variant is one of them."""
    records = [parent(), *shirts()] if order != "variants_first" else [*shirts(), parent()]
    if order == "two_batches":
        shop.config["batch_size_rows"] = 1
    assert shop.send(*records) == []
    row = shop.the("Product SHIRT")
    rows = shop.variants_of(row["id"])
    assert len(rows) == 12
    assert rows[0]["title"] == "Kleur: Rood, Maat: S"
    assert {one["weight"] for one in rows} == {200}
    assert {one["tax"]["id"] for one in rows} == {1_207_266}
    assert len({one["sku"] for one in rows}) == 12
    assert row["visibility"] == "hidden"
    shop.price(*skus(shop, row["id"]))
    shop.send()
    assert shop.row("products", row["id"])["visibility"] == "visible"
    shop.send(*records)
    assert shop.total() == {}


def test_a_size_more_later_takes_over_what_the_parent_said(shop: Catalogue) -> None:
    """Only the new variant is written; the product hides until it has its price."""
    shop.send(parent(), *shirts())
    identity = shop.the("Product SHIRT")["id"]
    shop.price(*skus(shop, identity))
    shop.send()
    assert shop.send(variant("SHIRT-Ro-XXL", "SHIRT", "Rood", "XXL", 99)) == []
    assert shop.writes() == {"PUT products/{id}": 1, "POST variants": 1}
    new = shop.variant("SHIRT-Ro-XXL")
    assert (new["weight"], new["tax"]["id"], new["product"]["id"]) == (200, 1_207_266, identity)
    assert shop.row("products", identity)["visibility"] == "hidden"
    shop.price("SHIRT-Ro-XXL")
    shop.send()
    assert shop.row("products", identity)["visibility"] == "visible"


def test_a_parent_without_variants_is_held_and_never_shown(shop: Catalogue) -> None:
    """Nothing of it can be bought; when its first variant comes, it is settled."""
    assert shop.send(parent(), visible_needs="nothing") == [("SHIRT", "no_variants", key("SHIRT"))]
    assert shop.the("Product SHIRT")["visibility"] == "hidden"
    assert shop.send(variant("S1", "SHIRT", "Rood", "S"), visible_needs="nothing") == []
    row = shop.the("Product SHIRT")
    assert row["visibility"] == "visible"
    assert skus(shop, row["id"]) == ["S1"]


def test_a_variant_waits_for_its_parent(shop: Catalogue) -> None:
    """However many wait, that is no outage; they cost no call."""
    held = shop.send(*shirts(), *(variant(f"X{n}", "OTHER", "Rood", f"{n}") for n in range(20)))
    assert {reason for _, reason, _ in held} == {"waits_for_parent"}
    assert len(held) == 32
    assert shop.total() == {}


def test_a_change_of_the_parent_reaches_all_its_variants(shop: Catalogue) -> None:
    """Weight and VAT stand on the variants, but the parent says them."""
    shop.send(parent(), *shirts(), visible_needs="nothing")
    heavier = {**parent(), "weight": {"value": "250", "unit": "g"}}
    assert shop.send(heavier, visible_needs="nothing") == []
    assert shop.writes() == {"PUT variants/{id}": 12}
    assert {row["weight"] for row in shop.rows("variants")} == {250}
    shop.send(heavier, visible_needs="nothing")
    assert shop.total() == {}


def test_a_blocked_variant_is_deleted_but_never_the_last(shop: Catalogue) -> None:
    """The shop can't be without one: what is not sold any more is hidden with its product, until another one comes."""
    one, two = variant("S1", "SHIRT", "Rood", "S"), variant("S2", "SHIRT", "Rood", "M")
    shop.send(parent(), one, two, visible_needs="nothing")
    identity = shop.the("Product SHIRT")["id"]
    assert shop.send({**two, "active": False}, visible_needs="nothing") == []
    assert (skus(shop, identity), shop.the("Product SHIRT")["visibility"]) == (["S1"], "visible")
    assert shop.send({**one, "active": False}, visible_needs="nothing") == [
        ("SHIRT", "no_variants", "afas.12345:SHIRT")
    ]
    assert (skus(shop, identity), shop.the("Product SHIRT")["visibility"]) == (["S1"], "hidden")
    assert shop.send({**one, "active": False}, visible_needs="nothing") == [
        ("SHIRT", "no_variants", "afas.12345:SHIRT")
    ]
    assert shop.writes() == {}, "what is hidden already needs no write"
    shop.send(two, visible_needs="nothing")
    assert (skus(shop, identity), shop.the("Product SHIRT")["visibility"]) == (["S2"], "visible")


def test_the_last_variant_that_comes_back_is_sold_again(shop: Catalogue) -> None:
    """It was never deleted."""
    one, two = variant("S1", "SHIRT", "Rood", "S"), variant("S2", "SHIRT", "Rood", "M")
    shop.send(parent(), one, two, visible_needs="nothing")
    off = [{**one, "active": False}, {**two, "active": False}]
    assert shop.send(*off, visible_needs="nothing") == BARE
    assert shop.the("Product SHIRT")["visibility"] == "hidden"
    assert shop.send(one, two, visible_needs="nothing") == []
    assert sorted(skus(shop, shop.the("Product SHIRT")["id"])) == ["S1", "S2"]
    assert shop.the("Product SHIRT")["visibility"] == "visible"


def test_titles_by_setting(shop: Catalogue) -> None:
    """A theme may want the values alone."""
    shop.send(parent(), variant("S1", "SHIRT", "Rood", "S"), axis_title="{value}", axis_join=" / ")
    assert shop.variant("S1")["title"] == "Rood / S"


def test_a_variant_that_is_an_item_of_its_own_keeps_its_own_weight(shop: Catalogue) -> None:
    """What it says itself goes before what its parent says."""
    own = variant("S1", "SHIRT", "Rood", "S", weight={"value": "90", "unit": "g"})
    shop.send(parent(), own, variant("S2", "SHIRT", "Rood", "M"))
    assert (shop.variant("S1")["weight"], shop.variant("S2")["weight"]) == (90, 200)
    shop.send({**parent(), "weight": {"value": "300", "unit": "g"}})
    assert (shop.variant("S1")["weight"], shop.variant("S2")["weight"]) == (90, 300)


def test_deleting_a_parent_and_bringing_it_back(shop: Catalogue) -> None:
    """It is made anew, with all its variants."""
    shop.send(parent(), *shirts())
    assert shop.send(parent(web_enabled=False), untick="delete") == []
    assert shop.rows("products") == []
    assert shop.send(parent(texts=texts("Shirt")), *shirts()) == []
    assert len(shop.variants_of(shop.the("Shirt")["id"])) == 12
    assert VARIANTS


def test_a_variant_that_is_an_item_goes_when_it_is_not_ticked_any_more(shop: Catalogue) -> None:
    """Its parent is still shown, and the shop can't hide a single variant; ticked again, it comes back."""
    one, two = variant("S1", "SHIRT", "Rood", "S"), variant("S2", "SHIRT", "Rood", "M")
    shop.send(parent(), one, two)
    identity = shop.the("Product SHIRT")["id"]
    assert shop.send({**two, "web_enabled": False}) == []
    assert skus(shop, identity) == ["S1"]
    assert shop.send(two) == []
    assert sorted(skus(shop, identity)) == ["S1", "S2"]


def test_unticking_a_parent_leaves_its_variants(shop: Catalogue) -> None:
    """They are hidden with it, and nothing need be made anew when it is ticked again."""
    one, two = variant("S1", "SHIRT", "Rood", "S"), variant("S2", "SHIRT", "Rood", "M")
    shop.send(parent(), one, two)
    off = [{**record, "web_enabled": False} for record in (parent(), one, two)]
    assert shop.send(*off) == []
    assert shop.writes() == {"PUT products/{id}": 1} or shop.writes() == {}
    assert len(shop.rows("variants")) == 2


def test_a_deleted_item_that_was_a_variant_is_deleted_as_one(shop: Catalogue) -> None:
    """The source only knows its key any more."""
    one, two = variant("S1", "SHIRT", "Rood", "S"), variant("S2", "SHIRT", "Rood", "M")
    shop.send(parent(), one, two)
    gone = {"key": two["key"], "source": two["source"], "kind": "simple", "sku": "S2", "active": False}
    assert shop.send({**gone, "deleted_at": "2026-11-01T00:00:00Z"}) == []
    assert [row["sku"] for row in shop.rows("variants")] == ["S1"]


def test_a_lost_store_hides_no_product_whose_variants_are_in_the_shop(shop: Catalogue, tmp_path: Path) -> None:
    """Also when its variants come in several batches: all of them are there, with prices, so nothing is written."""
    records = [parent(), *(variant(f"S{n}", "SHIRT", "Rood", size, n) for n, size in enumerate("SML", 1))]
    shop.send(*records)
    shop.price("S1", "S2", "S3")
    shop.send(*records)
    assert shop.the("Product SHIRT")["visibility"] == "visible"
    shop.config |= {"store": f"sqlite:///{tmp_path}/new.db", "batch_size_rows": 2}
    shop.send(*records)
    assert shop.writes() == {}


def test_a_variant_that_does_not_come_back_with_its_parent_goes(shop: Catalogue) -> None:
    """Unticked together they are hidden together, and nothing is deleted; what stays unticked later is not sold."""
    one, two = variant("S1", "SHIRT", "Rood", "S"), variant("S2", "SHIRT", "Rood", "M")
    shop.send(parent(), one, two, visible_needs="nothing")
    shop.send(*({**each, "web_enabled": False} for each in (parent(), one, two)), visible_needs="nothing")
    identity = shop.the("Product SHIRT")["id"]
    assert (sorted(skus(shop, identity)), shop.the("Product SHIRT")["visibility"]) == (["S1", "S2"], "hidden")
    assert shop.send(parent(), one, visible_needs="nothing") == []
    assert (skus(shop, identity), shop.the("Product SHIRT")["visibility"]) == (["S1"], "visible")
