"""Customers with the groups that they are in, and the groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commerce.goods import CustomerGroup
from commerce.mapping.afas.heads import head
from commerce.mapping.afas.keys import coded, identifiers, key
from commerce.mapping.afas.prices import LIST
from commerce.models import Blocks, Code, Customer, CustomerAddress, PartyKind, Ref
from commerce.normalise import country_code, email_address, full_name, phone_number, postal_code

if TYPE_CHECKING:
    from commerce.mapping.afas.options import Options
    from commerce.mapping.afas.rows import Row

GROUP = "customer_group"
_ORGANISATION = "ORG"


def customer_group(row: Row, options: Options) -> CustomerGroup:
    """Map a row of the role ``customer_groups``.

    Raises:
        MappingError: When the row can't be mapped.
    """
    code = row.needed("Group")
    fields: dict[str, Any] = {
        **head(row, options, group_key(row, options), blocked="Blocked"),
        "code": code,
        "name": row.text("Description") or code,
        **row.given(row.some, discount_percent="DiscountPercent"),
    }
    if row.has("PriceList"):
        fields["price_list"] = coded(options, LIST, row.text("PriceList"))
    return CustomerGroup(**fields)


def group_key(row: Row, options: Options) -> str:
    """The key of a customer group."""
    return key(options, GROUP, row.needed("Group"))


def customer_key(row: Row, options: Options) -> str:
    """The key of a customer: the contact's, which stays when a person becomes a sales relation."""
    return key(options, "contact", row.needed("Contact"))


def customer(row: Row, options: Options) -> Customer:
    """Map a row of the role ``customers``: an organisation, a person, or a contact person of an organisation.

    The work e-mail counts, the private one where that is none. ``groups`` holds the customer group, the preferred price
    list or both, as the options say.

    Raises:
        MappingError: When the row can't be mapped.
    """
    contact = row.needed("Contact")
    organisation = row.text("ContactType") == _ORGANISATION
    country = country_code(row.text("Country"))
    fields: dict[str, Any] = {
        **head(row, options, customer_key(row, options)),
        "ids": identifiers(
            options, contact=contact, organisation_person=row.text("BcCo"), sales_relation=row.text("Debtor")
        ),
        "kind": PartyKind.ORGANISATION if organisation else PartyKind.PERSON,
        **_names(row, organisation=organisation),
        **_reach(row, country),
        **_terms(row, options),
    }
    if (found := _address(row, options, country)) is not None:
        fields["addresses"] = found
    return Customer(**fields)


def _names(row: Row, *, organisation: bool) -> dict[str, Any]:
    made: dict[str, Any] = row.given(
        row.text, first_name="FirstName", infix="Infix", last_name="LastName", initials="Initials"
    )
    person = full_name(made.get("first_name") or made.get("initials"), made.get("infix"), made.get("last_name"))
    made["name"] = row.text("Name") or person or ""
    if organisation:
        made["company"] = row.text("Name")
    return made


def _reach(row: Row, country: str | None) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if row.has("Mail", "Mail2"):
        made["email"] = email_address(row.text("Mail")) or email_address(row.text("Mail2"))
    made |= row.given(lambda column: phone_number(row.text(column), country), phone="Phone", mobile="Mobile")
    made |= row.given(row.text, coc_number="Coc")
    if row.has("VatNumber"):
        made["vat_number"] = "".join(one for one in row.text("VatNumber") or "" if one.isalnum()).upper() or None
    language = (row.text("Language") or "").lower()
    return {**made, "language": language} if len(language) == 2 and language.isalpha() else made


def _terms(row: Row, options: Options) -> dict[str, Any]:
    made: dict[str, Any] = row.given(row.text, currency="Currency", ledger_account="ControlAccount")
    lists: dict[str, Ref | None] = {}
    if row.has("CustomerGroup"):
        lists["group"] = coded(options, GROUP, row.text("CustomerGroup"))
    if row.has("PriceList"):
        lists["price_list"] = made["price_list"] = coded(options, LIST, row.text("PriceList"))
    if any(one in lists for one in options.customer_groups):
        made["groups"] = [ref for one in options.customer_groups if (ref := lists.get(one)) is not None]
    if row.has("PayCondition"):
        terms = row.text("PayCondition")
        made["payment_terms"] = None if terms is None else Code(code=terms)
    if row.has("Blocked"):
        made["blocked"] = Blocks(deliveries=row.flag("Blocked"))
    return made


def _address(row: Row, options: Options, country: str | None) -> list[CustomerAddress] | None:
    """The address, as AFAS keeps it in parts; None when the connector has none."""
    if not row.has("Street", "City"):
        return None
    street, city, number = row.text("Street"), row.text("City"), row.text("Number")
    if not street and not city:
        return []
    addition, raw = row.text("NumberAdd"), row.text("Country")
    identity = row.text("AddressId")
    return [
        CustomerAddress(
            role="billing",
            default=True,
            key=None if identity is None else key(options, "address", identity),
            lines=[line for line in (" ".join(one for one in (street, number, addition) if one),) if line],
            street=street,
            house_number=number,
            house_number_addition=addition,
            building=row.text("StreetAdd"),
            postal_code=postal_code(row.text("ZipCode"), country),
            city=city,
            country=country,
            country_raw=None if country else raw,
            parsed_by="source",
        )
    ]
