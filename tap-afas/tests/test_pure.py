"""The decisions, without a server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afas_profit import Condition, GetField, Op, since, to_afas
from tap_afas import estimate, known, localtime, source_key
from tap_afas.bookmark import Bookmark, Position, revived
from tap_afas.conditions import as_filter, read_filter
from tap_afas.definition import define
from tap_afas.seek import behind
from tap_afas.settings import Deletes, Settings, StreamSettings
from tap_afas.snapshot import Keys, Packed, count, most_gone, unpacked
from upsert.errors import ConfigurationError

VALUES = st.one_of(
    st.none(), st.text(), st.integers(), st.booleans(), st.decimals(allow_nan=False, allow_infinity=False)
)


def field(name, kind="string", label="", **more):
    return GetField(id=name, data_type=kind, label=label, **more)


# times


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2026-01-31T08:41:37Z", "2026-01-31T07:41:37Z"),
        ("2026-07-31T00:30:00Z", "2026-07-30T22:30:00Z"),
        ("2026-03-29T01:59:59Z", "2026-03-29T00:59:59Z"),
        ("2026-03-29T02:30:00Z", "2026-03-29T01:30:00Z"),
        ("2026-03-29T03:00:00Z", "2026-03-29T01:00:00Z"),
        ("2026-10-25T01:59:59Z", "2026-10-24T23:59:59Z"),
        ("2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"),
        ("2026-10-25T03:00:00Z", "2026-10-25T02:00:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("1930-05-01T12:00:00Z", None),
    ],
)
def test_local_times_become_instants(local, utc):
    """The `Z` is ignored and the time is Amsterdam's, in both nights of the clock change and for all years."""
    assert localtime.moment(local) == (utc or localtime._exactly(local))
    assert localtime.moment(local) == localtime.moment(local[:-1])


def test_midnight_is_a_date_unless_told():
    """A pure date stays the same day; a moment at midnight is shifted when the field is said to be one."""
    assert localtime.auto("2026-07-31T00:00:00Z") == "2026-07-31T00:00:00Z"
    assert localtime.auto("2026-07-31T09:00:00Z") == "2026-07-31T07:00:00Z"
    assert localtime.moment("2026-07-31T00:00:00Z") == "2026-07-30T22:00:00Z"
    assert localtime.day("2026-07-31T00:00:00Z") == "2026-07-31"


@given(st.integers(0, 48 * 3600))
def test_nothing_is_missed_in_the_night_of_october(seconds):
    """What happens at or after a bookmark has a local time that the filter from it keeps."""
    bookmark = datetime(2026, 10, 24, tzinfo=UTC) + timedelta(seconds=seconds)
    for later in (0, 1, 1800, 3599, 3600, 7200):
        assert to_afas(bookmark + timedelta(seconds=later)) >= since(bookmark)


# keys as text


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_a_key_comes_back_from_its_text(values):
    """The text of a key gives the same values again, whatever signs are in them."""
    kinds = ["boolean" if isinstance(one, bool) else "int" if isinstance(one, int) else "decimal"
             if isinstance(one, Decimal) else "string" for one in values]  # fmt: skip
    assert source_key.from_text(source_key.to_text(values), kinds) == values
    assert "\n" not in source_key.to_text(values)


def test_a_single_key_is_its_own_text():
    """A simple key reads as a person would write it."""
    assert source_key.to_text(["SKU-0001"]) == "SKU-0001"
    assert source_key.to_text(["2", 7]) == "2|7"
    with pytest.raises(ValueError, match="not a key"):
        source_key.from_text("a|b", ["string"])


# reading on behind a row


def test_behind_a_row():
    """Rows behind (1, b) are those with 1 and more than b, then those with more than 1: each a plain AND."""
    one, two = behind(["a", "b"], ["int", "string"], [1, "b"])
    assert one.groups == ((Condition("a", Op.EQUAL, 1), Condition("b", Op.GREATER, "b")),)
    assert two.groups == ((Condition("a", Op.GREATER, 1),),)


