"""Settings of the flow: Customer groups and who is in them."""

from __future__ import annotations

from target_lightspeed.commerce.section import Section


class GroupSettings(Section):
    """Customer groups and who is in them."""
