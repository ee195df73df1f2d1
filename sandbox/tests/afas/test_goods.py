"""The shop side of AFAS: its connectors' rows, how stock follows orders, prices of a sales relation, images."""

from __future__ import annotations

import base64
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.afas.goods_set import GOODS

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = {
    "Commerce_Products": ("ItemType", "Item"),
    "Commerce_Variants": ("ItemType", "Item", "Dim1", "Dim2"),
    "Commerce_Stock": ("ItemType", "Item", "Dim1", "Dim2", "Warehouse"),
    "Commerce_PurchaseLines": ("OrderNumber", "Seq"),
    "Commerce_Compositions": ("Composition", "Seq"),
    "Commerce_PriceLists": ("PriceList",),
    "Commerce_Prices": (
        "PriceList",
        "Debtor",
        "ItemType",
        "Item",
        "Dim1",
        "Dim2",
        "Unit",
        "Currency",
        "QuantityFrom",
        "ValidFrom",
    ),
    "Commerce_Categories": ("Category",),
    "Commerce_ProductRelations": ("ItemType", "Item", "RelatedType", "Related", "Kind"),
    "Commerce_CustomerGroups": ("Group",),
}


def every(afas: Any, connector: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = afas.rows(connector, "skip=-1&take=-1")
    return rows


def one(afas: Any, connector: str, **wanted: Any) -> dict[str, Any]:
    (row,) = [row for row in every(afas, connector) if all(row[name] == value for name, value in wanted.items())]
    return row


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: row["Seq"])


def stock(afas: Any, item: str, **more: Any) -> dict[str, Any]:
    return one(afas, "Commerce_Stock", Item=item, **{"Dim1": "", "Dim2": "", "Warehouse": "01", **more})


# -- rows -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("connector", GOODS, ids=lambda one: one.name)
def test_metainfo_has_the_fields_with_their_labels(afas: Any, connector: Any) -> None:
    """metainfo/get names every field in its order, in Dutch and in English, with lengths; labels are told apart."""
    for language, at in (("nl-nl", "nl"), ("en-us", "en")):
        afas.language = language
        shown = afas.get(f"metainfo/get/{connector.name}").value()
        assert shown["description"] == getattr(connector.description, at)
        assert [row["label"] for row in shown["fields"]] == [getattr(row.label, at) for row in connector.fields]
        assert len({row["label"] for row in shown["fields"]}) == len(connector.fields)
    lengths = {row["id"]: (row["length"], row["decimals"]) for row in shown["fields"]}
    assert lengths == {row.id: (row.length, row.decimals) for row in connector.fields}


@pytest.mark.parametrize("connector", KEYS)
def test_rows_are_unique_by_their_key(afas: Any, connector: str) -> None:
    """No two rows share the fields that a reader sorts by, and none of those is empty."""
    keys = [tuple(row[name] for name in KEYS[connector]) for row in every(afas, connector)]
    assert keys
    assert len(set(keys)) == len(keys)
    assert all(part is not None for key in keys for part in key)


@pytest.mark.parametrize("seed", ["small", "empty"])
def test_the_empty_seed_has_nothing_in_the_shop(make: Callable[..., Any], seed: str) -> None:
    """`small` has some 60 ticked items, `empty` none and no lists."""
    afas = make(seed)
    ticked = [row for row in every(afas, "Commerce_Products") if row["WebEnabled"]]
    lists = [row for name in KEYS if name not in {"Commerce_Products", "Commerce_Stock"} for row in every(afas, name)]
    assert (len(ticked) in range(55, 65)) == bool(lists) == (seed == "small")


def test_items_have_their_texts_measures_and_free_fields(afas: Any) -> None:
    """An item shows AFAS's own fields beside those of its E-commerce tab."""
    row = one(afas, "Commerce_Products", Item="SKU-0012")
    assert (row["ItemType"], row["WebEnabled"], row["Brand"], row["GroupName"]) == ("2", True, "Zuiderzee", "Webshop")
    assert (row["VatPercent"], row["KeepStock"], row["WeightUnit"], row["BarcodeType"]) == (21, True, "3", "3")
    assert row["WebTitleEn"]
    texts = [row for row in every(afas, "Commerce_Products") if row["WebLong"]]
    assert any("&amp;" in row["WebLong"] and "\U0001f600" in row["WebLong"] for row in texts)
    assert one(afas, "Commerce_Products", Item="VAAS-0042")["Remark"].startswith(r"{\rtf1")
    unticked = one(afas, "Commerce_Products", Item="SKU-0200")
    assert (unticked["WebEnabled"], unticked["WebTitle"], unticked["Image"]) == (False, None, None)


