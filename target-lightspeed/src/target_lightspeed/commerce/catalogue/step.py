"""The steps that bring a product into the shop, each a port of its own: one write, one intent, one row in the store.

A step that died is found by its row and taken up again, and the steps before it are known to be done.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import lightspeed_ecom
from target_lightspeed.commerce.catalogue.ownership import writes
from target_lightspeed.failures import reading, writing
from target_lightspeed.fields import By, Field, Ref
from target_lightspeed.resources.catalogue import PRODUCTS, VARIANTS
from upsert.errors import Rejected
from upsert.model import Change, Create, Document, Hold, Plan, Skip, Update
from upsert.port import Port
from upsert.store import State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from target_lightspeed.commerce.catalogue.memory import Memory
    from target_lightspeed.commerce.catalogue.names import Names
    from target_lightspeed.commerce.catalogue.ownership import Rules
    from target_lightspeed.commerce.catalogue.settings import CatalogueSettings
    from target_lightspeed.commerce.catalogue.wants import Value
    from target_lightspeed.lookups import Key, Row
    from target_lightspeed.resource import Resource
    from target_lightspeed.session import Session
    from upsert.model import Applied, SourceKey
    from upsert.store import StoredRow

GONE = "gone"
"""State of a piece that must be deleted."""

ZONE_MARGIN = timedelta(hours=2, minutes=5)
"""In which zone the shop reads a date filter is unknown (reference §5.1)."""

VARIANT_NEED = frozenset(
    {
        *("id", "sku", "articleCode", "ean", "hs", "title", "product", "tax", "sortOrder"),
        *("weight", "volume", "sizeX", "sizeY", "sizeZ", "stockBuyMinimum", "stockBuyMaximum"),
        *("priceExcl", "priceIncl", "priceCost", "stockTracking", "additionalcost"),
    }
)
PRODUCT_NEED = frozenset(
    {
        *("id", "visibility", "data01", "data02", "data03", "url", "title", "fulltitle", "description", "content"),
        *("brand", "type", "deliverydate"),
    }
)


@dataclass(frozen=True, slots=True)
class Piece:
    """What one step wants.

    Attributes:
        product: Our key of the product.
        values: Field -> value.
        problem: Why it can't be loaded.
        state: "" or `GONE`.
        sku: Of a variant.
        skus: By which a product is found in the shop, besides its key; of a variant that goes, keys of some that stay.
        extra: Fields that a new variant gets once.
    """

    product: str
    values: Mapping[str, Value] = field(default_factory=dict)
    problem: Hold | None = None
    state: str = ""
    sku: str = ""
    skus: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """What exists.

    Attributes:
        id: Its id.
        row: What the shop shows; None when it isn't read because the store knows what was last written.
        fresh: Made by us and never written by this step: the rules for making count.
        made: We made it.
        elsewhere: A variant with our SKU under another product.
        known: What the store holds beside its id.
        shown: What the shop shows, when it was read only to say what would be lost.
        lost: It was read for that, and the shop doesn't have it any more.
    """

    id: int
    row: Row | None
    fresh: bool = False
    made: bool = False
    elsewhere: bool = False
    known: Mapping[str, str] = field(default_factory=dict)
    shown: Row | None = None
    lost: bool = False


@dataclass
class Context:
    """What the steps share in one run."""

    session: Session
    settings: CatalogueSettings
    rules: Rules
    memory: Memory
    names: Names
    inherited: dict[str, Mapping[str, Value]] = field(default_factory=dict)
    """Product -> what a parent says for all its variants, as far as it came in this run."""
    claims: dict[str, str] = field(default_factory=dict)
    """SKU -> key of the variant that has it."""

    @property
    def explains(self) -> bool:
        """Whether values that would be lost are read, though what is written doesn't depend on them: a plan."""
        return self.session.explains

    def variants_of(self, products: Iterable[int], *, fresh: Collection[int] = ()) -> dict[int, Sequence[Row]]:
        """What stands under some products, by their ids.

        Args:
            products: Ids; those of products that are only planned have nothing.
            fresh: Those that must be asked for again, though they were read in this run.

        Raises:
            Outage: The shop can't be read.
        """
        keys: dict[int, Key] = {one: (("product", str(one)),) for one in products if one > 0}
        again = [keys[one] for one in fresh if one in keys]
        with reading():
            shown = self.session.lookups.find(VARIANTS, set(keys.values()), VARIANT_NEED, fresh=again) if keys else {}
        return {one: shown[key] for one, key in keys.items()}

    def stands(self, product: str) -> bool:
        """Whether something can be made below a product; only a plan looks, for the shop refuses it by itself."""
        identity = self.memory.product(product)
        if not self.explains or identity is None or identity < 0:
            return True
        place: Key = (("id", str(identity)),)
        with reading():
            return bool(self.session.lookups.find(PRODUCTS, [place], PRODUCT_NEED)[place])


