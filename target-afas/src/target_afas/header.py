"""The header of an AFAS sales order: our names, AFAS's field codes, and how values compare. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from commerce.models import Basis, Order
from target_afas.limits import fit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from commerce.models import Code
    from target_afas.rules import Facts
    from target_afas.settings import OrderSettings, Settings, ShippingMethod

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
Value = str | int | bool | Decimal | dt.date


@dataclass(frozen=True, slots=True)
class HeaderField:
    """One field of the order header.

    Attributes:
        code: Field code of FbSales.
        row: Field of the orders connector; empty when it can't be read back.
        changeable: Whether AFAS takes a change of it on an existing order (write-api 1.11, 4).
        tracked: Whether a change in the shop is carried over; the others are chosen once, when the order is made.
    """

    code: str
    row: str = ""
    changeable: bool = True
    tracked: bool = True


HEADER: Final[Mapping[str, HeaderField]] = {
    "debtor": HeaderField("DbId", "Debtor", changeable=False, tracked=False),
    "reference": HeaderField("RfCs", "Ref", tracked=False),
    "number": HeaderField("OrNu", "OrderNumber", changeable=False, tracked=False),
    "date": HeaderField("OrDa", "OrderDate"),
    "currency": HeaderField("CuId", "Currency"),
    "incl_vat": HeaderField("InVa", "InclVat"),
    "payment_condition": HeaderField("PaCd", "PayCondition"),
    "payment_method": HeaderField("PaTp", "PayMethod"),
    "vat_duty": HeaderField("VaDu", "VatDuty"),
    "carrier": HeaderField("TrPt", "Carrier"),
    "service": HeaderField("SsId", "Service"),
    "delivery_condition": HeaderField("DeCo", "DeliveryCondition"),
    "delivery_date": HeaderField("DaDe", "DeliveryDate"),
    "remark": HeaderField("Re", "Remark", changeable=False),
    "warehouse": HeaderField("War", "Warehouse", changeable=False),
    "blocked": HeaderField("FxBl", "Blocked"),
    "administration": HeaderField("Unit", "Unit", tracked=False),
    "sales_book": HeaderField("JoCo", "Journal", tracked=False),
    "project": HeaderField("PrId", "Project", tracked=False),
    "project_stage": HeaderField("PrSt", "ProjectStage", tracked=False),
    "sales_channel": HeaderField("SaCh", "SalesChannel", tracked=False),
    "address": HeaderField("DlAd", "Address", tracked=False),
    "address_note": HeaderField("ExAd", "AddressNote", tracked=False),
    "contact": HeaderField("CtI1", "Contact", tracked=False),
    "invoice_reference": HeaderField("Fref", tracked=False),
}
"""Our name -> field. `address` is compared as a place (`ship_to`), not as a number."""


def plain_text(value: object) -> str:
    """A value in the one form in which the shop's and AFAS's are compared; nothing is ''."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()[:10]
    return str(value).strip()


def compared_text(name: str, value: object) -> str:
    """A header value as it is compared: codes without case, as AFAS compares them; texts as they are."""
    text = plain_text(value)
    return text if name == "remark" else text.casefold()


def row_text(name: str, row: Mapping[str, Any]) -> str:
    """The value of a header field in a row of the orders connector, in that form."""
    text = compared_text(name, row.get(HEADER[name].row))
    if name in {"date", "delivery_date"}:
        return text[:10]
    return text.replace("\r\n", "\n") if name == "remark" else text


def document_date(order: Order) -> dt.date:
    """The order's date: as stated, else the Dutch calendar day on which it was placed."""
    return order.document_date or order.placed_at.astimezone(AMSTERDAM).date()


def make_reference(template: str, order: Order) -> str:
    """The order's reference in AFAS by a template.

    Raises:
        CannotLoad: It is longer than AFAS holds.
    """
    text = template.format(system=order.source.system, instance=order.source.instance, number=order.number)
    return fit(text, "RfCs", cut=False) or ""


