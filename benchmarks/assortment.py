"""An assortment that AFAS and the shop both have, and that the flows know: made in seconds, not by thousands of calls.

The flows load a few items into a shop of their own. What they make of them there is the pattern for all others, which
are put into the shop directly; one run of each flow takes them over and must find nothing to write.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import httpx

from benchmarks.merchant import SHOP
from benchmarks.merchant import merchant as another
from benchmarks.project import settings
from sandbox.testing import transport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.merchant import Json, Merchant

SIZES = 4
"""Variants of an item that has some."""
PATTERNS = 7
"""Items of either sort that are loaded by the flows: as many as the sandbox gives them brands."""
_SIMPLE, _SIZED = "A-", "B-"
_LOAD = ("catalogue", "prices", "stock", "catalogue")
"""Flows in the order of a first load: what has a price by then is shown."""
_CODE = 7
"""Letters of a code."""
_PAGE = 250
_FIRST = 60_000_000
"""Ids of what is put into the shop directly are above this."""


@dataclass(frozen=True)
class Assortment:
    """What there is.

    Attributes:
        simple: Codes of items with one variant.
        sized: Codes of items in `SIZES` sizes.
    """

    simple: tuple[str, ...]
    sized: tuple[str, ...]

    @property
    def items(self) -> tuple[str, ...]:
        """All codes."""
        return self.simple + self.sized

    @property
    def skus(self) -> tuple[str, ...]:
        """All SKUs of the shop."""
        return self.simple + tuple(f"{code}-M{at:03}" for code in self.sized for at in range(1, SIZES + 1))


def stocked(merchant: Merchant, variants: int) -> Assortment:
    """Give both sides an assortment in which 6 of 10 variants are items of their own, and the others sizes of items.

    Args:
        merchant: With nothing in it yet, and rate windows that nothing fills.
        variants: How many in all; at least 100.

    Raises:
        RuntimeError: A flow found something to write.
    """
    sized = variants * 4 // 10 // SIZES
    with another() as small:
        _ticked(small, PATTERNS, PATTERNS)
        for flow in _LOAD:
            small.run(flow)
        patterns = {resource: _rows(small, resource) for resource in ("brands", "products", "variants")}
    codes = _ticked(merchant, variants - sized * SIZES, sized)
    for resource, rows in _copies(patterns, codes).items():
        for start in range(0, len(rows), _PAGE):
            merchant.control("lightspeed", "records", {"resource": resource, "records": rows[start : start + _PAGE]})
    for flow in _LOAD:
        if (run := merchant.run(flow)).writes:
            raise RuntimeError(f"{flow} found something to write in a shop that was complete: {dict(run.calls)}")
    return codes


def keyed(code: str) -> str:
    """The key that a product of the shop carries."""
    return f"afas.main:2:{code}"


def _ticked(merchant: Merchant, simple: int, sized: int) -> Assortment:
    def made(prefix: str, count: int, variants: int) -> tuple[str, ...]:
        order = {"do": "products", "n": count, "prefix": prefix, "variants": variants}
        merchant.control("afas", "user", order)
        return tuple(f"{prefix}{number:05}" for number in range(1, count + 1))

    return Assortment(made(_SIMPLE, simple, 0), made(_SIZED, sized, SIZES))


# -- copies in the shop -----------------------------------------------------------------------------------------------


def _copies(patterns: Mapping[str, list[Json]], codes: Assortment) -> dict[str, list[Json]]:
    """All rows of the shop: each item as the one of the patterns that has the same brand."""
    shown = {str(row["data01"]).rpartition(":")[2]: row for row in patterns["products"]}
    below: dict[str, list[Json]] = {}
    for row in patterns["variants"]:
        below.setdefault(row["sku"][:_CODE], []).append(row)
    products, variants = [], []
    for number, code in enumerate(codes.items, 1):
        like = f"{code[:2]}{int(code[2:]) % PATTERNS or PATTERNS:05}"
        identity = _FIRST + number
        products.append(_product(shown[like], like, code) | {"id": identity})
        for place, row in enumerate(below[like]):
            own = {"id": _FIRST + number * 10 + place, "product": identity}
            variants.append(_variant(row, like, code) | own)
    return {"brands": patterns["brands"], "products": products, "variants": variants}


def _product(row: Json, like: str, code: str) -> Json:
    texts = {name: row[name].replace(like, code) for name in ("data01", "title")}
    return row | texts | {"description": f"Kort {int(code[2:])}"}


def _variant(row: Json, like: str, code: str) -> Json:
    """The sandbox's AFAS derives price and barcode of such an item from its number."""
    incl = first_price(code)
    excl = (incl / Decimal("1.21")).quantize(Decimal("0.0001"))
    barcode = _ean(100_000 + int(code[2:])) if row["ean"] else ""
    texts = {name: row[name].replace(like, code) for name in ("sku", "title")}
    return row | texts | {"ean": barcode, "priceIncl": float(incl), "priceExcl": float(excl)}


def first_price(code: str) -> Decimal:
    """The price, including VAT, that an item has from the beginning."""
    return Decimal(5 + int(code[2:]) % 95) + Decimal("0.95")


def _ean(number: int) -> str:
    digits = f"8710{number:08}"
    odd, even = sum(map(int, digits[::2])), sum(map(int, digits[1::2]))
    return f"{digits}{-(odd + 3 * even) % 10}"


def _rows(merchant: Merchant, resource: str) -> list[Json]:
    """A list of the shop's API; there is one page of patterns."""
    own = settings(f"target-lightspeed--{SHOP}-catalogue", {})
    client = httpx.Client(
        transport=transport(merchant.shop), base_url="http://shop/nl", auth=(own["api_key"], own["api_secret"])
    )
    answer = client.get(f"/{resource}.json", params={"limit": _PAGE})
    found: list[Json] = answer.raise_for_status().json()[resource]
    return found
