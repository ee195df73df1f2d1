"""Orders of every kind."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from commerce.errors import MappingError
from commerce.mapping.lightspeed import Options, order
from commerce.models import Line, LineKind, Order, VatCategory, VatTreatment

D = Decimal
INCL, EXCL = Options(), Options(price_basis="excl")


def of(found: Order, kind: LineKind) -> list[Line]:
    return [line for line in found.lines if line.kind is kind]


def sums(found: Order) -> tuple[Decimal, Decimal]:
    """What all lines come to, excluding and including VAT."""
    return (
        sum((line.total_excl for line in found.lines if line.total_excl is not None), D(0)),
        sum((line.total_incl for line in found.lines if line.total_incl is not None), D(0)),
    )


def error(record: dict[str, Any], options: Options = INCL) -> str:
    with pytest.raises(MappingError) as found:
        order(record, options)
    return str(found.value)


def test_a_plain_order(shop: Any) -> None:
    """One line with shipping: identity, dates, states, amounts and codes, as the contract wants them."""
    made = order(shop.order(shop.line(1, "12.10", quantity="2"), shipping="4.95"), INCL)
    assert made.key == "lightspeed.shop1:123"
    assert (made.number, made.kind, made.currency, made.price_basis) == ("ORD00123", "order", "EUR", "incl")
    assert made.placed_at == dt.datetime(2026, 3, 28, 23, 30, tzinfo=dt.UTC)
    assert made.document_date == dt.date(2026, 3, 29), "the calendar day is that of Amsterdam"
    assert made.changed_at == dt.datetime(2026, 3, 29, 8, tzinfo=dt.UTC)
    assert (made.totals.excl, made.totals.incl) == (D("24.09"), D("29.15"))
    item, sent = made.lines
    assert (item.key, item.position, item.quantity) == ("1", 1, D(2))
    assert (item.total_excl, item.total_incl) == (D("20.00"), D("24.20"))
    assert item.unit_price is not None
    assert item.unit_price.amount == D("12.10")
    assert item.item is not None
    assert (item.item.sku, item.item.code, item.item.gtin) == ("SKU-0001", "A-1", "8712345678906")
    assert {(one.kind, one.value) for one in item.item.ids} == {("variant_id", "2001"), ("product_id", "1001")}
    assert (item.vat.rate, item.vat.category, item.vat.country) == (D(21), VatCategory.STANDARD, "NL")
    assert (sent.key, sent.kind, sent.total_excl, sent.total_incl) == ("shipping", "shipping", D("4.09"), D("4.95"))
    assert made.payment_method is not None
    assert made.payment_method.code == "mollie:ideal"
    assert made.delivery is not None
    assert made.delivery.method is not None
    assert (made.delivery.method.code, made.delivery.method.title) == ("core:747283", "PostNL")
    assert made.vat_treatment is VatTreatment.DOMESTIC
    assert "secret" not in made.model_dump_json(), "tokens of the payment provider stay behind"


def test_three_rates(shop: Any) -> None:
    """Lines at 21, 9 and 0 % keep their rates; base and VAT per rate are those that the shop states."""
    lines = [shop.line(1, "12.10"), shop.line(2, "10.90", rate="0.09"), shop.line(3, "5.00", rate="0")]
    made = order(shop.order(*lines), INCL)
    assert [(one.rate, one.category, one.base, one.vat) for one in made.totals.per_vat] == [
        (D(21), VatCategory.STANDARD, D("10.00"), D("2.1")),
        (D(9), VatCategory.REDUCED, D("10.00"), D("0.9")),
        (D(0), VatCategory.ZERO, D("5.00"), D(0)),
    ]
    assert sums(made) == (made.totals.excl, made.totals.incl)


def test_excluding_vat(shops: Any) -> None:
    """A shop that enters prices excluding VAT keeps exact totals on that basis."""
    shop = shops("excl")
    made = order(shop.order(shop.line(1, "9.99", quantity="7"), shipping="5.00"), EXCL)
    assert made.price_basis == "excl"
    assert made.lines[0].total_excl == D("69.93")
    assert made.lines[0].total_incl == D("84.62"), "not seven times the rounded price of one"
    assert sums(made)[0] == made.totals.excl


@pytest.mark.parametrize("basis", ["incl", "excl"])
@pytest.mark.parametrize("line_price", ["unit", "total"])
def test_unit_price_or_line_total(shops: Any, basis: str, line_price: str) -> None:
    """The order's arithmetic tells whether line prices are per piece or per line; both give the same order."""
    shop = shops(basis, line_price)
    lines = [shop.line(1, "12.49", quantity="3"), shop.line(2, "3.33", rate="0.09", quantity="12", off="0.33")]
    made = order(shop.order(*lines, off="2.50", shipping="4.95"), Options(price_basis=basis))
    totals = [line.total_incl if basis == "incl" else line.total_excl for line in of(made, LineKind.ITEM)]
    assert totals == [D("37.47"), D("36.00")]
    assert [line.discounts[0].amount for line in of(made, LineKind.ITEM) if line.discounts] == [D("3.96")]
    assert sum(line.unit_price.amount for line in of(made, LineKind.DISCOUNT) if line.unit_price) == D("-2.50")


