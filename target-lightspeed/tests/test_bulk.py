"""Stock and prices of variants: many in one call, whatever the shop does about a bad one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from target_lightspeed.bulk import Gather
from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from target_lightspeed_world import World as WorldType

from target_lightspeed_world import World


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a second may pass between two writes that belong together."""
    monkeypatch.setattr("target_lightspeed.bulk.IDLE", 20.0)


def stock(world: WorldType, count: int, level: int = 7) -> list[dict[str, Any]]:
    del world
    return [{"sku": f"SKU-{n:04}", "stockLevel": level} for n in range(1, count + 1)]


def levels(world: WorldType, count: int) -> set[int]:
    skus = {f"SKU-{n:04}" for n in range(1, count + 1)}
    return {row["stockLevel"] for row in world.rows("variants") if row["sku"] in skus}


def test_stock_goes_in_bulk(world: WorldType) -> None:
    """A hundred and twenty changes are three bulk calls, read back by one list; a second run does nothing."""
    assert world.load("variants", *stock(world, 120)) == []
    assert world.writes() == {"PUT variants/bulk": 3}
    # The look-up by a list of two pages (and a count before), and one list after the bulk calls.
    assert world.reads() == {"GET variants/count": 1, "GET variants": 3}
    assert levels(world, 120) == {7}
    assert world.done() == {"updated": 120}
    world.load("variants", *stock(world, 120))
    assert world.client.calls == {}


def test_only_changed_items_are_in_the_bulk(world: WorldType) -> None:
    """Of a hundred records of which three differ, three are written."""
    world.load("variants", *stock(world, 100))
    records = stock(world, 100)
    for n in (5, 50, 77):
        records[n]["stockLevel"] = 1
    world.load("variants", *records)
    assert world.writes() == {"PUT variants/bulk": 1}
    assert world.done() == {"updated": 3, "unchanged": 97}


def test_other_fields_are_written_singly(world: WorldType) -> None:
    """A title can't go in bulk; the others of the batch do."""
    records = [*stock(world, 20), {"sku": "SKU-0030", "title": "New title", "stockLevel": 2}]
    assert world.load("variants", *records) == []
    assert world.writes() == {"PUT variants/bulk": 1, "PUT variants/{id}": 1}


@pytest.mark.parametrize("behaviour", ["all_or_nothing", "skip"])
def test_a_bad_item_spoils_no_other(tmp_path: Path, behaviour: str) -> None:
    """One variant vanished before the write: it alone is held, whether the shop refuses all or passes over it."""
    world = World(tmp_path, switches={"bulk_bad_item": behaviour})
    victim = world.variant("SKU-0013")
    world.load("variants", {"product": victim["product"], "title": "Second", "sku": "SECOND"})
    original = world.client.bulk

    def bulk(*args: Any, **options: Any) -> Any:
        if world.shop.get("variants", victim["id"]) is not None:
            world.user("DELETE", "records", {"resource": "variants", "ids": [victim["id"]]})
        return original(*args, **options)

    world.client.bulk = bulk  # type: ignore[method-assign] # the moment between look-up and write
    held = world.load("variants", *stock(world, 40))
    assert [(one["key"], one["reason"]) for one in held] == [("13", "not_found")]
    assert world.done() == {"updated": 39, "held": 1}
    assert levels(world, 40) == {7}
    singles = world.writes().get("PUT variants/{id}", 0)
    assert singles <= 3, "found by halving, not by writing each"


@pytest.mark.parametrize("behaviour", ["all_or_nothing", "skip"])
def test_a_value_that_the_shop_refuses_is_held_alone(tmp_path: Path, behaviour: str) -> None:
    """A bad value is found by halving, and its record held with the shop's words in the log."""
    world = World(tmp_path, switches={"bulk_bad_item": behaviour})
    records = stock(world, 30)
    records[11]["stockTracking"] = "perhaps"
    held = world.load("variants", *records)
    assert [(one["key"], one["reason"]) for one in held] == [("12", "refused_by_shop")]
    good = {f"SKU-{n:04}" for n in range(1, 31) if n != 12}
    assert {row["stockLevel"] for row in world.rows("variants") if row["sku"] in good} == {7}


