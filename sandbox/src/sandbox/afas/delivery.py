"""What becomes of an order: delivered in part or whole, invoiced, released, settled."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.afas import stocks
from sandbox.afas.messages import Problem
from sandbox.afas.work import NO_AMOUNT

if TYPE_CHECKING:
    from sandbox.afas.body import Node
    from sandbox.afas.tables import Row
    from sandbox.afas.work import Work

ZERO = Decimal(0)


def deliver_from_note(work: Work, note: Row, sign: int) -> None:
    """Add (or take back) what a packing slip delivers of order lines."""
    for line in note["lines"]:
        order, guid = line["f"].get("SoOr"), line["f"].get("SoGu")
        if order and guid:
            deliver(work, str(order), {guid: sign * Decimal(line["f"].get("QuUn") or 0)})


def deliver(work: Work, number: str, quantities: dict[str, Decimal] | None = None) -> None:
    """Deliver quantities of order lines by GUID (None: all that is open) from stock, and set the order's status."""
    row = work.tables.get("orders", number)
    if row is None:
        return
    lines = []
    for line in row["lines"]:
        wanted = Decimal(line["f"].get("QuUn") or 0)
        more = wanted - line["delivered"] if quantities is None else quantities.get(line["guid"], ZERO)
        done = line["delivered"] + more
        stocks.take(work, line["f"], row["f"], more)
        status = "D" if line["f"]["VaIt"] in NO_AMOUNT or abs(done) >= abs(wanted) else "P" if done else "A"
        lines.append(line | {"delivered": done, "status": status, "modified": work.now if more else line["modified"]})
    states = {line["status"] for line in lines if line["f"]["VaIt"] not in NO_AMOUNT}
    status = "A" if states <= {"A"} else "D" if states == {"D"} else "P"
    work.tables.put("orders", number, row | {"lines": lines, "status": status, "modified": work.now})


def set_status(work: Work, number: str, status: str, **header: Any) -> None:
    """Set an order's status and header fields, as settling, invoicing or releasing does."""
    row = work.tables.get("orders", number)
    if row is not None:
        f = {**row["f"], **header}
        work.tables.put("orders", number, row | {"f": f, "status": status or row["status"], "modified": work.now})


def order_action(work: Work, node: Node) -> dict[str, str]:
    """FbFreeOrder releases a blocked order, FbSettleOrder closes it; both answer nothing.

    Raises:
        Problem: no such order, or another order type than 03.
    """
    if node.values["VaOt"] != "03" and not work.lenient:
        raise Problem("not_exist", node.spec.label("VaOt"))
    number = str(node.values["OrNu"])
    if work.tables.get("orders", number) is None and not work.lenient:
        raise Problem("not_exist", node.spec.label("OrNu"))
    work.unlocked("orders", number)
    if node.spec.name == "FbFreeOrder":
        set_status(work, number, "", FxBl=False)
    else:
        set_status(work, number, "S")
    return {}