def test_the_option_overrides_the_arithmetic(shops: Any) -> None:
    """With line_price set, an order that fits only the other reading is held."""
    record = shops(line_price="total").order(shops(line_price="total").line(1, "5.00", quantity="2"))
    assert order(record, INCL).lines[0].total_incl == D("10.00")
    assert order(record, Options(line_price="total")).lines[0].total_incl == D("10.00")
    assert error(record, Options(line_price="unit")) == "amounts_do_not_add_up: products"


def test_half_off_two_pieces_is_no_riddle(shop: Any) -> None:
    """A coupon of half the order on two pieces fits both readings; the lines show no discount, so it is outside."""
    made = order(shop.order(shop.line(1, "10.00", quantity="2"), off="10.00"), INCL)
    assert of(made, LineKind.ITEM)[0].total_incl == D("20.00")
    assert of(made, LineKind.DISCOUNT)[0].total_incl == D("-10.00")


def test_two_readings_that_both_fit_are_held_until_the_option_decides(shop: Any) -> None:
    """Where lines show a discount of just that size, nothing tells the readings apart: hold, don't guess."""
    record = shop.order(shop.line(1, "10.00", quantity="2"), off="10.00")
    record["products"][0] |= {"basePriceIncl": D("20.00"), "basePriceExcl": D("16.53")}
    record["products"][0] |= {"discountIncl": D("10.00"), "discountExcl": D("8.26")}
    assert error(record) == "amounts_do_not_add_up: products"
    assert order(record, Options(line_price="unit")).lines[0].total_incl == D("20.00")
    assert order(record, Options(line_price="total")).lines[0].total_incl == D("10.00")


@pytest.mark.parametrize("miss", ["0.04", "-0.04"])
def test_decimals_that_do_not_add_up(shop: Any, miss: str) -> None:
    """Real orders miss their own sum by up to four cents: the stated totals stay, the lines are not bent to them."""
    made = order(shop.order(shop.line(1, "12.10"), shipping="4.95", miss=miss), INCL)
    assert made.totals.incl == D("17.05") + D(miss)
    assert sums(made)[1] == D("17.05")


@pytest.mark.parametrize("miss", ["0.20", "-0.20", "5"])
def test_amounts_that_contradict_each_other_are_held(shop: Any, miss: str) -> None:
    """A difference that neither rounding nor a discount explains is an error, named by code and field."""
    assert error(shop.order(shop.line(1, "12.10"), miss=miss)) == "amounts_do_not_add_up: products"


def test_coupon_over_two_rates(shop: Any) -> None:
    """An order discount becomes one negative line per rate, exact to the cent, with code and level beside it (B11)."""
    lines = [shop.line(1, "60.50"), shop.line(2, "39.50", rate="0.09")]
    made = order(shop.order(*lines, off="10.00", discountCouponCode="SPRING"), INCL)
    found = of(made, LineKind.DISCOUNT)
    assert [(line.key, line.vat.rate, line.total_incl) for line in found] == [
        ("discount:21", D(21), D("-6.05")),
        ("discount:9", D(9), D("-3.95")),
    ]
    assert {(one.level, one.kind, one.code, one.amount) for line in found for one in line.discounts} == {
        ("document", "coupon", "SPRING", D("6.05")),
        ("document", "coupon", "SPRING", D("3.95")),
    }
    assert made.discounts == [], "lines and document must not both carry it"


