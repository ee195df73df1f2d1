"""The shop of the other tests, with stock that the source keeps, orders, and their booking in the shared store."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from target_lightspeed_world import START, World

from sandbox.lightspeed import orders
from upsert.store import State, Store, StoredRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENVIRONMENT = "T12345AA"


class StockWorld(World):
    """One shop and one source of stock, on one virtual clock."""

    def __init__(self, tmp_path: Path, switches: dict[str, Any] | None = None, **config: Any) -> None:
        super().__init__(tmp_path, switches=switches, streams={"stock_levels": {"kind": "commerce"}}, **config)

    def row(self, sku: str, place: str = "MAIN", **fields: Any) -> dict[str, Any]:  # type: ignore[override] # another row
        """A record of `stock_levels`; whole numbers become text, as they travel."""
        texts = {name: str(value) if isinstance(value, int) else value for name, value in fields.items()}
        return {
            "key": f"afas.demo:{sku}.{place}",
            "source": {"system": "afas", "instance": "demo"},
            "item": {"sku": sku},
            "location": {"code": place},
            "read_at": self.clock.now().isoformat(),
            **texts,
        }

    def sync(self, *rows: dict[str, Any], wait: float = 10, **settings: Any) -> list[dict[str, Any]]:
        """A run of the stock job some seconds after the rows were read, and as long before anything else happens."""
        self.clock.advance(wait)
        held = self.send(rows, **settings)
        self.clock.advance(wait)
        return held

    def send(self, rows: Any, *, extracted: str | None = None, **settings: Any) -> list[dict[str, Any]]:
        """The run itself."""
        mark = {"version": 1, "source": "afas.demo"}
        lines: list[dict[str, Any]] = [
            {"type": "STATE", "value": {"bookmarks": {"stock_levels": {**mark, "held": []}}}},
            {"type": "SCHEMA", "stream": "stock_levels", "schema": {"properties": {}}, "key_properties": ["key"]},
        ]
        for one in rows:
            own = {"_source_stream": "stock_levels", "_source_key": one["key"].rpartition(":")[2]}
            message = {"type": "RECORD", "stream": "stock_levels", "record": {**own, **one}}
            lines.append(message | ({"time_extracted": extracted} if extracted else {}))
        lines.append({"type": "STATE", "value": {"bookmarks": {"stock_levels": mark}}})
        text = "".join(f"{json.dumps(one)}\n" for one in lines)
        # The orders of the seed are those before the coupling.
        config = {"orders_since": START.isoformat(), **settings}
        return self.run(text, stock=config)["stock_levels"]["held"]

    # -- the shop -----------------------------------------------------------------------------------------------------

    def sell_from(self, sku: str, level: int, tracking: str = "enabled") -> int:
        """Somebody sets a level by hand; the variant's id."""
        identity = int(self.variant(sku)["id"])
        self.shop.change("variants", identity, stockLevel=level, stockTracking=tracking)
        return identity

    def row_of(self, path: str, identity: int) -> dict[str, Any]:
        return super().row(path, identity)

    def level(self, sku: str) -> int:
        return int(self.variant(sku)["stockLevel"])

    def order(self, **pieces: int) -> int:
        """A shopper's order; names with `_` for `-`."""
        lines = [{"sku": sku.replace("_", "-"), "quantity": number} for sku, number in pieces.items()]
        return int(orders.place(self.shop, {"lines": lines})["id"])

    def cancel(self, order: int) -> None:
        orders.cancel(self.shop, order)

    def edit(self, order: int, **pieces: int) -> None:
        wish = {"quantities": {sku.replace("_", "-"): number for sku, number in pieces.items()}}
        orders.edit(self.shop, order, wish)

    # -- the store ----------------------------------------------------------------------------------------------------

    @contextmanager
    def store(self) -> Iterator[Store]:
        with Store.open(self.config["store"]) as store:
            yield store

    def book(self, order: int, at: datetime | None = None, state: State = State.DONE) -> None:
        """target-afas books an order, now unless told."""
        key = f"lightspeed.shop1:{order}"
        with self.store() as store:
            store.claim_environment(ENVIRONMENT)
            seen = store.row(ENVIRONMENT, "sales_order", key)
            moment = at or self.clock.now()
            row = StoredRow(ENVIRONMENT, "sales_order", key, state, moment, "", {}, {"order": "1"}, 0, "run")
            assert store.change(seen, row)

    def later(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def ago(self, seconds: float) -> datetime:
        return self.clock.now() - timedelta(seconds=seconds)
