"""Create, update and delete, by id and by natural key."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from target_lightspeed_world import World


def test_a_record_is_made_once(world: World) -> None:
    """A brand with a new title is made; a second run asks nothing and writes nothing."""
    assert world.load("brands", {"title": "Acme", "isVisible": False}) == []
    (made,) = [row for row in world.rows("brands") if row["title"] == "Acme"]
    assert made["isVisible"] is False
    assert world.writes() == {"POST brands": 1}
    world.load("brands", {"title": "Acme", "isVisible": False})
    assert world.client.calls == {}
    assert world.done() == {"unchanged": 1}


def test_what_exists_is_found_by_its_natural_key(world: World) -> None:
    """A variant is changed under its SKU, and only in the field that differs."""
    before = world.variant("SKU-0001")
    assert world.load("variants", {"sku": "SKU-0001", "stockLevel": 7, "weight": before["weight"]}) == []
    after = world.variant("SKU-0001")
    assert after["stockLevel"] == 7
    assert (after["title"], after["priceExcl"]) == (before["title"], before["priceExcl"])
    assert world.writes() == {"PUT variants/{id}": 1}


def test_what_is_the_same_is_not_written(world: World) -> None:
    """With an empty store, too, a record that the shop already holds is compared and not sent."""
    row = world.variant("SKU-0002")
    record = {
        name: row[name] for name in ("sku", "articleCode", "ean", "priceExcl", "priceIncl", "weight", "stockLevel")
    }
    world.load("variants", record)
    assert world.writes() == {}
    assert world.done() == {"unchanged": 1}


def test_by_id(world: World) -> None:
    """A record with the shop's own id is changed under it; an id that the shop doesn't know is held."""
    brand = world.rows("brands")[0]
    held = world.load("brands", {"id": brand["id"], "title": "Renamed"}, {"id": 1, "title": "Nobody"})
    assert world.row("brands", brand["id"])["title"] == "Renamed"
    assert [(one["key"], one["reason"], one["subject"]) for one in held] == [("2", "unknown_id", "1")]


def test_a_record_with_the_marker_is_deleted(world: World) -> None:
    """`_sdc_deleted_at` deletes; again it is nothing, and made anew it comes back."""
    world.load("brands", {"title": "Acme"})
    gone = {"title": "Acme", "_sdc_deleted_at": "2026-11-01T00:00:00Z"}
    assert world.load("brands", gone) == []
    assert world.writes() == {"DELETE brands/{id}": 1}
    assert not [row for row in world.rows("brands") if row["title"] == "Acme"]
    world.load("brands", gone)
    assert world.client.calls == {}
    assert world.load("brands", {"title": "Acme"}) == []
    assert world.writes() == {"POST brands": 1}
    world.load("brands", gone)
    assert not [row for row in world.rows("brands") if row["title"] == "Acme"]


def test_deletes_can_be_left(world: World) -> None:
    """With `deletes: skip` nothing is deleted."""
    brand = world.rows("brands")[0]
    world.load("brands", {"id": brand["id"], "_sdc_deleted_at": "2026-11-01"}, deletes="skip")
    assert world.writes() == {}
    assert world.done() == {"delete_skipped": 1}


def test_a_stream_of_deletes(world: World) -> None:
    """With `action: delete` every record that comes is deleted, and what is not there is done."""
    brand = world.rows("brands")[0]
    config = {"streams": {"old": {"resource": "brands", "action": "delete"}}}
    assert world.load("old", {"title": brand["title"]}, {"title": "Never was"}, **config) == []
    assert world.done() == {"updated": 1, "already_gone": 1}
    assert brand["id"] not in {row["id"] for row in world.rows("brands")}


def test_only_make_or_only_change(world: World) -> None:
    """`action: create` leaves what exists, `action: update` makes nothing."""
    title = world.rows("brands")[0]["title"]
    world.load(
        "brands", {"title": title, "isVisible": False}, {"title": "New"}, streams={"brands": {"action": "create"}}
    )
    assert world.done() == {"created": 1, "exists": 1}
    only = {"streams": {"variants": {"action": "update"}}}
    assert [one["reason"] for one in world.load("variants", {"sku": "NOBODY", "stockLevel": 1}, **only)] == [
        "not_found"
    ]
    assert world.load("variants", {"sku": "NOBODY", "stockLevel": 2}, missing="skip", **only) == []
    assert world.writes() == {}


def test_another_key_by_setting(world: World) -> None:
    """`key` names the fields by which a record is found; the shop's id in the record is then left aside."""
    row = world.variant("SKU-0003")
    config = {"streams": {"variants": {"key": "ean"}}}
    assert world.load("variants", {"id": 99, "ean": row["ean"], "stockLevel": 3}, **config) == []
    assert world.variant("SKU-0003")["stockLevel"] == 3
    held = world.load("variants", {"id": 99, "stockLevel": 3}, **config)
    assert [(one["reason"], one["subject"]) for one in held] == [("no_key", "ean")]