def test_percentage_discount(shop: Any) -> None:
    """A discount stated only as a fraction is found too."""
    record = shop.order(shop.line(1, "20.00"), off="2.00", discountType="percentage", discountAmount=0)
    discount = of(order(record, INCL), LineKind.DISCOUNT)[0]
    assert discount.total_incl == D("-2.00")
    assert (discount.discounts[0].kind, discount.discounts[0].percent) == ("percent", D(10))


def test_a_discount_that_lies_on_one_rate_only(shop: Any) -> None:
    """The stated taxes tell on which goods a discount lay; the split follows them, not the proportion."""
    lines = [shop.line(1, "60.50"), shop.line(2, "39.50", rate="0.09")]
    record = shop.order(*lines, discountAmount=D(10), isDiscounted=True)
    bare = D("50.5") / D("1.21") + D("39.5") / D("1.09")
    record |= {"priceIncl": D("90.00"), "priceExcl": round(bare, 2)}
    record["taxRates"][0]["amount"] = round(D("50.5") / D("1.21") * D("0.21"), 4)
    assert [(line.vat.rate, line.total_incl) for line in of(order(record, INCL), LineKind.DISCOUNT)] == [
        (D(21), D("-10.00"))
    ]


def test_a_discount_stated_on_the_other_basis(shops: Any) -> None:
    """A shop that enters prices excl. VAT states its discount excl.; seen incl., the split carries its VAT."""
    shop = shops("excl")
    made = order(shop.order(shop.line(1, "159.95", rate="0.05"), off="9.95"), INCL)
    discount = of(made, LineKind.DISCOUNT)[0]
    assert discount.total_excl == D("-9.95")
    assert discount.total_incl == D("-10.45")


def test_a_discount_inside_the_lines_is_not_taken_twice(shop: Any) -> None:
    """Where the lines already show the order discount, no line is added."""
    record = shop.order(shop.line(1, "20.00", off="2.00"), discountAmount=D(2), isDiscounted=True)
    made = order(record, INCL)
    assert of(made, LineKind.DISCOUNT) == []
    assert made.lines[0].total_incl == D("18.00")


def test_line_discount(shop: Any) -> None:
    """A line's own discount stands on the line; its total is after it, its list price before."""
    line = order(shop.order(shop.line(1, "4.95", quantity="2", off="0.50")), INCL).lines[0]
    assert line.total_incl == D("8.90")
    assert line.list_price is not None
    assert line.list_price.amount == D("4.95")
    assert [(one.level, one.amount) for one in line.discounts] == [("line", D("1.00"))]


def test_shipping_discount(shop: Any) -> None:
    """Shipping is booked after its own discount, which is named beside it."""
    more = {"shipmentDiscountIncl": D("1.00"), "shipmentDiscountExcl": D("0.83")}
    sent = of(order(shop.order(shop.line(1, "10.00"), shipping="3.95", **more), INCL), LineKind.SHIPPING)[0]
    assert sent.total_incl == D("3.95")
    assert [(one.level, one.amount) for one in sent.discounts] == [("shipping", D("1.00"))]


def test_free_shipping_gives_a_line_of_zero(shop: Any) -> None:
    """The target decides what a free shipment becomes; an order without shipment has no such line."""
    record = shop.order(shop.line(1, "10.00"))
    assert [line.total_incl for line in of(order(record, INCL), LineKind.SHIPPING)] == [D(0)]
    assert of(order({**record, "shipmentId": ""}, INCL), LineKind.SHIPPING) == []


def test_shipping_spread_over_the_rates(shop: Any) -> None:
    """Shipping taxed at several rates is split by them, exact on both bases (B12)."""
    record = shop.order(shop.line(1, "60.50"), shop.line(2, "39.50", rate="0.09"), shipping="6.00")
    bases = {D("0.21"): D("3.00"), D("0.09"): D("2.17")}
    excl = sum(bases.values())
    record |= {
        "priceExcl": record["priceExcl"] - record["shipmentPriceExcl"] + excl,
        "shipmentPriceExcl": excl,
        "shipmentTaxRates": [{"name": "BTW", "rate": rate, "amount": base * rate} for rate, base in bases.items()],
    }
    found = of(order(record, INCL), LineKind.SHIPPING)
    assert [(line.key, line.vat.rate, line.total_excl) for line in found] == [
        ("shipping:21", D(21), D("3.00")),
        ("shipping:9", D(9), D("2.17")),
    ]
    assert sum(line.total_incl for line in found if line.total_incl) == D("6.00")


