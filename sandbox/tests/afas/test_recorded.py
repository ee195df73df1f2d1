"""The recorded specifications and examples fit this imitation."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.afas import schema
from sandbox.afas.build_data import GET, get_connectors, update_connectors
from sandbox.afas.definitions import DATA_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

LENIENT = {
    "lenient_references": True,
    "unknown_field": "ignore",
    "over_length": "truncate",
    "refused_on_update_header": [],
    "order_needs_debtor": False,
}
"""Examples name records of AFAS's own demo environment, two unknown fields and one over-long number."""
UPDATE = [one.id for one in schema.update_connectors().values() if one.recorded]
WRONG = {
    ("FbItemCodeSupplier", "update"): "the root of another connector",
    ("FbSalesPrice", "Prijslijst"): "a date with month 31",
    ("FbUpdateStocktaking", "toevoegenregel"): "a date-time with a colon for the space",
}
"""Official examples that can't be right."""
CHANGES = {"afgemeld naar vervallen", "Projectfase", "Projectfase hoofdfase", "Projectfase OHW"}
"""Official examples of PtProject that stand under POST and change a project that exists."""


@pytest.mark.parametrize("name", UPDATE)
def test_every_official_request_example_is_accepted(recorded: Path, make: Callable[..., Any], name: str) -> None:
    """Each official request example of every connector answers 201."""
    spec = json.loads((recorded / "write" / "connectors" / f"{name}.json").read_text("utf-8"))
    for operation in spec["operations"]:
        for title, body in (operation.get("request_examples") or {}).items():
            if (name, title) in WRONG:
                continue
            path = operation["path"].removeprefix("/connectors/")
            verb = "PUT" if name == "PtProject" and title in CHANGES else operation["method"]
            reply = make("empty", **LENIENT).write(verb, path, body)
            assert reply.status == 201, (operation["method"], path, title, reply.body)


def test_every_example_of_a_php_library_is_accepted(recorded: Path, make: Callable[..., Any]) -> None:
    """The bodies that a PHP library's own tests expect are accepted."""
    files = [
        file
        for file in sorted((recorded / "write" / "practicalafas").glob("*.json"))
        if not file.name.startswith("Nulls")
    ]
    assert files
    for file in files:
        body = json.loads(file.read_text("utf-8"))
        verb = "PUT" if "update" in file.name else "POST"
        reply = make("empty", **LENIENT).write(verb, next(iter(body)), body)
        assert reply.status == 201, (file.name, reply.body)


def test_the_answer_of_a_recorded_relation_has_its_keys(recorded: Path, make: Callable[..., Any]) -> None:
    """A recorded pair: the same body answers the same keys, all as text."""
    pair = json.loads((recorded / "write" / "samples" / "knsalesrelationorg-insert-2021.json").read_text("utf-8"))
    reply = make("empty", **LENIENT).write("POST", "KnSalesRelationOrg", pair["request"])
    answered = reply.value()["results"]["KnSalesRelationOrg"]
    assert set(answered) == set(pair["response"]["results"]["KnSalesRelationOrg"])
    assert all(isinstance(value, str) for value in answered.values())


def test_packaged_data_is_what_the_builder_makes(recorded: Path) -> None:
    """The data files of the package are those of the recorded specifications."""
    package = Path(__file__).parents[2] / "src" / "sandbox" / "afas" / "data"
    made = update_connectors(recorded / "write" / "connectors")
    assert json.loads((package / "update_connectors.json").read_text("utf-8")) == json.loads(json.dumps(made))
    listed = get_connectors(recorded / "official-openapi-getconnectors.json")
    assert json.loads((package / "get_connectors.json").read_text("utf-8")) == json.loads(json.dumps(listed))


