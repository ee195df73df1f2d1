"""The orders' world: a shop whose orders go to AFAS, an AFAS user, and the evidence of all that they do."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.afas.service import AfasService
from sandbox.clock import SandboxClock
from sandbox.lightspeed.service import LightspeedService
from target_afas.cli import explain
from tests.support import evidence as facts
from tests.support import settings
from tests.support.house import House, Job, Kill, Meanwhile
from tests.support.plugins import Tap, Target, Wire, catalog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, Any]

JOB = "orders"
OVERLAP_MINUTES = 125
SETTLE_SECONDS = 2
_LIMITS = ("5_minutes", "hour", "day")


@dataclass
class World(House):
    """A shop with orders and their booking in AFAS.

    Attributes:
        target: Class of the target; a mutant has its own.
        tap_settings: Further settings of the tap.
        target_settings: Further settings of the target.
    """

    target: type[Target] = Target
    tap_settings: Mapping[str, Any] = field(default_factory=dict)
    target_settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open both boxes with the same goods on either side."""
        super().__post_init__()
        self._configure()
        self.revisions: list[Json] = []
        self.versions: list[Json] = []
        self.orders: dict[int, Json] = {}
        self._logged = len(self.tables.log)

    def services(self, shop: SandboxClock, afas: SandboxClock) -> tuple[LightspeedService, AfasService]:
        """The seed of both, filled once: filling them anew for each world would take most of the time."""
        here, there = (
            LightspeedService(shop, "empty", self.shop_switches),
            AfasService(afas, "empty", self.afas_switches),
        )
        here.restore(_seeded()[0])
        there.restore(_seeded()[1])
        return here, there

    def _configure(self) -> None:
        self.tap_config = settings.tap(
            self.start.isoformat(), overlap_minutes=OVERLAP_MINUTES, settle_seconds=SETTLE_SECONDS, **self.tap_settings
        )
        other = dict(self.target_settings)
        orders = {"vat_rounding": self.afas.service.switches["vat_rounding"]} | other.pop("orders", {})
        self.target_config = settings.target(f"sqlite:///{self.store}", orders, **{"workers": 1, **other})
        self.mapper_config = settings.mapper()

    def held(self, job: str = JOB) -> list[Json]:
        """What is held now."""
        return super().held(job)

    @property
    def state(self) -> Json:
        """What Meltano would keep."""
        return self.saved[JOB]

    @state.setter
    def state(self, value: Json) -> None:
        self.saved[JOB] = value

    # -- the shop's side ----------------------------------------------------------------------------------------------

    def place(self, kinds: Sequence[str], seed: int) -> list[int]:
        """Shoppers place orders."""
        body = {"n": len(kinds), "kinds": list(kinds), "seed": seed}
        made = self.control("lightspeed", "POST", "orders", body)["orders"]
        for one in made:
            self._tell(one["id"], one["kind"])
        return [one["id"] for one in made]

    def order(self, **said: Any) -> int:
        """A shopper places one order, described in full."""
        made = self.control("lightspeed", "POST", "orders", {"order": said})["orders"][0]
        self._tell(made["id"], "said", said)
        identity: int = made["id"]
        return identity

    def step(self, order: int, step: str, **wish: Any) -> None:
        """The shop's staff does something with an order: pay, cancel, edit, ship, refund, hold, touch."""
        self.control("lightspeed", "POST", f"orders/{order}/{step}", wish)
        self._tell(order)

    def _tell(self, order: int, kind: str | None = None, said: Mapping[str, Any] | None = None) -> None:
        """Note how an order stands in the shop now."""
        book = self.control("lightspeed", "GET", f"orders/{order}")
        if kind is not None:
            said = said or {}
            payment = said.get("payment") or {}
            post = bool(payment.get("post") or payment.get("invoice_external") or kind == "on_account")
            self.orders[order] = {
                "post": post,
                "channel": said.get("channel", "mobile" if kind == "english" else "main"),
                "wrong": {},
            }
        self.revisions.append(facts.revision(book, self.now, self.orders[order]))

    # -- AFAS's side --------------------------------------------------------------------------------------------------

    def booked(self) -> list[Json]:
        """The orders that AFAS holds now, except those of the seed: their last versions."""
        self.note()
        last = {one["number"]: one for one in self.versions}
        return [one for one in last.values() if not one["gone"]]

    def note(self) -> None:
        """Note what has happened to sales orders in AFAS."""
        log = self.tables.log
        entries, self._logged = log[self._logged :], len(log)
        self.versions += facts.versions(entries, settings.COST_ITEMS["rounding"], self.afas_ahead)

    # -- a run --------------------------------------------------------------------------------------------------------

    def run(self, kill: Kill | None = None, meanwhile: Sequence[Meanwhile] = ()) -> Json:
        """One run of the orders."""
        return self.run_job(JOB, kill, meanwhile)

    def job(self, name: str) -> Job:
        """The orders: there is no other."""
        assert name == JOB, name
        reserve = tuple(
            self.tap_config.get(f"reserve_{one}", least) for one, least in zip(_LIMITS, (30, 100, 400), strict=True)
        )
        return Job("lightspeed", "afas", self._make_tap, self.mapper_config, self._make_target, explain, reserve)

    def _make_tap(self, wire: Wire, state: Json) -> Tap:
        tap = Tap(config=self.tap_config, state=state, catalog=_selected())
        tap.wire, tap.chance = wire, self.chance.random
        return tap

    def _make_target(self, wire: Wire) -> Target:
        target = self.target(config=self.target_config)
        target.wire = wire
        return target

    # -- evidence -----------------------------------------------------------------------------------------------------

    def evidence(self, *, healed: bool = False, books: bool = True) -> Json:
        """All of it, as the checker reads it; without `books` no debtors and items, which takes less time."""
        self.note()
        kept = self.afas.books() if books else {"items": [], "relations": []}
        items, blocked = facts.items(kept)
        return {
            "config": self.described(),
            "shop": {"revisions": self.revisions},
            "afas": {
                "versions": self.versions,
                "relations": facts.relations(kept),
                "items": items,
                "blocked_items": blocked,
            },
            "states": self.states,
            "runs": self.runs,
            "faults": self.faults(),
            "calls": self.calls,
            "end": {"healed": healed, "at": facts.utc(self.now)},
        }

    def described(self) -> Json:
        """The configuration in the checker's words."""
        tap = self.tap_config
        limits = [int(part) for part in self.shop.service.switches["rate_limits"].split("/")]
        return {
            "reference": self.target_config.get("reference_template", "{instance}-{number}"),
            "instance": settings.SHOP,
            "start_date": tap["start_date"],
            "payment_statuses": tap["payment_statuses"],
            "include_post_payment": True,
            "statuses_excluded": tap["statuses_excluded"],
            "channels": [],
            "overlap_minutes": tap["overlap_minutes"],
            "settle_seconds": tap["settle_seconds"],
            "on_cancel": "block",
            "max_rounding": "0.05",
            "limits": limits,
            "reserve": list(self.job(JOB).reserve),
            "hold_limit": 20,
            "vat_holes": [[country, "0"] for country in ("BE", "DE", "FR")],
        }

    def heal(self, rounds: int = 8) -> None:
        """Lift the faults, let time pass, and run until nothing is due any more."""
        self.lift()
        self.host.skew = timedelta()
        self.passes(931)
        for _ in range(2):
            self.run()
            self.passes(901)
        for _ in range(rounds):
            waiting = [entry for entry in self.held(JOB) if entry["reason"] not in _LASTING]
            if not waiting:
                break
            due = max(datetime.fromisoformat(entry["next"]) for entry in waiting)
            self.passes(max(901.0, (due - self.now).total_seconds() + 1))
            self.run()


_LASTING = {"order_delivered", "cancelled_after_delivery", "changed_on_both_sides", "differs_from_afas"}
"""Reasons that no time heals; others get the time they ask for."""


@functools.cache
def _selected() -> Json:
    """The catalog with orders alone."""
    return catalog(Tap(config=settings.tap("2026-01-01T00:00:00Z")), {"orders"})


@functools.cache
def _seeded() -> tuple[Any, Any]:
    """The rows of a fresh shop and a fresh AFAS."""
    clock = SandboxClock(datetime(2026, 11, 1, 6, tzinfo=UTC), frozen=True)
    return LightspeedService(clock).changes(), list(AfasService(clock).changes())
