"""From quantities to a level: the table of cases, and what must hold for all of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.goods import StockLevel
from target_lightspeed.commerce.stock.bundles import leaves
from target_lightspeed.commerce.stock.formula import QUANTITIES, Formula, FormulaError, MissingQuantity
from target_lightspeed.commerce.stock.levels import free, of_bundle, rules_of, shown, summed, tracking_of
from target_lightspeed.commerce.stock.settings import StockSettings
from target_lightspeed.settings import read_settings
from upsert.errors import ConfigurationError

HERE = {
    "on_hand": "20",
    "reserved": "5",
    "backordered": "2",
    "reserved_on_purchase": "1",
    "incoming": "30",
    "available": "12",
    "economic": "42",
    "safety": "4",
}
THERE = {
    "on_hand": "7",
    "reserved": "9",
    "backordered": "0",
    "reserved_on_purchase": "0",
    "incoming": "0",
    "available": "-2",
    "economic": "-2",
    "safety": "0",
}


def row(place: str = "MAIN", **fields: Any) -> StockLevel:
    return StockLevel.model_validate(
        {
            "key": f"afas.demo:A.{place}",
            "source": {"system": "afas", "instance": "demo"},
            "item": {"sku": "A"},
            "location": {"code": place},
            **fields,
        }
    )


def level(settings: StockSettings, *rows: StockLevel, in_flight: int = 0) -> int:
    item = summed("A", [(one, None) for one in rows], settings)
    rules = rules_of(settings, "A", item.group)
    return shown(free(item, rules, Decimal(in_flight)), rules)


CASES: list[tuple[dict[str, Any], int, int]] = [
    # settings, in flight, expected; MAIN and SHOP hold what stands above
    ({}, 0, 10),
    ({"locations": ["MAIN"]}, 0, 12),
    ({"locations": ["SHOP"]}, 0, 0),
    ({"locations": ["SHOP"], "negative": "allow"}, 0, -2),
    ({"locations": ["ELSEWHERE"]}, 0, 0),
    ({"formula": "in_stock"}, 0, 27),
    ({"formula": "on_hand", "locations": "MAIN"}, 0, 20),
    ({"formula": "economic"}, 0, 40),
    ({"formula": "technical_minus_reserved"}, 0, 13),
    ({"formula": "technical_minus_reserved", "locations": ["MAIN"]}, 0, 15),
    ({"formula": "on_hand - reserved - backordered - reserved_on_purchase"}, 0, 10),
    ({"formula": "available - safety"}, 0, 6),
    ({"formula": "available + incoming / 4"}, 0, 17),
    ({"formula": "min(available, 5)"}, 0, 5),
    ({"formula": "on_hand * 0.1"}, 0, 2),
    ({"formula": "available if available > safety else 0", "buffer": "1"}, 0, 9),
    ({"buffer": "3"}, 0, 7),
    ({"cap": 4}, 0, 4),
    ({"cap": "4", "buffer": 7}, 0, 3),
    ({}, 3, 7),
    ({"buffer": 2}, 30, 0),
    ({"negative": "allow"}, 30, -20),
    ({"rules": [{"items": ["A*"], "buffer": 4, "formula": "on_hand"}], "buffer": 1}, 0, 23),
    ({"rules": [{"items": ["B"], "buffer": 4}, {"item_groups": "toys", "cap": 8}]}, 0, 8),
]


@pytest.mark.parametrize(("settings", "in_flight", "expected"), CASES)
def test_table_of_levels(settings: dict[str, Any], in_flight: int, expected: int) -> None:
    """Formula, locations, orders in flight, buffer, cap and floor give the level that was worked out by hand."""
    group = {"item_group": {"type": "string", "value": "toys"}}
    rows = (row("MAIN", **HERE, extra=group), row("SHOP", **THERE, extra=group))
    assert level(StockSettings.model_validate(settings), *rows, in_flight=in_flight) == expected


def test_parts_of_a_piece_are_not_sold() -> None:
    """2.999 metres are two whole pieces, and -0.5 is one too few."""
    assert level(StockSettings(), row(available="2.999")) == 2
    assert level(StockSettings(negative="allow"), row(available="-0.5")) == -1


def test_a_missing_quantity_is_not_zero() -> None:
    """A formula over a quantity that one location doesn't tell gives no level."""
    with pytest.raises(MissingQuantity, match="available"):
        level(StockSettings(), row("MAIN", on_hand="5"), row("SHOP", available="2"))


