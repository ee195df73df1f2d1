"""Fields by id and by label."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commerce.errors import SettingsError

from .conftest import Afas, message

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def learn(afas: Afas, connector: str = "Commerce_Products", *more: str, **given: Any) -> None:
    list(afas.mapper.map_schema_message(message(connector, *more, **given)))


def test_a_field_is_found_by_its_label() -> None:
    """A free field's id differs per environment; its Dutch label finds it, for columns, attributes and texts."""
    afas = Afas(
        connectors={"products": {"fields": {"Brand": "Merk", "Washing": None}}},
        attributes=[{"label": "Materiaal", "code": "material"}, {"field": "Brand", "code": "brand"}],
        languages={"nl": {"title": ["Description"], "other": "Wasvoorschrift"}},
    )
    learn(afas)
    made = afas.product(UBrand="Gazelle", UMaterial="Staal", Washing="30°", Description="A")
    assert made["brand"]["name"] == "Gazelle"
    assert [(one["code"], one["label"], one["values"]) for one in made["attributes"]] == [
        ("material", "Materiaal", ["Staal"]),
        ("brand", "brand", ["Gazelle"]),
    ]
    assert [one["value"] for one in made["texts"]] == ["A", "30°"]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (
            {"attributes": [{"label": "Materiaall", "code": "m"}]},
            "attributes.0: no field of Commerce_Products has the label 'Materiaall'; the nearest is 'Materiaal'",
        ),
        ({"axes": [{"label": "Kleuren", "code": "c"}]}, "axes.0: no field"),
        (
            {"connectors": {"products": {"fields": {"Brand": "merk"}}}},
            "connectors.products.fields.Brand: no field of Commerce_Products has the label 'merk'; the nearest is",
        ),
        ({"languages": {"nl": {"title": "Titel"}}}, "languages.nl.title: no field of Commerce_Products"),
        ({"overrides": {"products": {"brand.name": "label['Mark']"}}}, "overrides.products.brand.name: no field"),
        ({"overrides": {"products": {"brand.name": "label.get('Mark')"}}}, "the nearest is 'Merk'"),
        (
            {"connectors": {"products": {"fields": {"Item": None}}}},
            "connectors.products: Commerce_Products has no field",
        ),
    ],
)
def test_a_label_that_is_gone_stops_the_run(config: dict[str, Any], words: str) -> None:
    """The line says which setting, which label, and what comes nearest."""
    afas = Afas(**config)
    with pytest.raises(SettingsError) as found:
        learn(afas)
    assert words in str(found.value)
    assert "\n" not in str(found.value)


def test_the_line_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a Meltano project the line of meltano.yml that holds the label is named; a comment is no setting."""
    monkeypatch.setenv("MELTANO_PROJECT_ROOT", str(tmp_path))
    afas = Afas(attributes=[{"label": "Garantie", "code": "g"}])
    with pytest.raises(SettingsError, match=r"attributes\.0: no field"):
        learn(afas)
    text = "a: 1 # Garantie\nb: Garantie\nattributes:\n- {label: Garantie, code: g}\n- {label: Garanties, code: h}\n"
    (tmp_path / "meltano.yml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"attributes\.0 \(meltano.yml line 4\): no field"):
        learn(afas)


def test_one_label_on_two_fields() -> None:
    """A label that two fields carry chooses none."""
    afas = Afas(attributes=[{"label": "Merk", "code": "b"}])
    with pytest.raises(SettingsError, match="2 fields of Commerce_Products carry the label 'Merk': UBrand, UMerk2"):
        learn(afas, "Commerce_Products", "UMerk2", labels={"UBrand": "Merk", "UMerk2": "Merk"})


def test_a_tap_without_labels() -> None:
    """Without any label in the SCHEMA ids still work, and the message says what is needed."""
    learn(Afas(attributes=[{"field": "UMaterial", "code": "m"}]), labels={})
    with pytest.raises(SettingsError, match="its SCHEMA carries no labels"):
        learn(Afas(attributes=[{"label": "Materiaal", "code": "m"}]), labels={})


def test_the_defaults_may_be_missing(caplog: pytest.LogCaptureFixture) -> None:
    """Free fields of the defaults that a connector lacks are left out, in one line; so is one that is optional."""
    fields = dict.fromkeys(["Unit", "VatGroup", "Barcode", "KeepStock", "Blocked", "Modified"])
    learn(Afas(publish="all", connectors={"products": {"fields": fields}}), labels={})
    (line,) = caplog.messages
    assert line == (
        "attributes: Commerce_Products has no field with the label Materiaal, Wasvoorschrift, Levertijd, Energielabel, "
        "Garantie; left out"
    )
    learn(Afas(axes=[{"label": "Nergens", "code": "n", "optional": True}]))
    assert "axes: Commerce_Products has no field with the label Nergens; left out" in caplog.text


@pytest.mark.parametrize("connector", ["Commerce_Prices", "Commerce_Stock", "Commerce_PurchaseLines"])
def test_what_is_needed_must_be_there(connector: str) -> None:
    """A connector without a column that its role can't do without stops the run, and says how to mend it."""
    given = message(connector)
    del given["schema"]["properties"]["Item"]
    with pytest.raises(SettingsError, match=f"{connector} has no field Item; add it to the GetConnector, or say in"):
        list(Afas().mapper.map_schema_message(given))


