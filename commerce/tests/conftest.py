"""Records as tap-lightspeed emits them, built by an independent, plain model of a shop's arithmetic."""

from __future__ import annotations

import copy
import importlib
import json
import os
import sys
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

# With --import-mode=importlib pytest names this file `commerce.tests.conftest`, after its folder, and to that end puts
# a namespace `commerce` where the package belongs. Whichever comes first stays: let it be the package.
if getattr(sys.modules.get("commerce"), "__file__", None) is None:
    sys.modules.pop("commerce", None)
    importlib.import_module("commerce")


RECORDED = Path(__file__).parents[3] / "shared" / "reference" / "lightspeed" / "recorded"
NETHERLANDS = {"id": 150, "code": "nl", "code3": "nld", "title": "Netherlands, The"}
COUNTRIES = {
    "nl": NETHERLANDS,
    "be": {"id": 21, "code": "be", "code3": "bel", "title": "Belgium"},
    "de": {"id": 80, "code": "de", "code3": "deu", "title": "Germany"},
    "ch": {"id": 206, "code": "ch", "code3": "che", "title": "Switzerland"},
    "ca": {"id": 38, "code": "ca", "code3": "can", "title": "Canada"},
}


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("MAPPER_COMMERCE_"):
            monkeypatch.delenv(name)


def cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


class Shop:
    """Builds order records. Amounts are on the basis of the shop; the other one follows, rounded per piece or line."""

    def __init__(self, basis: str = "incl", line_price: str = "unit") -> None:
        self.basis, self.line_price = basis, line_price

    def pair(self, name: str, value: Decimal, rate: Decimal) -> dict[str, Decimal]:
        if self.basis == "incl":
            return {f"{name}Excl": cents(value / (1 + rate)), f"{name}Incl": cents(value)}
        return {f"{name}Excl": cents(value), f"{name}Incl": cents(value * (1 + rate))}

    def line(
        self, number: int, price: str, *, rate: str = "0.21", quantity: str = "1", off: str = "0", **more: Any
    ) -> dict[str, Any]:
        one, fraction, count, less = Decimal(price), Decimal(rate), Decimal(quantity), Decimal(off)
        stated = count if self.line_price == "total" else Decimal(1)
        return {
            "id": number,
            "productTitle": f"Product {number}",
            "variantTitle": "",
            "taxRate": fraction,
            "taxRates": [{"name": "BTW", "rate": fraction, "amount": (one - less) * count * fraction / (1 + fraction)}],
            "quantityOrdered": count,
            "quantityRefunded": 0,
            "quantityReturned": 0,
            "articleCode": f"A-{number}",
            "ean": "8712345678906",
            "sku": f"SKU-{number:04}",
            "priceCost": Decimal("1.25"),
            "customFields": None,
            "product": {"id": 1000 + number},
            "variant": {"id": 2000 + number},
            **self.pair("basePrice", one, fraction),
            **self.pair("price", (one - less) * stated, fraction),
            **self.pair("discount", less * stated, fraction),
            "_net": (one - less) * count,
            "_rate": fraction,
            **more,
        }

    def order(
        self,
        *lines: dict[str, Any],
        shipping: str = "0",
        shipping_rate: str = "0.21",
        cost: str = "0",
        off: str = "0",
        miss: str = "0",
        **more: Any,
    ) -> dict[str, Any]:
        """An order whose discount ``off`` is spread over the rates in proportion, as shops do."""
        less = Decimal(off)
        by_rate: dict[Decimal, Decimal] = {}
        for line in lines:
            by_rate[line["_rate"]] = by_rate.get(line["_rate"], Decimal(0)) + line["_net"]
        goods = sum(by_rate.values(), Decimal(0))
        excl, vat, taxes = Decimal(0), Decimal(0), []
        for rate, part in sorted(by_rate.items(), reverse=True):
            kept = part - (less * part / goods if goods else 0)
            bare = kept / (1 + rate) if self.basis == "incl" else kept
            excl, vat = excl + bare, vat + bare * rate
            taxes.append({"name": "BTW", "rate": rate, "amount": round(bare * rate, 8)})
        sent = self.pair("shipmentPrice", Decimal(shipping), Decimal(shipping_rate))
        paid = self.pair("paymentPrice", Decimal(cost), Decimal("0.21"))
        total_excl = cents(excl) + sent["shipmentPriceExcl"] + paid["paymentPriceExcl"]
        total_incl = (goods - less if self.basis == "incl" else excl + vat) + sent["shipmentPriceIncl"]
        total_incl = cents(total_incl + paid["paymentPriceIncl"]) + Decimal(miss)
        record = {
            **copy.deepcopy(BASE),
            **sent,
            **paid,
            "priceExcl": total_excl,
            "priceIncl": total_incl,
            "taxRates": taxes,
            "shipmentTaxRate": Decimal(shipping_rate),
            "shipmentTaxRates": [
                {
                    "name": "BTW",
                    "rate": Decimal(shipping_rate),
                    "amount": sent["shipmentPriceIncl"] - sent["shipmentPriceExcl"],
                }
            ],
            "paymentTaxRates": [
                {
                    "name": "BTW",
                    "rate": Decimal("0.21"),
                    "amount": paid["paymentPriceIncl"] - paid["paymentPriceExcl"],
                }
            ],
            "isDiscounted": bool(less),
            "discountAmount": less,
            "discountPercentage": round(less / goods, 4) if goods else 0,
            "products": [{name: value for name, value in line.items() if not name.startswith("_")} for line in lines],
            **more,
        }
        return to(record, record.pop("to")) if "to" in more else record


