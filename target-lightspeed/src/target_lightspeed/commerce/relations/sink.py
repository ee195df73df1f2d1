"""The sink of `product_relations`: after products, and without a call for those whose product isn't there yet."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from commerce.goods import ProductRelation
from target_lightspeed.commerce.approval import Approvals
from target_lightspeed.commerce.guard import Changes
from target_lightspeed.commerce.relations.places import PRODUCTS, Places, name_of
from target_lightspeed.commerce.relations.port import ENDS, OURS, PURPOSE, Link, RelationPort
from target_lightspeed.commerce.relations.wants import Wanted, rounds, unwritten, wanted
from target_lightspeed.finding import DELETED
from upsert.model import Create, Document, Outcome, Update
from upsert.singer import HeldSink, Incoming
from upsert.store import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from commerce.models import Ref
    from target_lightspeed.commerce.guard_settings import TreeLimits
    from target_lightspeed.target import TargetLightspeed
    from upsert.kernel import Kernel
    from upsert.model import SourceKey
    from upsert.singer.spool import Spool
    from upsert.store import StoredRow

MOST = 500


class RelationSink(HeldSink):
    """Relations between products."""

    target: TargetLightspeed
    _port: RelationPort | None = None
    _places: Places | None = None

    @property
    def part_size(self) -> int:
        """Records per batch."""
        return int(self.target.config.get("batch_size_rows") or MOST)

    @property
    def max_size(self) -> int:
        """Records that come before any is loaded."""
        return super().max_size if self.spools else self.part_size

    @cached_property
    def spools(self) -> bool:
        """Whether the whole run is looked at before its first write: not a first load, which changes everything."""
        return self.limits.first_load == "check" or not self._first

    @property
    def limits(self) -> TreeLimits:
        """How much a run may change."""
        return self.target.settings.relations.limits

    @cached_property
    def _first(self) -> bool:
        return not Approvals.of(self.target.session).is_loaded(self.stream_name)

    @cached_property
    def _known(self) -> int:
        """Relations of ours."""
        rows = self.target.store.known(self.target.session.scope, PURPOSE)
        return sum(bool(row.ids.get(OURS) and not row.ids.get(DELETED)) for row in rows)

    @property
    def port(self) -> RelationPort:
        """The port; it remembers what was asked in this run."""
        if self._port is None:
            self._port = RelationPort(self.target.session)
        return self._port

    @property
    def places(self) -> Places:
        """Where products stand; likewise."""
        if self._places is None:
            self._places = Places(self.target.session)
        return self._places

    def parse(self, record: dict[str, Any]) -> ProductRelation:
        """The record, checked. Parts of bundles are for the stock flow, which may run before this sink does."""
        relation = ProductRelation.model_validate(record)
        self.target.session.bundles.take(relation)
        return relation

    def look(self, records: Spool) -> None:
        """Judge all that the run would change; what is read for it is not read again."""
        approvals = Approvals.of(self.target.session)
        if len(records) <= self.limits.harmless and not approvals.pending(self.stream_name):
            return
        changes = Changes(self.stream_name, self._known, first=self._first)
        for batch in records.parts(self.part_size, self.part_bytes):
            names = {one.source: " > ".join(map(name_of, _ends(one.content))) for one in batch}
            for kernel, part in self._kernels(batch):
                documents, _ = self._documents(kernel, part)
                for outcome in kernel.preview(self.port, documents):
                    if outcome.action == "planned":
                        _count(changes, names[outcome.document.source], outcome)
        self.target.within(approvals.check, self.limits, changes)

    def load(self, batch: Sequence[Incoming]) -> Iterator[Outcome]:
        """Bring a batch into the shop."""
        self.target.session.bundles.save(self.target.clock.now(), self.target.run_id)
        for kernel, part in self._kernels(batch):
            documents, early = self._documents(kernel, part)
            kernel.report(PURPOSE, early)
            yield from early
            yield from self._run(kernel, documents)

    def _kernels(self, batch: Iterable[Incoming]) -> Iterator[tuple[Kernel, list[Incoming]]]:
        """The records of each source stream, with its kernel."""
        streams: dict[str, list[Incoming]] = {}
        for one in batch:
            streams.setdefault(one.source.stream, []).append(one)
        for stream, part in streams.items():
            yield self.target.kernel(stream, scope=self.target.session.scope), part

    def _documents(self, kernel: Kernel, part: Sequence[Incoming]) -> tuple[list[Document[Link]], list[Outcome]]:
        """What the records want, and what is decided about them already."""
        settings = self.target.session.settings.relations
        newest = {one.content.key: one for one in part}
        early = [_outcome(one, "skipped", "superseded") for one in part if newest[one.content.key] is not one]
        both = {key: wanted(one.content, settings.types, positions=settings.positions) for key, one in newest.items()}
        rows = kernel.store.rows(kernel.scope, PURPOSE, [way.key for ways in both.values() for way in ways])
        unclear = {key for key, row in rows.items() if row.state is State.INTENT}
        asked = (way for ways in both.values() for way in ways if way.there or way.key in unclear)
        places = self.places.find(ref for way in asked for ref in _ends(way))
        documents: list[Document[Link]] = []
        for key, one in newest.items():
            missing = [ref for way in both[key] if way.there for ref in _ends(way) if not places[name_of(ref)]]
            if missing:
                early.append(_outcome(one, "held", "waits_for_product", name_of(missing[0])))
                continue
            made = [self._document(one, way, rows.get(way.key), places) for way in both[key]]
            found = [document for document in made if document is not None]
            documents += found
            if not found:
                reason = unwritten(one.content, settings.types)
                early.append(_outcome(one, "skipped", reason or ("same_product" if both[key][0].there else "inactive")))
        return documents, early

    def _document(
        self, one: Incoming, way: Wanted, row: StoredRow | None, places: dict[str, int]
    ) -> Document[Link] | None:
        """The document of one direction; None where nothing is wanted and nothing was made."""
        if not way.there:
            if row is None:
                return None
            # Of a write without an answer the store knows no id, so the shop is asked.
            product, related = (places[name_of(ref)] if row.state is State.INTENT else 0 for ref in _ends(way))
            return self.port.document(way.key, one.source, Link(product, related, None, there=False))
        product, related = (places[name_of(ref)] for ref in _ends(way))
        if product == related:
            return None
        ends = (way.item.key or "", way.related.key or "")
        return self.port.document(way.key, one.source, Link(product, related, way.position, there=True, ends=ends))

    def clean_up(self) -> None:
        """At the end of the run: relations that went with a product which was made anew are read again."""
        if not self.target.ended and self.target.config.get("on_error") != "abort":
            for source in self._lost()[: self.target.session.settings.sweep.corrections]:
                self.target.hold(source, "vanished_in_shop")
        super().clean_up()

    def _lost(self) -> list[SourceKey]:
        """Records of relations that stood between products which have other ids by now."""
        scope = self.target.session.scope
        rows = [
            (row.source, row)
            for row in self.target.store.known(scope, PURPOSE)
            if row.source is not None and row.state is State.DONE and row.ids.get(OURS) and not row.ids.get(DELETED)
        ]
        products = self.target.store.rows(
            scope, PRODUCTS, list({row.ids.get(end, "") for _, row in rows for end in ENDS})
        )
        now = {key: one.ids.get("id") for key, one in products.items() if one.state is not State.INTENT}
        lost = {
            source: None
            for source, row in rows
            if self.target.held.spoken(source.stream) and self.target.held.get(source.stream, source.key) is None
            if all(now.get(row.ids.get(end, "")) for end in ENDS)
            if [now[row.ids[end]] for end in ENDS] != [row.ids.get("product"), row.ids.get("related")]
        }
        return list(lost)

    def _run(self, kernel: Kernel, documents: Sequence[Document[Link]]) -> Iterator[Outcome]:
        """What is to be there first, so that a relation that another record wants does not go and come back."""
        there = [one for one in documents if one.content.there]
        pairs = enumerate((one.content.product, one.content.related) for one in there)
        for numbers in rounds(pairs):
            yield from kernel.run(self.port, [there[number] for number in numbers])
        gone = [one for one in documents if not one.content.there]
        if gone:
            yield from kernel.run(self.port, gone)


def _ends(way: Wanted | ProductRelation) -> tuple[Ref, Ref]:
    return way.item, way.related


def _count(changes: Changes, item: str, outcome: Outcome) -> None:
    """Put a planned write into the changes of the run: one more relation harms nobody."""
    new = isinstance(outcome.plan, Create) or (isinstance(outcome.plan, Update) and outcome.plan.diff == "make")
    if isinstance(outcome.plan, Update) and outcome.plan.diff == "delete":
        changes.delete(item)
    for change in outcome.changes:
        (changes.make if new else changes.add)(item, f"{outcome.document.key} {change.field}", change.new)


def _outcome(one: Incoming, action: Any, reason: str, subject: str = "") -> Outcome:
    return Outcome(Document(one.content.key, one.source, None, {}), action, reason=reason, subject=subject)
