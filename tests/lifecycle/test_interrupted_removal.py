"""A removal that was begun and not seen to its end, and what the next commands make of it."""

from __future__ import annotations

from typing import Any

import pytest

from vertex_custom_weights_provider.adapter.phase import Phase
from vertex_custom_weights_provider.adapter.provider import Failed

from .support.inputs import address, deployment, endpoint
from .support.small_engine import SmallEngine
from .support.world import LOCATION, World

KIND = "CustomWeightsDeployment"


def cut_off(world: World, engine: SmallEngine, call: str) -> str:
    """Press Ctrl-C at a call of a destroy; returns what is said."""
    world.wire.interrupt_when = lambda made: made.endswith(call)
    with pytest.raises(Failed) as stopped:
        engine.destroy()
    world.recover()
    return str(stopped.value)


def test_ctrl_c_in_a_destroy_says_what_was_begun_and_what_to_run(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    assert engine.saved is not None
    said = cut_off(world, engine, "wait")
    name = engine.saved.outs["endpointName"]
    assert f"The removal of {name} was begun" in said
    assert "`pulumi destroy`" in said
    assert "`pulumi up` makes it again" in said


def test_a_preview_right_after_sees_that_a_removal_was_begun(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    cut_off(world, engine, "wait")
    assert engine.preview(deployment()) == "updated"
    assert "its removal was begun" in _lines(world, engine, deployment())


def test_what_a_removal_has_not_harmed_stays_and_loses_the_mark(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    cut_off(world, engine, "undeployModel")
    assert engine.saved is not None
    name = engine.saved.outs["endpointName"]
    engine.up(deployment())
    live = world.get(engine.saved.outs["endpointName"])
    assert live is not None
    assert "vcw-removal" not in live["labels"]
    assert len(live["deployedModels"]) == 1
    assert len(world.things()["endpoints"]) == 1
    assert name.startswith(LOCATION)
    assert engine.preview(deployment()) == "unchanged"


def test_what_somebody_removed_is_made_again_without_a_refresh(world: World) -> None:
    engine = SmallEngine(world, "PscAddress")
    engine.up(address())
    assert engine.saved is not None
    world.must("DELETE", engine.saved.id)
    assert engine.preview(address()) == "updated"
    engine.up(address())
    assert len(world.things()["addresses"]) == 1
    assert engine.refresh() == "unchanged"


def test_a_preview_lists_endpoints_once_for_all_resources(world: World) -> None:
    engines = [SmallEngine(world, "Endpoint", name) for name in ("a", "b", "c", "d")]
    for engine in engines:
        engine.up(endpoint())
    world.phase, world.wire.calls[:] = Phase(), []
    with world.phase.serving():
        listings = world.phase.listings
    listings.forget = lambda: None  # type: ignore[method-assign]  # as the host, by phases
    for engine in engines:
        assert engine.preview(endpoint()) == "unchanged"
    assert len(world.wire.calls) == 1, world.wire.calls


def test_a_listing_that_is_refused_is_said_and_changes_nothing(world: World) -> None:
    engine = SmallEngine(world, "Endpoint")
    engine.up(endpoint())
    world.fault(method="*endpoints.list", times=100, error={"http": 403})
    assert engine.preview(endpoint()) == "unchanged"
    assert "not looked at whether it is still there" in world.lines.text


def _lines(world: World, engine: SmallEngine, inputs: dict[str, Any]) -> str:
    """Return what a preview says of a change."""
    world.phase = Phase()
    assert engine.saved is not None
    saved = engine.saved
    engine.diff(inputs)
    with world.serving(engine.kind, engine.urn, bundled=False) as provider:
        provider.preview_update(saved.id, saved.outs, engine.check(inputs))
    return world.lines.text
