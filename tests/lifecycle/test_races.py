"""Two programs at once: a clear refusal or a correct merge, never a silent overwrite."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vertex_custom_weights_provider.adapter.provider import Failed
from vertex_custom_weights_provider.lifecycle.identity import ownership

from .support.inputs import (
    address,
    bare_endpoint,
    deployment,
    endpoint,
    rule,
    shared_endpoint,
    traffic,
)
from .support.small_engine import SmallEngine
from .support.world import API, LOCATION, PROJECT, REGIONAL, World


def once_after(world: World, call: str, act: Callable[[], Any]) -> None:
    """Let somebody act right after the next call of this verb is answered."""

    def beside() -> None:
        if world.wire.calls[-1].startswith(call):
            world.wire.beside = lambda: None
            act()

    world.wire.beside = beside


CREATIONS: dict[str, Callable[[World], dict[str, Any]]] = {
    "Endpoint": lambda world: endpoint(endpointId="shared"),
    "CustomWeightsDeployment": lambda world: deployment(endpointUserId="shared"),
    "PscAddress": lambda world: address(name="shared"),
    "PscForwardingRule": lambda world: rule(world, name="shared"),
}


@pytest.mark.parametrize("kind", CREATIONS)
def test_the_slower_of_two_creations_under_one_name_is_refused(world: World, kind: str) -> None:
    inputs = CREATIONS[kind](world)
    fast = SmallEngine(world, kind, stack="prod")
    slow = SmallEngine(world, kind, stack="dev")
    once_after(world, "GET", lambda: fast.up(inputs))
    with pytest.raises(Failed, match="belongs to shop/prod/chat"):
        slow.up(inputs)
    assert slow.saved is None
    assert fast.refresh() == "unchanged"


def test_an_operation_of_another_stack_is_waited_for_and_its_endpoint_not_taken(
    world: World,
) -> None:
    inputs = deployment(endpointUserId="shared", modelUserId="shared")
    fast = SmallEngine(world, "CustomWeightsDeployment", stack="prod")
    slow = SmallEngine(world, "CustomWeightsDeployment", stack="dev")
    refusals: list[str] = []

    def join() -> None:
        with pytest.raises(Failed) as refused:
            slow.up(inputs)
        refusals.append(str(refused.value))

    once_after(world, "POST", join)  # the deployment has just been asked for
    fast.up(inputs)
    assert "belongs to shop/prod/chat" in refusals[0]
    assert slow.saved is None
    assert fast.refresh() == "unchanged"


OVERTAKEN: dict[str, tuple[Callable[[World], dict[str, Any]], str]] = {
    "Endpoint": (lambda world: endpoint(), "/endpoints"),
    "CustomWeightsDeployment": (lambda world: deployment(), ":deploy"),
    "PscAddress": (lambda world: address(), "/addresses"),
    "PscForwardingRule": (rule, "/forwardingRules"),
    "onto": (lambda world: deployment(endpoint=bare_endpoint(world)), "/models:upload"),
}


@pytest.mark.parametrize("story", OVERTAKEN)
def test_a_creation_whose_program_was_killed_does_not_take_back_what_the_next_run_made(
    world: World, story: str
) -> None:
    given, asked = OVERTAKEN[story]
    inputs, kind = given(world), "CustomWeightsDeployment" if story == "onto" else story
    killed = SmallEngine(world, kind, saves_unfinished=False)
    following = SmallEngine(world, kind, saves_unfinished=False)

    def run_again() -> None:
        verb, _, url = world.wire.calls[-1].partition(" ")
        if verb == "POST" and url.endswith(asked):
            world.wire.beside = lambda: None
            following.up(inputs)

    before = world.things()
    world.wire.beside = run_again
    killed.up(inputs)
    assert following.refresh() == "unchanged"
    following.destroy()
    world.advance(7200)
    assert world.things() == before


def test_a_rule_that_two_have_found_unlabelled_belongs_to_the_first_to_label_it(
    world: World,
) -> None:
    inputs = rule(world, name="shared")
    name = f"{REGIONAL}/forwardingRules/shared"

    def insert() -> None:
        body = {"name": "shared", "target": inputs["target"], "IPAddress": inputs["address"]}
        network = f"projects/{PROJECT}/global/networks/default"
        body |= {"network": network, "loadBalancingScheme": ""}
        world.must("POST", f"{REGIONAL}/forwardingRules", body)
        once_after(
            world, "POST", lambda: once_after(world, "GET", lambda: once_after(world, "GET", label))
        )

    def label() -> None:
        live = world.get(name)
        assert live is not None
        assert not live.get("labels")
        owner = "urn:pulumi:prod::shop::vcw:m:Rule::chat"
        labels = ownership.Stamp(owner, "other", world.state).labels()
        body = {"labels": labels, "labelFingerprint": live["labelFingerprint"]}
        world.must("POST", f"{name}/setLabels", body)

    once_after(world, "GET", insert)
    with pytest.raises(Failed, match="belongs to shop/prod/chat"):
        SmallEngine(world, "PscForwardingRule").up(inputs)


def test_a_label_that_somebody_writes_meanwhile_is_not_lost(world: World) -> None:
    engine = SmallEngine(world, "Endpoint")
    engine.up(endpoint(endpointId="chat"))
    name = f"{LOCATION}/endpoints/chat"

    def write() -> None:
        live = world.get(name)
        assert live is not None
        labels = {**live["labels"], "stranger": "yes"}
        world.must("PATCH", name, {"labels": labels}, updateMask="labels")

    once_after(world, "GET", write)
    engine.up(endpoint(endpointId="chat", labels={"team": "x"}))
    live = world.get(name)
    assert live is not None
    assert (live["labels"]["stranger"], live["labels"]["team"]) == ("yes", "x")


def test_a_label_written_on_an_address_meanwhile_is_not_lost(world: World) -> None:
    engine = SmallEngine(world, "PscAddress")
    engine.up(address())
    assert engine.saved is not None
    name = engine.saved.id

    def write() -> None:
        live = world.get(name)
        assert live is not None
        labels = {**live["labels"], "stranger": "yes"}
        body = {"labels": labels, "labelFingerprint": live["labelFingerprint"]}
        world.must("POST", f"{name}/setLabels", body)

    once_after(world, "GET", write)
    engine.up(address(labels={"team": "x"}))
    live = world.get(name)
    assert live is not None
    assert (live["labels"]["stranger"], live["labels"]["team"]) == ("yes", "x")


def test_traffic_that_somebody_moves_meanwhile_is_not_overwritten(world: World) -> None:
    name = shared_endpoint(world)
    engine = SmallEngine(world, "TrafficSplit")
    engine.up(traffic(name, d11=100))
    checked = engine.check(traffic(name, d11=50, d22=50))

    def move() -> None:
        split = {"trafficSplit": {"11": 70, "33": 30}}
        world.must("PATCH", name, split, updateMask="trafficSplit")

    once_after(world, "GET", move)
    with pytest.raises(Failed, match="33 has 30"):
        engine._update(checked)
    live = world.get(name)
    assert live is not None
    assert live["trafficSplit"] == {"11": 70, "33": 30}


def test_of_two_that_direct_the_same_deployments_the_slower_is_refused(world: World) -> None:
    name = shared_endpoint(world)
    fast = SmallEngine(world, "TrafficSplit", stack="prod")
    slow = SmallEngine(world, "TrafficSplit", stack="dev")
    checked = slow.check(traffic(name, d11=50, d22=50))
    once_after(world, "GET", lambda: fast.up(traffic(name, d11=70, d22=30)))
    with pytest.raises(Failed, match="moved by somebody else at this moment"):
        slow._create(checked)
    live = world.get(name)
    assert live is not None
    assert live["trafficSplit"] == {"11": 70, "22": 30}


def test_two_deployments_onto_one_endpoint_come_one_after_the_other(world: World) -> None:
    name = bare_endpoint(world)
    one = SmallEngine(world, "CustomWeightsDeployment", "one")
    two = SmallEngine(world, "CustomWeightsDeployment", "two")
    once_after(world, "POST /v1beta1/" + name, lambda: two.up(deployment(endpoint=name)))
    one.up(deployment(endpoint=name))
    live = world.get(name)
    assert live is not None
    assert len(live["deployedModels"]) == 2
    assert sum(int(share) for share in live["trafficSplit"].values()) == 100
    one.destroy()
    two.destroy()
    assert world.things() == {"endpoints": ["shared"]}


def after_each(world: World, times: int, matches: Callable[[str], bool], act: Any) -> None:
    """Let somebody act after each of the next calls that match."""
    left = [times]

    def beside() -> None:
        if left[0] and matches(world.wire.calls[-1]):
            left[0] -= 1
            act()

    world.wire.beside = beside


def test_a_deployment_waits_its_turn_however_many_others_come_first(world: World) -> None:
    name = shared_endpoint(world)
    live = world.get(name)
    assert live is not None
    stranger = {key: live["deployedModels"][0][key] for key in ("model", "dedicatedResources")}
    ids = iter(range(101, 199))

    def deploy() -> None:
        body = {"deployedModel": {**stranger, "id": str(next(ids))}}
        world.call("POST", f"{API}/{name}:deployModel", body)  # it goes on

    after_each(world, 20, lambda call: call == f"GET /v1beta1/{name}/operations", deploy)
    engine = SmallEngine(world, "CustomWeightsDeployment")
    assert engine.up(deployment(endpoint=name)) == "created"
    deployed = (world.get(name) or {}).get("deployedModels", [])
    assert len(deployed) >= 3 + 6 + 1


def test_traffic_does_not_go_to_a_deployment_that_leaves_at_the_same_time(world: World) -> None:
    name = bare_endpoint(world, dedicatedEndpointEnabled=True)
    colours = [
        SmallEngine(world, "CustomWeightsDeployment", name=c) for c in ("blue", "green", "red")
    ]
    for engine in colours:
        engine.up(deployment(endpoint=name))
    blue, green, red = colours
    looks = iter(range(99))

    def leave() -> None:
        if next(looks) == 2:  # the look before the request
            green.destroy()

    after_each(world, 9, lambda call: call == f"GET /v1beta1/{name}", leave)
    blue.destroy()
    assert red.saved is not None
    endpoint = world.get(name)
    assert endpoint is not None
    assert endpoint["trafficSplit"] == {red.saved.outs["deployedModelId"]: 100}


def test_an_import_of_what_another_stack_manages_is_warned_of(world: World) -> None:
    first = SmallEngine(world, "PscAddress")
    first.up(address())
    assert first.saved is not None
    SmallEngine(world, "PscAddress").import_(first.saved.id)
    assert not world.lines.shown or "is marked as" not in world.lines.shown[-1][1]

    SmallEngine(world, "PscAddress", stack="other").import_(first.saved.id)
    severity, line = world.lines.shown[-1]
    assert severity == "WARNING"
    assert "is marked as shop/dev/chat's" in line
