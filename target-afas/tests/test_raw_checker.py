"""The check of raw records against metainfo: valid records of any connector pass, each kind of defect is found."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_afas_world import World

from afas_profit import UpdateConnectorInfo, UpdateField
from afas_profit.elements import root_of
from sandbox.afas.schema import update_connectors
from target_afas.raw.checker import Checker, line
from target_afas.raw.facts import MATCHING, MINIMUM, operations
from target_afas.raw.values import Unfit, convert, normal


def field(kind: str = "string", **more: Any) -> UpdateField:
    return UpdateField(field_id="Xx", data_type=kind, label="Label", **more)


def info(name: str) -> UpdateConnectorInfo:
    """The metainfo of a connector, as the sandbox gives it."""
    if name not in INFOS:
        INFOS[name] = World().client.update_metainfo(name)
    return INFOS[name]


INFOS: dict[str, UpdateConnectorInfo] = {}
TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1)


def values_of(one: UpdateField) -> st.SearchStrategy[Any]:
    """Values that a field takes, in every form that a tap may give them."""
    if one.values:
        return st.sampled_from([code.id for code in one.values])
    if one.data_type == "boolean":
        return st.sampled_from([True, False, "true", "False", "1", 0, 1])
    if one.data_type == "int":
        top = 10 ** min(one.length or 9, 9) - 1
        return st.integers(0 if one.not_zero else -top, top).flatmap(lambda n: st.sampled_from([n, str(n), Decimal(n)]))
    if one.data_type == "decimal":
        whole = min((one.length or 12) - one.decimals, 12)
        numbers = st.integers(-(10 ** (whole + one.decimals)) + 1, 10 ** (whole + one.decimals) - 1)
        return numbers.map(lambda n: Decimal(n).scaleb(-one.decimals)).flatmap(
            lambda n: st.sampled_from([n, format(n, "f")])
        )
    if one.data_type == "date":
        return st.dates(date(1900, 1, 1)).flatmap(
            lambda day: st.sampled_from([day.isoformat(), f"{day}T10:20:30", f"{day}T10:20:30Z", f"{day} 10:20"])
        )
    return TEXT.map(lambda text: text[: one.length or 500])


@st.composite
def records(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Records of a connector with some of its fields, each with a value that it takes."""
    known = {one.field_id: one for one in info(name).fields}
    chosen = draw(st.lists(st.sampled_from(sorted(known)), max_size=8, unique=True))
    return {code: draw(values_of(known[code])) for code in chosen}


@pytest.mark.parametrize("name", ["FbSales", "KnPerson", "KnSalesRelationOrg"])
def test_valid_records_pass(name: str) -> None:
    """Whatever fields a record holds: values that the fields take are no problem, in every form a tap may give."""

    @given(records(name))
    def check(record: dict[str, Any]) -> None:
        checked = Checker(info(name), name).check(record)
        assert not checked.problems
        kept = {**checked.row.fields, **checked.row.keys}
        assert kept.keys() == record.keys()

    check()


DEFECTS: dict[str, tuple[UpdateField, st.SearchStrategy[Any], str]] = {
    "too long": (field(length=20), st.text("abc é", min_size=21, max_size=99), "characters, 20 allowed"),
    "no number": (
        field("decimal"),
        st.sampled_from(["12,5", "1.000,00", "x", " ", True, "1e3", "€ 5", "0x1"]),
        "number",
    ),
    "no whole number": (field("int"), st.decimals(0, 9, places=2).filter(lambda n: n % 1), "whole number"),
    "decimals": (field("decimal", length=9, decimals=2), st.sampled_from(["0.001", Decimal("1.125")]), "3 decimals, 2"),
    "digits": (field("decimal", length=6, decimals=2), st.integers(10_000, 10**9), "digits before the dot, 4 allowed"),
    "int digits": (field("int", length=3), st.integers(1000, 10**9), "digits before the dot, 3 allowed"),
    "zero": (field("decimal", not_zero=True), st.sampled_from([0, "0.00", Decimal(0)]), "0 is not allowed"),
    "huge": (field("decimal"), st.sampled_from([Decimal("1e999999999"), Decimal("1e-99999"), 10**5000]), "usual size"),
    "no yes or no": (field("boolean"), st.sampled_from(["ja", "yes", "2", 7, "on", Decimal("0.5")]), "true or false"),
    "no date": (field("date"), st.sampled_from(["02-03-2026", "2026/03/02", "20260302", 20260302, "x", True]), "date"),
    "no such day": (field("date"), st.sampled_from(["2026-02-30", "2026-13-01", "2026-01-01T25:00"]), "calendar"),
    "not listed": (
        field(values=[{"id": "M", "description": "Man"}, {"id": "V", "description": "Vrouw"}]),
        st.text("ABCX", min_size=1),
        "list of values",
    ),
    "nested": (field(), st.sampled_from([["a"], {"a": 1}]), "not a list or an object"),
    "yes in a text": (field(), st.booleans(), "a text is wanted"),
}


