"""Row sources of the shop side's connectors: items with their texts and images, variants, stock, prices, lists."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.afas import shelves, stocks
from sandbox.afas.definitions import Columns, Source
from sandbox.afas.goods import CODES_OF_GROUPS, free_values, images_of, is_enabled
from sandbox.afas.indexes import PARTS, fields_key
from sandbox.afas.kinds import kinds
from sandbox.afas.pricing import vat_key
from sandbox.afas.work import code_key, item_key, item_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sandbox.afas.tables import Key, Reader, Row

DOMESTIC = "1"
"""The VAT duty whose percentage an item shows."""
SHOWN = frozenset({"1", "2", "7"})
"""Types of items that a shop can sell: work types, articles, compositions."""
LETTERS = {"1": "Wst", "2": "Art", "7": "Sam"}


def _key(row: Row) -> str:
    return item_key(row["type"], str(row["code"]))


def _products(reader: Reader, row: Row, _: str) -> Iterator[Columns]:
    if row["type"] not in SHOWN:
        return
    f = row["f"]
    shown: dict[str, Any] = {"keep": bool(f.get("BiSt")), "blocked": bool(f.get("Bl"))}
    for slot, file in images_of(reader, _key(row)).items():
        shown |= {f"image{slot}": file["number"], f"name{slot}": file["name"]}
    group = reader.get("codes", code_key(CODES_OF_GROUPS, str(f.get("Grp") or "")))
    vat = reader.get("vat", vat_key(DOMESTIC, str(f.get("VaRc") or "")))
    yield {"i": row, "f": f, "u": free_values(reader, row), "g": group, "vat": vat, "x": shown}


def _variants(reader: Reader, row: Row, _: str) -> Iterator[Columns]:
    item = reader.get("items", row["item"])
    if item is not None:
        yield {"i": item, "r": row, "x": {"web": is_enabled(reader, item)}}


def _stock(reader: Reader, row: Row, _: str) -> Iterator[Columns]:
    f = row["f"]
    if row["type"] != "2" or not f.get("BiSt"):
        return
    web = is_enabled(reader, row)
    for place, one in stocks.figures(reader, _key(row), row).items():
        shown = {"web": web, "letters": LETTERS[row["type"]], **place._asdict()}
        names = (*stocks.Figures.__dataclass_fields__, "available", "economic")
        yield {"i": row, "f": f, "x": shown, "s": {name: getattr(one, name) for name in names}}


def _dimensions(f: Mapping[str, Any]) -> dict[str, str]:
    return {"dim1": str(f.get("StL1") or ""), "dim2": str(f.get("StL2") or "")}


def _purchase_lines(reader: Reader, row: Row, _: str) -> Iterator[Columns]:
    if row["connector"] != "FbPurch":
        return
    default = stocks.default_warehouse(reader)
    for line, left in stocks.open_lines(row):
        f = line["f"]
        shown = _dimensions(f) | {
            "type": item_type(str(f["VaIt"])),
            "warehouse": stocks.warehouse_of(f, row["f"], default),
            "expected": f.get("DlDa") or row["f"].get("DaDe"),
            "open": left,
        }
        yield {"doc": row, "line": line, "l": f, "x": shown}


def _compositions(reader: Reader, row: Row, _: str) -> Iterator[Columns]:
    for part in row.get("rows", {}).get(PARTS, ()) if row["type"] == "7" else ():
        f = part["f"]
        kind = item_type(str(f.get("VaIt")))
        item = reader.get("items", fields_key(f))
        shown = _dimensions(f) | {"type": kind, "letters": LETTERS.get(kind), "required": bool(f.get("AlAc"))}
        shown["keep"] = item is not None and bool(item["f"].get("BiSt"))
        yield {"i": row, "f": row["f"], "line": part, "l": f, "x": shown, "part": item}


def _prices(reader: Reader, row: Row, _: str) -> Iterator[Columns]:
    if row["connector"] != "FbSalesPrice" or not row["f"].get("ItCd"):
        return
    f = row["f"]
    item = reader.get("items", fields_key(f))
    if item is None:
        return
    listed = reader.get("price_lists", str(f.get("PrLi") or "").casefold())
    debtor = reader.get("debtors", str(f["DbId"])) if f.get("DbId") else None
    incl = debtor["f"].get("VtIn") if debtor and listed is None else listed and listed["InclVat"]
    shown = _dimensions(f) | {
        "list": f.get("PrLi") or "",
        "debtor": f.get("DbId") or "",
        "quantity": f.get("Am") or Decimal(0),
        "incl": bool(incl),
        "web": is_enabled(reader, item),
        "blocked": bool(f.get("Bl")),
    }
    vat = reader.get("vat", vat_key(DOMESTIC, str(item["f"].get("VaRc") or "")))
    yield {"doc": row, "h": f, "i": item, "f": item["f"], "vat": vat, "x": shown}


def _rows(_: Reader, row: Row, __: str) -> Iterator[Columns]:
    yield {"r": row}


def _barcodes(reader: Reader, row: Row, _: str) -> Iterator[Columns]:
    """An item's own barcode, those of its variants, and the extra ones."""
    key = _key(row)
    if row["type"] not in SHOWN:
        return
    shown = {"type": LETTERS[row["type"]], "item": row["code"], "unit": row["unit"]}
    if row["f"].get("BaCo"):
        yield {"x": shown | {"kind": row["f"].get("VaBc"), "barcode": row["f"]["BaCo"]}}
    for one in reader.find("variants", "item", key):
        if one["Barcode"]:
            yield {"x": shown | {"kind": "3", "barcode": one["Barcode"], "dim1": one["Dim1"], "dim2": one["Dim2"]}}
    for record in reader.find("records", "about", f"barcode {key}"):
        f = record["f"]
        given = {"type": f["VaIt"], "item": f["ItCd"], "unit": f.get("VaBu"), "kind": f.get("VaBc")}
        yield {"x": given | {"barcode": f["BaCo"]}}


