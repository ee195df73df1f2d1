"""The AFAS sandbox against its OpenAPI description: what it says is served, and each answer is one that it allows."""

from __future__ import annotations

import ast
import base64
import inspect
import re
from typing import Any

import pytest
import schemathesis
from afascalls import CONFIG, CONNECTORS, OPERATIONS, SCHEMA, TEXT, Sandbox, good, known, repeatable
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import ignored_auth
from schemathesis.errors import InvalidSchema
from toy import Toy

from sandbox.afas import file_set, requests, service
from sandbox.afas.kinds import kinds
from sandbox.afas.schema import update_connectors
from sandbox.box import Box
from sandbox.clock import SandboxClock
from sandbox.http import Request


@pytest.fixture(scope="module")
def standing() -> Sandbox:
    return Sandbox()


@pytest.fixture
def afas(standing: Sandbox) -> Sandbox:
    if standing.written:
        standing.fresh()
    return standing


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("label", OPERATIONS)
def test_any_call_has_an_answer_of_the_description(afas: Sandbox, label: str, mode: GenerationMode) -> None:
    """Whatever is sent to an operation, right or wrong: the sandbox does not break down and answers as described."""
    cases = OPERATIONS[label].as_strategy(generation_mode=mode)

    @settings(repeatable, max_examples=5)
    @given(st.data())
    def run(data: Any) -> None:
        try:
            case = data.draw(cases)
        except InvalidSchema:  # the generator gives up on some mutations of a recursive object
            assume(False)
        afas.check(case)

    run()


READS = [("GET /connectors/{connectorId}", name) for name in ("Commerce_Orders", "Profit_Article", "ProfitCountries")]
WITHOUT_FIELD_LIST = {"FiCommitment", "HrIllness", "KnCustomK02", "PtItemSet"}
"""Of those whose fields are not recorded a few of every shape."""
WRITES = [
    (label, one.id)
    for label in CONNECTORS
    for one in update_connectors().values()
    if label.split()[0] in one.methods and ("{subObject}" not in label or one.subs)
    if one.recorded or one.id in WITHOUT_FIELD_LIST
]


@pytest.mark.parametrize(("label", "connector"), [*READS, *WRITES])
def test_known_names_have_an_answer_of_the_description(afas: Sandbox, label: str, connector: str) -> None:
    """The same with connectors, fields and keys that exist, and values of which most fit."""
    own = connector not in kinds()

    @settings(repeatable, max_examples=6 if own else 3)
    @given(known(afas, label, connector))
    def run(case: Any) -> None:
        afas.check(case)

    run()


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_operation_is_served(afas: Sandbox, label: str) -> None:
    """What the description promises the sandbox does, and only for who may: without a token it answers 401."""
    case = OPERATIONS[label].Case(**good(afas, label))
    free = "oauth" in label
    assert afas.check(case, *([] if free else [ignored_auth]), headers={} if free else None).status_code in {200, 201}
    if not free:
        for wrong in ({}, {"Authorization": "Bearer x"}, {"Authorization": "AfasToken x"}):
            assert afas.check(OPERATIONS[label].Case(**good(afas, label)), headers=wrong).status_code == 401


@pytest.mark.parametrize("label", [label for label in OPERATIONS if re.search("/(Image|File|Subject)Connector", label)])
def test_files_come_as_bytes_too(afas: Sandbox, label: str) -> None:
    """With SendFileAsBinary the answer is the file, and no JSON."""
    sent = good(afas, label)
    text = afas.check(OPERATIONS[label].Case(**sent)).json()["filedata"]
    raw = afas.check(OPERATIONS[label].Case(**sent, headers={"SendFileAsBinary": "1"}))
    assert raw.content == base64.b64decode(text)


