"""A merchant's world with the evidence that the goods checker reads, healing, and a shop without bad days beside it."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from tests.support import evidence as facts
from tests.support import goods_evidence, settings
from tests.support.goods import CUSTOMERS, FLOWS, HAND, OVERLAP_MINUTES, SWEEP_HOURS, Shopkeeper
from tests.support.world import JOB

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.afas.service import AfasService
    from sandbox.lightspeed.service import LightspeedService
    from sandbox.lightspeed.shop import Shop
    from tests.support.house import Kill, Meanwhile

Json = dict[str, Any]

_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_BLINDING = {"lookup_filtered", "lookup_stale", "error_200", "empty_2xx", "wrong_envelope"}
_PASSING = {"in_doubt", "new_store", "busy", "drifted", "vanished_in_shop"}
_WRITES = ("DELETE", "POST", "PUT")


class Merchant(Shopkeeper):
    """One merchant, AFAS and shop, for a life."""

    def __post_init__(self) -> None:
        """Open both boxes."""
        super().__post_init__()
        self.hand: dict[str, list[Json]] = {}
        self.touched: set[str] = set()
        self.looks: list[Json] = []
        self.quiet: list[int] = []
        self._books: tuple[int, Json] = (-1, {})
        self._shown: tuple[Any, Json] = (None, {})
        shop = self.shown()
        products = [one for one in shop["products"] if not one["key"]]
        self.hand = {
            "products": products,
            "variants": [one for one in shop["variants"] if one["sku"] == HAND],
            "categories": [*shop["categories"]],
            "links": [*shop["links"]],
            "groups": [*shop["groups"]],
        }

    @property
    def own(self) -> Shop:
        """The shop's records."""
        return cast("LightspeedService", self.shop.service).shop(settings.SHOP)

    def shown(self) -> Json:
        """The shop's books: the same ones as long as nothing happens in them."""
        now = dict(self.own.versions), len(self.own.mails)
        if self._shown[0] != now:
            self._shown = now, goods_evidence.shop(self.own)
        return self._shown[1]

    def said(self) -> Json:
        """AFAS's books: the same ones as long as nothing happens in them."""
        if self._books[0] != len(self.tables.log):
            self._books = len(self.tables.log), goods_evidence.afas(cast("AfasService", self.afas.service))
        return self._books[1]

    # -- runs ---------------------------------------------------------------------------------------------------------

    def run_job(self, name: str, kill: Kill | None = None, meanwhile: Sequence[Meanwhile] = ()) -> Json:
        """A run; a good one of the stock is looked at."""
        run = super().run_job(name, kill, meanwhile)
        met = {fault["name"] for fault in self.faults() if fault["number"] in run["faults"]}
        alone = not (run["overlapped"] or meanwhile or met & _BLINDING)
        if name == "stock" and alone and not any(run["exits"].values()):
            shown = [one for one in self.shown()["variants"] if one["sku"] not in self.touched]
            look = {"run": run["number"], "shop": shown, "unbooked": self.unbooked(), "held": self._held_stock()}
            self.looks.append(look | {"afas": self.said()})
        return run

    def _held_stock(self) -> list[str]:
        """SKUs of stock records that the last run holds."""
        marks: Json = self.states[-1]["value"].get("bookmarks", {}).get("Commerce_Stock", {})
        keys = [entry["key"].split("|") for entry in marks.get("held") or ()]
        return ["-".join(filter(None, parts[1:4])) for parts in keys]

    def _save(self, run: Json, line: bytes) -> None:
        super()._save(run, line)
        if run["job"] in FLOWS:
            self.states[-1] |= {"afas": self.said(), "shop": self.shown()}

    def unbooked(self) -> dict[str, str]:
        """SKU -> pieces in orders of the shop that AFAS doesn't have."""
        self.note()
        last = {one["id"]: one for one in self.revisions}
        booked = {one["number"]: one for one in self.versions}
        references = {one["reference"] for one in booked.values() if not one["gone"]}
        found: Counter[str] = Counter()
        for one in last.values():
            if one["status"] != "cancelled" and f"{settings.SHOP}-{one['number']}" not in references:
                for item in one["items"]:
                    found[item["code"]] += Decimal(item["quantity"])  # type: ignore[assignment]  # a sum of decimals
        return {sku: str(pieces) for sku, pieces in found.items()}

    # -- the end ------------------------------------------------------------------------------------------------------

    def heal(self, rounds: int = 7) -> None:
        """Lift the faults, let time pass, and run all flows until a round has nothing to do."""
        self.lift()
        self.host.skew = timedelta()
        self.passes(931)
        # What was held while our clock was ahead is read again hours later.
        due = max((datetime.fromisoformat(one["next"]) for one in self._all_held()), default=self.now)
        for number in range(rounds):
            if number:
                self.passes(SWEEP_HOURS * 3600 + 901)
            if _day(self.now + timedelta(minutes=10)) != _day(self.now):
                self.passes(901)  # the shop that is compared with must be filled on the same day
            first, before, begun = len(self.runs), self._written(), self.now
            # What their sweeps found, these two make right when they come next.
            for flow in (JOB, *FLOWS, "catalogue", "prices"):
                self.run_job(flow)
            self.quiet = [run["number"] for run in self.runs[first:]]
            # The first round may come before it is time to look for drift.
            if number and begun >= due and self._written() == before and not self._waiting():
                break

    def _written(self) -> int:
        boxes = (self.shop, self.afas)
        return sum(times for box in boxes for name, times in box.calls.items() if name.startswith(_WRITES))

    def _waiting(self) -> bool:
        """Whether something is held that only time settles, or a sweep is under way."""
        return any(entry["reason"] in _PASSING for entry in self._all_held())

    def _all_held(self) -> list[Json]:
        return [entry for flow in FLOWS for entry in self.held(flow)]

    def undisturbed(self) -> Json:
        """What a shop holds that was filled from this AFAS on a good day."""
        rows = [
            ("log", str(number), [one.at, one.table, one.key, one.new, one.call])
            for number, one in enumerate(self.tables.log)
        ]
        other = Merchant(start=self.now, afas_rows=rows)
        try:
            for flow in (*FLOWS, "catalogue"):
                other.run_job(flow)
                other.passes(61)
            return other.shown()
        finally:
            other.close()

    def _priced(self) -> str:
        """The day in Amsterdam on which the prices were looked at last."""
        begun = [run["begun"] for run in self.runs if run["job"] == "prices"]
        at = datetime.fromisoformat(begun[-1]) if begun else self.now
        return _day(at).isoformat()

    def evidence(self, *, healed: bool = False, books: bool = True) -> Json:
        """All of it, as the goods checker reads it; `books` also those of the end and of the undisturbed shop."""
        del books
        self.note()
        return {
            "config": self.described()
            | {
                "list": "WEB",
                "groups": {"B2B": "Groothandel"},
                "aliases": {"delft": "Delft"},
                "overlap_minutes": OVERLAP_MINUTES,
                "accounts": [mail for _, mail, _ in CUSTOMERS],
            },
            "afas": self.said() if healed else {},
            "shop": self.shown(),
            "hand": self.hand,
            "touched": sorted(self.touched),
            "undisturbed": self.undisturbed() if healed else {},
            "unbooked": self.unbooked(),
            "looks": self.looks,
            "states": self.states,
            "runs": self.runs,
            "faults": self.faults(),
            "calls": self.calls,
            "quiet": self.quiet if healed else [],
            "end": {
                "healed": healed,
                "at": facts.utc(self.now),
                "today": self._priced(),
                "held": self._all_held(),
            },
        }


def _day(at: datetime) -> date:
    """The day in Amsterdam."""
    return at.astimezone(_AMSTERDAM).date()
