"""Rows as records: exact values, and rows that are not as metainfo says."""

from __future__ import annotations

import json
import logging
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afas_profit import GetConnectorInfo, GetField
from tap_afas.definition import define
from tap_afas.rows import Codec, parse_page
from tap_afas.settings import StreamSettings

FIELDS = {"Text": "string", "Count": "int", "Price": "decimal", "Yes": "boolean", "At": "date", "Long": "blob"}


def codec(dates=None, **kinds):
    fields = [GetField(id=name, data_type=kind) for name, kind in (kinds or FIELDS).items()]
    return Codec(define(GetConnectorInfo(fields=fields), "X", StreamSettings(keys=[], dates=dates or {})), (), ())


def through(made, row):
    """A row as a record."""
    return json.loads(made.write(made.read(json.dumps(row).encode())), parse_float=Decimal)


@given(
    st.fixed_dictionaries(
        {
            "Text": st.none() | st.text(),
            "Count": st.none() | st.integers(-(2**63), 2**63 - 1),
            "Yes": st.none() | st.booleans(),
            "Long": st.none() | st.text(),
        }
    )
)
def test_every_value_comes_through(row):
    """Texts of any signs, whole numbers, yes and no, and null arrive as they are."""
    row = row | {"Price": None, "At": None}
    assert through(codec(), row) == row


@given(st.decimals(allow_nan=False, allow_infinity=False, places=10))
def test_every_digit_of_a_number_comes_through(number):
    """A decimal number never becomes a float."""
    made = codec(Price="decimal")
    assert through(made, {"Price": None}) == {"Price": None}
    line = made.write(made.read(f'{{"Price":{number:f}}}'.encode()))
    assert (
        line == f'{{"Price":{number:f}}}'.encode() or Decimal(json.loads(line, parse_float=Decimal)["Price"]) == number
    )


@pytest.mark.parametrize(
    ("field", "given", "sent"),
    [
        ("Yes", "Ja", True),
        ("Yes", "Nee", False),
        ("Yes", "(replaced)", None),
        ("Count", "12", 12),
        ("Count", 12.0, 12),
        ("Count", "twaalf", None),
        ("Price", "1.50", Decimal("1.50")),
        ("Price", "gratis", None),
        ("Text", 5, "5"),
        ("Text", 1.5, "1.5"),
        ("At", "gisteren", None),
        ("At", "2026-01-31T08:00:00.123Z", "2026-01-31T07:00:00.123000Z"),
    ],
)
def test_a_value_that_is_not_of_its_type(field, given, sent):
    """What surely means a value of the type is that value; the rest is left out. The record fits its schema."""
    row = dict.fromkeys(FIELDS) | {field: given}
    assert through(codec(), row) == dict.fromkeys(FIELDS) | {field: sent}


def test_fields_that_metainfo_and_rows_do_not_share(caplog):
    """A field that is not in metainfo is passed on, one that is not in the row is null; each is said once."""
    made = codec(Text="string", Count="int")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert through(made, {"Text": "a", "New": {"x": 1}}) == {"Text": "a", "Count": None, "New": {"x": 1}}
    assert len(caplog.records) == 1


def test_a_name_that_must_be_escaped():
    """A field whose id has quotes is passed on too."""
    made = codec(**{'a"b': "string", "c": "string"})
    assert through(made, {'a"b': "1", "c": "2"}) == {'a"b': "1", "c": "2"}


def test_times_in_the_form_that_is_asked_for(caplog):
    """A field can be sent as instant, as date, or as its values suggest; a time of day that is cut off is said."""
    row = {"At": "2026-07-31T00:00:00Z"}
    assert through(codec(At="date"), row) == {"At": "2026-07-31T00:00:00Z"}
    assert through(codec({"*": "moment"}, At="date"), row) == {"At": "2026-07-30T22:00:00Z"}
    assert through(codec({"At": "date", "*": "moment"}, At="date"), row) == {"At": "2026-07-31"}
    assert through(codec({"At": "date"}, At="date"), {"At": "2026-07-31T09:30:00Z"}) == {"At": "2026-07-31"}
    assert "cuts off" in caplog.text


def test_line_breaks_between_values_go():
    """Old versions of Profit break their lines; a message is one line."""
    page = parse_page(b'{"skip":0,\r\n"take":2,\n"rows":[\n{"Text":"a\\nb",\n "Count":1}\n]}')
    made = codec(Text="string", Count="int")
    assert made.write(made.read(page.rows[0])) == b'{"Text":"a\\nb","Count":1}'


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"rows":1}', b'{"take":1}', b'{"rows":[{"a":"'])
def test_no_page(content):
    """What is cut off or has no rows is no page."""
    with pytest.raises(ValueError, match=r".*"):
        parse_page(content)
