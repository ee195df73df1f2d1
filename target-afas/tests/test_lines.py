from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_afas_builders import line, order, settings

from commerce.models import Basis, Discount, LineKind, Ref
from target_afas.lines import Item, LineMaker, WantedLine, item_codes, with_items
from target_afas.reasons import CannotLoad
from target_afas.rules import facts_of

DAY = dt.date(2026, 11, 1)


def make(one, **own) -> LineMaker:
    return LineMaker(one, facts_of(one), DAY, settings(**own).orders)


def shown(lines: list[WantedLine]) -> list[tuple[str, str, str, str | None]]:
    return [(one.item, str(one.quantity), str(one.amount), one.group) for one in lines]


def test_each_kind_of_cost_stands_on_its_own_item() -> None:
    """Discount, shipping, payment costs and gift wrap go on four codes, with the VAT of the line (B11-B13)."""
    lines = [
        line(total="100.00"),
        line(None, "-10.00", kind=LineKind.DISCOUNT),
        line(None, "4.95", rate="9", kind=LineKind.SHIPPING),
        line(None, "0.50", kind=LineKind.PAYMENT_COST),
        line(None, "2.50", kind=LineKind.GIFT_WRAP),
    ]
    maker = make(order(lines))
    assert shown(maker.lines) == [
        ("SKU-0001", "1", "100.00", "1"),
        ("KORTING", "-1", "-10.00", "1"),
        ("VERZEND", "1", "4.95", "2"),
        ("BETAAL", "1", "0.50", "1"),
        ("INPAK", "1", "2.50", "1"),
    ]
    assert maker.duty == "1"
    assert {one.unit for one in maker.lines[1:]} == {"*****"}


def test_a_cost_without_an_item_is_held() -> None:
    """A kind of line for which no item code is set holds the order and names the kind."""
    with pytest.raises(CannotLoad) as held:
        make(order([line(), line(None, "5.00", kind=LineKind.DEPOSIT)]))
    assert (held.value.reason, held.value.subject) == ("no_cost_item", "deposit")


@pytest.mark.parametrize(("setting", "count"), [("omit", 1), ("line", 2)])
def test_free_shipping_is_left_out_or_a_line_of_zero(setting: str, count: int) -> None:
    """Free shipping gives no line, or one of 0, by setting (B12)."""
    maker = make(order([line(), line(None, "0.00", kind=LineKind.SHIPPING)]), free_shipping=setting)
    assert len(maker.lines) == count


def test_a_coupon_is_split_over_the_vat_rates() -> None:
    """A discount stated on the document only is split per VAT group, exact to the cent (B11)."""
    one = order(
        [line(total="33.33"), line("SKU-0007", "66.66", rate="9")],
        discounts=[Discount(level="document", kind="coupon", amount=Decimal("10.00"), code="TIEN")],
    )
    found = [(item.group, item.amount) for item in make(one).lines if item.role == "discount"]
    assert found == [("1", Decimal("-3.33")), ("2", Decimal("-6.67"))]


def test_a_line_discount_is_in_the_price_or_a_line_of_its_own() -> None:
    """A line's own discount lowers its price, or stands on the discount item, by setting (B41)."""
    off = Discount(level="line", kind="percent", percent=Decimal(10), amount=Decimal("1.20"), basis=Basis.INCL)
    one = order([line(total="10.80", discounts=[off])])
    assert shown(make(one).lines) == [("SKU-0001", "1", "10.80", "1")]
    assert shown(make(one, line_discount="item").lines) == [
        ("SKU-0001", "1", "12.00", "1"),
        ("KORTING", "-1", "-1.20", "1"),
    ]


def test_a_line_without_sku_is_held() -> None:
    """An article without a SKU can't be named in AFAS, so its order is held."""
    with pytest.raises(CannotLoad, match="no_item_code"):
        make(order([line(None, "5.00")]))


def test_item_codes_can_be_translated() -> None:
    """The table `item_codes` translates a shop code; leading zeros, slashes and blanks survive."""
    one = order([line("A/01 b"), line("0042", key="b")])
    assert item_codes(one, settings(item_codes={"0042": "42"}).orders) == {"A/01 b", "42"}


