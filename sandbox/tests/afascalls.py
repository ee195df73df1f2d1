"""Calls of the AFAS API for schemathesis: the description, a sandbox in-process, and names and values that exist."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.config import SchemathesisConfig

from sandbox.afas.documents import KINDS
from sandbox.afas.kinds import MINIMUM, kinds
from sandbox.afas.schema import update_connectors
from sandbox.afas.service import AfasService
from sandbox.asgi import app
from sandbox.box import Box
from sandbox.clock import SandboxClock
from sandbox.http import Headers, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.afas.schema import WriteField, WriteObject

TEXT = files("sandbox.openapi").joinpath("afas.yaml")
CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 1,
        "warnings": False,
        "generation": {"deterministic": True},
        "analysis": {"constants": {"enabled": False}},  # else the examples depend on which modules are loaded
    }
)
SCHEMA = schemathesis.openapi.from_path(str(TEXT), config=CONFIG)
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
CONNECTORS = [label for label in OPERATIONS if "/{connectorId}" in label]
CHECKS = [
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
repeatable = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


class Sandbox:
    """A sandbox that schemathesis calls in-process."""

    def __init__(self, **switches: Any) -> None:
        clock = SandboxClock(datetime(2026, 3, 2, 10, tzinfo=UTC), frozen=True)
        self.service = AfasService(clock, "small", switches)
        self.box = Box(self.service)
        self.app = app(self.box)
        self.known = self.service.credentials()
        self.headers = {"Authorization": "AfasToken " + base64.b64encode(self.known["token"].encode()).decode()}
        self.fresh()
        rows = {one.connector: self.service.tables.all(one.table) for one in KINDS.values()}
        self.numbers = {name: [row["number"] for row in found] for name, found in rows.items()}
        self.lines = {name: [line["guid"] for row in found for line in row["lines"]] for name, found in rows.items()}

    def fresh(self) -> None:
        """Back to the seed, and one more document of each kind."""
        self.box.reset()
        self.written = False
        line = {"Element": {"Fields": {"VaIt": "2", "ItCd": "SKU-0001", "QuUn": 1}}}
        for name, kind in KINDS.items():
            head = {"Fields": {"DbId": "10001"}, "Objects": {kind.lines: line}}
            self.service.writer.write(update_connectors()[name], {name: {"Element": head}}, "POST")

    def check(
        self, case: Any, *more: Any, headers: dict[str, str] | None = None, fault: dict[str, Any] | None = None
    ) -> Any:
        """Send a case to a sandbox in the state of the seed, and hold the answer against the description."""
        if self.written:
            self.fresh()
        if fault is not None:
            self.box.faults.clear()
            self.box.faults.add(fault)
        SCHEMA.app = self.app  # for the calls that a check itself makes
        sent = self.headers if headers is None else headers
        response = case.call_and_validate(app=self.app, headers=sent, checks=[*CHECKS, *more])
        self.written |= case.method != "GET" and response.status_code < 400
        if response.status_code in {401, 403, 404} and "oauth" not in case.path:
            assert response.content == b""
        if response.headers["content-type"][0].startswith("application/xml"):
            assert response.content == b"", "an answer that announces XML has no body"
        return response

    def call(self, method: str, path: str, query: str = "", body: bytes = b"") -> Any:
        """A call without schemathesis, for what it can't send."""
        self.written |= method != "GET"
        request = Request(method, "/ProfitRestServices/" + path, query, Headers(self.headers), body)
        return self.box.answer(request).reply


# -- what is sent ------------------------------------------------------------------------------------------------------

NUMBERS = st.integers() | st.sampled_from([0, 1, -1, 1.5, 1e300, 10**40])
WORDS = st.text(max_size=12) | st.sampled_from(["*****", "0001-01-01", "2026-02-30", "24:00", "²", "1e5", "x" * 300])
JUNK = st.none() | st.booleans() | NUMBERS | WORDS | st.just([]) | st.just({"Fields": {}})
LINE = {"VaIt": ["2", 2, "Art"], "ItCd": ["SKU-0001", "sku-0002"], "QuUn": [1, "2.5", -1, 0], "Upri": [10, "12.34"]}
ADDRESS = {"CoId": ["NL"], "PbAd": [False], "Ad": ["Stadsring"], "HmNr": [69], "ZpCd": ["3811HN"], "Rs": ["Amersfoort"]}
NAMED = {"AutoNum": [True], "ViGe": ["M"], "Nm": ["Bakkerij"], "LaNm": ["Jansen"], "ViKc": ["PRS", "AFD"]}
MATCH = {"MatchOga": ["6", 0, 1, 2, 3, 4, 5, 7, 8, 9], "MatchPer": ["7", 0, 1, 2, 3, 4, 5, 6, 8, 9]}
CUSTOMER = {"DbId": ["10001", 10002], "CuId": ["EUR"], "IsDb": [True], "PaCd": ["14"], "ColA": ["1300"]}
OTHER = {"VaOt": ["03"], "BcCo": ["1000001"], "CdId": [1001], "OrDa": ["2026-03-01"]}
GOOD = LINE | ADDRESS | NAMED | MATCH | CUSTOMER | OTHER
"""Values by code, the one that fits mostly first."""
NEEDED = {"KnOrganisation", "KnPerson", "KnBasicAddressAdr"}


