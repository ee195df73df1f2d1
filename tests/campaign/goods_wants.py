"""What a shop must hold because AFAS says so, from the rows of AFAS's connectors alone. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Json = dict[str, Any]

RELATED = {"related", "cross", "up", "accessory", "similar"}
"""Kinds of relations that a shop can hold."""
_ARTICLE, _COMPOSITION = "2", "7"


@dataclass(frozen=True)
class Member:
    """What is sold: an item by itself, or one of its variants.

    Attributes:
        sku: Its SKU.
        item: Item type and code. dims: Its dimension codes.
        row: The row it comes from.
        of_item: Whether that is a row of the items (else of the variants).
    """

    sku: str
    item: tuple[str, str]
    dims: tuple[str, str]
    row: Json
    of_item: bool

    @property
    def stream(self) -> str:
        """The connector of its row."""
        return "Commerce_Products" if self.of_item else "Commerce_Variants"


@dataclass
class Wanted:
    """A product that AFAS wants in the shop.

    Attributes:
        row: Its row.
        members: What is sold of it.
    """

    row: Json
    members: list[Member] = field(default_factory=list)

    @property
    def code(self) -> str:
        """Item code."""
        return str(self.row["Item"])

    @property
    def names(self) -> set[str]:
        """Its codes and SKUs."""
        return {self.code, *(one.sku for one in self.members), *(one.item[1] for one in self.members)}


class Wants:
    """What the shop must hold.

    Args:
        afas: Rows of the connectors.
        config: See `goods_checker`.
        today: The day, ISO.
    """

    def __init__(self, afas: Json, config: Mapping[str, Any], today: str) -> None:
        self.afas, self.config, self.today = afas, config, today
        self.items = {(row["ItemType"], row["Item"]): row for row in afas.get("Products", ())}
        self.products = self._products()

    # -- products -----------------------------------------------------------------------------------------------------

    def _products(self) -> list[Wanted]:
        found: dict[tuple[str, str], Wanted] = {}
        children: list[Json] = []
        for key, row in self.items.items():
            parent = row.get("ParentItem")
            if not (row["WebEnabled"] and not row["Blocked"]):
                continue
            if parent and parent != row["Item"] and not row.get("Dimension1"):
                children.append(row)
                continue
            found[key] = Wanted(row)
            if row.get("Dimension1"):
                found[key].members = [
                    Member(
                        "-".join(filter(None, (row["Item"], one["Dim1"], one["Dim2"]))),
                        key,
                        (one["Dim1"], one["Dim2"]),
                        one,
                        of_item=False,
                    )
                    for one in self.afas.get("Variants", ())
                    if (one["ItemType"], one["Item"]) == key and not one["BlockedSales"]
                ]
            elif not parent:
                found[key].members = [Member(row["Item"], key, ("", ""), row, of_item=True)]
        for row in children:
            above = found.get((row["ItemType"], row["ParentItem"]))
            if above is not None and above.row.get("ParentItem") == above.row["Item"]:
                above.members.append(Member(row["Item"], (row["ItemType"], row["Item"]), ("", ""), row, of_item=True))
        return [one for one in found.values() if one.members]

    def lacks(self, product: Wanted, shop: Json, *, content_only: bool = False) -> Iterator[tuple[str, str]]:
        """What a product of the shop lacks, each with the part of it; nothing when it stands there as AFAS says.

        Args:
            product: The product.
            shop: The shop.
            content_only: Only what the product's own flow writes at once, not what waits for prices.
        """
        standing = {one["sku"]: one for one in shop["variants"] if one["sku"]}
        missing = [one.sku for one in product.members if one.sku not in standing]
        if missing:
            yield "variants", f"the shop has no {', '.join(missing)}"
            return
        mine = {standing[one.sku]["product"] for one in product.members}
        if len(mine) > 1:
            yield "variants", f"its variants stand under {len(mine)} products"
            return
        (identity,) = mine
        there = next(one for one in shop["products"] if one["id"] == identity)
        extra = {one["sku"] for one in shop["variants"] if one["product"] == identity} - {
            one.sku for one in product.members
        }
        if there["visibility"] == "hidden" and not all(self.price(one) for one in product.members):
            extra -= {""}  # it waits for a price: the one that the shop made by itself goes before anybody can see it
        if extra and not content_only:
            yield "variants", f"it has variants that AFAS doesn't want: {', '.join(sorted(extra))}"
        for name, value in self._content(product.row).items():
            if there[name] != value:
                yield "content", f"its {name} is {there[name]!r}, AFAS says {value!r}"
        texts = {"nl": product.row.get("WebTitle") or product.row["Description"]}
        english = product.row.get("WebTitleEn") or product.row.get("DescriptionEn")
        texts |= {"en": english} if english else {}
        for language, text in texts.items():
            if there["title"].get(language) != text:
                yield "title", f"its title in {language} is {there['title'].get(language)!r}, AFAS says {text!r}"
        if content_only:
            return
        for one in product.members:
            code = one.row.get("Barcode")
            code = "" if code in (None, "", "0") else code
            if standing[one.sku]["ean"] != code:
                yield "ean", f"the EAN of {one.sku} is {standing[one.sku]['ean']!r}, AFAS says {code!r}"
        if there["visibility"] == "hidden" and all(self.price(one) for one in product.members):
            yield "visible", "it has all that it needs, and is hidden"
        links = {one["category"] for one in shop["links"] if one["product"] == identity}
        titles = {one["id"]: one["title"].get("nl") for one in shop["categories"]}
        said = {row["Category"]: row for row in self.afas["Categories"] if not row["Blocked"]}
        codes = [product.row.get(f"WebCategory{number}") for number in range(1, 6)]
        for code in codes:
            if code in said and said[code]["Description"] not in {titles.get(one) for one in links}:
                yield "place", f"it isn't in the category {said[code]['Description']}"

    def unwanted(self, shop: Json) -> Iterator[tuple[str, str]]:
        """What is for sale, and AFAS doesn't want in the shop."""
        ours = {one["id"] for one in shop["products"] if one["key"] and one["visibility"] != "hidden"}
        wanted = {member.sku for product in self.products for member in product.members}
        for one in shop["variants"]:
            if one["product"] in ours and one["sku"] not in wanted:
                yield one["sku"], "the shop sells it, AFAS doesn't want it there"

    def standing(self, shop: Json) -> dict[tuple[str, str], int]:
        """Item type and code -> the shop's product, of those that AFAS wants."""
        found = {one["sku"]: one["product"] for one in shop["variants"] if one["sku"]}
        products: dict[tuple[str, str], int] = {}
        for wanted in self.products:
            there = [(member.item, found[member.sku]) for member in wanted.members if member.sku in found]
            products |= dict(there)
            if there:
                products[wanted.row["ItemType"], wanted.row["Item"]] = there[0][1]
        return products

    def _content(self, row: Json) -> Json:
        brand = " ".join((row.get("Brand") or "").split())
        material = row.get("Material")
        return {
            "brand": self.config["aliases"].get(brand.lower(), brand),
            "images": list(dict.fromkeys(row["images"])),
            "specifications": {"Materiaal": material} if material else {},
            "data02": row.get("LeadTime") or "",
        }

    # -- prices -------------------------------------------------------------------------------------------------------

    def price(self, member: Member) -> Decimal | None:
        """The price of today in the shop's list; None when there is none."""
        rows = [row for row in self._rows(member, self.config["list"]) if not row["QuantityFrom"]]
        best = max(rows, key=lambda row: (bool(row["Dim1"] or row["Dim2"]), row["ValidFrom"]), default=None)
        return None if best is None else Decimal(str(best["Price"]))

    def _rows(self, member: Member, code: str) -> list[Json]:
        return [
            row
            for row in self.afas["Prices"]
            if row["PriceList"] == code
            and (row["ItemType"], row["Item"]) == member.item
            and (row["Dim1"] or "", row["Dim2"] or "") in {("", ""), member.dims}
            and not row["Blocked"]
            and not row["Debtor"]
            and (row["ValidFrom"] or "")[:10] <= self.today
            and (not row["ValidUntil"] or self.today <= row["ValidUntil"][:10])
        ]

    def wrong_prices(self, shop: Json) -> Iterator[tuple[str, str]]:
        """SKU and what is wrong with its prices."""
        standing = {one["sku"]: one for one in shop["variants"] if one["sku"]}
        groups = {one["id"]: one["title"] for one in shop["groups"]}
        for product in self.products:
            for member in product.members:
                there = standing.get(member.sku)
                if there is None:
                    continue
                price = self.price(member)
                if price is not None and Decimal(there["price"]) != price.quantize(Decimal("0.0001")):
                    yield member.sku, f"the shop's price is {there['price']}, AFAS says {price} for {self.today}"
                wanted = self._discounts(member)
                found = {
                    (groups.get(one["group"], ""), Decimal(one["quantity"])): Decimal(one["price"])
                    for one in shop["discounts"]
                    if one["product"] == there["product"] and one["variant"] in (None, 0, there["id"])
                }
                if found != wanted:
                    yield member.sku, f"the shop's discounts are {_said(found)}, AFAS says {_said(wanted)}"

    def _discounts(self, member: Member) -> dict[tuple[str, Decimal], Decimal]:
        wanted: dict[tuple[str, Decimal], tuple[tuple[bool, str], Decimal]] = {}
        for code, group in {self.config["list"]: "", **self.config["groups"]}.items():
            for row in self._rows(member, code):
                quantity = Decimal(str(row["QuantityFrom"] or 0))
                if code == self.config["list"] and quantity <= 1:
                    continue
                rank = (bool(row["Dim1"] or row["Dim2"]), str(row["ValidFrom"]))
                place = group, max(quantity, Decimal(1))
                if place not in wanted or rank > wanted[place][0]:
                    wanted[place] = rank, Decimal(str(row["Price"]))
        return {place: price for place, (_, price) in wanted.items()}

    # -- stock --------------------------------------------------------------------------------------------------------

    def free(self, sku: str, unbooked: Mapping[str, Any]) -> int | None:
        """Pieces that may be sold; None when AFAS keeps no stock of it."""
        parts = self._parts().get(sku)
        if parts is None:
            pieces = self._available(sku, unbooked)
            return None if pieces is None else int(pieces.to_integral_value(ROUND_FLOOR))
        numbers = []
        for part, number in parts.items():
            pieces = self._available(part, unbooked)
            numbers.append(Decimal(0) if pieces is None else (pieces / number).to_integral_value(ROUND_FLOOR))
        return int(min(numbers)) if numbers else None

    def pieces_of(self, sku: str) -> set[str]:
        """The SKUs whose stock decides about that of one: itself, and what it is made of."""
        return {sku, *self._parts().get(sku, ())}

    def _parts(self) -> dict[str, dict[str, Decimal]]:
        found: dict[str, dict[str, Decimal]] = {}
        for row in self.afas.get("Compositions", ()):
            part = "-".join(filter(None, (row["Part"], row["PartDim1"], row["PartDim2"])))
            inside = found.setdefault(row["Composition"], {})
            inside[part] = inside.get(part, Decimal(0)) + Decimal(str(row["Quantity"]))
        return found

    def _available(self, sku: str, unbooked: Mapping[str, Any]) -> Decimal | None:
        rows = [
            row for row in self.afas["Stock"] if "-".join(filter(None, (row["Item"], row["Dim1"], row["Dim2"]))) == sku
        ]
        if not rows:
            return None
        promised = Decimal(str(unbooked.get(sku, 0)))
        for bundle, parts in self._parts().items():
            promised += Decimal(str(unbooked.get(bundle, 0))) * parts.get(sku, Decimal(0))
        return sum((Decimal(str(row["Available"])) for row in rows), Decimal(0)) - promised

    def wrong_levels(self, shop: Json, unbooked: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """SKU and what is wrong with its level."""
        standing = {one["sku"]: one for one in shop["variants"] if one["sku"]}
        for product in self.products:
            for member in product.members:
                there, free = standing.get(member.sku), self.free(member.sku, unbooked)
                if there is None or free is None:
                    continue
                if there["tracking"] == "disabled":
                    yield member.sku, f"its stock is kept ({free}), and the shop sells it without end"
                elif there["level"] != max(0, free):
                    yield member.sku, f"the shop shows {there['level']}, AFAS has {free} that are free"

    # -- tree, relations, groups --------------------------------------------------------------------------------------

    def wrong_tree(self, shop: Json, hand: Json) -> Iterator[str]:
        """What is wrong with categories, relations and groups."""
        yield from self._wrong_categories(shop, {one["id"] for one in hand.get("categories", ())})
        yield from self._wrong_relations(shop, hand)
        yield from self._wrong_groups(shop, hand)

    def _wrong_categories(self, shop: Json, made: set[int]) -> Iterator[str]:
        said = {row["Category"]: row for row in self.afas["Categories"]}
        titles = {one["id"]: one["title"].get("nl") for one in shop["categories"]}
        own = [one for one in shop["categories"] if one["id"] not in made]
        wanted = set()
        for row in said.values():
            above = said.get(row["Parent"] or "")
            if row["Blocked"] or (row["Parent"] and above is None):
                continue
            place = (above["Description"] if above else None, row["Description"])
            wanted.add(place)
            if not any((titles.get(one["parent"]), one["title"].get("nl")) == place and one["visible"] for one in own):
                yield f"the category {place[1]} isn't visible under {place[0]}"
        for one in own:
            place = (titles.get(one["parent"]), one["title"].get("nl"))
            orphan = any(row["Description"] == place[1] and row["Parent"] not in said for row in said.values())
            if one["visible"] and place not in wanted and not orphan:
                yield f"the category {place[1]} under {place[0]} is visible, and AFAS doesn't want it"

    def _wrong_relations(self, shop: Json, hand: Json) -> Iterator[str]:
        products = self.standing(shop)
        made = {(one["product"], one["related"]) for one in hand.get("relations", ())}
        there = {(one["product"], one["related"]) for one in shop["relations"]}
        wanted = set()
        for row in self.afas["ProductRelations"]:
            if row["Kind"].lower() not in RELATED:
                continue
            ends = (row["ItemType"], row["Item"]), (row["RelatedType"], row["Related"])
            for first, second in (ends, ends[::-1]) if row["BothWays"] else (ends,):
                if first in products and second in products and products[first] != products[second]:
                    wanted.add((products[first], products[second]))
        in_scope = set(products.values())
        for pair in sorted(wanted - there):
            yield f"the relation {pair} is missing"
        for pair in sorted(there - wanted - made):
            if set(pair) <= in_scope:
                yield f"the relation {pair} is there, and AFAS has none"

    def _wrong_groups(self, shop: Json, hand: Json) -> Iterator[str]:
        titles = {row["Group"]: row["Description"] for row in self.afas["CustomerGroups"] if not row["Blocked"]}
        names = {one["id"]: one["title"] for one in shop["groups"]}
        for title in titles.values():
            if title not in names.values():
                yield f"the customer group {title} is missing"
        there = {(names.get(one["group"]), one["email"]) for one in shop["members"]}
        made = {(names.get(one["group"]), one["email"]) for one in hand.get("members", ())}
        wanted = set()
        for row in self.afas["Relations"]:
            mail = (row.get("Mail") or row.get("Mail2") or "").lower()
            if mail in self.config["accounts"] and row.get("CustomerGroup") in titles:
                wanted.add((titles[row["CustomerGroup"]], mail))
        for title, mail in sorted(wanted - there):
            yield f"{mail} isn't in the customer group {title}"
        for title, mail in sorted(there - wanted - made, key=str):
            if title in titles.values():
                yield f"{mail} is in the customer group {title}, AFAS says no"


def _said(prices: Mapping[tuple[str, Decimal], Decimal]) -> str:
    found = (f"{group or 'all'} from {quantity:f}: {price:f}" for (group, quantity), price in sorted(prices.items()))
    return ", ".join(found) or "none"
