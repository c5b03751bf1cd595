"""`machineType: auto` and what is asked of the service about a deployment."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from vertex_custom_weights_provider.lifecycle.contract import Examined
from vertex_custom_weights_provider.lifecycle.deployment import custom_weights_deployment
from vertex_custom_weights_provider.properties.parsing import parse

from .support.folder import Folder
from .support.inputs import MACHINE, bare_endpoint, deployment
from .support.small_engine import SmallEngine
from .support.world import World

KIND = "CustomWeightsDeployment"
AUTO: dict[str, Any] = {"machineSpec": {"machineType": "auto"}, "minReplicaCount": 1}
DENIED: dict[str, Any] = {"error": {"status": "PERMISSION_DENIED"}, "times": 100}


def wanted(**more: Any) -> dict[str, Any]:
    return deployment(**{"preflight": "enforce", "dedicatedResources": AUTO, **more})


def machine(engine: SmallEngine) -> dict[str, Any]:
    assert engine.saved is not None
    return engine.saved.inputs["dedicatedResources"]["machineSpec"]


def examined(world: World, inputs: dict[str, Any]) -> Examined:
    parsed = parse(custom_weights_deployment.model, inputs)
    found = custom_weights_deployment.examine(parsed, {}, "urn:chat", world.cloud)
    problems = (*parsed.problems, *found.problems)
    return replace(found, problems=problems)


def refused(world: World, inputs: dict[str, Any]) -> str:
    return "\n".join(f"{p.path}: {p.message}" for p in examined(world, inputs).problems)


def test_an_automatic_machine_is_what_the_service_recommends(world: World, folder: Folder) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(wanted())
    assert machine(engine) == MACHINE
    (deployed,) = world.things()["endpoints"]
    assert deployed
    assert engine.preview(wanted()) == "unchanged"


def test_an_automatic_machine_is_the_cheapest_that_fits_when_the_service_does_not_say(
    world: World, folder: Folder
) -> None:
    folder.fault(method="*recommendSpec", **DENIED)
    engine = SmallEngine(world, KIND)
    engine.up(wanted())
    assert machine(engine)["acceleratorType"] == "NVIDIA_L4"
    assert machine(engine)["acceleratorCount"] == 1


def test_the_choice_of_a_machine_is_told_with_reason_and_price(
    world: World, folder: Folder
) -> None:
    found = examined(world, wanted())
    (line,) = [note.text for note in found.notes if note.id == "machineType"]
    assert "g2-standard-12 with 1 NVIDIA_L4" in line
    assert "Vertex AI recommends it" in line
    assert "USD an hour" in line


def test_an_unchanged_automatic_machine_costs_one_listing(world: World, folder: Folder) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(wanted())
    folder.requests.clear()
    assert engine.preview(wanted()) == "unchanged"
    assert folder.requests == ["GET storage.googleapis.com/storage/v1/b/weights/o"]


def test_a_machine_that_fits_is_kept_when_it_is_left_to_preflight_later(
    world: World, folder: Folder
) -> None:
    engine = SmallEngine(world, KIND)
    large = {**MACHINE, "machineType": "g2-standard-24", "acceleratorCount": 2}
    engine.up(wanted(dedicatedResources={"machineSpec": large, "minReplicaCount": 1}))
    assert engine.preview(wanted()) == "unchanged"
    more = wanted(labels={"team": "search"})
    assert engine.up(more) == "updated"
    assert machine(engine) == large


def test_a_machine_that_new_weights_do_not_fit_is_chosen_anew(world: World, folder: Folder) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(wanted())
    folder.put("llama-2-13b")
    assert engine.up(wanted()) == "replaced"
    assert machine(engine)["acceleratorCount"] > 1


def test_a_machine_chosen_anew_for_a_given_endpoint_rolls_out_in_place(
    world: World, folder: Folder
) -> None:
    engine = SmallEngine(world, KIND)
    inputs = wanted(endpoint=bare_endpoint(world))
    engine.up(inputs)
    folder.put("llama-2-13b")
    assert engine.up(inputs) == "updated"
    assert machine(engine)["acceleratorCount"] > 1
    assert engine.preview(inputs) == "unchanged"


def test_a_machine_that_cannot_be_chosen_is_an_error_at_its_property(
    world: World, folder: Folder
) -> None:
    text = refused(world, wanted(preflight="off"))
    assert "dedicatedResources.machineSpec.machineType: auto" in text
    assert "preflight may not be off" in text


def test_where_the_weights_are_refused_no_machine_is_missed(world: World, folder: Folder) -> None:
    text = refused(world, wanted(gcsUri="gs://weights/absent"))
    assert "gs://weights/absent is empty or does not exist" in text
    assert "auto finds no machine" not in text


def test_an_automatic_machine_takes_no_accelerator(world: World, folder: Folder) -> None:
    both = {"machineSpec": {**MACHINE, "machineType": "auto"}}
    text = refused(world, wanted(dedicatedResources=both))
    assert "dedicatedResources.machineSpec.acceleratorType: is chosen" in text


def test_the_service_is_asked_once_about_the_same_weights(world: World, folder: Folder) -> None:
    for name in ("one", "two", "three"):
        SmallEngine(world, KIND, name=name).check(
            wanted(dedicatedResources={"machineSpec": MACHINE, "minReplicaCount": 1})
        )
    assert len(folder.asked("recommendSpec")) == 1
    assert len(folder.asked("quotaInfos")) == 1


def test_a_service_that_may_not_be_asked_is_asked_once(world: World, folder: Folder) -> None:
    folder.fault(method="*recommendSpec", **DENIED)
    folder.put("llama-3.2-3b", "other")
    for uri in ("gs://weights/llama", "gs://weights/other"):
        SmallEngine(world, KIND, name=uri[-5:]).check(wanted(gcsUri=uri))
    assert len(folder.asked("recommendSpec")) == 1


def test_a_service_that_sees_another_model_is_told(world: World, folder: Folder) -> None:
    folder.serve("recommendSpec", {"baseModel": "publishers/google/models/gemma3@gemma-3-4b"})
    found = examined(world, wanted())
    assert any("takes it for" in warning.text for warning in found.warnings)
