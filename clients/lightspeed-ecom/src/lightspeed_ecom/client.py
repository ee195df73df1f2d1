"""The client: one class, synchronous and thread-safe. Decisions live in the pure modules beside it."""

from __future__ import annotations

import base64
import datetime as dt
import logging
import random
import ssl
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

import httpx

from lightspeed_ecom import answers, auth, errors, queries, retry, shapes
from lightspeed_ecom.ahead import in_order
from lightspeed_ecom.answers import Answer, Call
from lightspeed_ecom.budget import INSTANT, Budget, Pause
from lightspeed_ecom.clock import SYSTEM_CLOCK, Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from lightspeed_ecom.queries import Value
    from lightspeed_ecom.shapes import Row, Rows

    Regular = Callable[[Row], Row]

logger = logging.getLogger("lightspeed_ecom")

PAGE_SIZE = 250
"""Records per page, the documented maximum (50 without ``limit``)."""

_SAME_PAGES = 3

RateLimit = tuple[int, int, int]


def _without_query(record: logging.LogRecord) -> bool:
    """Cut the query off the URLs in httpx's own log lines: ours may hold an e-mail address."""
    if isinstance(record.args, tuple):
        record.args = tuple(a.copy_with(query=None) if isinstance(a, httpx.URL) else a for a in record.args)
    return True


logging.getLogger("httpx").addFilter(_without_query)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds per phase of a call; `answer` is for a whole answer, which could otherwise trickle in for ever."""

    connect: float = 10.0
    read: float = 60.0
    write: float = 60.0
    answer: float = 300.0


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list.

    Attributes:
        rows: Its records, made regular (see :func:`shapes.plain`).
        number: 1 for the first.
        full: Whether it holds as many records as were asked for, so that more may follow.
        server_time: The shop's own instant at this answer (UTC, whole seconds), or ``None`` without a ``Date`` header.
    """

    rows: Rows
    number: int
    full: bool
    server_time: dt.datetime | None


