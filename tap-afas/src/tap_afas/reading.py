"""Reading one connector for one run: held keys, the window or everything, what vanished. Knows no Singer messages."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from afas_profit import AfasError, Condition, Filter, FilterTooLong, Op, all_of, any_of, most_rows, since
from tap_afas import source_key
from tap_afas.bookmark import MOST_SEEN, Bookmark, Position, digest, question_mark, revived, utc_text
from tap_afas.conditions import as_filter, both
from tap_afas.paging import Pager, Question
from tap_afas.rows import Codec, encoder, parse_page
from tap_afas.snapshot import Digests, Keys, Packed, Store, count, most_gone, unpacked
from upsert.errors import ConfigurationError, Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Executor

    from afas_profit import Afas
    from tap_afas.attachments import Fetcher
    from tap_afas.definition import Definition
    from tap_afas.rows import Page
    from tap_afas.settings import Attachment, Settings
    from upsert.held import Entry

logger = logging.getLogger("tap-afas")

CHUNK = 500
CHUNK_WITH_FILES = 10
FIRST_ROWS_WITH_TEXTS = 100
"""Rows of the first page of a connector with long texts, which may be whole images."""
_HELD_BATCH = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a connector is sent, and by which fields it is read.

    Attributes:
        definition: The connector.
        keys: The key fields in force.
        changed: The fields that tell of changes; none: everything is read.
        stream: Name of the stream.
        only_files: Send of each record only its keys, its times of change and one file.
    """

    definition: Definition
    keys: tuple[str, ...]
    changed: tuple[str, ...]
    stream: str
    only_files: Attachment | None = None


@dataclass(slots=True)
class Batch:
    """Records to send, and what is true once they are sent.

    Attributes:
        records: JSON objects.
        sent: Notes it in the bookmark; or None.
    """

    records: list[bytes]
    sent: Callable[[], None] | None = None


