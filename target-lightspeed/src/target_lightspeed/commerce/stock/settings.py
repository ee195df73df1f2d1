"""Settings of the flow: Stock levels."""

from __future__ import annotations

from target_lightspeed.commerce.section import Section


class StockSettings(Section):
    """Stock levels."""
