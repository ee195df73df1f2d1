"""A state machine over the fake system: new and changed records, users, faults, kills, late commits, time."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from upsert.errors import Outage
from upsert.kernel import Kernel
from upsert.model import SourceKey
from upsert.store import DecisionKind, State, Store
from upsert.testing import START, FakePort, FakeSystem, Killed, document

FAULTS = st.sampled_from(
    [
        "ok",
        "rejected",
        "busy",
        "not_sent",
        "outage",
        "lost",
        "done",
        "late:5",
        "late:600",
        "late:900",
        "killed",
        "killed_before",
        "defect",
    ]
)
KEYS = st.sampled_from("abcde")
VALUES = st.sampled_from(["1", "2", "3"])


class Coupling(RuleBasedStateMachine):
    """The source is a dict; every run sends all of it, as a tap would after a lost bookmark."""

    def __init__(self) -> None:
        super().__init__()
        self.system = FakeSystem()
        self.store = Store.open("sqlite://")
        self.source: dict[str, dict[str, str]] = {}
        self.touched: set[str] = set()
        self.workers = 1
        self.confirms = False

    @initialize(workers=st.sampled_from([1, 3]), confirms=st.booleans())
    def begin(self, workers: int, confirms: bool) -> None:
        self.workers, self.confirms = workers, confirms

    @rule(key=KEYS, total=VALUES, note=VALUES)
    def source_changes(self, key: str, total: str, note: str) -> None:
        self.source[key] = {"total": total, "note": note}

    @rule(key=KEYS, note=VALUES)
    def user_edits_the_target(self, key: str, note: str) -> None:
        for row in self.system.find(f"shop.shop1:{key}"):
            row.fields["note"] = note
            self.touched.add(key)

    @rule(seconds=st.sampled_from([1, 60, 300, 931]))
    def time_passes(self, seconds: int) -> None:
        self.system.clock.sleep(seconds)

    @rule(faults=st.lists(FAULTS, max_size=5))
    def run(self, faults: list[str]) -> None:
        self.system.faults.clear()
        self.system.faults.extend(faults)
        try:
            self.cycle()
        except (Outage, Killed, KeyError):
            pass
        finally:
            self.system.faults.clear()

    def cycle(self) -> dict[str, str]:
        port = FakePort(self.system, self.store.hasher, confirms=self.confirms, workers=self.workers)
        kernel = Kernel(self.store, run_id="run", beside_bookmark=bool(self.source), clock=self.system.clock)
        kernel.store.birth(START, beside_bookmark=False)
        documents = [document(port.hasher, key, **fields) for key, fields in self.source.items()]
        outcomes = kernel.run(port, documents)
        return {o.document.source.key: o.reason for o in outcomes if o.action == "held"}

    @invariant()
    def never_twice(self) -> None:
        """For one key at most one document (R1)."""
        for key in self.source:
            assert self.system.count(f"shop.shop1:{key}") <= 1

    def teardown(self) -> None:
        """The cause gone, two ordinary runs later everything is booked or held with a reason (R2, R5)."""
        for _ in range(2):
            self.system.clock.sleep(1000)
            held = self.cycle()
        self.never_twice()
        assert set(held.values()) <= {"conflict"}
        assert set(held) <= self.touched, "a conflict where no user was"
        for key in held:
            self.store.decide("", SourceKey("orders", key), DecisionKind.RELEASE, who="ann", at=START)
        assert self.cycle() == {}
        for key, fields in self.source.items():
            (row,) = self.system.find(f"shop.shop1:{key}")
            assert row.fields["total"] == fields["total"]
            stored = self.store.row("", "order", f"shop.shop1:{key}")
            assert stored is not None
            assert stored.state is State.DONE
        writes = sum(name in {"create", "update"} for name, _ in self.system.calls)
        assert self.cycle() == {}
        assert writes == sum(name in {"create", "update"} for name, _ in self.system.calls), "a second run wrote"
        self.store.close()


TestCoupling = Coupling.TestCase
TestCoupling.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
