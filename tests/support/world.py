"""A whole world in one process: both sandboxes on a frozen clock, the three real plugins, what Meltano would keep."""

from __future__ import annotations

import copy
import functools
import io
import json
import random
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import patch

import tap_lightspeed.stream
import target_afas.lookups
from sandbox.afas.service import AfasService
from sandbox.box import Box
from sandbox.clock import SandboxClock
from sandbox.http import Request
from sandbox.lightspeed.service import LightspeedService
from sandbox.testing import Killed, VirtualClock
from tests.support import evidence as facts
from tests.support import settings
from tests.support.plugins import (
    HOST,
    KILLED,
    Ended,
    InTurn,
    Mapper,
    Pipe,
    Tap,
    Target,
    Wire,
    catalog,
    leave_as_mapper,
    process,
    quiet,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import httpx

Json = dict[str, Any]

OVERLAP_MINUTES = 125
SETTLE_SECONDS = 2
LATENCY = 0.1
_LIMITS = ("5_minutes", "hour", "day")


@dataclass(frozen=True)
class Kill:
    """An end by force.

    Attributes:
        plugin: "tap", "mapper" or "target".
        call: At which of its calls (for the mapper: after how many lines).
        when: "before" the call is made or "after" it was answered.
        half: The last line it printed is cut in two.
    """

    plugin: str
    call: int
    when: str = "after"
    half: bool = False


@dataclass(frozen=True)
class Meanwhile:
    """Something that happens while a run is under way: before the nth call of a plugin."""

    plugin: str
    call: int
    what: Callable[[], object]


@dataclass
class World:
    """Two boxes, a host, a shop's staff, an AFAS user, and the evidence of all that they do.

    Attributes:
        start: When it begins, UTC.
        seed: For every chance in it.
        afas_switches: Switches of AFAS, such as the rounding.
        shop_switches: Switches of the shop, such as its rate limits.
        afas_ahead: Seconds that AFAS's clock is ahead of the shop's.
        target: Class of the target; a mutant has its own.
        tap_settings: Further settings of the tap.
        target_settings: Further settings of the target.
    """

    start: datetime = datetime(2026, 11, 2, 9, tzinfo=UTC)
    seed: int = 1
    afas_switches: Mapping[str, Any] = field(default_factory=dict)
    shop_switches: Mapping[str, Any] = field(default_factory=dict)
    afas_ahead: float = 0
    target: type[Target] = Target
    tap_settings: Mapping[str, Any] = field(default_factory=dict)
    target_settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open both boxes with the same goods on either side."""
        quiet()
        self.clock = SandboxClock(self.start, frozen=True)
        self.shop = Box(_shop(self.clock, self.shop_switches))
        service = _afas(self.clock.child(self.afas_ahead), self.afas_switches)
        self.tables, self.afas = service.tables, Box(service)
        self.boxes = {"lightspeed": self.shop, "afas": self.afas}
        self.host = VirtualClock(self.clock)
        self.chance = random.Random(self.seed)
        self.folder = Path(tempfile.mkdtemp(prefix="world-", dir=_memory()))
        self.store = self.folder / "upsert.db"
        self.state: Json = {}
        self._configure()
        self.revisions: list[Json] = []
        self.versions: list[Json] = []
        self.states: list[Json] = []
        self.runs: list[Json] = []
        self.calls: list[Json] = []
        self.orders: dict[int, Json] = {}
        self._logged = len(self.tables.log)
        self._depth = 0

    def close(self) -> None:
        """Remove its files."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _configure(self) -> None:
        self.tap_config = settings.tap(
            self.start.isoformat(), overlap_minutes=OVERLAP_MINUTES, settle_seconds=SETTLE_SECONDS, **self.tap_settings
        )
        other = dict(self.target_settings)
        orders = {"vat_rounding": self.afas.service.switches["vat_rounding"]} | other.pop("orders", {})
        self.target_config = settings.target(f"sqlite:///{self.store}", orders, **{"workers": 1, **other})
        self.mapper_config = settings.mapper()

    # -- control ------------------------------------------------------------------------------------------------------

    def control(self, side: str, method: str, path: str, body: Any = None) -> Any:
        """A call of a box's control API.

        Raises:
            ValueError: It was refused.
        """
        data = b"" if body is None else json.dumps(body, default=str).encode()
        reply = self.boxes[side].answer(Request(method, f"/_sandbox/{path}", body=data)).reply
        assert reply is not None
        if reply.status >= 400:
            raise ValueError(f"{method} {path}: {reply.body.decode()}")
        return json.loads(reply.body, parse_float=Decimal) if reply.body else None

    def fault(self, side: str, **order: Any) -> Json:
        """Order a fault."""
        made: Json = self.control(side, "POST", "faults", order)["faults"][0]
        return made

    def passes(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(seconds)
        for box in self.boxes.values():
            box.run_due()
        self._note_afas()

    @property
    def now(self) -> datetime:
        """The common clock."""
        return self.clock.now()

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

    def user(self, path: str, body: Any = None) -> Any:
        """A user of AFAS does something by hand."""
        done = self.control("afas", "POST", path, body)
        self._note_afas()
        return done

    def booked(self) -> list[Json]:
        """The orders that AFAS holds now, except those of the seed: their last versions."""
        self._note_afas()
        last = {one["number"]: one for one in self.versions}
        return [one for one in last.values() if not one["gone"]]

    def _note_afas(self) -> None:
        log = self.tables.log
        entries, self._logged = log[self._logged :], len(log)
        self.versions += facts.versions(entries, settings.COST_ITEMS["rounding"], self.afas_ahead)

    # -- a run --------------------------------------------------------------------------------------------------------

    def run(self, kill: Kill | None = None, meanwhile: Sequence[Meanwhile] = ()) -> Json:
        """One `meltano run tap mapping target`: its record in the evidence."""
        number = len(self.runs) + 1
        run: Json = {
            "number": number,
            "begun": facts.utc(self.now),
            "ended": "",
            "exits": {},
            "killed": [],
            "last": {},
            "faults": [],
            "overlapped": self._depth > 0,
        }
        self.runs.append(run)
        self._depth += 1
        before, HOST.current = HOST.current, self.host
        fired = self._fired()
        try:
            self._pipeline(run, kill, [*meanwhile])
        finally:
            HOST.current = before
            self._depth -= 1
        run["ended"] = facts.utc(self.now)
        if self._depth:
            for outer in self.runs[: number - 1]:
                outer["overlapped"] = outer["overlapped"] or not outer["ended"]
        run["faults"] = [number for number, times in self._fired().items() if times > fired.get(number, 0)]
        self._note_afas()
        return run

    def _pipeline(self, run: Json, kill: Kill | None, meanwhile: list[Meanwhile]) -> None:
        def end(plugin: str, ended: Ended) -> bytes:
            run["exits"][plugin], run["last"][plugin] = ended.code, ended.line
            if ended.code == KILLED:
                run["killed"].append(plugin)
            if kill and kill.plugin == plugin and kill.half and ended.code == KILLED:
                cut = ended.output.rstrip(b"\n")
                return cut[: len(cut) - len(cut.rpartition(b"\n")[2]) // 2]
            return ended.output

        taken = end("tap", self._tap(run, kill, meanwhile))
        if kill and kill.plugin == "mapper":
            # What it had not read yet is lost with it.
            taken = b"".join(taken.splitlines(keepends=True)[: kill.call])
        mapped = end("mapper", self._mapper(taken, kill))
        end("target", self._target(run, mapped, kill, meanwhile))

    def _tap(self, run: Json, kill: Kill | None, meanwhile: list[Meanwhile]) -> Ended:
        wire = self._wire("lightspeed", "tap", run, kill=kill, meanwhile=meanwhile)

        def work() -> None:
            tap = Tap(config=self.tap_config, state=copy.deepcopy(self.state), catalog=_selected())
            tap.wire, tap.chance = wire, self.chance.random
            tap.sync_all()

        with patch.object(tap_lightspeed.stream, "CHECKPOINT_RECORDS", 2):
            return process("tap-lightspeed", Pipe(), work)

    def _mapper(self, taken: bytes, kill: Kill | None) -> Ended:
        def work() -> None:
            Mapper(config=self.mapper_config).listen(cast("Any", io.BytesIO(taken)))
            if kill and kill.plugin == "mapper":
                raise Killed

        return process("mapper-commerce", Pipe(), work, leave=leave_as_mapper)

    def _target(self, run: Json, mapped: bytes, kill: Kill | None, meanwhile: list[Meanwhile]) -> Ended:
        files: dict[Path, bytes] = {}
        running: list[Target] = []

        def crash() -> None:
            """The files of the store as they are at this instant, with the process about to die."""
            files.update(
                {file: file.read_bytes() for file in self.folder.glob("upsert.db*") if file.suffix != ".db-shm"}
            )

        def give_back() -> None:
            """The dying process closed its store in an orderly way, which a killed one doesn't: undo that."""
            for target in running:
                if target.opened is not None:
                    target.opened.close()
            for file in self.folder.glob("upsert.db*"):
                file.unlink()
            for file, content in files.items():
                file.write_bytes(content)

        wire = self._wire("afas", "target", run, kill=kill, meanwhile=meanwhile, crash=crash)

        def work() -> None:
            target = self.target(config=self.target_config)
            target.wire = wire
            running.append(target)
            target.listen(cast("Any", io.BytesIO(mapped)))

        with patch.object(target_afas.lookups, "ThreadPoolExecutor", InTurn):
            ended = process("target-afas", Pipe(functools.partial(self._save, run)), work, give_back)
        for target in running:
            if target.opened is not None:
                target.opened.close()
        return ended

    def _wire(
        self,
        side: str,
        plugin: str,
        run: Json,
        *,
        kill: Kill | None,
        meanwhile: list[Meanwhile],
        crash: Callable[[], None] = lambda: None,
    ) -> Wire:
        def happen(when: str, call: int) -> None:
            for one in [one for one in meanwhile if (one.plugin, one.call, when) == (plugin, call, "before")]:
                meanwhile.remove(one)
                one.what()
            if kill and (kill.plugin, kill.call, kill.when) == (plugin, call, when):
                crash()
                raise Killed

        def heard(response: httpx.Response | None) -> None:
            box = self.boxes[side]
            if side == "lightspeed":
                last = box.log[-1]
                self.calls.append(
                    {
                        "at": facts.utc(self.now),
                        "run": run["number"],
                        "status": response.status_code if response else None,
                        "fault": last.fault,
                        "remaining": _three(response, "x-ratelimit-remaining"),
                        "reset": _three(response, "x-ratelimit-reset"),
                    }
                )
            elif box.log[-1].fault == "kill":
                crash()

        return Wire(self.boxes[side], self.clock, happen, heard, LATENCY)

    def _save(self, run: Json, line: bytes) -> None:
        """A line that the target printed: a STATE, which Meltano merges into what it has."""
        value = json.loads(line)
        self.state = merged(self.state, value)
        self._note_afas()
        self.states.append({"at": facts.utc(self.now), "run": run["number"], "value": copy.deepcopy(self.state)})

    # -- evidence -----------------------------------------------------------------------------------------------------

    def faults(self) -> list[Json]:
        """Every fault that was ordered, numbered over both sides."""
        standing = [
            {**one.describe(), "side": side, "number": _number(side, one.id)}
            for side, box in self.boxes.items()
            for one in box.faults.ordered
        ]
        return [*self._cleared, *standing]

    @functools.cached_property
    def _cleared(self) -> list[Json]:
        return []

    def lift(self) -> None:
        """Lift every fault."""
        self._cleared[:] = self.faults()
        for side in self.boxes:
            self.control(side, "DELETE", "faults")

    def _fired(self) -> dict[int, int]:
        return {one["number"]: one["fired"] for one in self.faults()}

    def evidence(self, *, healed: bool = False, books: bool = True) -> Json:
        """All of it, as the checker reads it; without `books` no debtors and items, which takes less time."""
        self._note_afas()
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
        reserve = [tap.get(f"reserve_{name}", default) for name, default in zip(_LIMITS, (30, 100, 400), strict=True)]
        return {
            "reference": self.target_config["reference_template"],
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
            "reserve": reserve,
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
            waiting = [entry for entry in self.held() if entry["reason"] not in _LASTING]
            if not waiting:
                break
            due = max(datetime.fromisoformat(entry["next"]) for entry in waiting)
            self.passes(max(901.0, (due - self.now).total_seconds() + 1))
            self.run()

    def held(self) -> list[Json]:
        """What is held now."""
        bookmarks = self.state.get("bookmarks", {})
        held: list[Json] = bookmarks.get("orders", {}).get("held") or []
        return held


_LASTING = {"order_delivered", "cancelled_after_delivery", "changed_on_both_sides", "differs_from_afas"}
"""Reasons that no time heals; others get the time they ask for."""


def merged(old: Any, new: Any) -> Any:
    """Two states as Meltano merges them: objects member by member, everything else replaced."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return {**old, **{name: merged(old.get(name), value) for name, value in new.items()}}
    return copy.deepcopy(new)


def _number(side: str, identity: int) -> int:
    return identity + (1_000_000 if side == "afas" else 0)


def _three(response: httpx.Response | None, name: str) -> list[int] | None:
    text = response.headers.get(name) if response is not None else None
    return [int(part) for part in text.split("/")] if text else None


@functools.cache
def _memory() -> str | None:
    """A folder in memory, where there is one: thousands of stores need no disk."""
    folder = Path("/dev/shm")
    return str(folder) if folder.is_dir() else None


@functools.cache
def _selected() -> Json:
    """The catalog with orders alone."""
    return catalog(Tap(config=settings.tap("2026-01-01T00:00:00Z")), {"orders"})


@functools.cache
def _seeded() -> tuple[Any, Any]:
    """The rows of a fresh shop and a fresh AFAS: filling them anew for each world would take most of the time."""
    clock = SandboxClock(datetime(2026, 11, 1, 6, tzinfo=UTC), frozen=True)
    return LightspeedService(clock).changes(), list(AfasService(clock).changes())


def _shop(clock: SandboxClock, switches: Mapping[str, Any]) -> LightspeedService:
    service = LightspeedService(clock, "empty", switches)
    service.restore(_seeded()[0])
    return service


def _afas(clock: SandboxClock, switches: Mapping[str, Any]) -> AfasService:
    service = AfasService(clock, "empty", switches)
    service.restore(_seeded()[1])
    return service
