"""What happens when the shop doesn't answer as it should: nothing doubled, nothing lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from target_lightspeed_world import World, messages

from lightspeed_ecom import BudgetSpent
from sandbox.testing import Killed
from upsert.errors import ConfigurationError, Outage

if TYPE_CHECKING:
    from pathlib import Path

BRAND = {"title": "Acme"}


def brands(world: World, title: str = "Acme") -> int:
    return sum(row["title"] == title for row in world.rows("brands"))


@pytest.mark.parametrize("fault", ["timeout_after_work", "reset_after", "truncated_json", "truncated_body"])
def test_a_create_without_an_answer_is_found_and_adopted(world: World, fault: str) -> None:
    """A record that was made without an answer is found by its natural key at once, and never made again."""
    world.fault(name=fault, endpoint="POST brands", times=1)
    assert world.load("brands", BRAND) == []
    assert brands(world) == 1
    assert world.done() == {"adopted": 1}
    world.load("brands", BRAND)
    assert world.client.calls == {}


def test_a_create_that_may_still_arrive_waits(world: World) -> None:
    """Without an answer and not in the list, it is held for as long as the shop may still be at work."""
    world.fault(name="late_work", endpoint="POST brands", times=1, after=120)
    (held,) = world.load("brands", BRAND)
    assert held["reason"] == "in_doubt"
    assert world.load("brands", BRAND)[0]["reason"] == "in_doubt"
    assert world.writes() == {}
    world.clock.advance(301)
    assert world.load("brands", BRAND) == []
    assert brands(world) == 1
    assert world.writes() == {}


def test_a_create_that_never_arrived_is_repeated_later(world: World) -> None:
    """When nothing can arrive any more and nothing is there, it is made."""
    world.fault(name="timeout_before_work", endpoint="POST brands", times=1)
    world.load("brands", BRAND)
    world.clock.advance(301)
    assert world.load("brands", BRAND) == []
    assert brands(world) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_at_a_write_doubles_nothing(world: World, when: str) -> None:
    """The process dies at a POST; the next run finds what was made, and makes the rest."""
    records = [{"title": f"Brand {n}"} for n in range(4)]
    world.fault(name="kill", endpoint="POST brands", nth=3, times=1, when=when)
    with pytest.raises(Killed):
        world.load("brands", *records)
    world.client = world.make_client()
    held = world.load("brands", *records)
    assert {one["reason"] for one in held} <= {"in_doubt"}
    world.clock.advance(301)
    assert world.load("brands", *records) == []
    assert [brands(world, f"Brand {n}") for n in range(4)] == [1, 1, 1, 1]


def test_an_update_without_an_answer_is_found_done(world: World) -> None:
    """A PUT without an answer is not sent again: the record is looked at, and found as it must be."""
    world.fault(name="timeout_after_work", endpoint="PUT variants/*", times=9)
    assert world.load("variants", {"sku": "SKU-0001", "weight": 3}) == []
    assert world.variant("SKU-0001")["weight"] == 3
    assert world.writes() == {"PUT variants/{id}": 1}


def test_an_update_that_may_still_arrive_waits(world: World) -> None:
    """An old value that comes late never lands on a newer one: the record waits until it can't come any more."""
    world.fault(name="late_work", endpoint="PUT variants/*", times=1, after=120)
    (held,) = world.load("variants", {"sku": "SKU-0001", "weight": 3})
    assert held["reason"] == "in_doubt"
    (held,) = world.load("variants", {"sku": "SKU-0001", "weight": 4})
    assert held["reason"] == "in_doubt"
    world.clock.advance(301)
    assert world.load("variants", {"sku": "SKU-0001", "weight": 4}) == []
    world.clock.advance(301)
    assert world.variant("SKU-0001")["weight"] == 4


def test_a_delete_without_an_answer_is_settled_later(world: World) -> None:
    """A DELETE without an answer is not sent again: when it can't come any more, the record is gone or is deleted."""
    brand = world.rows("brands")[0]
    world.fault(name="reset_after", endpoint="DELETE brands/{id}", times=1)
    gone = {"id": brand["id"], "_sdc_deleted_at": "2026-11-01"}
    assert [one["reason"] for one in world.load("brands", gone)] == ["in_doubt"]
    world.clock.advance(301)
    assert world.load("brands", gone) == []
    assert world.writes() == {}
    assert brand["id"] not in {row["id"] for row in world.rows("brands")}


