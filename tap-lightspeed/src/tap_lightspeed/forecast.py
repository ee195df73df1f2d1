"""How many calls a selection of streams will cost, told before anything is read.

The counts come from the `count` endpoints: one call per list. What is not counted: changes (each changed order costs a
call), due held keys, and repetitions after faults.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lightspeed_ecom import PAGE_SIZE, NotAuthorised, NotFound
from tap_lightspeed.listing import by_of
from tap_lightspeed.settings import BEGINNING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightspeed_ecom import Lightspeed
    from tap_lightspeed.resource import Resource
    from tap_lightspeed.settings import Settings

WINDOWS = ("5 minutes", "hour", "day")


@dataclass(frozen=True, slots=True)
class Group:
    """Streams that are made of one list.

    Attributes:
        source: The list.
        members: The selected streams.
    """

    source: Resource
    members: Sequence[Resource]


@dataclass(frozen=True, slots=True)
class Line:
    """What one stream costs.

    Attributes:
        stream: Its name.
        records: How many there are; ``None`` when only reading tells.
        first: Calls of the first run.
        quiet: Calls of a run in which nothing has changed.
        note: What else is to be said.
    """

    stream: str
    records: int | None
    first: int
    quiet: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """Records of a list that the first run will read, and, where each costs a call, how many of them it asks for."""

    listed: int
    asked: int


def count(shop: Lightspeed, source: Resource, settings: Settings) -> Counts | None:
    """Count the records of a list; ``None`` when it can't be read with this key.

    Raises:
        lightspeed_ecom.LightspeedError: The shop can't be read.
    """
    if source.single:
        return Counts(1, 1)
    start = settings.start(source.start_setting)
    since = start if source.replication_key and start > BEGINNING else None
    try:
        listed = shop.count(source.path, since=since, by=by_of(source))
        asked = shop.count(source.path, since=start, by="created_at") if source.cut_over else listed
    except (NotAuthorised, NotFound):
        return None
    return Counts(listed, min(asked, listed))


def lines(group: Group, counts: Counts | None, settings: Settings) -> list[Line]:
    """Return what the streams of a group cost; the first one bears the list.

    Args:
        group: The streams.
        counts: What `count` said of the source.
        settings: The tap's settings.
    """
    names = [one.name for one in group.members]
    if counts is None:
        return [Line(name, None, 0, 0, "can't be counted: no such list, or no right to it") for name in names]
    source, languages = group.source, len(settings.all_languages)
    spread = languages if any(one.texts and not one.called_under(settings) for one in group.members) else 1
    if source.single:
        return [Line(names[0], 1, languages if source.texts else 1, languages if source.texts else 1)]
    pages = reading(counts.listed, twice=not source.listed)
    first, quiet = pages * spread, 1 if source.replication_key else pages * spread
    if source.listed:
        first += counts.asked
    found = []
    for member in group.members:
        called = member.called_under(settings)
        own = counts.asked * (languages if member.texts else 1) if called else 0
        records = counts.asked if member is source else None
        notes = ["a call per parent" if called else "", "with " + names[0] if first == 0 and not called else ""]
        found.append(
            Line(
                member.name,
                records,
                first + own,
                quiet + (0 if source.replication_key else own),
                ", ".join(note for note in notes if note),
            )
        )
        first = quiet = 0
    return found


def reading(records: int, *, twice: bool = True) -> int:
    """Return the calls for reading a list whole: pages until one is not full; with several, a count and a second look.

    Args:
        records: How many there are.
        twice: Whether the first page is looked at twice.
    """
    return records // PAGE_SIZE + 1 + (1 + twice if records >= PAGE_SIZE else 0)


def usable(limits: Sequence[int], reserve: Sequence[int]) -> list[int]:
    """Return the calls of each window that this tap may use; a reserve never takes more than half of it."""
    return [limit - min(kept, limit // 2) for limit, kept in zip(limits, reserve, strict=True)]


def verdict(first: int, quiet: int, free: Sequence[int]) -> tuple[list[str], bool]:
    """Return what the calls mean for the three windows, and whether quiet runs fit at all.

    Args:
        first: Calls of the first run.
        quiet: Calls of a quiet run.
        free: Calls per 5 minutes, hour and day that may be used.
    """
    five, hour, day = free
    if first <= five:
        said = "fits into one 5-minute window"
    elif first <= hour:
        said = f"needs {math.ceil(first / five)} windows of 5 minutes"
    elif first <= day:
        said = f"needs {math.ceil(first / hour)} hours"
    else:
        said = f"can't fit into a day: it needs {math.ceil(first / day)} days, and goes on where it stopped"
    told = [f"first run: {first:,} calls, {said}"]
    if quiet > day:
        told.append(f"quiet run: {quiet:,} calls, can't fit into a day ({day:,}): select less")
        return told, False
    runs = day // max(quiet, 1)
    told.append(
        f"quiet run: {quiet:,} calls, at most {runs:,} a day (one every {math.ceil(24 * 60 / runs):,} minutes), less "
        "what changes cost"
    )
    return told, True


def table(found: Sequence[Line]) -> list[str]:
    """Return the lines as a table of text."""
    width = max([6, *(len(one.stream) for one in found)])
    rows = [f"{'stream':<{width}}  {'records':>9}  {'first run':>9}  {'quiet run':>9}"]
    for one in found:
        records = "" if one.records is None else f"{one.records:,}"
        row = f"{one.stream:<{width}}  {records:>9}  {one.first:>9,}  {one.quiet:>9,}"
        rows.append(f"{row}  {one.note}" if one.note else row)
    return rows
