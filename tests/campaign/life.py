"""The life of a shop whose orders go to AFAS: what can happen, each thing by a name and some numbers."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from sandbox.seed.kinds import KINDS
from tests.campaign.checker import check, check_run, figures
from tests.campaign.faults import AFAS_AHEAD
from tests.campaign.living import STARTS, Json, Living
from tests.support.house import Kill, Meanwhile
from tests.support.plugins import Target
from tests.support.world import World

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Mapping

    from tests.campaign.promises import Violation

ROUNDINGS = ("line", "rate", "document")
LIMITS = ("300/3000/12000", "40/3000/12000", "300/120/12000")
ORDER_KINDS = tuple(KINDS)

ENDPOINTS: Mapping[str, tuple[str, ...]] = {
    "lightspeed": ("*", "GET orders", "GET orders/{id}", "GET orders/{id}*"),
    "afas": (
        "*",
        "POST connectors/FbSales",
        "P* connectors/*",
        "P* connectors/Kn*",
        "PUT connectors/*",
        "GET connectors/Commerce_Orders",
        "GET connectors/Commerce_OrderLines",
        "GET connectors/Commerce_*",
        "GET metainfo*",
    ),
}
"""Where a fault may strike."""

LOOKUPS: Mapping[str, tuple[str, ...]] = {
    "lightspeed": ("GET orders",),
    "afas": (
        "GET connectors/Commerce_Orders",
        "GET connectors/Commerce_OrderLines",
        "GET connectors/Commerce_Relations",
    ),
}

EDITS = ("one_more", "quantity", "add", "remove", "swap", "comment", "address", "discount", "shipment")
HANDS = ("remark", "quantity", "line", "deliver", "part", "invoice", "delete", "block")
"""What an AFAS user does with an order."""


class Life(Living):
    """The life of a shop whose orders go to AFAS.

    Args:
        setting: Numbers that choose the world: start, rounding, limits, afas, batch, seed.
        target: Class of the target; a mutant has its own.
        check_each: Check what can be checked after each run.
    """

    endpoints = ENDPOINTS
    lookups = LOOKUPS

    def __init__(self, setting: Json, target: type[Target] = Target, *, check_each: bool = True) -> None:
        limits = LIMITS[setting["limits"] % len(LIMITS)]
        small = not limits.startswith("300/3000")
        world = World(
            start=STARTS[setting["start"] % len(STARTS)],
            seed=setting["seed"],
            afas_switches={"vat_rounding": ROUNDINGS[setting["rounding"] % len(ROUNDINGS)]},
            shop_switches={"rate_limits": limits},
            afas_ahead=AFAS_AHEAD[setting["afas"] % len(AFAS_AHEAD)],
            target=target,
            tap_settings={"reserve_5_minutes": 10, "reserve_hour": 40, "reserve_day": 400} if small else {},
            target_settings={"batch_size_rows": (100, 1, 3)[setting["batch"] % 3]},
        )
        super().__init__(setting, world)
        self.chance = random.Random(setting["seed"])
        self.taken: list[str] = []
        self._check_each = check_each

    # -- the shop -----------------------------------------------------------------------------------------------------

    def order(self, kind: int, seed: int, count: int = 1) -> None:
        """One shopper, or a bundle of them."""
        chosen = [ORDER_KINDS[(kind + 7 * n) % len(ORDER_KINDS)] for n in range(count)]
        self.world.place(chosen, seed)

    def edit(self, order: int, how: int, number: int) -> None:
        """The shop's staff changes an order."""
        identity = self.pick(order)
        if identity is None:
            return
        book = self.world.control("lightspeed", "GET", f"orders/{identity}")
        first, sku = book["lines"][0]["sku"], f"SKU-{number % 300 + 1:04}"
        wishes: dict[str, Json] = {
            "one_more": {},
            "quantity": {"quantities": {first: number % 5 + 1}},
            "add": {"add": [{"sku": sku, "quantity": number % 3 + 1}]},
            "remove": {"remove": [first], "add": [{"sku": sku}]},
            "swap": {"lines": [{"sku": sku, "quantity": 2}]},
            "comment": {"comment": f"Graag bellen {number}"},
            "address": {"shipping": {"street": "Nieuwstraat", "number": str(number % 90 + 1), "name": "J. Jansen"}},
            "discount": {"discount": {"amount": "1.00", "code": "SORRY"}},
            "shipment": {"shipment": {"price": f"{number % 9}.95"}},
        }
        wish = wishes[EDITS[how % len(EDITS)]]
        if "shipping" in wish:
            wish["shipping"] |= {"zipcode": "3511 AB", "city": "Utrecht", "country": book["country"] or "nl"}
        paid = book["paymentStatus"] == "paid"
        self.staff(identity, "edit", **wish)
        if paid:
            self.staff(identity, "pay")

    def pay(self, order: int) -> None:
        """A payment comes in, perhaps weeks later."""
        self.by_id(order, "pay")

    def cancel(self, order: int) -> None:
        """An order is called off."""
        self.by_id(order, "cancel")

    def refund(self, order: int) -> None:
        """Money goes back; the order's quantities stay."""
        self.by_id(order, "refund")

    def ship(self, order: int) -> None:
        """An order leaves the shop."""
        self.by_id(order, "ship")

    def touch(self, order: int) -> None:
        """Something changes that concerns nobody."""
        self.by_id(order, "touch")

    # -- AFAS ---------------------------------------------------------------------------------------------------------

    def lose_item(self, number: int, how: int) -> None:
        """An item is blocked or deleted in AFAS, and an order with it is placed."""
        code = f"SKU-{number % 300 + 1:04}"
        if code not in self.taken:
            self.world.user("afas/item", {"action": ("block", "delete")[how % 2], "item": code})
            self.taken.append(code)
        self.world.order(
            customer={"email": f"klant{number % 7}@example.com", "firstname": "Kim", "lastname": f"Klant{number % 7}"},
            billing={
                "street": "Lange Weg",
                "number": "4",
                "zipcode": "1011AA",
                "city": "Amsterdam",
                "name": "Kim Klant",
            },
            lines=[{"sku": code, "quantity": 2}],
            shipment={"title": "PostNL", "price": "6.95"},
            payment={"id": "mollie", "method": "ideal", "title": "iDEAL", "paid": True},
        )

    def mend_item(self, number: int) -> None:
        """The item is there again."""
        if not self.taken:
            return
        code = self.taken.pop(number % len(self.taken))
        known = [one for one in self.world.afas.books()["items"] if one["item"] == code]
        if known:
            self.world.user("afas/item", {"action": "unblock", "item": code})
        else:
            group = {7: "2", 8: "2", 9: "3"}.get(int(code[-1]), "1")
            made = {"action": "add", "item": code, "description": code, "unit": "STK", "vat_group": group}
            self.world.user("afas/item", made)

    def hand(self, order: int, how: int) -> None:
        """A user of AFAS changes, delivers, invoices or deletes an order by hand."""
        booked = self.world.booked()
        if not booked:
            return
        one = booked[order % len(booked)]
        number, first = one["number"], one["items"][0]["code"] if one["items"] else None
        what = HANDS[how % len(HANDS)]
        try:
            if what == "remark":
                self.world.user("afas/edit-order", {"order": number, "fields": {"Re": "Gebeld met klant"}})
            elif what == "block":
                self.world.user("afas/edit-order", {"order": number, "fields": {"FxBl": True}})
            elif what == "quantity" and first:
                line = {"item": first, "type": "2", "fields": {"QuUn": 9}}
                self.world.user("afas/edit-order", {"order": number, "lines": [line]})
            elif what == "line":
                line = {"item": "SKU-0001", "type": "2", "action": "insert", "fields": {"QuUn": 1, "Upri": 5}}
                self.world.user("afas/edit-order", {"order": number, "lines": [line]})
            elif what == "part" and first:
                self.world.user("afas/deliver-order", {"order": number, "lines": [{"item": first, "quantity": 1}]})
            else:
                path = {"invoice": "invoice-order", "delete": "delete-order"}.get(what, "deliver-order")
                self.world.user(f"afas/{path}", {"order": number})
        except ValueError:
            self.did["hand refused"] += 1

    # -- runs ---------------------------------------------------------------------------------------------------------

    def run(self, wait: int) -> None:
        """An ordinary run, a while later."""
        self.wait(wait)
        self.checked(self.world.run)

    def kill(self, wait: int, plugin: int, call: int, when: int, half: int) -> None:
        """A run in which a plugin is killed."""
        self.wait(wait)
        name = ("tap", "target", "mapper")[plugin % 3]
        kill = Kill(name, call, ("before", "after")[when % 2], half=bool(half % 2))
        self.checked(lambda: self.world.run(kill))

    def double(self, wait: int, plugin: int, call: int) -> None:
        """Two runs at once: the second begins and ends within the first."""
        self.wait(wait)
        name = ("tap", "target")[plugin % 2]
        within = Meanwhile(name, call, self.world.run)
        self.checked(lambda: self.world.run(meanwhile=[within]))

    def amidst(self, wait: int, plugin: int, call: int, *, what: int, order: int, number: int) -> None:
        """Something happens in the shop, or by a user's hand, in the middle of a run."""
        self.wait(wait)
        name = ("tap", "target")[plugin % 2]
        doings: tuple[Callable[[], object], ...] = (
            lambda: self.edit(order, number, number),
            lambda: self.cancel(order),
            lambda: self.order(number, number),
            lambda: self.hand(order, number),
            lambda: self.pay(order),
        )
        within = Meanwhile(name, call, doings[what % len(doings)])
        self.checked(lambda: self.world.run(meanwhile=[within]))

    def checked(self, run: Callable[[], object]) -> None:
        """Do a run, and check what can be checked after it."""
        states, runs = len(self.world.states), len(self.world.runs)
        run()
        if self._check_each:
            self.violations += check_run(self.world.evidence(books=False), states, runs)

    # -- the end ------------------------------------------------------------------------------------------------------

    def end(self) -> list[Violation]:
        """Heal, and check everything.

        Returns:
            Every broken promise.
        """
        self.world.heal()
        self.violations = list(dict.fromkeys([*self.violations, *check(self.world.evidence(healed=True))]))
        return self.violations

    def figures(self) -> Counter[str]:
        """Counts of what happened."""
        return figures(self.world.evidence(books=False))
