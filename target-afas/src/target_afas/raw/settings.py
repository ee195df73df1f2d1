"""The settings of raw streams, one section per stream."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from target_afas.rules import Names, Section

Mode = Literal["insert", "update", "upsert", "delete"]
WHOLE_RECORD = "*"


class RawLookup(Section):
    """The GetConnector that shows what exists."""

    connector: str = Field(description="GetConnector that shows the records of the UpdateConnector, without filter.")
    field: Names = Field(description="Its field (or fields) that hold the record's `key`, in the same order.")
    id: dict[str, str] = Field(
        {}, description="AFAS's own key -> field of the GetConnector; default: the field of the same name."
    )
    fields: dict[str, str | None] = Field(
        {},
        description="Field of the UpdateConnector -> field of the GetConnector, to compare; null: don't compare. "
        "Fields of the same name are compared by themselves.",
    )
    order_by: Names | None = Field(None, description="Unique sort of the GetConnector; default: `field`, then `id`.")


class RawStream(Section):
    """How one raw stream is written."""

    connector: str | None = Field(None, description="UpdateConnector; default: the name of the stream.")
    mode: Mode = Field(
        "insert",
        description="insert: each record once; update: what exists; upsert: either, by the look-up; delete: only take "
        "away what is marked.",
    )
    key: Names | None = Field(
        None,
        description="Field (or fields) of the record that say which one it is; `*`: all of them together. Default: "
        "`_source_key`, then the stream's key properties; with a look-up or another mode than insert: `id`.",
    )
    id: Names | None = Field(
        None, description="AFAS's own key: fields of the UpdateConnector. Known for the common connectors."
    )
    lookup: RawLookup | None = Field(None, description="GetConnector that shows what exists; upsert needs it.")
    marker: str | None = Field(
        "_sdc_deleted_at", description="Field that marks a record as deleted; null, with mode delete: every record is."
    )
    on_marked: Literal["leave", "hold", "delete"] = Field(
        "leave", description="A marked record in the modes insert, update and upsert: leave AFAS's, hold, or delete it."
    )
    on_changed: Literal["hold", "leave"] = Field(
        "hold", description="Mode insert: a record that changed after it was inserted is held for a person, or left."
    )
    nulls: Literal["clear", "leave"] = Field(
        "clear", description="A null or empty text in an update: clear the field in AFAS, or leave it."
    )
    rows_on_update: Literal["hold", "send", "leave"] = Field(
        "hold",
        description="Rows of a nested array without `_action` in an update, which AFAS may add once more: hold the "
        "record, send them, or leave them out.",
    )
    conflicts: Literal["source", "hold"] = Field(
        "source", description="A field that was changed in AFAS too: the record's value is written, or it is held."
    )
    ignore: Names = Field([], description="Fields of the record that are not for AFAS.")
    unchecked: Names = Field([], description="Fields whose value list and presence are left to AFAS to check.")
    workers: int | None = Field(None, ge=1, le=5, description="Writes at once; 1 keeps the order of the records.")

    @model_validator(mode="after")
    def _consistent(self) -> RawStream:
        whole = self.key is not None and WHOLE_RECORD in self.key
        if self.mode == "upsert" and self.lookup is None:
            raise ValueError("mode upsert needs `lookup`: without it nothing can tell what exists")
        if whole and (self.mode != "insert" or self.lookup is not None or len(self.key or ()) != 1):
            raise ValueError("key '*' is for mode insert without a look-up")
        if self.lookup is not None and self.key is not None and len(self.lookup.field) != len(self.key):
            raise ValueError("`lookup.field` and `key` must name as many fields as each other")
        if self.mode == "insert" and self.on_marked == "delete" and self.lookup is None:
            raise ValueError("on_marked delete needs `lookup` or another mode: nothing tells which record to delete")
        if self.mode != "delete" and self.marker is None and self.on_marked != "leave":
            raise ValueError("on_marked needs a `marker`")
        return self