def make_header(order: Order, facts: Facts, duty: str | None, settings: Settings, *, private: bool) -> dict[str, Value]:
    """Every header field that does not depend on the customer's number or address id.

    Args:
        order: The order.
        facts: Its facts, for the rules.
        duty: The VAT duty that its lines agreed on.
        settings: All settings.
        private: The order goes to a default debtor: the customer's address goes into the remark, if set so.

    Returns:
        Our name -> value; fields that are not sent are left out, except `remark`, which may be cleared.

    Raises:
        CannotLoad: A table has no entry.
        ConfigurationError: The same, where the setting says to fail.
    """
    own = settings.orders
    method = payment_method_of(order)
    shipping = shipping_of(order, own)
    condition = shipping.delivery_condition if shipping else None
    if condition is None and order.delivery is not None and order.delivery.pickup:
        condition = own.pickup_condition
    administration = settings.administration.pick(facts, "administration") or order.administration
    values: dict[str, Value | None] = {
        "reference": make_reference(settings.reference_template, order),
        "number": fit(order.number, "OrNu", cut=False) if own.order_number == "shop" else None,
        "date": document_date(order),
        "currency": order.currency,
        "incl_vat": order.price_basis is Basis.INCL,
        "payment_condition": own.payment_conditions.look_up(
            method, reason="unmapped_payment_condition", table="payment_conditions"
        ),
        "payment_method": own.payment_methods.look_up(
            method, reason="unmapped_payment_method", table="payment_methods"
        ),
        "vat_duty": duty,
        "carrier": shipping.carrier if shipping else None,
        "service": shipping.service if shipping else None,
        "delivery_condition": condition,
        "delivery_date": order.delivery.requested_date if order.delivery else None,
        "warehouse": (shipping.warehouse if shipping else None) or own.warehouse.pick(facts, "orders.warehouse"),
        "administration": int(administration) if administration and administration.isdigit() else administration,
        "sales_book": own.sales_book.pick(facts, "orders.sales_book"),
        "project": own.project.pick(facts, "orders.project") or order.project,
        "project_stage": own.project_stage.pick(facts, "orders.project_stage"),
        "sales_channel": own.sales_channel.pick(facts, "orders.sales_channel"),
        "invoice_reference": fit(invoice_number(order), "Fref"),
    }
    header: dict[str, Value] = {name: value for name, value in values.items() if value is not None and value != ""}
    remark = fit(order.remark, "Re") if own.remark else None
    if private and own.default_debtor_address == "remark":
        remark = "\n".join(part for part in (remark, *address_lines(order)) if part)
    if own.remark or remark:
        header["remark"] = remark or ""
    return header


def invoice_number(order: Order) -> str | None:
    """Number of the shop's first invoice of the order."""
    return next((link.ref.code for link in order.links if link.type == "invoice" and link.ref.code), None)


def payment_method_of(order: Order) -> Code | None:
    """How the order is paid: as stated, else by its first payment."""
    return order.payment_method or next((payment.method for payment in order.payments), None)


def shipping_of(order: Order, own: OrderSettings) -> ShippingMethod | None:
    """What the shipping method is in AFAS; one that is picked up needs no entry in the table.

    Raises:
        CannotLoad: The table has no entry.
        ConfigurationError: The same, where the setting says to fail.
    """
    if order.delivery is None:
        return None
    method, table = order.delivery.method, own.shipping_methods
    if order.delivery.pickup and own.pickup_method is not None and (method is None or table.entry(method) is None):
        return own.pickup_method
    return table.look_up(method, reason="unmapped_shipping_method", table="shipping_methods")


def address_lines(order: Order) -> list[str]:
    """Name and delivery address as lines of a remark, for orders on a default debtor."""
    party = order.ship_to or order.bill_to or order.buyer
    address = party.address or order.buyer.address
    lines = [party.company or "", party.name]
    if address is not None:
        house = " ".join(
            part for part in (address.street, address.house_number, address.house_number_addition) if part
        ) or ", ".join(address.lines)
        lines += [house, f"{address.postal_code or ''} {address.city or ''}".strip(), address.country or ""]
    return [line for line in dict.fromkeys(lines) if line]


def private_fields(order: Order, codes: Mapping[str, str]) -> dict[str, str]:
    """Name and delivery address in free fields, for orders on a default debtor."""
    party = order.ship_to or order.bill_to or order.buyer
    address = party.address or order.buyer.address
    values = {
        "name": party.company or party.name,
        "email": order.buyer.email,
        "phone": party.phone or order.buyer.phone,
    }
    if address is not None:
        values |= {
            "street": " ".join(
                part for part in (address.street, address.house_number, address.house_number_addition) if part
            )
            or ", ".join(address.lines),
            "postal_code": address.postal_code,
            "city": address.city,
            "country": address.country,
        }
    return {code: text[:255] for name, code in codes.items() if (text := values.get(name))}
