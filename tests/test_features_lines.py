"""Acceptance of what stands on an order: amounts, VAT, costs, methods. Ids as in the list of features."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.seed.kinds import KINDS
from tests.support import settings
from tests.support.scene import BILLING, CHANGES, Scene, Scenes

if TYPE_CHECKING:
    from collections.abc import Iterator


ROUNDINGS = ("line", "rate", "document")
SHOP2 = {"api_key": "demo0000000000000000000000000002", "api_secret": "secret00000000000000000000000002"}


@pytest.fixture
def make() -> Iterator[Scenes]:
    """Makes worlds with their own settings."""
    with Scenes() as scenes:
        yield scenes


@pytest.fixture
def scene(make: Scenes) -> Scene:
    """A shop and an AFAS."""
    return make()


class Shop2(Scene):
    """The shop that enters its prices excluding VAT."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.mapper_config = settings.mapper(price_basis="excl")

    def control(self, side: str, method: str, path: str, body: Any = None) -> Any:
        """As the world's; new orders are placed in shop2."""
        if (side, method, path) == ("lightspeed", "POST", "orders"):
            body = {"shop": "shop2", **body}
        return super().control(side, method, path, body)


@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize("shop", ["incl", "excl"])
def test_every_kind_of_order_arrives_to_the_cent(make: Scenes, shop: str, rounding: str) -> None:
    """B1, B45, P4, P20: every kind, prices with and without VAT, each way in which AFAS may round: equal to the cent."""
    kind, tap = (Shop2, SHOP2) if shop == "excl" else (Scene, {})
    scene = make(kind=kind, tap_settings=tap, afas_switches={"vat_rounding": rounding})
    orders = scene.place(list(KINDS), 1)
    scene.passes(10)
    assert scene.go() == (0, 0, 0)
    scene.kept()
    held = {entry["key"]: entry["reason"] for entry in scene.held()}
    assert set(held.values()) <= {"unmapped_vat"}, "distance sales have no group of 0 %"
    left_out = {order for order, name in zip(orders, KINDS, strict=True) if name in {"unpaid_transfer", "cancelled"}}
    assert [order for order in orders if not scene.found(order)] == [
        order for order in orders if order in left_out or str(order) in held
    ]
    assert len(held) <= 3
    assert all(scene.total(order) == scene.price(order) for order in orders if scene.found(order))


@pytest.mark.parametrize(("told", "rounding"), [("line", "document"), ("document", "line"), ("rate", "line")])
def test_afas_that_rounds_otherwise_than_the_setting_says(make: Scenes, told: str, rounding: str) -> None:
    """P4, N30: what AFAS makes of an order is read back: a cent that it rounds otherwise goes on the rounding item."""
    scene = make({"vat_rounding": told}, Shop2, tap_settings=SHOP2, afas_switches={"vat_rounding": rounding})
    orders = scene.place(["three_rates", "plain", "coupon", "coupon_percentage", "many_pieces", "sixty_lines"] * 2, 3)
    scene.passes(10)
    assert scene.go() == (0, 0, 0)
    assert scene.calls_of(CHANGES) > 0, "at least one order had to be put right"
    assert all(scene.total(order) == scene.price(order) for order in orders)
    scene.all_booked()


@pytest.mark.parametrize("switch", ["unit", "total"])
def test_line_prices_of_one_piece_or_of_the_whole_line(make: Scenes, switch: str) -> None:
    """P4: whether the shop states a line's price for a piece or for the line, the order arrives to the cent."""
    scene = make(shop_switches={"line_price": switch})
    orders = scene.place(["many_pieces", "three_rates", "same_sku_twice", "line_discount", "sixty_lines"], 4)
    scene.passes(10)
    assert scene.go() == (0, 0, 0)
    assert all(scene.total(order) == scene.price(order) for order in orders)
    scene.all_booked()


def test_each_cost_stands_on_its_own_item(scene: Scene) -> None:
    """B11, B12, B13, B41: coupon, shipping, payment costs and gift wrap on four codes, each with its own VAT."""
    order = scene.sale(
        lines=[{"sku": "SKU-0001", "quantity": 3}, {"sku": "SKU-0007", "quantity": 2}, {"sku": "INPAK"}],
        discount={"percentage": "0.1", "code": "TIEN"},
        payment={"id": "mollie", "method": "klarna", "title": "Klarna", "price": "1.95", "paid": True},
    )
    assert scene.go() == (0, 0, 0)
    items = {line["item"] for line in scene.lines(order)}
    assert items >= {"SKU-0001", "SKU-0007", "KORTING", "VERZEND", "BETAAL", "INPAK"}
    assert {line["vat_group"] for line in scene.lines(order, "KORTING")} == {"1", "2"}
    assert all(line["incl"] < 0 for line in scene.lines(order, "KORTING"))
    assert scene.total(order) == scene.price(order)
    scene.all_booked()


