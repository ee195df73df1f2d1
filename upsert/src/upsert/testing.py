"""For tests of targets: a clock that is set, a target system in memory with bad days, and four broken kernels.

`FakePort` is also the shortest complete example of a port.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from upsert.errors import AlreadyExists, Busy, InDoubt, NotSent, Outage, Rejected
from upsert.kernel import Kernel
from upsert.merge import three_way
from upsert.model import (
    Applied,
    Change,
    Create,
    Document,
    Fix,
    Hold,
    Ok,
    Plan,
    Skip,
    SourceKey,
    Update,
    Verdict,
    Written,
)
from upsert.port import Port

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from upsert.singer.target import TargetBase
    from upsert.store import StoredRow

START = datetime(2026, 11, 1, 10, tzinfo=UTC)


class Killed(BaseException):
    """The process was killed here; nothing of ours may run after it."""


@dataclass
class VirtualClock:
    """Time that passes only when it is told to, or when somebody sleeps."""

    at: datetime = START
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        """The time as set."""
        return self.at

    def monotonic(self) -> float:
        """Seconds since the start."""
        return (self.at - START).total_seconds()

    def sleep(self, seconds: float) -> None:
        """Pass the time."""
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


@dataclass
class FakeRow:
    """A document in the fake system."""

    number: str
    key: str
    fields: dict[str, str]


@dataclass
class FakeSystem:
    """A target system in memory.

    Attributes:
        clock: Its own clock.
        faults: What happens to the next writes, one each: ``ok``, ``rejected``, ``busy``, ``not_sent``, ``outage``,
            ``lost`` (no answer, never done), ``done`` (done, no answer), ``late:SECONDS`` (no answer, done later),
            ``killed`` (done, then we die), ``killed_before``, ``defect`` (an unexpected exception after it is done).
        hidden: Keys that the look-up does not show (a data filter).
        calls: Every call, in order.
    """

    clock: VirtualClock = field(default_factory=VirtualClock)
    rows: list[FakeRow] = field(default_factory=list)
    faults: deque[str] = field(default_factory=deque)
    hidden: Callable[[str], bool] = lambda _: False
    unique_keys: bool = False
    calls: list[tuple[str, str]] = field(default_factory=list)
    _late: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)
    _numbers: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def settle(self) -> None:
        """Finish what is due by now, as the system does when its clients have long gone."""
        with self._lock:
            due = [work for at, work in self._late if at <= self.clock.now()]
            self._late = [(at, work) for at, work in self._late if at > self.clock.now()]
            for work in due:
                work()

    def find(self, key: str) -> list[FakeRow]:
        """What the system shows under a key."""
        with self._lock:
            self.settle()
            return [row for row in self.rows if row.key == key and not self.hidden(key)]

    def count(self, key: str) -> int:
        """How many documents really stand under a key."""
        with self._lock:
            self.settle()
            return sum(row.key == key for row in self.rows)

    def insert(self, key: str, fields: Mapping[str, str]) -> FakeRow:
        """Add a document."""
        self._numbers += 1
        row = FakeRow(f"SO-{self._numbers}", key, dict(fields))
        self.rows.append(row)
        return row

    def write(self, name: str, key: str, work: Callable[[], Any]) -> Any:
        """Do one write as the next fault says."""
        with self._lock:
            self.settle()
            self.calls.append((name, key))
            fault = self.faults.popleft() if self.faults else "ok"
            before = {
                "rejected": Rejected("refused", "FIELD"),
                "busy": Busy("locked"),
                "not_sent": NotSent("no route"),
                "outage": Outage("maintenance"),
                "lost": InDoubt("no answer"),
                "killed_before": Killed(),
            }
            if fault in before:
                raise before[fault]
            if fault.startswith("late:"):
                self._late.append((self.clock.now() + timedelta(seconds=float(fault[5:])), work))
                raise InDoubt("no answer")
            result = work()
            after = {"done": InDoubt("no answer"), "killed": Killed(), "defect": KeyError("field")}
            if fault in after:
                raise after[fault]
            return result


Fields = dict[str, str]


class FakePort(Port[Fields, FakeRow]):
    """A port to a `FakeSystem`; conflicts are held unless a person released the document.

    Args:
        system: The system.
        hasher: The store's.
        confirms: Whether what was written is read back; field ``total`` of the system must then equal the source's.
        workers: Writes at once.
    """

    purpose = "order"
    lookup_name = "look-up Orders"

    def __init__(
        self, system: FakeSystem, hasher: Callable[[str], str], *, confirms: bool = False, workers: int = 1
    ) -> None:
        self.system = system
        self.hasher = hasher
        self.confirms = confirms
        self.workers = workers
        self.broken_total = ""

    def now(self) -> datetime:
        """The system's clock."""
        return self.system.clock.now()

    def look_up(self, documents: Sequence[Document[Fields]]) -> Mapping[str, Sequence[FakeRow]]:
        """One call for all."""
        self.system.calls.append(("look_up", str(len(documents))))
        return {document.key: self.system.find(document.key) for document in documents}

    def ids(self, existing: FakeRow) -> Mapping[str, str]:
        """The order's number."""
        return {"number": existing.number}

    def plan(self, document: Document[Fields], existing: FakeRow | None, applied: Applied | None) -> Plan:
        """Create, or merge field by field."""
        if "unmapped" in document.content:
            return Hold("unmapped", document.content["unmapped"])
        if "bug" in document.content:
            raise KeyError(document.content["bug"])
        if existing is None:
            return Create(document.content)
        target = {name: self.hasher(value) for name, value in existing.fields.items()}
        merged = three_way(applied.hashes if applied else None, document.hashes, target)
        if merged.conflicts and not document.released:
            return Hold("conflict", min(merged.conflicts))
        changed = merged.apply | merged.conflicts
        if not changed:
            return Skip("unchanged", same=not merged.keep)
        return Update(existing.number, {name: document.content[name] for name in changed})

    def create(self, document: Document[Fields], plan: Create) -> Mapping[str, str]:
        """One write."""
        if self.system.unique_keys and self.system.count(document.key):
            raise AlreadyExists("key exists")
        row = self.system.write("create", document.key, lambda: self.system.insert(document.key, plan.payload))
        if self.broken_total:
            row.fields["total"] = self.broken_total
        return self.ids(row)

    def update(self, document: Document[Fields], existing: FakeRow, plan: Update) -> Mapping[str, str]:
        """One write."""
        self.system.write("update", document.key, lambda: existing.fields.update(plan.diff))
        return self.ids(existing)

    def describe(self, document: Document[Fields], existing: FakeRow | None, plan: Create | Update) -> Sequence[Change]:
        """Every field that is written."""
        del document
        held = existing.fields if existing else {}
        wanted = plan.payload if isinstance(plan, Create) else plan.diff
        return [Change(name, held.get(name), value) for name, value in wanted.items()]

    def confirm(self, written: Sequence[Written[Fields]]) -> Mapping[str, Verdict[FakeRow]]:
        """Compare the totals; repair once."""
        self.system.calls.append(("confirm", str(len(written))))
        verdicts: dict[str, Verdict[FakeRow]] = {}
        for one in written:
            found = self.system.find(one.document.key)
            wanted = one.document.content.get("total")
            if len(found) != 1:
                continue
            if found[0].fields.get("total") == wanted:
                verdicts[one.document.key] = Ok()
            elif found[0].fields.get("total") == "stuck":
                verdicts[one.document.key] = Hold("total_differs", found[0].number)
            else:
                verdicts[one.document.key] = Fix(Update(found[0].number, {"total": wanted}), found[0])
        return verdicts


