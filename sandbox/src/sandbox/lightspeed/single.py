"""The API's single records: account, shop, time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.lightspeed.fields import reference
from sandbox.lightspeed.rates import Three, Windows, ends
from sandbox.lightspeed.world import COUNTRIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.lightspeed.render import Lens
    from sandbox.lightspeed.shop import Shop

_GROUPS = ("content", "products", "customers", "orders", "settings", "tracking")


def denied(switches: Mapping[str, Any]) -> set[str]:
    """The permission groups that the switch takes away."""
    return {name.strip() for name in str(switches["denied_groups"]).split(",")} - {""}


def record(shop: Shop, path: str, lens: Lens, windows: Windows, limits: Three) -> dict[str, Any] | None:
    """The single record of a path in its envelope; None when there is none."""
    match path:
        case "account":
            return {"account": account(shop, lens)}
        case "account/permissions":
            lacking = denied(shop.switches)
            rights = {
                group: {"read": group not in lacking, "write": not {group, f"{group}:write"} & lacking}
                for group in _GROUPS
            }
            return {"accountPermissions": rights}
        case "account/ratelimit":
            return {"accountRatelimit": ratelimit(shop, lens, windows, limits)}
        case "shop":
            return {"shop": shop_record(shop, lens)}
        case "time":
            # The shape of this record is unknown (reference 20.17).
            return {"time": {"time": lens.instant(shop.clock.now()), "timezone": shop.profile.zone.key}}
    return None


def account(shop: Shop, lens: Lens) -> dict[str, Any]:
    """The record of `GET account`."""
    links = ("signout", "permissions", "ratelimit", "metafields")
    return {
        "id": shop.profile.number + 32_803,
        "appId": False,
        "apiKey": shop.profile.api_key,
        **{name: reference(False, f"account/{name}", lens) for name in links},
    }


def ratelimit(shop: Shop, lens: Lens, windows: Windows, limits: Three) -> dict[str, Any]:
    """The record of `GET account/ratelimit`."""
    now = shop.clock.now()
    zone = shop.profile.zone if shop.switches["day_zone"] == "shop" else None
    left, resets = windows.remaining(limits, refused=False), windows.resets(now, zone)
    rows = zip(limits, left, resets, ends(now, zone), strict=True)
    shown = [
        {"limit": limit, "remaining": left, "reset": reset, "resetTime": lens.instant(end)}
        for limit, left, reset, end in rows
    ]
    return dict(zip(("limit5Min", "limitHour", "limitDay"), shown, strict=True))


def shop_record(shop: Shop, lens: Lens) -> dict[str, Any]:
    """The record of `GET shop`."""
    own = shop.profile
    words = ("phone", "fax", "street", "street2", "zipcode", "city", "region")
    links = ("company", "limits", "javascript", "website", "scripts", "metafields")
    return {
        "id": own.number,
        "createdAt": "2024-02-09T13:36:52+01:00",
        "status": "test",
        "isB2b": own.basis == "excl",
        "isRetail": own.basis == "incl",
        "subDomain": own.name,
        "mainDomain": f"{own.name}.example.com",
        "email": "info@example.com",
        **dict.fromkeys(words, ""),
        "country": COUNTRIES["nl"],
        "vatNumber": "",
        "cocNumber": "",
        "industry": "------------",
        "currency": {
            "shortcode": "EUR",
            "symbol": "€",
            "title": "Euro",
            "isDefault": True,
            "currencyRate": "1.000000",
        },
        **{name: reference(False, f"shop/{name}", lens) for name in links},
    }
