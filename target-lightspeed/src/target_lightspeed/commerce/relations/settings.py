"""Settings of the flow: products that point to products."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from target_lightspeed.commerce.guard_settings import TreeLimits
from target_lightspeed.commerce.section import Section

RelationKind = Literal[
    "related", "cross_sell", "up_sell", "accessory", "spare_part", "replaces", "similar", "add_on", "other"
]


class RelationSettings(Section):
    """Products that point to products."""

    types: tuple[RelationKind, ...] = Field(
        ("related", "cross_sell", "up_sell", "accessory", "similar", "add_on"),
        description="Kinds of relations that are written. The shop knows one kind only, so all of these become "
        "related products; other kinds are skipped (and taken away where they had been written).",
    )
    positions: bool = Field(True, description="Whether the source's positions are written.")
    limits: TreeLimits = Field(TreeLimits(), description="What one run may do before a person must look at it.")
