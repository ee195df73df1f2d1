"""A small client that speaks to a shop in a box, in-process."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from sandbox.lightspeed.shop import PROFILES
from sandbox.testing import transport

if TYPE_CHECKING:
    from sandbox.box import Box

RECORDED = Path(__file__).parents[4] / "shared" / "reference" / "lightspeed" / "recorded"
MANY = {"rate_limits": "100000/1000000/10000000"}


class Api:
    """Calls as a client makes them; numbers come back as Decimal."""

    def __init__(self, box: Box, shop: int = 1, language: str = "nl", auth: tuple[str, str] | None = None) -> None:
        own = PROFILES[shop - 1]
        self.box, self.language = box, language
        self.service = box.service
        self.http = httpx.Client(
            base_url="http://shop", transport=transport(box), auth=auth or (own.api_key, own.api_secret), timeout=60
        )

    def call(self, verb: str, path: str, body: Any = None, **params: Any) -> httpx.Response:
        """One call; `path` without language and `.json`."""
        content = None if body is None else json.dumps(body, default=float)
        return self.http.request(verb, f"/{self.language}/{path}.json", content=content, params=params)

    def get(self, path: str, **params: Any) -> Any:
        """The single value in the envelope of a good answer."""
        return one(self.call("GET", path, **params))

    def put(self, path: str, envelope: str, **fields: Any) -> Any:
        """The record after a good write."""
        return one(self.call("PUT", path, {envelope: fields}))

    def post(self, path: str, envelope: str, **fields: Any) -> Any:
        """The record after a good create."""
        return one(self.call("POST", path, {envelope: fields}))

    def control(self, verb: str, path: str, body: Any = None) -> Any:
        """A control call."""
        answer = self.http.request(
            verb, f"/_sandbox/{path}", content=None if body is None else json.dumps(body, default=float)
        )
        assert answer.status_code < 300, answer.text
        return json.loads(answer.text, parse_float=Decimal) if answer.content else None

    def place(self, **said: Any) -> dict[str, Any]:
        """Place a described order and read it as a client would."""
        shop = said.pop("shop", "shop1")
        placed = self.control("POST", "orders", {"shop": shop, "order": said})["orders"][0]
        order: dict[str, Any] = self.get(f"orders/{placed['id']}")
        return order


def one(answer: httpx.Response) -> Any:
    assert answer.status_code < 300, answer.text
    value = json.loads(answer.text, parse_float=Decimal)
    (inner,) = value.values()
    return inner


def embedded(order: dict[str, Any], name: str) -> Any:
    return order[name]["resource"]["embedded"]
