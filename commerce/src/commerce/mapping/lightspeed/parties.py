"""People, companies and addresses, as they stand on an order and in a customer's record (same field names)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from commerce.mapping.lightspeed.reading import Record, child, day, identifiers, identity, key_of, text
from commerce.models import Address, Party, PartyKind, Ref
from commerce.normalise import (
    country_code,
    email_address,
    full_name,
    initials,
    parse_street,
    phone_number,
    postal_code,
    split_infix,
)
from commerce.normalise.names import company_name, is_infix, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

Side = Literal["Billing", "Shipping"]
_ATTENTION = ("t.a.v.", "tav ", "t.n.v.", "attn", "att.", "c/o", "z.hd", "p/a")


class Person(NamedTuple):
    """The parts of a person's name."""

    first_name: str | None
    infix: str | None
    last_name: str | None

    @property
    def name(self) -> str | None:
        """The whole name."""
        return full_name(self.first_name, self.infix, self.last_name)


def person(record: Record, country: str | None) -> Person:
    """The person of the record. ``middlename`` is where Dutch shops ask for the prefix; otherwise it is a first name.

    Single marks that stand for "no name" (``_``, ``-``) are dropped.
    """
    first, middle, last = (one_line(text(record, field)) for field in ("firstname", "middlename", "lastname"))
    if is_infix(middle):
        return Person(first, middle, last)
    infix, rest = split_infix(last, country)
    return Person(full_name(first, None, middle), infix, rest)


def country_of(record: Record, side: Side) -> tuple[str | None, str | None]:
    """The country of an address in ISO 3166-1, and what the source calls it when that could not be told."""
    value = record.get(f"address{side}Country")
    fields: Mapping[str, Any] = value if isinstance(value, dict) else {"code": value}
    for name in ("code", "code3"):
        raw = fields.get(name)
        if isinstance(raw, str) and (code := country_code(raw)):
            return code, None
    return None, next((raw for name in ("title", "code") if isinstance(raw := fields.get(name), str) and raw), None)


def address(record: Record, side: Side) -> dict[str, Any]:
    """The fields of an address, for ``Address`` or a model derived from it; empty when nothing was filled in."""
    prefix = f"address{side}"
    street, street_2, number, extension = (
        text(record, f"{prefix}{part}") or "" for part in ("Street", "Street2", "Number", "Extension")
    )
    code, city = text(record, f"{prefix}Zipcode"), text(record, f"{prefix}City")
    country, raw = country_of(record, side)
    if not any((street, street_2, number, code, city)):
        return {} if country is None else {"country": country, "parsed_by": "source"}
    parts, ours = parse_street(street, number, extension, country)
    second: str | None = street_2
    if parts.number is None and street_2[:1].isdigit():
        # The number was typed into the second line.
        again, found = parse_street(street, street_2, extension, country)
        if found or again.number:
            parts, ours, second = again, True, None
    attention = second if second and second.lower().startswith(_ATTENTION) else None
    region = child(record, f"{prefix}RegionData")
    company = text(record, "companyName" if side == "Billing" else "addressShippingCompany")
    return {
        "lines": [line for line in (" ".join(part for part in (street, number, extension) if part), street_2) if line],
        "name": one_line(text(record, f"{prefix}Name")),
        "company": company_name(company),
        "attention": attention,
        "street": parts.street or None,
        "house_number": parts.number,
        "house_number_addition": parts.addition,
        "building": None if attention else second or None,
        "postal_code": postal_code(code, country),
        "city": one_line(city),
        "region": text(record, f"{prefix}Region") or text(region, "name") or text(region, "code"),
        "country": country,
        **({} if raw is None else {"country_raw": raw}),
        "parsed_by": "us" if ours else "source" if parts.number else "none",
    }


def about(record: Record) -> dict[str, Any]:
    """What a party and a customer have in common: kind, names, e-mail, telephone numbers and registrations.

    A company is who gives a company's name: ``isCompany`` alone (the box ticked, the name left empty) is a person.
    """
    country, _ = country_of(record, "Billing")
    country = country or country_of(record, "Shipping")[0]
    who = person(record, country)
    company = company_name(text(record, "companyName"))
    name = company or who.name or one_line(text(record, "addressBillingName"))
    name = name or one_line(text(record, "addressShippingName")) or text(record, "email") or ""
    vat_number = text(record, "companyVatNumber")
    gender = record.get("gender")
    return {
        "kind": PartyKind.ORGANISATION if company else PartyKind.PERSON,
        "name": name,
        "company": company,
        "initials": initials(who.first_name),
        "first_name": who.first_name,
        "infix": who.infix,
        "last_name": who.last_name,
        "gender": gender if gender in ("male", "female") else None,
        "birth_date": birth_date(record),
        "email": email_address(text(record, "email")),
        "phone": phone_number(text(record, "phone"), country),
        "mobile": phone_number(text(record, "mobile"), country),
        "vat_number": None if vat_number is None else "".join(c for c in vat_number if c.isalnum()).upper() or None,
        "coc_number": text(record, "companyCoCNumber"),
        **language(record),
    }


def birth_date(record: Record) -> dt.date | None:
    """The day of birth, when it is one: shoppers type years to come and years long past."""
    found = day(record, "birthDate")
    return found if found and dt.date(1880, 1, 1) < found < dt.date(2100, 1, 1) else None


def language(record: Record) -> dict[str, str]:
    """The language (ISO 639-1) when the source says one. Lightspeed's own code ``us`` is English; the locale tells."""
    spoken = child(record, "language")
    locale = text(spoken, "locale") or text(spoken, "code")
    code = locale.replace("-", "_").split("_")[0].lower() if locale else ""
    return {"language": "en" if code == "us" else code} if code.isalpha() else {}


def buyer(record: Record) -> Party:
    """Who ordered, as the order says; the customer's record may have changed since."""
    customer = child(record, "customer")
    fields = about(record)
    if (who := identity(customer.get("id"))) is not None:
        fields["ref"] = Ref(
            key=key_of({**record, "id": who}), ids=identifiers(record, customer_id=who), name=fields["name"]
        )
    if "customer" in record and (not who or customer.get("type") is not None):
        fields["guest"] = not who or customer.get("type") == "guest"
    if billing := address(record, "Billing"):
        fields["address"] = Address(**billing)
    return Party(**fields)


def bill_to(record: Record, ordered_by: Party) -> Party:
    """Who gets the invoice: the buyer, under the name of the billing address."""
    name = ordered_by.company or one_line(text(record, "addressBillingName")) or ordered_by.name
    return ordered_by.model_copy(update={"name": name})


def ship_to(record: Record, ordered_by: Party) -> Party | None:
    """Who gets the goods; None when the order has no delivery address."""
    fields = address(record, "Shipping")
    if not fields or (not fields.get("lines") and not fields.get("city") and not fields.get("postal_code")):
        return None
    company = fields.get("company")
    addressee = fields.get("name") or (ordered_by.address.name if ordered_by.address else None)
    return Party(
        kind=PartyKind.ORGANISATION if company else PartyKind.PERSON,
        name=company or addressee or ordered_by.name,
        company=company,
        email=ordered_by.email,
        phone=ordered_by.phone,
        mobile=ordered_by.mobile,
        address=Address(**fields),
    )
