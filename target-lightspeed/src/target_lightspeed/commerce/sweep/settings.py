"""Settings of the sweep."""

from __future__ import annotations

from pydantic import Field

from target_lightspeed.commerce.section import Section


class SweepSettings(Section):
    """The sweep: at the end of a run of products or prices the shop is listed and compared with what was written."""

    every_hours: int = Field(24, ge=0, le=24 * 31, description="How often a whole sweep begins; 0: never.")
    calls: int = Field(
        60,
        ge=1,
        le=1_000,
        description="Calls that a run spends on it at most; a sweep that isn't through goes on in the next run.",
    )
    corrections: int = Field(
        20,
        ge=1,
        le=20,
        description="Records that a run puts on the held list for this, so that the tap reads them again.",
    )
