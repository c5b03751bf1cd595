"""A deployment onto a given endpoint: uploaded, deployed, rolled out in place."""

from __future__ import annotations

from typing import Any

import pytest

from vertex_custom_weights_provider.adapter.provider import Failed

from .support.given_endpoint import ASKABLE, models_of, onto, seen
from .support.inputs import MACHINE, bare_endpoint, shared_endpoint
from .support.small_engine import Refused, SmallEngine
from .support.world import LOCATION, World

KIND = "CustomWeightsDeployment"


@pytest.fixture
def name(world: World) -> str:
    """A public endpoint on which nothing is deployed."""
    return bare_endpoint(world, dedicatedEndpointEnabled=True)


def test_a_first_deployment_gets_all_the_traffic(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    assert engine.up(onto(name)) == "created"
    assert engine.saved is not None
    [(id, uri)] = models_of(world, name).items()
    assert uri == "gs://weights/llama"
    assert engine.saved.outs["deployedModelId"] == id
    assert engine.saved.id == f"{name}/deployedModels/{id}"
    assert seen(world, name)["trafficSplit"] == {id: 100}
    assert engine.up(onto(name)) == "unchanged"
    assert engine.refresh() == "unchanged"
    assert engine.preview(onto(name)) == "unchanged"
    engine.destroy()
    assert world.things() == {"endpoints": ["shared"]}


@pytest.mark.parametrize(
    "change",
    [
        {"gcsUri": "gs://weights/other"},
        {"generation": 1},
        {"containerSpec": {"imageUri": "us-docker.pkg.dev/p/r/i"}},
        {"enableAccessLogging": True},
        {
            "dedicatedResources": {
                "machineSpec": {**MACHINE, "machineType": "g2-standard-24", "acceleratorCount": 2},
                "minReplicaCount": 1,
            }
        },
    ],
    ids=["weights", "generation", "container", "access-logging", "machine"],
)
def test_a_rollout_replaces_the_deployment_and_keeps_the_endpoint(
    world: World, name: str, change: dict[str, Any]
) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    [before] = models_of(world, name)
    wanted = onto(name, **change)
    diff = engine.diff(wanted)
    assert diff.changes
    assert diff.replaces == []
    assert engine.up(wanted) == "updated"
    [after] = models_of(world, name)
    assert after != before
    assert seen(world, name)["trafficSplit"] == {after: 100}
    assert len(world.things()["models"]) == 1
    assert engine.refresh() == "unchanged"
    assert engine.preview(wanted) == "unchanged"
    engine.destroy()
    assert world.things() == {"endpoints": ["shared"]}


def test_requests_are_logged_when_that_is_asked_for(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name, enableAccessLogging=True))
    (deployed,) = seen(world, name)["deployedModels"]
    assert deployed["enableAccessLogging"] is True
    assert engine.refresh() == "unchanged"
    engine.up(onto(name, enableAccessLogging=False))
    (deployed,) = seen(world, name)["deployedModels"]
    assert not deployed.get("enableAccessLogging")
    assert engine.refresh() == "unchanged"


def test_a_model_is_encrypted_with_the_key_of_its_endpoint(world: World) -> None:
    key = f"{LOCATION}/keyRings/ring/cryptoKeys/key"
    name = bare_endpoint(world, encryptionSpec={"kmsKeyName": key})
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    assert engine.saved is not None
    model = world.get(engine.saved.outs["modelName"])
    assert model is not None
    assert model["encryptionSpec"] == {"kmsKeyName": key}
    assert engine.refresh() == "unchanged"


