"""Reading a whole list that shifts while it is read, and knowing that nothing was missed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from lightspeed_ecom import PAGE_SIZE
from tap_lightspeed.window import text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Generator, Iterator

    from lightspeed_ecom import Lightspeed, Page
    from tap_lightspeed.resource import Resource, Row

logger = logging.getLogger("tap-lightspeed")

PASSES = 3
"""Readings of one list before a gap that doesn't close is accepted."""


def read(
    shop: Lightspeed,
    resource: Resource,
    since: dt.datetime | None,
    changed: Callable[[Row], str],
    regular: Callable[[Row], Row],
) -> Iterator[Page]:
    """Read the list of what changed since an instant, page by page, with duplicates, without gaps.

    Lists are newest first: a new record pushes others to the next page and shows them twice. A record that is *deleted*
    pulls others to the page before, where nobody looks any more. So the records are counted after the first full page,
    and when fewer were seen than counted, the list is read once more. Records that changed since the count don't count:
    they may have come into the list in the meantime, and hide a gap.

    Args:
        shop: The client.
        resource: What to list.
        since: Lower bound of the filter, or ``None`` for everything.
        changed: The time of change of a row (UTC text), or "" when it has none.
        regular: Makes a row a record.
    """
    for number in range(1, PASSES + 1):
        missing = yield from _once(shop, resource, since, changed, regular)
        if not missing:
            return
        logger.info(
            "%s: %d records fewer than counted, the list moved while it was read%s",
            resource.name,
            missing,
            "; reading it again"
            if number < PASSES
            else " and does so still; what is missing comes with its next change",
        )


def _once(
    shop: Lightspeed,
    resource: Resource,
    since: dt.datetime | None,
    changed: Callable[[Row], str],
    regular: Callable[[Row], Row],
) -> Generator[Page, None, int]:
    """Read the list once and return how many records are missing for sure or perhaps."""
    rows: dict[object, str] = {}
    counted, counted_at = 0, ""
    for page in shop.pages(resource.path, limit=PAGE_SIZE, fields=resource.listed, since=since, regular=regular):
        rows.update((row.get("id"), changed(row)) for row in page.rows)
        if page.number == 1 and page.full:
            counted = shop.count(resource.path, since=since)
            now = shop.date
            counted_at = text(now) if now else ""
        yield page
    settled = sum(1 for time in rows.values() if time < counted_at) if counted_at else len(rows)
    return max(0, counted - settled)
