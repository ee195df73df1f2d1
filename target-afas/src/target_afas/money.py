"""Exact amounts: cents, unit prices that reproduce a line total, and shares that add up. All pure."""

from __future__ import annotations

import decimal
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from target_afas.reasons import CannotLoad

if TYPE_CHECKING:
    from collections.abc import Sequence

CENT = Decimal("0.01")
PRICE = Decimal("0.0000000001")
"""AFAS unit prices have 26 digits, 10 of them decimals (field `Upri`)."""
QUANTITY = Decimal("0.00001")
"""AFAS quantities have 16 digits, 5 of them decimals (field `QuUn`)."""

_WIDE = decimal.Context(prec=60, rounding=ROUND_HALF_UP)
_LARGEST_AMOUNT = Decimal(10) ** 13
_LARGEST_QUANTITY = Decimal(10) ** 11


def cents(amount: Decimal) -> Decimal:
    """Rounded to cents, halves away from zero, as AFAS rounds a line."""
    return amount.quantize(CENT, ROUND_HALF_UP, context=_WIDE)


def plain(number: Decimal) -> Decimal:
    """The same number without superfluous zeros and without an exponent: 10.00 -> 10, 1E+2 -> 100, -0 -> 0."""
    if not number:
        return Decimal(0)
    normal = number.normalize(_WIDE)
    return normal.quantize(Decimal(1)) if normal.as_tuple().exponent > 0 else normal  # type: ignore[operator]


def unit_price(total: Decimal, quantity: Decimal) -> Decimal:
    """The unit price with at most 10 decimals for which ``cents(quantity * price) == cents(total)``.

    The exact quotient if it ends within 10 decimals; else the rounded total divided and rounded: its error times the
    quantity stays far below half a cent for any quantity that AFAS can hold.

    Raises:
        CannotLoad: The quantity is zero or has too many decimals, or a number has too many digits.
    """
    if not quantity or quantity != quantity.quantize(QUANTITY, context=_WIDE) or abs(quantity) >= _LARGEST_QUANTITY:
        raise CannotLoad("bad_quantity", str(plain(quantity)))
    if abs(total) >= _LARGEST_AMOUNT:
        raise CannotLoad("amount_too_large")
    exact = _WIDE.divide(total, quantity)
    if exact == exact.quantize(PRICE, context=_WIDE) and _WIDE.multiply(exact, quantity) == total:
        return plain(exact)
    price = _WIDE.divide(cents(total), quantity).quantize(PRICE, ROUND_HALF_UP, context=_WIDE)
    if line_amount(quantity, price) != cents(total):
        raise CannotLoad("bad_quantity", str(plain(quantity)))
    return plain(price)


def line_amount(quantity: Decimal, price: Decimal) -> Decimal:
    """What AFAS makes of a line: quantity times unit price, rounded to cents."""
    return cents(_WIDE.multiply(quantity, price))


def shares(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Split an amount in whole cents by weight, so that the parts add up exactly (largest remainder).

    Args:
        total: The amount, of any sign; rounded to cents first.
        weights: Not negative; if all are zero, the first part gets everything.

    Returns:
        One part per weight, in the same order.
    """
    amount = cents(total)
    whole = sum(weights, Decimal(0))
    if not weights:
        raise ValueError("nothing to share among")
    if not whole:
        return [amount, *[Decimal("0.00")] * (len(weights) - 1)]
    sign = -1 if amount < 0 else 1
    exact = [_WIDE.divide(_WIDE.multiply(abs(amount), weight), whole) for weight in weights]
    parts = [part.quantize(CENT, ROUND_DOWN, context=_WIDE) for part in exact]
    left = int((abs(amount) - sum(parts, Decimal(0))) / CENT)
    by_remainder = sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], at))
    for at in by_remainder[:left]:
        parts[at] += CENT
    return [sign * part for part in parts]
