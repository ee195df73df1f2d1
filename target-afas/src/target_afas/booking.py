"""An order as it must stand in AFAS, and what that means for an order that stands there already. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from commerce.models import Basis, Kind, Lifecycle, Order, Progress
from target_afas.addresses import fingerprint
from target_afas.diff import BookedLine, LineChange, canonical, diff_lines
from target_afas.document_types import ORDER, DocumentType, facts_of_type
from target_afas.header import (
    HEADER,
    Value,
    compared_text,
    document_date,
    make_header,
    plain_text,
    private_fields,
    row_text,
)
from target_afas.lines import Items, LineMaker, WantedLine, with_items
from target_afas.money import cents
from target_afas.parties import normal_email
from target_afas.reasons import CannotLoad
from target_afas.rules import facts_of
from target_afas.totals import (
    Prediction,
    RoundingGroup,
    check_cap,
    difference,
    predict,
    rounding_line,
    rounding_that_fits,
)
from upsert.merge import three_way
from upsert.model import Applied, Create, Hold, Plan, Skip, Update

if TYPE_CHECKING:
    from target_afas.settings import OrderSettings, Settings

KINDS = frozenset({Kind.ORDER, Kind.DIRECT_ORDER})
Hasher = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class WantedOrder:
    """An order as it must stand in AFAS, as far as it does not depend on its customer's numbers.

    Attributes:
        header: Our name -> value.
        lines: With the rounding line, if one is needed.
        total: Including VAT, as the shop states it.
        rounding: Amount on the rounding line.
        predicted: AFAS's totals of these lines.
        rounding_groups: VAT tariff groups that a rounding line may stand on, the preferred one first.
        unfit: Why lines can't be booked on the articles that they name.
        extra: AFAS field code -> text, from extra values of the record.
        facts: What is compared as text under the names of `hashes`.
    """

    header: Mapping[str, Value]
    lines: Sequence[WantedLine]
    total: Decimal
    rounding: Decimal
    predicted: Prediction
    rounding_groups: Sequence[RoundingGroup]
    unfit: Sequence[Hold]
    extra: Mapping[str, str]
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Booked:
    """An order as AFAS holds it. ``earlier``: found under a reference of an earlier coupling."""

    number: str
    row: Mapping[str, Any]
    lines: Sequence[BookedLine] = ()
    earlier: bool = False
    type: DocumentType = ORDER

    @property
    def status(self) -> str:
        """Status code, in capitals."""
        return str(self.row.get("StatusCode") or "").upper()


@dataclass
class OrderJob:
    """One order on its way: what is known about it, and what its customer turned out to be.

    ``notes`` say which fields are cut or left out.
    """

    order: Order
    reference: str = ""
    wanted: WantedOrder | None = None
    problem: Hold | None = None
    default_debtor: str | None = None
    debtor: str | None = None
    contact: int | None = None
    address: int | None = None
    address_note: str | None = None
    customer_problem: Hold | None = None
    address_problem: Hold | None = None
    earlier_references: Sequence[str] = ()
    type: DocumentType = ORDER
    notes: list[str] = field(default_factory=list)

    @property
    def cancelled(self) -> bool:
        """Whether the shop cancelled the whole order."""
        return self.order.lifecycle.value is Lifecycle.CANCELLED or self.order.cancel_state.value is Progress.COMPLETE


@dataclass(frozen=True, slots=True)
class OrderChange:
    """The diff of an `Update`: header fields (AFAS codes) and lines, or one of the reactions to a cancellation."""

    header: Mapping[str, Value] = field(default_factory=dict)
    lines: Sequence[LineChange] = ()
    reaction: str = ""
    lines_ours: bool = True


def make_order(order: Order, settings: Settings, *, private: bool = False, kind: DocumentType = ORDER) -> WantedOrder:
    """Turn an order into what must stand in AFAS, all but type and unit of its articles (`resolve_items`).

    Args:
        order: The order.
        settings: All settings.
        private: It goes to a default debtor.
        kind: What it becomes in AFAS.

    Raises:
        CannotLoad: Something about it is missing, unmapped, or does not add up.
        ConfigurationError: A table that is set to `fail` lacks an entry.
    """
    if order.kind not in KINDS:
        raise CannotLoad("kind_not_supported", order.kind.value)
    own, facts, date = settings.orders, facts_of(order), document_date(order)
    maker = LineMaker(order, facts, date, own)
    lines = list(maker.lines)
    rounding = difference(lines, order.totals, order.price_basis, own.vat_rounding)
    check_cap(rounding, own.max_rounding, "totals_differ")
    total = cents(order.totals.incl or Decimal(0))
    groups = rounding_groups(maker, order, settings)
    amount = Decimal(0)
    if rounding:
        costs = own.items
        fitting = rounding_that_fits(lines, total, order.price_basis, own.vat_rounding, groups)
        if fitting is None:
            raise CannotLoad("totals_differ", format(rounding, "f"))
        amount = fitting[0]
        lines.append(rounding_line(amount, costs.of("rounding"), costs.item_type, costs.unit, fitting[1]))
    header = {
        name: value
        for name, value in make_header(order, facts, maker.duty, settings, private=private).items()
        if name not in kind.without
    }
    extra = {
        code: str(value.value)
        for name, code in own.header_fields.items()
        if (value := order.extra.get(name)) is not None and value.value is not None
    }
    if private and own.default_debtor_address == "fields":
        extra |= private_fields(order, dict(own.default_debtor_fields.items()))
    # ***** lets AFAS choose, and what it chose is no difference.
    compared = {
        name: compared_text(name, value) for name, value in header.items() if HEADER[name].tracked and value != "*****"
    }
    compared |= {
        "lines": canonical(maker.lines, own.sku_separator),
        "total": plain_text(total),
        "blocked": "false",
        "customer": f"{order.buyer.kind.value}:{normal_email(order.buyer.email)}",
        "ship_to": place_of(order),
    }
    compared |= {f"extra.{code}": text for code, text in extra.items()}
    compared |= facts_of_type(kind)
    return WantedOrder(
        header=header,
        lines=lines,
        total=total,
        rounding=amount,
        predicted=predict(lines, order.price_basis, own.vat_rounding),
        rounding_groups=groups,
        unfit=(),
        extra=extra,
        facts=compared,
    )


def resolve_items(wanted: WantedOrder, items: Items) -> WantedOrder:
    """The same with what AFAS says of its articles; those that can't be booked become `unfit`."""
    lines, unfit = with_items(wanted.lines, items)
    return replace(wanted, lines=lines, unfit=unfit)


