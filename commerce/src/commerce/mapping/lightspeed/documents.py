"""Orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commerce.errors import MappingError
from commerce.mapping.lightspeed import states
from commerce.mapping.lightspeed.lines import figures, lines
from commerce.mapping.lightspeed.parties import bill_to, buyer, ship_to
from commerce.mapping.lightspeed.reading import (
    Record,
    child,
    children,
    identifiers,
    identity,
    instant,
    key_of,
    number,
    source_of,
    text,
)
from commerce.mapping.lightspeed.vat import per_vat, regime
from commerce.models import Extra, Kind, Link, Order, Ref, Totals
from commerce.money import ZERO

if TYPE_CHECKING:
    from commerce.mapping.lightspeed.options import Options


def order(record: Record, options: Options) -> Order:
    """Map an order.

    Args:
        record: A record of the stream ``orders`` of tap-lightspeed, with its lines.
        options: The options of the shop.

    Returns:
        The order in the terms of the contract. Totals are those that the shop states, also when the lines miss them.

    Raises:
        MappingError: When the record can't be mapped.
    """
    order_number = text(record, "number")
    placed_at = instant(record, "createdAt")
    if order_number is None or placed_at is None:
        raise MappingError("missing_value", "createdAt" if order_number else "number")
    found = figures(record, options)
    taxes = [*found.goods_taxes, *found.shipping_taxes, *found.payment_taxes]
    charged = found.order.incl - found.order.excl
    # Of goods without VAT the shipping costs may still tell whose VAT it is.
    rates = [one.tax.rate or ZERO for one in found.pieces]
    rates += [row.rate for row in (*found.shipping_taxes, *found.payment_taxes) if row.amount]
    under = regime(record, rates, charged, options)
    made = lines(record, found, under, options)
    ordered_by = buyer(record)
    fields: dict[str, Any] = {
        "key": key_of(record),
        "ids": identifiers(record, order_id=record.get("id"), order_number=order_number),
        "source": source_of(record),
        "source_version": text(record, "updatedAt"),
        "changed_at": instant(record, "updatedAt"),
        "kind": Kind.ORDER,
        "number": order_number,
        "links": links(record),
        "lifecycle": states.lifecycle(record),
        "payment_state": states.payment_state(record),
        "delivery_state": states.delivery_state(record),
        "cancel_state": states.cancel_state(record),
        "placed_at": placed_at,
        "document_date": placed_at.astimezone(options.zone).date(),
        "currency": options.currency,
        "price_basis": options.price_basis,
        "vat_treatment": under.treatment,
        "buyer": ordered_by,
        "bill_to": bill_to(record, ordered_by),
        "lines": made,
        "payments": states.payments(record, found.order.incl),
        "payment_method": states.payment_method(record),
        "delivery": states.delivery(record),
        "totals": Totals(
            excl=found.order.excl,
            vat=sum((row.amount or ZERO for row in taxes), ZERO) if taxes else charged,
            incl=found.order.incl,
            per_vat=per_vat(taxes, made, under),
        ),
        "remark": text(record, "comment"),
        "internal_remark": text(record, "memo"),
    }
    if (delivered_to := ship_to(record, ordered_by)) is not None:
        fields["ship_to"] = delivered_to
    if extra := extras(record):
        fields["extra"] = extra
    return Order(**fields)


def links(record: Record) -> list[Link]:
    """Invoices, shipments and the quotation of the order. Credit notes are invoices to Lightspeed."""
    found = []
    for index, invoice in enumerate(children(record, "invoices")):
        ref = _ref(record, "invoice_id", invoice, f"invoices.{index}.")
        found.append(Link(type="other" if invoice.get("isCreditNote") is True else "invoice", ref=ref))
    for index, shipment in enumerate(children(record, "shipments")):
        found.append(Link(type="shipment", ref=_ref(record, "shipment_id", shipment, f"shipments.{index}.")))
    if identity((quote := child(record, "quote")).get("id")):
        found.append(Link(type="quotation", ref=_ref(record, "quote_id", quote, "quote.")))
    return found


def _ref(record: Record, kind: str, linked: Record, path: str) -> Ref:
    code = text(linked, "number", path)
    return Ref(ids=identifiers(record, **{kind: linked.get("id")}), **({"code": code} if code else {}))


def extras(record: Record) -> dict[str, Extra]:
    """What has no field of its own: the merchant's status, and the method's full id."""
    found = {}
    if (status := number(record, "customStatusId")) is not None:
        found["custom_status"] = Extra(type="integer", value=int(status))
    if (shipment := text(record, "shipmentId")) is not None:
        found["shipment_id"] = Extra(type="string", value=shipment)
    return found
