"""Puts back what a run has overwritten: the old values of a plan, wherever the shop still shows the new ones.

A plan that was kept in a file (`mode: plan`, `plan_file`) says of each value what the shop showed and what it would
become. Read backwards it is the way home. What was changed again since is left alone: it is nobody's old value.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from target_lightspeed.commerce.catalogue import memory
from target_lightspeed.commerce.prices import flow as prices
from target_lightspeed.failures import reading, writing
from target_lightspeed.fields import MISSING, Ref, Unfit
from target_lightspeed.resources import RESOURCES
from upsert.errors import ConfigurationError, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from target_lightspeed.fields import Field
    from target_lightspeed.resource import Resource
    from target_lightspeed.session import Session

logger = logging.getLogger("target-lightspeed")

OF = {
    memory.PRODUCTS: "products",
    memory.VISIBILITY: "products",
    memory.VARIANTS: "variants",
    memory.SHARED: "variants",
    prices.PURPOSE: "variants",
}
"""Purpose of a plan's lines -> what they are about. No stock: pieces that were sold since must not come back."""

BACK, ALREADY = "put back", "as they were already"
KIND = "a kind that is not put back"


class Value(NamedTuple):
    """One line of a plan.

    Attributes:
        purpose: Which step planned it; behind the last dot a language, where it isn't the shop's default.
        key: Our key of the product or variant.
        field: The field.
        old: What the shop showed; None when it wasn't known.
        new: What it was to become.
    """

    purpose: str
    key: str
    field: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        return f"{self.purpose} {self.key} {self.field}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands.

    Attributes:
        resource: What it is a field of.
        language: Of a text, when it isn't the shop's default.
        id: The shop's id.
        field: The field.
    """

    resource: Resource
    language: str
    id: int
    field: Field


def read_plan(path: str, scope: str) -> list[Value]:
    """The values of a plan that would change something that exists.

    Args:
        path: The file.
        scope: The shop that it must be of.

    Raises:
        ConfigurationError: The file can't be read, is no plan, or is one of another shop.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except OSError as error:
        raise ConfigurationError(f"--undo {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"--undo {path}: it is no text; it takes a file that `plan_file` wrote") from None
    found = []
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            if "totals" not in row and row["scope"] != scope:
                raise ConfigurationError(f"--undo {path}: it is a plan of {row['scope']}, and this is {scope}")
            if row.get("action") == "update" and "field" in row:
                found.append(Value(row["purpose"], row["key"], row["field"], row["old"], row["new"]))
        except (AttributeError, KeyError, ValueError):
            raise ConfigurationError(
                f"--undo {path}: line {number} is no line of a plan; it takes a file that `plan_file` wrote"
            ) from None
    return found


class Undo:
    """Puts values back.

    Args:
        session: Client, settings and store.
        plan_only: Only say what would be done.
    """

    def __init__(self, session: Session, *, plan_only: bool = False) -> None:
        self._session, self._plan_only = session, plan_only
        self.counts: Counter[str] = Counter()
        self.left: list[tuple[Value, str]] = []

    def run(self, values: Sequence[Value]) -> None:
        """Put back what still shows as the plan's run left it.

        Raises:
            upsert.errors.Failure: The shop doesn't answer. What is put back stays so: run it again.
        """
        places: dict[Value, Place] = {}
        for value in values:
            place = self._place(value)
            if isinstance(place, str):
                self._leave(value, place)
            else:
                places[value] = place
        bodies: dict[tuple[str, str, int], dict[Value, Any]] = {}
        for value, shown in self._shown(places):
            place = places[value]
            body = self._judge(value, place.field, shown)
            if body is not None:
                bodies.setdefault((place.resource.name, place.language, place.id), {})[value] = body
        for (name, language, identity), back in bodies.items():
            try:
                if not self._plan_only:
                    body = {places[value].field.name: old for value, old in back.items()}
                    self._put(RESOURCES[name], language, identity, body)
            except Rejected as error:
                for value in back:
                    self._leave(value, f"refused by the shop: {error.text}")
            else:
                self.counts[BACK] += len(back)

    def _place(self, value: Value) -> Place | str:
        """Where a value stands, or why it can't be put back."""
        purpose, language = value.purpose, ""
        if purpose not in OF:
            purpose, _, language = purpose.rpartition(".")
        if purpose not in OF:
            return KIND
        resource = RESOURCES[OF[purpose]]
        field = resource.named.get(value.field)
        if field is None or field.hidden or field.only_create or isinstance(field.kind, Ref):
            return "not a plain field: set it by hand"
        if value.old is None:
            return "nobody knows what it was"
        row = self._session.store.row(self._session.scope, value.purpose, value.key)
        identity = int(row.ids.get("id") or 0) if row is not None else 0
        return Place(resource, language, identity, field) if identity else "not in the shop"

    def _shown(self, places: Mapping[Value, Place]) -> Iterable[tuple[Value, Mapping[str, Any] | None]]:
        """What the shop shows of each record; None when it is gone."""
        groups: dict[tuple[str, str], list[Value]] = {}
        for value, place in places.items():
            groups.setdefault((place.resource.name, place.language), []).append(value)
        for (name, language), values in groups.items():
            keys = {value: (("id", str(places[value].id)),) for value in values}
            need = {"id", *(places[value].field.read for value in values)}
            with reading():
                rows = self._session.lookups.find(RESOURCES[name], set(keys.values()), need, language=language)
            for value in values:
                yield value, next(iter(rows[keys[value]]), None)

    def _judge(self, value: Value, field: Field, shown: Mapping[str, Any] | None) -> Any:
        """What is written; None when nothing is."""
        now = None if shown is None else field.of(shown)
        if now is None:
            self._leave(value, "not in the shop")
            return None
        if now == _normal(field, value.old):
            self.counts[ALREADY] += 1
            return None
        if now != _normal(field, value.new):
            self._leave(value, "changed since")
            return None
        try:
            old = field.kind.take(value.old)
        except Unfit as error:
            self._leave(value, f"the field can't take it: {error}")
            return None
        if old is MISSING or old is None:
            self._leave(value, "it can't be empty again")
            return None
        return old

    def _put(self, resource: Resource, language: str, identity: int, body: Mapping[str, Any]) -> None:
        with writing(), self._session.slots:
            path = resource.item_path(identity, None)
            self._session.client.update(path, resource.envelope, body, language=language or None)

    def _leave(self, value: Value, why: str) -> None:
        self.left.append((value, why))

    def tell(self) -> None:
        """Say what was done, and each value that was left."""
        for value, why in self.left:
            if why != KIND:
                logger.warning("undo: left: %s: %s", value, why)
        for purpose, number in Counter(value.purpose for value, why in self.left if why == KIND).items():
            logger.warning("undo: left: %d values of %s, a kind that is not put back", number, purpose)
        logger.info(
            "undo: %d values %s%s, %d %s, %d left",
            *(self.counts[BACK], "would be " if self._plan_only else "", BACK),
            *(self.counts[ALREADY], ALREADY, len(self.left)),
        )
        if self.counts[BACK]:
            logger.info(
                "undo: fields that AFAS owns are made right again by the next sweep: see who owns a field in the README"
            )


def _normal(field: Field, text: str | None) -> str | None:
    """Normal form of a plan's value."""
    if text is None:
        return None
    try:
        return field.kind.normal(field.kind.take(text))
    except Unfit:
        return field.kind.normal(text)
