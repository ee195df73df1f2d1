"""The sources that can be mapped. A new one is a package here, its feeds and options, and one line in each table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commerce.mapping import afas, lightspeed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from commerce.mapping.feed import Feed

FEEDS: Mapping[str, Callable[[Any], list[Feed]]] = {"afas": afas.feeds, "lightspeed": lightspeed.feeds}
"""Source -> its feeds, by its options."""