# -- a debtor's price list --------------------------------------------------------------------------------------------


def debtor_prices(reader: Reader, asked: Mapping[str, Any]) -> Iterator[Columns]:
    """What a sales relation pays at a day, per item: its own prices, else those of its price list, else the basic one.

    Args:
        reader: The tables.
        asked: Debtor, Date (a datetime at midnight), Currency, and Volume (also the tiers), as the filter has them.
    """
    debtor = reader.get("debtors", str(asked["Debtor"]))
    if debtor is None:
        return
    day, currency = asked["Date"].date(), str(asked.get("Currency") or debtor["f"].get("CuId") or "EUR").upper()
    wanted = debtor["f"].get("PrLs")
    for row in reader.all("items"):
        if row["type"] not in SHOWN or row["f"].get("Bl"):
            continue
        best: dict[Decimal, tuple[bool, Any, Row]] = {}
        for record in reader.find("records", "about", f"price {_key(row)}"):
            f = record["f"]
            own = f.get("DbId") == debtor["number"]
            if not (own or (f.get("PrLi") and f["PrLi"] == wanted)) or f.get("Bl") or f.get("StL1"):
                continue
            if f["CuId"].upper() != currency or f["DaBg"] > day or (f.get("DaEn") and f["DaEn"] < day):
                continue
            quantity = Decimal(f.get("Am") or 0)
            if quantity not in best or (own, f["DaBg"]) > best[quantity][:2]:
                best[quantity] = own, f["DaBg"], f
        found = {quantity: f["Pric"] for quantity, (_, _, f) in best.items()}
        if Decimal(0) not in found and row["f"].get("SaPrice") is not None and currency == "EUR":
            found[Decimal(0)] = row["f"]["SaPrice"]
        for quantity in sorted(found):
            if quantity and not asked.get("Volume"):
                continue
            shown = {"quantity": quantity, "price": found[quantity], "off": Decimal(0)}
            yield {"i": row, "f": row["f"], "q": asked, "x": shown}


def _none(_: Reader, __: Row, ___: str) -> Iterable[Columns]:
    return ()


# -- which rows a change touches --------------------------------------------------------------------------------------


def _variants_of(reader: Reader, row: Row) -> Iterable[Key]:
    key = _key(row)
    return ("|".join((key, one["Dim1"], one["Dim2"])).casefold() for one in reader.find("variants", "item", key))


def _compositions_with(reader: Reader, row: Row) -> Iterable[Key]:
    return (_key(one) for one in reader.find("items", "parts", _key(row)))


def _price_keys(rows: Iterable[Row]) -> Iterable[Key]:
    kind = kinds()["FbSalesPrice"]
    return (shelves.key_of(kind, row) for row in rows)


def _prices_of(reader: Reader, row: Row) -> Iterable[Key]:
    return _price_keys(reader.find("records", "about", f"price {_key(row)}"))


def _every_price(reader: Reader, _: Row) -> Iterable[Key]:
    return _price_keys(reader.find("records", "connector", "FbSalesPrice"))


def _prices_for(reader: Reader, row: Row) -> Iterable[Key]:
    return _price_keys(reader.find("records", "about", f"debtor {row['number']}"))


def _item_of_file(_: Reader, row: Row) -> Iterable[Key]:
    return () if row["item"] is None else (row["item"],)


def _item_of_place(_: Reader, row: Row) -> Iterable[Key]:
    return (row["item"],)


def _items_of_tab(reader: Reader, row: Row) -> Iterable[Key]:
    return stocks.every_item(reader, row) if row.get("name") else ()


def _items_of_code(reader: Reader, row: Row) -> Iterable[Key]:
    return stocks.every_item(reader, row) if row["list"] == CODES_OF_GROUPS else ()


def _item_of_barcode(_: Reader, row: Row) -> Iterable[Key]:
    return (fields_key(row["f"]),) if row["connector"] == "FbExtraBarcode" else ()


_TAB = {"free_fields": _items_of_tab}
_STOCK = {
    "shelves": stocks.touched_by_place,
    "variants": stocks.touched_by_place,
    "orders": stocks.touched_by_order,
    "records": stocks.touched_by_record,
    "items": stocks.touched_by_item,
    "warehouses": stocks.every_item,
}
GOODS_SOURCES: dict[str, Source] = {
    "products": Source(
        "items", _products,
        {"files": _item_of_file, "vat": stocks.every_item, "codes": _items_of_code, **_TAB},
    ),
    "variants": Source("variants", _variants, {"items": _variants_of}),
    "stock": Source("items", _stock, _STOCK | _TAB),
    "purchase_lines": Source("records", _purchase_lines, {}),
    "compositions": Source("items", _compositions, {"items": _compositions_with}),
    "prices": Source(
        "records", _prices,
        {"items": _prices_of, "price_lists": _every_price, "debtors": _prices_for, "vat": _every_price},
    ),
    "price_lists": Source("price_lists", _rows, {}),
    "categories": Source("categories", _rows, {}),
    "product_relations": Source("product_relations", _rows, {}),
    "customer_groups": Source("customer_groups", _rows, {}),
    "barcodes": Source("items", _barcodes, {"variants": _item_of_place, "records": _item_of_barcode}),
    "debtor_prices": Source("price_lists", _none, {}),
}  # fmt: skip
"""Every row source by name."""
