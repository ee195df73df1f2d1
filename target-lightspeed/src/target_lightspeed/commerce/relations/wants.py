"""What a product relation of the contract wants of the shop. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from commerce.goods import ProductRelation
    from commerce.models import Ref

BACK = " back"
"""Ends the document's key of the way back."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One direction of a relation.

    Attributes:
        key: The document's key: that of the record, with `BACK` for the way back.
        item: The product that shows.
        related: The product that is shown.
        position: Its place, or None where the source has no word on it.
        there: Whether it is to be there.
    """

    key: str
    item: Ref
    related: Ref
    position: int | None
    there: bool


def unwritten(relation: ProductRelation, types: Collection[str]) -> str:
    """Why a relation is not written as such, or ""."""
    if relation.type == "bundle_part":
        return "bundle_part"
    return "" if relation.type in types else "type_not_written"


def wanted(relation: ProductRelation, types: Collection[str], *, positions: bool) -> tuple[Wanted, Wanted]:
    """Both directions of a relation; what is not to be there is taken away where we had made it."""
    there = relation.active and relation.deleted_at is None and not unwritten(relation, types)
    position = relation.position if positions else None
    return (
        Wanted(relation.key, relation.item, relation.related, position, there),
        Wanted(relation.key + BACK, relation.related, relation.item, None, there and relation.both_ways),
    )


def rounds(pairs: Iterable[tuple[int, tuple[int, int]]]) -> list[list[int]]:
    """Put entries into rounds, none of which has a pair twice: two records may want the same relation.

    Args:
        pairs: Number of the entry, and the pair that it is about.
    """
    made: list[list[int]] = []
    times: dict[tuple[int, int], int] = {}
    for number, pair in pairs:
        turn = times.get(pair, 0)
        times[pair] = turn + 1
        if turn == len(made):
            made.append([])
        made[turn].append(number)
    return made
