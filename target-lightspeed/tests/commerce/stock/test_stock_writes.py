"""Levels in the shop: many in one call, no read per item, nothing twice, nothing lost."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from stock_world import StockWorld

from commerce.goods import ProductRelation
from upsert.errors import Beyond, ConfigurationError, Outage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def skus(count: int) -> list[str]:
    return [f"SKU-{n:04}" for n in range(1, count + 1)]


def fill(world: StockWorld, count: int, level: int = 5) -> None:
    for sku in skus(count):
        world.sell_from(sku, level)


def rows(world: StockWorld, levels: Mapping[str, int]) -> list[dict[str, Any]]:
    return [world.row(sku, available=level) for sku, level in levels.items()]


def shown(world: StockWorld, count: int) -> dict[str, int]:
    mine = set(skus(count))
    return {row["sku"]: row["stockLevel"] for row in world.rows("variants") if row["sku"] in mine}


def test_first_load_and_changes_in_bulk(world: StockWorld) -> None:
    """One listing shows what stands there; then N changes cost ceil(N/50) calls and no read per item."""
    fill(world, 120)
    world.sync(*rows(world, dict.fromkeys(skus(120), 5)))
    assert world.writes() == {}
    assert world.reads()["GET variants"] <= 4
    changed = {sku: 7 if n % 2 else 5 for n, sku in enumerate(skus(120))}
    world.sync(*rows(world, changed))
    assert world.writes() == {"PUT variants/bulk": 2}
    # Each bulk is read back by one list; beside that only the log and the orders, before and after.
    assert world.reads() == {"GET variants": 1, "GET variants/movements": 1, "GET orders": 2}
    assert shown(world, 120) == changed
    assert world.done() == {"updated": 60, "unchanged": 60}


def test_one_page_shows_what_several_bulks_brought_about(world: StockWorld) -> None:
    """However the changes come, a list of 250 shows 250 of them, none of the bulks just before; no item is read."""
    world.user("POST", "volume", {"resource": "variants", "rows": 600})
    mine = [row["sku"] for row in world.rows("variants")][-600:]
    world.sync(*rows(world, dict.fromkeys(mine, 5)))
    world.later(900)
    mine.sort(key=lambda sku: sku[::-1])
    world.sync(*rows(world, dict.fromkeys(mine, 7)))
    assert world.writes() == {"PUT variants/bulk": 12}
    assert world.reads() == {"GET variants": 3, "GET variants/movements": 1, "GET orders": 2}
    assert world.done() == {"updated": 600}


def test_ten_runs_write_nothing(world: StockWorld) -> None:
    """A run in which nothing changed costs two calls, whatever the number of items."""
    fill(world, 60)
    levels = {sku: n for n, sku in enumerate(skus(60))}
    world.sync(*rows(world, levels))
    for _ in range(10):
        world.later(900)
        world.sync(*rows(world, levels))
        assert world.client.calls == {"GET variants/movements": 1, "GET orders": 1}
    assert shown(world, 60) == levels


def test_what_the_key_map_knows_is_not_listed(world: StockWorld) -> None:
    """Where another flow has learnt the variants, the first run reads the levels once and writes what differs."""
    fill(world, 60)
    world.sync(*rows(world, dict.fromkeys(skus(60), 5)), booked_by="none")
    with world.store() as store, store._db.transaction():
        store._db.execute("DELETE FROM documents WHERE purpose LIKE 'commerce.stock%'")
    world.sync(*rows(world, {**dict.fromkeys(skus(60), 5), "SKU-0007": 6}))
    assert world.writes() == {"PUT variants/{id}": 1}
    assert world.done() == {"updated": 1, "unchanged": 59}


@pytest.mark.parametrize("behaviour", ["all_or_nothing", "skip"])
def test_a_variant_that_was_deleted(tmp_path: Path, behaviour: str) -> None:
    """It spoils no other of its bulk, is held once, and then counts as not in the shop."""
    world = StockWorld(tmp_path, switches={"bulk_bad_item": behaviour})
    fill(world, 40)
    world.sync(*rows(world, dict.fromkeys(skus(40), 5)))
    victim = world.variant("SKU-0013")
    world.client.create("variants", "variant", {"product": victim["product"]["id"], "title": "Second", "sku": "SECOND"})
    world.user("DELETE", "records", {"resource": "variants", "ids": [victim["id"]]})
    held = world.sync(*rows(world, dict.fromkeys(skus(40), 8)))
    assert [(one["key"], one["reason"]) for one in held] == [("SKU-0013.MAIN", "not_found")]
    assert set(shown(world, 40).values()) == {8}
    assert world.sync(*rows(world, dict.fromkeys(skus(40), 8))) == []
    assert world.done() == {"unchanged": 39, "not_in_shop": 1}


def test_what_the_shop_does_not_have(world: StockWorld, caplog: pytest.LogCaptureFixture) -> None:
    """Counted and named, not held; asked for again after hours, not in every run."""
    fill(world, 2)
    stock = rows(world, {"SKU-0001": 3, "NEW-1": 4})
    with caplog.at_level(logging.INFO):
        assert world.sync(*stock) == []
    assert world.done() == {"updated": 1, "not_in_shop": 1}
    assert "1 items are not in the shop: NEW-1" in caplog.text
    world.later(60)
    world.sync(*rows(world, {"SKU-0001": 3, "NEW-1": 4}))
    assert world.client.calls == {"GET variants/movements": 1, "GET orders": 1}
    product = world.variant("SKU-0001")["product"]["id"]
    world.client.create("variants", "variant", {"product": product, "title": "New", "sku": "NEW-1"})
    world.later(7 * 3600)
    world.sync(*rows(world, {"SKU-0001": 3, "NEW-1": 4}))
    assert world.level("NEW-1") == 4


def test_a_level_that_somebody_changed(world: StockWorld, caplog: pytest.LogCaptureFixture) -> None:
    """Once a day the whole shop is read, and what was changed by hand is set right again."""
    fill(world, 20)
    world.sync(*rows(world, dict.fromkeys(skus(20), 5)))
    world.sell_from("SKU-0004", 99)
    world.later(900)
    world.sync(*rows(world, dict.fromkeys(skus(20), 5)))
    assert world.level("SKU-0004") == 99
    for expected in ({"PUT variants/{id}": 1}, {}):
        world.later(25 * 3600)
        world.sync(*rows(world, dict.fromkeys(skus(20), 5)))
        assert world.level("SKU-0004") == 5
        assert world.writes() == expected
    assert "1 variants show another level than they should: SKU-0004" in caplog.text
    world.sell_from("SKU-0004", 98)
    world.later(25 * 3600)
    world.sync(*rows(world, dict.fromkeys(skus(20), 5)))
    assert world.level("SKU-0004") == 5


def test_tracking_is_set_per_item(world: StockWorld) -> None:
    """What is made to order never runs out: its tracking is switched off and its level left alone."""
    world.sell_from("SKU-0001", 5)
    world.sell_from("SKU-0002", 5, tracking="disabled")
    kept = {name: {"stock_tracked": {"type": "boolean", "value": name}} for name in (True, False)}
    made = world.row("SKU-0001", available=0, extra=kept[False])
    stock = world.row("SKU-0002", available=4, extra=kept[True])
    world.sync(made, stock)
    found = {sku: world.variant(sku) for sku in ("SKU-0001", "SKU-0002")}
    assert {sku: (one["stockTracking"], one["stockLevel"]) for sku, one in found.items()} == {
        "SKU-0001": ("disabled", 5),
        "SKU-0002": ("enabled", 4),
    }


def part(bundle: str, sku: str, number: int, **fields: Any) -> ProductRelation:
    return ProductRelation.model_validate(
        {
            "key": f"afas.demo:{bundle}.{sku}",
            "source": {"system": "afas", "instance": "demo"},
            "item": {"sku": bundle},
            "related": {"sku": sku},
            "type": "bundle_part",
            "quantity": str(number),
            **fields,
        }
    )


def know(world: StockWorld, *relations: ProductRelation) -> None:
    """A run of the relations, as far as stock is concerned."""
    world.run("")
    assert world.target is not None
    bundles = world.target.session.bundles
    for one in relations:
        bundles.take(one)
    bundles.save(world.clock.now(), "run")
    world.target.store.close()


def test_a_bundle_has_as_many_as_its_parts(world: StockWorld) -> None:
    """Parts are also sold alone; a bundle that was sold takes its parts with it until it is booked."""
    for n, level in ((1, 0), (2, 10), (3, 9)):
        world.sell_from(f"SKU-000{n}", level)
    know(world, part("SKU-0001", "SKU-0002", 2), part("SKU-0001", "SKU-0003", 1))
    stock = {"SKU-0002": 10, "SKU-0003": 9}
    world.sync(*rows(world, stock))
    assert shown(world, 3) == {"SKU-0001": 5, **stock}
    world.order(SKU_0001=1, SKU_0003=6)
    world.later(60)
    world.sync(*rows(world, stock))
    assert shown(world, 3) == {"SKU-0001": 2, "SKU-0002": 8, "SKU-0003": 2}
    know(world, part("SKU-0001", "SKU-0003", 1, active=False))
    world.later(60)
    world.sync(*rows(world, stock))
    assert world.level("SKU-0001") == 4


def test_a_bundle_that_has_a_level_is_tracked(world: StockWorld) -> None:
    """No record says that its stock is kept, yet the shop must not sell more of it than its parts allow."""
    bundle = world.sell_from("SKU-0001", 0, "disabled")
    world.sell_from("SKU-0002", 0)
    know(world, part("SKU-0001", "SKU-0002", 2))
    world.sync(world.row("SKU-0002", available=7))
    assert world.row_of("variants", bundle)["stockTracking"] == "enabled"
    assert world.level("SKU-0001") == 3


def test_a_bundle_in_itself_is_held(world: StockWorld) -> None:
    """Nobody can tell how many there are."""
    fill(world, 2)
    know(world, part("SKU-0001", "SKU-0002", 1), part("SKU-0002", "SKU-0001", 1))
    held = world.sync(*rows(world, {"SKU-0001": 4, "SKU-0002": 4}))
    assert {one["reason"] for one in held} == {"bundle_in_itself"}


def test_a_formula_without_its_quantity_holds_the_item_alone(world: StockWorld) -> None:
    """The others are written."""
    fill(world, 2)
    held = world.sync(world.row("SKU-0001", on_hand=3), world.row("SKU-0002", available=3))
    assert [(one["key"], one["reason"], one["subject"]) for one in held] == [
        ("SKU-0001.MAIN", "missing_quantity", "available")
    ]
    assert shown(world, 2) == {"SKU-0001": 5, "SKU-0002": 3}


def test_too_many_at_zero_stop_the_run(world: StockWorld) -> None:
    """An export that came out empty is no stock-taking: nothing is written, and a person may approve exactly that."""
    fill(world, 60)
    world.sync(*rows(world, dict.fromkeys(skus(60), 5)))
    with pytest.raises(Beyond) as stopped:
        world.sync(*rows(world, dict.fromkeys(skus(60), 0)))
    assert "60 of 60 items would go out of stock" in str(stopped.value)
    assert set(shown(world, 60).values()) == {5}
    world.config["approve"] = stopped.value.token
    world.sync(*rows(world, dict.fromkeys(skus(60), 0)))
    assert set(shown(world, 60).values()) == {0}


def test_half_of_the_rows_decide_nothing(world: StockWorld) -> None:
    """A tap that stopped has perhaps not sent every warehouse of an item."""
    fill(world, 1)
    mark = {"version": 1, "source": "afas.demo", "held": []}
    lines = [
        {"type": "STATE", "value": {"bookmarks": {"stock_levels": mark}}},
        {"type": "SCHEMA", "stream": "stock_levels", "schema": {"properties": {}}, "key_properties": ["key"]},
        {"type": "RECORD", "stream": "stock_levels", "record": world.row("SKU-0001", available=2)},
    ]
    with pytest.raises(Outage, match="stopped"):
        world.run("".join(f"{json.dumps(one)}\n" for one in lines))
    assert world.level("SKU-0001") == 5


def test_plan_writes_nothing(world: StockWorld) -> None:
    """The same run in plan mode: no write in the shop, and the next run does all of it."""
    fill(world, 3)
    world.sync(*rows(world, dict.fromkeys(skus(3), 5)))
    world.clock.advance(10)
    stock = rows(world, dict.fromkeys(skus(3), 6))
    text_before = world.rows("variants")
    world.config["mode"] = "plan"
    with pytest.raises(KeyError):
        world.send(stock)  # no STATE goes out
    del world.config["mode"]
    assert world.rows("variants") == text_before
    world.send(stock)
    assert shown(world, 3) == dict.fromkeys(skus(3), 6)


def lot(number: int, day: str) -> dict[str, Any]:
    return {"quantity": str(number), "expected_date": day}


def test_the_day_on_which_it_is_back(world: StockWorld) -> None:
    """Products that have run out get the day of the next goods as delivery date; hand-made ones stay as they are."""
    fill(world, 3)
    identities = {sku: world.variant(sku)["product"]["id"] for sku in skus(3)}
    before = world.row_of("products", identities["SKU-0002"])["deliverydate"]
    hand = world.client.create("deliverydates", "deliverydate", {"name": "By hand"})["id"]
    world.client.update(f"products/{identities['SKU-0003']}", "product", {"deliverydate": hand})
    lots = [lot(5, "2026-12-24"), lot(9, "2026-12-01"), lot(1, "2026-10-01")]

    def run(level: int) -> None:
        out = world.row("SKU-0001", available=level)
        coming = world.row("SKU-0001", "PURCHASE", incoming_lots=lots)
        world.sync(out, coming, *rows(world, {"SKU-0002": 4, "SKU-0003": 4}), delivery_dates=True)

    def dates() -> list[str]:
        names = {row["id"]: row["name"] for row in world.rows("deliverydates")}
        found = [world.row_of("products", identities[sku]).get("deliverydate") for sku in skus(3)]
        assert found[1] == before
        return [names[one["id"]] if one else "" for one in (found[0], found[2])]

    run(0)
    assert dates() == ["Verwacht op 1-12-2026", "By hand"]
    run(0)
    assert world.writes() == {}
    run(3)
    assert dates() == ["", "By hand"]


def test_parts_come_with_the_relations(world: StockWorld) -> None:
    """Relations and stock in one run, whichever comes first; later runs of stock alone know the bundle still."""
    for n in (1, 2):
        world.sell_from(f"SKU-000{n}", 0)
    relation = json.loads(part("SKU-0001", "SKU-0002", 2).model_dump_json(exclude_unset=True))
    world.clock.advance(10)
    stock = world.row("SKU-0002", available=9)
    lines: list[dict[str, Any]] = []
    for stream, record in (("stock_levels", stock), ("product_relations", relation)):
        mark = {"version": 1, "source": "afas.demo", "held": []}
        own = {"_source_stream": stream, "_source_key": "1"}
        lines += [
            {"type": "STATE", "value": {"bookmarks": {stream: mark}}},
            {"type": "SCHEMA", "stream": stream, "schema": {"properties": {}}, "key_properties": ["key"]},
            {"type": "RECORD", "stream": stream, "record": {**record, **own}},
        ]
    last = {"type": "STATE", "value": {"bookmarks": dict.fromkeys(("stock_levels", "product_relations"), mark)}}
    streams = {stream: {"kind": "commerce"} for stream in ("stock_levels", "product_relations")}
    text = "".join(f"{json.dumps(one)}\n" for one in [*lines, last])
    world.run(text, streams=streams, stock={"orders_since": world.ago(60).isoformat()})
    assert shown(world, 2) == {"SKU-0001": 4, "SKU-0002": 9}
    world.sync(world.row("SKU-0002", available=3))
    assert shown(world, 2) == {"SKU-0001": 1, "SKU-0002": 3}


def test_articles_are_found_as_the_catalogue_says(world: StockWorld) -> None:
    """Where the article code is the SKU, stock finds its variant by it as well."""
    identity = world.sell_from("SKU-0001", 5)
    world.shop.change("variants", identity, articleCode="ART-1")
    world.clock.advance(10)
    world.config["catalogue"] = {"sku_field": "articleCode"}
    world.send([world.row("ART-1", available=3)])
    assert world.level("SKU-0001") == 3


def test_tracking_that_somebody_changed(world: StockWorld) -> None:
    """The daily reading sets it right as well."""
    kept = {"stock_tracked": {"type": "boolean", "value": True}}
    world.sell_from("SKU-0001", 5)
    world.sync(world.row("SKU-0001", available=5, extra=kept))
    world.sell_from("SKU-0001", 5, tracking="indicator")
    world.later(25 * 3600)
    world.sync(world.row("SKU-0001", available=5, extra=kept))
    assert world.variant("SKU-0001")["stockTracking"] == "enabled"


def test_a_shop_that_has_no_place_in_a_warehouse_of_the_item(world: StockWorld) -> None:
    """Two shops sell from warehouses of their own: where only the other one has stock, this one has none."""
    fill(world, 2)
    stock = (world.row("SKU-0001", "NORTH", available=7), world.row("SKU-0002", "SOUTH", available=8))
    assert world.sync(*stock, locations=["NORTH"]) == []
    assert shown(world, 2) == {"SKU-0001": 7, "SKU-0002": 0}


def test_a_location_that_no_record_has(world: StockWorld, caplog: pytest.LogCaptureFixture) -> None:
    """A code with a typing error would show the whole shop as sold out; one of several is only said."""
    fill(world, 2)
    stock = rows(world, dict.fromkeys(skus(2), 3))
    with pytest.raises(ConfigurationError, match="no record is of the location main; there are MAIN"):
        world.sync(*stock, locations=["main"])
    assert shown(world, 2) == dict.fromkeys(skus(2), 5)
    assert world.sync(*rows(world, dict.fromkeys(skus(2), 3)), locations=["MAIN", "EMPTY"]) == []
    assert "no record is of the location EMPTY" in caplog.text
    assert shown(world, 2) == dict.fromkeys(skus(2), 3)


def test_an_item_that_has_no_stock_record_any_more(world: StockWorld, caplog: pytest.LogCaptureFixture) -> None:
    """Deleted or blocked in the source: what stood there is sold out, said once, and costs nothing from then on."""
    fill(world, 3)
    world.sync(*rows(world, dict.fromkeys(skus(3), 5)))
    left = dict.fromkeys(skus(2), 5)
    world.sync(*rows(world, left), vanished="keep")
    assert world.level("SKU-0003") == 5
    assert world.sync(*rows(world, left)) == []
    assert shown(world, 3) == {**left, "SKU-0003": 0}
    assert "1 items have no stock in the source any more: SKU-0003" in caplog.text
    caplog.clear()
    assert world.sync(*rows(world, left)) == []
    assert world.client.calls == {"GET variants/movements": 1, "GET orders": 1}
    assert "no stock in the source" not in caplog.text
    world.sync(*rows(world, dict.fromkeys(skus(3), 5)))
    assert world.level("SKU-0003") == 5


def test_goods_on_their_way_do_not_stand_for_an_item(world: StockWorld) -> None:
    """An item is gone with its stock record, whether or not a purchase order came with it before."""
    fill(world, 2)
    coming = {**world.row("SKU-0002", "PURCHASE", incoming_lots=[lot(5, "2026-12-24")]), "_source_stream": "Lines"}
    world.sync(coming, *rows(world, dict.fromkeys(skus(2), 5)))
    world.sync(world.row("SKU-0001", available=5))
    assert shown(world, 2) == {"SKU-0001": 5, "SKU-0002": 0}


def test_an_item_whose_stock_nobody_keeps_any_more(world: StockWorld) -> None:
    """Its records are gone too: the level becomes nothing, and whether that counts is the catalogue's to say."""
    world.sell_from("SKU-0001", 5)
    world.sell_from("SKU-0002", 5)
    world.sync(*rows(world, dict.fromkeys(skus(2), 5)), tracking="enabled")
    world.sell_from("SKU-0001", 5, tracking="disabled")
    for _ in range(2):
        world.later(25 * 3600)
        world.sync(world.row("SKU-0002", available=5), tracking="enabled")
        found = world.variant("SKU-0001")
        assert (found["stockTracking"], found["stockLevel"]) == ("disabled", 0)