def rounding_groups(maker: LineMaker, order: Order, settings: Settings) -> list[RoundingGroup]:
    """VAT tariff groups that the rounding line may stand on: 0 % under the order's duty, else those of its lines."""
    if settings.orders.items.rounding_group is not None:
        return [RoundingGroup(settings.orders.items.rounding_group, Decimal(0))]
    groups = []
    with suppress(CannotLoad):
        found = settings.orders.vat.find(maker.facts, Decimal(0), "zero", document_date(order))
        if found.duty == maker.duty and not found.percent:
            groups.append(RoundingGroup(found.group, found.percent))
    taxed = {line.group: line.percent for line in maker.lines if line.group is not None}
    return groups + [
        RoundingGroup(group, percent) for group, percent in sorted(taxed.items(), key=lambda pair: pair[1])
    ]


def place_of(order: Order) -> str:
    """The place it is delivered to, as a fingerprint of what the shop says."""
    party = order.ship_to or order.bill_to or order.buyer
    where = party.address
    if where is None:
        return ""
    street = where.street or (where.lines[0] if where.lines else None)
    return fingerprint(
        street, where.house_number, where.house_number_addition, where.postal_code, where.city, where.country
    )


def compared_facts(job: OrderJob, settings: Settings) -> dict[str, str]:
    """What is compared of an order; a cancelled one differs from itself only where it is left blocked in AFAS."""
    if job.wanted is None:
        return {"problem": job.problem.reason if job.problem else "", **facts_of_type(job.type)}
    if not job.cancelled:
        return dict(job.wanted.facts)
    if settings.orders.on_cancel == "block":
        return {**job.wanted.facts, "blocked": "true"}
    return {"cancelled": settings.orders.on_cancel, **facts_of_type(job.type)}


