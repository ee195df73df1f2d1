"""Postal addresses as AFAS holds them: made from the contract's address, and compared. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from afas_profit import country_to_afas
from target_afas.limits import LENGTHS, clean, fit
from target_afas.reasons import CannotLoad

if TYPE_CHECKING:
    from collections.abc import Mapping

    from commerce.models import Address, Party

_LEADING_NUMBER = re.compile(r"^\s*(\d{1,9})\s*[-/ ]?\s*(.*)$", re.DOTALL)
_TOKENS = re.compile(r"\d+|[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class AfasAddress:
    """An address with AFAS's parts and its own country code. ``number`` is a whole number, the rest is the addition."""

    street: str
    number: int | None
    addition: str | None
    postal_code: str | None
    city: str
    country: str
    extra: str | None = None

    def fields(self) -> dict[str, Any]:
        """Field codes and values of KnBasicAddressAdr. Parts that are not known are left out."""
        values: dict[str, Any] = {
            "CoId": self.country,
            "PbAd": False,
            "Ad": self.street,
            "HmNr": self.number,
            "HmAd": self.addition,
            "ZpCd": self.postal_code,
            "Rs": self.city,
            "AdAd": self.extra,
            "ResZip": False,
        }
        return {code: value for code, value in values.items() if value is not None}

    def one_line(self) -> str:
        """For a remark."""
        house = " ".join(str(part) for part in (self.street, self.number, self.addition) if part)
        return ", ".join(
            part for part in (house, f"{self.postal_code or ''} {self.city}".strip(), self.country) if part
        )


def make_address(address: Address | None, *, cut: bool = True) -> AfasAddress:
    """The contract's address in AFAS's parts.

    The house number must be a whole number in AFAS: "12a" becomes 12 and "a"; a number that starts with a letter goes
    with the street. What does not fit stands in full in the addition to the address, so nothing is lost.

    Args:
        address: As the source gave it.
        cut: Whether texts may be cut.

    Raises:
        CannotLoad: No address, no street, city or country, or a country that AFAS does not know.
    """
    if address is None:
        raise CannotLoad("address_incomplete", "address")
    street = clean(address.street or (address.lines[0] if address.lines else None))
    city = clean(address.city)
    if not street:
        raise CannotLoad("address_incomplete", "street")
    if not city:
        raise CannotLoad("address_incomplete", "city")
    if not address.country:
        raise CannotLoad("address_incomplete", "country")
    try:
        country = country_to_afas(address.country)
    except KeyError:
        raise CannotLoad("unknown_country", address.country) from None
    number, addition = split_number(address.house_number, address.house_number_addition)
    if number is None and address.house_number and clean(address.house_number):
        street, addition = f"{street} {clean(address.house_number)}", clean(address.house_number_addition)
    overflow = [part for part, limit in ((street, "Ad"), (addition, "HmAd")) if part and len(part) > LENGTHS[limit]]
    extra = ", ".join(part for part in (clean(address.building), *overflow) if part) or None
    return AfasAddress(
        street=fit(street, "Ad", cut) or "",
        number=number,
        addition=fit(addition, "HmAd", cut),
        postal_code=fit(address.postal_code, "ZpCd", cut),
        city=fit(city, "Rs", cut) or "",
        country=country,
        extra=fit(extra, "AdAd", cut),
    )


def split_number(number: str | None, addition: str | None) -> tuple[int | None, str | None]:
    """House number and addition as AFAS wants them: a whole number, and the rest."""
    tail = clean(addition)
    found = _LEADING_NUMBER.match(number or "")
    if not found:
        return None, tail
    rest = clean(found[2])
    return int(found[1]), " ".join(part for part in (rest, tail) if part) or None


def _plain(text: object) -> str:
    """Without accents and case."""
    spread = unicodedata.normalize("NFKD", str(text or ""))
    return "".join(char for char in spread if not unicodedata.combining(char)).casefold()


def fingerprint(  # noqa: PLR0917 - the parts of an address, in the order in which people write them
    street: object, number: object, addition: object, postal_code: object, city: object, country: object
) -> str:
    """The same text for the same address, however it was typed.

    Street, number and addition count together, cut into words and numbers, so "Dorpsstraat 1a" typed into the street
    equals "Dorpsstraat", 1, "A". The city counts only where there is no postal code.
    """
    house = " ".join(_TOKENS.findall(_plain(" ".join(str(part) for part in (street, number, addition) if part))))
    zip_code = re.sub(r"\W", "", _plain(postal_code))
    town = "" if zip_code else " ".join(_TOKENS.findall(_plain(city)))
    return "|".join((house, zip_code, town, _plain(country)))


def fingerprint_of(address: AfasAddress) -> str:
    """Fingerprint of an address that we made."""
    return fingerprint(
        address.street, address.number, address.addition, address.postal_code, address.city, address.country
    )


def fingerprint_of_row(row: Mapping[str, Any]) -> str:
    """Fingerprint of the address in a row of the relations or addresses connector."""
    return fingerprint(
        row.get("Street"),
        row.get("Number"),
        row.get("NumberAdd"),
        row.get("ZipCode"),
        row.get("City"),
        row.get("Country"),
    )


def label(party: Party) -> str | None:
    """Description of a delivery address: the company and who takes it in, or the name."""
    address = party.address
    company = party.company or (address.company if address else None)
    person = (address.attention or address.name if address else None) or party.name
    parts = [company, f"t.a.v. {person}" if company and person and person != company else None if company else person]
    return fit(" ".join(part for part in parts if part), "ExAd")
