"""Every recorded record can be loaded and reads back field for field."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from shopclient import RECORDED, Api, embedded

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded data lies beside the repository")

# file -> resource (the envelope is its single key); {} resources hang under the parent given.
FILES = {
    "digitaport-lightspeed-sdk/orders.json": "orders",
    "digitaport-lightspeed-sdk/orderProducts.json": "orders/{}/products",
    "digitaport-lightspeed-sdk/productVariants.json": "variants",
    "digitaport-lightspeed-sdk/variant.json": "variants",
    "nicktacke-lightspeed-client/attribute.json": "attributes",
    "nicktacke-lightspeed-client/brand.json": "brands",
    "nicktacke-lightspeed-client/categories_product.json": "categories/products",
    "nicktacke-lightspeed-client/category.json": "categories",
    "nicktacke-lightspeed-client/custom_status.json": "orders/customstatuses",
    "nicktacke-lightspeed-client/invoice.json": "invoices",
    "nicktacke-lightspeed-client/order_trimmed.json": "orders",
    "nicktacke-lightspeed-client/product.json": "products",
    "nicktacke-lightspeed-client/product_image.json": "products/{}/images",
    "nicktacke-lightspeed-client/product_metafield.json": "products/{}/metafields",
    "nicktacke-lightspeed-client/quantity_discount.json": "quantity_discounts",
    "nicktacke-lightspeed-client/quote_trimmed.json": "quotes",
    "nicktacke-lightspeed-client/shipment.json": "shipments",
    "nicktacke-lightspeed-client/tag.json": "tags",
    "nicktacke-lightspeed-client/tags_product.json": "tags/products",
    "nicktacke-lightspeed-client/type.json": "types",
    "nicktacke-lightspeed-client/types_attribute.json": "types/attributes",
    "nicktacke-lightspeed-client/variant.json": "variants",
    "nicktacke-lightspeed-client/webhook.json": "webhooks",
    "pipedream-components/webhook_customers_created.json": "customers",
    "pipedream-components/webhook_invoices_created.json": "invoices",
    "pipedream-components/webhook_invoices_updated.json": "invoices",
    "pipedream-components/webhook_orders_created.json": "orders",
    "pipedream-components/webhook_products_created.json": "products",
    "unnamed-react-admin/orders_fields.json": "orders",
}


def read(name: str) -> list[dict[str, Any]]:
    (value,) = json.loads((RECORDED / name).read_text(), parse_float=Decimal).values()
    return value if isinstance(value, list) else [value]


def same(recorded: Any, shown: Any) -> bool:
    """Equal but for what is another shop's: hosts, offsets, anonymised ids within addresses, and {} for []."""
    if isinstance(recorded, dict) and isinstance(shown, dict):
        if "url" in recorded and "link" in recorded and "id" in recorded:
            return set(recorded) - {"embedded"} <= set(shown) and recorded["id"] == shown["id"]
        return all(name in shown and same(value, shown[name]) for name, value in recorded.items())
    if isinstance(recorded, list) and isinstance(shown, list):
        return len(recorded) == len(shown) and all(map(same, recorded, shown))
    if isinstance(recorded, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}[+-]\d\d:\d\d", recorded):
        return moment(recorded) == moment(str(shown))
    if recorded == {} and shown == []:
        return True
    return (type(recorded) is type(shown) and recorded == shown) or (
        isinstance(recorded, (int, Decimal)) and isinstance(shown, (int, Decimal))
        and isinstance(recorded, bool) == isinstance(shown, bool) and float(recorded) == float(shown)
    )  # fmt: skip


def moment(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text).timestamp()


def cases() -> Iterator[Any]:
    for name, resource in FILES.items():
        for index, record in enumerate(read(name) if RECORDED.is_dir() else []):
            yield pytest.param(resource, record, id=f"{name}[{index}]")


@pytest.mark.parametrize(("resource", "record"), list(cases()))
def test_a_record_reads_back_field_for_field(empty: Api, resource: str, record: dict[str, Any]):
    """One by one, through the list and through the record's own address."""
    parent = None
    if "{}" in resource:
        parent = empty.control("POST", "records", {"resource": resource.split("/", maxsplit=1)[0], "records": {}})[
            "ids"
        ][0]
    body = {"resource": resource, "records": [record], "parent": parent}
    identity = empty.control("POST", "records", body)["ids"][0]
    path = resource.format(parent)
    (listed,) = [row for row in empty.get(path) if row["id"] == identity]
    alone = empty.get(f"{path}/{identity}")
    for name, value in record.items():
        assert name in listed, name
        assert same(value, listed[name]), (name, value, listed[name])
        assert same(value, alone[name]), (name, value, alone[name])


