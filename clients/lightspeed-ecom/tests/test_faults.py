"""What happens when the shop doesn't answer as it should."""

from __future__ import annotations

import logging

import httpx
import pytest
from client_script import FakeClock, Script, client, error, limits

from lightspeed_ecom import (
    InDoubt,
    Invalid,
    LightspeedError,
    NotAuthorised,
    NotFound,
    NotSent,
    RateLimited,
    Unavailable,
    UnknownLanguage,
)

GOOD = {"order": {"id": 1}}
LOST = httpx.ReadTimeout("no answer")
NO_WAY = httpx.ConnectError("refused")


@pytest.mark.parametrize(
    "fault",
    [
        LOST,
        NO_WAY,
        httpx.RemoteProtocolError("peer closed connection"),
        (500, "<h1>Error</h1>"),
        (502, ""),
        (503, ""),
        (200, '{"order": {"id"'),
        (200, ""),
        (301, ""),
        (200, {"error": {"code": 500, "message": "Oops"}}),
    ],
    ids=str,
)
def test_a_read_is_repeated(fault):
    """A read gets over faults that pass, with growing pauses, and gives up after a few tries."""
    clock = FakeClock()
    assert client(Script(fault, fault, GOOD), clock).get("orders/1") == {"id": 1}
    assert clock.slept == [1.0, 2.0]
    script = Script(fault)
    with pytest.raises(NotSent if fault is NO_WAY else Unavailable) as caught:
        client(script).get("orders/1")
    assert len(script.requests) == 5
    assert caught.value.write == "not_done"


@pytest.mark.parametrize(
    "fault", [LOST, (500, "<h1>Error</h1>"), (201, '{"order": {"id"'), (503, ""), (302, "")], ids=str
)
def test_a_post_without_an_answer_is_in_doubt(fault):
    """A POST that may have been done is sent once."""
    script = Script(fault, GOOD)
    with pytest.raises(InDoubt) as caught:
        client(script).create("products", "product", {"title": "x"})
    assert caught.value.write == "in_doubt"
    assert len(script.requests) == 1


def test_a_post_that_was_not_sent_is_repeated():
    """Without a connection nothing was done, so also a POST is sent again."""
    assert client(Script(NO_WAY, (201, {"product": {"id": 1}}))).create("products", "product", {}) == {"id": 1}


def test_put_and_delete_are_repeated():
    """Writes that can be repeated are, and end in doubt when nothing helps."""
    assert client(Script(LOST, GOOD)).update("orders/1", "order", {"memo": "x"}) == {"id": 1}
    client(Script(LOST, error(404))).delete("webhooks/1")
    with pytest.raises(NotFound):
        client(Script(error(404))).delete("webhooks/1")
    with pytest.raises(InDoubt):
        client(Script(LOST)).update("orders/1", "order", {})


def test_bodies():
    """A body has its envelope and exact numbers; an empty success is one."""
    from decimal import Decimal

    script = Script((204, ""))
    assert client(script).update("variants/1", "variant", {"priceExcl": Decimal("2.50"), "tax": 5}) == {}
    assert script.requests[0].content == b'{"variant":{"priceExcl":2.50,"tax":5}}'
    bare = Script((201, {"id": 3}))
    assert client(bare).create("checkouts", None, {"mode": "guest"}, language="en") == {"id": 3}
    assert (bare.requests[0].content, bare.requests[0].url.path) == (b'{"mode":"guest"}', "/en/checkouts.json")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error(401, "Access denied."), NotAuthorised),
        (error(403), NotAuthorised),
        (error(404), NotFound),
        (error(404, "Unknown or inactive language."), UnknownLanguage),
        (error(400, "Invalid data input."), Invalid),
        (error(405), Invalid),
        (error(422), Invalid),
        ((400, "no json"), Invalid),
        ((200, {"error": {"code": 404, "message": "Gone"}}), NotFound),
    ],
)
def test_a_refusal_is_final(answer, kind):
    """The shop's no is sorted by what the caller must do, and asked once."""
    script = Script(answer)
    with pytest.raises(kind) as caught:
        client(script).get("products/1")
    assert caught.value.write == "not_done"
    assert len(script.requests) == 1
    assert caught.value.request == "GET products/1"


