"""One deployment from its call to its end: what can be seen when, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vertex_custom_weights_provider import samples

from .conftest import LOCATION, MACHINE, PRIVATE, Cloud, deploy_body, refusal

WEEK = 7 * 86_400
ENDPOINT = f"{LOCATION}/endpoints/e1"


def test_deploy_answers_with_an_operation_that_is_not_done(cloud: Cloud) -> None:
    operation = cloud.ok("POST", f"{LOCATION}:deploy", deploy_body("e1", "m1"))
    assert "done" not in operation
    assert operation["metadata"]["modelId"] == "m1"
    assert operation["name"].split("/")[1].isdigit()


def test_endpoint_is_visible_without_models_while_it_is_deployed(cloud: Cloud) -> None:
    cloud.ok("POST", f"{LOCATION}:deploy", deploy_body("e1"))
    cloud.advance(1)
    assert "deployedModels" not in cloud.ok("GET", ENDPOINT)


def test_finished_deploy_has_endpoint_model_and_all_traffic(cloud: Cloud) -> None:
    endpoint = cloud.deploy("e1", "m1")
    [deployed] = endpoint["deployedModels"]
    assert endpoint["trafficSplit"] == {deployed["id"]: 100}
    assert deployed["dedicatedResources"]["machineSpec"] == MACHINE
    model = cloud.ok("GET", deployed["model"])
    assert model["deployedModels"] == [
        {"endpoint": endpoint["name"], "deployedModelId": deployed["id"]}
    ]


def test_deploy_keeps_the_labels_and_adds_the_servers_own(cloud: Cloud) -> None:
    endpoint = cloud.deploy("e1", labels={"team": "x"})
    assert endpoint["labels"]["team"] == "x"
    assert "mg-deploy" in endpoint["labels"]


def test_public_endpoint_gets_a_name_of_its_own(cloud: Cloud) -> None:
    endpoint = cloud.deploy("e1")
    number = endpoint["name"].split("/")[1]
    assert endpoint["dedicatedEndpointDns"] == f"e1.us-central1-{number}.prediction.vertexai.goog"


def test_private_endpoint_gets_a_service_attachment_on_its_deployed_model(cloud: Cloud) -> None:
    endpoint = cloud.deploy("e1", privateServiceConnectConfig=PRIVATE)
    attachment = endpoint["deployedModels"][0]["privateEndpoints"]["serviceAttachment"]
    assert "-tp/regions/us-central1/serviceAttachments/gkedpm-" in attachment
    assert "dedicatedEndpointDns" not in endpoint


def test_endpoints_that_allow_the_same_projects_share_an_attachment(cloud: Cloud) -> None:
    found = {
        cloud.deploy(name, privateServiceConnectConfig=PRIVATE)["deployedModels"][0][
            "privateEndpoints"
        ]["serviceAttachment"]
        for name in ("e1", "e2")
    }
    assert len(found) == 1


def test_eleventh_allowlist_of_a_project_is_refused(cloud: Cloud) -> None:
    for index in range(10):
        config = {"enablePrivateServiceConnect": True, "projectAllowlist": [f"p{index}"]}
        cloud.deploy(f"e{index}", privateServiceConnectConfig=config)
    config = {"enablePrivateServiceConnect": True, "projectAllowlist": ["p10"]}
    body = deploy_body("e10", privateServiceConnectConfig=config)
    assert refusal(cloud, "POST", f"{LOCATION}:deploy", body)[0] == "FAILED_PRECONDITION"


def test_automation_reports_an_address_for_each_network(cloud: Cloud) -> None:
    wanted = {"projectId": "my-proj", "network": "projects/my-proj/global/networks/n"}
    config = {**PRIVATE, "pscAutomationConfigs": [wanted]}
    endpoint = cloud.deploy("e1", privateServiceConnectConfig=config)
    [automated] = endpoint["privateServiceConnectConfig"]["pscAutomationConfigs"]
    assert automated["state"] == "PSC_AUTOMATION_STATE_SUCCESSFUL"
    assert automated["ipAddress"].startswith("10.")


def test_deploy_onto_a_live_endpoint_id_is_a_conflict(cloud: Cloud) -> None:
    cloud.deploy("e1", "m1")
    again = deploy_body("e1", "m2")
    assert refusal(cloud, "POST", f"{LOCATION}:deploy", again)[0] == "ALREADY_EXISTS"


def test_deploy_onto_an_endpoint_id_that_is_not_yet_visible_is_a_conflict(cloud: Cloud) -> None:
    cloud.ok("POST", f"{LOCATION}:deploy", deploy_body("e1", "m1"))
    again = deploy_body("e1", "m2")
    assert refusal(cloud, "POST", f"{LOCATION}:deploy", again)[0] == "ALREADY_EXISTS"


def test_deploy_with_a_taken_model_id_is_a_conflict(cloud: Cloud) -> None:
    cloud.ok("POST", f"{LOCATION}:deploy", deploy_body("e1", "m1"))
    again = deploy_body("e2", "m1")
    assert refusal(cloud, "POST", f"{LOCATION}:deploy", again)[0] == "ALREADY_EXISTS"


def test_deploys_without_ids_in_the_same_second_get_different_models(cloud: Cloud) -> None:
    bare = {"customModel": {"gcsUri": "gs://weights/llama"}}
    made = [cloud.ok("POST", f"{LOCATION}:deploy", bare) for _ in range(3)]
    assert len({operation["metadata"]["modelId"] for operation in made}) == 3


def tear_down(cloud: Cloud, endpoint: dict[str, Any]) -> None:
    for deployed in endpoint["deployedModels"]:
        body = {"deployedModelId": deployed["id"]}
        cloud.result(cloud.ok("POST", f"{endpoint['name']}:undeployModel", body))
    cloud.result(cloud.ok("DELETE", endpoint["name"]))
    for deployed in endpoint["deployedModels"]:
        cloud.result(cloud.ok("DELETE", deployed["model"]))


def test_deleted_endpoint_id_stays_taken_for_seven_days(cloud: Cloud) -> None:
    tear_down(cloud, cloud.deploy("e1"))
    assert cloud.call("GET", ENDPOINT).status_code == 404
    cloud.advance(WEEK - 600)
    body = deploy_body("e1")
    assert refusal(cloud, "POST", f"{LOCATION}:deploy", body)[0] == "ALREADY_EXISTS"
    cloud.advance(1200)
    assert cloud.deploy("e1")["name"].endswith("/e1")


def test_torn_down_deployment_leaves_nothing_in_any_list(cloud: Cloud) -> None:
    tear_down(cloud, cloud.deploy("e1"))
    assert cloud.ok("GET", f"{LOCATION}/endpoints") == {}
    assert cloud.ok("GET", f"{LOCATION}/models") == {}
    assert cloud.ok("GET", f"{LOCATION}/operations", filter="done=false") == {}


@pytest.mark.parametrize("seconds", [0, 1, 60])
def test_delete_of_a_deploying_or_deployed_endpoint_is_refused(
    cloud: Cloud, seconds: float
) -> None:
    cloud.ok("POST", f"{LOCATION}:deploy", deploy_body("e1"))
    cloud.advance(0.5 + seconds)
    status, message = refusal(cloud, "DELETE", ENDPOINT)
    assert status == "FAILED_PRECONDITION"
    assert "deployed or being-deployed DeployedModel(s)" in message


def test_delete_of_a_deployed_model_is_refused(cloud: Cloud) -> None:
    cloud.deploy("e1", "m1")
    assert refusal(cloud, "DELETE", f"{LOCATION}/models/m1")[0] == "FAILED_PRECONDITION"


def test_cancelled_deploy_ends_with_code_1_and_takes_its_work_back(cloud: Cloud) -> None:
    operation = cloud.ok("POST", f"{LOCATION}:deploy", deploy_body("e1", "m1"))
    cloud.advance(1)
    cloud.ok("POST", operation["name"] + ":cancel")
    assert cloud.finish(operation)["error"]["code"] == 1
    assert cloud.call("GET", ENDPOINT).status_code == 404
    assert cloud.call("GET", f"{LOCATION}/models/m1").status_code == 404


def test_attachment_outlives_the_last_deployment_by_ten_minutes(cloud: Cloud) -> None:
    endpoint = cloud.deploy("e1", privateServiceConnectConfig=PRIVATE)
    [deployed] = endpoint["deployedModels"]
    attachment = deployed["privateEndpoints"]["serviceAttachment"]
    body = {"deployedModelId": deployed["id"]}
    cloud.result(cloud.ok("POST", f"{ENDPOINT}:undeployModel", body))
    again = {
        "deployedModel": {
            "model": deployed["model"],
            "dedicatedResources": {"machineSpec": MACHINE, "minReplicaCount": 1},
        }
    }
    cloud.advance(400)
    kept = cloud.result(cloud.ok("POST", f"{ENDPOINT}:deployModel", again))["deployedModel"]
    assert kept["privateEndpoints"]["serviceAttachment"] == attachment
    body = {"deployedModelId": kept["id"]}
    cloud.result(cloud.ok("POST", f"{ENDPOINT}:undeployModel", body))
    cloud.advance(601)
    new = cloud.result(cloud.ok("POST", f"{ENDPOINT}:deployModel", again))["deployedModel"]
    assert new["privateEndpoints"]["serviceAttachment"] != attachment


def test_project_id_and_number_lead_to_the_same_endpoint(cloud: Cloud) -> None:
    by_number = cloud.deploy("e1")["name"]
    assert cloud.ok("GET", ENDPOINT) == cloud.ok("GET", by_number)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"customModel": {"gcsUri": "s3://b/x"}}, "must be a Cloud Storage URI"),
        ({"customModel": {}}, "must be a Cloud Storage URI"),
        ({"endpointConfig": {"endpointUserId": "-bad"}}, "Invalid endpoint_user_id"),
        ({"endpointConfig": {"endpointUserId": "0123"}}, "Invalid endpoint_user_id"),
        ({"modelConfig": {"modelUserId": "1st"}}, "Invalid model_user_id"),
        ({"endpointConfig": {"endpointDisplayName": "x" * 129}}, "up to 128 characters"),
        ({"endpointConfig": {"labels": {"Team": "x"}}}, "Invalid label"),
    ],
)
def test_wrong_input_is_an_invalid_argument(
    cloud: Cloud, change: dict[str, Any], words: str
) -> None:
    status, message = refusal(cloud, "POST", f"{LOCATION}:deploy", {**deploy_body("e1"), **change})
    assert status == "INVALID_ARGUMENT"
    assert words in message


@pytest.mark.parametrize(
    ("machine", "words"),
    [
        ({"machineType": "z9-huge"}, 'Machine type "z9-huge" is not supported'),
        ({"acceleratorType": "NVIDIA_H100_80GB"}, "is not supported for machine type"),
        ({"acceleratorCount": 8}, 'Accelerator count "8" is not allowed'),
        ({"acceleratorCount": 0}, "must be set together"),
    ],
)
def test_machine_that_does_not_fit_is_an_invalid_argument(
    cloud: Cloud, machine: dict[str, Any], words: str
) -> None:
    body = deploy_body("e1")
    body["deployConfig"]["dedicatedResources"]["machineSpec"] = {**MACHINE, **machine}
    status, message = refusal(cloud, "POST", f"{LOCATION}:deploy", body)
    assert status == "INVALID_ARGUMENT"
    assert words in message


def test_deploy_without_machine_spec_is_given_one_that_fits_the_weights(
    make_cloud: Callable[..., Cloud], tmp_path: Path
) -> None:
    cloud = make_cloud(
        buckets={"weights": write_config(tmp_path, hidden_size=8192, num_hidden_layers=80)}
    )
    body = {"customModel": {"gcsUri": "gs://weights/llama"}}
    made = cloud.result(cloud.ok("POST", f"{LOCATION}:deploy", body))
    [deployed] = cloud.ok("GET", made["endpoint"])["deployedModels"]
    assert deployed["dedicatedResources"]["machineSpec"]["machineType"].startswith("a3-")


def write_config(root: Path, **config: Any) -> Path:
    folder = root / "weights" / "llama"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "llama", **config}))
    return root / "weights"


def test_quantized_weights_crash_the_model_server(
    make_cloud: Callable[..., Cloud], tmp_path: Path
) -> None:
    weights = write_config(tmp_path, quantization_config={"quant_method": "gptq"})
    cloud = make_cloud(buckets={"weights": weights})
    operation = cloud.ok("POST", f"{LOCATION}:deploy", deploy_body("e1"))
    error = cloud.finish(operation)["error"]
    assert error["code"] == 9
    assert error["message"].startswith("Model server exited unexpectedly.")
    assert cloud.call("GET", ENDPOINT).status_code == 404


def test_unknown_architecture_is_refused_at_once(
    make_cloud: Callable[..., Cloud], tmp_path: Path
) -> None:
    cloud = make_cloud(buckets={"weights": write_config(tmp_path, model_type="unheard-of")})
    status, message = refusal(cloud, "POST", f"{LOCATION}:deploy", deploy_body("e1"))
    assert (status, "unheard-of" in message) == ("INVALID_ARGUMENT", True)


def test_publisher_model_needs_its_licence_accepted(cloud: Cloud) -> None:
    body = {"publisherModelName": "publishers/meta/models/llama3@llama-3-8b"}
    status, message = refusal(cloud, "POST", f"{LOCATION}:deploy", body)
    assert (status, "EULA" in message) == ("PERMISSION_DENIED", True)
    accepted = {"publisherModel": "publishers/meta/models/llama3"}
    assert cloud.ok("POST", "projects/my-proj/modelGardenEula:accept", accepted)[
        "publisherModelEulaAcked"
    ]
    cloud.result(cloud.ok("POST", f"{LOCATION}:deploy", body))


def test_recommendations_name_base_model_and_machines(
    make_cloud: Callable[..., Cloud], tmp_path: Path
) -> None:
    weights = write_config(tmp_path, hidden_size=2048, num_hidden_layers=16)
    cloud = make_cloud(buckets={"weights": weights})
    answer = cloud.ok("POST", f"{LOCATION}:recommendSpec", {"gcsUri": "gs://weights/llama"})
    assert answer["baseModel"].endswith("@llama-3.2-1b")
    assert answer["specs"][0]["machineSpec"] == MACHINE
    asked = {
        "gcsUri": "gs://weights/llama",
        "checkMachineAvailability": True,
        "checkUserQuota": True,
    }
    first = cloud.ok("POST", f"{LOCATION}:recommendSpec", asked)["recommendations"][0]
    assert first["userQuotaState"] == "QUOTA_STATE_USER_HAS_QUOTA"


@pytest.mark.parametrize(
    ("rope_theta", "expected"), [(10000.0, "llama-2-13b"), (1000000.0, "codellama-13b")]
)
def test_models_of_one_shape_are_told_apart_by_their_rotary_base(
    make_cloud: Callable[..., Cloud], tmp_path: Path, rope_theta: float, expected: str
) -> None:
    samples.write(expected, tmp_path / "llama")
    config = tmp_path / "llama" / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "rope_theta": rope_theta}))
    cloud = make_cloud(buckets={"weights": tmp_path})
    answer = cloud.ok("POST", f"{LOCATION}:recommendSpec", {"gcsUri": "gs://weights/llama"})
    assert answer["baseModel"].endswith(f"@{expected}")
