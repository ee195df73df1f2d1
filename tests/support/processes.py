"""The plugins as real processes, as a shell or a scheduler runs them."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.testing import served
from tests.support import settings
from tests.support.environment import BIN
from tests.support.house import merged
from tests.support.plugins import Tap, catalog

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.support.scene import Scene

PATIENCE = 60.0
"""Seconds that a test waits for a process before it gives up."""
ENVIRONMENT = {**os.environ, "NO_COLOR": "1", "PYTHONWARNINGS": "ignore"}


@dataclass
class Done:
    """How a process ended.

    Attributes:
        code: Exit code.
        output: Standard output.
        errors: Standard error.
    """

    code: int
    output: str
    errors: str

    @property
    def line(self) -> str:
        """The one line that says why it ended.

        Raises:
            AssertionError: There is none, or more than one, or a traceback.
        """
        assert "Traceback" not in self.errors, self.errors
        lines = [line for line in self.errors.splitlines() if "ERROR" in line or "Error:" in line or _is_plain(line)]
        assert len(lines) == 1, self.errors
        return lines[0]

    @property
    def states(self) -> list[dict[str, Any]]:
        """Every STATE that a target printed."""
        return [json.loads(line) for line in self.output.splitlines()]


def _is_plain(line: str) -> bool:
    """Whether it is a line of the command line itself, such as for a wrong option."""
    return line.startswith(("tap-lightspeed:", "mapper-commerce:", "target-afas:", "held:"))


def command(name: str, config: Mapping[str, Any] | str, folder: Path, *arguments: str) -> list[str]:
    """The command line of a plugin, with its settings in a file of the folder."""
    file = folder / f"{name}.json"
    file.write_text(config if isinstance(config, str) else json.dumps(config), encoding="utf-8")
    return [str(BIN / name), "--config", str(file), *arguments]


def start(words: list[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start a process whose output and errors are caught."""
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": ENVIRONMENT}
    return subprocess.Popen(words, **{**pipes, **options})


def hand_over(process: subprocess.Popen[bytes], given: bytes) -> None:
    """Give a process all of its standard input."""
    assert process.stdin is not None
    process.stdin.write(given)
    process.stdin.close()
    process.stdin = None


def ended(process: subprocess.Popen[bytes], given: bytes | None = None, patience: float = PATIENCE) -> Done:
    """Wait for the end of a process."""
    try:
        output, errors = process.communicate(given, timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Done(process.returncode, (output or b"").decode(), (errors or b"").decode())


def plugin(
    name: str, config: Mapping[str, Any] | str, folder: Path, *arguments: str, given: bytes | str = b"", **options: Any
) -> Done:
    """Run a plugin to its end.

    Args:
        name: Of its command.
        config: Its settings.
        folder: For its files.
        arguments: More of the command line.
        given: Its standard input.
        options: For the process.
    """
    process = start(command(name, config, folder, *arguments), stdin=subprocess.PIPE, **options)
    return ended(process, given.encode() if isinstance(given, str) else given)


@dataclass
class Plant:
    """Both boxes of a scene behind real sockets, and the plugins' settings for them."""

    scene: Scene
    folder: Path
    tap_config: dict[str, Any]
    target_config: dict[str, Any]

    def tap(self) -> list[str]:
        """Command of the tap, going on from the scene's state, orders alone."""
        chosen = self.folder / "catalog.json"
        made = catalog(Tap(config=settings.tap("2026-01-01T00:00:00Z")), {"orders"})
        chosen.write_text(json.dumps(made), encoding="utf-8")
        files = ["--catalog", str(chosen)]
        if self.scene.state:
            file = self.folder / "state.json"
            file.write_text(json.dumps(self.scene.state), encoding="utf-8")
            files += ["--state", str(file)]
        return command("tap-lightspeed", self.tap_config, self.folder, *files)

    def mapper(self) -> list[str]:
        """Command of the mapper."""
        return command("mapper-commerce", self.scene.mapper_config, self.folder)

    def target(self, **changes: Any) -> list[str]:
        """Command of the target."""
        return command("target-afas", {**self.target_config, **changes}, self.folder)

    def keep(self, done: Done) -> None:
        """Save what a target printed, as Meltano does: what stands there in whole lines."""
        for line in done.output.splitlines():
            self.scene.state = merged(self.scene.state, json.loads(line))


@contextmanager
def plant(scene: Scene, folder: Path) -> Iterator[Plant]:
    """Serve a scene's boxes on this machine."""
    with served(scene.shop, scene.afas) as (shop, afas):
        tap = {**scene.tap_config, "base_url": shop}
        yield Plant(scene, folder, tap, {**scene.target_config, "base_url": f"{afas}/ProfitRestServices"})
