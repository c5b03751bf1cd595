"""What one request sees of the state file, and changes in it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from vertex_custom_weights_provider.emulator.envelope import Json


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
