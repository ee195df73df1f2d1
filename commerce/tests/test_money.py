"""Splitting amounts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.money import apportion, half_digit, tidy

AMOUNTS = st.integers(min_value=-(10**9), max_value=10**9).map(lambda cents: Decimal(cents) / 100)
WEIGHTS = st.lists(
    st.decimals(min_value=0, max_value=10**6, places=4, allow_nan=False), min_size=1, max_size=12
).filter(lambda weights: sum(weights) > 0)


@given(AMOUNTS, WEIGHTS)
def test_parts_add_up_exactly(whole: Decimal, weights: list[Decimal]) -> None:
    """The parts are cents, add up to the whole, bear its sign, and each is within a cent of its exact share."""
    parts = apportion(whole, weights)
    assert sum(parts) == whole
    for part, weight in zip(parts, weights, strict=True):
        assert part * whole >= 0
        assert part == part.quantize(Decimal("0.01"))
        assert weight or not part
        assert abs(part - whole * weight / sum(weights)) < Decimal("0.010001")


@pytest.mark.parametrize("weights", [[], [Decimal(0)], [Decimal(-1), Decimal(2)]])
def test_useless_weights_are_refused(weights: list[Decimal]) -> None:
    """Without positive weights there is nothing to split by."""
    with pytest.raises(ValueError, match="weights"):
        apportion(Decimal(1), weights)


def test_a_part_of_a_cent_is_refused() -> None:
    """An amount that is no multiple of the unit can't be split exactly."""
    with pytest.raises(ValueError, match="multiple"):
        apportion(Decimal("0.005"), [Decimal(1)])


@pytest.mark.parametrize(
    ("stated", "exact"),
    [
        ("3.1950000000000003", "3.195"),
        ("40.93600000000001", "40.936"),
        ("12.50", "12.50"),
        ("1E-20", "0"),
        ("100", "100"),
    ],
)
def test_float_noise_is_removed(stated: str, exact: str) -> None:
    """What binary floats left behind goes; digits that were stated stay, zeros included."""
    assert str(tidy(Decimal(stated))) == exact


@pytest.mark.parametrize(("stated", "half"), [("2", "0.005"), ("2.24", "0.005"), ("2.242", "0.0005")])
def test_half_of_the_last_digit(stated: str, half: str) -> None:
    """A rounded amount is off by half of its last digit at most, which is the cent or finer."""
    assert half_digit(Decimal(stated)) == Decimal(half)
