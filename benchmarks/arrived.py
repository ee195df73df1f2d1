"""Whether everything that happened on one side has arrived on the other: the two books, compared value by value."""

from __future__ import annotations

import hashlib
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from afas_profit import Afas, ClassicToken
from benchmarks.assortment import keyed
from benchmarks.merchant import SHOP
from benchmarks.project import settings
from sandbox.afas.file_set import picture
from sandbox.testing import transport

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.merchant import Merchant
    from benchmarks.trade import Trade


def differences(trade: Trade) -> list[str]:
    """What has not arrived, in words; nothing when all has.

    Args:
        trade: What happened; every flow has run since.
    """
    found = [*_orders(trade), *_variants(trade), *_products(trade), *_tree(trade)]
    return found + [f"{flow}: held {one}" for flow in trade.merchant.states for one in trade.merchant.held(flow)]


def _orders(trade: Trade) -> Iterator[str]:
    booked = Counter(one["reference"] for one in trade.merchant.boxes["afas"].books()["orders"])
    for number in trade.ordered:
        if (times := booked[f"{SHOP}-{number}"]) != 1:
            yield f"order {number}: booked {times} times"


def _variants(trade: Trade) -> Iterator[str]:
    """Prices that changed, and every stock level: all orders are booked, so AFAS's own figure is what may be sold."""
    available = _available(trade.merchant)
    for row in trade.merchant.rows("variants"):
        sku = row["sku"]
        price = trade.prices.get(sku.partition("-M")[0])
        if price is not None and Decimal(str(row["priceIncl"])) != price:
            yield f"price of {sku}: {row['priceIncl']} instead of {price}"
        if row["stockLevel"] != max(available[sku], 0):
            yield f"stock of {sku}: {row['stockLevel']} instead of {available[sku]}"


def _available(merchant: Merchant) -> Counter[str]:
    own = settings(f"tap-afas--{SHOP}-stock", {"DEMO_AFAS": "http://localhost"})
    wire = transport(merchant.boxes["afas"], merchant.clock)
    client = Afas(own["base_url"], ClassicToken(own["token"]), transport=wire)
    found: Counter[str] = Counter()
    for row in client.rows("Commerce_Stock", order_by=["ItemType", "Item", "Dim1", "Dim2", "Warehouse"]):
        found["-".join(filter(None, (row["Item"], row["Dim1"])))] += int(row["Available"])
    return found


def _said(text: str | Mapping[str, str]) -> str:
    """A text in the shop's own language: the tables hold it by language as soon as there are several."""
    return text if isinstance(text, str) else text["nl"]


def _products(trade: Trade) -> Iterator[str]:
    """Titles and images that changed."""
    merchant = trade.merchant
    products = {row["data01"]: row for row in merchant.rows("products")}
    shown: dict[str, list[str]] = {}
    for image in merchant.shop.books()[SHOP]["images"]:
        shown.setdefault(image["owner"], []).append(image["sha256"])
    for code, title in trade.titles.items():
        if (there := _said(products[keyed(code)]["title"])) != title:
            yield f"title of {code}: {there} instead of {title}"
    for code, number in trade.pictures.items():
        wanted = [hashlib.sha256(picture(number)).hexdigest()]
        if shown.get(f"products/{products[keyed(code)]['id']}") != wanted:
            yield f"image of {code} is another one"


def _tree(trade: Trade) -> Iterator[str]:
    """Relations, categories, members of groups."""
    merchant = trade.merchant
    codes = {row["id"]: row["data01"] for row in merchant.rows("products")}
    related = {(codes[row["_parent"]], codes[row["relatedProduct"]]) for row in merchant.rows("products/{}/relations")}
    yield from (f"relation {one} is missing" for one in trade.related if tuple(map(keyed, one)) not in related)
    titles = Counter(_said(row["title"]) for row in merchant.rows("categories"))
    if titles != Counter(trade.categories.values()):
        yield f"categories: {sorted(titles)} instead of {sorted(trade.categories.values())}"
    emails = {one["debtor"]: one["emails"][0] for one in merchant.boxes["afas"].books()["relations"]}
    groups = {row["id"]: row["title"].upper() for row in merchant.rows("groups")}
    people = {row["id"]: row["email"] for row in merchant.rows("customers")}
    members = {(people[row["customer"]], groups[row["group"]]) for row in merchant.rows("groups/customers")}
    wanted = {(emails[debtor], group) for debtor, group in trade.members.items()}
    yield from (f"members of groups: {one}" for one in members ^ wanted)
