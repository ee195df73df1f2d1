"""Lists: pages, order, filters, fields, references."""

from __future__ import annotations

import functools
import operator

import pytest
from shopclient import Api, embedded


def ids(rows) -> list[int]:
    return [row["id"] for row in rows]


def test_orders_are_newest_first_also_with_since_id(api):
    """A cursor of the highest id seen would lose records: the first page already holds it."""
    rows = api.get("orders", limit=250)
    assert ids(rows) == sorted(ids(rows), reverse=True)
    since = rows[10]["id"]
    assert ids(api.get("orders", since_id=since)) == ids(rows)[:10]


def test_pages_are_whole_and_end_in_an_empty_one(api):
    """Page and limit cut the list; past the end there is an empty array, no error."""
    api.control("POST", "orders", {"n": 30})
    everything = ids(api.get("orders", limit=250))
    paged = [ids(api.get("orders", limit=20, page=page)) for page in (1, 2, 3, 4, 5)]
    assert functools.reduce(operator.iadd, paged, []) == everything
    assert paged[-1] == []
    assert len(api.get("orders")) == 50
    assert api.get("orders/count") == len(everything)


def test_a_limit_above_250_is_clamped_or_refused_by_switch(api):
    """Unknown in reality, so both."""
    api.control("POST", "orders", {"n": 260, "kinds": ["plain"]})
    assert len(api.get("orders", limit=500)) == 250
    api.control("POST", "switches", {"limit_above_250": "refused"})
    assert api.call("GET", "orders", limit=500).status_code == 400


@pytest.mark.parametrize("text", ["2026-11-01T13:00:00+01:00", "2026-11-01 12:00:00", "2026-11-01T12:00:00Z"])
def test_windows_take_both_date_formats(api, clock, text):
    """With an offset, or without one in UTC."""
    order = api.control("POST", "orders", {"n": 1})["orders"][0]["id"]
    clock.advance(60)
    later = api.control("POST", "orders", {"n": 1})["orders"][0]["id"]
    assert ids(api.get("orders", updated_at_min=text)) == [later, order]
    assert ids(api.get("orders", created_at_min=text, created_at_max=text)) == [order]
    api.control("POST", "switches", {"filter_bounds": "exclusive"})
    assert ids(api.get("orders", updated_at_min=text)) == [later]


def test_a_filter_without_offset_has_the_zone_of_the_switch(api):
    """12:00 in Amsterdam is an hour earlier than 12:00 UTC."""
    order = api.control("POST", "orders", {"n": 1})["orders"][0]["id"]
    assert order in ids(api.get("orders", updated_at_max="2026-11-01 12:30:00"))
    api.control("POST", "switches", {"filter_zone": "shop"})
    assert order not in ids(api.get("orders", updated_at_max="2026-11-01 12:30:00"))


def test_an_unreadable_date_is_ignored_or_refused_by_switch(api):
    """`+` that was not encoded arrives as a space: the filter is lost without a word."""
    path = "/nl/orders/count.json?updated_at_min=2030-01-01T00:00:00+00:00"
    assert api.http.get(path).json()["count"] > 0
    assert api.http.get(path.replace("+", "%2B")).json()["count"] == 0
    api.control("POST", "switches", {"bad_filter": "refused"})
    assert api.http.get(path).status_code == 400


def test_fields_show_only_what_was_asked(api):
    """Unknown names are ignored; the order stays the API's; it works on one record too."""
    rows = api.get("orders", fields="number,id,nonsense", limit=2)
    assert [list(row) for row in rows] == [["id", "number"]] * 2
    assert list(api.get(f"orders/{rows[0]['id']}", fields="id,products")) == ["id", "products"]


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("orders", "number", "ORD00003"),
        ("orders", "status", "cancelled"),
        ("orders", "paymentStatus", "not_paid"),
        ("variants", "sku", "SKU-0007"),
        ("variants", "article_code", "SKU-0008"),
        ("customers", "email", "vaste.klant@example.com"),
    ],
)
def test_plain_filters(api, path, name, value):
    """Every row matches, and there is one."""
    field = {"article_code": "articleCode"}.get(name, name)
    rows = api.get(path, **{name: value})
    assert rows
    assert {str(row[field]).lower() for row in rows} == {value.lower()}


def test_reference_filters(api):
    """Invoices, shipments and events of an order; orders of a customer; variants of a product."""
    order = api.get("orders", number="ORD00005")[0]
    for path in ("invoices", "shipments", "orders/events"):
        rows = api.get(path, order=order["id"])
        assert rows
        assert {row["order"]["resource"]["id"] for row in rows} == {order["id"]}
    customer = order["customer"]["resource"]["id"]
    assert order["id"] in ids(api.get("orders", customer=customer))
    variant = api.get("variants", sku="SKU-0001")[0]
    assert ids(api.get("variants", product=variant["product"]["resource"]["id"])) == [variant["id"]]


def test_an_unknown_filter_is_ignored(api):
    """So a client has to compare the rows itself."""
    assert len(api.get("customers", mail="nobody@example.com")) > 1


