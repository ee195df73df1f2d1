"""The resources beside orders, customers and plain products: relations, specifications, quotes, single records."""

from __future__ import annotations

import pytest


def newest(api, path: str, **params) -> int:
    return int(api.get(path, limit=1, **params)[0]["id"])


def test_the_catalogue_has_everything_inline(api):
    """Brand, images, categories, variants with their rate, relations, filters, specifications; newest first."""
    rows = api.get("catalog", limit=250) + api.get("catalog", limit=250, page=2)
    assert [row["id"] for row in rows] == sorted((row["id"] for row in rows), reverse=True)
    assert api.get("catalog/count") == api.get("products/count")
    whole = [row for row in rows if row["images"] and row["filters"] and row["specifications"] and row["relations"]]
    one = api.get(f"catalog/{whole[0]['id']}")
    assert one == whole[0]
    product = api.get(f"products/{one['id']}")
    assert one["title"] == product["title"]
    assert one["brand"]["id"] == product["brand"]["resource"]["id"]
    (variant,) = api.get("variants", product=one["id"])
    tax = api.get(f"taxes/{variant['tax']['resource']['id']}")
    assert one["variants"][0]["tax"] == tax["rate"]
    assert one["variants"][0]["priceExcl"] == variant["priceExcl"]
    values = api.get(f"products/{one['id']}/attributes")
    assert [(row["id"], row["name"], row["value"]) for row in one["specifications"]] == [
        (row["id"], row["title"], row["value"]) for row in values
    ]
    assert one["image"] == {name: one["images"][0][name] for name in ("id", "thumb", "src")}


def test_the_catalogue_follows_every_change(api):
    """Also of a variant, a category or an image, which don't touch the product; `fields` and languages work."""
    product = newest(api, "products")
    variant = api.get("variants", product=product)[0]["id"]
    assert api.get(f"catalog/{product}")["variants"][0]["stockLevel"] == 0
    api.put(f"variants/{variant}", "variant", stockLevel=7)
    assert api.get(f"catalog/{product}")["variants"][0]["stockLevel"] == 7
    category = api.get(f"catalog/{product}")["categories"][0]["id"]
    api.put(f"categories/{category}", "category", title="Anders")
    assert api.get(f"catalog/{product}")["categories"][0]["title"] == "Anders"
    assert set(api.get("catalog", limit=1, fields="id,title")[0]) == {"id", "title"}
    api.language = "en"
    assert api.get(f"catalog/{product}")["title"] == "Gift wrap"
    assert api.call("PUT", f"catalog/{product}", {"product": {}}).status_code == 405


def test_the_catalogue_is_filtered(api, clock):
    """By the product's own dates, and by brand."""
    clock.advance(60)
    product = newest(api, "products")
    at = api.put(f"products/{product}", "product", data01="x")["updatedAt"]
    assert [row["id"] for row in api.get("catalog", updated_at_min=at)] == [product]
    brand = newest(api, "brands")
    assert {row["brand"]["id"] for row in api.get("catalog", brand=brand)} == {brand}
    assert api.get("catalog", brand=brand, supplier=1) == []


def test_the_catalogues_unknowns_are_switches(api):
    """Hidden products left out; variants and categories by id."""
    everything = api.get("catalog/count")
    api.control("POST", "switches", {"catalog_hidden": "left_out", "catalog_lists": "object"})
    assert api.get("catalog/count") == everything - 1
    row = api.get("catalog", limit=1)[0]
    assert {str(one["id"]) for one in row["variants"].values()} == set(row["variants"])
    assert set(row["categories"].values().__iter__().__next__()) >= {"id", "title"}


