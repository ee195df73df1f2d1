"""The two clocks a client needs, as an interface so that tests can turn them by hand."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the client asks of time. Any object with these three methods will do."""

    def now(self) -> datetime:
        """The host's wall clock, timezone-aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""
        ...


class SystemClock:
    """The host's own clocks."""

    def now(self) -> datetime:
        """The host's wall clock, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """`time.monotonic`, in seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """`time.sleep`."""
        time.sleep(seconds)


SYSTEM_CLOCK: Clock = SystemClock()
