"""Networks, projects and buckets made ready to serve; by pulumi-gcp."""

from __future__ import annotations

import re
from importlib.metadata import files
from typing import Any

import pulumi
import pytest

from vertex_custom_weights import (
    CustomWeightsEndpoint,
    ServingNetwork,
    ServingProject,
    WeightsAccess,
)

AGENT = "service-1@gcp-sa-aiplatform.iam.gserviceaccount.com"


def network(program: Any, **args: Any) -> dict[str, Any]:
    return program.run(lambda: ServingNetwork("apps", args))  # type: ignore[arg-type]


def project(program: Any, **args: Any) -> dict[str, Any]:
    return program.run(lambda: ServingProject("serving", args))  # type: ignore[arg-type]


def access(program: Any, **args: Any) -> dict[str, Any]:
    return program.run(lambda: WeightsAccess("weights", args))  # type: ignore[arg-type]


def test_network_and_subnetwork_are_made_where_none_is_given(program: Any) -> None:
    outputs = network(program)

    assert program.names == {"apps", "apps-network", "apps-subnetwork"}
    assert program.one("apps-network").inputs["autoCreateSubnetworks"] is False
    made = program.one("apps-subnetwork").inputs
    assert made["network"] == outputs["network"] == "apps-network-id"
    assert (made["ipCidrRange"], made["region"]) == ("10.64.0.0/24", "us-central1")
    assert made["privateIpGoogleAccess"] is True
    assert program.registered["apps"] == outputs
    assert {program.one(name).parent for name in program.names - {"apps"}} == {"apps"}


def test_subnetwork_is_made_in_a_network_that_is_given(program: Any) -> None:
    outputs = network(program, network="vpc", ip_range="10.9.0.0/26", region="europe-west4")

    assert program.names == {"apps", "apps-subnetwork"}
    made = program.one("apps-subnetwork").inputs
    assert (made["network"], made["ipCidrRange"]) == ("vpc", "10.9.0.0/26")
    assert made["region"] == "europe-west4"
    assert outputs["network"] == "vpc"


def test_network_that_is_given_whole_makes_nothing(
    program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pulumi_gcp", None)
    outputs = network(program, network="vpc", subnetwork="subnet", project="shops")

    assert program.names == {"apps"}
    assert outputs == {"network": "vpc", "subnetwork": "subnet", "project": "shops"}


def test_endpoint_is_connected_to_a_network_that_is_made(program: Any) -> None:
    def build() -> CustomWeightsEndpoint:
        apps = ServingNetwork("apps", {})
        connected: Any = {"network": apps.network, "subnetwork": apps.subnetwork}
        return CustomWeightsEndpoint(
            "chat", {"weights_uri": "gs://b/f", "private_service_connect": connected}
        )

    program.run(build)
    assert program.one("chat-ip").inputs["subnetwork"] == "apps-subnetwork-id"
    assert program.one("chat-fwd").inputs["network"] == "apps-network-id"


def test_apis_are_enabled_and_stay_enabled(program: Any) -> None:
    project(program, more_services=["dns.googleapis.com", "compute.googleapis.com"])

    services = [r for r in program.declared if r.type == "gcp:projects/service:Service"]
    assert sorted(r.inputs["service"].removesuffix(".googleapis.com") for r in services) == [
        "aiplatform",
        "compute",
        "dns",
        "storage",
    ]
    assert {r.inputs["disableOnDestroy"] for r in services} == {False}


def test_service_agent_comes_after_its_api_is_enabled(program: Any) -> None:
    program.answers["serving-service-agent"] = {"email": AGENT}
    outputs = project(program)

    assert outputs == {"project": "here", "service_agent": AGENT}
    assert "serving-aiplatform" in program.one("serving-service-agent").uses


def test_role_of_the_service_agent_is_granted_only_when_asked_for(program: Any) -> None:
    program.answers["serving-service-agent"] = {"email": AGENT}
    project(program)
    assert "serving-agent-role" not in program.names

    project(program, grant_agent_role=True)
    role = program.one("serving-agent-role").inputs
    assert role["role"] == "roles/aiplatform.serviceAgent"
    assert role["member"] == f"serviceAccount:{AGENT}"


@pytest.mark.parametrize("bucket", ["models", "gs://models/chat/run-7"])
def test_service_agent_may_read_the_bucket_and_no_more(program: Any, bucket: str) -> None:
    program.answers["weights-service-agent"] = {"email": AGENT}
    outputs = access(program, bucket=bucket)

    assert program.one("weights-reader").inputs == {
        "bucket": "models",
        "role": "roles/storage.objectViewer",
        "member": f"serviceAccount:{AGENT}",
    }
    assert outputs == {"bucket": "models", "service_agent": AGENT}


def test_service_agent_that_is_known_is_not_asked_for(program: Any) -> None:
    access(program, bucket="models", service_agent=AGENT)
    assert program.names == {"weights", "weights-reader"}


@pytest.mark.parametrize(
    ("build", "args", "told"),
    [
        (network, {"subnet": "s"}, "subnet does not exist. Did you mean subnetwork?"),
        (network, {"subnetwork": "s"}, "Give the network too"),
        (network, {"network": "n", "subnetwork": "s", "ip_range": "r"}, "ip_range is for a"),
        (project, {"services": []}, "services does not exist. Did you mean more_services?"),
        (access, {}, "bucket is missing"),
    ],
)
def test_arguments_that_cannot_be_honoured_are_refused(
    program: Any, build: Any, args: dict[str, Any], told: str
) -> None:
    with pytest.raises(pulumi.RunError, match=re.escape(told)):
        build(program, **args)
    assert program.declared == []


def test_what_is_declared_of_pulumi_gcp_is_what_it_has(program: Any) -> None:
    """Types and property names are written out here, as its classes are slow to import."""
    program.answers["serving-service-agent"] = {"email": AGENT}

    def build() -> CustomWeightsEndpoint:
        ServingNetwork("apps", {})
        ServingProject("serving", {"grant_agent_role": True})
        WeightsAccess("weights", {"bucket": "b"})
        connected: Any = {"network": "n", "subnetwork": "s", "dns": {"domain": "a.example.com"}}
        return CustomWeightsEndpoint(
            "chat", {"weights_uri": "gs://b/f", "private_service_connect": connected}
        )

    program.run(build)
    declared = {r.type: r.inputs for r in program.declared if r.type.startswith("gcp:")}
    assert len(declared) == 8
    sources = {str(path): path for path in files("pulumi-gcp") or [] if path.suffix == ".py"}
    for token, inputs in declared.items():
        service, kind = token.split(":")[1].split("/")
        module = re.sub(r"([A-Z]+)(?=[A-Z]|$)|([A-Z])", r"_\1\2", kind.replace("iAM", "IAM"))
        source = sources[f"pulumi_gcp/{service}/{module.lower().lstrip('_')}.py"].read_text()
        getters = set(re.findall(r'@pulumi\.getter\(name="(\w+)"\)', source))
        getters |= set(re.findall(r"@pulumi\.getter\n +def (\w+)", source))
        assert f"'{token}'" in source
        assert set(inputs) <= getters
