"""Fault cases of operation: rights, kills, signals, disks, states, two runs at once, another environment."""

from __future__ import annotations

import copy
import resource
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from tests.support.house import Kill, Meanwhile
from tests.support.plugins import Target
from tests.support.processes import ended, hand_over, plant, plugin, start
from tests.support.scene import CHANGES, SALES, Scene, customers, refused_connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def scene() -> Iterator[Scene]:
    """A shop and an AFAS."""
    made = Scene()
    yield made
    made.close()


def three(scene: Scene) -> list[int]:
    """Three orders of new customers."""
    return [scene.sale(email=f"k{n}.{len(scene.orders)}@example.com") for n in range(3)]


# -- X20, X21: credentials and rights -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "done"), [("GET */metainfo", 0), ("GET */Commerce_Orders", 0), ("POST */FbSales", 1)])
def test_x20_a_token_that_is_revoked_stops_the_run_at_once(scene: Scene, call: str, done: int) -> None:
    """X20: a token revoked mid-run: at most two more calls, exit 2 naming the setting to renew, what is done is kept."""
    orders = three(scene)

    def revoke() -> None:
        scene.user("afas/token", {"revoked": True})
        scene.afas.reset_calls()

    scene.before(call, revoke, 2 if done else 1)
    assert scene.excused("somebody revoked the token") == (0, 0, 2)
    assert "Renew the setting `token`" in scene.said("target")
    assert sum(scene.afas.calls.values()) <= 2
    assert sum(map(bool, map(scene.found, orders))) == done
    scene.kept(healed=False)
    scene.user("afas/token", {"revoked": False})
    scene.all_booked()
    assert [scene.found(order)["inserts"] for order in orders] == [1, 1, 1]


def test_x20_a_key_that_is_switched_off_stops_the_run_at_once(scene: Scene) -> None:
    """X20: the shop's key disabled mid-run: exit 2 naming the settings, what was read before is booked and noted."""
    orders = three(scene)
    scene.fault("lightspeed", name="expired_token", endpoint="GET orders/{id}", nth=3, times=None)
    assert scene.go() == (2, 0, 0)
    assert "`api_key`, `api_secret`" in scene.said("tap")
    assert scene.faults()[-1]["fired"] == 1
    assert [bool(scene.found(order)) for order in orders] == [True, True, False]
    scene.kept(healed=False)
    scene.all_booked()


RIGHTS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "removed": ("afas/app", {"remove": ["Commerce_Orders"]}, {"add": ["Commerce_Orders"]}),
    "blocked": (
        "afas/connector",
        {"name": "Commerce_Orders", "blocked": True},
        {"name": "Commerce_Orders", "blocked": False},
    ),
    "no writing": ("afas/app", {"remove": ["FbSales"]}, {"add": ["FbSales"]}),
}


@pytest.mark.parametrize("how", RIGHTS)
@pytest.mark.parametrize("call", ["GET */metainfo", "POST */KnSalesRelationPer"])
def test_x21_a_right_that_is_taken_away_stops_that_flow_only(scene: Scene, how: str, call: str) -> None:
    """X21: a connector taken away or blocked stops its flow with exit 2, names it and says who can help; the other flow
    goes on; given back, all is booked."""
    path, away, back = RIGHTS[how]
    orders = three(scene)
    scene.before(call, lambda: scene.user(path, away))
    assert scene.excused("an administrator took a right away") == (0, 0, 2)
    name = "FbSales" if how == "no writing" else "Commerce_Orders"
    assert name in scene.said("target")
    help_ = "unblock" if how == "blocked" else "add it there"
    assert help_ in scene.said("target")
    assert sum(map(bool, map(scene.found, orders))) <= (1 if "Kn" in call else 0)
    scene.kept(healed=False)
    assert customers(scene) == (0, 0, 0)
    mails = {mail for one in scene.afas.books()["relations"] for mail in one["emails"]}
    assert {f"k{n}.{n}@example.com" for n in range(3)} <= mails
    scene.user(path, back)
    scene.all_booked()
    assert all(map(scene.found, orders))


# -- X22, X23: kills and signals ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before", "after"])
def test_x22_a_target_killed_at_any_call_makes_no_double(scene: Scene, when: str) -> None:
    """X22: kill -9 before or after any call of the target: the store knows what was about to be done, the next run
    looks up, adopts and goes on."""
    killed = 0
    for call in range(1, 31):
        scene.sale(email=f"n{call}@example.com")
        killed += scene.go(kill=Kill("target", call, when))[2] == 137
        scene.kept(healed=False)
        if call % 3 == 0:
            scene.go(60)
            scene.kept(healed=False)
    assert killed >= 15
    scene.all_booked()


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("plugin", ["tap", "mapper"])
def test_x23_a_tap_or_mapper_killed_at_any_moment_loses_nothing(scene: Scene, plugin: str, half: bool) -> None:
    """X23: kill -9 of the tap or the mapper, also in the middle of a line: the target books what came whole, and its
    last state is true."""
    killed = 0
    for call in range(1, 8):
        three(scene)
        killed += scene.go(kill=Kill(plugin, call, half=half))[0 if plugin == "tap" else 1] == 137
        scene.kept(healed=False)
    assert killed >= 5
    scene.all_booked()


