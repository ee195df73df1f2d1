"""Every readable resource as a stream: complete, valid, and read again only where something changed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from sandbox_shop import EVERYTHING, SandboxShop, faults, last_state, records

from tap_lightspeed.documentation import written
from tap_lightspeed.resources import BY_NAME, RESOURCES
from tap_lightspeed.settings import Settings

# Every path that can be read with GET (reference §13), less what only repeats: `.../image` stands inside its owner.
PATHS = set(
    """
    account account/metafields account/permissions account/ratelimit additionalcosts attributes blogs
    blogs/articles blogs/articles/{}/image blogs/articles/tags blogs/comments blogs/tags brands brands/{}/image
    catalog categories categories/{}/image categories/products checkouts checkouts/{}/payment_methods
    checkouts/{}/products checkouts/{}/shipment_methods checkouts/{}/validate contacts countries customers
    customers/{}/metafields dashboard deliverydates discountrules discounts events external_services files
    filters filters/{}/values groups groups/customers invoices invoices/{}/items invoices/{}/metafields
    languages locations metafields orders orders/{}/metafields orders/{}/products orders/customstatuses
    orders/events paymentmethods products products/{}/attributes products/{}/filtervalues products/{}/images
    products/{}/metafields products/{}/relations quantity_discounts quotes quotes/{}/paymentmethods
    quotes/{}/products quotes/{}/shippingmethods redirects returns reviews sets shipments
    shipments/{}/metafields shipments/{}/products shippingmethods shippingmethods/{}/countries
    shippingmethods/{}/values shop shop/company shop/javascript shop/limits shop/metafields shop/scripts
    shop/settings shop/tracking shop/website subscriptions suppliers tags tags/products taxes taxes/{}/overrides
    textpages theme/categories theme/products tickets tickets/{}/messages time types types/attributes variants
    variants/{}/image variants/{}/metafields variants/movements webhooks
    """.split()  # noqa: SIM905  a hundred quoted words are no better to read
)

RESTLESS = {"account_ratelimit", "dashboard", "time"}
"""Records that differ in every run."""

CHECKOUTS = {name for name in EVERYTHING if name.startswith("checkouts")}


def any_settings(**more):
    """Return settings for questions that need no shop."""
    return Settings.model_validate(
        {"api_key": "k", "api_secret": "s", "shop": "x", "start_date": "2026-01-01T00:00:00Z", **more}
    )


@pytest.fixture(scope="module")
def everything():
    """Return a shop whose every stream was read, the messages and the calls of that."""
    shop = SandboxShop()
    messages = shop.run()
    return shop, messages, shop.asked


def test_every_readable_path_is_a_stream():
    """Each path of the API that can be read is a stream, under its own name."""
    assert sorted(one.path for one in RESOURCES) == sorted(PATHS)
    assert {one.name: one.path.replace("/{}", "").replace("/", "_") for one in RESOURCES} == {
        one.name: one.name for one in RESOURCES
    }


def test_every_stream_is_read_and_valid(everything):
    """Every stream of the sandbox has records, and each fits the schema that was written before it."""
    _, messages, _ = everything
    found = Counter(one["stream"] for one in messages if one["type"] == "RECORD")
    assert set(found) == set(EVERYTHING)
    assert faults(messages) == []


def test_schemas_know_every_field(everything):
    """No documented field is missing in a schema: what the sandbox shows, the schema knows."""
    _, messages, _ = everything
    undocumented = {"additionalcosts", "locations", "shop_settings", "time"}
    for one in messages:
        if one["type"] == "RECORD" and one["stream"] not in undocumented:
            assert set(one["record"]) <= set(BY_NAME[one["stream"]].schema["properties"]), one["stream"]


def test_keys_are_unique(everything):
    """The key properties of a stream name one record."""
    _, messages, _ = everything
    seen = Counter(
        (one["stream"], *(one["record"][key] for key in BY_NAME[one["stream"]].keys))
        for one in messages
        if one["type"] == "RECORD"
    )
    assert {key for key, times in seen.items() if times > 1} == set()


def test_records_are_those_of_the_shop(everything):
    """As many records come as the shop has, for lists and for what hangs under a parent."""
    shop, messages, _ = everything
    found = Counter(one["stream"] for one in messages if one["type"] == "RECORD")
    elsewhere = {"catalog", "events", "quotes_paymentmethods", "quotes_shippingmethods"}
    for resource in RESOURCES:
        table = shop.shop.tables.get(resource.path)
        if table is not None and not resource.single and resource.name not in elsewhere:
            assert found[resource.name] == len(table), resource.name


def test_a_second_run_reads_only_changes(everything):
    """When nothing has changed, a polled stream costs one call and sends nothing."""
    shop, messages, first = everything
    shop.clock.advance(30)
    second = shop.run(state=last_state(messages))
    assert {one["stream"] for one in second if one["type"] == "RECORD"} <= RESTLESS
    polled = {one.path for one in RESOURCES if not one.parent and one.replication_key}
    assert {path: shop.calls[path] for path in polled} == dict.fromkeys(polled, 1)
    whole = ("taxes", "shippingmethods", "checkouts")
    assert not any("{id}" in path for path in shop.calls if not path.startswith(whole))
    assert shop.asked < first / 10


def test_what_changed_comes_and_nothing_else(everything):
    """A change of one record of a list with times, of one without, and of a child's parent: exactly these come."""
    shop, messages, _ = everything
    state = last_state(messages)
    shop.clock.advance(60)
    client = shop.client()
    brand = records(messages, "brands")[0]["id"]
    tax = records(messages, "taxes")[0]["id"]
    ticket = records(messages, "tickets")[0]["id"]
    client.update(f"brands/{brand}", "brand", {"title": "Other"})
    client.update(f"taxes/{tax}", "tax", {"title": "Other"})
    client.update(f"tickets/{ticket}", "ticket", {"isClosed": True})
    shop.clock.advance(60)
    third = shop.run(state=state)
    came = {(one["stream"], one["record"]["_source_key"].split("/")[0]) for one in third if one["type"] == "RECORD"}
    expected = {
        ("brands", str(brand)),
        ("taxes", str(tax)),
        ("tickets", str(ticket)),
        ("tickets_messages", str(ticket)),
    }
    image = {("brands_image", str(brand))}
    # A checkout shows the brand's title.
    assert {one for one in came if one[0] not in RESTLESS | CHECKOUTS} - image == expected


