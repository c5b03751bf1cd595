"""Finding the Pulumi CLI, as its script is run; programs on PATH are stand-ins."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "tools" / "pulumi"


class Machine:
    """A PATH and a tool cache of its own."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.cache = folder / "cache"

    def has(self, program: str, output: str = "") -> None:
        script = self.bin / program
        script.write_text(f"#!/bin/sh\necho {shlex.quote(output)}\n")
        script.chmod(0o755)

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "PATH": str(self.bin), "VCW_TOOLS_CACHE": str(self.cache)}
        command = [sys.executable, SCRIPTS / script, *arguments]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_machine_without_go_is_told_that_the_linter_of_workflows_needs_it(machine: Machine) -> None:
    run = machine.run("ensure_actionlint.py")

    assert run.returncode == 1
    assert "Install Go 1.26 or newer" in run.stderr
    assert list(machine.cache.rglob("actionlint")) in ([], [machine.cache / "actionlint"])


def test_cli_on_path_with_its_language_host_is_used(machine: Machine) -> None:
    machine.has("pulumi", "v3.255.0")
    machine.has("pulumi-language-python")

    assert machine.run("ensure.py").stdout.strip() == str(machine.bin)


@pytest.mark.parametrize(
    ("programs", "reason"),
    [
        ({}, "no pulumi on PATH"),
        ({"pulumi": "v3.100.2", "pulumi-language-python": ""}, "is 3.100.2, at least 3.255.0"),
        ({"pulumi": "v3.255.0"}, "has no pulumi-language-python"),
        ({"pulumi": "nonsense"}, "does not tell its version"),
    ],
    ids=["nothing", "too old", "no language host", "broken"],
)
def test_machine_without_usable_cli_and_without_go_is_told_what_to_install(
    machine: Machine, programs: dict[str, str], reason: str
) -> None:
    for program, output in programs.items():
        machine.has(program, output)

    run = machine.run("ensure.py")

    assert run.returncode == 1
    assert run.stdout == ""
    assert reason in run.stderr
    assert "https://www.pulumi.com/docs/install/" in run.stderr
    assert "Go 1.26 or newer (https://go.dev/doc/install)" in run.stderr
    assert "Traceback" not in run.stderr


def test_machine_without_go_is_told_that_other_languages_need_it(machine: Machine) -> None:
    run = machine.run("ensure_languages.py")

    assert run.returncode == 1
    assert run.stdout == ""
    assert "language hosts are not there yet" in run.stderr
    assert "Go 1.26 or newer (https://go.dev/doc/install)" in run.stderr


def test_go_that_is_too_old_is_named(machine: Machine) -> None:
    machine.has("go", "go version go1.21.4 linux/amd64")

    run = machine.run("ensure.py")

    assert run.returncode == 1
    assert "1.21.4, too old" in run.stderr


def test_failed_build_leaves_its_log_and_no_half_made_cli(machine: Machine) -> None:
    machine.has("go", "go version go1.26.8 linux/amd64")
    (machine.bin / "go").write_text(
        '#!/bin/sh\n[ "$1" = version ] && echo go version go1.26.8 && exit\n'
        "echo no space left; exit 1\n"
    )

    run = machine.run("ensure.py")

    assert run.returncode == 1
    assert "no space left" in run.stderr
    kept = sorted(path.suffix for path in (machine.cache / "pulumi").iterdir())
    assert kept == [".lock", ".log"]


def test_environment_takes_no_state_along_to_another_project(machine: Machine) -> None:
    machine.has("pulumi", "v3.255.0")
    machine.has("pulumi-language-python")

    values = json.loads(machine.run("environment.py", "--json").stdout)

    checkout = SCRIPTS.parents[1]
    assert values["PATH"].split(os.pathsep) == [str(checkout / ".venv" / "bin"), str(machine.bin)]
    assert values["PULUMI_CONFIG_PASSPHRASE"] == ""
    # PATH apart, nothing else names a place.
    assert [name for name, value in values.items() if "/" in value] == ["PATH", "VIRTUAL_ENV"]


def test_environment_is_printed_for_a_shell_to_evaluate(machine: Machine) -> None:
    machine.has("pulumi", "v3.255.0")
    machine.has("pulumi-language-python")
    text = machine.run("environment.py").stdout

    shown = subprocess.run(
        ["/bin/sh", "-c", f'{text}\necho "$PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"'],
        capture_output=True,
        text=True,
        check=True,
    )

    assert shown.stdout.strip() == "true"
