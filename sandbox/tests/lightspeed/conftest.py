"""A shop in a box."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.box import Box
from sandbox.lightspeed.service import LightspeedService

sys.path.insert(0, str(Path(__file__).parent))

from typing import TYPE_CHECKING

from shopclient import MANY, Api

from sandbox.clock import SandboxClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.store import Change


@pytest.fixture(scope="session")
def small() -> list[Change]:
    """The rows of the small seed: loading them is quicker than placing its orders for every test."""
    clock = SandboxClock(datetime(2026, 11, 1, 12, tzinfo=UTC), frozen=True)
    return list(LightspeedService(clock, "small").changes())


@pytest.fixture
def box(clock: SandboxClock, small: list[Change]) -> Box:
    service = LightspeedService(clock, "empty", MANY)
    service.restore(small)
    return Box(service)


@pytest.fixture
def api(box: Box) -> Iterator[Api]:
    made = Api(box)
    with made.http:
        yield made


@pytest.fixture
def empty(clock: SandboxClock) -> Iterator[Api]:
    made = Api(Box(LightspeedService(clock, "empty", MANY)))
    with made.http:
        yield made
