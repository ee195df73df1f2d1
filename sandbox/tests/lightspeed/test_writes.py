"""Writes: bodies, envelopes, types, what the shop does by itself."""

from __future__ import annotations

from decimal import Decimal

import pytest


def test_put_is_partial_and_touches_updated_at(api, clock):
    """Fields left out stay; unknown ones are ignored; the answer is the whole record."""
    customer = api.get("customers", limit=1)[0]
    clock.advance(60)
    changed = api.put(f"customers/{customer['id']}", "customer", phone="010", nonsense=1)
    assert changed == {**customer, "phone": "010", "updatedAt": changed["updatedAt"]}
    assert changed["updatedAt"] > customer["updatedAt"]


def test_references_countries_and_languages_are_written_plainly(api):
    """A number or a code goes in, an object comes out; false clears."""
    customer = api.get("customers", limit=1)[0]
    changed = api.put(f"customers/{customer['id']}", "customer", addressBillingCountry="be", language="en")
    assert changed["addressBillingCountry"]["code3"] == "bel"
    assert changed["language"]["locale"] == "en_GB"
    product = api.get("products", limit=1)[0]
    brand = api.post("brands", "brand", title="Nieuw")
    path = f"products/{product['id']}"
    assert api.put(path, "product", brand=brand["id"])["brand"]["resource"]["url"] == f"brands/{brand['id']}"
    for nothing in (False, None, 0):
        assert api.put(path, "product", brand=nothing)["brand"] is False
    assert api.call("PUT", path, {"product": {"brand": 1}}).status_code == 400


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
def test_json_is_read_whatever_the_content_type_says(api, content_type):
    """As the real service does."""
    path = f"/nl/customers/{api.get('customers', limit=1)[0]['id']}.json"
    answer = api.http.put(path, content='{"customer":{"phone":"1"}}', headers={"Content-Type": content_type})
    assert answer.json()["customer"]["phone"] == "1"


