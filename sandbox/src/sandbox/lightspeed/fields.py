"""Kinds of fields: how each is stored, shown, taken from a write and read back from a recording.

Records are stored sparse, under the API's field names: instants as datetime, references as ids, language-dependent
texts as one dict per field, everything else as it is shown. A field that is missing has its default.
"""

# ruff: noqa: ARG002 - the kinds of fields share one signature
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from sandbox.lightspeed import world
from sandbox.lightspeed.errors import INVALID, ApiError

Record = dict[str, Any]
_LARGEST = 10**15
"""Numbers of this size and above are refused; where the real bound lies is unknown."""


class View(Protocol):
    """From where a record is looked at."""

    @property
    def language(self) -> str:
        """The language of the call."""
        ...

    @property
    def default_language(self) -> str:
        """The shop's default language."""
        ...

    @property
    def untranslated(self) -> str:
        """The switch of that name."""
        ...

    def instant(self, moment: datetime) -> str:
        """A moment in the shop's notation."""
        ...

    def link(self, url: str) -> str:
        """The absolute address of a relative one."""
        ...


def reference(identity: Any, url: str, view: View) -> dict[str, Any]:
    """The three-key reference object."""
    return {"resource": {"id": identity, "url": url, "link": view.link(url)}}


def resource_id(value: Any) -> int | None:
    """The id in a reference as it is read (`{"resource": {...}}`) or written (a number); None for not set.

    Raises:
        ApiError: 400, it is neither.
    """
    if isinstance(value, Mapping):
        inner = value.get("resource", value)
        value = inner.get("id") if isinstance(inner, Mapping) else None
    if value in (None, False, 0, "", "0", "false"):
        return None
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise ApiError(400, INVALID) from None
    if not 0 <= number < _LARGEST:
        raise ApiError(400, INVALID)
    return number


def written_id(value: Any) -> int | None:
    """The id in a reference as it is written: a bare number (or its text); None clears it.

    Raises:
        ApiError: 400, anything else, also the object that a read shows.
    """
    if value is True or isinstance(value, (Mapping, list)):
        raise ApiError(400, INVALID)
    return resource_id(value)


@dataclass(frozen=True, slots=True)
class Field:
    """A value shown as it is stored.

    Attributes:
        name: The API's name.
        default: Shown when the record has none.
        write: r read only, rw, c only at create, w write only.
    """

    name: str
    default: Any = None
    write: str = "r"

    def show(self, record: Record, view: View) -> Any:
        """The value in an answer."""
        return record.get(self.name, self.default)

    def load(self, value: Any, record: Record) -> None:
        """Store a value that an answer showed."""
        record[self.name] = value

    def take(self, value: Any, record: Record, language: str) -> None:
        """Store a value from a write.

        Raises:
            ApiError: 400, the value is of the wrong type.
        """
        record[self.name] = value


class Bool(Field):
    """true or false; form encoding sends words."""

    def take(self, value: Any, record: Record, language: str) -> None:
        """See `Field.take`."""
        word = str(value).strip().lower()
        if word not in {"true", "false", "1", "0"}:
            raise ApiError(400, INVALID)
        record[self.name] = word in {"true", "1"}


class Number(Field):
    """A number; form encoding sends texts."""

    def take(self, value: Any, record: Record, language: str) -> None:
        """See `Field.take`."""
        if isinstance(value, bool):
            raise ApiError(400, INVALID)
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            raise ApiError(400, INVALID) from None
        if not number.is_finite() or number.adjusted() > 14:
            raise ApiError(400, INVALID)
        record[self.name] = int(number) if number == number.to_integral_value() else number


class Whole(Number):
    """A number without a fraction (that a fraction is refused is assumed)."""

    def take(self, value: Any, record: Record, language: str) -> None:
        """See `Field.take`."""
        Number.take(self, value, record, language)
        if not isinstance(record[self.name], int):
            raise ApiError(400, INVALID)


class Words(Field):
    """A text; null, false and a left-out value become the default."""

    def take(self, value: Any, record: Record, language: str) -> None:
        """See `Field.take`."""
        if value is True or isinstance(value, (dict, list)):
            raise ApiError(400, INVALID)
        if value is None or value is False:
            record.pop(self.name, None)
        else:
            record[self.name] = str(value)


@dataclass(frozen=True, slots=True)
class Choice(Words):
    """A text out of a list."""

    values: tuple[str, ...] = ()

    def take(self, value: Any, record: Record, language: str) -> None:
        """See `Field.take`."""
        if value not in self.values:
            raise ApiError(400, INVALID)
        record[self.name] = value


