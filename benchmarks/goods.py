"""Calls of the flows into the shop: many stock and price changes, and the first load of a catalogue."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from benchmarks.assortment import stocked
from benchmarks.merchant import SHOP, Json, merchant
from benchmarks.metrics import Metric
from benchmarks.trade import QUARTER, Mix, Trade

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.merchant import Merchant, Run

# -- many changes -----------------------------------------------------------------------------------------------------

VARIANTS = 10_000
CHANGES = (1, 100, 101, 1_000, 3_000)
BULK = 50
"""Variants of a bulk call: how many the shop takes is unknown, and the reference says to begin with 50 (§11)."""
PAGE = 250


def bulk() -> list[Metric]:
    """Writes and reads of so many stock and price changes of a large shop, against the fewest that there can be."""
    with merchant() as shop:
        trade = Trade(shop, stocked(shop, VARIANTS))
        stock = _changed(trade, "stock", lambda number: trade.change(Mix(stock=number)))
        prices = _changed(trade, "prices", lambda number: trade.reprice(trade.goods.simple[:number]))
    return [*_bulk_metrics("stock", stock), *_bulk_metrics("price", prices)]


def _changed(trade: Trade, flow: str, change: Callable[[int], None]) -> dict[int, Run]:
    """Number of changes -> the run that wrote them, a quarter after the last; 0: a run in which nothing changed."""
    runs = {0: trade.merchant.run(flow)}
    for number in CHANGES:
        trade.merchant.until(trade.merchant.now + QUARTER)
        change(number)
        runs[number] = trade.merchant.run(flow)
    return runs


def _bulk_metrics(name: str, runs: dict[int, Run]) -> list[Metric]:
    fixed = runs.pop(0).reads
    writes = max(run.writes / math.ceil(number / BULK) for number, run in runs.items())
    said = ", ".join(f"{run.writes} writes and {run.reads} reads for {number:,}" for number, run in runs.items())
    sizes = f"of {VARIANTS:,} variants, bulk calls of {BULK}: {said}"
    lists = max((run.reads - fixed) / (1 + math.ceil(number / PAGE)) for number, run in runs.items())
    read = f"beyond the {fixed} of a run without changes; one list per {PAGE} shows that they arrived, and one more"
    return [
        Metric(f"goods_{name}_writes_per_needed_write", writes, 1, "lower", "calls/call", f"N {name} changes {sizes}"),
        Metric(f"goods_{name}_lists_per_{PAGE}", lists, 1, "lower", "calls", read),
        Metric(
            f"goods_{name}_reads_of_one_item",
            sum(run.single_reads for run in runs.values()),
            0,
            "lower",
            "calls",
            "reads of single variants, products or orders in all of these runs",
        ),
    ]


# -- a first load -----------------------------------------------------------------------------------------------------

SIMPLE, SIZED, SIZES = 350, 150, 4
IMAGES = 3
FIELDS = {"Material": "Katoen", "Washing": "40 graden", "LeadTime": "2 dagen"}
SPECIFICATIONS = {
    "material": {"specification": "Materiaal"},
    "washing": {"specification": "Wassen"},
    "lead_time": {"specification": "Levertijd"},
}
TYPE = "Kenmerken"
BATCH = 250


def first_load() -> list[Metric]:
    """Calls that fill an empty shop, against what the reference's recipe takes for the same catalogue."""
    own = {"catalogue": {"attributes": SPECIFICATIONS, "type": TYPE}}
    with merchant({f"target-lightspeed--{SHOP}-catalogue": own}) as shop:
        _plant(shop)
        shop.shop.reset_calls()
        for flow in ("catalogue", "prices", "stock", "catalogue"):
            shop.run(flow)
        used = shop.shop.calls.total()
        if hidden := [row for row in shop.rows("products") if row["visibility"] != "visible"]:
            raise RuntimeError(f"{len(hidden)} products are not shown")
        parts = recipe(shop)
        shop.shop.reset_calls()
        for flow in ("catalogue", "prices", "stock"):
            shop.run(flow)
        again = Counter({name: n for name, n in shop.shop.calls.items() if not name.startswith("GET")}).total()
    needed = sum(parts.values())
    note = f"{used:,} calls; the recipe takes {needed:,}: " + ", ".join(f"{n:,} {name}" for name, n in parts.items())
    return [
        Metric("goods_first_load_calls_per_needed_call", used / needed, 1.2, "lower", "calls/call", note),
        Metric("goods_second_load_writes", again, 0, "lower", "calls", "the same catalogue once more"),
    ]


def _plant(shop: Merchant) -> None:
    """A catalogue in AFAS: items in one size and in four, each with texts, specifications, images, prices and stock."""
    for prefix, number, variants in (("A-", SIMPLE, 0), ("B-", SIZED, SIZES)):
        shop.control("afas", "user", {"do": "products", "n": number, "prefix": prefix, "variants": variants})
    codes = [f"A-{n + 1:05}" for n in range(SIMPLE)] + [f"B-{n + 1:05}" for n in range(SIZED)]
    shop.user(_described(codes))


def _described(codes: Sequence[str]) -> list[Json]:
    return [
        {
            "do": "product",
            "Item": code,
            "WebLong": f"<p>Over {code}</p>",
            "WebTitleEn": f"Article {code}",
            "Images": {str(slot): {"seed": IMAGES * number + slot} for slot in range(1, IMAGES + 1)},
            **FIELDS,
        }
        for number, code in enumerate(codes)
    ]


def recipe(shop: Merchant) -> dict[str, int]:
    """The calls of the reference's recipe (§15.1, summed up in §17) for what the shop holds, and by nothing of ours.

    A product takes four: is it there, POST it, which variant did the shop make of itself, PUT that variant (its price
    and stock with it). Each further variant is a POST; each specification, each image and each text in a further
    language (of a product, of a variant) one call. Brands, types and specifications that a product refers to must be
    made once. The recipe also tells to make products hidden and to show them last, which its sum leaves out; so does
    this one.
    """
    products, variants = shop.rows("products"), shop.rows("variants")
    further = sum(len(row["title"]) - 1 for row in (*products, *variants))
    made = sum(len(shop.rows(one)) for one in ("brands", "types", "attributes", "types/attributes"))
    values = [row for row in shop.rows("products/{}/attributes") if row.get("value")]
    return {
        "for products": 4 * len(products),
        "for further variants": len(variants) - len(products),
        "specifications": len(values),
        "images": len(shop.rows("products/{}/images")),
        "texts in English": further,
        "brands, types and the like": made,
    }
