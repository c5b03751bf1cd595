"""The file that carries what examinations found from the provider to the report."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from vertex_custom_weights_provider.adapter import findings_log
from vertex_custom_weights_provider.preflight import examine
from vertex_custom_weights_provider.samples import write
from vertex_custom_weights_provider.storage import LocalSource


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "findings.jsonl"
    monkeypatch.setenv(findings_log.VARIABLE, str(path))
    return path


def test_examination_is_read_back_as_it_was_recorded(log: Path, tmp_path: Path) -> None:
    write("llama-3.2-1b", tmp_path / "weights")
    facts = examine(LocalSource(tmp_path / "weights")).facts()

    findings_log.record("urn:one", facts)

    found = findings_log.read(log)["urn:one"]
    assert found["base_models"] == ["llama-3.2-1b"]
    assert found["verdict"] == facts["verdict"]
    assert [f["id"] for f in found["findings"]] == [f["id"] for f in facts["findings"]]
    assert "machines" not in found


def test_last_examination_of_a_resource_counts(log: Path) -> None:
    findings_log.record("urn:one", {"verdict": "error"})
    findings_log.record("urn:one", {"verdict": "ok"})

    assert findings_log.read(log) == {"urn:one": {"verdict": "ok"}}


def test_resources_examined_at_once_do_not_tear_each_others_lines(log: Path) -> None:
    facts = {"message": "é" * 5000}
    threads = [
        threading.Thread(target=findings_log.record, args=(f"urn:{number}", facts))
        for number in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(findings_log.read(log)) == 16


def test_lines_that_are_cut_off_or_foreign_are_left_out(log: Path) -> None:
    findings_log.record("urn:one", {"verdict": "ok"})
    with log.open("ab") as file:
        file.write(
            b'{"version": 2, "urn": "urn:two", "weights": {}}\n[1]\n\xff\xfe\n{"version": 1, "u'
        )

    assert list(findings_log.read(log)) == ["urn:one"]


def test_file_that_cannot_be_written_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(findings_log.VARIABLE, str(tmp_path / "no" / "such" / "folder"))

    findings_log.record("urn:one", {"verdict": "ok"})

    assert not (tmp_path / "no").exists()


def test_nothing_is_written_unless_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(findings_log.VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)

    findings_log.record("urn:one", {"verdict": "ok"})

    assert list(tmp_path.iterdir()) == []
