"""The settings of mapper-commerce: a choice by ``source``, each with the options of that source."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field, ValidationError

from commerce.errors import SettingsError
from commerce.mapping import afas, lightspeed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from commerce.mapping.feed import Feed


class Common(BaseModel):
    """What is configured for every source: the user's expressions."""

    overrides: dict[str, dict[str, str | None]] = Field(
        default={},
        description="Per role (`orders`, `customers`, `products`, `prices` ...) and dotted field path an expression "
        "that overrides or adds the field, in the style of Singer stream maps; null clears the field. Example: "
        "`{orders: {remark: \"record['memo'] or order.get('remark')\", internal_remark: null}, products: {brand.name: "
        "\"label['Merk']\"}}`.",
    )
    functions: dict[str, str] = Field(
        default={},
        description="Functions of one's own for `overrides`, each an expression over its parameters: "
        "`{'shout(text)': 'text.upper()'}`. One can call those defined before it.",
    )


class LightspeedSettings(lightspeed.Options, Common):
    """A shop of Lightspeed eCom."""

    source: Literal["lightspeed"] = Field(description="The system whose records are mapped.")

    def feeds(self) -> list[Feed]:
        """How its streams are mapped."""
        return lightspeed.feeds(self)


class AfasSettings(afas.Options, Common):
    """An environment of AFAS Profit."""

    source: Literal["afas"] = Field(description="The system whose records are mapped.")

    def feeds(self) -> list[Feed]:
        """How its streams are mapped."""
        return afas.feeds(self)


MapperSettings = LightspeedSettings | AfasSettings
"""Everything that can be configured."""

BY_SOURCE: dict[str, type[LightspeedSettings | AfasSettings]] = {
    "lightspeed": LightspeedSettings,
    "afas": AfasSettings,
}
"""Source -> its settings, which know its feeds. A new source is a package of `commerce.mapping` and a line here."""


def read(config: Mapping[str, Any]) -> MapperSettings:
    """Check a configuration.

    Args:
        config: As Meltano or a config file gives it; null means not set.

    Raises:
        SettingsError: Naming every setting that is wrong, in one line; an option of another source is named as such.
    """
    given = {name: value for name, value in config.items() if value is not None}
    if "source" not in given:
        raise SettingsError(f"source: Field required, one of {_sources()}")
    source = given["source"]
    if not isinstance(source, str) or source not in BY_SOURCE:
        raise SettingsError(f"source: Input should be {_sources()}")
    model = BY_SOURCE[source]
    foreign = {
        name: other
        for name in given
        if name not in model.model_fields
        for other, theirs in BY_SOURCE.items()
        if name in theirs.model_fields
    }
    if foreign:
        raise SettingsError("; ".join(f"{name}: belongs to source {of}, not {source}" for name, of in foreign.items()))
    try:
        return model.model_validate(given)
    except ValidationError as problem:
        raise SettingsError(wrong(problem, model)) from None


def wrong(problem: ValidationError, model: type[BaseModel]) -> str:
    """Everything that a model refuses, in one line without a value; for an unknown name the nearest that is known."""
    lines = []
    for one in problem.errors(include_input=False, include_url=False):
        path, says = ".".join(map(str, one["loc"])), one["msg"].removeprefix("Value error, ")
        if one["type"] == "extra_forbidden":
            known = {field.alias or name for name, field in model.model_fields.items()}
            near = difflib.get_close_matches(path, known, n=1)
            says = "there is no such thing" + (f"; did you mean '{near[0]}'?" if near else "")
        lines.append(f"{path}: {says}" if path else says)
    return "; ".join(lines)


def _sources() -> str:
    return " or ".join(f"'{one}'" for one in BY_SOURCE)


def config_schema() -> dict[str, Any]:
    """The JSON schema of all settings, those of each source marked as such, without references."""
    properties: dict[str, Any] = {}
    for source, model in BY_SOURCE.items():
        made = model.model_json_schema()
        definitions = made.get("$defs", {})
        for name, setting in made["properties"].items():
            if name not in Common.model_fields and name != "source":
                setting = {**setting, "description": f"(source: {source}) {setting['description']}"}  # noqa: PLW2901
            properties[name] = _plain(setting, definitions)
    properties["source"] = {
        "type": "string",
        "enum": list(BY_SOURCE),
        "description": properties["source"]["description"],
    }
    ordered = {name: properties.pop(name) for name in ("source", "overrides", "functions")}
    return {"type": "object", "properties": ordered | properties, "required": ["source"], "additionalProperties": False}


def _plain(node: Any, definitions: Mapping[str, Any], *, names: bool = False) -> Any:
    """A schema without references and titles, and with "a number or a text" written as one type.

    Args:
        node: The schema.
        definitions: What references point to.
        names: Whether the keys are names of properties, not words of JSON schema.
    """
    if isinstance(node, list):
        return [_plain(one, definitions) for one in node]
    if not isinstance(node, dict):
        return node
    if names:
        return {key: _plain(value, definitions) for key, value in node.items()}
    if "$ref" in node:
        target = definitions[node["$ref"].rpartition("/")[2]]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    made = {
        key: value if key == "default" else _plain(value, definitions, names=key == "properties")
        for key, value in node.items()
        if key not in {"title", "$defs"}
    }
    if "anyOf" in made and all(isinstance(one.get("type"), str) for one in made["anyOf"]):
        # A decimal may be written as a number or as text.
        kinds = [one["type"] for one in made.pop("anyOf")]
        made.pop("pattern", None)
        made["type"] = kinds
    return made
