"""Both sandboxes on one frozen clock, the real plugins in this process, and what Meltano would keep of their runs."""

from __future__ import annotations

import copy
import functools
import io
import json
import random
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast
from unittest.mock import patch

import tap_afas.stream
import tap_lightspeed.stream
import target_afas.lookups
from sandbox.box import Box
from sandbox.clock import SandboxClock
from sandbox.http import Request
from sandbox.testing import Killed, VirtualClock
from tests.support import evidence as facts
from tests.support.plugins import (
    HOST,
    KILLED,
    Ended,
    InTurn,
    Mapper,
    Pipe,
    Wire,
    leave_as_mapper,
    leave_as_plugin,
    process,
    quiet,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import httpx

    from sandbox.afas.service import AfasService
    from sandbox.lightspeed.service import LightspeedService
    from upsert.store import Store

Json = dict[str, Any]
LATENCY = 0.1
START = datetime(2026, 11, 2, 9, tzinfo=UTC)


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


class RunningTap(Protocol):
    """As much of a tap as a job needs."""

    def sync_all(self) -> None:
        """Read."""


class RunningTarget(Protocol):
    """As much of a target as a job needs."""

    opened: Store | None

    def listen(self, file_input: Any) -> None:
        """Load what comes."""


@dataclass(frozen=True)
class Job:
    """What stands behind `meltano run JOB`.

    Attributes:
        reads: The box that the tap reads.
        writes: The box that the target writes to.
        tap: Makes the tap on a wire, from the state.
        mapper: Settings of the mapper.
        target: Makes the target on a wire.
        explain: The target's own words for errors that nobody caught.
        reserve: Calls of each of the shop's windows that are left to others.
    """

    reads: str
    writes: str
    tap: Callable[[Wire, Json], RunningTap]
    mapper: Json
    target: Callable[[Wire], RunningTarget]
    explain: Callable[[BaseException], tuple[int, str] | None]
    reserve: tuple[int, int, int] = (30, 100, 400)


@dataclass
class House(ABC):
    """Two boxes, a host, and the evidence of all that happens.

    Attributes:
        start: When it begins, UTC.
        seed: For every chance in it.
        afas_switches: Switches of AFAS, such as the rounding.
        shop_switches: Switches of the shop, such as its rate limits.
        afas_ahead: Seconds that AFAS's clock is ahead of the shop's.
    """

    start: datetime = START
    seed: int = 1
    afas_switches: Mapping[str, Any] = field(default_factory=dict)
    shop_switches: Mapping[str, Any] = field(default_factory=dict)
    afas_ahead: float = 0

    def __post_init__(self) -> None:
        """Open both boxes."""
        quiet()
        self.clock = SandboxClock(self.start, frozen=True)
        shop, afas = self.services(self.clock, self.clock.child(self.afas_ahead))
        self.shop, self.tables, self.afas = Box(shop), afas.tables, Box(afas)
        self.boxes = {"lightspeed": self.shop, "afas": self.afas}
        self.host = VirtualClock(self.clock)
        self.chance = random.Random(self.seed)
        self.folder = Path(tempfile.mkdtemp(prefix="world-", dir=_memory()))
        self.store = self.folder / "upsert.db"
        self.saved: dict[str, Json] = defaultdict(dict)
        self.states: list[Json] = []
        self.runs: list[Json] = []
        self.calls: list[Json] = []
        self._cleared: list[Json] = []
        self._depth = 0

    @abstractmethod
    def services(self, shop: SandboxClock, afas: SandboxClock) -> tuple[LightspeedService, AfasService]:
        """What is in the two boxes, on their clocks."""

    @abstractmethod
    def job(self, name: str) -> Job:
        """A job by its name."""

    @abstractmethod
    def note(self) -> None:
        """Called when something may have happened in the books."""

    def close(self) -> None:
        """Remove its files."""
        shutil.rmtree(self.folder, ignore_errors=True)

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

    def user(self, path: str, body: Any = None) -> Any:
        """A user of AFAS does something by hand."""
        done = self.control("afas", "POST", path, body)
        self.note()
        return done

    def passes(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(seconds)
        for box in self.boxes.values():
            box.run_due()
        self.note()

    @property
    def now(self) -> datetime:
        """The common clock."""
        return self.clock.now()

    # -- a run --------------------------------------------------------------------------------------------------------

    def run_job(self, name: str, kill: Kill | None = None, meanwhile: Sequence[Meanwhile] = ()) -> Json:
        """One `meltano run` of a job: its record in the evidence."""
        job = self.job(name)
        number = len(self.runs) + 1
        run: Json = {
            "number": number,
            "job": name,
            "begun": facts.utc(self.now),
            "ended": "",
            "exits": {},
            "killed": [],
            "last": {},
            "faults": [],
            "overlapped": self._depth > 0,
            "reserve": list(job.reserve),
        }
        self.runs.append(run)
        self._depth += 1
        before, HOST.current = HOST.current, self.host
        fired = self._fired()
        try:
            with ExitStack() as patches:
                for where in (tap_lightspeed.stream, tap_afas.stream):
                    patches.enter_context(patch.object(where, "CHECKPOINT_RECORDS", 2))
                patches.enter_context(patch.object(target_afas.lookups, "ThreadPoolExecutor", InTurn))
                patches.enter_context(patch.object(tap_afas.stream, "utc_text", self._sent))
                self._pipeline(job, run, kill, [*meanwhile])
        finally:
            HOST.current = before
            self._depth -= 1
        run["ended"] = facts.utc(self.now)
        if self._depth:
            for outer in self.runs[: number - 1]:
                outer["overlapped"] = outer["overlapped"] or not outer["ended"]
        run["faults"] = [number for number, times in self._fired().items() if times > fired.get(number, 0)]
        self.note()
        return run

    def _sent(self, _: datetime) -> str:
        """When a record was sent, by the clock of the host."""
        return self.host.now().isoformat()

    def _pipeline(self, job: Job, run: Json, kill: Kill | None, meanwhile: list[Meanwhile]) -> None:
        def end(plugin: str, ended: Ended) -> bytes:
            run["exits"][plugin], run["last"][plugin] = ended.code, ended.line
            if ended.code == KILLED:
                run["killed"].append(plugin)
            if kill and kill.plugin == plugin and kill.half and ended.code == KILLED:
                cut = ended.output.rstrip(b"\n")
                return cut[: len(cut) - len(cut.rpartition(b"\n")[2]) // 2]
            return ended.output

        taken = end("tap", self._tap(job, run, kill, meanwhile))
        if kill and kill.plugin == "mapper":
            # What it had not read yet is lost with it.
            taken = b"".join(taken.splitlines(keepends=True)[: kill.call])
        mapped = end("mapper", self._mapper(job, taken, kill))
        end("target", self._target(job, run, mapped, kill, meanwhile))

    def _tap(self, job: Job, run: Json, kill: Kill | None, meanwhile: list[Meanwhile]) -> Ended:
        wire = self._wire(job.reads, "tap", run, kill=kill, meanwhile=meanwhile)

        def work() -> None:
            job.tap(wire, copy.deepcopy(self.saved[run["job"]])).sync_all()

        return process(f"tap-{job.reads}", Pipe(), work, leave=functools.partial(leave_as_plugin, explain=job.explain))

    def _mapper(self, job: Job, taken: bytes, kill: Kill | None) -> Ended:
        def work() -> None:
            Mapper(config=job.mapper).listen(cast("Any", io.BytesIO(taken)))
            if kill and kill.plugin == "mapper":
                raise Killed

        return process("mapper-commerce", Pipe(), work, leave=leave_as_mapper)

    def _target(self, job: Job, run: Json, mapped: bytes, kill: Kill | None, meanwhile: list[Meanwhile]) -> Ended:
        files: dict[Path, bytes] = {}
        running: list[RunningTarget] = []

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
            if self._depth > 1:
                return  # Another run has the store open, and would go on writing to files that are not there any more.
            for file in self.folder.glob("upsert.db*"):
                file.unlink()
            for file, content in files.items():
                file.write_bytes(content)

        wire = self._wire(job.writes, "target", run, kill=kill, meanwhile=meanwhile, crash=crash)

        def work() -> None:
            target = job.target(wire)
            running.append(target)
            target.listen(cast("Any", io.BytesIO(mapped)))

        leave = functools.partial(leave_as_plugin, explain=job.explain)
        save = functools.partial(self._save, run)
        ended = process(f"target-{job.writes}", Pipe(save), work, give_back, leave)
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
            last = self.boxes[side].log[-1]
            if side == "lightspeed":
                self.calls.append(
                    {
                        "at": facts.utc(self.now),
                        "run": run["number"],
                        "status": response.status_code if response else None,
                        "fault": last.fault,
                        "remaining": _three(response, "x-ratelimit-remaining"),
                        "reset": _three(response, "x-ratelimit-reset"),
                        "endpoint": last.endpoint,
                    }
                )
            if last.fault == "kill":
                crash()

        return Wire(self.boxes[side], self.clock, happen, heard, LATENCY)

    def _save(self, run: Json, line: bytes) -> None:
        """A line that the target printed: a STATE, which Meltano merges into what it has."""
        state = self.saved[run["job"]] = merged(self.saved[run["job"]], json.loads(line))
        self.note()
        self.states.append(
            {"at": facts.utc(self.now), "run": run["number"], "job": run["job"], "value": copy.deepcopy(state)}
        )

    def held(self, job: str) -> list[Json]:
        """What is held now, with its stream."""
        marks = self.saved[job].get("bookmarks", {})
        return [{**entry, "stream": stream} for stream, mark in marks.items() for entry in mark.get("held") or ()]

    # -- faults -------------------------------------------------------------------------------------------------------

    def faults(self) -> list[Json]:
        """Every fault that was ordered, numbered over both sides."""
        standing = [
            {**one.describe(), "side": side, "number": _number(side, one.id)}
            for side, box in self.boxes.items()
            for one in box.faults.ordered
        ]
        return [*self._cleared, *standing]

    def lift(self) -> None:
        """Lift every fault."""
        self._cleared = self.faults()
        for side in self.boxes:
            self.control(side, "DELETE", "faults")

    def _fired(self) -> dict[int, int]:
        return {one["number"]: one["fired"] for one in self.faults()}


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