def test_the_items_of_the_orders_are_what_they_were(afas: Any) -> None:
    """The shop side changes neither price, unit, VAT nor quantity of an article that orders name."""
    row = one(afas, "Profit_Article_Basic", ItemCode="SKU-0015")
    product = one(afas, "Commerce_Products", Item="SKU-0015")
    assert (product["SalesPrice"], product["Description"]) == (row["BasicSalesPrice"], row["Description"])
    assert (
        sum(one["OnHand"] for one in every(afas, "Commerce_Stock") if one["Item"] == "SKU-0015") == row["StockActual"]
    )


def test_barcodes_of_every_sort(afas: Any) -> None:
    """Right and wrong check digits, none, 0, and one that two items share; the standard connector shows them too."""
    given = {row["Item"]: row["Barcode"] for row in every(afas, "Commerce_Products") if row["Item"].startswith("VAAS-")}
    assert given["VAAS-EAN-LEEG"] is None
    assert given["VAAS-EAN-NUL"] == "0"
    assert given["VAAS-EAN-DUBBEL-1"] == given["VAAS-EAN-DUBBEL-2"]

    def fits(code: str) -> bool:
        return sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(code)) % 10 == 0

    assert (fits(given["VAAS-0042"]), fits(given["VAAS-EAN-FOUT"])) == (True, False)
    shown = {(row["ItemCode"], row["StockDimCode1"], row["Barcode"]) for row in every(afas, "Profit_Barcode_per_Item")}
    assert ("VAAS-EAN-NUL", None, "0") in shown
    variant = one(afas, "Commerce_Variants", Item="TEX-POLO", Dim1="ROOD", Dim2="M")
    assert ("TEX-POLO", "ROOD", variant["Barcode"]) in shown


def test_variants_by_dimension_and_by_parent(afas: Any) -> None:
    """One item in 3 colours and 4 sizes, one in 3 sizes with empty second code, and one whose children are items."""
    rows = Counter(row["Item"] for row in every(afas, "Commerce_Variants"))
    assert rows == {"TEX-POLO": 12, "TEX-SOK": 3}
    assert {row["Dim2"] for row in every(afas, "Commerce_Variants") if row["Item"] == "TEX-SOK"} == {""}
    family = [row for row in every(afas, "Commerce_Products") if row["ParentItem"] == "TEX-JAS"]
    children = [row for row in family if row["Item"] != "TEX-JAS"]
    assert len(family) == len(children) + 1  # the parent names itself
    assert {(row["Colour"], row["Size"]) for row in children} == {
        (colour, size) for colour in ("Zwart", "Camel") for size in ("38", "40")
    }


def test_prices_of_today_tomorrow_and_long_ago(afas: Any) -> None:
    """Lists with their basis and currency; a price from tomorrow, one that ended, tiers, one of a sales relation."""
    rows = every(afas, "Commerce_Prices")
    lists = {row["PriceList"]: (row["Currency"], row["InclVat"]) for row in every(afas, "Commerce_PriceLists")}
    assert all((row["Currency"], row["InclVat"]) == lists[row["PriceList"]] for row in rows if row["PriceList"])
    assert [row["Item"] for row in rows if row["ValidFrom"] == "2026-03-03T00:00:00Z"] == ["SKU-0012"]
    assert [row["ValidUntil"] for row in rows if row["ValidUntil"]] == ["2024-12-31T00:00:00Z"]
    tiers = [row["QuantityFrom"] for row in rows if (row["PriceList"], row["Item"]) == ("B2B", "SKU-0011")]
    assert sorted(tiers) == [0, 10, 50]
    assert [(row["PriceList"], row["Debtor"]) for row in rows if row["Debtor"]] == [("", "10001")]
    assert one(afas, "Commerce_Prices", PriceList="WEBEX", Item="SKU-0011")["Price"] == Decimal(
        str(one(afas, "Commerce_Products", Item="SKU-0011")["SalesPrice"])
    )


