"""A life: what can happen to a coupled shop, each thing by a name and some numbers, so that a story can be told again.

Nothing here decides by chance: who lives it (the state machine, a replay, a scenario) says every number. Numbers that
pick something (an order, an endpoint) count round, so that any number fits any moment.
"""

from __future__ import annotations

import base64
import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.http import Headers, Request
from sandbox.seed.kinds import KINDS
from tests.campaign.checker import Violation, check, check_run
from tests.support import settings
from tests.support.plugins import Target
from tests.support.world import Kill, Meanwhile, World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Json = dict[str, Any]
Step = tuple[str, Json]

STARTS = (
    datetime(2026, 11, 2, 9, tzinfo=UTC),
    datetime(2027, 3, 27, 20, 30, tzinfo=UTC),
    datetime(2027, 10, 30, 20, 30, tzinfo=UTC),
)
"""An ordinary morning, and the evenings before both nights in which the clocks change."""
ROUNDINGS = ("line", "rate", "document")
LIMITS = ("300/3000/12000", "40/3000/12000", "300/120/12000")
ORDER_KINDS = tuple(KINDS)
PASSES = (20, 61, 300, 900, 931, 3 * 3600, 11 * 3600)
WAITS = (900, 61, 3, 240, 905)
"""Seconds before a run."""
SKEWS = (0, -600, 600, -5 * 3600, 7 * 3600)
AFAS_AHEAD = (0.0, -600.0, 600.0)

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

LOOKUPS = ("GET connectors/Commerce_Orders", "GET connectors/Commerce_OrderLines", "GET connectors/Commerce_Relations")

FAULTS: Mapping[str, Mapping[str, tuple[Json, ...]]] = {
    "lightspeed": {
        "timeout_before_work": ({},),
        "timeout_after_work": ({},),
        "late_work": ({"after": 60},),
        "reset_before": ({},),
        "reset_after": ({},),
        "truncated_json": ({"keep": 0.5}, {"keep": 0.95}),
        "truncated_body": ({"keep": 0.5},),
        "html_error": ({"status": 500}, {"status": 502}, {"status": 504}),
        "wrong_envelope": ({"name": "result"},),
        "empty_2xx": ({},),
        "slow": ({"seconds": 5}, {"seconds": 55}),
        "drip": ({"bytes_per_second": 2000},),
        "kill": ({"when": "before"}, {"when": "after"}),
        "status_429": (
            {"headers": True},
            {"headers": False},
            {"headers": False, "retry_after": "30"},
            {"headers": True, "retry_after": "2026-11-02T12:00:00Z"},
        ),
        "status_500": ({},),
        "status_503": ({"retry_after": None}, {"retry_after": 30}, {"retry_after": 7200}),
        "temporary_404": ({},),
        "expired_token": ({},),
        "denied": ({},),
        "error_200": ({},),
        "lookup_stale": ({"seconds": 60}, {"seconds": 600}),
    },
    "afas": {
        "timeout_before_work": ({},),
        "timeout_after_work": ({},),
        # AFAS works on until 900 s after the request came in; the client has gone at 300 s.
        "late_work": ({"after": 20}, {"after": 60}, {"after": 300}, {"after": 590}),
        "reset_before": ({},),
        "reset_after": ({},),
        "truncated_json": ({"keep": 0.5}, {"keep": 0.95}),
        "truncated_body": ({"keep": 0.5},),
        "html_error": (
            {"status": 500},
            {"status": 502},
            {"status": 504, "after_work": True},
            {"status": 500, "after_work": True},
        ),
        "wrong_envelope": ({"name": "result"},),
        "empty_2xx": ({},),
        "slow": ({"seconds": 5}, {"seconds": 290}),
        "drip": ({"bytes_per_second": 50},),
        "kill": ({"when": "before"}, {"when": "after"}),
        "status_429": ({"retry_after": None}, {"retry_after": 20}),
        "status_500": ({}, {"after_work": True}, {"message": "Er is een onverwachte fout opgetreden."}),
        "status_503": ({"retry_after": None}, {"retry_after": 30}, {"retry_after": 7200}),
        "temporary_404": ({},),
        "expired_token": ({},),
        "denied": ({},),
        "error_200": ({},),
        "lookup_filtered": ({"field": "*"}, {"field": "Ref"}),
        "lookup_stale": ({"seconds": 2}, {"seconds": 25}),
        "locked": ({},),
        "connector_blocked": ({},),
        "out_of_memory": ({},),
        "server_timeout": ({}, {"after_work": True}),
        "too_many_calls": ({"status": 500}, {"status": 503}),
    },
}
"""Every kind of fault on either side, with the ways in which it may strike."""

