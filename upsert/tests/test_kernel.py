"""Example tests of the kernel, one rule each."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from upsert.decide import Step, decide
from upsert.errors import ConfigurationError, Outage, StoreError
from upsert.kernel import Kernel
from upsert.model import Create, Document, Hold, Outcome, Skip, SourceKey, Update
from upsert.store import DecisionKind, State, Store
from upsert.testing import KERNEL_MUTANTS, START, FakePort, FakeSystem, Fields, Killed, document

Make = Callable[..., Kernel]
KEY = "shop.shop1:1"


def run(kernel: Kernel, port: FakePort, *keys: str, **fields: str) -> list[Outcome]:
    fields = fields or {"total": "10.00"}
    return kernel.run(port, [document(port.hasher, key, **fields) for key in keys])


def said(outcomes: list[Outcome]) -> list[str]:
    return [f"{outcome.action}:{outcome.reason}".rstrip(":") for outcome in outcomes]


def prove(kernel: Make, port: FakePort) -> Kernel:
    """A kernel that has seen its own first insert."""
    made = kernel()
    run(made, port, "first")
    return made


def test_a_new_document_is_created_once(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """A second run over the same data makes no call at all."""
    assert said(run(kernel(), port, "1", "2")) == ["created", "created"]
    calls = len(system.calls)
    assert said(run(kernel(), port, "1", "2")) == ["skipped:unchanged", "skipped:unchanged"]
    assert len(system.calls) == calls
    assert len(system.rows) == 2


def test_what_is_found_to_be_right_is_remembered_in_one_commit(
    kernel: Make, port: FakePort, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first run over a target that is as it should be commits once, not once per document, and asks no more."""
    port.plan = lambda *_: Skip("unchanged", same=True)  # type: ignore[method-assign]
    port.look_up = lambda documents: {one.key: ["there"] for one in documents}  # type: ignore[method-assign, assignment]
    port.ids = lambda _: {"number": "SO-1"}  # type: ignore[method-assign]
    commits = []
    transaction = store._db.transaction
    monkeypatch.setattr(store._db, "transaction", lambda: commits.append(1) or transaction())
    assert said(run(kernel(), port, *map(str, range(200)))) == ["skipped:unchanged"] * 200
    assert len(commits) < 10
    port.look_up = lambda _: pytest.fail("it is known")  # type: ignore[method-assign]
    assert said(run(kernel(), port, *map(str, range(200)))) == ["skipped:unchanged"] * 200


