"""What hangs under a product: texts in further languages, specifications, images, categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lightspeed_ecom
from target_lightspeed.commerce.catalogue import convert
from target_lightspeed.commerce.catalogue import memory as rows
from target_lightspeed.commerce.catalogue.images import ImageStep, Picture
from target_lightspeed.commerce.catalogue.placements import PlacementStep
from target_lightspeed.commerce.catalogue.step import Piece
from target_lightspeed.commerce.catalogue.steps import SpecificationStep, TextStep, TitleStep
from target_lightspeed.commerce.catalogue.work import Batch, Part, Record, Work
from target_lightspeed.failures import reading
from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from upsert.model import Document, SourceKey

_MANY = 1_000_000

_SEEN = "seen"
"""Stands beside the ids of a product whose images (or categories) were left out when it was made."""


class Content(Part):
    """Texts, specifications, images and categories.

    Args:
        work: What it works with.
    """

    def __init__(self, work: Work) -> None:
        super().__init__(work)
        self._specifications: dict[str, SpecificationStep] = {}
        self.images, self.placements = ImageStep(work.context), PlacementStep(work.context)
        self._texts: dict[str, TextStep] = {}
        self._titles: dict[str, TitleStep] = {}
        self._most_images: int | None = None

    def further(self, run: Batch, records: Sequence[Record]) -> None:
        """Texts in further languages, and specifications."""
        texts: dict[str, list[Document[Piece]]] = {}
        titles: dict[str, list[Document[Piece]]] = {}
        described: dict[str, list[Document[Piece]]] = {}
        for one in records:
            if one.source in run.held:
                continue
            for code, values in one.wants.texts.items():
                step = self._texts.setdefault(code, TextStep(self.context, code))
                texts.setdefault(code, []).append(step.document(one.key, one.source, Piece(one.key, values)))
            for code, value in one.wants.titles.items():
                titler = self._titles.setdefault(code, TitleStep(self.context, code))
                piece = Piece(one.key, {"title": value})
                titles.setdefault(code, []).append(titler.document(one.key, one.source, piece))
            for code, found in one.wants.specifications.items():
                describer = self._specifications.setdefault(code, SpecificationStep(self.context, code))
                own = described.setdefault(code, [])
                for title, value in found.items():
                    own.append(describer.document(f"{one.key}#{title}", one.source, Piece(one.key, {title: value})))
        for code in sorted({*texts, *titles, *described} - {""}):
            self.memory.write_in(code)
        for code, documents in texts.items():
            if self.work.unsettled(self._texts[code], documents):
                self._check(code)
            self.work.run(run, self._texts[code], documents)
        for code, documents in titles.items():
            self.work.run(run, self._titles[code], documents)
        # In the default language first: that makes the specifications.
        for code in sorted(described):
            if code and self.work.unsettled(self._specifications[code], described[code]):
                self._check(code)
            self.work.run(run, self._specifications[code], described[code])

    def _check(self, language: str) -> None:
        if language not in self.work.languages():
            raise ConfigurationError(
                f"products come with texts in '{language}', which the shop doesn't have: activate the language there, "
                "or leave it out in `catalogue.languages`"
            )

    def pictures(self, run: Batch, records: Sequence[Record]) -> None:
        """Images: upload what is new, move what has moved, delete what we uploaded and isn't wanted any more."""
        documents: list[Document[Picture]] = []
        before: dict[str, Mapping[str, str]] = {}
        for one in records:
            images = one.wants.images
            if images is None or one.source in run.held or not self._may_picture(one.key):
                continue
            known = self.memory.ids(rows.PICTURES, one.key)
            if self.settings.resync:
                self.images.forget_gone(one.key, [digest for digest in known if digest != _SEEN])
            wanted = {convert.digest(image): image for image in images}
            if len(wanted) > len(known) and len(wanted) > (most := self._limit()):
                self.work.note(run, one, "held", "too_many_images", f"{len(wanted)} of {most}")
                continue
            before[one.key] = known
            if known or self.memory.made(one.key):
                self.images.known.add(one.key)
            pending = {digest: known.get(digest, "") for digest in wanted}
            if pending.keys() - known.keys():
                self.memory.put(rows.PICTURES, one.key, {**known, **pending})
            for order, (digest, image) in enumerate(wanted.items(), 1):
                documents.append(self.images.document(one.source, Picture(one.key, digest, order, image)))
            old = [digest for digest in known if digest not in wanted and digest != _SEEN]
            documents += [self.images.document(one.source, Picture(one.key, digest)) for digest in old]
        # What is new goes up before what is old goes away.
        coming = [one for one in documents if one.content.image is not None]
        going = [one for one in documents if one.content.image is None]
        done = self.work.run(run, self.images, coming)
        done += self.work.run(run, self.images, [one for one in going if one.source not in run.held])
        left: dict[str, dict[str, str]] = {product: dict(known) for product, known in before.items()}
        for outcome in done:
            picture: Picture = outcome.document.content
            if outcome.action in {"held", "planned"}:
                continue
            if picture.image is None:
                left[picture.product].pop(picture.digest, None)
                self.memory.forget(rows.IMAGES, [outcome.document.key])
            else:
                left[picture.product][picture.digest] = "1"
        for outcome in done:
            picture = outcome.document.content
            if outcome.action == "held":
                left[picture.product].setdefault(picture.digest, "")
        for product, marks in left.items():
            if not self.target.plan_only:
                self.memory.put(rows.PICTURES, product, marks)

    def _may_picture(self, product: str) -> bool:
        """Whether the owner of images lets us write them."""
        known = self.memory.ids(rows.PICTURES, product)
        creating = self.memory.made(product) and (not known or "" in known.values())
        rule = self.rules.of("images", creating=creating)
        if rule == "never" and creating:
            self.memory.put(rows.PICTURES, product, {_SEEN: "1"})
        if rule == "if_empty":
            identity = self.memory.product(product)
            if known.keys() - {_SEEN} or identity is None:
                return "" in known.values()
            return identity < 0 or not self.images.of(identity)
        return rule == "always"

    def _limit(self) -> int:
        """Most images per product: a setting's word, else the shop's."""
        if self._most_images is None:
            self._most_images = self.settings.max_images
        if self._most_images is None:
            try:
                with reading():
                    limits = self.session.client.get("shop/limits")
                told = limits.get("maxProductsImages")
                self._most_images = int(str(told)) if str(told).isdigit() and told else _MANY
            except (ConfigurationError, lightspeed_ecom.LightspeedError):
                self._most_images = _MANY
        return self._most_images

    def places(self, run: Batch, records: Sequence[Record]) -> None:
        """Categories: those that the shop has now; what it doesn't have keeps no product from being shown."""
        documents = []
        lacking: dict[str, tuple[SourceKey, Sequence[str]]] = {}
        whole = []
        for one in records:
            if one.wants.placements is None or one.source in run.held:
                continue
            known = self.memory.ids(rows.PLACEMENTS, one.key)
            creating = self.memory.made(one.key) and not known
            rule = self.rules.of("categories", creating=creating)
            if rule == "never" and creating:
                self.memory.put(rows.PLACEMENTS, one.key, {_SEEN: "1"})
            if rule == "always" or (rule == "if_empty" and not any(name.startswith("c") for name in known)):
                wanted = [key for place in one.wants.placements if (key := place.category.key or place.category.code)]
                documents.append(self.placements.document(one.source, one.key, wanted))
                left = documents[-1].content.lacking
                self.session.dropped("products", "are categories which the shop doesn't have (yet)", left)
                if left:
                    lacking[one.key] = one.source, wanted
                else:
                    whole.append(one.key)
        self.memory.lack(lacking)
        self.memory.lacks_nothing(whole)
        self.work.run(run, self.placements, documents)

    def finish(self) -> None:
        """At the end of a run: what lacked categories gets those that came since."""
        run = Batch()
        documents = []
        whole: set[str] = set()
        for product, (source, wanted) in self.memory.lacking().items():
            if self.memory.product(product) is None:
                whole.add(product)
                continue
            document = self.placements.document(source, product, wanted)
            if len(document.content.lacking) < len(wanted):
                documents.append(document)
            if not document.content.lacking:
                whole.add(product)
        done = self.work.run(run, self.placements, self.work.unsettled(self.placements, documents))
        held = {outcome.document.key for outcome in done if outcome.action == "held"}
        self.memory.lacks_nothing(whole - held)
        self.work.late(done)
