"""The rules of `stacks/policy`, without Pulumi."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi_policy import (
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    StackValidationArgs,
)

from vertex_custom_weights_provider.tokens import token

PACK = Path(__file__).parents[2] / "stacks" / "policy"
PRIVATE = {"enablePrivateServiceConnect": True, "projectAllowlist": ["apps"]}
MACHINE = {
    "machineType": "g2-standard-12",
    "acceleratorType": "NVIDIA_L4",
    "acceleratorCount": 1.0,  # numbers are floats on the wire
}


@pytest.fixture(scope="module", autouse=True)
def modules() -> Iterator[None]:
    """Let the pack be imported as Pulumi lets it: from its own folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(PACK)
        yield


def deployment(kind: str = "CustomWeightsDeployment", protected: bool = False, **props: Any) -> Any:
    """Return a private deployment on one L4, changed by `props`; None removes a property."""
    given = {
        "endpointDisplayName": "chat",
        "location": "us-central1",
        "labels": {"team": "search"},
        "privateServiceConnectConfig": PRIVATE,
        "dedicatedResources": {"machineSpec": MACHINE},
        **props,
    }
    present = {key: value for key, value in given.items() if value is not None}
    return importlib.import_module("endpoint_policy.subject").read(
        token(kind), "chat-llm", present, protected
    )


def judge(rule: str, subject: Any, **settings: Any) -> list[str]:
    return list(getattr(importlib.import_module("endpoint_policy.rules"), rule)(subject, settings))


def replicas(least: float, most: float, **machine: Any) -> dict[str, Any]:
    spec = {**MACHINE, **machine}
    return {"machineSpec": spec, "minReplicaCount": least, "maxReplicaCount": most}


ALL = ["not_public", "projects_allowed", "cost", "rollout_cost", "machines", "regions", "labels"]
ENDPOINT = "projects/here/locations/us-central1/endpoints/chat"


def onto(**props: Any) -> Any:
    """Return a deployment onto an endpoint of its own resource, one of several perhaps."""
    return deployment(endpoint=ENDPOINT, privateServiceConnectConfig=None, **props)


@pytest.mark.parametrize("rule", ALL)
def test_private_deployment_breaks_no_rule_that_is_not_configured(rule: str) -> None:
    assert judge(rule, deployment()) == []


def test_public_deployment_is_refused() -> None:
    (problem,) = judge("not_public", deployment(privateServiceConnectConfig=None))
    assert problem.startswith("is public. Remove public")


@pytest.mark.parametrize("name", ["chat", "chat-llm", "ch*"])
def test_public_deployment_may_be_excepted_by_name(name: str) -> None:
    subject = deployment(privateServiceConnectConfig=None)
    assert judge("not_public", subject, **{"except": [name]}) == []


def test_perimeter_knows_no_exceptions() -> None:
    subject = deployment(privateServiceConnectConfig=None)
    settings = {"except": ["chat"], "vpcServiceControls": True}
    (problem,) = judge("not_public", subject, **settings)
    assert "VPC Service Controls" in problem


def test_peered_endpoint_is_not_public() -> None:
    peered = deployment("Endpoint", privateServiceConnectConfig=None, network="projects/1/n/vpc")
    assert judge("not_public", peered) == []


def test_address_is_no_endpoint_and_cannot_be_public() -> None:
    assert judge("not_public", deployment("PscAddress", privateServiceConnectConfig=None)) == []


def test_allowlist_without_a_project_is_refused() -> None:
    subject = deployment(privateServiceConnectConfig={**PRIVATE, "projectAllowlist": []})
    (problem,) = judge("projects_allowed", subject)
    assert "lets no project connect" in problem


def test_projects_that_the_stack_does_not_know_are_named() -> None:
    config = {**PRIVATE, "projectAllowlist": ["apps", "elsewhere", "apps-2"]}
    subject = deployment(privateServiceConnectConfig=config)
    (problem,) = judge("projects_allowed", subject, projects=["apps*"])
    assert problem.startswith("lets elsewhere connect")


