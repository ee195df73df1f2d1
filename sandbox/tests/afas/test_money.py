"""Amounts: line amounts, the three VAT roundings, invoice discount; as properties where they pay."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.afas.money import CENT, Part, cents, exact_vat, line_amount, totals

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDINGS = ("line", "rate", "document")
amounts = st.decimals(-100_000, 100_000, places=2, allow_nan=False)
rates = st.sampled_from([("1", Decimal(21)), ("2", Decimal(9)), ("3", Decimal(0)), ("F2", Decimal("5.5"))])
parts = st.lists(
    st.builds(lambda amount, rate: Part(amount, rate[0], rate[1]), amounts, rates), min_size=0, max_size=30
)


@given(parts, st.booleans(), st.sampled_from(ROUNDINGS))
def test_everything_adds_up_to_the_cent(lines: list[Part], including: bool, rounding: Any) -> None:
    """Totals are the sums of the rates, excl. plus VAT is incl., and all are whole cents."""
    total = totals(lines, including=including, rounding=rounding)
    assert total.excl + total.vat == total.incl
    assert total.vat == sum((rate.vat for rate in total.rates), Decimal(0))
    assert total.excl == sum((rate.excl for rate in total.rates), Decimal(0))
    assert (total.incl if including else total.excl) == sum((line.amount for line in lines), Decimal(0))
    for rate in total.rates:
        assert rate.excl + rate.vat == rate.incl
        assert cents(rate.vat) == rate.vat


@given(parts, st.booleans())
def test_how_far_each_rounding_is_from_the_exact_vat(lines: list[Part], including: bool) -> None:
    """Per document half a cent in all, per rate half a cent each, per line half a cent a line."""
    exact: dict[tuple[str, Decimal], Decimal] = {}
    for line in lines:
        key = line.group, line.percentage
        exact[key] = exact.get(key, Decimal(0)) + exact_vat(line.amount, line.percentage, including=including)
    half = CENT / 2 + Decimal("1e-15")
    document = totals(lines, including=including, rounding="document")
    assert abs(document.vat - sum(exact.values(), Decimal(0))) <= half
    for rate in document.rates:
        assert abs(rate.vat - exact[rate.group, rate.percentage]) < 2 * CENT
    for rate in totals(lines, including=including, rounding="rate").rates:
        assert abs(rate.vat - exact[rate.group, rate.percentage]) <= half
    by_line = totals(lines, including=including, rounding="line")
    assert abs(by_line.vat - sum(exact.values(), Decimal(0))) <= half * max(1, len(lines))


@given(amounts, rates, st.booleans())
def test_one_line_is_the_same_under_every_rounding(amount: Decimal, rate: tuple[str, Decimal], incl: bool) -> None:
    """With one line the three roundings agree."""
    made = {
        (one.excl, one.vat)
        for one in (totals([Part(amount, *rate)], including=incl, rounding=kind) for kind in ROUNDINGS)
    }
    assert len(made) == 1


@pytest.mark.parametrize(
    ("quantity", "price", "percentage", "discount", "amount"),
    [
        ("2", "121", "10", "0", "217.80"),
        ("3", "0.335", "0", "0", "1.01"),
        ("1", "0.005", "0", "0", "0.01"),
        ("-1", "0.005", "0", "0", "-0.01"),
        ("1", "10", "50", "1", "9.00"),
        ("0", "10", "0", "0", "0.00"),
    ],
)
def test_line_amounts(quantity: str, price: str, percentage: str, discount: str, amount: str) -> None:
    """Quantity times price minus the discount, half up; an amount wins over a percentage."""
    made = line_amount(Decimal(quantity), Decimal(price), Decimal(percentage), Decimal(discount))
    assert made == Decimal(amount)


@pytest.mark.parametrize(("rounding", "vat"), [("line", "0.06"), ("rate", "0.05"), ("document", "0.05")])
def test_the_switch_changes_the_vat_of_an_order(make: Callable[..., Any], rounding: str, vat: str) -> None:
    """Three lines of 0.08 at 21 %: per line 3 x 0.02, per rate and per document 0.0504."""
    afas = make(vat_rounding=rounding)
    lines = [{"VaIt": "2", "ItCd": "SKU-0001", "QuUn": 1, "Upri": "0.08"} for _ in range(3)]
    number = afas.order(*lines)
    assert afas.book(number)["vat"] == Decimal(vat)


def test_rate_and_document_differ(make: Callable[..., Any]) -> None:
    """0.07 at 21 % and 0.05 at 9 %: 0.0147 and 0.0045 round to 0.01 and 0, together to 0.02."""
    lines = [
        {"VaIt": "2", "ItCd": "SKU-0001", "QuUn": 1, "Upri": "0.07"},
        {"VaIt": "2", "ItCd": "SKU-0007", "QuUn": 1, "Upri": "0.05"},
    ]
    found = {}
    for rounding in ROUNDINGS:
        afas = make(vat_rounding=rounding)
        found[rounding] = afas.book(afas.order(*lines))["vat"]
    assert found == {"line": Decimal("0.01"), "rate": Decimal("0.01"), "document": Decimal("0.02")}


def test_prices_including_vat(afas: Any) -> None:
    """With InVa the total is the sum of the lines and VAT is taken out of it."""
    lines = [{"VaIt": "2", "ItCd": "SKU-0001", "QuUn": 3, "Upri": "9.99"}]
    book = afas.book(afas.order(*lines, InVa=True))
    assert (book["incl"], book["vat"], book["excl"]) == (Decimal("29.97"), Decimal("5.20"), Decimal("24.77"))


def test_invoice_discount_spares_lines_that_do_not_allow_it(afas: Any) -> None:
    """InPc takes its percentage off lines whose VaAD allows invoice discount."""
    lines = [
        {"VaIt": "2", "ItCd": "SKU-0001", "QuUn": 1, "Upri": 100},
        {"VaIt": "2", "ItCd": "SKU-0001", "QuUn": 1, "Upri": 100, "VaAD": "3"},
    ]
    book = afas.book(afas.order(*lines, InPc=10))
    assert (book["gross"], book["discount"], book["excl"]) == (Decimal(200), Decimal(10), Decimal(190))


def test_line_discount_needs_permission(afas: Any) -> None:
    """A line discount counts only when VaAD allows one."""
    lines = [
        {"VaIt": "2", "ItCd": "SKU-0001", "QuUn": 1, "Upri": 100, "ARDc": 5, "VaAD": kind}
        for kind in ("0", "1", "2", "3")
    ]
    amounts = [line["amount"] for line in afas.book(afas.order(*lines))["lines"]]
    assert amounts == [Decimal(95), Decimal(100), Decimal(95), Decimal(100)]
