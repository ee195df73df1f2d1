"""The set of ids in a STATE."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tap_lightspeed.ids import Ids

NUMBERS = st.lists(st.integers(1, 300) | st.integers(1, 10**13), max_size=60)


@given(NUMBERS, st.booleans())
def test_it_is_a_set_in_whatever_order_ids_come(numbers, falling):
    """Falling or not, near or far apart, twice or once."""
    ids = Ids(sorted(numbers, reverse=True) if falling else numbers)
    assert set(ids) == set(numbers)
    assert len(ids) == len(set(numbers))
    assert all((number in ids) == (number in numbers) for number in [*range(1, 301), *numbers])


@given(NUMBERS, st.booleans())
def test_a_state_gives_back_what_it_was_given(numbers, falling):
    """Packing loses nothing."""
    ids = Ids(sorted(numbers, reverse=True) if falling else numbers)
    assert set(Ids.unpack(ids.pack())) == set(numbers)


def test_a_long_list_is_packed_in_pieces():
    """The seams between the pieces show nowhere; neighbours take hardly any room."""
    ids = Ids(range(46_100_000, 46_000_000, -1))
    assert len(ids.pack()) < 1_000
    assert sorted(Ids.unpack(ids.pack())) == list(range(46_000_001, 46_100_001))
