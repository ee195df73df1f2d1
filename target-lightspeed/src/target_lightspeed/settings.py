"""The settings of target-lightspeed: typed, described, validated before the first call."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator

from target_lightspeed.commerce.catalogue.settings import CatalogueSettings
from target_lightspeed.commerce.categories.settings import CategorySettings
from target_lightspeed.commerce.groups.settings import GroupSettings
from target_lightspeed.commerce.planner.priority import Priority  # noqa: TC001  pydantic reads it at run time
from target_lightspeed.commerce.prices.settings import PriceSettings
from target_lightspeed.commerce.relations.settings import RelationSettings
from target_lightspeed.commerce.section import Section
from target_lightspeed.commerce.stock.settings import StockSettings
from target_lightspeed.commerce.streams import SINKS
from target_lightspeed.commerce.sweep.settings import SweepSettings
from target_lightspeed.resources import RESOURCES
from upsert.errors import ConfigurationError
from upsert.singer.declared import problems

Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Calls = Annotated[int, Field(ge=0)]


def _names(value: Any) -> Any:
    """A list of names may be given as one text with commas, as environment variables have it."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]

_VERBS = {"create": "C", "update": "U", "delete": "D"}
_WITHOUT_KEY = {True: "there is only one", False: "files are found by `id`, or by their parent and title"}


class StreamSettings(Section):
    """How one stream is written; what is left out is as for all streams."""

    kind: Literal["auto", "commerce", "raw"] = Field(
        "auto",
        description="Whether the stream is one of the commerce contract (`products`, `prices`, ...) or is written as "
        "it is to the resource of that name. `auto`: commerce when the contract's version stands in its schema, as "
        "mapper-commerce writes it.",
    )
    resource: str | None = Field(None, description="Resource that it is written to, when its name is another.")
    key: Names | None = Field(
        None,
        description="Fields by which a record is found in the shop, such as `sku`, `articleCode` or `category, "
        "product`; `id` is the shop's own. Default: `id` where the record has one, else the resource's natural key.",
    )
    action: Literal["upsert", "create", "update", "delete"] = Field(
        "upsert",
        description="What to do: all of it, only make what is missing, only change what exists, or delete every "
        "record that comes.",
    )
    language: Language | None = Field(
        None, description="Language of the records' texts, when it is not the shop's default; only texts are written."
    )
    on_conflict: Literal["overwrite", "keep"] | None = Field(None, description="As the setting for all streams.")
    missing: Literal["hold", "skip"] | None = Field(None, description="As the setting for all streams.")
    notify: Names | None = Field(None, description="As the setting for all streams.")

    @model_validator(mode="after")
    def _known(self) -> StreamSettings:
        if self.resource is not None and self.resource not in RESOURCES:
            raise ValueError(f"`{self.resource}` is no writable resource")
        return self


