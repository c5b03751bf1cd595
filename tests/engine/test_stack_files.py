"""The example stacks, previewed on the emulator under the policies that are meant for them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from vertex_custom_weights_provider import samples

from .support.harness import CHECKOUT, Engine

STACKS = CHECKOUT / "stacks"


def served(name: str, endpoint: dict[str, Any]) -> dict[str, str]:
    """Return the folders of weights behind an endpoint, by the deployment that serves them."""
    versions = endpoint.get("versions")
    if versions is None:
        return {f"{name}-llm": endpoint["weightsUri"]}
    return {f"{name}-{version}": settings["weightsUri"] for version, settings in versions.items()}


def write_weights(engine: Engine, endpoint: dict[str, Any]) -> set[str]:
    """Write the weights that an endpoint serves, and return their buckets."""
    buckets: set[str] = set()
    for uri in served("", endpoint).values():
        bucket, _, folder = uri.removeprefix("gs://").partition("/")
        samples.write(endpoint["baseModel"], engine.folder / bucket / folder)
        buckets.add(bucket)
    return buckets


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_example_stack_is_previewed_and_keeps_its_own_policies(engine: Engine, stack: str) -> None:
    config = yaml.safe_load((STACKS / f"Pulumi.{stack}.yaml").read_text())["config"]
    endpoints = config["vertex-custom-weights:endpoints"]
    buckets = set[str]().union(*(write_weights(engine, each) for each in endpoints.values()))
    engine.program("from vertex_custom_weights import stack\nstack.declare()")
    engine.configure(
        {
            **config,
            "vertex-custom-weights:backend": "emulator",
            "vertex-custom-weights:emulatorState": "emulator.db",
            "vertex-custom-weights:emulatorBuckets": {bucket: bucket for bucket in buckets},
        }
    )
    policies = STACKS / "policy"
    preview = engine.preview(
        *("--policy-pack", str(policies / "launch")),
        *("--policy-pack-config", str(policies / f"{stack}.json")),
    )

    created = {step.name for step in preview.steps if step.type == "vcw:m:Deployment"}
    wanted = {name: served(name, endpoint) for name, endpoint in endpoints.items()}
    assert created == {deployment for found in wanted.values() for deployment in found}
    assert "✅ vertex-custom-weights@" in preview.text
