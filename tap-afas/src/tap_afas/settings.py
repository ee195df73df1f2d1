"""The settings of the tap: typed, described, checked before the first call."""

from __future__ import annotations

import datetime as dt
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from tap_afas.conditions import Groups, read_filter
from upsert.singer.declared import SDK_SETTINGS


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_one_or_more)]


class Section(BaseModel):
    """Base of all settings: unknown names are refused, values never shown."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Deletes(Section):
    """How records that vanished are found: by comparing all keys with those of the last time."""

    every_hours: float = Field(
        24,
        ge=0,
        description="Incremental streams: hours between two readings of all keys. Full streams compare always.",
    )
    connector: str | None = Field(
        None, description="A thinner GetConnector with the same key fields and filter to read the keys from."
    )
    most_percent: float = Field(
        20, ge=0, le=100, description="More of the known keys gone than this is no deletion but a fault: none is sent."
    )
    at_least: int = Field(
        10, ge=0, description="So many may always be gone, whatever the percentage; but never all of them."
    )


class Attachment(Section):
    """A file that belongs to each record."""

    kind: Literal["image", "file", "subject"] = Field(
        description="`image` (ImageConnector), `file` (FileConnector) or `subject` (attachment of a dossier item)."
    )
    id: str = Field(description="Field with the image id or file id.")
    name: str | None = Field(None, description="Field with the file's name; needed for `file`.")
    subject: str | None = Field(None, description="Field with the dossier item's number; needed for `subject`.")
    size: Literal["original", "thumbnail", "medium"] = Field("original", description="Size of images.")
    into: str = Field(
        "file", pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", description="Name of the field, or ending of the stream's name."
    )
    target: Literal["field", "stream"] = Field(
        "field", description="`field`: an object in each record; `stream`: a stream of its own, `<connector>_<into>`."
    )

    @model_validator(mode="after")
    def _complete(self) -> Attachment:
        if self.kind == "file" and self.name is None:
            raise ValueError("kind `file` needs `name`")
        if self.kind == "subject" and self.subject is None:
            raise ValueError("kind `subject` needs `subject`")
        return self


class StreamSettings(Section):
    """Settings of one stream, or of all that fit a pattern."""

    keys: Names | None = Field(None, description="Fields that identify a record. An empty list: there are none.")
    replication_key: Names | None = Field(
        None,
        description="Date-time field (or ever rising number) by which changes are found; further date-time fields "
        "after it are looked at as well. An empty list: read everything each time.",
    )
    filter: Annotated[Groups | None, BeforeValidator(read_filter)] = Field(
        None, description="Which rows to read, in any of the forms described above."
    )
    order_by: Names | None = Field(
        None, description="Sort fields, before the keys; without keys they must identify a row. Rarely needed."
    )
    page_size: int | None = Field(None, ge=2, description="Rows per call; default: as many as the columns allow.")
    partition_rows: int | None = Field(
        None, ge=2, description="Rows after which reading goes on by a filter on the key instead of a deeper skip."
    )
    start_date: dt.datetime | None = Field(None, description="Instead of the general one.")
    overlap_minutes: float | None = Field(None, ge=0, description="Instead of the general one.")
    dates: dict[str, Literal["moment", "date", "auto"]] = Field(
        {}, description="Field (or pattern) -> `moment`, `date` or `auto`; see Times."
    )
    read_at: str | None = Field(
        None,
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        description="Name of a field to add: the moment, on AFAS's clock, before the stream was asked for. For figures "
        "that are computed when they are asked for, such as stock.",
    )
    deletes: Deletes | None = Field(None, description="Send records that vanished, with `_sdc_deleted_at`.")
    attachments: tuple[Attachment, ...] = Field((), description="Files to fetch for each record.")

    @field_validator("deletes", mode="before")
    @classmethod
    def _switch(cls, value: Any) -> Any:
        """True is short for all defaults."""
        return {} if value is True else None if value is False else value

    @field_validator("start_date")
    @classmethod
    def _in_utc(cls, value: dt.datetime | None) -> dt.datetime | None:
        return utc(value)


class Settings(Section):
    """Settings of tap-afas."""

    environment: str | None = Field(
        None,
        pattern=r"^[OTAota]?\d{5,6}[A-Za-z]{0,2}$",
        title="Environment",
        description="Code of the environment, such as O12345AA (live), T12345AA (test) or A12345AA (accept).",
    )
    base_url: str | None = Field(
        None,
        title="Base URL",
        description="Address of the REST services instead of the one that follows from `environment`.",
    )
    token: SecretStr | None = Field(
        None,
        title="Token",
        description="Token of the app connector: its XML, the base64 of that, or the 64 hex characters.",
        json_schema_extra={"secret": True},
    )
    client_id: str | None = Field(None, title="Client id", description="OAuth client id, instead of a token.")
    client_secret: SecretStr | None = Field(
        None, title="Client secret", description="OAuth client secret.", json_schema_extra={"secret": True}
    )
    oauth_basic: bool = Field(
        False, title="OAuth Basic", description="Send the client's credentials in a Basic header (from Profit 9)."
    )
    integration_id: str | None = Field(
        None, title="Integration id", description="`12345_123456`; mandatory for AFAS partners."
    )
    language: str = Field(
        "nl-nl",
        pattern=r"^[A-Za-z]{2}-[A-Za-z]{2}$",
        title="Language",
        description="Of labels, and of values that AFAS translates: nl-nl, nl-be, en-us, fr-fr, de-de. "
        "A change changes such values.",
    )
    connectors: Names = Field(
        (),
        title="Connectors",
        description="Patterns (`Profit_*`, `!Profit_Test*`): only GetConnectors that fit one are streams, and none "
        "that fits one with `!`. Empty: all.",
    )
    streams: dict[str, StreamSettings] = Field(
        {},
        title="Streams",
        description="Settings per stream; a name may be a pattern. Exact names win over patterns, longer patterns over "
        "shorter ones, each setting by itself.",
    )
    start_date: dt.datetime | None = Field(
        None,
        title="Start date",
        description="Incremental streams without a bookmark begin here. With a zone, or in UTC. Default: everything.",
    )
    overlap_minutes: float = Field(
        15,
        ge=0,
        le=10_080,
        title="Overlap in minutes",
        description="How far below its bookmark a stream reads again, for changes that AFAS committed late.",
    )
    max_calls: int = Field(5, ge=1, le=5, title="Most calls", description="Calls under way at once.")
    partition_rows: int = Field(
        100_000,
        ge=2,
        title="Partition rows",
        description="Rows after which a stream goes on by a filter on its key instead of a deeper skip.",
    )
    source_fields: bool = Field(
        True,
        title="Source fields",
        description="Add `_source_stream` and `_source_key` to records, and re-read records that the target holds.",
    )
    lengths: bool = Field(True, title="Lengths", description="Put AFAS's field lengths into schemas as `maxLength`.")
    attachments_folder: str | None = Field(
        None,
        title="Attachments folder",
        description="Write attachments here and send their path. Without it they are sent as base64.",
    )
    snapshots_folder: str | None = Field(
        None,
        title="Snapshots folder",
        description="Keep the keys that `deletes` compares with here instead of in the state; "
        "one folder per plugin name.",
    )
    longest_wait_seconds: int = Field(
        600, ge=0, title="Longest wait", description="Seconds to wait for an AFAS in maintenance; then exit code 3."
    )

    @field_validator("start_date")
    @classmethod
    def _in_utc(cls, value: dt.datetime | None) -> dt.datetime | None:
        return utc(value)

    @model_validator(mode="before")
    @classmethod
    def _without_sdk(cls, data: Any) -> Any:
        """Leave the SDK's own settings to the SDK."""
        return {name: value for name, value in data.items() if name not in SDK_SETTINGS}

    @model_validator(mode="after")
    def _access(self) -> Settings:
        if self.environment is None and self.base_url is None:
            raise ValueError("`environment` is missing (or `base_url`)")
        if self.token is None and (self.client_id is None or self.client_secret is None):
            raise ValueError("`token` is missing (or `client_id` and `client_secret`)")
        return self

    @property
    def source(self) -> str:
        """Name of what is read, for the state: a state of another environment is refused."""
        return f"afas.{(self.environment or 'profit').upper()}"

    def wants(self, connector: str) -> bool:
        """Whether a GetConnector is a stream."""
        without = [name[1:] for name in self.connectors if name.startswith("!")]
        only = [name for name in self.connectors if not name.startswith("!")]
        if any(fits(connector, pattern) for pattern in without):
            return False
        return not only or any(fits(connector, pattern) for pattern in only)

    def stream(self, name: str) -> StreamSettings:
        """The settings of a stream, put together from every pattern that fits."""
        found = [pattern for pattern in self.streams if fits(name, pattern)]
        found.sort(key=lambda pattern: (pattern == name, len(pattern)))
        merged: dict[str, Any] = {}
        for pattern in found:
            given = self.streams[pattern]
            merged |= {one: getattr(given, one) for one in given.model_fields_set}
        return StreamSettings.model_construct(set(merged), **merged)


