"""What the flow reads of the shop, and what it keeps between runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from commerce.models import Ref
from lightspeed_ecom.client import Page
from target_lightspeed.commerce.sku import sku_of
from target_lightspeed.commerce.stock.inflight import Movement, Ordered, Shows, Sold, in_flight, shows_now
from target_lightspeed.commerce.stock.shop import ShopReader
from target_lightspeed.commerce.stock.state import Memory, MemoryRow
from upsert.clock import to_text
from upsert.errors import Outage
from upsert.store import State, Store, StoredRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stock_world import StockWorld

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Log:
    """A long log of movements, listed the one way or the other."""

    def __init__(self, size: int, *, newest_first: bool) -> None:
        ids = range(1, size + 1)
        self.ids = list(reversed(ids)) if newest_first else list(ids)
        self.calls = 0

    def pages(self, path: str, *, first: int = 1, since_id: int = 0, **_: Any) -> Iterator[Page]:
        ids = [one for one in self.ids if one > since_id]
        for number in range(first, len(ids) // 250 + 2):
            self.calls += 1
            some = ids[250 * (number - 1) : 250 * number]
            rows = [
                {"id": one, "createdAt": NOW.isoformat(), "variant": {"id": 7}, "stockLevelChange": -1} for one in some
            ]
            yield Page(rows, number, full=len(some) == 250, server_time=NOW)

    def count(self, path: str) -> int:
        self.calls += 1
        return len(self.ids)


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("size", [0, 3, 250, 251, 1000])
def test_where_the_log_ends(size: int, newest_first: bool) -> None:
    """The first run finds the end of the log in at most four calls, in whichever order the shop lists it."""
    log = Log(size, newest_first=newest_first)
    reader = ShopReader(log, "sku")  # type: ignore[arg-type] # it looks like the client
    assert reader.movements(None) == ([], size)
    assert log.calls <= 4
    moves, cursor = reader.movements(max(size - 2, 0))
    assert sorted(one.id for one in moves) == list(range(max(size - 2, 0) + 1, size + 1))
    assert cursor == size


def move(number: int, change: int, seconds: float) -> Movement:
    return Movement(number, NOW + seconds * SECOND, 7, Decimal(change))


def test_what_a_variant_shows() -> None:
    """Reckoned where every movement is surely later than the last run; else unknown; nothing new changes nothing."""
    moves = [move(4, -9, -60), move(5, -1, 10), move(6, 2, 20)]
    assert shows_now(10, 4, moves, NOW) == Shows(11, 6)
    assert shows_now(10, 6, moves, NOW) is None
    assert shows_now(10, 3, moves, NOW) == Shows(None, 6), "one came before the last run ended"
    assert shows_now(10, 4, moves, None) == Shows(None, 6), "the last run broke off"
    assert shows_now(None, 4, moves, NOW) == Shows(None, 6)


def test_pieces_in_flight() -> None:
    """Booked before the figures were read, with a margin: contained; all else comes off."""
    margin = 5 * SECOND
    orders = [
        Sold(1, NOW, NOW, {Ordered(7, "A"): Decimal(1), Ordered(8, "B"): Decimal(5)}),
        Sold(2, NOW, NOW, {Ordered(7, "A"): Decimal(2)}, booked=NOW - 6 * SECOND),
        Sold(3, NOW, NOW, {Ordered(7, "A"): Decimal(4)}, booked=NOW - 5 * SECOND),
        Sold(4, NOW, NOW, {Ordered(7, "A"): Decimal(8)}, booked=NOW + SECOND),
    ]
    assert in_flight(orders, "A", 7, NOW, margin) == 13
    assert in_flight(orders, "B", 8, NOW, margin) == 5
    assert in_flight(orders, "C", 9, NOW, margin) == 0


def test_what_an_order_comes_off() -> None:
    """By its SKU, also when that stands elsewhere now or nowhere; by its variant, also when its SKU was mended."""
    orders = [Sold(1, NOW, NOW, {Ordered(7, "A"): Decimal(1), Ordered(8, ""): Decimal(5), Ordered(0, "C"): Decimal(3)})]
    margin = 5 * SECOND
    assert in_flight(orders, "A", 70, NOW, margin) == 1
    assert in_flight(orders, "A", None, NOW, margin) == 1
    assert in_flight(orders, "new", 7, NOW, margin) == 1
    assert in_flight(orders, "B", 8, NOW, margin) == 5
    assert in_flight(orders, "C", None, NOW, margin) == 3
    assert in_flight(orders, "D", None, NOW, margin) == 0


def test_memory_survives() -> None:
    """All of it comes back from the store; of two runs at once the second to save stops."""
    order = Sold(5, NOW, NOW + SECOND, {Ordered(7, "A 1:2%x"): Decimal("1.5"), Ordered(8, ""): Decimal(2)})
    memory = Memory(9, NOW, NOW + SECOND, NOW, NOW, NOW, {5: order}, frozenset({3, 4}))
    with Store.open("sqlite://") as store:
        first, second = MemoryRow(store, "shop1", "a"), MemoryRow(store, "shop1", "b")
        assert first.load() == Memory()
        second.load()
        first.save(memory)
        assert MemoryRow(store, "shop1", "c").load() == memory
        assert MemoryRow(store, "shop2", "c").load() == Memory()
        with pytest.raises(Outage, match="another run"):
            second.save(memory)
        first.save(Memory())
        assert MemoryRow(store, "shop1", "c").load() == Memory()


def test_an_order_that_was_kept_without_its_skus() -> None:
    """As releases before kept it: its pieces come off the variant."""
    text = f"{to_text(NOW)} {to_text(NOW)} 7x2 8x1.5"
    with Store.open("sqlite://") as store:
        row = StoredRow("shop1", "commerce.stock_state", "run", State.DONE, NOW, "", {}, {"order 5": text}, 0, "a")
        assert store.change(None, row)
        orders = MemoryRow(store, "shop1", "b").load().orders
    assert orders[5].pieces == {Ordered(7, ""): 2, Ordered(8, ""): Decimal("1.5")}
    assert in_flight(orders.values(), "A", 7, NOW, 5 * SECOND) == 2


def test_nothing_personal_is_kept(world: StockWorld) -> None:
    """Of an order the store knows ids, numbers and times; the list doesn't even ask for more."""
    world.sell_from("SKU-0001", 9)
    world.sync(world.row("SKU-0001", available=9))
    number = world.order(SKU_0001=2)
    world.sync(world.row("SKU-0001", available=9))
    with world.store() as store:
        row = store.row("shop1", "commerce.stock_state", "run")
    assert row is not None
    kept = row.ids[f"order {number}"].split(" ")
    assert kept[2:] == [f"{world.variant('SKU-0001')['id']}x2:SKU-0001"]


