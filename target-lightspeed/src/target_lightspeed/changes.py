"""What must be written so that the shop holds what the record says. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from target_lightspeed.fields import LOOSE, By, Field
from upsert.merge import three_way

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from target_lightspeed.item import Item
    from target_lightspeed.resource import Resource
    from upsert.model import Applied

Hasher = "Callable[[str], str]"


@dataclass(slots=True)
class Changes:
    """The outcome of a comparison.

    Attributes:
        body: Fields to write.
        fixed: Fields that differ and can't be changed any more.
        kept: Fields that were changed in the shop only.
        conflict: A field that was changed on both sides, or "".
        upload: Whether the file must be uploaded anew.
    """

    body: dict[str, Any] = field(default_factory=dict)
    fixed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    conflict: str = ""
    upload: bool = False


def hashes(item: Item, resource: Resource, hasher: Callable[[str], str]) -> dict[str, str]:
    """Field -> salted hash of what the record says; a reference by natural key as it stands there."""
    if item.delete:
        return {"delete": hasher("delete")}
    found = {name: hasher(_text(_field(resource, name), value)) for name, value in item.values.items()}
    if item.upload is not None and item.upload.attachment:
        found["attachment"] = hasher(f"attachment={item.upload.digest}")
    return found


def compare(
    item: Item,
    values: Mapping[str, Any],
    identity: int,
    shown: Mapping[str, Any],
    *,
    hashed: Mapping[str, str],
    applied: Applied | None,
    resource: Resource,
    hasher: Callable[[str], str],
    on_conflict: Literal["overwrite", "keep"],
) -> Changes:
    """Compare a record with what the shop shows.

    Args:
        item: The record.
        values: Its values, references resolved.
        identity: The shop's id of what it shows.
        shown: What the shop shows.
        hashed: Hashes of the record's fields.
        applied: What we last wrote.
        resource: Of which kind.
        hasher: Salted hash of the store.
        on_conflict: What to do about a field that was changed in the shop.
    """
    changes = Changes()
    sources: dict[str, str] = {}
    targets: dict[str, str] = {}
    for name, value in values.items():
        known = _field(resource, name)
        there = known.of(shown)
        if there is None:
            # Not shown, so only what we last wrote can say that it is the same.
            if known.only_create or (applied is not None and applied.hashes.get(name) == hashed[name]):
                continue
            changes.body[name] = value
        elif there != known.kind.normal(value):
            if known.only_create:
                changes.fixed.append(name)
                continue
            changes.body[name] = value
            if not isinstance(item.values[name], By):
                sources[name] = hashed[name]
                targets[name] = hasher(f"{name}={there}")
    if on_conflict == "keep" and applied is not None:
        merged = three_way(applied.hashes, sources, targets)
        changes.conflict = min(merged.conflicts, default="")
        changes.kept = sorted(merged.keep)
        for name in merged.keep:
            del changes.body[name]
    if item.upload is not None and item.upload.attachment:
        one = resource.upload == "single"
        changes.upload = not item.upload.same(shown, identity, hashed["attachment"], applied, one=one)
    return changes


def _field(resource: Resource, name: str) -> Field:
    return resource.named.get(name) or Field(name, LOOSE)


def _text(known: Field, value: Any) -> str:
    if isinstance(value, By):
        return f"{known.name}.{value.field}={value.value}"
    return f"{known.name}={known.kind.normal(value)}"
