"""The three rate windows of a key, as the answers tell them. Pure: no clock, no sleep.

The shop counts 300 calls per 5 minutes, 3,000 per hour and 12,000 per day and key, in fixed windows on its own clock,
and says in every answer what is left and in how many seconds each window closes. The own clock serves only to count
the seconds since that answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

WINDOWS = ("5-minute", "hour", "day")
MARGIN = 1.0
"""Seconds added to a reset, which the shop gives in whole seconds."""

_SAME = 60.0
"""Seconds between the ends that two answers tell of one window: they are rounded, and answers may be slow."""

INSTANT = 0.001
"""Seconds that aren't worth a wait (and may be too few to move a clock)."""

Three = tuple[int, int, int]


def _three(text: str | None) -> Three | None:
    """Cut ``"299/2999/11999"`` into numbers; ``None`` when it is anything else."""
    try:
        first, second, third = (int(part) for part in (text or "").split("/"))
    except ValueError:
        return None
    return first, second, third


@dataclass(frozen=True, slots=True)
class Pause:
    """A wait before the next call: seconds, and the window that asks for it."""

    seconds: float
    window: str
    left: int
    limit: int
    reserve: int


@dataclass(frozen=True, slots=True)
class Budget:
    """What is left in each window and when it closes, counted from ``at``.

    Attributes:
        limit: Calls per window.
        left: Calls left per window; -1 in a window that has refused a call.
        reset: Seconds from ``at`` until each window closes.
        at: Monotonic seconds at which the answer arrived.
    """

    limit: Three
    left: Three
    reset: Three
    at: float

    @classmethod
    def read(cls, headers: Mapping[str, str], at: float) -> Budget | None:
        """Read the ``X-RateLimit-*`` headers of an answer; ``None`` when they are missing or odd."""
        left, reset = _three(headers.get("x-ratelimit-remaining")), _three(headers.get("x-ratelimit-reset"))
        if left is None or reset is None:
            return None
        return cls(_three(headers.get("x-ratelimit-limit")) or (300, 3_000, 12_000), left, reset, at)

    def spend(self) -> Budget:
        """Return the budget after one more call, until the shop's own count replaces it."""
        first, second, third = self.left
        return replace(self, left=(first - 1, second - 1, third - 1))

    def told(self, news: Budget) -> Budget:
        """Return the budget after an answer.

        Answers may overtake each other, and none knows of the calls that are still under way: as long as it speaks of
        the same window, the lower count holds.
        """
        first, second, third = (
            min(left, new) if limit == new_limit and abs(self.at + reset - news.at - new_reset) < _SAME else new
            for limit, left, reset, new_limit, new, new_reset in zip(
                self.limit, self.left, self.reset, news.limit, news.left, news.reset, strict=True
            )
        )
        return replace(news, left=(first, second, third))

    def now_left(self, now: float) -> Three:
        """Return what is left at monotonic ``now``; a window that has closed since counts as full again."""
        past = now - self.at
        first, second, third = (
            limit if past >= reset + MARGIN else left
            for limit, left, reset in zip(self.limit, self.left, self.reset, strict=True)
        )
        return first, second, third

    def pause(self, now: float, reserve: Three) -> Pause | None:
        """Return the wait that keeps ``reserve`` calls of each window free for others, or ``None``.

        A reserve never takes more than half of a window, so that a small window still lets us through.
        """
        past = now - self.at
        worst: Pause | None = None
        for name, limit, left, reset, wanted in zip(WINDOWS, self.limit, self.left, self.reset, reserve, strict=True):
            kept = min(wanted, limit // 2)
            seconds = reset + MARGIN - past
            if left <= kept and seconds > INSTANT and (worst is None or seconds > worst.seconds):
                worst = Pause(seconds, name, max(left, 0), limit, kept)
        return worst

    def refused(self, now: float) -> Pause | None:
        """Return the wait after a 429: until the last of the empty windows closes; ``None`` when none says empty."""
        return self.pause(now, (0, 0, 0))
