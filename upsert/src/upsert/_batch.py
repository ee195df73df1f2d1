"""One batch of the kernel: the steps between the documents that come in and their outcomes."""

from __future__ import annotations

import logging
import traceback
from collections import deque
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from upsert._workers import Crew
from upsert.decide import Step, decide, decide_blind, time_left
from upsert.errors import AlreadyExists, Busy, ConfigurationError, InDoubt, Outage, Rejected
from upsert.model import (
    Action,
    Applied,
    Base,
    Create,
    Document,
    Fix,
    Hold,
    Ok,
    Outcome,
    Plan,
    Skip,
    Update,
    Written,
)
from upsert.store import DecisionKind, State, StoredRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from upsert.kernel import Kernel
    from upsert.port import Port

T = TypeVar("T")
E = TypeVar("E")

logger = logging.getLogger("upsert.kernel")


@dataclass(frozen=True)
class Work(Generic[T, E]):
    """A document with a write before it."""

    document: Document[T]
    row: StoredRow | None
    existing: E | None
    plan: Create | Update
    adopted: bool = False


@dataclass
class Placed(Generic[T]):
    """A document that stands in the target and waits for its confirmation."""

    document: Document[T]
    row: StoredRow
    action: Action
    reason: str = ""


def ask(port: Port[T, E], documents: Sequence[Document[T]]) -> Mapping[str, Sequence[E]]:
    """Look up what exists; a look-up that fails in any way stops the run, because nothing can be decided without it."""
    try:
        return port.look_up(documents)
    except (Busy, InDoubt, Rejected) as error:
        raise Outage(f"{port.lookup_name} can't be read: {error.text}") from error


