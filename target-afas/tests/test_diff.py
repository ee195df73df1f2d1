from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from target_afas.diff import BookedLine, canonical, diff_lines, item_type
from target_afas.lines import WantedLine

ZERO = Decimal(0)
small = st.tuples(
    st.sampled_from(["A", "B", "C"]),
    st.integers(1, 3),
    st.sampled_from(["1.5", "2", "3.25"]),
    st.sampled_from(["1", "2"]),
    st.sampled_from([None, "text", "other"]),
)


def wanted(row) -> WantedLine:
    item, quantity, price, group, text = row
    amount = quantity * Decimal(price)
    return WantedLine("item", "2", item, "STK", Decimal(quantity), Decimal(price), group, ZERO, amount, text)


def booked(row, guid: str) -> BookedLine:
    item, quantity, price, group, text = row
    price = Decimal(price).quantize(Decimal("1e-10"))
    return BookedLine(guid, "2", item, Decimal(quantity), price, group, ZERO, ZERO, ZERO, ZERO, ZERO, text)


def applied(lines: list[BookedLine], changes) -> list[BookedLine]:
    """What AFAS holds after the changes."""
    there = {line.guid: line for line in lines}
    for number, change in enumerate(changes):
        if change.action == "delete":
            del there[change.guid]
        elif change.action == "update":
            want = change.line
            names = {"quantity", "price", "group", "description", "discount"} & change.fields
            values = {name: ZERO if name == "discount" else getattr(want, name) for name in names}
            there[change.guid] = replace(there[change.guid], **values)
        else:
            want = change.line
            there[f"new{number}"] = BookedLine(
                f"new{number}",
                want.item_type,
                want.item,
                want.quantity,
                want.price,
                want.group,
                ZERO,
                ZERO,
                ZERO,
                ZERO,
                ZERO,
                want.description,
            )
    return list(there.values())


@given(st.lists(small, max_size=8), st.lists(small, max_size=8))
def test_applying_the_changes_gives_the_wanted_lines(goal, have) -> None:
    """After the changes the lines are the wanted ones as a multiset, and a second diff is empty."""
    want = [wanted(row) for row in goal]
    before = [booked(row, f"g{n}") for n, row in enumerate(have)]
    after = applied(before, diff_lines(want, before))
    assert canonical(after, "-") == canonical(want, "-")
    assert diff_lines(want, after) == []


@given(st.lists(small, max_size=8), st.randoms())
def test_order_of_lines_does_not_matter(rows, chance) -> None:
    """The same lines in any order need no change."""
    shuffled = rows[:]
    chance.shuffle(shuffled)
    assert diff_lines([wanted(row) for row in rows], [booked(row, f"g{n}") for n, row in enumerate(shuffled)]) == []


def test_the_same_sku_twice_keeps_its_lines_apart() -> None:
    """Two lines of one SKU with different prices are each changed by their own GUID (B8)."""
    have = [booked(("A", 1, "2", "1", None), "g1"), booked(("A", 1, "3.25", "1", None), "g2")]
    (change,) = diff_lines([wanted(("A", 1, "2", "1", None)), wanted(("A", 4, "3.25", "1", None))], have)
    assert (change.action, change.guid, change.fields) == ("update", "g2", frozenset({"quantity"}))


def test_codes_compare_without_case_and_types_with_letters() -> None:
    """AFAS compares codes without case, and item types may be letters."""
    have = [replace(booked(("a", 1, "2", "1", None), "g1"), item_type="Art")]
    assert diff_lines([wanted(("A", 1, "2", "1", None))], [replace(have[0], item_type=item_type("Art"))]) == []


def test_a_discount_given_in_afas_is_a_difference() -> None:
    """A line discount that someone gave in AFAS shows in the comparison, and goes when the lines are ours."""
    line = replace(booked(("A", 1, "2", "1", None), "g1"), discount=Decimal("0.50"))
    (change,) = diff_lines([wanted(("A", 1, "2", "1", None))], [line])
    assert change.fields == frozenset({"discount"})
    assert canonical([line], "-") != canonical([wanted(("A", 1, "2", "1", None))], "-")


def test_another_variant_is_another_line() -> None:
    """A line of another size is no change of the first one's line; without regard to case the same size is it (D18)."""
    red = replace(wanted(("A", 1, "2", "1", None)), dim1="ROOD", dim2="M")
    have = replace(booked(("A", 1, "2", "1", None), "g1"), dim1="rood", dim2="m")
    assert diff_lines([red], [have]) == []
    assert canonical([red], "-") == canonical([have], "-") == canonical([wanted(("A-ROOD-M", 1, "2", "1", None))], "-")
    changes = diff_lines([replace(red, dim2="L")], [have])
    assert [(one.action, one.guid) for one in changes] == [("delete", "g1"), ("insert", None)]
