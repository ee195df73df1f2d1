"""A resource as a stream of the SDK, with its own bookmark and a short way from the list to standard output."""

from __future__ import annotations

import datetime as dt
import logging
import time
from typing import TYPE_CHECKING, Any

from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE
from singer_sdk.streams import Stream

from lightspeed_ecom import LightspeedError
from tap_lightspeed.failures import explain
from tap_lightspeed.reader import Reader
from tap_lightspeed.window import moment, text
from upsert import held
from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from singer_sdk.helpers.types import Context, Record

    from tap_lightspeed.resource import Resource, Row
    from tap_lightspeed.tap import TapLightspeed
    from tap_lightspeed.window import Bookmark

CHECKPOINT_RECORDS = 100
CHECKPOINT_SECONDS = 10.0
PROGRESS_SECONDS = 30.0


class LightspeedStream(Stream):
    """One resource.

    Args:
        tap: The tap.
        resource: What to read.
    """

    def __init__(self, tap: TapLightspeed, resource: Resource) -> None:
        super().__init__(tap, schema=resource.schema, name=resource.name)
        self.resource = resource
        self.primary_keys = ("id",)
        self.replication_key = resource.replication_key
        self._owner = tap
        self._unsaved = False
        self._since_state = 0
        self._state_at = time.monotonic()

    @property
    def is_sorted(self) -> bool:
        """A run that breaks off resumes where it was: the bookmark here follows what was sent."""
        return True

    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Return nothing: the upper end of a window is the shop's clock, not the host's."""

    def log(self, message: str, *args: Any, level: int = logging.INFO, **kwargs: Any) -> None:
        """Log; the SDK's note about an error goes to debug, because the program itself ends with one line about it."""
        super().log(message, *args, level=logging.DEBUG if level == logging.ERROR else level, **kwargs)

    def get_records(self, context: Context | None) -> Iterable[Record]:  # noqa: ARG002  the SDK's signature
        """Read all records that are due, without noting anything."""
        reader, bookmark, entries = self._begin()
        for portion in reader.portions(bookmark, entries):
            yield from portion.records
            portion.note(bookmark)

    def _sync_records(
        self,
        context: Context | None = None,  # noqa: ARG002  the SDK's signature
        *,
        write_messages: bool = True,
    ) -> Generator[dict[str, Any], Any, Any]:
        """Send what is due, with a STATE from time to time: the SDK's loop, with our bookmark.

        Yields:
            Nothing while messages are written; the records otherwise.
        """
        reader, bookmark, entries = self._begin()
        counter, progress, sent = self.get_record_counter(), _Progress(self), 0
        before = sum(self._owner.shop.calls.values())
        with counter, self.get_sync_timer():
            try:
                for portion in reader.portions(bookmark, entries):
                    if write_messages:
                        self._send(portion.records, sent)
                    else:
                        yield from portion.records
                    sent += len(portion.records)
                    counter.increment(len(portion.records))
                    portion.note(bookmark)
                    self._note(bookmark, len(portion.records))
                    progress.report(sent, bookmark.value)
            except LightspeedError as error:
                self._write_state_message()
                raise explain(error) from error
        self._write_state_message()
        counts = reader.counts
        self.log(
            "%s: %d sent (%d held before, %d of them gone), %d not found, %d calls",
            self.name,
            sent,
            counts["held"],
            counts["gone"],
            counts["missing"],
            sum(self._owner.shop.calls.values()) - before,
        )

    # state

    def _begin(self) -> tuple[Reader, Bookmark, list[held.Entry]]:
        reader = Reader(self._owner.shop, self.resource, self._owner.settings)
        state = self._stored()
        value = state.get("replication_key_value")
        if value is None or self.replication_method == REPLICATION_FULL_TABLE:
            bookmark = reader.fresh_bookmark()
        else:
            bookmark = reader.bookmark(value, dict(state.get("seen", ())))
        return reader, bookmark, held.held_of(self._owner.state, self.name) or []

    def _stored(self) -> dict[str, Any]:
        bookmarks: dict[str, dict[str, Any]] = self._owner.state.setdefault("bookmarks", {})
        return bookmarks.setdefault(self.name, {})

    def _note(self, bookmark: Bookmark, records: int) -> None:
        """Keep the bookmark, and send it when enough happened: the more it weighs, the rarer."""
        self._bookmark = bookmark
        self._unsaved = True
        self._since_state += records
        weight = len(bookmark.seen)
        waited = time.monotonic() - self._state_at
        if self._since_state >= max(CHECKPOINT_RECORDS, weight / 2) or (
            records and waited >= max(CHECKPOINT_SECONDS, weight / 500)
        ):
            self._write_state_message()

    def _write_state_message(self) -> None:
        if not self._unsaved:
            return
        if self.resource.replication_key:
            self._stored().update(replication_key=self.resource.replication_key, **self._bookmark.as_state())
        self._owner.output.state(self._owner.state)
        self._unsaved, self._since_state, self._state_at = False, 0, time.monotonic()

    # messages

    def _write_schema_message(self) -> None:
        if self._short_way:
            schema = self._input_schema or self.schema
            self._owner.output.schema(self.name, schema, self.primary_keys, self.replication_key)
        else:
            super()._write_schema_message()

    def _send(self, records: list[Row], sent: int) -> None:
        if self.ABORT_AT_RECORD_COUNT is not None or not self._short_way:
            for number, row in enumerate(records, sent):
                self._check_max_record_limit(number)
                self._write_record_message(row)
        elif records:
            self._owner.output.records(self.name, records, text(dt.datetime.now(dt.UTC)))

    @property
    def _short_way(self) -> bool:
        """Whether records go out as they are: no map, no flattening, no field left out."""
        if self._short is None:
            config, known = self.config, set((self._input_schema or self.schema).get("properties", {}))
            self._short = (
                not config.get("stream_maps")
                and not config.get("flattening_enabled")
                and known >= set(self.schema["properties"])
                and all(self.mask.values())
            )
        return self._short

    _short: bool | None = None


class _Progress:
    """Says now and then how far a long run has come."""

    def __init__(self, stream: LightspeedStream) -> None:
        self._stream = stream
        self._next = time.monotonic() + PROGRESS_SECONDS

    def report(self, sent: int, position: str) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + PROGRESS_SECONDS
            self._stream.log("%s: %d sent so far, changes up to %s", self._stream.name, sent, position)


def check_position(state: Mapping[str, Any], stream: str) -> dict[str, Any]:
    """Return the position in a stream's bookmark in our form.

    Args:
        state: The bookmark.
        stream: Name of the stream, for the message.

    Raises:
        ConfigurationError: There is a position, but it can't be read.
    """
    # No position is said as well: a STATE that left it out would, merged into that of another run that was allowed to
    # overlap (`--force`), drop the other run's held records and keep its position.
    position: dict[str, Any] = {"replication_key_value": None}
    try:
        if state.get("replication_key_value") is not None:
            position["replication_key_value"] = text(moment(state["replication_key_value"]))
        position["seen"] = seen = state.get("seen", [])
        if not all(len(pair) == 2 and all(isinstance(part, str) for part in pair) for pair in seen):
            raise ValueError("seen")
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"state: bookmarks.{stream} has no position that can be read; restore the state from a copy"
        ) from error
    return position
