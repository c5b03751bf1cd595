"""Creating a deployment: from nothing, from what an earlier try left, past what is in the way."""

from __future__ import annotations

import pytest

from vertex_custom_weights_provider.adapter.provider import Failed
from vertex_custom_weights_provider.call.call import InitFailed

from .support.inputs import deployment
from .support.small_engine import SmallEngine
from .support.world import LOCATION, Cut, Killed, World

KIND = "CustomWeightsDeployment"


def test_up_makes_one_endpoint_with_one_model_and_keeps_their_names(world: World) -> None:
    engine = SmallEngine(world, KIND)
    assert engine.up(deployment()) == "created"
    assert engine.saved is not None
    name = engine.saved.outs["endpointName"]
    assert engine.saved.id == name
    endpoint = world.get(name)
    assert endpoint is not None
    assert len(endpoint["deployedModels"]) == 1
    assert engine.saved.outs["deployedModelId"] == endpoint["deployedModels"][0]["id"]
    assert world.things() == {"endpoints": [name.split("/")[-1]], "models": [name.split("/")[-1]]}
    assert engine.up(deployment()) == "unchanged"
    assert engine.refresh() == "unchanged"
    assert engine.preview(deployment()) == "unchanged"
    engine.destroy()
    assert world.things() == {}


def test_names_are_known_before_anything_is_made(world: World) -> None:
    engine = SmallEngine(world, KIND)
    planned = engine.check(deployment())
    engine.up(deployment())
    assert engine.saved is not None
    assert engine.saved.id.endswith(f"/endpoints/{planned['endpointUserId']}")


def test_ctrl_c_saves_the_deployment_and_the_next_up_resumes_it(world: World) -> None:
    engine = SmallEngine(world, KIND)
    world.wire.interrupt_when = lambda call: call.endswith(":wait")
    with pytest.raises(InitFailed, match="Run `pulumi up` again to finish"):
        engine.up(deployment())
    world.clock.cancelled = False
    world.wire.heal()
    assert engine.up(deployment()) == "updated"
    assert len(world.mutations("locations.deploy")) == 1
    assert engine.refresh() == "unchanged"
    assert engine.preview(deployment()) == "unchanged"


def test_a_resource_that_still_deploys_survives_a_refresh(world: World) -> None:
    engine = SmallEngine(world, KIND)
    world.wire.interrupt_when = lambda call: call.endswith(":wait")
    with pytest.raises(InitFailed):
        engine.up(deployment())
    world.clock.cancelled = False
    world.wire.heal()
    engine.refresh()
    assert engine.saved is not None, "the running deployment would be orphaned"
    assert engine.up(deployment()) == "updated"
    assert len(world.mutations("locations.deploy")) == 1
    engine.destroy()
    assert world.things() == {}


def test_a_deadline_saves_the_deployment_and_says_that_it_goes_on(world: World) -> None:
    engine = SmallEngine(world, KIND)
    with pytest.raises(InitFailed, match="still running after 10 min"):
        engine.up(deployment(timeouts={"create": "10m"}))
    assert engine.up(deployment(timeouts={"create": "2h"})) == "updated"
    assert len(world.mutations("locations.deploy")) == 1


def test_a_resumed_deployment_gets_what_the_program_changed_meanwhile(world: World) -> None:
    engine = SmallEngine(world, KIND)
    world.wire.interrupt_when = lambda call: call.endswith(":wait")
    with pytest.raises(InitFailed):
        engine.up(deployment())
    world.clock.cancelled = False
    world.wire.heal()
    wanted = deployment(endpointDisplayName="renamed", labels={"team": "search"})
    wanted["dedicatedResources"] = {**wanted["dedicatedResources"], "maxReplicaCount": 3}
    engine.up(wanted)
    engine.refresh()
    assert engine.preview(wanted) == "unchanged"


def test_a_killed_provider_finds_its_deployment_again(world: World) -> None:
    engine = SmallEngine(world, KIND)
    world.wire.cut = Cut(at=3, kills=True)
    with pytest.raises(Killed):
        engine.up(deployment())
    world.wire.heal()
    assert engine.up(deployment()) == "created"
    assert len(world.things()["endpoints"]) == 1
    assert len(world.mutations("locations.deploy")) == 1


