"""From quantities to the level that a shop shows. Pure.

Level = formula - pieces of orders that the source doesn't know yet - buffer, in whole pieces, not below zero, and not
above the cap. A bundle has as many as its scarcest part allows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING

from target_lightspeed.commerce.stock.formula import QUANTITIES, Formula, FormulaError, MissingQuantity
from upsert.model import Hold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from commerce.goods import StockLevel
    from target_lightspeed.commerce.stock.settings import StockSettings

ZERO = Decimal(0)
_MOST = 2_147_483_647


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings that hold for one item."""

    locations: frozenset[str]
    formula: str
    buffer: Decimal
    cap: Decimal | None
    tracking: str | None
    negative: bool


@dataclass(frozen=True, slots=True)
class Item:
    """What is known of one item, summed over its locations.

    Attributes:
        sku: Its SKU.
        quantities: Name to sum; None where some location has no word on it.
        read_at: The earliest moment at which the figures were read; None when nobody says.
        tracked: Whether its stock is kept; None when nobody says.
        group: Its item group, or "".
        lots: Goods on their way: day (None: unknown) and quantity.
        counted: Whether any row with quantities came for it.
        published: Whether the merchant wants it in the shop; one that isn't only counts as a part of bundles.
        gone: Whether the source has no stock of it any more, perhaps because nobody keeps it now.
    """

    sku: str
    quantities: Mapping[str, Decimal | None] = field(default_factory=dict)
    read_at: datetime | None = None
    tracked: bool | None = None
    group: str = ""
    lots: tuple[tuple[date | None, Decimal], ...] = ()
    counted: bool = True
    published: bool = True
    gone: bool = False


def rules_of(settings: StockSettings, sku: str, group: str) -> Rules:
    """The settings for an item: the first rule that fits and names one, else the general one."""
    fitting = [
        rule
        for rule in settings.rules
        if any(fnmatchcase(sku, one) for one in rule.items) or (group and group in rule.item_groups)
    ]
    locations = next((one.locations for one in fitting if one.locations is not None), settings.locations)
    return Rules(
        frozenset(locations),
        next((one.formula for one in fitting if one.formula is not None), settings.formula),
        next((one.buffer for one in fitting if one.buffer is not None), settings.buffer),
        next((one.cap for one in fitting if one.cap is not None), settings.cap),
        next((one.tracking for one in fitting if one.tracking is not None), None),
        settings.negative == "allow",
    )


def has_quantities(row: StockLevel) -> bool:
    """Whether a row is about stock; others only tell what is on its way."""
    return any(getattr(row, name) is not None for name in QUANTITIES)


def is_unpublished(row: StockLevel) -> bool:
    """Whether the merchant doesn't want the item in the shop."""
    return _extra([row], "web_enabled") is False


def summed(sku: str, rows: Sequence[tuple[StockLevel, datetime | None]], settings: StockSettings) -> Item:
    """Put the rows of one item together.

    Args:
        sku: The item.
        rows: Its rows, with the moment at which each was read where the row itself doesn't say.
        settings: Which locations count.
    """
    tracked = _extra([row for row, _ in rows], "stock_tracked")
    group = _extra([row for row, _ in rows], "item_group")
    published = _extra([row for row, _ in rows], "web_enabled")
    named = str(group) if group else ""
    locations = rules_of(settings, sku, named).locations
    mine = [(row, at) for row, at in rows if not locations or location_of(row) in locations]
    counting = [(row, at) for row, at in mine if has_quantities(row) and row.active]
    sums: dict[str, Decimal | None] = dict.fromkeys(QUANTITIES, ZERO)
    for row, _ in counting:
        for name in QUANTITIES:
            before, one = sums[name], getattr(row, name)
            sums[name] = None if before is None or one is None else before + one
    # Rows of other locations tell when the stock was read too: where this shop has none, that was so at that moment.
    told = counting or [(row, at) for row, at in rows if has_quantities(row)]
    moments = [row.read_at or at for row, at in told]
    lots = [(lot.expected_date, lot.quantity) for row, _ in mine if row.active for lot in row.incoming_lots]
    return Item(
        sku,
        sums,
        None if None in moments else min((one for one in moments if one is not None), default=None),
        tracked if isinstance(tracked, bool) else None,
        named,
        tuple(sorted(lots, key=lambda lot: (lot[0] is None, lot[0] or 0, lot[1]))),
        any(has_quantities(row) for row, _ in rows),
        published is not False,
    )


def gone(sku: str, read_at: datetime | None) -> Item:
    """An item that the source has no stock of any more: none of it, at the moment at which it had no row."""
    return Item(sku, dict.fromkeys(QUANTITIES, ZERO), read_at, gone=True)


def free(item: Item, rules: Rules, in_flight: Decimal) -> Decimal:
    """What may be sold, before buffer, cap and rounding.

    Raises:
        FormulaError: A quantity is missing, or the formula can't be calculated.
    """
    return _parsed(rules.formula).value(item.quantities) - in_flight


def shown(pieces: Decimal, rules: Rules) -> int:
    """The level for a number of pieces that may be sold."""
    level = (pieces - rules.buffer).to_integral_value(ROUND_FLOOR)
    if rules.cap is not None:
        level = min(level, rules.cap.to_integral_value(ROUND_FLOOR))
    if not rules.negative:
        level = max(level, ZERO)
    return int(min(max(level, Decimal(-_MOST)), Decimal(_MOST)))


def of_bundle(parts: Mapping[str, Decimal], pieces: Mapping[str, Decimal | None]) -> Decimal | None:
    """How many bundles can be made.

    Args:
        parts: SKU of a part -> how many of it are in one bundle.
        pieces: SKU of a part -> what may be sold of it; None: it never runs out.

    Returns:
        None when no part ever runs out.
    """
    numbers = [
        (there / number).to_integral_value(ROUND_FLOOR)
        for sku, number in parts.items()
        if number > 0 and (there := pieces[sku]) is not None
    ]
    return min(numbers, default=None)


def tracking_of(item: Item, rules: Rules, settings: StockSettings) -> str:
    """The value of `stockTracking`, or ``keep``."""
    if item.gone:
        return "disabled" if rules.tracking == "disabled" else "keep"
    if rules.tracking is not None:
        return rules.tracking
    if item.tracked is None:
        return settings.tracking
    return settings.tracked if item.tracked else settings.untracked


def held(error: FormulaError) -> Hold:
    """Why an item without a level is held."""
    return Hold("missing_quantity", error.name) if isinstance(error, MissingQuantity) else Hold("formula_failed")


@lru_cache(maxsize=64)
def _parsed(text: str) -> Formula:
    return Formula(text)


def location_of(row: StockLevel) -> str:
    """What a location is called in the settings; "" when the row names none."""
    where = row.location
    return where.code or where.name or where.key or ""


def _extra(rows: Iterable[StockLevel], name: str) -> object:
    return next((row.extra[name].value for row in rows if name in row.extra), None)