def test_categories_in_bulk(api):
    """New pairs are made, those that exist are told; an unknown category spoils all or is told, by switch."""
    product = api.post("products", "product", title="Nieuw")["id"]
    first, second = (row["id"] for row in api.get("categories", limit=2))
    body = {"categoriesProduct": {"product": product, "categories": [first, second]}}
    made = api.call("POST", "categories/products/bulk", body)
    assert (made.status_code, len(made.json()["categoriesProduct"]), made.json()["errors"]) == (201, 2, [])
    again = api.call("POST", "categories/products/bulk", body).json()
    assert (again["categoriesProduct"], [row["category"] for row in again["errors"]]) == ([], [first, second])
    api.call("DELETE", f"categories/products/{made.json()['categoriesProduct'][0]['id']}")
    body["categoriesProduct"]["categories"] = [first, 1]
    assert api.call("POST", "categories/products/bulk", body).status_code == 400
    api.control("POST", "switches", {"bulk_bad_item": "skip"})
    skipped = api.call("POST", "categories/products/bulk", body).json()
    assert [len(skipped[name]) for name in ("categoriesProduct", "errors")] == [1, 1]
    assert api.call("GET", "categories/products/bulk").status_code == 405


@pytest.mark.parametrize(("switch", "status", "level"), [("all_or_nothing", 400, None), ("skip", 200, 7)])
def test_a_bad_value_in_a_bulk_spoils_all_or_itself(api, switch, status, level):
    """As an unknown id does; nothing is half done."""
    api.control("POST", "switches", {"bulk_bad_item": switch})
    good, bad = api.get("variants", limit=2)
    rows = [{"id": good["id"], "stockLevel": 7}, {"id": bad["id"], "stockLevel": 8, "title": ""}]
    assert api.call("PUT", "variants/bulk", {"variant": rows}).status_code == status
    assert api.get(f"variants/{good['id']}")["stockLevel"] == (good["stockLevel"] if level is None else level)
    assert api.get(f"variants/{bad['id']}")["stockLevel"] == bad["stockLevel"]


def test_a_product_gets_its_specifications_from_its_type(api):
    """With their default values; PUT gives one a value, per language; POST is not allowed; DELETE takes one away."""
    kind, attribute = newest(api, "types"), newest(api, "attributes")
    product = api.post("products", "product", title="Nieuw", type=kind)["id"]
    path = f"products/{product}/attributes"
    assert [(row["id"], row["value"]) for row in api.get(path)] == [(attribute, "")]
    assert api.put(f"{path}/{attribute}", "productAttribute", value="rood")["value"] == "rood"
    assert api.call("POST", path, {"productAttribute": {"value": "x"}}).status_code == 405
    other = api.post("attributes", "attribute", title="Lengte")["id"]
    assert api.put(f"{path}/{other}", "productAttribute", value="10 mm")["title"] == "Lengte"
    rows = [{"id": attribute, "value": "wit"}, {"id": other, "value": "0"}]
    answer = api.call("PUT", path, {"productAttributes": rows}).json()["productAttributes"]
    assert [(row["id"], row["value"]) for row in answer] == [(attribute, "wit"), (other, "0")]
    api.put(f"attributes/{other}", "attribute", title="Diepte")
    assert api.get(f"{path}/{other}")["title"] == "Diepte"
    assert api.call("PUT", path, {"productAttributes": [{"id": 1, "value": "x"}]}).status_code == 400
    assert api.call("PUT", f"{path}/1", {"productAttribute": {"value": "x"}}).status_code == 404
    assert api.call("DELETE", f"{path}/{other}").status_code == 204
    assert api.get(f"{path}/count") == 1


def test_filter_values_are_deleted_by_the_value(api):
    """One envelope for lists and records; the value belongs to the filter; no GET of one, no PUT."""
    value = api.get("filters")[0]["id"]
    first, second = (row["id"] for row in api.get(f"filters/{value}/values"))
    product = api.post("products", "product", title="Nieuw")["id"]
    path = f"products/{product}/filtervalues"
    made = api.post(path, "productFiltervalue", filter=value, filtervalue=first)
    assert made["filtervalue"]["resource"]["url"] == f"filters/{value}/values/{first}"
    assert api.call("GET", path).json() == {"productFiltervalue": [made]}
    other = api.get("filters")[1]["id"]
    wrong = {"productFiltervalue": {"filter": other, "filtervalue": second}}
    assert api.call("POST", path, wrong).status_code == 400
    assert api.call("GET", f"{path}/{first}").status_code == 405
    assert api.call("DELETE", f"{path}/{made['id']}").status_code == 404
    assert api.call("DELETE", f"{path}/{first}").status_code == 204


