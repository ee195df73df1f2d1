"""A shop in memory, behind an httpx transport: just enough of the API for the tap, and hooks to disturb it."""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import functools
import io
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx

from lightspeed_ecom import Lightspeed
from tap_lightspeed.tap import TapLightspeed

if TYPE_CHECKING:
    from collections.abc import Callable

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
START = dt.datetime(2026, 11, 1, 10, 0, tzinfo=dt.UTC)
CONFIG: dict[str, Any] = {
    "api_key": "k" * 32,
    "api_secret": "s" * 32,
    "shop": "shop1",
    "start_date": "2026-10-01T00:00:00Z",
}
Row = dict[str, Any]
HEAD = "https://api.webshopapp.com/nl/"


class FakeClock:
    """Time that passes only when somebody sleeps or the shop is told so."""

    def __init__(self, now: dt.datetime = START) -> None:
        self.instant = now
        self.slept: list[float] = []

    def now(self) -> dt.datetime:
        # The host's clock is wrong on purpose: nothing may depend on it.
        return self.instant + dt.timedelta(minutes=11)

    def monotonic(self) -> float:
        return self.instant.timestamp()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_(seconds)

    def pass_(self, seconds: float) -> None:
        self.instant += dt.timedelta(seconds=seconds)


class Stdout(io.TextIOWrapper):
    """Standard output with a binary side, as a process has it."""

    def __init__(self) -> None:
        self.bytes = io.BytesIO()
        super().__init__(self.bytes, encoding="utf-8")

    def lines(self) -> list[bytes]:
        """Return what was written since this was last called, one message per line."""
        self.flush()
        written = self.bytes.getvalue().splitlines()
        self.bytes.seek(0)
        self.bytes.truncate()
        return written

    def messages(self) -> list[Row]:
        """Return the messages written since this was last called."""
        return [json.loads(one) for one in self.lines()]


def link(url: str, number: int | bool = False, **embedded: Any) -> Row:
    return {"resource": {"id": number, "url": url, "link": f"{HEAD}{url}.json", **embedded}}


