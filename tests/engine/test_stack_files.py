"""The example stacks, previewed on the emulator under the policies that are meant for them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from vertex_custom_weights_provider import samples

from .harness import CHECKOUT, Engine

STACKS = CHECKOUT / "stacks"


def write_weights(engine: Engine, endpoint: dict[str, Any]) -> tuple[str, str]:
    """Write the weights an endpoint serves, and return their bucket and its folder."""
    bucket, _, folder = endpoint["weightsUri"].removeprefix("gs://").partition("/")
    samples.write(endpoint["baseModel"], engine.folder / bucket / folder)
    return bucket, bucket


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_example_stack_is_previewed_and_keeps_its_own_policies(engine: Engine, stack: str) -> None:
    config = yaml.safe_load((STACKS / f"Pulumi.{stack}.yaml").read_text())["config"]
    endpoints = config["vertex-custom-weights:endpoints"]
    buckets = dict(write_weights(engine, endpoint) for endpoint in endpoints.values())
    engine.program("from vertex_custom_weights import stack\nstack.declare()")
    engine.configure(
        {
            **config,
            "vertex-custom-weights:backend": "emulator",
            "vertex-custom-weights:emulatorState": "emulator.db",
            "vertex-custom-weights:emulatorBuckets": buckets,
        }
    )
    policies = STACKS / "policy"
    preview = engine.preview(
        *("--policy-pack", str(policies / "launch")),
        *("--policy-pack-config", str(policies / f"{stack}.json")),
    )

    created = {step.name for step in preview.steps if step.name.endswith("-deployment")}
    assert created == {f"{name}-deployment" for name in endpoints}
    assert "✅ vertex-custom-weights@" in preview.text
