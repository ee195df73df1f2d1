"""The plugin."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, ClassVar

import click
from pydantic import ValidationError

from lightspeed_ecom import Lightspeed, LightspeedError, app_password
from tap_lightspeed.failures import explain
from tap_lightspeed.resources import BY_NAME, RESOURCES
from tap_lightspeed.settings import Settings, json_schema
from tap_lightspeed.stream import LightspeedStream, check_position
from upsert.errors import ConfigurationError, Failure
from upsert.singer import DirectTap
from upsert.singer.declared import LateSchema, problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_lightspeed.resource import Resource


class TapLightspeed(DirectTap):
    """Singer tap for Lightspeed eCom C-Series."""

    name = "tap-lightspeed"
    config_jsonschema: ClassVar[dict[str, Any]] = LateSchema(json_schema)  # type: ignore[assignment]  # made on first use

    def __init__(self, **kwargs: Any) -> None:
        self._settings: Settings | None = None
        self._shop: Lightspeed | None = None
        self._failures: list[Failure] = []
        if isinstance(kwargs.get("catalog"), dict | list):
            kwargs["catalog"] = _chosen(kwargs["catalog"])
        super().__init__(**kwargs)
        if self.input_catalog is not None and not self.input_catalog:
            self.logger.warning("catalog: no stream is selected, so nothing is read")

    @property
    def settings(self) -> Settings:
        """The checked settings.

        Raises:
            ConfigurationError: There are none (discovery runs without).
        """
        if self._settings is None:
            raise ConfigurationError("settings are missing")
        return self._settings

    @property
    def shop(self) -> Lightspeed:
        """The client, made on first use."""
        if self._shop is None:
            self._shop = self.make_client()
        return self._shop

    def make_client(self) -> Lightspeed:
        """Make the client; tests override this to bring a transport and a clock.

        Raises:
            ConfigurationError: The address can't be used.
        """
        settings = self.settings
        secret = settings.api_secret.get_secret_value()
        if settings.app_token is not None:
            secret = app_password(settings.app_token.get_secret_value(), secret)
        try:
            return Lightspeed(
                settings.api_key,
                secret,
                cluster=settings.cluster,
                base_url=settings.base_url,
                language=settings.all_languages[0],
                reserve=(settings.reserve_5_minutes, settings.reserve_hour, settings.reserve_day),
                longest_wait=settings.longest_wait_seconds,
            )
        except ValueError as error:
            raise ConfigurationError(f"settings: {error}") from error

    def discover_streams(self) -> Sequence[LightspeedStream]:
        """Return every stream that the settings offer, or those of the catalog; their schemas are known without a call.

        Raises:
            ConfigurationError: The settings name a stream that doesn't exist.
        """
        catalog = self.input_catalog
        offered = self._settings.streams if self._settings else ()
        if unknown := [name for name in offered if not any(fnmatchcase(one.name, name) for one in RESOURCES)]:
            raise ConfigurationError(f"settings: streams: no stream fits {', '.join(unknown)}; the README lists them")
        if catalog is not None:
            return [LightspeedStream(self, one) for one in RESOURCES if one.name in catalog]
        return [LightspeedStream(self, one) for one in RESOURCES if not offered or self.is_named(one, offered)]

    def held_sources(self) -> Mapping[str, str]:
        """Return the selected streams; each can read single keys again."""
        source = f"lightspeed.{self.settings.shop}"
        return {name: source for name, stream in self.streams.items() if stream.selected}

    # streams that are read together

    def source_of(self, resource: Resource) -> str:
        """Return the name of the resource that is read for a stream: itself, or the one that its rows stand under."""
        return resource.parent_under(self.settings) or resource.name

    def read_together(self, stream: LightspeedStream) -> list[LightspeedStream]:
        """Return the selected streams that come from the same list as this one, itself first."""
        source = self.source_of(stream.resource)
        others = (
            one
            for one in self.streams.values()
            if isinstance(one, LightspeedStream) and one is not stream and one.selected
        )
        return [stream, *(one for one in others if self.source_of(one.resource) == source)]

    @staticmethod
    def is_named(resource: Resource, names: Sequence[str]) -> bool:
        """Return whether one of these names, with ``*`` and ``?``, is that of a stream."""
        return any(fnmatchcase(resource.name, name) for name in names)

    def compares_ids(self, resource: Resource) -> bool:
        """Return whether the ids of an incremental stream are to be compared."""
        return resource.comparable and self.is_named(resource, self.settings.detect_deletes)

    def failed(self, stream: LightspeedStream, failure: Failure) -> None:
        """Remember that a stream failed; the others are read all the same."""
        self._failures.append(failure)
        self.logger.warning("%s: not read: %s", stream.name, failure.text)

    def sync_all(self) -> None:  # type: ignore[misc]  # final in the SDK, which has no hook at its end
        """Read the selected streams.

        Raises:
            Failure: A stream could not be read; the others were.
        """
        super().sync_all()
        if self._failures:
            first, *more = self._failures
            if more:
                texts = "; ".join(dict.fromkeys(one.text for one in self._failures))
                raise ConfigurationError(f"{len(self._failures)} streams were not read: {texts}")
            raise first

    # the forecast

    @classmethod
    def invoke(cls, *, forecast: bool = False, **options: Any) -> None:
        """Run, or only tell what a run would cost.

        Raises:
            ConfigurationError: The forecast says that it can't fit.
        """
        if not forecast:
            super().invoke(**options)
            return
        config, catalog = options.get("config"), options.get("catalog")
        tap = cls(
            config=config.config if config else None,
            catalog=json.load(catalog) if catalog else None,
            parse_env_config=bool(config and config.parse_env),
        )
        for line in tap.forecast():
            click.echo(line)
        if not tap.fits:
            raise ConfigurationError("catalog: the selected streams can't be read within a day's calls; select less")

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """Return the command line: the SDK's, and ``--forecast``."""
        command = super().get_singer_command()
        command.params.append(
            click.Option(["--forecast"], is_flag=True, help="Tell the calls of the selected streams, and read nothing.")
        )
        return command

    fits = True

    def forecast(self) -> Iterator[str]:
        """Count what is selected and tell in lines what a first and a quiet run cost; `fits` says whether they can.

        Raises:
            Failure: The shop can't be read.
        """
        from tap_lightspeed import forecast  # noqa: PLC0415  an ordinary run needs none

        settings, shop, found = self.settings, self.shop, []
        groups: dict[str, list[Resource]] = {}
        for stream in self.streams.values():
            if isinstance(stream, LightspeedStream) and stream.selected:
                groups.setdefault(self.source_of(stream.resource), []).append(stream.resource)
        try:
            for name, members in groups.items():
                group = forecast.Group(BY_NAME[name], members)
                found += forecast.lines(group, forecast.count(shop, group.source, settings), settings)
        except LightspeedError as error:
            raise explain(error) from error
        yield from forecast.table(found)
        limits = shop.budget.limit if shop.budget else (300, 3_000, 12_000)
        free = forecast.usable(limits, (settings.reserve_5_minutes, settings.reserve_hour, settings.reserve_day))
        told, self.fits = forecast.verdict(sum(one.first for one in found), sum(one.quiet for one in found), free)
        yield ""
        yield from told
        windows = " / ".join(f"{calls:,} per {name}" for calls, name in zip(free, forecast.WINDOWS, strict=True))
        yield f"usable: {windows}; this forecast took {sum(shop.calls.values())} calls"

    def _reset_state_progress_markers(self) -> None:
        """Check the state once more before it is written as the first message: the position must be one of ours.

        Raises:
            ConfigurationError: The state is of another shop, of a newer release, or can't be read.
        """
        super()._reset_state_progress_markers()
        for name in self.held_sources():
            bookmark: dict[str, Any] = self.state["bookmarks"][name]
            bookmark.update(check_position(bookmark, name))

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check the settings with their model.

        Raises:
            ConfigurationError: They are wrong, and ``raise_errors`` is set.
        """
        try:
            self._settings = Settings.model_validate(self._config)
        except ValidationError as error:
            line = problems(error)
            if raise_errors:
                raise ConfigurationError(f"settings: {line}") from error
            return [line]
        for name, line in self._named_in_vain(self._settings):
            if raise_errors:
                raise ConfigurationError(f"settings: {name}: {line}")
            return [f"{name}: {line}"]
        return []

    @classmethod
    def _named_in_vain(cls, settings: Settings) -> Iterator[tuple[str, str]]:
        """Find names in the settings that are of no stream, which would do nothing without a word."""
        for setting in ("changes_only", "detect_deletes"):
            for name in getattr(settings, setting):
                named = [resource for resource in RESOURCES if cls.is_named(resource, [name])]
                if not named:
                    yield setting, f"{name!r} is no stream, and no pattern of one; --discover tells their names"
                elif setting == "detect_deletes" and not any(one.comparable for one in named):
                    known = ", ".join(one.name for one in RESOURCES if one.comparable)
                    yield setting, f"{name!r} has no ids that could be compared; that can be done with {known}"


def _chosen(catalog: Mapping[str, Any] | list[Any]) -> dict[str, Any]:
    """Return a catalog without the streams that are not selected: the SDK takes long to read a hundred schemas.

    Raises:
        ConfigurationError: It is no catalog, or selects a stream that doesn't exist.
    """
    streams = None if isinstance(catalog, list) else catalog.get("streams")
    if isinstance(catalog, list) or not isinstance(streams, list) or not all(isinstance(one, dict) for one in streams):
        raise ConfigurationError("catalog: not an object with a list `streams`; --discover makes one")
    chosen = [entry for entry in streams if _is_chosen(entry)]
    names = [str(entry.get("tap_stream_id") or entry.get("stream")) for entry in chosen]
    unknown = [name for name in names if name not in BY_NAME]
    if unknown:
        raise ConfigurationError(
            f"catalog: there is no stream {', '.join(unknown)}; deselect it, or make a new catalog with --discover"
        )
    return {**catalog, "streams": chosen}


def _is_chosen(entry: Mapping[str, Any]) -> bool:
    for one in entry.get("metadata", ()):
        if not one.get("breadcrumb"):
            said = one.get("metadata", {})
            chosen = said.get("selected")
            return bool(said.get("selected-by-default", False) if chosen is None else chosen)
    return True