def test_back_and_forth_rolls_out_each_time(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    for uri in ("gs://weights/a", "gs://weights/b", "gs://weights/a", "gs://weights/b"):
        engine.up(onto(name, gcsUri=uri))
        assert list(models_of(world, name).values()) == [uri]
    assert len(world.mutations("endpoints.deployModel")) == 4


def test_a_given_model_id_is_stepped_past_by_a_rollout(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name, modelUserId="chat"))
    engine.up(onto(name, modelUserId="chat", gcsUri="gs://weights/b"))
    assert world.things()["models"] == ["chat-2"]
    assert engine.refresh() == "unchanged"
    # What comes afterwards stays with the model that serves.
    deployments = len(world.mutations("endpoints.deployModel"))
    engine.up(onto(name, modelUserId="chat", gcsUri="gs://weights/b", labels={"team": "x"}))
    assert world.things()["models"] == ["chat-2"]
    assert len(world.mutations("endpoints.deployModel")) == deployments


def test_a_model_that_somebody_deployed_on_another_machine_is_rolled_out_anew(
    world: World, name: str
) -> None:
    engine = SmallEngine(world, KIND)
    wanted = onto(name, labels={"team": "x"})
    engine.up(wanted)
    assert engine.saved is not None
    before = engine.saved.outs
    world.must("POST", f"{name}:undeployModel", {"deployedModelId": before["deployedModelId"]})
    machine = {**MACHINE, "machineType": "g2-standard-16"}
    resources = {"machineSpec": machine, "minReplicaCount": 1}
    deployed = {"id": "77", "model": before["modelName"], "dedicatedResources": resources}
    body = {"deployedModel": deployed, "trafficSplit": {"0": 100}}
    world.must("POST", f"{name}:deployModel", body)
    assert engine.refresh() == "changed"
    assert "dedicatedResources.machineSpec.machineType" in engine.diff(wanted).detailed
    assert engine.up(wanted) == "updated"
    [there] = seen(world, name)["deployedModels"]
    assert there["dedicatedResources"]["machineSpec"]["machineType"] == MACHINE["machineType"]
    assert seen(world, name)["trafficSplit"] == {there["id"]: 100}
    assert len(world.things()["models"]) == 1
    assert engine.refresh() == "unchanged"
    assert engine.preview(wanted) == "unchanged"


def test_the_order_is_upload_deploy_shift_undeploy_delete(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    start = len(world.mutations())
    engine.up(onto(name, gcsUri="gs://weights/other"))
    prefix = "aiplatform.projects.locations."
    steps = [line.split(" ")[0].removeprefix(prefix) for line in world.mutations()[start:]]
    assert steps == [
        "models.upload",
        "endpoints.deployModel",
        "endpoints.patch",
        "endpoints.undeployModel",
        "models.delete",
    ]


def test_traffic_is_taken_over_in_steps_with_a_question_before_each(
    world: World, name: str
) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name, **ASKABLE))
    start, slept = len(world.wire.calls), world.clock.slept
    engine.up(onto(name, gcsUri="gs://weights/other", trafficSteps=[10, 50], **ASKABLE))
    asked = [call for call in world.wire.calls[start:] if "/invoke/" in call]
    shifted = [call for call in world.wire.calls[start:] if call.startswith("PATCH")]
    assert len(asked) == 3
    assert len([call for call in shifted if "/endpoints/" in call]) == 3
    assert world.clock.slept - slept >= 60


def test_the_question_goes_to_the_new_deployment_and_not_to_the_old_one(
    world: World, name: str
) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name, **ASKABLE))
    start = len(world.wire.calls)
    engine.up(onto(name, gcsUri="gs://weights/other", **ASKABLE))
    assert engine.saved is not None
    [asked] = [call for call in world.wire.calls[start:] if "/invoke/" in call]
    assert f"/deployedModels/{engine.saved.outs['deployedModelId']}/invoke/" in asked


