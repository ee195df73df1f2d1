"""The checks that come before any work: field codes, mandatory values, types and lengths, then references.

Each check goes over the whole body before the next begins; the first error wins and nothing is stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.afas.kinds import MINIMUM
from sandbox.afas.messages import Label, Problem
from sandbox.afas.values import NotThatTypeError, written
from sandbox.afas.work import ANY, ITEM_TYPES, NO_AMOUNT, Work, item_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sandbox.afas.body import Node
    from sandbox.afas.schema import WriteField, WriteObject

LINES = {"FbSalesLines", "FbSalesQuotationLines", "FbDirectInvoiceLines", "FbDeliveryNoteLines"}
_LINE = ("VaIt", "ItCd", "QuUn")
_UNCHECKED = {"", "Woonplaats", "Item", "Eenheid", "Btw-tariefgroep", "Dagboek", "Definitie"}
_SCALE = 10
"""Decimals of a number whose size is not recorded: those of AFAS's amounts."""
_BY_RULE = {("FiEntryPar/FiEntries", "AcNr")}
"""References that hang on another field: a rule of the connector checks them."""


def check(work: Work, nodes: Iterable[Node], free: Mapping[str, list[WriteField]]) -> None:
    """Check a body and fill `Node.values`.

    Args:
        work: Where the references are looked up.
        nodes: The root elements.
        free: Free fields by object path.

    Raises:
        Problem: the first thing that is wrong.
    """
    every = [(node, _known(node, free)) for root in nodes for node in root.walk()]
    for node, fields in every:
        _codes(work, node, fields)
    for node, _ in every:
        _mandatory(work, node)
    for node, fields in every:
        _types(work, node, fields)
    for node, fields in every:
        for code, value in node.values.items():
            if value is not None:
                node.values[code] = _looked_up(work, node.spec, fields[code], value)
    for node, _ in every:
        if not node.spec.own:
            _item(work, node)


def _known(node: Node, free: Mapping[str, list[WriteField]]) -> Mapping[str, WriteField]:
    own = free.get(node.spec.path)
    return {**node.spec.fields, **{one.code: one for one in own}} if own else node.spec.fields


def _codes(work: Work, node: Node, fields: Mapping[str, WriteField]) -> None:
    for code in list(node.raw):
        if code in fields:
            continue
        if work.switches["unknown_field"] == "error":
            raise Problem("unknown_field", value=code, thing=Label(node.spec.name, node.spec.name))
        del node.raw[code]


def _mandatory(work: Work, node: Node) -> None:
    if not node.spec.own:
        _minimum(node)
    name, insert = node.spec.name, node.action == "insert"
    needed: list[str] = []
    if name in LINES:
        text = item_type(str(node.raw.get("VaIt"))) in NO_AMOUNT
        needed = [code for code in _LINE if not (text and code == "QuUn")] if insert else []
    elif node.spec.path in {"FbSales", "FbSalesQuotation", "FbDirectInvoice", "FbDeliveryNote"}:
        needed = ["OrNu"] if not insert else [] if _filled(node, "SoOr") or _filled(node, "SoQu") else ["DbId"]
        if name == "FbSales" and insert and _manual(work, "order_numbering"):
            needed.insert(0, "OrNu")
    elif name in {"KnSalesRelationOrg", "KnSalesRelationPer"}:
        needed = ["CuId"] if insert else ["DbId"]
        if insert and _true(node.raw.get("IsDb")):
            needed += ["PaCd", "ColA"]
        if insert and _manual(work, "debtor_numbering"):
            needed.insert(0, "DbId")
    elif name in {"FbFreeOrder", "FbSettleOrder"}:
        needed = ["VaOt", "OrNu"]
    elif name == "KnOrganisation":
        needed = ["MatchOga"]
    elif name == "KnPerson":
        needed = ["MatchPer"]
    for code in needed:
        if not _filled(node, code):
            raise Problem("mandatory", node.spec.label(code))


def _minimum(node: Node) -> None:
    """What an insert through a connector without logic of its own must hold."""
    if node.action != "insert":
        return
    for needed in MINIMUM.get(node.spec.path, ()):
        codes = needed.split("|")
        if needed == "QuUn" and item_type(str(node.raw.get("VaIt"))) in NO_AMOUNT:
            continue
        if codes[0] == "ItCd" and _true(node.raw.get("AuId")):
            continue
        if not any(_filled(node, code) for code in codes):
            raise Problem("mandatory", node.spec.label(codes[0]))


