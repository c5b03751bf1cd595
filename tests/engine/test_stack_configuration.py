"""What a stack's configuration says, from the file to the answer of a model."""

from __future__ import annotations

from typing import Any

from vertex_custom_weights_provider import samples

from .support.cloud import EmulatedCloud
from .support.harness import Engine

NETWORK = {"network": "default", "subnetwork": "default"}


def configure(engine: Engine, endpoints: dict[str, Any]) -> None:
    samples.write("llama-3.2-1b", engine.folder / "weights" / "llama")
    engine.program("from vertex_custom_weights import stack\nstack.declare()")
    engine.configure(
        {
            "gcp:project": "local-project",
            "gcp:region": "us-central1",
            "vertex-custom-weights:backend": "emulator",
            "vertex-custom-weights:emulatorState": "emulator.db",
            "vertex-custom-weights:emulatorBuckets": {"weights": "weights"},
            "vertex-custom-weights:emulatorDeploySeconds": 1,
            "vertex-custom-weights:endpoints": endpoints,
        }
    )


def test_misspelled_configuration_is_told_without_a_traceback(engine: Engine) -> None:
    configure(engine, {"chat": {"family": "lama"}, "embed": {"weightUri": "gs://weights/llama"}})

    told = engine.preview(ok=False).text
    assert "vertex-custom-weights:endpoints.chat: family lama does not exist" in told
    assert "weightUri does not exist. Did you mean weightsUri?" in told
    assert "Traceback" not in told


def test_one_preview_tells_misspelled_keys_and_refused_values_alike(engine: Engine) -> None:
    weights = {"weightsUri": "gs://weights/llama"}
    configure(
        engine,
        {
            "typo": {"weightUri": "gs://weights/llama"},
            "words": {**weights, "replicas": {"min": "two"}},
            "half": {**weights, "machine": {"type": "g2-standard-12"}},
            "nowhere": {"weightsUri": "gs://weights/nothing", "location": "us-centrall"},
        },
    )

    told = engine.preview(ok=False).text
    assert "endpoints.typo: weightUri does not exist. Did you mean weightsUri?" in told
    assert "replicas.min: 'two' is not a whole number" in told
    assert "machine.accelerator: is missing while machine.type is set" in told
    assert "weightsUri: gs://weights/nothing is empty or does not exist" in told
    assert "location: 'us-centrall' is not a Vertex AI region. Did you mean us-central1" in told
    assert "Traceback" not in told

    assert "nothing" not in engine.up("--skip-preview", ok=False).text
    assert EmulatedCloud(engine.folder / "emulator.db").empty


def test_missing_project_is_told_without_a_traceback(engine: Engine) -> None:
    configure(engine, {"chat": {"weightsUri": "gs://weights/llama"}})
    engine.configure({"gcp:project": None})

    told = engine.preview(ok=False).text
    assert "pulumi config set gcp:project" in told
    assert "Traceback" not in told


def test_public_endpoint_and_one_with_an_allocated_address_both_answer(engine: Engine) -> None:
    weights = {"weightsUri": "gs://weights/llama"}
    llama = {**weights, "family": "llama", "baseModel": "llama-3.2-1b"}
    configure(
        engine,
        {
            "open": {**weights, "public": True},
            "closed": {**llama, "replicas": {"max": 2}, "privateServiceConnect": NETWORK},
        },
    )
    made = engine.up().outputs["endpoints"]

    assert made["open"]["openai_base_url"].startswith(f"https://{made['open']['dedicated_dns']}/")
    assert made["open"]["psc_ip_address"] == ""
    assert made["closed"]["openai_base_url"].startswith(
        f"http://{made['closed']['psc_ip_address']}/"
    )
    assert made["closed"]["dedicated_dns"] == ""
    for name in ("open", "closed"):
        answer = engine.shell("vcw", "query", "hello", "--endpoint", name).stdout
        assert made[name]["endpoint_id"] in answer

    assert engine.preview().unchanged
    engine.destroy()
    assert EmulatedCloud(engine.folder / "emulator.db").empty


def test_an_endpoint_under_another_name_is_the_same_one_when_it_says_what_it_was_called(
    engine: Engine,
) -> None:
    entry = {"weightsUri": "gs://weights/llama", "privateServiceConnect": NETWORK}
    configure(engine, {"chat": entry})
    before = engine.up().outputs["endpoints"]["chat"]

    endpoints = "vertex-custom-weights:endpoints"
    engine.configure({endpoints: {"chatty": {**entry, "aliases": ["chat"]}}})
    planned = engine.preview()
    assert {step.op for step in planned.steps} <= {"same", "update"}
    after = engine.up().outputs["endpoints"]["chatty"]
    assert after == before
    assert len(EmulatedCloud(engine.folder / "emulator.db").items("endpoints")) == 1

    engine.configure({endpoints: {"chatty": entry}})
    assert engine.preview().unchanged
