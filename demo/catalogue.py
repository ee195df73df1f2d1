"""What a shop shows to its customers, as values that two sides can be compared by."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from decimal import Decimal

HIDDEN_TAGS = {"script", "style"}


@dataclass
class Article:
    """What can be put in a basket.

    Attributes:
        sku: Its SKU.
        ean: Its barcode number; "" for none.
        price: Including VAT; None for none.
        stock: Pieces; None when no stock is kept.
    """

    sku: str
    ean: str = ""
    price: Decimal | None = None
    stock: int | None = None


@dataclass
class Product:
    """What stands on one page of the shop.

    Attributes:
        code: AFAS's item code.
        visible: Whether customers see it.
        texts: By role and language: "title nl".
        brand: Its brand, or "".
        images: Hashes of its images, in order.
        specifications: By title.
        categories: Titles.
        related: Codes of related products.
        articles: By SKU.
    """

    code: str
    visible: bool
    texts: dict[str, str] = field(default_factory=dict)
    brand: str = ""
    images: tuple[str, ...] = ()
    specifications: dict[str, str] = field(default_factory=dict)
    categories: frozenset[str] = frozenset()
    related: frozenset[str] = frozenset()
    articles: dict[str, Article] = field(default_factory=dict)


@dataclass
class Catalogue:
    """One side's whole catalogue.

    Attributes:
        products: By item code.
        tiers: Price excluding VAT by SKU, customer group ("" for all) and quantity.
        categories: Title -> title of its parent, or "".
        members: E-mail address and customer group of the shop's accounts.
        left_out: What of AFAS is not to be in the shop, and why.
    """

    products: dict[str, Product] = field(default_factory=dict)
    tiers: dict[tuple[str, str, Decimal], Decimal] = field(default_factory=dict)
    categories: dict[str, str] = field(default_factory=dict)
    members: frozenset[tuple[str, str]] = frozenset()
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def articles(self) -> Iterator[Article]:
        """All articles."""
        for product in self.products.values():
            yield from product.articles.values()


@dataclass(frozen=True)
class Compared:
    """One kind of value on both sides.

    Attributes:
        name: Of the kind.
        afas, shop: How many there are, or what they add up to.
        values: How many were compared.
        held: Differences of records that are held.
        unequal: All other differences.
    """

    name: str
    afas: str
    shop: str
    values: int
    held: tuple[str, ...]
    unequal: tuple[str, ...]


Key = tuple[Any, ...]
"""Item code or SKU first, then what more is needed."""


def compare(afas: Catalogue, shop: Catalogue, held: Collection[str] = ()) -> list[Compared]:
    """Compare two sides value by value; each kind of value is a row.

    Args:
        afas: One side.
        shop: The other one.
        held: Item codes whose records are held: there a difference has its reason.
    """
    euros = "€ {:,.2f}".format
    kinds: list[tuple[str, Callable[[Catalogue], dict[Key, Any]], Callable[[Any], str] | None]] = [
        ("products, visible", lambda side: {(one.code,): True for one in _products(side) if one.visible}, None),
        ("titles, Dutch", _texts("title nl"), None),
        ("titles, English", _texts("title en"), None),
        ("short texts", _texts("short nl", "short en"), None),
        ("long texts", _texts("long nl", "long en"), None),
        ("brands", lambda side: {(one.code,): one.brand.casefold() for one in _products(side) if one.brand}, None),
        (
            "specifications",
            lambda side: {
                (one.code, name): text for one in _products(side) for name, text in one.specifications.items()
            },
            None,
        ),
        (
            "images, in order",
            lambda side: {(one.code, at): image for one in _products(side) for at, image in enumerate(one.images, 1)},
            None,
        ),
        (
            "places in categories",
            lambda side: {(one.code, to): "" for one in _products(side) for to in one.categories},
            None,
        ),
        ("related products", lambda side: {(one.code, to): "" for one in _products(side) for to in one.related}, None),
        ("articles (SKU)", lambda side: {(one.sku,): one.sku for one in side.articles()}, None),
        ("EAN", lambda side: {(one.sku,): one.ean for one in side.articles() if one.ean}, None),
        ("prices incl. VAT", lambda side: {(one.sku,): one.price for one in side.articles() if one.price}, euros),
        ("wholesale prices excl. VAT", lambda side: dict(side.tiers), euros),
        (
            "stock",
            lambda side: {(one.sku,): one.stock for one in side.articles() if one.stock is not None},
            "{:,} pieces".format,
        ),
        ("categories in the tree", lambda side: {(title,): parent for title, parent in side.categories.items()}, None),
        ("customers in groups", lambda side: dict.fromkeys(side.members, ""), None),
    ]
    return [_compared(name, values(afas), values(shop), total, held) for name, values, total in kinds]


def _compared(
    name: str,
    left: dict[Key, Any],
    right: dict[Key, Any],
    total: Callable[[Any], str] | None,
    held: Collection[str],
) -> Compared:
    differ = [key for key in sorted(left.keys() | right.keys(), key=str) if left.get(key) != right.get(key)]
    one, other = (total(sum(side.values())) if total else f"{len(side):,}" for side in (left, right))
    shown = {key: " ".join(map(str, key)) for key in differ}
    return Compared(
        name,
        one,
        other,
        len(left),
        tuple(shown[key] for key in differ if key[0] in held),
        tuple(shown[key] for key in differ if key[0] not in held),
    )


def _products(side: Catalogue) -> Iterable[Product]:
    return side.products.values()


def _texts(*names: str) -> Callable[[Catalogue], dict[Key, str]]:
    return lambda side: {
        (one.code, name): one.texts[name] for one in _products(side) for name in names if one.texts.get(name)
    }


class _Visible(HTMLParser):
    """Collects what a reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._within = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the parser's own signature
        self._within += tag in HIDDEN_TAGS

    def handle_endtag(self, tag: str) -> None:
        self._within -= tag in HIDDEN_TAGS

    def handle_data(self, data: str) -> None:
        if not self._within:
            self.parts.append(data)


def seen(html: str) -> str:
    """What a reader sees of HTML: its text, with single spaces."""
    reader = _Visible()
    reader.feed(html)
    reader.close()
    return re.sub(r"\s+", " ", " ".join(reader.parts)).strip()
