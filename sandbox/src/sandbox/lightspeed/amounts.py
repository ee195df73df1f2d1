"""What an order costs, as a shop computes it: pure arithmetic on Decimal."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.lightspeed.shop import Basis

ZERO = Decimal(0)


def cents(amount: Decimal) -> Decimal:
    """Rounded to the cent, half up."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def fine(amount: Decimal) -> Decimal:
    """Rounded to four decimals, as catalogue prices."""
    return amount.quantize(Decimal("0.0001"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Charge:
    """An amount with its VAT rate, given in the shop's basis.

    Attributes:
        price: Per unit before discount. discount: Off each unit. custom: Surcharge of custom fields per unit,
            already in `price`.
    """

    price: Decimal
    rate: Decimal
    quantity: Decimal = Decimal(1)
    discount: Decimal = ZERO
    custom: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Priced:
    """A charge in both bases. Unit prices and totals to the cent; `tax` of the total, not rounded."""

    rate: Decimal
    base_excl: Decimal
    base_incl: Decimal
    excl: Decimal
    incl: Decimal
    discount_excl: Decimal
    discount_incl: Decimal
    custom_excl: Decimal
    custom_incl: Decimal
    total_excl: Decimal
    total_incl: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Total:
    """An order's totals.

    Attributes:
        excl, incl: Order total including shipment and payment cost, to the cent.
        taxes: Tax on goods per rate after the order discount, not rounded; highest rate first.
        discount: Order discount in the shop's basis. percentage: The same as a share of the goods including VAT.
    """

    lines: tuple[Priced, ...]
    shipment: Priced
    payment: Priced
    excl: Decimal
    incl: Decimal
    discount: Decimal
    percentage: Decimal
    taxes: dict[Decimal, Decimal] = field(default_factory=dict)


def priced(charge: Charge, basis: Basis) -> Priced:
    """Both bases of one charge."""
    factor = 1 + charge.rate
    net = charge.price - charge.discount
    if basis == "incl":
        total = net * charge.quantity
        exact = total / factor
        return Priced(
            charge.rate,
            fine(charge.price / factor),
            charge.price,
            cents(net / factor),
            cents(net),
            cents(charge.discount / factor),
            charge.discount,
            cents(charge.custom / factor),
            charge.custom,
            cents(exact),
            cents(total),
            total - exact,
        )
    total = net * charge.quantity
    return Priced(
        charge.rate,
        charge.price,
        fine(charge.price * factor),
        cents(net),
        cents(net * factor),
        charge.discount,
        cents(charge.discount * factor),
        charge.custom,
        cents(charge.custom * factor),
        cents(total),
        cents(total * factor),
        total * charge.rate,
    )


def total(
    lines: Sequence[Charge],
    shipment: Charge,
    payment: Charge,
    basis: Basis,
    *,
    amount: Decimal = ZERO,
    percentage: Decimal = ZERO,
    miss: Decimal = ZERO,
) -> Total:
    """An order's totals.

    Args:
        lines: The goods.
        shipment: Shipment cost.
        payment: Payment cost.
        basis: Whether the charges are given including VAT.
        amount: Order discount in the basis; never more than the goods.
        percentage: Order discount as a fraction of the goods, instead of `amount`.
        miss: Added to the total including VAT: real shops miss their own sum by a few cents now and then.
    """
    done = tuple(priced(line, basis) for line in lines)
    goods: dict[Decimal, Decimal] = {}
    for line in lines:
        goods[line.rate] = goods.get(line.rate, ZERO) + (line.price - line.discount) * line.quantity
    before = sum(goods.values(), ZERO)
    discount = min(cents(before * percentage) if percentage else amount, before)
    before_incl = sum((one.total_incl for one in done), ZERO)
    excl, taxes = ZERO, dict[Decimal, Decimal]()
    for rate in sorted(goods, reverse=True):
        share = goods[rate] - (discount * goods[rate] / before if before else ZERO)
        bare = share / (1 + rate) if basis == "incl" else share
        excl, taxes[rate] = excl + bare, bare * rate
    sent, paid = priced(shipment, basis), priced(payment, basis)
    if basis == "incl":
        incl = before - discount + sent.total_incl + paid.total_incl
        bare_total = cents(excl) + sent.total_excl + paid.total_excl
    else:
        bare_total = cents(excl) + sent.total_excl + paid.total_excl
        incl = bare_total + sum(taxes.values(), ZERO) + sent.tax + paid.tax
    return Total(
        done,
        sent,
        paid,
        cents(bare_total),
        cents(incl + miss),
        cents(discount),
        percentage or (fine(discount / before_incl) if before_incl else ZERO),
        taxes,
    )
