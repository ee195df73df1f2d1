"""The states of a Lightspeed order, and the payment and delivery methods."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from commerce.mapping.lightspeed.reading import Record, child, children, day, flag, identity, instant, number, text
from commerce.models import Code, Delivery, Lifecycle, Payment, PaymentState, Progress, State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

_AnyState = TypeVar("_AnyState", bound="StrEnum")

# The values in the documentation, old and new (api.md 16); unknown ones become OTHER and keep their text.
_LIFECYCLE: dict[str | None, Lifecycle] = {
    "new": Lifecycle.OPEN,
    "offer": Lifecycle.DRAFT,
    "on_hold": Lifecycle.ON_HOLD,
    "processing": Lifecycle.CONFIRMED,
    "processing_awaiting_payment": Lifecycle.OPEN,
    "processing_partially_paid": Lifecycle.OPEN,
    "processing_awaiting_shipment": Lifecycle.CONFIRMED,
    "processing_partially_shipped": Lifecycle.CONFIRMED,
    "processing_awaiting_pickup": Lifecycle.CONFIRMED,
    "processing_partially_picked_up": Lifecycle.CONFIRMED,
    "processing_ready_for_pickup": Lifecycle.CONFIRMED,
    "completed": Lifecycle.COMPLETED,
    "completed_shipped": Lifecycle.COMPLETED,
    "completed_picked_up": Lifecycle.COMPLETED,
    "cancelled": Lifecycle.CANCELLED,
}
_PAYMENT: dict[str | None, PaymentState] = {
    "not_paid": PaymentState.UNPAID,
    "partially_paid": PaymentState.PARTLY_PAID,
    "paid": PaymentState.PAID,
    "cancelled": PaymentState.CANCELLED,
    None: PaymentState.UNKNOWN,
}
_DELIVERY: dict[str | None, Progress] = {
    "not_shipped": Progress.NONE,
    "partially_shipped": Progress.PARTIAL,
    "shipped": Progress.COMPLETE,
    # Nothing will be delivered any more; that it was cancelled is said by cancel_state.
    "cancelled": Progress.NONE,
}


def lifecycle(record: Record) -> State[Lifecycle]:
    """Where the order stands in its life."""
    return _state(_LIFECYCLE, text(record, "status"), Lifecycle.OTHER, State[Lifecycle])


def payment_state(record: Record) -> State[PaymentState]:
    """How far the order is paid."""
    return _state(_PAYMENT, text(record, "paymentStatus"), PaymentState.OTHER, State[PaymentState])


def delivery_state(record: Record) -> State[Progress]:
    """How far the order is delivered."""
    return _state(_DELIVERY, text(record, "shipmentStatus"), Progress.OTHER, State[Progress])


def cancel_state(record: Record) -> State[Progress]:
    """Whether the order is cancelled; Lightspeed only cancels whole orders."""
    raw = text(record, "status")
    return State[Progress](value=Progress.COMPLETE if raw == "cancelled" else Progress.NONE, raw=raw)


def _state(
    known: Mapping[str | None, _AnyState], raw: str | None, other: _AnyState, model: type[State[_AnyState]]
) -> State[_AnyState]:
    return model(value=known.get(raw, other), raw=raw)


def payment_method(record: Record) -> Code | None:
    """The payment method: ``<paymentId>``, or ``<paymentId>:<method>`` where it is known (``mollie:ideal``)."""
    provider = text(record, "paymentId")
    if provider is None:
        return None
    method = child(record, "paymentData").get("method")
    code = f"{provider}:{method.strip()}" if isinstance(method, str) and method.strip() else provider
    return Code(code=code, title=text(record, "paymentTitle"))


def payments(record: Record, incl: Decimal) -> list[Payment]:
    """The payments of an order: its gift cards, and the payment method with what is left once the order is paid.

    A gift card is a means of payment, not a discount: it leaves totals and VAT alone. Its code is worth money, and is
    not passed on; nor is any token of ``paymentData``.

    Args:
        record: The order.
        incl: The total of the order.
    """
    found = [_gift_card(card, index) for index, card in enumerate(children(record, "giftCardsPayment"))]
    method = payment_method(record)
    if method is not None:
        state = text(record, "paymentStatus")
        cards = [card.amount for card in found]
        known = state == "paid" and None not in cards
        rest = incl - sum((card for card in cards if card is not None), Decimal(0)) if known else None
        found.append(Payment(key="payment", kind="payment", method=method, amount=rest, state=state))
    return found


def _gift_card(card: Record, index: int) -> Payment:
    """One entry of ``giftCardsPayment``. No recording shows a filled one, so the customary names are tried."""
    path = f"giftCardsPayment.{index}."
    spent = next(
        (
            value
            for name in ("amount", "amountIncl", "priceIncl", "price", "value", "paid")
            if (value := number(card, name, path)) is not None
        ),
        None,
    )
    return Payment(
        key=f"gift_card:{identity(card.get('id')) or index + 1}",
        kind="gift_card",
        method=Code(code="gift_card", title=text(card, "title", path)),
        amount=None if spent is None else abs(spent),
        paid_at=instant(card, "createdAt", path),
    )


def delivery(record: Record) -> Delivery | None:
    """How the order is to be delivered.

    ``shipmentId`` is ``core|<shipment id>|<value id>`` for the shop's own methods; the value id changes with weight and
    order total, so the code is ``core:<shipment id>``.
    """
    raw = text(record, "shipmentId")
    data = child(record, "shipmentData")
    pickup = flag(record, "shipmentIsPickup") or data.get("method") == "store_pick_up"
    title = text(record, "shipmentTitle")
    if raw is None and title is None and not pickup:
        return None
    parts = raw.split("|") if raw else []
    code = ":".join(parts[:2]) if len(parts) > 1 else raw
    method = Code(code=code or title or "pickup", title=title)
    return Delivery(method=method, pickup=pickup, requested_date=day(record, "deliveryDate"))
