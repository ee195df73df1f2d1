"""The edge to the network: one httpx client, at most five calls at once, and nothing secret in the log."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import httpx

from afas_profit.call import Answer, Call
from afas_profit.classify import http_date, no_answer
from afas_profit.errors import NotSent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from afas_profit.clock import Clock

log = logging.getLogger("afas_profit")

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
# A proxy that drops idle connections commonly does so after 60 s; ours are gone before that.
_KEEP_IDLE = 45.0


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait, per kind of call.

    Attributes:
        connect: for a connection.
        send: for each part of the request to be taken.
        read: for the whole answer to a read; AFAS itself stops a query after 900 s.
        write: for the whole answer to a write; after that the write is in doubt.
    """

    connect: float = 10.0
    send: float = 60.0
    read: float = 930.0
    write: float = 300.0


class Edge:
    """Sends calls. Thread-safe; waits for a free slot when `max_calls` are under way."""

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str],
        transport: httpx.BaseTransport | None,
        clock: Clock,
        max_calls: int,
        timeouts: Timeouts,
    ) -> None:
        self.calls: Counter[str] = Counter()
        self._base = f"{base_url}/"
        self._headers = list(headers.items())
        self._clock = clock
        self._limits = {
            kind: {"connect": timeouts.connect, "pool": timeouts.connect, "write": timeouts.send, "read": seconds}
            for kind, seconds in (("read", timeouts.read), ("write", timeouts.write), ("token", timeouts.connect * 3))
        }
        self._slots = threading.BoundedSemaphore(max_calls)
        self._count = threading.Lock()
        self._date: tuple[str, float] | None = None
        self._client = httpx.Client(
            transport=transport,
            follow_redirects=False,
            limits=httpx.Limits(
                max_connections=max_calls, max_keepalive_connections=max_calls, keepalive_expiry=_KEEP_IDLE
            ),
        )
        _quiet(self._client.build_request("GET", self._base).url)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def exchange(self, call: Call, headers: Mapping[str, str]) -> Answer:
        """One request and its complete answer, whatever its status.

        Args:
            call: what to send.
            headers: those of this call, besides the fixed ones.

        Raises:
            NotSent: no connection.
            InDoubt: a write was sent and the answer did not come, or not whole.
            Unavailable: the same for a read.
        """
        limits = self._limits[call.kind]
        request = httpx.Request(
            call.verb,
            self._base + call.target,
            headers=[*self._headers, *headers.items()],
            content=call.body,
            extensions={"timeout": limits},
        )
        with self._slots:
            with self._count:
                self.calls[call.name] += 1
            began = self._clock.monotonic()
            outcome = "no answer"
            try:
                answer = self._send(call, request, began + limits["read"])
                outcome = str(answer.status)
                return answer
            finally:
                took = (self._clock.monotonic() - began) * 1000
                log.debug("%s: %s in %.0f ms", call.name, outcome, took)

    def server_now(self) -> datetime | None:
        """The server's clock: the last `Date` header and the time gone since; None before the first one."""
        if self._date is None:
            return None
        text, heard = self._date
        date = http_date(text)
        return None if date is None else date + timedelta(seconds=self._clock.monotonic() - heard)

    def _send(self, call: Call, request: httpx.Request, deadline: float) -> Answer:
        try:
            response = self._client.send(request, stream=True)
            try:
                if date := response.headers.get("date"):
                    self._date = (date, self._clock.monotonic())
                content = self._read(call, response, deadline)
            finally:
                response.close()
        except _NOT_SENT as error:
            raise NotSent(
                f"no connection ({str(error) or type(error).__name__})", call=call.name, lasting=_is_lasting(error)
            ) from None
        except (httpx.RequestError, httpx.StreamError) as error:
            raise no_answer(call, type(error).__name__) from None
        return Answer(response.status_code, _first_of_each(response.headers), content)

    def _read(self, call: Call, response: httpx.Response, deadline: float) -> bytes:
        """The whole body, within the time of the call as a whole: a byte a second would never trip httpx's time-out."""
        parts = bytearray()  # one piece of memory: pages have megabytes, and several come at once
        for part in response.iter_bytes():
            parts += part
            if self._clock.monotonic() > deadline:
                raise no_answer(call, "the answer took too long", response.status_code)
        content = bytes(parts)
        told = response.headers.get("content-length", "")
        # httpcore checks this on sockets; other transports may not. Packed answers tell by failing to unpack.
        if told.isdigit() and int(told) != len(content) and "content-encoding" not in response.headers:
            raise no_answer(call, "the answer is not as long as it says", response.status_code)
        return content


def _first_of_each(headers: httpx.Headers) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers.multi_items():
        found.setdefault(name.lower(), value)
    return found


def _is_lasting(error: Exception) -> bool:
    return "CERTIFICATE_VERIFY_FAILED" in str(error)


class _NoUrls(logging.Filter):
    """httpx logs every URL, with its query; ours hold customers' data. Drops its lines about our hosts."""

    def __init__(self) -> None:
        super().__init__()
        self.hosts: set[tuple[str, int | None]] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        urls = [item for item in record.args if isinstance(item, httpx.URL)] if isinstance(record.args, tuple) else []
        return not any((url.host, url.port) in self.hosts for url in urls)


_NO_URLS = _NoUrls()


def _quiet(url: httpx.URL) -> None:
    _NO_URLS.hosts.add((url.host, url.port))
    logging.getLogger("httpx").addFilter(_NO_URLS)
