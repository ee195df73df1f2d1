"""What a user does by hand on the shop side: items, variants, prices, stock, purchase orders, lists.

Every order names its values as the connectors of the shop side do (`Item`, `WebEnabled`, `ValidFrom`); `delete` takes
the named row away. An unknown name is refused, so that a slip of the pen changes nothing in silence.
"""

from __future__ import annotations

import base64
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from sandbox.afas import goods, goods_seed, shelves, stocks
from sandbox.afas.file_set import picture
from sandbox.afas.goods_set import BY_NAME, PRODUCTS
from sandbox.afas.indexes import PARTS
from sandbox.afas.kinds import kinds
from sandbox.afas.values import NotThatTypeError, written
from sandbox.afas.work import item_key, item_type, put_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sandbox.afas.definitions import Field
    from sandbox.afas.service import AfasService
    from sandbox.afas.tables import Row
    from sandbox.afas.work import Work

Order = dict[str, Any]
_COMMON = {"do", "user", "delete"}
_SPECIAL = {"KeepStock": "BiSt", "Blocked": "Bl"}
_FIRST_PURCHASE = 10_000_001


def _known(order: Order, names: Iterable[str]) -> None:
    """Refuse a name that is not known.

    Raises:
        ValueError: there is one.
    """
    if unknown := set(order) - set(names) - _COMMON:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")


def _number(order: Order, name: str, default: int | None = None) -> Decimal:
    """A number of an order.

    Raises:
        ValueError: it is none.
        KeyError: it is not there, and there is no default.
    """
    raw = order[name] if default is None else order.get(name, default)
    try:
        value = Decimal(str(raw))
    except InvalidOperation:
        raise ValueError(f"{name}: {raw!r} is no number") from None
    if not value.is_finite():
        raise ValueError(f"{name}: {raw!r} is no number")
    return value


def _values(connector: str, order: Order, names: Iterable[str], also: Iterable[str] = ()) -> Order:
    """The values of an order by field names, as the fields' types.

    Raises:
        ValueError: another name, or a value that its field can't hold.
    """
    fields: dict[str, Field] = {one.id: one for one in BY_NAME[connector].fields}
    wanted = [name for name in names if name in order]
    _known(order, {*wanted, *also})
    return {name: _value(fields[name], order[name]) for name in wanted}


def _value(field: Field, raw: Any) -> Any:
    try:
        value = written(field.kind, raw, field.decimals)
    except NotThatTypeError as error:
        raise ValueError(f"{field.id}: {raw!r} does not fit") from error
    if field.kind == "s" and value is not None and len(value) > field.length:
        raise ValueError(f"{field.id}: at most {field.length} characters")
    return value


def _names(connector: str, *without: str) -> list[str]:
    return [one.id for one in BY_NAME[connector].fields if one.id not in {"Modified", "Created", *without}]


def _key(order: Order, kind: str = "ItemType", code: str = "Item") -> str:
    return item_key(item_type(str(order.get(kind, "2"))), str(order[code]))


def _item(work: Work, key: str) -> Row:
    row = work.tables.get("items", key)
    if row is None:
        raise KeyError(f"no item {key.replace('|', ' ')}")
    return row


# -- items ------------------------------------------------------------------------------------------------------------

_COLUMNS = {one.id: one.column for one in BY_NAME[PRODUCTS].fields}
_ITEM_FIELDS = [
    name for name, column in _COLUMNS.items() if column.startswith(("f.", "u.")) or name in {*_SPECIAL, "Unit"}
]
_PART = {"Quantity": "QuUn", "PartDim1": "StL1", "PartDim2": "StL2", "Required": "AlAc"}


def product(service: AfasService, order: Order) -> Order:
    """Add, change or delete items: {Item | Items, ItemType, any field of Commerce_Products, Minimum, ...}.

    `Images` is {slot 0 to 6: {name, content (base64) | seed (a number that makes a picture)} | null}, `Parts` the whole
    list of a composition, `Stock` {warehouse: counted pieces}.
    """
    work = service.writer.work(by_user=True)
    also = ("Item", "Items", "ItemType", "Images", "Parts", "Stock", "Minimum")
    values = _values(PRODUCTS, order, _ITEM_FIELDS, also)
    codes = [str(one) for one in order.get("Items") or [order["Item"]]]
    kind = item_type(str(order.get("ItemType", "2")))
    for code in codes:
        key = item_key(kind, code)
        if order.get("delete"):
            _item(work, key)
            goods.drop_item(work.tables, key)
            continue
        work.tables.put("items", key, _changed(work, kind, code, values, order))
        for slot, image in (order.get("Images") or {}).items():
            _image(work, key, int(slot), image)
        for warehouse, pieces in (order.get("Stock") or {}).items():
            place = _place(work, {"Warehouse": warehouse})
            stocks.count(work, key, place, _number({warehouse: pieces}, warehouse))
    return {"items": codes}


