"""The steps, one class each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lightspeed_ecom
from target_lightspeed.commerce.catalogue import memory as rows
from target_lightspeed.commerce.catalogue.step import (
    PRODUCT_NEED,
    VARIANT_NEED,
    ZONE_MARGIN,
    Context,
    Piece,
    Standing,
    Step,
    sku_field,
)
from target_lightspeed.failures import reading, writing
from target_lightspeed.fields import By, Field
from target_lightspeed.resources.catalogue import PRODUCTS, VARIANTS
from upsert.errors import InDoubt, Rejected
from upsert.model import Create, Document, Hold, Plan, Skip, Update
from upsert.store import State

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from target_lightspeed.lookups import Key, Row
    from upsert.model import Applied
    from upsert.store import StoredRow


class ProductStep(Step):
    """The product itself: made hidden, found by our key or by a SKU."""

    gone = "vanished"

    def __init__(self, context: Context) -> None:
        super().__init__(context, rows.PRODUCTS, PRODUCTS, PRODUCT_NEED)
        self._recent: dict[datetime, list[Row]] = {}

    def fresh(self, document: Document[Piece], row: StoredRow | None) -> bool:
        """What exists was made with its fields."""
        del document, row
        return False

    def search(self, document: Document[Piece], row: StoredRow | None) -> Sequence[Standing]:
        """By our key among the newest, or in the whole list where the store knows nothing; else by SKU."""
        with reading():
            if row is not None and row.state is State.INTENT:
                return [Standing(one["id"], one, made=True) for one in self._newest(document, row)]
            if not self.memory.listed and (found := self._listed(document)):
                return [Standing(one["id"], one) for one in found]
            return self._by_sku(document)

    def _newest(self, document: Document[Piece], row: StoredRow) -> list[Row]:
        """Products made since an intent that carry our key: one list."""
        since = row.at - ZONE_MARGIN
        fields = sorted({"id", *self.need})
        pages = self.client.list("products", fields=fields, since=since, by="created_at")
        found = [one for page in pages for one in page]
        self.lookups.learn(PRODUCTS, found, self.need)
        return self._fitting(document, found)

    def _fitting(self, document: Document[Piece], found: Sequence[Row]) -> list[Row]:
        name = self.context.settings.key_field
        if name != "none":
            return [one for one in found if str(one.get(name) or "") == document.key]
        title = document.content.values.get("title")
        others = {row.ids.get("id") for row in self.session.store.known(self.session.scope, self.purpose)}
        return [
            one
            for one in found
            if title
            and one.get("title") == title.value
            and one.get("visibility") == "hidden"
            # Two items may have one title: what stands for another one is not ours.
            and str(one["id"]) not in others
        ]

    def _listed(self, document: Document[Piece]) -> list[Row]:
        name = self.context.settings.key_field
        if name == "none":
            return []
        key: Key = ((name, document.key),)
        return self.lookups.find(PRODUCTS, [key], self.need)[key]

    def _by_sku(self, document: Document[Piece]) -> Sequence[Standing]:
        """The product that has one of our SKUs, unless it carries another key of ours."""
        keys: list[Key] = [((sku_field(self.context), sku),) for sku in document.content.skus]
        if not keys:
            return ()
        found = self.lookups.find(VARIANTS, keys, VARIANT_NEED)
        named = VARIANTS.named["product"]
        products = sorted({int(named.of(row) or 0) for shown in found.values() for row in shown} - {0})
        if not products:
            return ()
        places: list[Key] = [(("id", str(one)),) for one in products]
        rows_found = self.lookups.find(PRODUCTS, places, self.need)
        return [Standing(row["id"], row) for place in places for row in rows_found[place]]

    def plan(self, document: Document[Piece], existing: Standing | None, applied: Applied | None) -> Plan:
        """As the base, with our key in its field."""
        name = self.context.settings.key_field
        if existing is not None and existing.row is not None and name != "none" and not document.content.problem:
            other = str(existing.row.get(name) or "")
            if other not in {"", document.key} and (not document.released or self._is_anothers(document, existing)):
                return Hold("sku_elsewhere", ", ".join(document.content.skus[:3]))
        return super().plan(document, existing, applied)

    def _is_anothers(self, document: Document[Piece], existing: Standing) -> bool:
        """Whether the store knows it as the product of another item."""
        known = self.session.store.known(self.session.scope, self.purpose)
        return any(row.ids.get("id") == str(existing.id) and row.key != document.key for row in known)

    def body(self, document: Document[Piece], existing: Standing, applied: Applied | None) -> dict[str, Any]:
        """With our key where it doesn't stand yet."""
        found = super().body(document, existing, applied)
        name = self.context.settings.key_field
        if name != "none" and existing.row is not None and str(existing.row.get(name) or "") != document.key:
            found[name] = document.key
        return found

    def missing(self, document: Document[Piece]) -> Plan:
        """Make it, hidden."""
        body = self.first(document)
        if "title" not in body:
            title = document.content.values.get("title")
            if title is None or not title.value:
                return Hold("missing_field", "title")
            body["title"] = title.value
        name = self.context.settings.key_field
        return Create({**body, "visibility": "hidden", **({name: document.key} if name != "none" else {})})

    def create(self, document: Document[Piece], plan: Create) -> Mapping[str, str]:
        """One POST."""
        with writing(), self.session.slots:
            row = self.client.create("products", "product", plan.payload)
        identity = row.get("id")
        if not isinstance(identity, int):
            raise InDoubt("the shop's answer has no id")
        shown = {**{self.field(name).read: value for name, value in plan.payload.items()}, **row}
        self.lookups.learn(PRODUCTS, [shown], self.need)
        self.memory.made_now.add(document.key)
        ids = {"id": str(identity), "made": "1", **self.references(plan.payload)}
        self.memory.know(rows.PRODUCTS, document.key, ids)
        return ids

    def update(self, document: Document[Piece], existing: Standing, plan: Update) -> Mapping[str, str]:
        """One PUT; a product that isn't there any more was deleted by hand, and a person decides what then."""
        try:
            return super().update(document, existing, plan)
        except Rejected as error:
            if error.reason != "not_found":
                raise
            raise Rejected("vanished", error.subject, error.text) from error

    def refuses(self, document: Document[Piece], existing: Standing | None, plan: Create | Update) -> Hold | None:
        """Nothing stands above a product."""
        return None if isinstance(plan, Create) else super().refuses(document, existing, plan)

    def assume(self, document: Document[Piece], plan: Create | Update) -> Mapping[str, str]:
        """In plan mode it counts as made in this run."""
        found = super().assume(document, plan)
        if found:
            self.memory.made_now.add(document.key)
        return found


