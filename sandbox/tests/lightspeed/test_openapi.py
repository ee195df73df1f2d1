"""The description of the API: complete, true of every seeded record, and held by what a generator of calls sends."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

import httpx
import jsonschema_rs
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import checks
from shopclient import RECORDED

from sandbox.asgi import app
from sandbox.lightspeed.resources import RESOURCES
from sandbox.openapi import description

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import Case
    from shopclient import Api

    from sandbox.box import Box

VERBS = ("get", "post", "put", "delete")
ANY = {"language": "nl", "id": 1, "parent": 1}
"""Path parameters of a case, until `send` takes real ones."""
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]
REFERRED = {
    "blog": "blogs",
    "article": "blogs/articles",
    "brand": "brands",
    "category": "categories",
    "categoryId": "categories",
    "customer": "customers",
    "deliverydate": "deliverydates",
    "filter": "filters",
    "group": "groups",
    "attribute": "attributes",
    "parent": "categories",
    "product": "products",
    "productId": "products",
    "supplier": "suppliers",
    "tag": "tags",
    "tax": "taxes",
    "type": "types",
    "variant": "variants",
    "variant_id": "variants",
}
"""Field of a body -> the resource whose id it takes."""


def text() -> str:
    """The description as it is shipped."""
    return (description("lightspeed") or b"").decode()


@cache
def described() -> dict[str, Any]:
    """The description, without YAML's shared parts."""
    return json.loads(json.dumps(yaml.load(text(), yaml.CSafeLoader)))


def bare(path: str) -> str:
    """`/{language}/orders/{parent}/products/{id}.json` as `orders/{}/products/{}`."""
    return re.sub(r"\{[^}]+\}", "{}", path).removeprefix("/{}/").removesuffix(".json")


def described_calls() -> Iterator[tuple[str, str]]:
    for path, item in described()["paths"].items():
        for verb in VERBS:
            if verb in item:
                yield verb, path


def real(api: Api, path: str) -> str:
    """A described path with the ids of records that exist in it, as the client wants it."""
    template = bare(path)
    shop = api.service.shops[0]
    listed = template.removesuffix("/count").removesuffix("/{}")
    resource = RESOURCES.get(listed)
    owner = template.split("/{}")[0]
    if owner == "checkouts":
        checkout = next(one for one in shop.checkouts.values() if one["products"])
        ids = [checkout["id"], *(line["id"] for line in checkout["products"])]
    elif resource is not None and resource.parent and not resource.stored:
        rows = list(shop.all(resource.path))
        ids = [rows[-1]["_parent"], rows[-1][resource.key or "id"]] if rows else [newest(api, owner)]
    else:
        ids = [newest(api, owner)]
    left = iter([*ids, 1, 1])
    return re.sub(r"\{\}", lambda _: str(next(left)), template)


def newest(api: Api, path: str) -> int:
    """The id of the newest record of a resource; 1 when it has none."""
    rows = list(api.service.shops[0].all(RESOURCES[path].table)) if path in RESOURCES else []
    return int(rows[-1]["id"]) if rows else 1


class Asgi(httpx.BaseTransport):
    """Calls the box's ASGI app in-process. It never waits here, so no event loop is needed."""

    def __init__(self, box: Box) -> None:
        self._app = app(box)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body, sent = request.read(), list[Any]()

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body}

        async def send(message: Any) -> None:
            sent.append(message)

        raw = request.url.raw_path.split(b"?", 1)[0]
        scope = {"type": "http", "method": request.method, "path": request.url.path, "raw_path": raw}
        scope |= {"query_string": request.url.query, "headers": request.headers.raw, "client": None}
        with pytest.raises(StopIteration):
            self._app(scope, receive, send).send(None)
        start, *parts = sent
        stream = httpx.ByteStream(b"".join(one["body"] for one in parts))
        return httpx.Response(start["status"], headers=start["headers"], stream=stream)


@pytest.fixture
def wired(api: Api) -> Iterator[Api]:
    """The same shop through its ASGI app."""
    own = api.service.shops[0].profile
    with httpx.Client(base_url="http://shop", transport=Asgi(api.box), auth=(own.api_key, own.api_secret)) as http:
        api.http, kept = http, api.http
        yield api
        api.http = kept


@pytest.fixture
def checkout(api: Api) -> int:
    """A checkout with a line."""
    made = api.call("POST", "checkouts", {"mode": "guest"}).json()["id"]
    api.call("POST", f"checkouts/{made}/products", {"variant_id": newest(api, "variants"), "quantity": 1})
    return int(made)


def test_it_is_served_and_names_every_path_of_the_official_client(api):
    """At /_sandbox/openapi.yaml; the same verbs and paths as the derived endpoints, none more, none less."""
    assert api.http.get("/_sandbox/openapi.yaml").text == text()
    if not RECORDED.is_dir():
        pytest.skip("the recorded data lies beside the repository")
    rows = json.loads((RECORDED / "derived/endpoints.json").read_text())["endpoints"]
    known = {(row["method"].lower(), bare(row["path"])) for row in rows if row["client_class"]}
    known |= {(verb, bare(path)) for verb, path in described_calls() if "quantity_discounts" in path}
    assert {(verb, bare(path)) for verb, path in described_calls()} == known


