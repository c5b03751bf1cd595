"""`CustomWeightsEndpoint`: what it declares for which arguments, and what it gives back."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from vertex_custom_weights import CustomWeightsEndpoint, CustomWeightsEndpointArgs
from vertex_custom_weights.endpoint import OUTPUTS
from vertex_custom_weights_provider.properties.custom_weights_deployment import (
    CustomWeightsDeploymentSpec,
)
from vertex_custom_weights_provider.properties.parsing import parse

WEIGHTS = "gs://bucket/folder"
NETWORK = {"network": "vpc", "subnetwork": "subnet"}
DEPLOYMENT = "vcw:m:Deployment"


def declare(program: Any, *, preview: bool = False, **args: Any) -> dict[str, Any]:
    """Declare the endpoint `chat`, and return its outputs."""
    given: Any = {"weights_uri": WEIGHTS, **args}
    return program.run(lambda: CustomWeightsEndpoint("chat", given), preview=preview)


def deployment(program: Any, **args: Any) -> dict[str, Any]:
    """Declare the endpoint `chat`, and return the inputs of its deployment."""
    declare(program, **args)
    return program.one("chat-llm").inputs


def refusals(inputs: dict[str, Any]) -> list[str]:
    """Return the property paths that the provider's check refuses."""
    return [problem.path for problem in parse(CustomWeightsDeploymentSpec, inputs).problems]


def test_endpoint_alone_declares_one_deployment_under_itself(program: Any) -> None:
    declare(program)

    assert program.names == {"chat", "chat-llm"}
    assert program.one("chat").type == "vcw:m:CustomWeights"
    assert program.one("chat-llm").type == DEPLOYMENT
    assert program.one("chat-llm").parent == "chat"


def test_endpoint_alone_is_private_to_its_own_project(program: Any) -> None:
    inputs = deployment(program)

    assert inputs["privateServiceConnectConfig"] == {
        "enablePrivateServiceConnect": True,
        "projectAllowlist": ["here"],
    }
    assert refusals(inputs) == []


def test_endpoint_alone_leaves_the_machine_to_the_look_at_the_weights(program: Any) -> None:
    resources = deployment(program)["dedicatedResources"]
    assert resources == {"machineSpec": {"machineType": "auto"}}


def test_endpoint_that_nobody_can_reach_is_warned_about(program: Any) -> None:
    deployment(program)
    (warning,) = program.warnings
    assert warning == (
        "chat: nobody can call it: it is private, and no network is connected. Set "
        "private_service_connect.network and private_service_connect.subnetwork, or "
        "private_service_connect.allowed_projects where consumers connect by themselves, or public."
    )


@pytest.mark.parametrize(
    "given",
    [
        {"public": True},
        {"private_service_connect": {"network": "n", "subnetwork": "s"}},
        {"private_service_connect": {"allowed_projects": ["elsewhere"]}},
        {"private_service_connect": {"shared_with": {"psc_ip_address": "10.0.0.1"}}},
    ],
)
def test_endpoint_that_somebody_can_reach_is_not(program: Any, given: Any) -> None:
    deployment(program, **given)
    assert program.warnings == []


def test_deployment_inputs_are_the_apis_words_in_camel_case(program: Any) -> None:
    inputs = deployment(program)

    assert inputs["gcsUri"] == WEIGHTS
    assert inputs["project"] == "here"
    assert inputs["location"] == "us-central1"
    assert inputs["endpointDisplayName"] == inputs["modelDisplayName"] == "chat"


def test_project_and_location_override_the_stacks(program: Any) -> None:
    inputs = deployment(program, project="there", location="europe-west4")

    assert (inputs["project"], inputs["location"]) == ("there", "europe-west4")
    assert inputs["privateServiceConnectConfig"] == {
        "enablePrivateServiceConnect": True,
        "projectAllowlist": ["there"],
    }


def test_project_that_is_set_nowhere_is_asked_for(program: Any) -> None:
    pulumi.runtime.set_all_config({"gcp:region": "us-central1"})
    with pytest.raises(pulumi.RunError, match="pulumi config set gcp:project"):
        declare(program)


def test_weights_given_as_an_output_are_followed(program: Any) -> None:
    assert deployment(program, weights_uri=pulumi.Output.from_input(WEIGHTS))["gcsUri"] == WEIGHTS


def test_public_endpoint_has_no_private_configuration_and_no_connection(program: Any) -> None:
    outputs = declare(program, public=True)

    assert "privateServiceConnectConfig" not in program.one("chat-llm").inputs
    assert program.names == {"chat", "chat-llm"}
    assert outputs["service_attachment"] == outputs["psc_ip_address"] == ""


def test_public_endpoint_is_called_by_its_dns_name_with_tls(program: Any) -> None:
    outputs = declare(program, public=True)

    url = f"https://{outputs['dedicated_dns']}/v1beta1/{outputs['endpoint_name']}"
    assert outputs["openai_base_url"] == url
    assert outputs["predict_url"] == f"{url}:predict"


def test_private_endpoint_without_a_network_has_no_urls(program: Any) -> None:
    outputs = declare(program)

    assert outputs["openai_base_url"] == outputs["predict_url"] == ""
    assert outputs["psc_ip_address"] == outputs["psc_connection_status"] == ""


