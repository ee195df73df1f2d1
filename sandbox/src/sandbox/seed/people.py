"""Invented people, companies and addresses. Nobody of them exists; every e-mail is at example.com."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

FIRST = ("Sanne", "Daan", "Lotte", "Bram", "Fleur", "Jesse", "Noor", "Thijs", "Eva", "Ruben", "Iris", "Gijs")
INFIX = ("", "", "", "de", "van der", "van", "ter")
LAST = (
    "Bakker",
    "Visser",
    "Smit",
    "Meijer",
    "Mulder",
    "Vos",
    "Peters",
    "Hendriks",
    "Dekker",
    "Brouwer",
    "Kok",
    "Prins",
)
COMPANIES = ("Waterland", "Duinzicht", "De Molenhoek", "Polderlicht", "Kade 12", "Noorderzon")

_PLACES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "nl": (
        ("Keizersgracht", "1016EE", "Amsterdam"),
        ("Oudegracht", "3511 AB", "Utrecht"),
        ("Coolsingel", "3011AD", "Rotterdam"),
        ("Grote Markt", "9712 HN", "Groningen"),
        ("Vrijthof", "6211LD", "Maastricht"),
        ("Stationsweg", "2312 av", "Leiden"),
    ),
    "be": (("Meir", "2000", "Antwerpen"), ("Rue Neuve", "1000", "Bruxelles")),
    "de": (("Hauptstraße", "10827", "Berlin"), ("Königsallee", "40212", "Düsseldorf")),
    "fr": (("Rue de Rivoli", "75001", "Paris"), ("Cours Mirabeau", "13100", "Aix-en-Provence")),
    "ch": (("Bahnhofstrasse", "8001", "Zürich"),),
    "us": (("Main Street", "94105", "San Francisco"),),
    "gb": (("High Street", "SW1A 1AA", "London"),),
    "it": (("Via Roma", "00184", "Roma"),),
}
_PHONES = {
    "nl": ("06-12345678", "0612345678", "+31 6 1234 5678", "020 123 45 67"),
    "be": ("+32 470 12 34 56",),
    "de": ("+49 30 1234567", "0049 30 1234567"),
    "fr": ("+33 1 23 45 67 89",),
    "ch": ("+41 44 123 45 67",),
    "us": ("(415) 555-0132",),
    "gb": ("+44 20 7946 0958",),
    "it": ("+39 06 1234567",),
}


def person(chance: random.Random, number: int, country: str = "nl") -> dict[str, Any]:
    """Names, a fresh e-mail address and a telephone number as its owner types it."""
    first, infix, last = chance.choice(FIRST), chance.choice(INFIX), chance.choice(LAST)
    return {
        "firstname": first,
        "middlename": infix,
        "lastname": last,
        "email": f"{first}.{last}.{number}@example.com".lower(),
        "phone": chance.choice(_PHONES[country]),
    }


def name(who: dict[str, Any]) -> str:
    """First name, infix and last name."""
    return " ".join(part for part in (who["firstname"], who["middlename"], who["lastname"]) if part)


def address(chance: random.Random, who: dict[str, Any], country: str = "nl") -> dict[str, Any]:
    """A billing address with street, number and extension apart."""
    street, zipcode, city = chance.choice(_PLACES[country])
    return {
        "name": name(who),
        "street": street,
        "number": str(chance.randint(1, 240)),
        "extension": chance.choice(("", "", "", "A", "bis", "2")) if country == "nl" else "",
        "zipcode": zipcode,
        "city": city,
        "country": country,
        "region": "California" if country == "us" else "",
    }


def company(chance: random.Random, number: int, vat: str = "") -> dict[str, Any]:
    """The company fields of a customer."""
    return {
        "isCompany": True,
        "companyName": f"{chance.choice(COMPANIES)} {number} B.V.",
        "companyCoCNumber": f"{60_000_000 + number * 37 % 9_999_999:08}",
        "companyVatNumber": vat,
    }
