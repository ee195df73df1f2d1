"""A run that ends well before its input does: which STATE goes out, and what is left for the next one."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

import upsert.store
from upsert.errors import Outage
from upsert.model import SourceKey
from upsert.singer.progress import Progress
from upsert.store import State, Store, StoredRow
from upsert.testing import START

if TYPE_CHECKING:
    from collections.abc import Sequence

PLUGIN = Path(__file__).with_name("demo_plugin.py")
SPEC = importlib.util.spec_from_file_location("upsert_demo_plugin_early", PLUGIN)
assert SPEC
assert SPEC.loader
demo = importlib.util.module_from_spec(SPEC)
sys.modules[SPEC.name] = demo
SPEC.loader.exec_module(demo)


class SmallSink(demo.DemoSink):  # type: ignore[misc, name-defined]  a module that is loaded by its path
    @property
    def max_size(self) -> int:
        return 2


class Modest(demo.DemoTarget):  # type: ignore[misc, name-defined]  likewise
    """A target for which an outage is the end of its share."""

    default_sink_class = SmallSink
    checkpoint_seconds: ClassVar[float] = 1e9
    ends = 0
    fails_at_end = False

    def enough(self, error: Exception) -> str:
        return f"its share is used: {error}" if isinstance(error, Outage) else ""

    def at_end(self) -> None:
        self.ends += 1
        if self.fails_at_end:
            raise Outage("nothing left")


def messages(*parts: Sequence[str], outage: str = "") -> str:
    """Records in parts, a STATE with the part's number behind each."""
    mark: dict[str, Any] = {"version": 1, "source": "shop.shop1"}
    lines: list[dict[str, Any]] = [
        {"type": "STATE", "value": {"bookmarks": {"orders": {**mark, "held": []}}}},
        {
            "type": "SCHEMA",
            "stream": "orders",
            "schema": {"type": "object", "properties": {"id": {"type": "string"}}},
            "key_properties": ["id"],
        },
    ]
    for number, part in enumerate(parts, 1):
        for key in part:
            record: dict[str, Any] = {"id": key, "_source_stream": "orders", "_source_key": key}
            if key == outage:
                record["do"] = "outage"
            lines.append({"type": "RECORD", "stream": "orders", "record": record})
        lines.append({"type": "STATE", "value": {"bookmarks": {"orders": {**mark, "replication_key_value": number}}}})
    return "".join(f"{json.dumps(line)}\n" for line in lines)


def run(folder: Path, text: str, kind: Any = Modest) -> tuple[list[Any], Any]:
    """Positions of the STATEs of a run, and the target."""
    target = kind(config={"file": str(folder / "rows.jsonl"), "store": f"sqlite:///{folder / 'store.db'}"})
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        target.listen(io.StringIO(text))
    states = [json.loads(line)["value" if '"value"' in line else "bookmarks"] for line in out.getvalue().splitlines()]
    return [one["orders"].get("replication_key_value") for one in states], target


