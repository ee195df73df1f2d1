"""The port of product relations: `products/{id}/relations`, of which the shop knows one kind and one direction.

Two records may want the same relation (cross-sell and accessory, or one that holds both ways and its counterpart), so a
relation goes only with the last record that wants it; and it never goes when it was made by hand.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import lightspeed_ecom
from lightspeed_ecom import PAGE_SIZE
from target_lightspeed.failures import reading, writing
from target_lightspeed.finding import DELETED
from target_lightspeed.lookups import FEW
from upsert.errors import InDoubt
from upsert.model import Change, Cost, Create, Document, Hold, Plan, Skip, Update
from upsert.port import Port
from upsert.store import State, StoredRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from target_lightspeed.lookups import Key
    from target_lightspeed.session import Session
    from upsert.model import Applied, Outcome, SourceKey

logger = logging.getLogger("target-lightspeed")

PURPOSE = "commerce.relations"
OURS = "made"
"""Mark beside the ids in the store: we made it."""


ENDS = ("from", "to")
"""Our keys of its products, likewise: one that is deleted and made anew has another id then."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a document wants.

    Attributes:
        product: The product that shows; 0 for one that goes and of which the store knows all.
        related: The product that is shown.
        position: Its place, or None.
        there: Whether it is to be there.
        ends: Our keys of both products; "" of one that is named by its SKU.
    """

    product: int
    related: int
    position: int | None
    there: bool
    ends: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Standing:
    """What exists.

    Attributes:
        id: Id of the relation; 0 for one that we took away.
        product: The product under which it hangs.
        related: The product that it shows.
        position: Its place; None when it was not read.
        ours: Whether we made it.
    """

    id: int
    product: int
    related: int
    position: int | None
    ours: bool


class RelationPort(Port[Link, Standing]):
    """Relations of products.

    Args:
        session: Client, settings, look-ups and store of the run.
    """

    lookup = "by_natural_key"
    lookup_name = "the list products/{id}/relations"

    def __init__(self, session: Session) -> None:
        self.session, self.client, self.lookups = session, session.client, session.lookups
        self.purpose = PURPOSE
        self.resource = session.resource("products_relations")
        self.in_doubt_for = timedelta(seconds=session.settings.in_doubt_seconds)
        self.workers = session.settings.workers
        self._unsure: set[str] = set()
        self._proven = False
        self._lock = threading.Lock()
        self._claims: defaultdict[int, set[str]] | None = None
        self._asked: set[int] = set()
        self._bare: frozenset[int] | None = None
        self._catalog_pages: int | None = None

    def document(self, key: str, source: SourceKey, link: Link) -> Document[Link]:
        """The document of one direction."""
        hasher = self.session.store.hasher
        values = {"product": link.product, "relatedProduct": link.related}
        if link.position is not None:
            values["sortOrder"] = link.position
        hashes = {name: hasher(f"{name}={value}") for name, value in values.items()}
        hashes = hashes if link.there else {"delete": hasher("delete")}
        return Document(key, source, link, hashes, unwanted=not link.there)

    # -- reading ------------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The shop's own clock."""
        with reading():
            return self.client.server_now()

    def look_up(self, documents: Sequence[Document[Link]]) -> Mapping[str, Sequence[Standing]]:
        """What exists: what is to go is known from the store; for the rest each product is asked once per run."""
        rows = self.session.store.rows(self.session.scope, self.purpose, [one.key for one in documents])
        found: dict[str, list[Standing]] = {}
        ask: list[Document[Link]] = []
        for document in documents:
            row = rows.get(document.key)
            known = _known(row)
            link = document.content
            if known is not None and (not link.there or (known.product, known.related) != (link.product, link.related)):
                found[document.key] = [known]
            elif link.product:
                ask.append(document)
            elif row is not None and row.ids.get(DELETED):
                found[document.key] = [Standing(0, 0, 0, None, ours=True)]
        with reading():
            bare = self._without_relations({one.content.product for one in ask if one.key not in self._unsure})
            for document in ask:
                row = rows.get(document.key)
                shown = [] if document.content.product in bare else self._shown(document, row)
                if not shown and row is not None and row.ids.get(DELETED):
                    shown = [Standing(0, 0, 0, None, ours=True)]
                found[document.key] = shown
        return found

    def _shown(self, document: Document[Link], row: StoredRow | None) -> list[Standing]:
        link, key = document.content, (("relatedProduct", str(document.content.related)),)
        fresh: Collection[Key] = [key] if document.key in self._unsure else ()
        try:
            rows = self.lookups.find(
                self.resource, [key], {"relatedProduct", "sortOrder"}, owner=link.product, fresh=fresh
            )[key]
        except lightspeed_ecom.NotFound:
            # The product went since the store learnt of it: nothing hangs under it.
            return []
        if document.key in self._unsure and rows:
            self._unsure.discard(document.key)
            self._proven = True
        # Nothing of that pair was there at our intent, so what is there now is ours.
        intended = row is not None and row.state is State.INTENT
        return [
            Standing(one["id"], link.product, link.related, one.get("sortOrder"), intended or self._is_ours(one["id"]))
            for one in rows
        ]

    def _without_relations(self, products: set[int]) -> frozenset[int]:
        """Those of some products that have no relation, as far as known without asking each.

        The catalogue shows the relations of 250 products in a call, and is read as soon as that is cheaper. What it
        does show lacks the relation's id, so such a product is asked all the same; so is one that it doesn't show.
        """
        self._asked |= products
        if self._bare is None and len(self._asked) > FEW:
            if self._catalog_pages is None:
                self._catalog_pages = -(-self.client.count("catalog") // PAGE_SIZE)
            if len(self._asked) > self._catalog_pages:
                rows = (row for rows in self.client.list("catalog", fields=["id", "relations"]) for row in rows)
                self._bare = frozenset(row["id"] for row in rows if row.get("relations") == [])
        return self._bare or frozenset()

    def ids(self, existing: Standing) -> Mapping[str, str]:
        """The shop's id, and between which products it is."""
        if not existing.id:
            return {}
        return _ids(existing.id, existing.product, existing.related, ours=existing.ours)

    def _claimed(self) -> defaultdict[int, set[str]]:
        """Relation of ours -> the documents that want it; made from the store when it is first needed."""
        if self._claims is None:
            self._claims = defaultdict(set)
            for row in self.session.store.known(self.session.scope, self.purpose):
                known = _known(row)
                if known is not None and known.ours:
                    self._claims[known.id].add(row.key)
        return self._claims

    def _is_ours(self, identity: int) -> bool:
        with self._lock:
            return bool(self._claimed().get(identity))

    # -- deciding -----------------------------------------------------------------------------------------------------

    def plan(self, document: Document[Link], existing: Standing | None, applied: Applied | None) -> Plan:
        """Make, move, take away, or nothing."""
        del applied
        link = document.content
        if not link.there:
            if existing is None or not existing.id:
                return Skip("already_gone")
            return Update(str(existing.id), "delete") if existing.ours else Skip("made_by_hand")
        if existing is None:
            return Create()
        if not existing.id:
            return Update("", "make")
        if (existing.product, existing.related) != (link.product, link.related):
            return Update(str(existing.id), "replace")
        if not existing.ours:
            return Skip("made_by_hand", same=True)
        if link.position is not None and existing.position != link.position:
            return Update(str(existing.id), "move")
        return Skip("unchanged", same=True)

    def describe(self, document: Document[Link], existing: Standing | None, plan: Create | Update) -> Sequence[Change]:
        """The related product that would come, move or go."""
        del plan
        link = document.content
        before = str(existing.related) if existing is not None and existing.id else None
        stays = existing is not None and (existing.product, existing.related) == (link.product, link.related)
        changes = (
            []
            if link.there and stays
            else [Change("relatedProduct", before, str(link.related) if link.there else None)]
        )
        if link.there and link.position is not None:
            changes.append(Change("sortOrder", existing.position if existing is not None else None, link.position))
        return changes

    def refuses(self, document: Document[Link], existing: Standing | None, plan: Create | Update) -> Hold | None:
        """Plan mode: a relation needs both its products, and one that moves must be there."""
        link = document.content
        if not link.there:
            return None
        with reading():
            if isinstance(plan, Update) and plan.diff == "move":
                return None if existing is not None and self._still(existing) is not None else Hold("not_found")
            places: list[Key] = [(("id", str(one)),) for one in (link.product, link.related)]
            found = self.lookups.find(self.session.resource("products"), places, {"id"})
        product, related = (bool(found[place]) for place in places)
        return None if product and related else Hold("refused_by_shop" if product else "not_found")

    def _still(self, existing: Standing) -> Mapping[str, Any] | None:
        """What the shop shows of a relation that the store knows; None where it is gone."""
        key: Key = (("id", str(existing.id)),)
        try:
            rows = self.lookups.find(self.resource, [key], {"relatedProduct", "sortOrder"}, owner=existing.product)[key]
        except lightspeed_ecom.NotFound:
            return None
        return rows[0] if rows else None

    def cost(self, planned: Sequence[Outcome]) -> Cost:
        """One call each; one more where the old one goes and a new one comes, as far as nobody else wants the old."""
        calls = 0
        leaving: defaultdict[int, set[str]] = defaultdict(set)
        for outcome in planned:
            verb = outcome.plan.diff if isinstance(outcome.plan, Update) else "make"
            identity = outcome.ids.get("id", "")
            calls += verb != "delete"
            if verb in {"delete", "replace"} and identity:
                leaving[int(identity)].add(outcome.document.key)
        claims = self._claimed()
        return Cost(calls + sum(claims[one] <= keys for one, keys in leaving.items() if claims[one]))

    # -- writing ------------------------------------------------------------------------------------------------------

    def before_writes(self) -> None:
        """Nothing to check: the key's rights show at the first write, and a 403 stops the run."""

    def create(self, document: Document[Link], plan: Create) -> Mapping[str, str]:
        """Make it."""
        del plan
        return self._make(document)

    def update(self, document: Document[Link], existing: Standing, plan: Update) -> Mapping[str, str]:
        """Move it, take it away, or make it anew."""
        verb: Literal["delete", "make", "replace", "move"] = plan.diff
        if verb == "move":
            with self._unclear(document), writing(), self.session.slots:
                self._move(existing.product, existing.id, document.content.position)
            return {}
        if verb in {"delete", "replace"}:
            self._delete(document, existing)
        return {DELETED: "1"} if verb == "delete" else {DELETED: "", **self._make(document)}

    def _make(self, document: Document[Link]) -> Mapping[str, str]:
        link = document.content
        path = self.resource.list_path(link.product)
        body: dict[str, Any] = {"relatedProduct": link.related}
        if link.position is not None:
            body["sortOrder"] = link.position
        with self._unclear(document), self.session.slots:
            with writing():
                row = self.client.create(path, "productRelation", body)
            identity = row.get("id")
            if isinstance(identity, int) and link.position is not None and row.get("sortOrder") != link.position:
                # Whether a create takes the place is not written anywhere.
                try:
                    self._move(link.product, identity, link.position)
                except lightspeed_ecom.LightspeedError as error:
                    raise InDoubt(f"made, but not in its place: {error}") from error
        if self._proven and isinstance(identity, int):
            self.lookups.put(self.resource, {**body, **row}, owner=link.product)
        else:
            self._unsure.add(document.key)
        if not isinstance(identity, int):
            return {}
        with self._lock:
            self._claimed()[identity].add(document.key)
            self._bare = self._bare - {link.product} if self._bare else self._bare
        return {**_ids(identity, link.product, link.related, ours=True), **dict(zip(ENDS, link.ends, strict=True))}

    def _move(self, product: int, identity: int, position: int | None) -> None:
        path = self.resource.item_path(identity, product)
        row = self.client.update(path, "productRelation", {"sortOrder": position})
        self.lookups.put(self.resource, {"sortOrder": position, **row, "id": identity}, owner=product)

    def _delete(self, document: Document[Link], existing: Standing) -> None:
        with self._lock:
            others = self._claimed()[existing.id] - {document.key}
        if not others and existing.ours:
            with self._unclear(document), writing(), self.session.slots:
                try:
                    self.client.delete(self.resource.item_path(existing.id, existing.product))
                except lightspeed_ecom.NotFound:
                    logger.info("relation %s was deleted already", existing.id)
            self.lookups.drop(self.resource, existing.id, owner=existing.product)
        with self._lock:
            self._claimed()[existing.id].discard(document.key)

    def _unclear(self, document: Document[Link]) -> _Unclear:
        return _Unclear(self._unsure, document.key)


class _Unclear:
    """Notes that a write had no answer, so that it is asked anew."""

    def __init__(self, unsure: set[str], key: str) -> None:
        self._unsure, self._key = unsure, key

    def __enter__(self) -> None:
        self._unsure.add(self._key)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, InDoubt):
            self._unsure.discard(self._key)


def _ids(identity: int, product: int, related: int, *, ours: bool) -> dict[str, str]:
    return {"id": str(identity), "product": str(product), "related": str(related), OURS: "1" if ours else ""}


def _known(row: StoredRow | None) -> Standing | None:
    """What the store says of a document that stands in the shop."""
    if row is None or row.state is State.INTENT or row.ids.get(DELETED) or not row.ids.get("id"):
        return None
    ids = row.ids
    return Standing(
        int(ids["id"]), int(ids.get("product") or 0), int(ids.get("related") or 0), None, bool(ids.get(OURS))
    )
