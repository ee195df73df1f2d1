"""Values on their way in and out: what a written value may look like, and how a read one is written down."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_GUID = re.compile(r"\{?([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}?")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?)?")
_TIME = re.compile(r"\d\d:\d\d(?::\d\d)?")
_NO_DAY = date(1900, 1, 1)
_TRUE = {"true", "1"}
_FALSE = {"false", "0"}


_WIDEST = 100
"""Decimal exponents beyond this are refused: no field is that wide, and written out such a number fills the memory."""


class NotThatTypeError(ValueError):
    """A value that its field's type can't hold."""


def local(instant: datetime) -> datetime:
    """An instant as AFAS stores it: Amsterdam wall time without zone, fractions kept."""
    return instant.astimezone(AMSTERDAM).replace(tzinfo=None)


def written(kind: str, raw: Any, decimals: int = 0, *, round_decimals: bool = True) -> Any:
    """A value of a body as its field's type.

    Args:
        kind: s text, f long text or file, i whole number, n decimal, b boolean, d date, t date-time, g GUID.
        raw: The JSON value; "" and null clear the field.
        decimals: Scale of a decimal field.
        round_decimals: False: more decimals than that are refused.

    Returns:
        str, int, Decimal, bool, date, naive datetime, or None for a cleared field.

    Raises:
        NotThatTypeError: when it does not fit.
    """
    if raw is None or raw == "":
        return None
    if isinstance(raw, (dict, list)):
        raise NotThatTypeError
    if kind in "sf":
        return _text(raw)
    if kind == "b":
        word = _text(raw).lower()
        # An official example sends "10" for yes.
        return word == "true" if word in {"true", "false"} else _decimal(raw) != 0
    if kind == "g":
        if not (found := _GUID.fullmatch(_text(raw))):
            raise NotThatTypeError
        return "{" + found[1].upper() + "}"
    if kind == "t" and (clock := _TIME.fullmatch(_text(raw))):  # official examples send a time alone
        return datetime.combine(_NO_DAY, _time(clock[0]))
    if kind in "dt":
        return _moment(kind, _text(raw))
    number = _decimal(raw)
    if kind == "i":
        if number != number.to_integral_value():
            raise NotThatTypeError
        return int(number)
    cut = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    if cut != number and not round_decimals:
        raise NotThatTypeError
    return cut if cut != number else number


def _text(raw: Any) -> str:
    if isinstance(raw, bool):
        return "1" if raw else "0"
    if isinstance(raw, Decimal):
        return plain_number(_bounded(raw))
    return str(raw)


def _bounded(number: Decimal) -> Decimal:
    if not number.is_finite() or abs(number.adjusted()) > _WIDEST:
        raise NotThatTypeError
    return number


def _decimal(raw: Any) -> Decimal:
    if isinstance(raw, bool):
        return Decimal(int(raw))
    if isinstance(raw, (int, Decimal)):
        return _bounded(Decimal(raw))
    text = str(raw).strip()
    if not _NUMBER.fullmatch(text):
        raise NotThatTypeError
    try:
        return _bounded(Decimal(text))
    except InvalidOperation as error:
        raise NotThatTypeError from error


def _moment(kind: str, text: str) -> date | datetime:
    if not (found := _DATE.fullmatch(text)):
        raise NotThatTypeError
    try:
        day = date.fromisoformat(found[1])
        if kind == "d":
            return day
        return datetime.combine(day, time.fromisoformat(found[2] or "00:00:00"))
    except ValueError as error:
        raise NotThatTypeError from error


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise NotThatTypeError from error


def plain_number(value: Decimal) -> str:
    """A decimal without exponent and without zeros at its end."""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def rendered(value: Any) -> str:
    """A value of a row as JSON text; date-times with the `Z` that AFAS writes behind local time."""
    return WRITERS[type(value)](value)


def rendered_before_profit_7(value: Any) -> str:
    """As `rendered`, but with decimals like `.5` and `-.5`, which is no valid JSON."""
    text = rendered(value)
    old = isinstance(value, Decimal) and text.lstrip("-").startswith("0.")
    return text.replace("0.", ".", 1) if old else text


WRITERS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "null",
    str: encode_basestring,
    bool: lambda value: "true" if value else "false",
    int: str,
    Decimal: plain_number,
    datetime: lambda value: f'"{value.isoformat(timespec="seconds")}Z"',
}
"""How a value of each type is written as JSON text."""


def filter_value(kind: str, text: str, *, zulu: bool) -> Any:
    """A filter's value as the field's type (dates become date-times at midnight).

    Raises:
        NotThatTypeError: when it can't be converted; a trailing `Z` too, unless `zulu`.
    """
    if kind == "b":
        word = text.strip().lower()
        if word not in _TRUE | _FALSE:
            raise NotThatTypeError
        return word in _TRUE
    if kind in "in":
        return _decimal(text)
    if kind == "d":
        if zulu and text.endswith("Z"):
            text = text[:-1]
        return _moment("t", text)
    return text.casefold()