def test_every_described_call_is_served_and_every_other_verb_refused(api, checkout):
    """405 for a verb that a path does not list, and for none that it lists; no path is unknown."""
    wrong = []
    for path, item in described()["paths"].items():
        address = real(api, path)
        for verb in (*VERBS, "patch"):
            if verb == "delete" and verb in item:
                continue
            status = api.call(verb.upper(), address, {} if verb != "get" else None).status_code
            if (status == 405) != (verb not in item) or (verb == "get" and verb in item and status != 200):
                wrong.append((verb, address, status))
    assert wrong == []


def test_every_seeded_record_has_the_described_fields(api):
    """No field more, none less, each of its type: lists, single records and those under a parent."""
    schemas = described()["components"]["schemas"]
    seen: Counter[str] = Counter()
    for verb, path in described_calls():
        if verb != "get" or path.endswith("count.json") or "checkouts" in path:
            continue
        answer = api.call("GET", real(api, path), limit=250)
        (value,) = answer.json().values()
        content = described()["paths"][path]["get"]["responses"]["200"]["$ref"].rsplit("/", 1)[-1]
        (inner,) = described()["components"]["responses"][content]["content"]["application/json"]["schema"][
            "properties"
        ].values()
        name = (inner.get("items") or inner)["$ref"].rsplit("/", 1)[-1]
        whole = {**schemas[name], "components": {"schemas": schemas}}
        check = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        fields = set(schemas[name].get("properties", {}))
        for row in value if isinstance(value, list) else [value]:
            check.validate(row)
            assert not fields or set(row) == fields, (path, set(row) ^ fields)
            seen[path] += 1
    lists = {path for path, resource in RESOURCES.items() if not resource.single}
    assert lists - {bare(path) for path in seen} == set()


def test_generated_calls_meet_no_server_error_and_conform(wired, checkout):
    """One generated call per operation, with the ids of records that exist: each answer is as described."""
    schema = schemathesis.openapi.from_dict(described())
    order = {verb: index for index, verb in enumerate(("get", "post", "put", "delete"))}
    operations = sorted((one.ok() for one in schema.get_all_operations()), key=lambda one: order[one.method.lower()])
    answers: Counter[tuple[str, int]] = Counter()

    def run(case: Case) -> None:
        status = send(wired, case)
        answers[case.method.lower(), status] += 1

    for operation in operations:
        if operation.method.lower() in {"post", "put"} or operation.path.endswith("orders.json"):
            fixed = {} if operation.method.lower() == "get" else {"path_parameters": dict(ANY), "query": {}}
            generated(operation.as_strategy(**fixed), run)
        else:
            run(operation.Case(path_parameters=dict(ANY)))
    assert sum(answers.values()) >= 452
    assert sum(number for (verb, status), number in answers.items() if verb == "post" and status < 300) > 40, answers
    assert answers["put", 200] > 60, answers


JUNK = ([], {"resource": {"id": 1}}, "x", -1, None)
"""Values of which each field of each body gets one after the other."""


def test_junk_in_any_field_is_refused_or_understood(api, checkout):
    """No server error, and what is read back afterwards is still as described."""
    bad = []
    for verb, path in described_calls():
        if verb not in {"post", "put"}:
            continue
        name = described()["paths"][path][verb]["requestBody"]["$ref"].rsplit("/", 1)[-1]
        schema = described()["components"]["requestBodies"][name]["content"]["application/json"]["schema"]
        (envelope, inner), *more = schema["properties"].items()
        if more or inner.get("type") != "object":
            bodies = [{field: junk} for field in schema["properties"] for junk in JUNK]
        else:
            bodies = [{envelope: {field: junk}} for field in inner["properties"] for junk in JUNK]
        for body in bodies:
            answer = api.call(verb.upper(), real(api, path), body)
            if answer.status_code >= 500:
                bad.append((verb, path, body, answer.status_code))
    assert bad == []
    test_every_seeded_record_has_the_described_fields(api)


def generated(strategy: Any, run: Any) -> None:
    """Run a function with one generated case."""

    @seed(20_261_101)
    @settings(
        max_examples=1, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(strategy)
    def once(case: Case) -> None:
        run(case)

    once()


def send(api: Api, case: Case) -> int:
    """Send a case with real ids and check its answer; returns the status."""
    case.path_parameters = dict(ANY)
    if isinstance(case.body, dict):
        case.body = with_real_ids(api, case.body)
    said = case.as_transport_kwargs(base_url="http://shop")
    content = {"json": said["json"]} if "json" in said else {"content": said.get("data"), "files": said.get("files")}
    answer = api.http.request(
        case.method,
        f"/nl/{real(api, case.path)}.json",
        params=said.get("params"),
        headers={name: value for name, value in said["headers"].items() if name.lower() == "content-type"},
        **content,
    )
    case.validate_response(answer, checks=CHECKS)
    return answer.status_code


def with_real_ids(api: Api, value: Any) -> Any:
    """A body whose references mean seeded records."""
    if isinstance(value, list):
        return [with_real_ids(api, one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: newest(api, REFERRED[name]) if name in REFERRED and isinstance(one, int) else with_real_ids(api, one)
        for name, one in value.items()
    }