def test_metainfo_names_every_recorded_field(recorded: Path, afas: Any) -> None:
    """metainfo/update has every field of the specification, with label, length, decimals and values."""
    for name in UPDATE:
        spec = json.loads((recorded / "write" / "connectors" / f"{name}.json").read_text("utf-8"))
        shapes = spec["schema"].get("POST") or spec["schema"]["PUT"]
        root = afas.get(f"metainfo/update/{name}").value()
        for path, shape in shapes.items():
            node = root
            for part in path.split("/")[1:]:
                node = next(one for one in node["objects"] if one["name"] == part)
            fields = {field["fieldId"]: field for field in node["fields"]}
            for code, one in shape["fields"].items():
                assert fields[code]["label"] == one["nl"]
                assert fields[code]["length"] == (one.get("maxLength") or one.get("totalDigits") or 0)
                assert fields[code]["decimals"] == one.get("fractionDigits", 0)
                if one.get("values"):
                    assert [value["id"] for value in fields[code]["values"]] == list(one["values"])


def test_metainfo_of_standard_connectors_is_the_official_list(recorded: Path, afas: Any) -> None:
    """metainfo/get has the official fields in the official order, with the labels of the asked language."""
    official = json.loads((recorded / "official-openapi-getconnectors.json").read_text("utf-8"))["connectors"]
    for name in GET:
        for language, key in (("nl-nl", "nl"), ("en-us", "en")):
            afas.language = language
            shown = afas.get(f"metainfo/get/{name}").value()
            wanted = [(field["id"], field[f"label_{key}"] or field["label_nl"]) for field in official[name]["fields"]]
            assert [(field["id"], field["label"]) for field in shown["fields"]] == wanted
            rows = afas.rows(name, "take=1")
            assert all(list(row) == [field["id"] for field in official[name]["fields"]] for row in rows)


def test_recorded_metainfo_has_the_same_keys(recorded: Path, afas: Any) -> None:
    """The keys of recorded metainfo answers are ours too, and our data types are known ones."""
    sample = json.loads((recorded / "official-examples" / "metainfo-get--Profit_Accounts.json").read_text("utf-8"))
    ours = afas.get("metainfo/get/Profit_Administrations").value()
    assert set(ours) == set(sample)
    assert set(ours["fields"][0]) == set(sample["fields"][0])
    field = json.loads(
        (recorded / "official-examples" / "metainfo-update-field--custom-field.json").read_text("utf-8")
    )[0]
    shown = afas.get("metainfo/update/FbSales").value()["fields"]
    free = next(one for one in shown if one["fieldId"].startswith("U4F4"))
    assert set(free) == set(field)
    assert {kind: field[kind] for kind in ("dataType", "length")} == {k: free[k] for k in ("dataType", "length")}
    assert {one["dataType"] for one in shown} <= set(DATA_TYPES.values())


def test_recorded_errors_have_our_shape(recorded: Path, afas: Any) -> None:
    """Error bodies have the three recorded keys and a reference of 32 capital hex digits."""
    sample = json.loads((recorded / "third-party" / "tim-online_error_not-authorised.json").read_text("utf-8"))
    reply = afas.get("metainfo/update/FbNothing")
    assert reply.status == 500
    assert set(reply.value()) == set(sample)
    assert reply.value()["externalMessage"] == sample["externalMessage"]
    assert reply.value()["errorNumber"] == sample["errorNumber"]
    assert len(reply.value()["profitLogReference"]) == 32
    assert reply.value()["profitLogReference"] == reply.value()["profitLogReference"].upper()


def test_every_recorded_country_is_there(recorded: Path, afas: Any) -> None:
    """ProfitCountries has each recorded country code, its name in the asked language."""
    with (recorded / "write" / "countrycodes.csv").open(encoding="utf-8", newline="") as stream:
        codes = {row["coid"] for row in csv.DictReader(stream, delimiter=";")}
    dutch = {row["CoId"]: row["Co"] for row in afas.rows("ProfitCountries", "skip=-1&take=-1")}
    afas.language = "en-us"
    english = {row["CoId"]: row["Co"] for row in afas.rows("ProfitCountries", "skip=-1&take=-1")}
    assert set(dutch) == codes
    assert (dutch["A"], english["A"]) == ("Oostenrijk", "Austria")
    assert (dutch["AE"], english["AE"]) == ("Ver. Arabische Emiraten", "United Arab Emirates")
