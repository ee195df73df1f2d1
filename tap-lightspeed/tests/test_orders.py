"""The stream of orders over several runs: bookmark, overlap, filter, held keys."""

from __future__ import annotations

import contextlib
import datetime as dt

import httpx
import pytest
from fake_shop import AMSTERDAM, CONFIG, FakeClock, FakeShop, catalog, records, run, states, tap_for

from lightspeed_ecom import BudgetSpent
from upsert.errors import ConfigurationError, Outage


def held(key, next_try="2026-11-01T09:00:00Z"):
    return {
        "key": str(key),
        "reason": "unknown_item",
        "subject": "ABC-1",
        "first": "2026-11-01T08:00:00Z",
        "attempts": 2,
        "next": next_try,
    }


def test_new_orders_come_once_and_a_quiet_run_is_one_call(stdout):
    """Each order comes once; a run in which nothing changed makes one call and moves the bookmark to its end."""
    shop = FakeShop()
    numbers = [shop.order() for _ in range(3)]
    shop.clock.pass_(60)
    first = run(shop, stdout)
    assert [one["id"] for one in records(first)] == numbers
    assert shop.calls == {"GET orders": 1, "GET orders/{id}": 3}
    shop.calls.clear()
    shop.clock.pass_(60)
    second = run(shop, stdout, states(first)[-1])
    assert records(second) == []
    assert shop.calls == {"GET orders": 1}
    assert states(second)[-1]["bookmarks"]["orders"]["replication_key_value"] == "2026-11-01T10:01:58Z"


def test_the_first_message_is_the_state_with_held(stdout):
    """The tap shows first that it keeps held records, also when there are none."""
    first = run(FakeShop(), stdout)[0]
    assert first["type"] == "STATE"
    assert first["value"]["bookmarks"]["orders"]["held"] == []
    assert "customers" not in first["value"]["bookmarks"]


def test_an_edited_order_comes_again(stdout):
    """An order that changed after it was sent is sent again."""
    shop = FakeShop()
    number = shop.order()
    shop.order()
    shop.clock.pass_(60)
    before = run(shop, stdout)
    shop.edit("orders", number, memo="changed")
    shop.clock.pass_(60)
    after = records(run(shop, stdout, states(before)[-1]))
    assert [(one["id"], one["memo"]) for one in after] == [(number, "changed")]


def test_what_changes_in_the_last_seconds_waits(stdout):
    """A change younger than the settling time is left for the next run, not lost."""
    shop = FakeShop()
    number = shop.order()
    shop.clock.pass_(1)
    first = run(shop, stdout)
    assert records(first) == []
    shop.clock.pass_(60)
    assert [one["id"] for one in records(run(shop, stdout, states(first)[-1]))] == [number]


def test_the_hosts_clock_decides_nothing(stdout):
    """Window and bookmark come from the shop's Date header; the host runs 11 minutes ahead here."""
    shop = FakeShop()
    shop.clock.pass_(60)
    end = states(run(shop, stdout))[-1]["bookmarks"]["orders"]["replication_key_value"]
    assert end == "2026-11-01T10:00:58Z"


def test_without_a_date_header_the_rows_end_the_window(stdout):
    """A shop that tells no time still moves the bookmark, to its latest change."""
    shop = FakeShop()
    shop.with_date = False
    number = shop.order()
    shop.clock.pass_(60)
    messages = run(shop, stdout)
    assert [one["id"] for one in records(messages)] == [number]
    assert states(messages)[-1]["bookmarks"]["orders"]["replication_key_value"] == "2026-11-01T10:00:00Z"


@pytest.mark.parametrize("zone", [dt.UTC, AMSTERDAM], ids=["utc", "local"])
def test_the_zone_of_the_filter_does_not_matter(stdout, zone):
    """A late commit within the overlap arrives, whether the shop reads the filter as UTC or as local time."""
    shop = FakeShop(zone=zone)
    shop.order()
    shop.clock.pass_(60)
    first = run(shop, stdout)
    late = shop.order()
    shop.tables["orders"][late]["updatedAt"] = "2026-11-01T10:59:30+01:00"
    shop.clock.pass_(60)
    second = run(shop, stdout, states(first)[-1])
    assert [one["id"] for one in records(second)] == [late]
    assert states(second)[-1]["bookmarks"]["orders"]["replication_key_value"] == "2026-11-01T10:01:58Z"


