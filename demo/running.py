"""The sandbox for as long as the demo runs, its control API, and Meltano's jobs."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
WORK = ROOT / ".demo"
PORTS = (8701, 8702)
WRITES = ("DELETE ", "POST ", "PUT ")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_PREFIX = re.compile(r"^\S+ \[\w+ *\] ")
_BLOCK_DONE = "Block run completed"
_PATIENCE = 300


class StoppedError(Exception):
    """The demo can't go on; the message is for the person who watches."""


@dataclass(frozen=True)
class Sandbox:
    """Both servers.

    Attributes:
        afas: Address of AFAS.
        shop: Address of the shops.
        token: AFAS's token.
        shop_key: Key and secret of the first shop, with a colon between.
    """

    afas: str
    shop: str
    token: str
    shop_key: str

    def call(self, side: str, path: str, body: object = None, method: str | None = None) -> Any:
        """Call a control path.

        Args:
            side: `afas` or `shop`.
            path: What follows `/_sandbox/`.
            body: Sent as JSON.
            method: Default: POST with a body, else GET.

        Raises:
            StoppedError: It was refused.
        """
        address = self.afas if side == "afas" else self.shop
        data = None if body is None else json.dumps(body, default=str).encode()
        return fetched(f"{address}/_sandbox/{path}", data, method=method)

    def user(self, *steps: Mapping[str, Any]) -> None:
        """What a user does by hand in AFAS: all of the steps or none."""
        self.call("afas", "user", {"steps": list(steps)})

    def calls(self, side: str) -> Counter[str]:
        """Calls that a side has seen since they were last counted anew, by verb and path."""
        return Counter(self.call(side, "calls")["calls"])

    def advance(self, seconds: int) -> None:
        """Both sides' clock goes on at once."""
        self.call("shop", "clock", {"advance": seconds})


def fetched(url: str, data: bytes | None = None, headers: Mapping[str, str] = {}, method: str | None = None) -> Any:
    """What an address answers, as JSON with exact decimals.

    Raises:
        StoppedError: It was refused.
    """
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
            return json.loads(answer.read() or b"null", parse_float=Decimal)
    except urllib.error.HTTPError as error:
        text = f"{url}: {error.code} {error.read().decode()[:300]}"
        raise StoppedError(text) from None


