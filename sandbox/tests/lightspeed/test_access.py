"""Keys, languages, paths, errors and the three rate windows."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from shopclient import Api

from sandbox.lightspeed.rates import Windows, ends, parse
from sandbox.lightspeed.shop import PROFILES


def limits(answer) -> tuple[str, str, str]:
    names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
    return tuple(answer.headers[name] for name in names)


@pytest.mark.parametrize("auth", [("nobody", "x"), (PROFILES[0].api_key, PROFILES[1].api_secret)])
def test_wrong_credentials_are_denied_in_the_recorded_shape(box, auth):
    """401, the error envelope with escaped slashes, and the rate headers all the same."""
    answer = Api(box, auth=auth).call("GET", "orders")
    assert answer.status_code == 401
    expected = r'{"error":{"code":401,"method":"READ","request":"\/nl\/orders.json","message":"Access denied."}}'
    assert answer.text == expected
    assert limits(answer)


def test_an_app_signs_with_its_token(box):
    """The password of an app key is md5(token + app secret)."""
    own = PROFILES[1]
    signed = hashlib.md5((own.app_token + own.app_secret).encode()).hexdigest()  # noqa: S324 - the API's rule
    assert Api(box, auth=(own.app_key, signed)).get("shop")["id"] == own.number


def test_the_key_decides_the_shop(box):
    """Two shops behind one address, with nothing in common."""
    first, second = Api(box, 1).get("orders", limit=250), Api(box, 2).get("orders", limit=250)
    assert not {order["id"] for order in first} & {order["id"] for order in second}
    assert Api(box, 2).call("GET", f"orders/{first[0]['id']}").status_code == 404


@pytest.mark.parametrize(("language", "status"), [("nl", 200), ("EN", 200), ("de", 404), ("xx", 404)])
def test_only_active_languages_answer(box, language, status):
    """An inactive and an unknown language get the same 404."""
    answer = Api(box, language=language).call("GET", "orders/count")
    assert answer.status_code == status
    if status == 404:
        assert answer.json()["error"]["message"] == "Unknown or inactive language."


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "/nl/orders", 404),
        ("GET", "/nl/nothing.json", 404),
        ("GET", "/nl/orders/1.json", 404),
        ("POST", "/nl/orders.json", 405),
        ("POST", "/nl/shipments.json", 405),
        ("DELETE", "/nl/orders/1.json", 405),
        ("POST", "/nl/account.json", 405),
        ("GET", "/nl/variants/bulk.json", 405),
        ("GET", "/NL/Orders.json", 200),
        ("GET", "/nl/checkouts.json", 200),
    ],
)
def test_paths_and_verbs(api, verb, path, status):
    """Unknown paths are 404, known paths with another verb 405, the case of a path does not matter."""
    assert api.http.request(verb, path).status_code == status


def test_denied_groups_are_403(api):
    """A key without a permission group may not read it, one without write may."""
    api.control("POST", "switches", {"denied_groups": "orders:write, customers"})
    assert api.call("GET", "orders/count").status_code == 200
    assert api.call("PUT", "orders/1", {"order": {"memo": "x"}}).status_code == 403
    assert api.call("GET", "customers").status_code == 403
    rights = api.get("account/permissions")
    assert rights["orders"] == {"read": True, "write": False}
    assert rights["customers"] == {"read": False, "write": False}


def test_the_recorded_reset_times_come_out():
    """263/2063/23663 are the seconds to the next five minutes, hour and midnight of one moment."""
    now = datetime(2026, 6, 2, 15, 25, 37, tzinfo=UTC)
    assert [int((end - now).total_seconds()) for end in ends(now, PROFILES[0].zone)] == [263, 2063, 23663]


def test_an_empty_window_refuses_with_minus_one(api, clock):
    """The exhausted position shows -1, the others stay; the refused call is not counted, and the window turns."""
    api.control("POST", "switches", {"rate_limits": "3/5/10"})
    api.control("POST", "clock", {"now": "2026-11-01T12:58:00+00:00"})
    answers = [api.call("GET", "orders/count") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert limits(answers[2]) == ("3/5/10", "0/2/7", "120/120/36120")
    assert limits(answers[3])[1] == "-1/2/7"
    assert answers[3].json()["error"]["message"] == "Too many requests in this time period. Try again later."
    assert "Retry-After" not in answers[3].headers
    clock.advance(120)
    assert limits(api.call("GET", "orders/count"))[1] == "2/4/6"
    assert api.control("GET", "calls")["rate_limited"] == 1
    assert api.control("GET", "books")["shop1"]["rate_limited"] == 1


@pytest.mark.parametrize(
    ("switch", "told"),
    [("seconds", "180"), ("http_date", "Sun, 01 Nov 2026 12:05:00 GMT"), ("iso", "2026-11-01T12:05:00+00:00")],
)
def test_retry_after_can_come_in_each_form(api, clock, switch, told):
    """Nobody recorded it, so a client must take them all."""
    clock.advance(120)
    api.control("POST", "switches", {"rate_limits": "1/5/10", "retry_after": switch})
    api.call("GET", "shop")
    assert api.call("GET", "shop").headers["Retry-After"] == told


def test_keys_have_windows_of_their_own(box):
    """A call with one shop's key costs the other nothing."""
    for _ in range(3):
        Api(box, 1).get("shop")
    assert Api(box, 2).get("account/ratelimit")["limit5Min"]["remaining"] == 99_999