def test_x23_sigterm_ends_every_plugin_within_ten_seconds(scene: Scene, tmp_path: Path) -> None:
    """X23: SIGTERM from a scheduler while AFAS is silent: the target exits within 10 s with 143 and its last true state;
    the intent in hand is found again, and the next run adopts what AFAS did."""
    orders = three(scene)
    with plant(scene, tmp_path) as real:
        given = scene.mapped()
        scene.fault("afas", name="slow", endpoint=SALES, nth=2, seconds=60)
        process = start(real.target(), stdin=subprocess.PIPE)
        hand_over(process, given)
        waited = time.monotonic() + 30
        while scene.calls_of(SALES) < 2 and time.monotonic() < waited:
            time.sleep(0.02)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        done = ended(process)
    assert time.monotonic() - begun < 10
    assert done.code == 143
    assert "stopped by SIGTERM" in done.errors
    assert "Traceback" not in done.errors
    real.keep(done)
    assert scene.bookmark is None, "nothing of the batch is bookmarked"
    assert scene.calls_of(SALES) >= 2
    scene.all_booked()
    assert [scene.found(order)["inserts"] for order in orders] == [1, 1, 1]


def test_x23_a_target_that_stops_takes_no_one_with_it_by_a_traceback(scene: Scene, tmp_path: Path) -> None:
    """X23: the pipe breaks because the target stopped: tap and mapper end by themselves, with one line or none."""
    three(scene)
    scene.place(["plain"] * 60, 3)
    scene.passes(10)
    with plant(scene, tmp_path) as real:
        tap = start(real.tap())
        mapper = start(real.mapper(), stdin=tap.stdout)
        target = start(real.target(administration="7"), stdin=mapper.stdout)
        for process in (tap, mapper):
            process.stdout.close()
            process.stdout = None
        done = [ended(process) for process in (target, mapper, tap)]
    assert done[0].code == 2
    assert "Administration 7 does not exist" in done[0].line
    assert done[1].code in {0, 3}
    assert done[2].code in {0, 3}
    assert all("Traceback" not in one.errors for one in done)
    assert scene.writes == 0


# -- X24: the disk ----------------------------------------------------------------------------------------------------------------


class Watched(Target):
    """A target whose open store a test can reach."""

    last: ClassVar[list[Target]] = []

    def open_store(self) -> Any:
        """The store of the settings."""
        self.last[:] = [self]
        return super().open_store()


def no_space() -> None:
    """The disk takes no further page."""
    database = Watched.last[0].opened._db
    pages = database.query("PRAGMA page_count")[0][0]
    database.query(f"PRAGMA max_page_count = {pages}")


def read_only() -> None:
    """The file can be read only."""
    Watched.last[0].opened._db.query("PRAGMA query_only = ON")


@pytest.mark.parametrize("nth", [1, 2])
def test_x24_a_store_that_becomes_read_only_stops_before_the_next_insert(nth: int) -> None:
    """X24: the store can't be written any more: no write without a durable intent, exit 2, the message names the path;
    with the disk back all is booked once."""
    scene = Scene(target=Watched)
    try:
        orders = three(scene)
        scene.before("POST */FbSales", read_only, nth)
        assert scene.excused("the disk became read-only") == (0, 0, 2)
        assert str(scene.store) in scene.said("target")
        assert "nothing more is written" in scene.said("target")
        assert scene.calls_of(SALES) == nth
        scene.kept(healed=False)
        with scene.no_write():
            scene.hooks.clear()
            scene.before("GET */metainfo", read_only)
            assert scene.excused("the disk is still read-only") == (0, 0, 2)
        scene.hooks.clear()
        scene.all_booked()
        assert [scene.found(order)["inserts"] for order in orders] == [1, 1, 1]
    finally:
        scene.close()


def test_x24_a_full_disk_stops_before_the_next_insert() -> None:
    """X24: the disk is full: some intent can't be written, and from there on nothing is sent; exit 2 with the path."""
    scene = Scene(target=Watched)
    try:
        scene.go()
        orders = [scene.sale(email=f"k{n}@example.com") for n in range(40)]
        scene.before("GET */metainfo", no_space)
        assert scene.excused("the disk was full") == (0, 0, 2)
        assert str(scene.store) in scene.said("target")
        assert "full" in scene.said("target")
        assert sum(map(bool, map(scene.found, orders))) < 40
        scene.kept(healed=False)
        scene.hooks.clear()
        scene.all_booked()
        assert all(scene.found(order)["inserts"] == 1 for order in orders)
    finally:
        scene.close()