@pytest.mark.parametrize(("rate", "group"), [("0.21", "1"), ("0.09", "2"), ("0", "3")])
def test_shipping_has_the_vat_that_the_shop_charged(scene: Scene, rate: str, group: str) -> None:
    """B12: the VAT of the shipping costs is the shop's, not that of the item."""
    order = scene.sale(shipment={"title": "PostNL", "price": "6.95", "rate": rate})
    assert scene.go() == (0, 0, 0)
    assert [line["vat_group"] for line in scene.lines(order, "VERZEND")] == [group]
    scene.all_booked()


@pytest.mark.parametrize(("setting", "count"), [("omit", 0), ("line", 1)])
def test_free_shipping(make: Scenes, setting: str, count: int) -> None:
    """B12: free shipping gives no line, or one of 0, by setting."""
    scene = make({"free_shipping": setting})
    order = scene.sale(shipment={"title": "Gratis verzending", "price": 0})
    assert scene.go() == (0, 0, 0)
    assert [line["incl"] for line in scene.lines(order, "VERZEND")] == [0] * count
    scene.all_booked()


@pytest.mark.parametrize("setting", ["net", "item"])
def test_a_discount_of_one_line(make: Scenes, setting: str) -> None:
    """B41: the discount of a line is in its price, or on the discount item, by setting; the total is the same."""
    scene = make({"line_discount": setting})
    order = scene.sale(lines=[{"sku": "SKU-0001", "quantity": 3, "discount": "0.50"}, {"sku": "SKU-0007"}])
    assert scene.go() == (0, 0, 0)
    assert bool(scene.lines(order, "KORTING")) is (setting == "item")
    assert scene.total(order) == scene.price(order)
    scene.all_booked()


@pytest.mark.parametrize(("miss", "books"), [("0.04", True), ("-0.05", True), ("0.06", False), ("-1.00", False)])
def test_small_differences_go_on_the_rounding_item(scene: Scene, miss: str, books: bool) -> None:
    """N30, P4: a total that misses its own sum by up to 5 cents is booked as it is; by more, the order is held."""
    order = scene.sale(miss=miss)
    assert scene.go() == (0, 0, 0)
    if books:
        assert [line["incl"] for line in scene.lines(order, "AFRONDING")] == [Decimal(miss)]
        assert scene.total(order) == scene.price(order)
        scene.all_booked()
    else:
        assert not scene.found(order)
        assert [reason for reason, _ in scene.reasons] == ["amounts_do_not_add_up"]
        assert scene.writes == 0


@pytest.mark.parametrize(
    ("kind", "duty", "groups", "book"),
    [
        ("three_rates", "1", {"1", "2", "3"}, "70"),
        ("oss_be", "7", {"B1", "B2"}, "71"),
        ("oss_de", "7", {"D1", "D2"}, "71"),
        ("oss_fr", "7", {"F1", "F2"}, "71"),
        ("reverse_charged", "6", {"1"}, "70"),
        ("export_ch", "4", {"1"}, "70"),
        ("export_us", "4", {"1"}, "70"),
    ],
)
def test_vat_by_country_rate_and_treatment(make: Scenes, kind: str, duty: str, groups: set[str], book: str) -> None:
    """B15, B34, B35, P20: each treatment has its VAT duty, its groups and its sales book; the total is the shop's."""
    scene = make({"sales_book": {"rules": [{"treatment": "oss", "value": "71"}], "default": "70"}})
    (order,) = scene.place([kind], 1)
    scene.mapper_config["oss"] = "registered"
    scene.passes(10)
    assert scene.go() == (0, 0, 0)
    fields = scene.head(order)
    assert (fields["VaDu"], fields["JoCo"]) == (duty, book)
    assert {line["vat_group"] for line in scene.lines(order)} <= groups
    assert scene.total(order) == scene.price(order)
    scene.all_booked()


def test_a_rate_that_the_table_lacks_holds_the_order(make: Scenes) -> None:
    """B35: a country and rate without a row is held by name; with the row, it goes through."""
    rows = [row for row in settings.VAT if row.get("group") != "D2"]
    scene = make({"vat": rows})
    (order,) = scene.place(["oss_de"], 1)
    scene.passes(10)
    with scene.no_write():
        assert scene.go() == (0, 0, 0)
    ((reason, subject),) = scene.reasons
    assert reason == "unmapped_vat"
    assert subject.startswith("DE/7/person")
    scene.target_config["orders"]["vat"] = settings.VAT
    scene.go(900)
    assert scene.found(order)
    scene.all_booked()


def test_a_rate_that_changes_at_a_date(make: Scenes) -> None:
    """B34: rows of the VAT table may hold from a date: the day of the order decides."""
    old, new = {"valid_until": "2026-11-02", "group": "1"}, {"valid_from": "2026-11-03", "group": "9"}
    rows = [{"treatment": ["domestic", "unknown"], "rate": "21", "duty": "1", **dates} for dates in (old, new)]
    scene = make({"vat": [*rows, *settings.VAT]})
    scene.user("afas/vat", {"duty": "1", "group": "9", "percentage": 21})
    first = scene.sale()
    scene.go()
    scene.passes(24 * 3600)
    second = scene.sale()
    scene.go()
    assert [{line["vat_group"] for line in scene.lines(order)} for order in (first, second)] == [{"1"}, {"9"}]
    scene.all_booked()


