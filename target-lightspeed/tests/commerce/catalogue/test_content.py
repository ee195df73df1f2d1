"""What hangs under a product: languages, brand, specifications, images, categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from catalogue_world import Catalogue, key, picture, pictures, product, texts

from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

FREE = {
    "material": {"specification": "Materiaal"},
    "washing": {"specification": "Wasvoorschrift"},
    "lead_time": {"field": "data02"},
    "origin_country": {"specification": "Herkomst"},
}
DESCRIBED: dict[str, Any] = {"attributes": FREE, "type": "Kenmerken", "visible_needs": "nothing"}


def attributes(**values: str) -> list[dict[str, Any]]:
    return [{"code": code, "values": [text] if text else []} for code, text in values.items()]


def described(shop: Catalogue, identity: int) -> dict[str, str]:
    return {row["title"]: row["value"] for row in shop.rows(f"products/{identity}/attributes")}


# -- languages --------------------------------------------------------------------------------------------------------


def test_texts_of_other_languages_are_written_to_the_same_product(shop: Catalogue) -> None:
    """One product, each language its own texts, also the variant's title."""
    record = product(texts=texts("Pot", long="Lang", en_title="Teapot", en_long="Long"))
    assert shop.send(record) == []
    row = shop.the("Pot")
    english = shop.row("products", row["id"], "en")
    assert (english["title"], english["content"]) == ("Teapot", "Long")
    (variant,) = shop.rows("variants", "en")
    assert variant["title"] == "Teapot"
    assert shop.variant("POT-1")["title"] == "Pot"
    changed = product(texts=texts("Pot", long="Lang", en_title="Teapot", en_long="Longer"))
    assert shop.send(changed, visible_needs="nothing") == []
    assert shop.writes() == {"PUT products/{id}": 2}
    assert shop.row("products", row["id"], "en")["content"] == "Longer"


def test_a_language_that_the_shop_lacks_stops_the_run(shop: Catalogue) -> None:
    """It is a matter of settings, not of each record."""
    record = product(texts=texts("Pot", sv_title="Kanna"))
    with pytest.raises(ConfigurationError, match="'sv'"):
        shop.send(record)
    assert shop.send(record, languages=["en"]) == []


def test_plain_texts_are_escaped_where_the_shop_shows_html(shop: Catalogue) -> None:
    """Signs and emoji survive; a plain long text keeps its paragraphs."""
    long = {"language": "nl", "role": "long", "value": "A & B < C é 🫖\n\nTwee\nregels", "format": "plain"}
    shop.send(product(texts=[*texts("Pot & <é> 🫖"), long]))
    row = shop.the("Pot & <é> 🫖")
    assert row["content"] == "<p>A &amp; B &lt; C é 🫖</p><p>Twee<br>regels</p>"


# -- brand ------------------------------------------------------------------------------------------------------------


def test_a_brand_is_made_once_whatever_its_spelling(shop: Catalogue) -> None:
    """Capitals make no difference, and an alias names the brand of the shop."""
    shop.make_client().create("brands", "brand", {"title": "Delft"})
    aliases = {"Delfts Blauw BV": "Delft"}
    names = ("DELFT", "delfts blauw bv", "Maas", "maas")
    records = [product(f"P{n}", brand={"name": name}) for n, name in enumerate(names)]
    assert shop.send(*records, brand_aliases=aliases) == []
    brands = {row["id"]: row["title"] for row in shop.rows("brands")}
    assert sorted(brands.values()) == ["Delft", "Maas"]
    assert [brands[row["brand"]["id"]] for row in shop.rows("products")] == ["Delft", "Delft", "Maas", "Maas"]
    shop.send(product("P0", brand=None), brand_aliases=aliases, visible_needs="nothing")
    assert shop.rows("products")[0]["brand"] is None
    assert shop.rows("brands")


# -- specifications ---------------------------------------------------------------------------------------------------


def test_attributes_become_specifications_and_fields(shop: Catalogue) -> None:
    """By the map: those of the shop that the map doesn't name stay untouched."""
    client = shop.make_client()
    hand = client.create("attributes", "attribute", {"title": "Met de hand"})
    record = product(attributes=attributes(material="Katoen", washing="30 graden", lead_time="2 dagen", other="x"))
    assert shop.send({**record, "origin_country": "NL"}, **DESCRIBED) == []
    row = shop.the("Product POT-1")
    client.update(f"products/{row['id']}/attributes/{hand['id']}", "productAttribute", {"value": "Mooi"})
    assert row["data02"] == "2 dagen"
    wanted = {"Materiaal": "Katoen", "Wasvoorschrift": "30 graden", "Herkomst": "NL"}
    assert described(shop, row["id"]) == {**wanted, "Met de hand": "Mooi"}
    assert len(shop.rows("types/attributes")) == 3
    changed = product(attributes=attributes(material="Wol", lead_time="2 dagen"))
    assert shop.send(changed, **DESCRIBED) == []
    assert shop.writes() == {"PUT products/{id}/attributes/{id}": 2}
    assert described(shop, row["id"]) == {**wanted, "Materiaal": "Wol", "Wasvoorschrift": "", "Met de hand": "Mooi"}
    shop.send(changed, **DESCRIBED)
    assert shop.total() == {}