def test_x24_a_disk_without_a_byte_left(scene: Scene, tmp_path: Path) -> None:
    """X24: a real process that may not write one byte to a file: exit 2, one line with the path, no write to AFAS."""
    three(scene)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    with plant(scene, tmp_path) as real:
        given = scene.mapped()
        words = real.target()
        done = ended(start(words, stdin=subprocess.PIPE, preexec_fn=limit), given)
    assert done.code == 2
    assert str(scene.store) in done.line
    assert scene.writes == 0
    scene.store.unlink(missing_ok=True)
    scene.all_booked()


def test_x24_a_state_that_cannot_be_written(scene: Scene, tmp_path: Path) -> None:
    """X24: the state can't be written: exit 2 with one line, and the next run from the old state makes no double."""
    orders = three(scene)
    with plant(scene, tmp_path) as real:
        given = scene.mapped()
        with Path("/dev/full").open("wb") as full:
            done = ended(start(real.target(), stdin=subprocess.PIPE, stdout=full), given)
    assert done.code == 2
    assert "standard output" in done.line
    with scene.no_write():
        scene.go()
    scene.all_booked()
    assert [scene.found(order)["inserts"] for order in orders] == [1, 1, 1]


# -- X25: the state file ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"), [("", "is empty"), ('{"bookmarks": {"orders": {"rep', "half-written"), ("[]", "")]
)
def test_x25_a_broken_state_file_is_refused(scene: Scene, tmp_path: Path, content: str, words: str) -> None:
    """X25: a state file that is empty, half-written or none: exit 2 and a way out, and not one call to the shop."""
    file = tmp_path / "broken.json"
    file.write_text(content, encoding="utf-8")
    with plant(scene, tmp_path) as real:
        done = plugin("tap-lightspeed", real.tap_config, tmp_path, "--state", str(file))
    assert done.code == 2
    assert "broken.json" in done.line
    assert words in done.line
    assert not any('"RECORD"' in line for line in done.output.splitlines())
    assert scene.calls_of("GET orders*") == 0


def of_shop2(state: Any) -> None:
    state["bookmarks"]["orders"]["source"] = "lightspeed.shop2"


def newer(state: Any) -> None:
    state["bookmarks"]["orders"]["version"] = 9


def no_position(state: Any) -> None:
    state["bookmarks"]["orders"]["replication_key_value"] = "yesterday"


def bad_held(state: Any) -> None:
    state["bookmarks"]["orders"]["held"] = [{"key": "1"}]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (of_shop2, "belongs to lightspeed.shop2"),
        (newer, "version 9"),
        (no_position, "restore the state"),
        (bad_held, "is not a held record"),
    ],
)
def test_x25_a_state_that_is_not_ours_is_refused(scene: Scene, spoil: Callable[[Any], None], words: str) -> None:
    """X25: a state of another shop, of a newer release or with nonsense in it: exit 2 and a way out; never a silent full
    read into AFAS; with the right state back the run goes on."""
    three(scene)
    scene.go()
    right = copy.deepcopy(scene.state)
    spoil(scene.state)
    three(scene)
    calls = scene.calls_of("GET orders*")
    with scene.no_write():
        assert scene.excused("the state is not ours")[0] == 2
    assert words in scene.said("tap")
    assert scene.calls_of("GET orders*") == calls
    scene.state = right
    scene.states.clear()
    scene.all_booked()


def test_x25_a_state_of_an_older_version_is_taken_over(scene: Scene) -> None:
    """X25: a plain bookmark of before the held protocol is migrated: it goes on from there, and nothing is read or
    booked again."""
    three(scene)
    scene.go()
    bookmark = scene.state["bookmarks"]["orders"]
    scene.passes(3 * 3600)
    scene.go()
    for name in ("version", "source", "held", "seen"):
        del bookmark[name]
    bookmark["replication_key_value"] = scene.bookmark
    scene.state["bookmarks"]["orders"] = bookmark
    read = scene.calls_of("GET orders/{id}")
    order = scene.sale()
    assert scene.go() == (0, 0, 0)
    assert scene.calls_of("GET orders/{id}") == read + 1
    assert scene.state["bookmarks"]["orders"]["version"] == 1
    assert scene.found(order)
    scene.all_booked()


