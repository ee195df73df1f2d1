"""What the planner is told: how large the shop is, how much changes, and how often each flow runs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, ValidationError, model_validator

from target_lightspeed.commerce.planner.priority import LIMITS
from target_lightspeed.commerce.section import Section
from upsert.errors import ConfigurationError

Count = Annotated[int, Field(ge=0, le=10_000_000)]
Rate = Annotated[float, Field(ge=0, le=10_000_000)]
Minutes = Annotated[int, Field(ge=0, le=7 * 24 * 60)]


class Shop(Section):
    """How much there is."""

    products: Count = Field(0, description="Products.")
    variants: Count = Field(0, description="Variants in all; at least one per product.")
    languages: int = Field(1, ge=1, le=20, description="Languages in all, the default one among them.")
    images: Rate = Field(0, description="Images per product.")
    specifications: Rate = Field(0, description="Specifications per product.")
    category_links: Rate = Field(0, description="Categories per product, where the coupling sets them.")
    categories: Count = Field(0, description="Categories in all.")
    relations: Count = Field(0, description="Product relations in all, both ways counted twice.")
    price_rows: Count = Field(0, description="Quantity discounts in all: a row per product or variant, group and tier.")
    customers: Count = Field(0, description="Customers whose groups are kept.")

    @model_validator(mode="after")
    def _variants(self) -> Shop:
        if self.variants and self.variants < self.products:
            raise ValueError("variants: there are at least as many as products")
        return self

    @property
    def all_variants(self) -> int:
        """Variants; one per product where they weren't given."""
        return self.variants or self.products


class Changes(Section):
    """How much changes."""

    orders_per_day: Rate = Field(0, description="New orders.")
    order_changes: Rate = Field(1, description="How often an order changes after it came: paid, shipped, ...")
    order_writes: Rate = Field(0, description="Calls per order that report back to the shop: shipment, status.")
    stock_per_cycle: Rate = Field(0, description="Variants whose stock changes from one stock run to the next.")
    prices_per_cycle: Rate = Field(0, description="Variants whose price changes from one price run to the next.")
    price_rows_per_day: Rate = Field(0, description="Quantity discounts that change.")
    products_per_day: Rate = Field(0, description="Products whose texts or fields change.")
    new_products_per_day: Rate = Field(0, description="Products that are new.")
    images_per_day: Rate = Field(0, description="Images that change.")
    categories_per_day: Rate = Field(0, description="Categories that change.")
    relations_per_day: Rate = Field(0, description="Product relations that change.")
    customers_per_day: Rate = Field(0, description="Customers that change or move to another group.")
    peak: float = Field(3, ge=1, le=24, description="How many times as much as on average happens in the busiest hour.")


class Flows(Section):
    """Minutes from one run to the next; 0: the flow is off."""

    orders: Minutes = 15
    stock: Minutes = 15
    prices: Minutes = 60
    catalogue: Minutes = 60
    categories: Minutes = 0
    relations: Minutes = 0
    groups: Minutes = 0


class Key(Section):
    """What the key may do, and how the target is set."""

    limits: tuple[int, int, int] = Field(LIMITS, description="Calls per 5 minutes, hour and day.")
    reserve: tuple[int, int, int] = Field((30, 100, 400), description="Calls of these that are left to others.")
    bulk_size: int = Field(50, ge=1, le=250, description="As the setting of the target.")
    sweep_hours: int = Field(24, ge=0, description="As the setting `sweep.every_hours`.")
    sweep_calls: int = Field(60, ge=1, description="As the setting `sweep.calls`.")
    first_load_days: float = Field(0, ge=0, description="In how many days the first load has to be done; 0: any.")

    @model_validator(mode="after")
    def _room(self) -> Key:
        if any(kept >= limit for kept, limit in zip(self.reserve, self.limits, strict=True)):
            raise ValueError("reserve: it leaves no call to us")
        return self

    @property
    def allowed(self) -> tuple[int, int, int]:
        """Calls per 5 minutes, hour and day that are ours."""
        first, second, third = (limit - kept for limit, kept in zip(self.limits, self.reserve, strict=True))
        return first, second, third


class Sizes(Section):
    """All of it."""

    shop: Shop = Shop()
    changes: Changes = Changes()
    flows: Flows = Flows()
    key: Key = Key()


def read_sizes(data: object) -> Sizes:
    """Sizes from what stands in a file.

    Raises:
        ConfigurationError: One line that names the first value that doesn't fit.
    """
    try:
        return Sizes.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        said = "no such name" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
        raise ConfigurationError(f"budget: {place}: {said}") from None
