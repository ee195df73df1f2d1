"""Stock, prices, categories, relations, groups, customers, and what was deleted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.mapping.afas.keys import key
from commerce.mapping.afas.options import Options
from commerce.schemas import MODELS

from .conftest import Afas

SHIRT = {"ItemType": "2", "Item": "SHIRT", "Dim1": "ROOD", "Dim2": "M"}
BIKE = {"ItemType": "2", "Item": "FIETS", "Dim1": "", "Dim2": ""}
PRICE = {"PriceList": "WEB", **BIKE, "Currency": "EUR", "Price": Decimal("499.95"), "InclVat": True}


def test_stock(afas: Afas) -> None:
    """Every figure of AFAS travels exactly, per item and warehouse; nothing is computed."""
    made = afas.map(
        "Commerce_Stock",
        "2026-11-01T10:02:00Z",
        **SHIRT,
        Warehouse="HAL 1",
        Unit="STK",
        WebEnabled=True,
        KeepStock=False,
        Group="FIETS",
        OnHand=Decimal("12.50000"),
        Reserved=Decimal(3),
        Backorder=0,
        ReservedOnPurchase=Decimal(1),
        OnOrder=Decimal(20),
        Available=Decimal("8.5"),
        Economic=Decimal(-3),
        Minimum=None,
    )
    assert made["item"] == {"key": "afas.main:2:SHIRT:ROOD:M", "code": "SHIRT", "sku": "SHIRT-ROOD-M"}
    assert made["location"]["code"] == "HAL 1"
    figures = ("on_hand", "reserved", "backordered", "reserved_on_purchase", "incoming", "available", "economic")
    assert [made[name] for name in figures] == ["12.50000", "3", "0", "1", "20", "8.5", "-3"]
    assert made["safety"] == "0", "a figure that AFAS leaves empty is none of it"
    extra = {name: one["value"] for name, one in made["extra"].items()}
    assert extra == {"web_enabled": True, "stock_tracked": False, "item_group": "FIETS"}
    assert made["read_at"] == "2026-11-01T10:01:00Z", "a minute earlier, for they may have been read then"
    assert "incoming_lots" not in made


@pytest.mark.parametrize(
    ("row", "extracted", "found"),
    [
        ({"ReadAt": "2026-11-01T09:00:00Z"}, "2026-11-01T10:00:00Z", "2026-11-01T09:00:00Z"),
        ({"ReadAt": None}, "2026-11-01T11:00:00.5+01:00", "2026-11-01T10:00:00.500000Z"),
        ({}, "2026-11-01T10:00:00", None),
        ({}, "soon", None),
        ({}, None, None),
    ],
)
def test_read_at(row: dict[str, Any], extracted: str | None, found: str | None) -> None:
    """The moment comes from the row, else from the message, and is left out when neither tells."""
    made = Afas(stock_read_margin=0).map("Commerce_Stock", extracted, **BIKE, Warehouse="A", **row)
    assert made.get("read_at") == found


def test_purchase_lines(afas: Afas) -> None:
    """An open line of a purchase order is a lot on its way, and says nothing of what is there."""
    made = afas.map(
        "Commerce_PurchaseLines",
        **BIKE,
        OrderNumber="P-1",
        Seq=2,
        Warehouse="A",
        Open=Decimal("5.0"),
        Expected="2026-12-24T00:00:00Z",
    )
    assert made["key"] == "afas.main:purchase:P-1:2"
    assert made["incoming_lots"] == [{"quantity": "5.0", "expected_date": "2026-12-24"}]
    assert made["item"]["key"] == "afas.main:2:FIETS"
    assert not {"on_hand", "available", "incoming"} & set(made)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-03-29", "2026-03-29"),
        ("2026-03-29T00:00:00Z", "2026-03-29"),
        ("2026-03-28T23:00:00Z", "2026-03-29"),
        ("2026-03-29T22:00:00Z", "2026-03-30"),
        ("2026-10-24T22:00:00Z", "2026-10-25"),
        ("2026-10-25T23:00:00Z", "2026-10-26"),
        (None, None),
    ],
)
def test_days(afas: Afas, text: str | None, found: str | None) -> None:
    """A date is a calendar day in Amsterdam, however the tap was told to send it, in both nights of the clock too."""
    assert afas.map("Commerce_Prices", **{**PRICE, "ValidFrom": text})["valid_from"] == found


def test_prices(afas: Afas) -> None:
    """A price belongs to its list, with the basis of the row, exact, per quantity and period."""
    made = afas.map(
        "Commerce_Prices",
        **{
            **PRICE,
            "Price": Decimal("12.3456789012"),
            "InclVat": False,
            "QuantityFrom": Decimal("10.0"),
            "ValidFrom": "2026-11-01",
            "ValidUntil": None,
            "Unit": "STK",
            "PriceFactor": 100,
            "VatGroup": "1",
            "Debtor": None,
            "Blocked": False,
            "WebEnabled": "Nee",
            "Modified": "2026-10-01T08:00:00Z",
        },
    )
    assert (made["scope"], made["scope_ref"]["code"]) == ("price_list", "WEB")
    assert (made["amount"], made["basis"], made["currency"]) == ("12.3456789012", "excl", "EUR")
    assert (made["min_quantity"], made["per_quantity"], made["unit"]["code"]) == ("10.0", "100", "STK")
    assert (made["valid_from"], made["valid_until"], made["active"]) == ("2026-11-01", None, True)
    assert made["vat"] == {"category": "unknown", "rate": None, "code": "1"}
    assert made["extra"]["web_enabled"]["value"] is False
    listed = afas.map("Commerce_PriceLists", PriceList="WEB", Description="Webshop", Currency="EUR", InclVat=False)
    assert made["scope_ref"]["key"] == listed["key"]
    assert (listed["name"], listed["basis"], listed["currency"]) == ("Webshop", "excl", "EUR")


def test_a_price_for_one_customer(afas: Afas) -> None:
    """A price with a sales relation is that customer's, and another record than the one for all."""
    made = afas.map("Commerce_Prices", **PRICE, Debtor="10001")
    assert (made["scope"], made["scope_ref"]["code"]) == ("customer", "10001")
    assert made["key"] != afas.map("Commerce_Prices", **PRICE)["key"]


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({"InclVat": None}, "missing_value: InclVat"),
        ({"Price": None}, "missing_value: Price"),
        ({"Price": "NaN"}, "invalid_value: Price"),
        ({"Currency": None}, "missing_value: Currency"),
        ({"Currency": "euro"}, "invalid_value: currency"),
        ({"PriceList": None}, "missing_value: PriceList"),
        ({"ValidFrom": "morgen"}, "invalid_value: ValidFrom"),
    ],
)
def test_prices_are_never_guessed(afas: Afas, row: dict[str, Any], error: str) -> None:
    """Without amount, basis or currency there is no price."""
    assert afas.map("Commerce_Prices", **{**PRICE, **row})["_error"] == error


