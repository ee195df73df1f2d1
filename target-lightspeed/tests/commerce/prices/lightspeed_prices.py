"""Prices as the mapper sends them, and a shop that they are written to."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from target_lightspeed_world import World

STREAM = "Commerce_Prices"
SETTINGS = {"list": "VK", "basis": "excl"}


def row(sku: str, amount: str, **more: Any) -> dict[str, Any]:
    """A record of the stream `prices`, as mapper-commerce makes it."""
    code = more.pop("code", "VK")
    from_ = more.get("valid_from", "")
    quantity = more.get("min_quantity", "")
    return {
        "key": more.pop("key", f"afas.T1:{code}-{sku}-{quantity}-{from_}"),
        "source": {"system": "afas", "instance": "T1"},
        "item": {"sku": sku},
        "scope": "price_list",
        "scope_ref": {"code": code},
        "amount": amount,
        "basis": "excl",
        "currency": "EUR",
        **more,
    }


def text(*records: dict[str, Any], first: dict[str, Any] | None = None, end: bool = True) -> str:
    """What the mapper sends for them: STATE, schema, records, STATE."""
    mark = {"version": 1, "source": "afas.T1", "position": None, "rows": 3}
    lines: list[dict[str, Any]] = [
        {"type": "STATE", "value": {"bookmarks": {STREAM: {**mark, "held": [], **(first or {})}}}}
    ]
    schema = {"contract_version": "1.0", "type": "object", "properties": {}}
    lines.append({"type": "SCHEMA", "stream": "prices", "schema": schema, "key_properties": ["key"]})
    for record in records:
        own = {"_source_stream": STREAM, "_source_key": record["key"].partition(":")[2]}
        lines.append({"type": "RECORD", "stream": "prices", "record": {**own, **record}})
    if end:
        lines.append({"type": "STATE", "value": {"bookmarks": {STREAM: mark}}})
    return "".join(f"{json.dumps(line)}\n" for line in lines)


class Prices:
    """A shop, the skus that it has, and runs of the price flow."""

    def __init__(self, world: World) -> None:
        self.world = world
        found = [one for one in world.rows("variants") if one["sku"]]
        self.skus = sorted({one["sku"] for one in found if sum(o["sku"] == one["sku"] for o in found) == 1})

    def run(self, *records: dict[str, Any], **settings: Any) -> list[dict[str, Any]]:
        """A run; what is held afterwards."""
        state = self.world.run(text(*records), prices={**SETTINGS, **settings})
        return state[STREAM]["held"]

    def price(self, sku: str, name: str = "priceExcl") -> Decimal:
        return Decimal(str(self.world.variant(sku)[name]))

    def discounts(self, sku: str) -> list[dict[str, Any]]:
        variant = self.world.variant(sku)["id"]
        return [one for one in self.world.rows("quantity_discounts") if one["variant"] == variant]

    def at(self, moment: str) -> None:
        """Set the shop's clock; UTC."""
        self.world.clock.set(datetime.fromisoformat(moment).replace(tzinfo=UTC))

    def b2b(self, *titles: str) -> None:
        """Make it a shop with prices for customer groups, and with these groups."""
        shop = self.world.shop
        (own,) = shop.all("shop")
        shop.put("shop", {**own, "isB2b": True})
        for title in titles:
            self.world.client.create("groups", "group", {"title": title})

    def group(self, title: str) -> int:
        """Id of a customer group."""
        (found,) = [one["id"] for one in self.world.rows("groups") if one["title"] == title]
        return int(found)
