"""Writing: what is sent, what is known afterwards, and what is tried again."""

import json

import httpx
import pytest

from afas_profit import (
    AfasError,
    AlreadyExists,
    BadRequest,
    Element,
    InDoubt,
    Invalid,
    Locked,
    NotSent,
    Unavailable,
)

ORDER = Element({"DbId": "10001", "RfCs": "WS-1"}, objects={"FbSalesLines": [Element({"ItCd": "A"})]})
DONE = httpx.Response(201, json={"results": {"FbSales": {"OrNu": "60005490"}}})
LOCK = httpx.Response(
    500, json={"externalMessage": "Het record is vergrendeld.", "errorNumber": -1, "profitLogReference": "AB"}
)


def test_the_four_writes(play):
    """Verb, path and body of each."""
    client, script = play(DONE)
    assert client.insert("FbSales", ORDER).ids == [{"OrNu": "60005490"}]
    assert client.update("FbSales", Element({"OrNu": "1"})).first("OrNu") == "60005490"
    client.insert_sub("FbSales", "FbSalesLines", ORDER)
    client.delete("FbSales", {"OrNu": "60005490"})
    client.delete("FbSales", {"OrNu": "1"}, sub=("FbSalesLines", {"GuLi": "{A}"}))
    base = "/ProfitRestServices/connectors"
    assert [(request.method, request.url.raw_path.decode()) for request in script.requests] == [
        ("POST", f"{base}/FbSales"),
        ("PUT", f"{base}/FbSales"),
        ("POST", f"{base}/FbSales/FbSalesLines"),
        ("DELETE", f"{base}/FbSales/FbSales/@OrNu/60005490"),
        ("DELETE", f"{base}/FbSales/FbSales/@OrNu/1/FbSalesLines/@GuLi/%7BA%7D"),
    ]
    assert json.loads(script.requests[0].content)["FbSales"]["Element"]["Fields"]["RfCs"] == "WS-1"
    assert script.requests[0].headers["content-type"] == "application/json; charset=utf-8"
    assert script.requests[3].content == b""
    assert client.calls == {
        "POST connectors/FbSales": 1, "PUT connectors/FbSales": 1, "POST connectors/FbSales/FbSalesLines": 1,
        "DELETE connectors/FbSales": 1, "DELETE connectors/FbSales/FbSalesLines": 1,
    }  # fmt: skip


@pytest.mark.parametrize("status", [200, 201])
def test_an_empty_answer_is_success_without_keys(play, status):
    """As for prices and many others."""
    client, _ = play(httpx.Response(status))
    result = client.insert("FbSalesPrice", Element({"ItCd": "A"}))
    assert (result.ids, result.first("ItCd")) == ([], None)


@pytest.mark.parametrize(("told", "calls"), [("10", 2), ("30", 1)])
def test_a_write_is_not_begun_again_late(play, clock, told, calls):
    """Who dies while it runs leaves only the time of its first try; AFAS's 900 s are counted from there."""
    client, script = play(httpx.Response(503, headers={"Retry-After": told}), DONE)
    if calls == 2:
        client.insert("FbSales", ORDER)
    else:
        with pytest.raises(Unavailable):
            client.insert("FbSales", ORDER)
    assert len(script.requests) == calls
    assert sum(clock.waits) <= 25


IN_DOUBT = [
    httpx.ReadTimeout("x"),
    httpx.WriteTimeout("x"),
    httpx.ReadError("[Errno 104] Connection reset by peer"),
    httpx.WriteError("x"),
    httpx.RemoteProtocolError("Server disconnected without sending a response."),
    httpx.DecodingError("x"),
    httpx.Response(500, content=b"<html>Server Error</html>"),
    httpx.Response(502),
    httpx.Response(504),
    httpx.Response(201, content=b'{"results":{"FbSa'),
    httpx.Response(201, headers={"content-length": "999"}, content=b'{"results":{}}'),
    httpx.Response(500, json={"externalMessage": "Command timeout expired.", "errorNumber": 1}),
]


@pytest.mark.parametrize("step", IN_DOUBT, ids=repr)
@pytest.mark.parametrize(
    "write",
    [
        lambda client: client.insert("FbSales", ORDER),
        lambda client: client.update("FbSales", ORDER),
        lambda client: client.insert_sub("FbSales", "FbSalesLines", ORDER),
        lambda client: client.delete("FbSales", {"OrNu": "1"}),
    ],
)
def test_a_write_that_may_have_been_done_is_never_sent_twice(play, step, write):
    """Time-out, reset, page of a proxy, cut-off answer: look first."""
    client, script = play(step)
    with pytest.raises(InDoubt) as caught:
        write(client)
    assert caught.value.write == "in_doubt"
    assert len(script.requests) == 1


