"""Orders and settings for tests: small, valid, and changed by what a test is about."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from commerce.models import (
    Address,
    Basis,
    Code,
    Customer,
    CustomerAddress,
    Delivery,
    Kind,
    Lifecycle,
    Line,
    LineKind,
    Order,
    Party,
    PartyKind,
    PaymentState,
    Progress,
    Ref,
    Source,
    State,
    Totals,
    Vat,
    VatCategory,
    VatTotal,
    VatTreatment,
)
from target_afas.settings import Settings, read_settings

CONFIG: dict[str, Any] = {
    "environment": "T12345AA",
    "token": "0123456789ABCDEF" * 4,
    "store": "sqlite://",
    "administration": 1,
    "orders": {
        "items": {
            "discount": "KORTING",
            "shipping": "VERZEND",
            "payment_cost": "BETAAL",
            "gift_wrap": "INPAK",
            "rounding": "AFRONDING",
        },
        "sales_book": {"rules": [{"treatment": "oss", "value": "71"}], "default": "70"},
        "vat": [
            {"treatment": ["domestic", "unknown"], "rate": 21, "duty": "1", "group": "1"},
            {"treatment": ["domestic", "unknown"], "rate": 9, "duty": "1", "group": "2"},
            {"treatment": ["domestic", "unknown"], "rate": 0, "duty": "1", "group": "3"},
            {"treatment": "exempt", "duty": "0", "group": "3", "percent": 0},
            {"treatment": "export", "duty": "4", "group": "1", "percent": 0},
            {
                "treatment": "intra_eu_reverse_charge",
                "customer": "organisation",
                "duty": "6",
                "group": "1",
                "percent": 0,
            },
            {"treatment": "oss", "country": "BE", "rate": 21, "duty": "7", "group": "B1"},
            {"treatment": "oss", "country": "BE", "rate": 6, "duty": "7", "group": "B2"},
            {"treatment": "oss", "country": "DE", "rate": 19, "duty": "7", "group": "D1"},
            {"treatment": "oss", "country": "DE", "rate": 7, "duty": "7", "group": "D2"},
        ],
        "payment_conditions": {"ideal": "0", "invoice": "14"},
        "payment_methods": {"ideal": "01", "invoice": "08"},
        "shipping_methods": {
            "post": {"carrier": "POSTNL"},
            "pickup": {"carrier": "PICKUP", "delivery_condition": "2"},
        },
    },
    "relations": {
        "control_account": "1300",
        "payment_condition": "14",
        "vat_duty": {"rules": [{"country": "NL", "value": "1"}, {"country": ["CH"], "value": "4"}], "default": "7"},
    },
}


def settings(**orders: Any) -> Settings:
    """Settings with other values in `orders`."""
    return read_settings({**CONFIG, "orders": {**CONFIG["orders"], **orders}})


def address(**changes: Any) -> Address:
    values: dict[str, Any] = {
        "street": "Dorpsstraat",
        "house_number": "12",
        "house_number_addition": "a",
        "postal_code": "1234 AB",
        "city": "Plaats",
        "country": "NL",
    }
    return Address(**{**values, **changes})


def person(**changes: Any) -> Party:
    values: dict[str, Any] = {
        "kind": PartyKind.PERSON,
        "name": "Jan de Vries",
        "first_name": "Jan",
        "infix": "de",
        "last_name": "Vries",
        "email": "jan@example.com",
        "phone": "+31201234567",
        "address": address(),
    }
    return Party(**{**values, **changes})


def company(**changes: Any) -> Party:
    values: dict[str, Any] = {
        "kind": PartyKind.ORGANISATION,
        "name": "Voorbeeld B.V.",
        "company": "Voorbeeld B.V.",
        "vat_number": "NL123456782B01",
        "coc_number": "12345678",
    }
    return person(**{**values, **changes})


def line(
    sku: str | None = "SKU-0001",
    total: str = "12.10",
    quantity: str = "1",
    *,
    rate: str | None = "21",
    kind: LineKind = LineKind.ITEM,
    basis: Basis = Basis.INCL,
    **changes: Any,
) -> Line:
    """One line; `total` is in the given basis."""
    values: dict[str, Any] = {
        "key": changes.pop("key", sku or kind.value),
        "position": changes.pop("position", 1),
        "kind": kind,
        "item": Ref(sku=sku) if sku else None,
        "description": changes.pop("description", f"Article {sku}" if sku else kind.value),
        "quantity": Decimal(quantity),
        "vat": Vat(
            category=VatCategory.ZERO if rate == "0" else VatCategory.STANDARD,
            rate=None if rate is None else Decimal(rate),
        ),
        "total_incl" if basis is Basis.INCL else "total_excl": Decimal(total),
    }
    return Line(**{**values, **changes})


def order(lines: list[Line] | None = None, incl: str | None = None, number: str = "ORD00001", **changes: Any) -> Order:
    """An order of one person; the total is that of its lines unless told."""
    lines = [line()] if lines is None else lines
    basis = changes.pop("price_basis", Basis.INCL)
    amounts = [one.total_incl if basis is Basis.INCL else one.total_excl for one in lines]
    total = Decimal(incl) if incl is not None else sum((one or Decimal(0) for one in amounts), Decimal(0))
    shop = changes.pop("shop", "shop1")
    values: dict[str, Any] = {
        "key": f"lightspeed.{shop}:{number.removeprefix('ORD').lstrip('0') or number}",
        "source": Source(system="lightspeed", instance=shop, channel="web"),
        "kind": Kind.ORDER,
        "number": number,
        "lifecycle": State[Lifecycle](value=Lifecycle.CONFIRMED),
        "payment_state": State[PaymentState](value=PaymentState.PAID),
        "delivery_state": State[Progress](value=Progress.NONE),
        "cancel_state": State[Progress](value=Progress.NONE),
        "placed_at": dt.datetime(2026, 11, 1, 10, 0, tzinfo=dt.UTC),
        "currency": "EUR",
        "price_basis": basis,
        "vat_treatment": VatTreatment.DOMESTIC,
        "buyer": person(),
        "ship_to": person(),
        "lines": lines,
        "payment_method": Code(code="ideal"),
        "delivery": Delivery(method=Code(code="post")),
        "totals": Totals(incl=total, per_vat=changes.pop("per_vat", [])),
    }
    return Order(**{**values, **changes})


def cancelled(one: Order) -> Order:
    """The same order after it was cancelled in the shop."""
    return one.model_copy(
        update={
            "lifecycle": State[Lifecycle](value=Lifecycle.CANCELLED),
            "cancel_state": State[Progress](value=Progress.COMPLETE),
        }
    )


def customer(**changes: Any) -> Customer:
    values: dict[str, Any] = {
        "key": "lightspeed.shop1:77",
        "source": Source(system="lightspeed", instance="shop1"),
        "kind": PartyKind.PERSON,
        "name": "Jan de Vries",
        "first_name": "Jan",
        "infix": "de",
        "last_name": "Vries",
        "email": "jan@example.com",
        "addresses": [CustomerAddress(role="billing", **address().model_dump())],
    }
    return Customer(**{**values, **changes})


def vat_total(rate: str, base: str, vat: str) -> VatTotal:
    """A row of the shop's VAT summary."""
    return VatTotal(category=VatCategory.STANDARD, rate=Decimal(rate), base=Decimal(base), vat=Decimal(vat))
