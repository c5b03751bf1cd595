"""Every model family under the real engine, all in one stack: deployed, changed, removed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vertex_custom_weights_provider import samples

from .cloud import EmulatedCloud
from .events import Run
from .harness import Engine

SMALL = {
    "deepseek": "deepseek-v3",
    "gemma": "gemma-3-1b",
    "gpt-oss": "gpt-oss-20b",
    "llama": "llama-3.2-1b",
    "mistral": "mistral-7b-v0.1",
    "phi": "phi-4-reasoning",
    "qwen": "qwen3-0.6b",
}


def endpoints() -> dict[str, dict[str, Any]]:
    return {
        family: {"family": family, "baseModel": model, "weightsUri": f"gs://weights/{family}"}
        for family, model in SMALL.items()
    }


def configure(engine: Engine, wanted: dict[str, dict[str, Any]]) -> None:
    engine.configure(
        {
            "gcp:project": "local-project",
            "gcp:region": "us-central1",
            "vertex-custom-weights:backend": "emulator",
            "vertex-custom-weights:emulatorState": "emulator.db",
            "vertex-custom-weights:emulatorBuckets": {"weights": "weights"},
            "vertex-custom-weights:emulatorDeploySeconds": 1,
            "vertex-custom-weights:endpoints": wanted,
        }
    )


def retrain(folder: Path) -> None:
    """Change what a folder of weights serves, without a change to its address."""
    (folder / "generation_config.json").write_text(json.dumps({"temperature": 0.2}))


def said(preview: Run, resource: str) -> str:
    """Return the lines that the preview prints about a resource."""
    return "\n".join(line.message for line in preview.diagnostics if line.resource == resource)


def test_all_families_are_deployed_changed_one_by_one_and_removed(engine: Engine) -> None:
    for family, model in SMALL.items():
        samples.write(model, engine.folder / "weights" / family)
    engine.program("from vertex_custom_weights import stack\nstack.declare()")
    wanted = endpoints()
    configure(engine, wanted)
    cloud = EmulatedCloud(engine.folder / "emulator.db")

    first = engine.up().outputs["endpoints"]
    assert set(first) == set(SMALL)
    assert len(cloud.names("endpoints")) == len(SMALL)
    assert engine.preview().unchanged

    retrain(engine.folder / "weights" / "gemma")
    wanted["qwen"]["replicas"] = {"min": 1, "max": 3}
    configure(engine, wanted)
    preview = engine.preview()
    touched = {step.name for step in preview.steps if step.op != "same"}
    assert touched == {"gemma-deployment", "qwen-deployment"}
    assert "replace" in preview.ops("gemma-deployment")
    assert preview.ops("qwen-deployment") == ["update"]
    scaled = preview.step("qwen-deployment").detailed
    assert set(scaled) == {
        "dedicatedResources.minReplicaCount",
        "dedicatedResources.maxReplicaCount",
    }
    assert {line.resource for line in preview.diagnostics} == touched
    assert "the weights under gcsUri have changed" in preview.text
    assert "USD an hour" in said(preview, "qwen-deployment")
    assert "a new endpoint is deployed beside gemma-" in said(preview, "gemma-deployment")

    second = engine.up().outputs["endpoints"]
    moved = {name for name in SMALL if second[name] != first[name]}
    assert moved == {"gemma"}
    engine.destroy()
    assert cloud.empty
