"""Prices against the sandbox: which one counts, on which day, and what it costs to write it."""

from __future__ import annotations

import json
import logging
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from lightspeed_prices import SETTINGS, STREAM, Prices, row, text

from upsert.errors import Beyond, ConfigurationError, Outage

if TYPE_CHECKING:
    from pathlib import Path

    from target_lightspeed_world import World


@pytest.fixture
def prices(world: World) -> Prices:
    return Prices(world)


def test_a_thousandth_of_a_cent_arrives_and_a_second_run_writes_nothing(prices: Prices) -> None:
    """An exclusive price with 4 decimals round-trips; unchanged rows cost no write and no read of a variant."""
    sku = prices.skus[0]
    assert prices.run(row(sku, "12.3456")) == []
    assert prices.price(sku) == Decimal("12.3456")
    for _ in range(10):
        assert prices.run(row(sku, "12.3456")) == []
        assert prices.world.writes() == {}
        assert set(prices.world.reads()) <= {"GET shop"}


def test_changes_are_written_in_bulk(prices: Prices) -> None:
    """N changes cost ceil(N / bulk size) calls and no read per item."""
    skus = prices.skus[:23]
    prices.run(*(row(sku, "10") for sku in skus))
    state = prices.world.run(text(*(row(sku, "11") for sku in skus)), prices=SETTINGS, bulk_size=10)
    assert state[STREAM]["held"] == []
    assert prices.world.writes() == {"PUT variants/bulk": 3}
    assert prices.world.reads().get("GET variants", 0) <= 3
    assert {prices.price(sku) for sku in skus} == {Decimal(11)}


@pytest.mark.parametrize(
    ("before", "after", "day"),
    [
        ("2026-12-04T22:59:59", "2026-12-04T23:00:00", "2026-12-05"),
        ("2027-03-27T22:59:59", "2027-03-27T23:00:00", "2027-03-28"),  # the night in which an hour is lost
        ("2027-03-28T21:59:59", "2027-03-28T22:00:00", "2027-03-29"),
        ("2027-10-30T21:59:59", "2027-10-30T22:00:00", "2027-10-31"),  # the night with an hour twice
        ("2027-10-31T22:59:59", "2027-10-31T23:00:00", "2027-11-01"),
    ],
)
def test_a_price_comes_into_force_at_midnight_in_amsterdam(prices: Prices, before: str, after: str, day: str) -> None:
    """Not a second before, and no later than the next run, also around both nights of the clock change."""
    sku = prices.skus[0]
    rows = (row(sku, "10"), row(sku, "12", valid_from=day))
    prices.at(before)
    prices.run(*rows)
    assert prices.price(sku) == 10
    prices.at(after)
    prices.run(*rows)
    assert prices.price(sku) == 12


def test_a_price_that_ends_gives_way_to_the_list_s_next_one(prices: Prices) -> None:
    """The last day counts; after it the row that was valid all the time is back."""
    sku = prices.skus[0]
    rows = (row(sku, "10"), row(sku, "8", valid_from="2026-11-03", valid_until="2026-11-04"))
    for moment, amount in (("2026-11-02T22:59:00", 10), ("2026-11-02T23:01:00", 8), ("2026-11-04T22:59:59", 8)):
        prices.at(moment)
        prices.run(*rows)
        assert prices.price(sku) == amount, moment
    prices.at("2026-11-04T23:00:00")
    prices.run(*rows)
    assert prices.price(sku) == 10


def test_without_a_valid_price_the_shop_s_stays(prices: Prices) -> None:
    """An item whose rows are all over is left alone and counted."""
    sku = prices.skus[0]
    before = prices.price(sku)
    prices.run(row(sku, "1", valid_until="2026-11-01"))
    assert prices.price(sku) == before
    assert prices.world.writes() == {}
    assert prices.world.done() == {"no_longer_valid": 1, "no_valid_price": 1}


def test_without_a_valid_price_the_fallback_list_counts(prices: Prices) -> None:
    """With a fallback list its row is taken, and only then."""
    one, two = prices.skus[:2]
    rows = [row(one, "1", valid_until="2026-11-01"), row(one, "7", code="BASIS"), row(two, "5")]
    rows.append(row(two, "6", code="BASIS"))
    prices.run(*rows, fallback="base", fallback_list="BASIS")
    assert (prices.price(one), prices.price(two)) == (7, 5)