class Settings(Section):
    """All settings of target-lightspeed (those of the Singer base stand beside them)."""

    api_key: str | None = Field(None, description="Key of the shop (back office: Settings, Developers).")
    api_secret: SecretStr | None = Field(
        None,
        description="Secret of the key; with `app_token`, the secret of the app.",
        json_schema_extra={"secret": True},
    )
    app_token: SecretStr | None = Field(
        None,
        description="Only for the key of an app: the shop's token from the installation.",
        json_schema_extra={"secret": True},
    )
    shop: str = Field(
        "shop",
        pattern=r"^[A-Za-z0-9._-]{1,20}$",
        description="Your own short name of the shop, unique in the store. It is part of every key there: never "
        "change it.",
    )
    cluster: Literal["eu1", "us1"] = Field("eu1", description="Where the shop lives: `eu1` or `us1`.")
    base_url: str | None = Field(
        None,
        description="Address of the API instead of the cluster's, for instance of a sandbox. Plain http only on this "
        "machine.",
    )
    language: Language = Field("nl", description="The shop's default language: records are made and found in it.")
    streams: dict[str, StreamSettings] = Field({}, description="Stream -> how it is written.")
    catalogue: CatalogueSettings = Field(CatalogueSettings(), description="How commerce `products` are written.")
    stock: StockSettings = Field(StockSettings(), description="How commerce `stock_levels` are written.")
    prices: PriceSettings = Field(PriceSettings(), description="How commerce `prices` and `price_lists` are written.")
    groups: GroupSettings = Field(
        GroupSettings(), description="How commerce `customer_groups` and the groups of `customers` are written."
    )
    categories: CategorySettings = Field(CategorySettings(), description="How commerce `categories` are written.")
    relations: RelationSettings = Field(RelationSettings(), description="How commerce `product_relations` are written.")
    sweep: SweepSettings = Field(
        SweepSettings(), description="How drift in the shop is found: what was changed or deleted there by hand."
    )
    priority: Priority | None = Field(
        None,
        description="How important this run is beside others on the same key. A run of `stock`, `prices` or `content` "
        "leaves a part of each hour and day to those before it, and ends early and well when its own part is used; "
        "the next run goes on there. Left out: it takes what it needs.",
    )
    approve: str = Field(
        "",
        pattern=r"^(ok-[0-9a-f]{12}(, ?ok-[0-9a-f]{12})*)?$",
        description="Token of a run that was stopped by its `limits` (several: with commas): exactly those changes may "
        "be written all the same, once.",
    )
    on_conflict: Literal["overwrite", "keep"] = Field(
        "overwrite",
        description="A field that was changed in the shop since we wrote it: make it as the record says, or keep the "
        "shop's value (and hold the record when both changed).",
    )
    deletes: Literal["delete", "skip"] = Field(
        "delete", description="A record with `_sdc_deleted_at`: delete it in the shop, or leave it there."
    )
    missing: Literal["hold", "skip"] = Field(
        "hold", description="With `action: update`, a record that the shop doesn't have: hold it or leave it."
    )
    unknown_fields: Literal["drop", "hold"] = Field(
        "drop",
        description="A field that the resource doesn't take (unknown, read-only, or only at create): leave it out "
        "with one warning per run, or hold the record. Names that begin with `_` are always left out.",
    )
    wrong_types: Literal["drop", "hold"] = Field(
        "hold",
        description="A value of the wrong type: leave the field out with one warning per run, or hold the record.",
    )
    unknown_stream: Literal["fail", "ignore"] = Field(
        "fail", description="A stream that is no writable resource: stop, or leave its records."
    )
    notify: Names = Field(
        (),
        description="Mail flags (`doNotifyShipped`, ...) that a record may set to true. All others are always sent as "
        "false, so that no customer gets a mail.",
    )
    workers: int = Field(2, ge=1, le=8, description="Writes at once.")
    bulk_size: int = Field(
        50, ge=1, le=250, description="Variants per bulk call, when only stock or prices change; 1 writes each singly."
    )
    bulk_sample: int = Field(
        2,
        ge=0,
        le=250,
        description="After bulk calls a list shows what arrived; of those that it doesn't show, so many are read "
        "one by one. When one of them is not as written, all of them are written singly.",
    )
    in_doubt_seconds: int = Field(
        300,
        ge=60,
        le=3_600,
        description="How long a write without an answer may still be completed by the shop; before that it is not "
        "repeated.",
    )
    reserve_5_minutes: Calls = Field(
        30, description="Calls of each 5-minute window that are left to other processes on the key."
    )
    reserve_hour: Calls = Field(100, description="Calls of each hour that are left to other processes.")
    reserve_day: Calls = Field(400, description="Calls of each day that are left to other processes.")
    longest_wait_seconds: int = Field(
        3_700,
        ge=0,
        description="A rate window that opens later than this ends the run with exit code 3; the next goes on there.",
    )

    @model_validator(mode="after")
    def _flags_are_known(self) -> Settings:
        known = {flag for resource in RESOURCES.values() for flag in resource.flags}
        given = {*self.notify, *(flag for one in self.streams.values() for flag in one.notify or ())}
        if unknown := sorted(given - known):
            raise ValueError(f"notify: {', '.join(unknown)} is no mail flag; known: {', '.join(sorted(known))}")
        return self

    @model_validator(mode="after")
    def _streams_take_their_settings(self) -> Settings:
        for name, stream in self.streams.items():
            if stream.kind == "commerce":
                if stream.resource is not None or name not in SINKS:
                    raise ValueError(f"{name}: no commerce stream; known are {', '.join(sorted(SINKS))}")
                continue
            resource = RESOURCES.get(stream.resource or name)
            if resource is None:
                raise ValueError(f"{name}: no writable resource; name one in `resource`")
            if stream.key not in {None, ("id",)} and (resource.upload or resource.single):
                raise ValueError(f"{name}: `key` has no effect: {_WITHOUT_KEY[resource.single]}")
            if stream.language and not resource.local:
                raise ValueError(f"{name}: {resource.name} has no texts per language")
            if _VERBS.get(stream.action, "") not in resource.verbs:
                raise ValueError(f"{name}: `action: {stream.action}`: the API can't do that with {resource.name}")
        return self

    @model_validator(mode="after")
    def _one_flow_writes_a_field(self) -> Settings:
        if self.stock.delivery_dates and any(one.field == "deliverydate" for one in self.catalogue.attributes.values()):
            raise ValueError(
                "catalogue.attributes: `field: deliverydate`, and `stock.delivery_dates` writes it too: choose one"
            )
        return self

    @model_validator(mode="after")
    def _one_attribute_fills_a_specification(self) -> Settings:
        targets = [one for one in self.catalogue.attributes.values() if one.specification]
        filled = [(one.specification, code) for one in targets for code in one.languages or (self.language,)]
        if twice := sorted({f"{title} ({code})" for title, code in filled if filled.count((title, code)) > 1}):
            raise ValueError(f"catalogue.attributes: {', '.join(twice)} is filled by more than one attribute")
        return self

    @property
    def reserve(self) -> tuple[int, int, int]:
        """Calls of each window that are left to others in any case."""
        return self.reserve_5_minutes, self.reserve_hour, self.reserve_day

    @property
    def ends_early(self) -> bool:
        """Whether a run whose part of the calls is used ends well instead of waiting."""
        return self.priority not in {None, "orders"}

    @property
    def approved(self) -> frozenset[str]:
        """The tokens in `approve`."""
        return frozenset(self.approve.replace(" ", "").split(",")) - {""}

    def stream(self, name: str) -> StreamSettings:
        """How a stream is written."""
        return self.streams.get(name) or StreamSettings()


def read_settings(config: dict[str, Any]) -> Settings:
    """Settings from a plugin's config; keys of the Singer base are left to it.

    Raises:
        ConfigurationError: One line that names the settings and what is wrong with them, never a value.
    """
    try:
        return Settings.model_validate({name: config[name] for name in Settings.model_fields if name in config})
    except ValidationError as error:
        raise ConfigurationError(f"settings: {problems(error)}") from None
