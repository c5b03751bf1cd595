"""Changing a deployment that stands: in place, by replacement, and what was changed by others."""

from __future__ import annotations

from typing import Any

import pytest

from vertex_custom_weights_provider.adapter.provider import Failed

from .support.inputs import MACHINE, PRIVATE, deployment
from .support.small_engine import SmallEngine
from .support.world import LOCATION, REGION, World

KIND = "CustomWeightsDeployment"


def base(**more: Any) -> dict[str, Any]:
    """Inputs that leave nothing to the service which these tests change."""
    names = {"endpointDisplayName": "chat", "modelDisplayName": "chat"}
    return deployment(**{**names, "dedicatedResources": resources(maxReplicaCount=1), **more})


def resources(**more: Any) -> dict[str, Any]:
    return {"machineSpec": MACHINE, "minReplicaCount": 1, **more}


IN_PLACE: dict[str, dict[str, Any]] = {
    "endpoint name": {"endpointDisplayName": "other"},
    "model name": {"modelDisplayName": "other"},
    "labels": {"labels": {"team": "search"}},
    "maximum": {"dedicatedResources": resources(maxReplicaCount=3)},
    "minimum": {"dedicatedResources": resources(minReplicaCount=2, maxReplicaCount=3)},
    "required": {"dedicatedResources": resources(maxReplicaCount=2, requiredReplicaCount=1)},
    "metrics": {
        "dedicatedResources": resources(
            maxReplicaCount=2,
            autoscalingMetricSpecs=[
                {
                    "metricName": "prometheus.googleapis.com/vertex_dcgm_fi_dev_gpu_util",
                    "target": 70,
                }
            ],
        )
    },
    "scale to zero": {
        "dedicatedResources": resources(
            minReplicaCount=0,
            maxReplicaCount=2,
            initialReplicaCount=1,
            scaleToZeroSpec={"idleScaledownPeriod": "600s"},
        )
    },
    "deadline": {"timeouts": {"create": "3h"}},
    "policy": {"deletionPolicy": "abandon"},
}
REPLACING: dict[str, tuple[str, dict[str, Any]]] = {
    "weights": ("gcsUri", {"gcsUri": "gs://weights/other"}),
    "machine": (
        "dedicatedResources.machineSpec.acceleratorCount",
        {
            "dedicatedResources": {
                "machineSpec": {**MACHINE, "machineType": "g2-standard-24", "acceleratorCount": 2},
                "minReplicaCount": 1,
            }
        },
    ),
    "spot": ("dedicatedResources.spot", {"dedicatedResources": resources(spot=True)}),
    "private": ("privateServiceConnectConfig", {"privateServiceConnectConfig": PRIVATE}),
    "host": ("dedicatedEndpointDisabled", {"dedicatedEndpointDisabled": True}),
    "identity": ("serviceAccount", {"serviceAccount": "s@my-proj.iam.gserviceaccount.com"}),
    "container": ("containerSpec", {"containerSpec": {"imageUri": "us-docker.pkg.dev/i"}}),
    "location": ("location", {"location": "europe-west4"}),
    "id": ("endpointUserId", {"endpointUserId": "other"}),
}


@pytest.mark.parametrize("change", IN_PLACE)
def test_a_change_in_place_keeps_the_endpoint_and_is_seen_by_a_refresh(
    world: World, change: str
) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(base())
    before = world.things()
    wanted = base(**IN_PLACE[change])
    assert engine.up(wanted) == "updated"
    assert world.things() == before
    assert engine.preview(wanted) == "unchanged"
    assert engine.refresh() == "unchanged"
    assert engine.preview(wanted) == "unchanged"
    assert engine.up(base()) == "updated"
    assert engine.refresh() == "unchanged"


