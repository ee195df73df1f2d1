"""Control paths of the Lightspeed port."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.http import Reply, Request
from sandbox.lightspeed import orders, plan, volume
from sandbox.lightspeed.books import order as order_books
from sandbox.lightspeed.resources import RESOURCES
from sandbox.lightspeed.shopper import place_kinds, step
from sandbox.seed.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.lightspeed.fields import Record
    from sandbox.lightspeed.shop import Shop

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
        case "POST", ["orders", identity, name] if identity.isdigit():
            shop, number = _holder(shops, identity)
            step(shop, number, name, _body(request))
            return Reply.json(200, order_books(shop, shop.need("orders", number)))
        case "GET", ["records"]:
            return Reply.json(200, _records(_shop(shops, {"shop": request.param("shop") or shops[0].profile.name})))
        case "POST", ["records"]:
            return Reply.json(201, _load(shops, _body(request)))
        case "DELETE", ["records"]:
            return Reply.json(200, _unload(shops, _body(request)))
        case "POST", ["volume"]:
            return Reply.json(201, _volume(shops, _body(request)))
        case "GET", ["mails"]:
            return Reply.json(200, {shop.profile.name: list(shop.mails.values()) for shop in shops})
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
    placed = place_kinds(shop, count, body.get("kinds") or (), int(body.get("seed", 1)))
    return [_placed(shop, record, kind) for kind, record in placed]


def _placed(shop: Shop, record: Record, kind: str | None) -> dict[str, Any]:
    return {
        "shop": shop.profile.name,
        "id": record["id"],
        "number": record["number"],
        "kind": kind,
        "priceIncl": record["priceIncl"],
        "status": record["status"],
    }


def _records(shop: Shop) -> dict[str, list[Record]]:
    """All that a shop holds, by resource: texts in every language, the owner as `_parent`, images by `_hash`."""
    return {path: rows for path in RESOURCES if (rows := list(shop.all(path)))}


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


def _volume(shops: Sequence[Shop], body: Mapping[str, Any]) -> dict[str, Any]:
    """Let a resource have many computed records: {"resource", "rows"}, see `volume.py`."""
    path = str(body["resource"])
    if path not in RESOURCES:
        raise KeyError(f"no resource {path!r}; known: {', '.join(RESOURCES)}")
    return {"first": volume.put(_shop(shops, body), path, int(body.get("rows", 100_000)))}


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
