"""One run of the prices: choose, check, look ahead, write."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from target_lightspeed.commerce.approval import Approvals
from target_lightspeed.commerce.guard import Changes
from target_lightspeed.commerce.keymap import KeyMap
from target_lightspeed.commerce.prices.checks import check_choice, check_shop
from target_lightspeed.commerce.prices.choice import choose, skus
from target_lightspeed.commerce.prices.discounts import DiscountPort
from target_lightspeed.commerce.prices.families import known_families, spread
from target_lightspeed.commerce.prices.hiding import Hiding
from target_lightspeed.commerce.prices.lists import known_lists
from target_lightspeed.commerce.variants import NOT_IN_SHOP, VariantPort, Wanted
from target_lightspeed.failures import reading
from target_lightspeed.port import ResourcePort
from upsert.model import Document, Hold, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from target_lightspeed.commerce.keymap import Place
    from target_lightspeed.commerce.prices.choice import Choice
    from target_lightspeed.commerce.prices.rows import PriceRow
    from target_lightspeed.item import Item
    from target_lightspeed.target import TargetLightspeed
    from upsert.kernel import Kernel
    from upsert.model import SourceKey
    from upsert.port import Port
    from upsert.store import StoredRow

logger = logging.getLogger("target-lightspeed")

PURPOSE = "commerce.prices"
"""Rows of base prices in the store; the key is the SKU."""

FIELDS: Mapping[str, tuple[str, str]] = {
    "excl": ("priceExcl", "oldPriceExcl"),
    "incl": ("priceIncl", "oldPriceIncl"),
}
"""Basis -> the price and the old price of a variant; the shop derives the others (reference §14.7)."""

_LISTED = {
    "customer_price": "prices of single customers, which the shop can't hold",
    "price_of_item_group": "prices of item groups, which the shop can't hold",
    "price_of_location": "prices of locations or channels, which the shop can't hold",
    "amount_off": "amounts off a price, which the shop can't hold",
    "other_unit": "prices of other units than the item's own, which the shop can't hold",
    "slab_tiers": "tiers that count only for the pieces within them, which the shop can't hold",
}
_SHOWN = 5
_ROW = "row"
"""Note beside a base price: key of the row that it came from."""

T = TypeVar("T")
E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class _Work:
    """What a run is about to do: base prices, discounts, discounts to take away, and products to hide."""

    bases: Sequence[Document[Wanted]]
    tiers: Sequence[Document[Item]]
    gone: Sequence[StoredRow]
    hide: Sequence[Document[Item]]


class PriceFlow:
    """The prices of one run.

    Args:
        target: The target.
        stream: Name of the commerce stream, for messages.
        rows: All rows that the source has.
        complete: Whether all of them could be read. When not, a row that isn't there has not ended: what stands in
            the shop by it stays.
    """

    def __init__(self, target: TargetLightspeed, stream: str, rows: Sequence[PriceRow], *, complete: bool) -> None:
        self.target, self.stream, self.rows, self.complete = target, stream, rows, complete
        self.session = target.session
        self.settings = self.session.settings.prices
        self.keys = KeyMap(self.session)
        self.price, self.old = FIELDS[self.settings.basis or "excl"]
        self.variants = VariantPort(self.session, PURPOSE, (self.price, self.old), self.keys)
        self.discounts = DiscountPort(self.session)
        self.places: dict[str, tuple[Place, ...]] = {}

    def load(self) -> Iterator[Outcome]:
        """Every record's outcome."""
        choice, groups = self._chosen()
        known = self.session.store.known(self.session.scope, PURPOSE)
        if self.complete:
            choice.bare |= self._vanished(known)
        wanted = skus(choice)
        first = not known
        absent = self.variants.absent(wanted)
        if not self.complete:
            yield from self._leave_what_was_not_read(choice)
        self.places = self.keys.find(wanted)
        yield from self._undecided(choice, absent)
        bases = self._base_documents(choice, absent)
        tiers, ambiguous = self._discount_documents(choice, absent, groups)
        yield from ambiguous
        hiding = Hiding(self.session) if self.settings.fallback == "hide" and self.complete else None
        hide, show = self._visibility(hiding, choice, absent) if hiding else ([], [])
        work = _Work(bases, tiers, self._no_longer_wanted(choice, tiers), hide)
        self._guard(choice, work, len(wanted) - len(absent), first=first)
        if hiding:
            # Hidden before anything else, shown only when the price stands.
            yield from self._run(hiding.port, hide)
        yield from self._run(self.variants, bases)
        yield from self._run(self.discounts, tiers)
        self._take_away(work.gone)
        if hiding:
            outcomes = list(self._run(hiding.port, show))
            hiding.shown(one.document.content.key["id"] for one in outcomes if one.action in {"updated", "skipped"})
            yield from outcomes

    def _chosen(self) -> tuple[Choice, dict[str, int]]:
        """What counts today, and the ids of the groups; nothing is written before all of it is right."""
        with reading():
            today = self.session.client.server_now().astimezone(self.settings.zone).date()
        self.rows = spread(self.rows, known_families(self.session.store, self.session.scope))
        lists = known_lists(self.session.store, self.session.scope)
        choice = choose(self.rows, self.settings, lists, today)
        check_choice(choice, self.settings)
        return choice, check_shop(self.session, choice)

    def _vanished(self, known: Sequence[StoredRow]) -> dict[str, SourceKey]:
        """Items whose price came from this source once and of which no row comes any more, with their last record."""
        here, streams = {row.sku for row in self.rows}, {row.source.stream for row in self.rows}
        found = {
            row.key: row.source
            for row in known
            if row.key not in here and row.source is not None and row.source.stream in streams
        }
        if found:
            names = _some(sorted(found))
            logger.info("%s: %d items have no price in the source any more: %s", self.stream, len(found), names)
        return found

    def _leave_what_was_not_read(self, choice: Choice) -> Iterator[Outcome]:
        """Take out the base prices whose last row isn't among those that could be read."""
        keys, left = {row.key for row in self.rows}, []
        noted = self.variants.noted([one.sku for one in choice.bases])
        for one in choice.bases:
            before = noted.get(one.sku, {}).get(_ROW, one.row)
            if before in keys:
                left.append(one)
            else:
                yield _skipped(one.source, "row_not_read")
        choice.bases[:] = left

    # -- what needs no write ------------------------------------------------------------------------------------------

    def _undecided(self, choice: Choice, absent: set[str]) -> Iterator[Outcome]:
        """Rows that don't count, can't be held, or have no item in the shop."""
        self._tell(choice, absent)
        for source, reason in choice.skipped:
            yield _skipped(source, reason)
        for sku, source in choice.bare.items():
            yield _skipped(source, NOT_IN_SHOP if sku in absent else "no_valid_price")
        written = [(one.sku, one.source) for one in choice.bases] + [(one.sku, one.source) for one in choice.discounts]
        for sku, source in written:
            if sku in absent:
                yield _skipped(source, NOT_IN_SHOP)
        held: dict[str, list[Outcome]] = {}
        for source, sku, hold in choice.held:
            outcome = _skipped(source, NOT_IN_SHOP) if sku in absent else _held(source, sku, hold)
            held.setdefault(source.stream, []).append(outcome)
        for stream, outcomes in held.items():
            self._kernel(stream).report(PURPOSE, outcomes)
            yield from outcomes

    def _tell(self, choice: Choice, absent: set[str]) -> None:
        """What is left out, in one line each."""
        code = self.settings.list
        if code is not None and all(row.code != code for row in self.rows):
            logger.warning("%s: no price is of the list `%s` that `prices.list` names", self.stream, code)
        reasons = Counter(reason for _, reason in choice.skipped)
        for reason, words in _LISTED.items():
            if reasons[reason]:
                found = sorted(row.sku or row.key for row in self.rows if row.refusal == reason)
                logger.warning("%s: %d %s: %s", self.stream, reasons[reason], words, _some(found))
        if absent:
            logger.info("%s: %d items are not in the shop: %s", self.stream, len(absent), _some(sorted(absent)))
        here = {row.sku for row in self.rows}
        if bare := sorted(sku for sku in choice.bare if sku in here and sku not in absent):
            logger.warning("%s: %d items have no valid price: %s", self.stream, len(bare), _some(bare))
        if choice.rounded:
            found = sorted(set(choice.rounded))
            logger.warning("%s: %d items have more than 4 decimals, rounded: %s", self.stream, len(found), _some(found))

    # -- what is wanted -----------------------------------------------------------------------------------------------

    def _base_documents(self, choice: Choice, absent: set[str]) -> list[Document[Wanted]]:
        found = []
        for one in choice.bases:
            if one.sku not in absent:
                values = {self.price: one.value} | ({} if one.old is None else {self.old: one.old})
                found.append(self.variants.document(one.source, Wanted(one.sku, values, notes={_ROW: one.row})))
        return self.variants.in_order(found)

    def _discount_documents(
        self, choice: Choice, absent: set[str], groups: Mapping[str, int]
    ) -> tuple[list[Document[Item]], list[Outcome]]:
        """Documents, and what can't be said because the shop has a SKU twice."""
        found, ambiguous = [], []
        for one in choice.discounts:
            if one.sku in absent:
                continue
            places = self.places[one.sku]
            if len(places) > 1:
                subject = ", ".join(str(place.id) for place in places)
                ambiguous.append(_held(one.source, one.sku, Hold("sku_twice_in_shop", subject)))
                continue
            group = groups.get(one.group, 0)
            found.append(self.discounts.wanted(one, places[0], group, self.settings.zone))
        return found, ambiguous

    def _no_longer_wanted(self, choice: Choice, wanted: Iterable[Document[Item]]) -> list[StoredRow]:
        """Discounts that we made and that no row says any more; those of items with a row that is held stay."""
        if not self.complete:
            return []
        keys = {document.key for document in wanted}
        stays = {str(place.id) for _, sku, _ in choice.held for place in self.places.get(sku, ())}
        return [
            row for key, row in self.discounts.ours().items() if key not in keys and _part(key, "variant") not in stays
        ]

    def _visibility(
        self, hiding: Hiding, choice: Choice, absent: set[str]
    ) -> tuple[list[Document[Item]], list[Document[Item]]]:
        """Products none of whose items in this run has a price, and those that have one again."""
        priced = self._products({one.sku: one.source for one in choice.bases if one.sku not in absent})
        held = self._products({sku: source for source, sku, _ in choice.held if sku not in absent})
        bare = self._products({sku: source for sku, source in choice.bare.items() if sku not in absent})
        bare = {one: source for one, source in bare.items() if one not in priced and one not in held}
        return hiding.to_hide(bare), hiding.to_show(priced)

    def _products(self, skus: Mapping[str, SourceKey]) -> dict[int, SourceKey]:
        return {place.product: source for sku, source in skus.items() for place in self.places[sku] if place.product}

    # -- looking ahead ------------------------------------------------------------------------------------------------

    def _guard(self, choice: Choice, work: _Work, known: int, *, first: bool) -> None:
        """Stop before the first write when the run would do more than the limits allow."""
        changes = Changes(self.stream, known=known, first=first)
        for outcome in self._preview(self.variants, work.bases):
            for change in outcome.changes:
                if change.field == self.price:
                    changes.price(outcome.document.key, change.old, change.new, change.field)
                else:
                    changes.add(outcome.document.key, change.field, change.new)
        names = {str(place.id): sku for sku, places in self.places.items() for place in places}
        for outcome in self._preview(self.discounts, work.tiers):
            key = outcome.document.key
            for change in outcome.changes:
                changes.price(names.get(_part(key, "variant"), key), change.old, change.new, change.field)
        # A price that has ended was to be expected; one that the source doesn't know any more was not.
        ended = {sku for sku, _, _ in choice.ended}
        for row in work.gone:
            item = names.get(_part(row.key, "variant"), row.key)
            if item in ended:
                changes.add(item, row.key, None)
            else:
                changes.delete(item)
        for document in work.hide:
            changes.hide(f"product {document.content.key['id']}")
        self.target.within(Approvals.of(self.session).check, self.settings.limits, changes)

    def _preview(self, port: Port[T, E], documents: Sequence[Document[T]]) -> Iterator[Outcome]:
        for stream, part in _by_stream(documents).items():
            _begin(port)
            yield from (one for one in self._kernel(stream).preview(port, part) if one.action == "planned")

    # -- writing ------------------------------------------------------------------------------------------------------

    def _run(self, port: Port[T, E], documents: Sequence[Document[T]]) -> Iterator[Outcome]:
        for stream, part in _by_stream(documents).items():
            _begin(port)
            yield from self._kernel(stream).run(port, part)

    def _take_away(self, rows: Sequence[StoredRow]) -> None:
        """Delete discounts of ours. No record stands for them, so what can't be done now is tried in the next run."""
        if not rows:
            return
        outcomes = list(self._run(self.discounts, self.discounts.unwanted(rows, self.stream)))
        vanished = [one.document.key for one in outcomes if one.reason in {"vanished", "already_gone"}]
        self.discounts.forget(vanished)
        left = [one for one in outcomes if one.action == "held" and one.reason != "vanished"]
        for _ in range(len(outcomes) - len(left)):
            self.target.count(self.stream, "taken away")
        if left:
            reasons = ", ".join(sorted({one.reason for one in left}))
            logger.warning("%s: %d discounts could not be taken away yet (%s)", self.stream, len(left), reasons)

    def _kernel(self, stream: str) -> Kernel:
        return self.target.kernel(stream, scope=self.session.scope)


def _begin(port: Port[Any, Any]) -> None:
    """A new batch: what was resolved for the last one is forgotten."""
    if isinstance(port, ResourcePort):
        port.finder.begin()


def _by_stream(documents: Sequence[Document[T]]) -> dict[str, list[Document[T]]]:
    found: dict[str, list[Document[T]]] = {}
    for one in documents:
        found.setdefault(one.source.stream, []).append(one)
    return found


def _part(key: str, name: str) -> str:
    """One part of a discount's key."""
    return next((part.partition("=")[2] for part in key.split(", ") if part.startswith(f"{name}=")), "")


def _skipped(source: SourceKey, reason: str) -> Outcome:
    return Outcome(_bare(source), "skipped", reason=reason)


def _held(source: SourceKey, sku: str, hold: Hold) -> Outcome:
    return Outcome(_bare(source, sku), "held", reason=hold.reason, subject=hold.subject)


def _bare(source: SourceKey, key: str = "") -> Document[Any]:
    return Document(key, source, None, {})


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"
