"""What people change or delete in the shop is found by the sweep and made right from the source."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from catalogue_world import STREAM, VARIANTS, Catalogue, parent, product, texts, variant
from lightspeed_prices import Prices, row

from upsert.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from target_lightspeed_world import World

DAY = 25 * 3600


def filled(shop: Catalogue, *records: dict[str, Any], **settings: Any) -> None:
    """Products that are seen, and a sweep that is planned."""
    assert shop.send(*records, **settings) == []
    shop.price(*(one["sku"] for one in records if one["kind"] != "variant_parent"))
    assert shop.send(**settings) == []


def notes(world: World) -> list[tuple[str, str, str]]:
    """What the log says of sweeps: reason, purpose, subject."""
    with Store.open(world.config["store"]) as store:
        return [(one.reason, one.purpose, one.subject) for one in store.outcomes() if one.action == "noted"]


def edit(shop: Catalogue, name: str, **fields: Any) -> int:
    """Somebody changes a product in the back office."""
    identity = int(shop.the(name)["id"])
    shop.make_client().update(f"products/{identity}", "product", fields)
    return identity


def test_a_hand_edit_is_found_and_made_right(shop: Catalogue) -> None:
    """A title that was changed in the shop: its record is asked for again and the source's title comes back."""
    record = product(texts=texts("Pot"))
    filled(shop, record)
    identity = edit(shop, "Pot", title="Met de hand")
    shop.clock.advance(DAY)
    assert shop.send() == [("POT-1", "drifted", "title")]
    assert shop.send(record) == []
    assert shop.row("products", identity)["title"] == "Pot"
    shop.send()
    reasons = [reason for reason, *_ in notes(shop)]
    assert reasons.count("drifted") == 1
    assert reasons.count("drift_corrected") == 1


def test_a_wrong_clock_of_the_host_puts_no_sweep_off(shop: Catalogue) -> None:
    """A host that was seven hours ahead for one run: what changes afterwards is found when the shop's day is over."""
    record = product(texts=texts("Pot"))
    filled(shop, record)
    shop.host.skew = timedelta(hours=7)
    shop.clock.advance(20 * 3600)
    shop.client = shop.make_client()
    assert shop.send() == []
    shop.host.skew = timedelta()
    edit(shop, "Pot", title="Met de hand")
    shop.clock.advance(5 * 3600)
    shop.client = shop.make_client()
    assert shop.send() == [("POT-1", "drifted", "title")]


def test_a_store_on_postgresql(shop: Catalogue, postgres: str) -> None:
    """The record behind a row, and how far the sweep has come, are kept on a server just as in a file."""
    shop.config["store"] = postgres
    family = [parent(), variant("S-1", "SHIRT", "Rood", "M", 1), variant("S-2", "SHIRT", "Blauw", "L", 2)]
    filled(shop, product(texts=texts("Pot")), *family)
    edit(shop, "Pot", title="Met de hand")
    wrong = shop.variant("S-2")["id"]
    shop.make_client().update(f"variants/{wrong}", "variant", {"weight": 999})
    shop.clock.advance(DAY)
    assert sorted(shop.send()) == [("POT-1", "drifted", "title"), ("SHIRT", "drifted", "weight")]
    assert shop.send(product(texts=texts("Pot")), *family) == []
    assert (shop.the("Pot")["title"], shop.variant("S-2")["weight"]) == ("Pot", 200)
    shop.send()
    assert [reason for reason, *_ in notes(shop)].count("drift_corrected") == 2


def test_before_its_time_there_is_no_sweep(shop: Catalogue) -> None:
    """Between two sweeps a run asks the shop for nothing."""
    record = product()
    filled(shop, record)
    edit(shop, "Product POT-1", title="Met de hand")
    shop.clock.advance(3600)
    assert shop.send(record) == []
    assert shop.total() == {}
    assert notes(shop) == []


def test_off_is_off(shop: Catalogue) -> None:
    """`every_hours: 0` never sweeps."""
    shop.config["sweep"] = {"every_hours": 0}
    record = product()
    filled(shop, record)
    edit(shop, "Product POT-1", title="Met de hand")
    shop.clock.advance(DAY)
    assert shop.send(record) == []
    assert notes(shop) == []


