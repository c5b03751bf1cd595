"""Google's own clients, as published, against a served emulator. No client of ours takes part."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# What other people's clients warn about is not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore")

LOCATION = "projects/my-proj/locations/us-central1"
CONFIG = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 2048,
    "num_hidden_layers": 16,
}


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    folder = tmp_path / "bucket" / "llama-ft"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    return tmp_path / "bucket"


@pytest.fixture
def url(served: Callable[..., str], bucket: Path) -> str:
    # The SDK insists on https for an endpoint's own name, so endpoints share the host here.
    return served(buckets={"weights": bucket}, dedicated_endpoints=False)


@pytest.fixture
def sdk(url: str) -> Iterator[Any]:
    import vertexai
    from google.auth.credentials import AnonymousCredentials
    from google.cloud.aiplatform import initializer
    from vertexai.preview import model_garden

    vertexai.init(
        project="my-proj",
        location="us-central1",
        api_endpoint=url,
        api_transport="rest",
        credentials=AnonymousCredentials(),
    )
    yield model_garden
    initializer.global_pool.shutdown(wait=True)
    initializer.global_config.__init__()


def _service(name: str, url: str) -> Any:
    from google.api_core.client_options import ClientOptions
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import aiplatform_v1beta1

    options = ClientOptions(api_endpoint=url)
    client = getattr(aiplatform_v1beta1, name)
    return client(credentials=AnonymousCredentials(), transport="rest", client_options=options)


def test_sdk_custom_model_lists_deploy_options(sdk: Any) -> None:
    options = sdk.CustomModel(gcs_uri="gs://weights/llama-ft").list_deploy_options()
    assert 'machine_type="g2-standard-12"' in options


def test_sdk_custom_model_deploys_predicts_undeploys_and_deletes(sdk: Any) -> None:
    model = sdk.CustomModel(gcs_uri="gs://weights/llama-ft")
    endpoint = model.deploy(
        machine_type="g2-standard-12", accelerator_type="NVIDIA_L4", accelerator_count=1
    )
    answer = endpoint.predict(instances=[{"prompt": "hello"}])
    assert "hello" in answer.predictions[0]
    endpoint.undeploy_all()
    endpoint.delete()
    assert type(endpoint).list() == []


def test_sdk_custom_model_deploys_privately_and_names_the_attachment(sdk: Any) -> None:
    endpoint = sdk.CustomModel(gcs_uri="gs://weights/llama-ft").deploy(
        enable_private_service_connect=True, psc_project_allow_list=["my-proj"]
    )
    deployed = endpoint.gca_resource.deployed_models[0]
    assert "/serviceAttachments/" in deployed.private_endpoints.service_attachment


def test_sdk_deploy_of_a_folder_without_config_is_an_invalid_argument(sdk: Any) -> None:
    from google.api_core.exceptions import BadRequest

    with pytest.raises(BadRequest, match=r"config\.json"):
        sdk.CustomModel(gcs_uri="gs://weights/nothing-here").deploy()


@pytest.mark.usefixtures("sdk")
def test_sdk_registry_moves_an_alias_between_versions() -> None:
    from google.cloud import aiplatform

    first = aiplatform.Model.upload(display_name="m", serving_container_image_uri="image")
    aiplatform.Model.upload(
        display_name="m",
        serving_container_image_uri="image",
        parent_model=first.resource_name,
        is_default_version=False,
        version_aliases=["canary"],
    )
    registry = first.versioning_registry
    registry.add_version_aliases(["prod"], "1")
    registry.add_version_aliases(["prod"], "canary")
    registry.remove_version_aliases(["canary"], "2")
    versions = {one.version_id: one.version_aliases for one in registry.list_versions()}
    assert versions == {"1": ["default"], "2": ["prod"]}


@pytest.mark.usefixtures("sdk")
def test_sdk_shifts_traffic_between_deployments_and_deletes_with_force() -> None:
    from google.cloud import aiplatform

    model = aiplatform.Model.upload(display_name="m", serving_container_image_uri="image")
    endpoint = aiplatform.Endpoint.create(display_name="e", labels={"team": "a"})
    for share in (100, 30):
        endpoint.deploy(model, machine_type="n1-standard-4", traffic_percentage=share)
    split = aiplatform.Endpoint(endpoint.resource_name).traffic_split
    assert sorted(split.values()) == [30, 70]
    old, new = sorted(split, key=lambda key: -split[key])
    assert endpoint.update(traffic_split={old: 0, new: 100}).traffic_split[new] == 100
    assert len(aiplatform.Endpoint.list(filter="labels.team=a")) == 1
    endpoint.delete(force=True)
    model.delete()
    assert aiplatform.Endpoint.list() == []


def test_generated_clients_run_a_whole_life(url: str) -> None:
    from google.cloud.aiplatform_v1beta1 import types

    garden, endpoints = (
        _service("ModelGardenServiceClient", url),
        _service("EndpointServiceClient", url),
    )
    machine = types.MachineSpec(
        machine_type="g2-standard-12", accelerator_type="NVIDIA_L4", accelerator_count=1
    )
    request = types.DeployRequest(
        destination=LOCATION,
        custom_model={"gcs_uri": "gs://weights/llama-ft"},
        endpoint_config={"endpoint_user_id": "whole-life"},
        deploy_config={"dedicated_resources": {"machine_spec": machine, "min_replica_count": 1}},
    )
    made = garden.deploy(request).result(timeout=30)
    endpoint = endpoints.get_endpoint(name=made.endpoint)
    assert endpoint.deployed_models[0].dedicated_resources.machine_spec == machine
    deployed_id = endpoint.deployed_models[0].id
    endpoint.display_name = "renamed"
    renamed = endpoints.update_endpoint(endpoint=endpoint, update_mask={"paths": ["display_name"]})
    assert renamed.display_name == "renamed"
    change = types.DeployedModel(
        id=deployed_id, dedicated_resources={"min_replica_count": 1, "max_replica_count": 3}
    )
    mask = {"paths": ["dedicated_resources.max_replica_count"]}
    mutated = endpoints.mutate_deployed_model(
        endpoint=made.endpoint, deployed_model=change, update_mask=mask
    ).result(timeout=30)
    assert mutated.deployed_model.dedicated_resources.max_replica_count == 3
    endpoints.undeploy_model(endpoint=made.endpoint, deployed_model_id=deployed_id).result(30)
    endpoints.delete_endpoint(name=made.endpoint).result(timeout=30)
    _service("ModelServiceClient", url).delete_model(name=made.model).result(timeout=30)
    assert list(endpoints.list_endpoints(parent=LOCATION)) == []


def test_generated_clients_upload_a_model_and_deploy_it_to_an_endpoint_of_their_own(
    url: str,
) -> None:
    from google.cloud.aiplatform_v1beta1 import types

    endpoints, models = _service("EndpointServiceClient", url), _service("ModelServiceClient", url)
    endpoint = endpoints.create_endpoint(
        parent=LOCATION, endpoint={"display_name": "mine"}, endpoint_id="mine"
    ).result(timeout=30)
    uploaded = models.upload_model(
        parent=LOCATION,
        model={"display_name": "m", "container_spec": {"image_uri": "docker/image"}},
    ).result(timeout=30)
    resources = {
        "machine_spec": {
            "machine_type": "g2-standard-12",
            "accelerator_type": "NVIDIA_L4",
            "accelerator_count": 1,
        },
        "min_replica_count": 1,
    }
    deployed = endpoints.deploy_model(
        endpoint=endpoint.name,
        deployed_model=types.DeployedModel(model=uploaded.model, dedicated_resources=resources),
        traffic_split={"0": 100},
    ).result(timeout=30)
    shown = endpoints.get_endpoint(name=endpoint.name)
    assert dict(shown.traffic_split) == {deployed.deployed_model.id: 100}


def test_generated_client_maps_a_taken_endpoint_id_to_a_conflict(url: str) -> None:
    from google.api_core.exceptions import Conflict

    endpoints = _service("EndpointServiceClient", url)
    wanted = {"parent": LOCATION, "endpoint": {"display_name": "x"}, "endpoint_id": "taken"}
    endpoints.create_endpoint(wanted).result(timeout=30)
    with pytest.raises(Conflict):
        endpoints.create_endpoint(wanted)


def test_agentplatform_client_deploys_custom_weights(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import agentplatform
    from google.genai import types
    from google.oauth2.credentials import Credentials

    asleep = time.sleep
    # It looks at its operation every 30 seconds.
    monkeypatch.setattr(time, "sleep", lambda seconds: asleep(min(seconds, 0.3)))
    client = agentplatform.Client(
        project="my-proj",
        location="us-central1",
        credentials=Credentials("fake"),
        http_options=types.HttpOptions(base_url=url),
    )
    made = client.model_garden.deploy_custom_model(src="gs://weights/llama-ft")
    assert "/endpoints/mg-endpoint-" in made.endpoint
    options = client.model_garden.list_custom_model_deploy_options(src="gs://weights/llama-ft")
    assert "g2-standard-12" in str(options)


def _curl(url: str, path: str, body: str) -> dict[str, Any]:
    command = ["curl", "-s", "-X", "POST", "-H", "Authorization: Bearer token"]
    command += ["-H", "Content-Type: application/json", f"{url}/v1beta1/{path}", "-d", body]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def test_curl_deploys_with_the_spelling_of_the_documentation(url: str) -> None:
    operation = _curl(
        url,
        f"{LOCATION}:deploy",
        """{
          "custom_model": {
            "gcs_uri": "gs://weights/llama-ft",
          },
          "destination": "projects/my-proj/locations/us-central1",
          "model_config": {
            "model_user_id": "llama-ft",
          },
          "endpoint_config": {
            "endpoint_display_name": "by curl",
            "private_service_connect_config": {
              "enablePrivateServiceConnect": "true",
              "project_allowlist": ["my-proj"],
            },
          },
          "deploy_config": {
            "dedicated_resources": {
              "machine_spec": {
                "machine_type": "g2-standard-24",
                "accelerator_type": "NVIDIA_L4",
                "accelerator_count": "2",
              },
              "min_replica_count": 1,
              "maxReplicaCount": "1",
            },
          },
        }""",
    )
    assert operation["metadata"]["modelId"] == "llama-ft", operation


def test_curl_with_an_unknown_field_is_refused_in_googles_words(url: str) -> None:
    answer = _curl(url, f"{LOCATION}:deploy", '{"custom_model": {"gcs_url": "gs://weights/x"}}')
    assert answer["error"]["message"] == (
        "Invalid JSON payload received. Unknown name \"gcs_url\" at 'custom_model': "
        "Cannot find field."
    )


def test_curl_asks_for_a_chat_completion(url: str) -> None:
    _curl(
        url,
        f"{LOCATION}:deploy",
        '{"custom_model": {"gcs_uri": "gs://weights/llama-ft"},'
        ' "endpoint_config": {"endpoint_user_id": "chatty"}}',
    )
    time.sleep(0.5)
    answer = _curl(
        url,
        f"{LOCATION}/endpoints/chatty/chat/completions",
        '{"model": "", "messages": [{"role": "user", "content": "good morning",},],}',
    )
    assert "good morning" in answer["choices"][0]["message"]["content"]


@pytest.fixture
def openai_client(url: str) -> Iterator[Any]:
    import openai

    body = '{"customModel": {"gcsUri": "gs://weights/llama-ft"}, "endpointConfig": {%s}}'
    _curl(url, f"{LOCATION}:deploy", body % '"endpointUserId": "talks"')
    time.sleep(0.5)
    base = f"{url}/v1beta1/{LOCATION}/endpoints/talks"
    with openai.OpenAI(base_url=base, api_key="token", max_retries=0) as client:
        yield client


def test_openai_client_is_answered_whole(openai_client: Any) -> None:
    answer = openai_client.chat.completions.create(
        model="talks", messages=[{"role": "user", "content": "what is up?"}]
    )
    assert answer.choices[0].message.content.endswith("what is up?")
    assert answer.choices[0].finish_reason == "stop"


def test_openai_client_is_answered_token_by_token(openai_client: Any) -> None:
    chunks = list(
        openai_client.chat.completions.create(
            model="talks",
            messages=[{"role": "user", "content": "what is up?"}],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text.endswith("what is up?")
    assert chunks[-1].usage.completion_tokens > 5


def test_openai_client_is_cut_off_at_max_tokens(openai_client: Any) -> None:
    answer = openai_client.chat.completions.create(
        model="talks", messages=[{"role": "user", "content": "tell me all"}], max_tokens=3
    )
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 3


def test_openai_client_is_told_what_is_wrong_with_its_messages(openai_client: Any) -> None:
    import openai

    with pytest.raises(openai.BadRequestError, match="a list of messages"):
        openai_client.chat.completions.create(model="talks", messages="hello")


def test_openai_client_gives_up_on_an_answer_that_is_late(url: str, openai_client: Any) -> None:
    import httpx
    import openai

    fault = {"method": "*.chat.completions", "delaySeconds": 1}
    httpx.post(f"{url}/_emulator/faults", json=fault).raise_for_status()
    hasty = openai_client.with_options(timeout=0.2)
    with pytest.raises(openai.APITimeoutError):
        hasty.chat.completions.create(model="", messages=[{"role": "user", "content": "?"}])
