"""The key of a record as one text, and back: what the held protocol and the snapshots of keys go by."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_PARTS = re.compile(r"(?:[^|\\]|\\.)*", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def to_text(values: Sequence[Any]) -> str:
    r"""The values of a key as text: one value as it is, several with `|` between them; null is `\0`."""
    return "|".join([_plain(value) for value in values])


def from_text(text: str, kinds: Sequence[str]) -> list[Any]:
    """The values of a key.

    Args:
        text: As `to_text` made it.
        kinds: AFAS's types of the key fields.

    Raises:
        ValueError: Not a key of these fields.
    """
    parts = _split(text)
    if len(parts) != len(kinds):
        raise ValueError("not a key of this stream")
    try:
        return [_value(part, kind) for part, kind in zip(parts, kinds, strict=True)]
    except InvalidOperation:
        raise ValueError("not a number") from None


def _plain(value: Any) -> str:
    if value is None:
        return "\\0"
    if value is True or value is False:
        return "true" if value else "false"
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if "|" in text or "\\" in text or "\n" in text:
        text = text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", "\\n")
    return text


def _split(text: str) -> list[str]:
    parts, at = [], 0
    while True:
        found = _PARTS.match(text, at)
        end = found.end() if found else len(text)
        parts.append(text[at:end])
        if end >= len(text):
            return parts
        at = end + 1


def _value(part: str, kind: str) -> Any:
    if part == "\\0":
        return None
    text = _ESCAPED.sub(lambda one: "\n" if one[1] == "n" else one[1], part)
    match kind:
        case "int":
            return int(text)
        case "decimal":
            return Decimal(text)
        case "boolean":
            return text == "true"
        case "date":
            dt.datetime.fromisoformat(text.removesuffix("Z"))  # a text that is none is no key
    return text
