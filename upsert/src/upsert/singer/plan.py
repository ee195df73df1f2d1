"""What a run in plan mode says at its end: a table for a person, or JSON lines for a file."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from upsert.model import Change
    from upsert.plans import Planned, Plans

WIDTH = 60
"""Most characters of a value."""

LINES = 1_000
"""Most lines of the table; the file has all."""

NOTHING = "-"
HEAD = ("what", "record", "field", "now", "then")


def totals(plans: Plans) -> str:
    """What the plan comes to, in one line."""
    new = sum(planned.action == "create" for planned in plans)
    values = sum(len(planned.changes) for planned in plans)
    refused = f" (and {plans.refused} that would be refused)" if plans.refused else ""
    return (
        f"{new} would be created and {len(plans) - new} changed: {values} values, "
        f"{plans.calls} calls to write{refused}, {plans.mails} mails to customers; "
        "nothing was written and no state goes out"
    )


def table(plans: Plans, most: int = LINES) -> Iterator[str]:
    """The plan as lines of equal columns.

    Args:
        plans: What is planned.
        most: Most values shown; a last line says how many more there are.
    """
    rows = [
        (f"{planned.action} {planned.purpose}", _cut(planned.key), *shown)
        for planned in plans
        for shown in (tuple(_shown(change)) for change in planned.changes or (None,))
    ]
    if not rows:
        return
    part = [HEAD, *rows[:most]]
    widths = [max(len(row[column]) for row in part) for column in range(len(HEAD))]
    for row in part:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
    if len(rows) > most:
        yield f"... and {len(rows) - most} more; set plan_file to have them all"


def write(plans: Plans, path: str) -> None:
    """Write the plan as JSON lines: one per value, whole, the last one with the totals.

    Args:
        plans: What is planned.
        path: File, written anew.

    Raises:
        ConfigurationError: It can't be written.
    """
    new = sum(planned.action == "create" for planned in plans)
    last = {
        "created": new,
        "changed": len(plans) - new,
        "values": sum(len(planned.changes) for planned in plans),
        "calls": plans.calls,
        "refused": plans.refused,
        "mails": plans.mails,
        "held": dict(plans.held),
        "beyond": plans.beyond,
    }
    lines = [line for planned in plans for line in _lines(planned)]
    text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in [*lines, {"totals": last}])
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"plan_file {path} can't be written: {error.strerror}") from error


def _lines(planned: Planned) -> Iterator[dict[str, Any]]:
    about = {
        "action": planned.action,
        "scope": planned.scope,
        "purpose": planned.purpose,
        "key": planned.key,
        "stream": planned.source.stream,
        "source_key": planned.source.key,
    }
    for change in planned.changes:
        yield {**about, "field": change.field, "old": whole(change.old), "new": whole(change.new)}
    if not planned.changes:
        yield about


def _shown(change: Change | None) -> tuple[str, str, str]:
    if change is None:
        return "", "", ""
    old, new = text_of(change.old), text_of(change.new)
    return change.field, NOTHING if old is None else old, NOTHING if new is None else new


def whole(value: Any) -> str | None:
    """A value as text, nothing left out; None for nothing."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def text_of(value: Any) -> str | None:
    """A value as a short text in one line; None for nothing."""
    text = whole(value)
    return None if text is None else _cut(" ".join(text.split()))


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"
