"""A GetConnector as a Singer stream."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.singerlib.catalog import REPLICATION_INCREMENTAL

from afas_profit import AfasError
from tap_afas import attachments
from tap_afas.bookmark import Bookmark, utc_text
from tap_afas.reading import Batch, Reading, Shape
from upsert import held
from upsert.errors import ConfigurationError, Failure
from upsert.singer import DirectStream

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from singer_sdk.helpers.types import Context, Record

    from tap_afas.definition import Definition
    from tap_afas.settings import Attachment
    from tap_afas.tap import TapAfas

CHECKPOINT_RECORDS = 10_000
CHECKPOINT_SECONDS = 10.0
PROGRESS_SECONDS = 30.0
_HEAVY = 100_000
"""Characters of keys in the state from which states are written more rarely."""

decode = msgspec.json.Decoder(float_hook=Decimal).decode


class ConnectorStream(DirectStream):
    """One GetConnector, or the files that belong to its records.

    Args:
        tap: The tap.
        definition: The connector.
        only_files: The attachment whose files this stream sends; None for the records themselves.
    """

    def __init__(self, tap: TapAfas, definition: Definition, only_files: Attachment | None = None) -> None:
        self.definition = definition
        self._only_files = only_files
        name = definition.name if only_files is None else f"{definition.name}_{only_files.into}"
        super().__init__(tap, self._made_schema(tap), name)
        self.primary_keys = definition.keys
        self.replication_key = definition.changed[0] if definition.changed else None
        self._owner = tap
        self._bookmark = Bookmark()
        self._counts: Counter[str] = Counter()
        self._unsaved = False
        self._since_state = 0
        self._state_at = time.monotonic()

    def _made_schema(self, tap: TapAfas) -> dict[str, Any]:
        settings, definition, only = tap.settings, self.definition, self._only_files
        files = attachments.properties(settings.attachments_folder)
        fields: dict[str, Any] = {}
        if only is None:
            fields = {
                one.into: {"type": ["object", "null"], "properties": files}
                for one in definition.options.attachments
                if one.target == "field"
            }
        schema = definition.schema(source_fields=settings.source_fields, lengths=settings.lengths, attachments=fields)
        if only is not None:
            kept = {*definition.keys, *definition.changed}
            all_fields = {one.id for one in definition.fields}
            schema["properties"] = {
                name: one for name, one in schema["properties"].items() if name in kept or name not in all_fields
            } | files
        return schema

    @property
    def shape(self) -> Shape:
        """What is read, with the keys and the replication key of the catalog in force.

        Raises:
            ConfigurationError: The catalog names a field that the connector doesn't have, or that can't serve.
        """
        definition = self.definition
        keys = tuple(self.primary_keys or ())
        changed: tuple[str, ...] = ()
        if self.replication_method == REPLICATION_INCREMENTAL and self.replication_key:
            changed = definition.changed if self.replication_key in definition.changed[:1] else (self.replication_key,)
        for name in (*keys, *changed):
            if name not in definition.kinds:
                raise ConfigurationError(
                    f"catalog: the connector {definition.name} has no field {name}; discover again"
                )
        if changed and definition.kinds[changed[0]] not in ("date", "int", "decimal"):
            raise ConfigurationError(
                f"catalog: {changed[0]} of {definition.name} is a {definition.kinds[changed[0]]}; "
                "a replication key is a date-time field or a number"
            )
        return Shape(definition, keys, changed, self.name, self._only_files)

    def get_records(self, context: Context | None) -> Iterable[Record]:  # noqa: ARG002  the SDK's signature
        """Read all records that are due, without noting anything."""
        for batch in self._reading(self.shape).batches(Bookmark(), {}, []):
            for record in batch.records:
                yield decode(record)

    def _sync_records(
        self,
        context: Context | None = None,  # noqa: ARG002  the SDK's signature
        *,
        write_messages: bool = True,
    ) -> Generator[dict[str, Any], Any, Any]:
        """Send what is due, with a STATE from time to time. A failure of this stream only is noted with the tap.

        Yields:
            Nothing while messages are written; the records otherwise.
        """
        before = sum(self._owner.client.calls.values())
        counter = self.get_record_counter()
        with counter, self.get_sync_timer():
            for batch in self._due():
                if write_messages:
                    self.send_encoded(batch.records, utc_text(dt.datetime.now(dt.UTC)), decode)
                else:
                    yield from map(decode, batch.records)
                self._sent_batch(batch, counter)
        self._save()
        calls = sum(self._owner.client.calls.values()) - before
        details = "".join(f", {number} {name}" for name, number in self._counts.items() if number)
        self.log("%s: %d sent%s, %d calls", self.name, self._sent, details, calls)

    def _due(self) -> Iterator[Batch]:
        """What is due. A failure to read it ends it and is noted; one to write it is not of this stream alone.

        Raises:
            Failure: No other stream can be read either.
        """
        try:
            reading, batches = self._begin()
            self._counts = reading.counts
            yield from batches
        except AfasError as error:
            self._save()
            self._owner.fail(self.name, error)
        except Failure as failure:
            self._save()
            self._owner.fail(self.name, failure)
        else:
            if reading.guarded:
                self._owner.fail(self.name, ConfigurationError(f"deletes: {reading.guarded}"))
            else:
                self._owner.went_well()

    def warn(self) -> None:
        """Say what is missing to read this stream well, in one line."""
        if self._only_files is None:
            for line in self.definition.warnings:
                self._logger.warning(line)

    def _begin(self) -> tuple[Reading, Iterator[Batch]]:
        shape = self.shape
        if self._owner.input_catalog is not None and not (shape.keys and shape.changed):
            self.warn()
        self._check_keys(shape.keys)
        bookmark = self.read_bookmark()
        if not shape.changed:
            bookmark.value = None
        self._bookmark = bookmark
        entries: list[held.Entry] = []
        if shape.keys and self._owner.settings.source_fields and held.held_of(self._owner.state, self.name):
            entries = self._owner.due_entries(self.name, self._owner.client.server_now())
        reading = self._reading(shape)
        return reading, reading.batches(bookmark, self.stored, entries)

    def _reading(self, shape: Shape) -> Reading:
        owner = self._owner
        return Reading(owner.client, owner.settings, shape, owner.pool, owner.fetcher)

    # state

    def read_bookmark(self) -> Bookmark:
        """How far the stream has come. How far it came by another replication key says nothing, and is left out.

        Raises:
            ConfigurationError: The state can't be read.
        """
        key, stored = self.replication_key, self.stored
        before = stored.get("replication_key")
        if key and before not in (None, key) and stored.get("replication_key_value") is not None:
            self._logger.warning(
                "stream %s: its replication key was %s and is %s now, so it begins anew", self.name, before, key
            )
            stored = stored | {"replication_key_value": None, "position": None}
        number = bool(key) and self.definition.kinds.get(str(key)) != "date"
        return Bookmark.read(stored, self.name, number=number)

    def _check_keys(self, keys: tuple[str, ...]) -> None:
        """What the state has by other key fields can't be compared, or read again.

        Raises:
            ConfigurationError: There are held records, which only their old key can find.
        """
        before = self.stored.get("keys")
        if before is not None and tuple(before) != keys:
            was = ", ".join(map(str, before)) or "none"
            if waiting := held.held_of(self._owner.state, self.name):
                raise ConfigurationError(
                    f"the keys were {was} and are {', '.join(keys) or 'none'} now, but {len(waiting)} records are held "
                    "by their old key: set the old keys until none is held, or skip those"
                )
            if self.stored.get("snapshot") or self.stored.get("unlisted"):
                self._logger.warning(
                    "stream %s: the keys were %s before, so what vanished since the last run is not seen",
                    self.name,
                    was,
                )
                self.stored.update(snapshot=None, snapshot_at=None, unlisted="")
        self.stored["keys"] = list(keys)

    def _sent_batch(self, batch: Batch, counter: Any) -> None:
        counter.increment(len(batch.records))
        if batch.sent is None:
            return
        batch.sent()
        self._unsaved = True
        self._since_state += len(batch.records)
        weight = 1 + (len(self.stored.get("snapshot") or "") + self._bookmark.unlisted.size) / _HEAVY
        waited = time.monotonic() - self._state_at
        if self._since_state >= CHECKPOINT_RECORDS * weight or (
            batch.records and waited >= CHECKPOINT_SECONDS * weight
        ):
            self._save()

    def _save(self) -> None:
        """Put the bookmark into the state and write it, when there is something new in it."""
        if not self._unsaved:
            return
        if self.replication_key:
            self.stored["replication_key"] = self.replication_key
        self.stored.update(self._bookmark.as_state())
        self.send_state()
        self._unsaved, self._since_state, self._state_at = False, 0, time.monotonic()