def test_a_shop_as_it_should_be_is_left_alone(shop: Catalogue) -> None:
    """Texts, weights, numbers and switches that were written compare as equal with what the shop shows."""
    record = product(
        texts=texts("Pot & pan", short="Kort  ", long="<p>Lang &amp; breed</p>", long_title="Een pot"),
        weight={"value": "0.25", "unit": "kg"},
        width={"value": "12.5", "unit": "cm"},
        minimum_quantity="2",
        gtins=[{"value": "8712345678906", "kind": "ean13"}],
        hs_code="6911",
        brand={"name": "Acme"},
    )
    family = [parent(), variant("S-1", "SHIRT", "Rood", "M", 1), variant("S-2", "SHIRT", "Blauw", "L", 2)]
    filled(shop, record, *family)
    shop.clock.advance(DAY)
    assert shop.send() == []
    assert notes(shop) == []
    assert shop.writes() == {}
    assert shop.total() == {"GET products": 1, "GET variants": 1}


def test_a_field_of_a_variant(shop: Catalogue) -> None:
    """Weight of a variant, which its parent says for all of them."""
    family = [parent(), variant("S-1", "SHIRT", "Rood", "M", 1), variant("S-2", "SHIRT", "Blauw", "L", 2)]
    filled(shop, *family)
    wrong = shop.variant("S-2")["id"]
    shop.make_client().update(f"variants/{wrong}", "variant", {"weight": 999})
    shop.clock.advance(DAY)
    held = shop.send()
    assert [(reason, subject) for _, reason, subject in held] == [("drifted", "weight")]
    shop.send(*family)
    assert shop.variant("S-2")["weight"] == 200
    shop.send()
    assert "drift_corrected" in [reason for reason, *_ in notes(shop)]


def test_what_the_shop_owns_stays(shop: Catalogue) -> None:
    """With `update: never` a hand edit is no drift."""
    rules = {"fields": {"title": {"update": "never"}}}
    filled(shop, product(), **rules)
    identity = edit(shop, "Product POT-1", title="Met de hand")
    shop.clock.advance(DAY)
    assert shop.send(**rules) == []
    assert shop.row("products", identity)["title"] == "Met de hand"
    assert notes(shop) == []


def test_a_product_deleted_by_hand_comes_back(shop: Catalogue) -> None:
    """Gone from the shop: its record is asked for again, and makes it anew, with variant and all."""
    records = [product(), product("POT-2")]
    filled(shop, *records)
    shop.make_client().delete(f"products/{shop.the('Product POT-1')['id']}")
    shop.clock.advance(DAY)
    held = shop.send()
    assert [name for name, *_ in held] == ["POT-1"]
    assert {reason for _, reason, _ in held} == {"vanished_in_shop"}
    assert shop.send(*records) == []
    assert shop.variant("POT-1")["product"]["id"] == shop.the("Product POT-1")["id"]


def test_a_variant_deleted_by_hand_comes_back(shop: Catalogue) -> None:
    """Only the variant is made anew."""
    family = [parent(), variant("S-1", "SHIRT", "Rood", "M", 1), variant("S-2", "SHIRT", "Blauw", "L", 2)]
    filled(shop, *family)
    shop.make_client().delete(f"variants/{shop.variant('S-2')['id']}")
    shop.clock.advance(DAY)
    (found,) = shop.send()
    assert found[1] == "vanished_in_shop"
    assert shop.send(*family) == []
    assert shop.variant("S-2")["product"]["id"] == shop.variant("S-1")["product"]["id"]


def test_when_nearly_all_is_gone_nothing_is_believed(shop: Catalogue, caplog: pytest.LogCaptureFixture) -> None:
    """A key of another shop shows none of our products: nothing is forgotten, nothing made anew."""
    records = [product(f"POT-{n}") for n in range(25)]
    filled(shop, *records)
    for one in shop.rows("products"):
        shop.make_client().delete(f"products/{one['id']}")
    shop.clock.advance(DAY)
    assert shop.send() == []
    assert "so many can't be right" in caplog.text
    assert notes(shop) == []


def test_a_sweep_goes_on_where_its_calls_ended(tmp_path: Path) -> None:
    """With one call per run it takes as many runs as there are lists, and finds the same."""
    shop = Catalogue(tmp_path)
    shop.config["sweep"] = {"calls": 1}
    record = product()
    filled(shop, record)
    identity = shop.variant("POT-1")["id"]
    shop.make_client().update(f"variants/{identity}", "variant", {"title": "Met de hand"})
    shop.clock.advance(DAY)
    assert shop.send() == []
    assert shop.total() == {"GET products": 1}
    assert [reason for _, reason, _ in shop.send()] == ["drifted"]
    assert shop.total() == {"GET variants": 1}
    assert shop.send(record) == []
    assert shop.variant("POT-1")["title"] == "Product POT-1"


