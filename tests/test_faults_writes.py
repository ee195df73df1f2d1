"""Fault cases in which AFAS, or the way to it, fails while something is written. From the shop's door to AFAS's books."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from click.testing import CliRunner

from afas_profit import Afas, ClassicToken, Element
from sandbox.testing import served
from tests.support import settings
from tests.support.proxy import closing_proxy
from tests.support.scene import BILLING, CHANGES, SALES, Scene, refused_connection
from upsert.cli import main as held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

IN_DOUBT = timedelta(seconds=930)


@pytest.fixture
def scene() -> Iterator[Scene]:
    """A shop and an AFAS."""
    made = Scene()
    yield made
    made.close()


# -- X1, X2, X9, X33: no usable answer to a write -----------------------------------------------------------------------


def new_person(scene: Scene) -> int:
    return scene.sale()


def new_company(scene: Scene) -> int:
    return scene.sale(
        customer={"email": "inkoop@example.com", "firstname": "Kim", "lastname": "Klant", "companyName": "Zaak B.V."}
    )


def other_address(scene: Scene) -> int:
    return scene.sale(shipping=BILLING | {"street": "Elders", "number": "7"})


def changed_order(scene: Scene) -> int:
    order = scene.sale()
    assert scene.go() == (0, 0, 0)
    scene.step(order, "edit", quantities={"SKU-0001": 3})
    scene.step(order, "pay")
    scene.passes(10)
    return order


WRITES = {
    SALES: new_person,
    "POST connectors/KnSalesRelationPer": new_person,
    "POST connectors/KnSalesRelationOrg": new_company,
    "PUT connectors/KnPerson": other_address,
    CHANGES: changed_order,
}
DONE: list[dict[str, Any]] = [
    {"name": "timeout_after_work"},
    {"name": "late_work", "after": 300},
    {"name": "reset_after"},
    {"name": "truncated_json"},
    {"name": "late_work", "after": 599},
    {"name": "truncated_body"},
    {"name": "html_error", "status": 504, "after_work": True},
    {"name": "drip", "bytes_per_second": 1},
    {"name": "slow", "seconds": 899},
]
NOT_DONE = [{"name": "timeout_before_work"}, {"name": "reset_before"}, {"name": "html_error", "status": 502}]


def read_again(scene: Scene, order: int, wait: float) -> tuple[int, int, int]:
    """A run some time later, in which the order comes again although nothing in it concerns anybody."""
    scene.passes(wait)
    scene.step(order, "touch")
    codes = scene.go(10)
    scene.kept(healed=False)
    return codes


def times(scene: Scene, endpoint: str) -> list[Any]:
    return [call.at for call in scene.afas.log if call.endpoint == endpoint]


def cases(faults: list[dict[str, Any]], few: int) -> list[Any]:
    """Every fault on the insert of an order, some on the other writes."""
    return [
        pytest.param(endpoint, fault, id="-".join(map(str, (endpoint, *fault.values()))))
        for endpoint in WRITES
        for fault in (faults if endpoint == SALES else faults[:few])
    ]


@pytest.mark.parametrize(("endpoint", "fault"), cases(DONE, 4))
def test_x1_a_write_without_an_answer_is_looked_up_and_adopted(
    scene: Scene, endpoint: str, fault: dict[str, Any]
) -> None:
    """X1, X2, X9, X33: AFAS did it but no usable answer came: in doubt, found by its reference, adopted, no repeat."""
    order = WRITES[endpoint](scene)
    scene.afas.reset_calls()
    scene.fault("afas", endpoint=endpoint, **fault)
    for wait in (0, 60, 200, 400):
        assert read_again(scene, order, wait) == (0, 0, 0)
    assert scene.faults()[-1]["fired"] == 1
    scene.all_booked()
    assert len(times(scene, endpoint)) == 1
    assert scene.total(order) == scene.price(order)


@pytest.mark.parametrize(("endpoint", "fault"), cases(NOT_DONE, 1))
def test_x1_a_write_that_was_never_done_is_repeated_once(scene: Scene, endpoint: str, fault: dict[str, Any]) -> None:
    """X1, X2: nothing is found after 930 s, the longest that AFAS may go on working: then one repeat, not earlier."""
    order = WRITES[endpoint](scene)
    scene.afas.reset_calls()
    scene.fault("afas", endpoint=endpoint, **fault)
    assert scene.go() == (0, 0, 0)
    assert [reason for reason, _ in scene.reasons] == ["in_doubt"]
    for wait in (100, 500, 250, 100):
        assert read_again(scene, order, wait) == (0, 0, 0)
    first, second = times(scene, endpoint)
    assert second - first >= IN_DOUBT
    scene.all_booked()
    assert len(times(scene, endpoint)) == 2


# -- X3: nothing was sent -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("plugin", ["tap", "target"])
@pytest.mark.parametrize(
    "words", ["[Errno 111] Connection refused", "[Errno -2] Name or service not known", "[SSL] handshake failure"]
)
def test_x3_a_connection_that_fails_is_tried_again(scene: Scene, plugin: str, words: str) -> None:
    """X3: connection refused, no name, no TLS: nothing was sent, so reads and writes are repeated with back-off."""

    def fail() -> None:
        raise httpx.ConnectError(words)

    order = scene.sale()
    call = "GET */orders.json" if plugin == "tap" else "POST */FbSales"
    for nth in (1, 2):
        scene.before(call, fail, nth)
    before = len(scene.host.slept)
    assert scene.go() == (0, 0, 0)
    assert scene.calls_of("GET orders") == 1
    assert scene.calls_of(SALES) == 1
    # With jitter, the second pause is longer on the whole, not every time.
    assert all(pause > 0 for pause in scene.host.slept[before : before + 2])
    assert len(scene.host.slept) >= before + 2
    assert scene.found(order)
    scene.all_booked()


@pytest.mark.parametrize(
    "where", ["GET */orders.json", "GET */orders/*", "GET */metainfo", "POST */Kn*", "POST */FbSales"]
)
def test_x3_a_network_that_stays_away_is_exit_3(scene: Scene, where: str) -> None:
    """X3: when no connection can be made for long, the run stops with exit 3 and says so; nothing is lost or doubled."""
    orders = [scene.sale(email=f"k{n}@example.com") for n in range(3)]
    lasting = scene.before(where, refused_connection, 0)
    codes = scene.excused("the network was down")
    assert 3 in codes
    plugin = "target" if codes[2] == 3 else "tap"
    assert "exit 3" in scene.said(plugin)
    assert "no connection" in scene.said(plugin)
    assert lasting.met <= 5
    assert not any(map(scene.found, orders))
    scene.hooks.clear()
    scene.all_booked()


# -- X33: dead connections --------------------------------------------------------------------------------------------


def organisation(name: str) -> Element:
    place = {"CoId": "NL", "PbAd": False, "Ad": "Dorpsstraat", "HmNr": 1, "ZpCd": "1234 AB", "Rs": "Plaats"}
    fields = {"PadAdr": True, "AutoNum": True, "MatchOga": "6", "Nm": name}
    return Element(fields, objects={"KnBasicAddressAdr": [Element(place)]})


def test_x33_a_connection_that_was_closed_while_idle_is_thrown_away(scene: Scene) -> None:
    """X33: something on the way closes idle connections: each call takes a new one, a write as well, and none is in
    doubt."""
    with served(scene.afas) as (afas,), closing_proxy(afas.removeprefix("http://")) as proxy:
        url = f"http://{proxy.address}/ProfitRestServices"
        with Afas(url, ClassicToken(settings.AFAS_TOKEN), max_calls=1) as client:
            for n in range(3):
                proxy.closed.clear()
                client.metainfo()
                assert proxy.closed.wait(10)
                proxy.closed.clear()
                client.insert("KnOrganisation", organisation(f"Zaak {n}"))
                assert proxy.closed.wait(10)
    assert scene.calls_of("POST connectors/KnOrganisation") == 3
    assert proxy.connections == 6


# -- X5, X6, X7: AFAS says no ---------------------------------------------------------------------------------------------


def test_x5_a_refused_order_is_held_and_the_others_go_on(
    scene: Scene, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """X5: AFAS refuses one order: no repeat, held with the field that AFAS named, its log reference in the log, the
    others are booked, and `held check` reports it; mended, it goes through by itself."""
    scene.target_config["orders"]["payment_methods"] |= {"mollie:creditcard": "99"}
    bad = scene.sale(
        email="a@example.com", payment={"id": "mollie", "method": "creditcard", "title": "Kaart", "paid": True}
    )
    good = [scene.sale(email=f"k{n}@example.com") for n in range(3)]
    with caplog.at_level(logging.WARNING, "target_afas"):
        assert scene.go() == (0, 0, 0)
    assert scene.reasons == [("refused_by_afas", "Betaalwijze")]
    assert "AFAS log " in caplog.text
    assert all(map(scene.found, good))
    assert scene.calls_of(SALES) == 4
    assert "1 held: refused_by_afas Betaalwijze" in scene.said("target")
    file = tmp_path / "state.json"
    file.write_text(json.dumps(scene.state), encoding="utf-8")
    checked = CliRunner().invoke(held, ["check", "--state-file", str(file)])
    assert checked.exit_code == 1
    assert "AFAS refused the record" in checked.output
    assert "Betaalwijze" in checked.output
    scene.kept(healed=False)
    scene.user("afas/code", {"list": "Betaalwijze", "code": "99", "nl": "Kaart"})
    scene.go(900)
    assert scene.found(bad)
    scene.all_booked()


def test_x6_a_lock_is_tried_three_times_more_and_then_in_the_next_run(scene: Scene) -> None:
    """X6: a user has the order open: three spaced repeats, then held as "try next run", which does it."""
    order = changed_order(scene)
    scene.user("afas/lock", {"order": scene.found(order)["number"], "calls": 4})
    slept = len(scene.host.slept)
    assert scene.go() == (0, 0, 0)
    assert scene.calls_of(CHANGES) == 4
    waits = scene.host.slept[slept:]
    assert len(waits) == 3
    assert waits[0] < waits[2]
    assert scene.reasons == [("busy", "")]
    assert scene.go(60) == (0, 0, 0)
    assert scene.total(order) == scene.price(order)
    scene.all_booked()


def test_x6_a_short_lock_is_nobodys_matter(scene: Scene) -> None:
    """X6: a lock that goes within the repeats is not even noted."""
    order = scene.sale()
    scene.fault("afas", name="locked", endpoint=SALES, times=2)
    assert scene.go() == (0, 0, 0)
    assert scene.reasons == []
    assert scene.found(order)
    scene.all_booked()


@pytest.mark.parametrize("endpoint", ["GET metainfo", "GET connectors/Commerce_Relations", SALES])
def test_x7_maintenance_of_afas_stops_the_run_with_the_time(scene: Scene, endpoint: str) -> None:
    """X7: 503 with retry_after 7200: no hammering, exit 3 with the time to come back; the bookmark stays before it."""
    orders = [scene.sale(email=f"k{n}@example.com") for n in range(3)]
    before = scene.bookmark
    scene.fault("afas", name="status_503", endpoint=endpoint, times=None, retry_after=7200)
    codes = scene.go()
    assert codes[2] == 3
    assert "exit 3: AFAS is not available" in scene.said("target")
    assert "Try again in 120 minutes" in scene.said("target")
    assert scene.faults()[-1]["fired"] == 1
    assert scene.bookmark == before
    scene.kept(healed=False)
    scene.lift()
    scene.go(7200)
    assert all(map(scene.found, orders))
    scene.all_booked()


def test_x7_maintenance_of_the_shop_stops_the_run(scene: Scene) -> None:
    """X7: 503 with retry_after 7200 from Lightspeed in mid-window: exit 3, what was read is booked and bookmarked."""
    orders = [scene.sale(email=f"k{n}@example.com") for n in range(3)]
    scene.fault("lightspeed", name="status_503", endpoint="GET orders/{id}", nth=3, times=None, retry_after=7200)
    assert scene.go() == (3, 0, 0)
    assert "exit 3" in scene.said("tap")
    assert scene.faults()[-1]["fired"] <= 1
    assert [bool(scene.found(order)) for order in orders] == [True, True, False]
    scene.kept(healed=False)
    scene.all_booked()
    assert scene.found(orders[2])


# -- X10: odd good answers ------------------------------------------------------------------------------------------------


def test_x10_an_empty_answer_to_a_write_is_confirmed_by_reading_back(scene: Scene) -> None:
    """X10: an empty 2xx on a write is success; number and total are read back, and nothing is repeated."""
    order = scene.sale()
    scene.fault("afas", name="empty_2xx", endpoint="P* connectors/*", times=None)
    assert scene.go() == (0, 0, 0)
    assert scene.reasons == []
    assert scene.total(order) == scene.price(order)
    scene.step(order, "edit", quantities={"SKU-0001": 2})
    scene.step(order, "pay")
    scene.go(10)
    assert scene.total(order) == scene.price(order)
    assert (scene.calls_of(SALES), scene.calls_of(CHANGES)) == (1, 1)
    scene.all_booked()


@pytest.mark.parametrize("done", [False, True])
def test_x10_an_error_inside_a_good_answer_is_an_error(scene: Scene, done: bool) -> None:
    """X10: 200 with an `error` body on a write counts as its code; whatever AFAS did, there is one order in the end."""
    order = scene.sale()
    scene.fault("afas", name="error_200", endpoint=SALES, after_work=done)
    scene.go()
    scene.kept(healed=False)
    scene.all_booked()
    assert scene.found(order)
    assert scene.found(order)["inserts"] == 1


@pytest.mark.parametrize("endpoint", [SALES, "POST connectors/KnSalesRelationPer"])
def test_x10_another_envelope_on_a_write_is_success(scene: Scene, endpoint: str) -> None:
    """X10: a write answered under another name is success, confirmed by read-back."""
    order = scene.sale()
    scene.fault("afas", name="wrong_envelope", endpoint=endpoint)
    scene.go()
    scene.all_booked()
    assert scene.calls_of(endpoint) == 1
    assert scene.total(order) == scene.price(order)


# -- X14: the same order twice --------------------------------------------------------------------------------------------


class Doubled(Scene):
    """The mapper's records come twice, in one batch."""

    def _target(self, job: Any, run: Any, mapped: bytes, *more: Any) -> Any:
        lines = []
        for line in mapped.splitlines(keepends=True):
            lines += [line, line] if b'"RECORD"' in line else [line]
        return super()._target(job, run, b"".join(lines), *more)


