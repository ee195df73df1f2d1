"""Shared fixtures: no setting from the environment, and what the tap wrote."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
for _name in [name for name in os.environ if name.startswith("TAP_LIGHTSPEED_")]:
    del os.environ[_name]

from fake_shop import Stdout  # noqa: E402  the path and the environment come first


@pytest.fixture
def stdout():
    """Return a standard output to run the tap into."""
    return Stdout()