def test_every_field_that_is_missing_is_named(caplog: pytest.LogCaptureFixture) -> None:
    """What a GetConnector lacks of its description is named in one line; a field that is told to be none is not."""
    given = message("Commerce_Variants", "Barcode", "Dim1Label", "ItemModified", "Modified", "WebEnabled")
    fields = {"Dim2Label": None, "Modified": "Gewijzigd"}
    given["schema"]["properties"]["UGewijzigd"] = {"title": "Gewijzigd"}
    list(Afas(connectors={"variants": {"fields": fields}}).mapper.map_schema_message(given))
    (line,) = caplog.messages
    assert line.startswith("connectors.variants: Commerce_Variants has no field BlockedSales; what should stand there")


@pytest.mark.parametrize("field", ["ItemType", "Item", "WebEnabled"])
def test_one_needed_field_is_missing(field: str) -> None:
    """Without it nothing is mapped, and the message has its name."""
    given = message("Commerce_Products")
    del given["schema"]["properties"][field]
    with pytest.raises(SettingsError, match=f"Commerce_Products has no field {field}; add it to the GetConnector"):
        list(Afas().mapper.map_schema_message(given))


@pytest.mark.parametrize(
    ("expression", "refused"),
    [
        ("record['Rating']", False),
        ("record['Ratings']", True),
        ("record['_source_key']", False),
        ("record.get('Ratings')", False),
        ("record['Ratings'] if 'Ratings' in record else None", False),
        ("record.get('Ratings') and record['Ratings'] + record['Item']", False),
    ],
)
def test_fields_in_expressions(expression: str, refused: bool) -> None:
    """An expression that needs a field which the stream doesn't have stops the run at the SCHEMA, not each record."""
    afas = Afas(overrides={"products": {"extra.score": expression}})
    if refused:
        words = r"overrides\.products\.extra\.score: Commerce_Products has no field 'Ratings'; the nearest is 'Rating'"
        with pytest.raises(SettingsError, match=words):
            learn(afas)
    else:
        learn(afas)


def test_nothing_is_published_by_accident() -> None:
    """Items without the column of the tick are refused, unless all are wanted in the shop."""
    given = message("Commerce_Products")
    del given["schema"]["properties"]["WebEnabled"]
    with pytest.raises(SettingsError, match="publish: all"):
        list(Afas().mapper.map_schema_message(given))
    list(Afas(publish="all").mapper.map_schema_message(given))


@pytest.mark.parametrize(
    ("row", "ticked"),
    [
        ({"UBrand": "Gazelle"}, True),
        ({"UBrand": "gazelle", "Blocked": False}, True),
        ({"UBrand": "Gazelle", "Blocked": True}, False),
        ({"UBrand": "Batavus"}, False),
        ({"UBrand": None}, False),
        ({"UBrand": "Gazelle", "WebEnabled": False}, False),
    ],
)
def test_a_filter_of_ones_own(row: dict[str, Any], ticked: bool) -> None:
    """This brand and not blocked: what falls out of a user's predicate is unticked, so a shop never keeps an orphan."""
    rule = "product['web_enabled'] and (label['Merk'] or '').lower() == 'gazelle' and not record.get('Blocked')"
    afas = Afas(overrides={"products": {"web_enabled": rule}})
    learn(afas)
    assert afas.product(**{"WebEnabled": True, **row})["web_enabled"] is ticked


def test_labels_in_expressions() -> None:
    """An expression names a field by its label, also one that no setting knows."""
    afas = Afas(overrides={"products": {"extra.score": "label['Score']", "position": "len(label.get('Merk') or '')"}})
    learn(afas)
    made = afas.product(Rating="9", UBrand="Gazelle")
    assert (made["extra"]["score"]["value"], made["position"]) == ("9", 7)


