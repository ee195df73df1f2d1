"""Pages ahead: two calls under way, the order kept, and none made for nothing."""

from __future__ import annotations

import threading

import pytest

from lightspeed_ecom import NotFound, Page
from lightspeed_ecom.ahead import in_order


class List:
    """A list of full pages and a last one that isn't.

    Args:
        last: Number of the last page.
        together: Calls that must be under way at the same moment before any is answered.
    """

    def __init__(self, last: int, together: int = 1) -> None:
        self.last, self.asked, self.threads = last, [], set()
        self.under_way = self.most = 0
        self._lock = threading.Lock()
        self._together = threading.Barrier(together)

    def ask(self, number: int) -> Page:
        with self._lock:
            self.asked.append(number)
            self.threads.add(threading.get_ident())
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        self._together.wait(10)
        with self._lock:
            self.under_way -= 1
        return Page([{"id": number}], number, number < self.last, None)


def test_two_pages_are_under_way_and_come_in_order():
    """While more pages are expected, calls go in pairs, never more, and every page is asked for once."""
    shop = List(6, together=2)
    assert [page.number for page in in_order(shop.ask, 1, 6, lambda: True)] == [1, 2, 3, 4, 5, 6]
    assert sorted(shop.asked) == [1, 2, 3, 4, 5, 6]
    assert shop.most == 2


@pytest.mark.parametrize(("expected", "last"), [(0, 1), (0, 3), (1, 3), (3, 3), (3, 5), (2, 5), (4, 1)])
def test_the_last_page_is_the_one_that_is_not_full(expected, last):
    """The expectation may be wrong either way: what there is comes, and at most one call looks further."""
    shop = List(last)
    assert [page.number for page in in_order(shop.ask, 1, expected, lambda: True)] == [*range(1, last + 1)]
    assert len(shop.asked) <= last + 1
    if expected <= last:
        assert len(shop.asked) == last


def test_one_page_needs_no_thread():
    """Most lists have one page; their calls are made where they are asked for."""
    shop = List(1)
    list(in_order(shop.ask, 1, 1, lambda: True))
    assert shop.threads == {threading.get_ident()}


def test_without_room_in_the_rate_windows_calls_are_made_one_by_one():
    """A call that would have to wait isn't made ahead."""
    shop = List(4)
    for page in in_order(shop.ask, 1, 4, lambda: False):
        assert max(shop.asked) <= page.number + 1
    assert shop.most == 1


def test_a_failure_comes_when_its_page_is_due():
    """The pages before it are not lost."""
    shop = List(3)

    def ask(number: int) -> Page:
        if number == 2:
            raise NotFound("gone", request="GET variants", status=404)
        return shop.ask(number)

    pages = in_order(ask, 1, 3, lambda: True)
    assert next(pages).number == 1
    with pytest.raises(NotFound):
        next(pages)
