"""The sources that can be mapped. A new one is one module and one line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from commerce.mapping import lightspeed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Source:
    """How the records of one source become those of the contract.

    Attributes:
        streams: Per stream the pure function ``(record, options) -> model``; it raises only ``MappingError``.
        key_of: The contract's key of a record; raises ``MappingError`` when it has none.
        source_line: The part of the record that a mapped line was made of, found by the line's key; empty when there is
            none. For expressions.
    """

    streams: Mapping[str, Callable[[Mapping[str, Any], Any], BaseModel]]
    key_of: Callable[[Mapping[str, Any]], str]
    source_line: Callable[[Mapping[str, Any], str], Mapping[str, Any]]


SOURCES: dict[str, Source] = {
    "lightspeed": Source(
        streams={"orders": lightspeed.order, "customers": lightspeed.customer},
        key_of=lightspeed.key_of,
        source_line=lightspeed.source_line,
    ),
}
"""Every source by its name."""
