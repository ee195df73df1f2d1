"""Sales documents: orders, quotations, packing slips and direct invoices. One engine, four kinds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from sandbox.afas import dimensions, stocks
from sandbox.afas.delivery import deliver_from_note
from sandbox.afas.messages import Label, Problem
from sandbox.afas.pricing import priced, vat_percentage
from sandbox.afas.work import ANY, NO_AMOUNT, Work

if TYPE_CHECKING:
    from sandbox.afas.body import Node
    from sandbox.afas.tables import Row

_NAMESPACE = UUID("5f6d1c1e-6d0e-4d57-9f0b-2f2e7e0c7a11")
ZERO = Decimal(0)
LINE = Label("Regel", "Line")
_FROM_DEBTOR = {
    "CuId": "CuId", "PaCd": "PaCd", "VaDu": "VaDu", "InVa": "VtIn", "War": "VkMa", "DeCo": "DeCo", "LgId": "LgId",
    "TrPt": "TrPt", "VeId": "VeId", "FaTo": "FaTo", "OrPr": "OrPr", "CtI1": "CtI1", "DlAd": "CdDa", "InPc": "PrFc",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of sales document."""

    connector: str
    lines: str
    table: str
    first: int
    thing: Label


KINDS = {
    kind.connector: kind
    for kind in (
        Kind("FbSales", "FbSalesLines", "orders", 60_000_001, Label("Verkooporder", "Sales order")),
        Kind(
            "FbSalesQuotation", "FbSalesQuotationLines", "quotations", 50_000_001, Label("Verkoopofferte", "Quotation")
        ),
        Kind("FbDeliveryNote", "FbDeliveryNoteLines", "delivery_notes", 70_000_001, Label("Pakbon", "Packing slip")),
        Kind("FbDirectInvoice", "FbDirectInvoiceLines", "direct_invoices", 75_000_001, Label("Factuur", "Invoice")),
    )
}
FIRST_INVOICE = 20_000_001
_TAKES = {"FbDeliveryNote", "FbDirectInvoice"}
"""Kinds that take their lines from stock."""


def write(work: Work, node: Node) -> dict[str, str]:
    """Insert, change or delete one document; returns the keys to answer.

    Raises:
        Problem: AFAS refuses it.
    """
    kind = KINDS[node.spec.name]
    if node.action == "insert":
        return _insert(work, kind, node)
    number = node.values["OrNu"]
    if node.action == "delete":
        remove(work, kind, number, node.spec.label("OrNu"))
        return {}
    return _update(work, kind, node, number)


# -- insert -----------------------------------------------------------------------------------------------------------


def _insert(work: Work, kind: Kind, node: Node) -> dict[str, str]:
    given = {code: value for code, value in node.values.items() if value is not None}
    source = _source(work, kind, node, given)
    debtor = _debtor(work, node, given.get("DbId") or (source["f"]["DbId"] if source else ""))
    f: dict[str, Any] = {"Rate": Decimal(1), "FxBl": False, "CrOr": False, "InVa": False, "CuId": "EUR", "VaDu": "1"}
    f |= {code: debtor["f"][own] for code, own in _FROM_DEBTOR.items() if debtor["f"].get(own) is not None}
    if source:
        f |= {code: value for code, value in source["f"].items() if value is not None}
    f |= {"OrDa": work.today, "Unit": _first_administration(work)} | given | {"DbId": debtor["number"]}
    f["War"] = f.get("War") or work.warehouse(ANY, node.spec.label("War"))
    f.pop("OrNu", None)
    _header(work, node, f, debtor)
    number = _number(work, kind, node, given.get("OrNu"))
    row: Row = {
        "number": number,
        "kind": kind.connector,
        "f": f,
        "lines": [],
        "status": "A",
        "created": work.now,
        "modified": work.now,
    }
    nodes = node.below(kind.lines)
    row["lines"] = [_line(work, kind, row, one, at) for at, one in enumerate(nodes, 1)]
    if source and kind.connector == "FbSales" and not nodes:
        row["lines"] = [
            {**line, "guid": new_guid(work), "delivered": ZERO, "created": work.now} for line in source["lines"]
        ]
    answer = {"OrNu": number}
    if kind.connector == "FbDirectInvoice":
        f["SinOrNu"] = _invoice_number(work, node, f.get("SinOrNu"))
        row["status"] = "I"
        answer["Liln"] = str(len(row["lines"]))
    work.tables.put(kind.table, number, priced(work, row))
    if kind.connector == "FbDeliveryNote":
        deliver_from_note(work, row, 1)
    if kind.connector in _TAKES:
        stocks.take_lines(work, row, 1)
    return answer


