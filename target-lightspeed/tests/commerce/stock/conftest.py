"""A shop that sells from a stock which another system keeps."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from stock_world import StockWorld


@pytest.fixture
def world(tmp_path: Path) -> StockWorld:
    return StockWorld(tmp_path)