def document(hasher: Callable[[str], str], key: str, stream: str = "orders", **fields: str) -> Document[Fields]:
    """A document of the fake system, with its hashes."""
    return Document(
        key=f"shop.shop1:{key}",
        source=SourceKey(stream, key),
        content=dict(fields),
        hashes={name: hasher(value) for name, value in fields.items()},
    )


# -- broken on purpose ------------------------------------------------------------------------------------------------


class NoLookUp(Kernel):
    """Mutant: never asks the target what exists."""

    def _look_up(self, port: Any, documents: Any) -> Any:
        del port, documents
        return {}


class NoIntent(Kernel):
    """Mutant: writes without a durable intent."""

    def _commit_intent(self, seen: StoredRow | None, intent: StoredRow) -> StoredRow | None:
        return replace(intent, revision=seen.revision if seen else 0)


class NoWait(Kernel):
    """Mutant: takes an empty look-up right after an unclear write for a proof."""

    def _still_in_doubt(self, left: timedelta) -> timedelta:
        del left
        return timedelta()


def bookmark_before_drain(target: type[TargetBase]) -> type[TargetBase]:
    """Mutant of a target: its checkpoints emit the STATE first and load afterwards."""

    class BookmarkBeforeDrain(target):  # type: ignore[valid-type,misc] # made at run time
        def _checkpoint(self) -> None:
            if self._latest_state:
                self._write_state_message(self._latest_state)
            super()._checkpoint()

    BookmarkBeforeDrain.__name__ = target.__name__
    return BookmarkBeforeDrain


KERNEL_MUTANTS: Mapping[str, type[Kernel]] = {
    "no_look_up": NoLookUp,
    "no_intent": NoIntent,
    "no_in_doubt_wait": NoWait,
}
