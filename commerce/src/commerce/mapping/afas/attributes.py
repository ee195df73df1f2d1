"""Characteristics of a product, and the values by which variants are chosen."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from commerce.errors import MappingError
from commerce.goods import Attribute, Axis, AxisValue, Chosen
from commerce.mapping.afas.rows import yes_or_no
from commerce.normalise.markup import clean, plain

if TYPE_CHECKING:
    from commerce.mapping.afas.keys import Item
    from commerce.mapping.afas.options import AttributeChoice, Options
    from commerce.mapping.afas.rows import Row

DIMENSIONS = ("Dimension1", "Dimension2")


def attributes(row: Row, options: Options) -> dict[str, list[Attribute]]:
    """The characteristics of an item, in the order of the settings; an empty one has no values.

    Returns:
        The field ``attributes``; nothing when the record has none of the fields.

    Raises:
        MappingError: ``invalid_value`` with the field, when a value is not of the type that the settings say.
    """
    made = []
    for choice in options.attributes:
        field = row.chosen(f"attributes.{choice.code}")
        if field is None or field not in row.record:
            continue
        found = (choice.mapped(one, field) for one in _values(row.record[field], choice, field))
        made.append(
            Attribute(
                code=choice.code,
                label=choice.title or choice.label or choice.code,
                type=choice.type,
                values=[one for one in found if one is not None],
                unit=choice.unit,
            )
        )
    return {"attributes": made} if made else {}


def _values(value: Any, choice: AttributeChoice, field: str) -> list[str]:
    if value is None or value == "":
        return []
    if isinstance(value, list | dict):
        raise MappingError("invalid_value", field)
    text = _text(value)
    if not text:
        return []
    try:
        match choice.type:
            case "boolean":
                return ["true" if yes_or_no(text) else "false"]
            case "integer":
                number = _number(text)
                if number != number.to_integral_value():
                    raise ValueError
                return [str(int(number))]
            case "decimal":
                return [format(_number(text), "f")]
            case "date":
                return [dt.date.fromisoformat(text[:10]).isoformat()]
            case "multi_choice":
                return [one.strip() for one in text.split(choice.separator) if one.strip()]
            case "choice":
                return [text]
            case _:
                found = plain(text)
                return [found] if found else []
    except (ValueError, InvalidOperation, OverflowError):
        raise MappingError("invalid_value", field) from None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else clean(str(value))


def _number(text: str) -> Decimal:
    number = Decimal(text.replace(",", "."))
    if not number.is_finite() or abs(number) > Decimal("1e16"):
        raise ValueError
    return number


def axis_code(item: Item, number: int) -> str:
    """Code of the axis of an article dimension: a variant's row knows its item and which of the two it is, no more."""
    return f"{item.code}.dim{number}"


def dimension_axes(row: Row, item: Item, options: Options) -> list[Axis]:
    """The axes of an item with article dimensions, in AFAS's order; empty when it has none."""
    made = []
    for number, column in enumerate(DIMENSIONS, 1):
        if code := row.text(column):
            label = options.axis_labels.get(code, code[:1].upper() + code[1:].lower())
            made.append(Axis(code=axis_code(item, number), label=label))
    return made


def dimension_values(row: Row, item: Item) -> list[Chosen]:
    """What a variant of an item with article dimensions is chosen by."""
    return [
        Chosen(
            axis=axis_code(item, number),
            value=AxisValue(
                code=code,
                label=row.text(f"Dim{number}Label") or code,
                position=row.whole(f"Dim{number}Position"),
            ),
        )
        for number, code in enumerate(item.dimensions, 1)
        if code
    ]


def own_values(row: Row, options: Options) -> list[Chosen]:
    """What an own item is chosen by among the children of its parent item.

    Raises:
        MappingError: ``unmapped_value`` with the field, when the settings want every value mapped.
    """
    made = []
    for choice in options.axes:
        field = row.chosen(f"axes.{choice.code}")
        raw = None if field is None else row.record.get(field)
        if raw is None or (text := _text(raw)) == "":
            continue
        label = choice.mapped(text, field or choice.name)
        if label is not None:
            made.append(Chosen(axis=choice.code, value=AxisValue(code=text, label=label)))
    return made


def own_axes(row: Row, options: Options) -> list[Axis]:
    """The axes in which children of a parent item differ."""
    return [
        Axis(code=one.code, label=one.title or one.label or one.code)
        for one in options.axes
        if row.chosen(f"axes.{one.code}")
    ]
