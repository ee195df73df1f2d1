"""What an order of the shop may become in AFAS: one table, so that no other module asks which type it is. Pure.

A document's type is chosen once, before its first write. From then on it keeps it, whatever the setting says later: the
type stands in the store as one of the document's field hashes, and every type that may exist is looked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

FACT: Final = "document_type"
"""Name of the compared fact that tells the type; a sales order goes without it."""


@dataclass(frozen=True, slots=True)
class DocumentType:
    """One kind of sales document of AFAS.

    Attributes:
        name: Value of the setting `orders.document_type`.
        connector: Its UpdateConnector.
        lines: The object of its lines in there.
        headers_role: Role of the GetConnector that finds it by its reference.
        lines_role: Role of the GetConnector with its lines and totals.
        number: Name of its number in outcomes.
        numbered: What AFAS must number by itself for it.
        final: Nothing is changed once it is made: what changes in the shop is held for a person.
        without: Header fields of ours that the connector does not have.
        lines_without: Field codes that its lines do not have.
    """

    name: str
    connector: str
    lines: str
    headers_role: str
    lines_role: str
    number: str
    numbered: str
    final: bool = False
    without: frozenset[str] = frozenset()
    lines_without: frozenset[str] = frozenset()


ORDER: Final = DocumentType(
    name="order",
    connector="FbSales",
    lines="FbSalesLines",
    headers_role="orders",
    lines_role="order_lines",
    number="order",
    numbered="sales orders",
    without=frozenset({"invoice_reference"}),
)
DIRECT_INVOICE: Final = DocumentType(
    name="direct_invoice",
    connector="FbDirectInvoice",
    lines="FbDirectInvoiceLines",
    headers_role="direct_invoices",
    lines_role="direct_invoice_lines",
    number="direct_invoice",
    numbered="packing slips",
    final=True,
    # write-api 2.3. Its official examples do send carrier and service, but the connector's own schema lacks them.
    without=frozenset({"carrier", "service", "blocked"}),
    lines_without=frozenset({"DlDa"}),
)
DOCUMENT_TYPES: Final = {one.name: one for one in (ORDER, DIRECT_INVOICE)}
"""Value of the setting -> type."""


def in_use(names: Iterable[str]) -> tuple[DocumentType, ...]:
    """The types that must be looked for: those that may be made, and sales orders, which may be there from before."""
    wanted = {ORDER.name, *names}
    return tuple(one for name, one in DOCUMENT_TYPES.items() if name in wanted)


def facts_of_type(kind: DocumentType) -> dict[str, str]:
    """What tells the type among the compared facts."""
    return {} if kind is ORDER else {FACT: kind.name}


def type_of_hashes(hashes: Mapping[str, str], hasher: Callable[[str], str]) -> DocumentType:
    """The type of a document that stands in the store, by its field hashes."""
    known = hashes.get(FACT)
    return next((one for name, one in DOCUMENT_TYPES.items() if known == hasher(name)), ORDER)