@pytest.mark.parametrize(
    ("switches", "fault", "statuses"),
    [
        ({"ip_refused": True}, None, {403}),
        ({"profit_version": 9}, None, {200, 201}),
        ({"profit_version": 7, "profit_error_header": False}, None, {200, 201}),
        ({"put_answer": "empty"}, None, {200, 201}),
        ({}, {"name": "status_503"}, {503}),
        ({}, {"name": "status_503", "params": {"retry_after": None}}, {503}),
        ({}, {"name": "too_many_calls"}, {500}),
        ({}, {"name": "server_timeout"}, {500}),
        ({}, {"name": "denied"}, {500}),
        ({"denied_connector": 401}, {"name": "denied"}, {401}),
        ({}, {"name": "expired_token"}, {401}),
        ({}, {"name": "temporary_404"}, {404}),
    ],
    ids=str,
)
def test_every_environment_and_refusal_is_described(
    switches: dict[str, Any], fault: dict[str, Any] | None, statuses: set[int]
) -> None:
    """Versions of Profit, answers that differ per environment, and refusals of every sort."""
    afas = Sandbox()
    sent = {label: good(afas, label) for label in OPERATIONS if fault is None or "oauth" not in label}
    afas.service.switches.set(switches)
    for label, parts in sent.items():
        response = afas.check(OPERATIONS[label].Case(**parts), fault=fault)
        assert response.status_code in statuses, label


@pytest.mark.parametrize("version", [8, 9])
def test_the_token_endpoint_is_described(version: int) -> None:
    """The token of each version, and its refusals in the body and in a Basic header."""
    afas = Sandbox(profit_version=version)
    basic = "Basic " + base64.b64encode(b"demo-client:wrong").decode()

    def asked_for(headers: dict[str, str], **form: str) -> tuple[int, str]:
        media = "application/x-www-form-urlencoded"
        case = OPERATIONS["POST /oauth/token"].Case(body={"grant_type": "client_credentials", **form}, media_type=media)
        response = afas.check(case, headers=headers)
        return response.status_code, response.json().get("error", "")

    assert asked_for({}, client_id=afas.known["client_id"], client_secret=afas.known["client_secret"]) == (200, "")
    assert asked_for({}, client_id="nobody", client_secret="x") == (400, "invalid_client")
    assert asked_for({}, grant_type="password") == (400, "unsupported_grant_type")
    assert asked_for({}) == (400, "invalid_request")
    refused = (401, "invalid_client") if version == 9 else (400, "invalid_request")
    assert asked_for({"Authorization": basic}) == refused


DEEP = 3_000


@pytest.mark.parametrize(
    ("method", "path", "query", "body"),
    [
        ("POST", "connectors/FbSales", "", b"[" * DEEP + b"]" * DEEP),
        ("POST", "connectors/FbSales", "", b'{"FbSales":' * DEEP + b"1" + b"}" * DEEP),
        ("POST", "connectors/FbSales", "", b"9" * 5_000),
        ("POST", "connectors/FbSales", "", b"\xff\xfe{"),
        ("POST", "connectors/FbSales", "", b""),
        ("GET", "connectors/Commerce_Orders", "filterjson=" + "[" * 2_000, b""),
        ("GET", "connectors/Commerce_Orders", "filterfieldids=Id&filtervalues=1&operatortypes=%C2%B2", b""),
        ("GET", "connectors/Commerce_Orders", "skip=" + "9" * 2_000, b""),
        ("GET", "connectors/Commerce_Orders", "skip=%FF&take=%00&orderbyfieldids=,,-", b""),
        ("GET", "connectors/" + "x" * 9_000, "", b""),
        ("GET", "connectors/" + "x/" * 9_000, "", b""),
        ("GET", "connectors/%", "%", b""),
        ("GET", "ImageConnector/" + "9" * 5_000, "format=0", b""),
        ("GET", "ImageConnector/²", "format=0", b""),
        ("GET", "SubjectConnector/" + "9" * 5_000 + "/x", "", b""),
        ("DELETE", "connectors/FbSales/FbSales/,,/,", "", b""),
        ("POST", "oauth/token", "", b"\xff=&&&=="),
    ],
)
def test_hostile_calls_are_refused_in_an_orderly_way(
    afas: Sandbox, method: str, path: str, query: str, body: bytes
) -> None:
    """What no client of this API would send has one of the described answers too."""
    reply = afas.call(method, path, query, body)
    assert reply.status in {200, 400, 404, 500}
    if reply.status == 500:
        assert set(reply.value()) == {"externalMessage", "errorNumber", "profitLogReference"}


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e999999999", "-1e-999999999", "9" * 4_000, '"\\ud800"', "[[]]"])
@pytest.mark.parametrize("code", ["RfCs", "OrDa", "Rate", "BkOr", "Unit", "OrNu"])
def test_hostile_values_are_refused_or_stored(afas: Sandbox, code: str, value: str) -> None:
    """A value that JSON allows, or Python's JSON: stored or refused, and what is stored can be read again."""
    fields = f'"DbId":"10001","{code}":{value}'
    body = f'{{"FbSales":{{"Element":{{"Fields":{{{fields}}}}}}}}}'.encode()
    assert afas.call("POST", "connectors/FbSales", body=body).status in {201, 400, 500}
    assert afas.call("GET", "connectors/Commerce_Orders", "take=9999").status == 200
    assert afas.box.books()["orders"]


