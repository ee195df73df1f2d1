"""What single connectors do besides keeping a record: rules that refuse it, and what it changes elsewhere."""

from __future__ import annotations

import base64
import binascii
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.afas import file_set, finance, goods, relations, stocks
from sandbox.afas.goods_set import SLOTS, slot_name
from sandbox.afas.indexes import fields_key
from sandbox.afas.messages import Label, Problem
from sandbox.afas.values import local
from sandbox.afas.work import code_key, item_key, put_code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.afas.body import Node
    from sandbox.afas.tables import Row
    from sandbox.afas.work import Work

ARTICLE = Label("Artikel", "Item")
_ITEMS = {"FbItemArticle": "2", "FbComposition": "7"}
_ON_INSERT_ONLY = ("StPrice", "CoPrice", "SaPrice", "PuPrice", "CsPrice", "DatPri")
_STOCK_SIGN = {"41": 1, "31": 1, "42": -1, "32": -1}
_PARTIES = {"KnPurchaseRelationOrg": "KnOrganisation", "KnPurchaseRelationPer": "KnPerson"}
_FIRST_FILE = 1_001


def before(work: Work, connector: str, node: Node, f: dict[str, Any]) -> None:
    """Fill what an insert may leave out.

    Raises:
        Problem: it can't be filled.
    """
    if connector == "FiEntries":
        finance.before(work, node, f)
    elif connector == "KnSubject" and f.get("Da") is None:
        f["Da"] = local(work.now).replace(microsecond=0)


def check(work: Work, connector: str, node: Node, row: Row, old: Row | None) -> None:
    """Hold a record against the rules of its connector; it may be adjusted.

    Args:
        work: Where.
        connector: Its connector.
        node: What was sent.
        row: The record as it is to be.
        old: As it was; None for a new one.

    Raises:
        Problem: AFAS refuses it.
    """
    if connector == "FiEntries":
        finance.check(work, node, row)
    elif connector in _ITEMS:
        _check_item(work, node, row, old)
    elif connector in _PARTIES:
        _write_party(work, connector, node, row, old)


def after(work: Work, connector: str, node: Node, row: Row) -> None:
    """Change what hangs on a record that was kept."""
    f = row["f"]
    if connector == "FiEntries":
        finance.after(work, row)
    elif connector == "FbStockMutation":
        _move_stock(work, f)
    elif connector == "FbUnitBasicItem":
        _set_units(work, f, kept=True)
    elif connector == "KnAccount":
        put_code(work.tables, finance.ACCOUNTS, str(f["AcNr"]), f.get("Ds") or "", blocked=bool(f.get("Bl")))
    elif connector == "KnSubject":
        _put_files(work, [node, *node.below("KnSubjectAttachment")], subject=f["SbId"])
    elif connector == "KnSubjectReaction" and f.get("SbId") is not None:
        _put_files(work, node.below("KnReactionAttachment"), subject=f["SbId"])
    elif connector in _ITEMS:
        _put_images(work, node, item_key(_ITEMS[connector], str(f["ItCd"])))
    elif connector == "FbUpdateAdB":
        _set_variant(work, f)


def removed(work: Work, connector: str, row: Row) -> None:
    """Before a record goes: refuse it, or take away what hangs on it.

    Raises:
        Problem: something needs it.
    """
    f = row["f"]
    if connector == "FiEntries":
        finance.removed(work, row)
    elif connector in _ITEMS:
        wanted = (_ITEMS[connector], str(f["ItCd"]).casefold())
        documents: Iterable[Row] = (
            one for table in ("orders", "delivery_notes", "direct_invoices") for one in work.tables.all(table)
        )
        for document in documents:
            if any((line["f"]["VaIt"], line["f"]["ItCd"].casefold()) == wanted for line in document["lines"]):
                raise Problem("in_use", thing=ARTICLE, value=f["ItCd"])
    elif connector == "FbUnitBasicItem":
        _set_units(work, f, kept=False)
    elif connector == "KnAccount":
        work.tables.delete("codes", code_key(finance.ACCOUNTS, str(f["AcNr"])))
    elif connector == "KnSubject":
        for file in work.tables.find("files", "subject", f["SbId"]):
            work.tables.delete("files", file["number"])


def answer(connector: str, row: Row) -> dict[str, str] | None:
    """The keys to answer where they are not simply the documented ones."""
    if connector == "FiEntries":
        return finance.answer(row)
    if connector == "FbInstalment":
        lines = row["rows"].get("FbInstalmentLines", [])
        return {"Inst": str(lines[-1]["f"].get("Inst", "")) if lines else "", "PrId": str(row["f"]["PrId"])}
    return None


def lenient(connector: str) -> dict[str, Any]:
    """What a record that is made on the spot holds besides its key."""
    return {"BiUn": "STK"} if connector in _ITEMS else {}


change_entry_line = finance.change_line


