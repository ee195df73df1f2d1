"""Postal codes in the way their country writes them."""

from __future__ import annotations

import re

_DUTCH = re.compile(r"(?:NL[\s-]*)?([1-9][0-9]{3})[\s.-]*([A-Z]{2})", re.IGNORECASE)
# An address written for post from abroad: B-1000, D-10115, L-1234, A-1010, CH-8001, F-75001.
_PREFIXED = {
    "AT": re.compile(r"(?:AT?)[\s-]+([0-9]{4})", re.IGNORECASE),
    "BE": re.compile(r"(?:BE?)[\s-]+([0-9]{4})", re.IGNORECASE),
    "CH": re.compile(r"(?:CH)[\s-]+([0-9]{4})", re.IGNORECASE),
    "DE": re.compile(r"(?:DE?)[\s-]+([0-9]{5})", re.IGNORECASE),
    "FR": re.compile(r"(?:FR?)[\s-]+([0-9]{5})", re.IGNORECASE),
    "LU": re.compile(r"(?:LU?)[\s-]+([0-9]{4})", re.IGNORECASE),
}


def postal_code(text: str | None, country: str | None) -> str | None:
    """Normalise a postal code.

    Args:
        text: As typed, or None.
        country: ISO 3166-1 alpha-2, or None when unknown.

    Returns:
        ``1016 EE`` for the Netherlands, without a country prefix where that is one, else upper case with single
        blanks; None when nothing was typed. What does not look like a code of the country stays as it is.
    """
    typed = " ".join(text.split()).upper() if text else ""
    if not typed:
        return None
    if country == "NL":
        match = _DUTCH.fullmatch(typed)
        return f"{match[1]} {match[2]}" if match else typed
    if country in _PREFIXED and (match := _PREFIXED[country].fullmatch(typed)):
        return match[1]
    return typed
