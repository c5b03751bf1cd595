"""`vcw adopt`: where it looks, and what it says when there is nothing to see."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from vertex_custom_weights_provider.cli.adopt import adopt

APP = typer.Typer()
APP.command()(adopt)
PLACE = ("--project", "local-project", "--location", "us-central1")


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(APP, ["--cwd", str(folder), *arguments])


def emulated(folder: Path) -> tuple[str, ...]:
    state = f"vertex-custom-weights:emulatorState={folder}/emulator.db"
    return ("--config", "vertex-custom-weights:backend=emulator", "--config", state)


def test_a_place_has_to_be_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    done = run(tmp_path, *emulated(tmp_path))
    assert done.exit_code == 1
    assert "Where to look? Give --project and --location" in done.stderr


def test_a_region_that_does_not_exist_is_refused_with_what_was_meant(tmp_path: Path) -> None:
    done = run(tmp_path, "--project", "p", "--location", "us-centrl1", *emulated(tmp_path))
    assert done.exit_code == 1
    assert "us-central1" in done.stderr


def test_configuration_has_to_be_a_key_and_a_value(tmp_path: Path) -> None:
    done = run(tmp_path, *PLACE, "--config", "backend")
    assert done.exit_code == 1
    assert "write KEY=VALUE" in done.stderr


def test_an_empty_project_is_said_to_be_empty(tmp_path: Path) -> None:
    done = run(tmp_path, *PLACE, *emulated(tmp_path))
    assert done.exit_code == 1
    assert "No endpoint serves weights of your own in project local-project" in done.stderr
    assert done.stdout == ""


def test_missing_credentials_are_said_to_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    for name in ("GOOGLE_OAUTH_ACCESS_TOKEN", "GOOGLE_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    done = run(tmp_path, *PLACE)
    assert done.exit_code == 1
    assert "credentials" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    program = tmp_path / "__main__.py"
    program.write_text("precious")
    done = run(tmp_path, *PLACE, *emulated(tmp_path), "--write", str(program))
    assert done.exit_code == 1
    assert "exists. Give another name, or --force" in done.stderr
    assert program.read_text() == "precious"
