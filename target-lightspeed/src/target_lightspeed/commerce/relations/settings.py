"""Settings of the flow: Products that point to products."""

from __future__ import annotations

from target_lightspeed.commerce.section import Section


class RelationSettings(Section):
    """Products that point to products."""
