"""Rollouts that fail, are cut off, or are watched by those who call the endpoint meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from vertex_custom_weights_provider.adapter.provider import Failed
from vertex_custom_weights_provider.call.call import InitFailed

from .support.given_endpoint import ASKABLE, models_of, onto, seen
from .support.inputs import bare_endpoint
from .support.small_engine import SmallEngine
from .support.world import API, LOCATION, PROJECT, REGION, Cut, Killed, World

KIND = "CustomWeightsDeployment"
CONFIG = {"enablePrivateServiceConnect": True, "projectAllowlist": [PROJECT]}
BIGGER = {"machineType": "g2-standard-24", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 2}


@pytest.fixture
def name(world: World) -> str:
    """A public endpoint on which nothing is deployed."""
    return bare_endpoint(world, dedicatedEndpointEnabled=True)


@pytest.mark.parametrize(
    ("scenario", "told"),
    [("stockout", "no free g2-standard-12"), ("container-crash", "Cloud Logging")],
)
def test_a_deployment_that_fails_is_removed_with_its_model(
    world: World, name: str, scenario: str, told: str
) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    models = world.things()["models"]
    world.scenario(scenario)
    with pytest.raises(Failed, match=told):
        engine.up(onto(name, gcsUri="gs://weights/bad"))
    assert world.things()["models"] == models
    world.scenario()
    assert engine.up(onto(name, gcsUri="gs://weights/bad")) == "updated"


def test_a_first_deployment_that_fails_leaves_only_the_endpoint(world: World, name: str) -> None:
    world.scenario("container-crash")
    engine = SmallEngine(world, KIND)
    with pytest.raises(Failed, match="nothing is left of it"):
        engine.up(onto(name))
    assert engine.saved is None
    assert world.things() == {"endpoints": ["shared"]}


def test_an_interrupted_rollout_is_saved_and_finished(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    wanted = onto(name, gcsUri="gs://weights/other")
    world.wire.interrupt_when = lambda call: "endpoints" in call and call.endswith(":wait")
    with pytest.raises(InitFailed, match="Run `pulumi up` again"):
        engine.up(wanted)
    world.clock.cancelled = False
    world.wire.heal()
    assert engine.up(wanted) == "updated"
    assert list(models_of(world, name).values()) == ["gs://weights/other"]
    assert len(world.mutations("endpoints.deployModel")) == 2
    assert engine.refresh() == "unchanged"


def test_an_interrupted_rollout_that_is_taken_back_leaves_only_the_old_one(
    world: World, name: str
) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    world.wire.interrupt_when = lambda call: "endpoints" in call and call.endswith(":wait")
    with pytest.raises(InitFailed):
        engine.up(onto(name, gcsUri="gs://weights/other"))
    world.clock.cancelled = False
    world.wire.heal()
    world.advance(7200)
    assert engine.up(onto(name)) == "updated"
    assert list(models_of(world, name).values()) == ["gs://weights/llama"]
    assert len(world.things()["models"]) == 1


def test_a_killed_rollout_that_is_taken_back_is_found_by_a_refresh(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    world.wire.heal()
    world.wire.cut = Cut(at=14, kills=True)
    with pytest.raises(Killed):
        engine.up(onto(name, gcsUri="gs://weights/other"))
    world.wire.heal()
    world.advance(7200)
    assert len(models_of(world, name)) == 2
    engine.refresh()
    assert "of an unfinished rollout" in world.lines.text
    assert engine.up(onto(name)) == "updated"
    assert list(models_of(world, name).values()) == ["gs://weights/llama"]
    assert len(world.things()["models"]) == 1


def test_an_interrupted_first_deployment_can_be_destroyed(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    world.wire.interrupt_when = lambda call: "endpoints" in call and call.endswith(":wait")
    with pytest.raises(InitFailed):
        engine.up(onto(name))
    world.clock.cancelled = False
    world.wire.heal()
    engine.destroy()
    world.advance(7200)
    assert world.things() == {"endpoints": ["shared"]}


def test_an_interrupted_first_deployment_is_still_finished_after_a_refresh(
    world: World, name: str
) -> None:
    engine = SmallEngine(world, KIND)
    world.wire.interrupt_when = lambda call: "endpoints" in call and call.endswith(":wait")
    with pytest.raises(InitFailed):
        engine.up(onto(name))
    world.recover()
    world.advance(7200)
    assert engine.refresh() == "changed"
    assert "its first deployment is not finished" in world.lines.text
    assert engine.up(onto(name)) == "updated"
    assert engine.saved is not None
    assert seen(world, name)["trafficSplit"] == {engine.saved.outs["deployedModelId"]: 100}
    assert engine.refresh() == "unchanged"


def test_who_waits_for_others_in_vain_is_told_so(world: World, name: str) -> None:
    model = {"displayName": "theirs", "containerSpec": {"imageUri": "i"}}
    world.must("POST", f"{LOCATION}/models:upload", {"modelId": "theirs", "model": model})
    theirs = {
        "model": f"{LOCATION}/models/theirs",
        "dedicatedResources": {"machineSpec": BIGGER, "minReplicaCount": 1},
    }
    world.call("POST", f"{API}/{name}:deployModel", {"deployedModel": theirs})  # it goes on
    engine = SmallEngine(world, KIND)
    with pytest.raises(InitFailed, match="waits for another operation, still running") as cut:
        engine.up(onto(name, timeouts={"create": "10m"}))
    assert str(cut.value).count("Run `pulumi up` again") == 1
    assert engine.up(onto(name)) == "updated"
    assert len(seen(world, name)["deployedModels"]) == 2


def test_a_resumed_rollout_that_turns_out_bad_gives_all_traffic_back(
    world: World, name: str
) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name, **ASKABLE))
    (before,) = models_of(world, name)
    new = onto(name, gcsUri="gs://weights/bad", trafficSteps=[50], **ASKABLE)

    def half_moved(call: str) -> bool:
        return "giving 50 %" in world.lines.text and call.startswith("GET")

    world.wire.interrupt_when = half_moved
    with pytest.raises(InitFailed):
        engine.up(new)
    world.recover()
    assert seen(world, name)["trafficSplit"][before] == 50
    world.fault(method="*invoke*", times=99, error={"http": 500, "message": "out of memory"})
    with pytest.raises(Failed, match=f"rolled back: {before} serves as before"):
        engine.up(new)
    assert seen(world, name)["trafficSplit"] == {before: 100}
    assert list(models_of(world, name)) == [before]


@pytest.fixture
def caller(world: World) -> list[int]:
    """Ask a private endpoint through its address after every call of a rollout."""
    name = bare_endpoint(world, privateServiceConnectConfig=CONFIG)
    SmallEngine(world, KIND).up(onto(name))
    attachment = seen(world, name)["deployedModels"][0]["privateEndpoints"]["serviceAttachment"]
    connection = {
        "project": PROJECT,
        "region": REGION,
        "target": attachment,
        "address": "10.128.0.9",
        "network": "default",
    }
    SmallEngine(world, "PscForwardingRule").up(connection)
    answers: list[int] = []

    def ask() -> None:
        body = {"messages": [{"role": "user", "content": "hello"}]}
        url = f"http://10.128.0.9/v1beta1/{name}/chat/completions"
        answers.append(world.call("POST", url, body).status_code)

    world.wire.beside = ask
    return answers


@pytest.mark.parametrize(
    "change",
    [
        {"gcsUri": "gs://weights/other", "trafficSteps": [10, 50]},
        {"dedicatedResources": {"machineSpec": BIGGER, "minReplicaCount": 1}},
    ],
    ids=["weights", "machine"],
)
def test_callers_of_the_private_address_see_no_failure_during_a_rollout(
    world: World, caller: list[int], change: dict[str, Any]
) -> None:
    name = f"{LOCATION}/endpoints/shared"
    before = seen(world, name)
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    assert engine.up(onto(name, **change)) == "updated"
    assert set(caller) == {200}
    assert len(caller) > 20
    after = seen(world, name)
    old, new = before["deployedModels"][0], after["deployedModels"][0]
    assert new["id"] != old["id"]
    assert new["privateEndpoints"] == old["privateEndpoints"]


def test_callers_of_the_private_address_see_no_failure_when_it_is_rolled_back(
    world: World, caller: list[int]
) -> None:
    name = f"{LOCATION}/endpoints/shared"
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    world.scenario("container-crash")
    with pytest.raises(Failed, match="rolled back"):
        engine.up(onto(name, gcsUri="gs://weights/bad"))
    assert set(caller) == {200}
