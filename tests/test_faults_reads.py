"""Fault cases in which something is wrong with what is read: rates, pages, broken answers, types, clocks, nights."""

from __future__ import annotations

import copy
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.scene import SALES, Scene, Scenes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HTTP_DATE = "%a, %d %b %Y %H:%M:%S GMT"


@pytest.fixture
def scene() -> Iterator[Scene]:
    """A shop and an AFAS."""
    made = Scene()
    yield made
    made.close()


@pytest.fixture
def make() -> Iterator[Scenes]:
    """Makes worlds with their own settings."""
    with Scenes() as scenes:
        yield scenes


def pages(scene: Scene, unpaid: int = 258) -> tuple[int, int]:
    """A list of two pages: an old paid order on the second, a new one on the first, and unpaid ones between."""
    old = scene.sale(email="old@example.com")
    scene.place(["unpaid_transfer"] * unpaid, 1)
    scene.passes(1)
    return old, scene.sale(email="new@example.com")


# -- X4: too many calls ---------------------------------------------------------------------------------------------------


def seconds(scene: Scene) -> float:
    """Until the 5-minute window of the refused call closes, as its headers said."""
    (refused,) = [call for call in scene.calls if call["status"] == 429]
    said: float = refused["reset"][0]
    return said


@pytest.mark.parametrize(
    ("how", "wait"),
    [
        ({"headers": True}, seconds),
        ({"headers": False}, lambda scene: 60),
        ({"headers": False, "retry_after": "30"}, lambda scene: 30),
        (
            {"headers": False, "retry_after": lambda now: (now + timedelta(seconds=40)).strftime(HTTP_DATE)},
            lambda scene: 40,
        ),
        ({"headers": False, "retry_after": lambda now: (now + timedelta(seconds=50)).isoformat()}, lambda scene: 50),
    ],
    ids=["headers", "nothing", "seconds", "http-date", "iso-date"],
)
@pytest.mark.parametrize("endpoint", ["GET orders", "GET orders/{id}"])
def test_x4_a_refused_call_is_made_again_when_the_shop_says(
    scene: Scene, endpoint: str, how: dict[str, Any], wait: Callable[[Scene], float]
) -> None:
    """X4: after a 429 the run sleeps until the reset that the headers name (60 s if none), then asks the same again."""
    orders = [scene.sale(email=f"k{n}@example.com") for n in range(3)]
    params = {name: value(scene.now) if callable(value) else value for name, value in how.items()}
    scene.fault("lightspeed", name="status_429", endpoint=endpoint, **params)
    assert scene.go() == (0, 0, 0)
    assert wait(scene) - 2 <= scene.waited <= wait(scene) + 3
    assert scene.calls_of(endpoint) == (2 if endpoint == "GET orders" else 4)
    assert all(map(scene.found, orders))
    scene.all_booked()


@pytest.mark.parametrize("switch", ["none", "seconds", "http_date", "iso"])
def test_x4_one_refusal_a_window_and_no_more(make: Scenes, switch: str) -> None:
    """X4: somebody else has used the window up: one 429, a sleep until it closes, and none after it."""
    limits = {"rate_limits": "20/3000/12000", "retry_after": switch}
    scene = make(shop_switches=limits, tap_settings={"reserve_5_minutes": 0})
    orders = [scene.sale(email=f"k{n}@example.com") for n in range(3)]
    scene.spend(20)
    assert scene.go() == (0, 0, 0)
    assert scene.shop.rate_limited == 1
    assert 0 < scene.waited <= 302
    assert all(map(scene.found, orders))
    scene.all_booked()


@pytest.mark.parametrize("endpoint", ["GET connectors/Commerce_Relations", SALES])
def test_x4_a_refusal_by_afas_is_waited_out(scene: Scene, endpoint: str) -> None:
    """X4: a 429 of AFAS with a time is waited out, for reads and for writes, and nothing is held."""
    order = scene.sale()
    scene.fault("afas", name="status_429", endpoint=endpoint, retry_after=20)
    assert scene.go() == (0, 0, 0)
    assert 20 <= scene.waited <= 22
    assert scene.reasons == []
    assert scene.found(order)
    scene.all_booked()


