"""The steps of the catalogue in their order: product, variants, texts, specifications, images, and visible last.

Each step is a run of the kernel of its own. What a step could not do holds the record, and the steps that are left wait
for its next try; a product that is not visible yet stays so.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from target_lightspeed.commerce.catalogue import memory as rows
from target_lightspeed.commerce.catalogue.content import Content
from target_lightspeed.commerce.catalogue.members import Members
from target_lightspeed.commerce.catalogue.moves import Moves
from target_lightspeed.commerce.catalogue.showing import Showing
from target_lightspeed.commerce.catalogue.step import PRODUCT_NEED, VARIANT_NEED, Piece
from target_lightspeed.commerce.catalogue.steps import ProductStep
from target_lightspeed.commerce.catalogue.wants import Reader
from target_lightspeed.commerce.catalogue.work import Batch, Part, Record, Work
from target_lightspeed.failures import reading
from target_lightspeed.resources.catalogue import PRODUCTS, VARIANTS
from upsert.model import Hold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from commerce.goods import Product
    from target_lightspeed.target import TargetLightspeed
    from upsert.model import Outcome
    from upsert.singer import Incoming

logger = logging.getLogger("target-lightspeed")

_NAMED = 10


class Flow(Part):
    """The catalogue of one run.

    Args:
        target: The target: session, kernels, held lists.
    """

    def __init__(self, target: TargetLightspeed) -> None:
        super().__init__(Work(target))
        self.reader = Reader(self.settings, self.rules, self.work.language, self.session.settings.stock)
        self.products, self.content = ProductStep(self.context), Content(self.work)
        self.showing = Showing(self.work, self.first_look)
        self.members = Members(self.work, self.showing)
        self.moves = Moves(self.work, self.showing, self.members)
        self._looked = False

    def load(self, batch: Sequence[Incoming]) -> Iterator[Outcome]:
        """Bring a batch into the shop.

        Args:
            batch: Incoming products, of any kind and in any order.

        Returns:
            Outcomes of every record, also of some of earlier batches that waited for these.
        """
        run = Batch()
        newest = {one.content.key: one for one in batch}
        for incoming in batch:
            if newest[incoming.content.key] is not incoming:
                yield self.work.early(incoming.source, incoming.content.key, "skipped", "superseded")
        self._learn_axes(one.content for one in newest.values())
        records = [Record(one.source, self.reader.read(one.content)) for one in newest.values()]
        for one in records:
            for words, names in one.wants.left_out.items():
                self.session.dropped("products", words, names)
        # Of an item that was deleted, the source may not know any more that it was a variant.
        self.memory.load(rows.VARIANTS, [one.key for one in records])
        variants = {one.key: one for one in records if one.wants.is_variant or self._was_member(one)}
        wholes = [one for one in records if one.key not in variants]
        for whole in wholes:
            if whole.wants.state == "wanted":
                orphans = self.members.orphans.pop(whole.key, {})
                # Read anew: now the labels of their axes are known.
                again = {key: Record(one.source, self.reader.read(one.wants.product)) for key, one in orphans.items()}
                variants = {**again, **variants}
        members = list(variants.values())
        self._recall(wholes, members)
        self.showing.off(run, [one for one in wholes if one.wants.state != "wanted"])
        wanted = [one for one in wholes if one.wants.state == "wanted"]
        self.moves.depart(run, [*wanted, *members])
        wanted = [one for one in wanted if one.source not in run.held]
        variants = {key: one for key, one in variants.items() if one.source not in run.held}
        self._make(run, wanted, list(variants.values()))
        placed = [one for one in wanted if one.source not in run.held]
        touched = self.members.load(run, placed, list(variants.values()))
        self.moves.clear(run, placed, touched)
        self.content.further(run, placed)
        self.content.pictures(run, placed)
        self.content.places(run, placed)
        self.showing.show(run, [one for one in placed if one.source not in run.held])
        self.work.use_up(run, [*wholes, *members])
        yield from run.outcomes

    def _was_member(self, one: Record) -> bool:
        return one.wants.state == "vanished" and self.members.is_member(one.key)

    def _learn_axes(self, products: Iterable[Product]) -> None:
        """Labels of axes stand on the parents, which don't come with every variant: they are remembered."""
        known = self.memory.ids(rows.FLOW, "axes")
        told = {axis.code: axis.label for one in products for axis in one.axes if axis.label}
        self.reader.axes |= {**known, **told}
        if not told.items() <= known.items():
            self.memory.put(rows.FLOW, "axes", {**self.memory.refresh(rows.FLOW, "axes"), **told})

    def _recall(self, wholes: Collection[Record], variants: Collection[Record]) -> None:
        """Read what the store knows of a batch, a few questions for all."""
        products = [one.key for one in wholes] + [one.wants.parent for one in variants if one.wants.parent]
        for purpose in (
            rows.PRODUCTS, rows.FAMILIES, rows.DEFAULTS, rows.PICTURES, rows.VISIBILITY, rows.WAITING
        ):  # fmt: skip
            self.memory.load(purpose, products)
        self.memory.load(rows.VARIANTS, [one.key for one in (*wholes, *variants)])
        skus = [one.wants.sku for one in (*wholes, *variants)]
        self.memory.load(rows.OWNERS, skus)

    def first_look(self) -> None:
        """Where the store knows nothing of the shop, one listing of products and variants tells all."""
        if self._looked:
            return
        self._looked = True
        if self.memory.listed:
            return
        with reading():
            self.session.lookups.all(PRODUCTS, PRODUCT_NEED, owner=None, fresh=False)
            found = self.session.lookups.all(VARIANTS, VARIANT_NEED, owner=None, fresh=False)
        self.members.newest = max((row["id"] for row in found), default=None)

    def _make(self, run: Batch, records: Sequence[Record], variants: Sequence[Record]) -> None:
        """The products themselves."""
        skus: dict[str, list[str]] = {}
        for one in variants:
            if one.wants.state == "wanted" and one.wants.sku:
                skus.setdefault(one.wants.parent, []).append(one.wants.sku)
        documents = []
        for one in records:
            own = skus.get(one.key, []) if one.wants.is_parent else [one.wants.sku]
            problem = one.wants.problem
            if not one.wants.is_parent and not problem and self.members.claim(own[0], one.key) != one.key:
                problem = Hold("sku_twice", own[0])
            piece = Piece(one.key, one.wants.own, problem, skus=tuple(own))
            documents.append(self.products.document(one.key, one.source, piece))
        if self.work.unsettled(self.products, documents):
            self.first_look()
        before = {one.key for one in records if self.memory.product(one.key) is not None}
        for outcome in self.work.run(run, self.products, documents):
            if outcome.action == "created" and outcome.document.key in before:
                # Somebody deleted it in the shop, and a person said to make it anew.
                self.showing.forget_below(outcome.document.key)

    def finish(self) -> None:
        """At the end of a run: show what has got its price since, and hold parents that have no variants."""
        self.content.finish()
        self.showing.finish(self.moves.tidy)
        if same := self.members.same_barcodes():
            shown = "; ".join(", ".join(skus[:_NAMED]) for skus in same[:_NAMED])
            logger.warning("products: %d barcode numbers stand on more than one variant: %s", len(same), shown)
        if self._looked and not self.memory.listed:
            self.memory.put(rows.FLOW, "listed", {"listed": "1"})
