"""What every record says of itself: its key, where it comes from, when it changed, and whether it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commerce.mapping.afas.keys import source
from commerce.models import Code

if TYPE_CHECKING:
    from commerce.mapping.afas.options import Options
    from commerce.mapping.afas.rows import Row


def head(
    row: Row, options: Options, key: str, *, changed: tuple[str, ...] = ("Modified",), blocked: str = ""
) -> dict[str, Any]:
    """The fields of `commerce.models.MasterRecord`.

    Args:
        row: The row.
        options: The options.
        key: The record's key.
        changed: The columns that say when it changed; the latest counts.
        blocked: The column that says that it no longer counts; "" for none.

    Returns:
        Key and source; when it changed and whether it is blocked only where the connector says so.

    Raises:
        MappingError: ``invalid_value`` with the column.
    """
    made: dict[str, Any] = {"key": key, "source": source(options)}
    if row.has(*changed):
        made["changed_at"] = row.instant(*changed)
    if blocked and row.has(blocked):
        made["active"] = not row.flag(blocked)
    return made


def unit(row: Row) -> dict[str, Code | None]:
    """The field ``unit``; nothing when the record has no such column."""
    if not row.has("Unit"):
        return {}
    code = row.text("Unit")
    return {"unit": None if code is None else Code(code=code)}
