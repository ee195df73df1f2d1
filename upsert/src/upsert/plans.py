"""What a run in plan mode has planned so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from upsert.model import Change, SourceKey


@dataclass(frozen=True, slots=True)
class Planned:
    """What a run would do about one document; without the document's content.

    Attributes:
        purpose: The port's purpose.
        key: The document's key.
        source: The source record.
        action: ``create`` or ``update``.
        changes: Values that would change, one per field.
        ids: Ids that stand for it in this run (see `Port.assume`), beside those that it has.
        content_hash: Of the document.
        scope: What keys are unique in: the shop, or environment and administration.
    """

    purpose: str
    key: str
    source: SourceKey
    action: Literal["create", "update"]
    changes: tuple[Change, ...]
    ids: Mapping[str, str]
    content_hash: str
    scope: str = ""


@dataclass
class Plans:
    """What a run in plan mode has planned so far.

    Attributes:
        calls: Writes that it would take, beside those that the target refuses.
        refused: Writes that the target would refuse, as far as reading shows it. A refused bulk is sent again in parts,
            so each of them may cost several calls.
        mails: Mails that customers would get.
        beyond: What is more than the limits allow, one line each.
        held: Reason -> records that would be held.
    """

    calls: int = 0
    refused: int = 0
    mails: int = 0
    beyond: list[str] = field(default_factory=list)
    held: Counter[str] = field(default_factory=Counter)
    _found: dict[tuple[str, str, str], Planned] = field(default_factory=dict)

    def get(self, scope: str, purpose: str, key: str) -> Planned | None:
        """What is planned for a document."""
        return self._found.get((scope, purpose, key))

    def add(self, scope: str, new: Planned) -> None:
        """Note what is planned; what was planned for the same document before stays where it is of other fields."""
        place, new = (scope, new.purpose, new.key), replace(new, scope=scope)
        before = self._found.get(place)
        if before is not None:
            changes = {change.field: change for change in before.changes}
            for change in new.changes:
                known = changes.get(change.field)
                changes[change.field] = replace(change, old=known.old) if known else change
            action = "create" if before.action == "create" else new.action
            new = replace(new, action=action, changes=tuple(changes.values()), ids={**before.ids, **new.ids})
        self._found[place] = new

    def __iter__(self) -> Iterator[Planned]:
        return iter(self._found.values())

    def __len__(self) -> int:
        return len(self._found)


class ReadOnly:
    """A client that can't write: in plan mode the last line of defence, should a sink go past the kernel.

    Args:
        client: Everything else is passed on to it.
        writes: Names of its methods that write.
    """

    def __init__(self, client: Any, writes: frozenset[str]) -> None:
        self._client, self._writes = client, writes

    def __getattr__(self, name: str) -> Any:
        if name in self._writes:
            raise RuntimeError(f"plan mode: {name} would write")
        return getattr(self._client, name)
