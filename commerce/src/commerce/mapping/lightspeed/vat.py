"""VAT of a Lightspeed order: the rate of a line, the regime of the order, and the totals per rate."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, NamedTuple

from commerce.mapping.lightspeed.parties import country_of
from commerce.mapping.lightspeed.reading import Record, children, flag, number, text
from commerce.models import Vat, VatCategory, VatTotal, VatTreatment
from commerce.money import ZERO, cents, half_digit
from commerce.normalise import EU
from commerce.normalise.countries import REDUCED_RATES, STANDARD_RATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from commerce.mapping.lightspeed.options import Options
    from commerce.models import Line

_HUNDRED = Decimal(100)
_KEPT = Decimal("0.0001")
_EXEMPT_WORDS = ("exempt", "vrijgesteld", "steuerfrei", "exonér")


class Row(NamedTuple):
    """One tax as the source states it; ``rate`` in percent."""

    name: str | None
    rate: Decimal
    amount: Decimal | None


class Tax(NamedTuple):
    """The tax of one line: the sum of its rates in percent (None: not stated), their names, and each by itself."""

    rate: Decimal | None
    code: str | None
    parts: tuple[tuple[str | None, Decimal], ...] = ()

    def carries(self, row: Row) -> bool:
        """Whether goods under this tax bear the tax row: as their only tax, or as one of several."""
        return self.rate == row.rate if len(self.parts) < 2 else (row.name, row.rate) in self.parts

    @property
    def fraction(self) -> Decimal:
        """The rate as a fraction; a rate that is not stated counts as zero."""
        return (self.rate or ZERO) / _HUNDRED


def percent(fraction: Decimal) -> Decimal:
    """A rate in percent, without what binary floats left: 0.09974999999999999 gives 9.975."""
    rate = (fraction * _HUNDRED).quantize(_KEPT, ROUND_HALF_UP).normalize()
    return rate if rate == rate.to_integral_value() and rate.as_tuple().exponent == 0 else +rate + ZERO


def rows(record: Record, field: str, path: str = "") -> list[Row]:
    """The taxes listed in a field (``taxRates``)."""
    found = []
    for index, row in enumerate(children(record, field, path)):
        inner = f"{path}{field}.{index}."
        rate = number(row, "rate", inner)
        found.append(Row(text(row, "name", inner), percent(rate or ZERO), number(row, "amount", inner)))
    return found


def tax_of(record: Record, rate_field: str, rows_field: str, path: str = "") -> Tax:
    """The tax of a line: in Canada and the United States several taxes apply to one line, and their rates add up."""
    taxes = rows(record, rows_field, path)
    if not taxes:
        rate = number(record, rate_field, path)
        return Tax(None if rate is None else percent(rate), None)
    return stacked(taxes)


def stacked(taxes: Iterable[Row]) -> Tax:
    """Several taxes on one base as one."""
    taxes = list(taxes)
    charged = [row for row in taxes if row.rate] or taxes
    names = sorted({row.name for row in charged if row.name})
    parts = sorted(((row.name, row.rate) for row in charged), key=lambda part: (part[0] or "", part[1]))
    return Tax(sum((row.rate for row in taxes), ZERO), "+".join(names) or None, tuple(parts))


class Regime(NamedTuple):
    """Under which VAT regime an order falls, and the country whose VAT it is (None: can't be told)."""

    treatment: VatTreatment
    country: str | None


def place_of_supply(record: Record, options: Options) -> str | None:
    """Where the goods go: nowhere when they are picked up, else the delivery address, else the billing address."""
    if flag(record, "shipmentIsPickup"):
        return options.shop_country
    return country_of(record, "Shipping")[0] or country_of(record, "Billing")[0]


def regime(record: Record, rates: Iterable[Decimal], vat: Decimal, options: Options) -> Regime:
    """Decide on the VAT regime of an order.

    Args:
        record: The order.
        rates: The rates of its goods and costs, in percent.
        vat: The VAT charged on the whole order.
        options: The shop's options (``shop_country``, ``oss``).

    Returns:
        The regime; UNKNOWN where the record does not tell, never a guess.
    """
    home, place = options.shop_country, place_of_supply(record, options)
    shifted = any(flag(invoice, "isVatShifted") for invoice in children(record, "invoices"))
    if place is None:
        return Regime(VatTreatment.UNKNOWN, None)
    charged = {rate for rate in rates if rate}
    if shifted and not vat and home in EU:
        target = place if place != home else country_of(record, "Billing")[0] or home
        if target in EU and target != home:
            return Regime(VatTreatment.INTRA_EU_REVERSE_CHARGE, target)
        if target == home:
            return Regime(VatTreatment.DOMESTIC_REVERSE_CHARGE, home)
    if place == home:
        return Regime(VatTreatment.DOMESTIC, home)
    if not (home in EU and place in EU):
        return Regime(VatTreatment.UNKNOWN, None) if vat or charged else Regime(VatTreatment.EXPORT, place)
    if not charged:
        return Regime(VatTreatment.UNKNOWN, None)
    return _within_the_eu(record, charged, place, options)


def _within_the_eu(record: Record, charged: set[Decimal], place: str, options: Options) -> Regime:
    """VAT was charged on a sale to another member state: that of the destination (OSS), or that of home."""
    home = options.shop_country
    ours = charged <= STANDARD_RATES[home] | REDUCED_RATES[home]
    theirs = charged <= STANDARD_RATES[place] | REDUCED_RATES[place]
    if options.oss == "not_registered" or text(record, "companyVatNumber") is not None:
        # A business is outside the one-stop shop.
        return Regime(VatTreatment.DOMESTIC, home) if ours else Regime(VatTreatment.UNKNOWN, None)
    if ours and theirs and options.oss == "auto":
        return Regime(VatTreatment.UNKNOWN, None)
    # The rates of home alone tell that its VAT was charged, whatever is registered elsewhere.
    return Regime(VatTreatment.DOMESTIC, home) if ours and not theirs else Regime(VatTreatment.OSS, place)


def category(tax: Tax, under: Regime) -> VatCategory:
    """What kind of rate it is, by the regime and the rates of the country whose VAT it is."""
    if tax.rate is None:
        return VatCategory.UNKNOWN
    if not tax.rate:
        if under.treatment in {VatTreatment.INTRA_EU_REVERSE_CHARGE, VatTreatment.DOMESTIC_REVERSE_CHARGE}:
            return VatCategory.REVERSE_CHARGE
        named = (tax.code or "").casefold()
        return VatCategory.EXEMPT if any(word in named for word in _EXEMPT_WORDS) else VatCategory.ZERO
    if under.country is None or under.country not in EU:
        return VatCategory.UNKNOWN
    if tax.rate in STANDARD_RATES[under.country]:
        return VatCategory.STANDARD
    return VatCategory.REDUCED if tax.rate in REDUCED_RATES[under.country] else VatCategory.UNKNOWN


def line_vat(tax: Tax, under: Regime, amount: Decimal) -> Vat:
    """The VAT of a line in the contract's terms."""
    return Vat(category=category(tax, under), rate=tax.rate, code=tax.code, country=under.country, amount=amount)


def per_vat(stated: Sequence[Row], lines: Sequence[Line], under: Regime) -> list[VatTotal]:
    """The VAT per rate as the source states it: goods, shipping and payment costs together.

    Lightspeed states the tax of each rate and not its base. The base is that of our lines where it yields the stated
    tax to the cent, else what the stated tax implies; null where neither can be told.

    Args:
        stated: All tax rows of the order.
        lines: The mapped lines.
        under: The regime of the order.
    """
    several = any(line.vat.code and "+" in line.vat.code for line in lines)
    sums: dict[tuple[Decimal, str | None], Decimal] = {}
    names: dict[tuple[Decimal, str | None], str | None] = {}
    for row in stated:
        key = (row.rate, row.name if several else None)
        sums[key] = sums.get(key, ZERO) + (row.amount or ZERO)
        names.setdefault(key, row.name)
    found = []
    for key, vat in sorted(sums.items(), key=lambda item: (-item[0][0], item[0][1] or "")):
        rate = key[0]
        ours = sum((line.total_excl or ZERO for line in lines if _bears(line, rate, key[1], several=several)), ZERO)
        if not vat and (not ours or (several and not rate)):
            continue
        base = ours if abs(ours * rate / _HUNDRED - vat) <= half_digit(vat) + Decimal("0.005") else None
        if base is None and rate:
            base = cents(vat * _HUNDRED / rate)
        tax = Tax(rate, names[key])
        found.append(VatTotal(category=category(tax, under), rate=rate, code=tax.code, base=base, vat=vat))
    return found


def _bears(line: Line, rate: Decimal, name: str | None, *, several: bool) -> bool:
    """Whether a line carries the tax."""
    if not several:
        return line.vat.rate == rate
    return name is not None and name in (line.vat.code or "").split("+")
