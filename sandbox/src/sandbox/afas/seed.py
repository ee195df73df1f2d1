"""The AFAS environment of a small Dutch merchant: settings, items, customers, and a few orders made by hand."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sandbox.afas import delivery, documents, file_set, goods, goods_seed, relations
from sandbox.afas.body import Node, parse
from sandbox.afas.checks import check
from sandbox.afas.commerce_set import COMMERCE
from sandbox.afas.file_set import FILES
from sandbox.afas.goods_set import GOODS
from sandbox.afas.messages import Label
from sandbox.afas.pricing import priced, vat_key
from sandbox.afas.record_set import RECORDS
from sandbox.afas.schema import WriteField, update_connectors
from sandbox.afas.standard_set import standard
from sandbox.afas.tables import SEED
from sandbox.afas.work import FIRST_CONTACT, FIRST_PARTY, Work, item_key, put_code, put_item
from sandbox.seed import catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.afas.tables import Tables

SEEDS = ("small", "large", "empty")
TOKEN = "0123456789ABCDEF" * 4
CLIENT = ("demo-client", "demo-secret")
APP = "Webshop"
LARGE_CUSTOMERS, LARGE_ORDERS = 4_000, 20_000

_CODES: dict[str, list[tuple[str, str, str]]] = {
    "Valuta": [("EUR", "Euro", "Euro"), ("USD", "Amerikaanse dollar", "US dollar"), ("GBP", "Pond", "Pound sterling")],
    "Betalingsvoorwaarde": [
        ("0", "Vooruit betaald", "Paid in advance"),
        ("14", "14 dagen", "14 days"),
        ("30", "30 dagen", "30 days"),
    ],
    "Betaalwijze": [
        ("00", "Geen", "None"),
        ("01", "iDEAL", "iDEAL"),
        ("02", "Overboeking", "Bank transfer"),
        ("04", "Kaart", "Card"),
        ("06", "Klarna", "Klarna"),
        ("07", "PayPal", "PayPal"),
        ("08", "Op rekening", "On account"),
    ],
    "Btw-plicht": [
        ("0", "Vrijgesteld", "Exempt"),
        ("1", "Binnenland", "Domestic"),
        ("4", "Export buiten EU", "Export outside EU"),
        ("6", "Verlegd binnen EU", "Reverse charge within EU"),
        ("7", "Afstandsverkopen (OSS)", "Distance sales (OSS)"),
    ],
    "Grootboekrekening": [
        ("1300", "Debiteuren", "Debtors"),
        ("1400", "Debiteuren webshop", "Debtors web shop"),
        ("8000", "Omzet", "Revenue"),
    ],
    "Talen": [
        ("NL", "Nederlands", "Dutch"),
        ("EN", "Engels", "English"),
        ("D", "Duits", "German"),
        ("F", "Frans", "French"),
    ],
    "Vervoerder": [("POSTNL", "PostNL", "PostNL"), ("DHL", "DHL", "DHL"), ("PICKUP", "Afhalen", "Pick-up")],
    "Dienst": [("STD", "Standaard", "Standard"), ("EVE", "Avond", "Evening"), ("EX", "Express", "Express")],
    "Prijslijst verkoop": [("*****", "Standaard", "Standard"), ("B2B", "Zakelijk", "Business")],
    "Projectfase": [("01", "Uitvoering", "Execution")],
    "Titel": [("ALG", "Algemeen", "General")],
    "CBS-typen": [("0", "Geen", "None"), ("1", "Levering", "Delivery")],
}
_GROUPS = (
    ("1", "1", "21", "Hoog", "High"),
    ("1", "2", "9", "Laag", "Low"),
    ("1", "3", "0", "Nul", "Zero"),
    ("7", "B1", "21", "België hoog", "Belgium high"),
    ("7", "B2", "6", "België laag", "Belgium low"),
    ("7", "D1", "19", "Duitsland hoog", "Germany high"),
    ("7", "D2", "7", "Duitsland laag", "Germany low"),
    ("7", "F1", "20", "Frankrijk hoog", "France high"),
    ("7", "F2", "5.5", "Frankrijk laag", "France low"),
)
_COSTS = (
    ("KORTING", "Korting"),
    ("VERZEND", "Verzendkosten"),
    ("BETAAL", "Betaalkosten"),
    ("INPAK", "Cadeauverpakking"),
    ("AFRONDING", "Afrondingsverschil"),
)
FREE_FIELDS = (
    ("FbSales", "U3A3A91AE452E6881FD67A385EDA5BA8C", "Wacht op betaling", "Awaiting payment", "b", 0),
    ("FbSales", "U1D2B6E1A4F0C4C5D9E8F7A6B5C4D3E2F", "Webshop naam", "Web shop name", "s", 255),
    ("FbSales", "U2E3C7F2B5A1D4D6EAF9E8B7C6D5E4F3A", "Webshop adres", "Web shop address", "s", 255),
    ("FbSales", "U4F4D8A3C6B2E4E7FBA0F9C8D7E6F5A4B", "Webshop kortingscode", "Web shop coupon", "s", 255),
    ("KnSalesRelationOrg", "U5A5E9B4D7C3F4F8ACB1A0D9E8F7A6B5C", "Webshopklant", "Web shop customer", "b", 0),
    ("KnSalesRelationPer", "U5A5E9B4D7C3F4F8ACB1A0D9E8F7A6B5C", "Webshopklant", "Web shop customer", "b", 0),
)
"""Object path, code, labels, kind and length of the free fields of this environment."""


def plant(tables: Tables, now: datetime, switches: Mapping[str, Any], name: str) -> None:
    """Fill empty tables.

    Args:
        tables: Where.
        now: The moment that every row gets as its making.
        switches: The service's switches.
        name: "empty": settings and cost items; "small": also articles, customers and a few orders made by hand;
            "large": thousands of them.

    Raises:
        ValueError: another name.
    """
    if name not in SEEDS:
        raise ValueError(f"unknown seed {name!r}; known: {', '.join(SEEDS)}")
    with tables.change(SEED):
        _access(tables)
        _settings(tables, now)
        _items(tables, now, name)
        file_set.plant(tables, now)
        goods.plant_tab(tables, switches["envid"])
        if name != "empty":
            _customers(tables, now, switches)
            goods_seed.plant(Work(tables, switches, now, by_user=True), catalogue.items(name))
        if name == "large":
            _many(tables, now, switches)


def _access(tables: Tables) -> None:
    tables.put(
        "apps",
        APP,
        {
            "name": APP,
            "group": "Webshop (12345.WEBSHOP)",
            "get": None,
            "update": None,
            "data_filters": {},
            "blocked": False,
        },
    )
    tables.put("tokens", TOKEN, {"data": TOKEN, "app": APP, "revoked": False, "expires": None})
    tables.put("clients", CLIENT[0], {"id": CLIENT[0], "secret": CLIENT[1], "app": APP, "blocked": False})
    for one in (*COMMERCE, *standard(), *FILES, *RECORDS, *GOODS):
        row = {"name": one.name, "nl": one.description.nl, "en": one.description.en, "blocked": False, "fields": None}
        tables.put("connectors", one.name, row)


def _settings(tables: Tables, now: datetime) -> None:
    for number, title in ((1, "Demo B.V."), (2, "Demo Outlet B.V.")):
        tables.put("administrations", number, {"id": number, "nl": title, "code": f"ADM{number}"})
    for unit, code, title, blocked in (
        (1, "70", "Verkoopboek webshop", False),
        (1, "71", "Verkoopboek OSS", False),
        (2, "72", "Verkoopboek outlet", False),
        (1, "79", "Verkoopboek oud", True),
    ):
        row = {"unit": unit, "code": code, "nl": title, "type": "V", "blocked": blocked}
        tables.put("journals", f"{unit}|{code}", row)
    for code, title in (("01", "Hoofdmagazijn"), ("02", "Winkel")):
        row = {"code": code, "nl": title, "unit": 1, "blocked": False, "default": code == "01"}
        tables.put("warehouses", code, row | {"created": now, "modified": now})
    for code, title, closed in (("WEB", "Webshop", False), ("OLD", "Oude webshop", True)):
        row = {"code": code, "nl": title, "unit": 1, "group": "WEB", "closed": closed}
        tables.put("projects", code.casefold(), row | {"created": now, "modified": now})
    for listed, codes in _CODES.items():
        for code, nl, en in codes:
            put_code(tables, listed, code, nl, en)
    for code, nl, en, iso, _ in json.loads(files("sandbox.afas").joinpath("data/countries.json").read_text("utf-8")):
        row = put_code(tables, "Land", code, nl, en)
        row["iso"] = iso
    for duty, group, percentage, nl, en in _GROUPS:
        put_code(tables, "Btw-tariefgroep", group, nl, en)
        put_vat(tables, duty, group, Decimal(percentage), nl)
        for none in ("0", "4", "6"):
            put_vat(tables, none, group, Decimal(0), nl)
    for path, code, nl, en, kind, length in FREE_FIELDS:
        put_free_field(tables, path, code, Label(nl, en), kind=kind, length=length)


def put_vat(tables: Tables, duty: str, group: str, percentage: Decimal, nl: str = "") -> None:
    """Add or replace the percentage of a VAT duty and tariff group."""
    known = tables.get("vat", vat_key(duty, group))
    code = known["code"] if known else str(tables.next_number("vat", 1))
    row = {"duty": duty, "group": group, "percentage": percentage, "code": code, "nl": nl or group, "account": "1500"}
    tables.put("vat", vat_key(duty, group), row | {"blocked": False, "method": "E", "type": "V"})


def put_free_field(tables: Tables, path: str, code: str, label: Label, *, kind: str, length: int) -> None:
    """Add or replace a free field of an object."""
    known = tables.get("free_fields", f"{path}|{code}") or {"name": None}
    row = {"path": path, "code": code, "nl": label.nl, "en": label.en, "kind": kind, "length": length}
    tables.put("free_fields", f"{path}|{code}", {**known, **row})


def _items(tables: Tables, now: datetime, seed: str) -> None:
    for code, title in _COSTS:
        put_item(tables, now, "6", code, description=title, group="1")
    put_item(tables, now, "3", "T", description="Tekst")
    put_item(tables, now, "7", "SET-0001", description="Voordeelset", price=Decimal("49.59"))
    articles = catalogue.items(seed)
    for one in articles:
        _article(tables, now, one, blocked=False)
    for number in range(len(articles) + 1, len(articles) + 3):
        _article(tables, now, catalogue.item(number), blocked=True)


def _article(tables: Tables, now: datetime, one: catalogue.Item, *, blocked: bool) -> None:
    group = {Decimal("0.21"): "1", Decimal("0.09"): "2"}.get(one.rate, "3")
    more = {"Grp": "WEB", "BiSt": True, "VaTp": "0", "BaCo": one.ean, "PrFc": 1}
    row = put_item(
        tables,
        now,
        "2",
        one.code,
        description=one.title,
        unit="STK",
        group=group,
        price=one.excl,
        blocked=blocked,
        more=more,
    )
    row["stock"] = Decimal(one.stock)


# -- customers --------------------------------------------------------------------------------------------------------


def _customers(tables: Tables, now: datetime, switches: Mapping[str, Any]) -> None:
    work = Work(tables, switches, now, by_user=True)
    add = _Adder(work)
    add.organisation("10000", "Webshop particulieren", "", ("Kerkstraat", 1, "1011 AA", "Amsterdam", "NL"), VtIn=True)
    add.organisation(
        "10001", "Bakkerij De Kroon B.V.", "info@dekroon.example", ("Dorpsstraat", 12, "3511 AB", "Utrecht", "NL"),
        person=("Anna", "de", "Wit", "anna@dekroon.example"), delivery=("Filiaal Noord", "Noorderweg", 5, "1025 AA"),
        VaId="NL123456782B01",
    )  # fmt: skip
    add.organisation(
        "10002", "Fietsenhuis Jansen", "info@dubbel.example", ("Markt", 3, "5211 JX", "'s-Hertogenbosch", "NL")
    )
    add.organisation(
        "10003", "Jansen Verhuur", "info@dubbel.example", ("Markt", 5, "5211 JX", "'s-Hertogenbosch", "NL")
    )
    add.organisation(
        "10004", "Boekhandel Peeters BVBA", "orders@peeters.example", ("Meir", 40, "2000", "Antwerpen", "B"),
        VaDu="6", VaId="BE0123456749",
    )  # fmt: skip
    add.organisation(
        "10005", "Wanbetaler B.V.", "geblokkeerd@example.com", ("Plein", 9, "2511 CS", "Den Haag", "NL"), Bl=True
    )
    add.person(
        "10006", ("Piet", "Visser"), "piet@visser.example", ("Havenweg", 7, "8011 AA", "Zwolle", "NL"), VtIn=True
    )
    add.party_only("Stichting Zonder Debiteur", "bestuur@stichting.example", ("Laan", 2, "6811 AA", "Arnhem", "NL"))
    for number, (debtor, lines) in enumerate((("10001", (1, 7)), ("10002", (3,)), ("10004", (12, 19))), 1):
        add.order(debtor, f"Telefonisch {number}", lines)
    delivery.deliver(work, "60000002")


def _many(tables: Tables, now: datetime, switches: Mapping[str, Any]) -> None:
    """Thousands of customers and orders: one of each is made as usual, the others are copies with other names."""
    work = Work(tables, switches, now, by_user=True)
    add = _Adder(work)
    street = ("Lange Weg", 1, "1000 AB", "Utrecht", "NL")
    add.person("20000", ("Klant", "Nummer 0"), "klant0@large.example", street, VtIn=True)
    first = tables.get("debtors", "20000") or {}
    party = tables.get("parties", first["bcco"]) or {}
    (contact,) = tables.find("contacts", "bcco", first["bcco"])
    for number in range(1, LARGE_CUSTOMERS):
        bcco, mail = str(tables.next_number("parties", FIRST_PARTY)), f"klant{number}@large.example"
        f = party["f"] | {"LaNm": f"Nummer {number}", "SeNm": f"NUMMER {number}"[:10], "EmAd": mail, "EmA2": mail}
        tables.put("parties", bcco, party | {"bcco": bcco, "bcid": tables.next_number("bcid", 1), "f": f})
        identity = tables.next_number("contacts", FIRST_CONTACT)
        tables.put("contacts", identity, contact | {"id": identity, "bcco": bcco})
        tables.put("debtors", str(20_000 + number), first | {"number": str(20_000 + number), "bcco": bcco})
    add.order("20000", "OUD-000000", (1,))
    order = next(row for row in tables.all("orders") if row["f"]["DbId"] == "20000")
    for number in range(1, LARGE_ORDERS):
        item = tables.get("items", item_key("2", f"SKU-{number % catalogue.ITEMS['large'] + 1:04d}")) or {}
        key = str(tables.next_number("orders", documents.KINDS["FbSales"].first))
        line = order["lines"][0]
        f = line["f"] | {
            "ItCd": item["code"],
            "Ds": item["f"]["Ds"],
            "VaRc": item["f"]["VaRc"],
            "Upri": item["f"]["SaPrice"],
        }
        debtor = str(20_000 + number % LARGE_CUSTOMERS)
        row = order | {"number": key, "lines": [line | {"guid": documents.new_guid(work), "f": f}]}
        row["f"] = order["f"] | {"RfCs": f"OUD-{number:06d}", "DbId": debtor}
        tables.put("orders", key, priced(work, row))


class _Adder:
    """Adds rows the way the UpdateConnectors do, so that a seed can't hold what they would refuse."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def _write(self, connector: str, element: dict[str, Any]) -> Node:
        root = update_connectors()[connector].root
        node = parse({connector: {"Element": element}}, root, "POST")[0]
        check(self._work, [node], {})
        return node

    @staticmethod
    def _address(street: tuple[str, int, str, str, str]) -> dict[str, Any]:
        name, number, zip_code, city, country = street
        fields = {
            "CoId": country,
            "PbAd": False,
            "Ad": name,
            "HmNr": number,
            "ZpCd": zip_code,
            "Rs": city,
            "ResZip": False,
        }
        return {"KnBasicAddressAdr": {"Element": {"Fields": fields}}}

    def _relation(self, more: Mapping[str, Any]) -> dict[str, Any]:
        return {"IsDb": True, "CuId": "EUR", "PaCd": "14", "ColA": "1400", "VaDu": "1", "InPv": "E", **more}

    def _party(self, title: str, mail: str) -> dict[str, Any]:
        return {"PadAdr": True, "AutoNum": True, "MatchOga": "6", "Nm": title, "EmAd": mail}

    def organisation(
        self,
        debtor: str,
        title: str,
        mail: str,
        street: tuple[str, int, str, str, str],
        *,
        person: tuple[str, str, str, str] | None = None,
        delivery: tuple[str, str, int, str] | None = None,
        **more: Any,
    ) -> None:
        """An organisation with its sales relation, and optionally a contact person and a delivery address."""
        party = {"Fields": self._party(title, mail), "Objects": self._address(street)}
        element = {"@DbId": debtor, "Fields": self._relation(more), "Objects": {"KnOrganisation": {"Element": party}}}
        bcco = relations.write_relation(self._work, self._write("KnSalesRelationOrg", element))["BcCo"]
        contacts = []
        if person:
            first, infix, last, mail = person
            fields = {"PadAdr": True, "AutoNum": True, "MatchPer": "7", "FiNm": first, "Is": infix, "LaNm": last}
            human = {"Fields": fields | {"SpNm": False, "ViGe": "O", "EmAd": mail}}
            contacts.append({"Fields": {"ViKc": "PRS"}, "Objects": {"KnPerson": {"Element": human}}})
        if delivery:
            name, road, number, zip_code = delivery
            contacts.append(
                {
                    "Fields": {"ViKc": "AFL", "ExAd": name, "PadAdr": True},
                    "Objects": self._address((road, number, zip_code, "Amsterdam", "NL")),
                }
            )
        for contact in contacts:
            body = {"Fields": {"MatchOga": "0", "BcCo": bcco}, "Objects": {"KnContact": {"Element": contact}}}
            relations.write_party(self._work, self._write("KnOrganisation", body))

    def person(
        self, debtor: str, name: tuple[str, str], mail: str, street: tuple[str, int, str, str, str], **more: Any
    ) -> None:
        """A person with its sales relation."""
        first, last = name
        fields = {"PadAdr": True, "AutoNum": True, "MatchPer": "7", "FiNm": first, "LaNm": last}
        fields |= {"SpNm": False, "ViGe": "O", "EmAd": mail, "EmA2": mail}
        below = {"Fields": fields, "Objects": self._address(street)}
        element = {"@DbId": debtor, "Fields": self._relation(more), "Objects": {"KnPerson": {"Element": below}}}
        relations.write_relation(self._work, self._write("KnSalesRelationPer", element))

    def party_only(self, title: str, mail: str, street: tuple[str, int, str, str, str]) -> None:
        """An organisation that is no customer yet."""
        element = {"Fields": self._party(title, mail), "Objects": self._address(street)}
        relations.write_party(self._work, self._write("KnOrganisation", element))

    def order(self, debtor: str, reference: str, articles: tuple[int, ...]) -> None:
        """A sales order typed in by a user."""
        lines = [{"Fields": {"VaIt": "2", "ItCd": f"SKU-{number:04d}", "QuUn": 1}} for number in articles]
        fields = {"DbId": debtor, "RfCs": reference, "OrDa": date(2026, 1, 5).isoformat(), "Unit": 1}
        element = {"Fields": fields, "Objects": {"FbSalesLines": {"Element": lines}}}
        documents.write(self._work, self._write("FbSales", element))


def free_fields(tables: Tables) -> dict[str, list[WriteField]]:
    """The free fields of this environment, by object path."""
    found: dict[str, list[WriteField]] = {}
    for row in tables.all("free_fields"):
        one = WriteField(row["code"], Label(row["nl"], row["en"]), row["kind"], row["length"])
        found.setdefault(row["path"], []).append(one)
    return found
