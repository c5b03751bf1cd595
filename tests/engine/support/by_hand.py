"""What somebody made before there was a program: by curl, gcloud or the console."""

from __future__ import annotations

from typing import Any

from .cloud import LOCATION, REGION, EmulatedCloud

MACHINE = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
SUBNETWORK = f"{REGION}/subnetworks/default"
_API = f"https://us-central1-aiplatform.googleapis.com/v1beta1/{LOCATION}"
_COMPUTE = f"https://compute.googleapis.com/compute/v1/{REGION}"


class ByHand:
    """Makes things in an emulated cloud with plain requests."""

    def __init__(self, cloud: EmulatedCloud) -> None:
        self._cloud = cloud

    def all_kinds(self) -> None:
        """Make an endpoint of `:deploy` with address and rule, and one with two deployments."""
        self.one_shot("support", "gs://weights/llama")
        self.connected("support")
        self.endpoint("shared")
        self.deployed("shared", "blue", "11", "gs://weights/llama", {"0": 100})
        self.deployed("shared", "green", "22", "gs://weights/llama", {"11": 70, "0": 30})

    def one_shot(self, id: str, folder: str) -> None:
        private = {
            "enablePrivateServiceConnect": True,
            "projectAllowlist": ["local-project"],
        }
        self._post(
            f"{_API}:deploy",
            {
                "customModel": {"gcsUri": folder},
                "modelConfig": {"modelUserId": f"{id}-model", "modelDisplayName": "Support model"},
                "endpointConfig": {
                    "endpointUserId": id,
                    "endpointDisplayName": "Customer support",
                    "labels": {"team": "support"},
                    "privateServiceConnectConfig": private,
                },
                "deployConfig": {
                    "dedicatedResources": {
                        "machineSpec": MACHINE,
                        "minReplicaCount": 1,
                        "maxReplicaCount": 2,
                    }
                },
            },
        )

    def connected(self, id: str) -> None:
        """Reserve an address and connect it to the endpoint."""
        deployed = self._cloud.endpoint(id)["deployedModels"][0]
        address = {"name": f"{id}-ip", "addressType": "INTERNAL", "subnetwork": SUBNETWORK}
        self._post(f"{_COMPUTE}/addresses", address)
        rule = {
            "name": f"{id}-rule",
            "target": deployed["privateEndpoints"]["serviceAttachment"],
            "IPAddress": f"{REGION}/addresses/{id}-ip",
            "network": "projects/local-project/global/networks/default",
            "loadBalancingScheme": "",
        }
        self._post(f"{_COMPUTE}/forwardingRules", rule)

    def endpoint(self, id: str) -> None:
        body = {"displayName": id, "description": "Two models"}
        self._post(f"{_API}/endpoints", body, endpointId=id)

    def deployed(
        self, endpoint: str, model: str, id: str, folder: str, split: dict[str, int]
    ) -> None:
        """Upload a model and deploy it onto an endpoint."""
        registered = {
            "displayName": model,
            "artifactUri": folder,
            "containerSpec": {"imageUri": "us-docker.pkg.dev/vertex-ai/serving/vllm:1"},
        }
        self._post(f"{_API}/models:upload", {"modelId": model, "model": registered})
        deployed = {
            "id": id,
            "model": f"{LOCATION}/models/{model}",
            "dedicatedResources": {"machineSpec": MACHINE, "minReplicaCount": 1},
        }
        body = {"deployedModel": deployed, "trafficSplit": split}
        self._post(f"{_API}/endpoints/{endpoint}:deployModel", body)

    def _post(self, url: str, body: dict[str, Any], **query: str) -> None:
        self._cloud.http.post(url, json=body, params=query).raise_for_status()
        clock = {"advance": "3600s"}
        self._cloud.http.post("http://localhost/_emulator/clock", json=clock).raise_for_status()
