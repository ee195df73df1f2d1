"""What exists is looked up with the fewest calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest
    from target_lightspeed_world import World


def test_few_are_asked_through_the_filter(world: World) -> None:
    """Two SKUs cost two filtered lists, not the whole list."""
    world.load("variants", {"sku": "SKU-0001", "weight": 1}, {"sku": "SKU-0002", "weight": 1})
    assert world.reads() == {"GET variants": 2}


def test_many_are_found_by_one_listing(world: World) -> None:
    """From the third on a count decides: 301 variants are two pages."""
    world.load("variants", *({"sku": f"SKU-{n:04}", "title": f"T{n}"} for n in range(1, 11)))
    assert world.reads() == {"GET variants/count": 1, "GET variants": 2}


def test_the_listing_is_kept_for_the_run(world: World) -> None:
    """Later batches ask nothing more."""
    world.load("variants", *({"sku": f"SKU-{n:04}", "weight": 1} for n in range(1, 61)), batch_size_rows=20)
    assert world.reads() == {"GET variants/count": 1, "GET variants": 2}


def test_relations_are_asked_by_the_end_with_the_fewest_values(world: World) -> None:
    """Twenty products of one category are one question."""
    world.load("categories", {"title": "Lamps"})
    (category,) = [row["id"] for row in world.rows("categories") if row["title"] == "Lamps"]
    products = [row["id"] for row in world.rows("products")[:20]]
    world.load("categories_products", *({"category": category, "product": product} for product in products))
    # One question before, and one to prove that the first one made can be seen.
    assert world.reads() == {"GET categories/products": 2}
    assert world.writes() == {"POST categories/products": 20}


def test_a_filter_that_the_shop_ignores_is_not_believed(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """An unknown filter gives the whole list: what comes back is compared, and the filter is not used again."""
    original = world.client.list

    def deaf(path: str, **options: object) -> object:
        options.pop("sku", None)
        return original(path, **options)

    world.client.list = deaf  # type: ignore[method-assign, assignment] # a shop that ignores the filter
    assert world.load("variants", {"sku": "SKU-0250", "weight": 1}, {"sku": "NEW", "weight": 1}) != []
    assert world.variant("SKU-0250")["weight"] == 1
    assert caplog.text.count("ignores the filter sku") == 1
    assert world.reads()["GET variants"] == 3


def test_only_needed_fields_are_asked_for(world: World) -> None:
    """The listing asks for the id, the key and the fields of the stream, no more."""
    asked: list[object] = []
    original = world.client.list

    def listen(path: str, **options: object) -> object:
        asked.append(options.get("fields"))
        return original(path, **options)

    world.client.list = listen  # type: ignore[method-assign, assignment] # to see what is asked
    from target_lightspeed_world import messages

    world.run(messages("variants", {"sku": "SKU-0001", "weight": 1}, held=[], properties={"sku": {}, "weight": {}}))
    assert asked == [["id", "sku", "weight"]]


def test_an_email_is_found_without_case(world: World) -> None:
    """The shop's spelling of an address is no other customer."""
    customer = next(row for row in world.rows("customers") if row["email"])
    record = {"email": customer["email"].upper(), "memo": "seen"}
    assert world.load("customers", record) == []
    assert world.row("customers", customer["id"])["memo"] == "seen"


def test_two_records_with_one_key_in_the_shop_are_held(world: World) -> None:
    """A SKU that two variants carry changes neither."""
    product = world.rows("products")[0]["id"]
    for _ in range(2):
        world.make_client().create("variants", "variant", {"product": product, "title": "x", "sku": "TWICE"})
    (held,) = world.load("variants", {"sku": "TWICE", "weight": 1})
    assert held["reason"] == "ambiguous"