def rarely(draw: Callable[..., Any]) -> bool:
    """Once in eight times."""
    return bool(draw(st.integers(0, 7)) == 7)


def elements(draw: Callable[..., Any], spec: WriteObject, orders: list[str], **more: Any) -> Any:
    """One element or two."""
    made = [element(draw, spec, orders, **more) for _ in range(draw(st.integers(1, 2)))]
    return made if len(made) > 1 or rarely(draw) else made[0]


def element(
    draw: Callable[..., Any], spec: WriteObject, orders: list[str], *, insert: bool, sub: str = "", root: bool = True
) -> dict[str, Any]:
    """An element of a body that may well be accepted, now and then with a value or an action that may not be."""
    if not spec.own:
        return record(draw, spec, insert=insert, sub=sub, root=root)
    good = GOOD | {"OrNu": orders[-2:]} | ({} if insert else {match: codes[1:] for match, codes in MATCH.items()})
    codes = {code for code in good if code in spec.fields}
    if root and not insert:
        codes &= {"OrNu", "QuUn"} if "OrNu" in codes else {"DbId", "BcCo", "CdId", *MATCH}
    elif insert and "VaOt" not in codes:
        codes -= {"OrNu", "BcCo", "CdId"} | ({"DbId"} if spec.key else set())
    fields = {code: draw(st.sampled_from(good[code])) for code in good if code in codes}
    if rarely(draw):
        fields[draw(st.sampled_from(list(spec.fields)))] = draw(JUNK)
    if rarely(draw):
        fields["@Action"] = draw(st.sampled_from(["insert", "update", "delete"]))
    made: dict[str, Any] = {"Fields": fields}
    if spec.key and spec.key in fields:
        made["@" + spec.key] = fields.pop(spec.key)
    needed = {spec.name + "Lines", *NEEDED} if insert else {sub, *(NEEDED if spec.key else ())}
    below = [child for child in spec.children.values() if rarely(draw) != (child.name in needed)]
    objects = [
        {child.name: {"Element": elements(draw, child, orders, insert=insert or child.name == sub, root=False)}}
        for child in below
    ]
    if objects:
        made["Objects"] = objects if draw(st.booleans()) else {k: v for one in objects for k, v in one.items()}
    return made


PLAIN = {"i": 1, "n": 1, "b": True, "d": "2026-03-01", "t": "2026-03-01T10:00:00", "g": "{" + "0" * 8 + "-0000" * 3}
PLAIN["g"] += "-" + "0" * 12 + "}"


def fitting(field: WriteField) -> Any:
    """A value that a field of a connector without logic of its own takes."""
    known = {"JoCo": "70", "AcNr": "1400", "VaRc": "1"} | {code: values[0] for code, values in GOOD.items()}
    if field.code in known:
        return known[field.code]
    return next(iter(field.values)) if field.values else PLAIN.get(field.kind, "A"[: field.length or None])


def record(draw: Callable[..., Any], spec: WriteObject, *, insert: bool, sub: str, root: bool) -> dict[str, Any]:
    """An element of a connector without logic of its own: what it needs, now and then with a value that may not fit."""
    keys = next((kind.key for kind in kinds().values() if root and kind.connector.root is spec), spec.put)
    codes = {*keys, *(code for needed in MINIMUM.get(spec.path, ()) if insert for code in needed.split("|"))}
    fields = {code: fitting(spec.fields[code]) for code in sorted(codes) if code in spec.fields}
    if spec.fields and rarely(draw):
        fields[draw(st.sampled_from(list(spec.fields)))] = draw(JUNK)
    if rarely(draw):
        fields["@Action"] = draw(st.sampled_from(["insert", "update", "delete"]))
    made: dict[str, Any] = {"Fields": fields}
    below = [child for child in spec.children.values() if child.name == sub or draw(st.booleans())]
    objects = {
        child.name: {"Element": elements(draw, child, [], insert=insert or child.name == sub, root=False)}
        for child in below
    }
    return made | ({"Objects": objects} if objects else {})


@st.composite
def asked(draw: Callable[..., Any], fields: list[str]) -> dict[str, Any]:
    """The query of a GetConnector call with fields that the connector has."""
    some = st.lists(st.sampled_from(fields), min_size=1, max_size=3)
    values = st.sampled_from(["", "1", "a", "true", "%a%", "2026-01-31T08:00:00", "2026-01-31", "10001", "=a", ">1"])
    names = draw(some)
    operators = [str(draw(st.integers(1, 15))) for _ in names]
    texts = [draw(values | WORDS) for _ in names]
    query: dict[str, Any] = {"skip": draw(st.integers(-2, 30)), "take": draw(st.integers(-1, 30))}
    query["orderbyfieldids"] = ",".join(draw(st.sampled_from(["", "-"])) + name for name in draw(some))
    if draw(st.booleans()):
        terms = [
            {"@FieldId": n, "@OperatorType": o, "#text": t} for n, o, t in zip(names, operators, texts, strict=True)
        ]
        return query | {"filterjson": json.dumps({"Filters": {"Filter": [{"@FilterId": "1", "Field": terms}]}})}
    between = draw(st.sampled_from([",", ";"]))
    return query | {
        "filterfieldids": between.join(names),
        "operatortypes": between.join(operators),
        "filtervalues": between.join(texts),
    }


