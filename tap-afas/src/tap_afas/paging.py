"""All rows of a question, page by page: several pages under way at once, in order, none lost when rows move.

AFAS has no snapshot: a row that goes away while pages are read moves all later ones up, and the one at the edge of a
page would be missed. So each page begins with the last row of the page before it. Is it another one, then rows have
moved, and reading goes on behind the last row that was given, by its key.
"""

from __future__ import annotations

import logging
import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from afas_profit import Filter, Invalid
from tap_afas import estimate
from tap_afas.conditions import both
from tap_afas.seek import behind, exact
from upsert.errors import Outage

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from concurrent.futures import Executor, Future

    from tap_afas.rows import Page

    Fetch = Callable[[Filter | None, Sequence[str], int, int], Page]
    Key = tuple[Any, ...]

logger = logging.getLogger("tap-afas")

PAGE_BYTES = 4 << 20
"""Pages are made smaller when they are larger than this."""
AHEAD_BYTES = 12 << 20
"""Most bytes of pages that wait to be read."""
SURE_PAGES = 3
"""So many pages are read one after the other, before it is worth a call to learn how many there are."""
RAMP = 8
"""Without a guess of the end: one more call at once for each so many full pages, as some will find nothing."""
MOST_MOVES = 200
"""Rows that move more often than this while one stream is read: give up."""

_TOO_MUCH = re.compile(r"out of (string space|memory)", re.IGNORECASE)


@dataclass(frozen=True)
class Question:
    """What to read.

    Attributes:
        where: Filter, or None for every row.
        order: Sort fields.
        kinds: AFAS's types of the sort fields.
        seek: Whether reading can go on behind a row: the sort fields identify it and are sorted upwards.
        take: Rows per page at most.
        first_take: Rows of the first page, while the size of a row isn't known.
        partition: Rows after which to go on by key instead of by a deeper skip.
        expected: Rows that an earlier run found, or None.
    """

    where: Filter | None
    order: tuple[str, ...]
    kinds: tuple[str, ...]
    seek: bool
    take: int
    first_take: int
    partition: int
    expected: int | None = None