@pytest.mark.parametrize("rows", [100, 1])
def test_x14_the_same_order_twice_has_one_effect(rows: int) -> None:
    """X14: the same order twice, in one batch or in two: one effect, and the second is a no-op that is counted as one."""
    scene = Doubled(target_settings={"batch_size_rows": rows})
    try:
        order = scene.sale()
        assert scene.go() == (0, 0, 0)
        assert scene.calls_of(SALES) == 1
        assert "1 created" in scene.said("target")
        assert f"1 {'superseded' if rows > 1 else 'unchanged'}" in scene.said("target")
        assert scene.found(order)["inserts"] == 1
        scene.all_booked()
    finally:
        scene.close()


# -- X28, X29: something changes while a write is under way -----------------------------------------------------------------


def edit(scene: Scene, order: int) -> None:
    scene.step(order, "edit", quantities={"SKU-0001": 5}, add=[{"sku": "SKU-0002"}])
    scene.step(order, "pay")


def cancel(scene: Scene, order: int) -> None:
    scene.step(order, "cancel")


def refund(scene: Scene, order: int) -> None:
    scene.step(order, "refund", lines=[{"sku": "SKU-0001", "quantity": 1}])


@pytest.mark.parametrize("change", [edit, cancel, refund])
@pytest.mark.parametrize("answer", ["comes", "is lost", "is late"])
def test_x28_an_order_that_changes_while_it_is_booked(
    scene: Scene, change: Callable[[Scene, int], None], answer: str
) -> None:
    """X28: edited, cancelled or refunded while its insert is under way: a change or the set reaction, never a second
    insert; a refund changes nothing."""
    order = scene.sale()
    scene.before("POST */FbSales", lambda: change(scene, order))
    if answer != "comes":
        late = {"name": "late_work", "after": 300}
        scene.fault("afas", endpoint=SALES, **(late if answer == "is late" else {"name": "timeout_after_work"}))
    assert scene.go() == (0, 0, 0)
    scene.kept(healed=False)
    for _ in range(6):
        scene.go(400)
        scene.kept(healed=False)
    scene.all_booked()
    assert scene.calls_of(SALES) == 1
    there = scene.found(order)
    quantities = {line["item"]: line["quantity"] for line in there["lines"] if line["type"] == "2"}
    assert quantities == ({"SKU-0001": 5, "SKU-0002": 1} if change is edit else {"SKU-0001": 1})
    assert there["fields"]["FxBl"] is (change is cancel)