@given(st.decimals(min_value=0, max_value=10**12, places=10))
def test_prices_are_exact(amount: Decimal) -> None:
    """Ten decimals go in and come out."""
    made = Afas().map("Commerce_Prices", **{**PRICE, "Price": amount})
    assert Decimal(made["amount"]) == amount


CODES = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=40)


@given(st.lists(CODES, min_size=1, max_size=4), st.lists(CODES, min_size=1, max_size=4))
def test_keys_are_unique(one: list[str], other: list[str]) -> None:
    """Different codes have different keys, whatever their case; equal ones equal keys; and each fits the contract."""
    first, second = key(Options(), "item", *one), key(Options(), "item", *other)
    same = [code.upper() for code in one] == [code.upper() for code in other]
    assert (first == second) == same
    assert (first.upper() == second.upper()) == same
    MODELS["customer_groups"].model_validate(
        {"key": first, "code": "a", "name": "a", "source": {"system": "afas", "instance": "main"}}
    )


def test_categories(afas: Afas) -> None:
    """A node knows its parent, place and names; its own parent is none."""
    made = afas.map(
        "Commerce_Categories",
        Category="RACE",
        Description="Racefietsen",
        DescriptionEn="Road bikes",
        Parent="FIETSEN",
        Position=3,
        Blocked=True,
        Modified="2026-01-01T00:00:00Z",
    )
    assert made["parent"]["key"] == afas.map("Commerce_Categories", Category="FIETSEN", Description="F")["key"]
    assert [(one["language"], one["value"]) for one in made["texts"]] == [("nl", "Racefietsen"), ("en", "Road bikes")]
    assert (made["code"], made["position"], made["active"]) == ("RACE", 3, False)
    assert afas.map("Commerce_Categories", Category="A", Description="A", Parent="a")["parent"] is None
    assert afas.map("Commerce_Categories", Category="A", Description="")["_error"] == "missing_value: Description"
    assert afas.product(WebCategory1="RACE")["categories"][0]["category"]["key"] == made["key"]


