"""Orders of variants of items with dimensions (D18): which variant a SKU means, and what stands on the line."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_afas_builders import CONFIG, line, order, person
from target_afas_world import World, results

from target_afas.variants import heads_of, sku_of
from upsert.store import Store

VARIANTS = "GET connectors/Commerce_Variants"
ITEMS = "GET connectors/Commerce_Items"
codes = st.text("AB-1", min_size=1, max_size=10)


def own(**changes: Any) -> dict[str, Any]:
    """Settings with other values in `orders`."""
    return {"orders": {**CONFIG["orders"], **changes}}


def shown(world: World, reference: str = "shop1-ORD00001") -> list[tuple[str, str, str]]:
    """Item and dimension codes of each line of an order."""
    lines = world.session.lookups.booked([reference])[reference.casefold()][0].lines
    return sorted((one.item, one.dim1, one.dim2) for one in lines)


@given(codes, codes, st.one_of(st.just(""), codes), st.sampled_from(["-", "--", "/"]))
def test_the_item_of_a_variant_is_among_those_asked_for(item: str, dim1: str, dim2: str, separator: str) -> None:
    """However often the codes hold the separator themselves, the item is looked for."""
    assert item in heads_of(sku_of(item, dim1, dim2, separator), separator)


def test_a_code_without_separator_is_no_variant() -> None:
    """What can't be split, or would give an empty or too long code, is not looked for."""
    assert heads_of("POLO", "-") == heads_of("-POLO", "-") == heads_of("POLO-", "-") == set()
    assert heads_of("POLO-" + "X" * 22, "-") == set()


@pytest.mark.parametrize(
    ("sku", "booked"),
    [
        ("TEX-POLO-ROOD-M", ("TEX-POLO", "ROOD", "M")),
        ("tex-polo-rood-m", ("TEX-POLO", "ROOD", "M")),
        ("TEX-SOK-36-38", ("TEX-SOK", "36-38", "")),
        ("TEX-JAS-ZWART-38", ("TEX-JAS-ZWART-38", "", "")),
    ],
)
def test_a_variant_is_booked_with_its_codes(sku: str, booked: tuple[str, str, str]) -> None:
    """One or two dimensions, codes that hold the separator, an item whose code looks like one; a second run is idle."""
    world = World()
    one = order([line(sku, "79.90", "2")])
    assert results(world.run(one)) == [("created", "", "")]
    assert shown(world) == [booked]
    assert world.total() == Decimal("79.90")
    assert results(world.run(one)) == [("skipped", "unchanged", "")]
    world.store = Store.open("sqlite://")
    assert results(world.run(one)) == [("skipped", "same_in_afas", "")]
    assert world.writes() == 0


def test_a_direct_invoice_has_them_too() -> None:
    """The type of document makes no difference to a line's variant."""
    world = World(**own(document_type="direct_invoice"))
    one = order([line("TEX-POLO-ROOD-M", "39.95")])
    assert results(world.run(one)) == [("created", "", "")]
    assert shown(world) == [("TEX-POLO", "ROOD", "M")]
    world.store = Store.open("sqlite://")
    assert results(world.run(one)) == [("skipped", "same_in_afas", "")]


def test_variants_are_asked_for_once_per_batch() -> None:
    """Items alone cost no question about variants; many variants cost one, and one for the units of their items."""
    world = World()
    world.run(order())
    assert (world.client.calls[VARIANTS], world.client.calls[ITEMS]) == (0, 2)
    sizes = ["S", "M", "L", "XL"]
    lines = [line(f"TEX-POLO-{colour}-{size}", "39.95") for colour in ("ROOD", "BLAUW") for size in sizes]
    many = [order(lines, number=f"ORD0001{n}", buyer=person(email=f"{n}@x.nl")) for n in range(3)]
    assert {one.action for one in world.run(*many)} == {"created"}
    assert (world.client.calls[VARIANTS], world.client.calls[ITEMS]) == (1, 3)


def test_another_size_in_the_shop_is_another_line() -> None:
    """A change of variant is a change of the order: the old line goes, the new one comes (B8)."""
    world = World()
    world.run(order([line("TEX-POLO-ROOD-M", "39.95"), line("SKU-0001", key="b")]))
    outcomes = world.run(order([line("TEX-POLO-ROOD-L", "39.95"), line("SKU-0001", key="b")]))
    assert results(outcomes) == [("updated", "", "")]
    assert shown(world) == [("SKU-0001", "", ""), ("TEX-POLO", "ROOD", "L")]
    assert world.total() == Decimal("52.05")


