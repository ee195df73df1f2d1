"""How the records of one source stream become those of a commerce stream."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from pydantic import BaseModel


class Gone(Enum):
    """What `Feed.convert` gives for a record that the source has no more, when nothing but its key is known."""

    GONE = "gone"


GONE: Final = Gone.GONE


class Feed(ABC):
    """One stream of a source, and the commerce stream that it feeds. Several may feed one.

    Attributes:
        role: Its place in the setting ``overrides``.
        source_stream: The stream of the tap.
        stream: The commerce stream.
        document: What expressions call the mapped record.
    """

    role: str
    source_stream: str
    stream: str
    document: str

    def learn(self, schema: Mapping[str, Any]) -> tuple[str, ...]:  # noqa: ARG002  for sources that need it
        """Take in the schema of the source stream, before its first record.

        Args:
            schema: As the tap's SCHEMA message has it.

        Returns:
            What a person should know, one line each.

        Raises:
            SettingsError: The settings name something that the schema doesn't have.
        """
        return ()

    @abstractmethod
    def convert(self, record: Mapping[str, Any], extracted: dt.datetime | None) -> BaseModel | Gone:
        """Map a record.

        Args:
            record: The record of the tap.
            extracted: When the tap sent it; None when it doesn't say.

        Raises:
            MappingError: When it can't be mapped.
        """

    @abstractmethod
    def key_of(self, record: Mapping[str, Any]) -> str:
        """The contract's key of a record.

        Raises:
            MappingError: When it has none.
        """

    def source_line(self, record: Mapping[str, Any], key: str) -> Mapping[str, Any]:  # noqa: ARG002  for documents with lines
        """The part of the record that a mapped line was made of, by the line's key; empty when there is none."""
        return {}
