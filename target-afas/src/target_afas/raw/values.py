"""A record's values as an AFAS field takes them, and in one normal form for comparing. Pure.

Texts are turned into numbers, yes/no values and dates only where the metainfo says that the field is one and the text
has one meaning: ``12.5``, ``true``, ``1``, ``2026-03-02``; not ``12,5``, ``yes`` or ``02-03-2026``. Texts lose their
control characters, which AFAS can't hold.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from afas_profit import to_afas
from target_afas.diff import LETTERS
from target_afas.raw.facts import MATCHING, THAT_OF_THE_RELATION

if TYPE_CHECKING:
    from afas_profit import UpdateField, Value

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
_YES, _NO = frozenset({"true", "1"}), frozenset({"false", "0"})
_REFERENCE = 5
"""``controlType`` of a field that holds a code (read-api 3.2)."""
EVERYTHING = "*****"
"""AFAS's code for the default, or for all (write-api 1.5)."""


_MOST_DIGITS = 40
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML, which AFAS works with inside, can't hold."""


class Unfit(Exception):  # noqa: N818 - a verdict on a value
    """The value does not fit the field; the text says why, without the value."""


def convert(field: UpdateField, value: Any, *, listed: bool = True) -> Value:
    """A value as the field takes it.

    Args:
        field: From the live metainfo.
        value: From the record: JSON with numbers as int and Decimal, or a date of the SDK.
        listed: Whether a value outside the field's value list is refused.

    Returns:
        str, int, Decimal or bool; dates and times as AFAS's local text; None for an empty value.

    Raises:
        Unfit: Another type, too long, too many digits, or not in the list.
    """
    plain = typed(field, value)
    if plain is None:
        return None
    if isinstance(plain, bool):
        return plain
    if isinstance(plain, int | Decimal):
        _fits_number(field, Decimal(plain))
    elif field.length and _kind(field) == "string" and len(plain) > field.length:
        raise Unfit(f"{len(plain)} characters, {field.length} allowed")
    if listed and field.values and not _listed(field, plain):
        raise Unfit("not in the list of values")
    return plain


def typed(field: UpdateField, value: Any) -> str | int | Decimal | bool | None:
    """A value as the field's type, without regard to its limits.

    Raises:
        Unfit: It is not of that type.
    """
    if value is None or value == "":
        return None
    if isinstance(value, dict | list):
        raise Unfit("one value is wanted, not a list or an object")
    if isinstance(value, float):
        value = Decimal(repr(value))
    _check_size(value)
    kind = _kind(field)
    if kind in {"int", "decimal"}:
        return _number(value, whole=kind == "int")
    if kind == "boolean":
        return _yes_or_no(value)
    if kind == "date":
        return _moment(value)
    if isinstance(value, bool):
        if kind == "string":
            raise Unfit("true or false, a text is wanted")
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    # Control characters carry nothing that a person would miss.
    return _UNWRITABLE.sub("", value.isoformat() if isinstance(value, date) else str(value)) or None


def normal(field: UpdateField, value: Any) -> str:
    """One text for equal values, whether they come from a record or from a row of a GetConnector."""
    if _kind(field) == "date" and isinstance(value, str):
        # AFAS prints local time with a Z that means nothing (read-api 1.7).
        value = value.removesuffix("Z")
    try:
        plain = typed(field, value)
    except Unfit:
        plain = str(value)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "1" if plain else "0"
    if isinstance(plain, int | Decimal):
        return plain_number(Decimal(plain))
    if _kind(field) == "date":
        return plain.removesuffix("T00:00:00")
    text = plain.replace("\r\n", "\n").strip()
    return text.casefold() if field.values or field.control_type == _REFERENCE else text


def is_writable(text: str) -> bool:
    """Whether AFAS can hold a text: no control characters but tab and line ends, no half surrogate pairs."""
    return _UNWRITABLE.search(text) is None


def plain_text(value: Any) -> str:
    """A key's value as the text to look for: numbers without exponent and ending zeros."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        number = Decimal(value)
        return plain_number(number) if _is_usual(number) else str(number)
    return "" if value is None else str(value).strip()


def plain_number(value: Decimal) -> str:
    """A number without exponent and ending zeros."""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _check_size(value: Any) -> None:
    """Refuse numbers that would be written with thousands of zeros.

    Raises:
        Unfit: Not finite, or far beyond any field.
    """
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and not _is_usual(Decimal(value)):
        raise Unfit("not a number of a usual size")


def _is_usual(number: Decimal) -> bool:
    return (
        number.is_finite()
        and abs(number.adjusted()) <= _MOST_DIGITS
        and len(number.as_tuple().digits) <= 2 * _MOST_DIGITS
    )


def _kind(field: UpdateField) -> str:
    return field.data_type.casefold()


def _number(value: Any, *, whole: bool) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise Unfit("not a number")
    if isinstance(value, str):
        text = value.strip()
        if not _NUMBER.fullmatch(text):
            raise Unfit("not a number (digits and a dot)")
        value = Decimal(text)
    _check_size(value)
    number = Decimal(value)
    if not whole:
        return number
    if number != number.to_integral_value():
        raise Unfit("not a whole number")
    return int(number)


def _yes_or_no(value: Any) -> bool:
    word = str(value).strip().casefold() if isinstance(value, str | int | Decimal) else ""
    if word in _YES or word in _NO:
        return word in _YES
    raise Unfit("not true or false")


def _moment(value: Any) -> str:
    """A date or local time; an instant (with offset) becomes Amsterdam time."""
    if isinstance(value, str):
        text = value.strip()
        if not _MOMENT.fullmatch(text):
            raise Unfit("not a date (YYYY-MM-DD, with or without a time)")
        try:
            value = datetime.fromisoformat(text) if len(text) > 10 else date.fromisoformat(text)
        except ValueError:
            raise Unfit("not a date of the calendar") from None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return value.isoformat(timespec="seconds")
        try:
            return to_afas(value)
        except OverflowError:
            raise Unfit("not a date of the calendar") from None
    if isinstance(value, date):
        return value.isoformat()
    raise Unfit("not a date")


def _fits_number(field: UpdateField, number: Decimal) -> None:
    if field.not_zero and not number:
        raise Unfit("0 is not allowed")
    whole, _, fraction = plain_number(abs(number)).partition(".")
    decimals = field.decimals if _kind(field) == "decimal" else 0
    # The number of decimals may hang on another field; 0 means that AFAS does not say.
    if decimals and not field.decimal_field_id and len(fraction) > decimals:
        raise Unfit(f"{len(fraction)} decimals, {decimals} allowed")
    if field.length and len(whole) > field.length - decimals and whole != "0":
        raise Unfit(f"{len(whole)} digits before the dot, {field.length - decimals} allowed")


def _listed(field: UpdateField, value: str | int | Decimal) -> bool:
    text = plain_text(value).casefold()
    if text == EVERYTHING:
        return True
    known = {one.id.casefold() for one in field.values or ()}
    if field.field_id == "VaIt":
        return LETTERS.get(text.upper(), text) in known | LETTERS.keys()
    # Not every list of a matching field holds it.
    return text in known or (field.field_id in MATCHING and text == THAT_OF_THE_RELATION)
