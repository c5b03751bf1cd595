"""What endpoints answer, and which hosts they answer on."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from .conftest import LOCATION, PRIVATE, Cloud, deploy_body

REGION = "projects/my-proj/regions/us-central1"
CHAT = {"messages": [{"role": "user", "content": "how are you?"}]}
ENDPOINT = f"v1/{LOCATION}/endpoints/e1"


def shared(cloud: Cloud) -> httpx.Client:
    cloud.deploy("e1", dedicatedEndpointDisabled=True)
    return cloud.client("https://us-central1-aiplatform.googleapis.com/")


def private(cloud: Cloud, endpoint_id: str = "e1", project: str = "my-proj") -> str:
    """Deploy privately, connect a rule to the attachment, and return the rule's address."""
    endpoint = cloud.deploy(endpoint_id, privateServiceConnectConfig=PRIVATE)
    attachment = endpoint["deployedModels"][0]["privateEndpoints"]["serviceAttachment"]
    region = f"projects/{project}/regions/us-central1"
    body = {
        "name": f"ip-{endpoint_id}",
        "addressType": "INTERNAL",
        "subnetwork": f"{region}/subnetworks/s",
    }
    cloud.compute.post(f"{region}/addresses", json=body).raise_for_status()
    cloud.advance(10)
    rule = {
        "name": f"rule-{endpoint_id}",
        "network": f"projects/{project}/global/networks/n",
        "IPAddress": f"{region}/addresses/ip-{endpoint_id}",
        "target": attachment,
        "loadBalancingScheme": "",
    }
    cloud.compute.post(f"{region}/forwardingRules", json=rule).raise_for_status()
    cloud.advance(10)
    shown = cloud.compute.get(f"{region}/forwardingRules/rule-{endpoint_id}").json()
    return shown["IPAddress"]


def text(response: httpx.Response) -> str:
    assert response.status_code == 200, response.text
    return response.json()["choices"][0]["message"]["content"]


def test_chat_says_that_no_model_ran_and_repeats_the_question(cloud: Cloud) -> None:
    answer = text(shared(cloud).post(f"{ENDPOINT}/chat/completions", json=CHAT))
    assert "no model ran" in answer
    assert "how are you?" in answer


@pytest.mark.parametrize("model", ["", "e1", "model-e1"])
def test_chat_accepts_model_id_endpoint_id_and_nothing_as_model(cloud: Cloud, model: str) -> None:
    body = {**CHAT, "model": model}
    assert text(shared(cloud).post(f"{ENDPOINT}/chat/completions", json=body))


@pytest.mark.parametrize(
    ("wrong", "part"),
    [
        ({"messages": "hello"}, "messages"),
        ({"messages": ["hello"]}, "messages"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_completion_tokens": "many"}, "max_completion_tokens"),
        ({"stream": True, "stream_options": "usage"}, "stream_options"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
    ],
)
def test_chat_refuses_what_the_container_cannot_read(
    cloud: Cloud, wrong: dict[str, Any], part: str
) -> None:
    response = shared(cloud).post(f"{ENDPOINT}/chat/completions", json={**CHAT, **wrong})
    assert response.status_code == 400
    assert response.json()["error"]["param"] == part


def test_chat_takes_null_for_what_is_not_wanted(cloud: Cloud) -> None:
    body = {**CHAT, "stream": True, "stream_options": None, "max_tokens": None}
    response = shared(cloud).post(f"{ENDPOINT}/chat/completions", json=body)
    assert response.text.endswith("data: [DONE]\n\n")


def test_raw_predict_refuses_instances_that_are_no_list(cloud: Cloud) -> None:
    response = shared(cloud).post(f"{ENDPOINT}:rawPredict", json={"instances": 3})
    assert (response.status_code, response.json()["error"]["param"]) == (400, "instances")


def test_chat_streams_events_that_end_in_done(cloud: Cloud) -> None:
    body = {**CHAT, "stream": True}
    with shared(cloud).stream("POST", f"{ENDPOINT}/chat/completions", json=body) as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        lines = [line.removeprefix("data: ") for line in response.iter_lines() if line]
    assert lines[-1] == "[DONE]"
    chunks = [json.loads(line) for line in lines[:-1]]
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"


def test_predict_wraps_each_answer_unless_told_not_to(cloud: Cloud) -> None:
    instances = [{"prompt": "hi"}, {"prompt": "ho", "raw_response": True}]
    answer = shared(cloud).post(f"{ENDPOINT}:predict", json={"instances": instances}).json()
    wrapped, raw = answer["predictions"]
    assert wrapped.startswith("Prompt:\nhi\nOutput:\n")
    assert not raw.startswith("Prompt:")
    assert answer["modelVersionId"] == "1"


def test_predict_without_instances_is_refused(cloud: Cloud) -> None:
    assert shared(cloud).post(f"{ENDPOINT}:predict", json={}).status_code == 400


def test_raw_predict_names_endpoint_and_model_in_its_headers(cloud: Cloud) -> None:
    response = shared(cloud).post(f"{ENDPOINT}:rawPredict", json={"instances": [{"prompt": "x"}]})
    assert response.headers["X-Vertex-AI-Endpoint-Id"] == "e1"
    assert response.headers["X-Vertex-AI-Deployed-Model-Id"].isdigit()


def test_stream_raw_predict_answers_in_pieces(cloud: Cloud) -> None:
    body = {"instances": [{"prompt": "x", "stream": True}]}
    response = shared(cloud).post(f"{ENDPOINT}:streamRawPredict", json=body)
    assert len([line for line in response.iter_lines() if line]) > 3


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("v1/chat/completions", CHAT, "chat.completion"),
        ("v1/completions", {"prompt": "x"}, "text_completion"),
    ],
)
def test_invoke_reaches_a_path_of_the_container(
    cloud: Cloud, path: str, body: dict[str, Any], kind: str
) -> None:
    dns = invocable(cloud, {"0": 100})[0]
    client = cloud.client(f"https://{dns}/")
    answer = client.post(f"v1beta1/{LOCATION}/endpoints/open/invoke/{path}", json=body)
    assert answer.json()["object"] == kind


