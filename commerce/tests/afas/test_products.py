"""Items and variants as products."""

from __future__ import annotations

import base64
import hashlib
from decimal import Decimal
from typing import Any

import pytest

from commerce.mapping.afas.feeds import feeds
from commerce.mapping.afas.options import Options
from commerce.mapping.afas.roles import ROLES

from .conftest import Afas, message


def test_an_item(afas: Afas) -> None:
    """A full row becomes a product with every field that the contract has for it."""
    made = afas.product(
        Description="Stadsfiets",
        WebTitle=None,
        WebTitleEn="City bike",
        Unit="STK",
        Group="FIETS",
        GroupName="Fietsen",
        VatGroup="1",
        VatPercent=Decimal("21.00"),
        Barcode="8712345678906",
        BarcodeType="3",
        WeightUnit="4",
        NetWeight=Decimal("14.5"),
        GrossWeight=Decimal("16.25"),
        Length=Decimal(180),
        Width=Decimal(0),
        KeepStock=True,
        StockControl="1",
        ArticleType="0",
        Blocked=False,
        CostPrice=Decimal("250.1234567"),
        SalesPrice=Decimal("499.95"),
        PriceFactor=100,
        HsCode="87120030",
        Origin="D",
        Brand=" Gazelle  Fietsen ",
        WebEnabled="Ja",
        WebCategory1="FIETSEN",
        WebCategory2=None,
        WebCategory3="AANBOD",
        WebCategory4="FIETSEN",
        MinimumQuantity=2,
        Modified="2026-03-01T08:00:00Z",
    )
    assert made["key"] == "afas.main:2:FIETS-001"
    assert [(one["kind"], one["value"]) for one in made["ids"]] == [("item_type", "2"), ("item_code", "FIETS-001")]
    assert (made["sku"], made["kind"], made["active"], made["web_enabled"]) == ("FIETS-001", "simple", True, True)
    assert [(one["language"], one["role"], one["value"]) for one in made["texts"]] == [
        ("nl", "title", "Stadsfiets"),
        ("en", "title", "City bike"),
    ]
    assert made["vat"] == {"category": "standard", "rate": "21.00", "code": "1"}
    assert made["gtins"] == [{"value": "8712345678906", "kind": "ean13"}]
    assert made["weight"] == {"value": "16.25", "unit": "kg"}
    assert (made["length"], made["width"]) == ({"value": "180", "unit": "cm"}, None)
    assert "height" not in made, "a column that is not there says nothing"
    assert (made["stock_tracked"], made["backorder"]) == (True, "no")
    assert made["cost_price"] == "250.1234567"
    assert (made["hs_code"], made["origin_country"]) == ("87120030", "DE")
    assert made["brand"]["name"] == "Gazelle Fietsen"
    assert (made["item_group"]["code"], made["item_group"]["name"]) == ("FIETS", "Fietsen")
    assert [(one["category"]["code"], one["primary"]) for one in made["categories"]] == [
        ("FIETSEN", True),
        ("AANBOD", False),
    ]
    assert (made["unit"]["code"], made["minimum_quantity"]) == ("STK", "2")
    assert made["extra"]["sales_price"] == {"type": "decimal", "value": "499.95"}
    assert made["extra"]["price_factor"] == {"type": "integer", "value": 100}
    assert made["changed_at"] == "2026-03-01T08:00:00Z"


