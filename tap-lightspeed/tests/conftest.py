"""Shared fixtures: no setting from the environment, and what the tap wrote."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
for _name in [name for name in os.environ if name.startswith("TAP_LIGHTSPEED_")]:
    del os.environ[_name]


class Stdout(io.TextIOWrapper):
    """Standard output with a binary side, as a process has it."""

    def __init__(self):
        super().__init__(io.BytesIO(), encoding="utf-8")

    def lines(self):
        """Return what was written since this was last called, one message per line."""
        self.flush()
        written = self.buffer.getvalue().splitlines()
        self.buffer.seek(0)
        self.buffer.truncate()
        return written

    def messages(self):
        """Return the messages written since this was last called."""
        return [json.loads(one) for one in self.lines()]


@pytest.fixture
def stdout():
    """Return a standard output to run the tap into."""
    return Stdout()
