"""What somebody made before there was a program: by curl, gcloud or the console."""

from __future__ import annotations

from typing import Any

from .inputs import MACHINE, PRIVATE, SUBNETWORK, bare_endpoint
from .world import LOCATION, REGIONAL, World


def one_shot(world: World, id: str = "by-hand", **access: Any) -> str:
    """Deploy an endpoint, private unless `access` says otherwise; returns its name."""
    private = {"privateServiceConnectConfig": {"enablePrivateServiceConnect": True, **PRIVATE}}
    body = {
        "customModel": {"gcsUri": "gs://weights/llama"},
        "modelConfig": {"modelUserId": f"{id}-model"},
        "endpointConfig": {"endpointUserId": id, **(access or private)},
        "deployConfig": {"dedicatedResources": {"machineSpec": MACHINE, "minReplicaCount": 1}},
    }
    world.must("POST", f"{LOCATION}:deploy", body)
    return f"{LOCATION}/endpoints/{id}"


def deployed_onto(world: World) -> str:
    """Upload a model and deploy it as 77 onto an endpoint; returns the endpoint's name."""
    name = bare_endpoint(world)
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
    return name


def reserved(world: World, id: str = "by-hand") -> None:
    """Reserve an address."""
    body = {"name": id, "addressType": "INTERNAL", "subnetwork": SUBNETWORK}
    world.must("POST", f"{REGIONAL}/addresses", body)


def ruled(world: World, id: str = "by-hand") -> None:
    """Connect the address of that name to the endpoint of that name."""
    endpoint = world.get(f"{LOCATION}/endpoints/{id}")
    assert endpoint is not None
    body = {
        "name": id,
        "target": endpoint["deployedModels"][0]["privateEndpoints"]["serviceAttachment"],
        "IPAddress": f"{REGIONAL}/addresses/{id}",
        "network": "global/networks/default",
        "loadBalancingScheme": "",
    }
    world.must("POST", f"{REGIONAL}/forwardingRules", body)