def hashes_of(facts: Mapping[str, str], hasher: Hasher) -> dict[str, str]:
    """Salted hashes of compared values: the base of later merges."""
    return {name: hasher(text) for name, text in facts.items()}


def booked_facts(booked: Booked, wanted: WantedOrder, settings: OrderSettings) -> dict[str, str]:
    """The same facts as AFAS holds them, as far as they can be read back."""
    facts = {name: row_text(name, booked.row) for name, spec in HEADER.items() if spec.tracked and name in wanted.facts}
    rounding = (settings.items.rounding or "").upper()
    lines = (line for line in booked.lines if line.item.upper() != rounding)
    facts["lines"] = canonical(lines, settings.sku_separator)
    facts["total"] = plain_text(cents(Decimal(str(booked.row.get("AmountIncl") or 0))))
    facts["blocked"] = row_text("blocked", booked.row) or "false"
    facts |= facts_of_type(booked.type)
    return facts


class OrderPlanner:
    """Decides what must happen to an order. Pure: settings and a hash function, no I/O."""

    def __init__(self, settings: Settings, hasher: Hasher) -> None:
        self.settings, self.hasher = settings, hasher

    def plan(
        self,
        job: OrderJob,
        hashes: Mapping[str, str],
        booked: Booked | None,
        applied: Applied | None,
        *,
        released: bool = False,
    ) -> Plan:
        """What to do about one order.

        Args:
            job: The order, and its customer if one was needed.
            hashes: Hashes of what the shop says.
            booked: What AFAS holds under its reference.
            applied: What we wrote last.
            released: A person wants differences overwritten.
        """
        if booked is not None and booked.earlier:
            return Skip("booked_by_earlier_coupling")
        if booked is None:
            return self._new(job)
        if booked.type is not job.type:
            return Hold("other_document_type", booked.number)
        if job.cancelled:
            return self._cancelled(booked)
        if self.settings.orders.on_existing == "skip":
            return Skip("order_exists")
        if job.problem is not None or job.wanted is None:
            return job.problem or Hold("bad_record")
        return self._existing(job, job.wanted, hashes, booked, applied, released=released)

    def _new(self, job: OrderJob) -> Plan:
        if job.cancelled:
            return Skip("cancelled_before_booking")
        if job.problem is not None or job.wanted is None:
            return job.problem or Hold("bad_record")
        if job.wanted.unfit:
            return job.wanted.unfit[0]
        if job.customer_problem is not None:
            return job.customer_problem
        if job.address_problem is not None:
            return job.address_problem
        if not job.debtor:
            return Hold("no_relation")
        return Create()

    def _cancelled(self, booked: Booked) -> Plan:
        own = self.settings.orders
        blocked = bool(booked.row.get("Blocked"))
        if booked.status == "S" or (blocked and own.on_cancel in {"block", "hold"}):
            return Skip("already_cancelled", same=True)
        if booked.type.final:
            return Hold("direct_invoice_cancelled", booked.number)
        if booked.status not in own.open_statuses:
            return Hold("cancelled_after_delivery", booked.number)
        if own.on_cancel == "hold":
            return Hold("order_cancelled", booked.number)
        return Update(booked.number, OrderChange(reaction=own.on_cancel))

    def _existing(
        self,
        job: OrderJob,
        wanted: WantedOrder,
        hashes: Mapping[str, str],
        booked: Booked,
        applied: Applied | None,
        *,
        released: bool,
    ) -> Plan:
        own = self.settings.orders
        base = applied.hashes if applied else None
        there = hashes_of(booked_facts(booked, wanted, own), self.hasher)
        known = base if base is not None else hashes
        target = {name: there.get(name, known.get(name, "")) for name in hashes}
        merge = three_way(base, hashes, target)
        change = set(merge.apply)
        if merge.conflicts and released:
            change |= merge.conflicts
        elif merge.conflicts:
            names = ", ".join(sorted(merge.conflicts))
            return Hold("differs_from_afas" if base is None else "changed_on_both_sides", names)
        if not change:
            return Skip("kept") if merge.keep else Skip("same_in_afas", same=True)
        return self._change(job, wanted, booked, change, merge.keep, released=released)

    def _change(
        self,
        job: OrderJob,
        wanted: WantedOrder,
        booked: Booked,
        change: set[str],
        keep: frozenset[str],
        *,
        released: bool,
    ) -> Plan:
        own = self.settings.orders
        if own.on_existing == "hold" and not released:
            return Hold("order_exists", ", ".join(sorted(change)))
        if booked.type.final:
            return Hold("direct_invoice_changed", ", ".join(sorted(change)))
        refused = {name for name in change if name == "customer" or (name in HEADER and not HEADER[name].changeable)}
        if refused and own.cannot_change == "hold" and not released:
            return Hold("cannot_change_field", ", ".join(sorted(refused)))
        change -= refused
        if not change:
            return Skip("same_in_afas", same=True)
        if booked.status not in own.open_statuses:
            return Hold("order_delivered", booked.number)
        header: dict[str, Value] = {
            HEADER[name].code: wanted.header.get(name, False if name == "blocked" else "")
            for name in change
            if name in HEADER
        }
        header |= {code: text for code, text in wanted.extra.items() if f"extra.{code}" in change}
        if "ship_to" in change:
            if job.address_problem is not None:
                return job.address_problem
            header |= address_fields(job)
        lines: list[LineChange] = []
        if change & {"lines", "total"}:
            if wanted.unfit:
                return wanted.unfit[0]
            lines = diff_lines(wanted.lines, booked.lines)
        if not header and not lines:
            return Skip("same_in_afas", same=True)
        ours = not keep & {"lines", "total"}
        return Update(booked.number, OrderChange(header, lines, lines_ours=ours))


