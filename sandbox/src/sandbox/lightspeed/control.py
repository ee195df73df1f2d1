"""Control paths of the Lightspeed port, and the small single records of the API."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.http import Reply, Request
from sandbox.lightspeed import orders, plan
from sandbox.lightspeed.books import order as order_books
from sandbox.lightspeed.fields import Record, reference
from sandbox.lightspeed.rates import Three, Windows, ends
from sandbox.lightspeed.render import Lens
from sandbox.lightspeed.resources import RESOURCES
from sandbox.lightspeed.shop import Shop
from sandbox.lightspeed.world import COUNTRIES
from sandbox.seed.kinds import KINDS, describe

MOST = 50_000
"""Orders that one call may place."""


def answer(shops: Sequence[Shop], path: str, request: Request) -> Reply | None:
    """Answer a control call; None when there is no such path.

    Raises:
        ValueError: the call makes no sense. KeyError: unknown order or resource.
    """
    parts = path.split("/")
    match request.method, parts:
        case "GET", ["orders", "kinds"]:
            kinds = {name: kind.text for name, kind in KINDS.items()}
            return Reply.json(200, {"kinds": kinds, "description": plan.KEYS})
        case "POST", ["orders"]:
            return Reply.json(201, {"orders": _place(shops, _body(request))})
        case "GET", ["orders", identity] if identity.isdigit():
            shop, number = _holder(shops, identity)
            return Reply.json(200, order_books(shop, shop.need("orders", number)))
        case "POST", ["orders", identity, step] if identity.isdigit():
            shop, number = _holder(shops, identity)
            _step(shop, number, step, _body(request))
            return Reply.json(200, order_books(shop, shop.need("orders", number)))
        case "POST", ["records"]:
            return Reply.json(201, _load(shops, _body(request)))
        case "DELETE", ["records"]:
            return Reply.json(200, _unload(shops, _body(request)))
        case "GET", ["keys"]:
            return Reply.json(200, {"shops": [_keys(shop) for shop in shops]})
    return None


def _place(shops: Sequence[Shop], body: Mapping[str, Any]) -> list[dict[str, Any]]:
    shop = _shop(shops, body)
    if "order" in body:
        return [_placed(shop, orders.place(shop, body["order"]), None)]
    count = int(body.get("n", 1))
    if not 0 <= count <= MOST:
        raise ValueError(f"n is between 0 and {MOST}")
    kinds = list(body.get("kinds") or KINDS)
    if unknown := set(kinds) - set(KINDS):
        raise ValueError(f"no kind {', '.join(sorted(unknown))}; known: {', '.join(KINDS)}")
    chance = random.Random(int(body.get("seed", 1)))  # noqa: S311 - repeatable chance is the purpose
    first = len(shop.tables["orders"])
    placed = []
    for index in range(count):
        kind = kinds[index % len(kinds)]
        placed.append(_placed(shop, place_kind(shop, kind, chance, first + index), kind))
    return placed


def place_kind(shop: Shop, kind: str, chance: random.Random, number: int, placed: datetime | None = None) -> Record:
    """Place an order of a kind.

    Raises:
        ValueError: the shop sells nothing.
    """
    skus = [record["sku"] for record in shop.all("variants") if str(record.get("sku", "")).startswith("SKU-")]
    if not skus:
        raise ValueError(f"{shop.profile.name} sells nothing: reset with a seed that has a catalogue")
    said = describe(kind, chance, number, shop.profile.name, shop.profile.basis, skus)
    after = said.pop("after", ())
    if placed is not None:
        said["placed"] = placed.isoformat()
    record = orders.place(shop, said)
    for step in after:
        _step(shop, record["id"], step, {})
    return shop.need("orders", record["id"])


def _placed(shop: Shop, record: Record, kind: str | None) -> dict[str, Any]:
    return {
        "shop": shop.profile.name,
        "id": record["id"],
        "number": record["number"],
        "kind": kind,
        "priceIncl": record["priceIncl"],
        "status": record["status"],
    }


def _step(shop: Shop, number: int, step: str, body: Mapping[str, Any]) -> None:
    match step:
        case "pay":
            orders.pay(shop, number)
        case "cancel":
            orders.cancel(shop, number)
        case "edit":
            orders.edit(shop, number, body)
        case "ship":
            orders.ship(shop, number, str(body.get("tracking", "")))
        case "refund":
            orders.refund(shop, number, body)
        case "hold":
            orders.moved(shop, number, status="on_hold")
            orders.note(shop, number, "on hold")
        case "touch":
            shop.change("orders", number)
        case _:
            raise ValueError(f"an order can pay, cancel, edit, ship, refund, hold or touch, not {step}")


def _load(shops: Sequence[Shop], body: Mapping[str, Any]) -> dict[str, Any]:
    """Store records in the shape in which the API shows them: {"resource", "records", "parent"}."""
    shop, path = _shop(shops, body), str(body["resource"])
    if path not in RESOURCES:
        raise KeyError(f"no resource {path!r}; known: {', '.join(RESOURCES)}")
    rows = body["records"] if isinstance(body["records"], list) else [body["records"]]
    return {"ids": [shop.load(path, row, body.get("parent"))["id"] for row in rows]}


def _unload(shops: Sequence[Shop], body: Mapping[str, Any]) -> dict[str, Any]:
    """Remove records, as when someone with the rights deletes them in the back office."""
    shop, path = _shop(shops, body), str(body["resource"])
    if path not in RESOURCES:
        raise KeyError(f"no resource {path!r}; known: {', '.join(RESOURCES)}")
    return {"removed": [identity for identity in body["ids"] if shop.delete(path, int(identity)) is not None]}


def _shop(shops: Sequence[Shop], body: Mapping[str, Any]) -> Shop:
    name = body.get("shop", shops[0].profile.name)
    for shop in shops:
        if shop.profile.name == name:
            return shop
    raise ValueError(f"no shop {name!r}; known: {', '.join(shop.profile.name for shop in shops)}")


def _holder(shops: Sequence[Shop], identity: str) -> tuple[Shop, int]:
    for shop in shops:
        if shop.get("orders", int(identity)) is not None:
            return shop, int(identity)
    raise KeyError(f"no shop has order {identity}")


def _body(request: Request) -> dict[str, Any]:
    body = json.loads(request.body, parse_float=Decimal) if request.body.strip() else {}
    if not isinstance(body, dict):
        raise TypeError("the body is a JSON object")
    return body


def _keys(shop: Shop) -> dict[str, Any]:
    own = shop.profile
    return {
        "shop": own.name,
        "private": {"api_key": own.api_key, "api_secret": own.api_secret},
        "app": {"api_key": own.app_key, "token": own.app_token, "app_secret": own.app_secret},
        "languages": own.languages,
        "basis": own.basis,
    }


def account(shop: Shop, lens: Lens) -> dict[str, Any]:
    """The record of `GET account`."""
    links = ("signout", "permissions", "ratelimit", "metafields")
    return {
        "id": shop.profile.number + 32_803,
        "appId": False,
        "apiKey": shop.profile.api_key,
        **{name: reference(False, f"account/{name}", lens) for name in links},
    }


def ratelimit(windows: Windows, limits: Three, now: datetime, zone: ZoneInfo | None, lens: Lens) -> dict[str, Any]:
    """The record of `GET account/ratelimit`."""
    rows = zip(limits, windows.remaining(limits, refused=False), windows.resets(now, zone), ends(now, zone), strict=True)
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
