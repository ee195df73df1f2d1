"""Customers: organisations and persons with their contacts and addresses, and the sales relations that hang on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.afas import addresses
from sandbox.afas.messages import Label, Problem
from sandbox.afas.work import FIRST_CONTACT, FIRST_DEBTOR, FIRST_PARTY, Work

if TYPE_CHECKING:
    from sandbox.afas.body import Node
    from sandbox.afas.tables import Row

RELATION = Label("Verkooprelatie", "Sales contact")
PARTY = Label("Organisatie/persoon", "Organisation/Person")
_NOT_STORED = {"MatchOga", "MatchPer", "AutoNum", "PadAdr", "BcId", "BcCo", "FileStream", "BeginDate", "ResZip"}
_FLAGS = ("IsDb", "Bl", "BlTl", "VtIn")
_NAMES = ("LaNm", "Is", "In", "ViGe")
_MATCH: dict[str, dict[str, tuple[str, ...]]] = {
    "KnOrganisation": {"0": ("BcCo",), "1": ("CcNr",), "2": ("FiNr",), "3": ("Nm",), "4": (), "5": ()},
    "KnPerson": {
        "0": ("BcCo",),
        "1": ("SoSe",),
        "2": _NAMES,
        "3": (*_NAMES, "EmAd"),
        "4": (*_NAMES, "MbNr"),
        "5": (*_NAMES, "TeNr"),
        "6": (*_NAMES, "DaBi"),
    },
}
_ALWAYS_NEW = {"KnOrganisation": "6", "KnPerson": "7"}
_ENCLOSING = "9"


# -- sales relations --------------------------------------------------------------------------------------------------


def write_relation(work: Work, node: Node) -> dict[str, str]:
    """KnSalesRelationOrg and KnSalesRelationPer.

    Raises:
        Problem: AFAS refuses it.
    """
    below = "KnOrganisation" if node.spec.name == "KnSalesRelationOrg" else "KnPerson"
    nodes = node.below(below)
    if len(nodes) > 1:
        raise Problem("bad_body", value=below)
    party = nodes[0] if nodes else None
    if node.action == "insert":
        return _insert_relation(work, node, party)
    if node.action == "delete":
        raise Problem("bad_body", value="@Action")
    return _update_relation(work, node, party)


def _insert_relation(work: Work, node: Node, below: Node | None) -> dict[str, str]:
    if below is None:
        raise Problem("mandatory", PARTY)
    if below.values.get("MatchOga", below.values.get("MatchPer")) == _ENCLOSING:
        raise Problem("match_9_insert", code="MatchOga" if below.spec.name == "KnOrganisation" else "MatchPer")
    vat_number(work, node)
    party = write_party(work, below, must_exist=below.given and below.action == "update", needs_address=True)
    if work.tables.find("debtors", "bcco", party["bcco"]):
        raise Problem("second_relation")
    number = node.text("DbId")
    if number is not None and work.tables.get("debtors", number) is not None:
        raise work.taken(RELATION, node.spec.label("DbId"))
    while number is None:
        free = str(work.tables.next_number("debtors", FIRST_DEBTOR))
        number = free if work.tables.get("debtors", free) is None else None
    f = {code: value for code, value in node.values.items() if value is not None and code != "DbId"}
    f |= {code: bool(f.get(code)) for code in _FLAGS}
    row = {
        "number": number,
        "bcco": party["bcco"],
        "kind": party["kind"],
        "f": f,
        "created": work.now,
        "modified": work.now,
    }
    work.tables.put("debtors", number, row)
    answer = {"DbId": number, "BcCo": party["bcco"]}
    return answer | {"BcId": str(party["bcid"])} if work.switches["answer_bcid"] else answer


def _update_relation(work: Work, node: Node, below: Node | None) -> dict[str, str]:
    number = str(node.values["DbId"])
    row = work.tables.get("debtors", number)
    if row is None and work.lenient:
        kind = "ORG" if node.spec.name == "KnSalesRelationOrg" else "PER"
        wanted = below.values.get("BcCo") if below else None
        party = work.tables.get("parties", wanted) or _made(work, kind, wanted)
        row = {
            "number": number,
            "bcco": party["bcco"],
            "kind": kind,
            "f": {},
            "created": work.now,
            "modified": work.now,
        }
        work.tables.put("debtors", number, row)
    if row is None:
        raise work.missing(RELATION, node.spec.label("DbId"))
    work.unlocked("debtors", number)
    if below is None and work.switches["put_relation_needs_object"] and not work.by_user:
        code = "MatchOga" if node.spec.name == "KnSalesRelationOrg" else "MatchPer"
        raise Problem("mandatory", node.spec.children[_below(node)].label(code))
    vat_number(work, node)
    if below is not None:
        party = write_party(work, below, enclosing=row["bcco"], must_exist=True)
        if party["bcco"] != row["bcco"]:
            raise Problem("match_none")
    f = dict(row["f"]) | {code: value for code, value in node.values.items() if code != "DbId"}
    f |= {code: bool(f.get(code)) for code in _FLAGS}
    work.tables.put("debtors", number, row | {"f": f, "modified": work.now})
    return {"DbId": number, "BcCo": row["bcco"]}


def _below(node: Node) -> str:
    return "KnOrganisation" if node.spec.name == "KnSalesRelationOrg" else "KnPerson"


def vat_number(work: Work, node: Node) -> None:
    """With the switch on: a Dutch VAT number must pass the mod 11 check.

    Raises:
        Problem: it does not.
    """
    text = (node.text("VaId") or "").upper().replace(".", "")
    digits = text[2:11]
    if not work.switches["vat_number_check"] or not text.startswith("NL") or not digits.isdigit():
        return
    total = sum(int(digit) * weight for digit, weight in zip(digits[:8], range(9, 1, -1), strict=True))
    if total % 11 != int(digits[8]):
        raise Problem("mod_11")


# -- organisations and persons ----------------------------------------------------------------------------------------


def write_party(
    work: Work,
    node: Node,
    *,
    enclosing: str | None = None,
    must_exist: bool = False,
    needs_address: bool = False,
    at_organisation: bool = False,
) -> Row:
    """KnOrganisation and KnPerson: find by the match code, change what is found or add.

    Args:
        work: Where.
        node: The element.
        enclosing: The party of the sales relation around it, for match code 9.
        must_exist: It is an update: finding nobody is an error.
        needs_address: A new one must have an address.
        at_organisation: A person that is added as a contact of an organisation.

    Raises:
        Problem: AFAS refuses it.
    """
    name = node.spec.name
    match = node.text("MatchOga" if name == "KnOrganisation" else "MatchPer") or ""
    if match == _ENCLOSING:
        if enclosing is None or (node.given and node.action == "insert"):
            raise Problem("match_9_insert", code="MatchOga" if name == "KnOrganisation" else "MatchPer")
        hits = [work.row("parties", enclosing, PARTY)]
    else:
        hits = _matches(work, node, match)
    if len(hits) > 1:
        raise Problem("match_many")
    if hits:
        return _update_party(work, node, hits[0])
    number = node.text("BcCo")
    if match == "0" and number and work.lenient and _truth(node, "AutoNum") is not False:
        return _update_party(work, node, _made(work, "ORG" if name == "KnOrganisation" else "PER", number))
    if must_exist or (match == "0" and number and _truth(node, "AutoNum") is not False):
        raise Problem("match_address" if match in {"4", "5"} and name == "KnOrganisation" else "match_none")
    return _insert_party(work, node, needs_address=needs_address, at_organisation=at_organisation)


def _truth(node: Node, code: str) -> bool | None:
    value = node.values.get(code)
    return None if value is None else bool(value)


def _matches(work: Work, node: Node, match: str) -> list[Row]:
    name = node.spec.name
    if match == _ALWAYS_NEW[name]:
        return []
    if match == "0":
        row = work.tables.get("parties", node.text("BcCo"))
        return [row] if row is not None and row["kind"] == _kind(name) else []
    if name == "KnOrganisation" and match in {"4", "5"}:
        return _at_address(work, node, "pad" if match == "5" else "adr")
    codes = _MATCH[name].get(match)
    if codes is None:
        raise Problem("not_exist", node.spec.label("MatchOga" if name == "KnOrganisation" else "MatchPer"))
    wanted = [_comparable(node.values.get(code)) for code in codes]
    if wanted[0] is None or wanted[-1] is None:
        return []
    return [
        row
        for row in work.tables.find("parties", "kind", _kind(name))
        if [_comparable(row["f"].get(code)) for code in codes] == wanted
    ]


def _kind(name: str) -> str:
    return "ORG" if name == "KnOrganisation" else "PER"


def _comparable(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _at_address(work: Work, node: Node, kind: str) -> list[Row]:
    below = next(iter(node.below("KnBasicAddressPad" if kind == "pad" else "KnBasicAddressAdr")), None)
    address = addresses.record(work, below) if below else None
    if address is None:
        return []
    contacts = [row for row in work.tables.find("contacts", kind, address) if row["type"] == "ORG"]
    return [work.row("parties", row["bcco"], PARTY) for row in contacts]


def _made(work: Work, kind: str, number: Any) -> Row:
    """An organisation or person that a recorded example takes for granted."""
    row: Row = {
        "bcco": str(number or work.tables.next_number("parties", FIRST_PARTY)),
        "bcid": work.tables.next_number("bcid", 1),
        "kind": kind,
        "f": {"Nm": "?"} if kind == "ORG" else {"LaNm": "?", "ViGe": "O"},
        "created": work.now,
        "modified": work.now,
    }
    work.tables.put("parties", row["bcco"], row)
    put_contact(work, {"type": kind, "bcco": row["bcco"], "person": None})
    return row


def _insert_party(work: Work, node: Node, *, needs_address: bool, at_organisation: bool) -> Row:
    kind = _kind(node.spec.name)
    needed = "Nm" if kind == "ORG" else "LaNm"
    if node.values.get(needed) is None:
        raise Problem("mandatory", node.spec.label(needed))
    if kind == "PER" and node.values.get("ViGe") is None:
        raise Problem("gender")
    number = node.text("BcCo")
    if number is None and _truth(node, "AutoNum") is False:
        raise Problem("mandatory", node.spec.label("BcCo"))
    if number is not None and work.tables.get("parties", number) is not None:
        raise work.taken(PARTY, node.spec.label("BcCo"))
    while number is None:
        free = str(work.tables.next_number("parties", FIRST_PARTY))
        number = free if work.tables.get("parties", free) is None else None
    f = _stored(node)
    f.setdefault("SeNm", str(f[needed])[:10].upper())
    row: Row = {
        "bcco": number,
        "bcid": work.tables.next_number("bcid", 1),
        "kind": kind,
        "f": f,
        "created": work.now,
        "modified": work.now,
    }
    work.tables.put("parties", number, row)
    own: Row = {"type": kind, "bcco": number, "person": None}
    if not at_organisation or work.switches["person_contact"] == "per_and_prs":
        contact = put_contact(work, own)
        contact = addresses.apply(work, node, contact)
        if needs_address and contact["adr"] is None and work.switches["address_mandatory"]:
            raise Problem("mandatory", Label("Land", "Country"))
        work.tables.put("contacts", contact["id"], contact)
    _below_party(work, node, row)
    return row


def _stored(node: Node) -> dict[str, Any]:
    return {code: value for code, value in node.values.items() if value is not None and code not in _NOT_STORED}


def _update_party(work: Work, node: Node, row: Row) -> Row:
    work.unlocked("parties", row["bcco"])
    values = {code: value for code, value in node.values.items() if code not in _NOT_STORED}
    needed = "Nm" if row["kind"] == "ORG" else "LaNm"
    if needed in values and values[needed] is None:
        raise Problem("mandatory", node.spec.label(needed))
    if values:
        row = work.tables.put("parties", row["bcco"], row | {"f": {**row["f"], **values}, "modified": work.now})
    if node.below("KnBasicAddressAdr") or node.below("KnBasicAddressPad"):
        for contact in work.tables.find("contacts", "bcco", row["bcco"]):
            if contact["type"] in {"ORG", "PER"}:
                changed = addresses.apply(work, node, contact)
                work.tables.put("contacts", contact["id"], changed | {"modified": work.now})
                break
    _below_party(work, node, row)
    return row


def _below_party(work: Work, node: Node, row: Row) -> None:
    for bank in node.below("KnBankAccount"):
        f = _stored(bank)
        if f.get("Iban") or f.get("BaAc"):
            f = {code: str(f[code]).replace(" ", "").upper() if code in {"Iban", "BaAc"} else f[code] for code in f}
            number = work.tables.next_number("bank_accounts", 1)
            work.tables.put("bank_accounts", number, {"id": number, "bcco": row["bcco"], "f": f})
    contacts = node.below("KnContact")
    if len(contacts) > 1 and work.switches["one_contact_per_call"]:
        raise Problem("bad_body", value="KnContact")
    for contact in contacts:
        write_contact(work, row["bcco"], contact)


# -- contacts ---------------------------------------------------------------------------------------------------------


def put_contact(work: Work, start: Row) -> Row:
    """A new contact without addresses; `start` has its type, bcco and person."""
    number = work.tables.next_number("contacts", FIRST_CONTACT)
    row = {"id": number, **start, "adr": None, "pad": None, "history": [], "f": {}}
    return work.tables.put("contacts", number, row | {"created": work.now, "modified": work.now})


def write_contact(work: Work, bcco: str, node: Node) -> Row:
    """KnContact below an organisation or person.

    Raises:
        Problem: AFAS refuses it.
    """
    if node.action == "delete":
        raise Problem("bad_body", value="@Action")
    people = node.below("KnPerson")
    person = write_party(work, people[0], at_organisation=True) if people else None
    kind = str(node.values.get("ViKc") or ("PRS" if person else "AFD"))
    known = None
    if node.action == "update":
        known = _known_contact(work, bcco, kind, person, node)
        if known is None and node.given:
            raise Problem("match_none")
    row = known or put_contact(work, {"type": kind, "bcco": bcco, "person": person["bcco"] if person else None})
    row = _changed_contact(work, node, row)
    if kind == "AFL" and row["adr"] is None:
        raise Problem("incomplete_address")
    return row


def _known_contact(work: Work, bcco: str, kind: str, person: Row | None, node: Node) -> Row | None:
    name = _comparable(node.values.get("ExAd"))
    for row in work.tables.find("contacts", "bcco", bcco):
        if person is not None and row["person"] == person["bcco"]:
            return row
        if person is None and row["type"] == kind and _comparable(row["f"].get("ExAd")) == name:
            return row
    return None


def _changed_contact(work: Work, node: Node, row: Row) -> Row:
    skip = _NOT_STORED | {"ViKc", "BcCoOga", "BcCoPer", "CdId"}
    f = dict(row["f"]) | {code: value for code, value in node.values.items() if code not in skip}
    changed = addresses.apply(work, node, row | {"f": f, "modified": work.now})
    return work.tables.put("contacts", row["id"], changed)


def change_contact(work: Work, node: Node) -> dict[str, str]:
    """KnContact on its own: found by its id, by organisation and person, or by organisation and name.

    Raises:
        Problem: there is none, or a reference is wrong.
    """
    number, organisation, person = node.values.get("CdId"), node.text("BcCoOga"), node.text("BcCoPer")
    name = _comparable(node.values.get("ExAd"))
    row = work.tables.get("contacts", number) if number is not None else None
    if row is None and organisation is not None:
        for one in work.tables.find("contacts", "bcco", organisation):
            by_name = person is None and name is not None and _comparable(one["f"].get("ExAd")) == name
            if by_name or (person is not None and one["person"] == person):
                row = one
                break
        if row is None and work.lenient:
            row = put_contact(work, {"type": "PRS" if person else "AFL", "bcco": organisation, "person": person})
    if row is None:
        raise Problem("match_none")
    work.unlocked("parties", row["bcco"])
    _changed_contact(work, node, row)
    return {}


def add_address(work: Work, node: Node) -> dict[str, str]:
    """KnAddress: an address on its own.

    Raises:
        Problem: it is incomplete.
    """
    number = addresses.record(work, node)
    if number is None:
        raise Problem("incomplete_address")
    return {"AdId": str(number)} if work.switches["address_answer"] == "id" else {}
