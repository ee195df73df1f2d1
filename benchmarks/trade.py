"""What happens in a merchant's quarter of an hour: shoppers order, and AFAS's users change things."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from benchmarks import shoppers
from benchmarks.assortment import SIZES, first_price

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.assortment import Assortment
    from benchmarks.merchant import Json, Merchant

QUARTER = timedelta(minutes=15)
"""From one run of a flow to the next."""
LIST = "WEB"
CATEGORIES = 20
RELATED = 20
PICTURED = 100
"""Items that have an image from the beginning."""
GROUPS = ("GROOT", "VIP")
CUSTOMERS = 5_000
"""Accounts of the shop beside those who order."""
REGULARS = 40
"""Shoppers who ordered before, and order again."""


@dataclass(frozen=True)
class Mix:
    """Changes in AFAS by kind: of so many items, products or customers each."""

    stock: int = 0
    prices: int = 0
    texts: int = 0
    images: int = 0
    relations: int = 0
    categories: int = 0
    groups: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return sum(getattr(self, one.name) for one in fields(self))

    def __str__(self) -> str:
        return ", ".join(f"{number} {one.name}" for one in fields(self) if (number := getattr(self, one.name)))


class Trade:
    """The life of one merchant.

    Args:
        merchant: Both sides.
        goods: What they sell.
        seed: For every chance in it.

    Attributes:
        ordered: Numbers of the orders placed.
        prices: Item -> price in the shop's list, of those that changed.
        titles: Item -> title, of those that changed.
        pictures: Item -> number of the image that it must show, of those that have one.
        related: Items that point to items.
        categories: Category -> title.
        members: Debtor -> customer group, of those that were put into one.
    """

    def __init__(self, merchant: Merchant, goods: Assortment, seed: int = 1) -> None:
        self.merchant, self.goods = merchant, goods
        self.chance = random.Random(seed)
        self.ordered: list[str] = []
        self.prices: dict[str, Decimal] = {}
        self.titles: dict[str, str] = {}
        self.pictures: dict[str, int] = {}
        self.related: set[tuple[str, str]] = set()
        self.categories: dict[str, str] = {}
        self.members: dict[str, str] = {}
        self._sized = frozenset(goods.sized)
        self._people = REGULARS
        self._turn = self._seeds = 0
        self._debtors: Sequence[str] = ()

    @property
    def priced(self) -> int:
        """Variants of the items whose prices changed."""
        return sum(SIZES if code in self._sized else 1 for code in self.prices)

    # -- before -------------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """What a shop has after some time: categories, relations, images, accounts, groups, and regular shoppers."""
        chosen = self.chance.sample(self.goods.items, PICTURED + 2 * RELATED)
        categories = [self._category(number) for number in range(CATEGORIES)]
        related = [self._relation(*chosen[2 * n : 2 * n + 2]) for n in range(RELATED)]
        groups = [{"do": "customer-group", "Group": one, "Description": one.capitalize()} for one in GROUPS]
        pictures = [self._picture(one) for one in chosen[2 * RELATED :]]
        self.merchant.user([*categories, *groups, *related, *pictures])
        self._accounts()
        for number in range(REGULARS):
            self._place(shoppers.person(number))
        self.merchant.until(self.merchant.now + QUARTER)
        for flow in ("orders", "customers", "groups", "categories", "catalogue", "relations", "stock"):
            self.merchant.run(flow)
        self._debtors = [one["debtor"] for one in self.merchant.boxes["afas"].books()["relations"]][-REGULARS:]

    def _accounts(self) -> None:
        rows = [
            {"id": 5_000_000 + n, "email": f"klant.{n}@example.com", "type": "registered", "isConfirmed": True}
            for n in range(CUSTOMERS)
        ]
        for start in range(0, CUSTOMERS, 250):
            body = {"resource": "customers", "records": rows[start : start + 250]}
            self.merchant.control("lightspeed", "records", body)

    # -- orders -------------------------------------------------------------------------------------------------------

    def order(self) -> None:
        """A shopper orders three articles: every second one for the first time."""
        self._turn += 1
        if self._turn % 2:
            self._people += 1
            self._place(shoppers.person(self._people))
        else:
            self._place(shoppers.person(self.chance.randrange(REGULARS)))

    def _place(self, said: Json) -> None:
        lines = [{"sku": sku, "quantity": self.chance.randint(1, 2)} for sku in self.chance.sample(self.goods.skus, 3)]
        self.ordered.append(self.merchant.order({**said, "lines": lines})["number"])

    # -- changes ------------------------------------------------------------------------------------------------------

    def change(self, mix: Mix) -> None:
        """Let AFAS's users make so many changes."""
        self.merchant.user(self._steps(mix))

    def reprice(self, codes: Sequence[str]) -> None:
        """Let them change the prices of these items."""
        self.merchant.user(self._prices(codes))

    def _prices(self, codes: Sequence[str]) -> Iterator[Json]:
        for code in codes:
            change = self.chance.choice((-1, 1)) * Decimal("0.20")
            self.prices[code] = after = self.prices.get(code, first_price(code)) + change
            yield {"do": "price", "PriceList": LIST, "Item": code, "Price": str(after)}

    def _steps(self, mix: Mix) -> Iterator[Json]:
        for sku in self.chance.sample(self.goods.skus, mix.stock):
            code, _, size = sku.partition("-M")
            place = {"Dim1": f"M{size}"} if size else {}
            yield {"do": "stock", "Item": code, **place, "Change": self.chance.choice((-3, -2, -1, 1, 2, 5, 10))}
        yield from self._prices(self.chance.sample(self.goods.items, mix.prices))
        for number, code in enumerate(self.chance.sample(self.goods.items, mix.texts)):
            self._seeds += 1
            text = f"Tekst {self._seeds}"
            if number % 3:
                yield {"do": "product", "Item": code, "WebLong": f"<p>{text}</p>"}
            else:
                self.titles[code] = text
                yield {"do": "product", "Item": code, "WebTitle": text}
        pictured = self.chance.sample(sorted(self.pictures), mix.images - mix.images // 4)
        new = self.chance.sample(self.goods.items, mix.images // 4)
        yield from (self._picture(code) for code in {*pictured, *new})
        for _ in range(mix.relations):
            yield self._relation(*self.chance.sample(self.goods.items, 2))
        for number in self.chance.sample(range(CATEGORIES), mix.categories):
            yield self._category(number)
        for debtor in self.chance.sample(self._debtors, mix.groups):
            self.members[debtor] = self.chance.choice(GROUPS)
            yield {"do": "edit-relation", "debtor": debtor, "fields": {"DsGr": self.members[debtor]}}

    def _category(self, number: int) -> Json:
        self._seeds += 1
        self.categories[f"C{number:02}"] = title = f"Soort {self._seeds}"
        return {"do": "category", "Category": f"C{number:02}", "Description": title}

    def _relation(self, item: str, related: str) -> Json:
        self._seeds += 1
        self.related.add((item, related))
        return {"do": "product-relation", "Item": item, "Related": related, "Position": self._seeds}

    def _picture(self, code: str) -> Json:
        self._seeds += 1
        self.pictures[code] = self._seeds
        return {"do": "product", "Item": code, "Images": {"1": {"seed": self._seeds}}}
