"""What AFAS fields can hold, and what becomes of a text that does not fit. Pure, but for the notes of what was cut.

Lengths are those of the UpdateConnectors' official field lists; over-length is an error in AFAS, not a truncation, so
the decision is made here, before anything is sent.
"""

from __future__ import annotations

import json
import unicodedata
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from target_afas.reasons import CannotLoad

if TYPE_CHECKING:
    from collections.abc import Iterator

CAPABILITY: Final[dict[str, Any]] = json.loads(
    resources.files("target_afas").joinpath("capability.json").read_text("utf-8")
)
"""The capability file: streams, kinds and field lengths of this target."""

LENGTHS: Final[dict[str, int]] = CAPABILITY["lengths"]
_REFUSED: Final[frozenset[str]] = frozenset(CAPABILITY["never_cut"])

_notes: ContextVar[list[str] | None] = ContextVar("notes", default=None)


@contextmanager
def noting() -> Iterator[list[str]]:
    """Gives a list that fills with what is cut or left out within the block: the field and what became of it."""
    notes: list[str] = []
    token = _notes.set(notes)
    try:
        yield notes
    finally:
        _notes.reset(token)


def note(text: str) -> None:
    """Remember that something does not reach AFAS as the source has it; the text names a field, never a value."""
    notes = _notes.get()
    if notes is not None and text not in notes:
        notes.append(text)


def clean(text: str | None, *, lines: bool = False) -> str | None:
    """Without control characters and outer blanks; line ends only where AFAS has several lines; empty is none."""
    if text is None:
        return None
    if text.isprintable():
        return text.strip() or None
    kept = "".join(
        char if char in "\n\t" and lines else " " if char in "\r\n\t" else char
        for char in text.replace("\r\n", "\n")
        if char in "\r\n\t" or unicodedata.category(char) not in {"Cc", "Cs"}
    ).strip()
    return kept or None


def fit(text: str | None, name: str, cut: bool = True) -> str | None:
    """The text as AFAS can hold it in a field.

    Args:
        text: The source's text.
        name: Field code as in the capability file, e.g. ``Ad``; a name without a length there has no limit.
        cut: Whether a text may be cut; identifying fields are never cut.

    Raises:
        CannotLoad: It does not fit and may not be cut.
    """
    limit = LENGTHS.get(name)
    cleaned = clean(text, lines=limit is None)
    if cleaned is None or limit is None or len(cleaned) <= limit:
        return cleaned
    if not cut or name in _REFUSED:
        raise CannotLoad("text_too_long", name)
    note(f"{name} cut to {limit} characters")
    return cleaned[:limit].rstrip()
