"""Orders of invented shoppers, described in full, so that the same person can order again."""

from __future__ import annotations

from typing import Any

_FIRST = ("Sanne", "Daan", "Lotte", "Bram", "Fleur", "Jesse", "Noor", "Thijs", "Eva", "Ruben")
_LAST = ("Bakker", "Visser", "Smit", "Meijer", "Mulder", "Vos", "Peters", "Hendriks", "Dekker")
_STREETS = ("Keizersgracht", "Oudegracht", "Coolsingel", "Vrijthof", "Stationsweg", "Grote Markt")


def person(number: int, turn: int = 0) -> dict[str, Any]:
    """An order of a consumer.

    Args:
        number: Who.
        turn: Their how-manieth order; other articles each time.
    """
    first, last = _FIRST[number % len(_FIRST)], _LAST[number % len(_LAST)]
    return {
        "customer": {
            "firstname": first,
            "lastname": last,
            "email": f"{first}.{last}.{number}@example.com".lower(),
            "phone": "0612345678",
        },
        "billing": _address(f"{first} {last}", number),
        **_goods(number, turn),
    }


def company(number: int, turn: int = 0) -> dict[str, Any]:
    """An order of a company with a contact person, delivered to another address than it is billed at."""
    said = person(number, turn)
    branch = f"Filiaal {number}"
    said["customer"] |= {
        "email": f"inkoop.{number}@example.com",
        "isCompany": True,
        "companyName": f"Polderlicht {number} B.V.",
        "companyCoCNumber": f"{60_000_000 + number}",
    }
    said["shipping"] = {**_address(branch, number + 77), "company": branch}
    return said


def _address(name: str, number: int) -> dict[str, Any]:
    return {
        "name": name,
        "street": _STREETS[number % len(_STREETS)],
        "number": str(1 + number % 240),
        "extension": "",
        "zipcode": f"{1000 + number % 8999} AB",
        "city": "Utrecht",
        "country": "nl",
    }


def _goods(number: int, turn: int) -> dict[str, Any]:
    skus = [f"SKU-{1 + (number * 7 + turn * 31 + step * 13) % 300:04}" for step in range(3)]
    return {
        "lines": [{"sku": sku, "quantity": 1 + index} for index, sku in enumerate(skus)],
        "shipment": {"title": "PostNL", "price": "6.95"},
        "payment": {"id": "mollie", "method": "ideal", "title": "iDEAL", "paid": True},
    }
