"""Drive a box in-process on virtual time, with httpx as the client library. Needs the extra `testing`.

Example::

    clock = SandboxClock(datetime(2026, 11, 1, tzinfo=UTC), frozen=True)
    box = Box(LightspeedService(clock))
    client = httpx.Client(base_url="http://shop", transport=transport(box))
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx

from sandbox.http import Headers, Reply, Request
from sandbox.server import served

if TYPE_CHECKING:
    from sandbox.box import Box, Outcome
    from sandbox.clock import SandboxClock

__all__ = ["Killed", "VirtualClock", "served", "transport"]

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Killed(BaseException):
    """The fault `kill` met a call from this very process: the client's life ends here."""


class VirtualClock:
    """The clock of a client on virtual time: sleeping moves the sandbox's clock and takes no time.

    Attributes:
        slept: The seconds of every sleep, in order.
    """

    def __init__(self, clock: SandboxClock, skew: timedelta = timedelta()) -> None:
        """Follow a sandbox's clock; `skew` is how far this host's clock is ahead of it."""
        self._clock = clock
        self.skew = skew
        self.slept: list[float] = []

    def now(self) -> datetime:
        """The host's idea of the present instant, in UTC."""
        return self._clock.now() + self.skew

    def monotonic(self) -> float:
        """Seconds since a fixed instant, without the skew."""
        return (self._clock.now() - _EPOCH).total_seconds()

    def sleep(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.slept.append(seconds)
        if seconds > 0:
            self._clock.advance(seconds)


def transport(box: Box, clock: SandboxClock | None = None, *, latency: float = 0) -> httpx.BaseTransport:
    """A transport for `httpx.Client` that answers from a box.

    Args:
        box: The imitated API.
        clock: The clock that delays move; default the box's own. It must be frozen for repeatable runs.
        latency: Virtual seconds that every call takes.
    """
    return _Transport(box, clock or box.clock, latency)


class _Transport(httpx.BaseTransport):
    def __init__(self, box: Box, clock: SandboxClock, latency: float) -> None:
        self._box, self._clock, self._latency = box, clock, latency

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one call, or raise what a broken connection would raise."""
        outcome = self._box.answer(_request(request))
        read = (request.extensions.get("timeout") or {}).get("read")
        delay = outcome.delay + self._latency
        if outcome.reply is not None and outcome.drip:
            delay += len(outcome.reply.body) / outcome.drip
        elif read is not None and delay > read:
            self._clock.advance(read)
            self._gone(outcome)
            raise httpx.ReadTimeout("The read operation timed out", request=request)
        if delay:
            self._clock.advance(delay)
        self._gone(outcome)
        if outcome.kill:
            raise Killed
        if outcome.reply is None:
            raise httpx.ReadError("[Errno 104] Connection reset by peer", request=request)
        if outcome.drop == "truncate":
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body", request=request
            )
        return _response(outcome.reply)

    def _gone(self, outcome: Outcome) -> None:
        if outcome.late is not None:
            self._box.client_gone(outcome.late)


def _request(request: httpx.Request) -> Request:
    url = request.url
    return Request(
        request.method.upper(),
        url.path,
        url.query.decode("latin-1"),
        Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw),
        request.read(),
        None,
        url.raw_path.split(b"?", 1)[0].decode("latin-1"),
    )


def _response(reply: Reply) -> httpx.Response:
    headers = [*reply.headers]
    if reply.status != 204:
        headers.append(("Content-Length", str(len(reply.body))))
    return httpx.Response(reply.status, headers=headers, stream=httpx.ByteStream(reply.body))
