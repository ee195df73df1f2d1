"""Who may call: tokens, rights, data filters; and the headers and errors around every answer."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


def form(afas: Any, text: str, headers: list[tuple[str, str]] | None = None) -> Any:
    given = [("Content-Type", "application/x-www-form-urlencoded"), *(headers or [])]
    return afas.call("POST", "oauth/token", body=text.encode(), headers=given)


CREDENTIALS = "grant_type=client_credentials&client_id=demo-client&client_secret=demo-secret"


def test_no_and_wrong_tokens_are_401_and_empty(afas: Any) -> None:
    """No token, a wrong one and no base64 answer 401 without a body."""
    for value in ("", "AfasToken xx", "AfasToken " + base64.b64encode(b"<token/>").decode(), "Bearer nope", "Basic x"):
        reply = afas.call("GET", "metainfo", headers=[("Authorization", value)] if value else [])
        assert (reply.status, reply.body) == (401, b"")


def test_refusals_may_have_a_json_body(make: Callable[..., Any]) -> None:
    """Whether 401 has a body is a switch."""
    reply = make(refusal_body="json").call("GET", "metainfo", headers=[])
    assert (reply.status, reply.value()) == (401, {"message": "Ongeldige token"})


def test_a_plain_xml_token_is_500(afas: Any) -> None:
    """A token that is not base64 is the unexpected error."""
    token = f"AfasToken {afas.service.credentials()['token']}"
    assert afas.call("GET", "metainfo", headers=[("Authorization", token)]).status == 500


def test_profit_nine_says_who_can_authenticate(make: Callable[..., Any]) -> None:
    """From Profit 9 every 401 has WWW-Authenticate."""
    assert make().call("GET", "metainfo", headers=[]).headers.get("www-authenticate") is None
    assert make(profit_version=9).call("GET", "metainfo", headers=[]).headers.get("www-authenticate") == "Bearer, DPoP"


def test_oauth_shapes_of_both_versions(make: Callable[..., Any]) -> None:
    """Profit 8 gives texts and a null refresh token, Profit 9 a number and none."""
    eight = form(make(), CREDENTIALS).value()
    assert (eight["expires_in"], eight["token_type"]) == ("3600", "Bearer")
    assert eight["refresh_token"] is None
    nine = form(make(profit_version=9), CREDENTIALS).value()
    assert nine["expires_in"] == 3600
    assert "refresh_token" not in nine


def test_a_bearer_token_works_until_it_expires(afas: Any) -> None:
    """A bearer token opens the same doors; after its time it is 401 with the reason."""
    token = form(afas, CREDENTIALS).value()["access_token"]
    afas.authorization = f"Bearer {token}"
    assert afas.get("metainfo").status == 200
    afas.clock.advance(3600)
    reply = afas.get("metainfo")
    assert (reply.status, reply.headers.get("www-authenticate")) == (401, 'Bearer error="invalid_token"')


def test_oauth_by_basic_header(make: Callable[..., Any]) -> None:
    """Profit 9 takes the client in a Basic header, but not in both places; a wrong one is 401."""
    good = ("Authorization", "Basic " + base64.b64encode(b"demo-client:demo-secret").decode())
    bad = ("Authorization", "Basic " + base64.b64encode(b"demo-client:x").decode())
    nine = make(profit_version=9)
    assert form(nine, "grant_type=client_credentials", [good]).status == 200
    assert form(nine, CREDENTIALS, [good]).value()["error"] == "invalid_request"
    reply = form(nine, "grant_type=client_credentials", [bad])
    assert (reply.status, reply.value()["error"]) == (401, "invalid_client")
    assert form(make(), "grant_type=client_credentials", [good]).status == 400
    assert form(make(oauth_basic=True), "grant_type=client_credentials", [good]).status == 200


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("client_id=a&client_secret=b", "invalid_request"),
        (CREDENTIALS + "&client_id=x", "invalid_request"),
        ("grant_type=password", "unsupported_grant_type"),
        ("grant_type=client_credentials&client_id=a&client_secret=b", "invalid_client"),
    ],
)
def test_token_endpoint_errors(afas: Any, text: str, error: str) -> None:
    """The documented errors of the token endpoint."""
    reply = form(afas, text)
    assert (reply.status, reply.value()["error"]) == (400, error)


def test_token_endpoint_wants_a_form(afas: Any) -> None:
    """A JSON body or a GET is an invalid request."""
    reply = afas.call("POST", "oauth/token", body=b"{}", headers=[("Content-Type", "application/json")])
    assert reply.value()["error_description"] == "Invalid HTTP request for token endpoint"


def test_paths_in_any_case(afas: Any) -> None:
    """Path segments and parameter names are taken in any case."""
    for path in ("/profitrestservices/MetaInfo", "/PROFITRESTSERVICES/metainfo"):
        assert afas.get(path).status == 200
    assert len(afas.rows("COMMERCE_items", "TAKE=2")) == 2
    assert afas.get("profitversion").value() == {"version": "22.22.5"}
    for path in ("/other/metainfo", "nope", "connectors", "metainfo/get"):
        assert (afas.get(path).status, afas.get(path).body) == (404, b"")


def test_a_removed_connector_is_denied(make: Callable[..., Any]) -> None:
    """A connector outside the app connector: 500 with the text, or 401; it is gone from metainfo."""
    afas = make()
    afas.control("afas/app", remove=["Commerce_Orders", "FbSales"])
    reply = afas.get("connectors/Commerce_Orders")
    text = "Deze connector wordt niet ondersteund of de gebruiker is niet geautoriseerd."
    assert (reply.status, reply.value()["externalMessage"]) == (500, text)
    assert reply.value()["errorNumber"] == -2147180996
    assert "UpdateConnector" in afas.refused("POST", "FbSales", {"FbSales": {"Element": {"Fields": {"DbId": "1"}}}})
    shown = afas.get("metainfo").value()
    assert "Commerce_Orders" not in {one["id"] for one in shown["getConnectors"]}
    assert "FbSales" not in {one["id"] for one in shown["updateConnectors"]}
    afas.control("afas/app", add=["FbSales"])
    assert "FbSales" in {one["id"] for one in afas.get("metainfo").value()["updateConnectors"]}
    strict = make(denied_connector=401)
    strict.control("afas/app", remove=["Commerce_Orders"])
    assert (strict.get("connectors/Commerce_Orders").status, strict.get("connectors/Nope").status) == (401, 401)


def test_a_data_filter_hides_rows_without_a_word(afas: Any) -> None:
    """With a data filter the caller sees only its rows, and no error."""
    rule = [[{"field": "Unit", "operator": 1, "value": "2"}]]
    afas.control("afas/app", data_filters={"Commerce_Orders": rule})
    number = afas.order(RfCs="X", Unit=1)
    assert afas.rows("Commerce_Orders") == []
    other = afas.order(RfCs="Y", Unit=2)
    assert [row["OrderNumber"] for row in afas.rows("Commerce_Orders")] == [other]
    afas.control("afas/app", data_filters={})
    assert number in {row["OrderNumber"] for row in afas.rows("Commerce_Orders")}


def test_a_revoked_token_and_an_expired_one(afas: Any) -> None:
    """A token that is revoked, or whose time is over, is 401 from the next call on."""
    afas.control("afas/token", revoked=True)
    assert afas.get("metainfo").status == 401
    afas.control("afas/token", revoked=False, expires="2026-03-02T10:30:00+00:00")
    assert afas.get("metainfo").status == 200
    afas.clock.advance(3600)
    assert afas.get("metainfo").status == 401


def test_blocked_connectors(afas: Any) -> None:
    """A connector that AFAS has blocked answers 500; ProfitGetConnectoren says which one."""
    afas.control("afas/connector", name="Commerce_Orders", blocked=True)
    afas.language = "en-us"
    reply = afas.get("connectors/Commerce_Orders")
    assert (reply.status, reply.value()["externalMessage"]) == (500, "This GetConnector (definition) is blocked")
    query = "filterfieldids=Geblokkeerd&filtervalues=true"
    assert [row["Naam"] for row in afas.rows("ProfitGetConnectoren", query)] == ["Commerce_Orders"]


def test_refused_addresses(make: Callable[..., Any]) -> None:
    """An address outside the allow-list is 403, before the token is looked at."""
    reply = make(ip_refused=True).call("GET", "metainfo", headers=[])
    assert (reply.status, reply.body) == (403, b"")


def test_headers_of_answers_and_errors(make: Callable[..., Any]) -> None:
    """Answers have the documented headers and the sandbox's date; errors the text in base64, unless switched off."""
    afas = make()
    reply = afas.get("metainfo")
    assert reply.headers.get("cache-control") == "no-store, no-cache"
    assert reply.headers.get("date") == "Mon, 02 Mar 2026 10:00:00 GMT"
    assert reply.headers.get("content-type") == "application/json; charset=utf-8"
    assert afas.call("GET", "metainfo", headers=[]).headers.get("content-type") == "application/xml; charset=utf-8"
    error = afas.get("connectors/Nope")
    text = base64.b64decode(error.headers.get("x-profit-error")).decode()
    assert text == error.value()["externalMessage"]
    assert make(profit_error_header=False).get("connectors/Nope").headers.get("x-profit-error") is None


