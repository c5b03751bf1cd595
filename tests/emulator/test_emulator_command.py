"""`vcw emulator`: what each command does and says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from click.testing import Result
from typer.testing import CliRunner

from vertex_custom_weights_provider.cli import emulator_client, pulumi_cli
from vertex_custom_weights_provider.cli.emulator import app
from vertex_custom_weights_provider.emulator import Settings, create_app

from ..support.transport import Beneath

LOCATION = "v1beta1/projects/my-proj/locations/us-central1"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    path = tmp_path / "state.db"
    create_app(Settings(path)).close()
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def succeed(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_state_file_is_shown_without_a_server(state: Path) -> None:
    shown = succeed("show", "--state", str(state))

    assert "Virtual time 20" in shown
    assert "endpoints: 0" in shown


def test_a_served_emulator_is_shown_by_url(served: Callable[..., str]) -> None:
    url = served()
    body = {"displayName": "e"}
    httpx.post(f"{url}/{LOCATION}/endpoints?endpointId=e1", json=body).raise_for_status()

    assert "endpoints.create" in succeed("show", "--log", "--url", url)
    assert '"endpoints": 1' in succeed("show", "--format", "json", "--url", url)


def test_the_clock_is_advanced(state: Path) -> None:
    before = succeed("advance", "0s", "--state", str(state))
    after = succeed("advance", "7d", "--state", str(state))

    assert before[:23] != after[:23]


def test_a_reset_empties_the_state(state: Path) -> None:
    succeed("fault", "add", "*", "--status", "503", "--state", str(state))

    assert succeed("reset", "--state", str(state)) == "The emulator is empty.\n"
    assert succeed("fault", "list", "--state", str(state)) == "No faults.\n"


def test_faults_are_added_listed_and_cleared(state: Path) -> None:
    where = ("--state", str(state))
    succeed("fault", "add", "*.locations.deploy", "--reset", "after", "--times", "2", *where)

    assert "used 0 of 2  *.locations.deploy" in succeed("fault", "list", *where)
    succeed("fault", "clear", *where)
    assert succeed("fault", "list", *where) == "No faults.\n"


def test_scenarios_are_listed_set_and_cleared(state: Path) -> None:
    where = ("--state", str(state))
    succeed("scenario", "set", "stockout", "psc-slow", *where)

    assert "* stockout " in succeed("scenario", "list", *where)
    succeed("scenario", "clear", *where)
    assert "* stockout " not in succeed("scenario", "list", *where)


def test_a_scenario_is_set_before_there_is_anything(tmp_path: Path) -> None:
    state = tmp_path / "new" / "state.db"

    assert "* " not in succeed("scenario", "list", "--state", str(state))
    assert not state.exists()
    succeed("scenario", "set", "stockout", "--state", str(state))
    assert "* stockout " in succeed("scenario", "list", "--state", str(state))


def test_a_fault_is_added_before_there_is_anything(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    succeed("fault", "add", "*.locations.deploy", "--status", "503", "--state", str(state))

    assert "*.locations.deploy" in succeed("fault", "list", "--state", str(state))


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A stack's configuration, as the Pulumi CLI would tell it."""
    config = {
        "vertex-custom-weights:backend": "emulator",
        "vertex-custom-weights:emulatorState": str(tmp_path / "mine.db"),
    }
    monkeypatch.setattr(pulumi_cli, "stack_config", lambda _folder, name: {"dev": config}[name])
    return config


def test_a_stack_knows_its_emulator(stack: dict[str, str], tmp_path: Path) -> None:
    succeed("scenario", "set", "stockout", "--stack", "dev")

    shown = succeed("scenario", "list", "--state", str(tmp_path / "mine.db"))
    assert "* stockout " in shown


def test_a_stack_knows_the_served_emulator(
    stack: dict[str, str], served: Callable[..., str]
) -> None:
    stack["vertex-custom-weights:emulatorUrl"] = url = served()
    succeed("scenario", "set", "stockout", "--stack", "dev")

    assert "* stockout " in succeed("scenario", "list", "--url", url)


def test_a_stack_on_google_has_no_emulator(stack: dict[str, str]) -> None:
    stack["vertex-custom-weights:backend"] = "google"
    result = run("show", "--stack", "dev")

    assert result.exit_code == 1
    assert "Stack dev runs on google" in result.output


def test_an_emulator_that_is_named_twice_is_refused(stack: dict[str, str], state: Path) -> None:
    result = run("show", "--stack", "dev", "--state", str(state))

    assert result.exit_code == 1
    assert "by --url, by --state or by --stack" in result.output


def test_sample_weights_are_written(tmp_path: Path) -> None:
    assert "llama-3.2-1b" in succeed("sample-weights", "llama-3.2-1b", str(tmp_path / "w"))
    assert (tmp_path / "w/config.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "--state", "nowhere.db"], "nowhere.db does not exist"),
        (["show", "--url", "http://127.0.0.1:9"], "No emulator answers at http://127.0.0.1:9"),
        (["serve", "--bucket", "weights"], "write NAME=DIR with an existing folder"),
        (["sample-weights", "llama-9", "w"], "llama-9"),
        (["sample-weights", "nosuch", "w"], "`vcw catalog models` lists them."),
        (["sample-weights", "llama-3.2-1b", __file__], "cannot be written (File exists)"),
        (["show", "--state", __file__], "is not usable as emulator state"),
    ],
)
def test_a_mistake_is_explained_in_a_line(arguments: list[str], said: str) -> None:
    result = run(*arguments)

    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output


def test_an_unknown_scenario_at_the_start_is_explained(state: Path) -> None:
    result = run("serve", "--port", "0", "--state", str(state), "--scenario", "stockuot")

    assert result.exit_code == 1
    assert "Did you mean stockout?" in result.output


def test_a_refusal_of_the_emulator_is_passed_on(state: Path) -> None:
    result = run("advance", "soon", "--state", str(state))

    assert result.exit_code == 1
    assert "'soon' is no duration" in result.output


def test_a_server_that_is_no_emulator_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Beneath(lambda _: httpx.Response(404, text="<html>"))
    monkeypatch.setattr(emulator_client, "way_to", lambda _url, **_: page)
    result = run("show", "--url", "http://127.0.0.1:1")

    assert result.exit_code == 1
    assert "What answers at http://127.0.0.1:1 is no emulator." in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--port", "99999"],
        ["serve", "--deploy-seconds", "-3"],
        ["fault", "add", "*", "--status", "9999"],
        ["fault", "add", "*", "--status", "503", "--times", "0"],
    ],
)
def test_a_number_out_of_range_is_refused(arguments: list[str]) -> None:
    result = run(*arguments)

    assert result.exit_code == 2
    assert arguments[-2] in result.output


def test_the_clock_stays_within_what_can_be_written(state: Path) -> None:
    result = run("advance", "9999999d", "--state", str(state))

    assert result.exit_code == 1
    assert "no time after the year 9000" in result.output
    assert "Virtual time 20" in succeed("show", "--state", str(state))


def test_scenarios_are_listed_in_columns(state: Path) -> None:
    lines = succeed("scenario", "list", "--state", str(state)).splitlines()
    (start,) = {line.index(line[2:].split(None, 1)[1]) for line in lines}
    assert all(line[start - 2 : start] == "  " for line in lines)