def test_what_came_while_the_list_was_read_is_not_taken_for_gone(tmp_path: Path) -> None:
    """A product made between two steps of a sweep is asked for once by itself, and found."""
    shop = Catalogue(tmp_path)
    shop.config["sweep"] = {"calls": 1}
    first, second = product(), product("POT-2")
    filled(shop, first)
    shop.clock.advance(DAY)
    shop.send()
    filled(shop, second)
    for _ in range(6):
        assert shop.send() == []
    assert notes(shop) == []
    assert len(shop.rows("products")) == 2


def test_so_many_corrections_a_run(tmp_path: Path) -> None:
    """More drift than a run may hold is found in the runs that follow."""
    shop = Catalogue(tmp_path)
    shop.config["sweep"] = {"corrections": 2}
    records = [product(f"POT-{n}") for n in range(5)]
    filled(shop, *records)
    for record in records:
        edit(shop, record["texts"][0]["value"], title=f"Fout {record['sku']}")
    shop.clock.advance(DAY)
    held: dict[str, list[Any]] = {}
    found = []
    for _ in range(4):
        held = shop.go_on(held)
        found.append(len(held[STREAM]))
    assert found == [2, 4, 5, 5]
    assert shop.go_on(held, *records)[STREAM] == []
    assert sorted(one["title"] for one in shop.rows("products")) == [f"Product POT-{n}" for n in range(5)]


@pytest.mark.parametrize("gone", [False, True])
def test_what_a_killed_run_has_found_is_not_lost(shop: Catalogue, gone: bool) -> None:
    """The STATE that was to hold it never went out: the next run holds it again, until it is right; then never more."""
    records = [parent(), variant("SHIRT-S", "SHIRT", "Rood", "S"), variant("SHIRT-M", "SHIRT", "Rood", "M")]
    filled(shop, *records)
    identity = shop.the("Product SHIRT")["id"]
    if gone:
        shop.make_client().delete(f"products/{identity}")
    else:
        shop.make_client().update(f"products/{identity}", "product", {"title": "Fout"})
    shop.clock.advance(DAY)
    shop.go_on({})
    held = shop.go_on({})
    assert [one["key"] for one in held[STREAM]] == ["SHIRT"]
    assert len(held[VARIANTS]) == 2 * gone
    held = shop.go_on(held, *records)
    assert not any(held.values())
    assert shop.the("Product SHIRT")
    assert {row["sku"] for row in shop.rows("variants")} == {"SHIRT-S", "SHIRT-M"}
    for _ in range(2):
        assert not any(shop.go_on({}).values())


def test_what_is_gone_on_both_sides_is_held_once(shop: Catalogue) -> None:
    """Its record was read again and isn't wanted any more: nothing is left to be made right."""
    record = product()
    filled(shop, record)
    shop.make_client().delete(f"products/{shop.rows('products')[0]['id']}")
    shop.clock.advance(DAY)
    held = shop.go_on({})
    assert len(held[STREAM]) == 1
    held = shop.go_on(held, record | {"web_enabled": False})
    assert not any(held.values())
    for _ in range(2):
        assert not any(shop.go_on({}).values())
    assert shop.rows("products") == []


def test_a_shop_with_its_own_form_of_a_text_is_not_corrected_for_ever(shop: Catalogue) -> None:
    """What differs again in the same way after it was made right is the shop's own form, not a person's."""
    record = product(texts=texts("Pot"))
    filled(shop, record)
    for _ in range(3):
        edit_back = shop.rows("products")[0]["id"]
        shop.make_client().update(f"products/{edit_back}", "product", {"title": "POT"})
        shop.clock.advance(DAY)
        shop.send()
        shop.send(record)
    assert [reason for reason, *_ in notes(shop)].count("drifted") == 1


def test_a_price_changed_by_hand_is_made_right_by_the_next_run(world: World) -> None:
    """A run of the prices reads all of them anyway, so the one after the sweep corrects it."""
    prices = Prices(world)
    sku = prices.skus[0]
    records = [row(one, "10.00") for one in prices.skus[:5]]
    assert prices.run(*records) == []
    assert prices.run(*records) == []
    world.make_client().update(f"variants/{world.variant(sku)['id']}", "variant", {"priceExcl": 1})
    world.clock.advance(DAY)
    assert prices.run(*records) == []
    assert prices.price(sku) == 1
    assert prices.run(*records) == []
    assert prices.price(sku) == Decimal(10)
    assert prices.run(*records) == []
    assert [(reason, purpose) for reason, purpose, _ in notes(world) if "drift" in reason] == [
        ("drifted", "commerce.prices"),
        ("drift_corrected", "commerce.prices"),
    ]
