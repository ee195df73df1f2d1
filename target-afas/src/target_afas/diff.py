"""The difference between the lines an order must have and those it has in AFAS. Pure.

Lines are matched as a multiset: AFAS's line GUID is not known to the shop, and one SKU may stand on several lines.
Applying the changes gives the wanted lines; a second diff is then empty.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from target_afas.money import plain
from target_afas.variants import sku_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from target_afas.lines import WantedLine

LETTERS = {
    "WST": "1",
    "ART": "2",
    "TXT": "3",
    "SUB": "4",
    "TSL": "5",
    "KST": "6",
    "SAM": "7",
    "CRS": "8",
    "PID": "10",
    "DEG": "11",
    "DIM": "14",
}
"""Item types may be written as letters (write-api 2.18)."""


def item_type(code: object) -> str:
    """An item type as its number."""
    text = str(code or "").strip()
    return LETTERS.get(text.upper(), text)


@dataclass(frozen=True, slots=True)
class BookedLine:
    """An order line as AFAS holds it. Amounts are of the line."""

    guid: str
    item_type: str
    item: str
    quantity: Decimal
    price: Decimal
    group: str | None
    percent: Decimal
    excl: Decimal
    vat: Decimal
    incl: Decimal
    discount: Decimal = Decimal(0)
    description: str | None = None
    dim1: str = ""
    dim2: str = ""


@dataclass(frozen=True, slots=True)
class LineChange:
    """One change of a line: ``fields`` are those that differ, for an update."""

    action: Literal["insert", "update", "delete"]
    guid: str | None = None
    line: WantedLine | None = None
    fields: frozenset[str] = frozenset()


def _same_text(wanted: str | None, booked: str | None) -> bool:
    return wanted is None or wanted == (booked or "").strip()


def _same_group(wanted: str | None, booked: str | None) -> bool:
    return wanted is None or wanted.upper() == (booked or "").upper()


def differing(wanted: WantedLine, booked: BookedLine) -> frozenset[str]:
    """Names of the fields in which a booked line is not what it must be; a wanted none is not compared."""
    fields = set()
    if wanted.quantity != booked.quantity:
        fields.add("quantity")
    if wanted.price != booked.price:
        fields.add("price")
    if not _same_group(wanted.group, booked.group):
        fields.add("group")
    if not _same_text(wanted.description, booked.description):
        fields.add("description")
    if booked.discount:
        fields.add("discount")
    return frozenset(fields)


def _item(line: WantedLine | BookedLine) -> tuple[str, str, str, str]:
    return item_type(line.item_type), line.item.upper(), line.dim1.upper(), line.dim2.upper()


_STEPS: tuple[Callable[[WantedLine | BookedLine], Hashable], ...] = (
    lambda line: (*_item(line), (line.group or "").upper(), plain(line.price), plain(line.quantity), line.description),
    lambda line: (*_item(line), (line.group or "").upper(), plain(line.price), plain(line.quantity)),
    lambda line: (*_item(line), (line.group or "").upper(), plain(line.price)),
    lambda line: (*_item(line), (line.group or "").upper()),
    _item,
)
"""From the same line to merely the same item: each step pairs what the earlier ones left."""


def diff_lines(wanted: Sequence[WantedLine], booked: Sequence[BookedLine]) -> list[LineChange]:
    """What must change so that the booked lines become the wanted ones.

    Returns:
        Updates by GUID, then deletes, then inserts; empty when nothing differs.
    """
    open_wanted, open_booked = list(wanted), list(booked)
    changes: list[LineChange] = []
    for key in _STEPS:
        pool: dict[Hashable, list[BookedLine]] = defaultdict(list)
        for have in open_booked:
            pool[key(have)].append(have)
        left: list[WantedLine] = []
        for want in open_wanted:
            if pool.get(key(want)):
                have = pool[key(want)].pop(0)
                if fields := differing(want, have):
                    changes.append(LineChange("update", have.guid, want, fields))
            else:
                left.append(want)
        open_wanted = left
        open_booked = [have for rest in pool.values() for have in rest]
    changes += [LineChange("delete", have.guid) for have in open_booked]
    changes += [LineChange("insert", line=want) for want in open_wanted]
    return changes


def canonical(lines: Iterable[WantedLine | BookedLine], separator: str) -> str:
    """The multiset of lines as one text, the same for a wanted line and for what AFAS made of it.

    A variant stands in it with its SKU, which is what is known of a wanted line before AFAS was asked.

    Rounding lines don't belong in it: they follow from the totals. Nor do item types: of an item that AFAS does not
    know (any more) the type isn't known either, and that alone is no change.

    Args:
        lines: The lines.
        separator: Between item code and dimension codes in the SKU of a variant.
    """
    return "\n".join(
        sorted(
            "|".join(
                (
                    sku_of(line.item, line.dim1, line.dim2, separator).upper(),
                    (line.group or "").upper(),
                    format(plain(line.quantity), "f"),
                    format(plain(line.price), "f"),
                    format(plain(getattr(line, "discount", Decimal(0))), "f"),
                )
            )
            for line in lines
        )
    )
