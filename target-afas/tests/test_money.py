from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from target_afas.money import CENT, cents, line_amount, plain, shares, unit_price
from target_afas.reasons import CannotLoad

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=4, allow_nan=False)
quantities = st.decimals(min_value=Decimal(-100000), max_value=Decimal(100000), places=5, allow_nan=False).filter(bool)


@given(total=amounts, quantity=quantities)
def test_a_unit_price_reproduces_its_line_total(total: Decimal, quantity: Decimal) -> None:
    """Quantity times the unit price, rounded to cents as AFAS does, is the source's total to the cent."""
    price = unit_price(total, quantity)
    assert line_amount(quantity, price) == cents(total)
    assert price == price.quantize(Decimal("1e-10"))


@pytest.mark.parametrize(
    ("total", "quantity", "price"),
    [("24.20", "2", "12.1"), ("10", "3", "3.3333333333"), ("6.726", "3", "2.242"), ("0.005", "3", "0.0033333333")],
)
def test_a_price_that_divides_is_exact(total: str, quantity: str, price: str) -> None:
    """The exact quotient is used if it ends within ten decimals; else the rounded total is divided."""
    assert unit_price(Decimal(total), Decimal(quantity)) == Decimal(price)


@pytest.mark.parametrize("quantity", ["0", "0.000001", "100000000000"])
def test_a_quantity_afas_cannot_hold_is_refused(quantity: str) -> None:
    """A quantity of zero, with six decimals or with twelve digits holds the order."""
    with pytest.raises(CannotLoad, match="bad_quantity"):
        unit_price(Decimal(10), Decimal(quantity))


def test_an_amount_with_too_many_digits_is_refused() -> None:
    """An amount beyond AFAS's digits holds the order instead of failing in arithmetic."""
    with pytest.raises(CannotLoad, match="amount_too_large"):
        unit_price(Decimal(10) ** 14, Decimal(1))


@given(total=amounts, weights=st.lists(st.decimals(0, 10**6, places=2), min_size=1, max_size=8))
def test_shares_add_up(total: Decimal, weights: list[Decimal]) -> None:
    """The parts of a split amount add up to it, each within a cent of its exact share."""
    parts = shares(total, weights)
    assert sum(parts) == cents(total)
    whole = sum(weights)
    if whole:
        assert all(
            abs(part - cents(total) * weight / whole) < CENT for part, weight in zip(parts, weights, strict=True)
        )


def test_plain_numbers_have_no_exponent() -> None:
    """Numbers are written without superfluous zeros, exponents or a negative zero."""
    assert [str(plain(Decimal(text))) for text in ("10.00", "1E+2", "-0.0", "0.50")] == ["10", "100", "0", "0.5"]
