"""Product relations, against the sandbox."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_lightspeed_world import messages

from target_lightspeed.commerce.relations.places import PRODUCTS
from target_lightspeed.commerce.relations.wants import rounds
from upsert.errors import Beyond
from upsert.store import State, Store, StoredRow

if TYPE_CHECKING:
    from target_lightspeed_world import World

SOURCE = {"system": "afas", "instance": "main"}


@pytest.fixture(autouse=True)
def _commerce(world: World) -> None:
    world.config["streams"] = {"product_relations": {"kind": "commerce"}}


class Shop:
    """Products of the sandbox by their first SKU."""

    def __init__(self, world: World) -> None:
        self.world = world
        own: dict[int, str] = {}
        for row in world.rows("variants"):
            if row["sku"]:
                own.setdefault(row["product"]["id"], row["sku"])
        bare = [identity for identity in own if not world.rows(f"products/{identity}/relations")]
        self.bare = [(own[identity], identity) for identity in bare]

    def relations(self, product: int) -> list[tuple[int, int]]:
        """Related product and place."""
        rows = self.world.rows(f"products/{product}/relations")
        return [(row["relatedProduct"]["id"], row["sortOrder"]) for row in rows]


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)


def relation(item: str, related: str, kind: str = "cross_sell", **more: Any) -> dict[str, Any]:
    """A relation as the mapper sends it."""
    key = f"{item}-{related}-{kind}"
    return {
        "_source_key": key,
        "key": f"afas.main:{key}",
        "source": SOURCE,
        "item": {"key": f"afas.main:{item}", "sku": item},
        "related": {"key": f"afas.main:{related}", "sku": related},
        "type": kind,
        **more,
    }


def test_a_relation_is_made_once(world: World, shop: Shop) -> None:
    """It arrives in its place; a second run makes no call."""
    (a, one), (b, two) = shop.bare[:2]
    record = relation(a, b, position=3)
    assert world.load("product_relations", record) == []
    assert shop.relations(one) == [(two, 3)]
    assert shop.relations(two) == []
    assert world.load("product_relations", record) == []
    assert (world.writes(), world.reads(), world.done()) == ({}, {}, {"unchanged": 1})


def test_both_ways_are_two(world: World, shop: Shop) -> None:
    """The shop knows one direction, so one that holds both ways is written twice, and taken back once."""
    (a, one), (b, two) = shop.bare[:2]
    assert world.load("product_relations", relation(a, b, both_ways=True)) == []
    assert (shop.relations(one)[0][0], shop.relations(two)[0][0]) == (two, one)
    assert world.load("product_relations", relation(a, b)) == []
    assert len(shop.relations(one)) == 1
    assert shop.relations(two) == []


def test_two_records_may_want_one_relation(world: World, shop: Shop) -> None:
    """Cross-sell and accessory are one relation in the shop; it goes with the last of them."""
    (a, one), (b, two) = shop.bare[:2]
    both = [relation(a, b), relation(a, b, "accessory")]
    assert world.load("product_relations", *both) == []
    assert [related for related, _ in shop.relations(one)] == [two]
    world.load("product_relations", relation(a, b, active=False))
    assert len(shop.relations(one)) == 1
    world.load("product_relations", relation(a, b, "accessory", active=False))
    assert shop.relations(one) == []


def test_a_hand_made_relation_stays(world: World, shop: Shop) -> None:
    """One that stood there already is neither moved nor taken away."""
    (a, one), (b, two) = shop.bare[:2]
    world.make_client().create(f"products/{one}/relations", "productRelation", {"relatedProduct": two})
    before = shop.relations(one)
    assert world.load("product_relations", relation(a, b, position=7)) == []
    assert world.load("product_relations", relation(a, b, active=False)) == []
    assert shop.relations(one) == before
    assert world.done() == {"made_by_hand": 1}


def test_a_product_that_is_not_there_is_waited_for_without_a_storm(world: World, shop: Shop) -> None:
    """Fifty relations to products that don't exist yet cost one look at the shop, the next runs none."""
    (a, _) = shop.bare[0]
    records = [relation(a, f"NIET-{number}") for number in range(50)]
    held = world.load("product_relations", *records)
    assert {one["reason"] for one in held} == {"waits_for_product"}
    assert len(held) == 50
    assert sum(world.reads().values()) <= 4
    world.load("product_relations", *records)
    assert (world.reads(), world.writes()) == ({}, {})


