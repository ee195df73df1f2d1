"""What each UpdateConnector accepts: objects, fields, labels, lengths; and how metainfo/update shows it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sandbox.afas.messages import Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DATA_TYPES = {
    "s": "string",
    "f": "blob",
    "i": "int",
    "n": "decimal",
    "b": "boolean",
    "d": "date",
    "t": "date",
    "g": "string",
}
_KEYS = frozenset({"OrNu", "DbId", "BcCo", "CdId"})
_ELEMENT_KEYS = {
    "KnSalesRelationOrg": "DbId",
    "KnSalesRelationPer": "DbId",
    "KnPurchaseRelationOrg": "CrId",
    "KnPurchaseRelationPer": "CrId",
    "KnSubject": "SbId",
    "KnUser": "UsId",
    "KnCurrencyRates": "Cu",
}
# Live, PUT changes a sales price (May 2026); the specification has POST only.
_MORE_VERBS = {"FbSalesPrice": {"PUT"}}
ENGLISH = {
    "FbSales": "Sales order",
    "FbSalesQuotation": "Sales quotation",
    "FbDirectInvoice": "Direct invoice",
    "FbDeliveryNote": "Packing slip",
    "FbSettleOrder": "Settle order",
    "FbFreeOrder": "Release order",
    "KnSalesRelationOrg": "Sales relation organisation",
    "KnSalesRelationPer": "Sales relation person",
    "KnOrganisation": "Organisation",
    "KnPerson": "Person",
    "KnContact": "Contact",
    "KnAddress": "Address",
}


@dataclass(frozen=True, slots=True)
class WriteField:
    """A field that can be written; `reference` names the table in which its value must exist."""

    code: str
    label: Label
    kind: str
    length: int = 0
    decimals: int = 0
    reference: str = ""
    values: Mapping[str, str] | None = None


@dataclass(slots=True)
class WriteObject:
    """One level of a body.

    Attributes:
        name: Its key in the body.
        path: From the root: "KnSalesRelationOrg/KnOrganisation/KnContact".
        fields: By code.
        children: Sub-objects by name.
        mandatory: Fields that metainfo calls mandatory (not what is enforced).
        key: Code of the `@` key on the element, "" for none.
        own: The connector has logic of its own; the others share that of `records`.
        put: Fields that say which record an update means, as far as the specification tells.
    """

    name: str
    path: str
    fields: dict[str, WriteField]
    mandatory: frozenset[str]
    key: str = ""
    own: bool = True
    put: tuple[str, ...] = ()
    children: dict[str, WriteObject] = field(default_factory=dict)

    def label(self, code: str) -> Label:
        """The label of a field, or its code when the object has no such field."""
        known = self.fields.get(code)
        return known.label if known else Label(code, code)


@dataclass(frozen=True, slots=True)
class UpdateConnector:
    """An UpdateConnector.

    Attributes:
        id: Its name.
        description: Its title.
        methods: Verbs.
        subs: Sub-objects that have a POST path.
        root: What a body holds.
        answer: Keys that an insert answers.
        delete: Keys of its delete path; the specification prints them incomplete for some.
        recorded: The specification's field list is known; else only the codes that its operations name.
    """

    id: str
    description: Label
    methods: frozenset[str]
    subs: frozenset[str]
    root: WriteObject
    answer: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    recorded: bool = True


@cache
def update_connectors() -> dict[str, UpdateConnector]:
    """Every UpdateConnector by id."""
    data = json.loads(files("sandbox.afas").joinpath("data/update_connectors.json").read_text("utf-8"))
    pool = [_field(row, data["values"]) for row in data["fields"]]
    return {name: _connector(name, one, pool) for name, one in data["connectors"].items()}


def _field(row: list[Any], values: list[dict[str, str]]) -> WriteField:
    code, nl, en, kind, length, decimals, reference, listed = row
    return WriteField(
        code, Label(nl, en), kind, length, decimals, reference, values[listed] if listed is not None else None
    )


def _connector(name: str, one: dict[str, Any], pool: list[WriteField]) -> UpdateConnector:
    objects: dict[str, WriteObject] = {}
    for path, shape in one["objects"].items():
        parent, _, last = path.rpartition("/")
        made = WriteObject(
            last,
            path,
            {pool[at].code: pool[at] for at in shape["fields"]},
            frozenset(shape["required"]),
            _ELEMENT_KEYS.get(path, ""),
            name in ENGLISH,
            tuple(shape.get("put", ())),
        )
        objects[path] = made
        if parent:
            objects[parent].children[last] = made
    return UpdateConnector(
        name,
        Label(one["nl"], ENGLISH.get(name, one["nl"])),
        frozenset(one["methods"]) | _MORE_VERBS.get(name, set()),
        frozenset(one["subs"]),
        objects[one["root"]],
        tuple(one["answer"]),
        tuple(one["delete"]),
        one["recorded"],
    )


@dataclass(frozen=True, slots=True)
class Lists:
    """What metainfo takes from the environment.

    Attributes:
        values: (code, name) pairs of a reference list, or None when metainfo does not list it.
        free: Free fields of an object path.
        also_mandatory: Codes that this environment makes mandatory, by path.
    """

    values: Mapping[str, list[tuple[str, str]]]
    free: Mapping[str, list[WriteField]]
    also_mandatory: Mapping[str, Iterable[str]]


def metainfo(connector: UpdateConnector, language: str, lists: Lists, keys: Iterable[str] = ()) -> dict[str, Any]:
    """The answer of GET metainfo/update; `keys` are the root's key fields, where the connector has no own logic."""
    return {"id": connector.id, "description": connector.description.of(language)} | _object(
        connector.root, language, lists, frozenset(keys)
    )


def _object(one: WriteObject, language: str, lists: Lists, own_keys: frozenset[str]) -> dict[str, Any]:
    keys = _KEYS if one.own else own_keys
    mandatory = one.mandatory | set(lists.also_mandatory.get(one.path, ()))
    every = [*one.fields.values(), *lists.free.get(one.path, ())]
    return {
        "name": one.name,
        "fields": [_shown(known, mandatory, language, lists, keys) for known in every],
        "objects": [_object(child, language, lists, frozenset(child.put)) for child in one.children.values()],
    }


def _shown(
    known: WriteField, mandatory: set[str] | frozenset[str], language: str, lists: Lists, keys: frozenset[str]
) -> dict[str, Any]:
    pairs = list(known.values.items()) if known.values else lists.values.get(known.reference)
    control = 23 if known.kind == "f" else 5 if known.reference or pairs else 1
    return {
        "fieldId": known.code,
        "primaryKey": known.code in keys,
        "dataType": _DATA_TYPES[known.kind],
        "label": known.label.of(language),
        "mandatory": known.code in mandatory,
        "length": known.length,
        "decimals": known.decimals,
        "decimalFieldId": "",
        "notzero": False,
        "controlType": control,
        "values": [{"id": code, "description": text} for code, text in pairs] if pairs else None,
    }
