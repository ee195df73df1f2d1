"""Words for describing a record as JSON schema, every field nullable and every object open to fields not known yet."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def text() -> Schema:
    """Text, or null."""
    return {"type": ["string", "null"]}


def number() -> Schema:
    """An exact decimal number, or null."""
    return {"type": ["number", "null"]}


def integer() -> Schema:
    """A whole number, or null."""
    return {"type": ["integer", "null"]}


def boolean() -> Schema:
    """True or false, or null."""
    return {"type": ["boolean", "null"]}


def instant() -> Schema:
    """A moment in UTC, ``2026-11-01T10:00:00Z``, or null."""
    return {"type": ["string", "null"], "format": "date-time"}


def anything() -> Schema:
    """A value whose shape is not known. Not ``{}``, which the SDK's way of writing refuses."""
    return {"anyOf": [{"type": ["string", "number", "boolean", "object", "array", "null"]}]}


def record(**properties: Schema) -> Schema:
    """An object with at least these fields, or null."""
    return {"type": ["object", "null"], "properties": properties, "additionalProperties": True}


def array(items: Schema) -> Schema:
    """A list, or null."""
    return {"type": ["array", "null"], "items": items}


def reference() -> Schema:
    """A reference to one record: its id, or null."""
    return record(id=integer())


def texts(*names: str) -> dict[str, Schema]:
    """Several fields of text."""
    return {name: text() for name in names}


def numbers(*names: str) -> dict[str, Schema]:
    """Several numbers."""
    return {name: number() for name in names}


def booleans(*names: str) -> dict[str, Schema]:
    """Several booleans."""
    return {name: boolean() for name in names}


def instants(*names: str) -> dict[str, Schema]:
    """Several moments."""
    return {name: instant() for name in names}


def tax_rates() -> Schema:
    """The tax of an amount per rate."""
    return array(record(name=text(), rate=number(), amount=number()))


def country() -> Schema:
    """A country; the code is in lower case (``nl``)."""
    return record(id=integer(), code=text(), code3=text(), title=text())


def region() -> Schema:
    """A region."""
    return record(id=integer(), name=text(), code=text())


def language() -> Schema:
    """A language of the shop."""
    return record(id=integer(), code=text(), locale=text(), title=text())


def address(kind: str) -> dict[str, Schema]:
    """The fields of the billing or shipping address, ``kind`` being ``Billing`` or ``Shipping``."""
    names = ("Name", "Street", "Street2", "Number", "Extension", "Zipcode", "City", "Region")
    return texts(*(f"address{kind}{name}" for name in names)) | {f"address{kind}Country": country()}


def image() -> Schema:
    """An image inside its owner; it has no id."""
    return record(
        **instants("createdAt", "updatedAt"), **texts("extension"), size=integer(), **texts("title", "thumb", "src")
    )


def integers(*names: str) -> dict[str, Schema]:
    """Several whole numbers."""
    return {name: integer() for name in names}


def references(*names: str) -> dict[str, Schema]:
    """Several references."""
    return {name: reference() for name in names}


def stamps() -> dict[str, Schema]:
    """When a record was made and last changed."""
    return instants("createdAt", "updatedAt")


def flag() -> Schema:
    """True, false or a word: the documentation and the answers differ."""
    return {"type": ["boolean", "string", "null"]}


def stream(**properties: Schema) -> Schema:
    """A whole record of a stream: its fields, ours in front, and the id that is never null."""
    return _whole({"id": {"type": "integer"}}, properties, ["id"])


def single(**properties: Schema) -> Schema:
    """The one record of a stream that has only one; the shop's own name is its key."""
    return _whole({"_shop": {"type": "string"}}, properties, ["_shop"])


def child(*, text_id: bool = False, **properties: Schema) -> Schema:
    """A record that stands under another one, with the id of that one and the time of its last change."""
    keys: dict[str, Schema] = {
        "_parent_id": {"type": "integer"},
        "_parent_updated_at": instant(),
        "id": {"type": "string" if text_id else "integer"},
    }
    return _whole(keys, properties, ["_parent_id", "id"])


def _whole(keys: dict[str, Schema], properties: dict[str, Schema], required: list[str]) -> Schema:
    ours = texts("_source_stream", "_source_key", "_shop") | {"_gone": boolean(), "_sdc_deleted_at": instant()}
    return {
        "type": "object",
        "properties": ours | keys | properties,
        "required": required,
        "additionalProperties": True,
    }
