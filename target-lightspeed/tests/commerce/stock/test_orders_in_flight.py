"""Orders of the shop that the source's figures don't contain yet come off the level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lightspeed_ecom import Unavailable
from upsert.errors import ConfigurationError, Outage
from upsert.model import SourceKey
from upsert.store import DecisionKind, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from stock_world import StockWorld


def test_a_sold_piece_does_not_come_back(world: StockWorld) -> None:
    """An order at :01, a stock run at :02, the booking at :15: the shop never shows the sold piece again."""
    world.sell_from("SKU-0001", 5)
    assert world.sync(world.row("SKU-0001", available=5)) == []
    world.later(60)
    order = world.order(SKU_0001=1)
    assert world.level("SKU-0001") == 4
    world.later(60)
    world.sync(world.row("SKU-0001", available=5))
    assert world.level("SKU-0001") == 4
    assert world.writes() == {}, "the shop has taken it off by itself"
    world.later(780)
    world.book(order)
    world.later(60)
    world.sync(world.row("SKU-0001", available=4))
    assert world.level("SKU-0001") == 4
    assert world.writes() == {}


def test_what_is_sold_and_not_booked_stays_sold_when_goods_come_in(world: StockWorld) -> None:
    """30 in stock, 29 sold and not booked, 50 received: 51 may be sold, not 80."""
    world.sell_from("SKU-0001", 30)
    world.sync(world.row("SKU-0001", available=30))
    world.order(SKU_0001=29)
    world.later(300)
    world.sync(world.row("SKU-0001", available=80))
    assert world.level("SKU-0001") == 51


def test_an_order_that_is_called_off_gives_its_pieces_back(world: StockWorld) -> None:
    """Cancelled before it was booked: the shop puts the piece back, and the level is the source's again."""
    world.sell_from("SKU-0001", 5)
    world.sync(world.row("SKU-0001", available=5))
    order = world.order(SKU_0001=2)
    world.later(300)
    world.sync(world.row("SKU-0001", available=5))
    assert world.level("SKU-0001") == 3
    world.cancel(order)
    world.later(300)
    world.sync(world.row("SKU-0001", available=5))
    assert world.level("SKU-0001") == 5
    assert world.writes() == {}


def test_a_booked_order_that_is_called_off_waits_for_the_source(world: StockWorld) -> None:
    """The source still reserves it, so the piece goes back on sale when the source says so."""
    world.sell_from("SKU-0001", 5)
    world.sync(world.row("SKU-0001", available=5))
    order = world.order(SKU_0001=1)
    world.book(order)
    world.later(300)
    world.sync(world.row("SKU-0001", available=4))
    world.cancel(order)
    world.later(300)
    world.sync(world.row("SKU-0001", available=4))
    assert world.level("SKU-0001") == 4
    world.later(300)
    world.sync(world.row("SKU-0001", available=5))
    assert world.level("SKU-0001") == 5


def test_an_open_order_that_is_changed(world: StockWorld) -> None:
    """Its pieces are read anew: one call."""
    world.sell_from("SKU-0001", 9)
    world.sync(world.row("SKU-0001", available=9))
    order = world.order(SKU_0001=1)
    world.later(300)
    world.sync(world.row("SKU-0001", available=9))
    world.edit(order, SKU_0001=4)
    world.later(300)
    world.sync(world.row("SKU-0001", available=10))
    assert world.level("SKU-0001") == 6
    assert world.reads()["GET orders/{id}/products"] == 1


def test_lines_are_read_once(world: StockWorld) -> None:
    """An order in flight costs one call; the runs after that remember it, also when the list no longer shows it."""
    world.sell_from("SKU-0001", 9)
    world.sync(world.row("SKU-0001", available=9))
    world.order(SKU_0001=1)
    world.later(300)
    world.sync(world.row("SKU-0001", available=9))
    assert world.reads() == {"GET variants/movements": 1, "GET orders": 1, "GET orders/{id}/products": 1}
    world.later(36_000)
    world.sync(world.row("SKU-0001", available=12), verify_hours=0)
    assert world.level("SKU-0001") == 11
    assert "GET orders/{id}/products" not in world.reads()


def test_booked_orders_cost_no_call(world: StockWorld) -> None:
    """In a cycle where orders are booked before stock is read, no order is read for its stock."""
    world.sell_from("SKU-0001", 20)
    world.sync(world.row("SKU-0001", available=20))
    for _ in range(5):
        world.book(world.order(SKU_0001=1))
    world.later(60)
    world.sync(world.row("SKU-0001", available=15))
    assert world.client.calls == {"GET variants/movements": 1, "GET orders": 1}
    assert world.level("SKU-0001") == 15


