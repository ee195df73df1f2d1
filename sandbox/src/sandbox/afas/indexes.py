"""Indexes over what stands inside a row: which items an order, a record or a composition is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.afas.work import item_key, item_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sandbox.afas.tables import Row

OPEN_STATUSES = frozenset("AP")
PARTS = "FbCompositionPart"
_OF_ITEM = {"FbSalesPrice": "price", "FbExtraBarcode": "barcode"}


def fields_key(f: Mapping[str, Any]) -> str:
    """Key of the item that fields name, by number or letters; "" when they name none."""
    kind, code = f.get("VaIt"), f.get("ItCd")
    return "" if kind is None or code is None else item_key(item_type(str(kind)), str(code))


def _ordered(row: Row) -> Iterable[str]:
    if row.get("status") not in OPEN_STATUSES:
        return ()
    return {fields_key(line["f"]) for line in row["lines"]}


def _recorded(row: Row) -> Iterable[str]:
    """What a record is about: "price 2|abc", "barcode 2|abc", "purchase 2|abc"; a price also "debtor 10001"."""
    connector = row.get("connector")
    if connector == "FbPurch":
        return {f"purchase {fields_key(line['f'])}" for line in row["rows"].get("FbPurchLines", ())}
    name = _OF_ITEM.get(str(connector))
    if name is None:
        return ()
    debtor = row["f"].get("DbId") if name == "price" else None
    about = f"{name} {fields_key(row['f'])}"
    return (about,) if debtor is None else (about, f"debtor {debtor}")


def _parts(row: Row) -> Iterable[str]:
    return {fields_key(part["f"]) for part in row.get("rows", {}).get(PARTS, ())}


MANY: dict[tuple[str, str], Callable[[Row], Iterable[Any]]] = {
    ("orders", "ordered"): _ordered,
    ("records", "about"): _recorded,
    ("items", "parts"): _parts,
}
"""By table and name of the index: the values of a row, by which `find` finds it. `ordered` knows open orders only."""


def values_of(table: str, field: str, row: Row) -> Iterable[Any]:
    """What an index has of a row: the values above, or the one of a field."""
    many = MANY.get((table, field))
    return (row.get(field),) if many is None else many(row)
