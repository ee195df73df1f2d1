"""Settings that don't fit, explained without showing their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk.plugin_base import JSONSchemaValidator

from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema import ValidationError  # type: ignore[import-untyped] # has no types


def refuse(schema: Mapping[str, Any], config: Mapping[str, Any]) -> ConfigurationError:
    """The error for settings that don't fit their schema: one line, names and rules only, no value."""
    errors = sorted(JSONSchemaValidator(schema).iter_errors(dict(config)), key=lambda error: list(map(str, error.path)))
    return ConfigurationError("settings: " + "; ".join(dict.fromkeys(map(_explain, errors))))


def _explain(error: ValidationError) -> str:
    name = ".".join(map(str, error.absolute_path))
    if error.validator == "required":
        missing = [item for item in error.validator_value if item not in error.instance]
        return " and ".join(f"`{f'{name}.' if name else ''}{item}` is missing" for item in missing)
    if error.validator in {
        "type",
        "enum",
        "pattern",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "format",
        "const",
    }:
        return f"`{name}` does not fit: {error.validator} {error.validator_value}"
    if error.validator in {"additionalProperties", "unevaluatedProperties"}:
        known = set(error.schema.get("properties", {}))
        unknown = sorted(set(error.instance) - known)
        names = ", ".join(f"`{f'{name}.' if name else ''}{item}`" for item in unknown)
        return f"unknown setting{'s' if len(unknown) > 1 else ''} {names}"
    return f"`{name or 'settings'}` does not fit the rule {error.validator}"