def test_it_follows_when_the_product_comes(world: World, shop: Shop) -> None:
    """What waited is written as soon as the shop has the product."""
    (a, one) = shop.bare[0]
    record = relation(a, "NIEUW-1")
    assert world.load("product_relations", record)
    made = world.make_client().create("products", "product", {"title": "Nieuw"})
    (variant,) = [row for row in world.rows("variants") if row["product"]["id"] == made["id"]]
    world.make_client().update(f"variants/{variant['id']}", "variant", {"sku": "NIEUW-1"})
    world.clock.advance(7 * 3600)
    assert world.load("product_relations", record) == []
    assert [related for related, _ in shop.relations(one)] == [made["id"]]


def test_kinds_that_are_not_written(world: World, shop: Shop) -> None:
    """Parts of bundles belong to the stock; a kind that is not asked for is skipped, each with its reason."""
    (a, one), (b, _) = shop.bare[:2]
    world.load("product_relations", relation(a, b, "bundle_part", quantity="2"), relation(a, b, "replaces"))
    assert world.done() == {"bundle_part": 1, "type_not_written": 1}
    assert (shop.relations(one), world.reads(), world.writes()) == ([], {}, {})


def test_a_kind_that_is_no_longer_written_goes(world: World, shop: Shop) -> None:
    """When the settings drop a kind, what we made of it is taken away as its records come by."""
    (a, one), (b, _) = shop.bare[:2]
    world.load("product_relations", relation(a, b))
    world.load("product_relations", relation(a, b), relations={"types": ["related"]})
    assert shop.relations(one) == []


def test_a_product_does_not_relate_to_itself(world: World, shop: Shop) -> None:
    """Two items that are one product in the shop."""
    (a, one) = shop.bare[0]
    assert world.load("product_relations", relation(a, a)) == []
    assert (world.done(), shop.relations(one)) == ({"same_product": 1}, [])


def test_a_new_place_is_one_write(world: World, shop: Shop) -> None:
    """Only the place changes."""
    (a, one), (b, two) = shop.bare[:2]
    world.load("product_relations", relation(a, b, position=3))
    world.load("product_relations", relation(a, b, position=5))
    assert shop.relations(one) == [(two, 5)]
    assert world.writes() == {"PUT products/{id}/relations/{id}": 1}


def test_a_lost_answer_makes_no_second_one(world: World, shop: Shop) -> None:
    """A relation whose create had no answer is found under its product."""
    (a, one), (b, two) = shop.bare[:2]
    world.fault(name="timeout_after_work", endpoint="POST products/{id}/relations", times=1)
    if world.load("product_relations", relation(a, b)):
        world.clock.advance(400)
        assert world.load("product_relations", relation(a, b)) == []
    assert [related for related, _ in shop.relations(one)] == [two]
    assert world.load("product_relations", relation(a, b, active=False)) == []
    assert shop.relations(one) == []


def test_a_first_load_asks_the_catalogue_and_not_each_product(world: World, shop: Shop) -> None:
    """Products without any relation are known from one listing."""
    own = shop.bare[:20]
    records = [relation(a, b) for (a, _), (b, _) in pairwise(own)]
    assert world.load("product_relations", *records) == []
    assert world.reads().get("GET products/{id}/relations", 0) <= 2  # the first one is proven to show
    assert world.writes() == {"POST products/{id}/relations": len(records)}


def test_a_product_is_known_by_our_key_too(world: World, shop: Shop) -> None:
    """An item whose SKU is no variant (the parent of some) is found by what the flow of products remembers."""
    (a, one), (_, two) = shop.bare[:2]
    with Store.open(world.config["store"]) as store:
        now = world.host.now()
        known = StoredRow("shop1", PRODUCTS, "afas.main:PARENT", State.DONE, now, "x", {}, {"id": str(two)}, 0, "")
        store.change(None, known)
    assert world.load("product_relations", relation(a, "PARENT")) == []
    assert [related for related, _ in shop.relations(one)] == [two]


