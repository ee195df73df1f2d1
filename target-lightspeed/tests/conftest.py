"""Shared by all tests: no settings leak in from the environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from target_lightspeed_world import World


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("TARGET_LIGHTSPEED_", "MELTANO_"))]:
        monkeypatch.delenv(name)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)