def test_a_specification_in_several_languages(shop: Catalogue) -> None:
    """A number counts in each of them; a text has a translation that is an attribute of its own."""
    settings: dict[str, Any] = {
        "attributes": {
            "material": {"specification": "Materiaal"},
            "material_en": {"specification": "Materiaal", "languages": ["en"]},
            "watt": {"specification": "Vermogen", "languages": ["nl", "en"]},
        },
        "type": "Kenmerken",
        "visible_needs": "nothing",
    }
    record = product(attributes=attributes(material="Katoen", material_en="Cotton", watt="60"))
    assert shop.send(record, **settings) == []
    identity = shop.the("Product POT-1")["id"]

    def values(language: str) -> list[str]:
        return [row["value"] for row in shop.rows(f"products/{identity}/attributes", language)]

    assert (values("nl"), values("en")) == (["Katoen", "60"], ["Cotton", "60"])
    changed = product(attributes=attributes(material="Katoen", material_en="", watt="60"))
    assert shop.send(changed, **settings) == []
    assert shop.writes() == {"PUT products/{id}/attributes/{id}": 1}
    assert (values("nl"), values("en")) == (["Katoen", "60"], ["", "60"])
    shop.send(changed, **settings)
    assert shop.total() == {}
    path = f"products/{identity}/attributes/{shop.rows('attributes')[1]['id']}"
    shop.make_client(language="en").update(path, "productAttribute", {"value": "by hand"})
    shop.clock.advance(25 * 3600)
    assert shop.send(**settings) == [("POT-1", "drifted", "Vermogen")]
    assert shop.send(changed, **settings) == []
    assert values("en") == ["", "60"]


def test_a_deposit_is_the_additional_cost_of_that_title(shop: Catalogue) -> None:
    """The shop's own record, on each variant; what it doesn't have can't be made, and is held by name."""
    (cost,) = [row for row in shop.rows("additionalcosts") if row["title"] == "Statiegeld"]
    settings = {"attributes": {"deposit": {"field": "additionalcost"}}, "visible_needs": "nothing"}
    record = product(attributes=attributes(deposit="statiegeld"))
    assert shop.send(record, **settings) == []
    assert shop.variant("POT-1")["additionalcost"]["id"] == cost["id"]
    other = product("P2", attributes=attributes(deposit="Verwijderingsbijdrage"))
    assert shop.send(other, **settings) == [("P2", "unknown_reference", "additionalcost: Verwijderingsbijdrage")]
    assert shop.send(product(attributes=attributes(deposit="")), **settings) == []
    assert not shop.variant("POT-1")["additionalcost"]
    shop.send(product(attributes=attributes(deposit="")), **settings)
    assert shop.total() == {}


def test_a_delivery_date_is_made_by_name(shop: Catalogue) -> None:
    """A text of the source becomes the shop's delivery date of that name."""
    settings = {"attributes": {"lead_time": {"field": "deliverydate"}}, "visible_needs": "nothing"}
    records = [product(f"P{n}", attributes=attributes(lead_time="Morgen in huis")) for n in range(2)]
    assert shop.send(*records, **settings) == []
    (date,) = shop.rows("deliverydates")
    assert {row["deliverydate"]["id"] for row in shop.rows("products")} == {date["id"]}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"attributes": {"a": {"field": "data01"}}}, "data01"),
        ({"attributes": {"a": {"field": "data02"}, "b": {"field": "data02"}}}, "twice"),
        ({"attributes": {"a": {"specification": "A"}}}, "type"),
        ({"attributes": {"a": {}}}, "either"),
        ({"attributes": {"a": {"field": "data02", "languages": ["en"]}}}, "languages"),
        (
            {
                "type": "T",
                "attributes": {"a": {"specification": "A"}, "b": {"specification": "A", "languages": ["nl"]}},
            },
            "more than one",
        ),
        ({"fields": {"colour": {"update": "never"}}}, "colour"),
        ({"axis_title": "x"}, "value"),
    ],
)
def test_settings_that_can_not_be_right_are_refused(shop: Catalogue, settings: dict[str, Any], words: str) -> None:
    """Before the first call, in one line that names the setting."""
    with pytest.raises(ConfigurationError, match=words):
        shop.send(product(), **settings)
    assert shop.total() == {}


