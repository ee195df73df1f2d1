"""Rows of one document that each say a part of it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from upsert.model import Document

T = TypeVar("T")


def in_turn(documents: Sequence[Document[T]]) -> list[list[Document[T]]]:
    """Put documents into the parts in which they must be run, one after the other.

    Of several documents with one key the kernel takes the last. That is right when it says all that the ones before
    say; a row with the stock and another with the price of one variant must both be written.

    Args:
        documents: In the order of the source.

    Returns:
        The same documents; within a part, a later one with the same key says all that an earlier one says.
    """
    parts: list[list[Document[T]]] = []
    place: dict[str, tuple[int, Document[T]]] = {}
    for document in documents:
        part, before = place.get(document.key, (0, document))
        if not (before.unwanted or document.unwanted) and before.hashes.keys() - document.hashes.keys():
            part += 1
        if part == len(parts):
            parts.append([])
        parts[part].append(document)
        place[document.key] = part, document
    return parts
