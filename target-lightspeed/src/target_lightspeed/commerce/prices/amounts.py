"""From the amount of a price row to what the shop takes: per piece, on its basis, with 4 decimals. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import TYPE_CHECKING

from target_lightspeed.fields import MONEY_DECIMALS
from upsert.model import Hold

if TYPE_CHECKING:
    from target_lightspeed.commerce.prices.rows import PriceRow
    from target_lightspeed.commerce.prices.settings import PriceSettings

_EXACT = Context(prec=60)
"""AFAS keeps 26 digits with 10 decimals; a product of two such numbers must stay exact."""

_HUNDRED = Decimal(100)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount that the shop takes.

    Attributes:
        value: With at most 4 decimals.
        rounded: Whether digits of the source's own price were lost.
    """

    value: Decimal
    rounded: bool = False


def per_piece(amount: Decimal, row: PriceRow, basis: str, settings: PriceSettings) -> Money | Hold:
    """An amount of a row, for one piece and on a basis.

    Args:
        amount: The row's price, or its old price.
        row: Says what the amount means.
        basis: ``incl`` or ``excl``: what the shop takes.
        settings: Whether to convert and to round.
    """
    if row.per is not None and row.per <= 0:
        return Hold("absurd_price", f"{row.sku} per {row.per}")
    with localcontext(_EXACT):
        exact = amount / row.per if row.per else amount
        converts = row.basis != basis
        if converts:
            if row.rate is None or row.rate < 0:
                return Hold("no_vat_rate", row.sku)
            factor = 1 + row.rate / _HUNDRED
            exact = exact * factor if basis == "incl" else exact / factor
        value = exact.quantize(MONEY_DECIMALS, ROUND_HALF_UP)
        rounded = not converts and value != exact
    if rounded and settings.rounding == "hold":
        return Hold("price_too_fine", row.sku)
    return Money(value, rounded)


def absurd(value: Decimal, settings: PriceSettings) -> bool:
    """Whether nobody can mean such a price."""
    return value < ZERO or (value == ZERO and settings.zero == "hold")
