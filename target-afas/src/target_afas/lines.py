"""From the lines of an order to the lines of an AFAS sales order. Pure.

Each kind of cost stands on its own item code, each line carries its VAT tariff group, and each unit price reproduces
the source's line total to the cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from commerce.models import Basis, Line, LineKind, Order
from target_afas.limits import fit
from target_afas.money import cents, line_amount, plain, shares, unit_price
from target_afas.reasons import CannotLoad
from upsert.model import Hold

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from target_afas.rules import Facts, VatChoice
    from target_afas.settings import OrderSettings

ITEMS = frozenset({LineKind.ITEM, LineKind.BUNDLE, LineKind.BUNDLE_PART, LineKind.OPTION})
"""Kinds of line that name an article of their own; all others go on a cost item, unless they carry a SKU."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item of AFAS, or a variant of one, as the connectors tell.

    Attributes:
        item_type: Its type, as a number.
        code: Its code.
        unit: Its unit; none lets AFAS take the item's own.
        blocked: It can't be sold.
        dim1: First dimension code of a variant.
        dim2: Second one.
        problem: Reason code of why no line can be booked on it.
    """

    item_type: str
    code: str
    unit: str | None
    blocked: bool = False
    dim1: str = ""
    dim2: str = ""
    problem: str = ""


Items = Mapping[str, Item]
"""Item code, or SKU of a variant, in capitals -> item. Codes are compared without case, as AFAS does."""


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A line as it must stand in AFAS. ``amount`` is in the order's price basis, ``percent`` is AFAS's VAT."""

    role: str
    item_type: str
    item: str
    unit: str | None
    quantity: Decimal
    price: Decimal
    group: str | None
    percent: Decimal
    amount: Decimal
    description: str | None = None
    warehouse: str | None = None
    remark: str | None = None
    delivery_date: dt.date | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    dim1: str = ""
    dim2: str = ""


def item_code(line: Line, settings: OrderSettings) -> str | None:
    """The AFAS item code that a line names: its SKU (or other part, by setting), through the table `item_codes`.

    Raises:
        CannotLoad: It is longer than AFAS holds.
    """
    if line.item is None:
        return None
    code = {"sku": line.item.sku, "code": line.item.code, "gtin": line.item.gtin}[settings.item_code_from]
    return fit(settings.item_codes.get(code, code), "ItCd", cut=False) if code else None


def names_item(line: Line, settings: OrderSettings) -> bool:
    """Whether a line is booked on an article, rather than on a cost item."""
    return line.kind in ITEMS or (line.kind in {LineKind.SERVICE, LineKind.DEPOSIT} and bool(item_code(line, settings)))


def item_codes(order: Order, settings: OrderSettings) -> set[str]:
    """All article codes an order needs, for the look-up of a whole batch."""
    return {code for line in order.lines if names_item(line, settings) and (code := item_code(line, settings))}


def with_items(lines: Sequence[WantedLine], items: Items) -> tuple[list[WantedLine], list[Hold]]:
    """The lines with type, unit and exact code of their articles, and the dimension codes of variants.

    Returns:
        The lines, and why some of them can't be booked: codes that AFAS doesn't have, has blocked, or has in a way
        that does not tell which article is meant.
    """
    done: list[WantedLine] = []
    unfit: list[Hold] = []
    for line in lines:
        if line.item_type:
            done.append(line)
            continue
        item = items.get(line.item.upper())
        if item is None or item.blocked:
            unfit.append(Hold("unknown_item", line.item))
        elif item.problem:
            unfit.append(Hold(item.problem, line.item))
        done.append(_on(line, item) if item else line)
    return done, unfit


def _on(line: WantedLine, item: Item) -> WantedLine:
    return replace(line, item_type=item.item_type, item=item.code, unit=item.unit, dim1=item.dim1, dim2=item.dim2)


def stated_total(line: Line, basis: Basis) -> Decimal:
    """The line's total in the order's basis, as the source states it.

    Raises:
        CannotLoad: The source states it neither directly nor through unit price or VAT amount.
    """
    total = line.total_incl if basis is Basis.INCL else line.total_excl
    if total is not None:
        return total
    if line.unit_price is not None and line.unit_price.basis is basis:
        return line.unit_price.amount * line.quantity
    if line.vat.amount is not None:
        if basis is Basis.INCL and line.total_excl is not None:
            return line.total_excl + line.vat.amount
        if basis is Basis.EXCL and line.total_incl is not None:
            return line.total_incl - line.vat.amount
    raise CannotLoad("no_line_total", str(line.position))


def _discounts(line: Line, basis: Basis) -> Decimal:
    """What came off a line by its own discounts, as far as stated in the order's basis."""
    return sum(
        (one.amount for one in line.discounts if one.level == "line" and one.amount and one.basis in {None, basis}),
        Decimal(0),
    )