def test_the_last_state_behind_its_work_goes_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches that were loaded whole count, the one that stopped does not, and the rest of the input is read."""
    # With two workers the records of a batch are written at the same time, in any order.
    monkeypatch.setattr(demo.FilePort, "workers", 1)
    text = messages(["a", "b"], ["c", "d"], ["e", "f"], ["g"], outage="e")
    states, target = run(tmp_path, text)
    assert states == [2]
    assert [row["key"] for row in demo.FilePort(tmp_path / "rows.jsonl").rows()][:4] == [
        "orders:a",
        "orders:b",
        "orders:c",
        "orders:d",
    ]
    assert "ended early: its share is used" in caplog.text
    assert "3 records left to the next run" in target.figures()
    assert target.ends == 0


def test_an_early_end_within_the_first_batch_says_what_is_left(tmp_path: Path) -> None:
    """A run that got to nothing had records all the same."""
    _, target = run(tmp_path, messages(["a", "b"], ["c"], outage="a"))
    assert target.figures() == "3 records left to the next run"


def test_the_next_run_does_the_rest(tmp_path: Path) -> None:
    """Nothing is lost by an early end."""
    run(tmp_path, messages(["a", "b"], ["c"], outage="c"))
    states, target = run(tmp_path, messages(["a", "b"], ["c"]))
    assert states == [2]
    assert (target.ended, target.ends) == ("", 1)
    rows = [row["key"] for row in demo.FilePort(tmp_path / "rows.jsonl").rows()]
    assert sorted(rows) == ["orders:a", "orders:b", "orders:c"]


def test_what_comes_last_of_all_may_end_early_too(tmp_path: Path) -> None:
    """When only the work at the end is left undone, the whole STATE is true."""

    class Late(Modest):
        fails_at_end = True

    states, target = run(tmp_path, messages(["a"]), Late)
    assert states == [1]
    assert target.ended


def test_any_other_target_stops(tmp_path: Path) -> None:
    """Without `enough` an outage stays an outage."""
    with pytest.raises(Outage):
        run(tmp_path, messages(["a"], outage="a"), demo.DemoTarget)


@given(st.lists(st.sampled_from(["record", "state", "load"]), max_size=40), st.integers(1, 3))
def test_a_state_is_only_true_when_all_before_it_is_loaded(steps: list[str], sinks: int) -> None:
    """Whatever comes in which order: no record before `done` is still waiting."""
    progress = Progress()
    boxes = [object() for _ in range(sinks)]
    waiting: dict[int, int] = {}
    newest = 0
    behind: dict[int, set[int]] = {}
    for number, step in enumerate(steps):
        box = number % sinks
        if step == "record":
            progress.take(boxes[box])
            waiting[box] = waiting.get(box, 0) + 1
        elif step == "load":
            progress.load(boxes[box])
            for open_sinks in behind.values():
                open_sinks.discard(box)
            waiting.pop(box, None)
        else:
            newest += 1
            behind[newest] = set(waiting)
            progress.state({"n": newest})
        true = [place for place in behind if not any(behind[one] for one in behind if one <= place)]
        assert (progress.done or {"n": 0})["n"] == max(true, default=0)


# -- what a sweep needs of the store ---------------------------------------------------------------------------------


def row(key: str, **changes: Any) -> StoredRow:
    plain = StoredRow("s", "p", key, State.DONE, START, "h", {"a": "1"}, {"id": key}, 0, "run")
    return replace(plain, **changes)


def test_all_that_is_known_of_a_purpose(tmp_path: Path) -> None:
    """In the order of the keys, with the source record of each, and nothing of other purposes or scopes."""
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        source = SourceKey("items", "2/B")
        store.change(None, row("b", source=source))
        store.change(None, row("a"))
        store.change(None, row("c", purpose="q"))
        store.change(None, row("d", scope="t"))
        found = store.known("s", "p")
        assert [(one.key, one.source) for one in found] == [("a", None), ("b", source)]
        changed = store.change(found[1], replace(found[1], content_hash="n"))
        assert changed is not None
        assert store.row("s", "p", "b") == changed


def test_notes_are_kept_and_replaced(tmp_path: Path) -> None:
    """A short text under a name; nothing is an empty text."""
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        assert store.remembered("sweep") == ""
        store.remember("sweep", "1")
        store.remember("sweep", "2")
        assert store.remembered("sweep") == "2"
        assert store.remembered("salt") == ""


def test_a_store_of_an_earlier_release_is_brought_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that were written before sources were kept are read, without one."""
    url = f"sqlite:///{tmp_path}/store.db"
    with monkeypatch.context() as before:
        before.setattr(upsert.store, "MIGRATIONS", upsert.store.MIGRATIONS[:1])
        Store.open(url).close()
    with contextlib.closing(sqlite3.connect(tmp_path / "store.db")) as database:
        database.execute(
            "INSERT INTO documents"
            " VALUES ('s', 'p', 'a', 'done', '2026-11-01T10:00:00Z', 'h', '{}', '{}', '{}', 1, 'r')"
        )
        database.commit()
    with Store.open(url) as store:
        assert [(one.key, one.source) for one in store.known("s", "p")] == [("a", None)]
