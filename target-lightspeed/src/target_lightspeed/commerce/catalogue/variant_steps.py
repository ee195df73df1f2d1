"""The steps of variants: their own fields, and what their parent says for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_lightspeed.commerce.catalogue import memory as rows
from target_lightspeed.commerce.catalogue.step import (
    GONE,
    VARIANT_NEED,
    Context,
    Piece,
    Standing,
    Step,
    says,
    sku_field,
)
from target_lightspeed.failures import reading, writing
from target_lightspeed.fields import By
from target_lightspeed.resources.catalogue import VARIANTS
from upsert.errors import InDoubt
from upsert.model import Create, Document, Hold, Plan, Skip, Update
from upsert.store import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_lightspeed.lookups import Key, Row
    from upsert.model import Applied
    from upsert.store import StoredRow


KEPT = "last_variant_kept"
"""Why a variant that should go was left."""


class VariantStep(Step):
    """A variant: the one that the shop made with the product for the first, then further ones."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, rows.VARIANTS, VARIANTS, VARIANT_NEED)
        self._siblings: dict[str, Sequence[Row]] = {}
        self._going: set[int] = set()

    def identity(self, document: Document[Piece]) -> int | None:
        """The variant's id."""
        return self.memory.variant(document.key)

    def blind(self, document: Document[Piece], row: StoredRow | None) -> bool:
        """What was never written is looked for by its SKU."""
        return row is not None and super().blind(document, row)

    def look_up(self, documents: Sequence[Document[Piece]]) -> Mapping[str, Sequence[Standing]]:
        """As the base; and the siblings of those that go, or that need what their parent said earlier."""
        found = super().look_up(documents)
        for one in documents:
            product = self.memory.product(one.content.product)
            new = not found.get(one.key) and one.content.product not in self.context.inherited
            other = (self.memory.family(one.content.product) | self.memory.left(one.content.product)) - {one.key}
            if product is not None and product > 0 and (one.content.state == GONE or (new and other)):
                self._siblings[one.key] = self.context.variants_of([product])[product]
        return found

    def search(self, document: Document[Piece], row: StoredRow | None) -> Sequence[Standing]:
        """By its SKU, else the shop's own first variant if that is meant for it."""
        piece = document.content
        product = self.memory.product(piece.product)
        if product is None:
            return ()
        key: Key = ((sku_field(self.context), piece.sku),)
        unsure = row is not None and row.state is not State.DONE
        with reading():
            found: list[Row] = []
            if product > 0:
                found = self.lookups.find(VARIANTS, [key], VARIANT_NEED, fresh=[key] if unsure else [])[key]
            if found:
                own = VARIANTS.named["product"]
                return [
                    Standing(one["id"], one, elsewhere=own.of(one) != str(product), fresh=self._first(document, one))
                    for one in found
                ]
            claim = self.memory.ids(rows.DEFAULTS, piece.product)
            if claim.get("key") == document.key and claim.get("id", "").isdigit():
                place: Key = (("id", claim["id"]),)
                shown = self.lookups.find(VARIANTS, [place], VARIANT_NEED, fresh=[place] if unsure else [])[place]
                return [Standing(one["id"], one, fresh=True) for one in shown]
        return ()

    def _first(self, document: Document[Piece], row: Row) -> bool:
        return self.memory.ids(rows.DEFAULTS, document.content.product).get("id") == str(row["id"])

    def ids(self, existing: Standing) -> Mapping[str, str]:
        """The shop's ids, and the SKU that it has there."""
        sku = str((existing.row or {}).get(sku_field(self.context)) or "")
        return {**super().ids(existing), **({"sku": sku} if sku else {})}

    def plan(self, document: Document[Piece], existing: Standing | None, applied: Applied | None) -> Plan:
        """As the base; one SKU is one variant, and a SKU never changes in silence."""
        piece = document.content
        if piece.problem:
            return piece.problem
        if piece.state == GONE:
            return self._deletion(document, existing)
        if self.context.claims.get(piece.sku, document.key) != document.key:
            return Hold("sku_twice", piece.sku)
        if existing is not None:
            before = self.memory.ids(rows.VARIANTS, document.key).get("product", "")
            if existing.elsewhere or before not in {"", str(self.memory.product(piece.product))}:
                return Hold("sku_elsewhere", piece.sku)
            if self._renamed(document, existing, applied) and not document.released:
                return Hold("sku_renamed", piece.sku)
        return super().plan(document, existing, applied)

    def _renamed(self, document: Document[Piece], existing: Standing, applied: Applied | None) -> bool:
        if self.context.settings.sku_rename == "follow":
            return False
        name = sku_field(self.context)
        if existing.row is None:
            return applied is not None and applied.hashes.get(name) not in {None, document.hashes.get(name)}
        return str(existing.row.get(name) or "") not in {"", document.content.sku}

    def _deletion(self, document: Document[Piece], existing: Standing | None) -> Plan:
        if existing is None:
            return Skip("already_gone")
        # Those that go in the same run are no reason to let this one go.
        others = {row["id"] for row in self._siblings.get(document.key, [])} - self._going - {existing.id}
        if not others and not document.content.skus:
            return Skip(KEPT)
        self._going.add(existing.id)
        return Update(str(existing.id), {"delete": True})

    def body(self, document: Document[Piece], existing: Standing, applied: Applied | None) -> dict[str, Any]:
        """On the shop's own first variant: everything at once."""
        if not existing.fresh:
            return super().body(document, existing, applied)
        wanted = {**document.content.extra, **self._given(document), **self.first(document)}
        if title := document.content.values.get("title"):
            wanted["title"] = title.value
        row = existing.row or {}
        named = self.resource.named
        return {name: one for name, one in wanted.items() if named[name].of(row) != named[name].kind.normal(one)}

    def missing(self, document: Document[Piece]) -> Plan:
        """Make it, with what its parent says for all variants."""
        piece = document.content
        product = self.memory.product(piece.product)
        if product is None:
            return Hold("waits_for_parent", piece.product)
        title = piece.values.get("title")
        if title is None or not title.value:
            return Hold("missing_field", "title")
        return Create(
            {**piece.extra, **self._given(document), **self.first(document), "title": title.value, "product": product}
        )

    def _given(self, document: Document[Piece]) -> dict[str, Any]:
        """What the parent says for all its variants; when it didn't come in this run, as on a sibling."""
        piece = document.content
        said = self.context.inherited.get(piece.product)
        if said is not None:
            found: dict[str, Any] = {}
            for name, one in said.items():
                value = self.context.names.resolve(name, one.value) if isinstance(one.value, By) else one.value
                wanted = self.context.rules.of(one.rule, creating=True) == "always"
                if wanted and not isinstance(value, Hold) and says(value):
                    found[name] = value
            return found
        shown = self._siblings.get(document.key)
        if not shown:
            return {}
        copied = {}
        for name in _INHERITED:
            normal = VARIANTS.named[name].of(shown[0])
            if normal not in {None, "", "0"}:
                copied[name] = int(normal) if name == "tax" else shown[0][name]
        return copied

    def create(self, document: Document[Piece], plan: Create) -> Mapping[str, str]:
        """One POST."""
        with writing(), self.session.slots:
            row = self.client.create("variants", "variant", plan.payload)
        identity = row.get("id")
        if not isinstance(identity, int):
            raise InDoubt("the shop's answer has no id")
        shown = {**plan.payload, **row}
        answers: list[Key] = [((sku_field(self.context), document.content.sku),)]
        self.lookups.learn(VARIANTS, [shown], VARIANT_NEED, answers=answers)
        ids = {"id": str(identity), "sku": document.content.sku, **self.references(plan.payload)}
        self.memory.know(rows.VARIANTS, document.key, ids)
        return ids

    def update(self, document: Document[Piece], existing: Standing, plan: Update) -> Mapping[str, str]:
        """One PUT, or the end of it."""
        ids = super().update(document, existing, plan)
        product = self.memory.product(document.content.product)
        sku = {"sku": document.content.sku} if sku_field(self.context) in plan.diff else {}
        return {**ids, **sku, **({"product": str(product)} if product is not None else {})}


_INHERITED = ("tax", "weight", "volume", "sizeX", "sizeY", "sizeZ", "stockBuyMinimum", "stockBuyMaximum", "hs")


class SharedStep(Step):
    """What a parent says for all its variants."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, rows.SHARED, VARIANTS, VARIANT_NEED)

    def identity(self, document: Document[Piece]) -> int | None:
        """The variant's id."""
        return self.memory.variant(document.key)

    def blind(self, document: Document[Piece], row: StoredRow | None) -> bool:
        """What was not written by this step was perhaps written when the variant was made."""
        return row is not None and super().blind(document, row)

    def fresh(self, document: Document[Piece], row: StoredRow | None) -> bool:
        """It was made with these fields, as far as they were allowed."""
        del document, row
        return False

    def missing(self, document: Document[Piece]) -> Plan:
        """A variant that isn't there any more is the matter of its own step."""
        del document
        return Skip("missing")