def test_orders_that_are_too_old(world: StockWorld, caplog: pytest.LogCaptureFixture) -> None:
    """After `orders_days` an order that nobody booked counts for nothing any more, which is said once."""
    world.sell_from("SKU-0001", 9)
    world.sync(world.row("SKU-0001", available=9))
    order = world.order(SKU_0001=2)
    world.later(3600)
    world.sync(world.row("SKU-0001", available=9), orders_days=1)
    assert world.level("SKU-0001") == 7
    assert "nobody booked" not in caplog.text
    world.later(86_400)
    world.sync(world.row("SKU-0001", available=9), orders_days=1)
    assert world.level("SKU-0001") == 9
    world.sync(world.row("SKU-0001", available=9), orders_days=1)
    assert caplog.text.count(f"no longer come off the stock: {order}") == 1


@pytest.mark.parametrize(
    "switches",
    [{"list_order": "oldest_first"}, {"stock_touches_variant": False}, {"filter_zone": "shop"}, {"offset": "utc"}],
)
def test_whatever_the_shop_is_like(tmp_path: Any, switches: dict[str, Any]) -> None:
    """What is unknown about the API makes no difference."""
    from stock_world import StockWorld

    world = StockWorld(tmp_path, switches=switches)
    world.sell_from("SKU-0001", 9)
    world.sync(world.row("SKU-0001", available=9))
    order = world.order(SKU_0001=2)
    world.later(60)
    world.sync(world.row("SKU-0001", available=12))
    assert world.level("SKU-0001") == 10
    world.book(order)
    world.later(60)
    world.sync(world.row("SKU-0001", available=10))
    assert world.level("SKU-0001") == 10
    assert world.writes() == {}


def test_which_sku_is_meant() -> None:
    """The SKU, else the item code; nothing where neither stands."""
    assert sku_of(Ref(sku="A-1", code="A")) == "A-1"
    assert sku_of(Ref(code="A")) == "A"
    assert sku_of(Ref(sku="  ", name="Chair")) is None


@pytest.mark.parametrize("logged", ["changes", "all"])
def test_levels_of_ours_in_the_log_of_movements(tmp_path: Any, logged: str) -> None:
    """If the shop logs what the API sets, a level is still written once, and a sale beside it is seen."""
    from stock_world import StockWorld

    world = StockWorld(tmp_path, switches={"stock_writes_logged": logged})
    world.sell_from("SKU-0001", 9)
    world.sync(world.row("SKU-0001", available=12), world.row("SKU-0002", available=3))
    assert world.level("SKU-0001") == 12
    for _ in range(3):
        world.later(60)
        world.sync(world.row("SKU-0001", available=12), world.row("SKU-0002", available=3))
        assert world.writes() == {}
    order = world.order(SKU_0001=2)
    world.later(60)
    world.sync(world.row("SKU-0001", available=20), world.row("SKU-0002", available=3))
    assert world.level("SKU-0001") == 18
    world.book(order)
    world.order(SKU_0002=1)
    world.later(60)
    world.sync(world.row("SKU-0001", available=18), world.row("SKU-0002", available=3))
    assert world.writes() == {}
    assert (world.level("SKU-0001"), world.level("SKU-0002")) == (18, 2)
