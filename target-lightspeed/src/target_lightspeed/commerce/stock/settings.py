"""Settings of the flow: Stock levels."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from target_lightspeed.commerce.guard_settings import StockLimits
from target_lightspeed.commerce.section import Section
from target_lightspeed.commerce.stock.formula import Formula, FormulaError

Tracking = Literal["keep", "enabled", "indicator", "disabled"]
Pieces = Annotated[Decimal, Field(allow_inf_nan=False)]


def _formula(text: str) -> str:
    try:
        Formula(text)
    except FormulaError as error:
        raise ValueError(str(error)) from None
    return text


def _day_text(text: str) -> str:
    try:
        first, second = (text.format(day=day, month=1, year=2026) for day in (1, 2))
    except (KeyError, IndexError, ValueError, AttributeError):
        raise ValueError("only {day}, {month} and {year} can be filled in") from None
    if first == second:
        raise ValueError("{day} is missing: every day would have the same text")
    return text


def _names(value: object) -> object:
    """A list of names may be given as one text with commas, as environment variables have it."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


FormulaText = Annotated[str, AfterValidator(_formula)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


class StockRule(Section):
    """Other settings for some items. Of several rules that fit, the first that names a setting counts."""

    items: Names = Field((), description="SKUs; `*` and `?` stand for any letters (`GIFT-*`).")
    item_groups: Names = Field((), description="Item groups, as `extra.item_group` of the record names them.")
    locations: Names | None = Field(None, description="As the setting for all items.")
    formula: FormulaText | None = Field(None, description="As the setting for all items.")
    buffer: Pieces | None = Field(None, description="As the setting for all items.")
    cap: Pieces | None = Field(None, description="As the setting for all items.")
    tracking: Tracking | None = Field(None, description="`stockTracking` of these items, whatever the record says.")


class StockSettings(Section):
    """Stock levels."""

    locations: Names = Field(
        (), description="Codes of the locations (warehouses) that this shop sells from; empty: all that come."
    )
    formula: FormulaText = Field(
        "available",
        description="What may be sold: `available`, `in_stock`, `economic`, `technical_minus_reserved`, or an "
        "expression over `on_hand`, `reserved`, `backordered`, `reserved_on_purchase`, `incoming`, `available`, "
        "`economic` and `safety`, each summed over the locations, with `+ - * / //`, `min`, `max`, `abs` and "
        "`x if y > z else w`.",
    )
    buffer: Pieces = Field(
        Decimal(0),
        description="Pieces that are kept back from what may be sold: for the seconds between reading the orders and "
        "writing the level, and for other shops that sell from the same stock.",
    )
    cap: Pieces | None = Field(None, description="Never show more pieces than this.")
    negative: Literal["zero", "allow"] = Field("zero", description="What a level below zero becomes.")
    tracked: Tracking = Field(
        "enabled",
        description="`stockTracking` of items whose stock is kept (`extra.stock_tracked` is true); `keep`: not "
        "written.",
    )
    untracked: Tracking = Field(
        "disabled",
        description="The same for items whose stock is not kept (services, made to order): with `disabled` they never "
        "run out, and their level is not written.",
    )
    tracking: Tracking = Field("keep", description="The same where the record doesn't say.")
    rules: tuple[StockRule, ...] = Field((), description="Other settings for some items.")
    parts_without_stock: Literal["none", "unlimited"] = Field(
        "none",
        description="A part of a bundle that no stock record came for: there is none of it, or (services) it never "
        "runs out.",
    )
    optional_parts: Literal["count", "ignore"] = Field(
        "count",
        description="Parts of a bundle that its maker may leave out: they limit how many bundles there are like all "
        "others, or they don't.",
    )
    vanished: Literal["zero", "keep"] = Field(
        "zero",
        description="An item that had a level and has no stock record any more (deleted or blocked in the source, or "
        "its stock isn't kept now): none of it is there, or its last level stays. Only looked at when all records of "
        "the source could be read.",
    )
    booked_by: Literal["store", "none"] = Field(
        "store",
        description="How orders of the shop are known that the source's figures don't contain yet. `store`: orders "
        "that target-afas has booked before the figures were read stand in the shared store; all others come off the "
        "level. `none`: nothing comes off (no orders flow; a sold piece comes back until somebody books the order).",
    )
    booked_scope: str | None = Field(
        None, description="Environment under which target-afas keeps orders in the store; default: the store's own."
    )
    orders_since: AwareDatetime | None = Field(
        None,
        description="Orders that were placed before this are taken for booked, such as those before the coupling "
        "began. Never more than `orders_days` back.",
    )
    orders_days: int = Field(30, ge=1, le=365, description="Orders older than this are taken for booked.")
    order_reads: int = Field(
        200,
        ge=1,
        description="At most so many orders that aren't booked are read in a run, one call each. More are a sign of a "
        "store that the orders flow doesn't share: the run ends with exit code 2.",
    )
    clock_margin_seconds: int = Field(
        5,
        ge=0,
        le=3_600,
        description="An order counts as contained in the figures when it was booked so much earlier than they were "
        "read.",
    )
    rounds: int = Field(
        3,
        ge=0,
        le=10,
        description="How often the orders are listed again after writing, to correct what an order met that came "
        "between; ends as soon as none has come.",
    )
    limits: StockLimits = Field(StockLimits(), description="How much one run may change.")
    verify_hours: int = Field(
        24,
        ge=0,
        description="Hours after which the levels of the whole shop are read (one call per 250 variants) and "
        "corrected where somebody changed them by hand; 0: never.",
    )
    delivery_dates: bool = Field(
        False,
        description="Write from which day an item is back in stock, taken from the goods on their way, as the "
        "product's delivery date.",
    )
    delivery_text: Annotated[str, AfterValidator(_day_text)] = Field(
        "Verwacht op {day}-{month}-{year}",
        description="Name of the delivery date, and its text while there is no stock; `{day}`, `{month}` and `{year}` "
        "are filled in.",
    )
    delivery_in_stock: str = Field("", description="Text of the delivery date while there is stock.")