@pytest.mark.parametrize("kind", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError])
def test_a_write_that_found_no_connection_is_tried_again(play, clock, kind):
    """Nothing left this machine, so it is safe."""
    client, script = play(kind("refused"), kind("refused"), DONE)
    assert client.insert("FbSales", ORDER).ids
    assert len(script.requests) == 3
    assert len(clock.waits) == 2


def test_a_write_without_network_ends_as_not_sent(play, clock):
    """Within seconds."""
    client, script = play(httpx.ConnectError("refused"))
    with pytest.raises(NotSent) as caught:
        client.insert("FbSales", ORDER)
    assert (caught.value.write, len(script.requests)) == ("not_done", 5)
    assert sum(clock.waits) < 15


def test_not_sent_and_then_in_doubt_is_in_doubt(play):
    """The last try counts."""
    client, script = play(httpx.ConnectError("refused"), httpx.ReadTimeout("x"), DONE)
    with pytest.raises(InDoubt):
        client.insert("FbSales", ORDER)
    assert len(script.requests) == 2


def test_a_lock_is_tried_again_three_times_spaced(play, clock):
    """Known not done; the fourth answer counts."""
    client, script = play(LOCK, LOCK, LOCK, DONE)
    assert client.insert("FbSales", ORDER).ids
    assert len(clock.waits) == 3
    assert all(0.5 * told <= wait <= 1.5 * told for told, wait in zip((1, 3, 6), clock.waits, strict=True))
    client, script = play(LOCK)
    with pytest.raises(Locked) as caught:
        client.insert("FbSales", ORDER)
    assert (caught.value.write, len(script.requests)) == ("not_done", 4)


def test_a_short_503_is_waited_for_and_a_long_one_raised(play, clock):
    """AFAS has said it did nothing, and when to come back."""
    client, script = play(httpx.Response(503, headers={"Retry-After": "5"}), DONE)
    assert client.insert("FbSales", ORDER).ids
    assert 5 <= sum(clock.waits) <= 6
    client, script = play(httpx.Response(503, headers={"Retry-After": "7200"}))
    with pytest.raises(Unavailable) as caught:
        client.insert("FbSales", ORDER)
    assert (caught.value.write, caught.value.retry_after, len(script.requests)) == ("not_done", 7200, 1)


def test_a_503_that_says_nothing_is_not_waited_for(play, clock):
    """A write is repeated only when AFAS itself says when."""
    client, script = play(httpx.Response(503, content=b"<html>"), DONE)
    with pytest.raises(Unavailable) as caught:
        client.insert("FbSales", ORDER)
    assert (caught.value.write, len(script.requests), clock.waits) == ("in_doubt", 1, [])


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(500, json={"externalMessage": "Vul een waarde in bij 'Itemcode'."}), Invalid),
        (httpx.Response(500, json={"externalMessage": "Prijs bestaat reeds"}), AlreadyExists),
        (httpx.Response(400, json={"message": "Invalid json"}), BadRequest),
        (httpx.Response(404), BadRequest),
        (httpx.Response(413), BadRequest),
    ],
)
def test_a_refusal_is_raised_at_once(play, clock, answer, kind):
    """Asking again would give the same answer."""
    client, script = play(answer)
    with pytest.raises(kind) as caught:
        client.insert("FbSales", ORDER)
    assert (caught.value.write, len(script.requests), clock.waits) == ("not_done", 1, [])


@pytest.mark.parametrize("element", [[], Element({"Upri": 1.5}), Element({"a": "\ud800"})])  # type: ignore[dict-item]
def test_what_has_no_form_is_refused_before_sending(play, element):
    """Nothing leaves the machine, and it is no error of AFAS."""
    client, script = play(DONE)
    with pytest.raises((ValueError, TypeError)):
        client.insert("FbSales", element)
    assert not script.requests


def test_nothing_of_the_record_stands_in_an_error(play):
    """Neither fields nor keys."""
    for step in [*IN_DOUBT, LOCK, httpx.Response(404), httpx.ConnectError("refused")]:
        client, _ = play(step)
        for work in (lambda c: c.insert("FbSales", ORDER), lambda c: c.delete("FbSales", {"OrNu": "WS-1"})):
            with pytest.raises(AfasError) as caught:
                work(client)
            assert "WS-1" not in f"{caught.value!r} {caught.value} {vars(caught.value)}"
