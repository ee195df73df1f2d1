"""How a list of the API is declared, and the groups of fields that several lists share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.lightspeed.fields import (
    Bool,
    Country,
    Field,
    Instant,
    Map,
    Number,
    Words,
)
from sandbox.lightspeed.shapes import Day, Maybe

if TYPE_CHECKING:
    from collections.abc import Mapping

CHANGING = ("updatedAt", "modifiedAt")
"""Names of the field that a write touches: discount rules call it `modifiedAt`."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One list of the API.

    Attributes:
        path: "orders", "groups/customers", "orders/{}/products" ({} = the parent's id).
        many: Envelope of the list. one: envelope of one record and of writes, unless `write` says otherwise.
        verbs: L list, N count, G get one, C create, U update, D delete.
        fields: In the order of the answer.
        group: Permission group.
        filters: Query parameter -> field.
        required: Fields without which a create is refused.
        parent: Path of the resource that a sub-list hangs under.
        index: Fields that lists are often filtered by.
        created: Envelope of the answer to a POST, where it differs. posted: envelope of its body, where it differs.
        single: One record only (per parent, or of the shop), read and written at the path itself.
        stored: Path of the table whose rows are shown, when it has none of its own. Those rows know no parent.
        key: Field by which an item of a sub-list is addressed, where it isn't the id.
        media: Takes a file: `attachment` and `filename`.
        unique: Fields that no two records may have in common.
    """

    path: str
    many: str
    one: str
    verbs: str
    fields: tuple[Field, ...]
    group: str
    filters: Mapping[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    parent: str = ""
    index: tuple[str, ...] = ()
    created: str = ""
    posted: str = ""
    single: bool = False
    stored: str = ""
    key: str = ""
    media: bool = False
    unique: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """Path of the table that holds its records."""
        return self.stored or self.path

    @property
    def named(self) -> dict[str, Field]:
        """Fields by name."""
        return {one.name: one for one in self.fields}

    @property
    def changing(self) -> str:
        """The field that every write touches; "" for none."""
        return next((one.name for one in self.fields if one.name in CHANGING), "")


def stamps(*, created: bool = True, updated: bool = True) -> tuple[Field, ...]:
    """`id`, and the instants that the resource has."""
    both = (Instant("createdAt"), Instant("updatedAt"))
    return (Field("id"), *both[: int(created) + int(created and updated)])


def address(kind: str, write: str) -> tuple[Field, ...]:
    """The fields of a billing or shipping address."""
    parts = ("Name", "Street", "Street2", "Number", "Extension", "Zipcode", "City", "Region")
    return (
        *(Words(f"address{kind}{part}", "", write) for part in parts),
        Country(f"address{kind}Country", False, write),
    )


def person(write: str) -> tuple[Field, ...]:
    """The fields of a person."""
    return (
        Maybe("gender", False, write, ("male", "female")),
        Day("birthDate", False, write),
        *(Words(name, "", write) for name in ("nationalId", "email", "firstname", "middlename", "lastname")),
        Words("phone", "", write),
        Words("mobile", "", write),
    )


def company(write: str) -> tuple[Field, ...]:
    """The fields of a company."""
    return (
        Bool("isCompany", False, write),
        *(Words(name, "", write) for name in ("companyName", "companyCoCNumber", "companyVatNumber")),
    )


def region(kind: str) -> Field:
    """An address's region as a record."""
    return Map(f"address{kind}RegionData")


def prices(*names: str) -> tuple[Field, ...]:
    """Each name excluding and including VAT."""
    return tuple(Number(f"{name}{basis}", 0) for name in names for basis in ("Excl", "Incl"))


def metafields(owner: str, name: str, group: str) -> Resource:
    """The metafields of an owner."""
    return Resource(
        f"{owner}/{{}}/metafields",
        f"{name}Metafields",
        f"{name}Metafield",
        "LNGCUD",
        (*stamps(), Words("key", "", "rw"), Words("value", "", "rw")),
        group,
        required=("key",),
        parent=owner,
        index=("_parent",),
    )
