"""What every write works with: the tables, the switches, the moment; and the look-up of references."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.afas.messages import Label, Problem
from sandbox.afas.values import local

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sandbox.afas.tables import Row, Tables

ITEM_TYPES = {
    "wst": "1", "art": "2", "txt": "3", "sub": "4", "tsl": "5", "kst": "6", "sam": "7", "crs": "8", "pid": "10",
    "deg": "11", "dim": "14",
}  # fmt: skip
ANY = "*****"
NO_AMOUNT = {"3", "4"}
"""Item types without an amount of their own: text and subtotal."""
FIRST_PARTY, FIRST_DEBTOR, FIRST_CONTACT, FIRST_ADDRESS = 1_000_001, 10_001, 1_001, 1_001


@dataclass(frozen=True, slots=True)
class Work:
    """One body being written.

    Attributes:
        tables: All tables, within a transaction.
        switches: The service's switches.
        now: The instant that created and changed rows get.
        locks: How many more calls a record is locked by a user, by "table|key".
        by_user: A user does it in AFAS itself: what only the connectors refuse is allowed.
    """

    tables: Tables
    switches: Mapping[str, Any]
    now: datetime
    locks: dict[str, int] = field(default_factory=dict)
    by_user: bool = False

    def unlocked(self, table: str, key: int | str) -> None:
        """Refuse a change of a record that a user has open.

        Raises:
            Problem: it is locked; each refusal uses up one call of the lock.
        """
        name = f"{table}|{key}"
        left = 0 if self.by_user else self.locks.get(name, 0)
        if left:
            self.locks[name] = left - 1
            raise Problem("locked")

    def missing(self, thing: Label, label: Label) -> Problem:
        """The refusal of a change of a record that is not there."""
        if self.switches["missing_record"] == "not_found":
            return Problem("not_found", thing=thing)
        return Problem("not_exist", label)

    def taken(self, thing: Label, label: Label) -> Problem:
        """The refusal of a number that another record has."""
        if self.switches["duplicate_key"] == "primary_key":
            return Problem("primary_key", label)
        return Problem("exists", thing=thing)

    @property
    def lenient(self) -> bool:
        """Unknown references are made on the spot."""
        return bool(self.switches["lenient_references"])

    @property
    def today(self) -> Any:
        """The date in Amsterdam."""
        return local(self.now).date()

    def code(self, listed: str, value: str, label: Label) -> str:
        """A code of a list, as it is spelled there.

        Raises:
            Problem: it does not exist.
        """
        row = self.tables.get("codes", code_key(listed, value))
        if row is None and self.lenient:
            row = put_code(self.tables, listed, value)
        if row is None or row["blocked"]:
            raise Problem("not_exist", label)
        return str(row["code"])

    def row(self, table: str, key: int | str, label: Label) -> Row:
        """A row that a value refers to.

        Raises:
            Problem: it does not exist.
        """
        row = self.tables.get(table, key)
        if row is None:
            raise Problem("not_exist", label)
        return row

    def warehouse(self, value: str, label: Label) -> str:
        """A warehouse's code; `*****` is the default one."""
        if value == ANY:
            return next((str(row["code"]) for row in self.tables.all("warehouses") if row["default"]), ANY)
        for row in self.tables.all("warehouses"):
            if row["code"].casefold() == value.casefold() and not row["blocked"]:
                return str(row["code"])
        if self.lenient:
            return value
        raise Problem("not_exist", label)

    def item(self, kind: str, code: str, label: Label) -> Row:
        """An item by type (number or letters) and code, both without case.

        Raises:
            Problem: it does not exist.
        """
        number = item_type(kind)
        row = self.tables.get("items", item_key(number, code))
        if row is None and self.lenient:
            row = put_item(self.tables, self.now, number, code)
        if row is None:
            raise Problem("not_exist", label)
        return row


def item_type(text: str) -> str:
    """The number of an item type that is written as a number or as letters."""
    return ITEM_TYPES.get(text.casefold(), text)


def item_key(kind: str, code: str) -> str:
    """Key of an item."""
    return f"{kind}|{code.casefold()}"


def code_key(listed: str, code: str) -> str:
    """Key of a code in a list."""
    return f"{listed}|{code.casefold()}"


def put_code(tables: Tables, listed: str, code: str, nl: str = "", en: str = "", *, blocked: bool = False) -> Row:
    """Add or replace a code of a list."""
    row = {"list": listed, "code": code, "nl": nl or code, "en": en or nl or code, "blocked": blocked}
    return tables.put("codes", code_key(listed, code), row)


def put_item(
    tables: Tables,
    now: datetime,
    kind: str,
    code: str,
    *,
    description: str = "",
    unit: str = "",
    group: str = "1",
    price: Any = None,
    blocked: bool = False,
    more: Mapping[str, Any] | None = None,
) -> Row:
    """Add or replace an item."""
    known = tables.get("items", item_key(kind, code))
    row = {
        "type": kind,
        "code": code,
        "unit": unit or ("STK" if kind in {"2", "7"} else ANY),
        "f": {"Ds": description or code, "VaRc": group, "SaPrice": price, "Bl": blocked, **(more or {})},
        "stock": None,
        "created": known["created"] if known else now,
        "modified": now,
    }
    return tables.put("items", item_key(kind, code), row)