def test_allowed_projects_are_passed_on_as_they_are(program: Any) -> None:
    access = {"allowed_projects": ["one", pulumi.Output.from_input("two")]}
    inputs = deployment(program, private_service_connect=access)

    assert inputs["privateServiceConnectConfig"] == {
        "enablePrivateServiceConnect": True,
        "projectAllowlist": ["one", "two"],
    }


def test_empty_list_of_allowed_projects_reaches_the_check(program: Any) -> None:
    inputs = deployment(program, private_service_connect={"allowed_projects": []})

    assert refusals(inputs) == ["privateServiceConnectConfig.projectAllowlist"]


def test_network_is_connected_below_the_endpoint(program: Any) -> None:
    declare(program, private_service_connect=NETWORK)

    assert program.names >= {"chat-ip", "chat-fwd"}
    connection = program.one("chat", "vcw:m:Connection")
    assert (connection.parent, connection.parent_type) == ("chat", "vcw:m:CustomWeights")


def test_forwarding_rule_follows_the_deployments_service_attachment(program: Any) -> None:
    outputs = declare(program, private_service_connect=NETWORK)

    rule = program.one("chat-fwd")
    assert rule.inputs["target"] == outputs["service_attachment"] != ""
    assert rule.uses_by_input["target"] == {"chat-llm"}


def test_address_does_not_wait_for_the_deployment(program: Any) -> None:
    declare(program, private_service_connect=NETWORK)

    assert program.one("chat-ip").uses == set()


def test_connected_endpoint_is_called_by_its_address_without_tls(program: Any) -> None:
    outputs = declare(program, private_service_connect=NETWORK)

    url = f"http://10.0.0.9/v1beta1/{outputs['endpoint_name']}"
    assert outputs["openai_base_url"] == url
    assert outputs["predict_url"] == f"{url}:predict"
    assert outputs["psc_connection_status"] == "ACCEPTED"


def test_preview_with_a_literal_address_knows_the_urls(program: Any) -> None:
    access = {**NETWORK, "ip_address": "10.0.0.7"}
    outputs = declare(program, preview=True, private_service_connect=access)

    url = f"http://10.0.0.7/v1beta1/{outputs['endpoint_name']}"
    assert outputs["openai_base_url"] == url
    assert outputs["predict_url"] == f"{url}:predict"
    assert program.one("chat-ip").inputs["address"] == "10.0.0.7"


def test_preview_with_an_allocated_address_knows_names_but_no_urls(program: Any) -> None:
    outputs = declare(program, preview=True, private_service_connect=NETWORK)

    assert outputs["endpoint_id"] == "chosen"
    assert outputs["model_name"].endswith("/models/chosen")
    assert outputs["openai_base_url"] is outputs["deployed_model_id"] is None


def test_global_access_is_passed_on(program: Any) -> None:
    declare(program, private_service_connect={**NETWORK, "global_access": True})

    assert program.one("chat-fwd").inputs["allowPscGlobalAccess"] is True


def test_machine_is_renamed_to_the_apis_words(program: Any) -> None:
    machine = {"type": "g2-standard-24", "accelerator": "NVIDIA_L4", "accelerator_count": 2}

    assert deployment(program, machine=machine)["dedicatedResources"] == {
        "machineSpec": {
            "machineType": "g2-standard-24",
            "acceleratorType": "NVIDIA_L4",
            "acceleratorCount": 2,
        }
    }


@pytest.mark.parametrize("absent", ["type", "accelerator", "accelerator_count"])
def test_machine_that_lacks_a_part_reaches_the_check(program: Any, absent: str) -> None:
    machine = {"type": "g2-standard-24", "accelerator": "NVIDIA_L4", "accelerator_count": 2}
    del machine[absent]
    wire = {"type": "machineType", "accelerator": "acceleratorType"}

    assert refusals(deployment(program, machine=machine)) == [
        f"dedicatedResources.machineSpec.{wire.get(absent, 'acceleratorCount')}"
    ]


def test_machine_given_as_an_output_is_followed(program: Any) -> None:
    parts = {"type": "a3-highgpu-1g", "accelerator": "NVIDIA_H100_80GB", "accelerator_count": 1}

    resources = deployment(program, machine=pulumi.Output.from_input(parts))["dedicatedResources"]
    assert resources["machineSpec"]["machineType"] == "a3-highgpu-1g"


def test_machine_with_parts_given_as_outputs_is_followed(program: Any) -> None:
    count = pulumi.Output.from_input(1)
    machine = {"type": "g2-standard-12", "accelerator": "NVIDIA_L4", "accelerator_count": count}

    resources = deployment(program, machine=machine)["dedicatedResources"]
    assert resources["machineSpec"]["acceleratorCount"] == 1


