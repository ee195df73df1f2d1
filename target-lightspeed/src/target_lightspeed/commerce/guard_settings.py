"""Settings of the limits that keep one run from doing great harm."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from target_lightspeed.commerce.section import Section

Percent = Annotated[float, Field(ge=0, le=100)]
Jump = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]

_CHANGED = "Most items that one run may change, in percent of those in the shop; none: no limit."
_HIDES = "Most items that one run may hide or delete together; none: no limit."
_JUMP = "A price that changes by more than this percentage counts as a leap; none: prices are not looked at."
_SHARE = "Most leaps in one run, in percent of the items in the shop."
_ZEROES = "Most items whose stock one run may take to zero, in percent of those in the shop; none: no limit."


class Limits(Section):
    """How much one run of a flow may change before a person must look at it.

    The base serves flows that change few items; the others have defaults of their own.
    """

    changed_percent: Percent | None = Field(30, description=_CHANGED)
    hides: Count | None = Field(20, description=_HIDES)
    price_change_percent: Jump | None = Field(None, description=_JUMP)
    price_changed_share: Percent = Field(5, description=_SHARE)
    zero_percent: Percent | None = Field(None, description=_ZEROES)
    floor: Count = Field(
        20, description="No limit in percent stops a run that changes so few items: in a small shop that is much."
    )
    first_load: Literal["allow", "check"] = Field(
        "allow", description="The first load of a flow changes everything: allow that, or check it like any other run."
    )

    @property
    def harmless(self) -> int:
        """No limit stops a run over so few items."""
        return self.floor if self.hides is None else min(self.floor, self.hides)


class CatalogueLimits(Limits):
    """Limits of `products`."""


class PriceLimits(Limits):
    """Limits of `prices`: a general increase is usual, leaps are not."""

    changed_percent: Percent | None = Field(None, description=_CHANGED)
    price_change_percent: Jump | None = Field(40, description=_JUMP)


class StockLimits(Limits):
    """Limits of `stock_levels`: many change every time, few become nothing."""

    changed_percent: Percent | None = Field(None, description=_CHANGED)
    zero_percent: Percent | None = Field(25, description=_ZEROES)


class TreeLimits(Limits):
    """Limits of `categories` and `product_relations`."""

    changed_percent: Percent | None = Field(50, description=_CHANGED)
