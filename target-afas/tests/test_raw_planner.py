"""The plan of a raw record, as properties: it converges, it leaves what is not the source's, it never adds twice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from afas_profit import UpdateField
from target_afas.raw.checker import Row
from target_afas.raw.lookup import Found
from target_afas.raw.planner import RawJob, RawPlanner, facts_of
from target_afas.raw.port import element
from target_afas.raw.settings import RawLookup, RawStream
from upsert.model import Applied, Base, Create, Hold, Skip, Update

SHOWN, UNSEEN = ("Aa", "Bb", "Cc"), ("Xx", "Yy")
FIELDS = {code: UpdateField(field_id=code, data_type="string", label=code) for code in ("Id", *SHOWN, *UNSEEN)}
LOOKUP = RawLookup(connector="All", field=["Key"], id={"Id": "Id"})
VALUES = st.dictionaries(st.sampled_from([*SHOWN, *UNSEEN]), st.sampled_from(["1", "2", "3", None]), max_size=5)
NOW = datetime(2026, 11, 2, tzinfo=UTC)


def hasher(text: str) -> str:
    return f"#{text}"


def planner(**settings: Any) -> RawPlanner:
    made = RawStream(**{"mode": "upsert", "lookup": LOOKUP, **settings})
    return RawPlanner("Things", made, hasher, FIELDS.get, compared=SHOWN, ids=("Id",))


def hashes_of(row: Row, plans: RawPlanner) -> dict[str, str]:
    return {name: hasher(text) for name, text in facts_of(row, plans.settings, FIELDS.get).items()}


def applied(hashes: dict[str, str]) -> Applied:
    return Applied({"Id": "7"}, Base(hashes), NOW)


def shown(held: dict[str, Any]) -> Found:
    """What the look-up shows of what AFAS holds."""
    return Found({"Id": "7"}, {code: held.get(code) for code in SHOWN})


def write(held: dict[str, Any], plan: Update) -> dict[str, Any]:
    """What AFAS holds after an update."""
    fields = element(plan.diff.row, keep_empty=True).fields
    assert fields["Id"] == "7"
    return {**held, **{code: value for code, value in fields.items() if code != "Id"}}


@given(VALUES, VALUES)
def test_an_update_brings_afas_to_the_record_and_then_rests(record: dict[str, Any], held: dict[str, Any]) -> None:
    """After the planned update every field of the record stands in AFAS, and a second plan is to do nothing."""
    plans, row = planner(), Row(record)
    hashes = hashes_of(row, plans)
    plan = plans.plan(RawJob(row), hashes, shown(held), None)
    after = write(held, plan) if isinstance(plan, Update) else held
    assert all(after.get(code) == value for code, value in record.items())
    again = plans.plan(RawJob(row), hashes, shown(after), applied(hashes))
    assert again == Skip("same_in_afas", same=True)


@given(VALUES, VALUES, VALUES)
def test_what_only_afass_users_changed_stays(first: dict[str, Any], second: dict[str, Any], by_hand: Any) -> None:
    """Fields that the source left as they were are never sent, whatever AFAS's users made of them."""
    plans = planner()
    old = hashes_of(Row(first), plans)
    row = Row(second)
    plan = plans.plan(RawJob(row), hashes_of(row, plans), shown({**first, **by_hand}), applied(old))
    if isinstance(plan, Update):
        unchanged = {code for code, value in second.items() if code in first and first[code] == value}
        assert not unchanged & plan.diff.row.fields.keys()


@given(VALUES, VALUES, VALUES)
def test_conflicts_are_held_by_setting(first: dict[str, Any], second: dict[str, Any], by_hand: Any) -> None:
    """With `conflicts: hold`, no field that the look-up shows changed on both sides is ever sent."""
    plans, row = planner(conflicts="hold"), Row(second)
    held = {**first, **by_hand}
    plan = plans.plan(RawJob(row), hashes_of(row, plans), shown(held), applied(hashes_of(Row(first), plans)))
    both = {
        code
        for code in SHOWN
        if code in second
        and second[code] != held.get(code)
        and held.get(code) != first.get(code)
        and (code not in first or second[code] != first[code])
    }
    if both:
        assert isinstance(plan, Hold)
        assert plan.reason == "changed_on_both_sides"
    if isinstance(plan, Update):
        assert not both & plan.diff.row.fields.keys()


@given(VALUES)
def test_nulls_that_are_to_be_left_are_never_sent(record: dict[str, Any]) -> None:
    """With `nulls: leave`, an empty value neither clears a field nor makes a record changed."""
    plans, row = planner(nulls="leave"), Row(record)
    plan = plans.plan(RawJob(row), hashes_of(row, plans), shown(dict.fromkeys(SHOWN, "9")), None)
    if isinstance(plan, Update):
        assert None not in plan.diff.row.fields.values()
    else:
        assert all(value is None for value in record.values())


@given(VALUES, st.sampled_from(["hold", "send", "leave"]), st.sampled_from([None, "insert", "update", "delete"]))
def test_rows_are_added_only_when_told(record: dict[str, Any], setting: str, action: Any) -> None:
    """A row without `_action` goes with an update only by setting, one with it always."""
    rows = [Row({"Ds": "x"}, action=action, single=False)]
    plans, row = planner(rows_on_update=setting), Row(record, objects={"Lines": rows})
    plan = plans.plan(RawJob(row), hashes_of(row, plans), shown({}), None)
    if action is None and setting == "hold":
        assert plan == Hold("rows_without_action", "Lines")
    elif action is None and setting == "leave":
        assert not isinstance(plan, Update) or not plan.diff.row.objects
    else:
        assert isinstance(plan, Update)
        assert list(plan.diff.row.objects["Lines"]) == rows


@given(VALUES)
def test_rows_of_an_unclear_update_wait_for_a_person(record: dict[str, Any]) -> None:
    """While an update may have added rows already, they are sent again only when a person says so."""
    plans = planner()
    row = Row(record, objects={"Lines": [Row({"Ds": "x"}, action="insert", single=False)]})
    hashes = hashes_of(row, plans)
    before = Applied({"Id": "7"}, Base({}, {name: [value] for name, value in hashes.items()}), NOW)
    assert plans.plan(RawJob(row), hashes, shown(record), before) == Hold("in_doubt", "Lines")
    assert isinstance(plans.plan(RawJob(row), hashes, shown(record), before, released=True), Update)


def test_each_mode_makes_only_what_it_may() -> None:
    """Insert never changes, update never makes, upsert does either, and a deletion does neither."""
    job = RawJob(Row({"Aa": "1"}))
    hashes = {"Aa": hasher("1")}
    there = shown({"Aa": "2"})
    assert planner(mode="insert").plan(job, hashes, there, None) == Skip("exists_in_afas")
    assert planner(mode="update").plan(job, hashes, None, None) == Hold("not_in_afas")
    assert planner().plan(job, hashes, None, None) == Create()
    gone = RawJob(Row(), deleted=True)
    assert planner().plan(gone, {}, None, None) == Skip("already_gone")
    plan = planner().plan(gone, {}, there, None)
    assert isinstance(plan, Update)
    assert plan.diff.delete
