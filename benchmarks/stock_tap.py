"""The peer: what anyone writes in an hour with the SDK's own REST classes, against the same server."""

from __future__ import annotations

from typing import Any, ClassVar

from requests.auth import HTTPBasicAuth
from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.pagination import BasePageNumberPaginator

NULLABLE = {"type": ["string", "number", "boolean", "object", "array", "null"]}


class Pages(BasePageNumberPaginator):
    """Pages of 250 until a short one."""

    def has_more(self, response: Any) -> bool:
        return len(next(iter(response.json().values()))) == 250


class StockStream(RESTStream[int]):
    """A stock stream: every hook left as the SDK has it."""

    primary_keys: ClassVar[list[str]] = ["id"]
    replication_key = "updatedAt"

    @property
    def url_base(self) -> str:
        return f"{self.config['base_url']}/nl"

    @property
    def authenticator(self) -> HTTPBasicAuth:
        return HTTPBasicAuth(self.config["api_key"], self.config["api_secret"])

    def get_new_paginator(self) -> Pages:
        return Pages(1)

    def get_url_params(self, context: Any, next_page_token: int | None) -> dict[str, Any]:
        return {"limit": 250, "page": next_page_token or 1}


class Customers(StockStream):
    """All fields of a customer."""

    name = "customers"
    path = "/customers.json"
    records_jsonpath = "$.customers[*]"
    TEXTS: ClassVar[list[str]] = [
        "type", "remoteIp", "userAgent", "nationalId", "email", "firstname", "middlename", "lastname", "phone", "mobile",
        "companyName", "companyCoCNumber", "companyVatNumber", "memo",
        *(f"address{side}{part}" for side in ("Billing", "Shipping") for part in ("Name", "Street", "Street2", "Number", "Extension", "Zipcode", "City", "Region")),
    ]  # fmt: skip
    schema = th.PropertiesList(
        th.Property("id", th.IntegerType),
        th.Property("createdAt", th.DateTimeType),
        th.Property("updatedAt", th.DateTimeType),
        *(th.Property(name, th.BooleanType) for name in ("isConfirmed", "isCompany", "doNotifyRegistered", "doNotifyConfirmed", "doNotifyPassword")),
        *(th.Property(name, th.CustomType(NULLABLE)) for name in [*TEXTS, "lastOnlineAt", "gender", "birthDate", "referralId", "language"]),
        *(th.Property(f"address{side}Country", th.CustomType(NULLABLE)) for side in ("Billing", "Shipping")),
    ).to_dict()


class StockTap(Tap):
    """The peer tap."""

    name = "stock-tap"
    config_jsonschema = th.PropertiesList(
        th.Property("base_url", th.StringType, required=True),
        th.Property("api_key", th.StringType, required=True),
        th.Property("api_secret", th.StringType, required=True),
    ).to_dict()

    def discover_streams(self) -> list[StockStream]:
        return [Customers(self)]


if __name__ == "__main__":
    StockTap.cli()
