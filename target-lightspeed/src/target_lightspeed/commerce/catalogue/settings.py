"""Settings of the flow: Products, variants, texts, images and what describes them."""

from __future__ import annotations

from target_lightspeed.commerce.section import Section


class CatalogueSettings(Section):
    """Products, variants, texts, images and what describes them."""
