"""Networks that Google connects by itself: their addresses, and what happens when it does not."""

from __future__ import annotations

from typing import Any

import pytest

from vertex_custom_weights_provider.call.call import InitFailed

from .support.given_endpoint import onto, seen
from .support.inputs import bare_endpoint, deployment, endpoint
from .support.small_engine import SmallEngine
from .support.world import PROJECT, World

KIND = "CustomWeightsDeployment"
NETWORK = f"projects/{PROJECT}/global/networks/apps"
CONFIG = {
    "enablePrivateServiceConnect": True,
    "projectAllowlist": [PROJECT],
    "pscAutomationConfigs": [{"projectId": PROJECT, "network": NETWORK}],
}
ONE_SHOT = deployment(privateServiceConnectConfig=CONFIG)


def automated(engine: SmallEngine) -> dict[str, Any]:
    assert engine.saved is not None
    [found] = engine.saved.outs["pscAutomation"]
    return found


def test_the_address_that_google_makes_is_an_output(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(ONE_SHOT)
    found = automated(engine)
    assert found["state"] == "PSC_AUTOMATION_STATE_SUCCESSFUL"
    assert found["network"] == NETWORK
    assert found["errorMessage"] == ""
    assert engine.saved is not None
    name = engine.saved.outs["endpointName"]
    body = {"messages": [{"role": "user", "content": "hello"}]}
    asked = world.call("POST", f"http://{found['ipAddress']}/v1/{name}/chat/completions", body)
    assert asked.status_code == 200
    assert "forwardingRules" in found["forwardingRule"]
    assert engine.refresh() == "unchanged"
    assert engine.preview(ONE_SHOT) == "unchanged"
    engine.destroy()
    assert world.things() == {}


def test_a_slow_automation_is_waited_for(world: World) -> None:
    world.scenario("psc-automation-slow")
    engine = SmallEngine(world, KIND)
    engine.up(ONE_SHOT)
    assert automated(engine)["ipAddress"]
    assert f"connecting {engine.saved.id.rsplit('/', 1)[-1]} to" in world.lines.text  # type: ignore[union-attr]


def test_a_missing_policy_is_told_with_the_way_to_make_one_and_the_deployment_stays(
    world: World,
) -> None:
    world.scenario("psc-automation-no-policy")
    engine = SmallEngine(world, KIND)
    with pytest.raises(InitFailed) as failed:
        engine.up(ONE_SHOT)
    for told in (NETWORK, "CONNECTION_POLICY_MISSING", "gcp-vertexai", "raise `generation`"):
        assert told in str(failed.value.reasons)
    assert automated(engine)["state"] == "PSC_AUTOMATION_STATE_FAILED"
    assert len(world.things()["endpoints"]) == 1
    # It does not heal: a refresh keeps saying so, and so does the next run.
    assert engine.refresh() == "unchanged"
    assert engine.preview(ONE_SHOT) == "updated"
    with pytest.raises(InitFailed, match="has not connected"):
        engine.up(ONE_SHOT)
    world.scenario()
    assert engine.up({**ONE_SHOT, "generation": 1}) == "replaced"
    assert automated(engine)["state"] == "PSC_AUTOMATION_STATE_SUCCESSFUL"
    assert len(world.things()["endpoints"]) == 1


def test_without_our_host_the_next_run_takes_the_deployment_over_with_a_warning(
    world: World,
) -> None:
    world.scenario("psc-automation-no-policy")
    engine = SmallEngine(world, KIND, saves_unfinished=False)
    with pytest.raises(Exception, match="has not connected"):
        engine.up(ONE_SHOT)
    assert engine.saved is None
    assert engine.up(ONE_SHOT) == "created"
    assert "has not connected" in world.lines.text
    world.lines.shown.clear()
    assert engine.refresh() == "unchanged"
    assert "has not connected" in world.lines.text
    engine.destroy()
    assert world.things() == {}


def test_an_interrupted_wait_is_saved_and_finished(world: World) -> None:
    world.scenario("psc-automation-slow")
    engine = SmallEngine(world, KIND)

    def interrupt(call: str) -> bool:
        return call.startswith("GET") and "connecting" in world.lines.text

    world.wire.interrupt_when = interrupt
    with pytest.raises(InitFailed, match="Run `pulumi up` again to see"):
        engine.up(ONE_SHOT)
    world.clock.cancelled = False
    world.wire.heal()
    assert engine.up(ONE_SHOT) == "updated"
    assert automated(engine)["ipAddress"]
    assert len(world.mutations("locations.deploy")) == 1


def test_other_networks_make_another_endpoint(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(ONE_SHOT)
    other = {"projectId": PROJECT, "network": f"projects/{PROJECT}/global/networks/b"}
    wanted = deployment(privateServiceConnectConfig={**CONFIG, "pscAutomationConfigs": [other]})
    assert engine.preview(wanted) == "replaced"


def test_a_given_endpoint_is_connected_by_its_first_deployment(world: World) -> None:
    owner = SmallEngine(world, "Endpoint")
    wanted = endpoint(privateServiceConnectConfig=CONFIG)
    owner.up(wanted)
    assert automated(owner)["state"] == "PSC_AUTOMATION_STATE_UNSPECIFIED"
    assert owner.saved is not None
    engine = SmallEngine(world, KIND, name="model")
    engine.up(onto(owner.saved.id))
    assert automated(engine)["ipAddress"]
    assert owner.refresh() == "changed"
    assert automated(owner) == automated(engine)
    assert owner.preview(wanted) == "unchanged"
    engine.destroy()
    assert owner.refresh() == "changed"
    assert automated(owner)["ipAddress"] == ""


def test_a_network_of_a_given_endpoint_that_is_not_connected_is_a_warning(world: World) -> None:
    world.scenario("psc-automation-no-policy")
    name = bare_endpoint(world, privateServiceConnectConfig=CONFIG)
    engine = SmallEngine(world, KIND)
    assert engine.up(onto(name)) == "created"
    assert "CONNECTION_POLICY_MISSING" in world.lines.text
    assert engine.refresh() == "unchanged"
    assert engine.preview(onto(name)) == "unchanged"
    assert seen(world, name)["trafficSplit"] == {engine.saved.outs["deployedModelId"]: 100}  # type: ignore[union-attr]


def test_a_preview_knows_that_nothing_is_automated_where_nothing_is_asked_for(
    world: World,
) -> None:
    engine = SmallEngine(world, KIND)
    with engine._served() as provider:
        shown = provider.preview_create(engine.check(deployment()))
        later = provider.preview_create(engine.check(ONE_SHOT))
    assert shown["pscAutomation"] == []
    assert not isinstance(later["pscAutomation"], list)
