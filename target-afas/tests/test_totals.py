from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_afas_builders import vat_total

from commerce.models import Basis, Totals
from target_afas.lines import WantedLine
from target_afas.reasons import CannotLoad
from target_afas.totals import (
    RoundingGroup,
    check_cap,
    difference,
    predict,
    rate_differences,
    rounding_line,
    rounding_that_fits,
)


def wanted(amount: Decimal, percent: str) -> WantedLine:
    return WantedLine("item", "2", "X", "STK", Decimal(1), amount, "1", Decimal(percent), amount)


lines_of = st.lists(
    st.tuples(st.decimals(-1000, 10000, places=2), st.sampled_from(["21", "9", "0", "5.5"])), min_size=1, max_size=30
).map(lambda rows: [wanted(amount, percent) for amount, percent in rows])
roundings = st.sampled_from(["line", "rate", "document"])


@given(lines=lines_of, rounding=roundings)
def test_prices_including_vat_make_the_total(lines, rounding) -> None:
    """With prices incl. VAT the total is the sum of the lines, wherever VAT is rounded."""
    found = predict(lines, Basis.INCL, rounding)
    assert found.incl == sum(line.amount for line in lines)
    assert found.excl + found.vat == found.incl


@given(lines=lines_of, rounding=roundings)
def test_vat_stays_within_a_cent_per_rounding(lines, rounding) -> None:
    """Predicted VAT differs from the exact VAT by at most half a cent per rounding step."""
    found = predict(lines, Basis.EXCL, rounding)
    exact = sum(line.amount * line.percent / 100 for line in lines)
    steps = {"line": len(lines), "rate": 4, "document": 1}[rounding]
    assert abs(found.vat - exact) <= Decimal("0.005") * steps
    assert found.excl == sum(line.amount for line in lines)


@given(lines=lines_of, rounding=roundings, basis=st.sampled_from(list(Basis)), off=st.integers(-5, 5))
def test_the_rounding_line_makes_the_total_the_shops(lines, rounding, basis, off) -> None:
    """With the difference on a line of 0 %, the predicted total is the shop's to the cent, in every mode."""
    totals = Totals(incl=predict(lines, basis, rounding).incl + Decimal(off) / 100)
    amount = difference(lines, totals, basis, rounding)
    assert amount == Decimal(off) / 100
    if amount:
        lines = [*lines, rounding_line(amount, "AFRONDING", "6", "*****", RoundingGroup("3", Decimal(0)))]
    assert predict(lines, basis, rounding).incl == totals.incl


def test_three_lines_of_vat_round_in_three_ways() -> None:
    """Three lines of 0.12 at 21 % have VAT of 0.09 when each is rounded, and of 0.08 when their sum is."""
    lines = [wanted(Decimal("0.12"), "21")] * 3
    assert [predict(lines, Basis.EXCL, mode).vat for mode in ("line", "rate", "document")] == [
        Decimal("0.09"),
        Decimal("0.08"),
        Decimal("0.08"),
    ]


def test_a_difference_above_the_cap_is_held() -> None:
    """A difference above the cap names itself; without a total nothing can be proven."""
    with pytest.raises(CannotLoad) as held:
        check_cap(Decimal("-0.06"), Decimal("0.05"), "totals_differ")
    assert held.value.subject == "-0.06"
    check_cap(Decimal("0.05"), Decimal("0.05"), "totals_differ")
    with pytest.raises(CannotLoad, match="no_total"):
        difference([], Totals(), Basis.INCL, "rate")


def test_differences_per_rate_are_told_from_two_cents() -> None:
    """Bases and VAT per rate within a cent of the shop's are not worth a word, more is."""
    stated = Totals(per_vat=[vat_total("21", "100.00", "21.00"), vat_total("9", "10.00", "0.90")])
    per_rate = {Decimal(21): (Decimal("100.01"), Decimal("20.98")), Decimal(9): (Decimal("10.00"), Decimal("0.90"))}
    assert rate_differences(stated, per_rate) == {"21 % vat": "-0.02"}


@given(lines=lines_of, rounding=roundings, off=st.integers(-5, 5).filter(bool))
def test_a_taxed_group_carries_a_rounding_where_there_is_no_group_of_0(lines, rounding, off) -> None:
    """Distance sales have no group of 0 %: an amount that is found on a taxed group makes the total the shop's."""
    taxed = [RoundingGroup("B1", Decimal(21))]
    for basis in Basis:
        total = predict(lines, basis, rounding).incl + Decimal(off) / 100
        found = rounding_that_fits(lines, total, basis, rounding, taxed)
        if basis is Basis.INCL:
            assert found is not None
        if found:
            more = rounding_line(found[0], "AFRONDING", "6", None, found[1])
            assert predict([*lines, more], basis, rounding).incl == total