def test_the_price_list_of_a_sales_relation(afas: Any) -> None:
    """Profit_SalesPrice takes its filter as parameters: nothing without a sales relation, tiers only when asked."""
    assert every(afas, "Profit_SalesPrice") == []
    afas.control("afas/edit-relation", debtor="10001", fields={"PrLs": "B2B"})

    def price(item: str, **more: str) -> list[tuple[Any, Any]]:
        given = {"Debtor": "10001", "Date": "2026-03-02", "Currency": "EUR", "Item": item, **more}
        look = {"filterfieldids": ",".join(given), "filtervalues": ",".join(given.values())}
        rows = afas.rows("Profit_SalesPrice", **look, operatortypes=",".join("1" * len(given)))
        return [(row["Quantity"], row["GrossPrice"]) for row in rows]

    listed = one(afas, "Commerce_Prices", PriceList="B2B", Item="SKU-0011", QuantityFrom=0)["Price"]
    assert price("SKU-0011") == [(0, listed)]
    assert sorted(price("SKU-0011", Volume="1")) == [(0, listed), (10, 8.5), (50, 7.25)]
    assert price("SKU-0015") == [(0, 5)]
    basic = one(afas, "Profit_Article_Basic", ItemCode="SKU-0100")["BasicSalesPrice"]
    assert price("SKU-0100") == [(0, basic)]
    assert price("SKU-0100", Currency="USD") == []


def test_categories_relations_and_groups(afas: Any) -> None:
    """Every parent exists; relations may name items that are not in the shop; a sales relation has its group."""
    codes = {row["Category"]: row["Parent"] for row in every(afas, "Commerce_Categories")}
    assert {parent for parent in codes.values() if parent} <= set(codes)
    web = {row["Item"] for row in every(afas, "Commerce_Products") if row["WebEnabled"]}
    assert any(row["Related"] not in web for row in every(afas, "Commerce_ProductRelations"))
    groups = {row["Group"] for row in every(afas, "Commerce_CustomerGroups")}
    given = {row["CustomerGroup"] for row in every(afas, "Commerce_Relations")} - {None}
    assert given == {"GROOT", "WEDER"} <= groups


def test_parts_of_compositions(afas: Any) -> None:
    """A bundle's parts, one of them a variant; the standard connector has the same."""
    rows = [row for row in every(afas, "Commerce_Compositions") if row["Composition"] == "PAKKET-2"]
    assert [(row["Part"], row["PartDim1"], row["PartDim2"], row["Quantity"]) for row in in_order(rows)] == [
        ("SKU-0016", "", "", 1),
        ("TEX-POLO", "ROOD", "M", 1),
    ]
    shown = [row for row in every(afas, "Profit_Composition") if row["CompositionId"] == "00420"]
    assert {(row["ItemCode"], row["Quantity"]) for row in shown} == {("SKU-0014", 1), ("SKU-0015", 2)}


# -- images -----------------------------------------------------------------------------------------------------------


def test_every_image_id_can_be_fetched(afas: Any) -> None:
    """Seven images for some items, in their slots with names; each id gives a PNG, and no two items share one."""
    products = every(afas, "Commerce_Products")
    names = ["Image", *(f"Image{slot}" for slot in range(1, 7))]
    ids = [row[name] for row in products for name in names if row[name] is not None]
    assert len(set(ids)) == len(ids)
    for number in ids:
        answer = afas.get(f"ImageConnector/{number}", "format=1").value()
        assert base64.b64decode(answer["filedata"]).startswith(b"\x89PNG")
    counts = {row["Item"]: sum(row[name] is not None for name in names) for row in products}
    assert (counts["SKU-0011"], counts["SKU-0013"], counts["TEX-POLO"], counts["TEX-SOK"]) == (7, 3, 7, 0)
    gap = one(afas, "Commerce_Products", Item="SKU-0013")
    assert (gap["Image1"], bool(gap["Image2"]), gap["ImageName2"]) == (None, True, "SKU-0013 2.png")
    main = {row["ItemCodeId"]: row["Filename"] for row in every(afas, "Profit_Article_image")}
    assert main["SKU-0011"] == one(afas, "Commerce_Products", Item="SKU-0011")["ImageName"]