def address_fields(job: OrderJob) -> dict[str, Value]:
    """Header fields of the delivery address."""
    fields: dict[str, Value] = {}
    if job.address is not None:
        fields[HEADER["address"].code] = job.address
        if job.address_note:
            fields[HEADER["address_note"].code] = job.address_note
    return fields


def fix_rounding(job: OrderJob, booked: Booked, incl: Decimal, settings: Settings) -> OrderChange | Hold:
    """What to do when AFAS's total, read back, is not the shop's.

    Args:
        job: The order.
        booked: Its lines as read back.
        incl: AFAS's total including VAT.
        settings: Cap and rounding item.

    Returns:
        The change of the rounding line that makes the totals equal, or a hold when it would exceed the cap, or the
        document is one that is not changed any more.
    """
    wanted = job.wanted
    if wanted is None:
        return Hold("bad_record")
    costs = settings.orders.items
    code = (costs.rounding or "").upper()
    mine = [line for line in booked.lines if line.item.upper() == code] if code else []
    there = sum((line.incl for line in mine), Decimal(0))
    off = wanted.total - incl
    groups = wanted.rounding_groups
    if job.type.final or abs(there + off) > settings.orders.max_rounding or not code or not groups:
        return Hold("total_differs_in_afas", format(cents(off), "f"))
    amount = there + off
    goal = [rounding_line(amount, costs.of("rounding"), costs.item_type, costs.unit, groups[0])] if amount else []
    return OrderChange(lines=diff_lines(goal, mine))


def basis_problem(job: OrderJob, incl_vat: bool | None, debtor: str, setting: str) -> Hold | None:
    """A debtor whose prices include VAT while the order's do not, or the reverse (P5)."""
    if setting == "send" or incl_vat is None or incl_vat == (job.order.price_basis is Basis.INCL):
        return None
    return Hold("price_basis_mismatch", debtor)