def test_three_states(afas: Afas) -> None:
    """A column that is not there is absent, an empty one is null."""
    made = afas.product(Brand=None, HsCode="")
    assert (made["brand"], made["hs_code"]) == (None, None)
    assert not {"texts", "gtins", "images", "attributes", "weight", "vat", "active", "web_enabled"} & set(made)


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({}, "simple"),
        ({"ItemType": "Art"}, "simple"),
        ({"ItemType": "Artikel"}, "simple"),
        ({"ItemType": "7"}, "bundle"),
        ({"ItemType": "Samenstelling"}, "bundle"),
        ({"ItemType": "Wst"}, "service"),
        ({"ItemType": "6"}, "service"),
        ({"ItemType": "11"}, "other"),
        ({"ArticleType": "4"}, "variant_parent"),
        ({"ArticleType": "0", "Dimension1": "KLEUR"}, "variant_parent"),
        ({"ParentItem": "FIETS"}, "variant"),
        ({"ParentItem": "FIETS-001"}, "variant_parent"),
        ({"IsParent": "Ja"}, "variant_parent"),
        ({"Group": "BON"}, "gift_card"),
    ],
)
def test_kinds(row: dict[str, Any], kind: str) -> None:
    """What a product is follows from item type, dimensions, parent item and group."""
    assert Afas(gift_card_groups=["BON"]).product(**row)["kind"] == kind


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"WebEnabled": "Misschien"}, "invalid_value: WebEnabled"),
        ({"Item": None}, "missing_value: Item"),
        ({"ItemType": ""}, "missing_value: ItemType"),
        ({"CostPrice": "veel"}, "invalid_value: CostPrice"),
        ({"PriceFactor": Decimal("1.5")}, "invalid_value: PriceFactor"),
        ({"Modified": "gisteren"}, "invalid_value: Modified"),
        ({"Modified": "2026-01-01T00:00:00"}, "invalid_value: Modified"),
        ({"Description": ["x"]}, "invalid_value: Description"),
        ({"Description": True}, "invalid_value: Description"),
    ],
)
def test_what_can_not_be_mapped(afas: Afas, row: dict[str, Any], field: str) -> None:
    """A record that makes no product says which field, and never what stood in it."""
    assert afas.product(**row)["_error"] == field


@pytest.mark.parametrize("value", [True, "Ja", "ja", "J", 1, "1", "True"])
def test_ticked(afas: Afas, value: Any) -> None:
    """Ticked comes in many ways."""
    assert afas.product(WebEnabled=value)["web_enabled"] is True


@pytest.mark.parametrize("value", [False, "Nee", "", None, 0, "false"])
def test_not_ticked(afas: Afas, value: Any) -> None:
    """What is not ticked, or empty, is not for the shop."""
    assert afas.product(WebEnabled=value)["web_enabled"] is False


def test_everything_is_published() -> None:
    """With `publish: all` the tick doesn't count."""
    afas = Afas(publish="all")
    assert afas.product(WebEnabled=False)["web_enabled"] is True
    assert afas.map("Commerce_Variants", ItemType="2", Item="S", Dim1="R")["web_enabled"] is True


def test_dimensions(afas: Afas) -> None:
    """A parent names its axes, a variant its values; both are tied by key, and the SKU is made of all codes."""
    parent = afas.product(Item="SHIRT", ArticleType="4", Dimension1="KLEUR", Dimension2="MAAT")
    assert parent["axes"] == [{"code": "SHIRT.dim1", "label": "Kleur"}, {"code": "SHIRT.dim2", "label": "Maat"}]
    made = afas.map(
        "Commerce_Variants",
        ItemType="2",
        Item="SHIRT",
        Dim1="ROOD",
        Dim1Label="Rood",
        Dim1Position=1,
        Dim2="M",
        Dim2Label=None,
        Dim2Position=None,
        Barcode=None,
        BlockedSales=True,
        WebEnabled=True,
        Modified="2026-01-01T10:00:00Z",
        ItemModified="2026-02-01T10:00:00Z",
    )
    assert made["key"] == "afas.main:2:SHIRT:ROOD:M"
    assert made["parent"]["key"] == parent["key"]
    assert (made["kind"], made["sku"], made["active"], made["web_enabled"]) == ("variant", "SHIRT-ROOD-M", False, True)
    assert made["changed_at"] == "2026-02-01T10:00:00Z", "the tick of the item sends its variants too"
    assert made["gtins"] == []
    assert made["axis_values"] == [
        {"axis": "SHIRT.dim1", "value": {"code": "ROOD", "label": "Rood", "position": 1}},
        {"axis": "SHIRT.dim2", "value": {"code": "M", "label": "M", "position": None}},
    ]