def test_relations_are_not_doubled_by_a_lost_answer(world: World) -> None:
    """A relation, too, is found by its two ends."""
    product, category = world.rows("products")[0]["id"], world.rows("categories")[0]["id"]
    before = len(world.rows("categories/products"))
    for row in world.rows("categories/products"):
        if (row["product"]["id"], row["category"]["id"]) == (product, category):
            world.make_client().delete(f"categories/products/{row['id']}")
            before -= 1
    world.fault(name="timeout_after_work", endpoint="POST categories/products", times=1)
    assert world.load("categories_products", {"product": product, "category": category}) == []
    assert len(world.rows("categories/products")) == before + 1


def test_after_a_429_the_same_write_is_sent_again(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A refusal for the rate is waited for and said so; nothing is held."""
    caplog.set_level("INFO")
    world.fault(name="status_429", endpoint="POST brands", times=1)
    assert world.load("brands", BRAND) == []
    assert brands(world) == 1
    assert "waiting" in caplog.text


def test_writes_wait_for_the_rate_window(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With a small window the writes wait for the next one, and the shop never has to refuse."""
    caplog.set_level("INFO")
    world = World(tmp_path, switches={"rate_limits": "20/3000/12000"})
    assert world.load("brands", *({"title": f"Brand {n}"} for n in range(40))) == []
    assert world.service.books()["shop1"]["rate_limited"] == 0
    assert world.host.slept
    assert "5-minute window" in caplog.text


def test_a_spent_day_ends_the_run_with_exit_3(tmp_path: Path) -> None:
    """A window that opens later than we wait for stops the run; no state goes out for what is not loaded."""
    world = World(tmp_path, switches={"rate_limits": "300/3000/30"})
    with pytest.raises(Outage, match="longest_wait_seconds") as stopped:
        world.load("brands", *({"title": f"Brand {n}"} for n in range(40)))
    assert stopped.value.exit_code == 3
    assert isinstance(stopped.value.__cause__, BudgetSpent)


@pytest.mark.parametrize(
    ("fault", "words"),
    [({"name": "expired_token"}, "api_secret"), ({"name": "denied"}, "permission group for POST brands")],
)
def test_a_refused_key_stops_the_run(world: World, fault: dict[str, str], words: str) -> None:
    """401 and 403 are about the key and not about the record: exit 2, nothing held."""
    world.fault(endpoint="POST brands", **fault)
    with pytest.raises(ConfigurationError, match=words):
        world.load("brands", BRAND)


def test_a_shop_that_is_down_ends_the_run_with_exit_3(world: World) -> None:
    """A look-up that can't be answered stops the run, and the bookmark stays where it was."""
    world.fault(name="status_503", endpoint="GET brands*")
    with pytest.raises(Outage) as stopped:
        world.load("brands", BRAND)
    assert stopped.value.exit_code == 3


def test_a_list_that_hides_what_we_write_stops_the_run(world: World) -> None:
    """When the first record that was made can't be seen in the list, no further one is made."""
    world.fault(name="lookup_filtered", endpoint="GET brands", times=99, field="title", pattern="*acme*")
    with pytest.raises(ConfigurationError, match="can't see what we write"):
        world.load("brands", BRAND, {"title": "Acme 2"})
    assert brands(world, "Acme 2") == 0


def test_without_the_held_protocol_the_first_failure_stops(world: World) -> None:
    """A tap that keeps no held records loses none: the run stops at the record."""
    from upsert.errors import Aborted

    with pytest.raises(Aborted, match="missing_field product"):
        world.run(messages("variants", {"sku": "NEW", "title": "x"}))
    assert world.load("brands", BRAND) == []


def test_a_foreign_tap_that_ends_with_a_bookmark_may_make_records(world: World) -> None:
    """A STATE after the records is no sign of an earlier run, so a new store holds nothing back."""
    state = world.run(messages("brands", BRAND))
    assert state["brands"]["replication_key_value"]
    assert brands(world) == 1


def test_what_vanished_is_not_made_again(world: World) -> None:
    """A record that we made and somebody deleted in the shop is held when it changes, until a person releases it."""
    world.load("brands", BRAND)
    made = next(row for row in world.rows("brands") if row["title"] == "Acme")
    world.make_client().delete(f"brands/{made['id']}")
    assert [one["reason"] for one in world.load("brands", {**BRAND, "isVisible": False})] == ["vanished"]
