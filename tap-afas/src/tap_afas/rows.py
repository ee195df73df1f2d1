"""Rows of a page as records: from AFAS's bytes to a line of JSON, by the shortest way that checks every type.

A row is decoded into a structure made for its connector, so that types are checked as it is read. A row that doesn't
fit (AFAS's metainfo and its rows sometimes differ) takes a slower way that saves what it can and says so once.
"""

from __future__ import annotations

import logging
import re
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

from tap_afas.localtime import FORMS, has_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tap_afas.definition import Definition

logger = logging.getLogger("tap-afas")

_TYPES: dict[str, Any] = {"int": int, "decimal": Decimal, "boolean": bool}
_ESCAPED = re.compile(r'["\\\x00-\x1f]')
_EXTRA = "//extra"
_MOST_DATES = 2_000
_YES, _NO = {"true", "1", "ja", "yes"}, {"false", "0", "nee", "no"}

encoder = msgspec.json.Encoder(decimal_format="number")
"""Writes values exactly: numbers keep their digits."""
_loose = msgspec.json.Decoder(float_hook=Decimal)


class Page(msgspec.Struct):
    """An answer of a GetConnector, its rows not yet read.

    Attributes:
        rows: Each a JSON object.
        take: How many rows AFAS says that it was asked for.
        size: Bytes of the answer.
    """

    rows: list[msgspec.Raw]
    take: int | None = None
    size: int = 0


_pages = msgspec.json.Decoder(Page)


def parse_page(content: bytes) -> Page:
    """Read an answer.

    Raises:
        ValueError: It is cut off, or not an answer with rows.
    """
    # A line of output may hold no line break, and old versions of Profit print some.
    page = _pages.decode(msgspec.json.format(content, indent=-1) if b"\n" in content or b"\r" in content else content)
    page.size = len(content)
    return page


class Codec:
    """Reads and writes the rows of one connector.

    Args:
        definition: The connector.
        keys: The key fields in force.
        changed: The fields that tell of changes.
    """

    def __init__(self, definition: Definition, keys: Sequence[str], changed: Sequence[str]) -> None:
        self._name = definition.name
        # A name that must be escaped in JSON can't be in a structure; such a field is passed on as one not in metainfo.
        fields = [one for one in definition.fields if not _ESCAPED.search(one.id)]
        self._fields = {one.id: one for one in fields}
        self._attributes = {one.id: f"f{at}" for at, one in enumerate(fields)}
        struct = msgspec.defstruct(
            "Row",
            [
                *((self._attributes[one.id], _TYPES.get(one.data_type, str) | None) for one in fields),
                ("extra", dict[str, Any] | None, None),
            ],
            rename={name: one for one, name in self._attributes.items()} | {"extra": _EXTRA},
            omit_defaults=True,
            forbid_unknown_fields=True,
            gc=False,
        )
        self._struct: Callable[..., Any] = struct
        self._decode = msgspec.json.Decoder(struct).decode
        self.key = self._getter(keys)
        self.changes = self._getter(changed)
        self._dates: list[tuple[str, dict[str, str | None], Callable[[str], str], str, bool]] = [
            (self._attributes[one.id], {}, FORMS[form][0], one.id, form == "date")
            for one in fields
            if one.data_type == "date"
            for form in (definition.date_form(one),)
        ]
        self._told: set[str] = set()

    def read(self, raw: Any) -> Any:
        """A row, its times still AFAS's local ones."""
        try:
            return self._decode(raw)
        except msgspec.DecodeError:
            return self._slowly(raw)

    def value(self, row: Any, field: str) -> Any:
        """A field of a row."""
        return getattr(row, self._attributes[field])

    def write(self, row: Any) -> bytes:
        """A row as a JSON object, its times UTC. The row is used up."""
        for attribute, known, form, field, whole_days in self._dates:
            text = getattr(row, attribute)
            if text is not None:
                if text not in known:
                    self._learn(text, known, form, field, whole_days=whole_days)
                setattr(row, attribute, known[text])
        extra = row.extra
        if extra is None:
            return encoder.encode(row)
        row.extra = None
        return encoder.encode(row)[:-1] + b"," + encoder.encode(extra)[1:]

    def form(self, field: str, value: Any) -> Any:
        """A single value in the form in which records have it."""
        for _, _, form, name, _ in self._dates:
            if name == field and isinstance(value, str):
                return form(value)
        return value

    def _learn(
        self, text: str, known: dict[str, str | None], form: Callable[[str], str], field: str, *, whole_days: bool
    ) -> None:
        """Put a date's form among those known; most dates come many times."""
        if len(known) >= _MOST_DATES:
            known.clear()
        try:
            known[text] = form(text)
        except ValueError:
            self._tell(field, "a value is no date; it is left out")
            known[text] = None
        else:
            if whole_days and has_time(text):
                self._tell(field, "has times of day, which `date` cuts off; set it to `moment`")

    def _getter(self, fields: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
        names = [self._attributes[one] for one in fields]
        if not names:
            return lambda _: ()
        get = attrgetter(*names)
        return get if len(names) > 1 else lambda row: (get(row),)

    def _slowly(self, raw: Any) -> Any:
        """Read a row that isn't as metainfo says."""
        given = _loose.decode(raw)
        values = []
        for one, field in self._fields.items():
            value = given.pop(one, None)
            if value is not None:
                fitting = _fitted(value, field.data_type)
                if fitting is None:
                    self._tell(one, f"a value is not of type {field.data_type}, as metainfo says; it is left out")
                value = fitting
            values.append(value)
        for one in given:
            self._tell(one, "is not in metainfo; it is passed on as it is")
        return self._struct(*values, given or None)

    def _tell(self, field: str, text: str) -> None:
        if field not in self._told:
            self._told.add(field)
            logger.warning("stream %s, field %s: %s", self._name, field, text)


def _fitted(value: Any, kind: str) -> Any:
    """A value as its type; None when it can't be one."""
    try:
        match kind:
            case "int":
                number = None if isinstance(value, bool) else Decimal(value)
                return int(number) if number is not None and number == int(number) else None
            case "decimal":
                return None if isinstance(value, bool) else Decimal(value)
            case "boolean":
                word = str(value).strip().lower()
                return True if word in _YES else False if word in _NO else None
    except (InvalidOperation, TypeError, ValueError, OverflowError):
        return None
    if isinstance(value, str):
        return value
    return encoder.encode(value).decode() if not isinstance(value, Decimal) else f"{value:f}"