@pytest.mark.parametrize("kind", DEFECTS)
def test_each_kind_of_defect_is_found(kind: str) -> None:
    """A value that the field can't hold is refused, and the message does not show it."""
    known, defects, words = DEFECTS[kind]

    @given(defects)
    def check(value: Any) -> None:
        with pytest.raises(Unfit, match=words) as unfit:
            convert(known, value)
        assert len(str(unfit.value)) < 80

    check()


@pytest.mark.parametrize(
    ("given_text", "kept"), [("a\x00b", "ab"), ("\x1b[0m", "[0m"), ("a\tb\nc", "a\tb\nc"), ("\x01", None)]
)
def test_control_characters_are_left_out(given_text: str, kept: str | None) -> None:
    """What no text of AFAS can hold is dropped; tabs and line ends stay."""
    assert convert(field(), given_text) == kept


@given(TEXT)
def test_a_value_never_stands_in_a_message(text: str) -> None:
    """Whatever a record holds, its problems are told in field ids, labels and numbers."""
    marked = f"S3CRET{text}"
    record = {
        "LaNm": marked * 20,
        "DaBi": marked,
        "AutoNum": marked,
        "ViGe": marked,
        "KnContact": [marked],
        "No": marked,
    }
    checked = Checker(info("KnPerson"), "KnPerson").check(record)
    assert len(checked.problems) == 6
    assert "S3CRET" not in line("KnPerson", [*checked.problems, *checked.missing])


@pytest.mark.parametrize("name", sorted(update_connectors()))
def test_the_minimum_asks_for_fields_that_the_connector_has(name: str) -> None:
    """Every code of the real minimum is a field of its object, and an empty record lacks exactly the unconditional."""
    root = root_of(name)
    missing = Checker(info(name), root).check({}).missing
    always = [need for need in MINIMUM.get(root, ()) if need.when({})]
    assert len(missing) == len(always)
    assert all(one.label and one.path for one in missing)


def test_the_metainfo_flag_alone_asks_for_nothing() -> None:
    """Fields that metainfo calls mandatory are not asked for: the flag is also set on what a call must leave out."""
    flagged = {one.field_id for one in info("KnOrganisation").fields if one.mandatory}
    assert "BcId" in flagged or "BcCo" in flagged
    record = {"MatchOga": "6", "AutoNum": True, "Nm": "Voorbeeld B.V."}
    checked = Checker(info("KnOrganisation"), "KnOrganisation").check(record)
    assert (list(checked.problems), list(checked.missing)) == ([], [])


@pytest.mark.parametrize(
    ("record", "lacks"),
    [
        ({"MatchOga": "0"}, {"BcCo"}),
        ({"MatchOga": "6"}, {"Nm", "AutoNum"}),
        ({"MatchOga": "1", "CcNr": "12345678"}, set()),
        ({}, {"MatchOga"}),
    ],
)
def test_the_minimum_follows_the_matching_code(record: dict[str, Any], lacks: set[str]) -> None:
    """What an organisation needs depends on whether it is new or an existing one that is named."""
    missing = Checker(info("KnOrganisation"), "KnOrganisation").check(record).missing
    assert {one.path for one in missing} == lacks


def test_a_text_line_needs_no_quantity() -> None:
    """Text and subtotal lines carry no quantity; all others do, each named with its place."""
    lines = [{"VaIt": "Txt", "ItCd": "T"}, {"VaIt": "2", "ItCd": "A"}, {"VaIt": "4", "ItCd": "S"}]
    checked = Checker(info("FbSales"), "FbSales").check({"DbId": "1", "FbSalesLines": lines})
    assert [one.path for one in checked.missing] == ["FbSalesLines[2].QuUn"]


def test_a_row_that_is_to_be_inserted_must_be_whole_in_an_update_too() -> None:
    """What a row with `_action` insert lacks is a problem in every mode; of other rows only where all is inserted."""
    rows = [{"ItCd": "A", "_action": "insert"}, {"ItCd": "B"}, {"GuLi": "{0}", "_action": "update"}]
    checked = Checker(info("FbSales"), "FbSales").check({"FbSalesLines": rows})
    assert [one.path for one in checked.problems] == ["FbSalesLines[1].VaIt", "FbSalesLines[1].QuUn"]
    assert [one.path for one in checked.missing] == ["FbSalesLines[2].VaIt", "FbSalesLines[2].QuUn", "DbId"]


