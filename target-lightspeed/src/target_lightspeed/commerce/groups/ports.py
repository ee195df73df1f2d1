"""The ports of customer groups, and of who is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from target_lightspeed.commerce.groups.known import PURPOSE
from target_lightspeed.fields import Ref
from target_lightspeed.finding import DELETED
from target_lightspeed.item import Item
from target_lightspeed.port import ResourcePort
from target_lightspeed.settings import StreamSettings
from upsert.model import Document
from upsert.store import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_lightspeed.finding import Found
    from target_lightspeed.session import Session
    from upsert.model import Create, SourceKey

MEMBERS = "commerce.members"
"""Rows in the store: one for each customer whom we put into a group; the key names both by id."""

MADE = "made"
"""Mark beside the ids: the membership is ours, not one that stood there already."""


class GroupPort(ResourcePort):
    """Groups by title; made once, never changed, never deleted.

    Args:
        session: Of the run.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(
            session.resource("groups"), session, StreamSettings(), "groups", fields=frozenset({"id", "title"})
        )
        self.purpose = self.finder.purpose = PURPOSE

    def wanted(self, source: SourceKey, code: str, title: str) -> Document[Item]:
        """The document of a group."""
        item = Item(key={"title": title}, values={"title": title})
        return Document(code, source, item, {"title": self.hasher(f"title={title}")})


class MemberPort(ResourcePort):
    """Who is in which group.

    Args:
        session: Of the run.
    """

    def __init__(self, session: Session) -> None:
        fields = frozenset({"group", "customer"})
        super().__init__(session.resource("groups_customers"), session, StreamSettings(), "members", fields=fields)
        self.purpose = self.finder.purpose = MEMBERS
        self._ours: set[str] = set()

    def wanted(self, source: SourceKey, group: int, customer: int) -> Document[Item]:
        """The document of a membership."""
        key = {"group": group, "customer": customer}
        return self.document(source, Item(key=key, values=key))

    def unwanted(self, source: SourceKey, group: int, customer: int) -> Document[Item]:
        """The document that ends a membership."""
        return self.document(source, Item(key={"group": group, "customer": customer}, delete=True))

    def ours(self) -> dict[int, set[int]]:
        """Customer -> groups that we put them into, and that they are still in."""
        found: dict[int, set[int]] = {}
        for row in self.session.store.known(self.session.scope, MEMBERS):
            if row.ids.get(MADE) and not row.ids.get(DELETED):
                group, customer = (int(part.partition("=")[2]) for part in row.key.split(", "))
                found.setdefault(customer, set()).add(group)
        return found

    def look_up(self, documents: Sequence[Document[Item]]) -> Mapping[str, Sequence[Found]]:
        """What exists; notes which of them we made, also when the answer to that was lost."""
        rows = self.session.store.rows(self.session.scope, MEMBERS, [one.key for one in documents])
        self._ours |= {key for key, row in rows.items() if row.state is State.INTENT or row.ids.get(MADE)}
        return super().look_up(documents)

    def ids(self, existing: Found) -> Mapping[str, str]:
        """The shop's id, and whether it is ours."""
        named = self.resource.named
        parts = [
            f"{name}={named[name].kind.normal(existing.row.get(name))}"
            for name in ("group", "customer")
            if isinstance(named[name].kind, Ref)
        ]
        mark = {MADE: "1"} if ", ".join(parts) in self._ours else {}
        return {**super().ids(existing), **mark}

    def create(self, document: Document[Item], plan: Create) -> Mapping[str, str]:
        """Put somebody in."""
        made = {**super().create(document, plan), MADE: "1"}
        self._ours.add(document.key)
        return made
