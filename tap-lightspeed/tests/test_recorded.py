"""Recorded answers of real shops become records that fit the schemas."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from lightspeed_ecom.shapes import decode, unwrap
from tap_lightspeed.convert import Shape
from tap_lightspeed.resources import RESOURCES
from tap_lightspeed.resources.orders import adds_up
from upsert.singer.output import _encoder

RECORDED = Path(__file__).parents[3] / "shared" / "reference" / "lightspeed" / "recorded"
NICK = "nicktacke-lightspeed-client"
SAMPLES = {
    "products": (f"{NICK}/product.json", "pipedream-components/webhook_products_created.json"),
    "variants": (
        f"{NICK}/variant.json",
        "digitaport-lightspeed-sdk/productVariants.json",
        "digitaport-lightspeed-sdk/variant.json",
    ),
    "brands": (f"{NICK}/brand.json",),
    "categories": (f"{NICK}/category.json",),
    "categories_products": (f"{NICK}/categories_product.json",),
    "tags": (f"{NICK}/tag.json",),
    "tags_products": (f"{NICK}/tags_product.json",),
    "types": (f"{NICK}/type.json",),
    "types_attributes": (f"{NICK}/types_attribute.json",),
    "attributes": (f"{NICK}/attribute.json",),
    "quantity_discounts": (f"{NICK}/quantity_discount.json",),
    "orders_customstatuses": (f"{NICK}/custom_status.json",),
    "quotes": (f"{NICK}/quote_trimmed.json",),
    "webhooks": (f"{NICK}/webhook.json",),
    "shipments": (f"{NICK}/shipment.json",),
    "invoices": (
        f"{NICK}/invoice.json",
        "pipedream-components/webhook_invoices_created.json",
        "pipedream-components/webhook_invoices_updated.json",
    ),
    "shop": (f"{NICK}/shop.json",),
    "account": ("digitaport-lightspeed-sdk/account.json", "megawubs-lightspeed-api/account.json"),
    "products_images": (f"{NICK}/product_image.json",),
    "products_metafields": (f"{NICK}/product_metafield.json",),
    "orders": ("digitaport-lightspeed-sdk/orders.json", "pipedream-components/webhook_orders_created.json"),
    "customers": ("pipedream-components/webhook_customers_created.json",),
}
LINES = ("digitaport-lightspeed-sdk/orderProducts.json",)
LINKS = {
    *("groups", "invoices", "orders", "reviews", "shipments", "tickets", "metafields", "login", "products", "events"),
    *("categories", "images", "relations", "attributes", "tags", "variants", "movements", "children", "types", "items"),
    *("company", "limits", "signout", "permissions", "ratelimit", "quantityDiscounts"),
}

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not beside this repository")


def rows(name):
    """Return the rows of a recording."""
    value = unwrap(decode((RECORDED / name).read_bytes()))
    return value if isinstance(value, list) else [value]


SAMPLED = [one for one in RESOURCES if one.name in SAMPLES]


@pytest.mark.parametrize("resource", SAMPLED, ids=lambda one: one.name)
def test_recorded_rows_fit_the_schema(resource):
    """Every recorded record fits, field for field, and the schema knows all its fields."""
    validator = Draft202012Validator(resource.schema, format_checker=FormatChecker())
    shape = Shape(resource.schema)
    count = 0
    for name in SAMPLES[resource.name]:
        for row in rows(name):
            fields = set(row)
            # What the tap adds.
            added = dict.fromkeys((name for name in resource.keys if name != "id"), 1)
            added |= {name: "nl" for name in resource.keys if name in {"_language", "_shop"}}
            record = json.loads(_encoder.encode(shape.record(row) | added))
            assert [error.message for error in validator.iter_errors(record)] == []
            assert fields - set(resource.schema["properties"]) - set(resource.dropped) <= LINKS
            assert fields - set(record) <= LINKS
            count += 1
    assert count


def test_recorded_lines_fit_the_schema():
    """The recorded order lines fit the lines of an order."""
    orders = next(one for one in RESOURCES if one.name == "orders")
    lines = orders.schema["properties"]["products"]
    shape = Shape(orders.schema).part("products")
    validator = Draft202012Validator(lines)
    for name in LINES:
        read = json.loads(_encoder.encode([shape.record(row) for row in rows(name)]))
        assert [error.message for error in validator.iter_errors(read)] == []
        assert set(read[0]) <= set(lines["items"]["properties"])


def test_numbers_of_the_recordings_keep_their_digits():
    """Decoding and encoding changes no digit of an amount."""
    for order in rows("digitaport-lightspeed-sdk/orders.json"):
        again = decode(_encoder.encode(order))
        assert str(again["priceIncl"]) == str(order["priceIncl"])


def test_the_recorded_embedded_order_adds_up():
    """The one recorded order with embedded lines passes the check for cut-off lines."""
    orders = next(one for one in RESOURCES if one.name == "orders")
    (order,) = rows("pipedream-components/webhook_orders_created.json")
    assert adds_up(Shape(orders.schema).record(order))
