"""Addresses: complete or refused, one record per address, and the history of who lived where since when."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.afas.messages import Problem
from sandbox.afas.work import FIRST_ADDRESS, Work

if TYPE_CHECKING:
    from sandbox.afas.body import Node
    from sandbox.afas.tables import Row

_PARTS = ("CoId", "PbAd", "StAd", "Ad", "HmNr", "HmAd", "ZpCd", "Rs", "AdAd")
_FILLED = ("StAd", "Ad", "HmNr", "HmAd", "ZpCd", "Rs", "AdAd")
_DUTCH_ZIP = re.compile(r"\s*(\d{4})\s*([A-Za-z]{2})\s*")


def record(work: Work, node: Node) -> int | None:
    """The id of the address that an element describes; None when it describes none.

    Raises:
        Problem: it is incomplete, or a post-office box with a number addition.
    """
    values = {code: node.values.get(code) for code in _PARTS}
    if all(values[code] is None for code in _FILLED):
        return None
    if values["CoId"] is None:
        raise Problem("mandatory", node.spec.label("CoId"))
    box = bool(values["PbAd"])
    if box and values["HmAd"]:
        raise Problem("po_box_addition")
    needed = set(work.switches["address_required"]) - ({"Ad"} if box else set())
    if any(values.get(code) is None for code in needed):
        raise Problem("incomplete_address")
    country = work.code("Land", str(values["CoId"]), node.spec.label("CoId"))
    values |= {"CoId": country, "PbAd": box, "ZpCd": zip_code(work, country, values["ZpCd"])}
    return _kept(work, values)


def zip_code(work: Work, country: str, text: Any) -> str | None:
    """A postcode as it is stored."""
    found = _DUTCH_ZIP.fullmatch(str(text or ""))
    if country == "NL" and found and work.switches["zip_format"] == "nl":
        return f"{found[1]} {found[2].upper()}"
    return None if text is None else str(text)


def _kept(work: Work, values: dict[str, Any]) -> int:
    same = "|".join(str(values[code] or "").casefold().replace(" ", "") for code in _PARTS)
    if work.switches["address_dedupe"]:
        for row in work.tables.find("addresses", "same", same):
            return int(row["id"])
    number = work.tables.next_number("addresses", FIRST_ADDRESS)
    country = work.tables.get("codes", f"Land|{str(values['CoId']).casefold()}") or {}
    row = {"id": number, **values, "iso": country.get("iso"), "same": same, "created": work.now, "modified": work.now}
    work.tables.put("addresses", number, row)
    return number


def moved(work: Work, contact: Row, adr: int | None, pad: int | None, begin: Any) -> Row:
    """A contact with other addresses; the old ones stay in its history. `begin` is ignored for a first address."""
    changed = dict(contact)
    history = list(contact["history"])
    for kind, address in (("adr", adr), ("pad", pad)):
        if address is not None and address != contact[kind]:
            since = begin if contact[kind] is not None and begin else work.today
            history.append({"kind": kind.upper(), "address": address, "since": since})
            changed[kind] = address
    return changed | {"history": history}


def apply(work: Work, node: Node, contact: Row) -> Row:
    """A contact with the addresses that stand below an element (KnBasicAddressAdr and KnBasicAddressPad)."""
    adr_node = next(iter(node.below("KnBasicAddressAdr")), None)
    pad_node = next(iter(node.below("KnBasicAddressPad")), None)
    adr = record(work, adr_node) if adr_node else None
    same = node.values.get("PadAdr")
    if same or (same is None and pad_node is None and contact["pad"] is None):
        pad = adr
    else:
        pad = record(work, pad_node) if pad_node else None
    begin = (adr_node or pad_node or node).values.get("BeginDate")
    return moved(work, contact, adr, pad, begin)
