"""Price lists and prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commerce.errors import MappingError
from commerce.goods import ItemPrice, PriceList, PriceScope
from commerce.mapping.afas.heads import head, unit
from commerce.mapping.afas.keys import coded, identifiers, item_of, key
from commerce.mapping.afas.vat import product_vat
from commerce.models import Basis, Extra, Ref

if TYPE_CHECKING:
    from commerce.mapping.afas.options import Options
    from commerce.mapping.afas.rows import Row

LIST = "price_list"


def price_list(row: Row, options: Options) -> PriceList:
    """Map a row of the role ``price_lists``.

    Raises:
        MappingError: When the row can't be mapped.
    """
    code = row.needed("PriceList")
    return PriceList(
        **head(row, options, list_key(row, options), blocked="Blocked"),
        code=code,
        **row.given(row.text, name="Description", currency="Currency"),
        **row.given(lambda _: _basis(row), basis="InclVat"),
        **_validity(row),
    )


def price(row: Row, options: Options) -> ItemPrice:
    """Map a row of the role ``prices``.

    A price belongs to its price list, whichever a shop then uses as its own; one for a sales relation alone belongs to
    that. Amounts are exact; tiers (``QuantityFrom``) hold for all pieces.

    Raises:
        MappingError: When the row can't be mapped.
    """
    item = item_of(row, options)
    code, debtor = row.code("PriceList"), row.text("Debtor")
    if not code and not debtor:
        raise MappingError("missing_value", row.column("PriceList"))
    amount = row.number("Price")
    if amount is None:
        raise MappingError("missing_value", row.column("Price"))
    fields: dict[str, Any] = {
        **head(row, options, price_key(row, options), blocked="Blocked"),
        "item": item.ref,
        **_for_whom(options, code, debtor),
        "amount": amount,
        "basis": _basis(row),
        "currency": row.needed("Currency"),
        **_validity(row),
        **product_vat(row, options),
        **unit(row),
        **row.given(row.some, min_quantity="QuantityFrom", per_quantity="PriceFactor"),
    }
    extra: dict[str, Extra] = {}
    if row.has("WebEnabled"):
        extra["web_enabled"] = Extra(type="boolean", value=row.flag("WebEnabled"))
    if (base := row.text("BaseUnit")) is not None:
        extra["base_unit"] = Extra(type="string", value=base)
    if extra:
        fields["extra"] = extra
    return ItemPrice(**fields)


def list_key(row: Row, options: Options) -> str:
    """The key of a price list."""
    return key(options, LIST, row.needed("PriceList"))


def price_key(row: Row, options: Options) -> str:
    """The key of a price: list, item, from which quantity, since when, for whom alone, of which unit and currency."""
    quantity, since = row.some("QuantityFrom"), row.day("ValidFrom")
    return key(
        options,
        "price",
        row.code("PriceList"),
        *item_of(row, options).parts,
        "" if quantity is None else format(quantity.normalize(), "f"),
        "" if since is None else since.isoformat(),
        row.code("Debtor"),
        row.code("Unit"),
        row.code("Currency"),
    )


def _for_whom(options: Options, code: str, debtor: str | None) -> dict[str, Any]:
    if debtor is None:
        return {"scope": PriceScope.PRICE_LIST, "scope_ref": coded(options, LIST, code)}
    ref = Ref(code=debtor, ids=identifiers(options, sales_relation=debtor))
    return {"scope": PriceScope.CUSTOMER, "scope_ref": ref}


def _basis(row: Row) -> Basis:
    """The basis that the row states.

    Raises:
        MappingError: ``missing_value`` when it states none: a basis is never guessed.
    """
    if row.value("InclVat") in (None, ""):
        raise MappingError("missing_value", row.column("InclVat"))
    return Basis.INCL if row.flag("InclVat") else Basis.EXCL


def _validity(row: Row) -> dict[str, Any]:
    return row.given(row.day, valid_from="ValidFrom", valid_until="ValidUntil")