def test_the_whole_batch_is_looked_up_in_one_call(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """One look-up for the batch and one more that shows the first insert, whatever the number of documents."""
    run(kernel(), port, *map(str, range(30)))
    assert [call for call in system.calls if call[0] == "look_up"] == [("look_up", "30"), ("look_up", "1")]


def test_same_key_in_one_batch_last_wins(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """Of two versions in one batch only the last has an effect; the other is reported as superseded (X14)."""
    made = kernel()
    old, new = document(port.hasher, "1", total="1"), document(port.hasher, "1", total="2")
    assert said(made.run(port, [old, new])) == ["skipped:superseded", "created"]
    assert [row.fields["total"] for row in system.rows] == ["2"]


def test_changed_in_the_source_only_is_updated(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """A change of the source is written to the document that exists."""
    run(kernel(), port, "1", total="1", note="a")
    assert said(run(kernel(), port, "1", total="1", note="b")) == ["updated"]
    assert system.rows[0].fields == {"total": "1", "note": "b"}


def test_changed_on_both_sides_is_held_until_released(
    kernel: Make, port: FakePort, system: FakeSystem, store: Store
) -> None:
    """A field that the target's users changed too is not overwritten, unless a person releases it; that counts once."""
    run(kernel(), port, "1", total="1")
    system.rows[0].fields["total"] = "99"
    assert said(run(kernel(), port, "1", total="2")) == ["held:conflict"]
    store.decide("", SourceKey("orders", "1"), DecisionKind.RELEASE, who="ann", at=START)
    assert said(run(kernel(), port, "1", total="2")) == ["updated"]
    assert system.rows[0].fields["total"] == "2"
    assert store.decisions("") == {}


def test_our_own_write_back_starts_no_ping_pong(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """What only the target changed is kept, and an unrelated change of the source is still written."""
    run(kernel(), port, "1", total="1", note="a")
    system.rows[0].fields["total"] = "7"
    assert said(run(kernel(), port, "1", total="1", note="b")) == ["updated"]
    assert system.rows[0].fields == {"total": "7", "note": "b"}


def test_commit_then_time_out_is_adopted_in_the_same_run(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """A write whose answer was lost is found by one more look-up at the end of the batch (X1, X2)."""
    system.faults.append("done")
    assert said(run(kernel(), port, "1")) == ["adopted"]
    assert said(run(kernel(), port, "1")) == ["skipped:unchanged"]
    assert system.count(KEY) == 1


def test_an_unclear_write_waits_for_the_target_s_time_out(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """It is held until the target can't complete it any more, then looked up and repeated once (X1)."""
    system.faults.append("lost")
    outcome = run(kernel(), port, "1")[0]
    assert (outcome.reason, outcome.retry_after) == ("in_doubt", timedelta(seconds=930))
    system.clock.sleep(929)
    outcome = run(kernel(), port, "1")[0]
    assert (outcome.reason, outcome.retry_after) == ("in_doubt", timedelta(seconds=1))
    system.clock.sleep(1)
    assert said(run(kernel(), port, "1")) == ["created"]
    assert system.count(KEY) == 1


def test_the_wait_counts_from_the_end_of_an_unclear_write(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """A client may try for a while before the write that gets no answer; 930 s are counted from there, not earlier."""

    class Slow(FakePort):
        def create(self, document: Document[Fields], plan: Create) -> Mapping[str, str]:
            system.clock.sleep(60)
            return super().create(document, plan)

    system.faults.append("late:899")
    assert said(run(kernel(), Slow(system, port.hasher), "1")) == ["held:in_doubt"]
    system.clock.sleep(890)
    assert said(run(kernel(), port, "1")) == ["held:in_doubt"]
    system.clock.sleep(40)
    assert said(run(kernel(), port, "1")) == ["adopted"]
    assert system.count(KEY) == 1


def test_checks_come_before_the_first_intent(
    kernel: Make, port: FakePort, system: FakeSystem, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A port that finds its target unfit before the writes leaves no intent behind."""

    def refuse() -> None:
        raise ConfigurationError("unfit")

    monkeypatch.setattr(port, "before_writes", refuse)
    with pytest.raises(ConfigurationError):
        run(kernel(), port, "1")
    assert store.open_rows() == []
    assert not system.rows


@pytest.mark.parametrize(("unwanted", "expected"), [(True, Step.PLAN_NEW), (False, Hold("vanished"))])
def test_a_removal_without_an_answer_has_arrived_when_nothing_is_found(
    kernel: Make, port: FakePort, store: Store, unwanted: bool, expected: Step | Hold
) -> None:
    """What the source wants gone, and an unclear write of ours may have removed, is not missed when it is gone."""
    row = kernel().intent(port, document(port.hasher, "1", total="1"), State.UPDATING)
    known = {"left": timedelta(), "store_left": timedelta(), "released": False, "unwanted": unwanted}
    assert decide(row, 0, same=True, **known) == expected
    assert decide(row, 0, same=False, **known) == Hold("vanished")
    assert decide(replace(row, state=State.DONE), 0, same=True, **known) == Hold("vanished")


def test_a_decision_is_not_used_up_by_what_must_be_there_first(kernel: Make, port: FakePort, store: Store) -> None:
    """A released order stays released when its customer is loaded and the order itself can't be yet."""
    store.decide("", SourceKey("orders", "1"), DecisionKind.RELEASE, who="ann", at=START)
    kernel().run(port, [document(port.hasher, "1", total="1")], last=False)
    assert SourceKey("orders", "1") in store.decisions("")
    kernel().run(port, [document(port.hasher, "1", total="1")])
    assert store.decisions("") == {}


def test_work_done_after_the_client_has_gone_is_adopted(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """A write that takes effect after our look-up is found later and never repeated."""
    system.faults.append("late:600")
    assert said(run(kernel(), port, "1")) == ["held:in_doubt"]
    system.clock.sleep(601)
    assert said(run(kernel(), port, "1")) == ["adopted"]
    system.clock.sleep(10_000)
    assert system.count(KEY) == 1


def test_adopting_a_changed_order_updates_it(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """Edited while its insert was in doubt: the intent's hashes are the base, so the edit is written (X28)."""
    system.faults.append("late:10")
    run(kernel(), port, "1", total="1")
    system.clock.sleep(20)
    assert said(run(kernel(), port, "1", total="2")) == ["updated"]
    assert [row.fields for row in system.rows] == [{"total": "2"}]


def test_killed_between_write_and_record_is_adopted(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """After a kill the intent tells the next run to look, and nothing was recorded on the way out (X22)."""
    system.faults.append("killed")
    with pytest.raises(Killed):
        run(kernel(), port, "1")
    assert said(run(kernel(), port, "1")) == ["adopted"]
    assert system.count(KEY) == 1


def test_killed_before_the_write_is_repeated_when_it_is_sure(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """Nothing can still arrive after in_doubt_for: the insert is made once (X22)."""
    system.faults.append("killed_before")
    with pytest.raises(Killed):
        run(kernel(), port, "1")
    assert said(run(kernel(), port, "1")) == ["held:in_doubt"]
    system.clock.sleep(931)
    assert said(run(kernel(), port, "1")) == ["created"]


def test_a_jump_of_the_host_s_clock_shortens_nothing(store: Store, port: FakePort, system: FakeSystem) -> None:
    """Ages are measured on the target's clock only (X18)."""
    system.faults.append("lost")
    made = Kernel(store, run_id="run")
    run(made, port, "1")
    later = Kernel(store, run_id="run")
    later.clock = type(
        "Jumped",
        (),
        {"now": lambda _: START + timedelta(days=400), "monotonic": lambda _: 0.0, "sleep": lambda *_: None},
    )()
    assert said(run(later, port, "1")) == ["held:in_doubt"]


def test_the_time_is_asked_when_an_answer_has_told_it(
    kernel: Make, port: FakePort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the look-up, which it counts back over: a doubt that ends while the look-up runs is still one."""
    asked: list[str] = []
    look_up, now = port.look_up, port.now
    made = prove(kernel, port)

    def slow(documents: Any) -> Any:
        asked.append("look_up")
        found = look_up(documents)
        port.system.clock.sleep(120)
        return found

    def told() -> Any:
        asked.append("now")
        return now()

    port.system.faults.append("lost")
    assert said(run(made, port, "1")) == ["held:in_doubt"]
    port.system.clock.sleep(port.in_doubt_for.total_seconds() - 60)
    monkeypatch.setattr(port, "look_up", slow)
    monkeypatch.setattr(port, "now", told)
    later = kernel()
    later.clock = port.system.clock
    assert said(run(later, port, "1")) == ["held:in_doubt"]
    assert asked[:2] == ["look_up", "now"]


@pytest.mark.parametrize(("fault", "reason"), [("rejected", "refused"), ("busy", "busy")])
def test_known_not_done_withdraws_the_intent(
    kernel: Make, port: FakePort, store: Store, fault: str, reason: str
) -> None:
    """A refusal is held for that record only and may be tried again at once (X5, X6, X29)."""
    made = prove(kernel, port)
    port.system.faults.append(fault)
    assert said(run(made, port, "1", "2")) == [f"held:{reason}", "created"]
    assert store.row("", "order", KEY) is None
    assert said(run(kernel(), port, "1")) == ["created"]


@pytest.mark.parametrize("fault", ["outage", "not_sent"])
def test_an_outage_stops_the_run_and_blames_no_record(
    kernel: Make, port: FakePort, system: FakeSystem, store: Store, fault: str
) -> None:
    """The run stops before the next insert, without an open intent (X3, X7, X20)."""
    system.faults.extend(["ok", fault])
    with pytest.raises(Outage):
        run(kernel(), port, "1", "2", "3")
    assert [(row.key, row.state) for row in store.open_rows()] == []
    assert len(system.rows) == 1
    assert said(run(kernel(), port, "1", "2", "3")) == ["skipped:unchanged", "created", "created"]


def test_a_defect_of_create_leaves_the_intent(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """An unexpected exception may have come after the write: the next run looks before it repeats."""
    system.faults.append("defect")
    with pytest.raises(KeyError):
        run(kernel(), port, "1")
    assert said(run(kernel(), port, "1")) == ["adopted"]


def test_a_defect_of_plan_holds_that_record_only(kernel: Make, port: FakePort) -> None:
    """One record that breaks the plan does not stop the others, and its values stay out of the hold."""
    bad = document(port.hasher, "1", bug="Jansen")
    good = document(port.hasher, "2", total="1")
    outcomes = kernel().run(port, [bad, good])
    assert said(outcomes) == ["held:defect", "created"]
    assert "Jansen" not in outcomes[0].subject


def test_a_row_that_vanished_is_never_made_again(
    kernel: Make, port: FakePort, system: FakeSystem, store: Store
) -> None:
    """What we wrote and can't see is held; only a person's release makes it again."""
    run(kernel(), port, "1", total="1")
    system.rows.clear()
    assert said(run(kernel(), port, "1", total="2")) == ["held:vanished"]
    store.decide("", SourceKey("orders", "1"), DecisionKind.RELEASE, who="ann", at=START)
    assert said(run(kernel(), port, "1", total="2")) == ["created"]


def test_two_documents_with_one_key_are_held(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """Somebody copied the document: held with both numbers."""
    system.insert(KEY, {"total": "1"})
    system.insert(KEY, {"total": "1"})
    outcome = run(kernel(), port, "1")[0]
    assert (outcome.reason, outcome.subject) == ("ambiguous", "SO-1, SO-2")


def test_what_somebody_else_made_is_compared_not_made_again(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """A document that exists without any row in our store is planned against, without a base."""
    system.insert(KEY, {"total": "10.00"})
    assert said(run(kernel(), port, "1")) == ["skipped:unchanged"]
    calls = len(system.calls)
    assert said(run(kernel(), port, "1")) == ["skipped:unchanged"]
    assert len(system.calls) == calls


def test_a_look_up_that_hides_our_writes_stops_everything(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """After the first insert that the look-up can't see no further one is made; exit 2 names the look-up."""
    system.hidden = lambda _: True
    made = kernel()
    with pytest.raises(ConfigurationError, match="look-up Orders can't see what we write") as caught:
        run(made, port, "1", "2", "3")
    assert caught.value.exit_code == 2
    assert len(system.rows) == 1
    assert made.clock.slept == [1.0, 3.0]  # type: ignore[attr-defined]


def test_nothing_runs_at_once_before_the_first_is_conclusive(store: Store, system: FakeSystem) -> None:
    """If the very first insert is in doubt, the next ones go one by one until one was seen."""
    port = FakePort(system, store.hasher, workers=4)
    system.faults.extend(["lost", "rejected", "ok"])
    outcomes = run(Kernel(store, run_id="r"), port, "1", "2", "3", "4", "5", "6")
    assert said(outcomes) == ["held:in_doubt", "held:refused", *["created"] * 4]
    names = [name for name, _ in system.calls]
    assert names[:5] == ["look_up", "create", "create", "create", "look_up"]


def test_many_workers_end_as_one(store: Store, system: FakeSystem) -> None:
    """Creates and updates in threads have the same outcomes, in the order of the documents."""
    port = FakePort(system, store.hasher, workers=5, confirms=True)
    keys = [str(n) for n in range(40)]
    assert said(run(Kernel(store, run_id="r"), port, *keys)) == ["created"] * 40
    outcomes = run(Kernel(store, run_id="r"), port, *keys, total="11")
    assert said(outcomes) == ["updated"] * 40
    assert [outcome.document.source.key for outcome in outcomes] == keys
    assert len(system.rows) == 40


def test_a_kill_in_a_thread_stops_every_record(store: Store, system: FakeSystem) -> None:
    """After a kill no thread records anything; the next run adopts what was done."""
    port = FakePort(system, store.hasher, workers=4)
    keys = [str(n) for n in range(12)]
    system.faults.extend(["ok", "ok", "killed"])
    with pytest.raises(Killed):
        run(Kernel(store, run_id="r"), port, *keys)
    system.clock.sleep(1000)
    said(run(Kernel(store, run_id="r"), port, *keys))
    assert sorted(row.key for row in system.rows) == sorted(f"shop.shop1:{key}" for key in keys)


def test_an_outage_in_a_thread_finishes_what_is_in_flight(store: Store, system: FakeSystem) -> None:
    """What was done before the run stops is recorded."""
    port = FakePort(system, store.hasher, workers=4)
    system.faults.extend(["ok", "ok", "outage"])
    with pytest.raises(Outage):
        run(Kernel(store, run_id="r"), port, *map(str, range(12)))
    recorded = {row.key for row in system.rows}
    rows = store.rows("", "order", [f"shop.shop1:{n}" for n in range(12)])
    assert {key for key, row in rows.items() if row.state is State.DONE} == recorded
    assert store.open_rows() == []


def test_a_new_store_beside_a_bookmark_waits(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """A lost store may have left writes under way: nothing new is made until they must show."""
    assert said(run(kernel(beside_bookmark=True), port, "1")) == ["held:new_store"]
    system.clock.sleep(931)
    assert said(run(kernel(beside_bookmark=True), port, "1")) == ["created"]


def test_a_first_run_needs_no_wait(kernel: Make, port: FakePort) -> None:
    """A store that began without a bookmark is no lost one, also when the second run comes soon."""
    run(kernel(beside_bookmark=False), port, "1")
    assert said(run(kernel(beside_bookmark=True), port, "2")) == ["created"]


def test_an_open_intent_of_another_process_is_not_taken(
    kernel: Make, port: FakePort, system: FakeSystem, store: Store
) -> None:
    """Two runs at once: whoever comes second holds the record instead of writing it (X26)."""
    made = kernel()
    doc = document(port.hasher, "1", total="10.00")
    original = port.look_up

    def other_run_meanwhile(documents):  # type: ignore[no-untyped-def]
        found = original(documents)
        port.look_up = original  # type: ignore[method-assign]
        store.change(None, made.intent(port, doc))
        return found

    port.look_up = other_run_meanwhile  # type: ignore[method-assign]
    assert said(made.run(port, [doc])) == ["held:taken"]
    assert not system.rows


def test_what_another_process_finishes_at_once_is_not_held(
    kernel: Make, port: FakePort, system: FakeSystem, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two flows meet at one new customer: the second waits a moment, finds it made, and writes nothing."""
    made, other = kernel(), kernel()
    doc = document(port.hasher, "1", total="10.00")
    original, sleep = port.look_up, made.clock.sleep

    def other_run_meanwhile(documents):  # type: ignore[no-untyped-def]
        found = original(documents)
        port.look_up = original  # type: ignore[method-assign]
        row = store.change(None, other.intent(port, doc))
        assert row is not None

        def finish(seconds: float) -> None:
            sleep(seconds)
            if not system.rows:
                ids = {"number": system.insert(KEY, {"total": "10.00"}).number}
                store.change(row, replace(row, state=State.DONE, ids=ids))

        monkeypatch.setattr(made.clock, "sleep", finish)
        return found

    port.look_up = other_run_meanwhile  # type: ignore[method-assign]
    assert said(made.run(port, [doc])) == ["skipped:unchanged"]
    assert system.count(KEY) == 1


def test_the_target_s_own_refusal_of_a_double_is_adopted(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """With our own number the target refuses the second insert; the first one is looked up."""
    system.unique_keys = True
    system.insert(KEY, {"total": "10.00"})
    system.hidden = lambda _: not system.calls or (system.calls[-1][0] == "look_up" and len(system.calls) == 1)
    assert said(run(kernel(), port, "1")) == ["adopted"]
    assert system.count(KEY) == 1


def test_skipped_by_a_person(kernel: Make, port: FakePort, system: FakeSystem, store: Store) -> None:
    """A skip stays: later versions are not loaded either."""
    store.decide("", SourceKey("orders", "1"), DecisionKind.SKIP, who="ann", at=START)
    assert said(run(kernel(), port, "1")) == ["skipped:skipped_by_hand"]
    assert said(run(kernel(), port, "1", total="2")) == ["skipped:skipped_by_hand"]
    assert not system.rows


def test_what_was_written_is_read_back_and_repaired_once(store: Store, system: FakeSystem) -> None:
    """A difference that can be repaired is repaired, and confirmed once more."""
    port = FakePort(system, store.hasher, confirms=True)
    port.broken_total = "9.99"
    assert said(run(Kernel(store, run_id="r"), port, "1")) == ["created"]
    assert system.rows[0].fields["total"] == "10.00"
    assert [name for name, _ in system.calls] == ["look_up", "create", "look_up", "confirm", "update", "confirm"]


def test_a_difference_that_stays_is_held_until_it_is_right(store: Store, system: FakeSystem) -> None:
    """Held after read-back, and confirmed again at each retry, although nothing changed in the source."""
    port = FakePort(system, store.hasher, confirms=True)
    port.broken_total = "stuck"
    outcome = run(Kernel(store, run_id="r"), port, "1")[0]
    assert (outcome.action, outcome.reason, outcome.subject) == ("held", "total_differs", "SO-1")
    system.rows[0].fields["total"] = "10.00"
    assert said(run(Kernel(store, run_id="r"), port, "1")) == ["skipped:unchanged"]
    assert store.open_rows() == []


def test_a_released_difference_is_accepted(store: Store, system: FakeSystem) -> None:
    """A person may accept what was read back; the outcome says so, and it is done."""
    port = FakePort(system, store.hasher, confirms=True)
    port.broken_total = "stuck"
    run(Kernel(store, run_id="r"), port, "1")
    store.decide("", SourceKey("orders", "1"), DecisionKind.RELEASE, who="ann", at=START)
    port.plan = lambda *_: Skip("unchanged")  # type: ignore[method-assign]
    assert said(run(Kernel(store, run_id="r"), port, "1")) == ["skipped:released_total_differs"]
    assert store.open_rows() == []


def test_the_key_map_survives_for_later_records(kernel: Make, port: FakePort, store: Store) -> None:
    """The target's ids are kept under our key."""
    run(kernel(), port, "1")
    assert store.ids("", "order", KEY) == {"number": "SO-1"}
    assert store.ids("", "order", "shop.shop1:2") is None


def test_every_outcome_stands_in_the_log(kernel: Make, port: FakePort, store: Store) -> None:
    """Created, held and skipped records leave a line each, without their values."""
    made = kernel()
    made.run(port, [document(port.hasher, "1", total="1"), document(port.hasher, "2", unmapped="ideal")])
    run(made, port, "1", total="1")
    assert [(row.source_key, row.action, row.reason, row.subject) for row in store.outcomes()] == [
        ("1", "created", "", ""),
        ("2", "held", "unmapped", "ideal"),
        ("1", "skipped", "unchanged", ""),
    ]


def test_no_write_without_a_durable_intent(kernel: Make, port: FakePort, system: FakeSystem, store: Store) -> None:
    """A store that can't be written stops the run before the insert (X24)."""

    class Full(Kernel):
        def _commit_intent(self, seen, intent):  # type: ignore[no-untyped-def]
            raise StoreError("store /x can't be used: disk is full")

    with pytest.raises(StoreError):
        run(kernel(Full), port, "1")
    assert not system.rows


def test_an_update_without_an_answer_is_found_at_once(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """Done, but the answer was lost: the look-up at the end of the batch shows all of it (X1)."""
    run(kernel(), port, "1", total="1")
    system.faults.append("done")
    assert said(run(kernel(), port, "1", total="2")) == ["updated"]
    assert said(run(kernel(), port, "1", total="2")) == ["skipped:unchanged"]


def test_an_unclear_update_is_not_followed_by_another(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """While the older one may still arrive, a newer content waits: the older must not end on top of it."""
    run(kernel(), port, "1", total="1")
    system.faults.append("late:600")
    assert said(run(kernel(), port, "1", total="2")) == ["held:in_doubt"]
    assert said(run(kernel(), port, "1", total="3")) == ["held:in_doubt"]
    assert said(run(kernel(), port, "1", total="1")) == ["held:in_doubt"]
    system.clock.sleep(931)
    assert said(run(kernel(), port, "1", total="1")) == ["updated"]
    assert system.rows[0].fields["total"] == "1"


def test_what_an_unclear_update_wrote_is_no_user_s_change(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """Its value in the target counts as ours, whatever the source says meanwhile."""
    run(kernel(), port, "1", total="1")
    system.faults.append("killed")
    with pytest.raises(Killed):
        run(kernel(), port, "1", total="2")
    system.clock.sleep(931)
    assert said(run(kernel(), port, "1", total="3")) == ["updated"]
    assert system.rows[0].fields["total"] == "3"


def test_an_added_line_is_added_once(kernel: Make, port: FakePort, system: FakeSystem) -> None:
    """An addition whose answer was lost is compared, not repeated, before the first can't arrive any more."""
    run(kernel(), port, "1", total="1")

    def plan(doc, existing, applied):  # type: ignore[no-untyped-def]
        lines = int(existing.fields.get("lines", "0"))
        return Skip("unchanged", same=True) if lines else Update(existing.number, {"lines": "1"})

    port.plan = plan  # type: ignore[method-assign]
    system.faults.append("late:500")
    assert said(run(kernel(), port, "1", total="2")) == ["held:in_doubt"]
    assert said(run(kernel(), port, "1", total="2")) == ["held:in_doubt"]
    system.clock.sleep(501)
    assert said(run(kernel(), port, "1", total="2")) == ["updated"]
    assert [name for name, _ in system.calls].count("update") == 1


class Blind(FakePort):
    lookup = "none"


def test_a_blind_target_holds_what_is_unclear(kernel: Make, store: Store, system: FakeSystem) -> None:
    """Without any look-up an unclear write waits for a person, and a change can't be made (K1)."""
    port = Blind(system, store.hasher)
    system.faults.append("done")
    assert said(run(kernel(), port, "1", "2")) == ["held:in_doubt", "created"]
    system.clock.sleep(5000)
    assert said(run(kernel(), port, "1")) == ["held:in_doubt"]
    assert said(run(kernel(), port, "2", total="x")) == ["held:changed_blind"]
    assert not [call for call in system.calls if call[0] == "look_up"]


def test_an_idempotent_target_repeats_at_once(kernel: Make, store: Store, system: FakeSystem) -> None:
    """in_doubt_for zero: writing again is harmless, so nothing waits (K2)."""
    port = Blind(system, store.hasher)
    port.in_doubt_for = timedelta()
    system.faults.append("lost")
    assert said(run(kernel(), port, "1")) == ["held:in_doubt"]
    assert said(run(kernel(), port, "1")) == ["created"]


# -- the safeguards matter --------------------------------------------------------------------------------------------


def doubles(kind: type[Kernel], fault: str, wait: float) -> int:
    """How many documents stand under one key after an accident and two more runs."""
    system = FakeSystem()
    with Store.open("sqlite://") as store:
        port = FakePort(system, store.hasher)

        def cycle() -> None:
            with contextlib.suppress(Killed):
                run(kind(store, run_id="r"), port, "1")

        system.faults.append(fault)
        cycle()
        system.clock.sleep(wait)
        cycle()
        system.clock.sleep(2000)
        cycle()
        return system.count(KEY)


ACCIDENTS = {
    "no_look_up": ("killed", 931.0),
    "no_intent": ("late:600", 60.0),
    "no_in_doubt_wait": ("late:600", 60.0),
}


@pytest.mark.parametrize("mutant", KERNEL_MUTANTS)
def test_each_mutant_makes_a_double_and_the_kernel_does_not(mutant: str) -> None:
    """Taking away one safeguard breaks "never twice" in the accident that it is there for."""
    assert doubles(Kernel, *ACCIDENTS[mutant]) == 1
    assert doubles(KERNEL_MUTANTS[mutant], *ACCIDENTS[mutant]) == 2
