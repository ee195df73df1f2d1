"""The sweep: lists the shop within a number of calls, and finds what was changed or deleted there by hand.

It writes nothing to the shop. What it finds is forgotten as "written", so that the flow itself writes the source's
present truth: a product, because its record is put on the held list and read again; a price, because every run of the
prices reads all of them.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import lightspeed_ecom
from target_lightspeed.commerce import keymap
from target_lightspeed.commerce.catalogue import memory
from target_lightspeed.commerce.sweep.lists import PRICES, Lists, Part
from target_lightspeed.commerce.sweep.progress import TOLD, Progress
from upsert.held import held_of
from upsert.model import SourceKey
from upsert.store import LogRow, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from target_lightspeed.commerce.sweep.compare import Drift
    from target_lightspeed.target import TargetLightspeed
    from upsert.store import StoredRow

logger = logging.getLogger("target-lightspeed")

FLOWS = ("products", "prices")
"""Commerce streams that have a sweep."""

DRIFTED, GONE = "drifted", "vanished_in_shop"
"""Why a record is held whose product or variant people have changed, or deleted."""

_MOST_VANISHED = 0.3
_FEW = 20


class Sweep:
    """The sweep of one flow, at the end of a run.

    Args:
        target: The target.
        flow: ``products`` or ``prices``.
    """

    def __init__(self, target: TargetLightspeed, flow: str) -> None:
        self.target, self.flow = target, flow
        self.session, self.store = target.session, target.store
        self.settings = self.session.settings.sweep
        self.name = f"sweep {self.session.scope} {flow}"
        self.state = Progress.load(self.store, self.name)
        self.left, self.corrections = self.settings.calls, self.settings.corrections
        self.lists = Lists(self.session, flow)
        self._images: dict[int | None, set[str]] = {}
        self._short = False
        self.memory = memory.Memory(self.session)

    def run(self) -> None:
        """A step of the sweep, when one is due or under way.

        A shop that doesn't answer now is asked again in the next run: the run's own work is done.
        """
        self._note_corrected()
        client = self.session.client
        try:
            # The shop's own clock, as in the stock flow: by a host's clock that is ahead, the next sweep would be as
            # much too late. A run that asked nothing asks nothing for this alone, unless a sweep seems due.
            if client.date or self._is_due(self.target.clock.now()):
                now = client.server_now()
                if self._begins(now):
                    self._parts(now)
        except lightspeed_ecom.LightspeedError as error:
            logger.warning("sweep of %s: put off, %s", self.flow, error)
        self.state.keep(self.store, self.name)

    def _is_due(self, now: datetime) -> bool:
        """Whether a sweep is under way, is to begin, or has no time yet at which it is to."""
        return self.state.part >= 0 or not self.state.due or now >= datetime.fromisoformat(self.state.due)

    def _begins(self, now: datetime) -> bool:
        """Whether there is something to do."""
        if self.state.part >= 0:
            return True
        if not self._is_due(now):
            return False
        begins = bool(self.state.due)  # else all of it was just written, and needs no look yet
        self.state.due = (now + timedelta(hours=self.settings.every_hours)).isoformat()
        if begins:
            self.state.part, self.state.page, self.state.seen = 0, 1, []
        return begins

    def _parts(self, now: datetime) -> None:
        while 0 <= self.state.part < len(self.lists):
            part = self.lists[self.state.part]
            if part.by_id and not self._read(part, now):
                return
            self.state.part, self.state.page, self.state.seen = self.state.part + 1, 1, []
        self.state.part = -1
        logger.info("sweep of %s: done, the next begins after %s", self.flow, self.state.due[:16])

    def _read(self, part: Part, now: datetime) -> bool:
        """Read the list from where the last run stopped; whether it is through."""
        seen = set(self.state.seen)
        language = part.language or None
        pages = self.session.client.pages(part.path, fields=part.fields, first=self.state.page, language=language)
        while self.left > 0:
            self.left -= 1
            page = next(pages, None)
            if page is None:
                break
            for shown in page.rows:
                seen.add(shown["id"])
                for row in part.by_id.get(shown["id"], ()):
                    self._seen(row, part.look(row, shown), now)
            self.state.seen = sorted(seen & part.by_id.keys()) if part.tells_gone else []
            if self.corrections <= 0 or self._short:
                return False  # this page once more in the next run: what was found on it is open then
            self.state.page = page.number + 1
            if not page.full:
                return not part.tells_gone or self._vanished(part, part.by_id.keys() - seen, now)
        return False

    # -- what is found ------------------------------------------------------------------------------------------------

    def _seen(self, row: StoredRow, found: Sequence[Drift], now: datetime) -> None:
        """Forget what we wrote of the fields that drifted, and have the record read again."""
        kept = {f"{row.purpose} {row.key} {one.field}": one for one in found}
        for name in [f"{row.purpose} {row.key} {field}" for field in row.hashes]:
            if name in self.state.forms and name not in kept:
                del self.state.forms[name]
        new = [one for name, one in kept.items() if one.gone or self.state.forms.get(name) != one.hashed]
        if not new or not self._may_hold(row) or not self._certain(new):
            return
        self.state.forms |= {f"{row.purpose} {row.key} {one.field}": one.hashed for one in new if not one.gone}
        drift = {one.field: one.shown for one in new}
        ids = dict(row.ids) | ({name: drift[name] for name in drift if name in row.ids})
        left = {name: hashed for name, hashed in row.hashes.items() if name not in drift}
        self._open([row], DRIFTED)
        if any(one.gone for one in new):
            changed = self.store.withdraw(row, None)
        else:
            changed = self.store.change(row, replace(row, content_hash="", hashes=left, ids=ids)) is not None
        if changed:
            self._found(row, DRIFTED, ", ".join(sorted(drift)), now)
        else:
            del self.state.open[f"{row.purpose} {row.key}"]  # another run has written it

    def _certain(self, found: Sequence[Drift]) -> bool:
        """Whether an image that the catalogue doesn't show is gone: its product's own list says so, for one call."""
        if not any(one.gone for one in found):
            return True
        row = found[0].row
        product = self.memory.product(row.key.rpartition("#")[0])
        if product not in self._images:
            if self.left <= 0:
                self._short = True
                return False
            self.left -= 1
            try:
                pages = self.session.client.list(f"products/{product}/images")
                self._images[product] = {str(one["id"]) for page in pages for one in page}
            except lightspeed_ecom.NotFound:
                return False  # the product itself is gone
        return row.ids.get("id") not in self._images[product]

    def _may_hold(self, row: StoredRow) -> bool:
        """Whether the record can be read again by way of the held list, and this run may still add one."""
        if row.purpose == PRICES:
            return True
        return self.corrections > 0 and self._read_again(row)

    def _read_again(self, row: StoredRow) -> bool:
        """Whether the tap of this run reads a record again that stands on the held list."""
        source = self._source(row)
        if source is None or self.target.config.get("on_error") == "abort":
            return False
        return self.target.held.spoken(source.stream)

    def _source(self, row: StoredRow) -> SourceKey | None:
        """The record that says what was written: of what a product says for its variants, the product's own."""
        if row.purpose not in {memory.VISIBILITY, memory.SHARED}:
            return row.source
        key = self.memory.ids(memory.VARIANTS, row.key).get("parent", row.key)
        product = self.store.row(self.session.scope, memory.PRODUCTS, key)
        return product.source if product is not None and product.source is not None else row.source

    def _source_of(self, row: StoredRow) -> SourceKey:
        return self._source(row) or SourceKey(self.flow, row.key)

    def _open(self, found: Iterable[StoredRow], reason: str) -> None:
        """Note what is to be made right, before it is forgotten: the run may be killed before its STATE goes out."""
        for row in found:
            source = self._source_of(row)
            self.state.open[f"{row.purpose} {row.key}"] = [source.stream, source.key, reason]
        self.state.keep(self.store, self.name)

    def _found(self, row: StoredRow, reason: str, subject: str, now: datetime) -> None:
        source = self._source_of(row)
        self._log(row, source, reason, subject, now)
        if row.purpose != PRICES:
            self.corrections -= 1
            self.target.hold(source, reason, subject)
        logger.info("sweep of %s: %s %s: %s", self.flow, row.key, reason, subject)

    def _vanished(self, part: Part, missing: Iterable[int], now: datetime) -> bool:
        """What was not in the list is asked for by itself, and forgotten when it is gone; whether all were asked."""
        lost = [identity for identity in sorted(missing) if self._restorable(part.by_id[identity][0])]
        if len(lost) > max(_FEW, int(_MOST_VANISHED * len(part.by_id))):
            logger.warning(
                "sweep of %s: the shop doesn't show %d of %d %s; so many can't be right, nothing is done about them: "
                "check `api_key` and `shop`",
                *(self.flow, len(lost), len(part.by_id), part.path),
            )
            return True
        for identity in lost:
            if self.left <= 0 or self.corrections <= 0:
                return False
            self.left -= 1
            if self._is_gone(part.path, identity):
                self._forget(part, part.by_id[identity][0], identity, now)
            else:
                # Made while the list was read, or pushed to a page that was read before.
                self.state.seen.append(identity)
        return True

    def _restorable(self, row: StoredRow) -> bool:
        return bool(row.content_hash) and self._read_again(row)

    def _is_gone(self, path: str, identity: int) -> bool:
        try:
            self.session.client.get(f"{path}/{identity}", fields=["id"])
        except lightspeed_ecom.NotFound:
            return True
        return False

    def _forget(self, part: Part, row: StoredRow, identity: int, now: datetime) -> None:
        """Everything that is known of a product or variant that is gone: its record then makes it anew, if it wants."""
        below = [row]
        if part.purpose == memory.PRODUCTS:
            family = self.memory.family(row.key) | self.memory.left(row.key) or {row.key}
            below = list(self.store.rows(self.session.scope, memory.VARIANTS, list(family)).values())
            others = [one for one in below if one.source not in {None, row.source} and self._read_again(one)]
            self._open([row, *others], GONE)
            for one in others:
                self.target.hold(self._source_of(one), GONE)
            self.memory.forget_below(row.key, self.session.settings.catalogue.specifications)
            self.memory.forget(memory.PRODUCTS, [row.key])
        else:
            self._open([row], GONE)
            self.memory.forget_variant(row.key)
        self.memory.forget(keymap.PURPOSE, [one.ids["sku"] for one in below if one.ids.get("sku")])
        self._found(row, GONE, f"{part.path} {identity}", now)

    # -- the log ------------------------------------------------------------------------------------------------------

    def _note_corrected(self) -> None:
        """What was found and has been written since; what a killed run has found is held once more."""
        begun = self._held_first({stream for stream, *_ in self.state.open.values()})
        for name, (stream, key, *more) in list(self.state.open.items()):
            purpose, _, document = name.partition(" ")
            row = self.store.row(self.session.scope, purpose, document)
            source, reason = SourceKey(stream, key), more[0] if more else DRIFTED
            held = self.target.held.get(stream, key) is not None
            told = not more or TOLD in more or source in begun
            if row is not None and row.content_hash and row.state is State.DONE:
                del self.state.open[name]
                if reason == DRIFTED:
                    self._log(row, source, "drift_corrected", "", self.target.clock.now())
                    self.target.count(self.flow, "drift_corrected")
            elif told and row is None and not held:
                del self.state.open[name]  # read again, and no longer wanted
            elif told:
                self.state.open[name] = [stream, key, reason, TOLD]
            elif not held and purpose != PRICES and self.target.held.spoken(stream):
                self.target.hold(source, reason)

    def _held_first(self, streams: Iterable[str]) -> set[SourceKey]:
        """The records that stood on the held lists when this run began."""
        first = self.target.first_state
        return {SourceKey(stream, one.key) for stream in streams for one in held_of(first, stream) or ()}

    def _log(self, row: StoredRow, source: SourceKey, reason: str, subject: str, now: datetime) -> None:
        values: dict[str, Any] = {"flow": self.flow, "stream": source.stream, "source_key": source.key}
        line = LogRow(
            run_id=self.target.run_id,
            purpose=row.purpose,
            key=row.key,
            action="noted",
            ids=row.ids,
            reason=reason,
            subject=subject,
            at=now,
            **values,
        )
        self.store.log([line])


def sweep(target: TargetLightspeed, streams: Iterable[str]) -> None:
    """The sweeps of a run's flows."""
    if target.settings.sweep.every_hours:
        for flow in sorted(set(streams) & set(FLOWS)):
            Sweep(target, flow).run()
