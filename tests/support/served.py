"""The sandbox as a process of its own, and Meltano projects against it: what a user has, with nothing taken from us."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from tests.support.environment import BIN, inherited

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
JOB = ("tap-lightspeed--shop1-orders", "lightspeed-shop1", "target-afas--shop1-orders")
"""The blocks of the job that is killed."""
SIDES = ("afas", "lightspeed")
PLUGINS = ("tap-lightspeed", "mapper-commerce", "target-afas")


@dataclass(frozen=True)
class Served:
    """Two servers.

    Attributes:
        urls: Side to address.
    """

    urls: dict[str, str]

    def call(self, side: str, path: str, body: object = None, method: str | None = None) -> Any:
        """A call of a control API."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.urls[side]}/_sandbox/{path}", data, headers, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - http on this machine
            return json.loads(answer.read() or b"null", parse_float=Decimal)


@contextlib.contextmanager
def sandbox(*options: str) -> Iterator[Served]:
    """`sandbox serve` on free ports, for as long as the block lasts."""
    command = [str(BIN / "sandbox"), "serve", "--afas-port", "0", "--lightspeed-port", "0", *options]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        ready = server.stdout.readline()
        found = re.findall(r"http://[0-9.]+:\d+", ready)
        assert len(set(found)) == len(SIDES), ready
        served = Served(dict(zip(SIDES, dict.fromkeys(found), strict=True)))
        for side in SIDES:
            assert served.call(side, "health")["service"] == side
        yield served
    finally:
        server.terminate()
        server.wait(10)
        if server.stdout:
            server.stdout.close()


def slim(project: str) -> str:
    """The repository's project with the plugins of `JOB` alone, and of their settings those that are set.

    Meltano looks up each setting in many places at each start, which takes most of its time.
    """
    said = YAML(typ="safe").load(project)
    wanted = {name.split("--")[0] for name in JOB} | {*JOB, "held", "mapper-commerce"}
    said["environments"] = [one for one in said["environments"] if one["name"] == "demo"]
    said["jobs"] = said["schedules"] = []
    places = [said["plugins"], *(one["config"]["plugins"] for one in said["environments"])]
    used: set[str] = set()
    for kind in said["plugins"]:
        for place in places:
            place[kind] = [plugin for plugin in place.get(kind, ()) if plugin["name"] in wanted]
            used.update(name for plugin in place[kind] for name in plugin.get("config", ()))
    for plugin in (one for plugins in said["plugins"].values() for one in plugins):
        if "settings" in plugin:
            plugin["settings"] = [one for one in plugin["settings"] if one["name"] in used]
    made = StringIO()
    writer = YAML(typ="safe")
    writer.default_flow_style = False
    writer.width = 1_000
    writer.dump(said, made)
    return made.getvalue()


@dataclass(frozen=True)
class Project:
    """A Meltano project: the repository's plugins of one job, in a folder of its own, with a file state backend.

    Attributes:
        folder: Where.
        served: The servers it runs against.
        start: Its `start_date`.
    """

    folder: Path
    served: Served
    start: str

    def __post_init__(self) -> None:
        """Make the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = slim((ROOT / "meltano.yml").read_text(encoding="utf-8"))
        # What an environment of meltano.yml sets goes before the process's own variables.
        for name, value in self._places().items():
            text, times = re.subn(rf"(?m)^( +{name}:).*$", rf"\1 '{value}'", text)
            assert times == 1 or name == "DEMO_STORE", name
        (self.folder / "meltano.yml").write_text(text, encoding="utf-8")

    def _places(self) -> dict[str, str]:
        urls = self.served.urls
        return {"DEMO_AFAS": urls["afas"], "DEMO_LIGHTSPEED": urls["lightspeed"], "DEMO_START": self.start} | {
            "DEMO_STORE": f"sqlite:///{self.folder}/store.db"
        }

    def environment(self) -> dict[str, str]:
        """The environment of its processes: nothing of ours but what stands here."""
        return inherited() | {
            "MELTANO_ENVIRONMENT": "demo",
            "MELTANO_STATE_BACKEND_URI": f"file://{self.folder}/state",
            "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
            "MELTANO_CLI_DISABLE_VERSION_CHECK": "1",
            "MELTANO_CLI_LOG_LEVEL": "info",
            "TARGET_AFAS_STORE": f"sqlite:///{self.folder}/store.db",
            "NO_COLOR": "1",
        }

    def begin(self, *blocks: str) -> subprocess.Popen[str]:
        """Start `meltano run`; output goes into a file beside the project."""
        with (self.folder / "last.log").open("w", encoding="utf-8") as log:
            return subprocess.Popen(
                [BIN / "meltano", "run", *blocks],
                cwd=self.folder,
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
            )

    def said(self) -> str:
        """What the last run said."""
        return (self.folder / "last.log").read_text(encoding="utf-8")

    def state(self) -> dict[str, Any]:
        """The saved state: the completed one with what broken-off runs added, as Meltano will hand it out."""
        for file in (self.folder / "state").rglob("state.json"):
            saved = json.loads(file.read_text(encoding="utf-8"))
            whole, part = (saved.get(name) or {} for name in ("completed", "partial"))
            found: dict[str, Any] = _merged(whole.get("singer_state") or {}, part.get("singer_state") or {})
            return found
        return {}


def _merged(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{name: _merged(old.get(name), value) for name, value in new.items()}}
    return new


def descendants(process: int) -> dict[str, int]:
    """The plugins that a process has started, itself or through others: executable to process id."""
    parents: dict[int, int] = {}
    names: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
            command = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
        for part in command[:2]:
            name = Path(os.fsdecode(part)).name
            if name in PLUGINS:
                names[int(entry.name)] = name
    found = {}
    for number, name in names.items():
        above = number
        while above in parents and above != process:
            above = parents[above]
        if above == process:
            found[name] = number
    return found


def kill(process: subprocess.Popen[str], plugin: str, after: float, patience: float = 30) -> bool:
    """Kill -9 a plugin of a running `meltano run`, some seconds after it was first seen.

    Args:
        process: The run.
        plugin: Its executable.
        after: Seconds from its first appearance.
        patience: Seconds to wait for it to appear.

    Returns:
        Whether there was one to kill.
    """
    until = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < until:
        if number := descendants(process.pid).get(plugin):
            time.sleep(after)
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                return False
            return True
        time.sleep(0.01)
    return False
