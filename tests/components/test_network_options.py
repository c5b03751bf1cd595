"""Resource options given to networks, projects, grants and connections with names."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from vertex_custom_weights import (
    PrivateServiceConnect,
    ServingNetwork,
    ServingProject,
    WeightsAccess,
)
from vertex_custom_weights_provider.resources.psc_address import PscAddress

NAMED: Any = {
    "service_attachment": "projects/t/regions/us-central1/serviceAttachments/a",
    "network": "vpc",
    "subnetwork": "subnet",
    "dns": {"domain": "models.example.com"},
}
COMPONENTS = [
    pytest.param(ServingNetwork, {}, id="network"),
    pytest.param(ServingProject, {"grant_agent_role": True}, id="project"),
    pytest.param(WeightsAccess, {"bucket": "models"}, id="access"),
    pytest.param(PrivateServiceConnect, NAMED, id="connection"),
]


def children(program: Any, component: Any, args: Any, **options: Any) -> list[Any]:
    """Declare the component `one` with these options, and return what it is made of."""

    def build() -> pulumi.Resource:
        before = PscAddress("before", subnetwork="subnet")
        given = pulumi.ResourceOptions(depends_on=before, **options)
        return component("one", args, given)

    program.run(build)
    found = [resource for resource in program.declared if resource.parent == "one"]
    assert found
    return found


@pytest.mark.parametrize(("component", "args"), COMPONENTS)
def test_all_of_a_component_waits_and_is_protected(program: Any, component: Any, args: Any) -> None:
    made = children(program, component, args, protect=True)
    assert all("before" in resource.uses and resource.protect for resource in made)
    assert program.warnings == []


@pytest.mark.parametrize(("component", "args"), COMPONENTS)
def test_transformation_reaches_what_a_component_is_made_of(
    program: Any, component: Any, args: Any
) -> None:
    def mark(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        return pulumi.ResourceTransformationResult({**args.props, "marked": True}, args.opts)

    made = children(program, component, args, transformations=[mark])
    assert all(resource.inputs["marked"] is True for resource in made)


@pytest.mark.parametrize(("component", "args"), COMPONENTS)
def test_provider_of_a_component_makes_its_resources_of_google_cloud(
    program: Any, component: Any, args: Any
) -> None:
    def build() -> pulumi.Resource:
        provider = pulumi.ProviderResource("gcp", "own", {})
        return component("one", args, pulumi.ResourceOptions(providers=[provider]))

    program.run(build)
    google = [resource for resource in program.declared if resource.type.startswith("gcp:")]
    assert {resource.provider for resource in google} == {"own"}
