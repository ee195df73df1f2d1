"""The API's single records that are computed: account, dashboard, time."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.lightspeed.fields import reference
from sandbox.lightspeed.rates import Three, Windows, ends

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
        case "dashboard":
            return {"dashboard": dashboard(shop, lens)}
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


def dashboard(shop: Shop, lens: Lens) -> dict[str, Any]:
    """The record of `GET dashboard`: sales of the last 30 days (what `totals` and `periods` hold is assumed)."""
    now = shop.now()
    since = now - timedelta(days=30)
    days: dict[str, tuple[int, Decimal]] = {}
    for order in shop.all("orders"):
        placed = order.get("createdAt")
        if isinstance(placed, datetime) and since <= placed <= now and order.get("status") != "cancelled":
            day = lens.instant(placed)[:10]
            count, amount = days.get(day, (0, Decimal(0)))
            days[day] = count + 1, amount + Decimal(str(order.get("priceIncl", 0)))
    periods = [{"date": day, "orders": count, "revenue": amount} for day, (count, amount) in sorted(days.items())]
    totals = {
        "orders": sum(count for count, _ in days.values()),
        "revenue": sum((amount for _, amount in days.values()), Decimal(0)),
    }
    return {
        "dateMin": lens.instant(since),
        "dateMax": lens.instant(now),
        "totals": totals,
        "periods": periods,
        "type": "day",
    }
