"""Countries and languages as the API shows them, and the VAT rates a Dutch shop charges there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

_COUNTRIES = (
    # Recorded ids: 150, 226 and 38. The others are assumed.
    (14, "at", "aut", "Austria"),
    (21, "be", "bel", "Belgium"),
    (33, "bg", "bgr", "Bulgaria"),
    (38, "ca", "can", "Canada"),
    (206, "ch", "che", "Switzerland"),
    (56, "cz", "cze", "Czech Republic"),
    (80, "de", "deu", "Germany"),
    (57, "dk", "dnk", "Denmark"),
    (198, "es", "esp", "Spain"),
    (72, "fi", "fin", "Finland"),
    (73, "fr", "fra", "France"),
    (225, "gb", "gbr", "United Kingdom"),
    (83, "gr", "grc", "Greece"),
    (103, "ie", "irl", "Ireland"),
    (105, "it", "ita", "Italy"),
    (124, "lu", "lux", "Luxembourg"),
    (150, "nl", "nld", "Netherlands, The"),
    (160, "no", "nor", "Norway"),
    (171, "pl", "pol", "Poland"),
    (172, "pt", "prt", "Portugal"),
    (205, "se", "swe", "Sweden"),
    (226, "us", "usa", "United States"),
)
COUNTRIES: dict[str, dict[str, Any]] = {
    code: {"id": number, "code": code, "code3": code3, "title": title} for number, code, code3, title in _COUNTRIES
}
LANGUAGES: dict[str, dict[str, Any]] = {
    code: {"id": number, "code": code, "locale": locale, "title": title}
    for number, code, locale, title in (
        (1, "nl", "nl_NL", "Nederlands"),
        (2, "de", "de_DE", "Deutsch"),
        (3, "en", "en_GB", "English"),
        (4, "fr", "fr_FR", "Français"),
        (18, "us", "en_US", "English (US)"),
    )
}
EU = frozenset({"at", "be", "bg", "cz", "de", "dk", "es", "fi", "fr", "gr", "ie", "it", "lu", "nl", "pl", "pt", "se"})

OSS: dict[str, tuple[Decimal, Decimal]] = {
    "be": (Decimal("0.21"), Decimal("0.06")),
    "de": (Decimal("0.19"), Decimal("0.07")),
    "fr": (Decimal("0.2"), Decimal("0.055")),
}
"""Standard and reduced rate that the shop charges consumers in other EU countries (one-stop shop)."""


def country(code: str) -> dict[str, Any] | None:
    """The country object of a two-letter code in any case; None when unknown."""
    return COUNTRIES.get(code.lower())


def rate_abroad(domestic: Decimal, destination: str, *, shifted: bool, exempt: bool) -> Decimal:
    """The VAT rate of goods whose Dutch rate is `domestic`, for where they go.

    Args:
        domestic: 0.21, 0.09 or 0.
        destination: Country code, lower case.
        shifted: A company with a VAT number in another EU country (reverse charge).
        exempt: The sale is exempt.
    """
    if exempt or destination not in EU or (shifted and destination != "nl"):
        return Decimal(0)
    if destination in OSS and domestic:
        standard, reduced = OSS[destination]
        return standard if domestic > Decimal("0.1") else reduced
    return domestic
