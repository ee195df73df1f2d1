"""Images and files: uploaded once, by content."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from target_lightspeed.uploads import read_upload, slug

if TYPE_CHECKING:
    from target_lightspeed_world import World


def picture(name: str) -> str:
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + name.encode()).decode()


def images(world: World, product: int) -> list[dict[str, Any]]:
    return world.rows(f"products/{product}/images")


@pytest.fixture
def product(world: World) -> int:
    world.load("products", {"title": "With pictures"})
    return next(row["id"] for row in world.rows("products") if row["title"] == "With pictures")


def test_an_image_is_uploaded_once(world: World, product: int) -> None:
    """A picture goes up with its sort order; a second run asks nothing and uploads nothing."""
    record = {"product": product, "attachment": picture("a"), "filename": "front (1).png", "sortOrder": 3}
    assert world.load("products_images", record) == []
    (made,) = images(world, product)
    assert (made["title"], made["size"], made["sortOrder"]) == ("front 1", 9, 3)
    world.load("products_images", record)
    assert world.client.calls == {}


def test_a_new_picture_under_the_same_name_replaces_the_old(world: World, product: int) -> None:
    """The content's hash decides: another content is uploaded, then the old image goes."""
    record = {"product": product, "attachment": picture("a"), "filename": "front.png"}
    world.load("products_images", record)
    (old,) = images(world, product)
    assert world.load("products_images", {**record, "attachment": picture("other")}) == []
    (new,) = images(world, product)
    assert (new["size"], new["id"] != old["id"]) == (13, True)
    assert world.writes() == {"POST products/{id}/images": 1, "DELETE products/{id}/images/{id}": 1}


def test_an_image_that_stands_there_is_found(world: World, product: int) -> None:
    """With an empty store an image of the same title and size is taken for the same; its order can be changed."""
    record = {"product": product, "attachment": picture("a"), "filename": "front.png", "sortOrder": 1}
    world.load("products_images", record)
    other = {"streams": {"again": {"resource": "products_images"}}}
    assert world.load("again", {**record, "sortOrder": 5}, **other) == []
    assert world.writes() == {"PUT products/{id}/images/{id}": 1}
    (one,) = images(world, product)
    assert one["sortOrder"] == 5


def test_an_image_by_address(world: World, product: int) -> None:
    """An http(s) address is passed on to the shop; the same address is the same picture unless the source says so."""
    record = {"product": product, "attachment": "https://img.example.com/back.png"}
    assert world.load("products_images", record) == []
    (made,) = images(world, product)
    assert made["title"] == "back"
    world.load("products_images", record)
    assert world.client.calls == {}
    world.load("products_images", {**record, "_hash": "2"})
    assert world.writes()["POST products/{id}/images"] == 1
    assert len(images(world, product)) == 1


def test_an_image_is_deleted(world: World, product: int) -> None:
    """By id, as a tap says it is gone."""
    world.load("products_images", {"product": product, "attachment": picture("a"), "filename": "a.png"})
    (made,) = images(world, product)
    gone = {"id": made["id"], "_parent_id": product, "_sdc_deleted_at": "2026-11-01"}
    assert world.load("products_images", gone) == []
    assert images(world, product) == []


def test_an_image_is_named_by_its_title(world: World, product: int) -> None:
    """Without a file in the record, an image that is there is changed or deleted by its title; none is made."""
    world.load("products_images", {"product": product, "attachment": picture("a"), "filename": "front.png"})
    assert world.load("products_images", {"product": product, "title": "front", "sortOrder": 7}) == []
    assert [one["sortOrder"] for one in images(world, product)] == [7]
    held = world.load("products_images", {"product": product, "title": "back"}, {"product": product, "sortOrder": 1})
    assert [(one["reason"], one["subject"]) for one in held] == [
        ("missing_field", "attachment"),
        ("no_key", "filename"),
    ]
    gone = {"product": product, "filename": "front.png", "_sdc_deleted_at": "2026-11-01"}
    assert world.load("products_images", gone) == []
    assert images(world, product) == []


