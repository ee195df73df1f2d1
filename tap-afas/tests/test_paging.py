"""Paging over rows that move, answers cut by the server, and calls at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afas_profit import Invalid, Op
from tap_afas.paging import Pager, Question
from tap_afas.rows import parse_page
from upsert.errors import Outage

TESTS = {
    Op.EQUAL: lambda a, b: a == b,
    Op.GREATER: lambda a, b: a > b,
    Op.AT_LEAST: lambda a, b: a >= b,
}


class Table:
    """Rows as AFAS would give them; `between` is called before every answer and may change them."""

    def __init__(self, rows, between=None, most=None):
        self.rows = list(rows)
        self.between = between
        self.most = most
        self.calls = []

    def __call__(self, where, order, skip, take):
        self.calls.append((skip, take, where))
        if self.between:
            self.between(self)
        rows = self.rows
        if where is not None:
            rows = [r for r in rows if any(all(TESTS[c.op](r[c.field], c.value) for c in g) for g in where.groups)]
        for name in reversed(order):
            rows = sorted(rows, key=lambda row, name=name: row[name.lstrip("-")], reverse=name.startswith("-"))
        told = min(take, self.most or take)
        return parse_page(json.dumps({"skip": skip, "take": told, "rows": rows[skip : skip + told]}).encode())


def read(
    table, *, take=10, seek=True, partition=10**9, width=5, after=None, order=("Id",), expected=None, kinds=("int",)
):
    """All rows that the pager gives."""
    question = Question(None, order, kinds, seek, take, take, partition, expected)
    with ThreadPoolExecutor(width) as pool:
        pager = Pager(question, table, lambda raw: tuple(json.loads(bytes(raw))[one] for one in order), pool, width)
        return [json.loads(bytes(raw)) for page in pager.pages(after) for raw in page]


def ids(rows):
    return [row["Id"] for row in rows]


@given(rows=st.integers(0, 120), take=st.integers(2, 30), partition=st.integers(2, 60), width=st.integers(1, 5))
@settings(deadline=None, max_examples=60)
def test_every_row_once_in_order(rows, take, partition, width):
    """Whatever the sizes: each row once, in order, and no two pages at odds."""
    table = Table({"Id": number * 3} for number in range(rows))
    assert ids(read(table, take=take, partition=partition, width=width)) == [number * 3 for number in range(rows)]


def test_calls_are_few():
    """No more calls than pages, and one to learn where the end is."""
    table = Table({"Id": number} for number in range(1, 5001))
    assert len(read(table, take=100)) == 5000
    assert len(table.calls) <= 5000 / 99 + 2


def test_a_count_of_last_time_spares_calls():
    """Keys that don't count up: the number of rows of the last run tells the end."""
    rows = [{"Id": f"{number * 2654435761 % 10**9:x}"} for number in range(1000)]
    table = Table(rows)
    assert len(read(table, take=50, expected=1000, kinds=("string",))) == 1000
    assert len(table.calls) <= 1000 / 49 + 2


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=30)
def test_rows_that_go_away_take_none_with_them(seed):
    """Rows deleted while pages are read move the others; every row that stays comes exactly once, in order."""
    chance = Random(seed)  # noqa: S311 - repeatable
    table = Table({"Id": number} for number in range(200))
    gone = set()

    def between(table):
        if len(table.calls) % 3 == 0 and table.rows:
            gone.add(table.rows.pop(chance.randrange(len(table.rows)))["Id"])

    table.between = between
    found = ids(read(table, take=20, width=1))
    assert found == sorted(set(found))
    assert set(range(200)) - gone <= set(found)


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=30)
def test_rows_that_go_away_without_a_key(seed):
    """Without a key no row that stays is lost either; some may come twice."""
    chance = Random(seed)  # noqa: S311 - repeatable
    table = Table({"Id": number} for number in range(200))
    gone = set()

    def between(table):
        if len(table.calls) % 4 == 0 and table.rows:
            gone.add(table.rows.pop(chance.randrange(len(table.rows)))["Id"])

    table.between = between
    found = set(ids(read(table, take=20, seek=False, width=1)))
    assert set(range(200)) - gone <= found


def test_deep_skips_become_filters():
    """After so many rows reading goes on by key, so no skip is larger than a partition and a page."""
    table = Table({"Id": number} for number in range(1000))
    assert len(read(table, take=50, partition=200)) == 1000
    assert max(skip for skip, _, _ in table.calls) < 250
    assert sum(where is not None for _, _, where in table.calls) > 10


def test_resume_behind_a_row():
    """Reading goes on behind any row, whatever was read before."""
    table = Table({"Id": number, "Nr": nr} for number in range(10) for nr in range(5))
    rows = read(table, take=7, after=(4, 2), order=("Id", "Nr"), kinds=("int", "int"))
    assert [(row["Id"], row["Nr"]) for row in rows] == [
        (number, nr) for number in range(4, 10) for nr in range(5) if (number, nr) > (4, 2)
    ]


def test_a_server_that_gives_less_is_believed():
    """Should AFAS cap `take`, its smaller page is a full one."""
    table = Table(({"Id": number} for number in range(100)), most=15)
    assert ids(read(table, take=40)) == list(range(100))


def test_out_of_memory_makes_pages_smaller():
    """AFAS has no room for so many cells at once: half as many rows are asked for, and none is lost."""

    def between(table):
        if table.calls[-1][1] > 12:
            raise Invalid("Out of String space", call="GET connectors/X", status=500)

    table = Table(({"Id": number} for number in range(100)), between)
    assert ids(read(table, take=50)) == list(range(100))
    assert min(take for _, take, _ in table.calls if take > 1) == 12


def test_no_more_than_allowed_at_once():
    """Look-ahead is bounded: never more pages asked for than may be under way beyond the one in hand."""
    table = Table({"Id": number} for number in range(2000))
    question = Question(None, ("Id",), ("int",), True, 10, 10, 10**9, None)
    with ThreadPoolExecutor(5) as pool:
        pager = Pager(question, table, lambda raw: (json.loads(bytes(raw))["Id"],), pool, 5)
        for number, _ in enumerate(pager.pages(), 1):
            assert len(table.calls) <= number + 6


def test_rows_that_never_stop_moving_end_the_reading():
    """A table that changes under every call isn't read for ever."""

    def between(table):
        table.rows.insert(0, {"Id": -len(table.calls)})

    table = Table(({"Id": number} for number in range(3000)), between)
    with pytest.raises(Outage, match="faster than"):
        read(table, take=10, seek=False, width=1)


@pytest.mark.parametrize("partition", [4, 25, 60])
@pytest.mark.parametrize("days", [[100], [30, 70], [1, 98, 1], [3] * 33, [0]])
def test_many_rows_of_one_moment_are_read_once(days, partition):
    """A sort that begins with a date can't go on within one moment: parts end between moments, each row comes once."""
    rows = [
        {"Day": f"2026-11-{day % 28 + 1:02}T{day // 28:02}:00:00Z", "Id": number}
        for day, many in enumerate(days)
        for number in range(many)
    ]
    table = Table(rows, between=lambda table: None if len(table.calls) < 200 else pytest.fail("reads for ever"))
    found = read(table, partition=partition, order=("Day", "Id"), kinds=("date", "int"))
    assert found == sorted(rows, key=lambda row: (row["Day"], row["Id"]))
