"""Keeps the credentials of one client: gets and renews tokens, and stops calling when they are refused.

A 401 can mean that the token is no good, or (in some versions of Profit) that it may not use this one connector. One
call of `metainfo`, for which any valid token will do, tells which. So a revoked token costs two calls, however many
threads use it.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from afas_profit.auth import Auth, ClassicToken, ClientCredentials, Grant
from afas_profit.call import Answer, Call
from afas_profit.classify import no_answer
from afas_profit.errors import AfasError, ConnectorDenied, NotAuthorised

if TYPE_CHECKING:
    from collections.abc import Callable

    from afas_profit.clock import Clock

# How long a refusal, or its opposite, is taken as still true.
_REMEMBER = 60.0
_PROBE = Call("GET", "metainfo", "metainfo")


class Session:
    """The credentials in use. Thread-safe.

    Args:
        auth: what the user gave.
        exchange: sends a call with headers once.
        fetch: makes the token call with its headers, repeats included, and returns the JSON.
        clock: for the life of tokens and refusals.
    """

    def __init__(
        self,
        auth: Auth,
        *,
        exchange: Callable[[Call, dict[str, str]], Answer],
        fetch: Callable[[Call, dict[str, str]], Any],
        clock: Clock,
    ) -> None:
        self._auth = auth
        self._exchange = exchange
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._header = auth.header if isinstance(auth, ClassicToken) else ""
        self._good_until = float("inf") if self._header else float("-inf")
        self._refusal: tuple[str, float] | None = None
        self._fine_until = float("-inf")

    def header(self, call: Call) -> str:
        """The `Authorization` header for a call; gets a token first where needed.

        Raises:
            NotAuthorised: the credentials are refused now, or were a moment ago (then nothing is sent).
            NotSent: the token call found no connection.
            Unavailable: the token call found AFAS down.
        """
        with self._lock:
            self._raise_if_refused(call)
            if self._clock.monotonic() >= self._good_until:
                self._renew()
            return self._header

    def refused(self, call: Call, used: str, challenge: str | None, *, renewed: bool, error: NotAuthorised) -> None:
        """Decide what a 401 means. Returns when the call may be made once more with `header()`.

        Args:
            call: the call that was refused.
            used: the header it carried.
            challenge: its `WWW-Authenticate`, or None.
            renewed: this call has been repeated with a new token already.
            error: the refusal.

        Raises:
            NotAuthorised: the credentials are no good.
            ConnectorDenied: they are, but not for this connector.
        """
        with self._lock:
            self._raise_if_refused(call)
            bad_token = challenge is not None and "invalid_token" in challenge
            if isinstance(self._auth, ClientCredentials) and not renewed and (bad_token or challenge is None):
                if self._header == used:
                    self._renew()
                return
            if not bad_token and call.endpoint != _PROBE.endpoint and self._token_works(used, error):
                raise ConnectorDenied(
                    f"the token may not use {call.connector}: add it to the app connector",
                    call=call.name,
                    connector=call.connector,
                    status=401,
                )
            raise self._remember(error)

    def _token_works(self, used: str, error: NotAuthorised) -> bool:
        if self._clock.monotonic() < self._fine_until:
            return True
        try:
            status = self._exchange(_PROBE, {"Authorization": used}).status
        except AfasError:
            raise error from None
        if status >= 300 and status != 401:
            raise error
        works = status < 300
        if works:
            self._fine_until = self._clock.monotonic() + _REMEMBER
        return works

    def _renew(self) -> None:
        if not isinstance(self._auth, ClientCredentials):
            return
        headers, body = self._auth.request()
        call = Call("POST", "oauth/token", "oauth/token", "token", body, "oauth/token")
        try:
            answer = self._fetch(call, headers)
        except NotAuthorised as error:
            raise self._remember(error) from None
        try:
            grant = Grant.read(answer)
        except ValueError as error:
            raise no_answer(call, str(error)) from None
        self._header = grant.header
        self._good_until = self._clock.monotonic() + grant.lifetime

    def _remember(self, error: NotAuthorised) -> NotAuthorised:
        self._refusal = (error.message, self._clock.monotonic() + _REMEMBER)
        return error

    def _raise_if_refused(self, call: Call) -> None:
        if self._refusal is None:
            return
        message, until = self._refusal
        if self._clock.monotonic() < until:
            raise NotAuthorised(f"{message} (not asked again)", call=call.name, status=401)
        self._refusal = None