def test_cut_over(stdout):
    """An order created before the start never comes, however often it changes."""
    shop = FakeShop()
    shop.order(createdAt="2026-09-30T23:59:59+00:00")
    new = shop.order(createdAt="2026-10-01T02:00:00+02:00")
    shop.clock.pass_(60)
    assert [one["id"] for one in records(run(shop, stdout))] == [new]


def test_an_order_paid_three_weeks_later_comes_then(stdout):
    """The filter is asked anew at every change."""
    shop = FakeShop()
    number = shop.order(paymentStatus="not_paid")
    paid_only = {"payment_statuses": ["paid"]}
    shop.clock.pass_(60)
    first = run(shop, stdout, config=paid_only)
    assert records(first) == []
    assert shop.calls == {"GET orders": 1}
    shop.clock.pass_(21 * 86_400)
    shop.edit("orders", number, paymentStatus="paid")
    shop.clock.pass_(60)
    assert [one["id"] for one in records(run(shop, stdout, states(first)[-1], paid_only))] == [number]


def test_filter(stdout):
    """Status, channel and payment decide; payment afterwards passes when wished, cancelled orders always."""
    shop = FakeShop()
    config = {"payment_statuses": ["paid"], "statuses_excluded": ["on_hold"], "channels": ["main", ""]}
    passing = [
        shop.order(),
        shop.order(paymentStatus="not_paid", paymentIsPost=True),
        shop.order(paymentStatus="not_paid", paymentIsInvoiceExternal=True, channel=""),
        shop.order(status="cancelled", paymentStatus="cancelled", channel="facebook"),
        shop.order(status="new_status_of_tomorrow"),
    ]
    shop.order(paymentStatus="not_paid")
    shop.order(status="on_hold")
    shop.order(channel="facebook")
    shop.clock.pass_(60)
    assert [one["id"] for one in records(run(shop, stdout, config=config))] == passing
    without = records(run(shop, stdout, config=config | {"include_post_payment": False}))
    assert [one["id"] for one in without] == [passing[0], passing[3], passing[4]]


def test_an_order_comes_when_it_gets_its_custom_status(stdout):
    """Only the merchant's own statuses of the setting pass, asked anew at every change; cancelled orders always do."""
    shop = FakeShop()
    released, waiting, other = shop.order(customStatusId=7), shop.order(), shop.order(customStatusId=8)
    gone = shop.order(status="cancelled")
    config = {"custom_statuses": [7, 9]}
    shop.clock.pass_(60)
    first = run(shop, stdout, config=config)
    assert [one["id"] for one in records(first)] == [released, gone]
    shop.clock.pass_(86_400)
    shop.edit("orders", waiting, customStatusId=9)
    shop.edit("orders", other, customStatusId=None)
    shop.clock.pass_(60)
    assert [one["id"] for one in records(run(shop, stdout, states(first)[-1], config))] == [waiting]


