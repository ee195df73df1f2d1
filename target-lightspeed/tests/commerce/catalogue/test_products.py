"""Simple products: made, shown, changed, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from catalogue_world import Catalogue, key, parent, pictures, product, texts, variant

from upsert.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def shown(shop: Catalogue, *records: dict[str, Any]) -> None:
    """Load products and give them a price, so that they are visible."""
    assert shop.send(*records) == []
    shop.price(*(one["sku"] for one in records))
    assert shop.send() == []


def test_a_new_product_is_made_hidden_and_shown_when_it_has_a_price(shop: Catalogue) -> None:
    """Product and variant stand, under our key and SKU; nobody sees them before there is a price."""
    record = product(weight={"value": "0.25", "unit": "kg"}, texts=texts("Pot", short="Kort", long="<p>Lang</p>"))
    assert shop.send(record) == []
    row = shop.the("Pot")
    assert (row["visibility"], row["data01"]) == ("hidden", key("POT-1"))
    assert (row["description"], row["content"]) == ("Kort", "<p>Lang</p>")
    (variant,) = shop.variants_of(row["id"])
    assert (variant["sku"], variant["title"], variant["weight"]) == ("POT-1", "Pot", 250)
    assert variant["tax"]["id"] == 1_207_266
    assert shop.send() == []
    assert shop.row("products", row["id"])["visibility"] == "hidden"
    shop.price("POT-1")
    assert shop.send() == []
    assert shop.row("products", row["id"])["visibility"] == "visible"
    shop.send(record)
    assert shop.total() == {}
    assert shop.mails() == []


def test_without_the_need_of_a_price_it_is_shown_at_once(shop: Catalogue) -> None:
    """A shop that shows prices on demand may say so."""
    shop.send(product(), visible_needs="nothing")
    assert shop.the("Product POT-1")["visibility"] == "visible"


def test_an_initial_price_and_stock_are_given_once(shop: Catalogue) -> None:
    """Other flows own them afterwards."""
    initial = {"price_excl": "9.95", "stock_level": 0, "stock_tracking": "enabled"}
    shop.send(product(), initial=initial)
    variant = shop.variant("POT-1")
    assert (float(variant["priceExcl"]), variant["stockTracking"]) == (9.95, "enabled")
    assert shop.the("Product POT-1")["visibility"] == "visible"
    shop.price("POT-1", excl="12")
    shop.send(product(texts=texts("Other")), initial=initial)
    assert float(shop.variant("POT-1")["priceExcl"]) == 12


def test_a_content_change_costs_its_writes_and_no_read(shop: Catalogue) -> None:
    """The store knows what was written last: one text, one write for each thing that shows it."""
    record = product(texts=texts("Pot", long="Lang"))
    shown(shop, record)
    changed = product(texts=texts("Pot", long="Langer"))
    shop.send(changed)
    assert shop.writes() == {"PUT products/{id}": 1}
    assert shop.reads() == {}
    shop.send(product(texts=texts("Pan", long="Langer")))
    assert shop.writes() == {"PUT products/{id}": 1, "PUT variants/{id}": 1}
    assert shop.reads() == {}
    assert shop.variant("POT-1")["title"] == "Pan"


def test_a_field_changed_by_hand_is_restored_when_the_product_is_written(shop: Catalogue) -> None:
    """The source leads."""
    shown(shop, product(texts=texts("Pot", short="Ours")))
    identity = shop.the("Pot")["id"]
    shop.make_client().update(f"products/{identity}", "product", {"description": "Theirs"})
    shop.send(product(texts=texts("Pot", short="Ours", long="New")))
    assert shop.row("products", identity)["description"] == "Ours"


@pytest.mark.parametrize(("state", "setting"), [({"web_enabled": False}, "untick"), ({"active": False}, "vanished")])
@pytest.mark.parametrize("action", ["hide", "delete", "ignore"])
def test_untick_and_vanish_hide_delete_or_leave(
    shop: Catalogue, state: dict[str, Any], setting: str, action: str
) -> None:
    """What isn't meant for the shop any more goes as the setting says, and comes back whole."""
    shown(shop, product())
    identity = shop.the("Product POT-1")["id"]
    assert shop.send({**product(), **state}, **{setting: action}) == []
    rows = {row["id"]: row["visibility"] for row in shop.rows("products")}
    assert rows == {"hide": {identity: "hidden"}, "delete": {}, "ignore": {identity: "visible"}}[action]
    shop.send({**product(), **state}, **{setting: action})
    assert shop.writes() == {}
    assert shop.send(product(texts=texts("Again"))) == []
    row = shop.the("Again")
    if action == "delete":
        assert row["id"] != identity
        assert row["visibility"] == "hidden"
        assert [one["sku"] for one in shop.variants_of(row["id"])] == ["POT-1"]
    else:
        assert (row["id"], row["visibility"]) == (identity, "visible")


