"""What expressions can call. Pure: each gives the same for the same arguments, and none changes them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from commerce.normalise import country_code, email_address, phone_number, postal_code
from commerce.normalise.gtins import is_gtin
from commerce.normalise.markup import is_html, is_rtf, plain, sanitised

if TYPE_CHECKING:
    from collections.abc import Callable


def decimal(value: Any) -> Decimal:
    """An exact number, also from its text."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def plain_text(text: str | None) -> str | None:
    """HTML, RTF or plain text as plain text; None when nothing is left."""
    return plain(text or "") or None


def html_text(text: str | None) -> str | None:
    """HTML of which only harmless tags are left, from HTML or RTF; None when nothing is left."""
    text = text or ""
    return (sanitised(text) if is_html(text) and not is_rtf(text) else plain(text)) or None


def gtin(text: str | None) -> str | None:
    """A number of a trade item (EAN, UPC) without blanks; None when its check digit is wrong, or it is none."""
    digits = "".join((text or "").split())
    return digits if is_gtin(digits) else None


LIBRARY: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "bool": bool,
    "country_code": country_code,
    "decimal": decimal,
    "email_address": email_address,
    "gtin": gtin,
    "html_text": html_text,
    "int": int,
    "len": len,
    "list": list,
    "max": max,
    "min": min,
    "phone_number": phone_number,
    "plain_text": plain_text,
    "postal_code": postal_code,
    "round": round,
    "sorted": sorted,
    "str": str,
    "sum": sum,
}
"""Name in an expression -> the function."""