def test_a_variant_has_a_dimension(afas: Afas) -> None:
    """A row of variants without any dimension code is none."""
    made = afas.map("Commerce_Variants", ItemType="2", Item="SHIRT", Dim1="", Dim2=None)
    assert made["_error"] == "missing_value: Dim1"


def test_own_items_as_variants() -> None:
    """Items with a parent item are chosen by their columns, and keep texts and images of their own."""
    afas = Afas(
        axes=[{"label": "Kleur", "code": "colour", "values": {"RD": "Rood"}}, {"field": "Size", "code": "size"}]
    )
    list(afas.mapper.map_schema_message(message("Commerce_Products")))
    made = afas.product(Item="JAS-R-M", ParentItem="JAS", Colour="RD", Size="M", Description="Jas rood M")
    assert (made["kind"], made["parent"]["key"], made["parent"]["sku"]) == ("variant", "afas.main:2:JAS", "JAS")
    assert made["axis_values"] == [
        {"axis": "colour", "value": {"code": "RD", "label": "Rood"}},
        {"axis": "size", "value": {"code": "M", "label": "M"}},
    ]
    assert made["sku"] == "JAS-R-M"
    parent = afas.product(Item="JAS", ParentItem="JAS")
    assert [one["code"] for one in parent["axes"]] == ["colour", "size"]
    assert [one["label"] for one in parent["axes"]] == ["Kleur", "size"]


def test_an_unmapped_axis_value_is_held() -> None:
    """A value that nobody mapped holds the variant, by the field's name, unless the settings say otherwise."""
    axis = {"label": "Kleur", "code": "colour", "values": {"RD": "Rood"}}
    for unmapped, found in (("keep", ["BL"]), ("clear", [])):
        afas = Afas(axes=[{**axis, "unmapped": unmapped}])
        list(afas.mapper.map_schema_message(message("Commerce_Products")))
        made = afas.product(ParentItem="JAS", Colour="BL")["axis_values"]
        assert [one["value"]["label"] for one in made] == found
    afas = Afas(axes=[axis])
    list(afas.mapper.map_schema_message(message("Commerce_Products")))
    assert afas.product(ParentItem="JAS", Colour="BL")["_error"] == "unmapped_value: Colour"
    assert afas.product(ParentItem="JAS", Colour=None)["axis_values"] == []


@pytest.mark.parametrize(
    ("given", "value", "found"),
    [
        ({}, "  Wol &amp; zijde ", ["Wol & zijde"]),
        ({}, None, []),
        ({}, Decimal("1.50"), ["1.50"]),
        ({"type": "boolean"}, "Nee", ["false"]),
        ({"type": "boolean"}, True, ["true"]),
        ({"type": "boolean"}, "soms", "invalid_value: Rating"),
        ({"type": "integer"}, Decimal("12.000"), ["12"]),
        ({"type": "integer"}, "1,5", "invalid_value: Rating"),
        ({"type": "decimal"}, "1,50", ["1.50"]),
        ({"type": "decimal"}, "NaN", "invalid_value: Rating"),
        ({"type": "date"}, "2026-01-31T00:00:00Z", ["2026-01-31"]),
        ({"type": "date"}, "31-01-2026", "invalid_value: Rating"),
        ({"type": "multi_choice"}, "a; b;;c ", ["a", "b", "c"]),
        (
            {"type": "multi_choice", "separator": "|", "values": {"rd": "R"}, "unmapped": "keep"},
            "rd|bl",
            ["R", "bl"],
        ),
        ({"type": "multi_choice", "separator": "|", "values": {"rd": "R"}, "unmapped": "clear"}, "bl|rd", ["R"]),
        ({"type": "multi_choice", "values": {"rd": "Rood"}}, "rd;bl", "unmapped_value: Rating"),
        ({"type": "boolean", "values": {"true": "Ja", "false": "Nee"}}, True, ["Ja"]),
        ({"values": {"A": "B"}}, None, []),
        ({"type": "choice"}, "<b>", ["<b>"]),
        ({}, ["x"], "invalid_value: Rating"),
    ],
)
def test_attributes(given: dict[str, Any], value: Any, found: Any) -> None:
    """A free field becomes a characteristic of the type that the settings say, or its field is named."""
    afas = Afas(attributes=[{"label": "Score", "code": "score", "unit": "pt", **given}])
    list(afas.mapper.map_schema_message(message("Commerce_Products")))
    made = afas.product(Rating=value)
    if isinstance(found, str):
        assert made["_error"] == found
    else:
        kind = given.get("type", "string")
        assert made["attributes"] == [{"code": "score", "label": "Score", "type": kind, "values": found, "unit": "pt"}]