def test_an_item_that_was_never_ticked_costs_nothing(shop: Catalogue) -> None:
    """It isn't made, and a product of the shop's own with its SKU stays as it is."""
    shown(shop, product("OTHER"))
    assert shop.send(product(web_enabled=False)) == []
    assert shop.total() == {}
    assert shop.done() == {"not_in_shop": 1}


def test_a_product_of_the_shop_with_our_sku_is_adopted(shop: Catalogue) -> None:
    """A first run on a shop that was filled by hand takes over what has the SKU, and makes no second one."""
    client = shop.make_client()
    made = client.create("products", "product", {"title": "By hand", "visibility": "visible"})
    (variant,) = shop.variants_of(made["id"])
    client.update(f"variants/{variant['id']}", "variant", {"sku": "POT-1", "priceExcl": 5})
    assert shop.send(product()) == []
    (row,) = shop.rows("products")
    assert (row["id"], row["title"], row["data01"]) == (made["id"], "Product POT-1", key("POT-1"))
    assert shop.variants_of(made["id"])[0]["title"] == "Product POT-1"


def test_several_variants_with_the_sku_hold(shop: Catalogue) -> None:
    """Which one is meant, a person decides."""
    client = shop.make_client()
    for _ in range(2):
        made = client.create("products", "product", {"title": "By hand"})
        (variant,) = shop.variants_of(made["id"])
        client.update(f"variants/{variant['id']}", "variant", {"sku": "POT-1"})
    ((_, reason, _),) = shop.send(product())
    assert reason == "ambiguous"
    assert shop.writes() == {}


def test_a_product_with_another_key_of_ours_is_not_taken_over(shop: Catalogue) -> None:
    """The SKU stands under a product that belongs to another item."""
    client = shop.make_client()
    made = client.create("products", "product", {"title": "Other", "data01": key("OTHER")})
    (variant,) = shop.variants_of(made["id"])
    client.update(f"variants/{variant['id']}", "variant", {"sku": "POT-1"})
    ((_, reason, subject),) = shop.send(product())
    assert (reason, subject) == ("sku_elsewhere", "POT-1")


@pytest.mark.parametrize("together", [True, False])
def test_one_sku_of_two_items_holds_the_second(shop: Catalogue, together: bool) -> None:
    """Nothing of the first one is overwritten, in the same run or later."""
    first, second = product("A", sku="X"), product("B", sku="X")
    runs = [(first, second)] if together else [(first,), (second,)]
    held = [shop.send(*records) for records in runs][-1]
    assert held == [("B", "sku_twice", "X")]
    assert [row["data01"] for row in shop.rows("products")] == [key("A")]


def test_a_new_sku_of_a_known_item_is_held_until_a_setting_says_follow(shop: Catalogue) -> None:
    """A SKU never changes in silence: other systems know the variant by it."""
    shown(shop, product())
    ((_, reason, subject),) = shop.send(product(sku="POT-2"))
    assert (reason, subject) == ("sku_renamed", "POT-2")
    assert shop.variant("POT-1")
    assert shop.send(product(sku="POT-2"), sku_rename="follow") == []
    assert shop.variant("POT-2")


