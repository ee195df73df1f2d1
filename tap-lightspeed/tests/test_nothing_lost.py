"""Whatever happens between two pages or two messages, every record arrives as it is in the end."""

from __future__ import annotations

from unittest import mock

import pytest
from fake_shop import FakeShop, Stdout, records, run, states
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tap_lightspeed import listing, stream

PAGE = 3

actions = st.lists(
    st.one_of(
        st.just(("new", 0)),
        st.tuples(st.just("edit"), st.integers(0, 30)),
        st.tuples(st.just("delete"), st.integers(0, 30)),
        st.tuples(st.just("delete"), st.integers(0, 30)),
        st.tuples(st.just("pass"), st.sampled_from([0, 1, 2, 3, 400])),
    ),
    max_size=3,
)


def act(shop, table, todo):
    """Let things happen in the shop."""
    for what, number in todo:
        rows = shop.tables[table]
        if what == "new":
            shop.order(memo="1") if table == "orders" else shop.customer(memo="1")
        elif what == "pass":
            shop.clock.pass_(number)
        elif rows:
            key = sorted(rows)[number % len(rows)]
            if what == "edit":
                shop.edit(table, key, memo=f"{rows[key]['memo']}x")
            elif table == "customers":
                # Orders can't be deleted in the shop.
                del rows[key]


def delivered(messages, table, known):
    """Note what a target has got."""
    known.update((one["id"], one["memo"]) for one in records(messages, table))


@pytest.mark.parametrize("table", ["orders", "customers"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.integers(0, 12),
    # Seconds between the first records: within one overlap, or far beyond it.
    apart=st.sampled_from([0, 7, 7200]),
    disturbances=st.lists(actions, max_size=12),
    kills=st.lists(st.integers(0, 40), max_size=3),
)
def test_nothing_is_lost(table, rows, apart, disturbances, kills):
    """New, edited and deleted records between any two calls, and a kill at any message: a quiet run ends it all."""
    shop, known = FakeShop(), {}
    act(shop, table, [("new", 0), ("pass", apart)] * rows)
    queue = list(disturbances)

    def disturb(request):
        if queue:
            act(shop, table, queue.pop())

    shop.before = disturb
    state = None
    with mock.patch.multiple(listing, PAGE_SIZE=PAGE), mock.patch.multiple(stream, CHECKPOINT_RECORDS=1):
        for kill in [*kills, None]:
            messages = run(shop, Stdout(), state, streams=(table,))
            if kill is not None:
                # What comes after the kill was never written.
                messages = messages[: kill + 1]
            delivered(messages, table, known)
            state = states(messages)[-1]
            shop.clock.pass_(5)
        queue.clear()
        shop.clock.pass_(60)
        messages = run(shop, Stdout(), state, streams=(table,))
        delivered(messages, table, known)
        for key, row in shop.tables[table].items():
            assert known.get(key) == row["memo"], (key, row["updatedAt"])
        shop.clock.pass_(60)
        assert records(run(shop, Stdout(), states(messages)[-1], streams=(table,)), table) == []


def test_an_edit_in_the_second_of_the_reading_is_not_lost(stdout):
    """An order that changes again within the second in which it was read is sent again."""
    shop = FakeShop()
    number = shop.order(memo="1")
    first = run(shop, stdout)
    shop.edit("orders", number, memo="2")
    shop.clock.pass_(60)
    assert [one["memo"] for one in records(run(shop, stdout, states(first)[-1]))] == ["2"]


def page_size(size):
    """Make pages small."""
    return mock.patch.multiple(listing, PAGE_SIZE=size)


def test_a_shift_shows_records_twice_and_sends_them_once(stdout):
    """New orders between two pages push others down: seen twice, sent once, and the new ones come next time."""
    shop = FakeShop()
    numbers = [shop.order() for _ in range(8)]
    shop.clock.pass_(60)
    shop.before = lambda request: shop.order() and None if request.url.params.get("page") else None
    with page_size(PAGE):
        first = run(shop, stdout)
        assert [one["id"] for one in records(first)] == numbers
        new = [key for key in sorted(shop.tables["orders"]) if key not in numbers]
        shop.before = lambda request: None
        shop.clock.pass_(60)
        assert [one["id"] for one in records(run(shop, stdout, states(first)[-1]))] == new


def test_a_gap_is_found_by_counting(stdout):
    """A record that is deleted between two pages pulls others out of sight: the list is read once more."""
    shop = FakeShop()
    numbers = []
    for _ in range(8):
        numbers.append(shop.customer())
        shop.clock.pass_(7200)

    def disturb(request):
        if request.url.params.get("page") == "2":
            shop.tables["customers"].pop(numbers[-1], None)

    shop.before = disturb
    with page_size(PAGE):
        came = [one["id"] for one in records(run(shop, stdout, streams=("customers",)), "customers")]
    assert sorted(came) == numbers
    # Three pages twice, and a second look at the first.
    assert shop.calls["GET customers"] == 7
    assert shop.calls["GET customers/count"] == 2


def test_a_gap_before_the_count_is_none(stdout):
    """What is deleted between the first page and the count doesn't hide a record: the first page is looked at again."""
    shop = FakeShop()
    numbers = []
    for _ in range(4):
        numbers.append(shop.customer())
        shop.clock.pass_(7200)

    def disturb(request):
        if request.url.path.endswith("count.json"):
            shop.tables["customers"].pop(numbers[-1], None)

    shop.before = disturb
    with page_size(PAGE):
        came = [one["id"] for one in records(run(shop, stdout, streams=("customers",)), "customers")]
    assert sorted(came) == numbers


def test_the_calls_of_a_long_list(stdout):
    """A list of n pages costs n calls, one count, and a call per order."""
    shop = FakeShop()
    numbers = [shop.order() for _ in range(7)]
    shop.clock.pass_(60)
    with page_size(PAGE):
        run(shop, stdout)
    assert shop.calls == {"GET orders": 3, "GET orders/count": 1, "GET orders/{id}": len(numbers)}


def test_checkpoints_get_rarer_with_their_weight(stdout):
    """A STATE weighs what it remembers, so a long window has few of them, and a kill loses little."""
    shop = FakeShop()
    for _ in range(2000):
        shop.customer()
    shop.clock.pass_(60)
    messages = run(shop, stdout, streams=("customers",))
    assert len(records(messages, "customers")) == 2000
    assert 4 <= len(states(messages)) <= 10
