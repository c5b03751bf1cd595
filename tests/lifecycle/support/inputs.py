"""Inputs as programs write them."""

from __future__ import annotations

from typing import Any

from .world import LOCATION, PROJECT, REGION, World

Bag = dict[str, Any]
MACHINE = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
PRIVATE = {"projectAllowlist": [PROJECT]}
SUBNETWORK = f"projects/{PROJECT}/regions/{REGION}/subnetworks/default"


def deployment(**more: Any) -> Bag:
    return {
        "project": PROJECT,
        "location": REGION,
        "gcsUri": "gs://weights/llama",
        "preflight": "off",
        "dedicatedResources": {"machineSpec": MACHINE, "minReplicaCount": 1},
        **more,
    }


def endpoint(**more: Any) -> Bag:
    return {"project": PROJECT, "location": REGION, **more}


def address(**more: Any) -> Bag:
    return {"project": PROJECT, "region": REGION, "subnetwork": "default", **more}


def rule(world: World, **more: Any) -> Bag:
    """Inputs of a rule to a private deployment that is made beside it."""
    return {
        "project": PROJECT,
        "region": REGION,
        "target": private_endpoint(world),
        "address": "10.128.0.9",
        "network": "default",
        **more,
    }


def private_endpoint(world: World, id: str = "private") -> str:
    """Deploy a private endpoint as somebody else would; return its service attachment."""
    body = {
        "customModel": {"gcsUri": "gs://weights/llama"},
        "modelConfig": {"modelUserId": f"{id}-model"},
        "endpointConfig": {
            "endpointUserId": id,
            "privateServiceConnectConfig": {"enablePrivateServiceConnect": True, **PRIVATE},
        },
        "deployConfig": {"dedicatedResources": {"machineSpec": MACHINE, "minReplicaCount": 1}},
    }
    world.must("POST", f"{LOCATION}:deploy", body)
    found = world.get(f"{LOCATION}/endpoints/{id}")
    assert found is not None
    return found["deployedModels"][0]["privateEndpoints"]["serviceAttachment"]


def traffic(endpoint: str, **shares: int) -> Bag:
    """Inputs of a split; `d11=90` gives deployment 11 ninety percent."""
    targets = [
        {"deployedModelId": key.removeprefix("d"), "percent": share}
        for key, share in shares.items()
    ]
    return {"endpoint": endpoint, "traffic": targets}


def shared_endpoint(world: World, id: str = "shared") -> str:
    """Make an endpoint with deployments 11, 22, 33 as somebody else would; 11 has the traffic."""
    name = f"{LOCATION}/endpoints/{id}"
    world.must("POST", f"{LOCATION}/endpoints", {"displayName": id}, endpointId=id)
    model = {"displayName": id, "containerSpec": {"imageUri": "i"}}
    world.must("POST", f"{LOCATION}/models:upload", {"modelId": f"{id}-model", "model": model})
    for deployed_id in ("11", "22", "33"):
        deployed = {
            "id": deployed_id,
            "model": f"{LOCATION}/models/{id}-model",
            "dedicatedResources": {"machineSpec": MACHINE, "minReplicaCount": 1},
        }
        split = {"0": 100} if deployed_id == "11" else {"11": 100}
        body = {"deployedModel": deployed, "trafficSplit": split}
        world.must("POST", f"{name}:deployModel", body)
    return name


def bare_endpoint(world: World, id: str = "shared", **more: Any) -> str:
    """Make an endpoint with nothing on it, as somebody else would."""
    world.must("POST", f"{LOCATION}/endpoints", {"displayName": id, **more}, endpointId=id)
    return f"{LOCATION}/endpoints/{id}"
