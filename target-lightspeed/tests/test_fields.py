"""Values as they are written and as they are compared."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from target_lightspeed.fields import (
    ANY,
    BOOLEAN,
    CODE,
    INSTANT,
    INTEGER,
    MISSING,
    MONEY,
    NUMBER,
    OPTION,
    TEXT,
    By,
    Field,
    Kind,
    Ref,
    Unfit,
)

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    NUMBERS,
    st.text(),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.one_of(st.integers(), st.text()), max_size=3),
)


@given(NUMBERS)
def test_a_number_is_the_same_in_every_notation(value: Decimal) -> None:
    """Trailing zeros, text and exponent make no difference."""
    forms: list[Any] = [value, str(value), f"{value}0" if "." in str(value) else value, value.normalize()]
    assert len({MONEY.normal(MONEY.take(form)) for form in forms}) == 1
    assert Decimal(NUMBER.normal(value)) == value


@given(VALUES, st.sampled_from([ANY, BOOLEAN, CODE, INSTANT, INTEGER, MONEY, NUMBER, OPTION, TEXT, Ref("brands")]))
def test_taking_never_fails_but_by_saying_unfit(value: Any, kind: Kind) -> None:
    """Whatever a record holds, a field takes it or says that it doesn't fit; what it takes has one normal form."""
    try:
        taken = kind.take(value)
    except Unfit:
        return
    if taken is MISSING or isinstance(taken, By):
        return
    assert kind.normal(taken) == kind.normal(kind.normal(taken) if kind is TEXT else taken)


@pytest.mark.parametrize(
    ("kind", "written", "shown"),
    [
        (Ref("brands"), 5, {"id": 5}),
        (Ref("brands"), False, None),
        (Ref("products", 0), 0, 0),
        (CODE, "NL", {"id": 150, "code": "nl", "title": "Netherlands, The"}),
        (OPTION, None, None),
        (TEXT, None, ""),
        (TEXT, "", None),
        (NUMBER, "25", "25.000"),
        (MONEY, Decimal("2.88431"), Decimal("2.8843")),
        (BOOLEAN, "1", True),
        (INSTANT, "2026-06-02T08:24:43Z", "2026-06-02T10:24:43+02:00"),
        (ANY, [1, {"a": Decimal("1.0")}], [1, {"a": 1}]),
    ],
)
def test_what_is_written_and_what_is_shown_compare_as_the_same(kind: Kind, written: Any, shown: Any) -> None:
    """The API shows another form than it takes; both have one normal form."""
    assert kind.normal(kind.take(written)) == Field("x", kind).of({"x": shown})


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (TEXT, "a", "A"),
        (NUMBER, 0, None),
        (BOOLEAN, False, None),
        (Ref("brands"), 5, {"id": 6}),
        (ANY, ["1"], [1]),
        (INSTANT, "2026-06-02T08:24:43", "2026-06-02T08:24:44+00:00"),
    ],
)
def test_what_differs_is_seen(kind: Kind, one: Any, other: Any) -> None:
    """Zero is not nothing, false is not unset, and text keeps its case."""
    assert kind.normal(kind.take(one)) != Field("x", kind).of({"x": other})


def test_a_field_that_is_not_shown_says_so() -> None:
    """A hidden field, or one that was not asked for, has no value to compare with."""
    assert Field("password", hidden=True).of({"password": "x"}) is None
    assert Field("title").of({}) is None
    assert Field("customStatus", Ref("orders_customstatuses"), shown="customStatusId").of({"customStatusId": 5}) == "5"
