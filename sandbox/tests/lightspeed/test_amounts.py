"""The arithmetic of an order."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sandbox.lightspeed.amounts import Charge, cents, total

RATES = st.sampled_from([Decimal("0.21"), Decimal("0.09"), Decimal(0), Decimal("0.055")])
MONEY = st.integers(0, 100_000).map(lambda n: Decimal(n) / 100)
LINES = st.lists(st.builds(Charge, MONEY, RATES, st.integers(1, 50).map(Decimal)), min_size=1, max_size=12)
COST = st.builds(Charge, MONEY, RATES)
BASIS = st.sampled_from(["incl", "excl"])
SHARE = st.sampled_from([Decimal(0), Decimal("0.1"), Decimal("0.333"), Decimal(1)])


@given(LINES, COST, COST, BASIS, SHARE)
def test_an_order_is_its_own_sum_within_a_cent_or_two(lines, shipment, payment, basis, share):
    """PriceIncl = priceExcl + the taxes of goods, shipment and payment; only the rounding of the parts may show."""
    sums = total(lines, shipment, payment, basis, percentage=share)
    taxes = sum(sums.taxes.values()) + sums.shipment.tax + sums.payment.tax
    assert abs(sums.excl + taxes - sums.incl) <= Decimal("0.02")
    assert sums.incl == cents(sums.incl)


@given(LINES, COST, COST, BASIS)
def test_a_shop_with_prices_incl_adds_up_incl_exactly(lines, shipment, payment, basis):
    """What is entered is what is added: including VAT in one shop, excluding in the other."""
    sums = total(lines, shipment, payment, basis)
    name = "incl" if basis == "incl" else "excl"
    parts = sum(line.price * line.quantity for line in lines) + shipment.price + payment.price
    assert getattr(sums, name) == parts


@given(LINES, BASIS)
def test_a_full_coupon_makes_the_goods_free(lines, basis):
    """100 % off: nothing but the costs is left, and no tax on goods."""
    free = Charge(Decimal(0), Decimal(0))
    sums = total(lines, free, free, basis, percentage=Decimal(1))
    assert sums.incl == 0
    assert all(abs(tax) < Decimal("0.0000001") for tax in sums.taxes.values())


def test_a_coupon_is_spread_over_the_rates_by_value():
    """10.00 off 100 at 21 % and 100 at 9 %: five from each."""
    lines = [Charge(Decimal(100), Decimal("0.21")), Charge(Decimal(100), Decimal("0.09"))]
    free = Charge(Decimal(0), Decimal(0))
    sums = total(lines, free, free, "excl", amount=Decimal(10))
    assert sums.taxes == {Decimal("0.21"): Decimal("19.95"), Decimal("0.09"): Decimal("8.55")}
    assert (sums.excl, sums.incl) == (Decimal(190), Decimal("218.50"))