# -- X8, X9, X10: no answer to a question -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 504])
def test_x8_a_page_that_fails_once_is_asked_again(scene: Scene, status: int) -> None:
    """X8: an HTML error page in the middle of paging: that page again, and nothing is missing."""
    orders = pages(scene)
    scene.fault("lightspeed", name="html_error", endpoint="GET orders", nth=2, status=status)
    assert scene.go() == (0, 0, 0)
    assert scene.calls_of("GET orders") == 3
    assert all(map(scene.found, orders))
    scene.all_booked()


def test_x8_a_page_that_keeps_failing_ends_the_run_before_it(scene: Scene) -> None:
    """X8: when it lasts, the run stops with exit 3 and the bookmark stays before that page; the next run has it all."""
    first = scene.sale(email="first@example.com")
    assert scene.go() == (0, 0, 0)
    before = scene.bookmark
    old, new = pages(scene)
    scene.fault("lightspeed", name="html_error", endpoint="GET orders", nth=2, times=None)
    assert scene.go() == (3, 0, 0)
    assert "Lightspeed is unavailable" in scene.said("tap")
    assert scene.calls_of("GET orders") == 7
    assert scene.bookmark == before
    assert not scene.found(old)
    scene.kept(healed=False)
    scene.lift()
    assert scene.go(900) == (0, 0, 0)
    assert all(map(scene.found, (first, old, new)))
    scene.all_booked()


READS = [
    ("lightspeed", "GET orders"),
    ("lightspeed", "GET orders/{id}"),
    ("afas", "GET metainfo"),
    ("afas", "GET connectors/Commerce_Orders"),
    ("afas", "GET connectors/Commerce_OrderLines"),
    ("afas", "GET connectors/Commerce_Items"),
]


@pytest.mark.parametrize("name", ["truncated_json", "truncated_body", "reset_after", "html_error"])
@pytest.mark.parametrize(("side", "endpoint"), READS)
def test_x9_a_broken_answer_to_a_question_is_no_answer(scene: Scene, side: str, endpoint: str, name: str) -> None:
    """X9: half a JSON, or fewer bytes than promised: taken for no answer, asked again, and nothing is missing."""
    orders = [scene.sale(email=f"k{n}@example.com") for n in range(2)]
    scene.fault(side, name=name, endpoint=endpoint)
    assert scene.go() == (0, 0, 0)
    assert scene.faults()[-1]["fired"] == 1
    assert all(map(scene.found, orders))
    assert scene.calls_of(SALES) == 2
    scene.all_booked()


@pytest.mark.parametrize("endpoint", ["GET orders", "GET orders/{id}"])
def test_x10_another_envelope_is_opened_all_the_same(scene: Scene, endpoint: str) -> None:
    """X10: the only key of an answer has another name than documented: it is taken for the envelope."""
    order = scene.sale()
    scene.fault("lightspeed", name="wrong_envelope", endpoint=endpoint, times=None)
    assert scene.go() == (0, 0, 0)
    assert scene.total(order) == scene.price(order)
    scene.all_booked()


@pytest.mark.parametrize("name", ["empty_2xx", "error_200", "wrong_envelope"])
@pytest.mark.parametrize(("side", "endpoint"), READS)
def test_x10_a_good_status_without_a_good_answer_loses_nothing(
    scene: Scene, side: str, endpoint: str, name: str
) -> None:
    """X10: 200 with an `error` body, another envelope or nothing: an `error` counts as its code; nothing is lost, nothing
    is written on the ground of it, and the next run has it all."""
    orders = [scene.sale(email=f"k{n}@example.com") for n in range(2)]
    scene.fault(side, name=name, endpoint=endpoint, times=None)
    codes = scene.go()
    if name == "error_200":
        assert any(codes)
    scene.kept(healed=False)
    scene.all_booked()
    assert [scene.found(order)["inserts"] for order in orders] == [1, 1]


# -- X33: slow answers ---------------------------------------------------------------------------------------------------------

PATIENCE = {"lightspeed": 130, "afas": 1000}
"""Seconds that a slow answer may cost: the shop gets a minute and a second try, AFAS its own 900 s."""


