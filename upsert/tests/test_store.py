"""The store: same rules on SQLite and PostgreSQL, and what it does when it can't."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from upsert._database import connect
from upsert.clock import to_text
from upsert.errors import ConfigurationError, StoreError
from upsert.model import SourceKey
from upsert.store import MIGRATIONS, DecisionKind, LogRow, State, Store, StoredRow
from upsert.testing import START

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'folder' / 'store.db'}"
    address: str = request.getfixturevalue("postgres")
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        for table in ("documents", "outcomes", "decisions", "meta"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
    return address


def intent(key: str = "k", **options: object) -> StoredRow:
    values = {
        "scope": "s",
        "purpose": "order",
        "key": key,
        "state": State.INTENT,
        "at": START,
        "content_hash": "c",
        "hashes": {"total": "h"},
        "ids": {},
        "revision": 0,
        "run_id": "r",
    }
    return StoredRow(**{**values, **options})


def test_an_intent_is_unique_per_key(url: str) -> None:
    """Of two processes that saw nothing, one gets the intent, the other is told that it is taken."""
    with Store.open(url) as one, Store.open(url) as two:
        first = one.change(None, intent())
        assert first is not None
        assert two.change(None, intent()) is None
        assert two.change(None, intent(scope="other")) is not None
        seen = two.row("s", "order", "k")
        assert seen == first
        again = one.change(first, replace(first, at=START + timedelta(hours=1)))
        assert again is not None
        assert two.change(seen, replace(seen, at=START)) is None, "it was retaken meanwhile"


def test_threads_of_several_processes_get_one_intent(url: str) -> None:
    """However they race, exactly one wins."""
    won: list[int] = []

    def race(n: int) -> None:
        with Store.open(url) as store:
            barrier.wait()
            if store.change(None, intent(run_id=str(n))):
                won.append(n)

    with Store.open(url):
        barrier = threading.Barrier(4)
        threads = [threading.Thread(target=race, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(won) == 1


def test_threads_that_write_at_once_share_a_commit(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a commit is under way the others queue up, and one commits for all; each still learns its own outcome."""
    keys = [str(n % 30) for n in range(40)]
    with Store.open(url) as store:
        commits: list[int] = []
        held, begun = threading.Event(), threading.Event()
        change = store._change_some

        def slowly(changes: Any) -> Any:
            commits.append(len(changes))
            begun.set()
            assert held.wait(20)
            return change(changes)

        monkeypatch.setattr(store._commits, "_commit", slowly)
        found: list[tuple[str, bool]] = []
        threads = [
            threading.Thread(target=lambda key=key: found.append((key, store.change(None, intent(key)) is not None)))
            for key in keys
        ]
        threads[0].start()
        assert begun.wait(20)
        for thread in threads[1:]:
            thread.start()
        while len(store._commits._queue) < len(keys) - 1:
            time.sleep(0.001)
        held.set()
        for thread in threads:
            thread.join()
        assert commits == [1, len(keys) - 1]
        assert sorted(key for key, won in found if won) == sorted(set(keys))
        assert len(found) == len(keys)
        assert len(store.known("s", "order")) == 30