@pytest.mark.parametrize("lost", ["the state", "the store", "both"])
def test_x25_a_lost_state_or_store_books_nothing_twice(scene: Scene, lost: str) -> None:
    """X25: whatever is lost, AFAS is asked before anything is written: no order is booked twice, new ones are booked,
    and a lost store beside a bookmark first waits for what may still be under way."""
    three(scene)
    scene.go()
    order = scene.sale(email="new@example.com")
    if lost != "the store":
        scene.state = {}
    if lost != "the state":
        for file in scene.folder.glob("upsert.db*"):
            file.unlink()
    assert scene.go() == (0, 0, 0)
    waits = [("new_store", "")] if lost == "the store" else []
    assert scene.reasons == waits
    assert bool(scene.found(order)) is not bool(waits)
    scene.go(1000)
    assert scene.found(order)
    assert scene.calls_of(SALES) == 4
    scene.all_booked()


# -- X26: two runs at once ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plugin", ["tap", "target"])
def test_x26_a_second_run_at_any_moment_makes_no_double(scene: Scene, plugin: str) -> None:
    """X26: a second run within the first, at any of its calls, with new and changed orders: intents are unique per key,
    so every order is booked once."""
    edited = scene.sale(email="edited@example.com")
    for call in range(1, 31 if plugin == "target" else 6):
        for n in range(1 if plugin == "target" else 4):
            scene.sale(email=f"n{call}.{n}@example.com")
        if call % 5 == 0:
            scene.step(edited, "edit", quantities={"SKU-0001": call})
            scene.step(edited, "pay")
            scene.passes(10)
        scene.go(meanwhile=[Meanwhile(plugin, call, scene.run)])
        scene.kept(healed=False)
    assert sum(run["overlapped"] for run in scene.runs) >= 5
    scene.all_booked()
    assert scene.calls_of(SALES) == len(scene.orders)
    assert scene.calls_of(CHANGES) <= 6


def test_x26_two_processes_with_one_store(scene: Scene, tmp_path: Path) -> None:
    """X26: two real targets start at once with the same records and the same store: each order is booked once."""
    orders = [scene.sale(email=f"k{n}@example.com") for n in range(12)]
    with plant(scene, tmp_path) as real:
        given = scene.mapped()
        scene.fault("afas", name="slow", endpoint="* connectors/*", times=None, seconds=0.03)
        both = [start(real.target(), stdin=subprocess.PIPE) for _ in range(2)]
        for process in both:
            hand_over(process, given)
        done = [ended(process) for process in both]
    scene.lift()
    assert all(one.code in {0, 3} for one in done), [one.errors for one in done]
    assert scene.calls_of(SALES) == 12
    real.keep(done[0])
    real.keep(done[1])
    scene.all_booked()
    assert all(scene.found(order)["inserts"] == 1 for order in orders)


# -- X27: another environment -----------------------------------------------------------------------------------------------------------


def test_x27_another_environment_stops_before_the_first_write(scene: Scene) -> None:
    """X27: behind the address is another environment than before (test instead of live): exit 2 that names both, before
    the first write; with the right one back the run goes on."""
    three(scene)
    scene.go()
    orders = three(scene)
    scene.user("afas/environment", {"id": "O54321ZZ"})
    with scene.no_write():
        assert scene.excused("somebody swapped the environments") == (0, 0, 2)
    assert "T12345AA" in scene.said("target")
    assert "O54321ZZ" in scene.said("target")
    scene.kept(healed=False)
    scene.user("afas/environment", {"id": "T12345AA"})
    scene.all_booked()
    assert all(map(scene.found, orders))


def test_x27_orders_that_vanish_with_a_reset_are_never_made_again(scene: Scene) -> None:
    """X27: the test data of AFAS was reset: what we booked is gone, and is held as vanished when it changes; it is never
    booked again by itself."""
    order = scene.sale()
    scene.go()
    scene.user("afas/delete-order", {"order": scene.found(order)["number"]})
    scene.step(order, "touch")
    with scene.no_write():
        assert scene.go(10) == (0, 0, 0)
    scene.step(order, "edit", quantities={"SKU-0001": 2})
    scene.step(order, "pay")
    with scene.no_write():
        assert scene.go(10) == (0, 0, 0)
        assert scene.reasons == [("vanished", "")]
        scene.heal()
    scene.kept()
    assert not scene.found(order)


def test_x27_a_restart_in_mid_run_is_ridden_out(scene: Scene) -> None:
    """X27: AFAS restarts in the middle of a run: refused and reset connections for a moment, and nothing is lost."""
    orders = three(scene)
    scene.fault("afas", name="reset_before", endpoint="GET connectors/Commerce_Items")
    scene.before("POST */FbSales", refused_connection, 2)
    scene.before("POST */FbSales", refused_connection, 3)
    assert scene.go() == (0, 0, 0)
    assert all(map(scene.found, orders))
    scene.all_booked()
