"""The Singer target."""

from __future__ import annotations

import atexit
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from target_lightspeed.resources import RESOURCES
from target_lightspeed.schema import config_schema
from target_lightspeed.session import Session, make_client
from target_lightspeed.settings import Settings, read_settings
from target_lightspeed.sinks import RawSink, UnknownSink
from upsert.errors import ConfigurationError
from upsert.singer import TargetBase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from singer_sdk.sinks import Sink

    from lightspeed_ecom import Lightspeed
    from target_lightspeed.resource import Resource


class TargetLightspeed(TargetBase):
    """Writes any writable resource of Lightspeed eCom (C-Series): each record once, and only what changed."""

    name = "target-lightspeed"
    config_jsonschema: ClassVar[dict[str, Any]] = config_schema()

    def make_client(self) -> Lightspeed:
        """The client; tests give their own."""
        client = make_client(self.settings)
        # Meltano shows the warning about sockets that are left open at the end.
        atexit.register(client.close)
        return client

    @cached_property
    def settings(self) -> Settings:
        """The settings, checked.

        Raises:
            ConfigurationError: One line that names the setting.
        """
        return read_settings(dict(self.config))

    @cached_property
    def session(self) -> Session:
        """What this run works with; made when the first record comes."""
        return Session(self.make_client(), self.settings, self.store)

    def resource(self, stream_name: str) -> Resource:
        """The resource that a stream is written to."""
        return RESOURCES[self.settings.stream(stream_name).resource or stream_name]

    def get_sink_class(self, stream_name: str) -> type[Sink]:
        """The sink of a stream.

        Raises:
            ConfigurationError: It is no writable resource, and `unknown_stream` says to fail.
        """
        if (self.settings.stream(stream_name).resource or stream_name) in RESOURCES:
            return RawSink
        if self.settings.unknown_stream == "fail":
            raise ConfigurationError(
                f"stream '{stream_name}' is no writable resource of the shop (see --about and the README): deselect it "
                f"in the tap, name its resource under `streams.{stream_name}.resource`, or set unknown_stream to ignore"
            )
        return UnknownSink

    def calls(self) -> Mapping[str, int]:
        """Calls made, for the last line."""
        return self.session.calls() if "session" in self.__dict__ else {}
