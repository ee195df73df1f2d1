"""The sink of a raw stream."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from target_afas.raw.flow import RawFlow, settings_of
from target_afas.sinks import AfasSink
from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from upsert.model import Outcome
    from upsert.singer import Incoming


class RawSink(AfasSink):
    """A stream named after an UpdateConnector."""

    @cached_property
    def flow(self) -> RawFlow:
        """Made at the first batch: asks AFAS for the metainfo of the connector and of its look-up.

        Raises:
            ConfigurationError: Something that the stream needs is not there.
        """
        target, session = self.target, self.target.session
        settings = settings_of(self.stream_name, target.settings.raw)
        if settings is None:
            raise ConfigurationError(f"stream '{self.stream_name}' is no UpdateConnector")
        return RawFlow(
            session,
            self.stream_name,
            settings,
            key_properties=self.key_properties,
            kernel=lambda stream: target.kernel(stream, scope=session.environment),
            source=target.source,
        )

    def _remove_sdc_metadata_from_record(self, record: dict[str, Any]) -> None:
        """Nothing: the SDK would take the mark of a deleted record away. The check leaves `_sdc_…` out."""

    def load(self, batch: Sequence[Incoming]) -> Iterable[Outcome]:
        """Bring records into AFAS."""
        return self.flow.load(batch)