def test_a_shop_that_takes_fewer_at_once(tmp_path: Path) -> None:
    """A bulk that is too large for the shop is halved until it fits."""
    world = World(tmp_path, switches={"bulk_max": 20})
    assert world.load("variants", *stock(world, 50)) == []
    assert levels(world, 50) == {7}
    assert "PUT variants/{id}" not in world.writes()


def test_what_the_list_does_not_show_is_sampled(tmp_path: Path) -> None:
    """When the list after a bulk shows nothing (another time zone), a sample is read; when that is wrong, all are."""
    world = World(tmp_path)
    world.fault(name="lookup_stale", endpoint="GET variants", seconds=3600, times=99)
    assert world.load("variants", *stock(world, 40)) == []
    assert world.reads()["GET variants/{id}"] == 2
    assert world.writes() == {"PUT variants/bulk": 1}
    world.clock.advance(7200)
    world.client.bulk = lambda *_, **__: []  # type: ignore[method-assign] # a shop that says yes and does nothing
    assert world.load("variants", *stock(world, 40, level=8)) == []
    assert world.writes() == {"PUT variants/{id}": 40}
    world.clock.advance(7200)
    assert levels(world, 40) == {8}


def test_a_bulk_that_fails_among_others_is_the_only_one(world: WorldType) -> None:
    """The second of three calls gets no answer though it was done: its variants are looked up, the others stand."""
    world.fault(name="timeout_after_work", endpoint="PUT variants/bulk", nth=2)
    assert world.load("variants", *stock(world, 130)) == []
    assert levels(world, 130) == {7}
    assert world.writes() == {"PUT variants/bulk": 3}


def test_a_shop_that_closes_between_two_bulks_gets_no_third(world: WorldType) -> None:
    """What was written before is kept, nothing more is sent, and the next run writes the rest."""
    world.fault(name="denied", endpoint="PUT variants/bulk", nth=2)
    with pytest.raises(ConfigurationError):
        world.load("variants", *stock(world, 130))
    assert world.writes() == {"PUT variants/bulk": 2}
    assert world.load("variants", *stock(world, 130)) == []
    assert world.writes() == {"PUT variants/bulk": 2}
    assert levels(world, 130) == {7}


def test_bulk_can_be_switched_off(world: WorldType) -> None:
    """With `bulk_size: 1` each variant is written by itself."""
    world.load("variants", *stock(world, 5), bulk_size=1)
    assert world.writes() == {"PUT variants/{id}": 5}


def test_a_bulk_without_an_answer_is_looked_up(world: WorldType) -> None:
    """Every variant of a bulk that was done without an answer is found changed, and nothing is held."""
    world.fault(name="timeout_after_work", endpoint="PUT variants/bulk", times=9)
    assert world.load("variants", *stock(world, 30)) == []
    assert world.done() == {"updated": 30}
    assert levels(world, 30) == {7}


def test_writes_meet_and_each_learns_its_own_result() -> None:
    """Threads that write at the same time share one call, and an error reaches only whom it concerns."""
    sent: list[list[int]] = []
    bad = ValueError("bad")

    def send(writes: Any) -> list[BaseException | None]:
        sent.append(sorted(identity for identity, _ in writes))
        return [bad if identity == 3 else None for identity, _ in writes]

    gather = Gather(10, send)
    for _ in range(4):
        gather.expect_one()
    results: dict[int, BaseException | None] = {}

    def work(identity: int) -> None:
        try:
            gather.put(identity, {})
            results[identity] = None
        except ValueError as error:
            results[identity] = error

    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sent == [[1, 2, 3, 4]]
    assert results == {1: None, 2: None, 3: bad, 4: None}


def test_nobody_waits_for_a_write_that_never_comes() -> None:
    """A planned write that another run took away must not block the others."""
    sent: list[int] = []

    def send(writes: Any) -> list[BaseException | None]:
        sent.append(len(writes))
        return [None] * len(writes)

    gather = Gather(10, send, idle=0.01)
    gather.expect_one()
    gather.expect_one()
    gather.put(1, {})
    assert sent == [1]