class TextStep(Step):
    """Texts of a product in a further language."""

    def __init__(self, context: Context, language: str) -> None:
        local = {one.name for one in PRODUCTS.fields if one.local}
        super().__init__(context, rows.PRODUCTS, PRODUCTS, local, language=language)


class TitleStep(Step):
    """Title of a variant in a further language."""

    def __init__(self, context: Context, language: str) -> None:
        super().__init__(context, rows.VARIANTS, VARIANTS, {"title"}, language=language)

    def identity(self, document: Document[Piece]) -> int | None:
        """The variant's id."""
        return self.memory.variant(document.key)


class SpecificationStep(Step):
    """One specification of one product in one language. The document's key is the product's, the title behind it."""

    def __init__(self, context: Context, language: str = "") -> None:
        super().__init__(context, rows.SPECIFICATIONS, PRODUCTS, {"value"}, language=language)
        self.lookup_name = "the list products/{id}/attributes"
        self._read: dict[int, dict[int, str] | None] = {}

    def field(self, name: str) -> Field:
        """The field's name is the specification's title."""
        return Field(name, shown="value")

    def resolve(self, documents: Sequence[Document[Piece]], known: Mapping[str, StoredRow]) -> None:
        """The specification by its title."""
        del known
        for one in documents:
            (title,) = one.content.values
            names = self.context.names
            attribute = names.uncarried.get(title) or names.resolve("attribute", By("title", title))
            self.resolved[one.key] = attribute if isinstance(attribute, Hold) else {"": attribute}

    def read(self, asked: Sequence[tuple[Document[Piece], int]], unsure: Collection[str]) -> dict[str, list[Row]]:
        """One list per product."""
        for one, product in asked:
            if product not in self._read or one.key in unsure:
                self._read[product] = self._listed(product)
        shown = {one.key: (product, self._read[product]) for one, product in asked}
        return {
            one.key: [] if values is None else [{"id": product, "value": values.get(self._attribute(one), "")}]
            for one, (product, values) in ((one, shown[one.key]) for one, _ in asked)
        }

    def _listed(self, product: int) -> dict[int, str] | None:
        """What a product has; None where the shop doesn't have the product any more."""
        try:
            pages = self.client.list(f"products/{product}/attributes", language=self.language or None)
            return {int(row["id"]): str(row.get("value") or "") for page in pages for row in page}
        except lightspeed_ecom.NotFound:
            return None

    def _attribute(self, document: Document[Piece]) -> int:
        resolved = self.resolved[document.key]
        return int(resolved[""]) if isinstance(resolved, dict) else 0

    def values(self, document: Document[Piece]) -> dict[str, Any]:
        """Title -> text."""
        return {title: one.value for title, one in document.content.values.items()}

    def body(self, document: Document[Piece], existing: Standing, applied: Applied | None) -> dict[str, Any]:
        """An empty one need not be written to a new product."""
        found = super().body(document, existing, applied)
        return {n: v for n, v in found.items() if v or not (existing.fresh and existing.row is None)}

    def update(self, document: Document[Piece], existing: Standing, plan: Update) -> Mapping[str, str]:
        """One PUT."""
        (text,) = plan.diff.values()
        attribute = self._attribute(document)
        with writing(), self.session.slots:
            path = f"products/{existing.id}/attributes/{attribute}"
            self.client.update(path, "productAttribute", {"value": text}, language=self.language or None)
        (self._read.get(existing.id) or {})[attribute] = text
        return {"attribute": str(attribute)}


class VisibilityStep(Step):
    """Whether the product is shown; comes last. `GONE`: the product is deleted."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, rows.VISIBILITY, PRODUCTS, PRODUCT_NEED)

    def missing(self, document: Document[Piece]) -> Plan:
        """It is not in the shop."""
        del document
        return Skip("missing")

    def fresh(self, document: Document[Piece], row: StoredRow | None) -> bool:
        """Hidden when it was made."""
        return row is None and self.memory.made(document.content.product)
