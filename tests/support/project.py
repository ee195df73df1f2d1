"""The repository as a Meltano project, run for real: its jobs against both imitated APIs, its state in a folder."""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.afas.service import AfasService
from sandbox.box import Box
from sandbox.clock import SandboxClock
from sandbox.http import Request
from sandbox.lightspeed.service import LightspeedService
from sandbox.testing import served
from tests.support.environment import BIN, inherited

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PATIENCE = 240.0
"""Seconds for one command; a busy machine needs many for three runs at once."""
Json = dict[str, Any]


@dataclass
class Shown:
    """How a command ended: exit code and what it said, without colours."""

    code: int
    text: str


@dataclass
class Project:
    """The merchant's project.

    Attributes:
        folder: For state and store.
        system: For Meltano's own files.
        shop: The box of both shops.
        afas: The box of AFAS.
        addresses: Of the two.
        processes: Everything that was started.
    """

    folder: Path
    system: Path
    shop: Box
    afas: Box
    addresses: tuple[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def prepare(self) -> None:
        """Let Meltano make its own files, which several runs can't do at once."""
        shown = self.meltano("state", "list")
        assert shown.code == 0, shown.text

    def environment(self, **more: str) -> dict[str, str]:
        """The variables of a process: a state backend and a store in files, and nothing of the caller's settings."""
        begin = datetime.now(UTC) - timedelta(minutes=5)
        return {
            **inherited(),
            "MELTANO_SYS_DIR_ROOT": str(self.system),
            "MELTANO_STATE_BACKEND_URI": f"file://{self.folder}/state",
            "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
            "MELTANO_CLI_DISABLE_VERSION_CHECK": "1",
            "NO_COLOR": "1",
            "TAP_LIGHTSPEED_BASE_URL": self.addresses[0],
            "TAP_LIGHTSPEED_START_DATE": begin.isoformat(timespec="seconds"),
            "TAP_AFAS_BASE_URL": f"{self.addresses[1]}/ProfitRestServices",
            "TARGET_AFAS_BASE_URL": f"{self.addresses[1]}/ProfitRestServices",
            "TARGET_AFAS_STORE": f"sqlite:///{self.folder}/store.db",
            "HELD_STORE": f"sqlite:///{self.folder}/store.db",
            **more,
        }

    def start(self, *words: str, **variables: str) -> subprocess.Popen[bytes]:
        """Start `meltano` with these words."""
        process = subprocess.Popen(
            [BIN / "meltano", *words],
            cwd=ROOT,
            env=self.environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        """Kill what still runs, so that one test that failed does not fail the next ones."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.communicate()

    def ended(self, process: subprocess.Popen[bytes]) -> Shown:
        """Wait for its end."""
        said, _ = process.communicate(timeout=PATIENCE)
        return Shown(process.returncode, re.sub(r"\x1b\[[0-9;]*m", "", said.decode()))

    def meltano(self, *words: str, **variables: str) -> Shown:
        """`meltano` with these words, to its end."""
        return self.ended(self.start(*words, **variables))

    def control(self, box: Box, path: str, body: Json, method: str = "POST") -> Any:
        """A call of a box's control API.

        Raises:
            ValueError: It was refused.
        """
        reply = box.answer(Request(method, f"/_sandbox/{path}", body=json.dumps(body).encode())).reply
        assert reply is not None
        if reply.status >= 400:
            raise ValueError(f"{path}: {reply.body.decode()}")
        return json.loads(reply.body)

    def place(self, shop: str, *kinds: str) -> list[Json]:
        """Shoppers place orders of these kinds."""
        body = {"shop": shop, "n": len(kinds), "kinds": list(kinds), "seed": 1}
        placed: list[Json] = self.control(self.shop, "orders", body)["orders"]
        return placed

    def booked(self) -> dict[str, Json]:
        """The orders in AFAS that are not of the seed, by reference."""
        found = self.afas.books()["orders"]
        return {one["reference"]: one for one in found if str(one["reference"] or "").startswith("shop")}

    @property
    def writes(self) -> int:
        """Writes that AFAS has seen."""
        return sum(times for name, times in self.afas.calls.items() if not name.startswith("GET"))

    def held(self, job: str) -> list[Json]:
        """What the state of a job holds."""
        flow, shop = job.split("--")
        found: list[Json] = []
        for file in (self.folder / "state").rglob("state.json"):
            if f"{shop}-{flow}" in str(file.parent.name):
                state = json.loads(file.read_text(encoding="utf-8"))["completed"]["singer_state"]
                for bookmark in state["bookmarks"].values():
                    found += bookmark.get("held", [])
        return found


@contextmanager
def project(folder: Path, system: Path) -> Iterator[Project]:
    """Serve both APIs with the small merchant's data, on the time of this machine."""
    clock = SandboxClock()
    shop, afas = Box(LightspeedService(clock, "small")), Box(AfasService(clock, "small"))
    with served(shop, afas) as (first, second):
        made = Project(folder, system, shop, afas, (first, second))
        try:
            yield made
        finally:
            made.stop()
