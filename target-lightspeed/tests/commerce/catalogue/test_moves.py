"""An item changes what it is: from simple to parent, from item to variant of another, and back."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from catalogue_world import STREAM, VARIANTS, Catalogue, key, parent, product, variant

from sandbox.testing import Killed
from upsert.errors import Outage
from upsert.model import SourceKey
from upsert.store import DecisionKind, Store

OPEN: dict[str, Any] = {"visible_needs": "nothing"}


def release(shop: Catalogue, code: str, stream: str = STREAM) -> None:
    """A person says: load it all the same."""
    with Store.open(shop.config["store"]) as store:
        store.decide("afas.12345", SourceKey(stream, code), DecisionKind.RELEASE, who="Jo", at=shop.clock.now())


def standing(shop: Catalogue) -> dict[str, list[str]]:
    """Title of a product -> SKUs of its variants."""
    return {row["title"]: [one["sku"] for one in shop.variants_of(row["id"])] for row in shop.rows("products")}


def test_a_simple_item_gets_variants(shop: Catalogue) -> None:
    """Its own variant goes as soon as another one stands, and not before; nothing is done a second time."""
    shop.send(product("SHIRT"), **OPEN)
    assert shop.send(parent(), **OPEN) == []
    assert standing(shop) == {"Product SHIRT": ["SHIRT"]}
    one, two = variant("S1", "SHIRT", "Rood", "S", 1), variant("S2", "SHIRT", "Rood", "M", 2)
    assert shop.send(one, two, **OPEN) == []
    assert standing(shop) == {"Product SHIRT": ["S1", "S2"]}
    shop.send(parent(), one, two, **OPEN)
    assert shop.writes() == {}
    shop.send(parent(), one, two, **OPEN)
    assert shop.total() == {}


def test_a_simple_item_gets_variants_in_one_run(shop: Catalogue) -> None:
    """In whatever order they come."""
    shop.send(product("SHIRT"), **OPEN)
    assert shop.send(variant("S1", "SHIRT", "Rood", "S"), parent(), **OPEN) == []
    assert standing(shop) == {"Product SHIRT": ["S1"]}


def test_its_own_variant_may_stay(shop: Catalogue) -> None:
    """With `variant_gone: ignore` a person takes it away."""
    shop.send(product("SHIRT"), **OPEN)
    assert shop.send(parent(), variant("S1", "SHIRT", "Rood", "S"), variant_gone="ignore", **OPEN) == []
    assert sorted(standing(shop)["Product SHIRT"]) == ["S1", "SHIRT"]


def test_a_parent_becomes_simple(shop: Catalogue) -> None:
    """It gets a variant of its own; the others go when the source says that they are gone."""
    one, two = variant("S1", "SHIRT", "Rood", "S", 1), variant("S2", "SHIRT", "Rood", "M", 2)
    shop.send(parent(), one, two, **OPEN)
    assert shop.send(product("SHIRT"), **OPEN) == []
    assert sorted(standing(shop)["Product SHIRT"]) == ["S1", "S2", "SHIRT"]
    assert shop.send({**one, "active": False}, {**two, "active": False}, **OPEN) == []
    assert standing(shop) == {"Product SHIRT": ["SHIRT"]}


def test_an_item_becomes_a_variant_of_another(shop: Catalogue) -> None:
    """It stands as it was until a person says so; then its own product goes, and it is a variant."""
    shop.send(product("S1"), parent(), variant("S2", "SHIRT", "Rood", "M"), **OPEN)
    moved = {**variant("S1", "SHIRT", "Rood", "S"), "_source_stream": STREAM}
    assert shop.send(moved, **OPEN) == [("S1", "moved", "S1")]
    assert standing(shop) == {"Product S1": ["S1"], "Product SHIRT": ["S2"]}
    release(shop, "S1")
    assert shop.send(moved, **OPEN) == []
    assert standing(shop) == {"Product SHIRT": ["S1", "S2"]} or standing(shop) == {"Product SHIRT": ["S2", "S1"]}
    shop.send(moved, **OPEN)
    assert shop.total() == {}


def test_a_variant_becomes_an_item_of_its_own(shop: Catalogue) -> None:
    """Likewise: the variant goes from its parent, and a product is made."""
    one = {**variant("S1", "SHIRT", "Rood", "S"), "_source_stream": STREAM}
    shop.send(parent(), one, variant("S2", "SHIRT", "Rood", "M"), **OPEN)
    moved = product("S1")
    assert shop.send(moved, **OPEN) == [("S1", "moved", "S1")]
    assert standing(shop) == {"Product SHIRT": ["S1", "S2"]}
    release(shop, "S1")
    assert shop.send(moved, **OPEN) == []
    assert standing(shop) == {"Product SHIRT": ["S2"], "Product S1": ["S1"]}
    shop.send(moved, **OPEN)
    assert shop.total() == {}


def test_a_variant_moves_to_another_parent(shop: Catalogue) -> None:
    """Released, it is deleted there and made here."""
    one = {**variant("S1", "SHIRT", "Rood", "S"), "_source_stream": STREAM}
    rest = [variant("S2", "SHIRT", "Rood", "M"), variant("C1", "COAT", "Rood", "S")]
    shop.send(parent(), parent("COAT"), one, *rest, **OPEN)
    moved = {**variant("S1", "COAT", "Rood", "S"), "_source_stream": STREAM}
    assert shop.send(moved, **OPEN) == [("S1", "moved", "S1")]
    release(shop, "S1")
    assert shop.send(moved, **OPEN) == []
    assert {title: sorted(skus) for title, skus in standing(shop).items()} == {
        "Product SHIRT": ["S2"],
        "Product COAT": ["C1", "S1"],
    }


def test_a_release_counts_once(shop: Catalogue) -> None:
    """The next time that the same record is held, a person is asked again."""
    two = variant("S2", "SHIRT", "Rood", "M")
    shop.send(parent(), variant("S1", "SHIRT", "Rood", "S"), two, **OPEN)
    renamed = {**two, "sku": "S2-NEW"}
    assert [reason for _, reason, _ in shop.send(renamed, **OPEN)] == ["sku_renamed"]
    release(shop, "S2", VARIANTS)
    assert shop.send(renamed, **OPEN) == []
    assert [reason for _, reason, _ in shop.send(two, **OPEN)] == ["sku_renamed"]


def test_a_release_never_takes_another_items_product(shop: Catalogue) -> None:
    """The shop says that a variant with the SKU stands under it, and the store that it is another item's."""
    shop.send(product("A"), **OPEN)
    identity = shop.the("Product A")["id"]
    body = {"product": identity, "title": "By hand", "sku": "B"}
    shop.make_client().create("variants", "variant", body)
    assert shop.send(product("B"), **OPEN) == [("B", "sku_elsewhere", "B")]
    release(shop, "B")
    assert shop.send(product("B"), **OPEN) == [("B", "sku_elsewhere", "B")]
    assert shop.row("products", identity)["title"] == "Product A"


