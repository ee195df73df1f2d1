"""Reading one source record: typed values out of what may be null, ``false``, text for a number, or rubbish."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from commerce.errors import MappingError
from commerce.models import Identifier, Source
from commerce.money import ZERO, Amount, tidy

Record = Mapping[str, Any]

SYSTEM = "lightspeed"
_KEY = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?")
# Beyond this an amount is an accident, and its text could fill the memory.
_LARGEST = Decimal("1e15")


def key_of(record: Record, suffix: str = "") -> str:
    """The key of a record: ``lightspeed.<shop>:<id>``.

    Raises:
        MappingError: ``invalid_record`` when the shop or the id is missing or can't stand in a key.
    """
    source_id = identity(record.get("id"))
    if source_id is None:
        raise MappingError("invalid_record", "id")
    key = f"{SYSTEM}.{shop_of(record)}:{source_id}{suffix}"
    if not _KEY.fullmatch(key):
        raise MappingError("invalid_record", "_shop")
    return key


def shop_of(record: Record) -> str:
    """The name of the shop, as the tap's setting says."""
    shop = record.get("_shop")
    if not isinstance(shop, str) or not _KEY.fullmatch(shop) or ":" in shop:
        raise MappingError("invalid_record", "_shop")
    return shop


def identity(value: object) -> str | None:
    """An id as text, or None when there is none."""
    if isinstance(value, bool) or value is None:
        return None
    return str(value) if isinstance(value, int) else (value or None) if isinstance(value, str) else None


def identifier(record: Record, kind: str, value: object) -> Identifier | None:
    """One id of the source as the contract writes it, or None when there is none."""
    text = identity(value)
    return None if text is None else Identifier(system=SYSTEM, instance=shop_of(record), kind=kind, value=text)


def identifiers(record: Record, **values: object) -> list[Identifier]:
    """Ids of the source (``variant_id=...``) as the contract writes them; those that are not set are left out."""
    found = (identifier(record, kind, value) for kind, value in values.items())
    return [one for one in found if one is not None]


def source_of(record: Record) -> Source:
    """Where the record comes from. Lightspeed's channels: main, mobile, facebook, api, and "" for the back office."""
    channel = record.get("channel")
    known: dict[object, Any] = {"main": "web", "mobile": "web", "facebook": "marketplace", "": "manual"}
    return Source(
        system=SYSTEM, instance=shop_of(record), channel=known.get(channel, "other") if hashable(channel) else "other"
    )


def hashable(value: object) -> bool:
    """Whether the value can be looked up."""
    return value is None or isinstance(value, str | int | Decimal)


def text(record: Record, field: str, path: str = "") -> str | None:
    """A text without blanks around it; None when it is empty or not set.

    Raises:
        MappingError: ``invalid_value`` when an object or a list stands there.
    """
    value = record.get(field)
    if type(value) is str:
        return value.strip() or None
    if value is None or value is False:
        return None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    raise MappingError("invalid_value", f"{path}{field}")


def number(record: Record, field: str, path: str = "") -> Decimal | None:
    """An exact number; None when it is not set. Numbers written as text are read too.

    Raises:
        MappingError: ``invalid_value`` when it is no number, or one beyond all reason.
    """
    value = record.get(field)
    if value is None or value is False or value == "":
        return None
    kind = type(value)
    if kind is str and _NUMBER.fullmatch(value.strip()):
        value, kind = Decimal(value.strip()), Decimal
    try:
        if kind is int and -_LARGEST < value < _LARGEST:
            return Decimal(value)
        if kind is Decimal and -_LARGEST < value < _LARGEST:
            return tidy(value)
    except InvalidOperation:  # not a number
        pass
    raise MappingError("invalid_value", f"{path}{field}")


def amount(record: Record, name: str, path: str = "") -> Amount:
    """A pair of amounts (``priceExcl`` and ``priceIncl`` for ``price``); not set is zero."""
    return Amount(number(record, f"{name}Excl", path) or ZERO, number(record, f"{name}Incl", path) or ZERO)


def flag(record: Record, field: str) -> bool:
    """Whether a boolean is set; anything but true is not."""
    return record.get(field) is True


def instant(record: Record, field: str, path: str = "") -> dt.datetime | None:
    """An instant in UTC; None when it is not set.

    Raises:
        MappingError: ``invalid_value`` when it can't be read or carries no offset.
    """
    value = record.get(field)
    if value is None or value is False or value == "":
        return None
    try:
        found = dt.datetime.fromisoformat(value)
        if found.tzinfo is None:
            raise MappingError("invalid_value", f"{path}{field}")
        return found.astimezone(dt.UTC)
    except (TypeError, ValueError, OverflowError):
        raise MappingError("invalid_value", f"{path}{field}") from None


def day(record: Record, field: str) -> dt.date | None:
    """A calendar day; None when it is not set or no day of the calendar (``0000-00-00``)."""
    value = record.get(field)
    try:
        return dt.date.fromisoformat(value[:10]) if isinstance(value, str) and value else None
    except ValueError:
        return None


def child(record: Record, field: str) -> Record:
    """An embedded object; empty when there is none."""
    value = record.get(field)
    return value if isinstance(value, dict) else {}


def children(record: Record, field: str, path: str = "") -> list[Record]:
    """A list of embedded objects; empty when there are none.

    Raises:
        MappingError: ``invalid_value`` when something else stands there.
    """
    value = record.get(field)
    if not value:
        return []
    if not isinstance(value, list):
        raise MappingError("invalid_value", f"{path}{field}")
    for index, one in enumerate(value):
        if not isinstance(one, dict):
            raise MappingError("invalid_value", f"{path}{field}.{index}")
    return value


def source_line(record: Record, key: str) -> Record:
    """The order line of the source with the key of a mapped line; empty for lines that we made."""
    return next((line for line in children(record, "products") if identity(line.get("id")) == key), {})
