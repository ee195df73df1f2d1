"""Amounts of the whole order, split over its VAT rates: the order discount, and shipping costs with several rates."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from commerce.mapping.lightspeed.vat import Row, Tax, stacked
from commerce.money import CENT, NOTHING, ZERO, Amount, apportion, cents, half_digit, total

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HUNDRED = Decimal(100)
_HALF_CENT = Decimal("0.005")


def shares(
    by_tax: Mapping[Tax, Sequence[Amount]], goods: Amount, stated: Sequence[Row], taken: Amount
) -> list[tuple[Tax, Amount]]:
    """Split an order discount over the VAT rates of the goods.

    The split is in proportion to the goods, where that leads to the stated tax of every rate; else it is the one that
    the stated taxes imply, where they tell one. Either way the parts are whole cents and add up exactly, on both bases.

    Args:
        by_tax: The totals of the lines of each tax, before the discount.
        goods: What the order states for its goods, after the discount.
        stated: The goods taxes of the order.
        taken: What the discount took off, in cents, not negative.

    Returns:
        The part of each tax, highest rate first; never negative.
    """
    taxes = sorted(by_tax, key=lambda tax: (tax.rate is None, -(tax.rate or ZERO), tax.code or ""))
    sums = {tax: total(by_tax[tax]) for tax in taxes}
    parts = _apportion(taken, [Amount(max(sums[tax].excl, ZERO), max(sums[tax].incl, ZERO)) for tax in taxes])
    slack = _HALF_CENT * (1 + sum(len(one) for one in by_tax.values()))
    if len(taxes) > 1 and not _yields(sums, parts, stated, slack):
        bases = _stated_bases(taxes, goods.excl, stated)
        off = [sums[tax].excl - base for tax, base in zip(taxes, bases, strict=True)] if bases else []
        if off and all(-slack <= part <= sums[tax].excl + slack for part, tax in zip(off, taxes, strict=True)):
            # On each basis by its own figures: one of them is exact, the other is rounded per line.
            weights = [
                Amount(max(part, ZERO), max(sums[tax].incl - base * (1 + tax.fraction), ZERO))
                for part, base, tax in zip(off, bases or [], taxes, strict=True)
            ]
            parts = _apportion(taken, weights)
    return list(zip(taxes, parts, strict=True))


def _apportion(taken: Amount, weights: Sequence[Amount]) -> list[Amount]:
    """Split on each basis by its own weights; without any weight the first part gets all."""
    parts = []
    for whole, own in ((taken.excl, [w.excl for w in weights]), (taken.incl, [w.incl for w in weights])):
        usable = own if sum(own, ZERO) > 0 else [Decimal(1)] + [ZERO] * (len(own) - 1)
        parts.append(apportion(whole, usable))
    return [Amount(excl, incl) for excl, incl in zip(*parts, strict=True)]


def _yields(sums: Mapping[Tax, Amount], parts: Sequence[Amount], stated: Sequence[Row], slack: Decimal) -> bool:
    """Whether the goods after the split yield the stated tax of every rate, as exactly as lines and tax are stated."""
    for row in stated:
        if not row.rate or row.amount is None:
            continue
        bases = (one.excl - part.excl for (tax, one), part in zip(sums.items(), parts, strict=True) if tax.carries(row))
        rate = row.rate / _HUNDRED
        if abs(sum(bases, ZERO) * rate - row.amount) > half_digit(row.amount) + rate * slack:
            return False
    return True


def _stated_bases(taxes: Sequence[Tax], goods: Decimal, stated: Sequence[Row]) -> list[Decimal] | None:
    """The goods per tax that the stated taxes imply (amount / rate); None when they do not tell all of them.

    Of two taxes that share a name only what is particular to one of them tells its base; one tax that nothing tells (a
    rate of zero) gets what is left.
    """
    found: list[Decimal | None] = []
    for tax in taxes:
        own = [
            row
            for row in stated
            if row.rate and row.amount is not None and [other for other in taxes if other.carries(row)] == [tax]
        ]
        found.append(own[0].amount * _HUNDRED / own[0].rate if own and own[0].amount is not None else None)
    unknown = [index for index, base in enumerate(found) if base is None]
    if len(unknown) > 1:
        return None
    if unknown:
        found[unknown[0]] = goods - sum((base for base in found if base is not None), ZERO)
    return [base for base in found if base is not None]


def shipping_parts(whole: Amount, stated: Sequence[Row], tax: Tax) -> list[tuple[Tax, Amount]]:
    """The shipping costs per VAT rate.

    Several taxes may lie on the same base (Canada) or on parts of it (European shops that spread shipping over the
    rates of the goods): the one in which the bases, amount / rate, make up the costs is meant.

    Args:
        whole: The shipping costs.
        stated: Their taxes.
        tax: All of them as one.

    Returns:
        At least one part; the parts add up exactly, on both bases.
    """
    charged = [row for row in stated if row.rate and row.amount]
    vat = whole.incl - whole.excl
    if len(charged) < 2 and not any(not row.rate for row in stated):
        return [(tax, whole)]
    bases = [row.amount * _HUNDRED / row.rate for row in charged if row.amount is not None]
    slack = [(half_digit(row.amount or ZERO) * _HUNDRED / row.rate) + CENT for row in charged]
    on_all = all(abs(base - whole.excl) <= close for base, close in zip(bases, slack, strict=True))
    if not charged or on_all or whole == NOTHING:
        return [(stacked(charged or stated), whole)] if charged or stated else [(tax, whole)]
    free = [row for row in stated if not row.rate]
    rest = whole.excl - sum(bases, ZERO)
    if abs(rest) > sum(slack, ZERO) and not (free and rest > 0):
        # Neither: the rate can't be told, and a null rate is for the target to hold.
        return [(tax if abs(whole.excl * tax.fraction - vat) <= CENT else Tax(None, tax.code), whole)]
    parts = [(stacked([row]), base) for row, base in zip(charged, bases, strict=True)]
    if free and rest > sum(slack, ZERO):
        parts.append((stacked(free[:1]), rest))
    taxes, weights = [one for one, _ in parts], [base for _, base in parts]
    excl = apportion(cents(whole.excl), weights)
    incl = apportion(cents(whole.incl), [base * (1 + one.fraction) for one, base in parts])
    made = [Amount(*pair) for pair in zip(excl, incl, strict=True)]
    made[0] = made[0].plus(whole.minus(total(made)))
    return list(zip(taxes, made, strict=True))
