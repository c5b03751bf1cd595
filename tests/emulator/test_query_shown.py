"""What `vcw query --show` prints works: with curl, and with the OpenAI client."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import typer
from typer.testing import CliRunner

from vertex_custom_weights_provider.cli import pulumi_cli
from vertex_custom_weights_provider.cli.query import query

from .conftest import LOCATION, deploy_body

NAME = f"{LOCATION}/endpoints/e1"


def deploy(url: str) -> None:
    body = deploy_body("e1", dedicatedEndpointDisabled=True)
    operation = httpx.post(f"{url}/v1beta1/{LOCATION}:deploy", json=body).json()
    wait = f"{url}/v1beta1/{operation['name']}:wait?timeout=20s"
    assert "error" not in httpx.post(wait, timeout=30).json()


@pytest.fixture
def shown(
    served: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[str, str]]:
    """Run the command with --show on a served emulator; return what is for curl and for Python."""
    url = served()
    deploy(url)
    config = {
        "vertex-custom-weights:backend": {"value": "emulator"},
        "vertex-custom-weights:emulatorUrl": {"value": url},
    }

    def pulumi(_project: Any, _stack: str, verb: str, *_: str) -> str:
        return json.dumps({"endpoint_name": NAME} if verb == "stack" else config)

    monkeypatch.setattr(pulumi_cli, "run", pulumi)
    app = typer.Typer()
    app.command()(query)

    def show(*arguments: str) -> tuple[str, str]:
        done = CliRunner().invoke(app, [*arguments, "--show"])
        assert done.exit_code == 0, done.output
        command, *programs = re.split(r"^# Python, with the package .*$", done.output, flags=re.M)
        return command, programs[0] if "openai" in done.output else ""

    return show


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


QUESTION = """It's "quoted", isn't it? \\ $HOME `id` ü"""


@pytest.mark.parametrize("options", [[], ["--stream"]])
def test_shown_chat_gets_its_answer_by_curl_and_by_openai(
    shown: Callable[..., tuple[str, str]], options: list[str]
) -> None:
    command, program = shown(QUESTION, "--system", "Be brief.", "--temperature", "0.5", *options)

    printed = run(sys.executable, "-c", program)
    assert f"was asked: {QUESTION}" in printed
    answer = run("sh", "-c", command)
    if options:
        events = [
            json.loads(line[6:]) for line in answer.splitlines() if line.startswith("data: {")
        ]
        told = "".join(event["choices"][0]["delta"].get("content", "") for event in events)
    else:
        told = json.loads(answer)["choices"][0]["message"]["content"]
    assert told == printed.removesuffix("\n")


def test_shown_prediction_gets_its_answer_by_curl(shown: Callable[..., tuple[str, str]]) -> None:
    command, program = shown("--predict", '[{"prompt": "one"}, {"prompt": "two"}]')

    assert program == ""
    assert len(json.loads(run("sh", "-c", command))["predictions"]) == 2
