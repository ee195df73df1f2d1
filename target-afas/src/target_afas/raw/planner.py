"""What must be done about one raw record: made, changed field by field, taken away, left or held. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from afas_profit.elements import root_of
from target_afas.raw.checker import Problem, Row, line
from target_afas.raw.facts import ELEMENT_KEYS, MATCHING, OF_RELATION, STEERING, THAT_OF_THE_RELATION
from target_afas.raw.values import normal, plain_text
from upsert.merge import three_way
from upsert.model import Applied, Create, Hold, Plan, Skip, Update

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from afas_profit import UpdateField, Value
    from target_afas.raw.lookup import Found, Natural
    from target_afas.raw.settings import RawStream

OBJECT = "objects."
"""Before the name of a sub-object among the hashes of a document."""


@dataclass(frozen=True, slots=True)
class RawJob:
    """One record on its way.

    Attributes:
        row: What it says.
        natural: The values of its key.
        own: AFAS's own key, as far as the record holds it.
        missing: What an insert would lack.
        deleted: Its source wants it gone.
    """

    row: Row
    natural: Natural = ()
    own: Mapping[str, str] = field(default_factory=dict)
    missing: Sequence[Problem] = ()
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class RawChange:
    """The diff of an `Update`: the row to send, a deletion, or a record made anew that we had deleted."""

    row: Row = field(default_factory=Row)
    delete: bool = False
    make: bool = False


def facts_of(row: Row, settings: RawStream, fields: Callable[[str], UpdateField | None]) -> dict[str, str]:
    """What is compared later: one text per field and per sub-object of the record."""
    facts: dict[str, str] = {}
    for code, value in {**row.fields, **row.keys}.items():
        if value is None and settings.nulls == "leave":
            continue
        known = fields(code)
        facts[code] = normal(known, value) if known else plain_text(value)
    for name, rows in row.objects.items():
        if settings.mode != "insert" and settings.rows_on_update == "leave" and any(map(_bare, rows)):
            continue
        facts[f"{OBJECT}{name}"] = canonical(rows)
    return facts


def canonical(rows: Sequence[Row]) -> str:
    """Rows of a sub-object as one text."""
    parts = []
    for row in rows:
        values = [f"{code}={plain_text(value)}" for code, value in sorted({**row.fields, **row.keys}.items())]
        below = [f"{name}:[{canonical(ones)}]" for name, ones in sorted(row.objects.items())]
        parts.append("\x1f".join([row.action or "", *values, *below]))
    return "\x1e".join(parts)


def _bare(row: Row) -> bool:
    """A row of a list that does not say what to do with it: in an update, AFAS may add it once more."""
    return not row.single and row.action is None


def _adds(row: Row) -> bool:
    return row.action == "insert" or _bare(row) or any(_adds(one) for rows in row.objects.values() for one in rows)


class RawPlanner:
    """Plans the records of one stream.

    Args:
        connector: Id of the UpdateConnector, for messages.
        settings: The stream's settings.
        hasher: Salted hash of the store.
        fields: Gives a field of the root object.
        compared: Fields that the look-up shows.
        ids: AFAS's own key.
    """

    def __init__(
        self,
        connector: str,
        settings: RawStream,
        hasher: Callable[[str], str],
        fields: Callable[[str], UpdateField | None],
        *,
        compared: Sequence[str],
        ids: Sequence[str],
    ) -> None:
        self.connector, self.settings, self.hasher = connector, settings, hasher
        self._fields, self._compared, self._ids = fields, frozenset(compared), tuple(ids)

    def plan(
        self,
        job: RawJob,
        hashes: Mapping[str, str],
        existing: Found | None,
        applied: Applied | None,
        *,
        released: bool = False,
    ) -> Plan:
        """Decide.

        Args:
            job: The record.
            hashes: Of its facts.
            existing: What AFAS holds; None when nothing.
            applied: What was last written.
            released: A person wants it loaded in spite of a hold.
        """
        if job.deleted:
            if existing is None:
                return Skip("already_gone")
            return self._unnamed(job, existing) or Update(_name(existing), RawChange(delete=True))
        if existing is None:
            if self.settings.mode == "update":
                return Hold("not_in_afas")
            return Hold("bad_fields", line(self.connector, job.missing)) if job.missing else Create()
        if self.settings.mode == "insert":
            return Skip("exists_in_afas")
        return self._unnamed(job, existing) or self._change(job, hashes, existing, applied, released=released)

    def _unnamed(self, job: RawJob, existing: Found) -> Hold | None:
        """A hold where nothing shows AFAS's own key: without it AFAS would choose the record by itself."""
        lacking = [code for code in self._ids if not (existing.ids.get(code) or job.own.get(code))]
        if not lacking:
            return None
        found = [self._fields(code) for code in lacking]
        labels = [known.label if known else "" for known in found]
        words = "AFAS's own key is empty in the look-up"
        return Hold(
            "bad_fields", line(self.connector, [Problem(*one, words) for one in zip(lacking, labels, strict=True)])
        )

    def _change(
        self, job: RawJob, hashes: Mapping[str, str], existing: Found, applied: Applied | None, *, released: bool
    ) -> Plan:
        # What an update without an answer may have written is no longer what was applied.
        pending = applied.hashes.pending if applied else {}
        base = applied.hashes if applied else {}
        shown = {code: hashes[code] for code in self._compared & hashes.keys() - set(self._ids)}
        target = {code: self.hasher(self._normal(code, existing.values[code])) for code in shown}
        merged = three_way(applied.hashes if applied else None, shown, target)
        if merged.conflicts and self.settings.conflicts == "hold" and not released:
            reason = "changed_on_both_sides" if applied else "differs_from_afas"
            return Hold(reason, ", ".join(sorted(merged.conflicts)))
        changed = merged.apply | merged.conflicts
        unseen = {
            name
            for name, wanted in hashes.items()
            if name not in shown
            and name not in self._ids
            and (base.get(name) != wanted or any(one != wanted for one in pending.get(name, ())))
        }
        objects = {name: rows for name, rows in job.row.objects.items() if f"{OBJECT}{name}" in unseen}
        bare = [name for name, rows in objects.items() if any(map(_bare, rows))]
        if bare and self.settings.rows_on_update == "hold" and not released:
            return Hold("rows_without_action", ", ".join(sorted(bare)))
        if pending and any(_adds(row) for rows in objects.values() for row in rows) and not released:
            # Sending them again could add the rows twice.
            return Hold("in_doubt", ", ".join(sorted(objects)))
        codes = {name for name in changed | unseen if not name.startswith(OBJECT)}
        if not codes and not objects:
            return Skip("kept" if merged.keep else "same_in_afas", same=not merged.keep)
        sent = {code: value for code, value in job.row.fields.items() if code in codes or code in STEERING}
        keys = {code: value for code, value in job.row.keys.items() if code in codes}
        return Update(_name(existing), RawChange(self._addressed(Row(sent, keys, objects), job, existing)))

    def _addressed(self, row: Row, job: RawJob, existing: Found) -> Row:
        """The row with AFAS's own key in it, and without "always add a new one"."""
        fields, keys = dict(row.fields), dict(row.keys)
        for code in self._ids:
            value = existing.ids.get(code) or job.own.get(code)
            if value:
                place = keys if code in job.row.keys or self._is_key(code) else fields
                place[code] = value
        by_number = {code: "0" for code, new in MATCHING.items() if _text(fields.get(code)) == new}
        if by_number and fields.get("BcCo"):
            fields |= by_number
            fields.pop("AutoNum", None)
        objects = dict(row.objects)
        if party := OF_RELATION.get(self.connector):
            name, match = party
            objects[name] = [_of_this_relation(one, match) for one in objects.get(name, [Row()])]
        return Row(fields, keys, objects, "update")

    def _is_key(self, code: str) -> bool:
        return code in ELEMENT_KEYS.get(root_of(self.connector), ())

    def _normal(self, code: str, value: object) -> str:
        known = self._fields(code)
        return normal(known, value) if known else plain_text(value)


def _of_this_relation(row: Row, match: str) -> Row:
    """In an update of a relation, its organisation or person is the one it has: "always new" would add another."""
    if _text(row.fields.get(match)) not in {"", MATCHING[match]}:
        return row
    fields = {name: value for name, value in row.fields.items() if name not in {"AutoNum", "BcCo"}}
    return row.with_values({**fields, match: THAT_OF_THE_RELATION})


def _text(value: Value) -> str:
    return plain_text(value)


def _name(existing: Found) -> str:
    return "/".join(existing.ids.values())
