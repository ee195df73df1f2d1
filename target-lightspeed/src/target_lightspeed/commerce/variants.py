"""Stock and prices of variants: many in one bulk call, and no read of what is known already.

A flow says what values a SKU must have. Which variant that is stands in the key map, what was written last in the
store, so a run over a thousand items that changes ten costs one write. The shop is read where nothing is known (a first
run: one listing shows ids and values of all), and where a write had no answer.
"""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import lightspeed_ecom
from lightspeed_ecom import PAGE_SIZE
from target_lightspeed.bulk import Gather, VariantBulk
from target_lightspeed.commerce.keymap import KeyMap
from target_lightspeed.failures import reading, writing
from target_lightspeed.lookups import FEW
from target_lightspeed.resources.catalogue import BULK_FIELDS, VARIANTS
from upsert.errors import Rejected
from upsert.model import Change, Cost, Create, Document, Hold, Plan, Skip, Update
from upsert.plans import ReadOnly
from upsert.port import Port
from upsert.store import State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from target_lightspeed.commerce.keymap import Place
    from target_lightspeed.session import Session
    from upsert.model import Applied, Outcome, SourceKey
    from upsert.store import StoredRow

logger = logging.getLogger("target-lightspeed")

NOT_IN_SHOP = "not_in_shop"
"""Why a SKU is skipped: the shop has no variant of it (yet)."""

_LISTED_PAGES = 2
_ZONE_MARGIN = timedelta(hours=2, minutes=5)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a variant must show.

    Attributes:
        sku: Its SKU.
        values: Field -> value as it is written; fields of the bulk call only.
        shows: Field -> value that the flow knows to stand there now, instead of what was written last: the shop
            itself takes a sold piece off the stock.
        notes: Kept in the store beside the ids once the variant stands as wanted (see `VariantPort.noted`), and part of
            what counts as "unchanged". No personal data.
        problem: Why it can't be loaded.
    """

    sku: str
    values: Mapping[str, Any] = field(default_factory=dict)
    shows: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    problem: Hold | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A variant of the shop.

    Attributes:
        id: Its id.
        product: Its product's id; 0 when unknown.
        row: What it shows, as far as known.
        notes: What is to be remembered with it.
    """

    id: int
    product: int
    row: Mapping[str, Any]
    notes: Mapping[str, str]