def test_too_many_that_would_go_stop_the_run(world: World, shop: Shop) -> None:
    """A setting that drops a kind takes away none of 22 before a person has seen it; what is approved goes, once."""
    own = shop.bare[:23]
    records = [relation(a, b) for (a, _), (b, _) in pairwise(own)]
    assert world.load("product_relations", *records) == []
    assert len(records) == 22
    before = [shop.relations(identity) for _, identity in own]
    dropped = {"relations": {"types": ["related"]}}
    with pytest.raises(Beyond, match=r"22 of 22 items would be deleted, more than 20 \(.* > ") as caught:
        world.load("product_relations", *records, **dropped)
    assert (world.writes(), world.reads()) == ({}, {})
    assert [shop.relations(identity) for _, identity in own] == before
    with pytest.raises(Beyond, match="another set"):
        world.load("product_relations", *records[:-1], approve=caught.value.token, **dropped)
    assert world.load("product_relations", *records, approve=caught.value.token, **dropped) == []
    assert not any(shop.relations(identity) for _, identity in own)


def test_a_run_that_is_judged_asks_the_shop_once(world: World, shop: Shop) -> None:
    """What is read to see what a run would do is not read again to do it."""
    own = shop.bare[:23]
    pairs = [(a, b) for (a, _), (b, _) in pairwise(own)]
    world.load("product_relations", *(relation(a, b, position=1) for a, b in pairs))
    moved = [relation(a, b, position=2) for a, b in pairs]
    with pytest.raises(Beyond, match="22 of 22 items would be changed, more than 50%") as caught:
        world.load("product_relations", *moved)
    looked = world.reads()
    assert world.load("product_relations", *moved, approve=caught.value.token) == []
    assert world.reads() == looked
    assert world.writes() == {"PUT products/{id}/relations/{id}": 22}


def test_a_plan_lists_and_writes_nothing(world: World, shop: Shop) -> None:
    """In plan mode the relation is looked up and not made."""
    (a, one), (b, _) = shop.bare[:2]
    world.run(messages("product_relations", relation(a, b, both_ways=True), held=[]), mode="plan")
    assert (world.writes(), world.done()) == ({}, {"planned": 2})
    assert shop.relations(one) == []


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), max_size=12))
def test_no_round_has_a_pair_twice(pairs: list[tuple[int, int]]) -> None:
    """Every entry is in one round, in its order, and a round never holds one relation twice."""
    made = rounds(enumerate(pairs))
    assert sorted(number for one in made for number in one) == list(range(len(pairs)))
    for one in made:
        assert len({pairs[number] for number in one}) == len(one)
        assert one == sorted(one)


def test_relations_of_a_product_that_was_made_anew_come_back(world: World, shop: Shop) -> None:
    """What went with a product is read again once the product has another id, and made then; both ways."""
    (a, one), (b, two) = shop.bare[:2]
    with Store.open(world.config["store"]) as store:
        for sku, identity in ((a, one), (b, two)):
            store.change(None, _product(world, sku, identity))
    record = relation(a, b, both_ways=True)
    assert world.load("product_relations", record) == []
    world.make_client().delete(f"products/{one}")
    made = world.make_client().create("products", "product", {"title": "Weer"})["id"]
    with Store.open(world.config["store"]) as store:
        row = store.row("shop1", PRODUCTS, f"afas.main:{a}")
        assert row is not None
        store.change(row, _product(world, a, made))
    held = world.load("product_relations", relation(b, "NIET"))
    assert ("vanished_in_shop", record["_source_key"]) in {(entry["reason"], entry["key"]) for entry in held}
    assert world.load("product_relations", record) == []
    assert [related for related, _ in shop.relations(made)] == [two]
    assert [related for related, _ in shop.relations(two)] == [made]
    assert world.load("product_relations", record) == []
    assert world.writes() == {}


def _product(world: World, sku: str, identity: int) -> StoredRow:
    """What the catalogue flow remembers of a product."""
    key, ids = f"afas.main:{sku}", {"id": str(identity)}
    return StoredRow("shop1", PRODUCTS, key, State.DONE, world.host.now(), "", {}, ids, 0, "")
