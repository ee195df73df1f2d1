"""What the amounts of an order mean, decided by its arithmetic.

Lightspeed does not document whether the price of an order line is that of one piece or of the line, on which basis
``discountAmount`` stands, nor whether lines already contain it. What the order as a whole states settles it:

``goods = order - shipping - payment cost`` must equal the sum of the lines, less what an order discount took off. That
held, on both bases, for all 50 recorded orders. An order that no reading explains is not booked.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from commerce.errors import MappingError
from commerce.mapping.lightspeed.reading import Record, amount, identity, number
from commerce.mapping.lightspeed.vat import Tax, tax_of
from commerce.models import Basis
from commerce.money import CENT, NOTHING, ZERO, Amount, cents, half_digit, total

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from commerce.mapping.lightspeed.options import Options

_ONE = Decimal(1)


class Piece(NamedTuple):
    """The figures of one order line, as stated."""

    key: str
    path: str
    quantity: Decimal
    price: Amount
    base: Amount
    discount: Amount
    custom: Amount
    tax: Tax


class Stated(NamedTuple):
    """The discount that an order states."""

    amount: Decimal
    fraction: Decimal
    shipping: Amount

    @property
    def given(self) -> bool:
        """Whether there is one."""
        return self.amount > 0 or self.fraction > 0


class Reading(NamedTuple):
    """What the amounts mean.

    ``unit`` tells whether line prices are per piece; ``totals`` are the lines' totals after their own discounts, in the
    order of the lines; ``discount`` is what the order discount took off them, or None when there is none to show.
    """

    unit: bool
    totals: list[Amount]
    discount: Amount | None


def piece(line: Record, path: str) -> Piece:
    """Read the figures of one order line.

    Raises:
        MappingError: When the id or the quantity is missing, or a figure can't be read.
    """
    key, quantity = identity(line.get("id")), number(line, "quantityOrdered", path)
    if key is None:
        raise MappingError("missing_value", f"{path}id")
    if quantity is None:
        raise MappingError("missing_value", f"{path}quantityOrdered")
    return Piece(
        key=key,
        path=path,
        quantity=quantity,
        price=amount(line, "price", path),
        base=amount(line, "basePrice", path),
        discount=amount(line, "discount", path),
        custom=amount(line, "custom", path),
        tax=tax_of(line, "taxRate", "taxRates", path),
    )


def stated_discount(record: Record) -> Stated:
    """The discount that the order states. ``discountPercentage`` is a fraction (0.0592)."""
    fraction = number(record, "discountPercentage") or ZERO
    return Stated(
        amount=abs(number(record, "discountAmount") or ZERO),
        fraction=fraction / 100 if fraction > _ONE else fraction,
        shipping=amount(record, "shipmentDiscount"),
    )


class _Case(NamedTuple):
    """What the readings are judged by."""

    pieces: Sequence[Piece]
    goods: Amount
    stated: Stated
    options: Options


class _Candidate(NamedTuple):
    unit: bool
    totals: list[Amount]
    slack: Amount


class _Explained(NamedTuple):
    residue: Decimal
    candidate: _Candidate
    discount: Amount | None


def read_amounts(pieces: Sequence[Piece], goods: Amount, stated: Stated, options: Options) -> Reading:
    """Decide what the amounts of an order mean.

    Args:
        pieces: Its lines.
        goods: What the order states for its goods: order total less shipping and payment cost.
        stated: The discount it states.
        options: The shop's options (``price_basis``, ``line_price``, ``rounding_cap``).

    Returns:
        The reading that explains the order.

    Raises:
        MappingError: ``amounts_do_not_add_up`` when none does, or when two different ones do.
    """
    found = _explained(_Case(pieces, goods, stated, options))
    if not found:
        raise MappingError("amounts_do_not_add_up", "products")
    best = min(found, key=lambda one: one.residue)
    basis = options.price_basis
    for other in found:
        apart = abs(total(other.candidate.totals).on(basis) - total(best.candidate.totals).on(basis))
        if other.candidate.unit != best.candidate.unit and apart > CENT and other.residue <= best.residue + CENT / 2:
            raise MappingError("amounts_do_not_add_up", "products")
    return Reading(best.candidate.unit, best.candidate.totals, best.discount)


def _explained(case: _Case) -> list[_Explained]:
    """The readings that explain the order: by the stated amount of the discount, and if that fails by its fraction.

    A fraction fits many readings (half of the order is half of it, however prices are read), so it comes second.
    """
    candidates = list(_candidates(case.pieces, case.options))
    by_amount, by_fraction = case.stated._replace(fraction=ZERO), case.stated._replace(amount=ZERO)
    for stated in (by_amount, by_fraction) if by_amount.given and by_fraction.given else (case.stated,):
        found = [_explain(candidate, case._replace(stated=stated)) for candidate in candidates]
        if any(found):
            return [one for one in found if one is not None]
    return []


def _candidates(pieces: Sequence[Piece], options: Options) -> Iterator[_Candidate]:
    """Every way to read the lines' prices, the likeliest first."""
    same = all(one.quantity == _ONE for one in pieces)
    for unit in (True,) if same else (True, False):
        if options.line_price != "auto" and not same and unit != (options.line_price == "unit"):
            continue
        yield _candidate(pieces, [one.price for one in pieces], options, unit=unit)
        if unit and any(_is_finer(one) for one in pieces):
            # The base price has three decimals where the price has two: 2.242 and 2.24.
            finer = [one.base.minus(one.discount) if _is_finer(one) else one.price for one in pieces]
            yield _candidate(pieces, finer, options, unit=True)
        if any(one.custom != NOTHING for one in pieces):
            yield _candidate(pieces, [one.price.plus(one.custom) for one in pieces], options, unit=unit)


