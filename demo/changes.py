"""Twenty things that people do in AFAS on an ordinary day, and what each must become in the shop: that alone."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from demo.shop_side import GONE, MADE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from demo.shop_side import Place, Snapshot

Step = dict[str, Any]
ANY = ...
"""Stands for a value that follows from another one, such as a price excluding VAT."""
PICTURE = 77
"""Number of the picture that replaces another one in the sandbox."""
NEW_SIZE, NEW_EAN = "TEX-POLO-ROOD-XXL", "8710000771153"


@dataclass(frozen=True)
class Change:
    """One thing that a person does in AFAS.

    Attributes:
        what: In words.
        steps: The same for the sandbox.
        arrives: What the shop then shows, in words.
        expects: Every value of the shop that becomes another.
        touches: Records that are written in between and end as they were: resource and name.
    """

    what: str
    steps: Sequence[Step]
    arrives: str
    expects: Mapping[Place, Any] = field(default_factory=dict)
    touches: frozenset[tuple[str, str]] = frozenset()

    def missing(self, found: Mapping[Place, Any]) -> list[str]:
        """What is not in the shop as it should be."""
        wrong = []
        for place, value in self.expects.items():
            if place not in found:
                wrong.append(f"{' '.join(place)} did not arrive")
            elif value is not ANY and not _same(found[place], value):
                wrong.append(f"{' '.join(place)} is {found[place]!r}, not {value!r}")
        return wrong

    def asks_for(self, path: str, names: Sequence[str]) -> bool:
        """Whether a write belongs to it.

        Args:
            path: Resource that was written.
            names: What the record is called; none for one that was made.
        """
        if not names:
            return any(one == path and field == MADE for one, _, field in self.expects)
        records = {(one, name) for one, name, _ in self.expects} | self.touches
        return any(
            one == path and (name == called or name.startswith(f"{called} "))
            for one, name in records
            for called in names
        )


def _same(found: Any, value: Any) -> bool:
    if isinstance(value, dict):
        return isinstance(found, dict) and all(_same(found.get(name), one) for name, one in value.items())
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return Decimal(str(found)) == value
    return bool(found == value)


def product(item: str, **fields: Any) -> Step:
    """A user changes an item."""
    return {"do": "product", "Item": item, **fields}


def twenty(today: date, picture: str) -> list[Change]:
    """The changes.

    Args:
        today: The day in Amsterdam.
        picture: Hash of the picture that replaces image 3.
    """
    tomorrow, later = (today.fromordinal(today.toordinal() + days) for days in (1, 40))
    arrival = f"Verwacht op {later.day}-{later.month}-{later.year}"
    return [
        Change(
            "title of SKU-0021",
            [product("SKU-0021", WebTitle="Lamp met dimmer")],
            "title of the product and of its article",
            {
                ("products", "SKU-0021", "title.nl"): "Lamp met dimmer",
                ("variants", "SKU-0021", "title.nl"): "Lamp met dimmer",
            },
        ),
        Change(
            "long text of SKU-0022",
            [product("SKU-0022", WebLong="<p>Nieuw: nu met <b>garantie</b>.</p>")],
            "the text, in Dutch alone",
            {("products", "SKU-0022", "content.nl"): "<p>Nieuw: nu met <b>garantie</b>.</p>"},
        ),
        Change(
            "English title of SKU-0024",
            [product("SKU-0024", WebTitleEn="A better title")],
            "the English title, the Dutch one stays",
            {
                ("products", "SKU-0024", "title.en"): "A better title",
                ("variants", "SKU-0024", "title.en"): "A better title",
            },
        ),
        Change(
            "brand of SKU-0027: a new one",
            [product("SKU-0027", Brand="Studio Linge")],
            "the brand is made, and the product has it",
            {("brands", "Studio Linge", MADE): ANY, ("products", "SKU-0027", "brand"): ANY},
        ),
        Change(
            "barcode of SKU-0025",
            [product("SKU-0025", Barcode="8710000091251")],
            "the EAN",
            {("variants", "SKU-0025", "ean"): "8710000091251"},
        ),
        Change(
            "material of SKU-0036",
            [product("SKU-0036", Material="Bamboe")],
            "the specification Materiaal",
            {("products/{}/attributes", "SKU-0036 Materiaal", "value.nl"): "Bamboe"},
        ),
        Change(
            "image 3 of SKU-0011 is replaced",
            [product("SKU-0011", Images={"2": {"name": "nieuw.png", "seed": PICTURE}})],
            "one upload in its place, the old one is gone",
            {
                ("products/{}/images", "SKU-0011 image 3", MADE): {"_hash": picture},
                ("products/{}/images", "SKU-0011 image 3", GONE): ANY,
            },
        ),
        Change(
            "the last image of TEX-POLO is removed",
            [product("TEX-POLO", Images={"6": None})],
            "it is gone, the other six stand as they stood",
            {("products/{}/images", "TEX-POLO image 7", GONE): ANY},
        ),
        Change(
            "SKU-0034 goes into another category",
            [product("SKU-0034", WebCategory1="KEUKEN")],
            "it is in Keuken & tafel and no longer where it was",
            {
                ("categories/products", "SKU-0034 in Keuken & tafel", MADE): ANY,
                ("categories/products", "SKU-0034 in Decoratie", GONE): ANY,
            },
        ),
        Change(
            "SKU-0026 is unticked",
            [product("SKU-0026", WebEnabled=False)],
            "hidden, not deleted",
            {
                ("products", "SKU-0026", "visibility"): "hidden",
                ("products", "SKU-0026", "isVisible"): False,
            },
        ),
        Change(
            "SKU-0032 is blocked",
            [product("SKU-0032", Blocked=True)],
            "hidden",
            {("products", "SKU-0032", "visibility"): "hidden", ("products", "SKU-0032", "isVisible"): False},
        ),
        Change(
            "TEX-POLO gets a size: red, XXL, 6 pieces",
            [
                {
                    "do": "variant",
                    "Item": "TEX-POLO",
                    "Dim1": "ROOD",
                    "Dim1Label": "Rood",
                    "Dim1Position": 1,
                    "Dim2": "XXL",
                    "Dim2Label": "XXL",
                    "Dim2Position": 5,
                    "Barcode": NEW_EAN,
                },
                {"do": "stock", "Item": "TEX-POLO", "Dim1": "ROOD", "Dim2": "XXL", "OnHand": 6},
            ],
            "the article, with price, EAN and 6 pieces",
            {
                ("variants", NEW_SIZE, MADE): {
                    "ean": NEW_EAN,
                    "priceIncl": Decimal("39.95"),
                    "stockLevel": 6,
                    "stockTracking": "enabled",
                }
            },
            frozenset({("products", "TEX-POLO")}),
        ),
        Change(
            "price of SKU-0014 in the shop's list",
            [{"do": "price", "PriceList": "WEB", "Item": "SKU-0014", "Price": "19.95"}],
            "€ 19.95",
            {("variants", "SKU-0014", "priceIncl"): Decimal("19.95"), ("variants", "SKU-0014", "priceExcl"): ANY},
        ),
        Change(
            "wholesale price of SKU-0011 from 10 pieces",
            [{"do": "price", "PriceList": "B2B", "Item": "SKU-0011", "QuantityFrom": 10, "Price": "8.00"}],
            "€ 8.00 excl. VAT from 10 pieces, for that group",
            {("quantity_discounts", "SKU-0011 from 10", "price"): Decimal("8.00")},
        ),
        Change(
            "price of SKU-0028 from tomorrow",
            [{"do": "price", "PriceList": "WEB", "Item": "SKU-0028", "Price": "9.95", "ValidFrom": str(tomorrow)}],
            "nothing, today",
        ),
        Change(
            "SKU-0029 is counted: 123 pieces",
            [{"do": "stock", "Item": "SKU-0029", "OnHand": 123}],
            "123 in stock",
            {("variants", "SKU-0029", "stockLevel"): 123},
        ),
        Change(
            "4 more pieces of SKU-0030 are reserved",
            [{"do": "stock", "Item": "SKU-0030", "Reserved": 4}],
            "4 less in stock",
            {("variants", "SKU-0030", "stockLevel"): 436},
        ),
        Change(
            "the supplier of ZIT-KRUK (sold out) is later",
            [{"do": "purchase", "OrderNumber": "PO-0001", "Seq": 2, "Expected": str(later)}],
            f"delivery text '{arrival}'",
            {("deliverydates", arrival, MADE): ANY, ("products", "ZIT-KRUK", "deliverydate"): ANY},
        ),
        Change(
            "SKU-0016 is related to SKU-0018",
            [{"do": "product-relation", "Item": "SKU-0016", "Related": "SKU-0018", "Kind": "cross"}],
            "one related product more",
            {("products/{}/relations", "SKU-0016 to SKU-0018", MADE): ANY},
        ),
        Change(
            "category Servies moves up, under Wonen",
            [{"do": "category", "Category": "SERVIES", "Parent": "WONEN"}],
            "it stands under Wonen, with all its products",
            {
                ("categories", "Servies", "parent"): ANY,
                ("categories", "Servies", "depth"): 2,
                ("categories", "Servies", "path"): ANY,
            },
        ),
    ]


def attributed(log: Sequence[Mapping[str, Any]], changes: Sequence[Change], now: Snapshot, then: Snapshot) -> Writes:
    """Which change each write belongs to.

    Args:
        log: Calls of the sandbox: endpoint and target.
        changes: The changes.
        now: The shop after them.
        then: The shop before them.
    """
    writes = Writes()
    for call in log:
        verb, _, pattern = call["endpoint"].partition(" ")
        if verb == "GET":
            continue
        writes.total += 1
        if pattern.endswith("/bulk") and pattern.startswith("variants"):
            writes.together += 1
            continue
        path, records = _written(pattern, call["target"], now, then)
        owner = next((change for change in changes if change.asks_for(path, records)), None)
        if owner is None:
            writes.unexplained.append(f"{call['endpoint']} {', '.join(records)}")
        else:
            writes.of[owner.what] += 1
    return writes


@dataclass
class Writes:
    """The writes of a run.

    Attributes:
        total: All of them.
        of: Those of one change.
        together: Calls in which several changes went.
        unexplained: Those that no change asked for.
    """

    total: int = 0
    of: Counter[str] = field(default_factory=Counter)
    together: int = 0
    unexplained: list[str] = field(default_factory=list)


def _written(pattern: str, target: str, now: Snapshot, then: Snapshot) -> tuple[str, list[str]]:
    """Resource that a call wrote, and what the record is called; no name for what it made."""
    ids = [int(part) for part in target.partition("?")[0].removesuffix(".json").split("/") if part.isdigit()]
    parts = pattern.removesuffix("/bulk").replace("{id}", "{}").split("/")
    own = parts[-1] == "{}"
    path = "/".join(parts[:-1] if own else parts)
    if not ids:
        return path, []
    rows = now[path].get(ids[-1]), then[path].get(ids[-1])
    names = [side.name(path, row) for side, row in ((now, rows[0]), (then, rows[1])) if own and row is not None]
    if names and not path.startswith("products/{}"):
        return path, names
    return path, [now.code(ids[0]), then.code(ids[0])] if path.startswith("products/{}") else names


def digest(content: bytes) -> str:
    """What a picture is known by."""
    return hashlib.sha256(content).hexdigest()