def slow(scene: Scene, side: str, **fault: Any) -> float:
    """Two orders are booked although one answer to a question is slow; the seconds that the run took."""
    orders = [scene.sale(email=f"k{n}@example.com") for n in range(2)]
    began = scene.now
    scene.fault(side, **fault)
    codes = scene.go()
    took = (scene.now - began).total_seconds()
    assert scene.faults()[-1]["fired"] == 1
    if codes == (0, 0, 3):  # given up as unavailable: the next run has it all
        scene.kept(healed=False)
        codes = scene.go(900)
    assert codes == (0, 0, 0)
    assert all(map(scene.found, orders))
    assert scene.calls_of(SALES) == 2
    scene.all_booked()
    return took


@pytest.mark.parametrize(("side", "endpoint"), READS)
def test_x33_a_silence_of_899_seconds(scene: Scene, side: str, endpoint: str) -> None:
    """X33: the shop is asked again after a minute; AFAS, which may work for 900 s, is waited for; nothing is lost."""
    took = slow(scene, side, name="slow", seconds=899, endpoint=endpoint)
    assert took < PATIENCE[side]


@pytest.mark.parametrize(("side", "endpoint"), READS)
def test_x33_an_answer_at_a_byte_a_second(scene: Scene, side: str, endpoint: str) -> None:
    """X33: a body that trickles in, whole or given up, is an answer or none: nothing is lost or doubled by it."""
    slow(scene, side, name="drip", bytes_per_second=1, endpoint=endpoint)


# -- X11: wrong types -------------------------------------------------------------------------------------------------------


def in_text(value: Any) -> Any:
    """Every number that isn't an id or a count as text, as some endpoints write them."""
    if isinstance(value, dict):
        return {
            name: str(part)
            if isinstance(part, float | int)
            and not isinstance(part, bool)
            and ("price" in name.lower() or name in {"taxRate", "quantityOrdered", "rate", "amount"})
            else in_text(part)
            for name, part in value.items()
        }
    return [in_text(part) for part in value] if isinstance(value, list) else value


def changed(**fields: Any) -> Callable[[Any], Any]:
    def change(answer: Any) -> Any:
        answer = copy.deepcopy(answer)
        for name, value in fields.items():
            if value is ...:
                answer["order"].pop(name, None)
            else:
                answer["order"][name] = value
        return answer

    return change


FALSE = ("comment", "memo", "deliveryDate", "companyName", "customStatusId", "paymentData", "addressShippingCompany")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(in_text, id="numbers as text"),
        pytest.param(changed(**dict.fromkeys(FALSE, False)), id="false for not set"),
        pytest.param(
            changed(paymentPriceIncl=False, paymentPriceExcl=False), id="false for an amount that is not there"
        ),
        pytest.param(
            changed(weight=..., memo=..., events=..., metafields=..., giftCardsPayment=...), id="missing fields"
        ),
        pytest.param(changed(loyalty={"points": 5}, newFlag=True), id="new fields"),
        pytest.param(changed(shipmentStatus="on_its_way", status="processing_by_robot"), id="new values"),
    ],
)
def test_x11_odd_types_of_an_order_are_understood(scene: Scene, change: Callable[[Any], Any]) -> None:
    """X11: documented `false` is not set, numeric text is a number, missing and new fields and values stop nothing."""
    order = scene.sale(payment={"id": "external", "title": "Geen betaling nodig", "paid": True})
    scene.answers("GET */orders/*", change)
    assert scene.go() == (0, 0, 0)
    assert scene.reasons == []
    assert scene.total(order) == scene.price(order)
    scene.all_booked()


def test_x11_zero_stays_zero(scene: Scene) -> None:
    """X11: 0 is a price and not "not set": a free line is booked as a line of 0."""
    order = scene.sale(lines=[{"sku": "SKU-0001"}, {"sku": "SKU-0002", "price": 0}])
    assert scene.go() == (0, 0, 0)
    free = next(line for line in scene.found(order)["lines"] if line["item"] == "SKU-0002")
    assert (free["quantity"], free["incl"]) == (1, 0)
    scene.all_booked()


