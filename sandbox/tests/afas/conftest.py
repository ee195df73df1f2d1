"""A small client for the tests: calls the service through its box, as a driver would."""

from __future__ import annotations

import base64
import importlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest

# With --import-mode=importlib pytest names this file `sandbox.tests.afas.conftest`, after its folder, and to that end
# puts a namespace `sandbox` where the package belongs. Whichever comes first stays: let it be the package.
if getattr(sys.modules.get("sandbox"), "__file__", None) is None:
    sys.modules.pop("sandbox", None)
    importlib.import_module("sandbox")

from sandbox.afas.service import AfasService
from sandbox.box import Box
from sandbox.clock import SandboxClock
from sandbox.http import Headers, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Callable


START = datetime(2026, 3, 2, 10, 0, 0, 123456, tzinfo=UTC)
RECORDED = Path(__file__).parents[4] / "shared" / "reference" / "afas" / "recorded"
"""Recorded specifications and answers; they lie beside the repository, not in it."""


class Client:
    """Calls one AFAS sandbox."""

    def __init__(self, seed: str, switches: dict[str, Any], start: datetime = START) -> None:
        self.clock = SandboxClock(start, frozen=True)
        self.service = AfasService(self.clock, seed, switches)
        self.box = Box(self.service)
        self.authorization = self.classic()
        self.language = "nl-nl"

    def classic(self) -> str:
        token = self.service.credentials()["token"]
        return "AfasToken " + base64.b64encode(token.encode()).decode()

    def call(
        self,
        method: str,
        path: str,
        query: str = "",
        body: bytes | None = None,
        headers: list[tuple[str, str]] | None = None,
    ) -> Reply:
        given = [("Authorization", self.authorization), ("Accept-Language", self.language)]
        whole = f"/ProfitRestServices/{path}" if not path.startswith("/") else path
        request = Request(method, whole, query, Headers(given if headers is None else headers), body or b"")
        reply = self.box.answer(request).reply
        assert reply is not None
        return reply

    def get(self, path: str, query: str = "", **params: str) -> Reply:
        return self.call("GET", path, query or urlencode(params, quote_via=quote))

    def rows(self, connector: str, query: str = "", **params: str) -> list[dict[str, Any]]:
        reply = self.get(f"connectors/{connector}", query, **params)
        assert reply.status == 200, reply.body
        found: list[dict[str, Any]] = reply.value()["rows"]
        return found

    def write(self, method: str, path: str, value: Any) -> Reply:
        return self.call(method, f"connectors/{path}", body=json.dumps(value, default=str).encode())

    def order(self, *lines: dict[str, Any], **fields: Any) -> str:
        """Insert an order; its number."""
        reply = self.write("POST", "FbSales", sales(*lines, **fields))
        assert reply.status == 201, reply.body
        number: str = reply.value()["results"]["FbSales"]["OrNu"]
        return number

    def refused(self, method: str, path: str, value: Any, status: int = 500) -> str:
        """The message of a refusal."""
        reply = self.write(method, path, value)
        assert reply.status == status, (reply.status, reply.body)
        text: str = reply.value()["externalMessage"]
        return text

    def control(self, path: str, **order: Any) -> Any:
        body = json.dumps(order, default=str).encode()
        reply = self.box.answer(Request("POST", f"/_sandbox/{path}", "", Headers(), body)).reply
        assert reply is not None
        assert reply.status in {200, 201}, reply.body
        return reply.value()

    def book(self, number: str) -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in self.box.books()["orders"] if one["number"] == number)
        return found


def sales(*lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The body of an order; without lines one article."""
    chosen = lines or ({"VaIt": "2", "ItCd": "SKU-0001", "QuUn": 1, "Upri": 10},)
    elements = [{"Fields": line} for line in chosen]
    given = {"DbId": "10001", **fields}
    if "OrNu" in given and fields.get("DbId") is None:
        given = {code: value for code, value in given.items() if code != "DbId"}
    return {"FbSales": {"Element": {"Fields": given, "Objects": [{"FbSalesLines": {"Element": elements}}]}}}


@pytest.fixture
def body() -> Callable[..., dict[str, Any]]:
    """Makes the body of an order."""
    return sales


@pytest.fixture
def make() -> Callable[..., Client]:
    """Makes a client: seed, then switches."""

    def made(seed: str = "small", **switches: Any) -> Client:
        return Client(seed, switches)

    return made


@pytest.fixture
def afas() -> Client:
    """A client of the small seed with every switch at its default."""
    return Client("small", {})


@pytest.fixture
def recorded() -> Path:
    """The recorded material."""
    if not RECORDED.is_dir():
        pytest.skip("the recorded material is not here")
    return RECORDED
