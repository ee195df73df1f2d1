"""Where records without logic of their own are kept: a common table, or the items and projects that orders name."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.afas.kinds import Kind, home
from sandbox.afas.values import plain_number
from sandbox.afas.work import item_key, item_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.afas.tables import Row
    from sandbox.afas.work import Work

_ITEM_TYPES = {"FbItemArticle": "2", "FbComposition": "7"}
_NO_FIELDS = {"AuId"}


def part(value: Any, *, fold: bool = True) -> str:
    """A key's value as text; keys are compared without case."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    text = str(value)
    return text.casefold() if fold else text


def folded(code: str, text: str) -> str:
    """A key's text as a path has it, to be compared with `part`."""
    return item_type(text) if code == "VaIt" else text.casefold()


def series(kind: Kind) -> str:
    """Name of the numbers that its records get."""
    return home(kind.connector.id)


def key_of(kind: Kind, row: Row) -> str:
    """Key of a record in its table."""
    return _key(kind, row["f"]) if kind.key else f"{home(kind.connector.id)}|{row['number']}"


def _key(kind: Kind, f: Mapping[str, Any]) -> str:
    values = [part(f.get(code)) for code in kind.key]
    if kind.table == "items":
        return item_key(_ITEM_TYPES[kind.connector.id], values[0])
    return values[0] if kind.table == "projects" else "|".join([home(kind.connector.id), *values])


def get(work: Work, kind: Kind, f: Mapping[str, Any]) -> Row | None:
    """The record with the key that these fields hold, or None."""
    row = work.tables.get(kind.table, _key(kind, f))
    return None if row is None else _shown(kind, row)


def every(work: Work, kind: Kind) -> Iterable[Row]:
    """All records of a connector."""
    if kind.table == "records":
        return work.tables.find("records", "connector", home(kind.connector.id))
    rows = work.tables.all(kind.table)
    wanted = _ITEM_TYPES.get(kind.connector.id)
    return [_shown(kind, row) for row in rows if wanted is None or row["type"] == wanted]


def put(work: Work, kind: Kind, row: Row) -> None:
    """Add or replace a record."""
    key = key_of(kind, row)
    known = work.tables.get(kind.table, key)
    f = row["f"]
    if kind.table == "records":
        work.tables.put("records", key, row | {"connector": home(kind.connector.id)})
        return
    kept = {"rows": row["rows"], "created": row["created"], "modified": row["modified"]}
    if kind.table == "projects":
        shown = {"code": f["PrId"], "nl": f.get("Ds") or f["PrId"], "unit": f.get("UnId") or 1, "group": f.get("PrGp")}
        closed = bool(known and known["closed"])
        work.tables.put("projects", key, {**(known or {}), **shown, "closed": closed, "f": f, **kept})
        return
    new = {code: value for code, value in f.items() if code not in {"ItCd", "BiUn", *_NO_FIELDS}}
    start = {"Ds": f["ItCd"], "SaPrice": None, "Bl": False}
    item = {"type": _ITEM_TYPES[kind.connector.id], "code": f["ItCd"], "unit": f.get("BiUn") or "STK"}
    stock = known["stock"] if known else Decimal(0) if f.get("BiSt") else None
    work.tables.put("items", key, {**item, "f": {**start, **new}, "stock": stock, **kept})


def drop(work: Work, kind: Kind, row: Row) -> None:
    """Delete a record."""
    work.tables.delete(kind.table, key_of(kind, row))


def _shown(kind: Kind, row: Row) -> Row:
    """A row of any table as a record."""
    if kind.table == "records":
        return row
    f = row.get("f", {})
    if kind.table == "projects":
        f = {"PrId": row["code"], "Ds": row["nl"], "PrGp": row["group"], "UnId": row["unit"], **f}
    else:
        f = {"ItCd": row["code"], "BiUn": row["unit"], **f}
    kept = {name: row[name] for name in ("created", "modified")}
    return {"connector": kind.connector.id, "number": row["code"], "f": f, "rows": row.get("rows", {}), **kept}