class Reading:
    """One run of one stream.

    Args:
        client: AFAS.
        settings: The tap's settings.
        shape: What to read.
        pool: Where calls are made.
        fetcher: Gets files.
    """

    def __init__(self, client: Afas, settings: Settings, shape: Shape, pool: Executor, fetcher: Fetcher) -> None:
        self._client, self._settings, self._shape, self._pool, self._fetcher = client, settings, shape, pool, fetcher
        definition = self._definition = shape.definition
        self._options = definition.options
        self._codec = Codec(definition, shape.keys, shape.changed)
        self._filter = as_filter(self._options.filter)
        self._kinds = definition.kinds
        self._number = bool(shape.changed) and self._kinds[shape.changed[0]] != "date"
        self._reread: set[str] = set()
        self._files = (
            (shape.only_files,)
            if shape.only_files
            else tuple(one for one in self._options.attachments if one.target == "field")
        )
        self._tail = b""
        if settings.source_fields:
            self._tail = b',"_source_stream":' + encoder.encode(shape.stream)
        self._stamp = b""
        self._store = Store(shape.stream, settings.snapshots_folder)
        self._snapshot: str | None = None
        self._earlier = 0
        self._listed: Digests | None = None
        self._sent: list[str] = []
        self._key_before: str | None = None
        # With a date among them, rows behind a filter come twice for a good reason.
        self._exact_keys = all(self._kinds[name] != "date" for name in shape.keys)
        self.counts: Counter[str] = Counter()
        self.guarded: str | None = None

    # what is due

    def batches(self, bookmark: Bookmark, stored: dict[str, Any], entries: Sequence[Entry]) -> Iterator[Batch]:
        """Everything that is due, in order; send each batch and call its `sent` before asking for the next.

        Args:
            bookmark: Where the stream stands; moved by `sent`.
            stored: The stream's part of the state, where the keys of the last time stand.
            entries: The held records to read again.

        Raises:
            afas_profit.AfasError: A call failed.
            upsert.errors.Failure: Reading can't go on for another reason.
        """
        now = self._client.server_now()
        if self._options.read_at is not None:
            self._stamp = f',"{self._options.read_at}":"{utc_text(now)}"'.encode()
        compared = self._options.deletes is not None and not self._shape.only_files
        if compared:
            self._snapshot, self._earlier = stored.get("snapshot"), len(bookmark.unlisted)
        yield from self._held(entries, bookmark, now)
        keys = Keys() if self._options.deletes is not None and not self._shape.changed else None
        failed: AfasError | Failure | None = None
        if first := compared and keys is None and not stored.get("snapshot_at"):
            # Before the rows: what is sent below and gone at once stands in these keys, or is unlisted.
            try:
                yield from self._vanished(bookmark, None, stored, now)
            except (AfasError, Failure) as error:
                failed = error  # the rows can be read all the same
        yield from self._rows(bookmark, utc_text(now), keys)
        if failed is not None:
            raise failed
        if compared and not first:
            yield from self._vanished(bookmark, keys, stored, now)

    def _rows(self, bookmark: Bookmark, now: str, keys: Keys | None) -> Iterator[Batch]:
        lower = self._lower(bookmark)
        where = both(self._filter, lower)
        # Without keys changes are read in the order of their time. Only that goes into the state, no other value.
        first = self._shape.changed[0] if self._number or (self._shape.changed and not self._shape.keys) else None
        order = self._definition.order(self._shape.keys, first)
        question = self._question(where, order, bookmark.rows if lower is None else None, first)
        mark = question_mark(where, order)
        at = bookmark.position
        resumed = at is not None and at.question == mark and question.seek
        end, after = now, None
        if at is not None and resumed:
            end, after = at.end or now, revived(at.after, question.kinds[: len(at.after)])
            self.counts["resumed"] = 1
        seen = dict(bookmark.seen) if self._shape.changed and not self._number else {}
        remembered: dict[bytes, None] = dict(seen) if resumed else {}
        remember = "" if self._number or not self._shape.changed else self._remembered(end)
        highest: Any = bookmark.value
        if self._number and after and after[0] is not None:
            highest = after[0] if highest is None else max(highest, after[0])
        place = self._place(order)
        pager = Pager(question, self._fetch, lambda raw: place(self._codec.read(raw)), self._pool, self._width)
        complete = not resumed
        self._key_before = None
        for raws in pager.pages(after):
            size = CHUNK_WITH_FILES if self._files else CHUNK
            for begin in range(0, len(raws), size):
                rows = [self._codec.read(raw) for raw in raws[begin : begin + size]]
                reached = place(rows[-1])
                if self._number:
                    for row in rows:
                        value = self._codec.value(row, self._shape.changed[0])
                        if value is not None and (highest is None or value > highest):
                            highest = value
                fresh: list[bytes] = []
                records = self._records(rows, keys, seen, remember, fresh)
                kept = reached if self._shape.keys or self._options.order_by else reached[:1]
                position = Position(mark, end if self._shape.changed else "", kept) if question.seek else None
                new = self._unlisted(bookmark)
                yield Batch(records, partial(_move, bookmark, position, remembered, fresh, new))
        if keys is not None and not complete:
            self.counts["partly"] = 1  # a part of the keys tells nothing of what is gone

        def done() -> None:
            bookmark.position = None
            bookmark.seen = {}
            _remember(bookmark, remembered)
            if lower is None and complete:
                bookmark.rows = pager.rows
            if self._shape.changed:
                bookmark.rise(highest if self._number else end)

        yield Batch([], done)

    @cached_property
    def _before(self) -> bytes | None:
        """The keys of the last comparison; unpacked only in runs that ask for them."""
        return self._store.load(self._snapshot)

    @property
    def _lists_sent(self) -> bool:
        """Whether a key that was sent and is in no list of all keys tells that it is gone: not by another connector."""
        options = self._options.deletes
        return options is not None and options.connector is None and not self._shape.only_files

    def _unlisted(self, bookmark: Bookmark) -> list[str]:
        """The keys of the rows that were sent last, as far as the next comparison of all keys wouldn't miss them."""
        sent, self._sent = self._sent, []
        if not sent:
            return []
        listed = self._all_listed(bookmark)
        return [key for key in sent if key not in listed]

    def _all_listed(self, bookmark: Bookmark) -> Digests:
        """The keys of the last comparison, and those that were sent since."""
        if self._listed is None:
            before = () if self._before is None else unpacked(self._before)
            self._listed = Digests(chain(before, bookmark.unlisted))
        return self._listed

    def _lower(self, bookmark: Bookmark) -> Filter | None:
        """The lower end of the window; None when everything is read."""
        changed = self._shape.changed
        if not changed:
            return None
        if self._number:
            return None if bookmark.value is None else any_of(Condition(changed[0], Op.AT_LEAST, bookmark.value))
        start = self._options.start_date or self._settings.start_date
        if bookmark.value is not None:
            moment = dt.datetime.fromisoformat(str(bookmark.value)) - self._overlap
            moment = max(moment, start) if start is not None else moment
        elif start is not None:
            moment = start
        else:
            return None
        return any_of(*(Condition(one, Op.AT_LEAST, since(moment)) for one in changed))

    @property
    def _overlap(self) -> dt.timedelta:
        own = self._options.overlap_minutes
        return dt.timedelta(minutes=self._settings.overlap_minutes if own is None else own)

    def _remembered(self, end: str) -> str:
        """AFAS's local time from which rows are remembered, as the next run reads them again."""
        return since(dt.datetime.fromisoformat(end) - self._overlap) if self._overlap else "9999"

    # questions

    @property
    def _width(self) -> int:
        return self._settings.max_calls

    def _question(
        self, where: Filter | None, order: tuple[str, ...], expected: int | None, first: str | None
    ) -> Question:
        kinds = tuple(self._kinds[name.removeprefix("-")] for name in order)
        upwards = not any(name.startswith("-") for name in order)
        most = most_rows(max(1, len(self._definition.fields)))
        take = min(self._options.page_size or most, most)
        careful = self._options.page_size is None and "blob" in self._kinds.values()
        return Question(
            where,
            order,
            kinds,
            seek=upwards and bool(self._shape.keys or self._options.order_by or (first and not self._number)),
            take=max(2, take),
            first_take=min(take, FIRST_ROWS_WITH_TEXTS) if careful else take,
            partition=self._options.partition_rows or self._settings.partition_rows,
            expected=expected,
        )

    def _fetch(self, where: Filter | None, order: Sequence[str], skip: int, take: int) -> Page:
        return self._client.page(self._definition.name, where, order_by=order, skip=skip, take=take, parse=parse_page)

    def _place(self, order: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
        """The sort fields' values of a row."""
        names = [name.removeprefix("-") for name in order]
        value = self._codec.value
        return lambda row: tuple([value(row, name) for name in names])

    # records

    def _records(
        self, rows: list[Any], keys: Keys | None, seen: dict[bytes, None], remember: str, fresh: list[bytes]
    ) -> list[bytes]:
        """The records of some rows; those not to be sent are left out.

        Args:
            rows: Decoded rows; used up.
            keys: Takes their keys, or None.
            seen: Digests of rows sent before.
            remember: Rows that changed at this local time or later go into `fresh`; "" for none.
            fresh: Gets their digests.
        """
        codec, reread = self._codec, self._reread
        records: list[bytes] = []
        key_of, with_key = codec.key, bool(self._shape.keys)
        sent = self._sent if self._lists_sent else None
        chosen: list[tuple[Any, dict[str, Any] | None, str]] = []
        for row in rows:
            key = source_key.to_text(key_of(row)) if with_key else ""
            changes = codec.changes(row) if remember else ()
            if with_key and key == self._key_before and self._exact_keys:
                self._warn_of_doubles()
            self._key_before = key
            if keys is not None:
                keys.add(key)
            kept = self._kept(row) if self._shape.only_files else None
            body = codec.write(row)
            if remember:
                late = False
                for one in changes:
                    if one is not None and one >= remember:
                        late = True
                if late or seen:
                    mark = digest(body)
                    if late:
                        fresh.append(mark)
                    if mark in seen:
                        self.counts["seen"] += 1
                        continue
            if reread and key in reread:
                continue
            if sent is not None:
                sent.append(key)
            if self._files:
                chosen.append((row, kept, key))
            records.append(body if self._files else self._signed(body, key))
        return self._with_files(records, chosen) if chosen else records

    def _with_files(self, bodies: list[bytes], chosen: list[tuple[Any, dict[str, Any] | None, str]]) -> list[bytes]:
        """The records with their files; fetched only for those that are sent."""
        files = self._fetcher.fetch(self._files, [row for row, _, _ in chosen], self._codec)
        records = []
        for body, (_, kept, key), found in zip(bodies, chosen, files, strict=True):
            if kept is not None:
                whole = encoder.encode(kept | (found.popitem()[1] or {}))
            else:
                whole = body[:-1] + b"," + encoder.encode(found)[1:]
            records.append(self._signed(whole, key))
        return records

    def _warn_of_doubles(self) -> None:
        """Two rows one after the other have one key."""
        if not self.counts["doubles"]:
            logger.warning(
                "stream %s: %s doesn't identify a row (several rows have the same), so rows can be missed; add fields "
                "to streams.%s.keys",
                self._shape.stream,
                ", ".join(self._shape.keys),
                self._definition.name,
            )
        self.counts["doubles"] += 1

    def _kept(self, row: Any) -> dict[str, Any]:
        names = dict.fromkeys((*self._shape.keys, *self._shape.changed))
        return {name: self._codec.form(name, self._codec.value(row, name)) for name in names}

    def _signed(self, body: bytes, key: str, more: bytes = b"") -> bytes:
        tail = self._stamp + more
        if not self._tail:
            return body[:-1] + tail + b"}" if tail else body
        if not self._shape.keys:
            return body[:-1] + self._tail + tail + b"}"
        return b"".join((body[:-1], self._tail, b',"_source_key":', encoder.encode(key), tail, b"}"))

    def _key_record(self, key: str, more: bytes) -> bytes:
        """A record of nothing but its key."""
        names = self._shape.keys
        values = source_key.from_text(key, [self._kinds[name] for name in names])
        body = {name: self._codec.form(name, value) for name, value in zip(names, values, strict=True)}
        return self._signed(encoder.encode(body), key, more)

    # held records

    def _held(self, entries: Sequence[Entry], bookmark: Bookmark, now: dt.datetime) -> Iterator[Batch]:
        """Read the due held keys again, many in one call; one that is gone or out of the filter comes with `_gone`.

        What was told as deleted before, and is held, is told so again: it is the deletion that wasn't done yet.
        """
        names, kinds = self._shape.keys, [self._kinds[name] for name in self._shape.keys]
        wanted: dict[str, list[Any]] = {}
        for entry in entries:
            try:
                wanted[entry.key] = source_key.from_text(entry.key, kinds)
            except ValueError:
                logger.warning("stream %s: a held key is not of this stream; it stays held", self._shape.stream)
        if not wanted:
            return
        found: dict[str, str] = {}
        order = self._definition.order(names)
        rows: list[Any] = []
        if len(names) == 1 and self._filter is None:
            texts = [str(values[0]) for values in wanted.values()]
            given = self._client.rows_where_any(
                self._definition.name, names[0], texts, order_by=order, fields=len(self._kinds)
            )
            rows += [self._codec.read(encoder.encode(row)) for row in given]
        else:
            for some in self._in_batches(list(wanted.values()), order):
                rows += some
        by_fold = {_folded(key): key for key in wanted}
        kept = []
        for row in rows:
            key = source_key.to_text(self._codec.key(row))
            if (asked := by_fold.get(_folded(key))) is not None:
                found[asked] = key
                kept.append(row)
        self.counts["held"] += len(wanted)
        for begin in range(0, len(kept), CHUNK_WITH_FILES):
            yield Batch(self._records(kept[begin : begin + CHUNK_WITH_FILES], None, {}, "", []))
        gone = [key for key in wanted if key not in found]
        self.counts["gone"] += len(gone)
        told = {key for key in gone if self._before is not None and key not in self._all_listed(bookmark)}
        marks = {True: _deleted(now), False: b',"_gone":true'}
        yield Batch([self._key_record(key, marks[key in told]) for key in gone])
        self._reread.update(found.values())

    def _in_batches(self, wanted: list[list[Any]], order: tuple[str, ...]) -> Iterator[list[Any]]:
        """The rows with these keys, asked for in as few calls as fit."""
        size = _HELD_BATCH
        names = self._shape.keys
        while wanted:
            some = wanted[:size]
            where = both(
                self._filter,
                any_of(
                    *(
                        all_of(
                            *(
                                condition
                                for name, value in zip(names, values, strict=True)
                                for condition in _equals(name, value, self._kinds[name])
                            )
                        )
                        for values in some
                    )
                ),
            )
            try:
                page = self._fetch(where, order, 0, most_rows(len(self._kinds)))
            except FilterTooLong:
                if size == 1:
                    raise
                size = max(1, size // 2)
                continue
            yield [self._codec.read(raw) for raw in page.rows]
            wanted = wanted[size:]

    # deletions

    def _vanished(
        self, bookmark: Bookmark, keys: Keys | None, stored: dict[str, Any], now: dt.datetime
    ) -> Iterator[Batch]:
        """Send what is gone since the last time, unless so much is gone that it must be a fault."""
        options = self._options.deletes
        if options is None or self.counts["partly"]:
            return
        if keys is None:
            last = stored.get("snapshot_at")
            if last and now - dt.datetime.fromisoformat(last) < dt.timedelta(hours=options.every_hours):
                return
            keys = self._all_keys(options.connector)
        text, before = stored.get("snapshot"), self._before or b""
        # What was sent in this run may be younger than the list: that is for the next comparison.
        unlisted = list(bookmark.unlisted)
        earlier, new = unlisted[: self._earlier], unlisted[self._earlier :]
        if known := count(before) + len(earlier):
            most = most_gone(known, options)
            if not len(keys) and options.most_percent < 100:
                most = 0  # an empty answer is a fault, however few there were
            gone = []
            for key in keys.missing(chain(unpacked(before), earlier)):
                gone.append(key)
                if len(gone) > most:
                    self.guarded = (
                        f"more than {most} of {known} records are gone at once ({len(keys)} are there now), so no "
                        f"deletion was sent. If that is right, raise streams.{self._shape.stream}.deletes.most_percent "
                        "for one run; else look for a new filter, data filter or right in AFAS"
                    )
                    return
            self.counts["deleted"] += len(gone)
            mark = _deleted(now)
            for begin in range(0, len(gone), CHUNK):
                yield Batch([self._key_record(key, mark) for key in gone[begin : begin + CHUNK]])
        self._before, self._listed = keys.pack(), None
        kept = self._store.save(self._before, text)

        def done() -> None:
            stored["snapshot"] = kept
            stored["snapshot_at"] = utc_text(now)
            bookmark.unlisted = Packed(keys.missing(new))

        yield Batch([], done)

    def _all_keys(self, connector: str | None) -> Keys:
        """Read every key, from the connector itself or a thinner one."""
        keys, names = Keys(), self._shape.keys
        self._definition.check_sortable(names)
        codec, fields = self._codec, len(self._kinds)
        if connector is not None:
            from tap_afas.definition import define  # noqa: PLC0415 - only here, and it imports the settings

            info = self._client.get_metainfo(connector)
            if missing := set(names) - set(info.field_ids):
                raise ConfigurationError(
                    f"streams.{self._shape.stream}.deletes.connector: {connector} has no field "
                    f"{', '.join(sorted(missing))}"
                )
            options = self._options.model_copy(
                update={"attachments": (), "deletes": None, "replication_key": (), "order_by": None}
            )
            thin = define(info, connector, options)
            codec, fields = Codec(thin, names, ()), len(thin.fields)
        name = connector or self._definition.name
        kinds = tuple(self._kinds[one] for one in names)
        take = max(2, most_rows(fields))
        question = Question(self._filter, names, kinds, True, take, take, self._settings.partition_rows)

        def fetch(where: Filter | None, by: Sequence[str], skip: int, rows: int) -> Page:
            return self._client.page(name, where, order_by=by, skip=skip, take=rows, parse=parse_page)

        pager = Pager(question, fetch, lambda raw: codec.key(codec.read(raw)), self._pool, self._width)
        for raws in pager.pages():
            for raw in raws:
                keys.add(source_key.to_text(codec.key(codec.read(raw))))
        return keys


def _deleted(now: dt.datetime) -> bytes:
    """What a record says that is deleted."""
    return b',"_sdc_deleted_at":' + encoder.encode(utc_text(now))


def _move(
    bookmark: Bookmark,
    position: Position | None,
    remembered: dict[bytes, None],
    fresh: list[bytes],
    unlisted: list[str],
) -> None:
    """Note that rows were sent: how far, which of them the next run will meet again, and which it must miss if gone."""
    for key in unlisted:
        bookmark.unlisted.add(key)
    if position is not None:
        bookmark.position = position
    if fresh:
        remembered.update(dict.fromkeys(fresh[: max(0, MOST_SEEN - len(remembered))]))
        _remember(bookmark, fresh)


def _remember(bookmark: Bookmark, marks: Iterable[bytes]) -> None:
    for mark in marks:
        bookmark.remember(mark)


def _equals(name: str, value: Any, kind: str) -> Iterator[Condition]:
    """That a field has a value. Of a moment AFAS shows whole seconds, keeps fractions, and takes no Z."""
    if value in (None, ""):
        yield Condition(name, Op.EMPTY)
    elif kind == "date":
        begin = dt.datetime.fromisoformat(str(value).removesuffix("Z"))
        yield Condition(name, Op.AT_LEAST, begin.isoformat())
        yield Condition(name, Op.LESS, (begin + dt.timedelta(seconds=1)).isoformat())
    else:
        yield Condition(name, Op.EQUAL, value)


def _folded(key: str) -> str:
    """A key as AFAS compares it."""
    return key.casefold().rstrip()
