"""Records are checked before the call; mail flags are always explicit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from target_lightspeed.resources import RESOURCES
from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from target_lightspeed_world import World

CUSTOMER = {"email": "new@example.com", "firstname": "Nieuwe", "lastname": "Klant"}


def test_what_can_not_be_written_is_left_out_with_one_warning(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Unknown and read-only fields go, each named once per run; names with an underscore in front go in silence."""
    records = [{"title": f"Brand {n}", "colour": "red", "image": None, "_extra": 1, "createdAt": "x"} for n in range(3)]
    assert world.load("brands", *records) == []
    lines = [one.getMessage() for one in caplog.records if one.name == "target-lightspeed"]
    assert lines == ["brands: fields that can't be written and are left out: colour, image"]


def test_or_it_holds_by_setting(world: World) -> None:
    """With `unknown_fields: hold` such a record is held by the field's name."""
    held = world.load("brands", {"title": "X", "colour": "red"}, unknown_fields="hold")
    assert [(one["reason"], one["subject"]) for one in held] == [("unknown_field", "colour")]


@pytest.mark.parametrize(
    ("stream", "record", "field"),
    [
        ("variants", {"sku": "SKU-0001", "stockLevel": "many"}, "stockLevel"),
        ("variants", {"sku": "SKU-0001", "stockLevel": 1.5}, "stockLevel"),
        ("variants", {"sku": "SKU-0001", "priceExcl": True}, "priceExcl"),
        ("variants", {"sku": "SKU-0001", "isDefault": "perhaps"}, "isDefault"),
        ("variants", {"sku": "SKU-0001", "tax": "high"}, "tax"),
        ("variants", {"sku": "SKU-0001", "tax": {"title": "a", "rate": 1}}, "tax"),
        ("brands", {"title": ["a"]}, "title"),
        ("brands", {"id": "x", "title": "a"}, "id"),
        ("quantity_discounts", {"product": 1, "quantity": 1, "startDate": "soon"}, "startDate"),
        ("customers", {**CUSTOMER, "language": 5}, "language"),
        ("products", {"title": "x", "_language": "dutch"}, "_language"),
        ("products_metafields", {"product": "x y", "key": "k"}, "product"),
    ],
)
def test_a_value_of_the_wrong_type_is_held_before_any_call(
    world: World, stream: str, record: dict[str, Any], field: str
) -> None:
    """The field is named, the value is not shown, and nothing is written."""
    held = world.load(stream, record)
    assert [(one["reason"], one["subject"]) for one in held] == [("wrong_type", field)]
    assert world.writes() == {}


def test_wrong_types_can_be_left_out(world: World) -> None:
    """With `wrong_types: drop` the rest of the record is written."""
    record = {"sku": "SKU-0001", "stockLevel": "many", "weight": "77"}
    assert world.load("variants", record, wrong_types="drop") == []
    assert world.variant("SKU-0001")["weight"] == 77


def test_mandatory_fields(world: World) -> None:
    """What the shop needs to make a record is asked for before the call; to change one it is not needed."""
    held = world.load("variants", {"sku": "NEW", "title": "Small"}, {"sku": "NEW2", "product": 1, "title": ""})
    assert [(one["reason"], one["subject"]) for one in held] == [
        ("missing_field", "product"),
        ("missing_field", "title"),
    ]
    assert world.writes() == {}


def test_what_the_api_has_no_verb_for_is_held(world: World) -> None:
    """Orders can't be made, relations can't be changed, invoices can't be deleted."""
    held = world.load("orders", {"number": "ORD99999", "memo": "x"})
    assert [one["reason"] for one in held] == ["not_creatable"]
    invoice = world.rows("invoices")[0]
    held = world.load("invoices", {"id": invoice["id"], "_sdc_deleted_at": "2026-11-01"})
    assert [one["reason"] for one in held] == ["not_deletable"]


