"""Fills the Lightspeed shops: settings, catalogue, and orders of every kind."""

from __future__ import annotations

import pickle
from collections import deque
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.clock import SandboxClock
from sandbox.lightspeed import world
from sandbox.lightspeed.shop import Shop
from sandbox.lightspeed.shopper import place_kinds
from sandbox.seed import content
from sandbox.seed.catalogue import Item, items
from sandbox.seed.content import OPENED
from sandbox.seed.kinds import KINDS
from sandbox.switches import Switches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LAST_ORDER = datetime(2026, 10, 30, 12, tzinfo=UTC)
"""When the last order of a seed was placed; the others every half hour before."""
ORDERS = {"small": (len(KINDS), len(KINDS)), "large": (4_000, 1_000), "empty": (0, 0)}
"""Orders per seed in shop1 and shop2."""

_RATES = (Decimal("0.21"), Decimal("0.09"), Decimal(0))
_PAYMENTS = ("ideal", "banktransfer", "creditcard", "klarna", "paypal", "invoice", "pickup", "external")


def fill(shops: Sequence[Shop], seed: str) -> None:
    """Empty the shops and fill them anew; the same seed always makes the same shops.

    Raises:
        ValueError: unknown seed.
    """
    switches = shops[0].switches
    alike = (
        held
        for known, values, held in _GROWN
        if known == seed and all(switches[name] == value for name, value in values.items())
    )
    held = next(alike, None)
    if held is None:
        values, held = _grown(shops, seed)
        if len(held) <= _MOST:
            _GROWN.append((seed, values, held))
    for shop, own in zip(shops, pickle.loads(held), strict=True):  # noqa: S301 - made by `_grown` in this process
        shop.take(own)


_GROWN: deque[tuple[str, Mapping[str, Any], bytes]] = deque(maxlen=8)
"""Shops that were filled in this process: a seed, the switches that it depends on, and the content. Who tests a client
opens thousands of shops, and most of them are alike."""


_MOST = 4_000_000
"""Bytes of a content that is kept: one with thousands of orders is hardly opened twice."""


class _Watched(Switches):
    """Notes which switches are read."""

    def __init__(self, switches: Switches) -> None:
        super().__init__(switches.declared.values(), switches)
        self.read: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        value = self.read[name] = super().__getitem__(name)
        return value


def _grown(shops: Sequence[Shop], seed: str) -> tuple[Mapping[str, Any], bytes]:
    """Shops like these, filled: the switches that were read for it, and what the shops hold then."""
    clock, switches = SandboxClock(LAST_ORDER, frozen=True), _Watched(shops[0].switches)
    goods = items(seed)
    grown = [Shop(one.profile, position, clock, switches) for position, one in enumerate(shops)]
    for shop, count in zip(grown, ORDERS[seed], strict=True):
        _settings(shop)
        if goods:
            _catalogue(shop, goods)
            content.catalogue(shop)
        instants = [LAST_ORDER - timedelta(minutes=30 * (count - index)) for index in range(count)]
        for _ in place_kinds(shop, count, seed=1, instants=instants):
            pass
        if goods:
            content.visitors(shop)
    return switches.read, pickle.dumps([shop.held() for shop in grown], pickle.HIGHEST_PROTOCOL)


def _settings(shop: Shop) -> None:
    for record in world.COUNTRIES.values():
        shop.put("countries", dict(record))
    own = shop.profile
    for code, active in own.languages.items():
        shop.put("languages", {**world.LANGUAGES[code], "isActive": active, "isDefault": code == own.language})
    for index, rate in enumerate(_RATES):
        title = f"BTW {rate * 100:.0f}%"
        shop.put("taxes", {"id": 1_207_266 + index, "isDefault": not index, "rate": rate, "title": title})
    for index, key in enumerate(_PAYMENTS, 1):
        shop.put("paymentmethods", {"id": 400 + index, "key": key, "title": key.capitalize()})
    for identity, title, kind, incl in (
        (747_283, "PostNL", "default", Decimal("6.95")),
        (747_284, "DHL", "default", Decimal("7.95")),
        (747_285, "Afhalen", "store_pick_up", Decimal(0)),
    ):
        tax = 1_207_266
        excl = (incl / Decimal("1.21")).quantize(Decimal("0.01"))
        # The prices are not shown here, but in the list of a quote's ways of shipment.
        price = {"priceExcl": excl, "priceIncl": incl}
        shop.put("shippingmethods", {"id": identity, "title": title, "type": kind, "tax": tax, **price})
        shop.add("shippingmethods/{}/values", {"_parent": identity, "priceExcl": excl, "priceIncl": incl})
    for title in ("Zakelijk", "Wederverkoper"):
        shop.add("groups", {"title": title}, OPENED)
    shop.add("orders/customstatuses", {"title": "Backorder", "color": "#000000"}, OPENED)
    content.settings(shop)


def _catalogue(shop: Shop, goods: Sequence[Item]) -> None:
    taxes = {rate: 1_207_266 + index for index, rate in enumerate(_RATES)}
    brands: dict[str, int] = {}
    for item in goods:
        if item.brand not in brands:
            title = {"nl": item.brand}
            record = shop.add("brands", {"title": title, "url": {"nl": item.brand.lower()}}, OPENED)
            brands[item.brand] = record["id"]
        _product(shop, item, brands[item.brand], taxes[item.rate])
    content.shirt(shop)
    wrap = shop.add(
        "products",
        {"title": {"nl": "Cadeauverpakking", "en": "Gift wrap"}, "visibility": "hidden", "isVisible": False},
        OPENED,
    )
    price = {"priceExcl": Decimal("2.0661"), "priceIncl": Decimal("2.50"), "tax": taxes[_RATES[0]]}
    shop.add(
        "variants",
        {"product": wrap["id"], "title": {"nl": "Default"}, "isDefault": True, "sku": "INPAK", **price},
        OPENED,
    )


def _product(shop: Shop, item: Item, brand: int, tax: int) -> None:
    slug = item.title.lower().replace(" ", "-")
    product = shop.add(
        "products",
        {
            "title": {"nl": item.title},
            "fulltitle": {"nl": item.title},
            "url": {"nl": f"{slug}-{item.number}"},
            "visibility": "visible",
            "brand": brand,
        },
        OPENED,
    )
    incl = item.incl
    excl = item.excl if shop.profile.basis == "incl" else item.excl.quantize(Decimal("0.01"))
    if shop.profile.basis == "excl":
        incl = (excl * (1 + item.rate)).quantize(Decimal("0.01"))
    shop.add(
        "variants",
        {
            "product": product["id"],
            "title": {"nl": "Default"},
            "isDefault": True,
            "articleCode": item.code,
            "sku": item.code,
            "ean": item.ean,
            "priceExcl": excl,
            "priceIncl": incl,
            "priceCost": item.cost,
            "stockTracking": "enabled",
            "stockLevel": item.stock,
            "weight": item.weight,
            "tax": tax,
        },
        OPENED,
    )