def test_many_items_without_a_record_stop_the_run(world: StockWorld) -> None:
    """A filter that came into the connector is no stock-taking."""
    fill(world, 60)
    world.sync(*rows(world, dict.fromkeys(skus(60), 5)))
    with pytest.raises(Beyond, match="55 of 60 items would go out of stock"):
        world.sync(*rows(world, dict.fromkeys(skus(5), 5)))
    assert set(shown(world, 60).values()) == {5}


def test_a_record_that_can_not_be_read_takes_no_stock_away(world: StockWorld) -> None:
    """It may be that of any item: nothing is taken for gone."""
    fill(world, 2)
    world.sync(*rows(world, dict.fromkeys(skus(2), 5)))
    broken = {**world.row("SKU-0002", available=5), "_error": "invalid_value: OnHand"}
    (held,) = world.sync(world.row("SKU-0001", available=4), broken)
    assert held["reason"] == "invalid_value"
    assert shown(world, 2) == {"SKU-0001": 4, "SKU-0002": 5}


def test_a_part_that_is_not_sold_by_itself(world: StockWorld) -> None:
    """An item that isn't meant for the shop is left alone there, and limits the bundles that it is in."""
    for n, level in ((1, 0), (2, 3), (3, 9)):
        world.sell_from(f"SKU-000{n}", level)
    know(world, part("SKU-0001", "SKU-0002", 2))
    no = {"extra": {"web_enabled": {"type": "boolean", "value": False}}}
    world.sync(
        world.row("SKU-0002", available=10, **no), world.row("SKU-0003", available=1, **no), world.row("SKU-0004")
    )
    assert shown(world, 3) == {"SKU-0001": 5, "SKU-0002": 3, "SKU-0003": 9}
    assert world.done()["unpublished"] == 2


