"""Local AFAS time and instants.

AFAS reads and prints Amsterdam local time. Its answers end with a `Z` that means nothing, and a `Z` in a filter is
refused (read-api 2.6, 2.8). Local time is not an instant: on the last Sunday of October 02:00-03:00 comes twice, on the
last Sunday of March it doesn't come at all.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def to_afas(instant: datetime) -> str:
    """The local time at an instant, as AFAS wants it in filters and fields.

    Args:
        instant: timezone-aware. Fractions of a second are cut off, as AFAS does in its rows.

    Returns:
        `YYYY-MM-DDTHH:MM:SS`, Amsterdam time, no `Z`.

    Raises:
        ValueError: the instant has no time zone.
    """
    return _text(_local(instant))


def from_afas(text: str, *, later: bool = False) -> datetime:
    """The instant that an AFAS local time means.

    Args:
        text: date and time (or a date: midnight) as in a row; a `Z` at the end is ignored.
        later: which of the two instants, when the hour comes twice. A time that never was (02:30 in March) is read as
            if the clock had not yet been put forward.

    Returns:
        The instant, in UTC. Don't use it for pure dates: midnight in Amsterdam is the day before in UTC.

    Raises:
        ValueError: not a date and time.
    """
    local = datetime.fromisoformat(text.removesuffix("Z"))
    if local.tzinfo is not None:
        raise ValueError("an AFAS time has no offset")
    return local.replace(tzinfo=AMSTERDAM, fold=1 if later else 0).astimezone(UTC)


def since(instant: datetime) -> str:
    """The lower end of a filter that misses nothing from an instant on.

    Everything that happens at or after `instant` has a local time at or after the text returned. That is the local time
    itself, except in the first of the two equal hours of October: what happens in the second one can carry an earlier
    local time, so the text is then the start of that hour.

    Args:
        instant: timezone-aware.

    Returns:
        `YYYY-MM-DDTHH:MM:SS`, Amsterdam time, no `Z`.

    Raises:
        ValueError: the instant has no time zone.
    """
    local = _local(instant)
    if local.fold == 0 and _is_ambiguous(local):
        local = local.replace(minute=0, second=0)  # European clocks go back from 03:00 to 02:00
    return _text(local)


def _is_ambiguous(local: datetime) -> bool:
    """Whether a local time comes twice (a time that never comes has two offsets too, but the other way round)."""
    first, second = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
    return first is not None and second is not None and first > second


def _local(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(AMSTERDAM)


def _text(local: datetime) -> str:
    return local.replace(tzinfo=None).isoformat(timespec="seconds")
