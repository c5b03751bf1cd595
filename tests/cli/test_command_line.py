"""What all commands of `vcw` have in common: help, completion, lists, Ctrl-C, pipes."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from vertex_custom_weights_provider import catalog
from vertex_custom_weights_provider.cli.main import app
from vertex_custom_weights_provider.cli.usage import USAGE

from .support.terminal import VCW, at_terminal

ROOT: Any = typer.main.get_command(app)


def commands(group: Any = ROOT, above: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every command with what is typed for it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*above, name))
        else:
            yield " ".join((*above, name)), command


COMMANDS = dict(commands())
every_command = pytest.mark.parametrize("path", COMMANDS)


def run(*arguments: str, **options: Any) -> Any:
    return CliRunner().invoke(app, arguments, **options)


def test_usage_is_told_of_every_command_and_of_no_other() -> None:
    assert set(USAGE) == set(COMMANDS)


@every_command
def test_help_has_the_name_of_every_option_whole_at_80_columns(path: str) -> None:
    done = run(*path.split(), "-h", env={"COLUMNS": "80"})
    assert done.exit_code == 0
    for parameter in COMMANDS[path].params:
        assert all(option in done.output for option in parameter.opts if option.startswith("-"))
    before, _, examples = done.output.partition("Examples:")
    assert max(map(len, before.splitlines())) <= 80
    assert examples.split("\n", 1)[1].startswith(f"    vcw {path}")


@every_command
def test_option_that_takes_a_value_says_what(path: str) -> None:
    for parameter in COMMANDS[path].params:
        if parameter.param_type_name == "option" and not parameter.is_flag:
            assert parameter.metavar or parameter.type_descriptor.is_choice, parameter.name


@every_command
def test_flag_does_not_look_as_if_it_took_a_value(path: str) -> None:
    assert "<bool>" not in run(*path.split(), "--help").output


@pytest.mark.parametrize(
    ("path", "line"), [(path, line) for path, (_, *lines) in USAGE.items() for line in lines]
)
def test_example_is_understood(path: str, line: str) -> None:
    words = shlex.split(re.split(" [|>] ", line)[0])  # up to what the shell does
    assert words[: 1 + len(path.split())] == ["vcw", *path.split()]
    with COMMANDS[path].make_context(path, words[1 + len(path.split()) :]) as context:
        assert not context.args


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("vcw cat", "catalog"),
        ("vcw catalog models --family ll", "llama"),
        ("vcw catalog machines --accelerator NVIDIA_L", "NVIDIA_L4"),
        ("vcw preflight x --machine g2-standard-1", "g2-standard-12"),
        ("vcw preflight x --region us-c", "us-central1"),
        ("vcw init --base-model qwen3-0", "qwen3-0.6b"),
    ],
)
def test_shell_completes(line: str, completed: str) -> None:
    words = line.split()
    wanted = {"_VCW_COMPLETE": "complete_bash", "COMP_WORDS": line}
    environment = {**os.environ, **wanted, "COMP_CWORD": str(len(words) - 1)}
    done = subprocess.run(
        [VCW], env=environment, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    assert completed in done.split()


LISTS = {
    "models": [row.id for row in catalog.models()],
    "machines": [row.id for row in catalog.machines()],
    "regions": [row.id for row in catalog.regions()],
    "prices": [row.id for row in catalog.machines() if row.usd_per_hour is not None],
}


@pytest.mark.parametrize("topic", LISTS)
def test_list_in_a_pipe_has_a_line_for_each_with_its_whole_name(topic: str) -> None:
    header, *rows = run("catalog", topic).output.splitlines()
    assert sorted(row.split()[0] for row in rows) == sorted(LISTS[topic])
    assert all(row[: len(row.split()[0])] == row.split()[0] for row in [header, *rows])


@pytest.mark.parametrize("columns", [30, 60, 80, 120])
@pytest.mark.parametrize("topic", LISTS)
def test_list_at_a_terminal_cuts_no_name_and_breaks_no_line(topic: str, columns: int) -> None:
    seen = at_terminal(VCW, "catalog", topic, columns=columns)
    first = {line.split()[0] for line in seen.lines if line and not line.startswith(" ")}
    assert set(LISTS[topic]) <= first
    rows = [line for line in seen.lines if line.split()[:1] and line.split()[0] in LISTS[topic]]
    assert max(map(len, rows)) <= columns
    shown = {name for name in catalog.accelerator_names() if name in seen.text}
    words = {word.strip(",") for line in seen.lines for word in line.split()}
    assert shown <= words


def test_columns_that_have_no_room_are_named() -> None:
    seen = at_terminal(VCW, "catalog", "models", columns=60)
    assert "Not shown for want of room: " in seen.lines[-1]
    assert "tensor parallel" in seen.lines[-1]


@pytest.mark.parametrize("topic", LISTS)
def test_list_is_whole_as_json(topic: str) -> None:
    assert len(json.loads(run("catalog", topic, "--format", "json").output)) == len(LISTS[topic])


def listed(*arguments: str) -> list[dict[str, Any]]:
    return json.loads(run("catalog", *arguments, "--format", "json").output)


def test_models_of_one_family_are_listed() -> None:
    found = listed("models", "--family", "gemma")
    assert [row["id"] for row in found] == [
        row.id for row in catalog.models() if row.family == "gemma"
    ]


def test_machines_that_can_carry_an_accelerator_are_listed() -> None:
    built_in = listed("machines", "--accelerator", "NVIDIA_L4")
    attached = listed("machines", "--accelerator", "NVIDIA_TESLA_T4")
    assert {row["accelerator"] for row in built_in} == {"NVIDIA_L4"}
    assert attached
    assert all("NVIDIA_TESLA_T4" in row["attachable"] for row in attached)


def test_machines_offered_in_a_region_are_listed() -> None:
    offered = catalog.region("africa-south1").default_quota
    found = listed("machines", "--region", "africa-south1")
    assert all({row["accelerator"], *(row["attachable"] or ())} & {*offered} for row in found)
    assert len(found) < len(catalog.machines())


def test_regions_that_offer_an_accelerator_are_listed() -> None:
    found = listed("regions", "--accelerator", "NVIDIA_H100_80GB")
    quota = catalog.accelerator("NVIDIA_H100_80GB").default_quota
    assert {row["id"]: row["default_quota"] for row in found} == {
        region: {"NVIDIA_H100_80GB": granted} for region, granted in quota.items()
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("models", "--family", "lama"), "Did you mean llama?"),
        (("machines", "--accelerator", "L4"), "Did you mean NVIDIA_L4"),
        (("machines", "--region", "us-central"), "Did you mean us-central1"),
    ],
)
def test_filter_that_fits_nothing_says_what_was_meant(
    arguments: tuple[str, ...], said: str
) -> None:
    done = run("catalog", *arguments)
    assert done.exit_code == 2
    assert said in done.output


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project made by `vcw init`, and a Pulumi CLI that never answers but says so."""
    run("init", str(tmp_path / "project"))
    (tmp_path / "bin").mkdir()
    cli = tmp_path / "bin" / "pulumi"
    cli.write_text("#!/bin/sh\necho asked >&2\necho waiting > /dev/tty\nsleep 60\n")
    cli.chmod(0o755)
    return tmp_path / "project"