def test_invoke_reaches_one_deployed_model_without_traffic(cloud: Cloud) -> None:
    dns, deployed_id = invocable(cloud, {})
    name = f"v1beta1/{LOCATION}/endpoints/open"
    path = f"{name}/deployedModels/{deployed_id}/invoke/v1/chat/completions"
    response = cloud.client(f"https://{dns}/").post(path, json=CHAT)
    assert response.headers["X-Vertex-AI-Deployed-Model-Id"] == deployed_id


def invocable(cloud: Cloud, split: dict[str, int]) -> tuple[str, str]:
    """Deploy a model that takes invoke calls; returns the endpoint's host and the deployed id."""
    endpoint = {"displayName": "open", "dedicatedEndpointEnabled": True}
    cloud.result(cloud.ok("POST", f"{LOCATION}/endpoints", endpoint, endpointId="open"))
    container = {"imageUri": "i", "invokeRoutePrefix": "/*"}
    model = {"modelId": "open", "model": {"displayName": "open", "containerSpec": container}}
    cloud.result(cloud.ok("POST", f"{LOCATION}/models:upload", model))
    resources = {"machineSpec": {"machineType": "n1-standard-4"}, "minReplicaCount": 1}
    deployed = {"model": f"{LOCATION}/models/open", "dedicatedResources": resources}
    body = {"deployedModel": deployed, "trafficSplit": split}
    done = cloud.result(cloud.ok("POST", f"{LOCATION}/endpoints/open:deployModel", body))
    shown = cloud.ok("GET", f"{LOCATION}/endpoints/open")
    return shown["dedicatedEndpointDns"], done["deployedModel"]["id"]


def test_invoke_is_refused_without_a_route_prefix(cloud: Cloud) -> None:
    answer = shared(cloud).post(f"{ENDPOINT}/invoke/v1/completions", json={"prompt": "x"})
    assert answer.json()["error"]["status"] == "FAILED_PRECONDITION"
    assert "invoke_route_prefix is not set" in answer.text


def test_a_model_with_a_route_prefix_takes_a_dedicated_endpoint(cloud: Cloud) -> None:
    invocable(cloud, {})
    cloud.result(cloud.ok("POST", f"{LOCATION}/endpoints", {"displayName": "p"}, endpointId="p"))
    resources = {"machineSpec": {"machineType": "n1-standard-4"}, "minReplicaCount": 1}
    deployed = {"model": f"{LOCATION}/models/open", "dedicatedResources": resources}
    path = f"v1beta1/{LOCATION}/endpoints/p:deployModel"
    answer = shared(cloud).post(path, json={"deployedModel": deployed})
    assert "dedicated endpoint" in answer.text


@pytest.mark.parametrize(
    "container",
    [
        {"imageUri": "i", "invokeRoutePrefix": "/v1"},
        {"imageUri": "i", "invokeRoutePrefix": "/*", "predictRoute": "/generate"},
    ],
)
def test_a_route_prefix_that_cannot_be_is_refused(cloud: Cloud, container: dict[str, str]) -> None:
    model = {"displayName": "m", "containerSpec": container}
    path = f"v1beta1/{LOCATION}/models:upload"
    assert shared(cloud).post(path, json={"model": model}).status_code == 400


def test_traffic_is_shared_out_by_its_percentages(cloud: Cloud) -> None:
    client = shared(cloud)
    resources = {"machineSpec": {"machineType": "n1-standard-4"}, "minReplicaCount": 1}
    body = {
        "deployedModel": {"model": f"{LOCATION}/models/model-e1", "dedicatedResources": resources},
    }
    second = cloud.result(cloud.ok("POST", f"{LOCATION}/endpoints/e1:deployModel", body))
    first = cloud.ok("GET", f"{LOCATION}/endpoints/e1")["deployedModels"][0]["id"]
    split = {"trafficSplit": {first: 50, second["deployedModel"]["id"]: 50}}
    cloud.ok("PATCH", f"{LOCATION}/endpoints/e1", split, updateMask="trafficSplit")
    reached = {
        client.post(f"{ENDPOINT}:rawPredict", json=CHAT).headers["X-Vertex-AI-Deployed-Model-Id"]
        for _ in range(60)
    }
    assert len(reached) == 2


