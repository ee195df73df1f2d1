"""The port of the category tree: our key stands in the store, for the shop has no place for it.

A category that the store doesn't know is looked for by title and parent. One that stands there already is ours only
when it was made since our intent (an answer was lost); any other was made by hand, and the settings say what then.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from target_lightspeed import changes
from target_lightspeed.commerce.categories.wants import WRITTEN
from target_lightspeed.failures import reading
from target_lightspeed.finding import DELETED, Found
from target_lightspeed.lookups import shown
from target_lightspeed.port import ResourcePort
from target_lightspeed.settings import StreamSettings
from upsert.model import Create, Document, Hold, Update
from upsert.store import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_lightspeed.item import Item
    from target_lightspeed.session import Session
    from upsert.model import Applied, Plan, SourceKey
    from upsert.store import StoredRow

PURPOSE = "commerce.categories"
"""Rows of the tree in the store: the document's key is the record's key, ``ids["id"]`` the shop's id."""

_MARGIN = dt.timedelta(minutes=10)
"""A row's time is when we gave up waiting for an answer, up to five minutes after the write was sent."""


def category_id(row: StoredRow | None) -> int:
    """The shop's id of a category that stands there by what the store knows; 0 when it doesn't."""
    if row is None or row.state is State.INTENT or row.ids.get(DELETED):
        return 0
    return int(row.ids.get("id") or 0)


