"""The sweep looks below products too: references, images, specifications, categories, further languages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from catalogue_world import STREAM, Catalogue, key, picture, pictures, product, texts
from lightspeed_prices import Prices
from lightspeed_prices import row as price

from commerce.schemas import schema
from upsert.errors import ConfigurationError
from upsert.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAY = 25 * 3600
SETTINGS: dict[str, Any] = {
    "attributes": {"material": {"specification": "Materiaal"}, "lead_time": {"field": "deliverydate"}},
    "type": "Kenmerken",
    "visible_needs": "nothing",
    "categories": True,
}


def whole(**values: Any) -> dict[str, Any]:
    """A product with everything that may hang below one."""
    described = [{"code": "material", "values": ["Klei"]}, {"code": "lead_time", "values": ["Morgen"]}]
    return product(
        texts=texts("Pot", long="Lang", en_title="Teapot", en_long="Long"),
        brand={"name": "Delft"},
        attributes=described,
        images=pictures(1, 2, 3),
        categories=[{"category": {"key": key("CAT")}}],
        **values,
    )


def category(shop: Catalogue) -> None:
    """What the categories flow makes."""
    record = {
        "key": key("CAT"),
        "source": {"system": "afas", "instance": "12345"},
        "code": "CAT",
        "texts": texts("Potten"),
        "_source_stream": "Commerce_Categories",
        "_source_key": "CAT",
    }
    mark = {"version": 1, "source": "afas.12345", "held": []}
    lines = [
        {"type": "STATE", "value": {"bookmarks": {"Commerce_Categories": mark}}},
        {"type": "SCHEMA", "stream": "categories", "schema": schema("categories"), "key_properties": ["key"]},
        {"type": "RECORD", "stream": "categories", "record": record},
    ]
    shop.run("".join(f"{json.dumps(line)}\n" for line in lines))


def looks(shop: Catalogue) -> dict[str, Any]:
    """What the shop shows of it."""
    (row,) = shop.rows("products")
    (variant,) = shop.variants_of(row["id"])
    links = [one["category"]["id"] for one in shop.rows("categories/products")]
    return {
        **{name: (row[name] or {}).get("id") for name in ("brand", "type", "deliverydate")},
        "tax": (variant["tax"] or {}).get("id"),
        "images": [one["title"].rpartition("-")[0] or one["title"] for one in shop.images(row["id"])],
        "value": [one["value"] for one in shop.rows(f"products/{row['id']}/attributes")],
        "english": [shop.row("products", row["id"], "en")[name] for name in ("title", "content")],
        "variant": [one["title"] for one in shop.rows("variants", "en")],
        "categories": links,
    }


def image(shop: Catalogue, product: int, number: int) -> str:
    return f"products/{product}/images/{shop.images(product)[number]['id']}"


def _brand(shop: Catalogue, identity: int) -> None:
    other = shop.make_client().create("brands", "brand", {"title": "Maas"})
    shop.make_client().update(f"products/{identity}", "product", {"brand": other["id"]})


def _no_brand(shop: Catalogue, identity: int) -> None:
    shop.make_client().update(f"products/{identity}", "product", {"brand": False})


def _tax(shop: Catalogue, _: int) -> None:
    client, variant = shop.make_client(), shop.variant("POT-1")
    client.update(f"variants/{variant['id']}", "variant", {"tax": 1_207_267})


def _value(shop: Catalogue, identity: int) -> None:
    (attribute,) = shop.rows("attributes")
    path = f"products/{identity}/attributes/{attribute['id']}"
    shop.make_client().update(path, "productAttribute", {"value": "Goud"})


def _no_image(shop: Catalogue, identity: int) -> None:
    shop.make_client().delete(image(shop, identity, 1))


def _moved(shop: Catalogue, identity: int) -> None:
    shop.make_client().update(image(shop, identity, 1), "productImage", {"sortOrder": 9})


def _english(shop: Catalogue, identity: int) -> None:
    shop.make_client().update(f"products/{identity}", "product", {"content": "By hand"}, language="en")


def _english_variant(shop: Catalogue, _: int) -> None:
    path = f"variants/{shop.variant('POT-1')['id']}"
    shop.make_client().update(path, "variant", {"title": "By hand"}, language="en")


def _out_of_category(shop: Catalogue, _: int) -> None:
    (link,) = shop.rows("categories/products")
    shop.make_client().delete(f"categories/products/{link['id']}")


EDITS: list[tuple[Callable[[Catalogue, int], None], str]] = [
    (_brand, "brand"),
    (_no_brand, "brand"),
    (_tax, "tax"),
    (_value, "Materiaal"),
    (_no_image, "content"),
    (_moved, "order"),
    (_english, "content"),
    (_english_variant, "title"),
    (_out_of_category, "categories"),
]


def filled(shop: Catalogue, **settings: Any) -> int:
    """The product stands, and a sweep is planned; its id."""
    category(shop)
    assert shop.send(whole(), **SETTINGS, **settings) == []
    assert shop.send(**SETTINGS, **settings) == []
    return int(shop.the("Pot")["id"])


@pytest.mark.parametrize("switches", [{}, {"catalog_lists": "object"}])
@pytest.mark.parametrize(("edit", "field"), EDITS)
def test_a_hand_edit_below_a_product_is_made_right(
    tmp_path: Path, edit: Callable[[Catalogue, int], None], field: str, switches: dict[str, Any]
) -> None:
    """Whatever was changed or taken away: found once, restored from the source, and noted; a picture by hand stays."""
    shop = Catalogue(tmp_path, switches)
    identity = filled(shop)
    shop.make_client().upload(f"products/{identity}/images", "productImage", picture(99)["content"], "hand.png")
    before = looks(shop)
    edit(shop, identity)
    assert looks(shop) != before
    shop.clock.advance(DAY)
    assert shop.send(**SETTINGS) == [("POT-1", "drifted", field)]
    assert shop.writes() == {}
    assert shop.send(whole(), **SETTINGS) == []
    assert looks(shop) == before
    shop.clock.advance(DAY)
    assert shop.send(**SETTINGS) == []
    with Store.open(shop.config["store"]) as store:
        noted = [one.reason for one in store.outcomes() if one.action == "noted"]
    assert noted == ["drifted", "drift_corrected"]


def test_a_whole_look_costs_a_list_each(tmp_path: Path) -> None:
    """Products, variants, the catalogue, and the catalogue in each further language: a call per 250."""
    shop = Catalogue(tmp_path)
    filled(shop)
    shop.clock.advance(DAY)
    assert shop.send(**SETTINGS) == []
    assert shop.total() == {"GET products": 1, "GET variants": 1, "GET catalog": 2}


def test_hidden_products_that_the_catalogue_leaves_out_are_no_drift(tmp_path: Path) -> None:
    """Whether it shows them is unknown, so nothing is concluded."""
    shop = Catalogue(tmp_path, {"catalog_hidden": "left_out"})
    identity = filled(shop)
    shop.send(whole(web_enabled=False), **SETTINGS)
    assert shop.row("products", identity)["visibility"] == "hidden"
    shop.clock.advance(DAY)
    assert shop.send(**SETTINGS) == []


@pytest.mark.parametrize("rule", ["if_empty", "never"])
def test_what_the_shop_owns_below_a_product_stays(shop: Catalogue, rule: str) -> None:
    """No drift of fields that the source doesn't lead."""
    names = ("brand", "tax", "specifications", "images", "categories", "content", "variant_title")
    rules = {"fields": {name: {"update": rule} for name in names}}
    identity = filled(shop, **rules)
    for edit, _ in EDITS:
        edit(shop, identity)
    shop.clock.advance(DAY)
    assert shop.send(**SETTINGS, **rules) == []


