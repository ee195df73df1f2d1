"""Both sides' books of orders: totals per VAT rate, and every order to the cent."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.running import Project
    from demo.screen import Screen

CENT = Decimal("0.01")
ROUNDING_ITEM = "AFRONDING"


@dataclass
class Tally:
    """What the orders of a round come to.

    Attributes:
        orders, due, booked, held: How many.
        shop, afas: Totals including VAT of those that are booked, on each side.
    """

    orders: int = 0
    due: int = 0
    booked: int = 0
    held: int = 0
    shop: Decimal = Decimal(0)
    afas: Decimal = Decimal(0)


def booked(project: Project) -> dict[str, dict[str, Any]]:
    """AFAS's sales orders by reference, deleted ones left out."""
    return {order["reference"]: order for order in project.box.call("afas", "books")["orders"] if not order["deleted"]}


def compare(screen: Screen, project: Project, shops: Mapping[str, int]) -> Tally:
    """Print both sides' totals per VAT rate of everything that is booked, and check that all order totals are equal."""
    tally = Tally()
    afas_books = project.box.call("afas", "books")
    afas = {order["reference"]: order for order in afas_books["orders"] if not order["deleted"]}
    twice = {reference: times for reference, times in afas_books["inserts_per_reference"].items() if times > 1}
    screen.check(not twice, "no order was inserted twice")
    books = project.box.call("shop", "books")
    for shop in shops:
        orders = {f"{shop}-{order['number']}": order for order in books[shop]["orders"]}
        due = {reference for reference, order in orders.items() if in_scope(order)}
        held = {
            f"{shop}-{number_of(books[shop], entry['key'])}": f"{entry['reason']} {entry['subject']}"
            for entry in project.held(f"orders--{shop}")
        }
        both = sorted(due & afas.keys())
        screen.say("")
        screen.say(f"{shop}: {len(orders)} orders, {len(due)} due, {len(both)} in AFAS, {len(held)} held", "bold")
        for reference, reason in held.items():
            screen.say(f"held: {reference}, {reason}")
        missing = sorted(due - afas.keys() - held.keys())
        screen.check(not missing, f"none is missing{': ' + ', '.join(missing[:5]) if missing else ''}")
        unequal = _rates(screen, orders, afas, both)
        tally.orders, tally.due = tally.orders + len(orders), tally.due + len(due)
        tally.booked, tally.held = tally.booked + len(both), tally.held + len(held)
        total = sum((money(orders[one]["priceIncl"]) for one in both), Decimal(0))
        total_afas = sum((money(afas[one]["incl"]) for one in both), Decimal(0))
        tally.shop, tally.afas = tally.shop + total, tally.afas + total_afas
        screen.check(
            total == total_afas and not unequal,
            f"incl. VAT € {total:,} in the shop, € {total_afas:,} in AFAS, equal for each order"
            + (f"; these differ: {', '.join(unequal[:5])}" if unequal else ""),
        )
    return tally


def _rates(screen: Screen, orders: Mapping[str, Any], afas: Mapping[str, Any], both: list[str]) -> list[str]:
    """Print the totals per VAT rate; the orders whose totals differ."""
    rows: dict[Decimal, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
    unequal = []
    for reference in both:
        for rate, (base, vat) in shop_rates(orders[reference]).items():
            rows[rate][0] += base
            rows[rate][1] += vat
        for row in afas[reference]["rates"]:
            rate = Decimal(str(row["percentage"])).normalize()
            rows[rate][2] += Decimal(str(row["excl"]))
            rows[rate][3] += Decimal(str(row["vat"]))
        if money(orders[reference]["priceIncl"]) != money(afas[reference]["incl"]):
            unequal.append(reference)
    heads = ("VAT rate", "base, shop", "base, AFAS", "VAT, shop", "VAT, AFAS", "difference")
    shown = []
    for rate in sorted(rows, reverse=True):
        base, vat, afas_base, afas_vat = rows[rate]
        off = money(afas_base + afas_vat) - money(base + vat)
        amounts = (f"{money(one):,}" for one in (base, afas_base, vat, afas_vat))
        shown.append((f"{rate:.1f} %", *amounts, f"{off:+,}"))
    screen.table(heads, shown, numbers=range(6))
    rounded = [money(line["incl"]) for one in both for line in afas[one]["lines"] if line["item"] == ROUNDING_ITEM]
    if rounded:
        screen.aside(f"the 0 % row holds {len(rounded)} rounding lines, {sum(rounded):+} in all")
    return unequal


def in_scope(order: dict[str, Any]) -> bool:
    """Whether the flow's filter lets an order through: paid, or paid afterwards, and neither cancelled nor on hold."""
    return order["status"] not in {"cancelled", "on_hold"} and (
        order["paymentStatus"] == "paid" or bool(order.get("payAfterwards"))
    )


def shop_rates(order: dict[str, Any]) -> dict[Decimal, tuple[Decimal, Decimal]]:
    """Base and VAT per percentage as the shop states them; what no rate explains has 0 %."""
    rates: dict[Decimal, tuple[Decimal, Decimal]] = {}
    rest = Decimal(str(order["priceExcl"]))
    for row in order["taxes"]:
        rate, vat = Decimal(str(row["rate"])), Decimal(str(row["amount"]))
        if rate:
            base = vat / rate
            rates[(rate * 100).normalize()] = (base, vat)
            rest -= base
    incl = (
        Decimal(str(order["priceIncl"]))
        - Decimal(str(order["priceExcl"]))
        - sum((vat for _, vat in rates.values()), Decimal(0))
    )
    rates[Decimal(0)] = (rest, incl)
    return rates


def number_of(shop: dict[str, Any], key: str) -> str:
    """The order number of a held key."""
    return next((order["number"] for order in shop["orders"] if str(order["id"]) == key), key)


def money(value: object) -> Decimal:
    """An amount to the cent."""
    return Decimal(str(value)).quantize(CENT, ROUND_HALF_UP)