def test_the_plan_of_a_move_is_what_is_done(shop: Catalogue) -> None:
    """What would be deleted is listed as such."""
    shop.send(product("SHIRT"), **OPEN)
    records = [parent(), variant("S1", "SHIRT", "Rood", "S")]
    shop.run(shop.messages(records), mode="plan", catalogue=OPEN)
    assert shop.writes() == {}
    assert shop.target is not None
    assert shop.target.plans is not None
    gone = [one.key for one in shop.target.plans for change in one.changes if change.field == "delete"]
    assert gone == [key("SHIRT")]


CALLS = 13
"""As many calls as the moves below take."""


def moves(shop: Catalogue) -> list[dict[str, Any]]:
    """A simple item gets variants, an item becomes a variant, and a variant becomes an item: all released."""
    old = {**variant("V1", "COAT", "Rood", "S", 1), "_source_stream": STREAM}
    before = [product("SHIRT"), product("S1"), parent("COAT"), old, variant("V2", "COAT", "Rood", "M", 2)]
    assert shop.send(*before, **OPEN) == []
    moved = {**variant("S1", "SHIRT", "Rood", "S", 1), "_source_stream": STREAM}
    after = [parent(), moved, variant("S2", "SHIRT", "Rood", "M", 2), product("V1")]
    shop.send(*after, **OPEN)
    release(shop, "S1")
    release(shop, "V1")
    return after


def moved(shop: Catalogue) -> None:
    assert {title: sorted(skus) for title, skus in standing(shop).items()} == {
        "Product SHIRT": ["S1", "S2"],
        "Product COAT": ["V2"],
        "Product V1": ["V1"],
    }


def test_how_many_calls_the_moves_take(shop: Catalogue) -> None:
    """So that the loop below reaches every one of them."""
    records = moves(shop)
    assert shop.send(*records, **OPEN) == []
    assert sum(shop.client.calls.values()) == CALLS
    moved(shop)


@pytest.mark.parametrize("fault", ["kill_after", "timeout_after_work"])
@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_a_fault_at_any_call_of_a_move_is_overcome(shop: Catalogue, call: int, fault: str) -> None:
    """Nothing is doubled and nothing is lost, and the release is good until all of it is done."""
    records = moves(shop)
    name, when = ("kill", {"when": "after"}) if fault == "kill_after" else (fault, {})
    shop.fault(name=name, nth=call, times=1, **when)
    with suppress(Killed, Outage):
        shop.send(*records, **OPEN)
    shop.user("DELETE", "faults", {})
    for _ in range(6):
        shop.client = shop.make_client()
        if shop.send(*records, **OPEN) == []:
            break
        shop.clock.advance(301)
    moved(shop)
    shop.send(*records, **OPEN)
    assert shop.writes() == {}
