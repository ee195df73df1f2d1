"""The settings as JSON schema, for the Singer SDK and `--about`."""

from __future__ import annotations

from typing import Any

from singer_sdk.singerlib.schema import resolve_schema_references

from target_afas.settings import Settings
from upsert.singer.declared import TARGET_SETTINGS


def config_schema() -> dict[str, Any]:
    """JSON schema of all settings: no references, secrets marked, nullable types as lists.

    Defaults inside objects stand in the descriptions only: the SDK would otherwise write them into what a user gave,
    also into the short form of a table.
    """
    plain = resolve_schema_references(Settings.model_json_schema())
    properties = {name: _tidy(spec) for name, spec in plain["properties"].items()}
    for spec in properties.values():
        if "const" in spec:
            spec["enum"] = [spec.pop("const")]
    return {
        "type": "object",
        "properties": {**properties, **TARGET_SETTINGS},  # the SDK adds its own
        "required": ["store"],
        "additionalProperties": False,  # a typing error must not be silently ignored
    }


def _tidy(spec: dict[str, Any], *, inside: bool = False) -> dict[str, Any]:
    """One property: without title, with ``type: [X, null]`` instead of ``anyOf: [X, null]``."""
    kept = {name: value for name, value in spec.items() if name not in {"title", "writeOnly", "default"}}
    if kept.get("format") == "password":
        del kept["format"]
    default = spec.get("default")
    if isinstance(default, str | int) and default != "":
        if not inside:
            kept["default"] = default
        elif "description" in kept:
            shown = str(default).lower() if isinstance(default, bool) else default
            kept["description"] = f"{kept['description'].removesuffix('.')} (default: {shown})."
    if "properties" in kept:
        kept["properties"] = {name: _tidy(one, inside=True) for name, one in kept["properties"].items()}
    for word in ("items", "additionalProperties"):
        if isinstance(kept.get(word), dict):
            kept[word] = _tidy(kept[word], inside=True)
    if "anyOf" in kept:
        options = [_tidy(one, inside=True) for one in kept["anyOf"]]
        real = [one for one in options if one != {"type": "null"}]
        kept["anyOf"] = options
        if len(real) == 1 and len(options) > 1 and isinstance(real[0].get("type"), str | list):
            types = real[0]["type"] if isinstance(real[0]["type"], list) else [real[0]["type"]]
            del kept["anyOf"]
            kept = {**real[0], **kept, "type": [*types, "null"]}
    return kept
