"""A record checked against the live metainfo of its UpdateConnector, and turned into what is written. Pure.

All that is wrong is collected. A problem names the field by its id and its label, and says what is wrong in numbers and
rules: never a value.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from target_afas.raw.facts import ELEMENT_KEYS, MINIMUM
from target_afas.raw.values import Unfit, convert, plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from afas_profit import UpdateField, UpdateObject, Value

T = TypeVar("T")
RowAction = Literal["insert", "update", "delete"]
_ACTIONS: Mapping[str, RowAction] = {"insert": "insert", "update": "update", "delete": "delete"}
_KEY_PREFIXES = ("_key_", "@")
_ACTION_NAMES = frozenset({"_action", "@action"})
_NAME = re.compile(r"[\w@.\- ]{1,60}")
SHOWN = 8
"""Most problems that one line names."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a record.

    Attributes:
        path: Field id; below an object ``FbSalesLines[2].QuUn``.
        label: The field's label in the client's language, or "".
        text: What is wrong.
    """

    path: str
    label: str
    text: str

    def __str__(self) -> str:
        shown = f" ({self.label})" if self.label else ""
        return f"field '{self.path}'{shown}: {self.text}"


@dataclass(frozen=True, slots=True)
class Row:
    """One element of a body. ``single``: the record gave an object, not a list."""

    fields: Mapping[str, Value] = field(default_factory=dict)
    keys: Mapping[str, Value] = field(default_factory=dict)
    objects: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    action: RowAction | None = None
    single: bool = True

    def get(self, code: str) -> Value:
        """The value of a field or key, or None."""
        return self.fields.get(code, self.keys.get(code))

    def with_values(self, fields: Mapping[str, Value]) -> Row:
        """The same with other fields."""
        return replace(self, fields=fields)


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check of a record gave: `missing` counts when it is inserted, `problems` always."""

    row: Row
    problems: Sequence[Problem]
    missing: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class _Findings:
    problems: list[Problem]
    missing: list[Problem]


def line(connector: str, problems: Sequence[Problem]) -> str:
    """All problems of a record in one line."""
    shown = [str(one) for one in problems[:SHOWN]]
    if len(problems) > SHOWN:
        shown.append(f"and {len(problems) - SHOWN} more")
    return f"{connector}: {'; '.join(shown)}"


