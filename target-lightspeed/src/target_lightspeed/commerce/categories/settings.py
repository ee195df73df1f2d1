"""Settings of the flow: the category tree."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from target_lightspeed.commerce.guard_settings import TreeLimits
from target_lightspeed.commerce.section import Section


class CategorySettings(Section):
    """The category tree."""

    inactive: Literal["hide", "delete", "keep"] = Field(
        "hide",
        description="A category that the source blocks or deletes: make it invisible, delete it (only when nothing "
        "hangs under it that we did not make), or leave it as it is.",
    )
    same_name: Literal["hold", "adopt", "beside"] = Field(
        "hold",
        description="A category of the same title stands at the same place, and we did not make it: hold the record, "
        "manage that category from now on, or make another one beside it.",
    )
    positions: bool = Field(True, description="Whether the source's positions are written; else the shop's stay.")
    limits: TreeLimits = Field(TreeLimits(), description="What one run may do before a person must look at it.")