@pytest.mark.parametrize(
    ("path", "envelope", "names"),
    [
        ("categories/products", "categoriesProduct", {"category": "categories", "product": "products"}),
        ("tags/products", "tagsProduct", {"tag": "tags", "product": "products"}),
        ("groups/customers", "groupsCustomer", {"group": "groups", "customer": "customers"}),
    ],
)
def test_a_relation_exists_once(api, path, envelope, names):
    """A second one of the same pair is refused; references are bare numbers; both must exist."""
    pair = {name: newest(api, owner) for name, owner in names.items()}
    statuses = [api.call("POST", path, {envelope: pair}).status_code for _ in range(2)]
    assert statuses[-1] == 400
    name = next(iter(pair))
    assert api.call("POST", path, {envelope: {**pair, name: 1}}).status_code == 400
    written_as_read = {name: {"resource": {"id": pair[name]}}}
    assert api.call("POST", path, {envelope: {**pair, **written_as_read}}).status_code == 400


def test_a_supplier_exists_once(api):
    """With the recorded words."""
    answer = api.call("POST", "suppliers", {"supplier": {"title": api.get("suppliers")[0]["title"].upper()}})
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        400,
        "Submitted supplier already exists, try update.",
    )


def test_a_set_stands_whole_in_its_products(api):
    """Written as a number, read as an object; a change of the set is seen in the product."""
    options = [{"name": "Kleur", "values": [{"name": "Rood"}, {"name": "Wit"}]}]
    made = api.post("sets", "set", name="Kleur", options=options)
    assert [value["name"] for value in made["options"][0]["values"]] == ["Rood", "Wit"]
    product = api.post("products", "product", title="Nieuw", set=made["id"])
    assert product["set"] == made
    api.put(f"sets/{made['id']}", "set", name="Tint")
    assert api.get(f"products/{product['id']}")["set"]["name"] == "Tint"
    assert api.put(f"products/{product['id']}", "product", set=False)["set"] is False
    assert api.call("PUT", f"products/{product['id']}", {"product": {"set": 1}}).status_code == 400


def test_the_generic_metafields_mirror_every_owners(api):
    """Written on either side, seen on both; an unknown owner is refused."""
    product = newest(api, "products")
    own = api.post(f"products/{product}/metafields", "productMetafield", key="erp", value="1")
    found = api.get(f"metafields/{own['id']}")
    assert (found["ownerType"], found["ownerId"], found["value"]) == ("product", product, "1")
    api.put(f"metafields/{own['id']}", "metafield", value="2")
    assert api.get(f"products/{product}/metafields/{own['id']}")["value"] == "2"
    other = api.post("metafields", "metafield", key="a", value="b", ownerType="product", ownerId=product)
    assert {row["id"] for row in api.get(f"products/{product}/metafields")} == {own["id"], other["id"]}
    assert api.call("DELETE", f"metafields/{own['id']}").status_code == 204
    assert [row["id"] for row in api.get(f"products/{product}/metafields")] == [other["id"]]
    api.call("DELETE", f"products/{product}")
    assert api.call("GET", f"metafields/{other['id']}").status_code == 404
    for whose in ({"ownerType": "brand", "ownerId": 1}, {"ownerType": "product", "ownerId": 1}):
        assert api.call("POST", "metafields", {"metafield": {"key": "a", **whose}}).status_code == 400


def test_the_metafields_of_the_account_are_read_only(api):
    """Those of the shop are not."""
    assert len(api.get("account/metafields")) == 1
    assert api.call("POST", "account/metafields", {"accountMetafield": {"key": "a"}}).status_code == 405
    assert api.post("shop/metafields", "shopMetafield", key="a", value="")["value"] == ""