def test_behind_a_row_with_dates_reads_its_moment_again():
    """From a date on, equality can't be asked, so rows of the same moment come again and none is missed."""
    one, two = behind(["a", "d", "b"], ["int", "date", "string"], [1, "2026-01-01T10:00:00Z", "b"])
    assert one.groups[0][1] == Condition("d", Op.AT_LEAST, "2026-01-01T10:00:00")
    assert two.groups == ((Condition("a", Op.GREATER, 1),),)


def test_behind_a_row_without_value():
    """Empty values come first, and filled ones behind them."""
    (one,) = behind(["a"], ["string"], [None])
    assert one.groups == ((Condition("a", Op.NOT_EMPTY),),)


def test_behind_yes_or_no():
    """No larger-than is asked of a yes/no field: behind "no" comes "yes", and behind that nothing."""
    same, rest = behind(["a", "b"], ["boolean", "string"], [False, "x"])
    assert same.groups == ((Condition("a", Op.EQUAL, False), Condition("b", Op.GREATER, "x")),)
    assert rest.groups == ((Condition("a", Op.EQUAL, True),),)
    (same,) = behind(["a", "b"], ["boolean", "string"], [True, "x"])
    assert same.groups == ((Condition("a", Op.EQUAL, True), Condition("b", Op.GREATER, "x")),)


# how many rows there are


@given(st.integers(1, 10**9), st.integers(2, 10**6), st.integers(2, 10**6))
def test_the_guess_is_exact_without_gaps(start, rows, more):
    """For keys that count up by one, the number of rows is known exactly, as numbers and as text."""
    last = start + rows + more - 1
    assert estimate.total((start,), (start + rows - 1,), (last,), rows) == rows + more
    texts = [f"A-{number:012}" for number in (start, start + rows - 1, last)]
    assert estimate.total((texts[0],), (texts[1],), (texts[2],), rows) == rows + more


def test_no_guess_for_keys_that_do_not_count():
    """Words tell nothing."""
    assert estimate.total(("aap",), ("noot",), ("zus",), 10) is None
    assert not estimate.can_estimate(("a1",), ("b2",))


# filters


@pytest.mark.parametrize(
    "form",
    [
        [{"field": "Blocked", "value": False}, {"field": "ModifiedDate", "op": ">=", "value": "2026-01-31T08:00:00"}],
        {"filterfieldids": "Blocked,ModifiedDate", "filtervalues": "false,2026-01-31T08:00:00", "operatortypes": "1,2"},
        "filterfieldids=Blocked%2CModifiedDate&filtervalues=false%2C2026-01-31T08%3A00%3A00&operatortypes=1%2C2",
        {"Filters": {"Filter": [{"@FilterId": "Filter 1", "Field": [
            {"@FieldId": "Blocked", "@OperatorType": "1", "#text": "false"},
            {"@FieldId": "ModifiedDate", "@OperatorType": "2", "#text": "2026-01-31T08:00:00"}]}]}},
    ],
)  # fmt: skip
def test_every_form_of_a_filter_means_the_same(form):
    """A list, AFAS's simple form (also as it stands in a URL) and its JSON form."""
    groups = StreamSettings(filter=form).filter
    wanted = (Condition("Blocked", Op.EQUAL, "false"), Condition("ModifiedDate", Op.AT_LEAST, "2026-01-31T08:00:00"))
    assert as_filter(groups).groups == (wanted,)


def test_either_or_in_a_filter():
    """`;` in the simple form and a list of lists are OR."""
    simple = StreamSettings(filter={"filterfieldids": "A;A", "filtervalues": "1;2"}).filter
    assert simple == StreamSettings(filter=[[{"field": "A", "value": "1"}], [{"field": "A", "value": 2}]]).filter
    assert len(as_filter(simple).groups) == 2


@pytest.mark.parametrize("form", [[], {}, "x", 5, {"filterfieldids": "A,B;C", "filtervalues": "1,2;3"}, [{"op": 3}]])
def test_a_filter_that_is_none_is_refused(form):
    """No form, or one whose meaning nobody knows, is a wrong setting."""
    with pytest.raises(ValueError, match=r"."):
        StreamSettings(filter=form)
    assert read_filter(None) is None


# what metainfo doesn't say