def _changed(work: Work, kind: str, code: str, values: Order, order: Order) -> Row:
    known = work.tables.get("items", item_key(kind, code))
    f: Order = dict(known["f"]) if known else goods_seed.new_fields(kind, code)
    tab = goods.tab_codes(work.tables)
    for name, value in values.items():
        if name == "Unit":
            continue
        part, _, field = _COLUMNS[name].partition(".")
        f[_SPECIAL.get(name) or (tab[name] if part == "u" else field)] = value
    if "Minimum" in order:
        f["StMi"] = _number(order, "Minimum")
    if known is None and f.get("StD1"):
        f["VaTp"] = "4" if f.get("StD2") else "3"
    row = known or {"type": kind, "code": code, "unit": "STK", "stock": None, "created": work.now}
    row = row | {"f": f, "modified": work.now}
    if values.get("Unit"):
        row["unit"] = values["Unit"]
    if f.get("BiSt") and row["stock"] is None:
        row["stock"] = Decimal(0)
    if "Parts" in order:
        row["rows"] = {**row.get("rows", {}), PARTS: _parts(work, order["Parts"])}
    return row


def _parts(work: Work, parts: list[Order]) -> list[Row]:
    rows = []
    names = ("PartType", "Part", *_PART)
    for seq, part in enumerate(parts, 1):
        values = _values("Commerce_Compositions", part, names)
        item = _item(work, _key(part, "PartType", "Part"))
        f = {"VaIt": item["type"], "ItCd": item["code"], "BiUn": item["unit"], "QuUn": Decimal(1), "PrSe": seq}
        f |= {code: values[name] for name, code in _PART.items() if name in values}
        rows.append({"seq": seq, "f": f, "rows": {}, "created": work.now, "modified": work.now})
    return rows


def _image(work: Work, key: str, slot: int, image: Order | None) -> None:
    if not 0 <= slot <= 6:
        raise ValueError("an image has a slot from 0 to 6")
    if image is None:
        goods.drop_image(work.tables, key, slot)
        return
    _known(image, ("name", "mimetype", "content", "seed"))
    if ("content" in image) == ("seed" in image):
        raise ValueError("an image has either content (base64) or a seed")
    content = base64.b64decode(image["content"], validate=True) if "content" in image else picture(int(image["seed"]))
    code = key.partition("|")[2].upper()
    name = str(image.get("name") or f"{code}-{slot}.png".replace("/", "_"))
    kept = work.switches["replaced_image"] == "same_id"
    mimetype = str(image.get("mimetype", "image/png"))
    goods.put_image(work.tables, key, slot, name, content, kept_number=kept, mimetype=mimetype)


def variant(service: AfasService, order: Order) -> Order:
    """Add, change or delete a variant: {Item, ItemType, Dim1, Dim2, any field of Commerce_Variants}."""
    work = service.writer.work(by_user=True)
    names = _names("Commerce_Variants", "ItemType", "Item", "WebEnabled", "ItemModified")
    values = _values("Commerce_Variants", order, names, ("Item", "ItemType"))
    item = _item(work, _key(order))
    if order.get("delete"):
        key = goods.variant_key(_key(order), order["Dim1"], str(order.get("Dim2") or ""))
        if work.tables.get("variants", key) is None:
            raise KeyError(f"no variant {key.replace('|', ' ')}")
        work.tables.delete("variants", key)
        return {}
    if not values.get("Dim1"):
        raise ValueError("a variant has a Dim1")
    values = {name: value or "" if name in {"Dim1", "Dim2"} else value for name, value in values.items()}
    goods.put_variant(work.tables, work.now, item, values)
    return {}


# -- prices and lists -------------------------------------------------------------------------------------------------


