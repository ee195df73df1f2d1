"""What the shop holds, read from its own records: as its customers see it, and every single value."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from demo.catalogue import Article, Catalogue, Product, seen

if TYPE_CHECKING:
    from demo.running import Sandbox

Row = dict[str, Any]
Place = tuple[str, str, str]
"""Resource, what it is of (item code, title or e-mail address), field."""
MADE, GONE = "made", "gone"
_OF_ITSELF = {"updatedAt", "createdAt"}
_ROLES = {"title": "title", "short": "description", "long": "content"}
_IMAGES, _ATTRIBUTES, _RELATIONS = "products/{}/images", "products/{}/attributes", "products/{}/relations"


class Snapshot:
    """All that the shop holds at one moment.

    Args:
        box: The sandbox.
        shop: Name of the shop.
    """

    def __init__(self, box: Sandbox, shop: str = "shop1") -> None:
        held: dict[str, list[Row]] = box.call("shop", f"records?shop={shop}")
        self.rows: dict[str, dict[int, Row]] = {path: {row["id"]: row for row in rows} for path, rows in held.items()}
        self.code_of: dict[int, str] = {}

    def __getitem__(self, path: str) -> dict[int, Row]:
        return self.rows.get(path, {})

    # -- as customers see it ------------------------------------------------------------------------------------------

    def catalogue(self, afas: Catalogue) -> Catalogue:
        """What customers see, by AFAS's codes; what belongs to none of them has its id for a code.

        A hidden product that is not meant for the shop (any more) is left out: nobody sees it.

        Args:
            afas: Says which SKUs are one product.
        """
        of_sku = {sku: one.code for one in afas.products.values() for sku in one.articles}
        below: dict[int, list[Row]] = defaultdict(list)
        for row in self["variants"].values():
            below[row["product"]].append(row)
        made = Catalogue()
        for identity in self["products"]:
            codes = {of_sku[row["sku"]] for row in below[identity] if row.get("sku") in of_sku}
            code = codes.pop() if len(codes) == 1 else str(identity)
            self.code_of[identity] = code
        for identity, row in self["products"].items():
            code = self.code_of[identity]
            if code in afas.products or row.get("visibility") == "visible":
                made.products[code] = self._product(row, below[identity])
        for row in self["quantity_discounts"].values():
            if self.code_of[row["product"]] not in made.products:
                continue
            sku = self["variants"][row["variant"]]["sku"] if row.get("variant") else self.code_of[row["product"]]
            group = self["groups"][row["customerGroup"]]["title"] if row.get("customerGroup") else ""
            made.tiers[sku, group, Decimal(row.get("quantity", 1))] = Decimal(str(row["price"]))
        for row in self["categories"].values():
            parent = self["categories"].get(row.get("parent") or 0)
            made.categories[_word(row["title"])] = _word(parent["title"]) if parent else ""
        made.members = frozenset(
            (self["customers"][row["customer"]]["email"], self["groups"][row["group"]]["title"])
            for row in self["groups/customers"].values()
        )
        return made

    def _product(self, row: Row, variants: list[Row]) -> Product:
        identity = row["id"]
        product = Product(self.code_of[identity], row.get("visibility") == "visible")
        for role, name in _ROLES.items():
            for language in ("nl", "en"):
                text = _word(row.get(name), language)
                product.texts[f"{role} {language}"] = seen(text) if role == "long" else text
        brand = self["brands"].get(row.get("brand") or 0)
        product.brand = _word(brand["title"]) if brand else ""
        images = [one for one in self[_IMAGES].values() if one["_parent"] == identity]
        images.sort(key=lambda one: (one.get("sortOrder", 1), one["id"]))
        product.images = tuple(one["_hash"] for one in images)
        product.specifications = {
            _word(self["attributes"][one["attribute"]]["title"]): _word(one["value"])
            for one in self[_ATTRIBUTES].values()
            if one["_parent"] == identity and _word(one.get("value"))
        }
        product.categories = frozenset(
            _word(self["categories"][one["category"]]["title"])
            for one in self["categories/products"].values()
            if one["product"] == identity
        )
        product.related = frozenset(
            self.code_of[one["relatedProduct"]] for one in self[_RELATIONS].values() if one["_parent"] == identity
        )
        product.articles = {one.get("sku", ""): _article(one) for one in variants}
        return product

    # -- every value --------------------------------------------------------------------------------------------------

    def changes(self, before: Snapshot) -> dict[Place, Any]:
        """Every value that is not as it was: the new one; `MADE` and `GONE` stand for whole records.

        Left out is what the shop writes by itself beside each change: the instants.
        """
        found: dict[Place, Any] = {}
        for path in sorted(self.rows.keys() | before.rows.keys()):
            old, new = before[path], self[path]
            for identity in sorted(old.keys() | new.keys()):
                if identity not in old:
                    found[path, self.name(path, new[identity]), MADE] = new[identity]
                elif identity not in new:
                    found[path, before.name(path, old[identity]), GONE] = old[identity]
                else:
                    name = self.name(path, new[identity])
                    for field, value in _values(new[identity]).items():
                        if value != _values(old[identity]).get(field):
                            found[path, name, field] = value
                    for field in _values(old[identity]).keys() - _values(new[identity]).keys():
                        found[path, name, field] = None
        return found

    def name(self, path: str, row: Row) -> str:
        """What a person calls a record: item code or SKU, title, e-mail address; its id where it has no name."""
        match path:
            case "products":
                return self.code(row["id"])
            case "variants":
                return str(row.get("sku") or row["id"])
            case "quantity_discounts":
                sku = self["variants"][row["variant"]]["sku"] if row.get("variant") else self.code(row["product"])
                return f"{sku} from {row.get('quantity', 1)}"
            case "categories/products":
                return f"{self.code(row['product'])} in {_word(self['categories'][row['category']]['title'])}"
            case "products/{}/relations":
                return f"{self.code(row['_parent'])} to {self.code(row['relatedProduct'])}"
            case "products/{}/attributes":
                title = _word(self["attributes"][row["attribute"]]["title"])
                return f"{self.code(row['_parent'])} {title}"
            case "products/{}/images":
                return f"{self.code(row['_parent'])} image {row.get('sortOrder', 1)}"
            case "groups/customers":
                return f"{self['customers'][row['customer']]['email']} in {self['groups'][row['group']]['title']}"
        return _word(row.get("title")) or _word(row.get("name")) or str(row.get("email") or row["id"])

    def code(self, identity: int) -> str:
        """A product's code: the SKU of its variant, of several what they have in common."""
        skus = sorted(row.get("sku") or "" for row in self["variants"].values() if row["product"] == identity)
        if not skus:
            return str(identity)
        if len(skus) == 1:
            return skus[0]
        first, last = skus[0], skus[-1]
        same = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
        return first[:same].rstrip("-") or str(identity)


def _values(row: Row) -> dict[str, Any]:
    """Values by field; of a text each language."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if name in _OF_ITSELF:
            continue
        if isinstance(value, dict):
            found |= {f"{name}.{part}": one for part, one in value.items()}
        else:
            found[name] = value
    return found


def _article(row: Row) -> Article:
    tracked = row.get("stockTracking", "disabled") != "disabled"
    price = Decimal(str(row.get("priceIncl", 0)))
    return Article(
        row.get("sku", ""), row.get("ean", ""), price or None, int(row.get("stockLevel", 0)) if tracked else None
    )


def _word(value: Any, language: str = "nl") -> str:
    """A text in one language."""
    return str((value.get(language) if isinstance(value, dict) else value if language == "nl" else "") or "")
