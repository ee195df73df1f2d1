"""What AFAS says should be in the shop, read from its GetConnectors; worked out here, not by the coupling."""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from demo.catalogue import Article, Catalogue, Product, seen
from demo.running import fetched

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from demo.running import Sandbox

Row = dict[str, Any]
LIST, GROUP_LIST, GROUP = "WEB", "B2B", "Groothandel"
"""The price list of the shop's own prices, and the one that is for a customer group."""
SPECIFICATIONS = {
    "Material": "Materiaal",
    "Washing": "Wasvoorschrift",
    "LeadTime": "Levertijd",
    "EnergyLabel": "Energielabel",
    "Warranty": "Garantie",
}
_TEXTS = {"title": "WebTitle", "short": "WebShort", "long": "WebLong"}
_SLOTS = ("", "1", "2", "3", "4", "5", "6")


def wanted(box: Sandbox, today: date, accounts: Iterable[str] = ()) -> Catalogue:
    """What the shop is to show on a day.

    Args:
        box: The sandbox.
        today: The day, in Amsterdam.
        accounts: E-mail addresses of the shop's accounts.
    """
    return _Reader(box, today).catalogue(frozenset(accounts))


class _Reader:
    """Works it out of the rows of the connectors."""

    def __init__(self, box: Sandbox, today: date) -> None:
        self._box, self._today = box, today
        self._headers = {"Authorization": f"AfasToken {base64.b64encode(box.token.encode()).decode()}"}
        self.items: dict[str, Row] = {row["Item"]: row for row in self._rows("Commerce_Products")}
        self.variants: dict[str, list[Row]] = defaultdict(list)
        for row in self._rows("Commerce_Variants"):
            self.variants[row["Item"]].append(row)
        self.children: dict[str, list[Row]] = defaultdict(list)
        for row in self.items.values():
            if row["ParentItem"] and row["ParentItem"] != row["Item"]:
                self.children[row["ParentItem"]].append(row)
        self.free: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        for row in self._rows("Commerce_Stock"):
            self.free[row["Item"], row["Dim1"] or "", row["Dim2"] or ""] += row["Available"]
        self.parts: dict[str, list[Row]] = defaultdict(list)
        for row in self._rows("Commerce_Compositions"):
            self.parts[row["Composition"]].append(row)
        self.prices = self._rows("Commerce_Prices")
        self.tree: dict[str, Row] = {row["Category"]: row for row in self._rows("Commerce_Categories")}
        self.made = Catalogue()

    def catalogue(self, accounts: frozenset[str]) -> Catalogue:
        for row in self.items.values():
            if self._is_wanted(row) and not self._is_child(row):
                self.made.products[row["Item"]] = self._product(row)
        self._relations()
        self._tiers()
        self._price_rows_left_out()
        for row in self.tree.values():
            if row["Blocked"]:
                self.made.left_out.append((f"category {row['Category']}", "blocked in AFAS"))
            else:
                self.made.categories[row["Description"]] = self._title(row["Parent"])
        self.made.members = self._members(accounts)
        return self.made

    def _rows(self, connector: str) -> list[Row]:
        address = f"{self._box.afas}/ProfitRestServices/connectors/{connector}?skip=-1&take=-1"
        found: list[Row] = fetched(address, headers=self._headers)["rows"]
        return found

    # -- products -----------------------------------------------------------------------------------------------------

    def _is_wanted(self, row: Row) -> bool:
        if row["WebEnabled"] and row["Blocked"]:
            note = (f"item {row['Item']}", "blocked in AFAS")
            if note not in self.made.left_out:
                self.made.left_out.append(note)
        return bool(row["WebEnabled"]) and not row["Blocked"]

    def _is_child(self, row: Row) -> bool:
        return bool(row["ParentItem"]) and row["ParentItem"] != row["Item"]

    def _product(self, row: Row) -> Product:
        product = Product(row["Item"], visible=True, brand=row["Brand"] or "")
        for role, column in _TEXTS.items():
            for language, ending in (("nl", ""), ("en", "En")):
                text = row[f"{column}{ending}"] or ""
                product.texts[f"{role} {language}"] = seen(text) if role == "long" else text
        product.texts["title nl"] = row["WebTitle"] or row["Description"]
        product.texts["title en"] = row["WebTitleEn"] or row["DescriptionEn"] or ""
        product.images = tuple(dict.fromkeys(self._images(row)))
        product.specifications = {title: row[column] for column, title in SPECIFICATIONS.items() if row[column]}
        product.categories = frozenset(self._categories(row))
        product.articles = {one.sku: one for one in self._articles(row)}
        return product

    def _images(self, row: Row) -> Iterator[str]:
        for slot in _SLOTS:
            if row[f"Image{slot}"]:
                address = f"{self._box.afas}/ProfitRestServices/imageconnector/{row[f'Image{slot}']}?format=0"
                file = fetched(address, headers=self._headers)
                yield hashlib.sha256(base64.b64decode(file["filedata"])).hexdigest()

    def _categories(self, row: Row) -> Iterator[str]:
        for number in range(1, 6):
            code = row[f"WebCategory{number}"]
            if code and self.tree[code]["Blocked"]:
                self.made.left_out.append((f"{row['Item']} in category {code}", "the category is blocked in AFAS"))
            elif code:
                yield self._title(code)

    def _title(self, code: str | None) -> str:
        return str(self.tree[code]["Description"]) if code else ""

    def _articles(self, row: Row) -> Iterator[Article]:
        item = row["Item"]
        if row["Dimension1"]:
            for one in self.variants[item]:
                sku = "-".join(part for part in (item, one["Dim1"], one["Dim2"]) if part)
                if one["BlockedSales"]:
                    self.made.left_out.append((f"variant {sku}", "blocked for sales in AFAS"))
                else:
                    yield self._article(sku, row, one)
        elif self.children[item] or row["ParentItem"] == item:
            for one in self.children[item]:
                if self._is_wanted(one):
                    yield self._article(one["Item"], one, one)
        else:
            yield self._article(item, row, row)

    def _article(self, sku: str, item: Row, own: Row) -> Article:
        place = (item["Item"], own.get("Dim1") or "", own.get("Dim2") or "")
        return Article(sku, self._ean(sku, own), self._price(*place), self._stock(item, place))

    def _ean(self, sku: str, row: Row) -> str:
        code = row["Barcode"] or ""
        if not code.strip("0"):
            return ""
        digits = [int(digit) for digit in reversed(code)]
        if sum(digit * (3 if at % 2 else 1) for at, digit in enumerate(digits)) % 10:
            self.made.left_out.append((f"barcode of {sku}", "its check digit is wrong"))
            return ""
        return str(code)

    def _stock(self, item: Row, place: tuple[str, str, str]) -> int | None:
        if item["Item"] in self.parts:
            sets = [
                self.free[part["Part"], part["PartDim1"] or "", part["PartDim2"] or ""] // part["Quantity"]
                for part in self.parts[item["Item"]]
            ]
            return max(0, int(min(sets)))
        return max(0, int(self.free[place])) if item["KeepStock"] else None

    # -- prices -------------------------------------------------------------------------------------------------------

    def _price(self, item: str, dim1: str, dim2: str) -> Decimal | None:
        rows = self._valid(LIST, item)
        own = [row for row in rows if (row["Dim1"] or "", row["Dim2"] or "") == (dim1, dim2)]
        found = own or [row for row in rows if not row["Dim1"] and not row["Dim2"]]
        newest = max(found, key=lambda row: row["ValidFrom"], default=None)
        return None if newest is None else Decimal(newest["Price"])

    def _valid(self, code: str, item: str, *, tiers: bool = False) -> list[Row]:
        return [
            row
            for row in self.prices
            if (row["PriceList"], row["Item"]) == (code, item)
            and not row["Debtor"]
            and not row["Blocked"]
            and (tiers or not row["QuantityFrom"])
            and self._when(row) == "now"
        ]

    def _when(self, row: Row) -> str:
        first, last = _day(row["ValidFrom"]), _day(row["ValidUntil"])
        if first and first > self._today:
            return "later"
        return "ended" if last and last < self._today else "now"

    def _tiers(self) -> None:
        newest: dict[tuple[str, str, Decimal], Row] = {}
        for product in self.made.products.values():
            for sku in product.articles:
                for row in self._valid(GROUP_LIST, sku, tiers=True):
                    key = (sku, GROUP, Decimal(row["QuantityFrom"] or 1))
                    if key not in newest or newest[key]["ValidFrom"] < row["ValidFrom"]:
                        newest[key] = row
        self.made.tiers = {key: Decimal(row["Price"]) for key, row in newest.items()}

    def _price_rows_left_out(self) -> None:
        """Every price of an item of the shop that no shopper pays today."""
        others: dict[str, int] = defaultdict(int)
        for row in self.prices:
            if not row["WebEnabled"]:
                continue
            name = f"price of {row['Item']} in {row['PriceList']}"
            if row["Debtor"]:
                self.made.left_out.append((f"price of {row['Item']}", "of one customer alone: the shop can't hold it"))
            elif row["PriceList"] not in {LIST, GROUP_LIST}:
                others[row["PriceList"]] += 1
            elif self._when(row) == "later":
                self.made.left_out.append((name, f"valid from {row['ValidFrom'][:10]}"))
            elif self._when(row) == "ended":
                self.made.left_out.append((name, f"ended on {row['ValidUntil'][:10]}"))
        for code, many in sorted(others.items()):
            self.made.left_out.append((f"{many} prices in {code}", "a list that this shop doesn't use"))

    # -- relations and people -----------------------------------------------------------------------------------------

    def _relations(self) -> None:
        for row in self._rows("Commerce_ProductRelations"):
            pairs = [(row["Item"], row["Related"])] + [(row["Related"], row["Item"])] * bool(row["BothWays"])
            for one, other in pairs:
                if one in self.made.products and other in self.made.products:
                    product = self.made.products[one]
                    product.related = product.related | {other}
                else:
                    self.made.left_out.append((f"{one} related to {other}", "one of them is not in the shop"))

    def _members(self, accounts: frozenset[str]) -> frozenset[tuple[str, str]]:
        groups = {row["Group"]: row["Description"] for row in self._rows("Commerce_CustomerGroups")}
        said: dict[str, set[str]] = defaultdict(set)
        for row in self._rows("Commerce_Relations"):
            for address in {row["Mail"], row["Mail2"]} & accounts:
                said[address] |= {groups.get(row["CustomerGroup"] or "", "")} - {""}
        for address, names in said.items():
            if len(names) > 1:
                self.made.left_out.append((f"group of {address}", "two relations with this address say otherwise"))
        return frozenset((address, min(names)) for address, names in said.items() if len(names) == 1)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None
