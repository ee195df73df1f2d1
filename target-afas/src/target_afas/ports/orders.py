"""What orders become in AFAS: looked up by reference, written in one call, read back in one call per batch."""

from __future__ import annotations

import logging
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from afas_profit import Element
from target_afas.booking import Booked, OrderChange, OrderJob, OrderPlanner, address_fields, fix_rounding
from target_afas.document_types import ORDER, DocumentType
from target_afas.header import HEADER, Value
from target_afas.lookups import booked_line, number
from target_afas.outlook import of_order
from target_afas.ports.base import AfasWrites
from target_afas.provenance import origins
from target_afas.totals import rate_differences
from upsert.model import Applied, Change, Create, Document, Fix, Hold, Ok, Plan, Update, Verdict, Written
from upsert.port import Port

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from target_afas.diff import LineChange
    from target_afas.lines import WantedLine

logger = logging.getLogger(__name__)

CHANGED = {"quantity": "QuUn", "price": "Upri", "group": "VaRc", "description": "Ds"}
"""Field of a line -> AFAS code, for changes of a booked line."""


class OrderPort(AfasWrites, Port[OrderJob, Booked]):
    """The kernel's view on what orders become in AFAS, one document type at a time.

    All types share one purpose, so that an intent for one of them keeps out a document of another.
    """

    purpose = "sales_order"
    lookup = "by_key"
    confirms = True

    def __init__(self, *args: Any, kind: DocumentType = ORDER) -> None:
        super().__init__(*args)
        self.kind = kind
        self.lookup_name = f"GetConnector {self.lookups.readers[kind.headers_role].name}"
        self._planner = OrderPlanner(self.settings, self.hasher)
        self._foreign_lines: set[str] = set()
        self._fixed: set[str] = set()
        self._absent: set[str] = set()
        self.vat_differences = 0

    def not_there(self, keys: Iterable[str]) -> None:
        """Tell that orders were looked for a moment ago and not found, so that the next look-up need not ask again.

        Only for orders that the store knows nothing of: of those no write of ours can be under way, and one by another
        process that shares the store is refused by its intent.
        """
        self._absent = set(keys)

    def look_up(self, documents: Sequence[Document[OrderJob]]) -> Mapping[str, Sequence[Booked]]:
        """Orders by our reference, and by those of earlier couplings, in one question for the whole batch."""
        absent, self._absent = self._absent, set()
        documents = [document for document in documents if document.key not in absent]
        references = {document.content.reference for document in documents}
        earlier = {name for document in documents for name in document.content.earlier_references}
        booked = self.lookups.booked(references | earlier)
        found: dict[str, Sequence[Booked]] = {}
        for document in documents:
            job = document.content
            mine = booked.get(job.reference.casefold(), []) if job.reference else []
            if not mine:
                for name in job.earlier_references:
                    if there := booked.get(name.casefold()):
                        mine = [replace(there[0], lines=(), earlier=True)]
                        break
            if mine:
                found[document.key] = mine
        return found

    def ids(self, existing: Booked) -> Mapping[str, str]:
        """The number of the order or invoice."""
        return {existing.type.number: existing.number}

    def plan(self, document: Document[OrderJob], existing: Booked | None, applied: Applied | None) -> Plan:
        """See `OrderPlanner`."""
        return self._planner.plan(document.content, document.hashes, existing, applied, released=document.released)

    def describe(
        self, document: Document[OrderJob], existing: Booked | None, plan: Create | Update
    ) -> Sequence[Change]:
        """Header, lines and total; what may be personal is hidden."""
        return list(of_order(document.content, existing, plan.diff if isinstance(plan, Update) else None))

    def create(self, document: Document[OrderJob], plan: Create) -> Mapping[str, str]:  # noqa: ARG002  (port)
        """One call with header and lines: the order is there as a whole or not at all."""
        job = document.content
        self.tell(document.key, job.notes)
        if job.wanted is not None and logger.isEnabledFor(logging.DEBUG):
            told = origins(job.order, job.wanted.header, self.settings)
            logger.debug("%s: %s", document.key, ", ".join(f"{name} from {origin}" for name, origin in told.items()))
        answer = self.insert(job.type.connector, order_element(job))
        made = answer.first("OrNu")
        return {job.type.number: made} if made else {}

    def update(self, document: Document[OrderJob], existing: Booked, plan: Update) -> Mapping[str, str]:
        """One call with what changed; or the reaction to a cancellation."""
        change: OrderChange = plan.diff
        if existing.type.final:
            raise ValueError(f"a {existing.type.name} is not changed any more")
        if not change.lines_ours:
            self._foreign_lines.add(document.key)
        if change.reaction == "delete":
            self.remove("FbSales", {"OrNu": existing.number})
        elif change.reaction == "settle":
            # 03 is a sales order (write-api 2.18, order types)
            self.insert("FbSettleOrder", Element({"VaOt": "03", "OrNu": existing.number}))
        elif change.reaction == "block":
            self.put("FbSales", Element({"OrNu": existing.number, "FxBl": True}, action="update"))
        else:
            self.tell(document.key, document.content.notes)
            self.put("FbSales", change_element(existing.number, change))
        return {"order": existing.number}

    def confirm(self, written: Sequence[Written[OrderJob]]) -> Mapping[str, Verdict[Booked]]:
        """Read the totals back and compare them with the shop's to the cent (R4)."""
        jobs = {one.document.key: one.document.content for one in written}
        rows = self.lookups.order_lines((job.reference for job in jobs.values() if not job.cancelled), [self.kind])
        return {
            one.document.key: self._verdict(one.document, rows.get(one.document.content.reference.casefold(), []))
            for one in written
        }

    def _verdict(self, document: Document[OrderJob], rows: Sequence[Mapping[str, Any]]) -> Verdict[Booked]:
        job = document.content
        if job.cancelled or job.wanted is None or document.key in self._foreign_lines:
            return Ok()
        if not rows:
            return Hold("total_not_found")
        order = str(rows[0]["OrderNumber"])
        incl = number(rows[0].get("OrderIncl"))
        lines = [booked_line(row) for row in rows]
        if incl != job.wanted.total:
            if document.key in self._fixed:
                return Hold("total_differs_in_afas", format(job.wanted.total - incl, "f"))
            self._fixed.add(document.key)
            booked = Booked(order, {}, lines)
            fix = fix_rounding(job, booked, incl, self.settings)
            if isinstance(fix, Hold):
                return fix
            return Fix(Update(order, fix), booked)
        self._report(document.key, job, rows)
        invoice = rows[0].get("InvoiceNumber")
        ids = {self.kind.number: order} | ({"invoice": str(invoice)} if invoice else {})
        return Ok("adjusted" if job.notes else "", ids)

    def _report(self, key: str, job: OrderJob, rows: Sequence[Mapping[str, Any]]) -> None:
        """Tell about bases and VAT per rate that differ from the shop's by more than a cent; the total is equal."""
        per_rate: dict[Decimal, tuple[Decimal, Decimal]] = {}
        for row in rows:
            percent = number(row.get("VatPercent"))
            base, vat = per_rate.get(percent, (Decimal(0), Decimal(0)))
            per_rate[percent] = (base + number(row.get("AmountExcl")), vat + number(row.get("AmountVat")))
        if found := rate_differences(job.order.totals, per_rate):
            self.vat_differences += 1
            told = ", ".join(f"{name} {amount}" for name, amount in found.items())
            logger.info("%s: AFAS differs from the shop per VAT rate, the total is equal: %s", key, told)


