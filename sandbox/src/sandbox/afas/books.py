"""The books: what the merchant would find in AFAS, every document and customer with its whole history."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sandbox.afas.sources import full_name
from sandbox.afas.tables import SEED

if TYPE_CHECKING:
    from sandbox.afas.tables import Row, Tables

_KINDS = {
    "orders": "orders",
    "quotations": "quotations",
    "delivery_notes": "delivery_notes",
    "direct_invoices": "direct_invoices",
}
_WITH_HISTORY = {"debtors", "parties", "contacts", "records"}
_ADDRESS = ("StAd", "Ad", "HmNr", "HmAd", "ZpCd", "Rs", "CoId", "AdAd", "PbAd")


def books(tables: Tables) -> dict[str, Any]:
    """Everything, JSON-able but for Decimal and datetime.

    `orders`, the other documents and `records` hold deleted ones too (`deleted` true, as they last were). `records` are
    what was written through UpdateConnectors without logic of their own (the seed's only once they changed); articles
    are under `items`.
    `inserts_per_reference` counts how often an order or direct invoice with a reference was ever inserted, deleted ones
    included.
    """
    history, last, inserts = _history(tables)
    answer: dict[str, Any] = {
        name: [
            _document(row, history[table, number], tables.get(table, number) is None)
            for (kind, number), row in last.items()
            if kind == table
        ]
        for table, name in _KINDS.items()
    }
    return answer | {
        "relations": [_relation(tables, row, history) for row in tables.all("debtors")],
        "parties": [_party(tables, row, history) for row in tables.all("parties")],
        "items": [_plain({"type": row["type"], "item": row["code"], **row["f"]}) for row in tables.all("items")],
        "records": [
            _record(row, history[table, key], tables.get(table, key) is None)
            for (table, key), row in last.items()
            if table == "records"
        ],
        "inserts_per_reference": dict(sorted(inserts.items())),
    }


def _history(tables: Tables) -> tuple[dict[tuple[str, Any], list[Row]], dict[tuple[str, Any], Row], Counter[str]]:
    history: dict[tuple[str, Any], list[Row]] = {}
    last: dict[tuple[str, Any], Row] = {}
    inserts: Counter[str] = Counter()
    for entry in tables.log:
        if entry.table not in _KINDS and entry.table not in _WITH_HISTORY:
            continue
        if entry.table == "records" and entry.call == SEED:
            continue
        what = "created" if entry.old is None else "deleted" if entry.new is None else "changed"
        events = history.setdefault((entry.table, entry.key), [])
        events.append({"at": entry.at, "what": what, "by": entry.call})
        if entry.table == "records":
            last[entry.table, entry.key] = entry.new or entry.old or {}
        if entry.table in _KINDS:
            row = entry.new or entry.old or {}
            last[entry.table, entry.key] = row
            events[-1] |= {"status": row["status"], "incl": row["incl"], "lines": len(row["lines"])}
            reference = row["f"].get("RfCs")
            if what == "created" and entry.table in {"orders", "direct_invoices"} and reference:
                inserts[reference] += 1
    return history, last, inserts


def _document(row: Row, events: list[Row], deleted: bool) -> Row:
    f = row["f"]
    return {
        "number": row["number"],
        "kind": row["kind"],
        "reference": f.get("RfCs"),
        "debtor": f.get("DbId"),
        "administration": f.get("Unit"),
        "inclusive": bool(f.get("InVa")),
        "status": row["status"],
        "deleted": deleted,
        "gross": row["gross"],
        "discount": row["discount"],
        "excl": row["excl"],
        "vat": row["vat"],
        "incl": row["incl"],
        "rates": [dict(rate) for rate in row["rates"]],
        "fields": _plain(f),
        "lines": [_line(line) for line in row["lines"]],
        "created": row["created"],
        "modified": row["modified"],
        "inserts": sum(event["what"] == "created" for event in events),
        "history": events,
    }


def _record(row: Row, events: list[Row], deleted: bool) -> Row:
    return {
        "connector": row["connector"],
        "number": row["number"],
        "deleted": deleted,
        "fields": _plain(row["f"]),
        "rows": {name: [_record_row(one) for one in rows] for name, rows in row["rows"].items()},
        "created": row["created"],
        "modified": row["modified"],
        "inserts": sum(event["what"] == "created" for event in events),
        "history": events,
    }


def _record_row(row: Row) -> Row:
    below = {name: [_record_row(one) for one in rows] for name, rows in row["rows"].items()}
    return {"seq": row["seq"], "fields": _plain(row["f"])} | ({"rows": below} if below else {})


def _line(line: Row) -> Row:
    f = line["f"]
    return {
        "guid": line["guid"],
        "seq": line["seq"],
        "type": f["VaIt"],
        "item": f["ItCd"],
        "description": f.get("Ds"),
        "quantity": f.get("QuUn"),
        "price": f.get("Upri"),
        "vat_group": f.get("VaRc"),
        "percentage": line["percentage"],
        "amount": line["amount"],
        "excl": line["excl"],
        "vat": line["vat"],
        "incl": line["incl"],
        "delivered": line["delivered"],
        "fields": _plain(f),
    }


def _relation(tables: Tables, row: Row, history: dict[tuple[str, Any], list[Row]]) -> Row:
    party = tables.get("parties", row["bcco"])
    return {
        "debtor": row["number"],
        "bcco": row["bcco"],
        "kind": row["kind"],
        "name": full_name(party) if party else None,
        "fields": _plain(row["f"]),
        "emails": _emails(tables, row["bcco"]),
        "contacts": [_contact(tables, one) for one in tables.find("contacts", "bcco", row["bcco"])],
        "addresses": _addresses(tables, row["bcco"]),
        "created": row["created"],
        "modified": row["modified"],
        "history": history[("debtors", row["number"])],
    }


def _emails(tables: Tables, bcco: str) -> list[str]:
    found: dict[str, None] = {}
    numbers = {bcco} | {one["person"] for one in tables.find("contacts", "bcco", bcco) if one["person"]}
    rows = [tables.get("parties", number) for number in sorted(numbers)] + tables.find("contacts", "bcco", bcco)
    for row in rows:
        for code in ("EmAd", "EmA2"):
            if row and row["f"].get(code):
                found[str(row["f"][code])] = None
    return list(found)


def _contact(tables: Tables, row: Row) -> Row:
    person = tables.get("parties", row["person"])
    return {
        "contact": row["id"],
        "type": row["type"],
        "person": row["person"],
        "name": full_name(person) if person else row["f"].get("ExAd"),
        "fields": _plain(row["f"]),
        "address": _address(tables, row["adr"]),
    }


def _addresses(tables: Tables, bcco: str) -> list[Row]:
    found = []
    for contact in tables.find("contacts", "bcco", bcco):
        for event in contact["history"]:
            current = contact[event["kind"].lower()] == event["address"]
            kind = contact["type"] if contact["type"] == "AFL" and event["kind"] == "ADR" else event["kind"]
            address = _address(tables, event["address"]) or {}
            since = event["since"].isoformat()
            found.append({"contact": contact["id"], "kind": kind, "current": current, "since": since, **address})
    return found


def _address(tables: Tables, number: Any) -> Row | None:
    row = tables.get("addresses", number)
    return {"address": row["id"], **{code: row[code] for code in _ADDRESS}} if row else None


def _party(tables: Tables, row: Row, history: dict[tuple[str, Any], list[Row]]) -> Row:
    return {
        "bcco": row["bcco"],
        "kind": row["kind"],
        "name": full_name(row),
        "fields": _plain(row["f"]),
        "contacts": [_contact(tables, one) for one in tables.find("contacts", "bcco", row["bcco"])],
        "history": history[("parties", row["bcco"])],
    }


def _plain(fields: Row) -> Row:
    return {
        code: value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value
        for code, value in fields.items()
        if value is not None
    }