def test_forms_are_read_too(api):
    """`variant[stockLevel]=5`, words for booleans."""
    variant = api.get("variants", limit=1)[0]["id"]
    answer = api.http.put(
        f"/nl/variants/{variant}.json", data={"variant[stockLevel]": "5", "variant[isDefault]": "true"}
    )
    assert (answer.json()["variant"]["stockLevel"], answer.json()["variant"]["isDefault"]) == (5, True)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        '{"customers":{"phone":"1"}}',
        '{"phone":"1"}',
        '{"customer":"x"}',
        '{"customer":{"isCompany":"maybe"}}',
    ],
)
def test_a_wrong_body_is_invalid_data_input(api, body):
    """400 in the recorded words, with the path as it was called."""
    number = api.get("customers", limit=1)[0]["id"]
    answer = api.http.put(f"/nl/customers/{number}.json", content=body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error == {
        "code": 400,
        "method": "UPDATE",
        "request": f"/nl/customers/{number}.json",
        "message": "Invalid data input.",
    }


def test_a_customer_needs_names_and_a_free_e_mail(api):
    """Required fields, and one registered customer per e-mail (by switch); deleting twice is a 404."""
    body = {"email": "n@example.com", "firstname": "N", "lastname": "W", "password": "geheim"}
    made = api.post("customers", "customer", **body)
    assert made["email"] == "n@example.com"
    assert "password" not in made
    assert api.call("POST", "customers", {"customer": body}).status_code == 400
    assert api.call("POST", "customers", {"customer": {"email": "x@example.com"}}).status_code == 400
    api.control("POST", "switches", {"unique_email": False})
    assert api.call("POST", "customers", {"customer": body}).status_code == 201
    assert api.call("DELETE", f"customers/{made['id']}").status_code == 204
    assert api.call("DELETE", f"customers/{made['id']}").status_code == 404


def test_groups_hold_customers(api):
    """Create, filter and delete a relation; there is no PUT."""
    group = api.post("groups", "group", title="VIP")["id"]
    customer = api.get("customers", limit=1)[0]["id"]
    relation = api.post("groups/customers", "groupsCustomer", group=group, customer=customer)
    assert [row["id"] for row in api.get("groups/customers", group=group)] == [relation["id"]]
    assert api.call("PUT", f"groups/customers/{relation['id']}", {"groupsCustomer": {}}).status_code == 405
    assert api.call("DELETE", f"groups/customers/{relation['id']}").status_code == 204
    assert api.get("groups/customers", group=group) == []


def test_a_new_product_has_a_default_variant(api):
    """It comes by itself; a title is needed; a second variant can become the default."""
    product = api.post("products", "product", title="Relais", visibility="hidden")
    (variant,) = api.get("variants", product=product["id"])
    assert (variant["title"], variant["isDefault"]) == ("Default", True)
    other = api.post("variants", "variant", product=product["id"], title="Groot", isDefault=True)
    assert api.get(f"variants/{variant['id']}")["isDefault"] is False
    assert other["isDefault"] is True
    empty = api.call("PUT", f"variants/{variant['id']}", {"variant": {"title": ""}})
    assert (empty.status_code, empty.json()["error"]["message"]) == (400, "Invalid variant title")
    assert api.call("POST", "products", {"product": {"content": "x"}}).status_code == 400


def test_one_price_follows_from_the_other(api):
    """By the tax rate of the variant."""
    variant = api.get("variants", sku="SKU-0001")[0]["id"]
    assert api.put(f"variants/{variant}", "variant", priceIncl=12.1)["priceExcl"] == 10
    assert api.put(f"variants/{variant}", "variant", priceExcl=2.8843)["priceIncl"] == Decimal("3.49")


@pytest.mark.parametrize(("switch", "levels"), [("all_or_nothing", [None, None]), ("skip", [7, 8])])
def test_bulk_and_its_bad_item(api, switch, levels):
    """Everything refused, or only the bad one; too many are refused."""
    api.control("POST", "switches", {"bulk_bad_item": switch, "bulk_max": 3})
    rows = api.get("variants", limit=2)
    good = [{"id": row["id"], "stockLevel": level} for row, level in zip(rows, (7, 8), strict=True)]
    answer = api.call("PUT", "variants/bulk", {"variant": [*good, {"id": 1, "stockLevel": 9}]})
    assert answer.status_code == (400 if switch == "all_or_nothing" else 200)
    for row, level in zip(rows, levels, strict=True):
        assert api.get(f"variants/{row['id']}")["stockLevel"] == (row["stockLevel"] if level is None else level)
    assert api.call("PUT", "variants/bulk", {"variant": good * 2}).status_code == 400


def test_status_codes_of_the_switches(api):
    """POST variants was seen with 200, DELETE with 200."""
    api.control(
        "POST", "switches", {"create_variant_status": 200, "delete_status": 200, "variant_touches_product": True}
    )
    product = api.get("products", limit=1)[0]["id"]
    made = api.call("POST", "variants", {"variant": {"product": product, "title": "X"}})
    assert made.status_code == 200
    assert api.call("DELETE", f"variants/{made.json()['variant']['id']}").status_code == 200


@pytest.mark.parametrize(("switch", "touched"), [(True, True), (False, False)])
def test_a_variant_may_touch_its_product(api, clock, switch, touched):
    """Unknown, so both."""
    api.control("POST", "switches", {"variant_touches_product": switch})
    variant = api.get("variants", sku="SKU-0001")[0]
    path = f"products/{variant['product']['resource']['id']}"
    before = api.get(path)["updatedAt"]
    clock.advance(60)
    api.put(f"variants/{variant['id']}", "variant", stockAlert=3)
    assert (api.get(path)["updatedAt"] != before) == touched


@pytest.mark.parametrize("switch", [True, False])
def test_a_sale_may_touch_the_variant(api, clock, switch):
    """Unknown, so both."""
    api.control("POST", "switches", {"stock_touches_variant": switch})
    before = api.get("variants", sku="SKU-0001")[0]["updatedAt"]
    clock.advance(60)
    api.control("POST", "orders", {"order": {"lines": [{"sku": "SKU-0001"}]}})
    assert (api.get("variants", sku="SKU-0001")[0]["updatedAt"] != before) == switch


def test_metafields_hang_under_their_owner(api):
    """Create, list, change, embed and delete; another owner's are not found."""
    first, second = (row["id"] for row in api.get("orders", limit=2))
    made = api.post(f"orders/{first}/metafields", "orderMetafield", key="erp", value="1001")
    path = f"orders/{first}/metafields"
    assert api.get(path) == [made]
    assert api.put(f"{path}/{made['id']}", "orderMetafield", value="1002")["value"] == "1002"
    assert api.get(f"orders/{first}")["metafields"]["resource"]["embedded"][0]["value"] == "1002"
    assert api.call("GET", f"orders/{second}/metafields/{made['id']}").status_code == 404
    assert api.get(f"orders/{second}/metafields") == []
    assert api.call("DELETE", f"{path}/{made['id']}").status_code == 204
    assert api.call("GET", "orders/1/metafields").status_code == 404


def test_categories_know_their_path(api):
    """Depth and path follow from the parent; path holds texts."""
    top = api.post("categories", "category", title="Boven")
    below = api.post("categories", "category", title="Onder", parent=top["id"])
    assert (below["depth"], below["path"]) == (2, [str(below["id"]), str(top["id"])])
    assert (top["parent"], top["depth"]) == (False, 1)
