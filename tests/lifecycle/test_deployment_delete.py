"""Removing a deployment: all of it, in order, whatever state it is in."""

from __future__ import annotations

import pytest

from vertex_custom_weights_provider.adapter.provider import Failed
from vertex_custom_weights_provider.call.call import InitFailed

from .support.inputs import deployment
from .support.small_engine import SmallEngine
from .support.world import World

KIND = "CustomWeightsDeployment"


def test_a_destroy_undeploys_then_deletes_the_endpoint_then_the_model(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    engine.destroy()
    methods = [
        m.split(" ")[0].removeprefix("aiplatform.projects.locations.") for m in world.mutations()
    ]
    assert methods[:2] == ["deploy", "endpoints.patch"]  # marked before anything is taken away
    assert methods[2:] == ["endpoints.undeployModel", "endpoints.delete", "models.delete"]
    assert world.things() == {}


def test_a_destroy_while_the_deployment_runs_leaves_nothing_behind(world: World) -> None:
    engine = SmallEngine(world, KIND)
    world.wire.interrupt_when = lambda call: call.endswith(":wait")
    with pytest.raises(InitFailed):
        engine.up(deployment())
    world.clock.cancelled = False
    world.wire.heal()
    engine.destroy()
    world.advance(7200)
    assert world.things() == {}
    assert world.running() == []


def test_a_destroy_that_cannot_cancel_waits_for_the_end_and_removes_it(world: World) -> None:
    engine = SmallEngine(world, KIND)
    world.wire.interrupt_when = lambda call: call.endswith(":wait")
    with pytest.raises(InitFailed):
        engine.up(deployment())
    world.clock.cancelled = False
    world.wire.heal()
    world.fault(method="*.operations.cancel", times=1, error={"http": 501})
    engine.destroy()
    world.advance(7200)
    assert world.things() == {}
    assert world.unused_faults() == []


def test_what_has_gone_already_is_no_error(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    assert engine.saved is not None
    name = engine.saved.id
    body = {"deployedModelId": engine.saved.outs["deployedModelId"]}
    world.must("POST", f"{name}:undeployModel", body)
    world.must("DELETE", name)
    world.must("DELETE", name.replace("/endpoints/", "/models/"))
    engine.destroy()
    assert world.things() == {}


def test_an_endpoint_gone_by_hand_does_not_keep_its_model_from_being_removed(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    assert engine.saved is not None
    body = {"deployedModelId": engine.saved.outs["deployedModelId"]}
    world.must("POST", f"{engine.saved.id}:undeployModel", body)
    world.must("DELETE", engine.saved.id)
    engine.destroy()
    assert world.things() == {}


@pytest.mark.parametrize("scenario", ["busy-endpoint", "model-still-deployed"])
def test_a_passing_refusal_is_sat_out(world: World, scenario: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    world.scenario(scenario)
    engine.destroy()
    assert world.things() == {}


def test_an_abandoned_deployment_stays_and_can_be_taken_up_again(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment(deletionPolicy="abandon"))
    before = world.things()
    engine.destroy()
    assert world.things() == before
    assert engine.up(deployment()) == "created"
    assert world.things() == before
    engine.destroy()
    assert world.things() == {}


def test_a_change_that_runs_is_waited_for_before_the_removal(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    assert engine.saved is not None
    deployed = {
        "id": engine.saved.outs["deployedModelId"],
        "dedicatedResources": {"minReplicaCount": 1, "maxReplicaCount": 2},
    }
    mask = "dedicatedResources.maxReplicaCount"
    url = f"https://us-central1-aiplatform.googleapis.com/v1beta1/{engine.saved.id}"
    body = {"deployedModel": deployed, "updateMask": mask}
    world.call("POST", f"{url}:mutateDeployedModel", body).raise_for_status()
    engine.destroy()
    assert world.things() == {}


def test_a_refusal_that_does_not_pass_is_reported_and_the_resource_kept(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    world.fault(method="*.endpoints.delete", times=99, error={"http": 403, "message": "no"})
    with pytest.raises(Failed, match="PERMISSION_DENIED"):
        engine.destroy()
    assert engine.saved is not None
