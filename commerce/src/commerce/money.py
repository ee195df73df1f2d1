"""Exact arithmetic on amounts. Everything is ``Decimal``; nothing here rounds unless its name says so."""

from __future__ import annotations

from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commerce.models import Basis

ZERO = Decimal(0)
CENT = Decimal("0.01")
_KEPT = Decimal("1e-8")
_HALF_CENT = Decimal("0.005")


class Amount(NamedTuple):
    """One amount on both bases."""

    excl: Decimal
    incl: Decimal

    def on(self, basis: Basis) -> Decimal:
        """The figure on the basis."""
        return self.excl if basis == "excl" else self.incl

    def plus(self, other: Amount) -> Amount:
        """The sum, per basis."""
        return Amount(self.excl + other.excl, self.incl + other.incl)

    def minus(self, other: Amount) -> Amount:
        """The difference, per basis."""
        return Amount(self.excl - other.excl, self.incl - other.incl)

    def times(self, factor: Decimal) -> Amount:
        """The product, per basis."""
        return Amount(self.excl * factor, self.incl * factor)


NOTHING = Amount(ZERO, ZERO)


def total(amounts: Sequence[Amount]) -> Amount:
    """The sum of amounts, per basis; nothing gives zero."""
    return Amount(sum((a.excl for a in amounts), ZERO), sum((a.incl for a in amounts), ZERO))


def cents(value: Decimal) -> Decimal:
    """Round to cents, half away from zero."""
    return value.quantize(CENT, ROUND_HALF_UP)


def tidy(value: Decimal) -> Decimal:
    """Remove what binary floats left behind: digits after the eighth decimal, and the zeros that stay then.

    >>> tidy(Decimal("3.1950000000000003"))
    Decimal('3.195')
    """
    if not value:
        return ZERO
    rounded = value.quantize(_KEPT, ROUND_HALF_UP)
    return value if rounded == value else rounded.normalize() + ZERO


def half_digit(value: Decimal) -> Decimal:
    """How far an amount that was rounded to the stated digits (at least cents) can be from the exact one.

    >>> half_digit(Decimal("2.2"))
    Decimal('0.005')
    """
    if value == value.quantize(CENT, ROUND_HALF_UP):
        return _HALF_CENT
    exponent = value.as_tuple().exponent
    return Decimal(5).scaleb(exponent - 1) if isinstance(exponent, int) else _HALF_CENT


def apportion(whole: Decimal, weights: Sequence[Decimal], unit: Decimal = CENT) -> list[Decimal]:
    """Split an amount by weights so that the parts are multiples of the unit and add up exactly (largest remainder).

    Args:
        whole: The amount, a multiple of ``unit``, of any sign.
        weights: One per part, none negative, not all zero.
        unit: The smallest amount, a cent.

    Returns:
        The parts, in the order of the weights; none has the opposite sign of the whole, and a weight of zero gets zero.

    Raises:
        ValueError: When the whole is no multiple of the unit or the weights can't be used.
    """
    steps = whole / unit
    if steps != steps.to_integral_value():
        raise ValueError("the amount is no multiple of the unit")
    all_weights = sum(weights, ZERO)
    if all_weights <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("weights must be positive")
    sign = -1 if steps < 0 else 1
    exact = [abs(steps) * weight / all_weights for weight in weights]
    parts = [share.to_integral_value(ROUND_FLOOR) for share in exact]
    # Divisions are rounded to the context's 28 digits, so a floor may be off by a step: never hand out to weight zero.
    left = int(abs(steps) - sum(parts, ZERO))
    by_remainder = sorted(
        (index for index, weight in enumerate(weights) if weight > 0),
        key=lambda index: (parts[index] - exact[index], -weights[index], index),
    )
    for turn in range(left):
        parts[by_remainder[turn % len(by_remainder)]] += 1
    return [sign * part * unit for part in parts]
