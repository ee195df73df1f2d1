"""Looking ahead: plan mode and previews say what a run would do, and do nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from upsert.kernel import Kernel
from upsert.model import Change, Document, Outcome, SourceKey
from upsert.plans import Planned, Plans, ReadOnly
from upsert.singer import plan as shown
from upsert.store import DecisionKind, Store
from upsert.testing import START, FakePort, FakeSystem, VirtualClock, document

if TYPE_CHECKING:
    from pathlib import Path

Make = Callable[..., Kernel]
FIELDS = st.dictionaries(st.sampled_from(["total", "note", "unmapped"]), st.sampled_from("123"), min_size=1)
BATCHES = st.lists(st.tuples(st.sampled_from("abcdef"), FIELDS), min_size=1, max_size=8)


def contents(store: Store) -> list[list[Any]]:
    """All that stands in a store."""
    with store._db.transaction():
        return [store._db.query(f"SELECT * FROM {one}") for one in ("documents", "outcomes", "decisions")]  # noqa: S608


def standing(system: FakeSystem) -> dict[str, dict[str, str]]:
    return {row.key: dict(row.fields) for row in system.rows}


def make_documents(port: FakePort, batch: list[tuple[str, dict[str, str]]]) -> list[Document[dict[str, str]]]:
    return [document(port.hasher, key, **fields) for key, fields in batch]


def said(outcome: Outcome) -> tuple[str, str]:
    """What became of a document, in the words of a plan: what is taken over is not written."""
    if outcome.action in {"created", "updated", "planned"}:
        return "planned", ""
    if outcome.action == "adopted" or outcome.reason == "unchanged":
        return "skipped", ""
    return outcome.action, outcome.reason


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=BATCHES,
    faults=st.lists(
        st.sampled_from(["ok", "ok", "rejected", "busy", "lost", "done", "late:5", "late:600"]), max_size=4
    ),
    edits=st.lists(st.tuples(st.sampled_from("abcdef"), FIELDS), max_size=3),
    seconds=st.sampled_from([0, 60, 931]),
    second=BATCHES,
)
def test_a_plan_lists_exactly_what_a_run_then_writes(
    first: Any, faults: list[str], edits: Any, seconds: int, second: Any
) -> None:
    """After any earlier run, lost answers and edits in the target: the same values, holds and calls (N8)."""
    with Store.open("sqlite://") as store:
        system = FakeSystem()
        port = FakePort(system, store.hasher)

        def kernel(plans: Plans | None = None) -> Kernel:
            return Kernel(store, run_id="run", clock=VirtualClock(), plans=plans)

        system.faults.extend(faults)
        kernel().run(port, make_documents(port, first))
        system.faults.clear()
        system.clock.sleep(seconds)
        system.settle()
        for key, fields in edits:
            for row in system.find(f"shop.shop1:{key}"):
                row.fields.update(fields)
        before, stored = copy.deepcopy(standing(system)), contents(store)
        plans = Plans()
        planned = kernel(plans).run(port, make_documents(port, second))
        previewed = kernel().preview(port, make_documents(port, second))
        assert [(one.action, one.reason, one.changes) for one in planned] == [
            (one.action, one.reason, one.changes) for one in previewed
        ]
        assert standing(system) == before, "a plan writes nothing"
        assert contents(store) == stored, "a plan leaves the store alone"

        writes = len([call for call in system.calls if call[0] in {"create", "update"}])
        done = kernel().run(port, make_documents(port, second))
        after = standing(system)
        listed = {(one.key, change.field, change.old, change.new) for one in plans for change in one.changes}
        changed = {
            (key, name, before.get(key, {}).get(name), value)
            for key, fields in after.items()
            for name, value in fields.items()
            if before.get(key, {}).get(name) != value
        }
        assert listed == changed
        assert plans.calls == len([call for call in system.calls if call[0] in {"create", "update"}]) - writes
        assert [said(one) for one in planned] == [said(one) for one in done]
        again = Plans()
        kernel(again).run(port, make_documents(port, second))
        assert len(again) == 0, "a second plan lists nothing"


def test_a_plan_uses_up_no_decision(kernel: Make, port: FakePort, system: FakeSystem, store: Store) -> None:
    """What a person released is planned, and released still when the run comes."""
    kernel().run(port, make_documents(port, [("1", {"total": "1"})]))
    system.rows[0].fields["total"] = "99"
    store.decide("", SourceKey("orders", "1"), DecisionKind.RELEASE, who="ann", at=START)
    plans = Plans()
    kernel(plans=plans).run(port, make_documents(port, [("1", {"total": "2"})]))
    assert [one.changes for one in plans] == [(Change("total", "99", "2"),)]
    assert [one.kind for one in store.decisions("").values()] == [DecisionKind.RELEASE]


def test_later_steps_learn_what_is_planned(kernel: Make, port: FakePort) -> None:
    """By purpose and key, for all kernels of the run of one scope; never outside of plan mode."""
    plans = Plans()
    made = kernel(plans=plans, scope="shop1")
    made.run(port, make_documents(port, [("1", {"total": "1"})]))
    planned = kernel(plans=plans, scope="shop1").planned("order", "shop.shop1:1")
    assert planned is not None
    assert (planned.action, planned.source) == ("create", SourceKey("orders", "1"))
    assert kernel(plans=plans, scope="shop2").planned("order", "shop.shop1:1") is None
    assert kernel(scope="shop1").planned("order", "shop.shop1:1") is None


def test_what_is_planned_counts_as_done(kernel: Make, store: Store, system: FakeSystem) -> None:
    """The same document again in one run is not planned twice; ids that stand for it are passed on."""

    class Assuming(FakePort):
        def assume(self, document: Any, plan: Any) -> dict[str, str]:
            return {"number": f"new {document.source.key}"}

    port, plans = Assuming(system, store.hasher), Plans()
    made = kernel(plans=plans)
    (first,) = made.run(port, make_documents(port, [("1", {"total": "1"})]))
    (second,) = made.run(port, make_documents(port, [("1", {"total": "1"})]))
    assert (first.action, dict(first.ids)) == ("planned", {"number": "new 1"})
    assert (second.action, second.reason, dict(second.ids)) == ("skipped", "unchanged", {"number": "new 1"})
    assert (len(plans), plans.calls) == (1, 1)


def test_two_plans_for_one_document_are_one(kernel: Make, port: FakePort) -> None:
    """The newest value of each field counts, against what stood there at first."""
    plans = Plans()
    for fields in ({"total": "1", "note": "a"}, {"total": "2"}):
        kernel(plans=plans).run(port, make_documents(port, [("1", fields)]))
    assert [(one.action, one.changes) for one in plans] == [
        ("create", (Change("total", None, "2"), Change("note", None, "a")))
    ]


def test_a_scratch_store_is_apart(store: Store) -> None:
    """The same salt and contents; what is written there is not written here."""
    store.decide("", SourceKey("orders", "1"), DecisionKind.SKIP, who="ann", at=START)
    before = contents(store)
    with store.scratch() as copied:
        assert copied.hasher("x") == store.hasher("x")
        assert contents(copied) == before
        copied.decide("", SourceKey("orders", "2"), DecisionKind.SKIP, who="ann", at=START)
        copied.claim_environment("other")
    assert contents(store) == before
    assert store.environment is None


def test_whether_a_store_exists(tmp_path: Path) -> None:
    """A plan on a store that isn't there makes none."""
    assert not Store.exists(f"sqlite:///{tmp_path}/none.db")
    (tmp_path / "there.db").touch()
    assert Store.exists(f"sqlite:///{tmp_path}/there.db")
    assert Store.exists("postgresql://host/name")


