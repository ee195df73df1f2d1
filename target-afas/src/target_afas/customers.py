"""From a batch of customers to AFAS: sales relations first, then their further delivery addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from target_afas.addresses import fingerprint_of, fingerprint_of_row, make_address
from target_afas.drafts import made_relation, relation_document
from target_afas.limits import fit, noting
from target_afas.parties import Relation, invoice_address, wanted_of_customer
from target_afas.ports.addresses import AddressJob
from target_afas.ports.base import NEW
from target_afas.ports.relations import RelationJob
from target_afas.reasons import CannotLoad
from upsert.model import Document, Hold, Outcome, SourceKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commerce.models import Customer, CustomerAddress
    from target_afas.flow import Ports
    from upsert.kernel import Kernel


class CustomerFlow:
    """Loads batches of customers.

    Args:
        ports: The ports of this run.
        kernel: The kernel of the source stream.
    """

    def __init__(self, ports: Ports, kernel: Kernel) -> None:
        self.ports, self.kernel = ports, kernel
        self.settings = ports.settings

    def load(self, batch: Sequence[tuple[SourceKey, Customer]]) -> list[Outcome]:
        """Bring a batch of customers into AFAS.

        Args:
            batch: Source record and customer.

        Returns:
            At least one outcome per customer.
        """
        outcomes: list[Outcome] = []
        documents: list[Document[RelationJob]] = []
        customers: dict[SourceKey, Customer] = {}
        for source, customer in batch:
            customers[source] = customer
            if not customer.active or customer.deleted_at is not None:
                outcomes.append(Outcome(_bare(source, customer), "skipped", reason="customer_inactive"))
                continue
            try:
                wanted = wanted_of_customer(customer, self.settings.relations.price_includes_vat)
                document = relation_document(
                    RelationJob(wanted, changes_address=True, notes=wanted.notes), source, self.ports
                )
            except CannotLoad as problem:
                outcomes.append(_held(source, customer, Hold(problem.reason, problem.subject)))
                continue
            documents.append(document)
        done = self.kernel.run(self.ports.relations, documents) if documents else []
        outcomes += done
        if self.settings.relations.delivery_addresses:
            outcomes += self._addresses(done, customers)
        return outcomes

    def _addresses(self, done: Sequence[Outcome], customers: dict[SourceKey, Customer]) -> list[Outcome]:
        """Add the delivery addresses that differ from the relation's own; the invoice address stays as it is (C7)."""
        more = {
            outcome.document.source: outcome
            for outcome in done
            if outcome.ids.get("debtor") and outcome.action != "held" and _others(customers[outcome.document.source])
        }
        relations = self._relations(list(more.values()))
        documents: list[Document[AddressJob]] = []
        held: list[Outcome] = []
        for source, outcome in more.items():
            customer, relation = customers[source], relations.get(outcome.ids["debtor"])
            if relation is None:
                held.append(_held(source, customer, Hold("relation_not_found")))
                continue
            for address in _others(customer):
                with noting() as notes:
                    try:
                        place = make_address(address)
                    except CannotLoad:
                        continue  # a half-filled address in an account is nobody's order yet
                    text = fit(address.company or address.name or customer.name, "ExAd")
                if fingerprint_of(place) == fingerprint_of_row(relation.row):
                    continue
                job = AddressJob(
                    relation.debtor or "", relation.bcco, relation.is_organisation, place, text, tuple(notes)
                )
                hasher = self.ports.store.hasher
                documents.append(Document(hasher(job.natural_key), source, job, {"address": hasher("known")}))
        return held + (self.kernel.run(self.ports.addresses, documents) if documents else [])

    def _relations(self, outcomes: Sequence[Outcome]) -> dict[str, Relation]:
        """The relations of outcomes, by debtor; one question for all that were not made just now."""
        made: dict[str, Relation] = {}
        ask: set[str] = set()
        for outcome in outcomes:
            job: RelationJob = outcome.document.content
            fresh = outcome.action == "created" and not self.ports.relations.made_of_crm(outcome.document.key)
            if (fresh and outcome.ids.get("bcco")) or outcome.ids["debtor"] == NEW:
                made[outcome.ids["debtor"]] = made_relation(job.wanted, outcome.ids, self.settings)
            else:
                ask.add(outcome.ids["debtor"])
        return made | (self.ports.lookups.relations_of_debtors(ask) if ask else {})


def _others(customer: Customer) -> list[CustomerAddress]:
    """Addresses that goods are sent to, other than the invoice address."""
    own = invoice_address(customer)
    return [one for one in customer.addresses if one is not own and one.role in {"delivery", "other"}]


def _bare(source: SourceKey, customer: Customer) -> Document[None]:
    return Document(customer.key, source, None, {})


def _held(source: SourceKey, customer: Customer, hold: Hold) -> Outcome:
    return Outcome(_bare(source, customer), "held", reason=hold.reason, subject=hold.subject)
