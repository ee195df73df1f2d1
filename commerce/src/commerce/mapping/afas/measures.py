"""Weights and sizes, with units that every target knows."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from commerce.goods import Measure

if TYPE_CHECKING:
    from commerce.mapping.afas.notes import Notes
    from commerce.mapping.afas.options import Options
    from commerce.mapping.afas.rows import Row

# Weight unit of AFAS: the number and the description; the unit in the contract and how much of it one is.
_UNITS: dict[str, tuple[str, str, Decimal]] = {
    "1": ("microgram", "g", Decimal("0.000001")),
    "2": ("milligram", "g", Decimal("0.001")),
    "3": ("gram", "g", Decimal(1)),
    "4": ("kilogram", "kg", Decimal(1)),
    "5": ("ton", "kg", Decimal(1000)),
}
_WORDS = {word: number for number, (word, _, _) in _UNITS.items()} | {"kg": "4", "g": "3", "mg": "2"}
_NONE = {"0", "geen gewicht"}


def weight(row: Row, options: Options, notes: Notes) -> dict[str, Measure | None]:
    """The weight, gross or net by option, the other where that is empty.

    Returns:
        The field ``weight``; nothing when the record has neither column.
    """
    first, second = ("GrossWeight", "NetWeight") if options.weight == "gross" else ("NetWeight", "GrossWeight")
    if not row.has(first, second):
        return {}
    value = row.some(first) or row.some(second)
    unit = (row.text("WeightUnit") or "").lower()
    if value is None or unit in _NONE:
        return {"weight": None}
    number = _WORDS.get(unit.partition(" ")[0], unit)
    if number not in _UNITS:
        notes.add("weight_unit", row.column("WeightUnit"))
        return {"weight": None}
    _, name, factor = _UNITS[number]
    return {"weight": Measure(value=value * factor, unit=name)}


def sizes(row: Row, options: Options) -> dict[str, Measure | None]:
    """Length, width and height; zero is not set, and a column that is not there says nothing."""
    made: dict[str, Measure | None] = {}
    for column in ("Length", "Width", "Height"):
        if row.has(column):
            value = row.some(column)
            made[column.lower()] = None if value is None else Measure(value=value, unit=options.size_unit)
    return made
