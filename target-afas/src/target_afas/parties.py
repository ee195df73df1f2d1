"""Which sales relation an order or customer belongs to, and what a new or changed one looks like. Pure.

The e-mail address is the only thing a web shop and AFAS have in common, so matching is by e-mail: normalised, with
nothing, one or many hits, and never "the first hit".
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from commerce.models import Address, Basis, Customer, Order, Party, PartyKind
from target_afas.limits import LENGTHS, clean, fit
from target_afas.reasons import CannotLoad
from target_afas.rules import Facts, facts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from target_afas.settings import RelationSettings

ORGANISATION, PERSON, CONTACT = "ORG", "PER", "PRS"
"""Contact types of AFAS: organisation, person, person at an organisation."""

_VAT_NUMBER = re.compile(r"^[A-Z]{2}[A-Z0-9+*]{2,13}$")


def normal_email(text: str | None) -> str | None:
    """An e-mail address in the form that is compared: trimmed, lower case, the domain in ASCII (IDN). None if empty."""
    cleaned = (clean(text) or "").replace(" ", "").casefold()
    local, at, domain = cleaned.rpartition("@")
    if not at or not local or not domain:
        return None
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return f"{local}@{domain}"


def email_spellings(email: str) -> set[str]:
    """How a normalised address may be written in AFAS: an international domain in ASCII or in letters."""
    local, _, domain = email.rpartition("@")
    try:
        return {email, f"{local}@{domain.encode('ascii').decode('idna')}"}
    except UnicodeError:
        return {email}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A customer as the source knows it.

    ``facts`` choose the settings of a new debtor, ``notes`` say what is left out.
    """

    kind: Literal["person", "organisation"]
    email: str
    name: str
    facts: Facts
    company: str | None = None
    initials: str | None = None
    first_name: str | None = None
    infix: str | None = None
    last_name: str | None = None
    gender: str | None = None
    phone: str | None = None
    mobile: str | None = None
    vat_number: str | None = None
    coc_number: str | None = None
    language: str | None = None
    price_list: str | None = None
    currency: str | None = None
    address: Address | None = None
    incl_vat: bool = True
    payment_terms: str | None = None
    ledger_account: str | None = None
    notes: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def natural_key(self) -> str:
        """What makes it one customer; personal, so only ever stored as a hash."""
        return f"{self.kind}:{self.email}"

    @property
    def last(self) -> str:
        """The last name, for which a full name must serve when there is no other."""
        return self.last_name or self.name


def vat_number(text: str | None) -> str | None:
    """A VAT number in the form AFAS wants (country prefix, no dots), or none when it can't be one.

    AFAS refuses the whole relation for a wrong number (write-api 1.8, "mod 11"), so a Dutch one is checked here: by the
    old test of eleven or the one of 97 that sole traders have since 2020.
    """
    plain = re.sub(r"[\s.\-]", "", text or "").upper()
    if not _VAT_NUMBER.match(plain) or not any(char.isdigit() for char in plain) or len(plain) > LENGTHS["VaId"]:
        return None
    return plain if not plain.startswith("NL") or _dutch_vat_number(plain) else None


def _dutch_vat_number(plain: str) -> bool:
    found = re.fullmatch(r"NL(\d{8})(\d)B\d{2}", plain)
    if not found:
        return False
    eleven = sum(int(digit) * weight for digit, weight in zip(found[1], range(9, 1, -1), strict=True)) % 11
    digits = "".join(str(int(char, 36)) for char in plain)
    return eleven == int(found[2]) or int(digits) % 97 == 1


def wanted_of_order(order: Order) -> Wanted:
    """The customer of an order: who bought, at the invoice address.

    Raises:
        CannotLoad: There is no usable e-mail address.
    """
    buyer = order.buyer
    address = (order.bill_to.address if order.bill_to else None) or buyer.address
    return _wanted(
        buyer,
        facts_of(order),
        address=address,
        incl_vat=order.price_basis is Basis.INCL,
        currency=order.currency,
        price_list=order.price_list.code if order.price_list else None,
    )


def wanted_of_customer(customer: Customer, includes_vat: str) -> Wanted:
    """A customer record as relation; its invoice address is the visiting address.

    Args:
        customer: The record.
        includes_vat: Setting `price_includes_vat`; "order" means that persons pay prices including VAT.

    Raises:
        CannotLoad: There is no usable e-mail address.
    """
    address = invoice_address(customer)
    facts = Facts(
        country=address.country if address else None,
        payment=None,
        shipping=None,
        customer=customer.kind.value,
        treatment=customer.vat_treatment.value,
        guest=customer.guest,
    )
    incl = customer.kind is PartyKind.PERSON if includes_vat == "order" else includes_vat == "incl"
    extra = {name: str(item.value) for name, item in customer.extra.items() if item.value is not None}
    return _wanted(
        customer,
        facts,
        address=address,
        incl_vat=incl,
        currency=customer.currency,
        extra=extra,
        price_list=customer.price_list.code if customer.price_list else None,
        payment_terms=customer.payment_terms.mapped if customer.payment_terms else None,
        ledger_account=customer.ledger_account,
    )


def invoice_address(customer: Customer) -> Address | None:
    """The customer's invoice address: billing, else visiting, else the default, else the first."""
    for role in ("billing", "visiting"):
        for address in customer.addresses:
            if address.role == role:
                return address
    return next((address for address in customer.addresses if address.default), None) or next(
        iter(customer.addresses), None
    )