class Text(Field):
    """A language-dependent text, stored per language."""

    def show(self, record: Record, view: View) -> Any:
        """The language's text, else the default language's (or nothing, by switch)."""
        texts = record.get(self.name)
        if texts is None:
            return self.default
        if not isinstance(texts, dict):
            return texts
        if view.language in texts:
            return texts[view.language]
        if view.untranslated == "empty":
            return self.default
        return texts.get(view.default_language, self.default)

    def take(self, value: Any, record: Record, language: str) -> None:
        """See `Field.take`."""
        if value is True or isinstance(value, (dict, list)):
            raise ApiError(400, INVALID)
        texts = record.get(self.name)
        kept = dict(texts) if isinstance(texts, dict) else {}
        record[self.name] = {**kept, language: "" if value is None or value is False else str(value)}


class Instant(Field):
    """A moment, in the shop's offset."""

    def show(self, record: Record, view: View) -> Any:
        """See `Field.show`."""
        moment = record.get(self.name, self.default)
        return view.instant(moment) if isinstance(moment, datetime) else moment

    def load(self, value: Any, record: Record) -> None:
        """See `Field.load`."""
        record[self.name] = datetime.fromisoformat(value) if isinstance(value, str) and value else value

    def take(self, value: Any, record: Record, language: str) -> None:
        """See `Field.take`. A moment without offset is UTC."""
        if value in (None, False, ""):
            record.pop(self.name, None)
            return
        try:
            moment = datetime.fromisoformat(str(value))
            aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
            record[self.name] = aware.astimezone(UTC).replace(microsecond=0)
        except (ValueError, OverflowError):
            raise ApiError(400, INVALID) from None
        if not 1900 <= record[self.name].year < 9999:
            raise ApiError(400, INVALID)


class Country(Field):
    """A country: an object when read, a two-letter code when written."""

    def take(self, value: Any, record: Record, language: str) -> None:
        """See `Field.take`."""
        code = value.get("code") if isinstance(value, Mapping) else value
        if code in (None, False, ""):
            record[self.name] = False
            return
        found = world.country(str(code))
        if found is None:
            raise ApiError(400, INVALID)
        record[self.name] = found


class Language(Field):
    """A language: an object when read, a two-letter code when written."""

    def take(self, value: Any, record: Record, language: str) -> None:
        """See `Field.take`."""
        code = value.get("code") if isinstance(value, Mapping) else value
        if code in (None, False, ""):
            record[self.name] = False
            return
        found = world.LANGUAGES.get(str(code).lower())
        if found is None:
            raise ApiError(400, INVALID)
        record[self.name] = found


@dataclass(frozen=True, slots=True)
class Ref(Field):
    """A to-one reference: `{"resource": ...}` or false when read, a number when written.

    Attributes:
        target: Path of the resource it points to.
    """

    target: str = ""
    default: Any = False

    def show(self, record: Record, view: View) -> Any:
        """See `Field.show`."""
        identity = record.get(self.name)
        if identity is None or identity is False:
            return False
        return reference(identity, f"{self.target}/{identity}", view)

    def load(self, value: Any, record: Record) -> None:
        """See `Field.load`."""
        record[self.name] = resource_id(value)

    def take(self, value: Any, record: Record, language: str) -> None:
        """See `Field.take`."""
        record[self.name] = written_id(value)


@dataclass(frozen=True, slots=True)
class Plain(Field):
    """A reference that is a bare number both ways (quantity discounts, returns)."""

    def take(self, value: Any, record: Record, language: str) -> None:
        """See `Field.take`."""
        record[self.name] = written_id(value) or 0


@dataclass(frozen=True, slots=True)
class Many(Field):
    """A to-many reference: never stored, its address is made from the record.

    Attributes:
        url: Template, for instance "invoices?order={id}" or "orders/{id}/products".
    """

    url: str = ""

    def show(self, record: Record, view: View) -> Any:
        """See `Field.show`. A record that was loaded with `false` here keeps it."""
        if record.get(self.name) is False:
            return False
        return reference(False, self.url.format(id=record["id"]), view)

    def load(self, value: Any, record: Record) -> None:
        """See `Field.load`."""
        if value is False:
            record[self.name] = False


class Map(Field):
    """A map or a list as it is; an empty map is shown as [] (PHP has one empty array)."""

    def show(self, record: Record, view: View) -> Any:
        """See `Field.show`."""
        return record.get(self.name) or []


@dataclass(frozen=True, slots=True)
class Alias(Field):
    """Write only: another name for a stored field (`customStatus` sets `customStatusId`)."""

    target: str = ""
    write: str = "w"

    def take(self, value: Any, record: Record, language: str) -> None:
        """See `Field.take`."""
        record[self.target] = written_id(value)
