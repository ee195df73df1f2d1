"""The Singer target."""

from __future__ import annotations

import atexit
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast

from target_afas.raw.flow import settings_of
from target_afas.raw.sink import RawSink
from target_afas.session import Session, make_client
from target_afas.settings import Settings, read_settings
from target_afas.sinks import CustomerSink, OrderSink, UnknownSink
from upsert.errors import ConfigurationError
from upsert.plans import ReadOnly
from upsert.singer import TargetBase
from upsert.singer.declared import LateSchema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from singer_sdk.sinks import Sink

    from afas_profit import Afas

SINKS = {"orders": OrderSink, "customers": CustomerSink}
"""Commerce stream -> sink."""

WRITES = frozenset({"delete", "insert", "insert_sub", "update"})
"""What the client can write with."""


def _schema() -> dict[str, Any]:
    from target_afas.schema import config_schema  # noqa: PLC0415 - only when somebody asks for the schema

    return config_schema()


class TargetAfas(TargetBase):
    """Loads commerce streams (each order exactly once, exact to the cent) and any UpdateConnector into AFAS Profit."""

    name = "target-afas"
    config_jsonschema: ClassVar[dict[str, Any]] = LateSchema(_schema)  # type: ignore[assignment]  # made on first use
    own_settings: ClassVar[frozenset[str]] = frozenset(Settings.model_fields)

    def make_client(self) -> Afas:
        """The AFAS client; tests give their own."""
        client = make_client(self.settings)
        # Meltano shows the warning about sockets that are left open at the end.
        atexit.register(client.close)
        return client

    def check_settings(self) -> None:
        """Check the settings with their model, which they are kept in."""
        self.settings  # noqa: B018 - reading them checks them

    @cached_property
    def settings(self) -> Settings:
        """The settings, checked.

        Raises:
            ConfigurationError: One line that names the setting.
        """
        return read_settings(dict(self.config))

    @cached_property
    def session(self) -> Session:
        """What this run works with; made when the first record is to be loaded."""
        client = self.make_client()
        if self.plan_only:
            client = cast("Afas", ReadOnly(client, WRITES))
        return Session(client, self.settings, self.store, lambda stream, scope: self.kernel(stream, scope=scope))

    def get_sink_class(self, stream_name: str) -> type[Sink]:
        """The sink of a stream.

        Raises:
            ConfigurationError: This target does not know the stream, and `unknown_stream` says to fail.
        """
        known = SINKS.get(stream_name)
        if known is not None:
            return known
        if settings_of(stream_name, self.settings.raw) is not None:
            return RawSink
        if self.settings.unknown_stream == "fail":
            raise ConfigurationError(
                f"stream '{stream_name}' is not one of {', '.join(SINKS)} and no known UpdateConnector: deselect it in "
                "the tap, map it, name its connector under `raw`, or set unknown_stream to ignore"
            )
        return UnknownSink

    def calls(self) -> Mapping[str, int]:
        """Calls made, for the last line."""
        return self.session.calls() if "session" in self.__dict__ else {}
