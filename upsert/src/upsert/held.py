"""Held records: the list in the Singer STATE that remembers what could not be loaded yet.

``bookmarks.<source stream>.held`` is a list of entries; it is always written, also when empty, because Meltano merges
dicts but replaces lists. The tap passes it on in its first STATE and never changes it; the target replaces it in every
STATE that it emits.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from upsert.clock import from_text, to_text
from upsert.errors import ConfigurationError, Outage

VERSION = 1
"""Version of our bookmarks (``bookmarks.<stream>.version``)."""

DUE_LIMIT = 20
"""Most held keys that one run re-reads; of those that only wait, as many more."""

HOLD_LIMIT = 20
"""More new holds than this with one reason in one run are an outage."""

FIRST_WAIT = timedelta(minutes=15)
LONGEST_WAIT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Entry:
    """One held record.

    Attributes:
        key: The record's ``_source_key``.
        reason: Reason code of the target.
        subject: A non-personal detail, or "".
        first: When it was first held, UTC.
        attempts: How often loading it was tried; 1 when it is new.
        next: Not re-read before this, UTC.
        waiting: Nothing is wrong with it: it waits for something that is on its way. Stands in the STATE, so that tap
            and `held` need not know the target's reasons.
    """

    key: str
    reason: str
    subject: str
    first: datetime
    attempts: int
    next: datetime
    waiting: bool = False

    def to_json(self) -> dict[str, Any]:
        """The entry as it stands in the STATE."""
        entry: dict[str, Any] = {
            "key": self.key,
            "reason": self.reason,
            "subject": self.subject,
            "first": to_text(self.first),
            "attempts": self.attempts,
            "next": to_text(self.next),
        }
        return entry | {"waiting": True} if self.waiting else entry

    @classmethod
    def from_json(cls, data: Any, where: str) -> Entry:
        """Read an entry.

        Args:
            data: What stands in the STATE.
            where: Place in the STATE, for the message.

        Raises:
            ConfigurationError: It is not an entry.
        """
        try:
            attempts = data["attempts"]
            if not isinstance(attempts, int) or isinstance(attempts, bool) or attempts < 1:
                raise ValueError("attempts is not a count")
            return cls(
                key=str(data["key"]),
                reason=str(data["reason"]),
                subject=str(data.get("subject") or ""),
                first=from_text(data["first"]),
                attempts=attempts,
                next=from_text(data["next"]),
                waiting=data.get("waiting") is True,
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(
                f"state: {where} is not a held record ({type(error).__name__}); "
                "restore the state from a copy, or remove that entry with `meltano state edit`"
            ) from error


def back_off(attempts: int) -> timedelta:
    """How long to wait after the given number of attempts: the next cycle first, then 15 minutes doubling to a day.

    Args:
        attempts: 1 after the first failure.
    """
    if attempts <= 1:
        return timedelta()
    doublings = min(attempts - 2, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def again(
    old: Entry | None,
    key: str,
    reason: str,
    subject: str,
    *,
    now: datetime,
    retry_after: timedelta | None = None,
    waiting: bool = False,
) -> Entry:
    """The entry after a (further) failure.

    Args:
        old: The entry so far; None when the record is newly held.
        key: The record's ``_source_key``.
        reason: Why it is held now.
        subject: A non-personal detail.
        now: The host's time.
        retry_after: Not earlier than this from now; the back-off may make it later.
        waiting: Whether it only waits.
    """
    first = old.first if old else now
    if old and old.waiting and not waiting:
        old = None  # what went wrong now is new
    attempts = old.attempts + 1 if old else 1
    wait = max(retry_after or timedelta(), back_off(attempts))
    return Entry(key, reason, subject, first, attempts, now + wait, waiting)


def due(entries: Iterable[Entry], now: datetime, limit: int = DUE_LIMIT) -> list[Entry]:
    """Which held records to read again in this run: the longest due first, at most `limit`.

    Of those that only wait, `limit` more: there may be thousands, and the others must not stand behind them. What would
    be due later than the longest wait was held by a host whose clock was wrong, and is due now.
    """
    far = now + LONGEST_WAIT
    ripe = [entry for entry in entries if entry.next <= now or entry.next > far]
    ripe.sort(key=lambda entry: (entry.next, entry.key))
    wrong = [entry for entry in ripe if not entry.waiting][:limit]
    waiting = [entry for entry in ripe if entry.waiting][:limit]
    return [*wrong, *waiting]


def held_of(state: Mapping[str, Any], stream: str) -> list[Entry] | None:
    """The held records of one source stream.

    Args:
        state: Value of a STATE message.
        stream: The source's stream name.

    Returns:
        None when the STATE has no list for this stream: the tap doesn't speak the protocol.

    Raises:
        ConfigurationError: There is a list, but it can't be read.
    """
    bookmark = _bookmarks(state).get(stream)
    if not isinstance(bookmark, Mapping) or bookmark.get("held") is None:
        return None
    held = bookmark["held"]
    if not isinstance(held, list):
        raise ConfigurationError(f"state: bookmarks.{stream}.held is not a list; restore the state from a copy")
    return [Entry.from_json(item, f"bookmarks.{stream}.held[{n}]") for n, item in enumerate(held)]


def with_held(state: Mapping[str, Any], held: Mapping[str, Iterable[Entry]]) -> dict[str, Any]:
    """A copy of a STATE value in which the lists of the given streams are replaced; nothing else changes."""
    merged: dict[str, Any] = copy.deepcopy(dict(state))
    bookmarks = merged.setdefault("bookmarks", {})
    for stream, entries in held.items():
        ordered = sorted(entries, key=lambda entry: (entry.first, entry.key))
        bookmarks.setdefault(stream, {})["held"] = [entry.to_json() for entry in ordered]
    return merged


def source_of(state: Mapping[str, Any], stream: str) -> str:
    """The source that a bookmark belongs to (``shop.shop1``), or ""."""
    bookmark = _bookmarks(state).get(stream)
    return str(bookmark.get("source") or "") if isinstance(bookmark, Mapping) else ""


def has_bookmark(state: Mapping[str, Any]) -> bool:
    """Whether any stream has come some way: a position, a record seen, or a held record."""
    for bookmark in _bookmarks(state).values():
        if isinstance(bookmark, Mapping) and (
            bookmark.get("replication_key_value") is not None or bookmark.get("seen") or bookmark.get("held")
        ):
            return True
    return False


def check_bookmark(state: Mapping[str, Any], stream: str, source: str) -> dict[str, Any]:
    """The bookmark of one stream, checked and brought to the present version.

    Args:
        state: The tap's input state.
        stream: Stream name.
        source: The source that the tap reads now (``shop.shop1``).

    Returns:
        A new dict with ``version``, ``source`` and ``held`` set and everything else as it was; without a position when
        the stream was never read.

    Raises:
        ConfigurationError: It is of another source, of a newer version, or not a bookmark; the text says the way out.
    """
    bookmark = _bookmarks(state).get(stream, {})
    if not isinstance(bookmark, Mapping):
        raise ConfigurationError(f"state: bookmarks.{stream} is not an object; restore the state from a copy")
    version = bookmark.get("version", 0)
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise ConfigurationError(f"state: bookmarks.{stream}.version is not a number; restore the state from a copy")
    if version > VERSION:
        raise ConfigurationError(
            f"state: bookmarks.{stream} has version {version}, this release reads up to {VERSION}: "
            "use the release that wrote it"
        )
    known = source_of(state, stream)
    if known and known != source:
        raise ConfigurationError(
            f"state: bookmarks.{stream} belongs to {known}, but the settings read {source}: give each shop its own "
            "plugin name (and so its own state), or restore this shop's state"
        )
    # Version 0 (plain Singer bookmarks, before the held protocol) has the same names for the position.
    checked = dict(bookmark)
    checked["version"] = VERSION
    checked["source"] = source
    checked["held"] = [entry.to_json() for entry in held_of(state, stream) or []]
    return checked


class HeldLists:
    """The held records of a run, per source stream, as the target keeps them.

    Args:
        limit: More new holds than this with one reason in one run are an outage.
        waits: Whether a reason says that a record only waits; however many of those are no outage.
    """

    def __init__(self, limit: int = HOLD_LIMIT, waits: Callable[[str], bool] = lambda _: False) -> None:
        self.limit = limit
        self.waits = waits
        self.new: Counter[str] = Counter()
        self._lists: dict[str, dict[str, Entry]] = {}
        self._known: set[tuple[str, str]] = set()
        self._tried: set[tuple[str, str]] = set()

    def begin(self, state: Mapping[str, Any]) -> None:
        """Take over the lists of the tap's first STATE; later calls only add streams not known yet."""
        for stream in _bookmarks(state):
            entries = held_of(state, stream)
            if entries is not None and stream not in self._lists:
                self._lists[stream] = {entry.key: entry for entry in entries}
                self._known.update((stream, entry.key) for entry in entries if not entry.waiting)

    def spoken(self, stream: str) -> bool:
        """Whether the tap keeps held records for this source stream."""
        return stream in self._lists

    def entries(self, stream: str) -> list[Entry]:
        """The records held now."""
        return list(self._lists.get(stream, {}).values())

    @property
    def streams(self) -> list[str]:
        """The streams for which the protocol is spoken."""
        return list(self._lists)

    def get(self, stream: str, key: str) -> Entry | None:
        """One held record."""
        return self._lists.get(stream, {}).get(key)

    def hold(
        self,
        stream: str,
        key: str,
        reason: str,
        subject: str,
        *,
        now: datetime,
        retry_after: timedelta | None = None,
    ) -> Entry:
        """Hold a record, or hold it again. Several failures in one run count as one attempt.

        Raises:
            KeyError: The protocol isn't spoken for this stream (ask `spoken` first).
            Outage: More than `limit` records are newly held for this one reason.
        """
        held = self._lists[stream]
        old = held.get(key)
        place = (stream, key)
        waiting = self.waits(reason)
        if old and place in self._tried and (waiting or not old.waiting):
            wait = max(retry_after or timedelta(), back_off(old.attempts))
            entry = Entry(key, reason, subject, old.first, old.attempts, now + wait, waiting)
        else:
            entry = again(old, key, reason, subject, now=now, retry_after=retry_after, waiting=waiting)
        held[key] = entry
        self._tried.add(place)
        if place not in self._known and not entry.waiting:
            self._known.add(place)
            self.new[reason] += 1
            if self.new[reason] > self.limit:
                raise Outage(
                    f"{self.new[reason]} records can't be loaded for one reason, {reason} (last: {subject or key}): "
                    "the run stops, nothing is skipped; remove the cause and run again, or raise hold_limit"
                )
        return entry

    def settle(self, stream: str, key: str) -> bool:
        """Drop a record from the list: loaded, gone, or given up by a person.

        Returns:
            Whether it was held.
        """
        return self._lists.get(stream, {}).pop(key, None) is not None

    def hurry(self, stream: str, key: str, now: datetime) -> None:
        """Make a held record due now (a person asked for it)."""
        entry = self.get(stream, key)
        if entry and entry.next > now:
            self._lists[stream][key] = replace(entry, next=now)

    def merge(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """A copy of a STATE value with our lists in it."""
        return with_held(state, {stream: entries.values() for stream, entries in self._lists.items()})


def _bookmarks(state: Mapping[str, Any]) -> Mapping[str, Any]:
    bookmarks = state.get("bookmarks") or {}
    if not isinstance(bookmarks, Mapping):
        raise ConfigurationError("state: `bookmarks` is not an object; restore the state from a copy")
    return bookmarks
