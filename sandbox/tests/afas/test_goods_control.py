"""What a user does by hand on the shop side."""

from __future__ import annotations

import base64
import json
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.http import Headers, Request

if TYPE_CHECKING:
    from collections.abc import Callable


def every(afas: Any, connector: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = afas.rows(connector, "skip=-1&take=-1")
    return rows


def some(afas: Any, connector: str, **wanted: Any) -> list[dict[str, Any]]:
    return [row for row in every(afas, connector) if all(row[name] == value for name, value in wanted.items())]


def user(afas: Any, *steps: dict[str, Any]) -> list[dict[str, Any]]:
    done: list[dict[str, Any]] = afas.control("user", steps=list(steps))["done"]
    return done


def refused(afas: Any, **order: Any) -> str:
    request = Request("POST", "/_sandbox/user", "", Headers(), json.dumps(order).encode())
    reply = afas.box.answer(request).reply
    assert reply is not None
    assert reply.status == 400
    return str(reply.value()["error"])


def test_several_steps_are_one(afas: Any) -> None:
    """All steps of an order are done, or none; the history says who did them."""
    user(
        afas,
        {"do": "product", "Item": "SKU-0011", "WebTitle": "A"},
        {"do": "product", "Item": "SKU-0012", "Brand": "B"},
    )
    assert some(afas, "Commerce_Products", Item="SKU-0011")[0]["WebTitle"] == "A"
    steps = [{"do": "product", "Item": "SKU-0011", "WebTitle": "C"}, {"do": "product", "Item": "X", "Colr": "rood"}]
    assert "Colr" in refused(afas, steps=steps)
    assert "nope" in refused(afas, do="nope")
    assert some(afas, "Commerce_Products", Item="SKU-0011")[0]["WebTitle"] == "A"


def test_an_item_is_added_changed_ticked_and_deleted(afas: Any) -> None:
    """An item's date of change moves with every change of it; codes with zeros, slashes and blanks stay as they are."""
    afas.control("user", do="product", Item="007/ A b", WebEnabled=True, Description="Nieuw", Stock={"01": 5, "02": 2})
    (row,) = some(afas, "Commerce_Products", Item="007/ A b")
    assert (row["WebEnabled"], row["Description"], row["KeepStock"]) == (True, "Nieuw", True)
    assert {one["Warehouse"]: one["OnHand"] for one in some(afas, "Commerce_Stock", Item="007/ A b")} == {
        "01": 5,
        "02": 2,
    }
    afas.clock.advance(60)
    afas.control("user", do="product", Items=["007/ A b", "SKU-0011"], WebEnabled=False, Barcode="123", NetWeight="1.5")
    (after,) = some(afas, "Commerce_Products", Item="007/ A b")
    assert (after["WebEnabled"], after["Barcode"], after["NetWeight"]) == (False, "123", 1.5)
    assert after["Modified"] > row["Modified"]
    assert after["Created"] == row["Created"]
    assert not some(afas, "Commerce_Products", Item="SKU-0011")[0]["WebEnabled"]
    afas.control("user", do="product", Item="007/ A b", delete=True)
    for connector in ("Commerce_Products", "Commerce_Stock"):
        assert some(afas, connector, Item="007/ A b") == []


def test_a_deleted_item_leaves_nothing(afas: Any) -> None:
    """With an item its variants, prices, stock, barcodes, images and relations go."""
    images = [row["Image"] for row in some(afas, "Commerce_Products", Item="TEX-POLO")]
    afas.control("user", do="product", Item="TEX-POLO", delete=True)
    for connector in ("Commerce_Variants", "Commerce_Prices", "Commerce_Stock", "Commerce_ProductRelations"):
        assert some(afas, connector, Item="TEX-POLO") == []
    assert some(afas, "Commerce_ProductRelations", Related="TEX-POLO") == []
    assert afas.get(f"ImageConnector/{images[0]}", "format=0").status == 404


@pytest.mark.parametrize(("switch", "same"), [("same_id", True), ("new_id", False)])
def test_an_image_is_replaced_and_removed(make: Callable[..., Any], switch: str, same: bool) -> None:
    """A replaced image has other bytes, under the same id or a new one; a removed one is null; the date moves."""
    afas = make(replaced_image=switch)
    (before,) = some(afas, "Commerce_Products", Item="SKU-0011")
    afas.clock.advance(60)
    content = base64.b64encode(b"\x89PNG other").decode()
    images = {"3": {"name": "x.png", "content": content}, "5": None}
    afas.control("user", do="product", Item="SKU-0011", Images=images)
    (after,) = some(afas, "Commerce_Products", Item="SKU-0011")
    assert (after["Image3"] == before["Image3"]) is same
    assert (after["ImageName3"], after["Image5"], after["Image4"]) == ("x.png", None, before["Image4"])
    answer = afas.get(f"ImageConnector/{after['Image3']}", "format=2").value()
    assert base64.b64decode(answer["filedata"]) == b"\x89PNG other"
    assert after["Modified"] > before["Modified"]
    afas.control("user", do="product", Item="SKU-0011", Images={"5": {"seed": 4}})
    assert some(afas, "Commerce_Products", Item="SKU-0011")[0]["Image5"]


def test_variants_by_hand(afas: Any) -> None:
    """A size is added later, blocked, and deleted; ticking the item shows in all its variants."""
    afas.clock.advance(60)
    afas.control(
        "user", do="variant", Item="TEX-POLO", Dim1="ROOD", Dim2="XXL", Dim2Label="Extra extra", Dim2Position=5
    )
    (row,) = some(afas, "Commerce_Variants", Item="TEX-POLO", Dim2="XXL")
    assert (row["Dim2Label"], row["BlockedSales"], row["WebEnabled"]) == ("Extra extra", False, True)
    assert row["Modified"] > row["ItemModified"]
    assert some(afas, "Commerce_Stock", Item="TEX-POLO", Dim2="XXL")[0]["OnHand"] == 0
    afas.control("user", do="variant", Item="TEX-POLO", Dim1="ROOD", Dim2="XXL", BlockedSales=True)
    afas.control("user", do="product", Item="TEX-POLO", WebEnabled=False)
    rows = some(afas, "Commerce_Variants", Item="TEX-POLO")
    assert {row["WebEnabled"] for row in rows} == {False}
    assert [row["Dim2"] for row in rows if row["BlockedSales"]] == ["XXL"]
    afas.control("user", do="variant", Item="TEX-POLO", Dim1="ROOD", Dim2="XXL", delete=True)
    assert len(some(afas, "Commerce_Variants", Item="TEX-POLO")) == 12


def test_prices_by_hand(afas: Any) -> None:
    """A price is changed where it is, added for a day and a quantity, and deleted; one needs a list or a debtor."""
    afas.control("user", do="price", PriceList="WEB", Item="SKU-0014", Price="1.23")
    (row,) = some(afas, "Commerce_Prices", PriceList="WEB", Item="SKU-0014")
    assert (row["Price"], row["ValidFrom"]) == (Decimal("1.23"), "2025-01-01T00:00:00Z")
    tier = {"PriceList": "WEB", "Item": "SKU-0014", "QuantityFrom": 10, "ValidFrom": "2026-04-01"}
    afas.control("user", do="price", **tier, Price="1.10", ValidUntil="2026-04-30")
    (row,) = some(afas, "Commerce_Prices", PriceList="WEB", Item="SKU-0014", QuantityFrom=10)
    assert (row["ValidUntil"], row["InclVat"], row["Debtor"]) == ("2026-04-30T00:00:00Z", True, "")
    afas.control("user", do="price", **tier, delete=True)
    assert len(some(afas, "Commerce_Prices", PriceList="WEB", Item="SKU-0014")) == 1
    afas.control("user", do="price", Debtor="10006", Item="SKU-0014", Price="1")
    assert some(afas, "Commerce_Prices", Debtor="10006")[0]["InclVat"] is True
    assert "price list" in refused(afas, do="price", Item="SKU-0014", Price="1")
    assert "price list" in refused(afas, do="price", PriceList="NOPE", Item="SKU-0014", Price="1")


def test_lists_by_hand(afas: Any) -> None:
    """Price lists, categories, relations and customer groups are added, changed and deleted."""
    user(
        afas,
        {"do": "price-list", "PriceList": "GBP", "Currency": "GBP", "InclVat": True},
        {"do": "category", "Category": "VAZEN", "Parent": "DECO", "Description": "Vazen"},
        {"do": "category", "Category": "DECO", "Description": "Sier"},
        {"do": "product-relation", "Item": "SKU-0020", "Related": "SKU-0021", "Kind": "up"},
        {"do": "customer-group", "Group": "NIEUW", "DiscountPercent": "7.5"},
        {"do": "edit-relation", "debtor": "10003", "fields": {"DsGr": "NIEUW"}},
    )
    assert some(afas, "Commerce_PriceLists", PriceList="GBP")[0]["InclVat"] is True
    assert some(afas, "Commerce_Categories", Category="VAZEN")[0]["Parent"] == "DECO"
    (deco,) = some(afas, "Commerce_Categories", Category="DECO")
    assert (deco["Description"], deco["Parent"]) == ("Sier", "WONEN")
    assert some(afas, "Commerce_ProductRelations", Item="SKU-0020")[0]["RelatedType"] == "2"
    assert some(afas, "Commerce_CustomerGroups", Group="NIEUW")[0]["DiscountPercent"] == 7.5
    assert some(afas, "Commerce_Relations", CustomerGroup="NIEUW")[0]["Debtor"] == "10003"
    afas.control("user", do="category", Category="VAZEN", delete=True)
    assert some(afas, "Commerce_Categories", Category="VAZEN") == []
    assert "vazen" in refused(afas, do="category", Category="VAZEN", delete=True)


def test_stock_by_hand(afas: Any) -> None:
    """A count sets, a change adds, per warehouse and variant; what others hold is set beside the orders."""
    afas.control("user", do="stock", Item="SKU-0022", OnHand=0)
    afas.control("user", do="stock", Item="SKU-0022", Warehouse="02", Change="2.5")
    rows = {row["Warehouse"]: row["OnHand"] for row in some(afas, "Commerce_Stock", Item="SKU-0022")}
    assert rows == {"01": 0, "02": 2.5}
    afas.control("user", do="stock", Item="TEX-POLO", Dim1="ROOD", Dim2="S", OnHand=9, Reserved=2, ReservedOnPurchase=1)
    (row,) = some(afas, "Commerce_Stock", Item="TEX-POLO", Dim1="ROOD", Dim2="S", Warehouse="01")
    assert (row["OnHand"], row["Available"]) == (9, 6)
    assert "warehouse" in refused(afas, do="stock", Item="SKU-0022", Warehouse="99", OnHand=1)


def test_purchase_orders_by_hand(afas: Any) -> None:
    """Lines are made, postponed and received; what is received comes into stock and is no longer on order."""
    line = {"Item": "SKU-0023", "Quantity": 10, "Expected": "2026-03-20", "Warehouse": "02"}
    (made,) = user(afas, {"do": "purchase", "Lines": [line]})
    number = made["OrderNumber"]
    before = some(afas, "Commerce_Stock", Item="SKU-0023", Warehouse="02")[0]
    assert before["OnOrder"] == 10
    afas.control("user", do="purchase", OrderNumber=number, Seq=1, Received=4, Expected="2026-04-01")
    (row,) = some(afas, "Commerce_PurchaseLines", OrderNumber=number)
    assert (row["Open"], row["Expected"]) == (6, "2026-04-01T00:00:00Z")
    after = some(afas, "Commerce_Stock", Item="SKU-0023", Warehouse="02")[0]
    assert (after["OnHand"], after["OnOrder"], after["Economic"]) == (before["OnHand"] + 4, 6, before["Economic"])
    afas.control("user", do="purchase", OrderNumber=number, delete=True)
    assert some(afas, "Commerce_PurchaseLines", OrderNumber=number) == []


def test_bundles_by_hand(afas: Any) -> None:
    """A composition gets its parts as a whole list."""
    parts = [{"Part": "SKU-0024", "Quantity": 3, "Required": True}, {"Part": "TEX-SOK", "PartDim1": "36-38"}]
    afas.control("user", do="product", ItemType="7", Item="SET-2", WebEnabled=True, Parts=parts)
    rows = some(afas, "Commerce_Compositions", Composition="SET-2")

    def seq(row: dict[str, Any]) -> int:
        return int(row["Seq"])

    assert [(row["Part"], row["PartDim1"], row["Quantity"], row["Required"]) for row in sorted(rows, key=seq)] == [
        ("SKU-0024", "", 3, True),
        ("TEX-SOK", "36-38", 1, False),
    ]


def test_a_free_field_is_renamed_or_gone(afas: Any) -> None:
    """A label that an administrator changes shows in metainfo; a field that is gone shows nowhere, the others stay."""
    afas.control("afas/free-field", name="Brand", label="Merknaam")
    labels = {row["id"]: row["label"] for row in afas.get("metainfo/get/Commerce_Products").value()["fields"]}
    assert labels["Brand"] == "Merknaam"
    assert some(afas, "Commerce_Products", Item="SKU-0012")[0]["Brand"] == "Zuiderzee"
    afas.control("afas/free-field", name="Brand", delete=True)
    assert "Brand" not in every(afas, "Commerce_Products")[0]
    assert some(afas, "Commerce_Products", Item="SKU-0012")[0]["WebEnabled"] is True


SLIPS: list[tuple[dict[str, Any], str]] = [
    ({"do": "product", "Item": "X", "WebEnable": True}, "WebEnable"),
    ({"do": "product", "Item": "X", "WebEnabled": "misschien"}, "WebEnabled"),
    ({"do": "product", "Item": "X", "Minimum": "veel"}, "Minimum: 'veel' is no number"),
    ({"do": "product", "Item": "X", "Stock": {"99": 1}}, "no warehouse 99"),
    ({"do": "product", "Item": "X", "Stock": {"01": "NaN"}}, "no number"),
    ({"do": "product", "Item": "SKU-0011", "Images": {"7": {"seed": 1}}}, "slot from 0 to 6"),
    ({"do": "product", "Item": "SKU-0011", "Images": {"3": {"sead": 1}}}, "unknown: sead"),
    (
        {"do": "product", "Item": "SKU-0011", "Images": {"3": {"name": "a.png"}}},
        "either content",
    ),
    ({"do": "product", "Item": "SKU-0011", "Images": {"3": {"content": "é!"}}}, "ASCII"),
    ({"do": "product", "ItemType": "7", "Item": "SET-3", "Parts": [{"Part": "NOPE"}]}, "no item 2 nope"),
    (
        {"do": "product", "ItemType": "7", "Item": "SET-3", "Parts": [{"Part": "SKU-0011", "Aantal": 2}]},
        "Aantal",
    ),
    ({"do": "products", "n": 2, "varaints": 3}, "unknown: varaints"),
    ({"do": "products", "n": "veel"}, "n: 'veel' is no number"),
    ({"do": "variant", "Item": "TEX-POLO", "Dim2": "S"}, "a variant has a Dim1"),
    ({"do": "variant", "Item": "TEX-POLO", "Dim1": "PAARS", "Dim2": "S", "delete": True}, "no variant"),
    ({"do": "variant", "Item": "NOPE", "Dim1": "PAARS"}, "no item"),
    ({"do": "price", "Debtor": "99999", "Item": "SKU-0014", "Price": "1"}, "no debtor 99999"),
    ({"do": "price", "PriceList": "WEB", "Item": "SKU-0014", "Prise": "1"}, "unknown: Prise"),
    ({"do": "price", "PriceList": "WEB", "Item": "SKU-0014", "Price": "gratis"}, "Price"),
    ({"do": "stock", "Item": "SKU-0022", "OnHnad": 1}, "unknown: OnHnad"),
    ({"do": "stock", "Item": "SKU-0022", "Change": "een"}, "Change: 'een' is no number"),
    ({"do": "purchase", "Lines": [{"Item": "SKU-0023", "Quantity": 1, "Warehouse": "99"}]}, "no warehouse 99"),
    ({"do": "purchase", "Lines": [{"Item": "SKU-0023", "Kwantity": 1}]}, "unknown: Kwantity"),
    ({"do": "purchase", "Lines": [], "Received": 1}, "unknown: Received"),
    ({"do": "purchase", "OrderNumber": "nope", "Seq": 1, "Received": 1}, "no purchase order nope"),
    ({"do": "category", "Category": "X", "Naam": "Y"}, "unknown: Naam"),
    ({"do": "customer-group", "Group": "ELF-LETTERS"}, "Group: at most 10"),
]


def test_a_slip_of_the_pen_changes_nothing(afas: Any) -> None:
    """A name, number or record that is not known is refused by name, and nothing of the order is done."""
    names = ("Products", "Stock", "Prices", "Variants", "PurchaseLines")
    before = [sorted(map(str, every(afas, f"Commerce_{one}"))) for one in names]
    for order, words in SLIPS:
        assert words in refused(afas, **order)
    assert [sorted(map(str, every(afas, f"Commerce_{one}"))) for one in names] == before


@pytest.mark.parametrize(("variants", "stocked"), [(0, 40), (3, 120)])
def test_many_items_for_load(make: Callable[..., Any], variants: int, stocked: int) -> None:
    """So many items are made at once, with prices, stock, and variants where asked."""
    afas = make("empty")
    made = afas.control("user", do="products", n=20, variants=variants)["done"][0]
    assert made == {"first": "BULK-00001", "last": "BULK-00020", "items": 20}
    rows = [row for row in every(afas, "Commerce_Products") if row["WebEnabled"]]
    assert len(rows) == 20
    assert Counter(row["InclVat"] for row in every(afas, "Commerce_Prices")) == {True: 20, False: 20}
    assert {row["PriceList"] for row in every(afas, "Commerce_PriceLists")} == {"WEB", "WEBEX"}
    assert len(every(afas, "Commerce_Variants")) == 20 * variants
    bulk = [row for row in every(afas, "Commerce_Stock") if row["Item"].startswith("BULK")]
    assert len(bulk) == stocked
    assert sum(row["OnHand"] for row in bulk) == 2000 * (variants or 1)
    afas.control("user", do="stock", Item="BULK-00001", Dim1="M001" if variants else "", OnHand=7)
    assert 7 in {row["OnHand"] for row in some(afas, "Commerce_Stock", Item="BULK-00001")}