def test_windows_turn_on_both_dst_nights():
    """The day window ends at the shop's midnight, 25 or 23 hours after the last one."""
    zone = PROFILES[0].zone
    autumn = ends(datetime(2026, 10, 24, 22, 30, tzinfo=UTC), zone)[2]
    assert autumn == datetime(2026, 10, 25, 23, tzinfo=UTC)
    spring = ends(datetime(2026, 3, 28, 23, 30, tzinfo=UTC), zone)[2]
    assert spring == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert ends(datetime(2026, 10, 24, 22, 30, tzinfo=UTC), None)[2] == datetime(2026, 10, 25, tzinfo=UTC)


def test_a_clock_set_back_begins_a_new_window():
    """No window of the future holds a call of the past."""
    windows, three = Windows(), parse("1/1/1")
    assert windows.spend(datetime(2026, 11, 1, tzinfo=UTC), three, None)
    assert not windows.spend(datetime(2026, 11, 1, tzinfo=UTC), three, None)
    assert windows.spend(datetime(2026, 10, 1, tzinfo=UTC), three, None)


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("status_429", 429),
        ("status_500", 500),
        ("status_503", 503),
        ("temporary_404", 404),
        ("expired_token", 401),
        ("denied", 403),
    ],
)
def test_faults_speak_the_apis_own_words(api, fault, status):
    """Envelope and rate headers as ever."""
    api.control("POST", "faults", {"name": fault, "endpoint": "GET orders/{id}/products"})
    order = api.get("orders", limit=1)[0]["id"]
    answer = api.call("GET", f"orders/{order}/products")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, status)
    assert limits(answer)[1].startswith("-1/") == (status == 429)
    assert api.call("GET", f"orders/{order}/products").status_code == 200


def test_an_error_body_can_come_with_status_200(api):
    """The official client takes a top-level `error` for an error, whatever the status."""
    api.control("POST", "faults", {"name": "error_200"})
    answer = api.call("GET", "orders")
    assert answer.status_code == 200
    assert answer.json()["error"]["message"] == "Invalid data input."


def test_429_without_any_header(api):
    """A client must know what to do with nothing to go by."""
    api.control("POST", "faults", {"name": "status_429", "headers": False, "retry_after": None})
    answer = api.call("GET", "orders")
    assert answer.status_code == 429
    assert not [name for name in answer.headers if name.startswith(("x-rate", "retry"))]
