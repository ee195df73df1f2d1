"""How Python values are written for AFAS, and how its JSON is read: exact, never through a float."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from afas_profit.times import to_afas

Value = str | int | Decimal | bool | date | datetime | None
"""A field's value. `None` clears the field; a `datetime` must have a time zone and is sent as Amsterdam time."""

# Profit 6 and older print -.5 for -0.5 (read-api 1.7). Strings are matched first, so that text is left alone.
_BARE_FRACTION = re.compile(rb'"(?:[^"\\]|\\.)*"|(?<![0-9])(-?)\.(?=\d)')


def filter_text(value: Value) -> str:
    """A value as the text of a filter (read-api 2.6). A `date` becomes its midnight, `None` the empty text."""
    if value is None:
        return ""
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"{value.isoformat()}T00:00:00"
    plain = plain_value(value)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return number(plain) if isinstance(plain, Decimal) else str(plain)


def plain_value(value: Value) -> str | int | Decimal | bool:
    """A value as it stands in a body (write-api 1.5).

    Raises:
        TypeError: a float, or something else that AFAS has no form for.
        ValueError: a datetime without a time zone, or a number that is not finite.
    """
    if value is None:
        return ""  # the documented way to clear a field
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("AFAS takes finite numbers only")
        return value
    if isinstance(value, datetime):
        return to_afas(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"AFAS takes no {type(value).__name__}; money and quantities are Decimal")


def number(value: Decimal) -> str:
    """A Decimal as a JSON number: every digit, a dot, no exponent."""
    return f"{value:f}"


def dump(node: Any) -> bytes:
    """A tree of mappings, sequences and plain values as one-line UTF-8 JSON, Decimals exact.

    Raises:
        ValueError: a text with half a surrogate pair, which has no UTF-8 form.
    """
    parts: list[str] = []
    _write(node, parts.append)
    return "".join(parts).encode()


def _write(node: Any, out: Any) -> None:
    if isinstance(node, str):
        out(encode_basestring(node))
    elif isinstance(node, bool):
        out("true" if node else "false")
    elif isinstance(node, int):
        out(str(node))
    elif isinstance(node, Decimal):
        out(number(node))
    elif isinstance(node, Mapping):
        opening = "{"
        for key, item in node.items():
            out(f"{opening}{encode_basestring(key)}:")
            _write(item, out)
            opening = ","
        out("{}" if opening == "{" else "}")
    elif isinstance(node, Sequence):
        opening = "["
        for item in node:
            out(opening)
            _write(item, out)
            opening = ","
        out("[]" if opening == "[" else "]")
    else:
        raise TypeError(f"no JSON form for {type(node).__name__}")


def load(content: bytes) -> Any:
    """JSON from AFAS, fractions as Decimal.

    Raises:
        ValueError: not JSON (cut off, HTML, not UTF-8).
    """
    try:
        return json.loads(content, parse_float=Decimal, parse_constant=_no_constant)
    except json.JSONDecodeError:
        return json.loads(mended(content), parse_float=Decimal, parse_constant=_no_constant)


def mended(content: bytes) -> bytes:
    """JSON of Profit 6 and older with its bare fractions (`-.5`) made numbers; other JSON stays as it is."""
    return _BARE_FRACTION.sub(lambda m: m[0] if m[1] is None else m[1] + b"0.", content)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")
