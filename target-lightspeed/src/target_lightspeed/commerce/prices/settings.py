"""Settings of the flow: Prices, tiers and prices of customer groups."""

from __future__ import annotations

from target_lightspeed.commerce.section import Section


class PriceSettings(Section):
    """Prices, tiers and prices of customer groups."""
