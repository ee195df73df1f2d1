"""A GetConnector as a stream: its fields, schema, keys, and the date fields by which its changes are found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tap_afas import known
from tap_afas.localtime import FORMS
from tap_afas.settings import StreamSettings, fits
from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afas_profit import GetConnectorInfo, GetField

_TYPES = {"string": "string", "blob": "string", "int": "integer", "decimal": "number", "boolean": "boolean"}
_NUMBERS = ("int", "decimal")
# AFAS can't sort or filter on ids with these (read-api 2.3).
_UNSORTABLE = (".", ",", ";")
_MOST_ORDER = 700
"""Characters for sort fields in a query of 2,049; the rest is for filters."""
_MOST_CODES = 100

SOURCE_FIELDS: dict[str, Any] = {
    "_source_stream": {"type": ["string", "null"], "description": "Name of this stream."},
    "_source_key": {"type": ["string", "null"], "description": "Key of the record as one text."},
    "_gone": {"type": ["boolean", "null"], "description": "A held record that is no longer there."},
}
DELETED_AT: dict[str, Any] = {
    "_sdc_deleted_at": {
        "type": ["string", "null"],
        "format": "date-time",
        "description": "When the record was found to be gone; its other fields are then left out.",
    }
}
READ_AT: dict[str, Any] = {
    "type": ["string", "null"],
    "format": "date-time",
    "description": "A moment on AFAS's clock before the record was asked for.",
}


@dataclass(frozen=True)
class Definition:
    """A GetConnector and how it is read.

    Attributes:
        name: Its id, and the stream's name.
        description: Its description.
        fields: Its fields, in the order of rows.
        keys: The fields that identify a row; none when that isn't known.
        changed: Fields that tell of changes; the first is the replication key. None: everything is read each time.
        options: The stream's settings.
        warnings: What a person should know, one line each.
    """

    name: str
    description: str
    fields: tuple[GetField, ...]
    keys: tuple[str, ...]
    changed: tuple[str, ...]
    options: StreamSettings
    warnings: tuple[str, ...] = field(default=(), compare=False)

    @property
    def kinds(self) -> dict[str, str]:
        """Field to AFAS's type."""
        return {one.id: one.data_type for one in self.fields}

    def date_form(self, one: GetField) -> str:
        """How a date field is sent: `moment`, `date` or `auto`."""
        found = [pattern for pattern in self.options.dates if fits(one.id, pattern)]
        if found:
            return self.options.dates[max(found, key=lambda pattern: (pattern == one.id, len(pattern)))]
        return "moment" if one.id in self.changed or known.is_moment(one) else "auto"

    def schema(self, *, source_fields: bool, lengths: bool, attachments: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON schema of the stream's records. Every field may be null: AFAS doesn't say which never are.

        Args:
            source_fields: With `_source_stream` and the like.
            lengths: With `maxLength`.
            attachments: Fields that hold files, with their schemas.
        """
        properties = {one.id: self._property(one, lengths=lengths) for one in self.fields}
        properties |= attachments
        if source_fields:
            properties |= SOURCE_FIELDS if self.keys else {"_source_stream": SOURCE_FIELDS["_source_stream"]}
        if self.options.deletes is not None:
            properties |= DELETED_AT
        if self.options.read_at is not None:
            properties[self.options.read_at] = READ_AT
        return {"type": "object", "properties": properties, "additionalProperties": True}

    def _property(self, one: GetField, *, lengths: bool) -> dict[str, Any]:
        made: dict[str, Any] = {"type": [_TYPES.get(one.data_type, "string"), "null"]}
        if one.label and one.label != one.id:
            made["title"] = one.label
        if one.data_type == "date":
            made["format"] = FORMS[self.date_form(one)][1]
        elif one.data_type == "string" and one.length > 0 and lengths:
            made["maxLength"] = one.length
        texts = [one.label] if one.label else []
        if one.data_type == "decimal" and one.length > 0:
            texts.append(f"{one.length} digits, {one.decimals} of them decimals")
        if one.values:
            codes = [f"{code.id} = {code.description}" for code in one.values[:_MOST_CODES]]
            more = [f"… ({len(one.values)} in all)"] if len(one.values) > _MOST_CODES else []
            texts.append("; ".join(codes + more))
        if texts:
            made["description"] = ". ".join(texts)
        return made

    def order(self, keys: Sequence[str], first: str | None = None) -> tuple[str, ...]:
        """The sort fields: what the settings say and the keys, else every field that AFAS can sort on and that fits.

        Args:
            keys: The keys in force.
            first: A field to put in front.

        Raises:
            ConfigurationError: AFAS can't sort on one of them, or on no field at all.
        """
        own = self.options.order_by or ()
        chosen = tuple(own) or tuple(keys)
        if chosen:
            self.check_sortable(chosen)
            # Fields that several rows share would lose some of them at the end of a part.
            had = {name.removeprefix("-") for name in own}
            chosen = (*own, *(name for name in keys if name not in had and not _special(name)))
        else:
            chosen = self._all_that_fits()
        if first is not None:
            self.check_sortable((first,))
            chosen = (first, *(name for name in chosen if name.lstrip("-") != first))
        return chosen

    def check_sortable(self, names: Sequence[str]) -> None:
        """Refuse fields that AFAS can't sort on.

        Raises:
            ConfigurationError: There is one.
        """
        for name in names:
            if any(sign in name for sign in _UNSORTABLE):
                raise ConfigurationError(
                    f"stream {self.name}: AFAS can't sort on {name} (dot, comma or semicolon); choose other keys, or "
                    "rename the field in the GetConnector"
                )

    def _all_that_fits(self) -> tuple[str, ...]:
        chosen: list[str] = []
        room = _MOST_ORDER
        for one in self.fields:
            if one.data_type == "blob" or any(sign in one.id for sign in _UNSORTABLE):
                continue
            room -= len(one.id.encode()) * (1 if one.id.isascii() else 3) + 1
            if room < 0:
                break
            chosen.append(one.id)
        if not chosen:
            raise ConfigurationError(f"stream {self.name}: AFAS can sort on none of its fields, so it can't be paged")
        return tuple(chosen)


def define(info: GetConnectorInfo, name: str, options: StreamSettings) -> Definition:
    """Make the definition of a stream.

    Args:
        info: What metainfo says.
        name: Id of the connector.
        options: The stream's settings.

    Raises:
        ConfigurationError: The settings name a field that the connector doesn't have, or one that can't serve.
    """
    fields = tuple({one.id: one for one in info.fields}.values())
    options = _by_label(name, fields, options)
    kinds = {one.id: one.data_type for one in fields}
    keys = known.keys(name, fields) if options.keys is None else options.keys
    changed = known.changed_fields(fields) if options.replication_key is None else options.replication_key
    changed = tuple(one for one in changed if options.replication_key is not None or not _special(one))
    _check(name, kinds, options, keys, changed)
    warnings = []
    if not keys and options.keys is None:
        warnings.append(
            f"stream {name}: nothing says what identifies a row; set streams.{name}.keys. Rows are sorted by all fields"
        )
    if not changed and options.replication_key is None:
        warnings.append(
            f"stream {name}: no field says when a row changed, so everything is read each time; set "
            f"streams.{name}.replication_key"
        )
    if len(warnings) == 2:
        both = (
            f"stream {name}: no sure key, and no field that says when a row changed: everything is read each time, "
            f"sorted by all fields; set streams.{name}.keys and .replication_key, or both to [] to accept that"
        )
        warnings = [both]
    return Definition(name, info.description or name, fields, keys, changed, options, tuple(warnings))


def _by_label(name: str, fields: Sequence[GetField], options: StreamSettings) -> StreamSettings:
    """The settings with the filter's fields by their ids; named by label they may be, as ids of free fields differ."""
    ids = {one.id for one in fields}
    groups = []
    for group in options.filter or ():
        tests = []
        for test in group:
            found = [one.id for one in fields if one.label == test.field] if test.field not in ids else [test.field]
            if len(found) > 1:
                raise ConfigurationError(
                    f"streams.{name}.filter: {len(found)} fields carry the label '{test.field}': {', '.join(found)}; "
                    "choose one by its id"
                )
            tests.append(test.model_copy(update={"field": found[0] if found else test.field}))
        groups.append(tuple(tests))
    return options.model_copy(update={"filter": tuple(groups)}) if groups else options


def _special(name: str) -> bool:
    return any(sign in name for sign in _UNSORTABLE)


def _check(
    name: str, kinds: Mapping[str, str], options: StreamSettings, keys: Sequence[str], changed: Sequence[str]
) -> None:
    wanted = {
        "keys": keys,
        "replication_key": changed,
        "order_by": [one.removeprefix("-") for one in options.order_by or ()],
        "filter": [test.field for group in options.filter or () for test in group],
        "attachments": [
            field_id for one in options.attachments for field_id in (one.id, one.name, one.subject) if field_id
        ],
    }
    for setting, names in wanted.items():
        if missing := [one for one in names if one not in kinds]:
            raise ConfigurationError(
                f"streams.{name}.{setting}: the connector has no field {', '.join(missing)}; correct the setting or "
                "the GetConnector"
            )
    for at, one in enumerate(changed):
        if kinds[one] != "date" and (at or kinds[one] not in _NUMBERS):
            raise ConfigurationError(
                f"streams.{name}.replication_key: {one} is of type {kinds[one]}; "
                "it takes date-time fields, or one number"
            )
    added = [one.into for one in options.attachments]
    if taken := [one for one in added if added.count(one) > 1 or one in kinds]:
        raise ConfigurationError(
            f"streams.{name}.attachments: a field {taken[0]} is there already; choose another `into`"
        )
    if options.read_at in kinds:
        raise ConfigurationError(f"streams.{name}.read_at: the connector has a field {options.read_at}; choose another")
    if options.deletes is not None and not keys:
        raise ConfigurationError(f"streams.{name}.deletes needs streams.{name}.keys")
