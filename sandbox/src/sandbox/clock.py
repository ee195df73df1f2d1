"""The clock of a sandbox: real time with an offset, or a frozen time that only moves when told.

Both services of one process share one clock, so that "900 seconds later" is the same moment for both.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


class SandboxClock:
    """Time as the sandbox sees it; all instants are timezone-aware UTC."""

    def __init__(self, start: datetime | None = None, *, frozen: bool = False) -> None:
        """Start at `start` (default: the machine's time); `frozen` time stands still until it is moved."""
        self._lock = threading.RLock()
        self._parent: SandboxClock | None = None
        self._skew = timedelta()
        self._frozen = frozen
        self._base = time.monotonic()
        self._at = _utc(start) if start else datetime.now(UTC)
        self._pinned: datetime | None = None

    def child(self, skew: float = 0) -> SandboxClock:
        """A clock that moves with this one and shows `skew` seconds more (see `skew`)."""
        clock = SandboxClock(self.now())
        clock._parent = self
        clock.skew = skew
        return clock

    @property
    def skew(self) -> float:
        """Seconds that this clock is ahead of the one it follows; 0 for a clock of its own."""
        return self._skew.total_seconds()

    @skew.setter
    def skew(self, seconds: float) -> None:
        self._skew = timedelta(seconds=seconds)

    @property
    def frozen(self) -> bool:
        """True while time stands still."""
        return self._parent.frozen if self._parent else self._frozen

    def now(self) -> datetime:
        """The present instant, in UTC."""
        with self._lock:
            if self._pinned is not None:
                return self._pinned
            if self._parent is not None:
                return self._parent.now() + self._skew
            if self._frozen:
                return self._at + self._skew
            return self._at + self._skew + timedelta(seconds=time.monotonic() - self._base)

    def local(self, zone: ZoneInfo = AMSTERDAM) -> datetime:
        """The present instant in a time zone."""
        return self.now().astimezone(zone)

    def set(self, instant: datetime) -> None:
        """Go to an instant (backwards is allowed); an instant without zone is UTC. Moves every clock of the family."""
        if self._parent is not None:
            self._parent.set(_utc(instant) - self._skew)
            return
        with self._lock:
            self._at, self._base = _utc(instant) - self._skew, time.monotonic()

    def advance(self, seconds: float) -> None:
        """Move by a number of seconds (negative: back). Moves every clock of the family."""
        with self._lock:
            if self._parent is not None:
                self._parent.advance(seconds)
            else:
                self._at += timedelta(seconds=seconds)

    def freeze(self, frozen: bool = True) -> None:
        """Stop time, or let it run on from where it stands."""
        if self._parent is not None:
            self._parent.freeze(frozen)
            return
        with self._lock:
            if not self._frozen:
                self._at += timedelta(seconds=time.monotonic() - self._base)
            self._base, self._frozen = time.monotonic(), frozen

    @contextmanager
    def at(self, instant: datetime) -> Iterator[None]:
        """Within the block `now` is `instant`: work that was due earlier is stamped with its own moment."""
        with self._lock:
            before, self._pinned = self._pinned, _utc(instant)
            try:
                yield
            finally:
                self._pinned = before


def _utc(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
