"""Make, change and remove a stack: each time something goes wrong, and the next run mends it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vertex_custom_weights_provider import samples

from .faulty_cloud import Fault, FaultyCloud
from .harness import Engine

PROGRAM = """
    from vertex_custom_weights_provider.resources.custom_weights_deployment import (
        CustomWeightsDeployment,
    )
    from vertex_custom_weights_provider.resources.endpoint import Endpoint
    from vertex_custom_weights_provider.resources.psc_address import PscAddress
    from vertex_custom_weights_provider.resources.psc_forwarding_rule import PscForwardingRule
    from vertex_custom_weights_provider.resources.traffic_split import TrafficSplit

    weights = "gs://weights/FOLDER"
    chat = CustomWeightsDeployment(
        "chat",
        gcs_uri=weights,
        private_service_connect_config={"project_allowlist": ["local-project"]},
    )
    address = PscAddress("address", subnetwork="default")
    PscForwardingRule(
        "rule", target=chat.service_attachment, address=address.address_name, network="default"
    )
    shared = Endpoint("shared")
    model = CustomWeightsDeployment("model", endpoint=shared.endpoint_name, gcs_uri=weights)
    TrafficSplit(
        "split",
        endpoint=shared.endpoint_name,
        traffic=[{"deployed_model_id": model.deployed_model_id, "percent": 100}],
    )
"""
WHOLE = {"endpoints": 2, "models": 2, "addresses": 1, "forwardingRules": 1}


@dataclass(frozen=True)
class Walk:
    """What goes wrong while a stack is made, while it is changed, and while it is removed."""

    made: tuple[Fault, ...] = ()
    changed: tuple[Fault, ...] = ()
    removed: tuple[Fault, ...] = ()

    def __str__(self) -> str:
        steps = {"up": self.made, "change": self.changed, "destroy": self.removed}
        return "; ".join(
            f"{verb}: {', '.join(map(str, faults))}" for verb, faults in steps.items() if faults
        )


def prepare(engine: Engine, cloud: FaultyCloud) -> None:
    """Write weights and configuration."""
    for name in ("one", "two"):
        samples.write("llama-3.2-1b", engine.folder / "weights" / name)
    engine.configure(
        {
            "gcp:project": "local-project",
            "gcp:region": "us-central1",
            "vertex-custom-weights:backend": "emulator",
            "vertex-custom-weights:emulatorUrl": cloud.url,
        }
    )


def go(engine: Engine, cloud: FaultyCloud, walk: Walk) -> list[int]:
    """Take a walk in a prepared project; returns how many calls each of its runs made.

    Raises:
        AssertionError: something was lost, doubled, left over or misreported.
    """
    counts: list[int] = []
    for folder, faults in (("one", walk.made), ("two", walk.changed)):
        engine.program(PROGRAM.replace("FOLDER", folder))
        counts.append(_disturbed(engine, cloud, "up", faults))
        if faults:
            engine.up()
        assert cloud.things() == WHOLE
        assert cloud.folders() == {f"gs://weights/{folder}"}
    assert engine.refresh("--expect-no-changes", "--clear-pending-creates").unchanged
    assert engine.preview().unchanged
    counts.append(_disturbed(engine, cloud, "destroy", walk.removed))
    if walk.removed:
        engine.destroy()
    assert cloud.empty, cloud.things()
    return counts


def _disturbed(engine: Engine, cloud: FaultyCloud, verb: str, faults: Iterable[Fault]) -> int:
    """Run a verb into its faults, and clear what a killed CLI leaves; returns its calls."""
    cloud.plan(faults)
    with engine.start(verb) as cloud.run:
        done = cloud.run.finish(ok=None if faults else True)
    count = cloud.count
    assert not cloud.unused(), f"not used in {count} calls: {cloud.unused()}\n{done.text}"
    cloud.plan()
    if any(fault.kind == "CLI killed" for fault in faults):
        engine.cancel()
    return count