def price(service: AfasService, order: Order) -> Order:
    """Add, change or delete a price: {PriceList | Debtor, Item, ValidFrom, QuantityFrom, Price, ...}.

    Without `ValidFrom` the one that is there, else from today on.
    """
    work = service.writer.work(by_user=True)
    shown = ("InclVat", "WebEnabled", "VatGroup", "VatPercent", "PriceFactor", "BaseUnit")
    names = _names("Commerce_Prices", "ItemType", "Item", *shown)
    given = _values("Commerce_Prices", order, names, ("Item", "ItemType"))
    item = _item(work, _key(order))
    listed = work.tables.get("price_lists", str(given.get("PriceList") or "").casefold())
    if (listed is None) == (given.get("Debtor") is None):
        raise ValueError("a price list that exists, or a debtor")
    if listed is None and work.tables.get("debtors", given["Debtor"]) is None:
        raise KeyError(f"no debtor {given['Debtor']}")
    kind = kinds()["FbSalesPrice"]
    f = {
        "VaIt": item["type"],
        "ItCd": item["code"],
        "BiUn": given.get("Unit") or item["unit"],
        "PrLi": listed["PriceList"] if listed else None,
        "DbId": given.get("Debtor"),
        "StL1": given.get("Dim1"),
        "StL2": given.get("Dim2"),
        "CuId": given.get("Currency") or (listed["Currency"] if listed else "EUR"),
        "Am": given.get("QuantityFrom") or None,
    }
    f = {code: value for code, value in f.items() if value is not None}
    f["DaBg"] = given.get("ValidFrom") or _begin(work, f)
    known = shelves.get(work, kind, f)
    if order.get("delete"):
        if known is None:
            raise KeyError("no such price")
        shelves.drop(work, kind, known)
        return {}
    changes = {
        code: given[name]
        for name, code in (("Price", "Pric"), ("ValidUntil", "DaEn"), ("Blocked", "Bl"))
        if name in given
    }
    if known is None:
        goods_seed.put_price(work, f | changes)
    else:
        shelves.put(work, kind, known | {"f": known["f"] | changes, "modified": work.now})
    return {"ValidFrom": f["DaBg"].isoformat()}


def _begin(work: Work, f: Mapping[str, Any]) -> Any:
    """The one date from which a price like this is valid, else today."""
    rows = work.tables.find("records", "about", f"price {item_key(f['VaIt'], f['ItCd'])}")
    codes = ("PrLi", "DbId", "StL1", "StL2", "CuId", "Am", "BiUn")
    found = {row["f"]["DaBg"] for row in rows if all(row["f"].get(code) == f.get(code) for code in codes)}
    return found.pop() if len(found) == 1 else work.today


def _listing(connector: str, table: str, start: Order, code_list: str = "") -> Callable[[AfasService, Order], Order]:
    def action(service: AfasService, order: Order) -> Order:
        work = service.writer.work(by_user=True)
        given = {name: start[name] for name in goods.LISTED[table] if name in start}
        given |= _values(connector, order, _names(connector))
        key = goods.listed_key(table, given)
        if order.get("delete"):
            if work.tables.get(table, key) is None:
                raise KeyError(f"no {key} in {table}")
            work.tables.delete(table, key)
            return {}
        row = goods.put_listed(work.tables, work.now, table, given, start)
        if code_list:
            put_code(work.tables, code_list, row[goods.LISTED[table][0]], row["Description"] or "")
        return {}

    return action


price_list = _listing("Commerce_PriceLists", "price_lists", goods_seed.NEW_LIST, "Prijslijst verkoop")
category = _listing("Commerce_Categories", "categories", goods_seed.NEW_CATEGORY)
product_relation = _listing("Commerce_ProductRelations", "product_relations", goods_seed.NEW_RELATION)
customer_group = _listing("Commerce_CustomerGroups", "customer_groups", goods_seed.NEW_GROUP, "Kortingsgroep verkoop")


# -- stock ------------------------------------------------------------------------------------------------------------

_MOVES = ("Quantity", "Expected", "Received")
_HELD = {"Reserved": "reserved", "Backorder": "backorder", "ReservedOnPurchase": "on_purchase"}


def stock(service: AfasService, order: Order) -> Order:
    """Count or move stock: {Item, ItemType, Dim1, Dim2, Warehouse, OnHand | Change, Reserved, Backorder, ...}.

    `Reserved`, `Backorder` and `ReservedOnPurchase` are what is held besides the orders that stand here.
    """
    work = service.writer.work(by_user=True)
    names = ("Dim1", "Dim2", "Warehouse", "OnHand", *_HELD)
    values = _values("Commerce_Stock", order, names, ("Item", "ItemType", "Change"))
    key = _key(order)
    item = _item(work, key)
    place = _place(work, values)
    if "OnHand" in values:
        stocks.count(work, key, place, Decimal(values["OnHand"] or 0))
    if "Change" in order:
        stocks.move(work, key, place, _number(order, "Change"))
    held = {name: values[given] or Decimal(0) for given, name in _HELD.items() if given in values}
    if held:
        stocks.put_shelf(work, stocks.shelf_of(work, key, place) | held)
    row = work.tables.get("items", key) or item
    return {"OnHand": str(stocks.counted(work.tables, key, row, place))}


