"""`vcw doctor` as a command: the Pulumi side, what previews tell, exit codes, JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from vertex_custom_weights_provider.cli import pulumi_cli
from vertex_custom_weights_provider.cli.doctor import doctor
from vertex_custom_weights_provider.cli.init import init
from vertex_custom_weights_provider.doctor import Check, check_pulumi

EMULATOR = {
    "vertex-custom-weights:backend": "emulator",
    "vertex-custom-weights:emulatorBuckets": '{"weights": "weights"}',
}
DEPLOYMENT = {
    "type": "vcw:m:Deployment",
    "urn": "urn:pulumi:local::mine::x::chat",
    "inputs": {"gcsUri": "gs://weights/chat", "project": "p", "location": "us-central1"},
}


def run(command: Any, *arguments: str) -> Any:
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project made by `vcw init`, with weights in the emulator's bucket."""
    run(init, str(tmp_path))
    (tmp_path / "weights" / "chat").mkdir(parents=True)
    (tmp_path / "weights" / "chat" / "config.json").write_text("{}")
    return tmp_path


class Pulumi:
    """The Pulumi CLI, with a stack made up."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.preview: dict[str, Any] = {"steps": [{"newState": DEPLOYMENT}], "diagnostics": []}
        self.code = 0
        monkeypatch.setattr(pulumi_cli, "stack_config", lambda *_: EMULATOR)
        monkeypatch.setattr(pulumi_cli, "attempt", self._attempt)

    def _attempt(self, _project: Path, _stack: str, *verb: str) -> Any:
        assert verb == ("preview", "--json", "--show-sames")  # without it, only what changes
        text = json.dumps(self.preview) if self.preview else ""
        return subprocess.CompletedProcess([], self.code, text, "error: no stack selected")


@pytest.fixture
def pulumi(monkeypatch: pytest.MonkeyPatch) -> Pulumi:
    return Pulumi(monkeypatch)


def pulumi_side(project: Path, about: str) -> Check:
    environ = {"VIRTUAL_ENV": sys.prefix}
    (check,) = (c for c in check_pulumi(project, environ) if c.about == about)
    return check


def test_project_made_by_init_is_in_order(project: Path) -> None:
    for about in ("provider host", "Python of the program"):
        assert pulumi_side(project, about).status == "ok"


def test_folder_without_a_project_is_told_to_make_one(tmp_path: Path) -> None:
    assert pulumi_side(tmp_path, "Pulumi.yaml").mend == ("vcw init",)


def test_project_without_the_plugin_lines_loses_what_the_host_adds(project: Path) -> None:
    (project / "Pulumi.yaml").write_text("name: mine\nruntime: python\n")
    check = pulumi_side(project, "provider host")

    assert (check.status, check.mend) == ("problem", ("vcw init",))
    assert "four at a time" in check.told


def test_launcher_that_was_not_copied_along_is_a_problem(project: Path) -> None:
    (project / "plugin" / "pulumi-resource-pulumi-python").unlink()
    assert "does not exist" in pulumi_side(project, "provider host").told


def test_launcher_that_cannot_be_run_is_made_runnable(project: Path) -> None:
    launcher = project / "plugin" / "pulumi-resource-pulumi-python"
    launcher.chmod(0o644)
    assert pulumi_side(project, "provider host").mend == (f"chmod +x {launcher}",)


def test_launcher_of_another_version_is_noted(project: Path) -> None:
    launcher = project / "plugin" / "pulumi-resource-pulumi-python"
    launcher.write_text("#!/bin/sh\n# older\n")
    assert pulumi_side(project, "provider host").status == "note"


def test_environment_that_does_not_exist_is_a_problem(project: Path) -> None:
    settings = (project / "Pulumi.yaml").read_text()
    named = settings.replace("name: python\n", "name: python\n  options: {virtualenv: gone}\n")
    (project / "Pulumi.yaml").write_text(named)
    assert pulumi_side(project, "Python of the program").status == "problem"


def test_stack_on_the_emulator_is_examined_without_an_account(
    project: Path, pulumi: Pulumi
) -> None:
    done = run(doctor, "--cwd", str(project))

    assert "gs://weights/chat: There" in done.output
    assert "the emulator plays Google" in done.output


def test_folder_that_is_missing_is_a_problem_and_the_exit_code_says_so(
    project: Path, pulumi: Pulumi
) -> None:
    (project / "weights" / "chat" / "config.json").unlink()
    done = run(doctor, "--cwd", str(project))

    assert done.exit_code == 1
    assert "$ gcloud storage cp --recursive FOLDER/* gs://weights/chat/" in done.output


def test_what_a_preview_warns_of_the_whole_stack_is_noted(project: Path, pulumi: Pulumi) -> None:
    stack = "urn:pulumi:local::mine::pulumi:pulumi:Stack::mine-local"
    pulumi.preview["diagnostics"] = [
        {"severity": "warning", "urn": stack, "message": "warning: 64 deployments in 8 turns\n"},
        {"severity": "warning", "urn": DEPLOYMENT["urn"], "message": "warning: of one\n"},
        {"severity": "warning", "message": "warning: of nothing\n"},
    ]
    done = run(doctor, "--cwd", str(project))
    assert "  note    preview: 64 deployments in 8 turns" in done.output
    assert "of one" not in done.output
    assert "of nothing" not in done.output


def test_failed_preview_is_a_problem_and_the_rest_is_examined_all_the_same(
    project: Path, pulumi: Pulumi
) -> None:
    pulumi.code = 255
    pulumi.preview["diagnostics"] = [
        {"severity": "error", "urn": "x::chat", "message": "error: gcsUri: is empty\n"},
        {"severity": "error", "message": "error: preview failed\n"},
    ]
    done = run(doctor, "--cwd", str(project))

    assert done.exit_code == 1
    assert "PROBLEM preview: gcsUri: is empty" in done.output
    assert "gs://weights/chat: There" in done.output


def test_stack_that_cannot_be_previewed_at_all_is_told_in_pulumis_words(
    project: Path, pulumi: Pulumi
) -> None:
    pulumi.preview, pulumi.code = {}, 255
    done = run(doctor, "--cwd", str(project))

    assert done.exit_code == 2
    assert "vcw doctor: no stack selected" in done.output


def test_json_has_every_check_with_its_section(project: Path, pulumi: Pulumi) -> None:
    found = json.loads(run(doctor, "--cwd", str(project), "--format", "json").output)

    assert {check["section"] for check in found["checks"]} >= {"Pulumi", "Preview", "Weights"}
    assert set(found["checks"][0]) == {"section", "about", "status", "told", "mend"}
    assert found["problems"] == sum(check["status"] == "problem" for check in found["checks"])
