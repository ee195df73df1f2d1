"""Which fields of a row the shop shows otherwise than we wrote them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from target_lightspeed.fields import Ref
from upsert.store import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from target_lightspeed.commerce.catalogue.ownership import Rules
    from target_lightspeed.resource import Resource
    from upsert.store import StoredRow

_RULES = {
    "title": "variant_title",
    "sizeX": "size",
    "sizeY": "size",
    "sizeZ": "size",
    "stockBuyMinimum": "minimum",
    "stockBuyMaximum": "maximum",
    "sortOrder": "position",
    "stockTracking": "tracking",
    "priceCost": "cost",
}
"""Field of a variant -> the name under which its owner is set, where that is another one."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One field that stands otherwise in the shop.

    Attributes:
        row: What we know that we wrote.
        field: The field.
        shown: Normal form of what the shop shows.
        hashed: Its hash.
    """

    row: StoredRow
    field: str
    shown: str
    hashed: str


def always(resource: Resource, rules: Rules | None) -> Callable[[str], bool]:
    """Whether the source owns a field of a resource, so that it is made right when it was changed in the shop.

    Args:
        resource: Of the field.
        rules: Ownership; None when every field that was written is owned.
    """
    variants = resource.path == "variants"

    def owned(name: str) -> bool:
        rule = _RULES.get(name, name) if variants else name
        return rules is None or rules.of(rule, creating=False) == "always"

    return owned


def drifted(
    row: StoredRow,
    shown: Mapping[str, Any],
    resource: Resource,
    hasher: Callable[[str], str],
    owned: Callable[[str], bool],
) -> list[Drift]:
    """The fields that we wrote, own, and find changed.

    A reference was written by a title or a rate, and shows as an id: it can't be compared.

    Args:
        row: What we know that we wrote.
        shown: What the shop shows.
        resource: Of which kind.
        hasher: Salted hash of the store.
        owned: Whether a field is ours.
    """
    if row.state is not State.DONE or not row.content_hash:
        return []
    found = []
    for name, hashed in row.hashes.items():
        known = resource.named.get(name)
        if known is None or isinstance(known.kind, Ref) or not owned(name):
            continue
        there = known.of(shown)
        if there is not None and (now := hasher(f"{name}={there}")) != hashed:
            found.append(Drift(row, name, there, now))
    return found
