"""From a batch of orders to AFAS: customers first, then delivery addresses, then the orders.

Each phase is one run of the kernel on its own port. A hold in an earlier phase holds the orders that need it, and
nothing else; what an order does not need is not done: no customer is made for an order that can't be booked anyway.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from target_afas.addresses import fingerprint_of, fingerprint_of_row, make_address
from target_afas.booking import OrderJob, basis_problem, resolve_items
from target_afas.document_types import DOCUMENT_TYPES, ORDER
from target_afas.drafts import Drafts, address_document, made_relation, relation_document
from target_afas.limits import noting
from target_afas.lines import item_codes
from target_afas.lookups import Lookups, at_once
from target_afas.parties import Match, Relation, Wanted, choose, held_values, owned_values, wanted_of_order
from target_afas.ports.addresses import AddressJob, AddressPort
from target_afas.ports.base import NEW
from target_afas.ports.orders import OrderPort
from target_afas.ports.relations import RelationJob, RelationPort, may_change
from target_afas.reasons import CannotLoad
from target_afas.suggestions import Suggestions
from upsert.model import Document, Hold, Outcome, SourceKey
from upsert.store import DecisionKind, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from commerce.models import Order
    from target_afas.addresses import AfasAddress
    from target_afas.document_types import DocumentType
    from target_afas.settings import Settings
    from upsert.kernel import Kernel
    from upsert.store import Store, StoredRow

logger = logging.getLogger(__name__)

Need = tuple[Document[OrderJob], Relation, "AfasAddress"]
"""An order, its relation, and the place it goes to."""


class Ports:
    """The ports of a run; they share look-ups, settings and the check before the first write.

    Attributes:
        relations: Sales relations.
        addresses: Their delivery addresses.
        documents: What orders become, by document type.
        orders: The one of sales orders.
        seen: Document types of which an insert was seen through its look-up.
        suggestions: Names unknown items in the log.
    """

    def __init__(self, lookups: Lookups, settings: Settings, store: Store, check: Callable[[], None]) -> None:
        self.lookups, self.settings, self.store = lookups, settings, store
        shared = (lookups, settings, store.hasher, check)
        self.relations = RelationPort(*shared)
        self.addresses = AddressPort(*shared)
        self.documents = {kind: OrderPort(*shared, kind=kind) for kind in DOCUMENT_TYPES.values()}
        self.orders = self.documents[ORDER]
        self.seen: set[DocumentType] = set()
        self.suggestions = Suggestions(lookups)


class OrderFlow:
    """Loads batches of orders.

    Args:
        ports: The ports of this run.
        kernel: The kernel of the source stream.
    """

    def __init__(self, ports: Ports, kernel: Kernel) -> None:
        self.ports, self.kernel = ports, kernel
        self.settings, self.lookups = ports.settings, ports.lookups
        self.drafts = Drafts(ports.settings, ports.store.hasher)

    def load(self, batch: Sequence[tuple[SourceKey, Order]]) -> list[Outcome]:
        """Bring a batch of orders into AFAS.

        Args:
            batch: Source record and order.

        Returns:
            One outcome per order, in the same order.
        """
        purpose = self.ports.orders.purpose
        rows = self.kernel.store.rows(self.kernel.scope, purpose, [order.key for _, order in batch])
        documents = self.drafts.make(batch, rows)
        for kind in {one.content.type for one in documents}:
            self.lookups.look_for(kind)
        fresh = self._changed(documents, rows)
        if fresh:
            retyped = self._prepare(fresh, rows)
            documents = [retyped.get(one.key, one) for one in documents]
        outcomes: dict[int, Outcome] = {}
        for kind, port in self.ports.documents.items():
            group = {n: one for n, one in enumerate(documents) if one.content.type is kind}
            if group:
                outcomes |= zip(group, self._run(kind, port, list(group.values())), strict=True)
        return [outcomes[n] for n in range(len(documents))]

    def _run(self, kind: DocumentType, port: OrderPort, documents: Sequence[Document[OrderJob]]) -> list[Outcome]:
        """One run of the kernel. The first insert of each type must be seen: each has a look-up of its own."""
        if kind not in self.ports.seen:
            self.kernel.proven.discard(port.purpose)
        outcomes = self.kernel.run(port, documents)
        if port.purpose in self.kernel.proven:
            self.ports.seen.add(kind)
        return outcomes

    def _changed(
        self, documents: Sequence[Document[OrderJob]], rows: Mapping[str, StoredRow]
    ) -> list[Document[OrderJob]]:
        """Those that the kernel won't skip at once; the others need no question to AFAS."""
        fresh: dict[str, Document[OrderJob]] = {}
        for one in documents:
            row = rows.get(one.key)
            done = row is not None and row.state is State.DONE and row.content_hash == one.content_hash
            decision = self.kernel.decision(one)
            if decision is DecisionKind.SKIP or (done and decision is not DecisionKind.RELEASE):
                fresh.pop(one.key, None)
            else:
                fresh[one.key] = one
        return list(fresh.values())

    # -- what orders need ---------------------------------------------------------------------------------------------

    def _prepare(
        self, fresh: Sequence[Document[OrderJob]], stored: Mapping[str, StoredRow]
    ) -> dict[str, Document[OrderJob]]:
        """Ask for all that these orders need, and see to it.

        Returns:
            By key, the orders that stand in AFAS as another type than the settings would choose now.
        """
        jobs = [one.content for one in fresh]
        codes = {code for job in jobs if job.wanted for code in item_codes(job.order, self.settings.orders)}
        wanted = {one.key: self._customer(one.content) for one in fresh}
        references = {name for job in jobs for name in (job.reference, *job.earlier_references) if name}
        asked_at = self.ports.orders.now()
        items, booked, relations = at_once(
            lambda: self.lookups.articles(codes),
            lambda: self.lookups.order_rows(references),
            lambda: self.lookups.relations(who.email for who in wanted.values() if who),
        )
        new, old, absent = [], [], []
        retyped: dict[str, Document[OrderJob]] = {}
        for given in fresh:
            one, job = given, given.content
            names = (job.reference, *job.earlier_references)
            there = next((rows for name in names if (rows := booked.get(name.casefold()))), None)
            if there is not None and there[0].type is not job.type and one.key not in stored:
                one = retyped[one.key] = self.drafts.retyped(one, there[0].type)
            if job.wanted is not None:
                job.wanted = resolve_items(job.wanted, items)
            if there is None and one.key not in stored and job.reference:
                absent.append(one.key)
            if there is None and job.wanted and not (job.problem or job.cancelled or job.wanted.unfit):
                new.append(one)
            elif there is not None and job.wanted and not job.cancelled and not job.type.final:
                old.append((one, str(there[0].row.get("Debtor") or "")))
        unfit = [hold for job in jobs if job.wanted for hold in job.wanted.unfit]
        self.ports.suggestions.tell((hold.subject for hold in unfit if hold.reason == "unknown_item"), items)
        if not self.kernel.store_left(self.ports.orders, asked_at):
            for port in self.ports.documents.values():
                port.not_there(absent)
        places = self._places(new)
        found = self._relations([one for one in new if not one.content.address_problem], wanted, relations)
        needs = [(one, found[one.key], places[one.key]) for one in new if one.key in found and one.key in places]
        self._addresses(self._elsewhere(needs, booked=False) + self._elsewhere(self._moved(old), booked=True))
        return retyped

    def _customer(self, job: OrderJob) -> Wanted | None:
        """The customer to look for; none for a default debtor, or when there is no telling."""
        if job.default_debtor is not None:
            job.debtor = job.default_debtor
            return None
        if job.wanted is None or job.cancelled:
            return None
        try:
            who = wanted_of_order(job.order)
        except CannotLoad as problem:
            job.customer_problem = Hold(problem.reason, problem.subject)
            return None
        job.notes += who.notes
        return who

    def _places(self, new: Iterable[Document[OrderJob]]) -> dict[str, AfasAddress]:
        """Where orders of known customers go; a bad address holds the order before its customer is made."""
        places: dict[str, AfasAddress] = {}
        for one in new:
            job = one.content
            if job.default_debtor is not None:
                continue
            party = job.order.ship_to
            if party is None or party.address is None:
                continue
            with noting() as notes:
                try:
                    places[one.key] = make_address(party.address, cut=self.settings.orders.cut_texts)
                except CannotLoad as problem:
                    job.address_problem = Hold(problem.reason, problem.subject)
            job.notes += (f"{text} (delivery address)" for text in notes)
        return places

    # -- customers ----------------------------------------------------------------------------------------------------

    def _relations(
        self,
        new: Sequence[Document[OrderJob]],
        wanted: Mapping[str, Wanted | None],
        rows: Mapping[str, Sequence[Relation]],
    ) -> dict[str, Relation]:
        """The relation of each order; made or changed where needed. Order key -> relation."""
        found: dict[str, Relation] = {}
        groups: dict[str, list[tuple[Document[OrderJob], Document[RelationJob]]]] = {}
        for one in new:
            who = wanted[one.key]
            if who is None:
                continue
            try:
                match = choose(who.kind, rows.get(who.email, []))
                if match.use is not None:
                    self._use(one, match.use, found)
                    if one.content.customer_problem is not None or not self._would_change(who, match):
                        continue
                document = relation_document(RelationJob(who), one.source, self.ports)
            except CannotLoad as problem:
                one.content.customer_problem = Hold(problem.reason, problem.subject)
                continue
            groups.setdefault(document.key, []).append((one, document))
        if groups:
            self._write_relations(list(groups.values()), found)
        return found

    def _would_change(self, who: Wanted, match: Match) -> bool:
        """Whether an owned field of an existing relation differs; the port decides by what was written last."""
        own = self.settings.relations
        if not own.update_on_orders or match.use is None:
            return False
        held = held_values(match.use.row)
        return any(
            text != held[name] and may_change(name, held[name], own.own, match.use)
            for name, text in owned_values(who, own).items()
        )

    def _write_relations(
        self, groups: Sequence[Sequence[tuple[Document[OrderJob], Document[RelationJob]]]], found: dict[str, Relation]
    ) -> None:
        documents = [group[-1][1] for group in groups]  # several orders of one customer: the last one knows best
        for outcome, group in zip(self.kernel.run(self.ports.relations, documents, last=False), groups, strict=True):
            self._settle(outcome, [one for one, _ in group], found)

    def _settle(self, outcome: Outcome, group: Sequence[Document[OrderJob]], found: dict[str, Relation]) -> None:
        missing = [one for one in group if one.key not in found]
        if outcome.action == "held":
            if not missing:
                logger.warning(
                    "customer %s could not be changed (%s); its orders go on", outcome.document.key, outcome.reason
                )
            for one in missing:
                one.content.customer_problem = Hold(outcome.reason, outcome.subject, outcome.retry_after)
            return
        if not missing:
            return
        relation = self._relation_of(outcome)
        for one in missing:
            if relation is None:
                reason = outcome.reason if outcome.reason == "not_created" else "relation_not_found"
                one.content.customer_problem = Hold("no_relation" if reason == "not_created" else reason)
            else:
                self._use(one, relation, found)

    def _relation_of(self, outcome: Outcome) -> Relation | None:
        """The relation that the kernel made, adopted, or knew."""
        job: RelationJob = outcome.document.content
        who, ids = job.wanted, outcome.ids
        new = not self.ports.relations.made_of_crm(outcome.document.key)
        made = outcome.action == "created" and new and ids.get("debtor") and ids.get("bcco")
        if made or ids.get("debtor") == NEW:
            return made_relation(who, ids, self.settings)
        if ids.get("debtor"):
            known = self.lookups.relations_of_debtors([ids["debtor"]]).get(ids["debtor"])
            if known is not None:
                return known
        try:
            return choose(who.kind, self.lookups.relations([who.email], fresh=True).get(who.email, [])).use
        except CannotLoad:
            return None

    def _use(self, one: Document[OrderJob], relation: Relation, found: dict[str, Relation]) -> None:
        """Take a relation for an order, unless it is blocked or has the other price basis."""
        job, debtor = one.content, relation.debtor or ""
        if relation.blocked:
            job.customer_problem = Hold("blocked_customer", debtor)
            return
        released = self.kernel.decision(one) is DecisionKind.RELEASE
        rule = "send" if released else self.settings.orders.basis_mismatch
        job.customer_problem = basis_problem(job, relation.incl_vat, debtor, rule)
        if job.customer_problem is not None:
            return
        job.debtor = debtor
        if relation.contact_type == "PRS" and relation.contact.isdigit():
            job.contact = int(relation.contact)
        found[one.key] = relation

    # -- delivery addresses -------------------------------------------------------------------------------------------

    def _moved(self, old: Sequence[tuple[Document[OrderJob], str]]) -> list[Need]:
        """Booked orders whose delivery address changed in the shop since we wrote it."""
        keys = [one.key for one, _ in old]
        rows = self.kernel.store.rows(self.kernel.scope, self.ports.orders.purpose, keys)
        moved = [
            (one, debtor)
            for one, debtor in old
            if one.key in rows
            and one.content.default_debtor is None
            and rows[one.key].hashes.get("ship_to") not in {None, one.hashes.get("ship_to")}
        ]
        if not moved:
            return []
        relations = self.lookups.relations_of_debtors(debtor for _, debtor in moved)
        places = self._places([one for one, _ in moved])
        needs = []
        for one, debtor in moved:
            if one.content.address_problem is not None:
                continue
            if debtor not in relations or one.key not in places:
                one.content.address_problem = Hold("address_not_found")
                continue
            needs.append((one, relations[debtor], places[one.key]))
        return needs

    def _elsewhere(self, needs: Sequence[Need], *, booked: bool) -> list[Need]:
        """Those that go elsewhere than to the relation's own address; a booked one that goes there gets its id."""
        others = []
        for need in needs:
            one, relation, place = need
            if fingerprint_of_row(relation.row) != fingerprint_of(place):
                others.append(need)
            elif booked and relation.row.get("AddressId") is not None:
                one.content.address = int(relation.row["AddressId"])
        return others

    def _addresses(self, needs: Sequence[Need]) -> None:
        documents = [address_document(relation, place, one, self.ports) for one, relation, place in needs]
        members = [one for one, _, _ in needs]
        if not documents:
            return
        for outcome, one in zip(self.kernel.run(self.ports.addresses, documents, last=False), members, strict=True):
            job, address = one.content, outcome.document.content
            found = outcome.ids.get("address")
            if outcome.action == "held" and not found:
                job.address_problem = Hold(outcome.reason, outcome.subject, outcome.retry_after)
            elif found:
                job.address = int(found)
            if self.settings.orders.address_names:
                job.address_note = address.label
        self._share_addresses(documents, members)

    def _share_addresses(
        self, documents: Sequence[Document[AddressJob]], members: Sequence[Document[OrderJob]]
    ) -> None:
        """Orders with the same delivery address in one batch: the kernel answers for the last of them."""
        known = {
            document.key: one.content
            for document, one in zip(documents, members, strict=True)
            if one.content.address is not None or one.content.address_problem is not None
        }
        for document, one in zip(documents, members, strict=True):
            same = known.get(document.key)
            if same is not None and one.content.address is None:
                one.content.address, one.content.address_problem = same.address, same.address_problem
            elif same is None:
                one.content.address_problem = Hold("address_not_found")