def test_vat_by_option() -> None:
    """A tariff group is what the settings say; else the percentage tells; else nobody knows."""
    afas = Afas(vat_groups={"9": {"category": "exempt"}, "1": {"category": "standard", "rate": "21"}})
    cases = [
        ("1", None, ("standard", "21")),
        ("9", Decimal(0), ("exempt", "0")),
        ("2", Decimal(9), ("reduced", "9")),
        ("3", Decimal(0), ("zero", "0")),
        ("4", Decimal(25), ("unknown", "25")),
        ("5", None, ("unknown", None)),
    ]
    for group, percent, found in cases:
        vat = afas.product(VatGroup=group, VatPercent=percent)["vat"]
        assert (vat["category"], vat["rate"]) == found
    assert afas.product(VatGroup=None)["vat"] is None


@pytest.mark.parametrize(
    ("row", "option", "found"),
    [
        ({"WeightUnit": "3", "GrossWeight": 250, "NetWeight": 200}, "gross", {"value": "250", "unit": "g"}),
        ({"WeightUnit": "3", "GrossWeight": 250, "NetWeight": 200}, "net", {"value": "200", "unit": "g"}),
        ({"WeightUnit": "3", "GrossWeight": 0, "NetWeight": 200}, "gross", {"value": "200", "unit": "g"}),
        ({"WeightUnit": "5", "GrossWeight": Decimal("0.5")}, "gross", {"value": "500.0", "unit": "kg"}),
        ({"WeightUnit": "2", "GrossWeight": 1500}, "gross", {"value": "1.500", "unit": "g"}),
        ({"WeightUnit": "1", "GrossWeight": 7}, "gross", {"value": "0.000007", "unit": "g"}),
        ({"WeightUnit": "Kilogram (kg)", "GrossWeight": 2}, "gross", {"value": "2", "unit": "kg"}),
        ({"WeightUnit": "0", "GrossWeight": 2}, "gross", None),
        ({"WeightUnit": "3", "GrossWeight": None}, "gross", None),
    ],
)
def test_weights(row: dict[str, Any], option: str, found: Any) -> None:
    """Weights come out in g or kg, exactly."""
    assert Afas(weight=option).product(**row)["weight"] == found


def test_notes(afas: Afas) -> None:
    """What had to be left out is noted by code and field, and the record goes on."""
    made = afas.product(Barcode="8712345678901", BarcodeType="3", Origin="Holland", GrossWeight=1, WeightUnit="9")
    assert made["_error"] is None
    assert (made["gtins"], made["origin_country"], made["weight"]) == ([], None, None)
    notes = made["extra"]["notes"]["value"]
    assert sorted(notes) == ["barcode_check_digit: Barcode", "country_unknown: Origin", "weight_unit: WeightUnit"]
    assert made["extra"]["origin_raw"]["value"] == "Holland"


def picture(content: bytes, name: str | None = None) -> dict[str, Any]:
    """A file as tap-afas attaches it."""
    return {
        "filename": name,
        "mimetype": "image/png",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "data": base64.b64encode(content).decode(),
    }


