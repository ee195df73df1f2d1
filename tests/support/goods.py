"""A small merchant whose AFAS fills a shop: the goods in it, and the jobs of `meltano.yml` that carry them over.

The connectors, keys and filters are those of the project's own file, so that what is proven here is what runs.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import yaml

from sandbox.afas.service import AfasService
from sandbox.box import Box
from sandbox.clock import SandboxClock
from sandbox.http import Request
from sandbox.lightspeed.service import LightspeedService
from sandbox.testing import transport
from target_lightspeed.cli import explain
from target_lightspeed.commerce.planner.priority import reserve_of
from tests.support import settings
from tests.support.house import Job
from tests.support.plugins import Wire, catalog
from tests.support.shop_plugins import AfasTap, ShopTarget
from tests.support.world import JOB, World

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, Any]

FLOWS = ("groups", "categories", "catalogue", "prices", "stock", "relations")
"""The flows into the shop, in the order in which a full round runs them."""
OVERLAP_MINUTES = 15
"""How far below its bookmark the tap reads again."""
SWEEP_HOURS = 6
"""How often drift is looked for; a day in real life."""
BEFORE = datetime(2026, 10, 30, 6, tzinfo=UTC)
"""When the goods were entered."""

_TEXTILE = {"Brand": "Maas", "Material": "Katoen", "WebCategory1": "KLEDING"}
GOODS: Sequence[Json] = (
    {"do": "price-list", "PriceList": "WEB", "Description": "Webwinkel", "InclVat": True},
    {"do": "price-list", "PriceList": "B2B", "Description": "Zakelijk", "InclVat": True},
    {"do": "price-list", "PriceList": "OLD", "Description": "Oud", "InclVat": True},
    {"do": "category", "Category": "WONEN", "Description": "Wonen", "DescriptionEn": "Living", "Position": 1},
    {"do": "category", "Category": "KEUKEN", "Parent": "WONEN", "Description": "Keuken", "Position": 1},
    {"do": "category", "Category": "KLEDING", "Description": "Kleding", "Position": 2},
    {"do": "customer-group", "Group": "GROOT", "Description": "Groothandel"},
    {"do": "customer-group", "Group": "WEDER", "Description": "Wederverkoper"},
    {
        "do": "product", "Item": "THEE-1", "WebEnabled": True, "Description": "Theepot", "WebTitle": "Theepot Delft",
        "WebTitleEn": "Teapot", "WebShort": "Een pot", "Brand": "Delft", "Barcode": "8710000000017",
        "Stock": {"01": 12}, "WebCategory1": "KEUKEN", "Material": "Steen",
        "Images": {"0": {"seed": 1}, "1": {"seed": 2}, "3": {"seed": 3}},
    },
    {
        "do": "product", "Item": "00420", "WebEnabled": True, "Description": "Mok & schotel", "Brand": "delft",
        "Stock": {"01": 9, "02": 2}, "WebCategory1": "KEUKEN", "WebCategory2": "WONEN", "Images": {"0": {"seed": 4}},
    },
    {"do": "product", "Item": "VAAS 3/B", "WebEnabled": True, "Description": "Vaas", "Stock": {"01": 4}},
    {
        "do": "product", "Item": "SRV-1", "WebEnabled": True, "Description": "Montage", "KeepStock": False,
        "VatGroup": "2",
    },
    {"do": "product", "Item": "NIET", "WebEnabled": False, "Description": "Niet voor de winkel", "Stock": {"01": 5}},
    {
        "do": "product", "Item": "SOK", "WebEnabled": True, "Description": "Sok", "Dimension1": "MAAT", **_TEXTILE,
        "Images": {"0": {"seed": 5}},
    },
    {"do": "variant", "Item": "SOK", "Dim1": "S", "Dim1Label": "Small", "Dim1Position": 1},
    {"do": "variant", "Item": "SOK", "Dim1": "M", "Dim1Label": "Medium", "Dim1Position": 2},
    {"do": "stock", "Item": "SOK", "Dim1": "S", "Warehouse": "01", "OnHand": 6},
    {"do": "stock", "Item": "SOK", "Dim1": "M", "Warehouse": "01", "OnHand": 3},
    {
        "do": "product", "Item": "JAS", "WebEnabled": True, "Description": "Jas", "KeepStock": False, **_TEXTILE,
        "ParentItem": "JAS",
    },
    {
        "do": "product", "Item": "JAS-Z", "WebEnabled": True, "Description": "Jas zwart", "ParentItem": "JAS",
        "Colour": "Zwart", "Stock": {"01": 5},
    },
    {
        "do": "product", "Item": "JAS-C", "WebEnabled": True, "Description": "Jas camel", "ParentItem": "JAS",
        "Colour": "Camel", "Stock": {"01": 7},
    },
    {
        "do": "product", "Item": "PAK", "ItemType": "7", "WebEnabled": True, "Description": "Voordeelpak",
        "Parts": [{"Part": "THEE-1", "Quantity": 1}, {"Part": "00420", "Quantity": 2}],
    },
    *(
        {"do": "price", "PriceList": listed, "Item": item, "ItemType": kind, "ValidFrom": "2026-01-01", "Price": amount}
        for listed, kind, item, amount in (
            ("WEB", "2", "THEE-1", "24.95"), ("WEB", "2", "00420", "7.50"), ("WEB", "2", "VAAS 3/B", "12.10"),
            ("WEB", "2", "SRV-1", "35.00"), ("WEB", "2", "SOK", "6.50"), ("WEB", "2", "JAS-Z", "129.00"),
            ("WEB", "2", "JAS-C", "119.00"), ("WEB", "7", "PAK", "36.95"), ("B2B", "2", "THEE-1", "21.00"),
            ("OLD", "2", "00420", "1.00"), ("WEB", "2", "NIET", "9.00"),
        )
    ),
    {
        "do": "price", "PriceList": "WEB", "Item": "00420", "ValidFrom": "2026-01-01", "QuantityFrom": 6,
        "Price": "6.75",
    },
    {"do": "product-relation", "Item": "THEE-1", "Related": "00420", "Kind": "related", "Position": 1},
    {"do": "product-relation", "Item": "THEE-1", "Related": "VAAS 3/B", "Kind": "cross", "Position": 2},
    {"do": "product-relation", "Item": "00420", "Related": "NIET", "Kind": "related", "Position": 1},
)  # fmt: skip
"""What stands in AFAS at the beginning, as the steps by which a user enters it."""

CUSTOMERS = (("10001", "inkoop@groot.example", "GROOT"), ("10002", "info@weder.example", "WEDER"))
"""Sales relations with an account in the shop: number, e-mail, customer group."""
HAND = "HAND-1"
"""SKU of a product that the shop's people made by themselves."""


