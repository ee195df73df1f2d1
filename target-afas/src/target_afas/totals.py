"""What AFAS will make of our lines, and the rounding line that makes its total the shop's to the cent. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Literal

from commerce.models import Basis
from target_afas.lines import WantedLine
from target_afas.money import CENT, cents, line_amount, plain
from target_afas.reasons import CannotLoad

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from commerce.models import Totals

Rounding = Literal["line", "rate", "document"]
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Prediction:
    """Totals as AFAS will compute them; ``per_rate`` maps a percentage to base and VAT."""

    excl: Decimal
    vat: Decimal
    incl: Decimal
    per_rate: Mapping[Decimal, tuple[Decimal, Decimal]]


def vat_of(amount: Decimal, percent: Decimal, basis: Basis) -> Decimal:
    """Unrounded VAT on, or inside, an amount."""
    if basis is Basis.EXCL:
        return amount * percent / HUNDRED
    return amount * percent / (HUNDRED + percent)


def predict(lines: Iterable[WantedLine], basis: Basis, rounding: Rounding) -> Prediction:
    """AFAS's totals for these lines.

    Args:
        lines: Amounts in ``basis``, already rounded to cents.
        basis: With prices incl. VAT the total is the sum of the lines, whatever the rounding; excl. it is not.
        rounding: Where AFAS rounds VAT: per line, once per rate, or once per document.
    """
    per_rate: dict[Decimal, tuple[Decimal, Decimal]] = {}
    exact = Decimal(0)
    for line in lines:
        amount, vat = per_rate.get(line.percent, (Decimal(0), Decimal(0)))
        own = vat_of(line.amount, line.percent, basis)
        exact += own
        per_rate[line.percent] = (amount + line.amount, vat + (cents(own) if rounding == "line" else own))
    split: dict[Decimal, tuple[Decimal, Decimal]] = {}
    for percent, (amount, own) in per_rate.items():
        rounded = cents(own)
        split[percent] = (amount - rounded if basis is Basis.INCL else amount, rounded)
    vat = cents(exact) if rounding == "document" else sum((own for _, own in split.values()), Decimal(0))
    amount = sum((value for value, _ in per_rate.values()), Decimal(0))
    if basis is Basis.INCL:
        return Prediction(excl=amount - vat, vat=vat, incl=amount, per_rate=split)
    return Prediction(excl=amount, vat=vat, incl=amount + vat, per_rate=split)


@dataclass(frozen=True, slots=True)
class RoundingGroup:
    """A VAT tariff group that a rounding line may stand on."""

    group: str
    percent: Decimal


def rounding_line(amount: Decimal, item: str, item_type: str, unit: str | None, on: RoundingGroup) -> WantedLine:
    """The line that carries a rounding difference: one piece, a negative amount as a negative quantity."""
    quantity = Decimal(-1) if amount < 0 else Decimal(1)
    price = plain(abs(amount))
    return WantedLine(
        role="rounding",
        item_type=item_type,
        item=item,
        unit=unit,
        quantity=quantity,
        price=price,
        group=on.group,
        percent=on.percent,
        amount=line_amount(quantity, price),
    )


def rounding_that_fits(
    lines: Sequence[WantedLine], total: Decimal, basis: Basis, rounding: Rounding, on: Sequence[RoundingGroup]
) -> tuple[Decimal, RoundingGroup] | None:
    """Amount and group of a rounding line with which AFAS's total becomes the shop's.

    On a group of 0 % the amount is the difference itself. Where a VAT duty has no such group (distance sales), a few
    cents on a taxed group do as well: the amount is looked for with which the predicted total is right.

    Args:
        lines: The lines without it.
        total: The shop's, including VAT.
        basis: Price basis of the lines.
        rounding: Where AFAS rounds VAT.
        on: Groups to try, the preferred one first.

    Returns:
        None when no group and amount fit.
    """
    off = total - predict(lines, basis, rounding).incl
    steps = sorted(range(-3, 4), key=abs)
    for group in on:
        for step in steps:
            amount = off + step * CENT
            if not amount:
                continue
            trial = [*lines, rounding_line(amount, "", "", None, group)]
            if predict(trial, basis, rounding).incl == total:
                return amount, group
    return None


def difference(lines: Iterable[WantedLine], totals: Totals, basis: Basis, rounding: Rounding) -> Decimal:
    """How much AFAS's total falls short of the shop's, without a rounding line.

    Raises:
        CannotLoad: The source states no total including VAT.
    """
    if totals.incl is None:
        raise CannotLoad("no_total")
    return cents(totals.incl) - predict(lines, basis, rounding).incl


def check_cap(amount: Decimal, cap: Decimal, reason: str) -> None:
    """Refuse a rounding amount above the cap.

    Raises:
        CannotLoad: With the difference as subject.
    """
    if abs(amount) > cap:
        raise CannotLoad(reason, format(amount.quantize(CENT, ROUND_HALF_UP), "f"))


def rate_differences(totals: Totals, per_rate: Mapping[Decimal, tuple[Decimal, Decimal]]) -> dict[str, str]:
    """Bases and VAT per rate that differ from the shop's by more than a cent, to report: ``"21 % vat" -> "+0.02"``.

    Rates that the shop does not state are left out: it states per rate only what it knows.
    """
    found: dict[str, str] = {}
    for stated in totals.per_vat:
        if stated.rate is None:
            continue
        base, vat = per_rate.get(stated.rate, (Decimal(0), Decimal(0)))
        for name, ours, theirs in (("base", base, stated.base), ("vat", vat, stated.vat)):
            if theirs is not None and abs(cents(ours - theirs)) > CENT:
                found[f"{plain(stated.rate)} % {name}"] = format(cents(ours - theirs), "+f")
    return found
