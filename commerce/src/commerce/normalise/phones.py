"""Telephone numbers in E.164 where that can be told."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=4096)
def phone_number(text: str | None, country: str | None) -> str | None:
    """Normalise a telephone number.

    Args:
        text: As typed, or None.
        country: ISO 3166-1 alpha-2 of the country in which a national number is dialled.

    Returns:
        E.164 (``+31201234567``) when it is a possible number of a known country, else the typed text with single
        blanks; None when nothing was typed. An order is never lost over a telephone number.
    """
    typed = " ".join(text.split()) if text else ""
    if not any(char.isdigit() for char in typed):
        return None
    # The library's metadata costs time and memory; a stream without telephone numbers never pays for it.
    import phonenumbers  # noqa: PLC0415

    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        return typed
    if not phonenumbers.is_valid_number(number) or number.extension:
        return typed
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
