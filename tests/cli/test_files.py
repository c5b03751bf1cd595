"""A disk that is full is told with the file that did not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.cli import files
from vertex_custom_weights_provider.cli.main import app

FULL = Path("/dev/full")


def test_a_file_is_written_as_it_is(tmp_path: Path) -> None:
    files.write(tmp_path / "text", "é\n")
    files.write(tmp_path / "bytes", b"\xff")
    assert (tmp_path / "text").read_bytes() == "é\n".encode()
    assert (tmp_path / "bytes").read_bytes() == b"\xff"


@pytest.mark.parametrize("content", ["text", b"bytes"])
def test_what_does_not_fit_is_named(tmp_path: Path, content: str | bytes) -> None:
    full = tmp_path / "report.html"
    full.symlink_to(FULL)
    with pytest.raises(errors.ConfigurationError, match="report.html cannot be written: No space"):
        files.write(full, content)


def test_a_folder_that_is_missing_is_told_with_the_file(tmp_path: Path) -> None:
    with pytest.raises(errors.ConfigurationError, match=r"none/x cannot be written: No such file"):
        files.write(tmp_path / "none" / "x", "")


def test_a_project_that_cannot_be_written_ends_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "README.md").symlink_to(tmp_path / "none" / "x")
    done = CliRunner().invoke(app, ["init", str(tmp_path)])
    assert done.exit_code == 1
    assert "README.md cannot be written: No such file or directory" in done.stderr
