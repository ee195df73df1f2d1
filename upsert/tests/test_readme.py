"""What the README shows works."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

README = Path(__file__).parents[1] / "README.md"


class Api:
    """The reader's own client."""

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}

    def server_time(self) -> datetime:
        return datetime(2026, 11, 1, tzinfo=UTC)

    def orders_by_reference(self, keys: list[str]) -> dict[str, list[dict[str, Any]]]:
        return {key: [self.orders[key]] for key in keys if key in self.orders}

    def post_order(self, key: str, payload: dict[str, Any]) -> str:
        self.orders[key] = {"number": "SO-1", **payload}
        return "SO-1"


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ten lines make one order, and the second time none."""
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    api = Api()
    exec(compile(code, "README.md", "exec"), {"api": api})  # noqa: S102 - our own documentation
    assert "created" in capsys.readouterr().out
    exec(compile(code, "README.md", "exec"), {"api": api})  # noqa: S102 - our own documentation
    assert "unchanged" in capsys.readouterr().out
    assert len(api.orders) == 1
