"""The Singer target."""

from __future__ import annotations

import atexit
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast

import click

from lightspeed_ecom import BudgetSpent
from target_lightspeed.commerce.approval import Approvals
from target_lightspeed.commerce.planner.priority import above
from target_lightspeed.commerce.streams import is_commerce, sink_of
from target_lightspeed.resources import RESOURCES
from target_lightspeed.session import WRITES, Session, make_client
from target_lightspeed.settings import Settings, read_settings
from target_lightspeed.sinks import RawSink, UnknownSink
from upsert.errors import ConfigurationError
from upsert.plans import ReadOnly
from upsert.singer import TargetBase
from upsert.singer.declared import LateSchema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from singer_sdk.sinks import Sink

    from lightspeed_ecom import Lightspeed
    from target_lightspeed.resource import Resource


def _schema() -> dict[str, Any]:
    from target_lightspeed.schema import config_schema  # noqa: PLC0415 - only when somebody asks for the schema

    return config_schema()


class TargetLightspeed(TargetBase):
    """Writes any writable resource of Lightspeed eCom (C-Series): each record once, and only what changed."""

    name = "target-lightspeed"
    config_jsonschema: ClassVar[dict[str, Any]] = LateSchema(_schema)  # type: ignore[assignment]  # made on first use
    own_settings: ClassVar[frozenset[str]] = frozenset(Settings.model_fields)

    def __init__(self, **kwargs: Any) -> None:
        self._commerce: set[str] = set()
        self.states = 0
        self.first_state: dict[str, Any] = {}
        self.last_state: dict[str, Any] = {}
        super().__init__(**kwargs)

    def make_client(self, **options: Any) -> Lightspeed:
        """The client; tests give their own, or `options` of it."""
        client = make_client(self.settings, **options)
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
        """What this run works with; made when the first record comes."""
        client = self.make_client()
        if self.plan_only:
            client = cast("Lightspeed", ReadOnly(client, WRITES))
        return Session(client, self.settings, self.store, explains=self.plan_only)

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """The command line: that of any target, and `--undo`."""
        command = super().get_singer_command()
        words = "Put back the old values of a plan that was kept with `plan_file`, and read no messages."
        command.params.append(click.Option(["--undo"], metavar="FILE", help=words))
        return command

    @classmethod
    def invoke(cls, *, undo: str | None = None, config: Any = None, **options: Any) -> None:
        """Run the target, or put back what a run has overwritten.

        Args:
            undo: File of a plan.
            config: The SDK's: where the settings are.
            options: Further arguments of the SDK's.

        Raises:
            Failure: See `commerce.undo`.
        """
        if undo is None:
            super().invoke(config=config, **options)
            return
        given = {} if config is None else {"config": config.config, "parse_env_config": config.parse_env}
        cls(validate_config=True, **given).undo(undo)

    def undo(self, path: str) -> None:
        """Put back the old values of a plan.

        Args:
            path: Its file.

        Raises:
            Failure: The file is no plan, or the shop refuses or doesn't answer.
        """
        from target_lightspeed.commerce.undo import Undo, read_plan  # noqa: PLC0415  hardly any run needs it

        values = read_plan(path, self.settings.shop)
        with self.store:
            undo = Undo(self.session, plan_only=self.plan_only)
            try:
                undo.run(values)
            finally:
                undo.tell()

    def resource(self, stream_name: str) -> Resource:
        """The resource that a stream is written to."""
        return RESOURCES[self.settings.stream(stream_name).resource or stream_name]

    def get_sink(
        self,
        stream_name: str,
        *,
        record: dict[str, Any] | None = None,
        schema: dict[str, Any] | None = None,
        key_properties: Sequence[str] | None = None,
    ) -> Sink:
        """The sink of a stream; its schema tells whether it is a commerce stream."""
        if schema is not None:
            kind = self.settings.stream(stream_name).kind
            if kind == "commerce" or (kind == "auto" and is_commerce(schema)):
                self._commerce.add(stream_name)
            else:
                self._commerce.discard(stream_name)
        return super().get_sink(stream_name, record=record, schema=schema, key_properties=key_properties)

    def get_sink_class(self, stream_name: str) -> type[Sink]:
        """The sink of a stream.

        Raises:
            ConfigurationError: It is no writable resource, and `unknown_stream` says to fail.
        """
        if stream_name in self._commerce:
            return sink_of(stream_name) or self._unknown(stream_name, "commerce stream that this target can write")
        if (self.settings.stream(stream_name).resource or stream_name) in RESOURCES:
            return RawSink
        return self._unknown(stream_name, f"writable resource; name its resource in `streams.{stream_name}.resource`")

    def _unknown(self, stream_name: str, what: str) -> type[Sink]:
        if self.settings.unknown_stream == "fail":
            raise ConfigurationError(
                f"stream '{stream_name}' is no {what}, deselect it in the tap, or set unknown_stream to ignore; the "
                "README lists what can be written"
            )
        return UnknownSink

    def _process_state_message(self, message_dict: dict[str, Any]) -> None:
        """See the base; besides, what the tap said first and last tells whether a stream came whole."""
        value = message_dict.get("value")
        if isinstance(value, dict):
            if not self.states and not any(sink.current_size for sink in self._sinks_active.values()):
                self.first_state = value
            self.states, self.last_state = self.states + 1, value
        super()._process_state_message(message_dict)

    def enough(self, error: Exception) -> str:
        """A run with a priority has done its share when the rest of a window belongs to more important ones."""
        priority = self.settings.priority
        spent = error if isinstance(error, BudgetSpent) else error.__cause__
        if not isinstance(spent, BudgetSpent) or priority is None or not self.settings.ends_early:
            return ""
        words = spent.message.removeprefix("because ")
        return (
            f"{words}; what is left is kept for {above(priority)}, and the rest of this run follows with the next one "
            f"({spent.until:%H:%M} UTC at the earliest)"
        )

    def at_end(self) -> None:
        """Note flows that came to their end, and look at what people changed in the shop, now and then."""
        if loaded := self._commerce & {stream for stream, _, _ in self.counts}:
            bookmarks = (self.last_state.get("bookmarks") or {}).values()
            # A tap that stopped has a position within its reading.
            if not any(isinstance(one, dict) and one.get("position") is not None for one in bookmarks):
                approvals = Approvals.of(self.session)
                for stream in loaded:
                    approvals.loaded(stream)
        if self._commerce & {"products", "prices"}:
            from target_lightspeed.commerce.sweep.sweep import sweep  # noqa: PLC0415  most runs have none

            sweep(self, self._commerce)

    def calls(self) -> Mapping[str, int]:
        """Calls made, for the last line."""
        return self.session.calls() if "session" in self.__dict__ else {}
