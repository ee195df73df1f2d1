"""Barcodes, and what AFAS's types of barcode mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from commerce.goods import Gtin
from commerce.normalise.gtins import is_gtin

if TYPE_CHECKING:
    from commerce.mapping.afas.notes import Notes
    from commerce.mapping.afas.rows import Row

GtinKind = Literal["ean8", "ean13", "upc", "ean14", "other"]

_BY_LENGTH: dict[int, GtinKind] = {8: "ean8", 12: "upc", 13: "ean13", 14: "ean14"}
# Type of barcode: the number, and the description that an administrator may have chosen instead.
_TYPES = {"1": "ean8", "2": "upc", "3": "ean13", "4": "ean14"}
_WORDS = {"barcodeean8": "1", "barcodeupc": "2", "barcodeean13": "3", "barcodeean14": "4", "geencontrole": "0"}


def gtins(row: Row, notes: Notes) -> list[Gtin] | None:
    """The barcode of a row.

    A code that is empty or 0 is none. One that should be a GTIN by its type, or looks like one, and has a wrong check
    digit is left out and noted: a shop would find the wrong product by it.

    Args:
        row: An item or a variant, with the columns ``Barcode`` and perhaps ``BarcodeType``.
        notes: Takes what is left out.

    Returns:
        The numbers; None when the record has no such column.
    """
    if not row.has("Barcode"):
        return None
    text = "".join((row.text("Barcode") or "").split())
    if not text.strip("0"):
        return []
    kind = (row.text("BarcodeType") or "0").replace(" ", "").lower()
    kind = _WORDS.get(kind, kind)
    if is_gtin(text) and kind in {"0", *_TYPES}:
        return [Gtin(value=text, kind=_BY_LENGTH[len(text)])]
    if kind in _TYPES or (kind == "0" and text.isdigit() and len(text) in _BY_LENGTH):
        notes.add("barcode_check_digit", row.column("Barcode"))
        return []
    return [Gtin(value=text, kind="other")]
