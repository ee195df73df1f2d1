"""The life of a shop that AFAS fills: what can happen to the goods on either side, and to the flows between them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.campaign import goods_checker
from tests.campaign.faults import AFAS_AHEAD
from tests.campaign.living import STARTS, Json, Living
from tests.support.goods import CUSTOMERS, FLOWS, HAND
from tests.support.house import Kill, Meanwhile
from tests.support.merchant import Merchant
from tests.support.shop_plugins import ShopTarget
from tests.support.world import JOB

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Mapping

    from tests.campaign.promises import Violation

ENDPOINTS: Mapping[str, tuple[str, ...]] = {
    "lightspeed": (
        "*", "GET *", "P* *", "POST products", "POST variants", "PUT variants*", "POST products/{id}/images",
        "PUT products/{id}", "* *bulk", "POST categories*", "POST products/{id}/relations", "DELETE *",
        "* quantity_discounts*", "GET orders*", "GET variants*",
    ),
    "afas": (
        "*", "GET connectors/Commerce_Products", "GET connectors/Commerce_*", "GET imageconnector*", "GET metainfo*",
        "GET connectors/Commerce_Prices", "GET connectors/Commerce_Stock", "P* connectors/*",
    ),
}  # fmt: skip
"""Where a fault may strike."""
LOOKUPS: Mapping[str, tuple[str, ...]] = {
    "lightspeed": ("GET products*", "GET variants*", "GET categories*"),
    "afas": ("GET connectors/Commerce_Orders", "GET connectors/Commerce_Relations"),
}
WRITES = (2, 3, 4, 5, 6, 7, 8)
"""Those of the shop's endpoints above that are writes."""
LIMITS = ("300/3000/12000", "300/3000/12000", "60/3000/12000")
CHANGES = (
    "new_item", "text", "price", "price_later", "tier", "count", "purchase", "image", "barcode", "variant", "tick",
    "block", "delete_item", "category", "relation", "group", "parts",
)  # fmt: skip
"""What a user of AFAS does with the goods."""
HANDS = ("title", "price", "level", "hide", "delete", "category", "link", "relation")
"""What the shop's people do with them."""
_CATEGORIES = ("WONEN", "KEUKEN", "KLEDING", "TUIN", "BAD")
_GROUPS = ("GROOT", "WEDER", "VRIEND")