def test_children_of_a_fresh_order_may_be_missing_for_a_moment():
    """404 on a child of an order is repeated twice, spaced; elsewhere it is believed at once."""
    clock = FakeClock()
    script = Script(error(404), error(404), {"orderProducts": [{"id": 1}]})
    assert list(client(script, clock).list("orders/1/products")) == [[{"id": 1}]]
    assert clock.slept == [2.0, 5.0]
    gone = Script(error(404))
    with pytest.raises(NotFound):
        client(gone).get("orders/1/products/2")
    assert len(gone.requests) == 3
    expected = Script(error(404), GOOD)
    assert client(expected).get("orders/1", expected=True) == {"id": 1}
    # Tries without an answer say nothing of whether it is there.
    late = Script(LOST, LOST, error(404), error(404), GOOD)
    assert client(late).get("orders/1", expected=True) == {"id": 1}


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        (limits("-1/2700/11700", "120/2000/20000"), 121.0),
        (limits("-1/-1/11700", "120/2000/20000"), 2001.0),
        ({"Retry-After": "17"}, 17.0),
        ({"Retry-After": "Sun, 01 Nov 2026 10:00:40 GMT"}, 40.0),
        ({"Retry-After": "2026-11-01T11:00:50+01:00"}, 50.0),
        ({"Retry-After": "later"}, 60.0),
        ({}, 60.0),
    ],
)
@pytest.mark.parametrize("verb", ["get", "create"])
def test_429_waits_as_long_as_the_shop_says(headers, wait, verb):
    """The wait is the reset of the empty windows, else Retry-After, else a minute; then the same request goes again."""
    clock = FakeClock()
    script = Script(error(429, "Too many requests", **headers), GOOD)
    shop = client(script, clock)
    assert (shop.get("orders/1") if verb == "get" else shop.create("orders", "order", {})) == {"id": 1}
    assert clock.slept == [wait]
    assert script.requests[0].url == script.requests[1].url


def test_429_without_a_word_is_asked_rarely():
    """A shop that refuses and says nothing is asked after a minute, after five, and no more."""
    clock = FakeClock()
    script = Script(error(429))
    with pytest.raises(RateLimited) as caught:
        client(script, clock).get("orders/1")
    assert clock.slept == [60.0, 300.0]
    assert caught.value.write == "not_done"


def test_503_with_a_long_retry_after_is_the_callers_business():
    """A short Retry-After is waited, a long one is told."""
    clock = FakeClock()
    assert client(Script((503, "", {"Retry-After": "20"}), GOOD), clock).get("orders/1") == {"id": 1}
    assert clock.slept == [20.0]
    with pytest.raises(Unavailable) as caught:
        client(Script((503, "", {"Retry-After": "7200"}))).get("orders/1")
    assert caught.value.retry_after == 7200.0


def test_retries_are_said(caplog):
    """A retry is a line in the log."""
    caplog.set_level(logging.WARNING, logger="lightspeed_ecom")
    client(Script(LOST, GOOD)).get("orders/1")
    assert "try 2 follows in 1 s" in caplog.text


def test_every_error_is_one_of_ours():
    """Whatever goes wrong on the wire is a LightspeedError."""
    for kind in (httpx.WriteError, httpx.DecodingError, httpx.PoolTimeout, httpx.UnsupportedProtocol):
        with pytest.raises(LightspeedError):
            client(Script(kind("x"))).get("orders/1")


def test_an_answer_that_trickles_is_given_up():
    """X33: a byte a second never trips the time-out between two bytes; the whole answer has a time of its own."""
    clock = FakeClock()

    def trickle(body: bytes):
        for byte in body:
            clock.seconds += 1.0
            yield bytes([byte])

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=trickle(b'{"order":{"id":1}}' + b" " * 1_000))

    with pytest.raises(InDoubt, match="too long"):
        client(handler, clock).create("orders", "order", {})
    assert 300 <= clock.seconds <= 302
    with pytest.raises(Unavailable, match="too long"):
        client(handler, clock).get("orders/1")
