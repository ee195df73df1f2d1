"""Financial entries: what FiEntries refuses, the invoices it makes, and the free fields of its lines."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.afas.messages import Problem
from sandbox.afas.work import code_key

if TYPE_CHECKING:
    from sandbox.afas.body import Node
    from sandbox.afas.tables import Row
    from sandbox.afas.work import Work

LINES = "FiEntries"
ACCOUNTS = "Grootboekrekening"
CLOSED_PERIODS = "Geblokkeerde periode"
"""List of `administration|year|period`."""
LEDGER, DEBTOR, CREDITOR = "1", "2", "3"
ZERO = Decimal(0)
FIRST_INVOICE = 30_000_001
_SINGLE = ("FiDimEntries", "FiTransEntries")
_INVOICING = {"V", "I"}
"""Journals whose entries make invoices: sales and purchase; in the others an invoice number is a payment."""


def closed_period(unit: int, year: int, period: int) -> str:
    """A period as the list of closed ones names it."""
    return f"{unit}|{year}|{period}"


def before(work: Work, node: Node, f: dict[str, Any]) -> None:
    """Fill what an entry may leave out."""
    if f.get("UnId") is None:
        f["UnId"] = min((row["id"] for row in work.tables.all("administrations")), default=None)
        if f["UnId"] is None:
            raise Problem("no_unit")
    number = None
    for line in node.below(LINES):
        if line.values.get("InId") is not None or line.values.get("VaAs") == LEDGER or not f.get("AuNu"):
            continue
        if number is None:
            number = str(work.tables.next_number("records.FiInvoice", FIRST_INVOICE))
        line.values["InId"] = number


def check(work: Work, node: Node, row: Row) -> None:
    """Hold an entry against the rules of bookkeeping.

    Raises:
        Problem: it does not balance, its period or journal is closed, an account is unknown, or an invoice is doubled.
    """
    f, lines = row["f"], row["rows"].get(LINES, [])
    if work.lenient:
        return
    closed = work.tables.get("codes", code_key(CLOSED_PERIODS, closed_period(f["UnId"], f["Year"], f["Peri"])))
    if closed is not None and not closed["blocked"]:
        raise Problem("period_closed", value=f["Peri"], code=str(f["Year"]))
    journal = work.tables.get("journals", f"{f['UnId']}|{str(f['JoCo']).casefold()}")
    if journal is None:
        raise Problem("not_exist", node.spec.label("JoCo"))
    if journal["blocked"]:
        raise Problem("journal_blocked", value=journal["code"])
    if not lines:
        raise Problem("bad_body", value=LINES)
    for line, below in zip(lines, node.below(LINES), strict=True):
        _check_line(work, row, line["f"], below, invoicing=journal["type"] in _INVOICING)
    if sum((_amount(line["f"], "AmDe") - _amount(line["f"], "AmCr") for line in lines), ZERO):
        raise Problem("unbalanced")


def _check_line(work: Work, row: Row, f: dict[str, Any], node: Node, *, invoicing: bool) -> None:
    if f.get("EnNo") is not None:
        raise Problem("entry_number")
    if not account_exists(work, str(f["VaAs"]), str(f["AcNr"])):
        raise Problem("not_exist", node.spec.label("AcNr"))
    if not _amount(f, "AmDe") and not _amount(f, "AmCr"):
        raise Problem("no_amount")
    if f["VaAs"] == LEDGER:
        _check_demands(work, f, node)
    if invoicing and f["VaAs"] != LEDGER and f.get("InId") is not None:
        known = work.tables.get("records", invoice_key(row["f"]["UnId"], f))
        if known is not None:
            raise Problem("invoice_used", value=f["InId"], code=str(f["AcNr"]))


def _check_demands(work: Work, f: dict[str, Any], node: Node) -> None:
    """What the account itself wants: allocation, a project, or no VAT."""
    for name in _SINGLE:
        if len(node.below(name)) > 1:
            raise Problem("bad_body", value=name)
    number = str(f["AcNr"])
    record = work.tables.get("records", f"KnAccount|{number.casefold()}")
    account = record["f"] if record else {}
    given = [one.values for one in node.below("FiDimEntries")]
    for axis in range(1, 6):
        if account.get(f"VaA{axis}") == "B" and not any(one.get(f"DiC{axis}") for one in given):
            raise Problem("dimension", value=axis, code=number)
    if account.get("VaPp") == "V" and not node.below("FiPrjEntries"):
        raise Problem("project_needed", code=number)
    if account.get("VaYn") is False and f.get("VaId") is not None:
        raise Problem("no_vat", code=number)


def account_exists(work: Work, sort: str, number: str) -> bool:
    """Whether a ledger account (sort 1), sales relation (2) or purchase relation (3) is there."""
    if sort == LEDGER:
        account = work.tables.get("codes", code_key(ACCOUNTS, number))
        return account is not None and not account["blocked"]
    if sort == DEBTOR:
        return work.tables.get("debtors", number) is not None
    return work.tables.get("records", f"KnPurchaseRelationOrg|{number.casefold()}") is not None


def after(work: Work, row: Row) -> None:
    """Make the invoices of an entry, one per relation and invoice number."""
    f = row["f"]
    journal = work.tables.get("journals", f"{f['UnId']}|{str(f['JoCo']).casefold()}")
    if journal is None or journal["type"] not in _INVOICING:
        return
    for line in row["rows"].get(LINES, []):
        one = line["f"]
        key = invoice_key(f["UnId"], one)
        if one.get("InId") is None or one.get("VaAs") == LEDGER or work.tables.get("records", key) is not None:
            continue
        keys = {"UnId": f["UnId"], "VaAd": one["VaAs"], "DcNr": one["AcNr"], "InId": one["InId"]}
        told = {"ExDa": one.get("DaEx"), "Ds": one.get("Ds"), "PaCd": one.get("PaCd"), "Fref": one.get("Fref")}
        made = {"connector": "FiInvoice", "number": f"{f['UnId']},{one['InId']}", "f": keys | told, "rows": {}}
        work.tables.put("records", key, made | {"created": work.now, "modified": work.now})


def removed(work: Work, row: Row) -> None:
    """Take the invoices of a deleted entry away; not when its period is closed.

    Raises:
        Problem: it is.
    """
    f = row["f"]
    closed = work.tables.get("codes", code_key(CLOSED_PERIODS, closed_period(f["UnId"], f["Year"], f["Peri"])))
    if closed is not None and not closed["blocked"] and not work.by_user:
        raise Problem("period_closed", value=f["Peri"], code=str(f["Year"]))
    for line in row["rows"].get(LINES, []):
        if line["f"].get("InId") is not None:
            work.tables.delete("records", invoice_key(f["UnId"], line["f"]))


def invoice_key(unit: Any, line: dict[str, Any]) -> str:
    """Key of the invoice that a line of an entry makes."""
    return f"FiInvoice|{unit}|{line.get('VaAs')}|{str(line.get('AcNr')).casefold()}|{str(line.get('InId')).casefold()}"


def answer(row: Row) -> dict[str, str]:
    """UnId, EnNo, and InId where there is an invoice."""
    found = {"UnId": str(row["f"]["UnId"]), "EnNo": str(row["f"]["EnNo"])}
    numbers = [line["f"]["InId"] for line in row["rows"].get(LINES, []) if line["f"].get("InId") is not None]
    return found | ({"InId": str(numbers[0])} if numbers else {})


def change_line(work: Work, node: Node) -> None:
    """FiEntriesCustom: the free fields of one line of an entry.

    Raises:
        Problem: there is no such line.
    """
    for code in ("UnId", "EnNo", "SeNo"):
        if node.values.get(code) is None:
            raise Problem("mandatory", node.spec.label(code))
    key = f"FiEntries|{node.values['UnId']}|{node.values['EnNo']}"
    row = work.tables.get("records", key)
    lines = list(row["rows"].get(LINES, [])) if row else []
    at = next((at for at, line in enumerate(lines) if line["seq"] == node.values["SeNo"]), None)
    if row is None or at is None:
        if work.lenient:
            return
        raise Problem("not_exist", node.spec.label("EnNo" if row is None else "SeNo"))
    new = {code: value for code, value in node.values.items() if code not in {"UnId", "EnNo", "SeNo"}}
    lines[at] = lines[at] | {"f": lines[at]["f"] | new, "modified": work.now}
    work.tables.put("records", key, row | {"rows": {**row["rows"], LINES: lines}, "modified": work.now})


def _amount(f: dict[str, Any], code: str) -> Decimal:
    """A side of a line in the base currency."""
    if f.get(code) is not None:
        return Decimal(f[code])
    foreign = {"AmDe": "AmDc", "AmCr": "AmCc"}[code]
    return Decimal(f.get(foreign) or 0) * Decimal(f.get("Rate") or 1)
