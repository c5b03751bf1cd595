"""The state file: who may open it, and what a transaction keeps."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from vertex_custom_weights_provider.emulator import Settings, create_app
from vertex_custom_weights_provider.emulator.state import clock
from vertex_custom_weights_provider.emulator.state import store as store_module
from vertex_custom_weights_provider.emulator.state.store import (
    SCHEMA_VERSION,
    StateFileError,
    Store,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "state.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = Store(path)
    yield opened
    opened.close()


def change(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_state_file_of_a_newer_emulator_is_refused_with_both_versions(path: Path) -> None:
    Store(path).close()
    change(path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(StateFileError, match=f"state version {SCHEMA_VERSION + 1}"):
        create_app(Settings(path))


def test_state_file_of_an_older_emulator_is_brought_up_to_date(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = Store(path)
    with older.write() as tx:
        tx.put("kind", "name", {"a": 1})
    older.close()
    monkeypatch.setattr(store_module, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    step = "ALTER TABLE clock ADD COLUMN zone TEXT; UPDATE clock SET zone = 'UTC'"
    monkeypatch.setattr(store_module, "_MIGRATIONS", {SCHEMA_VERSION + 1: step})
    newer = Store(path)
    with newer.read() as tx:
        assert tx.get("kind", "name") == {"a": 1}
        assert tx.sql("SELECT zone FROM clock").fetchone() == ("UTC",)
    newer.close()


def test_several_processes_at_once_create_and_fill_one_file(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from vertex_custom_weights_provider.emulator.state.store import Store;"
        "store = Store(Path(sys.argv[1]))\n"
        "for index in range(25):\n"
        "    with store.write() as tx: tx.put('kind', f'{sys.argv[2]}-{index}', {})"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", code, str(path), str(number)])
        for number in range(4)
    ]
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    store = Store(path)
    with store.read() as tx:
        assert tx.count("kind") == 100
    store.close()


def test_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    change(path, "CREATE TABLE mine (x)")
    with pytest.raises(StateFileError, match="database of another program"):
        Store(path)


def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be mistaken for one" * 50)
    with pytest.raises(StateFileError, match="not usable as emulator state"):
        Store(path)


def test_exception_takes_a_transaction_back(store: Store) -> None:
    with pytest.raises(KeyError), store.write() as tx:  # noqa: PT012 - the block is the subject
        tx.put("kind", "name", {"a": 1})
        raise KeyError
    with store.read() as tx:
        assert tx.get("kind", "name") is None


def test_second_store_on_the_same_file_sees_what_the_first_wrote(store: Store, path: Path) -> None:
    other = Store(path)
    with store.write() as tx:
        tx.put("kind", "name", {"a": 1})
    with other.read() as tx:
        assert tx.get("kind", "name") == {"a": 1}
    other.close()


def test_many_threads_lose_no_change(store: Store) -> None:
    def add(worker: int) -> None:
        for index in range(25):
            with store.write() as tx:
                tx.put("kind", f"{worker}-{index}", {}, parent="p")

    threads = [threading.Thread(target=add, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as tx:
        assert tx.count("kind") == 200


def test_position_of_a_deleted_document_is_never_used_again(store: Store) -> None:
    with store.write() as tx:
        tx.put("kind", "a", {}, parent="p")
        [(first, _)] = tx.page("kind", "p")
        tx.delete("kind", "a")
        tx.put("kind", "b", {}, parent="p")
        [(second, _)] = tx.page("kind", "p")
    assert second > first


def test_replaced_facets_no_longer_find_a_document(store: Store) -> None:
    with store.write() as tx:
        tx.put("kind", "a", {"n": 1}, facets={"color": "red"})
        tx.put("kind", "a", {"n": 2}, facets={"color": "blue"})
        assert tx.find("kind", "color", "red") == []
        assert tx.find("kind", "color", "blue") == [{"n": 2}]


def test_clock_moves_forward_only(store: Store) -> None:
    with store.write() as tx:
        before = clock.read(tx).now()
        clock.advance(tx, 3600)
        assert clock.read(tx).now() >= before + 3600
        with pytest.raises(ValueError, match="cannot move the clock back"):
            clock.advance(tx, -1)


def test_stopped_clock_stands_still(store: Store) -> None:
    with store.write() as tx:
        clock.set_factor(tx, 0)
        assert clock.read(tx).now() == clock.read(tx).now()


def test_reset_forgets_documents_timers_and_clock(store: Store) -> None:
    with store.write() as tx:
        tx.put("kind", "a", {})
        tx.schedule(0, "effect", {})
        clock.set_factor(tx, 60)
    store.reset()
    with store.read() as tx:
        assert tx.count("kind") == 0
        assert tx.next_due() is None
        assert clock.read(tx).factor == 1.0


def test_closing_waits_for_whoever_is_still_reading(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    with store.read() as tx:
        store.close()
        assert tx.count("endpoint") == 0
    with pytest.raises(ConnectionResetError, match="closed"), store.read():
        pass
