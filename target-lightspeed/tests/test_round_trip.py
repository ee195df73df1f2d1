"""Real processes and real HTTP: everything that the tap reads goes back into the shop that it came from."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.box import Box
from sandbox.clock import SandboxClock
from sandbox.lightspeed.service import LightspeedService
from sandbox.testing import served

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("tap_lightspeed")

BIN = Path(sys.executable).parent
LIMITS = {"rate_limits": "100000/100000/100000"}


@pytest.fixture
def shop() -> Iterator[tuple[LightspeedService, dict[str, Any]]]:
    """A served shop, and the settings that both plugins share."""
    service = LightspeedService(SandboxClock(datetime(2026, 11, 2, 9, tzinfo=UTC), frozen=True), "small", LIMITS)
    key, secret = service.credentials()["shop1"]
    with served(Box(service)) as (url,):
        yield service, {"api_key": key, "api_secret": secret, "shop": "shop1", "base_url": url}


def run(
    name: str, config: dict[str, Any], folder: Path, *more: str, given: str = ""
) -> subprocess.CompletedProcess[str]:
    """One plugin from its command line."""
    file = folder / f"{name}.json"
    file.write_text(json.dumps(config))
    command = [str(BIN / name), "--config", str(file), *more]
    return subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=120)


def test_all_that_the_tap_reads_goes_back_without_a_write(
    shop: tuple[LightspeedService, dict[str, Any]], tmp_path: Path
) -> None:
    """Every stream of the tap that is a writable resource: no write, nothing held; the second run makes no call."""
    service, config = shop
    tap = {**config, "start_date": "2020-01-01"}
    catalog = json.loads(run("tap-lightspeed", tap, tmp_path, "--discover").stdout)
    for stream in catalog["streams"]:
        for one in stream["metadata"]:
            if not one["breadcrumb"]:
                one["metadata"]["selected"] = True
    (tmp_path / "catalog.json").write_text(json.dumps(catalog))
    read = run("tap-lightspeed", tap, tmp_path, "--catalog", str(tmp_path / "catalog.json"))
    assert read.returncode == 0, read.stderr[-2000:]
    before = service.books()
    target = {**config, "store": f"sqlite:///{tmp_path}/store.db", "unknown_stream": "ignore"}
    first = run("target-lightspeed", target, tmp_path, given=read.stdout)
    assert first.returncode == 0, first.stderr[-2000:]
    assert not [line for line in first.stderr.splitlines() if "HTTP Request: " in line and "GET" not in line]
    assert "; 0 held" in first.stderr
    assert service.books() == before
    second = run("target-lightspeed", target, tmp_path, given=read.stdout)
    assert second.returncode == 0
    assert "HTTP Request" not in second.stderr
    state = json.loads(second.stdout.splitlines()[-1])["bookmarks"]
    assert state["products"]["held"] == []
