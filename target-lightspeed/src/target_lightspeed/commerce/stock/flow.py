"""One run of the stock flow: from all rows of the run to the levels of the shop.

The order of reads and writes is what keeps a sold piece from coming back:

1. the source's figures were read first, by the tap;
2. the shop's log of stock movements, then its orders: what isn't booked yet comes off;
3. the levels that differ are written, in bulk;
4. the orders are listed once more: one that came between 2 and 3 was overwritten, so its variants are written again.

The API has no conditional write, so an order that comes between the last list and the write behind it stays unseen
until the next run: those are the seconds that `buffer` is for.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from target_lightspeed.commerce.approval import Approvals
from target_lightspeed.commerce.guard import Changes
from target_lightspeed.commerce.keymap import KeyMap
from target_lightspeed.commerce.stock.bundles import leaves
from target_lightspeed.commerce.stock.delivery import DeliveryDates, next_day
from target_lightspeed.commerce.stock.formula import FormulaError
from target_lightspeed.commerce.stock.inflight import Shows, others, shows_now
from target_lightspeed.commerce.stock.levels import gone, held
from target_lightspeed.commerce.stock.open_orders import OpenOrders
from target_lightspeed.commerce.stock.shop import ShopReader, is_cancelled, moment_of
from target_lightspeed.commerce.stock.state import Memory, MemoryRow
from target_lightspeed.commerce.stock.wants import BundleError, Run
from target_lightspeed.commerce.variants import NOT_IN_SHOP, VariantPort, Wanted
from target_lightspeed.failures import reading
from upsert.errors import ConfigurationError
from upsert.model import Document, Outcome
from upsert.store import State

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from target_lightspeed.commerce.keymap import SkuField
    from target_lightspeed.commerce.stock.inflight import Movement
    from target_lightspeed.commerce.stock.levels import Item
    from target_lightspeed.session import Session
    from upsert.kernel import Kernel
    from upsert.model import SourceKey

logger = logging.getLogger("target-lightspeed")

PURPOSE = "commerce.stock"
FIELDS = ("stockLevel", "stockTracking")
SEEN = "seen"
"""Note beside a variant in the store: the last stock movement that is in its level."""

_SECONDS = timedelta(seconds=2)
"""Times of the shop have whole seconds."""
_SHOWN = 10
_SHOP_ZONE = ZoneInfo("Europe/Amsterdam")
"""Whose calendar day counts: where the merchant is."""


class StockFlow:
    """Writes stock levels.

    Args:
        session: Client, settings, look-ups and store of the run.
        kernel: The kernel of the source stream.
        within: Checks a limit; see `TargetBase.within`.
    """

    def __init__(
        self,
        session: Session,
        kernel: Kernel,
        within: Callable[..., None],
    ) -> None:
        self.session, self.kernel, self._within = session, kernel, within
        self.settings = session.settings.stock
        by: SkuField = "articleCode" if session.settings.catalogue.sku_field == "articleCode" else "sku"
        self.port = VariantPort(session, PURPOSE, FIELDS, KeyMap(session, by))
        self.reader = ShopReader(session.client, by)
        self._row = MemoryRow(session.store, session.scope, kernel.run_id)
        self._orders: OpenOrders | None = None
        self._listed: dict[int, datetime] = {}
        self._wrote: dict[str, Document[Wanted]] = {}

    def run(
        self,
        items: Mapping[str, Item],
        sources: Mapping[str, Sequence[SourceKey]],
        parts: Mapping[str, Mapping[str, Decimal]],
        *,
        silent: Collection[str] = (),
        whole: bool = True,
    ) -> list[Outcome]:
        """Bring all levels of a run into the shop.

        Args:
            items: SKU -> item with its quantities.
            sources: SKU -> the source records behind it; every item has some.
            parts: SKU of a bundle -> SKU of a part -> number.
            silent: SKUs that count as parts of bundles and are left alone themselves.
            whole: Whether every row of the source could be read: an item without one has no stock any more.

        Returns:
            One outcome per item; those of bundles that no record came for stand under the records of their parts.

        Raises:
            Outage: The shop can't be read, or another run is at work.
            ConfigurationError: The orders in flight can't be known.
            Beyond: The run would do more than the limits allow.
        """
        memory = self._row.load()
        read_at = self._read_at(items.values())
        if read_at is not None and memory.read_at is not None and read_at < memory.read_at:
            logger.warning("stock: the figures are older than those of the last run: they are left out")
            return [self._skipped(one, sources[one], "older_figures") for one in items]
        if whole and self.settings.vanished == "zero":
            ended = self._vanished(items, sources, {*parts, *silent}, memory)
            items = {**items, **{sku: gone(sku, read_at) for sku in ended}}
            sources = {**sources, **ended}
        run = self._begin(items, sources, parts, silent)
        logged, cursor = self.reader.movements(memory.cursor)
        last = (memory.begun - _SECONDS if memory.begun else None, memory.ended + _SECONDS if memory.ended else None)
        moves = others(logged, *last)
        begun = self._now()
        absent = self._find(run)
        verified = self._expect(run, memory, moves, begun)
        # A run that breaks off must be seen: until the next one ends, nobody knows what was written when.
        start = replace(memory, begun=begun, ended=None, cursor=cursor if memory.cursor is None else memory.cursor)
        listed = self._list(run, memory, begun, read_at)
        self._row.save(replace(start, listed=listed, orders=self._in_flight()))
        documents = {sku: self._document(run, sku) for sku in run.sources if sku not in absent}
        outcomes = self._settled(documents)
        rest = [one for sku, one in documents.items() if sku not in outcomes]
        self._guard(rest, len(documents), first=memory.cursor is None)
        outcomes |= self._write(rest)
        if self._wrote and self._orders is not None:
            listed = self._again(run, outcomes, listed, begun, read_at)
        came = set(run.places.values())
        lost = {place for sku, place in run.places.items() if outcomes[sku].action == "held"}
        moved = {one.variant for one in moves} - came
        end = Memory(
            cursor=cursor,
            begun=begun,
            ended=self._now(),
            listed=listed,
            verified=begun if verified else memory.verified,
            read_at=read_at or memory.read_at,
            orders=self._in_flight(),
            unsure=frozenset((memory.unsure - came) | moved | lost),
        )
        self._row.save(end)
        self._tell(absent)
        more = list(self._deliver(run, documents)) if self.settings.delivery_dates else []
        left = [self._skipped(sku, run.sources[sku], NOT_IN_SHOP) for sku in sorted(absent)]
        return [*outcomes.values(), *more, *left]

    # -- before -------------------------------------------------------------------------------------------------------

    def _read_at(self, items: Iterable[Item]) -> datetime | None:
        moments = [one.read_at for one in items if one.counted]
        if self.settings.booked_by == "none":
            return min((one for one in moments if one is not None), default=None)
        if None in moments:
            raise ConfigurationError(
                "stock: nothing says when the figures were read, so nobody can tell which orders they contain: the "
                "records need `read_at`, or their messages `time_extracted`; or set `stock.booked_by` to none"
            )
        return min((one for one in moments if one is not None), default=None)

    def _begin(
        self,
        items: Mapping[str, Item],
        sources: Mapping[str, Sequence[SourceKey]],
        parts: Mapping[str, Mapping[str, Decimal]],
        silent: Collection[str],
    ) -> Run:
        """Bundles beside the items. One that no record came for is kept under the records of its parts."""
        behind = {sku: keys for sku, keys in sources.items() if sku not in silent}
        needed = parts if self.settings.optional_parts == "count" else self.session.bundles.parts(optional=False)
        bundles, limits = {}, {}
        for bundle in parts:
            inside = bundles[bundle] = leaves(parts, bundle)
            limits[bundle] = leaves(needed, bundle)
            if bundle not in behind and bundle not in silent:
                found = [key for part in (inside or parts[bundle]) for key in sources.get(part, ())]
                if not found:
                    continue
                behind[bundle] = found
        return Run(self.settings, items, behind, bundles, limits)

    def _vanished(
        self,
        items: Mapping[str, Item],
        sources: Mapping[str, Sequence[SourceKey]],
        other: Collection[str],
        memory: Memory,
    ) -> dict[str, Sequence[SourceKey]]:
        """SKUs that this source gave a level for once, and has no row of now: with the record they came from."""
        streams = {one.stream for keys in sources.values() for one in keys}
        found: dict[str, Sequence[SourceKey]] = {}
        for row in self.session.store.known(self.session.scope, PURPOSE):
            here = row.key in items and items[row.key].counted
            if here or row.key in other or row.source is None or row.source.stream not in streams:
                continue
            # One that shows nothing already is left alone, unless a piece came back to it since.
            if row.ids.get("stockLevel", "0") != "0" or int(row.ids.get("id") or 0) in memory.unsure:
                found[row.key] = [row.source]
        if found:
            logger.warning("stock: %d items have no stock in the source any more: %s", len(found), _named(found))
        return found

    def _find(self, run: Run) -> set[str]:
        """Find the variants; which SKUs the shop doesn't have."""
        skus = list(run.sources)
        absent = self.port.absent(skus)
        found = self.port.keys.find(skus)
        run.places |= {sku: places[0].id for sku, places in found.items() if len(places) == 1}
        return absent

    def _expect(self, run: Run, memory: Memory, moves: Sequence[Movement], now: datetime) -> bool:
        """Find out what the variants show where it isn't what was written last; whether all were read for that."""
        by_variant: dict[int, list[Movement]] = {}
        for one in moves:
            by_variant.setdefault(one.variant, []).append(one)
        exact_after = memory.ended + _SECONDS if memory.ended else None
        run.noted = noted = self.port.noted(list(run.places))
        for sku, place in run.places.items():
            known = noted.get(sku, {})
            last, seen = _whole(known.get("stockLevel")), _seen(known)
            moved = by_variant.get(place, [])
            now_shows = shows_now(last, seen, moved, None if place in memory.unsure else exact_after)
            if now_shows is not None:
                run.shows[sku] = now_shows
            elif place in memory.unsure:
                run.shows[sku] = Shows(None, seen)
        return self._verify(run, memory, noted, now)

    def _verify(self, run: Run, memory: Memory, noted: Mapping[str, Mapping[str, str]], now: datetime) -> bool:
        """Now and then, read what the whole shop shows: hands and other programs change levels too."""
        hours = self.settings.verify_hours
        due = hours and (memory.verified is None or now - memory.verified >= timedelta(hours=hours))
        if not due:
            return False
        rows: Mapping[int, Mapping[str, Any]] = self.port.keys.read
        if not run.places.keys() or not set(run.places.values()) <= rows.keys():
            rows = self.reader.levels()
        drifted = []
        for sku, place in run.places.items():
            row = rows.get(place)
            if not row:
                continue
            there = _whole(row.get("stockLevel"))
            known = noted.get(sku, {})
            expected = run.shows[sku].level if sku in run.shows else _whole(known.get("stockLevel"))
            told = known.get("stockTracking")
            if there is None:
                continue
            if there != expected or (told is not None and told != row.get("stockTracking")):
                seen = run.shows[sku].seen if sku in run.shows else _seen(known)
                run.shows[sku] = Shows(there, seen)
                run.tracking[sku] = str(row.get("stockTracking"))
                if expected is not None:
                    drifted.append(sku)
        if drifted:
            logger.warning("stock: %d variants show another level than they should: %s", len(drifted), _named(drifted))
        return True

    def _list(self, run: Run, memory: Memory, now: datetime, read_at: datetime | None) -> datetime | None:
        if self.settings.booked_by == "none":
            return None
        self._orders = OpenOrders(
            self.reader, self.session.store, self.settings, self.session.settings.shop, memory.orders
        )
        run.orders = self._orders
        horizon = self._orders.horizon(now)
        rows, listed = self.reader.orders(self._orders.since(memory.listed, now))
        self._listed = {number: moment_of(row, "updatedAt") for number, row in rows.items()}
        self._orders.take(rows, horizon, read_at)
        return listed

    def _in_flight(self) -> dict[int, Any]:
        return self._orders.orders if self._orders else {}

    # -- levels -------------------------------------------------------------------------------------------------------

    def _document(self, run: Run, sku: str, noted: Mapping[str, str] | None = None) -> Document[Wanted]:
        """The document of an item: its level now, and what it shows.

        Args:
            run: What is known.
            sku: The item.
            noted: What the store has noted beside the variant by now, where that isn't what it had at the beginning.
        """
        source, *also = run.sources[sku]
        try:
            values = run.values(sku)
            problem = None
        except FormulaError as error:
            values, problem = {}, held(error)
        except BundleError as error:
            values, problem = {}, error.hold
        shows: dict[str, Any] = {}
        known = run.noted.get(sku, {}) if noted is None else noted
        seen = known.get(SEEN, "")
        if "stockLevel" in values and sku in run.shows:
            expected = run.shows[sku]
            shows["stockLevel"] = expected.level
            differs = expected.level != values["stockLevel"] or (
                sku in run.tracking and run.tracking[sku] != values.get("stockTracking", run.tracking[sku])
            )
            # The kernel leaves alone what is as it was; a variant that shows something else must be looked at.
            seen = f"{expected.seen}{'!' if differs and seen == str(expected.seen) else ''}"
        if sku in run.tracking:
            shows["stockTracking"] = run.tracking[sku]
        notes = {SEEN: seen} if seen else {}
        wanted = Wanted(sku, values, shows=shows, notes=notes, problem=problem)
        return self.port.document(source, wanted, also=also)

    # -- writing ------------------------------------------------------------------------------------------------------

    def _settled(self, documents: Mapping[str, Document[Wanted]]) -> dict[str, Outcome]:
        """Those that the kernel would leave alone: most of them, every time, so no line of the log is spent on them."""
        rows = self.session.store.rows(self.session.scope, PURPOSE, list(documents))
        return {
            sku: Outcome(one, "skipped", rows[sku].ids, "unchanged")
            for sku, one in documents.items()
            if sku in rows
            and rows[sku].state is State.DONE
            and rows[sku].content_hash == one.content_hash
            and self.kernel.decision(one) is None
        }

    def _guard(self, documents: Sequence[Document[Wanted]], known: int, *, first: bool) -> None:
        """Look at all changes before the first one is made."""
        changes = Changes("stock_levels", known=known, first=first)
        for outcome in self.kernel.preview(self.port, documents):
            if outcome.action == "planned" and "stockLevel" in outcome.document.content.values:
                sku = outcome.document.key
                old = self.port.value(sku, "stockLevel")
                changes.stock(sku, old, outcome.document.content.values["stockLevel"])
        self._within(Approvals.of(self.session).check, self.settings.limits, changes)

    def _write(self, documents: Iterable[Document[Wanted]]) -> dict[str, Outcome]:
        mine = self.port.in_order(documents)
        outcomes = {one.document.key: one for one in self.kernel.run(self.port, mine)}
        self._wrote |= {one.key: one for one in mine if outcomes[one.key].action == "updated"}
        return outcomes

    def _again(
        self,
        run: Run,
        outcomes: dict[str, Outcome],
        listed: datetime | None,
        begun: datetime,
        read_at: datetime | None,
    ) -> datetime | None:
        """Look once more for orders: one that came while levels were written may have been overwritten."""
        orders, since = self._orders, listed or begun
        if orders is None:
            return listed
        for _ in range(self.settings.rounds):
            written = self._now()
            rows, later = self.reader.orders(since)
            new = {n: row for n, row in rows.items() if self._listed.get(n) != moment_of(row, "updatedAt")}
            self._listed |= {n: moment_of(row, "updatedAt") for n, row in rows.items()}
            touched = orders.take(new, orders.horizon(begun), read_at)
            since = later
            met = [row for row in new.values() if moment_of(row, "createdAt") <= written + _SECONDS]
            if not met:
                # What came after the writes, the shop took off by itself.
                break
            for row in met:
                if is_cancelled(row):
                    # Called off at once: the level may be the same, and yet the shop has put its pieces back on top.
                    touched |= self.reader.sold(row).variants
            changed = [sku for sku in self._wrote if run.places.get(sku) in touched or self._differs(run, sku)]
            if not changed:
                break
            for sku in changed:
                run.shows[sku] = Shows(None, _seen(self._wrote[sku].content.notes))
            again = [self._document(run, sku, self._wrote[sku].content.notes) for sku in changed]
            outcomes |= self._write(again)
        return since

    def _differs(self, run: Run, sku: str) -> bool:
        try:
            return run.values(sku) != dict(self._wrote[sku].content.values)
        except (FormulaError, BundleError):
            return False

    def _deliver(self, run: Run, documents: Mapping[str, Document[Wanted]]) -> Iterable[Outcome]:
        """Days on which products that have run out are back: of several variants, the first one that arrives."""
        today = self._now().astimezone(_SHOP_ZONE).date()
        days: dict[int, date | None] = {}
        sources: dict[int, list[SourceKey]] = {}
        for sku, document in documents.items():
            product = next((one.product for one in self.port.keys.find([sku])[sku]), 0)
            level, item = document.content.values.get("stockLevel"), run.items.get(sku)
            if not product or level is None or item is None:
                continue
            sources.setdefault(product, []).extend(run.sources[sku])
            day = next_day(item.lots, today) if level <= 0 else None
            known = days.get(product)
            days[product] = min((one for one in (known, day) if one is not None), default=None)
        return DeliveryDates(self.session, self.kernel).write(days, sources)

    # -- telling ------------------------------------------------------------------------------------------------------

    def _now(self) -> datetime:
        with reading():
            return self.session.client.server_now()

    def _skipped(self, sku: str, sources: Sequence[SourceKey], reason: str) -> Outcome:
        document = self.port.document(sources[0], Wanted(sku), also=sources[1:])
        return Outcome(document, "skipped", reason=reason)

    def _tell(self, absent: Collection[str]) -> None:
        if absent:
            logger.info("stock: %d items are not in the shop: %s", len(absent), _named(absent))


def _named(skus: Collection[str]) -> str:
    more = f" and {len(skus) - _SHOWN} more" if len(skus) > _SHOWN else ""
    return f"{', '.join(sorted(skus)[:_SHOWN])}{more}"


def _seen(known: Mapping[str, str]) -> int:
    return int((known.get(SEEN) or "0").rstrip("!"))


def _whole(value: Any) -> int | None:
    text = str(value) if value is not None else ""
    return int(text) if text.lstrip("-").isdigit() else None