def test_references_have_the_sandboxs_own_host(api):
    """id, url and link; false and [] where nothing is set."""
    order = api.get("orders", limit=1)[0]
    number = order["id"]
    link = f"http://shop/nl/orders/{number}/products.json"
    assert order["products"] == {"resource": {"id": False, "url": f"orders/{number}/products", "link": link}}
    events = order["events"]["resource"]
    assert events["link"] == f"http://shop/nl/orders/events.json?order={number}"
    assert order["gender"] is False
    assert order["addressBillingRegionData"] == []
    assert order["customStatusId"] is None


def test_lists_never_embed_and_one_order_embeds_seven(api):
    """Lines, customer, invoices, shipments, metafields, quote and events come with GET orders/{id} only."""
    names = {"products", "customer", "invoices", "shipments", "metafields", "quote", "events"}
    row = api.get("orders", limit=1)[0]
    assert not any("embedded" in row[name]["resource"] for name in names)
    order = api.get(f"orders/{row['id']}")
    assert {
        name for name, value in order.items() if isinstance(value, dict) and "embedded" in value.get("resource", {})
    } == names
    assert embedded(order, "metafields") == []
    assert [(event["type"], event["message"]) for event in embedded(order, "events")][:3] == [
        ("order", "new"),
        ("invoice", "new"),
        ("shipment", "new"),
    ]
    assert "embedded" not in str(embedded(order, "customer"))


def test_embedded_lists_may_be_cut_off(api):
    """50 by default, whole by switch; the list of lines has them all either way, in the order's own order."""
    number = api.control("POST", "orders", {"kinds": ["sixty_lines"]})["orders"][0]["id"]
    assert len(embedded(api.get(f"orders/{number}"), "products")) == 50
    whole = api.get(f"orders/{number}/products", limit=50) + api.get(f"orders/{number}/products", limit=50, page=2)
    assert ids(whole) == sorted(ids(whole))
    api.control("POST", "switches", {"embedded_limit": 0})
    assert embedded(api.get(f"orders/{number}"), "products") == whole


def test_instants_have_the_clusters_offset(api):
    """Amsterdam's by default, with the change of the clocks; UTC by switch."""
    order = api.get("orders", limit=1)[0]
    assert order["createdAt"].endswith("+01:00")
    assert api.get("brands", limit=1)[0]["createdAt"].endswith("+02:00")
    api.control("POST", "switches", {"offset": "utc"})
    assert api.get("orders", limit=1)[0]["createdAt"].endswith("+00:00")


def test_other_lists_have_the_order_of_the_switch(api):
    """Only for orders it is proven."""
    assert ids(api.get("variants", limit=3)) == sorted(ids(api.get("variants", limit=3)), reverse=True)
    api.control("POST", "switches", {"list_order": "oldest_first"})
    assert ids(api.get("variants", limit=3)) == sorted(ids(api.get("variants", limit=3)))
    assert ids(api.get("orders", limit=3)) == sorted(ids(api.get("orders", limit=3)), reverse=True)


@pytest.mark.parametrize(
    ("path", "envelope"),
    [
        ("orders/events", "ordersEvents"),
        ("orders/customstatuses", "customStatuses"),
        ("variants/movements", "variantsMovements"),
        ("groups/customers", "groupsCustomers"),
        ("quantity_discounts", "quantityDiscounts"),
        ("types/attributes", "typesAttributes"),
        ("paymentmethods", "paymentmethods"),
        ("taxes", "taxes"),
    ],
)
def test_irregular_envelopes(api, path, envelope):
    """As recorded or documented."""
    assert list(api.call("GET", path).json()) == [envelope]


def test_a_list_can_lag_or_hide_rows(api, clock):
    """The view faults of look-ups work here too."""
    order = api.control("POST", "orders", {"n": 1})["orders"][0]["id"]
    api.control("POST", "faults", {"name": "lookup_stale", "seconds": 60, "endpoint": "GET orders", "times": 1})
    assert order not in ids(api.get("orders"))
    assert order in ids(api.get("orders"))
    api.control("POST", "faults", {"name": "lookup_filtered", "field": "number", "pattern": "ord*", "times": 1})
    assert api.get("orders") == []


def test_languages_share_ids_and_differ_in_texts(api, box):
    """An untranslated text falls back to the default language, or is empty by switch."""
    english = Api(box, language="en")
    product = api.get("products", limit=1)[0]
    assert english.get(f"products/{product['id']}")["title"] == "Gift wrap"
    other = api.get("variants", sku="SKU-0001")[0]["product"]["resource"]["id"]
    assert english.get(f"products/{other}")["title"] == api.get(f"products/{other}")["title"]
    api.control("POST", "switches", {"untranslated": "empty"})
    assert english.get(f"products/{other}")["title"] == ""
    english.put(f"products/{other}", "product", title="Teapot")
    assert english.get(f"products/{other}")["title"] == "Teapot"
    assert api.get(f"products/{other}")["title"] != "Teapot"