def _is_finer(one: Piece) -> bool:
    """Whether base price less discount is the price, before it was rounded to cents."""
    exact = one.base.minus(one.discount)
    return exact != one.price and cents(exact.excl) == one.price.excl and cents(exact.incl) == one.price.incl


def _candidate(pieces: Sequence[Piece], prices: Sequence[Amount], options: Options, *, unit: bool) -> _Candidate:
    totals, slack = [], NOTHING
    for one, price in zip(pieces, prices, strict=True):
        count = one.quantity if unit else _ONE
        totals.append(_line_total(price, count, one.tax, options.price_basis))
        rounding = Amount(half_digit(price.excl), half_digit(price.incl))
        slack = slack.plus(rounding.times(abs(count)))
    return _Candidate(unit, totals, slack)


def _line_total(price: Amount, count: Decimal, tax: Tax, basis: Basis) -> Amount:
    """A line's total on both bases.

    The price on the basis of the shop is exact; the other one is rounded per piece, which 100 pieces would multiply. So
    the other total follows from the exact one and the rate, where that agrees with the stated price of a piece.
    """
    stated = price.times(count)
    if abs(count) <= _ONE or tax.rate is None:
        return stated
    if basis is Basis.INCL:
        other = cents(stated.incl / (1 + tax.fraction))
        return Amount(other, stated.incl) if abs(other / count - price.excl) <= half_digit(price.excl) else stated
    other = cents(stated.excl * (1 + tax.fraction))
    return Amount(stated.excl, other) if abs(other / count - price.incl) <= half_digit(price.incl) else stated


def _explain(candidate: _Candidate, case: _Case) -> _Explained | None:
    """How far the candidate is off, with the order discount it needs; None when it does not explain the order.

    A small discount may be within what rounding allows: of the two, what leaves less unexplained holds.
    """
    cap = case.options.rounding_cap
    slack = candidate.slack.plus(Amount(cap, cap))
    difference = total(candidate.totals).minus(case.goods)
    discounted = None
    if case.stated.given and difference.excl >= -slack.excl and difference.incl >= -slack.incl:
        discounted = _outside(candidate, case, difference, slack)
    if abs(difference.excl) > slack.excl or abs(difference.incl) > slack.incl:
        return discounted
    rounded = _Explained(abs(difference.on(case.options.price_basis)), candidate, None)
    if discounted is not None and discounted.residue < rounded.residue:
        return discounted
    return rounded if not case.stated.given or _is_inside(candidate, case, slack) else None


def _outside(candidate: _Candidate, case: _Case, difference: Amount, slack: Amount) -> _Explained | None:
    """The order discount came off the sum of the lines: on which basis is it stated?"""
    rates = [one.tax.fraction for one in case.pieces]
    own = case.options.price_basis
    for basis in (own, Basis.EXCL if own is Basis.INCL else Basis.INCL):
        off = difference.on(basis)
        for expected in _expected(candidate, case.stated, basis):
            residue = abs(off - expected)
            if residue > slack.on(basis) or not _fits(difference, basis, rates, slack):
                continue
            # What is stated is what came off; a difference left is rounding, and stays visible.
            here = cents(min(expected, total(candidate.totals).on(basis)))
            other = cents(max(ZERO, difference.excl if basis is Basis.INCL else difference.incl))
            taken = Amount(other, here) if basis is Basis.INCL else Amount(here, other)
            return _Explained(residue, candidate, taken)
    return None


def _expected(candidate: _Candidate, stated: Stated, basis: Basis) -> Iterator[Decimal]:
    """What an order discount may have taken off the goods on the basis."""
    if stated.amount:
        yield stated.amount
        if shipping := abs(stated.shipping.on(basis)):
            yield stated.amount - shipping
    if stated.fraction:
        yield cents(total(candidate.totals).on(basis) * stated.fraction)


def _fits(difference: Amount, basis: Basis, rates: Sequence[Decimal], slack: Amount) -> bool:
    """Whether the differences on both bases are one discount, seen at the rates of the order."""
    low, high = 1 + min(rates, default=ZERO), 1 + max(rates, default=ZERO)
    if basis is Basis.EXCL:
        return difference.excl * low - slack.incl <= difference.incl <= difference.excl * high + slack.incl
    return difference.incl / high - slack.excl <= difference.excl <= difference.incl / low + slack.excl


def _is_inside(candidate: _Candidate, case: _Case, slack: Amount) -> bool:
    """Whether the lines (or the shipping costs) show the order discount that they are to contain already."""
    wanted = case.stated.amount or cents(total(candidate.totals).on(case.options.price_basis) * case.stated.fraction)
    margin = max(slack.excl, slack.incl)
    shown = [ZERO]
    for count_lines in (False, True):
        counts = [_ONE if count_lines else one.quantity for one in case.pieces]
        shown += total([one.discount.times(count) for one, count in zip(case.pieces, counts, strict=True)])
        lowered = (one.base.minus(one.price).times(count) for one, count in zip(case.pieces, counts, strict=True))
        shown += total([off for off in lowered if off.excl > 0])
    return max(*shown, abs(case.stated.shipping.excl), abs(case.stated.shipping.incl)) + margin >= wanted
