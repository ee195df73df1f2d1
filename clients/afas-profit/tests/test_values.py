"""Values on their way out and in: exact."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afas_profit.values import dump, filter_text, load, plain_value

plain = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]))
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12)
trees = st.recursive(
    plain.filter(lambda leaf: leaf is not None) | decimals,
    lambda below: st.lists(below) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), below),
)


@given(trees)
def test_what_is_written_is_json_and_reads_back_exactly(tree):
    """Texts with quotes, emoji and control characters, and every digit of a Decimal survive."""
    assert json.loads(dump(tree), parse_float=Decimal) == tree
    assert b"\n" not in dump(tree)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        (Decimal("-1234567890.005"), "-1234567890.005"),
        (True, "true"),
        (7, "7"),
        ("01", "01"),
        (None, ""),
        (date(2026, 1, 31), "2026-01-31T00:00:00"),
        (datetime(2026, 1, 31, 7, 0, tzinfo=UTC), "2026-01-31T08:00:00"),
    ],
)
def test_values_of_a_filter(value, text):
    """No exponent, no Z, leading zeros kept."""
    assert filter_text(value) == text


@pytest.mark.parametrize(
    ("value", "json_text"),
    [
        (Decimal("1E-7"), b"0.0000001"),
        (Decimal("19.90"), b"19.90"),
        (None, b'""'),
        (False, b"false"),
        (date(2026, 1, 31), b'"2026-01-31"'),
        (datetime(2026, 7, 31, 7, 0, tzinfo=UTC), b'"2026-07-31T09:00:00"'),
        ("é😀\u0000", '"é😀\\u0000"'.encode()),
    ],
)
def test_values_of_a_body(value, json_text):
    """Decimals keep their digits, None clears, times are local."""
    assert dump(plain_value(value)) == json_text


@pytest.mark.parametrize("value", [1.5, b"x", object(), [1]])
def test_other_types_are_refused(value):
    """A float would lose cents, so it is refused and not rounded."""
    with pytest.raises(TypeError):
        plain_value(value)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), datetime(2026, 1, 1)])  # noqa: DTZ001 - the case
def test_values_without_meaning_are_refused(value):
    """Neither NaN nor a time without zone can be sent."""
    with pytest.raises(ValueError):  # noqa: PT011 - two modules say it in their own words
        plain_value(value)


def test_half_a_surrogate_is_refused_before_sending():
    """It has no UTF-8 form; AFAS would store a question mark."""
    with pytest.raises(ValueError, match="surrogates"):
        dump({"Ds": "\ud83d"})


def test_fractions_of_old_versions_are_read():
    """Profit 6 prints -.5 and .25; texts that look alike are left alone."""
    assert load(b'{"a":-.5,"b": .25,"c":[.5],"d":"x:-.5,.5","e":1.5}') == {
        "a": Decimal("-0.5"), "b": Decimal("0.25"), "c": [Decimal("0.5")], "d": "x:-.5,.5", "e": Decimal("1.5"),
    }  # fmt: skip


@pytest.mark.parametrize("content", [b'{"a":1', b"<html>", b"\xff\xff", b'{"a":NaN}', b'{"a":-.}'])
def test_what_is_not_json_is_an_error(content):
    """Cut off, HTML, other encodings, NaN."""
    with pytest.raises(ValueError):  # noqa: PT011 - json and codecs have their own words
        load(content)