def test_x11_an_unknown_field_can_reach_afas(scene: Scene) -> None:
    """X11: a field that nobody knew is passed on by the tap, and the user's mapping can use it."""
    order = scene.sale()
    scene.mapper_config["overrides"] = {"orders": {"remark": "str(record.get('loyalty')['points']) + ' punten'"}}
    scene.answers("GET */orders/*", changed(loyalty={"points": 5}))
    assert scene.go() == (0, 0, 0)
    assert scene.found(order)["fields"]["Re"] == "5 punten"
    scene.all_booked()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (changed(priceIncl=...), "missing_value"),
        (changed(priceIncl=False), "missing_value"),
        (changed(priceIncl="a lot"), "invalid_value"),
        (changed(number=...), "missing_value"),
        (changed(priceIncl=1.0), "amounts_do_not_add_up"),
    ],
)
def test_x11_what_decides_the_booking_and_cannot_be_read_holds_the_order(
    scene: Scene, change: Callable[[Any], Any], reason: str
) -> None:
    """X11: what decides the booking and is missing or unreadable holds this order, with the field's name; mended, it
    goes through by itself."""
    order, other = scene.sale(), scene.sale(email="b@example.com")
    scene.answers(f"GET */orders/{order}.json", change)
    assert scene.go() == (0, 0, 0)
    assert [why for why, _ in scene.reasons] == [reason]
    assert scene.reasons[0][1]
    assert scene.found(other)
    assert not scene.found(order)
    scene.kept(healed=False)
    scene.hooks.clear()
    scene.all_booked()
    assert scene.found(order)


# -- X12, X13, X17: the list moves -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", [2, 3])
def test_x12_new_orders_between_two_pages(scene: Scene, call: int) -> None:
    """X12: new orders push rows from one page to the next: duplicates are dropped by id, nothing is lost, the new ones
    come in the next run."""
    orders = pages(scene)
    fresh: list[int] = []

    def arrive() -> None:
        fresh.extend(scene.sale(email=f"x{n}@example.com") for n in range(3))

    scene.before("GET */orders*", arrive, call)
    assert scene.go() == (0, 0, 0)
    assert all(map(scene.found, orders))
    assert scene.calls_of("GET orders/{id}") == 2
    assert len(fresh) == 3
    scene.go(60)
    assert all(map(scene.found, fresh))
    assert scene.calls_of("GET orders/{id}") == 5
    scene.all_booked()


def test_x13_a_deleted_row_leaves_no_gap(scene: Scene) -> None:
    """X13: a row that is deleted while paging pulls another out of sight: the count shows it, and the list is read
    once more."""
    scene.sale(email="oldest@example.com")
    hidden = scene.sale(email="hidden@example.com")
    scene.place(["unpaid_transfer"] * 250, 1)
    scene.passes(10)
    newest = max(scene.orders)

    def delete() -> None:
        scene.control("lightspeed", "DELETE", "records", {"resource": "orders", "ids": [newest]})

    # Page 1, its count, then page 2: what stood first on it moves to page 1, which has been read.
    scene.place(["unpaid_transfer"], 2)
    scene.passes(10)
    hook = scene.before("GET */orders.json", delete, 2)
    assert scene.go() == (0, 0, 0)
    assert hook.met == 4
    assert scene.found(hidden)
    scene.revisions[:] = [one for one in scene.revisions if one["id"] != str(newest)]
    scene.all_booked()


def test_x13_an_edited_row_comes_in_the_next_run(scene: Scene) -> None:
    """X13: a row that is edited while paging moves to the front: it comes as it stands, once, now or in the next run."""
    old, new = pages(scene)

    def edit() -> None:
        scene.passes(1)
        scene.step(old, "edit", quantities={"SKU-0001": 4})
        scene.step(old, "pay")

    scene.before("GET */orders.json", edit, 2)
    assert scene.go() == (0, 0, 0)
    assert scene.found(new)
    scene.go(60)
    assert scene.total(old) == scene.price(old)
    assert scene.found(old)["inserts"] == 1
    scene.all_booked()


def test_x17_one_second_on_both_sides_of_a_page(scene: Scene) -> None:
    """X17: more records of one second than a page holds: each arrives exactly once."""
    scene.place(["plain"] * 3 + ["unpaid_transfer"] * 250 + ["plain"] * 3, 1)
    scene.passes(10)
    assert scene.go() == (0, 0, 0)
    assert scene.calls_of(SALES) == 6
    assert scene.calls_of("GET orders/{id}") == 6
    scene.all_booked()


