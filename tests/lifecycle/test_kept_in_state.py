"""What was begun is in the state, or gone: wherever a creation is cut off for good."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vertex_custom_weights_provider.adapter.provider import Failed
from vertex_custom_weights_provider.call.call import InitFailed

from .support.inputs import address, bare_endpoint, deployment, endpoint, rule
from .support.small_engine import SmallEngine
from .support.world import Cut, World, opened

Bag = dict[str, Any]
DEPLOYMENT = "CustomWeightsDeployment"
ROWS: dict[str, tuple[str, Callable[[World], Bag]]] = {
    "endpoint": ("Endpoint", lambda world: endpoint()),
    "deployment": (DEPLOYMENT, lambda world: deployment()),
    "onto": (DEPLOYMENT, lambda world: deployment(endpoint=bare_endpoint(world))),
    "address": ("PscAddress", lambda world: address(labels={"a": "b"})),
    "rule": (
        "PscForwardingRule",
        lambda world: rule(world, labels={"a": "b"}, allowPscGlobalAccess=True),
    ),
}
FAULTS: dict[str, Bag] = {
    "answer lost, then nothing": {"after_answer": True},
    "nothing from here on": {},
    "not allowed from here on": {"refuses": True},
}


def cut_off(
    world: World, row: str, at: int, fault: Bag
) -> tuple[SmallEngine, dict[str, list[str]]]:
    """Create with a wire that is cut for good; returns what was there before."""
    kind, given = ROWS[row]
    world.reset()
    engine, wanted = SmallEngine(world, kind), given(world)
    before = world.things()
    world.wire.heal()
    world.wire.cut = Cut(at=at, lasts=True, **fault)
    with contextlib.suppress(Failed, InitFailed):
        engine.up(wanted)
    if engine.saved is not None:
        assert all("un `pulumi up` again" in reason for reason in engine.saved.unfinished)
    world.recover()
    world.wire.cut = None
    world.advance(7200)
    return engine, before


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("row", ROWS)
def test_what_nobody_can_follow_any_more_is_remembered(
    tmp_path: Path, row: str, fault: str
) -> None:
    with opened(tmp_path, deploy_seconds=120.0) as world:
        kind, given = ROWS[row]
        wanted = given(world)
        world.wire.heal()
        SmallEngine(world, kind).up(wanted)
        for at in range(len(world.wire.calls)):
            engine, before = cut_off(world, row, at, FAULTS[fault])
            if engine.saved is None:
                assert world.things() == before, f"call {at}"
            engine.destroy()
            assert world.things() == before, f"call {at}"


def test_what_was_remembered_without_being_seen_is_finished_by_the_next_up(world: World) -> None:
    engine = SmallEngine(world, DEPLOYMENT)
    world.fault(method="*.operations.wait", times=1, error={"http": 403, "message": "not allowed"})
    with pytest.raises(InitFailed, match="goes on at Google"):
        engine.up(deployment())
    world.advance(7200)
    assert engine.up(deployment()) == "updated"
    assert len(world.mutations("locations.deploy")) == 1