@pytest.mark.parametrize(
    ("least", "most", "accelerators", "price"),
    [(1.0, 1.0, 1.0, "1.15"), (1.0, 4.0, 1.0, "4.60"), (3.0, 1.0, 1.0, "3.45")],
)
def test_cost_counts_the_most_replicas_there_may_be(
    least: float, most: float, accelerators: float, price: str
) -> None:
    subject = deployment(dedicatedResources=replicas(least, most, acceleratorCount=accelerators))
    (problem,) = judge("cost", subject, maxUsdPerHour=1)
    assert f"costs up to {price} USD an hour" in problem


def test_cost_at_the_limit_is_allowed() -> None:
    assert judge("cost", deployment(), maxUsdPerHour=1.1507) == []


def test_replicas_that_share_a_machine_pay_for_it_once() -> None:
    half = {"machineType": "a3-highgpu-8g", "acceleratorType": "NVIDIA_H100_80GB"}
    subject = deployment(dedicatedResources=replicas(1, 2, **half, acceleratorCount=4.0))
    assert judge("cost", subject, maxUsdPerHour=102) == []


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        (None, "leaves the machine to Vertex AI"),
        (replicas(1, 1, machineType="a4-highgpu-8g"), "whose price is not known"),
    ],
)
def test_deployment_without_a_price_breaks_a_limit(resources: Any, reason: str) -> None:
    subject = deployment(dedicatedResources=resources)
    assert reason in judge("cost", subject, maxUsdPerHour=1000)[0]
    assert reason in judge("total_cost", [subject], maxUsdPerHour=1000)[0]


def test_total_cost_is_that_of_all_deployments() -> None:
    subjects = [deployment(), deployment(), deployment("PscAddress")]
    (problem,) = judge("total_cost", subjects, maxUsdPerHour=2)
    assert "together cost up to 2.30 USD an hour" in problem
    assert judge("total_cost", subjects, maxUsdPerHour=3) == []
    assert judge("total_cost", subjects) == []


def test_deployment_onto_an_endpoint_is_as_private_as_the_endpoint() -> None:
    assert judge("not_public", onto()) == []
    assert judge("projects_allowed", onto(), projects=["apps"]) == []


def test_rollout_costs_what_old_and_new_cost_together() -> None:
    (problem,) = judge("rollout_cost", deployment(), maxUsdPerHour=2)
    assert "2.30 USD an hour while it is rolled out, old and new side by side (2 × g2" in problem
    assert judge("rollout_cost", deployment(), maxUsdPerHour=2.4) == []
    assert (
        "nobody knows its price"
        in judge("rollout_cost", deployment(dedicatedResources=None), maxUsdPerHour=2.4)[0]
    )


def test_versions_of_an_endpoint_are_paid_together() -> None:
    subjects = [onto(), onto(), deployment(), deployment("PscAddress")]
    (problem,) = judge("endpoint_cost", subjects, maxUsdPerHour=2)
    told = "chat-llm, chat-llm on chat cost up to 2.30 USD an hour"
    assert problem.startswith(told)
    assert judge("endpoint_cost", subjects, maxUsdPerHour=2.4) == []


def test_machine_that_is_not_allowed_is_refused() -> None:
    assert judge("machines", deployment(), machines=["g2-*"]) == []
    assert "Allowed are a3-*" in judge("machines", deployment(), machines=["a3-*"])[0]


def test_machine_that_vertex_ai_chooses_is_not_an_allowed_one() -> None:
    subject = deployment(dedicatedResources=None)
    assert "leaves the machine to Vertex AI" in judge("machines", subject, machines=["g2-*"])[0]


@pytest.mark.parametrize("key", ["location", "region"])
def test_region_that_is_not_allowed_is_refused(key: str) -> None:
    subject = deployment(**{"location": None, key: "us-east5"})
    assert judge("regions", subject, regions=["europe-*"])[0].startswith("is in us-east5.")
    assert judge("regions", subject, regions=["us-east5"]) == []