@pytest.mark.parametrize("change", REPLACING)
def test_a_replacing_change_makes_a_new_endpoint_before_the_old_one_goes(
    world: World, change: str
) -> None:
    path, inputs = REPLACING[change]
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    before = world.things()
    diff = engine.diff(deployment(**inputs))
    assert path in diff.replaces
    assert not diff.delete_before_replace
    assert engine.up(deployment(**inputs)) == "replaced"
    assert world.things() != before
    assert len(world.things()["endpoints"]) == len(world.things()["models"]) == 1
    order = [m.split(" ")[0].rsplit(".", 1)[-1] for m in world.mutations()]
    assert order.index("delete") > len(order) - 1 - order[::-1].index("deploy")
    assert engine.refresh() == "unchanged"
    engine.destroy()
    assert world.things() == {}


def drift_labels(world: World, name: str) -> None:
    world.must("PATCH", name, {"labels": {"team": "ads"}}, updateMask="labels")


def drift_name(world: World, name: str) -> None:
    world.must("PATCH", name, {"displayName": "by hand"}, updateMask="displayName")


def drift_model_name(world: World, name: str) -> None:
    model = name.replace("/endpoints/", "/models/")
    world.must("PATCH", model, {"displayName": "by hand"}, updateMask="displayName")


def drift_replicas(world: World, name: str) -> None:
    _mutate(world, name, "minReplicaCount,maxReplicaCount", minReplicaCount=1, maxReplicaCount=5)


def drift_metrics(world: World, name: str) -> None:
    metrics = [
        {
            "metricName": "prometheus.googleapis.com/vertex_dcgm_fi_dev_gpu_util",
            "target": 10,
        }
    ]
    _mutate(world, name, "autoscalingMetricSpecs", autoscalingMetricSpecs=metrics)


def _mutate(world: World, name: str, fields: str, **values: Any) -> None:
    endpoint = world.get(name)
    assert endpoint is not None
    deployed = {"id": endpoint["deployedModels"][0]["id"], "dedicatedResources": values}
    mask = ",".join(f"dedicatedResources.{field}" for field in fields.split(","))
    body = {"deployedModel": deployed, "updateMask": mask}
    world.must("POST", f"{name}:mutateDeployedModel", body)


DRIFT = {
    "labels": drift_labels,
    "endpointDisplayName": drift_name,
    "modelDisplayName": drift_model_name,
    "dedicatedResources.maxReplicaCount": drift_replicas,
    "dedicatedResources.autoscalingMetricSpecs": drift_metrics,
}


@pytest.mark.parametrize("path", DRIFT)
def test_drift_is_seen_by_a_refresh_and_mended_by_the_next_up(world: World, path: str) -> None:
    wanted = base(labels={"team": "search"})
    engine = SmallEngine(world, KIND)
    engine.up(wanted)
    assert engine.saved is not None
    DRIFT[path](world, engine.saved.id)
    assert engine.refresh() == "changed"
    assert any(key.startswith(path) for key in engine.diff(wanted).detailed)
    assert engine.up(wanted) == "updated"
    assert engine.refresh() == "unchanged"
    assert engine.preview(wanted) == "unchanged"


def test_labels_of_strangers_survive_an_update_and_are_no_drift(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment(labels={"team": "search", "tier": "one"}))
    assert engine.saved is not None
    endpoint = world.get(engine.saved.id)
    assert endpoint is not None
    labels = {**endpoint["labels"], "stranger": "yes"}
    world.must("PATCH", engine.saved.id, {"labels": labels}, updateMask="labels")
    assert engine.refresh() == "unchanged"
    engine.up(deployment(labels={"team": "ads"}))
    endpoint = world.get(engine.saved.id)
    assert endpoint is not None
    assert endpoint["labels"]["stranger"] == "yes"
    assert endpoint["labels"]["team"] == "ads"
    assert "tier" not in endpoint["labels"]
    assert "mg-deploy" in endpoint["labels"]


