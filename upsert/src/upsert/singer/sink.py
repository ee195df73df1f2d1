"""The base of our sinks: records in, batches to the kernel, held records out."""

from __future__ import annotations

import abc
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import BatchSink

from upsert.model import Outcome, SourceKey
from upsert.singer.spool import MOST_BYTES, Spool
from upsert.store import DecisionKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from singer_sdk.sinks.core import BaseJSONSchemaValidator

    from upsert.singer.target import TargetBase

META = ("_source_stream", "_source_key", "_gone", "_error")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One record to load.

    Attributes:
        source: Where it comes from; holds are kept under it.
        content: What `HeldSink.parse` made of it.
    """

    source: SourceKey
    content: Any


class HeldSink(BatchSink, abc.ABC):
    """Collects records, hands batches to `load`, and keeps what can't be loaded in the target's held lists.

    A record may carry ``_source_stream`` and ``_source_key`` (else the stream's name and its key properties serve),
    ``_gone`` (true: the source has it no more, nothing to load) and ``_error`` (``code`` or ``code: place``: the mapper
    could not make it).

    Args:
        target: The target.
        stream_name: Name of the stream.
        schema: Its schema; not enforced here, `parse` validates.
        key_properties: Its key.
    """

    MAX_SIZE_DEFAULT = 100
    gathers: ClassVar[bool] = False
    """Whether `load` gets all records of the run at once, because some of them count together. `parse` then makes
    something small of each, and no STATE goes out before the end."""
    part_bytes: ClassVar[int] = 16_000_000
    """Of a sink that spools: bytes of records per call of `load`."""
    _spool: Spool | None = None

    def __init__(
        self, target: TargetBase, stream_name: str, schema: dict[str, Any], key_properties: Sequence[str] | None
    ) -> None:
        super().__init__(target, stream_name, schema, key_properties)
        self.target = target

    # -- for subclasses -----------------------------------------------------------------------------------------------

    def parse(self, record: dict[str, Any]) -> Any:
        """Make the content of a record; the protocol's own members are removed already.

        Raises:
            ValueError: It isn't valid (pydantic's ValidationError is one); the record is held as ``invalid``.
        """
        return record

    @abc.abstractmethod
    def load(self, batch: Sequence[Incoming]) -> Iterable[Outcome]:
        """Bring a batch into the target system, usually with ``self.target.kernel(stream).run(port, documents)``.

        Returns:
            At least one outcome for each record of the batch, matched by ``outcome.document.sources``. One that is held
            holds the record.
        """

    @property
    def spools(self) -> bool:
        """Whether all records of the run wait in a temporary file, however large.

        `look` sees them all, then `load` gets them in batches of `part_size`. No STATE goes out before the first of
        these is loaded; from then on those that are true by then.
        """
        return False

    def look(self, records: Spool) -> None:
        """Look at all records of the run before the first batch is loaded (only a sink that `spools`).

        Args:
            records: In their order; may be iterated more than once. Of a run of more than `spool.MOST_BYTES` those that
                have come so far; then it is called again with the next.

        Raises:
            Beyond: The run must not begin (give the check to ``self.target.within``).
        """

    # -- from records to batches --------------------------------------------------------------------------------------

    @property
    def max_size(self) -> int:
        """Records per batch."""
        return sys.maxsize if self.gathers or self.spools else super().max_size

    @property
    def part_size(self) -> int:
        """Records per call of `load`, of a sink that spools."""
        return super().max_size

    @property
    def is_full(self) -> bool:
        """Whether the batch must be loaded before the next record comes."""
        return super().is_full or (self._spool is not None and self._spool.size >= MOST_BYTES)

    def get_validator(self) -> BaseJSONSchemaValidator | None:
        """None: `parse` validates, and one bad record never stops the others."""
        return None

    def _validate_and_parse(self, record: dict[str, Any]) -> dict[str, Any]:
        # Dates stay text: the SDK's conversion stops the run at the first one that it can't read.
        return record

    def _after_process_record(self, context: dict[str, Any]) -> None:
        # The SDK logs the whole batch here at debug level: personal data.
        del context

    def source(self, record: dict[str, Any]) -> SourceKey:
        """Where a record comes from."""
        key = record.get("_source_key")
        if key is None:
            key = "/".join(str(record.get(name)) for name in self.key_properties)
        return SourceKey(str(record.get("_source_stream") or self.stream_name), str(key))

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        """Take one record into the batch, or settle or hold it at once."""
        if self.target.ended:
            self.target.progress.miss()
            return
        self.target.progress.take(self)
        source = self.source(record)
        if self.target.decision(source) is DecisionKind.SKIP:
            self._early(context, source, None, "skipped_by_hand")
        elif record.get("_gone") is True:
            self._early(context, source, None, "gone")
        elif record.get("_error"):
            code, _, place = str(record["_error"]).partition(":")
            self._early(context, source, code.strip() or "mapping", place.strip())
        else:
            try:
                content = self.parse({name: value for name, value in record.items() if name not in META})
            except ValueError as error:
                self._early(context, source, "invalid", _place(error))
            else:
                self._records(context).append(Incoming(source, content))
                if self._spool is not None:
                    context.setdefault("taken", []).append(self.target.progress.taken(self))
                context.get("early", {}).pop(source, None)

    def _records(self, context: dict[str, Any]) -> list[Incoming] | Spool:
        """Where the records of a batch are kept."""
        if "records" not in context:
            self._spool = Spool() if self.spools else None
            context["records"] = [] if self._spool is None else self._spool
        records: list[Incoming] | Spool = context["records"]
        return records

    def _early(self, context: dict[str, Any], source: SourceKey, reason: str | None, detail: str) -> None:
        """Note a record that needs no loading; what comes of it counts after the batch, when no newer one follows."""
        if reason is None:
            self.target.note(source, "skipped", detail)
        else:
            self.target.note(source, "held", reason, detail)
        context.setdefault("early", {})[source] = (reason, detail)

    # -- from batches to held records ---------------------------------------------------------------------------------

    def process_batch(self, context: dict[str, Any]) -> None:
        """Load a batch and keep what could not be loaded.

        Raises:
            Outage: The run must stop; no state goes out for this batch.
            Aborted: A record can't be loaded, and nobody would remember it.
        """
        if self.target.ended:
            return
        try:
            self._load(context)
        except Exception as error:
            # What was written stays, and nothing of this batch is in the STATE: the next run takes it up again.
            if not self.target.end_early(error):
                raise
        else:
            self.target.progress.load(self)
        finally:
            if self._spool is not None:
                self._spool.close()
                self._spool = None

    def _load(self, context: dict[str, Any]) -> None:
        records: list[Incoming] | Spool = context.get("records", [])
        if isinstance(records, Spool):
            self.look(records)
            # A STATE that goes out after a part must know of them already; those that came after a record count again.
            self._settle_early(context)
            loaded = 0
            for part in records.parts(self.part_size, self.part_bytes):
                self._load_part(part)
                loaded += len(part)
                self.target.loaded(self, context["taken"][loaded - 1])
        elif records:
            self._load_part(records)
        self._settle_early(context)

    def _load_part(self, batch: Sequence[Incoming]) -> None:
        found: dict[SourceKey, list[Outcome]] = {incoming.source: [] for incoming in batch}
        for outcome in self.load(batch):
            for source in outcome.document.sources:
                found.setdefault(source, []).append(outcome)
            self.target.count(self.stream_name, outcome.action, outcome.reason)
        for source, outcomes in found.items():
            if not outcomes:
                raise RuntimeError("load gave no outcome for a record")
            held = next((outcome for outcome in outcomes if outcome.action == "held"), None)
            if held:
                self.target.hold(source, held.reason, held.subject, held.retry_after)
            else:
                self.target.settle(source)

    def _settle_early(self, context: dict[str, Any]) -> None:
        early: dict[SourceKey, tuple[str | None, str]] = context.get("early", {})
        for source, (reason, detail) in early.items():
            if reason is None:
                self.target.settle(source)
            else:
                self.target.hold(source, reason, detail)


def _place(error: ValueError) -> str:
    """Which field is wrong, from a pydantic error; never its value."""
    errors = getattr(error, "errors", None)
    if callable(errors):
        found = errors()
        if found and isinstance(found[0], dict):
            return ".".join(map(str, found[0].get("loc", ())))
    return ""
