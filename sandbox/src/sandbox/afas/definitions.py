"""What a GetConnector is: a name, a row source, and fields with labels, types and the column each one shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.afas.messages import Label
from sandbox.afas.values import local, plain_number

if TYPE_CHECKING:
    from sandbox.afas.tables import Key, Reader, Row

Columns = Mapping[str, Mapping[str, Any] | None]
"""What a source gives for one row: named parts ("doc", "line", "debtor") with their columns; None: no such part."""

DATA_TYPES = {"s": "string", "i": "int", "n": "decimal", "b": "boolean", "d": "date", "f": "blob"}
REMARK, LOOKUP, FREE_TEXT = 23, 5, 1


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a GetConnector.

    Attributes:
        id: Key in the rows, name in filters and sorts.
        kind: s text, i whole number, n decimal, b boolean, d date or date-time, f long text.
        label: Its name in both languages.
        column: "part.column" of the source; "" shows nothing (always null).
        length: Most characters or digits.
        decimals: Scale.
        lookup: A reference code rather than free text.
    """

    id: str
    kind: str
    label: Label
    column: str = ""
    length: int = 0
    decimals: int = 0
    lookup: bool = False

    def metainfo(self, number: int, language: str) -> dict[str, Any]:
        """As GET metainfo/get shows it; `number` counts from 1."""
        control = REMARK if self.kind == "f" else LOOKUP if self.lookup else FREE_TEXT
        return {
            "id": self.id,
            "fieldId": f"U{number:03d}",
            "dataType": DATA_TYPES[self.kind],
            "label": self.label.of(language),
            "length": self.length,
            "controlType": control,
            "decimals": self.decimals,
            "decimalsFieldId": "",
        }


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from.

    Attributes:
        base: The table whose rows it begins with.
        expand: The columns of each row that one row of the base table gives, in a language.
        depends: For other tables that it shows: which keys of the base table a changed row touches.
        by_language: Whether values depend on the language.
    """

    base: str
    expand: Callable[[Reader, Row, str], Iterable[Columns]]
    depends: Mapping[str, Callable[[Reader, Row], Iterable[Key]]]
    by_language: bool = False


@dataclass(frozen=True, slots=True)
class Connector:
    """A GetConnector."""

    name: str
    description: Label
    source: str
    fields: tuple[Field, ...]
    blocked: bool = False

    def metainfo(self, language: str) -> dict[str, Any]:
        """The answer of GET metainfo/get."""
        return {
            "name": self.name,
            "description": self.description.of(language),
            "fields": [field.metainfo(at, language) for at, field in enumerate(self.fields, 1)],
        }

    def reader(self) -> Callable[[Columns], tuple[Any, ...]]:
        """A function from the columns of a row to its values, in the order of the fields."""
        steps = [(*field.column.partition(".")[::2], _CONVERSIONS[field.kind]) for field in self.fields]

        def values(columns: Columns) -> tuple[Any, ...]:
            found = []
            for part, name, convert in steps:
                row = columns.get(part)
                value = row.get(name) if row else None
                found.append(None if value is None else convert(value))
            return tuple(found)

        return values


def _text(value: Any) -> str:
    if type(value) is str:
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    return plain_number(value) if isinstance(value, Decimal) else str(value)


def as_moment(value: date | datetime) -> datetime:
    """A date or instant as a read connector holds it: Amsterdam wall time; a date is its midnight."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time())
    return local(value) if value.tzinfo else value


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "s": _text, "f": _text, "d": as_moment, "n": Decimal, "b": bool, "i": int,
}  # fmt: skip


def table(text: str) -> tuple[Field, ...]:
    """Fields from lines of `id | type | column | Dutch label | English label`.

    A type is a letter, a length and optionally decimals: `s12`, `n26,10`, `i`, `b`, `d`, `f`; `!` before it: a lookup.
    """
    fields = []
    for row in text.strip().splitlines():
        name, kind, column, nl, en = (cell.strip() for cell in row.split("|"))
        lookup, kind = kind.startswith("!"), kind.removeprefix("!")
        length, _, decimals = kind[1:].partition(",")
        fields.append(Field(name, kind[0], Label(nl, en), column, int(length or 0), int(decimals or 0), lookup))
    return tuple(fields)
