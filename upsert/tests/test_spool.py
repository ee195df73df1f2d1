"""Records that wait in a temporary file."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from upsert.singer.spool import Spool


@given(st.lists(st.binary(max_size=300), max_size=20), st.integers(1, 5), st.integers(1, 900))
def test_everything_comes_back_in_order_and_in_small_parts(items: list[bytes], most: int, most_bytes: int) -> None:
    """As often as it is asked for, also between additions; a part is never larger than asked, but for one alone."""
    spool = Spool()
    for number, item in enumerate(items, 1):
        spool.append(item)
        assert list(spool) == items[:number]
    assert len(spool) == len(items)
    parts = list(spool.parts(most, most_bytes))
    assert [item for part in parts for item in part] == items
    assert all(part and len(part) <= most for part in parts)
    assert all(sum(map(len, part)) <= most_bytes for part in parts if len(part) > 1)
    spool.close()