def order_element(job: OrderJob) -> Element:
    """The body of a new order or direct invoice."""
    wanted = job.wanted
    if wanted is None or job.debtor is None:
        raise ValueError("an order without contents or debtor is not to be sent")
    fields: dict[str, Value] = {"DbId": job.debtor}
    fields |= {HEADER[name].code: value for name, value in wanted.header.items() if value != ""}
    fields |= address_fields(job)
    if job.contact is not None:
        fields[HEADER["contact"].code] = job.contact
    fields |= wanted.extra
    return Element(fields, objects={job.type.lines: [line_element(line, job.type) for line in wanted.lines]})


def line_element(line: WantedLine, kind: DocumentType = ORDER, action: str | None = None) -> Element:
    """The body of a new line. An item without unit lets AFAS take the item's own."""
    fields: dict[str, Value | None] = {
        "VaIt": line.item_type,
        "ItCd": line.item,
        "StL1": line.dim1 or None,
        "StL2": line.dim2 or None,
        "BiUn": line.unit,
        "QuUn": line.quantity,
        "Upri": line.price,
        "VaRc": line.group,
        "Ds": line.description,
        "War": line.warehouse,
        "Re": line.remark,
        "DlDa": line.delivery_date,
    }
    known = {code: value for code, value in fields.items() if value is not None and code not in kind.lines_without}
    return Element(known | dict(line.extra), action="insert" if action == "insert" else None)


def change_element(order: str, change: OrderChange) -> Element:
    """The body of a change: only what differs, each line with its own action."""
    lines = [_changed_line(line) for line in change.lines]
    return Element({"OrNu": order, **change.header}, action="update", objects={"FbSalesLines": lines} if lines else {})


def _changed_line(change: LineChange) -> Element:
    if change.action == "delete" or change.line is None:
        return Element({"GuLi": change.guid or ""}, action="delete")
    if change.action == "insert":
        return line_element(change.line, action="insert")
    line = change.line
    values: dict[str, Value] = {
        "quantity": line.quantity,
        "price": line.price,
        "group": line.group or "",
        "description": line.description or "",
    }
    fields: dict[str, Value] = {CHANGED[name]: values[name] for name in sorted(change.fields & CHANGED.keys())}
    if "discount" in change.fields:
        fields |= {"PRDc": 0, "ARDc": 0}
    return Element({"GuLi": change.guid or "", **fields}, action="update")