# -- both ways ---------------------------------------------------------------------------------------------------------


def described(method: str, path: str) -> bool:
    """Whether the description has a path, without case, and the verb on it."""
    for label in OPERATIONS:
        verb, template = label.split(" ", 1)
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        if verb == method and re.fullmatch(pattern, "/" + path, re.IGNORECASE):
            return True
    return False


def test_what_is_served_is_described(afas: Sandbox) -> None:
    """Every word of the sandbox's router, tried as a path of any length: what answers is described."""
    modules = (requests, service, file_set)
    nodes = (node for module in modules for node in ast.walk(ast.parse(inspect.getsource(module))))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    words = {text.strip("/") for text in texts if re.fullmatch(r"[A-Za-z]+(/[A-Za-z]+)*", text)}
    assert {"connectors", "metainfo", "profitversion", "imageconnector"} <= words
    firsts = {label.casefold().split("/")[1] for label in OPERATIONS}
    served = set()
    for word in sorted(words | {f"{one}/{two}" for one in ("metainfo", "oauth") for two in words if "/" not in two}):
        for length in range(8):
            path = "/".join([word, *["FbSales"] * length])
            if not requests.Paths(Request("GET", f"/ProfitRestServices/{path}")).known:
                continue
            assert path.casefold().split("/")[0] in firsts
            for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"):
                if afas.call(method, path, body=b"{}").status != 404:
                    served.add((method, path))
    refused = {found for found in served if found[1].casefold() == "oauth/token" and found[0] != "POST"}
    assert [found for found in sorted(served - refused) if not described(*found)] == []
    assert {verb for verb, _ in served - refused} == {"GET", "POST", "PUT", "DELETE"}


def test_every_path_answers_a_preflight(afas: Sandbox) -> None:
    """OPTIONS on each described path tells a browser the verbs and headers."""
    for label in OPERATIONS:
        path = re.sub(r"\{\w+\}", "x", label.split(" /", 1)[1])
        reply = afas.call("OPTIONS", path)
        assert (reply.status, reply.body) == (200, b"")
        assert reply.headers.get("access-control-allow-methods") == "GET, POST, PUT, DELETE, OPTIONS"


def test_the_description_is_valid_and_served(afas: Sandbox) -> None:
    """It is OpenAPI 3.1, and the running sandbox gives it to whoever asks."""
    SCHEMA.validate()
    assert SCHEMA.raw_schema["openapi"].startswith("3.1.")
    reply = afas.box.answer(Request("GET", "/_sandbox/openapi.yaml")).reply
    assert reply is not None
    assert (reply.status, reply.headers.media_type) == (200, "application/yaml")
    assert reply.body == TEXT.read_bytes()
    loaded = schemathesis.openapi.from_asgi("/_sandbox/openapi.yaml", afas.app, config=CONFIG)
    assert loaded.raw_schema == SCHEMA.raw_schema


def test_a_service_without_description_has_none() -> None:
    """Asking another service for it is an unknown control path."""
    reply = Box(Toy(SandboxClock(frozen=True))).answer(Request("GET", "/_sandbox/openapi.yaml")).reply
    assert reply is not None
    assert reply.status == 404
