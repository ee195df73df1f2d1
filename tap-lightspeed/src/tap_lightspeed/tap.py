"""The plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import ValidationError
from singer_sdk.helpers._state import StateWriter
from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities

from lightspeed_ecom import Lightspeed, app_password
from tap_lightspeed.output import Output
from tap_lightspeed.resources import RESOURCES
from tap_lightspeed.settings import Settings, json_schema, problems
from tap_lightspeed.stream import LightspeedStream, check_position
from upsert.errors import ConfigurationError
from upsert.singer import TapMixin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType

    from singer_sdk.helpers.capabilities import CapabilitiesEnum
    from singer_sdk.mapper import PluginMapper


class _SettingsSchema:
    """Makes the JSON schema of the settings when somebody asks for it; an ordinary run doesn't."""

    def __init__(self) -> None:
        self._made: dict[str, Any] | None = None

    def __get__(self, instance: object, owner: type) -> dict[str, Any]:
        if self._made is None:
            self._made = json_schema()
        return self._made


class _States(StateWriter):
    """Writes each STATE it is given, without keeping a copy to compare."""

    def __init__(self, output: Output) -> None:
        super().__init__(output)
        self._output = output

    def write_state(self, state: Mapping[str, Any]) -> None:
        self._output.state(state)


class TapLightspeed(TapMixin):
    """Singer tap for Lightspeed eCom C-Series."""

    name = "tap-lightspeed"
    config_jsonschema: ClassVar[dict[str, Any]] = _SettingsSchema()  # type: ignore[assignment]  # made on first use
    message_writer_class = Output
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    def __init__(self, **kwargs: Any) -> None:
        self._settings: Settings | None = None
        self._shop: Lightspeed | None = None
        super().__init__(**kwargs)
        self._state_writer = _States(self.output)

    @property
    def output(self) -> Output:
        """Where messages go."""
        writer = self.message_writer
        assert isinstance(writer, Output)  # noqa: S101  message_writer_class
        return writer

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
                language=settings.language,
                reserve=(settings.reserve_5_minutes, settings.reserve_hour, settings.reserve_day),
                longest_wait=settings.longest_wait_seconds,
            )
        except ValueError as error:
            raise ConfigurationError(f"settings: {error}") from error

    def setup_mapper(self) -> None:
        """Leave the SDK's mapper for the first time that it is needed: without maps and flattening that is never."""

    @property
    def mapper(self) -> PluginMapper:
        """The SDK's mapper of stream maps."""
        if self._mapper is None:
            super().setup_mapper()
        return super().mapper

    @mapper.setter
    def mapper(self, mapper: PluginMapper) -> None:
        self._mapper = mapper

    def discover_streams(self) -> Sequence[LightspeedStream]:
        """Return every stream; their schemas are known without a call."""
        return [LightspeedStream(self, resource) for resource in RESOURCES]

    def held_sources(self) -> Mapping[str, str]:
        """Return the selected streams; each can read single keys again."""
        source = f"lightspeed.{self.settings.shop}"
        return {name: source for name, stream in self.streams.items() if stream.selected}

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
        return []

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # type: ignore[override]  # may return
        """End with 128 + the signal, after the message in hand. The SDK would end with 0, as if all was read."""
        del frame
        self.output.terminate(signum)
