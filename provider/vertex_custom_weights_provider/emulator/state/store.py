"""The state file: JSON documents, their indexed facets, timers and the clock, in one SQLite file.

Durability: write-ahead log with `synchronous=NORMAL`. A commit has reached the operating system
when it returns, so a killed process loses nothing it acknowledged; only a power failure could lose
the last commits, and even then the file stays consistent.
"""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import threading
import time
import weakref
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from vertex_custom_weights_provider.emulator.envelope import Json

APPLICATION_ID = 0x76637731  # "vcw1": tells our file from any other SQLite file
SCHEMA_VERSION = 1
_BUSY_MS = 30_000

_SCHEMA = """
CREATE TABLE documents (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL, name TEXT NOT NULL, parent TEXT NOT NULL, body TEXT NOT NULL,
  UNIQUE (kind, name));
CREATE INDEX documents_parent ON documents (kind, parent, seq);
CREATE TABLE facets (
  seq INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (kind, key, value, seq)) WITHOUT ROWID;
CREATE INDEX facets_seq ON facets (seq);
CREATE TABLE timers (
  id INTEGER PRIMARY KEY, due REAL NOT NULL, effect TEXT NOT NULL, payload TEXT NOT NULL,
  owner TEXT NOT NULL);
CREATE INDEX timers_due ON timers (due, id);
CREATE INDEX timers_owner ON timers (owner);
CREATE TABLE clock (real REAL NOT NULL, virtual REAL NOT NULL, factor REAL NOT NULL);
"""

# Version n is reached by running _MIGRATIONS[n]; a file from a newer program is refused.
_MIGRATIONS: dict[int, str] = {}


class StateFileError(Exception):
    """The state file cannot be used; the message says why and what to do."""


def _dump(body: Mapping[str, Any]) -> str:
    return json.dumps(body, separators=(",", ":"))


