"""The shop side of the seed: which items are ticked, with texts, images, variants, prices, stock, lists; and load."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.afas import goods, goods_texts, shelves, stocks
from sandbox.afas.file_set import picture
from sandbox.afas.indexes import PARTS
from sandbox.afas.kinds import kinds
from sandbox.afas.work import item_key, put_code

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.afas.work import Work
    from sandbox.seed.catalogue import Item

TICKED = 40
"""Articles of the small seed that stand in the shop."""
FIRST = 11
"""The first of them; those before are only ordered."""
SINCE = date(2025, 1, 1)
"""Since when the prices of the seed are valid."""
NEW_LIST: dict[str, Any] = {
    "Description": None, "Currency": "EUR", "InclVat": False, "ValidFrom": None, "ValidUntil": None, "Blocked": False,
}  # fmt: skip
NEW_CATEGORY: dict[str, Any] = {
    "Description": None, "DescriptionEn": None, "Parent": None, "Position": None, "Blocked": False,
}  # fmt: skip
NEW_RELATION: dict[str, Any] = {
    "ItemType": "2", "RelatedType": "2", "Kind": "related", "Position": None, "BothWays": False,
}  # fmt: skip
NEW_GROUP: dict[str, Any] = {"Description": None, "PriceList": None, "DiscountPercent": None, "Blocked": False}
_CENT = Decimal("0.01")


def new_fields(kind: str, code: str) -> dict[str, Any]:
    """What a new item has that nobody filled in."""
    stock = {"BiSt": True, "StCh": "0"} if kind == "2" else {"BiSt": False}
    shown = {"Ds": code, "Grp": "WEB", "VaRc": "1", "PrFc": 1, "VaTp": "0", "SaPrice": None, "Bl": False}
    return shown | stock | ({"VaCt": "1"} if kind == "7" else {})


def put_price(work: Work, f: Mapping[str, Any]) -> None:
    """Add a sales price; `f` by the codes of FbSalesPrice."""
    kind = kinds()["FbSalesPrice"]
    number = ",".join(shelves.part(f.get(code), fold=False) for code in kind.key)
    row = {"connector": "FbSalesPrice", "number": number, "f": {"CrPr": f.get("Am") is not None, **f}, "rows": {}}
    shelves.put(work, kind, row | {"created": work.now, "modified": work.now})


def put_purchase(work: Work, number: str, lines: Sequence[Mapping[str, Any]], header: Mapping[str, Any] = {}) -> None:
    """Add a purchase order; lines by the codes of FbPurchLines, `received` among them."""
    stamps = {"created": work.now, "modified": work.now}
    rows = []
    for seq, line in enumerate(lines, 1):
        f = {code: value for code, value in line.items() if code != "received"}
        rows.append({"seq": seq, "f": f, "rows": {}, "received": Decimal(line.get("received", 0)), **stamps})
    f = {"CrId": "50001", "War": "01", "OrDa": work.today, **header, "OrNu": number}
    row = {"connector": "FbPurch", "number": number, "f": f, "rows": {"FbPurchLines": rows}, **stamps}
    shelves.put(work, kinds()["FbPurch"], row)


def plant(work: Work, articles: Sequence[Item]) -> None:
    """Fill the shop side of an environment that has these articles.

    They keep what they are to orders. 40 of them (in a large seed all but the first ten) get a ticked E-commerce tab;
    besides them there are items of every other sort.
    """
    seeder = _Seeder(work)
    seeder.lists()
    large = len(articles) > 1_000
    ticked = articles[FIRST - 1 :] if large else articles[FIRST - 1 : FIRST - 1 + TICKED]
    for one in ticked:
        seeder.article(one)
    seeder.odd_codes()
    seeder.variants()
    seeder.bundles()
    seeder.pictures()
    seeder.stock()
    seeder.special_prices()
    seeder.relations()


class _Seeder:
    """Adds the rows of a seed."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._tables = work.tables
        self._tab = goods.tab_codes(work.tables)

    # -- pieces -------------------------------------------------------------------------------------------------------

    def item(self, code: str, title: str, *, kind: str = "2", stock: int = 0, **fields: Any) -> str:
        """A ticked item; fields by AFAS code or by our name for a free field."""
        f = new_fields(kind, code) | {"Ds": title}
        f |= self._free({"WebEnabled": True, "WebTitle": title, **fields})
        row = {"type": kind, "code": code, "unit": "STK", "f": f, "created": self._work.now, "modified": self._work.now}
        row["stock"] = Decimal(stock) if f["BiSt"] else None
        key = item_key(kind, code)
        self._tables.put("items", key, row)
        return key

    def _free(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return {self._tab.get(name, name): value for name, value in fields.items() if value is not None}

    def price(self, listed: str, code: str, amount: Decimal | str, *, kind: str = "2", **more: Any) -> None:
        """A price in a list, in euros unless `CuId` says otherwise."""
        f = {"VaIt": kind, "ItCd": code, "BiUn": "STK", "PrLi": listed, "CuId": "EUR", "DaBg": SINCE} | more
        put_price(
            self._work, {name: value for name, value in f.items() if value is not None} | {"Pric": Decimal(amount)}
        )

    def both_prices(self, code: str, incl: str, *, kind: str = "2") -> None:
        """The same price in the list including and the one excluding VAT, at 21 %."""
        self.price("WEB", code, incl, kind=kind)
        self.price("WEBEX", code, (Decimal(incl) / Decimal("1.21")).quantize(Decimal("0.0001")), kind=kind)

    # -- the catalogue ------------------------------------------------------------------------------------------------

    def price_lists(self, *wanted: str) -> None:
        """Those of these price lists that are not there yet; without names all."""
        for code, title, more in goods_texts.PRICE_LISTS:
            row = {**NEW_LIST, "PriceList": code, "Description": title, **more}
            known = self._tables.get("price_lists", goods.listed_key("price_lists", row))
            if known is None and (not wanted or code in wanted):
                self._listed("price_lists", row)
                put_code(self._tables, "Prijslijst verkoop", code, title)

    def lists(self) -> None:
        """Article groups, price lists, categories, customer groups."""
        for code, dutch, english in (("WEB", "Webshop", "Web shop"), ("KLEDING", "Kleding", "Clothing")):
            put_code(self._tables, goods.CODES_OF_GROUPS, code, dutch, english)
        self.price_lists()
        for position, (code, parent, nl, en, blocked) in enumerate(goods_texts.CATEGORIES, 1):
            said = {"Description": nl, "DescriptionEn": en, "Blocked": blocked}
            self._listed("categories", {"Category": code, "Parent": parent, "Position": position, **said})
        for code, title, listed, percent in goods_texts.CUSTOMER_GROUPS:
            terms = {"PriceList": listed, "DiscountPercent": percent}
            self._listed("customer_groups", {**NEW_GROUP, "Group": code, "Description": title, **terms})
            put_code(self._tables, "Kortingsgroep verkoop", code, title)
        for debtor, group in (("10001", "GROOT"), ("10002", "WEDER")):
            row = self._tables.get("debtors", debtor)
            if row is not None:
                self._tables.put("debtors", debtor, row | {"f": {**row["f"], "DsGr": group}})

    def _listed(self, table: str, fields: Mapping[str, Any]) -> None:
        goods.put_listed(self._tables, self._work.now, table, fields, {})

    def article(self, one: Item) -> None:
        """The tab, the measures and the prices of one of the merchant's articles."""
        key = item_key("2", one.code)
        row = self._tables.get("items", key) or {}
        more = {"VaBc": "3", "VaWt": "3", "NeWe": Decimal(one.weight), "GrWe": Decimal(one.weight + 50), "StCh": "0"}
        more |= {"CoPrice": one.cost, "CoOr": "NL", "CsGc": "69111000", "StMi": Decimal(5)}
        more |= self._free(goods_texts.tab(one))
        self._tables.put("items", key, row | {"f": {**row["f"], **more}})
        self.price("WEB", one.code, one.incl)
        self.price("WEBEX", one.code, one.excl)
        self.price("B2B", one.code, (one.excl * Decimal("0.9")).quantize(_CENT))

    def odd_codes(self) -> None:
        """Codes and barcodes that a coupling takes as they are, weights in kilograms, a service, a blocked item."""
        self.item("VAAS-0042", "Vaas Delft", stock=12, Brand="DELFT", BaCo=_ean(420), VaBc="3",
                  WebCategory1="SERVIES", Rm=goods_texts.RTF)  # fmt: skip
        self.item("Y/B 12", "Adapter A/B 12 mm", stock=7, Brand="Noord", WebCategory1="KEUKEN", VaWt="4",
                  NeWe=Decimal("1.25"), GrWe=Decimal("1.4"), QuLe=Decimal(30), QuWi=Decimal("12.5"), QuHe=Decimal(8),
                  WebLong=goods_texts.HTML)  # fmt: skip
        right, double = _ean(9_999), _ean(7_700)
        wrong = right[:-1] + str((int(right[-1]) + 1) % 10)
        for code, barcode in (("VAAS-EAN-FOUT", wrong), ("VAAS-EAN-LEEG", None), ("VAAS-EAN-NUL", "0"),
                              ("VAAS-EAN-DUBBEL-1", double), ("VAAS-EAN-DUBBEL-2", double)):  # fmt: skip
            self.item(code, f"Vaas {code}", stock=20, BaCo=barcode, VaBc="0", WebCategory1="DECO")
            self.both_prices(code, "4.95")
        self.item("ZIT-KRUK", "Kruk Veluwe", Brand="Veluwe", WebCategory1="DECO", LeadTime="3 weken")
        self.item("SRV-MONTAGE", "Montage aan huis", BiSt=False, StCh="3", WebShort="Wij monteren het voor u.")
        self.item("VAAS-OUD", "Vaas die niet meer komt", stock=1, Bl=True, WebCategory1="DECO")
        for code, incl in (("VAAS-0042", "3.50"), ("Y/B 12", "12.10"), ("ZIT-KRUK", "59.00"), ("SRV-MONTAGE", "35.00"),
                           ("VAAS-OUD", "9.95")):  # fmt: skip
            self.both_prices(code, incl)

    def variants(self) -> None:
        """Two items with dimensions (3 colours x 4 sizes, 3 sizes) and one whose variants are items of their own."""
        shared: dict[str, Any] = {"Grp": "KLEDING", "Brand": "Maas", "Material": "Katoen", "Washing": "40 graden"}
        polo = self.item("TEX-POLO", "Polo Maas", StD1="KLEUR", StD2="MAAT", VaTp="4", WebCategory1="HEREN", **shared)
        colours = (("ROOD", "Rood"), ("BLAUW", "Blauw"), ("GROEN", "Groen"))
        sizes = (("S", "S"), ("M", "M"), ("L", "L"), ("XL", "Extra large"))
        for at, (colour, name) in enumerate(colours, 1):
            for to, (size, label) in enumerate(sizes, 1):
                row = {"Dim1": colour, "Dim1Label": name, "Dim1Position": at}
                row |= {"Dim2": size, "Dim2Label": label, "Dim2Position": to, "Barcode": _ean(77_100 + at * 10 + to)}
                self.variant(polo, row, 4 * at + to)
        sock = self.item("TEX-SOK", "Sok Maas", StD1="MAAT", VaTp="3", WebCategory1="KLEDING", **shared)
        for at, size in enumerate(("36-38", "39-42", "43-46"), 1):
            row = {"Dim1": size, "Dim1Label": size, "Dim1Position": at, "BlockedSales": size == "43-46"}
            self.variant(sock, row, 10 * at)
        self.both_prices("TEX-POLO", "39.95")
        self.price("WEB", "TEX-POLO", "41.95", StL1="BLAUW", StL2="XL")
        self.both_prices("TEX-SOK", "6.50")
        parent: dict[str, Any] = {"ParentItem": "TEX-JAS", "WebCategory1": "DAMES", "WebLong": goods_texts.HTML}
        self.item("TEX-JAS", "Jas Kempen", BiSt=False, **parent, **shared)
        self.both_prices("TEX-JAS", "129.00")
        for colour in ("Zwart", "Camel"):
            for size in ("38", "40"):
                code = f"TEX-JAS-{colour.upper()}-{size}"
                self.item(code, f"Jas Kempen {colour.lower()} {size}", stock=3, ParentItem="TEX-JAS", Colour=colour,
                          Size=size, **shared)  # fmt: skip
                self.both_prices(code, "129.00")

    def variant(self, key: str, row: dict[str, Any], pieces: int) -> None:
        """A variant with its pieces in the default warehouse."""
        item = self._tables.get("items", key) or {}
        goods.put_variant(self._tables, self._work.now, item, row)
        stocks.move(self._work, key, stocks.Place(row["Dim1"], row.get("Dim2", ""), "01"), Decimal(pieces))

    def bundles(self) -> None:
        """Two compositions; one has a variant among its parts."""
        parts = {
            "00420": (("SKU-0014", 1, "", ""), ("SKU-0015", 2, "", "")),
            "PAKKET-2": (("SKU-0016", 1, "", ""), ("TEX-POLO", 1, "ROOD", "M")),
        }
        for code, below in parts.items():
            key = self.item(code, f"Voordeelpakket {code}", kind="7", WebCategory1="WONEN")
            rows = []
            for seq, (part, many, dim1, dim2) in enumerate(below, 1):
                f = {"VaIt": "2", "ItCd": part, "BiUn": "STK", "QuUn": Decimal(many), "PrSe": seq, "AlAc": True}
                f |= {name: value for name, value in (("StL1", dim1), ("StL2", dim2)) if value}
                stamps = {"created": self._work.now, "modified": self._work.now}
                rows.append({"seq": seq, "f": f, "rows": {}, **stamps})
            self._tables.put("items", key, (self._tables.get("items", key) or {}) | {"rows": {PARTS: rows}})
            self.both_prices(code, "49.95", kind="7")

    def pictures(self) -> None:
        """Seven images for some items, fewer for others, with a gap for one; the first articles have a main one."""
        slots = {
            "SKU-0011": range(1, 7), "SKU-0012": (1, 2), "SKU-0013": (2, 5), "TEX-POLO": range(7), "TEX-JAS": (0, 1),
            "VAAS-0042": (0,), "Y/B 12": (0,), "ZIT-KRUK": (0, 1, 2),
        }  # fmt: skip
        for at, (code, wanted) in enumerate(slots.items(), 1):
            for slot in wanted:
                name = f"{code.replace('/', '_')} {slot}.png" if slot else f"{code.replace('/', '_')}.png"
                content = picture(100 * at + slot)
                goods.put_image(self._tables, item_key("2", code), slot, name, content, kept_number=True)

    def stock(self) -> None:
        """Pieces in the second warehouse, reservations from elsewhere, and purchase orders on their way."""
        work, today = self._work, self._work.today
        for number in range(11, 21):
            shelf = stocks.shelf_of(work, f"2|sku-{number:04}", stocks.Place("", "", "02"))
            stocks.put_shelf(work, shelf | {"on_hand": Decimal(5)})
        held = {
            "sku-0016": {"reserved": 3},
            "sku-0018": {"backorder": 2, "on_purchase": 4},
            "zit-kruk": {"reserved": 20},
        }
        for code, one in held.items():
            shelf = stocks.shelf_of(work, f"2|{code}", stocks.Place("", "", "01"))
            stocks.put_shelf(work, shelf | {name: Decimal(value) for name, value in one.items()})

        def line(code: str, many: int, days: int, **more: Any) -> dict[str, Any]:
            f = {"VaIt": "2", "ItCd": code, "BiUn": "STK", "QuUn": Decimal(many)}
            return f | {"DlDa": today + timedelta(days=days), **more}

        put_purchase(work, "PO-0001", [line("SKU-0016", 50, 10), line("ZIT-KRUK", 30, 21, received=10)])
        put_purchase(
            work, "PO-0002", [line("TEX-POLO", 12, 5, StL1="ROOD", StL2="M"), line("SKU-0019", 8, -3, War="02")]
        )
        put_purchase(work, "PO-0003", [line("SKU-0020", 5, 2, received=5)])

    def special_prices(self) -> None:
        """One from tomorrow, one expired, tiers, one for a debtor, one in dollars, one in a list that has ended."""
        tomorrow = self._work.today + timedelta(days=1)
        self.price("WEB", "SKU-0012", "21.95", DaBg=tomorrow)
        self.price("WEB", "SKU-0013", "9.99", DaBg=date(2024, 1, 1), DaEn=date(2024, 12, 31))
        for many, amount in ((10, "8.50"), (50, "7.25")):
            self.price("B2B", "SKU-0011", amount, Am=Decimal(many))
        self.price("", "SKU-0015", "5.00", PrLi=None, DbId="10001")
        self.price("USD", "SKU-0011", "14.00", CuId="USD")
        self.price("OLD", "SKU-0011", "3.00", DaBg=date(2020, 1, 1))

    def relations(self) -> None:
        """Relations of each kind, one to an item that is not in the shop."""
        for position, (item, related, kind, both) in enumerate(goods_texts.RELATIONS, 1):
            row = {"Item": item, "Related": related, "Kind": kind, "Position": position, "BothWays": both}
            self._listed("product_relations", {**NEW_RELATION, **row})


def many(work: Work, n: int, prefix: str, variants: int) -> list[str]:
    """Make ticked items for load, each with a price in both lists and 100 pieces, and so many variants.

    Returns:
        Their codes.

    Raises:
        ValueError: fewer than none, or more variants than 900.
    """
    if n < 0 or not 0 <= variants <= 900:
        raise ValueError("n from 0, variants from 0 to 900")
    seeder, codes = _Seeder(work), []
    seeder.price_lists("WEB", "WEBEX")
    for number in range(1, n + 1):
        code = f"{prefix}{number:05}"
        amount = Decimal(5 + number % 95) + Decimal("0.95")
        shape = {"StD1": "MAAT", "VaTp": "3"} if variants else {}
        key = seeder.item(code, f"Artikel {code}", stock=0 if variants else 100, Brand=f"Merk {number % 7}",
                          BaCo=_ean(100_000 + number), VaBc="3", WebShort=f"Kort {number}", **shape)  # fmt: skip
        for at in range(1, variants + 1):
            seeder.variant(key, {"Dim1": f"M{at:03}", "Dim1Label": f"Maat {at}", "Dim1Position": at}, 100)
        seeder.both_prices(code, str(amount))
        codes.append(code)
    return codes


def _ean(number: int) -> str:
    digits = f"8710{number:08}"
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
