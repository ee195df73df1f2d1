"""The kernel's view on one UpdateConnector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import afas_profit
from afas_profit import Element
from target_afas.failures import writing
from target_afas.outlook import of_raw
from target_afas.ports.base import AfasWrites
from target_afas.raw.facts import SUB_DELETE
from target_afas.raw.lookup import Found, Lookup, folded
from target_afas.raw.planner import RawChange, RawJob, RawPlanner
from upsert.errors import AlreadyExists, Rejected
from upsert.model import Create, Update
from upsert.port import Port

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from target_afas.raw.checker import Row
    from upsert.model import Applied, Change, Document, Plan


DELETED = "deleted"
"""Mark beside the ids in the store."""


class RawPort(AfasWrites, Port[RawJob, Found]):
    """Writes records of one stream.

    Without a look-up an insert is *blind*: its intent and its answer are all that is known, and one without an answer
    waits for a person. Updates and deletions without a look-up take the record's own key for the proof that it exists;
    AFAS refuses them where it does not.

    Args:
        connector: Id of the UpdateConnector.
        planner: Decides.
        lookup: What exists, or None.
        ids: AFAS's own key.
        base: Arguments of `AfasWrites`.
        workers: Writes at once, instead of the setting for all.
        stream: Name of the stream. Two that only update one connector remember for themselves what they wrote.
        deleted: Of some document keys, those whose records we deleted.
    """

    def __init__(
        self,
        connector: str,
        planner: RawPlanner,
        lookup: Lookup | None,
        ids: Sequence[str],
        *base: Any,
        workers: int | None = None,
        stream: str = "",
        deleted: Callable[[Sequence[str]], AbstractSet[str]] = lambda _: frozenset(),
    ) -> None:
        super().__init__(*base)
        self.connector, self._planner, self._lookup, self._ids = connector, planner, lookup, tuple(ids)
        apart = planner.settings.mode == "update" and stream and stream.casefold() != connector.casefold()
        self.purpose = f"raw.{connector}:{stream}" if apart else f"raw.{connector}"
        self.workers = workers or self.workers
        self._deleted = deleted
        self.blind = lookup is None and planner.settings.mode == "insert"
        self.lookup: Literal["by_key", "by_natural_key", "none"] = "none" if self.blind else "by_natural_key"
        self.lookup_name = f"GetConnector {lookup.connector}" if lookup else f"UpdateConnector {connector}"

    def look_up(self, documents: Sequence[Document[RawJob]]) -> Mapping[str, Sequence[Found]]:
        """By the records' keys, in one question; without a look-up the records say themselves what they change."""
        if self._lookup is None:
            return {document.key: [Found(document.content.own)] for document in documents}
        rows = self._lookup.find(document.content.natural for document in documents)
        found = {document.key: rows.get(folded(document.content.natural), []) for document in documents}
        gone = self._deleted([key for key, ones in found.items() if not ones])
        return {key: [Found({}, gone=True)] if key in gone else ones for key, ones in found.items()}

    def ids(self, existing: Found) -> Mapping[str, str]:
        """AFAS's own key."""
        return existing.ids

    def plan(self, document: Document[RawJob], existing: Found | None, applied: Applied | None) -> Plan:
        """See `RawPlanner`."""
        if existing is not None and existing.gone:
            plan = self._planner.plan(document.content, document.hashes, None, None, released=document.released)
            return Update("", RawChange(make=True)) if isinstance(plan, Create) else plan
        return self._planner.plan(document.content, document.hashes, existing, applied, released=document.released)

    def describe(self, document: Document[RawJob], existing: Found | None, plan: Create | Update) -> Sequence[Change]:
        """Fields that are sent and differ; values only of connectors that hold no personal data."""
        change = plan.diff if isinstance(plan, Update) else None
        return list(of_raw(self.connector, document.content.row, existing, change))

    def create(self, document: Document[RawJob], plan: Create) -> Mapping[str, str]:  # noqa: ARG002  (port)
        """One call with all sub-objects: it is there as a whole or not at all."""
        job = document.content
        try:
            answer = self.insert(self.connector, element(job.row, filled=True))
        except AlreadyExists as error:
            if self.blind:
                raise Rejected("already_in_afas", text=error.text) from error
            raise
        return answer.ids[0] if answer.ids else job.own

    def update(self, document: Document[RawJob], existing: Found, plan: Update) -> Mapping[str, str]:
        """One call: what changed, a deletion, or all of it anew."""
        change: RawChange = plan.diff
        if change.make:
            answer = self.insert(self.connector, element(document.content.row, filled=True))
            return {**(answer.ids[0] if answer.ids else document.content.own), DELETED: ""}
        if change.delete:
            self._delete({**document.content.own, **{code: text for code, text in existing.ids.items() if text}})
            return {**existing.ids, DELETED: "1"}
        self.put(self.connector, element(change.row, keep_empty=self._planner.settings.nulls == "clear"))
        return existing.ids

    def _delete(self, ids: Mapping[str, str]) -> None:
        """Delete; that it isn't there (any more) is as good."""
        sub = SUB_DELETE.get(self.connector)
        with writing():
            try:
                if sub is None:
                    self.client.delete(self.connector, {code: ids[code] for code in self._ids})
                else:
                    main, name, below = sub
                    self.client.delete(
                        self.connector,
                        {code: ids[code] for code in main},
                        sub=(name, {code: ids[code] for code in below}),
                    )
            except afas_profit.Invalid as error:
                if error.reason != "not_found":
                    raise
            except ValueError as error:  # AFAS splits composite keys at commas
                raise Rejected("bad_fields", f"{self.connector}: {error}") from None


def element(row: Row, *, filled: bool = False, keep_empty: bool = True) -> Element:
    """A row as an element of a body.

    Args:
        row: The row.
        filled: Leave empty values out, as an insert does.
        keep_empty: In an update: send empty values, which clears the fields.
    """
    inserting = row.action == "insert" if row.action else filled
    kept = not inserting and keep_empty

    def values(given: Mapping[str, Any]) -> dict[str, Any]:
        return {code: value for code, value in given.items() if value is not None or kept}

    return Element(
        values(row.fields),
        keys={code: value for code, value in row.keys.items() if value is not None},
        objects={
            name: [element(one, filled=inserting, keep_empty=keep_empty) for one in rows]
            for name, rows in row.objects.items()
        },
        action=row.action,
    )