def test_a_bundle_that_is_not_meant_for_the_shop(world: StockWorld) -> None:
    """Its parts have stock, and yet nothing is written to it."""
    fill(world, 2)
    know(world, part("SKU-0001", "SKU-0002", 1))
    no = {"extra": {"web_enabled": {"type": "boolean", "value": False}}}
    world.sync(world.row("SKU-0001", available=0, **no), world.row("SKU-0002", available=9))
    assert shown(world, 2) == {"SKU-0001": 5, "SKU-0002": 9}


def test_a_part_that_never_runs_out(world: StockWorld) -> None:
    """Work that is in a bundle has no stock, and a bundle of nothing else has no level."""
    fill(world, 2)
    service = {"extra": {"stock_tracked": {"type": "boolean", "value": False}}}
    know(world, part("SKU-0001", "SKU-0002", 1), part("SKU-0001", "MOUNTING", 1, **service))
    know(world, part("SKU-0003", "MOUNTING", 2, **service))
    world.sell_from("SKU-0003", 7)
    world.sync(world.row("SKU-0002", available=4))
    assert shown(world, 3) == {"SKU-0001": 4, "SKU-0002": 4, "SKU-0003": 7}


@pytest.mark.parametrize(("setting", "level"), [("count", 1), ("ignore", 4)])
def test_a_part_that_may_be_left_out(world: StockWorld, setting: str, level: int) -> None:
    """Whether it limits the bundle is a setting; a bundle that was sold takes it along in any case."""
    for n, there in ((1, 0), (2, 4), (3, 1)):
        world.sell_from(f"SKU-000{n}", there)
    know(world, part("SKU-0001", "SKU-0002", 1, required=True), part("SKU-0001", "SKU-0003", 1, required=False))
    stock = {"SKU-0002": 4, "SKU-0003": 1}
    world.sync(*rows(world, stock), optional_parts=setting)
    assert world.level("SKU-0001") == level
    world.order(SKU_0001=1)
    world.later(60)
    world.sync(*rows(world, stock), optional_parts=setting)
    assert shown(world, 3) == {"SKU-0001": level - 1, "SKU-0002": 3, "SKU-0003": 0}
