"""The store: intents, what was applied, outcomes and decisions. SQLite by default, PostgreSQL for more than one host.

It holds no personal data: keys that are personal and all field values come in as short salted hashes.
A document's row goes through these states::

    (no row) ──intent──▶ INTENT ──written──▶ WRITTEN ──confirmed──▶ DONE
                           │ withdrawn          ▲                    │
                           ▼                    └── UPDATING ◀───────┘
                        (no row)

Every change names the revision that it is based on, so two processes can't both take the same intent.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from upsert._commits import Commits
from upsert._database import Database, connect
from upsert.clock import from_text, to_text
from upsert.errors import ConfigurationError, StoreError
from upsert.model import SourceKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

MIGRATIONS: Sequence[Sequence[str]] = (
    (
        """CREATE TABLE documents (
            scope TEXT NOT NULL, purpose TEXT NOT NULL, doc_key TEXT NOT NULL, state TEXT NOT NULL,
            at TEXT NOT NULL, content_hash TEXT NOT NULL, hashes TEXT NOT NULL, pending TEXT NOT NULL,
            ids TEXT NOT NULL, revision INTEGER NOT NULL, run_id TEXT NOT NULL,
            PRIMARY KEY (scope, purpose, doc_key))""",
        """CREATE TABLE outcomes (
            id {identity}, run_id TEXT NOT NULL, flow TEXT NOT NULL, stream TEXT NOT NULL, source_key TEXT NOT NULL,
            purpose TEXT NOT NULL, doc_key TEXT NOT NULL, action TEXT NOT NULL, ids TEXT NOT NULL, reason TEXT NOT NULL,
            subject TEXT NOT NULL, at TEXT NOT NULL)""",
        "CREATE INDEX outcomes_by_source ON outcomes (stream, source_key)",
        """CREATE TABLE decisions (
            id {identity}, source TEXT NOT NULL, stream TEXT NOT NULL, source_key TEXT NOT NULL, action TEXT NOT NULL,
            who TEXT NOT NULL, at TEXT NOT NULL, used_at TEXT)""",
    ),
    ("ALTER TABLE documents ADD COLUMN source TEXT NOT NULL DEFAULT ''",),
)
"""SQL that takes the schema from version n to n + 1; only ever append."""

_CHUNK = 500


class State(StrEnum):
    """How far a document has come."""

    INTENT = "intent"
    WRITTEN = "written"
    UPDATING = "updating"
    DONE = "done"


class DecisionKind(StrEnum):
    """What a person decided about a held record."""

    SKIP = "skip"
    RELEASE = "release"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class StoredRow:
    """What the store knows of one document.

    Attributes:
        scope: What keys are unique in (an environment and administration).
        purpose: The port's purpose.
        key: The document's key.
        state: How far it is.
        at: Time of that state, on the target system's clock.
        content_hash: Combined hash of `hashes`.
        hashes: Field hashes of the intent, or of what was last applied.
        pending: Field to the hashes that updates without an answer may have written.
        ids: The target's ids.
        revision: Rises with every change.
        run_id: The run that changed it last.
        source: The source record that it was last written from; None in rows of earlier releases.
    """

    scope: str
    purpose: str
    key: str
    state: State
    at: datetime
    content_hash: str
    hashes: Mapping[str, str]
    ids: Mapping[str, str]
    revision: int
    run_id: str
    pending: Mapping[str, Sequence[str]] = field(default_factory=dict)
    source: SourceKey | None = None


@dataclass(frozen=True, slots=True)
class LogRow:
    """One line of the basic log: what became of a record, when, and why. Written once, never changed."""

    run_id: str
    flow: str
    stream: str
    source_key: str
    purpose: str
    key: str
    action: str
    ids: Mapping[str, str]
    reason: str
    subject: str
    at: datetime


_Asked = tuple[StoredRow | None, StoredRow, tuple[LogRow, ...]]
"""A row as it was seen, what it shall be, and the log that belongs to it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's decision about one source record."""

    kind: DecisionKind
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Birth:
    """When the store was first used, on the target system's clock, and whether work had been done before it existed."""

    at: datetime
    beside_bookmark: bool


