"""Changes that others make at the same moment are kept: etags and fingerprints."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from vertex_custom_weights_provider.adapter.provider import Failed
from vertex_custom_weights_provider.api.messages import Endpoint, Json
from vertex_custom_weights_provider.lifecycle.steps import vertex_objects as objects

from .support.given_endpoint import onto, seen
from .support.inputs import bare_endpoint, rule
from .support.small_engine import SmallEngine
from .support.world import World

KIND = "CustomWeightsDeployment"


def changes(world: World, name: str) -> list[str]:
    return [call for call in world.wire.calls if call.startswith("PATCH") and call.endswith(name)]


def right_before_the_change(world: World, name: str, act: Callable[[], None]) -> None:
    """Let somebody act between the last read of an object and the change that rests on it."""
    passed_on = world.wire.handle_request
    done: list[bool] = []

    def handle(request: httpx.Request) -> httpx.Response:
        if not done and request.method == "PATCH" and request.url.path.endswith(name):
            done.append(True)
            act()
        return passed_on(request)

    world.wire.handle_request = handle  # type: ignore[method-assign]


def test_a_label_that_somebody_writes_on_a_model_meanwhile_is_not_lost(world: World) -> None:
    name = bare_endpoint(world)
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    assert engine.saved is not None
    model: str = engine.saved.outs["modelName"]
    wanted = engine.check(onto(name, labels={"team": "x"}))

    def write() -> None:
        live = world.get(model)
        assert live is not None
        labels = {**live["labels"], "stranger": "yes"}
        world.must("PATCH", model, {"labels": labels}, updateMask="labels")

    world.wire.heal()
    right_before_the_change(world, model, write)
    engine._update(wanted)
    assert len(changes(world, model)) == 2
    live = world.get(model)
    assert live is not None
    assert (live["labels"]["stranger"], live["labels"]["team"]) == ("yes", "x")


def test_a_rule_that_somebody_changes_meanwhile_is_read_again(world: World) -> None:
    engine = SmallEngine(world, "PscForwardingRule")
    inputs = rule(world)
    engine.up(inputs)
    assert engine.saved is not None
    name = engine.saved.id
    wanted = engine.check({**inputs, "allowPscGlobalAccess": True})

    def change() -> None:
        live = world.get(name)
        assert live is not None
        body = {"networkTier": "STANDARD", "fingerprint": live["fingerprint"]}
        world.must("PATCH", name, body)

    world.wire.heal()
    right_before_the_change(world, name, change)
    engine._update(wanted)
    assert len(changes(world, name)) == 2
    live = world.get(name)
    assert live is not None
    assert live["allowPscGlobalAccess"] is True
    assert live["networkTier"] == "STANDARD"


def test_two_rollouts_on_one_endpoint_leave_each_other_their_traffic(world: World) -> None:
    name = bare_endpoint(world)
    one, two = (SmallEngine(world, KIND, stack=stack) for stack in ("one", "two"))
    one.up(onto(name))
    two.up(onto(name))
    assert one.saved is not None
    assert two.saved is not None
    split = {one.saved.outs["deployedModelId"]: 60, two.saved.outs["deployedModelId"]: 40}
    world.must("PATCH", name, {"trafficSplit": split}, updateMask="trafficSplit")
    other = onto(name, gcsUri="gs://weights/two")
    checked = two.check(other)
    moved: list[str] = []

    def beside() -> None:
        if not moved and world.wire.calls[-1].startswith("PATCH"):
            moved.append("once")
            two._update(checked)

    world.wire.beside = beside
    one.up(onto(name, gcsUri="gs://weights/one", trafficSteps=[50]))
    assert seen(world, name)["trafficSplit"] == {
        one.saved.outs["deployedModelId"]: 60,
        two.saved.outs["deployedModelId"]: 40,
    }
    assert len(world.things()["models"]) == 2


def test_a_conflict_that_does_not_end_is_reported(world: World) -> None:
    name = bare_endpoint(world)
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    error = {"http": 409, "status": "ABORTED", "message": "somebody else changes it"}
    world.fault(method="*.models.patch", times=100, error=error)
    with pytest.raises(Failed) as told:
        engine.up(onto(name, labels={"team": "x"}))
    assert (
        "could not be changed for 30 s, because others change it again and again, or it is busy"
        in str(told.value)
    )
    assert "(somebody else changes it). Nothing was overwritten. Run again" in str(told.value)
    world.admin("DELETE", "faults")
    assert engine.up(onto(name, labels={"team": "x"})) == "updated"


def test_twelve_changes_of_what_was_read_at_once_are_all_made(world: World) -> None:
    name = bare_endpoint(world)
    together = threading.Barrier(12)

    def label(number: int) -> None:
        tries: list[int] = []

        def change(live: Endpoint) -> Json:
            if not tries:
                together.wait()
            tries.append(number)
            return {"labels": {**live.labels, f"member-{number}": "yes"}}

        objects.patch(world.cloud, Endpoint, name, change)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(label, range(12)))
    live = world.get(name)
    assert live is not None
    assert {f"member-{number}" for number in range(12)} <= live["labels"].keys()