@pytest.mark.parametrize("field", ["sku", "articleCode", "both"])
def test_the_sku_goes_into_the_field_of_the_setting(shop: Catalogue, field: str) -> None:
    """Leading zeros, slashes and spaces survive."""
    shop.send(product("A", sku="00 12/3"), sku_field=field)
    (variant,) = shop.rows("variants")
    wanted = {"sku": field != "articleCode", "articleCode": field != "sku"}
    assert {name: variant[name] == "00 12/3" for name in wanted} == wanted


@pytest.mark.parametrize("field", ["data01", "data02", "data03"])
def test_a_lost_store_is_rebuilt_from_one_listing(shop: Catalogue, tmp_path: Path, field: str) -> None:
    """Nothing is made twice and nothing is written, because everything stands as it should."""
    records = [product(f"P{n}") for n in range(5)]
    shop.send(*records, key_field=field, visible_needs="nothing")
    (tmp_path / "store.db").unlink()
    first = shop.messages(records)
    shop.run(first, catalogue={"key_field": field, "visible_needs": "nothing"})
    assert shop.writes() == {}
    assert len(shop.rows("products")) == 5
    assert sum(shop.reads().values()) <= 3
    shop.send(*records, key_field=field, visible_needs="nothing")
    assert shop.total() == {}


def test_vat_goes_by_rate_or_by_setting(shop: Catalogue) -> None:
    """The shop's only tax of that rate; where none or two fit, the record is held."""
    low = product("LOW", vat={"category": "reduced", "rate": "9.00", "code": "2"})
    assert shop.send(low, product("ODD", vat={"category": "other", "rate": "5"})) == [("ODD", "unknown_tax", "5%")]
    assert shop.variant("LOW")["tax"]["id"] == 1_207_267
    shop.make_client().create("taxes", "tax", {"title": "Dubbel", "rate": 0.09})
    assert shop.send(product("TWO", vat={"category": "reduced", "rate": "9", "code": "2"}))[0][1] == "ambiguous_tax"
    assert [
        one[1] for one in shop.send(product("SET", vat={"category": "reduced", "code": "2"}), taxes={"2": 1_207_268})
    ] == []
    assert shop.variant("SET")["tax"]["id"] == 1_207_268


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"texts": []}, "missing_field", "title: no text in nl"),
    ({"texts": texts("x" * 300)}, "too_long", "title: 300 of 255 characters"),
    ({"sku": " "}, "missing_field", "sku"),
    ({"gtins": [{"value": "8710000000011", "kind": "ean13"}]}, "invalid_ean", "ean: wrong check digit"),
    ({"gtins": [{"value": "123", "kind": "ean13"}]}, "invalid_ean", "ean: ean13 of another length"),
    ({"weight": {"value": "1", "unit": "stone"}}, "unknown_unit", "weight: stone"),
    ({"weight": {"value": "-1", "unit": "g"}}, "out_of_range", "weight: below 0 or too large"),
    ({"minimum_quantity": "1.5"}, "wrong_type", "minimum_quantity: no whole number"),
]


@pytest.mark.parametrize(("values", "reason", "subject"), BAD)
def test_a_value_that_will_not_do_names_its_field(
    shop: Catalogue, values: dict[str, Any], reason: str, subject: str
) -> None:
    """What is wrong, of which field; never the value."""
    assert shop.send({**product(), **values}, product("GOOD")) == [("POT-1", reason, subject)]
    assert [row["data01"] for row in shop.rows("products")] == [key("GOOD")]


