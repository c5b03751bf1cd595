"""Names that users' programs and other languages rely on."""

from __future__ import annotations

import inspect
from typing import get_args

import pytest
from pulumi import ComponentResource

import vertex_custom_weights
from vertex_custom_weights import (
    ConnectionArgs,
    CustomWeightsEndpoint,
    CustomWeightsEndpointArgs,
    DeploymentArgs,
    MachineArgs,
    PrivateAccessArgs,
    PrivateDnsArgs,
    PrivateServiceConnectArgs,
    ReplicasArgs,
    ScalingTargetsArgs,
    ServiceDirectoryArgs,
    ServingNetworkArgs,
    ServingProjectArgs,
    SharedConnectionArgs,
    VersionArgs,
    WeightsAccessArgs,
)
from vertex_custom_weights.checks.rollout import ROLLOUTS
from vertex_custom_weights.inference import ComponentAnalyzer, choices

COMPONENTS = [
    value
    for name in vertex_custom_weights.__all__
    if inspect.isclass(value := getattr(vertex_custom_weights, name))
    and issubclass(value, ComponentResource)
]


def test_exported_names_are_these() -> None:
    assert sorted(vertex_custom_weights.__all__) == [
        "ConnectionArgs",
        "CustomWeightsEndpoint",
        "CustomWeightsEndpointArgs",
        "DeepSeekEndpoint",
        "DeepSeekEndpointArgs",
        "DeploymentArgs",
        "GemmaEndpoint",
        "GemmaEndpointArgs",
        "GlmEndpoint",
        "GlmEndpointArgs",
        "GptOssEndpoint",
        "GptOssEndpointArgs",
        "LlamaEndpoint",
        "LlamaEndpointArgs",
        "MachineArgs",
        "MistralEndpoint",
        "MistralEndpointArgs",
        "PhiEndpoint",
        "PhiEndpointArgs",
        "PrivateAccessArgs",
        "PrivateDnsArgs",
        "PrivateServiceConnect",
        "PrivateServiceConnectArgs",
        "QwenEndpoint",
        "QwenEndpointArgs",
        "ReplicasArgs",
        "ScalingTargetsArgs",
        "ServiceDirectoryArgs",
        "ServingNetwork",
        "ServingNetworkArgs",
        "ServingProject",
        "ServingProjectArgs",
        "SharedConnectionArgs",
        "VersionArgs",
        "WeightsAccess",
        "WeightsAccessArgs",
        "look_ahead",
    ]


@pytest.mark.parametrize(
    ("shape", "names"),
    [
        (
            CustomWeightsEndpointArgs,
            "weights_uri base_model machine replicas private_service_connect labels versions "
            "public project location deployment",
        ),
        (VersionArgs, "weights_uri traffic base_model machine replicas"),
        (
            MachineArgs,
            "type accelerator accelerator_count spot flex_start reservation partition_size hosts",
        ),
        (ReplicasArgs, "min max targets idle_period min_uptime initial"),
        (
            ScalingTargetsArgs,
            "accelerator_utilization cpu_utilization requests_per_minute waiting_requests "
            "cache_utilization gpu_utilization",
        ),
        (
            DeploymentArgs,
            "rollout traffic_steps smoke_test adopt container container_logging access_logging "
            "request_logging inference_timeout encryption_key generation preflight "
            "weights_changes service_account timeouts grant_weights_access",
        ),
        (
            PrivateAccessArgs,
            "allowed_projects check_permissions network subnetwork ip_address adopt_address "
            "adopt_forwarding_rule global_access connections dns service_directory shared_with",
        ),
        (
            ConnectionArgs,
            "network subnetwork name project ip_address global_access dns service_directory "
            "adopt_address adopt_forwarding_rule",
        ),
        (PrivateDnsArgs, "domain name zone"),
        (ServingNetworkArgs, "network subnetwork ip_range project region"),
        (ServingProjectArgs, "project more_services grant_agent_role"),
        (WeightsAccessArgs, "bucket project service_agent"),
        (ServiceDirectoryArgs, "namespace service"),
        (
            SharedConnectionArgs,
            "psc_ip_address service_attachment private_dns_name psc_connection_status",
        ),
        (
            PrivateServiceConnectArgs,
            "service_attachment endpoint network subnetwork project region ip_address "
            "adopt_address adopt_forwarding_rule global_access labels connections dns "
            "service_directory",
        ),
    ],
)
def test_arguments_have_these_names(shape: type, names: str) -> None:
    assert list(shape.__annotations__) == names.split()


def test_schema_of_all_components_can_be_inferred_for_other_languages() -> None:
    found = ComponentAnalyzer("vertex-custom-weights").analyze(COMPONENTS)

    assert set(found["component_definitions"]) == {
        "CustomWeightsEndpoint",
        "DeepSeekEndpoint",
        "GemmaEndpoint",
        "GlmEndpoint",
        "GptOssEndpoint",
        "LlamaEndpoint",
        "MistralEndpoint",
        "PhiEndpoint",
        "PrivateServiceConnect",
        "QwenEndpoint",
        "ServingNetwork",
        "ServingProject",
        "WeightsAccess",
    }
    endpoint = found["component_definitions"]["LlamaEndpoint"]
    assert endpoint.inputs["weightsUri"].optional is True  # or versions
    assert endpoint.inputs["versions"].additional_properties is not None
    assert endpoint.inputs["machine"].ref is not None
    assert "openaiBaseUrl" in endpoint.outputs


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.__name__)
def test_every_argument_and_output_is_documented(component: type[ComponentResource]) -> None:
    found = ComponentAnalyzer("vertex-custom-weights").analyze([component])
    definition = found["component_definitions"][component.__name__]
    described = dict(definition.inputs)
    # The analyzer finds the descriptions of outputs in the class that declares them.
    if ComponentResource in component.__bases__:
        described |= definition.outputs

    assert [name for name, about in described.items() if not about.description] == []


def test_choices_are_those_that_the_checks_take() -> None:
    rollout = DeploymentArgs.__annotations__["rollout"]
    assert choices(rollout) == ROLLOUTS


def test_base_models_of_a_family_are_the_catalogs() -> None:
    for component in COMPONENTS:
        if issubclass(component, CustomWeightsEndpoint) and component is not CustomWeightsEndpoint:
            arguments = getattr(vertex_custom_weights, f"{component.__name__}Args")
            assert choices(get_args(arguments)[0]) == component.base_models()