def test_metainfo_says_where_we_are(make: Callable[..., Any]) -> None:
    """Metainfo has the environment, the app connector and the expiry as texts; the environment can change."""
    afas = make(token_expiry="2027-05-01")
    info = afas.get("metainfo").value()["info"]
    assert info == {
        "envid": "T12345AA",
        "appName": "Webshop",
        "group": "Webshop (12345.WEBSHOP)",
        "tokenExpiry": "2027-05-01",
    }
    afas.control("afas/environment", id="O12345AA")
    assert afas.get("metainfo").value()["info"]["envid"] == "O12345AA"


def test_preflight(afas: Any) -> None:
    """OPTIONS answers the allowed methods without a token."""
    reply = afas.call("OPTIONS", "connectors/FbSales", headers=[])
    assert (reply.status, reply.headers.get("access-control-allow-methods")) == (200, "GET, POST, PUT, DELETE, OPTIONS")


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("status_429", 429),
        ("status_500", 500),
        ("status_503", 503),
        ("temporary_404", 404),
        ("expired_token", 401),
        ("denied", 500),
        ("error_200", 200),
        ("locked", 500),
        ("connector_blocked", 500),
        ("out_of_memory", 500),
        ("server_timeout", 500),
        ("too_many_calls", 500),
    ],
)
def test_ordered_refusals(afas: Any, fault: str, status: int) -> None:
    """Every refusal can be ordered, meets one call, and is in AFAS's own words."""
    afas.control("faults", name=fault, endpoint="GET connectors/*")
    assert afas.get("connectors/Commerce_Items").status == status
    assert afas.get("connectors/Commerce_Items").status == 200


def test_maintenance_says_when_to_come_back(afas: Any) -> None:
    """503 has Retry-After and the same number in its body."""
    afas.control("faults", name="status_503", retry_after=7200)
    reply = afas.get("metainfo")
    assert reply.headers.get("retry-after") == "7200"
    assert (reply.value()["error"]["code"], reply.value()["retry_after"]) == ("503", 7200)


def test_calls_are_counted_by_their_names(afas: Any) -> None:
    """Counts name the connector in its own spelling, whatever case was called."""
    afas.get("/profitrestservices/CONNECTORS/commerce_items", "take=1")
    afas.order()
    afas.call("DELETE", "connectors/FbSales/FbSales/@OrNu/1/FbSalesLines/GuLi/%7B1%7D")
    assert dict(afas.box.calls) == {
        "GET connectors/Commerce_Items": 1,
        "POST connectors/FbSales": 1,
        "DELETE connectors/FbSales/FbSales/FbSalesLines": 1,
    }