def fits(name: str, pattern: str) -> bool:
    """Whether a name fits a pattern (`*`, `?`, `[...]`), without regard to case."""
    return fnmatchcase(name.casefold(), pattern.casefold())


def utc(value: dt.datetime | None) -> dt.datetime | None:
    """A moment in UTC; one without a zone is UTC."""
    if value is None:
        return None
    return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of the settings in the form the SDK reads: no references, a nullable type as a list."""
    schema = Settings.model_json_schema()
    properties: dict[str, Any] = _plain(schema["properties"], schema.get("$defs", {}))
    return {"type": "object", "properties": properties, "required": schema.get("required", [])}


def _plain(node: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_plain(one, definitions) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        node = definitions[node["$ref"].rpartition("/")[2]] | {
            name: one for name, one in node.items() if name != "$ref"
        }
    node = {name: _plain(one, definitions) for name, one in node.items()}
    choices = node.get("anyOf")
    if isinstance(choices, list):
        inner = [choice for choice in choices if choice.get("type") != "null"]
        if len(inner) == 1 and isinstance(inner[0].get("type"), str):
            del node["anyOf"]
            node = {**inner[0], **node, "type": [inner[0]["type"], "null"]}
    if node.get("default", ...) is None:
        del node["default"]
    if node.get("format") == "password":
        node["writeOnly"] = True
    return node