def test_shipping_whose_rate_can_not_be_told(shop: Any) -> None:
    """Taxes that fit neither one base nor parts of it give no rate, and so no booking on a wrong one."""
    record = shop.order(shop.line(1, "60.50"), shipping="6.05")
    rows = [{"name": "A", "rate": D("0.21"), "amount": D("0.30")}, {"name": "B", "rate": D("0.09"), "amount": D("9")}]
    found = of(order({**record, "shipmentTaxRates": rows}, INCL), LineKind.SHIPPING)
    assert [(line.vat.rate, line.vat.category) for line in found] == [(None, VatCategory.UNKNOWN)]


def test_payment_cost_and_gift_wrap(shop: Any) -> None:
    """Payment costs and gift wrap are lines of their own kind, so that each can have its own item code (B13)."""
    made = order(
        shop.order(shop.line(1, "10.00"), shop.line(2, "2.50", sku="wrap-1"), cost="0.50"),
        Options(gift_wrap_skus=["WRAP-1"]),
    )
    assert [(line.kind, line.total_incl) for line in made.lines] == [
        (LineKind.ITEM, D("10.00")),
        (LineKind.GIFT_WRAP, D("2.50")),
        (LineKind.SHIPPING, D(0)),
        (LineKind.PAYMENT_COST, D("0.50")),
    ]


def test_gift_card_is_a_payment(shop: Any) -> None:
    """A gift card pays and leaves totals alone; its code is worth money and is not passed on (N21)."""
    cards = [{"code": "GIFT-9999", "amount": D("4.00")}]
    made = order(shop.order(shop.line(1, "10.00"), giftCardsPayment=cards), INCL)
    assert made.totals.incl == D("10.00")
    assert [(one.kind, one.amount) for one in made.payments] == [("gift_card", D("4.00")), ("payment", D("6.00"))]
    assert "GIFT-9999" not in made.model_dump_json()


def test_same_sku_twice_and_deleted_variant(shop: Any) -> None:
    """Lines are told apart by their own id, and one whose variant is gone keeps its codes."""
    lines = [shop.line(1, "10.00"), shop.line(2, "10.00", sku="SKU-0001", variant=None)]
    items = of(order(shop.order(*lines), INCL), LineKind.ITEM)
    assert [line.key for line in items] == ["1", "2"]
    assert [line.item.sku for line in items if line.item] == ["SKU-0001", "SKU-0001"]


def test_custom_fields(shop: Any) -> None:
    """What the customer filled in goes to the line's remark, and one by one to its custom values."""
    fields = [{"id": 1, "title": "Text", "values": [{"value": "For Jo"}, {"value": "& Mo"}]}]
    line = order(shop.order(shop.line(1, "10.00", customFields=fields)), INCL).lines[0]
    assert line.remark == "Text: For Jo, & Mo"
    assert line.extra["custom_field_1"].value == "For Jo, & Mo"


def test_sixty_lines(shop: Any) -> None:
    """A long order adds up like a short one."""
    made = order(
        shop.order(*(shop.line(n, f"{n}.99", quantity="3", off="0.10") for n in range(1, 61)), off="7.77"), INCL
    )
    assert len(of(made, LineKind.ITEM)) == 60
    assert sums(made)[1] == made.totals.incl


def test_zero_total(shop: Any) -> None:
    """An order that costs nothing is an order, be it by its prices or by a coupon of 100 %."""
    free = order(shop.order(shop.line(1, "47.49", quantity="2"), off="94.98", discountType="percentage"), INCL)
    assert of(free, LineKind.DISCOUNT)[0].total_incl == D("-94.98")
    made = order(shop.order(shop.line(1, "0.00")), INCL)
    assert (made.totals.incl, len(of(made, LineKind.ITEM))) == (D(0), 1)
    paid_off = order(shop.order(shop.line(1, "10.00"), off="10.00"), INCL)
    assert sums(paid_off)[1] == 0