def test_a_stale_etag_is_read_again_and_the_change_is_made(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    world.scenario("stale-etag")
    assert engine.up(deployment(endpointDisplayName="other")) == "updated"
    assert engine.refresh() == "unchanged"


def test_a_model_undeployed_by_hand_is_deployed_anew(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    assert engine.saved is not None
    body = {"deployedModelId": engine.saved.outs["deployedModelId"]}
    world.must("POST", f"{engine.saved.id}:undeployModel", body)
    engine.refresh()
    assert engine.diff(deployment()).replaces == ["status"]
    assert engine.up(deployment()) == "replaced"
    assert len(world.things()["endpoints"]) == len(world.things()["models"]) == 1
    assert engine.refresh() == "unchanged"
    engine.destroy()
    assert world.things() == {}


def test_an_endpoint_deleted_by_hand_is_gone_and_made_again(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    assert engine.saved is not None
    body = {"deployedModelId": engine.saved.outs["deployedModelId"]}
    world.must("POST", f"{engine.saved.id}:undeployModel", body)
    world.must("DELETE", engine.saved.id)
    (model,) = world.things()["models"]
    assert engine.refresh() == "gone"
    assert f"gcloud ai models delete {model} --region=us-central1" in world.lines.text
    assert engine.up(deployment()) == "created"
    assert model not in world.things()["models"]
    engine.destroy()
    assert world.things() == {}


def test_a_failed_read_keeps_the_state(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    world.scenario("read-denied")
    with pytest.raises(Failed, match="PERMISSION_DENIED"):
        engine.refresh()
    assert engine.saved is not None


def test_foreign_models_on_the_endpoint_are_reported_by_a_refresh(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    assert engine.saved is not None
    upload = {
        "modelId": "theirs",
        "model": {"displayName": "theirs", "containerSpec": {"imageUri": "i"}},
    }
    world.must("POST", f"{LOCATION}/models:upload", upload)
    body = {
        "deployedModel": {
            "id": "77",
            "model": f"{LOCATION}/models/theirs",
            "dedicatedResources": {"machineSpec": MACHINE, "minReplicaCount": 1},
        }
    }
    world.must("POST", f"{engine.saved.id}:deployModel", body)
    engine.refresh()
    assert "also serves what others deployed: 77" in world.lines.text
    assert "of the traffic" not in world.lines.text
    own = engine.saved.outs["deployedModelId"]
    split = {"trafficSplit": {own: 30, "77": 70}}
    world.must("PATCH", engine.saved.id, split, updateMask="trafficSplit")
    engine.refresh()
    assert f"deployment {own} gets 30 % of the traffic" in world.lines.text
    assert engine.preview(deployment()) == "unchanged"


def test_the_project_number_in_answers_is_no_drift(world: World) -> None:
    engine = SmallEngine(world, KIND)
    engine.up(deployment())
    assert engine.saved is not None
    endpoint = world.get(engine.saved.id)
    assert endpoint is not None
    assert "my-proj" not in endpoint["name"]
    assert engine.refresh() == "unchanged"
    assert engine.saved.inputs["project"] == "my-proj"


def test_an_imported_deployment_needs_no_change(world: World) -> None:
    first = SmallEngine(world, KIND, name="first")
    first.up(deployment(privateServiceConnectConfig=PRIVATE, labels={"team": "search"}))
    assert first.saved is not None
    engine = SmallEngine(world, KIND)
    inputs = engine.import_(first.saved.id)
    wanted = deployment(
        endpointUserId=inputs["endpointUserId"],
        endpointDisplayName="first",
        modelDisplayName="first",
        privateServiceConnectConfig={**PRIVATE, "enablePrivateServiceConnect": True},
        labels={"team": "search"},
    )
    assert engine.diff(wanted).detailed == {"preflight": "ADD"}
    assert inputs["location"] == REGION


def test_an_endpoint_with_two_models_cannot_be_imported_as_a_deployment(world: World) -> None:
    world.must("POST", f"{LOCATION}/endpoints", {"displayName": "x"}, endpointId="bare")
    with pytest.raises(Failed, match="Import an Endpoint instead"):
        SmallEngine(world, KIND).import_(f"{LOCATION}/endpoints/bare")
