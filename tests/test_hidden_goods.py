"""What is hidden in the shop is kept right, so that showing it again shows nothing old."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.campaign.goods_life import GoodsLife
from tests.campaign.goods_mutants import PLAIN
from tests.support.goods import FLOWS

if TYPE_CHECKING:
    from collections.abc import Iterator

ITEM = {"Item": "THEE-1", "ItemType": "2"}


@pytest.fixture
def life() -> Iterator[GoodsLife]:
    """A shop that was filled from AFAS."""
    life = GoodsLife(PLAIN)
    for flow in FLOWS:
        life.world.run_job(flow)
    life.world.passes(900)
    life.world.run_job("catalogue")
    yield life
    life.close()


def shown(life: GoodsLife) -> tuple[str, str, int]:
    """Visibility, price and level of the teapot."""
    shop: dict[str, Any] = life.world.shown()
    variant = next(one for one in shop["variants"] if one["sku"] == "THEE-1")
    product = next(one for one in shop["products"] if one["id"] == variant["product"])
    return product["visibility"], variant["price"], variant["level"]


def test_a_product_that_comes_back_has_the_price_and_the_stock_of_today(life: GoodsLife) -> None:
    """Between the run of the catalogue that shows it and those of prices and stock, shoppers would see the old ones."""
    world = life.world
    assert shown(life) == ("visible", "24.95", 12)
    world.user("user", {"do": "product", **ITEM, "WebEnabled": False})
    world.passes(900)
    world.run_job("catalogue")
    price = {"PriceList": "WEB", "ValidFrom": "2026-01-01", "Price": "31.50"}
    world.user("user", {"do": "price", **ITEM, **price})
    world.user("user", {"do": "stock", "Item": "THEE-1", "Warehouse": "01", "OnHand": 2})
    world.passes(900)
    world.run_job("prices")
    world.run_job("stock")
    assert shown(life) == ("hidden", "31.5", 2)
    world.user("user", {"do": "product", **ITEM, "WebEnabled": True})
    world.passes(900)
    world.run_job("catalogue")
    assert shown(life) == ("visible", "31.5", 2)
