"""Items as a shop needs them: the free fields of the E-commerce tab, images in seven slots, variants, lists.

A free field is known here by our own name for it; under which code (`U` and a GUID) an item holds it differs per
environment and stands in the table `free_fields`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from sandbox.afas import file_set
from sandbox.afas.goods_set import FREE_FIELDS
from sandbox.afas.work import code_key, item_key, put_code

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sandbox.afas.tables import Reader, Row, Tables

CODES_OF_GROUPS = "Artikelgroepen"
"""The list of article groups."""
CODES_OF_DIMENSIONS = "Artikeldimensiecodes"
"""The list of dimension codes, in which order lines look them up."""
TAB = "FbItemArticle"
"""The object whose free fields are the E-commerce tab; compositions have the same."""
_WITH_TAB = (TAB, "FbComposition")
_NAMESPACE = UUID("c1f0a8a2-53ba-4a3f-9a55-5b2f6f0d8d10")
_FIRST_IMAGE = 5_001


# -- free fields ------------------------------------------------------------------------------------------------------


def free_code(environment: str, name: str) -> str:
    """The code of a free field in an environment: U and 32 hexadecimal digits."""
    return "U" + uuid5(_NAMESPACE, f"{environment}/{name}").hex.upper()


def plant_tab(tables: Tables, environment: str) -> None:
    """Add the free fields of the E-commerce tab."""
    for one in FREE_FIELDS:
        for path in _WITH_TAB:
            code = free_code(environment, one.id)
            row = {"path": path, "code": code, "nl": one.label.nl, "en": one.label.en, "kind": one.kind}
            tables.put("free_fields", f"{path}|{code}", row | {"length": one.length, "name": one.id})


def move_tab(tables: Tables, environment: str) -> None:
    """Give the free fields the codes that they have in another environment, and what items hold with them."""
    codes: dict[str, str] = {}
    for row in list(tables.all("free_fields")):
        if row.get("name"):
            codes[row["code"]] = new = free_code(environment, row["name"])
            tables.delete("free_fields", f"{row['path']}|{row['code']}")
            tables.put("free_fields", f"{row['path']}|{new}", row | {"code": new})
    for key, item in list(tables.items("items")):
        if not codes.keys().isdisjoint(item["f"]):
            f = {codes.get(code, code): value for code, value in item["f"].items()}
            tables.put("items", key, item | {"f": f})


def tab_codes(reader: Reader) -> dict[str, str]:
    """Codes of the E-commerce tab's fields by our names."""
    return {row["name"]: row["code"] for row in reader.find("free_fields", "path", TAB) if row.get("name")}


def free_values(reader: Reader, item: Row) -> dict[str, Any]:
    """What an item has on its E-commerce tab, by our names; a yes/no field is never empty."""
    f = item["f"]
    rows = [row for row in reader.find("free_fields", "path", TAB) if row.get("name")]
    return {row["name"]: bool(f.get(row["code"])) if row["kind"] == "b" else f.get(row["code"]) for row in rows}


def is_enabled(reader: Reader, item: Row) -> bool:
    """Whether an item is ticked for the shop."""
    rows = reader.find("free_fields", "name", "WebEnabled")
    return any(bool(item["f"].get(row["code"])) for row in rows)


# -- images -----------------------------------------------------------------------------------------------------------


def images_of(reader: Reader, key: str) -> dict[int, Row]:
    """An item's images by slot, 0 the main one."""
    found: dict[int, Row] = {}
    for row in reader.find("files", "item", key):
        found.setdefault(row.get("slot") or 0, row)
    return dict(sorted(found.items()))


def put_image(
    tables: Tables, key: str, slot: int, name: str, content: bytes, *, kept_number: bool, mimetype: str = "image/png"
) -> Row:
    """Add or replace the image in a slot.

    Args:
        tables: Where.
        key: The item's key.
        slot: 0 to 6.
        name: Its file name.
        content: Its bytes.
        kept_number: A replaced image keeps its id.
        mimetype: What it is.
    """
    known = images_of(tables, key).get(slot)
    if known is not None and kept_number:
        number = known["number"]
    else:
        number = tables.next_number("images", _FIRST_IMAGE)
        drop_image(tables, key, slot)
    return file_set.put_file(tables, number, name, mimetype, content, item=key, slot=slot)


def drop_image(tables: Tables, key: str, slot: int) -> None:
    """Take away the image in a slot, if there is one."""
    for row in tables.find("files", "item", key):
        if (row.get("slot") or 0) == slot:
            tables.delete("files", row["number"])


# -- rows that are kept by our field names ----------------------------------------------------------------------------


def put_variant(tables: Tables, now: datetime, item: Row, fields: Mapping[str, Any]) -> Row:
    """Add or change a variant; `fields` by the names of Commerce_Variants, Dim1 (and Dim2) among them."""
    own = item_key(item["type"], str(item["code"]))
    key = variant_key(own, str(fields["Dim1"]), str(fields.get("Dim2") or ""))
    start = {"Dim2": "", "Dim1Label": None, "Dim1Position": None, "Dim2Label": None, "Dim2Position": None}
    known = tables.get("variants", key) or {**start, "Barcode": None, "BlockedSales": False, "created": now}
    for name in ("Dim1", "Dim2"):
        if fields.get(name) and tables.get("codes", code_key(CODES_OF_DIMENSIONS, fields[name])) is None:
            put_code(tables, CODES_OF_DIMENSIONS, fields[name], fields.get(f"{name}Label") or "")
    return tables.put("variants", key, {**known, **fields, "item": own, "modified": now})


def variant_key(item: str, dim1: str, dim2: str) -> str:
    """Key of a variant."""
    return f"{item}|{dim1}|{dim2}".casefold()


def put_listed(tables: Tables, now: datetime, table: str, fields: Mapping[str, Any], start: Mapping[str, Any]) -> Row:
    """Add or change a price list, category, relation or customer group.

    Args:
        tables: Where.
        now: The moment of the change.
        table: Its table.
        fields: By the names of its connector.
        start: What a new one has that is not given.
    """
    key = listed_key(table, fields)
    known = tables.get(table, key) or {**start, "created": now}
    return tables.put(table, key, {**known, **fields, "modified": now})


LISTED = {
    "price_lists": ("PriceList",),
    "categories": ("Category",),
    "product_relations": ("ItemType", "Item", "RelatedType", "Related", "Kind"),
    "customer_groups": ("Group",),
}
"""Key fields of the tables whose rows are kept by our field names."""


def listed_key(table: str, fields: Mapping[str, Any]) -> str:
    """Key of such a row."""
    return "|".join(str(fields[name]) for name in LISTED[table]).casefold()


def drop_item(tables: Tables, key: str) -> None:
    """Delete an item with all that is only its own: variants, images, stock, prices, barcodes, relations."""
    item = tables.get("items", key)
    if item is None:
        return
    for table in ("variants", "shelves", "files"):
        for other, row in list(tables.items(table)):
            if row["item"] == key:
                tables.delete(table, other)
    for about in ("price", "barcode"):
        rows = {id(row) for row in tables.find("records", "about", f"{about} {key}")}
        for other, row in list(tables.items("records")):
            if id(row) in rows:
                tables.delete("records", other)
    for other, row in list(tables.items("product_relations")):
        if key in (item_key(row["ItemType"], row["Item"]), item_key(row["RelatedType"], row["Related"])):
            tables.delete("product_relations", other)
    tables.delete("items", key)