class LineMaker:
    """Makes the AFAS lines of one order: `lines`, and the `duty` they agree on.

    Articles come without type and unit: those stand in AFAS, see `with_items`.
    """

    def __init__(self, order: Order, facts: Facts, date: dt.date, settings: OrderSettings) -> None:
        self.order, self.facts, self.date, self.settings = order, facts, date, settings
        self.duty: str | None = None
        self.lines: list[WantedLine] = []
        self._make()

    def vat(self, line: Line) -> VatChoice:
        """Duty and group of a line; remembers the duty."""
        facts = replace(self.facts, country=line.vat.country) if line.vat.country else self.facts
        choice = self.settings.vat.find(facts, line.vat.rate, line.vat.category.value, self.date)
        if self.duty is not None and self.duty != choice.duty:
            raise CannotLoad("mixed_vat_duty", f"{self.duty}/{choice.duty}")
        self.duty = choice.duty
        return choice

    def _make(self) -> None:
        bundles = {line.key for line in self.order.lines if line.kind is LineKind.BUNDLE}
        for line in self.order.lines:
            if line.kind is LineKind.TEXT:
                self._text(line)
            elif line.kind is LineKind.BUNDLE_PART and line.parent_key in bundles and not (line.total_incl or 0):
                continue  # AFAS explodes a composition itself
            elif names_item(line, self.settings):
                self._item(line)
            else:
                self._cost(line)
        if not any(line.kind is LineKind.DISCOUNT for line in self.order.lines):
            self._document_discounts()
        if not self.lines:
            raise CannotLoad("no_lines")

    def _text(self, line: Line) -> None:
        code = self.settings.items.text
        if code is None:
            return
        text = line.description or line.remark
        self.lines.append(
            WantedLine(
                role="text",
                item_type=self.settings.items.text_type,
                item=code,
                unit=None,
                quantity=Decimal(1),
                price=Decimal(0),
                group=None,
                percent=Decimal(0),
                amount=Decimal(0),
                description=fit(text, "Ds", self.settings.cut_texts),
                remark=None,
            )
        )

    def _item(self, line: Line) -> None:
        code = item_code(line, self.settings)
        if not code:
            raise CannotLoad("no_item_code", str(line.position))
        total = stated_total(line, self.order.price_basis)
        off = _discounts(line, self.order.price_basis) if self.settings.line_discount == "item" else Decimal(0)
        self._add(line, Item("", code, None), line.quantity, total + off)
        if off:
            self._add_cost(line, "discount", -off, f"{line.description or ''}".strip() or None)

    def _cost(self, line: Line) -> None:
        total = cents(stated_total(line, self.order.price_basis))
        free = line.kind is LineKind.SHIPPING and self.settings.free_shipping == "line"
        if total or free:
            self._add_cost(line, line.kind.value, total, line.description)

    def _add_cost(self, line: Line, role: str, total: Decimal, description: str | None) -> None:
        """A cost line of one piece; a negative amount is a negative quantity, which AFAS documents as credit line."""
        code = self.settings.items.of(role)
        quantity = Decimal(-1) if total < 0 else Decimal(1)
        costs = self.settings.items
        self._add(line, Item(costs.item_type, code, costs.unit), quantity, total, role=role, description=description)

    def _add(
        self,
        line: Line,
        on: Item,
        quantity: Decimal,
        total: Decimal,
        *,
        role: str = "item",
        description: str | None = None,
    ) -> None:
        if not quantity and not total:
            return  # what the shop took off the order has no part in its VAT duty either
        choice = self.vat(line)
        price = unit_price(total, quantity)
        source_text = self.settings.line_text == "source" or role != "item"
        text = description if role != "item" else line.description
        location = line.location.code or line.location.name if line.location else None
        extra = (
            {
                code: str(value.value)
                for name, code in self.settings.line_fields.items()
                if (value := line.extra.get(name)) is not None and value.value is not None
            }
            if role == "item"
            else {}
        )
        self.lines.append(
            WantedLine(
                role=role,
                item_type=on.item_type,
                item=on.code,
                unit=on.unit,
                quantity=plain(quantity),
                price=price,
                group=choice.group,
                percent=choice.percent,
                amount=line_amount(quantity, price),
                description=fit(text, "Ds", self.settings.cut_texts) if source_text else None,
                warehouse=self.settings.warehouses.look_up(location, reason="unmapped_warehouse", table="warehouses")
                if location
                else None,
                remark=fit(line.remark, "line Re", self.settings.cut_texts) if role == "item" else None,
                delivery_date=line.requested_delivery_date if role == "item" else None,
                extra=extra,
            )
        )

    def _document_discounts(self) -> None:
        """Discounts stated on the document only: split over the VAT groups of the goods, exact to the cent (B11)."""
        off = sum(
            (discount.amount for discount in self.order.discounts if discount.level == "document" and discount.amount),
            Decimal(0),
        )
        goods = [line for line in self.lines if line.role == "item" and line.amount > 0]
        if not off or not goods:
            return
        titles = {discount.title or discount.code for discount in self.order.discounts if discount.level == "document"}
        title = ", ".join(sorted(name for name in titles if name)) or None
        groups: dict[str | None, list[WantedLine]] = {}
        for line in goods:
            groups.setdefault(line.group, []).append(line)
        weights = [sum((line.amount for line in group), Decimal(0)) for group in groups.values()]
        code, costs = self.settings.items.of("discount"), self.settings.items
        for group, part in zip(groups.values(), shares(off, weights), strict=True):
            if part:
                quantity = Decimal(-1) if part > 0 else Decimal(1)
                self.lines.append(
                    WantedLine(
                        role="discount",
                        item_type=costs.item_type,
                        item=code,
                        unit=costs.unit,
                        quantity=quantity,
                        price=plain(abs(part)),
                        group=group[0].group,
                        percent=group[0].percent,
                        amount=-part,
                        description=fit(title, "Ds", self.settings.cut_texts),
                    )
                )