class Checker:
    """Checks records of one stream.

    Args:
        info: The live metainfo of the UpdateConnector.
        root: Name of its root object.
        ignore: Fields of the record that are not for AFAS.
        unchecked: Fields whose value list and presence are left to AFAS.
    """

    def __init__(
        self, info: UpdateObject, root: str, *, ignore: AbstractSet[str] = frozenset(), unchecked: Sequence[str] = ()
    ) -> None:
        self.info, self.root = info, root
        self._ignore = {name.casefold() for name in ignore}
        self._unchecked = {name.casefold() for name in unchecked}
        self._names: dict[int, tuple[dict[str, UpdateField], dict[str, UpdateObject]]] = {}

    def check(self, record: Mapping[str, Any]) -> Checked:
        """Check a record.

        Args:
            record: Field ids and sub-objects, in any case.

        Returns:
            The row to write, and everything that is wrong.
        """
        found = _Findings([], [])
        kept = {
            name: value
            for name, value in record.items()
            if not name.startswith("_sdc_") and name.casefold() not in self._ignore
        }
        row = self._row(self.info, self.root, kept, "", found)
        return Checked(row, found.problems, found.missing)

    def field(self, name: str) -> UpdateField | None:
        """A field of the root object by its id, in any case."""
        return _found(name, self._lookup(self.info)[0])

    def _lookup(self, info: UpdateObject) -> tuple[dict[str, UpdateField], dict[str, UpdateObject]]:
        known = self._names.get(id(info))
        if known is None:
            fields = {one.field_id: one for one in info.fields}
            objects = {one.name: one for one in info.objects}
            known = self._names[id(info)] = (_any_case(fields), _any_case(objects))
        return known

    def _row(
        self,
        info: UpdateObject,
        name: str,
        record: Mapping[str, Any],
        path: str,
        found: _Findings,
        *,
        single: bool = True,
        inserting: bool = True,
        told: bool = False,
    ) -> Row:
        """One element. ``told``: a row above it says that it is inserted, so what it lacks counts in every case."""
        fields_by_name, objects_by_name = self._lookup(info)
        fields: dict[str, Value] = {}
        keys: dict[str, Value] = {}
        objects: dict[str, Sequence[Row]] = {}
        bad: set[str] = set()
        action: RowAction | None = None
        element_keys = ELEMENT_KEYS.get(name, frozenset())
        for given, value in record.items():
            if path and given.casefold() in _ACTION_NAMES:
                action = _ACTIONS.get(str(value or "").casefold())
                if action is None and value not in (None, ""):
                    found.problems.append(Problem(f"{path}{given}", "", "not insert, update or delete"))
        inserting = inserting and action in {None, "insert"}
        told = inserting and (told or action == "insert")
        for given, value in record.items():
            if path and (given.casefold() in _ACTION_NAMES or given.startswith("_sdc_")):
                continue
            code, as_key = _key_name(given)
            below = None if as_key else _found(code, objects_by_name)
            known = _found(code, fields_by_name)
            if below is not None and (known is None or isinstance(value, dict | list)):
                rows = self._objects(below, value, path, found, inserting=inserting, told=told)
                if rows and below.name in objects:
                    found.problems.append(Problem(f"{path}{below.name}", "", "given twice"))
                elif rows:
                    objects[below.name] = rows
                continue
            if known is None and code in element_keys:
                keys[code] = plain_text(value) or None  # a key that this version's metainfo does not list
                continue
            if known is None:
                found.problems.append(self._unknown(info, given, path))
                continue
            id_ = known.field_id
            if id_ in fields or id_ in keys or id_ in bad:
                found.problems.append(Problem(f"{path}{id_}", known.label, "given twice"))
                continue
            try:
                plain = convert(known, value, listed=id_.casefold() not in self._unchecked)
            except Unfit as unfit:
                bad.add(id_)
                found.problems.append(Problem(f"{path}{id_}", known.label, str(unfit)))
                continue
            (keys if as_key or id_ in element_keys else fields)[id_] = plain
        row = Row(fields, keys, objects, action, single)
        if inserting:
            (found.problems if told else found.missing).extend(self._missing(info, name, row, bad, path))
        return row

    def _objects(
        self,
        info: UpdateObject,
        value: Any,
        path: str,
        found: _Findings,
        *,
        inserting: bool,
        told: bool,
    ) -> list[Row]:
        """The rows of a sub-object: a list, one object, or either as JSON text (as CSV has it)."""
        here = f"{path}{info.name}"
        if isinstance(value, str) and value.strip():
            try:
                value = json.loads(value, parse_float=Decimal)
            except (ValueError, RecursionError):
                found.problems.append(Problem(here, "", "a list of rows is wanted (or its JSON)"))
                return []
        if value in (None, "", [], {}):
            return []
        single = isinstance(value, dict)
        rows = []
        for number, one in enumerate([value] if single else value if isinstance(value, list) else [None], 1):
            where = here if single else f"{here}[{number}]"
            if not isinstance(one, dict):
                found.problems.append(Problem(where, "", "a row is an object of field ids and values"))
                continue
            below = self._row(info, info.name, one, f"{where}.", found, single=single, inserting=inserting, told=told)
            rows.append(below)
        return rows

    def _missing(self, info: UpdateObject, name: str, row: Row, bad: set[str], path: str) -> list[Problem]:
        fields, _ = self._lookup(info)
        given = {code: plain_text(value) for code, value in {**row.keys, **row.fields}.items() if value is not None}
        found = []
        for need in MINIMUM.get(name, ()):
            # A field that this environment does not have can't be asked for.
            known = [one for one in (_found(code, fields) for code in need.codes) if one is not None]
            codes = {one.field_id for one in known}
            left_to_afas = codes & bad or {code.casefold() for code in codes} & self._unchecked
            if not known or left_to_afas or codes & given.keys() or not need.when(given):
                continue
            others = "".join(f", or '{one.field_id}'" for one in known[1:])
            found.append(Problem(f"{path}{known[0].field_id}", known[0].label, f"a value is needed{others}"))
        return found

    def _unknown(self, info: UpdateObject, given: str, path: str) -> Problem:
        shown = given if _NAME.fullmatch(given) else "(a name of another kind)"
        same = [one.field_id for one in info.fields if one.label and one.label.casefold() == given.casefold()]
        hint = f"; '{same[0]}' has that label" if same else ""
        return Problem(f"{path}{shown}", "", f"unknown to {info.name or self.root}{hint}")


def _key_name(given: str) -> tuple[str, bool]:
    """``_key_DbId`` and ``@DbId`` are the element's key DbId."""
    for prefix in _KEY_PREFIXES:
        if given.startswith(prefix) and len(given) > len(prefix):
            return given[len(prefix) :], True
    return given, False


def _any_case(known: Mapping[str, T]) -> dict[str, T]:
    """By exact name and, where only one has it, by the name in lower case."""
    lower: dict[str, list[T]] = {}
    for name, one in known.items():
        lower.setdefault(name.casefold(), []).append(one)
    return {**{name: ones[0] for name, ones in lower.items() if len(ones) == 1}, **known}


def _found(name: str, known: Mapping[str, T]) -> T | None:
    return known.get(name) or known.get(name.casefold())
