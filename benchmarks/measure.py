"""Running a command, or a pipe of them, and reading what each process cost."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Command = Sequence[str | Path]

BIN = Path(sys.executable).parent
"""Where the plugins' commands are."""
LAUNCHER = [sys.executable, "-S", "-E", Path(__file__).with_name("launch.py")]


@dataclass(frozen=True)
class Cost:
    """What one process cost, by the operating system's account of it.

    Attributes:
        wall: Seconds from start to end.
        cpu: Seconds of processor time, user and system.
        mib: Peak of resident memory.
        said: The end of what it wrote to standard error.
    """

    wall: float
    cpu: float
    mib: float
    said: str


def environment() -> dict[str, str]:
    """The environment of a measured process: bytecode may be written, so that every run but the first finds it."""
    hindering = {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
    return {name: value for name, value in os.environ.items() if name not in hindering}


def pipe(commands: Sequence[Command], *, stdin: Path | None = None, stdout: Path | None = None) -> list[Cost]:
    """Run commands as a pipe to their end.

    Args:
        commands: At least one.
        stdin: What the first reads; default: nothing.
        stdout: Where the last writes to; default: nowhere.

    Raises:
        RuntimeError: With its last words, when one did not end with 0.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        source: IO[bytes] | None = stack.enter_context(Path(stdin or os.devnull).open("rb"))
        sink = stack.enter_context(Path(stdout or os.devnull).open("wb"))
        running = []
        for index, command in enumerate(commands):
            words = stack.enter_context((folder / f"{index}.log").open("wb"))
            last = index == len(commands) - 1
            arguments = [str(part) for part in (*LAUNCHER, folder / f"{index}.json", *command)]
            output = sink if last else subprocess.PIPE
            process = subprocess.Popen(arguments, stdin=source, stdout=output, stderr=words, env=environment())
            if source is not None:
                source.close()  # else its writer would not learn that this process has gone
            source = process.stdout
            running.append(process)
        for process in running:
            process.wait()
        return [_cost(command, folder, index) for index, command in enumerate(commands)]


def run(command: Command, *, stdin: Path | None = None, stdout: Path | None = None) -> Cost:
    """Run one command to its end.

    Raises:
        RuntimeError: With its last words, when it did not end with 0.
    """
    return pipe([command], stdin=stdin, stdout=stdout)[0]


def _cost(command: Command, folder: Path, index: int) -> Cost:
    report, log = folder / f"{index}.json", folder / f"{index}.log"
    said = log.read_bytes()[-4_000:].decode("utf-8", "replace")
    if not report.exists():
        raise RuntimeError(f"{Path(command[0]).name} was not started: {said[-1_500:]}")
    seen = json.loads(report.read_text("utf-8"))
    if seen["code"]:
        raise RuntimeError(f"{Path(command[0]).name} ended with {seen['code']}: {said[-1_500:]}")
    return Cost(seen["wall"], seen["cpu"], seen["kib"] / 1024, said)


def lines(file: Path, kind: bytes) -> Iterator[bytes]:
    """The Singer messages of a type, one by one."""
    heads = (b'{"type":"%s"' % kind, b'{"type": "%s"' % kind)
    with file.open("rb") as text:
        for line in text:
            if line.startswith(heads):
                yield line