class Store:
    """Open it with `Store.open`; usable from several threads; close it at the end.

    Every method raises `StoreError` (exit 2, names the path) when the database can't do it.
    """

    def __init__(self, database: Database) -> None:
        self._db = database
        self._commits = Commits(self._change_some)
        self._migrate()
        self._salt = bytes.fromhex(self._meta_once("salt", secrets.token_hex(16)))

    @classmethod
    def open(cls, url: str) -> Store:
        """Open a store, made when it is missing and brought to the present version.

        Args:
            url: ``sqlite:///relative/path``, ``sqlite:////absolute/path`` or ``postgresql://user@host/name``.

        Raises:
            ConfigurationError: Not such a URL, or a store of a newer release.
            StoreError: It can't be opened.
        """
        database = connect(url)
        try:
            return cls(database)
        except BaseException:
            database.close()
            raise

    @staticmethod
    def exists(url: str) -> bool:
        """Whether there is something behind a URL already; of a server that is known only when it is opened."""
        scheme, _, rest = url.partition("://")
        path = rest.removeprefix("/")
        return scheme != "sqlite" or not path or Path(path).expanduser().exists()

    def scratch(self) -> Store:
        """A copy in memory of all but the log, with the same salt: a run that only plans can't touch the original."""
        copy = Store(connect("sqlite://"))
        with self._db.transaction(), copy._db.transaction():
            for table in ("meta", "documents", "decisions"):
                rows = self._db.query(f"SELECT * FROM {table}")  # noqa: S608 - constants
                copy._db.execute(f"DELETE FROM {table}")  # noqa: S608 - constants
                if rows:
                    marks = ", ".join("?" * len(rows[0]))
                    copy._db.execute_many(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - constants
        copy._salt = self._salt
        return copy

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def where(self) -> str:
        """Path or address, without a password."""
        return self._db.where

    # -- facts about the store itself ---------------------------------------------------------------------------------

    def _migrate(self) -> None:
        with self._db.transaction():
            self._db.lock_schema()
            self._db.execute("CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
            version = int(self._meta("schema") or 0)
            if version > len(MIGRATIONS):
                raise ConfigurationError(
                    f"store {self.where} was made by a newer release (schema {version}); use that release"
                )
            for script in MIGRATIONS[version:]:
                for statement in script:
                    self._db.execute(statement.replace("{identity}", self._db.identity))
            if version < len(MIGRATIONS):
                self._db.execute("DELETE FROM meta WHERE name = 'schema'")
                self._db.execute("INSERT INTO meta (name, value) VALUES ('schema', ?)", (str(len(MIGRATIONS)),))

    def _meta(self, name: str) -> str | None:
        found = self._db.query("SELECT value FROM meta WHERE name = ?", (name,))
        return str(found[0][0]) if found else None

    def _meta_once(self, name: str, value: str) -> str:
        """The value under this name, set to `value` when there is none yet."""
        with self._db.transaction():
            self._db.execute(
                "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", (name, value)
            )
            return self._meta(name) or value

    def hasher(self, text: str) -> str:
        """A short hash of a value with this store's salt: the same value gives the same hash in this store only."""
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8, key=self._salt).hexdigest()

    def claim_environment(self, environment: str) -> None:
        """Tie the store to one environment of the target system, at the first call; check it at every later one.

        Args:
            environment: The target system's own id of the environment.

        Raises:
            ConfigurationError: The store belongs to another environment.
        """
        known = self._meta_once("environment", environment)
        if known != environment:
            raise ConfigurationError(
                f"store {self.where} belongs to environment {known}, but the target system says {environment}: "
                "check the connection settings, or give the new environment its own store (and its own state)"
            )

    @property
    def environment(self) -> str | None:
        """The environment that it is tied to."""
        with self._db.transaction():
            return self._meta("environment")

    def birth(self, now: datetime, *, beside_bookmark: bool, flow: str = "") -> Birth:
        """When a flow first used this store; the first call decides.

        Args:
            now: The target system's time.
            beside_bookmark: Whether the first run finds a bookmark, so that an earlier store must have been lost.
            flow: Names the flow; another flow that shares the store says nothing about this one's past.
        """
        text = self._meta_once(f"birth {flow}".rstrip(), json.dumps([to_text(now), beside_bookmark]))
        at, beside = json.loads(text)
        return Birth(from_text(at), bool(beside))

    def remembered(self, name: str) -> str:
        """A short text that a plugin keeps from run to run (how far a sweep has come), or ""."""
        with self._db.transaction():
            return self._meta(f"note {name}") or ""

    def remember(self, name: str, text: str) -> None:
        """Keep a short text under a name, over what was there."""
        with self._db.transaction():
            self._db.execute(
                "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (f"note {name}", text),
            )

    # -- documents ----------------------------------------------------------------------------------------------------

    def rows(self, scope: str, purpose: str, keys: Sequence[str]) -> dict[str, StoredRow]:
        """What is known of these documents, by key."""
        found: dict[str, StoredRow] = {}
        with self._db.transaction():
            for start in range(0, len(keys), _CHUNK):
                chunk = keys[start : start + _CHUNK]
                marks = ", ".join("?" * len(chunk))
                sql = f"{_SELECT} WHERE scope = ? AND purpose = ? AND doc_key IN ({marks})"
                found.update((row.key, row) for row in map(_row, self._db.query(sql, (scope, purpose, *chunk))))
        return found

    def row(self, scope: str, purpose: str, key: str) -> StoredRow | None:
        """What is known of one document."""
        return self.rows(scope, purpose, [key]).get(key)

    def known(self, scope: str, purpose: str) -> list[StoredRow]:
        """Everything that is known of one purpose, in the order of the keys."""
        with self._db.transaction():
            sql = f"{_SELECT} WHERE scope = ? AND purpose = ? ORDER BY doc_key"
            return list(map(_row, self._db.query(sql, (scope, purpose))))

    def open_rows(self) -> list[StoredRow]:
        """Every document that isn't done: intents, updates under way, writes not confirmed."""
        with self._db.transaction():
            return list(map(_row, self._db.query(f"{_SELECT} WHERE state <> 'done' ORDER BY at")))

    def change(self, seen: StoredRow | None, row: StoredRow, log: Iterable[LogRow] = ()) -> StoredRow | None:
        """Write a row durably, provided that nobody changed it since it was seen.

        Args:
            seen: The row as it was read or written last by this process; None (or revision 0) when there was none.
            row: What it shall be; its revision is set here.
            log: Outcomes that belong to it, written in the same transaction.

        Returns:
            The row as stored, or None: another process has changed it, nothing was written.
        """
        return self._commits.make((seen, row, tuple(log)))

    def _change_some(self, changes: Sequence[_Asked]) -> list[StoredRow | None]:
        """Several changes in one commit, always in the order of their keys: no two processes wait for each other."""
        made: dict[int, StoredRow | None] = {}
        with self._db.transaction():
            rows = [row for _, row, _ in changes]
            for n in sorted(range(len(rows)), key=lambda n: (rows[n].scope, rows[n].purpose, rows[n].key)):
                seen, row, log = changes[n]
                made[n] = self._change(seen, row)
                if made[n]:
                    self._write_log(log)
        return [made[n] for n in range(len(changes))]

    def change_all(self, changes: Iterable[tuple[StoredRow | None, StoredRow]]) -> None:
        """Several changes in one commit; those whose row was changed by another process are left out."""
        with self._db.transaction():
            for seen, row in changes:
                self._change(seen, row)

    def _change(self, seen: StoredRow | None, row: StoredRow) -> StoredRow | None:
        known = seen.revision if seen else 0
        stored = replace(row, revision=known + 1)
        values = (
            stored.state.value,
            to_text(stored.at),
            stored.content_hash,
            json.dumps(dict(stored.hashes)),
            json.dumps({name: list(hashes) for name, hashes in stored.pending.items()}),
            json.dumps(dict(stored.ids)),
            stored.revision,
            stored.run_id,
            json.dumps([stored.source.stream, stored.source.key]) if stored.source else "",
            stored.scope,
            stored.purpose,
            stored.key,
        )
        if known:
            changed = self._db.execute(
                "UPDATE documents SET state = ?, at = ?, content_hash = ?, hashes = ?, pending = ?, ids = ?,"
                " revision = ?, run_id = ?, source = ?"
                " WHERE scope = ? AND purpose = ? AND doc_key = ? AND revision = ?",
                (*values, known),
            )
        else:
            changed = self._db.execute(
                "INSERT INTO documents (state, at, content_hash, hashes, pending, ids, revision, run_id, source,"
                " scope, purpose, doc_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (scope, purpose, doc_key) DO NOTHING",
                values,
            )
        return stored if changed == 1 else None

    def withdraw(self, intent: StoredRow, before: StoredRow | None) -> bool:
        """Take an intent back because the write is known not to have happened.

        Args:
            intent: The row as the intent left it.
            before: The row before the intent; None, or an older intent, leaves no row.

        Returns:
            False when another process has changed the row meanwhile.
        """
        if before is not None and before.state is not State.INTENT:
            return self.change(intent, before) is not None
        with self._db.transaction():
            changed = self._db.execute(
                "DELETE FROM documents WHERE scope = ? AND purpose = ? AND doc_key = ? AND revision = ?",
                (intent.scope, intent.purpose, intent.key, intent.revision),
            )
        return changed == 1

    def ids(self, scope: str, purpose: str, key: str) -> Mapping[str, str] | None:
        """The target's ids of a document that later records refer to; None when it isn't known to exist."""
        row = self.row(scope, purpose, key)
        return row.ids if row and row.state is not State.INTENT else None

    # -- outcomes -----------------------------------------------------------------------------------------------------

    def log(self, rows: Iterable[LogRow]) -> None:
        """Append to the basic log."""
        with self._db.transaction():
            self._write_log(rows)

    def _write_log(self, rows: Iterable[LogRow]) -> None:
        values = [
            (
                row.run_id,
                row.flow,
                row.stream,
                row.source_key,
                row.purpose,
                row.key,
                row.action,
                json.dumps(dict(row.ids)),
                row.reason,
                row.subject,
                to_text(row.at),
            )
            for row in rows
        ]
        if values:
            self._db.execute_many(
                f"INSERT INTO outcomes ({_LOG_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - constant
                values,
            )

    def outcomes(self, source: SourceKey | None = None, *, run_id: str | None = None) -> Iterator[LogRow]:
        """The basic log, oldest first.

        Args:
            source: Only those of one source record.
            run_id: Only those of one run.
        """
        wheres, values = [], []
        if source:
            wheres.append("stream = ? AND source_key = ?")
            values += [source.stream, source.key]
        if run_id:
            wheres.append("run_id = ?")
            values.append(run_id)
        where = f" WHERE {' AND '.join(wheres)}" if wheres else ""
        with self._db.transaction():
            found = self._db.query(f"SELECT {_LOG_COLUMNS} FROM outcomes{where} ORDER BY id", values)  # noqa: S608 - constants
        for run, flow, stream, source_key, purpose, key, action, ids, reason, subject, at in found:
            yield LogRow(
                run, flow, stream, source_key, purpose, key, action, json.loads(ids), reason, subject, from_text(at)
            )

    def forget_outcomes(self, before: datetime) -> int:
        """Delete log rows older than this; how many there were."""
        with self._db.transaction():
            return self._db.execute("DELETE FROM outcomes WHERE at < ?", (to_text(before),))

    # -- decisions ----------------------------------------------------------------------------------------------------

    def decide(self, source: str, record: SourceKey, kind: DecisionKind, *, who: str, at: datetime) -> None:
        """Record what a person decided about a source record; the last decision counts.

        Args:
            source: The bookmark's ``source`` (``shop.shop1``), or "".
            record: The source record.
            kind: The decision.
            who: Who decided.
            at: When.
        """
        with self._db.transaction():
            self._db.execute(
                "INSERT INTO decisions (source, stream, source_key, action, who, at) VALUES (?, ?, ?, ?, ?, ?)",
                (source, record.stream, record.key, kind.value, who, to_text(at)),
            )

    def decisions(self, source: str) -> dict[SourceKey, Decision]:
        """The decisions that still hold for one source, the last one per record."""
        with self._db.transaction():
            found = self._db.query(
                "SELECT stream, source_key, action, who, at, used_at FROM decisions WHERE source = ? ORDER BY id",
                (source,),
            )
        last: dict[SourceKey, Decision] = {}
        for stream, key, action, who, at, used_at in found:
            record = SourceKey(stream, key)
            last.pop(record, None)
            if used_at is None:
                last[record] = Decision(DecisionKind(action), who, from_text(at))
        return last

    def use_decisions(self, source: str, used: Iterable[tuple[SourceKey, DecisionKind]], at: datetime) -> None:
        """Mark decisions as used up: a retry after it was tried, a release after the record was loaded."""
        values = [(to_text(at), source, record.stream, record.key, kind.value) for record, kind in used]
        if values:
            with self._db.transaction():
                self._db.execute_many(
                    "UPDATE decisions SET used_at = ? WHERE source = ? AND stream = ? AND source_key = ? AND action = ?"
                    " AND used_at IS NULL",
                    values,
                )


_SELECT = (
    "SELECT scope, purpose, doc_key, state, at, content_hash, hashes, pending, ids, revision, run_id, source"
    " FROM documents"
)
_LOG_COLUMNS = "run_id, flow, stream, source_key, purpose, doc_key, action, ids, reason, subject, at"


def _row(values: Sequence[Any]) -> StoredRow:
    scope, purpose, key, state, at, content_hash, hashes, pending, ids, revision, run_id, source = values
    try:
        return StoredRow(
            scope,
            purpose,
            key,
            State(state),
            from_text(at),
            content_hash,
            json.loads(hashes),
            json.loads(ids),
            int(revision),
            run_id,
            json.loads(pending),
            SourceKey(*json.loads(source)) if source else None,
        )
    except ValueError as error:
        raise StoreError(f"store: the row of {purpose} {key} can't be read; restore the store from a copy") from error
