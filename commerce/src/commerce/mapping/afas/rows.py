"""A row of a GetConnector, read by our names for its columns: typed values, and whether the column is there at all."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from commerce.errors import MappingError
from commerce.mapping.afas.fields import Fields
from commerce.normalise.markup import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Read = TypeVar("Read")

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_AS_WE_SAY = Fields()
_NUMBER = re.compile(r"[+-]?[0-9]{1,16}([.,][0-9]{1,10})?")
_LARGEST = Decimal("1e16")
_YES = {"true", "1", "ja", "j", "yes", "y"}
_NO = {"false", "0", "nee", "n", "no"}


def yes_or_no(text: str) -> bool:
    """A yes or no as AFAS and people write it.

    Raises:
        ValueError: It is neither.
    """
    word = text.lower()
    if word not in _YES | _NO:
        raise ValueError("neither yes nor no")
    return word in _YES


class Row:
    """One record of tap-afas.

    Args:
        record: The record.
        fields: Which field of the connector is which; without it columns are called as we call them.
        extracted: When the tap sent it, as the message says; None when it doesn't.
    """

    __slots__ = ("_fields", "extracted", "record")

    def __init__(
        self, record: Mapping[str, Any], fields: Fields = _AS_WE_SAY, extracted: dt.datetime | None = None
    ) -> None:
        self.record = record
        self.extracted = extracted
        self._fields = fields

    def column(self, name: str) -> str:
        """The field of the connector behind our name; our name where nothing was said, "" when it has none."""
        return self._fields.columns.get(name, name) or ""

    def chosen(self, code: str) -> str | None:
        """The field that the settings chose for an attribute (``attributes.material``) or an axis."""
        return self._fields.chosen.get(code)

    def has(self, *names: str) -> bool:
        """Whether one of the columns is in the record, null or not."""
        return any(self.column(name) in self.record for name in names)

    def value(self, name: str) -> Any:
        """What stands in the column; None when it is not there."""
        return self.record.get(self.column(name))

    def text(self, name: str) -> str | None:
        """A text; None when it is empty, null or not there.

        Raises:
            MappingError: ``invalid_value`` when an object, a list or a yes/no stands there.
        """
        value = self.value(name)
        if isinstance(value, str):
            return clean(value) or None
        if value is None:
            return None
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return format(value, "f") if isinstance(value, Decimal) else str(value)
        raise MappingError("invalid_value", self.column(name))

    def code(self, name: str) -> str:
        """A text that is part of a key; "" when it is empty: AFAS has no key fields that are null.

        Raises:
            MappingError: ``invalid_value``, as `text`.
        """
        return self.text(name) or ""

    def needed(self, name: str) -> str:
        """A text that must be there.

        Raises:
            MappingError: ``missing_value`` when it is not.
        """
        found = self.text(name)
        if found is None:
            raise MappingError("missing_value", self.column(name))
        return found

    def number(self, name: str) -> Decimal | None:
        """An exact number, also one written as text; None when it is empty, null or not there.

        Raises:
            MappingError: ``invalid_value`` when it is no number, or one beyond all reason.
        """
        value = self.value(name)
        if value is None or value == "":
            return None
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            value = Decimal(value.strip().replace(",", "."))
        try:
            if isinstance(value, int | Decimal) and not isinstance(value, bool) and -_LARGEST < value < _LARGEST:
                return Decimal(value)
        except InvalidOperation:  # not a number
            pass
        raise MappingError("invalid_value", self.column(name))

    def given(self, read: Callable[[str], Read], **columns: str) -> dict[str, Read]:
        """Fields of the contract whose columns are there, null or not.

        Args:
            read: How a column is read, such as `text`.
            columns: Field of the contract -> our name for the column.

        Raises:
            MappingError: As `read`.
        """
        return {field: read(column) for field, column in columns.items() if self.has(column)}

    def some(self, name: str) -> Decimal | None:
        """A number that means nothing when it is zero."""
        return self.number(name) or None

    def whole(self, name: str) -> int | None:
        """A whole number; None when it is empty, null or not there.

        Raises:
            MappingError: ``invalid_value`` when it is no whole number.
        """
        found = self.number(name)
        if found is not None and found != found.to_integral_value():
            raise MappingError("invalid_value", self.column(name))
        return None if found is None else int(found)

    def flag(self, name: str) -> bool:
        """A yes or no, also as the text "Ja" or "Nee"; what is empty is no.

        Raises:
            MappingError: ``invalid_value`` when it is neither.
        """
        value = self.value(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        word = str(value).strip() if isinstance(value, str | int) else "?"
        try:
            return bool(word) and yes_or_no(word)
        except ValueError:
            raise MappingError("invalid_value", self.column(name)) from None

    def day(self, name: str) -> dt.date | None:
        """A calendar day; None when it is empty, null or not there.

        tap-afas sends a date without time as that day, or as its midnight in UTC; a date that was read as a moment
        comes as the instant of Amsterdam's midnight.

        Raises:
            MappingError: ``invalid_value`` when it is no date.
        """
        text = self.text(name)
        if text is None:
            return None
        try:
            if len(text) == 10 or text[10:19] == "T00:00:00":
                return dt.date.fromisoformat(text[:10])
            moment = dt.datetime.fromisoformat(text)
            return (moment.astimezone(AMSTERDAM) if moment.tzinfo else moment).date()
        except (ValueError, OverflowError):
            raise MappingError("invalid_value", self.column(name)) from None

    def instant(self, *names: str) -> dt.datetime | None:
        """The latest of some instants, in UTC; None when none is filled.

        Raises:
            MappingError: ``invalid_value`` when one can't be read or carries no offset.
        """
        found: list[dt.datetime] = []
        for name in names:
            text = self.text(name)
            if text is None:
                continue
            try:
                moment = dt.datetime.fromisoformat(text)
                if moment.tzinfo is None:
                    raise ValueError("no offset")
                found.append(moment.astimezone(dt.UTC))
            except (ValueError, OverflowError):
                raise MappingError("invalid_value", self.column(name)) from None
        return max(found, default=None)
