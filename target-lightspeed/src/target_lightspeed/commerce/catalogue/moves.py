"""Items that change what they are: a simple one gets variants, one becomes a variant of another, or leaves its parent.

The shop can't move a variant. So what stands at the old place is deleted there and made anew at the new one: of its own
accord only where nothing is lost by it, else by a person's word.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from target_lightspeed.commerce.catalogue import memory as rows
from target_lightspeed.commerce.catalogue.members import DEFAULT, is_own
from target_lightspeed.commerce.catalogue.step import GONE, Piece
from target_lightspeed.commerce.catalogue.variant_steps import KEPT
from target_lightspeed.commerce.catalogue.work import Batch, Part, Record, Work
from target_lightspeed.failures import reading
from upsert.store import DecisionKind, State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_lightspeed.commerce.catalogue.members import Members
    from target_lightspeed.commerce.catalogue.showing import Showing
    from upsert.model import Document, Outcome, SourceKey
    from upsert.store import StoredRow

_SETTLED = timedelta(hours=1)
"""What was begun longer ago is no other run's, which may still be at it."""


class Moves(Part):
    """Takes away what stands at an old place.

    Args:
        work: What it works with.
        showing: Deletes products.
        members: Deletes variants.
    """

    def __init__(self, work: Work, showing: Showing, members: Members) -> None:
        super().__init__(work)
        self.showing, self.members = showing, members

    def depart(self, run: Batch, records: Sequence[Record]) -> None:
        """Hold those that stand under another product than they should; released, they go from there."""
        for one in records:
            wanted = one.wants.parent if one.wants.is_variant else one.key
            place = self._place(one.key, wanted or "")
            if one.wants.state != "wanted" or one.wants.problem or one.wants.is_parent:
                continue
            if not place or not wanted or place == wanted:
                continue
            if self.target.decision(one.source) is not DecisionKind.RELEASE:
                self.work.note(run, one, "held", "moved", one.wants.sku)
            elif place == one.key:
                self._delete_product(run, one)
            else:
                self._delete_variant(run, one, place)

    def _place(self, key: str, wanted: str) -> str:
        """Key of the product that a variant stands under; "" when it doesn't stand anywhere."""
        known = self.memory.ids(rows.VARIANTS, key)
        if not known.get("id"):
            return ""
        if "parent" not in known and known.get("product") == str(self.memory.product(wanted)):
            return wanted  # the run that put it there was cut short
        return known.get("parent", key)

    def _delete_product(self, run: Batch, one: Record) -> None:
        document = self.showing.visibility.document(one.key, one.source, Piece(one.key, state=GONE))
        for outcome in self.work.run(run, self.showing.visibility, [document]):
            if outcome.action not in {"held", "planned"}:
                self.showing.forget(one.key)

    def _delete_variant(self, run: Batch, one: Record, parent: str) -> None:
        piece = Piece(parent, state=GONE, sku=one.wants.sku)
        done = self._go(run, [self.members.variants.document(one.key, one.source, piece)])
        if any(outcome.reason == KEPT for outcome in done):
            self.work.note(run, one, "held", "last_variant", one.wants.sku)

    def _go(self, run: Batch, documents: Sequence[Document[Piece]]) -> list[Outcome]:
        done = self.work.run(run, self.members.variants, documents)
        self.members.joined(run, [outcome for outcome in done if outcome.action != "held"], (), {})
        return done

    def clear(self, run: Batch, placed: Sequence[Record], outcomes: Sequence[Outcome]) -> None:
        """Delete what is left, when another variant stands: the one that a simple item had that is a parent now too."""
        if self.settings.variant_gone == "ignore":
            return
        for one in placed:
            if one.wants.is_parent and self.memory.variant(one.key) is not None:
                self.memory.join(one.key, [one.key], left=True)
        sources = {one.key: one.source for one in placed if one.wants.is_parent}
        standing: dict[str, set[str]] = {}
        for outcome in outcomes:
            piece: Piece = outcome.document.content
            if piece.state != GONE:
                standing.setdefault(piece.product, set()).add(outcome.document.key)
                sources.setdefault(piece.product, outcome.document.source)
        self._clear_left(run, sources, standing)

    def tidy(self, run: Batch, products: Mapping[str, SourceKey]) -> set[str]:
        """What stands under products and should not goes.

        That is the variant that the shop made by itself, where none of ours took it over because the list of variants
        was late just then; and a variant of ours that a killed run had begun, and that the source has no more.

        Args:
            run: Takes the outcomes.
            products: Those that are to be shown, each with its record.

        Returns:
            Those that must be looked at again: what was begun is too young to be given up, or nobody knows yet whether
            one of ours has taken over the one that the shop made.
        """
        places = {
            key: identity
            for key in products
            if self.memory.made(key) and self.memory.family(key) and (identity := self.memory.product(key) or 0) > 0
        }
        shown = self.context.variants_of(places.values())
        strays: dict[str, SourceKey] = {}
        young: set[str] = set()
        for product, place in places.items():
            ours = {self.memory.variant(key) for key in self.memory.family(product)}
            for row in [row for row in shown[place] if row["id"] not in ours]:
                sku = str(row.get(self.members.keys.by) or "")
                begun = None if is_own(row) else self._begun(sku)
                if (begun is not None and self._age(begun) < _SETTLED) or self._in_doubt(product, row["id"]):
                    young.add(product)
                elif begun is not None or is_own(row):
                    key = begun.key if begun is not None else f"{product}#{DEFAULT}"
                    ids = {"id": str(row["id"]), "product": str(place), **({"sku": sku} if sku else {})}
                    self.memory.put(rows.VARIANTS, key, ids)
                    self.memory.join(product, [key], left=True)
                    strays[product] = products[product]
        self._clear_left(run, strays, {})
        return young

    def _begun(self, sku: str) -> StoredRow | None:
        """The variant that has a SKU, when its write was begun, and its record neither came nor is held."""
        row = self._unfinished(self.memory.ids(rows.OWNERS, sku).get("key", "")) if sku else None
        known = row is not None and row.source is not None and self.target.held.spoken(row.source.stream)
        return row if known and not self._is_held(row) else None

    def _in_doubt(self, product: str, identity: int) -> bool:
        """Whether one of ours is about to become a variant that the shop made: its write had no answer, and is held."""
        claim = self.memory.ids(rows.DEFAULTS, product)
        if claim.get("id") != str(identity):
            return False
        return self._is_held(self._unfinished(claim.get("key", "")))

    def _unfinished(self, key: str) -> StoredRow | None:
        """The variant with one of our keys, when its write was begun and not ended."""
        row = self.session.store.row(self.session.scope, rows.VARIANTS, key)
        return None if row is None or row.state is State.DONE else row

    def _is_held(self, row: StoredRow | None) -> bool:
        if row is None or row.source is None:
            return False
        return self.target.held.get(row.source.stream, row.source.key) is not None

    def _age(self, row: StoredRow) -> timedelta:
        with reading():
            return self.session.client.server_now() - row.at

    def _clear_left(self, run: Batch, sources: Mapping[str, SourceKey], standing: Mapping[str, set[str]]) -> None:
        documents = []
        for product, source in sources.items():
            left = self.memory.left(product)
            others = (self.memory.family(product) | standing.get(product, set())) - left
            for key in sorted(left) if others else ():
                sku = self.memory.ids(rows.VARIANTS, key).get("sku", "")
                self.showing.release(sku, key)
                piece = Piece(product, state=GONE, sku=sku, skus=tuple(sorted(others)[:1]))
                documents.append(self.members.variants.document(key, source, piece))
        self._go(run, documents)