@pytest.mark.parametrize(
    ("role", "stream", "expression", "row"),
    [
        ("products", "Commerce_Products", "product['sku']", {}),
        ("variants", "Commerce_Variants", "product['sku']", {"Dim1": "R"}),
        ("stock_levels", "Commerce_Stock", "level['item']['sku']", {"Warehouse": "A"}),
        ("purchase_lines", "Commerce_PurchaseLines", "level['item']['sku']", {"OrderNumber": "1", "Seq": 1}),
        ("categories", "Commerce_Categories", "category['code']", {"Category": "A", "Description": "A"}),
        (
            "prices",
            "Commerce_Prices",
            "price['amount'] * 2",
            {"PriceList": "W", "Price": 1, "Currency": "EUR", "InclVat": True},
        ),
        ("price_lists", "Commerce_PriceLists", "price_list['code']", {"PriceList": "A"}),
        ("customer_groups", "Commerce_CustomerGroups", "group['code']", {"Group": "A"}),
        ("customers", "Commerce_Relations", "customer['name']", {"Contact": 1, "Name": "A"}),
        (
            "product_relations",
            "Commerce_ProductRelations",
            "relation['type']",
            {"RelatedType": "2", "Related": "B", "Kind": "up"},
        ),
        (
            "compositions",
            "Commerce_Compositions",
            "relation['type']",
            {"Composition": "S", "Seq": 1, "PartType": "2", "Part": "B", "Quantity": 1},
        ),
    ],
)
def test_expressions_of_every_role(role: str, stream: str, expression: str, row: dict[str, Any]) -> None:
    """Each role has its own expressions, and its own word for what was mapped."""
    afas = Afas(overrides={role: {"extra.mine": expression}})
    made = afas.map(stream, ItemType="2", Item="A", **row)
    assert made["_error"] is None
    assert made["extra"]["mine"]["value"] is not None


NAMES = st.text("abcdefgABCDEFG -_", min_size=1, max_size=12).map(str.strip).filter(bool)


@settings(max_examples=40)
@given(st.dictionaries(st.from_regex(r"U[0-9A-F]{8}", fullmatch=True), NAMES, min_size=1, max_size=8), NAMES)
def test_a_label_finds_its_field_or_is_named(labels: dict[str, str], wanted: str) -> None:
    """One field with the label: that one; none or several: a line that names the label; never another field."""
    afas = Afas(attributes=[{"label": wanted, "code": "mine"}])
    found = [name for name, label in labels.items() if label == wanted]
    sent = message("Commerce_Products", *labels, labels=labels)
    if len(found) != 1 and wanted not in sent["schema"]["properties"]:
        with pytest.raises(SettingsError, match=r"attributes\.0: ") as problem:
            list(afas.mapper.map_schema_message(sent))
        assert f"'{wanted}'" in str(problem.value)
    elif len(found) == 1:
        list(afas.mapper.map_schema_message(sent))
        made = afas.product(**{name: f"value of {name}" for name in labels})
        assert made["attributes"][0]["values"] == [f"value of {found[0]}"]


TYPES: list[tuple[str, st.SearchStrategy[Any], Callable[[Any], str]]] = [
    ("integer", st.integers(-(10**15), 10**15), str),
    ("decimal", st.decimals(min_value=-(10**9), max_value=10**9, places=10), lambda one: format(one, "f")),
    ("boolean", st.booleans(), lambda one: "true" if one else "false"),
    ("date", st.dates(), lambda one: str(one.isoformat())),
    ("choice", st.from_regex(r"[0-9A-Z]{1,10}", fullmatch=True), str),
    ("string", st.from_regex(r"[a-zA-Z0-9é€🚲][a-zA-Z0-9 é€🚲]{0,20}", fullmatch=True), str.strip),
]
"""Type of a characteristic, what AFAS holds in a free field of it, and how it comes out."""


@cache
def scored(kind: str) -> Afas:
    """A mapper with one characteristic of a type."""
    afas = Afas(attributes=[{"label": "Score", "code": "score", "type": kind}])
    learn(afas)
    return afas


@given(st.sampled_from(TYPES).flatmap(lambda one: st.tuples(st.just(one), one[1])))
def test_free_fields_of_every_type(case: tuple[tuple[str, Any, Callable[[Any], str]], Any]) -> None:
    """Every type of a free field comes out exactly, whether the tap sends the value or its text; empty is none."""
    (kind, _, shown), value = case
    afas = scored(kind)
    sent = value.isoformat() if isinstance(value, dt.date) else value
    for one in (sent, str(sent)):
        assert afas.product(Rating=one)["attributes"][0]["values"] == [shown(value)]
    assert afas.product(Rating=None)["attributes"][0]["values"] == []