class GoodsLife(Living):
    """The life of a shop that AFAS fills.

    Args:
        setting: Numbers that choose the world: start, rounding, limits, afas, batch, seed.
        target: Class of the target that writes to the shop; a mutant has its own.
        check_each: Check what can be checked after each run.
    """

    endpoints = ENDPOINTS
    lookups = LOOKUPS
    world: Merchant

    def __init__(self, setting: Json, target: type[ShopTarget] = ShopTarget, *, check_each: bool = True) -> None:
        limits = LIMITS[setting["limits"] % len(LIMITS)]
        small = {} if limits.startswith("300") else {"reserve_5_minutes": 10, "reserve_hour": 40, "priority": None}
        world = Merchant(
            start=STARTS[setting["start"] % len(STARTS)],
            seed=setting["seed"],
            shop_switches={"rate_limits": limits},
            afas_ahead=AFAS_AHEAD[setting["afas"] % len(AFAS_AHEAD)],
            shop_target=target,
            tap_settings={"reserve_5_minutes": 10, "reserve_hour": 40} if small else {},
            target_settings={"batch_size_rows": (100, 1, 3)[setting["batch"] % 3]},
            flow_settings=dict.fromkeys(FLOWS, small),
        )
        super().__init__(setting, world)
        self.made = 0
        self._check_each = check_each

    def places(self, side: str, name: str) -> tuple[str, ...]:
        """As ever, but that no rows are hidden from the tap: a list without them looks like one in which they aren't.

        A filter of AFAS's authorisation does that, and what it hides is not the shop's. The target of the orders looks
        for what it wrote itself, so it sees; the life of the orders meets this fault most of all.
        """
        if (side, name) == ("afas", "lookup_filtered"):
            return ("GET connectors/Commerce_Orders",)
        return super().places(side, name)

    # -- AFAS: goods --------------------------------------------------------------------------------------------------

    def new_item(self, item: int, number: int) -> None:
        """A new item, with a price and stock, perhaps not for the shop yet."""
        self.made += 1
        code = f"NIEUW-{self.made}"
        said: Json = {"Item": code, "WebEnabled": item % 5 > 0, "Description": f"Artikel {number}"}
        said |= {"Stock": {"01": number % 9}, "WebCategory1": _CATEGORIES[number % 3], "Brand": f"Merk {number % 3}"}
        self._afas("product", **said)
        if item % 3:
            self._price(code, number)

    def text(self, item: int, number: int) -> None:
        """Other words, brand, material or place."""
        what = (
            {"WebTitle": f"Naam {number}"},
            {"Description": f"Omschrijving {number}", "WebTitle": None},
            {"WebTitleEn": f"Name {number}"},
            {"Brand": f"Merk {number % 3}"},
            {"Brand": None},
            {"Material": f"Stof {number % 4}"},
            {"LeadTime": f"{number % 5} dagen"},
            {"WebCategory1": _CATEGORIES[number % 3]},
        )[number % 8]
        self._change(item, **what)

    def price(self, item: int, number: int) -> None:
        """Another price."""
        if row := self._item(item):
            self._price(row["Item"], number, row["ItemType"])

    def price_later(self, item: int, number: int) -> None:
        """A price that holds from a day to come, or ends on one."""
        if row := self._item(item):
            day = (self.world.now + timedelta(days=number % 3)).date().isoformat()
            more = {"ValidFrom": day} if number % 2 else {"ValidFrom": "2026-01-01", "ValidUntil": day}
            self._price(row["Item"], number, row["ItemType"], **more)

    def tier(self, item: int, number: int) -> None:
        """A price from a quantity on, or for business customers."""
        if row := self._item(item):
            more = ({"QuantityFrom": 5}, {"PriceList": "B2B"}, {"PriceList": "B2B", "QuantityFrom": 10})[number % 3]
            if number % 4 == 3:
                self._afas(
                    "price", Item=row["Item"], ItemType=row["ItemType"], delete=True, **{"PriceList": "WEB"} | more
                )
            else:
                self._price(row["Item"], number, row["ItemType"], **more)

    def count(self, item: int, number: int) -> None:
        """A stock count, or goods that come or go."""
        row = self._item(item)
        if row and row["ItemType"] == "2" and row["KeepStock"]:
            place = {"Warehouse": ("01", "02")[number % 2], **self._dims(row, number)}
            said = {"OnHand": number % 12} if number % 3 else {"Change": number % 5 - 2}
            self._afas("stock", Item=row["Item"], **place, **said)

    def purchase(self, item: int, number: int) -> None:
        """Goods are ordered from a supplier."""
        row = self._item(item)
        if row and row["ItemType"] == "2" and row["KeepStock"]:
            day = (self.world.now + timedelta(days=number % 20)).date().isoformat()
            line = {"Item": row["Item"], "Quantity": number % 9 + 1, "Expected": day, **self._dims(row, number)}
            self._afas("purchase", Lines=[line])

    def image(self, item: int, number: int) -> None:
        """An image comes, changes or goes."""
        picture = None if number % 4 == 3 else {"seed": number % 7 + 1}
        self._change(item, Images={str(number % 7): picture})

    def barcode(self, item: int, number: int) -> None:
        """Another barcode, or none."""
        self._change(item, Barcode=_ean(self.made * 1000 + number) if number % 3 else (None, "0")[number % 2])
        self.made += 1

    def variant(self, item: int, number: int) -> None:
        """A size comes, is blocked, or goes."""
        size = ("S", "M", "L", "XL")[item % 4]
        said: Json = {"Item": "SOK", "Dim1": size}
        what = ({"Dim1Label": f"Maat {size}{number % 3}"}, {"BlockedSales": number % 2 == 0}, {"delete": True})
        doing = dict(what[number % 3])
        if "delete" in doing and self._empties(lambda row: row.get("Dim1") == size):
            return
        self._afas("variant", **said, **({"Dim1Label": f"Maat {size}"} | doing))

    def tick(self, item: int, number: int) -> None:
        """An item is meant for the shop, or no longer."""
        self._change(item, WebEnabled=number % 3 > 0)

    def block(self, item: int, number: int) -> None:
        """An item is blocked, or free again."""
        self._change(item, Blocked=number % 3 == 0)

    def delete_item(self, item: int, number: int) -> None:
        """An item is deleted: one that came in this life, mostly; AFAS keeps what is a part of something."""
        parts = {row["Part"] for row in self.world.said()["Compositions"]}
        rows = [row for row in self._items() if row["Item"].startswith("NIEUW") or number % 9 == 0]
        rows = [row for row in rows if row["Item"] not in parts]
        if not rows:
            return
        row = rows[item % len(rows)]
        if not self._empties(lambda one: row["Item"] in {one.get("Item"), one.get("Composition")}):
            self._afas("product", Item=row["Item"], ItemType=row["ItemType"], delete=True)

    def category(self, item: int, number: int) -> None:
        """A category comes, moves, gets another name, is blocked or goes."""
        code = _CATEGORIES[item % len(_CATEGORIES)]
        parents = {"KEUKEN": "WONEN", "TUIN": "WONEN", "BAD": "KLEDING"}
        what = (
            {"Description": f"{code.title()} {number % 3}"},
            {"Blocked": number % 2 == 0},
            {"Parent": parents.get(code) if number % 2 else None},
            {"Position": number % 5},
        )[number % 4]
        new: Json = {} if code in self._codes() else {"Description": code.title()}
        self._afas("category", **{"Category": code} | new | what)

    def relation(self, item: int, number: int) -> None:
        """Two items belong together, or no longer."""
        first, second = self._item(item), self._item(number)
        if first and second and first is not second:
            said: Json = {"Item": first["Item"], "ItemType": first["ItemType"], "Related": second["Item"]}
            said |= {"RelatedType": second["ItemType"], "Kind": ("related", "cross", "sparepart")[number % 3]}
            self._afas(
                "product-relation", **said, **({"delete": True} if number % 4 == 3 else {"BothWays": item % 2 == 0})
            )

    def group(self, item: int, number: int) -> None:
        """A customer goes into another group, or a group comes."""
        code = _GROUPS[number % len(_GROUPS)]
        self._afas("customer-group", Group=code, **({} if code != "VRIEND" else {"Description": "Vrienden"}))
        debtor = CUSTOMERS[item % len(CUSTOMERS)][0]
        self._try("afas/edit-relation", {"debtor": debtor, "fields": {"DsGr": code if number % 4 else ""}})

    def parts(self, item: int, number: int) -> None:
        """A bundle gets other parts."""
        parts = [{"Part": "THEE-1", "Quantity": number % 3 + 1}]
        parts += [{"Part": ("00420", "VAAS 3/B")[item % 2], "Quantity": 1}] if number % 2 else []
        self._afas("product", Item="PAK", ItemType="7", Parts=parts)

    def deliver(self, order: int) -> None:
        """AFAS delivers an order."""
        booked = self.world.booked()
        if booked:
            self._try("afas/deliver-order", {"order": booked[order % len(booked)]["number"]})

    # -- the shop -----------------------------------------------------------------------------------------------------

    def order(self, item: int, number: int) -> None:
        """A shopper buys what the shop shows."""
        products = {one["id"] for one in self.world.shown()["products"] if one["visibility"] != "hidden"}
        sold = [one for one in self.world.shown()["variants"] if one["sku"] and one["product"] in products]
        codes = {row["Item"] for row in self._items()}
        codes |= {f"{row['Item']}-{row['Dim1']}" for row in self.world.said()["Variants"]}
        sold = [one for one in sold if one["sku"] in codes and one["tracking"] != "disabled" and one["level"] > 0]
        if not sold:
            return
        one = sold[item % len(sold)]
        self.world.order(
            customer={"email": f"klant{number % 5}@example.com", "firstname": "Kim", "lastname": f"Klant{number % 5}"},
            billing={
                "street": "Lange Weg",
                "number": "4",
                "zipcode": "1011AA",
                "city": "Amsterdam",
                "name": "Kim Klant",
            },
            lines=[{"sku": one["sku"], "quantity": min(number % 3 + 1, one["level"])}],
            shipment={"title": "PostNL", "price": "6.95"},
            payment={"id": "mollie", "method": "ideal", "title": "iDEAL", "paid": number % 4 > 0},
        )

    def pay(self, order: int) -> None:
        """A payment comes in."""
        self.by_id(order, "pay")

    def cancel(self, order: int) -> None:
        """An order is called off."""
        self.by_id(order, "cancel")

    def hand(self, item: int, how: int, number: int) -> None:
        """The shop's people change, delete or make something."""
        own, shown = self.world.own, self.world.shown()
        ours = [one for one in shown["products"] if one["key"]]
        if not ours:
            return
        product = ours[item % len(ours)]
        variants = [one for one in shown["variants"] if one["product"] == product["id"]]
        what = HANDS[how % len(HANDS)]
        if what in {"title", "hide", "delete", "price", "level"}:
            # By its code too: in a run that broke off its variant may have got no SKU yet.
            self.world.touched |= {product["key"].rpartition(":")[2], *(one["sku"] for one in variants)}
        if what == "title":
            own.change("products", product["id"], title={**product["title"], "nl": f"Met de hand {number}"})
        elif what == "hide":
            own.change("products", product["id"], visibility="hidden")
        elif what == "price":
            own.change("variants", variants[0]["id"], priceIncl=number, priceExcl=number)
        elif what == "level":
            own.change("variants", variants[0]["id"], stockLevel=number % 50)
        elif what == "delete":
            self._delete(product["id"], shown)
        elif what == "category":
            made = own.load("categories", {"title": f"Actie {len(own.ids['categories'])}", "isVisible": True})
            self._note("categories", made["id"])
        elif what == "link":
            category = next(one["id"] for one in self.world.hand["categories"])
            if not any((one["category"], one["product"]) == (category, product["id"]) for one in shown["links"]):
                own.add("categories/products", {"category": category, "product": product["id"], "sortOrder": 1})
                self.world.hand["links"].append({"category": category, "product": product["id"]})
        else:
            (mine,) = self.world.hand["products"]
            if not any((one["product"], one["related"]) == (mine["id"], product["id"]) for one in shown["relations"]):
                made = own.add(
                    "products/{}/relations", {"_parent": mine["id"], "relatedProduct": product["id"], "sortOrder": 1}
                )
                self._note("relations", made["id"])

    def _delete(self, product: int, shown: Json) -> None:
        """A product goes, with what hangs on it."""
        own = self.world.own
        for path, name in (
            ("categories/products", "product"),
            ("quantity_discounts", "product"),
            ("variants", "product"),
        ):
            for row in [one for one in own.all(path) if one.get(name) == product]:
                own.delete(path, row["id"])
        for row in [one for one in own.all("products/{}/relations") if one["relatedProduct"] == product]:
            own.delete("products/{}/relations", row["id"])
        own.delete("products", product)
        there = {one["id"] for one in self.world.shown()["relations"]}
        hand = self.world.hand
        hand["links"] = [one for one in hand["links"] if one["product"] != product]
        hand["relations"] = [one for one in hand.get("relations", []) if one["id"] in there]

    def _note(self, path: str, identity: int) -> None:
        row = next(one for one in self.world.shown()[path] if one["id"] == identity)
        self.world.hand.setdefault(path, []).append(row)

    # -- runs ---------------------------------------------------------------------------------------------------------

    def run(self, wait: int, flow: int) -> None:
        """An ordinary run of one flow, a while later."""
        self.wait(wait)
        self.checked(lambda: self.world.run_job(_flow(flow)))

    def round(self, wait: int) -> None:
        """All flows, one after the other."""
        self.wait(wait)
        for flow in (JOB, *FLOWS):
            self.checked(lambda flow=flow: self.world.run_job(flow))  # type: ignore[misc]

    def kill(self, wait: int, flow: int, plugin: int, call: int, *, when: int, half: int) -> None:
        """A run in which a plugin is killed."""
        self.wait(wait)
        name = ("target", "tap", "mapper")[plugin % 3]
        kill = Kill(name, call, ("before", "after")[when % 2], half=bool(half % 2))
        self.checked(lambda: self.world.run_job(_flow(flow), kill))

    def double(self, wait: int, flow: int, other: int, plugin: int, call: int) -> None:
        """Two runs at once: the second begins and ends within the first."""
        self.wait(wait)
        within = Meanwhile(("target", "tap")[plugin % 2], call, lambda: self.world.run_job(_flow(other)))
        self.checked(lambda: self.world.run_job(_flow(flow), meanwhile=[within]))

    def amidst(self, wait: int, flow: int, plugin: int, call: int, *, what: int, item: int, number: int) -> None:
        """Something happens in AFAS or in the shop in the middle of a run."""
        self.wait(wait)
        doings: tuple[Callable[[], object], ...] = (
            lambda: self.order(item, number),
            lambda: self.text(item, number),
            lambda: self.count(item, number),
            lambda: self.tick(item, number),
            lambda: self.cancel(item),
        )
        within = Meanwhile(("target", "tap")[plugin % 2], call, doings[what % len(doings)])
        self.checked(lambda: self.world.run_job(_flow(flow), meanwhile=[within]))

    def checked(self, run: Callable[[], object]) -> None:
        """Do a run, and check what can be checked after it."""
        world = self.world
        first = {"states": len(world.states), "runs": len(world.runs), "looks": len(world.looks)}
        run()
        if self._check_each:
            self.violations += goods_checker.check_run(world.evidence(), first)

    def end(self) -> list[Violation]:
        """Heal, and check everything."""
        self.world.heal()
        found = goods_checker.check(self.world.evidence(healed=True))
        self.violations = list(dict.fromkeys([*self.violations, *found]))
        return self.violations

    def figures(self) -> Counter[str]:
        """Counts of what happened."""
        return goods_checker.figures(self.world, self.world.shown())

    # -- helpers ------------------------------------------------------------------------------------------------------

    def _items(self) -> list[Json]:
        rows = self.world.said()["Products"]
        return sorted(
            (row for row in rows if row["Item"] in _OWN or row["Item"].startswith("NIEUW")), key=lambda row: row["Item"]
        )

    def _codes(self) -> set[str]:
        return {row["Category"] for row in self.world.said()["Categories"]}

    def _item(self, item: int) -> Json | None:
        rows = self._items()
        return rows[item % len(rows)] if rows else None

    def _dims(self, row: Json, number: int) -> Json:
        if not row["Dimension1"]:
            return {}
        sizes = [one["Dim1"] for one in self.world.said()["Variants"] if one["Item"] == row["Item"]]
        return {"Dim1": sizes[number % len(sizes)]} if sizes else {}

    def _change(self, item: int, **said: Any) -> None:
        if row := self._item(item):
            self._afas("product", Item=row["Item"], ItemType=row["ItemType"], **said)

    def _price(self, item: str, number: int, kind: str = "2", **more: Any) -> None:
        if item != "JAS":
            said = {"PriceList": "WEB", "ValidFrom": "2026-01-01", "Price": f"{number % 90 + 1}.{number % 100:02}"}
            self._afas("price", Item=item, ItemType=kind, **said | more)

    def _empties(self, gone: Callable[[Json], bool]) -> bool:
        """Whether nothing would be left of some list: empty all at once, that is no news but an alarm."""
        return any(rows and all(map(gone, rows)) for rows in self.world.said().values())

    def _afas(self, do: str, **said: Any) -> None:
        self._try("user", {"do": do, **said})

    def _try(self, path: str, body: Json) -> None:
        try:
            self.world.user(path, body)
        except ValueError:
            self.did[f"{body.get('do', path)} refused"] += 1


_OWN = {"THEE-1", "00420", "VAAS 3/B", "SRV-1", "NIET", "SOK", "JAS", "JAS-Z", "JAS-C", "PAK"}
assert HAND not in _OWN
ALL = (*FLOWS, JOB, "catalogue", "stock")
"""Flows, those oftener that matter more."""


def _flow(number: int) -> str:
    return ALL[number % len(ALL)]


def _ean(number: int) -> str:
    digits = f"8710{number % 100_000_000:08}"
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
