"""A clock that is turned by hand, and a server that answers from a script."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from afas_profit import Afas, ClassicToken

HEX = "0123456789ABCDEF" * 4
Step = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class FakeClock:
    """Waits without waiting."""

    def __init__(self) -> None:
        self.start = datetime(2026, 11, 1, 10, 0, tzinfo=UTC)
        self.gone = 0.0
        self.waits: list[float] = []

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.gone)

    def monotonic(self) -> float:
        return self.gone

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.gone += seconds


class Script:
    """Answers each request with the next step; the last one stays."""

    def __init__(self, *steps: Step) -> None:
        self.steps = list(steps)
        self.requests: list[httpx.Request] = []
        self._lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.requests.append(request)
            step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Exception):
            raise step
        if isinstance(step, httpx.Response):
            # A fresh one each time: a response can be read once.
            return httpx.Response(step.status_code, headers=step.headers, content=step.content)
        return step(request)

    @property
    def queries(self) -> list[str]:
        return [request.url.query.decode() for request in self.requests]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def play(clock: FakeClock) -> Iterator[Callable[..., tuple[Afas, Script]]]:
    """Make a client whose calls are answered by the steps given."""
    made: list[Afas] = []

    def make(*steps: Step, **options: Any) -> tuple[Afas, Script]:
        script = Script(*steps)
        auth = options.pop("auth", ClassicToken(HEX))
        options.setdefault("clock", clock)
        client = Afas(
            "https://12345.rest.afas.online/ProfitRestServices", auth, transport=httpx.MockTransport(script), **options
        )
        made.append(client)
        return client, script

    yield make
    for client in made:
        client.close()


@pytest.fixture(scope="session")
def recorded() -> Path:
    """The recorded data of AFAS, which is not part of the repository."""
    folder = Path(__file__).resolve().parents[3].parent / "shared" / "reference" / "afas" / "recorded"
    if not folder.is_dir():
        pytest.skip("the recorded data of AFAS is not beside the repository")
    return folder
