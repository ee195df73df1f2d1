"""Bad days: whatever call fails, nothing is doubled, nothing is lost, and the next runs finish the work."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from catalogue_world import Catalogue, parent, pictures, product, texts, variant

from sandbox.testing import Killed
from upsert.errors import Outage

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS: dict[str, Any] = {
    "attributes": {"material": {"specification": "Materiaal"}},
    "type": "Kenmerken",
    "visible_needs": "nothing",
}
CALLS = 34
"""As many calls as the load below makes."""


def records() -> list[dict[str, Any]]:
    """A simple product with everything, and a parent with two variants."""
    return [
        product(
            texts=texts("Pot", long="Lang", en_title="Teapot"),
            brand={"name": "Delft"},
            images=pictures(1, 2),
            attributes=[{"code": "material", "values": ["Klei"]}],
        ),
        parent(),
        variant("S1", "SHIRT", "Rood", "S", 1),
        variant("S2", "SHIRT", "Rood", "M", 2),
    ]


def check(shop: Catalogue) -> None:
    """Everything once, and whole."""
    pot, shirt = shop.the("Pot"), shop.the("Product SHIRT")
    assert len(shop.rows("products")) == 2
    assert [row["sku"] for row in shop.variants_of(pot["id"])] == ["POT-1"]
    assert [(row["sku"], row["weight"]) for row in shop.variants_of(shirt["id"])] == [("S1", 200), ("S2", 200)]
    assert [row["title"] for row in shop.rows("brands")] == ["Delft"]
    assert [row["title"] for row in shop.rows("types")] == ["Kenmerken"]
    assert [row["title"] for row in shop.rows("attributes")] == ["Materiaal"]
    assert len(shop.rows("types/attributes")) == 1
    assert [row["value"] for row in shop.rows(f"products/{pot['id']}/attributes")] == ["Klei"]
    assert [row["title"].rpartition("-")[0] for row in shop.images(pot["id"])] == ["picture-1", "picture-2"]
    assert shop.row("products", pot["id"], "en")["title"] == "Teapot"
    assert (pot["visibility"], shirt["visibility"]) == ("visible", "visible")
    assert shop.mails() == []


def finish(shop: Catalogue, *, runs: int = 6) -> None:
    """Run on until nothing is held, and once more: then nothing is to be written."""
    shop.user("DELETE", "faults", {})
    for _ in range(runs):
        shop.client = shop.make_client()
        if shop.send(*records(), **SETTINGS) == []:
            break
        shop.clock.advance(301)
    check(shop)
    shop.send(*records(), **SETTINGS)
    assert shop.writes() == {}


def test_how_many_calls_the_load_takes(shop: Catalogue) -> None:
    """So that the loop below reaches every one of them."""
    shop.send(*records(), **SETTINGS)
    assert sum(shop.client.calls.values()) == CALLS
    check(shop)


@pytest.mark.parametrize("fault", ["kill_after", "timeout_after_work", "late_work"])
@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_a_fault_at_any_call_is_overcome(shop: Catalogue, call: int, fault: str) -> None:
    """Dead before or after the work, no answer, a late one, or a refusal: the next runs end at the same."""
    name, _, when = fault.partition("_") if fault.startswith("kill") else (fault, "", "")
    more = {"when": when} if when else {"after": 120} if fault == "late_work" else {}
    shop.fault(name=name, nth=call, times=1, **more)
    with suppress(Killed, Outage):
        shop.send(*records(), **SETTINGS)
    finish(shop)


def test_the_budget_may_end_in_the_middle(tmp_path: Path) -> None:
    """The next run goes on where this one stopped."""
    shop = Catalogue(tmp_path, {"rate_limits": "15/3000/12000"})
    shop.client = shop.make_client(reserve=(0, 0, 0), longest_wait=1)
    with pytest.raises(Outage):
        shop.send(*records(), **SETTINGS)
    shop.clock.advance(400)
    shop.user("POST", "switches", {"rate_limits": "300/3000/12000"})
    finish(shop)


def test_what_is_held_stays_held_when_its_product_is_shown(shop: Catalogue) -> None:
    """A new variant without an answer waits; that its product is shown again at the end of the run settles nothing."""
    shop.send(parent(), variant("SHIRT-M", "SHIRT", "Rood", "M"))
    shop.price("SHIRT-M")
    shop.send(parent())
    shop.fault(name="timeout_before_work", endpoint="POST variants", nth=1, times=1)
    (held,) = shop.send(variant("SHIRT-L", "SHIRT", "Rood", "L"))
    assert held[1] == "in_doubt"


def test_the_sku_of_what_a_killed_run_had_begun_is_free_again(shop: Catalogue) -> None:
    """Made by a run that died, and deleted in AFAS before the next one: it goes, and another item may have its SKU."""
    shop.send(parent(), variant("S1", "SHIRT", "Rood", "S"), visible_needs="nothing")
    shop.fault(name="kill", when="after", endpoint="POST variants", nth=1, times=1)
    with suppress(Killed):
        shop.send(variant("S2", "SHIRT", "Rood", "M"), visible_needs="nothing")
    shop.user("DELETE", "faults", {})
    identity = shop.the("Product SHIRT")["id"]
    assert [row["sku"] for row in shop.variants_of(identity)] == ["S1", "S2"]
    shop.clock.advance(2 * 3_600)
    shop.client = shop.make_client()
    # No record of its own tells of it: it is seen when its product is to be shown again.
    shop.send({**parent(), "web_enabled": False})
    shop.send(parent())
    shop.price("S1", "S2")
    shop.send()
    assert [row["sku"] for row in shop.variants_of(identity)] == ["S1"]
    assert shop.the("Product SHIRT")["visibility"] == "visible"
    other = {**variant("S3", "SHIRT", "Blauw", "M"), "sku": "S2"}
    assert shop.send(other, visible_needs="nothing") == []
    assert [row["sku"] for row in shop.variants_of(identity)] == ["S1", "S2"]
    assert "Blauw" in shop.variant("S2")["title"]
