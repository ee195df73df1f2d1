"""The plugin."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import ValidationError

from afas_profit import Afas, AfasError, Auth, ClassicToken, ClientCredentials
from tap_afas.attachments import Fetcher
from tap_afas.definition import Definition, define
from tap_afas.failures import StreamsFailed, explain, stops_all
from tap_afas.metastreams import CONNECTORS, FIELDS, MetaStream
from tap_afas.settings import Settings, fits, json_schema
from tap_afas.stream import ConnectorStream
from upsert.errors import ConfigurationError, Failure
from upsert.singer import DirectStream, DirectTap
from upsert.singer.declared import LateSchema, problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from afas_profit import GetConnectorInfo, MetaInfo


class TapAfas(DirectTap):
    """Singer tap for AFAS Profit."""

    name = "tap-afas"
    config_jsonschema: ClassVar[dict[str, Any]] = LateSchema(json_schema)  # type: ignore[assignment]  # made on first use
    dynamic_catalog = True

    def __init__(self, **kwargs: Any) -> None:
        self._settings: Settings | None = None
        self._infos: dict[str, GetConnectorInfo] = {}
        self.failures: dict[str, Failure] = {}
        self._unavailable = False
        super().__init__(**kwargs)

    # what streams share

    @property
    def settings(self) -> Settings:
        """The checked settings.

        Raises:
            ConfigurationError: There are none.
        """
        if self._settings is None:
            raise ConfigurationError("settings are missing")
        return self._settings

    @cached_property
    def client(self) -> Afas:
        """The client, made on first use."""
        return self.make_client()

    @cached_property
    def pool(self) -> ThreadPoolExecutor:
        """Where calls are made: as many at once as AFAS takes."""
        return ThreadPoolExecutor(self.settings.max_calls, thread_name_prefix="tap-afas")

    @cached_property
    def fetcher(self) -> Fetcher:
        """Gets files."""
        return Fetcher(self.client, self.pool, self.settings.attachments_folder)

    @cached_property
    def meta(self) -> MetaInfo:
        """What the token may use."""
        return self.client.metainfo()

    def make_client(self, **options: Any) -> Afas:
        """Make the client.

        Args:
            options: Further arguments of the client; tests bring a transport and a clock.

        Raises:
            ConfigurationError: The address or the token can't be used.
        """
        settings = self.settings
        options = {
            "language": settings.language,
            "integration_id": settings.integration_id,
            "max_calls": settings.max_calls,
            "longest_wait": float(settings.longest_wait_seconds),
            **options,
        }
        try:
            auth: Auth
            if settings.token is not None:
                auth = ClassicToken(settings.token.get_secret_value())
            else:
                secret = settings.client_secret.get_secret_value() if settings.client_secret else ""
                auth = ClientCredentials(settings.client_id or "", secret, basic=settings.oauth_basic)
            if settings.base_url:
                return Afas(settings.base_url, auth, **options)
            return Afas.for_environment(settings.environment or "", auth, **options)
        except ValueError as error:
            raise ConfigurationError(f"settings: {error}") from None

    # discovery

    def discover_streams(self) -> Sequence[DirectStream]:
        """Return a stream for each GetConnector that the token may use and the settings want; metainfo is asked live.

        With a catalog only what it selects is asked for. A connector that can't be described fails by itself.
        """
        try:
            chosen = self._chosen()
            names = [name for name in chosen if name not in (CONNECTORS, FIELDS)]
            infos = self.infos(names)
        except AfasError as error:
            raise explain(error) from None
        streams: list[DirectStream] = [MetaStream(self, name) for name in (CONNECTORS, FIELDS) if name in chosen]
        for name in names:
            if name not in infos:
                continue
            try:
                streams += self._streams_of(name, infos[name])
            except Failure as failure:
                self.fail(name, failure)
        if self.input_catalog is None:
            for stream in streams:
                if isinstance(stream, ConnectorStream):
                    stream.warn()
        return streams

    def _streams_of(self, name: str, info: GetConnectorInfo) -> list[DirectStream]:
        """The stream of a connector, and those of its files.

        Raises:
            ConfigurationError: Its settings don't fit it.
        """
        definition = self.definition(name, info)
        streams: list[DirectStream] = [ConnectorStream(self, definition)]
        for one in definition.options.attachments:
            if one.target == "stream":
                files = ConnectorStream(self, definition, one)
                if files.name in {other.id for other in self.meta.get_connectors}:
                    raise ConfigurationError(
                        f"streams.{name}.attachments: there is a connector {files.name}; choose another `into`"
                    )
                streams.append(files)
        return streams

    def infos(self, names: Iterable[str]) -> dict[str, GetConnectorInfo]:
        """The definitions of some connectors, several calls at once; those that AFAS refuses fail and are left out.

        Raises:
            Failure: AFAS can't be asked at all.
        """
        calls = {name: self.pool.submit(self.client.get_metainfo, name) for name in names if name not in self._infos}
        try:
            for name, call in calls.items():
                try:
                    self._infos[name] = call.result()
                except AfasError as error:
                    self.fail(name, error)
        finally:
            for call in calls.values():
                call.cancel()
        return {name: self._infos[name] for name in names if name in self._infos}

    def definition(self, name: str, info: GetConnectorInfo) -> Definition:
        """How a connector is read."""
        return define(info, name, self.settings.stream(name))

    def _chosen(self) -> list[str]:
        """The streams to make: what the catalog selects, or everything."""
        if self.input_catalog is None:
            listed = [one.id for one in self.meta.get_connectors]
            self._warn_of_unused(listed, "GetConnector of the app connector")
            wanted = [name for name in listed if self.settings.wants(name)]
            return [*wanted, CONNECTORS, FIELDS]
        self._warn_of_unused(self.input_catalog, "stream of the catalog")
        selected = [
            name for name, entry in self.input_catalog.items() if entry.metadata.resolve_selection().get((), False)
        ]
        # A stream of files is made together with its connector, and then selected by the catalog like any other.
        return list(dict.fromkeys(self._connector_of(name) for name in selected))

    def _warn_of_unused(self, names: Iterable[str], what: str) -> None:
        known = list(names)
        for pattern in self.settings.streams:
            if not any(fits(name, pattern) for name in known):
                self.logger.warning("setting streams.%s fits no %s", pattern, what)

    def _connector_of(self, stream: str) -> str:
        if not any(one.attachments for one in self.settings.streams.values()):
            return stream  # there are no streams of files, so no call is needed to tell
        known = {one.id for one in self.meta.get_connectors} if "_" in stream else set()
        if stream in known:
            return stream
        for name in known:
            if stream.startswith(f"{name}_") and any(
                stream == f"{name}_{one.into}" for one in self.settings.stream(name).attachments
            ):
                return name
        return stream

    # failures

    def fail(self, stream: str, error: AfasError | Failure) -> None:
        """Note that a stream failed; the others go on.

        Raises:
            Failure: No other stream can be read either.
        """
        failure = explain(error) if isinstance(error, AfasError) else error
        if isinstance(error, AfasError) and stops_all(error):
            raise failure from None
        lost = failure.exit_code == 3
        if lost and self._unavailable:
            raise failure from None
        self._unavailable = lost
        self.failures[stream] = failure
        self.logger.error("stream %s failed: %s", stream, " ".join(failure.text.split()))

    def went_well(self) -> None:
        """Note that a stream was read to its end, so AFAS is there."""
        self._unavailable = False

    def sync_all(self) -> None:  # type: ignore[misc]  # the SDK marks it final, but has no place to say "some failed"
        """Sync all streams.

        Raises:
            StreamsFailed: Some could not be read; all others were.
        """
        try:
            super().sync_all()
        finally:
            self.pool.shutdown(wait=False, cancel_futures=True)
        if self.failures:
            raise StreamsFailed(self.failures)

    # state

    def held_sources(self) -> Mapping[str, str]:
        """Return the selected streams that can read single keys again."""
        if not self.settings.source_fields:
            return {}
        return {
            name: self.settings.source
            for name, stream in self.streams.items()
            if isinstance(stream, ConnectorStream) and stream.selected and stream.primary_keys
        }

    def _reset_state_progress_markers(self) -> None:
        """Check the state once more before it is written as the first message: positions must be ours.

        Raises:
            ConfigurationError: The state is of another environment, of a newer release, or can't be read.
        """
        super()._reset_state_progress_markers()
        for name, stream in self.streams.items():
            if isinstance(stream, ConnectorStream) and stream.selected:
                self._check_source(name, stream.stored)
                # Said also when empty: merged into the state of another run, a missing name would keep the other's.
                stream.stored.update(stream.read_bookmark().as_state())
                # From the first STATE on: the target may hold records before there is a second.
                stream.stored.setdefault("keys", list(stream.primary_keys or ()))

    def _check_source(self, name: str, stored: dict[str, Any]) -> None:
        """A bookmark of another environment is refused for streams without held records too."""
        if (known := stored.get("source")) and known != self.settings.source:
            raise ConfigurationError(
                f"state: bookmarks.{name} belongs to {known}, but the settings read {self.settings.source}: give each "
                "environment its own plugin name (and so its own state), or restore this environment's state"
            )
        stored["source"] = self.settings.source

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