# -- stock ------------------------------------------------------------------------------------------------------------


def test_available_and_economic_follow_from_the_others(afas: Any) -> None:
    """In every row available and economic stock are what their definitions say."""
    rows = every(afas, "Commerce_Stock")
    for row in rows:
        held = row["Reserved"] + row["Backorder"] + row["ReservedOnPurchase"]
        assert row["Available"] == row["OnHand"] - held
        assert row["Economic"] == row["OnHand"] - held + row["OnOrder"]
    assert any(row["Available"] < 0 for row in rows)
    assert any(row["OnOrder"] for row in rows)
    shown = {
        (row["ItemCodeId"], row["StockDimCode1"], row["StockDimCode2"], row["WareHouse"]): row
        for row in every(afas, "Profit_Stock")
    }
    for row in rows:
        same = shown[row["Item"], row["Dim1"], row["Dim2"], row["Warehouse"]]
        assert (same["StockActual"], same["StockEconomic"]) == (row["OnHand"], row["Economic"])


def test_an_order_reserves_and_its_packing_slip_takes(afas: Any) -> None:
    """A booked order raises what is reserved; delivering it takes the pieces and the reservation away."""
    before = stock(afas, "SKU-0030")
    number = afas.order({"VaIt": "2", "ItCd": "SKU-0030", "QuUn": 4, "Upri": 1})
    booked = stock(afas, "SKU-0030")
    assert (booked["OnHand"], booked["Reserved"]) == (before["OnHand"], before["Reserved"] + 4)
    assert booked["Available"] == before["Available"] - 4
    afas.control("afas/deliver-order", order=number, lines=[{"item": "SKU-0030", "quantity": 3}])
    partly = stock(afas, "SKU-0030")
    assert (partly["OnHand"], partly["Reserved"]) == (before["OnHand"] - 3, before["Reserved"] + 1)
    assert partly["Available"] == booked["Available"]
    afas.control("afas/invoice-order", order=number)
    assert stock(afas, "SKU-0030")["Available"] == stock(afas, "SKU-0030")["OnHand"] == before["OnHand"] - 4


def test_what_is_not_there_is_a_backorder(afas: Any) -> None:
    """Of an order for more than there is the rest is a backorder; an order that is deleted or settled wants nothing."""
    before = stock(afas, "VAAS-0042")
    number = afas.order({"VaIt": "2", "ItCd": "VAAS-0042", "QuUn": 15, "Upri": 1})
    row = stock(afas, "VAAS-0042")
    assert (row["OnHand"], row["Reserved"], row["Backorder"], row["Available"]) == (12, 12, 3, -3)
    afas.control("afas/settle-order", order=number)
    assert stock(afas, "VAAS-0042") == before


@pytest.mark.parametrize(
    ("control", "available", "economic"), [("0", -4, -4), ("1", 0, -4), ("2", -4, -4), ("3", 0, 0)]
)
def test_the_stock_control_says_what_an_order_reserves(afas: Any, control: str, available: int, economic: int) -> None:
    """Free stock is reserved by an order line; with economic stock only that falls; without control neither does."""
    afas.control("user", do="product", Item="SKU-0030", StockControl=control)
    before = stock(afas, "SKU-0030")
    afas.order({"VaIt": "2", "ItCd": "SKU-0030", "QuUn": 4, "Upri": 1})
    after = stock(afas, "SKU-0030")
    assert after["OnHand"] == before["OnHand"]
    assert after["Available"] - before["Available"] == available
    assert after["Economic"] - before["Economic"] == economic


def test_a_line_reserves_in_its_own_warehouse(afas: Any) -> None:
    """The line's warehouse counts before the order's; other warehouses don't move."""
    elsewhere = stock(afas, "SKU-0011")
    before = stock(afas, "SKU-0011", Warehouse="02")
    afas.order({"VaIt": "2", "ItCd": "SKU-0011", "QuUn": 2, "Upri": 1, "War": "02"})
    assert stock(afas, "SKU-0011", Warehouse="02")["Available"] == before["Available"] - 2
    assert stock(afas, "SKU-0011") == elsewhere