def test_articles_get_type_and_unit_from_afas() -> None:
    """Type, unit and exact code come from AFAS; unknown and blocked codes are named."""
    maker = make(order([line("sku-0001"), line("GONE", key="b"), line("OLD", key="c")]))
    items = {"SKU-0001": Item("2", "SKU-0001", "STK"), "OLD": Item("2", "OLD", "STK", blocked=True)}
    lines, unfit = with_items(maker.lines, items)
    assert (lines[0].item, lines[0].item_type, lines[0].unit) == ("SKU-0001", "2", "STK")
    assert [(one.reason, one.subject) for one in unfit] == [("unknown_item", "GONE"), ("unknown_item", "OLD")]


def test_lines_with_two_vat_duties_are_held() -> None:
    """One order has one VAT duty; a table that gives two holds the order and names both."""
    rows = [{"rate": 21, "duty": "1", "group": "1"}, {"rate": 9, "duty": "7", "group": "2"}]
    with pytest.raises(CannotLoad) as held:
        make(order([line(), line("SKU-0007", rate="9")]), vat=rows)
    assert (held.value.reason, held.value.subject) == ("mixed_vat_duty", "1/7")


def test_a_line_of_nothing_has_no_vat_duty() -> None:
    """A line whose quantity the shop set to 0 is not booked, so its rate can't hold the order."""
    nothing = line("SKU-0002", "0", "0", rate="6", key="b")
    assert shown(make(order([line(total="12.10"), nothing])).lines) == [("SKU-0001", "1", "12.10", "1")]


def test_texts_and_zero_lines() -> None:
    """A text line needs a text item; an empty order is held; an article that costs nothing stays."""
    assert len(make(order([line(total="0.00")])).lines) == 1
    text = line(None, "0", kind=LineKind.TEXT, rate=None, description="Cadeautje")
    assert len(make(order([line(), text])).lines) == 1
    lines = make(order([line(), text]), items={**settings().orders.items.model_dump(), "text": "T"}).lines
    assert (lines[1].item_type, lines[1].item, lines[1].description) == ("3", "T", "Cadeautje")
    with pytest.raises(CannotLoad, match="no_lines"):
        make(order([]))


def test_bundle_parts_without_a_price_are_left_to_afas() -> None:
    """Parts of a bundle that cost nothing are exploded by AFAS itself."""
    lines = [
        line("SET-0001", "50.00", kind=LineKind.BUNDLE, key="set"),
        line("SKU-0001", "0.00", kind=LineKind.BUNDLE_PART, parent_key="set", key="part"),
    ]
    assert shown(make(order(lines)).lines) == [("SET-0001", "1", "50.00", "1")]


def test_a_missing_total_is_taken_from_the_other_basis_or_held() -> None:
    """A total in the order's basis may follow from unit price or VAT; otherwise the order is held."""
    other = line(basis=Basis.EXCL, total="10.00")
    with pytest.raises(CannotLoad, match="no_line_total"):
        make(order([other], "12.10"))
    told = other.model_copy(update={"vat": other.vat.model_copy(update={"amount": Decimal("2.10")})})
    assert make(order([told], "12.10")).lines[0].amount == Decimal("12.10")


@given(
    st.lists(
        st.tuples(
            st.decimals(Decimal("0.01"), 10**6, places=4), st.integers(1, 500), st.sampled_from(["21", "9", "0"])
        ),
        min_size=1,
        max_size=12,
    )
)
def test_amounts_are_the_sources(parts: list[tuple[Decimal, int, str]]) -> None:
    """Whatever the decimals, each AFAS line comes to its source line's total, rounded to cents."""
    lines = [line(f"S{n}", str(total), str(count), rate=rate) for n, (total, count, rate) in enumerate(parts)]
    for made, (total, _, _) in zip(make(order(lines)).lines, parts, strict=True):
        assert made.amount == total.quantize(Decimal("0.01"), "ROUND_HALF_UP")


def test_an_item_may_be_named_by_another_code() -> None:
    """The setting `item_code_from` takes the article code or GTIN instead of the SKU."""
    one = order([line(item=Ref(sku="A", code="B", gtin="8712345678906"))])
    assert make(one, item_code_from="gtin").lines[0].item == "8712345678906"