def test_the_shops_own_words_stand_in_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A refusal shows what the shop said; the held list has only the reason."""
    held = world.load("variants", {"sku": "SKU-0001", "title": ""})
    assert [(one["reason"], one["subject"]) for one in held] == [("refused_by_shop", "")]
    assert "Invalid variant title" in caplog.text


def test_no_mail_goes_unless_it_is_asked_for(world: World) -> None:
    """Every write of a resource that could mail a customer says false, also when a record from a tap says true."""
    flags = {"doNotifyRegistered": True, "doNotifyConfirmed": True, "doNotifyPassword": True}
    record = {**CUSTOMER, "isConfirmed": True, "password": "s3cret-s3cret"}
    assert world.load("customers", {**record, **flags}) == []
    assert world.load("customers", {**record, **flags, "password": "other-s3cret"}) == []
    assert world.writes() == {"PUT customers/{id}": 1}
    shipment = world.rows("shipments")[-1]
    told = {"status": "shipped", "trackingCode": "3S1", "doNotifyShipped": True, "doNotifyTrackingCode": True}
    assert world.load("shipments", {"id": shipment["id"], **told}) == []
    order = world.rows("orders")[-1]
    assert world.load("orders", {"id": order["id"], "status": "cancelled", "doNotifyCancelled": True}) == []
    invoice = next(one for one in world.rows("invoices") if one["status"] != "paid")
    assert world.load("invoices", {"id": invoice["id"], "status": "paid", "doNotifyPaid": True}) == []
    assert world.mails() == []


def test_a_mail_that_is_asked_for_goes(world: World) -> None:
    """A flag goes out as true when the record says so and `notify` allows that flag; the others stay false."""
    shipment = world.rows("shipments")[-1]
    told = {"trackingCode": "3S2", "doNotifyShipped": True, "doNotifyTrackingCode": True}
    world.load("shipments", {"id": shipment["id"], **told}, notify=["doNotifyTrackingCode"])
    assert [(one["flag"], one["given"]) for one in world.mails()] == [("doNotifyTrackingCode", "true")]
    with pytest.raises(ConfigurationError, match="doNotifyShiped is no mail flag"):
        world.load("shipments", {"id": shipment["id"], **told}, notify="doNotifyShiped")


def test_an_unchanged_record_sends_no_mail(world: World) -> None:
    """A flag alone is no change."""
    shipment = world.rows("shipments")[-1]
    world.load(
        "shipments",
        {"id": shipment["id"], "status": shipment["status"], "doNotifyShipped": True},
        notify="doNotifyShipped",
    )
    assert world.writes() == {}


def test_every_flag_of_every_resource_is_in_the_body(world: World) -> None:
    """No resource with mail flags is written without them."""
    assert {one.name for one in RESOURCES.values() if one.flags} == {
        "customers",
        "invoices",
        "orders",
        "returns",
        "shipments",
        "subscriptions",
        "tickets",
    }
    bodies: list[dict[str, Any]] = []
    original = world.client.create

    def create(path: str, envelope: str | None, body: Any, **options: Any) -> Any:
        bodies.append(dict(body))
        return original(path, envelope, body, **options)

    world.client.create = create  # type: ignore[method-assign] # to see the body
    world.load("subscriptions", {"email": "a@example.com"})
    world.load("customers", CUSTOMER)
    assert bodies[0]["doNotifyConfirmed"] is False
    assert {name: value for name, value in bodies[1].items() if name.startswith("doNotify")} == {
        "doNotifyRegistered": False,
        "doNotifyConfirmed": False,
        "doNotifyPassword": False,
    }


def test_a_change_in_the_shop_can_be_kept(world: World) -> None:
    """With `on_conflict: keep` what a user changed in the shop stays; changed on both sides, the record is held."""
    record = {"sku": "SKU-0005", "weight": 10, "stockAlert": 1, "hs": "a"}
    world.load("variants", record)
    variant = world.variant("SKU-0005")
    world.make_client().update(f"variants/{variant['id']}", "variant", {"weight": 99})
    world.load("variants", {**record, "stockAlert": 2}, on_conflict="keep")
    now = world.variant("SKU-0005")
    assert (now["weight"], now["stockAlert"]) == (99, 2)
    held = world.load("variants", {**record, "stockAlert": 2, "weight": 11}, on_conflict="keep")
    assert [(one["reason"], one["subject"]) for one in held] == [("changed_on_both_sides", "weight")]
    assert world.load("variants", {**record, "stockAlert": 2, "weight": 11}) == []
    assert world.variant("SKU-0005")["weight"] == 11


def test_a_field_that_is_taken_only_at_create(world: World) -> None:
    """A variant can't move to another product: left with a warning, or held by setting."""
    other = world.rows("products")[0]["id"]
    record = {"sku": "SKU-0006", "product": other, "stockLevel": 4}
    assert world.load("variants", record) == []
    assert world.variant("SKU-0006")["stockLevel"] == 4
    held = world.load("variants", {**record, "stockLevel": 5}, unknown_fields="hold")
    assert [(one["reason"], one["subject"]) for one in held] == [("cannot_change", "product")]