def test_money_is_exact(world: World) -> None:
    """A price of four decimals arrives with its digits, and the same price in another notation is no change."""
    world.load("variants", {"sku": "SKU-0004", "priceExcl": Decimal("12.3456")})
    assert world.variant("SKU-0004")["priceExcl"] == Decimal("12.3456")
    world.load("variants", {"sku": "SKU-0004", "priceExcl": "12.34560"})
    assert world.writes() == {}


def test_relations_are_made_and_deleted(world: World) -> None:
    """A product's place in a category is a record of its own: made once, never doubled, deleted by its two ends."""
    before = world.rows("categories/products")
    world.load("categories", {"title": "Lamps"})
    product = world.rows("products")[0]["id"]
    link = {"category": {"title": "Lamps"}, "product": product, "sortOrder": 3}
    assert world.load("categories_products", link) == []
    (made,) = world.rows("categories/products")[len(before) :]
    assert (made["product"], made["sortOrder"]) == ({"id": product}, 3)
    # Another road to the same relation: it is found, not made.
    assert world.load("categories_products", {"category__title": "Lamps", "product__id": product, "sortOrder": 3}) == []
    assert world.load("categories_products", {"category": made["category"], "product": {"id": product}}) == []
    assert len(world.rows("categories/products")) == len(before) + 1
    world.load("categories_products", {**link, "_sdc_deleted_at": "2026-11-01"})
    assert world.rows("categories/products") == before


def test_children_of_a_parent(world: World) -> None:
    """Metafields belong to a product, named by id, by reference, or by the SKU of its variant."""
    product = world.variant("SKU-0001")["product"]["id"]
    assert world.load("products_metafields", {"product": {"id": product}, "key": "erp", "value": "1"}) == []
    assert world.load("products_metafields", {"product__sku": "SKU-0001", "key": "erp", "value": "2"}) == []
    rows = [row for row in world.rows(f"products/{product}/metafields") if row["key"] == "erp"]
    assert [(row["key"], row["value"]) for row in rows] == [("erp", "2")]
    held = world.load("products_metafields", {"key": "erp", "value": "1"})
    assert [(one["reason"], one["subject"]) for one in held] == [("no_owner", "product")]


def test_a_relation_read_from_the_catalogue_is_found_by_its_ends(world: World) -> None:
    """The catalogue shows the related product's id as the relation's; the natural key goes first there."""
    product = next(row["id"] for row in world.rows("products") if world.rows(f"products/{row['id']}/relations"))
    (relation, *_) = world.rows(f"products/{product}/relations")
    other = relation["relatedProduct"]["id"]
    told = {"_parent_id": product, "id": other, "sortOrder": relation["sortOrder"], "relatedProduct": {"id": other}}
    assert world.load("products_relations", told) == []
    assert world.writes() == {}
    assert world.load("products_relations", {**told, "_sdc_deleted_at": "2026-11-01"}) == []
    assert relation["id"] not in {row["id"] for row in world.rows(f"products/{product}/relations")}


def test_what_there_is_one_of(world: World) -> None:
    """The shop itself has no id: it is read, compared and changed."""
    assert world.load("shop", {"phone": "010-1234567"}) == []
    assert world.writes() == {"PUT shop": 1}
    other = {"streams": {"again": {"resource": "shop"}}}
    world.load("again", {"phone": "010-1234567"}, **other)
    assert world.writes() == {}


