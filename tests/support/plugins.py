"""The real plugins in this process: their clients on the sandbox's wire, their clock virtual, their output caught.

A plugin ends as its process would: with an exit code and a last line. A kill (`sandbox.testing.Killed`) leaves what was
printed before it and nothing else; buffers that were not flushed are lost, as they are with a process.
"""

from __future__ import annotations

import io
import logging
import sys
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast
from unittest.mock import patch

import httpx

import commerce.mapper
import target_afas.cli
from afas_profit import Afas, ClassicToken
from lightspeed_ecom import Lightspeed
from sandbox.testing import Killed, VirtualClock, transport
from tap_lightspeed.tap import TapLightspeed
from target_afas.target import TargetAfas
from upsert.singer.run import run_plugin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.box import Box
    from sandbox.clock import SandboxClock
    from upsert.store import Store

KILLED = 137
NAMES = ("tap-lightspeed", "mapper-commerce", "target-afas", "tap-afas", "target-lightspeed")


class Pipe(io.RawIOBase):
    """Standard output of a process: whole lines go to `on_line` as they come. Dead after a kill."""

    def __init__(self, on_line: Callable[[bytes], None] | None = None) -> None:
        super().__init__()
        self.content = bytearray()
        self.dead = False
        self._on_line = on_line
        self._read = 0

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: Any) -> int:
        """Take what a process flushed."""
        if self.dead:
            return len(data)
        self.content += data
        while self._on_line and (end := self.content.find(b"\n", self._read)) >= 0:
            line, self._read = bytes(self.content[self._read : end]), end + 1
            self._on_line(line)
        return len(data)


@dataclass
class Ended:
    """How a plugin ended.

    Attributes:
        output: What it printed.
        code: Exit code; 137 when it was killed.
        line: The last thing it said.
    """

    output: bytes
    code: int
    line: str


class _LastLine(logging.Handler):
    """Keeps the last line that a plugin logged at info or above."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.line = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.line = record.getMessage()


@contextmanager
def _standard_output(pipe: Pipe) -> Iterator[io.TextIOWrapper]:
    before, sys.stdout = sys.stdout, io.TextIOWrapper(io.BufferedWriter(pipe), "utf-8")
    try:
        yield sys.stdout
    finally:
        caught, sys.stdout = sys.stdout, before
        if not pipe.dead:
            caught.flush()
        pipe.dead = True
        caught.detach()


@dataclass(frozen=True)
class _Plugin:
    """As much of a plugin as `run_plugin` asks for: its command line does the work."""

    name: str
    work: Callable[[], object]

    @property
    def cli(self) -> _Plugin:
        """The command line."""
        return self

    def main(self, *_: object, **__: object) -> None:
        """Run."""
        self.work()


def leave_as_plugin(
    plugin: _Plugin, explain: Callable[[BaseException], tuple[int, str] | None] = target_afas.cli.explain
) -> int:
    """Run a tap or target as its own command does; returns the exit code."""
    try:
        run_plugin(cast("Any", plugin), explain=explain)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)


def leave_as_mapper(plugin: _Plugin) -> int:
    """Run the mapper as its own command does; returns the exit code."""
    with patch.object(commerce.mapper, "MapperCommerce", plugin):
        return commerce.mapper._run()


def process(
    name: str,
    pipe: Pipe,
    work: Callable[[], object],
    at_kill: Callable[[], None] = lambda: None,
    leave: Callable[[_Plugin], int] = leave_as_plugin,
) -> Ended:
    """Do the work of a plugin as if it were a process.

    Args:
        name: Of its logger.
        pipe: Its standard output.
        work: What it does.
        at_kill: Called once when it was killed, after its frames have gone.
        leave: How its command turns what happened into an exit code.
    """
    logger, last = logging.getLogger(name), _LastLine()
    logger.addHandler(last)
    try:
        with _standard_output(pipe) as out:
            try:
                code = leave(_Plugin(name, work))
                out.flush()
            except Killed:
                pipe.dead = True
                code = KILLED
    finally:
        logger.removeHandler(last)
    if code == KILLED:
        at_kill()
    return Ended(bytes(pipe.content), code, "" if code == KILLED else last.line)


class InTurn(Executor):
    """Does each task when it is submitted: threads would take their turns by chance."""

    def __init__(self, *_: object, **__: object) -> None:
        super().__init__()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do a task now."""
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - as the threads of the standard library do
            done.set_exception(error)
        return done


class Wire(httpx.BaseTransport):
    """The wire between one process and one box: counts calls, and asks before and after each what shall happen."""

    def __init__(
        self,
        box: Box,
        clock: SandboxClock,
        happen: Callable[[str, int], None],
        heard: Callable[[httpx.Response | None], None],
        latency: float,
    ) -> None:
        self._inner = transport(box, clock, latency=latency)
        self._happen, self._heard = happen, heard
        self.calls = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one call."""
        self.calls += 1
        number = self.calls
        self._happen("before", number)
        response = None
        try:
            response = self._inner.handle_request(request)
        finally:
            self._heard(response)
        self._happen("after", number)
        return response


class HostClock:
    """The clock of the host that the plugins run on; one world at a time sets it."""

    def __init__(self) -> None:
        self.current: VirtualClock | None = None

    def now(self) -> Any:
        """See `VirtualClock`."""
        return self._set.now()

    def monotonic(self) -> float:
        """See `VirtualClock`."""
        return self._set.monotonic()

    def sleep(self, seconds: float) -> None:
        """See `VirtualClock`."""
        self._set.sleep(seconds)

    @property
    def _set(self) -> VirtualClock:
        assert self.current is not None
        return self.current


HOST = HostClock()


class Tap(TapLightspeed):
    """The tap on a wire."""

    wire: httpx.BaseTransport
    chance: Callable[[], float]

    def make_client(self) -> Lightspeed:
        """The client of the settings, on the wire."""
        own = self.settings
        return Lightspeed(
            own.api_key,
            own.api_secret.get_secret_value(),
            base_url=own.base_url,
            language=own.language,
            reserve=(own.reserve_5_minutes, own.reserve_hour, own.reserve_day),
            longest_wait=own.longest_wait_seconds,
            transport=self.wire,
            clock=HOST,
            jitter=self.chance,
        )


class Target(TargetAfas):
    """The target on a wire. Every STATE is a checkpoint, so that there are as many as can be."""

    clock = HOST
    checkpoint_seconds: ClassVar[float] = 0.0
    wire: httpx.BaseTransport
    opened: Store | None = None

    def make_client(self) -> Afas:
        """The client of the settings, on the wire."""
        own = self.settings
        assert own.base_url is not None
        assert own.token is not None
        return Afas(
            own.base_url,
            ClassicToken(own.token.get_secret_value()),
            language=own.language,
            transport=self.wire,
            clock=HOST,
            max_calls=1,
        )

    def open_store(self) -> Store:
        """The store of the settings; kept, so that a killed process gives its file back."""
        self.opened = super().open_store()
        return self.opened


def quiet(level: int = logging.INFO) -> None:
    """Let the plugins' loggers speak to nobody but the last-line keeper."""
    for name in NAMES:
        logger = logging.getLogger(name)
        logger.setLevel(level)
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


def catalog(tap: TapLightspeed, streams: set[str]) -> dict[str, Any]:
    """The catalog of a tap with only some streams; the SDK copies all that stands in it, at each start."""
    made: dict[str, Any] = tap.catalog_dict
    return {"streams": [entry for entry in made["streams"] if entry["tap_stream_id"] in streams]}


Mapper = commerce.mapper.MapperCommerce
