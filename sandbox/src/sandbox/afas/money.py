"""Amounts of a sales document: line amounts, VAT and totals. Pure, on Decimal, rounded half up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Rounding = Literal["line", "rate", "document"]
CENT = Decimal("0.01")
ZERO = Decimal(0)
HUNDRED = Decimal(100)


def cents(amount: Decimal) -> Decimal:
    """An amount rounded half up (away from zero) to cents."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def line_amount(quantity: Decimal, price: Decimal, percentage: Decimal, discount: Decimal) -> Decimal:
    """Quantity times price minus the line discount (an amount, or else a percentage), in cents."""
    gross = quantity * price
    if not discount and percentage:
        discount = gross * percentage / HUNDRED
    return cents(gross - discount)


@dataclass(frozen=True, slots=True)
class Part:
    """One line as VAT sees it: its amount (incl. VAT when the document's prices are), group and percentage.

    `discounted` says whether the invoice discount applies to it.
    """

    amount: Decimal
    group: str
    percentage: Decimal
    discounted: bool = True


@dataclass(frozen=True, slots=True)
class Rate:
    """What a document has under one VAT tariff group, in cents."""

    group: str
    percentage: Decimal
    excl: Decimal
    vat: Decimal
    incl: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals of a document in cents: `gross` before and `discount` of the invoice discount, then what is due."""

    gross: Decimal
    discount: Decimal
    excl: Decimal
    vat: Decimal
    incl: Decimal
    rates: tuple[Rate, ...]


def exact_vat(amount: Decimal, percentage: Decimal, *, including: bool) -> Decimal:
    """VAT in (`including`) or on top of an amount, not rounded."""
    return amount * percentage / (HUNDRED + percentage if including else HUNDRED)


def totals(parts: Sequence[Part], *, including: bool, rounding: Rounding, discount: Decimal = ZERO) -> Totals:
    """Totals of a document under one of the three roundings.

    Args:
        parts: Its lines.
        including: The amounts contain VAT.
        rounding: Where VAT is rounded: per line, per rate, or once for the document; in the last case the rounded
            total is spread over the rates so that they add up.
        discount: Invoice discount in percent.
    """
    groups: dict[tuple[str, Decimal], list[Decimal]] = {}
    gross = taken = ZERO
    for part in parts:
        off = cents(part.amount * discount / HUNDRED) if part.discounted else ZERO
        gross += part.amount
        taken += off
        groups.setdefault((part.group, part.percentage), []).append(part.amount - off)
    keys = list(groups)
    if rounding == "line":
        vats = [sum((cents(exact_vat(one, key[1], including=including)) for one in groups[key]), ZERO) for key in keys]
    else:
        exact = [exact_vat(sum(groups[key], ZERO), key[1], including=including) for key in keys]
        vats = [cents(one) for one in exact] if rounding == "rate" else _spread(exact)
    rates = []
    for key, vat in zip(keys, vats, strict=True):
        amount = sum(groups[key], ZERO)
        excl = amount - vat if including else amount
        rates.append(Rate(key[0], key[1], excl, vat, excl + vat))
    return Totals(
        gross,
        taken,
        sum((rate.excl for rate in rates), ZERO),
        sum((rate.vat for rate in rates), ZERO),
        sum((rate.incl for rate in rates), ZERO),
        tuple(rates),
    )


def _spread(exact: Iterable[Decimal]) -> list[Decimal]:
    """Cents that add up to the rounded sum, each as near to its exact value as that allows."""
    values = list(exact)
    rounded = [cents(value) for value in values]
    missing = int((cents(sum(values, ZERO)) - sum(rounded, ZERO)) / CENT)
    step = CENT if missing > 0 else -CENT
    by_error = sorted(range(len(values)), key=lambda at: (values[at] - rounded[at]) * (1 if missing > 0 else -1))
    for at in by_error[len(by_error) - abs(missing) :] if missing else ():
        rounded[at] += step
    return rounded
