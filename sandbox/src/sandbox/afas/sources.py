"""Row sources of the GetConnectors: which tables they join, and the columns they give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.afas.definitions import Columns, Source
from sandbox.afas.goods_sources import GOODS_SOURCES
from sandbox.afas.record_set import record_sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.afas.tables import Key, Reader, Row

STATUS = {
    "A": ("Actief", "Active"),
    "P": ("Gedeeltelijk geleverd", "Partly delivered"),
    "D": ("Geleverd", "Delivered"),
    "I": ("Gefactureerd", "Invoiced"),
    "S": ("Handmatig afgehandeld", "Settled manually"),
}
PARTY = {"ORG": ("Organisatie", "Organisation"), "PER": ("Persoon", "Person")}
ORDER_TYPE = ("Verkooporder", "Sales order")
NOTE_TYPE = ("Pakbon", "Packing slip")


def _said(pair: tuple[str, str], language: str) -> str:
    return pair[0] if language == "nl" else pair[1]


# -- orders -----------------------------------------------------------------------------------------------------------


def _orders(_: Reader, row: Row, language: str) -> Iterator[Columns]:
    yield _order(row, language)


def _order(row: Row, language: str) -> dict[str, Any]:
    quantity = sum((line["f"].get("QuUn") or 0 for line in row["lines"]), start=0)
    text = {"type": _said(ORDER_TYPE, language), "status": _said(STATUS[row["status"]], language)}
    return {"h": row["f"], "doc": row, "t": text, "x": {"quantity": quantity}}


def _order_lines(_: Reader, row: Row, language: str) -> Iterator[Columns]:
    head = _order(row, language)
    for line in row["lines"]:
        f = line["f"]
        quantity = f.get("QuUn")
        net = line["amount"] / quantity if quantity else line["amount"]
        shown = {"net": net, "letters": LETTERS.get(f.get("VaIt"))}
        dims = {"dim1": f.get("StL1") or "", "dim2": f.get("StL2") or ""}
        yield head | {"l": f, "line": line, "n": shown | dims}


LETTERS = {
    "1": "Wst", "2": "Art", "3": "Txt", "4": "Sub", "5": "Tsl", "6": "Kst", "7": "Sam", "8": "Crs", "10": "Pid",
    "11": "Deg", "14": "Dim",
}  # fmt: skip
"""Item types: the numbers of UpdateConnectors and the letters that most read connectors show."""


# -- relations --------------------------------------------------------------------------------------------------------


def address_lines(address: Row | None) -> dict[str, str | None]:
    """The four lines of an address as AFAS prints them, and the one-line form."""
    if address is None:
        return {}
    number = " ".join(str(part) for part in (address["HmNr"], address["HmAd"]) if part is not None)
    street = " ".join(part for part in (address["StAd"], address["Ad"], number) if part)
    if address["PbAd"]:
        street = " ".join(part for part in (address["Ad"] or "Postbus", number) if part)
    city = address["Rs"] or ""
    place = "  ".join(part for part in (address["ZpCd"], city.upper() if address["CoId"] == "NL" else city) if part)
    country = None if address["CoId"] == "NL" else address["CoId"]
    one = ", ".join(part for part in (street, place, country) if part)
    return {"1": street, "2": address["AdAd"], "3": place, "4": country, "one": one}


def own_contact(reader: Reader, bcco: str) -> Row | None:
    """The contact of an organisation or person itself (not of somebody at it)."""
    for row in reader.find("contacts", "bcco", bcco):
        if row["type"] in {"ORG", "PER"}:
            return row
    return None


def full_name(party: Row) -> str:
    """An organisation's name, or a person's first name (or initials), prefix and last name."""
    f = party["f"]
    if party["kind"] == "ORG":
        return f.get("Nm") or ""
    parts = (f.get("FiNm") or f.get("CaNm") or f.get("In"), f.get("Is"), f.get("LaNm"))
    return " ".join(part for part in parts if part)


def _contact_columns(reader: Reader, row: Row, language: str) -> dict[str, Any]:
    party = reader.get("parties", row["bcco"])
    person = reader.get("parties", row["person"]) if row["person"] else None
    human = person or (party if party and party["kind"] == "PER" else None)
    who = (person or party or {"f": {}})["f"]
    f = row["f"]
    debtor = next(iter(reader.find("debtors", "bcco", row["bcco"])), None)
    own = row if row["adr"] else own_contact(reader, row["bcco"])
    address = reader.get("addresses", own["adr"]) if own else None
    name = f.get("ExAd") if row["type"] in {"AFL", "AFD"} else full_name(human or party) if party else None
    mine = row["type"] in {"ORG", "PER", "PRS"}
    return {
        "c": row,
        "cf": f,
        "party": party,
        "pf": party["f"] if party else None,
        "who": who,
        "human": human["f"] if human else None,
        "debtor": debtor,
        "d": debtor["f"] if debtor else None,
        "a": address,
        "lines": address_lines(address),
        "t": {"type": _said(PARTY[party["kind"]], language) if party else None},
        "x": {
            "name": name,
            "party_name": full_name(party) if party else None,
            "mail": f.get("EmAd") or (who.get("EmAd") if mine else None),
            "mail2": who.get("EmA2") if mine else None,
            "phone": f.get("TeNr") or (who.get("TeNr") or who.get("TeN2") if mine else None),
            "phone_work": f.get("TeNr") or (who.get("TeNr") if mine else None),
            "mobile": f.get("MbNr") or (who.get("MbNr") or who.get("MbN2") if mine else None),
            "mobile_work": f.get("MbNr") or (who.get("MbNr") if mine else None),
            "blocked": bool(f.get("Bl") or (debtor and (debtor["f"].get("Bl") or debtor["f"].get("BlTl")))),
            "contact_blocked": bool(f.get("Bl")),
            "is_debtor": bool(debtor and debtor["f"].get("IsDb")),
            "incl": bool(debtor["f"].get("VtIn")) if debtor else None,
            "modified": max(at["modified"] for at in (row, party, person, debtor) if at),
            "organisation": row["bcco"] if party and party["kind"] == "ORG" else None,
            "person": row["person"] or (row["bcco"] if party and party["kind"] == "PER" else None),
        },
    }


def _relations(reader: Reader, row: Row, language: str) -> Iterator[Columns]:
    if row["type"] in {"ORG", "PER", "PRS"}:
        yield _contact_columns(reader, row, language)


def _contacts(reader: Reader, row: Row, language: str) -> Iterator[Columns]:
    yield _contact_columns(reader, row, language)


def _delivery_addresses(reader: Reader, row: Row, language: str) -> Iterator[Columns]:
    if row["adr"] and row["type"] != "PRS":
        yield _contact_columns(reader, row, language) | {"kind": {"code": "AFL" if row["type"] == "AFL" else "ADR"}}


def _contacts_of_party(reader: Reader, row: Row) -> Iterable[Key]:
    for field in ("bcco", "person"):
        for contact in reader.find("contacts", field, row["bcco"]):
            yield contact["id"]


def _contacts_of_debtor(reader: Reader, row: Row) -> Iterable[Key]:
    return (contact["id"] for contact in reader.find("contacts", "bcco", row["bcco"]))


def _debtors_of(reader: Reader, row: Row) -> Iterable[Key]:
    return (debtor["number"] for debtor in reader.find("debtors", "bcco", row["bcco"]))


def _party_of(_: Reader, row: Row) -> Iterable[Key]:
    return (row["bcco"],)


def _addresses_of_debtor(reader: Reader, row: Row, _: str) -> Iterator[Columns]:
    for contact in reader.find("contacts", "bcco", row["bcco"]):
        kinds = {"ORG": ("ADR", "PAD"), "PER": ("ADR", "PAD"), "AFL": ("AFL",)}.get(contact["type"], ())
        for kind in kinds:
            address = reader.get("addresses", contact["pad" if kind == "PAD" else "adr"])
            if address is not None:
                name = contact["f"].get("ExAd") if kind == "AFL" else None
                yield {"debtor": row, "a": address, "x": {"kind": kind, "name": name}}


def _debtors(reader: Reader, row: Row, _: str) -> Iterator[Columns]:
    party = reader.get("parties", row["bcco"])
    own = own_contact(reader, row["bcco"])
    address = reader.get("addresses", own["adr"]) if own else None
    f = party["f"] if party else {}
    bank = next(iter(reader.find("bank_accounts", "bcco", row["bcco"])), None)
    yield {
        "debtor": row,
        "d": row["f"],
        "pf": f,
        "lines": address_lines(address),
        "x": {
            "name": full_name(party) if party else None,
            "mail": f.get("EmAd") or f.get("EmA2"),
            "phone": f.get("TeNr") or f.get("TeN2"),
            "iban": row["f"].get("Iban") or (bank["f"].get("Iban") if bank else None),
            "blocked": bool(row["f"].get("Bl")),
            "collect": bool(row["f"].get("AuPa")),
        },
    }


def _parties(reader: Reader, row: Row, language: str) -> Iterator[Columns]:
    own = own_contact(reader, row["bcco"])
    address = reader.get("addresses", own["adr"]) if own else None
    text = {"type": _said(PARTY[row["kind"]], language)}
    yield {"party": row, "pf": row["f"], "lines": address_lines(address), "x": {"name": full_name(row)}, "t": text}


def _addresses(_: Reader, row: Row, __: str) -> Iterator[Columns]:
    yield {"a": row, "lines": address_lines(row)}


# -- small tables -----------------------------------------------------------------------------------------------------


def _plain(_: Reader, row: Row, language: str) -> Iterator[Columns]:
    yield {"r": row, "t": {"name": row.get(language) or row.get("nl")}}


def _countries(_: Reader, row: Row, language: str) -> Iterator[Columns]:
    if row["list"] == "Land":
        yield from _plain(_, row, language)


def _articles(_: Reader, row: Row, __: str) -> Iterator[Columns]:
    if row["type"] == "2":
        yield {"i": row, "f": row["f"]}


def _items(_: Reader, row: Row, __: str) -> Iterator[Columns]:
    yield {"i": row, "f": row["f"]}


def _notes(_: Reader, row: Row, language: str) -> Iterator[Columns]:
    yield {"doc": row, "h": row["f"], "t": {"type": _said(NOTE_TYPE, language)}}


SOURCES: dict[str, Source] = {
    "orders": Source("orders", _orders, {}, by_language=True),
    "order_lines": Source("orders", _order_lines, {}, by_language=True),
    "relations": Source("contacts", _relations, {"parties": _contacts_of_party, "debtors": _contacts_of_debtor}),
    "contacts": Source(
        "contacts", _contacts, {"parties": _contacts_of_party, "debtors": _contacts_of_debtor}, by_language=True
    ),
    "delivery_addresses": Source(
        "contacts", _delivery_addresses, {"parties": _contacts_of_party, "debtors": _contacts_of_debtor}
    ),
    "addresses_of_debtor": Source("debtors", _addresses_of_debtor, {"contacts": _debtors_of}),
    "debtors": Source(
        "debtors", _debtors, {"parties": _debtors_of, "contacts": _debtors_of, "bank_accounts": _debtors_of}
    ),
    "parties": Source("parties", _parties, {"contacts": _party_of}, by_language=True),
    "addresses": Source("addresses", _addresses, {}),
    "articles": Source("items", _articles, {}),
    "items": Source("items", _items, {}),
    "administrations": Source("administrations", _plain, {}),
    "journals": Source("journals", _plain, {}),
    "warehouses": Source("warehouses", _plain, {}),
    "projects": Source("projects", _plain, {}),
    "vat": Source("vat", _plain, {}),
    "countries": Source("codes", _countries, {}, by_language=True),
    "connectors": Source("connectors", _plain, {}),
    "delivery_notes": Source("delivery_notes", _notes, {}, by_language=True),
    "direct_invoices": Source("direct_invoices", _orders, {}, by_language=True),
    "direct_invoice_lines": Source("direct_invoices", _order_lines, {}, by_language=True),
    **GOODS_SOURCES,
    **record_sources(),
}
"""Every row source by name; a GetConnector names one."""
