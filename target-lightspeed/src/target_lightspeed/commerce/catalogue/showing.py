"""Whether products are shown: hidden until they are complete, and again when they are not wanted any more."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from target_lightspeed.commerce.catalogue import memory as rows
from target_lightspeed.commerce.catalogue.step import GONE, PRODUCT_NEED, VARIANT_NEED, ZONE_MARGIN, Piece
from target_lightspeed.commerce.catalogue.steps import VisibilityStep
from target_lightspeed.commerce.catalogue.wants import Value
from target_lightspeed.commerce.catalogue.work import Batch, Part, Record, Work
from target_lightspeed.failures import reading
from target_lightspeed.resources.catalogue import PRODUCTS, VARIANTS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from target_lightspeed.lookups import Key, Row
    from upsert.model import Document, SourceKey

SHOWN = "shown"
"""Beside the id of a visibility: what was written last."""

NO_VARIANTS = "no_variants"
"""Why a parent that has none is held."""


class Showing(Part):
    """Shows, hides and deletes.

    Args:
        work: What it works with.
        first_look: Sees to it that a shop of which the store knows nothing is listed.
    """

    def __init__(self, work: Work, first_look: Callable[[], None]) -> None:
        super().__init__(work)
        self.visibility, self.first_look = VisibilityStep(work.context), first_look
        self.coming: set[str] = set()
        """Products for which a run that only plans would make or take over a variant."""
        self.unpriced: set[str] = set()
        """Those of them that would get a variant without a price."""

    def off(self, run: Batch, records: Sequence[Record]) -> None:
        """Hide, delete or leave what is not meant for the shop any more."""
        hide: list[Document[Piece]] = []
        for one in records:
            action = self.settings.untick if one.wants.state == "untick" else self.settings.vanished
            if one.wants.state == "vanished":
                self.release(one.wants.sku, one.key)
            if action == "ignore":
                self.work.note(run, one, "skipped", "left_in_shop")
                continue
            if self.memory.product(one.key) is None and not self._ours(one.key):
                self.work.note(run, one, "skipped", "not_in_shop")
                continue
            if action == "delete":
                piece = Piece(one.key, state=GONE)
            else:
                piece = Piece(one.key, {"visibility": Value("hidden", "visibility")})
            hide.append(self.visibility.document(one.key, one.source, piece))
        for outcome in self.work.run(run, self.visibility, hide, last=True):
            key = outcome.document.key
            if outcome.action in {"held", "planned"}:
                continue
            self.memory.stop_waiting([key])
            if outcome.document.unwanted:
                self.forget(key)
            else:
                self.memory.put(rows.VISIBILITY, key, {**self.memory.ids(rows.VISIBILITY, key), SHOWN: ""})

    def _ours(self, key: str) -> bool:
        """Whether the shop has a product with our key that the store doesn't know."""
        name = self.settings.key_field
        if name == "none" or (self.memory.listed and not self.memory.is_open(rows.PRODUCTS, key)):
            return False
        self.first_look()
        place: Key = ((name, key),)
        with reading():
            found = self.session.lookups.find(PRODUCTS, [place], PRODUCT_NEED)[place]
        if len(found) == 1:
            self.memory.know(rows.PRODUCTS, key, {"id": str(found[0]["id"])})
        return len(found) == 1

    def release(self, sku: str, key: str) -> None:
        """A SKU may be used by another item."""
        if sku and self.memory.ids(rows.OWNERS, sku).get("key") == key:
            self.memory.forget(rows.OWNERS, [sku])
        if self.context.claims.get(sku) == key:
            del self.context.claims[sku]

    def forget(self, product: str) -> None:
        """A deleted product leaves nothing behind: when it comes back, it is made anew."""
        self.forget_below(product)
        self.memory.forget(rows.PRODUCTS, [product])
        self.memory.made_now.discard(product)

    def forget_below(self, product: str) -> None:
        """What hung under a product that is gone from the shop is gone too."""
        self.memory.forget_below(product, self.settings.specifications)

    def wanted(self, product: str) -> bool:
        """Whether a product is shown, or is to be shown when it is complete, or was never shown nor hidden so far."""
        known = self.memory.ids(rows.VISIBILITY, product)
        return not known or bool(known.get(SHOWN)) or self.memory.is_waiting(product)

    def hide_first(self, run: Batch, documents: Sequence[Document[Piece]]) -> None:
        """A product that is shown gets no variant without a price: it is hidden until that is there."""
        if self.settings.visible_needs == "nothing" or self.settings.initial.price_excl:
            return
        new = [
            one
            for one in documents
            if one.content.state != GONE
            and not one.content.problem
            and self.memory.variant(one.key) is None
            and self.memory.ids(rows.VISIBILITY, one.content.product).get(SHOWN)
        ]
        priced = self._priced_already(new)
        self._hide(run, {one.content.product: one.source for one in reversed(new) if one.content.sku not in priced})

    def empty(self, run: Batch, products: Mapping[str, SourceKey]) -> None:
        """A product that has only a variant left that is not wanted is hidden until it gets another."""
        known = self.session.store.rows(self.session.scope, rows.PRODUCTS, list(products))
        own = {key: (row.source if (row := known.get(key)) else None) or products[key] for key in products}
        self._hide(run, {key: source for key, source in own.items() if self.wanted(key)})

    def _hide(self, run: Batch, products: Mapping[str, SourceKey]) -> None:
        piece = {"visibility": Value("hidden", "visibility")}
        documents = [self.visibility.document(key, source, Piece(key, piece)) for key, source in products.items()]
        for outcome in self.work.run(run, self.visibility, documents):
            product = outcome.document.key
            if outcome.action not in {"held", "planned"}:
                self.memory.put(rows.VISIBILITY, product, {**self.memory.ids(rows.VISIBILITY, product), SHOWN: ""})
                self.wait({product: outcome.document.source})

    def _priced_already(self, documents: Sequence[Document[Piece]]) -> set[str]:
        """SKUs that the store doesn't know, but the shop has with a price: nobody would see them without one."""
        name = "articleCode" if self.settings.sku_field == "articleCode" else "sku"
        keys: dict[str, Key] = {one.content.sku: ((name, one.content.sku),) for one in documents}
        with reading():
            shown = self.session.lookups.find(VARIANTS, set(keys.values()), VARIANT_NEED) if keys else {}
        return {sku for sku, key in keys.items() if shown[key] and all(_priced(row) for row in shown[key])}

    def show(self, run: Batch, records: Sequence[Record]) -> None:
        """Show what is complete; what waits for variants or prices is noted, and looked at again at the end of runs."""
        wanted = {one.key: one.source for one in records}
        waiting = {key for key in {*wanted, *run.touched} if self.memory.is_waiting(key)}
        touched = (run.touched.keys() & waiting) - wanted.keys()
        # Under a record of this batch: the one that began to wait may be held for something else by now.
        wanted |= {key: run.touched[key] for key in touched}
        already = {key for key in wanted if self.memory.ids(rows.VISIBILITY, key).get(SHOWN)}
        # What waited before is looked at once, at the end of the run.
        ready = already | self._complete({key for key in wanted if key in touched or key not in waiting} - already)
        documents = [self._visible(key, wanted[key]) for key in wanted if key in ready]
        self._shown(run, documents)
        late = {key: source for key, source in wanted.items() if key not in ready}
        self.wait(late)
        for one in records:
            if one.key in late:
                self.work.note(run, one, "skipped", "hidden_until_complete")

    def _visible(self, key: str, source: SourceKey) -> Document[Piece]:
        piece = Piece(key, {"visibility": Value(self.settings.visible_as, "visibility")})
        return self.visibility.document(key, source, piece)

    def _shown(self, run: Batch, documents: Sequence[Document[Piece]]) -> None:
        self.memory.ripen(one.key for one in documents)
        done = []
        for outcome in self.work.run(run, self.visibility, documents, last=True):
            if outcome.action not in {"held", "planned"}:
                key = outcome.document.key
                self.memory.put(rows.VISIBILITY, key, {**self.memory.ids(rows.VISIBILITY, key), SHOWN: "1"})
                done.append(key)
        self.memory.stop_waiting(done)

    def _complete(self, keys: Collection[str]) -> set[str]:
        """Those that may be shown: with variants, and each of these with a price."""
        having = {key for key in keys if self.memory.family(key) or key in self.coming} - self.unpriced
        if self.settings.visible_needs == "nothing":
            return having
        ids = {key: identity for key in having if (identity := self.memory.product(key)) is not None}
        shown = self.context.variants_of(ids.values())
        return {key for key, one in ids.items() if (found := shown.get(one)) and all(_priced(row) for row in found)}

    def wait(self, products: Mapping[str, SourceKey]) -> None:
        """These are to be shown when they are complete; they are looked at again at the end of runs."""
        self.memory.wait(products)
        if products and not self.memory.ids(rows.FLOW, "looked"):
            with reading():
                self.memory.put(rows.FLOW, "looked", {"at": self.session.client.server_now().isoformat()})

    def finish(self, tidy: Callable[[Batch, Mapping[str, SourceKey]], set[str]]) -> None:
        """Show what has got its price since, and hold parents that have no variants.

        Args:
            tidy: Takes away what should not be shown with them; returns which to look at again.
        """
        run = Batch()
        waiting = self.memory.waiting()
        bare = {key for key in waiting if not self.memory.family(key)}
        left = waiting.keys() - bare
        if self.settings.visible_needs != "nothing":
            left = self._changed(left)
        again = tidy(run, {key: waiting[key] for key in left})
        priced = self._complete(left)
        self.memory.ripen(left - priced - again, ripe=False)
        self._shown(run, [self._visible(key, waiting[key]) for key in priced])
        self.work.late(run.outcomes)
        for outcome in run.outcomes:
            source = outcome.document.source
            if not self.target.held.spoken(source.stream) or outcome.action == "held":
                continue
            if (entry := self.target.held.get(source.stream, source.key)) and entry.reason == NO_VARIANTS:
                # Whatever else it is held for has not been done.
                self.target.settle(source)
        # A run that only plans makes no variants, so nobody knows which parents have none.
        for key in sorted(bare) if not self.target.plan_only else ():
            source = waiting[key]
            entry = self.target.held.get(source.stream, source.key)
            if self.target.held.spoken(source.stream) and (entry is None or entry.reason == NO_VARIANTS):
                self.target.note(source, "held", NO_VARIANTS, key)
                self.target.hold(source, NO_VARIANTS, key)

    def _changed(self, keys: Collection[str]) -> set[str]:
        """Of products that wait for a price, those whose variants changed since the last look, or that are ripe."""
        if not keys:
            return set()
        last = self.memory.ids(rows.FLOW, "looked").get("at", "")
        with reading():
            now = self.session.client.server_now()
            since = _instant(last)
            found: set[int] = set()
            fields = ["id", "product", "priceExcl", "priceIncl"]
            options: dict[str, Any] = {"since": since - ZONE_MARGIN} if since else {}
            for page in self.session.client.list("variants", fields=fields, **options):
                found |= {int(VARIANTS.named["product"].of(row) or 0) for row in page if _priced(row)}
        # Before the look is noted: a run that ends before they are shown must not lose them.
        self.memory.ripen(key for key in keys if self.memory.product(key) in found)
        self.memory.put(rows.FLOW, "looked", {"at": now.isoformat()})
        return self.memory.ripe() & set(keys)


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _priced(row: Row) -> bool:
    return any((row.get(name) or 0) > 0 for name in ("priceExcl", "priceIncl"))
