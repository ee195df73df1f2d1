"""Reading a stream: held keys first, then the window. Knows nothing of Singer messages."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lightspeed_ecom import NotFound
from tap_lightspeed import listing
from tap_lightspeed.convert import Shape
from tap_lightspeed.window import Bookmark, Listed, due, frozen_end, text
from upsert import held

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lightspeed_ecom import Lightspeed, Page
    from tap_lightspeed.resource import Resource, Row
    from tap_lightspeed.settings import Settings

logger = logging.getLogger("tap-lightspeed")


@dataclass(frozen=True, slots=True)
class Portion:
    """Records to send, and what may be noted once they are sent.

    Attributes:
        records: The records, in order.
        handled: What the list showed of them.
        advance: Whether the bookmark follows them.
        end: The window's end, when it is handled completely.
    """

    records: list[Row]
    handled: Sequence[Listed] = ()
    advance: bool = False
    end: str | None = None

    def note(self, bookmark: Bookmark) -> None:
        """Note in the bookmark that the portion was sent."""
        for row in self.handled:
            bookmark.handle(row, advance=self.advance)
        if self.end is not None:
            bookmark.close(self.end)


@dataclass
class Reader:
    """Reads one resource.

    Attributes:
        shop: The client.
        resource: What to read.
        settings: The tap's settings.
        counts: What happened, for the summary: ``held`` re-read, ``gone``, ``missing``.
    """

    shop: Lightspeed
    resource: Resource
    settings: Settings
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._shape = Shape(self.resource.schema)
        self._start = text(self.settings.start(self.resource.start_setting))
        self._reread: set[int] = set()

    def fresh_bookmark(self) -> Bookmark:
        """Return the bookmark of a stream that was never read."""
        return Bookmark(self._start, dt.timedelta(minutes=self.settings.overlap_minutes))

    def bookmark(self, value: str, seen: dict[str, str]) -> Bookmark:
        """Return the bookmark of a state; a later start wins."""
        return Bookmark(max(value, self._start), dt.timedelta(minutes=self.settings.overlap_minutes), seen)

    def portions(self, bookmark: Bookmark, entries: Sequence[held.Entry]) -> Iterator[Portion]:
        """Read what is due, in portions; note each in the bookmark before you ask for the next.

        Args:
            bookmark: Where the stream stands.
            entries: The held records of the stream.

        Raises:
            lightspeed_ecom.LightspeedError: The shop can't be read any further.
        """
        since = dt.datetime.fromisoformat(bookmark.lower) if self.resource.replication_key else None
        pages = listing.read(self.shop, self.resource, since, self._changed, self._shape.record)
        first = next(pages)
        newest = max((self._changed(row) for row in first.rows), default="")
        settle = dt.timedelta(seconds=self.settings.settle_seconds)
        end = frozen_end(first.server_time, settle, newest, bookmark.value)
        yield from self._held(entries, first.server_time)
        if self.resource.replication_key is None:
            yield from self._everything(first, pages)
        elif self.resource.listed:
            yield from self._one_by_one(first, pages, bookmark, end)
        else:
            yield from self._by_page(first, pages, bookmark, end)

    def _changed(self, row: Row) -> str:
        value = row.get(self.resource.replication_key or "") or row.get("createdAt")
        return value if isinstance(value, str) else ""

    # held keys

    def _held(self, entries: Sequence[held.Entry], now: dt.datetime | None) -> Iterator[Portion]:
        """Read the due held keys again; one that is gone or out of the filter is settled with ``_gone``."""
        for entry in held.due(entries, now or dt.datetime.now(dt.UTC)):
            if not entry.key.isdecimal():
                logger.warning(
                    "%s: held key %r is not an id of this stream; it stays held", self.resource.name, entry.key
                )
                continue
            number = int(entry.key)
            self._reread.add(number)
            self.counts["held"] += 1
            # It was there when it was held: a 404 may be a passing one, and believing it once would lose the record.
            row = self._fetch(number)
            if row is None or not self._in_scope(row):
                self.counts["gone"] += 1
                yield Portion([self._signed({"id": number, "_gone": True})])
            else:
                yield Portion([self._signed(row)])

    # the window

    def _one_by_one(self, first: Page, pages: Iterator[Page], bookmark: Bookmark, end: str) -> Iterator[Portion]:
        """List everything, then read each record by its id, oldest change first."""
        rows = self._listed(first, end)
        for page in pages:
            rows += self._listed(page, end)
        for row in due(rows, bookmark, end):
            if row.id in self._reread:
                yield Portion([], [row], advance=True)
                continue
            full = self._fetch(row.id)
            if full is None:
                # Not noted: while the list shows it, the next runs ask again.
                self.counts["missing"] += 1
                logger.warning("%s: %d is in the list but can't be read (404); skipped", self.resource.name, row.id)
            else:
                # It may have changed since it was listed; then the list shows it again.
                yield Portion([self._signed(full)] if self._in_scope(full) else [], [row], advance=True)
        yield Portion([], end=end)

    def _by_page(self, first: Page, pages: Iterator[Page], bookmark: Bookmark, end: str) -> Iterator[Portion]:
        """Send the rows of the list as they come: one page is in memory, and the bookmark waits for the end."""
        page: Page | None = first
        while page is not None:
            rows = {row["id"]: row for row in page.rows}
            news = due(self._listed(page, end), bookmark, end)
            records = [self._signed(rows[row.id]) for row in news if row.id not in self._reread]
            yield Portion(records, news)
            page = next(pages, None)
        yield Portion([], end=end)

    def _everything(self, first: Page, pages: Iterator[Page]) -> Iterator[Portion]:
        """Send every row once."""
        sent: set[int] = set(self._reread)
        page: Page | None = first
        while page is not None:
            rows = {row["id"]: row for row in page.rows if row["id"] not in sent}
            sent.update(rows)
            yield Portion([self._signed(row) for row in rows.values()])
            page = next(pages, None)

    def _listed(self, page: Page, end: str) -> list[Listed]:
        """Keep of a page only what may be due."""
        return [Listed(self._changed(row) or end, row["id"]) for row in page.rows if self._in_scope(row)]

    def _in_scope(self, row: Row) -> bool:
        if self.resource.cut_over:
            created = row.get("createdAt")
            if isinstance(created, str) and created < self._start:
                return False
        wanted = self.resource.wanted
        return wanted is None or wanted(row, self.settings)

    # one record

    def _fetch(self, number: int) -> Row | None:
        """Read a record that was seen before; None when a 404 doesn't pass."""
        try:
            row = self.shop.get(f"{self.resource.path}/{number}", expected=True, regular=self._shape.record)
        except NotFound:
            return None
        return self.resource.complete(self.shop, row, self._shape) if self.resource.complete else row

    def _signed(self, row: Row) -> Row:
        row["_source_stream"] = self.resource.name
        row["_source_key"] = str(row["id"])
        row["_shop"] = self.settings.shop
        return row
