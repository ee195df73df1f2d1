"""What a run leaves to more important ones, and how it ends when its own part is used."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from target_lightspeed_world import START, World

from sandbox.box import Box
from sandbox.clock import SandboxClock
from sandbox.lightspeed.service import LightspeedService
from sandbox.testing import served, transport
from target_lightspeed.commerce.planner.priority import LONGEST_WAIT, PRIORITIES, SHARES, above, reserve_of
from target_lightspeed.session import make_client
from target_lightspeed.settings import read_settings
from upsert.errors import Outage

BASE = (30, 100, 400)


def test_the_less_important_leave_more() -> None:
    """Each flow keeps at least as much free as the one above it, and never more than the client can."""
    shares = [reserve_of(name, BASE) for name in PRIORITIES]  # type: ignore[arg-type]  the names of the type
    assert shares[0] == BASE
    for one, other in itertools.pairwise(shares):
        assert all(before <= after for before, after in zip(one, other, strict=True))
    assert all(share <= 0.5 for row in SHARES.values() for share in row)
    assert reserve_of(None, BASE) == BASE
    assert above("content") == "orders, stock and prices"
    assert above("stock") == "orders"


def test_the_setting_reaches_the_client() -> None:
    """A content run keeps half of each hour and day free, and waits for the 5-minute window only."""
    settings = read_settings({"api_key": "k", "api_secret": "s", "priority": "content"})
    with make_client(settings) as client:
        assert (client._reserve, client._longest_wait) == ((90, 1500, 6000), LONGEST_WAIT)
    plain = read_settings({"api_key": "k", "api_secret": "s"})
    with make_client(plain) as client:
        assert (client._reserve, client._longest_wait) == (BASE, 3_700)


def brands(*parts: range) -> str:
    """Records in parts, a STATE after each."""
    mark = {"version": 1, "source": "csv.shop1", "replication_key": "n"}
    lines: list[dict[str, Any]] = [
        {"type": "STATE", "value": {"bookmarks": {"brands": {**mark, "held": []}}}},
        {"type": "SCHEMA", "stream": "brands", "schema": {"type": "object", "properties": {}}, "key_properties": []},
    ]
    for part in parts:
        for n in part:
            record = {"title": f"Merk {n}", "_source_stream": "brands", "_source_key": str(n)}
            lines.append({"type": "RECORD", "stream": "brands", "record": record})
        lines.append(
            {"type": "STATE", "value": {"bookmarks": {"brands": {**mark, "replication_key_value": part.stop}}}}
        )
    return "".join(f"{json.dumps(line)}\n" for line in lines)


def spender(tmp_path: Path) -> World:
    """A shop with 60 calls an hour, of which a content run may use half."""
    world = World(tmp_path, switches={"rate_limits": "300/60/12000"}, priority="content", batch_size_rows=10)
    world.client = world.make_client(reserve=reserve_of("content", BASE), longest_wait=LONGEST_WAIT)
    return world


def test_a_run_whose_part_is_used_ends_well(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What was done stands in the STATE, the rest is read and left, and the next hour's runs finish it."""
    world = spender(tmp_path)
    text = brands(range(15), range(15, 60), range(60, 62))
    before = len(world.rows("brands"))
    world.clock.advance(3600)
    bookmark = world.run(text)["brands"]
    assert bookmark["replication_key_value"] == 15
    assert bookmark["held"] == []
    made = len(world.rows("brands")) - before
    assert 15 <= made < 32
    assert "ended early" in caplog.text
    assert "orders, stock and prices" in caplog.text
    for _ in range(2):
        world.clock.advance(3600)
        bookmark = world.run(text)["brands"]
    assert bookmark["replication_key_value"] == 62
    assert len(world.rows("brands")) - before == 62
    assert world.target is not None
    assert not world.target.ended


def test_without_a_state_behind_its_work_none_goes_out(tmp_path: Path) -> None:
    """A STATE behind which something is not loaded is not emitted, so nothing is lost."""
    world = spender(tmp_path)
    world.clock.advance(3600)
    bookmark = world.run(brands(range(60)))["brands"]
    assert "replication_key_value" not in bookmark


def test_without_a_priority_a_spent_budget_is_an_outage(tmp_path: Path) -> None:
    """The clean early end is only for runs that were told to be less important."""
    world = spender(tmp_path)
    world.clock.advance(3600)
    with pytest.raises(Outage, match="Run again then"):
        world.run(brands(range(60)), priority=None)


def test_the_more_important_flows_go_on_when_calls_run_short(tmp_path: Path) -> None:
    """Content stops first, then prices, then stock; orders may use what the settings leave (the shop's own count)."""
    world = World(tmp_path, switches={"rate_limits": "12000/3000/12000"})
    key = (world.config["api_key"], world.config["api_secret"])
    other = httpx.Client(transport=transport(world.box), base_url="http://localhost", auth=key)
    written: list[list[str]] = []
    for left in (1_600, 1_400, 700, 250):
        while int(other.get("/nl/account.json").headers["X-RateLimit-Remaining"].split("/")[1]) > left:
            pass
        able = []
        for number, priority in enumerate(PRIORITIES):
            chosen: Any = priority
            world.client = world.make_client(reserve=reserve_of(chosen, BASE), longest_wait=LONGEST_WAIT)
            title = len(written) * 10 + number
            state = world.run(brands(range(title, title + 1)), priority=priority)["brands"]
            able += [priority] * ("replication_key_value" in state)
        written.append(able)
    assert written == [[*PRIORITIES], [*PRIORITIES[:3]], [*PRIORITIES[:2]], ["orders"]]


def test_a_process_that_ends_early_reads_to_the_end(tmp_path: Path) -> None:
    """Exit code 0, the true STATE, one line; and the program before it doesn't find its output closed."""
    service = LightspeedService(SandboxClock(START, frozen=True), "small", {"rate_limits": "300/60/12000"})
    key, secret = service.credentials()["shop1"]
    (tmp_path / "input").write_text(brands(range(5), range(5, 1_500)))
    with served(Box(service)) as (url,):
        config = {"api_key": key, "api_secret": secret, "base_url": url, "store": f"sqlite:///{tmp_path}/store.db"}
        (tmp_path / "config").write_text(json.dumps({**config, "priority": "content", "batch_size_rows": 10}))
        program = Path(sys.executable).parent / "target-lightspeed"
        ended = subprocess.run(
            ["bash", "-o", "pipefail", "-c", f"cat input | {program} --config config"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert ended.returncode == 0, ended.stderr[-2000:]
    states = [json.loads(line)["bookmarks"]["brands"] for line in ended.stdout.splitlines()]
    assert states[-1]["replication_key_value"] == 5
    assert "ended early: 30 of 60 calls" in ended.stderr
    assert "Traceback" not in ended.stderr
