"""Settings of the plugins for the sandbox's merchant: what a shop would really set, with nothing turned off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEY, SECRET = "demo0000000000000000000000000001", "secret00000000000000000000000001"
START, NOW = "2026-10-31T00:00:00Z", "2026-11-30T09:00:00Z"
"""Cut-over, after the orders that the sandbox's seed brings along, and the sandbox's clock at the beginning."""
TOKEN = "0123456789ABCDEF" * 4

_VAT: list[dict[str, Any]] = [
    {"treatment": "domestic", "rate": 21, "duty": "1", "group": "1"},
    {"treatment": "domestic", "rate": 9, "duty": "1", "group": "2"},
    {"treatment": "domestic", "rate": 0, "duty": "1", "group": "3"},
]


def tap(base_url: str) -> dict[str, Any]:
    """Settings of tap-lightspeed."""
    return {
        "api_key": KEY,
        "api_secret": SECRET,
        "shop": "shop1",
        "base_url": base_url,
        "start_date": START,
        "customers_start_date": "2020-01-01T00:00:00Z",
    }


def tap_afas(base_url: str, connector: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of tap-afas for one GetConnector."""
    return {
        "base_url": f"{base_url}/ProfitRestServices",
        "token": TOKEN,
        "connectors": [connector],
        "streams": {connector: {"keys": ["Id"], "replication_key": ["Modified"], **options}},
    }


def mapper() -> dict[str, Any]:
    """Settings of mapper-commerce."""
    return {"source": "lightspeed", "price_basis": "incl"}


def target(base_url: str, store: Path) -> dict[str, Any]:
    """Settings of target-afas."""
    return {
        "base_url": f"{base_url}/ProfitRestServices",
        "token": TOKEN,
        "store": f"sqlite:///{store}",
        "administration": "1",
        "orders": {
            "items": {
                "discount": "KORTING",
                "shipping": "VERZEND",
                "payment_cost": "BETAAL",
                "gift_wrap": "INPAK",
                "rounding": "AFRONDING",
            },
            "vat": _VAT,
            "payment_methods": {"missing": "default", "default": "01"},
            "payment_conditions": {"missing": "default", "default": "0"},
            "shipping_methods": {"missing": "default", "default": {"carrier": "POSTNL"}},
            "sales_book": "70",
            "project": "WEB",
        },
        "relations": {"control_account": "1300", "payment_condition": "14", "vat_duty": "1"},
    }


def stock_tap(base_url: str) -> dict[str, Any]:
    """Settings of the shop's peer tap."""
    return {"base_url": base_url, "api_key": KEY, "api_secret": SECRET}


def stock_tap_afas(base_url: str, connector: str, columns: int) -> dict[str, Any]:
    """Settings of AFAS's peer tap; it has to be told how many columns there are."""
    return {
        "base_url": f"{base_url}/ProfitRestServices",
        "token": TOKEN,
        "connector": connector,
        "columns": columns,
    }


def stock_target(base_url: str) -> dict[str, Any]:
    """Settings of the peer target: every order to one debtor that exists."""
    return {"base_url": f"{base_url}/ProfitRestServices", "token": TOKEN, "debtor": "10000"}
