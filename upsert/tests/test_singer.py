"""The Singer bases: state behind effect, held lists, exit codes, one line for a person."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import logging
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, ClassVar

import pytest
from singer_sdk.testing import get_target_test_class

from upsert.errors import Aborted, BadInput, Beyond, ConfigurationError, Outage
from upsert.model import SourceKey
from upsert.singer import SafeReader, TargetBase
from upsert.singer import run as run_module
from upsert.store import DecisionKind, Store
from upsert.testing import START, bookmark_before_drain

PLUGIN = Path(__file__).with_name("demo_plugin.py")
SPEC = importlib.util.spec_from_file_location("upsert_demo_plugin", PLUGIN)
assert SPEC
assert SPEC.loader
demo = importlib.util.module_from_spec(SPEC)
sys.modules[SPEC.name] = demo
SPEC.loader.exec_module(demo)

SCHEMA = {
    "type": "SCHEMA",
    "stream": "orders",
    "schema": {"type": "object", "properties": {"id": {"type": "string"}, "do": {"type": ["string", "null"]}}},
    "key_properties": ["id"],
}


def record(key: str, **fields: Any) -> dict[str, Any]:
    protocol = {"_source_stream": "orders", "_source_key": key}
    return {"type": "RECORD", "stream": "orders", "record": {"id": key, **protocol, **fields}}


def state(value: str | None = None, held: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    bookmark: dict[str, Any] = {"version": 1, "source": "shop.shop1", **more}
    if value:
        bookmark["replication_key_value"] = value
    if held is not None:
        bookmark["held"] = held
    return {"type": "STATE", "value": {"bookmarks": {"orders": bookmark}}}


def held_entry(key: str, **fields: Any) -> dict[str, Any]:
    times = {"first": "2026-11-01T10:00:00Z", "next": "2026-11-01T10:00:00Z"}
    return {"key": key, "reason": "unknown_item", "subject": "SKU-9", "attempts": 2, **times, **fields}


def old_store(folder: Path) -> str:
    """URL of a store that has been there since before the first bookmark."""
    url = f"sqlite:///{folder / 'store.db'}"
    with Store.open(url) as store:
        store.birth(START, beside_bookmark=False, flow="shop.shop1 orders")
    return url


class Run:
    """One run of the target in this process, and what it left."""

    def __init__(
        self, folder: Path, *messages: Any, kind: Any = demo.DemoTarget, lost_store: bool = False, **config: Any
    ) -> None:
        self.file = folder / "rows.jsonl"
        settings = {"file": str(self.file), "store": old_store(folder), **config}
        if lost_store:
            (folder / "store.db").unlink()
        self.target = kind(config=settings)
        lines = [message if isinstance(message, str) else json.dumps(message) for message in messages]
        self.error: BaseException | None = None
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            try:
                self.target.listen(io.StringIO("".join(f"{line}\n" for line in lines)))
            except Exception as error:  # noqa: BLE001 - the test looks at it
                self.error = error
        self.states = [json.loads(line) for line in out.getvalue().splitlines()]

    @property
    def rows(self) -> list[str]:
        return [row["key"] for row in demo.FilePort(self.file).rows()]

    @property
    def held(self) -> list[str]:
        return [entry["key"] for entry in self.states[-1]["bookmarks"]["orders"]["held"]]


def test_records_arrive_and_the_state_follows(tmp_path: Path) -> None:
    """The last STATE has our held list and everything else as the tap sent it."""
    run = Run(tmp_path, state(held=[]), SCHEMA, record("1"), state("t1", [], seen=[["1", "t1"]]))
    assert run.error is None
    assert run.rows == ["orders:1"]
    assert run.states[-1] == state("t1", [], seen=[["1", "t1"]])["value"]


def test_one_bad_record_is_held_and_the_others_go_on(tmp_path: Path) -> None:
    """The bookmark passes it, because its key stands in the same message."""
    run = Run(tmp_path, state(held=[]), SCHEMA, record("1"), record("2", do="reject"), record("3"), state("t3", []))
    assert run.rows == ["orders:1", "orders:3"]
    (entry,) = run.states[-1]["bookmarks"]["orders"]["held"]
    assert (entry["key"], entry["reason"], entry["subject"], entry["attempts"]) == ("2", "unknown_item", "SKU-9", 1)
    assert run.states[-1]["bookmarks"]["orders"]["replication_key_value"] == "t3"


def test_a_held_record_that_succeeds_leaves_the_list(tmp_path: Path) -> None:
    """So do those that are gone; one that fails again stays with one more attempt; the tap's own list is replaced."""
    held = [held_entry("1"), held_entry("2"), held_entry("3"), held_entry("4")]
    run = Run(
        tmp_path,
        state("t0", held),
        SCHEMA,
        record("1"),
        record("2", _gone=True),
        record("3", do="reject"),
        state("t1", held),
    )
    assert run.held == ["3", "4"]
    assert [entry["attempts"] for entry in run.states[-1]["bookmarks"]["orders"]["held"]] == [3, 2]


