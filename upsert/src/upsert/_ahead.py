"""Looking ahead: a batch of the kernel that decides everything and writes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeVar

from upsert._batch import Batch, Work
from upsert.model import Create, Outcome
from upsert.plans import Planned, Plans

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from upsert.kernel import Kernel
    from upsert.model import Action, Document, Skip
    from upsert.port import Port
    from upsert.store import StoredRow

T = TypeVar("T")
E = TypeVar("E")


class Ahead(Batch[T, E]):
    """Decides as `Batch` does, by the same code, and then stops.

    Args:
        kernel: Store, clock, seams.
        port: The target system.
        plans: Plan mode: later steps of the run count on what is planned. None for a preview.
    """

    def __init__(self, kernel: Kernel, port: Port[T, E], plans: Plans | None = None) -> None:
        super().__init__(kernel, port)
        self.plans = plans

    def run(self, documents: Sequence[Document[T]]) -> Mapping[str, Outcome]:
        """Document key to outcome; ``planned`` where a write would follow."""
        rows = self.kernel.store.rows(self.kernel.scope, self.port.purpose, [document.key for document in documents])
        todo = [document for document in documents if not self._settled(document, rows.get(document.key))]
        works = self._prepare(todo, rows) if todo else []
        if works and self.plans is not None:
            self.port.before_writes()
            works = [work for work in works if not self._refuses(work, self.plans)]
        planned = [self._outcome(work) for work in works]
        self.outcomes.update({outcome.document.key: outcome for outcome in planned})
        if planned and self.plans is not None:
            cost = self.port.cost(planned)
            self.plans.calls += cost.calls
            self.plans.mails += cost.mails
        return self.outcomes

    def _settled(self, document: Document[T], row: StoredRow | None) -> bool:
        before = self.kernel.planned(self.port.purpose, document.key)
        if before is not None and before.content_hash == document.content_hash:
            self._note(document, "skipped", ids=before.ids, reason="unchanged")
            return True
        return super()._settled(document, row)

    def _refuses(self, work: Work[T, E], plans: Plans) -> bool:
        """Whether the target would refuse the write: then it is held, as the run itself would hold it."""
        refusal = self.port.refuses(work.document, work.existing, work.plan)
        if refusal is not None:
            plans.refused += 1
            self._hold(work.document, refusal)
        return refusal is not None

    def _outcome(self, work: Work[T, E]) -> Outcome:
        document, plan = work.document, work.plan
        changes = tuple(self.port.describe(document, work.existing, plan))
        ids = dict(work.row.ids) if work.row else {}
        if work.existing is not None:
            ids |= self.port.ids(work.existing)
        if self.plans is not None:
            ids |= self.port.assume(document, plan)
            action: Literal["create", "update"] = "create" if isinstance(plan, Create) else "update"
            self.plans.add(
                self.kernel.scope,
                Planned(self.port.purpose, document.key, document.source, action, changes, ids, document.content_hash),
            )
        return Outcome(document, "planned", ids, plan=plan, changes=changes)

    # -- what `Batch` would write down --------------------------------------------------------------------------------

    def _place(
        self, document: Document[T], seen: StoredRow | None, row: StoredRow, ids: Mapping[str, str], action: Action
    ) -> StoredRow | None:
        """An earlier write of ours would be taken over: nothing is sent for that."""
        del seen, action
        self._note(document, "skipped", ids=ids, reason="unchanged")
        return replace(row, ids=dict(ids))

    def _skip(self, document: Document[T], row: StoredRow | None, existing: E, plan: Skip) -> None:
        del row
        self._note(document, "skipped", ids=self.port.ids(existing), reason=plan.reason)
