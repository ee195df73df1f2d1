"""Plan mode on the shop: everything that a run would do is listed, nothing is done."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from target_lightspeed_world import messages

if TYPE_CHECKING:
    from pathlib import Path

    from target_lightspeed_world import World


def planned(world: World, tmp_path: Path, stream: str, *records: dict[str, Any], **config: Any) -> list[dict[str, Any]]:
    """The lines of a plan; nothing may have been written."""
    path = tmp_path / "plan.jsonl"
    state = world.run(messages(stream, *records, held=[]), mode="plan", plan_file=str(path), **config)
    assert state == {}, "no state goes out"
    assert world.writes() == {}
    return [json.loads(line) for line in path.read_text().splitlines()]


def values(lines: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(line["action"], line["field"], line["old"], line["new"]) for line in lines if "field" in line]


def test_every_value_that_would_be_lost_is_listed(world: World, tmp_path: Path) -> None:
    """Old and new value, per field that differs; the calls it takes; no mail (N8, A11)."""
    before = world.variant("SKU-0001")
    record = {"sku": "SKU-0001", "stockLevel": before["stockLevel"] + 5, "weight": before["weight"]}
    lines = planned(world, tmp_path, "variants", record, {"sku": "SKU-0002", "ean": "8712345678906"})
    assert values(lines)[0] == ("update", "stockLevel", str(before["stockLevel"]), str(before["stockLevel"] + 5))
    assert len(values(lines)) == 2
    assert (lines[0]["stream"], lines[0]["source_key"]) == ("variants", "1")
    totals = lines[-1]["totals"]
    assert (totals["created"], totals["changed"], totals["calls"], totals["mails"]) == (0, 2, 2, 0)
    assert world.variant("SKU-0001") == before


def test_a_plan_is_what_a_run_then_does(world: World, tmp_path: Path) -> None:
    """The same calls; and after the run, a plan has nothing left."""
    records = [{"sku": f"SKU-{n:04}", "stockLevel": 900 + n} for n in range(1, 121)]
    (*lines, last) = planned(world, tmp_path, "variants", *records)
    assert len(lines) == 120
    world.load("variants", *records)
    assert sum(world.writes().values()) == last["totals"]["calls"] == 3
    assert world.done() == {"updated": 120}
    assert [one for one in planned(world, tmp_path, "variants", *records) if "field" in one] == []


def test_later_records_count_on_what_would_be_made(world: World, tmp_path: Path) -> None:
    """A product in two languages that names a brand of the same plan: nothing is held for what isn't there yet."""
    path = tmp_path / "plan.jsonl"
    text = messages("brands", {"title": "Planned brand"}, held=[]) + messages(
        "products", {"title": {"nl": "Stoel", "en": "Chair"}, "brand": {"title": "Planned brand"}}, held=[]
    )
    streams = {"products": {"key": "title"}}
    world.run(text, mode="plan", plan_file=str(path), streams=streams)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[-1]["totals"]["held"] == {}
    assert ("create", "brand", None, "Planned brand") in values(lines)
    assert ("update", "title (en)", None, "Chair") in values(lines)
    assert world.writes() == {}
    world.run(text, streams=streams)
    assert sum(world.writes().values()) == lines[-1]["totals"]["calls"]


def test_images_of_a_product_that_is_only_planned(world: World, tmp_path: Path) -> None:
    """The shop is not asked for images of what it doesn't have."""
    path = tmp_path / "plan.jsonl"
    image = {
        "product": {"title": "Planned product"},
        "filename": "a.png",
        "attachment": base64.b64encode(b"\x89PNG....").decode(),
    }
    text = messages("products", {"title": "Planned product"}, held=[]) + messages("products_images", image, held=[])
    world.run(text, mode="plan", plan_file=str(path), streams={"products": {"key": "title"}})
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[-1]["totals"]["held"] == {}
    assert ("create", "file", None, "a.png") in values(lines)
    assert not [call for call in world.client.calls if "images" in call]


def test_personal_values_are_hidden(world: World, tmp_path: Path) -> None:
    """Neither the old nor the new value of a personal field stands in a plan."""
    customer = world.rows("customers")[0]
    lines = planned(world, tmp_path, "customers", {"id": customer["id"], "firstname": "Somebody", "city": "Elsewhere"})
    text = json.dumps(lines)
    assert ("update", "firstname", "***", "***") in values(lines)
    assert "Somebody" not in text
    assert str(customer["firstname"]) not in text


def test_a_delete_lists_what_goes(world: World, tmp_path: Path) -> None:
    """The record, and the values that go with it."""
    brand = world.rows("brands")[0]
    lines = planned(world, tmp_path, "brands", {"id": brand["id"], "_sdc_deleted_at": "2026-11-01T00:00:00Z"})
    assert values(lines)[0] == ("update", "whole record", str(brand["id"]), None)
    assert world.row("brands", brand["id"])["title"] == brand["title"]
