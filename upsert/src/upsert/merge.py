"""Three-way merge by hashes: what we last wrote, what the source says now, what the target holds now. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from upsert.model import Base

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What to do with each field of the source.

    Attributes:
        apply: Changed in the source only: write it.
        keep: Changed in the target only: leave the target's value.
        conflicts: Changed on both sides, differently, or differing without a known base.
    """

    apply: frozenset[str]
    keep: frozenset[str]
    conflicts: frozenset[str]


def three_way(base: Mapping[str, str] | None, source: Mapping[str, str], target: Mapping[str, str]) -> MergeResult:
    """Compare field by field.

    Args:
        base: Hashes of what we last wrote; None when unknown. A field missing here has no known base. With `Base`, as
            the kernel gives it, a value of the target that an unclear update of ours may have written counts as ours.
        source: Hashes of what the source says now; only these fields are looked at.
        target: Hashes of what the target holds now, made with the same salt and the same normal form of values; a
            missing field counts as different from any value.

    Returns:
        Every field of `source` that differs from `target`, in exactly one of the three sets.
    """
    apply, keep, conflicts = set(), set(), set()
    pending = base.pending if isinstance(base, Base) else {}
    for name, wanted in source.items():
        there = target.get(name)
        if there == wanted:
            continue
        before = base.get(name) if base is not None else None
        if there is not None and there in pending.get(name, ()):
            before = there
        if before is None:
            conflicts.add(name)
        elif there == before:
            apply.add(name)
        elif wanted == before:
            keep.add(name)
        else:
            conflicts.add(name)
    return MergeResult(frozenset(apply), frozenset(keep), frozenset(conflicts))
