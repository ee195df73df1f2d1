"""Settings of the three plugins for the sandbox's small merchant: shop1 into administration 1."""

from __future__ import annotations

from typing import Any

SHOP = "shop1"
REFERENCE = "{instance}-{number}"
SHOP_KEY = ("demo0000000000000000000000000001", "secret00000000000000000000000001")
AFAS_TOKEN = "0123456789ABCDEF" * 4
COST_ITEMS = {
    "discount": "KORTING",
    "shipping": "VERZEND",
    "payment_cost": "BETAAL",
    "gift_wrap": "INPAK",
    "rounding": "AFRONDING",
}
PAYMENT_METHODS = {
    "mollie:ideal": "01",
    "mollie:klarna": "06",
    "paypal:paypal": "07",
    "banktransfer:banktransfer": "02",
    "invoice:invoice": "08",
    "external": "00",
    "Geen betaling nodig": "00",
}
SHIPPING_METHODS = {
    "PostNL": "POSTNL",
    "DHL": "DHL",
    "Gratis verzending": "POSTNL",
    "Afhalen": "PICKUP",
    "Afhalen in de winkel": "PICKUP",
}
_OSS = {"BE": {"21": "B1", "6": "B2"}, "DE": {"19": "D1", "7": "D2"}, "FR": {"20": "F1", "5.5": "F2"}}
_HOME = {"21": "1", "9": "2", "0": "3"}

VAT: list[dict[str, Any]] = [
    *(
        {"country": [country], "treatment": ["oss", "unknown"], "rate": rate, "duty": "7", "group": group}
        for country, groups in _OSS.items()
        for rate, group in groups.items()
    ),
    {"treatment": ["intra_eu_reverse_charge"], "rate": "0", "duty": "6", "group": "1"},
    {"treatment": ["export"], "rate": "0", "duty": "4", "group": "1"},
    *(
        {"treatment": ["domestic", "unknown"], "rate": rate, "duty": "1", "group": group}
        for rate, group in _HOME.items()
    ),
]
"""One-stop shop, reverse charge, export, domestic. An exempt sale is one at 0 %."""


def tap(start_date: str, **other: Any) -> dict[str, Any]:
    """Settings of tap-lightspeed."""
    return {
        "api_key": SHOP_KEY[0],
        "api_secret": SHOP_KEY[1],
        "shop": SHOP,
        "base_url": "http://127.0.0.1:8702",
        "start_date": start_date,
        "payment_statuses": ["paid"],
        "statuses_excluded": ["on_hold"],
    } | other


def mapper(**other: Any) -> dict[str, Any]:
    """Settings of mapper-commerce."""
    return {"source": "lightspeed", "gift_wrap_skus": ["INPAK"]} | other


def target(store: str, orders: dict[str, Any] | None = None, **other: Any) -> dict[str, Any]:
    """Settings of target-afas.

    Args:
        store: URL of the store.
        orders: Further settings of orders.
        other: Further settings.
    """
    return {
        "environment": "T12345AA",
        "base_url": "http://127.0.0.1:8701/ProfitRestServices",
        "token": AFAS_TOKEN,
        "store": store,
        "administration": "1",
        "reference_template": REFERENCE,
        "orders": {
            "items": COST_ITEMS,
            "vat": VAT,
            "payment_methods": PAYMENT_METHODS,
            "payment_conditions": {"missing": "default", "default": "14"},
            "shipping_methods": SHIPPING_METHODS,
            "sales_book": "70",
            "project": "WEB",
        }
        | (orders or {}),
        "relations": {"control_account": "1400", "payment_condition": "14"},
    } | other