def _wanted(who: Party | Customer, facts: Facts, **more: Any) -> Wanted:
    email = normal_email(who.email)
    if email is None:
        raise CannotLoad("no_email")
    if len(email.encode()) > LENGTHS["EmAd"]:  # in bytes, so that it fits into the URL of a look-up too
        raise CannotLoad("bad_email")
    number = vat_number(who.vat_number)
    return Wanted(
        kind=who.kind.value,
        email=email,
        name=who.name,
        facts=facts,
        company=who.company,
        initials=who.initials,
        first_name=who.first_name,
        infix=who.infix,
        last_name=who.last_name,
        gender=who.gender,
        phone=who.phone,
        mobile=who.mobile,
        vat_number=number,
        notes=("VaId left out: not a possible VAT number",) if clean(who.vat_number) and number is None else (),
        coc_number=who.coc_number,
        language=who.language,
        **more,
    )


@dataclass(frozen=True, slots=True)
class Relation:
    """A row of the relations connector: a CRM contact, and the sales relation above it if there is one."""

    contact: str
    contact_type: str
    bcco: str
    person_bcco: str | None
    debtor: str | None
    incl_vat: bool | None
    blocked: bool
    row: Mapping[str, Any]

    @property
    def is_organisation(self) -> bool:
        """Whether the sales relation is, or would be, an organisation's."""
        return self.contact_type in {ORGANISATION, CONTACT}


def relation_of(row: Mapping[str, Any]) -> Relation:
    """A row under our field names as `Relation`."""
    return Relation(
        contact=str(row.get("Contact") or ""),
        contact_type=str(row.get("ContactType") or "").upper(),
        bcco=str(row.get("BcCo") or ""),
        person_bcco=str(row["PersonBcCo"]) if row.get("PersonBcCo") else None,
        debtor=str(row["Debtor"]) if row.get("Debtor") else None,
        incl_vat=row.get("InclVat"),
        blocked=bool(row.get("Blocked")),
        row=row,
    )


@dataclass(frozen=True, slots=True)
class Match:
    """What to do about a customer: use a debtor, make an existing CRM contact a debtor, or make a new one.

    ``note`` says why a new one is made although e-mail hits exist.
    """

    use: Relation | None = None
    crm: Relation | None = None
    note: str = ""


def choose(kind: str, rows: Sequence[Relation]) -> Match:
    """Which relation a customer of this kind is, of all contacts with its e-mail address.

    - one debtor: that one; unless a company orders and the debtor is a person: a new organisation (C6);
    - several debtors: the one whose kind fits, if it is exactly one;
    - no debtor, but one CRM contact that fits: that becomes a debtor;
    - else a new relation.

    Raises:
        CannotLoad: Several would do; the subject lists the debtor (or CRM) numbers.
    """
    organisation = kind == "organisation"
    debtors = _by_number([row for row in rows if row.debtor], "debtor")
    if len(debtors) == 1:
        (found,) = debtors.values()
        if organisation and not found.is_organisation:
            return Match(note=f"company ordered with the address of person debtor {found.debtor}")
        return Match(use=found)
    if debtors:
        fitting = _by_number([row for row in rows if row.debtor and row.is_organisation == organisation], "debtor")
        if len(fitting) == 1:
            return Match(use=next(iter(fitting.values())))
        raise CannotLoad("ambiguous_customer", ", ".join(sorted(debtors)))
    crm = _by_number([row for row in rows if row.is_organisation == organisation and row.bcco], "bcco")
    if len(crm) > 1:
        raise CannotLoad("ambiguous_customer", ", ".join(sorted(crm)))
    return Match(crm=next(iter(crm.values()), None))


def _by_number(rows: Iterable[Relation], name: str) -> dict[str, Relation]:
    """One row per number: the contact person's rather than the organisation's, for its contact goes on the order."""
    found: dict[str, Relation] = {}
    for row in rows:
        number = str(getattr(row, name))
        if number not in found or (row.contact_type == CONTACT and found[number].contact_type != CONTACT):
            found[number] = row
    return found


OWNED = {
    "name": "Name",
    "phone": "Phone",
    "mobile": "Mobile",
    "vat_number": "VatNumber",
    "coc_number": "Coc",
    "language": "Language",
    "price_list": "PriceList",
    "payment_condition": "PayCondition",
    "vat_duty": "VatDuty",
}
"""Fields of an existing relation that ownership speaks of -> field of the relations connector."""


def owned_values(wanted: Wanted, settings: RelationSettings) -> dict[str, str]:
    """What the source says about the fields that ownership speaks of; fields it says nothing about are left out.

    Raises:
        CannotLoad: A table has no entry.
    """
    values = {
        "name": wanted.company or wanted.name if wanted.kind == "organisation" else full_name(wanted),
        "phone": fit(wanted.phone, "TeNr"),
        "mobile": fit(wanted.mobile, "MbNr"),
        "vat_number": wanted.vat_number,
        "coc_number": fit(wanted.coc_number, "CcNr") if wanted.coc_number and len(wanted.coc_number) <= 30 else None,
        "language": settings.languages.look_up(wanted.language, reason="unmapped_setting", table="languages")
        if settings.own.language != "never"
        else None,
        "price_list": wanted.price_list,
        "payment_condition": wanted.payment_terms,
        "vat_duty": settings.vat_duty.pick(wanted.facts, "relations.vat_duty")
        if settings.own.vat_duty != "never"
        else None,
    }
    return {name: value for name, value in values.items() if value and getattr(settings.own, name) != "never"}


def full_name(wanted: Wanted) -> str:
    """First name or initials, infix and last name."""
    if not wanted.last_name:
        return wanted.name
    return " ".join(part for part in (wanted.first_name or wanted.initials, wanted.infix, wanted.last_name) if part)


def held_values(row: Mapping[str, Any]) -> dict[str, str]:
    """What AFAS holds in those fields; empty as ''."""
    return {name: str(row.get(field_) or "").strip() for name, field_ in OWNED.items()}
