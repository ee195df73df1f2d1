"""A dry run inside the run: what a flow of many steps would change, before its first write.

A flow whose later steps need what the earlier ones make can't say in one look what it will do. So it is let run once in
plan mode, on a copy of the store and with a client that can't write; what it has planned is then judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from target_lightspeed.outlook import WHOLE
from target_lightspeed.session import WRITES, Session
from upsert.kernel import Kernel
from upsert.plans import Plans, ReadOnly

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from types import TracebackType

    from lightspeed_ecom import Lightspeed
    from target_lightspeed.commerce.guard import Changes
    from target_lightspeed.target import TargetLightspeed
    from upsert.held import HeldLists
    from upsert.model import Change, SourceKey
    from upsert.store import DecisionKind

HIDDEN, DELETED = "hidden", "delete"


class _Quiet(Session):
    """Warnings are given by the run itself."""

    def dropped(self, stream: str, words: str, fields: Iterable[str]) -> None:
        """Nothing."""


class DryRun:
    """The target as a flow sees it, in plan mode. Use it as a context manager.

    Args:
        target: The target of the run.
    """

    plan_only = True

    def __init__(self, target: TargetLightspeed) -> None:
        self._target = target
        self.plans = Plans()
        self.store = target.store.scratch()
        self.config = target.config
        client = cast("Lightspeed", ReadOnly(target.session.client, WRITES))
        self.session: Session = _Quiet(client, target.settings, self.store)
        self._kernels: dict[tuple[str, str], Kernel] = {}

    def __enter__(self) -> TargetLightspeed:
        return cast("TargetLightspeed", self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.store.close()

    @property
    def held(self) -> HeldLists:
        """The run's own lists, to be read."""
        return self._target.held

    def kernel(self, stream: str, *, scope: str = "") -> Kernel:
        """A kernel that plans."""
        if (stream, scope) not in self._kernels:
            self._kernels[stream, scope] = Kernel(
                self.store,
                run_id=self._target.run_id,
                scope=scope,
                flow=stream,
                source=self._target.source(stream),
                beside_bookmark=self._target.beside_bookmark,
                clock=self._target.clock,
                plans=self.plans,
            )
        return self._kernels[stream, scope]

    def decision(self, record: SourceKey) -> DecisionKind | None:
        """What a person decided."""
        return self._target.decision(record)

    def hold(self, *_: Any) -> None:
        """Nothing."""

    def settle(self, *_: Any) -> None:
        """Nothing."""

    def note(self, *_: Any) -> None:
        """Nothing."""

    def count(self, *_: Any) -> None:
        """Nothing."""


def changes_of(plans: Plans, changes: Changes, names: Mapping[SourceKey, str], things: Collection[str]) -> Changes:
    """Put what was planned into changes: one item per source record.

    Args:
        plans: From a dry run.
        changes: Told what is in them.
        names: Source record -> SKU.
        things: Purposes of the things themselves: a record that makes one of these is new as a whole.
    """
    new = {planned.source for planned in plans if planned.action == "create" and planned.purpose in things}
    for planned in plans:
        item = names.get(planned.source, planned.source.key)
        for change in planned.changes:
            if planned.source in new:
                changes.make(item, f"{planned.purpose} {change.field}", change.new)
            elif _deletes(change):
                changes.delete(item)
            elif _hides(change):
                changes.hide(item)
            else:
                changes.add(item, f"{planned.purpose} {change.field}", change.new)
    return changes


def _deletes(change: Change) -> bool:
    """Whether a thing would be gone: as a step of the catalogue says it, or as a resource does."""
    return (change.field == DELETED and change.new is not None) or (change.field == WHOLE and change.new is None)


def _hides(change: Change) -> bool:
    """Whether a product or category would no longer be seen."""
    return (change.field, change.new) in {("visibility", HIDDEN), ("isVisible", False)}
