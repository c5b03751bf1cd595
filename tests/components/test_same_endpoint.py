"""An endpoint component whose changes roll out on the same endpoint, or that serves versions."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from vertex_custom_weights import CustomWeightsEndpoint, LlamaEndpoint

from .support.recording import ENDPOINT

WEIGHTS = "gs://bucket/folder"
NETWORK = {"network": "vpc", "subnetwork": "subnet"}
SAME = {"rollout": "same-endpoint"}
MACHINE = {"type": "g2-standard-24", "accelerator": "NVIDIA_L4", "accelerator_count": 2}


def declare(
    program: Any, component: type[CustomWeightsEndpoint] = CustomWeightsEndpoint, **args: Any
) -> dict[str, Any]:
    """Declare the endpoint `chat`, and return its outputs."""
    given: Any = args
    return program.run(lambda: component("chat", given))


def version(folder: str, traffic: int, **more: Any) -> dict[str, Any]:
    return {"weights_uri": f"gs://bucket/{folder}", "traffic": traffic, **more}


def test_rollout_on_the_same_endpoint_declares_the_endpoint_apart(program: Any) -> None:
    declare(program, weights_uri=WEIGHTS, deployment=SAME)

    assert program.names == {"chat", "chat-api", "chat-llm"}
    assert program.one("chat-api").type == "vcw:m:Endpoint"
    assert program.one("chat-api").parent == program.one("chat-llm").parent == "chat"
    assert program.one("chat-llm").inputs["endpoint"] == ENDPOINT
    assert program.one("chat-llm").uses_by_input["endpoint"] == {"chat-api"}


def test_what_belongs_to_the_endpoint_is_said_to_the_endpoint_alone(program: Any) -> None:
    labels = {"team": "search"}
    declare(program, weights_uri=WEIGHTS, deployment=SAME, labels=labels)

    endpoint, deployment = program.one("chat-api"), program.one("chat-llm")
    assert endpoint.inputs["displayName"] == "chat"
    assert endpoint.inputs["privateServiceConnectConfig"]["projectAllowlist"] == ["here"]
    assert not set(deployment.inputs) & {"endpointDisplayName", "privateServiceConnectConfig"}
    assert endpoint.inputs["labels"] == deployment.inputs["labels"] == labels


def test_new_endpoint_is_the_default_and_may_be_said(program: Any) -> None:
    declare(program, weights_uri=WEIGHTS, deployment={"rollout": "new-endpoint"})
    assert program.names == {"chat", "chat-llm"}


def test_public_endpoint_keeps_its_own_name_through_rollouts(program: Any) -> None:
    outputs = declare(program, weights_uri=WEIGHTS, deployment=SAME, public=True)

    assert program.one("chat-api").inputs["dedicatedEndpointEnabled"] is True
    assert outputs["openai_base_url"] == f"https://{outputs['dedicated_dns']}/v1beta1/{ENDPOINT}"
    assert outputs["service_attachment"] == ""


def test_connection_follows_the_endpoint_behind_which_models_change(program: Any) -> None:
    outputs = declare(
        program, weights_uri=WEIGHTS, deployment=SAME, private_service_connect=NETWORK
    )

    rule = program.one("chat-fwd")
    assert rule.inputs["target"] == outputs["service_attachment"] != ""
    assert outputs["openai_base_url"] == f"http://10.0.0.9/v1beta1/{ENDPOINT}"
    assert outputs["dedicated_dns"] == ""


def test_how_a_rollout_takes_over_is_passed_on(program: Any) -> None:
    how = {
        **SAME,
        "traffic_steps": [10, pulumi.Output.from_input(50)],
        "smoke_test": {"prompt": "2 + 2?", "expect": "4"},
        "container": {"image_uri": "us-docker.pkg.dev/here/serving/vllm:1"},
        "timeouts": {"create": "90m"},
    }
    declare(program, weights_uri=WEIGHTS, deployment=how)

    inputs = program.one("chat-llm").inputs
    assert inputs["trafficSteps"] == [10, 50]
    assert inputs["smokeTest"] == {"prompt": "2 + 2?", "expect": "4"}
    assert inputs["containerSpec"] == {"imageUri": "us-docker.pkg.dev/here/serving/vllm:1"}
    assert inputs["timeouts"] == program.one("chat-api").inputs["timeouts"]


def test_every_version_is_deployed_onto_the_one_endpoint(program: Any) -> None:
    declare(program, versions={"blue": version("one", 90), "green": version("two", 10)})

    names = {"chat-blue", "chat-green"}
    assert program.names == {"chat", "chat-api", "chat-mix"} | names
    for name in names:
        assert program.one(name).inputs["endpoint"] == ENDPOINT
    assert program.one("chat-green").inputs["gcsUri"] == "gs://bucket/two"
    assert program.one("chat-green").inputs["modelDisplayName"] == "chat-green"


def test_traffic_is_split_as_the_versions_say_with_their_names(program: Any) -> None:
    declare(program, versions={"blue": version("one", 90), "green": version("two", 10)})

    split = program.one("chat-mix")
    assert split.inputs["endpoint"] == ENDPOINT
    assert split.inputs["traffic"] == [
        {"deployedModelId": "chat-blue-id", "percent": 90, "name": "blue"},
        {"deployedModelId": "chat-green-id", "percent": 10, "name": "green"},
    ]
    assert split.uses >= {"chat-blue", "chat-green"}


def test_the_order_in_which_versions_are_given_changes_nothing(program: Any) -> None:
    declare(program, versions={"green": version("two", 10), "blue": version("one", 90)})

    shares = [(row["name"], row["percent"]) for row in program.one("chat-mix").inputs["traffic"]]
    assert shares == [("blue", 90), ("green", 10)]


def test_outputs_describe_the_version_with_most_traffic_and_name_all(program: Any) -> None:
    outputs = declare(program, versions={"a": version("one", 20), "b": version("two", 80)})

    assert outputs["deployed_model_ids"] == {
        "a": "chat-a-id",
        "b": "chat-b-id",
    }
    assert outputs["deployed_model_id"] == "chat-b-id"
    assert outputs["model_name"].endswith("/models/chat-b")
    assert program.registered["chat"] == outputs


def test_endpoint_without_versions_has_no_ids_by_version(program: Any) -> None:
    assert declare(program, weights_uri=WEIGHTS)["deployed_model_ids"] == {}


def test_version_takes_from_the_endpoint_what_it_does_not_say_itself(program: Any) -> None:
    declare(
        program,
        LlamaEndpoint,
        base_model="llama-3.2-1b",
        replicas={"max": 2},
        deployment={"preflight": "warn"},
        versions={
            "plain": version("one", 100),
            "large": version("two", 0, base_model="llama-2-13b", replicas={"min": 3}),
            "own": version("three", 0, machine=MACHINE),
        },
    )

    made = {name: program.one(f"chat-{name}").inputs for name in ("plain", "large", "own")}
    resources = {name: inputs["dedicatedResources"] for name, inputs in made.items()}
    machines = {name: found["machineSpec"]["machineType"] for name, found in resources.items()}
    assert machines == {
        "plain": "g2-standard-8",
        "large": "g2-standard-24",
        "own": "g2-standard-24",
    }
    counts = {name: found["maxReplicaCount"] for name, found in resources.items()}
    assert counts == {"plain": 2, "large": 3, "own": 2}
    assert {inputs["preflight"] for inputs in made.values()} == {"warn"}


def test_leading_version_takes_over_what_the_endpoint_deployed_before(program: Any) -> None:
    declare(program, versions={"a": version("one", 10), "b": version("two", 90)})

    assert program.one("chat-b").aliases == ("chat-llm",)
    assert program.one("chat-a").aliases == ()


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({"versions": {}}, r"versions is empty"),
        ({"versions": []}, r"versions must be an object of versions by name"),
        ({"versions": {"a": "gs://b/f"}}, r"versions\.a must be an object with keys of these"),
        ({"versions": {"a": version("f", 100)}, "weights_uri": WEIGHTS}, "exclude each other"),
        (
            {"versions": {"a": version("f", 80), "b": version("g", 10)}},
            r"traffic sums to 90 \(a 80, b 10\)",
        ),
        ({"versions": {"a": {"weights_uri": WEIGHTS}}}, r"versions\.a\.traffic is missing"),
        ({"versions": {"a": {"traffic": 100}}}, r"versions\.a\.weights_uri is missing"),
        ({"versions": {"a": version("f", 101)}}, r"versions\.a\.traffic: 101 is not a percentage"),
        ({"versions": {"a": version("f", True)}}, r"traffic: True is not a percentage"),
        ({"versions": {"A b": version("f", 100)}}, "named by up to 32 lowercase letters"),
        ({"versions": {"a": version("f", 100, trafic=1)}}, r"versions\.a\.trafic does not exist"),
        (
            {"versions": {"a": version("f", 100, machine={"gpu": 1})}},
            r"versions\.a\.machine\.gpu does not exist",
        ),
        (
            {"versions": {"a": version("f", 100, replicas={"min": 2, "max": 1})}},
            r"versions\.a\.replicas\.max: 1 is below versions\.a\.replicas\.min: 2",
        ),
        (
            {
                "versions": {"a": version("f", 100)},
                "deployment": {"rollout": "new-endpoint"},
            },
            "excludes versions, which share one endpoint",
        ),
        (
            {"weights_uri": WEIGHTS, "deployment": {"rollout": "same-endpont"}},
            r"deployment\.rollout: same-endpont does not exist\. Did you mean same-endpoint",
        ),
        (
            {"weights_uri": WEIGHTS, "deployment": {"traffic_steps": [10]}},
            r"deployment\.traffic_steps needs deployment\.rollout: same-endpoint",
        ),
        (
            {"weights_uri": WEIGHTS, "deployment": {"smoke_test": {}}},
            r"deployment\.smoke_test needs deployment\.rollout: same-endpoint",
        ),
        (
            {
                "base_model": "llama-3.2-1b",
                "versions": {"a": version("f", 100, base_model="gemma-3-1b")},
            },
            r"versions\.a\.base_model: gemma-3-1b is of family gemma",
        ),
    ],
)
def test_what_contradicts_itself_is_refused_before_anything_is_declared(
    program: Any, args: dict[str, Any], told: str
) -> None:
    with pytest.raises(pulumi.RunError, match=told):
        declare(program, LlamaEndpoint, **args)
    assert program.declared == []
