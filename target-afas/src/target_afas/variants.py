"""The SKU of a variant: AFAS has no code for it, only an item and one or two dimension codes (read-api 7.2). Pure."""

from __future__ import annotations

LONGEST_ITEM = 40
LONGEST_DIMENSION = 10


def sku_of(item: str, dim1: str, dim2: str, separator: str) -> str:
    """The SKU that the catalogue flow gives a variant: item code and dimension codes; of a plain item its code."""
    return separator.join([item, *(dim for dim in (dim1, dim2) if dim)])


def heads_of(sku: str, separator: str) -> set[str]:
    """Item codes of which a SKU may be a variant.

    Item and dimension codes may hold the separator themselves, so each place at which it stands may be the one that
    ends the item code, as long as what follows is no longer than two dimension codes.

    Args:
        sku: The SKU.
        separator: What stands between item code and dimension codes.
    """
    longest = 2 * LONGEST_DIMENSION + len(separator)
    places = (at for at in range(1, len(sku)) if sku.startswith(separator, at))
    return {sku[:at] for at in places if at <= LONGEST_ITEM and 0 < len(sku) - at - len(separator) <= longest}