@pytest.mark.parametrize(
    ("fields", "reason", "subject"),
    [
        ({"_error": "unknown_country: billing.country"}, "unknown_country", "billing.country"),
        ({"_error": "broken"}, "broken", ""),
        ({"do": "invalid"}, "invalid", ""),
    ],
)
def test_what_can_t_be_parsed_is_held(tmp_path: Path, fields: dict[str, str], reason: str, subject: str) -> None:
    """The mapper's errors and our own validation hold that record only."""
    run = Run(tmp_path, state(held=[]), SCHEMA, record("1", **fields), record("2"), state("t", []))
    (entry,) = run.states[-1]["bookmarks"]["orders"]["held"]
    assert (entry["reason"], entry["subject"]) == (reason, subject)
    assert run.rows == ["orders:2"]


def test_the_newest_version_of_a_record_decides(tmp_path: Path) -> None:
    """A bad version after a good one is held; a good one after a bad one isn't, also within one batch (X14)."""
    bad, good = record("1", _error="broken"), record("1")
    assert Run(tmp_path, state(held=[]), SCHEMA, good, bad, state("t", [])).held == ["1"]
    assert Run(tmp_path, state(held=[]), SCHEMA, bad, good, state("t", [])).held == []


def test_without_the_protocol_the_first_failure_stops_the_run(tmp_path: Path) -> None:
    """Nobody would remember it, so the bookmark must not pass it; also with on_error: abort."""
    run = Run(tmp_path, state("t0"), SCHEMA, record("1", do="reject"), state("t1"))
    assert isinstance(run.error, Aborted)
    assert run.error.exit_code == 1
    assert "orders 1 can't be loaded: unknown_item SKU-9" in str(run.error)
    assert "t1" not in json.dumps(run.states)
    run = Run(tmp_path, state(held=[]), SCHEMA, record("1", do="reject"), on_error="abort")
    assert isinstance(run.error, Aborted)


def test_an_outage_emits_no_state_for_what_is_not_loaded(tmp_path: Path) -> None:
    """The bookmark stays where its effect is (R3)."""
    run = Run(
        tmp_path, state("t0", []), SCHEMA, record("1"), state("t1", []), record("2", do="outage"), state("t2", [])
    )
    assert isinstance(run.error, Outage)
    assert run.states[-1]["bookmarks"]["orders"]["replication_key_value"] == "t1"
    mutant = bookmark_before_drain(demo.DemoTarget)
    run = Run(tmp_path, state("t0", []), SCHEMA, record("3", do="outage"), state("t3", []), kind=mutant)
    assert run.states[-1]["bookmarks"]["orders"]["replication_key_value"] == "t3", "the mutant loses it"


def test_checkpoints_are_throttled_by_time(tmp_path: Path) -> None:
    """Not every STATE drains: batches stay large, and the last STATE goes out at the end."""

    class Slow(demo.DemoTarget):
        checkpoint_seconds = 3600.0

    messages = [message for n in range(5) for message in (record(str(n)), state(f"t{n}", []))]
    run = Run(tmp_path, state(held=[]), SCHEMA, *messages, kind=Slow)
    assert len(run.states) == 1
    assert len(run.rows) == 5


def test_more_than_hold_limit_new_holds_are_an_outage(tmp_path: Path) -> None:
    """A wrong setting does not become a heap of held records."""
    bad = [record(str(n), do="reject") for n in range(4)]
    run = Run(tmp_path, state(held=[]), SCHEMA, *bad, state("t", []), hold_limit=3)
    assert isinstance(run.error, Outage)
    assert "unknown_item" in str(run.error)
    assert "replication_key_value" not in json.dumps(run.states)


class Patient(demo.DemoTarget):
    """One whose `unknown_item` only waits."""

    def waits(self, reason: str) -> bool:
        return reason == "unknown_item"


