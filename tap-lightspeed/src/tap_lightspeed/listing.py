"""Reading a whole list that shifts while it is read, and knowing that nothing was missed."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lightspeed_ecom import PAGE_SIZE
from tap_lightspeed.window import text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Generator, Iterator, Sequence

    from lightspeed_ecom import Lightspeed, Page
    from tap_lightspeed.resource import Resource, Row

logger = logging.getLogger("tap-lightspeed")

_SURE = 100
"""Rows after which a list whose ids have fallen so far is one that is newest first."""

PASSES = 3
"""Readings of one list before a gap that doesn't close is accepted."""


@dataclass(slots=True, kw_only=True)
class Listing:
    """One reading of a list.

    Attributes:
        shop: The client.
        resource: What to list.
        regular: Makes a row a record.
        changed: The time of change of a row (UTC text), or "" when it has none.
        since: Lower bound of the filter, or ``None`` for everything.
        fields: Only these fields.
        language: Of the texts; ``None`` for the client's.
        complete: Whether, as far as can be known, nothing was missed; only after the last page.
    """

    shop: Lightspeed
    resource: Resource
    regular: Callable[[Row], Row]
    changed: Callable[[Row], str]
    since: dt.datetime | None = None
    fields: Sequence[str] = ()
    language: str | None = None
    complete: bool = False

    def pages(self) -> Iterator[Page]:
        """Read the list page by page, with duplicates, without gaps.

        Lists are newest first: a new record pushes others to the next page and shows them twice. A record that is
        *deleted* pulls others to the page before, where nobody looks any more. So the records of a list with more than
        a page are counted, and then read from the start: what was deleted before the count is in neither. When fewer
        were seen than counted, the list is read once more. That also finds what fell between two pages that were asked
        for at once, the second answered first. Records that changed since the count don't count: they may
        have come into the list in the meantime, and hide a gap.
        """
        first = next(self._from_start())
        yield first
        if not first.full:
            self.complete = True
            return
        for number in range(1, PASSES + 1):
            # Orders, which are listed for their ids, can't be deleted: their first page needs no second look.
            missing = yield from self._once(first if number == 1 and self.resource.listed else None)
            if not missing:
                self.complete = True
                return
            logger.info(
                "%s: %d records fewer than counted, the list moved while it was read%s",
                self.resource.name,
                missing,
                "; reading it again"
                if number < PASSES
                else " and does so still; what is missing comes with its next change",
            )

    def _from_start(self, number: int = 1, counted: int = 0) -> Iterator[Page]:
        return self.shop.pages(
            self.resource.path,
            limit=PAGE_SIZE,
            fields=self.fields or None,
            since=self.since,
            by=by_of(self.resource),
            language=self.language,
            regular=self.regular,
            first=number,
            expected=-(-counted // PAGE_SIZE),
        )

    def _once(self, first: Page | None) -> Generator[Page, None, int]:
        """Count the list, read it, and return how many records are missing for sure or perhaps.

        Args:
            first: Its first page, when that needn't be read again.
        """
        counted = self.shop.count(self.resource.path, since=self.since, by=by_of(self.resource))
        now = self.shop.date
        counted_at = text(now) if now else ""
        rows = _Met()
        if first is not None:
            self._meet(rows, first, counted_at)
        for page in self._from_start(1 if first is None else 2, counted):
            self._meet(rows, page, counted_at)
            yield page
        return max(0, counted - rows.settled)

    def _meet(self, rows: _Met, page: Page, counted_at: str) -> None:
        for row in page.rows:
            rows.add(row.get("id"), not counted_at or self.changed(row) < counted_at)


class _Met:
    """Counts the different rows of a list, without remembering them where their ids fall."""

    def __init__(self) -> None:
        self._lowest: int | None = None
        self._known: set[object] | None = None
        self._first: list[object] = []
        self.settled = 0

    def add(self, number: object, settled: bool) -> None:
        """Count a row.

        Args:
            number: Its id.
            settled: Whether it counts.
        """
        if self._known is not None:
            if number not in self._known:
                self._known.add(number)
                self.settled += settled
        elif isinstance(number, int) and (self._lowest is None or number < self._lowest):
            self._lowest = number
            self.settled += settled
            if len(self._first) < _SURE:
                self._first.append(number)
        elif len(self._first) < _SURE and number not in self._first:
            # Not newest first after all.
            self._known = {*self._first, number}
            self.settled += settled


def by_of(resource: Resource) -> Literal["updated_at", "created_at"]:
    """Return by which date the list of a resource is filtered."""
    return "created_at" if resource.replication_key == "createdAt" else "updated_at"
