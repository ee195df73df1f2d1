"""Amounts of a document's row: VAT percentages from duty and tariff group, line amounts, totals per rate."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.afas.messages import Label, Problem
from sandbox.afas.money import Part, cents, exact_vat, line_amount, totals
from sandbox.afas.work import NO_AMOUNT

if TYPE_CHECKING:
    from sandbox.afas.tables import Row
    from sandbox.afas.work import Work

ZERO = Decimal(0)
VAT_GROUP = Label("Btw-tariefgroep", "VAT rate group")
_LINE_DISCOUNT = {"0", "2"}
_INVOICE_DISCOUNT = {"0", "1"}


def vat_key(duty: str, group: str) -> str:
    """Key of a VAT percentage."""
    return f"{duty}|{group.casefold()}"


def vat_percentage(work: Work, duty: Any, group: Any) -> Decimal:
    """The percentage of a VAT duty and tariff group.

    Raises:
        Problem: that pair does not exist.
    """
    row = work.tables.get("vat", vat_key(str(duty), str(group)))
    if row is not None:
        return Decimal(row["percentage"])
    if work.lenient:
        return ZERO
    raise Problem("not_exist", VAT_GROUP)


def priced_line(work: Work, header: dict[str, Any], line: Row) -> Row:
    """A line with its amount, percentage, and its own excl., VAT and incl., each in cents."""
    f = line["f"]
    if f["VaIt"] in NO_AMOUNT:
        return line | {"amount": ZERO, "discount": ZERO, "percentage": ZERO, "excl": ZERO, "vat": ZERO, "incl": ZERO}
    percentage = vat_percentage(work, header.get("VaDu"), f.get("VaRc"))
    allowed = (f.get("VaAD") or "0") in _LINE_DISCOUNT
    quantity, price = Decimal(f.get("QuUn") or 0), Decimal(f.get("Upri") or 0)
    discount = Decimal(f.get("ARDc") or 0) if allowed else ZERO
    amount = line_amount(
        quantity,
        price,
        Decimal(f.get("PRDc") or 0) if allowed else ZERO,
        discount,
    )
    including = bool(header.get("InVa"))
    vat = cents(exact_vat(amount, percentage, including=including))
    excl = amount - vat if including else amount
    if not discount and f.get("PRDc") and allowed:
        discount = cents(quantity * price * Decimal(f["PRDc"]) / 100)
    return line | {
        "amount": amount,
        "discount": discount,
        "percentage": percentage,
        "excl": excl,
        "vat": vat,
        "incl": excl + vat,
    }


def priced(work: Work, row: Row) -> Row:
    """A document with all its amounts."""
    header = row["f"]
    lines = [priced_line(work, header, line) for line in row["lines"]]
    parts = [
        Part(
            line["amount"],
            str(line["f"].get("VaRc")),
            line["percentage"],
            (line["f"].get("VaAD") or "0") in _INVOICE_DISCOUNT,
        )
        for line in lines
        if line["f"]["VaIt"] not in NO_AMOUNT
    ]
    total = totals(
        parts,
        including=bool(header.get("InVa")),
        rounding=work.switches["vat_rounding"],
        discount=Decimal(header.get("InPc") or 0),
    )
    return row | {
        "lines": lines,
        "gross": total.gross,
        "discount": total.discount,
        "excl": total.excl,
        "vat": total.vat,
        "incl": total.incl,
        "rates": [
            {"group": rate.group, "percentage": rate.percentage, "excl": rate.excl, "vat": rate.vat, "incl": rate.incl}
            for rate in total.rates
        ],
    }
