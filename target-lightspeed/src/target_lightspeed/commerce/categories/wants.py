"""What a category of the contract wants of the shop. Pure."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from target_lightspeed.item import Item

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from commerce.goods import Category, Text

FIELDS = {"title": "title", "long_title": "fulltitle", "short": "description", "long": "content", "slug": "url"}
"""Role of a text -> field of the shop (reference §14.8)."""

WRITTEN = frozenset({*FIELDS.values(), "isVisible", "parent", "sortOrder"})


def active(category: Category) -> bool:
    """Whether the source wants it to be seen."""
    return category.active and category.deleted_at is None


def texts(given: Iterable[Text]) -> tuple[dict[str, dict[str, str]], frozenset[str]]:
    """Texts by language and field, and the roles for which the shop has no field.

    A text that is there and empty is cleared; content is HTML in the shop, so plain text is escaped there.
    """
    found: dict[str, dict[str, str]] = {}
    unknown = set()
    for text in given:
        field = FIELDS.get(text.role)
        if field is None:
            unknown.add(text.role)
            continue
        value = text.value or ""
        if field == "content" and text.format == "plain":
            value = html.escape(value, quote=False).replace("\n", "<br>\n")
        found.setdefault(text.language, {})[field] = value
    return found, frozenset(unknown)


def item_of(category: Category, language: str, parent: int, *, positions: bool) -> Item:
    """What the category wants.

    Args:
        category: The record.
        language: The shop's default language.
        parent: The shop's id of the parent; 0 at the top.
        positions: Whether positions are written.

    Returns:
        Without a key: which category of the shop it is, the port knows.
    """
    given = category.model_fields_set
    by_language, _ = texts(category.texts)
    values: dict[str, Any] = {**by_language.pop(language, {}), "isVisible": active(category)}
    if "parent" in given:
        values["parent"] = parent or False
    if positions and category.position is not None:
        values["sortOrder"] = category.position
    return Item(values=values, texts=by_language)


def in_order(categories: Mapping[str, Category], above: Mapping[str, str]) -> tuple[list[list[str]], dict[str, str]]:
    """Put categories into levels, parents first.

    Args:
        categories: Key -> category.
        above: Key -> key of its parent, for those whose parent is among them.

    Returns:
        The levels, and of each category that is in a circle (or below one) the key at which the circle closes.
    """
    levels: list[list[str]] = []
    placed: set[str] = set()
    left = list(categories)
    while ready := [key for key in left if above.get(key) is None or above[key] in placed]:
        levels.append(ready)
        placed.update(ready)
        left = [key for key in left if key not in placed]
    return levels, {key: above[key] for key in left}
