"""What a person should know of a record that was mapped nevertheless; it travels as ``extra.notes``."""

from __future__ import annotations

from commerce.models import Extra


class Notes:
    """Notes on one record, each ``code: field``; never a value."""

    def __init__(self) -> None:
        self._found: list[str] = []

    def add(self, code: str, field: str) -> None:
        """Note something."""
        self._found.append(f"{code}: {field}")

    def extra(self) -> dict[str, Extra]:
        """The notes as a typed custom value; nothing when there are none."""
        return {"notes": Extra(type="multi_choice", value=list(self._found))} if self._found else {}