def test_scaling_and_names_change_without_a_rollout(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    [before] = models_of(world, name)
    wanted = onto(
        name,
        modelDisplayName="other",
        labels={"team": "x"},
        dedicatedResources={"machineSpec": MACHINE, "minReplicaCount": 1, "maxReplicaCount": 3},
    )
    assert engine.up(wanted) == "updated"
    assert list(models_of(world, name)) == [before]
    assert engine.refresh() == "unchanged"
    assert engine.preview(wanted) == "unchanged"


def test_a_renamed_resource_keeps_its_deployment(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    before = models_of(world, name)
    engine.urn = engine.urn.replace("::chat", "::talk")
    assert engine.up(onto(name)) == "updated"
    assert models_of(world, name) == before
    assert engine.preview(onto(name)) == "unchanged"


def test_deployments_and_traffic_of_others_are_left_alone(world: World) -> None:
    name = shared_endpoint(world)
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    assert seen(world, name)["trafficSplit"] == {"11": 100}
    assert "until a TrafficSplit says otherwise" in world.lines.text
    engine.up(onto(name, gcsUri="gs://weights/other"))
    assert seen(world, name)["trafficSplit"] == {"11": 100}
    engine.destroy()
    assert [d["id"] for d in seen(world, name)["deployedModels"]] == ["11", "22", "33"]
    assert seen(world, name)["trafficSplit"] == {"11": 100}


@pytest.mark.parametrize(
    ("shares", "left"),
    [
        ({"11": 60}, {"11": 100}),
        ({"11": 0}, {"11": 100}),
        ({"11": 20, "22": 10}, {"11": 67, "22": 33}),
    ],
)
def test_a_removed_deployment_leaves_its_traffic_to_those_that_stay(
    world: World, shares: dict[str, int], left: dict[str, int]
) -> None:
    name = shared_endpoint(world)
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    assert engine.saved is not None
    own = engine.saved.outs["deployedModelId"]
    split = {**{key: share for key, share in shares.items() if share}}
    split[own] = 100 - sum(split.values())
    world.must("PATCH", name, {"trafficSplit": split}, updateMask="trafficSplit")
    engine.destroy()
    now = seen(world, name)["trafficSplit"]
    assert {key: share for key, share in now.items() if share} == left
    assert {one["id"] for one in seen(world, name)["deployedModels"]} == {"11", "22", "33"}


def test_a_rollout_moves_only_its_own_share(world: World) -> None:
    name = shared_endpoint(world)
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    assert engine.saved is not None
    split = {"11": 70, engine.saved.outs["deployedModelId"]: 30}
    world.must("PATCH", name, {"trafficSplit": split}, updateMask="trafficSplit")
    engine.up(onto(name, gcsUri="gs://weights/other"))
    new = engine.saved.outs["deployedModelId"]
    assert seen(world, name)["trafficSplit"] == {"11": 70, new: 30}


def test_a_model_undeployed_by_hand_is_deployed_again_in_place(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    assert engine.saved is not None
    body = {"deployedModelId": engine.saved.outs["deployedModelId"]}
    world.must("POST", f"{name}:undeployModel", body)
    assert engine.refresh() == "changed"
    assert engine.up(onto(name)) == "updated"
    assert len(models_of(world, name)) == 1
    assert engine.refresh() == "unchanged"


def test_a_forced_replacement_takes_over_and_deletes_nothing(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    before = models_of(world, name)
    engine.up(onto(name), replace=True)
    assert models_of(world, name) == before
    engine.destroy()
    assert world.things() == {"endpoints": ["shared"]}


def test_another_endpoint_is_a_replacement(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    other = bare_endpoint(world, "other")
    assert engine.up(onto(other)) == "replaced"
    assert models_of(world, name) == {}
    assert len(models_of(world, other)) == 1
    engine.destroy()
    assert "models" not in world.things()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"endpointUserId": "x"}, "endpointUserId: belongs to the endpoint"),
        ({"dedicatedEndpointDisabled": True}, "dedicatedEndpointDisabled: belongs"),
        ({"location": "europe-west4"}, "location: is europe-west4, but the endpoint is in"),
        ({"endpoint": "chat"}, "endpoint: 'chat' is not an endpoint"),
        ({"trafficSteps": [0]}, r"trafficSteps\[0\]"),
        ({"trafficSteps": [10, 50, 20]}, "trafficSteps: 20 follows 50"),
        ({"trafficSteps": [50, 50]}, "trafficSteps: 50 follows 50"),
    ],
)
def test_what_a_given_endpoint_decides_is_refused_in_preview(
    world: World, name: str, more: dict[str, Any], told: str
) -> None:
    with pytest.raises(Refused, match=told):
        SmallEngine(world, KIND).check({**onto(name), **more})


def test_an_endpoint_that_does_not_exist_is_named(world: World) -> None:
    with pytest.raises(Failed, match="endpoints/none does not exist"):
        SmallEngine(world, KIND).up(onto(f"{LOCATION}/endpoints/none"))
    assert world.things() == {}


def test_an_imported_deployment_is_described(world: World, name: str) -> None:
    first = SmallEngine(world, KIND, name="first")
    first.up(onto(name))
    assert first.saved is not None
    engine = SmallEngine(world, KIND)
    inputs = engine.import_(first.saved.id)
    assert inputs["endpoint"] == name
    assert inputs["gcsUri"] == "gs://weights/llama"
    wanted = onto(name, modelUserId=inputs["modelUserId"], modelDisplayName="first")
    assert engine.diff(wanted).detailed == {"preflight": "ADD"}


def test_an_imported_deployment_can_be_changed_and_rolled_out(world: World, name: str) -> None:
    model = {
        "displayName": "by hand",
        "artifactUri": "gs://weights/llama",
        "containerSpec": {"imageUri": "i"},
    }
    world.must("POST", f"{LOCATION}/models:upload", {"modelId": "by-hand", "model": model})
    deployed = {
        "id": "77",
        "model": f"{LOCATION}/models/by-hand",
        "dedicatedResources": {"machineSpec": MACHINE, "minReplicaCount": 1},
    }
    body = {"deployedModel": deployed, "trafficSplit": {"0": 100}}
    world.must("POST", f"{name}:deployModel", body)
    engine = SmallEngine(world, KIND)
    engine.import_(f"{name}/deployedModels/77")
    wanted = onto(name, modelUserId="by-hand", labels={"team": "x"})
    assert engine.up(wanted) == "updated"
    assert list(models_of(world, name)) == ["77"]
    assert engine.up({**wanted, "modelUserId": "next", "gcsUri": "gs://weights/b"}) == "updated"
    assert list(models_of(world, name).values()) == ["gs://weights/b"]
    assert world.things()["models"] == ["next"]


def test_a_preview_says_that_the_endpoint_stays(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    assert engine.saved is not None
    with engine._served() as provider:
        wanted = provider.check(engine.saved.inputs, onto(name, gcsUri="gs://weights/b")).inputs
        provider.diff(engine.saved.id, engine.saved.outs, wanted)
        shown = provider.preview_update(engine.saved.id, engine.saved.outs, wanted)
    assert shown["endpointName"] == name
    assert not isinstance(shown["deployedModelId"], str)
    assert "rolled out because of gcsUri" in world.lines.text
    assert "the endpoint, its DNS name and service attachment stay" in world.lines.text


def test_a_change_without_a_rollout_asks_for_no_recipe(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name))
    world.wire.heal()
    engine.up(onto(name, labels={"team": "x"}))
    assert not [call for call in world.wire.calls if call.endswith(":recommendSpec")]


def test_the_recommended_container_and_machine_are_used(world: World, name: str) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(onto(name, dedicatedResources={"minReplicaCount": 1}))
    [deployed] = seen(world, name)["deployedModels"]
    assert deployed["dedicatedResources"]["machineSpec"]["machineType"]
    model = world.get(deployed["model"])
    assert model is not None
    assert model["containerSpec"]["imageUri"]
    assert engine.refresh() == "unchanged"
