"""The streams of tap-lightspeed as feeds of commerce streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commerce.mapping.feed import Feed
from commerce.mapping.lightspeed.customers import customer
from commerce.mapping.lightspeed.documents import order
from commerce.mapping.lightspeed.reading import key_of, source_line

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel

    from commerce.mapping.lightspeed.options import Options


class StreamFeed(Feed):
    """One stream, which keeps its name.

    Args:
        name: Of the stream.
        document: What expressions call the mapped record.
        convert: Maps a record.
        options: The options.
    """

    def __init__(
        self, name: str, document: str, convert: Callable[[Mapping[str, Any], Options], BaseModel], options: Options
    ) -> None:
        self.role = self.source_stream = self.stream = name
        self.document = document
        self._convert, self._options = convert, options

    def convert(self, record: Mapping[str, Any], extracted: dt.datetime | None) -> BaseModel:  # noqa: ARG002  not used here
        """Map a record."""
        return self._convert(record, self._options)

    def key_of(self, record: Mapping[str, Any]) -> str:
        """``lightspeed.<shop>:<id>``."""
        return key_of(record)

    def source_line(self, record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """The order line of the source."""
        return source_line(record, key)


def feeds(options: Options) -> list[Feed]:
    """A feed for each stream that can be mapped."""
    return [StreamFeed("orders", "order", order, options), StreamFeed("customers", "customer", customer, options)]