# -- articles ---------------------------------------------------------------------------------------------------------


def _check_item(work: Work, node: Node, row: Row, old: Row | None) -> None:
    f = row["f"]
    if f.get("VaRc") is not None and "VaRc" in node.values:
        f["VaRc"] = work.code("Btw-tariefgroep", str(f["VaRc"]), node.spec.label("VaRc"))
    if old is None:
        return
    given = node.values.get("BiUn")
    if given is not None and str(given).casefold() != str(old["f"]["BiUn"]).casefold():
        raise Problem("read_only", node.spec.label("BiUn"))
    f |= {code: old["f"].get(code) for code in (*_ON_INSERT_ONLY, "BiUn") if code in f}


def _item_key(f: dict[str, Any]) -> str:
    return item_key(str(f["VaIt"]), str(f["ItCd"]))


def _set_units(work: Work, f: dict[str, Any], *, kept: bool) -> None:
    """Units besides its own in which an item can be ordered."""
    item = work.tables.get("items", _item_key(f))
    if item is not None:
        units = [unit for unit in item["f"].get("units", ()) if unit.casefold() != str(f["BiUn"]).casefold()]
        new = item["f"] | {"units": [*units, f["BiUn"]] if kept else units}
        work.tables.put("items", _item_key(f), item | {"f": new})


def _move_stock(work: Work, f: dict[str, Any]) -> None:
    sign, default = _STOCK_SIGN.get(str(f["VaOt"]), 0), stocks.default_warehouse(work.tables)
    if sign:
        place = stocks.Place(str(f.get("StL1") or ""), str(f.get("StL2") or ""), stocks.warehouse_of(f, {}, default))
        stocks.move(work, _item_key(f), place, sign * Decimal(f["QuUn"]) * Decimal(f.get("PcUn") or 1))


# -- others -----------------------------------------------------------------------------------------------------------


def _write_party(work: Work, connector: str, node: Node, row: Row, old: Row | None) -> None:
    """The organisation or person of a purchase relation, matched as for a sales relation."""
    name = _PARTIES[connector]
    nodes = node.below(name)
    row["rows"].pop(name, None)
    if len(nodes) > 1:
        raise Problem("bad_body", value=name)
    if not nodes:
        if old is None:
            raise Problem("mandatory", relations.PARTY)
        return
    enclosing = old["f"].get("BcCo") if old else None
    if work.lenient and old is not None and enclosing is None:
        return
    must = old is not None or (nodes[0].given and nodes[0].action == "update")
    party = relations.write_party(work, nodes[0], enclosing=enclosing, must_exist=must)
    if enclosing is not None and party["bcco"] != enclosing:
        raise Problem("match_none")
    row["f"]["BcCo"] = party["bcco"]


def _put_files(work: Work, nodes: Iterable[Node], *, subject: int) -> None:
    for node in nodes:
        if node.action == "delete" or not node.values.get("FileStream"):
            continue
        raw = _bytes(work, node, "FileStream")
        name = _file_name(node, "FileName" if "FileName" in node.spec.fields else "SbPa")
        same = (row["number"] for row in work.tables.find("files", "subject", subject) if row["name"] == name)
        number = next(same, None) or work.tables.next_number("files", _FIRST_FILE)
        file_set.put_file(work.tables, number, name, "application/octet-stream", raw, subject=subject)


def _put_images(work: Work, node: Node, item: str) -> None:
    """The images that an item is sent with, each in its slot."""
    for slot in SLOTS:
        stream = slot_name("FileStream", slot)
        if node.values.get(stream):
            name = _file_name(node, slot_name("FileName", slot))
            kept = work.switches["replaced_image"] == "same_id"
            goods.put_image(work.tables, item, slot, name, _bytes(work, node, stream), kept_number=kept)


def _bytes(work: Work, node: Node, code: str) -> bytes:
    try:
        return base64.b64decode(str(node.values[code]), validate=True)
    except (binascii.Error, ValueError) as error:
        if not work.lenient:
            raise Problem("type_mismatch", node.spec.label(code)) from error
        return b""


def _file_name(node: Node, code: str) -> str:
    name = str(node.values.get(code) or "")
    if not name:
        raise Problem("mandatory", node.spec.label(code))
    return name


def _set_variant(work: Work, f: dict[str, Any]) -> None:
    """Block or barcode of one variant; only the codes that name it are documented, others are free fields here."""
    key = goods.variant_key(fields_key(f), str(f["StL1"]), str(f.get("StL2") or ""))
    known, item = work.tables.get("variants", key), work.tables.get("items", fields_key(f))
    if known is not None and item is not None:
        changes = {name: f[code] for code, name in (("BlSa", "BlockedSales"), ("BaCo", "Barcode")) if code in f}
        goods.put_variant(work.tables, work.now, item, {"Dim1": known["Dim1"], "Dim2": known["Dim2"], **changes})
