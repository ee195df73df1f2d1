"""What a merchant decides about one Lightspeed shop."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from commerce.models import Basis
from commerce.normalise import country_code


class Options(BaseModel):
    """Settings of one shop."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    price_basis: Basis = Field(
        default=Basis.INCL,
        description="Whether the shop enters its prices including (`incl`) or excluding (`excl`) VAT. Both figures are "
        "always passed on; this one is authoritative.",
    )
    line_price: Literal["auto", "unit", "total"] = Field(
        default="auto",
        description="Whether the price of an order line is that of one piece (`unit`) or of the whole line (`total`). "
        "`auto` decides for each order by its arithmetic, and holds the order when that tells nothing.",
    )
    currency: str = Field(
        default="EUR",
        pattern=r"^[A-Z]{3}$",
        description="The currency of the shop (ISO 4217); Lightspeed states all amounts in it.",
    )
    shop_country: str = Field(
        default="NL", description="The country whose VAT the shop charges at home (ISO 3166-1 alpha-2)."
    )
    time_zone: str = Field(
        default="Europe/Amsterdam", description="Where the calendar day of an order (`document_date`) is taken."
    )
    oss: Literal["auto", "registered", "not_registered"] = Field(
        default="auto",
        description="Whether the shop takes part in the one-stop shop for consumers in other EU countries. The rate "
        "charged tells most; where both countries have it (21 % to Belgium) `registered` means theirs, "
        "`not_registered` ours, and `auto` leaves the treatment `unknown`. If not registered, a rate that is not ours "
        "is `unknown` too.",
    )
    gift_wrap_skus: list[str] = Field(
        default=[], description="SKUs or article codes that stand for gift wrap; such lines get kind `gift_wrap`."
    )
    rounding_cap: Decimal = Field(
        default=Decimal("0.05"),
        ge=0,
        le=1,
        description="How far the lines of an order may miss its stated total, beyond the rounding of each line, before "
        "it is held with `amounts_do_not_add_up`.",
    )

    @field_validator("shop_country")
    @classmethod
    def _country(cls, value: str) -> str:
        code = country_code(value)
        if code is None:
            raise ValueError("is not a country code")
        return code

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("is not a time zone") from None
        return value

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.time_zone)

    @cached_property
    def gift_wrap(self) -> frozenset[str]:
        """The gift wrap SKUs, ready for look-up."""
        return frozenset(sku.strip().casefold() for sku in self.gift_wrap_skus)