def test_a_quote_becomes_an_order(api):
    """Its lines are summed up; converted once, to an order with its lines, customer and address."""
    customer = newest(api, "customers")
    quote = api.post("quotes", "quote", customer=customer, comment="Offerte")
    path = f"quotes/{quote['id']}/products"
    variant = api.get("variants", sku="SKU-0003")[0]
    line = api.post(path, "quoteProduct", variant=variant["id"], quantity=2)
    assert (line["priceIncl"], line["basePriceIncl"]) == (2 * variant["priceIncl"], variant["priceIncl"])
    api.put(f"{path}/{line['id']}", "quoteProduct", quantity=3)
    shown = api.get(f"quotes/{quote['id']}")
    assert (shown["priceIncl"], shown["productsCount"], shown["productsQuantity"]) == (3 * variant["priceIncl"], 1, 3)
    answer = api.call("POST", f"quotes/{quote['id']}/convert", {"order": {}})
    assert answer.status_code == 201
    order = api.get(f"orders/{answer.json()['order']['id']}")
    assert (order["priceIncl"], order["comment"], order["channel"]) == (shown["priceIncl"], "Offerte", "api")
    assert order["quote"]["resource"]["id"] == quote["id"]
    assert order["customer"]["resource"]["id"] == customer
    assert api.call("POST", f"quotes/{quote['id']}/convert", {"order": {}}).status_code == 400
    assert api.call("POST", path, {"quoteProduct": {"variant": variant["id"]}}).status_code == 400
    assert api.call("DELETE", f"quotes/{quote['id']}").status_code == 405


def test_the_quote_of_an_order_has_its_lines(api):
    """What the shopper had in the cart; with the ways to send and to pay."""
    order = api.place(lines=[{"sku": "SKU-0001", "quantity": 2}])
    quote = order["quote"]["resource"]["id"]
    (line,) = api.get(f"quotes/{quote}/products")
    assert line["priceIncl"] == api.get(f"quotes/{quote}")["priceIncl"]
    assert api.get(f"quotes/{quote}/shippingmethods/count") == 3
    assert {row["title"] for row in api.get(f"quotes/{quote}/paymentmethods")} >= {"Ideal"}
    assert api.call("GET", f"quotes/{quote}/paymentmethods/401").status_code == 405


def test_a_customers_password_is_tested_and_kept_secret(api):
    """Login says whether it fits; tokens give a one-time address that lives a minute."""
    body = {"email": "p@example.com", "firstname": "P", "lastname": "W", "password": "geheim"}
    made = api.post("customers", "customer", **body, doNotifyPassword=False, doNotifyRegistered=False)["id"]
    said = [
        api.call("POST", f"customers/{made}/login", {"customerLogin": {"password": word}}).json()["customerLogin"]
        for word in ("geheim", "fout")
    ]
    assert said == [{"loggedin": True}, {"loggedin": False}]
    token = api.post(f"customers/{made}/tokens", "customerToken", returnUrl="https://example.com/")
    assert (token["expiresIn"], token["returnUrl"]) == (60, "https://example.com/")
    assert api.call("POST", f"customers/{made}/tokens", {"customerToken": {"expiresIn": 0}}).status_code == 400
    assert api.call("GET", f"customers/{made}/login").status_code == 405
    assert "geheim" not in str(api.control("GET", "books"))


@pytest.mark.parametrize(
    ("path", "envelope", "change", "flag"),
    [
        ("tickets", "ticket", {"isAnswered": True}, "doNotifyAnswered"),
        ("returns", "return", {"status": "rejected"}, "notifyStatus"),
        ("subscriptions", "subscription", {"isConfirmed": True}, "doNotifyConfirmed"),
    ],
)
def test_mails_go_when_a_flag_says_so_or_is_left_out(api, path, envelope, change, flag):
    """As with orders and customers; the control API shows them."""
    record = newest(api, path)
    for body in (change, {**change, flag: True}, {**change, flag: False}):
        api.put(f"{path}/{record}", envelope, **body)
    mails = [mail for mail in api.control("GET", "mails")["shop1"] if mail["resource"] == path]
    assert [(mail["flag"], mail["given"]) for mail in mails] == [(flag, "left out"), (flag, "true")]


