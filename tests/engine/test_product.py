"""The product under the real engine: declared, previewed, changed, interrupted, removed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from vertex_custom_weights_provider import samples

from .support.cloud import LOCATION, EmulatedCloud
from .support.harness import Engine
from .support.quantized import write_gptq

PROGRAM = """
    from vertex_custom_weights import stack
    stack.declare()
"""
CHAT: dict[str, Any] = {
    "family": "llama",
    "weightsUri": "gs://weights/llama",
    "machine": {"type": "g2-standard-12", "accelerator": "NVIDIA_L4", "acceleratorCount": 1},
    "privateServiceConnect": {
        "allowedProjects": ["local-project"],
        "network": "default",
        "subnetwork": "default",
        "ipAddress": "10.128.0.42",
    },
}


def config(endpoints: dict[str, Any], deploy_seconds: int = 1) -> dict[str, Any]:
    return {
        "gcp:project": "local-project",
        "gcp:region": "us-central1",
        "vertex-custom-weights:backend": "emulator",
        "vertex-custom-weights:emulatorState": "emulator.db",
        "vertex-custom-weights:emulatorBuckets": {"weights": "weights"},
        "vertex-custom-weights:emulatorDeploySeconds": deploy_seconds,
        "vertex-custom-weights:endpoints": endpoints,
    }


def prepare(engine: Engine, deploy_seconds: int = 1) -> EmulatedCloud:
    """Write program, configuration and weights of one private Llama endpoint."""
    samples.write("llama-3.2-1b", engine.folder / "weights" / "llama")
    engine.program(PROGRAM)
    engine.configure(config({"chat": CHAT}, deploy_seconds))
    return EmulatedCloud(engine.folder / "emulator.db")


def test_a_stack_is_previewed_deployed_queried_and_removed(engine: Engine) -> None:
    cloud = prepare(engine)

    preview = engine.preview()
    planned = preview.outputs["endpoints"]["chat"]
    assert planned["endpoint_name"].startswith(f"{LOCATION}/endpoints/chat-")
    assert planned["model_name"].startswith(f"{LOCATION}/models/chat-")
    base = f"http://10.128.0.42/v1beta1/{planned['endpoint_name']}"
    assert planned["openai_base_url"] == base
    assert planned["predict_url"] == f"{base}:predict"
    assert preview.step("chat-fwd").outputs["forwardingRuleName"]
    assert preview.step("chat-ip").outputs["addressName"]
    assert cloud.empty

    up = engine.up()
    made = up.outputs["endpoints"]["chat"]
    assert made["endpoint_name"] == planned["endpoint_name"]
    assert made["psc_connection_status"] == "ACCEPTED"
    assert made["service_attachment"]

    again = engine.up()
    assert again.unchanged
    assert engine.refresh("--expect-no-changes").unchanged

    for options in ([], ["--stream"]):
        answer = engine.shell("vcw", "query", "hello", *options)
        assert "hello" in answer.stdout

    engine.destroy()
    assert cloud.empty


def test_sixteen_deployments_take_little_more_than_one(
    make_engine: Callable[..., Engine],
) -> None:
    seconds: dict[int, float] = {}
    for count in (1, 16):
        engine = make_engine(f"fleet-{count}")
        prepare(engine)
        many = {f"chat-{number}": CHAT | {"privateServiceConnect": {}} for number in range(count)}
        engine.configure(config(many, deploy_seconds=3))
        # Who has too few places is told so before waiting, and what would be enough.
        few = engine.preview("--parallel", "8").text
        assert ("PULUMI_PARALLEL=16" in few) == (count == 16)
        engine.up("--parallel", "64")
        deployments = [r for n, r in engine.resources().items() if n.endswith("-llm")]
        assert len(deployments) == count
        cloud = EmulatedCloud(engine.folder / "emulator.db")
        calls = cloud.calls("locations.deploy")
        times = [datetime.fromisoformat(entry["time"]).timestamp() for entry in calls]
        assert len(times) == count
        seconds[count] = max(times) - min(times)
    # All are under way together: the last one starts before the first one ends.
    assert seconds[16] < 3


def test_ctrl_c_during_a_deployment_is_resumed_by_the_next_up(engine: Engine) -> None:
    cloud = prepare(engine, deploy_seconds=6)
    with engine.start("up") as update:
        update.wait_until(lambda: bool(cloud.calls("locations.deploy")))
        update.interrupt()
        cut = update.finish(ok=False)
    assert "Run `pulumi up` again to finish" in cut.text
    assert "Traceback" not in cut.text
    assert engine.resources()["chat-llm"]["initErrors"]

    engine.up()
    assert len(cloud.calls("locations.deploy")) == 1
    assert len(cloud.names("endpoints")) == 1
    assert engine.preview().unchanged
    engine.destroy()
    assert cloud.empty


def test_a_killed_cli_loses_nothing(engine: Engine) -> None:
    cloud = prepare(engine, deploy_seconds=5)
    with engine.start("up") as update:
        update.wait_until(lambda: bool(cloud.calls("locations.deploy")))
        update.kill()
        update.finish(ok=None)
    engine.cancel()
    engine.up()
    assert len(cloud.calls("locations.deploy")) == 1
    assert len(cloud.names("endpoints")) == 1
    engine.destroy()
    assert cloud.empty


def test_everything_wrong_in_the_configuration_is_said_at_once(engine: Engine) -> None:
    cloud = prepare(engine)
    write_gptq(engine.folder / "weights" / "quantized")
    wrong = {name: copy.deepcopy(CHAT) for name in ("machine", "psc", "uri", "region", "gptq")}
    del wrong["machine"]["machine"]["accelerator"]
    wrong["psc"]["privateServiceConnect"] = {"allowedProjects": []}
    wrong["uri"]["weightsUri"] = "gs://weights/no-such-folder"
    wrong["region"]["location"] = "us-centrl1"
    wrong["region"]["privateServiceConnect"] = {}
    wrong["gptq"]["weightsUri"] = "gs://weights/quantized"
    engine.configure(config(wrong))

    preview = engine.preview(ok=False)
    told = preview.text
    wrong_names = {f"{name}-llm" for name in wrong}
    assert "machine.accelerator:" in told
    assert "privateServiceConnect.allowedProjects:" in told
    assert "no-such-folder" in told
    assert "us-central1" in told  # what was meant
    assert "The weights hold quantized tensors" in told
    assert "Traceback" not in told
    errors = [d for d in preview.diagnostics if d.severity == "error" and d.resource in wrong_names]
    assert {error.resource for error in errors} == wrong_names
    assert all(len(error.message.splitlines()) <= 2 for error in errors)
    assert cloud.empty


def test_weights_changed_under_the_same_folder_show_as_a_replacement(engine: Engine) -> None:
    cloud = prepare(engine)
    first = engine.up().outputs["endpoints"]["chat"]
    folder = engine.folder / "weights" / "llama"
    (folder / "README.md").write_text("not served")
    assert engine.preview().unchanged

    settings = Path(folder / "generation_config.json")
    settings.write_text(json.dumps({"temperature": 0.1}))
    preview = engine.preview()
    assert "replace" in preview.ops("chat-llm")
    assert "weightsFingerprint" in preview.text
    assert "the weights under weightsUri have changed" in preview.text

    second = engine.up().outputs["endpoints"]["chat"]
    assert second["endpoint_name"] != first["endpoint_name"]
    assert second["psc_ip_address"] == first["psc_ip_address"]
    assert second["psc_connection_status"] == "ACCEPTED"
    assert cloud.names("endpoints") == [second["endpoint_id"]]
    engine.destroy()
    assert cloud.empty
