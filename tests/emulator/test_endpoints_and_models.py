"""Endpoints, deployed models and registry models, each method's own rules."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import LOCATION, MACHINE, Cloud, refusal

ENDPOINT = f"{LOCATION}/endpoints/e1"
V1_ENDPOINTS = f"https://us-central1-aiplatform.googleapis.com/v1/{LOCATION}/endpoints"
RESOURCES = {"machineSpec": MACHINE, "minReplicaCount": 1, "maxReplicaCount": 2}


def create(cloud: Cloud, endpoint_id: str, **resource: Any) -> dict[str, Any]:
    body = {"displayName": endpoint_id, **resource}
    path = f"{LOCATION}/endpoints"
    return cloud.result(cloud.ok("POST", path, body, endpointId=endpoint_id))


def upload(cloud: Cloud, model_id: str, **request: Any) -> dict[str, Any]:
    model = {"displayName": "model", "containerSpec": {"imageUri": "image"}}
    body = {"model": model, "modelId": model_id, **request}
    return cloud.result(cloud.ok("POST", f"{LOCATION}/models:upload", body))


def deploy(cloud: Cloud, model: str, **request: Any) -> str:
    body = {
        "deployedModel": {"model": f"{LOCATION}/models/{model}", "dedicatedResources": RESOURCES},
        **request,
    }
    done = cloud.result(cloud.ok("POST", f"{ENDPOINT}:deployModel", body))
    return done["deployedModel"]["id"]


@pytest.fixture
def endpoint(cloud: Cloud) -> Cloud:
    create(cloud, "e1")
    upload(cloud, "m1")
    upload(cloud, "m2")
    return cloud


def test_created_endpoint_is_seen_once_its_operation_is_done(cloud: Cloud) -> None:
    operation = cloud.ok("POST", f"{LOCATION}/endpoints", {"displayName": "x"}, endpointId="e1")
    assert cloud.call("GET", ENDPOINT).status_code == 404
    assert cloud.result(operation)["displayName"] == "x"
    assert cloud.ok("GET", ENDPOINT)["displayName"] == "x"


def test_create_without_display_name_is_refused(cloud: Cloud) -> None:
    assert "display_name" in refusal(cloud, "POST", f"{LOCATION}/endpoints", {})[1]


@pytest.mark.parametrize("wanted", ["Upper", "-a", "a-", "0123", "1" * 11, "a" * 64, "a_b"])
def test_create_with_an_ill_formed_id_is_refused(cloud: Cloud, wanted: str) -> None:
    body = {"displayName": "x"}
    status, message = refusal(cloud, "POST", f"{LOCATION}/endpoints", body, endpointId=wanted)
    assert (status, "endpoint_id" in message) == ("INVALID_ARGUMENT", True)


@pytest.mark.parametrize("wanted", ["1234567890", "a", "a-1"])
def test_create_takes_words_and_up_to_ten_digits_as_id(cloud: Cloud, wanted: str) -> None:
    assert create(cloud, wanted)["name"].endswith(f"/endpoints/{wanted}")


@pytest.mark.parametrize(
    "wrong", [{"labels": {"Team": "x"}}, {"labels": {"": "x"}}, {"trafficSplit": {"7": 100}}]
)
def test_create_refuses_labels_and_traffic_that_cannot_be(
    cloud: Cloud, wrong: dict[str, Any]
) -> None:
    body = {"displayName": "x", **wrong}
    assert refusal(cloud, "POST", f"{LOCATION}/endpoints", body)[0] == "INVALID_ARGUMENT"


def test_labels_may_be_in_any_script_but_not_in_capitals(cloud: Cloud) -> None:
    assert create(cloud, "e1", labels={"équipe": "模型_1"})["labels"] == {"équipe": "模型_1"}


def test_patch_of_one_label_leaves_the_others(cloud: Cloud) -> None:
    create(cloud, "e1", labels={"cost_center": "1", "b": "2"})
    body = {"labels": {"cost_center": "3"}}
    shown = cloud.ok("PATCH", ENDPOINT, body, updateMask="labels.cost_center")
    assert shown["labels"] == {"cost_center": "3", "b": "2"}


def test_patch_changes_only_what_the_mask_names(endpoint: Cloud) -> None:
    body = {"displayName": "new", "description": "ignored"}
    shown = endpoint.ok("PATCH", ENDPOINT, body, updateMask="display_name")
    assert shown["displayName"] == "new"
    assert "description" not in shown


def test_patch_of_labels_replaces_the_whole_map(cloud: Cloud) -> None:
    create(cloud, "e1", labels={"a": "1", "b": "2"})
    shown = cloud.ok("PATCH", ENDPOINT, {"labels": {"c": "3"}}, updateMask="labels")
    assert shown["labels"] == {"c": "3"}


def test_every_write_changes_the_etag_and_a_stale_one_is_refused(endpoint: Cloud) -> None:
    stale = endpoint.ok("GET", ENDPOINT)["etag"]
    body = {"displayName": "n", "etag": stale}
    fresh = endpoint.ok("PATCH", ENDPOINT, body, updateMask="displayName")["etag"]
    assert fresh != stale
    assert refusal(endpoint, "PATCH", ENDPOINT, body, updateMask="displayName")[0] == "ABORTED"


@pytest.mark.parametrize("mask", ["network", "dedicatedEndpointEnabled", "deployedModels"])
def test_patch_of_a_fixed_field_is_refused(endpoint: Cloud, mask: str) -> None:
    assert refusal(endpoint, "PATCH", ENDPOINT, {}, updateMask=mask)[0] == "INVALID_ARGUMENT"


def test_update_changes_the_inference_timeout(endpoint: Cloud) -> None:
    body = {"endpoint": {"clientConnectionConfig": {"inferenceTimeout": "1200s"}}}
    endpoint.result(endpoint.ok("POST", f"{ENDPOINT}:update", body))
    config = endpoint.ok("GET", ENDPOINT)["clientConnectionConfig"]
    assert config == {"inferenceTimeout": "1200s"}


def test_list_pages_through_all_endpoints_in_order(cloud: Cloud) -> None:
    names = [f"e{index}" for index in range(7)]
    for name in names:
        create(cloud, name)
    found, token = [], ""
    while True:
        page = cloud.ok("GET", f"{LOCATION}/endpoints", pageSize="3", pageToken=token)
        found += [item["displayName"] for item in page["endpoints"]]
        token = page.get("nextPageToken", "")
        if not token:
            break
    assert found == names


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('display_name="e1"', {"e1"}),
        ("displayName=e1 OR displayName=e2", {"e1", "e2"}),
        ("labels.team=red", {"e1", "e3"}),
        ("labels.team=red AND NOT endpoint=e3", {"e1"}),
        ("labels.team:*", {"e1", "e2", "e3"}),
        ('labels.team!="red"', {"e2", "e4"}),
        ("(labels.team=red OR labels.team=blue) AND endpoint=e2", {"e2"}),
        ("labels.vcw-owner=x-1", {"e4"}),
        ("labels.team=green", set()),
    ],
)
def test_list_filters(cloud: Cloud, expression: str, expected: set[str]) -> None:
    create(cloud, "e1", labels={"team": "red"})
    create(cloud, "e2", labels={"team": "blue"})
    create(cloud, "e3", labels={"team": "red"})
    create(cloud, "e4", labels={"vcw-owner": "x-1"})
    listed = cloud.ok("GET", f"{LOCATION}/endpoints", filter=expression).get("endpoints", [])
    assert {item["displayName"] for item in listed} == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("display_name", ["a", "b", "b"]),
        ("displayName desc, create_time desc", ["b", "b", "a"]),
        ("create_time desc", ["b", "a", "b"]),
    ],
)
def test_lists_come_in_the_order_asked_for(cloud: Cloud, order: str, expected: list[str]) -> None:
    made = [
        create(cloud, f"e{index}", displayName=name)["name"] for index, name in enumerate("bab")
    ]
    found: list[dict[str, Any]] = []
    token = ""
    for _ in made:
        query = {"orderBy": order, "pageSize": "1", "pageToken": token}
        page = cloud.ok("GET", V1_ENDPOINTS, **query)
        token = page.get("nextPageToken", "")
        found += page["endpoints"]
    assert (token, [item["displayName"] for item in found]) == ("", expected)
    if "create_time desc" in order:
        same = [item["name"] for item in found if item["displayName"] == "b"]
        assert same == [made[2], made[0]]


def test_an_order_by_another_field_is_refused(cloud: Cloud) -> None:
    status, message = refusal(cloud, "GET", V1_ENDPOINTS, orderBy="etag")
    assert status == "INVALID_ARGUMENT"
    assert "displayName, createTime, updateTime" in message


@pytest.mark.parametrize("nested", ["(" * 4000, "NOT " * 4000])
def test_a_filter_nested_too_deeply_is_refused(cloud: Cloud, nested: str) -> None:
    path = f"{LOCATION}/endpoints"
    assert refusal(cloud, "GET", path, filter=nested + "a=b")[0] == "INVALID_ARGUMENT"


def test_list_with_a_broken_filter_is_refused(cloud: Cloud) -> None:
    path = f"{LOCATION}/endpoints"
    assert refusal(cloud, "GET", path, filter="labels.team=")[0] == "INVALID_ARGUMENT"


def test_read_mask_leaves_only_its_fields(endpoint: Cloud) -> None:
    listed = endpoint.ok("GET", f"{LOCATION}/endpoints", readMask="name,display_name")
    assert set(listed["endpoints"][0]) == {"name", "displayName"}


def test_read_mask_reaches_into_messages(endpoint: Cloud) -> None:
    deploy(endpoint, "m1", trafficSplit={"0": 100})
    listed = endpoint.ok("GET", f"{LOCATION}/endpoints", readMask="deployed_models.model")
    model = listed["endpoints"][0]["deployedModels"][0]["model"].rsplit("/", 1)[1]
    assert (model, list(listed["endpoints"][0])) == ("m1", ["deployedModels"])


def test_fields_parameter_leaves_only_its_fields(endpoint: Cloud) -> None:
    shown = endpoint.ok("GET", f"{LOCATION}/endpoints", fields="endpoints(displayName)")
    assert shown == {"endpoints": [{"displayName": "e1"}]}


def test_traffic_of_a_deployment_is_set_by_the_key_zero(endpoint: Cloud) -> None:
    first = deploy(endpoint, "m1", trafficSplit={"0": 100})
    second = deploy(endpoint, "m2", trafficSplit={"0": 20, first: 80})
    assert endpoint.ok("GET", ENDPOINT)["trafficSplit"] == {second: 20, first: 80}


def test_deployment_without_traffic_split_leaves_the_traffic_alone(endpoint: Cloud) -> None:
    first = deploy(endpoint, "m1", trafficSplit={"0": 100})
    deploy(endpoint, "m2")
    assert endpoint.ok("GET", ENDPOINT)["trafficSplit"] == {first: 100}


@pytest.mark.parametrize("split", [{"0": 99}, {"0": 50, "7": 50}, {"0": 120, "1": -20}])
def test_traffic_that_does_not_add_up_is_refused(endpoint: Cloud, split: dict[str, int]) -> None:
    body = {
        "deployedModel": {"model": f"{LOCATION}/models/m1", "dedicatedResources": RESOURCES},
        "trafficSplit": split,
    }
    assert refusal(endpoint, "POST", f"{ENDPOINT}:deployModel", body)[0] == "INVALID_ARGUMENT"


def test_second_deployment_at_once_onto_an_endpoint_is_refused(endpoint: Cloud) -> None:
    body = {"deployedModel": {"model": f"{LOCATION}/models/m1", "dedicatedResources": RESOURCES}}
    endpoint.ok("POST", f"{ENDPOINT}:deployModel", body)
    status, message = refusal(endpoint, "POST", f"{ENDPOINT}:deployModel", body)
    assert status == "FAILED_PRECONDITION"
    assert "There are other operations running" in message


def test_chosen_deployed_model_id_is_kept(endpoint: Cloud) -> None:
    deployed = {
        "id": "1234567890",
        "model": f"{LOCATION}/models/m1",
        "dedicatedResources": RESOURCES,
    }
    operation = endpoint.ok("POST", f"{ENDPOINT}:deployModel", {"deployedModel": deployed})
    assert endpoint.result(operation)["deployedModel"]["id"] == "1234567890"


def test_undeploy_of_a_model_with_traffic_is_refused_while_others_remain(endpoint: Cloud) -> None:
    first = deploy(endpoint, "m1", trafficSplit={"0": 100})
    deploy(endpoint, "m2")
    body = {"deployedModelId": first}
    status, _ = refusal(endpoint, "POST", f"{ENDPOINT}:undeployModel", body)
    assert status == "FAILED_PRECONDITION"


def test_undeploy_that_moves_the_traffic_away_is_taken(endpoint: Cloud) -> None:
    first = deploy(endpoint, "m1", trafficSplit={"0": 100})
    second = deploy(endpoint, "m2")
    body = {"deployedModelId": first, "trafficSplit": {second: 100}}
    endpoint.result(endpoint.ok("POST", f"{ENDPOINT}:undeployModel", body))
    shown = endpoint.ok("GET", ENDPOINT)
    assert shown["trafficSplit"] == {second: 100}
    assert [model["id"] for model in shown["deployedModels"]] == [second]


def test_undeploy_of_the_last_model_empties_the_traffic(endpoint: Cloud) -> None:
    only = deploy(endpoint, "m1", trafficSplit={"0": 100})
    body = {"deployedModelId": only}
    endpoint.result(endpoint.ok("POST", f"{ENDPOINT}:undeployModel", body))
    assert "trafficSplit" not in endpoint.ok("GET", ENDPOINT)


def test_mutated_replicas_converge_over_time(endpoint: Cloud) -> None:
    deployed_id = deploy(endpoint, "m1")
    body = {
        "deployedModel": {
            "id": deployed_id,
            "dedicatedResources": {"minReplicaCount": 5, "maxReplicaCount": 9},
        },
        "updateMask": "dedicatedResources.minReplicaCount,dedicatedResources.maxReplicaCount",
    }
    operation = endpoint.ok("POST", f"{ENDPOINT}:mutateDeployedModel", body)
    endpoint.advance(1.3)
    [between] = endpoint.ok("GET", ENDPOINT)["deployedModels"]
    assert between["dedicatedResources"]["minReplicaCount"] == 5
    assert 1 < between["status"]["availableReplicaCount"] < 5
    endpoint.finish(operation)
    [after] = endpoint.ok("GET", ENDPOINT)["deployedModels"]
    assert after["status"]["availableReplicaCount"] == 5


def test_mutate_of_a_fixed_field_is_refused(endpoint: Cloud) -> None:
    deployed = {"id": deploy(endpoint, "m1"), "dedicatedResources": {"spot": True}}
    body = {"deployedModel": deployed, "updateMask": "dedicatedResources.spot"}
    status, _ = refusal(endpoint, "POST", f"{ENDPOINT}:mutateDeployedModel", body)
    assert status == "INVALID_ARGUMENT"


def test_scale_to_zero_takes_an_absent_minimum_as_zero(cloud: Cloud) -> None:
    create(cloud, "e1", dedicatedEndpointEnabled=True)
    upload(cloud, "m1")
    endpoint = cloud
    deployed = {
        "id": deploy(endpoint, "m1"),
        "dedicatedResources": {"scaleToZeroSpec": {"idleScaledownPeriod": "600s"}},
    }
    mask = "dedicatedResources.minReplicaCount,dedicatedResources.scaleToZeroSpec"
    body = {"deployedModel": deployed, "updateMask": mask}
    endpoint.result(endpoint.ok("POST", f"{ENDPOINT}:mutateDeployedModel", body))
    [shown] = endpoint.ok("GET", ENDPOINT)["deployedModels"]
    assert "minReplicaCount" not in shown["dedicatedResources"]


def test_upload_with_a_parent_adds_a_version(endpoint: Cloud) -> None:
    made = upload(endpoint, "", parentModel=f"{LOCATION}/models/m1")
    assert made["modelVersionId"] == "2"
    assert endpoint.ok("GET", f"{LOCATION}/models/m1")["versionId"] == "1"
    assert endpoint.ok("GET", f"{LOCATION}/models/m1@2")["versionId"] == "2"
    assert endpoint.ok("GET", f"{LOCATION}/models/m1@default")["versionId"] == "1"


def test_versions_are_listed_page_by_page_in_the_order_asked_for(endpoint: Cloud) -> None:
    for _ in range(2):
        upload(endpoint, "", parentModel=f"{LOCATION}/models/m1")
    path = f"{LOCATION}/models/m1:listVersions"
    first = endpoint.ok("GET", path, pageSize="2", orderBy="create_time desc")
    query = {"pageSize": "2", "orderBy": "create_time desc", "pageToken": first["nextPageToken"]}
    listed = first["models"] + endpoint.ok("GET", path, **query)["models"]
    assert [version["versionId"] for version in listed] == ["3", "2", "1"]


def test_a_deployment_of_what_is_no_model_name_is_not_found(endpoint: Cloud) -> None:
    body = {"deployedModel": {"model": "m1", "dedicatedResources": RESOURCES}}
    assert refusal(endpoint, "POST", f"{ENDPOINT}:deployModel", body)[0] == "NOT_FOUND"


def test_an_alias_moves_from_version_to_version_and_goes(endpoint: Cloud) -> None:
    upload(endpoint, "", parentModel=f"{LOCATION}/models/m1")
    model = f"{LOCATION}/models/m1"
    merge = ":mergeVersionAliases"
    endpoint.ok("POST", f"{model}@1{merge}", {"versionAliases": ["prod"]})
    moved = endpoint.ok("POST", f"{model}@2{merge}", {"versionAliases": ["prod", "default"]})
    assert (moved["versionId"], moved["versionAliases"]) == ("2", ["prod", "default"])
    assert endpoint.ok("GET", model)["versionId"] == "2"
    endpoint.ok("POST", f"{model}@prod{merge}", {"versionAliases": ["-prod"]})
    assert endpoint.call("GET", f"{model}@prod").status_code == 404


@pytest.mark.parametrize("aliases", [[], ["-default"], ["1"], ["-"]])
def test_aliases_that_cannot_be_are_refused(endpoint: Cloud, aliases: list[str]) -> None:
    path = f"{LOCATION}/models/m1@1:mergeVersionAliases"
    assert refusal(endpoint, "POST", path, {"versionAliases": aliases})[0] == "INVALID_ARGUMENT"


def test_missing_model_version_is_not_found(endpoint: Cloud) -> None:
    assert refusal(endpoint, "GET", f"{LOCATION}/models/m1@9")[0] == "NOT_FOUND"


def test_model_patch_knows_model_and_version_level(endpoint: Cloud) -> None:
    model = f"{LOCATION}/models/m1"
    assert (
        endpoint.ok("PATCH", model, {"displayName": "n"}, updateMask="displayName")["displayName"]
        == "n"
    )
    body = {"versionDescription": "first"}
    assert refusal(endpoint, "PATCH", model, body, updateMask="versionDescription")[0] == (
        "INVALID_ARGUMENT"
    )
    shown = endpoint.ok("PATCH", model + "@1", body, updateMask="versionDescription")
    assert shown["versionDescription"] == "first"


def test_deleted_model_id_can_be_used_again(endpoint: Cloud) -> None:
    endpoint.result(endpoint.ok("DELETE", f"{LOCATION}/models/m1"))
    assert endpoint.call("GET", f"{LOCATION}/models/m1").status_code == 404
    upload(endpoint, "m1")


def test_operations_are_listed_in_their_own_scope(endpoint: Cloud) -> None:
    deploy(endpoint, "m1")
    listed = endpoint.ok("GET", f"{ENDPOINT}/operations", filter="done=true")["operations"]
    kinds = [item["metadata"]["@type"].rsplit(".", 1)[-1] for item in listed]
    assert kinds == ["CreateEndpointOperationMetadata", "DeployModelOperationMetadata"]


def test_operation_tells_the_stage_a_deployment_is_in(endpoint: Cloud) -> None:
    body = {"deployedModel": {"model": f"{LOCATION}/models/m1", "dedicatedResources": RESOURCES}}
    operation = endpoint.ok("POST", f"{ENDPOINT}:deployModel", body)
    stages = [operation["metadata"]["deploymentStage"]]
    for _ in range(4):
        endpoint.advance(0.8)
        stages.append(endpoint.ok("GET", operation["name"])["metadata"]["deploymentStage"])
    assert stages[0] == "STARTING_DEPLOYMENT"
    assert stages[-1] == "SUCCESSFULLY_DEPLOYED"
    assert len(set(stages)) >= 4


def test_wait_returns_when_the_operation_is_done(cloud: Cloud) -> None:
    operation = cloud.ok("POST", f"{LOCATION}/endpoints", {"displayName": "x"})
    assert cloud.ok("POST", operation["name"] + ":wait", timeout="10s")["done"] is True


def test_wait_gives_up_at_its_timeout(make_cloud: Any) -> None:
    cloud = make_cloud(operation_seconds=3600)
    operation = cloud.ok("POST", f"{LOCATION}/endpoints", {"displayName": "x"})
    assert "done" not in cloud.ok("POST", operation["name"] + ":wait", timeout="0.05s")


def test_operation_answers_in_the_version_that_started_it(cloud: Cloud) -> None:
    v1 = cloud.client("https://us-central1-aiplatform.googleapis.com/")
    started = v1.post(f"v1/{LOCATION}/endpoints", json={"displayName": "x"}).json()
    cloud.advance(10)
    done = v1.get(f"ui/{started['name']}").json()
    assert done["response"]["@type"].endswith("google.cloud.aiplatform.v1.Endpoint")


def test_unknown_operation_is_not_found(cloud: Cloud) -> None:
    assert refusal(cloud, "GET", f"{LOCATION}/operations/1")[0] == "NOT_FOUND"


def test_regional_host_refuses_another_regions_resources(cloud: Cloud) -> None:
    elsewhere = cloud.client("https://europe-west4-aiplatform.googleapis.com/v1beta1/")
    response = elsewhere.get(f"{LOCATION}/endpoints")
    assert response.status_code == 400
    assert "us-central1 is not served by europe-west4-" in response.json()["error"]["message"]


def test_default_values_are_left_out_and_empty_label_values_kept(cloud: Cloud) -> None:
    create(cloud, "e1", labels={"empty": ""}, description="", dedicatedEndpointEnabled=False)
    shown = cloud.ok("GET", ENDPOINT)
    assert shown["labels"] == {"empty": ""}
    assert not {"description", "dedicatedEndpointEnabled"} & shown.keys()
