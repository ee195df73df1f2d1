"""Which field of an environment's GetConnector is meant: by our name, by its id, or by its Dutch label.

Labels are what people see in AFAS and what stays the same between environments; ids of free fields differ. tap-afas
sends a field's label as ``title`` in its SCHEMA. A label that is gone stops the run there, before the first record.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  dataclass fields
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from commerce.errors import SettingsError
from commerce.mapping.afas.roles import ROLES
from commerce.mapping.labels import Known

if TYPE_CHECKING:
    from commerce.mapping.afas.options import Choice, Options


@dataclass(frozen=True)
class Fields:
    """What a connector's SCHEMA told.

    Attributes:
        columns: Our name -> the connector's field; None where it has none. A name that is not here is its own field.
        chosen: Code of an attribute or an axis -> the field; those that are not there are left out.
        warnings: What a person should know, one line each.
    """

    columns: Mapping[str, str | None] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def resolve(role: str, options: Options, schema: Mapping[str, Any]) -> Fields:
    """Find every field that the settings name in a connector.

    Args:
        role: The role of the connector.
        options: The options.
        schema: The schema of its SCHEMA message.

    Returns:
        The fields.

    Raises:
        SettingsError: One is not there; the message says which setting, where it is set, and what comes nearest.
    """
    known = Known(options.connector(role) or role, schema)
    columns: dict[str, str | None] = {}
    for name, given in options.fields(role).items():
        columns[name] = None if given is None else known.get(given, f"connectors.{role}.fields.{name}")
    needed = [*ROLES[role].needed]
    if role == "products" and options.publish == "ticked":
        needed.append("WebEnabled")
    for name in needed:
        if columns.get(name, name) not in known.ids:
            hint = " (or set `publish: all`)" if name == "WebEnabled" else ""
            raise SettingsError(
                f"connectors.{role}: {known.stream} has no field {name}; add it to the GetConnector, or say in "
                f"connectors.{role}.fields what it is called{hint}"
            )
    if role != "products":
        return Fields(columns)
    _texts(options, known, columns)
    chosen: dict[str, str] = {}
    warnings: list[str] = []
    for setting, choices in (("attributes", options.attributes), ("axes", options.axes)):
        missing = []
        for index, choice in enumerate(choices):
            found = _chosen(choice, f"{setting}.{index}", known, columns)
            if found is None:
                missing.append(choice.name)
            else:
                chosen[f"{setting}.{choice.code}"] = found
        # Axes of own items go unused in most catalogues, so default ones that aren't there are worth no line.
        if missing and (setting == "attributes" or setting in options.model_fields_set):
            names = ", ".join(missing)
            warnings.append(f"{setting}: {known.stream} has no field with the label {names}; left out")
    return Fields(columns, chosen, tuple(warnings))


def _texts(options: Options, known: Known, columns: dict[str, str | None]) -> None:
    """Columns of texts; those of the defaults may be missing."""
    own = "languages" in options.model_fields_set
    for language, roles in options.languages.items():
        for role, names in roles.items():
            for name in names:
                if name in columns:
                    continue
                setting = f"languages.{language}.{role}"
                columns[name] = known.get(name, setting) if own else known.find(name, setting)


def _chosen(choice: Choice, setting: str, known: Known, columns: Mapping[str, str | None]) -> str | None:
    renamed = columns.get(choice.name) if choice.field else None
    if renamed is not None:
        return renamed
    return known.find(choice.name, setting) if choice.optional else known.get(choice.name, setting)
