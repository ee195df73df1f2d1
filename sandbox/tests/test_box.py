"""The box on virtual time: faults, late work, counts and the control API."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from toy import Toy

from sandbox.box import Box
from sandbox.store import Database
from sandbox.testing import Killed, VirtualClock, transport

if TYPE_CHECKING:
    from sandbox.clock import SandboxClock


def order(client: httpx.Client, **fault: object) -> None:
    """Order a fault; every test here means the next matching call unless it says otherwise."""
    assert client.post("/_sandbox/faults", json=fault).status_code == 201


def fired(client: httpx.Client) -> list[int]:
    return [fault["fired"] for fault in client.get("/_sandbox/faults").json()["faults"]]


def said(box: Box) -> list[str]:
    return [row["text"] for row in box.books()["said"]]


@pytest.mark.parametrize(
    ("name", "error", "work_done"),
    [
        ("timeout_before_work", httpx.ReadTimeout, False),
        ("timeout_after_work", httpx.ReadTimeout, True),
        ("reset_before", httpx.ReadError, False),
        ("reset_after", httpx.ReadError, True),
        ("truncated_body", httpx.RemoteProtocolError, True),
    ],
)
def test_no_answer_says_nothing_about_the_work(toy, box, name, error, work_done):
    """Each broken call leaves the work done or undone as its name says."""
    order(toy, name=name)
    with pytest.raises(error):
        toy.post("/said", content="hello")
    assert said(box) == (["hello"] if work_done else [])
    assert fired(toy) == [1]
    assert toy.post("/said", content="again").status_code == 201


def test_a_timeout_takes_the_clients_read_timeout(toy, clock):
    """The client waits as long as it is patient, on virtual time."""
    before = clock.now()
    order(toy, name="timeout_before_work")
    with pytest.raises(httpx.ReadTimeout):
        toy.get("/said", timeout=60)
    assert clock.now() - before == timedelta(seconds=60)


def test_late_work_is_done_after_the_client_looked_up(toy, box, clock):
    """The look-up right after the time-out finds nothing; the work comes later, at its own instant."""
    order(toy, name="late_work", endpoint="POST said", after=300)
    with pytest.raises(httpx.ReadTimeout):
        toy.post("/said", content="late")
    assert toy.get("/said").json() == {"rows": []}
    gone = clock.now()
    clock.advance(1_000)
    rows = toy.get("/said").json()["rows"]
    assert rows == [{"text": "late", "at": (gone + timedelta(seconds=300)).isoformat()}]
    assert box.late == 0


def test_late_work_stands_in_the_books_without_another_call(toy, clock):
    """The books do the work that is due."""
    order(toy, name="late_work", after=5)
    with pytest.raises(httpx.ReadTimeout):
        toy.post("/said", content="late")
    assert toy.get("/_sandbox/health").json()["late"] == 1
    clock.advance(5)
    assert len(toy.get("/_sandbox/books").json()["said"]) == 1


@pytest.mark.parametrize(
    ("name", "status"), [("status_429", 429), ("status_500", 500), ("status_503", 503), ("grumpy", 418)]
)
def test_a_refusal_is_the_services_own(toy, box, name, status):
    """The service words the refusal and does no work."""
    order(toy, name=name)
    answer = toy.post("/said", content="x")
    assert (answer.status_code, answer.json()) == (status, {"error": name})
    assert said(box) == []


def test_a_refusal_can_come_after_the_work(toy, box):
    """`after_work`: done, and yet an error."""
    order(toy, name="status_500", after_work=True)
    assert toy.post("/said", content="x").status_code == 500
    assert said(box) == ["x"]


def test_broken_bodies_come_with_a_whole_answer(toy, box):
    """Truncated JSON, an HTML page, another envelope and an empty 2xx."""
    for name in ("truncated_json", "html_error", "wrong_envelope", "empty_2xx"):
        order(toy, name=name, contains=name)
    with pytest.raises(json.JSONDecodeError):
        toy.post("/said", content="truncated_json").json()
    page = toy.post("/said", content="html_error")
    assert page.status_code == 500
    assert "text/html" in page.headers["content-type"]
    assert toy.post("/said", content="wrong_envelope").json() == {"result": 2}
    empty = toy.post("/said", content="empty_2xx")
    assert (empty.status_code, empty.content) == (201, b"")
    assert said(box) == ["truncated_json", "wrong_envelope", "empty_2xx"]


def test_slow_is_only_slow(toy, box, clock):
    """The answer is right, the clock went on; a slow call under another fault is slow too."""
    before = clock.now()
    order(toy, name="slow", seconds=7)
    assert toy.get("/said").json() == {"rows": []}
    assert clock.now() - before == timedelta(seconds=7)


def test_drip_takes_as_long_as_its_bytes(toy, clock):
    """One byte a second never meets the read time-out, and lasts."""
    before = clock.now()
    order(toy, name="drip", bytes_per_second=1)
    answer = toy.get("/said", timeout=2)
    assert clock.now() - before == timedelta(seconds=len(answer.content))


@pytest.mark.parametrize(("when", "work_done"), [("before", []), ("after", ["x"])])
def test_kill_ends_the_client(toy, box, when, work_done):
    """In-process the caller gets an exception that no `except Exception` catches."""
    order(toy, name="kill", when=when)
    with pytest.raises(Killed):
        toy.post("/said", content="x")
    assert said(box) == work_done


def test_view_faults_count_only_when_they_took_effect(toy):
    """A look-up with nothing to hide does not use the fault up."""
    order(toy, name="lookup_filtered", endpoint="GET said", pattern="secret", times=1)
    toy.get("/said")
    assert fired(toy) == [0]
    toy.post("/said", content="secret")
    assert toy.get("/said").json() == {"rows": []}
    assert fired(toy) == [1]
    assert len(toy.get("/said").json()["rows"]) == 1


def test_nth_and_times_count_matching_calls_only(toy):
    """The third POST and the one after it; GETs in between do not count."""
    order(toy, name="status_500", endpoint="post *", nth=3, times=2)
    statuses = []
    for _ in range(5):
        statuses.append(toy.post("/said", content="x").status_code)
        toy.get("/said")
    assert statuses == [201, 201, 500, 500, 201]


def test_a_rate_is_repeatable(toy):
    """The same seed makes the same failures."""
    runs = []
    for _ in range(2):
        toy.post("/_sandbox/reset")
        order(toy, name="status_503", rate=0.5, seed=7)
        runs.append([toy.get("/said").status_code for _ in range(30)])
    assert runs[0] == runs[1]
    assert {200, 503} == set(runs[0])


@pytest.mark.parametrize(
    "fault",
    [{}, {"name": "nope"}, {"name": "slow", "secs": 3}, {"name": "slow", "nth": 0}, {"name": "slow", "times": "x"}],
)
def test_a_senseless_fault_is_refused_with_a_reason(toy, fault):
    """400 with one line that says what is wrong."""
    answer = toy.post("/_sandbox/faults", json=fault)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_calls_are_counted_per_verb_and_endpoint(toy, box):
    """Faulted calls count, control calls do not; 429s are counted apart."""
    order(toy, name="status_429", endpoint="GET other")
    toy.get("/said")
    toy.get("/said")
    toy.get("/other")
    counted = toy.get("/_sandbox/calls", params={"log": ""}).json()
    assert counted["calls"] == {"GET other": 1, "GET said": 2}
    assert (counted["total"], counted["rate_limited"]) == (3, 1)
    assert [call["status"] for call in counted["log"]] == [200, 200, 429]
    toy.delete("/_sandbox/calls")
    assert toy.get("/_sandbox/calls").json()["total"] == 0


def test_listeners_hear_every_call(toy, box):
    """Hooks get endpoint, status and fault."""
    heard = []
    box.listeners.append(lambda call: heard.append((call.endpoint, call.status, call.fault)))
    order(toy, name="reset_before")
    with pytest.raises(httpx.ReadError):
        toy.get("/said")
    toy.get("/said")
    assert heard == [("GET said", None, "reset_before"), ("GET said", 200, None)]


def test_the_control_api_answers(toy, clock):
    """Clock, switches, own paths, unknown paths and reset."""
    assert toy.get("/_sandbox/health").json()["service"] == "toy"
    moved = toy.post("/_sandbox/clock", json={"now": "2026-10-25T02:30:00+02:00", "skew": 60}).json()
    assert moved == {"now": "2026-10-25T00:30:00+00:00", "frozen": True, "skew": 60}
    assert toy.post("/_sandbox/clock", json={"advance": 30}).json()["now"] == "2026-10-25T00:30:30+00:00"
    assert toy.post("/_sandbox/clock", json={"forward": 30}).status_code == 400
    assert toy.post("/_sandbox/switches", json={"loud": True}).json() == {"loud": True}
    assert toy.post("/_sandbox/switches", json={"quiet": True}).status_code == 400
    assert toy.get("/_sandbox/toy").json() == {"toy": True}
    assert toy.get("/_sandbox/nothing").status_code == 404
    toy.post("/said", content="x")
    assert toy.post("/_sandbox/reset", json={"seed": "huge"}).status_code == 400
    toy.post("/_sandbox/reset", json={"seed": "empty"})
    assert toy.get("/said").json() == {"rows": []}


def test_every_answer_carries_the_sandboxs_date(toy, clock):
    """Bookmarks come from the server's clock: the Date header follows the sandbox clock."""
    clock.skew = 600
    assert toy.get("/said").headers["date"] == "Sun, 01 Nov 2026 12:10:00 GMT"


def test_state_survives_a_restart(clock, tmp_path):
    """With a file, a new box starts where the old one stopped."""
    path = tmp_path / "state.db"
    for expected in ([], ["x"], ["x", "x"]):
        database = Database(path)
        box = Box(Toy(clock), database)
        assert said(box) == expected
        with httpx.Client(base_url="http://toy", transport=transport(box)) as client:
            client.post("/said", content="x")
        database.close()


def test_a_virtual_clock_sleeps_in_no_time(clock: SandboxClock):
    """Sleeping moves the sandbox; a skewed host sees another hour and the same monotonic time."""
    host = VirtualClock(clock, timedelta(minutes=-10))
    before, started = clock.now(), host.monotonic()
    host.sleep(930)
    assert clock.now() - before == timedelta(seconds=930)
    assert host.monotonic() - started == 930
    assert clock.now() - host.now() == timedelta(minutes=10)
    assert host.slept == [930]