def test_refunded_quantities_stand_beside_the_ordered_ones(shop: Any) -> None:
    """A refund never changes what was ordered."""
    line = order(shop.order(shop.line(1, "10.00", quantity="3", quantityRefunded=2, quantityReturned=1)), INCL).lines[0]
    assert (line.quantity, line.quantity_refunded, line.quantity_returned) == (D(3), D(2), D(1))


def test_links(shop: Any) -> None:
    """Invoices, shipments and the quotation are linked; a credit note is no invoice of the order."""
    more = {
        "invoices": [{"id": 1, "number": "INV1"}, {"id": 2, "number": "INV2", "isCreditNote": True}],
        "shipments": [{"id": 3, "number": "SHIP1"}],
        "quote": {"id": 4},
    }
    made = order(shop.order(shop.line(1, "10.00"), **more), INCL)
    assert [(link.type, link.ref.code) for link in made.links] == [
        ("invoice", "INV1"),
        ("other", "INV2"),
        ("shipment", "SHIP1"),
        ("quotation", None),
    ]


@pytest.mark.parametrize(
    ("field", "value", "state", "expected"),
    [
        ("status", "on_hold", "lifecycle", "on_hold"),
        ("status", "completed_picked_up", "lifecycle", "completed"),
        ("status", "cancelled", "cancel_state", "complete"),
        ("status", "packed_by_robots", "lifecycle", "other"),
        ("paymentStatus", "partially_paid", "payment_state", "partly_paid"),
        ("paymentStatus", "in_escrow", "payment_state", "other"),
        ("paymentStatus", None, "payment_state", "unknown"),
        ("shipmentStatus", "partially_shipped", "delivery_state", "partial"),
        ("shipmentStatus", "cancelled", "delivery_state", "none"),
    ],
)
def test_states(shop: Any, field: str, value: str | None, state: str, expected: str) -> None:
    """Four states, each with the source's word; a word that nobody knows is kept and becomes "other" (X11)."""
    found = getattr(order(shop.order(shop.line(1, "1.00"), **{field: value}), INCL), state)
    assert (found.value, found.raw) == (expected, value)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"number": ""}, "missing_value: number"),
        ({"createdAt": None}, "missing_value: createdAt"),
        ({"createdAt": "2026-03-28T23:30:00"}, "invalid_value: createdAt"),
        ({"priceIncl": None}, "missing_value: priceIncl"),
        ({"priceIncl": "a lot"}, "invalid_value: priceIncl"),
        ({"priceIncl": D("1e30")}, "invalid_value: priceIncl"),
        ({"products": None}, "lines_missing: products"),
        ({"products": []}, "amounts_do_not_add_up: products"),
        ({"products": [7]}, "invalid_value: products.0"),
        ({"_shop": None}, "invalid_record: _shop"),
        ({"_shop": "my shop"}, "invalid_record: _shop"),
        ({"id": None}, "invalid_record: id"),
        ({"comment": {"a": 1}}, "invalid_value: comment"),
    ],
)
def test_what_can_not_be_mapped_is_named(shop: Any, change: dict[str, Any], expected: str) -> None:
    """An error is a code and a field path, never a value."""
    assert error({**shop.order(shop.line(1, "10.00")), **change}) == expected


def test_a_line_twice_is_refused(shop: Any) -> None:
    """Two lines of one id come from a list that shifted while it was read."""
    assert error(shop.order(shop.line(1, "5.00"), shop.line(1, "5.00"))) == "duplicate_line: products.1.id"


def test_numbers_written_as_text(shop: Any) -> None:
    """Numeric text is a number, false is not set, and zero stays zero (X11)."""
    record = shop.order(shop.line(1, "10.00"), priceIncl="10.00", shipmentPriceIncl=False)
    assert order(record, INCL).totals.incl == D("10.00")


