"""Streams that only count as a whole: the prices of an item, its stock at all places.

Half of the rows is worse than none: a price list whose current row is missing looks like one that has run out. So a
run whose tap stopped half-way, took up an earlier reading, or read only what changed, writes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from upsert.errors import ConfigurationError, Outage
from upsert.singer import HeldSink

if TYPE_CHECKING:
    from collections.abc import Collection

    from target_lightspeed.target import TargetLightspeed
    from upsert.model import SourceKey


class WholeSink(HeldSink):
    """A sink that gathers all records, and can tell whether those are all that the source has.

    Attributes:
        broken: Records of this run that could not be read, so that nobody knows what they say.
    """

    target: TargetLightspeed
    gathers: ClassVar[bool] = True
    broken = 0
    _states = 0

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        """Take one record."""
        self._states = self.target.states
        super().process_record(record, context)

    def _early(self, context: dict[str, Any], source: SourceKey, reason: str | None, detail: str) -> None:
        self.broken += reason is not None
        super()._early(context, source, reason, detail)

    def check_whole(self, streams: Collection[str], *, since_bookmark: bool = False) -> None:
        """See to it that the records are all there are.

        Args:
            streams: The source streams that the records came from.
            since_bookmark: Whether it is right that only what changed since a bookmark was read.

        Raises:
            Outage: The tap stopped before its end; nothing may be written.
            ConfigurationError: The tap reads only what changed.
        """
        first, last = self.target.first_state, self.target.last_state
        for stream in sorted(streams):
            before, after = _bookmark(first, stream), _bookmark(last, stream)
            if self.target.states == self._states or after.get("position") is not None:
                raise Outage(
                    f"{self.stream_name}: the tap stopped within {stream}, and half of its rows decide nothing: "
                    "nothing is written. See the tap's own log, and run again"
                )
            if before.get("position") is not None:
                raise Outage(
                    f"{self.stream_name}: the tap went on with a reading of {stream} that had stopped half-way, so "
                    "rows are missing: nothing is written. Clear the state of this job and run again"
                )
            if before.get("replication_key_value") is not None and not since_bookmark:
                raise ConfigurationError(
                    f"{self.stream_name}: the tap reads only what changed in {stream}, but all rows of an item are "
                    f"needed to choose one: set replication_method to FULL_TABLE for {stream}, clear the state of "
                    "this job and run again"
                )


def _bookmark(state: dict[str, Any], stream: str) -> dict[str, Any]:
    found = (state.get("bookmarks") or {}).get(stream)
    return found if isinstance(found, dict) else {}
