"""A tap with a short way from answer to standard output, and bookmarks of its own.

The SDK's way takes a record through conversion, maps, selection and a general encoder. Here records go out as they are,
unless stream maps, flattening or deselected fields ask for the SDK's way; both give the same records.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities
from singer_sdk.streams import Stream

from upsert.singer.output import Output, PlainStates
from upsert.singer.tap import TapMixin

if TYPE_CHECKING:
    from types import FrameType

    from singer_sdk.helpers.capabilities import CapabilitiesEnum
    from singer_sdk.helpers.types import Context
    from singer_sdk.mapper import PluginMapper


class DirectTap(TapMixin):
    """A tap that writes through `Output`, and leaves the SDK's mapper alone until somebody asks for it."""

    message_writer_class = Output
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._state_writer = PlainStates(self.output)

    @property
    def output(self) -> Output:
        """Where messages go."""
        writer = self.message_writer
        assert isinstance(writer, Output)  # noqa: S101  message_writer_class
        return writer

    def setup_mapper(self) -> None:
        """Leave the SDK's mapper for the first time that it is needed: without maps and flattening that is never."""

    @property
    def mapper(self) -> PluginMapper:
        """The SDK's mapper of stream maps."""
        if self._mapper is None:
            super().setup_mapper()
        return super().mapper

    @mapper.setter
    def mapper(self, mapper: PluginMapper) -> None:
        self._mapper = mapper

    def _handle_termination(self, signum: int, frame: FrameType | None) -> NoReturn:
        """End with 128 + the signal, after the message in hand. The SDK would end with 0, as if all was read."""
        del frame
        self.output.terminate(signum)
        return  # type: ignore[misc]  # the message in hand is finished first; then it ends


class DirectStream(Stream):
    """A stream that keeps its own bookmark. `_sync_records` is the subclass's; it sends with `send` and `send_state`.

    Args:
        tap: The tap.
        schema: JSON schema of a record.
        name: Name of the stream.
    """

    _short: bool | None = None

    def __init__(self, tap: DirectTap, schema: dict[str, Any], name: str) -> None:
        super().__init__(tap, schema=schema, name=name)
        self._direct = tap
        self._sent = 0

    @property
    def is_sorted(self) -> bool:
        """A run that breaks off resumes where it was: the bookmark here follows what was sent."""
        return True

    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Return nothing: the upper end of a window is the source's clock, not the host's."""

    def log(self, message: str, *args: Any, level: int = logging.INFO, **kwargs: Any) -> None:
        """Log; the SDK's note about an error goes to debug, because the program itself ends with one line about it."""
        super().log(message, *args, level=logging.DEBUG if level == logging.ERROR else level, **kwargs)

    @property
    def stored(self) -> dict[str, Any]:
        """The stream's bookmark in the state, to be changed in place."""
        bookmarks: dict[str, dict[str, Any]] = self._direct.state.setdefault("bookmarks", {})
        return bookmarks.setdefault(self.name, {})

    def send_state(self) -> None:
        """Write the state as it is now."""
        self._direct.output.state(self._direct.state)

    @property
    def short_way(self) -> bool:
        """Whether records go out as they are: no map, no flattening, no field left out, no limit on records."""
        if self._short is None:
            config, known = self.config, set((self._input_schema or self.schema).get("properties", {}))
            self._short = (
                not config.get("stream_maps")
                and not config.get("flattening_enabled")
                and known >= set(self.schema["properties"])
                and all(self.mask.values())
            )
        return self._short and self.ABORT_AT_RECORD_COUNT is None

    def send_encoded(self, records: list[bytes], extracted: str, decode: Any) -> None:
        """Send records that are JSON already.

        Args:
            records: JSON objects without line breaks.
            extracted: When they were read, UTC.
            decode: Reads one for the SDK's way.
        """
        if self.short_way:
            self._direct.output.encoded(self.name, records, extracted)
        else:
            for number, record in enumerate(records, self._sent):
                self._check_max_record_limit(number)
                self._write_record_message(decode(record))
        self._sent += len(records)

    def _write_schema_message(self) -> None:
        if self.short_way:
            schema = self._input_schema or self.schema
            self._direct.output.schema(self.name, schema, self.primary_keys, self.replication_key)
        else:
            super()._write_schema_message()