def test_a_product_that_comes_back_has_everything(shop: Catalogue) -> None:
    """Deleted by hand and made anew: images, specifications, categories and further languages too."""
    identity = filled(shop)
    before = looks(shop)
    shop.make_client().delete(f"products/{identity}")
    shop.clock.advance(DAY)
    assert [reason for _, reason, _ in shop.send(**SETTINGS)] == ["vanished_in_shop"]
    assert shop.send(whole(), **SETTINGS) == []
    assert looks(shop) == before


def test_pictures_of_many_products_are_asked_for_within_the_calls(tmp_path: Path) -> None:
    """A product whose pictures seem gone costs a call to be sure; what isn't asked now is asked in the next run."""
    shop = Catalogue(tmp_path)
    shop.config["sweep"] = {"calls": 5}
    records = [product(f"P{n}", images=pictures(2 * n, 2 * n + 1)) for n in range(4)]
    assert shop.send(*records, **SETTINGS) == []
    assert shop.send(**SETTINGS) == []
    for row in shop.rows("products"):
        for one in shop.images(row["id"]):
            shop.make_client().delete(f"products/{row['id']}/images/{one['id']}")
    shop.clock.advance(DAY)
    held = shop.go_on({}, **SETTINGS)
    assert len(held[STREAM]) == 2
    assert sum(shop.total().values()) == 5
    held = shop.go_on(held, **SETTINGS)
    assert len(held[STREAM]) == 4
    assert shop.go_on(held, *records, **SETTINGS)[STREAM] == []
    assert [len(shop.images(row["id"])) for row in shop.rows("products")] == [2, 2, 2, 2]


