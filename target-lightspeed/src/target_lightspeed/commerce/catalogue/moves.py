"""Items that change what they are: a simple one gets variants, one becomes a variant of another, or leaves its parent.

The shop can't move a variant. So what stands at the old place is deleted there and made anew at the new one: of its own
accord only where nothing is lost by it, else by a person's word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from target_lightspeed.commerce.catalogue import memory as rows
from target_lightspeed.commerce.catalogue.members import DEFAULT, is_own
from target_lightspeed.commerce.catalogue.step import GONE, VARIANT_NEED, Piece
from target_lightspeed.commerce.catalogue.variant_steps import KEPT
from target_lightspeed.commerce.catalogue.work import Batch, Part, Record, Work
from target_lightspeed.failures import reading
from target_lightspeed.resources.catalogue import VARIANTS
from upsert.store import DecisionKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_lightspeed.commerce.catalogue.members import Members
    from target_lightspeed.commerce.catalogue.showing import Showing
    from target_lightspeed.lookups import Key
    from upsert.model import Document, Outcome, SourceKey


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

    def tidy(self, run: Batch, products: Mapping[str, SourceKey]) -> None:
        """The variant that the shop made with a product goes where none of ours took it over.

        The list of variants may have been late when that was to be decided.

        Args:
            run: Takes the outcomes.
            products: Those that are to be shown, each with its record.
        """
        places: dict[str, Key] = {
            key: (("product", str(self.memory.product(key))),)
            for key in products
            if self.memory.made(key) and self.memory.family(key) and (self.memory.product(key) or 0) > 0
        }
        with reading():
            shown = self.session.lookups.find(VARIANTS, set(places.values()), VARIANT_NEED) if places else {}
        strays: dict[str, SourceKey] = {}
        for product, place in places.items():
            ours = {self.memory.variant(key) for key in self.memory.family(product)}
            for row in shown[place]:
                if is_own(row) and row["id"] not in ours:
                    ids = {"id": str(row["id"]), "product": str(self.memory.product(product))}
                    self.memory.put(rows.VARIANTS, f"{product}#{DEFAULT}", ids)
                    self.memory.join(product, [f"{product}#{DEFAULT}"], left=True)
                    strays[product] = products[product]
        self._clear_left(run, strays, {})

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
