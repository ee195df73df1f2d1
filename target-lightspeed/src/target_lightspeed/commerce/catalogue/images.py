"""Images of products: known by their content, whatever the shop makes of the file.

A document is one content of one product. The shop's file name ends in the start of the content's hash, so an upload
without an answer is found again, and a lost store costs no second upload. Images that we did not make stay.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import lightspeed_ecom
from target_lightspeed.commerce.catalogue import memory as rows
from target_lightspeed.commerce.catalogue.below import BelowProducts
from target_lightspeed.commerce.catalogue.convert import image_name, names_image
from target_lightspeed.failures import reading, writing
from upsert.errors import InDoubt
from upsert.model import Change, Create, Document, Hold, Plan, Skip, Update
from upsert.store import State

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from commerce.goods import Image
    from target_lightspeed.commerce.catalogue.step import Context
    from target_lightspeed.lookups import Row
    from upsert.model import Applied, SourceKey
    from upsert.store import StoredRow


@dataclass(frozen=True, slots=True)
class Picture:
    """One content.

    Attributes:
        product: Our key of the product.
        digest: SHA-256 of the content.
        order: Its place, from 1.
        image: The image; None when it goes.
    """

    product: str
    digest: str
    order: int = 0
    image: Image | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """An image in the shop; `order` is None when it was not read."""

    id: int
    order: int | None = None


class ImageStep(BelowProducts[Picture, Shown]):
    """Uploads, moves and deletes images."""

    purpose = rows.IMAGES
    lookup = "by_natural_key"
    lookup_name = "the list products/{id}/images"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._lists: dict[int, list[Row]] = {}
        self.known: set[str] = set()
        """Products whose images the store knows all: what it doesn't name was never uploaded."""

    def document(self, source: SourceKey, picture: Picture) -> Document[Picture]:
        """The document of a content."""
        key = f"{picture.product}#{picture.digest}"
        if picture.image is None:
            return Document(key, source, picture, {"delete": self.hasher("delete")}, unwanted=True)
        hashes = {"content": self.hasher(picture.digest), "order": self.hasher(f"order={picture.order}")}
        return Document(key, source, picture, hashes)

    def look_up(self, documents: Sequence[Document[Picture]]) -> Mapping[str, Sequence[Shown]]:
        """What the store knows; the product's list where that is not enough."""
        stored = self.session.store.rows(self.session.scope, self.purpose, [one.key for one in documents])
        found: dict[str, Sequence[Shown]] = {}
        for one in documents:
            product = self.memory.product(one.content.product)
            row = stored.get(one.key)
            if product is None:
                continue
            settled = row is not None and row.state is State.DONE and bool(row.hashes)
            if row is not None and settled and row.ids.get("id") and not one.released:
                found[one.key] = [Shown(int(row.ids["id"]))]
            elif row is None and (one.content.product in self.known or product < 0):
                continue
            else:
                found[one.key] = self._listed(product, one, row)
        return found

    def forget_gone(self, product: str, digests: Collection[str]) -> None:
        """Images of ours that the shop doesn't have any more were never uploaded: one list."""
        identity = self.memory.product(product)
        known = self.session.store.rows(self.session.scope, self.purpose, [f"{product}#{digest}" for digest in digests])
        if identity is None or identity < 0 or not known:
            return
        there = {str(one["id"]) for one in self.of(identity, fresh=True)}
        gone = [key for key, row in known.items() if row.state is State.DONE and row.ids.get("id") not in there]
        self.memory.forget(self.purpose, gone)

    def _listed(self, product: int, document: Document[Picture], row: StoredRow | None) -> list[Shown]:
        named = [
            one
            for one in self.of(product, fresh=row is not None and row.state is not State.DONE)
            if names_image(str(one.get("title") or ""), document.content.digest)
            or (row is not None and row.ids.get("id") == str(one["id"]))
        ]
        # Two of one content can only come from uploads whose answers were lost: the older one counts.
        return [Shown(one["id"], int(one.get("sortOrder") or 0)) for one in named[-1:]]

    def ids(self, existing: Shown) -> Mapping[str, str]:
        """The image's id."""
        return {"id": str(existing.id)}

    def plan(self, document: Document[Picture], existing: Shown | None, applied: Applied | None) -> Plan:
        """Upload, move or delete."""
        picture = document.content
        if picture.image is None:
            return Update(str(existing.id), {"delete": True}) if existing else Skip("already_gone")
        if existing is None:
            return Create({"sortOrder": picture.order})
        if existing.order is None:
            same = applied is not None and applied.hashes.get("order") == document.hashes["order"]
        else:
            same = existing.order == picture.order
        return Skip("unchanged", same=True) if same else Update(str(existing.id), {"sortOrder": picture.order})

    def describe(self, document: Document[Picture], existing: Shown | None, plan: Create | Update) -> Sequence[Change]:
        """The image, by its name."""
        picture = document.content
        if picture.image is None:
            there = existing is not None and self._stands(picture.product, existing)
            return [Change("image", picture.digest[:12], None)] if there else []
        if isinstance(plan, Create):
            return [Change("image", None, image_name(picture.image, picture.digest))]
        order = self._order(picture.product, existing) if existing is not None else None
        return [Change("image.sortOrder", order, str(picture.order))]

    def refuses(self, document: Document[Picture], existing: Shown | None, plan: Create | Update) -> Hold | None:
        """Nothing hangs below a product that the shop's people have deleted."""
        picture = document.content
        if picture.image is None:
            return None
        there = (
            self.context.stands(picture.product)
            if existing is None or isinstance(plan, Create)
            else self._stands(picture.product, existing)
        )
        return None if there else Hold("not_found")

    def _stands(self, product: str, existing: Shown) -> bool:
        """Whether the shop has an image; only a plan looks."""
        return not self.context.explains or any(one["id"] == existing.id for one in self._of(product))

    def _order(self, product: str, existing: Shown) -> str | None:
        """The place that the shop shows; only a plan looks where that isn't known."""
        if existing.order is not None or not self.context.explains:
            return None if existing.order is None else str(existing.order)
        shown = (one for one in self._of(product) if one["id"] == existing.id)
        return next((str(one.get("sortOrder") or 0) for one in shown), None)

    def _of(self, product: str) -> Sequence[Row]:
        """The images of a product, by our key."""
        return self.of(self.memory.product(product) or 0)

    def of(self, identity: int, *, fresh: bool = False) -> Sequence[Row]:
        """The images of a product: asked for once in a run, unless fresh; none where somebody has deleted it."""
        if fresh or identity not in self._lists:
            self._lists[identity] = []
            with reading(), contextlib.suppress(lightspeed_ecom.NotFound):
                pages = self.client.list(f"products/{identity}/images")
                self._lists[identity] = [one for page in pages for one in page]
        return self._lists[identity]

    def create(self, document: Document[Picture], plan: Create) -> Mapping[str, str]:
        """One upload."""
        picture = document.content
        assert picture.image is not None  # noqa: S101 - planned so
        attachment = picture.image.content or picture.image.url or ""
        path = f"products/{self.memory.product(picture.product)}/images"
        name = image_name(picture.image, picture.digest)
        with writing(), self.session.slots:
            row: dict[str, Any] = self.client.upload(path, "productImage", attachment, name, fields=plan.payload)
        if not isinstance(row.get("id"), int):
            raise InDoubt("the shop's answer has no id")
        return {"id": str(row["id"])}

    def update(self, document: Document[Picture], existing: Shown, plan: Update) -> Mapping[str, str]:
        """Move it, or take it away."""
        path = f"products/{self.memory.product(document.content.product)}/images/{existing.id}"
        with writing(), self.session.slots:
            if plan.diff.get("delete"):
                with contextlib.suppress(lightspeed_ecom.NotFound):
                    self.client.delete(path)
            else:
                self.client.update(path, "productImage", plan.diff)
        return {}
