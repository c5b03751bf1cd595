"""The Pulumi CLI as commands run it: where it is started, with what, and what its refusals mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from vertex_custom_weights_provider import errors
from vertex_custom_weights_provider.cli import pulumi_cli


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, and a CLI that says which passphrase it was given and refuses."""
    for name in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)
    says(tmp_path, 'echo "error: passphrase is [${PULUMI_CONFIG_PASSPHRASE-none}]" >&2')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    (tmp_path / "project" / "below").mkdir(parents=True)
    (tmp_path / "project" / "Pulumi.yaml").write_text("name: mine\nruntime: python\n")
    return tmp_path / "project"


def says(folder: Path, command: str) -> None:
    (folder / "bin").mkdir(exist_ok=True)
    cli = folder / "bin" / "pulumi"
    cli.write_text(f"#!/bin/sh\n{command}\nexit 255\n")
    cli.chmod(0o755)


def refusal(project: Path) -> str:
    with pytest.raises(errors.ConfigurationError) as refused:
        pulumi_cli.run(project, "", "preview")
    return str(refused.value)


def test_stack_is_opened_with_the_empty_passphrase_where_none_is_given(project: Path) -> None:
    assert refusal(project) == "passphrase is []"


@pytest.mark.parametrize(
    ("name", "passed_on"),
    [("PULUMI_CONFIG_PASSPHRASE", "[mine]"), ("PULUMI_CONFIG_PASSPHRASE_FILE", "[none]")],
)
def test_passphrase_that_is_given_is_the_one(
    project: Path, monkeypatch: pytest.MonkeyPatch, name: str, passed_on: str
) -> None:
    monkeypatch.setenv(name, "mine")
    assert passed_on in refusal(project)


def test_folder_below_a_project_belongs_to_it(project: Path) -> None:
    assert refusal(project / "below") == "passphrase is []"


def test_folder_outside_a_project_is_told_so(project: Path) -> None:
    told = refusal(project.parent)
    assert f"no Pulumi.yaml in {project.parent}" in told
    assert "--cwd" in told


@pytest.mark.parametrize(
    ("error", "command"),
    [
        ("get stack secrets manager: incorrect passphrase", "export PULUMI_CONFIG_PASSPHRASE="),
        ("no stack selected; please use `pulumi stack select`", "pulumi stack select NAME"),
        ("the stack is currently locked by 1 lock(s)", "pulumi cancel --yes"),
        ("PULUMI_ACCESS_TOKEN must be set for login", "pulumi login"),
        (
            "unable to open bucket file:///a/.local/state?no_tmp_dir=true: stat /a/.local/state: "
            "no such file or directory",
            "mkdir -p /a/.local/state",
        ),
    ],
)
def test_refusal_comes_with_the_command_that_mends_it(
    project: Path, error: str, command: str
) -> None:
    says(project.parent, f"echo 'error: {error}' >&2")
    told = refusal(project)

    assert told.startswith(error)
    assert f"`{command}" in told
