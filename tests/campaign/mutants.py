"""Four couplings with one safeguard broken each, and for each the story in which that safeguard is what counts.

A campaign that can't tell them from the real one proves nothing. They are made through the seams that `upsert` keeps
for this purpose; no setting reaches those.
"""

from __future__ import annotations

from copy import copy
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from target_afas.target import TargetAfas
from tests.campaign.faults import FAULTS, SIDES
from tests.campaign.life import ENDPOINTS
from tests.support.plugins import Target
from upsert.kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_afas.session import Session
    from tests.campaign.living import Json, Step
    from upsert.model import Document
    from upsert.port import Port
    from upsert.store import StoredRow


class _Blind(Kernel):
    def _look_up(self, port: Port[Any, Any], documents: Sequence[Document[Any]]) -> Mapping[str, Sequence[Any]]:
        return {}


class _Forgetful(Kernel):
    def _commit_intent(self, seen: StoredRow | None, intent: StoredRow) -> StoredRow | None:
        return intent


class _Hasty(Kernel):
    def _still_in_doubt(self, left: timedelta) -> timedelta:
        return timedelta()


class NoLookUp(Target):
    """Believes that no order exists in AFAS; only the proof that the first insert can be seen is left to it."""

    kernel_class: ClassVar[type[Kernel]] = _Blind

    @cached_property
    def session(self) -> Session:
        """The session, of which the flow's own question for orders is blind too."""
        made: Session = TargetAfas.__dict__["session"].func(self)
        lookups = made.lookups
        lookups.booked = copy(lookups).booked  # type: ignore[method-assign] # a mutant
        lookups.order_rows = lambda references: {}  # type: ignore[method-assign]  # a mutant
        return made


class NoIntent(Target):
    """Writes to AFAS without a durable intent."""

    kernel_class: ClassVar[type[Kernel]] = _Forgetful


class NoWait(Target):
    """Takes an empty look-up for proof, however short ago the write was."""

    kernel_class: ClassVar[type[Kernel]] = _Hasty


class BookmarkFirst(Target):
    """Lets the state go out before what it stands for is done."""

    def _checkpoint(self) -> None:
        self._write_state_message(self._latest_state or {})
        super()._checkpoint()


PLAIN: Json = {"start": 0, "rounding": 1, "limits": 0, "afas": 0, "batch": 0, "seed": 1}
"""An ordinary world."""


def _fault(side: str, name: str, endpoint: str, way: Json) -> Step:
    """A fault that strikes at the next call of an endpoint."""
    numbers = {"kind": SIDES.index((side, name)), "way": FAULTS[side][name].index(way)}
    return "fault", {**numbers, "place": ENDPOINTS[side].index(endpoint), "nth": 1, "times": 1}


_ORDER: Step = ("order", {"kind": 0, "seed": 5, "count": 1})
_LATE = [
    _ORDER,
    _fault("afas", "late_work", "POST connectors/FbSales", {"after": 300}),
    ("run", {"wait": 1}),
    ("touch", {"order": 0}),
    ("run", {"wait": 1}),
]
"""A write whose client gives up and whose work comes later; meanwhile the order comes by again."""
_LOST_ANSWER = [
    _ORDER,
    _fault("afas", "timeout_after_work", "POST connectors/FbSales", {}),
    ("run", {"wait": 1}),
    ("passes", {"how": 4}),
]
"""A write that was done, though no answer came."""
_KILLED: list[Step] = [
    ("order", {"kind": 0, "seed": 5, "count": 3}),
    ("kill", {"wait": 1, "plugin": 1, "call": 2, "when": 1, "half": 0}),
]
"""A kill while orders are under way."""

FOUND: Mapping[str, Sequence[Step]] = {
    "a passing 404 on a held order": [
        ("lose_item", {"number": 4, "how": 0}),
        ("run", {"wait": 1}),
        _fault("lightspeed", "temporary_404", "GET orders/{id}", {}),
        ("run", {"wait": 0}),
        ("mend_item", {"number": 0}),
    ],
    "a first run within a first run": [
        ("lose_item", {"number": 4, "how": 0}),
        ("double", {"wait": 0, "plugin": 0, "call": 1}),
    ],
    "a tap killed in the middle of a line": [
        _ORDER,
        ("kill", {"wait": 1, "plugin": 0, "call": 2, "when": 1, "half": 1}),
    ],
}
"""Stories in which a promise broke once."""

MUTANTS: Mapping[str, tuple[type[Target], str, Sequence[Step]]] = {
    "no_look_up": (NoLookUp, "R1", _LOST_ANSWER),
    "no_intent": (NoIntent, "R1", _LATE),
    "no_wait": (NoWait, "R1", _LATE),
    "bookmark_first": (BookmarkFirst, "R3", _KILLED),
}
"""By name: the mutant, the promise it breaks, and where."""
