"""From orders, their customers and their delivery addresses to the kernel's documents."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from target_afas.addresses import label, make_address
from target_afas.booking import OrderJob, compared_facts, hashes_of, make_order
from target_afas.document_types import DOCUMENT_TYPES, ORDER, type_of_hashes
from target_afas.header import make_reference
from target_afas.limits import noting
from target_afas.parties import Wanted, relation_of
from target_afas.ports.addresses import AddressJob
from target_afas.reasons import CannotLoad
from target_afas.rules import facts_of
from upsert.model import Document, Hold, SourceKey

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from commerce.models import Order
    from target_afas.addresses import AfasAddress
    from target_afas.document_types import DocumentType
    from target_afas.flow import Ports
    from target_afas.parties import Relation
    from target_afas.ports.relations import RelationJob
    from target_afas.settings import Settings
    from upsert.store import StoredRow


class Drafts:
    """Makes the documents of a batch.

    Args:
        settings: All settings.
        hasher: Salted hash of the store.
    """

    def __init__(self, settings: Settings, hasher: Callable[[str], str]) -> None:
        self.settings, self.hasher = settings, hasher

    def make(self, batch: Sequence[tuple[SourceKey, Order]], rows: Mapping[str, StoredRow]) -> list[Document[OrderJob]]:
        """One document per order.

        Args:
            batch: Source record and order.
            rows: What the store knows of these orders, by their keys: a type that was chosen once is kept.
        """
        kinds: dict[str, DocumentType | Hold] = {}
        for _, order in batch:  # of several with one key the last counts
            row = rows.get(order.key)
            kinds[order.key] = type_of_hashes(row.hashes, self.hasher) if row else self._choose(order)
        return [self._document(source, order, kinds[order.key]) for source, order in batch]

    def retyped(self, document: Document[OrderJob], kind: DocumentType) -> Document[OrderJob]:
        """The same order as a document of another type: the one under which AFAS has it already."""
        job = document.content
        job.type, job.problem, job.wanted = kind, None, None
        self._fill(job)
        return replace(document, hashes=self._hashes(job))

    def _choose(self, order: Order) -> DocumentType | Hold:
        try:
            name = self.settings.orders.document_type.pick(facts_of(order), "orders.document_type")
        except CannotLoad as problem:
            return Hold(problem.reason, problem.subject)
        return DOCUMENT_TYPES[name or ORDER.name]

    def _document(self, source: SourceKey, order: Order, kind: DocumentType | Hold) -> Document[OrderJob]:
        job = OrderJob(order)
        if isinstance(kind, Hold):
            job.problem = kind
        else:
            job.type = kind
            self._fill(job)
        unwanted = job.cancelled and self.settings.orders.on_cancel == "delete" and not job.type.final
        return Document(order.key, source, job, self._hashes(job), unwanted=unwanted)

    def _fill(self, job: OrderJob) -> None:
        order, own = job.order, self.settings.orders
        with noting() as job.notes:
            try:
                job.reference = make_reference(self.settings.reference_template, order)
                job.earlier_references = [make_reference(template, order) for template in own.known_references]
                facts = facts_of(order)
                job.default_debtor = next((rule.debtor for rule in own.default_debtors if rule.fits(facts)), None)
                job.wanted = make_order(order, self.settings, private=job.default_debtor is not None, kind=job.type)
            except CannotLoad as problem:
                job.problem = Hold(problem.reason, problem.subject)

    def _hashes(self, job: OrderJob) -> dict[str, str]:
        return hashes_of(compared_facts(job, self.settings), self.hasher)


def relation_document(job: RelationJob, source: SourceKey, ports: Ports) -> Document[RelationJob]:
    """A customer as a document; its key is a salted hash of kind and e-mail address."""
    return Document(ports.store.hasher(job.wanted.natural_key), source, job, ports.relations.hashes(job))


def address_document(
    relation: Relation, place: AfasAddress, order: Document[OrderJob], ports: Ports
) -> Document[AddressJob]:
    """A delivery address of an order as a document; its key is a salted hash of debtor and address."""
    party = order.content.order.ship_to
    job = AddressJob(
        relation.debtor or "", relation.bcco, relation.is_organisation, place, label(party) if party else None
    )
    return Document(ports.store.hasher(job.natural_key), order.source, job, {"address": ports.store.hasher("known")})


def made_relation(who: Wanted, ids: Mapping[str, str], settings: Settings) -> Relation:
    """What the look-up would say about a relation that was made a moment ago."""
    own = settings.relations.price_includes_vat
    incl = who.incl_vat if own == "order" else own == "incl"
    row: dict[str, object] = {
        "Contact": None,
        "ContactType": "ORG" if who.kind == "organisation" else "PER",
        "BcCo": ids["bcco"],
        "Debtor": ids["debtor"],
        "InclVat": incl,
        "Blocked": False,
    }
    place = make_address(who.address)
    row |= {
        "Street": place.street,
        "Number": place.number,
        "NumberAdd": place.addition,
        "ZipCode": place.postal_code,
        "City": place.city,
        "Country": place.country,
    }
    return relation_of(row)
