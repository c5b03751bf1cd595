"""What becomes of deployments by themselves, and which ways lead to them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from .conftest import LOCATION, MACHINE, PRIVATE, Cloud, deploy_body, refusal

ENDPOINT = f"{LOCATION}/endpoints/e1"
CHAT = {"messages": [{"role": "user", "content": "hello"}]}
IDLE = {"minReplicaCount": 0, "scaleToZeroSpec": {"idleScaledownPeriod": "600s"}}
DAY = 86_400


def _started(cloud: Cloud, resources: dict[str, Any], **config: Any) -> dict[str, Any]:
    """Deploy with these resources; returns the endpoint."""
    body = deploy_body("e1", **config)
    body["deployConfig"] = {"dedicatedResources": {"machineSpec": MACHINE, **resources}}
    cloud.result(cloud.ok("POST", f"{LOCATION}:deploy", body))
    return cloud.ok("GET", ENDPOINT)


def _ask(cloud: Cloud) -> httpx.Response:
    dns = cloud.ok("GET", ENDPOINT)["dedicatedEndpointDns"]
    return cloud.client(f"https://{dns}/").post(f"v1beta1/{ENDPOINT}/chat/completions", json=CHAT)


def test_an_idle_deployment_falls_asleep_drops_a_request_and_wakes_up(cloud: Cloud) -> None:
    _started(cloud, IDLE)
    assert _ask(cloud).status_code == 200
    cloud.advance(601)
    assert "availableReplicaCount" not in cloud.ok("GET", ENDPOINT)["deployedModels"][0]["status"]
    refused = _ask(cloud)
    assert refused.status_code == 429
    assert "not yet ready for inference" in refused.text
    cloud.advance(5)
    assert _ask(cloud).status_code == 200


def test_requests_keep_a_deployment_awake(cloud: Cloud) -> None:
    _started(cloud, IDLE)
    for _ in range(4):
        cloud.advance(400)
        assert _ask(cloud).status_code == 200


def test_a_deployment_that_sleeps_for_thirty_days_is_undeployed(cloud: Cloud) -> None:
    _started(cloud, IDLE)
    cloud.advance(29 * DAY)
    assert _ask(cloud).status_code == 429
    cloud.advance(30 * DAY)
    assert len(cloud.ok("GET", ENDPOINT)["deployedModels"]) == 1
    cloud.advance(DAY)
    assert "deployedModels" not in cloud.ok("GET", ENDPOINT)


def test_scale_to_zero_takes_an_endpoint_for_itself(cloud: Cloud) -> None:
    _started(cloud, IDLE)
    second = {
        "model": f"{LOCATION}/models/model-e1",
        "dedicatedResources": {"machineSpec": MACHINE, "minReplicaCount": 1},
    }
    answer = refusal(cloud, "POST", f"{ENDPOINT}:deployModel", {"deployedModel": second})
    assert "one DeployedModel per Endpoint" in answer[1]


def test_a_second_deployment_cannot_scale_to_zero(cloud: Cloud) -> None:
    _started(cloud, {"minReplicaCount": 1})
    second = {
        "model": f"{LOCATION}/models/model-e1",
        "dedicatedResources": {"machineSpec": MACHINE, **IDLE},
    }
    answer = refusal(cloud, "POST", f"{ENDPOINT}:deployModel", {"deployedModel": second})
    assert "one DeployedModel per Endpoint" in answer[1]


@pytest.mark.parametrize(
    ("resources", "config", "words"),
    [
        (IDLE, {"dedicatedEndpointDisabled": True}, "shared public endpoints"),
        (
            {**IDLE, "machineSpec": {**MACHINE, "multihostGpuNodeCount": 2}},
            {},
            "multi-host deployments",
        ),
        ({"flexStart": {"maxRuntimeDuration": "604801s"}}, {}, "at most 7 days"),
        ({"flexStart": {"maxRuntimeDuration": "600s"}, "spot": True}, {}, "Spot VMs"),
        ({"autoscalingMetricSpecs": [{"metricName": "x", "target": 1}]}, {}, "Unsupported metric"),
    ],
)
def test_what_excludes_each_other_is_refused(
    cloud: Cloud, resources: dict[str, Any], config: dict[str, Any], words: str
) -> None:
    body = deploy_body("e1", **config)
    body["deployConfig"] = {"dedicatedResources": {"machineSpec": MACHINE, **resources}}
    assert words in refusal(cloud, "POST", f"{LOCATION}:deploy", body)[1]


@pytest.mark.parametrize("private", [{}, {"privateServiceConnectConfig": PRIVATE}])
def test_flex_start_ends_when_its_time_is_over(cloud: Cloud, private: dict[str, Any]) -> None:
    _started(cloud, {"flexStart": {"maxRuntimeDuration": "86400s"}}, **private)
    cloud.advance(DAY - 120)
    assert len(cloud.ok("GET", ENDPOINT)["deployedModels"]) == 1
    cloud.advance(120)
    assert "deployedModels" not in cloud.ok("GET", ENDPOINT)


def test_replicas_that_are_missing_stand_in_the_status(cloud: Cloud) -> None:
    body = deploy_body("e1")
    body["deployConfig"] = {
        "dedicatedResources": {
            "machineSpec": MACHINE,
            "minReplicaCount": 3,
            "requiredReplicaCount": 1,
        }
    }
    cloud.ok("POST", f"{LOCATION}:deploy", body)
    cloud.advance(3.1)
    (deployed,) = cloud.ok("GET", ENDPOINT)["deployedModels"]
    assert "1 of 3 replicas" in deployed["status"]["message"]
    cloud.advance(5)
    (deployed,) = cloud.ok("GET", ENDPOINT)["deployedModels"]
    assert "message" not in deployed["status"]


@pytest.mark.parametrize(
    "way", [":predict", ":rawPredict", ":streamRawPredict", "/chat/completions"]
)
def test_a_model_with_a_route_prefix_answers_invoke_calls_only(cloud: Cloud, way: str) -> None:
    container = {"imageUri": "i", "invokeRoutePrefix": "/*"}
    body = deploy_body("e1")
    body["modelConfig"]["containerSpec"] = container
    cloud.result(cloud.ok("POST", f"{LOCATION}:deploy", body))
    dns = cloud.ok("GET", ENDPOINT)["dedicatedEndpointDns"]
    client = cloud.client(f"https://{dns}/v1beta1/")
    refused = client.post(f"{ENDPOINT}{way}", json={"instances": [{"prompt": "x"}], **CHAT})
    if way == ":predict":
        refused = client.post(f"{ENDPOINT}{way}", json={"instances": [{"prompt": "x"}]})
    assert refused.status_code == 400
    assert "Given request uri is not supported on this endpoint" in refused.text
    invoked = client.post(f"{ENDPOINT}/invoke/v1/chat/completions", json=CHAT)
    assert invoked.status_code == 200


def test_a_route_prefix_takes_a_dedicated_endpoint_with_deploy_too(cloud: Cloud) -> None:
    body = deploy_body("e1", dedicatedEndpointDisabled=True)
    body["modelConfig"]["containerSpec"] = {"imageUri": "i", "invokeRoutePrefix": "/*"}
    assert "dedicated endpoint" in refusal(cloud, "POST", f"{LOCATION}:deploy", body)[1]


def test_a_licence_is_accepted_under_any_version(cloud: Cloud) -> None:
    accepted = {"publisherModel": "publishers/meta/models/llama3@llama-3-8b"}
    cloud.ok("POST", "projects/my-proj/modelGardenEula:accept", accepted)
    asked = {"publisherModel": "publishers/meta/models/llama3"}
    answer = cloud.ok("POST", "projects/my-proj/modelGardenEula:check", asked)
    assert answer["publisherModelEulaAcked"] is True
