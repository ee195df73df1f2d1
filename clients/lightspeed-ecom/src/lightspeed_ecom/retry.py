"""When to try again, and after how long. Pure decisions."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate_to_datetime

from lightspeed_ecom.errors import InDoubt, LightspeedError, NotFound, NotSent, Unavailable

BASE = 0.5
CAP = 30.0
LONGEST_RETRY_AFTER = 120.0
"""Seconds of ``Retry-After`` that are waited inside a call; a longer absence is the caller's business."""
MISSING_PAUSES = (2.0, 5.0)
"""A fresh order's children are missing for a moment; two spaced repeats."""
BLIND_PAUSES = (60.0, 300.0)
"""Waits after a 429 that says nothing about its windows: a minute, then the whole 5-minute window."""

_ORDER_CHILD = re.compile(r"orders/\d+/.")


def retry_after(text: str | None, now: dt.datetime) -> float | None:
    """Return the seconds of a ``Retry-After``: absent, seconds, an HTTP date or an ISO date.

    Args:
        text: The header.
        now: The shop's own instant (UTC).
    """
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    when = instant(text)
    return None if when is None else max(0.0, (when - now).total_seconds())


def instant(text: str | None) -> dt.datetime | None:
    """Return an HTTP date or an ISO date as an aware instant in UTC; ``None`` when it is neither."""
    if not text:
        return None
    for parse in (parsedate_to_datetime, dt.datetime.fromisoformat):
        try:
            when = parse(text)
        except (ValueError, TypeError):
            continue
        return when.astimezone(dt.UTC) if when.tzinfo else when.replace(tzinfo=dt.UTC)
    return None


def pause(
    error: LightspeedError,
    *,
    verb: str,
    path: str,
    attempt: int,
    attempts: int,
    missing: int,
    jitter: float,
    expected: bool = False,
    repeat_writes: bool = True,
) -> float | None:
    """Return the seconds to wait before the next try, or ``None`` to give up.

    Args:
        error: What the last try gave.
        verb: ``GET``, ``POST``, ``PUT`` or ``DELETE``. A POST is repeated only when nothing was sent.
        path: Path without language.
        attempt: Tries so far, the first being 1.
        attempts: Tries in all.
        missing: How many of them gave a 404.
        jitter: A random number from 0 to 1.
        expected: The record is known to exist, so a 404 may be one of the passing ones.
        repeat_writes: Whether PUT and DELETE may be repeated when no answer came.
    """
    if isinstance(error, NotFound):
        if verb == "GET" and (expected or _ORDER_CHILD.match(path)) and missing <= len(MISSING_PAUSES):
            return MISSING_PAUSES[missing - 1]
        return None
    if attempt >= attempts or not isinstance(error, NotSent | Unavailable | InDoubt):
        return None
    repeatable = verb == "GET" or (repeat_writes and verb != "POST")
    if not repeatable and not isinstance(error, NotSent):
        return None
    told = error.retry_after if isinstance(error, Unavailable) else None
    if told is not None:
        return told if told <= LONGEST_RETRY_AFTER else None
    return min(CAP, BASE * 2.0**attempt) * (0.5 + jitter / 2)