# -- images -----------------------------------------------------------------------------------------------------------


def test_seven_images_in_order_and_ten_runs(shop: Catalogue) -> None:
    """They stand in the order of the source; ten runs upload nothing more."""
    record = product(images=pictures(*range(7)))
    shop.send(record, visible_needs="nothing")
    identity = shop.the("Product POT-1")["id"]
    first = shop.images(identity)
    assert [row["title"].rpartition("-")[0] for row in first] == [f"picture-{n}" for n in range(7)]
    assert [row["sortOrder"] for row in first] == list(range(1, 8))
    for _ in range(10):
        shop.send(record, visible_needs="nothing")
        assert shop.total() == {}


def test_a_changed_image_is_the_only_upload(shop: Catalogue) -> None:
    """Image 3 goes up anew and its old content goes; nothing is read, the others stay, also one made by hand."""
    shop.send(product(images=pictures(*range(7))), visible_needs="nothing")
    identity = shop.the("Product POT-1")["id"]
    hand = shop.make_client().upload(f"products/{identity}/images", "productImage", picture(99)["content"], "hand.png")
    shop.send(product(images=pictures(0, 1, 22, 3, 4, 5, 6)), visible_needs="nothing")
    assert shop.total() == {"POST products/{id}/images": 1, "DELETE products/{id}/images/{id}": 1}
    found = [row["title"].rpartition("-")[0] or row["title"] for row in shop.images(identity)]
    assert found == ["picture-0", "picture-1", "picture-22", *(f"picture-{n}" for n in range(3, 7)), "hand"]
    assert hand["id"] in {row["id"] for row in shop.images(identity)}


def test_a_removed_image_disappears_and_the_rest_moves_up(shop: Catalogue) -> None:
    """What the source has no more goes; an empty list takes all of ours away."""
    shop.send(product(images=pictures(0, 1, 2)), visible_needs="nothing")
    identity = shop.the("Product POT-1")["id"]
    shop.send(product(images=pictures(0, 2)), visible_needs="nothing")
    assert shop.writes() == {"DELETE products/{id}/images/{id}": 1, "PUT products/{id}/images/{id}": 1}
    assert [row["sortOrder"] for row in shop.images(identity)] == [1, 2]
    shop.send(product(images=[]), visible_needs="nothing")
    assert shop.images(identity) == []
    shop.send(product(), visible_needs="nothing")
    assert shop.total() == {}


def test_a_lost_store_uploads_nothing_again(shop: Catalogue, tmp_path: Path) -> None:
    """An image is known by the hash in its name, whatever the shop made of the file."""
    record = product(images=pictures(0, 1))
    shop.send(record, visible_needs="nothing")
    (tmp_path / "store.db").unlink()
    shop.send(record, visible_needs="nothing")
    assert shop.writes() == {}
    assert len(shop.images(shop.the("Product POT-1")["id"])) == 2


def test_more_images_than_the_shop_takes_hold_the_product(shop: Catalogue) -> None:
    """None is left out in silence, and it isn't shown half."""
    held = shop.send(product(images=pictures(0, 1, 2)), max_images=2, visible_needs="nothing")
    assert held == [("POT-1", "too_many_images", "3 of 2")]
    assert shop.the("Product POT-1")["visibility"] == "hidden"


# -- categories -------------------------------------------------------------------------------------------------------


def test_categories_are_left_alone_unless_a_setting_says_otherwise(shop: Catalogue) -> None:
    """The default: what people put together stays."""
    shop.send(product(categories=[{"category": {"key": key("CAT")}}]), visible_needs="nothing")
    assert not [call for call in shop.total() if "categories" in call]


def test_images_whose_contents_do_not_come_are_left_alone(shop: Catalogue) -> None:
    """A source that sends only ids says nothing about pictures; when one of several is missing, it is held."""
    shop.send(product(images=pictures(0, 1)), visible_needs="nothing")
    bare = [{"key": "image1:7", "position": 1}]
    assert shop.send(product(images=bare), visible_needs="nothing") == []
    assert len(shop.images(shop.the("Product POT-1")["id"])) == 2
    mixed = [*pictures(0), {"key": "slot2", "position": 2}]
    assert shop.send(product(images=mixed)) == [("POT-1", "missing_field", "images: 1 without content")]
