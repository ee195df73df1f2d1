"""The worlds of products and prices serve here too."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "catalogue"))
sys.path.insert(0, str(Path(__file__).parent.parent / "prices"))

from catalogue_world import Catalogue


@pytest.fixture
def shop(tmp_path: Path) -> Catalogue:
    """An empty shop with taxes and languages."""
    return Catalogue(tmp_path)
