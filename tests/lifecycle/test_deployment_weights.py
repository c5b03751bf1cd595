"""What a deployment makes of the folder its weights are in, and of what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from vertex_custom_weights_provider.lifecycle.weights.check import examine_weights
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.parsing import parse

from .support.folder import Folder
from .support.inputs import bare_endpoint, deployment
from .support.small_engine import Refused, SmallEngine
from .support.world import World

KIND = "CustomWeightsDeployment"


def wanted(**more: Any) -> dict[str, Any]:
    return deployment(**{"preflight": "enforce", **more})


def test_new_bytes_in_the_folder_are_rolled_out(world: World, folder: Folder) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(wanted())
    folder.change(note="trained longer")
    assert engine.diff(wanted()).replaces == ["weightsFingerprint"]
    assert engine.up(wanted()) == "replaced"
    assert engine.preview(wanted()) == "unchanged"


def test_ignored_changes_of_the_weights_change_nothing(world: World, folder: Folder) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(wanted(weightsChanges="ignore"))
    folder.change(note="trained longer")
    folder.requests.clear()
    assert engine.preview(wanted(weightsChanges="ignore")) == "unchanged"
    assert folder.requests == []


def test_ignored_changes_stay_ignored_when_something_changes_in_place(
    world: World, folder: Folder
) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(wanted(weightsChanges="ignore"))
    folder.change(note="trained longer")
    more = wanted(weightsChanges="ignore", labels={"team": "search"})
    assert engine.up(more) == "updated"
    assert engine.preview(more) == "unchanged"


def test_ignored_changes_are_taken_up_by_the_next_replacement(world: World, folder: Folder) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(wanted(weightsChanges="ignore"))
    assert engine.saved is not None
    before = engine.saved.inputs["weightsFingerprint"]
    folder.change(note="trained longer")
    anew = wanted(weightsChanges="ignore", generation=1)
    assert engine.up(anew) == "replaced"
    assert engine.saved.inputs["weightsFingerprint"] != before
    assert engine.preview(anew) == "unchanged"


def test_ignored_changes_are_taken_up_by_the_next_rollout_onto_an_endpoint(
    world: World, folder: Folder
) -> None:
    engine = SmallEngine(world, KIND)
    onto = {"endpoint": bare_endpoint(world), "weightsChanges": "ignore"}
    engine.up(wanted(**onto))
    assert engine.saved is not None
    before = engine.saved.inputs["weightsFingerprint"]
    folder.change(note="trained longer")
    assert engine.preview(wanted(**onto)) == "unchanged"
    assert engine.up(wanted(**onto, generation=1)) == "updated"
    assert engine.saved.inputs["weightsFingerprint"] != before


def test_changes_that_were_ignored_are_rolled_out_when_asked_for(
    world: World, folder: Folder
) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(wanted(weightsChanges="ignore"))
    folder.change(note="trained longer")
    assert engine.diff(wanted()).replaces == ["weightsFingerprint"]


def test_an_unchanged_deployment_costs_one_listing(world: World, folder: Folder) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(wanted())
    folder.requests.clear()
    assert engine.preview(wanted()) == "unchanged"
    assert folder.requests == ["GET storage.googleapis.com/storage/v1/b/weights/o"]


def test_weights_of_another_model_than_was_said_are_warned_of_in_the_preview(
    world: World, folder: Folder
) -> None:
    del folder  # holds Llama-3.2 1B
    (problem,) = [said for said in _warned(world, "llama-3.1-8b") if "baseModel" in said]
    assert "Llama-3.1 8B, and the weights are of Llama-3.2 1B" in problem
    assert not any("baseModel" in said for said in _warned(world, "llama-3.2-1b"))


def test_weights_of_another_family_are_refused(world: World, folder: Folder) -> None:
    engine = SmallEngine(world, KIND)
    with pytest.raises(Refused, match="^family: .*Llama-3.2 1B, and not of the family gemma"):
        engine.check(wanted(family="gemma"))
    engine.up(wanted(family="llama"))
    del folder
    assert engine.preview(wanted()) == "unchanged"


def test_another_word_on_the_model_has_the_weights_judged_again_and_nothing_deployed(
    world: World, folder: Folder
) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(wanted(baseModel="llama-3.2-1b"))
    assert engine.saved is not None
    del folder
    assert engine.diff(wanted(baseModel="llama-3.2-3b")).replaces == []
    assert any("baseModel" in said for said in _warned(world, "llama-3.2-3b", engine.saved.inputs))


def _warned(world: World, base_model: str, old: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    parsed = parse(CustomWeightsDeploymentSpec, wanted(baseModel=base_model))
    warnings = examine_weights(parsed, old or {}, world.cloud).warnings
    assert {line.id for line in warnings} <= {"M1"}
    return tuple(line.text for line in warnings)