def _source(work: Work, kind: Kind, node: Node, given: dict[str, Any]) -> Row | None:
    table, code = ("quotations", "SoQu") if kind.connector == "FbSales" else ("orders", "SoOr")
    if code not in given or kind.connector not in {"FbSales", "FbDeliveryNote"}:
        return None
    row = work.tables.get(table, given[code])
    if row is None and not work.lenient:
        raise Problem("not_exist", node.spec.label(code))
    return row


def _debtor(work: Work, node: Node, number: Any) -> Row:
    row = work.tables.get("debtors", str(number))
    if row is None and work.lenient:
        return {"number": str(number) or "10001", "bcco": "", "f": {"IsDb": True}}
    if row is None or (work.switches["order_needs_debtor"] and not row["f"].get("IsDb")):
        raise Problem("not_exist", node.spec.label("DbId"))
    blocked = row["f"].get("Bl") or row["f"].get("BlTl")
    if blocked and work.switches["blocked_debtor"] == "refuse":
        raise Problem("relation_blocked", value=row["number"])
    return row


def _first_administration(work: Work) -> int:
    return min((row["id"] for row in work.tables.all("administrations")), default=1)


def _number(work: Work, kind: Kind, node: Node, given: str | None) -> str:
    if given is not None:
        if work.tables.get(kind.table, given) is not None:
            raise work.taken(kind.thing, node.spec.label("OrNu"))
        return str(given)
    while True:
        number = str(work.tables.next_number(kind.table, kind.first))
        if work.tables.get(kind.table, number) is None:
            return number


def _invoice_number(work: Work, node: Node, given: str | None) -> str:
    number = given or str(work.tables.next_number("invoices", FIRST_INVOICE))
    if any(row["f"].get("SinOrNu") == number for row in work.tables.all("direct_invoices")):
        raise work.taken(KINDS["FbDirectInvoice"].thing, node.spec.label("SinOrNu"))
    return number


def _header(work: Work, node: Node, f: dict[str, Any], debtor: Row) -> None:
    """References of a header that depend on each other."""
    if f.get("JoCo") is not None:
        row = work.tables.get("journals", f"{f['Unit']}|{str(f['JoCo']).casefold()}")
        if not work.lenient and (row is None or row["type"] != "V"):
            raise Problem("not_exist", node.spec.label("JoCo"))
        if row is not None and row["blocked"]:
            raise Problem("journal_blocked", value=row["code"])
    if "DlAd" in node.values and f.get("DlAd") is not None and work.switches["delivery_address_of_debtor"]:
        contacts = work.tables.find("contacts", "bcco", debtor["bcco"])
        if not work.lenient and all(f["DlAd"] not in (row["adr"], row["pad"]) for row in contacts):
            raise Problem("not_exist", node.spec.label("DlAd"))


# -- lines ------------------------------------------------------------------------------------------------------------


def _line(work: Work, kind: Kind, row: Row, node: Node, seq: int) -> Row:
    for code in ("VaIt", "ItCd", "QuUn"):
        if node.values.get(code) is None and not (code == "QuUn" and node.values.get("VaIt") in NO_AMOUNT):
            raise Problem("mandatory", node.spec.label(code))
    given = {code: value for code, value in node.values.items() if value is not None and code != "GuLi"}
    header = row["f"]
    item = work.item(str(given["VaIt"]), str(given["ItCd"]), node.spec.label("ItCd"))
    if item["f"].get("Bl") and not work.by_user and work.switches["blocked_item"] == "refuse":
        raise Problem("item_blocked", value=item["code"])
    source = _source_line(work, kind, node, given)
    f: dict[str, Any] = {"Ds": item["f"].get("Ds"), "VaRc": item["f"].get("VaRc"), "VaAD": "0", "War": header["War"]}
    debtor = work.tables.get("debtors", header["DbId"])
    if debtor and debtor["f"].get("PrLi"):
        f["PRDc"] = debtor["f"]["PrLi"]
    if source:
        f |= {
            code: source["f"][code]
            for code in ("Ds", "VaRc", "Upri", "PRDc", "StL1", "StL2")
            if source["f"].get(code) is not None
        }
    f |= given
    f["VaIt"], f["ItCd"] = item["type"], item["code"]
    f["BiUn"] = _unit(work, item, given.get("BiUn"), node)
    dimensions.check(work, node, item, f)
    if item["type"] in NO_AMOUNT:
        f["VaRc"] = None
    elif f.get("Upri") is None:
        f["Upri"] = _price(work, item, f, header)
    return {
        "guid": new_guid(work),
        "seq": seq,
        "f": f,
        "delivered": ZERO,
        "status": "A",
        "subs": {name: [one.values for one in below] for name, below in node.children.items()},
        "created": work.now,
        "modified": work.now,
    }


