"""The peer: what anyone writes in an hour with the SDK's own REST classes, against the same server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from requests.auth import HTTPBasicAuth
from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.pagination import BasePageNumberPaginator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from requests import Response

ANYTHING = th.CustomType({"type": ["string", "number", "boolean", "object", "array", "null"]})
PAGE = 250

ADDRESS = ("Name", "Street", "Street2", "Number", "Extension", "Zipcode", "City", "Region", "Country")
ADDRESSES = [f"address{side}{part}" for side in ("Billing", "Shipping") for part in ADDRESS]


def _schema(times: Sequence[str], booleans: Sequence[str], numbers: Sequence[str], others: Sequence[str]) -> Any:
    return th.PropertiesList(
        th.Property("id", th.IntegerType),
        *(th.Property(name, th.DateTimeType) for name in times),
        *(th.Property(name, th.BooleanType) for name in booleans),
        *(th.Property(name, th.NumberType) for name in numbers),
        *(th.Property(name, ANYTHING) for name in others),
    ).to_dict()


class Pages(BasePageNumberPaginator):
    """Pages of 250 until a short one."""

    def has_more(self, response: Response) -> bool:
        """Whether the page was full."""
        return len(next(iter(response.json().values()))) == PAGE


class StockStream(RESTStream[int]):
    """A stock stream: every hook left as the SDK has it."""

    primary_keys: ClassVar[Sequence[str]] = ("id",)
    replication_key = "updatedAt"

    @property
    def url_base(self) -> str:
        """The shop's address with its language."""
        return f"{self.config['base_url']}/nl"

    @property
    def authenticator(self) -> HTTPBasicAuth:
        """Key and secret."""
        return HTTPBasicAuth(self.config["api_key"], self.config["api_secret"])

    def get_new_paginator(self) -> Pages:
        """From page 1."""
        return Pages(1)

    def get_url_params(self, context: Mapping[str, Any] | None, next_page_token: int | None) -> dict[str, Any]:  # noqa: ARG002 - the SDK's signature
        """The largest pages."""
        return {"limit": PAGE, "page": next_page_token or 1}


class Customers(StockStream):
    """All fields of a customer."""

    name = "customers"
    path = "/customers.json"
    records_jsonpath = "$.customers[*]"
    schema = _schema(
        ("createdAt", "updatedAt"),
        ("isConfirmed", "isCompany", "doNotifyRegistered", "doNotifyConfirmed", "doNotifyPassword"),
        (),
        (
            *("type", "remoteIp", "userAgent", "nationalId", "email", "firstname", "middlename", "lastname", "phone"),
            *("mobile", "companyName", "companyCoCNumber", "companyVatNumber", "memo", "lastOnlineAt", "gender"),
            *("birthDate", "referralId", "language", "groups", "tokens", "metafields"),
            *ADDRESSES,
        ),
    )


class Orders(StockStream):
    """The usual fields of an order."""

    name = "orders"
    path = "/orders.json"
    records_jsonpath = "$.orders[*]"
    schema = _schema(
        ("createdAt", "updatedAt"),
        ("newsletterSubscribed", "isCompany", "paymentIsPost", "paymentIsInvoiceExternal", "shipmentIsPickup"),
        (
            *("priceCost", "priceExcl", "priceIncl", "weight", "volume", "colli", "paymentTaxRate", "paymentPriceExcl"),
            *("paymentPriceIncl", "shipmentTaxRate", "shipmentPriceExcl", "shipmentPriceIncl", "discountAmount"),
            "discountPercentage",
        ),
        (
            *("number", "status", "channel", "remoteIp", "userAgent", "gender", "birthDate", "nationalId", "email"),
            *("firstname", "middlename", "lastname", "phone", "mobile", "companyName", "companyCoCNumber"),
            *("companyVatNumber", "paymentId", "paymentStatus", "paymentTitle", "paymentData", "shipmentId"),
            *("shipmentStatus", "shipmentTitle", "shipmentData", "deliveryDate", "discountType"),
            *("discountCouponCode", "taxRates", "comment", "memo", "language", "customer", "invoices", "shipments"),
            *ADDRESSES,
        ),
    )

    def get_child_context(self, record: Mapping[str, Any], context: Mapping[str, Any] | None) -> dict[str, Any]:  # noqa: ARG002 - the SDK's signature
        """The order whose lines are read."""
        return {"order_id": record["id"]}


class OrderLines(StockStream):
    """The lines of each order, a call per order."""

    name = "order_lines"
    path = "/orders/{order_id}/products.json"
    records_jsonpath = "$.orderProducts[*]"
    parent_stream_type = Orders
    replication_key = None  # type: ignore[assignment]  # the SDK means it so
    state_partitioning_keys: ClassVar[list[str]] = []
    schema = _schema(
        (),
        (),
        (
            *("taxRate", "quantityOrdered", "quantityInvoiced", "quantityShipped", "quantityRefunded", "weight"),
            *("basePriceExcl", "basePriceIncl", "priceExcl", "priceIncl", "discountExcl", "discountIncl"),
        ),
        (
            *("order_id", "brandTitle", "productTitle", "variantTitle", "articleCode", "ean", "sku", "taxRates"),
            *("customFields", "product", "variant"),
        ),
    )


class Variants(StockStream):
    """All fields of a variant."""

    name = "variants"
    path = "/variants.json"
    records_jsonpath = "$.variants[*]"
    schema = _schema(
        ("createdAt", "updatedAt"),
        ("isDefault",),
        (
            *("sortOrder", "unitPrice", "priceExcl", "priceIncl", "priceCost", "oldPriceExcl", "oldPriceIncl"),
            *("stockLevel", "stockAlert", "stockMinimum", "stockSold", "stockBuyMininum", "stockBuyMinimum"),
            *("stockBuyMaximum", "weight", "volume", "volumeValue", "colli", "sizeX", "sizeY", "sizeZ"),
        ),
        (
            *(
                "articleCode",
                "ean",
                "sku",
                "hs",
                "unitUnit",
                "stockTracking",
                "weightValue",
                "weightUnit",
                "volumeUnit",
            ),
            *("sizeXValue", "sizeYValue", "sizeZValue", "sizeUnit", "matrix", "title", "taxType", "image", "tax"),
            *("product", "movements", "metafields", "additionalcost", "options"),
        ),
    )


class StockTap(Tap):
    """The peer tap."""

    name = "stock-tap"
    config_jsonschema = th.PropertiesList(
        th.Property("base_url", th.StringType, required=True),
        th.Property("api_key", th.StringType, required=True),
        th.Property("api_secret", th.StringType, required=True),
        th.Property("stream", th.StringType, required=True),
    ).to_dict()

    def discover_streams(self) -> list[StockStream]:
        """The stream that is measured, with its children."""
        classes: dict[str, tuple[type[StockStream], ...]] = {
            "customers": (Customers,),
            "variants": (Variants,),
            "orders": (Orders, OrderLines),
        }
        return [one(self) for one in classes[self.config["stream"]]]


if __name__ == "__main__":
    StockTap.cli()