class FakeShop:
    """Orders and customers by id; lists are newest first."""

    def __init__(self, clock: FakeClock | None = None, *, zone: dt.tzinfo = dt.UTC) -> None:
        self.clock = clock or FakeClock()
        self.zone = zone
        self.tables: dict[str, dict[int, Row]] = {"orders": {}, "customers": {}}
        self.lines: dict[int, list[Row]] = {}
        self.calls: Counter[str] = Counter()
        self.before: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        self.hidden: set[int] = set()
        self.embedded_limit = 10_000
        self.next_id = 1000
        self.with_date = True

    # what happens in the shop

    def stamp(self) -> str:
        return self.clock.instant.astimezone(AMSTERDAM).isoformat(timespec="seconds")

    def order(self, lines: int = 1, **fields: Any) -> int:
        self.next_id += 1
        number = self.next_id
        self.lines[number] = [line(number * 1000 + n) for n in range(lines)]
        self.tables["orders"][number] = (
            order(number, goods=2.5 * lines) | {"createdAt": self.stamp(), "updatedAt": self.stamp()} | fields
        )
        return number

    def customer(self, **fields: Any) -> int:
        self.next_id += 1
        row = customer(self.next_id) | {"createdAt": self.stamp(), "updatedAt": self.stamp()} | fields
        self.tables["customers"][self.next_id] = row
        return self.next_id

    def edit(self, table: str, number: int, **fields: Any) -> None:
        self.tables[table][number] |= {"updatedAt": self.stamp(), **fields}

    # HTTP

    def handle(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/nl/").removesuffix(".json")
        self.calls[f"{request.method} {re.sub(r'[0-9]+', '{id}', path)}"] += 1
        answer = self.before(request) or self.answer(path, dict(request.url.params))
        if self.with_date:
            answer.headers["Date"] = self.clock.instant.strftime("%a, %d %b %Y %H:%M:%S GMT")
        return answer

    def answer(self, path: str, query: dict[str, str]) -> httpx.Response:
        parts = path.split("/")
        table = self.tables.get(parts[0])
        if table is None:
            return httpx.Response(404, json={"error": {"code": 404, "message": "Not found."}})
        if len(parts) == 1:
            return reply({parts[0]: self.rows(table, query)})
        if parts[1] == "count":
            return reply({"count": len(self.matching(table, query))})
        number = int(parts[1])
        if number not in table or number in self.hidden:
            return httpx.Response(404, json={"error": {"code": 404, "method": "READ", "message": "Not found."}})
        if len(parts) == 3:
            return reply({"orderProducts": paged(list(reversed(self.lines[number])), query)})
        row = table[number]
        if parts[0] == "orders":
            lines = self.lines[number][: self.embedded_limit]
            row = row | {"products": link(f"orders/{number}/products", embedded=lines)}
        return reply({parts[0].removesuffix("s"): row})

    def matching(self, table: dict[int, Row], query: dict[str, str]) -> list[Row]:
        rows = [table[number] for number in sorted(table, reverse=True)]
        if "updated_at_min" in query:
            lower = dt.datetime.fromisoformat(query["updated_at_min"]).replace(tzinfo=self.zone)
            rows = [row for row in rows if dt.datetime.fromisoformat(row["updatedAt"]) >= lower]
        return rows

    def rows(self, table: dict[int, Row], query: dict[str, str]) -> list[Row]:
        rows = paged(self.matching(table, query), query)
        if "fields" in query:
            names = query["fields"].split(",")
            rows = [{name: row[name] for name in names if name in row} for row in rows]
        return rows

    def client(self) -> Lightspeed:
        return Lightspeed(
            CONFIG["api_key"], CONFIG["api_secret"], transport=httpx.MockTransport(self.handle), clock=self.clock
        )


def paged(rows: list[Row], query: dict[str, str]) -> list[Row]:
    limit, page = min(int(query.get("limit", 50)), 250), int(query.get("page", 1))
    return rows[(page - 1) * limit : page * limit]


def reply(payload: Any) -> httpx.Response:
    return httpx.Response(200, content=json.dumps(payload).replace("/", "\\/"))


def country() -> Row:
    return {"id": 150, "code": "nl", "code3": "nld", "title": "Netherlands, The"}


def line(number: int) -> Row:
    return {
        "id": number,
        "productTitle": "Relay",
        "taxRate": 0.21,
        "taxRates": [{"name": "BTW", "rate": 0.21, "amount": 0.525}],
        "quantityOrdered": 1,
        "weight": None,
        "priceExcl": 2.5,
        "priceIncl": 3.025,
        "customFields": False,
        "product": link("products/5", 5),
        "variant": False,
    }


def address() -> Row:
    names = ("Name", "Street", "Street2", "Number", "Extension", "Zipcode", "City", "Region")
    both = {f"address{kind}{name}": "x" for kind in ("Billing", "Shipping") for name in names}
    return both | {
        "addressBillingCountry": country(),
        "addressShippingCountry": country(),
        "addressShippingCompany": False,
    }


def order(number: int, goods: float = 2.5) -> Row:
    return {
        "id": number,
        "number": f"ORD{number:05d}",
        "status": "processing_awaiting_shipment",
        "customStatusId": None,
        "channel": "main",
        "referralId": False,
        "gender": False,
        "birthDate": False,
        "priceExcl": goods,
        "priceIncl": round(goods * 1.21, 2),
        "weight": 0,
        "isCompany": False,
        **address(),
        "addressBillingRegionData": [],
        "paymentStatus": "paid",
        "paymentIsPost": False,
        "paymentIsInvoiceExternal": False,
        "paymentTaxRate": 0,
        "paymentTaxRates": [{"name": "BTW", "rate": 0, "amount": 0}],
        "paymentPriceExcl": 0,
        "paymentData": [],
        "shipmentPriceExcl": 0,
        "shippingDate": None,
        "discountAmount": 0,
        "taxRates": [{"name": "BTW", "rate": 0.21, "amount": 0.525}],
        "language": {"id": 1, "code": "nl", "locale": "nl_NL", "title": "Nederlands"},
        "customer": link("customers/7", 7, embedded=customer(7)),
        "invoices": link(f"invoices?order={number}", embedded=[]),
        "shipments": link(f"shipments?order={number}", embedded=[]),
        "metafields": link(f"orders/{number}/metafields", embedded=[]),
        "quote": link("quotes/9", 9, embedded={"id": 9, "isLocked": False, "products": link("quotes/9/products")}),
        "events": link(f"orders/events?order={number}"),
        "giftCardsPayment": [],
    }


def customer(number: int) -> Row:
    return {
        "id": number,
        "createdAt": "2026-10-02T12:00:00+02:00",
        "updatedAt": "2026-10-02T12:00:00+02:00",
        "isConfirmed": False,
        "type": "registered",
        "lastOnlineAt": None,
        "remoteIp": False,
        "userAgent": False,
        "referralId": False,
        "gender": False,
        "birthDate": False,
        "nationalId": "",
        "email": f"buyer{number}@example.com",
        "firstname": "First",
        "middlename": "",
        "lastname": "Last",
        "phone": "",
        "mobile": "",
        "isCompany": False,
        "companyName": "",
        "companyCoCNumber": "",
        "companyVatNumber": "",
        **address(),
        "memo": None,
        "doNotifyRegistered": False,
        "doNotifyConfirmed": False,
        "doNotifyPassword": False,
        "language": False,
        "groups": link(f"groups/customers?customer={number}"),
        "orders": link(f"orders?customer={number}"),
        "login": link(f"customers/{number}/login"),
    }


def tap_for(shop: FakeShop) -> type[TapLightspeed]:
    """Return a plugin class whose client talks to this shop."""

    class Tap(TapLightspeed):
        def make_client(self) -> Lightspeed:
            return shop.client()

    return Tap


@functools.cache
def discovered() -> dict[str, Any]:
    """Return what discovery says, found once."""
    return TapLightspeed(config=CONFIG).catalog_dict


def catalog(*streams: str) -> dict[str, Any]:
    """Return a catalog in which only these streams are selected."""
    chosen = [entry for entry in discovered()["streams"] if entry["tap_stream_id"] in streams]
    entries = {"streams": copy.deepcopy(chosen)}
    for entry in entries["streams"]:
        for one in entry["metadata"]:
            if one["breadcrumb"] == []:
                one["metadata"]["selected"] = entry["tap_stream_id"] in streams
    return entries


def run(
    shop: FakeShop,
    stdout: Any,
    state: Row | None = None,
    config: Row | None = None,
    streams: tuple[str, ...] = ("orders",),
) -> list[Row]:
    """Run the tap once and return its messages."""
    tap = tap_for(shop)(config=CONFIG | (config or {}), state=state, catalog=catalog(*streams))
    with contextlib.redirect_stdout(stdout):
        tap.sync_all()
    return list(stdout.messages())


def records(messages: list[Row], stream: str = "orders") -> list[Row]:
    return [one["record"] for one in messages if one["type"] == "RECORD" and one["stream"] == stream]


def states(messages: list[Row]) -> list[Row]:
    return [one["value"] for one in messages if one["type"] == "STATE"]