def test_a_commit_that_fails_is_nobody_s(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever shared it is told that nothing was written, and the next one begins anew."""
    with Store.open(url) as store:
        monkeypatch.setattr(store, "_write_log", lambda _: (_ for _ in ()).throw(ValueError("no log today")))
        with pytest.raises(ValueError, match="no log today"):
            store.change(None, intent("x"))
        assert store.row("s", "order", "x") is None
        monkeypatch.undo()
        assert store.change(None, intent("x")) is not None


def test_rows_come_back_as_written(url: str) -> None:
    """States, times, hashes and ids survive; many keys are asked at once."""
    with Store.open(url) as store:
        stored = store.change(None, intent("x", state=State.DONE, ids={"number": "SO-1", "revision": "3"}))
        assert store.rows("s", "order", ["x", *map(str, range(1200))]) == {"x": stored}
        assert store.ids("s", "order", "x") == {"number": "SO-1", "revision": "3"}
        assert store.row("s", "invoice", "x") is None


def test_the_record_behind_a_row_is_kept(url: str) -> None:
    """Which source record a document was last written from survives every change of its row."""
    pot, lid = SourceKey("items", "pot | 1"), SourceKey("items", "lid")
    with Store.open(url) as store:
        first = store.change(None, intent("x", source=pot))
        assert first is not None
        store.change_all([(first, replace(first, state=State.DONE, source=lid)), (None, intent("y", source=pot))])
    with Store.open(url) as store:
        assert [(row.key, row.source) for row in store.known("s", "order")] == [("x", lid), ("y", pot)]


def test_a_store_of_the_first_release_is_brought_up_to_date(url: str) -> None:
    """Its rows stay, without the record behind them, which nobody kept then; the next change keeps it."""
    old = connect(url)
    with old.transaction():
        old.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        old.execute("INSERT INTO meta (name, value) VALUES ('schema', '1')")
        for statement in MIGRATIONS[0]:
            old.execute(statement.replace("{identity}", old.identity))
        old.execute(
            "INSERT INTO documents (scope, purpose, doc_key, state, at, content_hash, hashes, pending, ids, revision,"
            " run_id) VALUES ('s', 'order', 'x', 'done', ?, 'c', '{}', '{}', '{\"number\": \"SO-1\"}', 1, 'r')",
            (to_text(START),),
        )
    old.close()
    with Store.open(url) as store:
        row = store.row("s", "order", "x")
        assert row is not None
        assert (row.source, row.ids) == (None, {"number": "SO-1"})
        assert store.change(row, replace(row, source=SourceKey("items", "pot")))
    with Store.open(url) as store:
        assert [one.source for one in store.known("s", "order")] == [SourceKey("items", "pot")]


def test_a_withdrawn_intent_leaves_things_as_they_were(url: str) -> None:
    """No row for a new document, the old row for one that was done."""
    with Store.open(url) as store:
        taken = store.change(None, intent())
        assert taken is not None
        assert store.withdraw(taken, None)
        assert store.row("s", "order", "k") is None
        done = store.change(None, intent(state=State.DONE))
        assert done is not None
        retaken = store.change(done, replace(done, state=State.UPDATING))
        assert retaken is not None
        assert store.withdraw(retaken, done)
        now = store.row("s", "order", "k")
        assert now is not None
        assert (now.state, now.hashes) == (State.DONE, {"total": "h"})
        assert not store.withdraw(retaken, None), "somebody else has changed it"


def test_an_environment_is_claimed_once(url: str) -> None:
    """Another environment than the store's stops the run with exit 2 (X27)."""
    with Store.open(url) as store:
        store.claim_environment("T1")
        store.claim_environment("T1")
    with Store.open(url) as store:
        assert store.environment == "T1"
        with pytest.raises(ConfigurationError, match="belongs to environment T1") as caught:
            store.claim_environment("O1")
        assert caught.value.exit_code == 2


def test_hashes_are_salted_per_store_and_stay(url: str) -> None:
    """The same text has the same hash after reopening, and another one in another store."""
    with Store.open(url) as store, Store.open("sqlite://") as other:
        mine = store.hasher("jan@example.nl")
        assert mine != other.hasher("jan@example.nl")
        assert len(mine) == 16
    with Store.open(url) as store:
        assert store.hasher("jan@example.nl") == mine


def test_the_birth_is_decided_once(url: str) -> None:
    """Whether a store is a lost one's successor is known from its first run on."""
    with Store.open(url) as store:
        first = store.birth(START, beside_bookmark=True)
        assert store.birth(START + timedelta(days=1), beside_bookmark=False) == first


def test_each_flow_has_its_own_birth(url: str) -> None:
    """A flow that begins anew in a store says nothing about another flow whose store was lost."""
    with Store.open(url) as store:
        store.birth(START, beside_bookmark=False, flow="shop.shop1 customers")
        assert store.birth(START, beside_bookmark=True, flow="shop.shop1 orders").beside_bookmark is True


def test_the_last_decision_counts(url: str) -> None:
    """Decisions are kept per source and record; a used one is over, a skip stays."""
    one, two = SourceKey("orders", "1"), SourceKey("orders", "2")
    with Store.open(url) as store:
        store.decide("shop1", one, DecisionKind.SKIP, who="ann", at=START)
        store.decide("shop1", one, DecisionKind.RETRY, who="ben", at=START)
        store.decide("shop1", two, DecisionKind.SKIP, who="ann", at=START)
        store.decide("shop2", one, DecisionKind.RELEASE, who="ann", at=START)
        assert {key: (made.kind, made.who) for key, made in store.decisions("shop1").items()} == {
            one: (DecisionKind.RETRY, "ben"),
            two: (DecisionKind.SKIP, "ann"),
        }
        store.use_decisions("shop1", [(one, DecisionKind.RETRY), (two, DecisionKind.RETRY)], START)
        assert list(store.decisions("shop1")) == [two]
        assert list(store.decisions("shop2")) == [one]


def test_the_log_is_appended_in_order_and_can_be_pruned(url: str) -> None:
    """Outcomes come back oldest first, by record or by run."""
    rows = [
        LogRow("run", "orders", "orders", str(n), "order", f"k{n}", "created", {"number": "1"}, "", "", START)
        for n in range(3)
    ]
    with Store.open(url) as store:
        store.log(rows)
        assert list(store.outcomes()) == rows
        assert list(store.outcomes(SourceKey("orders", "1"), run_id="run")) == rows[1:2]
        assert store.forget_outcomes(START + timedelta(seconds=1)) == 3


def test_a_newer_store_is_refused(url: str) -> None:
    """An older release does not touch what a newer one wrote."""
    with Store.open(url) as store, store._db.transaction():
        store._db.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    with pytest.raises(ConfigurationError, match="newer release"):
        Store.open(url)


# -- what can go wrong with the file ----------------------------------------------------------------------------------


def test_sqlite_commits_reach_the_disk(tmp_path: Path) -> None:
    """WAL and full synchronisation: a commit that returned survives a power cut."""
    with Store.open(f"sqlite:///{tmp_path / 's.db'}") as store:
        assert store._db.query("PRAGMA journal_mode") == [("wal",)]
        assert store._db.query("PRAGMA synchronous") == [(2,)]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """Corrupt: exit 2, the path is named (X24)."""
    path = tmp_path / "s.db"
    path.write_bytes(b"not a database, but long enough to be looked at as one" * 20)
    with pytest.raises(StoreError, match=r"s\.db") as caught:
        Store.open(f"sqlite:///{path}")
    assert caught.value.exit_code == 2


def test_a_folder_that_can_t_be_made_is_refused(tmp_path: Path) -> None:
    """The path is named."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file/store\.db"):
        Store.open(f"sqlite:///{tmp_path / 'file' / 'store.db'}")


def test_a_full_disk_stops_before_the_next_write(tmp_path: Path) -> None:
    """No intent is granted that is not on the disk; what was there stays readable (X24)."""
    with Store.open(f"sqlite:///{tmp_path / 's.db'}") as store:
        pages = store._db.query("PRAGMA page_count")[0][0]
        store._db.query(f"PRAGMA max_page_count = {pages}")

        def fill() -> None:
            for n in range(2000):
                store.change(None, intent(f"key {n}"))

        with pytest.raises(StoreError, match=r"s\.db.*full"):
            fill()
        assert store.rows("s", "order", ["key 0"]) is not None


def test_a_store_locked_by_somebody_else_is_named(tmp_path: Path) -> None:
    """A lock that stays is an error with the path, not a hang."""
    from upsert._database import SqliteDatabase

    path = tmp_path / "s.db"
    Store.open(f"sqlite:///{path}").close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        Store(SqliteDatabase(str(path), busy_seconds=0.05))
    other.close()


@pytest.mark.parametrize("url", ["store.db", "mysql://root:secret@host/x", "sqlite:store.db"])
def test_other_urls_are_refused_without_showing_them(url: str) -> None:
    """A URL may hold a password."""
    with pytest.raises(ConfigurationError) as caught:
        Store.open(url)
    assert "secret" not in str(caught.value)


def test_an_unreachable_server_is_named_without_its_password() -> None:
    """Connection refused: exit 2, one line, no password."""
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError) as caught:
        Store.open("postgresql://user:geheim@127.0.0.1:1/books")
    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_kill_9_between_intent_and_outcome(tmp_path: Path) -> None:
    """A process killed inside its write leaves the intent, and the next one finds it (X22)."""
    url = f"sqlite:///{tmp_path / 's.db'}"
    script = textwrap.dedent(
        f"""
        import os, signal
        from upsert.kernel import Kernel
        from upsert.store import Store
        from upsert.testing import FakePort, FakeSystem, document

        class Deadly(FakePort):
            def create(self, document, plan):
                os.kill(os.getpid(), signal.SIGKILL)

        store = Store.open({url!r})
        port = Deadly(FakeSystem(), store.hasher)
        Kernel(store, run_id="killed").run(port, [document(store.hasher, "1", total="1")])
        """
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, env={**os.environ})
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    with Store.open(url) as store:
        (row,) = store.open_rows()
        assert (row.key, row.state, row.run_id) == ("shop.shop1:1", State.INTENT, "killed")
