"""A merchant in this process: both sides on virtual time, the real plugins between them, one store, a state per flow.

Nothing here waits: calls are counted and rate windows kept by the sandbox, on a clock that moves by what calls take and
by what it is told. So a day of all flows takes minutes.
"""

from __future__ import annotations

import copy
import io
import json
import logging
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tests.support.plugins import HOST, Mapper, Pipe, Tap, Target, leave_as_mapper, process

from benchmarks import project
from sandbox.afas.service import AfasService
from sandbox.box import Box
from sandbox.clock import SandboxClock
from sandbox.http import Request
from sandbox.lightspeed.service import LightspeedService
from sandbox.testing import VirtualClock, transport
from tap_afas.tap import TapAfas
from target_afas.target import TargetAfas
from target_lightspeed.target import TargetLightspeed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import httpx

    from afas_profit import Afas
    from lightspeed_ecom import Lightspeed

Json = dict[str, Any]

START = datetime(2026, 11, 2, 23, 0, tzinfo=UTC)
"""Midnight in Amsterdam, where the shop's windows of a day begin; a Tuesday, and no day on which clocks change."""
LIMITS = "300/3000/12000"
WIDE = "10000000/10000000/10000000"
LATENCY = {"afas": 0.2, "lightspeed": 0.2}
"""Virtual seconds of a call."""
SHOP = "shop1"
FLOWS = ("orders", "customers", "stock", "prices", "catalogue", "categories", "relations", "groups")
LOGGERS = ("tap-afas", "tap-lightspeed", "mapper-commerce", "target-afas", "target-lightspeed")
STREAM = 250
"""Records of one control call."""


@dataclass
class Run:
    """What one run of a flow did.

    Attributes:
        flow: Which.
        begun: When, by the sandbox's clock.
        calls: Calls of the shop, by endpoint.
        line: The last thing that the target said.
        seconds: How long it took, by the clock of this machine.
        ended: When, by the sandbox's clock.
        early: Why it left a part of its work to the next run; "" when it did not.
    """

    flow: str
    begun: datetime
    ended: datetime = START
    early: str = ""
    calls: Counter[str] = field(default_factory=Counter)
    line: str = ""
    seconds: float = 0

    @property
    def total(self) -> int:
        """All calls."""
        return self.calls.total()

    @property
    def writes(self) -> int:
        """Those that write."""
        return sum(number for name, number in self.calls.items() if not name.startswith("GET"))

    @property
    def reads(self) -> int:
        """Those that read."""
        return self.total - self.writes

    @property
    def single_reads(self) -> int:
        """Reads of one record each, or of what hangs under it."""
        return sum(number for name, number in self.calls.items() if name.startswith("GET") and "{id}" in name)


class _TapAfas(TapAfas):
    """On a wire."""

    wire: httpx.BaseTransport

    def make_client(self, **options: Any) -> Afas:
        """The client of the settings, on the wire."""
        return super().make_client(transport=self.wire, clock=HOST, **options)


class _TargetLightspeed(TargetLightspeed):
    """On a wire."""

    wire: httpx.BaseTransport
    clock = HOST

    def make_client(self, **options: Any) -> Lightspeed:
        """The client of the settings, on the wire."""
        return super().make_client(transport=self.wire, clock=HOST, **options)


class _TargetAfas(Target):
    """With checkpoints as seldom as they are outside of a campaign."""

    checkpoint_seconds = TargetAfas.checkpoint_seconds


