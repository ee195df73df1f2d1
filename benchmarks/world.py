"""A sandbox with its shop and its AFAS, and the plugins set up for it."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import psutil

from benchmarks import settings
from benchmarks.measure import BIN, Cost, environment, lines, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Side = Literal["afas", "lightspeed"]

HERE = Path(__file__).parent
WIDE = "1000000/1000000/1000000"
"""Rate windows that no measurement fills: a shop's own would let 300 calls through in five minutes."""
KEPT = 2.0
"""Seconds that a connection may rest before it is opened anew: the server closes it after a few more."""


class World:
    """One sandbox, the folder of its files, and the state of the tap.

    Args:
        addresses: Of its servers.
        folder: For files; it goes with the world.
        servers: Their process ids.
    """

    def __init__(self, addresses: Mapping[Side, str], folder: Path, servers: Mapping[Side, int] | None = None) -> None:
        self.addresses, self.folder, self._servers = addresses, folder, servers or {}
        self._doors = {side: (http.client.HTTPConnection(urlsplit(url).netloc), 0.0) for side, url in addresses.items()}
        made: dict[str, object] = {"mapper": settings.mapper()}
        if shop := addresses.get("lightspeed"):
            made["tap"] = settings.tap(shop)
        if afas := addresses.get("afas"):
            made["target"] = settings.target(afas, folder / "store.db")
            made["stock-target"] = settings.stock_target(afas)
        for name, config in made.items():
            self.file(f"{name}.json").write_text(json.dumps(config))

    def file(self, name: str) -> Path:
        """A file of this world."""
        return self.folder / name

    # -- the sandbox ----------------------------------------------------------------------------------------------

    def control(self, side: Side, verb: str, path: str, body: object = None) -> Any:
        """Call a control path and return its answer."""
        return json.loads(self._call(side, verb, f"/_sandbox/{path}", body) or b"null")

    def place(self, count: int, kinds: Sequence[str] = ()) -> None:
        """Let shoppers place orders: the kinds in turn, or all kinds there are."""
        for start in range(0, count, 1_000):
            body = {"n": min(1_000, count - start), "kinds": list(kinds), "seed": start + 1}
            self._call("lightspeed", "POST", "/_sandbox/orders", body)
        self.settle()

    def order(self, descriptions: Iterable[Mapping[str, Any]]) -> None:
        """Let shoppers place orders that are described in full."""
        for said in descriptions:
            self._call("lightspeed", "POST", "/_sandbox/orders", {"order": said})
        self.settle()

    def settle(self) -> None:
        """Let a minute pass, so that the tap takes the newest change too."""
        self.control("lightspeed", "POST", "clock", {"advance": 60})

    def processor(self, side: Side) -> float:
        """Seconds of processor time that a server has used."""
        used = psutil.Process(self._servers[side]).cpu_times()
        return float(used.user + used.system)

    def fresh_calls(self, side: Side) -> None:
        """Count from here."""
        self._call(side, "DELETE", "/_sandbox/calls")

    def calls(self, side: Side) -> dict[str, int]:
        """How often each endpoint was called."""
        counted = self.control(side, "GET", "calls")
        if counted["rate_limited"]:
            raise RuntimeError(f"{counted['rate_limited']} calls were refused by the rate limit")
        found: dict[str, int] = counted["calls"]
        return found

    def slow(self, side: Side, seconds: float) -> None:
        """Let every call take so much longer from now on."""
        self.control(side, "POST", "faults", {"name": "slow", "rate": 1, "params": {"seconds": seconds}})

    def busy(self, side: Side, last_call: float = 0.0) -> float:
        """Seconds from the first counted call to the last answer, by the server's clock.

        Args:
            side: Which server.
            last_call: Seconds that the last call took.
        """
        log = self.control(side, "GET", "calls?log=1")["log"]
        first, last = (datetime.fromisoformat(log[place]["at"]) for place in (0, -1))
        return (last - first).total_seconds() + last_call

    def rows(self, path: str) -> Any:
        """A list of the shop's API, as a client would read it."""
        word = b64encode(f"{settings.KEY}:{settings.SECRET}".encode()).decode()
        return json.loads(self._call("lightspeed", "GET", f"/nl/{path}", headers={"Authorization": f"Basic {word}"}))

    def _call(
        self, side: Side, verb: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        door, used = self._doors[side]
        if time.monotonic() - used > KEPT:
            door.close()  # and opens anew
        door.request(verb, path, data, {"Content-Type": "application/json", **(headers or {})})
        answer = door.getresponse()
        content = answer.read()
        self._doors[side] = door, time.monotonic()
        if answer.status >= 400:
            raise RuntimeError(f"{verb} {path}: {answer.status} {content[:500]!r}")
        return content

    # -- the plugins ----------------------------------------------------------------------------------------------

    def tap(self, *streams: str, state: Path | None = None) -> list[str | Path]:
        """The command that reads streams of the shop."""
        command: list[str | Path] = [BIN / "tap-lightspeed", "--config", self.file("tap.json")]
        catalog = self._catalog("tap-lightspeed", command, streams)
        resumed: list[str | Path] = ["--state", state] if state else []
        return [*command, "--catalog", catalog, *resumed]

    def _catalog(self, tap: str, command: Sequence[str | Path], streams: Sequence[str]) -> Path:
        """What a tap discovers, with these streams selected."""
        catalog = self.file(f"catalog-{tap}-{'-'.join(streams)}.json")
        if not catalog.exists():
            full = self.file(f"{tap}.catalog")
            run([*command, "--discover"], stdout=full)
            selected = json.loads(full.read_text())
            for stream in selected["streams"]:
                for entry in stream["metadata"]:
                    if not entry["breadcrumb"]:
                        entry["metadata"]["selected"] = stream["tap_stream_id"] in streams
            catalog.write_text(json.dumps(selected))
        return catalog

    def tap_afas(self, connector: str, **options: Any) -> list[str | Path]:
        """The command that reads one GetConnector, with settings of its stream."""
        config = self.file(f"tap-afas-{'-'.join((connector, *map(str, options.values())))}.json")
        config.write_text(json.dumps(settings.tap_afas(self.addresses["afas"], connector, options)))
        command: list[str | Path] = [BIN / "tap-afas", "--config", config]
        return [*command, "--catalog", self._catalog("tap-afas", command, [connector])]

    def stock_tap(self, stream: str) -> list[str | Path]:
        """The command of the shop's peer tap."""
        config = self.file(f"stock-tap-{stream}.json")
        config.write_text(json.dumps({**settings.stock_tap(self.addresses["lightspeed"]), "stream": stream}))
        return [sys.executable, HERE / "stock_tap.py", "--config", config]

    def stock_tap_afas(self, connector: str, columns: int) -> list[str | Path]:
        """The command of AFAS's peer tap."""
        config = self.file("stock-tap-afas.json")
        config.write_text(json.dumps(settings.stock_tap_afas(self.addresses["afas"], connector, columns)))
        return [sys.executable, HERE / "stock_tap_afas.py", "--config", config]

    def mapper(self) -> list[str | Path]:
        """The command that maps the shop's records."""
        return [BIN / "mapper-commerce", "--config", self.file("mapper.json")]

    def target(self) -> list[str | Path]:
        """The command that loads commerce records into AFAS."""
        return [BIN / "target-afas", "--config", self.file("target.json")]

    def commerce(self, name: str, *, stream: str = "orders") -> Path:
        """Read what is new in the shop and map it: a file of commerce messages."""
        raw, mapped, state = self.file(f"{name}.raw"), self.file(f"{name}.singer"), self.file("state.json")
        run(self.tap(stream, state=state if state.exists() else None), stdout=raw)
        state.write_bytes(last_state(raw))
        run(self.mapper(), stdin=raw, stdout=mapped)
        return mapped

    def load(self, mapped: Path) -> Cost:
        """Load commerce messages into AFAS.

        Raises:
            RuntimeError: When not every record went in: a figure of a run that held orders would flatter.
        """
        result = self.file(f"{mapped.stem}.state")
        cost = run(self.target(), stdin=mapped, stdout=result)
        held = [
            entry
            for bookmark in json.loads(last_state(result))["bookmarks"].values()
            for entry in bookmark.get("held", ())
        ]
        if held:
            raise RuntimeError(f"{len(held)} records are held: {held[:3]}")
        return cost


def last_state(messages: Path) -> bytes:
    """The value of the last STATE among Singer messages, bare or as a target prints it."""
    last = b""
    with messages.open("rb") as text:
        for line in text:
            if b'"RECORD"' not in line[:20] and b'"bookmarks"' in line:
                last = line
    value = json.loads(last)
    return json.dumps(value.get("value", value)).encode()


def count(messages: Path) -> int:
    """How many records there are."""
    return sum(1 for _ in lines(messages, b"RECORD"))


@contextlib.contextmanager
def world(*sides: Side) -> Iterator[World]:
    """A fresh sandbox on free ports, each side in a process of its own; gone at the end.

    Args:
        sides: Only these; none: both.

    Raises:
        RuntimeError: It did not start.
    """
    with contextlib.ExitStack() as stack:
        addresses: dict[Side, str] = {}
        servers: dict[Side, int] = {}
        both: tuple[Side, ...] = ("afas", "lightspeed")
        for side in sides or both:
            command: list[str | Path] = [
                BIN / "sandbox",
                "serve",
                "--only",
                side,
                f"--{side}-port",
                "0",
                "--seed",
                "small",
            ]
            command += ["--now", settings.NOW]
            if side == "lightspeed":
                command += ["--switch", f"lightspeed.rate_limits={WIDE}"]
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment()
            )
            stack.callback(_stop, process)
            assert process.stdout
            line = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            if not found:
                raise RuntimeError(f"the sandbox did not start: {line!r}")
            addresses[side], servers[side] = found.group(), process.pid
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
        yield World(addresses, Path(folder), servers)


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait(10)