class Batch(Generic[T, E]):
    """Runs once. Threads touch disjoint keys of the dicts only; the store guards itself.

    Args:
        kernel: Store, clock, seams.
        port: The target system.
    """

    def __init__(self, kernel: Kernel, port: Port[T, E]) -> None:
        self.kernel = kernel
        self.port = port
        self.crew = Crew(port.workers)
        self.outcomes: dict[str, Outcome] = {}
        self.placed: dict[str, Placed[T]] = {}
        self.doubts: dict[str, tuple[Document[T], StoredRow, Hold]] = {}
        self.unclear: dict[str, tuple[Document[T], StoredRow, Hold]] = {}
        self.same: list[tuple[StoredRow | None, StoredRow]] = []

    def run(self, documents: Sequence[Document[T]]) -> Mapping[str, Outcome]:
        """All steps; document key to outcome."""
        rows = self.kernel.store.rows(self.kernel.scope, self.port.purpose, [document.key for document in documents])
        todo = [document for document in documents if not self._settled(document, rows.get(document.key))]
        if todo:
            self._apply(self._prepare(todo, rows))
            self._resolve_doubts()
            self._confirm()
        return self.outcomes

    # -- look up and plan ---------------------------------------------------------------------------------------------

    def _settled(self, document: Document[T], row: StoredRow | None) -> bool:
        """Whether nothing needs to be looked up for it."""
        if self.kernel.decision(document) is DecisionKind.SKIP:
            self._note(document, "skipped", reason="skipped_by_hand")
        elif row and row.state is State.DONE and row.content_hash == document.content_hash and not document.released:
            self._note(document, "skipped", ids=row.ids, reason="unchanged")
        else:
            return False
        return True

    def _prepare(self, documents: Sequence[Document[T]], rows: Mapping[str, StoredRow]) -> list[Work[T, E]]:
        blind = self.port.lookup == "none"
        begun = self.kernel.clock.monotonic()
        found = {} if blind else self.kernel._look_up(self.port, documents)  # noqa: SLF001 - the kernel's seam
        # The time before the look-up counts: only what was due by then must show in it. It is asked afterwards, when an
        # answer of the target has told it already; asked first, it would cost a call of its own.
        now = self.port.now() - timedelta(seconds=self.kernel.clock.monotonic() - begun)
        store_left = self.kernel.store_left(self.port, now)
        works = []
        for document in documents:
            row = rows.get(document.key)
            existing = found.get(document.key, ())
            left = time_left(row, self.port.in_doubt_for, now - row.at) if row else timedelta()
            left = self.kernel._still_in_doubt(left)  # noqa: SLF001 - the kernel's seam
            step = (
                decide_blind(row, repeatable=not self.port.in_doubt_for, released=document.released)
                if blind
                else decide(
                    row,
                    len(existing),
                    same=row is not None and row.content_hash == document.content_hash,
                    left=left,
                    store_left=store_left,
                    released=document.released,
                    unwanted=document.unwanted,
                )
            )
            if isinstance(step, Hold):
                if step.reason == "ambiguous":
                    step = replace(step, subject=self._name(existing))
                self._hold(document, step)
            elif step is Step.COMPARE and row is not None:
                self._compare(document, row, existing[0], Hold("in_doubt", retry_after=left))
            elif work := self._planned(document, row, existing[0] if existing else None, step):
                works.append(work)
        # Thousands may be as they should be: one commit for all, since no write depends on it.
        self.kernel.store.change_all(self.same)
        return works

    def _name(self, existing: Sequence[E]) -> str:
        return ", ".join("/".join(self.port.ids(one).values()) for one in existing[:5])

    def _planned(
        self, document: Document[T], row: StoredRow | None, existing: E | None, step: Step
    ) -> Work[T, E] | None:
        """Plan one document; None when that needs no write."""
        adopted = False
        if step is Step.ADOPT and row is not None and existing is not None:
            row = self._place(document, row, row, self.port.ids(existing), "adopted")
            if row is None:
                return None
            adopted = True
        plan = self._plan(document, existing, None if step is Step.PLAN_NEW else _applied(row))
        if isinstance(plan, Create | Update):
            return Work(document, row, existing, plan, adopted)
        if isinstance(plan, Hold):
            self._hold(document, plan)
        elif existing is None:
            self._note(document, "skipped", reason=plan.reason)
        else:
            self._skip(document, row, existing, plan)
        return None

    def _compare(self, document: Document[T], row: StoredRow, existing: E, otherwise: Hold) -> None:
        """Find out whether an update without an answer has arrived: then nothing is left to do."""
        plan = self._plan(document, existing, _applied(row))
        if isinstance(plan, Skip) and plan.same:
            known = replace(row, hashes=dict(document.hashes), pending={})
            self._place(document, row, known, {**row.ids, **self.port.ids(existing)}, "updated")
        else:
            self._hold(document, otherwise)

    def _plan(self, document: Document[T], existing: E | None, applied: Applied | None) -> Plan:
        try:
            plan = self.port.plan(document, existing, applied)
            if isinstance(plan, Create) and existing is not None:
                raise TypeError("plan wants to create what exists")
            if isinstance(plan, Update) and existing is None:
                raise TypeError("plan wants to update what doesn't exist")
        except Rejected as error:
            return Hold(error.reason, error.subject)
        except Outage:
            raise
        except Exception as error:
            # A defect in a pure function concerns this record: the others go on, and hold_limit stops a general one.
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{place.name}:{place.lineno}"
            logger.error(  # noqa: TRY400 - the text of an exception may hold a value of the record
                "defect: planning %s failed with %s in %s", document.key, type(error).__name__, where
            )
            logger.debug("traceback", exc_info=True)
            return Hold("defect", f"{type(error).__name__} {where}")
        return plan

    def _skip(self, document: Document[T], row: StoredRow | None, existing: E, plan: Skip) -> None:
        """It exists and needs no write. Remember the content where the target holds the same; confirm what is open."""
        if document.key in self.placed:  # adopted just now
            if plan.same:
                placed = self.placed[document.key]
                row = replace(placed.row, hashes=dict(document.hashes), content_hash=document.content_hash)
                placed.row = self.kernel.store.change(placed.row, row) or placed.row
            return
        if row and row.state is not State.DONE:
            if plan.same:
                row = replace(row, hashes=dict(document.hashes), pending={}, content_hash=document.content_hash)
            # The write whose answer was lost may have been the first: then the ids are known only now.
            row = replace(row, ids={**row.ids, **self.port.ids(existing)})
            self.placed[document.key] = Placed(document, row, "skipped", plan.reason)
            return
        ids = dict(self.port.ids(existing))
        if plan.same:
            done = replace(self.kernel.intent(self.port, document, State.DONE), ids=ids)
            self.same.append((row, done))
        self._note(document, "skipped", ids=ids, reason=plan.reason)

    # -- apply --------------------------------------------------------------------------------------------------------

    def _apply(self, works: Sequence[Work[T, E]]) -> None:
        if works:
            self.port.before_writes()
        creates = deque(work for work in works if isinstance(work.plan, Create))
        updates = [work for work in works if isinstance(work.plan, Update)]
        while creates and self.port.lookup != "none" and self.port.purpose not in self.kernel.proven:
            # One by one until the look-up has shown an insert of this run: a data filter would hide all of them.
            work = creates.popleft()
            self._create(work)
            if work.document.key in self.placed:
                self._prove(work.document)
        self.crew.run(
            [*(partial(self._create, work) for work in creates), *(partial(self._update, work) for work in updates)]
        )

    def _prove(self, document: Document[T]) -> None:
        for wait in self.port.visible_after:
            if wait > 0:
                self.kernel.clock.sleep(wait)
            if ask(self.port, [document]).get(document.key):
                self.kernel.proven.add(self.port.purpose)
                return
        raise ConfigurationError(
            f"{self.port.lookup_name} can't see what we write: {document.key} was made as "
            f"{'/'.join(self.placed[document.key].row.ids.values()) or '(no number)'} and isn't found; nothing more is "
            "written. Remove the data filter of that look-up, or widen its rights"
        )

    def _create(self, work: Work[T, E]) -> None:
        assert isinstance(work.plan, Create)  # noqa: S101 - narrows the type
        document = work.document
        with self.crew.turn():
            self.crew.check()
            intent = self.kernel._commit_intent(work.row, self.kernel.intent(self.port, document))  # noqa: SLF001 - the kernel's seam
            if intent is None:
                self._hold(document, Hold("taken"))
                return
            try:
                ids = self.port.create(document, work.plan)
            except (Rejected, Busy) as error:
                self.crew.check()
                self._refused(document, error)
                self.kernel.store.withdraw(intent, work.row)
                return
            except (AlreadyExists, InDoubt) as error:
                logger.warning("%s %s: %s; it is looked up", self.port.purpose, document.key, error.text or "no answer")
                reason = "exists_unseen" if isinstance(error, AlreadyExists) else "in_doubt"
                intent = self._from_now(intent)
                self.doubts[document.key] = (document, intent, Hold(reason, retry_after=self.port.in_doubt_for))
                return
            except Outage:
                self.crew.check()
                self.kernel.store.withdraw(intent, work.row)
                raise
        self.crew.check()
        self._place(document, intent, intent, ids, "created")

    def _update(self, work: Work[T, E]) -> None:
        assert isinstance(work.plan, Update)  # noqa: S101 - narrows the type
        assert work.existing is not None  # noqa: S101 - checked when it was planned
        self._change(work.document, work.row, work.existing, work.plan, "updated")

    def _change(self, document: Document[T], row: StoredRow | None, existing: E, plan: Update, action: Action) -> bool:
        """Send one update behind an intent; whether it is done."""
        with self.crew.turn():
            self.crew.check()
            updating = replace(
                self.kernel.intent(self.port, document, State.UPDATING),
                hashes=row.hashes if row else {},
                pending=_more(row.pending if row else {}, document.hashes),
                ids=row.ids if row else {},
            )
            intent = self.kernel._commit_intent(row, updating)  # noqa: SLF001 - the kernel's seam
            if intent is None:
                self._hold(document, Hold("taken"))
                return False
            try:
                ids = self.port.update(document, existing, plan)
            except (Rejected, Busy) as error:
                self.crew.check()
                self._refused(document, error)
                self.kernel.store.withdraw(intent, row)
                return False
            except (AlreadyExists, InDoubt) as error:
                logger.warning("%s %s: %s; it is looked up", self.port.purpose, document.key, error.text or "no answer")
                intent = self._from_now(intent)
                hold = Hold("in_doubt", retry_after=self.port.in_doubt_for)
                self._hold(document, hold)
                self.unclear[document.key] = (document, intent, hold)
                return False
            except Outage:
                self.crew.check()
                self.kernel.store.withdraw(intent, row)
                raise
        self.crew.check()
        known = replace(intent, hashes=dict(document.hashes), pending={})
        ids = {**intent.ids, **self.port.ids(existing), **ids}
        return self._place(document, intent, known, ids, action) is not None

    def _from_now(self, intent: StoredRow) -> StoredRow:
        """The intent of an unclear write, its age counted anew: the write may have left long after the intent."""
        self.crew.check()
        later = replace(intent, at=self.port.now())
        return self.kernel._commit_intent(intent, later) or intent  # noqa: SLF001 - the kernel's seam

    def _place(
        self, document: Document[T], seen: StoredRow | None, row: StoredRow, ids: Mapping[str, str], action: Action
    ) -> StoredRow | None:
        """Record that it stands in the target, with its line in the log; None (and held) when another was faster."""
        state = State.WRITTEN if self.port.confirms else State.DONE
        written = replace(row, state=state, ids=dict(ids), at=self.port.now(), run_id=self.kernel.run_id)
        outcome = Outcome(document, action, written.ids)
        log = [self.kernel.log_row(self.port.purpose, outcome, source) for source in document.sources]
        stored = self.kernel.store.change(seen, written, log)
        if stored is None:
            self._hold(document, Hold("taken"))
            return None
        self.placed[document.key] = Placed(document, stored, action)
        return stored

    # -- after the writes ---------------------------------------------------------------------------------------------

    def _resolve_doubts(self) -> None:
        """Look once more for what was unclear, when all other writes are done."""
        if not self.doubts and not self.unclear:
            return
        documents = [document for document, _, _ in (*self.doubts.values(), *self.unclear.values())]
        found = {} if self.port.lookup == "none" else self.kernel._look_up(self.port, documents)  # noqa: SLF001 - the kernel's seam
        for key, (document, intent, hold) in self.doubts.items():
            existing = found.get(key, ())
            if len(existing) == 1:
                self._place(document, intent, intent, self.port.ids(existing[0]), "adopted")
                self.kernel.proven.add(self.port.purpose)
            else:
                self._hold(document, Hold("ambiguous", self._name(existing)) if existing else hold)
        for key, (document, intent, hold) in self.unclear.items():
            existing = found.get(key, ())
            if len(existing) == 1:
                self._compare(document, intent, existing[0], hold)

    def _confirm(self) -> None:
        """Read back what was written, repair once, record the end."""
        waiting = dict(self.placed)
        done: list[Placed[T]] = []
        if not self.port.confirms:
            done, waiting = list(waiting.values()), {}
        for last_try in (False, True):
            if not waiting:
                break
            try:
                verdicts = self.port.confirm([Written(placed.document, placed.row.ids) for placed in waiting.values()])
            except (Rejected, Busy, InDoubt) as error:
                raise Outage(f"what was written can't be read back: {error.text}") from error
            repaired: dict[str, Placed[T]] = {}
            for key, placed in waiting.items():
                verdict = verdicts.get(key, Hold("unconfirmed"))
                if isinstance(verdict, Fix) and last_try:
                    verdict = Hold("unconfirmed")
                if isinstance(verdict, Fix):
                    if self._repair(placed, verdict):
                        repaired[key] = replace(placed, row=self.placed[key].row)
                elif isinstance(verdict, Ok):
                    row = replace(placed.row, ids={**placed.row.ids, **verdict.ids})
                    done.append(replace(placed, row=row, reason=placed.reason or verdict.note))
                elif placed.document.released:
                    done.append(replace(placed, reason=f"released_{verdict.reason}"))
                else:
                    self._hold(placed.document, verdict, placed.row.ids)
            waiting = repaired
        open_rows = [placed.row for placed in done if placed.row.state is not State.DONE]
        self.kernel.store.change_all((row, replace(row, state=State.DONE)) for row in open_rows)
        for placed in done:
            self._note(placed.document, placed.action, ids=placed.row.ids, reason=placed.reason)

    def _repair(self, placed: Placed[T], fix: Fix[E]) -> bool:
        return self._change(placed.document, placed.row, fix.existing, fix.plan, placed.action)

    # -- outcomes -----------------------------------------------------------------------------------------------------

    def _refused(self, document: Document[T], error: Rejected | Busy) -> None:
        logger.debug("%s %s refused: %s", self.port.purpose, document.key, error.text)
        self._hold(document, Hold(error.reason, error.subject))

    def _hold(self, document: Document[T], hold: Hold, ids: Mapping[str, str] | None = None) -> None:
        self.placed.pop(document.key, None)
        self.outcomes[document.key] = Outcome(document, "held", ids or {}, hold.reason, hold.subject, hold.retry_after)

    def _note(
        self, document: Document[T], action: Action, *, ids: Mapping[str, str] | None = None, reason: str = ""
    ) -> None:
        self.outcomes[document.key] = Outcome(document, action, ids or {}, reason)


def _applied(row: StoredRow | None) -> Applied | None:
    """What we know that we wrote."""
    return Applied(row.ids, Base(row.hashes, row.pending), row.at) if row else None


def _more(pending: Mapping[str, Sequence[str]], hashes: Mapping[str, str]) -> dict[str, list[str]]:
    """The hashes that unclear updates may have written, with one more update."""
    names = {*pending, *hashes}
    return {
        name: list(dict.fromkeys([*pending.get(name, ()), *([hashes[name]] if name in hashes else [])]))
        for name in names
    }
