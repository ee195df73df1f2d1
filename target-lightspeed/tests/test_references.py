"""References by id and by natural key; texts in several languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from target_lightspeed_world import World


@pytest.mark.parametrize("form", ["id", "tap", "api", "key", "flat"])
def test_every_form_of_a_reference_is_understood(world: World, form: str) -> None:
    """A reference may be a number, as a tap or the API reads it, a natural key, or flat; it is written as a number."""
    brand = world.rows("brands")[0]
    forms: dict[str, dict[str, Any]] = {
        "id": {"brand": brand["id"]},
        "tap": {"brand": {"id": brand["id"]}},
        "api": {"brand": {"resource": {"id": brand["id"], "url": "brands/1", "link": "https://x/brands/1.json"}}},
        "key": {"brand": {"title": brand["title"]}},
        "flat": {"brand__title": brand["title"]},
    }
    assert world.load("products", {"title": "New one", **forms[form]}) == []
    (made,) = [row for row in world.rows("products") if row["title"] == "New one"]
    assert made["brand"] == {"id": brand["id"]}
    world.load("products", {"title": "New one", **forms[form]})
    assert world.client.calls == {}


def test_a_reference_that_leads_nowhere_is_held(world: World) -> None:
    """An unknown or ambiguous reference holds its record, with the field's name and never with a value."""
    world.load("brands", {"title": "Twin"})
    world.user("POST", "records", {"resource": "brands", "records": [{"title": "Twin"}]})
    held = world.load(
        "products",
        {"title": "A", "brand": {"title": "Nobody"}},
        {"title": "B", "brand": {"title": "Twin"}},
        {"title": "C"},
    )
    assert [(one["key"], one["reason"], one["subject"]) for one in held] == [
        ("1", "unknown_reference", "brand.title"),
        ("2", "ambiguous_reference", "brand.title"),
    ]
    assert world.done() == {"held": 2, "created": 1}


def test_references_of_a_batch_are_looked_up_together(world: World) -> None:
    """A hundred products with ten brands cost no call per product to find the brands."""
    brands = [row["title"] for row in world.rows("brands")]
    records = [{"title": f"Product {n}", "brand": {"title": brands[n % len(brands)]}} for n in range(100)]
    world.load("products", *records)
    assert world.reads()["GET brands"] == 1
    assert "GET brands/{id}" not in world.reads()


def test_a_reference_is_cleared(world: World) -> None:
    """Null takes a reference away."""
    product = next(row for row in world.rows("products") if row["brand"])
    assert world.load("products", {"id": product["id"], "brand": None}) == []
    assert world.row("products", product["id"])["brand"] is None


@pytest.mark.parametrize("works", [None, 0, "nothing"])
def test_a_shop_that_takes_another_sign_for_none(world: World, works: Any) -> None:
    """When false doesn't clear a reference, null and 0 are tried; when none does, the record is held."""
    product = next(row for row in world.rows("products") if row["brand"])
    original = world.client.update

    def update(path: str, envelope: str | None, body: Any, **options: Any) -> Any:
        return original(path, envelope, {name: value for name, value in body.items() if value is works}, **options)

    world.client.update = update  # type: ignore[method-assign] # a shop that knows one sign only
    held = world.load("products", {"id": product["id"], "brand": None})
    if works == "nothing":
        assert [one["reason"] for one in held] == ["refused_by_shop"]
    else:
        assert held == []
        assert world.row("products", product["id"])["brand"] is None


def test_texts_of_several_languages(world: World) -> None:
    """One record makes the thing in the default language, then writes its texts through each other language."""
    record = {"title": {"nl": "Stoel", "en": "Chair"}, "description": {"nl": "", "en": "To sit on"}, "isVisible": True}
    assert world.load("categories", record) == []
    assert world.writes() == {"POST categories": 1, "PUT categories/{id}": 1}
    (made,) = [row for row in world.rows("categories") if row["title"] == "Stoel"]
    english = world.row("categories", made["id"], "en")
    assert (english["title"], english["description"]) == ("Chair", "To sit on")
    world.load("categories", record)
    assert world.client.calls == {}
    record["title"] = {"nl": "Stoel", "en": "Seat"}
    world.load("categories", record)
    assert world.writes() == {"PUT categories/{id}": 1}
    assert world.row("categories", made["id"], "en")["title"] == "Seat"
    assert world.row("categories", made["id"])["title"] == "Stoel"


def test_a_record_in_another_language_is_only_texts(world: World) -> None:
    """With `_language` only language-dependent fields are written, and nothing is made."""
    product = world.rows("products")[0]
    tap = {"id": product["id"], "_language": "en", "title": "Teapot", "visibility": "hidden"}
    assert world.load("products", tap) == []
    assert world.row("products", product["id"], "en")["title"] == "Teapot"
    assert world.row("products", product["id"])["title"] == product["title"]
    assert world.row("products", product["id"])["visibility"] == product["visibility"]
    held = world.load("products", {"_language": "en", "title": "Teapot"})
    assert [one["reason"] for one in held] == ["no_key"]


def test_texts_that_are_there_are_not_written(world: World) -> None:
    """Texts of another language are compared with what that language shows."""
    product = world.rows("products")[0]
    texts = {"en": {"title": "Teapot"}}
    world.load("products", {"id": product["id"], "_texts": texts})
    other = {"streams": {"again": {"resource": "products"}}}
    assert world.load("again", {"id": product["id"], "_texts": texts}, **other) == []
    assert world.writes() == {}


def test_an_inactive_language_is_said_so(world: World) -> None:
    """A language that the shop doesn't have stops the run with its name."""
    from upsert.errors import ConfigurationError

    product = world.rows("products")[0]
    with pytest.raises(ConfigurationError, match=r"language.*\(xx\)"):
        world.load("products", {"id": product["id"], "_texts": {"xx": {"title": "?"}}})