def test_records_that_wait_stop_nothing_and_are_summed_up_apart(tmp_path: Path) -> None:
    """Kept and read again like any held one; neither an outage nor a fault."""
    waiting = [record(str(n), do="reject") for n in range(4)]
    broken = record("9", _error="broken: field")
    run = Run(tmp_path, state(held=[]), SCHEMA, *waiting, broken, state("t", []), kind=Patient, hold_limit=3)
    assert run.error is None
    assert run.held == ["0", "1", "2", "3", "9"]
    line = run.target.summary()
    assert line == ("orders: 1 held, 4 waiting; 1 held: broken field (orders 9); 4 wait: unknown_item; 2 calls")


# -- plan mode --------------------------------------------------------------------------------------------------------


def test_a_plan_writes_nothing_and_emits_no_state(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither rows, nor the store, nor a bookmark, nor a held list; the log says what would be done (N8)."""
    Run(tmp_path, state(held=[]), SCHEMA, record("1"), state("t1", []))
    before = (tmp_path / "rows.jsonl").read_bytes(), stored(tmp_path)
    with caplog.at_level(logging.INFO, "target-demo"):
        run = Run(
            tmp_path,
            state("t1", [held_entry("7")]),
            SCHEMA,
            record("1"),
            record("2"),
            record("3", _error="broken"),
            state("t2", []),
            mode="plan",
        )
    assert run.error is None
    assert run.states == []
    assert ((tmp_path / "rows.jsonl").read_bytes(), stored(tmp_path)) == before
    lines = [message for message in caplog.messages if message.startswith("plan:")]
    assert lines == [
        "plan: what        record    field  now  then",
        "plan: create row  orders:2",
        "plan: would be held: 1 broken",
        (
            "plan: 1 would be created and 0 changed: 0 values, 1 calls to write, 0 mails to customers; nothing was "
            "written and no state goes out"
        ),
    ]


def stored(folder: Path) -> list[Any]:
    """What stands in the store."""
    with Store.open(f"sqlite:///{folder / 'store.db'}") as store, store._db.transaction():
        tables = ("meta", "documents", "outcomes", "decisions")
        return [store._db.query(f"SELECT * FROM {name}") for name in tables]  # noqa: S608


def test_a_plan_makes_no_store_and_can_go_into_a_file(tmp_path: Path) -> None:
    """A first look at a new target leaves nothing behind but the file that was asked for."""

    class Plain(demo.DemoTarget):
        open_store = TargetBase.open_store

    (tmp_path / "new").mkdir()
    url, path = f"sqlite:///{tmp_path / 'new' / 'store.db'}", tmp_path / "plan.jsonl"
    run = Run(tmp_path, SCHEMA, record("1"), kind=Plain, store=url, mode="plan", plan_file=str(path))
    assert run.error is None
    assert list((tmp_path / "new").iterdir()) == []
    assert [json.loads(line).get("key") for line in path.read_text().splitlines()] == ["orders:1", None]


def test_a_sink_that_spools_sees_all_before_the_first_is_loaded(tmp_path: Path) -> None:
    """Then they come in batches; no STATE goes out before, and when it says no nothing is loaded."""
    seen: list[tuple[str, int]] = []

    class Sink(demo.DemoSink):
        spools = True

        def look(self, records: Any) -> None:
            seen.append(("look", len(list(records))))
            if len(list(records)) > 4:
                raise Beyond("too many")

        def load(self, batch: Any) -> Any:
            seen.append(("load", len(batch)))
            return super().load(batch)

    class Spooling(demo.DemoTarget):
        default_sink_class = Sink

    def run(number: int) -> Run:
        lines = [line for n in range(number) for line in (record(str(n)), state(f"t{n}", []))]
        return Run(tmp_path, state(held=[]), SCHEMA, *lines, kind=Spooling, batch_size_rows=3)

    stopped = run(5)
    assert isinstance(stopped.error, Beyond)
    assert (seen, stopped.rows) == ([("look", 5)], [])
    seen.clear()
    done = run(4)
    assert done.error is None
    assert (seen, len(done.rows)) == ([("look", 4), ("load", 3), ("load", 1)], 4)
    marks = [one["bookmarks"]["orders"].get("replication_key_value") for one in done.states]
    assert marks == [None, "t2", "t3", "t3"]
    assert "t0" not in json.dumps(stopped.states)


def test_a_run_that_spools_and_dies_is_taken_up_behind_its_last_part(tmp_path: Path) -> None:
    """What is loaded is in the STATE, held records too, so a long run need not begin again."""

    class Sink(demo.DemoSink):
        spools = True

    class Spooling(demo.DemoTarget):
        default_sink_class = Sink
        checkpoint_seconds = 0.0

    def mark(number: int) -> dict[str, Any]:
        return state(f"t{number:02}", [])

    lines = [record("0"), mark(0), record("1", _error="broken"), mark(1), record("2"), mark(2), record("3"), mark(3)]
    lines += [record("4"), mark(4), record("5", do="outage"), mark(5)]
    died = Run(tmp_path, state(held=[]), SCHEMA, *lines, kind=Spooling, batch_size_rows=2)
    assert died.error is not None
    last = died.states[-1]["bookmarks"]["orders"]
    assert last["replication_key_value"] == "t04"
    assert [entry["key"] for entry in last["held"]] == ["1"]
    assert sorted(died.rows) == [f"orders:{n}" for n in (0, 2, 3, 4)]


def test_limits_stop_a_run_and_are_told_in_a_plan(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A run that would do too much exits 2 before its first write; a plan says so beside what it lists."""

    class Sink(demo.DemoSink):
        def load(self, batch: Any) -> Any:
            self.target.within(too_much, len(batch))
            return super().load(batch)

    def too_much(number: int) -> None:
        raise Beyond(f"{number} items", token="abc")

    class Limited(demo.DemoTarget):
        default_sink_class = Sink

    run = Run(tmp_path, state(held=[]), SCHEMA, record("1"), state("t", []), kind=Limited)
    assert isinstance(run.error, Beyond)
    assert (run.error.exit_code, run.rows) == (2, [])
    assert "replication_key_value" not in json.dumps(run.states)
    with caplog.at_level(logging.INFO, "target-demo"):
        run = Run(tmp_path, state(held=[]), SCHEMA, record("1"), state("t", []), kind=Limited, mode="plan")
    assert run.error is None
    assert "plan: this run would stop: 1 items" in caplog.messages
    assert "plan: create row  orders:1" in caplog.messages


def test_a_person_s_decisions_are_read_at_the_start(tmp_path: Path) -> None:
    """Skip drops it from the list, retry makes it due now, and a retry counts once."""
    late = held_entry("1", next="2999-01-01T00:00:00Z"), held_entry("2", next="2999-01-01T00:00:00Z")
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as store:
        store.decide("shop.shop1", SourceKey("orders", "1"), DecisionKind.SKIP, who="ann", at=START)
        store.decide("shop.shop1", SourceKey("orders", "2"), DecisionKind.RETRY, who="ann", at=START)
        store.decide("shop.shop2", SourceKey("orders", "2"), DecisionKind.SKIP, who="ann", at=START)
    run = Run(tmp_path, state("t", list(late)), SCHEMA, state("t1", list(late)))
    (entry,) = run.states[-1]["bookmarks"]["orders"]["held"]
    assert entry["key"] == "2"
    assert entry["next"] < "2999"
    run = Run(tmp_path, {"type": "STATE", "value": run.states[-1]}, SCHEMA, record("1"), record("2"))
    assert run.rows == ["orders:2"]
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as store:
        assert [decision.kind for decision in store.decisions("shop.shop1").values()] == [DecisionKind.SKIP]


def test_the_last_line_names_what_is_held(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Figures, held records with reason and key, calls: one short line (R6)."""
    with caplog.at_level(logging.INFO, "target-demo"):
        run = Run(tmp_path, state(held=[]), SCHEMA, record("1"), record("2", do="reject"), state("t", []))
    line = run.target.summary()
    assert line == "orders: 1 created, 1 held; 1 held: unknown_item SKU-9 (orders 2); 2 calls"
    assert caplog.messages[-1] == f"done: {line}"


def test_a_lost_store_beside_a_bookmark_delays_new_documents(tmp_path: Path) -> None:
    """The target tells the kernel whether the run began with a bookmark."""
    run = Run(tmp_path, state("t0", []), SCHEMA, record("1"), state("t1", []), lost_store=True)
    assert run.states[-1]["bookmarks"]["orders"]["held"][0]["reason"] == "new_store"
    assert run.rows == []


def test_a_quiet_first_run_is_the_beginning_of_a_store(tmp_path: Path) -> None:
    """A new flow that first finds nothing is not taken for one that lost its store when the first record comes."""
    new = f"sqlite:///{tmp_path / 'new.db'}"
    Run(tmp_path, state(held=[]), SCHEMA, state("t0", []), store=new)
    run = Run(tmp_path, state("t0", []), SCHEMA, record("1"), state("t1", []), store=new)
    assert len(run.rows) == 1


def test_a_first_state_after_records_is_no_bookmark_of_an_earlier_run(tmp_path: Path) -> None:
    """A foreign tap says only how far this run has come; a new store beside it has lost nothing."""
    late = {"type": "STATE", "value": {"bookmarks": {"orders": {"replication_key_value": "t1"}}}}
    run = Run(tmp_path, SCHEMA, record("1"), late, store=f"sqlite:///{tmp_path / 'new.db'}")
    assert run.error is None
    assert len(run.rows) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"type": "RECORD", "stream": "orders", "record": {"name": "Jansen"', "input line 3: not JSON"),
        ('["Jansen"]', "input line 3: not a Singer message (no object)"),
        ('{"stream": "Jansen"}', "input line 3: the message has no type"),
        ('{"type": "Jansen"}', "input line 3: message type that isn't one is unknown"),
        ('{"type": "RECORD", "stream": "orders"}', "input line 3: the message has no record"),
        ('{"type": "STATE", "value": 1}', "input line 3: the value of a STATE message is not an object"),
    ],
)
def test_a_malformed_line_is_named_by_number_never_by_content(tmp_path: Path, line: str, said: str) -> None:
    """One clear line, exit 2, and nothing of the content, which may be personal."""
    run = Run(tmp_path, state(held=[]), SCHEMA, line)
    assert isinstance(run.error, BadInput)
    assert str(run.error).startswith(said)
    assert "Jansen" not in str(run.error)
    assert run.error.exit_code == 2


def test_a_cut_off_last_line_says_so(tmp_path: Path) -> None:
    """The plugin before us died while it wrote."""
    with pytest.raises(BadInput, match=r"input line 1: .* cut off"):
        SafeReader().process_lines(io.BytesIO(b'{"type": "REC'), {})


def test_numbers_stay_exact(tmp_path: Path) -> None:
    """Money never becomes a float on the way in."""
    from decimal import Decimal

    message = SafeReader().deserialize_json(b'{"price": 0.10, "big": 12345678901234567890.12, "n": 3}')
    assert message == {"price": Decimal("0.10"), "big": Decimal("12345678901234567890.12"), "n": 3}


# -- as a process -----------------------------------------------------------------------------------------------------


def process(what: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PLUGIN), what, *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"file": str(tmp_path / "rows"), "store": old_store(tmp_path)}))
    return str(path)


def text(*messages: Any) -> str:
    return "".join(json.dumps(message) + "\n" for message in messages)


@pytest.mark.parametrize(
    ("do", "code", "said"), [("reject", 0, "unknown_item"), ("outage", 3, "maintenance"), ("bug", 4, "KeyError")]
)
def test_exit_codes(config: str, do: str, code: int, said: str) -> None:
    """0 done with held records, 3 the other side, 4 a defect; the last line says which, without a traceback."""
    done = process("target", "--config", config, stdin=text(state(held=[]), SCHEMA, record("1", do=do)))
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == code, done.stderr
    assert said in last
    assert "Traceback" not in done.stderr
    assert "Jansen" not in done.stderr


def test_exit_2_for_settings_names_them_without_their_values(tmp_path: Path) -> None:
    """A secret of the wrong type does not end in the log."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"token": 123456}))
    done = process("target", "--config", str(path))
    assert done.returncode == 2
    last = done.stderr.strip().splitlines()[-1]
    assert "`file` is missing" in last
    assert "`token` does not fit: type string" in last
    assert "123456" not in done.stderr


def test_exit_2_for_a_malformed_line_and_bad_usage(config: str) -> None:
    """Both are for a person to mend."""
    done = process("target", "--config", config, stdin="Jansen\n")
    assert done.returncode == 2
    assert "Jansen" not in done.stderr
    assert process("target", "--nonsense").returncode == 2


def test_sigterm_inside_a_batch_exits_143_with_a_true_state(config: str) -> None:
    """Nothing is drained or emitted by the handler: the state before the batch stands (X23)."""
    lines = text(
        state("t0", []), SCHEMA, record("1"), state("t1", []), record("2", do="sigterm"), record("3"), state("t3", [])
    )
    done = process("target", "--config", config, stdin=lines)
    assert done.returncode == 143, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["bookmarks"]["orders"]["replication_key_value"] == "t1"
    assert "stopped by SIGTERM" in done.stderr.strip().splitlines()[-1]


def test_sigterm_does_not_wait_for_a_call_that_hangs(config: str) -> None:
    """The other side may be silent for minutes; a scheduler waits ten seconds (X23)."""
    lines = text(state(held=[]), SCHEMA, record("1"), record("2", do="hang"), record("3", do="sigterm"))
    done = process("target", "--config", config, stdin=lines)
    assert done.returncode == 143, done.stderr


def test_help_and_about_leave_with_0() -> None:
    """Wrapping the command line changes nothing for a person."""
    assert process("target", "--help").returncode == 0
    about = process("target", "--about", "--format=json")
    assert json.loads(about.stdout)["name"] == "target-demo"


# -- the tap's side ---------------------------------------------------------------------------------------------------


def messages(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_tap_s_first_message_is_a_state_with_the_held_list(tmp_path: Path) -> None:
    """Also when it is empty: that tells the target that the protocol is spoken."""
    path = tmp_path / "state.json"
    path.write_text(json.dumps(state("t0", [held_entry("7")])["value"]))
    first = messages(process("tap", "--state", str(path)))[0]
    assert first == state("t0", [held_entry("7")])
    fresh = messages(process("tap"))[0]
    assert fresh["value"]["bookmarks"]["orders"] == {"version": 1, "source": "shop.shop1", "held": []}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ('{"bookmarks": {"orders": {"rep', "half-written"),
        ("[]", "not a JSON object"),
        ('{"singer_state": {}}', "Meltano's own form"),
        ('{"bookmarks": {"orders": 1}}', "not an object of objects"),
        ('{"bookmarks": {"orders": {"source": "shop.shop2"}}}', "belongs to shop.shop2"),
        ('{"bookmarks": {"orders": {"version": 9}}}', "version 9"),
    ],
)
def test_a_state_that_can_t_be_right_is_refused(tmp_path: Path, content: str, said: str) -> None:
    """Exit 2 and a way out; never a silent full read (X25)."""
    path = tmp_path / "state.json"
    path.write_text(content)
    done = process("tap", "--state", str(path))
    assert done.returncode == 2
    assert said in done.stderr.strip().splitlines()[-1]
    assert not [message for message in messages(done) if message["type"] == "RECORD"]


def test_a_tap_does_not_import_the_store() -> None:
    """Start-up is paid at every run: no database driver, no kernel."""
    code = (
        "import sys, upsert.singer as s; s.TapMixin, s.run_plugin; "
        "print([m for m in ('sqlite3', 'psycopg', 'upsert.store', 'upsert.kernel') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- errors to exit codes ---------------------------------------------------------------------------------------------


class ClientError(Exception):
    exit_code = 2


class ForeignError(Exception):
    pass


def test_classify_knows_our_own_and_asks_for_the_rest() -> None:
    """Our tree decides by itself, a client's error by its exit_code or by the plugin's explanation."""
    assert run_module.classify(ConfigurationError("x"))[0] == 2
    assert run_module.classify(Outage("x", 2))[0] == 2
    assert run_module.classify(ClientError("token refused")) == (2, "token refused")
    told = run_module.classify(
        ForeignError("x"), lambda error: (3, "away") if isinstance(error, ForeignError) else None
    )
    assert told == (3, "away")
    assert run_module.classify(BrokenPipeError())[0] == 3
    code, line = run_module.classify(ValueError("Jansen"))
    assert code == 4
    assert "Jansen" not in line


def test_classify_explains_pydantic_errors_without_values() -> None:
    """Settings are pydantic models: the field and the rule are named."""
    pydantic = pytest.importorskip("pydantic")
    model = pydantic.create_model("Settings", port=(int, ...))
    with pytest.raises(ValueError, match="port") as caught:
        model(port="geheim")
    code, line = run_module.classify(caught.value)
    assert code == 2
    assert "`port`" in line
    assert "geheim" not in line


# -- the SDK's own suite ----------------------------------------------------------------------------------------------


class Lenient(demo.DemoTarget):
    """What the suite sends has foreign stream names and no protocol."""

    config_jsonschema: ClassVar[dict[str, Any]] = {
        "type": "object",
        "properties": {"file": {"type": "string"}, "store": {"type": "string"}},
    }


Suite = get_target_test_class(Lenient, config={"file": str(Path(tempfile.mkdtemp()) / "rows"), "store": "sqlite://"})


class TestSdkSuite(Suite):  # type: ignore[misc,valid-type]
    """The SDK's standard target tests on our bases."""
