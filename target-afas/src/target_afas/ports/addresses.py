"""Delivery addresses: found among those of the debtor, else added to its organisation or person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from afas_profit import Element
from target_afas.addresses import AfasAddress, fingerprint_of, fingerprint_of_row
from target_afas.ports.base import NEW, AfasWrites
from upsert.model import HIDDEN, Applied, Change, Create, Document, Ok, Plan, Skip, Update, Verdict, Written
from upsert.port import Port

if TYPE_CHECKING:
    from afas_profit import Value

DELIVERY = "AFL"
"""Contact type of a delivery address (write-api 2.8)."""


@dataclass(frozen=True, slots=True)
class AddressJob:
    """A delivery address of a debtor.

    ``bcco`` is the number of its organisation or person, ``notes`` say what is cut.
    """

    debtor: str
    bcco: str
    organisation: bool
    address: AfasAddress
    label: str | None
    notes: tuple[str, ...] = ()

    @property
    def natural_key(self) -> str:
        """What makes it one address; personal, so only ever stored as a hash."""
        return f"{self.debtor}|{fingerprint_of(self.address)}"


class AddressPort(AfasWrites, Port[AddressJob, Mapping[str, Any]]):
    """The kernel's view on delivery addresses. AFAS does not answer with the new id, so it is read back."""

    purpose = "delivery_address"
    lookup = "by_natural_key"
    confirms = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.lookup_name = f"GetConnector {self.lookups.readers['addresses'].name}"

    def look_up(self, documents: Sequence[Document[AddressJob]]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """One row per address that the debtor has already, whatever it is used for."""
        documents = [document for document in documents if document.content.debtor != NEW]
        rows = self.lookups.addresses(document.content.debtor for document in documents)
        found: dict[str, Sequence[Mapping[str, Any]]] = {}
        for document in documents:
            place = fingerprint_of(document.content.address)
            same = [row for row in rows.get(document.content.debtor, []) if fingerprint_of_row(row) == place]
            if same:
                # Delivery addresses first; of doubles the oldest, so that every run takes the same.
                best = min(same, key=lambda row: (row.get("Kind") != DELIVERY, int(row["AddressId"])))
                found[document.key] = [best]
        return found

    def ids(self, existing: Mapping[str, Any]) -> Mapping[str, str]:
        """The address id."""
        return {"address": str(existing["AddressId"])}

    def plan(
        self,
        document: Document[AddressJob],  # noqa: ARG002  (port)
        existing: Mapping[str, Any] | None,
        applied: Applied | None,  # noqa: ARG002  (port)
    ) -> Plan:
        """Add it when the debtor does not have it."""
        return Create() if existing is None else Skip("same_in_afas")

    def describe(
        self, document: Document[AddressJob], existing: Mapping[str, Any] | None, plan: Create | Update
    ) -> Sequence[Change]:
        """That an address is added, and to which debtor."""
        del existing, plan
        return [Change(f"delivery address of {document.content.debtor}", None, HIDDEN)]

    def assume(self, document: Document[AddressJob], plan: Create | Update) -> Mapping[str, str]:
        """A number that no address has."""
        del document, plan
        return {"address": "0"}

    def create(self, document: Document[AddressJob], plan: Create) -> Mapping[str, str]:  # noqa: ARG002  (port)
        """Add it as a delivery address to the organisation or person of the debtor."""
        self.tell(f"{document.source.stream} {document.source.key}", document.content.notes)
        self.put(*address_body(document.content))
        return {}

    def update(self, document: Document[AddressJob], existing: Mapping[str, Any], plan: Update) -> Mapping[str, str]:
        """Never planned: an address that differs is another address."""
        raise NotImplementedError

    def confirm(self, written: Sequence[Written[AddressJob]]) -> Mapping[str, Verdict[Mapping[str, Any]]]:
        """Read the ids of what was added."""
        found = self.look_up([one.document for one in written])
        return {
            one.document.key: Ok(ids=self.ids(found[one.document.key][0]))
            for one in written
            if one.document.key in found
        }


def address_body(job: AddressJob) -> tuple[str, Element]:
    """UpdateConnector and body that add a delivery address."""
    contact: dict[str, Value] = {"ViKc": DELIVERY, "PadAdr": True}
    if job.label:
        contact["ExAd"] = job.label
    added = Element(
        contact, objects={"KnBasicAddressAdr": Element(job.address.fields(), action="insert")}, action="insert"
    )
    connector, match = ("KnOrganisation", "MatchOga") if job.organisation else ("KnPerson", "MatchPer")
    return connector, Element({match: "0", "BcCo": job.bcco}, objects={"KnContact": added}, action="update")
