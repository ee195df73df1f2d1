"""The two databases behind the store: one connection each, guarded by a lock, the same SQL for both."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from upsert.errors import ConfigurationError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Row = tuple[Any, ...]


class Database(Protocol):
    """A connection. Use it inside `transaction` only; statements are written with ``?`` for parameters."""

    where: str
    identity: str

    def transaction(self) -> Any:
        """Context manager: commits at its end, rolls back on any exception; serialised over threads."""
        ...

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement; the number of rows changed."""
        ...

    def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each row."""
        ...

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""
        ...

    def lock_schema(self) -> None:
        """Inside a transaction: nobody else changes the schema until it ends."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


class SqliteDatabase:
    """A file on this host. A commit is on the disk when it returns (WAL, synchronous FULL).

    Args:
        path: File, made when it is missing, or ``:memory:``.
        busy_seconds: How long to wait for another process that holds the write lock.
    """

    identity = "INTEGER PRIMARY KEY AUTOINCREMENT"

    def __init__(self, path: str, busy_seconds: float = 15.0) -> None:
        self.where = path
        self._lock = threading.RLock()
        try:
            if path != ":memory:":
                Path(path).expanduser().parent.mkdir(parents=True, exist_ok=True)
                path = str(Path(path).expanduser())
            self._connection = sqlite3.connect(
                path, timeout=busy_seconds, isolation_level=None, check_same_thread=False
            )
            # Python 3.13 warns about a connection that nobody closed.
            weakref.finalize(self, self._connection.close)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
        except (OSError, sqlite3.Error) as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> StoreError:
        return StoreError(
            f"store {self.where} can't be used: {error}; nothing more is written to the target system. "
            "Check free space, rights and the setting `store`"
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """See `Database`. BEGIN IMMEDIATE, so that two processes never both read before they write."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._roll_back()
                raise self._failed(error) from error
            except BaseException:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except sqlite3.Error as error:
                raise self._failed(error) from error

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """See `Database`."""
        return self._connection.execute(sql, parameters).rowcount

    def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """See `Database`."""
        self._connection.executemany(sql, rows)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """See `Database`."""
        return self._connection.execute(sql, parameters).fetchall()

    def lock_schema(self) -> None:
        """See `Database`. The transaction holds the only write lock already."""

    def close(self) -> None:
        """See `Database`."""
        with self._lock:
            self._connection.close()


class PostgresDatabase:
    """A PostgreSQL database, for more than one host. Needs the extra ``postgres`` (psycopg).

    Args:
        url: ``postgresql://user:password@host/name``.
    """

    identity = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"

    def __init__(self, url: str) -> None:
        try:
            import psycopg  # noqa: PLC0415 - optional extra, and slow to import
        except ImportError as error:
            raise ConfigurationError(
                "store: PostgreSQL needs the extra `postgres`: pip install 'singer-upsert[postgres]'"
            ) from error
        self._psycopg = psycopg
        self._url = url
        parts = urlsplit(url)
        self.where = f"postgresql://{parts.hostname or ''}{parts.path}"  # never the password
        self._lock = threading.RLock()
        self._connection = self._connect()

    def _connect(self) -> Any:
        try:
            connection = self._psycopg.connect(self._url, autocommit=True, connect_timeout=15)
            # An intent must survive a crash of the server, whatever its default is.
            connection.execute("SET synchronous_commit TO on")
            connection.execute("SET lock_timeout TO '15s'")
        except self._psycopg.Error as error:
            raise self._failed(error) from error
        return connection

    def _failed(self, error: Exception) -> StoreError:
        text = str(error).strip().split("\n", 1)[0]
        return StoreError(
            f"store {self.where} can't be used: {text}; nothing more is written to the target system. "
            "Check the server, rights and the setting `store`"
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """See `Database`. A connection that was lost while idle is made anew; one lost inside is an error."""
        with self._lock:
            if self._connection.closed:
                self._connection = self._connect()
            try:
                with self._connection.transaction():
                    yield
            except self._psycopg.Error as error:
                if self._connection.broken:
                    self._connection.close()
                raise self._failed(error) from error

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """See `Database`."""
        return int(self._connection.execute(sql.replace("?", "%s"), parameters).rowcount)

    def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """See `Database`."""
        with self._connection.cursor() as cursor:
            cursor.executemany(sql.replace("?", "%s"), rows)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """See `Database`."""
        rows: list[Row] = self._connection.execute(sql.replace("?", "%s"), parameters).fetchall()
        return rows

    def lock_schema(self) -> None:
        """See `Database`. Any number will do, as long as it is always the same."""
        self._connection.execute("SELECT pg_advisory_xact_lock(7510642)")

    def close(self) -> None:
        """See `Database`."""
        with self._lock:
            self._connection.close()


def connect(url: str) -> Database:
    """Open the database that a setting names.

    Args:
        url: ``sqlite:///relative/path``, ``sqlite:////absolute/path``, ``sqlite://`` (memory) or ``postgresql://...``.

    Raises:
        ConfigurationError: Another kind of URL.
        StoreError: It can't be opened.
    """
    scheme, separator, rest = url.partition("://")
    if separator and scheme == "sqlite":
        return SqliteDatabase(rest.removeprefix("/") or ":memory:")
    if separator and scheme in {"postgresql", "postgres"}:
        return PostgresDatabase(url)
    raise ConfigurationError(
        "store: give sqlite:///path/to/file.db or postgresql://user@host/name, not "
        f"{scheme + '://...' if separator else 'a bare path'}"
    )
