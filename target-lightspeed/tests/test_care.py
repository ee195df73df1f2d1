"""What must not happen in silence: a value lost, mixed up, written to the wrong record, or shown to strangers."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from target_lightspeed_world import messages

from target_lightspeed.fields import INTEGER, MONEY, Unfit
from target_lightspeed.settings import read_settings
from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from target_lightspeed_world import World

MAIL = "jan@example.com"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\nxx").decode()


# -- flat records ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flat",
    [
        {"brand__id": 0, "brand__url": "brands/0"},
        {"brand__url": "brands/0", "brand__id": 0, "brand__link": "https://x"},
        {"brand__resource__id": 0, "brand__resource__url": "brands/0", "brand__resource__link": "https://x"},
        {"brand__id": 0, "brand__title": ""},
    ],
)
def test_a_flat_reference_keeps_all_its_parts(world: World, flat: dict[str, Any]) -> None:
    """A tap whose references were flattened gives id, url and link as three fields: the id counts."""
    brand = world.rows("brands")[1]["id"]
    product = next(row for row in world.rows("products") if not row["brand"] or row["brand"]["id"] != brand)
    record = {name: brand if value == 0 else value for name, value in flat.items()}
    assert world.load("products", {"id": product["id"], **record}) == []
    assert world.row("products", product["id"])["brand"] == {"id": brand}


def test_flat_texts_of_several_languages_all_arrive(world: World) -> None:
    """`title__nl` and `title__en` are two texts of one field."""
    brand = world.rows("brands")[0]["id"]
    assert world.load("brands", {"id": brand, "title__nl": "Stoel", "title__en": "Chair"}) == []
    assert world.row("brands", brand)["title"] == "Stoel"
    assert world.row("brands", brand, "en")["title"] == "Chair"


@pytest.mark.parametrize("texts", ['{"en": {"title": "Chair"}}', ["en"], {"en": "Chair"}])
def test_texts_in_another_form_are_held(world: World, texts: Any) -> None:
    """Texts that nobody can read are not left out as if there were none."""
    brand = world.rows("brands")[0]["id"]
    held = world.load("brands", {"id": brand, "title": "Stoel", "_texts": texts})
    assert [(one["reason"], one["subject"]) for one in held] == [("wrong_type", "_texts")]


def test_a_flat_text_goes_beside_the_plain_one(world: World) -> None:
    """`title` is the default language's, `title__en` the English one, in whichever order the columns come."""
    (one, two) = (row["id"] for row in world.rows("brands")[:2])
    first, second = {"id": one, "title": "Stoel", "title__en": "Chair"}, {"id": two, "title__en": "Lamp", "title": "L"}
    assert world.load("brands", first, second) == []
    assert [world.row("brands", number)["title"] for number in (one, two)] == ["Stoel", "L"]
    assert [world.row("brands", number, "en")["title"] for number in (one, two)] == ["Chair", "Lamp"]


# -- languages ---------------------------------------------------------------------------------------------------


def test_a_text_never_lands_in_another_language(world: World) -> None:
    """Of a record in English that carries texts of several languages, only the English one is written."""
    brand = world.rows("brands")[0]
    both = {"id": brand["id"], "_language": "en", "title": {"nl": "Stoel", "en": "Chair"}}
    assert world.load("brands", both) == []
    assert world.row("brands", brand["id"], "en")["title"] == "Chair"
    assert world.row("brands", brand["id"])["title"] == brand["title"]
    more = {"id": brand["id"], "_language": "en", "_texts": {"nl": {"title": "Tafel"}, "en": {"title": "Table"}}}
    assert world.load("brands", more) == []
    assert world.row("brands", brand["id"], "en")["title"] == "Table"
    assert world.row("brands", brand["id"])["title"] == brand["title"]


# -- records that would count as one -------------------------------------------------------------------------------


def test_addresses_that_differ_by_case_are_one_customer(world: World) -> None:
    """The shop is asked for e-mail addresses without regard to case, so two spellings in a batch make one customer."""
    one = {"email": "New.Person@example.com", "firstname": "A", "lastname": "B"}
    assert world.load("customers", one, {**one, "email": "new.person@example.com "}) == []
    assert world.writes() == {"POST customers": 1}


def test_rows_of_one_thing_with_different_fields_all_count(world: World) -> None:
    """Stock in one row and weight in the next, of one SKU and in one batch: neither is lost."""
    rows = [{"sku": "SKU-0001", "stockLevel": 71}, {"sku": "SKU-0001", "weight": 72}, {"sku": "SKU-0001", "colli": 3}]
    assert world.load("variants", *rows) == []
    after = world.variant("SKU-0001")
    assert (after["stockLevel"], after["weight"], after["colli"]) == (71, 72, 3)


