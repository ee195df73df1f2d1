"""Settings of the flow: Prices, tiers and prices of customer groups."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from target_lightspeed.commerce.guard_settings import PriceLimits
from target_lightspeed.commerce.section import Section

IGNORE = "ignore"
"""In `groups`: the rows of this list or group are left out."""

BasisName = Literal["incl", "excl"]


class PriceSettings(Section):
    """Prices, tiers and prices of customer groups."""

    list: str | None = Field(
        None,
        description="Code of the price list that fills the shop's prices. Default: prices that are in no list.",
    )
    basis: BasisName | None = Field(
        None,
        description="Whether the shop's prices are written including or excluding VAT (`incl` or `excl`); it must be "
        "the price list's own, or `convert` must be set. Needed, for it is never guessed.",
    )
    convert: bool = Field(
        False,
        description="Convert prices on the other basis with the item's VAT rate, rounded to 4 decimals. A price "
        "without a rate is held.",
    )
    rounding: Literal["half_up", "hold"] = Field(
        "half_up",
        description="A price with more than the shop's 4 decimals: round it (how many were is logged), or hold it.",
    )
    fallback: Literal["keep", "base", "hide"] = Field(
        "keep",
        description="An item that has no valid price in the list: leave the shop's price, take the price of "
        "`fallback_list`, or hide the product until there is one.",
    )
    fallback_list: str | None = Field(
        None, description="With `fallback: base`: code of that list. Default: prices that are in no list."
    )
    compare_at: Literal["write", "ignore"] = Field(
        "write",
        description="The price from which it came down: write it as the old price where it is higher than the price, "
        "or leave the shop's old price alone.",
    )
    zero: Literal["hold", "allow"] = Field(
        "hold", description="A price of 0: hold it, or take it for meant. A negative one is always held."
    )
    time_zone: str = Field("Europe/Amsterdam", description="Where days of validity begin: at midnight there.")
    groups: dict[str, str] = Field(
        {},
        description="Code of a price list or customer group -> title of the shop's customer group, or `ignore`. Every "
        "code that comes must be named here, but those of `list` and `fallback_list`.",
    )
    tiers: Literal["write", "ignore"] = Field(
        "write", description="Prices from a quantity on: write them as quantity discounts, or leave them out."
    )
    discount_basis: BasisName | None = Field(
        None,
        description="Whether the shop reads the price of a quantity discount including or excluding VAT; it follows "
        "the shop's own setting. Default: as `basis`. The other one is converted, if `convert` is set.",
    )
    discount_dates: Literal["write", "ignore"] = Field(
        "write",
        description="Give quantity discounts the first and last moment of their validity too, so that one that ends "
        "does so also when no run comes.",
    )
    max_group_rows: Annotated[int, Field(ge=0)] = Field(
        5_000,
        description="Most quantity discounts (tiers and prices of groups) that the shop is to hold. Each costs a call "
        "to write, so more than this is refused before the first.",
    )
    limits: PriceLimits = Field(PriceLimits(), description="What one run may do before a person must look at it.")

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("no such time zone") from None
        return name

    @model_validator(mode="after")
    def _lists_have_one_use(self) -> PriceSettings:
        for code in (self.list, self.fallback_list):
            if code is not None and code in self.groups:
                raise ValueError(f"groups: `{code}` fills the shop's prices already")
        if self.fallback_list is not None and self.fallback != "base":
            raise ValueError("fallback_list: only with `fallback: base`")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.time_zone)
