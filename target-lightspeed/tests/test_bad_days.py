"""Runs with random faults at random calls: in the end everything is there exactly once, as the source says."""

from __future__ import annotations

import base64
import random
from typing import TYPE_CHECKING, Any

import pytest
from target_lightspeed_world import World

from sandbox.testing import Killed
from target_lightspeed.target import TargetLightspeed
from upsert.errors import Failure
from upsert.testing import KERNEL_MUTANTS

if TYPE_CHECKING:
    from pathlib import Path

FAULTS: list[dict[str, Any]] = [
    {"name": "timeout_before_work"},
    {"name": "timeout_after_work"},
    {"name": "late_work", "after": 100},
    {"name": "reset_before"},
    {"name": "reset_after"},
    {"name": "truncated_json"},
    {"name": "html_error"},
    {"name": "html_error", "after_work": True},
    {"name": "empty_2xx"},
    {"name": "status_429"},
    {"name": "status_500", "after_work": True},
    {"name": "kill", "when": "before"},
    {"name": "kill", "when": "after"},
]
CALLS = ["POST *", "POST brands", "POST products/{id}/images", "PUT *", "PUT variants/bulk", "DELETE *", "GET *"]


def source(chance: random.Random, product: int) -> dict[str, list[dict[str, Any]]]:
    """What the source says at some moment."""
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"x" * chance.randint(0, 3)).decode()
    stock = [{"sku": f"SKU-{n:04}", "stockLevel": chance.randint(0, 9)} for n in range(1, 13)]
    brands: list[dict[str, Any]] = [{"title": f"Brand {n}", "isVisible": chance.random() < 0.5} for n in range(4)]
    brands.append({"title": "Gone", "_sdc_deleted_at": "2026-11-01"} if chance.random() < 0.5 else {"title": "Gone"})
    image = {"product": product, "attachment": picture, "filename": "front.png"}
    return {"brands": brands, "variants": stock, "products_images": [image]}


def load(world: World, wanted: dict[str, list[dict[str, Any]]]) -> bool:
    """One run per stream; whether all went well."""
    well = True
    for stream, records in wanted.items():
        try:
            well = not world.load(stream, *records) and well
        except (Failure, Killed):
            world.client = world.make_client()
            well = False
    return well


@pytest.mark.parametrize("seed", range(10))
def test_after_bad_days_everything_is_there_once(tmp_path: Path, seed: int) -> None:
    """Whatever is lost, late, refused or killed: no double, nothing missing, and the last word of the source holds."""
    chance = random.Random(seed)  # noqa: S311 - repeatable chance is the purpose
    world = World(tmp_path, hold_limit=1000)
    product = world.rows("products")[0]["id"]
    before = len(world.rows(f"products/{product}/images"))
    for _ in range(3):
        wanted = source(chance, product)
        for _ in range(3):
            world.fault(**chance.choice(FAULTS), endpoint=chance.choice(CALLS), nth=chance.randint(1, 4))
        load(world, wanted)
    world.user("DELETE", "faults", {})
    for _ in range(6):
        world.clock.advance(400)
        if load(world, wanted):
            break
    else:
        pytest.fail("something is still held, though nothing goes wrong any more")
    titles = [row["title"] for row in world.rows("brands")]
    for record in wanted["brands"]:
        assert titles.count(record["title"]) == (0 if "_sdc_deleted_at" in record else 1)
    shown = {row["title"]: row["isVisible"] for row in world.rows("brands")}
    assert all(shown[one["title"]] == one["isVisible"] for one in wanted["brands"] if "isVisible" in one)
    levels = {row["sku"]: row["stockLevel"] for row in world.rows("variants")}
    assert all(levels[one["sku"]] == one["stockLevel"] for one in wanted["variants"])
    images = world.rows(f"products/{product}/images")[before:]
    size = len(base64.b64decode(wanted["products_images"][0]["attachment"]))
    assert [(one["title"], one["size"]) for one in images] == [("front", size)]
    assert load(world, wanted)
    assert world.writes() == {}


@pytest.mark.parametrize("mutant", sorted(KERNEL_MUTANTS))
def test_each_safeguard_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mutant: str) -> None:
    """Without its look-up, its intents or its wait the target does not survive these days: the test above notices."""
    monkeypatch.setattr(TargetLightspeed, "kernel_class", KERNEL_MUTANTS[mutant])
    for seed in range(10):
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            test_after_bad_days_everything_is_there_once(folder, seed)
        except (Exception, pytest.fail.Exception):  # noqa: BLE001 - whatever gives it away
            return
    pytest.fail(f"nobody noticed {mutant}")
