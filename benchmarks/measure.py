"""Running a command and reading what it cost, and a sandbox to run it against."""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Cost:
    """What one process cost: seconds of wall clock and CPU, peak memory in MiB, its exit code and its last words."""

    wall: float
    cpu: float
    mib: float
    code: int
    stderr: str


def run(command: Sequence[str | Path], *, stdin: Path | None = None, stdout: Path | None = None, env: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end and return its cost, read from the operating system's own account of that process."""
    with (
        (stdin.open("rb") if stdin else open(os.devnull, "rb")) as source,  # noqa: PTH123
        (stdout.open("wb") if stdout else open(os.devnull, "wb")) as sink,  # noqa: PTH123
        tempfile.TemporaryFile() as words,
    ):
        started = time.monotonic()
        process = subprocess.Popen([str(part) for part in command], stdin=source, stdout=sink, stderr=words, env={**os.environ, **(env or {})})
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        words.seek(0)
        said = words.read().decode("utf-8", "replace")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode, said)


def must(cost: Cost) -> Cost:
    """The cost, if the command succeeded.

    Raises:
        RuntimeError: With the command's last lines, otherwise.
    """
    if cost.code:
        raise RuntimeError(f"exit code {cost.code}: {cost.stderr[-2000:]}")
    return cost


@dataclass(frozen=True)
class Servers:
    """The two sandbox servers and how to talk to them."""

    afas: str
    lightspeed: str

    def post(self, side: str, path: str, body: object) -> Any:
        """POST to a control path of one side ("afas" or "lightspeed") and return the parsed answer."""
        data = json.dumps(body).encode()
        request = urllib.request.Request(f"{getattr(self, side)}/_sandbox/{path}", data, {"Content-Type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=600) as answer:  # noqa: S310
            return json.loads(answer.read() or b"null")

    def get(self, side: str, path: str) -> Any:
        """GET a control path of one side and return the parsed answer."""
        with urllib.request.urlopen(f"{getattr(self, side)}/_sandbox/{path}", timeout=600) as answer:  # noqa: S310
            return json.loads(answer.read())


@contextlib.contextmanager
def sandbox(seed: str = "small") -> Iterator[Servers]:
    """A fresh sandbox on free ports, stopped at the end."""
    process = subprocess.Popen(
        [BIN / "sandbox", "serve", "--afas-port", "0", "--lightspeed-port", "0", "--seed", seed],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        addresses = re.findall(r"http://127\.0\.0\.1:\d+", line)
        if len(addresses) < 2:
            raise RuntimeError(f"the sandbox did not start: {line!r}")
        yield Servers(*addresses[:2])
    finally:
        process.terminate()
        process.wait(10)


def own_peak_mib() -> float:
    """Peak memory of this very process, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
