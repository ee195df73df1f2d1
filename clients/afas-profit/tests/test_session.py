"""Tokens: got once, renewed once, and no storm when they are refused."""

import threading

import httpx
import pytest

from afas_profit import ClientCredentials, ConnectorDenied, Element, NotAuthorised, NotSent, Unavailable

GRANT = {"access_token": "t1", "token_type": "Bearer", "expires_in": "3600", "refresh_token": None}
EXPIRED = httpx.Response(401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


class Oauth:
    """A service with a token endpoint; counts both."""

    def __init__(self, *, grants=None, valid=None, challenge='Bearer error="invalid_token"', life="3600"):
        self.made, self.grants, self.valid, self.challenge, self.life = 0, grants, valid, challenge, life
        self.api = 0
        self.seen: list[httpx.Request] = []
        self._lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            if request.url.path.endswith("/oauth/token"):
                self.seen.append(request)
                self.made += 1
                return self.grants or httpx.Response(
                    200, json={**GRANT, "access_token": f"t{self.made}", "expires_in": self.life}
                )
            self.api += 1
            if self.valid is not None and request.headers["authorization"] not in self.valid:
                return httpx.Response(401, headers={"WWW-Authenticate": self.challenge} if self.challenge else {})
            return httpx.Response(201, json={"results": {}})


OAUTH = ClientCredentials("me", "s3cret")


def test_a_token_is_used_until_shortly_before_it_expires(play, clock):
    """One token call an hour, not one per call; form-encoded."""
    service = Oauth()
    client, script = play(service, auth=OAUTH)
    for _ in range(5):
        client.metainfo()
    assert (service.made, service.api) == (1, 5)
    assert script.requests[-1].headers["authorization"] == "Bearer t1"
    assert service.seen[0].method == "POST"
    assert service.seen[0].headers["content-type"] == "application/x-www-form-urlencoded"
    assert service.seen[0].content == b"grant_type=client_credentials&client_id=me&client_secret=s3cret"
    clock.gone += 3539
    client.metainfo()
    assert service.made == 1
    clock.gone += 2
    client.metainfo()
    assert service.made == 2
    assert script.requests[-1].headers["authorization"] == "Bearer t2"


@pytest.mark.parametrize("challenge", ['Bearer error="invalid_token"', None])
def test_a_token_that_ends_early_is_renewed_once(play, challenge):
    """401 invalid_token, also without a challenge (before Profit 9); a write may be repeated, it was not done."""
    service = Oauth(valid={"Bearer t2"}, challenge=challenge)
    client, _ = play(service, auth=OAUTH)
    client.insert("FbSales", Element({"a": 1}))
    assert (service.made, service.api) == (2, 2)


def test_a_revoked_client_costs_two_calls_and_then_none(play, clock):
    """No storm; later callers get the answer without a call, until some time has passed."""
    service = Oauth(valid=set())
    client, _ = play(service, auth=OAUTH)
    for _ in range(3):
        with pytest.raises(NotAuthorised) as caught:
            client.insert("FbSales", Element({"a": 1}))
        assert caught.value.write == "not_done"
    assert (service.made, service.api) == (2, 2)
    clock.gone += 61
    service.valid = None
    client.metainfo()


def test_many_threads_renew_once(play):
    """Five calls that meet an expired token share one new one."""
    service = Oauth(valid={"Bearer t1"})
    client, _ = play(service, auth=OAUTH)
    client.metainfo()
    service.valid = {"Bearer t2"}
    gate = threading.Barrier(5, timeout=20)

    def work() -> None:
        gate.wait()
        client.metainfo()

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert service.made == 2
    assert service.api <= 11


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ({"error": "invalid_client", "error_description": "Invalid client credentials"}, "renew the client secret"),
        ({"error": "unauthorized_client"}, "does not match the host"),
        ({"error": "invalid_request"}, "invalid_request"),
    ],
)
@pytest.mark.parametrize("status", [400, 401])
def test_refused_client_credentials_say_what_to_do(play, error, words, status):
    """One token call, no call of the API; the secret is not shown."""
    service = Oauth(grants=httpx.Response(status, json=error))
    client, _ = play(service, auth=OAUTH)
    for _ in range(2):
        with pytest.raises(NotAuthorised, match=words) as caught:
            client.metainfo()
    assert (service.made, service.api) == (1, 0)
    assert "s3cret" not in f"{caught.value!r} {vars(caught.value)}"


