"""Tiers and prices of customer groups against the sandbox."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from lightspeed_prices import Prices, row

from sandbox.testing import Killed
from upsert.errors import Beyond

if TYPE_CHECKING:
    from target_lightspeed_world import World

GROUPS = {"groups": {"DEALER": "Dealers", "PART": "ignore"}}


@pytest.fixture
def prices(world: World) -> Prices:
    made = Prices(world)
    made.b2b("Dealers")
    return made


def shown(found: list[dict[str, Any]]) -> list[tuple[int, Decimal]]:
    return sorted((one["quantity"], Decimal(str(one["price"]))) for one in found)


def test_tiers_and_group_prices_become_quantity_discounts(prices: Prices) -> None:
    """One row per step and group; a second run makes no write, and reads none of them."""
    sku = prices.skus[0]
    dealers = prices.group("Dealers")
    rows = [row(sku, "10"), row(sku, "9", min_quantity="10"), row(sku, "8.1234", min_quantity="50.000")]
    rows += [row(sku, "7", code="DEALER"), row(sku, "6", code="DEALER", min_quantity="10"), row(sku, "1", code="PART")]
    assert prices.run(*rows, **GROUPS) == []
    found = prices.discounts(sku)
    assert shown([one for one in found if not one["customerGroup"]]) == [(10, Decimal(9)), (50, Decimal("8.1234"))]
    assert shown([one for one in found if one["customerGroup"] == dealers]) == [(1, Decimal(7)), (10, Decimal(6))]
    assert {one["product"] for one in found} == {prices.world.variant(sku)["product"]["id"]}
    for _ in range(10):
        assert prices.run(*rows, **GROUPS) == []
        assert prices.world.writes() == {}
        assert set(prices.world.reads()) <= {"GET shop", "GET shop/limits", "GET groups"}


def test_changed_and_vanished_rows(prices: Prices) -> None:
    """One call each; a row that somebody made by hand for something else stays."""
    one, two = prices.skus[:2]
    variant = prices.world.variant(one)
    by_hand = {"product": variant["product"]["id"], "variant": variant["id"], "quantity": 99, "price": 1}
    prices.world.client.create("quantity_discounts", "quantityDiscount", by_hand)
    rows = [row(sku, price, min_quantity=step) for sku in (one, two) for price, step in (("9", "10"), ("8", "50"))]
    prices.run(row(one, "10"), row(two, "10"), *rows)
    assert len(prices.discounts(one)) == 3
    prices.run(row(one, "10"), row(two, "10"), row(one, "9.5", min_quantity="10"), *rows[2:])
    assert prices.world.writes() == {"PUT quantity_discounts/{id}": 1, "DELETE quantity_discounts/{id}": 1}
    assert shown(prices.discounts(one)) == [(10, Decimal("9.5")), (99, Decimal(1))]
    assert shown(prices.discounts(two)) == [(10, Decimal(9)), (50, Decimal(8))]
    prices.run(row(one, "10"), row(two, "10"), row(one, "9.5", min_quantity="10"), *rows[2:])
    assert prices.world.writes() == {}
    prices.run(row(one, "10"), row(two, "10"), *rows)
    assert prices.world.writes() == {"PUT quantity_discounts/{id}": 1, "POST quantity_discounts": 1}


def test_a_row_that_somebody_deleted_is_forgotten(prices: Prices) -> None:
    """It is to go and has gone already: that is the end of it."""
    sku = prices.skus[0]
    prices.run(row(sku, "10"), row(sku, "9", min_quantity="10"))
    (made,) = prices.discounts(sku)
    prices.world.client.delete(f"quantity_discounts/{made['id']}")
    prices.run(row(sku, "10"))
    prices.run(row(sku, "10"))
    assert prices.world.client.calls["GET quantity_discounts"] == 0


def test_a_percentage_for_a_group(prices: Prices) -> None:
    """A percentage off one item is a discount by percentage."""
    sku = prices.skus[0]
    rows = [row(sku, "10"), row(sku, "12.5", code="DEALER", kind="percent_off")]
    assert prices.run(*rows, **GROUPS) == []
    (made,) = prices.discounts(sku)
    assert (made["isPercentage"], Decimal(str(made["percentage"])), made["quantity"]) == (True, Decimal("12.5"), 1)


def test_the_dates_of_a_discount_are_days_in_amsterdam(prices: Prices) -> None:
    """First and last moment of its days go with it, and are taken away again when it no longer ends."""
    sku = prices.skus[0]
    tier = {"min_quantity": "10", "valid_from": "2026-10-01"}
    prices.run(row(sku, "10"), row(sku, "9", valid_until="2026-11-30", **tier))
    (made,) = prices.discounts(sku)
    assert (made["startDate"], made["endDate"]) == ("2026-10-01T00:00:00+02:00", "2026-11-30T23:59:59+01:00")
    prices.run(row(sku, "10"), row(sku, "9", **tier))
    (made,) = prices.discounts(sku)
    assert not made["endDate"]
    prices.run(row(sku, "10"), row(sku, "9", **tier))
    assert prices.world.writes() == {}


@pytest.mark.parametrize(("basis", "price"), [(None, Decimal(100)), ("incl", Decimal(121)), ("excl", Decimal(100))])
def test_the_basis_of_a_discount_is_a_setting(prices: Prices, basis: str | None, price: Decimal) -> None:
    """Whether the shop reads it with or without VAT is unknown: both can be written."""
    sku = prices.skus[0]
    vat = {"vat": {"category": "standard", "rate": "21"}}
    held = prices.run(
        row(sku, "200", **vat), row(sku, "100", min_quantity="5", **vat), discount_basis=basis, convert=True
    )
    assert held == []
    assert shown(prices.discounts(sku)) == [(5, price)]
    assert prices.price(sku) == 200


def test_a_tier_that_is_held_is_not_taken_away(prices: Prices) -> None:
    """What can't be said today leaves standing what was said before."""
    sku = prices.skus[0]
    prices.run(row(sku, "10"), row(sku, "9", min_quantity="10"))
    (entry,) = prices.run(row(sku, "10"), row(sku, "-9", min_quantity="10"))
    assert entry["reason"] == "absurd_price"
    assert shown(prices.discounts(sku)) == [(10, Decimal(9))]


