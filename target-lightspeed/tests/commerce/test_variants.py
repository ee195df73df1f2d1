"""The key map and the port of variants, as all flows share them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from target_lightspeed.commerce.keymap import KeyMap, Place
from target_lightspeed.commerce.variants import VariantPort, Wanted
from target_lightspeed.session import Session
from target_lightspeed.settings import read_settings
from upsert.kernel import Kernel
from upsert.model import Outcome, SourceKey
from upsert.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from target_lightspeed_world import World

FIELDS = ("stockLevel", "stockTracking")


class Flow:
    """Runs of a flow that writes stock; each with a new session on the same store."""

    def __init__(self, world: World, store: Store) -> None:
        self.world, self.store = world, store
        self.port = self.begin()

    def begin(self, **settings: Any) -> VariantPort:
        config = {name: value for name, value in self.world.config.items() if name != "store"}
        self.session = Session(self.world.client, read_settings({**config, **settings}), self.store)
        self.port = VariantPort(self.session, "commerce.stock", FIELDS)
        self.world.client.calls.clear()
        return self.port

    def run(self, *wanted: Wanted, **settings: Any) -> list[Outcome]:
        self.begin(**settings)
        kernel = Kernel(self.store, run_id="r", scope="shop1", clock=self.world.host)
        absent = self.port.absent({one.sku for one in wanted})
        known = [one for one in wanted if one.sku not in absent]
        return kernel.run(self.port, [self.port.document(SourceKey("s", one.sku), one) for one in known])


@pytest.fixture
def flow(world: World) -> Iterator[Flow]:
    with Store.open("sqlite://") as store:
        yield Flow(world, store)


def skus(world: World, number: int) -> list[str]:
    found = [str(one["sku"]) for one in world.rows("variants") if one["sku"]]
    return [sku for sku in found if found.count(sku) == 1][:number]


def stock(sku: str, level: int, **more: Any) -> Wanted:
    return Wanted(sku, {"stockLevel": level}, **more)


def test_the_first_run_costs_one_listing_and_later_ones_none(flow: Flow) -> None:
    """Ids and values come from one list; what is the same is not written, and known from then on."""
    some = skus(flow.world, 30)
    shown = {one["sku"]: one["stockLevel"] for one in flow.world.rows("variants")}
    wanted = [stock(sku, shown[sku] + (n < 3)) for n, sku in enumerate(some)]
    outcomes = flow.run(*wanted)
    assert [one.action for one in outcomes].count("updated") == 3
    assert flow.world.writes() == {"PUT variants/bulk": 1}
    listed = -(-len(flow.world.rows("variants")) // 250)
    assert flow.world.reads()["GET variants"] <= listed + 1
    flow.run(*wanted)
    assert (flow.world.writes(), flow.world.reads()) == ({}, {})
    flow.run(*wanted[:-1], stock(some[-1], 9999))
    assert (flow.world.writes(), flow.world.reads()) == ({"PUT variants/{id}": 1}, {})


def test_what_the_flow_knows_to_stand_there_counts(flow: Flow) -> None:
    """The shop took a sold piece off by itself: the level is right already, and nothing is written."""
    (sku,) = skus(flow.world, 1)
    flow.run(stock(sku, 50))
    (same,) = flow.run(stock(sku, 49, shows={"stockLevel": 49}))
    assert (same.action, same.ids["stockLevel"]) == ("skipped", "49")
    assert flow.world.writes() == {}
    (back,) = flow.run(stock(sku, 50, shows={"stockLevel": 49}))
    assert back.action == "updated"
    assert flow.world.variant(sku)["stockLevel"] == 50


def test_notes_are_kept_and_count_as_content(flow: Flow) -> None:
    """A flow reads back what it noted; a new note alone writes nothing to the shop."""
    (sku,) = skus(flow.world, 1)
    flow.run(stock(sku, 50, notes={"asked": "a"}))
    assert flow.begin().noted([sku])[sku]["asked"] == "a"
    flow.run(stock(sku, 50, notes={"asked": "b"}))
    assert flow.world.writes() == {}
    noted = flow.begin().noted([sku])[sku]
    assert (noted["asked"], noted["stockLevel"]) == ("b", "50")
    assert flow.port.value(sku, "stockLevel") == "50"


def test_a_sku_that_two_variants_have_is_held(flow: Flow) -> None:
    """Neither is written; the ids of both are named."""
    one, other = skus(flow.world, 2)
    second = flow.world.variant(other)["id"]
    flow.world.client.update(f"variants/{second}", "variant", {"sku": one})
    (outcome,) = flow.run(stock(one, 77))
    assert (outcome.action, outcome.reason) == ("held", "ambiguous")
    assert str(second) in outcome.subject


def test_a_variant_under_a_new_id_is_written_again(flow: Flow) -> None:
    """What was written to the one before says nothing about it, though the record is unchanged."""
    (sku,) = skus(flow.world, 1)
    flow.run(stock(sku, 50))
    old = flow.world.variant(sku)
    made = {"product": old["product"]["id"], "title": "Nieuw", "sku": sku, "stockLevel": 0}
    new = flow.world.client.create("variants", "variant", made)
    flow.world.client.delete(f"variants/{old['id']}")
    flow.begin()
    KeyMap(flow.session).learn({sku: Place(new["id"], old["product"]["id"])})
    (outcome,) = flow.run(stock(sku, 50))
    assert outcome.action == "updated"
    assert flow.world.variant(sku)["stockLevel"] == 50


def test_a_flow_that_makes_a_sku_ends_its_absence(flow: Flow) -> None:
    """What was not in the shop is known at once when another flow has made it, without a question."""
    assert flow.run(stock("NIEUW", 5)) == []
    product = flow.world.rows("products")[0]["id"]
    made = flow.world.client.create("variants", "variant", {"product": product, "title": "N", "sku": "NIEUW"})
    assert flow.run(stock("NIEUW", 5)) == []
    flow.begin()
    KeyMap(flow.session).learn({"NIEUW": Place(made["id"], product)})
    assert [one.action for one in flow.run(stock("NIEUW", 5))] == ["updated"]
    assert flow.world.reads() == {}


def test_many_writes_without_an_answer_cost_few_questions(flow: Flow) -> None:
    """One list shows what has arrived; those that have not are waited for."""
    some = skus(flow.world, 40)
    flow.run(*(stock(sku, 10) for sku in some))
    flow.world.fault(name="late_work", endpoint="PUT variants/bulk", times=1, after=120)
    outcomes = flow.run(*(stock(sku, 11) for sku in some))
    assert {one.reason for one in outcomes} == {"in_doubt"}
    assert sum(flow.world.reads().values()) <= 4
    flow.world.clock.advance(400)
    outcomes = flow.run(*(stock(sku, 12) for sku in some))
    assert {one.action for one in outcomes} == {"updated"}
    assert sum(flow.world.reads().values()) <= 4
    assert {flow.world.variant(sku)["stockLevel"] for sku in some} == {12}


def test_the_article_code_may_hold_the_sku(flow: Flow) -> None:
    """As the catalogue's setting says."""
    (sku,) = skus(flow.world, 1)
    code = flow.world.variant(sku)["articleCode"]
    (outcome,) = flow.run(stock(code, 66), catalogue={"sku_field": "articleCode"})
    assert outcome.action == "updated"
    assert flow.world.variant(sku)["stockLevel"] == 66


def test_only_fields_of_the_bulk_call(flow: Flow) -> None:
    """A flow that would write others is wrong from the start."""
    with pytest.raises(ValueError, match="title"):
        VariantPort(flow.session, "commerce.stock", ("title",))