@pytest.mark.parametrize("action", ["delete", "block", "rename"])
def test_x29_an_item_that_goes_between_check_and_insert(scene: Scene, action: str) -> None:
    """X29: an item deleted, blocked or renamed between check and insert holds its order; the next run names the code,
    and a later one succeeds by itself once the item is there."""
    order = scene.sale("SKU-0004")
    other = scene.sale("SKU-0005", email="b@example.com")
    wish = {"action": action, "item": "SKU-0004", "to": "SKU-OTHER"}
    scene.before("POST */FbSales", lambda: scene.user("afas/item", wish))
    assert scene.go() == (0, 0, 0)
    assert scene.found(other)
    assert [reason for reason, _ in scene.reasons] == ["refused_by_afas"]
    scene.go(60)
    assert scene.reasons == [("unknown_item", "SKU-0004")]
    scene.kept(healed=False)
    back = {
        "delete": {"action": "add", "item": "SKU-0004", "unit": "STK", "vat_group": "1"},
        "block": {"action": "unblock", "item": "SKU-0004"},
        "rename": {"action": "rename", "item": "SKU-OTHER", "to": "SKU-0004"},
    }
    scene.user("afas/item", back[action])
    scene.go(1000)
    assert scene.found(order)
    scene.all_booked()


def test_x29_a_debtor_that_is_blocked_between_check_and_insert(scene: Scene) -> None:
    """X29: a customer blocked between check and insert holds the order; unblocked, it goes through by itself."""
    scene.sale(email="a@example.com")
    scene.go()
    (known,) = [one for one in scene.afas.books()["relations"] if "a@example.com" in one["emails"]]
    order = scene.sale(email="a@example.com")

    def block() -> None:
        scene.user("afas/edit-relation", {"debtor": known["debtor"], "fields": {"Bl": True}})

    scene.before("POST */FbSales", block)
    assert scene.go() == (0, 0, 0)
    assert scene.reasons[0][0] in {"refused_by_afas", "blocked_customer"}
    scene.go(60)
    assert scene.reasons == [("blocked_customer", known["debtor"])]
    scene.user("afas/edit-relation", {"debtor": known["debtor"], "fields": {"Bl": False}})
    scene.go(1000)
    assert scene.found(order)
    scene.all_booked()