class VariantPort(Port[Wanted, Standing]):
    """Values of variants that exist; it never makes one.

    Call `absent` first with the SKUs of the run, and leave those out that it names: they are no case for the kernel.

    Args:
        session: Client, settings, look-ups and store of the run.
        purpose: Name in the store, such as ``commerce.stock``; the document's key is the SKU.
        fields: Fields that the flow writes.
        keys: The key map.
    """

    lookup = "by_natural_key"
    lookup_name = "the list variants"

    def __init__(self, session: Session, purpose: str, fields: Collection[str], keys: KeyMap | None = None) -> None:
        if unknown := set(fields) - BULK_FIELDS:
            raise ValueError(f"not in the bulk call: {', '.join(sorted(unknown))}")
        self.session, self.purpose, self.client = session, purpose, session.client
        self.keys = keys or KeyMap(session)
        self.fields = tuple(sorted(fields))
        self.in_doubt_for = timedelta(seconds=session.settings.in_doubt_seconds)
        size = session.settings.bulk_size
        self._bulk = VariantBulk(self.client, size, session.settings.bulk_sample, self._put, session.slots)
        self._gather = Gather(self._bulk.together, self._bulk.send) if size > 1 else None
        # The kernel's writers meet in the bulk calls; the session's slots keep the calls themselves few.
        self.workers = self._bulk.together if self._gather else session.settings.workers
        self._rows: dict[str, StoredRow | None] = {}
        self._plans = isinstance(self.client, ReadOnly)
        self._told: dict[int, Mapping[str, Any]] = {}
        """Of a run that only plans: what variants that would change really show."""

    # -- for sinks ----------------------------------------------------------------------------------------------------

    def absent(self, skus: Collection[str]) -> set[str]:
        """Those of some SKUs that the shop doesn't have.

        Also sees to it that a variant which stands under a new id (deleted and made anew) is written again.

        Raises:
            Outage: The shop must be asked and doesn't answer.
        """
        places = self.keys.find(skus, self.fields)
        self._read_rows(skus)
        for sku, found in places.items():
            row = self._rows.get(sku)
            if row is not None and len(found) == 1 and row.ids.get("id", "") != str(found[0].id):
                self._forget(row)
        return {sku for sku, found in places.items() if not found}

    def noted(self, skus: Collection[str]) -> dict[str, Mapping[str, str]]:
        """What the store holds beside the variants: ``id``, ``product``, the values last written, and the notes."""
        self._read_rows(skus)
        return {sku: row.ids for sku in skus if (row := self._rows.get(sku)) is not None}

    def value(self, sku: str, name: str) -> str | None:
        """The normal form of what a variant shows: as read in this run, else as last written; None when unknown."""
        for place in self.keys.find([sku], self.fields)[sku]:
            shown = VARIANTS.named[name].of(self.keys.read.get(place.id, {}))
            if shown is not None:
                return shown
        return self.noted([sku]).get(sku, {}).get(name)

    def document(self, source: SourceKey, wanted: Wanted, also: Sequence[SourceKey] = ()) -> Document[Wanted]:
        """The document of a SKU, made from one or more records.

        Args:
            source: The record that is held when it can't be loaded.
            wanted: What the variant must show.
            also: Further records behind it.
        """
        hasher = self.session.store.hasher
        named = VARIANTS.named
        hashes = {name: hasher(f"{name}={named[name].kind.normal(value)}") for name, value in wanted.values.items()}
        hashes |= {f"note {name}": hasher(f"note {name}={value}") for name, value in wanted.notes.items()}
        return Document(wanted.sku, source, wanted, hashes, also=tuple(one for one in also if one != source))

    def in_order(self, documents: Iterable[Document[Wanted]]) -> list[Document[Wanted]]:
        """Documents by the ids of their variants: so the list that shows a bulk shows none of those before it."""
        there = list(documents)
        places = self.keys.find([one.key for one in there], self.fields)
        return sorted(there, key=lambda one: min((place.id for place in places.get(one.key, ())), default=0))

    # -- reading ------------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The shop's own clock."""
        with reading():
            return self.client.server_now()

    def look_up(self, documents: Sequence[Document[Wanted]]) -> Mapping[str, Sequence[Standing]]:
        """Which variants these are, and what they show: from the store, from this run, or from the shop."""
        if self._gather:
            self._gather.expect_none()
        skus = [one.key for one in documents if one.content.problem is None]
        places = self.keys.find(skus, self.fields)
        rows = self.session.store.rows(self.session.scope, self.purpose, skus)
        self._rows |= {sku: rows.get(sku) for sku in skus}
        doubtful = {
            place.id: rows[sku].at
            for sku, found in places.items()
            if sku in rows and rows[sku].state is not State.DONE
            for place in found
        }
        unread = {identity for identity in doubtful if identity not in self.keys.read}
        if unread:
            with reading():
                self._read(unread, min(doubtful.values()) - _ZONE_MARGIN)
        found = {
            one.key: [self._standing(one, place, rows.get(one.key)) for place in places[one.key] if self._exists(place)]
            for one in documents
            if one.key in places
        }
        if self._plans:
            self._tell({one.key: one.content.values for one in documents}, found)
        return found

    def _tell(self, values: Mapping[str, Mapping[str, Any]], found: Mapping[str, Sequence[Standing]]) -> None:
        """Read what a person is about to lose. No plan depends on it, for the run itself reads nothing of that."""
        ids = {one.id for sku, there in found.items() for one in there if differing(values[sku], one.row)}
        ids = {one for one in ids - self._told.keys() if one > 0}
        fields = ["id", "product", *self.fields]
        with reading():
            if len(ids) > FEW:
                for rows in self.client.list("variants", fields=fields):
                    self._told |= {row["id"]: row for row in rows if row["id"] in ids}
                return
            for identity in sorted(ids):
                with contextlib.suppress(lightspeed_ecom.NotFound):
                    self._told[identity] = self.client.get(f"variants/{identity}", fields=fields)

    def _exists(self, place: Place) -> bool:
        """Whether the last look at it found it."""
        return self.keys.read.get(place.id) != {}

    def _standing(self, document: Document[Wanted], place: Place, row: StoredRow | None) -> Standing:
        known: dict[str, Any] = {}
        if row is not None and row.state is State.DONE and row.ids.get("id") == str(place.id):
            # A value that the last document said nothing about may be older than what stands there.
            known = {name: row.ids[name] for name in self.fields if name in row.ids and name in row.hashes}
        shown = self.keys.read.get(place.id)
        overlay = document.content.shows if shown is None else {}
        return Standing(place.id, place.product, {**known, **(shown or {}), **overlay}, document.content.notes)

    def _read(self, ids: Collection[int], since: datetime) -> None:
        """Read some variants: what changed since, then the rest one by one or by the whole list, as costs less."""
        left = set(ids)
        fields = ["id", "product", *self.fields]
        if len(left) > FEW:
            for page in self.client.pages("variants", fields=fields, since=since):
                left -= self._seen(page.rows)
                if not left or page.number == _LISTED_PAGES:
                    break
        if len(left) > FEW and len(left) > -(-self.client.count("variants") // PAGE_SIZE):
            for rows in self.client.list("variants", fields=fields):
                left -= self._seen(rows)
        for identity in sorted(left):
            try:
                self.keys.read[identity] = self.client.get(f"variants/{identity}", fields=fields)
            except lightspeed_ecom.NotFound:
                self.keys.read[identity] = {}

    def _seen(self, rows: Sequence[Mapping[str, Any]]) -> set[int]:
        self.keys.read |= {row["id"]: row for row in rows}
        return {row["id"] for row in rows}

    def _read_rows(self, skus: Collection[str]) -> None:
        new = [sku for sku in skus if sku not in self._rows]
        found = self.session.store.rows(self.session.scope, self.purpose, new)
        self._rows |= {sku: found.get(sku) for sku in new}

    def _forget(self, row: StoredRow) -> None:
        """What was written to a variant that is gone says nothing about the one that stands there now."""
        if row.state is not State.DONE:
            return
        stored = self.session.store.change(row, replace(row, content_hash="", hashes={}, ids={}, pending={}))
        self._rows[row.key] = stored

    def ids(self, existing: Standing) -> Mapping[str, str]:
        """The shop's ids, with the values that are known and the notes beside them."""
        values = {name: VARIANTS.named[name].of(existing.row) for name in self.fields}
        return {
            "id": str(existing.id),
            "product": str(existing.product),
            **{name: value for name, value in values.items() if value is not None},
            **existing.notes,
        }

    def describe(self, document: Document[Wanted], existing: Standing | None, plan: Create | Update) -> list[Change]:
        """The values that would change, beside what the shop shows (or what was written last)."""
        shown = {**existing.row, **self._told.get(existing.id, {})} if existing else {}
        body: Mapping[str, Any] = plan.diff if isinstance(plan, Update) else document.content.values
        return [Change(name, VARIANTS.named[name].of(shown) or None, value) for name, value in body.items()]

    def refuses(self, document: Document[Wanted], existing: Standing | None, plan: Create | Update) -> Hold | None:
        """A variant that the shop's people have deleted takes no change."""
        del document, plan
        gone = self._plans and existing is not None and existing.id > 0 and existing.id not in self._told
        return Hold("not_found") if gone else None

    def cost(self, planned: Sequence[Outcome]) -> Cost:
        """Bulk calls."""
        return Cost(-(-len(planned) // self.session.settings.bulk_size))

    # -- deciding -----------------------------------------------------------------------------------------------------

    def plan(self, document: Document[Wanted], existing: Standing | None, applied: Applied | None) -> Plan:
        """Change what differs, or nothing."""
        del applied  # what was written last stands in clear beside the ids
        if document.content.problem is not None:
            return document.content.problem
        if existing is None:
            return Skip(NOT_IN_SHOP)
        body = differing(document.content.values, existing.row)
        if not body:
            return Skip("unchanged", same=True)
        if self._gather:
            self._gather.expect_one()
        return Update(str(existing.id), body)

    # -- writing ------------------------------------------------------------------------------------------------------

    def before_writes(self) -> None:
        """Nothing to check: the key's rights show at the first write, and a 403 stops the run."""

    def create(self, document: Document[Wanted], plan: Create) -> Mapping[str, str]:
        """Never called: `plan` makes nothing."""
        raise Rejected("not_creatable", document.key, f"{plan} can't be made here")

    def update(self, document: Document[Wanted], existing: Standing, plan: Update) -> Mapping[str, str]:
        """Write the fields that differ, together with those of other variants."""
        body: dict[str, Any] = dict(plan.diff)
        self.keys.read.pop(existing.id, None)
        try:
            with writing():
                if self._gather:
                    self._gather.put(existing.id, body)
                else:
                    self._put(existing.id, body)
        except Rejected as error:
            if error.reason == "not_found":
                self.keys.doubt(document.key)
            raise
        return {name: VARIANTS.named[name].kind.normal(value) for name, value in body.items()}

    def _put(self, identity: int, body: dict[str, Any]) -> None:
        with self.session.slots:
            self.client.update(f"variants/{identity}", "variant", body)


def differing(values: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a row doesn't show. Pure."""
    named = VARIANTS.named
    return {name: value for name, value in values.items() if named[name].of(row) != named[name].kind.normal(value)}
