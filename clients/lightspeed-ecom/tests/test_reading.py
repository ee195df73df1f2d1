"""Reading: requests, envelopes, shapes, pages."""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from client_script import NOW, Script, client

import lightspeed_ecom
from lightspeed_ecom import Lightspeed, Unavailable, app_password, instant, reference_id
from lightspeed_ecom.auth import base_url
from lightspeed_ecom.shapes import NOT_SET, decode, plain, unwrap

RECORDED = Path(__file__).parents[4] / "shared" / "reference" / "lightspeed" / "recorded"


def test_the_request():
    """Basic auth, the language in the path, and the documented form of filters."""
    script = Script({"orders": []})
    since = dt.datetime(2026, 11, 1, 11, 0, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    list(client(script).list("orders", since=since, fields=["id", "number"], isVisible=True, email=None))
    (request,) = script.requests
    assert request.url.path == "/nl/orders.json"
    assert request.url.host == "api.webshopapp.com"
    assert request.headers["Authorization"] == httpx.BasicAuth("key", "secret")._auth_header
    assert dict(request.url.params) == {
        "isVisible": "true",
        "updated_at_min": "2026-11-01 10:00:00",
        "limit": "250",
        "fields": "id,number",
        "page": "1",
    }


def test_the_password_of_an_app_key():
    """An app's password is the md5 of the shop's token and the app's secret."""
    assert app_password("token", "secret") == "1b0ebffcd35423aa7674c8cbb60581e4"  # printf tokensecret | md5sum


@pytest.mark.parametrize(
    ("cluster", "override", "result"),
    [
        ("eu1", None, "https://api.webshopapp.com"),
        ("us1", "", "https://api.shoplightspeed.com"),
        ("eu1", "http://127.0.0.1:8702/", "http://127.0.0.1:8702"),
        ("eu1", "http://[::1]:8702", "http://[::1]:8702"),
        ("eu1", "https://proxy.example.com/x", "https://proxy.example.com/x"),
    ],
)
def test_address(cluster, override, result):
    """A cluster or another address says where the shop is."""
    assert base_url(cluster, override) == result


@pytest.mark.parametrize(("cluster", "override"), [("eu2", None), ("eu1", "http://example.com"), ("eu1", "ftp://x")])
def test_an_address_without_protection_is_refused(cluster, override):
    """The key never travels in the open to another machine."""
    with pytest.raises(ValueError, match=r"unknown cluster|https"):
        base_url(cluster, override)


def test_repr_hides_the_secret():
    """Neither key nor secret shows."""
    assert repr(Lightspeed("key", "secret")) == "Lightspeed('https://api.webshopapp.com', language='nl')"


def test_pages_end_with_a_page_that_is_not_full():
    """Pages are read until one is not full."""
    script = Script({"orders": [{"id": 4}, {"id": 3}]}, {"orders": [{"id": 3}, {"id": 2}]}, {"orders": []})
    pages = list(client(script).pages("orders", limit=2))
    assert [[row["id"] for row in page.rows] for page in pages] == [[4, 3], [3, 2], []]
    assert [page.full for page in pages] == [True, True, False]
    assert pages[0].server_time == NOW


def test_pages_can_begin_later():
    """A list can be read from any of its pages on."""
    script = Script({"orders": [{"id": 2}]})
    (page,) = client(script).pages("orders", limit=2, first=3)
    assert (page.number, page.full) == (3, False)
    assert script.requests[0].url.params["page"] == "3"


def test_a_list_that_does_not_page_is_noticed():
    """The same full page again and again is no list but a loop."""
    with pytest.raises(Unavailable, match="repeats"):
        list(client(Script({"orders": [{"id": 1}]})).list("orders", limit=1))


def test_count_takes_the_same_filters():
    """Count asks its own path under the same filters."""
    script = Script({"count": 123})
    assert client(script).count("orders", since=NOW, status="paid") == 123
    assert script.requests[0].url.path == "/nl/orders/count.json"
    assert dict(script.requests[0].url.params) == {"status": "paid", "updated_at_min": "2026-11-01 10:00:00"}


def test_the_url_of_a_reference_is_a_path():
    """What a reference says can be read as it stands, and in another language."""
    script = Script({"invoices": [{"id": 5}]})
    assert list(client(script).list("invoices?order=7", language="en")) == [[{"id": 5}]]
    assert script.requests[0].url.path == "/en/invoices.json"
    assert script.requests[0].url.params["order"] == "7"


@pytest.mark.parametrize(
    ("path", "payload", "value"),
    [
        ("orders", {"orders": [1]}, [1]),
        ("types/attributes", {"typesAttributes": {"id": 1}}, {"id": 1}),
        ("products/1/filtervalues", {"productFiltervalue": [1]}, [1]),
        ("checkouts/1", {"id": 1}, {"id": 1}),
        ("checkouts", [], []),
        ("categories/products/bulk", {"categoriesProduct": [], "errors": []}, {"categoriesProduct": [], "errors": []}),
    ],
)
def test_envelopes(path, payload, value):
    """The value of the only key counts, whatever it is called; checkouts have none."""
    assert unwrap(payload, path) == value


def test_plain():
    """False is null where it means not set; 0, empty text and booleans stay; references are ids."""
    row = {
        "id": 1,
        "brand": False,
        "gender": False,
        "isVisible": False,
        "weight": 0,
        "memo": "",
        "paymentData": [],
        "giftCardsPayment": [],
        "tax": {"resource": {"id": 5, "url": "taxes/5", "link": "x"}},
        "invoices": {"resource": {"id": False, "url": "invoices?order=1", "link": "x"}},
        "products": {
            "resource": {"id": False, "url": "x", "embedded": [{"variant": False, "taxRate": Decimal("0.21")}]}
        },
        "quote": {"resource": {"id": 9, "url": "x", "embedded": {"id": 9, "language": False}}},
        "variants": {"7": {"id": 7, "matrix": False}},
        "unknown": {"a": [False, {"brand": False}]},
    }
    assert plain(row) == {
        "id": 1,
        "brand": None,
        "gender": None,
        "isVisible": False,
        "weight": 0,
        "memo": "",
        "paymentData": {},
        "giftCardsPayment": [],
        "tax": {"id": 5},
        "invoices": {"url": "invoices?order=1"},
        "products": [{"variant": None, "taxRate": Decimal("0.21")}],
        "quote": {"id": 9, "language": None},
        "variants": [{"id": 7, "matrix": None}],
        "unknown": {"a": [False, {"brand": None}]},
    }
    assert (reference_id(row["tax"]), reference_id(row["brand"])) == (5, None)


def test_numbers_are_exact():
    """A number with a fraction is a Decimal with its digits."""
    assert str(decode(b'{"a":10.10}')["a"]) == "10.10"


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not beside this repository")
def test_not_set_names_are_never_booleans():
    """No recorded field under a name of our list is true anywhere, and every recorded `false` is explained."""

    def walk(value, name=""):
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(inner, key)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, name)
        elif value is True:
            assert name not in NOT_SET, name
        elif value is False and name != "id":
            known = name in NOT_SET or re.search(
                r"(^|[a-z])([Ii]s|[Hh]as|do|allow)[A-Z_]|Subscribed|SameAddress|_is_|^is_|^has_", name
            )
            assert known or name in PLAIN_BOOLEANS, name

    for file in sorted(RECORDED.rglob("*.json")):
        if "derived" not in file.parts:
            walk(json.loads(file.read_text(encoding="utf-8")))