def test_an_inactive_location_counts_for_nothing() -> None:
    """Its quantities are left out."""
    assert level(StockSettings(), row("MAIN", available="5"), row("SHOP", available="9", active=False)) == 5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "stock",
        "on_hand.real",
        "__import__('os')",
        "on_hand[0]",
        "lambda: 1",
        "'a' * 9",
        "2 ** 99",
        "[1 for x in y]",
        "min(on_hand)",
        "max()",
        "abs(on_hand, 1)",
        "print(1)",
        "on_hand if True else 0",
        "-" * 60 + "1",
        "1+" * 400 + "1",
    ],
)
def test_what_a_formula_cannot_do(text: str) -> None:
    """Names, attributes, calls and powers are refused with the settings, before the first record."""
    with pytest.raises(FormulaError):
        Formula(text)
    with pytest.raises(ConfigurationError, match=r"stock\.formula"):
        read_settings({"stock": {"formula": text}})


@pytest.mark.parametrize("text", ["on_hand / (reserved - reserved)", "on_hand > 1", "(on_hand > 1) + 1"])
def test_what_cannot_be_calculated(text: str) -> None:
    """A division by zero, or yes where a number belongs, concerns the item."""
    with pytest.raises(FormulaError):
        Formula(text).value({"on_hand": Decimal(3), "reserved": Decimal(1)})


amounts = st.decimals(-1000, 1000, places=3)


@given(st.fixed_dictionaries(dict.fromkeys(QUANTITIES, amounts)), st.integers(0, 50), amounts)
def test_more_sold_never_shows_more(quantities: dict[str, Decimal], sold: int, buffer: Decimal) -> None:
    """Exact, in whole pieces, never more than is there, and each piece sold takes one off."""
    settings = StockSettings(buffer=abs(buffer), negative="allow")
    rows = [row("MAIN", **{name: str(value) for name, value in quantities.items()})]
    before, after = level(settings, *rows), level(settings, *rows, in_flight=sold)
    assert before <= quantities["available"]
    assert before - after == sold


def test_stock_tracking() -> None:
    """From the record, from a rule, or untouched where nobody says."""
    settings = StockSettings.model_validate({"rules": [{"items": ["DROP-*"], "tracking": "indicator"}]})

    def tracking(sku: str, kept: bool | None) -> str:
        extra = {} if kept is None else {"extra": {"stock_tracked": {"type": "boolean", "value": kept}}}
        item = summed(sku, [(row(available="1", **extra), None)], settings)
        return tracking_of(item, rules_of(settings, sku, ""), settings)

    assert tracking("A", True) == "enabled"
    assert tracking("A", False) == "disabled"
    assert tracking("A", None) == "keep"
    assert tracking("DROP-1", True) == "indicator"


def test_bundles() -> None:
    """As many as the scarcest part allows; bundles in bundles add up; one in itself can't be made."""
    two, one = Decimal(2), Decimal(1)
    parts = {"SET": {"A": two, "B": one}, "BOX": {"SET": two, "A": one}, "X": {"Y": one}, "Y": {"X": one}}
    assert leaves(parts, "BOX") == {"A": Decimal(5), "B": two}
    assert leaves(parts, "X") is None
    assert of_bundle(parts["SET"], {"A": Decimal(7), "B": Decimal(9)}) == 3
    assert of_bundle(parts["SET"], {"A": Decimal(7), "B": Decimal(1)}) == 1
    assert of_bundle(parts["SET"], {"A": None, "B": Decimal(4)}) == 4
    assert of_bundle(parts["SET"], {"A": None, "B": None}) is None
    assert of_bundle(parts["SET"], {"A": Decimal(-1), "B": Decimal(4)}) == -1


@pytest.mark.parametrize("text", ["Soon", "{month}-{year}", "{day} {hour}", "{day", "{day.real.x}"])
def test_a_delivery_text_names_a_day(text: str) -> None:
    """What can't be filled in, or doesn't tell the day, is refused with the settings."""
    with pytest.raises(ConfigurationError, match=r"stock\.delivery_text"):
        read_settings({"stock": {"delivery_text": text}})
