"""`LlamaEndpoint`: what is true of this family only."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from vertex_custom_weights import LlamaEndpoint
from vertex_custom_weights_provider import catalog

MAVERICK = "llama-4-maverick-17b-128e"
LLAMAS = [row for row in catalog.models() if row.family == "llama" and row.id != MAVERICK]


def resources(program: Any, **args: Any) -> Any:
    """Return `dedicatedResources` of a Llama endpoint with these arguments."""
    given: Any = {"weights_uri": "gs://bucket/folder", **args}
    program.run(lambda: LlamaEndpoint("chat", given))
    return program.one("chat-deployment").inputs.get("dedicatedResources")


def test_component_has_a_type_of_its_own(program: Any) -> None:
    resources(program)
    assert program.one("chat").type == "vertex-custom-weights:index:LlamaEndpoint"


@pytest.mark.parametrize("row", LLAMAS, ids=lambda row: row.id)
def test_default_machine_exists_and_is_one_that_google_publishes(
    program: Any, row: catalog.Model
) -> None:
    machine = resources(program, base_model=row.id)["machineSpec"]

    assert any(spec.startswith(machine["machineType"]) for spec in row.published_specs)
    sold = catalog.machine(machine["machineType"])
    assert machine["acceleratorType"] in str(sold)
    assert catalog.accelerator(machine["acceleratorType"]).bf16
    assert machine["acceleratorCount"] in row.tensor_parallel


def test_maverick_has_no_default_because_google_publishes_a_machine_for_its_fp8_variant_only(
    program: Any,
) -> None:
    assert "FP8" in catalog.model(MAVERICK).published_specs[0]
    assert resources(program, base_model=MAVERICK) is None


def test_base_model_may_be_named_as_its_repository_is(program: Any) -> None:
    machine = resources(program, base_model="meta-llama/Llama-3.2-1B-Instruct")["machineSpec"]
    assert machine["machineType"] == "g2-standard-8"


def test_given_machine_wins_over_the_default(program: Any) -> None:
    machine = {"type": "a3-highgpu-1g", "accelerator": "NVIDIA_H100_80GB", "accelerator_count": 1}
    found = resources(program, base_model="llama-3.2-1b", machine=machine)
    assert found["machineSpec"]["machineType"] == "a3-highgpu-1g"


def test_replicas_keep_the_default_machine(program: Any) -> None:
    found = resources(program, base_model="llama-3.2-1b", replicas={"max": 2})
    assert found["machineSpec"]["machineType"] == "g2-standard-8"
    assert found["maxReplicaCount"] == 2


def test_llama_without_a_base_model_leaves_the_machine_to_vertex_ai(program: Any) -> None:
    assert resources(program) is None


def test_base_model_of_another_family_is_refused(program: Any) -> None:
    with pytest.raises(pulumi.RunError, match="is of family gemma, which LlamaEndpoint"):
        resources(program, base_model="gemma-3-4b")
