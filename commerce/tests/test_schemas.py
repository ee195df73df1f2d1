"""Published schemas and settings."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from commerce import MODELS, SOURCE_FIELDS, schema
from commerce.__main__ import main
from commerce.errors import SettingsError
from commerce.mapper import MapperCommerce
from commerce.settings import config_schema, read

PACKAGE = Path(__file__).parents[1]


@pytest.mark.parametrize("stream", sorted(MODELS))
def test_published_schemas_are_current(stream: str) -> None:
    """The files are what the models say; renew them with `python -m commerce schemas commerce/schemas`."""
    published = json.loads((PACKAGE / "schemas" / f"{stream}.json").read_text(encoding="utf-8"))
    assert published == schema(stream)


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema within a schema."""
    yield node
    inner = [*node.get("properties", {}).values(), node.get("items"), node.get("additionalProperties")]
    for one in inner:
        if isinstance(one, dict):
            yield from nodes(one)


@pytest.mark.parametrize("stream", sorted(MODELS))
def test_schemas_are_plain(stream: str) -> None:
    """No references, no alternatives, no defaults; only the key is required; the source's fields are there."""
    made = schema(stream)
    assert (made["contract_version"], made["required"]) == ("1.0", ["key"])
    assert {"_source_stream", "_source_key", "_gone", "_error"} <= set(made["properties"])
    for node in nodes(made):
        assert node["type"]
        assert not {"$ref", "anyOf", "allOf", "default", "$defs"} & set(node)
        assert node is made or "required" not in node
    assert set(made["properties"]) - set(SOURCE_FIELDS) == set(MODELS[stream].model_fields)
    assert schema(stream) is not made


def test_decimals_travel_as_text() -> None:
    """Money is text of format x-singer.decimal, and may be null."""
    assert schema("orders")["properties"]["totals"]["properties"]["incl"] == {
        "format": "x-singer.decimal",
        "type": ["string", "null"],
    }


def test_records_keep_to_the_schema(shop: Any) -> None:
    """What the mapper emits is valid under the schema it announces."""
    mapper = MapperCommerce(config={"source": "lightspeed"})
    validator = jsonschema.Draft202012Validator(schema("orders"))
    record = shop.order(shop.line(1, "10.00", off="1.00"), shipping="4.95", off="2.00")
    for made in (record, {**record, "products": None}, {**record, "_gone": True}):
        validator.validate(mapper.map_record("orders", made))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "source: Field required"),
        ({"source": "nope"}, "source: Input should be 'lightspeed' or 'afas'"),
        ({"source": "lightspeed", "price_bases": "excl"}, "price_bases: there is no such thing; did you mean"),
        ({"source": "afas", "line_price": "unit"}, "line_price: belongs to source lightspeed, not afas"),
        ({"source": "lightspeed", "sku_separator": "/"}, "sku_separator: belongs to source afas, not lightspeed"),
        ({"source": "afas", "instance": "a.b"}, "instance: String should match"),
        ({"source": "afas", "connectors": {"items": "X"}}, "connectors: there is no role 'items'"),
        ({"source": "afas", "connectors": {"prices": "Commerce_Stock"}}, "Commerce_Stock serves two roles"),
        (
            {"source": "afas", "attributes": [{"code": "a"}]},
            "attributes.0: give either `label` or `field`",
        ),
        (
            {"source": "afas", "axes": [{"label": "A", "code": "a"}, {"label": "B", "code": "a"}]},
            "axes: the code 'a' is there twice",
        ),
        ({"source": "lightspeed", "time_zone": "Europe/Nowhere"}, "time_zone: is not a time zone"),
        ({"source": "lightspeed", "shop_country": "Holland"}, "shop_country: is not a country code"),
        ({"source": "lightspeed", "currency": "euro"}, "currency: String should match"),
    ],
)
def test_wrong_settings_are_named(config: dict[str, Any], message: str) -> None:
    """Each wrong setting is named, in one line."""
    with pytest.raises(SettingsError) as found:
        read(config)
    assert message in str(found.value)
    assert "\n" not in str(found.value)


def test_settings_that_are_not_set() -> None:
    """Null is not set; a decimal may come as text or number."""
    made = read({"source": "lightspeed", "currency": None, "rounding_cap": "0.02", "shop_country": "nl"})
    assert (made.currency, made.rounding_cap, made.shop_country) == ("EUR", Decimal("0.02"), "NL")


def test_every_setting_is_documented() -> None:
    """A setting has a type, a description, and a line in the README."""
    readme = (PACKAGE / "README.md").read_text(encoding="utf-8")
    for name, setting in config_schema()["properties"].items():
        assert setting["description"]
        assert setting["type"]
        assert f"`{name}`" in readme


def test_schemas_can_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command writes one file per stream and names them; without a folder it says how it is used."""
    assert main(["schemas", str(tmp_path)]) == 0
    assert sorted(path.stem for path in tmp_path.iterdir()) == sorted(MODELS)
    assert "orders.json" in capsys.readouterr().out
    assert main([]) == 2