def _place(work: Work, values: Order) -> stocks.Place:
    warehouse = values.get("Warehouse") or stocks.default_warehouse(work.tables)
    if work.tables.get("warehouses", warehouse) is None:
        raise KeyError(f"no warehouse {warehouse}")
    return stocks.Place(values.get("Dim1") or "", values.get("Dim2") or "", warehouse)


def purchase(service: AfasService, order: Order) -> Order:
    """A purchase order: {Lines: [{Item, Quantity, Expected, Warehouse, Dim1, Dim2}]} makes one.

    {OrderNumber, Seq, Quantity | Expected | Received} changes a line; `Received` pieces come into stock.
    {OrderNumber, delete: true} takes it away.
    """
    work = service.writer.work(by_user=True)
    _known(order, ("OrderNumber", "Lines") if "Lines" in order else ("OrderNumber", "Seq", *_MOVES))
    kind = kinds()["FbPurch"]
    if "Lines" in order:
        number = str(order.get("OrderNumber") or work.tables.next_number("purchase by hand", _FIRST_PURCHASE))
        lines = [_purchase_line(work, one) for one in order["Lines"]]
        goods_seed.put_purchase(work, number, lines)
        return {"OrderNumber": number}
    number = str(order["OrderNumber"])
    row = shelves.get(work, kind, {"OrNu": number})
    if row is None:
        raise KeyError(f"no purchase order {number}")
    if order.get("delete"):
        shelves.drop(work, kind, row)
        return {}
    lines = list(row["rows"]["FbPurchLines"])
    at = next((at for at, line in enumerate(lines) if line["seq"] == int(order["Seq"])), None)
    if at is None:
        raise KeyError(f"no line {order['Seq']}")
    lines[at] = _changed_line(work, row, lines[at], order)
    shelves.put(work, kind, row | {"rows": {**row["rows"], "FbPurchLines": lines}, "modified": work.now})
    return {"OrderNumber": number}


def _purchase_line(work: Work, one: Order) -> Order:
    item = _item(work, _key(one))
    values = _values(
        "Commerce_PurchaseLines", one, ("Dim1", "Dim2", "Warehouse", "Expected"), ("Item", "ItemType", "Quantity")
    )
    f = {"VaIt": item["type"], "ItCd": item["code"], "BiUn": item["unit"], "QuUn": _number(one, "Quantity")}
    _place(work, values)
    given = {"StL1": "Dim1", "StL2": "Dim2", "War": "Warehouse", "DlDa": "Expected"}
    return f | {code: values[name] for code, name in given.items() if values.get(name) is not None}


def _changed_line(work: Work, row: Row, line: Row, order: Order) -> Row:
    f = dict(line["f"])
    received = Decimal(line.get("received") or 0)
    if "Quantity" in order:
        f["QuUn"] = _number(order, "Quantity")
    if "Expected" in order:
        f["DlDa"] = _values("Commerce_PurchaseLines", {"Expected": order["Expected"]}, ("Expected",))["Expected"]
    if "Received" in order:
        more = _number(order, "Received")
        received += more
        stocks.take(work, f, row["f"], -more)
    return line | {"f": f, "received": received, "modified": work.now}


def products(service: AfasService, order: Order) -> Order:
    """{n, prefix, variants}: that many ticked items with a price and stock, each with so many variants (0: none)."""
    _known(order, ("n", "prefix", "variants"))
    work = service.writer.work(by_user=True)
    many, variants = int(_number(order, "n")), int(_number(order, "variants", 0))
    made = goods_seed.many(work, many, str(order.get("prefix", "BULK-")), variants)
    return {"first": made[0], "last": made[-1], "items": len(made)} if made else {"items": 0}


GOODS_ACTIONS: Mapping[str, Callable[[AfasService, Order], Order]] = {
    "product": product,
    "products": products,
    "variant": variant,
    "price": price,
    "price-list": price_list,
    "stock": stock,
    "purchase": purchase,
    "category": category,
    "product-relation": product_relation,
    "customer-group": customer_group,
}