@pytest.mark.parametrize(
    ("shipment", "fields"),
    [
        ({"title": "PostNL", "price": "6.95"}, {"TrPt": "POSTNL"}),
        ({"title": "DHL", "price": "7.95"}, {"TrPt": "DHL"}),
        ({"title": "Afhalen", "price": 0, "pickup": True}, {"TrPt": "PICKUP", "DeCo": "2"}),
    ],
)
def test_the_way_of_delivery(make: Scenes, shipment: dict[str, Any], fields: dict[str, str]) -> None:
    """B40: the shipping method becomes carrier and delivery condition; an order that is fetched is marked so."""
    scene = make({"pickup_condition": "2"})
    order = scene.sale(shipment=shipment)
    assert scene.go() == (0, 0, 0)
    assert {name: scene.head(order).get(name) for name in fields} == fields
    scene.all_booked()


@pytest.mark.parametrize(
    ("table", "fields"),
    [
        ({"PostNL": "POSTNL"}, {"TrPt": "PICKUP", "DeCo": "3", "War": "02"}),
        ({"PostNL": "POSTNL", "Afhaalpunt 7": {"carrier": "DHL"}}, {"TrPt": "DHL", "DeCo": "2"}),
        (
            {"entries": {"PostNL": "POSTNL"}, "missing": "default", "default": "POSTNL"},
            {"TrPt": "PICKUP", "DeCo": "3", "War": "02"},
        ),
    ],
    ids=["not in the table", "in the table", "table with a default"],
)
def test_a_new_collection_point_gets_no_parcel_carrier(
    make: Scenes, table: dict[str, Any], fields: dict[str, str]
) -> None:
    """B40: an order that is fetched takes its own entry, else the setting for pick-ups, and never the parcels' default."""
    fetched = {"carrier": "PICKUP", "delivery_condition": "3", "warehouse": "02"}
    scene = make({"shipping_methods": table, "pickup_method": fetched, "pickup_condition": "2"})
    order = scene.sale(shipment={"title": "Afhaalpunt 7", "price": 0, "pickup": True})
    parcel = scene.sale(email="b@example.com")
    assert scene.go() == (0, 0, 0)
    assert {name: scene.head(order).get(name) for name in fields} == fields
    assert scene.head(parcel)["TrPt"] == "POSTNL"
    scene.all_booked()


@pytest.mark.parametrize(("country", "unit", "book"), [("nl", 1, "70"), ("be", 2, "72")])
def test_the_administration_may_depend_on_the_order(make: Scenes, country: str, unit: int, book: str) -> None:
    """A12, A13, B15: the administration and its sales book are a rule of the settings."""
    rule = {"rules": [{"country": "BE", "value": "2"}], "default": "1"}
    books = {"rules": [{"country": "BE", "value": "72"}], "default": "70"}
    scene = make({"sales_book": books, "project": {}}, target_settings={"administration": rule})
    order = scene.sale(billing=BILLING | {"country": country, "zipcode": "1000 AA" if country == "nl" else "1000"})
    assert scene.go() == (0, 0, 0)
    assert (scene.head(order)["Unit"], scene.head(order)["JoCo"]) == (unit, book)
    scene.all_booked()


def test_the_project_stands_on_the_order(scene: Scene) -> None:
    """B16: the project of the settings stands on every order."""
    order = scene.sale()
    scene.go()
    assert scene.head(order)["PrId"] == "WEB"
    scene.all_booked()


def test_the_least_that_must_be_set(make: Scenes) -> None:
    """B44, B45: address, token, store, items, VAT and the debtor's terms: no field is mapped by hand, all is right."""
    scene = make()
    full = scene.target_config
    least = {name: full[name] for name in ("environment", "base_url", "token", "store", "relations")}
    defaults = {"missing": "default", "default": None}
    tables = dict.fromkeys(("payment_methods", "payment_conditions", "shipping_methods"), defaults)
    scene.target_config = {**least, "orders": {"items": settings.COST_ITEMS, "vat": settings.VAT, **tables}}
    order = scene.sale(billing=BILLING | {"number": "4", "extension": "bis"})
    assert scene.go() == (0, 0, 0)
    assert scene.reasons == []
    (relation,) = scene.made()
    place = next(one for one in relation["addresses"] if one["kind"] == "ADR" and one["current"])
    assert (place["Ad"], place["HmNr"], place["HmAd"], place["ZpCd"], place["Rs"]) == (
        "Lange Weg",
        4,
        "bis",
        "1011 AA",
        "Amsterdam",
    )
    assert relation["name"] == "Kim Klant"
    assert scene.total(order) == scene.price(order)
    scene.all_booked()