class CategoryPort(ResourcePort):
    """Categories in one language.

    Args:
        session: Of the run.
        language: Of texts, when it isn't the shop's default.
    """

    def __init__(self, session: Session, language: str = "") -> None:
        resource = session.resource("categories")
        super().__init__(resource, session, StreamSettings(), "categories", language=language, fields=WRITTEN)
        self.purpose = self.finder.purpose = f"{PURPOSE}.{language}" if language else PURPOSE
        self.finder.need = WRITTEN | {"createdAt"}
        self._same_name = session.settings.categories.same_name
        self._foreign: dict[str, int] = {}
        self._circles: dict[str, int] = {}
        self._children: dict[str, int] = {}

    def tree_document(self, source: SourceKey, key: str, item: Item, identity: int, parent: int) -> Document[Item]:
        """The document of a category.

        Args:
            source: The source record.
            key: The record's key.
            item: What it wants.
            identity: The shop's id where the store knows it, or 0.
            parent: The shop's id of its parent, or 0.
        """
        if identity:
            item = replace(item, key={"id": identity})
        elif "title" in item.values:
            item = replace(item, key={"title": item.values["title"], "parent": parent or False})
        else:
            item = replace(item, problem=Hold("missing_field", "title"))
        return Document(key, source, item, changes.hashes(item, self.resource, self.hasher), unwanted=item.delete)

    def look_up(self, documents: Sequence[Document[Item]]) -> Mapping[str, Sequence[Found]]:
        """What exists and is ours (or is to be taken over)."""
        documents = [self._current(one) for one in documents]
        real = [one for one in documents if not _is_assumed(one)]
        found: dict[str, Sequence[Found]] = dict(super().look_up(real))
        for document in documents:
            if _is_assumed(document) and document.content.by_id:
                found[document.key] = [Found(document.content.key["id"], {})]
        self.finder.resolve([one for one in documents if _is_assumed(one)])
        self._foreign.clear()
        self._circles.clear()
        named = [one for one in real if not one.content.by_id and found.get(one.key)]
        if named:
            known = {row.key: row for row in self.session.store.known(self.session.scope, self.purpose)}
            claimed = {category_id(row): key for key, row in known.items()}
            for document in named:
                found[document.key] = self._ours(document, found[document.key], known.get(document.key), claimed)
        for document in real:
            if document.content.delete:
                # What somebody deleted already is deleted once more, so that it counts as gone from now on.
                identity = int(document.content.key["id"])
                found[document.key] = found.get(document.key) or [Found(identity, {})]
                self._children[document.key] = self._child_of(identity)
            elif document.content.by_id and found.get(document.key):
                self._find_circle(document, found[document.key][0])
        return found

    def _find_circle(self, document: Document[Item], existing: Found) -> None:
        """Note a category that is to hang under one that hangs under itself; the shop would lose the whole branch.

        Within one run the records show it. But a run has only what changed, and the rest of the circle may stand in the
        shop.
        """
        place = int(document.content.values.get("parent") or 0)
        if str(place or "") == shown(self.resource, "parent", existing.row):
            return
        seen: set[int] = set()
        while place > 0 and place not in seen:
            if place == existing.id:
                self._circles[document.key] = int(document.content.values["parent"])
                return
            seen.add(place)
            key = (("id", str(place)),)
            with reading():
                rows = self.lookups.find(self.resource, [key], {"parent"})[key]
            place = int(shown(self.resource, "parent", rows[0]) or 0) if rows else 0

    def _current(self, document: Document[Item]) -> Document[Item]:
        """The same; of one that a person let us make anew, what was made meanwhile is looked for."""
        if not (document.released and document.content.by_id):
            return document
        identity = category_id(self.session.store.row(self.session.scope, self.purpose, document.key))
        key = {"id": identity or document.content.key["id"]}
        return replace(document, content=replace(document.content, key=key))

    def _ours(
        self, document: Document[Item], found: Sequence[Found], row: StoredRow | None, claimed: Mapping[int, str]
    ) -> list[Found]:
        """Of the categories of that title at that place, the one that this document is about."""
        free = [one for one in found if not one.gone and claimed.get(one.id) in (None, document.key)]
        ours = [one for one in free if claimed.get(one.id) == document.key or (row is not None and _made_by(row, one))]
        if ours:
            return ours
        if self._same_name == "adopt" and free:
            return free
        if self._same_name == "hold" and free:
            self._foreign[document.key] = free[0].id
        gone = row is not None and bool(row.ids.get(DELETED))
        return [Found(0, {}, gone=True)] if gone else []

    def _child_of(self, identity: int) -> int:
        """A category that hangs under another one, or 0."""
        if not identity:
            return 0
        key = (("parent", str(identity)),)
        with reading():
            rows = self.lookups.find(self.resource, [key], self.finder.need)[key]
        return next((int(row["id"]) for row in rows), 0)

    def plan(self, document: Document[Item], existing: Found | None, applied: Applied | None) -> Plan:
        """As any resource; a category of other hands is never touched."""
        if document.key in self._foreign and (existing is None or existing.gone):
            return Hold("made_by_hand", f"category {self._foreign[document.key]}")
        if document.key in self._circles:
            return Hold("waits_for_parent", f"circle with category {self._circles[document.key]}")
        if document.content.delete and self._children.get(document.key):
            return Hold("not_empty", f"category {self._children[document.key]}")
        return super().plan(document, existing, applied)

    def assume(self, document: Document[Item], plan: Create | Update) -> Mapping[str, str]:
        """Plan mode: a number below zero stands for a category that would be made, so that its children can follow."""
        if isinstance(plan, Update) and document.content.by_id:
            return {"id": str(document.content.key["id"])}
        identity = self.session.placeholder()
        self.session.titles.learn("categories", identity, str(document.content.values.get("title") or ""))
        return {"id": str(identity)}

    def _plan_missing(self, document: Document[Item]) -> Plan:
        if document.released and document.content.by_id and not self.language:
            return self._plan_new(document, self.finder.values(document))
        return super()._plan_missing(document)

    def _plan_new(self, document: Document[Item], values: Mapping[str, Any]) -> Plan:
        new = {"type": "category", "fulltitle": values.get("title", ""), **values}
        return super()._plan_new(document, new)


def _is_assumed(document: Document[Item]) -> bool:
    """Whether it, or what it hangs under, is only planned."""
    key = document.content.key
    return min(int(key.get("id") or 0), int(key.get("parent") or 0)) < 0


def _made_by(row: StoredRow, found: Found) -> bool:
    """Whether a category was made since our intent, by the shop's clock on both sides."""
    if row.state is not State.INTENT and not (row.state is State.UPDATING and row.ids.get(DELETED)):
        return False
    try:
        made = dt.datetime.fromisoformat(str(found.row.get("createdAt")))
    except ValueError:
        return False
    return made.tzinfo is not None and made >= row.at - _MARGIN
