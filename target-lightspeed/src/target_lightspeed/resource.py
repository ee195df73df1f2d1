"""What the target must know of a resource to write it. A further resource is one row in a table, and no code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from target_lightspeed.fields import BOOLEAN, INTEGER, MONEY, NUMBER, TEXT, Field, Kind, Ref

if TYPE_CHECKING:
    from collections.abc import Mapping

Key = tuple[str, ...]

OWNERS = {
    "blogs/articles": "article",
    "brands": "brand",
    "categories": "category",
    "checkouts": "checkout",
    "customers": "customer",
    "filters": "filter",
    "invoices": "invoice",
    "orders": "order",
    "products": "product",
    "quotes": "quote",
    "shipments": "shipment",
    "taxes": "tax",
    "tickets": "ticket",
    "variants": "variant",
}
"""Path of a parent -> the field of a child's record that names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One writable resource of the API (reference §13 and §14).

    Attributes:
        path: ``products``, ``products/{}/images`` ({} is the parent's id).
        envelope: Key around the body of a write; None for checkouts.
        verbs: C create, U update, D delete.
        fields: What can be written.
        keys: Natural keys, each a tuple of fields; the first that a record has complete serves, unless a setting says
            another. None: a record without `id` can only be created, and an unclear write waits for a person.
        required: Without these nothing is created.
        filters: Field -> parameter of the list that filters by it (reference §5.4).
        flags: Mails to customers: written with every create and update, false unless a setting allows them.
        created: Envelope of a create, where it differs.
        upload: ``list`` or ``single``: its content is a file, of which a parent has several or one.
        open: Fields that aren't described are passed on: the reference doesn't know them all.
        delete_by: Field whose value, not the id, stands in the path of a delete.
        single: There is exactly one, without an id.
        id_last: The natural key goes before `id`: what is read elsewhere as its id (in the catalogue) isn't its own.
    """

    path: str
    envelope: str | None
    verbs: str
    fields: tuple[Field, ...]
    keys: tuple[Key, ...] = ()
    required: tuple[str, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    created: str = ""
    upload: Literal["", "list", "single"] = ""
    open: bool = False
    delete_by: str = ""
    single: bool = False
    id_last: bool = False

    @property
    def name(self) -> str:
        """Its stream: the path with ``_``."""
        return self.path.replace("/{}", "").replace("/", "_")

    @property
    def parent(self) -> str:
        """Path of the resource it hangs under, or ""."""
        return self.path.partition("/{}")[0] if "/{}" in self.path else ""

    @property
    def owner(self) -> str:
        """Field of a record that names the parent, or ""."""
        return OWNERS[self.parent] if self.parent else ""

    @property
    def named(self) -> dict[str, Field]:
        """Fields by name."""
        return {one.name: one for one in self.fields}

    @property
    def local(self) -> bool:
        """Whether it has language-dependent fields."""
        return any(one.local for one in self.fields)

    def list_path(self, parent: int | None) -> str:
        """Path of the list."""
        return self.path.replace("{}", str(parent))

    def item_path(self, identity: int | str, parent: int | None) -> str:
        """Path of one record; a single thing has only its own."""
        base = self.list_path(parent)
        return base if self.single or self.upload == "single" else f"{base}/{identity}"


def of(kind: Kind, *names: str) -> tuple[Field, ...]:
    """Several fields of one kind."""
    return tuple(Field(name, kind) for name in names)


def texts(*names: str) -> tuple[Field, ...]:
    """Fields of text, the same in all languages."""
    return of(TEXT, *names)


def local(*names: str) -> tuple[Field, ...]:
    """Language-dependent texts."""
    return tuple(Field(name, TEXT, local=True) for name in names)


def numbers(*names: str) -> tuple[Field, ...]:
    """Exact numbers."""
    return of(NUMBER, *names)


def integers(*names: str) -> tuple[Field, ...]:
    """Whole numbers."""
    return of(INTEGER, *names)


def money(*names: str) -> tuple[Field, ...]:
    """Amounts and prices."""
    return of(MONEY, *names)


def booleans(*names: str) -> tuple[Field, ...]:
    """True or false."""
    return of(BOOLEAN, *names)


def ref(name: str, to: str, *, only_create: bool = False, shown: str = "", plain: bool = False) -> Field:
    """A reference to a record of `to`; `plain` ones are bare numbers both ways, 0 being none."""
    return Field(name, Ref(to, 0 if plain else False), only_create=only_create, shown=shown)


def personal(*fields: Field) -> tuple[Field, ...]:
    """The same fields, marked as personal data."""
    return tuple(
        Field(one.name, one.kind, one.local, one.only_create, one.hidden, one.shown, personal=True) for one in fields
    )
