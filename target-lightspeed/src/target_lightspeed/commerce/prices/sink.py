"""The sinks of `prices` and `price_lists`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from commerce.goods import PriceList
from target_lightspeed.commerce.catalogue.memory import standing
from target_lightspeed.commerce.prices.checks import check_settings
from target_lightspeed.commerce.prices.flow import PriceFlow
from target_lightspeed.commerce.prices.lists import remember_lists
from target_lightspeed.commerce.prices.rows import PriceRow, read_price
from target_lightspeed.commerce.whole import WholeSink
from target_lightspeed.failures import reading
from upsert.model import Document, Outcome
from upsert.singer import HeldSink, Incoming

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from target_lightspeed.target import TargetLightspeed


class PriceSink(WholeSink):
    """All prices of a run: which of them count can only be said when all are there."""

    def parse(self, record: dict[str, Any]) -> PriceRow:
        """The record, checked and cut down."""
        return read_price(record)

    def load(self, batch: Sequence[Incoming]) -> Iterator[Outcome]:
        """Bring the prices of today into the shop."""
        session = self.target.session
        check_settings(session.settings.prices)
        self.check_whole({one.source.stream for one in batch})
        hidden = {one.content.item for one in batch if not one.content.published} - {""}
        ours = standing(session.store, session.scope, hidden)
        rows = [
            replace(one.content, source=one.source)
            if one.content.published or one.content.item in ours
            else replace(one.content, source=one.source, refusal="unpublished")
            for one in batch
        ]
        yield from PriceFlow(self.target, self.stream_name, rows, complete=not self.broken).load()


class PriceListSink(HeldSink):
    """Price lists are remembered: whether they are valid decides about their prices. Nothing is written to the shop."""

    target: TargetLightspeed

    def parse(self, record: dict[str, Any]) -> PriceList:
        """The record, checked."""
        return PriceList.model_validate(record)

    def load(self, batch: Sequence[Incoming]) -> Iterator[Outcome]:
        """Keep what the lists say."""
        session = self.target.session
        with reading():
            now = session.client.server_now()
        lists = [(one.source, one.content) for one in batch]
        changed = remember_lists(self.target.store, session.scope, lists, now, self.target.run_id)
        for one in batch:
            reason = "noted" if changed[one.content.code] else "unchanged"
            yield Outcome(Document(one.content.code, one.source, None, {}), "skipped", reason=reason)
