"""`pulumi up --replace` and `pulumi state taint`: to a provider, a create and then a delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vertex_custom_weights_provider.call.call import InitFailed

from .support.inputs import address, bare_endpoint, deployment, endpoint, rule
from .support.small_engine import Saved, SmallEngine
from .support.world import Cut, Killed, World


def test_forced_replacement_with_new_weights_keeps_the_new_deployment(world: World) -> None:
    name = bare_endpoint(world)
    engine = SmallEngine(world, "CustomWeightsDeployment")
    engine.up(deployment(endpoint=name))
    changed = deployment(endpoint=name, gcsUri="gs://weights/other")
    engine.up(changed, replace=True)
    live = world.get(name)
    assert live is not None
    assert engine.saved is not None
    (deployed,) = live["deployedModels"]
    assert deployed["id"] == engine.saved.outs["deployedModelId"]
    assert live["trafficSplit"] == {deployed["id"]: 100}
    assert len(world.things()["models"]) == 1
    assert engine.preview(changed) == "unchanged"
    assert engine.refresh() == "unchanged"
    engine.destroy()
    assert world.things() == {"endpoints": ["shared"]}


def test_forced_replacement_of_a_renamed_resource_keeps_the_new_deployment(world: World) -> None:
    name = bare_endpoint(world)
    engine = SmallEngine(world, "CustomWeightsDeployment")
    engine.up(deployment(endpoint=name))
    engine.urn = engine.urn.replace("chat", "talk")
    engine.up(deployment(endpoint=name))
    engine.up(deployment(endpoint=name), replace=True)
    live = world.get(name)
    assert live is not None
    assert engine.saved is not None
    (deployed,) = live["deployedModels"]
    assert deployed["id"] == engine.saved.outs["deployedModelId"]
    engine.destroy()
    assert world.things() == {"endpoints": ["shared"]}


KINDS: dict[str, tuple[str, Callable[[World], dict[str, Any]]]] = {
    "endpoint": ("Endpoint", lambda world: endpoint()),
    "deployment": ("CustomWeightsDeployment", lambda world: deployment()),
    "rollout": (
        "CustomWeightsDeployment",
        lambda world: deployment(endpoint=bare_endpoint(world)),
    ),
    "address": ("PscAddress", lambda world: address()),
    "rule": ("PscForwardingRule", rule),
}


@pytest.fixture(params=KINDS)
def made(request: pytest.FixtureRequest, world: World) -> tuple[str, dict[str, Any], Any]:
    """A kind, its inputs, and what was there before."""
    kind, inputs = KINDS[request.param]
    return kind, inputs(world), world.things()


def replace_unheard(engine: SmallEngine, inputs: dict[str, Any]) -> None:
    """Force a replacement whose engine is killed at its first call after the listing."""
    world = engine.world
    world.wire.heal()
    world.wire.cut = Cut(1, ends_engine=True)
    with pytest.raises(Killed):
        engine.up(inputs, replace=True)
    world.recover()


def test_a_replacement_that_nobody_has_heard_of_is_taken_back_after_a_refresh(
    world: World, made: tuple[str, dict[str, Any], Any]
) -> None:
    """The bundled server goes on after its engine was killed, and marks the object as its own."""
    kind, inputs, before = made
    engine = SmallEngine(world, kind, saves_unfinished=False)
    engine.up(inputs)
    replace_unheard(engine, inputs)
    assert engine.refresh() == "changed"
    assert engine.preview(inputs) == "updated"
    with world.serving(kind, engine.urn, bundled=True) as provider:
        assert engine.saved is not None
        previewed = provider.preview_update(
            engine.saved.id, engine.saved.outs, engine.check(inputs)
        )
    outputs = {key: value for key, value in previewed.items() if key != "incarnation"}
    assert outputs == {k: v for k, v in engine.saved.outs.items() if k != "incarnation"}
    assert engine.up(inputs) == "updated"
    assert engine.refresh() == "unchanged"
    assert engine.preview(inputs) == "unchanged"
    engine.destroy()
    assert world.things() == before


def test_an_engine_that_is_gone_takes_nothing_over(
    world: World, made: tuple[str, dict[str, Any], Any]
) -> None:
    """Our host hears at once that its engine was killed."""
    kind, inputs, before = made
    engine = SmallEngine(world, kind)
    engine.up(inputs)
    replace_unheard(engine, inputs)
    assert engine.refresh() == "unchanged"
    engine.destroy()
    assert world.things() == before


def test_what_is_still_to_be_deleted_does_not_take_the_object_back_by_a_refresh(
    world: World, made: tuple[str, dict[str, Any], Any]
) -> None:
    """The engine refreshes what it has yet to delete, too."""
    kind, inputs, before = made
    engine, old = SmallEngine(world, kind), SmallEngine(world, kind)
    engine.up(inputs)
    old.saved = engine.saved
    with world.serving(kind, engine.urn, bundled=False) as provider:
        new = provider.create(engine.check(inputs, fresh=True))
    engine.saved = Saved(new.id, inputs, new.outs)
    assert old.refresh() == "changed"
    old.destroy()
    assert "a newer resource has taken it over" in world.lines.text
    assert engine.refresh() == "unchanged"
    engine.destroy()
    assert world.things() == before


def test_marks_that_somebody_has_removed_are_written_again(world: World) -> None:
    engine = SmallEngine(world, "Endpoint")
    engine.up(endpoint())
    assert engine.saved is not None
    name = engine.saved.id
    world.must("PATCH", name, {"labels": {"stranger": "yes"}}, updateMask="labels")
    assert engine.refresh() == "changed"
    assert engine.up(endpoint()) == "updated"
    live = world.get(name)
    assert live is not None
    assert live["labels"]["vcw-incarnation"] == engine.saved.outs["incarnation"]
    assert live["labels"]["stranger"] == "yes"
    assert engine.refresh() == "unchanged"


def test_a_rule_that_was_cut_off_before_its_labels_gets_them_after_a_refresh(world: World) -> None:
    engine = SmallEngine(world, "PscForwardingRule")
    inputs = rule(world)
    world.wire.heal()
    world.wire.cut = Cut(
        2, after_answer=True, lasts=True
    )  # it is asked for, and nothing more heard
    with pytest.raises(InitFailed):
        engine.up(inputs)
    world.recover()
    world.advance(60)
    engine.refresh()
    assert engine.saved is not None
    assert "vcw-owner" not in (world.get(engine.saved.id) or {}).get("labels", {})
    assert engine.up(inputs) == "updated"
    live = world.get(engine.saved.id)
    assert live is not None
    assert live["labels"]["vcw-incarnation"] == engine.saved.outs["incarnation"]
    assert engine.refresh() == "unchanged"
