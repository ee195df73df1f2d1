"""A measured figure beside its target, the table of them, and the file that keeps them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True)
class Metric:
    """One figure.

    Attributes:
        name: Its name in the file.
        value: What was measured.
        target: What it should be; `None`: it is only reported.
        better: Which way is better.
        unit: Of the value.
        note: How it came about.
    """

    name: str
    value: float
    target: float | None
    better: Literal["lower", "higher"]
    unit: str
    note: str = ""

    def called(self, name: str) -> Metric:
        """The same under another name."""
        return replace(self, name=name)

    @property
    def verdict(self) -> str:
        """Whether the target was met: "ok", "MISSED", or "" when there is none."""
        if self.target is None:
            return ""
        good = self.value <= self.target if self.better == "lower" else self.value >= self.target
        return "ok" if good else "MISSED"

    def as_json(self) -> dict[str, Any]:
        """As the file keeps it."""
        return {
            "value": round(self.value, 4),
            "target": self.target,
            "better": self.better,
            "unit": self.unit,
            "note": self.note,
        }


def table(metrics: Iterable[Metric]) -> str:
    """The metrics as a table for people."""
    rows = [("metric", "value", "target", "", "unit", "note")]
    for one in metrics:
        sign = "<=" if one.better == "lower" else ">="
        target = "" if one.target is None else f"{sign} {one.target:g}"
        rows.append((one.name, _shown(one.value), target, one.verdict, one.unit, one.note))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    made = []
    for row in rows:
        name, value, *rest = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        made.append("  ".join((name, value.strip().rjust(widths[1]), *rest, row[5])).rstrip())
    return "\n".join(made)


def keep(file: Path, metrics: Iterable[Metric]) -> None:
    """Write the metrics; those that were not measured this time keep the values they had."""
    known: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    known.update({one.name: one.as_json() for one in metrics})
    file.write_text(json.dumps(known, indent=2, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.3g}" if value < 10 else f"{value:.1f}"