@contextlib.contextmanager
def sandbox(ports: tuple[int, int]) -> Iterator[Sandbox]:
    """Both servers, for as long as the demo runs; nothing of them is left behind.

    Raises:
        StoppedError: They did not start, such as when a port is taken.
    """
    ends = [f"--afas-port={ports[0]}", f"--lightspeed-port={ports[1]}"]
    # A session of its own: Ctrl-C reaches the demo alone, which then ends everything in order.
    server = subprocess.Popen(
        [BIN / "sandbox", "serve", *ends],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert server.stdout
        assert server.stderr
        ready = server.stdout.readline().strip()
        if not ready:
            said = server.stderr.read().strip().removeprefix("sandbox: ").partition("; choose")[0]
            raise StoppedError(
                f"The sandbox did not start: {said or 'it said nothing'}. Stop what uses the port (another demo?), or "
                "run `python -m demo --ports 0 0` to take free ones."
            )
        words = dict(word.split("=", 1) for word in ready.split() if "=" in word)
        yield Sandbox(words["afas"], words["lightspeed"], words["token"], words["shop1"])
    finally:
        _end(server)


def _end(process: subprocess.Popen[str]) -> None:
    """End a process and all that it started."""
    if process.poll() is None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            try:
                process.wait(10)
                break
            except subprocess.TimeoutExpired:
                continue


@dataclass
class Ran:
    """How a run of Meltano ended.

    Attributes:
        code: Its exit code.
        lines: What it said, without colours and times.
        seconds: How long it took.
        calls: Per job, calls that the shop has seen.
    """

    code: int
    lines: list[str]
    seconds: float
    calls: list[tuple[str, Counter[str]]] = field(default_factory=list)

    def said(self, *words: str) -> list[str]:
        """Lines that hold all of these words."""
        return [line for line in self.lines if all(word in line for word in words)]

    @property
    def summaries(self) -> list[str]:
        """The last lines of the targets, without their names."""
        found = [line.partition(" done: ") for line in self.lines if line.startswith("target-")]
        return [rest for _, mark, rest in found if mark]


@dataclass
class Project:
    """The merchant's Meltano project with a state and a store of its own.

    Attributes:
        box: The sandbox.
        name: Of the folder.
        settings: Environment variables beside those that every project has.
    """

    box: Sandbox
    name: str
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """For state, store and logs."""
        return WORK / self.name

    def run(self, *jobs: str, **settings: str) -> Ran:
        """Run jobs one after the other in one `meltano run`, and count what each of them costs.

        Args:
            jobs: Their names.
            settings: Environment variables of this run alone.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        begun, before = time.monotonic(), self.box.calls("shop")
        ran = Ran(0, [], 0)
        process = subprocess.Popen(
            [BIN / "meltano", "run", *jobs],
            cwd=ROOT,
            env=self._environment() | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            assert process.stdout
            done = 0
            for raw in process.stdout:
                line = _PREFIX.sub("", _COLOURS.sub("", raw.rstrip()))
                ran.lines.append(line)
                if _BLOCK_DONE in line:
                    # Two blocks for each job: what moves data, and the look at what is held.
                    done += 1
                    if done % 2 and done // 2 < len(jobs):
                        now = self.box.calls("shop")
                        ran.calls.append((jobs[done // 2], now - before))
                        before = now
            ran.code = process.wait()
        finally:
            _end(process)
        ran.seconds = time.monotonic() - begun
        log = self.folder / f"{time.time_ns()}.{jobs[0]}.log"
        log.write_text("\n".join([f"meltano run {' '.join(jobs)}", *ran.lines]), encoding="utf-8")
        return ran

    def held(self, job: str = "") -> list[dict[str, Any]]:
        """What the states of the jobs hold."""
        flow, _, shop = job.partition("--")
        wanted = f"{shop}-{flow}" if job else ""
        found: list[dict[str, Any]] = []
        for file in sorted((self.folder / "state").rglob("state.json")):
            if wanted in file.parent.name:
                state = json.loads(file.read_text(encoding="utf-8"))["completed"]["singer_state"]
                for stream, bookmark in state["bookmarks"].items():
                    found += [{"stream": stream, **one} for one in bookmark.get("held", [])]
        return found

    def _environment(self) -> dict[str, str]:
        """Of Meltano's processes: a state backend and a store in files, and the addresses of the sandbox."""
        store = f"sqlite:///{self.folder}/store.db"
        afas = f"{self.box.afas}/ProfitRestServices"
        return {
            **os.environ,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "MELTANO_ENVIRONMENT": "demo",
            "MELTANO_SYS_DIR_ROOT": str(WORK / "meltano"),
            "MELTANO_STATE_BACKEND_URI": f"file://{self.folder}/state",
            "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
            "MELTANO_CLI_DISABLE_VERSION_CHECK": "1",
            "NO_COLOR": "1",
            "TAP_AFAS_BASE_URL": afas,
            "TARGET_AFAS_BASE_URL": afas,
            "TAP_LIGHTSPEED_BASE_URL": self.box.shop,
            "TARGET_LIGHTSPEED_BASE_URL": self.box.shop,
            "TARGET_AFAS_STORE": store,
            "TARGET_LIGHTSPEED_STORE": store,
            "HELD_STORE": store,
            **self.settings,
        }


def writes(calls: Mapping[str, int]) -> Counter[str]:
    """Those of some calls that write."""
    return Counter({name: times for name, times in calls.items() if name.startswith(WRITES)})