class Transaction:
    """What a request sees of the state file: a snapshot, and its own changes when it may write."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        writable: bool,
        dialects: frozenset[str] = frozenset(),
    ) -> None:
        self._connection = connection
        self.writable = writable
        self._dialects = dialects

    def speaks(self, dialect: str) -> bool:
        """Tell whether the emulator was started to behave in another way; see `dialects`."""
        return dialect in self._dialects

    def sql(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement; for tables a part keeps for itself."""
        return self._connection.execute(statement, values)

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """Take back what the block changes when it raises."""
        self._connection.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO attempt")
            raise
        finally:
            self._connection.execute("RELEASE attempt")

    def get(self, kind: str, name: str) -> Json | None:
        """Return a document, or None."""
        row = self.sql(
            "SELECT body FROM documents WHERE kind = ? AND name = ?", (kind, name)
        ).fetchone()
        return None if row is None else cast("Json", json.loads(row[0]))

    def put(
        self,
        kind: str,
        name: str,
        body: Mapping[str, Any],
        parent: str = "",
        facets: Mapping[str, str] | None = None,
    ) -> None:
        """Create or replace a document.

        `parent` is what `list` looks under; a document with an empty parent is in no list.
        `facets` are its searchable values and replace the earlier ones; None keeps those.
        """
        seq = self.sql(
            "INSERT INTO documents (kind, name, parent, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (kind, name) DO UPDATE SET parent = excluded.parent, body = excluded.body"
            " RETURNING seq",
            (kind, name, parent, _dump(body)),
        ).fetchone()[0]
        if facets is not None:
            self.sql("DELETE FROM facets WHERE seq = ?", (seq,))
            for key, value in facets.items():
                self.sql("INSERT INTO facets VALUES (?, ?, ?, ?)", (seq, kind, key, value))

    def put_body(self, kind: str, name: str, body: Mapping[str, Any]) -> None:
        """Replace the body of a document, and nothing it is found by."""
        self.sql(
            "UPDATE documents SET body = ? WHERE kind = ? AND name = ?", (_dump(body), kind, name)
        )

    def delete(self, kind: str, name: str) -> bool:
        """Remove a document and its facets; say whether it was there."""
        row = self.sql(
            "DELETE FROM documents WHERE kind = ? AND name = ? RETURNING seq", (kind, name)
        ).fetchone()
        if row is None:
            return False
        self.sql("DELETE FROM facets WHERE seq = ?", (row[0],))
        return True

    def keep_newest(self, kind: str, parent: str, number: int, slack: int) -> None:
        """Remove all but the newest documents under a parent; they must have no facets.

        To be called after each `put`. Counting is slow, so that up to `slack` more may stay: the
        work is done once in as many positions.
        """
        newest = self.sql(
            "SELECT seq FROM documents WHERE kind = ? AND parent = ? ORDER BY seq DESC LIMIT 2",
            (kind, parent),
        ).fetchall()
        if len({seq // slack for (seq,) in newest}) < 2:
            return
        self.sql(
            "DELETE FROM documents WHERE kind = ?1 AND parent = ?2 AND seq <= (SELECT seq FROM"
            " documents WHERE kind = ?1 AND parent = ?2 ORDER BY seq DESC LIMIT 1 OFFSET ?3)",
            (kind, parent, number),
        )

    def page(
        self,
        kind: str,
        parent: str,
        *,
        where: Mapping[str, str] | None = None,
        after: int = 0,
        limit: int = -1,
    ) -> list[tuple[int, Json]]:
        """Return documents under a parent in creation order, each with its position.

        `where` holds facets a document must have, `after` the position to continue from; the
        positions are never reused, so paging is stable while documents come and go.
        """
        source, values = "", list[Any]()
        for index, (key, value) in enumerate((where or {}).items()):
            # CROSS JOIN keeps the order as written: the facets are looked up first.
            source += f"facets f{index} CROSS JOIN "
            values += [kind, key, value]
        found = "".join(
            f" AND f{index}.kind = ? AND f{index}.key = ? AND f{index}.value = ?"
            f" AND f{index}.seq = d.seq"
            for index in range(len(where or {}))
        )
        rows = self.sql(
            f"SELECT d.seq, d.body FROM {source}documents d"  # noqa: S608 - only indexes are pasted
            " WHERE d.kind = ? AND d.parent = ? AND d.seq > ?"
            f"{found} ORDER BY d.seq LIMIT ?",
            [kind, parent, after, *values, limit],
        )
        return [(seq, cast("Json", json.loads(body))) for seq, body in rows]

    def find(self, kind: str, key: str, value: str) -> list[Json]:
        """Return the documents of a kind that have a facet, whatever their parent."""
        rows = self.sql(
            "SELECT d.body FROM facets f JOIN documents d ON d.seq = f.seq"
            " WHERE f.kind = ? AND f.key = ? AND f.value = ? ORDER BY d.seq",
            (kind, key, value),
        )
        return [cast("Json", json.loads(row[0])) for row in rows]

    def every(self, kind: str) -> list[Json]:
        """Return all documents of a kind in creation order."""
        rows = self.sql("SELECT body FROM documents WHERE kind = ? ORDER BY seq", (kind,))
        return [cast("Json", json.loads(row[0])) for row in rows]

    def count(self, kind: str) -> int:
        """Return how many documents of a kind exist."""
        return int(self.sql("SELECT count(*) FROM documents WHERE kind = ?", (kind,)).fetchone()[0])

    def schedule(
        self, due: float, effect: str, payload: Mapping[str, Any], owner: str = ""
    ) -> None:
        """Have an effect happen when the virtual clock reaches `due`."""
        self.sql(
            "INSERT INTO timers (due, effect, payload, owner) VALUES (?, ?, ?, ?)",
            (due, effect, _dump(payload), owner),
        )

    def unschedule(self, owner: str) -> None:
        """Forget every timer of an owner."""
        self.sql("DELETE FROM timers WHERE owner = ?", (owner,))

    def next_due(self) -> float | None:
        """Return when the next timer is due."""
        row = self.sql("SELECT min(due) FROM timers").fetchone()
        return row[0]

    def take_due(self, now: float) -> tuple[float, str, Json] | None:
        """Remove and return the earliest timer that is due: its time, effect and payload."""
        row = self.sql(
            "SELECT id, due, effect, payload FROM timers WHERE due <= ? ORDER BY due, id LIMIT 1",
            (now,),
        ).fetchone()
        if row is None:
            return None
        self.sql("DELETE FROM timers WHERE id = ?", (row[0],))
        return row[1], row[2], cast("Json", json.loads(row[3]))


class _Pool:
    """Connections to one file, lent to one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def lend(self) -> Generator[sqlite3.Connection]:
        """Lend a connection for the length of the block.

        Raises:
            ConnectionResetError: the pool was closed, as a server that is gone would answer.
        """
        with self._lock:
            if self._closed:
                message = "the emulator has been closed"
                raise ConnectionResetError(message)
            connection = self._idle.pop() if self._idle else None
        connection = connection or self._connect()
        try:
            yield connection
        finally:
            self._take_back(connection)

    def close(self) -> None:
        """Close what is idle now, and what is lent when it comes back: never under its user."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _take_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=_BUSY_MS / 1000, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -16384")
        return connection


class Store:
    """One state file. Thread-safe; not to be carried across a fork."""

    def __init__(self, path: Path, dialects: frozenset[str] = frozenset()) -> None:
        self._path = path
        self._dialects = dialects
        pool = _Pool(path)
        self._borrowed = pool.lend
        # SQLite's busy handler sleeps and may starve a writer; within a process a lock is fair.
        self._write_lock = threading.Lock()
        self.close = weakref.finalize(self, pool.close)
        path.parent.mkdir(parents=True, exist_ok=True)
        _keep_private(path)
        self._prepare()

    def _prepare(self) -> None:
        try:
            with self._borrowed() as connection:
                if not _tables(connection):
                    # Nothing can be lost yet, and flushing takes 10 ms (2026-11).
                    connection.execute("PRAGMA synchronous = OFF")
                self._enter_wal(connection)
                connection.execute("BEGIN IMMEDIATE")
                try:
                    self._bring_up_to_date(connection)
                    connection.execute("COMMIT")
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("PRAGMA synchronous = NORMAL")
        except sqlite3.DatabaseError as error:
            self.close()
            message = f"{self._path} is not usable as emulator state ({error}). Move it away."
            raise StateFileError(message) from None
        except StateFileError:
            self.close()
            raise

    def _enter_wal(self, connection: sqlite3.Connection) -> None:
        """Switch the journal; two processes that create the file at once may collide, so retry."""
        deadline = time.monotonic() + _BUSY_MS / 1000
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return

    def _bring_up_to_date(self, connection: sqlite3.Connection) -> None:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        mark = connection.execute("PRAGMA application_id").fetchone()[0]
        tables = _tables(connection)
        if tables and mark != APPLICATION_ID:
            message = f"{self._path} is a database of another program. Choose another state file."
            raise StateFileError(message)
        if version > SCHEMA_VERSION:
            message = (
                f"{self._path} was written by a newer emulator (state version {version}, this one"
                f" reads up to {SCHEMA_VERSION}). Upgrade, or choose another state file."
            )
            raise StateFileError(message)
        if not tables:
            self._create(connection)
        for step in range(version + 1 if tables else SCHEMA_VERSION + 1, SCHEMA_VERSION + 1):
            _run(connection, _MIGRATIONS[step])
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _create(self, connection: sqlite3.Connection) -> None:
        _run(connection, _SCHEMA)
        now = time.time()
        connection.execute("INSERT INTO clock VALUES (?, ?, 1.0)", (now, now))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")

    @contextmanager
    def read(self) -> Generator[Transaction]:
        """Give a consistent snapshot for the length of the block."""
        with self._borrowed() as connection:
            connection.execute("BEGIN")
            try:
                yield Transaction(connection, writable=False, dialects=self._dialects)
            finally:
                connection.execute("ROLLBACK")

    @contextmanager
    def write(self) -> Generator[Transaction]:
        """Give the only writer; an exception takes all its changes back."""
        with self._write_lock, self._borrowed() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Transaction(connection, writable=True, dialects=self._dialects)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @property
    def path(self) -> Path:
        """The state file."""
        return self._path

    def reset(self) -> None:
        """Forget everything, the clock's settings too."""
        now = time.time()
        with self.write() as tx:
            for table in ("documents", "facets", "timers"):
                tx.sql(f"DELETE FROM {table}")  # noqa: S608 - names are ours
            tx.sql("UPDATE clock SET real = ?, virtual = ?, factor = 1.0", (now, now))


def _keep_private(path: Path) -> None:
    """Let only the owner read the file: environments of containers stand in it.

    SQLite gives its journals the mode of the database.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o600)
    except OSError as error:
        message = f"{path} cannot be used as emulator state ({error.strerror}). Choose another."
        raise StateFileError(message) from None


def _run(connection: sqlite3.Connection, script: str) -> None:
    """Run a script inside the open transaction; `executescript` would commit it first."""
    for statement in script.split(";"):
        if statement.strip():
            connection.execute(statement)


def _tables(connection: sqlite3.Connection) -> int:
    return connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
