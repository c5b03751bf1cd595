"""The state file: JSON documents, their indexed facets, timers and the clock, in one SQLite file.

Durability: write-ahead log with `synchronous=NORMAL`. A commit has reached the operating system
when it returns, so a killed process loses nothing it acknowledged; only a power failure could lose
the last commits, and even then the file stays consistent.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
import weakref
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from vertex_custom_weights_provider.emulator.state.transaction import Transaction

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
