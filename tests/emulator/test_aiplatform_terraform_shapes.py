"""What Google's Terraform provider 7.45 sends for endpoints, as captured from whole runs of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

LOCATION = "projects/my-proj/locations/us-central1"
OURS = {"goog-terraform-provisioned": "true"}
PRIVATE = {"enablePrivateServiceConnect": True, "projectAllowlist": ["my-proj"]}
NETWORK = {"network": "projects/my-proj/global/networks/n", "projectId": "my-proj"}
LOGGING = {
    "bigqueryDestination": {"outputUri": "bq://my-proj.ds.request_response_logging"},
    "enabled": True,
    "samplingRate": 0.1,
}
KEY = {"kmsKeyName": "projects/my-proj/locations/us-central1/keyRings/r/cryptoKeys/k"}
MACHINE = {"acceleratorCount": 1, "acceleratorType": "NVIDIA_L4", "machineType": "g2-standard-12"}


class Terraform:
    """Requests as the provider writes them, against a custom endpoint."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=f"{url}/v1/", params={"alt": "json"})

    def change(self, verb: str, path: str, body: Any = None, **query: str) -> dict[str, Any]:
        answer = self.http.request(verb, path, json=body, params=query).raise_for_status().json()
        for _ in range(200):
            if "/operations/" not in answer["name"] or answer.get("done"):
                break
            answer = self.read(answer["name"])
        assert "error" not in answer
        return answer

    def read(self, path: str) -> dict[str, Any]:
        return self.http.get(path).raise_for_status().json()


@pytest.fixture
def terraform(served: Callable[..., str]) -> Iterator[Terraform]:
    found = Terraform(served(deploy_seconds=0.05, operation_seconds=0.02))
    yield found
    found.http.close()


@pytest.mark.parametrize(
    "resource",
    [
        {"description": "d0"},
        {"dedicatedEndpointEnabled": True},
        {"encryptionSpec": KEY, "predictRequestResponseLoggingConfig": LOGGING},
        {"privateServiceConnectConfig": {**PRIVATE, "pscAutomationConfigs": [NETWORK]}},
    ],
)
def test_an_endpoint_reads_back_as_it_was_written(
    terraform: Terraform, resource: dict[str, Any]
) -> None:
    body = {"displayName": "tf", "labels": OURS, **resource}
    terraform.change("POST", f"{LOCATION}/endpoints", body, endpointId="1234567890")
    shown = terraform.read(f"{LOCATION}/endpoints/1234567890")
    assert {key: shown[key] for key in body} == body
    terraform.change("DELETE", f"{LOCATION}/endpoints/1234567890")


def test_an_endpoint_is_changed_in_place(terraform: Terraform) -> None:
    path = f"{LOCATION}/endpoints"
    terraform.change("POST", path, {"displayName": "a", "labels": OURS}, endpointId="tf")
    body = {"description": "d1", "displayName": "b", "labels": {**OURS, "cost_center": "1"}}
    terraform.change("PATCH", f"{path}/tf", body, updateMask="displayName,description,labels")
    shown = terraform.read(f"{path}/tf")
    assert {key: shown[key] for key in body} == body


@pytest.mark.parametrize(
    "source",
    [
        {"publisherModelName": "publishers/google/models/gemma3@gemma-3-1b-it"},
        {"huggingFaceModelId": "Qwen/Qwen3-0.6B"},
    ],
)
def test_a_model_garden_deployment_lives_its_life_and_leaves_its_model(
    terraform: Terraform, source: dict[str, str]
) -> None:
    resources = {"machineSpec": MACHINE, "maxReplicaCount": 1, "minReplicaCount": 1}
    body = {
        "deployConfig": {"dedicatedResources": resources},
        "endpointConfig": {"endpointDisplayName": "g", "privateServiceConnectConfig": PRIVATE},
        "modelConfig": {"acceptEula": True, "modelDisplayName": "g"},
        **source,
    }
    made = terraform.change("POST", f"{LOCATION}:deploy", body)["response"]
    path = f"{LOCATION}/endpoints/{made['endpoint'].rsplit('/', 1)[1]}"
    deployed = terraform.read(path)["deployedModels"][0]
    change = {"dedicatedResources": {"maxReplicaCount": 2}, "id": deployed["id"]}
    mask = "dedicatedResources.maxReplicaCount"
    request = {"deployedModel": change, "updateMask": mask}
    terraform.change("POST", f"{path}:mutateDeployedModel", request)
    resized = terraform.read(path)["deployedModels"][0]["dedicatedResources"]
    terraform.change("POST", f"{path}:undeployModel", {"deployedModelId": deployed["id"]})
    terraform.change("DELETE", path)

    assert deployed["privateEndpoints"]["serviceAttachment"].startswith("projects/")
    assert resized == {**resources, "maxReplicaCount": 2}
    assert terraform.read(f"{LOCATION}/models")["models"][0]["name"] == made["model"]
