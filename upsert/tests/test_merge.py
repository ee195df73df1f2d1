"""Properties of the three-way merge."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from upsert.merge import three_way

HASHES = st.dictionaries(st.sampled_from("abcd"), st.sampled_from("123"))


def merged(base: dict[str, str] | None, source: dict[str, str], target: dict[str, str]) -> dict[str, str]:
    """The target after applying."""
    return {**target, **{name: source[name] for name in three_way(base, source, target).apply}}


@given(HASHES, HASHES, HASHES)
def test_what_only_the_target_changed_is_never_overwritten(base, source, target) -> None:
    """A field whose source is as it was keeps the target's value."""
    result = three_way(base, source, target)
    for name, value in source.items():
        if base.get(name) == value and target.get(name) != value:
            assert name in result.keep
            assert name not in result.apply | result.conflicts


@given(HASHES, HASHES, HASHES)
def test_applying_twice_is_applying_once(base, source, target) -> None:
    """After applying, nothing is left to apply, whether the base was moved or not."""
    after = merged(base, source, target)
    assert not three_way(base, source, after).apply
    assert not three_way({**base, **source}, source, after).apply


@given(st.none() | HASHES, HASHES)
def test_equal_sides_need_nothing(base, source) -> None:
    """No conflict and nothing to do where target and source agree."""
    result = three_way(base, source, source)
    assert not (result.apply | result.keep | result.conflicts)


@given(HASHES, HASHES)
def test_without_a_base_every_difference_is_a_conflict(source, target) -> None:
    """What we never wrote is never overwritten by guess."""
    result = three_way(None, source, target)
    assert result.conflicts == {name for name in source if source[name] != target.get(name)}
    assert not (result.apply | result.keep)


@given(st.none() | HASHES, HASHES, HASHES)
def test_every_difference_has_one_place(base, source, target) -> None:
    """The three sets are disjoint and hold exactly the fields that differ."""
    result = three_way(base, source, target)
    parts = (result.apply, result.keep, result.conflicts)
    assert frozenset().union(*parts) == {name for name in source if source[name] != target.get(name)}
    assert sum(map(len, parts)) == len(frozenset().union(*parts))