def test_specifications_are_changed_and_never_made(world: World) -> None:
    """A product's attribute row comes with its type: its value is written under the attribute's id, or by its title."""
    product = next(row["id"] for row in world.rows("products") if world.rows(f"products/{row['id']}/attributes"))
    (row, *_) = world.rows(f"products/{product}/attributes")
    assert world.load("products_attributes", {"product": product, "id": row["id"], "value": "7 mm"}) == []
    by_title = {"streams": {"products_attributes": {"key": "title"}}}
    record = {"product": product, "title": row["title"], "value": "8 mm"}
    assert world.load("products_attributes", record, **by_title) == []
    (now, *_) = world.rows(f"products/{product}/attributes")
    assert now["value"] == "8 mm"
    assert set(world.writes()) == {"PUT products/{id}/attributes/{id}"}


def test_a_filter_value_is_deleted_by_its_own_id(world: World) -> None:
    """Deleting a product's filter value asks for the id of the value, not of the relation."""
    product = next(row["id"] for row in world.rows("products") if world.rows(f"products/{row['id']}/filtervalues"))
    (row, *_) = world.rows(f"products/{product}/filtervalues")
    gone = {"product": product, "filtervalue": row["filtervalue"], "_sdc_deleted_at": "2026-11-01"}
    assert world.load("products_filtervalues", gone) == []
    assert row["filtervalue"] not in [one["filtervalue"] for one in world.rows(f"products/{product}/filtervalues")]
    again = {"product": product, "filter": row["filter"], "filtervalue": row["filtervalue"]}
    assert world.load("products_filtervalues", again) == []
    assert row["filtervalue"] in [one["filtervalue"] for one in world.rows(f"products/{product}/filtervalues")]


def test_customers_join_a_group_by_email_and_title(world: World) -> None:
    """Both ends of a relation may be natural keys."""
    customer = next(row for row in world.rows("customers") if row["email"] and row["type"] != "guest")
    world.load("groups", {"title": "Dealers"})
    link = {"group__title": "Dealers", "customer__email": customer["email"]}
    assert world.load("groups_customers", link) == []
    (made,) = [row for row in world.rows("groups/customers") if row["customer"]["id"] == customer["id"]][-1:]
    assert world.row("groups", made["group"]["id"])["title"] == "Dealers"


def test_records_without_any_key_are_made_once_per_source_record(world: World) -> None:
    """A quote can't be found again: its source record stands for it."""
    before = len(world.rows("quotes"))
    assert world.load("quotes", {"comment": "first"}) == []
    assert world.load("quotes", {"comment": "first"}) == []
    assert len(world.rows("quotes")) == before + 1
    assert [one["reason"] for one in world.load("quotes", {"comment": "changed"})] == ["changed_blind"]


def test_the_same_record_twice_in_a_batch(world: World) -> None:
    """The last one counts; the one before is not written."""
    assert world.load("brands", {"title": "Acme", "isVisible": True}, {"title": "Acme", "isVisible": False}) == []
    assert world.done() == {"superseded": 1, "created": 1}
    (made,) = [row for row in world.rows("brands") if row["title"] == "Acme"]
    assert made["isVisible"] is False


def test_a_record_that_changes_in_a_later_batch(world: World) -> None:
    """What was written in this run is known in this run."""
    records = [{"title": "Acme", "isVisible": True}, {"title": "Other"}, {"title": "Acme", "isVisible": False}]
    assert world.load("brands", *records, batch_size_rows=1) == []
    assert world.writes() == {"POST brands": 2, "PUT brands/{id}": 1}


def test_a_checkout_has_no_envelope(world: World) -> None:
    """A checkout goes out as it is, snake case and all, once per source record; it is changed by its id."""
    person = {"email": "a@example.com", "firstname": "A", "lastname": "B"}
    assert world.load("checkouts", {"mode": "guest", "customer": person}) == []
    assert world.writes() == {"POST checkouts": 1}
    world.load("checkouts", {"mode": "guest", "customer": person})
    assert world.client.calls == {}
    made = world.rows("checkouts")[-1]
    assert world.load("checkouts", {"id": made["id"], "memo": "by phone"}) == []
    assert world.writes() == {"PUT checkouts/{id}": 1}