def test_every_plain_field_arrives(shop: Catalogue) -> None:
    """Units are turned into the shop's; null clears, absent leaves alone."""
    full = product(
        gtins=[{"value": "", "kind": "ean13"}, {"value": "8710000000017", "kind": "ean13"}],
        hs_code="85123000",
        weight={"value": "1.5", "unit": "kg"},
        volume={"value": "0.5", "unit": "l"},
        width={"value": "120", "unit": "mm"},
        height={"value": "1", "unit": "m"},
        length={"value": "2", "unit": "cm"},
        minimum_quantity="6",
        maximum_quantity="12",
        cost_price="3.10",
    )
    assert shop.send(full) == []
    row = shop.variant("POT-1")
    assert [row[name] for name in ("ean", "hs", "weight", "volume", "sizeX", "sizeY", "sizeZ")] == [
        "8710000000017", "85123000", 1500, 500, 12, 100, 2,
    ]  # fmt: skip
    assert (row["stockBuyMinimum"], row["stockBuyMaximum"], row["priceCost"]) == (6, 12, 0)
    assert shop.send(product()) == []
    assert shop.writes() == {}
    assert shop.send(product(weight=None, gtins=[], minimum_quantity=None)) == []
    row = shop.variant("POT-1")
    assert (row["weight"], row["ean"], row["stockBuyMinimum"], row["hs"]) == (0, "", 1, "85123000")
    shop.send(product(cost_price="3.10"), fields={"cost": {"create": "always", "update": "always"}})
    assert str(shop.variant("POT-1")["priceCost"]) == "3.1"


@pytest.mark.parametrize("kind", ["bundle", "service", "gift_card", "other"])
def test_other_kinds_are_products_too(shop: Catalogue, kind: str) -> None:
    """Each with its one variant."""
    assert shop.send(product(kind=kind)) == []
    assert shop.variant("POT-1")["title"] == "Product POT-1"


def everything() -> list[dict[str, Any]]:
    """A product with all that hangs under one, and a parent with its variants."""
    whole = product(
        texts=texts("Pot", en_title="Teapot"),
        brand={"name": "Delft"},
        images=pictures(1, 2),
        attributes=[{"code": "material", "values": ["Klei"]}],
    )
    return [whole, parent(), variant("S1", "SHIRT", "Rood", "S", 1), variant("S2", "SHIRT", "Rood", "M", 2)]


def test_plan_mode_lists_what_would_be_made_and_writes_nothing(shop: Catalogue) -> None:
    """Every document that the same run then makes, also those under products that don't exist yet; and no other."""
    settings = {
        "attributes": {"material": {"specification": "Materiaal"}},
        "type": "Kenmerk",
        "visible_needs": "nothing",
    }
    shop.run(shop.messages(everything()), mode="plan", catalogue=settings)
    assert shop.writes() == {}
    assert shop.rows("products") == []
    assert shop.target is not None
    assert shop.target.plans is not None
    planned = {(one.purpose, one.key) for one in shop.target.plans if one.purpose.startswith("commerce.")}
    assert shop.send(*everything(), **settings) == []
    with Store.open(shop.config["store"]) as store:
        done = {(one.purpose, one.key) for one in store.outcomes() if one.action in {"created", "updated"}}
    # What the shop calls new has an id that the plan can't know.
    ids = {"commerce.type_attributes"}
    assert {one for one in planned if one[0] not in ids} == {one for one in done if one[0] not in ids}


def test_what_has_no_place_in_the_shop_is_named_once(shop: Catalogue, caplog: pytest.LogCaptureFixture) -> None:
    """Never left out in silence, and not said for each record."""
    more = {"supplier": {"name": "Groothandel"}, "available_from": "2026-12-01", "discontinued": True}
    seo = [*texts("Pot"), {"language": "nl", "role": "seo_title", "value": "Koop een pot"}]
    assert shop.send(product("A", texts=seo, **more), product("B", texts=seo, **more)) == []
    (line,) = [one.getMessage() for one in caplog.records if "have no place in the shop" in one.getMessage()]
    assert all(name in line for name in ("supplier", "available_from", "discontinued", "texts.seo_title"))


def test_a_bad_value_of_a_known_product_is_named_too(shop: Catalogue) -> None:
    """It costs no call, and the product stays as it is."""
    shown(shop, product())
    assert shop.send(product(weight={"value": "1", "unit": "stone"})) == [("POT-1", "unknown_unit", "weight: stone")]
    assert shop.total() == {}
    odd = product(vat={"category": "other", "rate": "5"})
    assert shop.send(odd) == [("POT-1", "unknown_tax", "5%")]
    assert shop.send(product()) == []
    assert shop.the("Product POT-1")["visibility"] == "visible"
