"""Reading a resource and all streams made of it: held keys first, then what is due. Knows nothing of Singer messages.

One reading serves several streams: a list of products with their images makes both the stream of products and that of
images, and a list of invoices shows whose items must be asked for.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from tap_lightspeed.convert import Shape
from tap_lightspeed.ids import Ids
from tap_lightspeed.listing import Listing
from tap_lightspeed.member import Member, Portion
from tap_lightspeed.records import Records
from tap_lightspeed.resource import LANGUAGE
from tap_lightspeed.settings import BEGINNING
from tap_lightspeed.snapshot import SURE, Snapshot, believable, fingerprint
from tap_lightspeed.window import Bookmark, Listed, due, frozen_end, moment, text
from upsert import held

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lightspeed_ecom import Lightspeed, Page
    from tap_lightspeed.resource import Resource, Row
    from tap_lightspeed.settings import Settings

logger = logging.getLogger("tap-lightspeed")


@dataclass
class Reader:
    """Reads one resource.

    Attributes:
        shop: The client.
        source: What to read.
        members: The streams that are made of it; `source` itself need not be among them.
        settings: The tap's settings.
    """

    shop: Lightspeed
    source: Resource
    members: Sequence[Member]
    settings: Settings

    def __post_init__(self) -> None:
        shapes = (one.shape for one in self.members if one.resource is self.source)
        self._shape = next(shapes, None) or Shape(self.source.schema)
        self._start = text(self.settings.start(self.source.start_setting))
        self._records = Records(self.shop, self.source, self._shape, self.settings)
        self._more = self._records.more_languages
        self._rows_per_language = any(one.resource.texts and not one.called for one in self.members)

    def portions(self) -> Iterator[Portion]:
        """Read what is due, in portions; note each before you ask for the next.

        Raises:
            lightspeed_ecom.LightspeedError: The shop can't be read any further.
        """
        if self.source.single:
            yield from self._single()
            return
        bookmarks = [one.position for one in self.members if isinstance(one.position, Bookmark)]
        listing = self._listing(min((one.lower for one in bookmarks), default=None))
        pages = listing.pages()
        first = next(pages)
        now = first.server_time or dt.datetime.now(dt.UTC)
        if listing.since is not None and listing.since > now:
            # Nothing can be due; a bookmark from there would pass what comes until then, also under another start.
            logger.warning(
                "%s: nothing is read before %s, which lies in the future: by the start date in the settings, or by "
                "the bookmark",
                self.source.name,
                text(min(moment(one.value) for one in bookmarks)),
            )
            yield from self._held(now)
            return
        if not bookmarks:
            yield from self._held(now)
            yield from self._everything(listing, chain([first], pages))
            return
        newest = max((self._records.changed(row) for row in first.rows), default="")
        settle = dt.timedelta(seconds=self.settings.settle_seconds)
        end = frozen_end(first.server_time, settle, newest, max(one.value for one in bookmarks))
        yield from self._held(now)
        if self.source.listed:
            yield from self._one_by_one(chain([first], pages), end)
        elif any(list(map(Bookmark.open, bookmarks, [end] * len(bookmarks)))):
            # Broken off in an earlier run: first to its end, then on to the present.
            yield from self._by_page(listing, chain([first], pages))
            for one in bookmarks:
                one.open(end)
            listing = self._listing(min(one.lower for one in bookmarks))
            yield from self._by_page(listing, listing.pages())
        else:
            yield from self._by_page(listing, chain([first], pages))
        for member in self.members:
            if member.compare and member.ids is not None and member.failure is None:
                yield from self._compare(member, member.ids)

    def _listing(self, lower: str | None, language: str | None = None) -> Listing:
        since = None if lower is None else dt.datetime.fromisoformat(lower)
        if since is not None and since < BEGINNING:
            since = None
        fields = self.source.listed
        if not fields and all(one.called for one in self.members):
            fields = tuple(dict.fromkeys(name for name in ("id", self.source.replication_key, "createdAt") if name))
        return Listing(
            shop=self.shop,
            resource=self.source,
            regular=self._shape.record,
            changed=self._records.changed,
            since=since,
            fields=fields,
            language=language,
        )

    # held keys

    def _held(self, now: dt.datetime) -> Iterator[Portion]:
        """Read the due held keys again; one that is gone or out of the filter is settled with ``_gone``.

        What was told as deleted before, and is held, is told so again: it is the deletion that wasn't done yet.
        """
        for member in self.members:
            for entry in held.due(member.entries, now):
                if not self._is_key(member, entry.key):
                    logger.warning(
                        "%s: held key %r is not one of this stream; it stays held", member.resource.name, entry.key
                    )
                    continue
                member.reread.add(entry.key)
                member.counts["held"] += 1
                # It was there when it was held: a 404 may be a passing one; believing it once would lose the record.
                records = self._again(member, entry.key, expected=True)
                if member.failure is not None:
                    break
                if not records and _parent_of(entry.key) in member.unsure:
                    continue
                if not records:
                    member.counts["gone"] += 1
                    told = _was_told(member, entry.key)
                    records = self._records.without(member, entry.key, self._deletion() if told else {"_gone": True})
                yield Portion([(member, records)])

    def _is_key(self, member: Member, key: str) -> bool:
        if not member.resource.parent:
            return key.isdecimal()
        parent, _, own = key.partition("/")
        return parent.isdecimal() and bool(own) and (member.resource.text_id or own.isdecimal())

    def _again(self, member: Member, key: str, *, expected: bool) -> list[Row]:
        """Read a record by its key, in every language; nothing when it is gone or out of the filter."""
        records: list[Row] = []
        for language in self._records.languages_of(member):
            row = self._records.fetch(int(key.partition("/")[0]), language, expected=expected)
            if row is not None and self._in_scope(row):
                records += [one for one in self._records.made_of(member, row, language) if one["_source_key"] == key]
        return records

    # windows

    def _one_by_one(self, pages: Iterator[Page], end: str) -> Iterator[Portion]:
        """List everything, then read each record by its id, oldest change first."""
        rows: list[Listed] = []
        for page in pages:
            rows += self._listed(page, end)
        for row, members in self._due(rows, dict.fromkeys(self.members, end)):
            if not members:
                yield Portion((), [row], advance=True)
                continue
            full = self._records.fetch(row.id, None, expected=True)
            if full is None:
                # Not noted: while the list shows it, the next runs ask again.
                for member in members:
                    member.counts["missing"] += 1
                logger.warning("%s: %d is in the list but can't be read (404); skipped", self.source.name, row.id)
                continue
            # It may have changed since it was listed; then the list shows it again.
            records = [(one, self._records.made_of(one, full, None)) for one in members] if self._in_scope(full) else ()
            yield Portion(records, [row], advance=True)
        yield Portion((), end=end)

    def _by_page(self, listing: Listing, pages: Iterator[Page]) -> Iterator[Portion]:
        """Send the rows of the list as they come: one page is in memory, and the bookmarks wait for the end."""
        waiting: dict[int, tuple[Listed, list[Member]]] = {}
        more = self._more if self._rows_per_language else ()
        ends = {one: one.bookmark.window.end for one in self.members if one.bookmark.window is not None}
        end = max(ends.values())
        for page in pages:
            rows = {row["id"]: row for row in page.rows if row.get("id")}
            news = self._due(self._listed(page, end), ends)
            if more:
                # Noted when all languages are read.
                news = [one for one in news if waiting.get(one[0].id, (None,))[0] != one[0]]
                waiting.update((row.id, (row, members)) for row, members in news)
            yield from self._sent(news, rows, noted=not more)
        for language in more if waiting else ():
            yield from self._in_language(listing, language, waiting)
        yield Portion((), self._sure(row for row, _ in waiting.values()), end=end)

    def _sure(self, rows: Iterable[Listed]) -> list[Listed]:
        """Leave out records whose own rows were not found: while the list shows them, the next runs ask again."""
        unsure: set[int] = set().union(*(one.unsure for one in self.members))
        return [row for row in rows if row.id not in unsure] if unsure else list(rows)

    def _sent(self, news: list[tuple[Listed, list[Member]]], rows: dict[int, Row], *, noted: bool) -> Iterator[Portion]:
        """Make portions of a page: one, or one per row where rows cost calls."""
        step = 1 if any(one.called for one in self.members) else max(1, len(news))
        for number in range(0, len(news), step):
            some = news[number : number + step]
            records = []
            marks: list[tuple[Member, str, str]] = []
            for member in self.members:
                made: list[Row] = []
                for row, members in some:
                    if member in members:
                        made += self._records.made_of(member, rows[row.id], None)
                        if member.ids is not None:
                            marks.append((member, str(row.id), ""))
                if made:
                    records.append((member, made))
            if all(one.failure for one in self.members):
                self._give_up()
            yield Portion(records, self._sure(row for row, _ in some) if noted else (), marks=marks)

    def _give_up(self) -> None:
        """Raise why nobody's rows can be read."""
        for member in self.members:
            if member.failure is not None:
                raise member.failure

    def _in_language(
        self, listing: Listing, language: str, waiting: dict[int, tuple[Listed, list[Member]]]
    ) -> Iterator[Portion]:
        """Read in a further language what is due; the list may have moved since, so what it lacks is asked for."""
        left = set(waiting)
        again = self._listing(None, language)
        again.since = listing.since
        for page in again.pages():
            rows = [row for row in page.rows if row.get("id") in left]
            left.difference_update(row["id"] for row in rows)
            yield Portion(self._translated(rows, waiting, language))
            if not left:
                return
        for number in sorted(left):
            row = self._records.fetch(number, language, expected=False)
            if row is not None:
                yield Portion(self._translated([row], waiting, language))

    def _translated(
        self, rows: list[Row], waiting: dict[int, tuple[Listed, list[Member]]], language: str
    ) -> list[tuple[Member, list[Row]]]:
        return [
            (
                member,
                [
                    record
                    for row in rows
                    if member in waiting[row["id"]][1]
                    for record in self._records.made_of(member, row, language)
                ],
            )
            for member in self.members
            if member.resource.texts and not member.called
        ]

    def _due(self, rows: list[Listed], ends: Mapping[Member, str]) -> list[tuple[Listed, list[Member]]]:
        """Return what is due, oldest change first, and for whom; for nobody when it was just read as a held key."""
        found: dict[Listed, list[Member]] = {}
        for member in self.members:
            now = due(rows, member.bookmark, ends[member])
            member.bookmark.recall(rows, now)
            if len(self.members) == 1:
                alone = [member]
                return [(row, self._not_reread(row, alone) if member.reread else alone) for row in now]
            for row in now:
                found.setdefault(row, []).append(member)
        return [(row, self._not_reread(row, found[row])) for row in sorted(found)]

    def _not_reread(self, row: Listed, members: list[Member]) -> list[Member]:
        key = str(row.id)
        return [one for one in members if key not in one.reread] if any(one.reread for one in members) else members

    # everything

    def _single(self) -> Iterator[Portion]:
        """Read the one record."""
        (member,) = self.members
        for language in self._records.languages_of(member):
            row = self.shop.get(self.source.path, language=language, regular=self._shape.record)
            yield self._if_news(member, [self._records.signed(member, row, self.settings.shop, language)])

    def _everything(self, listing: Listing, pages: Iterator[Page]) -> Iterator[Portion]:
        """Send every row once, or only what differs from the last run; then what has vanished."""
        complete = True
        for language in (None, *(self._more if self._rows_per_language else ())):
            one_listing = listing if language is None else self._listing(None, language)
            sent = Ids()
            for page in pages if language is None else one_listing.pages():
                rows = {row["id"]: row for row in page.rows if row.get("id") and row["id"] not in sent}
                for number in rows:
                    sent.add(number)
                for member in self.members:
                    if language is None or (member.resource.texts and not member.called):
                        for row in rows.values():
                            yield self._if_news(member, self._records.made_of(member, row, language))
                if all(one.failure for one in self.members):
                    self._give_up()
            complete = complete and one_listing.complete
        for member in self.members:
            snapshot = member.position
            if isinstance(snapshot, Snapshot) and not snapshot.too_many and member.failure is None:
                yield from self._deleted(member, snapshot, complete=complete)

    def _if_news(self, member: Member, records: list[Row]) -> Portion:
        snapshot = member.position
        if not isinstance(snapshot, Snapshot):
            return Portion([(member, records)])
        marks = [(member, _mark_key(record), fingerprint(record)) for record in records]
        news = [record for record, (_, key, mark) in zip(records, marks, strict=True) if snapshot.is_news(key, mark)]
        return Portion([(member, news)] if news else (), marks=marks)

    # what is deleted

    def _compare(self, member: Member, ids: Snapshot) -> Iterator[Portion]:
        """List all ids of an incremental stream and find those that are gone."""
        listing = self._listing(None)
        listing.fields = ("id",)
        for page in listing.pages():
            for row in page.rows:
                ids.keep(str(row["id"]), "")
        yield from self._deleted(member, ids, complete=listing.complete)
        member.compared = True

    def _deleted(self, member: Member, snapshot: Snapshot, *, complete: bool) -> Iterator[Portion]:
        """Send the records that were there before and are deleted now."""
        if member.resource.texts:
            # A language that isn't read any more is no deletion.
            read = {f"@{language}" for language in self.settings.all_languages} | {""}
            snapshot.known = {key: mark for key, mark in snapshot.known.items() if _language_of(key) in read}
        name, vanished = member.resource.name, snapshot.vanished()
        if not vanished:
            snapshot.close(set())
            return
        if not complete or not believable(len(vanished), len(snapshot.known), self.settings.deletes_guard_percent):
            logger.warning(
                "%s: %d of %d records are not there any more; that many at once are not believed to be deleted. If "
                "they are, run once with `deletes_guard_percent: 100`",
                name,
                len(vanished),
                len(snapshot.known),
            )
            snapshot.close(set())
            return
        keys = sorted({_source_key(member.resource, key) for key in vanished})
        if len(keys) <= SURE:
            # The list can have moved while it was read: ask for each.
            deleted = {key for key in keys if self._is_deleted(member, key)}
        else:
            seen = self._seen_again(member)
            deleted = {key for key in keys if key not in seen and _parent_of(key) not in member.unsure}
        for key in sorted(deleted):
            member.counts["deleted"] += 1
            yield Portion([(member, self._records.without(member, key, self._deletion()))])
        snapshot.close({key for key in vanished if _source_key(member.resource, key) in deleted})

    def _deletion(self) -> Row:
        """What a record says that is deleted."""
        return {"_sdc_deleted_at": text(self.shop.date or dt.datetime.now(dt.UTC))}

    def _is_deleted(self, member: Member, key: str) -> bool:
        """Ask for a record that vanished. Where its parent is there, but not the list below it, it isn't deleted."""
        parent = _parent_of(key)
        member.unsure.discard(parent)
        there = self._again(member, key, expected=False)
        return not there and parent not in member.unsure and member.failure is None

    def _seen_again(self, member: Member) -> set[str]:
        """List the ids once more, where the member has a list."""
        if member.resource is not self.source:
            return set()
        listing = self._listing(None)
        listing.fields = ("id",)
        return {str(row["id"]) for page in listing.pages() for row in page.rows}

    # rows and records

    def _listed(self, page: Page, end: str) -> list[Listed]:
        """Keep of a page only what may be due."""
        rows = filter(self._in_scope, page.rows) if self.source.cut_over or self.source.wanted else page.rows
        changed = self._records.changed
        return [Listed(changed(row) or end, row["id"]) for row in rows if row.get("id")]

    def _in_scope(self, row: Row) -> bool:
        if self.source.cut_over:
            created = row.get("createdAt")
            if isinstance(created, str) and created < self._start:
                return False
        wanted = self.source.wanted
        return wanted is None or wanted(row, self.settings)


def _mark_key(record: Row) -> str:
    """The key of a fingerprint: a record per language has its own."""
    language = record.get(LANGUAGE)
    return f"{record['_source_key']}@{language}" if language else str(record["_source_key"])


def _language_of(mark_key: str) -> str:
    _, at, language = mark_key.partition("@")
    return at + language


def _parent_of(key: str) -> int:
    return int(key.partition("/")[0])


def _was_told(member: Member, key: str) -> bool:
    """Whether a record that is gone was sent as deleted before: what was sent, and is, stands in the snapshot."""
    snapshot = member.ids if member.ids is not None else member.position
    if not isinstance(snapshot, Snapshot) or not snapshot.known:
        return False
    return all(_source_key(member.resource, known) != key for known in snapshot.known)


def _source_key(resource: Resource, mark_key: str) -> str:
    return mark_key.partition("@")[0] if resource.texts else mark_key
