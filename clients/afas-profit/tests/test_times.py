"""Local times and instants, in every time zone of the host."""

import os
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afas_profit import from_afas, since, to_afas

AUTUMN = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
SPRING = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
near_a_change = st.builds(
    lambda change, seconds: change + timedelta(seconds=seconds),
    st.sampled_from([AUTUMN, SPRING, datetime(2024, 10, 27, 1, tzinfo=UTC), datetime(2031, 3, 30, 1, tzinfo=UTC)]),
    st.integers(-4 * 3600, 4 * 3600) | st.sampled_from([-7200, -3601, -3600, -1, 0, 1, 3599, 3600, 7200]),
)
moments = st.timedeltas(timedelta(), timedelta(days=37 * 365)).map(datetime(2000, 1, 1, tzinfo=UTC).__add__)
instants = near_a_change | moments.map(lambda moment: moment.replace(microsecond=0))
zones = st.sampled_from(["UTC", "America/St_Johns", "Asia/Kolkata", "Pacific/Apia", "Europe/Amsterdam"])


@pytest.fixture(params=["UTC", "America/Los_Angeles", "Asia/Kathmandu", "Europe/Amsterdam"], autouse=True)
def host_zone(request, monkeypatch):
    """The host's time zone has no say."""
    monkeypatch.setitem(os.environ, "TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_the_false_z_is_ignored():
    """A row's Z means nothing: the text is Amsterdam time."""
    assert from_afas("2026-01-31T08:00:00Z") == from_afas("2026-01-31T08:00:00") == datetime(2026, 1, 31, 7, tzinfo=UTC)
    assert from_afas("2026-07-01T08:00:00Z") == datetime(2026, 7, 1, 6, tzinfo=UTC)


def test_both_nights_by_hand():
    """02:30 in October is two instants, and in March none: it is read as 03:30."""
    assert from_afas("2026-10-25T02:30:00Z") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert from_afas("2026-10-25T02:30:00Z", later=True) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert from_afas("2026-03-29T02:30:00Z") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert since(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)) == "2026-10-25T02:00:00"
    assert since(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)) == "2026-10-25T02:30:00"
    assert since(datetime(2026, 10, 24, 23, 59, 59, tzinfo=UTC)) == "2026-10-25T01:59:59"
    assert since(datetime(2026, 3, 29, 1, 0, tzinfo=UTC)) == "2026-03-29T03:00:00"


@given(instants, zones)
def test_an_instant_comes_back(instant, zone):
    """Out and in again gives the instant, of which the text can say one of two in October."""
    text = to_afas(instant.astimezone(ZoneInfo(zone)))
    assert len(text) == 19
    assert instant in {from_afas(text), from_afas(text, later=True)}


@given(instants, st.timedeltas(timedelta(), timedelta(hours=6)))
def test_a_filter_from_an_instant_on_misses_nothing(instant, after):
    """Whatever happens at or after the instant has a local text at or after `since`."""
    assert to_afas(instant + after) >= since(instant)


@given(instants)
def test_the_widening_is_no_more_than_needed(instant):
    """The text is the local time of some instant at or after the one given, at most an hour later."""
    first, second = from_afas(since(instant)), from_afas(since(instant), later=True)
    assert any(instant <= moment <= instant + timedelta(hours=1) for moment in (first, second))


@given(moments)
def test_fractions_are_cut_as_afas_does(moment):
    """A text never lies after its instant."""
    assert to_afas(moment) == to_afas(moment.replace(microsecond=0))


@pytest.mark.parametrize("work", [to_afas, since])
def test_an_instant_without_zone_is_refused(work):
    """Guessing the zone is how hours get lost."""
    with pytest.raises(ValueError, match="time zone"):
        work(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the case


def test_a_time_with_an_offset_is_not_afas_time():
    """A real offset means that the text is from elsewhere."""
    with pytest.raises(ValueError, match="offset"):
        from_afas("2026-01-31T08:00:00+01:00")