def test_the_one_image_of_a_brand(world: World) -> None:
    """A brand has one image: it is found in the brand's own row, replaced, and deleted."""
    brand = world.rows("brands")[0]
    record = {"brand": {"title": brand["title"]}, "attachment": picture("a"), "filename": "logo.png"}
    assert world.load("brands_image", record) == []
    assert world.row("brands", brand["id"])["image"]["title"] == "logo"
    world.load("brands_image", record)
    assert world.writes() == {}
    assert world.load("brands_image", {**record, "attachment": picture("bb")}) == []
    assert world.row("brands", brand["id"])["image"]["size"] == 10
    assert world.load("brands_image", {**record, "_sdc_deleted_at": "2026-11-01"}) == []
    assert world.row("brands", brand["id"])["image"] is None


def test_an_upload_without_an_answer_is_not_doubled(world: World, product: int) -> None:
    """An image whose upload was done without an answer is found by title and size, and adopted."""
    world.fault(name="timeout_after_work", endpoint="POST products/{id}/images", times=1)
    record = {"product": product, "attachment": picture("a"), "filename": "front.png"}
    assert world.load("products_images", record) == []
    assert world.done() == {"adopted": 1}
    assert len(images(world, product)) == 1


def test_a_replacement_without_an_answer_leaves_one_image(world: World, product: int) -> None:
    """The new picture went up without an answer: it is found later, and the old one goes; never a third one."""
    record = {"product": product, "attachment": picture("a"), "filename": "front.png"}
    world.load("products_images", record)
    world.fault(name="timeout_after_work", endpoint="POST products/{id}/images", times=1)
    changed = {**record, "attachment": picture("other")}
    assert [one["reason"] for one in world.load("products_images", changed)] == ["in_doubt"]
    world.clock.advance(301)
    assert world.load("products_images", changed) == []
    assert world.writes() == {"DELETE products/{id}/images/{id}": 1}
    assert [one["size"] for one in images(world, product)] == [13]
    world.load("products_images", changed)
    assert world.client.calls == {}


def test_products_without_images_are_not_asked_one_by_one(world: World) -> None:
    """The catalogue shows in two calls which products have no image; the others are asked."""
    world.load("products", *({"title": f"Bare {n}"} for n in range(15)))
    bare = [row["id"] for row in world.rows("products") if row["title"].startswith("Bare")]
    records = [
        {"product": one, "attachment": picture(f"p{one}"), "filename": f"{n}.png"} for one in bare for n in (1, 2)
    ]
    assert world.load("products_images", *records, batch_size_rows=10) == []
    assert world.writes() == {"POST products/{id}/images": 30}
    reads = world.reads()
    assert (reads["GET catalog/count"], reads["GET catalog"]) == (1, 2)
    # The first image that is made is proven by its list; the first product's own two are asked before.
    assert reads["GET products/{id}/images"] <= 2
    assert all(len(images(world, one)) == 2 for one in bare)


def test_what_is_no_picture_is_held(world: World, product: int) -> None:
    """Text that isn't base64 is held before any call; what the shop refuses, with its words in the log."""
    held = world.load("products_images", {"product": product, "attachment": "no picture!"})
    assert [(one["reason"], one["subject"]) for one in held] == [("wrong_type", "attachment")]
    refused = base64.b64encode(b"text").decode()
    held = world.load("products_images", {"product": product, "attachment": refused, "filename": "a.png"})
    assert [one["reason"] for one in held] == ["refused_by_shop"]


def test_names_of_uploads() -> None:
    """The name comes from the record, the address, or the content; the extension from the content."""
    assert read_upload({"sortOrder": 1}) is None
    told = read_upload({"title": "front"})
    assert told is not None
    assert (told.attachment, told.title) == ("", "front")
    named = read_upload({"attachment": f"data:image/png;base64,{picture('x')}"})
    assert named is not None
    assert named.filename.endswith(".png")
    assert slug("Front (1) Ünï.png") == "front-1-n-png"
    address = read_upload({"src": "https://x.example/a%20b.jpg?size=3", "title": "a b", "extension": "jpg"})
    assert address is not None
    assert (address.filename, address.size) == ("a b.jpg", None)
