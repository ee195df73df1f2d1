"""The sinks: one for every raw stream, and one for streams that this target does not know."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from target_lightspeed.item import DELETED, Item, Reader
from target_lightspeed.personal import is_personal
from upsert.errors import ConfigurationError
from upsert.model import Document, Outcome, SourceKey
from upsert.singer import HeldSink, Incoming
from upsert.turns import in_turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from target_lightspeed.port import ResourcePort
    from target_lightspeed.target import TargetLightspeed
    from upsert.kernel import Kernel

MOST = 200
MOST_UPLOADS = 10
"""Records per batch; those with a file inside are large."""

_NO_KEY = frozenset({"", "None"})
_NOTHING_THERE = frozenset({"already_gone", "delete_skipped", "missing"})


class RawSink(HeldSink):
    """A stream that is named after a resource of the API, or mapped to one by setting."""

    target: TargetLightspeed

    def __init__(
        self, target: TargetLightspeed, stream_name: str, schema: dict[str, Any], key_properties: Sequence[str] | None
    ) -> None:
        super().__init__(target, stream_name, schema, key_properties)
        self.resource = target.resource(stream_name)
        self._reader: Reader | None = None
        names = frozenset(schema.get("properties") or ())
        # Flat references (brand__title) and texts per language name the field before the mark.
        self._fields = frozenset(name.partition("__")[0] for name in names) or None

    @property
    def max_size(self) -> int:
        """Records per batch."""
        given = self.target.config.get("batch_size_rows")
        most = MOST_UPLOADS if self.resource.upload else MOST
        return min(int(given), most) if given else most

    def source(self, record: dict[str, Any]) -> SourceKey:
        """Where a record comes from; a key made of personal fields is hashed, for it stands in the state."""
        if record.get("_source_key") is None:
            secret = {name for name in self.key_properties if is_personal(self.resource, name, record.get(name))}
            if secret:
                hasher = self.target.store.hasher
                shown = {name: hasher(str(record.get(name))) for name in secret}
                return super().source({**record, **shown})
        return super().source(record)

    def _remove_sdc_metadata_from_record(self, record: dict[str, Any]) -> None:
        # The SDK takes all of its own fields away, also the one by which a tap tells that a record is gone.
        gone = record.get(DELETED)
        super()._remove_sdc_metadata_from_record(record)
        if gone:
            record[DELETED] = gone

    def parse(self, record: dict[str, Any]) -> Item:
        """What the record wants of the shop."""
        if self._reader is None:
            session = self.target.session
            self._reader = Reader(
                self.resource,
                session.settings,
                session.settings.stream(self.stream_name),
                lambda words, fields: session.dropped(self.stream_name, words, fields),
            )
        return self._reader.item(record)

    def load(self, batch: Sequence[Incoming]) -> Iterator[Outcome]:
        """Bring a batch into the shop: first the things themselves, then their texts in further languages."""
        groups: dict[str, list[Incoming]] = {}
        for one in batch:
            groups.setdefault(one.source.stream, []).append(one)
        for stream, group in groups.items():
            kernel = self.target.kernel(stream, scope=self.target.session.scope)
            yield from self._things(kernel, group)

    def _things(self, kernel: Kernel, group: Sequence[Incoming]) -> Iterator[Outcome]:
        things = [one for one in group if not one.content.language]
        blind = [one for one in things if self._blind(one.content)]
        seen = [one for one in things if not self._blind(one.content)]
        if blind and any(set(one.source.key.split("/")) <= _NO_KEY for one in blind):
            raise ConfigurationError(
                f"stream '{self.stream_name}': the shop can't look its records up, and nothing in them says which is "
                "which: the tap must name key properties that they have, or send `_source_key`"
            )
        done: set[SourceKey] = set()
        for port, part in ((self._port(), seen), (self._port(blind=True), blind)):
            for outcome in self._run(kernel, port, part, {one.source for one in part if one.content.texts}):
                if outcome.action != "held" and outcome.reason not in _NOTHING_THERE:
                    done.add(outcome.document.source)
                yield outcome
        texts: dict[str, list[Incoming]] = {}
        for one in group:
            if one.content.language:
                texts.setdefault(one.content.language, []).append(one)
            elif one.source in done:
                for language in one.content.texts:
                    item = one.content.in_language(language)
                    texts.setdefault(language, []).append(replace(one, content=item))
        for language, part in texts.items():
            yield from self._run(kernel, self._port(language=language), part, set())

    def _blind(self, item: Item) -> bool:
        """Whether nothing in the shop can be found by it."""
        nothing = item.problem is None and not item.skip and not item.key
        return nothing and not self.resource.single and not self.resource.upload

    def _port(self, *, language: str = "", blind: bool = False) -> ResourcePort:
        return self.target.session.port(
            self.stream_name, self.resource, language=language, blind=blind, fields=self._fields
        )

    @staticmethod
    def _run(
        kernel: Kernel, port: ResourcePort, part: Sequence[Incoming], open_ones: set[SourceKey]
    ) -> Iterable[Outcome]:
        """Run a part; of `open_ones` more is to come, so a person's decision about them is not used up yet."""
        port.finder.begin()
        for last in (False, True):
            for documents in in_turn(
                [port.document(one.source, one.content) for one in part if (one.source not in open_ones) == last]
            ):
                port.finder.begin()
                yield from kernel.run(port, documents, last=last)


class UnknownSink(HeldSink):
    """A stream that is no resource, left by the setting `unknown_stream`."""

    def load(self, batch: Sequence[Incoming]) -> Iterable[Outcome]:
        """One outcome per record, without asking the shop anything."""
        for one in batch:
            document: Document[Any] = Document("", one.source, None, {})
            yield Outcome(document, "skipped", reason="unknown_stream")
