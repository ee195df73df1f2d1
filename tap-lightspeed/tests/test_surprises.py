"""The twelve things that surprise people in this API (reference §0), one test each."""

from __future__ import annotations

import pytest
from sandbox_shop import SandboxShop, records

from tap_lightspeed.resources import BY_NAME, RESOURCES


@pytest.fixture(scope="module")
def shop():
    """Return a shop."""
    return SandboxShop()


def test_1_the_language_is_part_of_the_path(shop):
    """Each call goes to the language of the settings, and an unknown one ends the run with the setting's name."""
    from upsert.errors import ConfigurationError

    shop.run("brands", language="en")
    assert shop.calls["en"] == shop.asked
    with pytest.raises(ConfigurationError, match="language"):
        shop.run("brands", language="xx")


def test_2_not_set_is_false(shop):
    """`false` for "not set" is null, while a real false, 0 and "" stay."""
    products = records(shop.run("products"))
    assert any(one["brand"] is None for one in products)
    assert all(one["image"] is not False and one["set"] is not False for one in products)
    assert any(one["hasMatrix"] is False for one in products)
    assert any(one["data03"] == "" for one in products)


def test_3_a_reference_is_an_object_with_an_id(shop):
    """A reference is read as `{"id": 5}`, without the links around it."""
    variants = records(shop.run("variants"))
    assert all(set(one["product"]) == {"id"} for one in variants)
    assert all("movements" not in one for one in variants)


def test_4_lists_embed_nothing(shop):
    """Orders are listed for their ids, and each is read by its own call, which has the lines."""
    messages = shop.run("orders")
    orders = records(messages)
    assert shop.calls["orders/{id}"] == len(orders)
    assert all(one["products"] for one in orders)


def test_5_prices_are_on_the_variant(shop):
    """Price, stock, article code, EAN and SKU are fields of variants and not of products."""
    wanted = {"priceExcl", "stockLevel", "articleCode", "ean", "sku"}
    assert wanted <= set(BY_NAME["variants"].schema["properties"])
    assert not wanted & set(BY_NAME["products"].schema["properties"])
    assert all(wanted <= set(one) for one in records(shop.run("variants")))


def test_6_texts_are_per_language(shop):
    """With several languages a product has a record per language, and shared fields are the same in each."""
    products = records(shop.run("products", languages=["nl", "en"]))
    by_language = {}
    for one in products:
        by_language.setdefault(one["_language"], {})[one["id"]] = one
    assert set(by_language) == {"nl", "en"}
    assert set(by_language["nl"]) == set(by_language["en"])
    assert any(by_language["nl"][key]["title"] != one["title"] for key, one in by_language["en"].items())


def test_7_an_order_comes_from_a_checkout(shop):
    """Orders made through the API come like any other, with `api` as their channel when the shop says so."""
    assert BY_NAME["checkouts"].path == "checkouts"
    assert {"channel"} <= set(BY_NAME["orders"].schema["properties"])
    assert all(one["channel"] is not None for one in records(shop.run("orders")))


def test_8_shipments_come_with_the_order(shop):
    """An order has its shipments, each with the id by which a tracking code can be written."""
    orders = records(shop.run("orders", "shipments"), "orders")
    listed = {one["id"] for one in records(shop.run("shipments"))}
    assert {one["id"] for order in orders for one in order["shipments"]} <= listed


def test_9_three_windows_are_obeyed():
    """With small windows the tap waits for the next one, and the shop never refuses a call."""
    shop = SandboxShop(rate_limits="40/400/4000")
    messages = shop.run("orders", "brands", reserve_5_minutes=5, reserve_hour=5, reserve_day=5)
    assert len(records(messages, "orders")) == 41
    assert shop.service.books()["shop1"]["rate_limited"] == 0


def test_10_newest_first_loses_nothing():
    """A list that is newest first, or oldest first, gives every record once; nothing is read by the highest id."""
    for order in ("newest_first", "oldest_first"):
        shop = SandboxShop(list_order=order)
        found = [one["id"] for one in records(shop.run("variants"))]
        assert sorted(found) == sorted(shop.shop.tables["variants"])


def test_11_bulk_is_for_writing_only():
    """The bulk paths are no streams."""
    assert not [one for one in RESOURCES if "bulk" in one.path]


def test_12_prices_per_group_are_quantity_discounts(shop):
    """There is no price list: prices per group are plain numbers in `quantity_discounts`, 0 for all."""
    rows = records(shop.run("quantity_discounts", "discountrules"), "quantity_discounts")
    assert all(isinstance(one["product"], int) and isinstance(one["customerGroup"], int) for one in rows)
    assert any(one["variant"] == 0 for one in rows)
