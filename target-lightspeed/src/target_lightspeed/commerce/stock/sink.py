"""The sink of `stock_levels`."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from commerce.goods import StockLevel
from target_lightspeed.commerce.catalogue.memory import standing
from target_lightspeed.commerce.sku import sku_of
from target_lightspeed.commerce.stock.flow import StockFlow
from target_lightspeed.commerce.stock.levels import Item, has_quantities, is_unpublished, location_of, summed
from target_lightspeed.commerce.whole import WholeSink
from upsert.errors import ConfigurationError
from upsert.model import Document, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from upsert.model import SourceKey
    from upsert.singer import Incoming

logger = logging.getLogger("target-lightspeed")

_SHOWN = 10
_EXTRACTED = "_extracted_at"


@dataclass(frozen=True, slots=True)
class Row:
    """A record, and when the tap read it."""

    level: StockLevel
    at: datetime | None


class StockSink(WholeSink):
    """All rows of the run, summed per item and written as levels."""

    @property
    def include_sdc_metadata_properties(self) -> bool:
        """True, so that the time of extraction is seen; nothing of it is kept in the record."""
        return True

    def _add_sdc_metadata_to_record(
        self, record: dict[str, Any], message: dict[str, Any], context: dict[str, Any]
    ) -> None:
        del context
        self._remove_sdc_metadata_from_record(record)
        record[_EXTRACTED] = message.get("time_extracted")

    def parse(self, record: dict[str, Any]) -> Row:
        """The record, checked, with the moment at which it was read."""
        extracted = record.pop(_EXTRACTED, None)
        return Row(StockLevel.model_validate(record), _moment(extracted))

    def load(self, batch: Sequence[Incoming]) -> Iterator[Outcome]:
        """Write the levels of all items."""
        newest = {one.content.level.key: one for one in batch}
        yield from (_left(one, "superseded") for one in batch if newest[one.content.level.key] is not one)
        rows: dict[str, list[Incoming]] = {}
        nameless = False
        for one in newest.values():
            sku = sku_of(one.content.level.item)
            if sku is None:
                nameless = True
                yield _left(one, "no_key", "item.sku", action="held")
            else:
                rows.setdefault(sku, []).append(one)
        session = self.target.session
        lots = session.settings.stock.delivery_dates
        self.check_whole({one.source.stream for one in batch if lots or has_quantities(one.content.level)})
        self._check_locations([one.content.level for one in newest.values()])
        parts = session.bundles.parts()
        inside = {part for each in parts.values() for part in each}
        items: dict[str, Item] = {}
        sources: dict[str, Sequence[SourceKey]] = {}
        silent: set[str] = set()
        hidden = standing(session.store, session.scope, _unpublished(newest.values()))
        for sku, group in rows.items():
            item = summed(sku, [(one.content.level, one.content.at) for one in group], session.settings.stock)
            if not hidden.isdisjoint(_unpublished(group)):
                item = replace(item, published=True)
            if not item.counted and sku not in parts:
                yield from (_left(one, "no_stock_row") for one in group)
                continue
            if not item.published:
                yield from (_left(one, "unpublished") for one in group)
                silent.add(sku)
            if item.published or sku in inside:
                # Those that tell what is there come first: the level is known by them.
                group.sort(key=lambda one: not has_quantities(one.content.level))
                items[sku], sources[sku] = item, [one.source for one in group]
        if not items:
            return
        stream = next(iter(sources.values()))[0].stream
        kernel = self.target.kernel(stream, scope=session.scope)
        flow = StockFlow(session, kernel, self.target.within)
        yield from flow.run(items, sources, parts, silent=silent, whole=not (self.broken or nameless))

    def _check_locations(self, levels: Sequence[StockLevel]) -> None:
        """See to it that the shop's locations are those of the source: a wrong code would show the shop as sold out.

        Raises:
            ConfigurationError: None of them is.
        """
        wanted = self.target.session.settings.stock.locations
        there = {location_of(one) for one in levels if has_quantities(one)}
        missing = [one for one in wanted if one not in there]
        if not missing or not there:
            return
        text = (
            f"stock: no record is of the location {', '.join(missing)}; there are {', '.join(sorted(there)[:_SHOWN])}"
        )
        if len(missing) == len(wanted):
            raise ConfigurationError(f"{text}. Correct `stock.locations`; nothing is written before")
        logger.warning(text)


def _unpublished(records: Iterable[Incoming]) -> set[str]:
    """Keys of the items among some records that are not meant for the shop."""
    items = (one.content.level.item for one in records if is_unpublished(one.content.level))
    return {item.key for item in items if item and item.key}


def _left(one: Incoming, reason: str, subject: str = "", *, action: Any = "skipped") -> Outcome:
    document: Document[Any] = Document(one.content.level.key, one.source, None, {})
    return Outcome(document, action, reason=reason, subject=subject)


def _moment(text: object) -> datetime | None:
    """When a message says that it was read; None when it doesn't, or not readably."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
