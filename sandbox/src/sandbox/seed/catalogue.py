"""The merchant's items, the same on both sides: item code = SKU, same VAT rate."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

ITEMS = {"small": 300, "large": 2_000, "empty": 0}
"""Articles per seed: SKU-0001 and up."""

_GOODS = ("Theepot", "Mok", "Schaal", "Karaf", "Lepel", "Plaid", "Kussen", "Kaars", "Vaas", "Lamp", "Klok", "Mand")
_KINDS = ("Delft", "Zuiderzee", "Veluwe", "Noord", "Maas", "Waddenzee", "Betuwe", "Kempen")
_SIZES = ("klein", "groot", "wit", "blauw", "grijs")
_ENDINGS = (Decimal("0.95"), Decimal("0.49"), Decimal("0.99"), Decimal("0.00"), Decimal("0.10"))


@dataclass(frozen=True, slots=True)
class Item:
    """One article.

    Attributes:
        number: 1 and up. code: "SKU-0001" (AFAS item code and shop SKU). rate: Dutch VAT, 0.21, 0.09 or 0.
        incl: Price including VAT in whole cents. excl: Price excluding VAT, 4 decimals.
        cost: Cost price. stock: Level at the start. ean: 13 digits.
    """

    number: int
    code: str
    title: str
    brand: str
    rate: Decimal
    incl: Decimal
    excl: Decimal
    cost: Decimal
    stock: int
    weight: int
    ean: str


def rate(number: int) -> Decimal:
    """The Dutch VAT rate of an article, by the last digit of its number."""
    last = number % 10
    if last < 7:
        return Decimal("0.21")
    return Decimal("0.09") if last < 9 else Decimal(0)


@cache
def item(number: int) -> Item:
    """The article with a number, always the same."""
    good, kind = _GOODS[number % len(_GOODS)], _KINDS[number // len(_GOODS) % len(_KINDS)]
    size = _SIZES[number * 7 % len(_SIZES)]
    incl = Decimal(1 + number * 37 % 89) + _ENDINGS[number % len(_ENDINGS)]
    vat = rate(number)
    excl = (incl / (1 + vat)).quantize(Decimal("0.0001"))
    return Item(
        number,
        f"SKU-{number:04}",
        f"{good} {kind} {size}",
        kind,
        vat,
        incl,
        excl,
        (excl * Decimal("0.4")).quantize(Decimal("0.01")),
        50 + number * 13 % 400,
        100 + number * 53 % 1900,
        _ean(number),
    )


def items(seed: str) -> list[Item]:
    """All articles of a seed.

    Raises:
        ValueError: unknown seed.
    """
    if seed not in ITEMS:
        raise ValueError(f"unknown seed {seed!r}; known: {', '.join(ITEMS)}")
    return [item(number) for number in range(1, ITEMS[seed] + 1)]


def _ean(number: int) -> str:
    digits = f"871000{number:06}"
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
