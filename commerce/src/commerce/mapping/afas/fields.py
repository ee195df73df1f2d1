"""Which field of an environment's GetConnector is meant: by our name, by its id, or by its Dutch label.

Labels are what people see in AFAS and what stays the same between environments; ids of free fields differ. tap-afas
sends a field's label as ``title`` in its SCHEMA. A label that is gone stops the run there, before the first record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping  # noqa: TC003  dataclass fields
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from commerce.errors import SettingsError
from commerce.mapping.afas.roles import ROLES, described
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
    warnings = [*_completeness(role, options, known, columns)]
    if role != "products":
        return Fields(columns, warnings=tuple(warnings))
    _texts(options, known, columns)
    chosen: dict[str, str] = {}
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


def _completeness(role: str, options: Options, known: Known, columns: Mapping[str, str | None]) -> Iterator[str]:
    """Look whether the connector has what its description asks for.

    Yields:
        A warning with the fields that it lacks; those that the settings say are not there (null) are not named.

    Raises:
        SettingsError: One is missing without which nothing can be mapped, or everything would be published.
    """
    needed = [*ROLES[role].needed]
    if role == "products" and options.publish == "ticked":
        needed.append("WebEnabled")
    missing = [name for name in needed if columns.get(name, name) not in known.ids]
    if missing:
        hint = " (or set `publish: all`)" if "WebEnabled" in missing else ""
        it, they = ("it", "it is") if len(missing) == 1 else ("them", "they are")
        raise SettingsError(
            f"connectors.{role}: {known.stream} has no field {', '.join(missing)}; add {it} to the GetConnector, or "
            f"say in connectors.{role}.fields what {they} called{hint}"
        )
    wanted = (name for name, one in described(ROLES[role].connector).items() if not one["optional"])
    lacking = [name for name in wanted if name not in needed and columns.get(name, name) not in {None, *known.ids}]
    if lacking:
        yield (
            f"connectors.{role}: {known.stream} has no field {', '.join(lacking)}; what should stand there is left as "
            f"it is in the shop. Add what you need, and say null in connectors.{role}.fields for the rest"
        )


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