def test_endpoint_without_a_deployed_model_answers_nothing(cloud: Cloud) -> None:
    cloud.result(cloud.ok("POST", f"{LOCATION}/endpoints", {"displayName": "x"}, endpointId="e1"))
    client = cloud.client("https://us-central1-aiplatform.googleapis.com/")
    assert client.post(f"{ENDPOINT}/chat/completions", json=CHAT).status_code == 400


def test_body_over_the_shared_hosts_limit_is_refused(cloud: Cloud) -> None:
    body = {"instances": [{"prompt": "x" * 1_500_000}]}
    assert shared(cloud).post(f"{ENDPOINT}:predict", json=body).status_code == 400


def test_dedicated_endpoint_answers_on_its_own_name_only(cloud: Cloud) -> None:
    own = cloud.deploy("e1")["dedicatedEndpointDns"]
    other = cloud.deploy("e2")["dedicatedEndpointDns"]
    api = "us-central1-aiplatform.googleapis.com"
    answers = {
        host: cloud.client(f"https://{host}/").post(f"{ENDPOINT}/chat/completions", json=CHAT)
        for host in (own, other, api)
    }
    assert [answers[host].status_code for host in (own, other, api)] == [200, 404, 400]
    assert own in answers[api].json()["error"]["message"]


def test_private_endpoint_answers_on_the_address_of_its_rule_only(cloud: Cloud) -> None:
    address = private(cloud)
    hosts = [address, "10.99.0.1", "us-central1-aiplatform.googleapis.com", "llm.example.com"]
    codes = [
        cloud.client(f"http://{host}/").post(f"{ENDPOINT}/chat/completions", json=CHAT).status_code
        for host in hosts
    ]
    assert codes == [200, 404, 400, 404]


def test_private_endpoint_answers_on_its_private_name(cloud: Cloud) -> None:
    private(cloud)
    number = cloud.ok("GET", f"{LOCATION}/endpoints/e1")["name"].split("/")[1]
    host = f"e1-us-central1-{number}.prediction.p.vertexai.goog"
    assert text(cloud.client(f"https://{host}/").post(f"{ENDPOINT}/chat/completions", json=CHAT))


def test_private_name_is_silent_while_no_rule_is_accepted(cloud: Cloud) -> None:
    endpoint = cloud.deploy("e1", privateServiceConnectConfig=PRIVATE)
    host = f"e1-us-central1-{endpoint['name'].split('/')[1]}.prediction.p.vertexai.goog"
    response = cloud.client(f"https://{host}/").post(f"{ENDPOINT}/chat/completions", json=CHAT)
    assert response.status_code == 404


def test_rule_of_a_project_that_is_not_allowed_reaches_nothing(cloud: Cloud) -> None:
    address = private(cloud, project="stranger")
    client = cloud.client(f"http://{address}/")
    assert client.post(f"{ENDPOINT}/chat/completions", json=CHAT).status_code == 404


def test_one_rule_serves_all_endpoints_behind_its_attachment(cloud: Cloud) -> None:
    address = private(cloud, "e1")
    cloud.deploy("e2", privateServiceConnectConfig=PRIVATE)
    client = cloud.client(f"http://{address}/")
    for endpoint_id in ("e1", "e2"):
        path = f"v1/{LOCATION}/endpoints/{endpoint_id}/chat/completions"
        assert text(client.post(path, json=CHAT))


def test_prediction_host_does_not_serve_the_control_plane(cloud: Cloud) -> None:
    address = private(cloud)
    assert cloud.client(f"http://{address}/").get(ENDPOINT).status_code == 404


def test_secure_private_endpoint_wants_a_token(cloud: Cloud) -> None:
    config = {**PRIVATE, "enableSecurePrivateServiceConnect": True}
    cloud.result(
        cloud.ok(
            "POST", f"{LOCATION}:deploy", deploy_body("e0", privateServiceConnectConfig=config)
        )
    )
    address = private(cloud, "e1")
    client = cloud.client(f"http://{address}/")
    path = f"v1/{LOCATION}/endpoints/e0/chat/completions"
    assert client.post(path, json=CHAT).status_code == 401
    assert text(client.post(path, json=CHAT, headers={"Authorization": "Bearer t"}))


def test_alias_path_stands_for_a_host(cloud: Cloud) -> None:
    address = private(cloud)
    client = cloud.client("http://127.0.0.1:8080/")
    path = f"/_emulator/hosts/{address}/{ENDPOINT}/chat/completions"
    assert text(client.post(path, json=CHAT))