def test_booked_after_the_figures_were_read(world: StockWorld) -> None:
    """The figures are older than the booking: the order still comes off."""
    world.sell_from("SKU-0001", 5)
    world.sync(world.row("SKU-0001", available=5))
    order = world.order(SKU_0001=1)
    figures = world.row("SKU-0001", available=5)
    world.later(20)
    world.book(order)
    world.sync(figures)
    assert world.level("SKU-0001") == 4
    world.later(60)
    world.sync(world.row("SKU-0001", available=4))
    assert world.level("SKU-0001") == 4


@pytest.mark.parametrize(
    ("state", "level"), [(State.INTENT, 7), (State.WRITTEN, 8), (State.UPDATING, 8), (State.DONE, 8)]
)
def test_what_counts_as_booked(world: StockWorld, state: State, level: int) -> None:
    """Only a first write without an answer is no booking; what waits for a confirmation stands in the source."""
    world.sell_from("SKU-0001", 9)
    world.sync(world.row("SKU-0001", available=9))
    world.book(world.order(SKU_0001=1), state=state)
    world.later(60)
    world.sync(world.row("SKU-0001", available=8))
    assert world.level("SKU-0001") == level


def test_an_order_between_reading_and_writing(world: StockWorld) -> None:
    """The write would bring the sold piece back; the second look at the orders corrects it in the same run."""
    world.sell_from("SKU-0001", 9)
    world.sync(world.row("SKU-0001", available=9))
    meet(world, lambda: world.order(SKU_0001=1))
    world.later(300)
    world.sync(world.row("SKU-0001", available=12))
    assert world.level("SKU-0001") == 11
    assert world.writes() == {"PUT variants/{id}": 2}
    world.later(60)
    world.sync(world.row("SKU-0001", available=12))
    assert world.level("SKU-0001") == 11


def test_an_order_after_the_last_look(world: StockWorld) -> None:
    """It meets the seconds that stay open: the next run corrects it, booked or not."""
    for booked in (True, False):
        world.sell_from("SKU-0001", 9)
        world.sync(world.row("SKU-0001", available=9))
        placed: list[int] = []
        meet(world, lambda placed=placed: placed.append(world.order(SKU_0001=1)))
        world.later(300)
        world.sync(world.row("SKU-0001", available=12), rounds=0)
        assert world.level("SKU-0001") == 12
        if booked:
            world.book(*placed)
        world.later(60)
        # Booked, and one more received: the figure is what was written last, the level is not.
        world.sync(world.row("SKU-0001", available=12))
        assert world.level("SKU-0001") == (12 if booked else 11)
        world.cancel(*placed)
        world.later(300)


def test_an_order_in_the_seconds_of_a_run(world: StockWorld) -> None:
    """Whether it came before or after the write nobody can tell, so the level is written to be sure of it."""
    world.sell_from("SKU-0001", 9)
    world.clock.advance(10)
    world.send([world.row("SKU-0001", available=9)])
    world.book(world.order(SKU_0001=1))
    world.later(60)
    world.sync(world.row("SKU-0001", available=8))
    assert world.level("SKU-0001") == 8
    assert world.writes() == {"PUT variants/{id}": 1}
    world.sync(world.row("SKU-0001", available=8))
    assert world.writes() == {}


