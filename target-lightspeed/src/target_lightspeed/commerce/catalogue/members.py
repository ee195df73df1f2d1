"""Variants: those of simple products, those that are records of their own, and what parents say for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from target_lightspeed.commerce.catalogue import memory as rows
from target_lightspeed.commerce.catalogue.step import GONE, VARIANT_NEED, ZONE_MARGIN, Piece
from target_lightspeed.commerce.catalogue.variant_steps import KEPT, SharedStep, VariantStep
from target_lightspeed.commerce.catalogue.work import Batch, Part, Record, Work
from target_lightspeed.commerce.keymap import KeyMap, Place
from target_lightspeed.failures import reading
from target_lightspeed.resources.catalogue import VARIANTS
from upsert.model import Create
from upsert.store import State

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from target_lightspeed.commerce.catalogue.showing import Showing
    from target_lightspeed.lookups import Key, Row
    from upsert.model import Document, Outcome, SourceKey

STOCK = "commerce.stock"
"""Rows of the stock flow: SKU -> what it wrote."""

WRITTEN = frozenset({"created", "updated", "adopted"})

DEFAULT = "default"
"""Title, in small letters, of the variant that the shop makes with a product."""


class Members(Part):
    """Variants.

    Args:
        work: What it works with.
        showing: Hides a product before it gets a variant without a price.
    """

    def __init__(self, work: Work, showing: Showing) -> None:
        super().__init__(work)
        self.showing = showing
        self.variants, self.shared = VariantStep(work.context), SharedStep(work.context)
        self.keys = KeyMap(work.session, "articleCode" if self.settings.sku_field == "articleCode" else "sku")
        self.newest: int | None = None
        """The newest variant that was seen."""
        self.barcodes: set[str] = set()
        """Hashes of barcode numbers that were written in this run."""
        self.orphans: dict[str, dict[str, Record]] = {}
        """Parent that isn't in the shop -> variants of this run that wait for it."""

    def claim(self, sku: str, key: str) -> str:
        """Which variant has a SKU in the source: the first one that came with it."""
        owner = self.context.claims.get(sku) or self.memory.ids(rows.OWNERS, sku).get("key") or key
        return self.context.claims.setdefault(sku, owner)

    def load(self, run: Batch, placed: Sequence[Record], variants: Sequence[Record]) -> list[Outcome]:
        """Variants: those of simple products, and those that are records of their own; what became of them."""
        for one in placed:
            if one.wants.is_parent:
                self.context.inherited[one.key] = one.wants.variant
        members = [one for one in placed if not one.wants.is_parent]
        documents = [self.variants.document(one.key, one.source, self._piece(one, one.key)) for one in members]
        for one in variants:
            documents += self._member(run, one)
        if documents:
            self._take_over(documents)
            self.showing.hide_first(run, documents)
        self._enter_owners(documents)
        skus = {one.key: self.memory.ids(rows.VARIANTS, one.key).get("sku", "") for one in documents}
        done = self.work.run(run, self.variants, documents)
        planned = [one for one in done if one.action == "planned" and one.document.content.state != GONE]
        self.showing.coming |= {one.document.content.product for one in planned}
        if self.settings.visible_needs == "price" and not self.settings.initial.price_excl:
            new = (one for one in planned if isinstance(one.plan, Create))
            self.showing.unpriced |= {one.document.content.product for one in new}
        simple = {one.key for one in members}
        settled = [one for one in done if one.action != "held"]
        self.joined(run, settled, simple, skus)
        self._inherit(run, placed, settled, {one.key: one for one in variants})
        return settled

    def _enter_owners(self, documents: Sequence[Document[Piece]]) -> None:
        """Whose a new SKU is stands in the store before it stands in the shop: a killed run leaves no riddle."""
        new = {
            one.content.sku: {"key": one.key}
            for one in documents
            if one.content.state != GONE
            and one.content.sku
            and not one.content.problem
            and self.memory.variant(one.key) is None
            and self.context.claims.get(one.content.sku, one.key) == one.key
        }
        if not self.target.plan_only:
            self.memory.put_all(rows.OWNERS, new)

    def _piece(self, one: Record, product: str) -> Piece:
        initial = self.settings.initial
        extra = {
            name: value
            for name, value in (
                ("priceExcl", initial.price_excl),
                ("stockLevel", initial.stock_level),
                ("stockTracking", initial.stock_tracking),
            )
            if value is not None
        }
        sku = one.wants.sku
        return Piece(product, one.wants.variant, one.wants.problem, sku=sku, extra=extra)

    def _member(self, run: Batch, one: Record) -> list[Document[Piece]]:
        """The document of a variant that is a record of its own; none when it waits or isn't wanted."""
        parent = one.wants.parent
        if one.wants.state != "wanted":
            return self._gone(run, one)
        if not parent:
            self.work.note(run, one, "held", "missing_field", "parent")
            return []
        if self.memory.product(parent) is None:
            self.orphans.setdefault(parent, {})[one.key] = one
            self.work.note(run, one, "held", "waits_for_parent", parent)
            return []
        self.claim(one.wants.sku, one.key)
        return [self.variants.document(one.key, one.source, self._piece(one, parent))]

    def _gone(self, run: Batch, one: Record) -> list[Document[Piece]]:
        """A variant that is deleted, blocked, or not ticked any more under a parent that still is."""
        if one.wants.state == "vanished":
            self.showing.release(one.wants.sku, one.key)
        known = self.memory.ids(rows.VARIANTS, one.key)
        parent = one.wants.parent or known.get("parent", "")
        if not known.get("id") and not (parent and self.memory.is_open(rows.VARIANTS, one.key)):
            self.work.note(run, one, "skipped", "not_in_shop")
        elif self.settings.variant_gone == "ignore":
            self.work.note(run, one, "skipped", "left_in_shop")
        elif one.wants.state == "untick" and not self.showing.wanted(parent):
            # Nobody sees it now; when its parent comes back and it does not, it goes.
            self.memory.join(parent, [one.key], left=True)
            self.work.note(run, one, "skipped", "not_for_shop")
        else:
            return [self.variants.document(one.key, one.source, Piece(parent, state=GONE, sku=one.wants.sku))]
        return []

    def is_member(self, key: str) -> bool:
        """Whether the store knows a key as one of a parent's variants."""
        return bool(self.memory.ids(rows.VARIANTS, key).get("parent"))

    def _take_over(self, documents: Sequence[Document[Piece]]) -> None:
        """Which new variant becomes the one that the shop made with the product: said before anything is written."""
        first: dict[str, Document[Piece]] = {}
        for one in sorted(documents, key=_position):
            product = one.content.product
            if one.content.state == GONE or one.content.problem or self.memory.variant(one.key) is not None:
                continue
            if self.context.claims.get(one.content.sku, one.key) != one.key:
                continue
            if not self.memory.made(product) or self._is_taken(product, {each.key for each in documents}):
                continue
            if not self.memory.family(product) and (self.memory.product(product) or 0) > 0:
                first.setdefault(product, one)
        found = self._own_variants(first)
        for product, one in first.items():
            if product in found:
                self.memory.put(rows.DEFAULTS, product, {"key": one.key, "id": str(found[product])})

    def _is_taken(self, product: str, coming: Collection[str]) -> bool:
        """Whether a variant that stands, was begun, or comes now takes over the one that the shop made."""
        key = self.memory.ids(rows.DEFAULTS, product).get("key")
        return key is not None and (
            key in coming or self.session.store.row(self.session.scope, rows.VARIANTS, key) is not None
        )

    def _own_variants(self, products: Collection[str]) -> dict[str, int]:
        """The variants that the shop made by itself: of many new products in one list."""
        ids = {identity: key for key in products if (identity := self.memory.product(key))}
        new = {identity for identity, key in ids.items() if key in self.memory.made_now}
        with reading():
            told = self._learn_new(new) if len(new) > 1 else set()
        shown = self.context.variants_of(ids, fresh=ids.keys() - told)
        self.session.lookups.learn(VARIANTS, [row for part in shown.values() for row in part], VARIANT_NEED)
        found: dict[str, int] = {}
        for identity, product in ids.items():
            for row in shown.get(identity, ()):
                if is_own(row):
                    found.setdefault(product, row["id"])
        return found

    def _learn_new(self, products: Collection[int]) -> set[int]:
        """Read the newest variants; what stands under new products is then known. Of which ones."""
        options: dict[str, Any] = {"since_id": self.newest} if self.newest else {}
        if not options:
            margin = ZONE_MARGIN + timedelta(seconds=self.session.settings.in_doubt_seconds)
            options = {"since": self.session.client.server_now() - margin, "by": "created_at"}
        fields = sorted({"id", *VARIANT_NEED})
        found: list[Row] = [
            row for page in self.session.client.list("variants", fields=fields, **options) for row in page
        ]
        self.newest = max((row["id"] for row in found), default=self.newest)
        told = {int(VARIANTS.named["product"].of(row) or 0) for row in found} & set(products)
        answers: list[Key] = [(("product", str(one)),) for one in told]
        self.session.lookups.learn(VARIANTS, found, VARIANT_NEED, answers=answers)
        return told

    def joined(self, run: Batch, outcomes: Sequence[Outcome], simple: Collection[str], skus: Mapping[str, str]) -> None:
        """Remember which variants belong together, and which SKU they have.

        Args:
            run: Told which products are touched.
            outcomes: Of variants that are not held.
            simple: Keys of those that are the only one of their product.
            skus: Key -> the SKU that it had before.
        """
        families: dict[str, list[str]] = {}
        places: dict[str, Place | None] = {}
        untracked: list[str] = []
        kept: dict[str, SourceKey] = {}
        for outcome in outcomes:
            piece: Piece = outcome.document.content
            key = outcome.document.key
            if key not in simple:
                run.touched.setdefault(piece.product, outcome.document.source)
            if outcome.action == "planned":
                continue
            identity, product = self.memory.variant(key), self.memory.product(piece.product)
            if outcome.reason == KEPT:
                self.memory.join(piece.product, [key], left=True)
                kept[piece.product] = outcome.document.source
            elif piece.state == GONE:
                self.memory.leave(piece.product, key)
                self.memory.forget_variant(key)
                places[piece.sku] = None
            elif identity is not None and product is not None:
                families.setdefault(piece.product, []).append(key)
                if key not in simple:
                    known = self.memory.ids(rows.VARIANTS, key)
                    self.memory.put(rows.VARIANTS, key, {**known, "parent": piece.product})
                before = skus.get(key, "")
                if before not in {"", piece.sku}:
                    # Renamed: another item may have the old one, and no stock or price of that is this variant's.
                    self.showing.release(before, key)
                    places.setdefault(before, None)
                self.memory.put(rows.OWNERS, piece.sku, {"key": key})
                if outcome.action in WRITTEN and "stockTracking" in piece.values:
                    untracked.append(piece.sku)
                if outcome.action in WRITTEN and "ean" in piece.values:
                    self.barcodes.add(outcome.document.hashes["ean"])
                if outcome.action != "skipped" or outcome.reason != "unchanged":
                    places[piece.sku] = Place(identity, product)
        for product_key, keys in families.items():
            self.memory.join(product_key, keys)
        self.showing.empty(run, {one: source for one, source in kept.items() if not self.memory.family(one)})
        if places and not self.target.plan_only:
            self.keys.learn(places)
        self._unsettle_stock(untracked)

    def _unsettle_stock(self, skus: Collection[str]) -> None:
        """The stock flow forgets what tracking it wrote: when stock is kept again, it says so again."""
        store = self.session.store
        for row in store.rows(self.session.scope, STOCK, list(skus)).values():
            if row.state is State.DONE and "stockTracking" in row.hashes:
                hashes = {name: one for name, one in row.hashes.items() if name != "stockTracking"}
                store.change(row, replace(row, content_hash="", hashes=hashes))

    def same_barcodes(self) -> list[list[str]]:
        """SKUs of variants that have the same barcode number, as far as one of them was written in this run."""
        if not self.barcodes - {self.session.store.hasher("ean=")}:
            return []
        found: dict[str, list[str]] = {}
        for row in self.session.store.known(self.session.scope, rows.VARIANTS):
            if (hashed := row.hashes.get("ean", "")) in self.barcodes:
                found.setdefault(hashed, []).append(row.ids.get("sku") or row.key)
        found.pop(self.session.store.hasher("ean="), None)
        return sorted(sorted(skus) for skus in found.values() if len(skus) > 1)

    def _inherit(
        self, run: Batch, placed: Sequence[Record], outcomes: Sequence[Outcome], variants: Mapping[str, Record]
    ) -> None:
        """What parents say for all their variants."""
        wanted: dict[str, tuple[str, SourceKey]] = {}
        for outcome in outcomes:
            piece: Piece = outcome.document.content
            if piece.state != GONE and piece.product in self.context.inherited:
                wanted[outcome.document.key] = piece.product, outcome.document.source
        for one in placed:
            if one.wants.is_parent:
                wanted |= dict.fromkeys(self.memory.family(one.key), (one.key, one.source))
        if not wanted:
            return
        self.memory.load(rows.VARIANTS, wanted)
        known = self.session.store.rows(self.session.scope, rows.VARIANTS, list(wanted))
        documents = []
        for key, (product, source) in wanted.items():
            own: set[str] = set(variants[key].wants.variant) if key in variants else set()
            if key in known:
                own |= set(known[key].hashes)
            values = {name: one for name, one in self.context.inherited[product].items() if name not in own}
            # Below zero: only planned, and made with all of it.
            if values and (self.memory.variant(key) or 0) > 0:
                documents.append(self.shared.document(key, source, Piece(product, values)))
        done = self.work.run(run, self.shared, documents)
        changed = [one for one in done if one.action in WRITTEN and "stockTracking" in one.document.content.values]
        ids = [self.memory.ids(rows.VARIANTS, one.document.key) for one in changed]
        self._unsettle_stock([one["sku"] for one in ids if one.get("sku")])


def is_own(row: Row) -> bool:
    """Whether a variant is the one that the shop made by itself with its product."""
    title = str(row.get("title") or "").strip().casefold()
    return not row.get("sku") and not row.get("articleCode") and title == DEFAULT


def _position(document: Document[Piece]) -> tuple[int, str]:
    order = document.content.values.get("sortOrder")
    return (order.value if order is not None else 0, document.key)