@pytest.mark.parametrize(
    "command", [("query", "hello"), ("doctor",), ("report",), ("adopt",), ("emulator", "show")]
)
def test_ctrl_c_ends_a_command_without_a_word(project: Path, command: tuple[str, ...]) -> None:
    path = f"{project.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    seen = at_terminal(
        *(VCW, *command, "--stack", "local"),
        folder=project,
        environment={**os.environ, "PATH": path},
        interrupt_after="waiting",
    )
    assert seen.code == 130
    assert "Traceback" not in seen.text
    assert "Error" not in seen.text


def test_ctrl_c_stops_a_served_emulator(tmp_path: Path) -> None:
    seen = at_terminal(
        *(VCW, "emulator", "serve", "--port", "0"),
        folder=tmp_path,
        interrupt_after="look inside",
    )
    assert seen.code == 0
    assert seen.lines[-1].removeprefix("^C") == "Stopped. The state is kept."


PREVIEW = '{"steps": [], "diagnostics": [], "changeSummary": {}}'


@pytest.mark.parametrize(
    "command",
    [
        ("catalog", "models"),
        ("catalog", "models", "--format", "json"),
        ("report", "--preview", "preview.json"),
        ("emulator", "scenario", "list"),
    ],
)
def test_pipe_that_nobody_reads_is_no_mistake(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "preview.json").write_text(PREVIEW)
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [VCW, *command], cwd=tmp_path, stdout=write, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(write)
    assert done.stderr == b""


def test_doctor_breaks_no_word_at_80_columns(tmp_path: Path) -> None:
    run("init", str(tmp_path))
    (tmp_path / "plugin" / "pulumi-resource-pulumi-python").write_text("#!/bin/sh\n# older\n")
    seen = at_terminal(VCW, "doctor", "--stack", "none", folder=tmp_path)
    lines = [re.sub(r"\x1b\[\d*m", "", line) for line in seen.lines]
    checks = [line for line in lines if line.startswith("  ")]
    assert [line for line in checks if len(line) > 80 and " " in line[10:].strip()] == []
    assert any(line.startswith(" " * 10) for line in checks)