def test_a_run_that_breaks_off(world: StockWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows what was written when, so what moved since is written, not reckoned."""
    world.sell_from("SKU-0001", 9)
    world.sync(world.row("SKU-0001", available=9))
    world.later(300)
    pages = world.client.pages

    def gone(path: str, **options: Any) -> Any:
        if path == "orders" and world.writes():
            raise Unavailable("maintenance", request="GET orders")
        return pages(path, **options)

    monkeypatch.setattr(world.client, "pages", gone)
    with pytest.raises(Outage):
        world.sync(world.row("SKU-0001", available=12))
    monkeypatch.setattr(world.client, "pages", pages)
    assert world.level("SKU-0001") == 12
    world.book(world.order(SKU_0001=1))
    world.later(300)
    # One booked, one more came in: the figure is what was written last, the shop shows one less.
    world.sync(world.row("SKU-0001", available=12))
    assert world.level("SKU-0001") == 12
    assert world.writes() == {"PUT variants/{id}": 1}


def test_a_write_without_an_answer(world: StockWorld) -> None:
    """It may still be done late: nothing newer is written before that is past, and then the shop is asked first."""
    world.sell_from("SKU-0001", 9)
    world.sync(world.row("SKU-0001", available=9))
    world.fault(name="late_work", endpoint="PUT variants/{id}", seconds=200, times=1)
    held = world.sync(world.row("SKU-0001", available=12))
    assert [one["reason"] for one in held] == ["in_doubt"]
    held = world.sync(world.row("SKU-0001", available=5))
    assert [one["reason"] for one in held] == ["in_doubt"]
    assert world.writes() == {}
    world.later(600)
    assert world.level("SKU-0001") == 12, "it came late"
    assert world.sync(world.row("SKU-0001", available=5)) == []
    assert world.level("SKU-0001") == 5
    assert world.reads()["GET variants/{id}"] == 1


def test_more_are_there_than_the_cap_shows(world: StockWorld) -> None:
    """A sale lowers the shop's level below the cap; it is filled up again although the figure hardly moved."""
    world.sell_from("SKU-0001", 10)
    world.sync(world.row("SKU-0001", available=50), cap=10)
    assert world.writes() == {}
    world.order(SKU_0001=3)
    world.later(300)
    world.sync(world.row("SKU-0001", available=50), cap=10)
    assert world.level("SKU-0001") == 10
    assert world.writes() == {"PUT variants/{id}": 1}
    world.later(300)
    world.sync(world.row("SKU-0001", available=50), cap=10)
    assert world.writes() == {}


def test_older_figures_are_left_out(world: StockWorld) -> None:
    """A file that is played again would not contain orders that were booked since."""
    world.sell_from("SKU-0001", 9)
    old = world.row("SKU-0001", available=9)
    world.sync(world.row("SKU-0001", available=9))
    world.later(300)
    world.sync(world.row("SKU-0001", available=7))
    world.sync(old)
    assert world.level("SKU-0001") == 7
    assert world.done() == {"older_figures": 1}


def test_a_store_without_bookings(world: StockWorld) -> None:
    """Many orders that nobody seems to have booked are no reason for as many calls: the run says what is wrong."""
    world.sell_from("SKU-0001", 90)
    for _ in range(4):
        world.order(SKU_0001=1)
    with pytest.raises(ConfigurationError, match=r"4 orders .* `stock.order_reads` is 3"):
        world.sync(world.row("SKU-0001", available=90), order_reads=3)
    since = world.ago(-1).isoformat()
    world.sync(world.row("SKU-0001", available=86), order_reads=3, orders_since=since)
    assert world.level("SKU-0001") == 86


def test_an_order_that_a_person_gave_up(world: StockWorld) -> None:
    """It is never booked by the orders flow (it was booked by hand, or not at all): the figures hold from then on."""
    world.sell_from("SKU-0001", 9)
    world.sync(world.row("SKU-0001", available=9))
    order = world.order(SKU_0001=2)
    world.later(3600)
    world.sync(world.row("SKU-0001", available=9))
    assert world.level("SKU-0001") == 7
    with world.store() as store:
        source = SourceKey("orders", str(order))
        store.decide("lightspeed.shop1", source, DecisionKind.SKIP, who="anna", at=world.clock.now())
    figures = world.row("SKU-0001", available=9)
    world.sync(figures)
    assert world.level("SKU-0001") == 7, "figures of the same second"
    world.later(60)
    world.sync(world.row("SKU-0001", available=8))
    assert world.level("SKU-0001") == 8


def test_without_bookings_nothing_comes_off(world: StockWorld) -> None:
    """With `booked_by: none` the figures hold as they are, and orders are not listed."""
    world.sell_from("SKU-0001", 9)
    world.order(SKU_0001=1)
    world.sync(world.row("SKU-0001", available=9), booked_by="none")
    assert world.level("SKU-0001") == 9
    assert "GET orders" not in world.client.calls


def test_somebody_must_say_when_the_figures_were_read(world: StockWorld) -> None:
    """Without a time nobody can tell which orders they contain; the time of extraction serves as well."""
    world.sell_from("SKU-0001", 9)
    row = world.row("SKU-0001", available=8, read_at=None)
    with pytest.raises(ConfigurationError, match="read_at"):
        world.sync(row)
    assert world.send([row], extracted=world.ago(1).isoformat()) == []
    assert world.level("SKU-0001") == 8


def test_two_shops_sell_from_one_stock(world: StockWorld) -> None:
    """Orders of the other shop are not seen before they are booked: the buffer keeps pieces for it."""
    world.sell_from("SKU-0001", 9)
    world.sync(world.row("SKU-0001", available=9), buffer=2)
    assert world.level("SKU-0001") == 7


def meet(world: StockWorld, action: Callable[[], object]) -> None:
    """Something happens at the next write, before it is done."""
    update = world.client.update

    def first(*args: Any, **options: Any) -> Any:
        world.client.update = update  # type: ignore[method-assign] # once
        action()
        return update(*args, **options)

    world.client.update = first  # type: ignore[method-assign] # the moment between reading and writing