SIDES = tuple((side, name) for side, kinds in FAULTS.items() for name in kinds)

EDITS = ("one_more", "quantity", "add", "remove", "swap", "comment", "address", "discount", "shipment")
HANDS = ("remark", "quantity", "line", "deliver", "part", "invoice", "delete", "block")
"""What an AFAS user does with an order."""


class Life:
    """One life in one world.

    Args:
        setting: Numbers that choose the world: start, rounding, limits, afas, batch, seed.
        target: Class of the target; a mutant has its own.
        check_each: Check what can be checked after each run.
    """

    def __init__(self, setting: Json, target: type[Target] = Target, *, check_each: bool = True) -> None:
        self.setting = setting
        limits = LIMITS[setting["limits"] % len(LIMITS)]
        small = not limits.startswith("300/3000")
        self.world = World(
            start=STARTS[setting["start"] % len(STARTS)],
            seed=setting["seed"],
            afas_switches={"vat_rounding": ROUNDINGS[setting["rounding"] % len(ROUNDINGS)]},
            shop_switches={"rate_limits": limits},
            afas_ahead=AFAS_AHEAD[setting["afas"] % len(AFAS_AHEAD)],
            target=target,
            tap_settings={"reserve_5_minutes": 10, "reserve_hour": 40, "reserve_day": 400} if small else {},
            target_settings={"batch_size_rows": (100, 1, 3)[setting["batch"] % 3]},
        )
        self.chance = random.Random(setting["seed"])
        self.story: list[Step] = []
        self.did: Counter[str] = Counter()
        self.violations: list[Violation] = []
        self.taken: list[str] = []
        self._check_each = check_each

    def close(self) -> None:
        """Give everything back."""
        self.world.close()

    def do(self, step: str, /, **numbers: Any) -> None:
        """Live one step; it is part of the story from here on."""
        self.story.append((step, numbers))
        self.did[step] += 1
        getattr(self, step)(**numbers)

    def told(self) -> str:
        """The story as JSON lines; `replay` lives it again."""
        lines = [json.dumps(self.setting), *(json.dumps([step, numbers]) for step, numbers in self.story)]
        return "\n".join(lines)

    # -- the shop -----------------------------------------------------------------------------------------------------

    def order(self, kind: int, seed: int, count: int = 1) -> None:
        """One shopper, or a bundle of them."""
        chosen = [ORDER_KINDS[(kind + 7 * n) % len(ORDER_KINDS)] for n in range(count)]
        self.world.place(chosen, seed)

    def edit(self, order: int, how: int, number: int) -> None:
        """The shop's staff changes an order."""
        identity = self._pick(order)
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
        self._step(identity, "edit", **wish)
        if paid:
            self._step(identity, "pay")

    def pay(self, order: int) -> None:
        """A payment comes in, perhaps weeks later."""
        self._by_id(order, "pay")

    def cancel(self, order: int) -> None:
        """An order is called off."""
        self._by_id(order, "cancel")

    def refund(self, order: int) -> None:
        """Money goes back; the order's quantities stay."""
        self._by_id(order, "refund")

    def ship(self, order: int) -> None:
        """An order leaves the shop."""
        self._by_id(order, "ship")

    def touch(self, order: int) -> None:
        """Something changes that concerns nobody."""
        self._by_id(order, "touch")

    def spend(self, calls: int) -> None:
        """Another app spends calls of the same key."""
        login = base64.b64encode(":".join(settings.SHOP_KEY).encode()).decode()
        headers = Headers({"Authorization": f"Basic {login}"})
        for _ in range(calls):
            self.world.shop.service.handle(Request("GET", "/nl/account.json", headers=headers), _NO_FAULTS)

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

    # -- time ---------------------------------------------------------------------------------------------------------

    def passes(self, how: int) -> None:
        """Time passes."""
        self.world.passes(PASSES[how % len(PASSES)])

    def skew(self, how: int) -> None:
        """Somebody sets the clock of our host."""
        self.world.host.skew = timedelta(seconds=SKEWS[how % len(SKEWS)])

    # -- faults -------------------------------------------------------------------------------------------------------

    def fault(self, kind: int, way: int, place: int, nth: int, times: int) -> None:
        """A bad day is ordered; it strikes when its call comes."""
        side, name = SIDES[kind % len(SIDES)]
        ways = FAULTS[side][name]
        places = LOOKUPS if name.startswith("lookup_") and side == "afas" else ENDPOINTS[side]
        if name == "lookup_stale" and side == "lightspeed":
            places = ("GET orders",)
        if name == "temporary_404" and side == "lightspeed":
            # A third 404 in a row is no passing one any more: the record is gone.
            times = min(times, 2)
            if any(one["name"] == name and one["fired"] < one["times"] for one in self.world.faults()):
                return
        order = {"name": name, "endpoint": places[place % len(places)], "nth": nth, "times": times}
        self.world.fault(side, **order, params=ways[way % len(ways)])
        self.did[f"fault {side} {name}"] += 1

    def lift(self) -> None:
        """The bad days are over."""
        self.world.lift()

    # -- runs ---------------------------------------------------------------------------------------------------------

    def run(self, wait: int) -> None:
        """An ordinary run, a while later."""
        self._wait(wait)
        self._checked(self.world.run)

    def kill(self, wait: int, plugin: int, call: int, when: int, half: int) -> None:
        """A run in which a plugin is killed."""
        self._wait(wait)
        name = ("tap", "target", "mapper")[plugin % 3]
        kill = Kill(name, call, ("before", "after")[when % 2], half=bool(half % 2))
        self._checked(lambda: self.world.run(kill))

    def double(self, wait: int, plugin: int, call: int) -> None:
        """Two runs at once: the second begins and ends within the first."""
        self._wait(wait)
        name = ("tap", "target")[plugin % 2]
        within = Meanwhile(name, call, self.world.run)
        self._checked(lambda: self.world.run(meanwhile=[within]))

    def amidst(self, wait: int, plugin: int, call: int, *, what: int, order: int, number: int) -> None:
        """Something happens in the shop, or by a user's hand, in the middle of a run."""
        self._wait(wait)
        name = ("tap", "target")[plugin % 2]
        doings: tuple[Callable[[], object], ...] = (
            lambda: self.edit(order, number, number),
            lambda: self.cancel(order),
            lambda: self.order(number, number),
            lambda: self.hand(order, number),
            lambda: self.pay(order),
        )
        within = Meanwhile(name, call, doings[what % len(doings)])
        self._checked(lambda: self.world.run(meanwhile=[within]))

    def _wait(self, how: int) -> None:
        self.world.passes(WAITS[how % len(WAITS)])

    def _checked(self, run: Callable[[], object]) -> None:
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

    # -- helpers ------------------------------------------------------------------------------------------------------

    def _pick(self, order: int) -> int | None:
        known = list(self.world.orders)
        return known[order % len(known)] if known else None

    def _by_id(self, order: int, step: str) -> None:
        identity = self._pick(order)
        if identity is not None:
            self._step(identity, step)

    def _step(self, identity: int, step: str, **wish: Any) -> None:
        try:
            self.world.step(identity, step, **wish)
        except ValueError:
            self.did[f"{step} refused"] += 1


class _NoFaults:
    def active(self, name: str) -> None:
        """None."""


_NO_FAULTS: Any = _NoFaults()


def replay(told: str, target: type[Target] = Target) -> Life:
    """Live a told story again, up to its end."""
    first, *rest = told.strip().splitlines()
    life = Life(json.loads(first), target)
    try:
        for line in rest:
            step, numbers = json.loads(line)
            life.do(step, **numbers)
        life.end()
    finally:
        life.close()
    return life
