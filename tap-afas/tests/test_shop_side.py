"""The shop side's connectors, read with the settings of the project's own meltano.yml."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tap_afas.reading import CHUNK_WITH_FILES

if TYPE_CHECKING:
    from environment import Environment

PROJECT = yaml.safe_load((Path(__file__).parents[2] / "meltano.yml").read_text("utf-8"))
SLOTS = 7


def settings(flow: str) -> dict[str, Any]:
    """The settings of a flow's extractor."""
    name = f"tap-afas--shop1-{flow}"
    found = next(one for one in PROJECT["plugins"]["extractors"] if one["name"] == name)
    config: dict[str, Any] = copy.deepcopy(found["config"])
    return config


def read(afas: Environment, flow: str, state: Any = None) -> Any:
    """One run of a flow's extractor; which calls it took is counted from here."""
    afas.box.reset_calls()
    afas.clock.advance(900)
    config = settings(flow)
    return afas.run(*config["connectors"], state=state, **config)


def names(run: Any, stream: str, *fields: str) -> list[tuple[Any, ...]]:
    return sorted(tuple(one.get(name) for name in fields) for one in run.records(stream))


def test_images_are_fetched_once(afas):
    """The first run brings every image; the next none; then only an item that changed asks for its own again."""
    first = read(afas, "catalogue")
    rows = first.records("Commerce_Products")
    slots = [slot or "" for slot in range(SLOTS)]
    shown = [(one[f"Image{slot}"], one[f"ImageFile{slot}"]) for one in rows for slot in slots]
    assert all((identity is None) == (file is None) for identity, file in shown)
    assert afas.box.calls["GET ImageConnector"] == sum(identity is not None for identity, _ in shown) > 40
    second = read(afas, "catalogue", first.state)
    assert (second.records("Commerce_Products"), afas.box.calls["GET ImageConnector"]) == ([], 0)
    afas.control("user", {"do": "product", "Item": "SKU-0011", "Images": {"3": {"seed": 99}, "5": None}})
    third = read(afas, "catalogue", second.state)
    (row,) = third.records("Commerce_Products")
    before = next(one for one in rows if one["Item"] == "SKU-0011")
    changed = [f"ImageFile{slot}" for slot in slots if row[f"ImageFile{slot}"] != before[f"ImageFile{slot}"]]
    assert (row["Item"], changed, row["ImageFile5"]) == ("SKU-0011", ["ImageFile3", "ImageFile5"], None)
    assert afas.box.calls["GET ImageConnector"] == SLOTS - 1


def test_two_times_of_change(afas):
    """A tick on the item brings all its variants, a change of one variant that one alone, and then there is no more."""
    first = read(afas, "catalogue")
    every = names(first, "Commerce_Variants", "Item", "Dim1", "Dim2")
    polo = [one for one in every if one[0] == "TEX-POLO"]
    assert 1 < len(polo) < len(every)
    afas.control("user", {"do": "product", "Item": "TEX-POLO", "WebEnabled": False})
    second = read(afas, "catalogue", first.state)
    assert names(second, "Commerce_Products", "Item", "WebEnabled") == [("TEX-POLO", False)]
    assert names(second, "Commerce_Variants", "Item", "Dim1", "Dim2") == polo
    assert {one["WebEnabled"] for one in second.records("Commerce_Variants")} == {False}
    dims = dict(zip(("Dim1", "Dim2"), polo[0][1:], strict=True))
    afas.control("user", {"do": "variant", "Item": "TEX-POLO", **dims, "BlockedSales": True})
    third = read(afas, "catalogue", second.state)
    assert names(third, "Commerce_Variants", "Item", "Dim1", "Dim2") == [polo[0]]
    assert third.records("Commerce_Products") == []
    fourth = read(afas, "catalogue", third.state)
    assert fourth.records("Commerce_Variants") == []


def test_what_is_deleted_comes_with_its_key(afas):
    """Within a day a deleted item and its variants come with their keys, empty dimension codes included."""
    first = read(afas, "catalogue")
    gone = {"TEX-SOK", "SKU-0013"}
    variants = [one for one in names(first, "Commerce_Variants", "ItemType", "Item", "Dim1", "Dim2") if one[1] in gone]
    assert {one[3] for one in variants} == {""}
    for code in gone:
        afas.control("user", {"do": "product", "Item": code, "delete": True})
    soon = read(afas, "catalogue", first.state)
    assert (soon.records("Commerce_Products"), soon.records("Commerce_Variants")) == ([], [])
    afas.clock.advance(24 * 3600)
    found = read(afas, "catalogue", soon.state)
    assert {one["Item"] for one in found.records("Commerce_Products") if "_sdc_deleted_at" in one} == gone
    assert names(found, "Commerce_Variants", "ItemType", "Item", "Dim1", "Dim2") == variants


@pytest.mark.parametrize(("flow", "stream"), [("stock", "Commerce_Stock"), ("prices", "Commerce_Prices")])
def test_streams_that_are_read_whole(afas, flow, stream):
    """What has no time of change comes whole in each run, in one call per page, also of items that are not ticked."""
    first = read(afas, flow)
    afas.control("user", {"do": "product", "Item": "SKU-0011", "WebEnabled": False})
    second = read(afas, flow, first.state)
    ticked = [
        {one["WebEnabled"] for one in each.records(stream) if one["Item"] == "SKU-0011"} for each in (first, second)
    ]
    assert ticked == [{True}, {False}]
    assert len(second.records(stream)) == len(first.records(stream))
    assert afas.box.calls[f"GET connectors/{stream}"] <= 2


def test_a_filter_by_label(afas):
    """A free field is named by its Dutch label: this brand, and not blocked; a label that is gone is named."""
    config = settings("catalogue")
    every = afas.run("Commerce_Products", **config).records("Commerce_Products")
    wanted = [one["Item"] for one in every if one["Brand"] == "Zuiderzee" and not one["Blocked"]]
    tests = [{"field": "Merk", "value": "Zuiderzee"}, {"field": "Geblokkeerd", "value": False}]
    config["streams"]["Commerce_Products"] |= {"filter": tests, "attachments": []}
    found = [one["Item"] for one in afas.run("Commerce_Products", **config).records("Commerce_Products")]
    assert found == wanted
    assert 0 < len(found) < len(every)
    config["streams"]["Commerce_Products"]["filter"] = [{"field": "Merken", "value": "Zuiderzee"}]
    tap = afas.tap(**config)
    assert "Commerce_Products" not in tap.streams
    assert (
        "streams.Commerce_Products.filter: the connector has no field Merken" in tap.failures["Commerce_Products"].text
    )


def test_few_images_are_held_at_once(afas):
    """However many items there are, no more images are fetched ahead of the records than those of a few of them."""
    items = [f"MANY-{number:03}" for number in range(4 * CHUNK_WITH_FILES)]
    images = {str(slot): {"seed": slot} for slot in range(SLOTS)}
    afas.control("user", {"do": "product", "Items": items, "WebEnabled": True, "Images": images})
    config = settings("catalogue")
    stream = afas.tap("Commerce_Products", **config).streams["Commerce_Products"]
    sent, most = 0, 0
    for row in stream.get_records(None):
        most = max(most, afas.box.calls["GET ImageConnector"] - sent)
        sent += sum(row[f"ImageFile{slot or ''}"] is not None for slot in range(SLOTS))
    assert sent >= SLOTS * len(items)
    assert most <= SLOTS * CHUNK_WITH_FILES