# -- X32: very large ------------------------------------------------------------------------------------------------------


def test_x32_a_thousand_lines(scene: Scene) -> None:
    """X32: an order of 1,000 lines arrives whole and exact, read by page where the embedded list is cut off."""
    lines = [{"sku": f"SKU-{n % 300 + 1:04}", "quantity": n % 3 + 1, "title": f"Regel {n}"} for n in range(1000)]
    order = scene.sale(lines=lines)
    assert scene.go() == (0, 0, 0)
    assert scene.reasons == []
    assert scene.total(order) == scene.price(order)
    assert len([line for line in scene.found(order)["lines"] if line["type"] == "2"]) == 1000
    scene.all_booked()


def test_x32_texts_of_any_size_and_sign(scene: Scene) -> None:
    """X32: a 64 KB comment, emoji, control characters and texts over 255 signs arrive, cut by rule and never refused."""
    title = "🎁 café\u0000\u0007 " + "x" * 400
    order = scene.sale(
        lines=[{"sku": "SKU-0001", "title": title}],
        comment="Dank 😀\r\n\u0000 " + "y" * 65_536,
        customer={"email": "kim@example.com", "firstname": "Zoë" * 40, "lastname": "Ångström-Øster " * 20},
        billing=BILLING | {"street": "Laan " + "z" * 200, "city": "'s-Hertogenbosch " * 5},
    )
    assert scene.go() == (0, 0, 0)
    assert scene.reasons == []
    there = scene.found(order)
    assert there["lines"][0]["description"].startswith("🎁 café x")
    assert len(there["lines"][0]["description"]) == 255
    assert there["fields"]["Re"].startswith("Dank 😀\n")
    assert not any(ord(sign) < 32 and sign != "\n" for sign in there["fields"]["Re"] + there["lines"][0]["description"])
    scene.all_booked()


