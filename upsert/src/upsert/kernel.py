"""The kernel: look up, plan, apply, confirm, record. Every sink does these steps, so they stand once."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from upsert._ahead import Ahead
from upsert._batch import Batch, ask
from upsert.clock import SYSTEM_CLOCK, Clock
from upsert.decide import NOTHING
from upsert.model import Document, Outcome, SourceKey
from upsert.store import Birth, Decision, DecisionKind, LogRow, State, Store, StoredRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from upsert.plans import Planned, Plans
    from upsert.port import Port

T = TypeVar("T")
E = TypeVar("E")

logger = logging.getLogger(__name__)

WAITS_FOR_ANOTHER_RUN = (0.25, 0.25, 0.5, 1, 1, 2)
"""Seconds. Two flows often meet at a new customer; the second one is spared a held record when the first is quick."""


@dataclass
class Summary:
    """Counts over all batches of a run.

    Attributes:
        actions: (purpose, action) to count.
        reasons: (action, reason) of what was skipped or held.
    """

    actions: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)


class Kernel:
    """Gets documents into a target system exactly once. One per run and scope; `run` it batch by batch.

    Args:
        store: Intents and what was applied.
        run_id: Names this run in the store.
        scope: What document keys are unique in (environment and administration); part of every key in the store.
        flow: Name of the flow, for the log.
        source: The bookmark's ``source`` (``shop.shop1``); a person's decisions are kept per source.
        beside_bookmark: Whether this run found a bookmark. A store that is new beside one has lost its predecessor, so
            it waits until the predecessor's last writes must show.
        clock: Only for pauses between look-ups and for the log; ages are measured on the target's clock.
        plans: Plan mode: `run` writes nothing, neither to the target nor to the store, and notes here what it would
            do. Kernels of one run share it.

    The methods called "seam" exist so that a test can break one safeguard and prove that the fault campaign notices;
    see `upsert.testing`. No setting reaches them.
    """

    def __init__(
        self,
        store: Store,
        *,
        run_id: str,
        scope: str = "",
        flow: str = "",
        source: str = "",
        beside_bookmark: bool = False,
        clock: Clock = SYSTEM_CLOCK,
        plans: Plans | None = None,
    ) -> None:
        self.store = store
        self.plans = plans
        self.run_id = run_id
        self.scope = scope
        self.flow = flow
        self.source = source
        self.beside_bookmark = beside_bookmark
        self.clock = clock
        self.summary = Summary()
        self.proven: set[str] = set()
        self._decisions: Mapping[SourceKey, Decision] | None = None
        self._birth: Birth | None = None

    @property
    def decisions(self) -> Mapping[SourceKey, Decision]:
        """What people decided about records of this source; read once, at the start."""
        if self._decisions is None:
            self._decisions = self.store.decisions(self.source)
        return self._decisions

    def run(self, port: Port[T, E], documents: Sequence[Document[T]], *, last: bool = True) -> list[Outcome]:
        """Bring one batch into the target system.

        Args:
            port: The target system, for one kind of document.
            documents: In the order of the source; of several with one key the last counts.
            last: Whether this is all that is made of their source records. False for what must be there first (the
                customer of an order): a person's decision about the record is then not used up yet.

        Returns:
            One outcome per document, in the same order.

        Raises:
            Outage: The run must stop. What was in flight is recorded; nothing is held for it, so no bookmark may move.
            StoreError: The store can't be used; nothing was written to the target without a durable intent.
        """
        if self.plans is not None:
            return self._plan(port, documents, self.plans)
        current = self._current(documents)
        done = dict(Batch(self, port).run(current))
        if free := self._freed(port, [document for document in current if done[document.key].reason == "taken"]):
            done |= Batch(self, port).run(free)
        outcomes = _in_order(documents, done)
        self._report(port.purpose, outcomes, last=last)
        return outcomes

    def preview(self, port: Port[T, E], documents: Sequence[Document[T]]) -> list[Outcome]:
        """What `run` would do with these documents, found out in the same way, with nothing written anywhere.

        For a sink that must see all planned changes before the first one is made. The look-ups are made; whether `run`
        makes them once more depends on the port.

        Returns:
            One outcome per document, in the same order; ``planned`` with its plan and its changes where `run` would
            create or change, ``skipped`` or ``held`` as `run` would.

        Raises:
            Outage: As `run`.
        """
        return _in_order(documents, Ahead(self, port).run(self._current(documents)))

    def planned(self, purpose: str, key: str) -> Planned | None:
        """What an earlier step of this run has planned for a document; None when nothing, and outside of plan mode.

        Args:
            purpose: Of the port that planned it.
            key: The document's key.
        """
        return self.plans.get(self.scope, purpose, key) if self.plans is not None else None

    def _plan(self, port: Port[T, E], documents: Sequence[Document[T]], plans: Plans) -> list[Outcome]:
        """A batch in plan mode."""
        outcomes = _in_order(documents, Ahead(self, port, plans).run(self._current(documents)))
        for outcome in outcomes:
            self._sum_up(port.purpose, outcome)
        return outcomes

    def _current(self, documents: Sequence[Document[T]]) -> list[Document[T]]:
        """The last of each key, with a person's decision about it."""
        newest = {document.key: n for n, document in enumerate(documents)}
        current = [document for n, document in enumerate(documents) if newest[document.key] == n]
        return [self._decided(document) for document in current]

    def _freed(self, port: Port[T, E], taken: Sequence[Document[T]]) -> list[Document[T]]:
        """Of the documents that another run was writing, those that it has finished within a few seconds."""
        busy = {document.key for document in taken}
        for wait in WAITS_FOR_ANOTHER_RUN if taken else ():
            self.clock.sleep(wait)
            rows = self.store.rows(self.scope, port.purpose, list(busy))
            busy = {key for key, row in rows.items() if row.state is not State.DONE}
            if not busy:
                break
        return [document for document in taken if document.key not in busy]

    def decision(self, document: Document[Any]) -> DecisionKind | None:
        """What a person decided about any of the document's source records; a skip goes first."""
        kinds = {self.decisions[source].kind for source in document.sources if source in self.decisions}
        order = (DecisionKind.SKIP, DecisionKind.RELEASE, DecisionKind.RETRY)
        return next((kind for kind in order if kind in kinds), None)

    def _decided(self, document: Document[T]) -> Document[T]:
        return replace(document, released=True) if self.decision(document) is DecisionKind.RELEASE else document

    def log_row(self, purpose: str, outcome: Outcome, source: SourceKey, *, action: str = "") -> LogRow:
        """An outcome as a line of the basic log."""
        return LogRow(
            run_id=self.run_id,
            flow=self.flow,
            stream=source.stream,
            source_key=source.key,
            purpose=purpose,
            key=outcome.document.key,
            action=action or outcome.action,
            ids=outcome.ids,
            reason=outcome.reason,
            subject=outcome.subject,
            at=self.clock.now(),
        )

    def report(self, purpose: str, outcomes: Sequence[Outcome]) -> None:
        """Log outcomes that were decided before any port was asked (a record that waits for another one)."""
        if self.plans is None:
            self._report(purpose, outcomes, last=True)
            return
        for outcome in outcomes:
            self._sum_up(purpose, outcome)

    def _report(self, purpose: str, outcomes: Sequence[Outcome], *, last: bool) -> None:
        rows: list[LogRow] = []
        used: list[tuple[SourceKey, DecisionKind]] = []
        for outcome in outcomes:
            changed = self._sum_up(purpose, outcome)
            if not changed or outcome.reason:
                # What was written stands in the log already, in one transaction with its row; here comes only its note.
                action = "noted" if changed else ""
                rows += [self.log_row(purpose, outcome, source, action=action) for source in outcome.document.sources]
            for source in outcome.document.sources if last else ():
                used.append((source, DecisionKind.RETRY))
                if outcome.action != "held":
                    used.append((source, DecisionKind.RELEASE))
        self.store.log(rows)
        self.store.use_decisions(
            self.source, [(source, kind) for source, kind in used if source in self.decisions], self.clock.now()
        )

    def _sum_up(self, purpose: str, outcome: Outcome) -> bool:
        """Count an outcome; whether something was changed."""
        self.summary.actions[purpose, outcome.action] += 1
        changed = outcome.action in {"created", "updated", "adopted"}
        if not changed:
            self.summary.reasons[outcome.action, outcome.reason] += 1
        return changed

    # -- seams --------------------------------------------------------------------------------------------------------

    def _look_up(self, port: Port[T, E], documents: Sequence[Document[T]]) -> Mapping[str, Sequence[E]]:
        """Seam: ask the target what exists."""
        return ask(port, documents)

    def _commit_intent(self, seen: StoredRow | None, intent: StoredRow) -> StoredRow | None:
        """Seam: make the intent durable. None: another process has it."""
        return self.store.change(seen, intent)

    def _still_in_doubt(self, left: timedelta) -> timedelta:
        """Seam: how long an unclear write must be waited for."""
        return left

    def store_left(self, port: Port[T, E], now: datetime) -> timedelta:
        """How long a lost predecessor of this store may still have writes under way."""
        flow = f"{self.source} {self.flow}".strip()
        birth = self._birth or self.store.birth(now, beside_bookmark=self.beside_bookmark, flow=flow)
        self._birth = birth
        if not birth.beside_bookmark:
            return NOTHING
        return min(max(port.in_doubt_for - (now - birth.at), NOTHING), port.in_doubt_for)

    def intent(self, port: Port[T, E], document: Document[T], state: State = State.INTENT) -> StoredRow:
        """The row to commit before a write."""
        return StoredRow(
            scope=self.scope,
            purpose=port.purpose,
            key=document.key,
            state=state,
            at=port.now(),
            content_hash=document.content_hash,
            hashes=dict(document.hashes),
            ids={},
            revision=0,
            run_id=self.run_id,
            source=document.source,
        )


def _in_order(documents: Sequence[Document[Any]], done: Mapping[str, Outcome]) -> list[Outcome]:
    """One outcome per document: that of its key for the last document, superseded for those before."""
    newest = {document.key: n for n, document in enumerate(documents)}
    return [
        done[document.key] if newest[document.key] == n else Outcome(document, "skipped", reason="superseded")
        for n, document in enumerate(documents)
    ]