def test_keys_and_times_of_change_of_standard_connectors():
    """Standard connectors have known keys; times of change are recognised by name or label, joined ones as well."""
    fields = [
        field("ItemCode"),
        field("CreateDate", "date", "Aangemaakt op"),
        field("ModifiedDate", "date", "Gewijzigd op"),
    ]
    assert known.keys("Profit_Article", fields) == ("ItemCode",)
    assert known.keys("Profit_Article", fields[1:]) == ()
    assert known.changed_fields(fields) == ("ModifiedDate", "CreateDate")
    joined = [field("Gewijzigd_op", "date"), field("Gewijzigd_op_2", "date", "Gewijzigd op")]
    assert known.changed_fields(joined) == ("Gewijzigd_op", "Gewijzigd_op_2")


@pytest.mark.parametrize(
    ("name", "kind", "label"),
    [
        ("DateModified", "date", "Dummy datumveld"),
        ("ModifiedDate", "string", "Gewijzigd op"),
        ("CreateDate", "date", "Aangemaakt op"),
        ("OrderDate", "date", "Datum"),
    ],
)
def test_no_false_time_of_change(name, kind, label):
    """A dummy, a text, a date of creation alone and any other date are no replication key."""
    assert known.changed_fields([field(name, kind, label)]) == ()


def info(*fields, name="Items"):
    from afas_profit import GetConnectorInfo

    return GetConnectorInfo(name=name, description="Artikelen", fields=list(fields))


def test_the_schema_says_what_metainfo_says():
    """Types, lengths, labels, decimals and codes are in the schema; every field may be null."""
    codes = [{"id": "0", "description": "Standaard"}, {"id": "4", "description": "Twee dimensies"}]
    made = define(
        info(
            field("Code", label="Itemcode", length=40),
            field("Price", "decimal", "Prijs", length=26, decimals=10),
            field("Type", label="Type", length=10, values=codes),
            field("Stock", "boolean"),
            field("Count", "int"),
            field("Text", "blob"),
            field("Day", "date", "Leverdatum"),
        ),
        "Items",
        StreamSettings(keys=["Code"], dates={"D*": "date"}),
    )
    found = made.schema(source_fields=False, lengths=True, attachments={})["properties"]
    assert found["Code"] == {
        "type": ["string", "null"],
        "title": "Itemcode",
        "maxLength": 40,
        "description": "Itemcode",
    }
    assert found["Price"]["description"] == "Prijs. 26 digits, 10 of them decimals"
    assert found["Type"]["description"] == "Type. 0 = Standaard; 4 = Twee dimensies"
    assert [found[name]["type"][0] for name in ("Price", "Stock", "Count", "Text")] == [
        "number", "boolean", "integer", "string",
    ]  # fmt: skip
    assert found["Day"]["format"] == "date"
    assert "maxLength" not in made.schema(source_fields=False, lengths=False, attachments={})["properties"]["Code"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"keys": ["Kode"]}, "no field Kode"),
        ({"replication_key": ["Code"]}, "date-time fields"),
        ({"filter": [{"field": "X"}]}, "no field X"),
        ({"deletes": True}, "needs streams.Items.keys"),
        ({"attachments": [{"kind": "image", "id": "Code", "into": "Code"}]}, "choose another `into`"),
        ({"attachments": [{"kind": "image", "id": "Code"}, {"kind": "image", "id": "Code"}]}, "another `into`"),
    ],
)
def test_settings_that_do_not_fit_the_connector(options, says):
    """A wrong field name is said before the first row is asked for."""
    with pytest.raises(ConfigurationError, match=says):
        define(info(field("Code")), "Items", StreamSettings(**options))


def test_a_stream_that_cannot_be_incremental_warns_once():
    """One line says what is missing, and an empty list says that it is meant."""
    assert len(define(info(field("Code")), "Items", StreamSettings()).warnings) == 1
    assert define(info(field("Code")), "Items", StreamSettings(keys=[], replication_key=[])).warnings == ()


def test_sort_by_all_fields_when_there_is_no_key():
    """Fields that AFAS can't sort on are left out, and so are texts without end."""
    made = define(info(field("A.b"), field("C"), field("T", "blob")), "Items", StreamSettings(keys=[]))
    assert made.order(()) == ("C",)
    with pytest.raises(ConfigurationError, match=r"can't sort on A\.b"):
        made.order(("A.b",))


