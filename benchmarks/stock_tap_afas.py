"""AFAS's peer: a GetConnector read with the SDK's own REST classes, the largest pages, one after the other."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any, ClassVar

import requests
from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.authenticators import APIKeyAuthenticator
from singer_sdk.pagination import BaseOffsetPaginator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from requests import Response

CELLS = 150_000
"""Columns x rows stay below this in a call."""
TYPES: dict[str, Any] = {
    "string": th.StringType,
    "int": th.IntegerType,
    "decimal": th.NumberType,
    "boolean": th.BooleanType,
    "date": th.DateTimeType,
}


def authorization(token: str) -> str:
    """The header of a token."""
    data = f"<token><version>1</version><data>{token}</data></token>"
    return f"AfasToken {b64encode(data.encode()).decode()}"


class Pages(BaseOffsetPaginator):
    """By skip and take until a short page."""

    def has_more(self, response: Response) -> bool:
        """Whether the page was full."""
        return len(response.json()["rows"]) == self._page_size


class Rows(RESTStream[int]):
    """All rows of the connector: every hook left as the SDK has it."""

    primary_keys: ClassVar[Sequence[str]] = ("Id",)
    replication_key = "Modified"
    records_jsonpath = "$.rows[*]"

    @property
    def url_base(self) -> str:
        """Where connectors are."""
        return f"{self.config['base_url']}/connectors"

    @property
    def authenticator(self) -> APIKeyAuthenticator:
        """The token."""
        return APIKeyAuthenticator(key="Authorization", value=authorization(self.config["token"]), location="header")

    @property
    def take(self) -> int:
        """Rows of the largest page."""
        return (CELLS - 1) // int(self.config["columns"])

    def get_new_paginator(self) -> Pages:
        """From the first row."""
        return Pages(0, self.take)

    def get_url_params(self, context: Mapping[str, Any] | None, next_page_token: int | None) -> dict[str, Any]:  # noqa: ARG002 - the SDK's signature
        """A page, sorted by the key."""
        return {"skip": next_page_token or 0, "take": self.take, "orderbyfieldids": "Id"}


class StockTapAfas(Tap):
    """The peer tap."""

    name = "stock-tap-afas"
    config_jsonschema = th.PropertiesList(
        th.Property("base_url", th.StringType, required=True),
        th.Property("token", th.StringType, required=True),
        th.Property("connector", th.StringType, required=True),
        th.Property("columns", th.IntegerType, required=True),
    ).to_dict()

    def discover_streams(self) -> list[Rows]:
        """The connector, with the fields that metainfo has."""
        name = self.config["connector"]
        path = f"{self.config['base_url']}/metainfo/get/{name}"
        answer = requests.get(path, headers={"Authorization": authorization(self.config["token"])}, timeout=60)
        answer.raise_for_status()
        fields = [th.Property(one["id"], TYPES[one["dataType"]]) for one in answer.json()["fields"]]
        return [Rows(self, name=name, schema=th.PropertiesList(*fields).to_dict(), path=f"/{name}")]


if __name__ == "__main__":
    StockTapAfas.cli()