@pytest.mark.parametrize(
    ("settings", "more", "words"),
    [
        ({"basis": None}, {}, "set `prices.basis`"),
        ({"basis": "incl"}, {}, "prices excl. VAT"),
        ({}, {"currency": "USD"}, "currency is EUR"),
        ({}, {"code": "DEALER"}, "`DEALER`"),
        ({"groups": {"DEALER": "Dealers"}}, {"code": "DEALER"}, "B2B"),
        ({"max_group_rows": 0}, {"min_quantity": "10"}, "more than"),
    ],
)
def test_what_must_be_right_first_is_one_error(
    prices: Prices, settings: dict[str, Any], more: dict[str, Any], words: str
) -> None:
    """Basis, currency, lists, business prices and too many rows are refused before the first write."""
    rows = [row(sku, "10") for sku in prices.skus[:3]] + [row(sku, "9", **more) for sku in prices.skus[3:6]]
    with pytest.raises(ConfigurationError, match=words):
        prices.run(*rows, **settings)
    assert prices.world.writes() == {}


def test_a_missing_group_is_one_error(prices: Prices) -> None:
    """Not one per price: the title is named once, and nothing is written."""
    prices.b2b("Dealers")
    rows = [row(sku, "9", code=code) for sku in prices.skus[:5] for code in ("A", "B")]
    groups = {"A": "Dealers", "B": "Grossiers"}
    with pytest.raises(ConfigurationError, match=r"no customer group `Grossiers`:"):
        prices.run(*rows, groups=groups)
    assert prices.world.writes() == {}


def test_the_other_basis_is_converted_by_setting(prices: Prices) -> None:
    """With the item's rate, rounded to 4 decimals; without a rate the price is held."""
    one, two, three = prices.skus[:3]
    vat = {"vat": {"category": "standard", "rate": "21"}}
    rows = [row(one, "100", basis="incl", **vat), row(two, "100", **vat), row(three, "100", basis="incl")]
    held = prices.run(*rows, convert=True)
    assert prices.price(one) == Decimal("82.6446")
    assert prices.price(two) == 100
    assert [(entry["reason"], entry["subject"]) for entry in held] == [("no_vat_rate", three)]