def test_names_are_taken_in_any_case_and_refused_twice() -> None:
    """A tap that changes the case of names still fits; the same field twice is a problem."""
    checker = Checker(info("KnPerson"), "KnPerson")
    assert checker.check({"lanm": "Jansen", "KNCONTACT": []}).row.fields == {"LaNm": "Jansen"}
    (problem,) = checker.check({"lanm": "Jansen", "LaNm": "Jansen"}).problems
    assert str(problem) == "field 'LaNm' (Achternaam): given twice"
    twice = Checker(info("FbSales"), "FbSales").check({"fbsaleslines": [{}], "FbSalesLines": [{}]})
    assert [str(one) for one in twice.problems] == ["field 'FbSalesLines': given twice"]


def test_a_label_instead_of_an_id_gets_a_hint() -> None:
    """Who uses the label of a field is told its id."""
    (problem,) = Checker(info("KnPerson"), "KnPerson").check({"Achternaam": "Jansen"}).problems
    assert str(problem) == "field 'Achternaam': unknown to KnPerson; 'LaNm' has that label"


def test_many_problems_are_counted() -> None:
    """One line stays one line: the first eight problems, and how many more there are."""
    checked = Checker(info("KnPerson"), "KnPerson").check({f"x{n}": 1 for n in range(12)})
    assert line("KnPerson", checked.problems).endswith("; and 4 more")


@pytest.mark.parametrize("rows", ["[1]", "{", "[[]]", 5, ["x"], "[" * 100_000])
def test_rows_that_are_no_rows_are_a_problem(rows: Any) -> None:
    """A sub-object is a list of objects, one object, or JSON text of either."""
    assert Checker(info("FbSales"), "FbSales").check({"FbSalesLines": rows}).problems


@pytest.mark.parametrize("empty", [None, "", [], {}, "[]"])
def test_an_empty_list_of_rows_is_nothing(empty: Any) -> None:
    """No rows are no rows, in each form."""
    checked = Checker(info("FbSales"), "FbSales").check({"DbId": "1", "FbSalesLines": empty})
    assert (checked.row.objects, list(checked.problems)) == ({}, [])


def test_money_in_json_text_is_exact() -> None:
    """Numbers of nested rows that come as JSON text are decimals, not floats."""
    rows = '[{"VaIt": "2", "ItCd": "A", "QuUn": 1, "Upri": 0.1}]'
    checked = Checker(info("FbSales"), "FbSales").check({"FbSalesLines": rows})
    assert checked.row.objects["FbSalesLines"][0].fields["Upri"] == Decimal("0.1")


@pytest.mark.parametrize("code", sorted(MATCHING))
def test_that_of_this_relation_is_a_value_everywhere(code: str) -> None:
    """Matching code 9 counts also where the list of values leaves it out."""
    known = UpdateField(field_id=code, data_type="string", values=[{"id": "0"}, {"id": "6"}])
    assert convert(known, "9") == "9"
    with pytest.raises(Unfit):
        convert(known, "8")


@pytest.mark.parametrize("value", ["2", "Art", "art", "*****"])
def test_item_types_are_numbers_or_letters(value: str) -> None:
    """An item type may be written as its number or in letters, and ***** means the default in any list."""
    known = UpdateField(field_id="VaIt", data_type="string", values=[{"id": "2"}, {"id": "6"}])
    assert convert(known, value) == value


@pytest.mark.parametrize(
    ("kind", "record", "row"),
    [
        ("decimal", "12.50", Decimal("12.5")),
        ("decimal", 12, "12.0"),
        ("int", "007", 7),
        ("boolean", "TRUE", True),
        ("boolean", 0, False),
        ("date", "2026-03-02", "2026-03-02T00:00:00Z"),
        ("date", "2026-07-01T10:00:00Z", "2026-07-01T12:00:00Z"),
        ("date", "2026-03-02 10:00", "2026-03-02T10:00:00Z"),
        ("string", "a\r\nb", "a\nb"),
        ("string", "", None),
        ("string", 5, "5"),
    ],
)
def test_equal_values_have_one_normal_form(kind: str, record: Any, row: Any) -> None:
    """A record's value and the row of a GetConnector that shows it count as equal, however they are written."""
    known = field(kind)
    assert normal(known, convert(known, record)) == normal(known, row)


def test_codes_are_compared_without_case_and_texts_with() -> None:
    """A code is the same in capitals; a name is not."""
    assert normal(field(control_type=5), "STK") == normal(field(control_type=5), "stk")
    assert normal(field(control_type=1), "Jansen") != normal(field(control_type=1), "JANSEN")


def test_the_table_of_operations_is_complete() -> None:
    """All documented connectors stand in it; those of the sandbox with the verbs that it serves."""
    assert len(operations()) >= 169
    for name, one in update_connectors().items():
        assert operations()[name.casefold()].verbs == one.methods
