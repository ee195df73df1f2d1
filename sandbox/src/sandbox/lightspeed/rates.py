"""Three rate windows per key, aligned to the clock: five minutes, an hour, a day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
Three = tuple[int, int, int]


def parse(text: str) -> Three:
    """Limits from "300/3000/12000".

    Raises:
        ValueError: it is not three whole numbers.
    """
    parts = [int(part) for part in text.split("/")]
    if len(parts) != 3:
        raise ValueError(f"limits are three numbers such as 300/3000/12000, not {text!r}")
    return parts[0], parts[1], parts[2]


def ends(now: datetime, zone: ZoneInfo | None) -> tuple[datetime, datetime, datetime]:
    """When the three windows that hold `now` close; the day's midnight is that of `zone` (None: UTC)."""
    minute = now.replace(second=0, microsecond=0)
    five = minute - timedelta(minutes=minute.minute % 5) + timedelta(minutes=5)
    hour = minute.replace(minute=0) + timedelta(hours=1)
    local = now.astimezone(zone or UTC)
    midnight = (local.replace(tzinfo=None) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return five, hour, midnight.replace(tzinfo=zone or UTC).astimezone(UTC)


@dataclass(slots=True)
class Windows:
    """How much of its windows one key has used."""

    used: list[int] = field(default_factory=lambda: [0, 0, 0])
    until: list[datetime | None] = field(default_factory=lambda: [None, None, None])

    def spend(self, now: datetime, limits: Three, zone: ZoneInfo | None) -> bool:
        """Count one call; False when a window is empty (then nothing is counted)."""
        self._turn(now, zone)
        if any(used >= limit for used, limit in zip(self.used, limits, strict=True)):
            return False
        self.used = [used + 1 for used in self.used]
        return True

    def remaining(self, limits: Three, *, refused: bool) -> list[int]:
        """Calls left per window; -1 for an empty one in an answer that refuses."""
        left = [limit - used for used, limit in zip(self.used, limits, strict=True)]
        return [-1 if refused and rest <= 0 else max(rest, 0) for rest in left]

    def resets(self, now: datetime, zone: ZoneInfo | None) -> list[int]:
        """Seconds until each window closes, rounded up."""
        return [max(0, -int(-(end - now).total_seconds() // 1)) for end in ends(now, zone)]

    def headers(self, now: datetime, limits: Three, zone: ZoneInfo | None, *, refused: bool = False) -> dict[str, str]:
        """The three headers."""
        self._turn(now, zone)
        rows = (limits, self.remaining(limits, refused=refused), self.resets(now, zone))
        return {name: "/".join(map(str, row)) for name, row in zip(HEADERS, rows, strict=True)}

    def _turn(self, now: datetime, zone: ZoneInfo | None) -> None:
        for index, end in enumerate(ends(now, zone)):
            # A window is its end: a clock that was set back begins a new one as well.
            if self.until[index] != end:
                self.until[index], self.used[index] = end, 0