@pytest.mark.parametrize(
    ("kind", "found"), [("cross", "cross_sell"), ("UP", "up_sell"), ("accessory", "accessory"), ("huh", "other")]
)
def test_relations(afas: Afas, kind: str, found: str) -> None:
    """A relation has both ends and a type; AFAS's own word stays beside it."""
    made = afas.map(
        "Commerce_ProductRelations",
        ItemType="2",
        Item="A",
        RelatedType="Sam",
        Related="B",
        Kind=kind,
        Position=1,
        BothWays=True,
    )
    assert (made["item"]["key"], made["related"]["key"]) == ("afas.main:2:A", "afas.main:7:B")
    assert (made["type"], made["type_raw"], made["both_ways"], made["position"]) == (found, kind, True, 1)


def test_bundle_parts(afas: Afas) -> None:
    """A part of a composition is a relation with a quantity, of a variant too."""
    made = afas.map(
        "Commerce_Compositions",
        CompositionType="7",
        Composition="SET",
        Seq=1,
        PartType="2",
        Part="SHIRT",
        PartDim1="ROOD",
        PartDim2="M",
        Quantity=Decimal(2),
        Required=True,
    )
    assert (made["type"], made["quantity"], made["required"]) == ("bundle_part", "2", True)
    assert made["item"]["key"] == afas.product(ItemType="7", Item="SET")["key"]
    assert made["related"]["sku"] == "SHIRT-ROOD-M"


def test_customer_groups(afas: Afas) -> None:
    """A group has a name, its price list and a discount, none when it is zero."""
    made = afas.map("Commerce_CustomerGroups", Group="B2B", Description="Zakelijk", PriceList="B2B", DiscountPercent=0)
    assert (made["name"], made["price_list"]["code"], made["discount_percent"]) == ("Zakelijk", "B2B", None)


RELATION = {
    "Contact": 12,
    "ContactType": "PRS",
    "Name": "Jan van Dijk",
    "FirstName": "Jan",
    "Infix": "van",
    "LastName": "Dijk",
    "Mail": "JAN@voorbeeld.example",
    "Mail2": "thuis@voorbeeld.example",
    "Debtor": "10001",
    "BcCo": "500",
    "PriceList": "B2B",
    "CustomerGroup": "ZAK",
    "Street": "Dorpsstraat",
    "Number": 5,
    "NumberAdd": "a",
    "ZipCode": "1234ab",
    "City": "Baarn",
    "Country": "NL",
    "Blocked": False,
    "Language": "NL",
}


@pytest.mark.parametrize(
    ("option", "found"),
    [(["group"], ["ZAK"]), (["price_list"], ["B2B"]), (["group", "price_list"], ["ZAK", "B2B"]), ([], None)],
)
def test_customers(option: list[str], found: list[str] | None) -> None:
    """A relation comes with its e-mail, names and the groups that the settings make of it."""
    made = Afas(customer_groups=option).map("Commerce_Relations", **RELATION)
    assert (made["key"], made["email"], made["kind"]) == ("afas.main:contact:12", "jan@voorbeeld.example", "person")
    assert (made["first_name"], made["infix"], made["last_name"]) == ("Jan", "van", "Dijk")
    assert ([one["code"] for one in made["groups"]] if "groups" in made else None) == found
    assert made["price_list"]["code"] == "B2B"
    (address,) = made["addresses"]
    assert (address["lines"], address["postal_code"], address["country"]) == (["Dorpsstraat 5 a"], "1234 AB", "NL")


def test_organisations(afas: Afas) -> None:
    """An organisation is one, with the private e-mail where there is no other, and in no group when it has none."""
    row = {**RELATION, "ContactType": "ORG", "Name": "De Kroon B.V.", "Mail": "geen", "CustomerGroup": None}
    made = afas.map("Commerce_Relations", **row)
    assert (made["kind"], made["company"], made["email"]) == (
        "organisation",
        "De Kroon B.V.",
        "thuis@voorbeeld.example",
    )
    assert made["groups"] == []


DELETED = {"_sdc_deleted_at": "2026-11-01T10:00:00Z", "_source_key": "k", "_source_stream": "s"}


@pytest.mark.parametrize(
    ("stream", "row"),
    [
        ("Commerce_Products", {"ItemType": "7", "Item": "SET"}),
        ("Commerce_Variants", SHIRT),
        ("Commerce_Stock", {**SHIRT, "Warehouse": "A"}),
        ("Commerce_PurchaseLines", {"OrderNumber": "P", "Seq": 1}),
        ("Commerce_Compositions", {"Composition": "SET", "Seq": 1}),
        ("Commerce_PriceLists", {"PriceList": "WEB"}),
        ("Commerce_Categories", {"Category": "RACE"}),
        ("Commerce_ProductRelations", {"ItemType": "2", "Item": "A", "RelatedType": "2", "Related": "B", "Kind": "up"}),
    ],
)
def test_deletions(stream: str, row: dict[str, Any]) -> None:
    """What AFAS has no more comes with the key that it had, not active; expressions have nothing left to look at."""
    afas = Afas(overrides={"products": {"brand.name": "record['Brand']"}})
    made = afas.map(stream, **row, **DELETED)
    assert made["_error"] is None
    assert made["active"] is False
    assert (made["_gone"], made["_source_key"]) == (None, "k")
    assert made["key"] == afas.map(stream, **row, _gone=True)["key"]
    if stream not in {"Commerce_Stock", "Commerce_PurchaseLines", "Commerce_PriceLists"}:
        assert made["deleted_at"] == "2026-11-01T10:00:00Z"


