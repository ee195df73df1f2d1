"""Kinds of fields: how a value of a record is written, and when it is the same as what the shop shows. Pure.

Money, numbers and texts come as the source has them; the shop shows another form than it takes (reference §6.3), so
both are brought to one normal text before they are compared or hashed.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

MONEY_DECIMALS = Decimal("0.0001")
"""Prices are JSON numbers with up to 4 decimals (recorded)."""

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")
_MOST_DIGITS = 20

_LIKE_AN_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


class Unfit(ValueError):  # noqa: N818 - a verdict on one value
    """A value that the field can't take."""


class _Missing:
    """No value: the field is left out of the write."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()


@dataclass(frozen=True, slots=True)
class By:
    """A reference by natural key: the record whose `field` has this value.

    Attributes:
        field: Field of the referred resource.
        value: Its value, in normal form.
    """

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of values. The base takes anything and compares it as JSON."""

    word = "any"

    def take(self, value: Any) -> Any:
        """The value as it is written; `MISSING` when there is nothing to write.

        Args:
            value: From the record.

        Raises:
            Unfit: It is of another type.
        """
        return MISSING if value is None else value

    def normal(self, value: Any) -> str:
        """The normal form of a value as it is written, or as the client shows it; "" for not set."""
        if value is None or value is False or value == "":
            return ""
        return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """The same with numbers marked and without trailing zeros: 1 and 1.0 are alike, "1" is another value."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float | Decimal):
        return {"number": _digits(Decimal(str(value)))}
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else str(value)


class Loose(Kind):
    """A value of a field that nobody described: compared by what it means, whatever its type.

    A tap makes numbers of numeric text, null of `false` and UTC of the shop's times; none of that is a change.
    """

    def normal(self, value: Any) -> str:
        """See `Kind.normal`."""
        meant = _meant(value)
        return "" if meant is None else json.dumps(meant, sort_keys=True, ensure_ascii=False)


def _meant(value: Any) -> Any:
    if value is None or value is False or value in ("", [], {}):
        return None
    if value is True:
        return True
    if isinstance(value, dict):
        kept = {str(name): _meant(one) for name, one in value.items()}
        return {name: one for name, one in kept.items() if one is not None} or None
    if isinstance(value, list | tuple):
        return [_meant(one) for one in value]
    try:
        return _digits(_decimal(value))
    except Unfit:
        text = str(value)
    if _LIKE_AN_INSTANT.match(text):
        return INSTANT.normal(text)
    return text


class Text(Kind):
    """Text; null is written as empty text. Not set, null and empty are the same."""

    word = "text"

    def take(self, value: Any) -> Any:
        """See `Kind.take`; numbers become text, as a CSV file would have them."""
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise Unfit("text")
        return value if isinstance(value, str) else str(value)

    def normal(self, value: Any) -> str:
        """See `Kind.normal`."""
        return "" if value is None or value is False else str(value)


class Option(Text):
    """Text that is `false` when it is not set (gender, birth date)."""

    word = "text or null"

    def take(self, value: Any) -> Any:
        """See `Kind.take`."""
        return False if value is None or value is False or value == "" else super().take(value)


class Number(Kind):
    """A number, exact."""

    word = "number"

    def take(self, value: Any) -> Any:
        """See `Kind.take`; text with a number in it is a number."""
        if value is None or value == "":
            return MISSING
        if isinstance(value, bool):
            raise Unfit("number")
        number = _decimal(value)
        return value if isinstance(value, int) else number

    def normal(self, value: Any) -> str:
        """See `Kind.normal`."""
        if value is None or value is False or value == "":
            return ""
        try:
            return _digits(self._rounded(_decimal(value)))
        except Unfit:
            return str(value)

    def _rounded(self, value: Decimal) -> Decimal:
        return value


class Money(Number):
    """An amount or price; the shop keeps 4 decimals, more are not compared."""

    word = "money"

    def _rounded(self, value: Decimal) -> Decimal:
        return value.quantize(MONEY_DECIMALS)


class Integer(Number):
    """A whole number."""

    word = "integer"

    def take(self, value: Any) -> Any:
        """See `Kind.take`."""
        taken = super().take(value)
        if isinstance(taken, Decimal):
            if taken != taken.to_integral_value():
                raise Unfit("integer")
            return int(taken)
        return taken


class Boolean(Kind):
    """true or false; also as words or 1 and 0."""

    word = "boolean"

    def take(self, value: Any) -> Any:
        """See `Kind.take`."""
        if value is None or value == "":
            return MISSING
        word = str(value).strip().lower()
        if word in {"true", "1"}:
            return True
        if word in {"false", "0"}:
            return False
        raise Unfit("boolean")

    def normal(self, value: Any) -> str:
        """See `Kind.normal`; not set is not the same as false."""
        if value is None or value == "":
            return ""
        return "true" if str(value).lower() in {"true", "1"} else "false"


class Instant(Kind):
    """A moment with its offset, ISO 8601; one without is taken for UTC."""

    word = "instant"

    def take(self, value: Any) -> Any:
        """See `Kind.take`."""
        if value is None or value == "":
            return MISSING
        try:
            moment = dt.datetime.fromisoformat(str(value))
        except ValueError:
            raise Unfit("instant") from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        return moment.isoformat(timespec="seconds")

    def normal(self, value: Any) -> str:
        """See `Kind.normal`."""
        if not value:
            return ""
        try:
            moment = dt.datetime.fromisoformat(str(value))
        except ValueError:
            return str(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.UTC)
        return moment.astimezone(dt.UTC).isoformat(timespec="seconds")


class Code(Kind):
    """A country or language: shown as an object, written as its two-letter code (reference §6.3)."""

    word = "code"

    def take(self, value: Any) -> Any:
        """See `Kind.take`."""
        code = value.get("code") if isinstance(value, dict) else value
        if code is None or code is False or code == "":
            return False
        if not isinstance(code, str):
            raise Unfit("code")
        return code.strip().lower()

    def normal(self, value: Any) -> str:
        """See `Kind.normal`."""
        code = value.get("code") if isinstance(value, dict) else value
        return str(code).strip().lower() if code else ""


@dataclass(frozen=True, slots=True)
class Ref(Kind):
    """A reference to one record of a resource: shown as `{"id": 5}`, written as a bare number.

    Attributes:
        to: Name of the resource (its stream).
        unset: What is written to clear it. Which of false, null and 0 does that is unknown (reference §6.2).
    """

    to: str = ""
    unset: Any = False

    word = "reference"

    def take(self, value: Any) -> Any:
        """See `Kind.take`; a `By` where the record names a natural key, such as `{"title": "Acme"}`."""
        if isinstance(value, dict):
            value = value.get("resource", value) if isinstance(value.get("resource"), dict) else value
            if value.get("id"):
                value = value["id"]
            else:
                named = {
                    name: one
                    for name, one in value.items()
                    if one not in (None, "", False) and name not in {"id", "url", "link"}
                }
                if not named and set(value) & {"url", "link"}:
                    return MISSING
                if len(named) != 1:
                    raise Unfit("reference")
                ((name, one),) = named.items()
                return By(name, Text().normal(Text().take(one)))
        if value is None or value is False or value == "":
            return self.unset
        if isinstance(value, bool) or not str(value).strip().isdigit():
            raise Unfit("reference")
        return int(value) or self.unset

    def normal(self, value: Any) -> str:
        """See `Kind.normal`."""
        identity = value.get("id") if isinstance(value, dict) else value
        return str(identity) if identity else ""


def _decimal(value: Any) -> Decimal:
    """An exact number.

    Raises:
        Unfit: It is none, or far beyond any field of a shop.
    """
    text = str(value).strip()
    if not _NUMBER.fullmatch(text):
        raise Unfit("number")
    number = Decimal(text)
    if number and (abs(number.adjusted()) > _MOST_DIGITS or len(number.as_tuple().digits) > _MOST_DIGITS):
        raise Unfit("number")
    return number


def _digits(value: Decimal) -> str:
    text = format(value.normalize(), "f")
    return "0" if text == "-0" else text


ANY, LOOSE, TEXT, OPTION, NUMBER, MONEY, INTEGER, BOOLEAN, INSTANT, CODE = (
    Kind(),
    Loose(),
    Text(),
    Option(),
    Number(),
    Money(),
    Integer(),
    Boolean(),
    Instant(),
    Code(),
)


@dataclass(frozen=True, slots=True)
class Field:
    """A writable field of a resource.

    Attributes:
        name: As the API writes it.
        kind: What values it takes.
        local: Language-dependent: written through each language's address.
        only_create: Taken at create, never changed later.
        hidden: The shop never shows it (a password), so only the store knows what was written.
        shown: Name under which the shop shows it, where that is another one.
        personal: Its value is personal data.
    """

    name: str
    kind: Kind = TEXT
    local: bool = False
    only_create: bool = False
    hidden: bool = False
    shown: str = ""
    personal: bool = False

    @property
    def read(self) -> str:
        """Name in what the shop shows."""
        return self.shown or self.name

    def of(self, row: Mapping[str, Any]) -> str | None:
        """Normal form of what the shop shows; None when it doesn't show the field."""
        if self.hidden or self.read not in row:
            return None
        return self.kind.normal(row[self.read])
