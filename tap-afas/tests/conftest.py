"""Shared fixtures: no setting from the environment, a sandbox on virtual time, and what the tap wrote."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
for _name in [name for name in os.environ if name.startswith("TAP_AFAS_")]:
    del os.environ[_name]

from environment import Environment  # noqa: E402  the path and the variables come first


@pytest.fixture
def afas():
    """Return an imitated environment of AFAS on virtual time."""
    return Environment()
