"""Stock per warehouse, and what is on order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from commerce.goods import Incoming, StockLevel
from commerce.mapping.afas.heads import unit
from commerce.mapping.afas.keys import coded, item_of, key, source
from commerce.models import Extra, Ref

if TYPE_CHECKING:
    from commerce.mapping.afas.options import Options
    from commerce.mapping.afas.rows import Row

_FIGURES = {
    "on_hand": "OnHand",
    "reserved": "Reserved",
    "backordered": "Backorder",
    "reserved_on_purchase": "ReservedOnPurchase",
    "incoming": "OnOrder",
    "available": "Available",
    "economic": "Economic",
    "safety": "Minimum",
}


def stock_level(row: Row, options: Options) -> StockLevel:
    """Map a row of the role ``stock_levels``: an item in a warehouse, with the figures that AFAS computed.

    Raises:
        MappingError: When the row can't be mapped.
    """
    fields: dict[str, Any] = {
        "key": stock_key(row, options),
        "source": source(options),
        "item": item_of(row, options).ref,
        "location": location(row, options),
        **read_at(row, options),
        # AFAS leaves a figure empty where it has no row of it: nothing reserved, nothing on order, no minimum set.
        **row.given(lambda column: row.number(column) or Decimal(0), **_FIGURES),
        **unit(row),
    }
    if extra := _extra(row):
        fields["extra"] = extra
    return StockLevel(**fields)


def purchase_line(row: Row, options: Options) -> StockLevel:
    """Map a row of the role ``purchase_lines``: a lot of an item that is to come, and no word on what is there.

    Raises:
        MappingError: When the row can't be mapped.
    """
    item = item_of(row, options)
    return StockLevel(
        key=purchase_key(row, options),
        source=source(options),
        item=item.ref,
        location=location(row, options),
        incoming_lots=[Incoming(quantity=row.number("Open") or Decimal(0), expected_date=row.day("Expected"))],
        **read_at(row, options),
    )


def _extra(row: Row) -> dict[str, Extra]:
    """What is of the item: a target may choose its rules by it. Columns that a connector need not have."""
    made: dict[str, Extra] = {}
    for column, name in (("WebEnabled", "web_enabled"), ("KeepStock", "stock_tracked")):
        if row.has(column):
            made[name] = Extra(type="boolean", value=row.flag(column))
    if (group := row.text("Group")) is not None:
        made["item_group"] = Extra(type="string", value=group)
    return made


def stock_key(row: Row, options: Options) -> str:
    """The key of an item in a warehouse."""
    return key(options, "stock", row.needed("Warehouse"), *item_of(row, options).parts)


def purchase_key(row: Row, options: Options) -> str:
    """The key of a line of a purchase order."""
    return key(options, "purchase", row.needed("OrderNumber"), row.needed("Seq"))


def location(row: Row, options: Options) -> Ref:
    """The warehouse; an empty reference where none is named."""
    return coded(options, "warehouse", row.text("Warehouse")) or Ref()


def read_at(row: Row, options: Options) -> dict[str, dt.datetime]:
    """A moment at which the figures were true, never after it.

    The column ``ReadAt`` when the connector has one; else when the record was sent, less the margin in which the tap
    may have read it. What was booked in AFAS after that moment counts as not yet contained.
    """
    if (told := row.instant("ReadAt")) is not None:
        return {"read_at": told}
    if row.extracted is None:
        return {}
    return {"read_at": row.extracted - dt.timedelta(seconds=options.stock_read_margin)}
