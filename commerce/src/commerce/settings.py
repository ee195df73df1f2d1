"""The settings of mapper-commerce."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, ValidationError

from commerce.errors import SettingsError
from commerce.mapping.lightspeed import Options

if TYPE_CHECKING:
    from collections.abc import Mapping


class MapperSettings(Options):
    """Everything that can be configured: which source, the options of the shop, and the user's expressions."""

    source: Literal["lightspeed"] = Field(description="The system whose records are mapped.")
    overrides: dict[str, dict[str, str | None]] = Field(
        default={},
        description="Per commerce stream (`orders`, `customers`) and dotted field path an expression that overrides or "
        "adds the field, in the style of Singer stream maps; null clears the field. Example: "
        "`{orders: {remark: \"record['memo'] or order.get('remark')\", internal_remark: null}}`.",
    )

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> MapperSettings:
        """Check a configuration.

        Args:
            config: As Meltano or a config file gives it; null means not set.

        Raises:
            SettingsError: Naming every setting that is wrong, in one line.
        """
        try:
            return cls.model_validate({name: value for name, value in config.items() if value is not None})
        except ValidationError as problem:
            wrong = [
                f"{'.'.join(str(step) for step in one['loc'])}: {one['msg']}"
                for one in problem.errors(include_input=False, include_url=False)
            ]
            raise SettingsError("; ".join(wrong)) from None


def config_schema() -> dict[str, Any]:
    """The JSON schema of the settings, with references resolved."""
    made = MapperSettings.model_json_schema()
    definitions = made.pop("$defs", {})
    for name, setting in made["properties"].items():
        if "$ref" in setting:
            target = definitions[setting.pop("$ref").rpartition("/")[2]]
            made["properties"][name] = {key: target[key] for key in ("type", "enum")} | setting
        if "anyOf" in setting:
            # A decimal may be written as a number or as text.
            kinds = [one["type"] for one in setting.pop("anyOf")]
            setting.pop("pattern", None)
            setting["type"] = kinds
        setting.pop("title", None)
    return {key: value for key, value in made.items() if key != "title"}