def test_recorded_orders(recorded_orders: list[dict[str, Any]]) -> None:
    """All recorded orders map, keep their totals as stated, and their lines make up the goods to the rounding."""
    options = Options(price_basis="excl", shop_country="CA", currency="CAD")
    for record in recorded_orders:
        made = order(record, options)
        assert (made.totals.excl, made.totals.incl) == (record["priceExcl"], record["priceIncl"])
        assert abs(sums(made)[0] - record["priceExcl"]) <= D("0.01")
        assert abs(sums(made)[1] - record["priceIncl"]) <= D("0.05")
        assert made.vat_treatment is VatTreatment.DOMESTIC
        vat = sum((row.vat for row in made.totals.per_vat if row.vat is not None), D(0))
        assert vat == made.totals.vat
        assert abs(made.totals.excl + vat - made.totals.incl) <= D("0.04")
    assert len(recorded_orders) == 15


def test_recorded_discount_over_stacked_taxes(recorded_orders: list[dict[str, Any]]) -> None:
    """In Canada several taxes lie on one line: the discount is split by what they add up to."""
    record = next(one for one in recorded_orders if one["number"] == "ORD16783")
    made = order(record, Options(price_basis="excl", shop_country="CA", currency="CAD"))
    found = of(made, LineKind.DISCOUNT)
    assert {(line.vat.rate, line.vat.code) for line in found} == {(D(12), "GST+PST"), (D(5), "GST")}
    assert sum(line.total_excl for line in found if line.total_excl) == D("-10.00")


PRICE = st.integers(min_value=1, max_value=50_000).map(lambda cents: str(D(cents) / 100))
LINE = st.tuples(PRICE, st.sampled_from(["0.21", "0.09", "0"]), st.integers(min_value=1, max_value=40))


@given(
    st.lists(LINE, min_size=1, max_size=8),
    st.decimals(min_value=0, max_value=1, places=2),
    st.tuples(st.sampled_from(["incl", "excl"]), st.sampled_from(["unit", "total"])),
    PRICE,
)
@example(goods=[("0.02", "0.21", 14)], fraction=D("0.20"), habits=("incl", "unit"), shipping="0.01")
def test_every_order_adds_up(
    shops: Any, goods: list[tuple[str, str, int]], fraction: Decimal, habits: tuple[str, str], shipping: str
) -> None:
    """On the shop's basis the lines make up the stated total; discounts have one sign, known rates and are exact."""
    basis, line_price = habits
    shop = shops(basis, line_price)
    lines = [shop.line(n, price, rate=rate, quantity=str(count)) for n, (price, rate, count) in enumerate(goods, 1)]
    off = round(sum((line["_net"] for line in lines), D(0)) * fraction, 2)
    record = shop.order(*lines, off=str(off), shipping=shipping)
    # Small amounts can fit both readings of a price, and are held then: the option says which one it is.
    made = order(record, Options(price_basis=basis, line_price=line_price))
    found = of(made, LineKind.DISCOUNT)
    totals = [(line.total_excl or D(0), line.total_incl or D(0)) for line in found]
    assert all(excl <= 0 and incl <= 0 for excl, incl in totals)
    assert {line.vat.rate for line in found} <= {D(rate) * 100 for _, rate, _ in goods}
    if off > D("0.05"):
        assert -sum((incl if basis == "incl" else excl for excl, incl in totals), D(0)) == off
        assert len(totals) <= len({rate for _, rate, _ in goods})
    excl, incl = sums(made)
    if basis == "incl":
        assert abs(incl - record["priceIncl"]) <= (0 if off > D("0.05") or not off else D("0.05"))
    else:
        assert abs(excl - record["priceExcl"]) <= (0 if off > D("0.05") or not off else D("0.05"))


@given(st.lists(LINE, min_size=1, max_size=6), st.sampled_from(["incl", "excl"]), st.sampled_from(["unit", "total"]))
def test_the_arithmetic_never_reads_a_price_wrong(
    shops: Any, goods: list[tuple[str, str, int]], basis: str, line_price: str
) -> None:
    """Left to the arithmetic, an order is read as it was meant, within a cent per line, or held."""
    shop = shops(basis, line_price)
    lines = [shop.line(n, price, rate=rate, quantity=str(count)) for n, (price, rate, count) in enumerate(goods, 1)]
    record = shop.order(*lines)
    meant = order(record, Options(price_basis=basis, line_price=line_price))
    try:
        made = order(record, Options(price_basis=basis))
    except MappingError:
        return
    for one, other in zip(made.lines, meant.lines, strict=True):
        assert abs((one.total_incl or D(0)) - (other.total_incl or D(0))) <= D("0.05")
