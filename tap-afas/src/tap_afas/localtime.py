"""AFAS's local times as text, made UTC quickly: rows of one hour share one look-up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afas_profit import from_afas

if TYPE_CHECKING:
    from collections.abc import Callable

_WHOLE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?\Z")
_MOST_HOURS = 50_000

_hours: dict[str, str] = {}


def moment(text: str) -> str:
    """The instant that an AFAS time means, as `2026-11-01T10:00:00Z`.

    In the hour of October that comes twice the first one is meant: AFAS doesn't say which.

    Raises:
        ValueError: Not a date and time.
    """
    if len(text) not in (19, 20) or text[19:] not in ("", "Z"):
        return _exactly(text)
    hour = text[:13]
    shifted = _hours.get(hour)
    if shifted is None:
        shifted = _shifted(hour)
    if not shifted:
        return _exactly(text)
    return f"{shifted}{text[13:19]}Z"


def auto(text: str) -> str:
    """As `moment`, but midnight is taken for a date without a time and stays that day's midnight, in UTC."""
    return f"{text[:10]}T00:00:00Z" if text[11:19] == "00:00:00" else moment(text)


def day(text: str) -> str:
    """The date alone.

    Raises:
        ValueError: Not a date and time.
    """
    if not _WHOLE.match(text):
        raise ValueError("not a date")
    return text[:10]


def has_time(text: str) -> bool:
    """Whether a value has a time of day other than midnight."""
    return text[11:19] not in ("", "00:00:00")


FORMS: dict[str, tuple[Callable[[str], str], str]] = {
    "moment": (moment, "date-time"),
    "auto": (auto, "date-time"),
    "date": (day, "date"),
}
"""How a date field is sent: the function and the schema's format."""


def _shifted(hour: str) -> str:
    """The hour in UTC; "" when the zone was not a whole number of hours from it (before 1940), or there is no such."""
    if len(_hours) >= _MOST_HOURS:
        _hours.clear()
    try:
        instant = from_afas(f"{hour}:00:00")
    except OverflowError:  # the first day of the calendar
        _hours[hour] = hour
        return hour
    _hours[hour] = "" if instant.minute or instant.second else instant.isoformat()[:13]
    return _hours[hour]


def _exactly(text: str) -> str:
    try:
        instant = from_afas(text)
    except OverflowError:
        return f"{text[:19]}Z"
    return instant.isoformat(timespec="microseconds" if instant.microsecond else "seconds").replace("+00:00", "Z")