PLAIN_BOOLEANS = {"newsletter", "terms", "notifications", "validated", "post_payment", "invoice_external", "data"}


def test_server_now_counts_on_from_the_date():
    """The shop's clock is its last Date header plus the seconds since; the host's clock plays no part."""
    script = Script({"account": {"id": 1}})
    shop = client(script)
    assert shop.date is None
    assert shop.server_now() == NOW
    shop._clock.sleep(90)
    assert shop.server_now() == NOW + dt.timedelta(seconds=90)
    assert shop.calls == {"GET account": 1}


def test_calls_are_counted_per_endpoint():
    """Calls are counted per verb and endpoint, without ids."""
    shop = client(Script({"order": {"id": 1}}))
    shop.get("orders/1")
    shop.get("orders/22")
    shop.get("orders/22/products/3")
    assert shop.calls == {"GET orders/{id}": 2, "GET orders/{id}/products/{id}": 1}


def test_logs_hold_no_query(caplog):
    """A filter may be an e-mail address: no log line shows it, nor does an error."""
    caplog.set_level(logging.DEBUG)
    list(client(Script({"customers": []})).list("customers", email="a@example.com"))
    with pytest.raises(Unavailable) as caught:
        list(client(Script((500, ""))).list("customers", email="a@example.com"))
    assert "customers" in caplog.text
    assert "example.com" not in caplog.text.replace("webshopapp", "")
    assert "example.com" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Sun, 01 Nov 2026 10:00:00 GMT", NOW),
        ("2026-11-01T11:00:00+01:00", NOW),
        ("2026-11-01 10:00:00", NOW),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_instant(text, result):
    """HTTP dates and ISO dates are instants in UTC; anything else is none."""
    assert instant(text) == result


def test_every_public_name_is_exported():
    """Whatever users may import stands in `__all__`."""
    modules = {name for name, value in vars(lightspeed_ecom).items() if type(value).__name__ == "module"}
    public = {name for name in vars(lightspeed_ecom) if not name.startswith("_")} - modules
    assert public == set(lightspeed_ecom.__all__)