@pytest.mark.parametrize("bounds", ["inclusive", "exclusive"])
@pytest.mark.parametrize("zone", ["utc", "shop"])
def test_x17_one_second_on_both_sides_of_the_bookmark(make: Scenes, bounds: str, zone: str) -> None:
    """X17: a record of the very second of the bookmark that shows up later arrives once, whatever the filter's zone and
    bounds; what was seen is not read again."""
    scene = make(shop_switches={"filter_bounds": bounds, "filter_zone": zone})
    first = scene.sale()
    assert scene.go() == (0, 0, 0)
    second = datetime.fromisoformat(scene.bookmark or "")
    late = scene.sale(email="late@example.com", placed=second.isoformat())
    same = scene.sale(email="same@example.com", placed=scene.start.isoformat())
    assert scene.go(5) == (0, 0, 0)
    assert all(map(scene.found, (first, late, same)))
    assert scene.calls_of("GET orders/{id}") == 3
    scene.all_booked()


# -- X18, X19: clocks and nights ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("afas", [-600.0, 600.0])
@pytest.mark.parametrize("host", [-600, 600])
def test_x18_clocks_that_differ(make: Scenes, host: int, afas: float) -> None:
    """X18: host and AFAS ten minutes off: the bookmark is the shop's own time, an unclear write waits 930 s of AFAS's
    own time, and no order is lost or doubled."""
    scene = make(afas_ahead=afas)
    scene.host.skew = timedelta(seconds=host)
    orders = [scene.sale()]
    assert scene.go() == (0, 0, 0)
    assert scene.now - timedelta(seconds=10) < datetime.fromisoformat(scene.bookmark or "") <= scene.now
    orders.append(scene.sale(email="b@example.com"))
    scene.fault("afas", name="late_work", endpoint=SALES, after=500)
    assert scene.go() == (0, 0, 0)
    assert [reason for reason, _ in scene.reasons] == ["in_doubt"]
    scene.host.skew = -scene.host.skew
    for _ in range(8):
        assert scene.go(300) == (0, 0, 0)
        scene.kept(healed=False)
    assert [scene.found(order)["inserts"] for order in orders] == [1, 1]
    assert scene.calls_of(SALES) == 2
    scene.all_booked()


def first_revisions(scene: Scene) -> list[dict[str, Any]]:
    """Every order as it was placed, the oldest first."""
    first: dict[str, dict[str, Any]] = {}
    for one in scene.revisions:
        first.setdefault(one["id"], one)
    return list(first.values())


@pytest.mark.parametrize(
    "evening", [datetime(2026, 10, 24, 22, 40, tzinfo=UTC), datetime(2027, 3, 27, 22, 40, tzinfo=UTC)]
)
@pytest.mark.parametrize("zone", ["utc", "shop"])
def test_x19_both_nights_on_which_the_clocks_change(make: Scenes, evening: datetime, zone: str) -> None:
    """X19: 02:30 twice, or never: an order every 20 minutes through the night, one of them unclear: each booked once,
    under the day of the shop's own calendar."""
    scene = make(start=evening, shop_switches={"filter_zone": zone})
    orders = []
    for n in range(15):
        orders.append(scene.sale(email=f"k{n}@example.com"))
        if n == 8:
            scene.fault("afas", name="late_work", endpoint=SALES, after=500)
        assert scene.go() == (0, 0, 0)
        scene.passes(1190)
    scene.all_booked()
    assert scene.calls_of(SALES) == 15
    placed = [datetime.fromisoformat(one["created"]).astimezone(AMSTERDAM) for one in first_revisions(scene)]
    assert [scene.found(order)["fields"]["OrDa"] for order in orders] == [at.date().isoformat() for at in placed]


