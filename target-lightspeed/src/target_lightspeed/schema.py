"""The settings as JSON schema, for the Singer SDK and `--about`."""

from __future__ import annotations

from typing import Any

from singer_sdk.singerlib.schema import resolve_schema_references

from target_lightspeed.settings import Settings
from upsert.singer.declared import TARGET_SETTINGS


def config_schema() -> dict[str, Any]:
    """JSON schema of all settings: no references, secrets marked, nullable types as lists."""
    plain = resolve_schema_references(Settings.model_json_schema())
    return {
        "type": "object",
        "properties": {**{name: _tidy(spec) for name, spec in plain["properties"].items()}, **TARGET_SETTINGS},
        "required": ["store"],
        "additionalProperties": False,  # a typing error must not be silently ignored
    }


def _either(choices: list[dict[str, Any]], kept: dict[str, Any]) -> dict[str, Any]:
    """One property of several types; null is one of them, also where the values are listed."""
    real = [_tidy(one) for one in choices if one != {"type": "null"}]
    types = [kind for one in real for kind in ([one["type"]] if isinstance(one["type"], str) else one["type"])]
    types = list(dict.fromkeys(types))
    null = ["null"] if len(real) < len(choices) and "null" not in types else []
    found = {**(real[0] if len(real) == 1 else {}), **kept, "type": [*types, *null]}
    if null and "enum" in found:
        found["enum"] = [*found["enum"], None]
    return found


def _tidy(spec: dict[str, Any]) -> dict[str, Any]:
    """One property: without title, with ``type: [X, null]`` instead of ``anyOf: [X, null]``, lists also as text."""
    kept = {name: value for name, value in spec.items() if name not in {"title", "writeOnly"}}
    if kept.get("default", ...) in (None, {}, []):
        del kept["default"]
    if kept.get("format") == "password":
        del kept["format"]
    if "anyOf" in kept:
        kept = _either(kept.pop("anyOf"), kept)
    types = kept.get("type")
    if types == "array" or (isinstance(types, list) and "array" in types):
        kept["type"] = [*(types if isinstance(types, list) else [types]), "string"]
    if "properties" in kept:
        kept["properties"] = {name: _tidy(one) for name, one in kept["properties"].items()}
    if isinstance(kept.get("additionalProperties"), dict):
        kept["additionalProperties"] = _tidy(kept["additionalProperties"])
    return kept