def test_inclusive_prices_are_written_as_such(prices: Prices, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never both: the shop derives the other one."""
    sku = prices.skus[0]
    sent: list[dict[str, Any]] = []
    update = prices.world.client.update

    def seen(path: str, envelope: str, body: dict[str, Any]) -> dict[str, Any]:
        sent.append(body)
        return update(path, envelope, body)

    monkeypatch.setattr(prices.world.client, "update", seen)
    assert prices.run(row(sku, "24.95", basis="incl"), basis="incl") == []
    assert prices.price(sku, "priceIncl") == Decimal("24.95")
    assert sent == [{"priceIncl": Decimal("24.95")}]


def test_a_price_for_a_hundred_pieces_is_per_piece(prices: Prices) -> None:
    """The price factor divides; what doesn't fit into 4 decimals is rounded, or held by setting."""
    one, two = prices.skus[:2]
    prices.run(row(one, "250", per_quantity="100"), row(two, "1", per_quantity="3"))
    assert (prices.price(one), prices.price(two)) == (Decimal("2.5"), Decimal("0.3333"))
    held = prices.run(row(two, "2", per_quantity="3"), rounding="hold")
    assert [entry["reason"] for entry in held] == ["price_too_fine"]
    assert prices.price(two) == Decimal("0.3333")


def test_the_old_price(prices: Prices) -> None:
    """Written where it is higher, taken away when it is null or lower, left alone when nothing is said."""
    one, two = prices.skus[:2]
    prices.run(row(one, "8", compare_at="10"), row(two, "8", compare_at="7"))
    assert (prices.price(one, "oldPriceExcl"), prices.price(two, "oldPriceExcl")) == (10, 0)
    prices.run(row(one, "9"))
    assert prices.price(one, "oldPriceExcl") == 10
    prices.run(row(one, "9", compare_at=None))
    assert prices.price(one, "oldPriceExcl") == 0


@pytest.mark.parametrize("amount", ["0", "-1", "0.00001"])
def test_an_absurd_price_is_held(prices: Prices, amount: str) -> None:
    """Nothing and less is no price, unless the settings say so; the shop's price stays."""
    sku = prices.skus[0]
    before = prices.price(sku)
    (entry,) = prices.run(row(sku, amount))
    assert (entry["reason"], entry["subject"]) == ("absurd_price", sku)
    assert prices.price(sku) == before
    held = prices.run(row(sku, amount), zero="allow")
    assert [entry["reason"] for entry in held] == (["absurd_price"] if amount == "-1" else [])


def test_an_unknown_item_costs_nothing(prices: Prices) -> None:
    """It is skipped and named, remembered, and asked for again after some hours."""
    prices.run(row("NIET-HIER", "10"))
    assert prices.world.done() == {"not_in_shop": 1}
    assert "GET variants" in prices.world.reads()
    prices.run(row("NIET-HIER", "10"))
    assert set(prices.world.reads()) == {"GET shop"}
    prices.world.clock.advance(7 * 3600)
    prices.run(row("NIET-HIER", "10"))
    assert "GET variants" in prices.world.reads()


def test_a_variant_made_anew_gets_its_price_again(prices: Prices) -> None:
    """After a refused write to the old one the SKU is looked for, and the new variant is written."""
    sku, other = prices.skus[:2]
    prices.run(row(sku, "10"), row(other, "10"))
    old = prices.world.variant(sku)
    made = {"product": old["product"]["id"], "title": "Nieuw", "sku": sku, "priceExcl": 1}
    prices.world.client.create("variants", "variant", made)
    prices.world.client.delete(f"variants/{old['id']}")
    (entry,) = prices.run(row(sku, "11"), row(other, "11"))
    assert entry["reason"] == "not_found"
    assert prices.price(other) == 11
    assert prices.run(row(sku, "11"), row(other, "11")) == []
    assert prices.price(sku) == 11


def test_half_a_stream_writes_nothing(prices: Prices) -> None:
    """A tap that stopped, or that reads only changes, must not decide about prices."""
    sku = prices.skus[0]
    cases: list[tuple[str, type[Exception]]] = [
        (text(row(sku, "10"), end=False), Outage),
        (text(row(sku, "10"), first={"position": ["q", "", [1]]}), Outage),
        (text(row(sku, "10"), first={"replication_key_value": "2026-11-01T00:00:00Z"}), ConfigurationError),
    ]
    for message, error in cases:
        with pytest.raises(error):
            prices.world.run(message, prices=SETTINGS)
        assert prices.world.writes() == {}


def test_a_leap_of_many_prices_stops_the_run(prices: Prices) -> None:
    """A wrong list is stopped before the first write, and can be approved."""
    skus = prices.skus[:30]
    prices.run(*(row(sku, "10") for sku in skus))
    rows = [row(sku, "100") for sku in skus]
    with pytest.raises(Beyond) as caught:
        prices.run(*rows)
    assert prices.world.writes() == {}
    prices.world.config["approve"] = caught.value.token
    assert prices.run(*rows) == []
    assert {prices.price(sku) for sku in skus} == {Decimal(100)}


def test_what_the_shop_can_not_hold_is_listed(prices: Prices, caplog: pytest.LogCaptureFixture) -> None:
    """Prices of single customers, item groups and amounts off are named, counted, and not written."""
    one, two = prices.skus[:2]
    rows = [
        row(one, "10"),
        row(one, "9", code="", scope="customer", scope_ref={"code": "10001"}, key="a:1"),
        row(two, "1", kind="amount_off", key="a:2"),
        {**row(two, "1", key="a:3"), "item": None, "item_group": {"code": "G"}},
        row(two, "1", min_quantity="5", tiers="slab", key="a:4"),
    ]
    with caplog.at_level("WARNING"):
        assert prices.run(*rows) == []
    done = prices.world.done()
    assert [done[name] for name in ("customer_price", "amount_off", "price_of_item_group", "slab_tiers")] == [1] * 4
    assert "prices of single customers, which the shop can't hold" in caplog.text


def test_a_lost_answer_is_read_back(prices: Prices) -> None:
    """What has arrived without an answer is seen at once, and not written again."""
    skus = prices.skus[:10]
    prices.run(*(row(sku, "10") for sku in skus))
    prices.world.fault(name="timeout_after_work", endpoint="PUT variants/bulk", times=1)
    assert prices.run(*(row(sku, "11") for sku in skus)) == []
    assert {prices.price(sku) for sku in skus} == {Decimal(11)}
    assert prices.world.reads()["GET variants"] == 1
    assert "GET variants/{id}" not in prices.world.reads()
    prices.run(*(row(sku, "11") for sku in skus))
    assert prices.world.writes() == {}


def test_a_late_write_never_brings_an_old_price_back(prices: Prices) -> None:
    """While a write may still be done, nothing newer is sent after it; once it can't, the newest price is."""
    sku = prices.skus[0]
    prices.run(row(sku, "10"))
    prices.world.fault(name="late_work", endpoint="PUT variants/*", times=1, after=120)
    assert [entry["reason"] for entry in prices.run(row(sku, "11"))] == ["in_doubt"]
    assert [entry["reason"] for entry in prices.run(row(sku, "12"))] == ["in_doubt"]
    assert prices.world.writes() == {}
    prices.world.clock.advance(400)
    assert prices.price(sku) == 11
    assert prices.run(row(sku, "12")) == []
    assert prices.price(sku) == 12


def hidden(prices: Prices, sku: str) -> str:
    return str(prices.world.row("products", prices.world.variant(sku)["product"]["id"])["visibility"])


def test_a_product_without_a_price_is_hidden_until_it_has_one(prices: Prices) -> None:
    """By setting; then it is as visible as it was before, and nothing is written in between."""
    sku = next(one for one in prices.skus if hidden(prices, one) == "visible")
    over = row(sku, "10", valid_until="2026-11-01")
    assert prices.run(over, fallback="hide") == []
    assert hidden(prices, sku) == "hidden"
    for _ in range(3):
        prices.run(over, fallback="hide")
        assert prices.world.writes() == {}
        assert set(prices.world.reads()) <= {"GET shop"}
    prices.run(over, row(sku, "11", valid_from="2026-11-02"), fallback="hide")
    assert (hidden(prices, sku), prices.price(sku)) == ("visible", 11)
    prices.run(over, row(sku, "11", valid_from="2026-11-02"), fallback="hide")
    assert prices.world.writes() == {}
    prices.run(over, fallback="hide")
    assert hidden(prices, sku) == "hidden"


def test_an_item_that_has_no_row_any_more(prices: Prices, caplog: pytest.LogCaptureFixture) -> None:
    """Its prices were deleted in the source: that is said, and it is hidden where the settings say so."""
    one, two = [sku for sku in prices.skus if hidden(prices, sku) == "visible"][:2]
    prices.run(row(one, "10"), row(two, "10"))
    with caplog.at_level(logging.INFO):
        prices.run(row(two, "10"))
    assert f"1 items have no price in the source any more: {one}" in caplog.text
    assert prices.world.writes() == {}
    prices.run(row(two, "10"), fallback="hide")
    assert (hidden(prices, one), hidden(prices, two)) == ("hidden", "visible")
    broken = {**row(one, "10"), "_error": "missing_value: Price"}
    prices.run(row(one, "12"), row(two, "10"), fallback="hide")
    assert (hidden(prices, one), prices.price(one)) == ("visible", 12)
    prices.run(broken, row(two, "10"), fallback="hide")
    assert hidden(prices, one) == "visible", "a row that can't be read is not one that is gone"


def test_a_box_is_not_sold_for_the_price_of_a_piece(prices: Prices, caplog: pytest.LogCaptureFixture) -> None:
    """Prices of other units than the item's own are left out and named; without a word on it nothing is guessed."""
    one, two = prices.skus[:2]
    own = {"extra": {"base_unit": {"type": "string", "value": "STK"}}}
    rows = [
        row(one, "10", unit={"code": "STK"}, **own),
        row(one, "99", unit={"code": "DOOS"}, key="afas.T1:box", **own),
    ]
    rows += [row(one, "90", unit={"code": "DOOS"}, min_quantity="5", **own)]
    assert prices.run(*rows) == []
    assert (prices.price(one), prices.discounts(one)) == (10, [])
    assert "2 prices of other units than the item's own, which the shop can't hold" in caplog.text
    before = prices.price(two)
    held = prices.run(
        *rows, row(two, "10", unit={"code": "STK"}), row(two, "99", unit={"code": "DOOS"}, key="afas.T1:2")
    )
    assert [(one["reason"], one["subject"]) for one in held] == [("two_units", two)] * 2
    assert prices.price(two) == before


def test_a_list_that_no_row_is_of(prices: Prices, caplog: pytest.LogCaptureFixture) -> None:
    """A code with a typing error writes nothing, and says so."""
    prices.run(row(prices.skus[0], "10", code="WEB"), list="WBE", groups={"WEB": "ignore"})
    assert prices.world.writes() == {}
    assert "no price is of the list `WBE`" in caplog.text


def test_rows_of_an_item_that_is_not_meant_for_the_shop(prices: Prices) -> None:
    """They are left alone, whatever they say."""
    sku = prices.skus[0]
    before = prices.price(sku)
    no = {"extra": {"web_enabled": {"type": "boolean", "value": False}}}
    assert prices.run(row(sku, "1", **no), row(prices.skus[1], "2"), fallback="hide") == []
    assert prices.price(sku) == before
    assert prices.world.done()["unpublished"] == 1


def test_a_product_that_was_hidden_by_somebody_else_stays_so(prices: Prices) -> None:
    """Having a price again shows only what we hid."""
    sku = prices.skus[0]
    prices.world.client.update(
        f"products/{prices.world.variant(sku)['product']['id']}", "product", {"visibility": "hidden"}
    )
    prices.run(row(sku, "10", valid_until="2026-11-01"), fallback="hide")
    prices.run(row(sku, "10"), fallback="hide")
    assert hidden(prices, sku) == "hidden"


def price_list(world: World, *records: dict[str, Any]) -> None:
    source = {"system": "afas", "instance": "T1"}
    own = [{"_source_key": one["code"], "key": f"afas.T1:{one['code']}", "source": source, **one} for one in records]
    world.load("price_lists", *own, streams={"price_lists": {"kind": "commerce"}})


def test_a_list_that_is_over_or_blocked_has_no_valid_price(prices: Prices) -> None:
    """What is known of the lists counts for all their rows; it is kept from run to run."""
    sku = prices.skus[0]
    prices.run(row(sku, "10"))
    price_list(prices.world, {"code": "VK", "valid_until": "2026-11-02"})
    assert prices.world.writes() == {}
    prices.run(row(sku, "11"))
    assert prices.price(sku) == 11
    prices.world.clock.advance(86_400)
    prices.run(row(sku, "12"))
    assert prices.price(sku) == 11
    price_list(prices.world, {"code": "VK"})
    prices.run(row(sku, "12"))
    assert prices.price(sku) == 12
    price_list(prices.world, {"code": "VK", "active": False})
    prices.run(row(sku, "13"))
    assert prices.price(sku) == 12


def test_a_plan_lists_the_prices_and_writes_nothing(prices: Prices, tmp_path: Path) -> None:
    """Every price that would change, old and new; the run after it writes just that, and the plan's file undoes it."""
    one, two = prices.skus[:2]
    prices.run(row(one, "10"), row(two, "10"))
    file = tmp_path / "plan.jsonl"
    prices.world.run(text(row(one, "12.5"), row(two, "10")), prices=SETTINGS, mode="plan", plan_file=str(file))
    assert prices.world.writes() == {}
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    found = [line for line in lines if line.get("key") == one]
    assert len(found) == 1, lines
    assert "priceExcl" in json.dumps(found)
    assert prices.price(one) == 10
    prices.run(row(one, "12.5"), row(two, "10"))
    assert prices.price(one) == Decimal("12.5")
    prices.world.made(prices=SETTINGS).undo(str(file))
    assert (prices.price(one), prices.price(two)) == (10, 10)
    assert prices.world.writes() == {"PUT variants/{id}": 1}


def test_a_row_that_can_not_be_read_changes_nothing(prices: Prices) -> None:
    """An older row doesn't take the place of one that is broken, and nothing is taken away for it."""
    one, two = prices.skus[:2]
    rows = [row(one, "10"), row(one, "8", valid_from="2026-11-01"), row(two, "5"), row(two, "4", min_quantity="10")]
    prices.run(*rows)
    broken = [{**rows[1], "_error": "bad_number: Price"}, {**rows[3], "amount": "vier"}]
    held = prices.run(rows[0], broken[0], row(two, "6"), broken[1])
    assert sorted(entry["reason"] for entry in held) == ["bad_number", "invalid"]
    assert (prices.price(one), prices.price(two)) == (8, 6)
    assert len(prices.discounts(two)) == 1
    assert prices.run(row(one, "10"), row(two, "6")) == []
    assert prices.price(one) == 10
    assert prices.discounts(two) == []