def test_a_client_that_only_reads() -> None:
    """Reads are passed on, writes are a defect."""

    class Client:
        calls = 3

        def get(self) -> str:
            return "row"

        def update(self) -> None:
            raise AssertionError

    client = ReadOnly(Client(), frozenset({"update"}))
    assert (client.get(), client.calls) == ("row", 3)
    with pytest.raises(RuntimeError, match="update would write"):
        client.update()


# -- how it is shown --------------------------------------------------------------------------------------------------


def planned(key: str, *changes: Change, action: Any = "update") -> Planned:
    return Planned("order", key, SourceKey("orders", key), action, changes, {}, "")


def some() -> Plans:
    plans = Plans(calls=2)
    plans.add("shop1", planned("1", Change("total", "10", "11"), Change("note", "x" * 70, None)))
    plans.add("shop1", planned("2", action="create"))
    return plans


def test_the_table_has_a_line_per_value() -> None:
    """Long values are cut, what is taken away is shown as nothing, and the last line sums up."""
    assert list(shown.table(some())) == [
        f"what          record  field  now{' ' * 57}  then",
        f"update order  1       total  10{' ' * 58}  11",
        f"update order  1       note   {'x' * 59}…  -",
        "create order  2",
    ]
    assert list(shown.table(some(), most=1))[-1] == "... and 2 more; set plan_file to have them all"
    assert shown.totals(some()) == (
        "1 would be created and 1 changed: 2 values, 2 calls to write, 0 mails to customers; nothing was written and "
        "no state goes out"
    )


def test_the_file_has_a_json_line_per_value(tmp_path: Path) -> None:
    """And one for the totals at the end."""
    path = tmp_path / "plan.jsonl"
    shown.write(some(), str(path))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    about = {
        "scope": "shop1",
        "purpose": "order",
        "key": "1",
        "stream": "orders",
        "source_key": "1",
        "action": "update",
    }
    assert lines[0] == {**about, "field": "total", "old": "10", "new": "11"}
    assert lines[-1]["totals"]["calls"] == 2
    assert len(lines) == 4
    with pytest.raises(Exception, match="plan_file"):
        shown.write(some(), str(tmp_path))
