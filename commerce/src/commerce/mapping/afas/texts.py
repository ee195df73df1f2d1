"""Texts of items, by language and role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commerce.goods import Text
from commerce.normalise.markup import is_html, is_rtf, plain, sanitised

if TYPE_CHECKING:
    from commerce.mapping.afas.notes import Notes
    from commerce.mapping.afas.options import Options
    from commerce.mapping.afas.rows import Row


def texts(row: Row, options: Options, notes: Notes) -> list[Text] | None:
    """The texts of an item, whole: every role of the first language, and of each other language that has a text at all.

    Args:
        row: The item.
        options: Which columns hold which role, per language; the first one that is filled counts.
        notes: Takes what could not be read.

    Returns:
        The texts; None when the record has none of the columns.
    """
    made: list[Text] = []
    any_column = False
    for position, (language, roles) in enumerate(options.languages.items()):
        found: list[Text] = []
        for role, columns in roles.items():
            if not row.has(*columns):
                continue
            any_column = True
            found.append(_text(row, (language, role), columns, options, notes))
        if position == 0 or any(one.value is not None for one in found):
            made += found
    return made if any_column else None


def _text(row: Row, place: tuple[str, str], columns: list[str], options: Options, notes: Notes) -> Text:
    language, role = place
    for column in columns:
        raw = row.text(column)
        if raw is None:
            continue
        try:
            if role in options.html_roles and not is_rtf(raw) and is_html(raw):
                value, form = sanitised(raw), "html"
            else:
                value, form = plain(raw), "plain"
        except ValueError:
            notes.add("text_unreadable", row.column(column))
            continue
        if value:
            return Text.model_validate({"language": language, "role": role, "value": value, "format": form})
    return Text.model_validate({"language": language, "role": role, "value": None})