def _source_line(work: Work, kind: Kind, node: Node, given: dict[str, Any]) -> Row | None:
    if kind.connector != "FbDeliveryNote" or given.get("SoGu") is None:
        return None
    order = work.tables.get("orders", str(given.get("SoOr") or ""))
    line = next((one for one in order["lines"] if one["guid"] == given["SoGu"]), None) if order else None
    if line is None and not work.lenient:
        raise Problem("not_exist", node.spec.label("SoGu" if order else "SoOr"))
    return line


def _unit(work: Work, item: Row, given: Any, node: Node) -> str:
    if given is None or given == ANY or str(given).casefold() == item["unit"].casefold() or item["unit"] == ANY:
        return str(item["unit"])
    if work.lenient or str(given).casefold() in {unit.casefold() for unit in item["f"].get("units", ())}:
        return str(given)
    raise Problem("not_exist", node.spec.label("BiUn"))


def _price(work: Work, item: Row, f: dict[str, Any], header: dict[str, Any]) -> Decimal:
    price = Decimal(item["f"].get("SaPrice") or 0)
    if header.get("InVa"):
        price = (price * (100 + vat_percentage(work, header.get("VaDu"), f.get("VaRc"))) / 100).quantize(
            Decimal("0.01")
        )
    return price


def new_guid(work: Work) -> str:
    """A GUID for a new line, in braces."""
    return "{" + str(uuid5(_NAMESPACE, str(work.tables.next_number("lines", 1)))).upper() + "}"


# -- update -----------------------------------------------------------------------------------------------------------


def existing(work: Work, kind: Kind, number: str, label: Label) -> Row:
    """A document that is there, not locked, and open for changes.

    Raises:
        Problem: it is not.
    """
    row = work.tables.get(kind.table, number)
    if row is None and work.lenient:
        row = _made(work, kind, number)
    if row is None:
        raise work.missing(kind.thing, label)
    work.unlocked(kind.table, number)
    closed = kind.connector == "FbSales" and row["status"] in work.switches["processed_statuses"]
    if closed and not work.by_user:
        raise Problem("processed")
    return row


def _made(work: Work, kind: Kind, number: str) -> Row:
    f = {"DbId": "10001", "Unit": 1, "War": ANY, "VaDu": "1", "InVa": False, "FxBl": False, "CuId": "EUR"}
    row: Row = {"number": number, "kind": kind.connector, "f": f, "lines": [], "status": "A"}
    return work.tables.put(kind.table, number, priced(work, row | {"created": work.now, "modified": work.now}))


def _update(work: Work, kind: Kind, node: Node, number: str) -> dict[str, str]:
    row = existing(work, kind, number, node.spec.label("OrNu"))
    number = row["number"]
    refused = work.switches["refused_on_update_header"] if kind.connector == "FbSales" and not work.by_user else ()
    for code in node.raw:
        if code in refused:
            raise Problem("read_only", node.spec.label(code))
    f = dict(row["f"]) | {code: value for code, value in node.values.items() if code != "OrNu"}
    for code in ("FxBl", "CrOr", "InVa"):
        f[code] = bool(f.get(code))
    for code in ("Unit", "CuId", "DbId", "VaDu", "War"):
        if f.get(code) is None:
            f[code] = row["f"][code]
    debtor = work.tables.get("debtors", f["DbId"]) or {"bcco": ""}
    _header(work, node, f, debtor)
    changed = row | {"f": f, "lines": list(row["lines"]), "modified": work.now}
    for one in node.below(kind.lines):
        _change_line(work, kind, changed, one)
    work.tables.put(kind.table, number, priced(work, changed))
    return {"OrNu": number}