def test_due_held_keys_come_first(stdout):
    """Due held keys are read again before the window, the longest due first; others wait; the list stays as it is."""
    shop = FakeShop()
    old = [shop.order() for _ in range(3)]
    shop.clock.pass_(86_400)
    first = run(shop, stdout)
    state = states(first)[-1]
    later = (shop.clock.instant + dt.timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    entries = [held(old[0], "2026-11-02T09:30:00Z"), held(old[1]), held(old[2], later)]
    state["bookmarks"]["orders"]["held"] = entries
    new = shop.order()
    shop.clock.pass_(60)
    messages = run(shop, stdout, state)
    assert messages[0]["value"]["bookmarks"]["orders"]["held"] == entries
    assert [one["id"] for one in records(messages)] == [old[1], old[0], new]
    assert all(one["bookmarks"]["orders"]["held"] == entries for one in states(messages))


def test_a_held_key_in_the_window_is_read_once(stdout):
    """A held order that changed is not read twice in one run."""
    shop = FakeShop()
    number = shop.order()
    shop.clock.pass_(60)
    state = {"bookmarks": {"orders": {"held": [held(number)]}}}
    assert [one["id"] for one in records(run(shop, stdout, state))] == [number]
    assert shop.calls["GET orders/{id}"] == 1


def test_gone_and_unwanted_held_keys_are_settled(stdout):
    """A held key that is gone, or out of the filter now, comes as `_gone` with nothing else."""
    shop = FakeShop()
    unpaid = shop.order(paymentStatus="not_paid")
    shop.clock.pass_(60)
    state = {"bookmarks": {"orders": {"held": [held(5, "2026-11-01T07:00:00Z"), held(unpaid)]}}}
    came = records(run(shop, stdout, state, {"payment_statuses": ["paid"]}))
    assert came == [
        {"id": n, "_gone": True, "_source_stream": "orders", "_source_key": str(n), "_shop": "shop1"}
        for n in (5, unpaid)
    ]


def test_at_most_twenty_held_keys_a_run(stdout):
    """A long held list costs twenty reads a run at most."""
    shop = FakeShop()
    shop.clock.pass_(60)
    state = {"bookmarks": {"orders": {"held": [held(n) for n in range(1, 31)]}}}
    assert len(records(run(shop, stdout, state))) == 20


def test_a_listed_order_that_is_gone_is_skipped(stdout):
    """404 for a listed order is asked twice more, then it is skipped, and asked again while the list shows it."""
    shop = FakeShop()
    lost, kept = shop.order(), shop.order()
    shop.hidden.add(lost)
    shop.clock.pass_(60)
    first = run(shop, stdout)
    assert [one["id"] for one in records(first)] == [kept]
    assert shop.clock.slept == [2.0, 5.0]
    shop.hidden.clear()
    assert [one["id"] for one in records(run(shop, stdout, states(first)[-1]))] == [lost]


@pytest.mark.parametrize("lines", [60, 50])
def test_a_cut_off_order_is_read_by_page(stdout, lines):
    """Exactly 50 embedded lines, or lines that don't add up, are read page by page."""
    shop = FakeShop()
    shop.embedded_limit = 50
    shop.order(lines=lines)
    shop.clock.pass_(60)
    (order,) = records(run(shop, stdout))
    assert len(order["products"]) == lines
    assert shop.calls["GET orders/{id}/products"] == 1


def test_the_shape_of_a_record(stdout):
    """False becomes null, 0 stays, times are UTC, references are ids or the embedded record, links go."""
    shop = FakeShop()
    number = shop.order(weight=0, priceIncl=0.10, shopSpecific={"a": 1}, priceCost="12.50", newsletterSubscribed=False)
    shop.clock.pass_(60)
    (order,) = records(run(shop, stdout))
    assert order["createdAt"] == "2026-11-01T10:00:00Z"
    assert (order["gender"], order["weight"], order["newsletterSubscribed"]) == (None, 0, False)
    assert order["addressBillingRegionData"] == {}
    assert order["customer"]["email"] == "buyer7@example.com"
    assert order["customer"]["createdAt"] == "2026-10-02T10:00:00Z"
    assert order["products"][0]["product"] == {"id": 5}
    assert order["products"][0]["variant"] is None
    assert order["products"][0]["customFields"] is None
    assert order["quote"] == {"id": 9, "isLocked": False}
    assert (order["invoices"], "events" in order) == ([], False)
    assert (order["shopSpecific"], order["priceCost"]) == ({"a": 1}, 12.5)
    assert (order["_source_stream"], order["_source_key"], order["_shop"]) == ("orders", str(number), "shop1")


def test_numbers_keep_their_digits(stdout):
    """A number leaves the tap with the digits it came with."""
    shop = FakeShop()
    number = shop.order()
    shop.clock.pass_(60)
    body = f'{{"order":{{"id":{number},"createdAt":"2026-11-01T10:00:00+00:00","priceExcl":10.10,"weight":1e3}}}}'
    shop.before = lambda request: (
        httpx.Response(200, content=body) if request.url.path[-9:] == f"{number}.json" else None
    )
    shop.tables["orders"][number]["priceExcl"] = 0
    tap = tap_for(shop)(config=CONFIG, catalog=catalog("orders"))
    with contextlib.redirect_stdout(stdout):
        tap.sync_all()
    line = next(one for one in stdout.lines() if b'"RECORD"' in one)
    assert b'"priceExcl":10.10,"weight":1E+3' in line


def test_a_run_that_breaks_off_saves_what_was_sent(stdout):
    """An outage in mid-window ends the run with the state of what was sent; the next run sends the rest."""
    shop = FakeShop()
    numbers = []
    for _ in range(4):
        numbers.append(shop.order())
        shop.clock.pass_(5)
    shop.clock.pass_(60)
    broken = str(numbers[2])
    shop.before = lambda request: httpx.Response(500, html="<h1>Oops</h1>") if broken in request.url.path else None
    with pytest.raises(Outage, match="unavailable"):
        run(shop, stdout)
    messages = stdout.messages()
    assert [one["id"] for one in records(messages)] == numbers[:2]
    shop.before = lambda request: None
    rest = run(shop, stdout, states(messages)[-1])
    assert [one["id"] for one in records(rest)] == numbers[2:]


def test_the_day_window_ends_the_run_with_a_time(stdout):
    """A day's budget that is spent ends the run as an outage that names the moment to come back."""
    shop = FakeShop()
    shop.order()
    shop.clock.pass_(60)
    spent = {
        "X-RateLimit-Limit": "300/3000/12000",
        "X-RateLimit-Remaining": "250/2500/400",
        "X-RateLimit-Reset": "9/99/40000",
    }

    def answer(request):
        reply = shop.answer(request.url.path.removeprefix("/nl/").removesuffix(".json"), dict(request.url.params))
        reply.headers.update(spent)
        return reply

    shop.before = answer
    with pytest.raises(Outage, match="2026-11-01 21:07:41 UTC") as caught:
        run(shop, stdout)
    assert caught.value.exit_code == 3
    assert isinstance(caught.value.__cause__, BudgetSpent)


@pytest.mark.parametrize(
    ("status", "message", "says"),
    [
        (401, "Access denied.", "api_key"),
        (403, "Forbidden", "permission group"),
        (404, "Unknown or inactive language.", "language"),
    ],
)
def test_wrong_settings_are_named(stdout, status, message, says):
    """What the shop refuses for good is a matter of settings, named in the line; it is asked once."""
    shop = FakeShop()
    shop.before = lambda request: httpx.Response(status, json={"error": {"code": status, "message": message}})
    with pytest.raises(ConfigurationError, match=says):
        run(shop, stdout)
    assert sum(shop.calls.values()) == 1


@pytest.mark.parametrize(
    "bookmark",
    [
        {"version": 1, "source": "lightspeed.other", "replication_key_value": "2026-11-01T10:00:00Z"},
        {"version": 2, "source": "lightspeed.shop1"},
        {"replication_key_value": "yesterday"},
        {"replication_key_value": "2026-11-01T10:00:00"},
        {"seen": [["1"]]},
        {"held": {}},
        {"held": [{"key": "1"}]},
        "text",
    ],
)
def test_a_state_that_is_not_ours_is_refused(stdout, bookmark):
    """Another shop's, a newer or a broken state stops the run before the first call, and never means a full read."""
    shop = FakeShop()
    with pytest.raises(ConfigurationError, match="state"):
        run(shop, stdout, {"bookmarks": {"orders": bookmark}})
    assert not shop.calls


def test_an_older_state_is_migrated(stdout):
    """A plain Singer bookmark without our version is taken over."""
    shop = FakeShop()
    shop.order()
    shop.clock.pass_(3 * 3600)
    new = shop.order()
    shop.clock.pass_(60)
    old = {
        "bookmarks": {"orders": {"replication_key_value": "2026-11-01T13:59:00+01:00", "replication_key": "updatedAt"}}
    }
    messages = run(shop, stdout, old)
    assert [one["id"] for one in records(messages)] == [new]
    assert states(messages)[-1]["bookmarks"]["orders"]["version"] == 1


def test_a_later_start_wins(stdout):
    """A bookmark before the start is raised to it."""
    shop = FakeShop()
    shop.clock.pass_(60)
    state = {"bookmarks": {"orders": {"replication_key_value": "2020-01-01T00:00:00Z"}}}
    shop.before = lambda request: pytest.fail("too early") if "2020" in str(request.url) else None
    run(shop, stdout, state)


def test_the_bookmark_never_falls(stdout):
    """A shop whose clock is behind the bookmark doesn't move it back."""
    shop = FakeShop(FakeClock(dt.datetime(2026, 10, 20, tzinfo=dt.UTC)))
    state = {"bookmarks": {"orders": {"replication_key_value": "2026-11-01T00:00:00Z"}}}
    assert (
        states(run(shop, stdout, state))[-1]["bookmarks"]["orders"]["replication_key_value"] == "2026-11-01T00:00:00Z"
    )