@pytest.mark.parametrize(
    ("lines", "total"),
    [
        ([{"sku": "SKU-0001", "price": "1234567890.12"}], "1234567897.07"),
        ([{"sku": "SKU-0001", "price": "20.00"}, {"sku": "SKU-0002", "price": "-5.00"}], "21.95"),
        ([{"sku": "SKU-0001", "price": "0.005"}, {"sku": "SKU-0002", "price": "0.005"}], None),
        ([{"sku": "SKU-0007", "price": "0.335", "quantity": 3}, {"sku": "SKU-0001", "price": "0.015"}], None),
    ],
)
def test_x32_odd_amounts(scene: Scene, lines: list[dict[str, Any]], total: str | None) -> None:
    """X32: over a thousand million, a negative line, half cents: to the cent as the shop says, or held with a reason."""
    order = scene.sale(lines=lines)
    assert scene.go() == (0, 0, 0)
    scene.kept(healed=False)
    assert scene.reasons == []
    assert scene.total(order) == scene.price(order)
    assert total is None or scene.total(order) == Decimal(total)
    scene.all_booked()


@pytest.mark.parametrize(
    ("price", "reason"),
    [("123456789012345.12", ("amount_too_large", "")), ("9" * 20 + ".99", ("invalid_value", "priceExcl"))],
)
def test_x32_an_amount_that_nobody_can_hold_is_refused_before_sending(
    scene: Scene, price: str, reason: tuple[str, str]
) -> None:
    """X32: an amount with more digits than AFAS holds is held with a clear reason, before anything is sent."""
    scene.sale(lines=[{"sku": "SKU-0001", "price": price}])
    with scene.no_write():
        assert scene.go() == (0, 0, 0)
    assert [(why, subject and reason[1]) for why, subject in scene.reasons] == [reason]
    scene.kept(healed=False)