def test_what_refers_to_a_deleted_record_goes_or_is_cleared(api):
    """A brand leaves its products, a category moves its children up, a blog takes its articles along."""
    brand = newest(api, "brands")
    product = api.get("products", brand=brand, limit=1)[0]["id"]
    api.call("DELETE", f"brands/{brand}")
    assert api.get(f"products/{product}")["brand"] is False
    top = api.post("categories", "category", title="Boven")["id"]
    below = api.post("categories", "category", title="Onder", parent=top)["id"]
    lowest = api.post("categories", "category", title="Diep", parent=below)["id"]
    api.call("DELETE", f"categories/{top}")
    shown = api.get(f"categories/{lowest}")
    assert (shown["depth"], shown["path"]) == (2, [str(lowest), str(below)])
    assert api.call("PUT", f"categories/{below}", {"category": {"parent": lowest}}).status_code == 400
    api.call("DELETE", f"blogs/{newest(api, 'blogs')}")
    assert api.get("blogs/articles") == api.get("blogs/articles/tags") == api.get("blogs/comments") == []


def test_the_shop_and_its_script_can_be_changed(api):
    """The other single records can't."""
    assert api.put("shop", "shop", phone="010", country="be", status="live")["phone"] == "010"
    assert (api.get("shop")["country"]["code"], api.get("shop")["status"]) == ("be", "test")
    assert api.put("shop/javascript", "shopJavascript", isActive=True, script="a()")["script"] == "a()"
    assert api.call("PUT", "shop/company", {"shopCompany": {}}).status_code == 405
    assert api.call("DELETE", "shop").status_code == 405
    assert api.call("GET", "shop/count").status_code == 404


def test_locations_are_created_under_another_name(api):
    """POST takes `locations`, PUT `location`."""
    assert api.call("POST", "locations", {"location": {"title": "Kelder"}}).status_code == 400
    made = api.call("POST", "locations", {"locations": {"title": "Kelder"}}).json()["location"]
    assert api.put(f"locations/{made['id']}", "location", title="Zolder")["title"] == "Zolder"


def test_a_discount_rule_has_its_own_stamp(api, clock):
    """modifiedAt, no updatedAt; amounts are texts."""
    made = api.post("discountrules", "discountRule", title="Zakelijk", discountAmount=5, customer_groups=[])
    clock.advance(60)
    changed = api.put(f"discountrules/{made['id']}", "discountRule", discountAmount="7.5", startDate="2026-12-01")
    assert changed["modifiedAt"] > made["modifiedAt"]
    assert (made["discountAmount"], changed["discountAmount"]) == ("5.0000", "7.5000")
    assert changed["startDate"] == "2026-12-01T01:00:00+01:00"
    assert "updatedAt" not in changed


def test_quantity_discounts_have_bare_numbers_that_exist(api):
    """Product, variant of that product, and group; filters work on them."""
    product, group = newest(api, "products"), newest(api, "groups")
    body = {"product": product, "quantity": 1, "price": 9.5, "customerGroup": group}
    made = api.post("quantity_discounts", "quantityDiscount", **body)
    assert (made["product"], made["variant"], made["customerGroup"]) == (product, 0, group)
    assert [row["id"] for row in api.get("quantity_discounts", product=product)] == [made["id"]]
    for wrong in ({"product": 1}, {"customerGroup": 1}, {"variant": newest(api, "variants", sku="SKU-0001")}):
        answer = api.call("POST", "quantity_discounts", {"quantityDiscount": {**body, **wrong}})
        assert answer.status_code == 400


def test_the_log_shows_the_orders_events_and_can_be_cleared(api):
    """Both lists show the same rows; only here they can be deleted."""
    event = newest(api, "events")
    assert api.get(f"events/{event}") == api.get(f"orders/events/{event}")
    assert api.call("DELETE", f"orders/events/{event}").status_code == 405
    assert api.call("DELETE", f"events/{event}").status_code == 204
    assert api.call("GET", f"orders/events/{event}").status_code == 404


