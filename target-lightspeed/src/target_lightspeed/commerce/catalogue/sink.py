"""The sink of `products`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from commerce.goods import Product
from target_lightspeed.commerce.approval import Approvals
from target_lightspeed.commerce.catalogue import memory
from target_lightspeed.commerce.catalogue.flow import Flow
from target_lightspeed.commerce.dry_run import DryRun, changes_of
from target_lightspeed.commerce.guard import Changes
from upsert.singer import HeldSink, Incoming

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from target_lightspeed.commerce.guard_settings import CatalogueLimits
    from target_lightspeed.target import TargetLightspeed
    from upsert.model import Outcome, SourceKey
    from upsert.singer.spool import Spool

MOST = 200
"""Records per batch."""
MOST_BYTES = 16_000_000
"""Bytes of images per batch, as base64."""


class ProductSink(HeldSink):
    """Products, variants, texts, images and what describes them."""

    target: TargetLightspeed
    _flow: Flow | None = None
    _bytes = 0

    @property
    def flow(self) -> Flow:
        """What this run knows; made at the first batch."""
        if self._flow is None:
            self._flow = Flow(self.target)
        return self._flow

    @property
    def part_size(self) -> int:
        """Records per batch."""
        given = self.target.config.get("batch_size_rows")
        return min(int(given), MOST) if given else MOST

    @property
    def max_size(self) -> int:
        """Records that come before any is loaded."""
        return super().max_size if self.spools else self.part_size

    @property
    def is_full(self) -> bool:
        """Images are large: few products may be a batch."""
        return (not self.spools and self._bytes > MOST_BYTES) or super().is_full

    @cached_property
    def spools(self) -> bool:
        """Whether the whole run is looked at before its first write: not a first load, which changes everything."""
        return self.limits.first_load == "check" or not self._first

    @property
    def limits(self) -> CatalogueLimits:
        """How much a run may change."""
        return self.target.settings.catalogue.limits

    @cached_property
    def _first(self) -> bool:
        return not Approvals.of(self.target.session).is_loaded(self.stream_name)

    def look(self, records: Spool) -> None:
        """Let the run go dry first, and stop before the first write when it would do more than the limits allow."""
        approvals = Approvals.of(self.target.session)
        if len(records) <= self.limits.harmless and not approvals.pending(self.stream_name):
            return
        dry = DryRun(self.target)
        names: dict[SourceKey, str] = {}
        with dry as target:
            flow = Flow(target)
            for batch in records.parts(self.part_size, self.part_bytes):
                names |= {one.source: one.content.sku for one in batch if one.content.sku}
                for _ in flow.load(batch):
                    pass
        # The run asks for the same; what would be made is asked for anew.
        self.target.session.lookups.adopt(dry.session.lookups)
        known = len(self.target.store.known(self.target.session.scope, memory.VARIANTS))
        changes = Changes(self.stream_name, known, first=self._first)
        changes_of(dry.plans, changes, names, (memory.PRODUCTS, memory.VARIANTS))
        self.target.within(approvals.check, self.limits, changes)

    def parse(self, record: dict[str, Any]) -> Product:
        """The product, checked against the contract."""
        product = Product.model_validate(record)
        self._bytes += sum(len(image.content or "") for image in product.images)
        return product

    def load(self, batch: Sequence[Incoming]) -> Iterable[Outcome]:
        """Bring a batch into the shop, step by step."""
        self._bytes = 0
        return self.flow.load(batch)

    def clean_up(self) -> None:
        """At the end of the run: show what has got its price meanwhile, and name parents without variants.

        A run that ended early has not seen them all.
        """
        if not self.target.ended:
            self.flow.finish()
        super().clean_up()
