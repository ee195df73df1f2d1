"""Settings of the flow: The category tree."""

from __future__ import annotations

from target_lightspeed.commerce.section import Section


class CategorySettings(Section):
    """The category tree."""
