"""The projects in examples/, on the real CLI and the emulator."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .support.cloud import EmulatedCloud
from .support.harness import CHECKOUT, Engine


@pytest.fixture
def example(make_engine: Callable[..., Engine]) -> Callable[..., Engine]:
    """Copy an example, and do what its README says before `pulumi up`."""

    def copy(name: str, *models: str) -> Engine:
        engine = make_engine(name, stack="local")
        shutil.rmtree(engine.folder)
        ignored = shutil.ignore_patterns(".local", "__pycache__", "plugin", "Pulumi.acme.yaml")
        shutil.copytree(CHECKOUT / "examples" / name, engine.folder, ignore=ignored)
        if models:
            engine.shell("vcw", "init")
        for model in models:
            engine.shell("vcw", "emulator", "sample-weights", model, f".local/weights/{model}")
        return engine

    return copy


def test_private_endpoint_is_connected_to_both_networks(example: Callable[..., Engine]) -> None:
    engine = example("gcp-py-private-endpoint", "llama-3.2-1b")
    outputs = engine.up().outputs

    assert outputs["openai_base_url"].startswith("http://10.128.0.42/v1beta1/projects/models-local")
    assert outputs["storefront_address"] == "10.130.0.42"
    assert outputs["storefront_connection"] == "ACCEPTED"


def test_fleet_is_made_answers_and_is_removed(example: Callable[..., Engine]) -> None:
    engine = example("gcp-py-automation-fleet", "llama-3.2-1b", "qwen3-0.6b")

    def fleet(*arguments: str) -> str:
        command = [sys.executable, "fleet.py", *arguments]
        where = {"cwd": engine.folder, "env": engine.environment}
        done = subprocess.run(command, capture_output=True, text=True, check=False, **where)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "## Endpoints of `gcp-py-automation-fleet/acme`" in fleet("report", "acme")
    told = fleet("up")
    assert "acme: create 6\n  chat: http://" in told
    assert "globex: create 6\n  chat: http://" in told
    answer = engine.shell("vcw", "query", "--stack", "acme", "hello").stdout
    assert "was asked: hello" in answer

    assert "acme: delete 6" in fleet("destroy")
    cloud = EmulatedCloud(Path(engine.folder, ".local", "emulator.db"))
    assert not cloud.names("endpoints")


def test_models_are_connected_to_the_network_of_another_stack(
    example: Callable[..., Engine],
) -> None:
    network = example("gcp-py-network-and-models/network")
    assert network.up().outputs == {"network": "apps", "subnetwork": "apps-us-central1"}

    models = example("gcp-py-network-and-models/models", "llama-3.2-1b")
    backend = network.environment["PULUMI_BACKEND_URL"]
    models.environment = {**models.environment, "PULUMI_BACKEND_URL": backend}
    support = models.up().outputs["endpoints"]["support"]

    assert support["psc_connection_status"] == "ACCEPTED"
    assert "was asked: hello" in models.shell("vcw", "query", "hello").stdout
    rule = models.resources()["support-fwd"]["inputs"]
    assert rule["network"] == "apps"
