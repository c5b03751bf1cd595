"""A stack moves from dynamic resources to the plugin and back: nothing changes at Google."""

from __future__ import annotations

import json

from vertex_custom_weights_provider import samples

from .support.cloud import EmulatedCloud
from .support.harness import PLUGIN, Engine
from .support.languages import speak

SETTINGS = {
    "backend": "emulator",
    "emulatorState": "emulator.db",
    "emulatorBuckets": {"weights": "weights"},
    "emulatorDeploySeconds": 1,
}
PYTHON = """
    import pulumi
    from vertex_custom_weights import LlamaEndpoint
    from vertex_custom_weights_provider.resources.endpoint import Endpoint

    Endpoint("shared", labels={"team": "a"}, opts=pulumi.ResourceOptions(protect=False))
    LlamaEndpoint(
        "chat",
        weights_uri="gs://weights/llama",
        base_model="llama-3.2-1b",
        replicas={"min": 1, "max": 2},
        labels={"team": "a"},
        private_service_connect={"network": "default", "subnetwork": "default"},
    )
"""
YAML = """
    name: scratch
    runtime: yaml
    plugins: {providers: [{name: vcw, path: %s}]}
    resources:
      shared:
        type: vcw:m:Endpoint
        properties: {labels: {team: a}}
      chat:
        type: vcw:m:Llama
        properties:
          weightsUri: gs://weights/llama
          baseModel: llama-3.2-1b
          replicas: {min: 1, max: 2}
          labels: {team: a}
          privateServiceConnect: {network: default, subnetwork: default}
"""


def test_a_stack_moves_to_the_plugin_and_back_without_a_call_that_changes_anything(
    engine: Engine,
) -> None:
    samples.write("llama-3.2-1b", engine.folder / "weights" / "llama")
    gcp = {"gcp:project": "local-project", "gcp:region": "us-central1"}
    dynamic = {f"vertex-custom-weights:{key}": value for key, value in SETTINGS.items()}
    native = {f"vcw:{key}": value for key, value in SETTINGS.items()}
    place = {"vcw:project": "local-project", "vcw:region": "us-central1"}
    engine.configure({**gcp, **dynamic, **place, **native})
    in_python = (engine.folder / "Pulumi.yaml").read_text()
    engine.program(PYTHON)
    engine.up()
    cloud = EmulatedCloud(engine.folder / "emulator.db")
    made = cloud.calls("")

    speak(engine).write("Pulumi.yaml", YAML % json.dumps(str(PLUGIN)))
    assert engine.preview("--diff").unchanged
    assert engine.up().unchanged
    assert engine.refresh().changes.keys() <= {"same"}
    assert "__provider" not in engine.resources()["chat-llm"]["inputs"]

    (engine.folder / "Pulumi.yaml").write_text(in_python)
    assert engine.preview().unchanged
    assert engine.up().unchanged
    assert cloud.calls("") == made

    engine.destroy()
    assert cloud.empty