def test_a_resync_makes_everything_right_at_once(shop: Catalogue) -> None:
    """On demand every product that comes is compared with the shop; a plan of it lists what would be lost."""
    identity = filled(shop)
    before = looks(shop)
    for edit, _ in EDITS:
        edit(shop, identity)
    shop.send(whole(), **SETTINGS)
    assert shop.total() == {}
    shop.run(shop.messages([whole()]), mode="plan", catalogue={**shop.config["catalogue"], **SETTINGS, "resync": True})
    assert shop.writes() == {}
    assert shop.target is not None
    assert shop.target.plans is not None
    lost = {(one.purpose, change.field): change.old for one in shop.target.plans for change in one.changes}
    assert lost["commerce.products.en", "content"] == "By hand"
    assert lost["commerce.variants.en", "title"] == "By hand"
    assert lost["commerce.specifications", "Materiaal"] == "Goud"
    assert lost["commerce.variants", "tax"] == "BTW 9%"
    assert shop.send(whole(), **SETTINGS, resync=True) == []
    assert looks(shop) == before
    shop.send(whole(), **SETTINGS, resync=True)
    assert shop.writes() == {}
    shop.send(whole(), **SETTINGS)
    assert shop.total() == {}


def test_two_flows_can_not_own_the_delivery_date(shop: Catalogue) -> None:
    """The settings are refused before the first call, or each would undo what the other wrote."""
    shop.config["stock"] = {"delivery_dates": True}
    with pytest.raises(ConfigurationError, match="deliverydate"):
        shop.send(whole(), **SETTINGS)


def test_a_product_that_the_prices_hid_is_not_shown_again(shop: Catalogue) -> None:
    """It is hidden for want of a price; a product that somebody hid by hand is shown."""
    prices = Prices(shop)
    records = [product("P1"), product("P2")]
    settings: dict[str, Any] = {"basis": "excl", "fallback": "hide"}
    shop.send(*records)
    now, past = [price(sku, "10") for sku in ("P1", "P2")], price("P1", "10", valid_until="2026-10-01")
    assert prices.run(*now, **settings) == []
    assert shop.send(*records) == []
    assert {one["visibility"] for one in shop.rows("products")} == {"visible"}
    prices.run(past, now[1], **settings)
    assert [one["visibility"] for one in shop.rows("products")] == ["hidden", "visible"]
    shop.make_client().update(f"products/{shop.the('Product P2')['id']}", "product", {"visibility": "hidden"})
    shop.clock.advance(DAY)
    assert shop.send() == [("P2", "drifted", "visibility")]
    assert shop.send(*records) == []
    assert [one["visibility"] for one in shop.rows("products")] == ["hidden", "visible"]