@dataclass
class Shopkeeper(World):
    """A merchant whose catalogue, prices and stock go from AFAS into the shop, and whose orders go back.

    Attributes:
        shop_target: Class of the target that writes to the shop; a mutant has its own.
        flow_settings: Per flow, further settings of that target.
        afas_rows: What AFAS has, instead of the goods above.
    """

    shop_target: type[ShopTarget] = ShopTarget
    flow_settings: Mapping[str, Json] = field(default_factory=dict)
    afas_rows: Sequence[Any] | None = None

    def services(self, shop: SandboxClock, afas: SandboxClock) -> tuple[LightspeedService, AfasService]:
        """A shop that has hardly anything, and the merchant's AFAS."""
        here, there = (
            LightspeedService(shop, "empty", self.shop_switches),
            AfasService(afas, "empty", self.afas_switches),
        )
        here.restore(_planted()[0])
        there.restore(_planted()[1] if self.afas_rows is None else self.afas_rows)
        return here, there

    def job(self, name: str) -> Job:
        """The orders, or a flow into the shop."""
        if name == JOB:
            return super().job(name)
        config = self.flow_config(name)
        return Job(
            "afas",
            "lightspeed",
            functools.partial(self._make_afas_tap, name),
            {"source": "afas", "instance": "main"},
            functools.partial(self._make_shop_target, config),
            explain,
            reserve_of(config.get("priority"), _reserve(config)),
        )

    def _make_afas_tap(self, name: str, wire: Wire, state: Json) -> AfasTap:
        return AfasTap.on(wire)(config=_tap_config(name), state=state, catalog=_catalog(name))

    def _make_shop_target(self, config: Json, wire: Wire) -> ShopTarget:
        target = self.shop_target(config=config)
        target.wire = wire
        return target

    def flow_config(self, name: str) -> Json:
        """Settings of the target of a flow: the project's, with a faster sweep."""
        own = {**_project("loaders", f"target-lightspeed--shop1-{name}"), **_SETTINGS.get(name, {})}
        return {
            "api_key": settings.SHOP_KEY[0],
            "api_secret": settings.SHOP_KEY[1],
            "base_url": "http://127.0.0.1:8702",
            "store": f"sqlite:///{self.store}",
            "workers": 1,
            "batch_size_rows": self.target_config.get("batch_size_rows", 100),
            **own,
            **self.flow_settings.get(name, {}),
        }


