"""The settings of the tap: typed, described, checked before the first call."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from upsert.singer.declared import SDK_SETTINGS

BEGINNING = dt.datetime(1971, 1, 1, tzinfo=dt.UTC)
"""Before any shop; a window from here is asked for without a lower bound."""

Calls = Annotated[int, Field(ge=0)]


class Settings(BaseModel):
    """Settings of tap-lightspeed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    api_key: str = Field(
        min_length=1, title="API key", description="Key of the shop (back office: Settings, Developers)."
    )
    api_secret: SecretStr = Field(
        min_length=1,
        title="API secret",
        description="Secret of the key; with `app_token`, the secret of the app.",
        json_schema_extra={"secret": True},
    )
    app_token: SecretStr | None = Field(
        None,
        title="App token",
        description="Only for the key of an app: the shop's token from the installation.",
        json_schema_extra={"secret": True},
    )
    shop: str = Field(
        pattern=r"^[A-Za-z0-9._-]{1,20}$",
        title="Shop",
        description="Your own short name of the shop. It is part of every key downstream: never change it.",
    )
    start_date: dt.datetime = Field(
        title="Start date",
        description="Orders created before this moment never come (cut-over), whatever changes in them later. With a "
        "zone, or in UTC.",
    )
    customers_start_date: dt.datetime | None = Field(
        None,
        title="Start date of customers",
        description="Customers changed before this moment are not read. Default: `start_date`.",
    )
    history_start_date: dt.datetime | None = Field(
        None,
        title="Start date of the other streams",
        description="Streams other than orders and customers: what changed before this moment is not read. Default: "
        "everything there is.",
    )
    cluster: Literal["eu1", "us1"] = Field("eu1", title="Cluster", description="Where the shop lives: `eu1` or `us1`.")
    base_url: str | None = Field(
        None,
        title="Base URL",
        description="Address of the API instead of the cluster's, for instance of a sandbox. Plain http only on this "
        "machine.",
    )
    language: str = Field(
        "nl",
        pattern=r"^[a-z]{2}$",
        title="Language",
        description="Two-letter code of an active language of the shop; texts of products come in it.",
    )
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{2}$")], ...] = Field(
        (),
        title="Languages",
        description="Several languages instead of one: streams whose texts differ per language have a record per "
        "language. The first one is asked for changes; the others only when there are some.",
    )
    product_children: Literal["catalog", "products"] = Field(
        "catalog",
        title="Children of products from",
        description="Where images, specifications, relations and filter values of products come from: the `catalog` "
        "(250 products a call), or each changed product (`products`, a call each, with all fields of an image).",
    )
    changes_only: tuple[str, ...] = Field(
        ("*",),
        title="Changes only",
        description="Streams (names, `*` and `?` allowed) without a time of change that send only what is new, changed "
        "or deleted since the last run. The others send everything in every run.",
    )
    detect_deletes: tuple[str, ...] = Field(
        (),
        title="Detect deletes",
        description="Streams (names, `*` and `?` allowed) with a time of change whose ids are compared now and then, "
        "to send what was deleted: a call per 250 records. Streams in `changes_only` do so anyway.",
    )
    deletes_every_hours: int = Field(
        24, ge=0, title="Hours between comparisons", description="How often the ids of `detect_deletes` are compared."
    )
    deletes_guard_percent: int = Field(
        50,
        ge=1,
        le=100,
        title="Guard against mass deletes",
        description="When more than this share of a stream (and more than 25 records) vanishes at once, nothing is "
        "deleted; 100 switches the guard off.",
    )
    streams: tuple[str, ...] = Field(
        (),
        title="Streams",
        description="Names, with `*` and `?`: only these streams are offered. Empty: all. Meltano takes seconds per "
        "run to go through a catalog of a hundred streams, so name what a job reads.",
    )
    payment_statuses: tuple[str, ...] = Field(
        (),
        title="Payment statuses",
        description="Only orders with one of these payment statuses, for instance `paid`. Empty: all. Cancelled orders "
        "always come.",
    )
    include_post_payment: bool = Field(
        True,
        title="Include payment afterwards",
        description="Orders that are paid afterwards or on invoice also come when `payment_statuses` would stop them.",
    )
    statuses_excluded: tuple[str, ...] = Field(
        (),
        title="Excluded statuses",
        description="Orders with one of these statuses don't come, for instance `on_hold`.",
    )
    custom_statuses: tuple[int, ...] = Field(
        (),
        title="Custom statuses",
        description="Only orders with one of these custom statuses, by their ids in the shop (stream "
        "`orders_customstatuses`). Empty: all.",
    )
    channels: tuple[str, ...] = Field(
        (),
        title="Channels",
        description="Only orders from these channels (`main`, `facebook`, `api`, `mobile`; empty text is the back "
        "office). Empty list: all.",
    )
    overlap_minutes: int = Field(
        125,
        ge=5,
        le=10_080,
        title="Overlap in minutes",
        description="How far each list reaches below the bookmark. The shop's zone for filters is unknown, so keep at "
        "least 125.",
    )
    settle_seconds: int = Field(
        2,
        ge=1,
        le=600,
        title="Settling time in seconds",
        description="Changes younger than this wait for the next run, because the shop's times have whole seconds.",
    )
    reserve_5_minutes: Calls = Field(
        30, title="Reserve per 5 minutes", description="Calls of each 5-minute window that are left to other processes."
    )
    reserve_hour: Calls = Field(
        100, title="Reserve per hour", description="Calls of each hour that are left to other processes."
    )
    reserve_day: Calls = Field(
        400, title="Reserve per day", description="Calls of each day that are left to other processes."
    )
    longest_wait_seconds: int = Field(
        3_700,
        ge=0,
        title="Longest wait in seconds",
        description="A rate window that opens later than this ends the run with exit code 3; the next goes on there.",
    )

    @field_validator("start_date", "customers_start_date", "history_start_date")
    @classmethod
    def _in_utc(cls, value: dt.datetime | None) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)

    @model_validator(mode="before")
    @classmethod
    def _without_sdk(cls, data: Any) -> Any:
        """Leave the SDK's own settings to the SDK."""
        return {name: value for name, value in data.items() if name not in SDK_SETTINGS}

    def start(self, setting: str) -> dt.datetime:
        """Return a start date by name; without one, that of customers is ``start_date`` and that of others the dawn."""
        value = getattr(self, setting)
        if isinstance(value, dt.datetime):
            return value
        return BEGINNING if setting == "history_start_date" else self.start_date

    @property
    def all_languages(self) -> tuple[str, ...]:
        """The languages to read, the one that is asked for changes first."""
        return tuple(dict.fromkeys(self.languages)) or (self.language,)


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of the settings in the form the SDK reads: no references, a nullable type as a list."""
    schema = Settings.model_json_schema()
    for one in schema["properties"].values():
        choices = one.pop("anyOf", None)
        if choices:
            inner = next(choice for choice in choices if choice.get("type") != "null")
            one |= {**inner, "type": [inner["type"], "null"]}
        if one.get("default", ...) is None:
            del one["default"]
        if one.get("format") == "password":
            one["writeOnly"] = True
    return {"type": "object", "properties": schema["properties"], "required": schema["required"]}
