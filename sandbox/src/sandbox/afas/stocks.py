"""Quantities of an item per warehouse: counted, reserved by orders, on purchase orders; and what moves them.

An item's `stock` is all there is of it. Rows of the table `shelves` say what of that is in other places than the
default warehouse, and what is reserved besides the orders that stand here. Terms are those of read-api 7.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.afas.indexes import PARTS, fields_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sandbox.afas.tables import Key, Reader, Row
    from sandbox.afas.work import Work

ZERO = Decimal(0)
NEVER_RESERVED = "3"
"""Stock control "none": order lines reserve nothing."""
ECONOMIC = "1"
"""Stock control "economic": what orders want comes off the economic stock alone (read-api 7.4)."""
HELD = ("reserved", "backorder", "on_purchase")


class Place(NamedTuple):
    """Where pieces of an item are; dimension codes are empty where it has none."""

    dim1: str
    dim2: str
    warehouse: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Quantities at one place; `promised` is what orders want of an item that reserves nothing for them."""

    on_hand: Decimal
    reserved: Decimal
    backorder: Decimal
    on_purchase: Decimal
    on_order: Decimal
    promised: Decimal = ZERO

    @property
    def available(self) -> Decimal:
        """What can be promised now."""
        return self.on_hand - self.reserved - self.backorder - self.on_purchase

    @property
    def economic(self) -> Decimal:
        """With everything that was promised and everything that comes."""
        return self.available - self.promised + self.on_order


def default_warehouse(reader: Reader) -> str:
    """Code of the default warehouse, "" without one."""
    return next((str(row["code"]) for row in reader.all("warehouses") if row["default"]), "")


def figures(reader: Reader, item_key: str, row: Row) -> dict[Place, Figures]:
    """Quantities of an item at each of its places in warehouses that are not blocked.

    Args:
        reader: The tables.
        item_key: Key of the item.
        row: Its row.

    Returns:
        Every pair of dimension codes that it has in every warehouse, and each place where something is.
    """
    default = default_warehouse(reader)
    warehouses = [str(one["code"]) for one in reader.all("warehouses") if not one["blocked"]]
    pairs = [(one["Dim1"], one["Dim2"]) for one in reader.find("variants", "item", item_key)] or [("", "")]
    shelves = {
        Place(one["dim1"], one["dim2"], one["warehouse"]): one for one in reader.find("shelves", "item", item_key)
    }
    plain = Place("", "", default)
    counted = {place: Decimal(one["on_hand"]) for place, one in shelves.items() if place != plain}
    rest = Decimal(row["stock"] or 0) - sum(counted.values(), ZERO)
    if default and (rest or pairs == [("", "")]):
        counted[plain] = rest
    wanted = _wanted(reader, item_key, default)
    coming = _coming(reader, item_key, default)
    places = dict.fromkeys(Place(*pair, warehouse) for pair in pairs for warehouse in warehouses)
    places |= dict.fromkeys(place for place in (*counted, *wanted, *coming) if place.warehouse in warehouses)
    return {
        place: _figures(row, shelves.get(place, {}), *(one.get(place, ZERO) for one in (counted, wanted, coming)))
        for place in places
    }


def _figures(row: Row, shelf: Row, counted: Decimal, wanted: Decimal, coming: Decimal) -> Figures:
    reserved, backorder, on_purchase = (Decimal(shelf.get(name) or 0) for name in HELD)
    control, promised = str(row["f"].get("StCh")), ZERO
    if control == ECONOMIC:
        promised = wanted
    elif control != NEVER_RESERVED:
        there = min(wanted, max(counted - reserved, ZERO))
        reserved, backorder = reserved + there, backorder + wanted - there
    return Figures(counted, reserved, backorder, on_purchase, coming, promised)


def _wanted(reader: Reader, key: str, default: str) -> dict[Place, Decimal]:
    """What open orders still want of an item, as itself or as a part of a composition."""
    found: dict[Place, Decimal] = {}
    pieces: dict[str, list[tuple[Decimal, str, str]]] = {key: [(Decimal(1), "", "")]}
    for composition in reader.find("items", "parts", key):
        parts = [(many, f) for many, f in parts_of(composition) if fields_key(f) == key]
        pieces[_key(composition)] = [(many, _code(f, "StL1"), _code(f, "StL2")) for many, f in parts]
    for ordered, each in pieces.items():
        for order in reader.find("orders", "ordered", ordered):
            for line in order["lines"]:
                f = line["f"]
                left = Decimal(f.get("QuUn") or 0) - Decimal(line.get("delivered") or 0)
                if fields_key(f) != ordered or left <= 0:
                    continue
                left *= _per_unit(reader, f)
                for many, dim1, dim2 in each:
                    own = ordered == key
                    pair = (_code(f, "StL1"), _code(f, "StL2")) if own else (dim1, dim2)
                    place = Place(*pair, warehouse_of(f, order["f"], default))
                    found[place] = found.get(place, ZERO) + left * many
    return found


def _coming(reader: Reader, key: str, default: str) -> dict[Place, Decimal]:
    """What purchase orders still bring of an item."""
    found: dict[Place, Decimal] = {}
    for record in reader.find("records", "about", f"purchase {key}"):
        for line, left in open_lines(record):
            f = line["f"]
            if fields_key(f) == key:
                place = Place(_code(f, "StL1"), _code(f, "StL2"), warehouse_of(f, record["f"], default))
                found[place] = found.get(place, ZERO) + left
    return found


def open_lines(purchase: Row) -> Iterator[tuple[Row, Decimal]]:
    """Lines of a purchase order of which something is still to come, with how much."""
    for line in purchase["rows"].get("FbPurchLines", ()):
        left = Decimal(line["f"].get("QuUn") or 0) - Decimal(line.get("received") or 0)
        if left > 0:
            yield line, left


