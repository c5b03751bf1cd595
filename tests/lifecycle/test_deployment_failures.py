"""Deployments that fail: what is removed, what is left, and what the person is told to do."""

from __future__ import annotations

import pytest

from vertex_custom_weights_provider.host.call import InitFailed
from vertex_custom_weights_provider.resources.adapter import Failed

from .inputs import deployment
from .small_engine import SmallEngine
from .world import World

KIND = "CustomWeightsDeployment"
LATE = {
    "quota-exceeded-late": (8, "accelerator quota of project my-proj in us-central1"),
    "container-crash": (9, "Cloud Logging"),
    "container-crash-leaves-endpoint": (9, "Cloud Logging"),
    "service-agent-role-missing": (13, "roles/aiplatform.user"),
    "stockout": (14, "no free machine of this type in us-central1"),
    "cancelled-by-service": (1, "run `pulumi up` again"),
}
AT_ONCE = {
    "quota-exceeded": "accelerator quota of project my-proj in us-central1",
    "permission-denied": "Grant the named permission",
    "unknown-machine": 'Machine type "g2-standard-12" is not supported',
}


@pytest.mark.parametrize("scenario", LATE)
def test_a_failed_operation_leaves_nothing_and_says_the_next_step(
    world: World, scenario: str
) -> None:
    code, advice = LATE[scenario]
    world.scenario(scenario)
    engine = SmallEngine(world, KIND)
    with pytest.raises(Failed) as failed:
        engine.up(deployment())
    assert f"(code {code})" in str(failed.value)
    assert advice in str(failed.value)
    assert "were removed" in str(failed.value)
    assert world.things() == {}
    assert engine.saved is None


@pytest.mark.parametrize("scenario", LATE)
def test_the_next_up_after_a_failure_succeeds_when_the_cause_is_gone(
    world: World, scenario: str
) -> None:
    world.scenario(scenario)
    engine = SmallEngine(world, KIND)
    with pytest.raises(Failed):
        engine.up(deployment())
    world.scenario()
    assert engine.up(deployment()) == "created"
    assert len(world.things()["endpoints"]) == 1
    engine.destroy()
    assert world.things() == {}


@pytest.mark.parametrize("scenario", AT_ONCE)
def test_a_refused_request_makes_nothing_and_says_the_next_step(
    world: World, scenario: str
) -> None:
    world.scenario(scenario)
    with pytest.raises(Failed) as failed:
        SmallEngine(world, KIND).up(deployment())
    assert AT_ONCE[scenario] in str(failed.value)
    assert world.things() == {}


def test_what_cannot_be_removed_after_a_failure_is_kept_in_the_state(world: World) -> None:
    world.scenario("container-crash-leaves-endpoint")
    world.fault(method="*.endpoints.delete", times=2, error={"http": 403, "message": "not allowed"})
    engine = SmallEngine(world, KIND)
    with pytest.raises(InitFailed, match="Not removed yet"):
        engine.up(deployment())
    assert engine.saved is not None
    assert world.things() != {}
    with pytest.raises(Failed, match="not allowed"):
        engine.destroy()
    engine.destroy()
    assert world.things() == {}


def test_a_failure_never_removes_what_another_program_has_meanwhile_made(world: World) -> None:
    SmallEngine(world, KIND, stack="prod").up(deployment(endpointUserId="chat"))
    world.fault(method="*.endpoints.get", times=1, error={"http": 404, "message": "not yet"})
    world.scenario("conflict-in-operation")
    with pytest.raises(Failed, match="belongs to shop/prod/chat"):
        SmallEngine(world, KIND, stack="dev").up(deployment(endpointUserId="chat"))
    assert world.things()["endpoints"] == ["chat"]


def test_a_deadline_during_a_stuck_deployment_is_no_failure_and_it_can_be_destroyed(
    world: World,
) -> None:
    world.scenario("stuck")
    engine = SmallEngine(world, KIND)
    with pytest.raises(InitFailed, match="still running after"):
        engine.up(deployment(timeouts={"create": "1h"}))
    engine.destroy()
    assert world.things() == {}
    assert world.running() == []


def test_an_unclear_start_that_never_clears_up_is_saved_and_resumed(world: World) -> None:
    world.fault(method="*.locations.deploy", times=6, reset="before")
    engine = SmallEngine(world, KIND)
    with pytest.raises(InitFailed, match="looks before it asks again"):
        engine.up(deployment())
    assert engine.up(deployment()) == "updated"
    assert len(world.mutations("locations.deploy")) == 1
    assert world.unused_faults() == []


def test_the_message_of_a_failure_is_one_paragraph_without_a_traceback(world: World) -> None:
    world.scenario("stockout")
    with pytest.raises(Failed) as failed:
        SmallEngine(world, KIND).up(deployment())
    assert "\n" not in str(failed.value)
    assert failed.value.__cause__ is None
