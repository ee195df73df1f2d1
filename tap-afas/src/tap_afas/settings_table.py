"""The settings as tables of the README: `python -m tap_afas.settings_table` prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_afas.settings import Attachment, Deletes, Settings, StreamSettings

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

TABLES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("Of the tap", Settings),
    ("Of a stream (`streams.<name or pattern>`)", StreamSettings),
    ("`deletes` of a stream (`true` is short for the defaults)", Deletes),
    ("Each of `attachments` of a stream", Attachment),
)


def tables() -> str:
    """All tables, as Markdown."""
    return "\n\n".join(f"### {title}\n\n{_table(model)}" for title, model in TABLES)


def _table(model: type[BaseModel]) -> str:
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for name, field in model.model_fields.items():
        rows.append(f"| `{name}` | {_default(field)} | {_cell(field.description or '')} |")
    return "\n".join(rows)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value: Any = field.default
    if value is None or value in ((), {}):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(tables())