class Lightspeed:
    """A shop of Lightspeed eCom (C-Series).

    Numbers are ``int`` or exact ``Decimal``; references are read as ``{"id": 5}`` and written as bare numbers. Reads
    are repeated on faults that pass; a POST is repeated only when nothing was sent, PUT and DELETE also when no answer
    came.

    Args:
        api_key: The key, the user of HTTP Basic.
        api_secret: The secret of a private key, or :func:`auth.app_password` for an app key.
        cluster: ``eu1`` or ``us1``.
        base_url: Another address instead of the cluster's (a sandbox).
        language: Language of texts, part of every path; must be active in the shop.
        transport: An ``httpx`` transport instead of the network.
        clock: Time; only ``monotonic`` and ``sleep`` are trusted.
        reserve: Calls per 5 minutes, hour and day that are left to other processes on the same key.
        longest_wait: Seconds a call may wait for a rate window; above it :class:`errors.BudgetSpent` is raised. The
            default waits for the 5-minute and the hour window, and for the day window only in its last hour.
        timeouts: Seconds per phase, and for a whole answer.
        attempts: Tries per call in all.
        repeat_writes: Whether PUT and DELETE are repeated when no answer came. The try that got none may be done later,
            after the repeat and after what was written next: whoever can look first should not repeat.
        jitter: Random numbers from 0 to 1 that spread the retries.

    Raises:
        ValueError: Unknown cluster, or a plain ``http`` address on another machine.
    """

    def __init__(
        self,
        api_key: str,
        api_secret: str,
        *,
        cluster: str = "eu1",
        base_url: str | None = None,
        language: str = "nl",
        transport: httpx.BaseTransport | None = None,
        clock: Clock = SYSTEM_CLOCK,
        reserve: RateLimit = (30, 100, 400),
        longest_wait: float = 3_700.0,
        timeouts: Timeouts = Timeouts(),
        attempts: int = 5,
        repeat_writes: bool = True,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.language = language
        self.calls: Counter[str] = Counter()
        self.budget: Budget | None = None
        self._base = auth.base_url(cluster, base_url)
        self._reserve = reserve
        self._longest_wait = longest_wait
        self._longest_answer = timeouts.answer
        self._attempts = attempts
        self._repeat_writes = repeat_writes
        self._jitter = jitter
        self._clock = clock
        self._lock = threading.Lock()
        self._closed_until = 0.0
        self._date: tuple[dt.datetime, float] | None = None
        self._http = httpx.Client(
            auth=(api_key, api_secret),
            transport=transport,
            verify=_trust(self._base),
            headers={"Accept": "application/json", "User-Agent": "lightspeed-ecom/0.1"},
            timeout=httpx.Timeout(timeouts.read, connect=timeouts.connect, write=timeouts.write),
        )

    def __repr__(self) -> str:
        return f"Lightspeed({self._base!r}, language={self.language!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    # reading

    def pages(
        self,
        path: str,
        *,
        limit: int = PAGE_SIZE,
        fields: Sequence[str] | None = None,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        by: Literal["updated_at", "created_at"] = "updated_at",
        language: str | None = None,
        regular: Regular = shapes.plain,
        first: int = 1,
        expected: int = 0,
        exists: bool = False,
        **filters: Value,
    ) -> Iterator[Page]:
        """Read a list page by page, until a page is not full.

        Lists are newest first and shift while they are read: expect duplicates, and compare with :meth:`count`.

        Args:
            path: ``orders``, ``orders/123/products``, or the ``url`` of a reference.
            limit: Records per page, at most 250.
            fields: Only these fields.
            since: Lower bound on ``updatedAt`` (or ``createdAt``), sent in UTC without a zone. In which zone the
                shop reads it is unknown: take at least 2 h 5 min more than needed, and compare the records' own times.
            until: Upper bound, likewise.
            by: Which of the two dates is bounded.
            language: Instead of the client's.
            regular: Makes one decoded row regular; another one may do more in the same pass.
            first: Number of the page to begin with.
            expected: Number of the last page, as far as is known (from :meth:`count`): up to it two pages are asked for
                at once. A record that comes while the later one of two is answered first falls in between.
            exists: The record above the list was just seen, so a 404 is repeated twice before it is believed.
            filters: The API's own filters. Unknown ones are ignored by the shop: check what comes back.
        """
        path, query = queries.split(path)
        query |= queries.filters(since, until, by, filters) | {"limit": str(limit)}
        if fields:
            query["fields"] = ",".join(fields)

        def ask(number: int) -> Page:
            payload = self._call("GET", path, {**query, "page": str(number)}, language=language, expected=exists)
            rows = [regular(row) for row in _as_list(shapes.unwrap(payload, path))]
            return Page(rows, number, len(rows) >= limit, self.date)

        before, same = None, 0
        for page in in_order(ask, first, expected, self._has_room):
            # As many new records as a page holds may push the same rows down once, but not again and again.
            same = same + 1 if page.rows and page.rows == before else 0
            if same >= _SAME_PAGES:
                raise errors.Unavailable(f"page {page.number} repeats the pages before it", request=f"GET {path}")
            before = page.rows
            yield page

    def _has_room(self) -> bool:
        """Whether a call can be made without a wait; where it can't, one at a time is enough."""
        with self._lock:
            now = self._clock.monotonic()
            return self._closed_until - now <= INSTANT and (
                self.budget is None or self.budget.pause(now, self._reserve) is None
            )

    def list(self, path: str, **options: Any) -> Iterator[Rows]:
        """Read a list page by page; the options of :meth:`pages`, and only the records."""
        return (page.rows for page in self.pages(path, **options))

    def get(
        self,
        path: str,
        *,
        fields: Sequence[str] | None = None,
        language: str | None = None,
        expected: bool = False,
        regular: Regular = shapes.plain,
    ) -> Row:
        """Read one record.

        Args:
            path: ``orders/123``, ``account``, ``checkouts/5``.
            fields: Only these fields.
            language: Instead of the client's.
            expected: The record was just seen, so a 404 is repeated twice before it is believed.
            regular: As for :meth:`pages`.

        Raises:
            errors.NotFound: No such record.
            errors.Unavailable: No usable answer, also after retries.
        """
        path, query = queries.split(path)
        if fields:
            query["fields"] = ",".join(fields)
        return _as_row(self._call("GET", path, query, language=language, expected=expected), path, regular)

    def count(
        self,
        path: str,
        *,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        by: Literal["updated_at", "created_at"] = "updated_at",
        **filters: Value,
    ) -> int:
        """Return how many records a list holds under these filters (see :meth:`pages`)."""
        path, query = queries.split(path)
        answer = self._call("GET", f"{path}/count", query | queries.filters(since, until, by, filters))
        return int(shapes.unwrap(answer))

    # writing

    def create(self, path: str, envelope: str | None, body: Mapping[str, Any], *, language: str | None = None) -> Row:
        """Create a record with POST and return it (``{}`` when the answer is empty).

        Args:
            path: The list, such as ``products``.
            envelope: The key around the body, such as ``product``; ``None`` for checkouts.
            body: The fields; references as bare numbers.
            language: Instead of the client's.

        Raises:
            errors.InDoubt: Sent, but no usable answer: look it up before you repeat it (there is no idempotency key).
        """
        return self._write("POST", path, envelope, body, language)

    def update(self, path: str, envelope: str | None, body: Mapping[str, Any], *, language: str | None = None) -> Row:
        """Change the given fields of a record with PUT and return it (``{}`` when the answer is empty)."""
        return self._write("PUT", path, envelope, body, language)

    def bulk(
        self, path: str, envelope: str, items: Sequence[Mapping[str, Any]], *, language: str | None = None
    ) -> Rows:
        """Change many records with one PUT (``variants/bulk``, envelope ``variant``: the API's only one).

        How many items it takes, and what it does about a bad one (refuse all, or pass over it), is unknown, and so is
        the answer: read back what must be right.

        Args:
            path: The path that ends in ``bulk``.
            envelope: The key around the list.
            items: Each with its ``id`` and the fields to change.
            language: Instead of the client's.

        Returns:
            Whatever records the shop answered with; perhaps none.
        """
        content = shapes.encode({envelope: list(items)})
        payload = self._call("PUT", path, {}, content=content, language=language)
        rows = _as_list(shapes.unwrap(payload, path)) if payload is not None else []
        return [shapes.plain(row) for row in rows if isinstance(row, dict)]

    def upload(
        self,
        path: str,
        envelope: str,
        attachment: bytes | str,
        filename: str,
        *,
        fields: Mapping[str, Any] | None = None,
        language: str | None = None,
    ) -> Row:
        """Upload an image or file with POST and return its record.

        The same picture twice makes two images; where only one fits (a brand's), the new one replaces it.

        Args:
            path: ``products/5/images``, ``brands/7/image``, ``files``.
            envelope: ``productImage``, ``brandImage``, ``file``.
            attachment: The file itself, or an http(s) address that the shop downloads.
            filename: Its name; without the extension it becomes the title. Brackets are cut out, they were refused.
            fields: More fields of the body.
            language: Instead of the client's.

        Raises:
            errors.InDoubt: Sent, but no usable answer.
        """
        data = attachment if isinstance(attachment, str) else base64.b64encode(attachment).decode("ascii")
        name = "".join(letter for letter in filename if letter not in "[](){}")
        return self._write("POST", path, envelope, {**(fields or {}), "attachment": data, "filename": name}, language)

    def delete(self, path: str) -> None:
        """Delete a record. When a first try got no answer, a 404 on the repeat is success.

        Raises:
            errors.NotFound: It was not there at the first try either.
        """
        self._call("DELETE", path, {})

    # time and budget

    def server_now(self) -> dt.datetime:
        """Return the shop's own instant (UTC): the last ``Date`` header plus the seconds since.

        Asks for ``account`` when nothing was asked before.

        Raises:
            errors.Unavailable: The answers carry no ``Date``.
        """
        if self._date is None:
            self.get("account")
        return self._server_now()

    def _server_now(self) -> dt.datetime:
        if self._date is None:
            raise errors.Unavailable("the answers carry no Date header")
        date, at = self._date
        return date + dt.timedelta(seconds=self._clock.monotonic() - at)

    @property
    def date(self) -> dt.datetime | None:
        """The ``Date`` of the last answer (UTC, whole seconds), or ``None`` when there was none."""
        return self._date[0] if self._date else None

    def _best_now(self) -> dt.datetime:
        """The shop's instant, or the host's where only a wait depends on it."""
        return self._server_now() if self._date else self._clock.now()

    # one call

    def _write(self, verb: str, path: str, envelope: str | None, body: Mapping[str, Any], language: str | None) -> Row:
        content = shapes.encode({envelope: body} if envelope else body)
        payload = self._call(verb, path, {}, content=content, language=language)
        return {} if payload is None else _as_row(payload, path)

    def _call(
        self,
        verb: str,
        path: str,
        query: Mapping[str, str],
        *,
        content: bytes | None = None,
        language: str | None = None,
        expected: bool = False,
    ) -> Any:
        """Send until there is an answer or no sense in trying: the only place that waits and repeats."""
        call = Call(verb, path, language or self.language)
        attempt = limited = missing = 0
        while True:
            self._await_budget(call)
            try:
                return answers.read(call, self._send(call, query, content), self._best_now())
            except errors.RateLimited as error:
                self._learn_refusal(error, limited)
                limited += 1
            except errors.LightspeedError as error:
                attempt += 1
                missing += isinstance(error, errors.NotFound)
                if attempt > 1 and verb == "DELETE" and isinstance(error, errors.NotFound):
                    return None
                seconds = retry.pause(
                    error,
                    verb=verb,
                    path=path,
                    attempt=attempt,
                    attempts=self._attempts,
                    missing=missing,
                    jitter=self._jitter(),
                    expected=expected,
                    repeat_writes=self._repeat_writes,
                )
                if seconds is None:
                    raise
                logger.warning("Lightspeed: %s; try %d follows in %.0f s", error, attempt + 1, seconds)
                self._clock.sleep(seconds)

    def _send(self, call: Call, query: Mapping[str, str], content: bytes | None) -> Answer:
        """Send once; every answer teaches the budget and the shop's clock."""
        url = f"{self._base}/{call.language}/{call.path}.json"
        headers = {"Content-Type": "application/json"} if content is not None else None
        with self._lock:
            self.calls[call.endpoint] += 1
        try:
            request = self._http.build_request(call.verb, url, params=query or None, content=content, headers=headers)
            deadline = self._clock.monotonic() + self._longest_answer
            response = self._http.send(request, stream=True)
            try:
                body = self._read(call, response, deadline)
            finally:
                response.close()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as fault:
            raise answers.silence(call, type(fault).__name__, sent=False) from fault
        except (httpx.HTTPError, httpx.StreamError) as fault:
            raise answers.silence(call, type(fault).__name__, sent=True) from fault
        answer = Answer(response.status_code, response.headers, body, self._clock.monotonic())
        # An httpx answer and its stream hold each other; cut the circle, or pages pile up until garbage is collected.
        response.stream = httpx.ByteStream(b"")
        logger.debug("Lightspeed: %s: %d", call, answer.status)
        self._learn(answer)
        return answer

    def _read(self, call: Call, response: httpx.Response, deadline: float) -> bytes:
        """Read the body; a byte now and then would never trip the time-out between two bytes."""
        body = bytearray()
        for part in response.iter_bytes():
            body += part
            if self._clock.monotonic() > deadline:
                raise answers.silence(call, "the answer took too long", sent=True)
        return bytes(body)

    def _learn(self, answer: Answer) -> None:
        date = retry.instant(answer.headers.get("date"))
        with self._lock:
            if news := Budget.read(answer.headers, answer.at):
                self.budget = self.budget.told(news) if self.budget else news
            if date is not None:
                self._date = date, answer.at

    def _await_budget(self, call: Call) -> None:
        """Wait until a call fits the windows without touching the reserve.

        Raises:
            errors.BudgetSpent: The wait is longer than ``longest_wait``.
        """
        while True:
            with self._lock:
                now = self._clock.monotonic()
                pause = self.budget.pause(now, self._reserve) if self.budget else None
                closed = self._closed_until - now
                if pause is None and closed <= INSTANT:
                    if self.budget:
                        self.budget = self.budget.spend()
                    return
            self._wait(call, max(pause.seconds if pause else 0.0, closed), _why(pause))

    def _learn_refusal(self, error: errors.RateLimited, limited: int) -> None:
        """Close the door after a 429 until the window the shop names is over; the next try waits before it.

        Raises:
            errors.RateLimited: Refused again and again, and the shop says nothing about when to come back.
        """
        now = self._clock.monotonic()
        told = self.budget.refused(now) if self.budget else None
        if limited >= self._attempts:
            raise error
        if told is not None:
            seconds = told.seconds
        elif error.retry_after is not None:
            seconds = error.retry_after
        elif limited < len(retry.BLIND_PAUSES):
            seconds = retry.BLIND_PAUSES[limited]
        else:
            raise error
        with self._lock:
            self._closed_until = max(self._closed_until, now + seconds)
        logger.info("Lightspeed: %s", error)

    def _wait(self, call: Call, seconds: float, why: str) -> None:
        if seconds > self._longest_wait:
            until = self._best_now() + dt.timedelta(seconds=seconds)
            raise errors.BudgetSpent(
                f"{why}; the next call is possible at {until:%Y-%m-%d %H:%M:%S} UTC",
                until=until,
                retry_after=seconds,
                request=str(call),
            )
        logger.info("Lightspeed: waiting %.0f s, %s", seconds, why)
        self._clock.sleep(seconds)


def _trust(base: str) -> ssl.SSLContext | bool:
    """Whom to trust: the usual authorities. Plain http (only on this machine) needs none; loading them takes time."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if base.startswith("http:") else True


def _why(pause: Pause | None) -> str:
    if pause is None:
        return "because the shop refused a call for its rate"
    return (
        f"because {pause.left} of {pause.limit} calls are left in the {pause.window} window of this key "
        f"and {pause.reserve} are kept for other processes"
    )


def _as_list(value: Any) -> Rows:
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, dict) and value else []


def _as_row(payload: Any, path: str, regular: Regular = shapes.plain) -> Row:
    value = shapes.unwrap(payload, path)
    if isinstance(value, list):
        value = value[0] if value else {}
    return regular(value) if isinstance(value, dict) else {"value": value}
