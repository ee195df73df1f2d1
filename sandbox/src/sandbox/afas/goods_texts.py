"""What the seed's items say on their E-commerce tab, and the small lists of the shop side."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.seed.catalogue import Item

HTML = (
    "<p>Voor thuis &amp; op reis: 5 &lt; 10 kg, caf\u00e9-kwaliteit \U0001f600</p>"
    '<ul><li>Sterk</li><li onclick="x()">Licht</li></ul><script>alert(1)</script>'
)
"""HTML with entities, an accent, an emoji, and what no shop should take over."""
PLAIN = "Prijs < 10 & caf\u00e9 \U0001f600"
"""Plain text that has to be escaped."""
RTF = (
    r"{\rtf1\ansi\deff0{\fonttbl{\f0 Arial;}}\f0\fs20 Met \b dikke\b0  letters, caf\'e9 & 50 \'80.\par "
    r"Tweede regel.\par}"
)
"""Rich text, as AFAS keeps remarks."""

PRICE_LISTS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("WEB", "Webshop incl. btw", {"InclVat": True}),
    ("WEBEX", "Webshop excl. btw", {}),
    ("B2B", "Zakelijk", {}),
    ("USD", "Export dollar", {"Currency": "USD"}),
    ("OLD", "Oude lijst", {"ValidUntil": date(2024, 12, 31), "Blocked": True}),
)
CATEGORIES: tuple[tuple[str, str | None, str, str | None, bool], ...] = (
    ("SERVIES", "KEUKEN", "Servies", "Tableware", False),
    ("WONEN", None, "Wonen", "Home", False),
    ("KEUKEN", "WONEN", "Keuken & tafel", "Kitchen", False),
    ("DECO", "WONEN", "Decoratie", None, False),
    ("KLEDING", None, "Kleding", "Clothing", False),
    ("HEREN", "KLEDING", "Heren", "Men", False),
    ("DAMES", "KLEDING", "Dames", "Women", False),
    ("ACTIE", None, "Actie", "Sale", True),
)
"""A child may stand before its parent."""
CUSTOMER_GROUPS: tuple[tuple[str, str, str | None, Decimal | None], ...] = (
    ("GROOT", "Groothandel", "B2B", None),
    ("WEDER", "Wederverkoper", None, Decimal(10)),
    ("VIP", "Vaste klant", None, Decimal("2.5")),
)
RELATIONS: tuple[tuple[str, str, str, bool], ...] = (
    ("SKU-0011", "SKU-0012", "cross", True),
    ("SKU-0011", "SKU-0013", "up", False),
    ("SKU-0012", "TEX-POLO", "related", False),
    ("TEX-POLO", "TEX-SOK", "accessory", False),
    ("SKU-0014", "SKU-0290", "related", False),
    ("SKU-0015", "SKU-0016", "related", True),
)
_SHELF = {"Theepot": "SERVIES", "Mok": "SERVIES", "Schaal": "SERVIES", "Karaf": "SERVIES", "Lepel": "KEUKEN"}


def tab(one: Item) -> dict[str, Any]:
    """The E-commerce tab of one of the merchant's articles, by our field names; None is left empty."""
    good = one.title.partition(" ")[0]
    even = one.number % 2 == 0
    lamp = good == "Lamp"
    return {
        "WebEnabled": True,
        "WebTitle": one.title,
        "WebTitleEn": f"{good} (EN) {one.number}" if even else None,
        "WebShort": PLAIN if one.number == 17 else f"{good} van {one.brand}",
        "WebShortEn": f"{good} by {one.brand}" if even else None,
        "WebLong": HTML if one.number % 5 == 1 else f"<p>{one.title}, handgemaakt.</p>",
        "WebLongEn": f"<p>{good}, made by hand.</p>" if even else None,
        "Brand": one.brand,
        "Material": ("Aardewerk", "Glas", "Linnen")[one.number % 3],
        "Washing": "Vaatwasserbestendig" if good in _SHELF else None,
        "LeadTime": ("1-2 werkdagen", "1 week", None)[one.number % 3],
        "EnergyLabel": "A" if lamp else None,
        "Warranty": "2 jaar" if lamp or good == "Klok" else None,
        "WebCategory1": _SHELF.get(good, "DECO"),
        "WebCategory2": "ACTIE" if one.number % 10 == 3 else None,
        "MinimumQuantity": 6 if good == "Lepel" else None,
    }
