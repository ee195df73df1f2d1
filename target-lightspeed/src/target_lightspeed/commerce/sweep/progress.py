"""How far a sweep has come; kept in the store from run to run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from upsert.store import Store


TOLD = "told"
"""Behind an open row: its record stood on the held list when a run began, so nothing can lose it any more."""


@dataclass
class Progress:
    """The state of one flow's sweep.

    Attributes:
        due: When the next one begins, ISO 8601; "" when none was planned yet.
        part: Number of the list that is read; -1 between two sweeps.
        page: Its next page.
        seen: Ids that this list has shown so far.
        open: Rows that were found changed or gone, and are not right again yet: purpose and key -> source stream and
            key, the reason for which the record is held, and `TOLD` once the STATE was seen to hold it.
        forms: Purpose, key and field -> hash of what the shop made of what we wrote. A shop that keeps a value in its
            own form would else be corrected for ever.
    """

    due: str = ""
    part: int = -1
    page: int = 1
    seen: list[int] = field(default_factory=list)
    open: dict[str, list[str]] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, store: Store, name: str) -> Progress:
        """As it was kept; a new one when there is none, or it can't be read."""
        try:
            return cls(**json.loads(store.remembered(name) or "{}"))
        except (TypeError, ValueError):
            return cls()

    def keep(self, store: Store, name: str) -> None:
        """Keep it."""
        store.remember(name, json.dumps(asdict(self)))