def _reserve(config: Json) -> tuple[int, int, int]:
    first, hour, day = (config.get(f"reserve_{name}", least) for name, least in zip(_WINDOWS, _LEAST, strict=True))
    return first, hour, day


_WINDOWS, _LEAST = ("5_minutes", "hour", "day"), (30, 100, 400)
_CATALOGUE = {
    "categories": True,
    "type": "Kenmerken",
    "attributes": {"material": {"specification": "Materiaal"}, "lead_time": {"field": "data02"}},
    "brand_aliases": {"delft": "Delft"},
}
_SETTINGS: Mapping[str, Json] = {
    "catalogue": {"catalogue": _CATALOGUE, "sweep": {"every_hours": SWEEP_HOURS}},
    "prices": {
        "prices": {"list": "WEB", "basis": "incl", "groups": {"B2B": "Groothandel", "OLD": "ignore"}},
        "sweep": {"every_hours": SWEEP_HOURS},
    },
    "stock": {
        "stock": {
            "tracking": "enabled", "verify_hours": SWEEP_HOURS, "delivery_dates": True,
            "rules": [{"items": ["SRV-*"], "tracking": "disabled"}],
        }
    },
}  # fmt: skip
"""What a merchant sets beyond the project's file: more of what the flows can do."""


@functools.cache
def _meltano() -> Json:
    file = Path(__file__).parents[2] / "meltano.yml"
    return cast("Json", yaml.safe_load(file.read_text(encoding="utf-8"))["plugins"])


def _project(kind: str, name: str) -> Json:
    """The configuration of a plugin in the project's file."""
    return cast("Json", next(one["config"] for one in _meltano()[kind] if one["name"] == name))


def _tap_config(name: str) -> Json:
    own = dict(_project("extractors", f"tap-afas--shop1-{name}"))
    often = {"deletes": {"every_hours": SWEEP_HOURS}}
    own["streams"] = {
        stream: {**one, **(often if one.get("deletes") else {})} for stream, one in own["streams"].items()
    }
    return {"environment": "T12345AA", "base_url": "http://127.0.0.1:8701/ProfitRestServices", **_TOKEN, **own}


_TOKEN = {"token": settings.AFAS_TOKEN}


@functools.cache
def _catalog(name: str) -> Json:
    """The catalog of a job's tap with its connectors selected: from a discovery of its own, for it never differs."""
    clock = SandboxClock(BEFORE, frozen=True)
    box = Box(AfasService(clock, "empty"))
    config = _tap_config(name)
    return catalog(AfasTap.on(transport(box, clock))(config=config), set(config["connectors"]))


@functools.cache
def _planted() -> tuple[Any, Any]:
    """The rows of a shop and an AFAS as they are before the first run."""
    clock = SandboxClock(BEFORE, frozen=True)
    afas, shop = AfasService(clock, "empty"), LightspeedService(clock, "empty")
    box = Box(afas)
    _told(box, "user", {"steps": list(GOODS)})
    for debtor, mail, group in CUSTOMERS:
        said = {"name": f"Klant {debtor}", "debtor": debtor, "email": mail, "fields": {"DsGr": group}}
        _told(box, "afas/relation", said)
    own = shop.shop("shop1")
    (about,) = own.all("shop")
    own.put("shop", {**about, "isB2b": True})
    for _, mail, _ in CUSTOMERS:
        own.load("customers", {"email": mail, "firstname": "Kim", "lastname": "Klant", "isConfirmed": True})
    product = own.load("products", {"title": "Handgemaakt", "visibility": "visible", "data01": ""})
    own.load(
        "variants",
        {"product": {"resource": {"id": product["id"]}}, "title": "Default", "sku": HAND, "isDefault": True,
         "priceIncl": 5, "priceExcl": 4.1322, "stockLevel": 3, "stockTracking": "enabled", "articleCode": HAND},
    )  # fmt: skip
    own.load("groups", {"title": "Groothandel"})
    category = own.load("categories", {"title": "Met de hand", "isVisible": True, "sortOrder": 9})
    own.add("categories/products", {"category": category["id"], "product": product["id"], "sortOrder": 1})
    return shop.changes(), list(afas.changes())


def _told(box: Box, path: str, body: Json) -> None:
    reply = box.answer(Request("POST", f"/_sandbox/{path}", body=json.dumps(body).encode())).reply
    assert reply is not None
    assert reply.status < 300, reply.body