def test_records_that_nothing_tells_apart_stop_the_run(world: World) -> None:
    """Without a key of the shop or of the source two quotes would count as one: the target says what is missing."""
    before = len(world.rows("quotes"))
    with pytest.raises(ConfigurationError, match="_source_key"):
        world.run(messages("quotes", {"comment": "one"}, {"comment": "two"}))
    assert len(world.rows("quotes")) == before
    world.run(messages("quotes", {"n": 1, "comment": "one"}, {"n": 2, "comment": "two"}, keys=("n",)))
    assert len(world.rows("quotes")) == before + 2


def test_a_price_for_all_is_not_written_over_the_price_of_a_group(world: World) -> None:
    """A quantity discount without customer group is for all groups, whatever else exists for the product."""
    product, group = world.rows("products")[0]["id"], world.rows("groups")[0]["id"]
    both = {"product": product, "quantity": 77}
    assert world.load("quantity_discounts", {**both, "customerGroup": group, "price": 5}) == []
    assert world.load("quantity_discounts", {**both, "price": 9}) == []
    rows = [row for row in world.rows("quantity_discounts") if row["quantity"] == 77]
    assert sorted((row["customerGroup"], row["price"]) for row in rows) == [(0, 9), (group, 5)]


# -- values --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["1e30", "1e400", "1e1000000", "1_000", "١٢", "9" * 60])
def test_numbers_beyond_any_field_are_refused(world: World, value: str) -> None:
    """What is no usual number is held; it neither stops the run nor becomes another number."""
    with pytest.raises(Unfit):
        MONEY.take(value)
    with pytest.raises(Unfit):
        INTEGER.take(value)
    held = world.load("variants", {"sku": "SKU-0001", "priceExcl": value}, {"sku": "SKU-0002", "stockLevel": 4})
    assert [(one["reason"], one["subject"]) for one in held] == [("wrong_type", "priceExcl")]
    assert world.variant("SKU-0002")["stockLevel"] == 4


def sent(world: World, monkeypatch: pytest.MonkeyPatch, deaf: str = "") -> list[dict[str, Any]]:
    """Bodies of every PUT from now on; a shop that is `deaf` for a field doesn't understand false there."""
    bodies: list[dict[str, Any]] = []
    original = world.client.update

    def update(path: str, envelope: str | None, body: dict[str, Any], **options: Any) -> Any:
        bodies.append(dict(body))
        heard = {name: value for name, value in body.items() if not (name == deaf and value is False)}
        return original(path, envelope, heard, **options)

    monkeypatch.setattr(world.client, "update", update)
    return bodies


@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_password_is_no_password(world: World, monkeypatch: pytest.MonkeyPatch, empty: Any) -> None:
    """An empty column must not take a customer's password away."""
    bodies = sent(world, monkeypatch)
    customer = next(row for row in world.rows("customers") if row["email"] and row["type"] != "guest")
    assert world.load("customers", {"id": customer["id"], "password": empty, "memo": "m"}) == []
    assert [set(body) for body in bodies] == [{"memo", "doNotifyRegistered", "doNotifyConfirmed", "doNotifyPassword"}]


def test_what_was_left_by_create_is_written_when_the_action_changes(world: World) -> None:
    """`action: create` leaves what exists; that is no proof that the shop holds the same."""
    brand = next(row for row in world.rows("brands") if row["isVisible"])
    record = {"title": brand["title"], "isVisible": False}
    world.load("brands", record, streams={"brands": {"action": "create"}})
    assert world.writes() == {}
    world.load("brands", record)
    assert world.row("brands", brand["id"])["isVisible"] is False


@pytest.mark.parametrize("mark", ["false", "0", " False "])
def test_a_marker_that_says_no_deletes_nothing(world: World, mark: str) -> None:
    """A CSV file's `_sdc_deleted_at` is text also where it says no."""
    brand = world.rows("brands")[0]["id"]
    world.load("brands", {"id": brand, "_sdc_deleted_at": mark})
    assert world.writes() == {}


# -- mails ---------------------------------------------------------------------------------------------------------


def test_clearing_a_reference_sends_a_mail_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which value clears a reference is found out by trying; an allowed mail goes with the first try only."""
    order, status = world.rows("orders")[0]["id"], world.rows("orders/customstatuses")[0]["id"]
    assert world.load("orders", {"id": order, "customStatus": status}) == []
    bodies = sent(world, monkeypatch, deaf="customStatus")
    record = {"id": order, "customStatus": None, "doNotifyCancelled": True}
    assert world.load("orders", record, notify="doNotifyCancelled") == []
    assert [(body["customStatus"], body["doNotifyCancelled"]) for body in bodies] == [(False, True), (None, False)]


# -- settings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("streams", "message"),
    [
        ({"varaints": {"key": "ean"}}, "varaints: no writable resource"),
        ({"products_images": {"key": "title"}}, "`key` has no effect"),
        ({"shop": {"key": "email"}}, "`key` has no effect"),
        ({"stock": {"resource": "groups", "language": "en"}}, "no texts per language"),
        ({"orders": {"action": "create"}}, "`action: create`"),
        ({"shipments": {"action": "delete"}}, "`action: delete`"),
        ({"tags_products": {"action": "update"}}, "`action: update`"),
    ],
)
def test_a_setting_that_can_do_nothing_is_refused(streams: dict[str, Any], message: str) -> None:
    """A stream's settings that would be ignored are a mistake, said before the first call."""
    with pytest.raises(ConfigurationError, match=message):
        read_settings({"streams": streams})


