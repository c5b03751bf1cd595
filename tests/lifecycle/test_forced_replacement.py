"""`pulumi up --replace` and `pulumi state taint`: to a provider, a create and then a delete."""

from __future__ import annotations

from .inputs import bare_endpoint, deployment
from .small_engine import SmallEngine
from .world import World


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