def test_images_as_fields(afas: Afas) -> None:
    """Images come in the order of their slots, closed up, the first as the main one; a missing file keeps its place."""
    made = afas.product(
        Image="11",
        ImageName="C:\\foto\\voor.png",
        ImageFile=picture(b"one"),
        Image1=None,
        ImageFile1=None,
        Image2="13",
        ImageName2="achter.png",
        ImageFile2=None,
        Image6="17",
        ImageFile6=picture(b"six", "zes.png"),
    )
    assert [(one["key"], one["position"], one["role"], one.get("filename")) for one in made["images"]] == [
        ("image", 1, "main", "voor.png"),
        ("image2", 2, "extra", "achter.png"),
        ("image6", 3, "extra", "zes.png"),
    ]
    assert made["images"][0]["sha256"] == hashlib.sha256(b"one").hexdigest()
    assert (made["images"][0]["size"], made["images"][0]["mime"]) == (3, "image/png")
    assert base64.b64decode(made["images"][0]["content"]) == b"one"
    assert "content" not in made["images"][1]
    assert made["extra"]["notes"]["value"] == ["image_missing: Image2"]


def test_images_in_a_folder(afas: Afas) -> None:
    """A file that the tap wrote into a folder is no content for a shop, and noted."""
    file = {name: value for name, value in picture(b"one", "a.png").items() if name != "data"}
    made = afas.product(Image="11", ImageFile={**file, "path": "ab/abc.png"})
    assert "content" not in made["images"][0]
    assert made["extra"]["notes"]["value"] == ["image_missing: Image"]


def test_images_by_id(afas: Afas) -> None:
    """Without files the id is part of an image's key, so that another image is another key."""
    made = afas.product(Image="0", Image1="abc", ImageName1="a.jpg", Image2=None)
    assert made["images"] == [{"key": "image1:abc", "position": 1, "role": "main", "filename": "a.jpg"}]


@pytest.mark.parametrize("code", ["007", "A B", "É-1", "1/2", "x" * 60, "a:b"])
def test_odd_item_codes(afas: Afas, code: str) -> None:
    """A code that can't stand in a key gets a fingerprint, the same each time and wherever it is named."""
    made = afas.product(Item=code)
    assert made["key"] == afas.product(Item=code)["key"]
    assert len(made["key"]) <= 64
    assert made["sku"] == code
    stock = afas.map("Commerce_Stock", ItemType="Art", Item=code, Warehouse="M")
    assert stock["item"]["key"] == made["key"]
    assert afas.product(Item=code + "1")["key"] != made["key"]


def test_whether_stock_is_kept_is_said_by_what_has_the_stock(afas: Afas) -> None:
    """For its dimensions by the item; of items under another one, each says it by itself."""
    assert afas.product(Item="JAS", ParentItem="JAS", KeepStock=False)["stock_tracked"] is None
    assert afas.product(Item="JAS-RD", ParentItem="JAS", KeepStock=True)["stock_tracked"] is True
    assert afas.product(Item="TRUI", Dimension1="MAAT", KeepStock=False)["stock_tracked"] is False


@pytest.mark.parametrize("code", ["Jas-01", "É 1", "straat"])
def test_codes_know_no_case(afas: Afas, code: str) -> None:
    """A code that a person typed in other letters leads to the same record; the SKU stays as the item has it."""
    item = afas.product(Item=code)
    child = afas.product(Item="JAS-RD", ParentItem=code.upper())
    assert (child["kind"], child["parent"]["key"], item["sku"]) == ("variant", item["key"], code)
    assert afas.product(Item=code, ParentItem=code.upper())["kind"] == "variant_parent"
    listed = afas.map("Commerce_Categories", Category=code, Description="A")
    assert afas.product(WebCategory1=code.upper())["categories"][0]["category"]["key"] == listed["key"]


def test_every_role_has_a_feed() -> None:
    """Each role feeds its stream, and a role that is turned off does not."""
    assert [one.role for one in feeds(Options())] == list(ROLES)
    off = Options.model_validate({"connectors": {"categories": None, "prices": "My_Prices"}})
    assert "categories" not in {one.role for one in feeds(off)}
    assert {one.role: one.source_stream for one in feeds(off)}["prices"] == "My_Prices"