def test_nothing_is_turned_into_null(everything):
    """0, "", false and null arrive as what they are."""
    _, messages, _ = everything
    variants = records(messages, "variants")
    assert any(one["oldPriceExcl"] == 0 and one["oldPriceExcl"] is not None for one in variants)
    assert any(one["ean"] == "" for one in variants)
    assert {one["isDefault"] for one in variants} == {True, False}
    assert any(one["hs"] is None for one in variants)
    assert all(one["matrix"] is not False for one in variants)
    assert all(type(one["priceExcl"]) is not bool for one in variants)


def test_what_is_embedded_costs_no_calls():
    """Lines and metafields come with the order, images and specifications with the catalog: no call per parent."""
    shop = SandboxShop()
    alone = len(shop.run("orders")) and shop.asked
    shop.run("orders", "orders_products", "orders_metafields")
    assert shop.asked == alone
    names = ("catalog", "products_images", "products_attributes", "products_relations", "products_filtervalues")
    messages = shop.run(*names)
    # Two pages, the first one twice, and a count.
    assert shop.asked == 4
    assert {one["stream"] for one in messages if one["type"] == "RECORD"} == set(names)
    assert shop.run(*names[1:])
    assert shop.asked == 4


def test_children_from_products_are_the_same_with_more_fields():
    """Asking each product gives the same children as the catalog; only then an image has its size."""
    shop = SandboxShop()
    names = ("products_images", "products_attributes", "products_relations", "products_filtervalues")
    cheap = shop.run(*names)
    dear = shop.run(*names, product_children="products")
    assert shop.asked > 1000
    assert faults(dear) == []
    for name in names[1:]:
        keys = BY_NAME[name].keys
        both = [{tuple(row[key] for key in keys): row for row in records(run, name)} for run in (cheap, dear)]
        other = {"products_filtervalues": "filtervalue", "products_relations": "relatedProduct"}.get(name)
        if other:
            # The id of the relation is not in the catalog.
            both = [{(row["_parent_id"], row[other]["id"]): row for row in some.values()} for some in both]
        assert set(both[0]) == set(both[1]), name
    images = [{one["id"] for one in records(run, "products_images")} for run in (cheap, dear)]
    assert images[0] == images[1]
    assert all(one["size"] is not None for one in records(dear, "products_images"))


