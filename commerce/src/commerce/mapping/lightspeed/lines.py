"""The lines of an order: items, order discount per VAT rate, shipping and payment costs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from commerce.errors import MappingError
from commerce.mapping.lightspeed.amounts import Piece, Reading, Stated, piece, read_amounts, stated_discount
from commerce.mapping.lightspeed.reading import Record, amount, child, children, identifiers, number, text
from commerce.mapping.lightspeed.splitting import shares, shipping_parts
from commerce.mapping.lightspeed.vat import Regime, Row, Tax, line_vat, rows, tax_of
from commerce.models import Basis, Discount, Extra, Line, LineKind, Price, Ref
from commerce.money import CENT, NOTHING, ZERO, Amount, cents

if TYPE_CHECKING:
    from commerce.mapping.lightspeed.options import Options

_ONE = Decimal(1)
_TEN_DECIMALS = Decimal("1e-10")


class Figures(NamedTuple):
    """All amounts of an order, read and decided on."""

    order: Amount
    shipping: Amount
    payment: Amount
    pieces: list[Piece]
    reading: Reading
    stated: Stated
    goods_taxes: list[Row]
    shipping_taxes: list[Row]
    payment_taxes: list[Row]


def figures(record: Record, options: Options) -> Figures:
    """Read the amounts of an order and decide what they mean.

    Raises:
        MappingError: When a figure is missing or can't be read, when the lines were not read, or when the amounts do
            not add up.
    """
    for field in ("priceExcl", "priceIncl"):
        if number(record, field) is None:
            raise MappingError("missing_value", field)
    if record.get("products") is None:
        # Absent lines are no order without lines: the tap could not read them.
        raise MappingError("lines_missing", "products")
    pieces = [piece(line, f"products.{index}.") for index, line in enumerate(children(record, "products"))]
    seen: set[str] = set()
    for one in pieces:
        if one.key in seen:
            raise MappingError("duplicate_line", f"{one.path}id")
        seen.add(one.key)
    ordered, shipping, payment = (amount(record, name) for name in ("price", "shipmentPrice", "paymentPrice"))
    stated = stated_discount(record)
    return Figures(
        order=ordered,
        shipping=shipping,
        payment=payment,
        pieces=pieces,
        reading=read_amounts(pieces, ordered.minus(shipping).minus(payment), stated, options),
        stated=stated,
        goods_taxes=rows(record, "taxRates"),
        shipping_taxes=rows(record, "shipmentTaxRates"),
        payment_taxes=rows(record, "paymentTaxRates"),
    )


def lines(record: Record, found: Figures, under: Regime, options: Options) -> list[Line]:
    """All lines of the order: items, discount, shipping, payment costs."""
    maker = _Maker(record, found, under, options)
    maker.items()
    maker.discount()
    maker.shipping()
    maker.payment_cost()
    return maker.made


class _Maker:
    """Makes the lines of one order, one kind after the other."""

    def __init__(self, record: Record, found: Figures, under: Regime, options: Options) -> None:
        self.made: list[Line] = []
        self._record, self._found, self._under, self._options = record, found, under, options
        self._basis = options.price_basis
        self._keys: set[str] = set()

    def items(self) -> None:
        """One line per order line of the shop."""
        sources = children(self._record, "products")
        for one, whole, source in zip(self._found.pieces, self._found.reading.totals, sources, strict=True):
            self._item(one, whole, source)

    def discount(self) -> None:
        """The order discount as negative lines, one per VAT rate, adding up exactly to what came off."""
        taken = self._found.reading.discount
        if taken is None:
            return
        coupon = text(self._record, "discountCouponCode")
        by_percent = self._record.get("discountType") == "percentage"
        kind: Literal["coupon", "percent", "amount"] = "coupon" if coupon else "percent" if by_percent else "amount"
        more: dict[str, Any] = {"code": coupon} if coupon else {}
        if by_percent and self._found.stated.fraction:
            more["percent"] = self._found.stated.fraction * 100
        by_tax: dict[Tax, list[Amount]] = {}
        for one, whole in zip(self._found.pieces, self._found.reading.totals, strict=True):
            by_tax.setdefault(one.tax, []).append(whole)
        goods = self._found.order.minus(self._found.shipping).minus(self._found.payment)
        for tax, share in shares(by_tax, goods, self._found.goods_taxes, taken):
            if share != NOTHING:
                stated = Discount(level="document", kind=kind, amount=share.on(self._basis), basis=self._basis, **more)
                key = self._key("discount", tax)
                self._cost(key, LineKind.DISCOUNT, tax, share.times(-_ONE), description=coupon, discounts=[stated])

    def shipping(self) -> None:
        """The shipping costs after their own discount; zero when shipping is free, so that the target decides."""
        whole = self._found.shipping
        if text(self._record, "shipmentId") is None and whole == NOTHING:
            return
        tax = tax_of(self._record, "shipmentTaxRate", "shipmentTaxRates")
        parts = shipping_parts(whole, self._found.shipping_taxes, tax)
        off = abs(self._found.stated.shipping.on(self._basis))
        more: dict[str, Any] = {"description": text(self._record, "shipmentTitle")}
        if off:
            more["discounts"] = [Discount(level="shipping", kind="other", amount=off, basis=self._basis)]
        for tax, share in parts:
            key = "shipping" if len(parts) == 1 else self._key("shipping", tax)
            self._cost(key, LineKind.SHIPPING, tax, share, **more)
            more.pop("discounts", None)

    def payment_cost(self) -> None:
        """The surcharge of the payment method, when there is one."""
        if self._found.payment != NOTHING:
            tax = tax_of(self._record, "paymentTaxRate", "paymentTaxRates")
            title = text(self._record, "paymentTitle")
            self._cost("payment", LineKind.PAYMENT_COST, tax, self._found.payment, description=title)

    def _item(self, one: Piece, whole: Amount, source: Record) -> None:
        path, basis = one.path, self._basis
        sku, code = text(source, "sku", path), text(source, "articleCode", path)
        title, variant = text(source, "productTitle", path), text(source, "variantTitle", path)
        wrap = any(value is not None and value.casefold() in self._options.gift_wrap for value in (sku, code))
        ids = identifiers(
            self._record,
            variant_id=child(source, "variant").get("id"),
            product_id=child(source, "product").get("id"),
        )
        fields: dict[str, Any] = {
            "key": one.key,
            "position": len(self.made) + 1,
            "kind": LineKind.GIFT_WRAP if wrap else LineKind.ITEM,
            "item": Ref(sku=sku, code=code, gtin=text(source, "ean", path), name=title, ids=ids),
            "description": " - ".join(part for part in (title, variant) if part) or None,
            "quantity": one.quantity,
            "unit_price": Price(amount=per_piece(whole.on(basis), one.quantity), basis=basis),
            "vat": line_vat(one.tax, self._under, whole.incl - whole.excl),
            "total_excl": whole.excl,
            "total_incl": whole.incl,
        }
        before, off = line_discount(one, whole, basis, unit=self._found.reading.unit)
        if before:
            fields["list_price"] = Price(amount=per_piece(before, one.quantity), basis=basis)
        if off:
            fields["discounts"] = [Discount(level="line", kind="amount", amount=off, basis=basis)]
        if cost := number(source, "priceCost", path):
            fields["cost_price"] = cost
        for field, contract in (("quantityRefunded", "quantity_refunded"), ("quantityReturned", "quantity_returned")):
            if (quantity := number(source, field, path)) is not None:
                fields[contract] = quantity
        if custom := custom_fields(source, path):
            fields["remark"] = "\n".join(f"{name}: {value}" if name else value for name, value in custom)
            fields["extra"] = {
                f"custom_field_{index}": Extra(type="string", value=value) for index, (_, value) in enumerate(custom, 1)
            }
        self.made.append(Line(**fields))

    def _cost(self, key: str, kind: LineKind, tax: Tax, whole: Amount, **fields: Any) -> None:
        """Add a line that is no item."""
        line = Line(
            key=key,
            position=len(self.made) + 1,
            kind=kind,
            quantity=_ONE,
            unit_price=Price(amount=whole.on(self._basis), basis=self._basis),
            vat=line_vat(tax, self._under, whole.incl - whole.excl),
            total_excl=whole.excl,
            total_incl=whole.incl,
            **fields,
        )
        self.made.append(line)

    def _key(self, kind: str, tax: Tax) -> str:
        """A line key that stays the same as long as the rates do: ``discount:21``."""
        key = f"{kind}:{'?' if tax.rate is None else format(tax.rate, 'f')}"
        while key in self._keys:
            key += "+"
        self._keys.add(key)
        return key


def per_piece(whole: Decimal, quantity: Decimal) -> Decimal:
    """The price of one piece, exact or to ten decimals; of a line without quantity the total."""
    if quantity in {ZERO, _ONE}:
        return whole
    price = (whole / quantity).quantize(_TEN_DECIMALS).normalize()
    return cents(price) if cents(price) == price else price


def line_discount(one: Piece, whole: Amount, basis: Basis, *, unit: bool) -> tuple[Decimal | None, Decimal | None]:
    """The line's total before its own discount, and the discount; each None when it is not stated.

    The API does not say whether base price and discount are per piece, so the pair that explains the total is taken.
    """
    off, base, after = one.discount.on(basis), one.base.on(basis), whole.on(basis)
    if not base and not off:
        return None, None
    close = CENT * max(_ONE, abs(one.quantity))
    for bases, offs in ((one.quantity, one.quantity), (one.quantity, _ONE), (_ONE, _ONE)):
        if abs(base * bases - off * offs - after) <= close:
            return base * bases or None, off * offs or None
    return None, off * (one.quantity if unit else _ONE) or None


def custom_fields(source: Record, path: str) -> list[tuple[str | None, str]]:
    """What the customer filled in (``[{id, title, values: [{value}]}]``): name and text of each field."""
    found = []
    for index, field in enumerate(children(source, "customFields", path)):
        inner = f"{path}customFields.{index}."
        values = [
            value
            for place, one in enumerate(children(field, "values", inner))
            if (value := text(one, "value", f"{inner}values.{place}.")) is not None
        ]
        if values:
            found.append((text(field, "title", inner) or text(field, "name", inner), ", ".join(values)))
    return found
