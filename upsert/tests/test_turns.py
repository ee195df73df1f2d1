"""Rows of one document are put into parts that the kernel can run one after the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from upsert.model import Document, SourceKey
from upsert.turns import in_turn


def document(number: int, key: str, fields: frozenset[str]) -> Document[int]:
    """The n-th row."""
    return Document(key, SourceKey("rows", str(number)), number, {name: str(number) for name in fields})


ROWS = st.lists(st.tuples(st.sampled_from("ab"), st.frozensets(st.sampled_from("pqr"), min_size=1)), max_size=12)


@given(ROWS)
def test_nothing_is_lost_when_the_last_of_each_part_counts(rows: list[tuple[str, frozenset[str]]]) -> None:
    """Writing the last row per key of each part, part by part, ends as writing every row does."""
    documents = [document(number, key, fields) for number, (key, fields) in enumerate(rows)]
    every: dict[tuple[str, str], str] = {}
    for one in documents:
        every |= {(one.key, name): value for name, value in one.hashes.items()}
    kept: dict[tuple[str, str], str] = {}
    parts = in_turn(documents)
    for part in parts:
        for last in {one.key: one for one in part}.values():
            kept |= {(last.key, name): value for name, value in last.hashes.items()}
    assert kept == every
    assert sorted(one.content for part in parts for one in part) == list(range(len(rows)))


def test_rows_that_say_the_same_fields_need_one_part() -> None:
    """The usual batch stays one."""
    assert len(in_turn([document(n, "a", frozenset("pq")) for n in range(5)])) == 1
