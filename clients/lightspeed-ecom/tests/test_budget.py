"""The rate windows: pure arithmetic, and the client that waits by it."""

from __future__ import annotations

import datetime as dt
import logging
import threading

import httpx
import pytest
from client_script import DATE, NOW, FakeClock, Script, client, limits
from hypothesis import given
from hypothesis import strategies as st

from lightspeed_ecom import Budget, BudgetSpent

GOOD = {"order": {"id": 1}}
NONE = (0, 0, 0)


def test_reading_the_headers():
    """The three windows stand in one header each; odd or missing headers say nothing."""
    headers = httpx.Headers(limits("299/2999/11999", "263/2063/23663"))
    assert Budget.read(headers, 5.0) == Budget((300, 3000, 12000), (299, 2999, 11999), (263, 2063, 23663), 5.0)
    assert Budget.read(httpx.Headers({}), 0.0) is None
    assert Budget.read(httpx.Headers({"X-RateLimit-Remaining": "1/2", "X-RateLimit-Reset": "x"}), 0.0) is None


def test_the_longest_of_the_low_windows_counts():
    """Of several windows at their reserve the one that opens last decides."""
    budget = Budget((300, 3000, 12000), (30, 100, 401), (263, 2063, 23663), 0.0)
    assert budget.pause(0.0, (30, 100, 400)).window == "hour"
    assert budget.pause(1000.0, (30, 100, 400)).seconds == 1064.0
    assert budget.pause(2064.0, (30, 100, 400)) is None


def test_a_reserve_never_takes_more_than_half():
    """A small window still lets us through."""
    assert Budget((3, 5, 10), (2, 3, 6), (60, 60, 60), 0.0).pause(0.0, (30, 100, 400)) is None
    assert Budget((3, 5, 10), (1, 3, 6), (60, 60, 60), 0.0).pause(0.0, (30, 100, 400)).window == "5-minute"


def test_an_answer_that_was_overtaken_gives_no_call_back():
    """Of one window the lower count holds, whichever answer comes last; a new window begins with what it says."""
    limit, ends = (300, 3000, 12000), (100, 1300, 20000)
    here = Budget(limit, (32, 500, 9000), ends, 0.0).spend().spend()
    late = here.told(Budget(limit, (30, 498, 8998), ends, 0.2)).told(Budget(limit, (31, 499, 8999), ends, 0.3))
    assert late.left == (30, 498, 8998)
    assert late.pause(0.4, (30, 100, 400)).left == 30
    rolled = late.told(Budget(limit, (299, 497, 8997), (299, 1199, 19899), 101.0))
    assert rolled.left == (299, 497, 8997)


def test_two_at_once_leave_the_reserve():
    """Each of two calls is answered after the other was sent, the first one last: no further call goes out."""
    clock, meet, sent = FakeClock(), threading.Barrier(2, timeout=10), []
    first_done = threading.Event()

    def answer(request):
        sent.append(str(request.url))
        if len(sent) == 1:
            return httpx.Response(200, json=GOOD, headers=limits("32/2000/9000", "100/2000/20000"))
        meet.wait()
        if request.url.path.endswith("orders/2.json"):
            assert first_done.wait(10)
            return httpx.Response(200, json=GOOD, headers=limits("31/1999/8999", "100/2000/20000"))
        return httpx.Response(200, json=GOOD, headers=limits("30/1998/8998", "100/2000/20000"))

    shop = client(answer, clock)
    shop.get("orders/1")
    other = threading.Thread(target=shop.get, args=("orders/2",))
    other.start()
    shop.get("orders/3")
    first_done.set()
    other.join(10)
    assert len(sent) == 3
    assert clock.slept == []
    assert shop.budget.pause(clock.seconds, (30, 100, 400)).left == 30


def test_waiting_keeps_the_reserve_and_says_so(caplog):
    """At the reserve the next call waits for the window to close, and one line says how long and why."""
    caplog.set_level(logging.INFO, logger="lightspeed_ecom")
    clock = FakeClock()
    shop = client(Script((200, GOOD, limits("30/2000/9000", "100/2000/20000"))), clock)
    shop.get("orders/1")
    assert clock.slept == []
    shop.get("orders/1")
    assert clock.slept == [101.0]
    (line,) = [line for line in caplog.messages if "waiting" in line]
    why = "30 of 300 calls are left in the 5-minute window of this key and 30 are kept for other processes"
    assert line == f"Lightspeed: waiting 101 s, because {why}"


def test_the_day_is_not_waited_for():
    """A window that opens later than the longest wait raises, with the moment to come back, and nothing is sent."""
    script = Script((200, GOOD, limits("200/2000/400", "100/2000/20000")))
    shop = client(script)
    shop.get("orders/1")
    with pytest.raises(BudgetSpent) as caught:
        shop.get("orders/1")
    assert caught.value.until == NOW + dt.timedelta(seconds=20001)
    assert len(script.requests) == 1


class Windows:
    """A shop that counts calls in fixed windows, and another process on the same key."""

    def __init__(self, clock, limit, others):
        self.clock, self.limit, self.others = clock, limit, others
        self.spans = (300, 3600, 86400)
        self.used = [{}, {}, {}]
        self.refused = 0

    def _count(self):
        slots = [int(self.clock.seconds // span) for span in self.spans]
        left = [limit - used.get(slot, 0) for limit, used, slot in zip(self.limit, self.used, slots, strict=True)]
        if min(left) <= 0:
            return False, [-1 if n <= 0 else n for n in left]
        for used, slot in zip(self.used, slots, strict=True):
            used[slot] = used.get(slot, 0) + 1
        return True, [n - 1 for n in left]

    def __call__(self, request):
        self.clock.seconds += 0.1
        if self.others and self.others.pop():
            self._count()
        good, left = self._count()
        self.refused += not good
        reset = [int(span - self.clock.seconds % span) for span in self.spans]
        headers = {
            "Date": DATE,
            "X-RateLimit-Limit": "/".join(map(str, self.limit)),
            "X-RateLimit-Remaining": "/".join(map(str, left)),
            "X-RateLimit-Reset": "/".join(map(str, reset)),
        }
        if good:
            return httpx.Response(200, json=GOOD, headers=headers)
        return httpx.Response(429, json={"error": {"code": 429, "message": "Too many"}}, headers=headers)


@given(
    limit=st.tuples(st.integers(2, 6), st.integers(8, 20), st.just(10_000)),
    start=st.floats(0, 5000),
    others=st.lists(st.booleans(), max_size=40),
    calls=st.integers(1, 40),
)
def test_never_into_a_429_by_our_own_fault(limit, start, others, calls):
    """Alone on the key with no reserve the client is never refused; with another process at most once per window."""
    for other in ([], list(others)):
        clock = FakeClock()
        clock.seconds = start
        windows = Windows(clock, limit, list(other))
        shop = client(windows, clock, reserve=NONE)
        for _ in range(calls):
            shop.get("orders/1")
        assert windows.refused <= sum(other)