class Merchant:
    """Two boxes, the host, and what Meltano keeps.

    Args:
        folder: For the store.
        settings: Plugin or mapping -> settings over those of the project.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Json] | None = None) -> None:
        self.clock = SandboxClock(START, frozen=True)
        self.boxes = {
            "lightspeed": Box(LightspeedService(self.clock, "empty", {"rate_limits": WIDE})),
            "afas": Box(AfasService(self.clock, "empty")),
        }
        self.host = VirtualClock(self.clock)
        self.states: dict[str, Json] = {}
        self._settings = settings or {}
        self._variables = {
            "DEMO_AFAS": "http://127.0.0.1:1",
            "DEMO_LIGHTSPEED": "http://127.0.0.1:2",
            "DEMO_START": START.isoformat(),
            "DEMO_STORE": f"sqlite:///{folder}/store.db",
        }
        self._wires = {side: transport(box, self.clock, latency=LATENCY[side]) for side, box in self.boxes.items()}
        self._catalogs: dict[str, Json] = {}

    # -- both sides ---------------------------------------------------------------------------------------------------

    @property
    def shop(self) -> Box:
        """The shop."""
        return self.boxes["lightspeed"]

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self.clock.now()

    def until(self, instant: datetime) -> None:
        """Let time pass until an instant, if it isn't past."""
        if instant > self.now:
            self.clock.set(instant)

    def control(self, side: str, path: str, body: Any = None, method: str = "POST") -> Any:
        """A call of a box's control API.

        Raises:
            RuntimeError: It was refused.
        """
        data = b"" if body is None else json.dumps(body, default=str).encode()
        reply = self.boxes[side].answer(Request(method, f"/_sandbox/{path}", body=data)).reply
        assert reply is not None
        if reply.status >= 400:
            raise RuntimeError(f"{method} {path}: {reply.body.decode()[:500]}")
        return json.loads(reply.body) if reply.body else None

    def user(self, steps: Iterable[Json]) -> None:
        """A user of AFAS does some things by hand."""
        left = list(steps)
        for first in range(0, len(left), STREAM):
            self.control("afas", "user", {"steps": left[first : first + STREAM]})

    def order(self, said: Mapping[str, Any]) -> Json:
        """A shopper places an order."""
        made: Json = self.control("lightspeed", "orders", {"order": said})["orders"][0]
        return made

    def real_limits(self) -> None:
        """From now on the shop has its real rate windows, all of them full."""
        self.clock.advance(timedelta(days=1).total_seconds())
        self.control("lightspeed", "switches", {"rate_limits": LIMITS})
        self.shop.reset_calls()

    def rows(self, resource: str) -> list[Json]:
        """What the shop has, as its tables hold it; not a call of its API."""
        service = cast("LightspeedService", self.shop.service)
        return [dict(row) for row in service.shop(SHOP).all(resource)]

    # -- a run --------------------------------------------------------------------------------------------------------

    def run(self, flow: str) -> Run:
        """One `meltano run` of a flow.

        Raises:
            RuntimeError: A plugin did not end well, or a record was held: a figure of such a run would flatter.
        """
        job = project.job(f"{flow}--{SHOP}")
        run, started = Run(flow, self.now), time.perf_counter()
        before = Counter(self.shop.calls)
        HOST.current = self.host
        try:
            taken = self._tap(flow, job.tap)
            mapped = self._ended(
                process("mapper-commerce", Pipe(), self._mapper(job.mapping, taken), leave=leave_as_mapper)
            )
            self._target(flow, job.target, mapped, run)
        finally:
            HOST.current = None
        run.calls = Counter(self.shop.calls)
        run.calls.subtract(before)
        run.calls = +run.calls
        run.ended = self.now
        run.seconds = time.perf_counter() - started
        return run

    def held(self, flow: str) -> list[Json]:
        """What a flow's state holds."""
        bookmarks = self.states.get(flow, {}).get("bookmarks", {})
        return [entry for one in bookmarks.values() for entry in one.get("held") or ()]

    def _config(self, name: str) -> Json:
        made: Json = project.merged(project.settings(name, self._variables), self._settings.get(name, {}))
        return made

    def _tap(self, flow: str, name: str) -> bytes:
        kind: type[Tap | _TapAfas] = _TapAfas if name.startswith("tap-afas") else Tap
        side = "afas" if kind is _TapAfas else "lightspeed"
        config = self._config(name)

        def made(**options: Any) -> Any:
            tap = type("OnWire", (kind,), {"wire": self._wires[side], "chance": staticmethod(lambda: 0.5)})
            return tap(config=config, **options)

        if name not in self._catalogs:
            self._catalogs[name] = _catalog(made(), project.selected(name))

        def work() -> None:
            state = copy.deepcopy(self.states.get(flow, {}))
            made(state=state, catalog=copy.deepcopy(self._catalogs[name])).sync_all()

        return self._ended(process(kind.name, Pipe(), work))

    def _mapper(self, mapping: str, taken: bytes) -> Callable[[], None]:
        config = project.merged(project.mapping(mapping), self._settings.get(mapping, {}))
        return lambda: Mapper(config=config).listen(cast("Any", io.BytesIO(taken)))

    def _target(self, flow: str, name: str, mapped: bytes, run: Run) -> None:
        kind: type[_TargetAfas | _TargetLightspeed] = (
            _TargetAfas if name.startswith("target-afas") else _TargetLightspeed
        )
        side = "afas" if kind is _TargetAfas else "lightspeed"

        def work() -> None:
            target = kind(config=self._config(name))
            target.wire = self._wires[side]
            target.listen(cast("Any", io.BytesIO(mapped)))
            run.early = target.ended

        ended = process(kind.name, Pipe(), work)
        for line in ended.output.splitlines():
            self.states[flow] = project.merged(self.states.get(flow, {}), json.loads(line))
        run.line = ended.line
        self._ended(ended)

    @staticmethod
    def _ended(ended: Any) -> bytes:
        if ended.code:
            raise RuntimeError(f"ended with {ended.code}: {ended.line}")
        output: bytes = ended.output
        return output


@contextmanager
def merchant(settings: Mapping[str, Json] | None = None) -> Iterator[Merchant]:
    """A merchant whose files go at the end."""
    _quiet()
    memory = Path("/dev/shm")  # noqa: S108 - a folder in memory, where there is one
    with tempfile.TemporaryDirectory(prefix="bench-", dir=memory if memory.is_dir() else None) as folder:
        yield Merchant(Path(folder), settings)


def _catalog(tap: Any, streams: set[str]) -> Json:
    made: Json = tap.catalog_dict
    for entry in made["streams"]:
        for metadata in entry["metadata"]:
            if not metadata["breadcrumb"]:
                metadata["metadata"]["selected"] = entry["tap_stream_id"] in streams
    return made


def _quiet() -> None:
    """The plugins' loggers speak to nobody but who keeps the last line."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
    for name in (
        "singer_sdk",
        "upsert",
        "target_afas",
        "commerce",
        "httpx",
        "httpcore",
        "afas_profit",
        "lightspeed_ecom",
    ):
        logging.getLogger(name).setLevel(logging.CRITICAL)