def test_another_size_in_afas_is_a_difference() -> None:
    """An order that stands in AFAS with another variant is not taken for the same (R4)."""
    world = World()
    world.run(order([line("TEX-POLO-ROOD-M", "39.95")]))
    world.store = Store.open("sqlite://")
    assert results(world.run(order([line("TEX-POLO-ROOD-L", "39.95")]))) == [("held", "differs_from_afas", "lines")]


def test_a_sku_that_fits_two_variants_is_held() -> None:
    """The codes of two variants that make one SKU tell no one which is meant; the others are booked."""
    world = World()
    world.user("steps", do="product", Item="TEX", Dimension1="A", Dimension2="B", Description="Tex")
    world.user("steps", do="variant", Item="TEX", Dim1="SOK", Dim2="36-38")
    outcomes = world.run(
        order([line("TEX-SOK-36-38", "6.50")]),
        order([line("TEX-SOK-39-42", "6.50")], number="ORD00002", buyer=person(email="b@x.nl")),
    )
    assert results(outcomes) == [("held", "ambiguous_item", "TEX-SOK-36-38"), ("created", "", "")]


@pytest.mark.parametrize("block", ["variant", "item"])
def test_what_is_blocked_is_held_as_a_blocked_item(block: str, caplog: pytest.LogCaptureFixture) -> None:
    """A variant blocked for sale, or of a blocked item, waits until it is unblocked."""
    world = World()
    if block == "item":
        world.user("item", item="TEX-SOK", action="block")
    sku = "TEX-SOK-36-38" if block == "item" else "TEX-SOK-43-46"
    with caplog.at_level(logging.WARNING):
        assert results(world.run(order([line(sku, "6.50")]))) == [("held", "unknown_item", sku)]
    assert f"item {sku} is blocked in AFAS; its orders wait" in caplog.messages
    assert world.writes() == 0
    world.user("steps", do="product", Item="TEX-SOK", Blocked=False)
    world.user("steps", do="variant", Item="TEX-SOK", Dim1=sku.removeprefix("TEX-SOK-"), BlockedSales=False)
    assert results(world.run(order([line(sku, "6.50")]))) == [("created", "", "")]


def test_an_item_with_dimensions_is_not_booked_without_them() -> None:
    """The bare code of such an item names no article; nothing is written for it."""
    world = World()
    assert results(world.run(order([line("TEX-POLO", "39.95")]))) == [("held", "no_dimension", "TEX-POLO")]
    assert world.writes() == 0


def test_an_unknown_variant_is_held_as_an_unknown_item() -> None:
    """A size that AFAS does not have is named, like an item that it does not have."""
    sku = "TEX-POLO-ROOD-XXS"
    assert results(World().run(order([line(sku, "39.95")]))) == [("held", "unknown_item", sku)]


def test_the_separator_is_a_setting_and_codes_can_be_translated() -> None:
    """The shop may write another SKU than the catalogue flow: by its separator, or by the table of codes."""
    world = World(**own(sku_separator="/", item_codes={"POLO": "TEX-POLO/BLAUW/S"}))
    assert results(world.run(order([line("TEX-POLO/ROOD/M", "39.95"), line("POLO", "39.95", key="b")]))) == [
        ("created", "", "")
    ]
    assert shown(world) == [("TEX-POLO", "BLAUW", "S"), ("TEX-POLO", "ROOD", "M")]


@pytest.mark.parametrize(
    ("connectors", "missing"),
    [
        ({"variants": "Ours"}, "GetConnector Ours"),
        ({"order_lines": {"name": "Commerce_OrderLines", "fields": {"Dim1": "D1"}}}, "Commerce_OrderLines.D1"),
    ],
)
def test_without_what_it_takes_variants_are_unknown_items(
    connectors: dict[str, Any], missing: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Without the connector, or the codes on the lines, the orders wait and the log says once what to add."""
    world = World(connectors=connectors)
    with caplog.at_level(logging.WARNING):
        outcomes = world.run(
            order([line("TEX-POLO-ROOD-M", "39.95")]),
            order([line("TEX-SOK-36-38", "6.50")], number="ORD00002", buyer=person(email="b@x.nl")),
            order(number="ORD00003", buyer=person(email="c@x.nl")),
        )
    assert [(one.action, one.reason) for one in outcomes] == [("held", "unknown_item")] * 2 + [("created", "")]
    said = [text for text in caplog.messages if "can't be booked without" in text]
    assert len(said) == 1
    assert missing in said[0]