@st.composite
def known(draw: Callable[..., Any], afas: Sandbox, label: str, connector: str) -> Any:
    """A case in which the names are those of the environment."""
    operation = OPERATIONS[label]
    sent: dict[str, Any] = {"headers": {"Accept-Language": draw(st.sampled_from(["nl-nl", "en-us"]))}}
    path: dict[str, Any] = {"connectorId": connector}
    if label.startswith("GET /connectors"):
        sent["query"] = draw(asked([field.id for field in afas.service.connectors()[connector].fields]))
    elif not label.startswith("GET"):
        spec = update_connectors()[connector]
        orders = afas.numbers.get(connector, afas.numbers["FbSales"])
        if operation.method.upper() == "DELETE":
            path |= {
                "mainObject": spec.root.name,
                "keys": draw(st.sampled_from(["@OrNu", "OrNu", "DbId", "OrNu,DbId"])),
            }
            path["values"] = draw(st.sampled_from(orders[-1:]) | WORDS.filter(bool))
            guid = draw(st.sampled_from(afas.lines.get(connector, ["x"])) | WORDS.filter(bool))
            path |= {"subObject": connector + "Lines", "subKeys": draw(st.sampled_from(["GuLi", "@GuLi"]))}
            path["subValues"] = guid
            if not spec.root.own:
                path["keys"] = draw(st.sampled_from(["@", ""])) + ",".join(kinds()[connector].key)
                path["values"] = ",".join(draw(st.sampled_from(["1", "A"])) for _ in kinds()[connector].key)
                path["subObject"] = draw(st.sampled_from([*spec.root.children, connector]))
        else:
            sub = draw(st.sampled_from(sorted(spec.subs))) if "{subObject}" in label else ""
            insert = operation.method.upper() == "POST" and not sub
            sent["body"] = {spec.root.name: {"Element": elements(draw, spec.root, orders, insert=insert, sub=sub)}}
            sent["media_type"] = "application/json"
            path["subObject"] = sub
    places = {name: value for name, value in path.items() if f"{{{name}}}" in label}
    return operation.Case(path_parameters=places, **sent)


def good(afas: Sandbox, label: str) -> dict[str, Any]:
    """What to send so that an operation does its work."""
    attached = afas.call("GET", "connectors/Profit_Subject_Attachments").value()["rows"][0]
    pictured = afas.call("GET", "connectors/Items_Pictures", "filterfieldids=Bestand_id&filtervalues=x&operatortypes=9")
    image = pictured.value()["rows"][0]
    file = {"fileId": image["Bestand_id"], "fileName": image["Bestandsnaam"]}
    subject = {"subjectId": attached["subject_id"], "fileId": attached["file_id"]}
    order = {"connectorId": "FbSales", "mainObject": "FbSales", "keys": "@OrNu", "values": afas.numbers["FbSales"][-1]}
    line = {"subObject": "FbSalesLines", "subKeys": "GuLi", "subValues": afas.lines["FbSales"][-1]}
    adding = {"Objects": {"FbSalesLines": {"Element": {"Fields": {"VaIt": "2", "ItCd": "SKU-0001", "QuUn": 1}}}}}
    body: Any = {"FbSales": {"Element": {"Fields": {"OrNu": order["values"], "RfCs": "WS-1"}, **adding}}}
    if label == "POST /connectors/{connectorId}":
        body = {"FbSales": {"Element": {"Fields": {"DbId": "10001"}, **adding}}}
    if "oauth" in label:
        names = ("client_id", "client_secret")
        body = {"grant_type": "client_credentials", **{name: afas.known[name] for name in names}}
    path = {**file, **(subject if "Subject" in label else {}), **order, **line, "imageId": image["Afbeelding_id"]}
    if label.startswith("GET") and "update" not in label:
        path["connectorId"] = "Commerce_Orders"
    queries = {
        "GET /ImageConnector/{imageId}": {"format": 0},
        "GET /FileConnector": {"fileid": file["fileId"], "filename": file["fileName"]},
        "GET /SubjectConnector": {"SubjectId": subject["subjectId"], "FileId": subject["fileId"]},
    }
    sent: dict[str, Any] = {"path_parameters": {k: v for k, v in path.items() if f"{{{k}}}" in label}}
    if label in queries:
        sent["query"] = queries[label]
    if label.startswith(("POST", "PUT")):
        media = "application/x-www-form-urlencoded" if "oauth" in label else "application/json"
        sent |= {"body": body, "media_type": media}
    return sent