def test_the_recorded_field_order_is_ours(empty: Api):
    """A list row of an order has the recorded names in the recorded order."""
    record = read("digitaport-lightspeed-sdk/orders.json")[0]
    empty.control("POST", "records", {"resource": "orders", "records": [record]})
    assert list(empty.get("orders")[0]) == list(record)


def test_the_recorded_webhooks_embedded_parts_fit(empty: Api):
    """The seven embedded parts of the recorded order, each as its own resource, embed again."""
    order = read("pipedream-components/webhook_orders_created.json")[0]
    number = order["id"]
    paths = {
        "customer": "customers",
        "invoices": "invoices",
        "shipments": "shipments",
        "products": "orders/{}/products",
        "quote": "quotes",
        "events": "orders/events",
    }
    empty.control("POST", "records", {"resource": "orders", "records": [order]})
    expected: dict[str, Any] = {}
    for name, resource in paths.items():
        part = embedded(order, name)
        rows = part if isinstance(part, list) else [part]
        rows = [{**row, "id": index + 1} for index, row in enumerate(rows)]
        for row in rows:
            if "order" in row:
                row["order"] = {"resource": {**row["order"]["resource"], "id": number}}
        expected[name] = rows if isinstance(part, list) else rows[0]
        empty.control("POST", "records", {"resource": resource, "records": rows, "parent": number})
    for name in ("customer", "quote"):
        order[name]["resource"]["id"] = 1
    empty.control("POST", "records", {"resource": "orders", "records": [order]})
    shown = empty.get(f"orders/{number}")
    for name, value in expected.items():
        assert same(value, embedded(shown, name)), name


def test_account_and_shop_have_the_recorded_fields(empty: Api):
    """The single records too."""
    for name, folder in (("account", "nicktacke-lightspeed-client"), ("shop", "nicktacke-lightspeed-client")):
        recorded = read(f"{folder}/{name}.json")[0]
        shown = empty.get(name)
        assert set(recorded) <= set(shown)
        assert {key: type(value) for key, value in recorded.items()} == {key: type(shown[key]) for key in recorded}


def test_the_checkouts_have_the_recorded_fields(api: Api):
    """Bare objects in snake case."""
    made = api.call("POST", "checkouts", {"mode": "guest"}).json()
    recorded = json.loads((RECORDED / "nicktacke-lightspeed-client/checkout_wire.json").read_text())
    assert set(recorded) <= set(made)
    variant = api.get("variants", limit=1)[0]["id"]
    api.call("POST", f"checkouts/{made['id']}/products", {"variant_id": variant, "quantity": 1})
    line = api.call("GET", f"checkouts/{made['id']}").json()["products"][0]
    recorded = json.loads((RECORDED / "nicktacke-lightspeed-client/checkout_product_wire.json").read_text())
    assert set(recorded) <= set(line)


def test_every_table_is_a_path_of_the_official_client():
    """No resource or verb is invented: each is among the derived endpoints (quantity_discounts is live-checked)."""
    from sandbox.lightspeed.resources import RESOURCES

    rows = json.loads((RECORDED / "derived/endpoints.json").read_text())["endpoints"]
    known = {
        (row["method"], re.sub(r"\{[^}]+\}", "{}", row["path"]).removeprefix("/{}/").removesuffix(".json"))
        for row in rows
    }
    calls = {"L": "GET ", "N": "GET /count", "G": "GET /{}", "C": "POST ", "U": "PUT /{}", "D": "DELETE /{}"}
    single = {"G": "GET ", "C": "POST ", "U": "PUT ", "D": "DELETE "}
    for path, resource in RESOURCES.items():
        if path == "quantity_discounts":
            continue
        for verb in resource.verbs:
            method, suffix = (single if resource.single else calls)[verb].split(" ")
            assert (method, path + suffix) in known, (method, path + suffix)