@pytest.mark.parametrize(
    ("stream", "row"),
    [
        ("Commerce_Prices", {"PriceList": "WEB", **BIKE}),
        ("Commerce_CustomerGroups", {"Group": "B2B"}),
        ("Commerce_Relations", {"Contact": 12}),
    ],
)
def test_deletions_of_which_nothing_is_known(afas: Afas, stream: str, row: dict[str, Any]) -> None:
    """Where a key makes no record, it is passed on as gone."""
    made = afas.map(stream, **row, **DELETED)
    assert (made["_gone"], made["_error"], set(made)) == (
        True,
        None,
        {"key", "_source_stream", "_source_key", "_gone", "_error"},
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)
ROWS = {
    "Commerce_Products": {"ItemType": "2", "Item": "A", "Description": "x", "Barcode": "1", "ImageFile": {}},
    "Commerce_Variants": SHIRT | {"Barcode": "1", "Dim1Position": 1},
    "Commerce_Stock": SHIRT | {"Warehouse": "A", "OnHand": 1, "Minimum": 1},
    "Commerce_PurchaseLines": SHIRT | {"OrderNumber": "P", "Seq": 1, "Open": 1, "Expected": "2026-01-01"},
    "Commerce_Compositions": {"Composition": "S", "Seq": 1, "PartType": "2", "Part": "A", "Quantity": 1},
    "Commerce_PriceLists": {"PriceList": "W", "Currency": "EUR", "InclVat": True, "ValidFrom": None},
    "Commerce_Prices": PRICE | {"QuantityFrom": 1, "ValidFrom": "2026-01-01", "Debtor": None, "VatGroup": "1"},
    "Commerce_Categories": {"Category": "A", "Description": "a", "Position": 1},
    "Commerce_ProductRelations": {"ItemType": "2", "Item": "A", "RelatedType": "2", "Related": "B", "Kind": "up"},
    "Commerce_CustomerGroups": {"Group": "A", "DiscountPercent": 1},
    "Commerce_Relations": RELATION,
}


@given(st.sampled_from(sorted(ROWS)), st.data())
def test_no_record_ever_raises(stream: str, data: st.DataObject) -> None:
    """Whatever JSON stands in the columns, a record comes out with a key and no value of it in its error."""
    row = ROWS[stream]
    wrong = data.draw(st.dictionaries(st.sampled_from(sorted(row)), JSON, min_size=1, max_size=3))
    made = AFAS.map(stream, **{**row, **wrong})
    assert made["key"].startswith("afas.")
    assert made["_error"] != "mapping_failed"
    if made["_error"]:
        assert set(made) == {"key", "_source_stream", "_source_key", "_gone", "_error"}


AFAS = Afas()


def test_prices_of_several_units_and_currencies(afas: Afas) -> None:
    """AFAS tells prices apart by unit and currency too: none takes another one's place."""
    rows = [PRICE | more for more in ({}, {"Unit": "STK"}, {"Unit": "DOOS"}, {"Currency": "USD"}, {"Debtor": "10001"})]
    made = [afas.map("Commerce_Prices", **row, BaseUnit="STK") for row in rows]
    assert len({one["key"] for one in made}) == len(rows)
    assert made[2]["unit"]["code"] == "DOOS"
    assert made[2]["extra"]["base_unit"]["value"] == "STK"


@pytest.mark.parametrize(
    ("row", "tracked"),
    [
        ({"PartType": "Art", "KeepStock": True}, True),
        ({"PartType": "2", "KeepStock": False}, False),
        ({"PartType": "2"}, None),
        ({"PartType": "Wst", "KeepStock": True}, False),
        ({"PartType": "Tekst"}, False),
        ({"PartType": "7", "KeepStock": False}, None),
    ],
)
def test_which_parts_can_run_out(afas: Afas, row: dict[str, Any], tracked: bool | None) -> None:
    """Work and texts never do, articles as AFAS says; a bundle in a bundle is as good as its own parts."""
    made = afas.map("Commerce_Compositions", Composition="SET", Seq=1, Part="A", Quantity=1, **row)
    assert made.get("extra", {}).get("stock_tracked", {}).get("value") is tracked