def test_a_bundle_and_a_variant_reserve_their_own(afas: Any) -> None:
    """An order for a bundle reserves its parts, one for a variant that variant."""
    part, variant = stock(afas, "SKU-0016"), stock(afas, "TEX-POLO", Dim1="ROOD", Dim2="M")
    number = afas.order({"VaIt": "7", "ItCd": "PAKKET-2", "QuUn": 2, "Upri": 1})
    assert stock(afas, "SKU-0016")["Available"] == part["Available"] - 2
    assert stock(afas, "TEX-POLO", Dim1="ROOD", Dim2="M")["Available"] == variant["Available"] - 2
    afas.control("afas/deliver-order", order=number)
    assert stock(afas, "SKU-0016")["OnHand"] == part["OnHand"] - 2
    afas.order({"VaIt": "2", "ItCd": "TEX-POLO", "QuUn": 1, "Upri": 1, "StL1": "BLAUW", "StL2": "S"})
    assert stock(afas, "TEX-POLO", Dim1="BLAUW", Dim2="S")["Reserved"] == 1
    assert stock(afas, "TEX-POLO", Dim1="BLAUW", Dim2="M")["Reserved"] == 0


def test_counter_sales_and_loose_slips_take_at_once(afas: Any) -> None:
    """A direct invoice, and a packing slip without an order, take their pieces when they are made."""
    before = stock(afas, "SKU-0031")["OnHand"]
    line = {"Fields": {"VaIt": "2", "ItCd": "SKU-0031", "QuUn": 2, "Upri": 1}}
    for name in ("FbDirectInvoice", "FbDeliveryNote"):
        element = {"Fields": {"DbId": "10001"}, "Objects": [{f"{name}Lines": {"Element": [line]}}]}
        reply = afas.write("POST", name, {name: {"Element": element}})
        assert reply.status == 201, reply.body
    assert stock(afas, "SKU-0031")["OnHand"] == before - 4


def test_stock_mutations_move_the_warehouse_they_name(afas: Any) -> None:
    """Booking in at the second warehouse shows there, and in the item's total."""
    before, total = stock(afas, "SKU-0032", Warehouse="02"), one(afas, "Profit_Article_Basic", ItemCode="SKU-0032")
    fields = {"ReId": "01", "VaIt": "2", "ItCd": "SKU-0032", "War": "02", "Loc": "A1", "BiUn": "STK", "VaOt": "41"}
    element = {"Fields": fields | {"QuUn": 5, "Qu": ""}}
    assert afas.write("POST", "FbStockMutation", {"FbStockMutation": {"Element": element}}).status == 201
    assert stock(afas, "SKU-0032", Warehouse="02")["OnHand"] == before["OnHand"] + 5
    assert one(afas, "Profit_Article_Basic", ItemCode="SKU-0032")["StockActual"] == total["StockActual"] + 5


def test_purchase_orders_are_on_order(afas: Any) -> None:
    """Lines that are still open, with their days; a new purchase order raises what is on order."""
    rows = every(afas, "Commerce_PurchaseLines")
    assert {(row["Item"], row["Open"], row["Expected"][:10]) for row in rows} == {
        ("SKU-0016", 50, "2026-03-12"), ("ZIT-KRUK", 20, "2026-03-23"), ("TEX-POLO", 12, "2026-03-07"),
        ("SKU-0019", 8, "2026-02-27"),
    }  # fmt: skip
    before = stock(afas, "SKU-0033")
    line = {"VaIt": "2", "ItCd": "SKU-0033", "QuUn": 9, "DlDa": "2026-03-20", "BiUn": "STK"}
    element = {"Fields": {"CrId": "50001", "War": "01"}, "Objects": [{"FbPurchLines": {"Element": [{"Fields": line}]}}]}
    assert afas.write("POST", "FbPurch", {"FbPurch": {"Element": element}}).status == 201
    assert stock(afas, "SKU-0033")["OnOrder"] == before["OnOrder"] + 9
    assert stock(afas, "SKU-0033")["Economic"] == before["Economic"] + 9


