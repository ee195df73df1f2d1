"""Customers: list rows, incremental. Fields after the API's own names (recorded webhook body, and transcribed docs)."""

from __future__ import annotations

from tap_lightspeed.resource import Resource
from tap_lightspeed.schema import (
    Schema,
    address,
    booleans,
    instants,
    integer,
    language,
    record,
    stream,
    text,
    texts,
)


def fields() -> dict[str, Schema]:
    """The fields of a customer, also where it is embedded in an order."""
    return {
        **instants("createdAt", "updatedAt", "lastOnlineAt"),
        **booleans("isConfirmed"),
        **texts("type", "remoteIp", "userAgent", "referralId", "gender", "birthDate", "nationalId", "email"),
        **texts("firstname", "middlename", "lastname", "phone", "mobile"),
        **booleans("isCompany"),
        **texts("companyName", "companyCoCNumber", "companyVatNumber"),
        **address("Billing"),
        "addressShippingCompany": text(),
        **address("Shipping"),
        "memo": text(),
        **booleans("doNotifyRegistered", "doNotifyConfirmed", "doNotifyPassword"),
        "language": language(),
    }


def embedded() -> Schema:
    """A customer inside an order."""
    return record(id=integer(), **fields())


CUSTOMERS = Resource(
    name="customers",
    path="customers",
    schema=stream(**fields()),
    start_setting="customers_start_date",
)
