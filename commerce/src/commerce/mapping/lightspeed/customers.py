"""Customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commerce.mapping.lightspeed.parties import about, address
from commerce.mapping.lightspeed.reading import Record, flag, identifiers, instant, key_of, source_of, text
from commerce.models import Contact, Customer, CustomerAddress, Extra, PartyKind

if TYPE_CHECKING:
    from commerce.mapping.lightspeed.options import Options


def customer(record: Record, options: Options) -> Customer:  # noqa: ARG001  every mapping has the same signature
    """Map a customer.

    Args:
        record: A record of the stream ``customers`` of tap-lightspeed.
        options: The options of the shop.

    Returns:
        The customer: an organisation with one contact when it gives a company's name, else a person. The delivery
        address is left out when it is the billing address.

    Raises:
        MappingError: When the record can't be mapped.
    """
    fields: dict[str, Any] = about(record)
    company = fields["kind"] is PartyKind.ORGANISATION
    fields |= {
        "key": key_of(record),
        "ids": identifiers(record, customer_id=record.get("id")),
        "source": source_of({**record, "channel": "main"}),
        "source_version": text(record, "updatedAt"),
        "changed_at": instant(record, "updatedAt"),
        "guest": record.get("type") == "guest",
        "contacts": [contact(record, fields)] if company and (fields["first_name"] or fields["last_name"]) else [],
        "addresses": addresses(record),
        "remark": text(record, "memo"),
        "extra": {"confirmed": Extra(type="boolean", value=flag(record, "isConfirmed"))},
    }
    return Customer(**fields)


def contact(record: Record, fields: dict[str, Any]) -> Contact:
    """The person behind a company's account."""
    parts = ("first_name", "infix", "last_name")
    return Contact(
        key=key_of(record, ".contact"),
        name=" ".join(fields[part] for part in parts if fields[part]),
        **{part: fields[part] for part in (*parts, "initials", "email", "phone", "mobile")},
    )


def addresses(record: Record) -> list[CustomerAddress]:
    """The addresses that are filled in, once each."""
    billing, delivery = address(record, "Billing"), address(record, "Shipping")
    found = []
    if billing.get("lines") or billing.get("city"):
        found.append(CustomerAddress(key=key_of(record, ".billing"), role="billing", default=True, **billing))
    if (delivery.get("lines") or delivery.get("city")) and delivery != billing:
        found.append(CustomerAddress(key=key_of(record, ".delivery"), role="delivery", default=True, **delivery))
    return found
