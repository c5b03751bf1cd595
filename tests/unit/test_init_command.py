"""`vcw init`: a project of one's own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner

from vertex_custom_weights_provider.cli.init import init

LAUNCHER = Path("plugin", "pulumi-resource-pulumi-python")
OURS = [{"name": "pulumi-python", "path": "./plugin"}]


def run(folder: Path) -> tuple[int, str]:
    """Run the command on a folder; return its exit code and what it prints."""
    app = typer.Typer()
    app.command()(init)
    done = CliRunner().invoke(app, [str(folder)])
    return done.exit_code, done.output


def providers(folder: Path) -> object:
    return yaml.safe_load((folder / "Pulumi.yaml").read_text())["plugins"]["providers"]


def test_empty_folder_becomes_a_whole_project(tmp_path: Path) -> None:
    folder = tmp_path / "my models"
    code, told = run(folder)

    assert code == 0
    assert "pulumi up" in told
    assert yaml.safe_load((folder / "Pulumi.yaml").read_text())["name"] == "my-models"
    assert providers(folder) == OURS
    compile((folder / "__main__.py").read_text(), "__main__.py", "exec")
    config = yaml.safe_load((folder / "Pulumi.local.yaml").read_text())["config"]
    assert config["vertex-custom-weights:backend"] == "emulator"


def test_launcher_is_the_one_of_this_package_and_can_be_started(tmp_path: Path) -> None:
    run(tmp_path)

    launcher = tmp_path / LAUNCHER
    assert launcher.read_bytes() == (Path(__file__).parents[2] / LAUNCHER).read_bytes()
    assert os.access(launcher, os.X_OK)
    subprocess.run(["sh", "-n", launcher], check=True)


def test_virtual_environment_of_the_project_is_named(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    run(tmp_path)

    runtime = yaml.safe_load((tmp_path / "Pulumi.yaml").read_text())["runtime"]
    assert runtime == {"name": "python", "options": {"virtualenv": ".venv"}}


def test_existing_project_keeps_its_files_and_learns_of_the_launcher(tmp_path: Path) -> None:
    text = "# mine\nname: mine\nruntime: python\n"
    (tmp_path / "Pulumi.yaml").write_text(text)
    code, _ = run(tmp_path)

    assert code == 0
    assert (tmp_path / "Pulumi.yaml").read_text().startswith(text)
    assert providers(tmp_path) == OURS
    assert {path.name for path in tmp_path.iterdir()} == {"Pulumi.yaml", "plugin"}


def test_second_run_changes_nothing(tmp_path: Path) -> None:
    run(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    code, told = run(tmp_path)

    assert (code, told) == (0, "")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_launcher_of_an_older_version_is_brought_up_to_date(tmp_path: Path) -> None:
    run(tmp_path)
    (tmp_path / LAUNCHER).write_text("#!/bin/sh\n# outdated\n")
    run(tmp_path)

    assert "outdated" not in (tmp_path / LAUNCHER).read_text()


@pytest.mark.parametrize(
    "plugins",
    [
        "plugins:\n  providers:\n    - name: other\n      path: ./other\n",
        "plugins:\n  providers:\n    - name: pulumi-python\n      path: ./else\n",
        "plugins: {}\n",
    ],
)
def test_plugin_list_of_the_users_own_is_left_to_the_user(tmp_path: Path, plugins: str) -> None:
    text = f"name: mine\nruntime: python\n{plugins}"
    (tmp_path / "Pulumi.yaml").write_text(text)
    code, told = run(tmp_path)

    assert code == 1
    assert "- name: pulumi-python\n      path: ./plugin" in told
    assert (tmp_path / "Pulumi.yaml").read_text() == text
