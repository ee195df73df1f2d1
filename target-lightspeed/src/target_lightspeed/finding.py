"""What exists of the things that a batch of records wants, in as few calls as possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lightspeed_ecom import NotFound
from target_lightspeed.failures import reading
from target_lightspeed.fields import By
from target_lightspeed.references import UNKNOWN, Missing, Resolver
from target_lightspeed.uploads import slug
from upsert.errors import Rejected

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from target_lightspeed.item import Item
    from target_lightspeed.lookups import Key, Row
    from target_lightspeed.resource import Resource
    from target_lightspeed.session import Session
    from upsert.model import Document
    from upsert.store import StoredRow

DELETED = "deleted"
"""Mark beside the ids in the store: we deleted it, so that a later record may make it anew."""


@dataclass(frozen=True, slots=True)
class Found:
    """What exists.

    Attributes:
        id: The shop's id; 0 for what we deleted, and what there is one of.
        row: What the shop shows.
        gone: We deleted it ourselves.
        old: Ids of files that still stand beside this one after a replacement without an answer.
    """

    id: int
    row: Row
    gone: bool = False
    old: tuple[int, ...] = ()


class Finder:
    """Looks up documents of one port; knows which of them must be asked anew.

    Args:
        resource: The resource.
        session: Look-ups and store of the run.
        purpose: The port's name in the store.
        language: Of texts, when it isn't the shop's default.
        need: Fields that must be compared; None for all.
    """

    def __init__(
        self, resource: Resource, session: Session, purpose: str, language: str, need: frozenset[str] | None
    ) -> None:
        self.resource, self.session, self.purpose, self.language = resource, session, purpose, language
        self.lookups = session.lookups
        self.need = need | ({resource.delete_by} - {""}) if need is not None else None
        self.unsure: set[str] = set()
        self.proven = False
        self._resolver = Resolver(session.lookups)
        self._resolved: dict[str, Mapping[str, Any] | Missing] = {}

    def begin(self) -> None:
        """A new batch: what was resolved for the last one is forgotten."""
        self._resolved.clear()

    def find(self, documents: Sequence[Document[Item]]) -> dict[str, list[Found]]:
        """Document key -> what exists, also what we deleted ourselves."""
        asked = [one for one in documents if not one.content.problem and not one.content.skip]
        self.resolve(asked)
        known = [one for one in asked if not isinstance(self._resolved[one.key], Missing)]
        with reading():
            found = dict(self._find(known))
        if seen := {key for key in self.unsure if found.get(key)}:
            self.unsure -= seen
            self.proven = True
        missing = [one.key for one in known if not found.get(one.key)]
        for key, row in self.session.store.rows(self.session.scope, self.purpose, missing).items():
            if row.ids.get(DELETED):
                found[key] = [Found(0, {}, gone=True)]
        return found

    # -- references ---------------------------------------------------------------------------------------------------

    def resolve(self, documents: Sequence[Document[Item]]) -> None:
        """Turn references by natural key into ids."""
        with reading():
            resolved = self._resolver.resolve([one.content for one in documents], self.resource)
        self._resolved.update(zip((one.key for one in documents), resolved, strict=True))

    def missing(self, document: Document[Item]) -> Missing | None:
        """The reference that leads nowhere, if there is one."""
        resolved = self._resolved[document.key]
        return resolved if isinstance(resolved, Missing) else None

    def values(self, document: Document[Item]) -> dict[str, Any]:
        """Values with references resolved.

        Raises:
            Rejected: A reference leads nowhere.
        """
        resolved = self._known(document)
        return {name: resolved.get(name, value) for name, value in document.content.values.items()}

    def owner(self, document: Document[Item]) -> int | None:
        """The parent's id, where there is a parent."""
        owner = document.content.owner
        return int(self._known(document)["owner"]) if isinstance(owner, By) else owner

    def _known(self, document: Document[Item]) -> Mapping[str, Any]:
        resolved = self._resolved[document.key]
        if isinstance(resolved, Missing):
            raise Rejected(resolved.reason, resolved.subject)
        return resolved

    # -- rows ---------------------------------------------------------------------------------------------------------

    def _find(self, documents: Sequence[Document[Item]]) -> Iterator[tuple[str, list[Found]]]:
        if self.resource.single:
            for document in documents:
                yield document.key, [Found(0, self.lookups.one(self.resource))]
        elif self.resource.upload == "single":
            yield from self._single_uploads(documents)
        elif self.resource.upload:
            bare = self._without_images(documents)
            for document in documents:
                try:
                    yield document.key, [] if self.owner(document) in bare else self._upload(document)
                except NotFound:
                    if self.owner(document) is None:
                        raise
                    self._without_parent([document])
        else:
            yield from self._rows(documents)

    def _rows(self, documents: Sequence[Document[Item]]) -> Iterator[tuple[str, list[Found]]]:
        by_owner: dict[int | None, list[Document[Item]]] = {}
        for document in documents:
            by_owner.setdefault(self.owner(document), []).append(document)
        for owner, group in by_owner.items():
            keys = {document.key: self._key(document) for document in group}
            fresh = [keys[document.key] for document in group if document.key in self.unsure]
            try:
                rows = self.lookups.find(self.resource, set(keys.values()), self.need, owner=owner, fresh=fresh)
            except NotFound:
                if owner is None:
                    raise
                self._without_parent(group)
                continue
            if self.language:
                rows = self._translated(rows, owner, fresh)
            for key, wanted in keys.items():
                yield key, [Found(row["id"], row) for row in rows[wanted]]

    def _without_parent(self, documents: Sequence[Document[Item]]) -> None:
        """The shop has no record under the parent's id: that concerns these documents only."""
        self._resolved.update((one.key, Missing(UNKNOWN, self.resource.owner)) for one in documents)

    def _translated(self, rows: Mapping[Key, list[Row]], owner: int | None, fresh: list[Key]) -> dict[Key, list[Row]]:
        """The same records in another language."""
        ids: dict[int, Key] = {row["id"]: (("id", str(row["id"])),) for found in rows.values() for row in found}
        again = [ids[row["id"]] for key in fresh for row in rows[key]]
        local = {one.name for one in self.resource.fields if one.local}
        texts = self.lookups.find(
            self.resource, set(ids.values()), local, owner=owner, language=self.language, fresh=again
        )
        return {key: [one for row in found for one in texts[ids[row["id"]]]] for key, found in rows.items()}

    def _key(self, document: Document[Item]) -> Key:
        resolved, named = self._known(document), self.resource.named
        pairs = []
        for name, value in document.content.key.items():
            told = resolved.get(name, value)
            pairs.append((name, named[name].kind.normal(told) if name in named else str(told)))
        return tuple(pairs)

    # -- files --------------------------------------------------------------------------------------------------------

    def _without_images(self, documents: Sequence[Document[Item]]) -> Collection[int | None]:
        """Products of this batch that need not be asked, because the catalogue shows that they have no image."""
        if self.resource.parent != "products":
            return ()
        owners = {self.owner(one) for one in documents if one.key not in self.unsure}
        return self.lookups.without_images({owner for owner in owners if owner is not None})

    def _upload(self, document: Document[Item]) -> list[Found]:
        """Images and files have no key: the one we uploaded, else one of the same title."""
        item, owner = document.content, self.owner(document)
        rows = self.lookups.all(
            self.resource,
            ("id", "sortOrder", "title", "size", "src"),
            owner=owner,
            fresh=document.key in self.unsure,
        )
        if item.by_id:
            return [Found(row["id"], row) for row in rows if row["id"] == item.key["id"]]
        known = self.session.store.row(self.session.scope, self.purpose, document.key)
        named = [row for row in rows if item.upload and slug(str(row.get("title") or "")) == item.upload.title]
        ours = [row for row in rows if known is not None and str(row["id"]) == known.ids.get("id")]
        if ours and known is not None and item.upload is not None and known.pending.get("attachment"):
            newer = [row for row in named if row["id"] > ours[0]["id"]]
            if newer:
                return [_after_unclear_replacement(document, known, ours[0], newer)]
        return [Found(row["id"], row) for row in ours or named]

    def _single_uploads(self, documents: Sequence[Document[Item]]) -> Iterator[tuple[str, list[Found]]]:
        """The one image of an owner stands in the owner's own row."""
        parent = self.session.resource(self.resource.parent)
        keys: dict[str, Key] = {one.key: (("id", str(self.owner(one))),) for one in documents}
        fresh = [keys[one.key] for one in documents if one.key in self.unsure]
        rows = self.lookups.find(parent, set(keys.values()), ("image",), fresh=fresh)
        self._without_parent([one for one in documents if not rows[keys[one.key]]])
        for name, key in keys.items():
            shown = rows[key][0].get("image") if rows[key] else None
            yield name, [Found(int(key[0][1]), shown)] if isinstance(shown, dict) else []


def _after_unclear_replacement(document: Document[Item], known: StoredRow, ours: Row, newer: Sequence[Row]) -> Found:
    """Of several files under one title, left by uploads whose answer was lost, the one that holds what is wanted.

    Only where a single content can have arrived is a file of its size believed to be it; otherwise the one that we know
    stays (and is replaced), and the others go.
    """
    hashed, size = document.hashes.get("attachment"), document.content.upload.size if document.content.upload else None
    fits = [row for row in newer if size in (None, row.get("size"))]
    one = known.pending["attachment"] == [hashed] and known.hashes.get("attachment") != hashed
    best = fits[-1] if one and fits else ours
    return Found(best["id"], best, old=tuple(row["id"] for row in (ours, *newer) if row["id"] != best["id"]))