# -- uploads -------------------------------------------------------------------------------------------------------


def test_a_file_name_that_the_shop_cuts_is_still_known(world: World) -> None:
    """Brackets are cut out of file names, so a lost answer is found under the title without them."""
    product = world.rows("products")[0]["id"]
    before = len(world.rows(f"products/{product}/images"))
    record = {"product": product, "attachment": PNG, "filename": "front[1](b).png"}
    world.fault(name="timeout_after_work", endpoint="POST products/{id}/images", nth=1)
    world.load("products_images", record)
    world.clock.advance(400)
    assert world.load("products_images", record) == []
    assert len(world.rows(f"products/{product}/images")) == before + 1


def test_a_dot_in_a_title_is_no_extension(world: World) -> None:
    """A title such as `lamp 1.5` gets the extension of the content."""
    product = world.rows("products")[0]["id"]
    assert world.load("products_images", {"product": product, "attachment": PNG, "title": "lamp 1.5"}) == []
    made = world.rows(f"products/{product}/images")[-1]
    assert (made["title"], made["extension"]) == ("lamp 1.5", "png")


# -- personal data ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stream", "record", "keys"),
    [
        ("groups_customers", {"group__title": "Dealers", "customer__email": MAIL}, ("customer__email",)),
        ("groups_customers", {"group": {"title": "Dealers"}, "customer": {"email": MAIL}}, ("customer",)),
        ("customers_metafields", {"customer__email": MAIL, "key": "erp", "value": "1"}, ("customer__email",)),
        ("customers_metafields", {"_parent_id": {"email": MAIL}, "key": "erp", "value": "2"}, ()),
        ("customers", {"email": MAIL, "memo": "x"}, ("email",)),
    ],
)
def test_an_address_in_a_key_or_reference_stays_inside(  # noqa: PLR0917 - parameters and fixtures
    world: World,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    stream: str,
    record: dict[str, Any],
    keys: tuple[str, ...],
) -> None:
    """An e-mail address that names a record stands neither in the store nor in the state or the log."""
    world.load("groups", {"title": "Dealers"})
    world.load("customers", {"email": MAIL, "firstname": "J", "lastname": "B"})
    caplog.set_level("INFO")
    shown = []
    for one in (record, {**record, "_error": "bad"}):
        text = messages(stream, one, held=[], keys=keys).replace('"_source_key": "1", ', "")
        shown.append(json.dumps(world.run(text)))
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir()).decode("latin-1")
    assert not [one for one in (*shown, stored, caplog.text) if MAIL in one]


# -- what is gone ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stream", "path", "record"),
    [
        ("products_metafields", "products", {"key": "erp", "value": "1"}),
        ("products_images", "products", {"attachment": PNG, "filename": "front.png"}),
        ("products_relations", "products", {"relatedProduct": 1}),
        ("brands_image", "brands", {"attachment": PNG, "filename": "front.png"}),
        ("variants_image", "variants", {"attachment": PNG, "filename": "front.png"}),
    ],
)
def test_a_parent_that_is_gone_holds_only_its_own_records(
    world: World, stream: str, path: str, record: dict[str, Any]
) -> None:
    """A child of a product that was deleted in the shop is held; the others of the batch go on."""
    owner, (alive, other) = path[:-1], (row["id"] for row in world.rows(path)[:2])
    first = {owner: 999, **record}
    second = {owner: alive, **record, **({"relatedProduct": other} if "relatedProduct" in record else {})}
    held = world.load(stream, first, second)
    assert [(one["key"], one["reason"], one["subject"]) for one in held] == [("1", "unknown_reference", owner)]
    gone = {**first, "_sdc_deleted_at": "2026-11-02"}
    assert world.load(stream, gone) == []
    assert world.writes() == {}


def test_a_deletion_needs_only_what_names_the_record(world: World) -> None:
    """Other references of a record that goes, and values of a wrong type, are of no interest."""
    product = world.rows("products")[-1]
    gone = {"_sdc_deleted_at": "2026-11-02"}
    record = {"id": product["id"], "brand": {"title": "Never was"}, "content": ["x"], **gone}
    assert world.load("products", record) == []
    assert product["id"] not in {row["id"] for row in world.rows("products")}


def test_a_deletion_below_what_is_gone_is_done(world: World) -> None:
    """A place in a category that isn't there any more is gone as well."""
    gone = {"category__title": "Never was", "product__sku": "SKU-0001", "_sdc_deleted_at": "2026-11-02"}
    assert world.load("categories_products", gone) == []
    assert world.writes() == {}