def test_labels_that_are_missing_or_empty_are_named() -> None:
    subject = deployment(labels={"team": "search", "env": ""})
    (problem,) = judge("labels", subject, labels=["team", "env", "cost-center"])
    assert problem.startswith("has no label env, cost-center.")


def test_label_has_one_of_the_values_that_are_allowed() -> None:
    allowed = {"team": ["search", "ads-*"], "env": ["dev"]}
    (problem,) = judge("labels", deployment(), values=allowed)
    assert problem.startswith("has no label env.")

    subject = deployment(labels={"team": "shop", "env": "dev"})
    (problem,) = judge("labels", subject, values=allowed)
    assert problem == "has label team: shop. Allowed are search, ads-*."
    assert judge("labels", deployment(labels={"team": "ads-1", "env": "dev"}), values=allowed) == []


@pytest.mark.parametrize("kind", ["CustomWeightsDeployment", "Endpoint", "PscAddress"])
def test_what_callers_know_must_be_protected(kind: str) -> None:
    assert judge("guarded", deployment(kind))[0].endswith("Set protect: true.")
    assert judge("guarded", deployment(kind, protected=True)) == []
    assert judge("guarded", deployment(kind), **{"except": ["chat"]}) == []


def test_forwarding_rule_follows_its_endpoint_and_needs_no_protection() -> None:
    assert judge("guarded", deployment("PscForwardingRule")) == []


def test_version_that_comes_and_goes_behind_an_endpoint_needs_no_protection() -> None:
    assert judge("guarded", onto()) == []


def test_resource_of_another_provider_is_not_looked_at() -> None:
    read = importlib.import_module("endpoint_policy.subject").read
    assert read("gcp:compute/address:Address", "address", {}, False) is None


@pytest.mark.parametrize("path", sorted(PACK.glob("*.json")), ids=lambda path: path.name)
def test_policy_configuration_of_the_checkout_names_policies_and_their_settings(path: Path) -> None:
    pack = importlib.import_module("endpoint_policy.pack")
    known = {policy.name: policy.config_schema.properties for policy in pack.policies()}

    for name, settings in json.loads(path.read_text()).items():
        assert set(settings) - {"enforcementLevel"} <= set(known[name])


def policy(name: str) -> Any:
    pack = importlib.import_module("endpoint_policy.pack")
    return next(policy for policy in pack.policies() if policy.name == name)


def seen(subject: Any, **options: Any) -> dict[str, Any]:
    """Return a resource as Pulumi shows it to policies."""
    given = {"protect": False, "ignore_changes": [], "aliases": [], "custom_timeouts": None}
    given |= {"delete_before_replace": None, "additional_secret_outputs": [], **options}
    return {
        "resource_type": token(subject.kind),
        "props": subject.props,
        "urn": f"urn:pulumi:dev::proj::type::{subject.name}",
        "name": subject.name,
        "opts": PolicyResourceOptions(**given),
        "provider": None,
    }


def test_policy_reports_the_resource_with_what_is_wrong_with_it() -> None:
    told: list[Any] = []
    subject = deployment(privateServiceConnectConfig=None)
    args = ResourceValidationArgs(**seen(subject), config={"except": []})
    policy("not-public").validate(args, lambda *report: told.append(report))
    assert [message for message, _ in told] == [
        "chat-llm is public. Remove public, or have it named in not-public.except."
    ]


def test_policy_of_the_stack_sees_all_resources_of_ours() -> None:
    told: list[Any] = []
    resources = [
        PolicyResource(**seen(deployment()), parent=None, dependencies=[], property_dependencies={})
        for _ in range(2)
    ]
    args = StackValidationArgs(resources=resources, config={"maxUsdPerHour": 2})
    policy("total-cost").validate(args, lambda *report: told.append(report))
    assert "all endpoints together cost up to 2.30 USD" in told[0][0]
