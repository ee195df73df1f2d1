"""Both forms of a filter, and the packing of many values, checked by a reader written from the reference."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afas_profit import Condition, Filter, Op, all_of, any_of, is_in
from afas_profit.filters import filter_query, pack_equals


def read(query: str) -> list[list[tuple[str, int, str]]]:
    """What AFAS would understand: groups of (field, operator, value). Splits after decoding, as it does."""
    assert query.isascii()
    assert not set(query) & set(' "<>#{}[]|\\^`+')
    lists = {name: unquote(text) for name, _, text in (part.partition("=") for part in query.split("&"))}
    if "filterjson" in lists:
        assert set(lists) == {"filterjson"}
        found = json.loads(lists["filterjson"])["Filters"]["Filter"]
        return [[(f["@FieldId"], int(f["@OperatorType"]), f["#text"]) for f in one["Field"]] for one in found]
    fields, values = lists["filterfieldids"], lists["filtervalues"]
    operators = lists.get("operatortypes") or "".join(c if c in ",;" else "" for c in fields)
    mixed = "," in fields and ";" in fields
    assert not mixed
    separator = ";" if ";" in fields else ","
    split = [text.split(separator) for text in (fields, values, operators)]
    conditions = [(f, int(o or 1), v) for f, v, o in zip(*split, strict=True)]
    return [[condition] for condition in conditions] if separator == ";" else [conditions]


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["a,b", "a;b", "", " ", "50%", "é&=+#/?"]
)
ids = st.sampled_from(["ItemCode", "E-mail_werk", "A_Toev_Huisnr.", "Naam met spatie", "x,y", "Ømläut"])
conditions = st.builds(Condition, ids, st.sampled_from([op for op in Op if op not in (Op.EMPTY, Op.NOT_EMPTY)]), texts)


@given(st.lists(st.lists(conditions, min_size=1, max_size=3).map(lambda parts: all_of(*parts)), min_size=1, max_size=3))
def test_every_filter_means_the_same_after_afas_has_read_it(groups):
    """Whatever stands in fields and values, the URL says exactly the filter."""
    where = any_of(*groups)
    assert read(filter_query(where)) == [[(c.field, c.op, c.text) for c in group] for group in where.groups]


def test_a_pure_and_is_simple():
    """Commas between, RFC 3986 encoding in the values."""
    where = all_of(
        Condition("Blocked", Op.EQUAL, False),
        Condition("ModifiedDate", Op.AT_LEAST, datetime(2026, 1, 31, 7, tzinfo=UTC)),
    )
    assert filter_query(where) == (
        "filterfieldids=Blocked,ModifiedDate&filtervalues=false,2026-01-31T08:00:00&operatortypes=1,2"
    )


def test_a_pure_or_is_simple():
    """Semicolons between; a space is %20 and a plus is %2B."""
    assert filter_query(is_in("ItemCode", ["A 1", "A+2"])) == (
        "filterfieldids=ItemCode;ItemCode&filtervalues=A%201;A%2B2&operatortypes=1;1"
    )


@pytest.mark.parametrize(
    "where",
    [
        any_of(all_of(Condition("a", Op.EQUAL, "1"), Condition("b", Op.EQUAL, "2")), Condition("c", Op.EQUAL, "3")),
        all_of(Condition("a", Op.EQUAL, "x, y")),
        is_in("a", ["x", "y;z"]),
        all_of(Condition("A_Toev_Huisnr.", Op.EQUAL, "a")),
        all_of(Condition("a", Op.EQUAL, "")),
    ],
)
def test_what_the_simple_form_can_not_say_goes_as_json(where):
    """AND with OR, separators in a value, odd field ids and empty values."""
    assert filter_query(where).startswith("filterjson=%7B")


def test_empty_needs_no_value_but_keeps_its_place():
    """Operators 8 and 9 ignore the value, the list must still have one."""
    where = all_of(Condition("a", Op.EMPTY), Condition("b", Op.EQUAL, "x"))
    assert read(filter_query(where)) == [[("a", 8, "[is leeg]"), ("b", 1, "x")]]


def test_an_or_within_an_and_is_multiplied_out():
    """AFAS knows OR of ANDs only."""
    where = all_of(is_in("a", ["1", "2"]), Condition("b", Op.EQUAL, "x"))
    assert read(filter_query(where)) == [[("a", 1, "1"), ("b", 1, "x")], [("a", 1, "2"), ("b", 1, "x")]]


@pytest.mark.parametrize(
    "make",
    [all_of, any_of, lambda: is_in("a", []), lambda: filter_query(Filter(())), lambda: filter_query(Filter(((),)))],
)
def test_a_filter_without_conditions_is_refused(make):
    """It would mean every row: the opposite of "none of them"."""
    with pytest.raises(ValueError, match="every row"):
        make()


def test_no_filter_is_no_text():
    """None asks for every row on purpose."""
    assert filter_query(None) == ""


@given(
    st.lists(texts, max_size=60),
    st.sampled_from([["Ref"], ["Mail", "Mail2"], ["A_Toev_Huisnr."]]),
    st.integers(400, 1900),
)
def test_packing_asks_for_every_value_in_every_field_and_fits(values, fields, room):
    """No value is lost or asked twice, and no filter is longer than the room, unless one value alone is."""
    asked: list[tuple[str, str]] = []
    for text, count in pack_equals(fields, values, room):
        groups = read(text)
        assert all(len(group) == 1 and group[0][1] == 1 for group in groups)
        assert len(text) <= room or count == 1
        asked += [(group[0][0], group[0][2]) for group in groups]
    assert sorted(asked) == sorted((field, value) for field in fields for value in set(values) if value)


def test_packing_leaves_little_room_unused():
    """A filter is closed only when the next value doesn't fit."""
    values = [f"ORD{number:05}" for number in range(1000)]
    packed = [text for text, _ in pack_equals(["Ref"], values, 1980)]
    assert all(1980 - len(text) < len("Ref;ORD00001;") for text in packed[:-1])


def test_values_that_are_one_to_afas_travel_together():
    """AFAS compares without case and trailing spaces: in two queries the same row would come twice."""
    values = [f"mail{number}@example.test" for number in range(200)] + ["MAIL0@example.test", "Mail0@example.test "]
    first = next(text for text, _ in pack_equals(["Mail"], values, 1900))
    assert "MAIL0@example.test" in first
    assert "Mail0@example.test%20" in first


def test_unsafe_characters_of_a_query_are_all_encoded():
    """What parse_qs of the standard library reads is what was meant."""
    query = filter_query(all_of(Condition("a", Op.EQUAL, "x&y=z#?/é%")))
    assert parse_qs(query, strict_parsing=True)["filtervalues"] == ["x&y=z#?/é%"]