def test_two_lists_for_one_group_are_held(prices: Prices) -> None:
    """Which of two prices counts is not guessed."""
    sku = prices.skus[0]
    rows = [row(sku, "10"), row(sku, "9", code="A"), row(sku, "8", code="B"), row(sku, "7", code="B", min_quantity="5")]
    held = prices.run(*rows, groups={"A": "Dealers", "B": "Dealers"})
    assert {entry["reason"] for entry in held} == {"two_prices_for_group"}
    assert shown(prices.discounts(sku)) == [(5, Decimal(7))]


def test_a_lost_answer_makes_no_second_discount(prices: Prices) -> None:
    """It is looked for by product, variant, group and quantity, and taken over."""
    sku = prices.skus[0]
    prices.run(row(sku, "10"), row(sku, "9", min_quantity="10"))
    prices.world.fault(name="timeout_after_work", endpoint="POST quantity_discounts", times=1)
    rows = (row(sku, "10"), row(sku, "9", min_quantity="10"), row(sku, "8", min_quantity="50"))
    prices.run(*rows)
    prices.run(*rows)
    assert shown(prices.discounts(sku)) == [(10, Decimal(9)), (50, Decimal(8))]


def test_a_list_that_vanishes_is_stopped(prices: Prices) -> None:
    """Group prices that have ended are taken away; many that nobody knows any more are an accident."""
    skus = prices.skus[:25]
    base = [row(sku, "10") for sku in skus]
    prices.run(*base, *(row(sku, "9", code="DEALER") for sku in skus), **GROUPS)
    ended = [row(sku, "9", code="DEALER", valid_until="2026-11-02") for sku in skus]
    prices.run(*base, *ended, **GROUPS)
    prices.world.clock.advance(86_400)
    with pytest.raises(Beyond, match=r"25 of \d+ items would be deleted"):
        prices.run(*base, **GROUPS)
    assert prices.world.writes() == {}
    prices.run(*base, *ended, **GROUPS)
    assert prices.world.writes() == {"DELETE quantity_discounts/{id}": 25}


@pytest.mark.parametrize("reads", ["excl", "incl"])
def test_a_shopper_pays_the_tier_s_price(prices: Prices, reads: str) -> None:
    """Whichever basis the shop reads, the setting that says so makes the price right."""
    prices.world.user("POST", "switches", {"discount_basis": reads})
    sku = prices.skus[0]
    vat = {"vat": {"category": "standard", "rate": "21"}}
    prices.run(row(sku, "200", **vat), row(sku, "100", min_quantity="5", **vat), discount_basis=reads, convert=True)
    checkout = prices.world.client.create("checkouts", None, {"mode": "guest"})["id"]
    line = {"variant_id": prices.world.variant(sku)["id"], "quantity": 5}
    paid = prices.world.client.create(f"checkouts/{checkout}/products", None, line)
    assert Decimal(str(paid["price_excl"])) == 100


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("endpoint", "nth"),
    [
        ("PUT variants/bulk", 1),
        ("POST quantity_discounts", 1),
        ("POST quantity_discounts", 3),
        ("PUT quantity_discounts/{id}", 1),
        ("DELETE quantity_discounts/{id}", 1),
    ],
)
def test_a_crash_anywhere_is_made_good(prices: Prices, endpoint: str, nth: int, when: str) -> None:
    """The process dies around a call; the runs after it bring the shop to where it belongs, nothing twice."""
    one, two = prices.skus[:2]
    tiers = [row(one, "9", min_quantity="10"), row(one, "8", min_quantity="20")]
    prices.run(row(one, "10"), row(two, "10"), *tiers)
    new = [row(sku, amount, min_quantity=step) for sku in (one, two) for amount, step in (("7", "30"), ("6", "40"))]
    wanted = [row(one, "11"), row(two, "11"), row(one, "9.5", min_quantity="10"), *new]
    prices.world.fault(name="kill", endpoint=endpoint, nth=nth, times=1, when=when)
    with pytest.raises(Killed):
        prices.run(*wanted)
    prices.world.client = prices.world.make_client()
    for _ in range(2):
        prices.world.clock.advance(400)
        assert prices.run(*wanted) == []
    assert prices.world.writes() == {}
    assert (prices.price(one), prices.price(two)) == (11, 11)
    assert shown(prices.discounts(one)) == [(10, Decimal("9.5")), (30, Decimal(7)), (40, Decimal(6))]
    assert shown(prices.discounts(two)) == [(30, Decimal(7)), (40, Decimal(6))]
