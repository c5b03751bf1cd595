"""Each scenario produces its situation, in the exact envelope, however it is chosen."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from vertex_custom_weights_provider.emulator.trouble import scenarios

LOCATION = "projects/my-proj/locations/us-central1"
REGION = "projects/my-proj/regions/us-central1"
MACHINE = {"machineType": "g2-standard-24", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 2}
DEPLOY = {
    "customModel": {"gcsUri": "gs://bkt/llama"},
    "modelConfig": {"modelUserId": "m1"},
    "endpointConfig": {"endpointUserId": "e1"},
    "deployConfig": {"dedicatedResources": {"machineSpec": MACHINE, "minReplicaCount": 1}},
}
PRIVATE = {"enablePrivateServiceConnect": True, "projectAllowlist": ["my-proj"]}


def choose(cloud: Any, *names: str, **body: Any) -> None:
    admin = cloud.client("http://localhost/_emulator/")
    response = admin.put("scenarios/active", json={"names": list(names), **body})
    assert response.status_code == 200, response.text


def deploy(cloud: Any) -> httpx.Response:
    return cloud.call("POST", f"{LOCATION}:deploy", DEPLOY)


def infos(error: dict[str, Any]) -> list[tuple[str, str]]:
    return [(detail["reason"], detail["domain"]) for detail in error.get("details", [])]


REFUSED_DEPLOYMENTS = [
    (
        "quota-exceeded",
        429,
        "RESOURCE_EXHAUSTED",
        "The following quotas are exceeded: CustomModelServingL4GPUsPerProjectPerRegion 0",
    ),
    (
        "quota-exceeded-spot",
        429,
        "RESOURCE_EXHAUSTED",
        "The following quotas are exceeded: "
        "CustomModelServingPreemptibleL4GPUsPerProjectPerRegion 0",
    ),
    (
        "stockout-at-once",
        503,
        "UNAVAILABLE",
        "Machine type temporarily unavailable, please deploy with a different machine type or "
        "retry. Machine type: g2-standard-24, accelerator: 2 NVIDIA_L4.",
    ),
    (
        "accelerator-count-not-allowed",
        400,
        "INVALID_ARGUMENT",
        'Accelerator count "2" is not allowed for machine type "g2-standard-24", allowed values '
        "are: [1, 2, 4].",
    ),
    (
        "accelerator-mismatch",
        400,
        "INVALID_ARGUMENT",
        'Accelerator "NVIDIA_L4" is not supported for machine type "g2-standard-24".',
    ),
    (
        "unknown-machine",
        400,
        "INVALID_ARGUMENT",
        'Machine type "g2-standard-24" is not supported.',
    ),
    (
        "eula-not-accepted",
        403,
        "PERMISSION_DENIED",
        "The End User License Agreement (EULA) of the model has not been accepted. Set "
        "accept_eula to true to accept it.",
    ),
    (
        "hugging-face-token-missing",
        400,
        "INVALID_ARGUMENT",
        "The model is gated. Please provide a valid Hugging Face access token.",
    ),
    ("no-deploy-config", 400, "INVALID_ARGUMENT", "No deploy config found for model."),
    (
        "unsupported-model",
        400,
        "INVALID_ARGUMENT",
        "The model architecture in gs://bkt is not supported.",
    ),
]


@pytest.mark.parametrize(
    ("name", "http", "status", "message"),
    REFUSED_DEPLOYMENTS,
    ids=[r[0] for r in REFUSED_DEPLOYMENTS],
)
def test_a_deployment_is_refused(
    cloud: Any, name: str, http: int, status: str, message: str
) -> None:
    choose(cloud, name)

    answer = deploy(cloud)

    assert answer.status_code == http
    assert answer.json() == {"error": {"code": http, "message": message, "status": status}}


CRASH = (
    "Model server exited unexpectedly. Model server logs can be found in Cloud Logging. Please "
    "make sure that the recommended machine spec is used."
)
FAILED_DEPLOYMENTS = [
    (
        "quota-exceeded-late",
        8,
        "The following quotas are exceeded: CustomModelServingL4GPUsPerProjectPerRegion 0",
    ),
    (
        "stockout",
        14,
        "Machine type temporarily unavailable, please deploy with a different machine type or "
        "retry. Machine type: g2-standard-24, accelerator: 2 NVIDIA_L4.",
    ),
    ("service-agent-role-missing", 13, "Internal error encountered."),
    ("container-crash", 9, CRASH),
    ("cancelled-by-service", 1, "The operation was cancelled."),
]


@pytest.mark.parametrize(
    ("name", "code", "message"), FAILED_DEPLOYMENTS, ids=[row[0] for row in FAILED_DEPLOYMENTS]
)
def test_a_deployment_is_accepted_and_fails(cloud: Any, name: str, code: int, message: str) -> None:
    choose(cloud, name)
    operation = deploy(cloud).json()
    assert "done" not in operation

    done = cloud.finish(operation)

    assert done["error"] == {"code": code, "message": message}
    assert cloud.call("GET", f"{LOCATION}/endpoints/e1").status_code == 404
    assert cloud.call("GET", f"{LOCATION}/models/m1").status_code == 404


def test_a_crash_comes_late_and_missing_rights_come_early(make_cloud: Callable[..., Any]) -> None:
    cloud = make_cloud(deploy_seconds=1000.0)
    choose(cloud, "container-crash")
    crashing = deploy(cloud).json()["name"]
    cloud.advance(900)

    assert "done" not in cloud.ok("GET", crashing)
    cloud.advance(60)
    assert cloud.ok("GET", crashing)["error"]["code"] == 9


def test_a_failed_deployment_can_leave_endpoint_and_model(cloud: Any) -> None:
    choose(cloud, "container-crash-leaves-endpoint")
    cloud.finish(deploy(cloud).json())

    assert "deployedModels" not in cloud.ok("GET", f"{LOCATION}/endpoints/e1")
    assert cloud.ok("GET", f"{LOCATION}/models/m1")


@pytest.mark.parametrize("name", ["internal-error-once", "stockout-once"])
def test_a_passing_failure_lets_the_second_deployment_succeed(cloud: Any, name: str) -> None:
    choose(cloud, name)
    assert "error" in cloud.finish(deploy(cloud).json())
    cloud.advance(8 * 86_400)

    assert "error" not in cloud.finish(deploy(cloud).json())


def test_a_missing_permission_is_named(cloud: Any) -> None:
    choose(cloud, "permission-denied")

    error = deploy(cloud).json()["error"]

    assert (error["code"], error["status"]) == (403, "PERMISSION_DENIED")
    assert error["message"] == (
        "Permission 'aiplatform.endpoints.create' denied on resource "
        f"'//aiplatform.googleapis.com/{LOCATION}' (or it may not exist)."
    )
    assert infos(error) == [("IAM_PERMISSION_DENIED", "aiplatform.googleapis.com")]
    assert error["details"][0]["metadata"]["permission"] == "aiplatform.endpoints.create"


def test_a_disabled_api_is_named(cloud: Any) -> None:
    choose(cloud, "api-disabled", "compute-api-disabled")

    garden = cloud.call("GET", f"{LOCATION}/endpoints").json()["error"]
    compute = cloud.compute.get(f"{REGION}/addresses").json()["error"]

    assert garden["message"].startswith("Vertex AI API has not been used in project")
    assert infos(garden) == infos(compute) == [("SERVICE_DISABLED", "googleapis.com")]
    assert compute["errors"][0]["reason"] == "accessNotConfigured"


def test_an_unreadable_bucket_names_the_service_agent(cloud: Any) -> None:
    choose(cloud, "bucket-unreadable")

    message = deploy(cloud).json()["error"]["message"]

    assert "@gcp-sa-aiplatform.iam.gserviceaccount.com does not have storage.objects.get" in message
    assert message.endswith("gs://bkt.")


def test_a_taken_id_can_be_reported_by_the_operation(cloud: Any) -> None:
    cloud.finish(deploy(cloud).json())
    assert deploy(cloud).status_code == 409
    choose(cloud, "conflict-in-operation")

    done = cloud.finish(deploy(cloud).json())

    assert done["error"]["code"] == 6
    assert cloud.ok("GET", f"{LOCATION}/endpoints/e1")["deployedModels"]


@pytest.mark.parametrize(
    ("name", "path", "message"),
    [
        (
            "busy-endpoint",
            f"{LOCATION}/endpoints/e1",
            "Endpoint has deployed or being-deployed DeployedModel(s).",
        ),
        (
            "model-still-deployed",
            f"{LOCATION}/models/m1",
            f"Model {LOCATION}/models/m1 is still deployed to an endpoint. Undeploy it first.",
        ),
    ],
)
def test_deletes_are_refused_twice(cloud: Any, name: str, path: str, message: str) -> None:
    choose(cloud, name)

    answers = [cloud.call("DELETE", path) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [400, 400, 404]
    assert answers[0].json()["error"]["status"] == "FAILED_PRECONDITION"
    assert answers[0].json()["error"]["message"] == message


def test_a_change_meets_a_stale_etag_once(cloud: Any) -> None:
    cloud.deploy("e1")
    choose(cloud, "stale-etag")
    change = ("PATCH", f"{LOCATION}/endpoints/e1", {"displayName": "x"})

    first, second = (cloud.call(*change, updateMask="displayName") for _ in range(2))

    assert (first.status_code, first.json()["error"]["status"]) == (409, "ABORTED")
    assert second.status_code == 200


def test_automation_fails_without_failing_the_deployment(cloud: Any) -> None:
    choose(cloud, "psc-automation-no-policy")
    network = "projects/my-proj/global/networks/n"
    automated = [{"projectId": "my-proj", "network": network}]

    endpoint = cloud.deploy(
        "e1", privateServiceConnectConfig={**PRIVATE, "pscAutomationConfigs": automated}
    )

    config = endpoint["privateServiceConnectConfig"]["pscAutomationConfigs"][0]
    assert config["state"] == "PSC_AUTOMATION_STATE_FAILED"
    assert "CONNECTION_POLICY_MISSING" in config["errorMessage"]


def connect(cloud: Any) -> str:
    deployed = cloud.deploy("e1", privateServiceConnectConfig=PRIVATE)["deployedModels"][0]
    body = {
        "name": "rule",
        "network": "projects/my-proj/global/networks/n",
        "target": deployed["privateEndpoints"]["serviceAttachment"],
    }
    cloud.compute.post(f"{REGION}/forwardingRules", json=body).raise_for_status()
    cloud.advance(1)
    return status(cloud)


def status(cloud: Any) -> str:
    return cloud.compute.get(f"{REGION}/forwardingRules/rule").json()["pscConnectionStatus"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("psc-rejected", "REJECTED"),
        ("psc-pending", "PENDING"),
        ("psc-needs-attention", "NEEDS_ATTENTION"),
    ],
)
def test_a_connection_comes_up_in_another_state(cloud: Any, name: str, expected: str) -> None:
    choose(cloud, name)

    assert connect(cloud) == expected


def test_a_connection_can_be_accepted_late(cloud: Any) -> None:
    choose(cloud, "psc-slow")

    assert connect(cloud) == "PENDING"
    cloud.advance(5)
    assert status(cloud) == "ACCEPTED"


def test_a_compute_quota_fails_the_operation(cloud: Any) -> None:
    choose(cloud, "compute-quota-exceeded")
    name = cloud.compute.post(f"{REGION}/addresses", json={"name": "ip"}).json()["name"]
    cloud.advance(1)

    done = cloud.compute.get(f"{REGION}/operations/{name}").json()

    assert done["error"]["errors"] == [
        {
            "code": "QUOTA_EXCEEDED",
            "message": "Quota 'INTERNAL_ADDRESSES' exceeded. Limit: 0.0 in region us-central1.",
        }
    ]
    assert done["httpErrorStatusCode"] == 403
    assert cloud.compute.get(f"{REGION}/addresses/ip").status_code == 404


@pytest.mark.parametrize(
    ("name", "path", "code", "reason", "said"),
    [
        ("bucket-forbidden", "b/bkt/o", 403, "forbidden", "storage.objects.list access"),
        ("bucket-forbidden", "b/bkt/o/x", 403, "forbidden", "storage.objects.get access"),
        ("bucket-anonymous", "b/bkt/o/x", 401, "required", "Anonymous caller does not have"),
        ("bucket-missing", "b/bkt/o", 404, "notFound", "The specified bucket does not exist."),
    ],
)
def test_a_bucket_cannot_be_read(
    cloud: Any, name: str, path: str, code: int, reason: str, said: str
) -> None:
    choose(cloud, name)

    error = cloud.client("https://storage.googleapis.com/storage/v1/").get(path).json()["error"]

    assert (error["code"], error["errors"][0]["reason"]) == (code, reason)
    assert said in error["message"]


def test_a_token_expires_in_the_middle_of_a_wait(cloud: Any) -> None:
    operation = deploy(cloud).json()["name"]
    choose(cloud, "token-expired")

    first, second = (cloud.call("GET", operation) for _ in range(2))

    assert (first.status_code, first.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    assert second.status_code == 200


def test_reads_are_rate_limited_for_a_while(cloud: Any) -> None:
    choose(cloud, "rate-limited")

    answers = [cloud.call("GET", f"{LOCATION}/endpoints/e1") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [429, 429, 404]
    assert infos(answers[0].json()["error"]) == [("RATE_LIMIT_EXCEEDED", "googleapis.com")]


def test_recommendations_say_that_there_is_no_quota(cloud: Any) -> None:
    choose(cloud, "no-quota-advice")
    body = {"gcsUri": "gs://bkt/llama", "checkMachineAvailability": True, "checkUserQuota": True}

    answer = cloud.ok("POST", f"{LOCATION}:recommendSpec", body)

    states = {item["userQuotaState"] for item in answer["recommendations"]}
    assert states == {"QUOTA_STATE_NO_USER_QUOTA"}


def deploy_to(cloud: Any, endpoint: str, **resources: Any) -> httpx.Response:
    dedicated = {"machineSpec": {**MACHINE, "acceleratorCount": 1}, **resources}
    body = {
        "customModel": {"gcsUri": "gs://bkt/llama"},
        "endpointConfig": {"endpointUserId": endpoint},
        "deployConfig": {"dedicatedResources": dedicated},
    }
    return cloud.call("POST", f"{LOCATION}:deploy", body)


def test_a_counted_quota_holds_what_is_and_what_is_being_deployed(cloud: Any) -> None:
    choose(cloud, "quota-two-l4")
    cloud.finish(deploy_to(cloud, "e1").json())
    second = deploy_to(cloud, "e2")

    third = deploy_to(cloud, "e3")

    assert second.status_code == 200
    assert third.status_code == 429
    assert third.json()["error"]["message"] == (
        "The following quotas are exceeded: CustomModelServingL4GPUsPerProjectPerRegion 2"
    )


def test_a_counted_quota_is_charged_for_the_most_replicas(cloud: Any) -> None:
    choose(cloud, "quota-two-l4")

    assert deploy_to(cloud, "e1", minReplicaCount=1, maxReplicaCount=3).status_code == 429
    assert deploy_to(cloud, "e1", minReplicaCount=1, maxReplicaCount=2).status_code == 200


def test_a_counted_quota_is_free_again_after_a_failure_and_for_spot(cloud: Any) -> None:
    choose(cloud, "quota-two-l4", "stockout-once")
    assert "error" in cloud.finish(deploy_to(cloud, "e1", maxReplicaCount=2).json())

    assert deploy_to(cloud, "e2", maxReplicaCount=2).status_code == 200
    assert deploy_to(cloud, "e3", maxReplicaCount=2, spot=True).status_code == 200


def test_a_counted_quota_is_one_per_location(cloud: Any) -> None:
    choose(cloud, "quota-two-l4")
    deploy_to(cloud, "e1", maxReplicaCount=2)
    elsewhere = cloud.client("https://europe-west4-aiplatform.googleapis.com/v1beta1/")
    path = LOCATION.replace("us-central1", "europe-west4") + ":deploy"
    body = {**DEPLOY, "endpointConfig": {"endpointUserId": "e2"}}

    assert elsewhere.post(path, json=body).status_code == 200
    assert deploy_to(cloud, "e3").status_code == 429


def test_slow_operations_take_five_times_as_long(make_cloud: Callable[..., Any]) -> None:
    cloud = make_cloud(deploy_seconds=100.0)
    choose(cloud, "slow")
    operation = deploy(cloud).json()["name"]
    cloud.advance(450)

    assert "done" not in cloud.ok("GET", operation)
    cloud.advance(60)
    assert cloud.ok("GET", operation)["done"]


def test_a_stuck_deployment_never_ends(cloud: Any) -> None:
    choose(cloud, "stuck")
    operation = deploy(cloud).json()["name"]
    cloud.advance(7 * 86_400)

    assert "done" not in cloud.ok("GET", operation)


def test_a_flaky_service_recovers(cloud: Any) -> None:
    choose(cloud, "flaky")

    answers = [cloud.call("GET", f"{LOCATION}/endpoints").status_code for _ in range(6)]

    assert answers == [503] * 5 + [200]


def test_a_scenario_is_chosen_for_one_request_by_its_header(cloud: Any) -> None:
    header = {"X-Emulator-Scenario": "quota-exceeded"}

    with_header = cloud.api.post(f"{LOCATION}:deploy", json=DEPLOY, headers=header)

    assert with_header.status_code == 429
    assert deploy(cloud).status_code == 200


def test_a_scenario_is_chosen_at_the_start_by_name(make_cloud: Callable[..., Any]) -> None:
    cloud = make_cloud(scenario=Path("quota-exceeded"))

    assert deploy(cloud).status_code == 429


def test_a_scenario_is_chosen_at_the_start_by_file(
    make_cloud: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "mine.json"
    rule = {"method": "*.deploy", "error": {"status": "ABORTED", "message": "not today"}}
    file.write_text(json.dumps({"mine": {"rules": [rule]}}))

    assert deploy(make_cloud(scenario=file)).json()["error"]["message"] == "not today"


@pytest.mark.parametrize("content", ["[]", "{", '{"a": {}}', '{"a": {"rules": [{"methd": "*"}]}}'])
def test_a_file_that_holds_no_scenario_is_refused(
    make_cloud: Callable[..., Any], tmp_path: Path, content: str
) -> None:
    file = tmp_path / "bad.json"
    file.write_text(content)

    with pytest.raises(ValueError, match=r"bad\.json"):
        make_cloud(scenario=file)


def test_own_rules_can_be_made_active(cloud: Any) -> None:
    choose(cloud, rules=[{"method": "*.deploy", "error": {"http": 503}}])

    assert deploy(cloud).status_code == 503


def test_an_unknown_scenario_is_refused_with_the_closest_name(cloud: Any) -> None:
    admin = cloud.client("http://localhost/_emulator/")

    answer = admin.put("scenarios/active", json={"names": ["stockuot"]})

    assert answer.status_code == 400
    assert "Did you mean stockout?" in answer.json()["error"]["message"]


@pytest.mark.parametrize("wrong", [{"names": "slow"}, {"names": [1]}, {"rules": {}}])
def test_scenarios_that_are_no_list_are_refused(cloud: Any, wrong: dict[str, Any]) -> None:
    answer = cloud.client("http://localhost/_emulator/").put("scenarios/active", json=wrong)

    assert answer.status_code == 400
    assert "must be a list of" in answer.json()["error"]["message"]


def test_scenarios_are_listed_and_switched_off(cloud: Any) -> None:
    choose(cloud, "stuck")
    admin = cloud.client("http://localhost/_emulator/")
    listed = admin.get("scenarios").json()
    admin.delete("scenarios/active")

    assert listed["active"] == ["stuck"]
    assert {item["name"] for item in listed["scenarios"]} == set(scenarios.builtin())
    assert deploy(cloud).status_code == 200
    assert admin.get("scenarios").json()["active"] == []


@pytest.mark.parametrize("scenario", scenarios.builtin().values(), ids=lambda s: s.name)
def test_every_scenario_says_what_it_is_and_what_it_rests_on(scenario: scenarios.Scenario) -> None:
    assert scenario.description.endswith(".")
    assert scenario.basis in ("contract", "documented", "reported", "assumed")