def _change_line(work: Work, kind: Kind, row: Row, node: Node) -> None:
    lines: list[Row] = row["lines"]
    if node.action == "insert":
        lines.append(_line(work, kind, row, node, max((line["seq"] for line in lines), default=0) + 1))
        return
    at = _matching(work, node, lines)
    if at is None:
        by_guid = node.values.get("GuLi") is not None
        strict = (node.given or by_guid) and not work.lenient
        if strict or work.switches["unmatched_line"] == "error":
            raise work.missing(LINE, node.spec.label("GuLi" if by_guid else "ItCd"))
        if not by_guid:
            if node.values.get("QuUn") is None and work.lenient:
                node.values["QuUn"] = Decimal(1)
            lines.append(_line(work, kind, row, node, max((line["seq"] for line in lines), default=0) + 1))
        return
    old = lines[at]
    if old["delivered"] and kind.connector == "FbSales" and not work.by_user:
        raise Problem("processed")
    if node.action == "delete":
        del lines[at]
        return
    refused = work.switches["refused_on_update_line"] if kind.connector == "FbSales" and not work.by_user else ()
    for code in node.raw:
        if code in refused:
            raise Problem("read_only", node.spec.label(code))
    lines[at] = _merged(work, node, old)


def _merged(work: Work, node: Node, old: Row) -> Row:
    f = dict(old["f"]) | {code: value for code, value in node.values.items() if code != "GuLi"}
    if (f.get("VaIt"), f.get("ItCd")) != (old["f"]["VaIt"], old["f"]["ItCd"]) or "BiUn" in node.values:
        item = work.item(str(f["VaIt"]), str(f["ItCd"]), node.spec.label("ItCd"))
        f["VaIt"], f["ItCd"], f["BiUn"] = item["type"], item["code"], _unit(work, item, f.get("BiUn"), node)
        dimensions.check(work, node, item, f)
    elif any(f.get(code) != old["f"].get(code) for code in dimensions.CODES):
        dimensions.check(work, node, work.item(str(f["VaIt"]), str(f["ItCd"]), node.spec.label("ItCd")), f)
    for code in ("QuUn", "Upri"):
        if f.get(code) is None and f["VaIt"] not in NO_AMOUNT:
            f[code] = ZERO
    if f.get("VaRc") is None and f["VaIt"] not in NO_AMOUNT:
        f["VaRc"] = old["f"]["VaRc"]
    subs = {name: [one.values for one in below] for name, below in node.children.items()}
    return old | {"f": f, "subs": {**old["subs"], **subs}, "modified": work.now}


def _matching(work: Work, node: Node, lines: list[Row]) -> int | None:
    guid = node.values.get("GuLi")
    if guid is not None:
        return next((at for at, line in enumerate(lines) if line["guid"] == guid), None)
    kind, code = node.values.get("VaIt"), node.values.get("ItCd")
    if kind is None or code is None:
        raise Problem("mandatory", node.spec.label("GuLi" if node.given else "VaIt"))
    hits = [
        at
        for at, line in enumerate(lines)
        if line["f"]["VaIt"] == kind and line["f"]["ItCd"].casefold() == str(code).casefold()
    ]
    if len(hits) > 1 and work.switches["ambiguous_line"] == "error":
        raise Problem("ambiguous_line", value=code)
    return hits[0] if hits else None


# -- delete ------------------------------------------------------------------------------------------


def remove(work: Work, kind: Kind, number: str, label: Label) -> None:
    """Delete a document.

    Raises:
        Problem: it is not there, locked, or processed.
    """
    row = existing(work, kind, number, label)
    if kind.connector == "FbSales" and row["status"] != "A" and not work.by_user:
        raise Problem("processed")
    work.tables.delete(kind.table, number)
    if kind.connector == "FbDeliveryNote":
        deliver_from_note(work, row, -1)
    if kind.connector in _TAKES:
        stocks.take_lines(work, row, -1)


def remove_line(work: Work, kind: Kind, number: str, guid: str, label: Label) -> None:
    """Delete one line of a document.

    Raises:
        Problem: one of them is not there, locked, or processed.
    """
    row = existing(work, kind, number, label)
    line = next((one for one in row["lines"] if one["guid"] == guid), None)
    if line is None:
        raise work.missing(LINE, LINE)
    if line["delivered"] and not work.by_user:
        raise Problem("processed")
    kept = [one for one in row["lines"] if one is not line]
    work.tables.put(kind.table, number, priced(work, row | {"lines": kept, "modified": work.now}))