def _manual(work: Work, switch: str) -> bool:
    return work.switches[switch] == "manual" and not work.by_user


def _filled(node: Node, code: str) -> bool:
    return node.raw.get(code) not in (None, "")


def _true(raw: Any) -> bool:
    try:
        return bool(written("b", raw))
    except NotThatTypeError:
        return False


def _types(work: Work, node: Node, fields: Mapping[str, WriteField]) -> None:
    for code, raw in node.raw.items():
        known = fields[code]
        try:
            value = written(
                known.kind,
                raw,
                known.decimals if known.length else _SCALE,
                round_decimals=work.switches["too_many_decimals"] == "round",
            )
        except NotThatTypeError as error:
            raise Problem("type_mismatch", known.label) from error
        if known.kind == "s" and known.length and isinstance(value, str) and len(value) > known.length:
            if work.switches["over_length"] == "error":
                raise Problem("over_length", known.label, value=known.length)
            value = value[: known.length]
        if known.kind == "n" and known.length and value is not None:
            whole = known.length - known.decimals
            if abs(value) >= 10**whole:
                raise Problem("type_mismatch", known.label)
        node.values[code] = value


def _looked_up(work: Work, spec: WriteObject, known: WriteField, value: Any) -> Any:
    """A value as its list spells it.

    Connectors without logic of their own name lists of every corner of AFAS: only those that this environment has are
    checked.
    """
    if spec.own:
        return _reference(work, known, value)
    if (spec.path, known.code) in _BY_RULE:
        return value
    plain = known.values is None and known.reference not in _SPECIAL and known.reference not in _UNCHECKED
    if plain and not work.tables.find("codes", "list", known.reference):
        return value
    return _reference(work, known, value)


def _item(work: Work, node: Node) -> None:
    """An item that is named must exist, where the environment has items of its type."""
    kind, code = node.values.get("VaIt"), node.values.get("ItCd")
    if kind is None or code is None:
        return
    kind = item_type(str(kind))
    if work.tables.find("items", "type", kind) or work.lenient:
        node.values["ItCd"] = work.item(kind, str(code), node.spec.label("ItCd"))["code"]


def _reference(work: Work, known: WriteField, value: Any) -> Any:
    if known.code == "VaIt":
        value = _listed_item_type(known, item_type(str(value)))
    if known.values is not None:
        for code in known.values:
            if code.casefold() == str(value).casefold():
                return code
        if not known.reference:
            if work.lenient:
                return value
            raise Problem("not_exist", known.label)
    if known.reference in _UNCHECKED:
        return value
    special = _SPECIAL.get(known.reference)
    if special is not None:
        return special(work, known, value)
    if value == ANY and known.reference in {"Prijslijst verkoop", "Verkooprelatieprofiel"}:
        return value
    return work.code(known.reference, str(value), known.label)


def _listed_item_type(known: WriteField, number: str) -> str:
    """An item type as its list has it: most lists have numbers, some letters."""
    letters = next((letters for letters, one in ITEM_TYPES.items() if one == number), number)
    return letters if known.values is not None and number not in known.values else number


def _debtor(work: Work, known: WriteField, value: Any) -> Any:
    if work.lenient and work.tables.get("debtors", str(value)) is None:
        return value
    return work.row("debtors", str(value), known.label)["number"]


def _numbered(table: str) -> Callable[[Work, WriteField, Any], Any]:
    def look(work: Work, known: WriteField, value: Any) -> Any:
        if not (work.lenient and work.tables.get(table, value) is None):
            work.row(table, value, known.label)
        return value

    return look


def _project(work: Work, known: WriteField, value: Any) -> Any:
    if work.lenient and work.tables.get("projects", str(value).casefold()) is None:
        return value
    row = work.row("projects", str(value).casefold(), known.label)
    if row["closed"]:
        raise Problem("project_closed", value=row["code"])
    return row["code"]


_SPECIAL: dict[str, Callable[[Work, WriteField, Any], Any]] = {
    "Verkooprelatie": _debtor,
    "Verkooporder": _numbered("orders"),
    "Verkoopofferte": _numbered("quotations"),
    "Administratieparameters Algemeen": _numbered("administrations"),
    "Adres": _numbered("addresses"),
    "Contact": _numbered("contacts"),
    "Administratie": _numbered("administrations"),
    "Organisatie/persoon": _numbered("parties"),
    "Organisatie/Persoon": _numbered("parties"),
    "Project": _project,
    "Magazijn": lambda work, known, value: work.warehouse(str(value), known.label),
}