STEPS = st.lists(
    st.tuples(st.sampled_from(("order", "bundle", "deliver", "settle", "delete", "count", "slip")), st.integers(1, 9)),
    max_size=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_the_figures_agree(make: Callable[..., Any], steps: list[tuple[str, int]]) -> None:
    """After any orders, deliveries, slips and counts no figure contradicts another, and delivering promises nothing."""
    afas = make()
    orders: list[str] = []
    for what, many in steps:
        before = stock(afas, "SKU-0014")["Available"]
        if what in {"order", "bundle"}:
            item = {"VaIt": "7", "ItCd": "00420"} if what == "bundle" else {"VaIt": "2", "ItCd": "SKU-0014"}
            orders.append(afas.order({**item, "QuUn": many * 20, "Upri": 1}))
            assert stock(afas, "SKU-0014")["Available"] == before - many * 20
        elif what == "count":
            afas.control("user", do="stock", Item="SKU-0014", OnHand=many)
        elif what == "slip":
            line = {"Fields": {"VaIt": "2", "ItCd": "SKU-0014", "QuUn": many, "Upri": 1}}
            element = {"Fields": {"DbId": "10001"}, "Objects": [{"FbDeliveryNoteLines": {"Element": [line]}}]}
            assert afas.write("POST", "FbDeliveryNote", {"FbDeliveryNote": {"Element": element}}).status == 201
            assert stock(afas, "SKU-0014")["Available"] == before - many
        elif orders:
            afas.control(f"afas/{what}-order", order=orders[many % len(orders)])
            if what == "deliver":
                assert stock(afas, "SKU-0014")["Available"] <= before
                orders.pop(many % len(orders))
            if what == "delete":
                orders.pop(many % len(orders))
        rows = [row for row in every(afas, "Commerce_Stock") if row["Item"] == "SKU-0014"]
        total = one(afas, "Profit_Article_Basic", ItemCode="SKU-0014")["StockActual"]
        assert sum(row["OnHand"] for row in rows) == total
        assert all(row["Reserved"] <= max(row["OnHand"], 0) for row in rows)
        for row in rows:
            assert row["Available"] == row["OnHand"] - row["Reserved"] - row["Backorder"] - row["ReservedOnPurchase"]


# -- what UpdateConnectors move ---------------------------------------------------------------------------------------


def test_an_item_that_is_written_shows_on_the_shop_side(afas: Any) -> None:
    """FbItemArticle takes the free fields by the codes of metainfo, and images into their slots."""
    fields = {row["label"]: row["fieldId"] for row in afas.get("metainfo/update/FbItemArticle").value()["fields"]}
    image = base64.b64encode(b"\x89PNG new").decode()
    item = {"ItCd": "NIEUW-1", "Ds": "Nieuw", "Grp": "WEB", "BiUn": "STK", "VaRc": "1", "BiSt": True, "BaCo": "0"}
    item |= {fields["E-commerce beschikbaar"]: True, fields["Merk"]: "Maas", "FileName2": "b.png", "FileStream2": image}
    assert afas.write("POST", "FbItemArticle", {"FbItemArticle": {"Element": {"Fields": item}}}).status == 201
    row = one(afas, "Commerce_Products", Item="NIEUW-1")
    assert (row["WebEnabled"], row["Brand"], row["ImageName2"], row["Image"]) == (True, "Maas", "b.png", None)
    answer = afas.get(f"ImageConnector/{row['Image2']}", "format=0").value()
    assert base64.b64decode(answer["filedata"]) == b"\x89PNG new"


def test_a_price_that_is_written_shows_on_the_shop_side(afas: Any) -> None:
    """FbSalesPrice adds a row to Commerce_Prices, with the basis of its list."""
    price = {"VaIt": "2", "ItCd": "SKU-0040", "BiUn": "STK", "PrLi": "WEB", "CuId": "EUR", "DaBg": "2026-05-01"}
    element = {"Fields": price | {"Pric": "12.345"}}
    assert afas.write("POST", "FbSalesPrice", {"FbSalesPrice": {"Element": element}}).status == 201
    row = one(afas, "Commerce_Prices", Item="SKU-0040", ValidFrom="2026-05-01T00:00:00Z")
    assert (row["Price"], row["InclVat"], row["WebEnabled"]) == (Decimal("12.345"), True, True)


def test_another_environment_has_other_codes(make: Callable[..., Any]) -> None:
    """The codes of the free fields differ per environment, their labels don't, and values stay."""
    codes = []
    for afas in (make(), make(envid="T54321ZZ")):
        shown = afas.get("metainfo/update/FbItemArticle").value()["fields"]
        codes.append(
            {
                row["label"]: row["fieldId"]
                for row in shown
                if row["fieldId"].startswith("U") and len(row["fieldId"]) == 33
            }
        )
    assert codes[0].keys() == codes[1].keys()
    assert not set(codes[0].values()) & set(codes[1].values())
    afas = make()
    before = every(afas, "Commerce_Products")
    afas.control("afas/environment", id="T54321ZZ")
    shown = afas.get("metainfo/update/FbItemArticle").value()["fields"]
    assert {row["fieldId"] for row in shown} >= set(codes[1].values())
    assert sorted(map(str, every(afas, "Commerce_Products"))) == sorted(map(str, before))


@pytest.mark.parametrize(
    ("dims", "message"),
    [
        ({"StL1": "PAARS", "StL2": "M"}, "De ingevulde waarde bij 'Artikeldimensiecode 1' bestaat niet."),
        ({"StL1": "36-38", "StL2": "M"}, "De ingevulde waarde bij 'Artikeldimensiecode 1' bestaat niet."),
        ({"StL1": "ROOD", "StL2": "36-38"}, "De ingevulde waarde bij 'Artikeldimensiecode 2' bestaat niet."),
        ({"StL1": "ROOD"}, "Vul een waarde in bij 'Artikeldimensiecode 2'."),
        ({}, "Vul een waarde in bij 'Artikeldimensiecode 1'."),
    ],
)
def test_a_line_names_a_variant_of_its_item(
    make: Callable[..., Any], body: Callable[..., Any], dims: dict[str, str], message: str
) -> None:
    """Dimension codes of a line are held against the item's variants; whether they can be left out is a switch."""
    line = {"VaIt": "2", "ItCd": "TEX-POLO", "QuUn": 1, "Upri": 1, **dims}
    afas = make("small")
    assert afas.refused("POST", "FbSales", body(line)) == message
    if not dims:
        made = make("small", line_without_dimension="allow").order(line)
        assert made


def test_a_line_of_a_plain_item_has_no_dimensions(afas: Any, body: Callable[..., Any]) -> None:
    """An item without dimensions takes no dimension codes."""
    line = {"VaIt": "2", "ItCd": "SKU-0031", "QuUn": 1, "Upri": 1, "StL1": "ROOD"}
    assert "Artikeldimensiecode 1" in afas.refused("POST", "FbSales", body(line))


def test_order_lines_show_their_variant_and_it_can_be_changed(afas: Any) -> None:
    """The codes stand in the rows of the line; a change to a variant that is not there, or is blocked, is refused."""
    number = afas.order({"VaIt": "2", "ItCd": "TEX-POLO", "QuUn": 2, "Upri": 1, "StL1": "blauw", "StL2": "S"})
    line = one(afas, "Commerce_OrderLines", OrderNumber=number)
    assert (line["Dim1"], line["Dim2"]) == ("BLAUW", "S")

    def change(size: str) -> dict[str, Any]:
        below = {"Element": {"Fields": {"@Action": "update", "GuLi": line["Guid"], "StL2": size}}}
        return {"FbSales": {"Element": {"Fields": {"OrNu": number}, "Objects": [{"FbSalesLines": below}]}}}

    assert afas.write("PUT", "FbSales", change("M")).status == 201
    assert one(afas, "Commerce_OrderLines", OrderNumber=number)["Dim2"] == "M"
    assert stock(afas, "TEX-POLO", Dim1="BLAUW", Dim2="M")["Reserved"] == 2
    assert "Artikeldimensiecode 2" in afas.refused("PUT", "FbSales", change("36-38"))
    afas.control("user", do="variant", Item="TEX-POLO", Dim1="BLAUW", Dim2="L", BlockedSales=True)
    assert "TEX-POLO" in afas.refused("PUT", "FbSales", change("L"))