def sku_field(context: Context) -> Literal["sku", "articleCode"]:
    """Field by which a variant is found."""
    return "articleCode" if context.settings.sku_field == "articleCode" else "sku"


def says(value: Any) -> bool:
    """Whether a value need be written to something new; zero is a value."""
    return value is not None and value is not False and value != ""


class Step(Port[Piece, Standing]):
    """Fields of something that has an id; the base of all steps.

    Args:
        context: Of the run.
        purpose: Name in the store.
        resource: What is written.
        need: Fields that are read when it must be looked at.
        language: Of texts, when it isn't the shop's default.
    """

    lookup = "by_key"
    gone = "not_found"
    """Why a record is held whose write finds nothing."""

    def __init__(
        self, context: Context, purpose: str, resource: Resource, need: Collection[str], *, language: str = ""
    ) -> None:
        self.context, self.resource, self.language = context, resource, language
        self.session, self.memory = context.session, context.memory
        self.client, self.lookups = context.session.client, context.session.lookups
        self.purpose = f"{purpose}.{language}" if language else purpose
        self.need = frozenset({"id", *need})
        self.workers = context.session.settings.workers
        self.in_doubt_for = timedelta(seconds=context.session.settings.in_doubt_seconds)
        self.lookup_name = f"the list {resource.path}"
        self.hasher = context.session.store.hasher
        self.resolved: dict[str, dict[str, Any] | Hold] = {}

    def document(self, key: str, source: SourceKey, piece: Piece) -> Document[Piece]:
        """The document of a piece."""
        if piece.state == GONE:
            return Document(key, source, piece, {"delete": self.hasher("delete")}, unwanted=True)
        hashes = {name: self.hasher(f"{name}={self._text(name, one.value)}") for name, one in piece.values.items()}
        return Document(key, source, piece, hashes)

    def _text(self, name: str, value: Any) -> str:
        return f"{value.field}={value.value}" if isinstance(value, By) else self.field(name).kind.normal(value)

    def field(self, name: str) -> Field:
        """How a field is written and compared."""
        return self.resource.named.get(name) or Field(name)

    # -- reading ------------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The shop's own clock."""
        with reading():
            return self.client.server_now()

    def identity(self, document: Document[Piece]) -> int | None:
        """The id of what is written, as far as known."""
        return self.memory.product(document.content.product)

    def fresh(self, document: Document[Piece], row: StoredRow | None) -> bool:
        """Whether the rules for making count."""
        return row is None and self.memory.made(document.content.product)

    def look_up(self, documents: Sequence[Document[Piece]]) -> Mapping[str, Sequence[Standing]]:
        """What exists: as the store knows it where that is enough, else as the shop shows it."""
        known = self.session.store.rows(self.session.scope, self.purpose, [one.key for one in documents])
        self.resolve(documents, known)
        found: dict[str, Sequence[Standing]] = {}
        ask: list[tuple[Document[Piece], int]] = []
        explain: list[tuple[Document[Piece], int]] = []
        for one in documents:
            identity = self.identity(one)
            if one.content.problem or isinstance(self.resolved.get(one.key), Hold):
                # Not looked at, but known to be there: `plan` says what is wrong with the record.
                found |= {one.key: [Standing(identity, None)]} if identity is not None else {}
                continue
            row = known.get(one.key)
            if identity is None:
                found |= {one.key: standing} if (standing := self.search(one, row)) else {}
            elif identity < 0 or self.blind(one, row):
                known_ids = row.ids if row is not None else {}
                found[one.key] = [Standing(identity, None, fresh=self.fresh(one, row), known=known_ids)]
                if self.context.explains and identity > 0:
                    explain.append((one, identity))
            else:
                ask.append((one, identity))
        if explain:
            with reading():
                for key, shown in self.read(explain, ()).items():
                    found[key] = [replace(one, shown=shown[0] if shown else None, lost=not shown) for one in found[key]]
        if ask:
            with reading():
                unsure = {one.key for one, _ in ask if (row := known.get(one.key)) and row.state is not State.DONE}
                for key, shown in self.read(ask, unsure).items():
                    document = next(one for one, _ in ask if one.key == key)
                    before = known.get(key)
                    fresh, ids = self.fresh(document, before), before.ids if before is not None else {}
                    found[key] = [Standing(row["id"], row, fresh=fresh, known=ids) for row in shown]
        return found

    def resolve(self, documents: Sequence[Document[Piece]], known: Mapping[str, StoredRow]) -> None:
        """Turn references by title or rate into ids, as far as they may have to be written."""
        for one in documents:
            ids: dict[str, Any] | Hold = {}
            row = known.get(one.key)
            same = row.hashes if row is not None and self.blind(one, row) else {}
            for name, wanted in one.content.values.items():
                if same.get(name) == one.hashes.get(name, ""):
                    continue
                if isinstance(wanted.value, By) and isinstance(ids, dict):
                    identity = self.context.names.resolve(name, wanted.value)
                    ids = identity if isinstance(identity, Hold) else {**ids, name: identity}
            self.resolved[one.key] = ids

    def search(self, document: Document[Piece], row: StoredRow | None) -> Sequence[Standing]:
        """What exists where no id is known."""
        del document, row
        return ()

    def blind(self, document: Document[Piece], row: StoredRow | None) -> bool:
        """Whether the store says enough, so that the shop need not be read."""
        if row is None:
            return document.content.product in self.memory.made_now
        if row.state is not State.DONE or document.released:
            return False
        if document.content.state == GONE:
            return True
        changed = [name for name, hashed in document.hashes.items() if row.hashes.get(name) != hashed]
        rules = [self.context.rules.of(document.content.values[name].rule, creating=False) for name in changed]
        return all(name in row.hashes for name in changed) and "if_empty" not in rules

    def read(self, asked: Sequence[tuple[Document[Piece], int]], unsure: Collection[str]) -> dict[str, list[Row]]:
        """What the shop shows: document key -> rows."""
        keys: dict[str, Key] = {one.key: (("id", str(identity)),) for one, identity in asked}
        fresh = [keys[key] for key in unsure]
        rows = self.lookups.find(self.resource, set(keys.values()), self.need, language=self.language, fresh=fresh)
        return {key: rows[wanted] for key, wanted in keys.items()}

    def ids(self, existing: Standing) -> Mapping[str, str]:
        """The shop's id, and those of what it refers to."""
        shown = existing.row or {}
        refers = {one.name: one.of(shown) or "" for one in self.resource.fields if self._refers(one.name)}
        known = {name: refers[name] for name in refers if self.field(name).read in shown}
        return {**existing.known, "id": str(existing.id), **({"made": "1"} if existing.made else {}), **known}

    def references(self, body: Mapping[str, Any]) -> dict[str, str]:
        """Ids that a write gives to references; kept, so that the sweep can tell when somebody changes them."""
        return {name: self.field(name).kind.normal(value) for name, value in body.items() if self._refers(name)}

    # -- deciding -----------------------------------------------------------------------------------------------------

    def plan(self, document: Document[Piece], existing: Standing | None, applied: Applied | None) -> Plan:
        """Write what differs, as far as its owner allows."""
        piece = document.content
        if piece.problem:
            return piece.problem
        resolved = self.resolved.get(document.key, {})
        if isinstance(resolved, Hold):
            return resolved
        if piece.state == GONE:
            return Update(str(existing.id), {"delete": True}) if existing else Skip("already_gone")
        if existing is None:
            return self.missing(document)
        body = self.body(document, existing, applied)
        return Update(str(existing.id), body) if body else Skip("unchanged", same=True)

    def missing(self, document: Document[Piece]) -> Plan:
        """What to do when nothing exists."""
        del document
        return Hold("not_found")

    def body(self, document: Document[Piece], existing: Standing, applied: Applied | None) -> dict[str, Any]:
        """The fields to write."""
        found: dict[str, Any] = {}
        for name, value in self.values(document).items():
            known = self.field(name)
            rule = self.context.rules.of(document.content.values[name].rule, creating=existing.fresh)
            if existing.row is None:
                same = applied is not None and applied.hashes.get(name) == document.hashes[name]
                shown: str | None = None
            else:
                shown = known.of(existing.row)
                same = shown == known.kind.normal(value)
                if shown is None:
                    same = applied is not None and applied.hashes.get(name) == document.hashes[name]
            if not same and writes(rule, shown):
                found[name] = value
        return found

    def values(self, document: Document[Piece]) -> dict[str, Any]:
        """The values as they are written: references as ids."""
        resolved = self.resolved.get(document.key, {})
        ids = resolved if isinstance(resolved, dict) else {}
        return {name: ids.get(name, one.value) for name, one in document.content.values.items()}

    def first(self, document: Document[Piece]) -> dict[str, Any]:
        """The fields of something new."""
        return {
            name: value
            for name, value in self.values(document).items()
            if says(value) and self.context.rules.of(document.content.values[name].rule, creating=True) == "always"
        }

    def describe(self, document: Document[Piece], existing: Standing | None, plan: Create | Update) -> Sequence[Change]:
        """Each field that would change."""
        body = plan.payload if isinstance(plan, Create) else plan.diff
        row = (existing.row or existing.shown or {}) if existing is not None else {}
        if existing is not None and existing.lost:
            return []  # to be deleted, and gone already
        changes = (
            Change(name, self.field(name).of(row), self.field(name).kind.normal(value)) for name, value in body.items()
        )
        return [self._named(document, one) for one in changes] if self.context.explains else list(changes)

    def _named(self, document: Document[Piece], change: Change) -> Change:
        """A change in words: titles instead of ids, our key of a product that is perhaps only planned."""
        field, titles = self.field(change.field), self.session.titles
        if isinstance(field.kind, Ref) and field.kind.to == "products":
            return replace(change, new=document.content.product)
        return replace(change, old=titles.shown(field, change.old), new=titles.shown(field, change.new))

    def refuses(self, document: Document[Piece], existing: Standing | None, plan: Create | Update) -> Hold | None:
        """What the shop's people have deleted takes no change, and nothing new below it."""
        if isinstance(plan, Create):
            return None if self.context.stands(document.content.product) else Hold("refused_by_shop")
        gone = existing is not None and existing.lost and not plan.diff.get("delete")
        return Hold(self.gone) if gone else None

    # -- writing ------------------------------------------------------------------------------------------------------

    def before_writes(self) -> None:
        """Nothing to check: the key's rights show at the first write, and a 403 stops the run."""

    def create(self, document: Document[Piece], plan: Create) -> Mapping[str, str]:
        """Never called: these steps make nothing."""
        raise Rejected("not_creatable", document.key, f"{plan} can't be made here")

    def update(self, document: Document[Piece], existing: Standing, plan: Update) -> Mapping[str, str]:
        """Write the fields that differ."""
        del document
        with writing(), self.session.slots:
            if plan.diff.get("delete"):
                self.delete(existing.id)
                return {}
            self.put(existing.id, plan.diff)
        return self.references(plan.diff)

    def put(self, identity: int, body: Mapping[str, Any]) -> None:
        """One PUT, and what it takes to clear a reference."""
        path, envelope = self.resource.item_path(identity, None), self.resource.envelope
        row = self.client.update(path, envelope, body, language=self.language or None)
        for unset in (None, 0):
            # Which of false, null and 0 takes a reference away is unknown (reference §6.2): the answer shows it.
            still = [name for name, value in body.items() if value is False and self._refers(name) and row.get(name)]
            if not still:
                break
            row = self.client.update(path, envelope, dict.fromkeys(still, unset))
        written = {self.field(name).read: value for name, value in body.items()}
        self.lookups.put(self.resource, {**written, **row, "id": identity}, owner=None, language=self.language)

    def _refers(self, name: str) -> bool:
        return isinstance(self.field(name).kind, Ref)

    def delete(self, identity: int) -> None:
        """Take it out of the shop; it may be gone already."""
        with contextlib.suppress(lightspeed_ecom.NotFound):
            self.client.delete(self.resource.item_path(identity, None))
        self.lookups.drop(self.resource, identity, owner=None)

    def assume(self, document: Document[Piece], plan: Create | Update) -> Mapping[str, str]:
        """In plan mode: an id that no record has stands for what would be made."""
        return {"id": f"-{int(self.hasher(document.key), 16) % 10**9 + 1}"} if isinstance(plan, Create) else {}
