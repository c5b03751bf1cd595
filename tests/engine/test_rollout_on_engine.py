"""A deployment onto an endpoint of its own stack, under the real engine."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from vertex_custom_weights_provider import samples

from .support.cloud import EmulatedCloud
from .support.harness import Engine

PROGRAM = """
    import pulumi
    from vertex_custom_weights_provider.resources.custom_weights_deployment import (
        CustomWeightsDeployment,
    )
    from vertex_custom_weights_provider.resources.endpoint import Endpoint
    from vertex_custom_weights_provider.resources.traffic_split import TrafficSplit

    endpoint = Endpoint("chat")
    model = CustomWeightsDeployment(
        "model",
        endpoint=endpoint.endpoint_name,
        gcs_uri="gs://weights/FOLDER",
        dedicated_resources={"min_replica_count": 1, "max_replica_count": 2},
    )
    TrafficSplit(
        "split",
        endpoint=endpoint.endpoint_name,
        traffic=[{"deployed_model_id": model.deployed_model_id, "percent": 100}],
    )
    pulumi.export("endpoint", endpoint.endpoint_name)
    pulumi.export("deployed", model.deployed_model_id)
"""


def program(engine: Engine, folder: str) -> None:
    engine.program(textwrap.dedent(PROGRAM).replace("FOLDER", folder))


@pytest.mark.parametrize("bundled", [False, True], ids=["host", "bundled"])
def test_new_weights_roll_out_on_the_same_endpoint(
    make_engine: Callable[..., Engine], bundled: bool
) -> None:
    engine = make_engine("rollout", bundled=bundled)
    for folder in ("one", "two"):
        samples.write("llama-3.2-1b", engine.folder / "weights" / folder)
    engine.configure(
        {
            "gcp:project": "local-project",
            "gcp:region": "us-central1",
            "vertex-custom-weights:backend": "emulator",
            "vertex-custom-weights:emulatorState": "emulator.db",
            "vertex-custom-weights:emulatorBuckets": {"weights": "weights"},
            "vertex-custom-weights:emulatorDeploySeconds": 1,
        }
    )
    cloud = EmulatedCloud(engine.folder / "emulator.db")
    program(engine, "one")
    first = engine.up().outputs
    assert engine.preview().unchanged

    program(engine, "two")
    assert engine.preview().step("model").op == "update"
    second = engine.up().outputs
    assert second["endpoint"] == first["endpoint"]
    assert second["deployed"] != first["deployed"]
    endpoint = cloud.endpoint(second["endpoint"].rsplit("/", 1)[-1])
    assert [deployed["id"] for deployed in endpoint["deployedModels"]] == [second["deployed"]]
    assert endpoint["trafficSplit"] == {second["deployed"]: 100}
    assert len(cloud.names("models")) == 1
    assert engine.refresh("--expect-no-changes").unchanged
    assert engine.preview().unchanged

    engine.destroy()
    assert cloud.empty
