"""Makes calls: with credentials, repeated where that is safe, until there is a result or an error of the tree."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from afas_profit.classify import result
from afas_profit.edge import Edge, log
from afas_profit.errors import AfasError, NotAuthorised
from afas_profit.retry import WRITE_PATIENCE, Tries, pause
from afas_profit.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from afas_profit.auth import Auth
    from afas_profit.call import Answer, Call
    from afas_profit.clock import Clock

_JSON = {"Content-Type": "application/json; charset=utf-8"}


class Caller:
    """Puts edge, credentials and the decision to repeat together. Thread-safe.

    Args:
        edge: the network.
        auth: the credentials.
        clock: for pauses.
        longest_wait: seconds that one call may wait for an AFAS that says when it is back.
    """

    def __init__(self, edge: Edge, auth: Auth, *, clock: Clock, longest_wait: float) -> None:
        self._edge = edge
        self._clock = clock
        self._longest_wait = longest_wait
        self._session = Session(auth, exchange=edge.exchange, fetch=self._fetch, clock=clock)

    def perform(self, call: Call, parse: Callable[[bytes], Any] | None = None) -> Any:
        """Make a call.

        Args:
            call: what to ask.
            parse: reads a good answer instead of the client's own reader; raises ValueError when it can't.

        Returns:
            The JSON of its answer, None when that is empty; or what `parse` made of it.

        Raises:
            AfasError: see `errors`.
        """
        headers = dict(_JSON) if call.body is not None else {}
        renewed = False

        def once() -> Any:
            nonlocal renewed
            while True:
                headers["Authorization"] = self._session.header(call)
                answer = self._edge.exchange(call, headers)
                try:
                    return result(call, answer, self._clock.now, parse)
                except NotAuthorised as error:
                    if error.status != 401:
                        raise
                    challenge = answer.headers.get("www-authenticate")
                    used = headers["Authorization"]
                    self._session.refused(call, used, challenge, renewed=renewed, error=error)
                    renewed = True

        return self._repeat(call, once)

    def _fetch(self, call: Call, headers: dict[str, str]) -> Any:
        """Make the token call."""

        def once() -> Any:
            answer: Answer = self._edge.exchange(call, headers)
            return result(call, answer, self._clock.now)

        return self._repeat(call, once)

    def _repeat(self, call: Call, once: Callable[[], Any]) -> Any:
        tries = Tries()
        took = 0.0
        latest = self._clock.monotonic() + WRITE_PATIENCE if call.kind == "write" else float("inf")
        while True:
            began = self._clock.monotonic()
            try:
                return once()
            except AfasError as error:
                took += self._clock.monotonic() - began
                spread = random.random()  # noqa: S311 - spreads callers in time, keeps no secret
                wait = pause(error, call.kind, tries, took=took, longest_wait=self._longest_wait, jitter=spread)
                # The token call within another one has been repeated already.
                if wait is None or error.call != call.name or self._clock.monotonic() + wait > latest:
                    raise
                log.info("%s: %s; again in %.1f s", call.name, type(error).__name__, wait)
            self._clock.sleep(wait)
