"""The catalogue's own world."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from catalogue_world import Catalogue


@pytest.fixture
def shop(tmp_path: Path) -> Catalogue:
    """An empty shop with taxes and languages."""
    return Catalogue(tmp_path)
