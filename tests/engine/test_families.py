"""Every model family under the real engine, all in one stack: deployed, changed, removed."""

from __future__ import annotations

import json
from typing import Any

from vertex_custom_weights_provider import samples

from .support.cloud import EmulatedCloud
from .support.events import Run
from .support.harness import Engine

SMALL = {
    "deepseek": "deepseek-v3",
    "gemma": "gemma-3-1b",
    "gpt-oss": "gpt-oss-20b",
    "llama": "llama-3.2-1b",
    "mistral": "mistral-7b-v0.1",
    "phi": "phi-4-reasoning",
    "qwen": "qwen3-0.6b",
}
KEEP_THEIR_ENDPOINT = {"gemma", "gpt-oss", "phi"}
SERVED = {f"{family}-llm" for family in SMALL}


def configure(engine: Engine, **more: Any) -> None:
    """List an endpoint of every family, with these settings besides."""
    wanted: dict[str, dict[str, Any]] = {
        family: {"family": family, "baseModel": model, "weightsUri": f"gs://weights/{family}"}
        for family, model in SMALL.items()
    }
    for family in KEEP_THEIR_ENDPOINT:
        wanted[family]["deployment"] = {"rollout": "same-endpoint"}
    engine.configure(
        {
            "gcp:project": "local-project",
            "gcp:region": "us-central1",
            "vertex-custom-weights:backend": "emulator",
            "vertex-custom-weights:emulatorState": "emulator.db",
            "vertex-custom-weights:emulatorBuckets": {"weights": "weights"},
            "vertex-custom-weights:emulatorDeploySeconds": 1,
            "vertex-custom-weights:endpoints": {
                family: {**entry, **more} for family, entry in wanted.items()
            },
        }
    )


def said(preview: Run, resource: str) -> str:
    """Return the lines that the preview prints about a resource."""
    return "\n".join(line.message for line in preview.diagnostics if line.resource == resource)


def touched(preview: Run) -> set[str]:
    return {step.name for step in preview.steps if step.op != "same"}


def test_every_family_is_deployed_scaled_retrained_and_removed(engine: Engine) -> None:
    for family, model in SMALL.items():
        samples.write(model, engine.folder / "weights" / family)
    engine.program("from vertex_custom_weights import stack\nstack.declare()")
    configure(engine)
    cloud = EmulatedCloud(engine.folder / "emulator.db")
    first = engine.up().outputs["endpoints"]
    assert set(first) == set(SMALL)
    assert len(cloud.names("endpoints")) == len(SMALL)

    configure(engine, replicas={"min": 1, "max": 3})
    scaling = engine.preview()
    assert touched(scaling) == SERVED
    for name in SERVED:
        assert scaling.ops(name) == ["update"]
        changed = set(scaling.step(name).detailed)
        assert changed == {f"dedicatedResources.{end}ReplicaCount" for end in ("min", "max")}
        told = f"{name}: replicas change in place: at most 3 [replicas]"
        assert told in said(scaling, name).splitlines()
        assert "USD an hour" in said(scaling, name)
    # The components add that no network is connected.
    assert {line.resource for line in scaling.diagnostics} == SERVED | set(SMALL)
    assert engine.up().changes["update"] == len(SMALL)

    for family in SMALL:
        trained = engine.folder / "weights" / family / "generation_config.json"
        trained.write_text(json.dumps({"temperature": 0.2}))
    retrained = engine.preview()
    assert touched(retrained) == SERVED
    for family in SMALL:
        name = f"{family}-llm"
        kept = family in KEEP_THEIR_ENDPOINT
        assert ("replace" in retrained.ops(name)) is not kept
        what = "rolled out" if kept else "replaced"
        why = f"{what} because of weightsFingerprint: the weights under weightsUri have changed"
        assert f"{name}: {why} [weightsFingerprint]" in said(retrained, name).splitlines()
        told = "rolled out in place: deployed beside" if kept else "a new endpoint is deployed"
        assert told in said(retrained, name)

    second = engine.up().outputs["endpoints"]
    same = {name for name in SMALL if second[name]["endpoint_id"] == first[name]["endpoint_id"]}
    assert same == KEEP_THEIR_ENDPOINT
    ids = {
        key: [made[name]["deployed_model_id"] for name in SMALL]
        for key, made in (("first", first), ("second", second))
    }
    assert not set(ids["first"]) & set(ids["second"])
    engine.destroy()
    assert cloud.empty
