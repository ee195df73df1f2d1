"""From the shop to AFAS: shoppers order, and every order is booked once and to the cent."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from demo import books
from demo.running import Project, writes

if TYPE_CHECKING:
    from demo.running import Sandbox
    from demo.screen import Screen

SHOPS = {"shop1": 205, "shop2": 40}
ROUNDINGS = ("line", "rate", "document")
BROKEN = {
    "customer": {"email": "sanne@example.nl", "firstname": "Sanne", "lastname": "de Wit", "phone": "0612345678"},
    "billing": {
        "name": "Sanne de Wit",
        "street": "Laan 1940-1945",
        "number": "3",
        "zipcode": "3512AB",
        "city": "Utrecht",
        "country": "nl",
    },
    "lines": [{"sku": "SKU-NEW", "title": "New in the shop", "quantity": 1, "price": 24.95, "rate": 0.21}],
    "shipment": {"title": "PostNL", "price": 6.95},
    "payment": {"id": "mollie", "method": "ideal", "title": "iDEAL", "paid": True},
}


def tell(screen: Screen, box: Sandbox) -> list[tuple[str, str]]:
    """The chapter of the orders.

    Returns:
        Rows for the summary.
    """
    total = books.Tally()
    for number, rounding in enumerate(ROUNDINGS, 1):
        screen.title(f"Orders {number} of 3: AFAS rounds VAT per {rounding}")
        project = _fresh_start(box, rounding)
        for shop, count in SHOPS.items():
            placed = box.call("shop", "orders", {"shop": shop, "n": count, "seed": number})["orders"]
            kinds = len({order["kind"] for order in placed})
            screen.say(f"{count} orders of {kinds} kinds placed in {shop}, through the shop's checkout")
        for shop in SHOPS:
            _job(screen, project, f"orders--{shop}")
        found = books.compare(screen, project, SHOPS)
        for name in vars(total):
            setattr(total, name, getattr(total, name) + getattr(found, name))
        if number == 1:
            _broken_order(screen, project)
            screen.title("The customers' flow: what an order already told AFAS is not told again")
            _job(screen, project, "customers--shop1")
    rest = total.afas - total.shop
    return [
        ("Orders", f"{total.due:,} due, {total.booked:,} in AFAS, each once, {total.held} held; VAT rounded in 3 ways"),
        ("  totals", f"€ {total.afas:>11,} in AFAS  € {total.shop:>11,} in the shops   difference € {rest}"),
    ]


def _fresh_start(box: Sandbox, rounding: str) -> Project:
    """Both servers back to their seed, AFAS with one way of rounding VAT, and no state."""
    for side in ("afas", "shop"):
        box.call(side, "reset", {"seed": "small"})
    box.call("afas", "switches", {"vat_rounding": rounding})
    box.advance(300)  # into the next window of 300 calls, which the tap would rightly wait for
    return Project(box, rounding)


def _broken_order(screen: Screen, project: Project) -> None:
    """One order with an article that AFAS does not know: held with a reason, mended, and through by itself."""
    screen.title("One order is broken: its article does not exist in AFAS")
    box = project.box
    order = box.call("shop", "orders", {"shop": "shop1", "order": BROKEN})["orders"][0]
    reference = f"shop1-{order['number']}"
    before = _writes(box)
    _job(screen, project, "orders--shop1", expect_held=True)
    held = [entry for entry in project.held("orders--shop1") if entry["key"] == str(order["id"])]
    because = f" because of {held[0]['reason']} {held[0]['subject']}" if held else ""
    screen.check(
        bool(held) and reference not in books.booked(project), f"{reference} is held{because}, and not in AFAS"
    )
    screen.say("The article is added in AFAS, by hand; nobody touches the coupling")
    article = {"item": "SKU-NEW", "description": "New in the shop", "unit": "STK", "vat_group": "1"}
    box.call("afas", "afas/item", article)
    _job(screen, project, "orders--shop1")
    screen.check(reference in books.booked(project), f"{reference} went through at the next run")
    screen.check(_writes(box) - before <= 3, "no other order was written")
    before = _writes(box)
    _job(screen, project, "orders--shop1")
    screen.check(_writes(box) == before, "a further run makes no write")


def _writes(box: Sandbox) -> int:
    """How many writes AFAS has seen."""
    return sum(writes(box.calls("afas")).values())


def _job(screen: Screen, project: Project, name: str, *, expect_held: bool = False) -> None:
    """Run one job and show how it ended."""
    begun = time.monotonic()
    ran = project.run(name)
    screen.aside(f"meltano run {name}: {time.monotonic() - begun:.1f} s, exit code {ran.code}")
    for line in ran.summaries:
        screen.aside(f"  {line[:160]}")
    if ran.code and not (ran.code == 1 and (expect_held or project.held(name))):
        screen.check(False, f"{name} ends well; it said: {' | '.join(ran.lines[-6:])}")
