"""A shop and a source of stock as a few numbers, in which things happen between any two calls of a run of the flow.

The flow, the kernel, the port and the store are the real ones; only the shop behind the client is a model. So every
interleaving of small cases can be tried.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lightspeed_ecom.client import Page
from target_lightspeed.commerce.keymap import KeyMap, Place
from target_lightspeed.commerce.stock.flow import StockFlow
from target_lightspeed.commerce.stock.levels import Item
from target_lightspeed.session import Session
from target_lightspeed.settings import Settings
from upsert.kernel import Kernel
from upsert.model import SourceKey
from upsert.store import State, Store, StoredRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PHASES = ("read", "movements", "orders", "write", "orders again", "write again", "end")
"""Moments of a run before which something may happen. "read": before the source's figures are read."""
SKU, ENVIRONMENT = "A", "T1"


class Clock:
    """Virtual time; nothing waits."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - START).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Shop:
    """One variant, its orders and its log; looks like the client.

    Attributes:
        level: What the shop shows.
        variant: Id of its variant.
        before: Called with the phase before each call.
        logs_writes: Whether levels that are set stand in its log of movements; nobody knows.
    """

    clock: Clock
    level: int = 0
    variant: int = 7
    before: Callable[[str], None] = lambda phase: None
    orders: dict[int, dict[str, Any]] = field(default_factory=dict)
    pieces: dict[int, int] = field(default_factory=dict)
    of: dict[int, int] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    writes: int = 0
    logs_writes: bool = False
    _listed: int = 0

    def begin(self) -> None:
        self._listed = self.writes = 0

    # -- what shoppers do ---------------------------------------------------------------------------------------------

    def place(self, order: int, pieces: int) -> None:
        moment = self.clock.now().isoformat()
        self.orders[order] = {"id": order, "createdAt": moment, "updatedAt": moment, "status": "on_hold"}
        self.pieces[order], self.of[order] = pieces, self.variant
        self._move(-pieces)

    def cancel(self, order: int) -> None:
        self.orders[order] |= {"status": "cancelled", "updatedAt": self.clock.now().isoformat()}
        if self.of[order] == self.variant:
            self._move(self.pieces[order])

    def remake(self) -> None:
        """Somebody deletes the product, and it is made anew: the same SKU under another id, with no pieces yet."""
        self.variant += 1
        self.level = 0

    def _move(self, change: int) -> None:
        self.level += change
        self._log(change, "order")

    def _log(self, change: int, channel: str) -> None:
        row = {"id": len(self.log) + 1, "createdAt": self.clock.now().isoformat(), "stockLevelChange": change}
        self.log.append({**row, "channel": channel, "variant": {"id": self.variant}})

    @property
    def sold(self) -> int:
        """Pieces in orders that stand."""
        return sum(self.pieces[n] for n, one in self.orders.items() if one["status"] != "cancelled")

    # -- the client ---------------------------------------------------------------------------------------------------

    def server_now(self) -> datetime:
        return self.clock.now()

    def pages(self, path: str, **options: Any) -> Iterator[Page]:
        if path == "variants/movements":
            self.before("movements")
            rows = [row for row in self.log if row["id"] > options.get("since_id", 0)]
        elif path == "orders":
            self._listed += 1
            self.before("orders" if self._listed == 1 else "orders again")
            rows = [row for row in self.orders.values() if row["updatedAt"] >= options["since"].isoformat()]
        else:
            assert path == "variants", path
            product = {"id": 3}
            shown = {"stockLevel": self.level, "stockTracking": "enabled"}
            rows = [{"id": self.variant, "sku": SKU, "product": product, **shown}]
        yield Page([dict(row) for row in rows], 1, full=False, server_time=self.clock.now())

    def list(self, path: str, **options: Any) -> Iterator[Any]:
        if path.startswith("orders/"):
            number = int(path.split("/")[1])
            yield [{"id": 1, "quantityOrdered": self.pieces[number], "sku": SKU, "variant": {"id": self.of[number]}}]
            return
        yield from (page.rows for page in self.pages(path, **options))

    def count(self, path: str, **options: Any) -> int:
        return 1

    def get(self, path: str, **options: Any) -> dict[str, Any]:
        return {"id": self.variant, "product": {"id": 3}, "stockLevel": self.level, "stockTracking": "enabled"}

    def update(self, path: str, envelope: str, body: Mapping[str, Any], **options: Any) -> dict[str, Any]:
        self.before("write" if self._listed == 1 else "write again")
        self.writes += 1
        change, self.level = body["stockLevel"] - self.level, body["stockLevel"]
        if self.logs_writes and change:
            self._log(change, "api")
        return {}


Event = tuple[str, int, int]
"""``place``, ``cancel``, ``book``, ``receive`` or ``remake``; the order; pieces."""


class Model:
    """A source, a shop and the flow between them.

    Args:
        on_hand: Pieces that the source has.
        step: Seconds between two calls.
        logs_writes: See `Shop`.
        settings: Of the flow.
    """

    def __init__(self, on_hand: int = 9, step: float = 10, *, logs_writes: bool = False, **settings: Any) -> None:
        self.clock, self.step = Clock(), step
        self.on_hand, self.booked = on_hand, set[int]()
        self.shop = Shop(self.clock, on_hand, logs_writes=logs_writes)
        self.store = Store.open("sqlite://")
        self.store.claim_environment(ENVIRONMENT)
        self.settings = Settings.model_validate({"bulk_size": 1, "stock": {"verify_hours": 0, **settings}})
        self._schedule: dict[str, list[Event]] = {}
        self.open_seconds = False
        self.run()
        self.clock.sleep(60)

    def close(self) -> None:
        self.store.close()

    @property
    def figure(self) -> int:
        """What the source says is available."""
        return self.on_hand - sum(self.shop.pieces[one] for one in self.booked)

    @property
    def free(self) -> int:
        """What can really be sold still."""
        return self.on_hand - self.shop.sold

    def happen(self, event: Event) -> None:
        name, order, pieces = event
        if name == "place":
            self.shop.place(order, pieces)
        elif name == "cancel":
            self.shop.cancel(order)
        elif name == "receive":
            self.on_hand += pieces
        elif name == "remake":
            self.shop.remake()
            KeyMap(self._session()).learn({SKU: Place(self.shop.variant, 3)})
        else:
            self.booked.add(order)
            key = f"lightspeed.shop:{order}"
            row = StoredRow(ENVIRONMENT, "sales_order", key, State.DONE, self.clock.now(), "", {}, {}, 0, "run")
            self.store.change(None, row)

    def settle(self) -> None:
        """The source has caught up: what stands is booked, what was called off is taken back."""
        for order, one in self.shop.orders.items():
            if one["status"] == "cancelled":
                self.booked.discard(order)
            elif order not in self.booked:
                self.happen(("book", order, 0))

    def _before(self, phase: str) -> None:
        self.clock.sleep(self.step)
        for one in PHASES[: PHASES.index(phase) + 1]:
            for event in self._schedule.pop(one, ()):
                self.happen(event)
                if phase == "write again" and event[0] == "place":
                    self.open_seconds = True
        if phase.startswith("orders"):
            self.open_seconds = False

    def _session(self) -> Session:
        return Session(self.shop, self.settings, self.store)  # type: ignore[arg-type] # it looks like the client

    def run(self, schedule: Mapping[str, list[Event]] | None = None) -> None:
        """One cycle: the figures are read, then the flow runs; what is planned for a phase happens just before it."""
        self._schedule, self.open_seconds = dict(schedule or {}), False
        self._before("read")
        quantities = {"available": Decimal(self.figure)}
        item = Item(SKU, quantities, read_at=self.clock.now())
        self.shop.begin()
        self.shop.before = self._before
        session = self._session()
        kernel = Kernel(self.store, run_id="run", scope=session.scope, clock=self.clock)
        source = SourceKey("stock", SKU)
        held = [
            one.reason
            for one in StockFlow(session, kernel, lambda *_: None).run({SKU: item}, {SKU: [source]}, {})
            if one.action == "held"
        ]
        assert held == []
        left_open = self.open_seconds
        self._before("end")
        self.open_seconds = left_open
