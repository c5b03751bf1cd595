"""`vcw init`: a project of one's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner

from vertex_custom_weights_provider.cli.init import init
from vertex_custom_weights_provider.settings import Settings

LAUNCHER = Path("plugin", "pulumi-resource-pulumi-python")
OURS = [{"name": "pulumi-python", "path": "./plugin"}]


def run(folder: Path, *options: str) -> tuple[int, str]:
    """Run the command on a folder; return its exit code and what it prints."""
    app = typer.Typer()
    app.command()(init)
    done = CliRunner().invoke(app, [str(folder), *options])
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


def test_project_file_has_nothing_that_is_for_pulumi_new(tmp_path: Path) -> None:
    run(tmp_path)
    text = (tmp_path / "Pulumi.yaml").read_text()

    keys = {"name", "description", "backend", "runtime", "plugins", "config"}
    assert set(yaml.safe_load(text)) == keys
    assert "${" not in "".join(path.read_text() for path in tmp_path.rglob("*.*") if path.is_file())


def test_tests_of_the_project_pass(tmp_path: Path) -> None:
    run(tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "3 passed" in done.stdout) == (0, True), done.stdout


def test_state_is_kept_in_a_folder_of_the_project_that_is_there(tmp_path: Path) -> None:
    run(tmp_path)

    backend = yaml.safe_load((tmp_path / "Pulumi.yaml").read_text())["backend"]
    assert backend == {"url": "file://.local/state"}
    assert (tmp_path / ".local" / "state").is_dir()


@pytest.mark.parametrize(
    ("state", "backend"), [("gs://my-state", {"url": "gs://my-state"}), ("", None)]
)
def test_state_is_kept_where_told(tmp_path: Path, state: str, backend: object) -> None:
    run(tmp_path, "--state", state)

    assert yaml.safe_load((tmp_path / "Pulumi.yaml").read_text()).get("backend") == backend
    assert not (tmp_path / ".local").exists()


def test_sample_is_the_checkpoint_that_stack_local_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")  # no Pulumi CLI: the stack is left to the person
    code, told = run(tmp_path, "--sample", "--base-model", "qwen3-0.6b")
    config = yaml.safe_load((tmp_path / "Pulumi.local.yaml").read_text())["config"]
    bucket, _, folder = config["weightsUri"].removeprefix("gs://").partition("/")
    settings = Settings.resolve({}, root=tmp_path)

    assert code == 0
    assert Path(dict(settings.emulator_buckets)[bucket], folder, "config.json").exists()
    assert "pulumi stack init local" in told
    assert "sample-weights" not in told.partition("Next")[2]


def test_base_model_decides_the_sample_and_the_configuration(tmp_path: Path) -> None:
    code, told = run(tmp_path, "--base-model", "qwen3-0.6b")
    config = yaml.safe_load((tmp_path / "Pulumi.local.yaml").read_text())["config"]

    assert code == 0
    assert "sample-weights qwen3-0.6b" in told
    assert config["baseModel"] == "qwen3-0.6b"
    assert config["weightsUri"] == "gs://local-weights/qwen3-0.6b"


def test_unknown_base_model_writes_nothing(tmp_path: Path) -> None:
    code, told = run(tmp_path / "new", "--base-model", "llama-3.2-1")

    assert code == 2
    assert "llama-3.2-1b" in told
    assert not (tmp_path / "new").exists()


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, told = run(tmp_path / "file" / "below")

    assert code == 2
    assert "cannot be made" in told


def test_files_that_are_there_are_kept(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    _, told = run(tmp_path)

    assert (tmp_path / "README.md").read_text() == "mine"
    assert "kept  README.md" in told


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
    assert runtime == {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}}


def test_existing_project_keeps_its_files_and_learns_of_the_launcher(tmp_path: Path) -> None:
    text = "# mine\nname: mine\nruntime: python\n"
    (tmp_path / "Pulumi.yaml").write_text(text)
    code, _ = run(tmp_path)

    assert code == 0
    assert (tmp_path / "Pulumi.yaml").read_text().startswith(text)
    assert providers(tmp_path) == OURS
    assert {path.name for path in tmp_path.iterdir()} == {"Pulumi.yaml", "plugin"}


def test_state_folder_of_a_project_that_was_copied_is_made(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    text = "name: mine\nruntime: python\nbackend: {url: file://../.local/state}\n"
    (tmp_path / "models" / "Pulumi.yaml").write_text(text)
    run(tmp_path / "models")

    assert (tmp_path / ".local" / "state").is_dir()


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
