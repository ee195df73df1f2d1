"""Pages in order, two calls under way as long as more pages are sure to come."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lightspeed_ecom.client import Page

AT_ONCE = 2
"""Calls under way."""


def in_order(ask: Callable[[int], Page], first: int, expected: int, has_room: Callable[[], bool]) -> Iterator[Page]:
    """Ask for pages until one isn't full.

    Args:
        ask: Makes the call for a page; called from other threads when more than one page is expected.
        first: Number of the page to begin with.
        expected: Number of the last page, as far as is known; 0 for not at all.
        has_room: Whether a call can be made without a wait. Where it can't, one at a time is enough.

    Returns:
        The pages. Whatever a call raises comes when its page is due.
    """
    if expected > first:
        return _together(ask, first, expected, has_room)
    return _one_by_one(ask, first)


def _one_by_one(ask: Callable[[int], Page], number: int) -> Iterator[Page]:
    page = ask(number)
    yield page
    while page.full:
        number += 1
        page = ask(number)
        yield page


def _together(ask: Callable[[int], Page], first: int, expected: int, has_room: Callable[[], bool]) -> Iterator[Page]:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  most lists have one page

    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="lightspeed-ecom")
    under_way = deque([pool.submit(ask, first)])
    following = first + 1
    try:
        while under_way:
            while following <= expected and len(under_way) < AT_ONCE and has_room():
                under_way.append(pool.submit(ask, following))
                following += 1
            page = under_way.popleft().result()
            if page.full and (not under_way or (following <= expected and has_room())):
                # Also while the caller is busy with this page two are under way.
                under_way.append(pool.submit(ask, following))
                following += 1
            yield page
            if not page.full:
                return
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
