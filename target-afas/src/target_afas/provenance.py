"""Where each header field of an order comes from: the record, a table, a rule, or a default (B18). Pure.

``source`` is the record; ``table:NAME`` an entry of that table; ``rule 2:NAME`` the second rule of that setting;
``default:NAME`` its default; ``setting:NAME`` a plain setting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from target_afas.header import payment_method_of
from target_afas.rules import facts_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from commerce.models import Code, Order
    from target_afas.rules import Choice, Facts, Table
    from target_afas.settings import Settings

SOURCE = "source"


def origins(order: Order, names: Iterable[str], settings: Settings) -> dict[str, str]:
    """The origin of header fields.

    Args:
        order: The order.
        names: Our names of the fields that are sent (`header.HEADER`).
        settings: All settings.

    Returns:
        Name -> origin, in the order of the names.
    """
    own, facts, method = settings.orders, facts_of(order), payment_method_of(order)
    shipping = _of_shipping(order, settings)
    known = {
        "reference": "setting:reference_template",
        "vat_duty": "table:orders.vat",
        "payment_condition": _of_table(own.payment_conditions, method, "orders.payment_conditions"),
        "payment_method": _of_table(own.payment_methods, method, "orders.payment_methods"),
        "carrier": shipping.get("carrier", SOURCE),
        "service": shipping.get("service", SOURCE),
        "delivery_condition": shipping.get("delivery_condition", "setting:orders.pickup_condition"),
        "warehouse": shipping.get("warehouse") or _of_choice(own.warehouse, facts, "orders.warehouse"),
        "administration": _of_choice(settings.administration, facts, "administration"),
        "sales_book": _of_choice(own.sales_book, facts, "orders.sales_book"),
        "project": _of_choice(own.project, facts, "orders.project"),
        "project_stage": _of_choice(own.project_stage, facts, "orders.project_stage"),
        "sales_channel": _of_choice(own.sales_channel, facts, "orders.sales_channel"),
    }
    return {name: known.get(name, SOURCE) for name in names}


def _of_choice(choice: Choice, facts: Facts, name: str) -> str:
    """A choice that gives nothing leaves the field to the source."""
    for number, rule in enumerate(choice.rules, 1):
        if rule.fits(facts):
            return SOURCE if rule.value is None else f"rule {number}:{name}"
    return SOURCE if choice.default is None else f"default:{name}"


def _of_table(table: Table[str], code: Code | None, name: str) -> str:
    return f"default:{name}" if code is None or table.entry(code) is None else f"table:{name}"


def _of_shipping(order: Order, settings: Settings) -> dict[str, str]:
    """Origin of what the shipping method gives."""
    own, delivery = settings.orders, order.delivery
    if delivery is None:
        return {}
    entry = own.shipping_methods.entry(delivery.method) if delivery.method is not None else None
    if entry is not None:
        found, origin = entry, "table:orders.shipping_methods"
    elif delivery.pickup and own.pickup_method is not None:
        found, origin = own.pickup_method, "setting:orders.pickup_method"
    elif own.shipping_methods.default is not None:
        found, origin = own.shipping_methods.default, "default:orders.shipping_methods"
    else:
        return {}
    return {name: origin for name, value in found.model_dump().items() if value}
