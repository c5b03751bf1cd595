"""One stack, two states: another machine, a second back end, a backup that was restored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .support.harness import Engine

PROGRAM = """
    from vertex_custom_weights.resources import CustomWeightsDeployment, PscAddress

    MACHINE = {
        "machine_type": "g2-standard-12", "accelerator_type": "NVIDIA_L4", "accelerator_count": 1
    }
    CustomWeightsDeployment(
        "chat",
        gcs_uri="gs://weights/llama",
        preflight="off",
        dedicated_resources={"machine_spec": MACHINE, "min_replica_count": 1},
    )
    PscAddress("ip", subnetwork="default")
"""
SAID = "is there already, made for"


def sharing(make_engine: Callable[..., Engine], name: str, cloud: Path) -> Engine:
    engine = make_engine(name, project="shop")
    engine.program(PROGRAM)
    config: dict[str, Any] = {
        "gcp:project": "local-project",
        "gcp:region": "us-central1",
        "vertex-custom-weights:backend": "emulator",
        "vertex-custom-weights:emulatorState": str(cloud),
        "vertex-custom-weights:emulatorDeploySeconds": "0.2",
    }
    engine.configure(config)
    return engine


def test_a_state_takes_nothing_that_another_one_holds(
    make_engine: Callable[..., Engine], tmp_path: Path
) -> None:
    laptop = sharing(make_engine, "laptop", tmp_path / "cloud.db")
    pipeline = sharing(make_engine, "pipeline", tmp_path / "cloud.db")

    laptop.up()
    told = [line for line in pipeline.preview(ok=False).text.splitlines() if SAID in line]
    assert any("/endpoints/chat-" in line for line in told)
    assert any("/addresses/ip-" in line for line in told)  # all together
    assert SAID in pipeline.up(ok=False).text
    pipeline.destroy()
    assert laptop.preview().unchanged
    laptop.up("--replace", laptop.resources()["chat"]["urn"])
    assert laptop.preview().unchanged

    pipeline.configure({"vertex-custom-weights:takeOver": "true"})
    pipeline.up()
    assert pipeline.preview().unchanged
    assert "a newer resource has taken it over" in laptop.destroy().text
    assert pipeline.preview().unchanged
    pipeline.destroy()
