"""The shapes of the API's JSON, made regular. Pure functions.

Sources are live recordings unless said otherwise: "not set" is ``false`` for most fields, an empty map arrives as
``[]``, references come as ``{"resource": {"id", "url", "link", "embedded"?}}``, and every answer but the checkouts' has
one key.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

import msgspec

Row = dict[str, Any]
Rows = list[Row]

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")

NOT_SET = frozenset({
    # orders, customers
    "addressBillingCompany", "addressBillingCountry", "addressShippingCompany", "addressShippingCountry", "birthDate",
    "gender", "language", "nationalId", "referralId", "remoteIp", "userAgent",
    # references
    "additionalcost", "article", "attribute", "blog", "brand", "category", "country", "creditNote", "customer",
    "deliverydate", "filter", "filtervalue", "group", "invoice", "order", "parent", "product", "quote",
    "relatedProduct", "shipment", "supplier", "tag", "tax", "type", "variant",
    # lists and inline objects
    "comments", "customFields", "events", "image", "images", "invoices", "metafields", "products", "set", "shipments",
    "tags", "variants",
    # texts and numbers
    "appId", "content", "discount", "matrix", "method", "trackingCode",
})  # fmt: skip
"""Fields whose ``false`` means "not set". No resource has a boolean under one of these names."""

MAPS = frozenset({
    "addressBillingRegionData", "addressShippingRegionData", "paymentData", "shipmentData", "templateDataFields",
})  # fmt: skip
"""Maps: PHP writes an empty one as ``[]``."""

KEYED = frozenset({"categories", "filters", "images", "relations", "specifications", "variants"})
"""Lists of the catalog that sometimes arrive as an object keyed by id."""


def decode(body: bytes) -> Any:
    """Decode JSON; every number with a fraction becomes an exact ``Decimal``.

    Raises:
        ValueError: Not JSON, or cut off.
    """
    return _decoder.decode(body)


def encode(value: object) -> bytes:
    """Encode a body; ``Decimal`` becomes a JSON number with exactly its digits."""
    return _encoder.encode(value)


def unwrap(payload: Any, path: str = "") -> Any:
    """Take an answer out of its envelope: the value of its only key, whatever that key is called.

    Checkouts have no envelope. An answer with more than one key (bulk calls add ``errors``) is returned whole.
    """
    if path.startswith("checkouts"):
        return payload
    if isinstance(payload, dict) and len(payload) == 1:
        return next(iter(payload.values()))
    return payload


def plain(row: Row) -> Row:
    """Make one record regular, in place, and return it.

    * A reference to one record becomes ``{"id": 5}``, or the embedded record itself, or ``None``.
    * A reference to many becomes the list of embedded records, or, when nothing is embedded, ``{"url": "..."}``, a path
      that :meth:`Lightspeed.list` accepts.
    * ``false`` becomes ``None`` in :data:`NOT_SET`; ``0``, ``""`` and real booleans stay.
    * An empty map is ``{}``.
    """
    for name, value in row.items():
        if value is False:
            if name in NOT_SET:
                row[name] = None
        else:
            kind = type(value)
            if kind is dict:
                row[name] = _object(name, value)
            elif kind is list:
                row[name] = {} if not value and name in MAPS else _items(value)
    return row


def _items(values: list[Any]) -> list[Any]:
    return [plain(value) if type(value) is dict else value for value in values]


def _object(name: str, value: Row) -> Any:
    resource = value.get("resource")
    if type(resource) is dict:
        return _reference(resource)
    if name in KEYED and value and all(key.isdecimal() for key in value):
        return _items(list(value.values()))
    return plain(value)


def _reference(resource: Row) -> Any:
    embedded = resource.get("embedded")
    if type(embedded) is dict:
        return plain(embedded)
    if type(embedded) is list:
        return _items(embedded)
    number = resource.get("id")
    if number:
        return {"id": number}
    url = resource.get("url")
    return {"url": url} if url else None


def is_link(value: object) -> bool:
    """Return whether a plain value is a reference to many records that were not embedded."""
    return type(value) is dict and len(value) == 1 and "url" in value


def reference_id(value: object) -> int | None:
    """Return the id of a plain reference, as it is written: a bare number."""
    return cast("int | None", value.get("id")) if isinstance(value, dict) else None