def test_a_child_is_asked_for_only_where_the_parent_changed():
    """The items of invoices cost a call per changed invoice, and the list of invoices is read once for both."""
    shop = SandboxShop()
    messages = shop.run("invoices", "invoices_items")
    invoices = records(messages, "invoices")
    assert shop.calls["invoices"] == 1
    assert shop.calls["invoices/{id}/items"] == len(invoices)
    shop.clock.advance(60)
    shop.client().update(f"invoices/{invoices[0]['id']}", "invoice", {"status": "paid"})
    shop.clock.advance(60)
    again = shop.run("invoices", "invoices_items", state=last_state(messages))
    assert {one["_parent_id"] for one in records(again, "invoices_items")} == {invoices[0]["id"]}
    assert shop.asked == 2


def test_a_stream_selected_later_is_read_from_the_beginning():
    """A child selected later comes complete, and its parent's records don't come again."""
    shop = SandboxShop()
    first = shop.run("brands")
    second = shop.run("brands", "brands_image", state=last_state(first))
    assert records(second, "brands") == []
    assert len(records(second, "brands_image")) == 1


def test_checkouts_have_their_own_style():
    """Checkouts have no envelope and methods with ids of text; all of their streams are read."""
    shop = SandboxShop()
    client = shop.client()
    made = client.create(
        "checkouts", None, {"mode": "guest", "customer": {"email": "a@example.com", "firstname": "A", "lastname": "B"}}
    )
    variant = next(iter(shop.shop.tables["variants"]))
    client.create(f"checkouts/{made['id']}/products", None, {"variant_id": variant, "quantity": 2})
    shop.clock.advance(60)
    messages = shop.run(*CHECKOUTS)
    assert faults(messages) == []
    assert {one["stream"] for one in messages if one["type"] == "RECORD"} == CHECKOUTS
    assert all(isinstance(one["id"], str) for one in records(messages, "checkouts_payment_methods"))


def test_a_missing_list_fails_only_its_own_stream():
    """Without a right to some lists the others are read, and the run ends with a message for a person."""
    from upsert.errors import ConfigurationError

    shop = SandboxShop(denied_groups="settings")
    with pytest.raises(ConfigurationError, match="2 streams were not read"):
        shop.run("brands", "taxes", "countries")
    assert shop.calls["brands"] == 1


def test_the_key_stays_inside(everything):
    """The API key is in no record."""
    shop, messages, _ = everything
    assert shop.config["api_key"] not in repr(records(messages))


def test_costly_streams_are_not_selected_by_default():
    """What costs a call per parent is not read unless somebody wants it, and its description says so."""
    for one in RESOURCES:
        if one.called_under(any_settings()):
            assert not one.selected
            assert "not selected by default" in one.title


def test_the_tables_of_the_readme_are_current():
    """The README's tables are what the code says; `python -m tap_lightspeed.documentation README.md` writes them."""
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    assert written(text) == text
