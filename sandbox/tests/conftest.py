"""What the tests of the core share."""

from __future__ import annotations

import importlib
import sys
from datetime import UTC, datetime
from pathlib import Path

# With --import-mode=importlib pytest names this file `sandbox.tests.conftest`, after its folder, and to that end puts
# a namespace `sandbox` where the package belongs. Whichever comes first stays: let it be the package.
if getattr(sys.modules.get("sandbox"), "__file__", None) is None:
    sys.modules.pop("sandbox", None)
    importlib.import_module("sandbox")
sys.path.insert(0, str(Path(__file__).parent))

from typing import TYPE_CHECKING

import httpx
import pytest
from toy import Toy

from sandbox.box import Box
from sandbox.clock import SandboxClock
from sandbox.testing import transport

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def clock() -> SandboxClock:
    return SandboxClock(datetime(2026, 11, 1, 12, tzinfo=UTC), frozen=True)


@pytest.fixture
def box(clock: SandboxClock) -> Box:
    return Box(Toy(clock))


@pytest.fixture
def toy(box: Box) -> Iterator[httpx.Client]:
    with httpx.Client(base_url="http://toy", transport=transport(box), timeout=60) as client:
        yield client
