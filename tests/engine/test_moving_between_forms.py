"""A stack moves from dynamic resources to the plugin and back: nothing changes at Google."""

from __future__ import annotations

import json

import yaml

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


HALF = """
    import pulumi
    from vertex_custom_weights import LlamaEndpoint

    pulumi.CustomResource(
        "vcw:m:Endpoint", "shared", {"labels": {"team": "a"}}, pulumi.ResourceOptions(protect=True)
    )
    LlamaEndpoint(
        "chat",
        weights_uri="gs://weights/llama",
        base_model="llama-3.2-1b",
        replicas={"min": 1, "max": 2},
        labels={"team": "a"},
        private_service_connect={"network": "default", "subnetwork": "default"},
    )
"""


def prepared(engine: Engine) -> EmulatedCloud:
    """Write weights, and configuration for both forms."""
    samples.write("llama-3.2-1b", engine.folder / "weights" / "llama")
    gcp = {"gcp:project": "local-project", "gcp:region": "us-central1"}
    dynamic = {f"vertex-custom-weights:{key}": value for key, value in SETTINGS.items()}
    native = {f"vcw:{key}": value for key, value in SETTINGS.items()}
    place = {"vcw:project": "local-project", "vcw:region": "us-central1"}
    engine.configure({**gcp, **dynamic, **place, **native})
    return EmulatedCloud(engine.folder / "emulator.db")


def test_a_move_goes_half_of_the_way_with_what_is_protected_and_what_is_unfinished(
    engine: Engine,
) -> None:
    cloud = prepared(engine)
    project = yaml.safe_load((engine.folder / "Pulumi.yaml").read_text())
    project["plugins"]["providers"].append({"name": "vcw", "path": str(PLUGIN)})
    engine.write("Pulumi.yaml", yaml.safe_dump(project))
    in_python = (engine.folder / "Pulumi.yaml").read_text()
    engine.program(PYTHON.replace("protect=False", "protect=True"))
    engine.configure({"vertex-custom-weights:emulatorDeploySeconds": 4})
    with engine.start("up") as update:
        update.wait_for("deploying chat")
        update.interrupt()
        update.finish(ok=False)
    assert engine.resources()["chat-llm"]["initErrors"]
    made = cloud.calls("")

    engine.program(HALF)
    half = engine.preview()
    assert half.ops("chat-llm") == ["update"]  # it goes on, and what was to follow is made
    assert half.changes.keys() == {"same", "update", "create"}
    of_shared = "properties: {labels"
    protected = YAML.replace(of_shared, "options: {protect: true}\n        " + of_shared)
    speak(engine).write("Pulumi.yaml", protected % json.dumps(str(PLUGIN)))
    whole = engine.preview()
    assert whole.ops("chat-llm") == ["update"]
    assert whole.changes.keys() == {"same", "update", "create"}
    assert cloud.calls("") == made

    engine.up()
    assert engine.resources()["shared"]["protect"]
    assert "initErrors" not in engine.resources()["chat-llm"]
    assert len(cloud.items("endpoints")) == 2
    after = cloud.calls("")
    (engine.folder / "Pulumi.yaml").write_text(in_python)
    engine.program(HALF)
    assert engine.up().unchanged
    engine.program(PYTHON.replace("protect=False", "protect=True"))
    assert engine.up().unchanged
    assert cloud.calls("") == after


def test_a_stack_moves_to_the_plugin_and_back_without_a_call_that_changes_anything(
    engine: Engine,
) -> None:
    cloud = prepared(engine)
    in_python = (engine.folder / "Pulumi.yaml").read_text()
    engine.program(PYTHON)
    engine.up()
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