def test_a_write_whose_token_call_fails_is_not_done(play):
    """Whatever befell the token call, the write was never sent."""
    cases = [
        (httpx.ReadTimeout("x"), Unavailable),
        (httpx.ConnectError("x"), NotSent),
        (httpx.Response(502), Unavailable),
        (httpx.Response(200, json={}), Unavailable),
    ]
    for step, kind in cases:
        client, script = play(step, auth=OAUTH)
        with pytest.raises(kind) as caught:
            client.insert("FbSales", Element({"a": 1}))
        assert caught.value.write == "not_done"
        assert all(request.url.path.endswith("/oauth/token") for request in script.requests)


def test_a_lost_token_call_is_repeated(play):
    """It changes nothing, so it may be."""
    client, script = play(
        httpx.ReadTimeout("x"), httpx.Response(200, json=GRANT), httpx.Response(200, json={}), auth=OAUTH
    )
    client.metainfo()
    assert len(script.requests) == 3


class Classic:
    """A service with classic tokens: revoked, or with connectors that answer 401."""

    def __init__(self, *, revoked=False, denied=()):
        self.revoked, self.denied, self.api = revoked, denied, 0
        self._lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.api += 1
        if self.revoked or any(name in request.url.path for name in self.denied):
            return httpx.Response(401)
        return httpx.Response(200, json={"skip": 0, "take": 9, "rows": []})


def test_a_revoked_token_costs_two_calls(play, clock):
    """One that was refused and one that made sure."""
    service = Classic(revoked=True)
    client, _ = play(service)
    for _ in range(4):
        with pytest.raises(NotAuthorised):
            client.insert("FbSales", Element({"a": 1}))
    assert service.api == 2
    clock.gone += 61
    service.revoked = False
    client.metainfo()


def test_a_revoked_token_seen_by_metainfo_costs_one_call(play):
    """Metainfo needs nothing but a token, so its 401 is final."""
    service = Classic(revoked=True)
    client, _ = play(service)
    with pytest.raises(NotAuthorised):
        client.metainfo()
    assert service.api == 1


def test_a_revoked_token_under_five_threads_is_no_storm(play):
    """What was under way is lost, one call makes sure, and nothing follows."""
    service = Classic(revoked=True)
    client, _ = play(service)
    failures = []

    def work() -> None:
        for _ in range(20):
            try:
                client.insert("FbSales", Element({"a": 1}))
            except NotAuthorised as error:
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(failures) == 100
    assert service.api <= 6


def test_a_401_of_one_connector_names_it_and_spares_the_others(play):
    """Some versions answer 401 for a connector outside the app connector."""
    service = Classic(denied=["FbSales"])
    client, _ = play(service)
    for _ in range(2):
        with pytest.raises(ConnectorDenied, match="FbSales") as caught:
            client.insert("FbSales", Element({"a": 1}))
        assert caught.value.connector == "FbSales"
    assert service.api == 3
    assert list(client.rows("Profit_X", order_by=["a"])) == []


def test_a_401_that_can_not_be_explained_is_about_the_token(play):
    """When metainfo can't be asked, the refusal stands, and is not remembered."""
    client, script = play(httpx.Response(401), httpx.Response(503), httpx.Response(200, json={}))
    with pytest.raises(NotAuthorised):
        list(client.rows("X", order_by=["a"]))
    client.metainfo()
    assert len(script.requests) == 3


def test_a_refused_sender_is_told_apart(play):
    """403 is the IP rule: one call."""
    client, script = play(httpx.Response(403))
    with pytest.raises(NotAuthorised, match="IP"):
        client.insert("FbSales", Element({"a": 1}))
    assert len(script.requests) == 1


def test_basic_goes_in_the_header(play):
    """The variant of Profit 9."""
    service = Oauth(life=3600)
    client, _ = play(service, auth=ClientCredentials("me", "s3cret", basic=True))
    client.metainfo()
    assert service.seen[0].headers["authorization"].startswith("Basic ")
    assert service.seen[0].content == b"grant_type=client_credentials"
