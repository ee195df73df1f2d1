"""An order's records, made from a plan and its totals: pure, in the API's field names."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.lightspeed import plan as plans
from sandbox.lightspeed.amounts import Priced, Total, total

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.lightspeed.fields import Record
    from sandbox.lightspeed.plan import Line, Plan
    from sandbox.lightspeed.shop import Basis


def totals(plan: Plan, basis: Basis) -> Total:
    """The totals of a plan."""
    discount = plan.said.get("discount") or {}
    return total(
        [line.charge for line in plan.lines],
        plan.shipment,
        plan.payment,
        basis,
        amount=plans.number(discount.get("amount", 0), "discount.amount"),
        percentage=plans.number(discount.get("percentage", 0), "discount.percentage"),
        miss=plans.number(plan.said.get("miss", 0), "miss"),
    )


def tax_rows(taxes: Mapping[Decimal, Decimal]) -> list[dict[str, Any]]:
    """One row per rate, the amount not rounded."""
    return [{"name": "BTW", "rate": rate, "amount": amount} for rate, amount in taxes.items()]


def order_fields(plan: Plan, sums: Total) -> Record:
    """An order's own fields; its statuses, number and references are not among them."""
    said = plan.said
    sent, paid = said.get("shipment") or {}, said.get("payment") or {}
    discount, customer = said.get("discount") or {}, dict(said.get("customer") or {})
    customer.pop("guest", None)
    customer.pop("memo", None)
    pickup = bool(sent.get("pickup"))
    data = {"method": "store_pick_up" if pickup else "default", "shipment_id": 747_283, "shipping_value_id": 3_298_308}
    quantities = [line.charge.quantity for line in plan.lines]
    return {
        **customer,
        **plan.billing,
        **plan.shipping,
        "priceCost": sum(
            (Decimal(line.record["priceCost"]) * n for line, n in zip(plan.lines, quantities, strict=True)), Decimal(0)
        ),
        "priceExcl": sums.excl,
        "priceIncl": sums.incl,
        "weight": sum(line.record["weight"] for line in plan.lines),
        "taxRates": tax_rows(sums.taxes),
        "paymentId": paid.get("id", "mollie"),
        "paymentIsPost": bool(paid.get("post")),
        "paymentIsInvoiceExternal": bool(paid.get("invoice_external")),
        "paymentTitle": paid.get("title", "iDEAL"),
        "paymentData": _payment_data(paid),
        **_cost_fields("payment", sums.payment),
        "shipmentId": sent.get("id", "core|747283|3298308"),
        "shipmentIsPickup": pickup,
        "shipmentTitle": sent.get("title", "Afhalen" if pickup else "PostNL"),
        "shipmentData": sent.get("data", data),
        **_cost_fields("shipment", sums.shipment),
        "shipmentDiscountExcl": sums.shipment.discount_excl,
        "shipmentDiscountIncl": sums.shipment.discount_incl,
        "deliveryDate": said.get("delivery_date"),
        "isDiscounted": bool(sums.discount),
        "discountType": "percentage" if discount.get("percentage") else "amount",
        "discountAmount": sums.discount,
        "discountPercentage": sums.percentage,
        "discountCouponCode": discount.get("code", ""),
        "comment": said.get("comment", ""),
        "memo": said.get("memo", ""),
        "giftCardsPayment": [{"code": one["code"], "amount": one["amount"]} for one in said.get("gift_cards", ())],
    }


def _payment_data(paid: Mapping[str, Any]) -> dict[str, Any]:
    """The provider's method; a payment outside the shop (`external`, `pickup`) names none."""
    method = paid.get("method", None if "id" in paid else "ideal")
    return {} if method is None else {"method": method}


def _cost_fields(kind: str, cost: Priced) -> Record:
    return {
        f"{kind}TaxRate": cost.rate,
        f"{kind}TaxRates": tax_rows({cost.rate: cost.tax}),
        f"{kind}BasePriceExcl": cost.base_excl,
        f"{kind}BasePriceIncl": cost.base_incl,
        f"{kind}PriceExcl": cost.excl,
        f"{kind}PriceIncl": cost.incl,
    }


def line_fields(line: Line, one: Priced) -> Record:
    """An order line."""
    return {
        **line.record,
        "taxRate": one.rate,
        "taxRates": tax_rows({one.rate: one.tax}),
        **{f"quantity{name}": line.charge.quantity for name in ("Ordered", "Invoiced", "Shipped")},
        "customExcl": one.custom_excl,
        "customIncl": one.custom_incl,
        "basePriceExcl": one.base_excl,
        "basePriceIncl": one.base_incl,
        "priceExcl": one.excl,
        "priceIncl": one.incl,
        "discountExcl": one.discount_excl,
        "discountIncl": one.discount_incl,
        "_totalPriceExcl": one.total_excl,
        "_totalPriceIncl": one.total_incl,
    }


def item(kind: str, title: str, row: Mapping[str, Any], quantity: Any, price: tuple[Decimal, Decimal]) -> Record:
    """One row of an invoice; `price` excluding and including VAT."""
    excl, incl = price
    return {
        "type": kind,
        "title": title,
        "variant": row.get("variantTitle", ""),
        "orderProductId": row.get("id"),
        **{name: row.get(name, "") for name in ("articleCode", "ean", "sku")},
        "taxRate": row.get("taxRate", 0),
        "basePriceExcl": row.get("basePriceExcl", excl),
        "basePriceIncl": row.get("basePriceIncl", incl),
        "priceExcl": excl,
        "priceIncl": incl,
        "quantity": quantity,
    }


def quote_fields(order: Record, plan: Plan, sums: Total) -> Record:
    """The quote that an order came from."""
    names = ("customer", "language", "channel", "weight", "priceCost", "priceExcl", "priceIncl", "comment")
    copied = [name for name in order if name.startswith(("shipment", "payment")) and name not in _NOT_IN_QUOTE]
    return {
        **{name: order[name] for name in (*names, *copied)},
        "recalculatedAt": order["createdAt"],
        "recoveryHash": f"{order['id']:024x}",
        "paymentCountry": plan.billing["addressBillingCountry"],
        "shipmentCountry": plan.shipping["addressShippingCountry"],
        "shipmentZipcode": plan.shipping["addressShippingZipcode"],
        "shipmentSameAddress": not plan.said.get("shipping"),
        "productsCount": len(plan.lines),
        "productsQuantity": sum((line.charge.quantity for line in plan.lines), Decimal(0)),
        "shipmentPriceTax": sums.shipment.tax,
        "paymentPriceTax": sums.payment.tax,
        "paymentData": "[]",
        "discountIsSet": order["isDiscounted"],
        **{
            name: order[name] for name in ("discountType", "discountAmount", "discountPercentage", "discountCouponCode")
        },
    }


def quote_line(line: Line, one: Priced) -> Record:
    """A line of the quote: the base prices are per unit, the others of the whole line."""
    quantity = line.charge.quantity
    return {
        "quantity": quantity,
        "weight": line.record["weight"],
        "taxRate": one.rate,
        "basePriceExcl": one.base_excl,
        "basePriceIncl": one.base_incl,
        "priceExcl": one.total_excl,
        "priceIncl": one.total_incl,
        "priceTax": one.total_incl - one.total_excl,
        "product": line.record["product"],
        "variant": line.record["variant"],
    }


_NOT_IN_QUOTE = {"shipmentStatus", "paymentStatus", "shipmentTaxRates", "paymentTaxRates", "paymentData"}