def parts_of(composition: Row) -> list[tuple[Decimal, Mapping[str, Any]]]:
    """Parts of a composition: how many pieces, and the fields of the part."""
    parts = composition.get("rows", {}).get(PARTS, ())
    return [(Decimal(part["f"].get("QuUn") or 0), part["f"]) for part in parts]


def warehouse_of(f: Mapping[str, Any], header: Mapping[str, Any], default: str) -> str:
    """The warehouse of a line: its own, else its document's, else the default one."""
    for code in (f.get("War"), header.get("War")):
        if code and not str(code).startswith("*"):
            return str(code)
    return default


def _code(f: Mapping[str, Any], name: str) -> str:
    return str(f.get(name) or "")


def _key(row: Row) -> str:
    return f"{row['type']}|{str(row['code']).casefold()}"


def _per_unit(reader: Reader, f: Mapping[str, Any]) -> Decimal:
    """Pieces in one unit of a line; 1 for the item's own unit."""
    unit = f.get("BiUn")
    key = f"FbUnitBasicItem|{f.get('VaIt')}|{str(f.get('ItCd')).casefold()}|{str(unit).casefold()}"
    record = reader.get("records", key) if unit else None
    return Decimal(record["f"].get("Qu") or 1) if record else Decimal(1)


# -- what moves them --------------------------------------------------------------------------------------------------


def take(work: Work, f: Mapping[str, Any], header: Mapping[str, Any], quantity: Decimal) -> None:
    """Take what a line delivers from stock, or put back what is negative; of a composition its parts."""
    quantity *= _per_unit(work.tables, f)
    row = work.tables.get("items", fields_key(f))
    if row is None or not quantity:
        return
    warehouse = warehouse_of(f, header, default_warehouse(work.tables))
    for many, part in parts_of(row) or [(Decimal(1), f)]:
        key = fields_key(part)
        item = work.tables.get("items", key)
        if item is not None and item["f"].get("BiSt"):
            move(work, key, Place(_code(part, "StL1"), _code(part, "StL2"), warehouse), -quantity * many)


def take_lines(work: Work, document: Row, sign: int) -> None:
    """Take every line of a packing slip or direct invoice that no order line stands behind; -1: put it back."""
    for line in document["lines"]:
        if not line["f"].get("SoGu"):
            take(work, line["f"], document["f"], sign * Decimal(line["f"].get("QuUn") or 0))


def move(work: Work, key: str, place: Place, quantity: Decimal) -> None:
    """Add pieces at a place."""
    item = work.tables.get("items", key)
    if item is None:
        return
    default = default_warehouse(work.tables)
    if place != Place("", "", default):
        shelf = shelf_of(work, key, place)
        put_shelf(work, shelf | {"on_hand": Decimal(shelf["on_hand"]) + quantity})
    work.tables.put("items", key, item | {"stock": Decimal(item["stock"] or 0) + quantity})


def count(work: Work, key: str, place: Place, on_hand: Decimal) -> None:
    """Set what is at a place, as a stock count does."""
    item = work.tables.get("items", key) or {}
    move(work, key, place, on_hand - counted(work.tables, key, item, place))


def counted(reader: Reader, key: str, row: Row, place: Place) -> Decimal:
    """What is at a place."""
    if place == Place("", "", default_warehouse(reader)):
        others = (one for one in reader.find("shelves", "item", key) if _place(one) != place)
        return Decimal(row["stock"] or 0) - sum((Decimal(one["on_hand"]) for one in others), ZERO)
    shelf = reader.get("shelves", _shelf_key(key, place))
    return Decimal(shelf["on_hand"]) if shelf else ZERO


def shelf_of(work: Work, key: str, place: Place) -> Row:
    """The row of a place, or an empty one."""
    known = work.tables.get("shelves", _shelf_key(key, place))
    return known or {"item": key, **place._asdict(), "on_hand": ZERO, **dict.fromkeys(HELD, ZERO)}


def put_shelf(work: Work, shelf: Row) -> None:
    """Keep the row of a place."""
    work.tables.put("shelves", _shelf_key(shelf["item"], _place(shelf)), shelf)


def _place(shelf: Row) -> Place:
    return Place(shelf["dim1"], shelf["dim2"], shelf["warehouse"])


def _shelf_key(key: str, place: Place) -> Key:
    return "|".join((key, *place)).casefold()


# -- which items a change touches -------------------------------------------------------------------------------------


def touched_by_order(reader: Reader, row: Row) -> Iterable[Key]:
    """Items of an order's lines, and the parts of its compositions."""
    for line in row["lines"]:
        key = fields_key(line["f"])
        yield key
        for _, part in parts_of(reader.get("items", key) or {}):
            yield fields_key(part)


def touched_by_record(_: Reader, row: Row) -> Iterable[Key]:
    """Items of a purchase order's lines."""
    if row["connector"] == "FbPurch":
        for line in row["rows"].get("FbPurchLines", ()):
            yield fields_key(line["f"])
    elif row["connector"] == "FbUnitBasicItem":
        yield fields_key(row["f"])


def touched_by_place(_: Reader, row: Row) -> Iterable[Key]:
    """A shelf's or variant's item."""
    return (row["item"],)


def touched_by_item(_: Reader, row: Row) -> Iterable[Key]:
    """The parts of a composition."""
    return (fields_key(part) for _, part in parts_of(row))


def every_item(reader: Reader, _: Row) -> Iterable[Key]:
    """All items: a warehouse or rate changed."""
    return [_key(row) for row in reader.all("items")]
