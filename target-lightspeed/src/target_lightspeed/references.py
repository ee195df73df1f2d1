"""References by natural key, turned into ids: those of a whole batch at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from target_lightspeed.fields import By, Ref
from target_lightspeed.lookups import Key, Lookups, shown
from target_lightspeed.resources import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_lightspeed.item import Item
    from target_lightspeed.resource import Resource

THROUGH_VARIANT = frozenset({"sku", "articleCode", "ean"})
"""Fields by which a product is meant although they stand on its variant (reference §0.5)."""


UNKNOWN = "unknown_reference"


@dataclass(frozen=True, slots=True)
class Missing:
    """A reference that leads nowhere, or to several records."""

    reason: str
    subject: str


@dataclass(frozen=True, slots=True)
class _Question:
    """One reference: what it is called in the record, and what it asks."""

    field: str
    to: str
    by: By
    owner: int | None = None


class Resolver:
    """Finds the ids behind references.

    Args:
        lookups: Questions to the shop.
    """

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    def resolve(self, items: Sequence[Item], resource: Resource) -> list[dict[str, Any] | Missing]:
        """For each record: field -> id (the parent's under ``owner``), or what is missing.

        Args:
            items: Records of one resource.
            resource: That resource.
        """
        found: list[dict[str, Any] | Missing] = [{} for _ in items]
        for below in (False, True):
            asked = [
                (n, question)
                for n, item in enumerate(items)
                if isinstance(known := found[n], dict)
                for question in _questions(item, resource, known, below=below)
            ]
            answers = self._answers({question for _, question in asked})
            for n, question in asked:
                ids, known = answers[question], found[n]
                if not isinstance(known, dict):
                    continue
                if len(ids) == 1:
                    known[question.field] = ids[0]
                else:
                    reason = "ambiguous_reference" if ids else UNKNOWN
                    name = resource.owner if question.field == "owner" else question.field
                    found[n] = Missing(reason, f"{name}.{question.by.field}")
        return found

    def _answers(self, questions: set[_Question]) -> dict[_Question, list[int]]:
        groups: dict[tuple[str, str, int | None], list[_Question]] = {}
        for question in questions:
            groups.setdefault((question.to, question.by.field, question.owner), []).append(question)
        answers: dict[_Question, list[int]] = {}
        for (to, name, owner), group in groups.items():
            through = to == "products" and name in THROUGH_VARIANT
            resource = RESOURCES["variants" if through else to]
            keys: dict[_Question, Key] = {one: ((name, one.by.value),) for one in group}
            need = {name, "product"} if through else {name}
            rows = self._lookups.find(resource, set(keys.values()), need, owner=owner)
            for one, key in keys.items():
                if through:
                    answers[one] = sorted({int(shown(resource, "product", row) or 0) for row in rows[key]} - {0})
                else:
                    answers[one] = [row["id"] for row in rows[key]]
        return answers


def _questions(item: Item, resource: Resource, known: Mapping[str, Any], *, below: bool) -> list[_Question]:
    """References by natural key; `below`: to records that hang under another one of the same record."""
    named = resource.named
    found: list[_Question] = []
    if isinstance(item.owner, By) and not below:
        found.append(_Question("owner", resource.parent.replace("/", "_"), item.owner))
    for name, value in {**item.key, **item.values}.items():
        if not isinstance(value, By) or name not in named:
            continue
        kind = named[name].kind
        if not isinstance(kind, Ref) or kind.to not in RESOURCES:
            continue
        target = RESOURCES[kind.to]
        if bool(target.parent) != below:
            continue
        owner = known.get(target.owner, item.values.get(target.owner)) if below else None
        if not below or isinstance(owner, int):
            found.append(_Question(name, kind.to, value, owner))
    return found
