"""Under which VAT rate an item falls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commerce.goods import ProductVat
from commerce.models import VatCategory

if TYPE_CHECKING:
    from decimal import Decimal

    from commerce.mapping.afas.options import Options
    from commerce.mapping.afas.rows import Row


def product_vat(row: Row, options: Options) -> dict[str, ProductVat | None]:
    """The VAT of an item or a price by its tariff group: as the options say, else by the percentage beside it.

    A tariff group alone tells no rate (that depends on the customer's VAT duty too); without option or percentage the
    category is unknown.

    Returns:
        The field ``vat``; nothing when the record has no tariff group.
    """
    if not row.has("VatGroup"):
        return {}
    group = row.text("VatGroup")
    if group is None:
        return {"vat": None}
    rate = row.number("VatPercent")
    if (told := options.vat_groups.get(group)) is not None:
        return {"vat": ProductVat(category=told.category, rate=rate if told.rate is None else told.rate, code=group)}
    return {"vat": ProductVat(category=_category(rate, options), rate=rate, code=group)}


def _category(rate: Decimal | None, options: Options) -> VatCategory:
    if rate is None:
        return VatCategory.UNKNOWN
    if rate == 0:
        return VatCategory.ZERO
    if rate == options.standard_rate:
        return VatCategory.STANDARD
    return VatCategory.REDUCED if 0 < rate < options.standard_rate else VatCategory.UNKNOWN
