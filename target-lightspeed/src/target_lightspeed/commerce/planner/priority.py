"""Which part of the rate windows a run leaves to more important flows on the same key. Pure."""

from __future__ import annotations

from typing import Literal, get_args

Priority = Literal["orders", "stock", "prices", "content"]
PRIORITIES: tuple[str, ...] = get_args(Priority)
"""The most important first."""

Three = tuple[int, int, int]

LIMITS: Three = (300, 3_000, 12_000)
"""Calls per 5 minutes, hour and day and key (reference §4)."""

SHARES: dict[str, tuple[float, float, float]] = {
    "orders": (0, 0, 0),
    "stock": (0.1, 0.1, 0.1),
    "prices": (0.2, 0.25, 0.25),
    "content": (0.3, 0.5, 0.5),
}
"""Shares of the three windows that are left to what is more important; half is the most that the client keeps free."""

LONGEST_WAIT = 330
"""Seconds: a run with a priority waits for the 5-minute window only; the hour and the day belong to others then."""


def reserve_of(priority: Priority | None, reserve: Three) -> Three:
    """Calls of each window that are left to others.

    Args:
        priority: Of the run; None when it has none.
        reserve: What the settings leave in any case.
    """
    first, second, third = (
        max(kept, int(limit * share))
        for kept, limit, share in zip(reserve, LIMITS, SHARES[priority or "orders"], strict=True)
    )
    return first, second, third


def above(priority: Priority) -> str:
    """The flows that a run leaves its calls to, in words."""
    more = PRIORITIES[: PRIORITIES.index(priority)]
    return " and ".join(filter(None, [", ".join(more[:-1]), more[-1]])) if more else ""