def test_settings_of_a_stream_come_from_all_patterns():
    """A longer pattern wins over a shorter one, the exact name over all, each setting by itself."""
    settings = Settings(
        environment="O12345AA",
        token="x",
        streams={
            "*": {"page_size": 100, "keys": ["Id"]},
            "Items_*": {"page_size": 50, "overlap_minutes": 5},
            "items_stock": {"page_size": 10},
        },
    )
    found = settings.stream("Items_Price")
    assert (found.page_size, found.keys, found.overlap_minutes) == (50, ("Id",), 5)
    assert settings.stream("items_stock").page_size == 10
    assert settings.stream("Other").replication_key is None


def test_only_wanted_connectors():
    """Patterns choose connectors, and `!` leaves some out."""
    settings = Settings(environment="O12345AA", token="x", connectors=["Profit_*", "!*_image"])
    assert [settings.wants(name) for name in ("Profit_Article", "profit_debtor", "Profit_Article_image", "X")] == [
        True, True, False, False,
    ]  # fmt: skip


# state


def test_a_bookmark_comes_back_from_the_state():
    """What a state says is read back, numbers exactly."""
    place = Position("q", "2026-11-01T10:00:00Z", ("A", None, 3, Decimal("1.50")))
    bookmark = Bookmark("2026-11-01T09:00:00Z", place, {b"12345678": None}, 7)
    bookmark.unlisted.add("A|1")
    read = Bookmark.read(bookmark.as_state(), "s", number=False)
    assert list(read.unlisted) == ["A|1"]
    assert (read.value, read.seen, read.rows) == (bookmark.value, bookmark.seen, 7)
    assert revived(read.position.after, ["string", "string", "int", "decimal"]) == place.after
    empty = Bookmark.read({}, "s", number=False).as_state()
    assert empty == {"replication_key_value": None, "position": None, "seen": "", "rows": None, "unlisted": ""}


@pytest.mark.parametrize(
    "state",
    [
        {"replication_key_value": "soon"},
        {"replication_key_value": 5},
        {"position": [1]},
        {"seen": "%"},
        {"unlisted": " "},
        {"unlisted": "keys"},
    ],
)
def test_a_state_that_cannot_be_read_is_refused(state):
    """A broken position never means: begin anew."""
    with pytest.raises(ConfigurationError, match=r"bookmarks\.s"):
        Bookmark.read(state, "s", number=False)


def test_a_bookmark_only_rises():
    """A server's clock that goes back moves nothing."""
    bookmark = Bookmark("2026-11-01T09:00:00Z")
    bookmark.rise("2026-11-01T08:00:00Z")
    assert bookmark.value == "2026-11-01T09:00:00Z"


# keys of a whole stream


@given(st.sets(st.text(alphabet=st.characters(exclude_characters="\n")), max_size=50), st.data())
def test_what_vanished_is_found(keys, data):
    """The missing keys are exactly those that were there and are not any more."""
    kept = data.draw(st.sets(st.sampled_from(sorted(keys)))) if keys else set()
    first, second = Keys(), Keys()
    for one in sorted(keys):
        first.add(one)
    for one in kept:
        second.add(one)
    packed = first.pack()
    assert count(packed) == len(keys)
    assert set(second.missing(unpacked(packed))) == keys - kept


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\n")), max_size=50), st.integers(0, 50))
def test_packed_keys_go_on_after_a_state(keys, cut):
    """Keys that are kept over several runs are all of them, in order."""
    packed = Packed()
    for one in keys[:cut]:
        packed.add(one)
    packed = Packed.read(packed.text())
    for one in keys[cut:]:
        packed.add(one)
    assert list(packed) == list(Packed.read(packed.text())) == keys
    assert len(packed) == len(keys)


def test_keys_are_packed_small():
    """Keys that count up take a few bytes each."""
    keys = Keys()
    for number in range(10_000):
        keys.add(f"SKU-{number:06}")
    assert len(keys.pack()) < 3 * 10_000


def test_the_guard_has_a_floor():
    """Of a handful of records any may go; of many only a share."""
    assert most_gone(5, Deletes()) == 10
    assert most_gone(1000, Deletes()) == 200
