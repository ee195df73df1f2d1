"""Fixtures: a store in memory, a fake system, a kernel on virtual time."""

from __future__ import annotations

import importlib
import sys

# With --import-mode=importlib pytest names this file `upsert.tests.conftest`, after its folder, and puts a namespace
# `upsert` where the package belongs. Let it be the package.
if getattr(sys.modules.get("upsert"), "__file__", None) is None:
    sys.modules.pop("upsert", None)
    importlib.import_module("upsert")

from typing import TYPE_CHECKING

import pytest

from upsert.kernel import Kernel
from upsert.store import Store
from upsert.testing import FakePort, FakeSystem, VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MELTANO_ENVIRONMENT", "MELTANO_RUN_ID", "HELD_STORE", "HELD_FAIL_ON", "HELD_STATE_ID", "HELD_WHO"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open("sqlite://") as opened:
        yield opened


@pytest.fixture
def system() -> FakeSystem:
    return FakeSystem()


@pytest.fixture
def port(system: FakeSystem, store: Store) -> FakePort:
    return FakePort(system, store.hasher)


@pytest.fixture
def kernel(store: Store) -> Callable[..., Kernel]:
    def make(kind: type[Kernel] = Kernel, **options: object) -> Kernel:
        return kind(store, run_id="run", clock=VirtualClock(), **options)

    return make
