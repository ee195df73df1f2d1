"""A resource as a stream of the SDK, with its own bookmark and a short way from the list to standard output."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Any

from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE

from lightspeed_ecom import LightspeedError
from tap_lightspeed.failures import concerns_one_stream, explain
from tap_lightspeed.member import Member
from tap_lightspeed.reader import Reader
from tap_lightspeed.resources import BY_NAME
from tap_lightspeed.snapshot import Snapshot
from tap_lightspeed.window import Bookmark, Window, moment, text
from upsert import held
from upsert.errors import ConfigurationError
from upsert.singer import DirectStream

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence

    from singer_sdk.helpers.types import Context, Record

    from tap_lightspeed.resource import Resource, Row
    from tap_lightspeed.tap import TapLightspeed

CHECKPOINT_RECORDS = 100
CHECKPOINT_SECONDS = 10.0
PROGRESS_SECONDS = 30.0


class LightspeedStream(DirectStream):
    """One resource as a stream.

    Args:
        tap: The tap.
        resource: What to read.
    """

    def __init__(self, tap: TapLightspeed, resource: Resource) -> None:
        super().__init__(tap, schema=resource.schema, name=resource.name)
        self.resource = resource
        self.primary_keys = resource.keys
        self.replication_key = resource.replication_key
        self.selected_by_default = resource.selected
        self._owner = tap
        self._member: Member | None = None
        self._led = False
        self._unsaved = False
        self._since_state = 0
        self._state_at = time.monotonic()

    def get_records(self, context: Context | None) -> Iterable[Record]:  # noqa: ARG002  the SDK's signature
        """Read all records that are due, without noting anything."""
        member = self._begin()
        for portion in self._reader([member]).portions():
            for _, rows in portion.records:
                yield from rows
            portion.note([member])

    def _sync_records(
        self,
        context: Context | None = None,  # noqa: ARG002  the SDK's signature
        *,
        write_messages: bool = True,
    ) -> Generator[dict[str, Any], Any, Any]:
        """Send what is due, with a STATE from time to time: the SDK's loop, with our bookmark.

        The first stream of those that are made of one list reads it for all of them.

        Yields:
            Nothing while messages are written; the records otherwise.
        """
        if self._led:
            return
        group = [self] if self.ABORT_AT_RECORD_COUNT is not None else self._owner.read_together(self)
        for one in group:
            if one is not self and write_messages:
                one._write_schema_message()  # noqa: SLF001  of our own class
                one._led = True  # noqa: SLF001
        members = {one._begin(): one for one in group}  # noqa: SLF001
        counter, progress = self.get_record_counter(), _Progress(self)
        before = sum(self._owner.shop.calls.values())
        with counter, self.get_sync_timer():
            try:
                for portion in self._reader(list(members)).portions():
                    count = 0
                    for member, rows in portion.records:
                        if write_messages:
                            members[member]._send(rows)  # noqa: SLF001
                        else:
                            yield from rows
                        count += len(rows)
                    counter.increment(count)
                    portion.note(list(members))
                    self._note(group, count)
                    progress.report(sum(one._sent for one in group), members)  # noqa: SLF001
            except LightspeedError as error:
                self._write_state_message(group)
                if not concerns_one_stream(error) or self.ABORT_AT_RECORD_COUNT is not None:
                    raise explain(error) from error
                for one in group:
                    self._owner.failed(one, explain(error))
            else:
                for member, one in members.items():
                    if member.failure is not None:
                        self._owner.failed(one, explain(member.failure))
        self._write_state_message(group)
        calls = sum(self._owner.shop.calls.values()) - before
        for one in group:
            one._report(calls if one is self else 0)  # noqa: SLF001

    def _report(self, calls: int) -> None:
        counts = self._member.counts if self._member else {}
        self.log(
            "%s: %d sent (%d held before, %d of them gone), %d not found, %d calls%s",
            self.name,
            self._sent,
            counts.get("held", 0),
            counts.get("gone", 0),
            counts.get("missing", 0),
            calls,
            f", {counts['deleted']} deleted" if counts.get("deleted") else "",
        )

    # state

    def _reader(self, members: list[Member]) -> Reader:
        source = BY_NAME[self._owner.source_of(self.resource)]
        return Reader(self._owner.shop, source, members, self._owner.settings)

    def _begin(self) -> Member:
        """Take up the stream where its state says it is."""
        owner, resource, state = self._owner, self.resource, self.stored
        settings = owner.settings
        ids: Snapshot | None = None
        if resource.replication_key is None:
            tracked = owner.is_named(resource, settings.changes_only)
            position: Bookmark | Snapshot | None = Snapshot.read(state.get("snapshot", "")) if tracked else None
        else:
            start = text(settings.start(BY_NAME[owner.source_of(resource)].start_setting))
            overlap = dt.timedelta(minutes=settings.overlap_minutes)
            new = self._new_languages(state.get("languages"))
            if new:
                self.log("%s: read from the start, for language %s is new", self.name, ", ".join(new))
            if new or state.get("replication_key_value") is None or self.replication_method == REPLICATION_FULL_TABLE:
                position = Bookmark(start, overlap)
            else:
                position = Bookmark.read(state, start, overlap)
            if owner.compares_ids(resource):
                ids = Snapshot.read(state.get("snapshot", ""))
        member = Member(
            resource,
            position,
            held.held_of(owner.state, self.name) or [],
            ids,
            compare=ids is not None and self._is_time_to_compare(state.get("compared")),
            called=resource.called_under(settings),
        )
        self._member = member
        return member

    def _new_languages(self, known: Sequence[str] | None) -> list[str]:
        """Return the languages that were not read before: of what hasn't changed since, they have no record yet."""
        if known is None or not self.resource.texts:
            return []
        return [one for one in self._owner.settings.all_languages if one not in known]

    def _is_time_to_compare(self, last: str | None) -> bool:
        if last is None:
            return True
        hours = dt.timedelta(hours=self._owner.settings.deletes_every_hours)
        return self._owner.shop.server_now() - moment(last) >= hours

    def _store(self) -> None:
        """Write the position into the state."""
        member, state = self._member, self.stored
        if member is None:
            return
        position = member.position
        if isinstance(position, Bookmark):
            state.update(replication_key=self.resource.replication_key, **position.as_state())
            if self.resource.texts:
                state["languages"] = list(self._owner.settings.all_languages)
        elif isinstance(position, Snapshot):
            state["snapshot"] = position.write()
        if member.ids is not None:
            state["snapshot"] = member.ids.write()
            if member.compared and self._owner.shop.date is not None:
                state["compared"] = text(self._owner.shop.date)

    def _note(self, group: list[LightspeedStream], records: int) -> None:
        """Send a STATE when enough happened: the more it weighs, the rarer."""
        self._unsaved = True
        self._since_state += records
        weight = sum(one._weight for one in group)  # noqa: SLF001  of our own class
        waited = time.monotonic() - self._state_at
        if self._since_state >= max(CHECKPOINT_RECORDS, weight / 2) or (
            records and waited >= max(CHECKPOINT_SECONDS, weight / 500)
        ):
            self._write_state_message(group)

    @property
    def _weight(self) -> int:
        position = self._member.position if self._member else None
        if isinstance(position, Bookmark):
            return position.weight
        return len(position.known) + len(position.now) if isinstance(position, Snapshot) else 0

    def _write_state_message(self, group: list[LightspeedStream] | None = None) -> None:
        if not self._unsaved:
            return
        for one in group or [self]:
            one._store()  # noqa: SLF001  of our own class
        self.send_state()
        self._unsaved, self._since_state, self._state_at = False, 0, time.monotonic()

    # messages

    def _write_schema_message(self) -> None:
        if not self._led:
            super()._write_schema_message()

    def _send(self, records: list[Row]) -> None:
        sent = self._sent
        self._sent += len(records)
        if not self.short_way:
            for number, row in enumerate(records, sent):
                self._check_max_record_limit(number)
                self._write_record_message(row)
        elif records:
            self._owner.output.records(self.name, records, text(dt.datetime.now(dt.UTC)))


class _Progress:
    """Says now and then how far a long run has come."""

    def __init__(self, stream: LightspeedStream) -> None:
        self._stream = stream
        self._next = time.monotonic() + PROGRESS_SECONDS

    def report(self, sent: int, members: Iterable[Member]) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + PROGRESS_SECONDS
            upto = max((one.position.value for one in members if isinstance(one.position, Bookmark)), default="now")
            self._stream.log("%s: %d sent so far, changes up to %s", self._stream.name, sent, upto)


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
        for name in ("closed", "window"):
            if state.get(name):
                Window.read(str(state[name]))
        if state.get("compared"):
            moment(state["compared"])
        if not isinstance(state.get("languages", []), list):
            raise TypeError("languages")
        if state.get("snapshot"):
            Snapshot.read(state["snapshot"])
    except (OverflowError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"state: bookmarks.{stream} has no position that can be read; restore the state from a copy"
        ) from error
    return position
