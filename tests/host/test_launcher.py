"""The script that the engine starts: which interpreter it picks, and what it says without one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from dynamic_harness import SUPPORT
from sample_providers import Echo

from vertex_custom_weights_provider import host
from vertex_custom_weights_provider.resources.psc_address import PscAddressProvider

LAUNCHER = Path(__file__).parents[2] / "plugin" / "pulumi-resource-pulumi-python"
CHOOSING = ("PULUMI_RUNTIME_VIRTUALENV", "PULUMI_RUNTIME_TOOLCHAIN", "VIRTUAL_ENV")


def _fake_venv(folder: Path, says: str, *, has_package: bool = True) -> Path:
    """Make a virtual environment whose interpreter says its name and its arguments."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nfor last; do :; done\necho "{says} $last"\n')
    python.chmod(0o755)
    if has_package:
        packages = folder / "lib" / "python3.11" / "site-packages"
        (packages / "vertex_custom_weights-0.1.0.dist-info").mkdir(parents=True)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a project with the launcher in its `plugin` folder."""
    folder = tmp_path / "home" / "project"
    (folder / "plugin").mkdir(parents=True)
    shutil.copy(LAUNCHER, folder / "plugin")
    return folder


def _launch(project: Path, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in CHOOSING}
    return subprocess.run(
        [project / "plugin" / LAUNCHER.name, "127.0.0.1:7"],
        cwd=cwd or project,
        env={**clean, "PULUMI_PYTHON_CMD": "false", **env},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_the_engines_choice_wins(project: Path, tmp_path: Path) -> None:
    _fake_venv(project / ".venv", "nearest")
    chosen = _fake_venv(tmp_path / "chosen", "chosen", has_package=False)

    assert _launch(project, PULUMI_RUNTIME_VIRTUALENV=str(chosen)).stdout == "chosen 127.0.0.1:7\n"


def test_a_relative_choice_is_relative_to_the_program(project: Path) -> None:
    _fake_venv(project / "envs" / "mine", "mine")

    assert _launch(project, PULUMI_RUNTIME_VIRTUALENV="envs/mine/").stdout.startswith("mine ")


def test_a_choice_without_an_interpreter_is_explained_in_one_line(project: Path) -> None:
    _fake_venv(project / ".venv", "nearest")

    done = _launch(project, PULUMI_RUNTIME_VIRTUALENV="absent")

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"No Python in the virtual environment {project}/absent" in done.stderr


def test_the_active_environment_is_next(project: Path, tmp_path: Path) -> None:
    _fake_venv(project / ".venv", "nearest")
    active = _fake_venv(tmp_path / "active", "active")

    assert _launch(project, VIRTUAL_ENV=str(active)).stdout.startswith("active ")


def test_an_active_environment_without_the_package_is_passed_over(
    project: Path, tmp_path: Path
) -> None:
    _fake_venv(project / ".venv", "nearest")
    active = _fake_venv(tmp_path / "active", "active", has_package=False)

    assert _launch(project, VIRTUAL_ENV=str(active)).stdout.startswith("nearest ")


def test_an_environment_above_the_working_directory_is_found(project: Path) -> None:
    _fake_venv(project / ".venv", "nearest")
    deep = project / "stacks" / "deep"
    deep.mkdir(parents=True)

    assert _launch(project, cwd=deep).stdout.startswith("nearest ")


def test_the_environment_of_the_project_is_found_from_anywhere(
    project: Path, tmp_path: Path
) -> None:
    _fake_venv(project / ".venv", "beside the plugin")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    assert _launch(project, cwd=elsewhere).stdout.startswith("beside the plugin ")


def test_without_any_environment_the_configured_python_is_used(
    project: Path, tmp_path: Path
) -> None:
    python = _fake_venv(tmp_path / "other", "other") / "bin" / "python"

    assert _launch(project, PULUMI_PYTHON_CMD=str(python)).stdout.startswith("other ")


def test_a_python_without_the_package_is_explained_in_one_line(project: Path) -> None:
    # -I -S: this interpreter without what is installed for it.
    python = project / "bare"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    python.chmod(0o755)

    done = _launch(project, PULUMI_PYTHON_CMD=str(python))

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("vertex-custom-weights is not installed for ")


def test_folders_with_spaces_are_no_trouble(tmp_path: Path) -> None:
    folder = tmp_path / "my project"
    (folder / "plugin").mkdir(parents=True)
    shutil.copy(LAUNCHER, folder / "plugin")
    _fake_venv(folder / ".venv", "spaced")

    assert _launch(folder).stdout == "spaced 127.0.0.1:7\n"


def test_it_serves_as_the_engine_starts_it(start_server) -> None:
    venv = Path(sys.executable).parents[1]

    server = start_server([str(LAUNCHER)], env={"PULUMI_RUNTIME_VIRTUALENV": str(venv)})

    assert server.configuration.supportsPreview


def test_what_a_program_calls_like_the_standard_library_stays_its_own(
    start_server, tmp_path: Path
) -> None:
    standard = ("http", "types", "runpy", "json", "queue", "logging", "email", "ssl", "typing")
    for name in standard:
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the module of the program')\n")
    shutil.copy(SUPPORT / "sample_providers.py", tmp_path)
    server = start_server(
        [str(LAUNCHER)],
        cwd=tmp_path,
        env={"PULUMI_RUNTIME_VIRTUALENV": sys.prefix, "TMPDIR": str(tmp_path)},
        config={"vertex-custom-weights:backend": "emulator"},
    )
    assert server.create(Echo(), {"name": "a"}).id  # modules of the program are found as ever
    # The emulator, and with it werkzeug and much of the standard library, is loaded on first use.
    address = {"project": "shop", "region": "us-central1", "subnetwork": "default"}
    inputs = dict(server.check(PscAddressProvider(), address).inputs)
    assert server.create(PscAddressProvider(), inputs).id


@pytest.mark.parametrize("name", [LAUNCHER.name, "pulumi-resource-vcw"])
def test_the_launcher_of_this_project_is_the_one_that_is_installed_elsewhere(name: str) -> None:
    launcher = LAUNCHER.with_name(name)
    assert not launcher.is_symlink()  # it is copied, and unpacked where there are no links
    assert os.access(launcher, os.X_OK)
    installed = Path(host.__file__).parent / "launcher" / name
    assert launcher.read_bytes() == installed.read_bytes()
