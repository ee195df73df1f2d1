"""Settings of the flow: Customer groups and who is in them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from target_lightspeed.commerce.section import Section

IGNORE = "ignore"
"""In `titles`: this group is left out."""


class GroupSettings(Section):
    """Customer groups and who is in them."""

    titles: dict[str, str] = Field(
        {},
        description="Code of a customer group (or of a price list, where the customers' groups are those) -> title of "
        "the shop's group, or `ignore`. Default: the group's name.",
    )
    create: bool = Field(True, description="Make a group that the shop doesn't have; once made, it is left alone.")
    remove: Literal["ours", "never"] = Field(
        "ours",
        description="A customer who has left a group: take out whom we put in, or nobody. What was made by hand stays "
        "in any case.",
    )