def test_three_destroys_in_a_row_step_past_the_reserved_ids(world: World) -> None:
    engine = SmallEngine(world, KIND)
    seen: list[str] = []
    for _ in range(3):
        engine.up(deployment())
        seen += world.things()["endpoints"]
        assert engine.refresh() == "unchanged"
        assert engine.preview(deployment()) == "unchanged"
        engine.destroy()
        assert world.things() == {}
    assert seen == [seen[0], f"{seen[0]}-2", f"{seen[0]}-3"]
    assert f"the endpoint is {seen[2]}" in world.lines.text


def test_an_id_is_used_again_when_its_reservation_has_ended(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    first = world.things()["endpoints"]
    engine.destroy()
    world.advance(8 * 86_400)
    engine.up(deployment())
    assert world.things()["endpoints"] == first


def test_a_reserved_id_that_only_the_operation_reports_is_stepped_past(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    first = world.things()["endpoints"][0]
    engine.destroy()
    world.scenario("conflict-in-operation")
    engine.up(deployment())
    assert world.things()["endpoints"] == [f"{first}-2"]


def test_a_forced_replacement_takes_over_and_the_old_token_deletes_nothing(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    before = world.things()
    assert engine.up(deployment(), replace=True) == "replaced"
    assert world.things() == before
    assert "took over" in world.lines.text
    assert "left" in world.lines.text
    assert "alone: a newer resource has taken it over" in world.lines.text
    assert engine.refresh() == "unchanged"
    engine.destroy()
    assert world.things() == {}


def test_another_generation_deploys_anew_beside_the_old_one(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    before = world.things()
    assert engine.up(deployment(generation=1)) == "replaced"
    assert len(world.things()["endpoints"]) == 1
    assert world.things() != before


def test_a_retained_endpoint_is_taken_over_by_the_same_resource(world: World) -> None:
    SmallEngine(world, KIND).up(deployment())
    before = world.things()
    again = SmallEngine(world, KIND)
    assert again.up(deployment(endpointDisplayName="chat", labels={"team": "x"})) == "created"
    assert world.things() == before
    assert again.refresh() == "unchanged"
    again.destroy()
    assert world.things() == {}


def test_what_changed_meanwhile_is_brought_in_line_when_an_endpoint_is_taken_over(
    world: World,
) -> None:
    SmallEngine(world, KIND).up(deployment(endpointUserId="chat"))
    again = SmallEngine(world, KIND)
    wanted = deployment(endpointUserId="chat", modelDisplayName="other")
    wanted["dedicatedResources"] = {**wanted["dedicatedResources"], "maxReplicaCount": 4}
    again.up(wanted)
    assert again.refresh() == "unchanged"
    assert again.preview(wanted) == "unchanged"


def test_a_chosen_id_is_never_taken_for_its_own_replacement(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment(endpointUserId="chat"))
    assert engine.up(deployment(endpointUserId="chat", gcsUri="gs://weights/other")) == "replaced"
    assert world.things()["endpoints"] == ["chat-2"]
    model = world.get(f"{LOCATION}/models/{world.things()['models'][0]}")
    assert model is not None
    assert model["artifactUri"] == "gs://weights/other"
    engine.destroy()
    assert world.things() == {}


def test_an_endpoint_of_another_stack_is_refused_by_name(world: World) -> None:
    SmallEngine(world, KIND, stack="prod").up(deployment(endpointUserId="chat"))
    with pytest.raises(Failed, match="belongs to shop/prod/chat"):
        SmallEngine(world, KIND, stack="dev").up(deployment(endpointUserId="chat"))
    assert world.things()["endpoints"] == ["chat"]


def test_an_endpoint_made_by_hand_is_refused_with_the_way_to_bring_it_in(world: World) -> None:
    body = {"displayName": "by hand"}
    world.must("POST", f"{LOCATION}/endpoints", body, endpointId="chat")
    with pytest.raises(Failed, match="pulumi import"):
        SmallEngine(world, KIND).up(deployment(endpointUserId="chat"))
    assert world.things() == {"endpoints": ["chat"]}


def test_a_model_left_over_from_a_failed_try_is_removed_on_the_way(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    chosen = world.things()["endpoints"][0]
    engine.destroy()
    upload = {"modelId": chosen, "model": {"displayName": "chat"}}
    world.must("POST", f"{LOCATION}/models:upload", upload)
    engine.up(deployment())
    assert world.things() == {"endpoints": [f"{chosen}-2"], "models": [f"{chosen}-2"]}
