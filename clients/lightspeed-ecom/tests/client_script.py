"""Handlers and a clock for tests of the client."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import httpx

from lightspeed_ecom import Lightspeed

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = dt.datetime(2026, 11, 1, 10, 0, tzinfo=dt.UTC)
DATE = "Sun, 01 Nov 2026 10:00:00 GMT"


class FakeClock:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []

    def now(self) -> dt.datetime:
        return dt.datetime(2001, 1, 1, tzinfo=dt.UTC)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


class Script:
    """Answers one after the other, and keeps the requests."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, tuple):
            status, body, headers = (*answer, {})[:3]
            return httpx.Response(status, headers={"Date": DATE, **headers}, **_body(body))
        return httpx.Response(200, headers={"Date": DATE}, **_body(answer))


def _body(body: Any) -> dict[str, Any]:
    return {"content": body} if isinstance(body, str | bytes) else {"json": body}


def client(
    handler: Callable[[httpx.Request], httpx.Response], clock: FakeClock | None = None, **options: Any
) -> Lightspeed:
    return Lightspeed(
        "key",
        "secret",
        transport=httpx.MockTransport(handler),
        clock=clock or FakeClock(),
        jitter=lambda: 1.0,
        **options,
    )


def error(status: int, message: str = "No.", **headers: str) -> tuple[int, Any, dict[str, str]]:
    return (
        status,
        {"error": {"code": status, "method": "READ", "request": "\\/nl\\/x.json", "message": message}},
        headers,
    )


def limits(left: str, reset: str) -> dict[str, str]:
    return {"X-RateLimit-Limit": "300/3000/12000", "X-RateLimit-Remaining": left, "X-RateLimit-Reset": reset}
