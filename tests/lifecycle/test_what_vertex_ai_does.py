"""What Vertex AI does with a deployment by itself is told: missing replicas, and ends that come."""

from __future__ import annotations

from typing import Any

import pytest

from vertex_custom_weights_provider.lifecycle.deployment import (
    custom_weights_deployment as lifecycle,
)
from vertex_custom_weights_provider.lifecycle.explanation import explain
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.parsing import parse

from .support.inputs import MACHINE, bare_endpoint, deployment
from .support.small_engine import SmallEngine
from .support.world import World

DAY = 86_400.0
Bag = dict[str, Any]


def _resources(**more: Any) -> Bag:
    return {"dedicatedResources": {"machineSpec": MACHINE, "minReplicaCount": 1, **more}}


def test_replicas_that_are_missing_are_told(world: World) -> None:
    engine = SmallEngine(world, "CustomWeightsDeployment")
    engine.up(deployment(**_resources(minReplicaCount=3, requiredReplicaCount=1)))
    assert "1 of 3 replicas" in world.lines.text


def test_the_end_of_flex_start_is_told_and_so_is_that_it_came(world: World) -> None:
    engine = SmallEngine(world, "CustomWeightsDeployment")
    engine.up(deployment(**_resources(flexStart={"maxRuntimeDuration": "86400s"})))
    assert "runs on flex-start machines until 20" in world.lines.text
    world.advance(DAY)
    engine.refresh()
    assert "removes what runs on flex-start machines after 86400s" in world.lines.text


def test_the_same_is_told_of_a_deployment_on_a_given_endpoint(world: World) -> None:
    inputs = deployment(
        endpoint=bare_endpoint(world), **_resources(flexStart={"maxRuntimeDuration": "86400s"})
    )
    engine = SmallEngine(world, "CustomWeightsDeployment")
    engine.up(inputs)
    assert "runs on flex-start machines until 20" in world.lines.text
    world.advance(DAY)
    engine.refresh()
    assert "removes what runs on flex-start machines after 86400s" in world.lines.text
    assert engine.up(inputs) == "updated"
    assert engine.refresh() == "unchanged"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"flexStart": {"maxRuntimeDuration": "36h"}}, "36 hours after it was deployed"),
        ({"minReplicaCount": 0, "scaleToZeroSpec": {}}, "asleep for 30 days it is removed"),
    ],
)
def test_a_preview_says_that_an_end_comes_by_itself(world: World, more: Bag, told: str) -> None:
    parsed = parse(CustomWeightsDeploymentSpec, deployment(**_resources(**more)))
    notes = lifecycle.examine(parsed, {}, "urn:pulumi:dev::shop::t::chat", world.cloud).notes
    assert any(told in line.text for line in notes)


def test_a_deployment_that_slept_too_long_is_told(world: World) -> None:
    engine = SmallEngine(world, "CustomWeightsDeployment")
    asleep = {"scaleToZeroSpec": {"idleScaledownPeriod": "600s"}}
    engine.up(deployment(**_resources(minReplicaCount=0, **asleep)))
    world.advance(31 * DAY)
    engine.refresh()
    assert "has scaled to zero and was not asked for 30 days" in world.lines.text


INVOKE = {"invokeRoutePrefix": "/*"}


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (None, INVOKE, "refuses :predict and chat/completions"),
        (INVOKE, None, "no path below /invoke any more"),
        (INVOKE, {**INVOKE, "args": ["--x"]}, ""),
    ],
)
def test_another_route_on_a_served_endpoint_is_an_interruption(
    world: World, before: Bag | None, after: Bag | None, words: str
) -> None:
    name = bare_endpoint(world, dedicatedEndpointEnabled=True)
    inputs = deployment(endpoint=name, smokeTest={"enabled": False})
    engine = SmallEngine(world, "CustomWeightsDeployment")
    engine.up({**inputs, **({"containerSpec": before} if before else {})})
    assert engine.saved is not None
    changed = engine.check({**inputs, **({"containerSpec": after} if after else {})})
    old = {**engine.saved.inputs, **engine.saved.outs}
    lines = explain(lifecycle, old, changed, lambda _: False).effects
    told = " ".join(line.text for line in lines)
    assert ("interruption for every caller" in told) is bool(words)
    assert words in told