class Pager:
    """Reads one question.

    Args:
        question: What to read.
        fetch: Makes a call: filter, sort fields, skip, take.
        key: The sort fields' values of a row that isn't decoded yet.
        pool: Where calls are made.
        width: Calls at once.
    """

    def __init__(self, question: Question, fetch: Fetch, key: Callable[[Any], Key], pool: Executor, width: int) -> None:
        self._question = question
        self._fetch = fetch
        self._key = key
        self._pool = pool
        self._width = width
        self._take = question.take
        self._next_take = max(2, min(question.first_take, question.take))
        self._at_once = min(2, width)
        self._guess = _Guess(question.expected)
        self._moves = 0
        self._pages = 0
        self.rows = 0

    def pages(self, after: Key | None = None) -> Iterator[list[Any]]:
        """The rows, in order, as lists of undecoded rows.

        Args:
            after: Begin behind the row with these values of the sort fields; only with `seek`.

        Raises:
            afas_profit.AfasError: A page can't be had.
            upsert.errors.Outage: Rows move all the time.
        """
        parts = deque(self._parts(after))
        while parts:
            reached = yield from self._part(parts.popleft())
            if reached is not None:
                parts = deque(self._parts(reached))

    def _parts(self, after: Key | None) -> list[Filter | None]:
        question = self._question
        if after is None:
            return [question.where]
        return [both(question.where, one) for one in behind(question.order, question.kinds, after)]

    def _part(self, where: Filter | None) -> Generator[list[Any], None, Key | None]:
        """Read one filter's rows; returns the row behind which to go on, or None at the end."""
        under_way: deque[tuple[int, int, Future[Page]]] = deque()
        guess = self._guess
        guess.begin()
        known, reread = 0, False
        last: Key | None = None
        try:
            self._send(under_way, where, 0)
            while under_way:
                skip, take, future = under_way.popleft()
                self._pace(future, under_way)
                try:
                    page = future.result()
                except Invalid as error:
                    if not _TOO_MUCH.search(error.message) or take <= 2:
                        raise
                    self._take = self._next_take = max(2, take // 2)
                    logger.info("%s; going on with %d rows a page", error.message, self._take)
                    _drop(under_way)
                    self._send(under_way, where, skip)
                    continue
                rows: list[Any] = page.rows
                told = page.take if page.take and page.take > 0 else take
                if skip and not reread and (not rows or self._key(rows[0]) != last):
                    self._moved()
                    _drop(under_way)
                    if self._question.seek and last is not None:
                        return last
                    known, reread = max(0, skip - take), True
                    self._send(under_way, where, known)
                    continue
                if reread:
                    found = self._behind(rows, last, known)
                    if found is None:
                        known = max(0, known - take)
                        self._send(under_way, where, known)
                        continue
                    rows, reread = found, False
                    known = skip + len(page.rows) - len(rows)
                elif skip:
                    rows = rows[1:]
                end = len(page.rows) < min(take, told)
                before = last
                if rows:
                    first = self._key(page.rows[0]) if not skip else None
                    last = self._key(rows[-1])
                    guess.saw(first, last, known + len(rows))
                known += len(rows)
                self.rows += len(rows)
                self._pages += 1
                self._fit(page)
                if told < take:
                    self._take = self._next_take = max(2, told)
                    _drop(under_way)
                if end:
                    _drop(under_way)
                elif self._ends_part(known) and (cut := self._cut(rows, before)) is not None:
                    _drop(under_way)
                    if cut == len(rows):
                        yield rows
                        return last
                    self.rows -= len(rows) - cut
                    if cut:
                        yield rows[:cut]
                    return self._key(rows[cut])
                else:
                    self._fill(under_way, where, known, guess, page.size)
                if rows:
                    yield rows
            return None
        finally:
            _drop(under_way)

    def _ends_part(self, known: int) -> bool:
        return self._question.seek and known >= self._question.partition

    def _cut(self, rows: list[Any], before: Key | None) -> int | None:
        """Where in a page a part may end, so that the next one begins exactly there; None: not in this page.

        Behind a date nothing can be asked for exactly, only from its moment on: so a part ends where a moment begins.

        Args:
            rows: The page's new rows.
            before: Place of the row before them, or None.
        """
        kinds = self._question.kinds
        depth = exact(kinds)
        if not rows or depth == len(kinds):
            return len(rows) if rows else None
        moment = self._key(rows[-1])[: depth + 1]
        if kinds[depth] != "date" or moment[depth] is None:
            return None
        for at in range(len(rows) - 1, -1, -1):
            above = self._key(rows[at - 1]) if at else before
            if above is not None and above[: depth + 1] != moment:
                return at
        return None

    def _behind(self, rows: list[Any], last: Key | None, skip: int) -> list[Any] | None:
        """The rows behind the last one given, after rows have moved; None: look further up."""
        at = next((at for at in range(len(rows) - 1, -1, -1) if self._key(rows[at]) == last), None)
        if at is not None:
            return rows[at + 1 :]
        if skip > 0:
            return None
        return rows  # it is gone itself: rather all once more than one too few

    def _moved(self) -> None:
        self._moves += 1
        if self._moves > MOST_MOVES:
            raise Outage("rows come and go faster than they can be read; run again, or set a filter or a smaller page")

    # calls

    def _send(self, under_way: deque[tuple[int, int, Future[Page]]], where: Filter | None, skip: int) -> None:
        take = self._next_take
        under_way.append((skip, take, self._pool.submit(self._fetch, where, self._question.order, skip, take)))

    def _fill(
        self,
        under_way: deque[tuple[int, int, Future[Page]]],
        where: Filter | None,
        known: int,
        guess: _Guess,
        size: int,
    ) -> None:
        """Keep as many calls under way as are likely to find rows, and no more than fit into memory."""
        if self._pages == SURE_PAGES and guess.worth_asking:
            down = [f"-{name}" for name in self._question.order]
            guess.ask(self._pool.submit(self._fetch, self._question.where, down, 0, 1), self._key)
        most = min(self._at_once, max(1, AHEAD_BYTES // max(1, size)))
        total = guess.total
        if total is None:
            most = min(most, 1 + (self._pages - 1) // RAMP) if self._pages >= SURE_PAGES else 1
        while len(under_way) < most or not under_way:
            end = under_way[-1][0] + under_way[-1][1] if under_way else known
            if under_way and (
                (total is not None and end >= total) or (self._question.seek and end >= self._question.partition)
            ):
                return
            self._send(under_way, where, end - 1)

    def _pace(self, awaited: Future[Page], behind: deque[tuple[int, int, Future[Page]]]) -> None:
        """One call more at once when we must wait for AFAS, one less when AFAS is waiting for us with whole pages."""
        if not awaited.done():
            self._at_once = min(self._width, self._at_once + 1)
        elif sum(future.done() for _, _, future in behind) > 1:
            self._at_once = max(min(2, self._width), self._at_once - 1)

    def _fit(self, page: Page) -> None:
        """Choose the rows of the next pages by the size of this one's."""
        if page.rows and page.size:
            fitting = int(PAGE_BYTES / (page.size / len(page.rows)))
            self._next_take = max(2, min(self._take, fitting))


class _Guess:
    """What is known of the number of rows of a part, by the key of the whole question's last row."""

    def __init__(self, expected: int | None) -> None:
        self._expected = expected
        self._first: Key | None = None
        self._reached: Key | None = None
        self._rows = 0
        self._asked: Future[Page] | None = None
        self._last: Key | None = None
        self._key: Callable[[Any], Key] | None = None

    def begin(self) -> None:
        """A new part begins; the count of an earlier run was of the whole."""
        if self._reached is not None:
            self._expected = None
        self._first = self._reached = None

    def saw(self, first: Key | None, reached: Key, rows: int) -> None:
        self._first = first if first is not None else self._first
        self._reached, self._rows = reached, rows

    @property
    def worth_asking(self) -> bool:
        return (
            self._asked is None
            and self._first is not None
            and self._reached is not None
            and estimate.can_estimate(self._first, self._reached)
        )

    def ask(self, answer: Future[Page], key: Callable[[Any], Key]) -> None:
        self._asked, self._key = answer, key

    @property
    def total(self) -> int | None:
        if self._asked is not None and self._last is None and self._asked.done() and self._key is not None:
            # Whatever went wrong here, the pages themselves will tell.
            rows = [] if self._asked.exception() else self._asked.result().rows
            self._last = self._key(rows[0]) if rows else ()
        if self._last and self._first is not None and self._reached is not None:
            guessed = estimate.total(self._first, self._reached, self._last, self._rows)
            if guessed is not None:
                return guessed
        return self._expected


def _drop(under_way: deque[tuple[int, int, Future[Page]]]) -> None:
    for _, _, future in under_way:
        future.cancel()
    under_way.clear()
