"""What a person has approved beyond the limits: kept in the store until it is written, and good for nothing else.

A run that is beyond its limits names a token. The run that is given this token remembers each item of the set with
hashes of its new values. So an approved run that breaks off, or ends early because its share of calls is used, goes on
in the next one without being asked again, also where an item is half written; what the next run finds done (or no
longer wanted) is struck off the list. A set that comes once more later has another token: an approval that was left in
the settings does nothing. A first load is in the same way allowed as a whole, until a run of the flow has come to its
end.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from target_lightspeed.commerce.guard import Guard, beyond

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from target_lightspeed.commerce.guard import Changes
    from target_lightspeed.commerce.guard_settings import Limits
    from target_lightspeed.session import Session
    from upsert.store import Store


@dataclass(frozen=True, slots=True)
class Approved:
    """What is approved for one flow.

    Attributes:
        number: How many approvals there were; part of the next token.
        items: Item -> hashes of its values, of what is still to be written.
        loaded: Whether the flow has come to its end before.
    """

    number: int
    items: Mapping[str, Collection[str]]
    loaded: bool


class Approvals:
    """Judges the changes of a run, and remembers what was approved.

    Args:
        store: Where approvals are kept; in plan mode a copy.
        scope: The shop.
        given: Tokens in the settings.
    """

    def __init__(self, store: Store, scope: str, given: Collection[str]) -> None:
        self._store, self._scope, self._given = store, scope, given

    @classmethod
    def of(cls, session: Session) -> Approvals:
        """Those of a run."""
        return cls(session.store, session.scope, session.settings.approved)

    def pending(self, flow: str) -> bool:
        """Whether something approved is still to be written, as far as the last run that was judged knew."""
        return bool(self._load(flow).items)

    def is_loaded(self, flow: str) -> bool:
        """Whether the first load of a flow is over."""
        return self._load(flow).loaded

    def loaded(self, flow: str) -> None:
        """A run of the flow has come to its end."""
        before = self._load(flow)
        if not before.loaded:
            self._save(flow, replace(before, loaded=True))

    def check(self, limits: Limits, changes: Changes) -> None:
        """Let a run go on, or stop it before its first write. Give it to ``target.within``.

        Args:
            limits: Of the flow.
            changes: All that the run would change.

        Raises:
            Beyond: It is more than the limits allow, and not approved; one line: what, how many of how many, up to
                five examples, and how to approve it.
        """
        before = self._load(changes.flow)
        digests = changes.digests()
        still = {item: now for item, now in digests.items() if now <= frozenset(before.items.get(item, ()))}
        after = replace(before, items=still)
        rest = changes.without(still)
        if found := Guard(limits).problems(rest):
            token = rest.token(before.number)
            allowed = changes.first and limits.first_load == "allow"
            if not allowed and token not in self._given:
                raise beyond(changes.flow, found, token, other=bool(self._given))
            after = replace(before, number=before.number + (not allowed), items=digests)
        self._save(changes.flow, after)

    def _name(self, flow: str) -> str:
        return f"approved {self._scope} {flow}"

    def _load(self, flow: str) -> Approved:
        text = self._store.remembered(self._name(flow))
        found = json.loads(text) if text else {}
        return Approved(found.get("number", 0), found.get("items", {}), found.get("loaded", False))

    def _save(self, flow: str, approved: Approved) -> None:
        items = {item: sorted(values) for item, values in sorted(approved.items.items())}
        data = {"number": approved.number, "items": items, "loaded": approved.loaded}
        text = json.dumps(data, separators=(",", ":"))
        if text != self._store.remembered(self._name(flow)):
            self._store.remember(self._name(flow), text)
