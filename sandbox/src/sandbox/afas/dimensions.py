"""The dimension codes of a line: which variant of an item it is about (read-api 7.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.afas.messages import Problem
from sandbox.afas.work import item_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.afas.body import Node
    from sandbox.afas.tables import Row
    from sandbox.afas.work import Work

CODES = ("StL1", "StL2")


def check(work: Work, node: Node, item: Row, f: Mapping[str, Any]) -> None:
    """Hold the dimension codes of a line against the variants of its item.

    Args:
        work: Where.
        node: What was sent; its connector names the fields.
        item: The item of the line.
        f: The line as it is to be.

    Raises:
        Problem: the item has no such variant, it is blocked for sale, or (by a switch) none is named.
    """
    given = tuple(str(f.get(code) or "") for code in CODES)
    variants = work.tables.find("variants", "item", item_key(item["type"], str(item["code"])))
    has = [bool(item["f"].get(set_) or any(one[dim] for one in variants)) for set_, dim in _SETS]
    if work.lenient or not (any(has) or any(given)):
        return
    if any(has) and not any(given) and work.switches["line_without_dimension"] == "allow":
        return
    for code, needed, value in zip(CODES, has, given, strict=True):
        if needed and not value:
            raise Problem("mandatory", node.spec.label(code))
    folded = tuple(one.casefold() for one in given)
    mine = [one for one in variants if (one["Dim1"].casefold(), one["Dim2"].casefold()) == folded]
    if not mine:
        first = any(one["Dim1"].casefold() == folded[0] for one in variants)
        raise Problem("not_exist", node.spec.label(CODES[first and has[1]]))
    if mine[0]["BlockedSales"] and not work.by_user and work.switches["blocked_item"] == "refuse":
        raise Problem("item_blocked", value=item["code"])


_SETS = (("StD1", "Dim1"), ("StD2", "Dim2"))