def to(record: dict[str, Any], country: str) -> dict[str, Any]:
    """The record, billed and sent to another country."""
    return {**record, "addressBillingCountry": COUNTRIES[country], "addressShippingCountry": COUNTRIES[country]}


BASE: dict[str, Any] = {
    "id": 123,
    "_source_stream": "orders",
    "_source_key": "123",
    "_shop": "shop1",
    "createdAt": "2026-03-28T23:30:00Z",
    "updatedAt": "2026-03-29T08:00:00Z",
    "number": "ORD00123",
    "status": "processing_awaiting_shipment",
    "customStatusId": None,
    "channel": "main",
    "gender": "female",
    "birthDate": "1980-02-29",
    "email": " Jo.Jansen@Example.NL ",
    "firstname": "Jo",
    "middlename": "van der",
    "lastname": "Jansen",
    "phone": "020-1234567",
    "mobile": "06 12345678",
    "isCompany": False,
    "companyName": "",
    "companyCoCNumber": "",
    "companyVatNumber": "",
    "addressBillingName": "Jo van der Jansen",
    "addressBillingStreet": "Keizersgracht",
    "addressBillingStreet2": "",
    "addressBillingNumber": "313",
    "addressBillingExtension": "a",
    "addressBillingZipcode": "1016ee",
    "addressBillingCity": "Amsterdam",
    "addressBillingRegion": "",
    "addressBillingCountry": NETHERLANDS,
    "addressShippingCompany": None,
    "addressShippingName": "Buurman",
    "addressShippingStreet": "Kerkstraat 5 bis",
    "addressShippingStreet2": "",
    "addressShippingNumber": "",
    "addressShippingExtension": "",
    "addressShippingZipcode": "3500 AA",
    "addressShippingCity": "Utrecht",
    "addressShippingRegion": "",
    "addressShippingCountry": NETHERLANDS,
    "paymentId": "mollie",
    "paymentStatus": "paid",
    "paymentTaxRate": Decimal("0.21"),
    "paymentTaxRates": [],
    "paymentTitle": "iDEAL",
    "paymentData": {"method": "ideal", "token": "secret"},
    "shipmentId": "core|747283|3298308",
    "shipmentStatus": "not_shipped",
    "shipmentIsPickup": False,
    "shipmentDiscountExcl": 0,
    "shipmentDiscountIncl": 0,
    "shipmentTitle": "PostNL",
    "shipmentData": {"method": "default", "shipment_id": 747283, "shipping_value_id": 3298308},
    "deliveryDate": None,
    "discountType": "amount",
    "discountCouponCode": "",
    "comment": "Please ring twice",
    "memo": "",
    "language": {"id": 1, "code": "nl", "locale": "nl_NL", "title": "Nederlands"},
    "customer": {"id": 77, "type": "registered"},
    "invoices": [],
    "shipments": [],
    "quote": None,
    "giftCardsPayment": [],
}


@pytest.fixture(scope="session")
def shop() -> Shop:
    """A shop with prices incl. VAT that states prices per piece."""
    return Shop()


@pytest.fixture(scope="session")
def shops() -> type[Shop]:
    """Shops of every kind."""
    return Shop


@pytest.fixture(scope="session")
def recorded() -> Path:
    """The folder of recorded responses."""
    if not RECORDED.exists():
        pytest.skip("the recorded responses are not here")
    return RECORDED


@pytest.fixture(scope="session")
def recorded_orders(recorded: Path) -> list[dict[str, Any]]:
    """The recorded orders in the tap's shape.

    They come from a list, which carries no lines: lines are made that bear the stated taxes.
    """
    path = recorded / "digitaport-lightspeed-sdk" / "orders.json"
    found = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)["orders"]
    return [as_tap(order) for order in found]


def as_tap(order: dict[str, Any]) -> dict[str, Any]:
    """A recorded order as the tap emits it."""
    record = {name: None if value is False else value for name, value in order.items()}
    for name in ("customer", "quote"):
        record[name] = {"id": order[name]["resource"]["id"]}
    goods = Decimal(str(order["priceExcl"])) - Decimal(str(order["shipmentPriceExcl"]))
    off = Decimal(str(order["discountAmount"]))
    rows = [row for row in order["taxRates"] if row["rate"]]
    rows.sort(key=lambda row: row["amount"] / row["rate"])
    lines: list[dict[str, Any]] = []
    below = Decimal(0)
    for index, row in enumerate(rows):
        upto = cents(Decimal(row["amount"]) / Decimal(row["rate"]))
        if upto <= below:
            continue
        # Taxes that share a base lie on one line; the one with the smaller base lies on a part of the goods.
        bears = rows[index:]
        rate = sum((Decimal(one["rate"]) for one in bears), Decimal(0))
        full = cents((upto - below) * (goods + off) / goods)
        if upto == goods:
            full = goods + off - sum((line["priceExcl"] for line in lines), Decimal(0))
        lines.append(
            {
                "id": len(lines) + 1,
                "quantityOrdered": 1,
                "sku": f"S{len(lines)}",
                "priceExcl": full,
                "priceIncl": cents(full * (1 + rate)),
                "basePriceExcl": full,
                "basePriceIncl": cents(full * (1 + rate)),
                "discountExcl": 0,
                "discountIncl": 0,
                "taxRate": rate,
                "taxRates": [{"name": one["name"], "rate": one["rate"], "amount": 0} for one in bears],
            }
        )
        below = upto
    return {
        **record,
        "products": lines,
        "invoices": [],
        "shipments": [],
        "events": [],
        "metafields": [],
        "_shop": "us1",
        "_source_stream": "orders",
        "_source_key": str(order["id"]),
    }
