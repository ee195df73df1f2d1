"""Which fields the shop shows otherwise than we wrote them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from target_lightspeed.commerce.catalogue.memory import SPECIFICATIONS
from target_lightspeed.fields import TEXT, Ref
from upsert.store import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from target_lightspeed.commerce.catalogue.ownership import Rules
    from target_lightspeed.resource import Resource
    from upsert.store import StoredRow

_RULES = {
    "variants": {
        "title": "variant_title",
        "sizeX": "size",
        "sizeY": "size",
        "sizeZ": "size",
        "stockBuyMinimum": "minimum",
        "stockBuyMaximum": "maximum",
        "sortOrder": "position",
        "stockTracking": "tracking",
        "priceCost": "cost",
    },
    "products": {"type": "specifications"},
}
"""Resource -> field -> the name under which its owner is set, where that is another one."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One field that stands otherwise in the shop.

    Attributes:
        row: What we know that we wrote.
        field: The field.
        shown: Normal form of what the shop shows.
        hashed: Its hash.
        gone: The thing itself isn't there any more.
    """

    row: StoredRow
    field: str
    shown: str
    hashed: str
    gone: bool = False


def always(resource: Resource, rules: Rules | None) -> Callable[[str], bool]:
    """Whether the source owns a field of a resource, so that it is made right when it was changed in the shop.

    Args:
        resource: Of the field.
        rules: Ownership; None when every field that was written is owned.
    """
    names = _RULES.get(resource.path, {})

    def owned(name: str) -> bool:
        return rules is None or rules.of(names.get(name, name), creating=False) == "always"

    return owned


def settled(row: StoredRow) -> bool:
    """Whether we know what we wrote."""
    return row.state is State.DONE and bool(row.content_hash)


def drifted(
    row: StoredRow,
    shown: Mapping[str, Any],
    resource: Resource,
    hasher: Callable[[str], str],
    owned: Callable[[str], bool],
) -> list[Drift]:
    """The fields that we wrote, own, and find changed.

    Args:
        row: What we know that we wrote; of a reference, the id that it had then stands beside the row's own.
        shown: What the shop shows.
        resource: Of which kind.
        hasher: Salted hash of the store.
        owned: Whether a field is ours.
    """
    if not settled(row):
        return []
    found = []
    for name, hashed in row.hashes.items():
        known = resource.named.get(name)
        if known is None or not owned(name):
            continue
        there = known.of(shown)
        if there is None:
            continue
        now = hasher(f"{name}={there}")
        if isinstance(known.kind, Ref):
            same = there == ("" if hashed == hasher(f"{name}=") else row.ids.get(name, there))
        else:
            same = now == hashed
        if not same:
            found.append(Drift(row, name, there, now))
    return found


def specification(row: StoredRow, shown: Mapping[str, Any], hasher: Callable[[str], str]) -> list[Drift]:
    """A specification of a product that was changed or emptied.

    Args:
        row: Its row; the only hash is that of its title in the default language.
        shown: The product as the catalogue shows it, in the language of the row.
        hasher: Salted hash of the store.
    """
    listed = parts(shown, "specifications")
    if not settled(row) or listed is None:
        return []
    ((title, hashed),) = row.hashes.items()
    identity = row.ids.get("attribute", "")
    # By its id too: in another language the title is another one, and an id that is none of a specification fits none.
    fits = [one for one in listed if str(one.get("id")) == identity or one.get("name") == title]
    if not fits and row.purpose != SPECIFICATIONS:
        return []
    there = TEXT.normal(fits[0].get("value")) if fits else ""
    now = hasher(f"{title}={there}")
    return [Drift(row, title, there, now)] if now != hashed else []


def image(row: StoredRow, shown: Mapping[str, Any], hasher: Callable[[str], str]) -> list[Drift]:
    """An image of ours that was moved or deleted.

    Args:
        row: Its row.
        shown: The product as the catalogue shows it.
        hasher: Salted hash of the store.
    """
    listed = parts(shown, "images")
    if not settled(row) or listed is None:
        return []
    there = {str(one.get("id")): str(one.get("sortOrder")) for one in listed}.get(row.ids.get("id", ""))
    if there is None:
        return [Drift(row, "content", "", hasher("content="), gone=True)]
    now = hasher(f"order={there}")
    return [Drift(row, "order", there, now)] if row.hashes.get("order") not in {now, None} else []


def placement(row: StoredRow, shown: Mapping[str, Any], hasher: Callable[[str], str]) -> list[Drift]:
    """A product that was taken out of categories that we put it in.

    Args:
        row: Its row; ``c5`` beside its ids says that we put it into category 5.
        shown: The product as the catalogue shows it.
        hasher: Salted hash of the store.
    """
    listed = parts(shown, "categories")
    if not settled(row) or listed is None:
        return []
    there = {str(one.get("id")) for one in listed}
    missing = sorted(name for name, mark in row.ids.items() if name[:1] == "c" and mark and name[1:] not in there)
    return [Drift(row, "categories", "", hasher(" ".join(missing)))] if missing else []


def parts(shown: Mapping[str, Any], name: str) -> list[Mapping[str, Any]] | None:
    """What is listed under a name: the catalogue shows some lists as objects by id (reference §14.16)."""
    listed = shown.get(name)
    if isinstance(listed, dict):
        listed = list(listed.values())
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else None