# -- X34: a record that is not there -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 2])
def test_x34_children_that_are_missing_for_a_moment(scene: Scene, times: int) -> None:
    """X34: 404 on a fresh order's children passes: two spaced repeats, and the order arrives whole."""
    order = scene.sale(lines=[{"sku": f"SKU-{n:04}"} for n in range(1, 61)])
    scene.fault("lightspeed", name="temporary_404", endpoint="GET orders/{id}/products", times=times)
    assert scene.go() == (0, 0, 0)
    assert scene.host.slept[:times] == [2.0, 5.0][:times]
    assert scene.total(order) == scene.price(order)
    scene.all_booked()


def test_x34_children_that_stay_away_never_make_half_an_order(scene: Scene) -> None:
    """X34: children that stay away are logged; the order with half its lines is held and never booked in part."""
    order = scene.sale(lines=[{"sku": f"SKU-{n:04}"} for n in range(1, 61)])
    scene.fault("lightspeed", name="temporary_404", endpoint="GET orders/{id}/products", times=None)
    assert scene.go() == (0, 0, 0)
    assert not scene.found(order)
    assert [reason for reason, _ in scene.reasons] == ["amounts_do_not_add_up"]
    scene.kept(healed=False)
    scene.all_booked()
    assert scene.total(order) == scene.price(order)


def test_x34_an_order_that_is_gone_is_no_error(scene: Scene) -> None:
    """X34: a listed order that stays 404 is logged as gone and stops nothing; when it is there after all, it is booked."""
    order, other = scene.sale(), scene.sale(email="b@example.com")
    scene.fault("lightspeed", name="temporary_404", endpoint="GET orders/{id}", contains=str(order), times=None)
    assert scene.go() == (0, 0, 0)
    assert scene.calls_of("GET orders/{id}") == 4
    assert "1 not found" in scene.said("tap")
    assert scene.found(other)
    scene.lift()
    assert scene.go(60) == (0, 0, 0)
    assert scene.found(order)
    scene.all_booked()


def test_x34_a_held_order_that_is_gone_is_settled(scene: Scene) -> None:
    """X34: a held order that is deleted in the shop is settled, and waits for nobody any more."""
    scene.user("afas/item", {"action": "delete", "item": "SKU-0004"})
    order = scene.sale("SKU-0004")
    scene.go()
    assert scene.reasons == [("unknown_item", "SKU-0004")]
    scene.control("lightspeed", "DELETE", "records", {"resource": "orders", "ids": [order]})
    scene.revisions.clear()
    assert scene.go(1000) == (0, 0, 0)
    assert scene.reasons == []
    scene.all_booked()


# -- X35: the budget -----------------------------------------------------------------------------------------------------------


def test_x35_calls_of_others_slow_the_run_down(make: Scenes, caplog: pytest.LogCaptureFixture) -> None:
    """X35: another app spends the key's calls: the run waits for the next window and says so, and the reserve of others
    stays untouched."""
    scene = make(shop_switches={"rate_limits": "40/3000/12000"}, tap_settings={"reserve_5_minutes": 10})
    orders = [scene.sale(email=f"k{n}@example.com") for n in range(12)]
    scene.spend(22)
    with caplog.at_level(logging.INFO, "lightspeed_ecom"):
        assert scene.go() == (0, 0, 0)
    assert "10 are kept for other processes" in caplog.text
    assert 0 < scene.waited <= 302
    assert min(call["remaining"][0] for call in scene.calls if call["remaining"]) >= 10
    assert scene.shop.rate_limited == 0
    assert all(map(scene.found, orders))
    scene.all_booked()


def test_x35_a_day_that_is_used_up_ends_the_run_with_the_time(make: Scenes) -> None:
    """X35: when the whole day is spent, the run ends with exit 3 and the moment from which calls are possible again;
    what was read is booked, and the rest comes then."""
    scene = make(shop_switches={"rate_limits": "300/3000/30"}, tap_settings={"reserve_day": 10})
    orders = [scene.sale(email=f"k{n}@example.com") for n in range(5)]
    scene.spend(16)
    codes = scene.excused("somebody else spent the day's calls")
    assert codes == (3, 0, 0)
    assert "the next call is possible at 2026-11-02 23:00" in scene.said("tap")
    assert [bool(scene.found(order)) for order in orders] == [True, True, True, False, False]
    scene.kept(healed=False)
    scene.go(14 * 3600)
    assert all(map(scene.found, orders))
    scene.all_booked()
