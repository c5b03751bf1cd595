"""`replicas`: a fixed number, one that follows the load, or one that goes down to zero."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from vertex_custom_weights import CustomWeightsEndpoint
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.parsing import parse

DUTY = "aiplatform.googleapis.com/prediction/online/accelerator/duty_cycle"


def resources(program: Any, replicas: Any) -> dict[str, Any]:
    """Return `dedicatedResources` of an endpoint, which the provider's check accepts."""
    given: Any = {"weights_uri": "gs://bucket/folder", "replicas": replicas}
    program.run(lambda: CustomWeightsEndpoint("chat", given))
    inputs = program.one("chat-llm").inputs
    assert parse(CustomWeightsDeploymentSpec, inputs).problems == ()
    found = dict(inputs["dedicatedResources"])
    assert found.pop("machineSpec") == {"machineType": "auto"}
    return found


def refused(replicas: Any) -> list[str]:
    return CustomWeightsEndpoint.problems({"weights_uri": "gs://b/f", "replicas": replicas})


def test_targets_become_the_metrics_that_the_autoscaler_follows(program: Any) -> None:
    targets = {
        "accelerator_utilization": 70,
        "cpu_utilization": 50,
        "requests_per_minute": pulumi.Output.from_input(300),
        "waiting_requests": 4,
    }
    found = resources(program, {"max": 3, "targets": targets})["autoscalingMetricSpecs"]

    assert {row["metricName"].rsplit("/", 1)[-1]: row["target"] for row in found} == {
        "duty_cycle": 70,
        "utilization": 50,
        "request_count": 300,
        "vertex_vllm_num_requests_waiting": 4,
    }


def test_zero_replicas_leave_after_an_hour_unless_told_otherwise(program: Any) -> None:
    assert resources(program, {"min": 0}) == {
        "minReplicaCount": 0,
        "maxReplicaCount": 1,
        "scaleToZeroSpec": {"idleScaledownPeriod": "1h"},
    }


def test_scaling_to_zero_is_passed_on_whole(program: Any) -> None:
    replicas = {"min": 0, "max": 4, "idle_period": "20m", "min_uptime": "10m", "initial": 2}
    assert resources(program, replicas) == {
        "minReplicaCount": 0,
        "maxReplicaCount": 4,
        "initialReplicaCount": 2,
        "scaleToZeroSpec": {"idleScaledownPeriod": "20m", "minScaleupPeriod": "10m"},
    }


def test_metrics_are_in_the_same_order_however_targets_are_given(program: Any) -> None:
    targets = {"requests_per_minute": 120, "cpu_utilization": 70}
    found = resources(program, {"max": 3, "targets": targets})["autoscalingMetricSpecs"]
    assert [metric["target"] for metric in found] == [70, 120]


def test_scaling_to_zero_may_follow_targets_too(program: Any) -> None:
    found = resources(program, {"min": 0, "targets": {"accelerator_utilization": 80}})
    assert found["autoscalingMetricSpecs"] == [{"metricName": DUTY, "target": 80}]


@pytest.mark.parametrize(
    ("replicas", "told"),
    [
        ({"min": 3, "max": 2}, "replicas.max: 2 is below replicas.min: 3. Raise it, or lower min."),
        ({"max": 0}, "replicas.max: 0 is below replicas.min: 1. Raise it, or lower min."),
        (
            {"min": 2, "targets": {"cpu_utilization": 50}},
            "replicas.targets: there are always 2 replicas, so nothing follows them. "
            "Set replicas.max above 2, or remove the targets.",
        ),
        (
            {"min": 1, "idle_period": "1h"},
            "replicas.idle_period needs replicas.min: 0, which lets the last replica go.",
        ),
        (
            {"initial": 2},
            "replicas.initial needs replicas.min: 0, which lets the last replica go.",
        ),
        (
            {"max": 2, "targets": {"gpu": 50}},
            "replicas.targets.gpu does not exist. Did you mean gpu_utilization?",
        ),
        ({"max": 2, "targets": 50}, "replicas.targets must be an object with keys of these: "),
    ],
)
def test_replicas_that_contradict_themselves_are_refused(replicas: Any, told: str) -> None:
    (problem,) = refused(replicas)
    assert problem.startswith(told)


@pytest.mark.parametrize(
    "replicas",
    [
        {"min": pulumi.Output.from_input(0), "idle_period": "1h"},
        {"min": 1, "max": pulumi.Output.from_input(0)},
        pulumi.Output.from_input({"min": 2, "max": 1}),
    ],
)
def test_replicas_that_are_known_later_are_left_to_the_provider(replicas: Any) -> None:
    assert refused(replicas) == []


def test_several_contradictions_are_told_together() -> None:
    replicas = {"min": 2, "max": 1, "idle_period": "1h", "min_uptime": "1h"}
    assert len(refused(replicas)) == 3
