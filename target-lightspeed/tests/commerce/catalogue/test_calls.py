"""What it costs: calls are the scarcest thing."""

from __future__ import annotations

from typing import Any

from catalogue_world import Catalogue, key, parent, pictures, product, texts, variant

SETTINGS: dict[str, Any] = {
    "attributes": {"material": {"specification": "Materiaal"}, "washing": {"specification": "Wassen"}},
    "type": "Kenmerken",
    "visible_needs": "nothing",
}


def full(n: int) -> dict[str, Any]:
    """One brand, two specifications, two images, two languages."""
    return product(
        f"P{n}",
        texts=texts(f"Product {n}", long="Lang", en_title=f"Product {n} in English", en_long="Long"),
        brand={"name": "Delft"},
        images=pictures(2 * n, 2 * n + 1),
        attributes=[{"code": "material", "values": ["Klei"]}, {"code": "washing", "values": ["Koud"]}],
    )


def test_a_first_load_costs_no_more_than_the_recipe(shop: Catalogue) -> None:
    """Reference §15.1: 4 + specifications + images + 2 for each further language; here with a fifth on top."""
    count = 60
    recipe = count * (4 + 2 + 2 + 2)
    shop.client = shop.make_client(reserve=(0, 0, 0), longest_wait=4_000)
    assert shop.send(*(full(n) for n in range(count)), **SETTINGS) == []
    assert sum(shop.client.calls.values()) <= 1.2 * recipe
    assert sum(shop.client.calls.values()) <= count * 9 + 40
    assert shop.mails() == []


def test_a_tenth_run_asks_and_writes_nothing(shop: Catalogue) -> None:
    """Nothing changed, so the shop isn't even asked for its products."""
    records = [*(full(n) for n in range(5)), parent(), variant("S1", "SHIRT", "Rood", "S")]
    shop.send(*records, **SETTINGS)
    for _ in range(9):
        shop.send(*records, **SETTINGS)
        assert shop.client.calls == {}


def test_a_hundred_bare_products_in_one_batch_share_their_look_ups(shop: Catalogue) -> None:
    """Three calls each: made, its variant filled, shown; the rest is shared."""
    shop.client = shop.make_client(reserve=(0, 0, 0), longest_wait=4_000)
    shop.send(*(product(f"P{n}") for n in range(100)), visible_needs="nothing")
    assert sum(shop.client.calls.values()) <= 300 + 10
    shop.send(product("NEW"), visible_needs="nothing")
    assert sum(shop.total().values()) <= 6


def test_few_changes_among_many_products_read_only_what_changed(shop: Catalogue) -> None:
    """One read and one write each, no list of the shop."""
    shop.client = shop.make_client(reserve=(0, 0, 0), longest_wait=4_000)
    shop.send(*(product(f"P{n}") for n in range(60)), visible_needs="nothing")
    shop.client = shop.make_client()
    shop.send(product("P3", texts=texts("Product P3", long="Nieuw")), visible_needs="nothing")
    assert shop.total() == {"GET products/{id}": 1, "PUT products/{id}": 1}


def test_waiting_for_prices_costs_one_list(shop: Catalogue) -> None:
    """Not a question per product, however many wait."""
    records = [product(f"P{n}") for n in range(30)]
    shop.send(*records)
    shop.send(*records)
    assert shop.total() == {"GET variants": 1}
    shop.price("P4", "P5")
    shop.send(*records)
    visible = [row["data01"] for row in shop.rows("products") if row["visibility"] == "visible"]
    assert sorted(visible) == [key("P4"), key("P5")]
    assert shop.writes() == {"PUT products/{id}": 2}
