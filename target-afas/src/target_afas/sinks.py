"""The sinks: one per commerce stream, and one for streams that this target does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from commerce.models import Customer, Order
from upsert.model import Document, Outcome
from upsert.singer import HeldSink, Incoming

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from target_afas.target import TargetAfas
    from upsert.model import SourceKey


def _by_stream(batch: Sequence[Incoming]) -> dict[str, list[tuple[SourceKey, Any]]]:
    """A batch by source stream: decisions and bookmarks are kept per source stream."""
    groups: dict[str, list[tuple[SourceKey, Any]]] = {}
    for one in batch:
        groups.setdefault(one.source.stream, []).append((one.source, one.content))
    return groups


class AfasSink(HeldSink):
    """Base of the sinks of this target."""

    target: TargetAfas

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        """Take one record. A mapper may write ``_error`` as ``code field`` or ``code: field``; both are understood."""
        error = record.get("_error")
        if isinstance(error, str) and ":" not in error and " " in error:
            record = record | {"_error": error.replace(" ", ": ", 1)}
        super().process_record(record, context)


class OrderSink(AfasSink):
    """Commerce stream `orders` -> FbSales."""

    def parse(self, record: dict[str, Any]) -> Order:
        """Check a record against the contract."""
        return Order.model_validate(record)

    def load(self, batch: Sequence[Incoming]) -> Iterable[Outcome]:
        """Bring orders into AFAS."""
        for stream, group in _by_stream(batch).items():
            yield from self.target.session.orders(stream).load(group)


class CustomerSink(AfasSink):
    """Commerce stream `customers` -> KnSalesRelationOrg and KnSalesRelationPer."""

    def parse(self, record: dict[str, Any]) -> Customer:
        """Check a record against the contract."""
        return Customer.model_validate(record)

    def load(self, batch: Sequence[Incoming]) -> Iterable[Outcome]:
        """Bring customers into AFAS."""
        for stream, group in _by_stream(batch).items():
            yield from self.target.session.customers(stream).load(group)


class UnknownSink(AfasSink):
    """A stream that is neither orders nor customers: left, or held, by the setting `unknown_stream`."""

    def load(self, batch: Sequence[Incoming]) -> Iterable[Outcome]:
        """One outcome per record, without asking AFAS anything."""
        hold = self.target.settings.unknown_stream == "hold"
        action, reason = ("held", "unknown_stream") if hold else ("skipped", "unknown_stream")
        for one in batch:
            yield Outcome(Document("", one.source, None, {}), action, reason=reason)  # type: ignore[arg-type]
