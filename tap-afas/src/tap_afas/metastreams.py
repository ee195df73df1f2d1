"""Metainfo as records: which connectors the token may use, and the fields of each GetConnector."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from afas_profit import AfasError
from tap_afas.bookmark import utc_text
from tap_afas.rows import encoder
from tap_afas.stream import decode
from upsert.errors import ConfigurationError
from upsert.singer import DirectStream

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from singer_sdk.helpers.types import Context, Record

    from afas_profit import GetConnectorInfo
    from tap_afas.definition import Definition
    from tap_afas.tap import TapAfas

CONNECTORS, FIELDS = "_connectors", "_fields"
"""Names of the two streams."""


def _text(description: str) -> dict[str, Any]:
    return {"type": ["string", "null"], "description": description}


def _whole(description: str) -> dict[str, Any]:
    return {"type": ["integer", "null"], "description": description}


_NAMES = {"type": ["array", "null"], "items": {"type": ["string", "null"]}}
_SCHEMAS: dict[str, dict[str, Any]] = {
    CONNECTORS: {
        "connector": {"type": "string", "description": "Id of the connector."},
        "kind": {"type": "string", "description": "`get` or `update`."},
        "description": _text("What AFAS calls it."),
        "fields": _whole("Number of fields; GetConnectors only."),
        "keys": _NAMES | {"description": "Key fields, from the settings or of a standard connector."},
        "replication_key": _text("Field by which changes are found."),
        "environment": _text("Code of the environment."),
    },
    FIELDS: {
        "connector": {"type": "string", "description": "Id of the GetConnector."},
        "field": {"type": "string", "description": "Id of the field."},
        "position": _whole("Place among the fields, from 1."),
        "field_id": _text("AFAS's internal id."),
        "label": _text("Label, in the language of the settings."),
        "data_type": _text("`string`, `int`, `decimal`, `boolean`, `date` or `blob`."),
        "length": _whole("Most characters, or digits; 0 when AFAS doesn't say."),
        "decimals": _whole("Digits after the dot."),
        "control_type": _whole("AFAS's control: 1 free text, 5 code, 23 remark."),
        "values": {
            "type": ["array", "null"],
            "items": {"type": "object", "properties": {"id": _text("Code."), "description": _text("Meaning.")}},
            "description": "Codes, where AFAS gives them.",
        },
    },
}
_KEYS = {CONNECTORS: ("kind", "connector"), FIELDS: ("connector", "field")}


class MetaStream(DirectStream):
    """One of the two streams about connectors.

    Args:
        tap: The tap.
        name: `_connectors` or `_fields`.
    """

    def __init__(self, tap: TapAfas, name: str) -> None:
        super().__init__(tap, {"type": "object", "properties": _SCHEMAS[name], "additionalProperties": True}, name)
        self.primary_keys = _KEYS[name]
        self._owner = tap

    def get_records(self, context: Context | None) -> Iterable[Record]:  # noqa: ARG002  the SDK's signature
        """Every connector, or every field."""
        return self._connectors() if self.name == CONNECTORS else self._fields()

    def _sync_records(
        self,
        context: Context | None = None,
        *,
        write_messages: bool = True,
    ) -> Generator[dict[str, Any], Any, Any]:
        """Send everything."""
        try:
            records = [encoder.encode(record) for record in self.get_records(context)]
        except AfasError as error:
            self._owner.fail(self.name, error)
            return
        if write_messages:
            self.send_encoded(records, utc_text(dt.datetime.now(dt.UTC)), decode)
        else:
            yield from map(decode, records)
        counter = self.get_record_counter()
        with counter:
            counter.increment(len(records))

    def _connectors(self) -> Iterator[dict[str, Any]]:
        meta = self._owner.meta
        environment = meta.info.environment_id if meta.info else None
        infos = self._owner.infos([one.id for one in meta.get_connectors])
        for one in meta.get_connectors:
            info = infos.get(one.id)
            definition = self._definition(one.id, info) if info and self._owner.settings.wants(one.id) else None
            yield {
                "connector": one.id,
                "kind": "get",
                "description": one.description or None,
                "fields": len(info.fields) if info else None,
                "keys": list(definition.keys) if definition else None,
                "replication_key": next(iter(definition.changed), None) if definition else None,
                "environment": environment,
            }
        for one in meta.update_connectors:
            yield {
                "connector": one.id,
                "kind": "update",
                "description": one.description or None,
                "fields": None,
                "keys": None,
                "replication_key": None,
                "environment": environment,
            }

    def _definition(self, name: str, info: GetConnectorInfo) -> Definition | None:
        """How a connector is read; None when its settings don't fit, which its own stream says."""
        try:
            return self._owner.definition(name, info)
        except ConfigurationError:
            return None

    def _fields(self) -> Iterator[dict[str, Any]]:
        infos = self._owner.infos([one.id for one in self._owner.meta.get_connectors])
        for name, info in infos.items():
            yield from _rows(name, info)


def _rows(name: str, info: GetConnectorInfo) -> Iterator[dict[str, Any]]:
    for position, field in enumerate(info.fields, 1):
        yield {
            "connector": name,
            "field": field.id,
            "position": position,
            "field_id": field.field_id or None,
            "label": field.label or None,
            "data_type": field.data_type or None,
            "length": field.length,
            "decimals": field.decimals,
            "control_type": field.control_type,
            "values": None
            if field.values is None
            else [{"id": one.id, "description": one.description} for one in field.values],
        }