@pytest.mark.parametrize(
    ("replicas", "low", "high"),
    [
        ({"min": 2}, 2, 2),
        ({"max": 3}, 1, 3),
        ({"min": 2, "max": 5}, 2, 5),
        (pulumi.Output.from_input({"min": 2, "max": 5}), 2, 5),
        ({"min": 1, "max": pulumi.Output.from_input(4)}, 1, 4),
    ],
)
def test_replicas_without_a_maximum_are_fixed_and_without_a_minimum_start_at_one(
    program: Any, replicas: Any, low: int, high: int
) -> None:
    assert deployment(program, replicas=replicas)["dedicatedResources"] == {
        "machineSpec": {"machineType": "auto"},
        "minReplicaCount": low,
        "maxReplicaCount": high,
    }


def test_what_the_weights_are_said_to_be_is_passed_on(program: Any) -> None:
    assert deployment(program, base_model="llama-3.2-1b")["baseModel"] == "llama-3.2-1b"


def test_carrying_out_of_the_deployment_is_passed_on(program: Any) -> None:
    how = {
        "generation": pulumi.Output.from_input(2),
        "preflight": "warn",
        "weights_changes": "ignore",
        "container_logging": True,
        "service_account": "serving@here.iam.gserviceaccount.com",
        "timeouts": {"create": "90m"},
    }
    inputs = deployment(program, deployment=how)

    assert inputs["generation"] == 2
    assert inputs["preflight"] == "warn"
    assert inputs["weightsChanges"] == "ignore"
    assert inputs["enableContainerLogging"] is True
    assert inputs["serviceAccount"] == "serving@here.iam.gserviceaccount.com"
    assert inputs["timeouts"] == {"create": "90m"}
    assert refusals(inputs) == []


def test_a_machine_may_be_left_to_preflight(program: Any) -> None:
    inputs = deployment(program, machine={"type": "auto"})
    assert inputs["dedicatedResources"] == {"machineSpec": {"machineType": "auto"}}
    assert refusals(inputs) == []


def test_spot_machines_are_asked_for_beside_the_machine(program: Any) -> None:
    inputs = deployment(program, machine={"type": "auto", "spot": True})
    assert inputs["dedicatedResources"] == {"machineSpec": {"machineType": "auto"}, "spot": True}
    assert refusals(inputs) == []


def test_labels_reach_every_cloud_object_with_their_keys_untouched(program: Any) -> None:
    labels = {"team": "search", "cost_center": pulumi.Output.from_input("42")}
    declare(program, labels=labels, private_service_connect=NETWORK)

    objects = [resource for resource in program.declared if "labels" in resource.inputs]
    assert len(objects) == 3
    for resource in objects:
        assert resource.inputs["labels"] == {"team": "search", "cost_center": "42"}


def test_owner_is_the_resources_urn_without_a_dependency_on_its_parent(program: Any) -> None:
    declare(program, private_service_connect=NETWORK)

    for name in ("chat-llm", "chat-ip", "chat-fwd"):
        resource = program.one(name)
        assert resource.inputs["owner"].endswith(f"${resource.type}::{name}")
        assert resource.uses_by_input["owner"] == set()
        assert "chat" not in resource.uses


def test_outputs_are_all_registered(program: Any) -> None:
    outputs = declare(program, private_service_connect=NETWORK)

    assert set(outputs) == set(OUTPUTS)
    assert program.registered["chat"] == outputs


def test_two_endpoints_live_side_by_side(program: Any) -> None:
    def build() -> CustomWeightsEndpoint:
        CustomWeightsEndpoint("one", CustomWeightsEndpointArgs(weights_uri=WEIGHTS))
        return CustomWeightsEndpoint("two", CustomWeightsEndpointArgs(weights_uri=WEIGHTS))

    program.run(build)
    assert program.names == {"one", "one-llm", "two", "two-llm"}


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({"weigths_uri": WEIGHTS}, "weigths_uri does not exist. Did you mean weights_uri?"),
        ({"weights_uri": None}, "weights_uri is missing"),
        ({"machine": {"gpu": "g2"}}, r"machine\.gpu does not exist\. Known: type, accelerator"),
        ({"replicas": {"maximum": 2}}, r"replicas\.maximum does not exist\. Did you mean max\?"),
        ({"private_service_connect": {"networks": "n"}}, r"Did you mean network or subnetwork\?"),
        ({"replicas": 2}, "replicas must be an object with keys of these: min, max"),
        ({"machine": "g2-standard-12"}, "machine must be an object"),
        ({"deployment": {"time_out": "1h"}}, r"deployment\.time_out does not exist"),
        ({"public": True, "private_service_connect": NETWORK}, "exclude each other"),
        ({"private_service_connect": {"network": "n"}}, "come together"),
        ({"private_service_connect": {"subnetwork": "n"}}, "come together"),
        ({"private_service_connect": {"ip_address": "10.0.0.7"}}, "needs a network"),
    ],
)
def test_arguments_that_cannot_be_honoured_are_refused_before_anything_is_declared(
    program: Any, args: dict[str, Any], told: str
) -> None:
    with pytest.raises(pulumi.RunError, match=told):
        declare(program, **args)
    assert program.declared == []


def test_all_wrong_arguments_are_said_at_once(program: Any) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        declare(program, weights_uri=None, location_="x", replicas={"mim": 1})

    assert len(str(refused.value).splitlines()) == 3