def test_a_path_with_a_strange_number_is_not_found(api):
    """Other digits, too many of them, a parent that is not there."""
    for path in ("orders/²", "orders/" + "9" * 40, "brands/1/image", "products/1/images/count", "shop/1"):
        assert api.call("GET", path).status_code == 404


def test_large_numbers_and_no_numbers_are_refused(api):
    """Bounds are unknown; NaN is no JSON."""
    variant = newest(api, "variants")
    for body in (
        '{"variant":{"priceExcl":1e400}}',
        '{"variant":{"priceExcl":NaN}}',
        '{"variant":{"stockLevel":' + "9" * 30,
    ):
        assert api.http.put(f"/nl/variants/{variant}.json", content=body).status_code == 400


def test_lists_in_a_form_are_lists(api):
    """`variant[0][id]`, as PHP writes it."""
    variant = newest(api, "variants")
    form = {"variant[0][id]": str(variant), "variant[0][stockLevel]": "9"}
    assert api.http.put("/nl/variants/bulk.json", data=form).status_code == 200
    assert api.get(f"variants/{variant}")["stockLevel"] == 9


def test_checkouts_are_paged(api):
    """Bare lists, newest first, as every list."""
    rows = api.call("GET", "checkouts").json()
    assert len(rows) == 2
    assert [api.call("GET", "checkouts", limit=1, page=page).json() for page in (1, 2, 3)] == [rows[:1], rows[1:], []]


def test_a_webhook_is_about_one_group_and_one_action(api):
    """Both out of the documented lists."""
    body = {"itemGroup": "orders", "itemAction": "paid", "address": "https://example.com/"}
    assert api.post("webhooks", "webhook", **body)["format"] == "json"
    for wrong in ({"itemGroup": "blogs"}, {"itemAction": "seen"}, {"format": "yaml"}, {"address": ""}):
        assert api.call("POST", "webhooks", {"webhook": {**body, **wrong}}).status_code == 400


def test_a_required_number_may_be_zero(api):
    """A rate of nothing is a rate; an empty text or null is none."""
    tax = api.post("taxes", "tax", rate=0, title="Vrij")
    assert tax["rate"] == 0
    assert api.post(f"taxes/{tax['id']}/overrides", "taxOverride", rate=0, country="be")["country"]["code"] == "be"
    for nothing in (None, "", False):
        assert api.call("POST", "taxes", {"tax": {"rate": nothing, "title": "X"}}).status_code == 400


def test_texts_are_texts(api):
    """Numbers become texts, nothing becomes an empty one, true and lists are refused; a language is cleared too."""
    tag = newest(api, "tags")
    assert [api.put(f"tags/{tag}", "tag", title=value)["title"] for value in (0, 5, None)] == ["0", "5", ""]
    for wrong in (True, [], {}):
        assert api.call("PUT", f"tags/{tag}", {"tag": {"title": wrong}}).status_code == 400
    customer = newest(api, "customers")
    assert api.put(f"customers/{customer}", "customer", language="en")["language"]["code"] == "en"
    assert api.put(f"customers/{customer}", "customer", language=None)["language"] is False


def test_the_control_api_shows_all_that_a_shop_holds(api):
    """Before and after some calls every record of every resource can be compared: what changed, and nothing else."""
    before = api.control("GET", "records?shop=shop1")
    product = before["products"][0]["id"]
    type(api)(api.box, language="en").put(f"products/{product}", "product", title="A new title")
    brand = api.post("brands", "brand", title="Studio Linge")["id"]
    after = api.control("GET", "records")
    known = {(path, row["id"]): row for path, rows in before.items() for row in rows}
    changed = {
        (path, row["id"]): row for path, rows in after.items() for row in rows if known.get((path, row["id"])) != row
    }
    assert set(changed) == {("products", product), ("brands", brand)}
    assert changed["products", product]["title"] == {**before["products"][0]["title"], "en": "A new title"}
    assert {row["_parent"] for row in after["products/{}/images"]} <= {row["id"] for row in after["products"]}
    assert all(row["_hash"] for row in after["products/{}/images"])
    assert api.control("GET", "records?shop=shop2").keys() == before.keys()
